//! A message's JSON Schema as the checker asks it: which places are there, of what type, within which limits.
use serde_json::Value;

use crate::json::{Document, ReadOptions};

/// One place of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Place<'s> {
    root: &'s Value,
    at: &'s Value,
}

/// What a schema lets stand at a place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    /// The most characters of a text.
    pub length_max: Option<u64>,
    /// The least of a number.
    pub least: Option<i128>,
    /// The most of a number.
    pub most: Option<i128>,
    /// The regular expression that a text fits.
    pub pattern: Option<Box<str>>,
}

/// What says more of a single value than its type.
const NARROW: &[&str] = &[
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maximum",
    "maxLength",
    "minimum",
    "minLength",
    "multipleOf",
    "pattern",
];

/// How deep references and alternatives are followed.
const DEPTH: usize = 12;

impl<'s> Place<'s> {
    /// The whole message.
    pub fn root(schema: &'s Value) -> Place<'s> {
        Place { root: schema, at: schema }
    }

    /// A part of a schema.
    pub fn within(root: &'s Value, at: &'s Value) -> Place<'s> {
        Place { root, at }
    }

    /// Whether this is the same part of the same schema.
    pub fn is(self, other: Place<'_>) -> bool {
        std::ptr::eq(self.at, other.at)
    }

    /// This schema and all that it is made of: references, alternatives, conditions' consequences.
    fn parts(self) -> Vec<&'s Value> {
        let mut found = Vec::new();
        self.collect(self.at, DEPTH, &mut found);
        found
    }

    fn collect(self, at: &'s Value, depth: usize, found: &mut Vec<&'s Value>) {
        // A reference that comes back, or two that meet, say nothing new.
        if depth == 0 || found.iter().any(|other| std::ptr::eq(*other, at)) {
            return;
        }
        found.push(at);
        let referred = at["$ref"].as_str().and_then(|to| self.root.pointer(to.strip_prefix('#')?));
        let alternatives = ["oneOf", "anyOf", "allOf"];
        let alternatives = alternatives.iter().flat_map(|word| at[*word].as_array().into_iter().flatten());
        for part in referred.into_iter().chain(alternatives) {
            self.collect(part, depth - 1, found);
        }
    }

    fn place(self, at: &'s Value) -> Place<'s> {
        Place { root: self.root, at }
    }

    /// The property of a name that the schema lists.
    pub fn member(self, name: &str) -> Option<Place<'s>> {
        self.parts().into_iter().find_map(|part| part["properties"].get(name)).map(|at| self.place(at))
    }

    /// What the schema says of properties that it doesn't list.
    pub fn additional(self) -> Option<Place<'s>> {
        let parts = self.parts();
        parts
            .into_iter()
            .map(|part| &part["additionalProperties"])
            .find(|at| at.is_object())
            .map(|at| self.place(at))
    }

    /// Whether no property may stand here but those that are listed.
    pub fn is_closed(self) -> bool {
        self.parts().into_iter().any(|part| part["additionalProperties"] == Value::Bool(false))
    }

    /// Whether the schema says more of a value than its type.
    pub fn narrows(self) -> bool {
        self.parts().into_iter().any(|part| NARROW.iter().any(|word| part.get(word).is_some()))
    }

    /// What the schema says that texts are: `date-time`.
    pub fn formats(self) -> Vec<&'s str> {
        self.parts().into_iter().filter_map(|part| part["format"].as_str()).collect()
    }

    /// What the schema says of an array's elements.
    pub fn items(self) -> Option<Place<'s>> {
        self.parts().into_iter().map(|part| &part["items"]).find(|at| at.is_object()).map(|at| self.place(at))
    }

    /// The names of the properties that the schema lists.
    pub fn names(self) -> Vec<&'s str> {
        let mut names: Vec<&str> = Vec::new();
        for part in self.parts() {
            for name in part["properties"].as_object().into_iter().flat_map(|all| all.keys()) {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The names of properties that must be there, whatever else is.
    pub fn required(self) -> Vec<&'s str> {
        let mut names = Vec::new();
        let mut at = Some(self.at);
        // Alternatives require their own only where they are chosen: they don't count here.
        for _ in 0..DEPTH {
            let Some(part) = at else { break };
            names.extend(part["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
            at = part["$ref"].as_str().and_then(|to| self.root.pointer(to.strip_prefix('#')?));
        }
        names
    }

    /// The JSON types that may stand here, the one to write first.
    pub fn types(self) -> Vec<&'s str> {
        let mut types: Vec<&str> = Vec::new();
        let mut add = |found: &'s str| {
            if !types.contains(&found) {
                types.push(found);
            }
        };
        for part in self.parts() {
            match &part["type"] {
                Value::String(one) => add(one),
                Value::Array(many) => many.iter().filter_map(Value::as_str).for_each(&mut add),
                _ => part["enum"].as_array().into_iter().flatten().for_each(|value| add(type_of(value))),
            }
        }
        types
    }

    /// The values that the schema lists, if it lists any.
    pub fn values(self) -> Option<Vec<&'s Value>> {
        let mut found = None::<Vec<&Value>>;
        for part in self.parts() {
            if let Some(values) = part["enum"].as_array() {
                found.get_or_insert_default().extend(values);
            }
            if let Some(value) = part.get("const") {
                found.get_or_insert_default().push(value);
            }
        }
        found
    }

    /// Whether a value can stand here, as far as the schema's parts tell without the rest of the message.
    pub fn takes(self, value: &Value) -> bool {
        let mut schema = self.at.clone();
        if let (Some(own), Some(defs)) = (schema.as_object_mut(), self.root.get("$defs")) {
            own.entry("$defs").or_insert_with(|| defs.clone());
        }
        let text = value.to_string();
        // What refers to another part of the message, or holds no limits, is left to the message's own validation.
        let Ok(schema) = crate::json::Schema::compile(&schema) else { return true };
        Document::read(text.as_bytes(), ReadOptions::default()).is_ok_and(|one| schema.accepts(&one))
    }

    /// The limits that hold here.
    pub fn limits(self) -> Limits {
        let mut limits = Limits::default();
        for part in self.parts() {
            limits.length_max = limits.length_max.or(part["maxLength"].as_u64());
            limits.least = limits.least.or(whole(&part["minimum"]));
            limits.most = limits.most.or(whole(&part["maximum"]));
            limits.pattern = limits.pattern.or(part["pattern"].as_str().map(Into::into));
        }
        limits
    }
}

/// A limit that is a whole number, of whatever sign and up to 64 bits.
fn whole(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
