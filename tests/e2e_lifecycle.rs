//! The process itself: signals with a request underway, `kill -9`, many clients at once, clients that go away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use e2e_support::callers::fault;
use e2e_support::vault::sign_in;
use e2e_support::{
    Act, BEYONDTRUST, CYBERARK, Caller, Client, Config, DIALECTS, Program, SECRETS, Vault, records,
};
use serde_json::{Value, json};

/// A BeyondTrust server that answers a creation only when it is told to.
fn slow() -> (Vault, Arc<AtomicBool>) {
    let go = Arc::new(AtomicBool::new(false));
    let told = go.clone();
    let vault = Vault::start(move |asked| {
        sign_in(asked).unwrap_or_else(|| {
            let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
            while !told.load(Ordering::SeqCst) && std::time::Instant::now() < patience {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Act::reply(201, "124")
        })
    });
    (vault, go)
}

fn begin(client: &mut Client, caller: &Caller) {
    let path = format!("{}{}", caller.base, caller.create);
    let body = caller.wish().to_string();
    client.begin("POST", &path, &[("Authorization", caller.authorization)], Some(body.as_bytes()));
}

#[test]
fn what_is_underway_is_answered_when_the_program_is_told_to_stop() {
    for signal in ["TERM", "INT"] {
        let (vault, go) = slow();
        let config = Config::before("beyondtrust", vault.at);
        let gateway = Program::configured(&config.write());
        let (mut client, mut idle) = (Client::connect(gateway.gateway()), Client::connect(gateway.gateway()));
        begin(&mut client, &BEYONDTRUST);
        vault.wait_for("/Requests", 1);
        gateway.signal(signal);
        gateway.wait_for_log("shutting down");
        // Kept connections end, new ones find nobody, and yet the one underway is answered.
        assert!(idle.reply().is_none(), "{signal}: an idle connection is closed");
        go.store(true, Ordering::SeqCst);
        let reply = client.reply().expect("an answer");
        assert_eq!((reply.status, reply.text()), (201, "124"), "{signal}: {reply:?}");
        let (ran, ready_file_gone) = gateway.wait();
        assert_eq!(ran.status, Some(0), "{signal}: {}", ran.err);
        assert!(ready_file_gone, "{signal}");
        assert!(ran.err.contains("pamgate has stopped"), "{signal}: {}", ran.err);
        assert_eq!(vault.count("Signout"), 1, "{signal}: its session is closed: {:?}", vault.asked());
        for secret in SECRETS {
            assert!(!ran.err.contains(secret) && !ran.out.contains(secret), "{secret} is told");
        }
    }
}

#[test]
fn an_upstream_that_never_answers_does_not_keep_the_program_from_stopping() {
    let vault = Vault::doing(Act::Hang);
    let mut config = Config::before("beyondtrust", vault.at);
    config.deadlines = "shutdown = \"1s\"";
    let gateway = Program::configured(&config.write());
    let mut client = Client::connect(gateway.gateway());
    begin(&mut client, &BEYONDTRUST);
    vault.wait_for("/Requests", 1);
    gateway.signal("TERM");
    let (ran, ready_file_gone) = gateway.wait();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(ready_file_gone);
    assert!(ran.err.contains("broken off"), "it is told: {}", ran.err);
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let sandbox = Program::sandbox("cyberark");
    let config = Config::before("cyberark", sandbox.at("sandbox.cyberark"));
    let path = config.write();
    let mut ids: Vec<Value> = Vec::new();
    for _ in 0..3 {
        let gateway = Program::configured(&path);
        for _ in 0..2 {
            let reply = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish());
            assert_eq!(reply.status, 201, "{reply:?}");
            ids.push(reply.json());
        }
        gateway.signal("KILL");
    }
    let distinct: HashSet<u64> = ids.iter().map(|id| id.as_u64().unwrap()).collect();
    assert_eq!(distinct.len(), 6, "no id is minted twice: {ids:?}");

    // Whose it is, and where it was made, is known by a gateway that never saw it made. Towards CyberArk a check-in
    // isn't served: to its owner that is said, to another principal the request isn't there.
    let gateway = Program::configured(&path);
    let approver = Caller { authorization: "PS-Auth key=sandbox-bt-key-approver", ..BEYONDTRUST };
    for id in &ids {
        let path = format!("/Requests/{id}/Checkin");
        let own = BEYONDTRUST.call(gateway.gateway(), "PUT", &path, Some(b"{}"));
        assert!(fault(&BEYONDTRUST, &own, 404, "").contains("not served"));
        let others = approver.call(gateway.gateway(), "PUT", &path, Some(b"{}"));
        assert!(fault(&approver, &others, 404, "").contains("Request not found"));
    }
}

