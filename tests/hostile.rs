//! Callers and upstreams that mean no good, or don't know better: nobody gets more than the vendor's own server would
//! grant, and everybody is told in words of their own dialect.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use e2e_support::callers::fault;
use e2e_support::{Act, Reply};
use e2e_support::{BEYONDTRUST, CYBERARK, Caller, Config, DIALECTS, Program, SAFEGUARD, Vault, records};
use serde_json::{Value, json};

const UPSTREAMS: [&str; 3] = ["beyondtrust", "cyberark", "safeguard"];

/// The caller's wish with some properties otherwise.
fn wish(caller: &Caller, other: &[(&str, Value)]) -> Value {
    let mut wish = caller.wish();
    for (name, value) in other {
        wish[*name] = value.clone();
    }
    wish
}

fn asked(caller: &Caller, gateway: &Program, body: &str) -> Reply {
    caller.call(gateway.gateway(), "POST", caller.create, Some(body.as_bytes()))
}

/// 15.0 is 15 to JSON Schema, and neither to a .NET server nor to a crosswalk: it is refused where it is said.
#[test]
fn an_integer_with_a_fraction_or_an_exponent_is_none() {
    for upstream in UPSTREAMS {
        let gateway = Program::before(upstream);
        for spelt in ["15.0", "1.5e1", "15e0", "1e400", "-0", "\"15.0\""] {
            let body =
                BEYONDTRUST.wish().to_string().replace("\"SystemID\":15", &format!("\"SystemID\":{spelt}"));
            assert!(body.contains(spelt), "{body}");
            let text = fault(&BEYONDTRUST, &asked(&BEYONDTRUST, &gateway, &body), 400, "");
            // A number beyond all doubles is refused by the reader, which knows the place and not yet the name.
            let named = if spelt == "1e400" { "out of range at line 1, column" } else { "SystemID" };
            assert!(text.contains(named), "{upstream} {spelt}: {text}");
        }
        assert_eq!(records(gateway.at(&format!("sandbox.{upstream}"))), Vec::<Value>::new(), "{upstream}");
    }
}

