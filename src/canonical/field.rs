//! The canonical fields, their types, and what policy does by default where a target has no place for one.
use super::loss::Treatment::{self, Drop, Note, Refuse};

/// A field's number within its [`Shape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u8);

/// What a record describes, and so which fields it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// An access request, a reply to one, a list filter, an action's comment, or a fault.
    Access,
    /// One who may approve: an item of `approvals.approvers`.
    Approver,
    /// A parameter of a connection: a value of `access.parameters`.
    Parameter,
    /// One thing wrong with a message: an item of `fault.problems`.
    Problem,
    /// A stretch of time: an item of `availability`.
    Period,
    /// One step of a request's life: an item of `history`.
    Event,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// An id: digits or text, exactly as they were, compared as text.
    Id,
    /// A text.
    Text,
    /// A dotted word of the vocabulary under the field's name.
    Word,
    /// True or false.
    Bool,
    /// A point in time.
    Time,
    /// A length of time, in seconds.
    Length,
    /// A whole number.
    Count,
    /// Names and texts.
    Texts,
    /// Names and records.
    Map(Shape),
    /// Records in their order.
    List(Shape),
}

/// One field.
#[derive(Debug)]
pub struct Field {
    /// Dotted, as tables write it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// What becomes of a value that the target has no place for, unless the configuration says otherwise.
    pub treatment: Treatment,
    /// The sentence for approvers that a note makes of it; `{}` is the value. Empty: the general sentence.
    pub note: &'static str,
}

const fn field(name: &'static str, kind: Type, treatment: Treatment, note: &'static str) -> Field {
    Field { name, kind, treatment, note }
}

use Type::{Bool, Count, Id, Length, List, Map, Text, Texts, Time, Word};

