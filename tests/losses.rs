//! `pamgate losses`: the matrix holds what the golden cases lose, its document is fresh, and its forms say the same.
//! What two independent servers store of generated messages, tests/observation.rs holds against it.
//!
//! `PAMGATE_WRITE=1 cargo test --test losses` writes docs/losses.md anew, for review; it still fails, and never runs
//! where `CI` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli_support;
#[allow(dead_code)] // The tests of the golden cases use the rest.
mod golden_format;

#[path = "losses/compare.rs"]
mod compare;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use cli_support::pamgate;
use compare::{Seen, is_of, refused, sent};
use golden_format::Case;
use pamgate::canonical::{Fit, Loss, Record, Treatment};
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Files, Registry};
use pamgate::exchange::matrix::{Asks, Cell, Meets, Said};
use pamgate::exchange::{Chosen, Context, Incoming, Pair, Policy, Principal, Side, ask};
use pamgate::json::Limits;

const DIALECTS: [&str; 3] = ["beyondtrust", "cyberark", "safeguard"];

#[test]
fn the_document_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/losses.md");
    let ran = pamgate(&["losses", "--output", "markdown"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let is = std::fs::read_to_string(&path).unwrap_or_default();
    if is == ran.out {
        return;
    }
    if std::env::var("PAMGATE_WRITE").is_ok_and(|what| what == "1") {
        assert!(std::env::var("CI").is_err(), "documents are written by people, never by CI");
        std::fs::write(&path, &ran.out).unwrap();
        panic!("docs/losses.md was written anew: look at what changed");
    }
    let line = is.lines().zip(ran.out.lines()).position(|(is, should)| is != should);
    panic!("docs/losses.md is stale from line {}: PAMGATE_WRITE=1 writes it", line.map_or(0, |at| at + 1));
}

#[test]
fn what_the_golden_cases_lose_was_predicted() {
    let registry = with_the_fourth();
    let (mut wrong, mut seen) = (String::new(), Seen::default());
    let mut observed = |folder: &str, pair: Option<(&str, &str)>| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // The fourth's cases stand in one folder, and their names say which way they go.
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let mut sides = name.split('-');
            let (from, to) = pair.unwrap_or_else(|| (sides.next().unwrap(), sides.next().unwrap()));
            let case = Case::read(&path, from, to).unwrap();
            for problem in observe(&case, &registry, &mut seen) {
                wrong.push_str(&format!("{}: {problem}\n", path.display()));
            }
        }
    };
    for from in DIALECTS {
        for to in DIALECTS {
            observed(&format!("tests/golden/{from}-{to}"), Some((from, to)));
        }
    }
    observed("tests/fourth/cases", None);
    assert!(wrong.is_empty(), "\n{wrong}");
    // Were nothing compared, nothing would be wrong.
    let Seen { losses, supplies, kept, refused } = seen;
    assert!(
        losses > 30 && supplies > 10 && kept > 150 && refused > 4,
        "{losses} {supplies} {kept} {refused}"
    );
}

/// The three that are built in, and the fourth.
fn with_the_fourth() -> Registry {
    let mut files = Files::built_in();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fourth");
    files.add_mappings(&folder.join("mappings")).unwrap();
    files.add_schemas(&folder.join("schemas")).unwrap();
    Registry::load(&files).unwrap_or_else(|e| panic!("{}", e.render(false)))
}

/// Sends a case on its way and holds what becomes of it against the matrix.
fn observe(case: &Case, registry: &Registry, seen: &mut Seen) -> Vec<String> {
    let given = &case.given;
    let side = |name: &str| {
        let variant = given.variant.iter().find(|(of, _)| of == name).map(|(_, variant)| variant.as_str());
        Side { dialect: registry.get(name, variant).unwrap().clone(), space: name.into() }
    };
    let pair = Arc::new(Pair::new(side(&case.from), side(&case.to)));
    let crosswalk = Crosswalk::from_jsonl(&Source::new("crosswalk", given.crosswalk.clone()));
    let crosswalk = crosswalk.unwrap_or_else(|e| panic!("{}", e.render(false)));
    let context = Context { crosswalk: &crosswalk, now: given.now, limits: Limits::default() };
    let policy = policy(case);
    let send = case.block("send").unwrap();
    let caller = pair.caller.dialect.clone();
    let (method, target) = match send.words.get(3) {
        Some(path) => (send.words[2].clone(), path.clone()),
        None => {
            let operation = caller.operation(&send.words[2]).unwrap();
            let (route, path) =
                caller.address(operation, &Record::new(pamgate::canonical::Shape::Access)).unwrap();
            (route.method.to_owned(), path)
        }
    };
    let (path, query) = target.split_once('?').map_or((target.as_str(), None), |(p, q)| (p, Some(q)));
    let call = Call { method: &method, path, query, body: &send.text };
    let principal = Principal { name: given.principal.clone(), as_user: given.as_user.clone() };
    call.send(&pair, context, &policy, &principal, seen)
}

