//! `pamgate translate`, run as a person or a script runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli_support;
#[path = "cli_translate/options.rs"]
mod options;

use std::io::Write;
use std::process::Stdio;

use cli_support::{Ran, command, ran};

const CROSSWALK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/crosswalk.csv");
const MESSAGE: &str =
    r#"{"SystemID": 14, "AccountID": 1032, "DurationMinutes": 60, "Reason": "disk full on db07"}"#;

/// Translates what stands on standard input.
fn translate(words: &[&str], message: &str) -> Ran {
    translate_in(words, message, "100")
}

/// The same, where a terminal's width is told.
fn translate_in(words: &[&str], message: &str, width: &str) -> Ran {
    let fixed = ["translate", "--crosswalk", CROSSWALK, "--now", "2026-01-05T09:00:00Z"];
    let mut child = command(&[&fixed, words].concat())
        .env("COLUMNS", width)
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
fn what_the_message_s_own_server_would_not_know_is_told() {
    let message = MESSAGE.replace('}', r#", "AccesType": "RDP", "Foo": {"Bar": 1}}"#);
    let words = ["--from", "beyondtrust", "--to", "cyberark"];
    let ran = translate(&words, &message);
    let told = "/AccesType   not known, and ignored\n/Foo/Bar   not known, and ignored\n";
    assert_eq!((ran.status, ran.err.as_str()), (0, told));
    let ran = translate(&[&words[..], &["--output", "json"]].concat(), &message);
    let all: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(all["unknown"], serde_json::json!(["/AccesType", "/Foo/Bar"]));
    // Between two servers of one kind it goes on as it came.
    let same = translate(&["--from", "beyondtrust", "--to", "beyondtrust"], &message);
    assert_eq!((same.status, same.err.as_str()), (0, ""));
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
        (
            &[
                "--from",
                "beyondtrust",
                "--to",
                "cyberark",
                "--treat",
                "emergency=note",
                "--treat",
                "emergency=drop",
            ],
            2,
            "--treat emergency=note stands before it",
        ),
        (
            &[
                "--from",
                "beyondtrust",
                "--to",
                "cyberark",
                "--supply",
                "reason.text=a",
                "--supply",
                "reason.text=b",
            ],
            2,
            "--supply reason.text=a stands before it",
        ),
        (&["--from", "cyberark", "--to", "beyondtrust", "--variant", "cyberark"], 2, "write DIALECT/VARIANT"),
        (
            &[
                "--from",
                "cyberark",
                "--to",
                "beyondtrust",
                "--variant",
                "cyberark/page",
                "--variant",
                "cyberark/x",
            ],
            2,
            "there is a --variant of `cyberark` already",
        ),
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

const WITH_A_TICKET: &str = r#"{"SystemID": 14, "accountid": "1032", "DurationMinutes": 60, "Reason": "disk full on db07",
 "TicketSystemID": 7, "TicketNumber": "CHG-4711", "RotateOnCheckin": false, "Colour": "blue"}"#;

#[test]
fn an_explanation_fits_the_terminal_and_ends_in_the_message() {
    for width in ["80", "120"] {
        let words = ["--from", "beyondtrust", "--to", "cyberark", "--explain"];
        let ran = translate_in(&words, WITH_A_TICKET, width);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
        let (explained, message) = ran.out.trim_end().rsplit_once('\n').unwrap();
        let message: serde_json::Value = serde_json::from_str(message).unwrap();
        assert_eq!(message["accountId"], "12_3");
        let widest = explained.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.parse().unwrap() && widest > 70, "{width}\n{explained}");
        for told in
            ["accountid = \"1032\"", "window.length = PT1H", "dropped, and", "crosswalk.csv:", "(unsaid)"]
        {
            assert!(explained.contains(told), "{told}\n{explained}");
        }
        assert!(!explained.contains('\u{1b}'), "{explained}");
    }
}

#[test]
fn an_explanation_as_json_stands_beside_the_message() {
    let words = ["--from", "beyondtrust", "--to", "cyberark", "--explain", "--output", "json"];
    let all: serde_json::Value = serde_json::from_str(&translate(&words, WITH_A_TICKET).out).unwrap();
    assert_eq!(all["message"]["accountId"], "12_3");
    let why = &all["explanation"];
    let read =
        |place: &str| why["read"].as_array().unwrap().iter().find(|one| one["place"] == place).unwrap();
    assert_eq!(read("/AccountID")["value"], 1032);
    assert_eq!(read("/AccountID")["spelt"], serde_json::json!({ "place": "/accountid", "value": "1032" }));
    assert_eq!(read("/AccountID")["entry"]["file"], "mappings/beyondtrust.toml");
    assert_eq!(read("/Colour")["what"], "unknown");
    assert_eq!(read("/ConflictOption")["what"], "absent");
    let fates = why["became"].as_array().unwrap().iter().flat_map(|one| one["sent"].as_array().unwrap());
    let rotate = fates.clone().find(|fate| fate["field"] == "rotate_on_check_in").unwrap();
    assert_eq!(
        (&rotate["fit"], &rotate["treatment"], &rotate["configured"]),
        (&"nowhere".into(), &"drop".into(), &false.into())
    );
    assert!(why["written"].as_array().unwrap().iter().any(|one| one["what"] == "now"));
    assert_eq!(why["refused"], serde_json::Value::Null);
    // Each key is one that the page explains.
    let page = include_str!("../docs/explanation.md");
    let mut keys = std::collections::BTreeSet::new();
    all_keys(why, &mut keys);
    assert!(keys.len() > 20, "{keys:?}");
    let missing: Vec<&String> = keys.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty(), "docs/explanation.md says nothing of {missing:?}");
}

