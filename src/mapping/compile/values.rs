//! What rows and cases say of values: units, value sets, constants, defaults.
use std::ops::Range;

use serde_json::Value as Json;

use crate::canonical::time::{LengthFormat, read_length};
use crate::canonical::{FieldId, Type, Value, word};
use crate::diagnostic::tree::{Item, Node as Toml};
use crate::diagnostic::{Code, Diagnostic};

use super::super::lens::{Constant, Lens, Values};
use super::super::schema::Place;
use super::{Draft, users};

/// A word, with its values and where they stand.
type Valued = (String, Vec<(Constant, Range<usize>)>);

impl<'s> Draft<'_, '_, 's> {
    /// How a length is written; whatever, of anything else.
    pub(super) fn unit(&mut self, row: &Item, kind: Type) -> Option<LengthFormat> {
        let known = LengthFormat::WORDS.join(", ");
        let Some(item) = row.get("unit") else {
            if kind == Type::Length {
                let help = format!("add `unit = \"minutes\"` or another of: {known}");
                self.reader.error(Code::UnitMissing, &row.span, "in which unit is this length?", help);
                return None;
            }
            return Some(LengthFormat::Units(1));
        };
        if kind != Type::Length {
            self.reader.error(
                Code::WrongOption,
                &item.span,
                "`unit` belongs to fields that are lengths",
                "take it out",
            );
        }
        let found = item.text().and_then(LengthFormat::parse);
        if found.is_none() {
            let message = format!("a unit is one of: {known}");
            let one = Diagnostic::new(Code::UnknownUnit, &self.reader.source, item.span.clone(), message);
            let known = LengthFormat::WORDS.iter().copied();
            self.reader.wrong.push(one.near_or(item.text().unwrap_or_default(), known, "write one of them"));
        }
        found
    }

    /// `max` of a row: of a length that stands as a text, for there the schema has no `maximum`.
    pub(super) fn text_longest(&mut self, row: &Item, length: LengthFormat) -> Option<i64> {
        let item = row.get("max")?;
        if length != LengthFormat::Iso8601 {
            let message = "`max` belongs to lengths with `unit = \"iso8601\"`";
            self.reader.error(
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
                let help = "write it as in `P31D` or `PT2H`; a month has no length";
                self.reader.error(Code::WrongLength, &at.span, "this is no length", help);
            }
            Some(..=0) => {
                let help = "write the longest that the server takes, or leave it out";
                self.reader.error(Code::WrongLength, &at.span, "nothing is that short", help);
            }
            Some(_) => {}
        }
        found
    }

    /// A value set that is read and written.
    pub(super) fn values(&mut self, field: FieldId, item: &Item, place: Place<'s>) -> Option<Values> {
        let kind = self.shape.field(field).kind;
        if !matches!(kind, Type::Word | Type::Bool) {
            let name = self.shape.field(field).name;
            let message = format!("`{name}` holds no words that could have values");
            let help = "take `values` out, or name a field that holds a word, or true or false";
            self.reader.error(Code::TypeMismatch, &item.span, message, help);
            return None;
        }
        let values = self.texts(field, item, place)?;
        self.ambiguous(&values);
        Some(Values(
            values
                .into_iter()
                .map(|(word, values)| (word, values.into_iter().map(|(v, _)| v).collect()))
                .collect(),
        ))
    }

    /// Words' texts, which nobody reads.
    pub(super) fn words(&mut self, field: FieldId, item: &Item, place: Place<'s>) -> Option<Values> {
        let values = self.texts(field, item, place)?;
        Some(Values(
            values
                .into_iter()
                .map(|(word, values)| (word, values.into_iter().map(|(v, _)| v).collect()))
                .collect(),
        ))
    }

