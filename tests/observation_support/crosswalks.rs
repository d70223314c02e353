//! The crosswalks that requests are tried with: the built-in one, and some that lack something of the upstream's side,
//! or have it so that its form can't take it.
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use serde_json::{Map, Value, json};

use super::speakers::House;

/// How many there are.
pub const MANY: usize = 4;

/// What the upstream is called: a second installation of the caller's vendor has a space of its own.
pub fn space(caller: House, upstream: House) -> String {
    let second = if caller == upstream { "-2" } else { "" };
    format!("{upstream}{second}")
}

pub fn all(caller: House, upstream: House) -> Vec<Crosswalk> {
    let csv = built_in(caller, upstream);
    let built_in = |text: String| Crosswalk::from_csv(&Source::new("crosswalk.csv", text));
    let odd = (1..MANY).map(|which| {
        // Its own lines in place of the usual ones.
        let usual = csv.lines().filter(|line| !ODD.iter().any(|name| line.contains(name)));
        let odd = Crosswalk::from_jsonl(&Source::new("odd.jsonl", odd(which, caller, upstream)))?;
        built_in(usual.collect::<Vec<_>>().join("\n"))?.merge(odd)
    });
    let all = [built_in(csv.clone())].into_iter().chain(odd);
    all.map(|one| one.unwrap_or_else(|e| panic!("{}", e.render(false)))).collect()
}

/// What an odd crosswalk has lines of its own for.
const ODD: &[&str] = &["backup", "erpbatch", r"CORP\jdoe", "Jira", "Incident"];

/// The built-in one; a second installation of the caller's vendor knows everything by the same ids.
fn built_in(caller: House, upstream: House) -> String {
    let csv = with_vaultline(&with_platforms(include_str!("../../src/sandbox/crosswalk.csv")));
    if caller != upstream {
        return csv;
    }
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let prefix = format!("{caller}.");
    let again: Vec<usize> = (0..head.len()).filter(|at| head[*at].starts_with(&prefix)).collect();
    let mut text = head.join(",");
    for at in &again {
        text.push_str(&format!(",{caller}-2.{}", &head[*at][prefix.len()..]));
    }
    // What the built-in one has no use for: no other vendor has such things.
    let only: &[(&str, &str, &str)] = match caller {
        House::BeyondTrust => &[("schedule", "21", "Business hours")],
        House::CyberArk | House::Vaultline => &[],
        House::Safeguard => &[("reason_code", "3", "Maintenance"), ("reason_code", "4", "Incident")],
    };
    let only = only.iter().map(|(kind, id, name)| {
        let mut line = vec![""; head.len()];
        let at = |part: &str| head.iter().position(|column| *column == format!("{prefix}{part}")).unwrap();
        (line[0], line[at("id")], line[at("name")]) = (kind, id, name);
        line
    });
    for line in lines.chain(only) {
        text.push('\n');
        text.push_str(&line.join(","));
        again.iter().for_each(|at| text.push_str(&format!(",{}", line[*at])));
    }
    text
}

/// What Safeguard's inventory has of some machines, and on which an account lives: the built-in crosswalk has no columns
/// for it.
fn with_platforms(csv: &str) -> String {
    const HEAD: &str = "safeguard.account.domain,safeguard.platform.id,safeguard.platform.type,\
                        safeguard.platform.name,safeguard.account.asset.id,safeguard.account.asset.name";
    let head: Vec<&str> = csv.lines().next().unwrap_or_default().split(',').collect();
    let part = |line: &str, name: &str| {
        let at = head.iter().position(|column| *column == name);
        at.and_then(|at| line.split(',').nth(at)).unwrap_or_default().to_owned()
    };
    let more = |line: &str| match line {
        head if head.starts_with("kind,") => HEAD.to_owned(),
        line => {
            let platform = match line {
                oracle if oracle.contains(",5512,") => {
                    ",521,Red Hat Enterprise Linux,Red Hat Enterprise Linux"
                }
                domain if domain.contains(",5521,") => "corp.example,,,",
                _ => ",,,",
            };
            let home = ["safeguard.system.id", "safeguard.system.name"].map(|name| part(line, name));
            format!("{platform},{}", home.join(","))
        }
    };
    csv.lines().map(|line| format!("{line},{}", more(line))).collect::<Vec<_>>().join("\n")
}

/// What Vaultline calls the same things; its one user, and its ticket systems.
fn with_vaultline(csv: &str) -> String {
    const HEAD: &str =
        "vaultline.account.id,vaultline.system.name,vaultline.account.name,vaultline.safe,vaultline.name";
    // By the account's id at Safeguard, and by what the others call the rest.
    let target = |line: &str| {
        RESOURCES.iter().find(|(id, _)| line.contains(&format!(",{id},"))).map(|(_, resource)| *resource)
    };
    let more = |line: &str| match line {
        head if head.starts_with("kind,") => HEAD.to_owned(),
        jane if jane.contains(r"CORP\jdoe") => ",,,,jd".to_owned(),
        snow if snow.contains("ServiceNow") => ",,,,snow".to_owned(),
        jira if jira.contains("Jira") => ",,,,jira".to_owned(),
        line => match target(line) {
            Some([safe, host, login]) => format!("{host}.{login},{host},{login},{safe},"),
            None => ",,,,".to_owned(),
        },
    };
    csv.lines().map(|line| format!("{line},{}", more(line))).collect::<Vec<_>>().join("\n")
}

