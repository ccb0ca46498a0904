//! Folding the write-ahead log into the files, on a thread and a connection of its own, so that neither
//! the writer nor a reader waits for it. It writes nothing else, and waits for nobody: a checkpoint that waits
//! for a reader would hold up the writer all that time.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::StoreError;
use crate::schema::SCHEMAS;

/// Pages of log (64 MiB) from which the log is made to start again, even if the writer waits a moment:
/// under steady load a passive checkpoint alone never catches up with the end of the log.
const LONG_LOG_PAGES: i64 = 16_384;

/// The schema of the key store.
const KEYS: &str = "moretus_keys";

/// How long a checkpoint follows the one before: each syncs the files beside the writer's own syncs.
const PAUSE: Duration = Duration::from_secs(1);

/// The thread, with what it was told. It ends when this is dropped.
pub(crate) struct Checkpointer {
    told: Arc<Told>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Told {
    news: Mutex<News>,
    changed: Condvar,
}

#[derive(Default)]
struct News {
    /// Something was committed since the last checkpoint.
    committed: bool,
    /// Keys were destroyed whose pages may still be in the key store's log.
    destroyed: bool,
    closed: bool,
}

impl Told {
    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut News)) {
        change(&mut self.news());
        self.changed.notify_one();
    }
}

impl Checkpointer {
    /// Something was committed.
    pub(crate) fn committed(&self) {
        self.told.tell(|news| news.committed = true);
    }

    /// Keys were destroyed and committed: empties the key store's log, so that the pages whose keys were
    /// overwritten replace those that held them. Tries for a second, on the writer's `connection`; if a reader
    /// is in the way so long, the thread goes on trying.
    pub(crate) fn scrub_keys(&self, connection: &Connection) {
        // Without waiting inside SQLite, which would hold the write lock meanwhile.
        let done = connection.busy_timeout(Duration::ZERO).is_ok() && scrubbed(connection);
        if let Err(error) = connection.busy_timeout(super::BUSY_TIMEOUT) {
            tracing::warn!(%error, "the writer no longer waits for locks");
        }
        if !done {
            self.told.tell(|news| news.destroyed = true);
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.told.tell(|news| news.closed = true);
        if let Some(thread) = self.thread.take() {
            // A panic there loses nothing: the log stays beside the file.
            let _ = thread.join();
        }
    }
}

/// Starts the thread.
pub(crate) fn start(connection: Connection) -> Result<Checkpointer, StoreError> {
    connection.busy_timeout(Duration::ZERO)?;
    let told = Arc::new(Told::default());
    let own = Arc::clone(&told);
    let thread = std::thread::Builder::new()
        .name("store-checkpoint".into())
        .spawn(move || work(&connection, &own))
        .map_err(|_| StoreError::unavailable("thread"))?;
    Ok(Checkpointer { told, thread: Some(thread) })
}

fn work(connection: &Connection, told: &Told) {
    loop {
        let idle = |news: &mut News| !(news.committed || news.destroyed || news.closed);
        let mut news = told.changed.wait_while(told.news(), idle).unwrap_or_else(PoisonError::into_inner);
        if news.closed {
            break;
        }
        let destroyed = std::mem::take(&mut news.destroyed);
        news.committed = false;
        drop(news);
        let scrubbed = run(connection, destroyed);
        let mut news = told.news();
        news.destroyed |= destroyed && !scrubbed;
        // What is committed meanwhile waits; closing does not.
        drop(told.changed.wait_timeout_while(news, PAUSE, |news| !news.closed));
    }
    for schema in SCHEMAS {
        if let Err(error) = checkpoint(connection, schema, "TRUNCATE") {
            tracing::warn!(%error, schema, "the last checkpoint did not finish; the log stays beside the file");
        }
    }
}

/// One checkpoint of every file. Whether the key store's log was emptied, if it was to be.
fn run(connection: &Connection, destroyed: bool) -> bool {
    let mut scrubbed = false;
    for schema in SCHEMAS {
        let scrubs = schema == KEYS && destroyed;
        let done = checkpoint(connection, schema, "PASSIVE").and_then(|pages| match pages {
            _ if scrubs => checkpoint(connection, schema, "TRUNCATE"),
            pages if pages > LONG_LOG_PAGES => checkpoint(connection, schema, "RESTART"),
            pages => Ok(pages),
        });
        match done {
            Ok(_) => scrubbed |= scrubs,
            Err(StoreError::Busy) => tracing::debug!(schema, "somebody reads: the log grows until they end"),
            Err(error) => tracing::warn!(%error, schema, "a checkpoint did not finish; it is tried again"),
        }
    }
    scrubbed
}

fn scrubbed(connection: &Connection) -> bool {
    for _ in 0..200 {
        match checkpoint(connection, KEYS, "TRUNCATE") {
            Ok(_) => return true,
            Err(StoreError::Busy) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => break,
        }
    }
    false
}

/// Runs a checkpoint; answers how many pages the log holds, or [`StoreError::Busy`] when it could not finish.
pub(crate) fn checkpoint(connection: &Connection, schema: &str, mode: &str) -> Result<i64, StoreError> {
    let answer: (i64, i64) =
        connection.query_row(&format!("PRAGMA {schema}.wal_checkpoint({mode})"), [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if answer.0 == 0 { Ok(answer.1) } else { Err(StoreError::Busy) }
}
