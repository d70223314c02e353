//! What an operation's messages must be for a call to make sense: a query of texts, a body that doesn't say what the
//! session does, a reply that is no request's message.
use std::ops::Range;

use serde_json::Value as Json;

use crate::canonical::field::known::{REQUEST_ID, STATUS};
use crate::canonical::{FieldId, Shape};
use crate::diagnostic::Code;
use crate::mapping::schema::Place;

use super::super::operation::Operation;
use super::Loading;
use super::whole::tells;

/// A reply's message, as an operation names it.
pub(super) struct Named {
    pub(super) message: usize,
    pub(super) span: Range<usize>,
}

impl Loading<'_> {
    /// The message of an operation's query: names and texts, and nothing inside of anything.
    pub(super) fn query(&mut self, name: &str, span: &Range<usize>) -> Option<usize> {
        let number = self.message(name, span)?;
        let json = self.schema_json(name);
        let root = json.as_ref().map(Place::root);
        let places: Vec<(Vec<String>, Range<usize>)> = self.messages[number].message.entries().collect();
        for (path, span) in places {
            let at = root.and_then(|root| path.iter().try_fold(root, |at, name| at.member(name)));
            let shown = path.join("/");
            if path.len() > 1 {
                let message = format!(
                    "`{shown}` lies inside of something, and a query has nothing but names and texts"
                );
                let help = "name the parameter as it stands in the address";
                self.reader.error(Code::WrongForm, &span, message, help);
            } else if let Some(kind) = at.filter(|_| path.len() == 1).and_then(|at| self.no_text(at)) {
                let message =
                    format!("a query's parameter is a text, and the schema wants {kind} for `{shown}`");
                let help = "write `\"type\": \"string\"` there, with an `enum` or a `pattern`; what the texts mean, `values` of the row say";
                self.reader.error(Code::TypeMismatch, &span, message, help);
            }
        }
        Some(number)
    }

    /// The schema of a message as it stands in its file.
    pub(super) fn schema_json(&self, name: &str) -> Option<Json> {
        self.files.schema_json(self.name, name)
    }

    /// What a schema wants at a place where no text can ever be right.
    fn no_text(&self, at: Place<'_>) -> Option<&'static str> {
        let types = at.types();
        let text = types.contains(&"string") || (types.contains(&"integer") && self.head.leniency.integers);
        match types.iter().find(|kind| **kind != "null") {
            Some(_) if text => None,
            Some(&"integer") => Some("an integer"),
            Some(&"number") => Some("a number"),
            Some(&"boolean") => Some("true or false"),
            Some(&"array") => Some("an array"),
            Some(&"object") => Some("an object"),
            _ => None,
        }
    }

    /// What the session says has no place in a body: a request for somebody else is refused before it is written.
    pub(super) fn session_alone(&mut self, operations: &[Operation]) {
        let routes = operations.iter().flat_map(|one| &one.routes);
        let sent: Vec<usize> = routes.filter_map(|route| route.send).collect();
        for number in sent.into_iter().filter(|number| !self.slipped.contains(number)) {
            let message = &self.messages[number].message;
            let carried = Shape::Access.fields().iter().enumerate().filter_map(|(at, field)| {
                let first = field.name.split('.').next().unwrap_or_default();
                let session = self.head.session.iter().any(|part| part == first);
                let origin = message.origin(FieldId(at as u8)).filter(|_| session)?;
                Some((field.name, first, origin.clone(), message.name.clone()))
            });
            for (field, first, span, name) in carried.collect::<Vec<_>>() {
                let message = format!(
                    "the session says `{first}`, and `{name}` has a place for `{field}` all the same"
                );
                let help = format!("take it out here, or `{first}` out of `session` in `[dialect]`");
                self.reader.error(Code::FieldTakenTwice, &span, message, help);
            }
        }
    }

    /// What nobody said is not written into a request: a blank there is nothing, or stands beside what was said.
    pub(super) fn nothing_unasked(&mut self, operations: &[Operation]) {
        let routes = operations.iter().flat_map(|one| &one.routes);
        let mut sent: Vec<usize> = routes.filter_map(|route| route.send).collect();
        sent.extend(operations.iter().filter_map(|one| one.query));
        sent.sort_unstable();
        sent.dedup();
        for number in sent.into_iter().filter(|number| !self.slipped.contains(number)) {
            for (span, value) in self.messages[number].message.unasked() {
                let text = format!("`{value}` would be written into requests, although nobody said it");
                let help = "leave the blank out; or let it be nothing (`\"null\"`, `'\"\"'`); or say `beside` what it stands";
                self.reader.error(Code::WrongBlank, &span, text, help);
            }
        }
    }

    /// A reply's message that is a request's or an error's, and tells nothing of a request that was made, is another than
    /// was meant. (A server may answer with the very document that it was sent, but then with its id or status in it.)
    pub(super) fn replies_tell(&mut self, operations: &[Operation], fault_messages: &[usize]) {
        let sends = operations.iter().flat_map(|one| one.routes.iter().filter_map(|route| route.send));
        let mut others: Vec<usize> = sends.chain(operations.iter().filter_map(|one| one.query)).collect();
        others.extend(fault_messages);
        for named in std::mem::take(&mut self.replies) {
            let message = &self.messages[named.message].message;
            let told = tells(message, REQUEST_ID) || tells(message, STATUS);
            if told || !others.contains(&named.message) || self.slipped.contains(&named.message) {
                continue;
            }
            let error = fault_messages.contains(&named.message);
            let whose = if error { "an error's" } else { "a request's" };
            let text = format!("`{}` is {whose} message, and tells neither an id nor a status", message.name);
            let help = "name the message that the server answers with; or give it a row for `request.id`";
            self.reader.error(Code::ReplyUntold, &named.span, text, help);
        }
    }
}
