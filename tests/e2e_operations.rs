//! BeyondTrust's operations beside creating, as its clients spell them, through the real program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use e2e_support::callers::fault;
use e2e_support::vault::{TOKEN, sign_in};
use e2e_support::world::World;
use e2e_support::{
    Act, BEYONDTRUST, Caller, Config, Program, Reply, Vault, call, only_record, records, reset,
};
use serde_json::{Value, json};

/// Decides on what `BEYONDTRUST` asks for. As the vendor's Python client signs: the key alone.
const APPROVER: Caller =
    Caller { authorization: "PS-Auth key=sandbox-bt-key-approver", name: "CORP\\asmith", ..BEYONDTRUST };

/// root on db07: waits for one approver.
const WAITING: &str = r#"{"SystemID": 14, "AccountID": 1033, "DurationMinutes": 60, "Reason": "look", "ConflictOption": "renew"}"#;
/// deploy on web01: approved at once.
const AT_ONCE: &str =
    r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "ConflictOption": "renew"}"#;

const REQUESTS: &str = "/BeyondTrust/api/public/v3/Requests";

fn nothing(reply: &Reply) {
    assert_eq!((reply.status, reply.body.as_slice()), (204, &b""[..]), "{reply:?}");
    assert_eq!(reply.header("content-type"), None, "{reply:?}");
}

