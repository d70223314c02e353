//! What the checker says of a dialect's file around its messages. (Single slips are planted: tests/planted.)
use serde_json::json;

use crate::canonical::Fault;
use crate::diagnostic::Source;

use super::{Files, Registry};

const TABLE: &str = r#"
[dialect]
title = "Doorman"
base = ["/api"]
any_case = ["paths", "names", "values"]
null = "absent"
integers = "also-as-text"
session = ["requester"]
fault = ["error"]

[caller]
header = "X-Key"

[upstream]
over = [401]
sign_out = "POST /out"
headers.X-Token = ["{token}"]

[upstream.sign_in]
at = "POST /in"
ok = [200]
keep = "token"

[mint]
"request.id" = { as = "D-{target.safe}-{number}", otherwise = "D-{hex}", from = 10 }

[find]
system = { by = ["name"] }
reason_code = { by = ["name"], else = "none" }

[faults]
invalid = "400"
too-large = "413"
too-slow = "408"
not-authenticated = "401"
not-permitted = "403"
not-found = "404"
"not-found.target" = "404 E4"
not-served = "404"
wrong-method = "405"
conflict = "409"
wrong-state = "409"
busy = "503"
internal = "500"
upstream = "502"

[operation."request.list"]
routes = [{ at = "GET /requests" }]
query = "which"
reply = { listed = "200 ask" }

[operation."request.create"]
routes = [{ at = "POST /accounts/{target.account.id}/requests", send = "ask" }]
reply = { created = "201 ask" }
again = { by = "request.list", say = { "filter.status" = "all" }, match = "request.id" }

[operation."request.get"]
routes = [{ at = "GET /requests/{request.id}" }]
reply = { done = "200 ask" }

[message.ask.rows]
Id = "request.id"
Why = "reason.text"
State = { is = "status", values = { pending = "open", ended = "closed" } }

[message.which.rows]
stage = { is = "filter.status", values = { all = "all", pending = "open" } }

[message.error.rows]
code = "fault.code"
text = "fault.text"

[variant.old.message.ask.rows]
Id = { is = "request.id", also = ["Number"] }

[variant.old.message.ask]
ignores = []

[message.ask]
ignores = ["Number"]
"#;

const ASK: &str = r#"{ "type": "object", "properties": {
    "Id": { "type": "string" }, "Number": { "type": "string" }, "Why": { "type": "string" },
    "State": { "type": "string" } } }"#;

const WHICH: &str = r#"{ "type": "object", "properties": { "stage": { "type": "string" } } }"#;

const ERROR: &str =
    r#"{ "type": "object", "properties": { "code": { "type": "string" }, "text": { "type": "string" } } }"#;

/// What is said of a table, a line each; nothing where it is right.
fn checked(table: &str, schemas: &[(&str, &str)]) -> String {
    let mut files = Files::default();
    files.mappings.insert("door".into(), Source::new("door.toml", table));
    for (name, text) in [("ask", ASK), ("which", WHICH), ("error", ERROR)].iter().chain(schemas) {
        let source = Source::new(format!("door/{name}.json"), *text);
        files.schemas.insert(("door".into(), (*name).into()), source);
    }
    match Registry::load(&files) {
        Ok(_) => String::new(),
        Err(wrong) => wrong.to_string().trim_end().to_owned(),
    }
}

#[test]
fn the_table_itself_is_right() {
    assert_eq!(checked(TABLE, &[]), "");
}

#[test]
fn a_schema_that_no_message_uses_is_told() {
    let told = checked(TABLE, &[("aks", "{}")]);
    let expected = "schema-idle at door/aks.json:1:1: no message uses the schema `aks`\n\
                    help: name its message in an operation, or take it out";
    assert_eq!(told, expected, "once, not once a variant");
    let idle = format!("{TABLE}[message.aks.rows]\n");
    assert!(
        checked(&idle, &[("aks", "{}")]).starts_with("message-idle"),
        "the message is told, not its schema, too"
    );
}

#[test]
fn an_embedded_schema_may_be_left_over_by_a_table_of_ones_own() {
    let mut files = Files::built_in();
    let (name, table) = files.mappings.pop_first().expect("there are embedded tables");
    let own = "[dialect]\nbase = [\"/x\"]\n";
    files.mappings.insert(name, Source::new(table.name.clone(), own));
    if let Err(wrong) = Registry::load(&files) {
        panic!("{wrong}");
    }
}

