//! The definitions of docs/mapping.schema.json that the program decides: fields, words, faults, operations.
use pamgate::canonical::field::Field;
use pamgate::canonical::time::{LengthFormat, TimeFormat};
use pamgate::canonical::{Shape, Type, fault, word};
use pamgate::dialect::VERBS;
use serde_json::{Map, Value as Json, json};

const SHAPES: [Shape; 6] =
    [Shape::Access, Shape::Approver, Shape::Parameter, Shape::Problem, Shape::Period, Shape::Event];

/// All fields of all records that some kind of value is said by; each name once.
fn fields(of: impl Fn(Type) -> bool) -> Vec<&'static Field> {
    let mut found: Vec<&Field> = Vec::new();
    for field in SHAPES.iter().flat_map(|shape| shape.fields()).filter(|field| of(field.kind)) {
        if !found.iter().any(|known| known.name == field.name) {
            found.push(field);
        }
    }
    found
}

fn names(of: impl Fn(Type) -> bool) -> Json {
    let names: Vec<&str> = fields(of).iter().map(|field| field.name).collect();
    json!({ "enum": names })
}

/// Each definition that is made.
pub(crate) fn all() -> Vec<(&'static str, Json)> {
    let plain = |kind| matches!(kind, Type::Text | Type::Id | Type::Count);
    vec![
        ("field", names(|_| true)),
        ("field_plain", names(|kind| plain(kind) || kind == Type::Bool)),
        ("field_single", names(|kind| !matches!(kind, Type::List(_) | Type::Map(_) | Type::Texts))),
        ("field_text_or_number", names(plain)),
        ("field_truth", names(|kind| kind == Type::Bool)),
        ("field_word", names(|kind| kind == Type::Word)),
        ("field_count", names(|kind| kind == Type::Count)),
        ("field_length", names(|kind| kind == Type::Length)),
        ("field_time", names(|kind| kind == Type::Time)),
        ("field_list", names(|kind| matches!(kind, Type::List(_)))),
        ("field_map", names(|kind| matches!(kind, Type::Map(_) | Type::Texts))),
        ("field_first_part", first_parts()),
        ("time_format", json!({ "enum": TimeFormat::WORDS })),
        ("length_format", json!({ "enum": LengthFormat::WORDS })),
        ("word", words()),
        ("words_by_field", words_by_field()),
        ("choose", choose()),
        ("always", always()),
        ("faults", faults()),
        ("operation_name", json!({ "enum": VERBS })),
        ("operations", operations()),
        ("outcomes", outcomes()),
    ]
}

fn closed(description: &str, properties: Map<String, Json>) -> Json {
    json!({ "description": description, "type": "object", "properties": properties, "additionalProperties": false })
}

fn first_parts() -> Json {
    let mut parts: Vec<&str> =
        Shape::Access.fields().iter().filter_map(|field| field.name.split('.').next()).collect();
    parts.dedup();
    json!({ "enum": parts })
}

/// The words of all fields that hold one, and of truth values.
fn words() -> Json {
    let mut words = vec!["true", "false"];
    for field in fields(|kind| kind == Type::Word) {
        words.extend(word::of(field.name));
    }
    json!({ "enum": words })
}

/// A row's value set has words of the row's field.
fn words_by_field() -> Json {
    let of = |field: &&Field| {
        json!({
            "if": { "properties": { "is": { "const": field.name } } },
            "then": { "properties": { "values": { "propertyNames": { "enum": word::of(field.name) } } } },
        })
    };
    json!({ "allOf": fields(|kind| kind == Type::Word).iter().map(of).collect::<Vec<_>>() })
}

fn choose() -> Json {
    let cases = |field: &&'static Field| {
        let case = json!([{ "enum": word::of(field.name) }, { "$ref": "#/$defs/stands" }]);
        let case = json!({ "type": "array", "prefixItems": case, "minItems": 2, "maxItems": 2 });
        (field.name.to_owned(), json!({ "type": "array", "items": case }))
    };
    let fields = fields(|kind| matches!(kind, Type::Word | Type::Bool));
    let description = "Several places that together say one word, in ordered cases: [\"word\", { Place = value }]. \
                       Read is the first that fits, written the first with the word of which all fields are known.";
    closed(description, fields.iter().map(cases).collect())
}

fn always() -> Json {
    let value = |field: &&'static Field| {
        let value = match field.kind {
            Type::Bool => json!({ "type": "boolean" }),
            Type::Word => json!({ "enum": word::of(field.name) }),
            Type::Count => json!({ "type": "integer" }),
            _ => json!({ "type": "string" }),
        };
        (field.name.to_owned(), value)
    };
    let single = |kind| matches!(kind, Type::Bool | Type::Word | Type::Count | Type::Text | Type::Id);
    let description = "What the server does without a place to say it. Read as unsaid; asked for, no loss.";
    closed(description, fields(single).iter().map(value).collect())
}

fn faults() -> Json {
    let binding = |(word, text): &(&str, &str)| {
        ((*word).to_owned(), json!({ "$ref": "#/$defs/binding", "description": text }))
    };
    closed("Canonical fault = status and code.", fault::FAULTS.iter().map(binding).collect())
}

fn operations() -> Json {
    let operation = |verb: &&str| {
        (
            (*verb).to_owned(),
            json!({ "$ref": "#/$defs/operation", "description": format!("How the server does `{verb}`.") }),
        )
    };
    closed(
        "What the server can do: canonical verb = routes and replies.",
        VERBS.iter().map(operation).collect(),
    )
}

fn outcomes() -> Json {
    let reply = |outcome: &&str| ((*outcome).to_owned(), json!({ "$ref": "#/$defs/reply" }));
    closed("How it ends well: outcome = status and message.", word::of("outcome").iter().map(reply).collect())
}
