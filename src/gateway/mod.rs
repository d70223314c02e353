//! The gateway: where everything meets.
//!
//! Start at [`flow`], the tower stack that a request passes, in order, in one place. [`setup`] makes a [`Gateway`] of
//! the configuration, the dialects, the crosswalk and the store; [`listener`] and [`admin`] are the sockets' side.
//! Knows all other modules but `cli` and `sandbox`.
pub mod admin;
mod ends;
pub mod flow;
mod forward;
pub mod listener;
mod parts;
mod recognise;
pub mod setup;
mod translate;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use crate::canonical::FieldId;
use crate::crosswalk::Crosswalk;
use crate::dialect::Dialect;
use crate::exchange::{Pair, Policy, Principal};
use crate::identity::caller::Callers;
use crate::identity::sign_in::Identity;
use crate::json::Limits;
use crate::store::Store;
use crate::upstream::Upstream;

/// All that serving needs, shared by the serving threads.
pub struct Gateway {
    /// The dialects that callers may speak, in their default variants.
    dialects: Vec<Arc<Dialect>>,
    callers: Callers,
    legs: Vec<Caller>,
    upstreams: Vec<Arc<Upstream>>,
    routes: Vec<Route>,
    crosswalk: Crosswalk,
    store: Arc<dyn Store>,
    limits: Limits,
    body_bytes_max: usize,
    in_flight_max: usize,
    in_flight: AtomicUsize,
    deadline: Duration,
}

/// A principal, and all that it can reach.
struct Caller {
    name: Arc<str>,
    from: Vec<CallsFrom>,
}

/// One dialect that a principal calls in.
struct CallsFrom {
    dialect: Arc<Dialect>,
    space: Arc<str>,
    /// By upstream; none where the principal has no identity there.
    legs: Vec<Option<Leg>>,
}

/// A principal in one dialect towards one upstream.
struct Leg {
    pair: Arc<Pair>,
    policy: Policy,
    principal: Principal,
    identity: Arc<Identity>,
}

/// Which upstream a request goes to: all that is said must fit.
struct Route {
    upstream: usize,
    caller: Option<usize>,
    dialect: Option<String>,
    space: Option<String>,
    target: Vec<(FieldId, String)>,
}

impl Gateway {
    /// The upstreams, for the admin listener and for closing.
    pub fn upstreams(&self) -> &[Arc<Upstream>] {
        &self.upstreams
    }

    /// Where requests made are kept.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("upstreams", &self.upstreams).finish_non_exhaustive()
    }
}
