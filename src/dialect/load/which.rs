//! On which request an operation is: one that sees, decides on or ends a request must be told which.
use std::ops::Range;

use crate::canonical::{FieldId, Shape, word};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Node};
use crate::mapping::Message;

use super::super::operation::{Operation, is_on_one};
use super::Loading;

/// By what a server may know which request is meant: its id, its number, or what it was for. (Some give back an
/// account, and not a request.)
const WHICH: &[&str] = &["request.id", "reference", "target"];

impl Loading<'_> {
    /// Each way to an operation on one request tells which: in its path, its query or its body.
    pub(super) fn on_which(&mut self, operations: &[Operation], item: Option<&Item>) {
        for operation in operations.iter().filter(|one| is_on_one(&one.word)) {
            let listed = item.and_then(|item| item.get(&operation.word));
            let query = operation.query.map(|number| &self.messages[number].message);
            // What is wrong with a message has been told; it may be what tells.
            let unsure = |named: Option<&Item>, number: Option<usize>| {
                named.is_some() && number.is_none_or(|number| self.slipped.contains(&number))
            };
            if unsure(listed.and_then(|listed| listed.get("query")), operation.query)
                || query.is_some_and(tells_which)
            {
                continue;
            }
            let mut silent = Vec::new();
            for route in &operation.routes {
                let body = route.send.map(|number| &self.messages[number].message);
                let told = route.fields().any(is_which) || body.is_some_and(tells_which);
                let sends = route_of(listed, &route.text).and_then(|at| at.get("send"));
                if !told && !unsure(sends, route.send) {
                    silent.push(route_at(item, &operation.word, &route.text));
                }
            }
            // A path of which something else is wrong may tell, once that is mended.
            let wrong = |span: &Range<usize>| {
                self.reader
                    .wrong
                    .0
                    .iter()
                    .any(|one| one.span == *span && one.source.name == self.reader.source.name)
            };
            silent.retain(|span| !wrong(span));
            for span in silent {
                let text = format!("nothing here tells which request `{}` is about", operation.word);
                let help = "add `{request.id}` to the path, or a row for `request.id` to the message that is sent or to the query";
                self.reader.error(Code::RequestUntold, &span, text, help);
            }
        }
    }
}

fn tells_which(message: &Message) -> bool {
    let all = (0..message.shape.fields().len()).map(|at| FieldId(at as u8));
    all.filter(|field| message.carries(*field).is_some()).any(is_which)
}

fn is_which(field: FieldId) -> bool {
    let name = Shape::Access.field(field).name;
    WHICH.iter().any(|part| word::within(name, part))
}

/// The route of an operation in the file, by what it says.
fn route_of<'i>(operation: Option<&'i Item>, text: &str) -> Option<&'i Item> {
    let Node::Array(routes) = &operation?.get("routes")?.node else { return None };
    routes.iter().find(|route| route.get("at").and_then(Item::text) == Some(text))
}

/// Where a route's method and path stand.
pub(super) fn route_at(operations: Option<&Item>, verb: &str, text: &str) -> Range<usize> {
    let operation = operations.and_then(|operations| operations.get(verb));
    let route = route_of(operation, text).and_then(|route| route.get("at"));
    route.or(operation).map_or(0..0, |item| item.span.clone())
}