#[test]
fn ownership_survives_a_kill_in_one_dialect_too() {
    let sandbox = Program::sandbox("beyondtrust");
    let config = Config::before("beyondtrust", sandbox.at("sandbox.beyondtrust"));
    let path = config.write();
    let gateway = Program::configured(&path);
    let id = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish()).json();
    gateway.signal("KILL");
    drop(gateway);
    let gateway = Program::configured(&path);
    let path = format!("/Requests/{id}/Checkin");
    let approver = Caller { authorization: "PS-Auth key=sandbox-bt-key-approver", ..BEYONDTRUST };
    fault(&approver, &approver.call(gateway.gateway(), "PUT", &path, Some(b"{}")), 404, "");
    assert_eq!(BEYONDTRUST.call(gateway.gateway(), "PUT", &path, Some(b"{}")).status, 204);
}

#[test]
fn twenty_clients_at_once_get_two_hundred_requests() {
    let program = Program::before("cyberark");
    let ids = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..20 {
            let (program, ids) = (&program, &ids);
            scope.spawn(move || {
                let caller = DIALECTS[number % 3];
                let mut client = Client::connect(program.gateway());
                for _ in 0..10 {
                    let body = caller.wish().to_string();
                    let reply = caller.over(&mut client, "POST", caller.create, Some(body.as_bytes()));
                    assert_eq!(reply.status, 201, "{}: {reply:?}", caller.dialect);
                    let body = reply.json();
                    let id = match caller.dialect {
                        "beyondtrust" => body.to_string(),
                        "cyberark" => body["RequestID"].to_string(),
                        _ => body["Id"].to_string(),
                    };
                    ids.lock().unwrap().push((id, reply.header("pamgate-request-id").unwrap().to_owned()));
                }
            });
        }
    });
    let ids = ids.into_inner().unwrap();
    let distinct: HashSet<&String> = ids.iter().map(|(id, _)| id).collect();
    assert_eq!((ids.len(), distinct.len()), (200, 200), "ids of requests");
    let numbers: HashSet<&String> = ids.iter().map(|(_, number)| number).collect();
    assert_eq!(numbers.len(), 200, "numbers of calls");
    let made: HashSet<String> =
        records(program.at("sandbox.cyberark")).iter().map(|record| record["id"].to_string()).collect();
    assert_eq!(made.len(), 200, "requests made");
}

