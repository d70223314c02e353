//! `[caller]`: how callers show who they are. What no call could ever show is a mistake, or nobody would be let in.
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Node};
use crate::identity::caller::CallerScheme;

use super::Loading;

impl Loading<'_> {
    pub(super) fn caller(&mut self, item: Option<&Item>) -> CallerScheme {
        let empty = Item { span: 0..0, node: Node::Table(Vec::new()) };
        let item = item.unwrap_or(&empty);
        self.reader.known_keys(item, &["header", "scheme", "secret", "user"]);
        let mut text = |key: &str| self.reader.text(item, key).map(str::to_owned);
        let header = text("header");
        let scheme = CallerScheme {
            header: header.unwrap_or_else(|| "authorization".to_owned()),
            scheme: text("scheme"),
            secret: text("secret"),
            user: text("user"),
        };
        if let Some(at) = item.get("header") {
            self.header_name(&scheme.header, &at.span);
        }
        if let (Some(word), Some(at)) = (&scheme.scheme, item.get("scheme"))
            && !is_token(word)
        {
            let message = "a scheme is one word, of letters, digits and `-`";
            let help =
                "write it as it stands before the blank, without a colon; leave it out where there is none";
            self.reader.error(Code::WrongHeader, &at.span, message, help);
        }
        self.parameters(item, &scheme);
        scheme
    }

    /// The names of a header's parameters, `key=…; runas=…;`.
    fn parameters(&mut self, item: &Item, scheme: &CallerScheme) {
        for (key, name) in [("secret", &scheme.secret), ("user", &scheme.user)] {
            let (Some(name), Some(at)) = (name, item.get(key)) else { continue };
            let parts = |c: char| matches!(c, '=' | ';' | '[' | ']') || c.is_control();
            if name.trim().is_empty() || name.trim() != name || name.contains(parts) {
                let message = match name.trim() {
                    "" => "a parameter of a header has a name".to_owned(),
                    _ => format!("no parameter of a header is called `{}`", name.escape_debug()),
                };
                let help = "write the name alone, as it stands before the `=`: `secret` of `secret=…;`";
                self.reader.error(Code::WrongHeader, &at.span, message, help);
            }
        }
        match (&scheme.secret, &scheme.user, item.get("user")) {
            (Some(secret), Some(user), Some(at)) if secret.eq_ignore_ascii_case(user) => {
                let message = "one parameter can't be the secret and the user";
                let help = "name another, or leave `user` out";
                self.reader.error(Code::WrongHeader, &at.span, message, help);
            }
            (None, Some(_), Some(at)) if item.get("secret").is_none() => {
                let message = "nothing reads this: without `secret`, all of the value is the secret";
                let help = "add `secret`, the parameter that holds it; or take `user` out";
                self.reader.error(Code::OptionMissing, &at.span, message, help);
            }
            _ => {}
        }
    }
}

/// What HTTP takes for a word (RFC 9110, token).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
