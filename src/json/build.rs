//! A document built value by value, to be validated and then written.
use std::borrow::Cow;

use compact_str::CompactString;

use super::{Document, Entry, Kind, Name, QUOTED, fold_hash, name_bit, spare};

/// Builds a document in the order of its text.
///
/// Every object and array that is opened must be closed, inner ones first; a name stands before each value of an
/// object. A document that breaks this comes out garbled, never unsafe.
#[derive(Debug, Default)]
pub struct Builder<'a> {
    entries: Vec<Entry<'a>>,
    owned: Vec<CompactString>,
    /// Of no use here: memory for the next document.
    found: Vec<u32>,
}

/// A text that is lent to a document, or becomes its own.
#[derive(Debug)]
pub enum Text<'a> {
    /// Lent.
    Lent(&'a str),
    /// Its own; a short one needs no memory of its own.
    Own(CompactString),
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Text<'a> {
        Text::Lent(text)
    }
}

impl From<CompactString> for Text<'_> {
    fn from(text: CompactString) -> Self {
        Text::Own(text)
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text::Own(text.into())
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Text<'a> {
        match text {
            Cow::Borrowed(text) => Text::Lent(text),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// An object or array that is open.
#[derive(Debug)]
#[must_use]
pub struct Open {
    at: usize,
    array: bool,
}

impl<'a> Builder<'a> {
    /// A builder with room for a usual message.
    pub fn new() -> Builder<'a> {
        let (entries, owned, found) = spare::take();
        Builder { entries, owned, found }
    }

    fn push(&mut self, kind: Kind, text: &'a str, hash: u32, count: u32) {
        let next = self.entries.len() as u32 + 1;
        self.entries.push(Entry { text, next, hash, count, kind });
    }

    #[inline]
    fn push_text(&mut self, kind: Kind, text: Text<'a>, hash: u32) {
        match text {
            Text::Lent(text) => self.push(kind, text, hash, 0),
            Text::Own(text) => self.push_own(kind, text, hash),
        }
    }

    fn push_own(&mut self, kind: Kind, text: CompactString, hash: u32) {
        self.owned.push(text);
        self.push(kind, "", hash, self.owned.len() as u32);
    }

    /// A member's name; its value must follow.
    pub fn name(&mut self, name: impl Into<Text<'a>>) {
        let name = name.into();
        let hash = fold_hash(match &name {
            Text::Lent(name) => name,
            Text::Own(name) => name,
        });
        self.push_text(Kind::Text, name, hash);
    }

    /// A member's name of our own, which was hashed when the table was made; its value must follow.
    pub fn known_name(&mut self, name: &'a Name) {
        match &*name.quoted {
            "" => self.push(Kind::Text, &name.text, name.hash, 0),
            quoted => self.push(Kind::Text, quoted, name.hash, QUOTED),
        }
    }

    /// A string.
    pub fn text(&mut self, text: impl Into<Text<'a>>) {
        self.push_text(Kind::Text, text.into(), 0);
    }

    /// A number, by digits that are JSON.
    pub fn digits(&mut self, digits: impl Into<Text<'a>>) {
        self.push_text(Kind::Number, digits.into(), 0);
    }

    /// A truth value.
    pub fn boolean(&mut self, value: bool) {
        self.push(if value { Kind::True } else { Kind::False }, "", 0, 0);
    }

    /// `null`.
    pub fn null(&mut self) {
        self.push(Kind::Null, "", 0, 0);
    }

    /// Opens an object.
    pub fn object(&mut self) -> Open {
        self.push(Kind::Object, "", 0, 0);
        Open { at: self.entries.len() - 1, array: false }
    }

    /// Opens an array.
    pub fn array(&mut self) -> Open {
        self.push(Kind::Array, "", 0, 0);
        Open { at: self.entries.len() - 1, array: true }
    }

    /// Closes an object or array, and counts what was put in.
    pub fn close(&mut self, open: Open) {
        let end = self.entries.len();
        let (mut count, mut names) = (0, 0);
        let mut at = open.at + 1;
        while at < end {
            count += 1;
            if !open.array {
                names |= name_bit(self.entries[at].hash);
            }
            let value = if open.array { at } else { at + 1 };
            at = self.entries.get(value).map_or(end, |entry| entry.next as usize);
        }
        if let Some(entry) = self.entries.get_mut(open.at) {
            (entry.next, entry.count, entry.hash) = (end as u32, count, names);
        }
    }

    /// Where the next entry will stand: to be given back to [`Builder::undo`].
    pub fn mark(&self) -> usize {
        self.entries.len()
    }

    /// Takes back all that was put in since a mark; nothing opened before it may have been closed since.
    pub fn undo(&mut self, mark: usize) {
        self.entries.truncate(mark);
    }

    /// Puts in a whole JSON value of our own (a table's constant, never a message).
    pub fn value(&mut self, value: &'a serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::Null => self.null(),
            Value::Bool(value) => self.boolean(*value),
            Value::Number(number) => self.digits(number.to_string()),
            Value::String(text) => self.text(text.as_str()),
            Value::Array(elements) => {
                let open = self.array();
                elements.iter().for_each(|element| self.value(element));
                self.close(open);
            }
            Value::Object(members) => {
                let open = self.object();
                for (name, member) in members {
                    self.name(name.as_str());
                    self.value(member);
                }
                self.close(open);
            }
        }
    }

    /// The document; names in it match in any letter case where `any_case` says so.
    pub fn finish(self, any_case: bool) -> Document<'a> {
        let Builder { entries, owned, found } = self;
        Document { entries, owned, found, found_by: 0, any_case }
    }
}
