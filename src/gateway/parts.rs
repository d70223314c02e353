//! What the steps of the flow hand on: each step takes what the one before it made, so a wrong order doesn't compile.
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::Incoming;

use crate::canonical::{Fault, FieldId};
use crate::dialect::{Dialect, Operation, Recognised};
use crate::exchange::{Outgoing, Prepared};
use crate::identity::sign_in::Identity;
use crate::telemetry::RequestId;
use crate::upstream::Upstream;

/// What is known of a request for its access line, gathered on the way.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) id: RequestId,
    pub(super) started: Instant,
    pub(super) caller: RefCell<Option<Arc<str>>>,
    pub(super) dialect: RefCell<Option<Arc<Dialect>>>,
    pub(super) operation: Cell<usize>,
    pub(super) upstream: RefCell<Option<Arc<Upstream>>>,
    pub(super) upstream_us: Cell<u64>,
    pub(super) bytes_in: Cell<u64>,
    pub(super) fault: Cell<&'static str>,
    /// What is told of losses where it ends in a fault: those that were refused, or those of the request that the
    /// upstream refused.
    pub(super) told: RefCell<Option<String>>,
}

/// No operation is known (yet).
pub(super) const NO_OPERATION: usize = usize::MAX;

impl Trace {
    pub(super) fn operation(&self) -> String {
        let dialect = self.dialect.borrow();
        let operation = dialect.as_ref().and_then(|dialect| dialect.operations().get(self.operation.get()));
        operation.map(|operation| operation.word.clone()).unwrap_or_default()
    }
}

/// A request that has just come in.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) head: hyper::http::request::Parts,
    pub(super) body: Incoming,
    pub(super) trace: Rc<Trace>,
}

/// A request whose dialect and operation are known.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) head: hyper::http::request::Parts,
    pub(super) body: Incoming,
    pub(super) trace: Rc<Trace>,
    pub(super) found: Found,
}

/// Whose operation it is, and how it was addressed.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) dialect: Arc<Dialect>,
    pub(super) operation: usize,
    pub(super) route: usize,
    pub(super) path: Vec<(FieldId, String)>,
}

impl Found {
    pub(super) fn operation(&self) -> &Operation {
        &self.dialect.operations()[self.operation]
    }

    pub(super) fn recognised(&self) -> Recognised<'_> {
        let operation = self.operation();
        Recognised {
            dialect: &self.dialect,
            operation,
            route: &operation.routes[self.route],
            path: self.path.clone(),
            operation_at: self.operation,
            route_at: self.route,
        }
    }
}

/// Who calls: proof that a credential was good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub(super) caller: usize,
    pub(super) from: usize,
}

/// A request of a known principal.
#[derive(Debug)]
pub(super) struct Authenticated {
    pub(super) known: Known,
    pub(super) who: Who,
}

/// A request whose body is here.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) path_and_query: hyper::http::uri::PathAndQuery,
    pub(super) body: Bytes,
    pub(super) trace: Rc<Trace>,
    pub(super) found: Found,
    pub(super) who: Who,
}

/// A request that is ready to be sent: nothing in it can still be wrong.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) prepared: Prepared,
    /// The call that was prepared.
    pub(super) call: Outgoing,
    pub(super) caller: Arc<str>,
    pub(super) upstream: Arc<Upstream>,
    pub(super) identity: Arc<Identity>,
    pub(super) trace: Rc<Trace>,
}

/// What is sent back, before it is HTTP.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) body: Option<Bytes>,
    /// Of an answer that goes through unchanged: its own content type.
    pub(super) content_type: Option<hyper::header::HeaderValue>,
    /// What is told of losses.
    pub(super) told: Option<String>,
}

/// What came back from the upstream.
#[derive(Debug)]
pub(super) struct Replied {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A fault, with the operation that it is a fault of.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) fault: Fault,
    /// Methods that would do, for a wrong one.
    pub(super) allow: Box<[String]>,
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Failed {
        Failed { fault, allow: Box::default() }
    }
}
