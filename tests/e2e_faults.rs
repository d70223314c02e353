//! What is wrong with a call is told in the caller's own dialect, all of it at once, and never reaches an upstream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use e2e_support::callers::fault;
use e2e_support::{BEYONDTRUST, CYBERARK, Caller, Client, DIALECTS, Program, SAFEGUARD, call, records};

/// A body, the status and code it gets, and what the text names.
type Case = (&'static str, u16, &'static str, &'static [&'static str]);

fn cases(caller: &Caller) -> &'static [Case] {
    match caller.dialect {
        "beyondtrust" => &[
            (r#"{"SystemID": 15, "AccountID": 1040}"#, 400, "", &["DurationMinutes"]),
            ("{}", 400, "", &["SystemID", "AccountID", "DurationMinutes"]),
            (
                r#"{"SystemID": "fifteen", "AccountID": 10.5, "DurationMinutes": [60]}"#,
                400,
                "",
                &["SystemID", "AccountID", "DurationMinutes"],
            ),
            (r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 0}"#, 400, "", &["DurationMinutes"]),
            (
                r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 525601}"#,
                400,
                "",
                &["DurationMinutes"],
            ),
            (
                r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "TicketNumber": "123456789012345678901"}"#,
                400,
                "",
                &["TicketNumber"],
            ),
            (
                r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "ConflictOption": "sometimes"}"#,
                400,
                "",
                &["ConflictOption"],
            ),
            (
                r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "AccessType": "App"}"#,
                400,
                "",
                &["ApplicationID"],
            ),
            (
                r#"{"SystemID": 0, "AccountID": true, "DurationMinutes": -1, "TicketNumber": "123456789012345678901",
                    "AccessType": "Shell", "ConflictOption": "x", "RotateOnCheckin": 3, "Reason": 7}"#,
                400,
                "",
                &[
                    "SystemID",
                    "AccountID",
                    "DurationMinutes",
                    "TicketNumber",
                    "AccessType",
                    "ConflictOption",
                    "RotateOnCheckin",
                    "Reason",
                ],
            ),
            (
                r#"{"SystemID": 15, "AccountID": 1040, "DurationMinutes": 60, "systemid": 15}"#,
                400,
                "",
                &["systemid"],
            ),
            ("[]", 400, "", &[]),
            ("SystemID=15", 400, "", &[]),
            (r#"{"SystemID": 15"#, 400, "", &[]),
            (r#"{'SystemID': '15', 'AccountID': '1040', 'DurationMinutes': '60'}"#, 400, "", &[]),
        ],
        "cyberark" => &[
            ("{}", 400, "PASWS167E", &["accountId"]),
            (
                r#"{"accountId": "13_1", "MultipleAccessRequired": "maybe"}"#,
                400,
                "PASWS167E",
                &["MultipleAccessRequired"],
            ),
            (
                r#"{"reason": 5, "MultipleAccessRequired": "maybe", "FromDate": -1, "ToDate": 3000000000,
                    "UseConnect": [], "ConnectionParams": 5, "AdditionalInfo": {"a": 1}}"#,
                400,
                "PASWS167E",
                &[
                    "accountId",
                    "reason",
                    "MultipleAccessRequired",
                    "FromDate",
                    "ToDate",
                    "UseConnect",
                    "ConnectionParams",
                    "AdditionalInfo",
                ],
            ),
            (r#"{"accountId": "13_1", "AccountID": "13_1"}"#, 400, "PASWS167E", &["AccountID"]),
            ("null", 400, "PASWS167E", &[]),
            ("accountId: 13_1", 400, "PASWS167E", &[]),
        ],
        _ => &[
            ("{}", 400, "70000", &[]),
            (
                r#"{"ForUser": 5, "AssetId": "many", "AccessRequestType": "Shell", "RequestedDurationDays": 32,
                    "RequestedDurationHours": 24, "RequestedDurationMinutes": 60, "IsEmergency": "no", "ReasonCodeId": 2147483648}"#,
                400,
                "70000",
                &[
                    "ForUser",
                    "AssetId",
                    "AccessRequestType",
                    "RequestedDurationDays",
                    "RequestedDurationHours",
                    "RequestedDurationMinutes",
                    "IsEmergency",
                    "ReasonCodeId",
                ],
            ),
            (
                r#"{"ForUser": "jdoe", "AssetId": 2108, "AccountId": 5520, "RequestedDurationDays": 31, "RequestedDurationHours": 1}"#,
                400,
                "70000",
                &["RequestedDurationHours"],
            ),
            (
                r#"{"ForUser": "jdoe", "AssetId": 2108, "SystemId": 2107, "AccountId": 5520, "AccessRequestType": "Password"}"#,
                400,
                "70000",
                &["SystemId"],
            ),
            (r#"{"ForUser": "jdoe", "AssetId": 2108, "assetid": 2108}"#, 400, "70000", &["assetid"]),
            ("<AccessRequest/>", 400, "70000", &[]),
        ],
    }
}