/// A caller's call.
struct Call<'c> {
    method: &'c str,
    path: &'c str,
    query: Option<&'c str>,
    body: &'c str,
}

impl Call<'_> {
    /// Sends it on its way and holds what becomes of it against the matrix.
    fn send(
        &self,
        pair: &Arc<Pair>,
        context: Context<'_>,
        policy: &Policy,
        principal: &Principal,
        seen: &mut Seen,
    ) -> Vec<String> {
        let caller = pair.caller.dialect.clone();
        let Ok(recognised) = caller.recognise(self.method, self.path) else { return Vec::new() };
        let Some(matrix) = pair.losses(&recognised.operation.word, policy) else { return Vec::new() };
        let Call { path, query, body, .. } = *self;
        let incoming = Incoming { recognised: &recognised, path, query, body: body.as_bytes() };
        let mut record = None;
        let prepared = ask(&incoming, context, |read| {
            record = Some(read.clone().into_owned());
            Ok(Chosen { pair: pair.clone(), policy, principal: Cow::Borrowed(principal) })
        });
        let Some(record) = record else { return Vec::new() };
        let from = &recognised.route.text;
        match prepared {
            Ok(prepared) => sent(&matrix, from, &record, &prepared, seen),
            Err(fault) => refused(&matrix, from, &record, &fault, seen),
        }
    }
}

fn policy(case: &Case) -> Policy {
    let mut policy = Policy::default();
    for (field, text) in &case.given.supply {
        policy.supply(field, text).unwrap();
    }
    for (field, text) in &case.given.treat {
        policy.treat(field, Treatment::parse(text).unwrap()).unwrap();
    }
    policy
}

