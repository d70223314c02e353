//! Every ordered pair of dialects, through the real program: what is asked here is what arrives there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use e2e_support::{Caller, DIALECTS, Program, Reply, only_record, records, reset};
use serde_json::{Value, json};

/// Within a few seconds' way: the window is cut to the target's unit, and time passes on the way.
fn about(said: &Value, wanted: i64) -> bool {
    said.as_i64().is_some_and(|said| (wanted - 60..=wanted).contains(&said))
}

/// What a wish means at an upstream's sandbox: who, what, when, how long, why, ticket.
fn holds(upstream: &str, caller: &Caller, record: &Value) {
    let told = format!("{} to {upstream}: {record:#}", caller.dialect);
    let (requester, account) = match upstream {
        "beyondtrust" => ("CORP\\jdoe", json!({ "id": "1040", "name": "deploy" })),
        "cyberark" => ("john.doe", json!({ "id": "13_1", "name": "deploy" })),
        _ => ("jdoe", json!({ "id": "5520", "name": "deploy" })),
    };
    assert_eq!(record["requester"], requester, "{told}");
    assert_eq!(record["account"], account, "{told}");
    assert_eq!(record["kind"], "credential", "{told}");
    assert_eq!(record["starts"], Value::Null, "at once: {told}");
    assert!(about(&record["length_seconds"], 7200), "{told}");
    assert_eq!(record["ticket"]["number"], "CHG-4711", "{told}");
    assert_eq!(record["state"], "approved", "{told}");
    let reason = record["reason"].as_str().unwrap();
    assert!(reason.starts_with("release 42"), "{told}");
    // Safeguard has no ticket systems, and a Safeguard caller names none; BeyondTrust's needs an id that a
    // CyberArk caller's name doesn't give.
    if caller.dialect != "safeguard"
        && upstream != "safeguard"
        && (caller.dialect, upstream) != ("cyberark", "beyondtrust")
    {
        assert_eq!(record["ticket"]["system_name"], "ServiceNow", "{told}");
        assert_eq!(reason, "release 42", "{told}");
    }
    if upstream == "cyberark" {
        assert_eq!(record["multiple_use"], true, "{told}");
    }
    if upstream == "beyondtrust" {
        assert_eq!(record["rotate_on_check_in"], caller.dialect != "beyondtrust", "{told}");
        assert_eq!(record["on_conflict"], "refuse", "{told}");
    }
}

/// What the caller reads is what its own vendor would have written.
fn reads(caller: &Caller, upstream: &str, reply: &Reply, record: &Value) {
    let told = format!("{} to {upstream}: {reply:?}", caller.dialect);
    assert_eq!(reply.status, 201, "{told}");
    assert!(reply.header("content-type").unwrap().starts_with("application/json"), "{told}");
    let id = reply.header("pamgate-request-id").expect("a number to ask the operator about");
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{told}");
    let body = reply.json();
    let id = match caller.dialect {
        "beyondtrust" => {
            assert!(body.is_u64(), "a bare integer: {told}");
            assert!(i32::try_from(body.as_u64().unwrap()).is_ok(), "{told}");
            body.to_string()
        }
        "cyberark" => {
            assert_eq!(body["RequestorUserName"], caller.name, "{told}");
            assert_eq!(body["AccountDetails"]["AccountID"], "13_1", "{told}");
            assert_eq!(body["UserReason"], "release 42", "{told}");
            assert_eq!(body["Status"], 2, "{told}");
            assert_eq!(body["StatusTitle"], "Confirmed", "{told}");
            assert_eq!(body["AccessType"], "Multiple Access", "{told}");
            assert_eq!(body["TicketingSystemProperties"]["Number"], "CHG-4711", "{told}");
            let id = body["RequestID"].as_str().unwrap();
            assert!(id.starts_with("Web Servers_"), "{told}");
            id.to_owned()
        }
        _ => {
            assert_eq!(body["RequesterUsername"], caller.name, "{told}");
            assert_eq!((&body["AssetId"], &body["AccountId"]), (&json!(2108), &json!(5520)), "{told}");
            assert_eq!(body["AccessRequestType"], "Password", "{told}");
            assert_eq!(body["ReasonComment"], "release 42", "{told}");
            assert_eq!(body["State"], "RequestAvailable", "{told}");
            assert_eq!(body["TicketNumber"], "CHG-4711", "{told}");
            assert_eq!(body["DurationInMinutes"], 120, "{told}");
            body["Id"].as_str().unwrap().to_owned()
        }
    };
    let theirs = record["id"].as_str().unwrap();
    assert_eq!(id == theirs, caller.dialect == upstream, "ids pass unchanged in one dialect only: {told}");
}

/// What the header tells of losses and supplies, by field.
fn told(reply: &Reply) -> Vec<String> {
    let header = reply.header("pamgate-loss").unwrap_or_default();
    let items = header.split(", ").filter(|item| !item.is_empty());
    let mut fields: Vec<String> = items.map(|item| item.split(';').next().unwrap().to_owned()).collect();
    fields.sort();
    fields
}

