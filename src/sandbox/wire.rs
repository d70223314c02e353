//! A call and its reply, read the way all three vendors' ASP.NET servers read.
//!
//! Path segments and property names match in any letter case, a trailing slash and an empty `?` mean
//! nothing, null equals absent, of a property that stands twice the last is taken.
//! Start at [`Call`] and [`Fields`]. Knows no vendor.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// One request, cut into what the emulations look at.
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    /// Decoded, in the sender's letter case.
    pub(super) segments: Vec<String>,
    query: &'a str,
    headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// The client's certificate, DER.
    pub(super) peer: Option<&'a [u8]>,
    pub(super) now: Timestamp,
}

impl<'a> Call<'a> {
    pub(super) fn new(request: &'a Request<Bytes>, peer: Option<&'a [u8]>, now: Timestamp) -> Self {
        let path = request.uri().path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        Call {
            method: request.method(),
            segments: path.split('/').map(percent_decoded).collect(),
            query: request.uri().query().unwrap_or(""),
            headers: request.headers(),
            body: request.body(),
            peer,
            now,
        }
    }

    /// The segments after `prefix`, if the path begins with it in any letter case.
    pub(super) fn under(&self, prefix: &[&str]) -> Option<&[String]> {
        let (head, rest) = self.segments.split_at_checked(prefix.len())?;
        let same = head.iter().zip(prefix).all(|(a, b)| a.eq_ignore_ascii_case(b));
        same.then_some(rest)
    }

    /// A header's text; a header that is no text is as good as absent.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A cookie's value.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all("cookie").into_iter();
        let mut pairs = cookies.filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';'));
        pairs.find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// A query parameter, its name in any letter case.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        form_value(self.query, name)
    }

    /// The body as a JSON object. An empty body is an empty object where `optional`.
    pub(super) fn fields(&self, optional: bool) -> Result<Fields, NotAnObject> {
        match self.json(optional)? {
            Value::Object(map) => Ok(Fields(map)),
            Value::Null if optional => Ok(Fields(Map::new())),
            _ => Err(NotAnObject("a JSON object is expected".to_owned())),
        }
    }

    /// The body as JSON; nothing at all is null where `optional`.
    pub(super) fn json(&self, optional: bool) -> Result<Value, NotAnObject> {
        let body = self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(self.body);
        if optional && body.trim_ascii().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(body).map_err(|e| NotAnObject(e.to_string()))
    }
}

/// The body isn't what it should be.
pub(super) struct NotAnObject(pub(super) String);

/// `name`'s value in a form-encoded text.
pub(super) fn form_value(form: &str, name: &str) -> Option<String> {
    form.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| percent_decoded(&text.replace('+', " "));
        decoded(key).eq_ignore_ascii_case(name).then(|| decoded(value))
    })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
        match tail {
            [high, low, after @ ..] if first == b'%' => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                    continue;
                }
                _ => bytes.push(first),
            },
            _ => bytes.push(first),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A JSON object whose property names match in any letter case.
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// The value, unless absent or null; of several spellings the last.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let same = |(key, _): &(&String, &Value)| key.eq_ignore_ascii_case(name);
        let (_, value) = self.0.iter().rfind(same)?;
        (!value.is_null()).then_some(value)
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Wrong> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Wrong::new(name, "must be a string")),
        }
    }

    /// A Boolean.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Wrong> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(Wrong::new(name, "must be true or false")),
        }
    }

    /// A whole number; from a string too where `from_text`.
    pub(super) fn integer(&self, name: &str, from_text: bool) -> Result<Option<i64>, Wrong> {
        let value = match self.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) if from_text => text.trim().parse().ok(),
            Some(_) => None,
        };
        value.map(Some).ok_or(Wrong::new(name, "must be an integer"))
    }
}

/// A property whose value can't be taken.
pub(super) struct Wrong {
    pub(super) name: String,
    pub(super) why: String,
}

impl Wrong {
    pub(super) fn new(name: &str, why: impl Into<String>) -> Self {
        Wrong { name: name.to_owned(), why: why.into() }
    }
}

/// A reply before it becomes HTTP.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// A status alone.
    pub(super) fn empty(status: u16) -> Self {
        Reply { status, body: Vec::new(), headers: Vec::new() }
    }

    /// A JSON document, compact: safeguard-bash reads with regular expressions that know no blanks.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Reply {
            status,
            body: body.to_string().into_bytes(),
            headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
