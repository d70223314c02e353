//! `pamgate serve --sandbox`: the three dialects' callers before each emulated server, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli_support;

use cli_support::{Server, pamgate};

/// The commands that the gateway announces for pasting, as requests: what a person would send first.
fn pasted(announced: &str) -> Vec<String> {
    let words = |line: &str| {
        // Single quotes hold whole words; nothing else in these lines is quoted.
        let pieces = line.split('\'').enumerate();
        let words = pieces.flat_map(|(at, piece)| match at % 2 {
            0 => piece.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![piece.to_owned()],
        });
        words.collect::<Vec<String>>()
    };
    let commands = announced.lines().map(str::trim).filter(|line| line.starts_with("curl "));
    commands.map(|line| request(&words(line))).collect()
}

fn request(words: &[String]) -> String {
    let url = words.iter().find(|word| word.starts_with("http://")).expect("an address");
    let (host, path) = url["http://".len()..].split_once('/').expect("a path");
    let after = |flag: &'static str| {
        words.windows(2).filter(move |pair| pair[0] == flag).map(|pair| pair[1].as_str())
    };
    let method = after("-X").next().expect("a method");
    let body = after("-d").next().unwrap_or_default();
    let headers: String = after("-H").map(|header| format!("{header}\r\n")).collect();
    format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn what_is_announced_works_at_every_upstream() {
    let folder = tempfile::tempdir().unwrap();
    for upstream in ["beyondtrust", "cyberark", "safeguard"] {
        let ready = folder.path().join(upstream);
        let words =
            ["serve", "--sandbox", "--upstream", upstream, "--listen", "127.0.0.1:0", "--log", "warn"];
        // The announcement is read after the end, so the commands come from a first run at the same address.
        let first = Server::start(&words, &ready);
        let at = first.at.to_string();
        let announced = first.stop("TERM");
        assert_eq!(announced.status, 0, "{upstream}: {}", announced.err);
        let requests = pasted(&announced.out);
        assert_eq!(requests.len(), 3, "{upstream}: {}", announced.out);

        let server = Server::start(&words, &ready);
        for request in requests {
            let reply = server.send(&request.replace(&at, &server.at.to_string()));
            assert!(reply.starts_with("HTTP/1.1 201 "), "{upstream}:\n{request}\n\n{reply}");
        }
        let asked = server.addresses[&format!("sandbox.{upstream}")].as_str().unwrap().parse().unwrap();
        let records = Server::exchange(
            asked,
            "GET /_sandbox/requests HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\r\n",
        );
        let (_, body) = records.split_once("\r\n\r\n").unwrap();
        let records: Vec<serde_json::Value> = serde_json::from_str(body).unwrap();
        assert_eq!(records.len(), 3, "{upstream}: {records:#?}");

        let admin = server.addresses["admin"].as_str().unwrap().parse().unwrap();
        let health =
            Server::exchange(admin, "GET /readyz HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
        assert!(health.starts_with("HTTP/1.1 200 "), "{health}");

        let ran = server.stop("INT");
        assert_eq!((ran.status, ran.err.as_str()), (0, "pamgate has stopped\n"), "{upstream}");
        assert!(!ready.exists());
    }
}

#[test]
fn what_keeps_it_from_starting_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("pamgate.toml");
    std::fs::write(&wrong, "[gatway]\nlisten = \"127.0.0.1:0\"\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (words, status, expected) in [
        (&["--config", wrong.to_str().unwrap()][..], 3, "did you mean `gateway`?"),
        (&["--config", "/nowhere.toml"], 3, "/nowhere.toml"),
        (&["--sandbox", "--listen", &taken], 3, taken.as_str()),
        (&["--sandbox", "--listen", "0.0.0.0:0"], 2, "0.0.0.0:0"),
        (&["--sandbox", "--log", "loud=very"], 3, "loud=very"),
    ] {
        let ran = pamgate(&[&["serve"], words].concat());
        assert_eq!((ran.status, ran.out.as_str()), (status, ""), "{words:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{words:?}: {}", ran.err);
    }
}
