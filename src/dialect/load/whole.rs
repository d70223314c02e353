//! What only a whole dialect shows: an `again` that can't tell, ids and codes that can't stand where they are written,
//! value sets that nobody uses, names that can't be written.
use std::ops::Range;

use serde_json::{Value as Json, json};

use crate::canonical::field::known::{FAULT_CODE, REQUEST_ID, REQUESTS, STATUS};
use crate::canonical::{FieldId, Shape};
use crate::diagnostic::Code;
use crate::diagnostic::tree::Item;
use crate::json::{Document, ReadOptions, Schema};
use crate::mapping::schema::Place;
use crate::mapping::{Carry, Message};

use super::super::operation::{Again, Operation};
use super::super::route::Route;
use super::super::{Mint, MintPart};
use super::{Loading, MessageEntry, table};

/// How many requests an id's place must have room for.
const ROOM: u64 = 1_000_000;

impl Loading<'_> {
    /// Each `again` asks an operation that tells what it is asked for, and that can be told what is said.
    pub(super) fn agains(&mut self, operations: &[Operation], item: Option<&Item>) {
        let listed = table(self.reader, item);
        for (key, item) in listed {
            let operation = operations.iter().find(|operation| operation.word == key.text);
            let (Some(again), Some(at)) = (operation.and_then(|one| one.again.as_ref()), item.get("again"))
            else {
                continue;
            };
            let Some(asked) = operations.iter().find(|operation| operation.word == again.by) else {
                continue;
            };
            // What is wrong with an operation's answers, and one that asks itself, has been told.
            let replies =
                listed.iter().any(|(key, item)| key.text == asked.word && item.get("reply").is_some());
            if asked.word == key.text || (replies && asked.outcomes.is_empty()) {
                continue;
            }
            self.again_asks(again, asked, at);
            self.again_matches(again, at);
            self.again_reaches(again, asked, at);
            self.again_tells(again, asked, at);
            self.again_is_told(again, asked, at);
        }
    }

    /// What asks must not act: an `again` that checks in gives back what was just granted.
    fn again_asks(&mut self, again: &Again, asked: &Operation, at: &Item) {
        if let Some(route) = asked.routes.iter().find(|route| !matches!(route.method, "GET" | "")) {
            let span = at.get("by").map_or(&at.span, |item| &item.span);
            let message =
                format!("`{}` is reached by {}: it acts, and doesn't only tell", again.by, route.method);
            self.reader.error(Code::AgainUntold, span, message, "ask an operation that is reached by GET");
        }
    }

    /// What is compared is the id of the request that was just made: nothing else tells one request from all others.
    fn again_matches(&mut self, again: &Again, at: &Item) {
        let name = Shape::Access.field(again.matching).name;
        if let Some(item) = at.get("match")
            && !matches!(name, "request.id" | "reference")
        {
            let message = format!("`{name}` doesn't tell one request from all others");
            let help = "write `match = \"request.id\"`";
            self.reader.error(Code::AgainUntold, &item.span, message, help);
        }
    }

    /// An address can be made of what is known: of what is said, and of the id.
    fn again_reaches(&mut self, again: &Again, asked: &Operation, at: &Item) {
        let known =
            |field: &FieldId| *field == again.matching || again.say.iter().any(|(said, _)| said == field);
        let lacks = |route: &Route| route.fields().find(|field| !known(field));
        let mut lacking = asked.routes.iter().map(lacks);
        if let Some(first) = lacking.next()
            && let Some(field) = first
            && lacking.all(|lack| lack.is_some())
        {
            let span = at.get("by").map_or(&at.span, |item| &item.span);
            let name = Shape::Access.field(field).name;
            let message =
                format!("`{}` can't be asked: its path wants `{name}`, and nothing says that here", again.by);
            let help = "say it in `say`, or ask an operation whose path wants no more than the request's id";
            self.reader.error(Code::AgainUntold, span, message, help);
        }
    }

    fn again_tells(&mut self, again: &Again, asked: &Operation, at: &Item) {
        let replies = || asked.outcomes.iter().filter_map(|outcome| outcome.message);
        // What is wrong with a message has been told: it isn't there, or lacks what is wrong.
        let slipped = replies().any(|number| self.slipped.contains(&number));
        if slipped || (replies().next().is_none() && !asked.outcomes.is_empty()) {
            return;
        }
        let tells = |field| replies().any(|number| tells(&self.messages[number].message, field));
        let untold = [again.matching, STATUS].into_iter().filter(|field| !tells(*field));
        let untold: Vec<String> =
            untold.map(|field| format!("`{}`", Shape::Access.field(field).name)).collect();
        if !untold.is_empty() {
            let span = at.get("by").map_or(&at.span, |item| &item.span);
            let message = format!("no answer of `{}` tells {}", again.by, untold.join(" or "));
            let help = "ask an operation whose reply, or whose list's items, have rows for the request's id and status";
            self.reader.error(Code::AgainUntold, span, message, help);
        }
    }

    fn again_is_told(&mut self, again: &Again, asked: &Operation, at: &Item) {
        let query = asked.query.map(|number| &self.messages[number].message);
        let takes = |field: FieldId| {
            query.is_some_and(|query| query.carries(field).is_some())
                || asked.routes.iter().any(|route| route.fields().any(|known| known == field))
        };
        let untold: Vec<FieldId> =
            again.say.iter().map(|(field, _)| *field).filter(|field| !takes(*field)).collect();
        for field in untold {
            let name = Shape::Access.field(field).name;
            let say = at.get("say");
            let span = say.and_then(|say| say.get(name)).or(say).map_or(&at.span, |item| &item.span);
            let message = format!("neither the query nor a path of `{}` has a place for `{name}`", again.by);
            self.reader.error(
                Code::AgainUntold,
                span,
                message,
                "take it out, or give the query a row for it",
            );
        }
    }

    /// An id that is made can stand where replies show it, and where callers say it.
    pub(super) fn mint_fits(&mut self, mint: &Mint, operations: &[Operation], item: Option<&Item>) {
        let Some(item) = item.and_then(|item| item.get("request.id")) else { return };
        let mut wrong = Vec::new();
        for message in with_ids(operations, &self.messages) {
            let Some(Carry::Plain { limits, digits, .. }) = message.carries(REQUEST_ID) else { continue };
            for (template, option) in mint.templates.iter().zip(["as", "otherwise"]) {
                let span = item.get(option).map_or(&item.span, |item| &item.span);
                let why = unfit(template, mint.from, limits, *digits);
                wrong.extend(why.map(|why| (span.clone(), message.name.clone(), why)));
            }
        }
        wrong.dedup();
        for (span, message, (what, help)) in wrong {
            let message = format!("an id made so can't stand in `{message}`: {what}");
            self.reader.error(Code::MintUnfit, &span, message, help);
        }
    }

    /// Codes of faults can stand in an error's message.
    pub(super) fn codes_fit(&mut self, fault_messages: &[usize], head: &Item) {
        let codes = std::mem::take(&mut self.codes);
        let messages = fault_messages.iter().map(|number| &self.messages[*number].message);
        let places = messages.filter_map(|message| Some((message, message.carries(FAULT_CODE)?)));
        let places: Vec<(&Message, &Carry)> = places.collect();
        if places.is_empty() {
            return self.codes_nowhere(&codes, head);
        }
        let fits = |code: &str| {
            places.iter().any(|(message, carry)| {
                code_fits(code, message, carry, self.schema_json(&message.name).as_ref())
            })
        };
        let unfit: Vec<_> = codes.iter().filter(|(code, _)| !fits(code)).collect();
        for (code, span) in unfit {
            let message = format!(
                "the code `{code}` is never said: the schema of the error's message takes no such value"
            );
            let help = "write it as the vendor's errors have it, or mend the schema";
            self.reader.error(Code::FaultCodeUnfit, span, message, help);
        }
    }

    /// Codes, and no message that has a place for one: one mistake, however many codes there are.
    fn codes_nowhere(&mut self, codes: &[(String, Range<usize>)], head: &Item) {
        // What is wrong with a message has been told; it isn't there.
        let Some((code, first)) = codes.first().filter(|_| !self.broken) else { return };
        // What errors say is then no use to look at.
        self.broken = true;
        let (span, why, help) = match head.get("fault") {
            Some(fault) if fault.texts().is_none_or(|named| !named.is_empty()) => (
                if codes.len() == 1 { first } else { &fault.span },
                "no message of `fault` has a place for a code",
                "name the message that an error's body is, or give it a row for `fault.code`; or take the codes out",
            ),
            _ => (
                first,
                "`fault` of `[dialect]` names no message that an error's body is",
                "add `fault = [\"message\"]` to `[dialect]`; or take the codes out",
            ),
        };
        let message = match codes.len() {
            1 => format!("the code `{code}` is never said: {why}"),
            several => format!("none of the {several} codes of faults is ever said: {why}"),
        };
        self.reader.error(Code::FaultCodeUnfit, span, message, help);
    }

    /// A value set that no row names is a mistake: the row has another, or another name.
    pub(super) fn idle_values(&mut self, tree: &Item) {
        // A set that was misspelt where it is named has been told there.
        if self.reader.wrong.0.iter().any(|one| one.code == Code::UnknownValues) {
            return;
        }
        let messages = |item: &'_ Item| item.get("message").map(Item::members).unwrap_or_default().to_vec();
        let variants = tree.get("variant").map(Item::members).unwrap_or_default();
        let mut all = messages(tree);
        all.extend(variants.iter().flat_map(|(_, variant)| messages(variant)));
        let mut used = Vec::new();
        for (_, message) in &all {
            for part in ["rows", "blank"] {
                let entries = message.get(part).map(Item::members).unwrap_or_default();
                used.extend(
                    entries.iter().filter_map(|(_, entry)| entry.get("values")?.text().map(str::to_owned)),
                );
            }
        }
        for (key, _) in tree.get("values").map(Item::members).unwrap_or_default() {
            if !used.contains(&key.text) {
                let message = format!("nothing uses the value set `{}`", key.text);
                let help = format!("name it in a row, `values = \"{}\"`, or take it out", key.text);
                self.reader.error(Code::ValuesIdle, &key.span, message, help);
            }
        }
    }

    /// Names of messages and variants stand in texts between blanks and slashes.
    pub(super) fn plain_names(&mut self, tree: &Item) {
        for part in ["message", "variant"] {
            for (key, _) in tree.get(part).map(Item::members).unwrap_or_default() {
                let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                if key.text.is_empty() || !key.text.chars().all(plain) {
                    let message = format!("`{}` can't be the name of a {part}", key.text.escape_debug());
                    let help = "names are made of letters, digits, `-`, `_` and `.`";
                    self.reader.error(Code::WrongName, &key.span, message, help);
                }
            }
        }
    }
}

