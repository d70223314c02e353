//! What the forms read and write, one by one, in small tables.
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::canonical::{Fit, Record, Shape, Value};
use crate::json::{Builder, Document, Limits, ReadOptions};

use super::super::{Message, Reading};
use super::{SCHEMA, compiled, table};

pub(super) fn right(without: &[&str], rows: &str, more: &str) -> Message {
    compiled(&table(without, rows, more), SCHEMA).unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn now() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().expect("a time")
}

fn read_as(message: &Message, json: &Json, any_case: bool) -> Record<'static> {
    read_at(message, json, any_case, now())
}

pub(super) fn read_at(message: &Message, json: &Json, any_case: bool, now: Timestamp) -> Record<'static> {
    let options = ReadOptions { any_case, null_is_absent: true, limits: Limits::default() };
    let text = json.to_string();
    let document = Document::read(text.as_bytes(), options).expect("JSON");
    let record = message.read(document.root(), Reading { now, wanted: None });
    record.unwrap_or_else(|wrong| panic!("{wrong:?}")).into_owned()
}

pub(super) fn read(message: &Message, json: &Json) -> Json {
    read_as(message, json, true).to_json(true)
}

fn write(message: &Message, record: &Record<'_>) -> Json {
    let mut out = Builder::new();
    message.write(record, now(), &mut out);
    serde_json::from_slice(&out.finish(true).to_bytes()).expect("JSON")
}

