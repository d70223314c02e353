//! What a sandbox stored, in canonical words: field by field, and whether the caller said it.
//!
//! Start at [`Facts::of`]. Made of the record and the bytes alone; no table is asked.
use pamgate::canonical::time::write_length;
use pamgate::sandbox::Record;
use serde_json::{Map, Value};

use super::known;
use super::speakers::House;

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

/// In the order of [`FIELDS`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts([Option<Fact>; FIELDS.len()]);

fn place(field: &str) -> usize {
    FIELDS.iter().position(|known| *known == field).unwrap_or_else(|| panic!("{field} is no fact"))
}

impl Facts {
    /// `body`: none where nothing counts as said, as of what the gateway wrote.
    pub fn of(house: House, record: &Record, body: Option<&Map<String, Value>>) -> Facts {
        let mut facts = Facts::default();
        let said = |field: &str| {
            let names = known::said_by(house, field);
            body.is_some_and(|body| names.iter().any(|name| stands(body, name)))
        };
        let mut add = |field: &'static str, text: Option<String>| {
            // An empty text says nothing.
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                facts.0[place(field)] = Some(Fact { text, said: said(field) });
            }
        };
        add("requester", Some(known::person(house, &record.requester_id)));
        let system = record.system.as_ref().map(|named| known::system(house, named));
        let account = record.account.as_ref().map(|named| known::account(house, named));
        let target = format!("{}, {}", system.unwrap_or_default(), account.unwrap_or_default());
        add("target", Some(target.clone()));
        let named = |named: &Option<pamgate::sandbox::Named>| {
            named.as_ref().map(|named| named.id.clone().unwrap_or_default())
        };
        add("application", named(&record.application));
        let kind = known::kind(house, record.kind, record.component.as_deref());
        add("access.kind", Some(kind.to_owned()));
        // The word says which component, where it has one of its own.
        add("access.component", record.component.clone().filter(|_| kind == "session"));
        add("access.parameters", parameters(record));
        add("window.start", record.starts.clone());
        // The end binds: of a window that began in the past, what is left of it.
        add(
            "window.length",
            record.length_seconds.map(|_| write_length(record.effective_length_seconds).into()),
        );
        add("reason.text", record.reason.clone());
        add("reason.code", named(&record.reason_code));
        if let Some(ticket) = &record.ticket {
            let (id, name) = (ticket.system_id.as_deref(), ticket.system_name.as_deref());
            add("ticket.system", id.or(name).map(|_| known::ticket_system(house, id, name)));
            add("ticket.number", ticket.number.clone());
        }
        // CyberArk has no such place: its record tells what one of the further details says.
        let emergency = record.emergency.filter(|_| house != House::CyberArk);
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
        // Vaultline's own record tells of each of its forms.
        for (field, value) in known::always(house, "") {
            add(field, Some((*value).to_owned()));
        }
        facts
    }

    pub fn get(&self, field: &str) -> Option<&Fact> {
        self.0[place(field)].as_ref()
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).map(|fact| fact.text.as_str())
    }

    /// What must not be lost without a word: what was said, and that a request can be used once only.
    pub fn counts(&self, field: &str) -> bool {
        self.get(field).is_some_and(|fact| fact.said || (field == "multiple_use" && fact.text == "false"))
    }
}

/// Whether something stands at a path, in any letter case.
fn stands(body: &Map<String, Value>, path: &str) -> bool {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let mut named = body.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.any(|(_, value)| match value {
        Value::Object(within) if !rest.is_empty() => stands(within, rest),
        value => rest.is_empty() && !value.is_null(),
    })
}

fn parameters(record: &Record) -> Option<String> {
    let shown = |one: &pamgate::sandbox::Parameter| {
        let save = if one.save { " (save true)" } else { "" };
        format!("{} = {}{save}", one.name, one.value.as_deref().unwrap_or_default())
    };
    let all: Vec<String> = record.parameters.iter().map(shown).collect();
    Some(all.join(", "))
}
