//! Names that an object must not show twice.
use std::collections::HashSet;

use compact_str::CompactString;

use super::super::lenient::Next;
use super::super::{Entry, text_of};

/// The names that one object has shown so far.
pub(super) struct Seen<'a> {
    /// Where the object stands.
    object: usize,
    /// Which listed name is expected next, if any are listed.
    pub(super) next: Option<&'a Next>,
    /// A bit for each listed name, by its number, as far as bits go.
    listed: u64,
    /// The bits ([`name_bit`](super::super::name_bit)) of the names that are kept.
    pub(super) kept: u32,
    /// A bit for each other name, by its hash: one whose bit is not set is new for sure, and that is nearly always so.
    bits: u128,
    /// How many names there were that have no bit of their own.
    names: usize,
    /// Names whose value was `null` and is not kept.
    dropped: Vec<(u32, Box<str>)>,
    /// All names, once there are many: a linear search would take an attacker's time, not ours.
    many: Option<HashSet<String>>,
}

/// From how many names on a set is asked.
const MANY: usize = 64;

/// A name, as it is looked for among those that an object has shown.
#[derive(Clone, Copy)]
pub(super) struct Shown<'s> {
    pub(super) name: &'s str,
    pub(super) hash: u32,
    pub(super) any_case: bool,
}

impl<'a> Seen<'a> {
    pub(super) fn new(object: usize, next: Option<&'a Next>) -> Seen<'a> {
        Seen { object, next, listed: 0, kept: 0, bits: 0, names: 0, dropped: Vec::new(), many: None }
    }

    /// Whether the object is the whole document.
    #[inline]
    pub(super) fn is_root(&self) -> bool {
        self.object == 0
    }

    /// Whether a listed name is new to this object; none: this number has no bit, and the name must be looked for.
    #[inline]
    pub(super) fn first_listed(&mut self, number: usize) -> Option<bool> {
        let bit = 1_u64.checked_shl(u32::try_from(number).ok()?)?;
        let new = self.listed & bit == 0;
        self.listed |= bit;
        Some(new)
    }

    /// Whether a name that has no bit of its own is new to this object.
    pub(super) fn first(&mut self, entries: &[Entry<'_>], owned: &[CompactString], shown: Shown<'_>) -> bool {
        let bit = 1_u128 << (shown.hash & 127);
        let new = self.bits & bit == 0;
        self.bits |= bit;
        self.names += 1;
        if self.names <= MANY && new {
            return true;
        }
        self.first_of_many(entries, owned, shown)
    }

    #[cold]
    fn first_of_many(&mut self, entries: &[Entry<'_>], owned: &[CompactString], shown: Shown<'_>) -> bool {
        let Shown { name, hash, any_case } = shown;
        if self.names > MANY {
            let fold = |name: &str| if any_case { name.to_ascii_lowercase() } else { name.to_owned() };
            let many = match &mut self.many {
                Some(many) => many,
                None => {
                    let kept = kept(self.object, entries, owned).map(|(_, name)| fold(name));
                    let dropped = self.dropped.iter().map(|(_, name)| fold(name));
                    self.many.insert(kept.chain(dropped).collect())
                }
            };
            return many.insert(fold(name));
        }
        let same = |other: &str| if any_case { other.eq_ignore_ascii_case(name) } else { other == name };
        let again = |(other, text): (u32, &str)| other == hash && same(text);
        !kept(self.object, entries, owned).any(again)
            && !self.dropped.iter().any(|(other, text)| again((*other, text)))
    }

    /// A name without a bit, whose value was `null` and is not kept.
    pub(super) fn dropped(&mut self, hash: u32, name: &str) {
        self.dropped.push((hash, name.into()));
    }
}

/// The names of an object's members that are kept, with their hashes. All that have no bit are.
fn kept<'e>(
    object: usize,
    entries: &'e [Entry<'e>],
    owned: &'e [CompactString],
) -> impl Iterator<Item = (u32, &'e str)> {
    let mut at = object + 1;
    std::iter::from_fn(move || {
        let key = entries.get(at)?;
        at = entries.get(at + 1)?.next as usize;
        Some((key.hash, text_of(owned, key)))
    })
}
