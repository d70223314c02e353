//! What Vaultline answers: receipts, grants, problems.
use jiff::tz::Offset;
use pamgate::sandbox::{Named, Record, State, Ticket};
use serde_json::{Map, Value, json};

use super::wish::Wish;
use super::{Grant, USER};

/// A refusal: RFC 9457.
#[derive(Debug)]
pub struct Problem {
    pub status: u16,
    pub code: &'static str,
    /// Place, with dots, and what is wrong there.
    pub flaws: Vec<(String, String)>,
}

impl Problem {
    pub fn new(status: u16, code: &'static str) -> Problem {
        Problem { status, code, flaws: Vec::new() }
    }

    pub fn document(&self) -> Value {
        let mut document = json!({ "title": "A problem", "status": self.status });
        if !self.code.is_empty() {
            document["type"] = json!(format!("urn:vaultline:problem:{}", self.code));
            document["code"] = json!(self.code);
        }
        let mut errors = Map::new();
        for (place, text) in &self.flaws {
            let flaws = errors.entry(place.clone()).or_insert_with(|| json!([]));
            flaws.as_array_mut().unwrap().push(json!({ "text": text }));
        }
        if !errors.is_empty() {
            document["errors"] = errors.into();
        }
        document
    }
}

impl Grant {
    pub fn record(&self) -> Record {
        let Wish { kind, component, parameters, starts, length, reason, .. } = &self.wish;
        let ticket = self.wish.ticket_system.is_some() || self.wish.ticket.is_some();
        let extra = self.wish.tags.iter().map(|(name, text)| (name.clone(), json!(text)));
        Record {
            id: self.id(),
            requester: USER.to_owned(),
            requester_id: USER.to_owned(),
            requested_for: None,
            system: Some(Named { id: None, name: Some(self.resource.host.to_owned()) }),
            account: Some(Named {
                id: Some(self.resource.at.to_owned()),
                name: Some(self.resource.login.to_owned()),
            }),
            alias: None,
            application: None,
            kind,
            component: component.clone(),
            parameters: parameters.clone(),
            starts: starts.map(|at| at.to_string()),
            length_seconds: *length,
            effective_length_seconds: length.unwrap_or_default(),
            reason: reason.clone(),
            reason_code: None,
            ticket: ticket.then(|| Ticket {
                system_id: None,
                system_name: self.wish.ticket_system.clone(),
                number: self.wish.ticket.clone(),
            }),
            emergency: Some(self.wish.emergency),
            multiple_use: Some(self.wish.many),
            rotate_on_check_in: Some(self.wish.rotate),
            on_conflict: self.wish.on_conflict,
            schedule: None,
            extra: extra.collect(),
            state: State::Approved,
            created: self.wish.now.to_string(),
            approvals: Vec::new(),
            comments: Vec::new(),
        }
    }

    fn id(&self) -> String {
        format!("gr-{}-{}", self.resource.vault, self.number)
    }

    /// Tells everything but where the grant stands.
    pub fn receipt(&self) -> Value {
        let Wish { length, reason, ticket, tags, .. } = &self.wish;
        let center = tags.iter().find(|(name, _)| name == "cost_center");
        let summary = [
            reason.clone(),
            ticket.as_ref().map(|number| format!(" (ticket {number})")),
            center.map(|(_, text)| format!(" for {text}")),
        ];
        json!({ "data": {
            "id": self.id(),
            "submitted_at": self.wish.now.to_string(),
            "resource": { "ref": self.resource.at, "host": self.resource.host },
            "owner": USER,
            "lease_seconds": length.unwrap_or(-1),
            "lease_minutes": length.map_or(-1, |seconds| seconds / 60),
            "ends_at": self.ends().map_or(-1, |at| at.as_second()),
            "summary": summary.into_iter().flatten().collect::<String>().trim_start(),
        } })
    }

    fn ends(&self) -> Option<jiff::Timestamp> {
        let starts = self.wish.starts.unwrap_or(self.wish.now);
        Some(starts + jiff::SignedDuration::from_secs(self.wish.length?))
    }

    pub fn listed(&self) -> Value {
        let plain = |at: jiff::Timestamp| Offset::UTC.to_datetime(at).to_string();
        let kind = match self.wish.kind {
            "credential" | "ssh-key" => "secret",
            _ => "connect",
        };
        json!({
            "id": self.id(), "number": self.number,
            "resource": { "ref": self.resource.at, "vault": self.resource.vault },
            "owner": USER, "kind": kind,
            "window": {
                "opens_at": plain(self.wish.starts.unwrap_or(self.wish.now)),
                "closes_at": self.ends().map(plain).unwrap_or_default(),
            },
            "why": { "text": self.wish.reason.clone().unwrap_or_default() },
            "approvals": { "given": 0, "needed": 0, "by": [] }, "stage": "open",
        })
    }
}
