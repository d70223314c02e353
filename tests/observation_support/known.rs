//! What the inventories call one and the same thing, written by hand beside src/sandbox/inventory/*.toml and Vaultline's: the
//! comparison must not go through the crosswalk's code, which is under test.
use pamgate::sandbox::Named;

use super::speakers::House;

/// One thing, as it is called in each inventory.
struct Known {
    /// Ours alone.
    name: &'static str,
    beyondtrust: &'static str,
    cyberark: &'static str,
    safeguard: &'static str,
    /// Empty: it has none.
    vaultline: &'static str,
}

const fn known(
    name: &'static str,
    beyondtrust: &'static str,
    cyberark: &'static str,
    safeguard: &'static str,
    vaultline: &'static str,
) -> Known {
    Known { name, beyondtrust, cyberark, safeguard, vaultline }
}

/// By the account's id, which is unique in each inventory.
const ACCOUNTS: &[Known] = &[
    known("oracle at db07", "1032", "12_3", "5512", "db07.oracle"),
    known("root at db07", "1033", "12_4", "5513", "db07.root"),
    known("backup at db07", "1034", "12_5", "5514", "db07.backup"),
    known("deploy at web01", "1040", "13_1", "5520", "web01.deploy"),
    known("Administrator of the domain", "1041", "14_1", "5521", "corp.Administrator"),
    known("svc_app at app02", "1042", "14_2", "5522", "app02.svc_app"),
    known("admin at the switch", "1043", "15_1", "5523", ""),
    known("root at pay01", "1044", "16_1", "5524", "pay01.root"),
    known("erpadmin at erp01", "1045", "17_1", "5525", "erp01.erpadmin"),
    known("erpbatch at erp01", "1046", "17_2", "5526", "erp01.erpbatch"),
    known("postmaster at mail01", "1047", "18_1", "5527", "mail01.postmaster"),
    known("hradmin at hr02", "1048", "19_1", "5528", ""),
    known("auditor at hr02", "1053", "19_2", "5529", ""),
    known("keeper at vault9", "1049", "20_1", "5530", ""),
    known("jenkins at build04", "1051", "21_1", "5531", ""),
    known("kiosk at kiosk1", "1052", "22_1", "5532", ""),
];

/// By the machine's id; CyberArk knows machines by their address alone.
const SYSTEMS: &[Known] = &[
    known("db07", "14", "db07.corp.example", "2107", "db07"),
    known("web01", "15", "web01.corp.example", "2108", "web01"),
    known("the domain", "16", "10.0.1.1", "2109", "corp"),
    known("app02", "17", "app02.corp.example", "2110", "app02"),
    known("the switch", "18", "10.0.0.2", "2111", ""),
    known("pay01", "19", "pay01.corp.example", "2112", "pay01"),
    known("erp01", "20", "erp.corp.example", "2113", "erp01"),
    known("mail01", "21", "mail.corp.example", "2114", "mail01"),
    known("hr02", "22", "hr02.corp.example", "2115", ""),
    known("vault9", "23", "vault9.corp.example", "2116", ""),
    known("build04", "25", "build04.corp.example", "2117", ""),
    known("kiosk1", "26", "kiosk1.corp.example", "2118", ""),
];

/// By the user's id.
const PEOPLE: &[Known] = &[
    known("Jane", "101", "31", "55", "jd"),
    known("Alex", "102", "32", "58", ""),
    known("Morgan", "103", "33", "59", ""),
    known("Robin", "104", "34", "56", ""),
];

/// BeyondTrust by id, CyberArk and Vaultline by name; Safeguard has none.
const TICKET_SYSTEMS: &[Known] =
    &[known("ServiceNow", "7", "ServiceNow", "", "snow"), known("Jira", "8", "Jira", "", "jira")];

/// What people call a thing of an inventory's short lists, by its id.
pub fn names(id: &str) -> impl Iterator<Item = &'static str> {
    const NAMES: &[(&str, &str)] = &[
        ("7", "ServiceNow"),
        ("8", "Jira Service Desk"),
        ("8", "Jira"),
        ("21", "Business hours"),
        ("22", "Always"),
        ("22", "always"),
        ("3", "Maintenance"),
        ("4", "Incident"),
    ];
    NAMES.iter().filter(move |(of, _)| *of == id).map(|(_, name)| *name)
}

