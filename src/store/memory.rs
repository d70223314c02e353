//! The store that forgets: bounded, the oldest request first.
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Answer, Made, SAME_UPSTREAM_MAX, Store, StoreError};

/// Requests made, in memory.
pub(super) struct Memory {
    requests_max: usize,
    kept: Mutex<Kept>,
}

/// Both tables hold the requests' turns: what a turn stands for is compared where it stands, so that no key is kept.
#[derive(Default)]
struct Kept {
    closed: bool,
    number: u64,
    hasher: DefaultHashBuilder,
    by_caller: HashTable<u64>,
    /// Mostly one, several where the upstream gave one request to several callers.
    by_upstream: HashTable<u64>,
    oldest_first: VecDeque<Made>,
    /// The turn of the oldest.
    first: u64,
}

impl Memory {
    pub(super) fn new(requests_max: usize) -> Memory {
        Memory { requests_max: requests_max.max(1), kept: Mutex::default() }
    }

    /// The state; every change to it is complete before a lock is let go, so a panic elsewhere spoils nothing.
    fn open(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.closed { Err(StoreError::Closed) } else { Ok(kept) }
    }
}

/// The request of a turn.
fn of(requests: &VecDeque<Made>, first: u64, turn: u64) -> Option<&Made> {
    requests.get(usize::try_from(turn.checked_sub(first)?).ok()?)
}

impl Kept {
    fn find(&self, space: &str, caller_id: &str) -> Option<&Made> {
        let hash = self.hasher.hash_one((space, caller_id));
        let same = |turn: &u64| {
            of(&self.oldest_first, self.first, *turn)
                .is_some_and(|made| *made.space == *space && made.caller_id == caller_id)
        };
        of(&self.oldest_first, self.first, *self.by_caller.find(hash, same)?)
    }

    fn find_upstream(&self, upstream: &str, upstream_id: &str) -> Vec<Made> {
        let hash = self.hasher.hash_one((upstream, upstream_id));
        let mut turns: Vec<u64> = self.by_upstream.iter_hash(hash).copied().collect();
        turns.sort_unstable();
        let found = turns.into_iter().filter_map(|turn| of(&self.oldest_first, self.first, turn));
        let found = found.filter(|made| *made.upstream == *upstream && made.upstream_id == upstream_id);
        found.take(SAME_UPSTREAM_MAX).cloned().collect()
    }

    fn forget_oldest(&mut self) {
        let Some(old) = self.oldest_first.pop_front() else { return };
        let turn = self.first;
        self.first += 1;
        let by_caller = self.hasher.hash_one((&*old.space, old.caller_id.as_str()));
        if let Ok(entry) = self.by_caller.find_entry(by_caller, |other| *other == turn) {
            entry.remove();
        }
        let by_upstream = self.hasher.hash_one((&*old.upstream, old.upstream_id.as_str()));
        if let Ok(entry) = self.by_upstream.find_entry(by_upstream, |other| *other == turn) {
            entry.remove();
        }
    }

    fn record(&mut self, made: Made, requests_max: usize) -> Result<(), StoreError> {
        if let Some(there) = self.find(&made.space, &made.caller_id) {
            return if there.same_request(&made) {
                Ok(())
            } else {
                Err(StoreError::Conflict { space: made.space, caller_id: made.caller_id })
            };
        }
        while self.oldest_first.len() >= requests_max {
            self.forget_oldest();
        }
        let turn = self.first + self.oldest_first.len() as u64;
        self.oldest_first.push_back(made);
        let (requests, first, hasher) = (&self.oldest_first, self.first, &self.hasher);
        let by_caller = |turn: &u64| {
            of(requests, first, *turn)
                .map_or(0, |made| hasher.hash_one((&*made.space, made.caller_id.as_str())))
        };
        let by_upstream = |turn: &u64| {
            of(requests, first, *turn)
                .map_or(0, |made| hasher.hash_one((&*made.upstream, made.upstream_id.as_str())))
        };
        self.by_caller.insert_unique(by_caller(&turn), turn, by_caller);
        self.by_upstream.insert_unique(by_upstream(&turn), turn, by_upstream);
        Ok(())
    }
}

impl Store for Memory {
    fn next_number(&self) -> Answer<'_, u64> {
        Answer::now(self.open().map(|mut kept| {
            kept.number += 1;
            kept.number
        }))
    }

    fn record(&self, made: Made) -> Answer<'_, ()> {
        Answer::now(self.open().and_then(|mut kept| kept.record(made, self.requests_max)))
    }

    fn find<'s>(&'s self, space: &str, caller_id: &str) -> Answer<'s, Option<Made>> {
        Answer::now(self.open().map(|kept| kept.find(space, caller_id).cloned()))
    }

    fn find_upstream<'s>(&'s self, upstream: &str, upstream_id: &str) -> Answer<'s, Vec<Made>> {
        Answer::now(self.open().map(|kept| kept.find_upstream(upstream, upstream_id)))
    }

    fn close(&self) -> Answer<'_, ()> {
        Answer::now(self.open().map(|mut kept| kept.closed = true))
    }
}
