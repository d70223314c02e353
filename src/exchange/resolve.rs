//! References: from what they mean at the caller's side to what they mean at the upstream's.
use std::borrow::Cow;
use std::sync::LazyLock;

use arrayvec::ArrayVec;

use crate::canonical::field::known::KIND;
use crate::canonical::field::{FIELDS, access};
use crate::canonical::{Fault, FieldId, Fit, Loss, Record, Treatment, Value};
use crate::crosswalk::{Crosswalk, Entry, Kind, NotFound};
use crate::dialect::{Dialect, Operation};
use crate::mapping::Message;

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

/// A group of fields that together are one reference.
pub(super) struct Group {
    pub(super) kind: Kind,
    /// `target.` and the like: what stands before the crosswalk's part.
    pub(super) prefix: &'static str,
    /// As a dialect's `find` table calls it.
    pub(super) name: &'static str,
    fault: &'static str,
    /// Its fields, with the crosswalk's names for them.
    pub(super) fields: Vec<(FieldId, &'static str)>,
    /// The same, by field.
    parts: Vec<Option<&'static str>>,
}

impl Group {
    fn new(kind: Kind, prefix: &'static str, name: &'static str, fault: &'static str) -> Group {
        let fields = FIELDS.iter().enumerate();
        let fields =
            fields.filter_map(|(at, field)| Some((FieldId(at as u8), field.name.strip_prefix(prefix)?)));
        let parts = FIELDS.iter().map(|field| field.name.strip_prefix(prefix)).collect();
        Group { kind, prefix, name, fault, fields: fields.collect(), parts }
    }

    /// The crosswalk's name for a field of this group.
    pub(super) fn part(&self, field: FieldId) -> Option<&'static str> {
        self.parts[field.0 as usize]
    }

    /// The field that the crosswalk's part says.
    pub(super) fn field(&self, part: &str) -> Option<FieldId> {
        self.fields.iter().find(|(_, known)| *known == part).map(|(field, _)| *field)
    }

    /// Whether any message or path of an operation has a place for one of its fields.
    pub(super) fn has_place(&self, dialect: &Dialect, operation: &Operation) -> bool {
        operation.routes.iter().any(|route| {
            let in_path = route.fields().any(|field| self.part(field).is_some());
            let message = route.send.map(|number| &dialect.message(number).message);
            in_path
                || message.is_some_and(|message| {
                    self.fields.iter().any(|(field, _)| message.carries(*field).is_some())
                })
        })
    }
}

/// How many groups there are.
pub(super) const GROUPS_COUNT: usize = 4;

pub(super) static GROUPS: LazyLock<[Group; GROUPS_COUNT]> = LazyLock::new(|| {
    [
        Group::new(Kind::Target, "target.", "system", "not-found.target"),
        Group::new(Kind::TicketSystem, "ticket.system.", "ticket_system", "not-found.reference"),
        Group::new(Kind::ReasonCode, "reason.code.", "reason_code", "not-found.reference"),
        Group::new(Kind::Schedule, "schedule.", "schedule", "not-found.reference"),
    ]
});

/// By field: the group that it belongs to. A record is looked through once, not once a group.
static GROUP_OF: LazyLock<Vec<Option<usize>>> = LazyLock::new(|| {
    let group = |at| GROUPS.iter().position(|group| group.part(FieldId(at as u8)).is_some());
    (0..FIELDS.len()).map(group).collect()
});

/// By group: whether an operation has a place for it.
pub(super) fn places(dialect: &Dialect, operation: &Operation) -> [bool; GROUPS_COUNT] {
    GROUPS.each_ref().map(|group| group.has_place(dialect, operation))
}

/// A list of at most as many as there are fields: a record has each of them once, and none is asked of the allocator.
type Few<T> = ArrayVec<T, { FIELDS.len() }>;

