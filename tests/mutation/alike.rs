//! Whether a mutant means the same as its table: what both make of everything that anybody is known to say.
//!
//! The list of equivalent mutants is written by hand, and a reason is quickly found; so each of them is held against
//! its table here. Start at [`Alike::difference`]. Two things are left out, since they are free to choose: what a dialect
//! is called among people, and from where on ids are counted.
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use pamgate::canonical::fault::FAULTS;
use pamgate::canonical::{Fault, Record, Shape, Value, word};
use pamgate::diagnostic::Source;
use pamgate::diagnostic::tree::{self, Item, Node};
use pamgate::dialect::{Dialect, MessageEntry, Registry};
use pamgate::json::{Builder, Limits};
use pamgate::mapping::Reading;
use serde_json::{Map, Value as Json};

use super::chooses::listed;

/// More combinations of one choice's values than this would be a table that nobody can read.
const MOST_COMBINATIONS: usize = 5_000;

/// What is said, by whom.
pub(crate) struct Alike {
    now: Timestamp,
    /// JSON of any message.
    texts: Vec<String>,
}

impl Alike {
    pub(crate) fn new(texts: Vec<String>) -> Alike {
        Alike { now: "2026-01-05T09:00:00Z".parse().unwrap(), texts }
    }

    /// What the altered table makes otherwise of what the table reads or writes, in any of its variants.
    pub(crate) fn difference(
        &self,
        source: &Arc<Source>,
        name: &str,
        registries: [&Registry; 2],
    ) -> Option<String> {
        let tree = tree::read(source).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
        let variants = tree.get("variant").map(Item::members).unwrap_or_default();
        let variants = variants.iter().map(|(key, item)| (Some(key.text.as_str()), Some(item)));
        std::iter::once((None, None)).chain(variants).find_map(|(variant, item)| {
            let [one, other] = registries.map(|registry| registry.get(name, variant).unwrap());
            let tables: Vec<&Item> = [Some(&tree), item].into_iter().flatten().collect();
            around(one, other).or_else(|| faults(one, other)).or_else(|| self.messages([one, other], &tables))
        })
    }

    fn messages(&self, dialects: [&Arc<Dialect>; 2], tables: &[&Item]) -> Option<String> {
        let messages = tables[0].get("message").map(Item::members).unwrap_or_default();
        messages.iter().find_map(|(key, _)| {
            // What only stands inside of others is read and written with them.
            let [one, other] = dialects.map(|dialect| Some((&**dialect, dialect.message_named(&key.text)?)));
            let entries = [one?, other?];
            let own = tables.iter().filter_map(|table| table.get("message")?.get(&key.text)?.get("choose"));
            let chosen: Vec<String> = own.flat_map(combinations).collect();
            let mut texts = self.texts.iter().chain(&chosen);
            let mut seen = BTreeSet::new();
            let read = texts.find_map(|text| self.read(entries, text, &mut seen));
            read.or_else(|| self.words(entries)).map(|what| format!("{}: {what}", key.text))
        })
    }

