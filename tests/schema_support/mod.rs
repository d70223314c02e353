//! A walk over a message's JSON Schema: its places, and the values that are worth trying at each.
//!
//! Start at [`places`] and [`Place::values`]. Looks at the schema alone: no table, no dialect. Deterministic.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

use serde_json::{Map, Value, json};

/// One step from a value to what lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of this name.
    Member(String),
    /// A member of any other name: the schema has a map here.
    Key,
    /// An item of a list.
    Item,
}

/// One place of a message, with all that the schema says of it: references and alternatives are followed.
#[derive(Debug, Clone, Default)]
pub struct Place {
    pub path: Vec<Step>,
    /// `string`, `integer`, … as the schema writes them.
    pub types: Vec<String>,
    /// `enum` and `const`.
    pub listed: Vec<Value>,
    pub least: Option<i128>,
    pub most: Option<i128>,
    pub shortest: Option<u64>,
    pub longest: Option<u64>,
    pub pattern: Option<String>,
    pub format: Option<String>,
    /// Whether the schema requires it of every message that has what it lies in.
    pub required: bool,
}

/// What else a dialect's server reads than the schema says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Loosely {
    /// `null` for an absence.
    pub null: bool,
    /// Listed values in any letter case.
    pub values: bool,
}

/// Deeper places are not looked for.
const DEPTH: usize = 12;

/// All places of a message, in the schema's order; the message itself is the first.
pub fn places(schema: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    collect(schema, schema, Vec::new(), true, &mut found);
    found
}

fn collect(root: &Value, at: &Value, path: Vec<Step>, required: bool, found: &mut Vec<Place>) {
    if path.len() > DEPTH {
        return;
    }
    let parts = parts(root, at);
    found.push(Place::of(&parts, path.clone(), required));
    let step = |step: Step| path.iter().cloned().chain([step]).collect::<Vec<_>>();
    let mut seen: Vec<&str> = Vec::new();
    for part in &parts {
        for (name, place) in part["properties"].as_object().into_iter().flatten() {
            if seen.contains(&name.as_str()) {
                continue;
            }
            seen.push(name);
            let required = parts.iter().any(|part| {
                part["required"].as_array().into_iter().flatten().any(|one| one == name.as_str())
            });
            collect(root, place, step(Step::Member(name.clone())), required, found);
        }
    }
    for part in &parts {
        if part["additionalProperties"].is_object() {
            collect(root, &part["additionalProperties"], step(Step::Key), false, found);
        }
        if part["items"].is_object() {
            collect(root, &part["items"], step(Step::Item), false, found);
        }
    }
}

/// A schema and all that holds wherever it holds: what it refers to, and its `allOf`.
pub fn parts<'s>(root: &'s Value, at: &'s Value) -> Vec<&'s Value> {
    let mut found = vec![at];
    let mut next = 0;
    while let Some(part) = found.get(next).copied() {
        let referred = part["$ref"].as_str().map(|to| root.pointer(to.strip_prefix('#').unwrap()).unwrap());
        let more = referred.into_iter().chain(part["allOf"].as_array().into_iter().flatten());
        for one in more {
            if !found.iter().any(|known| std::ptr::eq(*known, one)) {
                found.push(one);
            }
        }
        next += 1;
    }
    found
}

