//! Text → document: one pass of sonic-rs, with limits, duplicate names seen, and exact digits.
//!
//! Start at [`Document::read`]; the parser's events come in through `visit`. What is wrong with a text that is no JSON,
//! and where, jiter tells.
mod visit;

use std::collections::HashSet;

use jiter::Jiter;
use serde::de::{DeserializeSeed, Error};

use self::visit::{Digits, Next};
use super::check::{Check, Number};
use super::lenient::{Known, Lenient, Looser, Rule};
use super::{At, Document, Entry, Kind, Schema, fold_hash, spare, text_of};

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
        Document::read_by(text, options, None).map(|(document, _)| document)
    }

    /// Reads a text as a message: what its dialect's server reads loosely is spelt as its page does, and whether it
    /// keeps for sure to the message's schema is found out on the way. (If not, the schema must be asked.)
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_as(
        text: &'a [u8],
        options: ReadOptions,
        lenient: &'a Lenient,
        schema: &'a Schema,
    ) -> Result<(Document<'a>, bool), ReadError> {
        Document::read_by(text, options, Some((lenient, &schema.check)))
    }

    fn read_by(
        text: &'a [u8],
        options: ReadOptions,
        form: Option<(&'a Lenient, &'a Check)>,
    ) -> Result<(Document<'a>, bool), ReadError> {
        let text = std::str::from_utf8(text).map_err(|e| ReadError::NotUtf8 { at: e.valid_up_to() })?;
        // Clients of .NET write one before their text, and servers of .NET read over it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader {
            digits: Digits::new(text),
            entries: spare::take(),
            owned: Vec::new(),
            options,
            stopped: None,
            check: form.map(|(_, check)| check),
            fine: form.is_some(),
            later: Vec::new(),
        };
        let place = form.map(|(lenient, _)| lenient);
        let mut json = sonic_rs::Deserializer::from_str(text);
        let read = Next { reader: &mut reader, place, depth: 0 }.deserialize(&mut json);
        if let Err(error) = read.and_then(|_| json.end()) {
            return Err(reader.stopped.take().unwrap_or_else(|| syntax(text, &error)));
        }
        reader.judge(0, place.map_or(Rule::Nothing, |place| place.rule));
        let Reader { entries, owned, check, fine, later, .. } = reader;
        let document = Document { entries, owned, any_case: options.any_case };
        let holds = |(at, number, whole): &(u32, Number, bool)| {
            check.is_some_and(|check| check.holds(At { document: &document, at: *at }, *number, *whole))
        };
        let fine = fine && later.iter().all(holds);
        Ok((document, fine))
    }
}

/// What is wrong with a text that is no JSON.
#[cold]
fn syntax(text: &str, error: &sonic_rs::Error) -> ReadError {
    let mut jiter = Jiter::new(text.as_bytes());
    let (what, position) = match jiter.next_skip().and_then(|()| jiter.finish()) {
        Err(error) => (error.error_type.to_string(), error.get_position(&jiter)),
        // Such as a number that is larger than all that a double holds.
        Ok(()) => ("a value that can't be read".to_owned(), jiter.error_position(error.offset())),
    };
    ReadError::Syntax { what, line: position.line, column: position.column.max(1) }
}

struct Reader<'a> {
    digits: Digits<'a>,
    entries: Vec<Entry<'a>>,
    owned: Vec<Box<str>>,
    options: ReadOptions,
    /// Why the parser was told to stop, if it was.
    stopped: Option<ReadError>,
    /// The rules of the message's schema.
    check: Option<&'a Check>,
    /// Whether all that was read so far keeps to them.
    fine: bool,
    /// Values with the rules that must be looked at once the whole is read: all, or those beside the values' own.
    later: Vec<(u32, Number, bool)>,
}

/// A string: as it stands in the text, or unescaped.
type Part<'a> = Result<&'a str, Box<str>>;

impl<'a> Reader<'a> {
    /// Stops the parser; what for is kept here.
    #[cold]
    fn stop<E: Error>(&mut self, why: ReadError) -> E {
        let told = E::custom(&why);
        self.stopped = Some(why);
        told
    }

    fn room<E: Error>(&mut self) -> Result<(), E> {
        let limit = self.options.limits.nodes;
        if self.entries.len() >= limit { Err(self.stop(ReadError::TooMany { limit })) } else { Ok(()) }
    }

    fn push(&mut self, kind: Kind, text: &'a str, hash: u32, count: u32) {
        let next = self.entries.len() as u32 + 1;
        self.entries.push(Entry { text, next, hash, count, kind });
    }

    /// Looks at a value that was read.
    #[inline]
    fn judge(&mut self, at: usize, rule: Rule) {
        let (number, whole) = match rule {
            Rule::Nothing => return,
            Rule::Never => {
                self.fine = false;
                return;
            }
            Rule::Own(number) => (number, false),
            Rule::Whole(number) => (number, true),
        };
        let Some(rules) = self.check.and_then(|check| check.rules(number)) else { return };
        let entry = &self.entries[at];
        if whole && matches!(entry.kind, Kind::Array | Kind::Object) {
            self.later.push((at as u32, number, true));
            return;
        }
        self.fine &= rules.fits(entry.kind, text_of(&self.owned, entry));
        if !rules.alone() {
            self.later.push((at as u32, number, false));
        }
    }

    /// Takes a value that holds no others.
    fn put<E: Error>(&mut self, kind: Kind, text: &'a str) -> Result<Kind, E> {
        self.room()?;
        self.push(kind, text, 0, 0);
        Ok(kind)
    }

