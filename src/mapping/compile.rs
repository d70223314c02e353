//! A table's message, checked against its schema and the canonical fields, made a program.
//!
//! Every entry is read once: what is wrong with it is kept as a diagnostic, and what is right becomes an entry of
//! the program. [`cover`](super::cover) then looks at the message as a whole.
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::canonical::time::{TimeFormat, read_length};
use crate::canonical::{FieldId, Shape, Type, Value, word};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::tree::{Item, Key, Node as Toml, Reader};
use crate::json::Name;

use super::cover;
use super::lens::{Constant, JsonKind, Lens, Values};
use super::program::{
    Blank, BlankValue, Carry, Case, Choose, From, Leaf, MapOf, Message, Node, Path, Pattern, Read, Spill,
};
use super::says::{self, Says};
use super::schema::Place;

/// What the messages of one dialect share.
#[derive(Debug)]
pub struct Shared<'t> {
    /// `[values.NAME]`.
    pub values: HashMap<&'t str, &'t Item>,
    /// `[message.NAME]`.
    pub messages: HashMap<&'t str, &'t Item>,
    /// `[variant.V.message.NAME]` of the variant that is compiled.
    pub overrides: HashMap<&'t str, &'t Item>,
}

/// How deep messages may hold messages.
const DEPTH: usize = 6;

/// Compiles one message of a table.
pub fn compile(reader: &mut Reader, shared: &Shared<'_>, name: &Key, schema: Place<'_>) -> Option<Message> {
    compile_as(reader, shared, name, schema, Shape::Access, DEPTH)
}

fn compile_as(
    reader: &mut Reader,
    shared: &Shared<'_>,
    name: &Key,
    schema: Place<'_>,
    shape: Shape,
    depth: usize,
) -> Option<Message> {
    let Some(item) = shared.messages.get(name.text.as_str()) else {
        let one = Diagnostic::new(
            "unknown-message",
            &reader.source,
            name.span.clone(),
            format!("there is no message `{}`", name.text),
        );
        let one = one.near(&name.text, shared.messages.keys().copied());
        reader.wrong.push(one.clone());
        return None;
    };
    if depth == 0 {
        reader.error("messages-too-deep", &name.span, "messages hold each other too deep");
        return None;
    }
    reader.known_keys(item, &["rows", "sum", "choose", "always", "blank", "ignores"]);
    let mut draft = Draft::new(reader, shared, shape, schema, depth);
    let overrides = shared.overrides.get(name.text.as_str());
    draft.overridden = overrides.map(|item| draft.fields_of(item)).unwrap_or_default();
    draft.ignores_overridden = overrides.is_some_and(|item| item.get("ignores").is_some());
    draft.entries(item, false);
    if let Some(item) = overrides {
        draft.reader.known_keys(item, &["rows", "choose", "always", "blank", "ignores"]);
        draft.entries(item, true);
    }
    Some(draft.finish(name, item))
}

/// A message on its way to a program.
pub(super) struct Draft<'r, 't, 's> {
    pub(super) reader: &'r mut Reader,
    shared: &'r Shared<'t>,
    pub(super) shape: Shape,
    pub(super) schema: Place<'s>,
    depth: usize,
    /// Fields whose entries the variant replaces.
    overridden: Vec<String>,
    reads: Vec<Read>,
    chooses: Vec<Choose>,
    /// Places that are written, and where their entries stand.
    pub(super) leaves: Vec<(String, Leaf, Range<usize>)>,
    spills: Vec<(String, FieldId, MapOf, Option<Blank>)>,
    always: Vec<(FieldId, Value<'static>)>,
    pub(super) carries: Vec<Option<(Carry, Range<usize>)>>,
    /// Places that some entry reads, writes or ignores.
    pub(super) covered: HashMap<String, Range<usize>>,
    /// The variant says anew what is ignored.
    ignores_overridden: bool,
    /// Rows that another row's place wins over.
    unless: Vec<Unless>,
}

/// A row with `unless`, until all rows are known.
struct Unless {
    read: usize,
    leaf: usize,
    place: String,
    span: Range<usize>,
}

impl<'r, 't, 's> Draft<'r, 't, 's> {
    fn new(
        reader: &'r mut Reader,
        shared: &'r Shared<'t>,
        shape: Shape,
        schema: Place<'s>,
        depth: usize,
    ) -> Self {
        let carries = shape.fields().iter().map(|_| None).collect();
        Draft {
            reader,
            shared,
            shape,
            schema,
            depth,
            overridden: Vec::new(),
            reads: Vec::new(),
            chooses: Vec::new(),
            leaves: Vec::new(),
            spills: Vec::new(),
            always: Vec::new(),
            carries,
            covered: HashMap::new(),
            ignores_overridden: false,
            unless: Vec::new(),
        }
    }

