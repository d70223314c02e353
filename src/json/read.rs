//! Text → document: one pass of jiter, with limits, duplicate names seen, and exact digits.
use std::borrow::Cow;
use std::collections::HashSet;

use jiter::{Jiter, JiterError, Peek};

use super::{Document, Entry, Kind, fold_hash};

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
        let mut reader = Reader {
            text,
            jiter: Jiter::new(text.as_bytes()),
            entries: Vec::with_capacity((text.len() / 16).clamp(8, 1024)),
            options,
        };
        let peek = reader.jiter.peek().map_err(|e| reader.syntax(&e))?;
        reader.value(peek, 0)?;
        reader.jiter.finish().map_err(|e| reader.syntax(&e))?;
        Ok(Document { entries: reader.entries, any_case: options.any_case })
    }
}

struct Reader<'a> {
    text: &'a str,
    jiter: Jiter<'a>,
    entries: Vec<Entry<'a>>,
    options: ReadOptions,
}

/// The part of `text` that `part` is, or a copy where the parser had to unescape it.
fn borrowed<'a>(text: &'a str, part: &str) -> Cow<'a, str> {
    let offset = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    match text.get(offset..offset.saturating_add(part.len())) {
        Some(found) if offset < text.len() => Cow::Borrowed(found),
        _ => Cow::Owned(part.to_owned()),
    }
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

    fn push(&mut self, kind: Kind<'a>, hash: u32) -> Result<(), ReadError> {
        if self.entries.len() >= self.options.limits.nodes {
            return Err(ReadError::TooMany { limit: self.options.limits.nodes });
        }
        let next = self.entries.len() as u32 + 1;
        self.entries.push(Entry { kind, next, hash });
        Ok(())
    }

    fn value(&mut self, peek: Peek, depth: u32) -> Result<(), ReadError> {
        let kind = match peek {
            Peek::Null => self.jiter.known_null().map(|()| Kind::Null),
            Peek::True | Peek::False => self.jiter.known_bool(peek).map(Kind::Bool),
            Peek::String => {
                let text = self.text;
                self.jiter.known_str().map(|part| Kind::Text(borrowed(text, part)))
            }
            Peek::Array => return self.array(depth + 1),
            Peek::Object => return self.object(depth + 1),
            _ => {
                let text = self.text;
                self.jiter.known_number_bytes(peek).map(|digits| {
                    // Digits are ASCII: the parser has just seen to it.
                    Kind::Number(borrowed(text, std::str::from_utf8(digits).unwrap_or("0")))
                })
            }
        };
        let kind = kind.map_err(|e| self.syntax(&e))?;
        self.push(kind, 0)
    }

    fn deep_enough(&self, depth: u32) -> Result<(), ReadError> {
        let limit = self.options.limits.depth;
        if depth > limit { Err(ReadError::TooDeep { limit }) } else { Ok(()) }
    }

    fn array(&mut self, depth: u32) -> Result<(), ReadError> {
        self.deep_enough(depth)?;
        let at = self.entries.len();
        self.push(Kind::Array(0), 0)?;
        let mut count = 0;
        let mut peek = self.jiter.known_array().map_err(|e| self.syntax(&e))?;
        while let Some(found) = peek {
            self.value(found, depth)?;
            count += 1;
            peek = self.jiter.array_step().map_err(|e| self.syntax(&e))?;
        }
        self.close(at, Kind::Array(count));
        Ok(())
    }

    fn close(&mut self, at: usize, kind: Kind<'a>) {
        let next = self.entries.len() as u32;
        self.entries[at] = Entry { kind, next, hash: 0 };
    }

    fn object(&mut self, depth: u32) -> Result<(), ReadError> {
        self.deep_enough(depth)?;
        let at = self.entries.len();
        self.push(Kind::Object(0), 0)?;
        let text = self.text;
        let mut seen = Seen::new(at);
        let mut count = 0;
        let mut key = self.jiter.known_object().map(|key| key.map(|name| borrowed(text, name)));
        while let Some(name) = key.map_err(|e| self.syntax(&e))? {
            let hash = fold_hash(&name);
            if !seen.first(&self.entries, &name, hash, self.options.any_case) {
                return Err(ReadError::Duplicate { name: shortened(&name) });
            }
            let name_at = self.entries.len();
            self.push(Kind::Text(name), hash)?;
            let peek = self.jiter.peek().map_err(|e| self.syntax(&e))?;
            self.value(peek, depth)?;
            if peek == Peek::Null && self.options.null_is_absent {
                if let Entry { kind: Kind::Text(name), hash, .. } = self.entries.swap_remove(name_at) {
                    seen.dropped.push((hash, name));
                }
                self.entries.truncate(name_at);
            } else {
                count += 1;
            }
            key = self.jiter.next_key().map(|key| key.map(|name| borrowed(text, name)));
        }
        self.close(at, Kind::Object(count));
        Ok(())
    }
}

/// A name as an error may show it: bounded, whatever was sent.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

/// The names that one object has shown so far.
struct Seen<'a> {
    /// Where the object stands.
    object: usize,
    /// A bit for each name, by its hash: one whose bit is not set is new for sure, and that is nearly always so.
    bits: u128,
    names: usize,
    /// Names whose value was `null` and is not kept.
    dropped: Vec<(u32, Cow<'a, str>)>,
    /// All names, once there are many: a linear search would take an attacker's time, not ours.
    many: HashSet<String>,
}

/// From how many names on a set is asked.
const MANY: usize = 64;

impl<'a> Seen<'a> {
    fn new(object: usize) -> Seen<'a> {
        Seen { object, bits: 0, names: 0, dropped: Vec::new(), many: HashSet::new() }
    }

    /// Whether a name is new to this object, all of whose members so far are entries.
    fn first(&mut self, entries: &[Entry<'_>], name: &str, hash: u32, any_case: bool) -> bool {
        let bit = 1_u128 << (hash & 127);
        let new = self.bits & bit == 0;
        self.bits |= bit;
        self.names += 1;
        if self.names > MANY {
            let fold = |name: &str| if any_case { name.to_ascii_lowercase() } else { name.to_owned() };
            if self.many.is_empty() {
                self.many = self.kept(entries).map(|(_, name)| fold(name)).collect();
                self.many.extend(self.dropped.iter().map(|(_, name)| fold(name)));
            }
            return self.many.insert(fold(name));
        }
        let same = |other: &str| if any_case { other.eq_ignore_ascii_case(name) } else { other == name };
        let again = |(other, text): (u32, &str)| other == hash && same(text);
        new || !(self.kept(entries).any(again)
            || self.dropped.iter().any(|(other, text)| again((*other, text))))
    }

    /// The names of the object's members that are kept, with their hashes.
    fn kept<'e>(&self, entries: &'e [Entry<'_>]) -> impl Iterator<Item = (u32, &'e str)> {
        let mut at = self.object + 1;
        std::iter::from_fn(move || {
            let key = entries.get(at)?;
            at = entries.get(at + 1)?.next as usize;
            match &key.kind {
                Kind::Text(name) => Some((key.hash, name.as_ref())),
                _ => None,
            }
        })
    }
}
