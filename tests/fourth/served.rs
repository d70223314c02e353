//! The fourth dialect through the real program, on either side of it.
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use pamgate::canonical::time::read_length;
use serde_json::{Value, json};

use super::e2e_support::config::{REQUESTER, identity};
use super::e2e_support::vault::TOKEN;
use super::e2e_support::{
    Act, BEYONDTRUST, CYBERARK, Caller, Program, Reply, SAFEGUARD, Vault, callers, only_record, records,
};
use super::{BUILT_IN, folder};

/// Vaultline's clients, as they speak to the gateway.
const AUTHORIZATION: &str = "VL2 token=vaultline-token-of-jd; subject=jd;";
const GRANTS: &str = "/vl/v2/vaults/web/grants";
const PASSWORD: &str = "vaultline-password-of-jd";

/// A gateway before an upstream, with the fourth dialect from its folders. The folder lives as long as the gateway.
struct Served {
    gateway: Program,
    _folder: tempfile::TempDir,
}

impl Served {
    fn before(upstream: &str, at: std::net::SocketAddr) -> Served {
        let kept = tempfile::tempdir().unwrap();
        let path = kept.path().join("pamgate.toml");
        std::fs::write(&path, configuration(upstream, at)).unwrap();
        Served { gateway: Program::configured(&path), _folder: kept }
    }

    /// One call of Vaultline's.
    fn call(&self, method: &str, path: &str, authorization: &str, body: Option<&Value>) -> Reply {
        let headers = [("X-Vaultline-Auth", authorization), ("Content-Type", "application/json")];
        let body = body.map(|body| body.to_string().into_bytes());
        super::e2e_support::call(self.gateway.gateway(), method, path, &headers, body.as_deref())
    }
}

fn configuration(upstream: &str, at: std::net::SocketAddr) -> String {
    let shown = |name: &str| -> PathBuf { folder(name) };
    let identity = match upstream {
        "vaultline" => format!("user = \"jd\"\ntenant = \"corp\"\npassword = {{ value = \"{PASSWORD}\" }}"),
        one_of_the_three => identity(one_of_the_three, "requester"),
    };
    format!(
        r#"
[gateway]
listen = "127.0.0.1:0"

[files]
mappings  = ['{}']
schemas   = ['{}']
crosswalk = ['{}']

[store]
kind = "memory"

[[upstream]]
name    = "vault"
dialect = "{upstream}"
url     = "http://{at}"

[[caller]]
name = "requester"
[caller.from.vaultline]
key  = {{ value = "vaultline-token-of-jd" }}
user = "jd"
{REQUESTER}
[caller.as.vault]
{identity}
"#,
        shown("mappings").display(),
        shown("schemas").display(),
        shown("crosswalk.csv").display(),
    )
}

#[test]
fn its_clients_are_served_by_the_three() {
    for upstream in BUILT_IN {
        let sandbox = Program::sandbox(upstream);
        let at = sandbox.at(&format!("sandbox.{upstream}"));
        let served = Served::before(upstream, at);
        let wish = json!({
            "resource": { "host": "WEB01", "login": "deploy" }, "access": { "mode": "secret", "form": "any" },
            "window": { "lease": "PT2H" }, "why": { "text": "release 42" }, "options": { "uses": "unlimited" },
        });
        let reply = served.call("POST", GRANTS, AUTHORIZATION, Some(&wish));
        assert_eq!(reply.status, 202, "{upstream}: {reply:?}");
        let data = &reply.json()["data"];
        let id = data["id"].as_str().unwrap();
        assert!(id.starts_with("gr-web-7"), "{upstream}: {reply:?}");
        // It named the host in capitals, and is told what was found.
        assert_eq!(data["resource"], json!({ "ref": "web01.deploy", "host": "web01" }), "{upstream}");
        assert_eq!(data["owner"], "jd", "{upstream}");
        assert_eq!(
            (&data["lease_minutes"], &data["summary"]),
            (&json!(120), &json!("release 42")),
            "{upstream}"
        );

        let record = only_record(at);
        assert_eq!(record["account"]["name"], "deploy", "{upstream}: {record}");
        assert_eq!(
            (&record["kind"], &record["reason"]),
            (&json!("credential"), &json!("release 42")),
            "{upstream}"
        );
        let length = record["length_seconds"].as_i64().unwrap();
        assert!((7140..=7200).contains(&length), "{upstream}: {record}");
    }
}