    /// The fields that a variant's entries name.
    fn fields_of(&self, item: &Item) -> Vec<String> {
        let rows = item.get("rows").map(Item::members).unwrap_or_default();
        let of_rows = rows.iter().filter_map(|(_, row)| row.text().or_else(|| row.get("is")?.text()));
        let always = item.get("always").map(Item::members).unwrap_or_default();
        let chooses = item.get("choose").map(Item::members).unwrap_or_default();
        let keys = always.iter().chain(chooses).map(|(key, _)| key.text.as_str());
        of_rows.chain(keys).map(str::to_owned).collect()
    }

    fn entries(&mut self, item: &Item, of_variant: bool) {
        if of_variant || !self.ignores_overridden {
            for (place, span) in self.reader.texts(item, "ignores") {
                self.place(place, &span);
                self.cover(place, &span);
            }
        }
        for (key, row) in item.get("rows").map(Item::members).unwrap_or_default() {
            self.row(key, row, of_variant);
        }
        for (key, sum) in item.get("sum").map(Item::members).unwrap_or_default() {
            self.parts(key, sum);
        }
        for (key, cases) in item.get("choose").map(Item::members).unwrap_or_default() {
            if of_variant || !self.overridden.contains(&key.text) {
                self.choose(key, cases);
            }
        }
        for (key, value) in item.get("always").map(Item::members).unwrap_or_default() {
            if of_variant || !self.overridden.contains(&key.text) {
                self.always(key, value);
            }
        }
        for (key, value) in item.get("blank").map(Item::members).unwrap_or_default() {
            self.blank(key, value);
        }
    }

