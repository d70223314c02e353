//! The one thread that writes: it commits all the writes that wait together, then tells each what became of it.
use std::ops::Range;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{Made, StoreError, sqlite};

/// Writes in one commit: enough to share a disk's flush among all that wait, few enough to answer soon.
const BATCH_MAX: usize = 256;
/// Numbers reserved at once; what is left of them is skipped at a restart.
const NUMBERS: u64 = 256;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A call to the writing thread.
pub(super) enum Write {
    Record(Made, Reply<()>),
    Reserve(Reply<Range<u64>>),
    Close(Reply<()>),
}

/// What a call is told.
enum Done {
    Settled,
    Reserved(Range<u64>),
    Failed(StoreError),
}

impl Write {
    // A caller that stopped waiting has dropped its receiver: there is nobody to tell, so failed sends are ignored.
    fn tell(self, done: Done) {
        match (self, done) {
            (Write::Record(_, reply) | Write::Close(reply), Done::Failed(error)) => {
                drop(reply.send(Err(error)))
            }
            (Write::Record(_, reply) | Write::Close(reply), _) => drop(reply.send(Ok(()))),
            (Write::Reserve(reply), Done::Reserved(numbers)) => drop(reply.send(Ok(numbers))),
            (Write::Reserve(reply), Done::Failed(error)) => drop(reply.send(Err(error))),
            // `commit` answers a reservation with numbers; without a reply the caller would see `Closed`.
            (Write::Reserve(reply), Done::Settled) => drop(reply),
        }
    }
}

/// Runs until the queue is closed and empty. Who asked to close is told once the file is closed, which is when SQLite
/// puts its log into it: a process that ended before would leave that to the next start.
pub(super) fn run(mut connection: Connection, mut calls: mpsc::Receiver<Write>) {
    let mut waiting = Vec::with_capacity(BATCH_MAX);
    let mut closing = Vec::new();
    while calls.blocking_recv_many(&mut waiting, BATCH_MAX) > 0 {
        closing.extend(waiting.extract_if(.., |call| matches!(call, Write::Close(_))));
        if !closing.is_empty() {
            calls.close();
        }
        if !waiting.is_empty() {
            batch(&mut connection, &mut waiting);
        }
    }
    let closed = connection.close().map_err(|(_, error)| StoreError::from(error));
    for call in closing {
        call.tell(closed.clone().map_or_else(Done::Failed, |()| Done::Settled));
    }
}

/// All of the calls in one commit. Nothing is told before it is on disk; if it fails, all are told that.
fn batch(connection: &mut Connection, waiting: &mut Vec<Write>) {
    match commit(connection, waiting) {
        Ok(results) => waiting.drain(..).zip(results).for_each(|(call, done)| call.tell(done)),
        Err(error) => waiting.drain(..).for_each(|call| call.tell(Done::Failed(error.clone()))),
    }
}

fn commit(connection: &mut Connection, waiting: &[Write]) -> Result<Vec<Done>, StoreError> {
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut results = Vec::with_capacity(waiting.len());
    for call in waiting {
        results.push(match call {
            Write::Record(made, _) => record(&change, made)?,
            Write::Reserve(_) => Done::Reserved(reserve(&change)?),
            Write::Close(_) => Done::Settled,
        });
    }
    change.commit()?;
    Ok(results)
}

/// An error spoils the batch; `Done::Failed` concerns this record only.
fn record(change: &Connection, made: &Made) -> rusqlite::Result<Done> {
    let inserted = change
        .prepare_cached(
            "INSERT INTO request (caller, space, caller_id, upstream, upstream_id, canonical, created_unix_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (space, caller_id) DO NOTHING",
        )?
        .execute((
            &*made.caller,
            &*made.space,
            &made.caller_id,
            &*made.upstream,
            &made.upstream_id,
            &made.canonical,
            made.created_unix_ms,
        ))?;
    if inserted == 1 {
        return Ok(Done::Settled);
    }
    let there = sqlite::find(change, &made.space, &made.caller_id)?;
    Ok(if there.is_some_and(|there| there.same_request(made)) {
        Done::Settled
    } else {
        Done::Failed(StoreError::Conflict { space: made.space.clone(), caller_id: made.caller_id.clone() })
    })
}

fn reserve(change: &Connection) -> rusqlite::Result<Range<u64>> {
    let end: i64 = change
        .prepare_cached(
            "INSERT INTO counter (name, next) VALUES ('number', ?1 + 1)
             ON CONFLICT (name) DO UPDATE SET next = next + ?1 RETURNING next",
        )?
        .query_row([NUMBERS as i64], |row| row.get(0))?;
    let end = end.unsigned_abs();
    Ok(end.saturating_sub(NUMBERS)..end)
}
