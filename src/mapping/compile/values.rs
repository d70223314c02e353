//! What rows and cases say of values: units, value sets, constants, defaults.
use std::ops::Range;

use serde_json::Value as Json;

use crate::canonical::time::{LengthFormat, read_length};
use crate::canonical::{FieldId, Type, Value, word};
use crate::diagnostic::tree::{Item, Node as Toml};
use crate::diagnostic::{Code, Diagnostic};

use super::super::lens::{Constant, Lens, Values};
use super::super::schema::Place;
use super::Draft;

impl<'s> Draft<'_, '_, 's> {
    /// How a length is written; whatever, of anything else.
    pub(super) fn unit(&mut self, row: &Item, kind: Type) -> Option<LengthFormat> {
        let known = LengthFormat::WORDS.join(", ");
        let Some(item) = row.get("unit") else {
            if kind == Type::Length {
                let help = format!("add `unit = \"minutes\"` or another of: {known}");
                self.reader.error_help(Code::UnitMissing, &row.span, "in which unit is this length?", help);
                return None;
            }
            return Some(LengthFormat::Units(1));
        };
        if kind != Type::Length {
            self.reader.error(Code::WrongOption, &item.span, "`unit` belongs to fields that are lengths");
        }
        let found = item.text().and_then(LengthFormat::parse);
        if found.is_none() {
            let message = format!("a unit is one of: {known}");
            let one = Diagnostic::new(Code::UnknownUnit, &self.reader.source, item.span.clone(), message);
            let known = LengthFormat::WORDS.iter().copied();
            self.reader.wrong.push(one.near(item.text().unwrap_or_default(), known));
        }
        found
    }

    /// `max` of a row: of a length that stands as a text, for there the schema has no `maximum`.
    pub(super) fn text_longest(&mut self, row: &Item, length: LengthFormat) -> Option<i64> {
        let item = row.get("max")?;
        if length != LengthFormat::Iso8601 {
            let message = "`max` belongs to lengths with `unit = \"iso8601\"`";
            self.reader.error_help(
                Code::WrongOption,
                &item.span,
                message,
                "of a number, the schema has the `maximum`",
            );
            return None;
        }
        self.longest(row)
    }

    /// `max`: the longest that may be asked for, in seconds.
    pub(super) fn longest(&mut self, item: &Item) -> Option<i64> {
        let at = item.get("max")?;
        let found = read_length(self.reader.text(item, "max")?);
        match found {
            None => {
                let message = "a length is written as in `P31D` or `PT2H`";
                self.reader.error(Code::WrongLength, &at.span, message);
            }
            Some(..=0) => self.reader.error(Code::WrongLength, &at.span, "nothing is that short"),
            Some(_) => {}
        }
        found
    }

    pub(super) fn values(&mut self, field: FieldId, item: &Item, place: Place<'s>) -> Option<Values> {
        let table = match item.text() {
            Some(name) => match self.shared.values.get(name) {
                Some(table) => *table,
                None => {
                    let message = format!("there is no value set `{name}`");
                    let one =
                        Diagnostic::new(Code::UnknownValues, &self.reader.source, item.span.clone(), message);
                    self.reader.wrong.push(one.near(name, self.shared.values.keys().copied()));
                    return None;
                }
            },
            None => item,
        };
        let mut values = Values::default();
        for (key, item) in table.members() {
            self.known_word(field, &key.text, &key.span);
            let constants = self.constants(Some(item));
            for (constant, span) in constants.iter().zip(spans(item)) {
                self.in_schema(constant, place, &span);
            }
            values.0.push((key.text.clone(), constants));
        }
        Some(values)
    }

    pub(super) fn known_word(&mut self, field: FieldId, word: &str, span: &Range<usize>) {
        let name = self.shape.field(field).name;
        let known = word::of(name);
        if !known.contains(&word) {
            let message = format!("`{word}` is no word of `{name}`");
            let one = Diagnostic::new(Code::UnknownWord, &self.reader.source, span.clone(), message);
            let one = one.label(format!("known: {}", known.join(", "))).near(word, known.iter().copied());
            self.reader.wrong.push(one);
        }
    }

