//! What a schema can't suggest: the things of the inventories, dates around the clock, and the other vendors' limits.
use serde_json::{Value, json};

use super::forms::NOW;
use super::speakers::House;

/// Further values of a property, by its path.
pub fn more(house: House, name: &str) -> Vec<Value> {
    let all = match (house, name) {
        (House::BeyondTrust, "SystemID") => json!([15, 20]),
        (House::BeyondTrust, "AccountID") => json!([1033, 1034, 1040, 1045]),
        (House::BeyondTrust, "ApplicationID") => json!([61, 62]),
        // 31 days is the most that Safeguard takes.
        (House::BeyondTrust, "DurationMinutes") => json!([44_640, 44_641]),
        (House::BeyondTrust, "TicketSystemID") => json!([7, 8]),
        (House::BeyondTrust, "AccessPolicyScheduleID") => json!([21]),
        (House::BeyondTrust, "Reason") => json!(["a < b", long(970)]),
        (House::CyberArk, "accountId") => json!(["12_4", "12_5", "16_1", "17_1", "18_1", "99_9"]),
        (House::CyberArk, "reason") => json!([long(950), long(1000), long(1001)]),
        (House::CyberArk, "TicketingSystemName") => json!(["ServiceNow", "Jira"]),
        (House::CyberArk, "TicketId") => json!([long(20), long(21), long(61)]),
        (House::CyberArk, "FromDate") => json!([NOW - 3600, NOW, NOW + 86_400]),
        (House::CyberArk, "ToDate") => json!([
            NOW - 60,
            NOW,
            NOW + 30,
            NOW + 60,
            NOW + 3659,
            NOW + 90_000,
            NOW + 31 * 86_400,
            NOW + 31 * 86_400 + 60,
            NOW + 365 * 86_400,
            NOW + 365 * 86_400 + 59,
            NOW + 365 * 86_400 + 60,
        ]),
        (House::CyberArk, "AdditionalInfo") => json!([
            {"Emergency": "Yes", "Change Owner": "Lee"},
            {"Reference No": "<77>"},
            {"Colour": "blue"},
            {"Emergency": 1},
        ]),
        (House::CyberArk, "ConnectionComponent") => {
            json!(["PSM-RDP", "psm-rdp", "PSM-SSH", "PSM-WinSCP", "None"])
        }
        (House::CyberArk, "ConnectionParams") => json!([
            {"LogonDomain": {"value": "corp"}, "AllowMappingLocalDrives": {"value": "Yes", "ShouldSave": true}},
            {"LogonDomain": {"value": 1}},
            {"LogonDomain": "corp"},
        ]),
        (House::Safeguard, "ForUserId") => json!([55, 56, 61]),
        (House::Safeguard, "ForUser" | "ForUserName") => json!(["jdoe", "JDOE", "rboth", "outsider"]),
        (House::Safeguard, "ForProvider") => json!(["local", "LOCAL", "corp.example"]),
        (House::Safeguard, "AssetId" | "SystemId" | "AccountAssetId" | "AccountSystemId") => {
            json!([2107, 2113])
        }
        (House::Safeguard, "AssetName" | "SystemName" | "AccountAssetName" | "AccountSystemName") => {
            json!(["DB-07", "db-07", "10.0.7.7", "ERP"])
        }
        (House::Safeguard, "AccountId") => json!([5513, 5514, 5525, 5526]),
        (House::Safeguard, "AccountName") => json!(["oracle", "ORACLE", "root", "erpadmin"]),
        (House::Safeguard, "RequestedDuration") => json!(["0:1:30", "31:0:0", "31:0:1", "0:0:60", "1:2"]),
        (House::Safeguard, "RequestedFor") => json!([
            "2026-01-05T08:00:00Z",
            "2026-01-05T09:00:00Z",
            "2026-02-01T00:00:00Z",
            "2026-02-01 03:04:05Z",
            "2026-02-01T00:00:00.5Z",
            // The first second that a signed number of 32 bits can't count.
            "2038-01-19T03:14:08Z",
            "2026-02-01T02:00:00+02:00",
            "2026-02-01T00:00:00",
        ]),
        (House::Safeguard, "ReasonCodeId") => json!([3, 9]),
        (House::Safeguard, "ReasonCode") => json!(["Maintenance", "incident"]),
        (House::Safeguard, "ReasonComment") => json!(["a < b", long(970)]),
        (House::Safeguard, "TicketNumber") => json!([long(20), long(21), long(61)]),
        (House::Vaultline, "resource/ref" | "ref") => json!(["web01.deploy", "pay01.root", "nowhere.nobody"]),
        (House::Vaultline, "resource/id") => json!(["db07.oracle", "web01.deploy"]),
        (House::Vaultline, "resource/host") => json!(["db07", "DB07"]),
        (House::Vaultline, "resource/login") => json!(["oracle", "root"]),
        (House::Vaultline, "access/form") => json!(["any", "ssh", "rdp", "ssh-key", "SSH", "PSM-VNC"]),
        (House::Vaultline, "window/opens_at") => json!([
            "2026-01-05T08:00:00",
            "2026-02-01T00:00:00",
            "2026-02-01T00:00:00Z",
            "2026-02-01T00:00:00.5",
            "2038-01-19T03:14:08",
        ]),
        (House::Vaultline, "window/lease") => {
            json!(["PT1H", "PT1M1S", "PT59S", "P7D", "P7DT1S", "P1W", "P1M", "PT0S", "P1DT0.5H"])
        }
        (House::Vaultline, "why/text" | "why") => json!(["a < b", long(390)]),
        (House::Vaultline, "why/ticket/system") => json!(["snow", "jira", "remedy"]),
        (House::Vaultline, "why/ticket/number") => json!([long(20), long(21)]),
        (House::Vaultline, "options/priority") => json!(["9", 5]),
        (House::Vaultline, "options/parameters") => json!([
            {"PSMRemoteMachine": {"text": "app02"}},
            {"LogonDomain": {"text": "corp", "keep": true}},
            {"LogonDomain": {"keep": true}},
        ]),
        (House::Vaultline, "tags") => json!([{"cost_center": "4711"}, {"a": "x < y", "b": ""}, {"a": 1}]),
        (House::Vaultline, "from") => json!([
            "2026-01-05T08:00:00Z",
            "2026-01-05T10:00:00Z",
            "2026-02-01T00:00:00.5Z",
            "2038-01-19T03:14:08Z",
        ]),
        (House::Vaultline, "until") => {
            json!([
                "2026-01-05T08:30:00Z",
                "2026-01-05T09:00:30Z",
                "2026-01-05T10:30:00Z",
                "2026-01-06T09:00:30Z",
                "2027-06-01T00:00:00Z",
            ])
        }
        (House::Vaultline, "for/d" | "for/h" | "for/m" | "for/s") => json!([1, 7, 30, 90]),
        (House::Vaultline, "clock") => json!(["0:2:0:0", "0:0:1:30", "7:0:0:0", "7:0:0:1", "1:2"]),
        _ => json!([]),
    };
    let Value::Array(all) = all else { panic!("no list") };
    all
}

fn long(many: usize) -> String {
    "y".repeat(many)
}