#[test]
fn a_request_lives_its_life() {
    let world = World::start();
    let (waiting, at_once) = (world.create(WAITING), world.create(AT_ONCE));
    assert_eq!(records(world.vault()).len(), 2);

    assert_eq!(world.list(&BEYONDTRUST, ""), [waiting, at_once]);
    assert_eq!(world.list(&BEYONDTRUST, "?status=active&queue=req"), [at_once]);
    assert_eq!(world.list(&BEYONDTRUST, "?STATUS=Pending&Queue=REQ"), [waiting]);
    assert_eq!(world.list(&APPROVER, "?queue=app"), [waiting]);
    assert_eq!(world.list(&APPROVER, "?status=all&queue=req"), [] as [u64; 0]);
    let row = world.call(&BEYONDTRUST, "GET", "/Requests?status=pending", None).json();
    assert_eq!(row[0]["AccountName"], "root", "{row}");
    assert_eq!(row[0]["RequestorName"], "CORP\\jdoe", "{row}");

    let approve = format!("/Requests/{waiting}/Approve");
    // Not yet approved, one's own, an approver's queue: the codes of the vendor's own server.
    for (caller, method, path, code) in [
        (&BEYONDTRUST, "PUT", format!("/Requests/{waiting}/Checkin"), "4034"),
        (&BEYONDTRUST, "PUT", approve.clone(), "4033"),
        (&BEYONDTRUST, "PUT", format!("/Requests/{waiting}/Deny"), "4033"),
        // auditor on hr02: the requester may only approve there.
        (&BEYONDTRUST, "POST", "/Requests".to_owned(), "4033"),
    ] {
        let auditor = r#"{"SystemID": 22, "AccountID": 1053, "DurationMinutes": 60}"#;
        let body = if method == "PUT" { "{}" } else { auditor };
        fault(caller, &world.call(caller, method, &path, Some(body)), 403, code);
    }
    nothing(&world.call(&APPROVER, "PUT", &approve, Some(r#"{"Reason": "go ahead"}"#)));
    assert_eq!(world.state(waiting), "approved");
    fault(&APPROVER, &world.call(&APPROVER, "PUT", &approve, Some("{}")), 403, "4036");
    let record = records(world.vault()).remove(0);
    assert_eq!(record["approvals"][0]["by"], "CORP\\asmith", "{record}");
    assert_eq!(record["approvals"][0]["comment"], "go ahead", "{record}");

    nothing(&world.call(
        &BEYONDTRUST,
        "PUT",
        &format!("/Requests/{waiting}/Checkin"),
        Some(r#"{"Reason": null}"#),
    ));
    nothing(&world.call(&BEYONDTRUST, "PUT", &format!("/Requests/Release/{at_once}"), None));
    assert_eq!(
        (world.state(waiting), world.state(at_once)),
        ("checked-in".to_owned(), "checked-in".to_owned())
    );
    let reply = world.call(&BEYONDTRUST, "PUT", &format!("/Requests/{waiting}/Checkin"), Some("{}"));
    assert_eq!(reply.status, 404, "over: {reply:?}");

    let denied = world.create(WAITING);
    nothing(&world.call(&APPROVER, "PUT", &format!("/Requests/{denied}/Deny"), None));
    assert_eq!(world.state(denied), "denied");
}

#[test]
fn rotation_is_turned_on_afterwards() {
    let world = World::start();
    let body = r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "RotateOnCheckin": false}"#;
    let id = world.create(body);
    assert_eq!(only_record(world.vault())["rotate_on_check_in"], false);
    nothing(&world.call(&BEYONDTRUST, "PUT", &format!("/Requests/{id}/RotateOnCheckin"), None));
    assert_eq!(only_record(world.vault())["rotate_on_check_in"], true);
}

#[test]
fn anothers_request_is_as_good_as_unknown_to_a_requester() {
    let world = World::start();
    let id = world.create(AT_ONCE);
    let operations = ["Checkin", "RotateOnCheckin"].map(|verb| format!("/Requests/{id}/{verb}"));
    let unknown = "/Requests/987654/Checkin";
    let text = fault(&APPROVER, &world.call(&APPROVER, "PUT", unknown, Some("{}")), 404, "");
    for path in operations.iter().chain([&format!("/Requests/Release/{id}")]) {
        let reply = world.call(&APPROVER, "PUT", path, Some("{}"));
        let told = fault(&APPROVER, &reply, 404, "");
        assert!(!told.contains("jdoe") && !told.contains("belongs"), "{told}");
        assert!(!text.is_empty() && !told.is_empty());
    }
    assert_eq!(world.state(id), "approved", "nothing happened to it");
    assert_eq!(only_record(world.vault())["rotate_on_check_in"], true, "{}", only_record(world.vault()));

    // A request that was made past the gateway is the upstream's to judge.
    let at = world.vault();
    let sign = ("Authorization", "PS-Auth key=sandbox-bt-key-requester; runas=CORP\\jdoe;");
    let path = "/BeyondTrust/api/public/v3/Auth/SignAppin";
    let cookie = call(at, "POST", path, &[sign], Some(b"")).header("set-cookie").unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let body = br#"{"SystemID": 17, "AccountID": 1042, "DurationMinutes": 60}"#;
    let made = call(at, "POST", REQUESTS, &[("Cookie", cookie)], Some(body));
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/Requests/{}/Checkin", made.text());
    fault(&APPROVER, &world.call(&APPROVER, "PUT", &path, Some("{}")), 403, "4031");
    nothing(&world.call(&BEYONDTRUST, "PUT", &path, Some("{}")));
}

/// Two principals that are one user at the upstream: there is nobody but the gateway to tell whose a request is, so no
/// spelling of its id that a server might take for the id may pass for another.
#[test]
fn no_spelling_of_an_id_leads_around_its_owner() {
    let world = World::with(|config| config.one_identity = true);
    let id = world.create(AT_ONCE);
    let spellings = [
        format!("{id}"),
        format!("0{id}"),
        format!("+{id}"),
        format!("%2B{id}"),
        format!("%20{id}"),
        format!("{id}%20"),
        format!("{id}%00"),
        format!("%09{id}%0A"),
        format!("x%2F..%2F{id}"),
        format!("..%2FRequests%2F{id}"),
        format!("x%5C..%5C{id}"),
        id.to_string().bytes().map(|b| format!("%{b:02x}")).collect(),
        // .NET's own conversion of texts to integers reads these, too.
        format!("0x{id:x}"),
        format!("%230{id:X}"),
        format!("%26H{id:x}"),
        format!("{id}%EF%BB%BF"),
    ];
    for spelt in spellings {
        for path in [
            format!("/Requests/{spelt}/Checkin"),
            format!("/Requests/Release/{spelt}"),
            format!("/Requests/{spelt}/RotateOnCheckin"),
        ] {
            let reply = world.call(&APPROVER, "PUT", &path, Some("{}"));
            assert!(matches!(reply.status, 400 | 404), "{path}: {reply:?}");
            assert_eq!(world.state(id), "approved", "{path}: {reply:?}");
        }
    }
    nothing(&world.call(&BEYONDTRUST, "PUT", &format!("/Requests/{id}/Checkin"), Some("{}")));
}

/// Nothing of an upstream's head comes through but the type of its body; what a client must not choose doesn't go in.
#[test]
fn heads_do_not_pass_through() {
    let vault = Vault::start(|asked| {
        sign_in(asked).unwrap_or_else(|| Act::Reply {
            status: 201,
            head: "content-type: text/json\r\nset-cookie: a=b\r\nserver: IIS\r\nx-powered-by: vault\r\nlocation: /124\r\n".to_owned(),
            body: b"124".to_vec(),
        })
    });
    let config = Config::before("beyondtrust", vault.at);
    let gateway = Program::configured(&config.write());
    let headers = [
        ("Authorization", BEYONDTRUST.authorization),
        ("Cookie", "ASP.NET_SessionId=chosen"),
        ("X-Forwarded-For", "10.9.8.7"),
        ("X-Request-Id", "mine\\u0007"),
        ("Connection", "x-forwarded-for"),
    ];
    let body = BEYONDTRUST.wish().to_string();
    let reply = call(gateway.gateway(), "POST", REQUESTS, &headers, Some(body.as_bytes()));
    let mut names: Vec<&str> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "content-type", "date", "pamgate-request-id"], "{reply:?}");
    let asked = vault.asked();
    let create = asked.iter().find(|asked| asked.line.contains("/Requests")).unwrap();
    assert_eq!(create.body, body, "the body goes on as it came");
    for unwanted in ["chosen", "10.9.8.7", "mine", "sandbox-bt-key"] {
        assert!(!create.head.contains(unwanted), "{unwanted} is sent on: {}", create.head);
    }
    assert!(create.head.contains(TOKEN), "the session's own cookie: {}", create.head);
}

#[test]
fn clients_spell_as_they_like() {
    let world = World::start();
    let to = world.gateway.gateway();
    let key = "PS-Auth key=sandbox-bt-key-requester;";
    let plain = r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60}"#;
    let cases: [(&str, &str, &str); 8] = [
        (BEYONDTRUST.authorization, "/beyondtrust/api/public/v3/requests", plain),
        (BEYONDTRUST.authorization, "/BeyondTrust/api/public/v3/Requests/", plain),
        (BEYONDTRUST.authorization, "/BeyondTrust/api/public/v3/Requests?", plain),
        (BEYONDTRUST.authorization, "/BeyondTrust/api/public/v3/Requests?version=3.1", plain),
        (
            "ps-auth key=sandbox-bt-key-requester; runas=corp\\JDOE;",
            "/eEye.RetinaCS.Server/api/public/v3/Requests",
            plain,
        ),
        (key, REQUESTS, r#"{"SystemID": "15", "AccountID": "1040", "DurationMinutes": "60"}"#),
        (
            key,
            REQUESTS,
            r#"{"systemId": 15, "ACCOUNTID": 1040, "durationminutes": 60, "NotTheVendors": {"a": [1]}}"#,
        ),
        (
            key,
            REQUESTS,
            r#"{"AccessType": null, "SystemID": 15, "AccountID": 1040, "ApplicationID": null, "DurationMinutes": 60, "Reason": null,
                "AccessPolicyScheduleID": null, "ConflictOption": null, "TicketSystemID": null, "TicketNumber": null, "RotateOnCheckin": null}"#,
        ),
    ];
    for (sign, path, body) in cases {
        let reply = call(to, "POST", path, &[("Authorization", sign)], Some(body.as_bytes()));
        assert_eq!(reply.status, 201, "{path} {body}: {reply:?}");
        let record = only_record(world.vault());
        assert_eq!(record["id"], reply.json().to_string(), "{path} {body}");
        assert_eq!(
            (&record["account"]["id"], &record["length_seconds"]),
            (&json!("1040"), &json!(3600)),
            "{path} {body}"
        );
        let id = reply.text();
        let path = format!("/beyondtrust/api/public/v3/requests/{id}/checkin/?");
        nothing(&call(to, "PUT", &path, &[("Authorization", sign)], None));
        reset(world.vault());
    }
    let another = ("Authorization", "PS-Auth key=sandbox-bt-key-requester; runas=CORP\\asmith;");
    let wrong = call(to, "POST", REQUESTS, &[another], Some(plain.as_bytes()));
    assert_eq!(wrong.status, 401, "another's name beside the key: {wrong:?}");
}