    /// Takes a string, as the place reads it.
    fn text<E: Error>(&mut self, place: Option<&'a Lenient>, part: Part<'a>) -> Result<Kind, E> {
        self.room()?;
        match place.map_or(Looser::Same, |place| place.looser(spelt(&part))) {
            Looser::Same => self.push_text(Kind::Text, part, 0),
            Looser::Integer => self.push_text(Kind::Number, part, 0),
            Looser::Value(value) => self.push(Kind::Text, value, 0, 0),
        }
        Ok(Kind::Text)
    }

    fn push_text(&mut self, kind: Kind, part: Part<'a>, hash: u32) {
        match part {
            Ok(text) => self.push(kind, text, hash, 0),
            Err(text) => {
                self.owned.push(text);
                self.push(kind, "", hash, self.owned.len() as u32);
            }
        }
    }

    /// Begins an array or object: where it stands.
    fn open<E: Error>(&mut self, kind: Kind, depth: u32) -> Result<usize, E> {
        self.room()?;
        let limit = self.options.limits.depth;
        if depth > limit {
            return Err(self.stop(ReadError::TooDeep { limit }));
        }
        self.push(kind, "", 0, 0);
        Ok(self.entries.len() - 1)
    }

    fn close(&mut self, at: usize, count: u32) {
        let next = self.entries.len() as u32;
        let entry = &mut self.entries[at];
        (entry.next, entry.count) = (next, count);
    }

    /// Takes a member's name out again: its value is as good as not there.
    fn leave_out(&mut self, name_at: usize, seen: &mut Seen) {
        let name = self.entries[name_at];
        seen.dropped.push((name.hash, text_of(&self.owned, &name).into()));
        self.entries.truncate(name_at);
    }

    /// Takes a name that its object has not shown yet; what is known of it.
    fn name<E: Error>(
        &mut self,
        place: Option<&'a Lenient>,
        seen: &mut Seen,
        part: Part<'a>,
    ) -> Result<Option<&'a Known>, E> {
        let name = spelt(&part);
        let hash = fold_hash(name);
        let any_case = self.options.any_case;
        if !seen.first(&self.entries, &self.owned, name, hash, any_case) {
            let name = shortened(name);
            return Err(self.stop(ReadError::Duplicate { name }));
        }
        let known = place.and_then(|place| place.members.find(hash, name, any_case));
        self.room()?;
        match known {
            Some((known, _)) if *known.text != *spelt(&part) => self.push(Kind::Text, &known.text, hash, 0),
            _ => self.push_text(Kind::Text, part, hash),
        }
        Ok(known.map(|(_, known)| known))
    }
}

fn spelt<'p>(part: &'p Part<'_>) -> &'p str {
    match part {
        Ok(text) => text,
        Err(text) => text,
    }
}

/// A name as an error may show it: bounded, whatever was sent.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

/// The names that one object has shown so far.
struct Seen {
    /// Where the object stands.
    object: usize,
    /// A bit for each name, by its hash: one whose bit is not set is new for sure, and that is nearly always so.
    bits: u128,
    names: usize,
    /// Names whose value was `null` and is not kept.
    dropped: Vec<(u32, Box<str>)>,
    /// All names, once there are many: a linear search would take an attacker's time, not ours.
    many: Option<HashSet<String>>,
}

/// From how many names on a set is asked.
const MANY: usize = 64;

impl Seen {
    fn new(object: usize) -> Seen {
        Seen { object, bits: 0, names: 0, dropped: Vec::new(), many: None }
    }

    /// Whether a name is new to this object, all of whose members so far are entries.
    fn first(
        &mut self,
        entries: &[Entry<'_>],
        owned: &[Box<str>],
        name: &str,
        hash: u32,
        any_case: bool,
    ) -> bool {
        let bit = 1_u128 << (hash & 127);
        let new = self.bits & bit == 0;
        self.bits |= bit;
        self.names += 1;
        if self.names <= MANY && new {
            return true;
        }
        self.first_of_many(entries, owned, name, hash, any_case)
    }

    #[cold]
    fn first_of_many(
        &mut self,
        entries: &[Entry<'_>],
        owned: &[Box<str>],
        name: &str,
        hash: u32,
        any_case: bool,
    ) -> bool {
        if self.names > MANY {
            let fold = |name: &str| if any_case { name.to_ascii_lowercase() } else { name.to_owned() };
            let many = match &mut self.many {
                Some(many) => many,
                None => {
                    let kept = kept(self.object, entries, owned).map(|(_, name)| fold(name));
                    let dropped = self.dropped.iter().map(|(_, name)| fold(name));
                    self.many.insert(kept.chain(dropped).collect())
                }
            };
            return many.insert(fold(name));
        }
        let same = |other: &str| if any_case { other.eq_ignore_ascii_case(name) } else { other == name };
        let again = |(other, text): (u32, &str)| other == hash && same(text);
        !kept(self.object, entries, owned).any(again)
            && !self.dropped.iter().any(|(other, text)| again((*other, text)))
    }
}

/// The names of an object's members that are kept, with their hashes.
fn kept<'e>(
    object: usize,
    entries: &'e [Entry<'e>],
    owned: &'e [Box<str>],
) -> impl Iterator<Item = (u32, &'e str)> {
    let mut at = object + 1;
    std::iter::from_fn(move || {
        let key = entries.get(at)?;
        at = entries.get(at + 1)?.next as usize;
        Some((key.hash, text_of(owned, key)))
    })
}

#[cfg(test)]
mod tests;
