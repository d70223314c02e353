//! Method and path ↔ operation.
use std::borrow::Cow;

use arrayvec::ArrayVec;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::canonical::{FieldId, Record, Value};

use super::{Dialect, Operation};

/// A base path.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) text: String,
    segments: Vec<String>,
}

impl Base {
    pub(crate) fn new(text: &str) -> Base {
        let text = text.trim_end_matches('/').to_owned();
        Base { segments: text.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect(), text }
    }
}

/// Whether a table's text can stand in a path as a segment, and is read by every server as what it says.
pub(crate) fn plain_segment(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
    !matches!(segment, "." | "..") && segment.bytes().all(plain)
}

/// The methods that operations have. What others mean is the connection's business.
pub(crate) const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A method, if it is one that operations have, spelt as HTTP does: there `post` is another than `POST`.
pub(crate) fn plain_method(method: &str) -> Option<&'static str> {
    METHODS.iter().find(|known| **known == method).copied()
}

/// One way to an operation.
#[derive(Debug)]
pub struct Route {
    /// In capitals.
    pub method: &'static str,
    pub(crate) segments: Vec<Segment>,
    /// The message that its body is; none: no body is read.
    pub send: Option<usize>,
    /// As the table writes it.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Segment {
    Literal(String),
    Field(FieldId),
}

/// A call whose operation is known.
#[derive(Debug)]
pub struct Recognised<'d> {
    /// Whose it is.
    pub dialect: &'d Dialect,
    /// What is to be done.
    pub operation: &'d Operation,
    /// How it was addressed.
    pub route: &'d Route,
    /// What the path says.
    pub path: Vec<(FieldId, String)>,
    /// The operation's number in its dialect.
    pub operation_at: usize,
    /// The route's number in its operation.
    pub route_at: usize,
}

/// Why a call under a dialect's base leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub enum Unrecognised {
    /// The path is not under any base of this dialect.
    Elsewhere,
    /// No operation has such a path.
    Unknown,
    /// Operations have this path, but by these methods only.
    WrongMethod(Vec<String>),
}

/// What may stand in a path segment as it is: unreserved characters only.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The most segments that a path may have.
const MOST_SEGMENTS: usize = 32;

impl Dialect {
    /// Which operation a call means.
    ///
    /// # Errors
    /// See [`Unrecognised`].
    pub fn recognise(&self, method: &str, path: &str) -> Result<Recognised<'_>, Unrecognised> {
        let rest = self.under_base(path).ok_or(Unrecognised::Elsewhere)?;
        let mut segments = ArrayVec::<&str, { MOST_SEGMENTS + 1 }>::new();
        segments.extend(rest.split('/').filter(|s| !s.is_empty()).take(MOST_SEGMENTS + 1));
        let mut allowed = ArrayVec::<&str, { METHODS.len() }>::new();
        for (operation_at, operation) in self.operations.iter().enumerate() {
            for (route_at, route) in operation.routes.iter().enumerate() {
                let Some(path) = self.fits(route, &segments) else { continue };
                if route.method.eq_ignore_ascii_case(method) {
                    return Ok(Recognised { dialect: self, operation, route, path, operation_at, route_at });
                }
                // As often as not, a path is another operation's first; it can't be full of five different ones.
                if !allowed.contains(&route.method) {
                    let _ = allowed.try_push(route.method);
                }
            }
        }
        match allowed.is_empty() {
            true => Err(Unrecognised::Unknown),
            false => Err(Unrecognised::WrongMethod(allowed.into_iter().map(str::to_owned).collect())),
        }
    }

    /// The number of segments of the longest base: where one dialect's base lies under another's, it goes first.
    pub(crate) fn longest_base(&self) -> usize {
        self.bases.iter().map(|base| base.segments.len()).max().unwrap_or_default()
    }

    /// What follows a base of this dialect in a path.
    pub fn under_base<'p>(&self, path: &'p str) -> Option<&'p str> {
        self.bases.iter().find_map(|base| {
            // Mostly it is spelt as it is written; else segment by segment, for slashes may stand twice.
            if let Some((start, rest)) = path.split_at_checked(base.text.len())
                && (start == base.text || (self.any_case_paths && start.eq_ignore_ascii_case(&base.text)))
                && (rest.is_empty() || rest.starts_with('/'))
            {
                return Some(rest);
            }
            let mut rest = path;
            for segment in &base.segments {
                rest = rest.trim_start_matches('/');
                let end = rest.find('/').unwrap_or(rest.len());
                if !self.means(&rest[..end], segment) {
                    return None;
                }
                rest = &rest[end..];
            }
            Some(rest)
        })
    }

    /// Whether a segment of a path is one of the table's, whichever of its characters a client has encoded: to a server
    /// `%41` is `A`. An encoded slash parts no segments.
    fn means(&self, segment: &str, literal: &str) -> bool {
        let same = |text: &str| match self.any_case_paths {
            true => text.eq_ignore_ascii_case(literal),
            false => text == literal,
        };
        same(segment)
            || (segment.contains('%')
                && percent_decode_str(segment).decode_utf8().is_ok_and(|decoded| same(&decoded)))
    }

    fn fits(&self, route: &Route, segments: &[&str]) -> Option<Vec<(FieldId, String)>> {
        if route.segments.len() != segments.len() {
            return None;
        }
        let mut path = Vec::new();
        for (segment, text) in route.segments.iter().zip(segments) {
            match segment {
                Segment::Literal(literal) if self.means(text, literal) => {}
                Segment::Literal(_) => return None,
                Segment::Field(field) => {
                    let decoded = percent_decode_str(text).decode_utf8().ok()?;
                    path.push((*field, decoded.into_owned()));
                }
            }
        }
        Some(path)
    }

    /// The address of an operation for a record: the first route of which all fields are known.
    pub fn address<'d>(
        &'d self,
        operation: &'d Operation,
        record: &Record<'_>,
    ) -> Option<(&'d Route, String)> {
        operation.routes.iter().find_map(|route| Some((route, self.path(route, record)?)))
    }

    fn path(&self, route: &Route, record: &Record<'_>) -> Option<String> {
        let mut path = String::with_capacity(128);
        path.push_str(self.base());
        for segment in &route.segments {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Field(field) => {
                    let Some(Value::Text(text)) = record.get(*field) else { return None };
                    let encoded: Cow<'_, str> = utf8_percent_encode(text, SEGMENT).into();
                    path.push_str(&encoded);
                }
            }
        }
        Some(path)
    }
}

impl Route {
    /// The fields that the path says.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Field(field) => Some(*field),
            Segment::Literal(_) => None,
        })
    }
}
