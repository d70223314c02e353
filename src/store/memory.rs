//! The store that forgets: bounded, the oldest request first.
//!
//! A full store is larger than the processor's caches, so what one call costs is how much of it is touched: the texts of
//! a request stand in one piece, behind those of the request before it ([`pages`]), and what the tables must know of a
//! request stands beside its turn.
mod pages;

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

use self::pages::{Pages, Piece};
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
    oldest_first: VecDeque<Request>,
    /// The turn of the oldest.
    first: u64,
    texts: Pages,
}

/// A request, as it is kept.
struct Request {
    caller: Arc<str>,
    space: Arc<str>,
    upstream: Arc<str>,
    /// The caller's id, the upstream's id and the canonical form, one behind the other.
    texts: Piece,
    /// How long the ids are.
    ids: [usize; 2],
    created_unix_ms: i64,
    /// By which the tables know it, so that no text is read again when they grow or it is forgotten.
    by_caller: u64,
    by_upstream: u64,
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
fn of(requests: &VecDeque<Request>, first: u64, turn: u64) -> Option<&Request> {
    requests.get(usize::try_from(turn.checked_sub(first)?).ok()?)
}

impl Request {
    /// The caller's id, the upstream's id and the canonical form.
    fn texts<'p>(&self, pages: &'p Pages) -> [&'p str; 3] {
        let [caller_id, upstream_id] = self.ids;
        let (caller_id, rest) = pages.text(&self.texts).split_at_checked(caller_id).unwrap_or_default();
        let (upstream_id, canonical) = rest.split_at_checked(upstream_id).unwrap_or_default();
        [caller_id, upstream_id, canonical]
    }

    fn made(&self, pages: &Pages) -> Made {
        let [caller_id, upstream_id, canonical] = self.texts(pages).map(str::to_owned);
        Made {
            caller: self.caller.clone(),
            space: self.space.clone(),
            caller_id,
            upstream: self.upstream.clone(),
            upstream_id,
            canonical,
            created_unix_ms: self.created_unix_ms,
        }
    }
}

impl Kept {
    fn find(&self, space: &str, caller_id: &str) -> Option<&Request> {
        let hash = self.hasher.hash_one((space, caller_id));
        let same = |turn: &u64| {
            of(&self.oldest_first, self.first, *turn).is_some_and(|request| {
                request.by_caller == hash
                    && *request.space == *space
                    && request.texts(&self.texts)[0] == caller_id
            })
        };
        of(&self.oldest_first, self.first, *self.by_caller.find(hash, same)?)
    }

    fn find_upstream(&self, upstream: &str, upstream_id: &str) -> Vec<Made> {
        let hash = self.hasher.hash_one((upstream, upstream_id));
        let mut turns: Vec<u64> = self.by_upstream.iter_hash(hash).copied().collect();
        turns.sort_unstable();
        let found = turns.into_iter().filter_map(|turn| of(&self.oldest_first, self.first, turn));
        let found = found
            .filter(|request| *request.upstream == *upstream && request.texts(&self.texts)[1] == upstream_id);
        found.take(SAME_UPSTREAM_MAX).map(|request| request.made(&self.texts)).collect()
    }

    fn forget_oldest(&mut self) {
        let Some(old) = self.oldest_first.pop_front() else { return };
        let turn = self.first;
        self.first += 1;
        if let Ok(entry) = self.by_caller.find_entry(old.by_caller, |other| *other == turn) {
            entry.remove();
        }
        if let Ok(entry) = self.by_upstream.find_entry(old.by_upstream, |other| *other == turn) {
            entry.remove();
        }
        self.texts.forget_before(self.oldest_first.front().map(|request| &request.texts));
    }

    fn record(&mut self, made: &Made, requests_max: usize) -> Result<(), StoreError> {
        if let Some(there) = self.find(&made.space, &made.caller_id) {
            return if there.made(&self.texts).same_request(made) {
                Ok(())
            } else {
                Err(StoreError::Conflict { space: made.space.clone(), caller_id: made.caller_id.clone() })
            };
        }
        while self.oldest_first.len() >= requests_max {
            self.forget_oldest();
        }
        let turn = self.first + self.oldest_first.len() as u64;
        let (by_caller, by_upstream) = (
            self.hasher.hash_one((&*made.space, made.caller_id.as_str())),
            self.hasher.hash_one((&*made.upstream, made.upstream_id.as_str())),
        );
        self.oldest_first.push_back(Request {
            texts: self.texts.push([&made.caller_id, &made.upstream_id, &made.canonical]),
            ids: [made.caller_id.len(), made.upstream_id.len()],
            caller: made.caller.clone(),
            space: made.space.clone(),
            upstream: made.upstream.clone(),
            created_unix_ms: made.created_unix_ms,
            by_caller,
            by_upstream,
        });
        let (requests, first) = (&self.oldest_first, self.first);
        let of = |turn: &u64| of(requests, first, *turn);
        self.by_caller.insert_unique(by_caller, turn, |turn| of(turn).map_or(0, |one| one.by_caller));
        self.by_upstream.insert_unique(by_upstream, turn, |turn| of(turn).map_or(0, |one| one.by_upstream));
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

    fn record<'s>(&'s self, made: &Made) -> Answer<'s, ()> {
        Answer::now(self.open().and_then(|mut kept| kept.record(made, self.requests_max)))
    }

    fn find<'s>(&'s self, space: &str, caller_id: &str) -> Answer<'s, Option<Made>> {
        Answer::now(
            self.open().map(|kept| kept.find(space, caller_id).map(|request| request.made(&kept.texts))),
        )
    }

    fn find_upstream<'s>(&'s self, upstream: &str, upstream_id: &str) -> Answer<'s, Vec<Made>> {
        Answer::now(self.open().map(|kept| kept.find_upstream(upstream, upstream_id)))
    }

    fn close(&self) -> Answer<'_, ()> {
        Answer::now(self.open().map(|mut kept| kept.closed = true))
    }
}
