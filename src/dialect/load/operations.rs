//! `[operation]`: routes, queries, replies, and what is asked again.
use std::ops::Range;

use crate::canonical::{Shape, Type, word};
use crate::diagnostic::tree::{Item, Key, Node};
use crate::diagnostic::{Code, Diagnostic};

use super::super::operation::{Again, Operation, Outcome, VERBS, outcomes_of};
use super::super::route::{METHODS, Route, Segment, plain_method, plain_segment};
use super::calls::Named;
use super::{Loading, status_of, table};

/// A route that was read, and where it stands.
pub(super) struct Taken {
    method: &'static str,
    segments: Vec<Segment>,
    text: String,
    at: usize,
}

impl Taken {
    /// Whether both have their fields at the same segments, so that neither order helps.
    fn same(&self, later: &Route) -> bool {
        let field = |segment: &Segment| matches!(segment, Segment::Field(_));
        self.segments.iter().zip(&later.segments).all(|(own, other)| field(own) == field(other))
    }

    /// Whether every call of a later route is this one's.
    fn covers(&self, later: &Route, any_case: bool) -> bool {
        let covers = |(own, other): (&Segment, &Segment)| match (own, other) {
            (Segment::Field(_), _) => true,
            (Segment::Literal(own), Segment::Literal(other)) if any_case => own.eq_ignore_ascii_case(other),
            (own, other) => own == other,
        };
        self.method == later.method
            && self.segments.len() == later.segments.len()
            && self.segments.iter().zip(&later.segments).all(covers)
    }
}

