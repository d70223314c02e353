//! Runs the examples of docs/mapping-language.md: whole files are checked, what a terminal shows is what it shows, forms
//! read and write as they are said to, and each mistake is told under its code. Tables of the manual that repeat what
//! stands in the program are held against it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod manual_support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use manual_support::forms::{Form, differences};
use manual_support::mistakes::{Mistake, mistakes};
use manual_support::{Block, blocks};
use pamgate::canonical::{fault, field, word};
use pamgate::diagnostic::Code;

const MANUAL: &str = include_str!("../docs/mapping-language.md");

#[test]
fn forms_read_and_write_as_the_examples_say() {
    let (mut told, mut examples) = (String::new(), 0);
    let (mut table, mut form) = (String::new(), None);
    for block in blocks(MANUAL) {
        match block.info.as_str() {
            "form" => table = block.text(),
            "schema" => match Form::new(&table, &block.text()) {
                Ok(loaded) => form = Some(loaded),
                Err(wrong) => panic!("line {}: the form is wrong\n{wrong}", block.line),
            },
            "both" | "reply" => {
                let form = form.as_ref().expect("an example follows a form and its schema");
                examples += block.lines.len();
                for wrong in differences(form, &block.lines, block.info == "reply") {
                    let _ = writeln!(told, "line {}: {wrong}", block.line);
                }
            }
            _ => {}
        }
    }
    assert!(examples > 60, "the examples were not found: {examples}");
    assert!(told.is_empty(), "(- in the manual, + came out)\n{told}");
}

