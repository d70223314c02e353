//! The BeyondTrust sandbox: every documented code by its documented cause.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "sandbox_beyondtrust/creating.rs"]
mod creating;
mod sandbox_support;

use pamgate::sandbox::Vendor;
use sandbox_support::{Answer, Server};
use serde_json::json;

const BASE: &str = "/BeyondTrust/api/public/v3";

struct BeyondTrust(Server);

fn sandbox() -> BeyondTrust {
    BeyondTrust(Server::new(Vendor::BeyondTrust))
}

impl BeyondTrust {
    /// `ask` is a method and a path below the base; `who` names a built-in key.
    fn by(&self, who: &str, ask: &str, body: &str) -> Answer {
        let key = format!("PS-Auth key=sandbox-bt-key-{who}");
        self.with(&[("authorization", &key)], ask, body)
    }

    fn with(&self, headers: &[(&str, &str)], ask: &str, body: &str) -> Answer {
        let (method, path) = ask.split_once(' ').unwrap();
        self.0.call(&format!("{method} {BASE}/{path}"), headers, body)
    }

    fn ask(&self, body: &str) -> Answer {
        self.by("requester", "POST Requests", body)
    }

    /// A request for an account by the requester, which must succeed; its id.
    fn made(&self, system: u32, account: u32) -> String {
        let body = json!({ "SystemID": system, "AccountID": account, "DurationMinutes": 60 }).to_string();
        self.ask(&body).is(201).body
    }
}

#[test]
fn signing_in_gives_a_cookie_that_carries_the_next_calls() {
    let bt = sandbox();
    let header = ("authorization", r"PS-Auth key=sandbox-bt-key-requester; runas=CORP\jdoe;");
    let signed = bt.with(&[header], "POST Auth/SignAppin", "").is(200);
    assert_eq!(signed.json()["UserId"], 101);
    let cookie = signed.header("set-cookie").split(';').next().unwrap();
    let cookie = [("cookie", cookie)];
    let body = r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":30,"Reason":"disk full"}"#;
    assert_eq!(bt.with(&cookie, "POST Requests", body).is(201).body, "124");
    let record = bt.0.record();
    assert_eq!(record.reason.as_deref(), Some("disk full"));
    assert_eq!(record.effective_length_seconds, 1800);
    assert_eq!(bt.with(&cookie, "POST Auth/Signout", "").is(200).body, "");
    bt.with(&cookie, "GET Requests", "").is(401);
}

#[test]
fn sign_in_takes_what_clients_send() {
    let bt = sandbox();
    let cases = [
        ("PS-Auth key=sandbox-bt-key-requester", 200),
        (r"PS-Auth key=sandbox-bt-key-requester; runas=corp\JDOE", 200),
        (r"ps-auth key=sandbox-bt-key-requester;runas=CORP\jdoe;", 200),
        (r"PS-Auth key=sandbox-bt-key-with-password; runas=CORP\pat; pwd=[sandbox;bt]password];", 200),
        (r"PS-Auth key=sandbox-bt-key-with-password; runas=CORP\pat; pwd=[wrong];", 401),
        (r"PS-Auth key=sandbox-bt-key-with-password; runas=CORP\pat;", 401),
        (r"PS-Auth key=sandbox-bt-key-requester; runas=CORP\asmith;", 401),
        ("PS-Auth key=wrong; runas=CORP\\jdoe;", 401),
        ("PS-Auth runas=CORP\\jdoe;", 401),
        ("Basic c2FuZGJveA==", 401),
        ("Bearer nothing", 401),
    ];
    for (header, status) in cases {
        let answer = bt.with(&[("authorization", header)], "POST Auth/SignAppin", "");
        assert_eq!(answer.status, status, "{header}");
    }
    bt.with(&[], "POST auth/signappin", "").is(401);
    bt.with(&[], "GET Requests", "").is(401);
}

#[test]
fn an_oauth_client_gets_a_token() {
    let bt = sandbox();
    let form = "grant_type=client_credentials&client_id=sandbox-bt-client-requester-0123456789ab\
                &client_secret=sandbox-bt-client-secret-requester-01234";
    let token = bt.with(&[], "POST Auth/connect/token", form).is(200).json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let bearer = [("authorization", bearer.as_str())];
    bt.with(&bearer, "POST Auth/SignAppIn", "").is(200);
    bt.with(&bearer, "GET Requests", "").is(200);
    bt.0.pass_minutes(61);
    bt.with(&bearer, "GET Requests", "").is(401);
    bt.with(&[], "POST Auth/Connect/Token", &form.replace("secret-r", "secret-x")).is(401);
    bt.with(&[], "POST Auth/Connect/Token", "grant_type=password").is(400);
}

#[test]
fn a_session_dies_after_twenty_idle_minutes() {
    let bt = sandbox();
    let signed = bt.by("requester", "POST Auth/SignAppin", "").is(200);
    let cookie = [("cookie", signed.header("set-cookie").split(';').next().unwrap())];
    for _ in 0..3 {
        bt.0.pass_minutes(20);
        bt.with(&cookie, "GET Requests", "").is(200);
    }
    bt.0.pass_minutes(21);
    bt.with(&cookie, "GET Requests", "").is(401);
}