/// Codes that do not depend on the body.
fn general(caller: &Caller) -> [&'static str; 5] {
    match caller.dialect {
        // too large, not signed in, wrong method, no such address, invalid
        "beyondtrust" => [""; 5],
        "cyberark" => ["PASWS167E", "PASWS006E", "PASWS405E", "PASWS055E", "PASWS167E"],
        _ => ["70000", "60108", "60105", "60110", "70000"],
    }
}

fn towards(upstream: &str) {
    let program = Program::before(upstream);
    let to = program.gateway();
    for caller in DIALECTS {
        wrong_bodies(caller, upstream, &program);
        wrong_in_general(caller, &program);
    }
    assert_eq!(
        records(program.at(&format!("sandbox.{upstream}"))),
        [] as [serde_json::Value; 0],
        "nothing was asked"
    );
    let reply = call(to, "POST", "/no/such/base/Requests", &[], Some(b"{}"));
    assert_eq!(reply.status, 404);
    assert!(reply.json()["error"].is_string(), "the gateway's own words: {reply:?}");
}

fn wrong_bodies(caller: &Caller, upstream: &str, program: &Program) {
    for (body, status, code, named) in cases(caller) {
        let reply = caller.call(program.gateway(), "POST", caller.create, Some(body.as_bytes()));
        let text = fault(caller, &reply, *status, code);
        for name in *named {
            assert!(text.contains(name), "{}: {body} doesn't name {name}: {text}", caller.dialect);
        }
        assert!(reply.header("pamgate-request-id").is_some(), "{reply:?}");
    }
    for (body, status, code, theirs) in unknowns(caller) {
        let reply = caller.call(program.gateway(), "POST", caller.create, Some(body.as_bytes()));
        // A server of the caller's own dialect is asked, and answers for itself.
        let (status, code) = if caller.dialect == upstream { theirs } else { (status, code) };
        fault(caller, &reply, status, code);
    }
}

