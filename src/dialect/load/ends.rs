//! `[upstream]`: how the gateway shows who it is. What the calls of a session want of each other stands in `session`.
use std::ops::Range;

use hyper::header::HeaderName;
use hyper::{Method, StatusCode};
use serde_json::Value as Json;

use crate::diagnostic::tree::{Item, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::identity::sign_in::{BodyTemplate, Keep, Open, SignIn, TOKEN, Template};

use super::super::route::{plain_method, plain_segment};
use super::{Loading, table};

/// What the configuration may give of an identity without being asked.
pub(super) const IDENTITY: &[&str] = &["user", "key", "password"];

/// How templates are written.
const BRACES: &str = "names stand in braces, as in `{user}`; `{{` and `}}` are the braces themselves";

impl Loading<'_> {
    /// A header's name that a table may use: not one by which HTTP itself frames and routes messages.
    pub(super) fn header_name(&mut self, text: &str, span: &Range<usize>) -> Option<HeaderName> {
        const FRAMING: &[&str] = &[
            "connection",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ];
        // What each call says of its body and of the answer it takes.
        const OWN: &[&str] = &["accept", "accept-encoding", "content-encoding", "content-type"];
        let Ok(name) = HeaderName::from_bytes(text.as_bytes()) else {
            let help = "letters, digits and `-`, without blanks: `X-Api-Key`";
            self.reader.error(Code::WrongHeader, span, "this is no header's name", help);
            return None;
        };
        if FRAMING.contains(&name.as_str()) {
            let message = format!("`{name}` belongs to HTTP itself, and carries no credential");
            let help = "name the header in which the vendor's page has the credential";
            self.reader.error(Code::WrongHeader, span, &message, help);
            return None;
        }
        if OWN.contains(&name.as_str()) || name.as_str().starts_with("pamgate-") {
            let message = format!("`{name}` is set by who sends the call, and carries no credential");
            let help = "take it out: bodies are JSON, and are called so";
            self.reader.error(Code::WrongHeader, span, &message, help);
            return None;
        }
        Some(name)
    }

    pub(super) fn upstream(&mut self, item: Option<&Item>, base: &str) -> SignIn {
        let mut sign_in = SignIn::default();
        let Some(item) = item else { return sign_in };
        self.reader.known_keys(item, &["asks", "over", "sign_in", "sign_out", "headers"]);
        sign_in.refused = self.statuses(item, "over", 400..600);
        let before = self.reader.wrong.0.len();
        sign_in.each_call = self.headers(item.get("headers"));
        let sound = self.reader.wrong.0.len() == before;
        sign_in.close = self.call(item, "sign_out", base);
        sign_in.open = item.get("sign_in").and_then(|open| self.open(open, base));
        if let (None, Some(at)) = (item.get("sign_in"), item.get("sign_out")) {
            let message = "`sign_out` closes a session that no `sign_in` opens";
            let help = "add `[upstream.sign_in]`, or take it out";
            self.reader.error(Code::OptionMissing, &at.span, message, help);
        }
        if sound {
            self.token(item, &sign_in);
        }
        self.placeholders(item);
        self.session_calls(item, &sign_in);
        self.forgotten_braces(item, &sign_in);
        sign_in
    }

    /// A token that is kept must be shown, and one that isn't kept can't be: such a header would never be sent.
    fn token(&mut self, item: &Item, sign_in: &SignIn) {
        let mut names = sign_in.each_call.iter().flat_map(|(_, pieces)| pieces).flat_map(Template::names);
        let shown = names.any(|name| name == TOKEN);
        let keeps = match &sign_in.open {
            Some(open) => open.keep != Keep::Cookies,
            None if item.get("sign_in").is_none() && item.get("sign_out").is_none() => false,
            // What is wrong there has been told.
            None => return,
        };
        let keep = item.get("sign_in").and_then(|sign_in| sign_in.get("keep"));
        match (shown, keeps, item.get("headers"), keep) {
            (true, false, Some(headers), _) => {
                let message = "there is no `{token}`: no `sign_in` keeps one";
                self.reader.error(Code::WrongTemplate, &headers.span, message, "look at `keep`");
            }
            (false, true, _, Some(keep)) => {
                let help = "add `headers.Authorization = [\"{token}\"]`, or what the server wants";
                self.reader.error(Code::OptionMissing, &keep.span, "no header shows this token", help);
            }
            _ => {}
        }
    }

    /// Names that the configuration gives: a piece with another would be left out, and nobody would see.
    fn placeholders(&mut self, item: &Item) {
        let asks = self.reader.texts(item, "asks");
        self.reader.once(&asks);
        let mut used = Vec::new();
        let open = item.get("sign_in");
        for (at, early) in [(item.get("headers"), false), (open.and_then(|open| open.get("headers")), true)] {
            for (_, value) in at.map(Item::members).unwrap_or_default() {
                used.extend(
                    value.texts().unwrap_or_default().into_iter().map(|(text, span)| (text, span, early)),
                );
            }
        }
        let mut inside: Vec<&Item> = open.and_then(|open| open.get("body")).into_iter().collect();
        while let Some(part) = inside.pop() {
            match &part.node {
                Node::Text(text) => used.push((text.as_str(), part.span.clone(), true)),
                Node::Array(items) => inside.extend(items),
                Node::Table(members) => inside.extend(members.iter().map(|(_, item)| item)),
                Node::Other(_) => self.reader.expected(part, "a text, an integer, or true or false"),
                Node::Integer(_) | Node::Bool(_) => {}
            }
        }
        let mut known: Vec<&str> = IDENTITY.to_vec();
        known.extend(asks.iter().map(|(name, _)| *name));
        let mut named: Vec<String> = Vec::new();
        for (text, span, early) in used {
            let Ok(template) = Template::parse(text) else { continue };
            for name in template.names() {
                named.push(name.to_owned());
                if name == TOKEN && early {
                    let message = "there is no `{token}` yet: the session isn't open";
                    self.reader.error(
                        Code::WrongTemplate,
                        &span,
                        message,
                        "name what opens it, such as `{key}`",
                    );
                } else if name != TOKEN && !known.contains(&name) {
                    let message = format!("nobody promises a value for `{{{name}}}`");
                    let one =
                        Diagnostic::new(Code::UnknownPlaceholder, &self.reader.source, span.clone(), message);
                    let one = one.label(format!("known: {}, {TOKEN}", known.join(", ")));
                    let all = known.iter().copied().chain([TOKEN]);
                    let help = format!("add it for the configuration to give: `asks = [\"{name}\"]`");
                    self.reader.wrong.push(one.near_or(name, all, help));
                }
            }
        }
        for (name, span) in asks {
            if IDENTITY.contains(&name) || name == TOKEN {
                let message = format!("`{name}` needn't be asked for");
                let help = "list the names in braces that aren't `user`, `key`, `password` or `token`";
                self.reader.error(Code::WrongOption, &span, message, help);
            } else if !named.iter().any(|used| used == name) {
                let message = format!("nothing sends `{name}`: it stands in no braces");
                let help =
                    format!("write `{{{name}}}` in a header or the sign-in's `body`, or take it out here");
                self.reader.error(Code::WrongOption, &span, message, help);
            }
        }
    }

    fn open(&mut self, item: &Item, base: &str) -> Option<Open> {
        self.reader.known_keys(item, &["at", "ok", "keep", "headers", "body"]);
        for (option, what, help) in [
            ("at", "a method and a path", "as in `at = \"POST /logon\"`"),
            (
                "keep",
                "what of the answer is the session",
                "`cookies`, `token`, or a JSON pointer to the token",
            ),
        ] {
            if item.get(option).is_none() {
                let message = format!("`sign_in` needs `{option}`, {what}");
                self.reader.error(Code::OptionMissing, &item.span, message, help);
            }
        }
        let call = self.call(item, "at", base);
        let keep = self.keep(item);
        if let Some(body) = item.get("body").filter(|body| !matches!(body.node, Node::Table(_))) {
            let message = format!("a sign-in's body is a JSON object, and this is {}", body.what());
            let help = "write a table, as in `{ user = \"{user}\", password = \"{password}\" }`";
            self.reader.error(Code::WrongType, &body.span, message, help);
        }
        let body = match item.get("body").map(|body| (body, BodyTemplate::parse(&json_of(body)))) {
            None => None,
            Some((_, Ok(body))) => Some(body),
            Some((body, Err(wrong))) => {
                self.reader.error(Code::WrongTemplate, &body.span, wrong.to_string(), BRACES);
                None
            }
        };
        let ok = self.statuses(item, "ok", 200..400);
        let headers = self.headers(item.get("headers"));
        let (method, path) = call?;
        Some(Open { method, path, headers, body, keep: keep?, ok })
    }

    fn keep(&mut self, item: &Item) -> Option<Keep> {
        match self.reader.text(item, "keep")? {
            "cookies" => Some(Keep::Cookies),
            "token" => Some(Keep::Token),
            pointer if is_pointer(pointer) => Some(Keep::TokenAt(pointer.to_owned())),
            other => {
                let span = item.get("keep").map_or(0..0, |item| item.span.clone());
                let message = "known: `cookies`, `token`, or a JSON pointer to the token";
                let one = Diagnostic::new(Code::UnknownKeep, &self.reader.source, span, message);
                let help = match other.starts_with('/') {
                    true if other.split('/').skip(1).any(str::is_empty) => {
                        "between and behind slashes stands a property's name, as in `\"/session/token\"`"
                    }
                    true => "in a JSON pointer, `~` is written `~0`, and `/` in a name `~1`",
                    false => "a JSON pointer begins with `/`, as in `\"/access_token\"`",
                };
                self.reader.wrong.push(one.near_or(other, ["cookies", "token"], help));
                None
            }
        }
    }

    fn statuses(&mut self, item: &Item, key: &str, within: Range<u16>) -> Vec<StatusCode> {
        let Some(listed) = item.get(key) else { return Vec::new() };
        match &listed.node {
            Node::Array(statuses) if statuses.is_empty() => {
                let help = "name one, or leave it out";
                self.reader.error(Code::WrongStatus, &listed.span, "this list names no status", help);
                Vec::new()
            }
            Node::Array(statuses) => {
                let known = statuses.iter().filter_map(|item| match item.node {
                    Node::Integer(status) => Some((status, item.span.clone())),
                    _ => None,
                });
                let known: Vec<_> = known.collect();
                self.reader.once(&known);
                statuses.iter().filter_map(|item| self.status(item, &within)).collect()
            }
            _ => {
                self.reader.expected(listed, "a list of HTTP statuses, as in `[401]`");
                Vec::new()
            }
        }
    }

    fn status(&mut self, item: &Item, within: &Range<u16>) -> Option<StatusCode> {
        let status = match &item.node {
            Node::Integer(number) => u16::try_from(*number).ok().and_then(|n| StatusCode::from_u16(n).ok()),
            _ => None,
        };
        match status {
            None => self.reader.expected(item, "an HTTP status"),
            Some(status) if !within.contains(&status.as_u16()) => {
                let message = format!("a status from {} to {} belongs here", within.start, within.end - 1);
                self.reader.error(
                    Code::WrongStatus,
                    &item.span,
                    &message,
                    "look at what the vendor's page answers",
                );
            }
            Some(_) => {}
        }
        status
    }

    fn call(&mut self, item: &Item, key: &str, base: &str) -> Option<(Method, String)> {
        let text = self.reader.text(item, key)?;
        let span = item.get(key).map_or(0..0, |item| item.span.clone());
        let call =
            text.split_once(' ').filter(|(_, path)| path.starts_with('/')).and_then(|(method, path)| {
                let (path_alone, query) = path.split_once('?').unwrap_or((path, ""));
                let plain = plain_method(method).is_some()
                    && path_alone.split('/').all(plain_segment)
                    && query.split(['/', '?', '%']).all(plain_segment);
                let method = Method::from_bytes(method.as_bytes()).ok().filter(|_| plain)?;
                Some((method, format!("{base}{path}")))
            });
        if call.is_some() {
            self.under_base(text, &span);
        } else {
            let (message, help) = match text.contains(['{', '}']) {
                true => (
                    "this address is sent as it stands: nothing in braces is filled in",
                    "names in braces belong into `headers` or the `body`",
                ),
                false => {
                    ("this should be a method and a path", "as in `POST /Logon`, the method in capitals")
                }
            };
            self.reader.error(Code::WrongRoute, &span, message, help);
        }
        call
    }

    fn headers(&mut self, item: Option<&Item>) -> Vec<(HeaderName, Vec<Template>)> {
        let mut found: Vec<(HeaderName, Vec<Template>)> = Vec::new();
        for (key, value) in table(self.reader, item) {
            let Some(name) = self.header_name(&key.text, &key.span) else { continue };
            let mut pieces = Vec::new();
            let texts = value.texts();
            if found.iter().any(|(known, _)| *known == name) {
                let message = format!("`{name}` stands here a second time: letter case makes no difference");
                self.reader.error(Code::WrongHeader, &key.span, message, "take one of them out");
            }
            if texts.as_ref().is_some_and(Vec::is_empty) {
                let message = "a header without a piece is never sent";
                self.reader.error(
                    Code::WrongTemplate,
                    &value.span,
                    message,
                    "write its value, or take it out",
                );
            }
            if texts.is_none() {
                self.reader.expected(value, "a string or an array of strings");
            }
            for (text, span) in texts.unwrap_or_default() {
                if text.contains(char::is_control) {
                    let message = "a header's value holds no control characters, not even the end of a line";
                    self.reader.error(Code::WrongTemplate, &span, message, "take it out");
                }
                match Template::parse(text) {
                    Ok(piece) => pieces.push(piece),
                    Err(wrong) => self.reader.error(Code::WrongTemplate, &span, wrong.to_string(), BRACES),
                }
            }
            found.push((name, pieces));
        }
        found
    }
}

/// Whether a text is a JSON pointer (RFC 6901) to something in a document that a server answers: a property without a
/// name is none of it.
fn is_pointer(text: &str) -> bool {
    let named = text.strip_prefix('/').is_some_and(|names| names.split('/').all(|name| !name.is_empty()));
    named && text.split('~').skip(1).all(|behind| behind.starts_with(['0', '1']))
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
