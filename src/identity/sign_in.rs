//! As whom an upstream is called, and how one signs in there: data, filled from a dialect's file.
//!
//! Start at [`SignIn`]; [`Template`] is the little language its texts are written in. This module
//! renders header values and bodies from an [`Identity`]; it does no I/O (`upstream` sends what it
//! renders) and knows no vendor. A rendered secret is wiped when dropped and never shown by `Debug`.

mod body;

use std::fmt;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

pub use self::body::{BodyTemplate, BodyTemplateError};

/// The name that stands for the session's token in a template; an identity can't have it.
pub const TOKEN: &str = "token";

/// How one signs in at an upstream, and what each call then carries.
#[derive(Debug, Clone, Default)]
pub struct SignIn {
    /// How a session is opened; `None` where credentials go with every call.
    pub open: Option<Open>,
    /// What every call carries. The pieces of one header are joined; a header whose pieces are all
    /// left out isn't sent.
    pub each_call: Vec<(HeaderName, Vec<Template>)>,
    /// How a session is closed: method, and path under the upstream's base.
    pub close: Option<(Method, String)>,
    /// A reply with one of these means that the session is over.
    pub refused: Vec<StatusCode>,
}

/// The call that opens a session.
#[derive(Debug, Clone)]
pub struct Open {
    /// Usually `POST`.
    pub method: Method,
    /// Under the upstream's base.
    pub path: String,
    /// Headers of this call alone.
    pub headers: Vec<(HeaderName, Vec<Template>)>,
    /// A JSON body whose strings are templates.
    pub body: Option<BodyTemplate>,
    /// What of the reply is the session.
    pub keep: Keep,
    /// The statuses that mean success; empty stands for 200 alone.
    pub ok: Vec<StatusCode>,
}

/// What of the opening call's reply is the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// Every `Set-Cookie`'s name and value go back as `Cookie`.
    Cookies,
    /// The reply is one JSON string, the token.
    Token,
    /// The token is the string at this JSON pointer of the reply.
    TokenAt(String),
}

impl SignIn {
    /// The names that its texts use, [`TOKEN`] among them where they do.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let opening = self.open.iter().flat_map(|open| &open.headers);
        let headers = self.each_call.iter().chain(opening).flat_map(|(_, pieces)| pieces);
        let bodies = self.open.iter().filter_map(|open| open.body.as_ref());
        headers.flat_map(Template::names).chain(bodies.flat_map(BodyTemplate::names))
    }
}

/// As whom an upstream is called.
pub struct Identity {
    /// The name that tells identities of one upstream apart; sessions are kept under it. No secret.
    pub caller: String,
    /// What templates may name: user, key, password.
    pub values: Vec<(String, SecretString)>,
}

impl Identity {
    fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.values.iter().find(|(known, _)| known == name)?;
        Some(value.expose_secret())
    }

    /// Whether the two would sign in alike.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.caller == other.caller
            && self.values.len() == other.values.len()
            && self.values.iter().all(|(name, value)| other.value(name) == Some(value.expose_secret()))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.values.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Identity").field("caller", &self.caller).field("values", &names).finish()
    }
}

/// A text with `{name}` places; `{{` and `}}` stand for the braces themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    Name(Box<str>),
}

/// What is wrong in a template, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset} of the template")]
pub struct TemplateError {
    /// The byte in the template's text.
    pub offset: usize,
    /// In plain words.
    pub reason: &'static str,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A brace that has no partner, or a name that isn't made of letters, digits, `-` and `_`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let fail = |offset, reason| Err(TemplateError { offset, reason });
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find(['{', '}']) {
            let brace = at + found;
            literal.push_str(&text[at..brace]);
            let rest = &text[brace..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                literal.push_str(&rest[..1]);
                at = brace + 2;
                continue;
            }
            if rest.starts_with('}') {
                return fail(brace, "a `}` without its `{` (write `}}` for the brace itself)");
            }
            let Some(length) = rest.find('}') else {
                return fail(brace, "a `{` without its `}` (write `{{` for the brace itself)");
            };
            let name = &rest[1..length];
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            if name.is_empty() || !name.bytes().all(plain) {
                return fail(brace + 1, "a name is made of letters, digits, `-` and `_`");
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal).into()));
            }
            pieces.push(Piece::Name(name.into()));
            at = brace + length + 1;
        }
        literal.push_str(&text[at..]);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal.into()));
        }
        Ok(Self { pieces })
    }

    /// The names it uses, [`TOKEN`] among them where it does.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(&**name),
            Piece::Text(_) => None,
        })
    }

    /// The text, or `None` where it uses a name that the identity doesn't have.
    #[must_use]
    pub fn render(&self, identity: &Identity, token: Option<&SecretString>) -> Option<Zeroizing<String>> {
        let value = |piece: &'_ Piece| -> Option<&str> {
            // The borrow is of the template, the identity or the token, whichever gives the text.
            match piece {
                Piece::Text(_) => None,
                Piece::Name(name) if &**name == TOKEN => token.map(|t| t.expose_secret()),
                Piece::Name(name) => identity.value(name),
            }
        };
        // Measured first: a string that grows leaves copies of its secrets behind.
        let mut length = 0;
        for piece in &self.pieces {
            length += match piece {
                Piece::Text(text) => text.len(),
                Piece::Name(_) => value(piece)?.len(),
            };
        }
        let mut out = Zeroizing::new(String::with_capacity(length));
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Name(_) => out.push_str(value(piece)?),
            }
        }
        Some(out)
    }
}

/// A header value can't be made of what an identity holds (a line break, for one). Says which header,
/// never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value for the header `{0}` holds characters that a header can't carry")]
pub struct UnsendableHeader(pub HeaderName);

/// Renders the pieces of one header, joined; pieces whose names are unknown are left out, and so is the
/// header when nothing remains.
///
/// # Errors
/// Where the result can't stand in a header.
pub fn render_header(
    name: &HeaderName,
    pieces: &[Template],
    identity: &Identity,
    token: Option<&SecretString>,
) -> Result<Option<HeaderValue>, UnsendableHeader> {
    let rendered: Vec<Zeroizing<String>> =
        pieces.iter().filter_map(|piece| piece.render(identity, token)).collect();
    if rendered.is_empty() {
        return Ok(None);
    }
    let length = rendered.iter().map(|text| text.len()).sum();
    let mut joined = Zeroizing::new(Vec::with_capacity(length));
    for text in &rendered {
        joined.extend_from_slice(text.as_bytes());
    }
    secret_header(joined).map(Some).ok_or_else(|| UnsendableHeader(name.clone()))
}

/// A header value that owns its bytes, wipes them when the last copy goes, and is never shown.
#[must_use]
pub fn secret_header(bytes: Zeroizing<Vec<u8>>) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes)).ok()?;
    value.set_sensitive(true);
    Some(value)
}
