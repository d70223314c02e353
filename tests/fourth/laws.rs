//! The laws of the language, over the fourth dialect's messages.
use jiff::Timestamp;
use serde_json::Value as Json;

use pamgate::canonical::{FieldId, Fit, Record, Value, word};
use pamgate::dialect::{Dialect, MessageEntry};
use pamgate::json::{Builder, Document, Limits};
use pamgate::mapping::Reading;

use super::{cases, registry};

/// Messages that no case has: a list, its query, a problem.
const MORE: &[(&str, &str)] = &[
    (
        "grants",
        r#"{ "meta": { "count": 2 }, "data": [
            { "id": "gr-1", "number": 17, "resource": { "ref": "web01.deploy", "vault": "web", "labels": { "system": "Linux", "site": "Ulm" } },
              "owner": "jd", "kind": "connect", "window": { "opens_at": "2026-01-06T09:00:00", "closes_at": "2026-01-06T11:00:00" },
              "why": { "text": "x" }, "stage": "closed", "closed_because": "overslept",
              "approvals": { "given": 1, "needed": 3, "by": [ { "login": "asmith", "is": "person", "answer": "yes", "at": 1767603600, "details": { "room": "7" } },
                                                             { "login": "night", "is": "team", "answer": "", "at": -1 } ] } },
            { "id": "gr-2", "number": -1, "resource": { "ref": "", "vault": "" }, "window": { "opens_at": "", "closes_at": "" }, "why": { "text": "" },
              "stage": "review", "closed_because": "", "approvals": { "given": 0, "needed": 2, "by": [] } } ] }"#,
    ),
    ("which", r#"{ "stage": "review", "mine": "no" }"#),
    ("which", "{}"),
    (
        "problem",
        r#"{ "title": "No", "status": 409, "code": "VL-500", "detail": "twice", "errors": { "ref": [ { "text": "known" } ] } }"#,
    ),
];

/// Fields of which a `blank` says something instead where they aren't told: that reads as a value.
const TOLD_INSTEAD: &[&str] = &["approvals"];

/// The fourth's own messages: of the cases, and more.
fn messages() -> Vec<(String, String, String)> {
    let mut found: Vec<_> =
        MORE.iter().map(|(name, body)| ("here".to_owned(), (*name).to_owned(), (*body).to_owned())).collect();
    for (file, case) in cases::all() {
        for block in case.blocks.iter().filter(|block| block.words.get(1).is_some_and(|of| of == "vaultline"))
        {
            let name = match block.name() {
                "send" | "forward" if block.words[3].contains("/vaults/") => "ask",
                "send" | "forward" if block.words[3].ends_with("/leases") => "lease",
                "send" | "forward" => "brief",
                _ if block.status().is_ok_and(|status| status < 300) => "receipt",
                _ => "problem",
            };
            if block.language == "json" {
                found.push((file.clone(), name.to_owned(), block.text.clone()));
            }
        }
    }
    found
}

/// Where each member of a message stands, and of theirs: the object's pointer, and the name.
fn places(value: &Json, at: &str, found: &mut Vec<(String, String)>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        found.push((at.to_owned(), name.clone()));
        places(value, &format!("{at}/{name}"), found);
    }
    for (number, value) in value.as_array().into_iter().flatten().enumerate() {
        places(value, &format!("{at}/{number}"), found);
    }
}

/// A message with something done to each of its members, and of theirs, in turn.
fn changed(body: &str, change: impl Fn(&mut serde_json::Map<String, Json>, &str)) -> Vec<String> {
    let whole: Json = serde_json::from_str(body).expect("JSON");
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    found.retain(|(at, name)| !TOLD_INSTEAD.iter().any(|told| at.contains(told) || name == told));
    let change = |(at, name): (String, String)| {
        let mut other = whole.clone();
        change(other.pointer_mut(&at).and_then(Json::as_object_mut).expect("an object"), &name);
        other.to_string()
    };
    found.into_iter().map(change).collect()
}

