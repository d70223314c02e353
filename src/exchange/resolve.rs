//! References: from what they mean at the caller's side to what they mean at the upstream's.
use std::borrow::Cow;

use arrayvec::ArrayVec;

use crate::canonical::field::known::KIND;
use crate::canonical::field::{FIELDS, access};
use crate::canonical::{Fault, FieldId, Fit, Loss, Record, Treatment, Value};
use crate::crosswalk::{Crosswalk, Entry, Kind, NotFound, Part};
use crate::dialect::Dialect;
use crate::mapping::Message;

use super::groups::{GROUP_OF, GROUPS, GROUPS_COUNT, Group};
use super::watch::{Given, Reference, Watch, Weighed};
use super::{Context, Pair, Plan, Principal};

/// What resolving found beside the references themselves.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// What the crosswalk knows of the target in the caller's words; nothing, where no reply shows it.
    pub(super) known: Vec<(FieldId, String)>,
    /// What people call a reference that the upstream has no place for: a note with an id alone tells nobody anything.
    pub(super) names: Vec<(FieldId, String)>,
    /// What was said, and leads nowhere: it is left out.
    pub(super) lost: Vec<Loss>,
}

/// A list of at most as many as there are fields: a record has each of them once, and none is asked of the allocator.
type Few<T> = ArrayVec<T, { FIELDS.len() }>;

pub(super) const REQUESTER: &[(FieldId, Part)] = &[
    (access("requester.id"), Part::OWN_ID),
    (access("requester.name"), Part::OWN_NAME),
    (access("requester.provider"), Part::PROVIDER),
];

/// Between whom references are resolved, and where they were said.
#[derive(Clone, Copy)]
pub(super) struct Between<'b> {
    pub(super) pair: &'b Pair,
    pub(super) plan: &'b Plan,
    pub(super) principal: &'b Principal,
    /// The message that the caller said them in, whose places a fault names.
    pub(super) said: Option<&'b Message>,
}

/// Replaces every reference of a record by what it is at the upstream.
///
/// # Errors
/// A reference that leads nowhere, or to several things; a requester that the upstream's session isn't.
pub(super) fn resolve<'c>(
    record: &mut Record<'c>,
    between: Between<'_>,
    context: Context<'c>,
    watch: &mut impl Watch,
) -> Result<Resolved, Fault> {
    let mut resolved = Resolved::default();
    let same_space = between.pair.caller.space == between.pair.upstream.space;
    if !same_space {
        let mut met = [false; GROUPS_COUNT];
        for group in record.iter().filter_map(|(field, ..)| GROUP_OF[field.0 as usize]) {
            met[group] = true;
        }
        for (at, group) in GROUPS.iter().enumerate().filter(|(at, _)| met[*at]) {
            let has_place = between.plan.places[at];
            one(group, has_place, record, between, context, (&mut resolved, watch))?;
        }
    }
    requester(record, between, context, same_space, (&mut resolved, watch))?;
    Ok(resolved)
}

fn one<'c>(
    group: &Group,
    has_place: bool,
    record: &mut Record<'c>,
    between: Between<'_>,
    context: Context<'c>,
    (resolved, watch): (&mut Resolved, &mut impl Watch),
) -> Result<(), Fault> {
    if !has_place {
        resolved.names.extend(named(group, record, between.pair, context, watch));
        return Ok(());
    }
    let crossed = crossed(group, record, between, context, watch)?;
    match crossed {
        Crossed::NotGiven => return Ok(()),
        Crossed::LeftOut => leave_out(group, record, &mut resolved.lost, watch),
        Crossed::To(_) => {}
    }
    for field in &group.fields {
        if record.text(*field).is_some() {
            record.remove(*field);
        }
    }
    let Crossed::To(entry) = crossed else { return Ok(()) };
    for (part, text) in entry.parts(&between.pair.upstream.space) {
        if let Some(field) = group.field(part) {
            record.say_text(field, text);
        }
    }
    if between.plan.shows_asked {
        let parts = entry.parts(&between.pair.caller.space);
        resolved.known.extend(parts.filter_map(|(part, text)| Some((group.field(part)?, text.to_owned()))));
    }
    Ok(())
}

