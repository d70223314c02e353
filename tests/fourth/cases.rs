//! The cases of `tests/fourth/cases`, through `pamgate::exchange`.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use pamgate::canonical::Record;
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::Registry;
use pamgate::exchange::{Came, Chosen, Context, Incoming, Pair, Policy, Principal, Side, ask};
use pamgate::json::Limits;

use super::golden_format::flat::{self, Flat};
use super::golden_format::{Case, canonical};
use super::{BUILT_IN, folder, registry};

/// All cases with their names.
pub(crate) fn all() -> Vec<(String, Case)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut sides = name.split('-');
        let (from, to) = (sides.next().unwrap(), sides.next().unwrap());
        let case = Case::read(path, from, to).unwrap_or_else(|why| panic!("{name}: {why}"));
        (name, case)
    };
    paths.iter().map(read).collect()
}

#[test]
fn every_case_comes_out_as_it_is_written() {
    let registry = registry();
    let mut wrong = String::new();
    let mut answered: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (name, case) in all() {
        let told = difference(&case, &registry);
        if !told.is_empty() {
            let _ = writeln!(wrong, "{name}\n{told}");
        }
        if case.block("reply").is_some() {
            *answered.entry((case.from, case.to)).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "(- expected, + came out)\n{wrong}");
    for other in BUILT_IN {
        for (from, to) in [("vaultline", other), (other, "vaultline")] {
            let key = (from.to_owned(), to.to_owned());
            assert!(answered.contains_key(&key), "no case goes from {from} to {to} and back");
        }
    }
}

/// What of a case is otherwise than written.
fn difference(case: &Case, registry: &Registry) -> String {
    let given = &case.given;
    let side = |name: &str| {
        let variant = given.variant.iter().find(|(of, _)| of == name).map(|(_, variant)| variant.as_str());
        Side { dialect: registry.get(name, variant).unwrap().clone(), space: name.into() }
    };
    let caller = side(&case.from).dialect;
    let pair = Arc::new(Pair::new(side(&case.from), side(&case.to)));
    let crosswalk = Crosswalk::from_jsonl(&Source::new("crosswalk", given.crosswalk.clone())).unwrap();
    let context = Context { crosswalk: &crosswalk, now: given.now, limits: Limits::default() };
    let mut policy = Policy::default();
    for (field, text) in &given.supply {
        policy.supply(field, text).unwrap();
    }
    let send = case.block("send").unwrap();
    let (method, path) = match send.words.get(3) {
        Some(path) => (send.words[2].clone(), path.clone()),
        None => {
            let operation = caller.operation(&send.words[2]).unwrap();
            let nothing = Record::new(pamgate::canonical::Shape::Access);
            let (route, path) = caller.address(operation, &nothing).unwrap();
            (route.method.to_owned(), path)
        }
    };
    let recognised = caller.recognise(&method, &path).expect("a path of the caller's");
    let incoming = Incoming { recognised: &recognised, path: &path, query: None, body: send.text.as_bytes() };
    let mut told = String::new();
    let mut tell = |block: &str, found: Option<String>| {
        if let Some(lines) = found {
            // Writing into a String can't fail.
            let _ = write!(told, "  {block}\n{lines}");
        }
    };
    let prepared = ask(&incoming, context, |record| {
        if let Some(block) = case.block("canonical") {
            tell("canonical", read(record, &block.text));
        }
        let principal = Principal { name: given.principal.clone(), as_user: given.as_user.clone() };
        Ok(Chosen { pair: pair.clone(), policy: &policy, principal: Cow::Owned(principal) })
    });
    match (prepared, case.block("refuse")) {
        (Err(fault), Some(block)) => {
            let (status, body) = caller.write_fault(Some(recognised.operation), &fault);
            assert_eq!(block.status().unwrap(), status, "{fault:?}");
            if block.language == "json" {
                tell("refuse", json(&block.text, &body));
            } else {
                assert_eq!(block.word(3).unwrap(), fault.word, "{fault:?}");
            }
        }
        (Err(fault), None) => tell("forward", Some(format!("    + refused: {fault:?}\n"))),
        (Ok(prepared), Some(_)) => tell("refuse", Some(format!("    + sent: {:?}\n", prepared.call))),
        (Ok(prepared), None) => {
            let block = case.block("forward").unwrap();
            let call = format!("forward {} {} {}", case.to, prepared.call.method, prepared.call.path);
            assert_eq!(block.words.join(" "), call);
            tell("forward", json(&block.text, prepared.call.body.as_deref().unwrap_or_default()));
            let losses = prepared.losses.iter().map(ToString::to_string);
            let losses: Vec<String> =
                losses.chain(prepared.supplies.iter().map(ToString::to_string)).collect();
            let losses: Vec<&str> =
                losses.iter().filter_map(|line| line.split("   (wrote ").next()).collect();
            let losses = if losses.is_empty() { "none".to_owned() } else { losses.join("\n") };
            let expected = &case.block("losses").unwrap().text;
            tell("losses", (losses != *expected).then(|| format!("    - {expected}\n    + {losses}\n")));
            let Some(answer) = case.block("answer") else { return told };
            let came = Came { status: answer.status().unwrap(), body: answer.text.as_bytes() };
            let block = case.block("reply").unwrap();
            let (status, body, minted) = match prepared.answer(came, None, 7, context) {
                Ok(answered) => {
                    let minted = answered.made.expect("a request was made").0;
                    (answered.status, answered.body.unwrap_or_default(), minted)
                }
                Err(fault) => {
                    let (status, body) = caller.write_fault(Some(recognised.operation), &fault);
                    (status, body, String::new())
                }
            };
            assert_eq!(block.status().unwrap(), status);
            let expected = block.text.replace("<minted>", &minted);
            match block.words.get(3).map(String::as_str) {
                Some("partly") => tell("reply", partly(&expected, &body)),
                _ => tell("reply", json(&expected, &body)),
            }
        }
    }
    told
}

fn read(record: &Record<'_>, expected: &str) -> Option<String> {
    let marked = |said: Flat, unsaid: Flat| -> Flat {
        let unsaid = unsaid.into_iter().map(|(place, value)| (format!("[unsaid] {place}"), value));
        said.into_iter().chain(unsaid).collect()
    };
    let (mut said, mut unsaid) = (Flat::new(), Flat::new());
    flat::record(&record.to_json(false), "", &mut said);
    for (field, value, _) in record.iter().filter(|(.., said)| !said) {
        flat::record(&value.to_json(true), record.shape().field(field).name, &mut unsaid);
    }
    let (wanted, not_said) = canonical::read(expected).unwrap();
    flat::difference(&marked(wanted, not_said), &marked(said, unsaid))
}

fn json(expected: &str, body: &[u8]) -> Option<String> {
    flat::difference(&flat::json(expected.as_bytes()).unwrap(), &flat::json(body).unwrap())
}

/// The same, where only what is listed is a fact.
fn partly(expected: &str, body: &[u8]) -> Option<String> {
    let expected = flat::json(expected.as_bytes()).unwrap();
    let mut actual = flat::json(body).unwrap();
    actual.retain(|place, _| expected.contains_key(place));
    flat::difference(&expected, &actual)
}
