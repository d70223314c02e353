//! An upstream in trouble is the caller's dialect's fault: the right status, nothing created twice, nothing leaked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use std::sync::{Arc, Mutex};

use e2e_support::callers::fault;
use e2e_support::vault::sign_in;
use e2e_support::{
    Act, BEYONDTRUST, CYBERARK, Caller, Config, DIALECTS, Program, Reply, SAFEGUARD, SECRETS, Vault, call,
    records, reset,
};
use serde_json::json;

/// Stands in every answer of an upstream in trouble, and in no answer to a caller.
const THEIR_WORDS: &str = "ORA-00600 at vault-internal-7";
const UPSTREAMS: [&str; 3] = ["beyondtrust", "cyberark", "safeguard"];

/// The code beside 502, 503 and 504.
fn code(caller: &Caller) -> &'static str {
    match caller.dialect {
        "beyondtrust" => "",
        "cyberark" => "CAWS00001E",
        _ => "50000",
    }
}

fn create(caller: &Caller, gateway: &Program) -> Reply {
    caller.create(gateway.gateway(), &caller.wish())
}

/// Holds that a caller is told of a failure behind the gateway, in its own dialect and in no other words.
fn failed(caller: &Caller, reply: &Reply, status: u16) -> String {
    let text = fault(caller, reply, status, code(caller));
    let whole = format!("{:?} {}", reply.headers, String::from_utf8_lossy(&reply.body));
    for leak in ["ORA-", "vault-internal", "127.0.0.1", "hyper", "rustls"].iter().chain(SECRETS) {
        assert!(!whole.contains(leak), "{leak} leaked: {whole}");
    }
    assert!(reply.header("pamgate-request-id").is_some(), "{reply:?}");
    text
}

/// Holds that a whole log at its most talkative tells no secret.
fn discreet(program: &Program) {
    let log = program.log();
    assert!(log.len() > 1000, "all is logged: {log}");
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} is logged: {log}");
    }
}

#[test]
fn whatever_an_upstream_answers_the_caller_gets_its_own_dialects_fault() {
    let mut troubles: Vec<(&str, Act)> = vec![
        ("not JSON", Act::reply(201, THEIR_WORDS)),
        ("nothing at all", Act::reply(201, "")),
        ("JSON that means nothing", Act::reply(201, &json!({ "ok": THEIR_WORDS }).to_string())),
        ("another kind of JSON", Act::reply(201, "[[]]")),
        ("a failure inside", Act::reply(500, THEIR_WORDS)),
        ("too busy", Act::reply(503, &format!("<html>{THEIR_WORDS}</html>"))),
        ("a proxy's failure", Act::reply(502, THEIR_WORDS)),
        (
            "a redirect",
            Act::Reply {
                status: 302,
                head: "location: http://127.0.0.1:9/\r\n".to_owned(),
                body: THEIR_WORDS.into(),
            },
        ),
        ("a teapot", Act::reply(418, THEIR_WORDS)),
        ("more than fits", Act::reply(201, &format!("\"{}\"", "x".repeat(9 << 20)))),
        ("deeper than fits", Act::reply(201, &"[".repeat(100_000))),
        ("closes halfway", Act::BreakOff),
        ("no HTTP", Act::Raw(format!("SSH-2.0-{THEIR_WORDS}\r\n").into_bytes())),
        ("closes without a word", Act::Raw(Vec::new())),
        ("not signed in after all", Act::reply(401, THEIR_WORDS)),
    ];
    troubles.push(("a success that is none", Act::reply(204, "")));
    for upstream in UPSTREAMS {
        let act = Arc::new(Mutex::new(Act::Hang));
        let now = act.clone();
        let vault = Vault::start(move |asked| sign_in(asked).unwrap_or_else(|| now.lock().unwrap().clone()));
        let config = Config::before(upstream, vault.at);
        let gateway = Program::configured(&config.write());
        for (what, trouble) in &troubles {
            *act.lock().unwrap() = trouble.clone();
            for caller in DIALECTS {
                let before = vault.count("POST") - sign_ins(&vault);
                let reply = create(caller, &gateway);
                match trouble {
                    // In one dialect the caller reads what its own vendor wrote: a success that looks odd is one, and
                    // a fault would make the client ask for another.
                    Act::Reply { status: 201, body, .. }
                        if caller.dialect == upstream && body.len() < 1 << 20 =>
                    {
                        assert_eq!((reply.status, &reply.body), (201, body), "{what}: {reply:?}");
                    }
                    _ => {
                        assert_eq!(
                            reply.status, 502,
                            "{what}: {} before {upstream}: {reply:?}",
                            caller.dialect
                        );
                        let text = failed(caller, &reply, 502);
                        assert!(text.contains("behind"), "{what}: {text}");
                    }
                }
                let after = vault.count("POST") - sign_ins(&vault);
                // A 401 says that nothing was done: then, and only then, it is asked again.
                let most = if *what == "not signed in after all" { 2 } else { 1 };
                assert!((1..=most).contains(&(after - before)), "{what}: asked {} times", after - before);
            }
        }
        discreet(&gateway);
    }
}

