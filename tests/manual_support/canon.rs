//! A dialect in which every canonical field but those of errors is a property of its own: what other dialects are read into and written
//! from.
use pamgate::canonical::field::FIELDS;
use pamgate::canonical::{Shape, Type, word};
use serde_json::{Map, Value as Json, json};

use super::{head, with_error};

/// The property of a field.
pub(crate) fn property(field: &str) -> String {
    field.replace('.', "_")
}

/// The row and the schema of a field; none of the lists that no example has.
fn entry(name: &str, kind: Type) -> Option<(String, Json)> {
    let set = |words: &[&str]| -> String {
        let set: Vec<String> = words.iter().map(|word| format!("{word:?} = {word:?}")).collect();
        format!("{{ {} }}", set.join(", "))
    };
    let (row, schema) = match kind {
        Type::Id | Type::Text => (format!("{name:?}"), json!({ "type": "string" })),
        Type::Bool => (format!("{name:?}"), json!({ "type": "boolean" })),
        Type::Count => (format!("{name:?}"), json!({ "type": "integer" })),
        Type::Length => (format!("{{ is = {name:?}, unit = \"seconds\" }}"), json!({ "type": "integer" })),
        Type::Time => (format!("{{ is = {name:?}, time = \"iso-utc\" }}"), json!({ "type": "string" })),
        Type::Word => {
            let row = format!("{{ is = {name:?}, values = {} }}", set(word::of(name)));
            (row, json!({ "type": "string" }))
        }
        Type::Texts => {
            let texts = json!({ "type": "object", "additionalProperties": { "type": "string" } });
            (format!("{{ map = {name:?} }}"), texts)
        }
        Type::Map(Shape::Parameter) => {
            let one = json!({ "type": "object", "properties": { "value": { "type": "string" }, "save": { "type": "boolean" } } });
            (
                format!("{{ map = {name:?}, of = \"parameter\" }}"),
                json!({ "type": "object", "additionalProperties": one }),
            )
        }
        Type::List(Shape::Approver) => {
            let one = json!({ "type": "object", "properties": { "name": { "type": "string" }, "decision": { "type": "string" } } });
            (format!("{{ list = {name:?}, of = \"approver\" }}"), json!({ "type": "array", "items": one }))
        }
        Type::Map(_) | Type::List(_) => return None,
    };
    Some((row, schema))
}

/// Its table, and the schema of `m`.
pub(crate) fn files() -> (String, Json) {
    let (mut rows, mut properties) = (String::new(), Map::new());
    for field in FIELDS.iter().filter(|field| !field.name.starts_with("fault.")) {
        if let Some((row, schema)) = entry(field.name, field.kind) {
            rows.push_str(&format!("{} = {row}\n", property(field.name)));
            properties.insert(property(field.name), schema);
        }
    }
    let records = "[message.parameter.rows]\nvalue = \"value\"\nsave = \"save\"\n[message.approver.rows]\nname = \"name\"\n\
        decision = { is = \"decision\", values = { approved = \"approved\", denied = \"denied\", none = \"none\" } }\n";
    let table = format!("{}[message.m.rows]\n{rows}{records}", head("canon"));
    (with_error(&table), json!({ "type": "object", "properties": properties }))
}
