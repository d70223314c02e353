//! Inventories: the built-in ones, the crosswalk between them, and what is refused with its place.
#![allow(clippy::unwrap_used, clippy::panic)]

use pamgate::sandbox::{Inventory, Vendor};
use toml::{Table, Value};

const LEAST: &str = r#"
system = [{ id = 1, name = "a" }]
policy = [{ id = 1, name = "p", kinds = ["credential"], default_minutes = 5, max_minutes = 10 }]
user = [{ id = 1, name = "u" }]
account = [{ id = 1, name = "x", system = 1, policy = 1 }]
"#;

#[test]
fn the_built_in_inventories_are_sound() {
    for vendor in Vendor::ALL {
        let read = Inventory::from_toml(vendor, Inventory::built_in_text(vendor));
        assert!(read.is_ok(), "{vendor}: {}", read.unwrap_err());
        assert_eq!(vendor.to_string().parse::<Vendor>().unwrap(), vendor);
    }
    assert!("other".parse::<Vendor>().is_err());
    Inventory::from_toml(Vendor::BeyondTrust, LEAST).unwrap();
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (vendor, from, to, says, line, column) in [
        (Vendor::BeyondTrust, "system = 1", "system = 2", "there is no system `2`", 5, 43),
        (Vendor::BeyondTrust, "policy = 1 }", "policy = 9 }", "there is no policy `9`", 5, 55),
        (Vendor::BeyondTrust, "name = \"a\"", "nmae = \"a\"", "unknown field `nmae`", 2, 21),
        (Vendor::Safeguard, "id = 1, name = \"x\"", "id = \"x\", name = \"x\"", "no 32-bit integer", 5, 19),
        (Vendor::CyberArk, "", "", "needs a `safe`", 5, 19),
        (Vendor::BeyondTrust, "\"credential\"", "\"view\"", "no kind of access", 3, 11),
        (Vendor::BeyondTrust, "max_minutes = 10", "max_minutes = 1", "default_minutes", 3, 11),
        (Vendor::BeyondTrust, "user = [", "user = [[", "", 5, 0),
    ] {
        let text = if from.is_empty() { LEAST.to_owned() } else { LEAST.replacen(from, to, 1) };
        let error = Inventory::from_toml(vendor, &text).unwrap_err();
        assert!(error.message.contains(says), "{to}: {error}");
        assert_eq!(error.line, line, "{to}: {error}");
        if column > 0 {
            assert_eq!(error.column, column, "{to}: {error}");
        }
    }
}

fn inventory(vendor: Vendor) -> Table {
    Inventory::built_in_text(vendor).parse().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The entry of a list with an id.
fn entry<'a>(table: &'a Table, list: &str, id: &str) -> &'a Table {
    let all = table[list].as_array().unwrap().iter().filter_map(Value::as_table);
    let mut found = all.filter(|t| text(&t["id"]) == id);
    found.next().unwrap_or_else(|| panic!("{list} has no {id}"))
}

#[test]
fn the_crosswalk_tells_what_the_inventories_hold() {
    let (bt, ca, sg) =
        (inventory(Vendor::BeyondTrust), inventory(Vendor::CyberArk), inventory(Vendor::Safeguard));
    let mut reader = csv::Reader::from_reader(include_str!("../src/sandbox/crosswalk.csv").as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut targets = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let cell = |name: &str| {
            let at = header.iter().position(|h| h == name).unwrap_or_else(|| panic!("{name}"));
            row.get(at).unwrap().to_owned()
        };
        // Each check: the cell with an id, the list it stands in, and the cells that tell more of it.
        let check = |table: &Table, list: &str, id: &str, more: &[(&str, &str)]| {
            if !cell(id).is_empty() {
                let found = entry(table, list, &cell(id));
                for (key, name) in more {
                    assert_eq!(text(&found[*key]), cell(name), "{list} {} {name}", cell(id));
                }
            }
        };
        match cell("kind").as_str() {
            "target" => {
                targets += 1;
                check(&bt, "system", "beyondtrust.system.id", &[("name", "beyondtrust.system.name")]);
                let more = [("name", "beyondtrust.account.name"), ("system", "beyondtrust.system.id")];
                check(&bt, "account", "beyondtrust.account.id", &more);
                check(&bt, "alias", "beyondtrust.alias.id", &[]);
                check(&bt, "application", "beyondtrust.application.id", &[]);
                let more = [
                    ("name", "cyberark.account.user"),
                    ("object", "cyberark.account.name"),
                    ("safe", "cyberark.safe"),
                    ("platform_id", "cyberark.platform.id"),
                    ("platform_name", "cyberark.platform.name"),
                    ("device_type", "cyberark.device_type"),
                ];
                check(&ca, "account", "cyberark.account.id", &more);
                let system = text(&entry(&ca, "account", &cell("cyberark.account.id"))["system"]);
                let system = entry(&ca, "system", &system);
                assert_eq!(text(&system["address"]), cell("cyberark.system.address"));
                assert_eq!(text(&system["name"]), cell("cyberark.system.name"));
                let more = [("name", "safeguard.system.name"), ("address", "safeguard.system.address")];
                check(&sg, "system", "safeguard.system.id", &more);
                let more = [("name", "safeguard.account.name"), ("system", "safeguard.system.id")];
                check(&sg, "account", "safeguard.account.id", &more);
            }
            list => {
                let list = list.to_owned();
                check(&bt, &list, "beyondtrust.id", &[("name", "beyondtrust.name")]);
                check(&ca, &list, "cyberark.id", &[("name", "cyberark.name")]);
                check(&sg, &list, "safeguard.id", &[("name", "safeguard.name")]);
            }
        }
    }
    assert!(targets >= 8, "{targets} targets");
}

#[test]
fn no_id_is_shared_between_vendors() {
    let mut seen = std::collections::HashSet::new();
    for vendor in Vendor::ALL {
        for (list, entries) in inventory(vendor) {
            // Policies are nobody's business but the sandbox's; CyberArk's names are no ids.
            if ["system", "account", "alias", "application", "user"].contains(&list.as_str()) {
                for entry in entries.as_array().unwrap() {
                    let id = format!("{list} {}", text(&entry["id"]));
                    assert!(seen.insert(id.clone()), "{vendor}: {id} is twice");
                }
            }
        }
    }
}