    // ── Names ──────────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn field(&mut self, name: &str, span: &Range<usize>) -> Option<FieldId> {
        let found = self.shape.find(name);
        if found.is_none() {
            let of = self.shape.name();
            let message = format!("`{name}` is no canonical field of an {of}");
            let one = Diagnostic::new("unknown-field", &self.reader.source, span.clone(), message);
            let known = self.shape.fields().iter().map(|field| field.name);
            self.reader.wrong.push(one.near(name, known));
        }
        found
    }

    /// The schema's place of a path such as `AccountDetails/AccountID`; `.` is the whole message.
    fn place(&mut self, path: &str, span: &Range<usize>) -> Option<Place<'s>> {
        if path == "." {
            return Some(self.schema);
        }
        let mut at = self.schema;
        for name in path.split('/') {
            match at.member(name).or_else(|| at.additional()) {
                Some(found) => at = found,
                None => {
                    let message = format!("the schema has no place `{name}`");
                    let one = Diagnostic::new("unknown-place", &self.reader.source, span.clone(), message);
                    let known = at.names();
                    let label = match known.is_empty() {
                        true => "no properties stand here".to_owned(),
                        false => format!("known here: {}", known.join(", ")),
                    };
                    self.reader.wrong.push(one.label(label).near(name, known));
                    return None;
                }
            }
        }
        Some(at)
    }

    /// Two entries may not fight over one place.
    fn cover(&mut self, place: &str, span: &Range<usize>) {
        if let Some(before) = self.covered.insert(place.to_owned(), span.clone()) {
            let (line, _) = self.reader.source.line_column(before.start);
            self.reader.error_help(
                "place-taken-twice",
                span,
                format!("two entries take the place `{place}`"),
                format!("the other one stands in line {line}"),
            );
        }
    }

    fn carry(&mut self, field: FieldId, carry: Carry, span: &Range<usize>) {
        let slot = &mut self.carries[field.0 as usize];
        if let Some((_, before)) = slot {
            let (line, _) = self.reader.source.line_column(before.start);
            self.reader.error_help(
                "field-taken-twice",
                span,
                format!("two entries carry the field `{}`", self.shape.field(field).name),
                format!("the other one stands in line {line}; other spellings of one place belong in `also`"),
            );
            return;
        }
        *slot = Some((carry, span.clone()));
    }

    // ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────

    fn row(&mut self, key: &Key, row: &Item, of_variant: bool) {
        let form = match &row.node {
            Toml::Text(_) => "is",
            Toml::Table(_) => {
                let forms = ["is", "sum", "list", "map", "says"];
                let found: Vec<&str> = forms.into_iter().filter(|form| row.get(form).is_some()).collect();
                match found[..] {
                    [form] => form,
                    _ => {
                        let message =
                            "a row is a field, or has exactly one of `is`, `sum`, `list`, `map`, `says`";
                        return self.reader.error("unknown-form", &row.span, message);
                    }
                }
            }
            _ => return self.reader.expected(row, "a canonical field or a table"),
        };
        let field = row.text().or_else(|| row.get("is")?.text());
        if !of_variant && field.is_some_and(|field| self.overridden.iter().any(|name| name == field)) {
            return;
        }
        let Some(place) = self.place(&key.text, &key.span) else { return };
        self.cover(&key.text, &key.span);
        match form {
            "is" => self.is(key, row, place),
            "sum" => self.sum(key, row, place),
            "list" => self.list(key, row, place),
            "map" => self.map(key, row, place),
            _ => self.says(key, row, place),
        }
    }

    fn is(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        let known = ["is", "default", "values", "unit", "time", "also", "unless", "unset", "since"];
        if matches!(row.node, Toml::Table(_)) {
            self.reader.known_keys(row, &known);
        }
        let named = row.get("is").unwrap_or(row);
        let Some(name) = named.text() else { return self.reader.expected(named, "a canonical field") };
        let Some(field) = self.field(name, &named.span) else { return };
        let Some(lens) = self.lens(field, row, place, &key.span) else { return };
        let mut at = vec![path(&key.text)];
        for (other, span) in self.reader.texts(row, "also") {
            if self.place(other, &span).is_some() {
                self.cover(other, &span);
                at.push(path(other));
            }
        }
        let unless = self.reader.text(row, "unless").zip(row.get("unless"));
        let unless = unless.filter(|(other, item)| self.place(other, &item.span).is_some());
        let default = row.get("default").and_then(|item| self.default(field, &lens, item));
        let unset = self.constants(row.get("unset"));
        let since_now = self.since(row, lens.kind);
        let carry = match &lens.values {
            Some(values) => Carry::Words(values.0.iter().map(|(word, _)| word.clone()).collect()),
            None => Carry::Plain {
                limits: lens.limits.clone(),
                digits: lens.json == JsonKind::Number && matches!(lens.kind, Type::Id | Type::Count),
                unit: lens.unit,
                longest: None,
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
    fn winners(&mut self) {
        for one in std::mem::take(&mut self.unless) {
            let place = path(&one.place);
            let winner = self.reads.iter().find_map(|read| match read {
                Read::Scalar { field, at, .. } if at.contains(&place) => Some((*field, at.clone())),
                _ => None,
            });
            let Some((winner, spellings)) = winner else {
                let message = format!("no row reads `{}` as a single value", one.place);
                self.reader.error("wrong-option", &one.span, message);
                continue;
            };
            if let Some(Read::Scalar { unless, .. }) = self.reads.get_mut(one.read) {
                *unless = spellings;
            }
            if let Some((_, Leaf { from: From::Field { unless, .. }, .. }, _)) = self.leaves.get_mut(one.leaf)
            {
                *unless = Some(winner);
            }
        }
    }

    fn leaf(&mut self, place: &str, from: From, span: &Range<usize>) {
        self.leaves.push((place.to_owned(), Leaf { from, blank: None }, span.clone()));
    }

    fn lens(&mut self, field: FieldId, row: &Item, place: Place<'s>, span: &Range<usize>) -> Option<Lens> {
        let kind = self.shape.field(field).kind;
        if matches!(kind, Type::Texts | Type::Map(_) | Type::List(_)) {
            let name = self.shape.field(field).name;
            self.reader.error_help(
                "wrong-form",
                span,
                format!("`{name}` holds more than one value"),
                "write `{ list = … }` or `{ map = … }`",
            );
            return None;
        }
        let json = place.types().into_iter().find_map(|kind| match kind {
            "string" => Some(JsonKind::Text),
            "integer" | "number" => Some(JsonKind::Number),
            "boolean" => Some(JsonKind::Bool),
            _ => None,
        });
        let Some(json) = json else {
            self.reader.error("wrong-type", span, "the schema has no single value at this place");
            return None;
        };
        let values = match row.get("values") {
            Some(item) => Some(self.values(field, item, place)?),
            None => None,
        };
        let unit = self.unit(row, kind)?;
        let time = match (kind, self.reader.text(row, "time"), row.get("time")) {
            (Type::Time, Some(word), Some(item)) => match TimeFormat::parse(word) {
                Some(format) => format,
                None => {
                    let one = Diagnostic::new(
                        "unknown-time-format",
                        &self.reader.source,
                        item.span.clone(),
                        format!("`{word}` is no way of writing times"),
                    );
                    let known = format!("known: {}", TimeFormat::WORDS.join(", "));
                    self.reader.wrong.push(one.label(known).near(word, TimeFormat::WORDS.iter().copied()));
                    return None;
                }
            },
            (Type::Time, ..) => {
                let help = format!("add `time = \"…\"`: {}", TimeFormat::WORDS.join(", "));
                self.reader.error_help("time-format-missing", span, "how is this time written?", help);
                return None;
            }
            (_, Some(_), Some(item)) => {
                self.reader.error("wrong-option", &item.span, "`time` belongs to fields that are times");
                return None;
            }
            _ => TimeFormat::Unix,
        };
        self.convertible(kind, json, values.is_some(), span).then(|| Lens {
            kind,
            values,
            unit,
            time,
            json,
            limits: place.limits(),
        })
    }

    /// Whether what the field holds can stand as the JSON that the schema wants.
    fn convertible(&mut self, kind: Type, json: JsonKind, by_values: bool, span: &Range<usize>) -> bool {
        let fine = by_values
            || match kind {
                Type::Bool => json != JsonKind::Number,
                Type::Word => false,
                Type::Text => json == JsonKind::Text,
                Type::Count | Type::Length | Type::Time | Type::Id => json != JsonKind::Bool,
                Type::Texts | Type::Map(_) | Type::List(_) => false,
            };
        if !fine {
            let (message, help) = match kind {
                Type::Word => ("a word needs its values", "add `values = { word = value, … }`"),
                Type::Bool => ("true and false need their numbers", "add `values = { true = 1, false = 0 }`"),
                _ => (
                    "the schema's type at this place can't hold what the field holds",
                    "look at the schema's `type`",
                ),
            };
            self.reader.error_help("type-mismatch", span, message, help);
        }
        fine
    }

    fn unit(&mut self, row: &Item, kind: Type) -> Option<i64> {
        let Some(item) = row.get("unit") else {
            if kind == Type::Length {
                let help = "add `unit = \"minutes\"` or another of: seconds, minutes, hours, days";
                self.reader.error_help("unit-missing", &row.span, "in which unit is this length?", help);
                return None;
            }
            return Some(1);
        };
        if kind != Type::Length {
            self.reader.error("wrong-option", &item.span, "`unit` belongs to fields that are lengths");
        }
        let found = item.text().and_then(unit_of);
        if found.is_none() {
            let message = "a unit is one of: seconds, minutes, hours, days";
            let one = Diagnostic::new("unknown-unit", &self.reader.source, item.span.clone(), message);
            let known = ["seconds", "minutes", "hours", "days"];
            self.reader.wrong.push(one.near(item.text().unwrap_or_default(), known));
        }
        found
    }

    fn values(&mut self, field: FieldId, item: &Item, place: Place<'s>) -> Option<Values> {
        let table = match item.text() {
            Some(name) => match self.shared.values.get(name) {
                Some(table) => *table,
                None => {
                    let message = format!("there is no value set `{name}`");
                    let one =
                        Diagnostic::new("unknown-values", &self.reader.source, item.span.clone(), message);
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

    fn known_word(&mut self, field: FieldId, word: &str, span: &Range<usize>) {
        let name = self.shape.field(field).name;
        let known = word::of(name);
        if !known.contains(&word) {
            let message = format!("`{word}` is no word of `{name}`");
            let one = Diagnostic::new("unknown-word", &self.reader.source, span.clone(), message);
            let one = one.label(format!("known: {}", known.join(", "))).near(word, known.iter().copied());
            self.reader.wrong.push(one);
        }
    }

    fn in_schema(&mut self, constant: &Constant, place: Place<'s>, span: &Range<usize>) {
        let Some(known) = place.values() else { return };
        if known.contains(&&constant.0) {
            return;
        }
        let shown: Vec<String> = known.iter().map(|value| plain(value)).collect();
        let message = format!("the schema has no value `{}` here", plain(&constant.0));
        let one = Diagnostic::new("value-not-in-schema", &self.reader.source, span.clone(), message);
        let one = one.label(format!("not one of {}", shown.join(", ")));
        let one = one.near(&plain(&constant.0), shown.iter().map(String::as_str));
        self.reader.wrong.push(one);
    }

    fn constants(&mut self, item: Option<&Item>) -> Vec<Constant> {
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
    fn default(&mut self, field: FieldId, lens: &Lens, item: &Item) -> Option<(Value<'static>, bool)> {
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
            (None, Json::Bool(value)) => Some(Value::Bool(*value)),
            (None, Json::String(text)) => Some(Value::Text(text.clone().into())),
            (None, Json::Number(number)) => match lens.kind {
                Type::Length => number.as_i64().map(|amount| Value::Length(amount.saturating_mul(lens.unit))),
                Type::Count => number.as_i64().map(Value::Count),
                _ => Some(Value::Text(number.to_string().into())),
            },
            (None, _) => None,
        };
        let Some(value) = value else {
            self.reader.error("default-unknown", &item.span, "this default is no value that the row knows");
            return None;
        };
        let name = self.shape.field(field).name;
        Some((value.clone(), crate::canonical::field::restricts(name, &value)))
    }

    fn sum(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["sum", "time", "since", "unset"]);
        let named = self.reader.texts(row, "sum");
        let [(first, first_at), (second, second_at)] = named.as_slice() else {
            return self.reader.error("wrong-form", &key.span, "a sum is of two fields");
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
                return self.reader.error("type-mismatch", &key.span, message);
            }
        };
        let Some(lens) = lens else { return };
        let since_now = self.since(row, lens.kind);
        let unset = self.constants(row.get("unset"));
        let carry = Carry::Plain { limits: Default::default(), digits: false, unit: 1, longest: None };
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

    /// `since = "now"`: what isn't in the future is as good as not said.
    fn since(&mut self, row: &Item, kind: Type) -> bool {
        let Some(item) = row.get("since") else { return false };
        match (item.text(), kind) {
            (Some("now"), Type::Time) => return true,
            (Some("now"), _) => self.reader.error("wrong-option", &item.span, "`since` belongs to times"),
            _ => self.reader.expected(item, "`now`"),
        }
        false
    }

    fn parts(&mut self, key: &Key, item: &Item) {
        self.reader.known_keys(item, &["days", "hours", "minutes", "seconds", "max", "also"]);
        let Some(field) = self.field(&key.text, &key.span) else { return };
        if self.shape.field(field).kind != Type::Length {
            return self.reader.error("type-mismatch", &key.span, "only a length is a sum of places");
        }
        let longest = match (self.reader.text(item, "max"), item.get("max")) {
            (Some(text), Some(at)) => {
                let found = read_length(text);
                if found.is_none() {
                    self.reader.error("wrong-length", &at.span, "a length is written as in `P31D` or `PT2H`");
                }
                found
            }
            _ => None,
        };
        let mut parts = Vec::new();
        let mut above = None;
        for unit in ["days", "hours", "minutes", "seconds"] {
            let Some(at) = item.get(unit) else { continue };
            let Some(place) = self.reader.text(item, unit) else { continue };
            if self.place(place, &at.span).is_none() {
                continue;
            }
            self.cover(place, &at.span);
            let seconds = unit_of(unit).unwrap_or(1);
            parts.push((path(place), seconds));
            self.leaf(place, From::Part { field, unit: seconds, above }, &at.span);
            above = Some(seconds);
        }
        let also = self.reader.text(item, "also").zip(item.get("also"));
        if let Some((place, at)) = also {
            self.place(place, &at.span);
            self.cover(place, &at.span);
        }
        let carry = Carry::Plain {
            limits: Default::default(),
            digits: false,
            unit: parts.last().map_or(1, |(_, unit)| *unit),
            longest,
        };
        self.carry(field, carry, &key.span);
        self.reads.push(Read::Parts { field, parts, text: also.map(|(place, _)| path(place)) });
    }

    fn choose(&mut self, key: &Key, item: &Item) {
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
        let places = places.iter().map(|(place, _)| path(place)).collect();
        self.chooses.push(Choose { field, places, cases });
        self.reads.push(Read::Choose(number));
    }

    fn case(
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

    fn pattern(&mut self, item: &Item, place: Place<'s>, number: usize) -> Option<Pattern> {
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

    fn list(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["list", "of", "named"]);
        let Some((field, Type::List(shape))) = self.many(row, "list") else { return };
        let Some(of) = self.reader.text(row, "of").zip(row.get("of")) else {
            return self.reader.error("option-missing", &row.span, "`of` must name the message of an item");
        };
        let of = Key { text: of.0.to_owned(), span: of.1.span.clone() };
        let named = self.reader.text(row, "named").zip(row.get("named"));
        let items = match named {
            None => place.items(),
            Some(_) => place.additional().and_then(Place::items),
        };
        let Some(items) = items else {
            return self.reader.error("wrong-type", &key.span, "the schema has no list at this place");
        };
        let Some(of) = compile_as(self.reader, self.shared, &of, items, shape, self.depth - 1) else {
            return;
        };
        // Reading and writing share it: compiled twice, its mistakes would be told twice, and each level double them.
        let of = Arc::new(of);
        self.carry(field, Carry::Many, &key.span);
        let from = match named {
            None => {
                self.reads.push(Read::List { field, at: path(&key.text), of: of.clone() });
                Some(From::List(field, of))
            }
            Some((template, at)) => match says::parse(template, shape) {
                Ok(parts) => Some(From::Grouped(field, of, parts)),
                Err(wrong) => {
                    self.template(&wrong, at);
                    None
                }
            },
        };
        if let Some(from) = from {
            self.leaf(&key.text, from, &key.span);
        }
    }

    fn many(&mut self, row: &Item, form: &str) -> Option<(FieldId, Type)> {
        let named = row.get(form)?;
        let Some(name) = named.text() else {
            self.reader.expected(named, "a canonical field");
            return None;
        };
        let field = self.field(name, &named.span)?;
        let kind = self.shape.field(field).kind;
        let fits = matches!((form, kind), ("list", Type::List(_)) | ("map", Type::Texts | Type::Map(_)));
        if !fits {
            let message = format!("`{name}` is not what a `{form}` holds");
            self.reader.error("wrong-form", &named.span, message);
        }
        fits.then_some((field, kind))
    }

    fn map(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["map", "of"]);
        let Some((field, kind)) = self.many(row, "map") else { return };
        let (Type::Map(_) | Type::Texts) = kind else { return };
        let of = match kind {
            Type::Map(shape) => {
                let Some(value) = place.additional() else {
                    let message = "the schema has no map at this place";
                    return self.reader.error("wrong-type", &key.span, message);
                };
                let of = key_of(row);
                let message = compile_as(self.reader, self.shared, &of, value, shape, self.depth - 1);
                let Some(message) = message else { return };
                MapOf::Records(Arc::new(message))
            }
            _ => MapOf::Texts,
        };
        self.carry(field, Carry::Many, &key.span);
        self.reads.push(Read::Map { field, at: path(&key.text), of: of.clone(), taken: Vec::new() });
        self.spills.push((key.text.clone(), field, of, None));
    }

    fn says(&mut self, key: &Key, row: &Item, place: Place<'s>) {
        self.reader.known_keys(row, &["says", "values", "unit"]);
        let mut says = Says { unit: 1, ..Says::default() };
        let Some(item) = row.get("says") else { return };
        let before = self.reader.wrong.0.len();
        for (text, span) in self.reader.texts(row, "says") {
            // A bare field's name is short for the field in braces.
            let template = match self.shape.find(text) {
                Some(_) => format!("{{{text}}}"),
                None => text.to_owned(),
            };
            match says::parse(&template, self.shape) {
                Ok(parts) => says.pieces.push(parts),
                Err(wrong) => {
                    let at = Item { span, node: item.node.clone() };
                    self.template(&wrong, &at);
                }
            }
        }
        let wrong = self.reader.wrong.0.len() > before;
        if !wrong && says.pieces.iter().flatten().all(|part| matches!(part, says::Part::Text(_))) {
            let message = "this names no canonical field: write `{field}`, or a field's name alone";
            self.reader.error("unknown-field", &item.span, message);
        }
        if row.get("values").is_some() || row.get("unit").is_some() {
            let Some(field) = says.fields().next() else { return };
            says.values = row.get("values").and_then(|item| self.values(field, item, place));
            let kind = self.shape.field(field).kind;
            says.unit = self.unit(row, kind).unwrap_or(1);
        }
        let number = matches!(place.types().first(), Some(&("integer" | "number")));
        self.leaf(&key.text, From::Says(says, number), &key.span);
    }

    fn template(&mut self, wrong: &says::TemplateError, item: &Item) {
        match wrong.unknown {
            true => {
                self.field(&wrong.what, &item.span);
            }
            false => self.reader.error("wrong-template", &item.span, wrong.what.clone()),
        }
    }

    // ── Without a place, without a value ───────────────────────────────────────────────────────────────────

    fn always(&mut self, key: &Key, item: &Item) {
        let Some(field) = self.field(&key.text, &key.span) else { return };
        let value = match (self.shape.field(field).kind, &item.node) {
            (Type::Bool, Toml::Bool(value)) => Value::Bool(*value),
            (Type::Word, Toml::Text(word)) => {
                self.known_word(field, word, &item.span);
                Value::Text(word.clone().into())
            }
            (Type::Text | Type::Id, Toml::Text(text)) => Value::Text(text.clone().into()),
            (Type::Count, Toml::Integer(count)) => Value::Count(*count),
            _ => return self.reader.error("type-mismatch", &item.span, "this is not what the field holds"),
        };
        self.always.push((field, value));
    }

    fn blank(&mut self, key: &Key, item: &Item) {
        let Some(place) = self.place(&key.text, &key.span) else { return };
        let value = item.get("value").unwrap_or(item);
        let mut beside = Vec::new();
        let (mut otherwise, mut meant) = (None, false);
        if matches!(item.node, Toml::Table(_)) {
            self.reader.known_keys(item, &["value", "beside", "otherwise", "meant"]);
            otherwise = item.get("otherwise").and_then(|item| self.blank_json(item, place));
            meant = self.meant(key, item);
            for (name, span) in self.reader.texts(item, "beside") {
                beside.extend(self.field(name, &span));
            }
        }
        let Some(text) = value.text() else {
            return self
                .reader
                .expected(value, "JSON in a string, such as `\"null\"` or `\"0\"`, or `\"now\"`");
        };
        let leaf = self.leaves.iter().position(|(path, ..)| *path == key.text);
        let value = match text {
            "now" => match leaf.map(|at| &self.leaves[at].1.from) {
                Some(From::Field { lens, .. } | From::Sum { lens, .. }) if lens.kind == Type::Time => {
                    BlankValue::Now(lens.clone())
                }
                _ => {
                    let message = "`now` belongs to a place that a row of a time takes";
                    return self.reader.error("wrong-option", &value.span, message);
                }
            },
            _ => match self.blank_json(value, place) {
                Some(constant) => BlankValue::Constant(constant),
                None => return,
            },
        };
        let constant = match &value {
            BlankValue::Constant(constant) => Some(constant.clone()),
            BlankValue::Now(_) => None,
        };
        let unset: Vec<Constant> = constant.into_iter().chain(otherwise.clone()).collect();
        let blank = Some(Blank { value, beside, otherwise });
        if let Some((.., slot)) = self.spills.iter_mut().find(|(place, ..)| *place == key.text) {
            *slot = blank;
            return;
        }
        match leaf {
            Some(at) => self.leaves[at].1.blank = blank,
            None => {
                self.cover(&key.text, &key.span);
                self.leaves.push((key.text.clone(), Leaf { from: From::Nothing, blank }, key.span.clone()));
            }
        }
        if !meant {
            self.read_blank(&key.text, &unset);
        }
    }

    fn blank_json(&mut self, item: &Item, place: Place<'s>) -> Option<Constant> {
        let json = item.text().and_then(|text| serde_json::from_str(text).ok());
        match json {
            Some(json) => {
                let constant = Constant(json);
                self.in_schema(&constant, place, &item.span);
                Some(constant)
            }
            None => {
                let help = "a text needs quotes of its own: `'\"\"'`";
                self.reader.error_help("wrong-blank", &item.span, "this is no JSON", help);
                None
            }
        }
    }

    /// `meant = true`: servers write the blank's value, too, and mean it; so it is read as a value, and an absence as
    /// the same. Without it a count of 0 that a server tells would be taken for one that nobody knows.
    fn meant(&mut self, key: &Key, item: &Item) -> bool {
        let Some(at) = item.get("meant") else { return false };
        if !matches!(at.node, Toml::Bool(true)) {
            self.reader.expected(at, "true, or no `meant`");
            return false;
        }
        let place = path(&key.text);
        let text = item.get("value").and_then(Item::text);
        let count = text.and_then(|text| text.parse::<i64>().ok());
        for read in &mut self.reads {
            match (read, count) {
                (Read::Scalar { at, lens, default, .. }, Some(count))
                    if at.contains(&place) && lens.kind == Type::Count =>
                {
                    *default = Some((Value::Count(count), false));
                    return true;
                }
                (Read::Sum { at, lens, absent, .. }, Some(count))
                    if *at == place && lens.kind == Type::Count =>
                {
                    *absent = Some(count);
                    return true;
                }
                _ => {}
            }
        }
        self.reader.error(
            "wrong-option",
            &at.span,
            "`meant` is for a number at a place that a row of a count takes",
        );
        false
    }

    /// A blank is read as nothing.
    fn read_blank(&mut self, place: &str, blank: &[Constant]) {
        let place = path(place);
        for read in &mut self.reads {
            match read {
                Read::Scalar { at, unset, .. } if at.contains(&place) => unset.extend(blank.iter().cloned()),
                Read::Sum { at, unset, .. } if *at == place => unset.extend(blank.iter().cloned()),
                _ => {}
            }
        }
    }

    // ── The whole ──────────────────────────────────────────────────────────────────────────────────────────

    fn finish(mut self, name: &Key, item: &Item) -> Message {
        self.winners();
        cover::required(&mut self, name);
        cover::every_property(&mut self, name, item);
        let required = self.schema.required();
        let required = self.leaves.iter().filter(|(place, ..)| required.contains(&place.as_str()));
        let required = required.filter_map(|(_, leaf, _)| match (&leaf.from, &leaf.blank) {
            (From::Field { field, .. }, None) => Some(*field),
            (From::Part { field, .. }, None) => Some(*field),
            _ => None,
        });
        let required = required.collect();
        let names: Vec<(String, Name)> = self.covered.keys().map(|at| (at.clone(), last(at))).collect();
        for read in &mut self.reads {
            if let Read::Map { at, taken, .. } = read {
                let base: Vec<&str> = at.iter().map(Name::as_str).collect();
                let base = base.join("/");
                let inside = names.iter().filter(|(place, _)| {
                    place.rsplit_once('/').map_or("", |(above, _)| above) == base && *place != "."
                });
                let map_itself = |place: &str| place == base;
                *taken = inside.filter(|(p, _)| !map_itself(p)).map(|(_, name)| name.clone()).collect();
            }
        }
        let places = self.places();
        let mut members: Vec<&str> =
            self.covered.keys().map(|place| place.split('/').next().unwrap_or_default()).collect();
        members.sort_unstable();
        members.dedup();
        let members = members.into_iter().map(Name::new).collect();
        let mut root = Node::Object { members: Vec::new(), spill: None };
        for (place, field, of, blank) in self.spills {
            root.spill_at(&place, Spill { field, of, blank });
        }
        for (place, leaf, _) in self.leaves {
            root.leaf_at(&place, leaf);
        }
        let (carries, origins) = self.carries.into_iter().map(Option::unzip).unzip();
        Message {
            name: name.text.clone(),
            shape: self.shape,
            reads: self.reads,
            chooses: self.chooses,
            root,
            always: self.always,
            carries,
            required,
            origins,
            places,
            members,
        }
    }

    /// By field: the first place that is written for it.
    fn places(&self) -> Vec<Option<String>> {
        let mut places = vec![None; self.shape.fields().len()];
        let mut set = |field: FieldId, place: &str| {
            places[field.0 as usize].get_or_insert_with(|| place.to_owned());
        };
        for (place, leaf, _) in &self.leaves {
            match &leaf.from {
                From::Field { field, .. } | From::Part { field, .. } | From::List(field, _) => {
                    set(*field, place)
                }
                From::Sum { second, .. } => set(*second, place),
                From::Choose { choose, .. } => set(self.chooses[*choose].field, place),
                From::Nothing | From::Says(..) | From::Grouped(..) => {}
            }
        }
        for (place, field, ..) in &self.spills {
            set(*field, place);
        }
        places
    }
}

fn key_of(row: &Item) -> Key {
    let of = row.get("of");
    Key {
        text: of.and_then(Item::text).unwrap_or_default().to_owned(),
        span: of.map_or(row.span.clone(), |item| item.span.clone()),
    }
}

impl Node {
    fn inner(&mut self, name: &str) -> &mut Node {
        if let Node::Leaf(_) = self {
            *self = Node::Object { members: Vec::new(), spill: None };
        }
        let Node::Object { members, .. } = self else { return self };
        let at = match members.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None => {
                members.push((name.to_owned(), Node::Object { members: Vec::new(), spill: None }));
                members.len() - 1
            }
        };
        &mut members[at].1
    }

    fn at(&mut self, place: &str) -> &mut Node {
        match place {
            "." => self,
            place => place.split('/').fold(self, Node::inner),
        }
    }

    fn leaf_at(&mut self, place: &str, leaf: Leaf) {
        *self.at(place) = Node::Leaf(leaf);
    }

    fn spill_at(&mut self, place: &str, map: Spill) {
        if let Node::Object { spill, .. } = self.at(place) {
            *spill = Some(map);
        }
    }
}

fn path(place: &str) -> Path {
    match place {
        "." => Path::default(),
        place => place.split('/').map(Name::new).collect(),
    }
}

fn last(place: &str) -> Name {
    Name::new(place.rsplit('/').next().unwrap_or(place))
}

fn unit_of(word: &str) -> Option<i64> {
    Some(match word {
        "seconds" => 1,
        "minutes" => 60,
        "hours" => 3600,
        "days" => 86400,
        _ => return None,
    })
}

fn constant(item: &Item) -> Option<Json> {
    match &item.node {
        Toml::Text(text) => Some(Json::String(text.clone())),
        Toml::Integer(number) => Some(Json::from(*number)),
        Toml::Bool(value) => Some(Json::Bool(*value)),
        _ => None,
    }
}

/// Where the single values of a value or an array of values stand.
fn spans(item: &Item) -> Vec<Range<usize>> {
    match &item.node {
        Toml::Array(items) => items.iter().map(|item| item.span.clone()).collect(),
        _ => vec![item.span.clone()],
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
