//! What is added and what is lost: supplies, losses, notes.
use std::borrow::Cow;

use jiff::SignedDuration;

use crate::canonical::field::known::{LENGTH, REASON, REQUESTER_ID, REQUESTER_NAME, START};
use crate::canonical::field::{FIELDS, is_norm, restricts};
use crate::canonical::{Fault, FieldId, Fit, Loss, Problem, Record, Supply, Treatment, Type, Value};
use crate::dialect::{MessageEntry, Route};

use super::Pair;
use super::ask::Chosen;
use super::watch::{Supplier, Watch, Weighed};

/// Why a value that is not written is no loss.
const IN_PATH: &str = "stands in the address";
const ONE_REFERENCE: &str = "a part of the reference";
const NOT_SAID: &str = "not said, so nothing is lost";
const NORM: &str = "what everybody means who says nothing";
const ANOTHER_NAME: &str = "the reference's other name arrives";

/// What was decided.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub(super) losses: Vec<Loss>,
    pub(super) supplies: Vec<Supply>,
}

/// Decides about every value that was said, and everything that the target needs.
///
/// # Errors
/// What policy refuses, and what nobody supplies.
pub(super) fn decide(
    record: &mut Record<'_>,
    entry: &MessageEntry,
    pair: &Pair,
    chosen: &Chosen<'_>,
    names: &[(FieldId, String)],
    (caller_route, route): (&Route, &Route),
    watch: &mut impl Watch,
) -> Result<Decided, Fault> {
    let mut decided = Decided::default();
    supply(record, entry, chosen, &mut decided, watch)?;
    ends(record, caller_route, pair)?;
    let (mut refused, mut lost) = (Vec::new(), Vec::new());
    let mut notes = Vec::new();
    let mut after = 0;
    while let Some(field) = record.next(after) {
        after = usize::from(field.0) + 1;
        let name = FIELDS[field.0 as usize].name;
        let Some(value) = record.get(field) else { continue };
        let counts = record.said(field) || restricts(name, value);
        let mut weighed = Weighed { field, value, fit: None, treatment: None, wrote: None, why: "" };
        weighed.why = if route.fields().any(|in_path| in_path == field) {
            IN_PATH
        } else if name.starts_with("target.") {
            // Its parts are carried by those that the target has places for.
            ONE_REFERENCE
        } else if !counts {
            NOT_SAID
        } else if is_norm(name, value) {
            NORM
        } else {
            ""
        };
        if !weighed.why.is_empty() {
            watch.weighed(&weighed);
            continue;
        }
        let fitting = entry.message.fit(record, field);
        weighed.fit = Some(fitting.fit);
        weighed.wrote = fitting.wrote.as_deref();
        let fits = matches!(fitting.fit, Fit::Exact | Fit::Neutral);
        if fits || carried_by_another(record, entry, field) {
            weighed.why = if fits { "" } else { ANOTHER_NAME };
            watch.weighed(&weighed);
            continue;
        }
        let written = fitting.wrote.is_some();
        let treatment = match written {
            true if chosen.policy.refuses_coarser(field) => Treatment::Refuse,
            // Written, only less finely: told, and nothing for people to read.
            true => Treatment::Note,
            // Left out, it would be missing: whatever is configured, the request can't be made without it.
            false if entry.message.required().contains(&field) => Treatment::Refuse,
            false => chosen.policy.treatment(field),
        };
        weighed.treatment = Some(treatment);
        watch.weighed(&weighed);
        let value = value.shown().into_owned();
        if treatment == Treatment::Refuse {
            let said_at = caller_route.send.map(|number| &pair.caller.dialect.message(number).message);
            let pointer = said_at.and_then(|message| message.place_of(field)).unwrap_or_default();
            refused.push(Problem::new(pointer, refusal(name, &value, fitting.fit)));
            lost.push(Loss { field: name, value, fit: fitting.fit, treatment, wrote: None });
            continue;
        }
        if !written {
            if treatment == Treatment::Note {
                let named = names.iter().find(|(of, _)| *of == field).map_or(&value, |(_, name)| name);
                let note = sentence(field, named);
                watch.noted(field, &note);
                notes.push((field, note));
            }
            record.remove(field);
        }
        decided.losses.push(Loss { field: name, value, fit: fitting.fit, treatment, wrote: fitting.wrote });
    }
    if !refused.is_empty() {
        return Err(Fault { word: "invalid.not-carried", losses: lost.into(), ..Fault::invalid(refused) });
    }
    add_notes(record, entry, &notes, &decided.losses)?;
    Ok(decided)
}

/// An id and a name of one reference: where the one arrives, the other is no loss.
fn carried_by_another(record: &Record<'_>, entry: &MessageEntry, field: FieldId) -> bool {
    let name = FIELDS[field.0 as usize].name;
    let Some(group) = ["ticket.system.", "reason.code."].into_iter().find(|group| name.starts_with(group))
    else {
        return false;
    };
    record.iter().any(|(other, ..)| {
        other != field
            && FIELDS[other.0 as usize].name.starts_with(group)
            && entry.message.fit(record, other).fit == Fit::Exact
            && entry.message.carries(other).is_some()
    })
}

