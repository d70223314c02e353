//! What a schema requires inside of an object that it requires is supplied, and foretold so.
use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::crosswalk::Crosswalk;
use crate::diagnostic::Source;
use crate::dialect::{Files, Registry};
use crate::json::Limits;

use super::super::matrix::Meets;
use super::super::{Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};

const TABLE: &str = r#"
[dialect]
base = ["/door"]

[operation."request.create"]
routes = [{ at = "POST /access", send = "ask" }]

[message.ask]
always = { multiple_use = false }

[message.ask.rows]
account = "target.account.id"
"#;

/// The built-in dialects, and one whose request has a place of a length in an object.
fn registry(row: &str) -> Registry {
    let mut files = Files::built_in();
    let schema = json!({
        "type": "object",
        "properties": {
            "account": { "type": "string" },
            "term": { "type": "object", "properties": { "it": { "type": "integer" } }, "required": ["it"] },
        },
        "required": ["account", "term"],
    });
    let table = format!("{TABLE}\"term/it\" = {row}\n");
    files.mappings.insert("door".into(), Source::new("door.toml", table));
    let key = ("door".to_owned(), "ask".to_owned());
    files.schemas.insert(key, Source::new("door/ask.json", schema.to_string()));
    Registry::load(&files).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)))
}

/// Between two dialects that mean the same by their ids.
fn pair(registry: &Registry, from: &str, to: &str) -> Arc<Pair> {
    let side = |name: &str| Side {
        dialect: registry.get(name, None).expect("a dialect").clone(),
        space: "same".into(),
    };
    Arc::new(Pair::new(side(from), side(to)))
}

fn asked(pair: Arc<Pair>, path: &str, sent: &Json) -> Prepared {
    let caller = pair.caller.dialect.clone();
    let recognised = caller.recognise("POST", path).expect("a path of the dialect");
    let sent = sent.to_string();
    let incoming = Incoming { recognised: &recognised, path, query: None, body: sent.as_bytes() };
    let (crosswalk, policy, principal) = (Crosswalk::empty(), Policy::default(), Principal::default());
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let context = Context { crosswalk: &crosswalk, now, limits: Limits::default() };
    ask(&incoming, context, |_| Ok(Chosen { pair, policy: &policy, principal: Cow::Owned(principal) }))
        .unwrap_or_else(|refused| panic!("{refused:?}"))
}

/// Whether a length is foretold to be added.
fn supplies(pair: &Pair) -> bool {
    let matrix = pair.losses("request.create", &Policy::default()).expect("both create");
    let mut cells = matrix.asks.iter().flat_map(|asks| &asks.cells);
    cells.any(|cell| cell.field == "window.length" && matches!(cell.meets, Meets::Supplied(_)))
}

#[test]
fn what_is_required_inside_of_what_is_required_is_supplied() {
    for (row, written) in [
        (r#"{ is = "window.length", unit = "minutes" }"#, 60),
        (r#"{ sum = ["window.start", "window.length"], time = "unix", since = "now" }"#, 1_767_607_200),
    ] {
        let registry = registry(row);
        let to = pair(&registry, "cyberark", "door");
        assert!(supplies(&to), "{row}");
        let prepared = asked(to, "/PasswordVault/API/MyRequests", &json!({ "accountId": "12_3" }));
        let body: Json =
            serde_json::from_slice(prepared.call.body.as_deref().expect("a body")).expect("JSON");
        assert_eq!(body, json!({ "account": "12_3", "term": { "it": written } }), "{row}");
        let added: Vec<&str> = prepared.supplies.iter().map(|supply| supply.field).collect();
        assert_eq!(added, ["window.length"], "{row}");
    }
}

#[test]
fn what_a_caller_can_t_leave_out_is_not_foretold_to_be_added() {
    let registry = registry(r#"{ is = "window.length", unit = "minutes" }"#);
    assert!(!supplies(&pair(&registry, "door", "beyondtrust")));
    assert!(supplies(&pair(&registry, "cyberark", "beyondtrust")));
}
