//! The measure: the same translations as somebody would write them by hand for two vendors and nothing else.
//!
//! serde reads what is needed and borrows it, `if`s stand for tables, two hash maps for the crosswalk. Nothing is
//! validated, noted, kept or told. What comes out is compared with the tables' before anything is timed.
use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// What `POST Requests` takes.
#[derive(Debug, Deserialize, Serialize)]
struct BeyondTrust<'a> {
    #[serde(rename = "AccessType", borrow)]
    access: Cow<'a, str>,
    #[serde(rename = "SystemID")]
    system: i64,
    #[serde(rename = "AccountID")]
    account: i64,
    #[serde(rename = "DurationMinutes")]
    minutes: i64,
    #[serde(rename = "Reason", borrow, default, skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    #[serde(rename = "TicketSystemID", skip_serializing_if = "Option::is_none")]
    ticket_system: Option<i64>,
    #[serde(rename = "TicketNumber", borrow, default, skip_serializing_if = "Option::is_none")]
    ticket: Option<Cow<'a, str>>,
}

/// What `POST MyRequests` takes.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct CyberArk<'a> {
    #[serde(rename = "accountId", borrow)]
    account: Cow<'a, str>,
    #[serde(rename = "reason", borrow, default, skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    #[serde(rename = "TicketingSystemName", borrow, default, skip_serializing_if = "Option::is_none")]
    ticket_system: Option<Cow<'a, str>>,
    #[serde(rename = "TicketId", borrow, default, skip_serializing_if = "Option::is_none")]
    ticket: Option<Cow<'a, str>>,
    multiple_access_required: bool,
    from_date: i64,
    to_date: i64,
    use_connect: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    connection_component: Option<Cow<'a, str>>,
}

/// What is needed of CyberArk's answer.
#[derive(Debug, Deserialize)]
struct Answer<'a> {
    #[serde(rename = "RequestID", borrow)]
    id: Cow<'a, str>,
}

/// Both vendors' ids.
pub struct ByHand {
    accounts: HashMap<(i64, i64), String>,
    targets: HashMap<String, (i64, i64)>,
    systems: HashMap<i64, String>,
    system_ids: HashMap<String, i64>,
    now: i64,
}

impl ByHand {
    /// The references of the benchmark's crosswalk.
    pub fn new(now: i64) -> ByHand {
        ByHand {
            accounts: HashMap::from([((1204, 88317), "1204_88317".to_owned())]),
            targets: HashMap::from([("1204_88317".to_owned(), (1204, 88317))]),
            systems: HashMap::from([(3, "ServiceNow".to_owned())]),
            system_ids: HashMap::from([("ServiceNow".to_owned(), 3)]),
            now,
        }
    }

    /// BeyondTrust's request as CyberArk's.
    pub fn to_cyberark(&self, body: &[u8]) -> Vec<u8> {
        let asked: BeyondTrust<'_> = serde_json::from_slice(body).expect("a request");
        let component = match &*asked.access {
            "RDP" => Some("PSM-RDP"),
            "SSH" => Some("PSM-SSH"),
            _ => None,
        };
        let account = &self.accounts[&(asked.system, asked.account)];
        let request = CyberArk {
            account: Cow::Borrowed(account),
            reason: asked.reason,
            ticket_system: asked.ticket_system.map(|id| Cow::Borrowed(self.systems[&id].as_str())),
            ticket: asked.ticket,
            multiple_access_required: true,
            from_date: self.now,
            to_date: self.now + asked.minutes * 60,
            use_connect: component.is_some(),
            connection_component: component.map(Cow::Borrowed),
        };
        serde_json::to_vec(&request).expect("JSON")
    }

    /// CyberArk's answer as BeyondTrust's: the upstream's id, and the caller's body.
    pub fn answer_of_cyberark(&self, body: &[u8], number: u64) -> (String, Vec<u8>) {
        let answer: Answer<'_> = serde_json::from_slice(body).expect("an answer");
        let id = 1_000_000_000 + number;
        (answer.id.into_owned(), serde_json::to_vec(&id).expect("JSON"))
    }

    /// CyberArk's request as BeyondTrust's.
    pub fn to_beyondtrust(&self, body: &[u8]) -> Vec<u8> {
        let asked: CyberArk<'_> = serde_json::from_slice(body).expect("a request");
        let (system, account) = self.targets[&*asked.account];
        let access = match asked.connection_component.as_deref() {
            Some("PSM-RDP") => "RDP",
            Some("PSM-SSH") => "SSH",
            _ => "View",
        };
        let request = BeyondTrust {
            access: Cow::Borrowed(access),
            system,
            account,
            minutes: (asked.to_date - asked.from_date.max(self.now)) / 60,
            reason: asked.reason,
            ticket_system: asked.ticket_system.map(|name| self.system_ids[&*name]),
            ticket: asked.ticket,
        };
        serde_json::to_vec(&request).expect("JSON")
    }
}
