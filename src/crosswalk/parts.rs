//! The kinds of reference and the parts that each may have.
use std::hash::{BuildHasher, Hash, Hasher};

use smallvec::SmallVec;

/// What a reference refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A system, an account, an alias, an application: what is accessed.
    Target,
    /// Somebody who asks, or for whom.
    User,
    /// Where tickets live.
    TicketSystem,
    /// Why, out of a list.
    ReasonCode,
    /// A schedule of an access policy.
    Schedule,
}

/// A part of a reference: its place in the parts of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Part(u8);

const TARGET: &[&str] = &[
    "system.id",
    "system.name",
    "system.address",
    "account.id",
    "account.name",
    "account.domain",
    "account.user",
    "account.asset.id",
    "account.asset.name",
    "alias.id",
    "application.id",
    "safe",
    "platform.id",
    "platform.name",
    "platform.type",
    "device_type",
    "folder",
];
const OTHER: &[&str] = &["id", "name", "provider"];

/// The parts that a reference of this kind may have.
pub fn known_parts(kind: Kind) -> &'static [&'static str] {
    if kind == Kind::Target { TARGET } else { OTHER }
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 5] =
        [Kind::Target, Kind::User, Kind::TicketSystem, Kind::ReasonCode, Kind::Schedule];

    /// As it is written in a file.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Target => "target",
            Kind::User => "user",
            Kind::TicketSystem => "ticket_system",
            Kind::ReasonCode => "reason_code",
            Kind::Schedule => "schedule",
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Part {
    pub(super) fn of(kind: Kind, name: &str) -> Option<Part> {
        let at = known_parts(kind).iter().position(|part| *part == name)?;
        u8::try_from(at).ok().map(Part)
    }

    pub(super) fn name(self, kind: Kind) -> &'static str {
        known_parts(kind).get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// Whether texts of this part are names, compared in any letter case; else they are ids.
    pub(super) fn is_name(self, kind: Kind) -> bool {
        let name = self.name(kind);
        name != "id" && !name.ends_with(".id")
    }

    /// Whether it says which one is meant; the others are carried along for replies.
    pub(super) fn identifies(self, kind: Kind) -> bool {
        kind != Kind::Target || matches!(self.group(kind), "system" | "account" | "alias" | "application")
    }

    /// `system` of `system.name`; empty where the name has no dot.
    pub(super) fn group(self, kind: Kind) -> &'static str {
        let name = self.name(kind);
        // Short names: byte by byte is quicker than a search that is set up for long texts.
        &name[..name.bytes().position(|byte| byte == b'.').unwrap_or_default()]
    }

    /// Whether it is the id of its group: `account.id`, not `account.asset.id`.
    pub(super) fn is_group_id(self, kind: Kind) -> bool {
        matches!(self.name(kind).strip_prefix(self.group(kind)), Some("id" | ".id"))
    }

    /// Whether it is the name of its group: `account.name`, not `account.asset.name`.
    pub(super) fn is_group_name(self, kind: Kind) -> bool {
        matches!(self.name(kind).strip_prefix(self.group(kind)), Some("name" | ".name"))
    }

    /// What it is where an entry doesn't list it: an account that nobody says lies elsewhere lies on the system itself.
    pub(super) fn unless_listed(self, kind: Kind) -> Option<Part> {
        match self.name(kind) {
            "account.asset.id" => Part::of(kind, "system.id"),
            "account.asset.name" => Part::of(kind, "system.name"),
            _ => None,
        }
    }

    pub(super) fn same(self, kind: Kind, left: &str, right: &str) -> bool {
        if self.is_name(kind) { left.eq_ignore_ascii_case(right) } else { left == right }
    }

    /// Equal for texts that are `same`.
    pub(super) fn hash(self, hasher: &impl BuildHasher, kind: Kind, space: u16, text: &str) -> u64 {
        let mut state = hasher.build_hasher();
        (kind, space, self).hash(&mut state);
        if self.is_name(kind) {
            let small: SmallVec<[u8; 64]> = text.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
            state.write(&small);
        } else {
            state.write(text.as_bytes());
        }
        state.finish()
    }
}