impl Loading<'_> {
    pub(super) fn operations(&mut self, item: Option<&Item>) -> Vec<Operation> {
        let listed = table(self.reader, item);
        listed.iter().map(|(key, item)| self.operation(key, item)).collect()
    }

    fn operation(&mut self, key: &Key, item: &Item) -> Operation {
        if !VERBS.contains(&key.text.as_str()) {
            let message = format!("`{}` is no operation", key.text);
            let one = Diagnostic::new(Code::UnknownOperation, &self.reader.source, key.span.clone(), message);
            let help = format!("known: {}", VERBS.join(", "));
            self.reader.wrong.push(one.near_or(&key.text, VERBS.iter().copied(), help));
        }
        self.reader.known_keys(item, &["routes", "query", "reply", "again", "faults"]);
        let routes = self.routes(key, item);
        let query = self.reader.text(item, "query").zip(item.get("query"));
        let query = query.and_then(|(name, item)| self.query(name, &item.span));
        let outcomes = item.get("reply").map(|reply| self.outcomes(&key.text, reply)).unwrap_or_default();
        let faults = item.get("faults").map(|faults| self.faults(faults)).unwrap_or_default();
        let again = item.get("again").and_then(|again| self.again(key, again));
        Operation { word: key.text.clone(), routes, query, outcomes, faults, again }
    }

    fn routes(&mut self, key: &Key, item: &Item) -> Vec<Route> {
        let routes = item.get("routes");
        match routes.map(|routes| (routes, &routes.node)) {
            Some((_, Node::Array(routes))) if !routes.is_empty() => {
                routes.iter().filter_map(|route| self.route(route)).collect()
            }
            Some((routes, node)) if !matches!(node, Node::Array(_)) => {
                let message = format!("expected a list of routes, found {}", routes.what());
                let help = "write a list: `routes = [{ at = \"POST /…\", send = \"message\" }]`";
                self.reader.error(Code::WrongType, &routes.span, message, help);
                // One that stands outside of a list is most likely right but for that.
                let one = matches!(node, Node::Table(_)).then(|| self.route(routes));
                one.flatten().into_iter().collect()
            }
            _ => {
                let help = "add `routes = [{ at = \"POST /…\", send = \"message\" }]`";
                self.reader.error(Code::OptionMissing, &key.span, "an operation needs `routes`", help);
                Vec::new()
            }
        }
    }

    fn route(&mut self, item: &Item) -> Option<Route> {
        self.reader.known_keys(item, &["at", "send"]);
        if !matches!(item.node, Node::Table(_)) {
            return None;
        }
        // Whatever is wrong with the path, the message is used.
        let send = self.reader.text(item, "send").zip(item.get("send"));
        let send = send.and_then(|(name, item)| self.message(name, &item.span));
        let Some(at) = item.get("at") else {
            let help = "as in `at = \"POST /Requests\"`";
            self.reader.error(
                Code::OptionMissing,
                &item.span,
                "a route needs `at`, a method and a path",
                help,
            );
            return None;
        };
        let text = self.reader.text(item, "at")?;
        let Some((method, path)) = text.split_once(' ').filter(|(_, path)| path.starts_with('/')) else {
            let message = "a route is a method and a path";
            self.reader.error(Code::WrongRoute, &at.span, message, "as in `POST /Requests`");
            return None;
        };
        self.under_base(text, &at.span);
        let known = plain_method(method);
        if known.is_none() {
            let message = format!("`{method}` is no method of an operation");
            let one = Diagnostic::new(Code::WrongRoute, &self.reader.source, at.span.clone(), message);
            let help = "one of GET, POST, PUT, PATCH, DELETE, in capitals";
            self.reader.wrong.push(one.near_or(method, METHODS.iter().copied(), help));
        }
        if let (true, Some(named)) = (method == "GET", item.get("send")) {
            let message = "a GET has no body, and so sends no message";
            let help = "take it out; what stands in the query is a message named by `query`";
            self.reader.error(Code::WrongOption, &named.span, message, help);
        }
        let mut segments: Vec<Segment> = Vec::new();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let segment = self.segment(segment, &at.span)?;
            if let Segment::Field(field) = &segment
                && segments.contains(&segment)
            {
                let message = format!("`{}` stands twice in this path", Shape::Access.field(*field).name);
                let help = "one of the two is another field";
                self.reader.error(Code::FieldTakenTwice, &at.span, message, help);
            }
            segments.push(segment);
        }
        let route = Route { method: known.unwrap_or_default(), segments, send, text: text.to_owned() };
        if known.is_some() {
            self.clash(&route, &at.span);
        }
        Some(route)
    }

    fn segment(&mut self, segment: &str, span: &Range<usize>) -> Option<Segment> {
        let name = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        if name.unwrap_or(segment).contains(['{', '}']) {
            let message = format!("`{segment}` mixes a field with something else");
            let help = "a field is a whole segment, as in `/Requests/{request.id}`";
            self.reader.error(Code::WrongRoute, span, message, help);
            return None;
        }
        match name {
            None if !plain_segment(segment) => {
                let message = format!("`{}` can't stand in a path as it is", segment.escape_debug());
                let help =
                    "letters, digits and `-._~!$&'()*+,;=:@` can; a query is a message, named by `query`";
                self.reader.error(Code::WrongRoute, span, &message, help);
                None
            }
            None => Some(Segment::Literal(segment.to_owned())),
            Some(name) => {
                let field = self.field(name, span)?;
                if !matches!(Shape::Access.field(field).kind, Type::Text | Type::Id) {
                    let message = format!("`{name}` can't stand in a path: it is no text and no id");
                    let help = "a path says texts and ids; others belong into the body or the query";
                    self.reader.error(Code::TypeMismatch, span, message, help);
                }
                Some(Segment::Field(field))
            }
        }
    }

    /// A call is the first route's that fits: one that an earlier route covers is never reached.
    fn clash(&mut self, route: &Route, span: &Range<usize>) {
        let any_case = self.head.any_case_paths;
        if let Some(earlier) = self.taken.iter().find(|earlier| earlier.covers(route, any_case)) {
            let line = self.reader.source.line_of(earlier.at, span.start);
            let message = format!("no call ever reaches this route: `{}` takes them all", earlier.text);
            let help = match earlier.same(route) {
                true => format!("take one of them out; the other stands {line}"),
                false => format!("move it above that one, which stands {line}"),
            };
            self.reader.error(Code::RoutesClash, span, message, help);
        }
        self.taken.push(Taken {
            method: route.method,
            segments: route.segments.clone(),
            text: route.text.clone(),
            at: span.start,
        });
    }

    fn outcomes(&mut self, verb: &str, item: &Item) -> Vec<Outcome> {
        let mut found: Vec<Outcome> = Vec::new();
        for (key, value) in table(self.reader, Some(item)) {
            self.outcome(verb, key);
            let Some(texts) = value.texts() else {
                self.reader.expected(value, "a status and a message, as in `\"201 id\"`");
                continue;
            };
            for (text, span) in texts {
                let words: Vec<&str> = text.split_whitespace().collect();
                let status = words.first().and_then(|word| status_of(word));
                let (Some(status), 1 | 2) = (status, words.len()) else {
                    let message = "a reply is an HTTP status and perhaps a message";
                    self.reader.error(Code::WrongStatus, &span, message, "as in `\"201 id\"` or `\"204\"`");
                    continue;
                };
                if let Some(before) = found.iter().find(|before| before.status == status) {
                    let message =
                        format!("this is never read: `{}` has the status {status}, too", before.word);
                    let help = "a status says how it ended: take one of them out";
                    self.reader.error(Code::StatusTakenTwice, &span, message, help);
                }
                if !(200..300).contains(&status) {
                    let message = "a good end has a status from 200 to 299";
                    let help = "bind others in `[faults]`";
                    self.reader.error(Code::WrongStatus, &span, message, help);
                } else if words.len() == 2 && matches!(status, 204 | 205) {
                    let message =
                        format!("an answer with the status {status} has no body, and so no message");
                    let help = format!("write `\"{status}\"` alone");
                    self.reader.error(Code::WrongStatus, &span, &message, help);
                }
                let apart = words.join(" ");
                if text != apart {
                    let message =
                        "blanks too many: one stands between status and message, and none elsewhere";
                    self.reader.error(Code::WrongStatus, &span, message, format!("write `\"{apart}\"`"));
                }
                let message = words.get(1).and_then(|name| self.message(name, &span));
                self.replies.extend(message.map(|message| Named { message, span: span.clone() }));
                found.push(Outcome { word: key.text.clone(), status, message });
            }
        }
        found
    }

    /// An outcome is one of those that its operation may have: nobody would ask for another.
    fn outcome(&mut self, verb: &str, key: &Key) {
        let all = word::of("outcome");
        let known = if VERBS.contains(&verb) { outcomes_of(verb) } else { all };
        if known.contains(&key.text.as_str()) {
            return;
        }
        let message = match all.contains(&key.text.as_str()) {
            true => format!("`{verb}` never ends as `{}`", key.text),
            false => format!("`{}` is no outcome", key.text),
        };
        let one = Diagnostic::new(Code::UnknownOutcome, &self.reader.source, key.span.clone(), message);
        let one = match known {
            [only] => one.help(format!("write `{only}`")),
            known => one.label(format!("known: {}", known.join(", "))).near_or(
                &key.text,
                known.iter().copied(),
                "write one of them",
            ),
        };
        self.reader.wrong.push(one);
    }

    fn again(&mut self, key: &Key, item: &Item) -> Option<Again> {
        self.reader.known_keys(item, &["by", "say", "match"]);
        for (option, what, help) in [
            ("by", "the operation that is asked", "as in `by = \"request.list\"`"),
            ("match", "the field that tells the item", "as in `match = \"request.id\"`"),
        ] {
            if item.get(option).is_none() {
                let message = format!("`again` needs `{option}`, {what}");
                self.reader.error(Code::OptionMissing, &item.span, message, help);
            }
        }
        let by = self.reader.text(item, "by").zip(item.get("by"));
        if let Some((by, at)) = by.filter(|(by, _)| !self.verbs.contains(by) || *by == key.text) {
            let message = format!("this file binds no other operation `{by}` that could be asked");
            let one = Diagnostic::new(Code::UnknownOperation, &self.reader.source, at.span.clone(), message);
            let known = self.verbs.iter().copied().filter(|verb| *verb != key.text);
            self.reader.wrong.push(one.near_or(by, known, format!("add `[operation.\"{by}\"]`")));
        }
        let mut say = Vec::new();
        for (key, value) in table(self.reader, item.get("say")) {
            if let (Some(field), Some(text)) = (self.field(&key.text, &key.span), self.said(&key.text, value))
            {
                say.push((field, text.to_owned()));
            }
        }
        let matching = self.reader.text(item, "match").zip(item.get("match"));
        let matching = matching.and_then(|(name, at)| self.field(name, &at.span))?;
        Some(Again { by: by?.0.to_owned(), say, matching })
    }

    /// What is said of a field when asking again: a word, where the field holds words.
    fn said<'i>(&mut self, field: &str, value: &'i Item) -> Option<&'i str> {
        let Some(text) = value.text() else {
            self.reader.expected(value, "a string");
            return None;
        };
        let kind = Shape::Access.find(field).map(|field| Shape::Access.field(field).kind);
        if let Some(kind) = kind
            && !matches!(kind, Type::Word | Type::Text | Type::Id)
        {
            let message = format!("`{field}` can't be said here: it is no word, no text and no id");
            self.reader.error(Code::TypeMismatch, &value.span, message, "take it out");
            return None;
        }
        let known = word::of(field);
        if kind == Some(Type::Word) && !known.contains(&text) {
            let message = format!("`{text}` is no word of `{field}`");
            let one = Diagnostic::new(Code::UnknownWord, &self.reader.source, value.span.clone(), message);
            let one = one.label(format!("known: {}", known.join(", ")));
            self.reader.wrong.push(one.near_or(text, known.iter().copied(), "write one of them"));
        }
        Some(text)
    }
}
