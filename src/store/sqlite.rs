//! The store in an SQLite file: one thread writes, one reads, and the runtime never waits for either.
//!
//! Calls go through bounded queues; one that is full is an error at once, not a wait. The schema is versioned by
//! `user_version` and the file marked by `application_id`, so that a foreign file is refused, not changed.
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::writer::{self, Write};
use super::{Answer, Made, SAME_UPSTREAM_MAX, Store, StoreError};

/// "pamg": marks a file as ours.
const APPLICATION_ID: i32 = 0x7061_6d67;
const SCHEMA_VERSION: i32 = 1;
/// Waiting calls of one kind; more than a disk settles in a few seconds.
const QUEUE_MAX: usize = 4096;
/// How long another process (a backup) may hold the file.
const FILE_WAIT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    space TEXT NOT NULL, caller_id TEXT NOT NULL, caller TEXT NOT NULL,
    upstream TEXT NOT NULL, upstream_id TEXT NOT NULL,
    canonical TEXT NOT NULL, created_unix_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX request_by_caller ON request (space, caller_id);
CREATE INDEX request_by_upstream ON request (upstream, upstream_id);
CREATE TABLE counter (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;
";

const BY_CALLER: &str = "SELECT caller, space, caller_id, upstream, upstream_id, canonical, created_unix_ms
    FROM request WHERE space = ?1 AND caller_id = ?2";
const BY_UPSTREAM: &str = "SELECT caller, space, caller_id, upstream, upstream_id, canonical, created_unix_ms
    FROM request WHERE upstream = ?1 AND upstream_id = ?2 ORDER BY id LIMIT ?3";

/// Requests made, in a file.
pub(super) struct Sqlite {
    write: mpsc::Sender<Write>,
    read: mpsc::Sender<Read>,
    numbers: Mutex<std::ops::Range<u64>>,
}

enum Read {
    Caller { space: String, caller_id: String, reply: oneshot::Sender<Result<Option<Made>, StoreError>> },
    Upstream { upstream: String, upstream_id: String, reply: oneshot::Sender<Result<Vec<Made>, StoreError>> },
    Close(oneshot::Sender<()>),
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Sqlite, StoreError> {
        create_private(path)?;
        let mut writing = connect(path)?;
        prepare(&mut writing, path)?;
        let reading = connect(path)?;
        reading.pragma_update(None, "query_only", true)?;
        let (write, writes) = mpsc::channel(QUEUE_MAX);
        let (read, reads) = mpsc::channel(QUEUE_MAX);
        spawn("store-write", move || writer::run(writing, writes))?;
        spawn("store-read", move || run_reads(reading, reads))?;
        Ok(Sqlite { write, read, numbers: Mutex::new(0..0) })
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    let thread = std::thread::Builder::new().name(name.into()).spawn(body);
    thread.map(drop).map_err(|error| StoreError::Failed(error.to_string().into()))
}

/// Makes the file for its owner only, if it isn't there; SQLite gives its journal the same rights.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path);
    opened.map(drop).map_err(|error| StoreError::Failed(format!("{}: {error}", path.display()).into()))
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(FILE_WAIT)?;
    Ok(connection)
}

/// Checks that the file is ours and of our version, or makes it so where it is empty.
fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let foreign = |why: &str| StoreError::Foreign { path: path.into(), why: why.into() };
    let number = |connection: &Connection, pragma: &str| {
        connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0))
    };
    let application = match number(connection, "application_id") {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            return Err(foreign("is not an SQLite file; name another path in [store]"));
        }
        other => other?,
    };
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(foreign("belongs to another program; name another path in [store]"));
    }
    if number(connection, "user_version")? > SCHEMA_VERSION {
        return Err(foreign("was written by a newer pamgate; run that one, or restore an older copy"));
    }
    // A write-ahead log that reaches the disk with every commit: readers never wait, nothing acknowledged is lost.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if number(&change, "user_version")? < SCHEMA_VERSION {
        change.execute_batch(SCHEMA)?;
        change.pragma_update(None, "application_id", APPLICATION_ID)?;
        change.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    Ok(change.commit()?)
}