/// The messages in which an id that was made may stand: replies, items of their lists, and what callers send.
fn with_ids<'m>(operations: &[Operation], messages: &'m [MessageEntry]) -> Vec<&'m Message> {
    let mut numbers: Vec<usize> = Vec::new();
    for operation in operations {
        numbers.extend(operation.outcomes.iter().filter_map(|outcome| outcome.message));
        numbers.extend(operation.routes.iter().filter_map(|route| route.send).chain(operation.query));
    }
    let whole = numbers.into_iter().map(|number| &messages[number].message);
    let mut found: Vec<&Message> = Vec::new();
    for message in whole.flat_map(|message| std::iter::once(message).chain(message.item(REQUESTS))) {
        if !found.iter().any(|known| std::ptr::eq(*known, message)) {
            found.push(message);
        }
    }
    found
}

/// Whether a message, or an item of its list, has a place for a field.
pub(super) fn tells(message: &Message, field: FieldId) -> bool {
    let item = message.item(REQUESTS);
    message.carries(field).is_some() || item.is_some_and(|item| item.carries(field).is_some())
}

/// Why an id of a template can't stand at a place, and what to write instead.
fn unfit(
    template: &[MintPart],
    from: u64,
    limits: &crate::mapping::schema::Limits,
    digits: bool,
) -> Option<(String, String)> {
    let open = template.iter().any(|part| matches!(part, MintPart::Field(_)));
    let text = sample(template, from.saturating_add(ROOM), "");
    // Digits that begin with a zero are no number in JSON.
    let zero = text.len() > 1 && text.starts_with('0');
    let letters = open || zero || !text.bytes().all(|byte| byte.is_ascii_digit());
    let beyond = text.parse::<i128>().ok().zip(limits.most).filter(|(number, most)| number > most);
    let length = text.chars().count() as u64;
    match () {
        () if digits && letters => {
            Some(("the schema wants a number there".to_owned(), "write `\"{number}\"` alone".to_owned()))
        }
        () if digits => beyond.map(|(_, most)| {
            let what =
                format!("the schema takes numbers up to {most}, and the first million goes up to {text}");
            (what, "let `from` be smaller".to_owned())
        }),
        () => match limits.length_max.filter(|most| length > *most) {
            Some(most) => Some((
                format!("the schema takes {most} characters, and this has {length}"),
                "make it shorter".to_owned(),
            )),
            None => limits.pattern.as_deref().and_then(|pattern| off_pattern(template, from, pattern)),
        },
    }
}

