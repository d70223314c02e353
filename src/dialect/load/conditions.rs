//! Values in a condition of a schema that can never stand there: the schema around it lists others, or wants another type;
//! and the names that conditions speak of.
//!
//! JSON Schema takes such a condition without a word. It then never holds, and what hangs on it is never asked for. Knows
//! JSON Schema, and no table.
use serde_json::{Map, Value as Json};

use super::schema::{SAME_PLACE, is_of, step, types_of};

/// How deep references are followed.
const STEPS_MAX: usize = 12;

/// The values of a schema that can never stand where it has them, each with its JSON pointer.
pub(super) fn never(root: &Json) -> Vec<(String, &Json)> {
    against(root, root, root)
}

/// The properties that a schema requires, always or beside another, and those others: each with its JSON pointer, and
/// what is said of it.
pub(super) fn required<'s>(
    words: &'s Map<String, Json>,
    pointer: &str,
) -> Vec<(&'s str, String, &'static str)> {
    let names = |list: &'s Json, pointer: String| {
        let names = list.as_array().into_iter().flatten().enumerate();
        names.filter_map(move |(at, name)| Some((name.as_str()?, format!("{pointer}/{at}"), "is required")))
    };
    let mut all = Vec::new();
    if let Some(list) = words.get("required") {
        all.extend(names(list, format!("{pointer}/required")));
    }
    for word in ["dependentRequired", "dependentSchemas"] {
        for (name, held) in words.get(word).and_then(Json::as_object).into_iter().flatten() {
            let at = format!("{pointer}/{word}/{}", step(name));
            all.push((name.as_str(), at.clone(), "is a condition"));
            all.extend(names(held, at));
        }
    }
    all
}

/// Holds a schema against one around it that speaks of the same place, which may be itself: what is inside of the two
/// may differ. A parsed text is of bounded depth.
fn against<'s>(root: &'s Json, around: &'s Json, at: &'s Json) -> Vec<(String, &'s Json)> {
    let around = referred(root, around);
    let listed = at["enum"].as_array().into_iter().flatten().enumerate();
    let listed = listed.map(|(number, value)| (format!("/enum/{number}"), value));
    let constant = at.get("const").map(|value| ("/const".to_owned(), value));
    let mut found: Vec<(String, &Json)> = listed
        .chain(constant)
        .filter(|(_, value)| !std::ptr::eq(around, at) && forbids(around, value))
        .collect();
    let mut look = |pointer: String, around: &'s Json, at: &'s Json| {
        let below = against(root, around, at).into_iter();
        found.extend(below.map(|(rest, value)| (format!("{pointer}{rest}"), value)));
    };
    for (name, inner) in at["properties"].as_object().into_iter().flatten() {
        if let Some(same) = around["properties"].get(name) {
            look(format!("/properties/{}", step(name)), same, inner);
        }
    }
    if let (Some(same), Some(inner)) = (around.get("items"), at.get("items")) {
        look("/items".to_owned(), same, inner);
    }
    for (name, inner) in at["$defs"].as_object().into_iter().flatten() {
        look(format!("/$defs/{}", step(name)), inner, inner);
    }
    for word in SAME_PLACE {
        match at.get(*word) {
            Some(Json::Array(all)) => {
                all.iter()
                    .enumerate()
                    .for_each(|(number, one)| look(format!("/{word}/{number}"), around, one));
            }
            Some(Json::Object(all)) if *word == "dependentSchemas" => {
                all.iter().for_each(|(name, one)| look(format!("/{word}/{}", step(name)), around, one));
            }
            Some(one) => look(format!("/{word}"), around, one),
            None => {}
        }
    }
    found
}

/// What a schema refers to, or itself.
fn referred<'s>(root: &'s Json, schema: &'s Json) -> &'s Json {
    let mut at = schema;
    for _ in 0..STEPS_MAX {
        match at["$ref"].as_str().and_then(|to| root.pointer(to.strip_prefix('#')?)) {
            Some(to) => at = to,
            None => break,
        }
    }
    at
}

/// Whether a schema's own words say that a value can't stand there.
fn forbids(schema: &Json, value: &Json) -> bool {
    let Some(words) = schema.as_object() else { return false };
    let types = types_of(words);
    let listed = words.get("enum").and_then(Json::as_array);
    listed.is_some_and(|listed| !listed.contains(value))
        || (!types.is_empty() && !types.iter().any(|kind| is_of(value, kind)))
}
