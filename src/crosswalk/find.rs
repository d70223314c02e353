//! From what a caller gave to the one entry that is meant, or none.
//!
//! Parts without a rule must be equal. A part with a rule (a server that takes a name for an address, or searches)
//! goes through its steps, each only if the step before found nothing, within what the parts before it left.
use arrayvec::ArrayVec;

use super::parts::{Group, Kind, Part};
use super::{Crosswalk, Entry, Row};

/// How a part such as `system.name` is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// It equals the entry's part of the same name.
    Name,
    /// It equals the address in the same group (`system.address`).
    Address,
    /// It stands somewhere in any text of the same group that is no id.
    AnyText,
}

impl By {
    /// The step of that name in a dialect's `find` table: `name`, `address`, `any-text`.
    pub fn of(name: &str) -> Option<By> {
        match name {
            "name" => Some(By::Name),
            "address" => Some(By::Address),
            "any-text" => Some(By::AnyText),
            _ => None,
        }
    }
}

/// How a server finds what its names mean: part by part, in the order in which it looks.
#[derive(Debug, Clone, Default)]
pub struct FindRules {
    rules: Vec<(Kind, Part, Vec<By>)>,
}

impl FindRules {
    /// Every part must be equal.
    pub const EXACT: &'static FindRules = &FindRules { rules: Vec::new() };

    /// With the steps for a part (`system.name`), which is looked for within what the parts before it found.
    pub fn with(mut self, kind: Kind, part: Part, steps: &[By]) -> FindRules {
        self.rules.push((kind, part, steps.to_vec()));
        self
    }

    fn has(&self, kind: Kind, part: Part) -> bool {
        self.of(kind).any(|(of, _)| of == part)
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = (Part, &[By])> {
        let of_kind = self.rules.iter().filter(move |(of, ..)| *of == kind);
        of_kind.map(|(_, part, steps)| (*part, steps.as_slice()))
    }
}

/// Why no entry was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No entry fits: for the log, with [`describe`](NotFound::describe), what was looked for.
    #[error("not in the crosswalk")]
    Unknown,
    /// More than one fits equally well.
    #[error("{0} entries of the crosswalk fit equally well")]
    Several(usize),
}