#[test]
fn addresses_match_as_clients_spell_them() {
    let bt = sandbox();
    let key = [("authorization", "PS-Auth key=sandbox-bt-key-requester")];
    for (ask, status) in [
        ("GET /BeyondTrust/api/public/v3/Requests/", 200),
        ("GET /beyondtrust/API/Public/V3/requests?", 200),
        ("GET /eEye.RetinaCS.Server/api/public/v3/Requests", 200),
        ("GET /BeyondTrust/api/public/v3/Requests?version=3.1&STATUS=Active", 200),
        ("GET /BeyondTrust/api/public/v2/Requests", 404),
        ("GET /BeyondTrust/api/public/v3/Nonsense", 404),
        ("GET /", 404),
    ] {
        assert_eq!(bt.0.call(ask, &key, "").status, status, "{ask}");
    }
    for (ask, allow) in [
        ("DELETE Requests", "GET, POST"),
        ("GET Requests/1/Approve", "PUT"),
        ("POST Requests/1/checkin", "PUT"),
        ("GET Aliases/301/Requests", "POST"),
        ("POST Credentials/1", "GET"),
        ("GET Auth/Signout", "POST"),
    ] {
        assert_eq!(bt.by("requester", ask, "").is(405).header("allow"), allow, "{ask}");
    }
}

