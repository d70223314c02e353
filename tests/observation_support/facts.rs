//! What a sandbox stored, in canonical words: field by field, and whether the caller said it.
//!
//! Start at [`Facts::of`]. Made of the record and the bytes alone; no table is asked.
use std::collections::BTreeMap;

use pamgate::canonical::time::write_length;
use pamgate::sandbox::{Record, Vendor};
use serde_json::{Map, Value};

use super::known;

/// Of the parts of a reference, the name that they have in common.
pub const FIELDS: &[&str] = &[
    "requester",
    "target",
    "application",
    "access.kind",
    "access.component",
    "access.parameters",
    "window.start",
    "window.length",
    "reason.text",
    "reason.code",
    "ticket.system",
    "ticket.number",
    "emergency",
    "multiple_use",
    "rotate_on_check_in",
    "on_conflict",
    "schedule",
    "extra",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub text: String,
    /// The caller said so; otherwise it is what the server makes of an absence, or does anyway.
    pub said: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<&'static str, Fact>);

impl Facts {
    /// `body`: none where nothing counts as said, as of what the gateway wrote.
    pub fn of(vendor: Vendor, record: &Record, body: Option<&Map<String, Value>>) -> Facts {
        let mut facts = Facts(BTreeMap::new());
        let said = |field: &str| {
            let names = known::said_by(vendor, field);
            let there = |(name, value): (&String, &Value)| {
                !value.is_null() && names.iter().any(|known| known.eq_ignore_ascii_case(name))
            };
            body.is_some_and(|body| body.iter().any(there))
        };
        let mut add = |field: &'static str, text: Option<String>| {
            // An empty text says nothing.
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                facts.0.insert(field, Fact { text, said: said(field) });
            }
        };
        add("requester", Some(known::person(vendor, &record.requester_id)));
        let system = record.system.as_ref().map(|named| known::system(vendor, named));
        let account = record.account.as_ref().map(|named| known::account(vendor, named));
        let target = format!("{}, {}", system.unwrap_or_default(), account.unwrap_or_default());
        add("target", Some(target.clone()));
        let named = |named: &Option<pamgate::sandbox::Named>| {
            named.as_ref().map(|named| named.id.clone().unwrap_or_default())
        };
        add("application", named(&record.application));
        let kind = known::kind(vendor, record.kind, record.component.as_deref());
        add("access.kind", Some(kind.to_owned()));
        // The word says which component, where it has one of its own.
        add("access.component", record.component.clone().filter(|_| kind == "session"));
        add("access.parameters", parameters(record));
        add("window.start", record.starts.clone());
        // The end binds: of a window that began in the past, what is left of it.
        add("window.length", record.length_seconds.map(|_| write_length(record.effective_length_seconds)));
        add("reason.text", record.reason.clone());
        add("reason.code", named(&record.reason_code));
        if let Some(ticket) = &record.ticket {
            let (id, name) = (ticket.system_id.as_deref(), ticket.system_name.as_deref());
            add("ticket.system", id.or(name).map(|_| known::ticket_system(vendor, id, name)));
            add("ticket.number", ticket.number.clone());
        }
        // CyberArk has no such place: its record tells what one of the further details says.
        let emergency = record.emergency.filter(|_| vendor != Vendor::CyberArk);
        // Not an emergency: what everybody means who says nothing.
        add("emergency", emergency.filter(|is| *is).map(|is| is.to_string()));
        add("multiple_use", record.multiple_use.map(|is| is.to_string()));
        // An account that never rotates ignores what is said of it [seed].
        let rotate = record.rotate_on_check_in.filter(|_| !known::never_rotates(&target));
        add("rotate_on_check_in", rotate.map(|is| is.to_string()));
        add("on_conflict", record.on_conflict.map(str::to_owned));
        add("schedule", named(&record.schedule));
        let extra: Vec<String> = record
            .extra
            .iter()
            .map(|(name, value)| format!("{name} = {}", value.as_str().unwrap()))
            .collect();
        add("extra", Some(extra.join(", ")));
        for (field, value) in known::always(vendor) {
            add(field, Some((*value).to_owned()));
        }
        facts
    }

    pub fn get(&self, field: &str) -> Option<&Fact> {
        self.0.get(field)
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).map(|fact| fact.text.as_str())
    }

    /// What must not be lost without a word: what was said, and that a request can be used once only.
    pub fn counts(&self, field: &str) -> bool {
        self.get(field).is_some_and(|fact| fact.said || (field == "multiple_use" && fact.text == "false"))
    }
}

fn parameters(record: &Record) -> Option<String> {
    let shown = |one: &pamgate::sandbox::Parameter| {
        let save = if one.save { " (save true)" } else { "" };
        format!("{} = {}{save}", one.name, one.value.as_deref().unwrap_or_default())
    };
    let all: Vec<String> = record.parameters.iter().map(shown).collect();
    Some(all.join(", "))
}
