//! The sandbox must stay an honest second opinion: nothing of the gateway's, nor its parsers.
#![allow(clippy::unwrap_used)]

use std::path::Path;

/// Crates it may use. toml, serde and thiserror read its inventory; tracing tells of broken connections.
const MAY_USE: [&str; 16] = [
    "std",
    "serde_json",
    "serde",
    "toml",
    "thiserror",
    "hyper",
    "hyper_util",
    "http_body_util",
    "bytes",
    "tokio",
    "tokio_rustls",
    "rustls",
    "jiff",
    "tracing",
    "super",
    "self",
];
/// Its own modules, which `use` may name without a prefix.
const OWN: [&str; 7] = ["file", "clock", "inventory", "record", "service", "desk", "wire"];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
}

/// What a source uses that it may not.
fn strangers(text: &str) -> Vec<String> {
    let mut strangers = Vec::new();
    for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
        if line.contains("crate::") || line.contains("pamgate") {
            strangers.push(line.trim().to_owned());
        }
        let line = line.trim_start();
        let used = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("use ");
        let root = used.and_then(|u| u.split([':', ';', '{', ' ']).next());
        if let Some(root) = root.filter(|r| !MAY_USE.contains(r) && !OWN.contains(r)) {
            strangers.push(root.to_owned());
        }
    }
    strangers
}

#[test]
fn the_sandbox_uses_nothing_of_the_gateway() {
    let mut found = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox");
    sources(&folder, &mut found);
    assert!(found.len() > 15, "the sources were not found");
    for (path, text) in found {
        assert_eq!(strangers(&text), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn the_rule_would_see_a_breach() {
    assert_eq!(strangers("use crate::mapping::Table;").len(), 2);
    assert_eq!(strangers("    let x = crate::json::read();").len(), 1);
    assert_eq!(strangers("use jiter::Jiter;"), ["jiter"]);
    assert_eq!(strangers("use serde_json::Value;"), Vec::<String>::new());
}