#[test]
fn its_clients_are_refused_in_its_words() {
    let sandbox = Program::sandbox("beyondtrust");
    let at = sandbox.at("sandbox.beyondtrust");
    let served = Served::before("beyondtrust", at);
    let wish = json!({ "resource": { "ref": "web01.deploy" }, "window": { "lease": "PT1H" } });
    let problem = |reply: &Reply, status: u16| {
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{reply:?}");
        reply.json()
    };
    let unknown = served.call("POST", GRANTS, "VL2 token=wrong; subject=jd;", Some(&wish));
    assert_eq!(problem(&unknown, 401)["detail"], "No session.");
    let other = served.call("POST", GRANTS, "VL2 token=vaultline-token-of-jd; subject=asmith;", Some(&wish));
    let other = problem(&other, 401);
    assert_eq!((&other["status"], &other["code"]), (&json!(401), &json!("VL-200")));
    // Paths count letter by letter: this one is nobody's.
    let path = served.call("POST", "/vl/v2/VAULTS/web/grants", AUTHORIZATION, Some(&wish));
    assert_eq!(problem(&path, 404)["type"], "urn:vaultline:problem:VL-400");
    let method = served.call("PUT", GRANTS, AUTHORIZATION, Some(&wish));
    assert_eq!(
        problem(&method, 405),
        json!({
            "title": "A problem", "status": 405, "detail": "The operation does not take this method.",
        })
    );
    let nobody = served.call("POST", "/vl/v2/vaults/db/grants", AUTHORIZATION, Some(&wish));
    assert_eq!(
        problem(&nobody, 404)["detail"],
        "nothing is known as resource/ref web01.deploy, target.safe db"
    );
    let twice = served.call(
        "POST",
        GRANTS,
        AUTHORIZATION,
        Some(&json!({ "resource": { "ref": "web01.deploy", "id": "x" } })),
    );
    let problems = problem(&twice, 422);
    assert!(
        problems["errors"]["resource.id"][0]["text"].as_str().unwrap().contains("otherwise"),
        "{problems}"
    );
    assert!(records(at).is_empty(), "nothing was sent");
}

