//! What the broker reads of a request, and what it answers: each cause, spelling and form.
use super::*;

#[test]
fn every_spelling_of_the_target_and_user_is_read() {
    for body in [
        r#"{"ForUserId":55,"SystemId":2107,"AccountId":5512,"AccessRequestType":"Password"}"#,
        r#"{"ForUser":"jdoe","AssetName":"db-07","AccountName":"ORACLE","AccessRequestType":"password"}"#,
        r#"{"ForUserName":"jdoe","AssetId":2107,"SystemName":"ignored","AccountName":"oracle","AccessType":"Password"}"#,
        r#"{"foruserid":55,"ForUser":"ignored","assetid":2107,"accountid":5512,"AccountName":"ignored","ACCESSTYPE":"PASSWORD"}"#,
        r#"{"ForUserId":55,"AssetName":"10.0.7.7","AccountName":"oracle","AccessRequestType":"Password"}"#,
        r#"{"ForUserId":55,"AssetName":"B-07","AccountName":"orac","AccessRequestType":"Password"}"#,
        r#"{"ForUserId":55,"AssetName":"Nothing","AssetId":2107,"SystemId":2107,"AccountId":5512,"AccessRequestType":"Password","AccessType":"Password","ForProvider":null}"#,
    ] {
        let sg = sandbox();
        let made = sg.a2a(body).is(201).json();
        assert_eq!(
            (&made["AssetId"], &made["AccountId"], &made["RequesterId"]),
            (&json!(2107), &json!(5512), &json!(55)),
            "{body}"
        );
    }
}

