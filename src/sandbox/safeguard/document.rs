//! The request's document, and the words of its state [sgapi].

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::desk::Held;
use super::super::inventory::{Inventory, by_id};
use super::super::record::State;
use super::wish::access_request_type;

/// Opaque to clients; the last part is the number [sggo].
pub(super) fn id(number: u64) -> String {
    format!("138-450-76-9800-1-87030a13e37a4cda845395b15ce202bb-{number}")
}

/// The number in an id.
pub(super) fn number(text: &str) -> Option<u64> {
    let number = text.rsplit('-').next()?.parse().ok()?;
    id(number).eq_ignore_ascii_case(text).then_some(number)
}

/// Where a request stands, in the vendor's words.
pub(super) fn state(held: &Held, now: Timestamp) -> &'static str {
    match held.record.state {
        State::Pending => "PendingApproval",
        State::Approved if held.starts > now => "PendingTimeRequested",
        State::Approved => "RequestAvailable",
        State::InUse => match held.record.kind {
            "credential" => "PasswordCheckedOut",
            "ssh-key" => "SshKeyCheckedOut",
            "api-key" => "ApiKeyCheckedOut",
            "file" => "FileCheckedOut",
            _ => "SessionInitialized",
        },
        // Denied, revoked and expired ones wait for their owner to have seen it [sgmcp].
        State::Denied if !held.acknowledged => "PendingAcknowledgment",
        State::Cancelled if revoked(held) && !held.acknowledged => "PendingAcknowledgment",
        State::Expired if !held.acknowledged => "Expired",
        State::Cancelled if !revoked(held) => "Complete",
        // After a check-in it goes on by itself; the moment in between shows in the action's own reply.
        State::CheckedIn => "Complete",
        _ => "Closed",
    }
}

/// Ended by an approver after it was approved.
pub(super) fn revoked(held: &Held) -> bool {
    held.record.state == State::Cancelled && held.record.approvals.iter().any(|a| a.decision == "denied")
}

/// All of it, as `viewer` sees it.
pub(super) fn whole(inventory: &Inventory, held: &Held, now: Timestamp, viewer: usize) -> Value {
    with_state(inventory, held, viewer, state(held, now))
}

/// The same, in a state that is said.
pub(super) fn with_state(inventory: &Inventory, held: &Held, viewer: usize, state: &str) -> Value {
    let parts = [
        target(inventory, held),
        people(inventory, held, viewer),
        wish(inventory, held),
        course(held, state),
    ];
    let mut whole = Map::new();
    for part in parts {
        if let Value::Object(part) = part {
            whole.extend(part);
        }
    }
    Value::Object(whole)
}

/// Ids are 32-bit integers: the inventory is refused otherwise.
fn number_of(id: &str) -> i64 {
    id.parse().unwrap_or_default()
}

fn target(inventory: &Inventory, held: &Held) -> Value {
    let account = held.account.and_then(|a| inventory.accounts.get(a));
    let home = account.and_then(|a| inventory.systems.get(a.system));
    let asset = inventory.systems.get(held.system);
    json!({
        "Id": held.record.id,
        "AccessRequestType": access_request_type(held.record.kind),
        "AccountRequestType": null,
        "AccountId": account.map(|a| number_of(&a.id)),
        "AccountName": account.map(|a| a.name.as_str()),
        "AccountDomainName": account.and_then(|a| a.domain.as_deref()),
        "AccountDistinguishedName": null,
        "AccountAssetId": home.map(|s| number_of(&s.id)),
        "AccountAssetName": home.map(|s| s.name.as_str()),
        "AssetId": asset.map(|s| number_of(&s.id)),
        "AssetName": asset.map(|s| s.name.as_str()),
        "AssetNetworkAddress": asset.map(|s| s.address.as_str()),
        "AssetPlatformId": null,
        "AssetPlatformType": asset.map(|s| s.platform.as_str()),
        "AssetPlatformDisplayName": asset.map(|s| s.platform.as_str()),
    })
}