#[test]
fn acting_answers_each_cause_with_its_code() {
    let long = json!({ "Reason": "x".repeat(1001) }).to_string();
    // What was made before (123 + n): an approved and a pending request of the requester's.
    let cases = [
        ("checked in", "requester", "PUT Requests/124/Checkin", "", 204, ""),
        (
            "by the deprecated address",
            "requester",
            "PUT requests/release/124?",
            r#"{"Reason":null}"#,
            204,
            "",
        ),
        ("somebody else's", "both", "PUT Requests/124/Checkin", "{}", 403, "4031"),
        ("not yet approved", "requester", "PUT Requests/125/Checkin", "{}", 403, "4034"),
        ("unknown", "requester", "PUT Requests/999/Checkin", "{}", 404, ""),
        ("no number", "requester", "PUT Requests/x/Checkin", "{}", 400, ""),
        ("a long comment", "requester", "PUT Requests/124/Checkin", &long, 400, ""),
        ("no JSON", "requester", "PUT Requests/124/Checkin", "{", 400, ""),
        ("approved", "approver", "PUT Requests/125/Approve", r#"{"Reason":"go"}"#, 204, ""),
        ("one's own", "requester", "PUT Requests/125/Approve", "{}", 403, "4033"),
        ("by no approver", "nobody", "PUT Requests/125/Approve", "{}", 403, "4033"),
        ("approved already", "approver", "PUT Requests/124/Approve", "{}", 403, "4036"),
        ("approve unknown", "approver", "PUT Requests/999/Approve", "{}", 404, ""),
        ("denied", "approver", "PUT Requests/125/Deny", r#"{"reason":"no"}"#, 204, ""),
        ("an active one denied", "approver", "PUT Requests/124/Deny", "{}", 204, ""),
        ("one's own denied", "requester", "PUT Requests/124/Deny", "{}", 403, "4033"),
        ("rotated", "requester", "PUT Requests/124/RotateOnCheckin", "", 204, ""),
        ("rotated by another", "both", "PUT Requests/124/RotateOnCheckin", "", 403, "4031"),
        (
            "credential",
            "requester",
            "GET Credentials/124?type=password",
            "",
            200,
            "\"sandbox-secret-of-1032\"",
        ),
        ("somebody else's credential", "both", "GET Credentials/124", "", 403, "4031"),
        ("credential not yet approved", "requester", "GET Credentials/125", "", 403, "4034"),
        ("unknown credential", "requester", "GET Credentials/999", "", 404, ""),
        ("unknown credential type", "requester", "GET Credentials/124?type=x", "", 400, ""),
    ];
    for (name, who, ask, body, status, says) in cases {
        let bt = sandbox();
        bt.ask(r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":60,"RotateOnCheckin":false}"#).is(201);
        bt.made(14, 1033);
        let answer = bt.by(who, ask, body);
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        match status {
            400 | 404 => assert!(answer.json().is_string(), "{name}: {}", answer.body),
            _ => assert_eq!(answer.body, says, "{name}"),
        }
    }
}

#[test]
fn what_is_over_is_not_found() {
    for end in ["checkin", "deny", "time"] {
        let bt = sandbox();
        let id = bt.made(14, 1032);
        match end {
            "checkin" => drop(bt.by("requester", &format!("PUT Requests/{id}/Checkin"), "").is(204)),
            "deny" => drop(bt.by("approver", &format!("PUT Requests/{id}/Deny"), "").is(204)),
            _ => bt.0.pass_minutes(60),
        }
        for (who, ask) in [
            ("requester", "PUT Requests/124/Checkin"),
            ("requester", "PUT Requests/124/RotateOnCheckin"),
            ("requester", "GET Credentials/124"),
            ("approver", "PUT Requests/124/Approve"),
            ("approver", "PUT Requests/124/Deny"),
        ] {
            assert_eq!(bt.by(who, ask, "").status, 404, "{end}: {ask}");
        }
        assert_eq!(bt.by("requester", "GET Requests", "").is(200).body, "[]");
    }
}

#[test]
fn two_levels_need_an_approver_of_each() {
    let bt = sandbox();
    let id = bt.made(19, 1044);
    let approve = format!("PUT Requests/{id}/Approve");
    bt.by("approver", &approve, r#"{"Reason":"fine"}"#).is(204);
    assert_eq!(bt.0.state(), "pending");
    assert_eq!(bt.by("approver", &approve, "").is(403).body, "4036", "once each");
    assert_eq!(bt.by("both", &approve, "").is(403).body, "4033", "not of level two");
    bt.0.pass_minutes(5);
    bt.by("second-approver", &approve, "").is(204);
    let record = bt.0.record();
    assert_eq!(bt.0.state(), "approved");
    assert_eq!(record.approvals[0].by, "CORP\\asmith");
    assert_eq!(record.approvals[0].comment.as_deref(), Some("fine"));
    assert_eq!(record.approvals[1].level, 2);
}

#[test]
fn lists_show_a_queue_in_the_vendors_words() {
    let bt = sandbox();
    bt.made(14, 1032);
    bt.made(14, 1033);
    let count = |who: &str, query: &str| {
        let list = bt.by(who, &format!("GET Requests{query}"), "").is(200).json();
        list.as_array().unwrap().len()
    };
    assert_eq!(count("requester", ""), 2);
    assert_eq!(count("requester", "?status=active&queue=req"), 1);
    assert_eq!(count("requester", "?status=PENDING"), 1);
    assert_eq!(count("approver", "?queue=app"), 1, "what waits");
    assert_eq!(count("approver", "?queue=app&status=active"), 0, "only what the user approved");
    bt.by("approver", "PUT Requests/125/Approve", "").is(204);
    assert_eq!(count("approver", "?queue=app&status=active"), 1);
    assert_eq!(count("both", ""), 0);
    assert_eq!(bt.by("nobody", "GET Requests?queue=app", "").is(403).body, "4033");
    bt.by("requester", "GET Requests?status=done", "").is(400);
    bt.by("requester", "GET Requests?queue=mine", "").is(400);
    let item = &bt.by("requester", "GET Requests", "").json()[0];
    assert_eq!(item["RequestReleaseDate"], "2026-01-05T09:00:00");
    assert_eq!(item["ExpiresDate"], "2026-01-05T10:00:00");
    assert_eq!(item["Status"], "Active");
    assert_eq!(item["AccessType"], "View");
    assert_eq!(item["ApplicationID"], json!(null));
}

#[test]
fn look_ups_find_what_may_be_requested() {
    let bt = sandbox();
    let get = |ask: &str| bt.by("requester", &format!("GET {ask}"), "");
    let one = get("ManagedAccounts?systemname=db07&accountName=oracle").is(200).json();
    assert_eq!(one["AccountId"], 1032, "both names: one object");
    assert!(get("ManagedAccounts?systemName=db07").is(200).json().as_array().unwrap().len() > 1);
    let missing = get("ManagedAccounts?systemName=db07&accountName=nobody").is(404);
    assert_eq!(missing.body, "\"Managed Account not found\"");
    get("ManagedAccounts?systemName=hr02&accountName=hradmin").is(404);
    assert_eq!(get("ManagedAccounts/1032").is(200).json()["ManagedAccountID"], 1032);
    assert_eq!(get("ManagedSystems/14").is(200).json()["SystemName"], "db07");
    assert_eq!(get("Aliases/erp-batch").is(200).json()["AliasId"], 301);
    get("ManagedSystems/1").is(404);
    get("Aliases/none").is(404);
}

#[test]
fn bodies_beyond_a_mebibyte_are_refused() {
    let bt = sandbox();
    let pad = |n: usize| format!("{{\"pad\":\"{}\"}}", "x".repeat(n - 10));
    bt.ask(&pad(1 << 20)).is(400);
    bt.ask(&pad((1 << 20) + 1)).is(413);
}

#[test]
fn the_sandbox_can_be_wound_and_emptied() {
    let bt = sandbox();
    bt.made(14, 1032);
    let moved = bt.0.call("POST /_sandbox/clock", &[], r#"{"advance_seconds":3600}"#).is(200);
    assert_eq!(moved.json()["now"], "2026-01-05T10:00:00Z");
    assert_eq!(bt.0.state(), "expired");
    bt.0.call("POST /_sandbox/clock", &[], "{}").is(400);
    bt.0.call("POST /_sandbox/reset", &[], "").is(204);
    assert_eq!(bt.0.call("GET /_sandbox/requests", &[], "").body, "[]");
    assert_eq!(bt.made(14, 1032), "125", "an id never means two requests");
    bt.0.call("GET /_sandbox/nothing", &[], "").is(404);
}
