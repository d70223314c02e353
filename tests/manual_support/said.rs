//! What the manual's lines say in canonical terms, `window.length = PT1H, extra = { Site = Ulm }`, ↔ JSON of the
//! dialect `canon`.
use pamgate::canonical::field::FIELDS;
use pamgate::canonical::{Type, time};
use serde_json::{Map, Value as Json};

use super::canon::property;

/// A value of a record in JSON, as the manual writes it.
pub(crate) fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => format!("[ {} ]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Json::Object(members) => format!("{{ {} }}", fields(members)),
        other => other.to_string(),
    }
}

/// Fields and values; `nothing` where there are none.
pub(crate) fn all_shown(record: &Json) -> String {
    match record.as_object() {
        Some(members) if !members.is_empty() => fields(members),
        _ => "nothing".to_owned(),
    }
}

fn fields(members: &Map<String, Json>) -> String {
    members.iter().map(|(name, value)| format!("{name} = {}", shown(value))).collect::<Vec<_>>().join(", ")
}

/// The message of `canon` that says what a line says.
pub(crate) fn message(line: &str) -> Result<Json, String> {
    let mut message = Map::new();
    if line == "nothing" {
        return Ok(Json::Object(message));
    }
    for piece in pieces(line) {
        let (name, text) =
            piece.split_once(" = ").ok_or_else(|| format!("`{piece}` is no field and value"))?;
        let field = FIELDS.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| format!("`{name}` is no canonical field"))?;
        let value = match field.kind {
            Type::Bool | Type::Count => serde_json::from_str(text).map_err(|e| format!("{piece}: {e}"))?,
            Type::Length => time::read_length(text).ok_or_else(|| format!("{piece}: no length"))?.into(),
            Type::Texts | Type::Map(_) | Type::List(_) => nested(text)?,
            _ => text.into(),
        };
        message.insert(property(name), value);
    }
    Ok(Json::Object(message))
}

/// The parts between commas that stand in no bracket and have a name before them; others belong to a text.
fn pieces(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in apart(line) {
        let named = part.split_once(" = ").is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '));
        match found.last_mut() {
            Some(last) if !named => last.push_str(&format!(", {part}")),
            _ => found.push(part.to_owned()),
        }
    }
    found
}

/// The parts between commas that stand in no bracket.
fn apart(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found
}

/// `{ Shell = { value = bash, save = true } }`, and lists of such.
fn nested(text: &str) -> Result<Json, String> {
    let inside = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close).map(str::trim);
    if let Some(members) = inside('{', '}') {
        let member = |part: &str| {
            let (name, value) =
                part.split_once(" = ").ok_or_else(|| format!("`{part}` is no name and value"))?;
            Ok((name.to_owned(), nested(value)?))
        };
        return apart(members)
            .into_iter()
            .map(member)
            .collect::<Result<Map<_, _>, String>>()
            .map(Json::Object);
    }
    if let Some(items) = inside('[', ']') {
        return apart(items).into_iter().map(nested).collect();
    }
    Ok(match text {
        "true" => true.into(),
        "false" => false.into(),
        text => text.into(),
    })
}
