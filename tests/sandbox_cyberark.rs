//! The CyberArk sandbox: every documented code by its documented cause.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "sandbox_cyberark/creating.rs"]
mod creating;
mod sandbox_support;

use pamgate::sandbox::Vendor;
use sandbox_support::{Answer, Server};
use serde_json::json;

struct CyberArk(Server);

fn sandbox() -> CyberArk {
    CyberArk(Server::new(Vendor::CyberArk))
}

impl CyberArk {
    fn logon(&self, kind: &str, name: &str, password: &str) -> Answer {
        let body = json!({ "username": name, "password": password, "concurrentSession": true });
        let ask = format!("POST /PasswordVault/API/auth/{kind}/Logon");
        self.0.call(&ask, &[], &body.to_string())
    }

    fn token(&self, name: &str) -> String {
        let (kind, role) = match name {
            "john.doe" => ("CyberArk", "requester"),
            "a.smith" => ("CyberArk", "approver"),
            "m.lee" => ("LDAP", "second-approver"),
            _ => ("CyberArk", "both"),
        };
        let token = self.logon(kind, name, &format!("sandbox-ca-password-{role}"));
        token.is(200).json().as_str().unwrap().to_owned()
    }

    fn by(&self, who: &str, ask: &str, body: &str) -> Answer {
        let token = self.token(who);
        let (method, path) = ask.split_once(' ').unwrap();
        let ask = format!("{method} /PasswordVault/API/{path}");
        self.0.call(&ask, &[("authorization", &token)], body)
    }
}

#[test]
fn a_request_is_answered_with_its_document() {
    let ca = sandbox();
    let body = r#"{"accountId":"12_3","reason":"disk full","TicketingSystemName":"ServiceNow","TicketId":"CHG-1",
        "MultipleAccessRequired":true,"FromDate":1767603600,"ToDate":1767607200,
        "AdditionalInfo":{"Emergency":"Yes","Reference No":"17"},"UseConnect":true,"ConnectionComponent":"PSM-SSH",
        "ConnectionParams":{"PSMRemoteMachine":{"value":"db07","ShouldSave":true}}}"#;
    let made = ca.by("john.doe", "POST MyRequests", body).is(201).json();
    assert_eq!(made["RequestID"], "DB-Linux_1");
    assert_eq!(
        made["RequestorReason"],
        "(Ticket ID=CHG-1)(Ticketing System=ServiceNow) (Emergency=true)(RefNo=17)(PSMRemoteMachine=db07) disk full"
    );
    assert_eq!(made["Status"], 2);
    assert_eq!(made["AccessType"], "Multiple Access");
    assert_eq!(made["AccessTo"], 1_767_607_200);
    assert_eq!(made["AccountDetails"]["Properties"]["Username"], "oracle");
    let record = ca.0.record();
    assert_eq!(record.kind, "ssh");
    assert_eq!(record.length_seconds, Some(3600));
    assert_eq!(record.starts, None, "a start that is now is at once");
    assert!(record.parameters[0].save);
}

fn dated(from: i64, to: i64) -> String {
    json!({ "accountId": "12_3", "FromDate": from, "ToDate": to }).to_string()
}

/// Unix seconds of the clock that stands still.
const NOW: i64 = 1_767_603_600;

#[test]
fn logging_on_answers_each_cause() {
    let ca = sandbox();
    let cases = [
        ("CyberArk", "john.doe", "sandbox-ca-password-requester", 200, ""),
        ("cyberark", "JOHN.DOE", "sandbox-ca-password-requester", 200, ""),
        ("LDAP", "m.lee", "sandbox-ca-password-second-approver", 200, ""),
        ("LDAP", "john.doe", "sandbox-ca-password-requester", 403, "ITATS004E"),
        ("CyberArk", "john.doe", "wrong", 403, "ITATS004E"),
        ("CyberArk", "stranger", "wrong", 403, "ITATS004E"),
        ("CyberArk", "e.old", "sandbox-ca-password-expired", 409, "ITATS397E"),
        ("Other", "john.doe", "sandbox-ca-password-requester", 404, "PASWS004E"),
    ];
    for (kind, name, password, status, code) in cases {
        let answer = ca.logon(kind, name, password);
        assert_eq!(answer.status, status, "{kind} {name}");
        match status {
            200 => assert!(answer.json().is_string(), "a bare string"),
            _ => assert_eq!(answer.json()["ErrorCode"], code),
        }
    }
    let old = "POST /PasswordVault/WebServices/auth/Cyberark/CyberArkAuthenticationService.svc/Logon";
    let body = r#"{"username":"john.doe","password":"sandbox-ca-password-requester"}"#;
    assert!(ca.0.call(old, &[], body).is(200).json()["CyberArkLogonResult"].is_string());
}

