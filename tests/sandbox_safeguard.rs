//! The Safeguard sandbox: every documented code by its documented cause.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "sandbox_safeguard/broker.rs"]
mod broker;
mod sandbox_support;

use pamgate::sandbox::Vendor;
use sandbox_support::{Answer, Server};
use serde_json::json;

struct Safeguard(Server);

fn sandbox() -> Safeguard {
    Safeguard(Server::new(Vendor::Safeguard))
}

const A2A: (&str, &str) = ("authorization", "A2A sandbox-sg-a2a-key");

impl Safeguard {
    fn a2a(&self, body: &str) -> Answer {
        self.0.call("POST /service/a2a/v4/AccessRequests", &[A2A], body)
    }

    /// A request by the requester with more properties; it must succeed.
    fn made(&self, asset: u32, account: u32, more: &str) -> serde_json::Value {
        let body = format!(
            r#"{{"ForUserId":55,"AssetId":{asset},"AccountId":{account},"AccessRequestType":"Password"{more}}}"#
        );
        self.a2a(&body).is(201).json()
    }

    fn sts(&self, name: &str, password: &str, scope: &str) -> Answer {
        let body = json!({ "grant_type": "password", "username": name, "password": password,
            "scope": format!("rsts:sts:primaryproviderid:{scope}") });
        self.0.call("POST /RSTS/oauth2/token", &[], &body.to_string())
    }

    fn token(&self, name: &str) -> String {
        let role = match name {
            "jdoe" => "requester",
            "asmith" => "approver",
            "mlee" => "second-approver",
            "padmin" => "policy-admin",
            "outsider" => "outsider",
            _ => "both",
        };
        let sts = self.sts(name, &format!("sandbox-sg-password-{role}"), "local");
        let sts = sts.is(200).json()["access_token"].as_str().unwrap().to_owned();
        let body = json!({ "StsAccessToken": sts }).to_string();
        let ask = "POST /service/core/v4/Token/LoginResponse";
        let bearer = format!("Bearer {sts}");
        let answer = self.0.call(ask, &[("authorization", &bearer)], &body).is(200);
        assert_eq!(answer.json()["Status"], "Success");
        answer.json()["UserToken"].as_str().unwrap().to_owned()
    }

    fn by(&self, who: &str, ask: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token(who));
        let (method, path) = ask.split_once(' ').unwrap();
        let ask = format!("{method} /service/core/v4/{path}");
        self.0.call(&ask, &[("authorization", &bearer)], body)
    }

    /// An action on the newest request.
    fn act(&self, who: &str, action: &str, body: &str) -> Answer {
        let id = self.0.record().id;
        self.by(who, &format!("POST AccessRequests/{id}/{action}"), body)
    }
}

#[test]
fn the_broker_makes_a_request_for_a_user() {
    let sg = sandbox();
    let body = r#"{"ForUser":"jdoe","ForProvider":"local","SystemName":"DB-07","AccountName":"oracle",
        "AccessRequestType":"Password","RequestedDurationHours":1,"ReasonCode":"Maintenance","ReasonComment":"disk full",
        "IsEmergency":false,"TicketNumber":"CHG-1"}"#;
    let made = sg.a2a(body).is(201).json();
    assert_eq!(made["State"], "RequestAvailable");
    assert_eq!(made["DurationInMinutes"], 60);
    assert_eq!(made["RequesterId"], 55);
    assert_eq!(made["ReasonCode"]["Id"], 3);
    let record = sg.0.record();
    assert_eq!(record.kind, "credential");
    assert_eq!(record.requested_for.as_deref(), Some("jdoe"));
}

#[test]
fn the_broker_wants_a_key_and_where_told_a_certificate() {
    let sg = sandbox();
    let ask = "POST /service/a2a/v4/AccessRequests";
    let code = |headers: &[(&str, &str)], peer: Option<&[u8]>| {
        let answer = sg.0.call_from(peer, ask, headers, "{}");
        (answer.status, answer.json()["Code"].as_i64().unwrap())
    };
    assert_eq!(code(&[], None), (401, 60108));
    assert_eq!(code(&[("authorization", "A2A wrong")], None), (401, 60094));
    assert_eq!(code(&[("authorization", "Bearer x")], None), (401, 60108));
    assert_eq!(code(&[A2A], None), (400, 70000));
    sg.0.sandbox.require_certificate(true);
    assert_eq!(code(&[A2A], None), (401, 60094));
    assert_eq!(code(&[A2A], Some(b"a certificate")), (400, 70000));
}

#[test]
fn addresses_match_as_clients_spell_them() {
    let sg = sandbox();
    for (ask, status) in [
        ("POST /service/a2a/v3/accessrequests/", 400),
        ("POST /service/A2A/V2/AccessRequests?", 400),
        ("POST /service/a2a/v1/AccessRequests", 404),
        ("GET /service/a2a/v4/AccessRequests", 405),
        ("GET /service/a2a/v4/Nothing", 404),
        ("DELETE /service/core/v4/Token/Logout", 405),
        ("GET /RSTS/oauth2/token", 405),
        ("POST /RSTS//oauth2/token", 400),
        ("GET /service/core/v4/AccessRequests", 401),
        ("GET /", 404),
    ] {
        assert_eq!(sg.0.call(ask, &[A2A], "{}").status, status, "{ask}");
    }
}

