//! The store that forgets: bounded, the oldest request first.
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{BoxFuture, Made, SAME_UPSTREAM_MAX, Store, StoreError};

/// Two names in one key: neither can be told from the other by a separator inside it.
type Pair = (Box<str>, Box<str>);

/// Requests made, in memory.
pub(super) struct Memory {
    requests_max: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    closed: bool,
    number: u64,
    by_caller: HashMap<Pair, Arc<Made>>,
    by_upstream: HashMap<Pair, Vec<Arc<Made>>>,
    oldest_first: VecDeque<Arc<Made>>,
}

fn pair(left: &str, right: &str) -> Pair {
    (left.into(), right.into())
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

impl Kept {
    fn forget_oldest(&mut self) {
        let Some(old) = self.oldest_first.pop_front() else { return };
        self.by_caller.remove(&pair(&old.space, &old.caller_id));
        let key = pair(&old.upstream, &old.upstream_id);
        if let Some(list) = self.by_upstream.get_mut(&key) {
            list.retain(|one| !Arc::ptr_eq(one, &old));
            if list.is_empty() {
                self.by_upstream.remove(&key);
            }
        }
    }

    fn record(&mut self, made: Made, requests_max: usize) -> Result<(), StoreError> {
        let key = pair(&made.space, &made.caller_id);
        if let Some(there) = self.by_caller.get(&key) {
            return if there.same_request(&made) {
                Ok(())
            } else {
                Err(StoreError::Conflict { space: made.space, caller_id: made.caller_id })
            };
        }
        while self.oldest_first.len() >= requests_max {
            self.forget_oldest();
        }
        let made = Arc::new(made);
        self.by_caller.insert(key, made.clone());
        self.by_upstream.entry(pair(&made.upstream, &made.upstream_id)).or_default().push(made.clone());
        self.oldest_first.push_back(made);
        Ok(())
    }
}

impl Store for Memory {
    fn next_number(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        let number = self.open().map(|mut kept| {
            kept.number += 1;
            kept.number
        });
        Box::pin(std::future::ready(number))
    }

    fn record(&self, made: Made) -> BoxFuture<'_, Result<(), StoreError>> {
        let done = self.open().and_then(|mut kept| kept.record(made, self.requests_max));
        Box::pin(std::future::ready(done))
    }

    fn find<'s>(&'s self, space: &str, caller_id: &str) -> BoxFuture<'s, Result<Option<Made>, StoreError>> {
        let found =
            self.open().map(|kept| kept.by_caller.get(&pair(space, caller_id)).map(|made| Made::clone(made)));
        Box::pin(std::future::ready(found))
    }

    fn find_upstream<'s>(
        &'s self,
        upstream: &str,
        upstream_id: &str,
    ) -> BoxFuture<'s, Result<Vec<Made>, StoreError>> {
        let found = self.open().map(|kept| {
            let list = kept.by_upstream.get(&pair(upstream, upstream_id));
            list.into_iter().flatten().take(SAME_UPSTREAM_MAX).map(|made| Made::clone(made)).collect()
        });
        Box::pin(std::future::ready(found))
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let closed = self.open().map(|mut kept| kept.closed = true);
        Box::pin(std::future::ready(closed))
    }
}