/// All fields of an access request and of the replies about one.
pub const FIELDS: &[Field] = &[
    field("request.id", Id, Refuse, ""),
    field("requester.id", Id, Refuse, ""),
    field("requester.name", Text, Refuse, ""),
    field("requester.provider", Text, Refuse, ""),
    field("requester.full_name", Text, Drop, ""),
    field("requester.email", Text, Drop, ""),
    field("target.system.id", Id, Refuse, ""),
    field("target.system.name", Text, Refuse, ""),
    field("target.system.address", Text, Refuse, ""),
    field("target.account.id", Id, Refuse, ""),
    field("target.account.name", Text, Refuse, ""),
    field("target.account.domain", Text, Refuse, ""),
    field("target.account.user", Text, Drop, ""),
    field("target.account.distinguished_name", Text, Drop, ""),
    field("target.account.asset.id", Id, Refuse, ""),
    field("target.account.asset.name", Text, Refuse, ""),
    field("target.account.properties", Texts, Drop, ""),
    field("target.alias.id", Id, Refuse, ""),
    field("target.application.id", Id, Refuse, ""),
    field("target.safe", Text, Drop, ""),
    field("target.folder", Text, Drop, ""),
    field("target.platform.id", Id, Drop, ""),
    field("target.platform.name", Text, Drop, ""),
    field("target.platform.type", Text, Drop, ""),
    field("target.device_type", Text, Drop, ""),
    field("access.kind", Word, Refuse, ""),
    field("access.component", Text, Refuse, ""),
    field("access.parameters", Map(Shape::Parameter), Note, "Connection parameters asked for: {}."),
    field("window.start", Time, Refuse, "Asked for from this time on: {}."),
    field("window.length", Length, Refuse, "Asked for this long: {}."),
    field("reason.text", Text, Refuse, ""),
    field("reason.code.id", Id, Note, "Reason code: {}."),
    field("reason.code.name", Text, Note, "Reason code: {}."),
    field("reason.code.description", Text, Drop, ""),
    field("ticket.system.id", Id, Note, "Ticket system: {}."),
    field("ticket.system.name", Text, Note, "Ticket system: {}."),
    field("ticket.number", Text, Note, "Ticket: {}."),
    field("ticket.status", Word, Drop, ""),
    field("emergency", Bool, Note, "Said to be an emergency: {}."),
    field("multiple_use", Bool, Note, "Asked for more than one use: {}."),
    field("rotate_on_check_in", Bool, Drop, "Asked to rotate the credential afterwards: {}."),
    field("on_conflict", Word, Drop, "If such a request exists already: {}."),
    field("schedule.id", Id, Note, "Schedule asked for: {}."),
    field("extra", Texts, Note, "Further details: {}."),
    field("action.comment", Text, Refuse, ""),
    field("filter.status", Word, Refuse, ""),
    field("filter.role", Word, Refuse, ""),
    field("status", Word, Drop, ""),
    field("status.detail", Id, Drop, ""),
    field("created", Time, Drop, ""),
    field("approved", Time, Drop, ""),
    field("cancelled", Time, Drop, ""),
    field("expires", Time, Drop, ""),
    field("changed", Time, Drop, ""),
    field("approvals.given", Count, Drop, ""),
    field("approvals.remaining", Count, Drop, ""),
    field("approvals.level", Count, Drop, ""),
    field("approvals.level2", Count, Drop, ""),
    field("approvals.by_me", Bool, Drop, ""),
    field("approvals.approvers", List(Shape::Approver), Drop, ""),
    field("reviews.given", Count, Drop, ""),
    field("reviews.required", Count, Drop, ""),
    field("availability", List(Shape::Period), Drop, ""),
    field("history", List(Shape::Event), Drop, ""),
    field("needs_acknowledgement", Bool, Drop, ""),
    field("reference", Id, Drop, ""),
    field("operation.code", Word, Drop, ""),
    field("operation.text", Text, Drop, ""),
    field("policy.id", Id, Drop, ""),
    field("policy.name", Text, Drop, ""),
    field("was.checked_out", Bool, Drop, ""),
    field("was.evicted", Bool, Drop, ""),
    field("was.revoked", Bool, Drop, ""),
    field("release.password", Bool, Drop, ""),
    field("release.ssh_key", Bool, Drop, ""),
    field("release.launch", Bool, Note, "Asked to launch the session through the client: {}."),
    field("release.api_only", Bool, Drop, ""),
    field("totp.enabled", Bool, Drop, ""),
    field("requests", List(Shape::Access), Drop, ""),
    field("total", Count, Drop, ""),
    field("fault.kind", Word, Drop, ""),
    field("fault.status", Count, Drop, ""),
    field("fault.code", Id, Drop, ""),
    field("fault.text", Text, Drop, ""),
    field("fault.problems", List(Shape::Problem), Drop, ""),
];

const APPROVER: &[Field] = &[
    field("type", Word, Drop, ""),
    field("id", Id, Drop, ""),
    field("name", Text, Drop, ""),
    field("decision", Word, Drop, ""),
    field("comment", Text, Drop, ""),
    field("at", Time, Drop, ""),
    field("details", Texts, Drop, ""),
];

const PARAMETER: &[Field] = &[field("value", Text, Note, ""), field("save", Bool, Note, "")];

const PROBLEM: &[Field] =
    &[field("place", Text, Drop, ""), field("code", Id, Drop, ""), field("text", Text, Drop, "")];

const PERIOD: &[Field] = &[field("start", Time, Drop, ""), field("end", Time, Drop, "")];

const EVENT: &[Field] = &[
    field("what", Text, Drop, ""),
    field("comment", Text, Drop, ""),
    field("at", Time, Drop, ""),
    field("by.id", Id, Drop, ""),
    field("by.name", Text, Drop, ""),
    field("old_state", Text, Drop, ""),
    field("new_state", Text, Drop, ""),
    field("session", Id, Drop, ""),
];

