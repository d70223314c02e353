//! A Safeguard server behind TLS that asks for a client certificate, as the A2A broker does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority_support;
mod e2e_support;

use std::path::{Path, PathBuf};

use authority_support::Authority;
use e2e_support::callers::fault;
use e2e_support::{BEYONDTRUST, Caller, Config, DIALECTS, Program, SECRETS, call};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A gateway before a TLS server, with an authority that it trusts and a certificate that it shows, if any.
fn gateway(
    sandbox: &Program,
    name: &str,
    ca: &Path,
    client: Option<&(PathBuf, PathBuf)>,
) -> (Config, Program) {
    let at = sandbox.at("sandbox.safeguard");
    let mut config = Config::before("safeguard", at);
    config.url = format!("https://{name}:{}", at.port());
    config.more = format!("ca = {:?}\n", text(ca));
    if let Some((certificate, key)) = client {
        let lines = format!("client_certificate = {:?}\nclient_key = {:?}\n", text(certificate), text(key));
        config.more.push_str(&lines);
    }
    let gateway = Program::configured(&config.write());
    (config, gateway)
}

fn create(caller: &Caller, gateway: &Program) -> e2e_support::Reply {
    caller.create(gateway.gateway(), &caller.wish())
}

#[test]
fn a_server_is_believed_by_its_authority_and_shown_a_certificate() {
    let (ours, others) = (Authority::new(), Authority::new());
    let (certificate, key) = ours.sign("localhost");
    let client = ours.sign("gateway.test");
    let ca = ours.ca();
    let sandbox = Program::start(&[
        "sandbox",
        "safeguard",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        text(&certificate),
        "--tls-key",
        text(&key),
        "--client-ca",
        text(&ca),
    ]);

    let (_config, good) = gateway(&sandbox, "localhost", &ca, Some(&client));
    // One of the callers: Safeguard has one open request for an account, and the sandbox's own are out of reach here.
    let reply = create(&BEYONDTRUST, &good);
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(call(good.at("admin"), "GET", "/readyz", &[], None).status, 200);

    // Another authority than the one that signed it; another name than the one it has; no certificate to show, and one
    // of an authority that the server doesn't know.
    let foreign = others.sign("intruder.test");
    let unreachable = [("localhost", others.ca(), Some(&client)), ("127.0.0.1", ours.ca(), Some(&client))];
    for (name, ca, client) in unreachable {
        let (_config, gateway) = gateway(&sandbox, name, &ca, client);
        for caller in DIALECTS {
            let text = refused(caller, &gateway, &[503]);
            assert!(text.contains("Nothing was sent"), "{text}");
        }
        assert_eq!(call(gateway.at("admin"), "GET", "/readyz", &[], None).status, 503);
    }
    for client in [None, Some(&foreign)] {
        let (_config, gateway) = gateway(&sandbox, "localhost", &ours.ca(), client);
        for caller in DIALECTS {
            refused(caller, &gateway, &[502, 503]);
        }
    }
}

fn refused(caller: &Caller, gateway: &Program, statuses: &[u16]) -> String {
    let reply = create(caller, gateway);
    assert!(statuses.contains(&reply.status), "{}: {reply:?}", caller.dialect);
    let code = match caller.dialect {
        "beyondtrust" => "",
        "cyberark" => "CAWS00001E",
        _ => "50000",
    };
    let told = fault(caller, &reply, reply.status, code);
    for leak in ["certificate", "rustls", "TLS", "localhost", "127.0.0.1"] {
        assert!(!told.contains(leak), "{leak} is told: {told}");
    }
    let log = gateway.log();
    assert!(!log.contains("PRIVATE KEY"), "{log}");
    SECRETS.iter().for_each(|secret| assert!(!log.contains(secret), "{secret} is logged: {log}"));
    told
}