    /// One text: what it reads as, and what is written of that, unless it was seen to be read already.
    fn read(
        &self,
        entries: [(&Dialect, &MessageEntry); 2],
        text: &str,
        seen: &mut BTreeSet<String>,
    ) -> Option<String> {
        let how = Reading { now: self.now, wanted: None };
        let [one, other] = entries.map(|(dialect, entry)| {
            let (document, _) =
                entry.parse_loosely(text.as_bytes(), dialect.json(Limits::default()), None).ok()?;
            let (record, problems) = entry.message.read_what_can_be(document.root(), how);
            Some((record.into_owned(), format!("{problems:?}")))
        });
        let shown = |read: &Option<(Record<'static>, String)>| format!("{read:?}");
        if shown(&one) != shown(&other) {
            return Some(format!("{text} reads as {one:?}, and then as {other:?}"));
        }
        let new = seen.insert(shown(&one));
        self.written(entries, &one.filter(|_| new)?.0)
    }

    /// What each word of each field is written as, alone.
    fn words(&self, entries: [(&Dialect, &MessageEntry); 2]) -> Option<String> {
        let shape = entries[0].1.message.shape;
        shape.fields().iter().filter(|_| shape == Shape::Access).find_map(|field| {
            word::of(field.name).iter().find_map(|one| {
                let mut record = Record::new(shape);
                let value = match *one {
                    "true" | "false" => Value::Bool(*one == "true"),
                    one => Value::Text(one.into()),
                };
                record.say(shape.find(field.name)?, value);
                self.written(entries, &record)
            })
        })
    }

    fn written(&self, entries: [(&Dialect, &MessageEntry); 2], record: &Record<'_>) -> Option<String> {
        let [one, other] = entries.map(|(_, entry)| {
            let mut out = Builder::new();
            entry.message.write(record, self.now, &mut out);
            String::from_utf8_lossy(&out.finish(false).to_bytes()).into_owned()
        });
        (one != other).then(|| format!("{record:?} is written as {one}, and then as {other}"))
    }
}

/// What stands around the messages.
fn around(one: &Dialect, other: &Dialect) -> Option<String> {
    let shown = |dialect: &Dialect| {
        // A header's name is read in any letter case.
        let caller = format!("{:?}", dialect.caller).replace("\"authorization\"", "\"Authorization\"");
        // Without a list of good statuses, 200 alone is one.
        let sign_in = format!("{:?}", dialect.sign_in).replace("ok: []", "ok: [200]");
        [
            ("caller", caller),
            ("upstream", sign_in),
            ("session", format!("{:?}", dialect.session)),
            ("find", format!("{:?} {:?}", dialect.find, dialect.unknown_is_none)),
            ("fault_type", format!("{:?}", dialect.fault_type)),
            ("operation", format!("{:?}", dialect.operations())),
            ("base", dialect.base().to_owned()),
        ]
    };
    let pairs = shown(one).into_iter().zip(shown(other));
    let mut otherwise = pairs.filter(|((_, one), (_, other))| one != other);
    otherwise.next().map(|((what, one), (_, other))| format!("{what}: {one}, and then {other}"))
}

/// Every fault as it is written, and every status with every body as it is read, by each operation.
fn faults(one: &Dialect, other: &Dialect) -> Option<String> {
    let told = |dialect: &Dialect, at: Option<usize>, word: &'static str| {
        dialect.write_fault(at.map(|at| &dialect.operations()[at]), &Fault::new(word, ""))
    };
    let operations: Vec<Option<usize>> =
        std::iter::once(None).chain((0..one.operations().len()).map(Some)).collect();
    let mut answers = Vec::new();
    for at in &operations {
        for (word, _) in FAULTS {
            let (ours, theirs) = (told(one, *at, word), told(other, *at, word));
            if ours != theirs {
                return Some(format!("{word} is {ours:?}, and then {theirs:?}"));
            }
            answers.push(ours);
        }
    }
    let statuses: BTreeSet<u16> = answers.iter().map(|(status, _)| *status).chain([418, 429, 599]).collect();
    let bodies: BTreeSet<&[u8]> = answers.iter().map(|(_, body)| &body[..]).chain([&b""[..]]).collect();
    let read = |dialect: &Dialect, at: usize, status: u16, body: &[u8]| {
        dialect.read_fault(&dialect.operations()[at], status, body).word
    };
    operations.iter().flatten().find_map(|at| {
        let mut all = statuses.iter().flat_map(|status| bodies.iter().map(move |body| (*status, *body)));
        all.find_map(|(status, body)| {
            let (ours, theirs) = (read(one, *at, status, body), read(other, *at, status, body));
            let body = String::from_utf8_lossy(body);
            (ours != theirs).then(|| format!("{status} {body} reads as {ours}, and then as {theirs}"))
        })
    })
}

/// All that can stand at the places of a message's choices: nothing, each value of a case, a value of none.
fn combinations(chooses: &Item) -> Vec<String> {
    let mut out = Vec::new();
    for (_, cases) in chooses.members() {
        let mut places: Vec<(&str, Vec<Json>)> = Vec::new();
        let of_cases = listed(cases).iter().filter_map(|case| Some(listed(case).get(1)?.members()));
        for (key, item) in of_cases.flatten() {
            if !places.iter().any(|(place, _)| *place == key.text) {
                places.push((&key.text, vec![Json::from("strange")]));
            }
            let (_, values) = places.iter_mut().find(|(place, _)| *place == key.text).unwrap();
            for value in listed(item).iter().flat_map(standing) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        let mut documents = vec![Map::new()];
        for (place, values) in &places {
            let with = documents.iter().flat_map(|document| {
                values.iter().map(|value| {
                    let mut document = document.clone();
                    put(&mut document, place, value.clone());
                    document
                })
            });
            documents = documents.iter().cloned().chain(with.collect::<Vec<_>>()).collect();
        }
        assert!(documents.len() < MOST_COMBINATIONS, "{} combinations", documents.len());
        out.extend(documents.into_iter().map(|document| Json::Object(document).to_string()));
    }
    out
}

/// What a case's value can be in a message; beside a number or a truth value, another.
fn standing(item: &Item) -> Vec<Json> {
    match &item.node {
        Node::Text(text) if text == "*" || text.starts_with('{') => Vec::new(),
        Node::Text(text) => vec![text.as_str().into()],
        Node::Integer(number) => vec![(*number).into(), 77.into()],
        Node::Bool(_) => vec![true.into(), false.into()],
        _ => Vec::new(),
    }
}

fn put(document: &mut Map<String, Json>, place: &str, value: Json) {
    match place.split_once('/') {
        None => drop(document.insert(place.to_owned(), value)),
        Some((first, rest)) => {
            let inside = document.entry(first).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inside) = inside {
                put(inside, rest, value);
            }
        }
    }
}
