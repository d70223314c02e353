//! Single values: what stands at a place ↔ a canonical value.
use std::borrow::Cow;

use compact_str::{CompactString, ToCompactString};
use jiff::Timestamp;

use crate::canonical::time::{LENGTH_MAX, LengthFormat, TimeFormat};
use crate::canonical::{Type, Value, word};
use crate::json::{At, Builder};

use super::schema::Limits;

/// A constant of a table, as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant(pub serde_json::Value);

impl Constant {
    /// Whether it says nothing: null, an empty text, list or object, or the numbers that stand for none.
    pub(super) fn is_nothing(&self) -> bool {
        match &self.0 {
            serde_json::Value::Null => true,
            serde_json::Value::String(text) => text.is_empty(),
            serde_json::Value::Number(number) => matches!(number.as_i64(), Some(0 | -1)),
            serde_json::Value::Array(items) => items.is_empty(),
            serde_json::Value::Object(items) => items.is_empty(),
            serde_json::Value::Bool(_) => false,
        }
    }

    /// Whether this very value stands at a place.
    pub fn stands_at(&self, at: At<'_>) -> bool {
        match &self.0 {
            serde_json::Value::String(text) => at.text() == Some(text),
            serde_json::Value::Bool(value) => at.boolean() == Some(*value),
            serde_json::Value::Number(number) => {
                at.digits().is_some_and(|digits| digits.parse().ok() == number.as_i64() && number.is_i64())
            }
            serde_json::Value::Null => at.is_null(),
            serde_json::Value::Array(items) => {
                at.is_array() && items.is_empty() && at.elements().next().is_none()
            }
            serde_json::Value::Object(items) => {
                at.is_object() && items.is_empty() && at.members().next().is_none()
            }
        }
    }
}

/// A value set: canonical words, each with the vendor's values; the first of these is written.
#[derive(Debug, Clone, Default)]
pub struct Values(pub Vec<(String, Vec<Constant>)>);

impl Values {
    /// The word that a place's value means: the deepest, where several are written alike.
    pub fn read(&self, at: At<'_>) -> Option<&str> {
        let fits = self.0.iter().filter(|(_, values)| values.iter().any(|value| value.stands_at(at)));
        let depth = |word: &str| word.bytes().filter(|byte| *byte == b'.').count();
        // Mostly there is one.
        let deeper = |one, other| if depth(other) >= depth(one) { other } else { one };
        fits.map(|(word, _)| word.as_str()).reduce(deeper)
    }

    /// What is written for a word: the set's word for it (itself, or the nearest above), and the value.
    pub fn write(&self, word: &str) -> Option<(&str, &Constant)> {
        let known = |word: &str| self.0.iter().find(|(known, _)| known == word);
        let (word, values) = word::ancestry(word).find_map(known)?;
        Some((word, values.first()?))
    }
}

/// How a single value is read and written.
#[derive(Debug, Clone)]
pub(super) struct Lens {
    /// The canonical field's type.
    pub kind: Type,
    /// A value set, for words and truth values.
    pub values: Option<Values>,
    /// Of a length: how it is written.
    pub length: LengthFormat,
    /// Of a length that is a text: the most seconds that may be asked for, which no schema can say.
    pub longest: Option<i64>,
    /// Of a time: how it is written.
    pub time: TimeFormat,
    /// What JSON is written.
    pub json: JsonKind,
    /// What the schema lets stand there.
    pub limits: Limits,
}

/// What is wrong with a length beyond the table's `max`.
pub(super) const TOO_LONG: &str = "is longer than may be asked for";

/// The JSON types of single values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonKind {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
}

