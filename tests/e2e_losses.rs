//! What is told of losses, over real sockets: with a refusal, with an upstream's refusal, and in the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use e2e_support::vault::{Act, Vault, sign_in};
use e2e_support::{BEYONDTRUST, Config, Program};

const DROPPED: &str = "rotate_on_check_in;fit=nowhere;treatment=drop";

#[test]
fn what_policy_refuses_is_told_in_the_header_and_in_the_log_and_is_sent_nowhere() {
    let vault = Vault::start(|asked| sign_in(asked).unwrap_or_else(|| Act::reply(201, "{}")));
    let mut config = Config::before("cyberark", vault.at);
    config.routes = "[losses]\nrotate_on_check_in = \"refuse\"\n";
    let gateway = Program::configured(&config.write());
    let reply = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish());
    let expected = "rotate_on_check_in;fit=nowhere;treatment=refuse";
    assert_eq!((reply.status, reply.header("pamgate-loss")), (400, Some(expected)), "{reply:?}");
    gateway.wait_for_log(expected);
    assert_eq!(vault.count("POST"), 0);
}

#[test]
fn an_upstreams_refusal_says_what_it_was_not_told() {
    let vault = Vault::start(|asked| sign_in(asked).unwrap_or_else(|| Act::reply(409, "{}")));
    let config = Config::before("cyberark", vault.at);
    let gateway = Program::configured(&config.write());
    let reply = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish());
    assert_eq!((reply.status, reply.header("pamgate-loss")), (409, Some(DROPPED)), "{reply:?}");
    gateway.wait_for_log(DROPPED);
}

#[test]
fn what_configuration_treats_alike_is_noted_or_dropped_as_it_says() {
    let vault = Vault::start(|asked| {
        sign_in(asked).unwrap_or_else(|| Act::reply(201, r#"{"RequestID": "Requests_1"}"#))
    });
    for (losses, header, reason) in [
        ("", DROPPED, "release 42"),
        (
            "rotate_on_check_in = \"note\"",
            "rotate_on_check_in;fit=nowhere;treatment=note",
            "release 42 Asked to rotate the credential afterwards: no.",
        ),
        ("default = \"refuse\"", DROPPED, "release 42"),
    ] {
        let mut config = Config::before("cyberark", vault.at);
        let routes = format!("[losses]\n{losses}\n");
        config.routes = Box::leak(routes.into_boxed_str());
        let gateway = Program::configured(&config.write());
        let reply = BEYONDTRUST.create(gateway.gateway(), &BEYONDTRUST.wish());
        assert_eq!((reply.status, reply.header("pamgate-loss")), (201, Some(header)), "{losses}: {reply:?}");
        let sent = vault.asked().pop().unwrap();
        let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
        assert_eq!(body["reason"], reason, "{losses}");
        gateway.wait_for_log(header);
    }
}
