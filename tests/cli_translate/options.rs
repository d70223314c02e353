//! What the options say: the time, treatments and supplies, and what of it says nothing.
use std::process::Stdio;

use super::cli_support::{command, ran};
use super::{MESSAGE, translate};

#[test]
fn a_time_that_is_none_is_told_with_one_that_is() {
    let words = ["translate", "--from", "beyondtrust", "--to", "cyberark", "--now", "yesterday"];
    let ran = ran(command(&words).stdin(Stdio::null()).output().unwrap());
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("yesterday") && ran.err.contains("as in 2026-01-05T09:00:00Z"), "{}", ran.err);
}

#[test]
fn options_that_change_nothing_are_told() {
    let words = ["--from", "beyondtrust", "--to", "cyberark"];
    for (option, expected) in [
        (
            ["--treat", "reference=note"],
            "warning: --treat reference=note changes nothing: from beyondtrust to cyberark,",
        ),
        (
            ["--supply", "emergency=true"],
            "warning: --supply emergency=true changes nothing: from beyondtrust to",
        ),
        (["--treat", "rotate_on_check_in=drop"], ""),
        (["--supply", "reason.text=maintenance"], ""),
        (["--treat", "default=drop"], ""),
    ] {
        let ran = translate(&[&words[..], &option].concat(), MESSAGE);
        assert_eq!(ran.status, 0, "{option:?}: {}", ran.err);
        assert!(
            ran.err.starts_with(expected) && ran.err.is_empty() == expected.is_empty(),
            "{option:?}: {}",
            ran.err
        );
    }
}

#[test]
fn the_default_treatment_is_that_of_what_is_noted_unless_it_is_named() {
    let message =
        r#"{"accountId": "12_3", "reason": "x", "ToDate": 1767607200, "AdditionalInfo": {"Site": "Ulm"}}"#;
    let words = ["--from", "cyberark", "--to", "beyondtrust", "--treat", "default=drop", "--treat"];
    let ran = translate(&[&words[..], &["extra=note"]].concat(), message);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.contains("multiple_use = false   nowhere   drop"), "{}", ran.err);
    assert!(ran.err.contains("nowhere   note") && ran.err.contains("Ulm"), "{}", ran.err);
}

#[test]
fn what_the_upstream_can_not_do_without_is_refused_whatever_is_configured() {
    // BeyondTrust needs a length: left out and noted, the request would lack it.
    let message =
        r#"{"accountId": "12_3", "reason": "x", "MultipleAccessRequired": true, "ToDate": 1967607200}"#;
    for treatment in ["refuse", "note", "drop"] {
        let treat = format!("window.length={treatment}");
        let words = ["--from", "cyberark", "--to", "beyondtrust", "--treat", &treat];
        let ran = translate(&words, message);
        assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{treatment}");
        assert!(ran.err.contains("window.length (PT55556H33M20S) lies outside"), "{treatment}: {}", ran.err);
        let why = translate(&[&words[..], &["--explain"]].concat(), message).out;
        assert_eq!(why.contains("refused, as"), treatment == "refuse", "{treatment}: {why}");
    }
    // Safeguard can do without, and the approver reads how long it was to be.
    let ask = r#"{"SystemID": 14, "AccountID": 1032, "DurationMinutes": 525600}"#;
    let words =
        ["--from", "beyondtrust", "--to", "safeguard", "--as-user", "jdoe", "--treat", "window.length=note"];
    let ran = translate(&words, ask);
    assert!(ran.out.contains("Asked for this long: PT8760H."), "{} {}", ran.out, ran.err);
}

#[test]
fn what_is_wrong_with_the_whole_of_a_body_has_a_name_in_safeguard_s_model_state() {
    let ran = translate(&["--from", "safeguard", "--to", "cyberark"], "[]");
    assert_eq!(ran.status, 1, "{}", ran.out);
    assert!(ran.err.contains(r#""ModelState":{"request":["#), "{}", ran.err);
}

#[test]
fn a_path_that_is_wanted_is_shown_as_it_can_be_typed() {
    let words = ["--from", "beyondtrust", "--to", "beyondtrust", "--operation", "request.check_in"];
    let wanted = translate(&words, "{}");
    assert_eq!(wanted.status, 2, "{}", wanted.err);
    let paths: Vec<&str> =
        wanted.err.split("--path ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    assert!(paths.len() > 1 && paths.iter().all(|path| path.starts_with('/')), "{}", wanted.err);
    for path in paths {
        let ran = translate(&[&words[..], &["--path", path]].concat(), "{}");
        assert_ne!(ran.status, 2, "{path}: {}", ran.err);
    }
    let elsewhere = translate(&[&words[..], &["--path", "/nowhere"]].concat(), "{}");
    assert!(elsewhere.err.contains("/Requests/17/Checkin"), "{}", elsewhere.err);
}
