//! `read(write(read(m))) = read(m)`, for every message of the golden cases, in every variant of its dialect.
use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use crate::canonical::Record;
use crate::dialect::{Dialect, Files, MessageEntry, Registry};
use crate::json::{Builder, Limits};

use super::super::Reading;

/// A message of a golden case: the fence's words, and the text.
fn golden() -> Vec<(String, Vec<String>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(root).expect("the cases").map(|entry| entry.expect("a folder").path()) {
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).expect("the cases").map(|entry| entry.expect("a file").path())
        {
            let text = std::fs::read_to_string(&file).expect("a case");
            for block in text.split("\n```json ").skip(1) {
                let (head, rest) = block.split_once('\n').expect("a fence's line");
                let body = rest.split_once("\n```").expect("a fence's end").0;
                let words = head.split_whitespace().map(str::to_owned).collect();
                found.push((file.display().to_string(), words, body.to_owned()));
            }
        }
    }
    found
}

/// The messages that a block may be, in one dialect.
fn entries<'d>(dialect: &'d Dialect, words: &[String]) -> Vec<&'d MessageEntry> {
    let create = dialect.operation("request.create").expect("every dialect creates");
    let numbers: Vec<usize> = match words.first().map(String::as_str) {
        Some("send" | "forward") if words.len() > 3 => {
            let path = words[3].split('?').next().unwrap_or_default();
            let recognised = dialect.recognise(&words[2], path).expect("a path of the dialect");
            recognised.route.send.into_iter().collect()
        }
        Some("send") => create.routes.last().and_then(|route| route.send).into_iter().collect(),
        _ => {
            let status = words[2].parse().expect("a status");
            match create.read(status) {
                Some(outcome) => outcome.message.into_iter().collect(),
                None => dialect.fault_messages.clone(),
            }
        }
    };
    numbers.into_iter().map(|number| dialect.message(number)).collect()
}

fn read(dialect: &Dialect, entry: &MessageEntry, body: &[u8], now: Timestamp) -> Option<Record<'static>> {
    let document = entry.parse(body, dialect.json(Limits::default())).ok()?;
    Some(entry.message.read(document.root(), Reading { now, wanted: None }).ok()?.into_owned())
}

#[test]
fn what_is_written_and_read_again_is_what_was_read() {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut held: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut broken = String::new();
    for (file, words, body) in golden() {
        // What only a part is told of is no message.
        if words.iter().any(|word| word == "partly") {
            continue;
        }
        let id = if words[1] == "beyondtrust" { "1000000007" } else { "\"Db-Safe_7\"" };
        let body = body.replace("\"<minted>\"", id);
        for variant in [None, Some("page"), Some("v3")] {
            let Ok(dialect) = registry.get(&words[1], variant) else { continue };
            for entry in entries(dialect, &words) {
                let Some(first) = read(dialect, entry, body.as_bytes(), now) else { continue };
                let mut out = Builder::new();
                entry.message.write(&first, now, &mut out);
                let text = out.finish(dialect.json.any_case).to_bytes();
                let again = read(dialect, entry, &text, now);
                if again.as_ref() != Some(&first) {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    let name = &entry.message.name;
                    broken +=
                        &format!("{file}: {} {name}\n  {first:?}\n  {text}\n  {again:?}\n", dialect.label());
                }
                *held.entry((dialect.label(), entry.message.name.clone())).or_default() += 1;
            }
        }
    }
    assert!(broken.is_empty(), "{broken}");
    for (dialect, message, fewest) in [
        ("beyondtrust", "create", 30),
        ("beyondtrust", "create-by-alias", 3),
        ("beyondtrust", "id", 10),
        ("beyondtrust", "fault-code", 3),
        ("beyondtrust/page", "create", 30),
        ("cyberark", "create", 30),
        ("cyberark", "document", 10),
        ("cyberark", "error", 1),
        ("cyberark/page", "create", 30),
        ("safeguard", "create", 30),
        ("safeguard", "document", 5),
        ("safeguard", "error", 1),
        ("safeguard/v3", "create", 30),
    ] {
        let many = held.get(&(dialect.to_owned(), message.to_owned())).copied().unwrap_or(0);
        assert!(many >= fewest, "only {many} messages {message} of {dialect}: {held:?}");
    }
}