fn pairs_with(upstream: &str, losses: [&[&str]; 3]) {
    let program = Program::before(upstream);
    let sandbox = program.at(&format!("sandbox.{upstream}"));
    for (caller, losses) in DIALECTS.into_iter().zip(losses) {
        let reply = caller.create(program.gateway(), &caller.wish());
        assert_eq!(reply.status, 201, "{} to {upstream}: {reply:?}", caller.dialect);
        let record = only_record(sandbox);
        holds(upstream, caller, &record);
        reads(caller, upstream, &reply, &record);
        assert_eq!(told(&reply), losses, "{} to {upstream}: {reply:?}", caller.dialect);
        reset(sandbox);
    }
}

#[test]
fn beyondtrust_gets_what_each_dialect_asks() {
    pairs_with("beyondtrust", [&[], &[], &["access.kind"]]);
}

#[test]
fn cyberark_gets_what_each_dialect_asks() {
    pairs_with("cyberark", [&["rotate_on_check_in"], &[], &["access.kind"]]);
}

#[test]
fn safeguard_gets_what_each_dialect_asks() {
    let from_beyondtrust = ["requester.name", "rotate_on_check_in", "ticket.system.id"];
    pairs_with("safeguard", [&from_beyondtrust, &["requester.name", "ticket.system.name"], &[]]);
}

/// An SSH session as root on db07, which waits for an approver.
fn session(caller: &Caller) -> Value {
    match caller.dialect {
        "beyondtrust" => json!({
            "SystemID": 14, "AccountID": 1033, "DurationMinutes": 30, "Reason": "look", "AccessType": "ssh",
        }),
        "cyberark" => json!({
            "accountId": "12_4", "reason": "look", "UseConnect": true, "ConnectionComponent": "PSM-SSH",
            "MultipleAccessRequired": true,
        }),
        _ => json!({
            "ForUser": "jdoe", "SystemName": "DB-07", "AccountName": "root", "AccessType": "SSH",
            "RequestedDurationMinutes": 30, "ReasonComment": "look",
        }),
    }
}

#[test]
fn a_session_that_waits_is_a_session_that_waits_everywhere() {
    for upstream in ["beyondtrust", "cyberark", "safeguard"] {
        let program = Program::before(upstream);
        let sandbox = program.at(&format!("sandbox.{upstream}"));
        for caller in DIALECTS {
            let told = format!("{} to {upstream}", caller.dialect);
            let reply = caller.create(program.gateway(), &session(caller));
            assert_eq!(reply.status, 201, "{told}: {reply:?}");
            let record = only_record(sandbox);
            assert_eq!(
                (&record["kind"], &record["state"]),
                (&json!("ssh"), &json!("pending")),
                "{told}: {record}"
            );
            assert_eq!(record["account"]["name"], "root", "{told}: {record}");
            if caller.dialect != "cyberark" {
                assert!(about(&record["length_seconds"], 1800), "{told}: {record}");
            }
            let body = reply.json();
            match caller.dialect {
                "beyondtrust" => assert!(body.is_u64(), "{told}: {body}"),
                "cyberark" => assert_eq!(
                    (&body["Status"], &body["StatusTitle"]),
                    (&json!(1), &json!("Waiting")),
                    "{told}"
                ),
                _ => {
                    assert_eq!(body["State"], "PendingApproval", "{told}");
                    assert_eq!(body["AccessRequestType"], "Ssh", "{told}");
                }
            }
            reset(sandbox);
        }
    }
}

/// A start tomorrow arrives where there is a place for it; where there is none, it is refused, and never at once.
#[test]
fn tomorrow_is_never_today() {
    let tomorrow: i64 = 86_400 + {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        i64::try_from(since.as_secs()).unwrap()
    };
    let starts = jiff::Timestamp::from_second(tomorrow).unwrap();
    let wishes = [
        (
            DIALECTS[1],
            json!({ "accountId": "13_1", "MultipleAccessRequired": true, "FromDate": tomorrow, "ToDate": tomorrow + 3600 }),
            ("PASWS167E", "FromDate"),
        ),
        (
            DIALECTS[2],
            json!({
                "ForUser": "jdoe", "AssetId": 2108, "AccountId": 5520, "AccessRequestType": "Password",
                "RequestedDurationHours": 1, "RequestedFor": starts.to_string(),
            }),
            ("70000", "RequestedFor"),
        ),
    ];
    for upstream in ["beyondtrust", "cyberark", "safeguard"] {
        let program = Program::before(upstream);
        let sandbox = program.at(&format!("sandbox.{upstream}"));
        for (caller, wish, (code, place)) in &wishes {
            let reply = caller.create(program.gateway(), wish);
            if upstream == "beyondtrust" {
                let text = e2e_support::callers::fault(caller, &reply, 400, code);
                assert!(text.contains(place), "{}: {text}", caller.dialect);
                assert!(records(sandbox).is_empty());
                continue;
            }
            assert_eq!(reply.status, 201, "{} to {upstream}: {reply:?}", caller.dialect);
            let record = only_record(sandbox);
            let at: jiff::Timestamp = record["starts"].as_str().expect("a start").parse().unwrap();
            assert_eq!(at, starts, "{} to {upstream}: {record}", caller.dialect);
            assert!(about(&record["length_seconds"], 3600), "{} to {upstream}: {record}", caller.dialect);
            reset(sandbox);
        }
    }
}
