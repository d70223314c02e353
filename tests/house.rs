//! The house's rules, held over every source of the crate: who may know whom, where a vendor may be named, what
//! stands at the head of a file, and how nothing fails. Each rule has a test that it can be broken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod house_support;

use std::collections::BTreeSet;
use std::path::Path;

use house_support::{Source, sources};

/// Which of the crate's modules each may name. `gateway` is the only place where all of them meet.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("canonical", &[]),
    ("json", &[]),
    ("diagnostic", &[]),
    ("store", &[]),
    ("telemetry", &[]),
    ("identity", &[]),
    // Written from the vendors' pages alone: an honest second opinion.
    ("sandbox", &[]),
    ("upstream", &["identity"]),
    ("crosswalk", &["diagnostic"]),
    ("mapping", &["canonical", "json", "diagnostic"]),
    ("config", &["diagnostic", "canonical", "identity", "crosswalk"]),
    ("dialect", &["canonical", "json", "mapping", "diagnostic", "crosswalk", "identity"]),
    ("exchange", &["canonical", "json", "mapping", "dialect", "crosswalk", "diagnostic"]),
    ("gateway", ALL_BUT_CLI_AND_SANDBOX),
    ("cli", ALL),
];

/// What a module's tests may name besides.
const TESTS_MAY_KNOW: &[(&str, &[&str])] = &[("crosswalk", &["canonical"]), ("mapping", &["dialect"])];

const ALL_BUT_CLI_AND_SANDBOX: &[&str] = &[
    "canonical",
    "json",
    "diagnostic",
    "store",
    "telemetry",
    "identity",
    "upstream",
    "crosswalk",
    "mapping",
    "config",
    "dialect",
    "exchange",
];

const ALL: &[&str] = &[
    "canonical",
    "json",
    "diagnostic",
    "store",
    "telemetry",
    "identity",
    "upstream",
    "crosswalk",
    "mapping",
    "config",
    "dialect",
    "exchange",
    "gateway",
    "sandbox",
];

/// Crates that a module may not use: tables know no network, and no runtime.
const MAY_NOT_USE: &[(&str, &[&str])] = &[
    ("canonical", &["hyper", "tokio", "tower", "rustls"]),
    ("json", &["hyper", "tokio", "tower", "rustls"]),
    ("mapping", &["hyper", "tokio", "tower", "rustls"]),
    ("crosswalk", &["hyper", "tokio", "tower", "rustls"]),
    ("dialect", &["tokio", "tower", "rustls"]),
    ("exchange", &["tokio", "tower", "rustls"]),
    ("sandbox", &["jiter", "jsonschema"]),
];

/// Names and codes that only one vendor has, in any letter case. The properties of the schemas come on top.
const VENDOR_WORDS: &[&str] = &[
    "beyondtrust",
    "cyberark",
    "safeguard",
    "oneidentity",
    "one identity",
    "passwordvault",
    "retinacs",
    "ps-auth",
    "signappin",
    "runas",
    "itats",
    "pasws",
    "a2a",
    "4031",
    "4033",
    "4034",
    "4035",
    "4036",
    "4091",
    "60094",
    "70008",
];

/// Words of a schema that are Rust's or ours as well.
const OURS_TOO: &[&str] = &["ReasonCode", "ErrorCode"];

/// Lines that a rule leaves alone, by a piece of them, each for its reason.
const LEFT_ALONE: &[(&str, &str)] = &[
    // Remedies and messages that show what a person could write.
    ("config/peers.rs", "write `beyondtrust`, `cyberark`, `safeguard` or your own"),
    ("crosswalk/read.rs", "such as `beyondtrust.system.id`"),
    ("crosswalk/read.rs", "write a space's parts so: "),
    // Which emulated server is asked unless one is named.
    ("cli/serve/mod.rs", "default_value = \"cyberark\""),
    // Evaluated in constants only, where it stops the build.
    ("canonical/field.rs", "#[allow(clippy::panic)]"),
    ("canonical/field.rs", "panic!(\"no such canonical field\")"),
];

fn left_alone(path: &str, line: &str) -> bool {
    LEFT_ALONE.iter().any(|(of, piece)| *of == path && line.contains(piece))
}

fn row<'t>(table: &'t [(&str, &'t [&'t str])], module: &str) -> Option<&'t [&'t str]> {
    table.iter().find(|(name, _)| *name == module).map(|(_, row)| *row)
}

