//! The kinds of reference and the parts that each may have.
use std::hash::{BuildHasher, Hasher};

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

/// A part of a reference, such as a target's `system.id`: its number among all parts. Names are looked up once, when a
/// file or a table is read; what is compared for each request is numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Part(u8);

/// What the parts of one group say of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    System,
    Account,
    Alias,
    Application,
    Platform,
    /// No group: the part stands alone.
    Alone,
}

/// What a part says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// Which one of its group is meant, by the id.
    Id,
    /// The same, by the name.
    Name,
    /// Something else, by an id.
    OtherId,
    /// Something else, by a name.
    OtherName,
}

struct Known {
    name: &'static str,
    group: Group,
    says: Says,
}

const fn known(name: &'static str, group: Group, says: Says) -> Known {
    Known { name, group, says }
}

/// All parts: a target's, then those of every other kind.
const PARTS: &[Known] = &[
    known("system.id", Group::System, Says::Id),
    known("system.name", Group::System, Says::Name),
    known("system.address", Group::System, Says::OtherName),
    known("account.id", Group::Account, Says::Id),
    known("account.name", Group::Account, Says::Name),
    known("account.domain", Group::Account, Says::OtherName),
    known("account.user", Group::Account, Says::OtherName),
    known("account.asset.id", Group::Account, Says::OtherId),
    known("account.asset.name", Group::Account, Says::OtherName),
    known("alias.id", Group::Alias, Says::Id),
    known("application.id", Group::Application, Says::Id),
    known("safe", Group::Alone, Says::OtherName),
    known("platform.id", Group::Platform, Says::Id),
    known("platform.name", Group::Platform, Says::Name),
    known("platform.type", Group::Platform, Says::OtherName),
    known("device_type", Group::Alone, Says::OtherName),
    known("folder", Group::Alone, Says::OtherName),
    known("id", Group::Alone, Says::Id),
    known("name", Group::Alone, Says::Name),
    known("provider", Group::Alone, Says::OtherName),
];

/// How many of them are a target's.
const TARGET: usize = 17;

const TARGET_NAMES: [&str; TARGET] = names(0);
const OTHER_NAMES: [&str; PARTS.len() - TARGET] = names(TARGET);

const fn names<const N: usize>(from: usize) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = PARTS[from + at].name;
        at += 1;
    }
    names
}