/// A Vaultline server, as far as creating needs one: sign-in, grants, their list.
fn vaultline() -> Vault {
    let asked_for = AtomicUsize::new(0);
    Vault::start(move |asked| match asked.line.as_str() {
        line if line.starts_with("POST /vl/v2/sessions ") => {
            Act::reply(201, &json!({ "data": { "session": { "token": TOKEN } } }).to_string())
        }
        line if line.starts_with("POST /vl/v2/vaults/web/grants ") => {
            // The session is over after one grant.
            if asked_for.fetch_add(1, Ordering::SeqCst) == 1 {
                return Act::reply(419, r#"{ "title": "Closed", "status": 419, "code": "VL-210" }"#);
            }
            if asked.body.contains("no such thing") {
                return Act::reply(409, r#"{ "title": "Twice", "status": 409, "detail": "There is one." }"#);
            }
            let receipt = json!({ "data": {
                "id": "gr-web-9", "submitted_at": "2026-01-05T09:00:01Z", "resource": { "ref": "web01.deploy", "host": "web01" },
                "owner": "jd", "lease_seconds": 7200, "lease_minutes": 120, "ends_at": -1, "summary": "",
            } });
            Act::reply(202, &receipt.to_string())
        }
        line if line.starts_with("GET /vl/v2/grants?") => {
            let grant = |id: &str, stage: &str| {
                json!({
                    "id": id, "number": 17, "resource": { "ref": "web01.deploy", "vault": "web" }, "window": { "opens_at": "", "closes_at": "" },
                    "why": { "text": "" }, "approvals": { "given": 1, "needed": 1, "by": [] }, "stage": stage, "closed_because": "",
                })
            };
            let list = json!({ "data": [grant("gr-web-8", "review"), grant("gr-web-9", "open")], "meta": { "count": 2 } });
            Act::reply(200, &list.to_string())
        }
        _ => Act::reply(404, r#"{ "title": "Not found", "status": 404 }"#),
    })
}

#[test]
fn the_three_are_served_by_it() {
    for (caller, told) in
        [(&BEYONDTRUST, Value::Null), (&CYBERARK, json!(2)), (&SAFEGUARD, json!("RequestAvailable"))]
    {
        let vault = vaultline();
        let served = Served::before("vaultline", vault.at);
        assert_eq!(caller.create(served.gateway.gateway(), &caller.wish()).status, 201, "{}", caller.dialect);
        let reply = caller.create(served.gateway.gateway(), &caller.wish());
        assert_eq!(reply.status, 201, "{}: {reply:?}", caller.dialect);
        let body = reply.json();
        match caller.dialect {
            "beyondtrust" => assert!(body.as_u64().is_some_and(|id| id > 1_000_000_000), "{body}"),
            "cyberark" => {
                assert_eq!((&body["Status"], &body["ConfirmationsLeft"]), (&told, &json!(0)), "{body}")
            }
            _ => assert_eq!((&body["State"], &body["CurrentApprovalCount"]), (&told, &json!(1)), "{body}"),
        }

        // Signed in with what the table says, and again when the session was over; then the token goes with each call.
        let asked = vault.asked();
        let sign_ins: Vec<_> =
            asked.iter().filter(|one| one.line.starts_with("POST /vl/v2/sessions ")).collect();
        assert_eq!(sign_ins.len(), 2, "{asked:#?}");
        let sent: Value = serde_json::from_str(&sign_ins[0].body).unwrap();
        assert_eq!(sent, json!({ "user": "jd", "secret": { "kind": "password", "text": PASSWORD } }));
        assert!(
            sign_ins[0].head.to_ascii_lowercase().contains("x-vaultline-tenant: corp"),
            "{}",
            sign_ins[0].head
        );
        let grants: Vec<_> =
            asked.iter().filter(|one| one.line.starts_with("POST /vl/v2/vaults/web/grants ")).collect();
        assert_eq!(grants.len(), 3, "two, and one of them repeated: {asked:#?}");
        let shown = format!("VL2 token={TOKEN}; subject=jd;");
        assert!(grants.iter().all(|one| one.head.contains(&shown)), "{grants:#?}");
        let wish: Value = serde_json::from_str(&grants[2].body).unwrap();
        assert_eq!(wish["resource"], json!({ "ref": "web01.deploy" }), "{wish}");
        let length = read_length(wish["window"]["lease"].as_str().unwrap()).unwrap();
        assert!((7140..=7200).contains(&length), "{wish}");
        assert_eq!(
            (&wish["why"]["text"], &wish["why"]["ticket"]["number"]),
            (&json!("release 42"), &json!("CHG-4711")),
            "{wish}"
        );

        // BeyondTrust's reply is a bare id, so nothing is asked again for it.
        let lists = vault.count("GET /vl/v2/grants?stage=any&mine=yes ");
        assert_eq!(lists, if caller.dialect == "beyondtrust" { 0 } else { 2 }, "{asked:#?}");
        for secret in [TOKEN, PASSWORD, "vaultline-token-of-jd"] {
            assert!(!served.gateway.log().contains(secret), "{secret} is in the log");
        }
    }
}

#[test]
fn its_problems_reach_a_caller_of_another_dialect() {
    let vault = vaultline();
    let served = Served::before("vaultline", vault.at);
    let mut wish = BEYONDTRUST.wish();
    wish["Reason"] = json!("no such thing");
    let reply = BEYONDTRUST.create(served.gateway.gateway(), &wish);
    callers::fault(&BEYONDTRUST, &reply, 409, "4091");
    // A session that was opened is closed when the gateway stops.
    served.gateway.signal("TERM");
    vault.wait_for("DELETE /vl/v2/sessions/current ", 1);
}

/// Without its folders the program knows nothing of it.
#[test]
fn it_is_not_built_in() {
    let program = Program::before("beyondtrust");
    let stranger = Caller { base: "/vl/v2", create: "/grants", ..BEYONDTRUST };
    assert_eq!(stranger.create(program.gateway(), &json!({ "ref": "web01.deploy" })).status, 404);
}

/// Where both sides are Vaultline's, a request, its list and its end go through as they are, faults in its own words.
#[test]
fn its_own_clients_reach_a_vaultline_unchanged() {
    let vault = Vault::start(|asked| match asked.line.as_str() {
        line if line.starts_with("POST /vl/v2/sessions ") => {
            Act::reply(201, &json!({ "data": { "session": { "token": TOKEN } } }).to_string())
        }
        line if line.starts_with("POST /vl/v2/vaults/web/grants ") => Act::reply(202, RECEIPT),
        line if line.starts_with("GET /vl/v2/grants?") => Act::reply(200, LIST),
        line if line.starts_with("DELETE /vl/v2/grants/gr-web-9 ") => {
            Act::Reply { status: 204, head: String::new(), body: Vec::new() }
        }
        _ => Act::Reply {
            status: 412,
            head: "content-type: application/problem+json\r\n".to_owned(),
            body: br#"{ "title": "Too late", "status": 412, "code": "VL-510" }"#.to_vec(),
        },
    });
    let served = Served::before("vaultline", vault.at);
    let wish = r#"{ "resource": { "ref": "web01.deploy" }, "window": { "lease": "P1DT0.5H" }, "why": { "text": "release 42" } }"#;
    let wish: Value = serde_json::from_str(wish).unwrap();
    let made = served.call("POST", GRANTS, AUTHORIZATION, Some(&wish));
    assert_eq!((made.status, made.text()), (202, RECEIPT), "{made:?}");
    // By the other base: the upstream's is the one that is written.
    let listed = served.call("GET", "/vl/latest/grants?stage=open&mine=no", AUTHORIZATION, None);
    assert_eq!((listed.status, listed.text()), (200, LIST), "{listed:?}");
    let ended = served.call("DELETE", "/vl/v2/grants/gr-web-9", AUTHORIZATION, None);
    assert_eq!((ended.status, ended.text()), (204, ""), "{ended:?}");

    let asked = vault.asked();
    let grant = asked.iter().find(|one| one.line.starts_with("POST /vl/v2/vaults/web/grants ")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&grant.body).unwrap(), wish, "not even the lease is spelt anew");
    assert_eq!(vault.count("GET /vl/v2/grants?stage=open&mine=no "), 1, "{asked:#?}");

    // What is no message of Vaultline's never leaves; what Vaultline refuses is told in its words.
    let month = served.call(
        "POST",
        GRANTS,
        AUTHORIZATION,
        Some(&json!({ "resource": { "ref": "x" }, "window": { "lease": "P1M" } })),
    );
    assert_eq!((month.status, &month.json()["code"]), (422, &json!("VL-100")), "{month:?}");
    let late = served.call("DELETE", "/vl/v2/grants/gr-web-8", AUTHORIZATION, None);
    assert_eq!((late.status, &late.json()["code"]), (412, &json!("VL-510")), "{late:?}");
    assert_eq!(late.header("content-type"), Some("application/problem+json"), "{late:?}");
}

const RECEIPT: &str = r#"{ "data": { "id": "gr-web-9", "submitted_at": "2026-01-05T09:00:01Z", "resource": { "ref": "web01.deploy", "host": "web01" }, "owner": "jd", "lease_seconds": 88200, "lease_minutes": 1470, "ends_at": -1, "summary": "", "news": [1.50] } }"#;
const LIST: &str = r#"{ "data": [], "meta": { "count": 0, "page": "1" } }"#;