/// A length that is a text, on either side: what is beyond `max`, below a second or between two units was predicted.
#[test]
fn what_a_length_in_iso_8601_loses_was_predicted() {
    use serde_json::json;
    let registry = with_the_fourth();
    let crosswalk = r#"{"kind":"target","beyondtrust":{"system.id":"14","account.id":"1032"},"cyberark":{"account.id":"12_3"},"safeguard":{"system.id":"2116","account.id":"5530"},"vaultline":{"account.id":"db07.root","safe":"web"}}"#;
    let crosswalk = Crosswalk::from_jsonl(&Source::new("crosswalk", crosswalk));
    let crosswalk = crosswalk.unwrap_or_else(|e| panic!("{}", e.render(false)));
    let now = "2026-01-05T09:00:00Z".parse().unwrap();
    let context = Context { crosswalk: &crosswalk, now, limits: Limits::default() };
    let policy = Policy::default();
    let (grants, lease) = (
        "/vl/v2/vaults/web/grants",
        |text: &str| json!({ "resource": { "ref": "db07.root" }, "window": { "lease": text } }),
    );
    let spelt = ["PT0S", "PT1S", "PT59S", "PT60S", "PT90S", "PT1H30M", "P7D", "P1DT1S"];
    let spelt: Vec<_> = spelt.iter().map(|text| lease(text)).collect();
    let minutes = [1, 60, 10080, 10081, 44640];
    let minutes = minutes.map(|many| json!({ "SystemID": 14, "AccountID": 1032, "DurationMinutes": many }));
    let ends = [1, 59, 3600, 604_800, 604_801].map(|many: i64| {
        json!({ "accountId": "12_3", "MultipleAccessRequired": true, "ToDate": 1_767_603_600 + many })
    });
    let mut wrong = BTreeSet::new();
    let (finer, beyond) =
        (["below 1 minute: limited", "not in steps of 1 minute: limited"], ["above 7 days: limited"]);
    let all = [
        ("vaultline", "beyondtrust", grants, &spelt[..], &finer[..]),
        ("vaultline", "cyberark", grants, &spelt, &["below 1 second: limited"]),
        ("vaultline", "safeguard", grants, &spelt, &finer),
        ("beyondtrust", "vaultline", "/BeyondTrust/api/public/v3/Requests", &minutes, &beyond),
        ("cyberark", "vaultline", "/PasswordVault/API/MyRequests", &ends, &beyond),
    ];
    for (from, to, path, bodies, expected) in all {
        let side =
            |name: &str| Side { dialect: registry.get(name, None).unwrap().clone(), space: name.into() };
        let pair = Arc::new(Pair::new(side(from), side(to)));
        let principal = Principal { name: "jdoe".into(), as_user: Some("jdoe".into()) };
        let mut seen = Seen::default();
        for body in bodies {
            let call = Call { method: "POST", path, query: None, body: &body.to_string() };
            wrong.extend(call.send(&pair, context, &policy, &principal, &mut seen));
        }
        assert!(seen.kept > 0, "{from} → {to}: nothing was sent");
        let matrix = pair.losses("request.create", &policy).unwrap();
        let of_window = |asks: &&Asks| {
            asks.from.contains(path.rsplit('/').next().unwrap()) && !asks.to.ends_with(" /grants")
        };
        let asks = matrix.asks.iter().find(of_window).unwrap_or_else(|| panic!("{from} → {to}: {matrix:#?}"));
        let told = asks.cells.iter().filter(|cell| cell.field == "window.length" && cell.meets.is_told());
        let told = told.filter(|cell| cell.said != Said::Unsaid);
        let told: Vec<String> = told.map(|cell| format!("{}: {}", cell.said, cell.meets.as_str())).collect();
        assert_eq!(told, expected, "{from} → {to}");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// The comparison would see a cell that is missing, or wrong.
#[test]
fn a_wrong_cell_would_be_seen() {
    let cell = |said, fit, treatment, wrote: Option<&str>| Cell {
        field: "access.kind",
        said,
        meets: Meets::Fits { fit, treatment, wrote: wrote.map(str::to_owned) },
        why: None,
    };
    let loss = Loss {
        field: "access.kind",
        value: "session.ssh".into(),
        fit: Fit::Coarser,
        treatment: Treatment::Note,
        wrote: Some("session".into()),
    };
    let word = || Said::Word("session.ssh".into());
    assert!(is_of(&cell(word(), Fit::Coarser, Some(Treatment::Note), Some("session")), &loss));
    assert!(!is_of(&cell(word(), Fit::Coarser, Some(Treatment::Note), Some("credential")), &loss));
    assert!(!is_of(&cell(word(), Fit::Coarser, Some(Treatment::Drop), Some("session")), &loss));
    assert!(!is_of(&cell(word(), Fit::Nowhere, Some(Treatment::Note), None), &loss));
    for (said, inside, outside) in [
        (Said::Shorter(60), "PT59S", "PT1M"),
        (Said::Longer(3600), "PT1H1S", "PT1H"),
        (Said::Uneven(60), "PT61S", "PT2M"),
        (Said::Chars(3), "abcd", "abc"),
        (Said::Outside(Some(1), Some(9)), "x", "9"),
        (Said::Outside(Some(1), None), "0", "12345678901234567890"),
        (word(), "session.ssh", "session"),
    ] {
        assert!(said.covers(inside) && !said.covers(outside), "{said:?}");
    }
}

#[test]
fn the_forms_say_the_same() {
    let of = |form: &str| pamgate(&["losses", "--from", "cyberark", "--to", "safeguard", "--output", form]);
    let json: serde_json::Value = serde_json::from_str(&of("json").out).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1);
    let pair = &json[0];
    assert_eq!((&pair["from"], &pair["to"]), (&"cyberark".into(), &"safeguard".into()));
    let cells = pair["requests"][0]["cells"].as_array().unwrap();
    let lossy: BTreeSet<&str> = cells
        .iter()
        .filter(|cell| cell["treatment"].is_string())
        .map(|cell| cell["field"].as_str().unwrap())
        .collect();
    assert!(lossy.contains("window.length") && lossy.contains("multiple_use"), "{lossy:?}");
    for form in ["table", "markdown"] {
        let out = of(form).out;
        for field in &lossy {
            assert!(out.contains(field), "{form}: {field}\n{out}");
        }
    }
    assert!(of("table").out.contains("cyberark → safeguard"));
}

#[test]
fn what_can_t_be_told_is_a_usage_error() {
    for words in [
        &["losses", "--from", "ciberark"][..],
        &["losses", "--operation", "request.creat"],
        &["losses", "--from", "cyberark", "--to", "safeguard", "--operation", "request.list"],
        &["losses", "--output", "csv"],
    ] {
        let ran = pamgate(words);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{words:?}");
    }
    assert!(pamgate(&["losses", "--from", "ciberark"]).err.contains("did you mean `cyberark`?"));
}

#[test]
fn tables_of_one_s_own_are_asked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root.join("mappings/safeguard.toml")).unwrap();
    let without = text.replace("always = { multiple_use = true, on_conflict = \"refuse\" }\n", "");
    assert_ne!(without, text);
    std::fs::write(folder.path().join("safeguard.toml"), without).unwrap();
    let words = ["losses", "--from", "cyberark", "--to", "safeguard", "--output", "json"];
    let fit = |words: &[&str]| -> String {
        let json: serde_json::Value = serde_json::from_str(&pamgate(words).out).unwrap();
        let cells = json[0]["requests"][0]["cells"].as_array().unwrap().clone();
        let cell = cells.iter().find(|cell| cell["field"] == "multiple_use" && cell["values"] == "true");
        cell.unwrap()["fit"].as_str().unwrap().to_owned()
    };
    assert_eq!(fit(&words), "neutral");
    let own = [&words[..], &["--mappings", folder.path().to_str().unwrap()]].concat();
    assert_eq!(fit(&own), "nowhere");
}
