//! `pamgate translate`, run as a person or a script runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli_support;

use std::io::Write;
use std::process::Stdio;

use cli_support::{Ran, command, ran};

const CROSSWALK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/crosswalk.csv");
const MESSAGE: &str =
    r#"{"SystemID": 14, "AccountID": 1032, "DurationMinutes": 60, "Reason": "disk full on db07"}"#;

/// Translates what stands on standard input.
fn translate(words: &[&str], message: &str) -> Ran {
    let fixed = ["translate", "--crosswalk", CROSSWALK, "--now", "2026-01-05T09:00:00Z"];
    let mut child = command(&[&fixed, words].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A usage error may end it before it reads: then nobody misses the message.
    let _ = child.stdin.take().unwrap().write_all(message.as_bytes());
    ran(child.wait_with_output().unwrap())
}

#[test]
fn a_message_comes_out_in_the_other_dialect() {
    let ran = translate(&["--from", "beyondtrust", "--to", "cyberark", "-"], MESSAGE);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let message: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let expected = serde_json::json!({
        "accountId": "12_3", "reason": "disk full on db07", "MultipleAccessRequired": true,
        "FromDate": 1_767_603_600, "ToDate": 1_767_607_200,
    });
    assert_eq!(message, expected);
}

#[test]
fn json_output_has_the_message_what_it_means_and_what_was_lost() {
    let message = MESSAGE.replace('}', r#", "RotateOnCheckin": false}"#);
    let words = ["--from", "beyondtrust", "--to", "cyberark"];
    let ran = translate(&[&words[..], &["--output", "json"]].concat(), &message);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let all: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(all["message"]["accountId"], "12_3");
    assert_eq!(all["canonical"]["target.account.id"], "1032");
    let lost: Vec<&str> =
        all["losses"].as_array().unwrap().iter().filter_map(|l| l["field"].as_str()).collect();
    assert_eq!(lost, ["rotate_on_check_in"]);
    // Without it, losses are told beside the message, and --treat decides what becomes of them.
    assert!(translate(&words, &message).err.contains("rotate_on_check_in"));
    let refused = translate(&[&words[..], &["--treat", "rotate_on_check_in=refuse"]].concat(), &message);
    assert_eq!((refused.status, refused.out.as_str()), (1, ""), "{}", refused.err);
}

#[test]
fn what_is_refused_is_told_in_the_callers_dialect() {
    let words = ["--from", "cyberark", "--to", "beyondtrust"];
    for (message, expected) in
        [("{", "400 {\"ErrorCode\""), ("{\"accountId\": \"99_99\", \"reason\": \"x\"}", "404 {\"ErrorCode\"")]
    {
        let ran = translate(&words, message);
        assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{message}: {}", ran.err);
        assert!(ran.err.starts_with(expected), "{message}: {}", ran.err);
    }
}

#[test]
fn what_cannot_be_meant_is_a_usage_error_and_what_cannot_be_read_another() {
    for (words, status, expected) in [
        (&["--from", "beyontrust", "--to", "cyberark"][..], 2, "did you mean `beyondtrust`?"),
        (&["--from", "beyondtrust/v9", "--to", "cyberark"], 2, "v9"),
        (&["--from", "beyondtrust", "--to", "cyberark", "--operation", "request.creat"], 2, "request.creat"),
        (&["--from", "beyondtrust", "--to", "cyberark", "--treat", "emergency=shout"], 2, "shout"),
        (&["--from", "beyondtrust", "--to", "cyberark", "--supply", "reason.txt=x"], 2, "reason.txt"),
        (&["--from", "beyondtrust", "--to", "cyberark", "/nowhere.json"], 3, "/nowhere.json"),
        (&["--from", "beyondtrust", "--to", "cyberark", "--mappings", "/nowhere"], 3, "/nowhere"),
    ] {
        let ran = translate(words, MESSAGE);
        assert_eq!((ran.status, ran.out.as_str()), (status, ""), "{words:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{words:?}: {}", ran.err);
    }
}

#[test]
fn a_variant_is_named_apart_or_after_its_dialect() {
    let message = r#"{"accountId": "12_3", "MultipleAccess": true, "ToDate": 1767607200}"#;
    let pair = ["--from", "cyberark", "--to", "beyondtrust"];
    let plainly = translate(&pair, message);
    assert!(plainly.err.contains("multiple_use = false   nowhere   note"), "{}", plainly.err);
    let apart = translate(&[&pair[..], &["--variant", "cyberark/page"]].concat(), message);
    let after = translate(&["--from", "cyberark/page", "--to", "beyondtrust"], message);
    assert_eq!((apart.status, apart.err.as_str()), (0, ""));
    assert_eq!(apart.out, after.out);
    let stray = translate(&[&pair[..], &["--variant", "safeguard/v3"]].concat(), message);
    assert_eq!(stray.status, 2);
    assert!(stray.err.contains("write DIALECT/VARIANT"), "{}", stray.err);
}