/// Where one of several properties must be there, the answer names them.
#[test]
fn what_is_missing_is_named_where_one_of_several_would_do() {
    let gateway = Program::before("cyberark");
    let text = fault(&SAFEGUARD, &asked(&SAFEGUARD, &gateway, "{}"), 400, "70000");
    for name in ["AssetId", "SystemId", "AssetName", "SystemName", "ForUserId", "ForUser", "ForUserName"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    let without = wish(&SAFEGUARD, &[("ForUser", Value::Null)]);
    let text = fault(&SAFEGUARD, &asked(&SAFEGUARD, &gateway, &without.to_string()), 400, "70000");
    assert!(text.contains("ForUserName") && !text.contains("AssetId"), "{text}");
}

/// A second spelling of a length is no way around the limits that the first one has.
#[test]
fn no_spelling_of_a_length_is_longer_than_the_server_takes() {
    let gateway = Program::before("cyberark");
    for spelt in ["99:99:99", "31:0:1", "0:24:0", "0:0:60", "32:0:0"] {
        let hours = ("RequestedDurationHours", Value::Null);
        let body = wish(&SAFEGUARD, &[hours, ("RequestedDuration", json!(spelt))]);
        let text = fault(&SAFEGUARD, &asked(&SAFEGUARD, &gateway, &body.to_string()), 400, "70000");
        assert!(text.contains("RequestedDuration"), "{spelt}: {text}");
    }
    assert_eq!(records(gateway.at("sandbox.cyberark")), Vec::<Value>::new());
    let hours = ("RequestedDurationHours", Value::Null);
    let body = wish(&SAFEGUARD, &[hours, ("RequestedDuration", json!("0:23:59"))]);
    assert_eq!(asked(&SAFEGUARD, &gateway, &body.to_string()).status, 201);
}

/// Clients of .NET write a mark of the byte order before their text, and its servers read over it.
#[test]
fn a_byte_order_mark_is_read_over() {
    for caller in DIALECTS {
        let gateway = Program::before("cyberark");
        let reply = asked(caller, &gateway, &format!("\u{feff}{}", caller.wish()));
        assert_eq!(reply.status, 201, "{}: {reply:?}", caller.dialect);
        let reply = asked(caller, &gateway, "\u{feff}\u{feff}{}");
        assert_eq!(reply.status, 400, "{}: {reply:?}", caller.dialect);
    }
}

/// An upstream that has had enough is busy, and not out of its mind: the caller may ask again.
#[test]
fn too_many_requests_at_the_upstream_is_busy() {
    for upstream in UPSTREAMS {
        let vault = Vault::doing(Act::reply(429, "\"slow down\""));
        let config = Config::before(upstream, vault.at);
        let gateway = Program::configured(&config.write());
        for (caller, code) in [(&BEYONDTRUST, ""), (&CYBERARK, "PASWS503E"), (&SAFEGUARD, "50000")] {
            let reply = caller.create(gateway.gateway(), &caller.wish());
            match caller.dialect == upstream {
                // Its own words, in its own dialect.
                true => assert_eq!((reply.status, reply.text()), (429, "\"slow down\"")),
                false => drop(fault(caller, &reply, 503, code)),
            }
        }
    }
}

/// What another vendor's server says is wrong names fields that the caller never heard of: it is in the log.
#[test]
fn an_upstreams_own_words_stay_within_its_dialect() {
    let bodies = [
        ("beyondtrust", r#""The SystemID-field is required.""#),
        ("cyberark", r#"{"ErrorCode":"PASWS167E","ErrorMessage":"SystemID-field is wrong"}"#),
        ("safeguard", r#"{"Code":70000,"Message":"SystemID-field is wrong","InnerError":null}"#),
    ];
    for (upstream, body) in bodies {
        let vault = Vault::doing(Act::reply(400, body));
        let config = Config::before(upstream, vault.at);
        let gateway = Program::configured(&config.write());
        for (caller, code) in [(&BEYONDTRUST, ""), (&CYBERARK, "PASWS167E"), (&SAFEGUARD, "70000")] {
            let reply = caller.create(gateway.gateway(), &caller.wish());
            if caller.dialect == upstream {
                assert_eq!((reply.status, reply.text()), (400, body));
                continue;
            }
            let text = fault(caller, &reply, 400, code);
            assert!(!text.contains("SystemID-field"), "{} at {upstream}: {text}", caller.dialect);
            assert!(text.contains("behind this gateway"), "{} at {upstream}: {text}", caller.dialect);
        }
        assert!(gateway.log().matches("SystemID-field").count() >= 2, "{}", gateway.log());
    }
}

/// A note is for people: it says what the ticket's system is called, not a number of another vendor's server.
#[test]
fn a_note_names_what_the_crosswalk_has_a_name_for() {
    let gateway = Program::before("safeguard");
    let reply = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish());
    assert_eq!(reply.status, 201, "{reply:?}");
    let made = records(gateway.at("sandbox.safeguard"));
    let reason = made[0]["reason"].to_string();
    assert!(reason.contains("Ticket system: ServiceNow."), "{made:?}");
}

/// Whose request it is was judged by the path: a query that names another does not get through.
#[test]
fn a_query_does_not_name_another_request() {
    let vault = Vault::doing(Act::Reply { status: 204, head: String::new(), body: Vec::new() });
    let config = Config::before("beyondtrust", vault.at);
    let gateway = Program::configured(&config.write());
    for path in ["/Requests/124/Checkin", "/Requests/Release/124", "/Requests/124/RotateOnCheckin"] {
        for query in ["?id=125", "?requestId=125&Reason=x", "?"] {
            let reply = BEYONDTRUST.call(gateway.gateway(), "PUT", &format!("{path}{query}"), Some(b"{}"));
            assert_eq!(reply.status, 204, "{reply:?}");
        }
    }
    assert_eq!((vault.count("/124"), vault.count("125")), (9, 0), "{:?}", vault.asked());
    let reply = BEYONDTRUST.call(gateway.gateway(), "GET", "/Requests?status=all&queue=req", None);
    assert!(reply.status >= 200);
    assert_eq!(vault.count("/Requests?status=all&queue=req"), 1);
    // More parameters than are looked at are refused, not forwarded unseen.
    let many: String = (0..70).map(|n| format!("&x{n}=1")).collect();
    let reply = BEYONDTRUST.call(gateway.gateway(), "GET", &format!("/Requests?status=all{many}"), None);
    fault(&BEYONDTRUST, &reply, 400, "");
}

/// A store that can't be read is the operator's business: it is told at the level that is logged by default.
#[test]
fn a_store_that_fails_is_told_to_the_operator() {
    let vault = Vault::doing(Act::Reply { status: 204, head: String::new(), body: Vec::new() });
    let config = Config::before("beyondtrust", vault.at);
    let gateway = Program::configured(&config.write());
    drop(config);
    let reply = BEYONDTRUST.call(gateway.gateway(), "PUT", "/Requests/124/Checkin", Some(b"{}"));
    fault(&BEYONDTRUST, &reply, 503, "");
    let log = gateway.log();
    let told = log.lines().find(|line| line.contains("the store failed")).unwrap_or_else(|| panic!("{log}"));
    assert!(told.contains("WARN"), "{told}");
    assert_eq!(vault.count("Checkin"), 0);
}

/// How the gateway asks is its own doing: that an upstream takes no such method, or found it slow, is not the caller's.
#[test]
fn what_an_upstream_says_of_the_gateways_way_of_asking_is_not_the_callers_fault() {
    for (status, wanted) in [(405, 502), (408, 502)] {
        let vault = Vault::doing(Act::reply(status, "\"no\""));
        let config = Config::before("beyondtrust", vault.at);
        let gateway = Program::configured(&config.write());
        for (caller, code) in [(&CYBERARK, "CAWS00001E"), (&SAFEGUARD, "50000")] {
            fault(caller, &caller.create(gateway.gateway(), &caller.wish()), wanted, code);
        }
        let reply = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish());
        assert_eq!(reply.status, status, "its own dialect's words pass: {reply:?}");
    }
}
