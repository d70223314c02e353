//! `[faults]`: canonical faults ↔ statuses and codes, and whether they can be told apart.
use std::ops::Range;

use jiff::Timestamp;

use crate::canonical::field::known::{FAULT_KIND, FAULT_STATUS, FAULT_TEXT};
use crate::canonical::{Record, Shape, Value, fault, word};
use crate::diagnostic::tree::{Item, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::mapping::Message;

use super::super::fault::Binding;
use super::{Loading, status_of, table};

impl Loading<'_> {
    /// The messages that an error's body is.
    pub(super) fn fault_messages(&mut self, head: &Item) -> Vec<usize> {
        let named = self.reader.texts(head, "fault");
        self.reader.once(&named);
        let read = named.iter().filter_map(|(name, span)| Some((self.message(name, span)?, span.clone())));
        let read: Vec<(usize, Range<usize>)> = read.collect();
        self.fault_order(&read);
        read.into_iter().map(|(number, _)| number).collect()
    }

    /// Written is the first message that has anything to say. One below a message that always has is only read, which is
    /// fine for the same said in another shape; but what it alone has a place for would never be said.
    fn fault_order(&mut self, listed: &[(usize, Range<usize>)]) {
        let message = |number: &usize| &self.messages[*number].message;
        let first = listed.iter().position(|(number, _)| always_says(message(number)));
        let Some((first, later)) = first.and_then(|at| listed[at..].split_first()) else { return };
        let says = message(&first.0).speaks_of();
        let mut wrong = Vec::new();
        for (number, span) in later.iter().filter(|(number, _)| !self.slipped.contains(number)) {
            let alone = message(number).speaks_of().into_iter().filter(|field| !says.contains(field));
            let alone: Vec<&str> = alone.map(|field| Shape::Access.field(field).name).collect();
            if !alone.is_empty() && !self.slipped.contains(&first.0) {
                let (own, other) = (&message(number).name, &message(&first.0).name);
                let text = format!(
                    "`{own}` is never written, and so `{}` never said: `{other}` before it always has something to say",
                    alone.join("`, `")
                );
                wrong.push((
                    span.clone(),
                    text,
                    format!("write `{own}` before `{other}`: the most special first"),
                ));
            }
        }
        for (span, text, help) in wrong {
            self.reader.error(Code::FaultUnwritten, &span, text, help);
        }
    }

    pub(super) fn faults(&mut self, item: &Item) -> Vec<Binding> {
        let mut found: Vec<Binding> = Vec::new();
        for (key, value) in table(self.reader, Some(item)) {
            let Some(word) = fault::known(&key.text) else {
                let message = format!("`{}` is no fault", key.text);
                let one = Diagnostic::new(Code::UnknownFault, &self.reader.source, key.span.clone(), message);
                let known = fault::FAULTS.iter().map(|(word, _)| *word);
                let help = "the manual lists all faults: docs/mapping-language.md, Faults";
                self.reader.wrong.push(one.near_or(&key.text, known, help));
                continue;
            };
            let mut first = true;
            for (binding, span) in self.bindings(word, value) {
                if !self.hidden(&found, &binding, &key.span) && !first {
                    self.idle(&found, &binding, &span);
                }
                found.push(binding);
                first = false;
            }
        }
        found
    }

    /// The bindings of a fault: the first is written, each of them is read.
    fn bindings(&mut self, word: &'static str, value: &Item) -> Vec<(Binding, Range<usize>)> {
        let text = match &value.node {
            Node::Table(_) => {
                self.reader.known_keys(value, &["is", "text"]);
                self.reader.text(value, "text").map(str::to_owned)
            }
            _ => None,
        };
        let bound = value.get("is").unwrap_or(value);
        let texts = bound.texts().filter(|texts| !texts.is_empty());
        let texts = texts.unwrap_or_else(|| vec![("", bound.span.clone())]);
        let bound = texts
            .into_iter()
            .filter_map(|(one, span)| Some((self.binding(word, one, &span, text.clone())?, span)));
        bound.collect()
    }

    fn binding(
        &mut self,
        word: &'static str,
        bound: &str,
        span: &Range<usize>,
        text: Option<String>,
    ) -> Option<Binding> {
        let words: Vec<&str> = bound.split_whitespace().collect();
        let status = words.first().and_then(|word| status_of(word)).filter(|status| *status >= 400);
        let (Some(status), 1 | 2) = (status, words.len()) else {
            let message = "a fault is a status from 400 to 599 and perhaps a code";
            self.reader.error(Code::WrongStatus, span, message, "as in `\"403\"` or `\"403 E17\"`");
            return None;
        };
        let apart = words.join(" ");
        if bound != apart {
            let message = "blanks too many: one stands between status and code, and none elsewhere";
            self.reader.error(Code::WrongStatus, span, message, format!("write `\"{apart}\"`"));
            return None;
        }
        self.codes.extend(words.get(1).map(|code| ((*code).to_owned(), span.clone())));
        Some(Binding { word, status, code: words.get(1).map(|code| (*code).to_owned()), text })
    }

    /// Several faults may look alike: read is the first. Where that is a special one and the general one stands below
    /// it, every such answer would be read as more than the server said.
    fn hidden(&mut self, before: &[Binding], one: &Binding, span: &Range<usize>) -> bool {
        let special = before.iter().find(|other| other.looks_like(one) && word::within(other.word, one.word));
        let Some(special) = special else { return false };
        let (message, help) = match special.word == one.word {
            true => (
                format!("`{}` has the same status and code twice", one.word),
                "take one of them out".to_owned(),
            ),
            false => (
                format!("`{}` is never read: `{}` above it looks the same", one.word, special.word),
                format!(
                    "move `{}` above `{}`: of faults that look the same, the first is read",
                    one.word, special.word
                ),
            ),
        };
        self.reader.error(Code::FaultHidden, span, message, help);
        true
    }

    /// Of a list, all but the first are only read: one that looks like a fault before it isn't even that.
    fn idle(&mut self, before: &[Binding], one: &Binding, span: &Range<usize>) {
        let Some(other) = before.iter().find(|other| other.looks_like(one)) else { return };
        let message = format!(
            "this is never read, for `{}` above it looks the same; and never written, for the first of a list is",
            other.word
        );
        let help = format!("take it out here, or there; or move `{}` above `{}`", one.word, other.word);
        self.reader.error(Code::FaultHidden, span, message, help);
    }

    /// A dialect that answers must say how it refuses: each fault has a binding, or a word above it has one.
    pub(super) fn unbound(&mut self, tree: &Item, head: &Item) {
        let operations = tree.get("operation").map(Item::members).unwrap_or_default();
        let answers = operations.iter().any(|(_, operation)| operation.get("reply").is_some());
        let table = tree.get("faults");
        if table.is_none() && !answers {
            return;
        }
        let bound = |word: &str| table.is_some_and(|table| table.get(word).is_some());
        let missing = fault::FAULTS.iter().map(|(word, _)| *word).filter(|word| word::parent(word).is_none());
        let missing: Vec<String> =
            missing.filter(|word| !bound(word)).map(|word| format!("`{word}`")).collect();
        if !missing.is_empty() {
            self.reader.error(
                Code::FaultNotBound,
                &table.unwrap_or(head).span,
                format!("nothing in `[faults]` binds {}", missing.join(", ")),
                "bind each of them to a status: what has none is answered with a bare 500",
            );
        }
    }
}

/// Whether a message has something to say of every fault, with a code or without.
fn always_says(message: &Message) -> bool {
    fault::FAULTS.iter().all(|(word, text)| {
        let mut record = Record::new(Shape::Access);
        record.say(FAULT_KIND, Value::Text((*word).into()));
        record.say(FAULT_STATUS, Value::Count(500));
        record.say(FAULT_TEXT, Value::Text((*text).into()));
        message.says_anything(&record, Timestamp::UNIX_EPOCH)
    })
}
