//! The whole reply: what a caller's own vendor answers to a request, beside what it is answered through the gateway
//! where the request went to another vendor's server.
//!
//! Both sides are the sandboxes, asked in process without sockets, at one and the same moment. Every place that is
//! not the same needs a reason in `tests/replies_reasons.toml`, and a reason that explains nothing any more fails,
//! too. `docs/replies.md` is made of the comparison: `PAMGATE_WRITE=1 cargo test --test replies` writes it anew (never
//! in CI), without that the test fails where the page is stale. Start at [`every_place_is_the_same_or_has_its_reason`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod replies_support;
mod sandbox_support;

use std::path::Path;

use pamgate::sandbox::Vendor;
use replies_support::page::{self, Section};
use replies_support::reasons::Reasons;
use replies_support::{CROSSINGS, Gateway, Own, cases};
use serde_json::{Value, json};

#[test]
fn every_place_is_the_same_or_has_its_reason() {
    let mut reasons = Reasons::read();
    let mut wrong = Vec::new();
    let mut sections = Vec::new();
    for (caller, upstream) in CROSSINGS {
        let gateway = Gateway::new(caller, upstream);
        let mut section = Section::new(caller, upstream);
        for case in cases::of(caller).iter().filter(|case| case.goes_to(upstream)) {
            let own = Own::new(caller).create(case.body);
            let through = gateway.create(case.body);
            assert!((200..300).contains(&own.status), "{caller}, {}: {}", case.name, own.body);
            assert_eq!(own.status, through.status, "{caller} to {upstream}, {}: {}", case.name, through.body);
            section.compare(case.name, &own.json(), &through.json());
        }
        wrong.extend(section.explain(&mut reasons));
        sections.push(section);
    }
    wrong.extend(reasons.idle());
    assert!(wrong.is_empty(), "tests/replies_reasons.toml:\n{}", wrong.join("\n"));
    up_to_date(&page::whole(&sections));
}

/// The page says what the comparison found.
fn up_to_date(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/replies.md");
    if std::env::var("PAMGATE_WRITE").is_ok_and(|write| write == "1") {
        assert!(std::env::var("CI").is_err(), "the page is written by people, never by CI");
        std::fs::write(&path, page).unwrap();
        return;
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    let line = stands.lines().zip(page.lines()).position(|(old, new)| old != new);
    assert!(
        stands == page,
        "docs/replies.md is stale from line {}: run `PAMGATE_WRITE=1 cargo test --test replies`",
        line.map_or(stands.lines().count().min(page.lines().count()), |line| line) + 1
    );
}

#[test]
fn a_beyondtrust_caller_gets_a_bare_id() {
    for upstream in [Vendor::CyberArk, Vendor::Safeguard] {
        let body = r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":60,"Reason":"disk full"}"#;
        let own = Own::new(Vendor::BeyondTrust).create(body);
        let through = Gateway::new(Vendor::BeyondTrust, upstream).create(body);
        assert_eq!((own.status, through.status), (201, 201), "{}", through.body);
        assert!(own.json().is_u64() && through.json().is_u64(), "{} and {}", own.body, through.body);
    }
}

/// Of a document: these places.
fn places(document: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), document[*name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn a_cyberark_document_of_a_request_that_ended_reads_as_the_vendor_s_own() {
    const STATUS: [&str; 5] =
        ["Status", "StatusTitle", "InvalidRequestReason", "ConfirmationsLeft", "OperationType"];
    let gateway = Gateway::new(Vendor::CyberArk, Vendor::BeyondTrust);
    let own = Own::new(Vendor::CyberArk);
    let again = |id: &str| own.call(&format!("GET /PasswordVault/API/MyRequests/{id}"), "").is(200).json();
    let made = |body: &str| own.create(body).is(201).json()["RequestID"].as_str().unwrap().to_owned();

    let pending = made(r#"{"accountId":"12_4"}"#);
    let written = gateway.written("pending");
    assert_eq!(places(&written, &STATUS), places(&again(&pending), &STATUS));

    let approved = made(r#"{"accountId":"12_3"}"#);
    assert_eq!(places(&gateway.written("approved"), &STATUS), places(&again(&approved), &STATUS));
    assert_eq!(places(&gateway.written("approved.in-use"), &STATUS), places(&again(&approved), &STATUS));

    let retrieve = "POST /PasswordVault/API/Accounts/12_3/Password/Retrieve";
    own.call(retrieve, r#"{"reason":"x"}"#).is(200);
    assert_eq!(places(&gateway.written("ended.used"), &STATUS), places(&again(&approved), &STATUS));

    let denied = made(r#"{"accountId":"14_1"}"#);
    let reject = format!("POST /PasswordVault/API/IncomingRequests/{denied}/Reject");
    let rejected = own.by_approver(&reject, r#"{"Reason":"no"}"#);
    assert!((200..300).contains(&rejected.status), "{}", rejected.body);
    assert_eq!(places(&gateway.written("ended.denied"), &STATUS), places(&again(&denied), &STATUS));

    own.pass_minutes(121);
    let own = own.signed_in_again();
    let again = own.call(&format!("GET /PasswordVault/API/MyRequests/{pending}"), "").is(200).json();
    assert_eq!(places(&gateway.written("ended.expired"), &STATUS), places(&again, &STATUS));
}

#[test]
fn a_safeguard_document_says_how_the_request_ended() {
    const STATUS: [&str; 4] = ["State", "WasDenied", "WasCancelled", "WasExpired"];
    let gateway = Gateway::new(Vendor::Safeguard, Vendor::BeyondTrust);
    for (word, state, denied, cancelled, expired) in [
        ("pending", "PendingApproval", false, false, false),
        ("approved", "RequestAvailable", false, false, false),
        ("approved.scheduled", "PendingTimeRequested", false, false, false),
        ("approved.in-use", "PasswordCheckedOut", false, false, false),
        ("ended.denied", "PendingAcknowledgment", true, false, false),
        ("ended.cancelled", "Complete", false, true, false),
        ("ended.expired", "Expired", false, false, true),
        ("ended.used", "Closed", false, false, false),
    ] {
        let expected =
            json!({ "State": state, "WasDenied": denied, "WasCancelled": cancelled, "WasExpired": expired });
        assert_eq!(places(&gateway.written(word), &STATUS), expected, "{word}");
    }
}

#[test]
fn a_request_that_the_upstream_gave_up_at_once_reads_ended() {
    // CyberArk makes it and calls it invalid in the same answer: there are too few who could confirm.
    let gateway = Gateway::new(Vendor::Safeguard, Vendor::CyberArk);
    let body = r#"{"ForUser":"jdoe","AssetId":2116,"AccountId":5530,"AccessRequestType":"Password"}"#;
    let reply = gateway.create(body).is(201).json();
    assert_eq!(reply["State"], "Closed", "{reply}");
    assert_eq!(reply["RequestAvailability"], json!([]), "{reply}");
}