#[test]
fn a_token_lives_until_logoff_another_logon_or_idleness() {
    let ca = sandbox();
    let list =
        |token: &str| ca.0.call("GET /PasswordVault/api/MyRequests", &[("authorization", token)], "").status;
    let (first, second) = (ca.token("john.doe"), ca.token("john.doe"));
    assert_eq!((list(&first), list(&second)), (200, 200), "concurrent sessions");
    let logoff = "POST /PasswordVault/API/Auth/Logoff";
    assert_eq!(ca.0.call(logoff, &[("authorization", &first)], "").is(200).body, "{}");
    assert_eq!((list(&first), list(&second)), (401, 200));
    ca.0.call(logoff, &[("authorization", &first)], "").is(401);
    let alone = r#"{"username":"john.doe","password":"sandbox-ca-password-requester"}"#;
    ca.0.call("POST /PasswordVault/API/auth/CyberArk/Logon", &[], alone).is(200);
    assert_eq!(list(&second), 401, "a logon without concurrentSession ends the earlier one");
    let third = ca.token("john.doe");
    ca.0.pass_minutes(21);
    assert_eq!(list(&third), 401);
    let nothing = ca.0.call("GET /PasswordVault/api/MyRequests", &[], "").is(401);
    assert_eq!(nothing.json()["ErrorCode"], "PASWS006E");
}

#[test]
fn addresses_match_as_clients_spell_them() {
    let ca = sandbox();
    let token = ca.token("john.doe");
    let head = [("authorization", token.as_str())];
    for (ask, status) in [
        ("GET /passwordvault/api/myrequests/", 200),
        ("GET /PasswordVault/API/MyRequests?onlywaiting=True&expired=False", 200),
        ("GET /PasswordVault/API/MyRequests?onlywaiting=perhaps", 400),
        ("GET /PasswordVault/API/Nothing", 404),
        ("GET /Elsewhere/API/MyRequests", 404),
        ("PUT /PasswordVault/API/MyRequests", 405),
        ("POST /PasswordVault/API/MyRequests/x_1", 405),
        ("GET /PasswordVault/API/IncomingRequests/x_1/Confirm", 405),
        ("GET /PasswordVault/API/auth/CyberArk/Logon", 405),
    ] {
        assert_eq!(ca.0.call(ask, &head, "").status, status, "{ask}");
    }
    let server = "GET /PasswordVault/WebServices/PIMServices.svc/Server";
    assert_eq!(ca.0.call(server, &[], "").is(200).json()["ExternalVersion"], "14.6.0");
}

