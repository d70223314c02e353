//! What reading made of each value of a document, and by which entry: for people who ask why.
//!
//! Start at [`Message::taken`]. It reads nothing again: it looks at what reading made of the document, the record, and
//! at which entry takes which place. Nothing here is on the way of a message.
use std::collections::HashMap;

use crate::canonical::{FieldId, Record, Value};
use crate::json::{At, Name};

use super::path::Path;
use super::program::{Choose, MapOf, Message, Pattern, Read};
use super::read::{Reading, standing};
use super::stand::{Stand, same_place};
use super::took::Took;

/// A canonical value with its field.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Dotted; what lies in a list or a map follows after slashes: `extra/Department`.
    pub field: String,
    /// As a person reads it.
    pub value: String,
    /// As JSON: times in RFC 3339, lengths in ISO 8601.
    pub json: serde_json::Value,
    /// Whether it was said, not read from an absence.
    pub said: bool,
}

/// What a value of a document was to the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Where it stands, as a JSON pointer; of what is read from an absence, the place that is not there.
    pub place: Option<String>,
    /// As JSON text; none: nothing stands there.
    pub value: Option<String>,
    /// The entry that takes the place.
    pub by: Option<Stand>,
    /// What was made of it.
    pub took: Took,
    /// What it reads as.
    pub held: Vec<Held>,
}

/// A value of a record, under a name.
pub(super) fn held(field: String, value: &Value<'_>, said: bool) -> Held {
    Held { field, value: value.to_string(), json: value.to_json(true), said }
}