    fn texts(&mut self, field: FieldId, item: &Item, place: Place<'s>) -> Option<Vec<Valued>> {
        let table = match item.text() {
            Some(name) => match self.shared.values.get(name) {
                Some(table) => *table,
                None => {
                    let message = format!("there is no value set `{name}`");
                    let one =
                        Diagnostic::new(Code::UnknownValues, &self.reader.source, item.span.clone(), message);
                    let known = self.shared.values.keys().copied();
                    let help = format!(
                        "add `[values.{name}]`, or write the set here: `values = {{ word = value, … }}`"
                    );
                    self.reader.wrong.push(one.near_or(name, known, help));
                    return None;
                }
            },
            None => item,
        };
        if !matches!(table.node, Toml::Table(_)) {
            self.reader.expected(table, "the name of a value set, or a table of words and values");
            return None;
        }
        let mut all = Vec::new();
        let before = self.reader.wrong.0.len();
        for (key, item) in table.members() {
            self.known_word(field, &key.text, &key.span);
            let constants = self.constants(Some(item));
            let listed = matches!(&item.node, Toml::Array(items) if items.is_empty());
            if listed {
                let message = format!("no value stands for `{}`", key.text);
                let help = "write a value, or take the word out";
                self.reader.error(Code::OptionMissing, &item.span, message, help);
            }
            for (constant, span) in &constants {
                self.in_schema(constant, place, span);
            }
            all.push((key.text.clone(), constants));
        }
        if item.text().is_some() {
            let name = self.shape.field(field).name;
            users::of_values(self.reader, before, item.span.start, name);
        }
        if all.is_empty() {
            let help = "write words and their values, as in `{ pending = \"Waiting\" }`";
            self.reader.error(Code::OptionMissing, &table.span, "this set has no values", help);
            return None;
        }
        Some(all)
    }

    /// Values that stand twice. Of a word and one below it, the deeper one is read; of others, nobody knows which.
    fn ambiguous(&mut self, all: &[Valued]) {
        for (at, (word, values)) in all.iter().enumerate() {
            for (number, (value, span)) in values.iter().enumerate() {
                let shown = plain(&value.0);
                if values[..number].iter().any(|(before, _)| before == value) {
                    let message = format!("`{shown}` stands for `{word}` already");
                    self.reader.error(Code::ValueUnreachable, span, message, "take it out");
                    continue;
                }
                let has = |(_, other): &&Valued| other.iter().any(|(other, _)| other == value);
                let below = |(other, _): &&Valued| other != word && word::within(other, word);
                if number > 0
                    && let Some((deeper, _)) = all.iter().filter(below).find(has)
                {
                    let message = format!("`{shown}` is never read as `{word}`, for `{deeper}` has it, too");
                    let help = "take it out here: it isn't written for this word either, the first one is";
                    self.reader.error(Code::ValueUnreachable, span, message, help);
                }
                let apart = |(other, _): &&Valued| !word::within(other, word) && !word::within(word, other);
                if let Some((other, _)) = all[..at].iter().filter(apart).find(has) {
                    let message = format!("`{shown}` stands for `{other}` as well as for `{word}`");
                    let help = "leave it to one of them: what is read must mean one thing";
                    self.reader.error(Code::ValueTakenTwice, span, message, help);
                }
            }
        }
    }

    pub(super) fn known_word(&mut self, field: FieldId, word: &str, span: &Range<usize>) {
        let name = self.shape.field(field).name;
        let known = word::of(name);
        if !known.contains(&word) {
            let message = format!("`{word}` is no word of `{name}`");
            let one = Diagnostic::new(Code::UnknownWord, &self.reader.source, span.clone(), message);
            let one = one.label(format!("known: {}", known.join(", "))).near_or(
                word,
                known.iter().copied(),
                "write one of them",
            );
            self.reader.wrong.push(one);
        }
    }

    pub(super) fn in_schema(&mut self, constant: &Constant, place: Place<'s>, span: &Range<usize>) {
        let Some(known) = place.values() else { return self.of_type(constant, place, span) };
        if known.contains(&&constant.0) {
            return;
        }
        self.misspelt.push(place);
        let shown: Vec<String> = known.iter().map(|value| plain(value)).collect();
        let message = format!("the schema has no value `{}` here", plain(&constant.0));
        let one = Diagnostic::new(Code::ValueNotInSchema, &self.reader.source, span.clone(), message);
        let one = one.label(format!("not one of {}", shown.join(", ")));
        let known = shown.iter().map(String::as_str);
        let help = "write one of them, or add the value to the schema";
        self.reader.wrong.push(one.near_or(&plain(&constant.0), known, help));
    }

