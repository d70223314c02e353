//! Every entry of the built-in tables matters: each is changed, one at a time, and each change is noticed.
//!
//! A mutant is one table with one entry changed ([`walk`] makes them). It must be refused by the check, or be noticed
//! by a golden case or fact, by a reply beside that of the caller's own server, or at a gateway that is called as a
//! service ([`killers`]). Those that mean the same are on a list ([`equivalents`]), and are held to it ([`alike`]). Start at
//! [`every_entry_matters`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod golden_facts;
#[allow(dead_code)] // The golden test uses the rest.
mod golden_format;
#[allow(dead_code)]
mod golden_run;
mod replies_support;
mod sandbox_support;

#[path = "mutation/alike.rs"]
mod alike;
#[path = "mutation/around.rs"]
mod around;
#[path = "mutation/chooses.rs"]
mod chooses;
#[path = "mutation/equivalents.rs"]
mod equivalents;
#[path = "mutation/killers.rs"]
mod killers;
#[path = "mutation/messages.rs"]
mod messages;
#[path = "mutation/mutant.rs"]
mod mutant;
#[path = "mutation/observed.rs"]
mod observed;
#[path = "mutation/served.rs"]
mod served;
#[path = "mutation/walk.rs"]
mod walk;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use alike::Alike;
use equivalents::Equivalents;
use killers::{Killers, Verdict};
use mutant::Mutant;

/// All mutants with what became of them, in the tables' order.
fn judged(killers: &Killers) -> Vec<(Mutant, Verdict)> {
    let mutants: Vec<Mutant> =
        killers.files().mappings.iter().flat_map(|(name, source)| walk::mutants(name, source)).collect();
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, mutant)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    mutants.get(at).map(|mutant| (at, mutant))
                } {
                    let verdict = killers.judge(mutant);
                    verdicts.lock().unwrap().push((at, verdict));
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap();
    verdicts.sort_by_key(|(at, _)| *at);
    mutants.into_iter().zip(verdicts.into_iter().map(|(_, verdict)| verdict)).collect()
}

