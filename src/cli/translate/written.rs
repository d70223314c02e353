//! What was written, each place shown once: beside the first value that it says.
//!
//! Start at [`Written::of`].
use std::collections::BTreeSet;

use crate::mapping::Wrote;

/// The canonical field that a value lies in.
pub(super) fn top(field: &str) -> &str {
    field.split('/').next().unwrap_or(field)
}

/// What was written, and what of it is shown already.
pub(super) struct Written<'w> {
    pub(super) all: &'w [Wrote],
    pub(super) shown: BTreeSet<usize>,
}

impl<'w> Written<'w> {
    /// What says a field: places that are not shown yet; else the places that are, by name.
    pub(super) fn of(&mut self, field: &str) -> (Vec<&'w Wrote>, Vec<&'w str>) {
        let all = self.all;
        let of = |wrote: &&(usize, &'w Wrote)| {
            // What only suggests a value isn't where it went.
            wrote.1.why.told().is_empty() && wrote.1.held.iter().any(|held| top(&held.field) == field)
        };
        let found: Vec<(usize, &Wrote)> = all.iter().enumerate().filter(|one| of(&one)).collect();
        // Where a sum says two fields, it is the second's; that is its first.
        let own = |(_, wrote): &&(usize, &'w Wrote)| {
            wrote.held.first().is_some_and(|held| top(&held.field) == field)
        };
        let new: Vec<&Wrote> = found
            .iter()
            .filter(own)
            .filter(|(at, _)| !self.shown.contains(at))
            .map(|(_, wrote)| *wrote)
            .collect();
        self.shown.extend(found.iter().filter(own).map(|(at, _)| at));
        let others =
            found.iter().filter(|one| !own(one)).map(|(_, wrote)| wrote.place.trim_start_matches('/'));
        (new, others.collect())
    }

    /// What no row has shown.
    pub(super) fn left(&self) -> Vec<&'w Wrote> {
        let left = self.all.iter().enumerate().filter(|(at, _)| !self.shown.contains(at));
        left.map(|(_, wrote)| wrote).collect()
    }
}
