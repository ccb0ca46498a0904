//! The SQLite engine: a file for each schema, one writer thread with group commit, readers on connections of
//! their own.
//!
//! A connection's main database is empty and in memory, and the files are attached to it, so that the schemas
//! have the names that PostgreSQL's have, and so that a commit of several files makes them durable in the
//! order in which they are attached: see [`SCHEMAS`].

mod append;
mod checkpoint;
pub(crate) mod reader;
mod standing;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::mpsc;

use crate::StoreError;
use crate::schema::{MIGRATIONS, SCHEMAS, known_version};
use crate::unit::{sqlite_execute, sqlite_query};
use crate::value::Param;

pub(crate) use append::AppendJob;
use reader::Readers;
pub(crate) use writer::{Job, UnitJob};

/// Callers that may wait for the writer; one more is told that the store is busy.
const QUEUE: usize = 8_192;

/// How long a connection waits for another one's lock.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// The file of each of [`SCHEMAS`].
pub(crate) const FILES: [&str; 3] = ["keys.db", "log.db", "moretus.db"];
/// The last of them: without it there is no database.
const MAIN_FILE: &str = "moretus.db";

/// The engine: where the files are, the way to the writer, and the readers.
pub(crate) struct Sqlite {
    pub(crate) readers: Readers,
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    read_ahead: Arc<AtomicBool>,
}

impl Sqlite {
    pub(crate) fn open(directory: &Path) -> Result<Self, StoreError> {
        if !directory.join(MAIN_FILE).exists() {
            return Err(StoreError::OlderDatabase { found: 0, known: known_version() });
        }
        let connection = connect(directory, false)?;
        crate::migrate::check(version(&connection)?)?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let checkpointer = checkpoint::start(connect(directory, false)?)?;
        let standings = standing::Standings::new(&connection)?;
        let read_ahead = standings.done_reading();
        let writer = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer::run(&connection, standings, jobs, &checkpointer))
            .map_err(|_| StoreError::unavailable("thread"))?;
        Ok(Self {
            readers: Readers::new(directory.to_owned()),
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(writer)),
            read_ahead,
        })
    }

    /// Hands a job to the writer; never waits.
    pub(crate) fn send(&self, job: Job) -> Result<(), StoreError> {
        let queue = self.queue.lock().map_err(|_| StoreError::internal("lock"))?;
        match queue.as_ref().ok_or(StoreError::Closed)?.try_send(job) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(StoreError::Closed),
        }
    }

    /// Jobs that wait for the writer.
    pub(crate) fn queue_depth(&self) -> usize {
        let queue = self.queue.lock().ok();
        queue
            .and_then(|queue| queue.as_ref().map(|queue| queue.max_capacity() - queue.capacity()))
            .unwrap_or(0)
    }

    /// Whether the writer has read ahead what it keeps in memory.
    pub(crate) fn has_read_ahead(&self) -> bool {
        self.read_ahead.load(Ordering::Relaxed)
    }

    /// Lets the writer finish what waits, and folds the logs into the files.
    pub(crate) fn close(&self) -> Result<(), StoreError> {
        let lock = || StoreError::internal("lock");
        drop(self.queue.lock().map_err(|_| lock())?.take());
        if let Some(writer) = self.writer.lock().map_err(|_| lock())?.take() {
            writer.join().map_err(|_| StoreError::internal("writer"))?;
        }
        self.readers.clear();
        Ok(())
    }
}

/// A connection to the files. With `create` they are made where they are missing.
pub(crate) fn connect(directory: &Path, create: bool) -> Result<Connection, StoreError> {
    let connection = Connection::open_in_memory()?;
    connection.set_prepared_statement_cache_capacity(256);
    // A plan does not depend on bound values: otherwise many statements are prepared anew at each use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    for (schema, file) in SCHEMAS.into_iter().zip(FILES) {
        let path = directory.join(file);
        if !create && !path.exists() {
            return Err(StoreError::MissingFile { file: file.to_owned() });
        }
        attach(&connection, &path, schema)?;
    }
    connection
        .execute_batch("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF")?;
    Ok(connection)
}

fn attach(connection: &Connection, path: &Path, schema: &str) -> Result<(), StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Location { found: path.display().to_string() })?;
    connection.execute(&format!("ATTACH DATABASE ?1 AS {schema}"), [text])?;
    // FULL: a commit is on the disk when it returns. The writer does not checkpoint; a thread of its own does.
    // What is deleted is overwritten, since an erased key must not linger in a free page. Files are mapped whole, so that the
    // cache of pages holds what is written: the larger it is, the longer SQLite goes through it at the end of some commits. A transaction
    // keeps up to 32 MiB (8,192 pages) in memory before it writes any of it.
    connection.execute_batch(&format!(
        "PRAGMA {schema}.journal_mode = WAL;
         PRAGMA {schema}.synchronous = FULL;
         PRAGMA {schema}.cache_size = -8192;
         PRAGMA {schema}.cache_spill = 8192;
         PRAGMA {schema}.mmap_size = 1099511627776;
         PRAGMA {schema}.secure_delete = {};
         PRAGMA wal_autocheckpoint = 0",
        if schema == "moretus_keys" { "ON" } else { "FAST" }
    ))?;
    Ok(())
}

/// The version of the database; 0 when there is nothing in it.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    let table = "SELECT count(*) FROM moretus.sqlite_master WHERE type = 'table' AND name = 'meta'";
    if sqlite_query(connection, "sqlite_master", table, &[])?.first().map(|row| row.int(0)).transpose()?
        != Some(1)
    {
        return Ok(0);
    }
    crate::migrate::version_of(sqlite_query(connection, "meta", crate::migrate::READ_VERSION, &[])?.first())
}

/// Brings the files to the known version, one transaction a version.
pub(crate) fn migrate(directory: &Path) -> Result<i64, StoreError> {
    make_private(directory)?;
    let connection = connect(directory, true)?;
    let from = version(&connection)?;
    if from > known_version() {
        return Err(StoreError::NewerDatabase { found: from, known: known_version() });
    }
    for (number, steps) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > from) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let done = steps
            .iter()
            .filter_map(crate::schema::Step::sqlite)
            .try_for_each(|step| connection.execute_batch(&step).map_err(StoreError::from))
            .and_then(|()| {
                sqlite_execute(
                    &connection,
                    crate::migrate::WRITE_VERSION,
                    &[Param::Text(&number.to_string())],
                )
            });
        connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        done?;
    }
    Ok(from)
}

/// Makes the directory, readable to its owner alone.
fn make_private(directory: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| StoreError::unavailable(format!("directory-{}", error.kind())))
}
