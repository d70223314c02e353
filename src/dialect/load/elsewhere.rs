//! What a schema takes from elsewhere: references that lead nowhere, and words of earlier drafts and of OpenAPI.
//!
//! Start at [`references`]. A reference that leads nowhere keeps a schema from being one, and what says so doesn't say
//! where it stands. Knows JSON Schema, and no table.
use serde_json::{Map, Value as Json};

use crate::diagnostic::{Code, nearest};

use super::endless;
use super::schema::Look;

/// The draft's own schemas are there without being read.
const OWN: &str = "https://json-schema.org/";

/// Tells each reference that leads nowhere.
pub(super) fn references(look: &mut Look<'_>) {
    let mut found: Vec<(String, &str)> = Vec::new();
    let (mut named, root) = (false, look.root);
    endless::each(root, &mut String::new(), &mut |at, pointer| {
        let word = |word: &str| at.get(word).and_then(Json::as_str);
        named |= word("$id").or(word("$anchor")).or(word("$dynamicAnchor")).is_some();
        found.extend(word("$ref").map(|to| (format!("{pointer}/$ref"), to)));
    });
    // With names of its own, what a reference means is a matter of more than this text.
    if named {
        return;
    }
    for (pointer, to) in found {
        let (message, help) = match to.strip_prefix('#') {
            None if to.starts_with(OWN) => continue,
            None => (
                format!("`{to}` is not in this file, and schemas can't refer to each other"),
                "write it into this file, under `$defs`, and refer to it as `#/$defs/…`".to_owned(),
            ),
            Some(at) if at.contains('%') || root.pointer(at).is_some() => continue,
            Some(_) => {
                let defs = root.get("$defs").and_then(Json::as_object);
                let known: Vec<String> = defs
                    .into_iter()
                    .flat_map(|all| all.keys())
                    .map(|name| format!("#/$defs/{name}"))
                    .collect();
                let help = match nearest(to, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "add it under `$defs`, as in `#/$defs/name`".to_owned(),
                    None => format!("known: {}", known.join(", ")),
                };
                (format!("`{to}` leads nowhere in this file"), help)
            }
        };
        let at = look.places.value(&pointer);
        look.error(Code::SchemaNotValid, at, message, help);
    }
}

/// What JSON Schema has instead of a word of another draft or of OpenAPI.
pub(super) fn instead(word: &str, words: &Map<String, Json>) -> Option<String> {
    let help = match word {
        "definitions" => "write `$defs`, and `#/$defs/…` where a `$ref` leads there".to_owned(),
        "nullable" if words.get("nullable") == Some(&Json::Bool(true)) => {
            let of = words.get("type").and_then(Json::as_str).unwrap_or("string");
            let listed = if words.contains_key("enum") { ", and a null in the `enum`, too" } else { "" };
            format!("write `\"type\": [\"{of}\", \"null\"]`{listed}")
        }
        "nullable" => "take it out: nothing is null unless its `type` says so".to_owned(),
        "dependencies" => "write `dependentRequired`, or `dependentSchemas`".to_owned(),
        "additionalItems" => "write `items`, beside `prefixItems`".to_owned(),
        "example" => "write `examples`, a list".to_owned(),
        _ => return None,
    };
    Some(help)
}