/// The parts that a reference of this kind may have.
pub fn known_parts(kind: Kind) -> &'static [&'static str] {
    if kind == Kind::Target { &TARGET_NAMES } else { &OTHER_NAMES }
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
    /// How many parts there are, of all kinds.
    pub const COUNT: usize = PARTS.len();
    /// The id of anything but a target.
    pub const OWN_ID: Part = Part(17);
    /// Its name.
    pub const OWN_NAME: Part = Part(18);
    /// Whose name it is: the directory that a user belongs to.
    pub const PROVIDER: Part = Part(19);
    const SYSTEM_ID: Part = Part(0);
    const SYSTEM_NAME: Part = Part(1);
    const SYSTEM_ADDRESS: Part = Part(2);
    const ASSET_ID: Part = Part(7);
    const ASSET_NAME: Part = Part(8);

    /// The part of that name, if references of this kind may have it.
    pub fn of(kind: Kind, name: &str) -> Option<Part> {
        let at = known_parts(kind).iter().position(|part| *part == name)?;
        u8::try_from(if kind == Kind::Target { at } else { at + TARGET }).ok().map(Part)
    }

    /// As it is written in a file.
    pub fn name(self) -> &'static str {
        self.known().name
    }

    /// Its number, below [`Part::COUNT`].
    pub fn number(self) -> usize {
        usize::from(self.0)
    }

    #[inline]
    fn known(self) -> &'static Known {
        &PARTS[usize::from(self.0)]
    }

    /// Whether texts of this part are names, compared in any letter case; else they are ids.
    #[inline]
    pub(super) fn is_name(self) -> bool {
        matches!(self.known().says, Says::Name | Says::OtherName)
    }

    /// Whether it says which one is meant; the others are carried along for replies.
    pub(super) fn identifies(self, kind: Kind) -> bool {
        use Group::{Account, Alias, Application, System};
        kind != Kind::Target || matches!(self.group(), System | Account | Alias | Application)
    }

    /// `system` of `system.name`.
    #[inline]
    pub(super) fn group(self) -> Group {
        self.known().group
    }

    /// Whether it is the id of its group: `account.id`, not `account.asset.id`.
    pub(super) fn is_group_id(self) -> bool {
        self.known().says == Says::Id
    }

    /// Whether it is the name of its group: `account.name`, not `account.asset.name`.
    pub(super) fn is_group_name(self) -> bool {
        self.known().says == Says::Name
    }

    /// Whether it says which account or application of a system is meant.
    #[inline]
    pub(super) fn narrows(self) -> bool {
        let Known { group, says, .. } = self.known();
        matches!(group, Group::Account | Group::Application) && matches!(says, Says::Id | Says::Name)
    }

    /// What it is where an entry doesn't list it: an account that nobody says lies elsewhere lies on the system itself.
    #[inline]
    pub(super) fn unless_listed(self) -> Option<Part> {
        match self {
            Part::ASSET_ID => Some(Part::SYSTEM_ID),
            Part::ASSET_NAME => Some(Part::SYSTEM_NAME),
            _ => None,
        }
    }

    /// Where the address stands of what it names.
    pub(super) fn address(self) -> Option<Part> {
        (self.group() == Group::System).then_some(Part::SYSTEM_ADDRESS)
    }

    #[inline]
    pub(super) fn same(self, left: &str, right: &str) -> bool {
        if self.is_name() { left.eq_ignore_ascii_case(right) } else { left == right }
    }

    /// Equal for texts that are `same`.
    pub(super) fn hash(self, hasher: &impl BuildHasher, kind: Kind, space: u16, text: &str) -> u64 {
        let mut state = hasher.build_hasher();
        state.write_u64(u64::from(kind as u8) << 32 | u64::from(space) << 8 | u64::from(self.0));
        if self.is_name() {
            let small: SmallVec<[u8; 64]> = text.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
            state.write(&small);
        } else {
            state.write(text.as_bytes());
        }
        state.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_that_are_looked_for_are_where_they_are_looked_for() {
        let target = |name| Part::of(Kind::Target, name);
        assert_eq!(target("system.id"), Some(Part::SYSTEM_ID));
        assert_eq!(target("system.name"), Some(Part::SYSTEM_NAME));
        assert_eq!(target("system.address"), Some(Part::SYSTEM_ADDRESS));
        assert_eq!(target("account.asset.id"), Some(Part::ASSET_ID));
        assert_eq!(target("account.asset.name"), Some(Part::ASSET_NAME));
        assert_eq!((target("id"), Part::of(Kind::User, "system.id")), (None, None));
        let user = |name| Part::of(Kind::User, name);
        assert_eq!((user("id"), user("name")), (Some(Part::OWN_ID), Some(Part::OWN_NAME)));
        assert_eq!(user("provider"), Some(Part::PROVIDER));
        for kind in Kind::ALL {
            for name in known_parts(kind) {
                assert_eq!(Part::of(kind, name).map(Part::name), Some(*name));
            }
        }
    }

    #[test]
    fn what_a_part_says_is_what_its_name_says() {
        for known in PARTS {
            let (group, last) = known.name.split_once('.').unwrap_or(("alone", known.name));
            assert_eq!(format!("{:?}", known.group).to_lowercase(), group, "{}", known.name);
            let says = match last {
                "id" => Says::Id,
                "name" => Says::Name,
                last if last.ends_with(".id") => Says::OtherId,
                _ => Says::OtherName,
            };
            assert_eq!(known.says, says, "{}", known.name);
        }
    }
}
