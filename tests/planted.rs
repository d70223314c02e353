//! Mistakes, planted in tables that are right: each is a folder of `tests/planted`, named by its code and what it is
//! about, with the wrong piece and, beside it in `error.txt`, all that is printed of it. To add one takes no Rust: see
//! tests/planted/README.md.
//!
//! `PAMGATE_WRITE=1 cargo test --test planted` writes what is printed anew, for review; it still fails, and never runs
//! where `CI` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod overlay_support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use overlay_support::overlay;
use pamgate::diagnostic::{Code, Diagnostics, Source};
use pamgate::dialect::{Files, Registry};

fn planted() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/planted")
}

/// The files of a folder and of those inside, by their paths from there.
fn files_of(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files_of(&path).into_iter().map(|(file, text)| (format!("{name}/{file}"), text)));
        } else {
            found.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// What is said of the dialects that a folder's files belong to, laid over those of the base.
fn told(base: &BTreeMap<String, String>, folder: &BTreeMap<String, String>) -> Diagnostics {
    let mut files = Files::default();
    let dialect_of = |name: &str| name.split(['.', '/']).next().unwrap().to_owned();
    let dialects: BTreeSet<String> = folder.keys().map(|name| dialect_of(name)).collect();
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    for (name, text) in base.iter().filter(|(name, _)| dialects.contains(&dialect_of(name))) {
        all.insert(name, text.clone());
    }
    for (name, text) in folder.iter().filter(|(name, _)| *name != "error.txt") {
        let text = match all.get(name.as_str()).filter(|_| name.ends_with(".toml")) {
            Some(whole) => overlay(whole, text),
            None => text.clone(),
        };
        all.insert(name, text);
    }
    for (name, text) in all {
        let source = Source::new(name, text);
        match name.split_once('/') {
            Some((dialect, file)) => {
                let message = file.strip_suffix(".json").expect("schemas stand in folders");
                files.schemas.insert((dialect.to_owned(), message.to_owned()), source);
            }
            None => drop(files.mappings.insert(dialect_of(name), source)),
        }
    }
    Registry::load(&files).err().unwrap_or_default()
}

fn folders() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(planted()).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut all: Vec<_> = entries.filter(|path| path.is_dir()).map(|path| (name(&path), path)).collect();
    all.retain(|(name, _)| name != "base");
    all.sort();
    all
}

#[test]
fn the_base_is_right() {
    let base = files_of(&planted().join("base"));
    let wrong = told(&base, &base);
    assert!(wrong.0.is_empty(), "{}", wrong.render(false));
}

#[test]
fn every_mistake_is_told_as_it_is_written_down() {
    let write = std::env::var("PAMGATE_WRITE").is_ok_and(|what| what == "1");
    let base = files_of(&planted().join("base"));
    let (mut wrong, mut written, mut codes) = (String::new(), Vec::new(), BTreeSet::new());
    let folders = folders();
    for (name, path) in &folders {
        let folder = files_of(path);
        let told = told(&base, &folder);
        codes.extend(told.0.iter().map(|one| one.code));
        let first = told.0.first().map(|one| one.code.as_str()).unwrap_or("nothing");
        if name != first && !name.starts_with(&format!("{first}-")) {
            let _ = writeln!(wrong, "{name}: its name begins with another code\n{}", told.render(false));
            continue;
        }
        if let Some(one) = told.0.iter().find(|one| one.help.is_none()) {
            let _ = writeln!(wrong, "{name}: nothing says what to write instead\n{}", one.render(false));
        }
        let printed = told.render(false);
        if folder.get("error.txt") == Some(&printed) {
            continue;
        }
        match write {
            true => {
                assert!(std::env::var("CI").is_err(), "what is printed is written by people, never by CI");
                std::fs::write(path.join("error.txt"), &printed).unwrap();
                written.push(name.clone());
            }
            false => {
                let _ =
                    writeln!(wrong, "{name}: this is printed, and error.txt has something else\n{printed}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(written.is_empty(), "written anew, look at what changed: {written:#?}");
    // Were nothing planted, nothing would be wrong.
    assert!(folders.len() > 50 && codes.len() > 30, "{} mistakes of {codes:?}", folders.len());
}

#[test]
fn a_mistake_that_is_told_otherwise_would_be_seen() {
    let base = files_of(&planted().join("base"));
    let slip = |text: &str| told(&base, &BTreeMap::from([("desk.toml".to_owned(), text.to_owned())]));
    assert!(slip("[message.m.rows]\nReason = \"reason.text\"\n").0.is_empty());
    let wrong = slip("[message.m.rows]\nReason = \"reason.txt\"\n");
    assert_eq!(wrong.0.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::UnknownField]);
}
