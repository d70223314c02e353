//! On which request an operation is: one that sees, decides on or ends a request must be told which; one that makes a
//! request, to what it gives access.
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
            silent.retain(|span| !self.told_at(span));
            for span in silent {
                let text = format!("nothing here tells which request `{}` is about", operation.word);
                let help = "add `{request.id}` to the path, or a row for `request.id` to the message that is sent or to the query";
                self.reader.error(Code::RequestUntold, &span, text, help);
            }
        }
    }
}

impl Loading<'_> {
    /// Each way of asking for access says to what: in its path, its query or its body; where such a server is `called`,
    /// not in the query alone, for none is written.
    pub(super) fn on_what(&mut self, operations: &[Operation], item: Option<&Item>, called: bool) {
        let Some(create) = operations.iter().find(|one| one.word == "request.create") else { return };
        let listed = item.and_then(|item| item.get(&create.word));
        let mut wrong = Vec::new();
        for route in &create.routes {
            let sends = route_of(listed, &route.text).and_then(|at| at.get("send"));
            let named = [(sends, route.send), (listed.and_then(|listed| listed.get("query")), create.query)];
            // What is wrong with a message has been told; it may be what tells.
            let unsure = named.iter().any(|(name, number)| {
                name.is_some() && number.is_none_or(|number| self.slipped.contains(&number))
            });
            let of = |number: Option<usize>| {
                let message = number.map(|number| &self.messages[number].message);
                message.into_iter().flat_map(carried)
            };
            let name = |field: FieldId| Shape::Access.field(field).name;
            let written: Vec<&str> = route.fields().chain(of(route.send)).map(name).collect();
            let all: Vec<&str> = written.iter().copied().chain(of(create.query).map(name)).collect();
            let unwritten = || untold(&written).filter(|_| called).map(|_| QUERY_ALONE);
            let span = route_at(item, &create.word, &route.text);
            if let Some(why) = untold(&all).or_else(unwritten).filter(|_| !unsure && !self.told_at(&span)) {
                wrong.push((span, why));
            }
        }
        for (span, (what, help)) in wrong {
            let text = format!("nothing here tells to what access is asked for: {what}");
            self.reader.error(Code::TargetUntold, &span, text, help);
        }
    }
}

/// What tells a target by itself.
const ALONE: &[&str] = &["target.account.id", "target.alias.id", "target.application.id"];

/// What tells it beside something else of it: at each system there is a `root`.
const BESIDE: &[&str] = &["target.account.name", "target.account.user"];

/// What is wrong with a target that the query alone tells, and what to write.
const QUERY_ALONE: (&str, &str) = (
    "the query alone has a place for it, and none is written to an upstream",
    "add `{target.account.id}` to the path, or a row for it to the message that is sent; if the server has it in the query alone, take `[upstream]` out: it can't be called yet",
);

/// What these fields lack of a target, and what to write; nothing, if they tell one.
fn untold(names: &[&str]) -> Option<(&'static str, &'static str)> {
    let of_target = || names.iter().filter(|name| word::within(name, "target"));
    let alone = of_target().any(|name| ALONE.contains(name));
    let named = of_target().any(|name| BESIDE.contains(name));
    let system = of_target().any(|name| !BESIDE.contains(name));
    match (alone || named && system, named, system) {
        (true, ..) => None,
        (_, true, _) => Some((
            "an account's name, and not where the account is",
            "add a row for `target.system.name`, `target.account.domain` or the like; a name that no two accounts share is a `target.account.id`",
        )),
        (.., true) => Some((
            "no account has a place",
            "add a row for `target.account.id` or `target.account.name` to the message that is sent, or `{target.account.id}` to the path; one id for system and account is `target.account.id`",
        )),
        _ => Some((
            "neither a system nor an account has a place",
            "add rows for `target.system.name` and `target.account.name` to the message that is sent, or `{target.account.id}` to the path; one id for both is `target.account.id`",
        )),
    }
}

fn tells_which(message: &Message) -> bool {
    carried(message).any(is_which)
}

fn carried(message: &Message) -> impl Iterator<Item = FieldId> {
    let all = (0..message.shape.fields().len()).map(|at| FieldId(at as u8));
    all.filter(|field| message.carries(*field).is_some())
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