    /// Where the schema lists no values, it may say of what type they are, and within which limits.
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
        let of_type = types.is_empty() || own.iter().any(|own| types.contains(own));
        if of_type && place.takes(&constant.0) {
            return;
        }
        let (message, label) = match of_type {
            true => (
                format!("the schema takes no `{}` here", plain(&constant.0)),
                "outside of its limits".to_owned(),
            ),
            false => {
                (format!("the schema takes no {} here", own[0]), format!("it takes {}", types.join(", ")))
            }
        };
        let one = Diagnostic::new(Code::ValueNotInSchema, &self.reader.source, span.clone(), message);
        let help = "write a value that the schema takes, or mend the schema";
        self.reader.wrong.push(one.label(label).help(help));
    }

    /// Values that mean "not set": such as can stand there, and mean nothing else.
    pub(super) fn unset(&mut self, row: &Item, lens: Option<&Lens>, place: Place<'s>) -> Vec<Constant> {
        let constants = self.constants(row.get("unset"));
        self.listed_once(&constants);
        let values = lens.and_then(|lens| lens.values.as_ref());
        for (constant, span) in &constants {
            self.in_schema(constant, place, span);
            if let (Json::Bool(value), Some(Lens { kind: Type::Bool, values: None, .. })) =
                (&constant.0, lens)
            {
                let message = format!("`{value}` means {value}, and here \"not set\"");
                let help = "take it out; what an absence means is the row's `default`";
                self.reader.error(Code::ValueUnreachable, span, message, help);
            }
            let means = |(_, values): &&(String, Vec<Constant>)| values.contains(constant);
            if let Some((word, _)) = values.and_then(|values| values.0.iter().find(means)) {
                let message =
                    format!("`{}` stands for `{word}`, and here for \"not set\"", plain(&constant.0));
                self.reader.error(Code::ValueUnreachable, span, message, "take it out of one of the two");
            }
        }
        constants.into_iter().map(|(constant, _)| constant).collect()
    }

    /// Complains about a value that a list has a second time.
    pub(super) fn listed_once(&mut self, constants: &[(Constant, Range<usize>)]) {
        let shown: Vec<_> = constants.iter().map(|(constant, span)| (&constant.0, span.clone())).collect();
        self.reader.once(&shown);
    }

    /// The single values of a value or an array of values, and where each stands.
    pub(super) fn constants(&mut self, item: Option<&Item>) -> Vec<(Constant, Range<usize>)> {
        let Some(item) = item else { return Vec::new() };
        let items = match &item.node {
            Toml::Array(items) => items.iter().collect(),
            _ => vec![item],
        };
        let mut found = Vec::new();
        for item in items {
            match constant(item) {
                Some(value) => found.push((Constant(value), item.span.clone())),
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
            (None, json) => default_of(lens, json),
        };
        let Some(value) = value else {
            let known = lens.values.as_ref().map(|values| {
                let all = values.0.iter().flat_map(|(_, values)| values).map(|value| plain(&value.0));
                format!("write one of the row's values: {}", all.collect::<Vec<_>>().join(", "))
            });
            let known = known.unwrap_or_else(|| format!("write {}", held(lens.kind)));
            let message = "this default is no value that the row knows";
            self.reader.error(Code::DefaultUnknown, &item.span, message, known);
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
            (Some("now"), _) => {
                self.reader.error(Code::WrongOption, &item.span, "`since` belongs to times", "take it out");
            }
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

/// What a default means that stands for itself.
fn default_of(lens: &Lens, json: &Json) -> Option<Value<'static>> {
    if let (Type::Bool, Json::Bool(value)) = (lens.kind, json) {
        return Some(Value::Bool(*value));
    }
    if !matches!(json, Json::String(_) | Json::Number(_)) {
        return None;
    }
    let text = plain(json);
    match lens.kind {
        Type::Length => lens.length.read(&text).ok().map(Value::Length),
        Type::Time => lens.time.read(&text).map(Value::Time),
        Type::Count => text.parse().ok().map(Value::Count),
        Type::Id | Type::Text => Some(Value::Text(text.into())),
        _ => None,
    }
}

/// What a field of a type holds, as a table writes it.
pub(super) fn held(kind: Type) -> &'static str {
    match kind {
        Type::Bool => "true or false, without quotes",
        Type::Count => "a whole number, without quotes",
        Type::Length => "a length as the row's unit has it",
        Type::Word => "one of the field's words, in quotes",
        Type::Id => "an id, in quotes",
        Type::Text => "a text, in quotes",
        Type::Time => "a time as the row's `time` has it",
        Type::Texts | Type::Map(_) | Type::List(_) => "nothing: no constant stands for it",
    }
}

pub(super) fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
