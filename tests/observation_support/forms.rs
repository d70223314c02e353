//! The valid messages that all others are made from, vendor by vendor.
use std::sync::LazyLock;

use serde_json::json;

use super::crosswalks;
use super::messages::Form;
use super::speakers::House;

const BEYONDTRUST: &str = "/BeyondTrust/api/public/v3/Requests";
const BEYONDTRUST_ALIAS: &str = "/BeyondTrust/api/public/v3/Aliases/301/Requests";
const CYBERARK: &str = "/PasswordVault/API/MyRequests";
const SAFEGUARD: &str = "/service/a2a/v4/AccessRequests";

/// 2026-01-05T09:00:00Z, when all clocks of the tests stand still.
pub const NOW: i64 = 1_767_603_600;

pub static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let beyondtrust = |name, path, body| {
        let message = if path == BEYONDTRUST_ALIAS { "create-by-alias" } else { "create" };
        Form::new(House::BeyondTrust, name, path, message, body)
    };
    let cyberark = |name, body| Form::new(House::CyberArk, name, CYBERARK, "create", body);
    let safeguard = |name, body| Form::new(House::Safeguard, name, SAFEGUARD, "create", body);
    let odd = (1..crosswalks::MANY).flat_map(|crosswalk| {
        let all = [
            beyondtrust(
                "in an odd crosswalk",
                BEYONDTRUST,
                json!({ "SystemID": 14, "AccountID": 1032, "DurationMinutes": 60, "TicketSystemID": 8,
                    "AccessPolicyScheduleID": 22 }),
            ),
            beyondtrust(
                "by alias in an odd crosswalk",
                BEYONDTRUST_ALIAS,
                json!({ "DurationMinutes": 60, "TicketSystemID": 8, "AccessPolicyScheduleID": 22 }),
            ),
            beyondtrust(
                "an application in an odd crosswalk",
                BEYONDTRUST,
                json!({ "AccessType": "App", "SystemID": 20, "AccountID": 1046, "ApplicationID": 61,
                    "DurationMinutes": 60 }),
            ),
            cyberark(
                "in an odd crosswalk",
                json!({ "accountId": "12_3", "MultipleAccessRequired": true, "TicketingSystemName": "Jira" }),
            ),
            cyberark(
                "by alias in an odd crosswalk",
                json!({ "accountId": "17_2", "MultipleAccessRequired": true, "TicketingSystemName": "Jira" }),
            ),
            beyondtrust(
                "what is odd in an odd crosswalk",
                BEYONDTRUST,
                json!({ "SystemID": 14, "AccountID": 1034, "DurationMinutes": 60 }),
            ),
            cyberark("what is odd in an odd crosswalk", json!({ "accountId": "12_5" })),
            cyberark(
                "a session at what is odd in an odd crosswalk",
                json!({ "accountId": "12_5", "UseConnect": true, "ConnectionComponent": "PSM-RDP",
                    "ConnectionParams": {"PSMRemoteMachine": {"value": "app02"}} }),
            ),
            safeguard(
                "what is odd in an odd crosswalk",
                json!({ "ForUser": "jdoe", "AssetId": 2107, "AccountId": 5514, "AccessRequestType": "Password" }),
            ),
            safeguard(
                "by alias in an odd crosswalk",
                json!({ "ForUser": "jdoe", "AssetId": 2113, "AccountId": 5526, "AccessRequestType": "Password" }),
            ),
            safeguard(
                "in an odd crosswalk",
                json!({ "ForUserId": 55, "AssetId": 2107, "AccountId": 5512, "AccessRequestType": "Password",
                    "ReasonCodeId": 4 }),
            ),
        ];
        all.map(|form| form.in_crosswalk(crosswalk))
    });
    let usual = vec![
        beyondtrust(
            "by ids",
            BEYONDTRUST,
            json!({ "SystemID": 14, "AccountID": 1032, "DurationMinutes": 60 }),
        ),
        beyondtrust("by alias", BEYONDTRUST_ALIAS, json!({ "DurationMinutes": 60 })),
        beyondtrust(
            "an application",
            BEYONDTRUST,
            json!({ "AccessType": "App", "SystemID": 20, "AccountID": 1045, "ApplicationID": 61, "DurationMinutes": 60 }),
        ),
        beyondtrust(
            "everything said",
            BEYONDTRUST,
            json!({ "AccessType": "SSH", "SystemID": 14, "AccountID": 1032, "DurationMinutes": 60, "Reason": "disk full",
                "AccessPolicyScheduleID": 21, "ConflictOption": "reuse", "TicketSystemID": 7, "TicketNumber": "CHG-4711",
                "RotateOnCheckin": false }),
        ),
        cyberark("nothing but the account", json!({ "accountId": "12_3" })),
        cyberark(
            "an hour, as often as need be",
            json!({ "accountId": "12_3", "reason": "disk full", "TicketingSystemName": "ServiceNow",
                "TicketId": "CHG-4711", "MultipleAccessRequired": true, "FromDate": NOW, "ToDate": NOW + 3600 }),
        ),
        cyberark(
            "an account that another vendor knows by its alias",
            json!({ "accountId": "17_2", "MultipleAccessRequired": true, "ToDate": NOW + 3600 }),
        ),
        cyberark(
            "a session",
            json!({ "accountId": "14_2", "reason": "patch", "MultipleAccessRequired": true, "UseConnect": true,
                "ConnectionComponent": "PSM-RDP", "ConnectionParams": {"PSMRemoteMachine": {"value": "app02"}},
                "AdditionalInfo": {"Reference No": "77"}, "ToDate": NOW + 7200 }),
        ),
        cyberark(
            "a session at an account that another vendor knows by its alias",
            json!({ "accountId": "17_2", "MultipleAccessRequired": true, "UseConnect": true,
                "ConnectionComponent": "PSM-SSH", "ConnectionParams": {"PSMRemoteMachine": {"value": "app02"}} }),
        ),
        safeguard(
            "by ids",
            json!({ "ForUserId": 55, "AssetId": 2107, "AccountId": 5512, "AccessRequestType": "Password" }),
        ),
        safeguard(
            "by names",
            json!({ "ForUser": "jdoe", "ForProvider": "local", "AssetName": "DB-07", "AccountName": "oracle",
                "AccessRequestType": "Password", "RequestedDurationMinutes": 30 }),
        ),
        safeguard(
            "by the older names",
            json!({ "ForUserName": "jdoe", "SystemId": 2107, "AccountName": "oracle", "AccountSystemName": "DB-07",
                "AccessType": "Ssh", "RequestedDuration": "0:1:30" }),
        ),
        safeguard(
            "an account that another vendor knows by its alias",
            json!({ "ForUser": "jdoe", "AssetId": 2113, "AccountId": 5526, "AccessRequestType": "Password",
                "RequestedDurationHours": 1 }),
        ),
        safeguard(
            "an application",
            json!({ "ForUser": "jdoe", "AssetId": 2113, "AccountId": 5525, "RequestedDurationHours": 1,
                "AccessRequestType": "RemoteDesktopApplication" }),
        ),
        safeguard(
            "two who must approve",
            json!({ "ForUser": "jdoe", "AssetId": 2112, "AccountId": 5524, "AccessRequestType": "Ssh",
                "RequestedDurationHours": 1 }),
        ),
        safeguard(
            "an account of a domain",
            json!({ "ForUser": "jdoe", "AssetId": 2109, "AccountId": 5521, "AccessRequestType": "Password",
                "RequestedDurationHours": 1 }),
        ),
        safeguard(
            "everything said",
            json!({ "ForUser": "jdoe", "AssetId": 2107, "AccountId": 5512, "AccessRequestType": "Password",
                "RequestedDurationDays": 1, "RequestedDurationHours": 2, "RequestedDurationMinutes": 3,
                "ReasonCodeId": 3, "ReasonComment": "disk full", "IsEmergency": true, "TicketNumber": "CHG-4711" }),
        ),
    ];
    usual.into_iter().chain(vaultline()).chain(odd).collect()
});

