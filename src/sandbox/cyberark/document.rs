//! The request's document, as the page shows it [seed].

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::desk::Held;
use super::super::inventory::{Account, Inventory};
use super::super::record::{Record, State};

/// All of it.
pub(super) fn whole(inventory: &Inventory, held: &Held) -> Value {
    let record = &held.record;
    let account = held.account.and_then(|a| inventory.accounts.get(a));
    let user = inventory.users.get(held.user);
    let (status, title) = status(held);
    let asked = record.starts.is_some() || record.length_seconds.is_some();
    let window = |at: Timestamp| if asked { at.as_second() } else { 0 };
    let ticket = record.ticket.as_ref();
    json!({
        "RequestID": record.id,
        "SafeName": account.map(|a| a.safe.as_str()),
        "RequestorUserName": record.requester,
        "RequestorFullName": user.map(|u| u.full_name.as_str()),
        "RequestorReason": requestor_reason(record),
        "UserReason": record.reason.as_deref().unwrap_or(""),
        "CreationDate": held.created.as_second(),
        // The texts and numbers of the operation are *unverified* for sessions.
        "Operation": if record.kind == "credential" { "Get password" } else { "Connect" },
        "ExpirationDate": held.ends.as_second(),
        "OperationType": if record.kind == "credential" { 4 } else { 1 },
        "AccessType": if record.multiple_use == Some(true) { "Multiple Access" } else { "OneTime" },
        "ConfirmationsLeft": if record.state == State::Pending { held.missing() } else { 0 },
        // No timeframe asked for: 0 (*unverified*).
        "AccessFrom": window(held.starts),
        "AccessTo": window(held.ends),
        "Status": status,
        "StatusTitle": title,
        "InvalidRequestReason": if status == 7 { held.invalid } else { 0 },
        "CurrentConfirmationLevel": held.level(),
        "RequiredConfirmersCountLevel2": held.needs[1],
        "TicketingSystemProperties": {
            "Name": ticket.and_then(|t| t.system_name.as_deref()).unwrap_or(""),
            "Number": ticket.and_then(|t| t.number.as_deref()).unwrap_or(""),
            // 1 validated, 3 not needed (*unverified* order); quoted as in the page's example.
            "Status": if ticket.is_some() { "1" } else { "3" },
        },
        "AdditionalInfo": record.extra,
        "AccountDetails": {
            "AccountID": record.account.as_ref().and_then(|a| a.id.as_deref()),
            "Properties": account.map(|a| properties(inventory, a)),
        },
        "Confirmers": confirmers(inventory, held),
    })
}

/// 1 Waiting, 2 Confirmed, 7 Invalid [seed]; the titles are *unverified*.
fn status(held: &Held) -> (i64, String) {
    match held.record.state {
        State::Pending => (1, "Waiting".to_owned()),
        State::Approved | State::InUse => (2, "Confirmed".to_owned()),
        _ => {
            let why = match held.invalid {
                1 => "Expired",
                2 => "Already been used",
                4 => "Missing supervisors",
                64 => "Access time expired",
                128 => "Rejected",
                _ => "None",
            };
            (7, format!("Invalid: {why}"))
        }
    }
}

/// Wraps ticket, emergency and reference in brackets before the text [seed].
fn requestor_reason(record: &Record) -> String {
    let mut text = String::new();
    if let Some(number) = record.ticket.as_ref().and_then(|t| t.number.as_ref()) {
        text.push_str(&format!("(Ticket ID={number})"));
    }
    if let Some(name) = record.ticket.as_ref().and_then(|t| t.system_name.as_ref()) {
        text.push_str(&format!("(Ticketing System={name}) "));
    }
    if let Some(emergency) = record.emergency {
        text.push_str(&format!("(Emergency={emergency})"));
    }
    if let Some(number) = record.extra.get("Reference No").and_then(Value::as_str) {
        text.push_str(&format!("(RefNo={number})"));
    }
    let machine = record.parameters.iter().find(|p| p.name == "PSMRemoteMachine");
    if let Some(machine) = machine.and_then(|p| p.value.as_ref()) {
        text.push_str(&format!("(PSMRemoteMachine={machine})"));
    }
    if let Some(reason) = &record.reason {
        if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        text.push_str(reason);
    }
    text
}

/// All strings in the page's example, whatever type its table says; what nobody did is empty.
fn properties(inventory: &Inventory, account: &Account) -> Value {
    let system = inventory.systems.get(account.system);
    json!({
        "Address": system.map(|s| s.address.as_str()),
        "Safe": account.safe,
        "Folder": account.folder,
        "Name": account.object,
        "PolicyID": account.platform_id,
        "PlatformName": account.platform_name,
        "DeviceType": account.device_type,
        "LastVerifiedDate": "",
        "LastModifiedDate": CREATED.to_string(),
        "LastModifiedBy": "Administrator",
        "LastUsedDate": "",
        "LastUsedBy": "",
        "Username": account.name,
        "LockedBy": "",
        "CPMDisabled": if account.rotates { "" } else { "(CPM)MaxRetries" },
        "CPMStatus": "success",
        "ManagedByCPM": if account.rotates { "True" } else { "False" },
        "DeletedBy": "",
        "DeletionDate": "",
        "ImmediateCPMTask": "",
        "LastCPMTask": "ChangeTask",
        "CreationDate": CREATED.to_string(),
        "IsSSHKey": if account.ssh_key { "true" } else { "false" },
        "CreationMethod": "PVWA",
        "CPMErrorDetails": "",
        "RetriesCount": "-1",
        "LastFailDate": "",
        "LastTask": "ChangeTask",
    })
}

/// When the sandbox's accounts were made: Unix seconds of 2024-01-01.
pub(super) const CREATED: i64 = 1_704_067_200;

/// Everybody who may confirm. Type 1 user, 2 group; Action 0 reject, 1 confirm, 2 none [seed].
fn confirmers(inventory: &Inventory, held: &Held) -> Value {
    let Some(account) = held.account.and_then(|a| inventory.accounts.get(a)) else {
        return Value::Array(Vec::new());
    };
    if held.needs == [0, 0] {
        return Value::Array(Vec::new());
    }
    let mut all = Vec::new();
    for (at, user) in inventory.users.iter().enumerate() {
        let may = user.may_approve(&account.id, 1) || user.may_approve(&account.id, 2);
        if at == held.user || !may {
            continue;
        }
        let decision = held.record.approvals.iter().rfind(|a| a.by == user.name);
        let acted = decision.and_then(|d| d.at.parse::<Timestamp>().ok());
        all.push(json!({
            "Type": 1,
            "ID": user.id.parse::<i64>().unwrap_or_default(),
            "Name": user.name,
            "Action": match decision.map(|d| d.decision) {
                Some("approved") => 1,
                Some(_) => 0,
                None => 2,
            },
            "Reason": decision.and_then(|d| d.comment.as_deref()).unwrap_or(""),
            "ActionDate": acted.map_or(0, |at| at.as_second()),
            "AdditionalDetails": {},
            "Members": null,
        }));
    }
    Value::Array(all)
}
