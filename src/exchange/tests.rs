//! Answers that look odd: a creation that succeeded must not be answered as a fault, or the caller creates again.
mod required;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::canonical::{Fault, Treatment};
use crate::crosswalk::Crosswalk;
use crate::diagnostic::Source;
use crate::dialect::{Files, Registry};
use crate::json::Limits;

use super::{Answered, Came, Chosen, Context, Incoming, Pair, Policy, Principal, Side, ask};

const CROSSWALK: &str = r#"{"kind":"target","beyondtrust":{"system.id":"14","account.id":"1032"},"cyberark":{"account.id":"12_3"},"safeguard":{"system.id":"2107","account.id":"5512"}}"#;

/// What a caller of CyberArk's dialect, or of BeyondTrust's, is answered.
fn answered(from: &str, to: &str, status: u16, body: &str) -> Result<Answered, Fault> {
    answered_after(from, to, (status, body), None)
}

/// The same, where the upstream is asked again.
fn answered_after(
    from: &str,
    to: &str,
    (status, body): (u16, &str),
    again: Option<&str>,
) -> Result<Answered, Fault> {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let side = |name: &str| Side {
        dialect: registry.get(name, None).expect("a dialect").clone(),
        space: name.into(),
    };
    let (caller, pair) = (side(from), Arc::new(Pair::new(side(from), side(to))));
    let crosswalk = Crosswalk::from_jsonl(&Source::new("c", CROSSWALK)).expect("a crosswalk");
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let context = Context { crosswalk: &crosswalk, now, limits: Limits::default() };
    let (path, sent) = match from {
        "cyberark" => (
            "/PasswordVault/API/MyRequests",
            json!({ "accountId": "12_3", "reason": "x", "ToDate": 1_767_607_200 }),
        ),
        _ => (
            "/BeyondTrust/api/public/v3/Requests",
            json!({ "SystemID": 14, "AccountID": 1032, "DurationMinutes": 60 }),
        ),
    };
    let recognised = caller.dialect.recognise("POST", path).expect("a path of the dialect");
    let sent = sent.to_string();
    let incoming = Incoming { recognised: &recognised, path, query: None, body: sent.as_bytes() };
    let policy = Policy::default();
    let principal = Principal { name: String::new(), as_user: Some("jdoe".to_owned()) };
    let prepared =
        ask(&incoming, context, |_| Ok(Chosen { pair, policy: &policy, principal: Cow::Owned(principal) }));
    let prepared = prepared.expect("it is sent");
    let again = again.map(|again| Came { status: 200, body: again.as_bytes() });
    prepared.answer(Came { status, body: body.as_bytes() }, again, 7, context)
}

fn body(answered: &Answered) -> Json {
    serde_json::from_slice(answered.body.as_deref().expect("a body")).expect("JSON")
}

#[test]
fn a_creation_of_which_the_id_is_told_is_a_success_however_odd_the_rest() {
    // A state that nobody knows, a text where a number belongs, a number where a text belongs.
    for odd in [
        r#"{ "RequestID": "S_9", "Status": 99, "UserReason": "x" }"#,
        r#"{ "RequestID": "S_9", "Status": 1, "CreationDate": "yesterday" }"#,
        r#"{ "RequestID": "S_9", "Status": 1, "AdditionalInfo": { "Emergency": "perhaps" } }"#,
        r#"{ "RequestID": "S_9", "Status": 1, "UserReason": 5, "Confirmers": {} }"#,
    ] {
        let answered =
            answered("beyondtrust", "cyberark", 201, odd).unwrap_or_else(|e| panic!("{odd}: {e:?}"));
        let (ours, theirs) = answered.made.clone().expect("a request was made");
        assert_eq!((answered.status, theirs.as_str()), (201, "S_9"), "{odd}");
        assert_eq!(body(&answered).to_string(), ours, "{odd}");
    }
}

#[test]
fn without_an_id_nothing_can_be_told() {
    for rubbish in ["", "<html>", "{}", r#"{ "Status": 1 }"#, "[]", "7"] {
        let fault = answered("beyondtrust", "cyberark", 201, rubbish).expect_err(rubbish);
        assert_eq!(fault.word, "upstream.rubbish", "{rubbish}");
    }
}

