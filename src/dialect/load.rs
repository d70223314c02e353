//! A dialect's file → a [`Dialect`], with all that is wrong with it.
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use hyper::header::HeaderName;
use hyper::{Method, StatusCode};
use serde_json::Value as Json;

use crate::canonical::{FieldId, Shape, fault, word};
use crate::crosswalk::{By, FindRules};
use crate::diagnostic::tree::{Item, Key, Node, Reader};
use crate::diagnostic::{Diagnostic, Source};
use crate::identity::caller::CallerScheme;
use crate::identity::sign_in::{BodyTemplate, Keep, Open, SignIn, Template};
use crate::json::{Leniency, Lenient, Limits, ReadOptions, Schema};
use crate::mapping::schema::Place;
use crate::mapping::{Message, Shared, compile};

use super::fault::Binding;
use super::files::Files;
use super::operation::{Again, Operation, Outcome};
use super::route::{Base, Route, Segment};
use super::{Dialect, Mint, MintPart};

/// A message with its schema.
#[derive(Debug)]
pub struct MessageEntry {
    /// The compiled table.
    pub message: Message,
    pub(crate) schema: Schema,
    pub(crate) lenient: Lenient,
}

const TOP: &[&str] =
    &["dialect", "caller", "upstream", "mint", "find", "faults", "operation", "values", "message", "variant"];

/// Reads one dialect's file in one variant; what is wrong goes to the reader.
pub(super) fn load(
    reader: &mut Reader,
    name: &str,
    variant: Option<&str>,
    tree: &Item,
    files: &Files,
) -> Option<Dialect> {
    reader.known_keys(tree, TOP);
    let Some(head) = tree.get("dialect") else {
        reader.error("table-missing", &(0..0), "the table `[dialect]` is missing");
        return None;
    };
    let known = ["title", "base", "any_case", "null", "integers", "session", "fault"];
    reader.known_keys(head, &known);
    let any_case: Vec<&str> = reader.texts(head, "any_case").into_iter().map(|(text, _)| text).collect();
    let leniency = Leniency {
        names: any_case.contains(&"names"),
        values: any_case.contains(&"values"),
        integers: head.get("integers").is_some_and(|item| item.text() == Some("also-as-text")),
    };
    let variant_of = |key: &str| tree.get("variant")?.get(variant?)?.get(key);
    let shared = Shared {
        values: by_name(tree.get("values")),
        messages: by_name(tree.get("message")),
        overrides: by_name(variant_of("message")),
    };
    let mut loading =
        Loading { reader, name, files, shared, leniency, messages: Vec::new(), by_name: HashMap::new() };
    let operations = loading.operations(tree.get("operation"));
    let fault_messages = loading.reader.texts(head, "fault");
    let fault_messages =
        fault_messages.into_iter().filter_map(|(text, span)| loading.message(text, &span)).collect();
    let faults = tree.get("faults").map(|item| loading.faults(item)).unwrap_or_default();
    let find = loading.find(tree.get("find"));
    let mint = loading.mint(tree.get("mint"));
    let bases: Vec<Base> =
        loading.reader.texts(head, "base").iter().map(|(text, _)| Base::new(text)).collect();
    let base = bases.first().map_or("", |base| base.text.as_str()).to_owned();
    let sign_in = loading.upstream(tree.get("upstream"), &base);
    let caller = loading.caller(tree.get("caller"));
    loading.idle_messages();
    let session =
        loading.reader.texts(head, "session").into_iter().map(|(text, _)| text.to_owned()).collect();
    Some(Dialect {
        name: name.to_owned(),
        title: head.get("title").and_then(Item::text).unwrap_or(name).to_owned(),
        variant: variant.map(str::to_owned),
        caller,
        sign_in,
        session,
        find: find.0,
        unknown_is_none: find.1,
        bases,
        any_case_paths: any_case.contains(&"paths"),
        json: ReadOptions {
            any_case: leniency.names,
            null_is_absent: head.get("null").is_some_and(|item| item.text() == Some("absent")),
            limits: Limits::default(),
        },
        messages: loading.messages,
        operations,
        faults,
        fault_messages,
        mint,
        file: reader.source.name.clone(),
    })
}

