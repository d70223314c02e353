//! What is explained is what happened: over every golden case and every case of the fourth dialect, both ways.
//!
//! The explanation is made by the exchange's own steps, so its results are the exchange's. What could still be untrue
//! is held here: every value of a message that comes stands in one line, every value of one that goes in one other;
//! every line names an entry of the table that speaks of its place; losses and supplies are those that are told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)] // Of a case, the golden test uses more.
mod golden_format;
mod scene_support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use golden_format::Case;
use pamgate::canonical::{Fault, Treatment};
use pamgate::dialect::{Dialect, Files, Registry};
use pamgate::exchange::explain::{self, Explanation, Part, Step};
use pamgate::exchange::{Answered, Came, Prepared, ask};
use pamgate::mapping::{Stand, Took};
use scene_support::Scene;
use serde_json::Value as Json;

#[test]
fn what_is_explained_is_what_happened() {
    let files = scene_support::files();
    let registry = Registry::load(&files).unwrap();
    let cases = scene_support::cases();
    let (mut wrong, mut pairs) = (String::new(), BTreeMap::<(String, String), usize>::new());
    let mut seen = Seen::default();
    for (name, case) in &cases {
        let mut held = Held { name, files: &files, wrong: &mut wrong };
        run(case, &registry, &mut held, &mut seen);
        *pairs.entry((case.from.clone(), case.to.clone())).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(pairs.len() >= 15, "{pairs:?}");
    // And the walk would see what it is to see.
    assert!(seen.refused > 20 && seen.replies > 30 && seen.losses > 20 && seen.supplies > 5, "{seen:?}");
    for took in ["read", "absent", "always", "null", "unset", "past", "ignored", "unknown", "unwanted"] {
        assert!(seen.took.contains(took), "no case has a place that is {took}: {:?}", seen.took);
    }
    for why in ["known", "blank", "now", "suggested"] {
        assert!(seen.why.contains(why), "no case has a place that is {why}: {:?}", seen.why);
    }
}

/// The same bodies, each with one value less, with one that is null, and with one that nobody knows.
#[test]
fn so_it_is_where_a_value_is_missing_or_null() {
    let files = scene_support::files();
    let registry = Registry::load(&files).unwrap();
    let (mut wrong, mut seen, mut bodies) = (String::new(), Seen::default(), 0);
    for (name, case) in scene_support::cases() {
        let mut scene = Scene::of(&case, &registry);
        let Ok(Json::Object(whole)) = serde_json::from_slice(&scene.body) else { continue };
        let changed = |key: &str, value: Option<Json>| {
            let mut members = whole.clone();
            match value {
                Some(value) => drop(members.insert(key.to_owned(), value)),
                None => drop(members.shift_remove(key)),
            }
            serde_json::to_vec(&members).unwrap()
        };
        let mut all: Vec<Vec<u8>> =
            vec![changed("Nobody's", Some(serde_json::json!({ "a": [1, {}], "b/c": "" })))];
        for key in whole.keys() {
            all.extend([changed(key, None), changed(key, Some(Json::Null))]);
        }
        for body in all {
            let told = format!("{name} {}", String::from_utf8_lossy(&body));
            scene.body = body;
            let mut held = Held { name: &told, files: &files, wrong: &mut wrong };
            let Some(recognised) = scene.recognised() else { continue };
            let incoming = scene.incoming(&recognised);
            let happened = ask(&incoming, scene.context(), |_| Ok(scene.chosen()));
            let (explained, why) = explain::ask(&incoming, scene.context(), |_| Ok(scene.chosen()));
            asked(&scene, (&happened, &explained), &why, &mut held, &mut seen);
            bodies += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(bodies > 1000 && seen.refused > 100 && seen.losses > 300, "{bodies} {seen:?}");
}

/// What the cases have between them.
#[derive(Debug, Default)]
struct Seen {
    refused: usize,
    replies: usize,
    losses: usize,
    supplies: usize,
    took: BTreeSet<&'static str>,
    why: BTreeSet<&'static str>,
}

struct Held<'h> {
    name: &'h str,
    files: &'h Files,
    wrong: &'h mut String,
}

impl Held<'_> {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, happened: &T, explained: &T) {
        if happened != explained {
            let name = self.name;
            let _ = writeln!(
                self.wrong,
                "{name}: {what}\n    happened  {happened:?}\n    explained {explained:?}"
            );
        }
    }

    fn fine(&mut self, what: &str, fine: bool) {
        if !fine {
            let _ = writeln!(self.wrong, "{}: {what}", self.name);
        }
    }

    /// A line of the dialect's table that speaks of a place, or of what it lies in, so far above.
    fn stands(&mut self, dialect: &Dialect, place: &str, above: usize, stand: Option<&Stand>) {
        let Some(stand) = stand else { return self.fine(&format!("no entry for {place}"), false) };
        self.same("file", &dialect.file, &stand.file);
        let text = &self.files.mappings[&dialect.name].text;
        let line = text.lines().nth(stand.line - 1).unwrap_or_default().to_lowercase();
        let names: Vec<String> =
            place.split('/').map(|name| name.to_lowercase().replace("~1", "/")).collect();
        let speaks = names.iter().rev().take(above).any(|name| line.contains(name.as_str()));
        self.fine(&format!("{stand} does not speak of {place}: {line}"), speaks || place.is_empty());
    }
}

