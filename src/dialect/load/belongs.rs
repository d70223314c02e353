//! Which fields a message or a path can have a value for at all: an error's belong to errors, and what only a server
//! tells of a request stands in no request.
//!
//! Such a row would be read into nothing and never written, and what the vendor has at the place would be lost without
//! a word. Fields of which a vendor may let its callers choose, such as a policy or who approves, are not looked at.
use std::collections::BTreeSet;
use std::ops::Range;

use crate::canonical::field::known::{LENGTH, REQUEST_ID, REQUESTS};
use crate::canonical::{FieldId, Shape, word};
use crate::diagnostic::Code;
use crate::diagnostic::tree::Item;
use crate::mapping::Message;

use super::super::operation::Operation;
use super::super::route::Segment;
use super::{Loading, which};

/// What only the server tells of a request, by names or first parts of names.
const TOLD: &[&str] = &[
    "approved",
    "availability",
    "cancelled",
    "changed",
    "created",
    "expires",
    "history",
    "request.id",
    "requests",
    "status",
    "ticket.status",
    "total",
    "was",
];

/// What a message is for.
#[derive(Default)]
struct Uses {
    /// An error's body.
    error: bool,
    /// A good end's body.
    reply: bool,
    /// The body or query by which access is asked for.
    asks: bool,
    /// The body or query of another operation.
    acts: bool,
}

/// A field that can't be there: which, where, and what to write instead.
type Misplaced = (FieldId, Option<Range<usize>>, String, &'static str);

impl Loading<'_> {
    /// Each message has places for such fields alone as it may have values for.
    pub(super) fn belong(&mut self, operations: &[Operation], fault_messages: &[usize]) {
        for number in (0..self.messages.len()).filter(|number| !self.slipped.contains(number)) {
            let mut uses = uses(number, operations, fault_messages);
            let message = &self.messages[number].message;
            // At the beginning of a table no reply is there yet: one that tells an id will be a reply's.
            let beginning = operations.iter().all(|operation| operation.outcomes.is_empty());
            uses.reply |= beginning && message.carries(REQUEST_ID).is_some();
            let mut wrong = misplaced(message, &uses);
            if let Some(item) = message.item(REQUESTS) {
                wrong.extend(misplaced(item, &Uses { reply: true, ..Uses::default() }));
            }
            for (_, span, text, help) in wrong {
                let span = span.unwrap_or_else(|| self.message_at(number));
                self.reader.error(Code::FieldMisplaced, &span, text, help);
            }
        }
    }

    fn message_at(&self, number: usize) -> Range<usize> {
        let name = self.messages[number].message.name.as_str();
        self.shared.messages.get(name).map_or(0..0, |item| item.span.clone())
    }

    /// A path says nothing that nobody knows who calls it.
    pub(super) fn paths_say(&mut self, operations: &[Operation], item: Option<&Item>) {
        for operation in operations {
            let asks = operation.word == "request.create";
            for route in &operation.routes {
                let fields = route.segments.iter().filter_map(|segment| match segment {
                    Segment::Field(field) => Some(Shape::Access.field(*field).name),
                    Segment::Literal(_) => None,
                });
                let told = |name: &&str| {
                    word::within(name, "fault")
                        || word::within(name, "status")
                        || (asks && told_by_servers(name))
                };
                for name in fields.filter(told) {
                    let span = which::route_at(item, &operation.word, &route.text);
                    let text = format!("`{name}` can't stand in this path: who calls it doesn't know it");
                    let help = "name a field that the call says, such as `{request.id}` of a request that is there or `{target.system.name}` of a wish";
                    self.reader.error(Code::FieldMisplaced, &span, text, help);
                }
            }
        }
    }
}

fn uses(number: usize, operations: &[Operation], fault_messages: &[usize]) -> Uses {
    let mut uses = Uses { error: fault_messages.contains(&number), ..Uses::default() };
    for operation in operations {
        let mut sent = operation.routes.iter().filter_map(|route| route.send).chain(operation.query);
        if sent.any(|sent| sent == number) {
            match operation.word == "request.create" {
                true => uses.asks = true,
                false => uses.acts = true,
            }
        }
        uses.reply |= operation.outcomes.iter().any(|outcome| outcome.message == Some(number));
    }
    uses
}

fn misplaced(message: &Message, uses: &Uses) -> Vec<Misplaced> {
    let mut found = Vec::new();
    let length = message.carries(LENGTH).is_some();
    for field in named(message) {
        let name = Shape::Access.field(field).name;
        let fault = word::within(name, "fault");
        let said = match () {
            () if fault && !uses.error => Some((
                format!("`{name}` is an error's, and `{}` is no error's message", message.name),
                "name the message in `fault` of `[dialect]`; or another field; or the place in `ignores`",
            )),
            () if !fault && uses.error && !(uses.reply || uses.asks || uses.acts) => Some((
                format!("`{}` is an error's message, and an error says nothing of `{name}`", message.name),
                "an error says `fault.text`, `fault.code`, `fault.status`, `fault.kind` and `fault.problems`; name other places in `ignores`",
            )),
            () if uses.asks && told_by_servers(name) && !(name == "expires" && length) => {
                // A server may be sent the very document that it answers with, less what it tells in it.
                let must = message.required().contains(&field);
                let asks =
                    || format!("`{name}` is what a server tells, and `{}` is what asks it", message.name);
                match uses.reply {
                    true if must => Some((
                        format!("{}; its schema requires it all the same", asks()),
                        "send a message of its own, with a schema of what callers say",
                    )),
                    true => None,
                    false if message.always(field).is_some() => Some((asks(), "take it out")),
                    false => Some((asks(), instead(name))),
                }
            }
            () => None,
        };
        found.extend(said.map(|(text, help)| (field, message.speaks_at(field), text, help)));
    }
    found
}

/// The fields that a message reads, shows, or takes for granted.
fn named(message: &Message) -> BTreeSet<FieldId> {
    let carried = (0..message.shape.fields().len()).map(|at| FieldId(at as u8));
    let mut all: BTreeSet<FieldId> = carried.filter(|field| message.carries(*field).is_some()).collect();
    all.extend(message.speaks_of());
    all.extend(message.all_always().map(|(field, _)| field));
    all
}

/// Whether only a server tells a field, and nobody asks for it.
pub(super) fn told_by_servers(name: &str) -> bool {
    TOLD.iter().any(|part| word::within(name, part))
}

/// What was most likely meant.
fn instead(name: &str) -> &'static str {
    match name {
        "expires" => {
            "an end of access is `{ sum = [\"window.start\", \"window.length\"], time = \"…\" }`; or name the place in `ignores`"
        }
        "created" | "approved" | "changed" => {
            "when access begins is `window.start`; or name the place in `ignores`"
        }
        "request.id" => "a number of the caller's own is `reference`; or name the place in `ignores`",
        _ => "name the field that a caller says there, or the place in `ignores`",
    }
}