fn called(list: &[Known], house: House, text: &str) -> String {
    let of = |known: &Known| match house {
        House::BeyondTrust => known.beyondtrust,
        House::CyberArk => known.cyberark,
        House::Safeguard => known.safeguard,
        House::Vaultline => known.vaultline,
    };
    // What is on no list is like nothing else.
    let found = list.iter().find(|known| of(known) == text && !text.is_empty());
    found.map_or_else(|| format!("{text} of {house}"), |known| known.name.to_owned())
}

fn text(named: &Named) -> &str {
    named.id.as_deref().or(named.name.as_deref()).unwrap_or_default()
}

pub fn account(house: House, named: &Named) -> String {
    called(ACCOUNTS, house, text(named))
}

pub fn system(house: House, named: &Named) -> String {
    called(SYSTEMS, house, text(named))
}

pub fn person(house: House, id: &str) -> String {
    called(PEOPLE, house, id)
}

pub fn ticket_system(house: House, id: Option<&str>, name: Option<&str>) -> String {
    called(TICKET_SYSTEMS, house, id.or(name).unwrap_or_default())
}

/// The canonical word for what a server stored as the kind of access. At BeyondTrust and CyberArk a credential is
/// whatever the account has; Safeguard tells passwords from keys.
pub fn kind(house: House, kind: &str, component: Option<&str>) -> &'static str {
    match (house, kind, component) {
        // The product's own names for its components; what others start is the installation's business.
        (House::CyberArk, _, Some(name)) if name.eq_ignore_ascii_case("PSM-RDP") => "session.rdp",
        (House::CyberArk, _, Some(name)) if name.eq_ignore_ascii_case("PSM-SSH") => "session.ssh",
        (House::CyberArk, _, Some(_)) | (_, "any-session", _) => "session",
        (House::Safeguard, "credential", _) => "credential.password",
        (_, "credential", _) => "credential",
        (_, "ssh-key", _) => "credential.ssh-key",
        (_, "api-key", _) => "credential.api-key",
        (_, "file", _) => "credential.file",
        (_, "rdp", _) => "session.rdp",
        (_, "ssh", _) => "session.ssh",
        (_, "telnet", _) => "session.telnet",
        (_, "application", _) => "session.application",
        _ => panic!("the sandbox of {house} stored an unknown kind, {kind}"),
    }
}

/// Whether a server that stored the one did what the other asked for: a credential, asked of a server that tells
/// passwords from keys, is the password.
pub fn same_kind(asked: &str, stored: &str) -> bool {
    asked == stored || (asked == "credential" && stored == "credential.password")
}

/// What a server does without a place to say it, at an address: a field and its value.
pub fn always(house: House, path: &str) -> &'static [(&'static str, &'static str)] {
    match house {
        // A credential may be read again and again in the window.
        House::BeyondTrust => &[("multiple_use", "true")],
        House::CyberArk => &[],
        // Likewise; and a second request for the same account and time is refused (90001).
        House::Safeguard => &[("multiple_use", "true"), ("on_conflict", "refuse")],
        // In brief: shown once, and rotated.
        House::Vaultline if path.ends_with("/v2/grants") => {
            &[("multiple_use", "false"), ("rotate_on_check_in", "true")]
        }
        House::Vaultline => &[],
    }
}

/// Whether a target's account never rotates, by BeyondTrust's inventory.
pub fn never_rotates(target: &str) -> bool {
    target == "db07, backup at db07"
}

/// What a server makes of an absence.
pub fn default(house: House, field: &str) -> Option<&'static str> {
    match (house, field) {
        (House::BeyondTrust, "rotate_on_check_in") => Some("true"),
        (House::BeyondTrust, "on_conflict") => Some("refuse"),
        (House::CyberArk | House::Vaultline, "multiple_use") => Some("false"),
        (House::Vaultline, "rotate_on_check_in") => Some("false"),
        (House::Vaultline, "on_conflict") => Some("refuse"),
        _ => None,
    }
}