fn made(row: &Row<'_>) -> rusqlite::Result<Made> {
    Ok(Made {
        caller: row.get(0)?,
        space: row.get(1)?,
        caller_id: row.get(2)?,
        upstream: row.get(3)?,
        upstream_id: row.get(4)?,
        canonical: row.get(5)?,
        created_unix_ms: row.get(6)?,
    })
}

pub(super) fn find(connection: &Connection, space: &str, caller_id: &str) -> rusqlite::Result<Option<Made>> {
    connection.prepare_cached(BY_CALLER)?.query_row([space, caller_id], made).optional()
}

fn find_upstream(connection: &Connection, upstream: &str, id: &str) -> rusqlite::Result<Vec<Made>> {
    let mut query = connection.prepare_cached(BY_UPSTREAM)?;
    query.query_map((upstream, id, SAME_UPSTREAM_MAX as i64), made)?.collect()
}

fn run_reads(connection: Connection, mut calls: mpsc::Receiver<Read>) {
    let mut closing = Vec::new();
    // A caller that stopped waiting has dropped its receiver: there is nobody to tell, so failed sends are ignored.
    while let Some(call) = calls.blocking_recv() {
        match call {
            Read::Caller { space, caller_id, reply } => {
                drop(reply.send(find(&connection, &space, &caller_id).map_err(StoreError::from)));
            }
            Read::Upstream { upstream, upstream_id, reply } => {
                drop(
                    reply.send(find_upstream(&connection, &upstream, &upstream_id).map_err(StoreError::from)),
                );
            }
            Read::Close(reply) => {
                calls.close();
                closing.push(reply);
            }
        }
    }
    // Closed before the writer, whose connection is then the last: it leaves the file whole.
    drop(connection);
    for reply in closing {
        reply.send(()).ok();
    }
}

/// Puts a call into a queue and waits for its reply.
async fn ask<Call, Reply>(
    queue: &mpsc::Sender<Call>,
    call: impl FnOnce(oneshot::Sender<Reply>) -> Call,
) -> Result<Reply, StoreError> {
    let (reply, replied) = oneshot::channel();
    queue.try_send(call(reply)).map_err(|error| match error {
        mpsc::error::TrySendError::Full(_) => StoreError::Busy,
        mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
    })?;
    replied.await.map_err(|_| StoreError::Closed)
}

impl Store for Sqlite {
    fn next_number(&self) -> Answer<'_, u64> {
        Answer::later(async {
            let mut numbers = self.numbers.lock().await;
            if numbers.is_empty() {
                *numbers = ask(&self.write, Write::Reserve).await??;
            }
            numbers.next().ok_or_else(|| StoreError::Failed("no number is left".into()))
        })
    }

    fn record<'s>(&'s self, made: &Made) -> Answer<'s, ()> {
        let made = made.clone();
        Answer::later(async { ask(&self.write, |reply| Write::Record(made, reply)).await? })
    }

    fn find<'s>(&'s self, space: &str, caller_id: &str) -> Answer<'s, Option<Made>> {
        let (space, caller_id) = (space.to_owned(), caller_id.to_owned());
        Answer::later(async { ask(&self.read, |reply| Read::Caller { space, caller_id, reply }).await? })
    }

    fn find_upstream<'s>(&'s self, upstream: &str, upstream_id: &str) -> Answer<'s, Vec<Made>> {
        let (upstream, upstream_id) = (upstream.to_owned(), upstream_id.to_owned());
        Answer::later(async {
            ask(&self.read, |reply| Read::Upstream { upstream, upstream_id, reply }).await?
        })
    }

    fn close(&self) -> Answer<'_, ()> {
        Answer::later(async {
            ask(&self.read, Read::Close).await?;
            ask(&self.write, Write::Close).await?
        })
    }
}
