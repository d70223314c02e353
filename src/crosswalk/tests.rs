//! What is found and what is refused.
use super::*;

const CSV: &str = "\
# kind, access, then a column for each part in each space
kind,access,beyondtrust.system.id,beyondtrust.system.name,beyondtrust.account.id,beyondtrust.account.name,beyondtrust.application.id,beyondtrust.alias.id,cyberark.account.id,cyberark.safe,cyberark.id

target,,14,db07,1032,root,,88,12_3,Prod,
target,session,14,db07,1032,root,,,12_4,Prod,
target,session.application,14,db07,1032,root,5,,12_5,Prod,
target,,15,db08,,,,,13_1,Prod,
ticket_system,,,,,,,,,,
";

fn csv(text: &str) -> Result<Crosswalk, Diagnostics> {
    Crosswalk::from_csv(&Source::new("crosswalk.csv", text))
}

fn jsonl(text: &str) -> Result<Crosswalk, Diagnostics> {
    Crosswalk::from_jsonl(&Source::new("crosswalk.jsonl", text))
}

fn sample() -> Crosswalk {
    csv(CSV.split_once("ticket_system").unwrap().0).unwrap()
}

fn part(name: &str) -> Part {
    Part::of(Kind::Target, name).unwrap_or_else(|| Part::of(Kind::User, name).unwrap())
}

fn parts<'t>(named: &[(&str, &'t str)]) -> Vec<(Part, &'t str)> {
    named.iter().map(|(name, text)| (part(name), *text)).collect()
}

fn account(found: Result<Entry<'_>, NotFound>) -> Result<&str, NotFound> {
    found.map(|entry| entry.part("cyberark", part("account.id")).unwrap())
}

fn target<'c>(crosswalk: &'c Crosswalk, named: &[(&str, &str)], access: &str) -> Result<&'c str, NotFound> {
    account(crosswalk.find(Kind::Target, "beyondtrust", &parts(named), Some(access), FindRules::EXACT))
}

#[test]
fn all_given_parts_must_fit_and_the_narrower_access_wins() {
    let crosswalk = sample();
    let both = [("system.id", "14"), ("account.id", "1032")];
    assert_eq!(target(&crosswalk, &both, "credential.password"), Ok("12_3"));
    assert_eq!(target(&crosswalk, &both, "session.rdp"), Ok("12_4"));
    assert_eq!(target(&crosswalk, &both, "sessions"), Ok("12_3"));
    assert_eq!(target(&crosswalk, &[("account.id", "1032")], "credential"), Ok("12_3"));
    for parts in [
        &[("system.id", "15"), ("account.id", "1032")][..],
        &[("system.id", "14"), ("account.id", "1032"), ("account.domain", "CORP")],
        &[("account.id", "01032")],
        &[("name", "14")],
        &[],
    ] {
        assert_eq!(target(&crosswalk, parts, "credential"), Err(NotFound::Unknown), "{parts:?}");
    }
}

#[test]
fn an_entry_with_an_account_is_not_meant_by_a_system_alone() {
    let crosswalk = sample();
    assert_eq!(target(&crosswalk, &[("system.id", "14")], "session.rdp"), Err(NotFound::Unknown));
    assert_eq!(target(&crosswalk, &[("system.id", "15")], "session.rdp"), Ok("13_1"));
    assert_eq!(target(&crosswalk, &[("alias.id", "88")], "credential"), Ok("12_3"));
}

#[test]
fn an_entry_with_an_application_is_meant_only_with_it() {
    let crosswalk = sample();
    let parts = [("system.id", "14"), ("account.id", "1032"), ("application.id", "5")];
    assert_eq!(target(&crosswalk, &parts, "session.application"), Ok("12_5"));
    assert_eq!(target(&crosswalk, &parts[..2], "session.application"), Ok("12_4"));
}

#[test]
fn names_are_found_in_any_case_and_ids_are_not() {
    let crosswalk = sample();
    assert_eq!(
        target(&crosswalk, &[("system.name", "DB07"), ("account.name", "Root")], "credential"),
        Ok("12_3")
    );
    let back = crosswalk
        .find(
            Kind::Target,
            "cyberark",
            &parts(&[("account.id", "12_3")]),
            Some("credential"),
            FindRules::EXACT,
        )
        .unwrap();
    assert_eq!(back.part("beyondtrust", part("system.id")), Some("14"));
    assert_eq!(
        back.parts("cyberark").collect::<Vec<_>>(),
        parts(&[("account.id", "12_3"), ("safe", "Prod")])
    );
    assert!(back.has_space("beyondtrust") && !back.has_space("safeguard"));
    assert_eq!(back.part("safeguard", part("system.id")), None);
}

#[test]
fn without_an_access_the_general_entry_goes_first() {
    let crosswalk = sample();
    let find =
        |id| crosswalk.find(Kind::Target, "cyberark", &parts(&[("account.id", id)]), None, FindRules::EXACT);
    assert_eq!(find("12_4").unwrap().access(), Some("session"));
    let both = [("system.id", "14"), ("account.id", "1032")];
    assert_eq!(
        account(crosswalk.find(Kind::Target, "beyondtrust", &parts(&both), None, FindRules::EXACT)),
        Ok("12_3")
    );
}

