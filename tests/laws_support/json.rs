//! Bytes → a document, held against `serde_json`: the same texts are taken, with exceptions that are told, and what is
//! read is the same to the last digit.
use std::fmt;

use pamgate::json::{At, Document, Limits, ReadError, ReadOptions};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The limits are low, so that short texts reach them.
const LIMITS: Limits = Limits { depth: 8, nodes: 64 };

/// A second reading of a text.
#[derive(Debug, PartialEq)]
enum Value {
    Plain(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Reads a text, its first byte being switches, in both ways; what is different.
pub fn run(bytes: &[u8]) -> Result<(), String> {
    let Some((switches, text)) = bytes.split_first() else { return Ok(()) };
    let options = ReadOptions {
        any_case: switches & 1 != 0,
        null_is_absent: switches & 2 != 0,
        limits: if switches & 4 != 0 { LIMITS } else { Limits::default() },
    };
    let shown = || String::from_utf8_lossy(text);
    let ours = Document::read(text, options);
    let theirs = second(text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text));
    match (ours, theirs) {
        (Ok(document), Some(value)) => {
            let value = expected(value, options.null_is_absent);
            let read = told(document.root());
            if read != value {
                return Err(format!("{}: read as {read:?}, is {value:?}", shown()));
            }
            let bytes = document.to_bytes();
            let again = Document::read(&bytes, options);
            let again = again.map_err(|why| format!("{}: written as what can't be read: {why}", shown()))?;
            match told(again.root()) == read && again.to_bytes() == bytes {
                true => Ok(()),
                false => Err(format!("{}: written as {}", shown(), String::from_utf8_lossy(&bytes))),
            }
        }
        (Ok(_), None) => Err(format!("{}: serde_json refuses it", shown())),
        // A text with several mistakes is told one of them.
        (Err(_), None) => Ok(()),
        (Err(why), Some(value)) => {
            let named = match why {
                ReadError::Duplicate { .. } => twice(&value, options.any_case),
                ReadError::TooDeep { limit } => depth(&value) > limit,
                ReadError::TooMany { limit } => nodes(&value) > limit,
                // The reader's parser knows numbers as doubles first, and their digits then.
                ReadError::OutOfRange { .. } => beyond_doubles(&value),
                ReadError::Syntax { .. } | ReadError::NotUtf8 { .. } => false,
            };
            match named {
                true => Ok(()),
                false => Err(format!("{}: refused ({why}), and serde_json takes it", shown())),
            }
        }
    }
}

/// What a document says.
fn told(at: At<'_>) -> Value {
    if at.is_object() {
        return Value::Object(at.members().map(|(name, value)| (name.to_owned(), told(value))).collect());
    }
    if at.is_array() {
        return Value::List(at.elements().map(told).collect());
    }
    match (at.text(), at.scalar()) {
        (Some(text), _) => Value::Text(text.to_owned()),
        (None, plain) => Value::Plain(plain.unwrap_or("null").to_owned()),
    }
}

/// Without the members that are `null`, where these are as good as not there.
fn expected(value: Value, null_is_absent: bool) -> Value {
    let null = Value::Plain("null".into());
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !null_is_absent || *value != null);
            Value::Object(kept.map(|(name, value)| (name, expected(value, null_is_absent))).collect())
        }
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| expected(item, null_is_absent)).collect())
        }
        value => value,
    }
}

fn depth(value: &Value) -> u32 {
    match value {
        Value::Plain(_) | Value::Text(_) => 0,
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.iter().map(|(_, value)| depth(value)).max().unwrap_or(0),
    }
}

fn nodes(value: &Value) -> usize {
    match value {
        Value::Plain(_) | Value::Text(_) => 1,
        Value::List(items) => 1 + items.iter().map(nodes).sum::<usize>(),
        Value::Object(members) => 1 + members.iter().map(|(_, value)| 1 + nodes(value)).sum::<usize>(),
    }
}

/// Whether a number is larger than a double can be, or nearer to nought.
fn beyond_doubles(value: &Value) -> bool {
    match value {
        Value::Plain(text) => {
            let digits = text.split(['e', 'E']).next().unwrap_or_default();
            let some = digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
            text.parse::<f64>().is_ok_and(|number| number.is_infinite() || (some && number == 0.0))
        }
        Value::Text(_) => false,
        Value::List(items) => items.iter().any(beyond_doubles),
        Value::Object(members) => members.iter().any(|(_, value)| beyond_doubles(value)),
    }
}

/// Whether an object names a property twice.
fn twice(value: &Value, any_case: bool) -> bool {
    match value {
        Value::Plain(_) | Value::Text(_) => false,
        Value::List(items) => items.iter().any(|item| twice(item, any_case)),
        Value::Object(members) => {
            let fold = |name: &String| if any_case { name.to_ascii_lowercase() } else { name.clone() };
            let mut names: Vec<String> = members.iter().map(|(name, _)| fold(name)).collect();
            names.sort_unstable();
            names.windows(2).any(|two| two[0] == two[1])
                || members.iter().any(|(_, value)| twice(value, any_case))
        }
    }
}

/// The same text as `serde_json` reads it, numbers as they stand.
fn second(text: &[u8]) -> Option<Value> {
    let raw: &RawValue = serde_json::from_slice(text).ok()?;
    of(raw)
}

fn of(raw: &RawValue) -> Option<Value> {
    let text = raw.get();
    Some(match text.as_bytes().first()? {
        b'"' => Value::Text(serde_json::from_str(text).ok()?),
        b'[' => {
            let items: Items<'_> = serde_json::from_str(text).ok()?;
            Value::List(items.0.into_iter().map(of).collect::<Option<_>>()?)
        }
        b'{' => {
            let members: Members<'_> = serde_json::from_str(text).ok()?;
            let members = members.0.into_iter().map(|(name, value)| Some((name, of(value)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
        _ => Value::Plain(text.to_owned()),
    })
}

struct Items<'t>(Vec<&'t RawValue>);
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> serde::Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Items<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Items<'de>, A::Error> {
                let mut found = Vec::new();
                while let Some(one) = all.next_element()? {
                    found.push(one);
                }
                Ok(Items(found))
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Members<'de>, A::Error> {
                let mut found = Vec::new();
                while let Some(one) = all.next_entry()? {
                    found.push(one);
                }
                Ok(Members(found))
            }
        }
        deserializer.deserialize_map(Each)
    }
}
