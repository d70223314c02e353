//! What a message reads as: canonical values by field, each said or unsaid.
use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::field::{FieldId, Shape};
use super::time::write_length;

/// The most fields that a shape may have.
pub(super) const MOST_FIELDS: usize = 96;

/// A canonical value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// An id, a text or a word.
    Text(Cow<'a, str>),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Count(i64),
    /// A point in time.
    Time(Timestamp),
    /// A length of time, in seconds.
    Length(i64),
    /// Names and values, in the order of the message.
    Map(Vec<(Cow<'a, str>, Value<'a>)>),
    /// Records, in the order of the message.
    List(Vec<Record<'a>>),
    /// One record, as a map's value.
    Record(Box<Record<'a>>),
}

/// Canonical values by field.
#[derive(Clone)]
pub struct Record<'a> {
    shape: Shape,
    /// By field: where its slot stands, plus one; 0 where it has none.
    index: [u8; MOST_FIELDS],
    slots: Vec<Slot<'a>>,
}

#[derive(Debug, Clone)]
struct Slot<'a> {
    field: FieldId,
    said: bool,
    value: Value<'a>,
}

impl<'a> Record<'a> {
    /// A record that says nothing.
    pub fn new(shape: Shape) -> Record<'a> {
        Record { shape, index: [0; MOST_FIELDS], slots: Vec::new() }
    }

    /// The same, with room for what a usual message says.
    pub fn with_room(shape: Shape) -> Record<'a> {
        Record { slots: Vec::with_capacity(16), ..Record::new(shape) }
    }

    /// Which fields it can have.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// A field's value.
    pub fn get(&self, field: FieldId) -> Option<&Value<'a>> {
        let at = self.index[field.0 as usize].checked_sub(1)?;
        Some(&self.slots[at as usize].value)
    }

    /// A field's text: an id, a text or a word.
    pub fn text(&self, field: FieldId) -> Option<&str> {
        match self.get(field)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the value was said, not read from an absence.
    pub fn said(&self, field: FieldId) -> bool {
        self.index[field.0 as usize].checked_sub(1).is_some_and(|at| self.slots[at as usize].said)
    }

    /// Sets a field to what was said.
    pub fn say(&mut self, field: FieldId, value: Value<'a>) {
        self.set(field, value, true);
    }

    /// The same of a text that is lent.
    pub fn say_text(&mut self, field: FieldId, text: &'a str) {
        self.set(field, Value::Text(Cow::Borrowed(text)), true);
    }

    /// Sets a field to what the absence of a word means.
    pub fn assume(&mut self, field: FieldId, value: Value<'a>) {
        self.set(field, value, false);
    }

    fn set(&mut self, field: FieldId, value: Value<'a>, said: bool) {
        let slot = Slot { field, said, value };
        match self.index[field.0 as usize].checked_sub(1) {
            Some(at) => self.slots[at as usize] = slot,
            None => {
                self.slots.push(slot);
                self.index[field.0 as usize] = self.slots.len() as u8;
            }
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: FieldId) -> Option<Value<'a>> {
        let at = usize::from(self.index[field.0 as usize].checked_sub(1)?);
        self.index[field.0 as usize] = 0;
        let slot = self.slots.swap_remove(at);
        if let Some(moved) = self.slots.get(at) {
            self.index[moved.field.0 as usize] = at as u8 + 1;
        }
        Some(slot.value)
    }

    /// The first field from this number on that has a value, in the order of the field list.
    pub fn next(&self, from: usize) -> Option<FieldId> {
        let there = self.index.get(from..)?.iter().position(|slot| *slot > 0)?;
        Some(FieldId((from + there) as u8))
    }

    /// All values, with whether they were said, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (FieldId, &Value<'a>, bool)> {
        self.slots.iter().map(|slot| (slot.field, &slot.value, slot.said))
    }

    /// The same, for taking.
    pub fn into_values(self) -> impl Iterator<Item = (FieldId, Value<'a>, bool)> {
        self.slots.into_iter().map(|slot| (slot.field, slot.value, slot.said))
    }

    /// Lays another record over this one: its values win.
    pub fn overlay(&mut self, over: Record<'a>) {
        if self.slots.is_empty() && self.shape == over.shape {
            *self = over;
            return;
        }
        for slot in over.slots {
            self.set(slot.field, slot.value, slot.said);
        }
    }

    /// The same values, borrowing nothing.
    pub fn into_owned(self) -> Record<'static> {
        let slots = self.slots.into_iter().map(|slot| Slot {
            field: slot.field,
            said: slot.said,
            value: slot.value.into_owned(),
        });
        Record { shape: self.shape, index: self.index, slots: slots.collect() }
    }

    /// Appends all values as JSON text, by the fields' dotted names in the order in which they were set: what is kept
    /// with a request that was made.
    pub fn write_json(&self, out: &mut String) {
        out.push('{');
        for (at, slot) in self.slots.iter().enumerate() {
            // A field's name has no character that JSON escapes.
            out.push_str(if at > 0 { ",\"" } else { "\"" });
            out.push_str(self.shape.field(slot.field).name);
            out.push_str("\":");
            slot.value.write_json(out);
        }
        out.push('}');
    }

    /// As JSON, by the fields' dotted names in the order of the field list; unsaid values only where asked for.
    pub fn to_json(&self, with_unsaid: bool) -> Json {
        let mut out = Map::new();
        for (at, field) in self.shape.fields().iter().enumerate() {
            let id = FieldId(at as u8);
            if let Some(value) = self.get(id).filter(|_| with_unsaid || self.said(id)) {
                out.insert(field.name.to_owned(), value.to_json(with_unsaid));
            }
        }
        Json::Object(out)
    }
}