/// Tells as lost what leads nowhere. Its own server may take no notice either; but it may be the crosswalk that lacks it.
fn leave_out(group: &Group, record: &Record<'_>, lost: &mut Vec<Loss>, watch: &mut impl Watch) {
    let (fit, treatment) = (Fit::Nowhere, Treatment::Drop);
    for (field, text) in given(group, record) {
        let value = Value::Text(Cow::Borrowed(text));
        watch.weighed(&Weighed {
            field,
            value: &value,
            fit: Some(fit),
            treatment: Some(treatment),
            wrote: None,
            why: "",
        });
        let (field, value) = (FIELDS[field.0 as usize].name, text.to_owned());
        lost.push(Loss { field, value, fit, treatment, wrote: None });
    }
}

/// The target that a record means, where the crosswalk knows it in the caller's space.
pub fn target<'c>(
    record: &Record<'_>,
    caller: &Dialect,
    space: &str,
    crosswalk: &'c Crosswalk,
) -> Option<Entry<'c>> {
    let group = GROUPS.first()?;
    let parts = parts(group, given(group, record))?;
    crosswalk.find(group.kind, space, &parts, record.text(KIND), &caller.find).ok()
}

/// What a message says of a group.
fn given<'r>(group: &Group, record: &'r Record<'_>) -> impl Iterator<Item = Given<'r>> {
    record.iter().filter_map(|(field, value, _)| match value {
        Value::Text(text) if group.has(field) => Some((field, text.as_ref())),
        _ => None,
    })
}

/// The same as the crosswalk has it; none where it has no such part.
fn parts<'r>(group: &Group, given: impl Iterator<Item = Given<'r>>) -> Option<Few<(Part, &'r str)>> {
    given.map(|(field, text)| Some((group.part(field)?, text))).collect()
}

/// What people call a reference that the upstream has no place for.
fn named(
    group: &Group,
    record: &Record<'_>,
    pair: &Pair,
    context: Context<'_>,
    watch: &mut impl Watch,
) -> Option<(FieldId, String)> {
    let mut all = given(group, record);
    let (Some(id @ (field, text)), None) = (all.next(), all.next()) else { return None };
    group.part(field).filter(|part| *part == Part::OWN_ID)?;
    let caller = &pair.caller;
    let entry = context.crosswalk.find(
        group.kind,
        &caller.space,
        &[(Part::OWN_ID, text)],
        None,
        &caller.dialect.find,
    );
    let entry = entry.ok()?;
    let mut spaces = [&caller.space, &pair.upstream.space].into_iter();
    let name =
        spaces.find_map(|space| entry.part(space, Part::OWN_NAME)).or_else(|| entry.any(Part::OWN_NAME))?;
    watch.reference(&[id], &Reference::Named(group.kind, entry));
    Some((field, name.to_owned()))
}

/// Where a reference leads.
enum Crossed<'c> {
    /// Nothing was given of it.
    NotGiven,
    /// Nowhere, and its own server would make nothing of it either.
    LeftOut,
    /// To an entry of the crosswalk.
    To(Entry<'c>),
}

/// Looks a reference up.
///
/// # Errors
/// A reference that leads nowhere, or to several things.
fn crossed<'c>(
    group: &Group,
    record: &Record<'_>,
    Between { pair, said, .. }: Between<'_>,
    context: Context<'c>,
    watch: &mut impl Watch,
) -> Result<Crossed<'c>, Fault> {
    let all: Few<Given<'_>> = given(group, record).collect();
    if all.is_empty() {
        return Ok(Crossed::NotGiven);
    }
    let caller = &pair.caller;
    let kind = record.text(KIND).filter(|_| group.kind == Kind::Target);
    let parts = parts(group, all.iter().copied()).ok_or(NotFound::Unknown);
    let found = parts.and_then(|parts| {
        context.crosswalk.find(group.kind, &caller.space, &parts, kind, &caller.dialect.find)
    });
    let found = found.and_then(|entry| {
        // What is known there by nothing that can be asked by is not known.
        let mut parts = entry.parts(&pair.upstream.space);
        match parts.any(|(part, _)| group.field(part).is_some()) {
            true => Ok(entry),
            false => Err(NotFound::Unknown),
        }
    });
    match found {
        Ok(entry) => {
            watch.reference(&all, &Reference::Crossed(group.kind, entry));
            Ok(Crossed::To(entry))
        }
        Err(_) if caller.dialect.unknown_is_none.iter().any(|name| name == group.name) => {
            watch.reference(&all, &Reference::LeftOut);
            Ok(Crossed::LeftOut)
        }
        Err(why) => {
            let fault = not_found(group, why, &all, kind, &caller.space);
            let looked_for: Vec<String> = all
                .iter()
                .map(|(field, text)| match said.and_then(|said| said.place_of(*field)) {
                    Some(place) => format!("{} {}", place.trim_start_matches('/'), shortened(text)),
                    None => format!("{} {}", FIELDS[field.0 as usize].name, shortened(text)),
                })
                .collect();
            let (one, many) = ("nothing is known as", "more than one is known as");
            let known = if why == NotFound::Unknown { one } else { many };
            Err(Fault { text: format!("{known} {}", looked_for.join(", ")), ..fault })
        }
    }
}