pub(super) const REQUESTER: &[(FieldId, &str)] = &[
    (access("requester.id"), "id"),
    (access("requester.name"), "name"),
    (access("requester.provider"), "provider"),
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
    for (field, _) in &group.fields {
        if record.text(*field).is_some() {
            record.remove(*field);
        }
    }
    let Crossed::To(entry) = crossed else { return Ok(()) };
    for (part, text) in entry.parts(&between.pair.upstream.space) {
        if let Some(field) = group.field(part) {
            record.say(field, Value::Text(Cow::Borrowed(text)));
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
    for (field, _, text) in given(group, record) {
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
    let mut parts = Few::<(&str, &str)>::new();
    parts.extend(given(group, record).map(|(_, part, text)| (part, text)));
    crosswalk.find(group.kind, space, &parts, record.text(KIND), &caller.find).ok()
}

/// What a message says of a group.
fn given<'r>(group: &Group, record: &'r Record<'_>) -> impl Iterator<Item = Given<'r>> {
    record.iter().filter_map(|(field, value, _)| match (group.part(field), value) {
        (Some(part), Value::Text(text)) => Some((field, part, text.as_ref())),
        _ => None,
    })
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
    let (Some(id @ (field, "id", text)), None) = (all.next(), all.next()) else { return None };
    let caller = &pair.caller;
    let entry =
        context.crosswalk.find(group.kind, &caller.space, &[("id", text)], None, &caller.dialect.find);
    let entry = entry.ok()?;
    let mut spaces = [&caller.space, &pair.upstream.space].into_iter();
    let name = spaces.find_map(|space| entry.part(space, "name")).or_else(|| entry.any("name"))?;
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
    let (mut all, mut parts) = (Few::<Given<'_>>::new(), Few::<(&str, &str)>::new());
    all.extend(given(group, record));
    parts.extend(all.iter().map(|(_, part, text)| (*part, *text)));
    if all.is_empty() {
        return Ok(Crossed::NotGiven);
    }
    let caller = &pair.caller;
    let kind = record.text(KIND).filter(|_| group.kind == Kind::Target);
    let found = context.crosswalk.find(group.kind, &caller.space, &parts, kind, &caller.dialect.find);
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
            let fault = not_found(group, why, &parts, kind, &caller.space);
            let looked_for: Vec<String> = all
                .iter()
                .map(|(field, part, text)| match said.and_then(|said| said.place_of(*field)) {
                    Some(place) => format!("{} {}", place.trim_start_matches('/'), shortened(text)),
                    None => format!("{}{part} {}", group.prefix, shortened(text)),
                })
                .collect();
            let (one, many) = ("nothing is known as", "more than one is known as");
            let known = if why == NotFound::Unknown { one } else { many };
            Err(Fault { text: format!("{known} {}", looked_for.join(", ")), ..fault })
        }
    }
}

fn not_found(group: &Group, why: NotFound, parts: &[(&str, &str)], kind: Option<&str>, space: &str) -> Fault {
    let word = match why {
        NotFound::Unknown => group.fault,
        NotFound::Several(_) => "invalid.ambiguous",
    };
    Fault::new(word, "").because(why.describe(group.kind, space, parts, kind))
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
    let given: Vec<Given<'_>> =
        REQUESTER.iter().filter_map(|(field, part)| Some((*field, *part, record.text(*field)?))).collect();
    if given.is_empty() {
        return Ok(());
    }
    let parts: Vec<(&str, &str)> = given.iter().map(|(_, part, text)| (*part, *text)).collect();
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
            let cause = match &entry {
                Some(Err(why)) => why.describe(Kind::User, &pair.caller.space, &parts, None),
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
            let cause = why.describe(Kind::User, &pair.caller.space, &parts, None);
            return Err(Fault::new("not-found.user", "the user is not known").because(cause));
        }
    };
    watch.reference(&given, &Reference::Crossed(Kind::User, entry));
    REQUESTER.iter().for_each(|(field, _)| drop(record.remove(*field)));
    for (field, part) in REQUESTER {
        if let Some(text) = entry.part(&pair.upstream.space, part) {
            record.say(*field, Value::Text(Cow::Borrowed(text)));
        }
    }
    Ok(())
}