impl Value<'_> {
    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Bool(value) => Value::Bool(value),
            Value::Count(count) => Value::Count(count),
            Value::Time(time) => Value::Time(time),
            Value::Length(length) => Value::Length(length),
            Value::Map(members) => Value::Map(
                members.into_iter().map(|(k, v)| (Cow::Owned(k.into_owned()), v.into_owned())).collect(),
            ),
            Value::List(items) => Value::List(items.into_iter().map(Record::into_owned).collect()),
            Value::Record(record) => Value::Record(Box::new(record.into_owned())),
        }
    }

    /// As a person reads it; a word or a text is not copied for that.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            value => Cow::Owned(value.to_string()),
        }
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Value::Text(text) => write_text(text, out),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Count(count) => out.push_str(&count.to_string()),
            Value::Time(time) => write_text(&time.to_string(), out),
            Value::Length(length) => write_text(&write_length(*length), out),
            Value::Map(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
            Value::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Value::Record(record) => record.write_json(out),
        }
    }

    /// As JSON: times in RFC 3339, lengths in ISO 8601.
    pub fn to_json(&self, with_unsaid: bool) -> Json {
        match self {
            Value::Text(text) => Json::String(text.to_string()),
            Value::Bool(value) => Json::Bool(*value),
            Value::Count(count) => Json::from(*count),
            Value::Time(time) => Json::String(time.to_string()),
            Value::Length(length) => Json::String(write_length(*length).into()),
            Value::Map(members) => {
                let members = members.iter().map(|(k, v)| (k.to_string(), v.to_json(with_unsaid)));
                Json::Object(members.collect())
            }
            Value::List(items) => items.iter().map(|item| item.to_json(with_unsaid)).collect(),
            Value::Record(record) => record.to_json(with_unsaid),
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    // Most texts have nothing that JSON escapes. All bytes are looked at, without a branch: many at once, then.
    let escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    if !text.bytes().fold(false, |found, byte| found | escaped(byte)) {
        out.reserve(text.len() + 2);
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    out.push_str(&Json::from(text).to_string());
}

/// As a person reads it, in notes and loss reports.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Bool(true) => f.write_str("true"),
            Value::Bool(false) => f.write_str("false"),
            Value::Count(count) => write!(f, "{count}"),
            Value::Time(time) => write!(f, "{time}"),
            Value::Length(length) => f.write_str(&write_length(*length)),
            Value::Map(members) => members.iter().enumerate().try_for_each(|(at, (name, value))| {
                write!(f, "{}{name}", if at > 0 { ", " } else { "" })?;
                match value {
                    // What is said of it begins with what it is, if that is said.
                    Value::Record(record) if !record.said(FieldId(0)) => write!(f, "{value}"),
                    value => write!(f, " = {value}"),
                }
            }),
            Value::List(items) => write!(f, "{} items", items.len()),
            Value::Record(record) => {
                let fields = record.shape.fields();
                let said = record.iter().filter(|(.., said)| *said);
                said.enumerate().try_for_each(|(at, (field, value, _))| match (at, field) {
                    (0, FieldId(0)) => write!(f, "{value}"),
                    _ => write!(f, " ({} {value})", fields[field.0 as usize].name),
                })
            }
        }
    }
}

