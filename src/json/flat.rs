//! The document as `jsonschema` sees it, and a compiled schema over it.
use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object};
use serde_json::Value;

use super::check::Check;
use super::{At, Document, Elements, Entry, Kind, Members, Name};

/// The representation: `jsonschema` validates a [`Document`] in place.
#[derive(Debug)]
pub struct Flat;

/// A compiled JSON Schema (draft 2020-12).
#[derive(Debug)]
pub struct Schema {
    whole: jsonschema::Validator<Flat>,
    /// What says *yes* to nearly every message, sooner.
    pub(super) check: Check,
}

/// One way in which a message breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, as a JSON pointer; empty for the whole message.
    pub pointer: String,
    /// What is wrong there. Never shows the value that was sent: it may be a secret.
    pub text: String,
    /// The member that is missing there, where that is what is wrong.
    pub lacks: Option<String>,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What makes it no valid schema, and where.
    pub fn compile(schema: &Value) -> Result<Schema, Violation> {
        let options = jsonschema::options_for::<Flat>().with_draft(jsonschema::Draft::Draft202012);
        options.build(schema).map(|whole| Schema { whole, check: Check::compile(schema) }).map_err(|e| {
            Violation { pointer: e.instance_path().to_string(), text: e.masked().to_string(), lacks: None }
        })
    }

    /// Whether the document keeps to the schema; the hot path asks only this. One that holds no value keeps to none.
    pub fn accepts(&self, document: &Document<'_>) -> bool {
        !document.is_empty() && (self.check.accepts(document.root()) || self.whole.is_valid(document.root()))
    }

    /// Every way in which the document breaks the schema, at most `most`.
    pub fn violations(&self, document: &Document<'_>, most: usize) -> Vec<Violation> {
        if document.is_empty() {
            let text = "there is no value".into();
            return vec![Violation { pointer: String::new(), text, lacks: None }];
        }
        let errors = self.whole.iter_errors(document.root());
        errors
            .take(most)
            .map(|e| Violation {
                pointer: e.instance_path().to_string(),
                text: one_of_missing(&e)
                    .map(|names| format!("one of {} is a required property", names.join(", ")))
                    .or_else(|| one_of_these(&e))
                    .unwrap_or_else(|| e.masked_with("the value").to_string()),
                lacks: lacks(&e),
            })
            .collect()
    }
}

/// All that an enumeration lists: half a list helps nobody.
fn one_of_these(error: &ValidationError<'_>) -> Option<String> {
    let ValidationErrorKind::Enum { options } = error.kind() else { return None };
    let (last, others) = options.as_array()?.split_last()?;
    let others = others.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Some(match others.as_str() {
        "" => format!("the value is not {last}"),
        others => format!("the value is not one of {others} or {last}"),
    })
}

/// Where each of several alternatives lacks one property and no more: which, for `anyOf` alone tells nobody.
fn one_of_missing<'e>(error: &'e ValidationError<'_>) -> Option<Vec<&'e str>> {
    let ValidationErrorKind::AnyOf { context } = error.kind() else { return None };
    let mut names = Vec::with_capacity(context.len());
    for alternative in context {
        let [one] = alternative.as_slice() else { return None };
        let ValidationErrorKind::Required { property } = one.kind() else { return None };
        names.push(property.as_str().filter(|_| one.instance_path() == error.instance_path())?);
    }
    Some(names)
}

/// The member that is missing; of alternatives, the first.
fn lacks(error: &ValidationError<'_>) -> Option<String> {
    let name = match error.kind() {
        ValidationErrorKind::Required { property } => property.as_str(),
        _ => one_of_missing(error)?.first().copied(),
    };
    name.map(str::to_owned)
}

/// A number by its digits.
#[derive(Debug)]
pub struct Digits<'d>(&'d str);

