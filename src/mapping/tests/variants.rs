//! What a variant replaces: a row of its place, whatever its form, and what is for a field alone.
use jiff::Timestamp;

use crate::json::{Builder, Document, Limits, ReadOptions};

use super::super::{Message, Reading};
use super::compiled;

const SCHEMA: &str = r#"{ "type": "object", "properties": {
    "A": { "type": "string" }, "B": { "type": "string" }, "N": { "type": "integer" }, "H": { "type": "integer" },
    "M": { "type": "object", "additionalProperties": { "type": "string" } },
    "L": { "type": "array", "items": { "type": "object", "properties": { "X": { "type": "string" } } } } } }"#;

const BASE: &str = r#"
[message.m]
ignores = ["B"]
always = { multiple_use = true }
[message.m.sum."window.length"]
minutes = "N"
hours = "H"
[message.m.rows]
A = { says = ["{reason.text}"] }
M = { map = "extra" }
L = { list = "approvals.approvers", of = "one" }
[message.m.blank]
A = '"-"'
[message.one.rows]
X = "name"
[message.two.rows]
X = "comment"
"#;

fn varied(over: &str) -> Result<Message, String> {
    compiled(&format!("{BASE}\n{over}"), SCHEMA)
}

/// What a variant's message makes of a body, in its own words again.
fn again(over: &str, body: &str) -> String {
    let message = varied(over).unwrap_or_else(|wrong| panic!("{over}: {wrong}"));
    let how = ReadOptions { any_case: false, null_is_absent: false, limits: Limits::default() };
    let document = Document::read(body.as_bytes(), how).expect("the body is JSON");
    let how = Reading { now: Timestamp::UNIX_EPOCH, wanted: None };
    let record = message.read(document.root(), how).expect("the message can be read");
    let mut out = Builder::new();
    message.write(&record, Timestamp::UNIX_EPOCH, &mut out);
    String::from_utf8(out.finish(false).to_bytes()).expect("JSON is UTF-8")
}

#[test]
fn a_row_replaces_the_row_of_its_place_whatever_its_form() {
    // `says` is never read: that it comes back shows that the row is another.
    assert_eq!(again("", r#"{"A":"x"}"#), r#"{"A":"-"}"#);
    assert_eq!(again("[over.m.rows]\nA = \"reason.text\"", r#"{"A":"x"}"#), r#"{"A":"x"}"#);
    let of_two = "[over.m.rows]\nL = { list = \"approvals.approvers\", of = \"two\" }";
    assert_eq!(again(of_two, r#"{"L":[{"X":"x"}]}"#), r#"{"A":"-","L":[{"X":"x"}]}"#);
    let another = "[over.m.rows]\nM = { map = \"target.account.properties\" }";
    assert_eq!(again(another, r#"{"M":{"x":"y"}}"#), r#"{"A":"-","M":{"x":"y"}}"#);
    let message = varied(another).expect("the variant is right");
    let named = |name| message.carries(message.shape.find(name).expect("a field")).is_some();
    assert!(named("target.account.properties") && !named("extra"));
}

#[test]
fn a_sum_and_a_row_of_one_field_replace_each_other() {
    let row = "[over.m]\nignores = [\"B\", \"H\"]\n[over.m.rows]\nN = { is = \"window.length\", unit = \"minutes\" }";
    assert_eq!(again(row, r#"{"N":90}"#), r#"{"A":"-","N":90}"#);
    assert_eq!(again("", r#"{"N":90}"#), r#"{"A":"-","H":1,"N":30}"#);
    let sum = "[over.m.sum.\"window.length\"]\nminutes = \"H\"\nhours = \"N\"";
    assert_eq!(again(sum, r#"{"H":90}"#), r#"{"A":"-","N":1,"H":30}"#);
}

#[test]
fn a_row_stands_where_the_one_that_it_replaces_stood() {
    let schema = r#"{ "type": "object", "properties": {
        "From": { "type": "integer" }, "To": { "type": "integer" } } }"#;
    let table = r#"
[message.m.rows]
From = { is = "window.start", time = "unix" }
To = { sum = ["window.start", "window.length"], time = "unix" }
[message.m.blank]
From = "0"
[over.m.rows]
From = { is = "window.start", time = "unix", unset = [-1] }
"#;
    // Read after the sum, the start would be missing from it.
    let message = compiled(table, schema).expect("the variant is right");
    let how = ReadOptions { any_case: false, null_is_absent: false, limits: Limits::default() };
    let document = Document::read(br#"{"From":3600,"To":7200}"#, how).expect("JSON");
    let how = Reading { now: Timestamp::UNIX_EPOCH, wanted: None };
    let record = message.read(document.root(), how).expect("the message can be read");
    let length = message.shape.find("window.length").expect("a field");
    assert_eq!(record.get(length).map(ToString::to_string).as_deref(), Some("PT1H"));
}

#[test]
fn a_blank_replaces_the_one_at_its_place() {
    let over = "[over.m.rows]\nA = \"reason.text\"\n[over.m.blank]\nA = '\"none\"'";
    assert_eq!(again(over, r#"{"A":"none"}"#), r#"{"A":"none"}"#);
    assert_eq!(
        again(over, r#"{"A":"-"}"#),
        r#"{"A":"-"}"#,
        "what the message leaves blank means something here"
    );
}

#[test]
fn what_replaces_nothing_is_told() {
    let told = |over: &str| varied(over).map(|_| ()).expect_err("the variant should be refused");
    let told = |over: &str| told(over).lines().next().unwrap_or_default().to_owned();
    let nothing = |at: &str, what: &str| {
        format!(
            "replaces-nothing at t.toml:{at}: the message has no entry for `{what}` that this could replace"
        )
    };
    assert_eq!(told("[over.m.rows]\n\"M/Y\" = \"reason.text\""), nothing("20:1", "M/Y"));
    assert_eq!(told("[over.m.always]\nemergency = true"), nothing("20:1", "emergency"));
    assert_eq!(told("[over.m.choose]\nemergency = []"), nothing("20:1", "emergency"));
    assert_eq!(varied("[over.m]\nignores = []\n[over.m.rows]\nB = \"reason.text\"").map(|_| ()), Ok(()));
    assert_eq!(told("[over.m]\nrows = 1"), "wrong-type at t.toml:20:8: expected a table, found an integer");
}
