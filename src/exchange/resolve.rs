//! References: from what they mean at the caller's side to what they mean at the upstream's.
use std::borrow::Cow;

use crate::canonical::field::known::KIND;
use crate::canonical::field::{FIELDS, access};
use crate::canonical::{Fault, FieldId, Record, Shape, Value};
use crate::crosswalk::{Entry, Kind, NotFound};
use crate::dialect::{Dialect, Operation};

use super::{Context, Pair, Principal};

/// What resolving found beside the references themselves.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// What the crosswalk knows of the target in the caller's words.
    pub(super) known: Vec<(FieldId, String)>,
}

/// A group of fields that together are one reference.
struct Group {
    kind: Kind,
    /// `target.` and the like: what stands before the crosswalk's part.
    prefix: &'static str,
    /// As a dialect's `find` table calls it.
    name: &'static str,
    fault: &'static str,
}

const GROUPS: &[Group] = &[
    Group { kind: Kind::Target, prefix: "target.", name: "system", fault: "not-found.target" },
    Group {
        kind: Kind::TicketSystem,
        prefix: "ticket.system.",
        name: "ticket_system",
        fault: "not-found.reference",
    },
    Group {
        kind: Kind::ReasonCode,
        prefix: "reason.code.",
        name: "reason_code",
        fault: "not-found.reference",
    },
    Group { kind: Kind::Schedule, prefix: "schedule.", name: "schedule", fault: "not-found.reference" },
];

const REQUESTER: &[(FieldId, &str)] = &[
    (access("requester.id"), "id"),
    (access("requester.name"), "name"),
    (access("requester.provider"), "provider"),
];

/// Replaces every reference of a record by what it is at the upstream.
///
/// # Errors
/// A reference that leads nowhere, or to several things; a requester that the upstream's session isn't.
pub(super) fn resolve(
    record: &mut Record<'_>,
    pair: &Pair,
    context: Context<'_>,
    principal: &Principal,
    operation: &Operation,
) -> Result<Resolved, Fault> {
    let mut resolved = Resolved::default();
    let same_space = pair.caller.space == pair.upstream.space;
    if !same_space {
        for group in GROUPS {
            one(group, record, pair, context, operation, &mut resolved)?;
        }
    }
    requester(record, pair, context, principal, same_space, &mut resolved)?;
    Ok(resolved)
}

/// Whether any message or path of an operation has a place for a group's fields.
fn has_place(dialect: &Dialect, operation: &Operation, fields: &[FieldId]) -> bool {
    operation.routes.iter().any(|route| {
        let in_path = route.fields().any(|field| fields.contains(&field));
        let message = route.send.map(|number| &dialect.message(number).message);
        in_path || message.is_some_and(|message| fields.iter().any(|field| message.carries(*field).is_some()))
    })
}

fn fields_of(prefix: &str) -> Vec<FieldId> {
    let fields = FIELDS.iter().enumerate().filter(|(_, field)| field.name.starts_with(prefix));
    fields.map(|(at, _)| FieldId(at as u8)).collect()
}

fn one(
    group: &Group,
    record: &mut Record<'_>,
    pair: &Pair,
    context: Context<'_>,
    operation: &Operation,
    resolved: &mut Resolved,
) -> Result<(), Fault> {
    let given: Vec<(FieldId, String)> = record
        .iter()
        .filter(|(field, ..)| FIELDS[field.0 as usize].name.starts_with(group.prefix))
        .filter_map(|(field, value, _)| match value {
            Value::Text(text) => Some((field, text.to_string())),
            _ => None,
        })
        .collect();
    if given.is_empty() || !has_place(&pair.upstream.dialect, operation, &fields_of(group.prefix)) {
        return Ok(());
    }
    let part = |field: FieldId| &FIELDS[field.0 as usize].name[group.prefix.len()..];
    let parts: Vec<(&str, &str)> = given.iter().map(|(field, text)| (part(*field), text.as_str())).collect();
    let caller = &pair.caller;
    let kind = record.text(KIND).filter(|_| group.kind == Kind::Target).map(str::to_owned);
    let found =
        context.crosswalk.find(group.kind, &caller.space, &parts, kind.as_deref(), &caller.dialect.find);
    let found = found.and_then(|entry| match entry.has_space(&pair.upstream.space) {
        true => Ok(entry),
        false => Err(NotFound::Unknown),
    });
    let entry = match found {
        Ok(entry) => entry,
        Err(_) if caller.dialect.unknown_is_none.iter().any(|name| name == group.name) => {
            given.iter().for_each(|(field, _)| drop(record.remove(*field)));
            return Ok(());
        }
        Err(why) => return Err(not_found(group, why, &parts, kind.as_deref(), &caller.space)),
    };
    for (field, _) in &given {
        record.remove(*field);
    }
    for (name, text) in entry.parts(&pair.upstream.space) {
        if let Some(field) = Shape::Access.find(&format!("{}{name}", group.prefix)) {
            record.say(field, Value::Text(Cow::Owned(text.to_owned())));
        }
    }
    known(group, &entry, &caller.space, resolved);
    Ok(())
}