#[test]
fn confirming_passes_through_both_levels() {
    let ca = sandbox();
    let made = ca.by("john.doe", "POST MyRequests", r#"{"AccountId":"16_1"}"#).is(201).json();
    assert_eq!((&made["Status"], &made["ConfirmationsLeft"]), (&json!(1), &json!(2)));
    assert_eq!(made["RequiredConfirmersCountLevel2"], 1);
    ca.by("m.lee", "POST IncomingRequests/Payments_1/Confirm", "{}").is(403);
    let confirmed = ca.by("a.smith", "POST incomingrequests/Payments_1/confirm", r#"{"Reason":"ok"}"#);
    assert_eq!(confirmed.is(200).body, "");
    ca.by("a.smith", "POST IncomingRequests/Payments_1/Confirm", "{}").is(409);
    let half = ca.by("john.doe", "GET MyRequests/Payments_1", "").is(200).json();
    assert_eq!((&half["Status"], &half["CurrentConfirmationLevel"]), (&json!(1), &json!(2)));
    let smith =
        half["Confirmers"].as_array().unwrap().iter().find(|c| c["Name"] == "a.smith").unwrap().clone();
    assert_eq!(
        (&smith["Action"], &smith["Reason"], &smith["ActionDate"]),
        (&json!(1), &json!("ok"), &json!(NOW))
    );
    ca.by("m.lee", "POST IncomingRequests/Payments_1/Confirm", "").is(200);
    let whole = ca.by("john.doe", "GET MyRequests/Payments_1", "").json();
    assert_eq!((&whole["Status"], &whole["StatusTitle"]), (&json!(2), &json!("Confirmed")));
    assert_eq!(ca.0.record().approvals[1].level, 2);
}

#[test]
fn each_invalid_reason_has_its_cause() {
    let with = |account: &str, act: &dyn Fn(&CyberArk)| {
        let ca = sandbox();
        let body = json!({ "AccountId": account, "MultipleAccessRequired": false }).to_string();
        let id = ca.by("john.doe", "POST MyRequests", &body).is(201).json()["RequestID"].clone();
        act(&ca);
        let ask = format!("GET MyRequests/{}", id.as_str().unwrap());
        let shown = ca.by("john.doe", &ask, "").is(200).json();
        (shown["Status"].as_i64().unwrap(), shown["InvalidRequestReason"].as_i64().unwrap(), ca.0.state())
    };
    let invalid = |reason, state: &str| (7, reason, state.to_owned());
    assert_eq!(with("12_4", &|ca| ca.0.pass_minutes(120)), invalid(1, "expired"));
    let retrieve = "POST Accounts/12_3/Password/Retrieve";
    assert_eq!(with("12_3", &|ca| drop(ca.by("john.doe", retrieve, "").is(200))), invalid(2, "used"));
    assert_eq!(with("20_1", &|_| ()), invalid(4, "invalid"));
    assert_eq!(with("12_3", &|ca| ca.0.pass_minutes(120)), invalid(64, "expired"));
    let reject = "POST IncomingRequests/DB-Linux_1/Reject";
    assert_eq!(with("12_4", &|ca| drop(ca.by("a.smith", reject, "{}").is(200))), invalid(128, "denied"));
}

#[test]
fn acting_answers_each_cause() {
    let cases = [
        ("read", "john.doe", "GET MyRequests/DB-Linux_1", 200),
        ("read by another", "r.both", "GET MyRequests/DB-Linux_1", 404),
        ("read of another Safe", "john.doe", "GET MyRequests/Mail_1", 404),
        ("read without a number", "john.doe", "GET MyRequests/DB-Linux", 404),
        ("incoming", "a.smith", "GET IncomingRequests/DB-Linux_1", 200),
        ("one's own isn't incoming", "john.doe", "GET IncomingRequests/DB-Linux_1", 404),
        ("deleted", "john.doe", "DELETE MyRequests/DB-Linux_1", 204),
        ("deleted by another", "r.both", "DELETE MyRequests/DB-Linux_1", 404),
        ("confirmed", "a.smith", "POST IncomingRequests/DB-Linux_1/Confirm", 200),
        ("one's own confirmed", "john.doe", "POST IncomingRequests/DB-Linux_1/Confirm", 404),
        ("rejected", "a.smith", "POST IncomingRequests/DB-Linux_1/Reject", 200),
        ("unknown rejected", "a.smith", "POST IncomingRequests/DB-Linux_9/Reject", 404),
        ("credential unconfirmed", "john.doe", "POST Accounts/12_4/Password/Retrieve", 403),
        ("credential of nothing", "john.doe", "POST Accounts/99_9/Password/Retrieve", 404),
        ("checked in", "john.doe", "POST Accounts/12_4/CheckIn", 200),
    ];
    for (name, who, ask, status) in cases {
        let ca = sandbox();
        ca.by("john.doe", "POST MyRequests", r#"{"AccountId":"12_4"}"#).is(201);
        assert_eq!(ca.by(who, ask, "").status, status, "{name}");
    }
}

#[test]
fn what_was_deleted_or_rejected_is_gone_or_stays() {
    let ca = sandbox();
    ca.by("john.doe", "POST MyRequests", r#"{"AccountId":"12_4"}"#).is(201);
    ca.by("john.doe", "DELETE MyRequests/DB-Linux_1", "").is(204);
    assert_eq!(ca.0.state(), "cancelled");
    ca.by("john.doe", "GET MyRequests/DB-Linux_1", "").is(404);
    ca.by("john.doe", "DELETE MyRequests/DB-Linux_1", "").is(404);
    ca.by("a.smith", "POST IncomingRequests/DB-Linux_1/Confirm", "").is(404);
    ca.by("john.doe", "POST MyRequests", r#"{"AccountId":"12_4"}"#).is(201);
    ca.by("a.smith", "POST IncomingRequests/DB-Linux_2/Reject", r#"{"Reason":"no"}"#).is(200);
    ca.by("a.smith", "POST IncomingRequests/DB-Linux_2/Confirm", "").is(409);
    assert_eq!(ca.by("john.doe", "GET MyRequests/DB-Linux_2", "").json()["StatusTitle"], "Invalid: Rejected");
}

#[test]
fn lists_stand_in_a_property_named_like_the_address() {
    let ca = sandbox();
    for account in ["12_3", "12_4"] {
        ca.by("john.doe", "POST MyRequests", &json!({ "AccountId": account }).to_string()).is(201);
    }
    let count = |who: &str, ask: &str| ca.by(who, &format!("GET {ask}"), "").is(200).json()["Total"].clone();
    assert_eq!(count("john.doe", "MyRequests"), 2);
    assert_eq!(count("john.doe", "MyRequests?onlywaiting=true"), 1);
    assert_eq!(count("a.smith", "IncomingRequests?OnlyWaiting=True&Expired=False"), 1);
    assert_eq!(count("r.both", "MyRequests"), 0);
    ca.0.pass_minutes(120);
    assert_eq!(count("john.doe", "MyRequests"), 0);
    assert_eq!(count("john.doe", "MyRequests?expired=true"), 2);
    let list = ca.by("john.doe", "GET MyRequests?expired=true", "").json();
    assert_eq!(list["MyRequests"].as_array().unwrap().len(), 2);
}

#[test]
fn a_credential_is_retrieved_as_often_as_was_asked() {
    let ca = sandbox();
    let retrieve = |body: &str| ca.by("john.doe", "POST Accounts/12_4/Password/Retrieve", body);
    ca.by("john.doe", "POST MyRequests", r#"{"AccountId":"12_4","MultipleAccessRequired":true}"#).is(201);
    ca.by("a.smith", "POST IncomingRequests/DB-Linux_1/Confirm", "{}").is(200);
    for body in ["", r#"{"Reason":"x","ActionType":"show"}"#] {
        assert_eq!(retrieve(body).is(200).body, "\"sandbox-secret-of-12_4\"");
    }
    assert_eq!(ca.0.state(), "in-use");
    ca.by("john.doe", "POST Accounts/12_4/CheckIn", "").is(200);
    assert_eq!(ca.0.state(), "checked-in");
    retrieve("").is(403);
}

#[test]
fn a_start_in_the_future_is_waited_for() {
    let ca = sandbox();
    let body = json!({ "AccountId": "12_4", "FromDate": NOW + 600, "ToDate": NOW + 1200 });
    ca.by("john.doe", "POST MyRequests", &body.to_string()).is(201);
    ca.by("a.smith", "POST IncomingRequests/DB-Linux_1/Confirm", "{}").is(200);
    ca.by("john.doe", "POST Accounts/12_4/Password/Retrieve", "").is(403);
    ca.0.pass_minutes(10);
    ca.by("john.doe", "POST Accounts/12_4/Password/Retrieve", "").is(200);
}

#[test]
fn accounts_are_found() {
    let ca = sandbox();
    let get = |ask: &str| ca.by("john.doe", &format!("GET {ask}"), "");
    let found = get("Accounts?search=db07%20oracle&filter=safeName%20eq%20DB-Linux").is(200).json();
    assert_eq!(found["count"], 1);
    assert_eq!(found["value"][0]["id"], "12_3");
    let page = get("Accounts?limit=2&offset=2").is(200).json();
    assert_eq!(page["nextLink"], "api/Accounts?offset=4&limit=2");
    assert_eq!(get("Accounts/12_3").is(200).json()["userName"], "oracle");
    get("Accounts/19_1").is(404);
    get("Accounts?filter=name%20gt%20x").is(400);
}

#[test]
fn several_are_decided_at_once() {
    let ca = sandbox();
    for _ in 0..2 {
        ca.by("john.doe", "POST MyRequests", r#"{"AccountId":"12_4"}"#).is(201);
    }
    let items = r#"{"BulkItems":[{"RequestId":"DB-Linux_1","Reason":"a"},{"RequestId":"DB-Linux_7"}]}"#;
    let done = ca.by("a.smith", "POST IncomingRequests/Confirm/Bulk", items).is(200).json();
    assert_eq!(done, json!({ "Succeeded": 1, "FailedItems": [{ "RequestId": "DB-Linux_7" }] }));
    ca.by("a.smith", "POST IncomingRequests/Reject/Bulk", "{}").is(400);
}
