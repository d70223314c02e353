//! The sandbox's clock: the machine's, or one that a test holds in its hand.
//!
//! Start at [`Clock::system`] or [`Clock::fixed`]. Knows `jiff` only; never sleeps.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A handle on a clock. Clones tell the same time and are moved together.
#[derive(Clone, Debug)]
pub struct Clock {
    standing: Option<Timestamp>,
    moved: Arc<Mutex<SignedDuration>>,
}

impl Clock {
    /// The machine's clock, to the millisecond (which is what the vendors print).
    pub fn system() -> Self {
        Clock { standing: None, moved: Arc::default() }
    }

    /// A clock that stands at `at` until it is advanced.
    pub fn fixed(at: Timestamp) -> Self {
        Clock { standing: Some(at), moved: Arc::default() }
    }

    /// Moves this clock and all its clones. A system clock runs on from there.
    pub fn advance(&self, by: SignedDuration) {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        *moved = moved.saturating_add(by);
    }

    /// The time now. At the ends of what jiff can tell, the clock stands still.
    pub fn now(&self) -> Timestamp {
        let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        let base = self.standing.unwrap_or_else(Timestamp::now);
        let now = later(base, moved);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

/// `at + by`, held at the ends of what jiff can tell.
pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}
