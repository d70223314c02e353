//! Nothing is lost in silence: what the header says of every golden case, what is refused and what never is, and what
//! approvers read.
//!
//! `Pamgate-Loss` is read by a library for structured fields, so that it is one by RFC 9651 and not by our opinion.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)] // Of a case, the golden test uses more.
mod golden_format;
mod scene_support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pamgate::canonical::field::FIELDS;
use pamgate::canonical::{Fault, FieldId, Loss, Record, Shape, Supply, Treatment, Value, word};
use pamgate::crosswalk::{Crosswalk, Kind, known_parts};
use pamgate::diagnostic::Source;
use pamgate::dialect::Registry;
use pamgate::exchange::matrix::Meets;
use pamgate::exchange::{Came, Pair, Policy, Prepared, Principal, Side, told};
use scene_support::{Scene, cases, files};
use sfv::{BareItem, List, ListEntry, Parser};

fn registry() -> Registry {
    Registry::load(&files()).unwrap()
}

/// An item of the header: the field, and its parameters.
type Item = (String, Vec<(String, String)>);

/// The header's value as RFC 9651 reads it: a list of tokens, whose parameters are tokens or true.
fn parsed(header: &str) -> Vec<Item> {
    let list: List = Parser::new(header).parse().unwrap_or_else(|why| panic!("{header}: {why}"));
    let token = |bare: &BareItem| match bare {
        BareItem::Token(token) => token.as_str().to_owned(),
        BareItem::Boolean(true) => "?1".to_owned(),
        other => panic!("{header}: {other:?} is no token"),
    };
    let item = |entry: &ListEntry| match entry {
        ListEntry::Item(item) => {
            let parameters = item.params.iter().map(|(key, value)| (key.as_str().to_owned(), token(value)));
            (token(&item.bare_item), parameters.collect())
        }
        ListEntry::InnerList(list) => panic!("{header}: {list:?} is no item"),
    };
    list.iter().map(item).collect()
}

fn expected(losses: &[Loss], supplies: &[Supply]) -> Vec<Item> {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let losses = losses.iter().map(|loss| {
        let parameters = vec![pair("fit", loss.fit.as_str()), pair("treatment", loss.treatment.as_str())];
        (loss.field.to_owned(), parameters)
    });
    let supplies = supplies.iter().map(|one| (one.field.to_owned(), vec![pair("supplied", "?1")]));
    losses.chain(supplies).collect()
}

#[test]
fn the_header_says_all_that_was_lost_or_supplied_and_nothing_else() {
    let registry = registry();
    let (mut told_of, mut silent, mut refused) = (0, 0, 0);
    for (name, case) in cases() {
        match Scene::of(&case, &registry).ask() {
            Some(Ok(prepared)) => {
                let expected = expected(&prepared.losses, &prepared.supplies);
                let header = prepared.told();
                assert_eq!(header.is_none(), expected.is_empty(), "{name}");
                assert_eq!(header.as_deref().map(parsed).unwrap_or_default(), expected, "{name}");
                if expected.is_empty() { silent += 1 } else { told_of += 1 }
            }
            // What policy refuses is told, too.
            Some(Err(fault)) if !fault.losses.is_empty() => {
                let header = told::told(&fault.losses, &[]).unwrap();
                let fields: Vec<String> = parsed(&header).into_iter().map(|(field, _)| field).collect();
                assert!(fault.losses.iter().all(|loss| loss.treatment == Treatment::Refuse), "{name}");
                assert!(fields.iter().all(|field| fault.text.contains(field)), "{name}: {header}: {fault:?}");
                refused += 1;
            }
            _ => {}
        }
    }
    assert!(told_of > 30 && silent > 10 && refused > 5, "{told_of} {silent} {refused}");
}