fn not_found(group: &Group, why: NotFound, given: &[Given<'_>], kind: Option<&str>, space: &str) -> Fault {
    let word = match why {
        NotFound::Unknown => group.fault,
        NotFound::Several(_) => "invalid.ambiguous",
    };
    let named = |field: FieldId| {
        let name = FIELDS[field.0 as usize].name;
        name.strip_prefix(group.prefix).unwrap_or(name)
    };
    let parts: Vec<(&str, &str)> = given.iter().map(|(field, text)| (named(*field), *text)).collect();
    Fault::new(word, "").because(why.describe(group.kind, space, &parts, kind))
}

fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// For whom: where the upstream's session says it, it must be that user; where a body says it, the user is translated,
/// and supplied where the caller's own session said it.
fn requester<'c>(
    record: &mut Record<'c>,
    Between { pair, plan, principal, .. }: Between<'_>,
    context: Context<'c>,
    same_space: bool,
    (resolved, watch): (&mut Resolved, &mut impl Watch),
) -> Result<(), Fault> {
    let said = REQUESTER.iter().filter_map(|(field, part)| Some((*field, *part, record.text(*field)?)));
    let (given, parts): (Vec<Given<'_>>, Vec<(Part, &str)>) =
        said.map(|(field, part, text)| ((field, text), (part, text))).unzip();
    if given.is_empty() {
        return Ok(());
    }
    let describe = |why: &NotFound| {
        let named: Vec<(&str, &str)> = parts.iter().map(|(part, text)| (part.name(), *text)).collect();
        why.describe(Kind::User, &pair.caller.space, &named, None)
    };
    let by_session = pair.upstream.dialect.session_carries("requester");
    let entry = match same_space {
        true => None,
        false => {
            let rules = &pair.caller.dialect.find;
            let found = context.crosswalk.find(Kind::User, &pair.caller.space, &parts, None, rules);
            Some(found)
        }
    };
    if let Some(Ok(entry)) = entry.as_ref().filter(|_| plan.shows_asked) {
        let parts = REQUESTER
            .iter()
            .filter_map(|(field, part)| Some((*field, entry.part(&pair.caller.space, *part)?.to_owned())));
        resolved.known.extend(parts);
    }
    let name = match &entry {
        None => parts.iter().find(|(part, _)| *part == Part::OWN_NAME).map(|(_, name)| (*name).to_owned()),
        Some(Ok(entry)) => entry.part(&pair.upstream.space, Part::OWN_NAME).map(str::to_owned),
        Some(Err(_)) => None,
    };
    if by_session {
        let same =
            principal.as_user.as_ref().zip(name).is_some_and(|(is, asked)| is.eq_ignore_ascii_case(&asked));
        if !same {
            let text = "this is asked for on behalf of somebody that the gateway does not act for";
            let cause = match &entry {
                Some(Err(why)) => describe(why),
                _ => {
                    "the user that was named is not the one whose session the upstream is called with".into()
                }
            };
            return Err(Fault::new("not-permitted.other-requester", text).because(cause));
        }
        watch.reference(&given, &Reference::Session);
        REQUESTER.iter().for_each(|(field, _)| drop(record.remove(*field)));
        return Ok(());
    }
    let entry = match entry {
        None => return Ok(()),
        Some(Ok(entry)) => entry,
        Some(Err(why)) => {
            let fault = Fault::new("not-found.user", "the user is not known");
            return Err(fault.because(describe(&why)));
        }
    };
    watch.reference(&given, &Reference::Crossed(Kind::User, entry));
    REQUESTER.iter().for_each(|(field, _)| drop(record.remove(*field)));
    for (field, part) in REQUESTER {
        if let Some(text) = entry.part(&pair.upstream.space, *part) {
            record.say_text(*field, text);
        }
    }
    Ok(())
}
