//! The connections to one upstream: bounded, kept alive, the last used first.
//!
//! Idle connections wait in shards, one for each serving thread, so that two threads don't meet at one
//! lock. A connection's driver stays on the runtime that opened it; its sending half works from any
//! thread, so a thread that has none, when no more may be opened, takes one from another shard.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::connect::Sender;
use super::timer::Timer;

static NEXT_THREAD: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    /// A number for each thread that ever asked, to spread threads over shards.
    static THREAD: usize = NEXT_THREAD.fetch_add(1, Ordering::Relaxed);
}

/// The number of this thread.
pub(super) fn this_thread() -> usize {
    THREAD.with(|thread| *thread)
}

/// A connection, counted as long as it lives.
pub(super) struct Connection {
    pub(super) sender: Sender,
    /// Of the deadlines of its calls.
    pub(super) timer: Timer,
    since: Instant,
    _counted: Counted,
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(super) struct Pool {
    shards: Box<[Mutex<VecDeque<Connection>>]>,
    /// One permit for each call under way.
    permits: Semaphore,
    open: Arc<AtomicUsize>,
    open_max: usize,
    idle_max: Duration,
}

impl Pool {
    pub(super) fn new(open_max: usize, idle_max: Duration) -> Self {
        let shards = std::thread::available_parallelism().map_or(1, usize::from);
        let open_max = open_max.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            permits: Semaphore::new(open_max),
            open: Arc::default(),
            open_max,
            idle_max,
        }
    }

    /// The right to use one connection; `None` when the deadline passes first.
    pub(super) async fn permit(&self, deadline: Instant) -> Option<SemaphorePermit<'_>> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Some(permit);
        }
        let acquired = tokio::time::timeout_at(deadline.into(), self.permits.acquire()).await;
        // The semaphore is never closed, so the inner error can't come.
        acquired.ok()?.ok()
    }

    /// A connection that waits here, if there is one that may be used.
    pub(super) fn take(&self) -> Option<Connection> {
        let own = self.own_shard();
        let found = self.take_from(own);
        if found.is_some() || self.open.load(Ordering::Relaxed) < self.open_max {
            return found;
        }
        let count = self.shards.len();
        (1..count).find_map(|step| self.take_from((own + step) % count))
    }

    /// Room for a new one: where none is left, an idle one goes.
    pub(super) fn make_room(&self) {
        if self.open.load(Ordering::Relaxed) >= self.open_max {
            drop(self.take());
        }
    }

    /// Counts a new connection.
    pub(super) fn adopt(&self, sender: Sender) -> Connection {
        self.open.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(&self.open));
        Connection { sender, timer: Timer::default(), since: Instant::now(), _counted: counted }
    }

    /// Takes a connection back whose reply was read whole. Says whether the shard was empty before.
    pub(super) fn put(&self, mut connection: Connection) {
        if connection.sender.is_closed() {
            return;
        }
        let now = Instant::now();
        connection.since = now;
        let expired = {
            let mut shard = self.shard(self.own_shard());
            shard.push_back(connection);
            // The oldest stand in front; one look a call keeps the stack clean under way.
            let old = |c: &Connection| now.duration_since(c.since) > self.idle_max;
            if shard.front().is_some_and(old) { shard.pop_front() } else { None }
        };
        drop(expired);
    }

    /// Drops what has been idle for too long, or is dead; says whether any connection remains open.
    pub(super) fn sweep(&self) -> bool {
        let now = Instant::now();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|c| !c.sender.is_closed() && now.duration_since(c.since) <= self.idle_max);
        }
        self.open.load(Ordering::Relaxed) > 0
    }

    /// Drops every idle connection.
    pub(super) fn clear(&self) {
        for index in 0..self.shards.len() {
            self.shard(index).clear();
        }
    }

    fn take_from(&self, index: usize) -> Option<Connection> {
        let mut shard = self.shard(index);
        while let Some(connection) = shard.pop_back() {
            if !connection.sender.is_closed() && connection.since.elapsed() <= self.idle_max {
                return Some(connection);
            }
        }
        None
    }

    fn own_shard(&self) -> usize {
        this_thread() % self.shards.len()
    }

    fn shard(&self, index: usize) -> MutexGuard<'_, VecDeque<Connection>> {
        // A panic elsewhere leaves the stack whole: it is only ever pushed to and popped from.
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
