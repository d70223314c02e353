//! What callers send is read: no end without its beginning, and no place for a text that nobody takes back.
use std::ops::Range;

use crate::canonical::{FieldId, Shape};
use crate::diagnostic::Code;
use crate::mapping::Message;
use crate::mapping::schema::Place;

use super::super::operation::Operation;
use super::Loading;

impl Loading<'_> {
    /// Each message that callers send says all that stands in it.
    pub(super) fn sent(&mut self, operations: &[Operation]) {
        let routes = operations.iter().flat_map(|one| &one.routes);
        let mut sent: Vec<usize> = routes.filter_map(|route| route.send).collect();
        sent.extend(operations.iter().filter_map(|one| one.query));
        sent.sort_unstable();
        sent.dedup();
        sent.retain(|number| !self.slipped.contains(number));
        let replies: Vec<usize> =
            operations.iter().flat_map(|one| &one.outcomes).filter_map(|outcome| outcome.message).collect();
        for number in sent {
            self.ends_begin(number);
            // A server may be sent the very document that it answers with, texts and all.
            if !replies.contains(&number) {
                self.taken_back(number);
            }
        }
    }

    /// An end without a beginning is a length from now on, if the table says so; else it would be lost without a word.
    fn ends_begin(&mut self, number: usize) {
        let message = &self.messages[number].message;
        let json = self.schema_json(&message.name);
        let root = json.as_ref().map(Place::root);
        let unsure: Vec<(Range<usize>, String)> = message
            .ends()
            .filter(|(first, _)| !surely_said(message, *first, root))
            .filter_map(|(first, second)| {
                let name = Shape::Access.field(first).name;
                let text = match message.carries(first) {
                    Some(_) => format!("`{name}` needn't be said beside this end, which then says nothing"),
                    None => format!("`{}` has no row for `{name}`, so this end says nothing", message.name),
                };
                Some((message.origin(second)?.clone(), text))
            })
            .collect();
        for (span, text) in unsure {
            let help = "add `since = \"now\"`: what begins at no other time begins now";
            self.reader.error(Code::OptionMissing, &span, text, help);
        }
    }

    /// What is written for people alone is no place for what people say.
    fn taken_back(&mut self, number: usize) {
        let message = &self.messages[number].message;
        let text = format!(
            "what stands here is written and never read: `{}` is what callers send, and theirs would be lost",
            message.name
        );
        // Of a field that can't stand there at all, that has been told.
        let spans: Vec<_> = message.unread().into_iter().filter(|span| !self.told_at(span)).collect();
        for span in spans {
            let help = "give the place a row that is read, such as `\"reason.text\"`, and where nobody says it a `blank` with `says`; or name it in `ignores`";
            self.reader.error(Code::WrongForm, &span, &text, help);
        }
    }
}

/// Whether whoever sends a message can't leave a field out: neither the place, nor by a null.
fn surely_said(message: &Message, field: FieldId, root: Option<Place<'_>>) -> bool {
    let place = message.place_of(field).unwrap_or_default();
    let mut names = place.split('/').skip(1);
    let at = root.and_then(|root| names.try_fold(root, Place::member));
    message.surely_says(field) && at.is_some_and(|at| !at.types().contains(&"null"))
}