/// All names of an explanation's objects, but for those inside of values.
fn all_keys(json: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
    match json {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                found.insert(key.clone());
                if key != "value" {
                    all_keys(value, found);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| all_keys(item, found)),
        _ => {}
    }
}

#[test]
fn a_refusal_is_explained_as_far_as_it_went() {
    let words = ["--from", "beyondtrust", "--to", "cyberark", "--explain"];
    for (more, step, told) in [
        (&["--treat", "rotate_on_check_in=refuse"][..], "decide", "nowhere: refused"),
        (
            &["--supply", "reason.text=x", "--treat", "rotate_on_check_in=refuse"],
            "decide",
            "nowhere: refused",
        ),
    ] {
        let ran = translate(&[&words[..], more].concat(), WITH_A_TICKET);
        assert_eq!(ran.status, 1);
        assert!(ran.err.starts_with("400 "), "{}", ran.err);
        assert!(ran.out.contains("the caller is answered 400:\n\""), "{}", ran.out);
        assert!(
            ran.out.contains(&format!("refused at the step “{step}”")) && ran.out.contains(told),
            "{}",
            ran.out
        );
        // Nothing was written: how other values would have fitted was never asked.
        for unasked in ["nothing is lost", "a part of the reference", "stands in the address"] {
            assert!(!ran.out.contains(unasked), "{unasked}: {}", ran.out);
        }
    }
    let unknown = translate(&words, &WITH_A_TICKET.replace("1032", "9"));
    assert!(unknown.status == 1 && unknown.out.contains("refused at the step “resolve”"), "{}", unknown.out);
    let wrong = translate(&words, &WITH_A_TICKET.replace("60", "0"));
    assert!(
        wrong.out.contains("refused at the step “read”") && wrong.out.contains("window.length"),
        "{}",
        wrong.out
    );
    let json = translate(&[&words[..], &["--output", "json"]].concat(), "{");
    let all: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (json.status, &all["message"], &all["explanation"]["refused"]["fault"]),
        (1, &serde_json::Value::Null, &"invalid.json".into())
    );
}

