//! Rows: one place, one field.
use std::ops::Range;

use crate::canonical::time::{LengthFormat, TimeFormat};
use crate::canonical::{FieldId, Type};
use crate::diagnostic::tree::{Item, Key, Node as Toml};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Name;

use super::super::lens::{JsonKind, Lens};
use super::super::program::{Carry, From, Leaf, Read};
use super::super::schema::{Limits, Place};
use super::{Draft, Unless, path};

impl<'s> Draft<'_, '_, 's> {
    pub(super) fn row(&mut self, key: &Key, row: &Item) {
        // Whatever is wrong with the row, its place is thought of: it isn't told a second time as one that nothing maps.
        let Some(place) = self.place(&key.text, &key.span) else { return };
        self.cover(&key.text, &key.span);
        let form = match &row.node {
            Toml::Text(_) => "is",
            Toml::Table(_) => {
                let forms = ["is", "sum", "list", "map", "says"];
                let found: Vec<&str> = forms.into_iter().filter(|form| row.get(form).is_some()).collect();
                match found[..] {
                    [form] => form,
                    _ => {
                        return self.formless(key, row, place);
                    }
                }
            }
            _ => return self.reader.expected(row, "a canonical field or a table"),
        };
        match form {
            "is" => self.is(key, row, place),
            "sum" => self.sum(key, row, place),
            "list" => self.list(key, row, place),
            "map" => self.map(key, row, place),
            _ => self.says(key, row, place),
        }
    }

    /// A table that is no row: most likely a place inside another was written with a dot, of which TOML makes a table.
    fn formless(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        if let Some((inner, span)) = inside(row, place) {
            let message =
                format!("`{}` is a place inside of another", path(&inner).last().map_or("", Name::as_str));
            let help = format!("write it with a slash, and quote it: `\"{}/{inner}\" = …`", key.text);
            self.meant.insert(format!("{}/{inner}", key.text));
            return self.reader.error(Code::UnknownForm, &span, message, help);
        }
        let message = "a row is a field, or has exactly one of `is`, `sum`, `list`, `map`, `says`";
        let help = "say which form it has, as in `{ is = \"reason.text\" }`";
        self.reader.error(Code::UnknownForm, &row.span, message, help);
    }

    pub(super) fn is(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        let known = ["is", "default", "values", "unit", "max", "time", "also", "unless", "unset", "since"];
        if matches!(row.node, Toml::Table(_)) {
            self.reader.known_keys(row, &known);
        }
        let named = row.get("is").unwrap_or(row);
        let Some(name) = named.text() else { return self.reader.expected(named, "a canonical field") };
        let Some(field) = self.field(name, &named.span) else { return };
        let Some(lens) = self.lens(field, row, place, &key.span) else { return };
        let mut at = vec![path(&key.text)];
        for (other, span) in self.reader.texts(row, "also") {
            if let Some(place) = self.place(other, &span) {
                if json_kind(place).is_none_or(|json| json == JsonKind::Bool && lens.json != JsonKind::Bool) {
                    let message = format!("`{other}` can't hold what `{}` holds", key.text);
                    let help = "name another spelling of the same place, of the same type";
                    self.reader.error(Code::TypeMismatch, &span, message, help);
                }
                self.cover_unwritten(other, &span);
                at.push(path(other));
            }
        }
        let unless = self.reader.text(row, "unless").zip(row.get("unless"));
        let unless = unless.filter(|(other, item)| self.place(other, &item.span).is_some());
        let default = row.get("default").and_then(|item| self.default(field, &lens, item));
        if let Some(item) = row.get("default").filter(|_| default.is_some()) {
            self.default_stands(&lens, item, place);
        }
        let unset = self.unset(row, Some(&lens), place);
        let since_now = self.since(row, lens.kind);
        let carry = match &lens.values {
            Some(values) => Carry::Words(values.0.iter().map(|(word, _)| word.clone()).collect()),
            None => Carry::Plain {
                limits: lens.limits.clone(),
                digits: lens.json == JsonKind::Number && matches!(lens.kind, Type::Id | Type::Count),
                length: lens.length,
                longest: lens.longest,
                time: lens.time,
            },
        };
        self.carry(field, carry, &key.span);
        if let Some((other, item)) = unless {
            let (read, leaf) = (self.reads.len(), self.leaves.len());
            self.unless.push(Unless { read, leaf, place: other.to_owned(), span: item.span.clone() });
        }
        self.reads.push(Read::Scalar {
            field,
            at,
            lens: lens.clone(),
            default,
            unset,
            unless: Vec::new(),
            since_now,
        });
        self.leaf(&key.text, From::Field { field, lens, unless: None }, &key.span);
    }

