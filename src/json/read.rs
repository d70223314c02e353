//! Text → document: one pass of jiter, with limits, duplicate names seen, and exact digits.
use std::collections::HashSet;

use jiter::{Jiter, JiterError, Peek};

use super::{Document, Entry, Kind, fold_hash, spare, text_of};

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
        let text = std::str::from_utf8(text).map_err(|e| ReadError::NotUtf8 { at: e.valid_up_to() })?;
        // Clients of .NET write one before their text, and servers of .NET read over it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader {
            text,
            jiter: Jiter::new(text.as_bytes()),
            entries: spare::take(),
            owned: Vec::new(),
            options,
        };
        let peek = reader.jiter.peek().map_err(|e| reader.syntax(&e))?;
        reader.value(peek, 0)?;
        reader.jiter.finish().map_err(|e| reader.syntax(&e))?;
        Ok(Document { entries: reader.entries, owned: reader.owned, any_case: options.any_case })
    }
}

struct Reader<'a> {
    text: &'a str,
    jiter: Jiter<'a>,
    entries: Vec<Entry<'a>>,
    owned: Vec<Box<str>>,
    options: ReadOptions,
}

/// Where a part that the parser gave stands in the text; none where it had to unescape it.
fn offset(text: &str, part: &str) -> Option<usize> {
    let offset = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    (offset < text.len()).then_some(offset)
}

impl<'a> Reader<'a> {
    fn syntax(&self, error: &JiterError) -> ReadError {
        let position = error.get_position(&self.jiter);
        ReadError::Syntax {
            what: error.error_type.to_string(),
            line: position.line,
            column: position.column.max(1),
        }
    }

    fn room(&self) -> Result<(), ReadError> {
        let limit = self.options.limits.nodes;
        if self.entries.len() >= limit { Err(ReadError::TooMany { limit }) } else { Ok(()) }
    }

    fn push(&mut self, kind: Kind, text: &'a str, hash: u32, count: u32) {
        let next = self.entries.len() as u32 + 1;
        self.entries.push(Entry { text, next, hash, count, kind });
    }

    fn value(&mut self, peek: Peek, depth: u32) -> Result<(), ReadError> {
        self.room()?;
        match peek {
            Peek::String => {
                let text = self.text;
                let part = match self.jiter.known_str() {
                    Ok(part) => (offset(text, part), part),
                    Err(e) => return Err(self.syntax(&e)),
                };
                let part = match part {
                    (Some(at), part) => Ok((at, part.len())),
                    (None, part) => Err(Box::from(part)),
                };
                self.push_text(Kind::Text, part, 0);
                return Ok(());
            }
            Peek::Array => return self.array(depth + 1),
            Peek::Object => return self.object(depth + 1),
            Peek::Null => self.jiter.known_null().map(|()| Kind::Null),
            Peek::True | Peek::False => {
                self.jiter.known_bool(peek).map(|value| if value { Kind::True } else { Kind::False })
            }
            _ => {
                let at = self.jiter.current_index();
                let length = self.jiter.known_number_bytes(peek).map(<[u8]>::len);
                let length = length.map_err(|e| self.syntax(&e))?;
                // Digits are ASCII: both ends lie between characters.
                self.push_text(Kind::Number, Ok((at, length)), 0);
                return Ok(());
            }
        }
        .map(|kind| self.push(kind, "", 0, 0))
        .map_err(|e| self.syntax(&e))
    }

    /// A text that stands in the one that is read, or one of its own.
    fn push_text(&mut self, kind: Kind, text: Result<(usize, usize), Box<str>>, hash: u32) {
        match text {
            Ok((at, length)) => {
                let text = self.text.get(at..at + length).unwrap_or_default();
                self.push(kind, text, hash, 0);
            }
            Err(text) => {
                self.owned.push(text);
                self.push(kind, "", hash, self.owned.len() as u32);
            }
        }
    }

    fn deep_enough(&self, depth: u32) -> Result<(), ReadError> {
        let limit = self.options.limits.depth;
        if depth > limit { Err(ReadError::TooDeep { limit }) } else { Ok(()) }
    }

    fn array(&mut self, depth: u32) -> Result<(), ReadError> {
        self.deep_enough(depth)?;
        let at = self.entries.len();
        self.push(Kind::Array, "", 0, 0);
        let mut count = 0;
        let mut peek = self.jiter.known_array().map_err(|e| self.syntax(&e))?;
        while let Some(found) = peek {
            self.value(found, depth)?;
            count += 1;
            peek = self.jiter.array_step().map_err(|e| self.syntax(&e))?;
        }
        self.close(at, count);
        Ok(())
    }

    fn close(&mut self, at: usize, count: u32) {
        let next = self.entries.len() as u32;
        let entry = &mut self.entries[at];
        (entry.next, entry.count) = (next, count);
    }

    fn object(&mut self, depth: u32) -> Result<(), ReadError> {
        self.deep_enough(depth)?;
        let at = self.entries.len();
        self.push(Kind::Object, "", 0, 0);
        let mut seen = Seen::new(at);
        let mut count = 0;
        let mut more = self.name(true, &mut seen)?;
        while more {
            let name_at = self.entries.len() - 1;
            let peek = self.jiter.peek().map_err(|e| self.syntax(&e))?;
            self.value(peek, depth)?;
            if peek == Peek::Null && self.options.null_is_absent {
                let name = self.entries[name_at];
                seen.dropped.push((name.hash, text_of(&self.owned, &name).into()));
                self.entries.truncate(name_at);
            } else {
                count += 1;
            }
            more = self.name(false, &mut seen)?;
        }
        self.close(at, count);
        Ok(())
    }

    /// Reads the first or the next name of an object; whether there was one.
    fn name(&mut self, first: bool, seen: &mut Seen) -> Result<bool, ReadError> {
        let text = self.text;
        let key = if first { self.jiter.known_object() } else { self.jiter.next_key() };
        let name = match key {
            Ok(None) => return Ok(false),
            Ok(Some(name)) => match offset(text, name) {
                Some(at) => Ok((at, name.len())),
                None => Err(Box::from(name)),
            },
            Err(e) => return Err(self.syntax(&e)),
        };
        let spelt = match &name {
            Ok((at, length)) => text.get(*at..at + length).unwrap_or_default(),
            Err(own) => own,
        };
        let hash = fold_hash(spelt);
        if !seen.first(&self.entries, &self.owned, spelt, hash, self.options.any_case) {
            return Err(ReadError::Duplicate { name: shortened(spelt) });
        }
        self.room()?;
        self.push_text(Kind::Text, name, hash);
        Ok(true)
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
