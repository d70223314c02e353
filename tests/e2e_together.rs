//! Many at once: clients on few connections, sessions that die underway, kills underway, two gateways on one store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use e2e_support::vault::sign_in;
use e2e_support::{
    Act, BEYONDTRUST, CYBERARK, Caller, Client, Config, DIALECTS, Program, SAFEGUARD, Vault, records,
};

/// Creates from many threads, each over a connection of its own, and gives the replies' bodies.
fn create_at_once(caller: &Caller, gateways: &[&Program], threads: usize, each: usize) -> Vec<String> {
    let bodies = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..threads {
            let (bodies, gateway) = (&bodies, gateways[number % gateways.len()]);
            scope.spawn(move || {
                let mut client = Client::connect(gateway.gateway());
                let wish = caller.wish().to_string();
                for _ in 0..each {
                    let reply = caller.over(&mut client, "POST", caller.create, Some(wish.as_bytes()));
                    assert_eq!(reply.status, 201, "{}: {reply:?}", caller.dialect);
                    bodies.lock().unwrap().push(reply.text().to_owned());
                }
            });
        }
    });
    bodies.into_inner().unwrap()
}

/// A creation that is asked for again needs two calls, a session a third: none may wait for itself.
#[test]
fn one_connection_to_the_upstream_is_enough() {
    let ids = AtomicUsize::new(100);
    let vault = Vault::start(move |asked| {
        let id = || ids.fetch_add(1, Ordering::SeqCst).to_string();
        let created = || asked.line.starts_with("POST").then(|| Act::reply(201, &id()));
        sign_in(asked).or_else(created).unwrap_or_else(|| Act::reply(200, "[]"))
    });
    let mut config = Config::before("beyondtrust", vault.at);
    config.more = "connections = 1".to_owned();
    let gateway = Program::configured(&config.write());
    for caller in [&CYBERARK, &SAFEGUARD] {
        let bodies = create_at_once(caller, &[&gateway], 8, 5);
        assert_eq!(bodies.len(), 40);
    }
    assert_eq!(vault.count("POST /BeyondTrust/api/public/v3/Requests"), 80);
}

#[test]
fn a_session_that_dies_underway_costs_one_sign_in_and_no_request_is_made_twice() {
    // Each sign-in brings a token that is good for fifty creations; a call with another token is refused.
    let (logons, made) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let state = Mutex::new((0_usize, 0_usize));
    let id = AtomicUsize::new(1);
    let vault = Vault::start(move |asked| {
        let mut state = state.lock().unwrap();
        let (token, left) = &mut *state;
        if asked.line.to_ascii_lowercase().contains("/logon") {
            (*token, *left) = (logons.fetch_add(1, Ordering::SeqCst) + 1, 50);
            return Act::reply(200, &format!("\"token-{token}\""));
        }
        if asked.line.contains("/Logoff") {
            return Act::reply(200, "{}");
        }
        if *left == 0
            || !asked.head.contains(&format!("token-{token}\r"))
                && !asked.head.ends_with(&format!("token-{token}"))
        {
            return Act::reply(401, r#"{"ErrorCode": "PASWS006E", "ErrorMessage": "over"}"#);
        }
        *left -= 1;
        made.fetch_add(1, Ordering::SeqCst);
        let id = id.fetch_add(1, Ordering::SeqCst);
        Act::reply(
            201,
            &format!(r#"{{"RequestID": "Web Servers_{id}", "Status": 2, "InvalidRequestReason": 0}}"#),
        )
    });
    let config = Config::before("cyberark", vault.at);
    let gateway = Program::configured(&config.write());
    let ids: HashSet<String> = create_at_once(&BEYONDTRUST, &[&gateway], 20, 10).into_iter().collect();
    assert_eq!(ids.len(), 200);
    let logons = vault.count("Logon");
    assert!((4..=6).contains(&logons), "{logons} sign-ins");
}

#[test]
fn two_gateways_on_one_store_never_mint_one_id() {
    let sandbox = Program::sandbox("cyberark");
    let at = sandbox.at("sandbox.cyberark");
    let config = Config::before("cyberark", at);
    let path = config.write();
    let (one, other) = (Program::configured(&path), Program::configured(&path));
    let ids = create_at_once(&BEYONDTRUST, &[&one, &other], 8, 10);
    let distinct: HashSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len(), records(at).len()), (80, 80, 80));
}

/// What a client has read as created is known after a `kill -9` in the midst of many.
#[test]
fn nothing_acknowledged_is_lost_in_a_kill_underway() {
    let sandbox = Program::sandbox("beyondtrust");
    let config = Config::before("beyondtrust", sandbox.at("sandbox.beyondtrust"));
    let path = config.write();
    let gateway = Program::configured(&path);
    let acknowledged = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut client = Client::connect(gateway.gateway());
                let wish = r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "ConflictOption": "renew"}"#;
                let headers = [("Authorization", BEYONDTRUST.authorization)];
                let path = format!("{}/Requests", BEYONDTRUST.base);
                loop {
                    client.begin("POST", &path, &headers, Some(wish.as_bytes()));
                    let Some(reply) = client.reply() else { return };
                    assert_eq!(reply.status, 201, "{reply:?}");
                    let mut acknowledged = acknowledged.lock().unwrap();
                    acknowledged.push(reply.text().to_owned());
                    if acknowledged.len() == 60 {
                        gateway.signal("KILL");
                    }
                }
            });
        }
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= 60);
    drop(gateway);
    let gateway = Program::configured(&path);
    let approver = Caller { authorization: "PS-Auth key=sandbox-bt-key-approver", ..BEYONDTRUST };
    for id in acknowledged {
        // The gateway knows whose it is: 404. One that forgot would ask the server, which says 403.
        let reply = approver.call(gateway.gateway(), "PUT", &format!("/Requests/{id}/Checkin"), Some(b"{}"));
        assert_eq!(reply.status, 404, "{id}: {reply:?}");
    }
}

#[test]
fn several_listeners_serve_one_gateway() {
    let words =
        ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--store", "memory"];
    let program = Program::start(&words);
    for (caller, at) in DIALECTS.into_iter().zip(["gateway", "gateway.1", "gateway"]) {
        assert_eq!(caller.create(program.at(at), &caller.wish()).status, 201, "{at}");
    }
    assert!(program.at("gateway") != program.at("gateway.1"));
}