impl Lens {
    /// Reads the value at a place.
    ///
    /// # Errors
    /// What the value should have been.
    pub(super) fn read<'d>(&'d self, at: At<'d>) -> Result<Value<'d>, String> {
        if let Some(values) = &self.values {
            let word = values.read(at).ok_or("is not a value that is known here")?;
            return Ok(match self.kind {
                Type::Bool => Value::Bool(word == "true"),
                _ => Value::Text(Cow::Borrowed(word)),
            });
        }
        let scalar = at.scalar().ok_or("should be a single value");
        match self.kind {
            Type::Bool => match at.boolean() {
                Some(value) => Ok(Value::Bool(value)),
                None => match at.text() {
                    Some(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
                    Some(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
                    _ => Err("should be true or false".to_owned()),
                },
            },
            Type::Count => {
                let count = scalar?.parse().map_err(|_| "should be a whole number")?;
                Ok(Value::Count(count))
            }
            Type::Length => match self.length.read(scalar?)? {
                ..0 => Err("should not be less than nothing".to_owned()),
                seconds if self.longest.is_some_and(|longest| seconds > longest) => Err(TOO_LONG.to_owned()),
                seconds if seconds > LENGTH_MAX => Err("is too long".to_owned()),
                seconds => Ok(Value::Length(seconds)),
            },
            Type::Time => {
                let time = self.time.read(scalar?).ok_or("is not a point in time")?;
                Ok(Value::Time(time))
            }
            Type::Id | Type::Text | Type::Word | Type::Texts | Type::Map(_) | Type::List(_) => {
                Ok(Value::Text(Cow::Borrowed(scalar?)))
            }
        }
    }

    /// What would be written for a value, if anything can be.
    pub(super) fn written<'v>(&'v self, value: &'v Value<'_>) -> Option<Written<'v>> {
        if let Some(values) = &self.values {
            let word = match value {
                Value::Text(word) => word,
                Value::Bool(true) => "true",
                Value::Bool(false) => "false",
                _ => return None,
            };
            return values.write(word).map(|(_, constant)| Written::Constant(constant));
        }
        Some(match value {
            Value::Text(text) => Written::Text(text),
            Value::Bool(value) => Written::Bool(*value),
            Value::Count(count) => Written::Own(count.to_compact_string()),
            // A date before all that a place counts from, a reply leaves to the blank there. (A request is refused.)
            Value::Time(time) if self.is_before_all(self.time.said(*time)) => return None,
            Value::Time(time) => Written::Own(self.time.write(*time)),
            Value::Length(seconds) => Written::Own(self.length.write(*seconds)),
            Value::Map(_) | Value::List(_) | Value::Record(_) => return None,
        })
    }

    fn is_before_all(&self, time: Timestamp) -> bool {
        let least = self.limits.least.filter(|_| self.time == TimeFormat::Unix);
        least.is_some_and(|least| i128::from(time.as_second()) < least)
    }

    /// Writes a value; false where there is nothing to write.
    pub(super) fn write<'v>(&'v self, value: &'v Value<'_>, out: &mut Builder<'v>) -> bool {
        match self.written(value) {
            Some(Written::Constant(constant)) => out.value(&constant.0),
            Some(Written::Bool(value)) if self.json == JsonKind::Bool => out.boolean(value),
            Some(Written::Bool(value)) => out.text(if value { "true" } else { "false" }),
            Some(Written::Text(text)) if self.json == JsonKind::Number && is_number(text) => out.digits(text),
            Some(Written::Text(text)) => out.text(text),
            Some(Written::Own(text)) if self.json == JsonKind::Number && is_number(&text) => out.digits(text),
            Some(Written::Own(text)) => out.text(text),
            None => return false,
        }
        true
    }
}

/// What is about to be written.
#[derive(Debug)]
pub(super) enum Written<'v> {
    /// A table's constant.
    Constant(&'v Constant),
    /// A truth value.
    Bool(bool),
    /// The value's own text.
    Text(&'v str),
    /// Text or digits that were made of it.
    Own(CompactString),
}

/// Whether a text can stand as a JSON number. One that can't is written as a string, which the schema refuses: a
/// reference that the target can't carry is told, not bent.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'))
}
