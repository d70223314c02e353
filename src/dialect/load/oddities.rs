//! What is odd in a schema although each of its words is right: words that say nothing alone, alternatives that are the
//! same, and parts that no value keeps to together.
//!
//! Start at [`of`]. JSON Schema takes all of it without a word. Knows JSON Schema, and no table.
use serde_json::{Map, Value as Json};

use crate::diagnostic::Code;

use super::schema::{Look, PAIRS, step, types_of};

/// How deep references and parts are followed.
const STEPS_MAX: usize = 12;

/// Words that say nothing without one of the others beside them.
const NEEDS: &[(&str, &[&str])] = &[
    ("if", &["then", "else"]),
    ("then", &["if"]),
    ("else", &["if"]),
    ("minContains", &["contains"]),
    ("maxContains", &["contains"]),
];

/// What says nothing of values.
const REMARKS: &[&str] = &["$comment", "description", "examples", "title"];

type Words = Map<String, Json>;

/// Looks at one schema.
pub(super) fn of(look: &mut Look<'_>, words: &Words, pointer: &str) {
    idle(look, words, pointer);
    alike(look, words, pointer);
    let parts = parts(look.root, words, pointer);
    if parts.len() > 1 {
        limits_together(look, &parts);
        types_together(look, &parts);
        values_together(look, &parts);
    }
    closed(look, &parts);
}

fn idle(look: &mut Look<'_>, words: &Words, pointer: &str) {
    for (word, others) in NEEDS.iter().filter(|(word, _)| words.contains_key(*word)) {
        if !others.iter().any(|other| words.contains_key(*other)) {
            let place = look.places.name(&format!("{pointer}/{word}"));
            let others = others.join("` or `");
            let message = format!("`{word}` says nothing here, without `{others}` beside it");
            look.error(Code::KeywordIdle, place, message, format!("add `{others}`, or take it out"));
        }
    }
}

/// Alternatives that are the same: of `oneOf` neither can ever be right, for both are; elsewhere one is too many.
fn alike(look: &mut Look<'_>, words: &Words, pointer: &str) {
    for word in ["oneOf", "anyOf", "allOf"] {
        let all: Vec<Json> =
            words.get(word).and_then(Json::as_array).into_iter().flatten().map(bare).collect();
        for (at, one) in all.iter().enumerate().filter(|(at, one)| all[..*at].contains(one)) {
            let place = look.places.value(&format!("{pointer}/{word}/{at}"));
            let first = all.iter().position(|other| other == one).unwrap_or_default() + 1;
            let (code, message) = match word {
                "oneOf" => (
                    Code::SchemaContradicts,
                    format!("what fits this fits number {first}, too, and so never `oneOf`"),
                ),
                _ => (Code::SchemaRepeats, format!("number {first} of this `{word}` says the same")),
            };
            look.error(code, place, message, "take one of them out, or write what was meant");
        }
    }
}

/// A schema without its remarks.
fn bare(schema: &Json) -> Json {
    let mut schema = schema.clone();
    if let Some(words) = schema.as_object_mut() {
        words.retain(|word, _| !REMARKS.contains(&word.as_str()));
    }
    schema
}

/// A schema and what it says besides, always: by `allOf`, and by references. Each with its pointer.
fn parts<'s>(root: &'s Json, words: &'s Words, pointer: &str) -> Vec<(String, &'s Words)> {
    let mut found = Vec::new();
    collect(root, words, pointer.to_owned(), STEPS_MAX, &mut found);
    found
}

fn collect<'s>(
    root: &'s Json,
    words: &'s Words,
    pointer: String,
    steps: usize,
    found: &mut Vec<(String, &'s Words)>,
) {
    if steps == 0 || found.iter().any(|(_, other)| std::ptr::eq(*other, words)) {
        return;
    }
    found.push((pointer.clone(), words));
    let to = words.get("$ref").and_then(Json::as_str).and_then(|to| to.strip_prefix('#'));
    if let Some((to, referred)) = to.and_then(|to| Some((to, root.pointer(to)?.as_object()?))) {
        collect(root, referred, to.to_owned(), steps - 1, found);
    }
    for (at, part) in words.get("allOf").and_then(Json::as_array).into_iter().flatten().enumerate() {
        if let Some(part) = part.as_object() {
            collect(root, part, format!("{pointer}/allOf/{at}"), steps - 1, found);
        }
    }
}