/// A name as a part of a JSON pointer.
pub(super) fn step(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// All single values of a document, each with its place, as JSON text.
pub fn leaves(root: At<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    leaves_below(root, "", &mut found);
    found.into_iter().map(|(place, at)| (place, text(at))).collect()
}

/// All single values at and below a place, each with its own place.
pub(super) fn leaves_below<'d>(at: At<'d>, place: &str, found: &mut Vec<(String, At<'d>)>) {
    let before = found.len();
    at.members().for_each(|(name, value)| leaves_below(value, &step(place, name), found));
    at.elements()
        .enumerate()
        .for_each(|(number, value)| leaves_below(value, &step(place, &number.to_string()), found));
    if found.len() == before {
        found.push((place.to_owned(), at));
    }
}

pub(super) fn text(at: At<'_>) -> String {
    let mut out = Vec::new();
    at.write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

impl Message {
    /// What became of each value of a document, in its order; then what absences mean, and what the server does
    /// anyway. `record` is what the document was read as.
    pub fn taken(&self, root: At<'_>, record: &Record<'_>, how: Reading<'_>) -> Vec<Taken> {
        let mut out = Vec::new();
        self.taken_into(root, record, how, ("", ""), &mut out);
        out
    }

    fn taken_into(
        &self,
        root: At<'_>,
        record: &Record<'_>,
        how: Reading<'_>,
        (place, field): (&str, &str),
        out: &mut Vec<Taken>,
    ) {
        let mut taking =
            Taking { message: self, root, record, how, place, prefix: field, given: Vec::new(), out };
        taking.walk(root, &mut Vec::new());
        taking.unsaid();
    }
}

/// One message on its way.
struct Taking<'t, 'd> {
    message: &'t Message,
    root: At<'d>,
    record: &'t Record<'t>,
    how: Reading<'t>,
    /// Where the message stands in the document, and its fields in the record.
    place: &'t str,
    prefix: &'t str,
    /// The fields that some place has said.
    given: Vec<FieldId>,
    out: &'t mut Vec<Taken>,
}

impl<'d> Taking<'_, 'd> {
    fn walk(&mut self, at: At<'d>, path: &mut Vec<&'d str>) {
        let message = self.message;
        let taker = message.reads.iter().find(|read| self.takes(read, at, path));
        if let Some(read) = taker {
            return self.read(read, at, path);
        }
        if let Some(stand) = message.stands.place(self.root, path) {
            return self.unread(at, path, &Took::Ignored, Some(&stand));
        }
        if at.members().next().is_some() {
            return at.members().for_each(|(name, value)| self.member(name, value, path));
        }
        let known = at.is_object() && (path.is_empty() || message.stands.inside(self.root, path));
        self.unread(at, path, if known { &Took::Empty } else { &Took::Unknown }, None);
    }

    fn member(&mut self, name: &'d str, value: At<'d>, path: &mut Vec<&'d str>) {
        path.push(name);
        self.walk(value, path);
        path.pop();
    }

    /// Whether an entry reads a place.
    fn takes(&self, read: &Read, at: At<'_>, path: &[&str]) -> bool {
        let here = |place: &Path| same_place(self.root, path, place);
        match read {
            // The whole document can be a spelling of a single value.
            Read::Scalar { at: spellings, .. } => {
                spellings.iter().any(here) && !(path.is_empty() && at.is_object())
            }
            Read::Parts { parts, text, .. } => {
                parts.iter().any(|part| here(&part.at)) || text.as_ref().is_some_and(here)
            }
            Read::Sum { at, .. } | Read::List { at, .. } => here(at),
            Read::Map { at: place, .. } => here(place) && at.members().next().is_some(),
            Read::Choose(number) => self.message.chooses[*number].places.iter().any(here),
        }
    }

    fn pointer(&self, path: &[&str]) -> String {
        path.iter().fold(self.place.to_owned(), |place, name| step(&place, name))
    }

    /// Values of which nothing comes, one by one.
    fn unread(&mut self, at: At<'d>, path: &[&str], took: &Took, by: Option<&Stand>) {
        let mut found = Vec::new();
        leaves_below(at, &self.pointer(path), &mut found);
        self.out.extend(found.into_iter().map(|(place, at)| Taken {
            place: Some(place),
            value: Some(text(at)),
            by: by.cloned(),
            took: took.clone(),
            held: Vec::new(),
        }));
    }

    fn read(&mut self, read: &Read, at: At<'d>, path: &mut Vec<&'d str>) {
        let by = self.message.stands.place(self.root, path);
        let fields = match read {
            Read::List { field, of, unset, .. } if self.lists(at, unset) && self.wanted(*field) => {
                return self.list(*field, of, at, path);
            }
            Read::Map { field, of, taken, .. } => return self.map(*field, of, taken, at, path, by.as_ref()),
            Read::Scalar { field, .. } | Read::Parts { field, .. } | Read::List { field, .. } => vec![*field],
            Read::Sum { second, .. } => vec![*second],
            Read::Choose(number) => self.chosen(&self.message.chooses[*number], at, path),
        };
        let took = self.took(read, at, path, &fields);
        if took != Took::Read {
            return self.unread(at, path, &took, by.as_ref());
        }
        let held = fields.iter().filter_map(|field| self.held(*field)).collect();
        self.given.extend(&fields);
        self.out.push(Taken { place: Some(self.pointer(path)), value: Some(text(at)), by, took, held });
    }

    fn lists(&self, at: At<'_>, unset: &[super::lens::Constant]) -> bool {
        at.elements().next().is_some() && !unset.iter().any(|value| value.stands_at(at))
    }

    fn wanted(&self, field: FieldId) -> bool {
        self.how.wanted.is_none_or(|wanted| wanted.get(usize::from(field.0)).is_none_or(|wanted| *wanted))
    }

    fn held(&self, field: FieldId) -> Option<Held> {
        let name = format!("{}{}", self.prefix, self.record.shape().field(field).name);
        Some(held(name, self.record.get(field)?, self.record.said(field)))
    }

    /// What a choice's place says: its word, and the field that the place holds in the case that was found.
    fn chosen(&self, choose: &Choose, at: At<'_>, path: &[&str]) -> Vec<FieldId> {
        let number = choose.places.iter().position(|place| same_place(self.root, path, place));
        let word = self.record.get(choose.field).map(ToString::to_string);
        let cases = choose.cases.iter().filter(|case| Some(&case.word) == word.as_ref());
        let within = cases.filter_map(|case| match case.patterns.get(number?)? {
            Pattern::Field(field) if self.record.text(*field) == at.scalar() => Some(*field),
            _ => None,
        });
        [choose.field].into_iter().chain(within.take(1)).collect()
    }

    /// What came of a value that an entry takes.
    fn took(&self, read: &Read, at: At<'d>, path: &[&str], fields: &[FieldId]) -> Took {
        let first = fields.first().copied();
        if at.is_null() {
            return Took::Null;
        }
        if first.is_some_and(|field| !self.wanted(field)) {
            return Took::Unwanted;
        }
        let unset = match read {
            Read::Scalar { unset, .. } | Read::Sum { unset, .. } | Read::List { unset, .. } => {
                unset.as_slice()
            }
            _ => &[],
        };
        if unset.iter().any(|value| value.stands_at(at)) {
            return Took::Unset;
        }
        if let Read::Scalar { at: spellings, unless, unset, .. } = read {
            let stands = |place: &&Path| standing(self.root, place, unset).is_some();
            if let Some(winner) = unless.iter().find(|place| standing(self.root, place, &[]).is_some()) {
                return Took::Yields(self.named(winner));
            }
            if let Some(other) = spellings.iter().find(stands).filter(|one| !same_place(self.root, path, one))
            {
                return Took::Again(self.named(other));
            }
        }
        let since = matches!(read, Read::Scalar { since_now: true, .. });
        match first.and_then(|field| self.record.get(field)) {
            Some(_) => Took::Read,
            None if since => Took::Past,
            // A length of nothing, an empty list.
            None if matches!(read, Read::Parts { .. }) || at.is_array() => Took::Empty,
            None => Took::Wrong,
        }
    }

    fn named(&self, place: &[Name]) -> String {
        let names: Vec<&str> = place.iter().map(Name::as_str).collect();
        self.pointer(&names)
    }

    fn list(&mut self, field: FieldId, of: &Message, at: At<'d>, path: &[&str]) {
        self.given.push(field);
        let Some(Value::List(items)) = self.record.get(field) else {
            return self.unread(at, path, &Took::Wrong, None);
        };
        let (place, name) = (self.pointer(path), self.record.shape().field(field).name);
        for (number, (element, item)) in at.elements().zip(items).enumerate() {
            let (place, field) = (format!("{place}/{number}"), format!("{}{name}/{number}/", self.prefix));
            let how = Reading { wanted: None, ..self.how };
            of.taken_into(element, item, how, (&place, &field), self.out);
        }
    }

    fn map(
        &mut self,
        field: FieldId,
        of: &MapOf,
        taken: &[Name],
        at: At<'d>,
        path: &mut Vec<&'d str>,
        by: Option<&Stand>,
    ) {
        let record = self.record;
        let members: HashMap<&str, &Value<'_>> = match record.get(field) {
            Some(Value::Map(members)) => members.iter().map(|(name, value)| (name.as_ref(), value)).collect(),
            _ => HashMap::new(),
        };
        self.given.push(field);
        let field_name = format!("{}{}", self.prefix, record.shape().field(field).name);
        for (name, value) in at.members() {
            if taken.iter().any(|other| at.called(name, other)) {
                self.member(name, value, path);
                continue;
            }
            path.push(name);
            let (place, field_name) = (self.pointer(path), format!("{field_name}/{name}"));
            match members.get(name).copied() {
                Some(Value::Record(inner)) if !value.is_null() => {
                    if let MapOf::Records(of) = of {
                        let how = Reading { wanted: None, ..self.how };
                        of.taken_into(value, inner, how, (&place, &format!("{field_name}/")), self.out);
                    }
                }
                Some(text_of) if !value.is_null() => self.out.push(Taken {
                    place: Some(place),
                    value: Some(text(value)),
                    by: by.cloned(),
                    took: Took::Read,
                    held: vec![held(field_name, text_of, record.said(field))],
                }),
                _ => {
                    let took = if self.wanted(field) { Took::Wrong } else { Took::Unwanted };
                    self.unread(value, path, &took, by);
                }
            }
            path.pop();
        }
    }

    /// What no place said: absences that mean something, and what the server does anyway.
    fn unsaid(&mut self) {
        let unsaid: Vec<FieldId> =
            self.record.iter().map(|(field, ..)| field).filter(|field| !self.given.contains(field)).collect();
        for field in unsaid {
            let carried = self.message.origin(field).is_some();
            let place = self.message.place_of(field).filter(|_| carried);
            self.out.push(Taken {
                place: place.map(|place| format!("{}{place}", self.place)),
                value: None,
                by: self.message.stand_of(field),
                took: if carried { Took::Absent } else { Took::Always },
                held: self.held(field).into_iter().collect(),
            });
        }
    }
}
