//! Places that are the sum of two fields, wherever in a table they stand.
use serde_json::json;

use super::compiled;
use super::lenses::read;

const SCHEMA: &str = r#"{ "type": "object", "properties": {
    "From": { "type": "integer" }, "To": { "type": "integer" },
    "Given": { "type": "integer" }, "Need": { "type": "integer" } } }"#;

/// A sum of each kind, and the rows of their first fields.
const ROWS: &[&str] = &[
    r#"To = { sum = ["window.start", "window.length"], time = "unix", since = "now" }"#,
    r#"Need = { sum = ["approvals.given", "approvals.remaining"] }"#,
    r#"From = { is = "window.start", time = "unix" }"#,
    r#"Given = "approvals.given""#,
];

#[test]
fn a_sum_is_read_after_its_first_field_wherever_it_stands() {
    let said = json!({ "From": 1_767_690_000, "To": 1_767_697_200, "Given": 1, "Need": 3 });
    let mut rows = ROWS.to_vec();
    for _ in ROWS {
        for _ in 0..2 {
            let table = format!("[message.m.rows]\n{}\n", rows.join("\n"));
            let message = compiled(&table, SCHEMA).unwrap_or_else(|wrong| panic!("{wrong}"));
            let means = read(&message, &said);
            assert_eq!(
                means,
                json!({
                    "window.start": "2026-01-06T09:00:00Z",
                    "window.length": "PT2H",
                    "approvals.given": 1,
                    "approvals.remaining": 2
                }),
                "{table}"
            );
            rows.reverse();
        }
        rows.rotate_left(1);
    }
}

#[test]
fn two_sums_of_each_other_s_fields_are_read_in_their_order() {
    let table = "[message.m.rows]\nGiven = { sum = [\"approvals.remaining\", \"approvals.given\"] }\n\
        Need = { sum = [\"approvals.given\", \"approvals.remaining\"] }\n\
        From = { is = \"window.start\", time = \"unix\" }\nTo = { is = \"expires\", time = \"unix\" }\n";
    let message = compiled(table, SCHEMA).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(read(&message, &json!({ "Given": 3 })), json!({ "approvals.given": 3 }));
}