impl Place {
    fn of(parts: &[&Value], path: Vec<Step>, required: bool) -> Place {
        let mut place = Place { path, required, ..Place::default() };
        for part in parts {
            match &part["type"] {
                Value::String(one) => place.types.push(one.clone()),
                Value::Array(many) => {
                    place.types.extend(many.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                _ => {}
            }
            place.listed.extend(part["enum"].as_array().into_iter().flatten().cloned());
            place.listed.extend(part.get("const").cloned());
            let number = |word: &str| part[word].as_i64().map(i128::from);
            place.least = place.least.max(number("minimum"));
            place.most = [place.most, number("maximum")].into_iter().flatten().min();
            place.shortest = place.shortest.max(part["minLength"].as_u64());
            place.longest = [place.longest, part["maxLength"].as_u64()].into_iter().flatten().min();
            let text = |word: &str| part[word].as_str().map(str::to_owned);
            place.pattern = place.pattern.or(text("pattern"));
            place.format = place.format.or(text("format"));
        }
        place
    }

    /// As a JSON pointer, with `*` for any name and `-` for an item.
    pub fn pointer(&self) -> String {
        let step = |step: &Step| match step {
            Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Key => "/*".to_owned(),
            Step::Item => "/-".to_owned(),
        };
        self.path.iter().map(step).collect()
    }

    /// The name of a place that lies in the message itself.
    pub fn name(&self) -> Option<&str> {
        match self.path.as_slice() {
            [Step::Member(name)] => Some(name),
            _ => None,
        }
    }

    pub fn is(&self, kind: &str) -> bool {
        self.types.iter().any(|one| one == kind)
    }

    /// The values worth trying, valid or not; none: the place is left out.
    pub fn values(&self, how: Loosely) -> Vec<Option<Value>> {
        let mut found: Vec<Option<Value>> = vec![None];
        let mut add = |value: Value| {
            if !found.contains(&Some(value.clone())) {
                found.push(Some(value));
            }
        };
        if how.null || self.is("null") {
            add(Value::Null);
        }
        self.listed.iter().for_each(|value| add(value.clone()));
        if let Some(word) = self.listed.iter().rev().find_map(Value::as_str) {
            add(json!(format!("{word}x")));
            if how.values {
                add(json!(word.to_uppercase()));
                add(json!(word.to_lowercase()));
            }
        }
        if self.is("boolean") {
            add(json!(true));
            add(json!(false));
            add(json!("true"));
        }
        if self.is("integer") || self.is("number") {
            self.numbers().into_iter().for_each(&mut add);
        }
        if self.is("string") && self.listed.is_empty() {
            self.texts().into_iter().for_each(&mut add);
        }
        if self.is("object") {
            add(json!({}));
            add(json!([]));
        }
        if self.is("array") {
            add(json!([]));
            add(json!({}));
        }
        found
    }

    /// Whether this place alone lets a value stand, where something is to stand.
    pub fn takes(&self, value: &Value, how: Loosely) -> bool {
        let same = |listed: &Value| match (listed.as_str(), value.as_str()) {
            (Some(listed), Some(value)) if how.values => listed.eq_ignore_ascii_case(value),
            _ => listed == value,
        };
        if !self.listed.is_empty() {
            return self.listed.iter().any(same);
        }
        match value {
            Value::Null => self.is("null"),
            Value::Bool(_) => self.is("boolean"),
            Value::Number(number) => {
                let whole = number.as_i64().map(i128::from);
                let within = |whole: i128| {
                    self.least.is_none_or(|least| whole >= least)
                        && self.most.is_none_or(|most| whole <= most)
                };
                self.is("number") || self.is("integer") && whole.is_some_and(within)
            }
            Value::String(text) => {
                let length = text.chars().count() as u64;
                self.is("string")
                    && self.shortest.is_none_or(|least| length >= least)
                    && self.longest.is_none_or(|most| length <= most)
            }
            Value::Array(_) => self.is("array"),
            Value::Object(_) => self.is("object"),
        }
    }

    /// Around both limits; of none, zero and what no double holds.
    fn numbers(&self) -> Vec<Value> {
        let least = self.least.unwrap_or(-1);
        let most = self.most.unwrap_or(9_007_199_254_740_993);
        let mut all = vec![least - 1, least, least + 1, most - 1, most, most + 1];
        all.dedup();
        let mut found: Vec<Value> =
            all.into_iter().filter_map(|number| i64::try_from(number).ok()).map(Value::from).collect();
        found.extend([json!((least + 1).to_string()), json!(1.5)]);
        found
    }

    /// Empty, short, beyond ASCII, and around both limits.
    fn texts(&self) -> Vec<Value> {
        let of = |many: u64| Value::from("x".repeat(usize::try_from(many).unwrap()));
        let mut found = vec![json!(""), json!("x"), json!("žluťoučký 🐎 \"\\"), json!(7)];
        let shortest = self.shortest.filter(|least| *least > 1);
        found.extend(shortest.into_iter().flat_map(|least| [of(least - 1), of(least)]));
        found.extend(self.longest.into_iter().flat_map(|most| [of(most), of(most + 1)]));
        found
    }
}

/// Puts a value at a place of members alone, or takes out what stands there.
pub fn put(body: &mut Map<String, Value>, path: &[Step], value: Option<&Value>) {
    let [Step::Member(name), rest @ ..] = path else { return };
    match (rest, value) {
        ([], Some(value)) => drop(body.insert(name.clone(), value.clone())),
        ([], None) => drop(body.shift_remove(name)),
        (rest, value) => {
            let within = body.entry(name.clone()).or_insert_with(|| json!({}));
            if let Value::Object(within) = within {
                put(within, rest, value);
            }
        }
    }
}

#[test]
fn a_schema_s_places_are_found_with_their_limits() {
    let schema = json!({
        "type": "object", "required": ["a"],
        "properties": {
            "a": {"$ref": "#/$defs/count"}, "b": {"type": "string", "maxLength": 3}, "c": {"enum": ["One"]},
            "d": {"type": "object", "additionalProperties": {"type": "boolean"}},
        },
        "$defs": {"count": {"type": ["integer", "null"], "minimum": 1, "maximum": 9}},
    });
    let all = places(&schema);
    let told: Vec<(String, bool)> = all.iter().map(|place| (place.pointer(), place.required)).collect();
    let expected = [("", true), ("/a", true), ("/b", false), ("/c", false), ("/d", false), ("/d/*", false)];
    assert_eq!(told, expected.map(|(pointer, required)| (pointer.to_owned(), required)));
    let has = |at: usize, value: Value| {
        let how = Loosely { values: true, ..Loosely::default() };
        all[at].values(how).contains(&Some(value))
    };
    for value in [json!(0), json!(1), json!(9), json!(10), json!("2"), Value::Null] {
        assert!(has(1, value.clone()), "{value}");
    }
    assert!(has(2, json!("xxx")) && has(2, json!("xxxx")) && has(2, json!("")));
    assert!(has(3, json!("One")) && has(3, json!("one")) && has(3, json!("Onex")) && !has(3, json!("")));
    assert_eq!(all[5].values(Loosely::default())[0], None);
    let takes =
        |at: usize, value: Value| all[at].takes(&value, Loosely { values: true, ..Loosely::default() });
    assert!(takes(1, json!(9)) && !takes(1, json!(10)) && !takes(1, json!("9")) && takes(1, Value::Null));
    assert!(
        takes(2, json!("xxx"))
            && !takes(2, json!("xxxx"))
            && takes(3, json!("ONE"))
            && !takes(3, json!("Onex"))
    );
    let mut body = Map::new();
    put(&mut body, &[Step::Member("d".into()), Step::Member("x".into())], Some(&json!(true)));
    assert_eq!(Value::from(body), json!({"d": {"x": true}}));
}
