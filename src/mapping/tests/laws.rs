//! `read(write(read(m))) = read(m)`, for every message of the golden cases, in every variant of its dialect.
use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::canonical::{FieldId, Fit, Record, Value, word};
use crate::dialect::{Dialect, Files, MessageEntry, Registry};
use crate::json::{Builder, Document, Limits};

use super::super::Reading;

/// A message of a golden case: the fence's words, and the text.
fn golden() -> Vec<(String, Vec<String>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(root).expect("the cases").map(|entry| entry.expect("a folder").path()) {
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).expect("the cases").map(|entry| entry.expect("a file").path())
        {
            let text = std::fs::read_to_string(&file).expect("a case");
            for block in text.split("\n```json ").skip(1) {
                let (head, rest) = block.split_once('\n').expect("a fence's line");
                let body = rest.split_once("\n```").expect("a fence's end").0;
                let words = head.split_whitespace().map(str::to_owned).collect();
                found.push((file.display().to_string(), words, body.to_owned()));
            }
        }
    }
    found
}

/// The messages that a block may be, in one dialect.
fn entries<'d>(dialect: &'d Dialect, words: &[String]) -> Vec<&'d MessageEntry> {
    let create = dialect.operation("request.create").expect("every dialect creates");
    let numbers: Vec<usize> = match words.first().map(String::as_str) {
        Some("send" | "forward") if words.len() > 3 => {
            let path = words[3].split('?').next().unwrap_or_default();
            let recognised = dialect.recognise(&words[2], path).expect("a path of the dialect");
            recognised.route.send.into_iter().collect()
        }
        Some("send") => create.routes.last().and_then(|route| route.send).into_iter().collect(),
        _ => {
            let status = words[2].parse().expect("a status");
            match create.read(status) {
                Some(outcome) => outcome.message.into_iter().collect(),
                None => dialect.fault_messages.clone(),
            }
        }
    };
    numbers.into_iter().map(|number| dialect.message(number)).collect()
}

fn read(dialect: &Dialect, entry: &MessageEntry, body: &[u8], now: Timestamp) -> Option<Record<'static>> {
    let document = entry.parse(body, dialect.json(Limits::default())).ok()?;
    Some(entry.message.read(document.root(), Reading { now, wanted: None }).ok()?.into_owned())
}

fn difference(first: &Record<'_>, again: &Record<'_>) -> String {
    let fields = first.shape().fields().iter().enumerate();
    let differ = fields.filter_map(|(at, field)| {
        let (one, other) = (first.get(FieldId(at as u8)), again.get(FieldId(at as u8)));
        (one != other).then(|| format!("{} was {one:?}, became {other:?}", field.name))
    });
    differ.collect::<Vec<_>>().join("; ")
}

/// The fields of which the table says what stands there when nobody knows them.
fn told_instead(message: &super::super::Message) -> Vec<FieldId> {
    use super::super::program::{BlankValue, From, Node};
    fn walk(node: &Node, found: &mut Vec<FieldId>) {
        match node {
            Node::Object { members, .. } => members.iter().for_each(|(_, node)| walk(node, found)),
            Node::Leaf(leaf) => match (&leaf.from, &leaf.blank) {
                (From::Field { field, .. } | From::Sum { second: field, .. }, Some(blank))
                    if matches!(blank.value, BlankValue::Says(..)) =>
                {
                    found.push(*field);
                }
                _ => {}
            },
        }
    }
    let mut found = Vec::new();
    walk(&message.root, &mut found);
    found
}

/// A message, and the same without each of its members, and of theirs, in turn.
fn thinned(body: &str) -> Vec<String> {
    fn places(value: &Json, at: &str, found: &mut Vec<(String, String)>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            found.push((at.to_owned(), name.clone()));
            places(value, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }
    }
    let Ok(whole) = serde_json::from_str::<Json>(body) else { return Vec::new() };
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    let without = found.into_iter().map(|(at, name)| {
        let mut less = whole.clone();
        let inside = less.pointer_mut(&at).and_then(Json::as_object_mut);
        inside.expect("the object is there").remove(&name);
        less.to_string()
    });
    std::iter::once(body.to_owned()).chain(without).collect()
}