/// A place among those underway is given back, however a client ends; and what it asked for is kept.
#[test]
fn clients_that_go_away_leave_nothing_behind() {
    let (vault, go) = slow();
    let mut config = Config::before("beyondtrust", vault.at);
    config.limits = "requests_in_flight = 4";
    let gateway = Program::configured(&config.write());
    for round in 1..=2 {
        let clients: Vec<Client> = (0..4)
            .map(|_| {
                let mut client = Client::connect(gateway.gateway());
                begin(&mut client, &BEYONDTRUST);
                client
            })
            .collect();
        vault.wait_for("/Requests", 4 * round);
        for caller in DIALECTS {
            let reply = caller.create(gateway.gateway(), &caller.wish());
            let code = match caller.dialect {
                "beyondtrust" => "",
                "cyberark" => "PASWS503E",
                _ => "50000",
            };
            fault(caller, &reply, 503, code);
        }
        clients.into_iter().for_each(Client::abort);
        go.store(true, Ordering::SeqCst);
        // Nobody reads the answers, and each request is finished all the same.
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while finished(&gateway.log()) < 4 * round {
            assert!(std::time::Instant::now() < patience, "unfinished: {}", gateway.log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        go.store(false, Ordering::SeqCst);
    }
    go.store(true, Ordering::SeqCst);
    let wish = json!({ "SystemID": 15, "AccountID": 1040, "DurationMinutes": 60 });
    let replies: Vec<u16> = (0..4).map(|_| BEYONDTRUST.create(gateway.gateway(), &wish).status).collect();
    assert_eq!(replies, [201; 4]);
}

/// How many creations the access log tells to have succeeded.
fn finished(log: &str) -> usize {
    log.lines().filter(|line| line.contains("request.create") && line.contains("201")).count()
}

/// A body that doesn't come is given up in the caller's dialect, and one that breaks off asks for nothing.
#[test]
fn a_body_that_does_not_come_is_given_up() {
    let vault = Vault::doing(Act::reply(201, "124"));
    let mut config = Config::before("beyondtrust", vault.at);
    config.deadlines = "request = \"1s\"";
    let gateway = Program::configured(&config.write());
    for caller in DIALECTS {
        let code = match caller.dialect {
            "beyondtrust" => "",
            "cyberark" => "PASWS167E",
            _ => "70000",
        };
        let path = format!("{}{}", caller.base, caller.create);
        let body = caller.wish().to_string();
        let length = body.len().to_string();
        let headers = [("Authorization", caller.authorization), ("Content-Length", &length)];
        let mut client = Client::connect(gateway.gateway());
        client.begin("POST", &path, &headers, None);
        client.write(&body.as_bytes()[..20]);
        fault(caller, &client.reply().expect("an answer"), 408, code);

        let mut client = Client::connect(gateway.gateway());
        client.begin("POST", &path, &headers, None);
        client.write(&body.as_bytes()[..body.len() - 1]);
        client.say_no_more();
        if let Some(reply) = client.reply() {
            fault(caller, &reply, 400, code);
        }
    }
    assert_eq!(vault.asked().len(), 0, "{:?}", vault.asked());
}

/// What was created is answered as created, even where it can't be kept.
#[test]
fn a_creation_is_a_success_even_if_the_store_fails() {
    let sandbox = Program::sandbox("beyondtrust");
    let config = Config::before("beyondtrust", sandbox.at("sandbox.beyondtrust"));
    let gateway = Program::configured(&config.write());
    let held = rusqlite::Connection::open(config.folder().join("requests.db")).unwrap();
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let reply = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish());
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(records(sandbox.at("sandbox.beyondtrust")).len(), 1);
    assert!(gateway.log().contains("is not kept"), "the operator is told: {}", gateway.log());
    held.execute_batch("ROLLBACK").unwrap();
    let id = reply.json();
    let path = format!("/Requests/{id}/Checkin");
    assert_eq!(BEYONDTRUST.call(gateway.gateway(), "PUT", &path, Some(b"{}")).status, 204);
}

/// A head that doesn't come is given up, long before an idle connection is; nothing that a client holds back holds
/// the program back.
#[test]
fn a_head_that_does_not_come_is_given_up() {
    let vault = Vault::doing(Act::Hang);
    let mut config = Config::before("beyondtrust", vault.at);
    config.deadlines = "header = \"1s\"\nidle = \"24h\"";
    let gateway = Program::configured(&config.write());
    let mut client = Client::connect(gateway.gateway());
    client.write(b"POST /BeyondTrust/api/public/v3/Requests HTTP/1.1\r\nhost: x\r\n");
    if let Some(reply) = client.reply() {
        assert_eq!(reply.status, 408, "{reply:?}");
    }
    // Half a head on a kept connection, too.
    let mut client = Client::connect(gateway.gateway());
    assert_eq!(client.send("GET", "/", &[], None).status, 404);
    client.write(b"POST /Bey");
    if let Some(reply) = client.reply() {
        assert_eq!(reply.status, 408, "{reply:?}");
    }
}

/// Signing out is a courtesy: a server that doesn't answer it doesn't keep the program.
#[test]
fn a_sign_out_that_hangs_does_not_keep_the_program() {
    let vault = Vault::start(|asked| match sign_in(asked) {
        Some(act) if asked.line.contains("SignAppin") => act,
        Some(_) => Act::Hang,
        None => Act::reply(201, "124"),
    });
    let config = Config::before("beyondtrust", vault.at);
    let gateway = Program::configured(&config.write());
    assert_eq!(BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish()).status, 201);
    gateway.signal("TERM");
    let (ran, gone) = gateway.wait();
    assert_eq!((ran.status, gone), (Some(0), true), "{}", ran.err);
    assert_eq!(vault.count("Signout"), 1);
}