fn known(group: &Group, entry: &Entry<'_>, space: &str, resolved: &mut Resolved) {
    let parts = entry.parts(space);
    let fields = parts.filter_map(|(name, text)| {
        Some((Shape::Access.find(&format!("{}{name}", group.prefix))?, text.to_owned()))
    });
    resolved.known.extend(fields);
}

fn not_found(group: &Group, why: NotFound, parts: &[(&str, &str)], kind: Option<&str>, space: &str) -> Fault {
    let looked_for: Vec<String> =
        parts.iter().map(|(part, text)| format!("{}{part} {}", group.prefix, shortened(text))).collect();
    let looked_for = looked_for.join(", ");
    let cause = why.describe(group.kind, space, parts, kind);
    match why {
        NotFound::Unknown => {
            Fault::new(group.fault, format!("nothing is known as {looked_for}")).because(cause)
        }
        NotFound::Several(_) => {
            Fault::new("invalid.ambiguous", format!("more than one is known as {looked_for}")).because(cause)
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// For whom: where the upstream's session says it, it must be that user; where a body says it, the user is translated,
/// and supplied where the caller's own session said it.
fn requester(
    record: &mut Record<'_>,
    pair: &Pair,
    context: Context<'_>,
    principal: &Principal,
    same_space: bool,
    resolved: &mut Resolved,
) -> Result<(), Fault> {
    let given: Vec<(FieldId, &str, String)> = REQUESTER
        .iter()
        .filter_map(|(field, part)| Some((*field, *part, record.text(*field)?.to_owned())))
        .collect();
    if given.is_empty() {
        return Ok(());
    }
    let parts: Vec<(&str, &str)> = given.iter().map(|(_, part, text)| (*part, text.as_str())).collect();
    let by_session = pair.upstream.dialect.session_carries("requester");
    let entry = match same_space {
        true => None,
        false => {
            let rules = &pair.caller.dialect.find;
            let found = context.crosswalk.find(Kind::User, &pair.caller.space, &parts, None, rules);
            Some(found)
        }
    };
    if let Some(Ok(entry)) = &entry {
        let parts = REQUESTER
            .iter()
            .filter_map(|(field, part)| Some((*field, entry.part(&pair.caller.space, part)?.to_owned())));
        resolved.known.extend(parts);
    }
    let name = match &entry {
        None => parts.iter().find(|(part, _)| *part == "name").map(|(_, name)| (*name).to_owned()),
        Some(Ok(entry)) => entry.part(&pair.upstream.space, "name").map(str::to_owned),
        Some(Err(_)) => None,
    };
    if by_session {
        let same =
            principal.as_user.as_ref().zip(name).is_some_and(|(is, asked)| is.eq_ignore_ascii_case(&asked));
        if !same {
            let text = "this is asked for on behalf of somebody that the gateway does not act for";
            return Err(Fault::new("not-permitted.other-requester", text));
        }
        given.iter().for_each(|(field, ..)| drop(record.remove(*field)));
        return Ok(());
    }
    let entry = match entry {
        None => return Ok(()),
        Some(Ok(entry)) => entry,
        Some(Err(why)) => {
            let cause = why.describe(Kind::User, &pair.caller.space, &parts, None);
            return Err(Fault::new("not-found.user", "the user is not known").because(cause));
        }
    };
    given.iter().for_each(|(field, ..)| drop(record.remove(*field)));
    for (field, part) in REQUESTER {
        if let Some(text) = entry.part(&pair.upstream.space, part) {
            record.say(*field, Value::Text(Cow::Owned(text.to_owned())));
        }
    }
    Ok(())
}
