//! docs/mapping.schema.json, by which an editor completes and checks mapping tables: it is a schema, it takes every
//! table that the program takes and refuses typical slips, and what it lists is what the program knows.
//!
//! Its lists of fields, words, faults and operations are made: `PAMGATE_WRITE=1 cargo test --test mapping_schema` writes
//! them anew, for review; it still fails, and never runs in CI. The rest is written by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)] // Of the manual's examples, its own test runs more.
mod manual_support;
mod mapping_schema_support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use manual_support::mistakes::mistakes;
use manual_support::{Block, blocks, head, with_error};
use mapping_schema_support::{lists, slips};
use serde_json::Value as Json;

const SCHEMA: &str = include_str!("../docs/mapping.schema.json");
const MANUAL: &str = include_str!("../docs/mapping-language.md");

fn schema() -> Json {
    serde_json::from_str(SCHEMA).expect("the schema is JSON")
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn table(text: &str) -> Json {
    let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{e}\n{text}"));
    serde_json::to_value(table).expect("TOML as JSON")
}

/// What of a table the schema refuses, a line each.
fn refused(schema: &jsonschema::Validator, text: &str) -> String {
    let mut told = String::new();
    for wrong in schema.iter_errors(&table(text)) {
        let _ = writeln!(told, "  {}: {wrong}", wrong.instance_path());
    }
    told
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema compiles")
}

#[test]
fn it_is_a_schema() {
    if let Err(wrong) = jsonschema::draft202012::meta::validate(&schema()) {
        panic!("{}: {wrong}", wrong.instance_path());
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_definition_is_referred_to() {
    fn references<'s>(at: &'s Json, found: &mut Vec<&'s str>) {
        match at {
            Json::Object(members) => {
                found.extend(members.get("$ref").and_then(Json::as_str));
                members.values().for_each(|inner| references(inner, found));
            }
            Json::Array(items) => items.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }
    let schema = schema();
    let mut found = Vec::new();
    references(&schema, &mut found);
    let found: Vec<&str> =
        found.iter().map(|to| to.strip_prefix("#/$defs/").expect("a definition")).collect();
    let known = schema["$defs"].as_object().unwrap();
    for name in &found {
        assert!(known.contains_key(*name), "{name} is not there");
    }
    for name in known.keys() {
        assert!(found.contains(&name.as_str()), "nothing refers to {name}");
    }
}

/// An editor shows what a key means: each has a description, its own or that of what it refers to.
#[test]
fn every_key_is_described() {
    fn described(schema: &Json, at: &Json) -> bool {
        let referred = at["$ref"].as_str().and_then(|to| schema.pointer(to.strip_prefix('#')?));
        at["description"].is_string() || referred.is_some_and(|at| described(schema, at))
    }
    fn walk(schema: &Json, at: &Json, place: &str, missing: &mut Vec<String>) {
        // What a condition says of a key isn't told by an editor.
        let conditions = ["if", "then", "$ref"];
        for (key, inner) in at.as_object().into_iter().flatten() {
            if key == "properties" {
                for (name, property) in inner.as_object().into_iter().flatten() {
                    if !described(schema, property) {
                        missing.push(format!("{place}/{name}"));
                    }
                }
            }
            if !conditions.contains(&key.as_str()) {
                walk(schema, inner, &format!("{place}/{key}"), missing);
            }
        }
        for (number, inner) in at.as_array().into_iter().flatten().enumerate() {
            walk(schema, inner, &format!("{place}/{number}"), missing);
        }
    }
    let schema = schema();
    let mut missing = Vec::new();
    walk(&schema, &schema, "", &mut missing);
    // A canonical word as a key is told by the manual's list.
    missing.retain(|place| {
        !["/words", "/choose/", "/always/", "/is_truth/"].iter().any(|of| place.contains(of))
    });
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_it_lists_is_what_the_program_knows() {
    let mut fresh = schema();
    for (name, list) in lists::all() {
        let slot = fresh["$defs"].get_mut(name);
        *slot.unwrap_or_else(|| panic!("there is no definition `{name}`")) = list;
    }
    let fresh = format!("{fresh:#}\n");
    if fresh == SCHEMA {
        return;
    }
    if std::env::var("PAMGATE_WRITE").is_ok_and(|what| what == "1") {
        assert!(std::env::var("CI").is_err(), "documents are written by people, never by CI");
        std::fs::write(root("docs/mapping.schema.json"), &fresh).unwrap();
        panic!("docs/mapping.schema.json was written anew: look at what changed");
    }
    let line = SCHEMA.lines().zip(fresh.lines()).position(|(is, should)| is != should);
    let line = line.map_or(0, |at| at + 1);
    panic!("docs/mapping.schema.json is stale from line {line}: PAMGATE_WRITE=1 writes it");
}

/// All tables in folders of the repository, each beginning with the directive that names the schema to editors.
#[test]
fn every_table_passes_and_names_it() {
    let (schema, mut told, mut tables) = (validator(), String::new(), 0);
    for folder in ["mappings", "tests/fourth/mappings"] {
        for entry in std::fs::read_dir(root(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let named =
                text.lines().next().and_then(|line| line.strip_prefix("#:schema ")).unwrap_or_default();
            let at = path.parent().unwrap().join(named);
            let named = std::fs::canonicalize(&at)
                .unwrap_or_else(|e| panic!("{}: {}: {e}", path.display(), at.display()));
            assert_eq!(named, std::fs::canonicalize(root("docs/mapping.schema.json")).unwrap());
            let wrong = refused(&schema, &text);
            if !wrong.is_empty() {
                let _ = writeln!(told, "{}\n{wrong}", path.display());
            }
            tables += 1;
        }
    }
    assert_eq!(tables, 4, "the tables were not found");
    assert!(told.is_empty(), "{told}");
}

/// The manual's forms and files that are right, and pieces of tables.
fn good_examples() -> Vec<(usize, String)> {
    let all = blocks(MANUAL);
    let last = |block: &Block| all.iter().rfind(|other| other.info == block.info).map(|other| other.line);
    let example = |block: &Block| match block.info.as_str() {
        "form" => Some(with_error(&format!("{}{}", head("form"), block.text()))),
        info if info.starts_with("mine/mappings/") => (last(block) == Some(block.line)).then(|| block.text()),
        "" | "mine/more.toml" if block.language == "toml" => {
            let table: toml::Table = block.text().parse().ok()?;
            // A configuration has other tables.
            let schema = schema();
            let ours = table.keys().all(|key| schema["properties"].get(key).is_some());
            ours.then(|| match table.contains_key("dialect") {
                true => block.text(),
                false => format!("{}\n[dialect]\nbase = \"/\"\n", block.text()),
            })
        }
        _ => None,
    };
    all.iter().filter_map(|block| Some((block.line, example(block)?))).collect()
}

#[test]
fn every_good_example_of_the_manual_passes() {
    let (schema, mut told) = (validator(), String::new());
    let examples = good_examples();
    for (line, text) in &examples {
        let wrong = refused(&schema, text);
        if !wrong.is_empty() {
            let _ = writeln!(told, "line {line}\n{wrong}");
        }
    }
    assert!(examples.len() > 15, "the examples were not found: {}", examples.len());
    assert!(told.is_empty(), "{told}");
}

/// For who has the program and not its sources.
#[test]
fn the_program_prints_it() {
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_pamgate")).arg("schema").output().unwrap();
    assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(0), &b""[..]));
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), SCHEMA);
}

#[test]
fn typical_slips_are_refused() {
    let schema = validator();
    assert_eq!(refused(&schema, slips::TABLE), "", "the table itself is right");
    let mut passed = Vec::new();
    for (piece, instead) in slips::SLIPS {
        assert_eq!(slips::TABLE.matches(piece).count(), 1, "`{piece}` should stand once in the table");
        if refused(&schema, &slips::TABLE.replace(piece, instead)).is_empty() {
            passed.push(*instead);
        }
    }
    assert!(passed.is_empty(), "these were taken: {passed:#?}");
}

/// What the checker tells by the table alone, an editor underlines too: the manual's mistakes of these codes.
#[test]
fn what_the_table_alone_shows_is_refused() {
    const BY_THE_TABLE_ALONE: &[&str] = &[
        "unknown-field",
        "unknown-form",
        "unknown-key",
        "unknown-unit",
        "unit-missing",
        "time-format-missing",
        "unknown-time-format",
        "unknown-word",
        "unknown-fault",
        "unknown-find",
        "unknown-keep",
        "unknown-outcome",
        "wrong-content-type",
        "wrong-form",
        "wrong-length",
        "wrong-status",
        "option-missing",
    ];
    let (schema, mut passed, mut seen) = (validator(), String::new(), BTreeSet::new());
    for block in blocks(MANUAL).iter().filter(|block| block.info == "wrong") {
        for mistake in mistakes(block) {
            if BY_THE_TABLE_ALONE.contains(&mistake.code.as_str()) {
                seen.insert(mistake.code.clone());
                if refused(&schema, &mistake.table()).is_empty() {
                    let _ = writeln!(passed, "{}\n{}", mistake.code, mistake.text);
                }
            }
        }
    }
    assert_eq!(seen.len(), BY_THE_TABLE_ALONE.len(), "only of these was an example found: {seen:?}");
    assert!(passed.is_empty(), "these were taken:\n{passed}");
}

/// The row's form decides what it is held against: an error says what is wrong with that form, not that no form fits.
#[test]
fn an_error_says_what_is_wrong_with_the_form_that_was_meant() {
    let schema = validator();
    let told =
        |row: &str| refused(&schema, &format!("[dialect]\nbase = \"/\"\n[message.m.rows]\nA = {row}\n"));
    let at = "  /message/m/rows/A";
    let of = |row: &str, expected: &str| assert_eq!(told(row), format!("{at}{expected}\n"), "{row}");
    of(r#"{ is = "window.length" }"#, ": \"unit\" is a required property");
    of(
        r#"{ is = "window.start", time = "soon" }"#,
        "/time: \"soon\" is not one of \"unix\", \"iso-utc\" or \"iso-plain\"",
    );
    of(
        r#"{ is = "reason.text", unit = "days" }"#,
        ": Additional properties are not allowed ('unit' was unexpected)",
    );
    of(r#"{ list = "approvals.approvers" }"#, ": \"of\" is a required property");
    of("5", ": 5 is not of type \"object\"");
}