fn sign_ins(vault: &Vault) -> usize {
    let asked = vault.asked();
    asked.iter().filter(|asked| asked.line.starts_with("POST") && sign_in(asked).is_some()).count()
}

#[test]
fn an_upstream_where_nothing_listens_is_told_to_be_unreachable() {
    for upstream in UPSTREAMS {
        let closed = tokio::net::TcpSocket::new_v4().unwrap(); // bound, never listening: nobody else gets the port
        closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let nobody = closed.local_addr().unwrap();
        let config = Config::before(upstream, nobody);
        let gateway = Program::configured(&config.write());
        for caller in DIALECTS {
            let reply = create(caller, &gateway);
            let text = failed(caller, &reply, 503);
            assert!(text.contains("Nothing was sent"), "{} before {upstream}: {text}", caller.dialect);
        }
        discreet(&gateway);
    }
}

#[test]
fn an_upstream_that_says_nothing_is_given_up_in_time() {
    for upstream in UPSTREAMS {
        let vault = Vault::doing(Act::Hang);
        let mut config = Config::before(upstream, vault.at);
        config.deadlines = "request = \"1s\"";
        let gateway = Program::configured(&config.write());
        std::thread::scope(|scope| {
            for caller in DIALECTS {
                let gateway = &gateway;
                scope.spawn(move || failed(caller, &create(caller, gateway), 504));
            }
        });
        assert_eq!(vault.count("POST") - sign_ins(&vault), 3, "once each: {:?}", vault.asked());
        discreet(&gateway);
    }
}

/// Nothing of the call itself was sent: the client may ask again, and is told so.
#[test]
fn a_sign_in_that_hangs_is_given_up_in_time() {
    for upstream in ["beyondtrust", "cyberark"] {
        let vault = Vault::start(|_| Act::Hang);
        let mut config = Config::before(upstream, vault.at);
        config.deadlines = "request = \"1s\"";
        let gateway = Program::configured(&config.write());
        std::thread::scope(|scope| {
            for caller in DIALECTS {
                let gateway = &gateway;
                scope.spawn(move || failed(caller, &create(caller, gateway), 504));
            }
        });
        assert_eq!(vault.asked().len(), 1, "one sign-in for all: {:?}", vault.asked());
        discreet(&gateway);
    }
}

#[test]
fn a_refused_sign_in_is_the_gateways_trouble_and_tried_once() {
    for (upstream, act) in [
        ("beyondtrust", Act::reply(401, &json!(THEIR_WORDS).to_string())),
        (
            "cyberark",
            Act::reply(403, &json!({ "ErrorCode": "ITATS004E", "ErrorMessage": THEIR_WORDS }).to_string()),
        ),
        ("cyberark", Act::reply(200, "{}")),
        ("cyberark", Act::reply(200, "\"\"")),
        ("beyondtrust", Act::reply(200, "{}")),
    ] {
        let vault = Vault::start(move |_| act.clone());
        let config = Config::before(upstream, vault.at);
        let gateway = Program::configured(&config.write());
        for caller in DIALECTS {
            failed(caller, &create(caller, &gateway), 502);
        }
        // A wrong password asked for again and again locks an account.
        assert!(vault.asked().len() < 3, "{:?}", vault.asked());
        assert!(vault.asked().iter().all(|asked| sign_in(asked).is_some()), "{:?}", vault.asked());
        discreet(&gateway);
    }
}

/// BeyondTrust's answer is an id alone; what a CyberArk or Safeguard caller reads besides is asked for again. A
/// creation that succeeded is a success, whatever becomes of that.
#[test]
fn a_creation_is_a_success_even_if_nothing_more_can_be_learnt() {
    for again in
        [Act::Hang, Act::reply(500, THEIR_WORDS), Act::reply(200, "[]"), Act::reply(200, "{{"), Act::BreakOff]
    {
        let vault = Vault::start(move |asked| {
            let created = || asked.line.starts_with("POST").then(|| Act::reply(201, "124"));
            sign_in(asked).or_else(created).unwrap_or_else(|| again.clone())
        });
        let mut config = Config::before("beyondtrust", vault.at);
        config.deadlines = "request = \"2s\"";
        let gateway = Program::configured(&config.write());
        std::thread::scope(|scope| {
            let (cyberark, safeguard) =
                (scope.spawn(|| create(&CYBERARK, &gateway)), scope.spawn(|| create(&SAFEGUARD, &gateway)));
            let (cyberark, safeguard) = (cyberark.join().unwrap(), safeguard.join().unwrap());
            assert_eq!((cyberark.status, safeguard.status), (201, 201), "{cyberark:?} {safeguard:?}");
            assert_eq!(
                (&cyberark.json()["Status"], &cyberark.json()["StatusTitle"]),
                (&json!(1), &json!("Waiting"))
            );
            assert_eq!(safeguard.json()["State"], "PendingApproval");
        });
        assert_eq!(vault.count("POST") - sign_ins(&vault), 2, "{:?}", vault.asked());
        discreet(&gateway);
    }
}

