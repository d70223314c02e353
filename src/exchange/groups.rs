//! Which fields together are one reference, and what each is in the crosswalk.
use std::sync::LazyLock;

use crate::canonical::FieldId;
use crate::canonical::field::FIELDS;
use crate::crosswalk::{Kind, Part};
use crate::dialect::{Dialect, Operation};

/// A group of fields that together are one reference.
pub(super) struct Group {
    pub(super) kind: Kind,
    /// `target.` and the like: what stands before the crosswalk's part.
    pub(super) prefix: &'static str,
    /// As a dialect's `find` table calls it.
    pub(super) name: &'static str,
    /// What it is where it leads nowhere.
    pub(super) fault: &'static str,
    pub(super) fields: Vec<FieldId>,
    /// By field of all there are.
    members: Vec<Option<Member>>,
    /// By the crosswalk's part: the field that says it.
    says: [Option<FieldId>; Part::COUNT],
}

/// A field of a group.
#[derive(Clone, Copy)]
struct Member {
    /// What it is in the crosswalk; none where no entry could carry it: whoever says it finds nothing.
    part: Option<Part>,
}

impl Group {
    fn new(kind: Kind, prefix: &'static str, name: &'static str, fault: &'static str) -> Group {
        let member = |name: &str| Some(Member { part: Part::of(kind, name.strip_prefix(prefix)?) });
        let members: Vec<_> = FIELDS.iter().map(|field| member(field.name)).collect();
        let with =
            members.iter().enumerate().filter_map(|(at, member)| Some((FieldId(at as u8), (*member)?)));
        let fields = with.clone().map(|(field, _)| field).collect();
        let mut says = [None; Part::COUNT];
        for (field, Member { part }) in with {
            if let Some(part) = part {
                says[part.number()] = Some(field);
            }
        }
        Group { kind, prefix, name, fault, fields, members, says }
    }

    /// Whether a field is one of this group.
    pub(super) fn has(&self, field: FieldId) -> bool {
        self.members[field.0 as usize].is_some()
    }

    /// What a field of this group is in the crosswalk.
    pub(super) fn part(&self, field: FieldId) -> Option<Part> {
        self.members[field.0 as usize]?.part
    }

    /// The field that says a part.
    pub(super) fn field(&self, part: Part) -> Option<FieldId> {
        self.says[part.number()]
    }

    /// Whether any message or path of an operation has a place for one of its fields.
    pub(super) fn has_place(&self, dialect: &Dialect, operation: &Operation) -> bool {
        operation.routes.iter().any(|route| {
            let in_path = route.fields().any(|field| self.has(field));
            let message = route.send.map(|number| &dialect.message(number).message);
            in_path
                || message
                    .is_some_and(|message| self.fields.iter().any(|field| message.carries(*field).is_some()))
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
pub(super) static GROUP_OF: LazyLock<Vec<Option<usize>>> = LazyLock::new(|| {
    let group = |at| GROUPS.iter().position(|group| group.has(FieldId(at as u8)));
    (0..FIELDS.len()).map(group).collect()
});

/// By group: whether an operation has a place for it.
pub(super) fn places(dialect: &Dialect, operation: &Operation) -> [bool; GROUPS_COUNT] {
    GROUPS.each_ref().map(|group| group.has_place(dialect, operation))
}