/// Modules that a source names and may not.
fn strangers(source: &Source) -> Vec<String> {
    let Some(module) = source.module() else {
        // `main.rs` and `lib.rs`: the one calls the command line, the other names what there is.
        let allowed = if source.path == "main.rs" { vec!["cli".to_owned()] } else { Vec::new() };
        let code = source.program().replace("pamgate::", "crate::");
        let known = source.knows(&code);
        return known.into_iter().filter(|name| !allowed.contains(name)).collect();
    };
    let Some(may) = row(MAY_KNOW, module) else {
        return vec![format!("`{module}` is a new module: enter it in MAY_KNOW")];
    };
    let also = row(TESTS_MAY_KNOW, module).unwrap_or_default();
    let program = source.knows(&source.program());
    let mut found: Vec<String> = program.into_iter().filter(|name| !may.contains(&name.as_str())).collect();
    let tests = source.knows(&source.code());
    let fit = |name: &String| may.contains(&name.as_str()) || also.contains(&name.as_str());
    // From tests inside a file, `super::` means the file itself: only modules of the crate count.
    let is_module = |name: &String| row(MAY_KNOW, name).is_some();
    found.extend(tests.into_iter().filter(|name| is_module(name) && !fit(name)));
    found.sort();
    found.dedup();
    found
}

/// Crates that a source uses and may not.
fn foreign_crates(source: &Source) -> Vec<String> {
    let not = source.module().and_then(|module| row(MAY_NOT_USE, module)).unwrap_or_default();
    let program = source.program();
    let words: BTreeSet<&str> = paths_of(&program).collect();
    not.iter().filter(|name| words.contains(*name)).map(|name| (*name).to_owned()).collect()
}

/// The first names of paths, `hyper` of `hyper::Uri`.
fn paths_of(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("::").filter_map(|(at, _)| {
        let before = &code[..at];
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        let path_goes_on = before[..start].ends_with("::");
        (start < at && !path_goes_on).then(|| &before[start..])
    })
}

/// Property names of the vendors' schemas that nobody else would use: of several words run together.
fn schema_words() -> BTreeSet<String> {
    fn walk(value: &serde_json::Value, found: &mut BTreeSet<String>) {
        if let Some(properties) = value.get("properties").and_then(|p| p.as_object()) {
            found.extend(properties.keys().filter(|name| is_compound(name)).cloned());
        }
        match value {
            serde_json::Value::Object(members) => members.values().for_each(|value| walk(value, found)),
            serde_json::Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    fn is_compound(name: &str) -> bool {
        let capitals = name.chars().skip(1).filter(char::is_ascii_uppercase).count();
        capitals > 0 && !OURS_TOO.contains(&name)
    }
    let mut found = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for folder in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            walk(&serde_json::from_str(&text).unwrap(), &mut found);
        }
    }
    found
}

/// Words of a vendor in the program, with their lines. Comments may name a vendor as a source; tests as an example.
fn vendor_words(source: &Source, of_schemas: &BTreeSet<String>) -> Vec<String> {
    if source.module() == Some("sandbox") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (number, line) in source.program().lines().enumerate() {
        if left_alone(&source.path, line) {
            continue;
        }
        let lower = line.to_lowercase();
        let named =
            VENDOR_WORDS.iter().filter(|word| holds_word(&lower, word)).map(|word| (*word).to_owned());
        let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let properties = words.filter(|word| of_schemas.contains(*word)).map(str::to_owned);
        found.extend(named.chain(properties).map(|word| format!("{}: {word}", number + 1)));
    }
    found
}

/// A word within longer ones counts for letters (`BeyondTrustClient`), not for digits (`140312`).
fn holds_word(line: &str, word: &str) -> bool {
    let numeric = word.chars().all(|c| c.is_ascii_digit());
    line.match_indices(word).any(|(at, _)| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let (before, after) = (line[..at].chars().next_back(), line[at + word.len()..].chars().next());
        !numeric || (!digit(before) && !digit(after))
    })
}

/// Whether a file says at its head what it is for.
fn lacks_header(source: &Source) -> bool {
    // Tests at the side of a module are what the module's header says.
    if source.is_test() {
        return false;
    }
    let header = source.text.lines().take_while(|line| line.starts_with("//!"));
    let words: usize = header.map(|line| line.trim_start_matches("//!").split_whitespace().count()).sum();
    words < 3
}

/// Ways to fall over, with their lines.
fn falls(source: &Source) -> Vec<String> {
    const WAYS: &[&str] =
        &[".unwrap()", ".expect(", ".unwrap_err()", ".expect_err(", "panic!(", "todo!(", "unimplemented!("];
    const LEAVE: &[&str] = &["clippy::unwrap_used", "clippy::expect_used", "clippy::panic"];
    let program = source.program();
    let lines = program.lines().enumerate().filter(|(_, line)| !left_alone(&source.path, line));
    lines
        .flat_map(|(number, line)| {
            let ways = WAYS.iter().chain(LEAVE).filter(move |way| line.contains(**way));
            ways.map(move |way| format!("{}: {way}", number + 1))
        })
        .collect()
}

/// Holds a rule over all sources, and tells every breach.
fn hold(rule: impl Fn(&Source) -> Vec<String>) {
    let all = sources();
    assert!(all.len() > 60, "the sources were not found");
    let mut breaches = String::new();
    for source in &all {
        for breach in rule(source) {
            breaches.push_str(&format!("src/{}: {breach}\n", source.path));
        }
    }
    assert!(breaches.is_empty(), "\n{breaches}");
}