impl PartialEq for Record<'_> {
    fn eq(&self, other: &Record<'_>) -> bool {
        self.shape == other.shape
            && self.slots.len() == other.slots.len()
            && self.iter().all(|(field, value, _)| other.get(field) == Some(value))
    }
}

impl Eq for Record<'_> {}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.shape.fields();
        let mut map = f.debug_map();
        for (field, value, said) in self.iter() {
            map.entry(
                &fields[field.0 as usize].name,
                &format_args!("{value:?}{}", if said { "" } else { " (unsaid)" }),
            );
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::known::*;
    use super::*;

    #[test]
    fn a_record_keeps_the_last_word_and_gives_it_back() {
        let mut record = Record::new(Shape::Access);
        record.assume(KIND, Value::Text("credential".into()));
        record.say(REASON, Value::Text("x".into()));
        record.say(KIND, Value::Text("session.rdp".into()));
        assert_eq!((record.text(KIND), record.said(KIND)), (Some("session.rdp"), true));
        assert!(record.remove(KIND).is_some() && record.get(KIND).is_none());
        assert_eq!(record.text(REASON), Some("x"));
    }

    #[test]
    fn people_read_of_a_parameter_what_was_said_of_it() {
        let parameter = |value: Option<&'static str>, save: Option<bool>| {
            let mut record = Record::new(Shape::Parameter);
            value.into_iter().for_each(|value| record.say(FieldId(0), Value::Text(value.into())));
            save.into_iter().for_each(|save| record.say(FieldId(1), Value::Bool(save)));
            Value::Record(Box::new(record))
        };
        let map = vec![
            ("A".into(), parameter(Some("x"), None)),
            ("B".into(), parameter(Some("x"), Some(true))),
            ("C".into(), parameter(None, Some(true))),
            ("D".into(), Value::Text("y".into())),
        ];
        let told = "A = x, B = x (save true), C (save true), D = y";
        assert_eq!(Value::Map(map).to_string(), told);
    }

    #[test]
    fn every_text_is_written_as_json_has_it_whatever_stands_where() {
        for byte in (0..=0x7f).chain([0xe9, 0x1f600]) {
            let character = char::from_u32(byte).unwrap();
            for length in 0..20 {
                for at in 0..=length {
                    let mut text = "a~".repeat(length)[..length].to_owned();
                    text.insert(at, character);
                    let mut out = String::new();
                    write_text(&text, &mut out);
                    assert_eq!(out, serde_json::to_string(&text).unwrap(), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_laid_over_wins() {
        let mut asked = Record::new(Shape::Access);
        asked.say(REASON, Value::Text("asked".into()));
        let mut answered = Record::new(Shape::Access);
        answered.say(STATUS, Value::Text("pending".into()));
        answered.say(REASON, Value::Text("answered".into()));
        asked.overlay(answered);
        let json = serde_json::json!({"reason.text": "answered", "status": "pending"});
        assert_eq!(asked.to_json(true), json);
        let mut text = String::new();
        asked.write_json(&mut text);
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), json);
    }
}