/// What became of all, in words.
fn summary(judged: &[(Mutant, Verdict)], equivalents: &Equivalents) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<&str, usize> = KINDS.iter().map(|kind| (*kind, 0)).collect();
    for (mutant, verdict) in judged {
        let kind = match verdict {
            Verdict::Survived if equivalents.holds(mutant) => EQUIVALENT,
            verdict => verdict.kind(),
        };
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

const EQUIVALENT: &str = "equivalent";
/// Of each of these there are some, or a killer has fallen asleep.
const KINDS: [&str; 5] = [
    "refused by the check",
    "killed by a golden case",
    "killed by observation",
    "killed at the gateway",
    EQUIVALENT,
];

#[test]
fn every_entry_matters() {
    let killers = Killers::new();
    let equivalents = Equivalents::read();
    for dialect in killers.files().mappings.keys() {
        let verdict = killers.noticed(killers.registry(), dialect, "");
        assert_eq!(
            verdict,
            Verdict::Survived,
            "{dialect}'s table is noticed as it is: nothing below would be true"
        );
    }
    let judged = judged(&killers);
    let counts = summary(&judged, &equivalents);
    println!("{} mutants: {counts:?}", judged.len());
    let survivors =
        judged.iter().filter(|(mutant, verdict)| *verdict == Verdict::Survived && !equivalents.holds(mutant));
    let survivors: Vec<String> = survivors.map(|(mutant, _)| mutant.shown()).collect();
    assert!(
        survivors.is_empty(),
        "{} mutants of {} are not noticed: add a golden case, take the useless entry out, or put it into \
         tests/mutation/equivalent.toml with the reason\n{}",
        survivors.len(),
        judged.len(),
        survivors.concat()
    );
    let alike = Alike::new(killers.texts());
    let listed = judged.iter().map(|(mutant, _)| mutant).filter(|mutant| equivalents.holds(mutant));
    let otherwise = listed.filter_map(|mutant| {
        let what = killers.otherwise(&alike, mutant)?;
        Some(format!("{}    {what}\n", mutant.shown()))
    });
    let otherwise: Vec<String> = otherwise.collect();
    assert!(otherwise.is_empty(), "listed as equivalent, and isn't\n{}", otherwise.concat());
    let stale = equivalents.stale(&judged);
    assert!(stale.is_empty(), "tests/mutation/equivalent.toml is stale\n{}", stale.join("\n"));
    assert!(KINDS.iter().all(|kind| counts[kind] > 0), "{counts:?}");
}

#[test]
fn a_mutant_that_nobody_kills_is_seen() {
    let killers = Killers::new().asleep();
    let source = &killers.files().mappings["beyondtrust"];
    let of_rows = |mutant: &Mutant| mutant.place.starts_with("message.create.rows.Reason");
    let mutants: Vec<Mutant> = walk::mutants("beyondtrust", source).into_iter().filter(of_rows).collect();
    let survivors: Vec<&Mutant> =
        mutants.iter().filter(|mutant| killers.judge(mutant) == Verdict::Survived).collect();
    let shown: Vec<String> = survivors.iter().map(|mutant| mutant.shown()).collect();
    assert!(shown.iter().any(|one| one.contains("swapped with the field of TicketNumber")), "{shown:#?}");
    assert!(
        shown[0].contains("mappings/beyondtrust.toml:") && shown[0].contains("    - Reason "),
        "{shown:#?}"
    );
}

#[test]
fn a_listed_mutant_that_means_something_else_is_seen() {
    let killers = Killers::new();
    let alike = Alike::new(Vec::new());
    let otherwise = |dialect: &str, name: &str| {
        let mutants = walk::mutants(dialect, &killers.files().mappings[dialect]);
        let mutant =
            mutants.into_iter().find(|one| one.name() == name).unwrap_or_else(|| panic!("no {name}"));
        killers.otherwise(&alike, &mutant)
    };
    // A request that has expired before anybody decided fits both cases.
    let status = "safeguard message.document.choose.status[2]: swapped with [3]";
    let told = otherwise("safeguard", status).unwrap();
    assert!(told.contains("\"WasExpired\":true") && told.contains("ended.expired"), "{told}");
    let code = "cyberark faults.busy: \"503 PASWS503E9\" instead of \"503 PASWS503E\"";
    let busy = otherwise("cyberark", code).unwrap();
    assert!(busy.contains("busy is (503"), "{busy}");
    let header = otherwise("safeguard", "safeguard caller.scheme: dropped").unwrap();
    assert!(header.starts_with("caller: "), "{header}");
    assert_eq!(otherwise("safeguard", "safeguard caller.header: dropped"), None);
}

#[test]
fn a_stale_entry_of_the_list_is_seen() {
    let source = Killers::new().files().mappings["beyondtrust"].clone();
    let mutant = |begin: &str| {
        walk::mutants("beyondtrust", &source).into_iter().find(|one| one.name().starts_with(begin)).unwrap()
    };
    let title = (mutant("beyondtrust dialect.title: dropped"), Verdict::Survived);
    let killed = (mutant("beyondtrust dialect.null: dropped"), Verdict::Golden("some case".into()));
    let list = |name: &str| Equivalents::parse(&format!("[[equivalent]]\nmutants = ['{name}']\nwhy = 'so'"));
    let judged = [title, killed];
    assert!(list("beyondtrust dialect.t*").stale(&judged).is_empty());
    assert_eq!(list("beyondtrust dialect.null: dropped").stale(&judged).len(), 1);
    assert_eq!(list("beyondtrust dialect.nothing: dropped").stale(&judged).len(), 1);
}

#[test]
fn the_tables_as_they_are_speak_as_the_pages_have_it() {
    let killers = Killers::new();
    for dialect in killers.files().mappings.keys() {
        assert_eq!(served::difference(killers.registry(), dialect), None, "{dialect}");
    }
}
