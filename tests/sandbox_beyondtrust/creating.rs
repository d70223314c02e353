//! Creating requests: each documented code by its documented cause, aliases, conflicts.
use super::*;

#[test]
fn creating_answers_each_cause_with_its_code() {
    let ok = r#""SystemID":14,"AccountID":1032,"DurationMinutes":60"#;
    let cases = [
        ("the page's happy path", format!("{{{ok}}}"), 201, "124"),
        (
            "names in any case, ints as strings",
            r#"{"systemid":"14","ACCOUNTID":"1032","durationMinutes":"60"}"#.into(),
            201,
            "124",
        ),
        (
            "nulls and unknown names",
            format!("{{{ok},\"ApplicationID\":null,\"AccessType\":null,\"Foo\":{{}}}}"),
            201,
            "124",
        ),
        (
            "the longest duration",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":525600}"#.into(),
            201,
            "124",
        ),
        (
            "a ticket of 20",
            format!("{{{ok},\"TicketSystemID\":7,\"TicketNumber\":\"12345678901234567890\"}}"),
            201,
            "124",
        ),
        (
            "any-case words",
            format!("{{{ok},\"AccessType\":\"rdp\",\"ConflictOption\":\"REUSE\"}}"),
            201,
            "124",
        ),
        ("App", format!("{{{ok},\"AccessType\":\"App\",\"ApplicationID\":61}}"), 201, "124"),
        (
            "a ticket of 21",
            format!("{{{ok},\"TicketNumber\":\"123456789012345678901\"}}"),
            400,
            "TicketNumber",
        ),
        ("no duration", r#"{"SystemID":14,"AccountID":1032}"#.into(), 400, "DurationMinutes is required"),
        (
            "duration 0",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":0}"#.into(),
            400,
            "DurationMinutes",
        ),
        (
            "too long",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":525601}"#.into(),
            400,
            "DurationMinutes",
        ),
        (
            "a fraction",
            r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":1.5}"#.into(),
            400,
            "DurationMinutes",
        ),
        (
            "no system and no account",
            r#"{"DurationMinutes":5}"#.into(),
            400,
            "SystemID is required; AccountID is required",
        ),
        (
            "an id beyond 32 bits",
            r#"{"SystemID":2147483648,"AccountID":1032,"DurationMinutes":5}"#.into(),
            400,
            "SystemID",
        ),
        (
            "a huge id",
            r#"{"SystemID":14,"AccountID":123456789012345678901234567890,"DurationMinutes":5}"#.into(),
            400,
            "AccountID",
        ),
        ("an unknown access type", format!("{{{ok},\"AccessType\":\"Telnet\"}}"), 400, "AccessType"),
        (
            "App without ApplicationID",
            format!("{{{ok},\"AccessType\":\"App\"}}"),
            400,
            "ApplicationID is required",
        ),
        (
            "an unknown conflict option",
            format!("{{{ok},\"ConflictOption\":\"maybe\"}}"),
            400,
            "ConflictOption",
        ),
        ("an unknown ticket system", format!("{{{ok},\"TicketSystemID\":99}}"), 400, "TicketSystemID"),
        (
            "an unknown schedule",
            format!("{{{ok},\"AccessPolicyScheduleID\":99}}"),
            400,
            "AccessPolicyScheduleID",
        ),
        ("a Boolean as text", format!("{{{ok},\"RotateOnCheckin\":\"yes\"}}"), 400, "RotateOnCheckin"),
        ("no JSON", "{'SystemID': 14}".into(), 400, "invalid"),
        ("no object", "[1]".into(), 400, "object"),
        ("no body", String::new(), 400, "invalid"),
        ("a nest too deep", "[".repeat(2000), 400, "invalid"),
        (
            "reason and ticket that the policy wants",
            r#"{"SystemID":21,"AccountID":1047,"DurationMinutes":5,"Reason":" "}"#.into(),
            400,
            "Reason is required; TicketNumber is required",
        ),
        (
            "longer than the policy lets",
            r#"{"SystemID":26,"AccountID":1052,"DurationMinutes":61}"#.into(),
            400,
            "at most 60",
        ),
        ("no permission", r#"{"SystemID":22,"AccountID":1048,"DurationMinutes":5}"#.into(), 403, "4031"),
        (
            "another system's account",
            r#"{"SystemID":15,"AccountID":1032,"DurationMinutes":5}"#.into(),
            403,
            "4031",
        ),
        ("an unknown account", r#"{"SystemID":14,"AccountID":9,"DurationMinutes":5}"#.into(), 403, "4031"),
        (
            "API access disabled",
            r#"{"SystemID":24,"AccountID":1050,"DurationMinutes":5}"#.into(),
            403,
            "4031",
        ),
        (
            "a kind the policy has not",
            r#"{"SystemID":26,"AccountID":1052,"DurationMinutes":5,"AccessType":"RDP"}"#.into(),
            403,
            "4031",
        ),
        ("approver only", r#"{"SystemID":22,"AccountID":1053,"DurationMinutes":5}"#.into(), 403, "4033"),
        (
            "not enough approvers",
            r#"{"SystemID":23,"AccountID":1049,"DurationMinutes":5}"#.into(),
            403,
            "4035",
        ),
    ];
    for (name, body, status, says) in cases {
        let bt = sandbox();
        let answer = bt.ask(&body);
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        if status == 400 {
            assert!(answer.json().as_str().unwrap().contains(says), "{name}: {}", answer.body);
        } else {
            assert_eq!(answer.body, says, "{name}: a bare number");
        }
        assert_eq!(bt.0.sandbox.records().len(), usize::from(status == 201), "{name}");
    }
}

#[test]
fn a_record_tells_what_arrived() {
    let bt = sandbox();
    bt.ask(
        r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":90,"AccessType":"App","ApplicationID":61,"Reason":"ä € 😀",
            "TicketSystemID":7,"TicketNumber":"0042","RotateOnCheckin":false,"AccessPolicyScheduleID":21,
            "ConflictOption":"renew"}"#,
    )
    .is(201);
    let shown = bt.0.call("GET /_sandbox/requests", &[], "").is(200).json();
    assert_eq!(
        shown[0],
        json!({
            "id": "124", "requester": "CORP\\jdoe", "requester_id": "101", "requested_for": null,
            "system": { "id": "14", "name": "db07" }, "account": { "id": "1032", "name": "oracle" },
            "alias": null, "application": { "id": "61", "name": "SAP GUI" }, "kind": "application",
            "component": null, "parameters": [], "starts": null, "length_seconds": 5400,
            "effective_length_seconds": 5400, "reason": "ä € 😀", "reason_code": null,
            "ticket": { "system_id": "7", "system_name": "ServiceNow", "number": "0042" },
            "emergency": null, "multiple_use": null, "rotate_on_check_in": false, "on_conflict": "renew",
            "schedule": { "id": "21", "name": "Business hours" }, "extra": {}, "state": "approved",
            "created": "2026-01-05T09:00:00Z", "approvals": [], "comments": [],
        })
    );
}

#[test]
fn rotation_is_asked_for_only_where_it_can_be() {
    for (system, account, asked, recorded) in [
        (14, 1032, "null", true),
        (14, 1032, "false", false),
        (14, 1034, "true", false), // the account never rotates
        (26, 1052, "false", true), // the policy supports no override
    ] {
        let bt = sandbox();
        bt.ask(&format!(
            r#"{{"SystemID":{system},"AccountID":{account},"DurationMinutes":5,"RotateOnCheckin":{asked}}}"#
        ))
        .is(201);
        assert_eq!(bt.0.record().rotate_on_check_in, Some(recorded), "{account} {asked}");
    }
}

#[test]
fn an_alias_stands_for_its_account() {
    let bt = sandbox();
    let ask = "POST Aliases/301/Requests";
    // A SystemID in the body is ignored.
    let body = r#"{"DurationMinutes":5,"SystemID":1,"AccountID":2,"AccessType":"SSH"}"#;
    bt.by("requester", ask, body).is(201);
    let record = bt.0.record();
    assert_eq!(record.account.unwrap().id.as_deref(), Some("1046"));
    assert_eq!(record.alias.unwrap().name.as_deref(), Some("erp-batch"));
    assert_eq!(record.kind, "ssh");
    // The alias form has no ApplicationID.
    bt.by("requester", ask, r#"{"DurationMinutes":5,"AccessType":"App","ApplicationID":61}"#).is(400);
    bt.by("requester", "POST Aliases/999/Requests", r#"{"DurationMinutes":5}"#).is(404);
    assert_eq!(bt.by("requester", ask, r#"{"DurationMinutes":5}"#).is(409).body, "4091");
    let listed = bt.by("requester", "GET Requests", "").is(200).json();
    assert_eq!(listed[0]["AliasID"], 301);
}

#[test]
fn a_conflict_is_refused_reused_or_renewed() {
    let bt = sandbox();
    let ask =
        |more: &str| bt.ask(&format!(r#"{{"SystemID":14,"AccountID":1032,"DurationMinutes":60{more}}}"#));
    assert_eq!(ask("").is(201).body, "124");
    assert_eq!(ask("").is(409).body, "4091");
    assert_eq!(ask(r#","AccessType":"RDP""#).is(409).body, "4091", "of any type");
    assert_eq!(ask(r#","ConflictOption":"reuse""#).is(200).body, "124");
    let other_type = ask(r#","AccessType":"RDP","ConflictOption":"reuse""#);
    assert_eq!(other_type.is(201).body, "125", "reuse is of the same type only");
    assert_eq!(ask(r#","ConflictOption":"Renew""#).is(201).body, "126");
    let states: Vec<_> = bt.0.sandbox.records().into_iter().map(|r| (r.id, r.state)).collect();
    let listed = bt.by("requester", "GET Requests?status=active", "").is(200).json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "renew cancels both types: {states:?}");
    assert_eq!(listed[0]["RequestID"], 126);
    bt.0.pass_minutes(60);
    assert_eq!(ask("").is(201).body, "127", "what is over stands in nobody's way");
}

#[test]
fn reuse_passes_over_what_is_not_yet_approved() {
    let bt = sandbox();
    bt.made(14, 1033);
    let body = r#"{"SystemID":14,"AccountID":1033,"DurationMinutes":60,"ConflictOption":"reuse"}"#;
    assert_eq!(bt.ask(body).is(201).body, "125");
    bt.by("approver", "PUT Requests/125/Approve", "").is(204);
    assert_eq!(bt.ask(body).is(200).body, "125");
}

#[test]
fn another_user_conflicts_where_the_policy_is_exclusive() {
    let bt = sandbox();
    bt.made(25, 1051);
    let body = |more: &str| format!(r#"{{"SystemID":25,"AccountID":1051,"DurationMinutes":5{more}}}"#);
    for more in ["", r#","ConflictOption":"reuse""#, r#","ConflictOption":"renew""#] {
        assert_eq!(bt.by("both", "POST Requests", &body(more)).is(409).body, "4091");
    }
    bt.made(14, 1032);
    let shared = r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":5}"#;
    bt.by("both", "POST Requests", shared).is(201);
}
