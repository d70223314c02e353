//! The BeyondTrust sandbox: every documented code by its documented cause.
#![allow(clippy::unwrap_used, clippy::panic)]

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
fn creating_answers_each_cause_with_its_code() {
    let ok = r#""SystemID":14,"AccountID":1032,"DurationMinutes":60"#;
    let cases = [
        ("the page's happy path", format!("{{{ok}}}"), 201, "124"),
        (
            "names in any case, ints as strings",
            r#"{"systemid":"14","ACCOUNTID":"1032","durationMinutes":"60"}"#.into(),
            201,
            "124",
        ),
        (
            "nulls and unknown names",
            format!("{{{ok},\"ApplicationID\":null,\"AccessType\":null,\"Foo\":{{}}}}"),
            201,
            "124",
        ),
        (
            "the longest duration",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":525600}"#.into(),
            201,
            "124",
        ),
        (
            "a ticket of 20",
            format!("{{{ok},\"TicketSystemID\":7,\"TicketNumber\":\"12345678901234567890\"}}"),
            201,
            "124",
        ),
        (
            "any-case words",
            format!("{{{ok},\"AccessType\":\"rdp\",\"ConflictOption\":\"REUSE\"}}"),
            201,
            "124",
        ),
        ("App", format!("{{{ok},\"AccessType\":\"App\",\"ApplicationID\":61}}"), 201, "124"),
        (
            "a ticket of 21",
            format!("{{{ok},\"TicketNumber\":\"123456789012345678901\"}}"),
            400,
            "TicketNumber",
        ),
        ("no duration", r#"{"SystemID":14,"AccountID":1032}"#.into(), 400, "DurationMinutes is required"),
        (
            "duration 0",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":0}"#.into(),
            400,
            "DurationMinutes",
        ),
        (
            "too long",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":525601}"#.into(),
            400,
            "DurationMinutes",
        ),
        (
            "a fraction",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":1.5}"#.into(),
            400,
            "DurationMinutes",
        ),
        (
            "no system and no account",
            r#"{"DurationMinutes":5}"#.into(),
            400,
            "SystemID is required; AccountID is required",
        ),
        (
            "an id beyond 32 bits",
            r#"{"SystemID":2147483648,"AccountID":1032,"DurationMinutes":5}"#.into(),
            400,
            "SystemID",
        ),
        (
            "a huge id",
            r#"{"SystemID":14,"AccountID":123456789012345678901234567890,"DurationMinutes":5}"#.into(),
            400,
            "AccountID",
        ),
        ("an unknown access type", format!("{{{ok},\"AccessType\":\"Telnet\"}}"), 400, "AccessType"),
        (
            "App without ApplicationID",
            format!("{{{ok},\"AccessType\":\"App\"}}"),
            400,
            "ApplicationID is required",
        ),
        (
            "an unknown conflict option",
            format!("{{{ok},\"ConflictOption\":\"maybe\"}}"),
            400,
            "ConflictOption",
        ),
        ("an unknown ticket system", format!("{{{ok},\"TicketSystemID\":99}}"), 400, "TicketSystemID"),
        (
            "an unknown schedule",
            format!("{{{ok},\"AccessPolicyScheduleID\":99}}"),
            400,
            "AccessPolicyScheduleID",
        ),
        ("a Boolean as text", format!("{{{ok},\"RotateOnCheckin\":\"yes\"}}"), 400, "RotateOnCheckin"),
        ("no JSON", "{'SystemID': 14}".into(), 400, "invalid"),
        ("no object", "[1]".into(), 400, "object"),
        ("no body", String::new(), 400, "invalid"),
        ("a nest too deep", "[".repeat(2000), 400, "invalid"),
        (
            "reason and ticket that the policy wants",
            r#"{"SystemID":21,"AccountID":1047,"DurationMinutes":5,"Reason":" "}"#.into(),
            400,
            "Reason is required; TicketNumber is required",
        ),
        (
            "longer than the policy lets",
            r#"{"SystemID":26,"AccountID":1052,"DurationMinutes":61}"#.into(),
            400,
            "at most 60",
        ),
        ("no permission", r#"{"SystemID":22,"AccountID":1048,"DurationMinutes":5}"#.into(), 403, "4031"),
        (
            "another system's account",
            r#"{"SystemID":15,"AccountID":1032,"DurationMinutes":5}"#.into(),
            403,
            "4031",
        ),
        ("an unknown account", r#"{"SystemID":14,"AccountID":9,"DurationMinutes":5}"#.into(), 403, "4031"),
        (
            "API access disabled",
            r#"{"SystemID":24,"AccountID":1050,"DurationMinutes":5}"#.into(),
            403,
            "4031",
        ),
        (
            "a kind the policy has not",
            r#"{"SystemID":26,"AccountID":1052,"DurationMinutes":5,"AccessType":"RDP"}"#.into(),
            403,
            "4031",
        ),
        ("approver only", r#"{"SystemID":22,"AccountID":1053,"DurationMinutes":5}"#.into(), 403, "4033"),
        (
            "not enough approvers",
            r#"{"SystemID":23,"AccountID":1049,"DurationMinutes":5}"#.into(),
            403,
            "4035",
        ),
    ];
    for (name, body, status, says) in cases {
        let bt = sandbox();
        let answer = bt.ask(&body);
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        if status == 400 {
            assert!(answer.json().as_str().unwrap().contains(says), "{name}: {}", answer.body);
        } else {
            assert_eq!(answer.body, says, "{name}: a bare number");
        }
        assert_eq!(bt.0.sandbox.records().len(), usize::from(status == 201), "{name}");
    }
}

#[test]
fn a_record_tells_what_arrived() {
    let bt = sandbox();
    bt.ask(
        r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":90,"AccessType":"App","ApplicationID":61,"Reason":"ä € 😀",
            "TicketSystemID":7,"TicketNumber":"0042","RotateOnCheckin":false,"AccessPolicyScheduleID":21,
            "ConflictOption":"renew"}"#,
    )
    .is(201);
    let shown = bt.0.call("GET /_sandbox/requests", &[], "").is(200).json();
    assert_eq!(
        shown[0],
        json!({
            "id": "124", "requester": "CORP\\jdoe", "requester_id": "101", "requested_for": null,
            "system": { "id": "14", "name": "db07" }, "account": { "id": "1032", "name": "oracle" },
            "alias": null, "application": { "id": "61", "name": "SAP GUI" }, "kind": "application",
            "component": null, "parameters": [], "starts": null, "length_seconds": 5400,
            "effective_length_seconds": 5400, "reason": "ä € 😀", "reason_code": null,
            "ticket": { "system_id": "7", "system_name": "ServiceNow", "number": "0042" },
            "emergency": null, "multiple_use": null, "rotate_on_check_in": false, "on_conflict": "renew",
            "schedule": { "id": "21", "name": "Business hours" }, "extra": {}, "state": "approved",
            "created": "2026-01-05T09:00:00Z", "approvals": [], "comments": [],
        })
    );
}

#[test]
fn rotation_is_asked_for_only_where_it_can_be() {
    for (system, account, asked, recorded) in [
        (14, 1032, "null", true),
        (14, 1032, "false", false),
        (14, 1034, "true", false), // the account never rotates
        (26, 1052, "false", true), // the policy supports no override
    ] {
        let bt = sandbox();
        bt.ask(&format!(
            r#"{{"SystemID":{system},"AccountID":{account},"DurationMinutes":5,"RotateOnCheckin":{asked}}}"#
        ))
        .is(201);
        assert_eq!(bt.0.record().rotate_on_check_in, Some(recorded), "{account} {asked}");
    }
}

#[test]
fn an_alias_stands_for_its_account() {
    let bt = sandbox();
    let ask = "POST Aliases/301/Requests";
    // A SystemID in the body is ignored.
    let body = r#"{"DurationMinutes":5,"SystemID":1,"AccountID":2,"AccessType":"SSH"}"#;
    bt.by("requester", ask, body).is(201);
    let record = bt.0.record();
    assert_eq!(record.account.unwrap().id.as_deref(), Some("1046"));
    assert_eq!(record.alias.unwrap().name.as_deref(), Some("erp-batch"));
    assert_eq!(record.kind, "ssh");
    // The alias form has no ApplicationID.
    bt.by("requester", ask, r#"{"DurationMinutes":5,"AccessType":"App","ApplicationID":61}"#).is(400);
    bt.by("requester", "POST Aliases/999/Requests", r#"{"DurationMinutes":5}"#).is(404);
    assert_eq!(bt.by("requester", ask, r#"{"DurationMinutes":5}"#).is(409).body, "4091");
    let listed = bt.by("requester", "GET Requests", "").is(200).json();
    assert_eq!(listed[0]["AliasID"], 301);
}

#[test]
fn a_conflict_is_refused_reused_or_renewed() {
    let bt = sandbox();
    let ask =
        |more: &str| bt.ask(&format!(r#"{{"SystemID":14,"AccountID":1032,"DurationMinutes":60{more}}}"#));
    assert_eq!(ask("").is(201).body, "124");
    assert_eq!(ask("").is(409).body, "4091");
    assert_eq!(ask(r#","AccessType":"RDP""#).is(409).body, "4091", "of any type");
    assert_eq!(ask(r#","ConflictOption":"reuse""#).is(200).body, "124");
    let other_type = ask(r#","AccessType":"RDP","ConflictOption":"reuse""#);
    assert_eq!(other_type.is(201).body, "125", "reuse is of the same type only");
    assert_eq!(ask(r#","ConflictOption":"Renew""#).is(201).body, "126");
    let states: Vec<_> = bt.0.sandbox.records().into_iter().map(|r| (r.id, r.state)).collect();
    let listed = bt.by("requester", "GET Requests?status=active", "").is(200).json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "renew cancels both types: {states:?}");
    assert_eq!(listed[0]["RequestID"], 126);
    bt.0.pass_minutes(60);
    assert_eq!(ask("").is(201).body, "127", "what is over stands in nobody's way");
}

#[test]
fn reuse_passes_over_what_is_not_yet_approved() {
    let bt = sandbox();
    bt.made(14, 1033);
    let body = r#"{"SystemID":14,"AccountID":1033,"DurationMinutes":60,"ConflictOption":"reuse"}"#;
    assert_eq!(bt.ask(body).is(201).body, "125");
    bt.by("approver", "PUT Requests/125/Approve", "").is(204);
    assert_eq!(bt.ask(body).is(200).body, "125");
}

#[test]
fn another_user_conflicts_where_the_policy_is_exclusive() {
    let bt = sandbox();
    bt.made(25, 1051);
    let body = |more: &str| format!(r#"{{"SystemID":25,"AccountID":1051,"DurationMinutes":5{more}}}"#);
    for more in ["", r#","ConflictOption":"reuse""#, r#","ConflictOption":"renew""#] {
        assert_eq!(bt.by("both", "POST Requests", &body(more)).is(409).body, "4091");
    }
    bt.made(14, 1032);
    let shared = r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":5}"#;
    bt.by("both", "POST Requests", shared).is(201);
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