fn vaultline() -> Vec<Form> {
    let ask = |name, path, body| Form::new(House::Vaultline, name, path, "ask", body);
    let brief = |name, body| Form::new(House::Vaultline, name, "/vl/v2/grants", "brief", body);
    let lease = |name, body| Form::new(House::Vaultline, name, "/vl/v2/leases", "lease", body);
    let odd = (1..crosswalks::MANY).flat_map(move |crosswalk| {
        let all = [
            ask(
                "in an odd crosswalk",
                "/vl/v2/vaults/db/grants",
                json!({ "resource": { "ref": "db07.oracle" }, "window": { "lease": "PT1H" },
                    "why": { "ticket": { "system": "jira" } }, "options": { "uses": "unlimited" } }),
            ),
            ask(
                "a secret that is odd in an odd crosswalk",
                "/vl/v2/vaults/db/grants",
                json!({ "resource": { "ref": "db07.backup" }, "access": { "mode": "secret", "form": "any" },
                    "why": { "ticket": { "system": "jira" } } }),
            ),
            ask(
                "a session that is odd in an odd crosswalk",
                "/vl/v2/vaults/db/grants",
                json!({ "resource": { "ref": "db07.backup" }, "access": { "mode": "connect", "form": "rdp" } }),
            ),
            ask(
                "by what others know by its alias, in an odd crosswalk",
                "/vl/v2/vaults/erp/grants",
                json!({ "resource": { "ref": "erp01.erpbatch" }, "options": { "uses": "unlimited" } }),
            ),
            brief("in brief, in an odd crosswalk", json!({ "ref": "db07.backup" })),
            brief("in brief, by what others know by its alias", json!({ "ref": "erp01.erpbatch" })),
            lease("as version 1, in an odd crosswalk", json!({ "ref": "db07.backup" })),
            lease("as version 1, by what others know by its alias", json!({ "ref": "erp01.erpbatch" })),
        ];
        all.map(|form| form.in_crosswalk(crosswalk))
    });
    let usual = vec![
        ask(
            "by reference",
            "/vl/v2/vaults/db/grants",
            json!({ "resource": { "ref": "db07.oracle" }, "options": { "uses": "unlimited" } }),
        ),
        ask(
            "by host and login, and everything said",
            "/vl/latest/vaults/db/grants",
            json!({ "resource": { "host": "db07", "login": "oracle" }, "access": { "mode": "secret", "form": "any" },
                "window": { "opens_at": "2026-01-06T09:00:00", "zone": "UTC", "lease": "P0DT2H0M" },
                "why": { "text": "disk full", "ticket": { "system": "snow", "number": "CHG-4711" } },
                "options": { "priority": 9, "uses": "once", "rotate": true } }),
        ),
        ask(
            "a session",
            "/vl/v2/vaults/win/grants",
            json!({ "resource": { "ref": "app02.svc_app" }, "access": { "mode": "connect", "form": "rdp" },
                "window": { "lease": "PT2H" }, "options": { "uses": "unlimited" } }),
        ),
        ask(
            "at what others know by its alias",
            "/vl/v2/vaults/erp/grants",
            json!({ "resource": { "ref": "erp01.erpbatch" }, "access": { "mode": "secret", "form": "any" },
                "window": { "lease": "PT2H" }, "options": { "uses": "unlimited" } }),
        ),
        ask(
            "a session at what others know by its alias",
            "/vl/v2/vaults/erp/grants",
            json!({ "resource": { "ref": "erp01.erpbatch" }, "access": { "mode": "connect", "form": "ssh" },
                "options": { "uses": "unlimited", "parameters": { "PSMRemoteMachine": { "text": "app02" } } } }),
        ),
        brief(
            "in brief",
            json!({ "ref": "db07.oracle", "until": "2026-01-05T10:30:00Z", "why": "disk full" }),
        ),
        lease("as version 1 asked", json!({ "ref": "db07.oracle", "for": { "h": 2 } })),
        brief("in brief, at what others know by its alias", json!({ "ref": "erp01.erpbatch" })),
        lease("as version 1 asked, at what others know by its alias", json!({ "ref": "erp01.erpbatch" })),
    ];
    usual.into_iter().chain(odd).collect()
}
