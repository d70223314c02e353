//! Prediction equals observation: what the sandbox of the caller's own vendor stores for a message, beside what the
//! upstream's sandbox stores when the same bytes go there through the gateway's translation.
//!
//! Start at [`what_is_foretold_is_observed_and_nothing_else`]; `tests/observation_support` is what compares. Messages
//! differ from a valid one at up to two places at once; `PAMGATE_BREADTH=3 cargo test --test observation` tries up to
//! three, which are millions and take their time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod observation_support;
mod sandbox_support;
mod schema_support;

use std::collections::BTreeSet;

use observation_support::messages::Form;
use observation_support::reasons::Reasons;
use observation_support::speakers::{House, files};
use observation_support::tally::Findings;
use observation_support::way::End;
use observation_support::{Observer, Pair, crew, known};
use pamgate::diagnostic::Source;
use pamgate::dialect::Registry;

/// The vendors that are built in, each with each; two of one vendor are two installations.
const BUILT_IN: [&str; 3] = ["beyondtrust", "cyberark", "safeguard"];

/// The made-up one, with each of them, on either side; and with another of its own.
const FOURTH: &str = "vaultline";

/// The variants, likewise.
const VARIANTS: [&str; 4] = ["beyondtrust/page", "cyberark/page", "safeguard/v3", "vaultline/legacy"];

/// At how many places at once a message is changed between the built-in dialects, unless more are asked for; with the
/// fourth and for variants at one less.
const BREADTH: usize = 2;

fn breadth() -> usize {
    std::env::var("PAMGATE_BREADTH")
        .map_or(BREADTH, |text| text.parse().expect("PAMGATE_BREADTH is a number"))
}

fn pairs(breadth: usize) -> Vec<Pair> {
    let pair = |from: &str, to: &str, breadth| Pair { from: from.to_owned(), to: to.to_owned(), breadth };
    let mut pairs: Vec<Pair> =
        BUILT_IN.iter().flat_map(|from| BUILT_IN.map(|to| pair(from, to, breadth))).collect();
    let fourth = breadth.saturating_sub(1).clamp(1, 2);
    pairs.push(pair(FOURTH, FOURTH, fourth));
    pairs.extend(BUILT_IN.iter().flat_map(|one| [pair(FOURTH, one, fourth), pair(one, FOURTH, fourth)]));
    for variant in VARIANTS {
        let others = BUILT_IN.iter().chain([&FOURTH]);
        pairs.extend(others.flat_map(|one| [pair(variant, one, fourth), pair(one, variant, fourth)]));
    }
    // Some pairs only, for who works on them: PAMGATE_PAIRS=vaultline, PAMGATE_PAIRS="cyberark → safeguard".
    let only = std::env::var("PAMGATE_PAIRS").unwrap_or_default();
    pairs.retain(|Pair { from, to, .. }| format!("{from} → {to}").contains(&only));
    pairs
}

#[test]
fn what_is_foretold_is_observed_and_nothing_else() {
    let registry = Registry::load(files()).unwrap_or_else(|e| panic!("{}", e.render(false)));
    let pairs = pairs(breadth());
    println!("{} requests, changed at up to {} places", crew::count(&pairs), breadth());
    let found = crew::observe(&registry, &pairs);
    for Findings { from, to, ends, seen, .. } in &found {
        println!("{from} → {to}: {ends:?}, {seen} lossy cells seen");
    }
    assert_eq!(found.len(), pairs.len());
    let mut wrong: Vec<String> = found.iter().flat_map(|one| &one.wrong).map(ToString::to_string).collect();
    let used: BTreeSet<usize> = found.iter().flat_map(|one| one.reasons.iter().copied()).collect();
    // What takes two places at once can't be seen with fewer; and with more, what has a reason for never being seen is.
    if breadth() == BREADTH {
        wrong.extend(Reasons::read().idle(&used));
    }
    assert!(wrong.is_empty(), "\n{}\n{} in all", wrong.join("\n"), wrong.len());
    // Were nothing compared, nothing would be wrong.
    for one in &found {
        let variant = one.from.contains('/') || one.to.contains('/');
        let least = if variant { 100 } else { 300 };
        let seen = |end| one.ended(end) > least;
        assert!(seen(End::Granted) && seen(End::Refused), "{} → {}: {:?}", one.from, one.to, one.ends);
        // Between variants of one dialect nothing need be lost.
        assert!(variant || one.ended(End::RefusedAsForetold) > 0, "{:?}", one.ends);
    }
    let seen: usize = found.iter().map(|one| one.seen).sum();
    assert!(seen > 100, "{seen}");
}

