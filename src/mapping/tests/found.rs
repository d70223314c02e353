//! What the generated laws (tests/laws.rs) have found, each as the smallest table and message that shows it.
use serde_json::json;

use super::compiled;
use super::lenses::{read, read_at, right, text, written};
use crate::canonical::Value;

#[test]
fn an_item_that_says_nothing_is_one_item() {
    let schema = r#"{ "type": "object", "properties": { "Steps": { "type": "array", "items":
        { "type": "object", "properties": { "Text": { "type": "string" } } } } } }"#;
    let table = "[message.m.rows]\nSteps = { list = \"history\", of = \"step\" }\n[message.step.rows]\nText = \"what\"\n";
    let message = compiled(table, schema).unwrap_or_else(|wrong| panic!("{wrong}"));
    let empty = crate::canonical::Record::new(crate::canonical::Shape::Event);
    let steps = Value::List(vec![empty.clone(), empty]);
    assert_eq!(written(&message, &[("history", steps)]), json!({ "Steps": [{}, {}] }));
}

#[test]
fn a_field_of_a_case_is_a_number_where_the_schema_wants_one() {
    let cases = r#"status = [["ended", { Given = "{status.detail}" }]]"#;
    let message = right(
        &["Given", "Needed"],
        "",
        &format!("Needed = \"approvals.given\"\n[message.m.choose]\n{cases}"),
    );
    let ended = |detail| [("status", text("ended")), ("status.detail", text(detail))];
    assert_eq!(read(&message, &json!({ "Given": 4 })), json!({ "status": "ended", "status.detail": "4" }));
    assert_eq!(written(&message, &ended("4")), json!({ "Given": 4 }));
    assert_eq!(written(&message, &ended("four")), json!({ "Given": "four" }), "which the schema refuses");
}

#[test]
fn a_blank_is_nothing_in_each_spelling_of_its_value() {
    let schema = r#"{ "type": "object", "properties": { "Ticket": { "type": ["string", "integer"], "enum": ["1", "2", 1, 2] } } }"#;
    let table = "[message.m.rows]\n\
        Ticket = { is = \"ticket.status\", values = { valid = [\"1\", 1], not-valid = [\"2\", 2] } }\n\
        [message.m.blank]\nTicket = '\"2\"'\n";
    let message = compiled(table, schema).unwrap_or_else(|wrong| panic!("{wrong}"));
    for blank in [json!("2"), json!(2)] {
        assert_eq!(read(&message, &json!({ "Ticket": blank })), json!({}), "{blank}");
    }
    assert_eq!(read(&message, &json!({ "Ticket": 1 })), json!({ "ticket.status": "valid" }));
}

#[test]
fn a_length_never_goes_beyond_the_end_that_was_said() {
    let schema =
        r#"{ "type": "object", "properties": { "From": { "type": "string" }, "To": { "type": "string" } } }"#;
    let table = "[message.m.rows]\nFrom = { is = \"window.start\", time = \"iso-utc\" }\n\
        To = { sum = [\"window.start\", \"window.length\"], time = \"iso-utc\" }\n";
    let message = compiled(table, schema).unwrap_or_else(|wrong| panic!("{wrong}"));
    for (from, to, length) in [
        ("2026-01-05T10:00:00.9Z", "2026-01-05T11:00:00.1Z", "PT59M59S"),
        ("2026-01-05T10:00:00.1Z", "2026-01-05T11:00:00.9Z", "PT1H"),
    ] {
        assert_eq!(
            read(&message, &json!({ "From": from, "To": to }))["window.length"],
            length,
            "{from} {to}"
        );
    }
}

#[test]
fn the_clock_s_fraction_takes_nothing_from_a_window_that_begins_now() {
    let schema = r#"{ "type": "object", "properties": { "From": { "type": "integer" }, "To": { "type": "integer" } } }"#;
    let table = "[message.m.rows]\nFrom = { is = \"window.start\", time = \"unix\" }\n\
        To = { sum = [\"window.start\", \"window.length\"], time = \"unix\", since = \"now\" }\n";
    let message = compiled(table, schema).unwrap_or_else(|wrong| panic!("{wrong}"));
    let wish = json!({ "From": 1_767_603_600, "To": 1_767_607_200 });
    for now in ["2026-01-05T09:00:00Z", "2026-01-05T09:00:00.999Z"] {
        let record = read_at(&message, &wish, true, now.parse().expect("a time"));
        assert_eq!(record.to_json(true)["window.length"], "PT1H", "{now}");
    }
}

#[test]
fn a_length_is_neither_less_than_nothing_nor_beyond_all_calendars() {
    let schema = r#"{ "type": "object", "properties": { "Seconds": { "type": "integer" } } }"#;
    let table = "[message.m.rows]\nSeconds = { is = \"window.length\", unit = \"seconds\" }\n";
    let message = compiled(table, schema).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(read(&message, &json!({ "Seconds": 90 })), json!({ "window.length": "PT1M30S" }));
    for (amount, told) in [(-1, "less than nothing"), (i64::MAX, "too long")] {
        let text = json!({ "Seconds": amount }).to_string();
        let document = crate::json::Document::read(text.as_bytes(), Default::default()).expect("JSON");
        let how = crate::mapping::Reading { now: jiff::Timestamp::UNIX_EPOCH, wanted: None };
        let wrong = message.read(document.root(), how).expect_err("no length");
        assert!(wrong[0].text.contains(told), "{wrong:?}");
    }
}