/// The properties of a vendor's message, by their paths, that say a field: so that a value is known to have been said, and isn't
/// merely what the server makes of an absence.
pub fn said_by(house: House, field: &str) -> &'static [&'static str] {
    match (house, field) {
        (House::BeyondTrust, "access.kind") => &["AccessType"],
        (House::BeyondTrust, "target") => &["SystemID", "AccountID"],
        (House::BeyondTrust, "application") => &["ApplicationID"],
        (House::BeyondTrust, "window.length") => &["DurationMinutes"],
        (House::BeyondTrust, "reason.text") => &["Reason"],
        (House::BeyondTrust, "schedule") => &["AccessPolicyScheduleID"],
        (House::BeyondTrust, "ticket.system") => &["TicketSystemID"],
        (House::BeyondTrust, "ticket.number") => &["TicketNumber"],
        (House::BeyondTrust, "rotate_on_check_in") => &["RotateOnCheckin"],
        (House::BeyondTrust, "on_conflict") => &["ConflictOption"],
        (House::CyberArk, "target") => &["accountId"],
        (House::CyberArk, "reason.text") => &["reason"],
        (House::CyberArk, "ticket.system") => &["TicketingSystemName"],
        (House::CyberArk, "ticket.number") => &["TicketId"],
        (House::CyberArk, "multiple_use") => &["MultipleAccessRequired"],
        (House::CyberArk, "window.start") => &["FromDate"],
        (House::CyberArk, "window.length") => &["ToDate"],
        (House::CyberArk, "extra") => &["AdditionalInfo"],
        (House::CyberArk, "access.kind") => &["UseConnect", "ConnectionComponent"],
        (House::CyberArk, "access.component") => &["ConnectionComponent"],
        (House::CyberArk, "access.parameters") => &["ConnectionParams"],
        (House::Safeguard, "requester") => &["ForUserId", "ForUser", "ForUserName", "ForProvider"],
        (House::Safeguard, "target") => &[
            "AssetId",
            "SystemId",
            "AssetName",
            "SystemName",
            "AccountId",
            "AccountName",
            "AccountAssetId",
            "AccountSystemId",
            "AccountAssetName",
            "AccountSystemName",
        ],
        (House::Safeguard, "access.kind") => &["AccessRequestType", "AccessType"],
        (House::Safeguard, "window.length") => &[
            "RequestedDurationDays",
            "RequestedDurationHours",
            "RequestedDurationMinutes",
            "RequestedDuration",
        ],
        (House::Safeguard, "window.start") => &["RequestedFor"],
        (House::Safeguard, "reason.code") => &["ReasonCodeId", "ReasonCode"],
        (House::Safeguard, "reason.text") => &["ReasonComment"],
        (House::Safeguard, "emergency") => &["IsEmergency"],
        (House::Safeguard, "ticket.number") => &["TicketNumber"],
        (House::Vaultline, "target") => {
            &["resource/ref", "resource/id", "resource/host", "resource/login", "ref"]
        }
        (House::Vaultline, "access.kind") => &["access/mode", "access/form"],
        (House::Vaultline, "access.component") => &["access/form"],
        (House::Vaultline, "access.parameters") => &["options/parameters"],
        (House::Vaultline, "window.start") => &["window/opens_at", "from"],
        (House::Vaultline, "window.length") => {
            &["window/lease", "until", "for/d", "for/h", "for/m", "for/s", "clock"]
        }
        (House::Vaultline, "reason.text") => &["why/text", "why"],
        (House::Vaultline, "ticket.system") => &["why/ticket/system"],
        (House::Vaultline, "ticket.number") => &["why/ticket/number"],
        (House::Vaultline, "emergency") => &["options/priority"],
        (House::Vaultline, "multiple_use") => &["options/uses"],
        (House::Vaultline, "rotate_on_check_in") => &["options/rotate"],
        (House::Vaultline, "extra") => &["tags"],
        _ => &[],
    }
}

/// Properties that say nothing to the vendor's server.
pub const SAYS_NOTHING: &[(House, &str)] = &[
    // A server ignores it, and the request can be used once (pspete/psPAS#216, #224).
    (House::CyberArk, "MultipleAccess"),
    // The only zone that it knows, and who wrote the client.
    (House::Vaultline, "window/zone"),
    (House::Vaultline, "client"),
];
