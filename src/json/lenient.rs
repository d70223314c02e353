//! What a dialect's server reads although its page says otherwise, made what the page says.
//!
//! Compiled once from a message's schema; one walk over a document then spells `systemid` as the schema's
//! `SystemID`, turns `"3"` into `3` where the schema wants an integer, and `rdp` into `RDP` where the schema lists
//! values. Validation and mapping see the page's spelling only. Names that the schema doesn't know, such as the
//! keys of a map, are left as they are.
use serde_json::Value;

use super::{Document, Kind, Name};

/// What a dialect reads more loosely than its page says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leniency {
    /// Property names match in any letter case.
    pub names: bool,
    /// Listed values match in any letter case.
    pub values: bool,
    /// An integer may come as a text.
    pub integers: bool,
}

/// The places of one message that may be read more loosely.
#[derive(Debug, Default)]
pub struct Lenient {
    members: Vec<(Name, Lenient)>,
    /// By the low bits of a name's hash: where in `members` its search begins, plus one; 0 where no name is.
    index: Vec<u32>,
    items: Option<Box<Lenient>>,
    /// A text that holds an integer is read as one.
    integer: bool,
    /// Values that are known, to be matched in any letter case.
    values: Vec<String>,
}

/// Deeper schemas than this hold no lenient places.
const DEPTH: usize = 12;

impl Lenient {
    /// The lenient places of a schema; none where no switch is on.
    pub fn compile(schema: &Value, how: Leniency) -> Lenient {
        Lenient::at(schema, schema, how, &mut Vec::new())
    }

    /// `above`: the schemas of the places that this one lies in. One that holds itself ends there.
    fn at<'s>(root: &'s Value, schema: &'s Value, how: Leniency, above: &mut Vec<&'s Value>) -> Lenient {
        let mut found = Lenient::default();
        if above.len() == DEPTH || above.iter().any(|other| std::ptr::eq(*other, schema)) {
            return found;
        }
        above.push(schema);
        for part in parts(root, schema) {
            let types: Vec<&str> = match &part["type"] {
                Value::String(one) => vec![one],
                Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            found.integer |= how.integers && types.contains(&"integer") && !types.contains(&"string");
            if how.values {
                let values = part["enum"].as_array().into_iter().flatten();
                found.values.extend(values.filter_map(Value::as_str).map(str::to_owned));
            }
            for (name, property) in part["properties"].as_object().into_iter().flatten() {
                let place = Lenient::at(root, property, how, above);
                if how.names || !place.is_empty() {
                    found.members.push((Name::new(name), place));
                }
            }
            if part["items"].is_object() && found.items.is_none() {
                let items = Lenient::at(root, &part["items"], how, above);
                found.items = Some(Box::new(items)).filter(|items| !items.is_empty());
            }
        }
        above.pop();
        found.reindex();
        found
    }

    /// An open-addressed table of the names, at most half full.
    fn reindex(&mut self) {
        let size = (self.members.len() * 2).next_power_of_two().max(2);
        self.index = vec![0; size];
        for (number, (name, _)) in self.members.iter().enumerate() {
            let mut slot = name.hash as usize & (size - 1);
            while self.index[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.index[slot] = number as u32 + 1;
        }
    }

    /// Whether there is no lenient place.
    pub fn is_empty(&self) -> bool {
        !self.integer && self.values.is_empty() && self.members.is_empty() && self.items.is_none()
    }

    /// Makes what may be read loosely what the schema says, in place.
    pub fn apply<'a>(&'a self, document: &mut Document<'a>) {
        if !document.is_empty() && !self.is_empty() {
            self.apply_at(document, 0);
        }
    }

    fn apply_at<'a>(&'a self, document: &mut Document<'a>, at: usize) {
        match document.entries[at].kind {
            Kind::Text => self.text(document, at),
            Kind::Object if !self.members.is_empty() => self.object(document, at),
            Kind::Array => {
                let Some(items) = &self.items else { return };
                let end = document.entries[at].next as usize;
                let mut element = at + 1;
                while element < end {
                    items.apply_at(document, element);
                    element = document.entries[element].next as usize;
                }
            }
            _ => {}
        }
    }

    fn text<'a>(&'a self, document: &mut Document<'a>, at: usize) {
        let text = document.text(&document.entries[at]);
        if self.integer && is_integer(text) {
            document.entries[at].kind = Kind::Number;
            return;
        }
        if self.values.iter().any(|value| text == value) {
            return;
        }
        if let Some(value) = self.values.iter().find(|value| text.eq_ignore_ascii_case(value)) {
            let entry = &mut document.entries[at];
            (entry.text, entry.count) = (value, 0);
        }
    }

    fn object<'a>(&'a self, document: &mut Document<'a>, at: usize) {
        let any_case = document.any_case;
        let end = document.entries[at].next as usize;
        let mut key = at + 1;
        while key < end {
            if let Some((name, place)) = self.known(document, key) {
                if any_case && document.text(&document.entries[key]) != &*name.text {
                    let entry = &mut document.entries[key];
                    (entry.text, entry.count) = (&name.text, 0);
                }
                if !place.is_empty() {
                    place.apply_at(document, key + 1);
                }
            }
            key = document.entries[key + 1].next as usize;
        }
    }

    fn known(&self, document: &Document<'_>, key: usize) -> Option<&(Name, Lenient)> {
        let entry = document.entries.get(key)?;
        let mask = self.index.len() - 1;
        let mut slot = entry.hash as usize & mask;
        loop {
            let number = (self.index[slot] as usize).checked_sub(1)?;
            let member = &self.members[number];
            if member.0.hash == entry.hash && document.same_name(entry, &member.0.text) {
                return Some(member);
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// A schema and all that holds at the same place, each once: references and alternatives may come back to where they
/// began, or meet.
fn parts<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let mut found = vec![schema];
    let mut at = 0;
    while let Some(part) = found.get(at).copied() {
        let referred = part["$ref"].as_str().and_then(|to| root.pointer(to.strip_prefix('#')?));
        let words = ["oneOf", "anyOf", "allOf"];
        let alternatives = words.iter().flat_map(|word| part[*word].as_array().into_iter().flatten());
        for next in referred.into_iter().chain(alternatives) {
            if !found.iter().any(|other| std::ptr::eq(*other, next)) {
                found.push(next);
            }
        }
        at += 1;
    }
    found
}

/// Whether a text is an integer as JSON writes it.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.len() <= 20
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'))
}
