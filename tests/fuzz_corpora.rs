//! The kept corpora of the fuzz targets (fuzz/README.md), through the same laws: what was found once stays mended,
//! without a fuzzer installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod laws_support;

use std::collections::BTreeMap;
use std::path::Path;

use laws_support::tables::Checked;
use laws_support::translation::Reached;
use laws_support::world::WORLD;
use laws_support::{json, tables, translation};

/// Every kept input of a target, with its name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let read = |path: &Path| (path.display().to_string(), std::fs::read(path).expect("a kept input"));
    let mut found: Vec<_> = files.map(|file| read(&file.expect("a file").path())).collect();
    found.sort();
    found
}

/// Runs all of a corpus; how often each end was come to.
fn held<E: std::fmt::Debug>(
    target: &str,
    run: impl Fn(&[u8]) -> Result<E, String>,
) -> BTreeMap<String, usize> {
    let mut ends = BTreeMap::new();
    let mut broken = String::new();
    for (name, bytes) in corpus(target) {
        match run(&bytes) {
            Ok(end) => *ends.entry(format!("{end:?}")).or_default() += 1,
            Err(why) => broken += &format!("{name}: {why}\n"),
        }
    }
    assert!(broken.is_empty(), "{broken}");
    ends
}

fn at_least(ends: &BTreeMap<String, usize>, end: impl std::fmt::Debug, fewest: usize) {
    let many = ends.get(&format!("{end:?}")).copied().unwrap_or(0);
    assert!(many >= fewest, "only {many} of the corpus are {end:?}: {ends:?}");
}

#[test]
fn json() {
    at_least(&held("json", json::run), (), 50);
}

#[test]
fn tables() {
    let ends = held("tables", tables::run);
    at_least(&ends, Checked::Passed, 4);
    at_least(&ends, Checked::Refused, 4);
}

#[test]
fn translation() {
    let ends = held("translation", |bytes| translation::run(&WORLD, bytes));
    at_least(&ends, Reached::Answered, 40);
    at_least(&ends, Reached::Refused, 4);
}
