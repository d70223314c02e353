//! Forms of several places or several fields: sums and choices.
use std::ops::Range;

use crate::canonical::time::{LengthFormat, TimeFormat};
use crate::canonical::{FieldId, Type, word};
use crate::diagnostic::Code;
use crate::diagnostic::tree::{Item, Key, Node as Toml};

use super::super::cover;
use super::super::lens::JsonKind;
use super::super::program::{Carry, Case, Choose, From, Part, Pattern, Read};
use super::super::schema::Place;
use super::rows::json_kind;
use super::{Draft, path};

impl<'s> Draft<'_, '_, 's> {
    pub(super) fn sum(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["sum", "time", "since", "unset"]);
        let named = self.reader.texts(row, "sum");
        let [(first, first_at), (second, second_at)] = named.as_slice() else {
            let help = "as in `sum = [\"window.start\", \"window.length\"]`";
            return self.reader.error(Code::WrongForm, &key.span, "a sum is of two fields", help);
        };
        let Some(first) = self.field(first, first_at) else { return };
        let Some(second) = self.field(second, second_at) else { return };
        let (one, other) = (self.shape.field(first), self.shape.field(second));
        // A length belongs to the time beside it: the end after any other time would be that of something else.
        let group = word::parent(one.name).filter(|group| word::parent(other.name) == Some(*group));
        let lens = match (one.kind, other.kind) {
            (Type::Time, Type::Length) | (Type::Count, Type::Count) if group.is_none() || first == second => {
                let message = format!("`{}` and `{}` are no parts of one thing", one.name, other.name);
                let help = "name two fields of one group: `window.start` and `window.length`, or what is given and what is left";
                return self.reader.error(Code::SumUnrelated, second_at, message, help);
            }
            (Type::Time, Type::Length) | (Type::Count, Type::Count) => {
                self.lens(first, row, place, &key.span)
            }
            _ => {
                let message = "a sum is of a time and a length, or of two numbers";
                let help = "as in `sum = [\"window.start\", \"window.length\"]`, or of what is given and what is left";
                return self.reader.error(Code::TypeMismatch, &key.span, message, help);
            }
        };
        let Some(lens) = lens else { return };
        let since_now = self.since(row, lens.kind);
        let unset = self.unset(row, None, place);
        let length = LengthFormat::Units(1);
        let (limits, time) = (Default::default(), lens.time);
        let carry = Carry::Plain { limits, digits: false, length, longest: None, time };
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
            let help = "give each place a row of its own";
            return self.reader.error(
                Code::TypeMismatch,
                &key.span,
                "only a length is a sum of places",
                help,
            );
        }
        let longest = self.longest(item);
        let before = self.reader.wrong.0.len();
        let (mut parts, mut stands) = (Vec::new(), Vec::new());
        let mut above = None;
        let units = ["days", "hours", "minutes", "seconds"];
        let several = units.iter().filter(|unit| item.get(unit).is_some()).count() > 1;
        for unit in units {
            let Some(at) = item.get(unit) else { continue };
            let Some(place) = self.reader.text(item, unit) else { continue };
            let Some(in_schema) = self.place(place, &at.span) else { continue };
            let most = in_schema.limits().most.and_then(|most| i64::try_from(most).ok());
            self.cover(place, &at.span);
            let seconds = LengthFormat::parse(unit).map_or(1, LengthFormat::step);
            if json_kind(in_schema) != Some(JsonKind::Number) {
                let message = format!("a number of {unit} can't stand at `{place}`");
                let help = "look at the schema's `type`: this wants an integer";
                self.reader.error(Code::TypeMismatch, &at.span, message, help);
            }
            if several && json_kind(in_schema) == Some(JsonKind::Number) {
                self.takes_nothing(in_schema, unit, &at.span);
            }
            stands.push(in_schema);
            parts.push(Part { at: path(place), unit: seconds, most });
            self.leaf(place, From::Part { field, unit: seconds, above }, &at.span);
            above = Some(seconds);
        }
        if parts.is_empty() && self.reader.wrong.0.len() == before {
            let help = "add at least one of `days`, `hours`, `minutes`, `seconds`";
            self.reader.error(Code::OptionMissing, &key.span, "this sum is of no places", help);
        }
        let also = self.reader.text(item, "also").zip(item.get("also"));
        if let Some((place, at)) = also {
            stands.extend(self.place(place, &at.span));
            self.cover_unwritten(place, &at.span);
        }
        let carry = Carry::Plain {
            limits: Default::default(),
            digits: false,
            length: LengthFormat::Units(parts.last().map_or(1, |part| part.unit)),
            longest,
            time: TimeFormat::IsoUtc,
        };
        self.carry(field, carry, &key.span);
        let text = also.map(|(place, _)| path(place));
        // One place's "not set" may be another's number.
        let unset = self.constants(item.get("unset"));
        self.listed_once(&unset);
        for (constant, span) in &unset {
            if let Some(place) = stands.first().filter(|_| !stands.iter().any(|at| at.takes(&constant.0))) {
                self.in_schema(constant, *place, span);
            }
        }
        let unset = unset.into_iter().map(|(constant, _)| constant).collect();
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
        if !matches!(self.shape.field(field).kind, Type::Word | Type::Bool) {
            let message = format!("`{}` is no word that a case could say", key.text);
            let help = "a `choose` is for a field that holds a word, or true or false";
            return self.reader.error(Code::TypeMismatch, &key.span, message, help);
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
        let whole = listed.iter().filter(|_| cases.len() == listed.len());
        self.cases_at.push(whole.map(|case| case.span.clone()).collect());
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
        if constants.is_empty() {
            let message = "nothing can ever stand here: the case is never read";
            let help = "write a value, or `\"*\"` for whatever stands there or doesn't";
            self.reader.error(Code::CaseUnreachable, &item.span, message, help);
            return None;
        }
        self.listed_once(&constants);
        let (any, constants): (Vec<_>, Vec<_>) =
            constants.into_iter().partition(|(constant, _)| constant.0.as_str() == Some("*"));
        for (constant, span) in &constants {
            self.in_schema(constant, place, span);
        }
        let mut constants = constants.into_iter().map(|(constant, _)| constant);
        Some(match any.is_empty() {
            true => Pattern::OneOf(constants.collect()),
            false => Pattern::Anything(constants.next()),
        })
    }
}