fn refusal(name: &str, value: &str, fit: Fit) -> String {
    let short: String = value.chars().take(100).collect();
    match fit {
        Fit::Limited => format!("{name} ({short}) lies outside of what the server behind this gateway takes"),
        _ => format!("the server behind this gateway has no place for {name} ({short})"),
    }
}

/// What the target requires, and what the configuration adds wherever nobody said it.
fn supply(
    record: &mut Record<'_>,
    entry: &MessageEntry,
    chosen: &Chosen<'_>,
    decided: &mut Decided,
    watch: &mut impl Watch,
) -> Result<(), Fault> {
    let message = &entry.message;
    let nobody = record.get(REQUESTER_ID).is_none() && record.get(REQUESTER_NAME).is_none();
    if let Some(user) =
        chosen.principal.as_user.as_ref().filter(|_| nobody && message.carries(REQUESTER_NAME).is_some())
    {
        let supply = say(record, REQUESTER_NAME, Value::Text(Cow::Owned(user.clone())));
        watch.supplied(REQUESTER_NAME, &supply, Supplier::AsUser);
        decided.supplies.push(supply);
    }
    for (field, value) in chosen.policy.supplies() {
        // A length that nobody said is the policy's to decide, unless the target can't do without.
        let needed = field != LENGTH || message.required().contains(&LENGTH);
        if needed && record.get(field).is_none() && message.carries(field).is_some() {
            let supply = say(record, field, value.clone());
            let by = if chosen.policy.is_default(field) { Supplier::Default } else { Supplier::Configured };
            watch.supplied(field, &supply, by);
            decided.supplies.push(supply);
        }
    }
    let missing = message.required().iter().filter(|field| record.get(**field).is_none());
    let missing: Vec<Problem> = missing
        .map(|field| {
            let name = FIELDS[field.0 as usize].name;
            let text = format!("the server behind this gateway needs {name}, and nobody says or supplies it");
            Problem::new("", text)
        })
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Fault { word: "invalid.incomplete", ..Fault::invalid(missing) }),
    }
}

/// A window ends at some time, and times end with the year 9999: an end beyond it can't be written, nor told as lost.
fn ends(record: &Record<'_>, caller_route: &Route, pair: &Pair) -> Result<(), Fault> {
    let (Some(Value::Time(start)), Some(Value::Length(length))) = (record.get(START), record.get(LENGTH))
    else {
        return Ok(());
    };
    if start.checked_add(SignedDuration::from_secs(*length)).is_ok() {
        return Ok(());
    }
    let said_at = caller_route.send.map(|number| &pair.caller.dialect.message(number).message);
    let pointer = said_at.and_then(|message| message.place_of(START)).unwrap_or_default();
    let text = "what begins then would end after the year 9999".to_owned();
    Err(Fault::invalid(vec![Problem::new(pointer, text)]))
}

fn say(record: &mut Record<'_>, field: FieldId, value: Value<'static>) -> Supply {
    let supply = Supply { field: FIELDS[field.0 as usize].name, value: value.to_string() };
    record.say(field, value);
    supply
}

/// The sentence for approvers. Vendors' servers refuse `<`, which could begin a tag.
fn sentence(field: FieldId, value: &str) -> String {
    let answers = FIELDS[field.0 as usize].kind == Type::Bool;
    let value = match value {
        "true" if answers => "yes",
        "false" if answers => "no",
        value => value,
    };
    let field = &FIELDS[field.0 as usize];
    let template = if field.note.is_empty() { "Asked for, and not to be said here: {}." } else { field.note };
    template.replace("{}", &value.replace(['<', '>'], " ").replace(char::is_control, " "))
}

/// Adds the sentences to the reason; neither it nor a note is ever cut.
fn add_notes(
    record: &mut Record<'_>,
    entry: &MessageEntry,
    notes: &[(FieldId, String)],
    losses: &[Loss],
) -> Result<(), Fault> {
    if notes.is_empty() {
        return Ok(());
    }
    let mut reason = record.text(REASON).unwrap_or_default().to_owned();
    for (_, note) in notes {
        if !reason.is_empty() {
            reason.push(' ');
        }
        reason.push_str(note);
    }
    record.say(REASON, Value::Text(Cow::Owned(reason)));
    if entry.message.fit(record, REASON).fit == Fit::Exact {
        return Ok(());
    }
    let names: Vec<&str> = notes.iter().map(|(field, _)| FIELDS[field.0 as usize].name).collect();
    let text = format!("what must be noted of {} does not fit into the reason", names.join(", "));
    let noted = losses.iter().filter(|loss| names.contains(&loss.field));
    let losses = noted.map(|loss| Loss { treatment: Treatment::Refuse, ..loss.clone() }).collect();
    Err(Fault { losses, ..Fault::new("invalid.not-carried", text) })
}