#[test]
fn the_broker_answers_each_cause() {
    let ok = r#""ForUserId":55,"AssetId":2107,"AccountId":5512"#;
    let password = format!(r#"{ok},"AccessRequestType":"Password""#);
    let cases = [
        ("no system", r#""ForUserId":55,"AccountId":5512,"AccessRequestType":"Password""#.to_owned(), 400, 70000, "request.AssetId"),
        ("no user", r#""AssetId":2107,"AccountId":5512,"AccessRequestType":"Password""#.into(), 400, 70000, "request.ForUser"),
        ("no account for a password", r#""ForUserId":55,"AssetId":2107,"AccessRequestType":"Password""#.into(), 400, 70000, "request.AccountId"),
        ("an unknown user", password.replace(":55,", ":99,"), 400, 70000, "request.ForUserId"),
        ("a user's name that means two", password.replace(r#""ForUserId":55"#, r#""ForUser":"rboth""#), 400, 70000, "matches more than one"),
        ("a user's name of another provider", password.replace(r#""ForUserId":55"#, r#""ForUser":"jdoe","ForProvider":"corp.example""#), 400, 70000, "matches nothing"),
        ("a user that the application may not ask for", password.replace(":55,", ":61,"), 403, 60094, ""),
        ("an unknown asset", password.replace("2107", "1"), 400, 70000, "request.AssetId"),
        ("an address of two assets", password.replace(r#""AssetId":2107"#, r#""AssetName":"10.0.99.1""#), 400, 70000, "matches more than one"),
        ("an asset that no search finds", password.replace(r#""AssetId":2107"#, r#""AssetName":"zzz""#), 400, 70000, "matches nothing"),
        ("an account of another asset", password.replace("5512", "5520"), 400, 70000, "request.AccountId"),
        ("an account's name that means two", r#""ForUserId":55,"AssetId":2119,"AccountName":"svc","AccessRequestType":"Password""#.into(), 400, 70000, "matches more than one"),
        ("an account that no search finds", r#""ForUserId":55,"AssetId":2119,"AccountName":"zzz","AccessRequestType":"Password""#.into(), 400, 70000, "matches nothing"),
        ("RDP", format!(r#"{ok},"AccessRequestType":"RDP""#), 400, 70008, ""),
        ("RDPApplication", format!(r#"{ok},"AccessType":"RDPApplication""#), 400, 70008, ""),
        ("a kind as a number", format!(r#"{ok},"AccessType":1"#), 400, 70008, ""),
        ("no kind", ok.to_owned(), 400, 70000, "request.AccessRequestType"),
        ("two kinds", format!(r#"{password},"AccessType":"Ssh""#), 400, 70000, "contradicts"),
        ("two assets", format!(r#"{password},"SystemId":2108"#), 400, 70000, "contradicts"),
        ("two users", format!(r#"{password},"ForUser":"a","ForUserName":"b""#), 400, 70000, "contradicts"),
        ("an id as text", format!(r#"{ok},"AccessRequestType":"Password","ReasonCodeId":"3""#), 400, 70000, "request.ReasonCodeId"),
        ("32 days", format!(r#"{password},"RequestedDurationDays":32"#), 400, 70000, "request.RequestedDurationDays"),
        ("24 hours", format!(r#"{password},"RequestedDurationHours":24"#), 400, 70000, "request.RequestedDurationHours"),
        ("60 minutes", format!(r#"{password},"RequestedDurationMinutes":60"#), 400, 70000, "request.RequestedDurationMinutes"),
        ("minus a minute", format!(r#"{password},"RequestedDurationMinutes":-1"#), 400, 70000, "request.RequestedDurationMinutes"),
        ("31 days and a minute", format!(r#"{password},"RequestedDurationDays":31,"RequestedDurationMinutes":1"#), 400, 70000, "at most 31 days"),
        ("two durations", format!(r#"{password},"RequestedDuration":"0:2:0","RequestedDurationHours":1"#), 400, 70000, "contradicts"),
        ("a duration that is none", format!(r#"{password},"RequestedDuration":"2h""#), 400, 70000, "request.RequestedDuration"),
        ("a date that is none", format!(r#"{password},"RequestedFor":"tomorrow""#), 400, 70000, "request.RequestedFor"),
        ("a long comment", format!(r#"{password},"ReasonComment":"{}""#, "x".repeat(1001)), 400, 70000, "request.ReasonComment"),
        ("an emergency as text", format!(r#"{password},"IsEmergency":"true""#), 400, 70000, "request.IsEmergency"),
        ("what the policy wants", r#""ForUserId":55,"AssetId":2114,"AccountId":5527,"AccessRequestType":"Ssh","ReasonCode":"Nonsense""#.into(), 400, 70000, "request.ReasonCodeId"),
        ("longer than the policy lets", r#""ForUserId":55,"AssetId":2118,"AccountId":5532,"AccessRequestType":"Password","RequestedDurationHours":2"#.into(), 400, 70000, "at most 60 minutes"),
        ("no entitlement", r#""ForUserId":55,"AssetId":2115,"AccountId":5528,"AccessRequestType":"Password""#.into(), 403, 90408, ""),
        ("no entitlement for the kind", r#""ForUserId":55,"AssetId":2118,"AccountId":5532,"AccessRequestType":"Ssh""#.into(), 403, 90408, ""),
        ("own account where no policy lets", r#""ForUserId":55,"AssetId":2108,"AccessRequestType":"Ssh""#.into(), 403, 90408, ""),
        ("no JSON", "x".into(), 400, 70000, "request.body"),
    ];
    for (name, body, status, code, says) in cases {
        let sg = sandbox();
        let answer = sg.a2a(&format!("{{{body}}}"));
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        let error = answer.json();
        assert_eq!(error["Code"], code, "{name}");
        assert!(error["Message"].is_string() && error.get("InnerError").is_some(), "{name}");
        assert_eq!(error.get("ModelState").is_some(), code == 70000, "{name}");
        assert!(answer.body.contains(says), "{name}: {}", answer.body);
        assert!(sg.0.sandbox.records().is_empty(), "{name}");
    }
}

#[test]
fn a_reason_code_that_does_not_resolve_becomes_null() {
    for (given, id) in [
        (r#","ReasonCodeId":4"#, Some("4")),
        (r#","ReasonCode":"incident""#, Some("4")),
        (r#","ReasonCodeId":4,"ReasonCode":"Maintenance""#, Some("4")),
        (r#","ReasonCodeId":99,"ReasonCode":"Maintenance""#, None),
        (r#","ReasonCode":"Nonsense""#, None),
        ("", None),
    ] {
        let sg = sandbox();
        let made = sg.made(2107, 5512, given);
        let code = sg.0.record().reason_code.and_then(|c| c.id);
        assert_eq!(code.as_deref(), id, "{given}");
        assert_eq!(made["ReasonCode"].is_null(), id.is_none(), "{given}");
    }
}

#[test]
fn durations_are_read_in_all_forms() {
    for (given, length, effective) in [
        ("", None, 7200),
        (
            r#","RequestedDurationDays":1,"RequestedDurationHours":2,"RequestedDurationMinutes":30"#,
            Some(95_400),
            95_400,
        ),
        (r#","RequestedDuration":"1:2:30""#, Some(95_400), 95_400),
        (
            r#","RequestedDuration":"1:2:30","RequestedDurationDays":1,"RequestedDurationHours":null"#,
            Some(95_400),
            95_400,
        ),
        (r#","RequestedDurationDays":31"#, Some(2_678_400), 2_678_400),
        (r#","RequestedDurationMinutes":0"#, None, 7200),
    ] {
        let sg = sandbox();
        let made = sg.made(2107, 5512, given);
        let record = sg.0.record();
        assert_eq!((record.length_seconds, record.effective_length_seconds), (length, effective), "{given}");
        assert_eq!(made["DurationInMinutes"], effective / 60);
    }
}

#[test]
fn a_start_is_read_in_all_forms() {
    for (given, starts, state) in [
        ("2026-01-05T10:00:00Z", Some("2026-01-05T10:00:00Z"), "PendingTimeRequested"),
        ("2026-01-05 10:00:00Z", Some("2026-01-05T10:00:00Z"), "PendingTimeRequested"),
        ("2026-01-05T10:00:00", Some("2026-01-05T10:00:00Z"), "PendingTimeRequested"),
        ("2026-01-05T11:00:00.0000000+01:00", Some("2026-01-05T10:00:00Z"), "PendingTimeRequested"),
        ("2026-01-05T09:00:00Z", None, "RequestAvailable"),
        ("2020-01-01T00:00:00Z", None, "RequestAvailable"),
    ] {
        let sg = sandbox();
        let made = sg.made(2107, 5512, &format!(r#","RequestedFor":"{given}""#));
        assert_eq!(made["State"], state, "{given}");
        assert_eq!(sg.0.record().starts.as_deref(), starts, "{given}");
    }
}

#[test]
fn each_kind_has_its_word() {
    for (word, kind, shown) in [
        ("Password", "credential", "Password"),
        ("SSHKey", "ssh-key", "SshKey"),
        ("APIKey", "api-key", "ApiKey"),
        ("File", "file", "File"),
        ("SSH", "ssh", "Ssh"),
        ("telnet", "telnet", "Telnet"),
        ("RemoteDesktop", "rdp", "RemoteDesktop"),
        ("remotedesktopapplication", "application", "RemoteDesktopApplication"),
    ] {
        let sg = sandbox();
        let body =
            format!(r#"{{"ForUserId":55,"AssetId":2107,"AccountId":5512,"AccessRequestType":"{word}"}}"#);
        assert_eq!(sg.a2a(&body).is(201).json()["AccessRequestType"], shown);
        assert_eq!(sg.0.record().kind, kind);
    }
}

#[test]
fn a_session_may_be_with_ones_own_account_or_a_directorys() {
    let sg = sandbox();
    let own = sg.a2a(r#"{"ForUserId":55,"AssetId":2107,"AccessRequestType":"Ssh"}"#).is(201).json();
    assert!(own["AccountId"].is_null());
    assert_eq!(sg.0.record().account, None);
    let directory = r#"{"ForUserId":55,"AssetId":2110,"AccountAssetId":2109,"AccountId":5521,"AccessRequestType":"RemoteDesktop"}"#;
    let made = sg.a2a(directory).is(201).json();
    assert_eq!((&made["AssetId"], &made["AccountAssetId"]), (&json!(2110), &json!(2109)));
    assert_eq!(made["AccountDomainName"], "corp.example");
}

#[test]
fn overlapping_requests_for_one_account_are_refused() {
    let sg = sandbox();
    sg.made(2107, 5512, "");
    let again = r#"{"ForUserId":55,"AssetId":2107,"AccountId":5512,"AccessRequestType":"Ssh"}"#;
    assert_eq!(sg.a2a(again).is(400).json()["Code"], 90001);
    sg.a2a(&again.replace(":55,", ":56,")).is(201);
    sg.made(2107, 5512, r#","RequestedFor":"2026-01-05T11:00:00Z""#);
    sg.0.pass_minutes(120);
    assert_eq!(sg.a2a(again).is(400).json()["Code"], 90001, "the later one has begun");
}
