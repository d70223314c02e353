//! What must survive: the requests made, whose they are, and their ids at both ends.
//!
//! Start at [`Store`]; [`memory`] and [`sqlite`] make one. What `record` acknowledged is on disk (with SQLite) and
//! survives `kill -9`. Knows no other module: a request's canonical form is text to it, and holds no secret.
mod memory;
mod sqlite;
#[cfg(test)]
mod tests;
mod writer;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What a store answers: at once, where it needs no waiting, or later.
pub enum Answer<'a, T> {
    /// At once; none: it has been given.
    Now(Option<Result<T, StoreError>>),
    /// Later.
    Later(Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>),
}

impl<'a, T> Answer<'a, T> {
    fn now(result: Result<T, StoreError>) -> Answer<'a, T> {
        Answer::Now(Some(result))
    }

    fn later(result: impl Future<Output = Result<T, StoreError>> + Send + 'a) -> Answer<'a, T> {
        Answer::Later(Box::pin(result))
    }
}

impl<T: Unpin> Future for Answer<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            // Nobody asks a future again that was ready; whoever did is told so.
            Answer::Now(result) => Poll::Ready(result.take().unwrap_or(Err(StoreError::Closed))),
            Answer::Later(result) => result.as_mut().poll(cx),
        }
    }
}

/// A request that was made at an upstream for a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The principal whose request it is.
    pub caller: Arc<str>,
    /// The id space of the caller's dialect.
    pub space: Arc<str>,
    /// The request's id as the caller knows it; unique within the space.
    pub caller_id: String,
    /// The upstream's name.
    pub upstream: Arc<str>,
    /// The request's id as the upstream knows it.
    pub upstream_id: String,
    /// The canonical form of what was asked, as JSON, without secrets.
    pub canonical: String,
    /// When it was made, in milliseconds since 1970.
    pub created_unix_ms: i64,
}

impl Made {
    /// Whether both are records of one request. What was asked and when may differ: an upstream that reuses an
    /// open request answers a second creation with the first one's id, and the first is what stands there.
    fn same_request(&self, other: &Made) -> bool {
        self.caller == other.caller
            && self.space == other.space
            && self.caller_id == other.caller_id
            && self.upstream == other.upstream
            && self.upstream_id == other.upstream_id
    }
}

/// Why the store could not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Too many calls wait for the disk; try again later.
    #[error("the store has too many calls waiting")]
    Busy,
    /// The store was closed, or its thread is gone.
    #[error("the store is closed")]
    Closed,
    /// The caller's id already stands for another request.
    #[error("`{caller_id}` in `{space}` already stands for another request")]
    Conflict {
        /// The id space.
        space: Arc<str>,
        /// The id within it.
        caller_id: String,
    },
    /// The file is no store of this program, or of a newer one.
    #[error("{path}: {why}", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// The file or the disk failed.
    #[error("the store failed: {0}")]
    Failed(Arc<str>),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Failed(error.to_string().into())
    }
}

/// Where requests made are kept.
pub trait Store: Send + Sync {
    /// A number for an id that the gateway mints: never given twice, with SQLite also not after a restart
    /// (numbers may be skipped then). Starts at 1.
    fn next_number(&self) -> Answer<'_, u64>;

    /// Keeps a request; durable when it returns. To record the same request again changes nothing (the first
    /// record stands); another request under the same space and caller's id is a [`StoreError::Conflict`].
    fn record<'s>(&'s self, made: &Made) -> Answer<'s, ()>;

    /// The request that a caller knows by this id.
    fn find<'s>(&'s self, space: &str, caller_id: &str) -> Answer<'s, Option<Made>>;

    /// The records of an upstream's request, oldest first: mostly one, several where the upstream gave one request
    /// to several callers. At most [`SAME_UPSTREAM_MAX`].
    fn find_upstream<'s>(&'s self, upstream: &str, upstream_id: &str) -> Answer<'s, Vec<Made>>;

    /// Finishes what waits, after which the file is let go of; every later call is [`StoreError::Closed`].
    fn close(&self) -> Answer<'_, ()>;
}

/// How many records of one upstream's request are told.
pub const SAME_UPSTREAM_MAX: usize = 64;

/// A store that forgets at exit, and its oldest requests once it holds `requests_max`. Its numbers begin at 1 again
/// at each start, so it is for trying and testing.
pub fn memory(requests_max: usize) -> Arc<dyn Store> {
    Arc::new(memory::Memory::new(requests_max))
}

/// The store in an SQLite file, which is created (readable by its owner only) where there is none.
///
/// # Errors
/// Where the file can't be opened, or is not ours, or is of a newer version.
pub fn sqlite(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(sqlite::Sqlite::open(path)?))
}