    /// Finds the rows that win over others, which may stand anywhere in the table: whichever spelling of the winning
    /// row is used, it wins.
    pub(super) fn winners(&mut self) {
        for one in std::mem::take(&mut self.unless) {
            let place = path(&one.place);
            let winner = self.reads.iter().find_map(|read| match read {
                Read::Scalar { field, at, .. } if at.contains(&place) => Some((*field, at.clone())),
                _ => None,
            });
            let Some((winner, spellings)) = winner else {
                let message = format!("no row reads `{}` as a single value", one.place);
                let help = "name the key of a row with `is`";
                self.reader.error(Code::WrongOption, &one.span, message, help);
                continue;
            };
            if let Some(Read::Scalar { field, unless, .. }) = self.reads.get_mut(one.read) {
                let own = *field;
                *unless = spellings;
                if own == winner {
                    let message = "this row yields to itself, and so is never read";
                    let help = "name the place of the row that wins, or take it out";
                    self.reader.error(Code::WrongOption, &one.span, message, help);
                } else if self.yields.contains(&(winner, own)) {
                    let message =
                        "each of the two yields to the other, so that neither is read where both stand";
                    self.reader.error(Code::WrongOption, &one.span, message, "take one of the `unless` out");
                }
                self.yields.push((own, winner));
            }
            if let Some((_, Leaf { from: From::Field { unless, .. }, .. }, _)) = self.leaves.get_mut(one.leaf)
            {
                *unless = Some(winner);
            }
        }
    }

    pub(super) fn leaf(&mut self, place: &str, from: From, span: &Range<usize>) {
        self.leaves.push((place.to_owned(), Leaf { from, blank: None }, span.clone()));
    }

    pub(super) fn lens(
        &mut self,
        field: FieldId,
        row: &Item,
        place: Place<'s>,
        span: &Range<usize>,
    ) -> Option<Lens> {
        let kind = self.shape.field(field).kind;
        if matches!(kind, Type::Texts | Type::Map(_) | Type::List(_)) {
            let name = self.shape.field(field).name;
            self.reader.error(
                Code::WrongForm,
                span,
                format!("`{name}` holds more than one value"),
                "write `{ list = … }` or `{ map = … }`",
            );
            return None;
        }
        let Some(json) = json_kind(place) else {
            self.no_single_value(place, span);
            return None;
        };
        let values = match row.get("values") {
            Some(item) => Some(self.values(field, item, place)?),
            None => None,
        };
        let length = self.unit(row, kind)?;
        let longest = self.text_longest(row, length);
        let time = self.time(row, kind, span)?;
        if kind == Type::Time && json == JsonKind::Number && time != TimeFormat::Unix {
            let help = "write `time = \"unix\"`, or look at the schema's `type`";
            self.reader.error(
                Code::TypeMismatch,
                span,
                "such a time is a text, and here stands a number",
                help,
            );
            return None;
        }
        let spelt = length == LengthFormat::Iso8601;
        let lens = self.convertible(kind, spelt, json, values.is_some(), span).then(|| Lens {
            kind,
            values,
            length,
            longest,
            time,
            json,
            limits: match spelt {
                // Of numbers that may stand there, too: a text is not held within them.
                true => Limits { least: None, most: None, ..place.limits() },
                false => place.limits(),
            },
        })?;
        self.suits(&lens, place, span);
        Some(lens)
    }