#[test]
fn a_session_that_died_is_opened_again_and_one_request_made() {
    for upstream in ["beyondtrust", "cyberark"] {
        let sandbox = Program::sandbox(upstream);
        let at = sandbox.at(&format!("sandbox.{upstream}"));
        let config = Config::before(upstream, at);
        let gateway = Program::configured(&config.write());
        for _ in 0..3 {
            for caller in DIALECTS {
                let reply = create(caller, &gateway);
                assert_eq!(reply.status, 201, "{} before {upstream}: {reply:?}", caller.dialect);
                assert_eq!(records(at).len(), 1, "{} before {upstream}", caller.dialect);
                reset(at);
            }
        }
        discreet(&gateway);
    }
}

/// The sandbox ends and another begins at its address: kept connections and the session are gone.
#[test]
fn an_upstream_that_was_restarted_is_found_again() {
    let sandbox = Program::sandbox("cyberark");
    let at = sandbox.at("sandbox.cyberark");
    let config = Config::before("cyberark", at);
    let gateway = Program::configured(&config.write());
    assert_eq!(create(&BEYONDTRUST, &gateway).status, 201);
    sandbox.signal("KILL");
    drop(sandbox);
    failed(&BEYONDTRUST, &create(&BEYONDTRUST, &gateway), 503);
    let listen = at.to_string();
    let sandbox = Program::start(&["sandbox", "cyberark", "--listen", &listen]);
    let reply = create(&BEYONDTRUST, &gateway);
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(records(sandbox.at("sandbox.cyberark")).len(), 1);
}

/// Ways of HTTP/1.1 that real servers and the proxies before them have.
#[test]
fn an_upstream_may_frame_its_answers_as_it_likes() {
    for raw in [
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n1\r\n1\r\n2;x=y\r\n24\r\n0\r\ntrailer: x\r\n\r\n",
        "HTTP/1.1 201 Created\r\n\r\n124",
        "HTTP/1.0 201 Created\r\nContent-Length: 3\r\n\r\n124",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 3\r\nconnection: close\r\n\r\n124",
        "HTTP/1.1 201 \r\ncontent-length: 7\r\n\r\n\r\n 124\r\n",
        // Shorter than it says.
        "HTTP/1.1 201 Created\r\ncontent-length: 16\r\n\r\n{\"RequestID\":12",
    ] {
        let whole = !raw.ends_with(":12");
        let vault = Vault::doing(Act::Raw(raw.as_bytes().to_vec()));
        let config = Config::before("beyondtrust", vault.at);
        let gateway = Program::configured(&config.write());
        for _ in 0..3 {
            let reply = create(&BEYONDTRUST, &gateway);
            if whole {
                assert_eq!((reply.status, reply.text().trim()), (201, "124"), "{raw:?}: {reply:?}");
            } else {
                failed(&BEYONDTRUST, &reply, 502);
            }
        }
        assert_eq!(vault.count("v3/Requests"), 3, "{raw:?}");
    }
}

/// A server closes kept connections when it likes. A creation that it never saw goes over another connection.
#[test]
fn a_kept_connection_that_the_upstream_closed_costs_no_request() {
    let vault = Vault::start(|asked| {
        let raw = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n124";
        sign_in(asked).unwrap_or_else(|| Act::Raw(raw.as_bytes().to_vec()))
    });
    let config = Config::before("beyondtrust", vault.at);
    let gateway = Program::configured(&config.write());
    for number in 1..=100 {
        let reply = create(&BEYONDTRUST, &gateway);
        assert_eq!(reply.status, 201, "{number}: {reply:?}");
        vault.wait_for_closed(number);
    }
    assert_eq!(vault.count("v3/Requests"), 100);
}

#[test]
fn readiness_follows_the_upstream() {
    let sandbox = Program::sandbox("cyberark");
    let config = Config::before("cyberark", sandbox.at("sandbox.cyberark"));
    let gateway = Program::configured(&config.write());
    let admin = gateway.at("admin");
    for path in ["/healthz", "/readyz"] {
        let reply = call(admin, "GET", path, &[], None);
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
    }
    drop(sandbox);
    // What was found is good for a few seconds: asked until it is found anew.
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let unready = loop {
        let reply = call(admin, "GET", "/readyz", &[], None);
        if reply.status != 200 {
            break reply;
        }
        assert!(std::time::Instant::now() < patience, "it stays ready without its upstream");
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    assert_eq!((unready.status, &unready.json()["unreachable"]), (503, &json!(["vault"])), "{unready:?}");
    assert_eq!(call(admin, "GET", "/healthz", &[], None).status, 200);
    assert_eq!(call(admin, "GET", "/metrics-of-no-kind", &[], None).status, 404);
    let reply = call(admin, "POST", "/readyz", &[], Some(b""));
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")));
}