#[test]
fn nobody_knows_whom_it_may_not_know() {
    hold(strangers);
}

#[test]
fn a_stranger_would_be_seen() {
    let of = |path, code| strangers(&Source::new(path, code));
    assert_eq!(of("mapping/read.rs", "use crate::dialect::Dialect;"), ["dialect"]);
    assert_eq!(of("sandbox/cyberark/mod.rs", "use super::json;"), Vec::<String>::new());
    assert_eq!(of("sandbox/cyberark/mod.rs", "use super::super::json;"), ["json"]);
    assert_eq!(of("gateway/flow.rs", "use crate::{store, sandbox::Sandbox, cli};"), ["cli", "sandbox"]);
    assert_eq!(of("lib.rs", "use crate::cli::run;"), ["cli"]);
    assert_eq!(of("main.rs", "fn main() { pamgate::gateway::go() }"), ["gateway"]);
    assert_eq!(of("store/mod.rs", "#[cfg(test)] mod tests { use crate::json; }"), ["json"]);
    assert_eq!(of("crosswalk/tests.rs", "use crate::canonical;"), Vec::<String>::new());
    assert_eq!(of("crosswalk/find.rs", "use crate::canonical;"), ["canonical"]);
    assert_eq!(of("cache/mod.rs", "").len(), 1, "a module that the table doesn't have");
}

#[test]
fn the_tables_know_no_network() {
    hold(foreign_crates);
}

#[test]
fn a_foreign_crate_would_be_seen() {
    let of = |path, code| foreign_crates(&Source::new(path, code));
    assert_eq!(of("mapping/read.rs", "use hyper::Uri;"), ["hyper"]);
    assert_eq!(of("mapping/read.rs", "fn f(x: tokio::time::Instant) {}"), ["tokio"]);
    assert_eq!(of("mapping/read.rs", "use my::hyper::x; // hyper::Uri"), Vec::<String>::new());
}

#[test]
fn no_vendor_is_named_outside_the_sandbox() {
    let of_schemas = schema_words();
    assert!(of_schemas.len() > 50, "{of_schemas:?}");
    hold(|source| vendor_words(source, &of_schemas));
}

#[test]
fn a_vendor_would_be_seen() {
    let of_schemas = schema_words();
    let of = |path, code| vendor_words(&Source::new(path, code), &of_schemas);
    assert_eq!(of("mapping/read.rs", "// as CyberArk does\nlet x = \"SystemID\";"), ["2: SystemID"]);
    assert_eq!(of("mapping/read.rs", "struct BeyondTrustClient;"), ["1: beyondtrust"]);
    assert_eq!(of("gateway/flow.rs", "if code == 4031 {} let other = 140312;"), ["1: 4031"]);
    assert_eq!(of("gateway/flow.rs", "if body.starts_with(\"PASWS\") {}"), ["1: pasws"]);
    assert_eq!(of("sandbox/mod.rs", "enum V { BeyondTrust }"), Vec::<String>::new());
    assert_eq!(
        of("json/mod.rs", "#[cfg(test)] mod t { const X: &str = \"SystemID\"; }"),
        Vec::<String>::new()
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    hold(|source| lacks_header(source).then(|| "no `//!` header".to_owned()).into_iter().collect());
}

#[test]
fn a_missing_header_would_be_seen() {
    assert!(lacks_header(&Source::new("a/b.rs", "use std::fmt;\n//! Too late to say it.")));
    assert!(lacks_header(&Source::new("a/b.rs", "//! a.")));
    assert!(!lacks_header(&Source::new("a/b.rs", "//! What it is for.\nuse std::fmt;")));
}

#[test]
fn nothing_falls_over() {
    hold(falls);
}

#[test]
fn a_fall_would_be_seen() {
    let of = |code| falls(&Source::new("a/b.rs", code));
    assert_eq!(of("// x.unwrap()\nlet y = x.unwrap();"), ["2: .unwrap()"]);
    assert_eq!(of("x.expect(\"why\"); panic!(\"no\")"), ["1: .expect(", "1: panic!("]);
    assert_eq!(of("#[allow(clippy::unwrap_used)] fn f() {}"), ["1: clippy::unwrap_used"]);
    assert_eq!(
        of("x.unwrap_or_default(); #[cfg(test)] mod t { fn f() { x.unwrap() } }"),
        Vec::<String>::new()
    );
}

#[test]
fn nothing_is_left_alone_that_is_not_there() {
    let all = sources();
    for (path, piece) in LEFT_ALONE {
        let source = all.iter().find(|source| source.path == *path).expect(path);
        assert!(source.program().contains(piece), "src/{path} has no {piece} any more");
    }
}
