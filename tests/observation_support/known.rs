//! What the three inventories call one and the same thing, written by hand beside src/sandbox/inventory/*.toml: the
//! comparison must not go through the crosswalk's code, which is under test.
use pamgate::sandbox::{Named, Vendor};

/// One thing, as it is called in each inventory.
struct Known {
    /// Ours alone.
    name: &'static str,
    beyondtrust: &'static str,
    cyberark: &'static str,
    safeguard: &'static str,
}

const fn known(
    name: &'static str,
    beyondtrust: &'static str,
    cyberark: &'static str,
    safeguard: &'static str,
) -> Known {
    Known { name, beyondtrust, cyberark, safeguard }
}

/// By the account's id, which is unique in each inventory.
const ACCOUNTS: &[Known] = &[
    known("oracle at db07", "1032", "12_3", "5512"),
    known("root at db07", "1033", "12_4", "5513"),
    known("backup at db07", "1034", "12_5", "5514"),
    known("deploy at web01", "1040", "13_1", "5520"),
    known("Administrator of the domain", "1041", "14_1", "5521"),
    known("svc_app at app02", "1042", "14_2", "5522"),
    known("admin at the switch", "1043", "15_1", "5523"),
    known("root at pay01", "1044", "16_1", "5524"),
    known("erpadmin at erp01", "1045", "17_1", "5525"),
    known("erpbatch at erp01", "1046", "17_2", "5526"),
    known("postmaster at mail01", "1047", "18_1", "5527"),
    known("hradmin at hr02", "1048", "19_1", "5528"),
    known("auditor at hr02", "1053", "19_2", "5529"),
    known("keeper at vault9", "1049", "20_1", "5530"),
    known("jenkins at build04", "1051", "21_1", "5531"),
    known("kiosk at kiosk1", "1052", "22_1", "5532"),
];

/// By the machine's id; CyberArk knows machines by their address alone.
const SYSTEMS: &[Known] = &[
    known("db07", "14", "db07.corp.example", "2107"),
    known("web01", "15", "web01.corp.example", "2108"),
    known("the domain", "16", "10.0.1.1", "2109"),
    known("app02", "17", "app02.corp.example", "2110"),
    known("the switch", "18", "10.0.0.2", "2111"),
    known("pay01", "19", "pay01.corp.example", "2112"),
    known("erp01", "20", "erp.corp.example", "2113"),
    known("mail01", "21", "mail.corp.example", "2114"),
    known("hr02", "22", "hr02.corp.example", "2115"),
    known("vault9", "23", "vault9.corp.example", "2116"),
    known("build04", "25", "build04.corp.example", "2117"),
    known("kiosk1", "26", "kiosk1.corp.example", "2118"),
];

/// By the user's id.
const PEOPLE: &[Known] = &[
    known("Jane", "101", "31", "55"),
    known("Alex", "102", "32", "58"),
    known("Morgan", "103", "33", "59"),
    known("Robin", "104", "34", "56"),
];

/// BeyondTrust by id, CyberArk by name; Safeguard has none.
const TICKET_SYSTEMS: &[Known] =
    &[known("ServiceNow", "7", "ServiceNow", ""), known("Jira", "8", "Jira", "")];

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

fn called(list: &[Known], vendor: Vendor, text: &str) -> String {
    let of = |known: &Known| match vendor {
        Vendor::BeyondTrust => known.beyondtrust,
        Vendor::CyberArk => known.cyberark,
        Vendor::Safeguard => known.safeguard,
    };
    // What is on no list is like nothing else.
    let found = list.iter().find(|known| of(known) == text && !text.is_empty());
    found.map_or_else(|| format!("{text} of {vendor}"), |known| known.name.to_owned())
}

fn text(named: &Named) -> &str {
    named.id.as_deref().or(named.name.as_deref()).unwrap_or_default()
}

pub fn account(vendor: Vendor, named: &Named) -> String {
    called(ACCOUNTS, vendor, text(named))
}

pub fn system(vendor: Vendor, named: &Named) -> String {
    called(SYSTEMS, vendor, text(named))
}

pub fn person(vendor: Vendor, id: &str) -> String {
    called(PEOPLE, vendor, id)
}

pub fn ticket_system(vendor: Vendor, id: Option<&str>, name: Option<&str>) -> String {
    called(TICKET_SYSTEMS, vendor, id.or(name).unwrap_or_default())
}

/// The canonical word for what a server stored as the kind of access. At BeyondTrust and CyberArk a credential is
/// whatever the account has; Safeguard tells passwords from keys.
pub fn kind(vendor: Vendor, kind: &str, component: Option<&str>) -> &'static str {
    match (vendor, kind, component) {
        // The product's own names for its components; what others start is the installation's business.
        (Vendor::CyberArk, _, Some(name)) if name.eq_ignore_ascii_case("PSM-RDP") => "session.rdp",
        (Vendor::CyberArk, _, Some(name)) if name.eq_ignore_ascii_case("PSM-SSH") => "session.ssh",
        (Vendor::CyberArk, _, Some(_)) | (_, "any-session", _) => "session",
        (Vendor::Safeguard, "credential", _) => "credential.password",
        (_, "credential", _) => "credential",
        (_, "ssh-key", _) => "credential.ssh-key",
        (_, "api-key", _) => "credential.api-key",
        (_, "file", _) => "credential.file",
        (_, "rdp", _) => "session.rdp",
        (_, "ssh", _) => "session.ssh",
        (_, "telnet", _) => "session.telnet",
        (_, "application", _) => "session.application",
        _ => panic!("the sandbox of {vendor} stored an unknown kind, {kind}"),
    }
}

