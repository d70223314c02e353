//! Each law can fail: a table or a schema with one piece replaced is caught, and the report names the entry.
use pamgate::diagnostic::Source;
use pamgate::dialect::Files;

use super::{crossings, messages, records};
use crate::laws_support::world::{World, broken, files};

fn world(files: Files) -> World {
    World::of(files).unwrap_or_else(|why| panic!("the checker sees it, too: {why}"))
}

/// The line of a table in which a text stands.
fn line(world: &World, dialect: &str, text: &str) -> String {
    let source = &world.files.mappings[dialect];
    let at = source.text.find(text).expect("the text");
    format!("{}:{}", source.name, source.line_column(at).0)
}

/// A copy of the files with a piece of one schema replaced.
fn broken_schema(dialect: &str, name: &str, from: &str, to: &str) -> Files {
    let mut files = files();
    let key = (dialect.to_owned(), name.to_owned());
    let source = files.schemas[&key].clone();
    assert_eq!(source.text.matches(from).count(), 1, "`{from}` should stand once in {}", source.name);
    files.schemas.insert(key, Source::new(source.name.clone(), source.text.replace(from, to)));
    files
}

#[test]
fn a_start_that_is_not_taken_for_now_is_caught_by_the_round_trip() {
    let row = r#"{ is = "window.start", time = "unix", since = "now" }"#;
    let world = world(broken("cyberark", row, &row.replace(", since = \"now\"", "")));
    let why = messages::hold_one(&world, "cyberark create", 400).expect_err("it is caught");
    assert!(
        why.contains("window.start was None")
            && why.contains(&line(&world, "cyberark", "FromDate               =")),
        "{why}"
    );
    assert!(why.contains("the smallest case: { \"accountId\": \"*\", \"ToDate\": "), "{why}");
}

#[test]
fn a_message_that_may_not_say_what_is_written_is_caught_by_its_schema() {
    let files = broken_schema(
        "beyondtrust",
        "create",
        "\"required\": [\"SystemID\"",
        "\"maxProperties\": 3, \"required\": [\"SystemID\"",
    );
    let why = messages::hold_one(&world(files), "beyondtrust create", 400).expect_err("it is caught");
    assert!(why.contains("breaks the schema"), "{why}");
}

#[test]
fn a_value_that_disappears_without_a_loss_is_caught_between_dialects() {
    let from = "TicketId               = { is = \"ticket.number\", unset = [\"\"] }";
    let to = "TicketId = { is = \"ticket.number\", unset = [\"1\", \"root\", \"one\", \"two\", \"admin\", \"RDP\", \"SSH\", \"App\"] }";
    let world = world(broken("cyberark", from, to));
    let why = crossings::hold_one(&world, "beyondtrust", "cyberark", 3000).expect_err("it is caught");
    assert!(
        why.contains("ticket.number was asked as Some")
            && why.contains(&line(&world, "cyberark", "TicketId = {")),
        "{why}"
    );
}

#[test]
fn a_reply_that_hides_what_the_upstream_said_is_caught() {
    let row = "ConfirmationsLeft             = \"approvals.remaining\"";
    let to = "ConfirmationsLeft = { is = \"approvals.remaining\", unset = [0] }";
    let world = world(broken("cyberark", row, to));
    let why = crossings::hold_one(&world, "cyberark", "safeguard", 1000).expect_err("it is caught");
    assert!(why.contains("the upstream said approvals.remaining = Count(0)"), "{why}");
    assert!(why.contains(&line(&world, "cyberark", "ConfirmationsLeft = {")), "{why}");
}

#[test]
fn a_fit_that_promises_too_much_is_caught() {
    let row = "TicketNumber      = { is = \"ticket.number\", unset = [\"\"] }";
    let letters: Vec<String> = ('a'..='z').chain('A'..='Z').map(|letter| format!("\"{letter}\"")).collect();
    let to = format!("TicketNumber = {{ is = \"ticket.number\", unset = [{}] }}", letters.join(", "));
    let world = world(broken("safeguard", row, &to));
    let why = records::hold_one(&world, "safeguard create", 3000).expect_err("it is caught");
    assert!(why.contains("ticket.number = Text(") && why.contains("is Fitting { fit: Exact"), "{why}");
    assert!(why.contains(&line(&world, "safeguard", "TicketNumber = {")), "{why}");
}