/// What leads nowhere in the crosswalk: the answer across dialects, and that of a server of the same dialect.
type Unknown = (&'static str, u16, &'static str, (u16, &'static str));

fn unknowns(caller: &Caller) -> Vec<Unknown> {
    match caller.dialect {
        "beyondtrust" => vec![
            (r#"{"SystemID": 15, "AccountID": 4242, "DurationMinutes": 60}"#, 403, "4031", (403, "4031")),
            (r#"{"SystemID": 4242, "AccountID": 1040, "DurationMinutes": 60}"#, 403, "4031", (403, "4031")),
        ],
        "cyberark" => vec![(r#"{"accountId": "99_9"}"#, 404, "PASWS055E", (404, "PASWS020E"))],
        _ => vec![
            (
                r#"{"ForUser": "jdoe", "AssetId": 99999, "AccountId": 5520, "AccessRequestType": "Password"}"#,
                400,
                "70000",
                (400, "70000"),
            ),
            (
                r#"{"ForUser": "nobody-known", "AssetId": 2108, "AccountId": 5520, "AccessRequestType": "Password"}"#,
                403,
                "60094",
                (400, "70000"),
            ),
        ],
    }
}

fn wrong_in_general(caller: &Caller, program: &Program) {
    let to = program.gateway();
    let [large, unsigned, method, nowhere, invalid] = general(caller);
    let wish = caller.wish().to_string();
    let path = format!("{}{}", caller.base, caller.create);
    let sign = ("Authorization", caller.authorization);

    let deep = format!(r#"{{"extra": {}{}}}"#, "[".repeat(40), "]".repeat(40));
    fault(caller, &caller.call(to, "POST", caller.create, Some(deep.as_bytes())), 400, invalid);

    let padded = format!("{}{wish}", " ".repeat(1 << 20));
    fault(caller, &caller.call(to, "POST", caller.create, Some(padded.as_bytes())), 413, large);
    // Without a length that could be looked at beforehand.
    let mut client = Client::connect(to);
    client.begin("POST", &path, &[sign, ("Transfer-Encoding", "chunked")], None);
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..17 {
        client.write(chunk.as_bytes());
    }
    fault(caller, &client.reply().expect("an answer before the end"), 413, large);

    let wrong_key = caller.authorization.replace("sandbox-", "sandbux-");
    for headers in [
        &[][..],
        &[("Authorization", wrong_key.as_str())],
        &[("Authorization", "Basic c2FuZGJveDpzYW5kYm94")],
        &[("Authorization", "")],
        &[sign, ("Authorization", wrong_key.as_str())],
    ] {
        let reply = call(to, "POST", &path, headers, Some(wish.as_bytes()));
        let text = fault(caller, &reply, 401, unsigned);
        assert!(!text.contains("sandb"), "the credential is told: {text}");
    }

    let reply = caller.call(to, "DELETE", caller.create, None);
    fault(caller, &reply, 405, method);
    let allow = reply.header("allow").expect("the methods that would do");
    assert!(allow.split(", ").any(|one| one == "POST"), "{reply:?}");

    for path in ["/No/Such/Address", "", "/"] {
        fault(caller, &caller.call(to, "POST", path, Some(b"{}")), 404, nowhere);
    }
}

#[test]
fn what_is_wrong_is_told_in_the_callers_words_before_beyondtrust() {
    towards("beyondtrust");
}

#[test]
fn what_is_wrong_is_told_in_the_callers_words_before_cyberark() {
    towards("cyberark");
}

#[test]
fn what_is_wrong_is_told_in_the_callers_words_before_safeguard() {
    towards("safeguard");
}

/// What an upstream refuses is told in the caller's dialect as well, and in none of the upstream's words.
#[test]
fn an_upstreams_refusal_is_the_callers_fault_in_its_own_words() {
    // hradmin on hr02: the requester has no permission there.
    let wishes = [
        (&BEYONDTRUST, r#"{"SystemID": 22, "AccountID": 1048, "DurationMinutes": 60}"#),
        (&CYBERARK, r#"{"accountId": "19_1", "MultipleAccessRequired": true}"#),
        (
            &SAFEGUARD,
            r#"{"ForUser": "jdoe", "AssetId": 2115, "AccountId": 5528, "AccessRequestType": "Password"}"#,
        ),
    ];
    let words: [(&str, &[&str]); 3] = [
        ("beyondtrust", &["4031"]),
        ("cyberark", &["ITATS", "PASWS"]),
        ("safeguard", &["90408", "60094", "entitlement"]),
    ];
    for (upstream, theirs) in words {
        let program = Program::before(upstream);
        for (caller, body) in &wishes {
            let reply = caller.call(program.gateway(), "POST", caller.create, Some(body.as_bytes()));
            let code = match caller.dialect {
                "beyondtrust" => "4031",
                "cyberark" if upstream == "cyberark" => "PASWS031E",
                "cyberark" => "ITATS047E",
                _ if upstream == "safeguard" => "90408",
                _ => "60094",
            };
            let text = fault(caller, &reply, 403, code);
            if caller.dialect != upstream {
                for word in theirs.iter().filter(|word| !code.contains(*word)) {
                    assert!(!text.contains(word), "{} before {upstream}: {text}", caller.dialect);
                }
            }
        }
    }
}