fn searched() -> (Crosswalk, FindRules) {
    let crosswalk = csv("\
kind,safeguard.system.id,safeguard.system.name,safeguard.system.address,safeguard.account.name,cyberark.account.id
target,1,web,10.0.0.1,root,1_1
target,1,web,10.0.0.1,www-data,1_2
target,2,10.0.0.1,10.0.0.2,root,1_3
target,3,web-test,10.0.0.3,root,1_4
target,4,mail-test,10.0.0.4,root,1_5
")
    .unwrap();
    let rules = FindRules::default()
        .with(Kind::Target, part("system.name"), &[By::Name, By::Address, By::AnyText])
        .with(Kind::Target, part("account.name"), &[By::Name, By::AnyText]);
    (crosswalk, rules)
}

#[test]
fn each_step_of_a_search_is_taken_only_where_the_one_before_found_nothing() {
    let (crosswalk, rules) = searched();
    let find = |system, account_name| {
        let parts = parts(&[("account.name", account_name), ("system.name", system)]);
        account(crosswalk.find(Kind::Target, "safeguard", &parts, Some("credential"), &rules))
    };
    assert_eq!(find("WEB", "root"), Ok("1_1"));
    assert_eq!(find("web", "www"), Ok("1_2"), "the account by a search within the system");
    assert_eq!(find("10.0.0.1", "root"), Ok("1_3"), "a name goes before an address");
    assert_eq!(find("10.0.0.3", "root"), Ok("1_4"));
    assert_eq!(find("ail-t", "root"), Ok("1_5"));
    assert_eq!(find("test", "root"), Err(NotFound::Several(2)));
    assert_eq!(find("web", "nobody"), Err(NotFound::Unknown));
    assert_eq!(find("web", ""), Err(NotFound::Unknown));
    assert_eq!(
        find("10.0.0.2", "www-data"),
        Err(NotFound::Unknown),
        "the system is settled before the account"
    );
}

#[test]
fn what_was_looked_for_is_told() {
    let told =
        NotFound::Several(2).describe(Kind::Target, "beyondtrust", &[("system.id", "14")], Some("session"));
    assert_eq!(
        told,
        r#"target { system.id = "14" } of beyondtrust for session: 2 entries of the crosswalk fit equally well"#
    );
}

#[test]
fn json_lines_keep_exact_digits() {
    let crosswalk = jsonl(concat!(
        r#"{"kind":"target","access":"session","beyondtrust":{"system.id":14,"account.id":9007199254740993},"#,
        r#""cyberark":{"account.id":"12_3","safe":null}}"#,
        "\n\n",
        r#"{"kind":"user","beyondtrust":{"name":"CORP\\joe"},"cyberark":{"name":"joe"}}"#,
    ))
    .unwrap();
    let parts = [("account.id", "9007199254740993")];
    assert_eq!(target(&crosswalk, &parts, "session.rdp"), Ok("12_3"));
    assert_eq!(target(&crosswalk, &parts, "credential"), Err(NotFound::Unknown));
    let user =
        crosswalk.find(Kind::User, "cyberark", &[(Part::OWN_NAME, "JOE")], None, FindRules::EXACT).unwrap();
    assert_eq!(user.part("beyondtrust", part("name")), Some(r"CORP\joe"));
}

fn mistakes(result: Result<Crosswalk, Diagnostics>) -> Vec<String> {
    result.unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn every_bad_line_is_told_with_its_number() {
    let told = mistakes(csv("\
kind,access,beyondtrust.system.id,cyberark.account.id
tarket,,14,12_3
target,,14

# a comment
target,,15,
target,Session,16,12_4
user,,17,12_5
target,,18,\"a
b\"
target,,19,12_6
target,,19,12_7
target,session,19,12_7
"));
    assert_eq!(
        told,
        [
            "crosswalk-kind at crosswalk.csv:2:1: `tarket` is no kind of reference\nhelp: did you mean `target`?",
            "crosswalk-cells at crosswalk.csv:3:1: has 3 cells, the header has 4\nhelp: leave cells empty, not out",
            "crosswalk-one-space at crosswalk.csv:6:1: an entry needs parts in two spaces at least\n\
             help: fill in what it is called elsewhere, or remove the line",
            "crosswalk-access at crosswalk.csv:7:1: `Session` is no kind of access\n\
             help: write dotted lower-case words, such as `session.rdp`, or nothing",
            "crosswalk-part at crosswalk.csv:8:1: a user has no part `system.id`\nhelp: it may have id, name, provider",
            "crosswalk-text at crosswalk.csv:9:1: holds a control character, '\\n'\nhelp: take it out",
            "crosswalk-twice at crosswalk.csv:12:1: this reference of beyondtrust stands in crosswalk.csv:11 already \
             (the same target in beyondtrust)\nhelp: keep one of the two, or restrict one to a kind of access",
        ]
    );
}

#[test]
fn a_bad_header_is_told_column_by_column() {
    let told =
        mistakes(csv("access,beyondtrust.sistem.id,cyberark,beyondtrust.system.id,beyondtrust.system.id\n"));
    assert_eq!(
        told,
        [
            "crosswalk-part at crosswalk.csv:1:8: `sistem.id` is no part of a reference\nhelp: did you mean `system.id`?",
            "crosswalk-column at crosswalk.csv:1:30: `cyberark` names no space and part\n\
             help: write `kind`, `access` or `SPACE.PART`, such as `beyondtrust.system.id`",
            "crosswalk-column at crosswalk.csv:1:61: a second column `beyondtrust.system.id`\nhelp: take one of them out",
            "crosswalk-column at crosswalk.csv:1:1: there is no column `kind`\n\
             help: name each line's kind: target, user, ticket_system, reason_code, schedule",
        ]
    );
    assert!(mistakes(csv("# nothing\n"))[0].contains("no header line"));
}

#[test]
fn every_bad_json_line_is_told() {
    let told = mistakes(jsonl(concat!(
        r#"{"kind":"target","a":{"system.id":1.5},"b":{"system.id":1}}"#,
        "\n",
        r#"{"kind":"target","a":{"system.id":1},"a":{"system.id":1}}"#,
        "\n",
        r#"{"kind":"target","a":{"system":{"id":1}}}"#,
        "\n[]\n{\n",
        r#"{"a":{"id":1},"b":{"id":1}}"#,
        "\n",
        r#"{"kind":"target","a":{"system.id":1},"b":{"safe":"Prod"}}"#,
    )));
    let codes: Vec<&str> = told.iter().map(|one| one.split(": ").next().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "crosswalk-json at crosswalk.jsonl:1:1",
            "crosswalk-json at crosswalk.jsonl:2:57",
            "crosswalk-part at crosswalk.jsonl:3:1",
            "crosswalk-json at crosswalk.jsonl:4:1",
            "crosswalk-json at crosswalk.jsonl:5:1",
            "crosswalk-kind at crosswalk.jsonl:6:1",
            "crosswalk-nameless at crosswalk.jsonl:7:1",
        ],
        "{told:#?}"
    );
}

#[test]
fn several_files_are_one_crosswalk_and_may_not_contradict() {
    let folder = tempfile::tempdir().unwrap();
    let paths =
        [folder.path().join("a.csv"), folder.path().join("b.jsonl"), folder.path().join("missing.csv")];
    std::fs::write(&paths[0], "kind,a.id,b.id\nticket_system,7,ServiceNow\n").unwrap();
    std::fs::write(&paths[1], r#"{"kind":"ticket_system","b":{"id":"Jira"},"c":{"id":"J"}}"#).unwrap();
    let crosswalk = Crosswalk::load(&paths[..2]).unwrap();
    assert_eq!((crosswalk.len(), crosswalk.spaces().collect::<Vec<_>>()), (2, vec!["a", "b", "c"]));
    let told = mistakes(Crosswalk::load(&paths));
    assert!(told.len() == 1 && told[0].starts_with("crosswalk-file at"), "{told:?}");

    let other = csv("kind,b.id,c.id\nticket_system,ServiceNow,S\n").unwrap();
    assert!(mistakes(crosswalk.merge(other))[0].starts_with("crosswalk-twice at crosswalk.csv:2:1"));
}

#[test]
fn an_assets_id_is_not_the_accounts() {
    let crosswalk = csv("\
kind,safeguard.account.name,safeguard.account.asset.id,cyberark.account.id
target,root,1,1_1
target,root,2,1_2
")
    .unwrap();
    let find = |asset| {
        let parts = parts(&[("account.name", "root"), ("account.asset.id", asset)]);
        account(crosswalk.find(Kind::Target, "safeguard", &parts, None, FindRules::EXACT))
    };
    assert_eq!((find("1"), find("2"), find("3")), (Ok("1_1"), Ok("1_2"), Err(NotFound::Unknown)));
}

#[test]
fn an_account_lies_on_its_system_where_no_asset_is_listed() {
    let crosswalk = csv("\
kind,safeguard.system.id,safeguard.system.name,safeguard.account.name,cyberark.account.id
target,1,DB07,root,1_1
target,2,WEB01,root,1_2
")
    .unwrap();
    let find = |part, asset| {
        let parts = parts(&[("system.id", "1"), ("account.name", "root"), (part, asset)]);
        account(crosswalk.find(Kind::Target, "safeguard", &parts, None, FindRules::EXACT))
    };
    assert_eq!((find("account.asset.id", "1"), find("account.asset.name", "db07")), (Ok("1_1"), Ok("1_1")));
    assert_eq!(find("account.asset.id", "2"), Err(NotFound::Unknown));
    assert_eq!(find("account.asset.name", "WEB01"), Err(NotFound::Unknown));
}

#[test]
fn every_part_of_a_target_is_a_canonical_field() {
    for part in known_parts(Kind::Target) {
        let field = format!("target.{part}");
        assert!(crate::canonical::Shape::Access.find(&field).is_some(), "{field}");
    }
}
