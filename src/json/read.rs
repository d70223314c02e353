//! Text → document: one pass of sonic-rs, with limits, duplicate names seen, and exact digits.
//!
//! Start at [`Document::read`]; the parser's events come in through `visit`. What is wrong with a text that is no JSON,
//! and where, `syntax` tells.
mod reader;
mod seen;
mod syntax;
mod visit;

use serde::de::DeserializeSeed;

use self::reader::{Reader, Spot};
use self::syntax::syntax;
use self::visit::Next;
use super::check::{Check, Number};
use super::keep::Keep;
use super::lenient::{Lenient, Rule};
use super::{At, Document, Schema};

/// How much a document may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How deep values may stand in each other.
    pub depth: u32,
    /// How many values and names there may be.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 32, nodes: 50_000 }
    }
}

/// How a dialect reads JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    /// Property names match in any letter case.
    pub any_case: bool,
    /// A property that is `null` is as good as not there.
    pub null_is_absent: bool,
    /// How much a document may hold.
    pub limits: Limits,
}

/// Why a text is no document that we take.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReadError {
    /// Not UTF-8.
    #[error("the body is not UTF-8 (first wrong byte at {at})")]
    NotUtf8 {
        /// How many bytes were fine.
        at: usize,
    },
    /// Not JSON.
    #[error("the body is not JSON: {what} at line {line}, column {column}")]
    Syntax {
        /// What the parser says.
        what: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A number that no double holds: JSON by its letters, and read as infinite, as nought or not at all by whoever it
    /// is sent to. (One that is too near to nought is refused only behind thousands of digits.)
    #[error(
        "the body holds a number that is out of range at line {line}, column {column}: what no double holds can't be read"
    )]
    OutOfRange {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// An object names one property twice (also in different letter case, where the dialect ignores case).
    #[error("the body names the property `{name}` twice")]
    Duplicate {
        /// The name, as it is spelt the second time.
        name: String,
    },
    /// Deeper than [`Limits::depth`].
    #[error("the body is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// More than [`Limits::nodes`].
    #[error("the body holds more than {limit} values")]
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl<'a> Document<'a> {
    /// Reads a text, borrowing what it can.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read(text: &'a [u8], options: ReadOptions) -> Result<Document<'a>, ReadError> {
        Document::read_by(text, options, None, None).map(|(document, _)| document)
    }

    /// Reads a text as a message: what its dialect's server reads loosely is spelt as its page does, and whether it
    /// keeps for sure to the message's schema is found out on the way. (If not, the schema must be asked.)
    ///
    /// What `keep` doesn't want is judged like all else, and is then not in the document, unless the message doesn't
    /// keep for sure to its schema: then nothing is left out.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_as(
        text: &'a [u8],
        options: ReadOptions,
        (lenient, schema): (&'a Lenient, &'a Schema),
        keep: Option<&'a Keep>,
    ) -> Result<(Document<'a>, bool), ReadError> {
        let form = Some((lenient, &schema.check));
        let (document, fine) = Document::read_by(text, options, form, keep)?;
        match keep {
            Some(_) if !fine => Document::read_by(text, options, form, None),
            _ => Ok((document, fine)),
        }
    }

    fn read_by(
        text: &'a [u8],
        options: ReadOptions,
        form: Option<(&'a Lenient, &'a Check)>,
        keep: Option<&'a Keep>,
    ) -> Result<(Document<'a>, bool), ReadError> {
        let text = utf8(text)?;
        // Clients of .NET write one before their text, and servers of .NET read over it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (place, check) = form.unzip();
        let mut reader = Reader::new(text, options, form, keep);
        let rule = place.map_or(Rule::Nothing, |place| place.rule);
        let root = Spot { place, rule, keep: true, lasts: true, null_is_absent: false };
        let mut json = sonic_rs::Deserializer::from_str(text);
        let read = Next { reader: &mut reader, spot: root, depth: 0 }.deserialize(&mut json);
        if let Err(error) = read.and_then(|_| json.end()) {
            return Err(reader.stopped.take().unwrap_or_else(|| syntax(text, &error)));
        }
        let Reader { entries, owned, found, sought, fine, later, .. } = reader;
        let found_by = sought.map_or(0, |sought| sought.names.id);
        let document = Document { entries, owned, found, found_by, any_case: options.any_case };
        let holds = |(at, number, whole): &(u32, Number, bool)| {
            check.is_some_and(|check| check.holds(At { document: &document, at: *at }, *number, *whole))
        };
        let fine = fine && later.iter().all(holds);
        Ok((document, fine))
    }
}

fn utf8(text: &[u8]) -> Result<&str, ReadError> {
    simdutf8::basic::from_utf8(text).or_else(|_| {
        // Slower, and says where.
        std::str::from_utf8(text).map_err(|e| ReadError::NotUtf8 { at: e.valid_up_to() })
    })
}

#[cfg(test)]
mod tests;