#[test]
fn an_example_that_is_wrong_would_be_seen() {
    let form =
        Form::new("[message.m.rows]\nWhy = \"reason.text\"\n", r#"{ "Why": { "type": "string" } }"#).unwrap();
    let wrong = |line: &str| differences(&form, &[line.to_owned()], false).len();
    assert_eq!(wrong(r#"{"Why": "disk"}  ⇄  reason.text = disk"#), 0);
    assert_eq!(wrong(r#"{"Why": "disk"}  ⇄  reason.text = disc"#), 2);
    assert_eq!(wrong(r#"{"Why": "disk"}  →  ticket.number = disk"#), 1);
    assert_eq!(wrong(r#"{}  ←  reason.text = disk"#), 1);
    assert_eq!(wrong("no arrow"), 1);
}

fn all_mistakes() -> Vec<(usize, Mistake)> {
    let wrong = blocks(MANUAL).into_iter().filter(|block| block.info == "wrong");
    wrong.flat_map(|block| mistakes(&block).into_iter().map(move |one| (block.line, one))).collect()
}

#[test]
fn each_mistake_is_told_under_its_code_and_nothing_else_is() {
    let all =
        blocks(MANUAL).into_iter().find(|block| block.info == "all").expect("the properties of the examples");
    let all = serde_json::from_str(&all.text()).expect("the properties are JSON");
    let (mut told, mistakes) = (String::new(), all_mistakes());
    for (line, mistake) in &mistakes {
        let got = mistake.told(&all);
        let [one] = got.as_slice() else {
            let _ = writeln!(told, "below line {line}: {}\n{}{}", mistake.code, mistake.text, got.join("\n"));
            continue;
        };
        if one.split(' ').next() != Some(mistake.code.as_str()) {
            let _ = writeln!(told, "below line {line}: {}\n{}{one}", mistake.code, mistake.text);
        }
    }
    assert!(mistakes.len() > 50, "the mistakes were not found: {}", mistakes.len());
    assert!(told.is_empty(), "{told}");
}

/// The codes that a source gives to what is wrong in a table or a schema.
fn codes(source: &str) -> BTreeSet<String> {
    let named = source.split("Code::").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
    let named: BTreeSet<&str> = named.flatten().collect();
    Code::ALL.iter().filter(|code| named.contains(&*format!("{code:?}"))).map(Code::to_string).collect()
}

#[test]
fn every_code_of_the_checks_stands_in_the_manual() {
    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false => found.push_str(&std::fs::read_to_string(path).unwrap()),
            }
        }
    }
    let mut text = String::new();
    for folder in ["src/mapping", "src/dialect"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut text);
    }
    let codes = codes(&text);
    assert!(codes.len() > 40, "the codes were not found: {codes:?}");
    let shown: BTreeSet<String> = all_mistakes().into_iter().map(|(_, mistake)| mistake.code).collect();
    let missing: Vec<&String> = codes
        .iter()
        .filter(|code| !shown.contains(*code) && !MANUAL.contains(&format!("`{code}`")))
        .collect();
    assert!(missing.is_empty(), "codes without an example or a line: {missing:?}");
}

#[test]
fn fields_words_and_faults_are_those_of_the_program() {
    let mut missing = Vec::new();
    let mut has = |line: String| {
        if !MANUAL.contains(&line) {
            missing.push(line);
        }
    };
    for field in field::FIELDS {
        has(format!("\n| `{}` | ", field.name));
        let row = MANUAL.lines().find(|line| line.starts_with(&format!("| `{}` | ", field.name)));
        let treatment = row.and_then(|row| row.split(" | ").nth(2));
        assert_eq!(treatment, Some(field.treatment.as_str()), "{}", field.name);
        if field.kind == field::Type::Word {
            // They have a table of their own, below.
            if field.name == "fault.kind" {
                has("| `fault.kind` | those of [Faults](#faults-1) |".to_owned());
                continue;
            }
            let words: Vec<String> = word::of(field.name).iter().map(|word| format!("`{word}`")).collect();
            has(format!("| `{}` | {} |", field.name, words.join(", ")));
        }
    }
    for (word, text) in fault::FAULTS {
        has(format!("| `{word}` | {text} |"));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_terminal_shows_what_the_manual_shows() {
    let folder = tempfile::tempdir().unwrap();
    let (mut told, mut runs) = (String::new(), 0);
    for block in blocks(MANUAL) {
        if block.is_file() {
            let file = folder.path().join(&block.info);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, block.text()).unwrap();
        } else if block.language == "toml" && block.info.is_empty() {
            if let Err(wrong) = block.text().parse::<toml::Table>() {
                let _ = writeln!(told, "line {}: {wrong}", block.line);
            }
        } else if block.language == "console" {
            for (command, expected) in commands(&block) {
                runs += 1;
                let got = shown(&command, folder.path());
                if got != expected {
                    let (expected, got) = (expected.join("\n"), got.join("\n"));
                    let _ = writeln!(
                        told,
                        "line {}: {command}\n--- in the manual\n{expected}\n+++ came out\n{got}\n",
                        block.line
                    );
                }
            }
        }
    }
    assert!(runs > 5, "the commands were not found: {runs}");
    assert!(told.is_empty(), "{told}");
}

/// `cat` shows a file that there is: the commands below it have it.
#[test]
fn the_readme_shows_what_translate_says() {
    let readme = include_str!("../README.md");
    let section = readme.split("\n## Try a message").nth(1).and_then(|rest| rest.split("\n## ").next());
    let folder = tempfile::tempdir().unwrap();
    let mut runs = 0;
    for block in blocks(section.expect("the section")).iter().filter(|block| block.language == "console") {
        for (command, expected) in commands(block) {
            match command.strip_prefix("cat ") {
                Some(file) => std::fs::write(folder.path().join(file), expected.join("\n")).unwrap(),
                None => {
                    runs += 1;
                    assert_eq!(shown(&command, folder.path()), expected, "{command}");
                }
            }
        }
    }
    assert!(runs > 2, "{runs}");
}

/// The commands of a block, each with the lines below it.
fn commands(block: &Block) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in &block.lines {
        match line.strip_prefix("$ ") {
            Some(command) => found.push((command.to_owned(), Vec::new())),
            None => found.last_mut().expect("a console begins with a command").1.push(line.clone()),
        }
    }
    for (_, lines) in &mut found {
        trim(lines);
    }
    found
}

fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
}

/// What a terminal shows of a command: `check` tells its mistakes before it sums up, `translate` its losses after the
/// message.
fn shown(command: &str, folder: &Path) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_pamgate")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).stdin(Stdio::null());
    let ran = shell
        .env("PATH", path)
        .env_remove("NO_COLOR")
        .env_remove("PAMGATE_LOG")
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
    let both = if command.contains(" check") { err + &out } else { out + &err };
    let mut lines: Vec<String> = both.lines().map(str::to_owned).collect();
    trim(&mut lines);
    lines
}
