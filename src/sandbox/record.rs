//! What was asked of a sandbox, in words that belong to no vendor.
//!
//! Start at [`Record`]. Each vendor's emulation fills it by hand, from its own vendor's page, so that
//! tests can compare what *arrived* at two different servers. `docs/sandbox.md` describes the shape.
//! A field that the vendor has no place for is null.

use serde::Serialize;

/// One access request as the server understood it.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Record {
    /// As the vendor prints it.
    pub id: String,
    /// The name of the user who owns the request.
    pub requester: String,
    /// That user's id at the vendor.
    pub requester_id: String,
    /// For whom, where the vendor's message says it.
    pub requested_for: Option<String>,
    /// The machine.
    pub system: Option<Named>,
    /// The account on it; null for a session with one's own account.
    pub account: Option<Named>,
    /// The alias it was asked by.
    pub alias: Option<Named>,
    /// The application to be started.
    pub application: Option<Named>,
    /// credential, rdp, ssh, telnet, application, ssh-key, api-key, file or any-session.
    pub kind: &'static str,
    /// The connection component.
    pub component: Option<String>,
    /// Its parameters, in the order of the message.
    pub parameters: Vec<Parameter>,
    /// RFC 3339; null: at once.
    pub starts: Option<String>,
    /// What was asked; null: the policy decides.
    pub length_seconds: Option<i64>,
    /// What is granted.
    pub effective_length_seconds: i64,
    /// The text of the reason.
    pub reason: Option<String>,
    /// The predefined reason.
    pub reason_code: Option<Named>,
    /// The ticket.
    pub ticket: Option<Ticket>,
    /// Whether it was called an emergency.
    pub emergency: Option<bool>,
    /// Whether the credential may be read more than once.
    pub multiple_use: Option<bool>,
    /// Whether the credential is changed afterwards.
    pub rotate_on_check_in: Option<bool>,
    /// refuse, reuse or renew.
    pub on_conflict: Option<&'static str>,
    /// The access policy's schedule.
    pub schedule: Option<Named>,
    /// Further named values.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Where it stands.
    pub state: State,
    /// RFC 3339.
    pub created: String,
    /// Decisions, oldest first.
    pub approvals: Vec<Approval>,
    /// What was said at other actions, oldest first.
    pub comments: Vec<Comment>,
}

impl Record {
    /// A record of which only the things that every vendor has are known.
    pub(super) fn new(requester: (&str, &str), kind: &'static str, created: jiff::Timestamp) -> Self {
        Record {
            id: String::new(),
            requester: requester.1.to_owned(),
            requester_id: requester.0.to_owned(),
            requested_for: None,
            system: None,
            account: None,
            alias: None,
            application: None,
            kind,
            component: None,
            parameters: Vec::new(),
            starts: None,
            length_seconds: None,
            effective_length_seconds: 0,
            reason: None,
            reason_code: None,
            ticket: None,
            emergency: None,
            multiple_use: None,
            rotate_on_check_in: None,
            on_conflict: None,
            schedule: None,
            extra: serde_json::Map::new(),
            state: State::Pending,
            created: created.to_string(),
            approvals: Vec::new(),
            comments: Vec::new(),
        }
    }
}

/// A thing with an id, a name, or both.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Named {
    /// The id, as text whatever its type at the vendor.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
}

impl Named {
    pub(super) fn both(id: &str, name: &str) -> Option<Self> {
        Some(Named { id: Some(id.to_owned()), name: Some(name.to_owned()) })
    }

    pub(super) fn name(name: &str) -> Option<Self> {
        Some(Named { id: None, name: Some(name.to_owned()) })
    }
}

/// A connection parameter.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, in the sender's letter case.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
    /// Whether it is to be kept with the account.
    pub save: bool,
}

/// A ticket.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Ticket {
    /// The ticket system's id.
    pub system_id: Option<String>,
    /// The ticket system's name.
    pub system_name: Option<String>,
    /// The number, which is a text.
    pub number: Option<String>,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Waits for approvals.
    Pending,
    /// May be used.
    Approved,
    /// Was used, and may be used further.
    InUse,
    /// An approver said no.
    Denied,
    /// Withdrawn, or ended by an approver, or replaced by a renewal.
    Cancelled,
    /// Given back by its owner.
    CheckedIn,
    /// Its time is over.
    Expired,
    /// A one-time request that was used.
    Used,
    /// The server itself gave it up (CyberArk: missing supervisors and the like).
    Invalid,
}

impl State {
    /// Whether it can still become, or is, usable.
    pub fn is_open(self) -> bool {
        matches!(self, State::Pending | State::Approved | State::InUse)
    }

    /// Whether it may be used now.
    pub fn is_active(self) -> bool {
        matches!(self, State::Approved | State::InUse)
    }
}

/// One approver's decision.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Approval {
    /// The approver's user name.
    pub by: String,
    /// `approved` or `denied`.
    pub decision: &'static str,
    /// What was said with it.
    pub comment: Option<String>,
    /// RFC 3339.
    pub at: String,
    /// 1 or 2.
    pub level: u8,
}

/// What somebody said at another action.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Comment {
    /// The user name.
    pub by: String,
    /// The action, such as `check-in`.
    pub action: &'static str,
    /// The text; null where the action came without one.
    pub text: Option<String>,
    /// RFC 3339.
    pub at: String,
}