#[test]
fn no_value_gets_into_the_header_whatever_it_is() {
    let registry = registry();
    let long = "x".repeat(900);
    let mut seen = 0;
    for hostile in
        ["\"", "\\", "a, b;c=\"d\"", "\r\nX-Evil: 1", "Zürich 東京", "\u{7f}\u{0}", ";fit=exact", &long]
    {
        for (name, case) in cases().into_iter().filter(|(name, _)| name.contains("page-example")) {
            let mut scene = Scene::of(&case, &registry);
            scene.body = with_everywhere(&scene.body, hostile);
            let Some(Ok(prepared)) = scene.ask() else { continue };
            let Some(header) = prepared.told() else { continue };
            assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {header:?}");
            assert_eq!(parsed(&header), expected(&prepared.losses, &prepared.supplies), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

/// The same body, its ticket and its reason with something more at their ends.
fn with_everywhere(body: &[u8], more: &str) -> Vec<u8> {
    fn walk(json: &mut serde_json::Value, name: &str, more: &str) {
        match json {
            serde_json::Value::Object(members) => {
                members.iter_mut().for_each(|(name, value)| walk(value, name, more))
            }
            serde_json::Value::String(text)
                if ["ticket", "reason", "value"].iter().any(|one| name.to_lowercase().contains(one)) =>
            {
                text.push_str(more);
            }
            _ => {}
        }
    }
    let mut json: serde_json::Value = serde_json::from_slice(body).unwrap();
    walk(&mut json, "", more);
    serde_json::to_vec(&json).unwrap()
}

/// What decides who gets access to what, when, how long, how often and how.
const DECIDES: &[&str] = &[
    "requester.id",
    "requester.name",
    "requester.provider",
    "target.system",
    "target.account.id",
    "target.account.name",
    "target.account.domain",
    "target.account.asset",
    "target.alias",
    "target.application",
    "access",
    "window",
    "multiple_use",
    "schedule",
];

#[test]
fn nothing_that_decides_who_what_when_how_long_or_how_often_is_dropped_by_default() {
    let (registry, policy) = (registry(), Policy::default());
    let decides = |name: &str| DECIDES.iter().any(|of| word::within(name, of));
    for (at, field) in FIELDS.iter().enumerate().filter(|(_, field)| decides(field.name)) {
        assert_ne!(policy.treatment(FieldId(at as u8)), Treatment::Drop, "{}", field.name);
    }
    // Nor anywhere between two dialects, by their tables.
    let mut cells = 0;
    for caller in registry.all() {
        for upstream in registry.all() {
            let side = |dialect: &std::sync::Arc<pamgate::dialect::Dialect>, space: &str| Side {
                dialect: dialect.clone(),
                space: space.into(),
            };
            let pair = Pair::new(side(caller, "a"), side(upstream, "b"));
            let matrix = pair.losses("request.create", &policy).unwrap();
            for cell in matrix.asks.iter().flat_map(|asks| &asks.cells).filter(|cell| decides(cell.field)) {
                cells += 1;
                let dropped = matches!(cell.meets, Meets::Fits { treatment: Some(Treatment::Drop), .. });
                assert!(!dropped, "{} → {}: {cell:?}", caller.label(), upstream.label());
            }
        }
    }
    assert!(cells > 100, "{cells}");
}

/// Cases whose bodies the vendors' own clients send, by the first part of their names (tests/golden/README.md).
const CLIENTS: &[&str] =
    &["bips", "btgo", "btcs", "xsoar", "pspas", "sgbash", "sgjava", "sgjs", "sgnet", "sgps", "page"];

/// What each reference that was said is at a side that has every part of every kind.
fn crosswalk(said: &Record<'_>) -> Crosswalk {
    let prefixes = [
        (Kind::Target, "target."),
        (Kind::User, "requester."),
        (Kind::TicketSystem, "ticket.system."),
        (Kind::ReasonCode, "reason.code."),
        (Kind::Schedule, "schedule."),
    ];
    let mut lines = String::new();
    for (kind, prefix) in prefixes {
        let parts = said.iter().filter_map(|(field, value, _)| match value {
            Value::Text(text) => {
                let part = Shape::Access.field(field).name.strip_prefix(prefix)?;
                known_parts(kind)
                    .contains(&part)
                    .then(|| (part.to_owned(), serde_json::Value::from(text.as_ref())))
            }
            _ => None,
        });
        let here: serde_json::Map<String, serde_json::Value> = parts.collect();
        if here.is_empty() {
            continue;
        }
        let there = match kind {
            Kind::Target => serde_json::json!({
                "system.id": "21", "system.name": "db07", "account.id": "305", "account.name": "root",
                "application.id": "4", "alias.id": "9",
            }),
            Kind::User => serde_json::json!({ "id": "5", "name": "jdoe" }),
            _ => serde_json::json!({ "id": "7", "name": "ServiceNow" }),
        };
        let line = serde_json::json!({ "kind": kind.name(), "here": here, "there": there });
        let _ = writeln!(lines, "{line}");
    }
    Crosswalk::from_jsonl(&Source::new("crosswalk", lines)).unwrap()
}

#[test]
fn what_the_vendors_own_clients_send_is_refused_nowhere_by_default() {
    let registry = registry();
    let (mut wrong, mut sent, mut clients) = (String::new(), 0, BTreeSet::new());
    for (name, case) in cases() {
        let stem = name.rsplit('/').next().unwrap();
        let Some(client) = CLIENTS.iter().find(|client| stem.starts_with(*client)) else { continue };
        // (The fourth vendor has no word for most kinds of access, and a request for one is refused as it should be.)
        for upstream in registry.all().filter(|upstream| upstream.name != "vaultline") {
            let mut scene = Scene::of(&case, &registry);
            scene.policy = Policy::default();
            scene.crosswalk = Crosswalk::empty();
            let side = |dialect: &std::sync::Arc<pamgate::dialect::Dialect>, space: &str| Side {
                dialect: dialect.clone(),
                space: space.into(),
            };
            scene.pair = std::sync::Arc::new(Pair::new(side(&scene.caller, "here"), side(upstream, "there")));
            scene.crosswalk = crosswalk(&scene.said().unwrap_or_else(|| panic!("{name} can't be read")));
            scene.principal = Principal { name: "jdoe".into(), as_user: Some("jdoe".into()) };
            let asked: Result<Prepared, Fault> = scene.ask().unwrap();
            match asked {
                Ok(_) => sent += 1,
                Err(fault) => {
                    let _ = writeln!(
                        wrong,
                        "{name} → {}: {} {} {:?}",
                        upstream.label(),
                        fault.word,
                        fault.text,
                        fault.cause
                    );
                }
            }
        }
        clients.insert(client);
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(sent > 90 && clients.len() > 8, "{sent} {clients:?}");
}

#[test]
fn a_note_is_a_plain_sentence_that_fits_and_is_never_read_back() {
    let registry = registry();
    let (mut notes, mut replies) = (0, 0);
    for (name, case) in cases() {
        let scene = Scene::of(&case, &registry);
        let Some(Ok(prepared)) = scene.ask() else { continue };
        let noted: Vec<&Loss> = prepared
            .losses
            .iter()
            .filter(|loss| loss.treatment == Treatment::Note && loss.wrote.is_none())
            .collect();
        if noted.is_empty() {
            continue;
        }
        notes += 1;
        let asked: serde_json::Value = serde_json::from_str(&prepared.canonical).unwrap();
        let own = asked["reason.text"].as_str().unwrap_or_default();
        let upstream = &scene.pair.upstream.dialect;
        let body = prepared.call.body.as_deref().unwrap();
        let sent = reason(&registry, &case.to, body);
        let note = sent.strip_prefix(own).unwrap_or_else(|| panic!("{name}: {sent} lost the caller's words"));
        // Sentences: a capital first, a full stop last, no brackets, and no word of ours.
        assert!(note.trim().starts_with(char::is_uppercase) && note.ends_with('.'), "{name}: {note}");
        assert!(!note.contains(['<', '>']) && !note.contains(char::is_control), "{name}: {note}");
        let ours = FIELDS.iter().filter(|field| field.name.contains(['_', '.']));
        for field in ours.map(|field| field.name).chain(["true", "false", "nowhere"]) {
            assert!(!note.split([' ', ':', ',']).any(|word| word == field), "{name}: {field} in {note}");
        }
        let operation = upstream.operation(prepared.operation()).unwrap();
        let limit =
            operation.routes.iter().filter_map(|route| route.send).find_map(|number| {
                match upstream.message(number).message.carries(pamgate::canonical::field::known::REASON)? {
                    pamgate::mapping::Carry::Plain { limits, .. } => limits.length_max,
                    _ => None,
                }
            });
        assert!(limit.is_none_or(|most| sent.chars().count() as u64 <= most), "{name}");
        // On the way back the caller reads its own words, whatever the upstream says the reason is.
        let Some(answer) = case.block("answer") else { continue };
        let came = Came { status: answer.status().unwrap(), body: answer.text.as_bytes() };
        let Ok(answered) = prepared.answer(came, None, 7, scene.context()) else { continue };
        let body = String::from_utf8(answered.body.unwrap_or_default()).unwrap();
        assert!(!body.contains(note.trim()), "{name}: {note} came back in {body}");
        replies += 1;
    }
    assert!(notes > 5 && replies > 2, "{notes} {replies}");
}

#[test]
fn a_note_of_a_hostile_value_is_plain_all_the_same() {
    let registry = registry();
    let mut notes = 0;
    for (name, case) in cases() {
        let mut scene = Scene::of(&case, &registry);
        if serde_json::from_slice::<serde_json::Value>(&scene.body).is_err() {
            continue;
        }
        scene.body = with_everywhere(&scene.body, "<b>\t\u{7}x</b>");
        let Some(Ok(prepared)) = scene.ask() else { continue };
        let noted = |loss: &&Loss| loss.treatment == Treatment::Note && loss.value.contains('<');
        if scene.pair.unchanged || prepared.losses.iter().find(noted).is_none() {
            continue;
        }
        let asked: serde_json::Value = serde_json::from_str(&prepared.canonical).unwrap();
        let own = asked["reason.text"].as_str().unwrap_or_default();
        let sent = reason(&registry, &case.to, prepared.call.body.as_deref().unwrap());
        let note = sent.strip_prefix(own).unwrap_or_else(|| panic!("{name}: {sent} lost the caller's words"));
        assert!(note.contains('x') && !note.contains(['<', '>']), "{name}: {note}");
        assert!(!note.contains(char::is_control), "{name}: {note}");
        notes += 1;
    }
    assert!(notes > 2, "{notes}");
}

/// What a request of a dialect says as its reason.
fn reason(registry: &Registry, dialect: &str, body: &[u8]) -> String {
    let dialect = registry.get(dialect, None).unwrap();
    let operation = dialect.operation("request.create").unwrap();
    let entry = dialect.message(operation.routes.iter().find_map(|route| route.send).unwrap());
    let document = entry.parse(body, dialect.json(Default::default())).unwrap();
    let how = pamgate::mapping::Reading { now: jiff::Timestamp::UNIX_EPOCH, wanted: None };
    let (record, _) = entry.message.read_what_can_be(document.root(), how);
    record.text(pamgate::canonical::field::known::REASON).unwrap_or_default().to_owned()
}
