//! What the checker says of small tables that are wrong. The laws over whole messages stand in tests/laws.rs.
mod found;
mod lenses;
mod sums;
mod variants;

use crate::diagnostic::Source;
use crate::diagnostic::tree::{self, Key, Reader};

use super::schema::Place;
use super::{Message, Shared, compile};

const SCHEMA: &str = r#"{
  "type": "object",
  "properties": {
    "Reason":  { "type": "string", "maxLength": 10 },
    "Kind":    { "type": "string", "enum": ["View", "RDP"] },
    "Minutes": { "type": "integer", "minimum": 1, "maximum": 60 },
    "Once":    { "type": "boolean" },
    "From":    { "type": "integer" },
    "Extra":   { "type": "object", "properties": { "Ref": { "type": "string" } }, "additionalProperties": { "type": "string" } },
    "SystemId":  { "type": "integer" },
    "AssetId":   { "type": "integer" },
    "AssetName": { "type": "string" },
    "SystemName": { "type": "string" },
    "Given":   { "type": "integer" },
    "Needed":  { "type": "integer" }
  }
}"#;

/// What is mapped unless a test is about it.
const REST: &[(&str, &str)] = &[
    ("Reason", r#"Reason = "reason.text""#),
    ("Kind", r#"Kind = { is = "access.kind", values = { credential = "View", "session.rdp" = "RDP" } }"#),
    ("Minutes", r#"Minutes = { is = "window.length", unit = "minutes" }"#),
    ("Once", r#"Once = "multiple_use""#),
    ("From", r#"From = { is = "window.start", time = "unix" }"#),
    ("Extra", r#"Extra = { map = "extra" }"#),
    ("Extra/Ref", r#""Extra/Ref" = "reference""#),
    ("AssetName", r#"AssetName = { is = "target.system.name", unless = "AssetId", also = ["SystemName"] }"#),
    ("AssetId", r#"AssetId = { is = "target.system.id", also = ["SystemId"] }"#),
    ("Given", r#"Given = "approvals.given""#),
    ("Needed", r#"Needed = { sum = ["approvals.given", "approvals.remaining"] }"#),
];

/// A table with the usual rows but for some, and with more of its own.
fn table(without: &[&str], rows: &str, more: &str) -> String {
    let rest = REST.iter().filter(|(name, _)| !without.contains(name));
    let rest: Vec<&str> = rest.map(|(_, row)| *row).collect();
    format!("[message.m.rows]\n{rows}\n{}\n{more}\n", rest.join("\n"))
}

/// Compiles the message `m` of a table: the message, or what is said of it.
fn compiled(text: &str, schema: &str) -> Result<Message, String> {
    let source = Source::new("t.toml", text);
    let tree = tree::read(&source).map_err(|wrong| wrong.to_string())?;
    let members = |name: &str| tree.get(name).map(tree::Item::members).unwrap_or_default();
    let by_name = |name: &str| members(name).iter().map(|(key, item)| (key.text.as_str(), item)).collect();
    let shared =
        Shared { values: by_name("values"), messages: by_name("message"), overrides: by_name("over") };
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let mut reader = Reader::new(&source);
    let key = Key { text: "m".into(), span: 0..0 };
    let message = compile(&mut reader, &shared, &key, Place::root(&schema));
    match (message, reader.wrong.0.is_empty()) {
        (Some(message), true) => Ok(message),
        _ => Err(reader.wrong.to_string().trim_end().to_owned()),
    }
}

fn wrong(without: &[&str], rows: &str, more: &str) -> String {
    compiled(&table(without, rows, more), SCHEMA).expect_err("the table should be refused")
}

fn right(without: &[&str], rows: &str, more: &str) -> Message {
    compiled(&table(without, rows, more), SCHEMA).unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn the_usual_rows_are_right() {
    right(&[], "", "");
}

#[test]
fn what_the_schema_requires_must_be_filled() {
    let schema = r#"{ "type": "object", "properties": { "Reason": { "type": "string" } }, "required": ["Reason", "Id"] }"#;
    let rows = "[message.m.rows]\nReason = \"reason.text\"";
    assert_eq!(
        compiled(rows, schema).map(|_| ()),
        Err("required-not-filled at t.toml:1:1: the schema of `m` requires `Id`, and no entry fills it\n\
             help: add a row for `Id`, or a `blank`"
            .to_owned())
    );
}

#[test]
fn messages_that_hold_themselves_are_refused() {
    let schema = r##"{ "$ref": "#/$defs/m", "$defs": { "m": { "type": "object", "properties": {
        "Inner": { "type": "array", "items": { "$ref": "#/$defs/m" } } } } } }"##;
    let rows = "[message.m.rows]\nInner = { list = \"requests\", of = \"m\" }";
    let told = "messages-too-deep at t.toml:2:35: messages hold each other too deep\n\
                help: name in `of` a message of the items, which is smaller than the one that holds them"
        .to_owned();
    assert_eq!(compiled(rows, schema).map(|_| ()), Err(told), "told once, not once a level");
}

#[test]
fn a_blank_that_says_what_nobody_knows_is_refused() {
    let said = wrong(&[], "", "[message.m.blank]\nGiven = { says = \"{statuss}\" }\n");
    assert!(said.contains("unknown-field") && said.contains("statuss"), "{said}");
    let said = wrong(&[], "", "[message.m.blank]\nGiven = { says = \"status\", values = { waiting = 1 } }\n");
    assert!(said.contains("unknown-word") && said.contains("waiting"), "{said}");
    let said = wrong(&[], "", "[message.m.blank]\nGiven = { says = \"status\", beside = [\"created\"] }\n");
    assert!(said.contains("beside"), "{said}");
}

#[test]
fn what_is_required_and_never_written_is_told_where_it_stands() {
    let schema = r#"{ "type": "object", "required": ["Id"], "properties": {
        "Id": { "type": "string" }, "Number": { "type": "string" },
        "In": { "type": "object", "required": ["A"], "properties": { "A": { "type": "string" }, "B": { "type": "string" } } } } }"#;
    let told = |rows: &str| compiled(rows, schema).map(|_| ()).err().unwrap_or_default();
    let rows = "[message.m.rows]\nNumber = \"request.id\"\n\"In/A\" = \"reason.text\"\n\"In/B\" = \"ticket.number\"\n";
    let expected = "required-not-filled at t.toml:6:12: the schema of `m` requires `Id`, and no entry fills it\n\
                    help: add a row for `Id`, or a `blank`: what stands here is never written";
    assert_eq!(told(&format!("{rows}[message.m]\nignores = [\"Id\"]")), expected);
    let also = rows.replace("\"request.id\"", "{ is = \"request.id\", also = [\"Id\"] }");
    assert!(
        told(&also).starts_with("required-not-filled at t.toml:2:39: the schema of `m` requires `Id`"),
        "{}",
        told(&also)
    );
    let inside = "[message.m.rows]\nId = \"request.id\"\n\"In/B\" = \"ticket.number\"\n[message.m]\nignores = [\"In/A\", \"Number\"]";
    assert!(
        told(inside).starts_with("required-not-filled at t.toml:5:12: the schema of `m` requires `In/A`"),
        "{}",
        told(inside)
    );
    let whole = "[message.m.rows]\nId = \"request.id\"\n[message.m]\nignores = [\"In\", \"Number\"]";
    assert_eq!(told(whole), "", "what is never written at all needs nothing inside");
}
