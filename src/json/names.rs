//! A set of property names, found by the hash that a document's entries carry already.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::Name;

/// Names with what belongs to each.
#[derive(Debug, Clone)]
pub(super) struct Names<T> {
    of: Vec<(Name, T)>,
    /// Open-addressed, at most half full, by the low bits of a name's hash: its place in `of`, plus one; 0 for none.
    index: Vec<u32>,
}

impl<T> Default for Names<T> {
    fn default() -> Names<T> {
        Names::new(Vec::new())
    }
}

impl<T> Names<T> {
    /// A set of names; of two that are spelt just the same, the first is found.
    pub(super) fn new(of: Vec<(Name, T)>) -> Names<T> {
        let size = (of.len() * 2).next_power_of_two().max(2);
        let mut index = vec![0; size];
        for (number, (name, _)) in of.iter().enumerate() {
            let mut slot = name.hash as usize & (size - 1);
            while index[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            index[slot] = number as u32 + 1;
        }
        Names { of, index }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(super) fn all(&self) -> &[(Name, T)] {
        &self.of
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.of.iter_mut().map(|(_, of)| of)
    }

    /// For each name the number of the first that is spelt alike but for letter case.
    pub(super) fn alike(&self) -> impl Iterator<Item = usize> {
        let first =
            |name: &Name| self.of.iter().position(|(other, _)| other.text.eq_ignore_ascii_case(&name.text));
        self.of.iter().enumerate().map(move |(at, (name, _))| first(name).unwrap_or(at))
    }

    pub(super) fn into_all(self) -> Vec<(Name, T)> {
        self.of
    }

    /// The name of a number, in the order in which they were given.
    #[inline]
    pub(super) fn at(&self, number: usize) -> Option<&(Name, T)> {
        self.of.get(number)
    }

    /// What stands under a name, spelt so or, where that is allowed, in other letter case.
    #[inline]
    pub(super) fn find(&self, hash: u32, text: &str, any_case: bool) -> Option<&(Name, T)> {
        self.find_number(hash, text, any_case).map(|(_, found)| found)
    }

    /// The same, with its number.
    #[inline]
    pub(super) fn find_number(&self, hash: u32, text: &str, any_case: bool) -> Option<(usize, &(Name, T))> {
        let mask = self.index.len() - 1;
        let mut slot = hash as usize & mask;
        let mut alike = None;
        while let Some(number) = (*self.index.get(slot)? as usize).checked_sub(1) {
            let found = self.of.get(number)?;
            let name = &found.0;
            if name.hash == hash {
                if *name.text == *text {
                    return Some((number, found));
                }
                // One that is spelt just so may come yet.
                if any_case && alike.is_none() && name.text.eq_ignore_ascii_case(text) {
                    alike = Some((number, found));
                }
            }
            slot = (slot + 1) & mask;
        }
        alike
    }
}

/// Names alone.
#[derive(Debug, Clone, Default)]
pub struct NameSet {
    names: Names<()>,
    /// No other set has it, but for clones; 0: the default, which is empty.
    pub(super) id: u64,
    /// Whether two are spelt alike but for letter case.
    pub(super) alike: bool,
}

impl<'n> FromIterator<&'n str> for NameSet {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> NameSet {
        let names = Names::new(names.into_iter().map(|name| (Name::new(name), ())).collect());
        let alike = names.alike().enumerate().any(|(at, first)| first != at);
        static SETS: AtomicU64 = AtomicU64::new(1);
        NameSet { names, id: SETS.fetch_add(1, Relaxed), alike }
    }
}

impl NameSet {
    /// The number of a name, counted in the order in which they were given.
    pub fn number_of(&self, name: &Name) -> Option<usize> {
        self.number(name.hash, &name.text, false)
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.names.all().len()
    }

    /// The number of a name of this hash, spelt so or, where that is allowed, in other letter case.
    #[inline]
    pub(super) fn number(&self, hash: u32, name: &str, any_case: bool) -> Option<usize> {
        self.names.find_number(hash, name, any_case).map(|(number, _)| number)
    }

    /// The numbers of all names that are spelt like this one but for letter case.
    pub(super) fn all_alike(&self, name: &str) -> impl Iterator<Item = usize> {
        let all = self.names.all().iter().enumerate();
        all.filter(move |(_, (known, ()))| known.text.eq_ignore_ascii_case(name)).map(|(number, _)| number)
    }

    /// Whether a name of this hash is one of these, spelt so or, where that is allowed, in other letter case.
    pub(super) fn has(&self, hash: u32, name: &str, any_case: bool) -> bool {
        self.number(hash, name, any_case).is_some()
    }
}