fn by_name(item: Option<&Item>) -> HashMap<&str, &Item> {
    item.map(Item::members).unwrap_or_default().iter().map(|(key, item)| (key.text.as_str(), item)).collect()
}

struct Loading<'l> {
    reader: &'l mut Reader,
    name: &'l str,
    files: &'l Files,
    shared: Shared<'l>,
    leniency: Leniency,
    messages: Vec<MessageEntry>,
    by_name: HashMap<String, Option<usize>>,
}

impl Loading<'_> {
    /// The number of a message that has a schema of its own.
    fn message(&mut self, name: &str, span: &Range<usize>) -> Option<usize> {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let number = self.compile(name, span);
        self.by_name.insert(name.to_owned(), number);
        number
    }

    fn compile(&mut self, name: &str, span: &Range<usize>) -> Option<usize> {
        let key = (self.name.to_owned(), name.to_owned());
        let Some(source) = self.files.schemas.get(&key) else {
            let message = format!("there is no schema for the message `{name}`");
            let help = format!("add schemas/{}/{name}.json", self.name);
            self.reader.error_help("schema-missing", span, message, help);
            return None;
        };
        let (json, schema) = match read_schema(source) {
            Ok(read) => read,
            Err(one) => {
                self.reader.wrong.push(one);
                return None;
            }
        };
        let key = Key { text: name.to_owned(), span: span.clone() };
        let message = compile(self.reader, &self.shared, &key, Place::root(&json))?;
        let lenient = Lenient::compile(&json, self.leniency);
        self.messages.push(MessageEntry { message, schema, lenient });
        Some(self.messages.len() - 1)
    }

    /// A message that no operation uses is a mistake: it would never be checked.
    fn idle_messages(&mut self) {
        let used: Vec<String> = self.shared.messages.values().flat_map(|item| used_by(item)).collect();
        let mut idle: Vec<&str> = Vec::new();
        for name in self.shared.messages.keys() {
            if !self.by_name.contains_key(*name) && !used.iter().any(|other| other == name) {
                idle.push(name);
            }
        }
        idle.sort_unstable();
        for name in idle {
            let span = self.shared.messages.get(name).map_or(0..0, |item| item.span.clone());
            self.reader.error_help(
                "message-idle",
                &span,
                format!("nothing uses the message `{name}`"),
                "name it in an operation, or take it out",
            );
        }
    }

    fn operations(&mut self, item: Option<&Item>) -> Vec<Operation> {
        let listed = item.map(Item::members).unwrap_or_default();
        listed.iter().map(|(key, item)| self.operation(key, item)).collect()
    }

    fn operation(&mut self, key: &Key, item: &Item) -> Operation {
        const VERBS: &[&str] = &[
            "session.open",
            "session.close",
            "account.find",
            "request.create",
            "request.list",
            "request.get",
            "request.approve",
            "request.deny",
            "request.cancel",
            "request.check_in",
            "request.rotate_on_check_in",
            "credential.retrieve",
        ];
        if !VERBS.contains(&key.text.as_str()) {
            let message = format!("`{}` is no operation", key.text);
            let one = Diagnostic::new("unknown-operation", &self.reader.source, key.span.clone(), message);
            self.reader.wrong.push(one.near(&key.text, VERBS.iter().copied()));
        }
        self.reader.known_keys(item, &["routes", "query", "reply", "again", "faults"]);
        let routes = match item.get("routes").map(|routes| &routes.node) {
            Some(Node::Array(routes)) => routes.iter().filter_map(|route| self.route(route)).collect(),
            _ => {
                self.reader.error(
                    "option-missing",
                    &key.span,
                    "an operation needs `routes = [{ at = \"…\" }]`",
                );
                Vec::new()
            }
        };
        let query = self.reader.text(item, "query").zip(item.get("query"));
        let query = query.and_then(|(name, item)| self.message(name, &item.span));
        let outcomes = item.get("reply").map(|reply| self.outcomes(reply)).unwrap_or_default();
        let faults = item.get("faults").map(|faults| self.faults(faults)).unwrap_or_default();
        let again = item.get("again").and_then(|again| self.again(again));
        Operation { word: key.text.clone(), routes, query, outcomes, faults, again }
    }

    fn route(&mut self, item: &Item) -> Option<Route> {
        self.reader.known_keys(item, &["at", "send"]);
        let at = item.get("at")?;
        let text = self.reader.text(item, "at")?;
        let Some((method, path)) = text.split_once(' ') else {
            self.reader.error_help(
                "wrong-route",
                &at.span,
                "a route is a method and a path",
                "as in `POST /Requests`",
            );
            return None;
        };
        let mut segments = Vec::new();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            segments.push(match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                None => Segment::Literal(segment.to_owned()),
                Some(name) => Segment::Field(self.field(name, &at.span)?),
            });
        }
        let send = self.reader.text(item, "send").zip(item.get("send"));
        let send = send.and_then(|(name, item)| self.message(name, &item.span));
        Some(Route { method: method.to_ascii_uppercase(), segments, send, text: text.to_owned() })
    }

    fn field(&mut self, name: &str, span: &Range<usize>) -> Option<FieldId> {
        let found = Shape::Access.find(name);
        if found.is_none() {
            let message = format!("`{name}` is no canonical field");
            let one = Diagnostic::new("unknown-field", &self.reader.source, span.clone(), message);
            self.reader.wrong.push(one.near(name, Shape::Access.fields().iter().map(|field| field.name)));
        }
        found
    }

    fn outcomes(&mut self, item: &Item) -> Vec<Outcome> {
        let known = word::of("outcome");
        let mut found = Vec::new();
        for (key, value) in item.members() {
            if !known.contains(&key.text.as_str()) {
                let message = format!("`{}` is no outcome", key.text);
                let one = Diagnostic::new("unknown-outcome", &self.reader.source, key.span.clone(), message);
                let one = one.label(format!("known: {}", known.join(", ")));
                self.reader.wrong.push(one.near(&key.text, known.iter().copied()));
            }
            let Some(texts) = value.texts() else {
                self.reader.expected(value, "a status and a message, as in `\"201 id\"`");
                continue;
            };
            for (text, span) in texts {
                let mut words = text.split_whitespace();
                let Some(status) = words.next().and_then(status_of) else {
                    self.reader.error("wrong-status", &span, "a reply begins with its HTTP status");
                    continue;
                };
                let message = words.next().and_then(|name| self.message(name, &span));
                found.push(Outcome { word: key.text.clone(), status, message });
            }
        }
        found
    }

    fn again(&mut self, item: &Item) -> Option<Again> {
        self.reader.known_keys(item, &["by", "say", "match"]);
        let at = item.get("match")?;
        let name = self.reader.text(item, "match")?;
        let matching = self.field(name, &at.span)?;
        let mut say = Vec::new();
        for (key, value) in item.get("say").map(Item::members).unwrap_or_default() {
            if let (Some(field), Some(text)) = (self.field(&key.text, &key.span), value.text()) {
                say.push((field, text.to_owned()));
            }
        }
        Some(Again { by: self.reader.text(item, "by")?.to_owned(), say, matching })
    }

    fn faults(&mut self, item: &Item) -> Vec<Binding> {
        let mut found = Vec::new();
        for (key, value) in item.members() {
            let Some(word) = fault::known(&key.text) else {
                let message = format!("`{}` is no fault", key.text);
                let one = Diagnostic::new("unknown-fault", &self.reader.source, key.span.clone(), message);
                self.reader.wrong.push(one.near(&key.text, fault::FAULTS.iter().map(|(word, _)| *word)));
                continue;
            };
            let text = match &value.node {
                Node::Table(_) => {
                    self.reader.known_keys(value, &["is", "text"]);
                    self.reader.text(value, "text").map(str::to_owned)
                }
                _ => None,
            };
            let bound = value.text().or_else(|| value.get("is")?.text());
            let mut words = bound.unwrap_or_default().split_whitespace();
            let Some(status) = words.next().and_then(status_of).filter(|status| *status >= 400) else {
                let message = "a fault is a status from 400 on and perhaps a code, as in `\"403 4031\"`";
                self.reader.error("wrong-status", &value.span, message);
                continue;
            };
            let code = words.next().map(str::to_owned);
            found.push(Binding { word, status, code, text });
        }
        found
    }

    fn find(&mut self, item: Option<&Item>) -> (FindRules, Vec<String>) {
        let mut rules = FindRules::default();
        let mut none = Vec::new();
        for (key, value) in item.map(Item::members).unwrap_or_default() {
            const KNOWN: &[&str] = &["system", "account", "user", "reason_code", "ticket_system", "schedule"];
            if !KNOWN.contains(&key.text.as_str()) {
                let message = format!("`{}` is nothing that is looked up by a name", key.text);
                let one = Diagnostic::new("unknown-key", &self.reader.source, key.span.clone(), message);
                self.reader.wrong.push(one.near(&key.text, KNOWN.iter().copied()));
            }
            self.reader.known_keys(value, &["by", "else"]);
            let mut steps = Vec::new();
            for (text, span) in self.reader.texts(value, "by") {
                match By::of(text) {
                    Some(by) => steps.push(by),
                    None => self.reader.error("unknown-find", &span, "known: name, address, any-text"),
                }
            }
            let part = match key.text.as_str() {
                group @ ("system" | "account") => format!("{group}.name"),
                _ => "name".to_owned(),
            };
            rules = rules.with(&part, &steps);
            if self.reader.text(value, "else") == Some("none") {
                none.push(key.text.clone());
            }
        }
        (rules, none)
    }

    fn mint(&mut self, item: Option<&Item>) -> Mint {
        let Some(item) = item.and_then(|item| item.get("request.id")) else { return Mint::default() };
        self.reader.known_keys(item, &["as", "otherwise", "from"]);
        let mut templates = Vec::new();
        for key in ["as", "otherwise"] {
            let span = item.get(key).map_or(0..0, |item| item.span.clone());
            if let Some(text) = self.reader.text(item, key) {
                templates.extend(self.mint_parts(text, &span));
            }
        }
        let from = match item.get("from").map(|from| &from.node) {
            Some(Node::Integer(from)) => u64::try_from(*from).unwrap_or_default(),
            _ => 0,
        };
        Mint { templates, from }
    }

    /// `{target.safe}_{number}`.
    fn mint_parts(&mut self, text: &str, span: &Range<usize>) -> Option<Vec<MintPart>> {
        let mut parts = Vec::new();
        for (at, piece) in text.split('{').enumerate() {
            let (name, rest) = match (at, piece.split_once('}')) {
                (0, _) => (None, piece),
                (_, Some((name, rest))) => (Some(name), rest),
                (_, None) => {
                    self.reader.error("wrong-template", span, "a brace is never closed");
                    return None;
                }
            };
            parts.extend(match name {
                None => None,
                Some("number") => Some(MintPart::Number),
                Some("hex") => Some(MintPart::Hex),
                Some(name) => Some(MintPart::Field(self.field(name, span)?)),
            });
            if !rest.is_empty() {
                parts.push(MintPart::Text(rest.to_owned()));
            }
        }
        Some(parts)
    }

    fn caller(&mut self, item: Option<&Item>) -> CallerScheme {
        let empty = Item { span: 0..0, node: Node::Table(Vec::new()) };
        let item = item.unwrap_or(&empty);
        self.reader.known_keys(item, &["header", "scheme", "secret", "user"]);
        let mut text = |key: &str| self.reader.text(item, key).map(str::to_owned);
        CallerScheme {
            header: text("header").unwrap_or_else(|| "authorization".to_owned()),
            scheme: text("scheme"),
            secret: text("secret"),
            user: text("user"),
        }
    }

    fn upstream(&mut self, item: Option<&Item>, base: &str) -> SignIn {
        let mut sign_in = SignIn::default();
        let Some(item) = item else { return sign_in };
        self.reader.known_keys(item, &["over", "sign_in", "sign_out", "headers"]);
        if let Some(Node::Array(statuses)) = item.get("over").map(|item| &item.node) {
            sign_in.refused = statuses.iter().filter_map(|item| self.status(item)).collect();
        }
        sign_in.each_call = self.headers(item.get("headers"));
        sign_in.close = self.call(item, "sign_out", base);
        sign_in.open = item.get("sign_in").and_then(|open| self.open(open, base));
        sign_in
    }

    fn open(&mut self, item: &Item, base: &str) -> Option<Open> {
        self.reader.known_keys(item, &["at", "ok", "keep", "headers", "body"]);
        let (method, path) = self.call(item, "at", base)?;
        let keep = match self.reader.text(item, "keep")? {
            "cookies" => Keep::Cookies,
            "token" => Keep::Token,
            pointer if pointer.starts_with('/') => Keep::TokenAt(pointer.to_owned()),
            _ => {
                let span = item.get("keep").map_or(0..0, |item| item.span.clone());
                let message = "known: `cookies`, `token`, or a JSON pointer to the token";
                self.reader.error("unknown-keep", &span, message);
                return None;
            }
        };
        let body = match item.get("body") {
            None => None,
            Some(body) => match BodyTemplate::parse(&json_of(body)) {
                Ok(body) => Some(body),
                Err(wrong) => {
                    self.reader.error("wrong-template", &body.span, wrong.to_string());
                    return None;
                }
            },
        };
        let ok = match item.get("ok").map(|item| &item.node) {
            Some(Node::Array(statuses)) => statuses.iter().filter_map(|item| self.status(item)).collect(),
            _ => Vec::new(),
        };
        Some(Open { method, path, headers: self.headers(item.get("headers")), body, keep, ok })
    }

    fn status(&mut self, item: &Item) -> Option<StatusCode> {
        let status = match &item.node {
            Node::Integer(number) => u16::try_from(*number).ok().and_then(|n| StatusCode::from_u16(n).ok()),
            _ => None,
        };
        if status.is_none() {
            self.reader.expected(item, "an HTTP status");
        }
        status
    }

    fn call(&mut self, item: &Item, key: &str, base: &str) -> Option<(Method, String)> {
        let text = self.reader.text(item, key)?;
        let span = item.get(key).map_or(0..0, |item| item.span.clone());
        let call = text.split_once(' ').and_then(|(method, path)| {
            Some((Method::from_bytes(method.as_bytes()).ok()?, format!("{base}{path}")))
        });
        if call.is_none() {
            self.reader.error(
                "wrong-route",
                &span,
                "this should be a method and a path, as in `POST /Logon`",
            );
        }
        call
    }

    fn headers(&mut self, item: Option<&Item>) -> Vec<(HeaderName, Vec<Template>)> {
        let mut found = Vec::new();
        for (key, value) in item.map(Item::members).unwrap_or_default() {
            let Ok(name) = HeaderName::from_bytes(key.text.as_bytes()) else {
                self.reader.error("wrong-header", &key.span, "this is no header's name");
                continue;
            };
            let mut pieces = Vec::new();
            for (text, span) in value.texts().unwrap_or_default() {
                match Template::parse(text) {
                    Ok(piece) => pieces.push(piece),
                    Err(wrong) => self.reader.error("wrong-template", &span, wrong.to_string()),
                }
            }
            found.push((name, pieces));
        }
        found
    }
}

