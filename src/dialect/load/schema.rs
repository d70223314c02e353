//! A message's JSON Schema, read and looked at: what a person gets wrong in one, and JSON Schema takes without a word.
//!
//! Start at [`read`]. JSON Schema ignores words that it doesn't know and limits that contradict each other; in a
//! gateway such a slip lets through what the vendor's page forbids. Knows JSON Schema, and no table.
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::diagnostic::places::Places;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::json::Schema;
use crate::mapping::schema::Place;

use super::{conditions, elsewhere, endless, oddities};

/// What JSON Schema (draft 2020-12) has, by what it holds.
const HOLDS_A_SCHEMA: &[&str] = &[
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
const HOLDS_SCHEMAS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
const HOLDS_NAMED_SCHEMAS: &[&str] = &["$defs", "dependentSchemas", "patternProperties", "properties"];
const HOLDS_ANYTHING: &[&str] = &[
    "$anchor",
    "$comment",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "$vocabulary",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "dependentRequired",
    "deprecated",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
];

/// What a `format` may be.
const FORMATS: &[&str] = &[
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// Schemas of the same place as the one that holds them.
pub(super) const SAME_PLACE: &[&str] =
    &["allOf", "anyOf", "dependentSchemas", "else", "if", "not", "oneOf", "then"];

/// Limits, the least and the most.
pub(super) const PAIRS: &[(&str, &str)] = &[
    ("minimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
];

/// Of which type a limit speaks.
const SPEAKS_OF: &[(&[&str], &[&str])] = &[
    (&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"], &["integer", "number"]),
    (&["minLength", "maxLength", "pattern", "format"], &["string"]),
    (&["minItems", "maxItems", "items", "uniqueItems", "prefixItems"], &["array"]),
    (&["properties", "required", "additionalProperties", "minProperties", "maxProperties"], &["object"]),
];

/// Reads a schema.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn read(source: &Arc<Source>) -> Result<(Json, Schema), Diagnostics> {
    let places = Places::of(&source.text);
    let json: Json = serde_json::from_str(&source.text).map_err(|e| {
        let at = offset(&source.text, e.line(), e.column());
        Diagnostic::new(Code::SchemaNotJson, source, at..at, format!("the schema is not JSON: {e}"))
            .help("as it says; a comma before a closing bracket is the commonest")
    })?;
    let mut look = Look { source, places: &places, root: &json, wrong: Diagnostics::default() };
    look.repeated();
    if let Some(pointer) = endless::endless(&json) {
        look.error(
            Code::SchemaEndless,
            places.value(&pointer),
            "the schema refers to itself at one and the same place, without end",
            "refer to it from a property or an item, or take the reference out",
        );
        return Err(look.wrong);
    }
    elsewhere::references(&mut look);
    if look.wrong.0.iter().any(|one| one.code == Code::SchemaNotValid) {
        return Err(look.wrong);
    }
    let schema = Schema::compile(&json).map_err(|wrong| {
        look.error(
            Code::SchemaNotValid,
            places.value(&wrong.pointer),
            format!("this is no JSON Schema: {}", wrong.text),
            "look up in JSON Schema (draft 2020-12) what may stand here",
        );
    });
    if schema.is_ok() {
        look.schema(&json, "", &[]);
        look.conditions();
    }
    match schema {
        Ok(schema) if look.wrong.0.is_empty() => Ok((json, schema)),
        _ => Err(look.wrong),
    }
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

pub(super) struct Look<'s> {
    source: &'s Arc<Source>,
    pub(super) places: &'s Places,
    pub(super) root: &'s Json,
    wrong: Diagnostics,
}

impl<'s> Look<'s> {
    pub(super) fn error(
        &mut self,
        code: Code,
        at: std::ops::Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.wrong.push(Diagnostic::new(code, self.source, at, message).help(help));
    }

    /// The same, where a schema may be come to in several ways.
    pub(super) fn error_once(&mut self, code: Code, at: std::ops::Range<usize>, message: String, help: &str) {
        if !self.wrong.0.iter().any(|one| one.span == at && one.message == message) {
            self.error(code, at, message, help);
        }
    }

    /// A reader of JSON takes the last of two, and says nothing.
    fn repeated(&mut self) {
        for (name, at, first) in &self.places.repeated {
            let line = self.source.line_of(first.start, at.start);
            let message = format!("`{name}` stands here a second time");
            let help = format!("take one of them out; the other stands {line}");
            self.error(Code::SchemaRepeats, at.clone(), message, help);
        }
    }

    /// Looks at a schema and all that it holds. `listed` are the properties that the schemas around it list for the
    /// same place. A parsed text is of bounded depth.
    fn schema(&mut self, at: &'s Json, pointer: &str, listed: &[&'s str]) {
        let Json::Object(words) = at else { return };
        let mut listed = listed.to_vec();
        listed.extend(Place::within(self.root, at).names());
        self.words(words, pointer);
        self.limits(words, pointer);
        self.values(words, pointer);
        self.required(words, pointer, &listed);
        oddities::of(self, words, pointer);
        let draft = words.get("$schema").and_then(Json::as_str);
        if draft.is_some_and(|draft| draft.trim_end_matches('#') != DRAFT) {
            let place = self.places.value(&format!("{pointer}/$schema"));
            let message = "schemas are read as draft 2020-12, whatever stands here";
            self.error(Code::SchemaNotValid, place, message, format!("write `{DRAFT}`, or leave it out"));
        }
        for (word, value) in words {
            let same: &[&str] = if SAME_PLACE.contains(&word.as_str()) { &listed } else { &[] };
            let below = format!("{pointer}/{word}");
            match (value, word.as_str()) {
                (_, word) if HOLDS_A_SCHEMA.contains(&word) => self.schema(value, &below, same),
                (Json::Array(all), word) if HOLDS_SCHEMAS.contains(&word) => {
                    for (number, value) in all.iter().enumerate() {
                        self.schema(value, &format!("{below}/{number}"), same);
                    }
                }
                (Json::Object(all), word) if HOLDS_NAMED_SCHEMAS.contains(&word) => {
                    for (name, value) in all {
                        self.schema(value, &format!("{below}/{}", step(name)), same);
                    }
                }
                _ => {}
            }
        }
    }

    /// Words that JSON Schema doesn't have: it ignores them, so a misspelt limit is none.
    fn words(&mut self, words: &Map<String, Json>, pointer: &str) {
        let known = || {
            let all = [HOLDS_A_SCHEMA, HOLDS_SCHEMAS, HOLDS_NAMED_SCHEMAS, HOLDS_ANYTHING];
            all.into_iter().flatten().copied()
        };
        let format = words.get("format").and_then(Json::as_str);
        if let Some(format) = format.filter(|format| !FORMATS.contains(format)) {
            let place = self.places.value(&format!("{pointer}/format"));
            let message = format!("JSON Schema has no format `{format}`, and would ignore it");
            let one = Diagnostic::new(Code::UnknownKeyword, self.source, place, message);
            let help = "take it out; what is held against values is a `pattern`";
            self.wrong.push(one.near_or(format, FORMATS.iter().copied(), help));
        }
        for word in
            words.keys().filter(|word| !word.starts_with("x-") && !known().any(|known| known == *word))
        {
            let place = self.places.name(&format!("{pointer}/{word}"));
            let message = format!("JSON Schema has no word `{word}`, and would ignore it");
            let one = Diagnostic::new(Code::UnknownKeyword, self.source, place, message);
            let help = "take it out; a remark of your own is a `$comment`, or begins with `x-`";
            let near = || Some(format!("did you mean `{}`?", crate::diagnostic::nearest(word, known())?));
            let instead = elsewhere::instead(word, words).or_else(near);
            self.wrong.push(one.help(instead.unwrap_or_else(|| help.to_owned())));
        }
    }

    /// Limits that nothing can keep to, or that speak of another type.
    fn limits(&mut self, words: &Map<String, Json>, pointer: &str) {
        let number = |word: &str| words.get(word).and_then(Json::as_f64);
        for (least, most) in PAIRS {
            if let (Some(low), Some(high)) = (number(least), number(most))
                && low > high
            {
                let place = self.places.value(&format!("{pointer}/{least}"));
                let message = format!("`{least}` is above `{most}`: no value can ever be right");
                self.error(
                    Code::SchemaContradicts,
                    place,
                    message,
                    "look at the vendor's page: which is which?",
                );
            }
        }
        let types = types_of(words);
        for (limits, of) in SPEAKS_OF {
            if types.is_empty() || types.iter().any(|kind| of.contains(kind)) {
                continue;
            }
            for limit in limits.iter().filter(|limit| words.contains_key(**limit)) {
                let place = self.places.name(&format!("{pointer}/{limit}"));
                let message = format!(
                    "`{limit}` speaks of {}, and here stands {}",
                    of.join(" or "),
                    types.join(" or ")
                );
                self.error(Code::SchemaContradicts, place, message, "mend the `type`, or take it out");
            }
        }
    }

    /// Listed values that the type or a limit forbids, and such as stand twice.
    fn values(&mut self, words: &Map<String, Json>, pointer: &str) {
        let listed = words.get("enum").and_then(Json::as_array);
        if listed.is_some_and(Vec::is_empty) {
            let place = self.places.value(&format!("{pointer}/enum"));
            let message = "an `enum` without values: nothing can ever be right";
            self.error(Code::SchemaContradicts, place, message, "list the values, or take it out");
        }
        let listed = listed.into_iter().flatten().enumerate();
        let mut all: Vec<(String, &Json)> =
            listed.map(|(at, v)| (format!("{pointer}/enum/{at}"), v)).collect();
        for (at, (place, value)) in all.iter().enumerate() {
            if all[..at].iter().any(|(_, before)| before == value) {
                let message = format!("`{}` stands here a second time", plain(value));
                self.error(Code::SchemaRepeats, self.places.value(place), message, "take one of them out");
            }
        }
        all.extend(words.get("const").map(|value| (format!("{pointer}/const"), value)));
        let types = types_of(words);
        for (place, value) in all {
            let of_type = types.is_empty() || types.iter().any(|kind| is_of(value, kind));
            if !of_type || !within(value, words) {
                let why = match of_type {
                    true => "the limits beside it forbid".to_owned(),
                    false => format!("is not of the type {}, which stands beside it", types.join(" or ")),
                };
                let message = format!("`{}` can never be right: {why}", plain(value));
                let help = "mend the value, the `type` or the limits";
                self.error(Code::SchemaContradicts, self.places.value(&place), message, help);
            }
        }
    }

    /// Values in conditions of which the schema around them says that they can't stand there.
    fn conditions(&mut self) {
        for (pointer, value) in conditions::never(self.root) {
            let message = format!("`{}` can never stand here: the schema around it forbids it", plain(value));
            let help = "write a value that the property's own `enum` and `type` have, or add it there";
            self.error(Code::SchemaContradicts, self.places.value(&pointer), message, help);
        }
    }

    /// Required properties that no schema of the place lists.
    fn required(&mut self, words: &'s Map<String, Json>, pointer: &str, listed: &[&str]) {
        let open = words.get("additionalProperties").is_some_and(Json::is_object);
        if listed.is_empty() || open || words.contains_key("patternProperties") {
            return;
        }
        let named = conditions::required(words, pointer).into_iter();
        for (name, at, what) in named.filter(|(name, ..)| !listed.contains(name)) {
            let place = self.places.value(&at);
            let message = format!("`{name}` {what}, and no `properties` here list it");
            let one = Diagnostic::new(Code::RequiredUnlisted, self.source, place, message);
            let near = crate::diagnostic::nearest(name, listed.iter().copied());
            let help =
                near.map_or("list it, or take it out".to_owned(), |near| format!("did you mean `{near}`?"));
            self.wrong.push(one.help(help));
        }
    }
}

/// A name as a step of a JSON pointer.
pub(super) fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

pub(super) fn types_of(words: &Map<String, Json>) -> Vec<&str> {
    match words.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn is_of(value: &Json, kind: &str) -> bool {
    match value {
        Json::Null => kind == "null",
        Json::Bool(_) => kind == "boolean",
        Json::Number(number) => kind == "number" || (kind == "integer" && !number.is_f64()),
        Json::String(_) => kind == "string",
        Json::Array(_) => kind == "array",
        Json::Object(_) => kind == "object",
    }
}

/// Whether a single value keeps to the limits beside it.
fn within(value: &Json, words: &Map<String, Json>) -> bool {
    let limit = |word: &str| words.get(word).and_then(Json::as_f64);
    let (amount, least, most) = match value {
        Json::Number(number) => (number.as_f64(), limit("minimum"), limit("maximum")),
        Json::String(text) => (Some(text.chars().count() as f64), limit("minLength"), limit("maxLength")),
        _ => return true,
    };
    amount.is_none_or(|amount| least.is_none_or(|l| amount >= l) && most.is_none_or(|m| amount <= m))
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
