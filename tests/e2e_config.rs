//! A configuration with a mistake keeps the program from starting, and what is wrong is told where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use e2e_support::program::run;
use e2e_support::{Config, SECRETS};

/// The text that a mistake replaces, what stands there instead, and what is told of it.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    (
        "listen = \"127.0.0.1:0\"",
        "listne = \"127.0.0.1:0\"",
        &["unknown-key", "`listne`", "did you mean `listen`?"],
    ),
    ("dialect = \"cyberark\"", "dialect = \"cyberrark\"", &["unknown-dialect", "did you mean `cyberark`?"]),
    ("dialect = \"cyberark\"", "dialect = \"cyberark\"\nvariant = \"pgae\"", &["unknown-variant"]),
    (
        "{ value = \"sandbox-ca-password-requester\" }",
        "{ env = \"PAMGATE_TEST_UNSET\" }",
        &["secret-unset", "PAMGATE_TEST_UNSET"],
    ),
    ("{ value = \"sandbox-ca-password-requester\" }", "{ file = \"no-such-file\" }", &["no-such-file"]),
    ("{ value = \"sandbox-ca-password-requester\" }", "\"sandbox-ca-password-requester\"", &["secret-plain"]),
    ("crosswalk.csv", "no-such-crosswalk.csv", &["no-such-crosswalk.csv"]),
    ("[caller.as.vault]", "[caller.as.vualt]", &["vualt"]),
    (
        "[caller.as.vault]\n",
        "[caller.as.vault]\nusr = \"x\"\n",
        &["unknown-key", "`usr`", "did you mean `user`?", "known: password, user"],
    ),
    ("url     = \"http://", "url     = \"ftp://", &["url"]),
    ("url     = \"http://127.0.0.1", "url     = \"http://198.51.100.7", &["plain"]),
    ("kind = \"sqlite\"", "kind = \"postgres\"", &["kind"]),
    ("[limits]", "[limits]\nbody_bytes = 3", &["body_bytes"]),
    ("[deadlines]", "[deadlines]\nrequest = \"soon\"", &["request"]),
    ("[limits]", "[losses]\nrotate_on_chekin = \"drop\"\n[limits]", &["rotate_on_chekin"]),
    ("[limits]", "[supply]\n\"window.length\" = \"long\"\n[limits]", &["window.length"]),
    ("[limits]", "[limits", &[]),
];

#[test]
fn what_the_upstream_would_refuse_is_not_supplied() {
    let serve = |supply: &str| {
        let config = Config::before("beyondtrust", std::net::SocketAddr::from(([127, 0, 0, 1], 1)));
        let path = config.folder().join("pamgate.toml");
        let text = config.text().replacen("[limits]", &format!("[supply]\n{supply}\n[limits]"), 1);
        std::fs::write(&path, text).unwrap();
        run(&["serve", "--config", path.to_str().unwrap(), "--listen", "127.0.0.1:0"])
    };
    for (supply, place) in [
        ("\"ticket.number\" = \"CHG-0000000000000-4711\"", ":6:19"),
        ("\"window.length\" = \"P400D\"", ":6:19"),
        ("\"window.length\" = \"30s\"", ":6:19"),
    ] {
        let ran = serve(supply);
        assert_eq!(ran.status, Some(3), "{supply}: {}", ran.err);
        let told = ran.err.contains("lies outside of what BeyondTrust") && ran.err.contains(place);
        assert!(told && ran.err.contains("wrong-supply"), "{supply}: {}", ran.err);
        assert_eq!(ran.err.matches("wrong-supply").count(), 1, "once, however many callers: {}", ran.err);
    }
}

#[test]
fn a_mistake_is_told_with_its_place_and_status_three() {
    let at = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    for (right, wrong, told) in MISTAKES {
        let config = Config::before("cyberark", at);
        let text = config.text();
        assert!(text.contains(right), "{right}");
        let text = text.replacen(right, wrong, 1);
        let path = config.folder().join("pamgate.toml");
        std::fs::write(&path, &text).unwrap();
        let ran = run(&["serve", "--config", path.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
        assert_eq!(ran.status, Some(3), "{wrong}: {}", ran.err);
        for one in *told {
            assert!(ran.err.contains(one), "{wrong}: nothing of {one}: {}", ran.err);
        }
        let first = text.lines().zip(config.text().lines().map(str::to_owned)).position(|(a, b)| a != b);
        let place = format!("pamgate.toml:{}:", first.unwrap() + 1);
        let near = format!("pamgate.toml:{}:", first.unwrap() + 2);
        assert!(ran.err.contains(&place) || ran.err.contains(&near), "{wrong}: not at {place} {}", ran.err);
        for secret in SECRETS {
            assert!(
                !ran.err.contains(secret) && !ran.out.contains(secret),
                "{wrong}: {secret} is told: {}",
                ran.err
            );
        }
        assert_eq!(ran.out, "", "{wrong}: nothing serves");
    }
}

#[test]
fn what_else_keeps_it_from_starting_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (words, status, told) in [
        (&["serve", "--config", "/no/such/pamgate.toml"][..], 3, "/no/such/pamgate.toml"),
        (&["serve", "--sandbox", "--listen", &taken], 3, taken.as_str()),
        (&["serve", "--sandbox", "--listen", "0.0.0.0:0"], 2, "0.0.0.0:0"),
        (&["serve"], 2, "--config"),
        (&["serve", "--sandbox", "--config", "x.toml"], 2, "--config"),
        (&["serve", "--sandbox", "--upstream", "hashicorp"], 2, "hashicorp"),
        (&["serve", "--sandbox", "--store", "postgres:x"], 2, "sqlite:PATH"),
        (
            &["serve", "--sandbox", "--listen", "127.0.0.1:0", "--store", "sqlite:/no/such/folder/x.db"],
            3,
            "/no/such/folder/x.db",
        ),
        (
            &["serve", "--sandbox", "--listen", "127.0.0.1:0", "--ready-file", "/no/such/folder/ready"],
            3,
            "/no/such/folder/ready",
        ),
    ] {
        let ran = run(words);
        assert_eq!(ran.status, Some(status), "{words:?}: {}", ran.err);
        assert!(ran.err.contains(told), "{words:?}: {}", ran.err);
    }
}
