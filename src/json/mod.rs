//! A message read once, by a library's parser, into a flat borrowed document.
//!
//! Start at [`Document::read`]. A document is one list of entries that borrows its strings and the exact digits
//! of its numbers; `jsonschema` validates it in place (see [`Flat`]), mapping tables read it in place, and a
//! message to send is built as one too, so what is rendered is validated without parsing it again.
//! Names are matched as the dialect matches them (any letter case, or exactly). Knows no other module.
mod build;
mod check;
mod flat;
mod found;
mod keep;
mod lenient;
mod names;
mod read;
mod spare;
mod write;

use compact_str::CompactString;

pub use build::Builder;
pub use flat::{Flat, Schema, Violation};
pub use found::Found;
pub use keep::Keep;
pub use lenient::{Leniency, Lenient};
pub use names::NameSet;
pub use read::{Limits, ReadError, ReadOptions};

/// One JSON document, as a list in the order of its text.
#[derive(Debug, Default)]
pub struct Document<'a> {
    entries: Vec<Entry<'a>>,
    /// Texts that no borrowed text holds: unescaped ones, and those that were made.
    owned: Vec<CompactString>,
    /// Where the members of the root stand that somebody will look for, by the numbers of a set of names.
    found: Vec<u32>,
    /// Which set: its id; 0: none.
    found_by: u64,
    any_case: bool,
}

/// See [`Entry::count`].
const QUOTED: u32 = u32::MAX;

/// What stands at an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    True,
    False,
    /// `text` holds the digits as they were written.
    Number,
    /// `text` holds the string.
    Text,
    /// `count` elements follow.
    Array,
    /// `count` members follow, each as its name and its value.
    Object,
}

/// Plain and small, so that one is written from registers at once; hundreds are for each message.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    text: &'a str,
    /// Where the entry after this one and all that it holds stands.
    next: u32,
    /// Of a member's name: its hash, the same in any letter case. Of an object: the bits of its names ([`name_bit`]).
    hash: u32,
    /// Of an array or object: how much it holds. Of a text that the document owns: its number, plus one. Of a
    /// member's name that stands in `text` as it is written, quoted and with its colon: [`QUOTED`].
    count: u32,
    kind: Kind,
}

/// A property's name, ready to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// In place up to 24 bytes: a name is compared far more often than it is made.
    text: CompactString,
    hash: u32,
    /// As JSON writes it before its value, quoted and with the colon; empty where something in it is escaped.
    quoted: Box<str>,
}

impl Name {
    /// A name to look up.
    pub fn new(text: &str) -> Name {
        let quoted = if write::is_plain(text) { format!("\"{text}\":") } else { String::new() };
        Name { text: CompactString::new(text), hash: fold_hash(text), quoted: quoted.into() }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A hash of the name that spellings share which differ in ASCII case only: each byte gets the bit by which small
/// letters differ from capitals, eight at a time. Other names may share it too, so names are compared as well.
fn fold_hash(text: &str) -> u32 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = text.as_bytes();
    let mut hash = bytes.len() as u64;
    let mut add = |word: u64| hash = (hash.rotate_left(5) ^ (word | SMALL)).wrapping_mul(MIX);
    let (mut rest, last) = match (bytes.last_chunk::<8>(), bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
    {
        // The last eight bytes may overlap those before: cheaper than to gather what is left over.
        (Some(last), ..) => (&bytes[..bytes.len() - 1], u64::from_le_bytes(*last)),
        (None, Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            (&[] as &[u8], u64::from(first) << 32 | u64::from(last))
        }
        _ => (&[] as &[u8], bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))),
    };
    while let Some((word, more)) = rest.split_first_chunk::<8>() {
        add(u64::from_le_bytes(*word));
        rest = more;
    }
    add(last);
    (hash >> 32) as u32
}

/// One of 32 bits for a name of this hash. An object that lacks the bit lacks the name.
fn name_bit(hash: u32) -> u32 {
    1 << (hash >> 27)
}

/// One value of a document.
#[derive(Clone, Copy, Debug)]
pub struct At<'d> {
    document: &'d Document<'d>,
    at: u32,
}

impl Drop for Document<'_> {
    fn drop(&mut self) {
        let (entries, owned) = (std::mem::take(&mut self.entries), std::mem::take(&mut self.owned));
        spare::keep((entries, owned, std::mem::take(&mut self.found)));
    }
}

impl<'a> Document<'a> {
    /// The whole document's value.
    pub fn root(&self) -> At<'_> {
        At { document: self, at: 0 }
    }

    /// How many entries it holds: values and names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing has been read or built yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The document as JSON text, without blanks.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.entries.len() * 32);
        if !self.is_empty() {
            self.root().write(&mut out);
        }
        out
    }
}

impl<'d> At<'d> {
    #[inline]
    fn entry(self) -> &'d Entry<'d> {
        &self.document.entries[self.at as usize]
    }