impl Shape {
    /// The fields of a record of this shape.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Shape::Access => FIELDS,
            Shape::Approver => APPROVER,
            Shape::Parameter => PARAMETER,
            Shape::Problem => PROBLEM,
            Shape::Period => PERIOD,
            Shape::Event => EVENT,
        }
    }

    /// The field of a name.
    pub fn find(self, name: &str) -> Option<FieldId> {
        self.fields().iter().position(|field| field.name == name).map(|at| FieldId(at as u8))
    }

    /// The field of a number.
    ///
    /// # Panics
    /// When the number is of another shape: a mistake of the program, never of input.
    pub fn field(self, id: FieldId) -> &'static Field {
        &self.fields()[id.0 as usize]
    }

    /// One of the shape, as the manual writes it.
    pub fn one(self) -> &'static str {
        match self {
            Shape::Access => "an access request",
            Shape::Approver => "an approver",
            Shape::Parameter => "a parameter",
            Shape::Problem => "a problem",
            Shape::Period => "a period",
            Shape::Event => "an event",
        }
    }
}

/// Whether a value restricts what is granted: such a default counts as said, for an absence that means "only once"
/// must not become "as often as you like" elsewhere without anybody being told.
pub fn restricts(name: &str, value: &super::Value<'_>) -> bool {
    name == "multiple_use" && *value == super::Value::Bool(false)
}

/// Whether a value is what everybody means who says nothing: not having it said is no loss anywhere.
pub fn is_norm(name: &str, value: &super::Value<'_>) -> bool {
    name == "emergency" && *value == super::Value::Bool(false)
}

/// The number of a field of [`Shape::Access`], at compile time: a misspelt name doesn't build.
pub const fn access(name: &str) -> FieldId {
    let mut at = 0;
    while at < FIELDS.len() {
        if same(FIELDS[at].name.as_bytes(), name.as_bytes()) {
            return FieldId(at as u8);
        }
        at += 1;
    }
    // Only ever evaluated in constants, where this stops the build.
    #[allow(clippy::panic)]
    {
        panic!("no such canonical field")
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Fields that code other than tables must know by name.
pub mod known {
    use super::{FieldId, access};
    /// The request's id.
    pub const REQUEST_ID: FieldId = access("request.id");
    /// Where the request stands.
    pub const STATUS: FieldId = access("status");
    /// When access begins; absent: at once.
    pub const START: FieldId = access("window.start");
    /// How long access lasts; absent: the policy decides.
    pub const LENGTH: FieldId = access("window.length");
    /// The kind of access.
    pub const KIND: FieldId = access("access.kind");
    /// The requester's own words.
    pub const REASON: FieldId = access("reason.text");
    /// For whom, by id.
    pub const REQUESTER_ID: FieldId = access("requester.id");
    /// For whom, by name.
    pub const REQUESTER_NAME: FieldId = access("requester.name");
    /// When the request was made.
    pub const CREATED: FieldId = access("created");
    /// When the request's state last changed.
    pub const CHANGED: FieldId = access("changed");
    /// When the request ends.
    pub const EXPIRES: FieldId = access("expires");
    /// When access is possible.
    pub const AVAILABILITY: FieldId = access("availability");
    /// A fault's canonical word.
    pub const FAULT_KIND: FieldId = access("fault.kind");
    /// The HTTP status that a fault is answered with.
    pub const FAULT_STATUS: FieldId = access("fault.status");
    /// A fault's code.
    pub const FAULT_CODE: FieldId = access("fault.code");
    /// A fault's text.
    pub const FAULT_TEXT: FieldId = access("fault.text");
    /// What is wrong with a message, one by one.
    pub const FAULT_PROBLEMS: FieldId = access("fault.problems");
    /// A list's items.
    pub const REQUESTS: FieldId = access("requests");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_numbers_fit() {
        for shape in
            [Shape::Access, Shape::Approver, Shape::Parameter, Shape::Problem, Shape::Period, Shape::Event]
        {
            assert!(shape.fields().len() <= super::super::record::MOST_FIELDS);
            for (at, field) in shape.fields().iter().enumerate() {
                assert_eq!(shape.find(field.name), Some(FieldId(at as u8)), "{}", field.name);
            }
        }
    }
}
