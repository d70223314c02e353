//! `pamgate sandbox`, over a real socket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli_support;

use cli_support::{Server, pamgate};

#[test]
fn each_sandbox_serves_what_it_announces_and_ends_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    for (dialect, signal, request, status) in [
        (
            "beyondtrust",
            "TERM",
            "POST /BeyondTrust/api/public/v3/Auth/SignAppin HTTP/1.1\r\n\
             authorization: PS-Auth key=sandbox-bt-key-requester; runas=CORP\\jdoe;\r\n\
             content-length: 0\r\n",
            "200",
        ),
        ("cyberark", "INT", "GET /PasswordVault/API/MyRequests HTTP/1.1\r\n", "401"),
        (
            "safeguard",
            "TERM",
            "POST /service/a2a/v4/AccessRequests HTTP/1.1\r\n\
             authorization: A2A sandbox-sg-a2a-key\r\ncontent-length: 2\r\n",
            "400",
        ),
    ] {
        let ready = folder.path().join(dialect);
        let server = Server::start(&["sandbox", dialect, "--listen", "127.0.0.1:0"], &ready);
        let at = server.at;
        let body = if request.contains("length: 2") { "{}" } else { "" };
        let reply = server.send(&format!("{request}host: {at}\r\nconnection: close\r\n\r\n{body}"));
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{dialect}: {reply}");

        let ran = server.stop(signal);
        assert_eq!(ran.status, 0, "{dialect}: {}", ran.err);
        assert!(ran.out.starts_with(&format!("{dialect} sandbox at http://{at}/")), "{}", ran.out);
        assert!(ran.out.contains("sandbox-"), "no credentials: {}", ran.out);
        assert!(!ready.exists(), "the ready file was left behind");
    }
}

#[test]
fn what_keeps_it_from_starting_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.toml");
    std::fs::write(&wrong, "[[user]]\nid = 1\npasword = \"hunter2\"\n").unwrap();
    let wrong = wrong.to_str().unwrap();
    for (words, status, expected) in [
        (&["--listen", &taken][..], 3, taken.as_str()),
        (&["--inventory", "/nowhere.toml"], 3, "/nowhere.toml"),
        (&["--inventory", wrong], 3, "wrong.toml:"),
        (&["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"], 3, "/nowhere.pem"),
        (&["--listen", "0.0.0.0:0"], 2, "--plain"),
        (&["--ready-file", "/nowhere/at/all"], 3, "/nowhere/at/all"),
    ] {
        let ran = pamgate(&[&["sandbox", "cyberark"], words].concat());
        assert_eq!(ran.status, status, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{words:?}: {}", ran.err);
        assert!(!ran.err.contains("hunter2"), "{}", ran.err);
    }
}

#[test]
fn secrets_of_an_inventory_of_ones_own_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.toml");
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/inventory/cyberark.toml");
    std::fs::write(&own, std::fs::read_to_string(built_in).unwrap().replace("sandbox-ca", "mine")).unwrap();
    let words = ["sandbox", "cyberark", "--inventory", own.to_str().unwrap()];
    let ran = Server::start(&words, &folder.path().join("ready")).stop("TERM");
    assert!(ran.out.contains("john.doe") && !ran.out.contains("mine-"), "{}", ran.out);
}