#[test]
fn an_alias_is_asked_by_its_own_address() {
    let world = World::start();
    let reply = world.call(
        &BEYONDTRUST,
        "POST",
        "/Aliases/301/Requests",
        Some(r#"{"DurationMinutes": 30, "Reason": "batch"}"#),
    );
    assert_eq!(reply.status, 201, "{reply:?}");
    let record = only_record(world.vault());
    assert_eq!(
        (&record["alias"]["id"], &record["account"]["name"]),
        (&json!("301"), &json!("erpbatch")),
        "{record}"
    );
    assert_eq!(record["length_seconds"], 1800, "{record}");

    let other = Program::before("cyberark");
    let body = br#"{"DurationMinutes": 30, "Reason": "batch"}"#;
    let reply = BEYONDTRUST.call(other.gateway(), "POST", "/Aliases/301/Requests", Some(body));
    assert_eq!(reply.status, 201, "{reply:?}");
    let record = only_record(other.at("sandbox.cyberark"));
    assert_eq!((&record["account"]["id"], &record["state"]), (&json!("17_2"), &json!("pending")), "{record}");
    let reply = BEYONDTRUST.call(other.gateway(), "POST", "/Aliases/999/Requests", Some(body));
    fault(&BEYONDTRUST, &reply, 403, "4031");
}

#[test]
fn a_conflict_passes_and_a_reuse_is_told() {
    let world = World::start();
    let body = |conflict: &str| {
        format!(
            r#"{{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "ConflictOption": {conflict}}}"#
        )
    };
    let first = world.create(&body("null"));
    let reply = world.call(&BEYONDTRUST, "POST", "/Requests", Some(&body("null")));
    fault(&BEYONDTRUST, &reply, 409, "4091");
    let reply = world.call(&BEYONDTRUST, "POST", "/Requests", Some(&body("\"Reuse\"")));
    assert_eq!((reply.status, reply.json()), (200, Value::from(first)), "{reply:?}");
    let renewed = world.create(&body("\"renew\""));
    assert!(renewed != first);
    assert_eq!(world.state(first), "cancelled");
}

/// What the server behind has no operation for is a fault of the dialect: never a bare status, never a crash.
#[test]
fn what_cannot_be_served_is_said_so() {
    for upstream in ["cyberark", "safeguard"] {
        let program = Program::before(upstream);
        let wish = BEYONDTRUST.wish();
        let id = BEYONDTRUST.create(program.gateway(), &wish).json();
        for (method, path) in [
            ("GET", "/Requests".to_owned()),
            ("PUT", format!("/Requests/{id}/Checkin")),
            ("PUT", format!("/Requests/Release/{id}")),
            ("PUT", format!("/Requests/{id}/RotateOnCheckin")),
            ("PUT", "/Requests/77/Approve".to_owned()),
            ("PUT", "/Requests/77/Deny".to_owned()),
        ] {
            let body = (method == "PUT").then_some(&b"{}"[..]);
            let reply = BEYONDTRUST.call(program.gateway(), method, &path, body);
            let text = fault(&BEYONDTRUST, &reply, 404, "");
            assert!(text.contains("not served"), "{method} {path} before {upstream}: {text}");
        }
        assert_eq!(only_record(program.at(&format!("sandbox.{upstream}")))["state"], "approved");
    }
}
