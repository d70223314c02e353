//! Forms of several places or several fields: sums and choices.
use std::ops::Range;

use crate::canonical::time::LengthFormat;
use crate::canonical::{FieldId, Type};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Node as Toml};

use super::super::cover;
use super::super::program::{Carry, Case, Choose, From, Part, Pattern, Read};
use super::super::schema::Place;
use super::values::spans;
use super::{Draft, path};

impl<'s> Draft<'_, '_, 's> {
    pub(super) fn sum(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["sum", "time", "since", "unset"]);
        let named = self.reader.texts(row, "sum");
        let [(first, first_at), (second, second_at)] = named.as_slice() else {
            return self.reader.error(Code::WrongForm, &key.span, "a sum is of two fields");
        };
        let Some(first) = self.field(first, first_at) else { return };
        let Some(second) = self.field(second, second_at) else { return };
        let kinds = (self.shape.field(first).kind, self.shape.field(second).kind);
        let lens = match kinds {
            (Type::Time, Type::Length) | (Type::Count, Type::Count) => {
                self.lens(first, row, place, &key.span)
            }
            _ => {
                let message = "a sum is of a time and a length, or of two numbers";
                return self.reader.error(Code::TypeMismatch, &key.span, message);
            }
        };
        let Some(lens) = lens else { return };
        let since_now = self.since(row, lens.kind);
        let unset = self.constants(row.get("unset"));
        let length = LengthFormat::Units(1);
        let carry = Carry::Plain { limits: Default::default(), digits: false, length, longest: None };
        self.carry(second, carry, &key.span);
        self.reads.push(Read::Sum {
            at: path(&key.text),
            first,
            second,
            lens: lens.clone(),
            since_now,
            unset,
            absent: None,
        });
        self.leaf(&key.text, From::Sum { first, second, lens }, &key.span);
    }

    pub(super) fn parts(&mut self, key: &Key, item: &Item) {
        self.reader.known_keys(item, &["days", "hours", "minutes", "seconds", "max", "also", "unset"]);
        let Some(field) = self.field(&key.text, &key.span) else { return };
        if self.shape.field(field).kind != Type::Length {
            return self.reader.error(Code::TypeMismatch, &key.span, "only a length is a sum of places");
        }
        let longest = self.longest(item);
        let mut parts = Vec::new();
        let mut above = None;
        for unit in ["days", "hours", "minutes", "seconds"] {
            let Some(at) = item.get(unit) else { continue };
            let Some(place) = self.reader.text(item, unit) else { continue };
            let Some(in_schema) = self.place(place, &at.span) else { continue };
            let most = in_schema.limits().most.and_then(|most| i64::try_from(most).ok());
            self.cover(place, &at.span);
            let seconds = LengthFormat::parse(unit).map_or(1, LengthFormat::step);
            parts.push(Part { at: path(place), unit: seconds, most });
            self.leaf(place, From::Part { field, unit: seconds, above }, &at.span);
            above = Some(seconds);
        }
        let also = self.reader.text(item, "also").zip(item.get("also"));
        if let Some((place, at)) = also {
            self.place(place, &at.span);
            self.cover_unwritten(place, &at.span);
        }
        let carry = Carry::Plain {
            limits: Default::default(),
            digits: false,
            length: LengthFormat::Units(parts.last().map_or(1, |part| part.unit)),
            longest,
        };
        self.carry(field, carry, &key.span);
        let text = also.map(|(place, _)| path(place));
        let unset = self.constants(item.get("unset"));
        self.reads.push(Read::Parts { field, parts, longest, text, unset });
    }

    pub(super) fn choose(&mut self, key: &Key, item: &Item) {
        let Some(field) = self.field(&key.text, &key.span) else { return };
        let Toml::Array(listed) = &item.node else { return self.reader.expected(item, "an array of cases") };
        let mut places: Vec<(String, Range<usize>)> = Vec::new();
        for case in listed {
            let Toml::Array(pair) = &case.node else { continue };
            for (key, _) in pair.get(1).map(Item::members).unwrap_or_default() {
                if !places.iter().any(|(place, _)| *place == key.text) {
                    places.push((key.text.clone(), key.span.clone()));
                }
            }
        }
        let mut found = Vec::new();
        for (place, span) in &places {
            found.push((place.as_str(), self.place(place, span)));
            self.cover(place, span);
        }
        let number = self.chooses.len();
        let mut cases = Vec::new();
        for case in listed {
            match &case.node {
                Toml::Array(pair) if pair.len() == 2 => {
                    cases.extend(self.case(field, &pair[0], &pair[1], &found, number));
                }
                _ => self.reader.expected(case, "a case: `[\"word\", { Place = value, … }]`"),
            }
        }
        cover::unreachable(self.reader, &cases, listed);
        self.carry(field, Carry::Choose(number), &key.span);
        for (at, (place, span)) in places.iter().enumerate() {
            self.leaf(place, From::Choose { choose: number, place: at }, span);
        }
        let numeric = |place: &Option<Place<'_>>| {
            let first = place.and_then(|place| place.types().first().copied());
            matches!(first, Some("integer" | "number"))
        };
        let numeric = found.iter().map(|(_, place)| numeric(place)).collect();
        let places = places.iter().map(|(place, _)| path(place)).collect();
        self.chooses.push(Choose { field, places, numeric, cases });
        self.reads.push(Read::Choose(number));
    }

    pub(super) fn case(
        &mut self,
        field: FieldId,
        word: &Item,
        stands: &Item,
        places: &[(&str, Option<Place<'s>>)],
        number: usize,
    ) -> Option<Case> {
        let Some(text) = word.text() else {
            self.reader.expected(word, "a canonical word");
            return None;
        };
        self.known_word(field, text, &word.span);
        let mut patterns = Vec::new();
        for (place, at) in places {
            let Some(item) = stands.get(place) else {
                patterns.push(Pattern::Absent);
                continue;
            };
            // A place that the schema doesn't know has been told once for all cases.
            patterns.push(self.pattern(item, (*at)?, number)?);
        }
        Some(Case { word: text.to_owned(), patterns })
    }

    pub(super) fn pattern(&mut self, item: &Item, place: Place<'s>, number: usize) -> Option<Pattern> {
        if let Some(text) = item.text() {
            if text == "*" {
                return Some(Pattern::Anything(None));
            }
            if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
                let field = self.field(name, &item.span)?;
                // Several cases may write the same field.
                if self.carries[field.0 as usize].is_none() {
                    self.carry(field, Carry::Within(number), &item.span);
                }
                return Some(Pattern::Field(field));
            }
        }
        let constants = self.constants(Some(item));
        let (any, constants): (Vec<_>, Vec<_>) =
            constants.into_iter().partition(|constant| constant.0.as_str() == Some("*"));
        for (constant, span) in constants.iter().zip(spans(item)) {
            self.in_schema(constant, place, &span);
        }
        Some(match any.is_empty() {
            true => Pattern::OneOf(constants),
            false => Pattern::Anything(constants.into_iter().next()),
        })
    }
}