#[test]
fn what_is_not_known_of_a_creation_reads_pending() {
    let answered = answered("cyberark", "beyondtrust", 201, "124").expect("a success");
    assert_eq!(
        (body(&answered)["Status"].clone(), body(&answered)["UserReason"].clone()),
        (json!(1), json!("x"))
    );
}

#[test]
fn an_odd_request_beside_it_does_not_hide_its_state() {
    for (list, status) in [
        (r#"[{ "RequestID": 123, "Status": "Odd" }, { "RequestID": 124, "Status": "Active" }]"#, 2),
        (
            r#"[{ "RequestID": 123, "AccessType": 5 }, { "RequestID": 124, "Status": "Active", "SystemID": "x" }]"#,
            2,
        ),
        (r#"[{ "RequestID": 124, "Status": "Odd" }]"#, 1),
        (r#"[{ "RequestID": 123, "Status": "Active" }]"#, 1),
        ("<html>", 1),
    ] {
        let answered =
            answered_after("cyberark", "beyondtrust", (201, "124"), Some(list)).expect("a success");
        assert_eq!(body(&answered)["Status"], json!(status), "{list}");
    }
}

#[test]
fn the_same_dialect_s_words_go_through() {
    for (status, text) in [(201, "124"), (201, "<odd>"), (409, "4091"), (403, "\"no\"")] {
        let answered =
            answered("beyondtrust", "beyondtrust", status, text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!((answered.status, answered.body.as_deref()), (status, Some(text.as_bytes())));
    }
    // That the gateway's own session is over is not for the caller to hear as its own.
    let fault = answered("beyondtrust", "beyondtrust", 401, "").expect_err("a fault");
    assert_eq!(fault.word, "upstream.sign-in");
}

/// What is left of a sum takes the part that is known, also where the caller's reply has no place for that part.
#[test]
fn what_is_left_to_approve_is_told_without_what_is_given() {
    let answer = r#"{ "Id": "1-1", "State": "RequestAvailable", "CurrentApprovalCount": 2, "RequiredApprovalCount": 2 }"#;
    let reply = body(&answered("cyberark", "safeguard", 201, answer).expect("a reply"));
    assert_eq!(reply["ConfirmationsLeft"], 0);
    let answer = answer.replace("\"RequiredApprovalCount\": 2", "\"RequiredApprovalCount\": 3");
    let reply = body(&answered("cyberark", "safeguard", 201, &answer).expect("a reply"));
    assert_eq!(reply["ConfirmationsLeft"], 1);
}

/// A note that doesn't fit into the reason is refused: the explanation says so, as the header does.
#[test]
fn what_can_t_be_noted_is_explained_as_refused() {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let side = |name: &str| Side {
        dialect: registry.get(name, None).expect("a dialect").clone(),
        space: name.into(),
    };
    let (caller, pair) = (side("cyberark"), Arc::new(Pair::new(side("cyberark"), side("beyondtrust"))));
    let crosswalk = Crosswalk::from_jsonl(&Source::new("c", CROSSWALK)).expect("a crosswalk");
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let context = Context { crosswalk: &crosswalk, now, limits: Limits::default() };
    let path = "/PasswordVault/API/MyRequests";
    let recognised = caller.dialect.recognise("POST", path).expect("a path of the dialect");
    let told = |reason: usize| {
        let sent = json!({ "accountId": "12_3", "reason": "x".repeat(reason), "TicketId": "y".repeat(21) });
        let sent = sent.to_string();
        let incoming = Incoming { recognised: &recognised, path, query: None, body: sent.as_bytes() };
        let (policy, principal) = (Policy::default(), Principal::default());
        let chosen = Chosen { pair: pair.clone(), policy: &policy, principal: Cow::Owned(principal) };
        let (prepared, explanation) = super::explain::ask(&incoming, context, |_| Ok(chosen));
        let fates = explanation.became.into_iter().flat_map(|became| became.fates);
        let fate = fates.into_iter().find(|fate| fate.held.field == "ticket.number").expect("a fate");
        (prepared.is_ok(), fate.treatment, fate.note.is_some())
    };
    assert_eq!(told(10), (true, Some(Treatment::Note), true));
    assert_eq!(told(990), (false, Some(Treatment::Refuse), false));
}
