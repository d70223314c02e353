//! A JSON Schema → the rules that are walked.
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::Name;
use super::super::names::Names;
use super::{
    ANY, ARRAY, BOOLEAN, Check, FALSE, FRACTION, INTEGER, Member, Members, NULL, Number, OBJECT, OneOf,
    Rules, TEXT, TRUE,
};

/// Words that say nothing about what may stand at a place.
const SILENT: &[&str] =
    &["$schema", "$defs", "$comment", "title", "description", "default", "examples", "deprecated"];

impl Check {
    /// The rules of a schema, as far as they are known here.
    pub(in super::super) fn compile(schema: &Value) -> Check {
        let mut compiling = Compiling { root: schema, rules: Vec::new(), known: HashMap::new() };
        compiling.rules(schema);
        Check(compiling.rules)
    }
}

/// The schema that takes whatever comes.
static ANYTHING: Value = Value::Bool(true);

struct Compiling<'s> {
    root: &'s Value,
    rules: Vec<Rules>,
    /// By a schema's address: its rules, which may refer to themselves.
    known: HashMap<*const Value, Number>,
}

impl<'s> Compiling<'s> {
    fn rules(&mut self, schema: &'s Value) -> Number {
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return *known;
        }
        if let Some(target) = self.alone_refers_to(schema) {
            return self.rules(target);
        }
        let number = self.rules.len() as Number;
        self.known.insert(std::ptr::from_ref(schema), number);
        self.rules.push(Rules::default());
        let rules = match schema {
            Value::Bool(true) => Some(Rules { types: ANY, ..Rules::default() }),
            // No type may stand there.
            Value::Bool(false) => Some(Rules::default()),
            Value::Object(words) => self.words(words),
            _ => None,
        };
        self.rules[number as usize] = rules.unwrap_or(Rules { unsure: true, ..Rules::default() });
        number
    }

    /// What a schema refers to that does nothing else: its rules are the other's.
    fn alone_refers_to(&self, schema: &'s Value) -> Option<&'s Value> {
        let refers = |schema: &'s Value| {
            let words = schema.as_object()?;
            let alone = words.keys().all(|word| word == "$ref" || SILENT.contains(&word.as_str()));
            let to = words.get("$ref").filter(|_| alone)?.as_str()?.strip_prefix('#')?;
            self.root.pointer(to)
        };
        let target = refers(schema)?;
        // Two that refer to each other would never end: one step is enough.
        refers(target).is_none().then_some(target)
    }

    /// None where a word isn't known, or means more than is known here.
    fn words(&mut self, words: &'s Map<String, Value>) -> Option<Rules> {
        let mut rules = Rules { types: ANY, ..Rules::default() };
        let (mut range, mut length) = ((i64::MIN, i64::MAX), (0, usize::MAX));
        for (word, value) in words {
            match word.as_str() {
                "type" => rules.types = types(value)?,
                "enum" => rules.one_of = Some(OneOf::new(value.as_array()?)?),
                "const" => rules.any.push(vec![self.constant(value)?]),
                "minimum" => range.0 = value.as_i64()?,
                "maximum" => range.1 = value.as_i64()?,
                "minLength" => length.0 = usize::try_from(value.as_u64()?).ok()?,
                "maxLength" => length.1 = usize::try_from(value.as_u64()?).ok()?,
                "properties" | "required" | "additionalProperties" | "then" | "else" => {}
                "items" => rules.items = Some(self.rules(value)),
                "$ref" => {
                    let to = self.root.pointer(value.as_str()?.strip_prefix('#')?)?;
                    rules.all.push(self.rules(to));
                }
                "allOf" => rules.all.extend(self.each(value)?),
                "anyOf" => rules.any.push(self.each(value)?),
                "if" => {
                    let condition = self.rules(value);
                    let mut other = |word: &str| words.get(word).map(|value| self.rules(value));
                    rules.when = Some((condition, other("then"), other("else")));
                }
                silent if SILENT.contains(&silent) => {}
                _ => return None,
            }
        }
        rules.range = (range != (i64::MIN, i64::MAX)).then_some(range);
        rules.length = (length != (0, usize::MAX)).then_some(length);
        rules.members = self.members(words)?;
        Some(rules)
    }

    fn each(&mut self, value: &'s Value) -> Option<Vec<Number>> {
        Some(value.as_array()?.iter().map(|one| self.rules(one)).collect())
    }

    fn constant(&mut self, value: &Value) -> Option<Number> {
        let one_of = OneOf::new(std::slice::from_ref(value))?;
        self.rules.push(Rules { types: ANY, one_of: Some(one_of), ..Rules::default() });
        Some(self.rules.len() as Number - 1)
    }

    /// What an object's members must be; the outer none where it isn't known here.
    #[expect(clippy::option_option, reason = "the outer one is this file's way to give up")]
    fn members(&mut self, words: &'s Map<String, Value>) -> Option<Option<Members>> {
        let (properties, required, others) =
            (words.get("properties"), words.get("required"), words.get("additionalProperties"));
        if properties.is_none() && required.is_none() && others.is_none() {
            return Some(None);
        }
        let others = match others {
            Some(Value::Bool(false)) => None,
            Some(schema) => Some(self.rules(schema)),
            None => Some(self.rules(&ANYTHING)),
        };
        let mut names: Vec<(Name, Member)> = Vec::new();
        for (name, property) in
            properties.map_or(Some(None), |it| it.as_object().map(Some))?.into_iter().flatten()
        {
            names.push((Name::new(name), Member { rules: self.rules(property), required: false }));
        }
        for name in required.map_or(Some(None), |it| it.as_array().map(Some))?.into_iter().flatten() {
            let name = name.as_str()?;
            match names.iter_mut().find(|(known, _)| known.as_str() == name) {
                Some((_, member)) => member.required = true,
                None => names.push((Name::new(name), Member { rules: others?, required: true })),
            }
        }
        let alike = |(at, (name, _)): (usize, &(Name, Member))| {
            names[..at].iter().any(|(other, _)| other.as_str().eq_ignore_ascii_case(name.as_str()))
        };
        // Where letter case doesn't count, which of two such names is meant?
        if names.iter().enumerate().any(alike) {
            return None;
        }
        let required = names.iter().filter(|(_, member)| member.required).count();
        Some(Some(Members { names: Names::new(names), required, others }))
    }
}

fn types(value: &Value) -> Option<u8> {
    let one = |name: &Value| {
        Some(match name.as_str()? {
            "null" => NULL,
            "boolean" => BOOLEAN,
            "integer" => INTEGER,
            "number" => INTEGER | FRACTION,
            "string" => TEXT,
            "array" => ARRAY,
            "object" => OBJECT,
            _ => return None,
        })
    };
    match value {
        Value::Array(names) => names.iter().try_fold(0, |types, name| Some(types | one(name)?)),
        name => one(name),
    }
}

impl OneOf {
    fn new(values: &[Value]) -> Option<OneOf> {
        let mut one_of = OneOf::default();
        for value in values {
            match value {
                Value::Null => one_of.words |= NULL,
                Value::Bool(value) => one_of.words |= if *value { TRUE } else { FALSE },
                Value::String(text) => one_of.texts.push(text.as_str().into()),
                Value::Number(number) => one_of.numbers.push(number.as_i64()?),
                Value::Array(_) | Value::Object(_) => return None,
            }
        }
        Some(one_of)
    }
}