impl JsonNumber for Digits<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }
    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }
    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }
    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }
    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        let whole = self.as_i64().map(serde_json::Number::from).or_else(|| self.as_u64().map(Into::into));
        let number = whole.or_else(|| self.as_f64().and_then(serde_json::Number::from_f64));
        Cow::Owned(number.unwrap_or_else(|| 0.into()))
    }
    fn is_integer(&self) -> bool {
        self.is_written_as_integer()
    }
    /// JSON Schema takes `15.0` for an integer; the readers of typed languages don't, and as an id it would be another
    /// text than `15`: nobody's target, and no route's.
    fn is_written_as_integer(&self) -> bool {
        !self.0.contains(['.', 'e', 'E'])
    }
}

impl Json for Flat {
    type Node<'a> = At<'a>;
    type PreparedKey = Name;
    type StringBuffer = Document<'static>;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Name {
        Name::new(key)
    }

    fn with_string_node<T>(buffer: &mut Document<'static>, string: &str, f: impl FnOnce(At<'_>) -> T) -> T {
        buffer.entries.clear();
        buffer.owned.clear();
        buffer.owned.push(string.into());
        buffer.entries.push(Entry { text: "", next: 1, hash: 0, count: 1, kind: Kind::Text });
        f(buffer.root())
    }
}

impl<'a> Node<'a, Flat> for At<'a> {
    type Object = At<'a>;
    type Array = At<'a>;
    type Number = Digits<'a>;

    fn as_object(&self) -> Option<At<'a>> {
        self.is_object().then_some(*self)
    }
    fn as_array(&self) -> Option<At<'a>> {
        self.is_array().then_some(*self)
    }
    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.text().map(Cow::Borrowed)
    }
    fn as_number(&self) -> Option<Digits<'a>> {
        self.digits().map(Digits)
    }
    fn as_boolean(&self) -> Option<bool> {
        self.boolean()
    }
    fn is_null(&self) -> bool {
        At::is_null(*self)
    }
    fn is_number(&self) -> bool {
        self.kind() == Kind::Number
    }
    fn json_type(&self) -> JsonType {
        match self.kind() {
            Kind::Null => JsonType::Null,
            Kind::True | Kind::False => JsonType::Boolean,
            Kind::Number => JsonType::Number,
            Kind::Text => JsonType::String,
            Kind::Array => JsonType::Array,
            Kind::Object => JsonType::Object,
        }
    }
    fn equals_value(&self, expected: &Value) -> bool {
        match (self.kind(), expected) {
            (Kind::Text, Value::String(expected)) => self.text() == Some(expected),
            (Kind::Number, Value::Number(expected)) => {
                let digits = self.digits().unwrap_or_default();
                match expected.as_i64() {
                    Some(expected) if !digits.contains(['.', 'e', 'E']) => digits.parse() == Ok(expected),
                    _ => digits.parse().ok() == expected.as_f64(),
                }
            }
            (Kind::True, Value::Bool(expected)) => *expected,
            (Kind::False, Value::Bool(expected)) => !*expected,
            (Kind::Null, Value::Null) => true,
            (Kind::Array | Kind::Object, _) => jsonschema::json::cmp::equal(&self.to_value(), expected),
            _ => false,
        }
    }
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self.kind() {
            Kind::Null => Value::Null,
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number => Value::Number(Digits(self.digits().unwrap_or("0")).to_number().into_owned()),
            Kind::Text => Value::String(self.text().unwrap_or_default().to_owned()),
            Kind::Array => At::elements(*self).map(|v| v.to_value().into_owned()).collect(),
            Kind::Object => {
                At::members(*self).map(|(k, v)| (k.to_owned(), v.to_value().into_owned())).collect()
            }
        })
    }
    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref(self.entry()).addr()))
    }
}

impl<'a> Object<'a, Flat> for At<'a> {
    type Node = At<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        if self.is_object() { self.entry().count as usize } else { 0 }
    }
    fn get(&self, key: &Name) -> Option<At<'a>> {
        self.member(key)
    }
    fn members(&self) -> Members<'a> {
        At::members(*self)
    }
}

impl<'a> Array<'a, Flat> for At<'a> {
    type Node = At<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        if self.is_array() { self.entry().count as usize } else { 0 }
    }
    fn elements(&self) -> Elements<'a> {
        At::elements(*self)
    }
}