#[test]
fn what_is_written_and_read_again_is_what_was_read() {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut held: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut broken = String::new();
    for (file, words, body) in golden() {
        // What only a part is told of is no message.
        if words.iter().any(|word| word == "partly") {
            continue;
        }
        let id = if words[1] == "beyondtrust" { "1000000007" } else { "\"Db-Safe_7\"" };
        let body = body.replace("\"<minted>\"", id);
        for variant in [None, Some("page"), Some("v3")] {
            let Ok(dialect) = registry.get(&words[1], variant) else { continue };
            for entry in entries(dialect, &words) {
                for body in thinned(&body) {
                    let Some(first) = read(dialect, entry, body.as_bytes(), now) else { continue };
                    let mut out = Builder::new();
                    entry.message.write(&first, now, &mut out);
                    let text = out.finish(dialect.json.any_case).to_bytes();
                    // What is missing in a thinned message may be required, and is then not written either.
                    let again = match read(dialect, entry, &text, now) {
                        Some(again) => again,
                        None => there_and_back(dialect, entry, &first, now),
                    };
                    let mut again = again;
                    // Where a message doesn't tell, a sentence may be written instead: that one reads as a value.
                    for field in told_instead(&entry.message) {
                        if first.get(field).is_none() {
                            again.remove(field);
                        }
                    }
                    if again != first {
                        let name = format!("{} {}", dialect.label(), entry.message.name);
                        broken += &format!("{file}: {name}: {}\n  {body}\n", difference(&first, &again));
                    }
                }
                *held.entry((dialect.label(), entry.message.name.clone())).or_default() += 1;
            }
        }
    }
    assert!(broken.is_empty(), "{broken}");
    for (dialect, message, fewest) in [
        ("beyondtrust", "create", 30),
        ("beyondtrust", "create-by-alias", 3),
        ("beyondtrust", "id", 10),
        ("beyondtrust", "fault-code", 3),
        ("beyondtrust/page", "create", 30),
        ("cyberark", "create", 30),
        ("cyberark", "document", 10),
        ("cyberark", "error", 1),
        ("cyberark/page", "create", 30),
        ("safeguard", "create", 30),
        ("safeguard", "document", 5),
        ("safeguard", "error", 1),
        ("safeguard/v3", "create", 30),
    ] {
        let many = held.get(&(dialect.to_owned(), message.to_owned())).copied().unwrap_or(0);
        assert!(many >= fewest, "only {many} messages {message} of {dialect}: {held:?}");
    }
}

/// A record written at a dialect and read there again, without holding it against the schema: what a target requires
/// beside is no matter here.
fn there_and_back(
    dialect: &Dialect,
    entry: &MessageEntry,
    record: &Record<'_>,
    now: Timestamp,
) -> Record<'static> {
    let mut out = Builder::new();
    entry.message.write(record, now, &mut out);
    let text = out.finish(dialect.json.any_case).to_bytes();
    let document = Document::read(&text, dialect.json(Limits::default())).expect("what is written is JSON");
    let read = entry.message.read(document.root(), Reading { now, wanted: None });
    read.unwrap_or_else(|wrong| panic!("{wrong:?} in {}", String::from_utf8_lossy(&text))).into_owned()
}

/// Whether a value came back as what it was; a word may come back deeper where the target knows no other.
fn same(sent: &Value<'_>, back: Option<&Value<'_>>) -> bool {
    match (sent, back) {
        (Value::Text(sent), Some(Value::Text(back))) => word::within(back, sent),
        (sent, Some(back)) => sent == back,
        (_, None) => false,
    }
}

#[test]
fn the_fit_tells_what_comes_back() {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut broken = String::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, words, body) in golden().iter().filter(|(_, words, _)| words[0] == "send") {
        let source = registry.get(&words[1], None).expect("a dialect");
        let Some(entry) = entries(source, words).pop() else { continue };
        let Some(record) = read(source, entry, body.as_bytes(), now) else { continue };
        for target in registry.all() {
            let create = target.operation("request.create").expect("every dialect creates");
            for number in create.routes.iter().filter_map(|route| route.send) {
                let to = target.message(number);
                let fields: Vec<FieldId> = record.iter().map(|(field, ..)| field).collect();
                for field in fields {
                    let Some(value) = record.get(field).cloned() else { continue };
                    let fitting = to.message.fit(&record, field);
                    let back = there_and_back(target, to, &only_fitting(&record, field, to), now);
                    let came = back.get(field).filter(|_| back.said(field));
                    let wrote = fitting.wrote.as_deref();
                    let holds = match fitting.fit {
                        // What the server does anyway, it does unsaid.
                        Fit::Exact | Fit::Neutral => same(&value, back.get(field)),
                        // The coarser word may be what an absence means.
                        Fit::Coarser => {
                            wrote.is_some_and(|wrote| same(&Value::Text(wrote.into()), back.get(field)))
                        }
                        Fit::Limited => match wrote {
                            Some(wrote) => came.is_some_and(|came| came.to_string() == wrote),
                            None => true,
                        },
                        Fit::Nowhere => came.is_none(),
                    };
                    *seen.entry(fitting.fit.as_str()).or_default() += 1;
                    if !holds {
                        let name = record.shape().field(field).name;
                        let to = format!("{} {}", target.label(), to.message.name);
                        broken += &format!("{file} → {to}: {name} = {value:?}: {fitting:?}, came {came:?}\n");
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

/// The record without the other fields that don't fit: the exchange takes them out, too.
fn only_fitting(record: &Record<'static>, field: FieldId, to: &MessageEntry) -> Record<'static> {
    let mut out = record.clone();
    for (other, ..) in record.iter() {
        let fitting = to.message.fit(record, other);
        let lost = matches!(fitting.fit, Fit::Limited | Fit::Nowhere) && fitting.wrote.is_none();
        let limited_here = other == field && fitting.fit == Fit::Nowhere;
        if lost && !limited_here {
            out.remove(other);
        }
    }
    out
}