#[test]
fn the_core_api_is_entered_by_the_token_exchange() {
    let sg = sandbox();
    let providers = sg.0.call("GET /service/core/v4/AuthenticationProviders", &[], "").is(200).json();
    assert_eq!(providers[1]["RstsProviderId"], "local");
    sg.sts("jdoe", "wrong", "local").is(400);
    sg.sts("jdoe", "sandbox-sg-password-requester", "corp.example").is(400);
    let sts = sg.sts("jdoe", "sandbox-sg-password-requester", "local").is(200);
    assert!(
        sts.body.contains("\"access_token\":\"sts-") && !sts.body.contains("\": "),
        "compact: {}",
        sts.body
    );
    let exchange = "POST /service/core/v4/Token/LoginResponse";
    assert_eq!(sg.0.call(exchange, &[], r#"{"StsAccessToken":"x"}"#).is(400).json()["Code"], 60519);
    let me = |token: &str| {
        let bearer = format!("Bearer {token}");
        let answer = sg.0.call("GET /service/core/v4/Me", &[("authorization", &bearer)], "");
        (answer.status, answer.json()["Code"].as_i64())
    };
    assert_eq!(
        me(sts.json()["access_token"].as_str().unwrap()),
        (401, Some(60094)),
        "good for the exchange only"
    );
    let token = sg.token("jdoe");
    assert_eq!(me(&token), (200, None));
    assert_eq!(me("x"), (401, Some(60094)));
    let bearer = format!("Bearer {token}");
    let logout = "POST /service/core/v4/Token/Logout";
    sg.0.call(logout, &[("authorization", &bearer)], "").is(204);
    sg.0.call(logout, &[("authorization", &bearer)], "").is(401);
    let token = sg.token("jdoe");
    sg.0.pass_minutes(24 * 60 + 1);
    assert_eq!(me(&token), (401, Some(60094)), "it lives a day");
}

#[test]
fn the_core_api_makes_requests_for_oneself() {
    let sg = sandbox();
    let body =
        r#"{"AssetId":2107,"AccountId":5513,"AccessRequestType":"Password","RequestedDurationHours":1}"#;
    let made = sg.by("jdoe", "POST AccessRequests", body).is(200).json();
    assert_eq!(made["State"], "PendingApproval");
    assert_eq!((&made["CurrentApprovalCount"], &made["RequiredApprovalCount"]), (&json!(0), &json!(1)));
    assert_eq!(sg.0.record().requested_for, None);
    let by_name = body.replace(r#""AssetId":2107"#, r#""AssetName":"DB-07""#);
    sg.by("jdoe", "POST AccessRequests", &by_name).is(400);
}

#[test]
fn a_request_goes_its_way() {
    let sg = sandbox();
    sg.made(2112, 5524, "");
    let state = |answer: Answer| answer.is(200).json()["State"].as_str().unwrap().to_owned();
    assert_eq!(state(sg.act("asmith", "Approve", "\"fine\"")), "PendingApproval");
    sg.act("asmith", "Approve", "").is(400);
    assert_eq!(state(sg.act("mlee", "Approve", "")), "RequestAvailable");
    assert_eq!(sg.act("jdoe", "CheckOutPassword", "").is(200).body, "\"sandbox-secret-of-5524\"");
    assert_eq!(sg.0.state(), "in-use");
    sg.act("jdoe", "Cancel", "").is(400);
    assert_eq!(state(sg.act("jdoe", "CheckIn", "")), "RequestCheckedIn");
    let id = sg.0.record().id;
    let read = sg.by("jdoe", &format!("GET AccessRequests/{id}"), "").is(200).json();
    assert_eq!((&read["State"], &read["WasCheckedOut"]), (&json!("Complete"), &json!(true)));
    let actions: Vec<_> =
        read["WorkflowActions"].as_array().unwrap().iter().map(|a| a["ActionType"].clone()).collect();
    assert_eq!(actions, ["Request", "Approve", "Approve", "CheckOut", "CheckIn"]);
    assert_eq!(sg.0.record().approvals[0].comment.as_deref(), Some("fine"));
}

#[test]
fn each_end_has_its_state_and_flag() {
    let end = |account: u32, steps: &[(&str, &str)]| {
        let sg = sandbox();
        sg.made(2107, account, "");
        for (who, action) in steps {
            match *action {
                "time" => sg.0.pass_minutes(120),
                action => drop(sg.act(who, action, "").is(200)),
            }
        }
        let id = sg.0.record().id;
        let read = sg.by("padmin", &format!("GET AccessRequests/{id}"), "").is(200).json();
        let flags = ["WasCancelled", "WasDenied", "WasExpired", "WasRevoked"];
        let flag = flags.into_iter().find(|f| read[*f] == true).unwrap_or("");
        (read["State"].as_str().unwrap().to_owned(), flag, sg.0.state())
    };
    let is = |state: &str, flag, neutral: &str| (state.to_owned(), flag, neutral.to_owned());
    assert_eq!(end(5512, &[("jdoe", "Cancel")]), is("Complete", "WasCancelled", "cancelled"));
    assert_eq!(end(5513, &[("jdoe", "Cancel")]), is("Complete", "WasCancelled", "cancelled"));
    assert_eq!(end(5513, &[("asmith", "Deny")]), is("PendingAcknowledgment", "WasDenied", "denied"));
    assert_eq!(
        end(5513, &[("asmith", "Deny"), ("jdoe", "Acknowledge")]),
        is("Closed", "WasDenied", "denied")
    );
    assert_eq!(
        end(5513, &[("asmith", "Approve"), ("asmith", "Deny")]),
        is("PendingAcknowledgment", "WasRevoked", "cancelled")
    );
    assert_eq!(end(5512, &[("", "time")]), is("Expired", "WasExpired", "expired"));
    assert_eq!(end(5512, &[("", "time"), ("jdoe", "Acknowledge")]), is("Closed", "WasExpired", "expired"));
    assert_eq!(end(5512, &[("padmin", "Close")]).0, "Complete");
}

#[test]
fn acting_answers_each_cause() {
    let long = format!("\"{}\"", "x".repeat(256));
    let cases = [
        ("approved", "asmith", "Approve", "", 200),
        ("a comment", "asmith", "deny", "\"no\"", 200),
        ("a long comment", "asmith", "Deny", &long, 400),
        ("a comment that is no string", "asmith", "Deny", "{}", 400),
        ("one's own approved", "jdoe", "Approve", "", 403),
        ("approved by one who may not see it", "outsider", "Approve", "", 404),
        ("approved by a mere admin", "padmin", "Approve", "", 403),
        ("cancelled by another", "asmith", "Cancel", "", 403),
        ("checked out too early", "jdoe", "CheckOutPassword", "", 400),
        ("checked in unused", "jdoe", "CheckIn", "", 400),
        ("acknowledged while open", "jdoe", "Acknowledge", "", 400),
        ("closed by the requester", "jdoe", "Close", "", 403),
        ("an unknown action", "jdoe", "Dance", "", 404),
    ];
    for (name, who, action, body, status) in cases {
        let sg = sandbox();
        sg.made(2107, 5513, "");
        assert_eq!(sg.act(who, action, body).status, status, "{name}");
    }
    let sg = sandbox();
    sg.by("jdoe", "GET AccessRequests/1", "").is(404);
    sg.by("jdoe", "POST AccessRequests/138-450-76-9800-1-87030a13e37a4cda845395b15ce202bb-1/Cancel", "")
        .is(404);
}

#[test]
fn lists_and_look_ups() {
    let sg = sandbox();
    sg.made(2107, 5512, "");
    sg.made(2107, 5513, "");
    let get = |who: &str, ask: &str| sg.by(who, &format!("GET {ask}"), "");
    let count = |who: &str, ask: &str| get(who, ask).is(200).json().as_array().unwrap().len();
    assert_eq!(count("jdoe", "AccessRequests"), 2);
    assert_eq!(count("jdoe", "AccessRequests?page=1&limit=1"), 1);
    assert_eq!(get("jdoe", "AccessRequests?count=true").is(200).body, "2");
    assert_eq!(count("outsider", "AccessRequests"), 0);
    get("jdoe", "AccessRequests?filter=State%20eq%20'New'").is(400);
    let actionable = get("asmith", "Me/ActionableRequests").is(200).json();
    assert_eq!(actionable["Approver"].as_array().unwrap().len(), 2);
    assert_eq!(count("jdoe", "Me/ActionableRequests/Requester"), 2);
    assert_eq!(get("jdoe", "ReasonCodes").is(200).json()[1]["Name"], "Incident");
    assert_eq!(get("jdoe", "Me").is(200).json()["Id"], 55);
    assert_eq!(count("jdoe", "Me/AccessRequestAssets?filter=Name%20ieq%20'db-07'"), 1);
    assert_eq!(count("jdoe", "Me/AccessRequestAssets?filter=NetworkAddress%20ieq%20'10.0.7.7'"), 1);
    assert_eq!(count("jdoe", "Me/AccessRequestAssets?q=hr"), 0);
    assert_eq!(get("jdoe", "Me/AccessRequestAssets?filter=Name%20like%20'x'").is(400).json()["Code"], 70003);
    assert_eq!(get("jdoe", "Me/AccessRequestAssets?filter=Nme%20eq%20'x'").is(400).json()["Code"], 70009);
    let entitled =
        get("jdoe", "Me/RequestEntitlements?assetIds=2114&accessRequestType=password").is(200).json();
    assert_eq!(entitled[0]["Account"]["Id"], 5527);
    assert_eq!(entitled[0]["Policy"]["RequesterProperties"]["RequireServiceTicket"], true);
}