/// A message, and the same without each of its members, and of theirs, in turn.
fn thinned(body: &str) -> Vec<String> {
    let without = changed(body, |object, name| drop(object.remove(name)));
    std::iter::once(body.to_owned()).chain(without).collect()
}

/// What nobody would send, at each place in turn.
fn odd(body: &str) -> Vec<String> {
    let long = "x".repeat(700);
    let values = [
        r#"null"#,
        r#"true"#,
        r#""""#,
        r#""*""#,
        r#""{}""#,
        r#""0:0:0:0""#,
        r#""P1Y""#,
        r#""-PT2H""#,
        r#""P7DT0.5S""#,
        r#""PT168H0M1S""#,
        r#""2026-02-30T00:00:00Z""#,
        r#""9999-12-31T23:59:59Z""#,
        "0",
        "-1",
        "7",
        "1e400",
        "9223372036854775807",
        "99999999999999999999999",
        "[]",
        "[[]]",
        "{}",
        r#"{ "a/b~": "c" }"#,
        r#"[ { "id": 5 } ]"#,
    ];
    let values = values.iter().filter_map(|text| serde_json::from_str::<Json>(text).ok());
    let values: Vec<Json> = values.chain([Json::String(long)]).collect();
    let put =
        |value: &Json| changed(body, |object, name| drop(object.insert(name.to_owned(), value.clone())));
    values.iter().flat_map(put).collect()
}

fn read(dialect: &Dialect, entry: &MessageEntry, body: &[u8], now: Timestamp) -> Option<Record<'static>> {
    let document = entry.parse(body, dialect.json(Limits::default())).ok()?;
    Some(entry.message.read(document.root(), Reading { now, wanted: None }).ok()?.into_owned())
}

/// What is written, read again without the schema: what a message requires beside is no matter here.
fn there_and_back(
    dialect: &Dialect,
    entry: &MessageEntry,
    record: &Record<'_>,
    now: Timestamp,
) -> Record<'static> {
    let how = dialect.json(Limits::default());
    let mut out = Builder::new();
    entry.message.write(record, now, &mut out);
    let text = out.finish(how.any_case).to_bytes();
    let document = Document::read(&text, how).expect("what is written is JSON");
    let read = entry.message.read(document.root(), Reading { now, wanted: None });
    read.unwrap_or_else(|wrong| panic!("{wrong:?} in {}", String::from_utf8_lossy(&text))).into_owned()
}

#[test]
fn what_is_written_and_read_again_is_what_was_read() {
    let registry = registry();
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    let mut held = std::collections::BTreeMap::<String, usize>::new();
    for variant in [None, Some("legacy")] {
        let dialect = registry.get("vaultline", variant).unwrap();
        for (file, name, body) in messages() {
            let entry = dialect.message_named(&name).unwrap();
            for body in thinned(&body) {
                let Some(first) = read(dialect, entry, body.as_bytes(), now) else { continue };
                let again = there_and_back(dialect, entry, &first, now);
                assert_eq!(again, first, "{file}: {} {name}: {body}", dialect.label());
                *held.entry(name.clone()).or_default() += 1;
            }
        }
    }
    for (name, fewest) in [
        ("ask", 60),
        ("brief", 4),
        ("lease", 6),
        ("receipt", 10),
        ("grants", 10),
        ("which", 4),
        ("problem", 4),
    ] {
        assert!(held.get(name).is_some_and(|many| *many >= fewest), "{name}: {held:?}");
    }
}