/// Where no id can be minted, nothing is created: the client may ask again, and will.
#[test]
fn nothing_is_created_that_could_not_be_named() {
    let sandbox = Program::sandbox("beyondtrust");
    let at = sandbox.at("sandbox.beyondtrust");
    let config = Config::before("beyondtrust", at);
    let gateway = Program::configured(&config.write());
    let held = rusqlite::Connection::open(config.folder().join("requests.db")).unwrap();
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let reply = CYBERARK.create(gateway.gateway(), &CYBERARK.wish());
    fault(&CYBERARK, &reply, 503, "PASWS503E");
    assert_eq!(records(at).len(), 0);
    held.execute_batch("ROLLBACK").unwrap();
    assert_eq!(CYBERARK.create(gateway.gateway(), &CYBERARK.wish()).status, 201);
    assert_eq!(records(at).len(), 1);
}

/// A client that ends its sending half, one that pipelines, one that sends byte by byte: all are answered.
#[test]
fn odd_clients_are_answered() {
    let program = Program::before("cyberark");
    let mut client = Client::connect(program.gateway());
    begin(&mut client, &BEYONDTRUST);
    client.say_no_more();
    assert_eq!(client.reply().expect("an answer").status, 201);
    assert!(client.reply().is_none());

    let mut client = Client::connect(program.gateway());
    for caller in DIALECTS {
        begin(&mut client, caller);
    }
    for caller in DIALECTS {
        let reply = client.reply().expect("an answer");
        assert_eq!(reply.status, 201, "{}: {reply:?}", caller.dialect);
    }

    let mut client = Client::connect(program.gateway());
    let body = BEYONDTRUST.wish().to_string();
    let head = format!(
        "POST {}{} HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        BEYONDTRUST.base,
        BEYONDTRUST.create,
        BEYONDTRUST.authorization,
        body.len()
    );
    for byte in head.bytes().chain(body.bytes()) {
        client.write(&[byte]);
    }
    assert_eq!(client.reply().expect("an answer").status, 201);

    let mut client = Client::connect(program.gateway());
    let path = format!("{}{}", BEYONDTRUST.base, BEYONDTRUST.create);
    let sign = ("Authorization", BEYONDTRUST.authorization);
    client.begin("POST", &path, &[sign, ("Transfer-Encoding", "chunked")], None);
    for piece in body.as_bytes().chunks(7) {
        client.write(format!("{:x}\r\n", piece.len()).as_bytes());
        client.write(piece);
        client.write(b"\r\n");
    }
    client.write(b"0\r\n\r\n");
    assert_eq!(client.reply().expect("an answer").status, 201);

    for bytes in ["\r\n\r\n\r\n", "GET\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}"] {
        let mut client = Client::connect(program.gateway());
        client.write(bytes.as_bytes());
        client.say_no_more();
        if let Some(reply) = client.reply() {
            assert!((400..=505).contains(&reply.status), "{bytes:?}: {reply:?}");
        }
    }
    let mut client = Client::connect(program.gateway());
    let long = "x".repeat(64 * 1024);
    client.begin("GET", "/BeyondTrust/api/public/v3/Requests", &[("X-Long", &long)], None);
    assert_eq!(client.reply().expect("an answer").status, 431);
}