#[test]
fn a_dialect_that_answers_must_say_how_it_refuses() {
    let (before, rest) = TABLE.split_once("[faults]").expect("the table has faults");
    let (_, after) = rest.split_once("[operation.\"request.list\"]").expect("and then operations");
    let none = format!("{before}[operation.\"request.list\"]{after}");
    let told = checked(&none, &[]);
    assert!(
        told.starts_with(
            "fault-not-bound at door.toml:2:1: nothing in `[faults]` binds `invalid`, `too-large`"
        ),
        "{told}"
    );
    let silent: String = none
        .lines()
        .filter(|line| !line.starts_with("reply") && !line.starts_with("again"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(checked(&silent, &[]), "", "a beginning, which answers nobody, needs none");
}

/// A schema may refer to itself, and to one part from many places: neither takes for ever, nor any depth of the stack.
#[test]
fn a_schema_that_comes_back_to_itself_ends() {
    let back = r##"{ "$ref": "#" }"##;
    let many = [back; 6].join(", ");
    let open = ASK.trim_end().strip_suffix('}').expect("an object");
    for more in [
        format!(r#""anyOf": [{many}]"#),
        r##""$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } }, "allOf": [{ "$ref": "#/$defs/a" }]"##
            .to_owned(),
    ] {
        let told = checked(TABLE, &[("ask", &format!("{open}, {more} }}"))]);
        assert!(told.starts_with("schema-endless at door/ask.json:"), "{told}");
    }
    let inside: String =
        ["Up", "Down", "Left", "Right"].map(|name| format!(r#", "{name}": {back}"#)).concat();
    let schema = ASK.replacen(
        r#""Why": { "type": "string" }"#,
        &format!(r#""Why": {{ "type": "string" }}{inside}"#),
        1,
    );
    let told = checked(TABLE, &[("ask", &schema)]);
    assert!(told.contains("`Up`, which stands in no entry"), "{told}");
}

/// The address tells which dialect a call speaks.
#[test]
fn two_dialects_have_two_bases() {
    let mut files = Files::default();
    for name in ["door", "gate"] {
        files.mappings.insert(name.into(), Source::new(format!("{name}.toml"), TABLE));
        for (message, text) in [("ask", ASK), ("which", WHICH), ("error", ERROR)] {
            files.schemas.insert((name.into(), message.into()), Source::new(message, text));
        }
    }
    let told = Registry::load(&files).expect_err("one of them is never heard").to_string();
    assert!(
        told.starts_with("bases-clash at gate.toml:4:9: `/api` is the base of the dialect `door`, too"),
        "{told}"
    );
    files
        .mappings
        .insert("gate".into(), Source::new("gate.toml", TABLE.replace("[\"/api\"]", "[\"/api/gate\"]")));
    assert!(Registry::load(&files).is_ok(), "one below the other is heard first");
}

/// A fault of several statuses is written with the first of them and read from each; its body may have a media type of
/// its own, and show the status and what kind it is.
#[test]
fn a_fault_may_have_several_statuses_and_its_body_a_type() {
    let table = TABLE
        .replace("not-authenticated = \"401\"", "not-authenticated = { is = [\"401 E1\", \"419 E2\"], text = \"Who?\" }")
        .replace("fault = [\"error\"]", "fault = [\"error\"]\nfault_type = \"application/problem+json\"")
        .replace(
            "text = \"fault.text\"",
            "text = \"fault.text\"\nstatus = \"fault.status\"\n\
             title = { says = \"fault.kind\", values = { not-authenticated = \"Stranger\", not-found = \"Nowhere\" } }",
        );
    let error = r#"{ "type": "object", "properties": { "text": { "type": "string" }, "code": { "type": "string" },
        "status": { "type": "integer" }, "title": { "type": "string" } } }"#;
    let mut files = Files::default();
    files.mappings.insert("door".into(), Source::new("door.toml", table));
    for (name, text) in [("ask", ASK), ("which", WHICH), ("error", error)] {
        files.schemas.insert(("door".into(), name.into()), Source::new(format!("door/{name}.json"), text));
    }
    let registry = Registry::load(&files).unwrap_or_else(|wrong| panic!("{wrong}"));
    let door = registry.get("door", None).expect("it is there");
    assert_eq!(
        door.fault_type.as_ref().map(|value| value.as_bytes()),
        Some(&b"application/problem+json"[..])
    );
    let written = |word| {
        let (status, body) = door.write_fault(None, &Fault::new(word, ""));
        (status, serde_json::from_slice::<serde_json::Value>(&body).expect("JSON"))
    };
    let stranger = json!({ "text": "Who?", "code": "E1", "status": 401, "title": "Stranger" });
    assert_eq!(written("not-authenticated"), (401, stranger));
    // The word above has a title.
    let nowhere = json!({ "text": "The user is not known.", "status": 404, "title": "Nowhere" });
    assert_eq!(written("not-found.user"), (404, nowhere));
    assert_eq!(written("busy").1.get("title"), None, "no title for it");
    let create = door.operation("request.create").expect("it is bound");
    for (status, body) in [(401, r#"{ "code": "E1" }"#), (419, r#"{ "code": "E2" }"#), (419, "")] {
        assert_eq!(
            door.read_fault(create, status, body.as_bytes()).word,
            "upstream.sign-in",
            "{status} {body}"
        );
    }
}

#[test]
fn a_path_means_the_same_whichever_of_its_characters_are_encoded() {
    let registry = Registry::load(&Files::built_in()).unwrap();
    for (name, path, known) in [
        ("beyondtrust", "/BeyondTrust/api/public/v3/Requests", true),
        ("beyondtrust", "/%42eyondTrust/%61pi/public/v3/Requests", true),
        ("beyondtrust", "/BeyondTrust/api/public/v3/%52equests", true),
        ("cyberark", "/PasswordVault/API/My%52equests", true),
        ("safeguard", "/service/a2%61/v4/AccessRequests", true),
        // An encoded slash parts nothing, and what is encoded twice is something else.
        ("beyondtrust", "/BeyondTrust%2Fapi/public/v3/Requests", false),
        ("beyondtrust", "/%2542eyondTrust/api/public/v3/Requests", false),
    ] {
        let found = registry.get(name, None).unwrap().recognise("POST", path);
        assert_eq!(found.is_ok(), known, "{path}");
    }
}