pub(super) fn written(message: &Message, said: &[(&str, Value<'static>)]) -> Json {
    let mut record = Record::new(Shape::Access);
    for (field, value) in said {
        record.say(Shape::Access.find(field).expect("a field"), value.clone());
    }
    write(message, &record)
}

pub(super) fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

#[test]
fn whichever_spelling_wins_wins_over_the_other_row() {
    // The winning row stands below the one that it wins over.
    let message = right(&[], "", "");
    for (id, name) in [
        ("AssetId", "AssetName"),
        ("SystemId", "AssetName"),
        ("AssetId", "SystemName"),
        ("SystemId", "SystemName"),
    ] {
        let both = json!({ id: 21, name: "other" });
        assert_eq!(read(&message, &both), json!({ "target.system.id": "21" }), "{id} {name}");
        assert_eq!(read(&message, &json!({ name: "db07" })), json!({ "target.system.name": "db07" }));
    }
    let both = [("target.system.id", text("21")), ("target.system.name", text("db07"))];
    assert_eq!(written(&message, &both), json!({ "AssetId": 21 }));
    assert_eq!(written(&message, &both[1..]), json!({ "AssetName": "db07" }));
}

/// How a field of what is said fits.
fn fit(message: &Message, said: &[(&str, Value<'static>)], field: &str) -> Fit {
    let mut record = Record::new(Shape::Access);
    for (field, value) in said {
        record.say(Shape::Access.find(field).expect("a field"), value.clone());
    }
    message.fit(&record, Shape::Access.find(field).expect("a field")).fit
}

#[test]
fn what_yields_to_another_row_is_carried_by_it_only_as_a_name_of_the_same_thing() {
    let message = right(&[], "", "");
    let both = [("target.system.id", text("21")), ("target.system.name", text("db07"))];
    assert_eq!(fit(&message, &both, "target.system.name"), Fit::Neutral, "the id names the same system");
    assert_eq!(fit(&message, &both, "target.system.id"), Fit::Exact);
    assert_eq!(fit(&message, &both[1..], "target.system.name"), Fit::Exact, "nothing stands in its way");
    let message = right(&["Reason"], r#"Reason = { is = "reason.text", unless = "AssetId" }"#, "");
    let both = [("target.system.id", text("21")), ("reason.text", text("disk"))];
    assert_eq!(written(&message, &both), json!({ "AssetId": 21 }));
    assert_eq!(fit(&message, &both, "reason.text"), Fit::Nowhere, "a reason is no system");
    // No parts of one thing, though neither has a part before its name.
    let row = r#"Once = { is = "emergency", unless = "From" }
From = { is = "rotate_on_check_in", values = { true = 1, false = 0 } }"#;
    let message = right(&["Once", "From"], row, "");
    let both = [("emergency", Value::Bool(true)), ("rotate_on_check_in", Value::Bool(true))];
    assert_eq!(fit(&message, &both, "emergency"), Fit::Nowhere);
}

#[test]
fn digits_are_held_against_the_limits_that_are_there_and_no_others() {
    let limits = |least_and_most: &str| {
        let schema = format!(
            r#"{{ "type": "object", "properties": {{ "Id": {{ "type": "integer"{least_and_most} }} }} }}"#
        );
        compiled("[message.m.rows]\nId = \"policy.id\"", &schema).unwrap_or_else(|wrong| panic!("{wrong}"))
    };
    let fits = |least_and_most: &str, digits: &'static str| {
        fit(&limits(least_and_most), &[("policy.id", text(digits))], "policy.id") == Fit::Exact
    };
    let beyond_63_bits = "9223372036854775808";
    let beyond_128_bits = "1000000000000000000000000000000000000000";
    for digits in [beyond_63_bits, beyond_128_bits, "-1000000000000000000000000000000000000000", "0", "-5"] {
        assert!(fits("", digits), "{digits}: the schema sets no limit");
    }
    let message = limits("");
    let mut out = Builder::new();
    let mut record = Record::new(Shape::Access);
    record.say(Shape::Access.find("policy.id").expect("a field"), text(beyond_128_bits));
    message.write(&record, now(), &mut out);
    assert_eq!(out.finish(true).to_bytes(), format!(r#"{{"Id":{beyond_128_bits}}}"#).into_bytes());
    let above = r#", "minimum": 1"#;
    assert!(fits(above, beyond_128_bits) && fits(above, "1"));
    assert!(!fits(above, "0") && !fits(above, "-1000000000000000000000000000000000000000"));
    let below = r#", "maximum": 18446744073709551615"#;
    assert!(fits(below, "18446744073709551615") && fits(below, "-7"));
    assert!(!fits(below, "18446744073709551616") && !fits(below, beyond_128_bits));
    assert!(!fits("", "P-17") && !fits("", "007"), "what is no number stands in no number's place");
}

#[test]
fn a_name_is_a_row_s_only_as_the_dialect_matches_names() {
    let message = right(&[], "", "");
    let other_case = json!({ "Extra": { "REF": "5", "Site": "x" } });
    let folded = read_as(&message, &other_case, true).to_json(true);
    assert_eq!(folded, json!({ "extra": { "Site": "x" }, "reference": "5" }));
    // Where case counts, it is another name, and not lost.
    let exact = read_as(&message, &other_case, false).to_json(true);
    assert_eq!(exact, json!({ "extra": { "REF": "5", "Site": "x" } }));
}

#[test]
fn a_blank_is_nothing_unless_servers_mean_it() {
    let unknown = right(&[], "", "[message.m.blank]\nGiven = \"0\"\nNeeded = \"0\"");
    assert_eq!(read(&unknown, &json!({ "Given": 0, "Needed": 0 })), json!({}));
    assert_eq!(written(&unknown, &[]), json!({ "Given": 0, "Needed": 0 }));
    let meant = right(
        &[],
        "",
        "[message.m.blank]\nGiven = { value = \"0\", meant = true }\nNeeded = { value = \"0\", meant = true }",
    );
    let none = json!({ "approvals.given": 0, "approvals.remaining": 0 });
    assert_eq!(read(&meant, &json!({ "Given": 0, "Needed": 0 })), none);
    assert_eq!(read(&meant, &json!({})), none, "an absence means the same");
    assert_eq!(read_as(&meant, &json!({}), true).to_json(false), json!({}), "but was not said");
    assert_eq!(read(&meant, &json!({ "Given": 2, "Needed": 1 }))["approvals.remaining"], 0);
    assert_eq!(written(&meant, &[]), json!({ "Given": 0, "Needed": 0 }));
}

#[test]
fn a_blank_beside_a_field_may_have_an_otherwise() {
    let more =
        "[message.m.blank]\nFrom = { value = \"now\", beside = [\"window.length\"], otherwise = \"0\" }";
    let message = right(&[], "", more);
    let hour = [("window.length", Value::Length(3600))];
    assert_eq!(written(&message, &hour), json!({ "Minutes": 60, "From": 1_767_603_600 }));
    assert_eq!(written(&message, &[]), json!({ "From": 0 }));
    assert_eq!(read(&message, &json!({ "From": 0 })), json!({}));
}

#[test]
fn the_first_case_that_fits_is_read_and_the_first_with_the_word_is_written() {
    let choose = r#"[message.m.choose]
"access.kind" = [
  ["session.rdp", { Kind = "RDP", Once = [false, "*"] }],
  ["credential",  { Kind = ["View", "*"], Once = true }],
  ["credential",  { Kind = "View" }],
]"#;
    let message = right(&["Kind", "Once"], "", choose);
    for (json, kind) in [
        (json!({ "Kind": "RDP", "Once": true }), "session.rdp"),
        (json!({ "Kind": "RDP" }), "session.rdp"),
        (json!({ "Once": true }), "credential"),
        (json!({ "Kind": "View" }), "credential"),
    ] {
        assert_eq!(read(&message, &json), json!({ "access.kind": kind }), "{json}");
    }
    let kind = |word: &str| written(&message, &[("access.kind", text(word))]);
    assert_eq!(kind("session.rdp"), json!({ "Kind": "RDP", "Once": false }));
    assert_eq!(kind("credential.ssh-key"), json!({ "Kind": "View", "Once": true }), "the nearest word above");
    assert_eq!(kind("session"), json!({}), "a word below is not guessed");
}

#[test]
fn each_of_two_choices_writes_its_own_case() {
    let choose = r#"[message.m.choose]
"access.kind" = [["session.rdp", { Kind = "RDP" }], ["credential", { Kind = "View" }]]
emergency = [["true", { Once = true }], ["false", { Once = false }]]"#;
    let message = right(&["Kind", "Once"], "", choose);
    for (emergency, kind, shown) in
        [(true, "session.rdp", "RDP"), (false, "credential", "View"), (true, "credential", "View")]
    {
        let said = [("access.kind", text(kind)), ("emergency", Value::Bool(emergency))];
        assert_eq!(written(&message, &said), json!({ "Kind": shown, "Once": emergency }));
    }
}

#[test]
fn a_value_may_be_the_whole_message_or_a_member_of_it() {
    let schema = r#"{ "oneOf": [{ "type": "integer" }, { "type": "object", "properties": { "Id": { "type": "integer" } } }] }"#;
    let both = json!({ "request.id": "124" });
    for (row, written_as) in [
        (r#""." = { is = "request.id", also = ["Id"] }"#, json!(124)),
        (r#"Id = { is = "request.id", also = ["."] }"#, json!({ "Id": 124 })),
    ] {
        let message = compiled(&format!("[message.m.rows]\n{row}"), schema);
        let message = message.unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(read(&message, &json!(124)), both);
        assert_eq!(read(&message, &json!({ "Id": 124 })), both);
        assert_eq!(written(&message, &[("request.id", text("124"))]), written_as);
    }
}

#[test]
fn members_that_no_entry_knows_are_named() {
    let message = right(&["Once"], "", "[message.m]\nignores = [\"Once\"]");
    let text = r#"{ "Reason": "x", "reson": "y", "MINUTES": 5, "SystemName": "a", "Once": true, "Extra": { "Any": "z" } }"#;
    for (any_case, expected) in [(true, vec!["reson"]), (false, vec!["reson", "MINUTES"])] {
        let options = ReadOptions { any_case, null_is_absent: true, limits: Limits::default() };
        let document = Document::read(text.as_bytes(), options).expect("JSON");
        assert_eq!(message.unknown(document.root()).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_blank_says_what_is_known_and_is_read_as_a_value() {
    let blank = r#"
[message.m.blank]
Given = { says = "status", values = { pending = 1, approved = 0 }, otherwise = "7" }
"#;
    let message = right(&[], "", blank);
    let given = |said: &[(&str, Value<'static>)]| written(&message, said)["Given"].clone();
    assert_eq!(given(&[("status", text("pending"))]), json!(1));
    assert_eq!(given(&[("status", text("approved.in-use"))]), json!(0));
    assert_eq!(given(&[("status", text("ended"))]), json!(7), "no word of the values: otherwise");
    assert_eq!(given(&[]), json!(7));
    let known = [("status", text("pending")), ("approvals.given", Value::Count(3))];
    assert_eq!(given(&known), json!(3), "what is known is no blank");
    // Servers mean the very values that the blank writes.
    assert_eq!(read(&message, &json!({ "Given": 0 }))["approvals.given"], json!(0));
}

#[test]
fn a_whole_object_can_be_blank() {
    let blank = "[message.m.blank]\nExtra = \"{}\"\n";
    let message = right(&[], "", blank);
    assert_eq!(written(&message, &[("reason.text", text("x"))])["Extra"], json!({}));
    assert_eq!(written(&message, &[("reference", text("7"))])["Extra"], json!({ "Ref": "7" }));

    let schema = r#"{ "type": "object", "properties": { "Code": { "type": ["object", "null"], "properties": {
        "Id": { "type": "integer" }, "Name": { "type": "string" } } } } }"#;
    let rows = "[message.m.rows]\n\"Code/Id\" = \"reason.code.id\"\n\"Code/Name\" = \"reason.code.name\"\n";
    let table = format!("{rows}[message.m.blank]\nCode = \"null\"\n");
    let message = compiled(&table, schema).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(written(&message, &[]), json!({ "Code": null }));
    assert_eq!(written(&message, &[("reason.code.id", text("7"))]), json!({ "Code": { "Id": 7 } }));
    assert_eq!(read(&message, &json!({ "Code": null })), json!({}));
}

#[test]
fn a_name_of_a_map_stands_as_it_was_said_unless_its_row_wrote_it() {
    let message = right(&[], "", "");
    let said = |name: &str, value: &str| (name.to_owned().into(), text(value));
    let extra = ("extra", Value::Map(vec![said("Ref", "77"), said("Other", "x")]));
    assert_eq!(
        written(&message, std::slice::from_ref(&extra))["Extra"],
        json!({ "Ref": "77", "Other": "x" })
    );
    let both = written(&message, &[extra, ("reference", text("12"))]);
    assert_eq!(both["Extra"], json!({ "Ref": "12", "Other": "x" }), "the row wins");
}

#[test]
fn pieces_share_the_blank_where_they_meet() {
    let says =
        r#"Reason = { says = ["(T={ticket.number})", "(S={ticket.system.name}) ", " {reason.text}"] }"#;
    let message = right(&["Reason"], says, "");
    let [ticket, system, reason] =
        [("ticket.number", text("1")), ("ticket.system.name", text("Now")), ("reason.text", text("full"))];
    let said = |said: &[(&str, Value<'static>)]| written(&message, said)["Reason"].clone();
    assert_eq!(said(std::slice::from_ref(&reason)), "full");
    assert_eq!(said(&[ticket.clone(), reason.clone()]), "(T=1) full");
    assert_eq!(said(&[ticket, system, reason]), "(T=1)(S=Now) full");
    // What somebody wrote is never cut.
    assert_eq!(said(&[("reason.text", text(" full"))]), " full");
}

/// A message with a length in ISO 8601 that a vendor spells in at most so many letters, and a record's sum of places.
fn lengths() -> Message {
    let schema = r#"{ "type": "object", "properties": {
        "Lease": { "type": ["string", "integer"], "maxLength": 7, "minimum": 5, "maximum": 6 } } }"#;
    let row = "[message.m.rows]\nLease = { is = \"window.length\", unit = \"iso8601\", max = \"P31D\", default = \"PT30M\", unset = [\"\"] }";
    compiled(row, schema).unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn a_length_in_iso_8601_is_read_in_many_spellings_and_written_in_one() {
    let message = lengths();
    for (spelt, length, written_as) in [
        ("PT2H", "PT2H", "PT2H"),
        ("PT120M", "PT2H", "PT2H"),
        ("P1DT2H", "PT26H", "PT26H"),
        ("P1W", "PT168H", "PT168H"),
        ("PT90S", "PT1M30S", "PT1M30S"),
        ("PT1.5M", "PT1M30S", "PT1M30S"),
    ] {
        let record = read_as(&message, &json!({ "Lease": spelt }), false);
        assert_eq!(record.to_json(false), json!({ "window.length": length }), "{spelt}");
        assert_eq!(write(&message, &record), json!({ "Lease": written_as }));
    }
    let unsaid = read_as(&message, &json!({ "Lease": "" }), false);
    assert_eq!(unsaid.to_json(true), json!({ "window.length": "PT30M" }), "its default");
    assert_eq!(unsaid.to_json(false), json!({}), "which nobody said");
    for (spelt, wrong) in [
        ("P1M", "has years or months"),
        ("PT745H", "is longer than may be asked for"),
        ("two hours", "ISO 8601"),
        ("PT0.5S", "whole seconds"),
        ("-PT1H", "negative"),
    ] {
        let text = json!({ "Lease": spelt }).to_string();
        let document = Document::read(text.as_bytes(), ReadOptions::default()).expect("JSON");
        let told = message.read(document.root(), Reading { now: now(), wanted: None });
        let told = told.expect_err("no such length");
        assert!(told.len() == 1 && told[0].pointer == "/Lease", "{told:?}");
        assert!(told[0].text.contains(wrong), "{spelt}: {told:?}");
    }
}

#[test]
fn a_length_in_iso_8601_fits_to_the_second_and_within_max_and_the_letters_there_are() {
    let message = lengths();
    let fits = |seconds: i64| fit(&message, &[("window.length", Value::Length(seconds))], "window.length");
    for seconds in [1, 59, 3600, 26 * 3600, 31 * 86400] {
        assert_eq!(fits(seconds), Fit::Exact, "{seconds}");
    }
    for (seconds, why) in
        [(0, "nothing"), (31 * 86400 + 1, "beyond max"), (3600 + 60 + 1, "PT1H1M1S: eight letters")]
    {
        assert_eq!(fits(seconds), Fit::Limited, "{why}");
    }
}

#[test]
fn parts_of_a_sum_may_mean_not_set_and_are_never_negative() {
    let schema =
        r#"{ "type": "object", "properties": { "H": { "type": "integer" }, "M": { "type": "integer" } } }"#;
    let sum = "[message.m.sum.\"window.length\"]\nhours = \"H\"\nminutes = \"M\"\nunset = [-1]";
    let message = compiled(sum, schema).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(read(&message, &json!({ "H": -1, "M": 30 })), json!({ "window.length": "PT30M" }));
    assert_eq!(read(&message, &json!({ "H": -1, "M": -1 })), json!({}));
    let text = json!({ "H": 2, "M": -30 }).to_string();
    let document = Document::read(text.as_bytes(), ReadOptions::default()).expect("JSON");
    let told = message.read(document.root(), Reading { now: now(), wanted: None }).expect_err("negative");
    assert!(told.len() == 1 && told[0].pointer == "/M" && told[0].text.contains("from 0 on"), "{told:?}");
}

#[test]
fn a_unit_of_seconds_is_a_number_where_a_length_is_said() {
    let says = r#"Reason = { says = "window.length", unit = "seconds" }"#;
    let message = right(&["Reason"], says, "");
    assert_eq!(written(&message, &[("window.length", Value::Length(5400))])["Reason"], "5400");
}

#[test]
fn a_time_is_written_as_far_as_its_place_counts_and_told_otherwise() {
    let schema = r#"{ "type": "object", "properties": { "At": { "type": "integer", "minimum": 0 } } }"#;
    let rows = "[message.m.rows]\nAt = { is = \"window.start\", time = \"unix\" }\n";
    let message = compiled(&format!("{rows}[message.m.blank]\nAt = \"0\"\n"), schema);
    let message = message.unwrap_or_else(|wrong| panic!("{wrong}"));
    for (at, expected, fit) in [
        ("2026-01-05T09:00:00Z", 1_767_603_600, Fit::Exact),
        ("2026-01-05T09:00:00.999Z", 1_767_603_600, Fit::Coarser),
        ("1969-12-31T23:59:59.5Z", 0, Fit::Limited),
    ] {
        let start = Value::Time(at.parse().expect("a time"));
        let field = crate::canonical::field::known::START;
        let mut record = Record::new(Shape::Access);
        record.say(field, start.clone());
        assert_eq!(written(&message, &[("window.start", start)]), json!({ "At": expected }), "{at}");
        assert_eq!(message.fit(&record, field).fit, fit, "{at}");
    }
}