#[test]
fn a_reply_and_what_passes_as_it_came_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("request.json");
    std::fs::write(&request, r#"{"accountId": "12_3", "reason": "x", "ToDate": 1767607200}"#).unwrap();
    let words = [
        "--reply",
        "--request",
        request.to_str().unwrap(),
        "--from",
        "beyondtrust",
        "--to",
        "cyberark",
        "--explain",
    ];
    let ran = translate(&words, "124");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    for told in [
        "(all of it) = 124",
        "request.id = 124",
        "UserReason = \"x\"",
        "asked",
        "blank: nobody knows it",
        "gateway",
    ] {
        assert!(ran.out.contains(told), "{told}\n{}", ran.out);
    }
    let same = translate(&["--from", "beyondtrust", "--to", "beyondtrust", "--explain"], WITH_A_TICKET);
    assert!(
        same.out.contains("goes through as it came") && same.out.contains("window.length = PT1H"),
        "{}",
        same.out
    );
    assert!(same.out.trim_end().ends_with(WITH_A_TICKET), "{}", same.out);
}

#[test]
fn nothing_in_a_message_is_a_command_for_the_terminal() {
    let message = r#"{"accountId": "12_3", "reason": "a\u001b[31mb", "ToDate": 1767607200,
        "\u001b]0;x\u0007": "\u009b2J", "AdditionalInfo": {"\u001b[2J": "x\ny"}}"#;
    for to in ["beyondtrust", "safeguard", "cyberark"] {
        let ran = translate(&["--from", "cyberark", "--to", to, "--as-user", "jdoe", "--explain"], message);
        let (explained, _) = ran.out.split_once("\n{").unwrap_or((&ran.out, ""));
        let command = |letter: char| letter.is_control() && letter != '\n';
        assert!(!explained.contains(command) && explained.contains('\u{fffd}'), "{to}: {explained:?}");
    }
}

#[test]
fn a_value_can_forge_no_line_and_no_command_beside_the_message() {
    let hostile =
        "a\nemergency = true   nowhere   drop\u{1b}[2J\u{9b}1m\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}";
    let unseen = |text: &str| {
        text.contains(|letter: char| {
            (letter.is_control() && letter != '\n')
                || ['\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}'].contains(&letter)
        })
    };
    let message = serde_json::json!({
        "accountId": "12_3", "reason": "x", "FromDate": 1_767_603_600, "ToDate": 1_767_607_200,
        "TicketingSystemName": "ServiceNow", "TicketId": "1", "UseConnect": true, "ConnectionComponent": hostile,
    });
    let words = ["--from", "cyberark", "--to", "beyondtrust"];
    let losing = [&words[..], &["--treat", "access.kind=drop", "--treat", "access.component=drop"]].concat();
    let lost = translate(&losing, &message.to_string());
    assert_eq!(lost.status, 0, "{}", lost.err);
    assert!(lost.err.contains("access.component = a\u{fffd}emergency"), "{:?}", lost.err);
    assert!(
        !lost.err.lines().any(|line| line.starts_with("emergency")) && !unseen(&lost.err),
        "{:?}",
        lost.err
    );
    // What is supplied, what is refused, and each column of an explanation.
    let supplied = format!("ticket.number={hostile}");
    let refused = translate(&words, &message.to_string());
    assert!(refused.status == 1 && !unseen(&refused.err), "{:?}", refused.err);
    let supplied = translate(&[&losing[..], &["--supply", &supplied]].concat(), &message.to_string());
    assert!(!unseen(&supplied.err), "{:?}", supplied.err);
    let explained = translate(&[&words[..], &["--explain"]].concat(), &message.to_string());
    assert!(explained.out.contains("a\u{fffd}emergency"), "{:?}", explained.out);
    assert!(!unseen(&explained.out) && !unseen(&explained.err), "{:?}", explained.out);
}