fn run(case: &Case, registry: &Registry, held: &mut Held<'_>, seen: &mut Seen) {
    let scene = Scene::of(case, registry);
    let (context, pair) = (scene.context(), &scene.pair);
    let Some(recognised) = scene.recognised() else { return };
    let incoming = scene.incoming(&recognised);
    let happened = ask(&incoming, context, |_| Ok(scene.chosen()));
    let (explained, why) = explain::ask(&incoming, context, |_| Ok(scene.chosen()));
    asked(&scene, (&happened, &explained), &why, held, seen);
    let (Ok(happened), Ok(explained), Some(answer)) = (happened, explained, case.block("answer")) else {
        return;
    };
    let came = Came { status: answer.status().unwrap(), body: answer.text.as_bytes() };
    let result = |answered: Result<Answered, Fault>| {
        answered.map(|one| (one.status, one.body, one.made)).map_err(|fault| fault.word)
    };
    let plain = result(happened.answer(came, None, 7, context));
    let (told, why) = explain::answer(&explained, came, None, 7, context);
    let told = result(told);
    held.same("answered", &plain, &told);
    held.same("refused", &plain.as_ref().err().copied(), &why.refused.as_ref().map(|one| one.fault.word));
    if happened.outcome(came).is_err() {
        return;
    }
    seen.replies += 1;
    came_in(&pair.upstream.dialect, came.body, &why, held, seen);
    if let Ok((_, Some(body), _)) = plain
        && !why.unchanged
    {
        written(&pair.caller.dialect, &body, &why, held, seen);
        for one in why.written.iter().filter(|one| one.why.as_str() == "known") {
            let knew = |field: &str| {
                why.known.iter().any(|known| field.split('/').next() == Some(&known.held.field))
            };
            held.fine(&format!("nobody knew {}", one.place), one.held.iter().all(|held| knew(&held.field)));
        }
    }
}

fn asked(
    scene: &Scene,
    (happened, explained): (&Result<Prepared, Fault>, &Result<Prepared, Fault>),
    why: &Explanation,
    held: &mut Held<'_>,
    seen: &mut Seen,
) {
    let (pair, body) = (&scene.pair, &scene.body);
    came_in(&pair.caller.dialect, body, why, held, seen);
    let told = |fault: &Fault| (fault.word, fault.text.clone(), fault.cause.clone());
    let refused = why.refused.as_ref().map(|one| told(&one.fault));
    held.same("refused", &happened.as_ref().err().map(told), &refused);
    let lost = |treatment: Treatment| {
        let fates = why.became.iter().flat_map(|became| &became.fates);
        fates.filter(move |fate| fate.treatment == Some(treatment))
    };
    match (happened, explained) {
        (Ok(happened), Ok(explained)) => {
            held.same("call", &happened.call, &explained.call);
            held.same("canonical", &happened.canonical, &explained.canonical);
            let canonical: serde_json::Map<String, Json> = serde_json::from_str(&happened.canonical).unwrap();
            let fields: BTreeSet<String> = canonical.keys().cloned().collect();
            held.same("fields", &fields, &read_fields(why));
            let mut losses: Vec<_> = happened.losses.iter().map(loss).collect();
            let mut fates: Vec<_> = lost(Treatment::Drop).chain(lost(Treatment::Note)).map(fate).collect();
            losses.sort();
            fates.sort();
            held.same("losses", &losses, &fates);
            let mut supplies: Vec<_> =
                happened.supplies.iter().map(|one| (one.field.to_owned(), one.value.clone())).collect();
            let supplied = why.became.iter().filter(|became| became.supplied.is_some());
            let mut told: Vec<_> = supplied
                .map(|one| (one.fates[0].held.field.clone(), one.fates[0].held.value.clone()))
                .collect();
            supplies.sort();
            told.sort();
            held.same("supplies", &supplies, &told);
            (seen.losses, seen.supplies) = (seen.losses + losses.len(), seen.supplies + supplies.len());
            held.fine("nothing is refused", lost(Treatment::Refuse).next().is_none());
            match (&happened.call.body, why.unchanged) {
                (Some(sent), false) => {
                    written(&pair.upstream.dialect, sent, why, held, seen);
                    for note in lost(Treatment::Note).filter_map(|fate| fate.note.as_ref()) {
                        let json = String::from_utf8_lossy(sent);
                        held.fine(&format!("not noted: {note}"), json.contains(&note[..note.len().min(20)]));
                    }
                }
                (sent, true) => held.same("as it came", &sent.as_deref(), &Some(body.as_slice())),
                (None, false) => held.same("written", &0, &why.written.len()),
            }
        }
        (Err(fault), Err(_)) => {
            seen.refused += 1;
            let step = why.refused.as_ref().map(|one| one.step);
            if step == Some(Step::Decide) && fault.word == "invalid.not-carried" && !fault.problems.is_empty()
            {
                held.same("refused values", &fault.problems.len(), &lost(Treatment::Refuse).count());
            }
        }
        _ => held.fine("one was refused, the other not", false),
    }
}

