//! Documents as lists of places with what stands there, so that they can be compared and their differences shown.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use pamgate::json::{At, Document, Limits, ReadOptions};

/// Places and values. Texts stand in quotes where a number or a truth value would be another thing.
pub(crate) type Flat = BTreeMap<String, String>;

/// A JSON text, numbers to the digit; a name that stands twice is an error. Where there is no text, there is no place.
pub(crate) fn json(text: &[u8]) -> Result<Flat, String> {
    if text.trim_ascii().is_empty() {
        return Ok(Flat::new());
    }
    let options = ReadOptions { any_case: false, null_is_absent: false, limits: Limits::default() };
    let document = Document::read(text, options).map_err(|e| e.to_string())?;
    let mut out = Flat::new();
    at(document.root(), "", &mut out);
    Ok(out)
}

fn at(value: At<'_>, place: &str, out: &mut Flat) {
    let mut empty = true;
    for (name, value) in value.members() {
        empty = false;
        at(value, &format!("{place}/{name}"), out);
    }
    for (number, value) in value.elements().enumerate() {
        empty = false;
        at(value, &format!("{place}/{number}"), out);
    }
    if empty {
        let mut text = Vec::new();
        value.write(&mut text);
        out.insert(place.to_owned(), String::from_utf8_lossy(&text).into_owned());
    }
}

/// A TOML value by dotted names, values as texts.
pub(crate) fn toml(value: &toml::Value) -> Flat {
    let mut out = Flat::new();
    toml_at(value, "", &mut out);
    out
}

fn toml_at(value: &toml::Value, place: &str, out: &mut Flat) {
    let join = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        toml::Value::Table(members) => {
            members.iter().for_each(|(name, value)| toml_at(value, &join(name), out));
        }
        toml::Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| toml_at(value, &join(&at.to_string()), out));
        }
        single => {
            out.insert(place.to_owned(), scalar(single));
        }
    }
}

/// A single value as a text.
pub(crate) fn scalar(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(time) => time.to_string(),
        other => other.to_string(),
    }
}

/// The same of serde_json's values: canonical records.
pub(crate) fn record(value: &serde_json::Value, place: &str, out: &mut Flat) {
    let join = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        serde_json::Value::Object(members) => {
            members.iter().for_each(|(name, value)| record(value, &join(name), out));
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| record(value, &join(&at.to_string()), out));
        }
        serde_json::Value::String(text) => drop(out.insert(place.to_owned(), text.clone())),
        other => drop(out.insert(place.to_owned(), other.to_string())),
    }
}

/// What differs, a line each; none where nothing does.
pub(crate) fn difference(expected: &Flat, actual: &Flat) -> Option<String> {
    let mut out = String::new();
    // Writing into a String can't fail.
    for (place, value) in expected {
        match actual.get(place) {
            Some(other) if other == value => {}
            Some(other) => drop(writeln!(out, "    - {place}: {value}\n    + {place}: {other}")),
            None => drop(writeln!(out, "    - {place}: {value}")),
        }
    }
    for (place, value) in actual.iter().filter(|(place, _)| !expected.contains_key(*place)) {
        let _ = writeln!(out, "    + {place}: {value}");
    }
    (!out.is_empty()).then_some(out)
}
