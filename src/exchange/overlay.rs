//! Whose word counts in a reply: what the upstream said over what was asked, but for what it could only repeat.
//!
//! Start at [`overlay`]. The two tables above it are all there is to know; the matrix of fits reads them as well.
use crate::canonical::field::FIELDS;
use crate::canonical::field::known::{CREATED, EXPIRES, LENGTH, REQUEST_ID, START, STATUS};
use crate::canonical::{Record, Shape, Value, word};

/// What the upstream says in words of its own: never taken over.
pub(super) const THEIRS: &[&str] = &[
    "target.",
    "requester.id",
    "requester.name",
    "requester.provider",
    "ticket.system.",
    "schedule.",
    "reason.",
    "policy.",
];
/// What the upstream's word counts for only where it was not asked.
pub(super) const ASKED: &[&str] = &[
    "access.",
    "ticket.number",
    "emergency",
    "multiple_use",
    "rotate_on_check_in",
    "on_conflict",
    "extra",
    "release.launch",
];

/// What the upstream said wins, except where it could only repeat what was asked in words of its own: references mean
/// nothing here, a reason may hold notes, a kind may be coarser.
pub(super) fn overlay(record: &mut Record<'static>, said: Record<'static>) {
    let of = |names: &[&str], field: &str| names.iter().any(|name| field.starts_with(name));
    for (field, value, _) in said.into_values().filter(|(.., said)| *said) {
        let name = FIELDS[field.0 as usize].name;
        let asked = of(ASKED, name) && record.get(field).is_some();
        if field != REQUEST_ID && !of(THEIRS, name) && !asked {
            record.say(field, value);
        }
    }
}

/// When access is possible: from the start, or from now, for the length; until the upstream's end where it said no
/// length. Never, where the request has ended already.
pub(super) fn period(record: &Record<'_>) -> Option<Record<'static>> {
    if record.text(STATUS).is_some_and(|status| word::within(status, "ended")) {
        return None;
    }
    let time = |field| match record.get(field)? {
        Value::Time(time) => Some(*time),
        _ => None,
    };
    let start = time(START).or_else(|| time(CREATED))?;
    let end = match record.get(LENGTH) {
        Some(Value::Length(seconds)) => start.checked_add(jiff::SignedDuration::from_secs(*seconds)).ok()?,
        _ => time(EXPIRES)?,
    };
    let mut period = Record::new(Shape::Period);
    period.say(Shape::Period.find("start")?, Value::Time(start));
    period.say(Shape::Period.find("end")?, Value::Time(end));
    Some(period)
}

/// A time as servers print it: most count whole seconds.
pub(super) fn whole_seconds(time: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(time.as_second()).unwrap_or(time)
}
