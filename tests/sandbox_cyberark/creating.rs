//! Creating requests: each cause, windows, kinds, and the document that answers.
use super::*;

#[test]
fn creating_answers_each_cause() {
    let cases = [
        ("the least", r#"{"AccountId":"12_3"}"#.to_owned(), 201, ""),
        (
            "nulls and unknown names",
            r#"{"accountID":"12_3","Reason":null,"FromDate":null,"Foo":[1]}"#.into(),
            201,
            "",
        ),
        ("no dates: zeros", dated(0, 0), 201, ""),
        ("dates in the past but for the end", dated(NOW - 60, NOW + 1), 201, ""),
        ("an end alone", r#"{"AccountId":"12_3","ToDate":1767607200}"#.into(), 201, ""),
        (
            "a component without UseConnect",
            r#"{"AccountId":"12_3","ConnectionComponent":"nonsense"}"#.into(),
            201,
            "",
        ),
        ("no account", r#"{"Reason":"x"}"#.into(), 400, "AccountId is mandatory"),
        ("an account as a number", r#"{"AccountId":12}"#.into(), 400, "accountId must be a string"),
        ("dates as text", r#"{"AccountId":"12_3","FromDate":"1767603600"}"#.into(), 400, "FromDate"),
        ("a date before 1970", dated(-1, NOW + 60), 400, "FromDate"),
        ("a date beyond time", dated(NOW, i64::MAX), 400, "ToDate"),
        ("an end before the start", dated(NOW + 60, NOW + 60), 400, "ToDate must be later"),
        ("an end in the past", dated(NOW - 60, NOW), 400, "ToDate must be later"),
        ("a wrong Boolean", r#"{"AccountId":"12_3","UseConnect":"yes"}"#.into(), 400, "UseConnect"),
        (
            "an additional value that isn't predefined",
            r#"{"AccountId":"12_3","AdditionalInfo":{"Other":"x"}}"#.into(),
            400,
            "no predefined value named Other",
        ),
        (
            "an additional value that is no string",
            r#"{"AccountId":"12_3","AdditionalInfo":{"Emergency":1}}"#.into(),
            400,
            "Emergency must be a string",
        ),
        (
            "an unknown ticketing system",
            r#"{"AccountId":"12_3","TicketingSystemName":"Other"}"#.into(),
            400,
            "",
        ),
        (
            "an unknown component",
            r#"{"AccountId":"12_3","UseConnect":true,"ConnectionComponent":"X"}"#.into(),
            400,
            "no component X",
        ),
        (
            "parameters that are no object",
            r#"{"AccountId":"12_3","UseConnect":true,"ConnectionParams":["x"]}"#.into(),
            400,
            "ConnectionParams",
        ),
        (
            "reason and ticket that the platform wants",
            r#"{"AccountId":"18_1"}"#.into(),
            400,
            "TicketId is required",
        ),
        (
            "longer than the platform lets",
            r#"{"AccountId":"22_1","ToDate":1767607261}"#.into(),
            400,
            "at most 60 minutes",
        ),
        ("no JSON", "{".into(), 400, "not valid"),
        ("no body", String::new(), 400, "not valid"),
        (
            "a session where only the password is allowed",
            r#"{"AccountId":"22_1","UseConnect":true}"#.into(),
            403,
            "",
        ),
        ("no permission", r#"{"AccountId":"19_1"}"#.into(), 403, ""),
        ("confirmer only", r#"{"AccountId":"19_2"}"#.into(), 403, ""),
        ("an unknown account", r#"{"AccountId":"99_9"}"#.into(), 404, ""),
    ];
    for (name, body, status, says) in cases {
        let ca = sandbox();
        let answer = ca.by("john.doe", "POST MyRequests", &body);
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        assert_eq!(ca.0.sandbox.records().len(), usize::from(status == 201), "{name}");
        if status != 201 {
            let error = answer.json();
            assert!(error["ErrorCode"].is_string() && error["ErrorMessage"].is_string(), "{name}");
        }
        assert!(answer.body.contains(says), "{name}: {}", answer.body);
    }
    sandbox().0.call("POST /PasswordVault/API/MyRequests", &[], "{}").is(401);
}

#[test]
fn several_faults_stand_in_details() {
    let ca = sandbox();
    let answer = ca.by("john.doe", "POST MyRequests", r#"{"Reason":1,"UseConnect":2,"FromDate":"x"}"#);
    let error = answer.is(400).json();
    assert_eq!(error["ErrorCode"], "PASWS167E");
    assert_eq!(error["Details"].as_array().unwrap().len(), 4);
}

#[test]
fn only_multiple_access_required_is_read() {
    for (name, read) in
        [("MultipleAccess", false), ("MultipleAccessRequired", true), ("multipleaccessrequired", true)]
    {
        let ca = sandbox();
        let body = format!(r#"{{"AccountId":"12_3","{name}":true}}"#);
        let made = ca.by("john.doe", "POST MyRequests", &body).is(201).json();
        assert_eq!(ca.0.record().multiple_use, Some(read), "{name}");
        assert_eq!(made["AccessType"], if read { "Multiple Access" } else { "OneTime" });
    }
}

#[test]
fn kinds_follow_the_component() {
    for (body, kind) in [
        (r#"{"AccountId":"12_3","UseConnect":false,"ConnectionComponent":"PSM-SSH"}"#, "credential"),
        (r#"{"AccountId":"12_3","UseConnect":true}"#, "any-session"),
        (r#"{"AccountId":"12_3","UseConnect":true,"ConnectionComponent":"PSM-RDP"}"#, "rdp"),
        (r#"{"AccountId":"12_3","UseConnect":true,"ConnectionComponent":"PSM-WinSCP"}"#, "application"),
    ] {
        let ca = sandbox();
        ca.by("john.doe", "POST MyRequests", body).is(201);
        assert_eq!(ca.0.record().kind, kind, "{body}");
    }
}

#[test]
fn a_window_may_have_either_end() {
    for (body, starts, length, effective) in [
        (r#"{"AccountId":"12_3"}"#.to_owned(), None, None, 7200),
        (dated(NOW + 600, NOW + 1200), Some("2026-01-05T09:10:00Z"), Some(600), 600),
        (dated(NOW + 600, 0), Some("2026-01-05T09:10:00Z"), None, 7200),
        (dated(0, NOW + 90), None, Some(90), 90),
        (dated(NOW - 30, NOW + 90), None, Some(120), 90),
    ] {
        let ca = sandbox();
        ca.by("john.doe", "POST MyRequests", &body).is(201);
        let record = ca.0.record();
        assert_eq!(record.starts.as_deref(), starts, "{body}");
        assert_eq!(record.length_seconds, length, "{body}");
        assert_eq!(record.effective_length_seconds, effective, "{body}");
    }
}

#[test]
fn a_document_has_what_the_page_shows() {
    let ca = sandbox();
    let made = ca.by("john.doe", "POST MyRequests", r#"{"AccountId":"15_1","Reason":"ü"}"#).is(201).json();
    for name in [
        "RequestID",
        "SafeName",
        "RequestorUserName",
        "RequestorReason",
        "UserReason",
        "CreationDate",
        "Operation",
        "ExpirationDate",
        "OperationType",
        "AccessType",
        "ConfirmationsLeft",
        "AccessFrom",
        "AccessTo",
        "Status",
        "StatusTitle",
        "InvalidRequestReason",
        "CurrentConfirmationLevel",
        "RequiredConfirmersCountLevel2",
        "TicketingSystemProperties",
        "AdditionalInfo",
        "AccountDetails",
        "Confirmers",
    ] {
        assert!(made.get(name).is_some(), "{name}");
    }
    let properties = made["AccountDetails"]["Properties"].as_object().unwrap();
    assert_eq!(properties.len(), 28);
    assert!(properties.values().all(serde_json::Value::is_string));
    assert_eq!(made["RequestID"], "Netzwerk-Geräte_1");
    assert_eq!(made["RequestorReason"], "ü");
    let got = ca.by("john.doe", "GET MyRequests/Netzwerk-Ger%C3%A4te_1", "").is(200).json();
    assert_eq!(got["RequestID"], made["RequestID"]);
    assert_eq!(got["RequestorFullName"], "John Doe");
}