impl NotFound {
    /// The error in words, with what was looked for. References are no secrets.
    pub fn describe(self, kind: Kind, space: &str, parts: &[(&str, &str)], access: Option<&str>) -> String {
        let parts: Vec<String> =
            parts.iter().map(|(part, text)| format!("{part} = {:?}", shortened(text))).collect();
        let access = access.map(|access| format!(" for {access}")).unwrap_or_default();
        format!("{} {{ {} }} of {space}{access}: {self}", kind.name(), parts.join(", "))
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// More parts than any kind has.
const PARTS_MAX: usize = 32;

/// What was asked, with how each part turned out to be compared.
struct Wanted<'w> {
    kind: Kind,
    space: u16,
    parts: ArrayVec<(Part, &'w str, By), PARTS_MAX>,
}

impl<'w> Wanted<'w> {
    fn add(&mut self, part: Part, text: &'w str, by: By) -> Result<(), NotFound> {
        self.parts.try_push((part, text, by)).map_err(|_| NotFound::Unknown)
    }

    fn fits(&self, row: &Row) -> bool {
        self.parts.iter().all(|(part, text, by)| compare(row, self.space, *part, text, *by))
    }
}

fn compare(row: &Row, space: u16, part: Part, text: &str, by: By) -> bool {
    match by {
        By::Name => row
            .part(space, part)
            .or_else(|| row.part(space, part.unless_listed()?))
            .is_some_and(|there| part.same(there, text)),
        By::Address => part
            .address()
            .and_then(|address| row.part(space, address))
            .is_some_and(|there| there.eq_ignore_ascii_case(text)),
        By::AnyText => row.parts(space).iter().any(|(of, there)| {
            of.is_name() && of.group() == part.group() && contains_in_any_case(there, text)
        }),
    }
}

fn contains_in_any_case(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    !wanted.is_empty() && text.windows(wanted.len()).any(|window| window.eq_ignore_ascii_case(wanted))
}

impl Crosswalk {
    /// The entry that all the given parts mean, for this kind of access: `parts` as the caller gave them, such as
    /// `system.id` with `14` and `account.id` with `1032`. An entry for a narrower kind of access goes before one for a
    /// wider. One that names an account or application in the space is meant only where one was given (or an alias).
    ///
    /// # Errors
    /// Where none fits, or several fit equally well.
    pub fn find(
        &self,
        kind: Kind,
        space: &str,
        parts: &[(Part, &str)],
        access: Option<&str>,
        rules: &FindRules,
    ) -> Result<Entry<'_>, NotFound> {
        let space = self.space(space).ok_or(NotFound::Unknown)?;
        if parts.is_empty() || parts.len() > PARTS_MAX {
            return Err(NotFound::Unknown);
        }
        let mut wanted = Wanted { kind, space, parts: ArrayVec::new() };
        let mut shortest: Option<&[u32]> = None;
        let mut narrow = |part, text, by| {
            // Where there is one row or none, all parts are compared with it anyway.
            if shortest.is_none_or(|there| there.len() > 1) {
                let rows = self.candidates(kind, space, part, text, by);
                if shortest.is_none_or(|there| rows.len() < there.len()) {
                    shortest = Some(rows);
                }
            }
        };
        for (part, text) in parts.iter().copied().filter(|(part, _)| !rules.has(kind, *part)) {
            wanted.add(part, text, By::Name)?;
            if part.unless_listed().is_none() {
                narrow(part, text, By::Name);
            }
        }
        for (part, steps) in rules.of(kind) {
            let Some((_, text)) = parts.iter().find(|(of, _)| *of == part) else { continue };
            let by = self.step(&wanted, part, text, steps)?;
            wanted.add(part, text, by)?;
            narrow(part, text, by);
        }
        self.best(&wanted, shortest.unwrap_or_default(), access)
    }

    /// The rows among which those that carry this are; an index's, where there is one.
    fn candidates(&self, kind: Kind, space: u16, part: Part, text: &str, by: By) -> &[u32] {
        let rows = match by {
            By::Name => self.index.get(&part.hash(&self.hasher, kind, space, text)),
            By::Address => part
                .address()
                .and_then(|address| self.index.get(&address.hash(&self.hasher, kind, space, text))),
            By::AnyText => self.all.get(&(kind, space)),
        };
        rows.map_or(&[], Vec::as_slice)
    }

    fn row(&self, at: u32) -> Option<&Row> {
        self.rows.get(at as usize)
    }

    /// The first step that finds something; an error where it finds things of different names or ids.
    fn step(&self, wanted: &Wanted<'_>, part: Part, text: &str, steps: &[By]) -> Result<By, NotFound> {
        for by in steps {
            let rows = self.candidates(wanted.kind, wanted.space, part, text, *by);
            let mut found = rows
                .iter()
                .filter_map(|at| self.row(*at))
                .filter(|row| wanted.fits(row) && compare(row, wanted.space, part, text, *by));
            let Some(first) = found.next() else { continue };
            let others = found.filter(|row| !same_group(first, row, wanted.space, part)).count();
            return if others == 0 { Ok(*by) } else { Err(NotFound::Several(others + 1)) };
        }
        Err(NotFound::Unknown)
    }

    fn best(&self, wanted: &Wanted<'_>, rows: &[u32], access: Option<&str>) -> Result<Entry<'_>, NotFound> {
        let mut best: Option<(usize, &Row)> = None;
        let mut equals = 0;
        for row in rows.iter().filter_map(|at| self.row(*at)) {
            let Some(depth) = access_depth(&row.access, access) else { continue };
            if !wanted.fits(row) || names_more(row, wanted) {
                continue;
            }
            match &best {
                Some((there, _)) if *there > depth => {}
                Some((there, _)) if *there == depth => equals += 1,
                _ => (best, equals) = (Some((depth, row)), 1),
            }
        }
        match best {
            None => Err(NotFound::Unknown),
            Some((_, row)) if equals == 1 => Ok(Entry { crosswalk: self, row }),
            Some(_) => Err(NotFound::Several(equals)),
        }
    }
}

/// How well an entry's kind of access fits the one asked for: the more words in common, the better; none where it
/// doesn't. Where nobody says for what access, an entry for any goes before one that is restricted.
fn access_depth(entry: &str, asked: Option<&str>) -> Option<usize> {
    match asked {
        None => Some(usize::from(entry.is_empty())),
        Some(_) if entry.is_empty() => Some(0),
        Some(asked) => {
            let rest = asked.strip_prefix(entry)?;
            (rest.is_empty() || rest.starts_with('.')).then(|| entry.split('.').count())
        }
    }
}

/// Whether the entry names an account or an application that nobody asked for: it would grant more than was asked.
/// An alias stands for all of a target.
fn names_more(row: &Row, wanted: &Wanted<'_>) -> bool {
    let given = |group: Group| wanted.parts.iter().any(|(part, ..)| part.group() == group);
    row.kind == Kind::Target
        && row.parts(wanted.space).iter().any(|(part, _)| part.narrows() && !given(part.group()))
        && !given(Group::Alias)
}

/// Whether two rows mean one system (account, user …): by id where both have one, else by name.
fn same_group(left: &Row, right: &Row, space: u16, part: Part) -> bool {
    let of = |row: &'_ Row, is: fn(Part) -> bool| {
        row.parts(space)
            .iter()
            .find(|(of, _)| of.group() == part.group() && is(*of))
            .map(|(of, text)| (*of, text.clone()))
    };
    for is in [Part::is_group_id, Part::is_group_name] {
        if let (Some((part, left)), Some((_, right))) = (of(left, is), of(right, is)) {
            return part.same(&left, &right);
        }
    }
    false
}