/// A table that says something else is seen, and where.
#[test]
fn a_wrong_table_would_be_seen() {
    let mutants = [
        Mutant {
            table: "beyondtrust",
            stands: r#"unit = "minutes""#,
            instead: r#"unit = "hours""#,
            pair: ("beyondtrust", "safeguard"),
            field: "window.length",
            what: "not foretold",
        },
        Mutant {
            table: "cyberark",
            stands: r#"is = "multiple_use", default = false }
FromDate"#,
            instead: r#"is = "multiple_use", default = true }
FromDate"#,
            pair: ("cyberark", "safeguard"),
            field: "multiple_use",
            what: "lost, and not told",
        },
        Mutant {
            table: "beyondtrust",
            stands: "always = { multiple_use = true }              # a",
            instead: "always = { multiple_use = false }             # a",
            pair: ("beyondtrust", "cyberark"),
            field: "multiple_use",
            what: "changed, and nobody said so",
        },
        Mutant {
            table: "beyondtrust",
            stands: r#""session.rdp"         = "RDP"
"session.ssh"         = "SSH"
"session.application""#,
            instead: r#""session.rdp"         = "SSH"
"session.ssh"         = "RDP"
"session.application""#,
            pair: ("safeguard", "beyondtrust"),
            field: "access.kind",
            what: "not foretold",
        },
        Mutant {
            table: "cyberark",
            stands: r#"{ is = "reason.text", unset = [""] }
TicketingSystemName    = { is = "ticket.system.name", unset = [""] }
TicketId               = { is = "ticket.number", unset = [""] }"#,
            instead: r#"{ is = "ticket.number", unset = [""] }
TicketingSystemName    = { is = "ticket.system.name", unset = [""] }
TicketId               = { is = "reason.text", unset = [""] }"#,
            pair: ("cyberark", "beyondtrust"),
            field: "ticket.number",
            what: "not foretold",
        },
    ];
    for Mutant { table, stands, instead, pair: (from, to), field, what } in mutants {
        let mut files = files().clone();
        let source = &files.mappings[table];
        let text = source.text.replace(stands, instead);
        assert_ne!(text, source.text, "{stands}");
        let name = source.name.clone();
        files.mappings.insert(table.to_owned(), Source::new(name, text));
        let Ok(registry) = Registry::load(&files) else { panic!("{instead}: the check refuses it already") };
        let pair = Pair { from: from.to_owned(), to: to.to_owned(), breadth: 1 };
        let found = Observer::new().observe(&registry, &pair).wrong;
        let seen = found.iter().find(|one| one.field == field && one.what == what);
        let seen = seen.unwrap_or_else(|| panic!("{instead}: {found:?}"));
        // Shrunk, with the entries that carry it.
        assert!(seen.message.len() < 200 && !seen.entries.is_empty(), "{seen}");
    }
}

struct Mutant {
    table: &'static str,
    stands: &'static str,
    instead: &'static str,
    pair: (&'static str, &'static str),
    field: &'static str,
    what: &'static str,
}

/// A property that the lists written by hand don't have would never count as said.
#[test]
fn every_property_says_something_or_is_known_to_say_nothing() {
    for house in House::ALL {
        for form in Form::all(house) {
            for property in form.properties() {
                let says = observation_support::facts::FIELDS
                    .iter()
                    .any(|field| known::said_by(house, field).contains(&property.as_str()));
                let nothing = known::SAYS_NOTHING.contains(&(house, property.as_str()));
                assert!(says != nothing, "{house}: {property}");
            }
        }
    }
}