/// The same law for whatever passes the schema; and nothing that is JSON makes reading fail otherwise than by a problem.
#[test]
fn odd_values_are_read_as_they_are_or_refused() {
    let registry = registry();
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    let dialect = registry.get("vaultline", None).unwrap();
    let (mut held, mut refused) = (0, 0);
    for (file, name, body) in messages() {
        let entry = dialect.message_named(&name).unwrap();
        for body in odd(&body) {
            let how = dialect.json(Limits::default());
            let (document, _) = entry.parse_loosely(body.as_bytes(), how).expect("JSON");
            let (loosely, _) = entry.message.read_what_can_be(document.root(), Reading { now, wanted: None });
            let mut out = Builder::new();
            entry.message.write(&loosely, now, &mut out);
            let Some(first) = read(dialect, entry, body.as_bytes(), now) else {
                refused += 1;
                continue;
            };
            assert_eq!(there_and_back(dialect, entry, &first, now), first, "{file}: {name}: {body}");
            held += 1;
        }
    }
    assert!(held > 300 && refused > 1000, "{held} held, {refused} refused");
}

/// Whether a value came back as what it was; a word may come back deeper where the target knows no other.
fn same(sent: &Value<'_>, back: Option<&Value<'_>>) -> bool {
    match (sent, back) {
        (Value::Text(sent), Some(Value::Text(back))) => word::within(back, sent),
        (sent, Some(back)) => sent == back,
        (_, None) => false,
    }
}

/// What the tables say of a value's fit is what comes of it: for all that is sent in the cases, each way.
#[test]
fn the_fit_tells_what_comes_back() {
    let registry = registry();
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    for (file, case) in cases::all() {
        let source = registry.get(&case.from, None).unwrap();
        let send = case.block("send").unwrap();
        let create = source.operation("request.create").unwrap();
        let routes = create.routes.iter().filter_map(|route| route.send);
        let mut records =
            routes.filter_map(|number| read(source, source.message(number), send.text.as_bytes(), now));
        let Some(record) = records.next_back() else { continue };
        for target in
            registry.all().filter(|target| (target.name == "vaultline") != (case.from == "vaultline"))
        {
            let create = target.operation("request.create").unwrap();
            for to in create.routes.iter().filter_map(|route| route.send).map(|number| target.message(number))
            {
                for (field, value) in record.iter().map(|(field, value, _)| (field, value.clone())) {
                    let fitting = to.message.fit(&record, field);
                    let back = there_and_back(target, to, &only_fitting(&record, field, to), now);
                    let came = back.get(field).filter(|_| back.said(field));
                    let wrote = fitting.wrote.as_deref();
                    let holds = match fitting.fit {
                        Fit::Exact | Fit::Neutral => same(&value, back.get(field)),
                        Fit::Coarser => {
                            wrote.is_some_and(|wrote| same(&Value::Text(wrote.into()), back.get(field)))
                        }
                        Fit::Limited => {
                            wrote.is_none_or(|wrote| came.is_some_and(|came| came.to_string() == wrote))
                        }
                        Fit::Nowhere => came.is_none(),
                    };
                    *seen.entry(fitting.fit.as_str()).or_default() += 1;
                    let name = record.shape().field(field).name;
                    assert!(
                        holds,
                        "{file} → {} {}: {name} = {value:?}: {fitting:?}, {came:?}",
                        target.name, to.message.name
                    );
                }
            }
        }
    }
    for (fit, fewest) in [("exact", 60), ("neutral", 5), ("coarser", 1), ("limited", 1), ("nowhere", 10)] {
        assert!(seen.get(fit).is_some_and(|many| *many >= fewest), "{seen:?}");
    }
}

/// The record without the other fields that don't fit: the exchange takes them out, too.
fn only_fitting(record: &Record<'static>, field: FieldId, to: &MessageEntry) -> Record<'static> {
    let mut out = record.clone();
    for (other, ..) in record.iter() {
        let fitting = to.message.fit(record, other);
        let lost = matches!(fitting.fit, Fit::Limited | Fit::Nowhere) && fitting.wrote.is_none();
        if lost && !(other == field && fitting.fit == Fit::Nowhere) {
            out.remove(other);
        }
    }
    out
}