    pub(super) fn in_schema(&mut self, constant: &Constant, place: Place<'s>, span: &Range<usize>) {
        let Some(known) = place.values() else { return self.of_type(constant, place, span) };
        if known.contains(&&constant.0) {
            return;
        }
        let shown: Vec<String> = known.iter().map(|value| plain(value)).collect();
        let message = format!("the schema has no value `{}` here", plain(&constant.0));
        let one = Diagnostic::new(Code::ValueNotInSchema, &self.reader.source, span.clone(), message);
        let one = one.label(format!("not one of {}", shown.join(", ")));
        let one = one.near(&plain(&constant.0), shown.iter().map(String::as_str));
        self.reader.wrong.push(one);
    }

    /// Where the schema lists no values, it may say of what type they are.
    fn of_type(&mut self, constant: &Constant, place: Place<'s>, span: &Range<usize>) {
        let types = place.types();
        let own = match &constant.0 {
            Json::Null => &["null"][..],
            Json::Bool(_) => &["boolean"],
            Json::Number(number) if number.is_f64() => &["number"],
            Json::Number(_) => &["integer", "number"],
            Json::String(_) => &["string"],
            Json::Array(_) => &["array"],
            Json::Object(_) => &["object"],
        };
        if !types.is_empty() && !own.iter().any(|own| types.contains(own)) {
            let message = format!("the schema takes no {} here", own[0]);
            let one = Diagnostic::new(Code::ValueNotInSchema, &self.reader.source, span.clone(), message);
            self.reader.wrong.push(one.label(format!("it takes {}", types.join(", "))));
        }
    }

    pub(super) fn constants(&mut self, item: Option<&Item>) -> Vec<Constant> {
        let Some(item) = item else { return Vec::new() };
        let items = match &item.node {
            Toml::Array(items) => items.iter().collect(),
            _ => vec![item],
        };
        let mut found = Vec::new();
        for item in items {
            match constant(item) {
                Some(value) => found.push(Constant(value)),
                None => self.reader.expected(item, "a string, an integer, or true or false"),
            }
        }
        found
    }

    /// What an absence means; it counts as said where it restricts access.
    pub(super) fn default(
        &mut self,
        field: FieldId,
        lens: &Lens,
        item: &Item,
    ) -> Option<(Value<'static>, bool)> {
        let constant = Constant(constant(item)?);
        let value = match (&lens.values, &constant.0) {
            (Some(values), _) => {
                let fits = values.0.iter().filter(|(_, values)| values.contains(&constant));
                let word =
                    fits.max_by_key(|(word, _)| word.matches('.').count()).map(|(word, _)| word.clone());
                match (word, lens.kind) {
                    (Some(word), Type::Bool) => Some(Value::Bool(word == "true")),
                    (Some(word), _) => Some(Value::Text(word.into())),
                    (None, _) => None,
                }
            }
            (None, Json::Bool(value)) => (lens.kind == Type::Bool).then_some(Value::Bool(*value)),
            (None, Json::String(_) | Json::Number(_)) => {
                let text = plain(&constant.0);
                match lens.kind {
                    Type::Length => lens.length.read(&text).ok().map(Value::Length),
                    Type::Time => lens.time.read(&text).map(Value::Time),
                    Type::Count => text.parse().ok().map(Value::Count),
                    Type::Id | Type::Text => Some(Value::Text(text.into())),
                    _ => None,
                }
            }
            (None, _) => None,
        };
        let Some(value) = value else {
            self.reader.error(
                Code::DefaultUnknown,
                &item.span,
                "this default is no value that the row knows",
            );
            return None;
        };
        let name = self.shape.field(field).name;
        Some((value.clone(), crate::canonical::field::restricts(name, &value)))
    }

    /// `since = "now"`: what isn't in the future is as good as not said.
    pub(super) fn since(&mut self, row: &Item, kind: Type) -> bool {
        let Some(item) = row.get("since") else { return false };
        match (item.text(), kind) {
            (Some("now"), Type::Time) => return true,
            (Some("now"), _) => self.reader.error(Code::WrongOption, &item.span, "`since` belongs to times"),
            _ => self.reader.expected(item, "`now`"),
        }
        false
    }
}

pub(super) fn constant(item: &Item) -> Option<Json> {
    match &item.node {
        Toml::Text(text) => Some(Json::String(text.clone())),
        Toml::Integer(number) => Some(Json::from(*number)),
        Toml::Bool(value) => Some(Json::Bool(*value)),
        _ => None,
    }
}

/// Where the single values of a value or an array of values stand.
pub(super) fn spans(item: &Item) -> Vec<Range<usize>> {
    match &item.node {
        Toml::Array(items) => items.iter().map(|item| item.span.clone()).collect(),
        _ => vec![item.span.clone()],
    }
}

pub(super) fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
