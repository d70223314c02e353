//! Whether the calls of `[upstream]` make sense together: what opens a session, what renews it, what closes it, what
//! says that it is over, and credentials whose braces were forgotten.
use hyper::{Method, StatusCode};

use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Node};
use crate::identity::sign_in::{Keep, SignIn, TOKEN, Template};

use super::super::fault::Binding;
use super::super::operation::Operation;
use super::Loading;
use super::ends::IDENTITY;

impl Loading<'_> {
    /// Opening, renewing and closing a session.
    pub(super) fn session_calls(&mut self, item: &Item, sign_in: &SignIn) {
        let open = item.get("sign_in");
        // A `sign_out` that nothing opens has been told.
        let open_or_told = open.or(item.get("sign_out"));
        if let (None, Some(at), [_, ..]) = (open_or_told, item.get("over"), sign_in.refused.as_slice()) {
            let message = "`over` tells when a session is over, and no `sign_in` opens one";
            let help = "add `[upstream.sign_in]`, or take it out: what it lists is read by `[faults]`";
            self.reader.error(Code::OptionMissing, &at.span, message, help);
        }
        let Some((open, calls)) = open.zip(sign_in.open.as_ref()) else { return };
        if let (&Method::GET, Some(body)) = (&calls.method, open.get("body")) {
            let message = "a GET has no body, and so sends no credentials in one";
            let help = "write `at = \"POST /…\"`, or send them in `headers`";
            self.reader.error(Code::WrongOption, &body.span, message, help);
        }
        if calls.keep != Keep::Cookies {
            self.empty_answers(open);
        }
        let same = |(method, path): &(Method, String)| {
            *method == calls.method && path.eq_ignore_ascii_case(&calls.path)
        };
        if let (true, Some(at)) = (sign_in.close.as_ref().is_some_and(same), item.get("sign_out")) {
            let message = "this call opens a session, and would not close one";
            let help = "name the call that the vendor's page has for signing out, or take it out";
            self.reader.error(Code::WrongOption, &at.span, message, help);
        }
    }

    /// Where signing in again doesn't help, a status that says that the session is over is read as a fault: as which,
    /// `[faults]` tells.
    pub(super) fn over_bound(&mut self, tree: &Item, faults: &[Binding], operations: &[Operation]) {
        let over = tree.get("upstream").and_then(|upstream| upstream.get("over"));
        let Some(over) = over.filter(|_| tree.get("faults").is_some()) else { return };
        // What is wrong with a binding has been told; it may be the one.
        if self.reader.wrong.0.iter().any(|one| matches!(one.code, Code::WrongStatus | Code::UnknownFault)) {
            return;
        }
        let Node::Array(listed) = &over.node else { return };
        let all = || faults.iter().chain(operations.iter().flat_map(|operation| &operation.faults));
        for at in listed {
            let Node::Integer(status) = at.node else { continue };
            if (400..600).contains(&status) && !all().any(|one| i64::from(one.status) == status) {
                let message =
                    format!("nothing in `[faults]` binds {status}, which says that a session is over");
                let help = format!(
                    "read as a fault, it means something: `not-authenticated = [\"401\", \"{status}\"]`"
                );
                self.reader.error(Code::FaultNotBound, &at.span, message, help);
            }
        }
    }

    /// An answer without a body holds no token.
    fn empty_answers(&mut self, open: &Item) {
        let Some(Node::Array(listed)) = open.get("ok").map(|ok| &ok.node) else { return };
        let empty = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED];
        for at in listed {
            let Node::Integer(status) = at.node else { continue };
            if empty.iter().any(|empty| i64::from(empty.as_u16()) == status) {
                let message = format!("an answer with the status {status} has no body, and so no token");
                let help = "take it out; or `keep = \"cookies\"`, if those are the session";
                self.reader.error(Code::WrongStatus, &at.span, message, help);
            }
        }
    }

    /// A name that stands without its braces, or with braces that are braces: it would be sent as it stands.
    pub(super) fn forgotten_braces(&mut self, item: &Item, sign_in: &SignIn) {
        let asks = self.asked(item);
        let known: Vec<&str> = IDENTITY.iter().copied().chain(asks).chain([TOKEN]).collect();
        let used: Vec<&str> = sign_in.names().collect();
        let mut wrong = Vec::new();
        for text in texts(item) {
            let Some(said) = text.text() else { continue };
            let Ok(template) = Template::parse(said) else { continue };
            let doubled = known.iter().find(|name| said.contains(&format!("{{{{{name}}}}}")));
            let dollar = known.iter().find(|name| said.contains(&format!("${{{name}}}")));
            let bare = known.iter().find(|name| {
                **name != TOKEN
                    && template.names().next().is_none()
                    && used.is_empty()
                    && ends_with(said, name)
            });
            let found = match (doubled, dollar, bare) {
                (Some(name), ..) => {
                    Some((format!("`{{{{{name}}}}}` is sent as the text `{{{name}}}`"), name))
                }
                (_, Some(name), _) => Some((format!("the `$` of `${{{name}}}` is sent as it stands"), name)),
                (.., Some(name)) => {
                    Some((format!("`{name}` is sent as it stands, and nothing here shows who calls"), name))
                }
                _ => None,
            };
            wrong.extend(
                found.map(|(message, name)| (text.span.clone(), message, format!("write `{{{name}}}`"))),
            );
        }
        for (span, message, help) in wrong {
            self.reader.error(Code::WrongTemplate, &span, message, help);
        }
    }

    /// Names that the configuration is asked for; what is wrong with them has been told.
    fn asked<'i>(&self, item: &'i Item) -> Vec<&'i str> {
        let texts = item.get("asks").and_then(Item::texts).unwrap_or_default();
        texts.into_iter().map(|(name, _)| name).collect()
    }
}

/// Whether a text is a name, or ends with it as a word of its own: `A2A key`, `Bearer password`.
fn ends_with(text: &str, name: &str) -> bool {
    let rest = text.trim_end_matches([' ', ';', ')', '>', ']']).strip_suffix(name);
    rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_'))
}

/// The templates of `[upstream]`: values of headers, and texts of the sign-in's body.
fn texts(item: &Item) -> Vec<&Item> {
    let open = item.get("sign_in");
    let headers = [item.get("headers"), open.and_then(|open| open.get("headers"))];
    let headers = headers.into_iter().flatten().flat_map(Item::members).map(|(_, value)| value);
    let mut left: Vec<&Item> = headers.chain(open.and_then(|open| open.get("body"))).collect();
    let mut found = Vec::new();
    while let Some(at) = left.pop() {
        match &at.node {
            Node::Array(items) => left.extend(items),
            Node::Table(members) => left.extend(members.iter().map(|(_, item)| item)),
            Node::Text(_) => found.push(at),
            _ => {}
        }
    }
    found.sort_by_key(|at| at.span.start);
    found
}