/// Limits of two parts that nothing can keep to. (Those of one part are told of it.)
fn limits_together(look: &mut Look<'_>, parts: &[(String, &Words)]) {
    for (least, most) in PAIRS {
        let limit = |word: &'static str| {
            let found = parts.iter().enumerate();
            found.filter_map(move |(at, (_, words))| Some((at, words.get(word)?.as_f64()?)))
        };
        let low = limit(least).max_by(|(_, one), (_, other)| one.total_cmp(other));
        let high = limit(most).min_by(|(_, one), (_, other)| one.total_cmp(other));
        if let (Some((at, low)), Some((other, high))) = (low, high)
            && at != other
            && low > high
        {
            let message = format!(
                "`{least}` is above the `{most}` of {high} that holds here, too: no value can ever be right"
            );
            contradiction(look, &format!("{}/{least}", parts[at].0), message);
        }
    }
}

/// Types of two parts of which no value is both.
fn types_together(look: &mut Look<'_>, parts: &[(String, &Words)]) {
    let both = |one: &str, other: &str| {
        one == other || matches!((one, other), ("integer", "number") | ("number", "integer"))
    };
    for (at, (pointer, words)) in parts.iter().enumerate() {
        let types = types_of(words);
        for (_, before) in &parts[..at] {
            let others = types_of(before);
            let meet = types.iter().any(|one| others.iter().any(|other| both(one, other)));
            if !types.is_empty() && !others.is_empty() && !meet {
                let (types, others) = (types.join(" or "), others.join(" or "));
                let message = format!("nothing is {types} here: it is to be {others} as well");
                return contradiction(look, &format!("{pointer}/type"), message);
            }
        }
    }
}

/// Lists of values of two parts that have none in common. (Of the part that holds the others, its conditions tell.)
fn values_together(look: &mut Look<'_>, parts: &[(String, &Words)]) {
    let listed = |words: &Words| words.get("enum").and_then(Json::as_array).cloned();
    for (at, (pointer, words)) in parts.iter().enumerate() {
        let Some(own) = listed(words) else { continue };
        let mut others = parts[..at].iter().skip(1).filter_map(|(_, before)| listed(before));
        if others.any(|other| !own.is_empty() && !own.iter().any(|value| other.contains(value))) {
            let message =
                "none of these values is one of the other `enum` that holds here: none can ever be right";
            return contradiction(look, &format!("{pointer}/enum"), message.to_owned());
        }
    }
}

fn contradiction(look: &mut Look<'_>, pointer: &str, message: String) {
    let place = look.places.value(pointer);
    look.error_once(
        Code::SchemaContradicts,
        place,
        message,
        "look at the vendor's page: which of the two is right?",
    );
}

/// Required properties that an `additionalProperties` of false forbids: it sees only the `properties` beside it.
fn closed(look: &mut Look<'_>, parts: &[(String, &Words)]) {
    for (at, (_, words)) in parts.iter().enumerate() {
        let false_here = words.get("additionalProperties") == Some(&Json::Bool(false));
        if !false_here || words.contains_key("patternProperties") {
            continue;
        }
        let own = words.get("properties").and_then(Json::as_object);
        for (other, (pointer, required)) in parts.iter().enumerate() {
            // What none of the place's `properties` lists has been told, but where there are none at all.
            if other == at && own.is_some() && parts.len() == 1 {
                continue;
            }
            let names = required.get("required").and_then(Json::as_array).into_iter().flatten().enumerate();
            for (number, name) in names.filter_map(|(number, name)| Some((number, name.as_str()?))) {
                let listed = own.is_some_and(|own| own.contains_key(name));
                let elsewhere = parts
                    .iter()
                    .any(|(_, part)| part.get("properties").is_some_and(|all| all.get(name).is_some()));
                let none = !parts.iter().any(|(_, part)| part.contains_key("properties"));
                if !listed && (elsewhere || none) {
                    let message = format!(
                        "`{name}` is required, and `additionalProperties` forbids it: that sees only the `properties` right beside it"
                    );
                    let place = look.places.value(&format!("{pointer}/required/{number}"));
                    let help = format!(
                        "list `{}` there, too, or take the `additionalProperties` of false out",
                        step(name)
                    );
                    look.error_once(Code::SchemaContradicts, place, message, &help);
                }
            }
        }
    }
}