/// Whether a server that stored the one did what the other asked for: a credential, asked of a server that tells
/// passwords from keys, is the password.
pub fn same_kind(asked: &str, stored: &str) -> bool {
    asked == stored || (asked == "credential" && stored == "credential.password")
}

/// What a server does without a place to say it: a field and its value.
pub fn always(vendor: Vendor) -> &'static [(&'static str, &'static str)] {
    match vendor {
        // A credential may be read again and again in the window.
        Vendor::BeyondTrust => &[("multiple_use", "true")],
        Vendor::CyberArk => &[],
        // Likewise; and a second request for the same account and time is refused (90001).
        Vendor::Safeguard => &[("multiple_use", "true"), ("on_conflict", "refuse")],
    }
}

/// Whether a target's account never rotates, by BeyondTrust's inventory.
pub fn never_rotates(target: &str) -> bool {
    target == "db07, backup at db07"
}

/// What a server makes of an absence.
pub fn default(vendor: Vendor, field: &str) -> Option<&'static str> {
    match (vendor, field) {
        (Vendor::BeyondTrust, "rotate_on_check_in") => Some("true"),
        (Vendor::BeyondTrust, "on_conflict") => Some("refuse"),
        (Vendor::CyberArk, "multiple_use") => Some("false"),
        _ => None,
    }
}

/// The properties of a vendor's message that say a field: so that a value is known to have been said, and isn't
/// merely what the server makes of an absence.
pub fn said_by(vendor: Vendor, field: &str) -> &'static [&'static str] {
    match (vendor, field) {
        (Vendor::BeyondTrust, "access.kind") => &["AccessType"],
        (Vendor::BeyondTrust, "target") => &["SystemID", "AccountID"],
        (Vendor::BeyondTrust, "application") => &["ApplicationID"],
        (Vendor::BeyondTrust, "window.length") => &["DurationMinutes"],
        (Vendor::BeyondTrust, "reason.text") => &["Reason"],
        (Vendor::BeyondTrust, "schedule") => &["AccessPolicyScheduleID"],
        (Vendor::BeyondTrust, "ticket.system") => &["TicketSystemID"],
        (Vendor::BeyondTrust, "ticket.number") => &["TicketNumber"],
        (Vendor::BeyondTrust, "rotate_on_check_in") => &["RotateOnCheckin"],
        (Vendor::BeyondTrust, "on_conflict") => &["ConflictOption"],
        (Vendor::CyberArk, "target") => &["accountId"],
        (Vendor::CyberArk, "reason.text") => &["reason"],
        (Vendor::CyberArk, "ticket.system") => &["TicketingSystemName"],
        (Vendor::CyberArk, "ticket.number") => &["TicketId"],
        (Vendor::CyberArk, "multiple_use") => &["MultipleAccessRequired"],
        (Vendor::CyberArk, "window.start") => &["FromDate"],
        (Vendor::CyberArk, "window.length") => &["ToDate"],
        (Vendor::CyberArk, "extra") => &["AdditionalInfo"],
        (Vendor::CyberArk, "access.kind") => &["UseConnect", "ConnectionComponent"],
        (Vendor::CyberArk, "access.component") => &["ConnectionComponent"],
        (Vendor::CyberArk, "access.parameters") => &["ConnectionParams"],
        (Vendor::Safeguard, "requester") => &["ForUserId", "ForUser", "ForUserName", "ForProvider"],
        (Vendor::Safeguard, "target") => &[
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
        (Vendor::Safeguard, "access.kind") => &["AccessRequestType", "AccessType"],
        (Vendor::Safeguard, "window.length") => &[
            "RequestedDurationDays",
            "RequestedDurationHours",
            "RequestedDurationMinutes",
            "RequestedDuration",
        ],
        (Vendor::Safeguard, "window.start") => &["RequestedFor"],
        (Vendor::Safeguard, "reason.code") => &["ReasonCodeId", "ReasonCode"],
        (Vendor::Safeguard, "reason.text") => &["ReasonComment"],
        (Vendor::Safeguard, "emergency") => &["IsEmergency"],
        (Vendor::Safeguard, "ticket.number") => &["TicketNumber"],
        _ => &[],
    }
}

/// Properties that say nothing to the vendor's server.
pub const SAYS_NOTHING: &[(Vendor, &str)] = &[
    // A server ignores it, and the request can be used once (pspete/psPAS#216, #224).
    (Vendor::CyberArk, "MultipleAccess"),
];