fn people(inventory: &Inventory, held: &Held, viewer: usize) -> Value {
    let user = inventory.users.get(held.user);
    let me = inventory.users.get(viewer);
    let policy = inventory.policies.get(held.policy);
    let mut approvals = held.record.approvals.iter();
    json!({
        "RequesterId": user.map(|u| number_of(&u.id)),
        "RequesterUsername": user.map(|u| u.name.as_str()),
        "RequesterDisplayName": user.map(|u| u.full_name.as_str()),
        "RequesterEmailAddress": user.map(|u| u.email.as_str()),
        "ApprovedByMe": me.is_some_and(|me| approvals.any(|a| a.by == me.name && a.decision == "approved")),
        "CurrentApprovalCount": held.given(1) + held.given(2),
        "RequiredApprovalCount": held.needs[0] + held.needs[1],
        "CurrentReviewerCount": 0,
        "RequiredReviewerCount": 0,
        "PolicyId": policy.map(|p| number_of(&p.id)),
        "PolicyName": policy.map(|p| p.name.as_str()),
    })
}

fn wish(inventory: &Inventory, held: &Held) -> Value {
    let record = &held.record;
    let minutes = record.effective_length_seconds / 60;
    let code = record.reason_code.as_ref().and_then(|c| c.id.as_deref());
    let code = code.and_then(|id| by_id(&inventory.reason_codes, id));
    json!({
        "DurationInMinutes": minutes,
        "RequestedDurationDays": minutes / 1440,
        "RequestedDurationHours": minutes % 1440 / 60,
        "RequestedDurationMinutes": minutes % 60,
        "RequestedFor": record.starts.clone().unwrap_or_else(|| held.created.to_string()),
        "IsEmergency": record.emergency.unwrap_or(false),
        "ReasonCode": code.map(|c| json!({
            "Id": number_of(&c.id), "Name": c.name, "Description": c.description,
        })),
        "ReasonCodeId": code.map(|c| number_of(&c.id)),
        "ReasonComment": record.reason,
        "TicketNumber": record.ticket.as_ref().and_then(|t| t.number.as_deref()),
        "IncludePasswordRelease": false,
        "IncludeSshKeyRelease": false,
        "AllowSraSessionLaunch": false,
    })
}

fn course(held: &Held, state: &str) -> Value {
    let record = &held.record;
    json!({
        "State": state,
        "StateChangedOn": held.changed.to_string(),
        "CreatedOn": held.created.to_string(),
        "ExpiresOn": held.ends.to_string(),
        "RequestAvailability": [{ "Begin": held.starts.to_string(), "End": held.ends.to_string() }],
        "NeedsAcknowledgement": (["PendingAcknowledgment", "Expired"].contains(&state)),
        "WasCancelled": record.state == State::Cancelled && !revoked(held),
        "WasCheckedOut": record.comments.iter().any(|c| c.action == "check-out"),
        "WasDenied": record.state == State::Denied,
        "WasEvicted": false,
        "WasExpired": record.state == State::Expired,
        "WasRevoked": revoked(held),
        "WorkflowActions": actions(held),
        "Sessions": [],
    })
}

/// Who did what, oldest first. The names of the actions are *unverified*.
fn actions(held: &Held) -> Value {
    let record = &held.record;
    let mut all =
        vec![(record.created.as_str(), "Request", record.reason.as_deref(), record.requester.as_str())];
    for approval in &record.approvals {
        let action = if approval.decision == "approved" { "Approve" } else { "Deny" };
        all.push((&approval.at, action, approval.comment.as_deref(), &approval.by));
    }
    for comment in &record.comments {
        let action = match comment.action {
            "check-in" => "CheckIn",
            "check-out" => "CheckOut",
            "cancel" => "Cancel",
            "acknowledge" => "Acknowledge",
            _ => "Close",
        };
        all.push((&comment.at, action, comment.text.as_deref(), &comment.by));
    }
    all.sort_by(|a, b| a.0.cmp(b.0));
    let shown = all.into_iter().map(|(at, action, comment, by)| {
        json!({
            "ActionType": action,
            "Comment": comment,
            "OccurredOn": at,
            "User": { "Name": by, "DisplayName": by },
            "SessionId": null,
        })
    });
    shown.collect()
}
