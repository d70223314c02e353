//! A fourth vendor needs no Rust: `tests/fourth/` has its table and schemas, and here it speaks with the three.
//!
//! Nothing of it is known to the library: what works here works because the mapping language says enough. The cases in
//! `tests/fourth/cases` are facts, written in the form of the golden cases (tests/golden/README.md); `FORMS` lists the
//! language and holds that no part of it is for one vendor alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;
#[allow(dead_code)] // Of a case, the golden test uses more.
mod golden_format;

#[path = "fourth/cases.rs"]
mod cases;
#[path = "fourth/forms.rs"]
mod forms;
#[path = "fourth/served.rs"]
mod served;

use std::path::{Path, PathBuf};

use pamgate::dialect::{Files, Registry};

/// The three that are built in.
const BUILT_IN: [&str; 3] = ["beyondtrust", "cyberark", "safeguard"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fourth").join(name)
}

/// All four dialects.
fn registry() -> Registry {
    let mut files = Files::built_in();
    files.add_mappings(&folder("mappings")).unwrap();
    files.add_schemas(&folder("schemas")).unwrap();
    match Registry::load(&files) {
        Ok(registry) => registry,
        Err(wrong) => panic!("{}", wrong.render(false)),
    }
}

#[test]
fn it_loads_and_checks_clean_beside_the_three() {
    let registry = registry();
    let mut names: Vec<String> = registry.all().map(|dialect| dialect.name.clone()).collect();
    names.sort();
    assert_eq!(names, ["beyondtrust", "cyberark", "safeguard", "vaultline"]);
    assert!(registry.get("vaultline", Some("legacy")).is_ok());
    let (mappings, schemas) = (folder("mappings"), folder("schemas"));
    let words = ["check", "--mappings", mappings.to_str().unwrap(), "--schemas", schemas.to_str().unwrap()];
    let ran = e2e_support::run(&words);
    assert_eq!(ran.status, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with("4 dialects, "), "{}", ran.out);
}