/// The account's id at Safeguard; vault, host and login at Vaultline.
const RESOURCES: &[(&str, [&str; 3])] = &[
    ("5512", ["db", "db07", "oracle"]),
    ("5513", ["db", "db07", "root"]),
    ("5514", ["db", "db07", "backup"]),
    ("5520", ["web", "web01", "deploy"]),
    ("5521", ["win", "corp", "Administrator"]),
    ("5522", ["win", "app02", "svc_app"]),
    ("5524", ["pay", "pay01", "root"]),
    ("5525", ["erp", "erp01", "erpadmin"]),
    ("5526", ["erp", "erp01", "erpbatch"]),
    ("5527", ["mail", "mail01", "postmaster"]),
];

/// Lines of which the upstream's side is odd.
fn odd(which: usize, caller: House, upstream: House) -> String {
    let to = space(caller, upstream);
    let line = |kind: &str, access: Option<&str>, ours: Value, theirs: Value| {
        let mut line = Map::new();
        line.insert("kind".into(), kind.into());
        if let Some(access) = access {
            line.insert("access".into(), access.into());
        }
        line.insert(caller.to_string(), ours);
        line.insert(to.clone(), theirs);
        Value::from(line).to_string()
    };
    let backup = match caller {
        House::BeyondTrust => json!({"system.id": "14", "account.id": "1034"}),
        House::CyberArk => json!({"account.id": "12_5"}),
        House::Safeguard => json!({"system.id": "2107", "account.id": "5514",
            "account.asset.id": "2107", "account.asset.name": "DB-07"}),
        House::Vaultline => json!({"account.id": "db07.backup", "safe": "db"}),
    };
    let half = match (upstream, which) {
        (House::BeyondTrust, 1) => json!({"account.id": "1034"}),
        (House::BeyondTrust, _) => json!({"system.id": "14"}),
        (House::CyberArk, _) => json!({"system.name": "DB07"}),
        (House::Safeguard, _) => json!({"system.name": "DB-07", "account.name": "backup"}),
        (House::Vaultline, 1) => json!({"account.id": "db07.backup"}),
        (House::Vaultline, 2) => json!({"system.name": "db07", "account.name": "backup", "safe": "db"}),
        (House::Vaultline, _) => json!({"system.name": "db07"}),
    };
    let by_alias = match caller {
        House::BeyondTrust => json!({"alias.id": "301"}),
        House::CyberArk => json!({"account.id": "17_2"}),
        House::Safeguard => json!({"system.id": "2113", "account.id": "5526",
            "account.asset.id": "2113", "account.asset.name": "ERP-01"}),
        House::Vaultline => json!({"account.id": "erp01.erpbatch", "safe": "erp"}),
    };
    let alias = match upstream {
        House::BeyondTrust if which != 2 => json!({"alias.id": "301"}),
        House::BeyondTrust => json!({"system.id": "20"}),
        House::CyberArk if which != 2 => json!({"account.id": "17_2"}),
        House::CyberArk => json!({"system.name": "ERP"}),
        House::Safeguard => json!({"system.name": "ERP-01", "account.name": "erpbatch"}),
        House::Vaultline if which == 1 => json!({"account.id": "erp01.erpbatch", "safe": "erp"}),
        House::Vaultline if which == 2 => json!({"system.name": "erp01"}),
        House::Vaultline => json!({"account.id": "erp01.erpbatch"}),
    };
    let person = |house: House| match house {
        House::BeyondTrust => json!({"id": "101", "name": r"CORP\jdoe"}),
        House::CyberArk => json!({"id": "31", "name": "john.doe"}),
        House::Safeguard => json!({"id": "55", "name": "jdoe", "provider": "local"}),
        House::Vaultline => json!({"name": "jd"}),
    };
    // By an id that no form takes, or without one.
    let short = |name: &str| match which {
        1 => json!({"id": name.to_lowercase()}),
        3 if upstream == House::Vaultline => json!({"name": name.repeat(16)}),
        _ if upstream == House::Vaultline => json!({"name": name.to_lowercase()}),
        _ => json!({"name": name}),
    };
    let mut lines = vec![line("target", None, backup, half), line("target", None, by_alias, alias)];
    lines.push(match which {
        2 if upstream == House::Safeguard => line("user", None, person(caller), json!({"id": "jane"})),
        _ => line("user", None, person(caller), person(upstream)),
    });
    match caller {
        House::BeyondTrust => {
            lines.push(line("ticket_system", None, json!({"id": "8"}), short("Jira")));
            lines.push(line(
                "schedule",
                None,
                json!({"id": "22"}),
                json!({"id": if which == 1 { "always" } else { "22" }}),
            ));
            if upstream != House::BeyondTrust {
                return lines.join("\n");
            }
            let erp = json!({"system.id": "20", "account.id": "1046", "application.id": "61"});
            lines.push(line("target", Some("session.application"), erp, json!({"alias.id": "301"})));
        }
        House::CyberArk => lines.push(line("ticket_system", None, json!({"name": "Jira"}), short("Jira"))),
        House::Vaultline => lines.push(line("ticket_system", None, json!({"name": "jira"}), short("Jira"))),
        House::Safeguard => {
            lines.push(line("reason_code", None, json!({"id": "4", "name": "Incident"}), short("Incident")));
        }
    }
    lines.join("\n")
}