    #[inline]
    fn kind(self) -> Kind {
        self.entry().kind
    }

    /// The member of an object under a name; none where this is no object.
    pub fn member(self, name: &Name) -> Option<At<'d>> {
        // Most rows of a table are about a name that the message doesn't have.
        if self.kind() != Kind::Object || self.entry().hash & name_bit(name.hash) == 0 {
            return None;
        }
        let members = self.document.entries.get(..self.entry().next as usize)?;
        let mut at = self.at + 1;
        while let Some([key, value, ..]) = members.get(at as usize..) {
            if key.hash == name.hash && self.document.same_name(key, &name.text) {
                return Some(At { document: self.document, at: at + 1 });
            }
            at = value.next;
        }
        None
    }

    /// The names of an object's members that are none of these, as the document matches names.
    pub fn names_beyond(self, known: &NameSet) -> impl Iterator<Item = &'d str> {
        let document = self.document;
        // A member's name stands before its value, with its hash.
        let hash = |value: At<'_>| document.entries[value.at as usize - 1].hash;
        let beyond = move |(name, value): &(&str, At<'_>)| !known.has(hash(*value), name, document.any_case);
        self.members().filter(beyond).map(|(name, _)| name)
    }

    /// Whether a member's name is this one, as the document matches names.
    pub fn called(self, member: &str, name: &Name) -> bool {
        match self.document.any_case {
            true => member.eq_ignore_ascii_case(&name.text),
            false => *member == *name.text,
        }
    }

    /// What stands at the end of a path of names.
    pub fn walk(self, path: &[Name]) -> Option<At<'d>> {
        path.iter().try_fold(self, |at, name| at.member(name))
    }

    /// The members of an object, in the order of the text; nothing where this is no object.
    pub fn members(self) -> Members<'d> {
        let end = if self.kind() == Kind::Object { self.entry().next } else { self.at };
        Members { document: self.document, at: self.at + 1, end }
    }

    /// The elements of an array; nothing where this is no array.
    pub fn elements(self) -> Elements<'d> {
        let end = if self.kind() == Kind::Array { self.entry().next } else { self.at };
        Elements { document: self.document, at: self.at + 1, end }
    }

    /// The text of a string.
    #[inline]
    pub fn text(self) -> Option<&'d str> {
        (self.kind() == Kind::Text).then(|| self.document.text(self.entry()))
    }

    /// The digits of a number, as they were written.
    pub fn digits(self) -> Option<&'d str> {
        (self.kind() == Kind::Number).then(|| self.document.text(self.entry()))
    }

    /// Text or digits: what an id or a value reads as.
    #[inline]
    pub fn scalar(self) -> Option<&'d str> {
        match self.kind() {
            Kind::Text | Kind::Number => Some(self.document.text(self.entry())),
            Kind::True => Some("true"),
            Kind::False => Some("false"),
            Kind::Null | Kind::Array | Kind::Object => None,
        }
    }

    /// A truth value.
    pub fn boolean(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// Whether this is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether this is an object.
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// Whether this is an array.
    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }
}

impl<'a> Document<'a> {
    fn text<'d>(&'d self, entry: &'d Entry<'a>) -> &'d str {
        text_of(&self.owned, entry)
    }

    fn same_name(&self, key: &Entry<'_>, name: &str) -> bool {
        let text = text_of(&self.owned, key);
        key.kind == Kind::Text && (text == name || (self.any_case && text.eq_ignore_ascii_case(name)))
    }
}

/// The text of an entry, borrowed or owned by the document.
fn text_of<'d>(owned: &'d [CompactString], entry: &Entry<'d>) -> &'d str {
    match (entry.kind, entry.count) {
        (Kind::Text, QUOTED) => entry.text.get(1..entry.text.len() - 2).unwrap_or_default(),
        (Kind::Text | Kind::Number, number) if number > 0 => {
            owned.get(number as usize - 1).map_or("", |text| text)
        }
        _ => entry.text,
    }
}

/// The members of an object.
#[derive(Debug)]
pub struct Members<'d> {
    document: &'d Document<'d>,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Members<'d> {
    type Item = (&'d str, At<'d>);
    fn next(&mut self) -> Option<(&'d str, At<'d>)> {
        if self.at >= self.end {
            return None;
        }
        let name = At { document: self.document, at: self.at }.text()?;
        let value = At { document: self.document, at: self.at + 1 };
        self.at = value.entry().next;
        Some((name, value))
    }
}

/// The elements of an array.
#[derive(Debug)]
pub struct Elements<'d> {
    document: &'d Document<'d>,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Elements<'d> {
    type Item = At<'d>;
    fn next(&mut self) -> Option<At<'d>> {
        if self.at >= self.end {
            return None;
        }
        let element = At { document: self.document, at: self.at };
        self.at = element.entry().next;
        Some(element)
    }
}

#[cfg(test)]
mod tests;
