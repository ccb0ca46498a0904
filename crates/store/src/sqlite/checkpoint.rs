//! Folding the write-ahead log into the files, on a thread and a connection of its own, so that neither
//! the writer nor a reader waits for it. It writes nothing else.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::Duration;

use rusqlite::Connection;

use crate::StoreError;
use crate::schema::SCHEMAS;

/// Pages of log (64 MiB) from which the log is made to start again, even if the writer waits a moment:
/// under steady load a passive checkpoint alone never catches up with the end of the log.
const LONG_LOG_PAGES: i64 = 16_384;

/// Tells the thread that something was committed. The thread ends when this is dropped.
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Checkpointer {
    /// Something was committed.
    pub(crate) fn committed(&self) {
        if let Some(wake) = &self.wake {
            // Full means that the thread knows already.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // A panic there loses nothing: the log stays beside the file.
            let _ = thread.join();
        }
    }
}

/// Starts the thread.
pub(crate) fn start(connection: Connection) -> Result<Checkpointer, StoreError> {
    let (wake, woken) = mpsc::sync_channel(1);
    let work = move || {
        while woken.recv().is_ok() {
            run(&connection);
            // At most once a second, and at once when the store closes.
            if let Err(RecvTimeoutError::Disconnected) = woken.recv_timeout(Duration::from_secs(1)) {
                break;
            }
        }
        for schema in SCHEMAS {
            if let Err(error) = checkpoint(&connection, schema, "TRUNCATE") {
                tracing::warn!(%error, schema, "the last checkpoint did not finish; the log stays beside the file");
            }
        }
    };
    let thread = std::thread::Builder::new()
        .name("store-checkpoint".into())
        .spawn(work)
        .map_err(|_| StoreError::unavailable("thread"))?;
    Ok(Checkpointer { wake: Some(wake), thread: Some(thread) })
}

fn run(connection: &Connection) {
    for schema in SCHEMAS {
        let done = checkpoint(connection, schema, "PASSIVE").and_then(|pages| {
            if pages > LONG_LOG_PAGES { checkpoint(connection, schema, "RESTART").map(drop) } else { Ok(()) }
        });
        if let Err(error) = done {
            tracing::warn!(%error, schema, "a checkpoint did not finish; it is tried again");
        }
    }
}

/// Runs a checkpoint; answers how many pages the log holds, or [`StoreError::Busy`] when it could not finish.
pub(crate) fn checkpoint(connection: &Connection, schema: &str, mode: &str) -> Result<i64, StoreError> {
    let answer: (i64, i64) =
        connection.query_row(&format!("PRAGMA {schema}.wal_checkpoint({mode})"), [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if answer.0 == 0 { Ok(answer.1) } else { Err(StoreError::Busy) }
}

/// Empties the key store's log, so that the pages whose keys were overwritten replace those that held them.
/// The other checkpoints do not make it wait, so it tries for a while.
pub(crate) fn scrub_keys(connection: &Connection) {
    for _ in 0..200 {
        match checkpoint(connection, "moretus_keys", "TRUNCATE") {
            Ok(_) => return,
            Err(StoreError::Busy) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => break,
        }
    }
    tracing::warn!("destroyed keys stay in the write-ahead log of the key store until its next checkpoint");
}
