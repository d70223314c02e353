//! Every code has a page, is used somewhere, and its page's example gives that code and no other, told as the page shows
//! it.
//!
//! `PAMGATE_WRITE=1 cargo test --test codes` writes anew what the examples give, for review; it still fails, and never
//! runs where `CI` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli_support;
mod codes_support;
mod house_support;
#[allow(dead_code)] // The tests of the manual use the rest.
mod manual_support;
mod overlay_support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cli_support::pamgate;
use codes_support::Example;
use pamgate::diagnostic::Code;

/// Codes that no file can give, each with the reason.
const WITHOUT_EXAMPLE: &[(Code, &str)] = &[
    (Code::NoRandom, "the system's random numbers would have to fail"),
    (Code::CrosswalkTooLarge, "an example would have millions of lines"),
];

fn page_of(code: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/codes/{code}.md"))
}

#[test]
fn every_code_is_used() {
    let mut text = String::new();
    for source in house_support::sources() {
        if source.path != "diagnostic/code.rs" {
            text.push_str(&source.program());
        }
    }
    let used = |code: &Code| {
        let name = format!("Code::{code:?}");
        text.match_indices(&name)
            .any(|(at, _)| !text[at + name.len()..].starts_with(|c: char| c.is_alphanumeric()))
    };
    let idle: Vec<&Code> = Code::ALL.iter().filter(|code| !used(code)).collect();
    assert!(idle.is_empty(), "nobody gives {idle:?}");
    assert!(Code::ALL.len() > 90, "the codes were not found");
}

#[test]
fn every_page_is_that_of_a_code() {
    for entry in std::fs::read_dir(page_of("x").parent().unwrap()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".md").expect("pages only");
        assert!(stem == "README" || Code::named(stem).is_some(), "docs/codes/{name} is the page of no code");
    }
}

#[test]
fn every_page_tells_cause_example_and_remedy() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let page = code.page();
        let has_example = WITHOUT_EXAMPLE.iter().all(|(without, _)| without != code);
        let mut parts = page.split("\n## ");
        let cause =
            parts.next().unwrap_or_default().strip_prefix(&format!("# {code}\n\n")).unwrap_or_default();
        let heads: Vec<&str> = parts.clone().filter_map(|part| part.lines().next()).collect();
        let remedy = parts.last().and_then(|part| part.strip_prefix("Remedy\n\n")).unwrap_or_default();
        let expected: &[&str] = if has_example { &["Example", "Remedy"] } else { &["Remedy"] };
        if heads != expected || cause.split_whitespace().count() < 3 || remedy.split_whitespace().count() < 2
        {
            wrong.push(format!("{code}: {heads:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_example_gives_its_code_and_what_the_page_shows() {
    let write = std::env::var("PAMGATE_WRITE").is_ok_and(|what| what == "1");
    let (mut wrong, mut written) = (String::new(), Vec::new());
    for code in Code::ALL.iter().filter(|code| WITHOUT_EXAMPLE.iter().all(|(without, _)| without != *code)) {
        let page = code.page();
        let example = match Example::read(page) {
            Ok(example) => example,
            Err(what) => {
                let _ = writeln!(wrong, "{code}: {what}");
                continue;
            }
        };
        let told = example.told();
        let codes: BTreeSet<String> = told.codes.iter().cloned().collect();
        if codes != BTreeSet::from([code.to_string()]) {
            let _ = writeln!(wrong, "{code}: its example gives {codes:?}\n{}", told.text);
            continue;
        }
        if example.shown != told.text {
            match write {
                true => {
                    assert!(std::env::var("CI").is_err(), "pages are written by people, never by CI");
                    std::fs::write(page_of(code.as_str()), example.page_with(page, &told.text)).unwrap();
                    written.push(code.to_string());
                }
                false => {
                    let _ = writeln!(
                        wrong,
                        "{code}: the page shows\n{}\nand this is told\n{}",
                        example.shown, told.text
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(written.is_empty(), "written anew, look at what changed: {written:?}");
}

#[test]
fn help_prints_the_page_of_a_code() {
    let ran = pamgate(&["help", "unknown-field"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    for expected in ["unknown-field\n", "window.lenght", "did you mean `window.length`?", "Remedy"] {
        assert!(ran.out.contains(expected), "{expected} is not in\n{}", ran.out);
    }
    assert!(
        !ran.out.contains("```") && !ran.out.contains("](") && !ran.out.contains('\u{1b}'),
        "{}",
        ran.out
    );
    assert!(pamgate(&["--colour", "always", "help", "unknown-field"]).out.contains('\u{1b}'));
}

#[test]
fn help_still_tells_of_the_program_and_its_commands() {
    for (words, expected) in [
        (&["help"][..], "Usage: pamgate"),
        (&["help", "check"], "Usage: pamgate check"),
        (&["help", "help"], "Usage: pamgate help"),
    ] {
        let ran = pamgate(words);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{words:?}");
        assert!(ran.out.contains(expected), "{words:?}: {}", ran.out);
    }
    let ran = pamgate(&["help", "unknown-feild"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("did you mean `unknown-field`?"), "{}", ran.err);
    let ran = pamgate(&["help", "chekc"]);
    assert!(ran.status == 2 && ran.err.contains("did you mean `check`?"), "{}", ran.err);
    assert!(!pamgate(&["help", "frobnicate"]).err.contains("did you mean"));
}