    /// A place that holds something else than a single value, or of which the schema doesn't say what it holds.
    fn no_single_value(&mut self, place: Place<'s>, span: &Range<usize>) {
        let (message, help) = match place.types().is_empty() {
            true => (
                "the schema doesn't say of which type this place is",
                "give it a `type` in the schema: `\"string\"`, `\"integer\"`, `\"number\"` or `\"boolean\"`",
            ),
            false => (
                "the schema has no single value at this place",
                "look at the schema's `type`: an object's members are places of their own, an array is a `list`",
            ),
        };
        self.reader.error(Code::WrongType, span, message, help);
    }

    /// How a time is written; whatever, of anything else.
    fn time(&mut self, row: &Item, kind: Type, span: &Range<usize>) -> Option<TimeFormat> {
        match (kind, self.reader.text(row, "time"), row.get("time")) {
            (Type::Time, Some(word), Some(item)) => match TimeFormat::parse(word) {
                Some(format) => Some(format),
                None => {
                    let one = Diagnostic::new(
                        Code::UnknownTimeFormat,
                        &self.reader.source,
                        item.span.clone(),
                        format!("`{word}` is no way of writing times"),
                    );
                    let known = format!("known: {}", TimeFormat::WORDS.join(", "));
                    let words = TimeFormat::WORDS.iter().copied();
                    self.reader.wrong.push(one.label(known).near_or(word, words, "write one of them"));
                    None
                }
            },
            (Type::Time, ..) => {
                let help = format!("add `time = \"…\"`: {}", TimeFormat::WORDS.join(", "));
                self.reader.error(Code::TimeFormatMissing, span, "how is this time written?", help);
                None
            }
            (_, Some(_), Some(item)) => {
                self.reader.error(
                    Code::WrongOption,
                    &item.span,
                    "`time` belongs to fields that are times",
                    "take it out",
                );
                None
            }
            _ => Some(TimeFormat::Unix),
        }
    }

    /// Whether what the field holds can stand as the JSON that the schema wants.
    pub(super) fn convertible(
        &mut self,
        kind: Type,
        spelt: bool,
        json: JsonKind,
        by_values: bool,
        span: &Range<usize>,
    ) -> bool {
        let fine = by_values
            || match kind {
                Type::Bool => json != JsonKind::Number,
                Type::Word => false,
                Type::Text => json == JsonKind::Text,
                Type::Length if spelt => json == JsonKind::Text,
                Type::Count | Type::Length | Type::Time | Type::Id => json != JsonKind::Bool,
                Type::Texts | Type::Map(_) | Type::List(_) => false,
            };
        if !fine {
            let (message, help) = match kind {
                Type::Word => ("a word needs its values", "add `values = { word = value, … }`"),
                Type::Length => (
                    "the schema's type at this place can't hold what the field holds",
                    "a length in ISO 8601 is a text, as in `PT1H30M`; a number needs `unit = \"minutes\"` or the like",
                ),
                Type::Bool => ("true and false need their numbers", "add `values = { true = 1, false = 0 }`"),
                _ => (
                    "the schema's type at this place can't hold what the field holds",
                    "look at the schema's `type`",
                ),
            };
            self.reader.error(Code::TypeMismatch, span, message, help);
        }
        fine
    }
}

/// The deepest place that the first of a table's keys lead to, if all of them are places.
fn inside(row: &Item, place: Place<'_>) -> Option<(String, Range<usize>)> {
    let places = |(part, _): &(Key, Item)| place.member(&part.text).is_some();
    let (part, below) = row.members().first().filter(|_| row.members().iter().all(places))?;
    let deeper = inside(below, place.member(&part.text)?);
    Some(match deeper {
        Some((path, span)) => (format!("{}/{path}", part.text), span),
        None => (part.text.clone(), part.span.clone()),
    })
}

/// What single value the schema has at a place, if it has one.
pub(super) fn json_kind(place: Place<'_>) -> Option<JsonKind> {
    place.types().into_iter().find_map(|kind| match kind {
        "string" => Some(JsonKind::Text),
        "integer" | "number" => Some(JsonKind::Number),
        "boolean" => Some(JsonKind::Bool),
        _ => None,
    })
}