fn loss(loss: &pamgate::canonical::Loss) -> (String, String, &'static str, &'static str, Option<String>) {
    let (fit, treatment) = (loss.fit.as_str(), loss.treatment.as_str());
    (loss.field.to_owned(), loss.value.clone(), fit, treatment, loss.wrote.clone())
}

fn fate(fate: &explain::Fate) -> (String, String, &'static str, &'static str, Option<String>) {
    let fit = fate.fit.map_or("", |fit| fit.as_str());
    let treatment = fate.treatment.map_or("", |one| one.as_str());
    (fate.held.field.clone(), fate.held.value.clone(), fit, treatment, fate.wrote.clone())
}

/// The canonical fields that the lines of what came speak of.
fn read_fields(why: &Explanation) -> BTreeSet<String> {
    let held = why.read.iter().flat_map(|read| &read.taken.held);
    held.map(|held| held.field.split('/').next().unwrap().to_owned()).collect()
}

/// Every value of a document that came stands in one line, under an entry that speaks of it.
fn came_in(dialect: &Dialect, body: &[u8], why: &Explanation, held: &mut Held<'_>, seen: &mut Seen) {
    let lines = why.read.iter().filter(|read| read.part == Part::Body && read.taken.value.is_some());
    // Names and values are told as the vendor's page spells them.
    let plain = |text: &str| text.trim_matches('"').to_lowercase();
    let lines = lines.map(|read| {
        (plain(read.taken.place.as_deref().unwrap()), plain(read.taken.value.as_deref().unwrap()))
    });
    let mut lines: Vec<_> = lines.collect();
    let unreadable = why.refused.as_ref().is_some_and(|one| {
        ["invalid.json", "invalid.twice", "invalid.bounds", "upstream.rubbish"].contains(&one.fault.word)
            && lines.is_empty()
    });
    let addressed = why.refused.as_ref().is_some_and(|one| one.fault.word.starts_with("not-found."))
        && why.problems.is_empty()
        && lines.is_empty();
    if !unreadable && !addressed {
        // No body is an empty object, and no value at all where none is read.
        let empty = body.trim_ascii().is_empty();
        let body: &[u8] = if empty { b"{}" } else { body };
        let values = if empty && lines.is_empty() { Vec::new() } else { leaves(body) };
        let mut values =
            values.into_iter().map(|(place, value)| (plain(&place), plain(&value))).collect::<Vec<_>>();
        values.sort();
        lines.sort();
        held.same("values that came", &values, &lines);
    }
    for read in &why.read {
        seen.took.insert(read.taken.took.as_str());
        let place = read.taken.place.clone().unwrap_or_default();
        let nowhere = matches!(read.taken.took, Took::Unknown | Took::Empty);
        if read.part == Part::Body && !nowhere {
            match read.taken.took {
                Took::Always => held.fine("no entry says so", read.taken.by.is_some()),
                // A list that nobody asks for is one entry's, whatever lies in it.
                Took::Unwanted => held.stands(dialect, &place, usize::MAX, read.taken.by.as_ref()),
                _ => held.stands(dialect, &place, 2, read.taken.by.as_ref()),
            }
        }
    }
}

/// Every value of a document that went stands in one line, to the letter, under an entry that speaks of it.
fn written(dialect: &Dialect, body: &[u8], why: &Explanation, held: &mut Held<'_>, seen: &mut Seen) {
    let mut values = leaves(body);
    let mut lines: Vec<_> =
        why.written.iter().map(|wrote| (wrote.place.clone(), wrote.value.clone())).collect();
    values.sort();
    lines.sort();
    held.same("values that went", &values, &lines);
    for wrote in &why.written {
        seen.why.insert(wrote.why.as_str());
        // An empty document says nothing, by no entry.
        if !(wrote.place.is_empty() && wrote.why.as_str() == "empty") {
            held.stands(dialect, &wrote.place, 2, wrote.by.as_ref());
        }
        if wrote.why.as_str() == "known" {
            held.fine(&format!("{} says nothing", wrote.place), !wrote.held.is_empty());
        }
    }
}

/// All single values of a document with their places, as text.
fn leaves(body: &[u8]) -> Vec<(String, String)> {
    fn walk(json: &Json, place: &str, found: &mut Vec<(String, String)>) {
        match json {
            Json::Object(members) if !members.is_empty() => {
                for (name, value) in members {
                    walk(value, &format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), found);
                }
            }
            Json::Array(elements) if !elements.is_empty() => {
                elements
                    .iter()
                    .enumerate()
                    .for_each(|(at, value)| walk(value, &format!("{place}/{at}"), found));
            }
            single => found.push((place.to_owned(), single.to_string())),
        }
    }
    let text = std::str::from_utf8(body).unwrap().trim_start_matches('\u{feff}');
    let mut found = Vec::new();
    walk(&serde_json::from_str(text).unwrap(), "", &mut found);
    found
}