/// An id of a template, with a text for what its fields hold.
fn sample(template: &[MintPart], number: u64, field: &str) -> String {
    let part = |part: &MintPart| match part {
        MintPart::Text(piece) => piece.clone(),
        MintPart::Number => number.to_string(),
        MintPart::Hex => "0123456789abcdef".repeat(2),
        MintPart::Field(_) => field.to_owned(),
    };
    template.iter().map(part).collect()
}

/// Of ids that a pattern doesn't take, one, and what to do. What a field holds nobody knows here: where one of several
/// likely texts fits, the pattern may.
fn off_pattern(template: &[MintPart], from: u64, pattern: &str) -> Option<(String, String)> {
    let schema = Schema::compile(&json!({ "pattern": pattern })).ok()?;
    let fits = |id: &String| {
        let text = Json::String(id.clone()).to_string();
        Document::read(text.as_bytes(), ReadOptions::default()).is_ok_and(|one| schema.accepts(&one))
    };
    let numbers = [from, from.saturating_add(ROOM)];
    let off = numbers.into_iter().find_map(|number| {
        let ids: Vec<String> = LIKELY.iter().map(|text| sample(template, number, text)).collect();
        ids.first().filter(|_| !ids.iter().any(fits)).cloned()
    })?;
    let what = format!("the schema's pattern `{pattern}` takes no `{off}`");
    Some((
        what,
        "write it as the pattern has it; or mend the pattern, by ids that the vendor's server makes"
            .to_owned(),
    ))
}

/// What a field in an id may hold.
const LIKELY: &[&str] = &["Safe", "safe", "SAFE", "safe-1", "Safe_1", "17"];

/// Whether a code can stand at its place, as the schema has it.
fn code_fits(code: &str, message: &Message, carry: &Carry, schema: Option<&Json>) -> bool {
    let Carry::Plain { digits, .. } = carry else { return true };
    let pointer = message.place_of(FAULT_CODE).unwrap_or_default();
    let at = schema.map(Place::root).and_then(|root| {
        let names = pointer.split('/').skip(1);
        names.into_iter().try_fold(root, Place::member)
    });
    let value = match digits {
        true => serde_json::from_str(code).ok().filter(Json::is_number),
        false => Some(Json::String(code.to_owned())),
    };
    value.is_some_and(|value| at.is_none_or(|at| at.takes(&value)))
}
