//! The same laws over what clients and servers really send: every message of the golden cases and of the fourth
//! dialect's, in every variant of its dialect, as whatever of the dialect's messages takes it.
use std::path::{Path, PathBuf};

use crate::laws_support::message::Held;
use crate::laws_support::world::{Seen, WORLD};

/// Every JSON block of a case: the file, the words after the fence, and the text.
fn blocks() -> Vec<(String, Vec<String>, String)> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let list = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    };
    let pairs = list(&tests.join("golden")).into_iter().filter(|folder| folder.is_dir());
    let mut files: Vec<PathBuf> = pairs.flat_map(|folder| list(&folder)).collect();
    files.extend(list(&tests.join("fourth/cases")));
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case");
        for block in text.split("\n```json ").skip(1) {
            let (head, rest) = block.split_once('\n').expect("a fence's line");
            // A reply without a body is an empty block.
            let body = rest.strip_prefix("```").map_or_else(|| rest.split_once("\n```"), |_| Some(("", "")));
            let body = body.expect("a fence's end").0;
            let words = head.split_whitespace().map(str::to_owned).collect();
            found.push((file.display().to_string(), words, body.to_owned()));
        }
    }
    found
}

#[test]
fn what_golden_cases_say_is_read_and_written_the_same() {
    let mut kept = Seen::new();
    let mut broken = String::new();
    for (file, words, body) in blocks() {
        // What only a part is told of is no message.
        if words.iter().any(|word| word == "partly") {
            continue;
        }
        for spoken in WORLD.messages().iter().filter(|spoken| spoken.dialect.name == words[1]) {
            match spoken.round_trip(body.as_bytes()) {
                Ok(Held::Kept) => *kept.entry(spoken.label()).or_default() += 1,
                Ok(Held::Refused) => {}
                Err(why) => broken += &format!("{file}: {why}\n"),
            }
        }
    }
    assert!(broken.is_empty(), "{broken}");
    for (label, fewest) in [
        ("beyondtrust create", 30),
        ("beyondtrust create-by-alias", 3),
        ("beyondtrust id", 10),
        ("beyondtrust fault-code", 3),
        ("beyondtrust/page create", 30),
        ("cyberark create", 30),
        ("cyberark document", 10),
        ("cyberark error", 1),
        ("cyberark/page create", 30),
        ("safeguard create", 30),
        ("safeguard document", 5),
        ("safeguard error", 1),
        ("safeguard/v3 create", 30),
        ("vaultline ask", 5),
        ("vaultline receipt", 3),
    ] {
        let many = kept.get(label).copied().unwrap_or(0);
        assert!(many >= fewest, "only {many} messages of {label}: {kept:?}");
    }
}

#[test]
fn the_fit_tells_what_comes_back_of_golden_cases() {
    let mut seen = Seen::new();
    let mut broken = String::new();
    let sends = blocks().into_iter().filter(|(_, words, _)| words[0] == "send");
    for (file, words, body) in sends {
        let source = WORLD.dialect(&words[1]);
        let create = source.operation("request.create").expect("every dialect creates");
        for number in create.routes.iter().filter_map(|route| route.send) {
            let spoken = WORLD.spoken(&words[1], &source.message(number).message.name);
            let Some(record) = spoken.read(body.as_bytes()) else { continue };
            for target in WORLD.registry.all() {
                let create = target.operation("request.create").expect("every dialect creates");
                for number in create.routes.iter().filter_map(|route| route.send) {
                    let to = WORLD.spoken(&target.label(), &target.message(number).message.name);
                    if let Err(why) = to.fits(&record, &mut seen) {
                        broken += &format!("{file}: {why}\n");
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken}");
    for (fit, fewest) in [("exact", 500), ("neutral", 50), ("coarser", 10), ("limited", 10), ("nowhere", 100)]
    {
        assert!(seen.get(fit).is_some_and(|many| *many >= fewest), "{seen:?}");
    }
}