/// The messages that a message's rows name.
fn used_by(item: &Item) -> Vec<String> {
    let rows = item.get("rows").map(Item::members).unwrap_or_default();
    rows.iter().filter_map(|(_, row)| row.get("of")?.text().map(str::to_owned)).collect()
}

fn status_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (100..600).contains(status))
}

fn json_of(item: &Item) -> Json {
    match &item.node {
        Node::Text(text) => Json::String(text.clone()),
        Node::Integer(number) => Json::from(*number),
        Node::Bool(value) => Json::Bool(*value),
        Node::Array(items) => items.iter().map(json_of).collect(),
        Node::Table(members) => {
            Json::Object(members.iter().map(|(key, item)| (key.text.clone(), json_of(item))).collect())
        }
        Node::Other(_) => Json::Null,
    }
}

fn read_schema(source: &Arc<Source>) -> Result<(Json, Schema), Diagnostic> {
    let json: Json = serde_json::from_str(&source.text).map_err(|e| {
        let at = offset(&source.text, e.line(), e.column());
        Diagnostic::new("schema-not-json", source, at..at, format!("the schema is not JSON: {e}"))
    })?;
    let schema = Schema::compile(&json).map_err(|wrong| {
        let message = format!("this is no JSON Schema: {} {}", wrong.pointer, wrong.text);
        Diagnostic::new("schema-not-valid", source, 0..1.min(source.text.len()), message)
    })?;
    Ok((json, schema))
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}
