//! Plain tables in a SQLite file: one writer that commits what waits together, readers on the calling thread; durable at each
//! commit.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio::sync::oneshot;

use super::{Outcome, Statement, Value};
use crate::Failure;

/// Units of one commit at most.
const UNITS: usize = 256;

/// A unit of work and where its answer goes.
struct Unit {
    statements: Vec<Statement>,
    answer: oneshot::Sender<Result<Vec<Outcome>, rusqlite::Error>>,
}

pub(crate) struct Tables {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    writer: Sender<Unit>,
    thread: JoinHandle<Result<(), rusqlite::Error>>,
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA mmap_size = 1073741824;",
    )?;
    Ok(connection)
}

impl Tables {
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("floor.db");
        let connection = connect(&path)?;
        let (writer, units) = channel();
        let thread = std::thread::spawn(move || write_all(&connection, &units));
        Ok(Self { path, idle: Mutex::new(Vec::new()), writer, thread })
    }

    pub(super) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<Outcome>, Failure> {
        let (answer, answered) = oneshot::channel();
        self.writer.send(Unit { statements, answer }).map_err(|_| "the writer is gone")?;
        Ok(answered.await??)
    }

    pub(super) fn read(&self, statements: &[Statement]) -> Result<Vec<Outcome>, Failure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path)?,
        };
        let outcomes = statements.iter().map(|one| run(&connection, one)).collect::<Result<_, _>>()?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(outcomes)
    }

    pub(super) fn close(self) -> Result<(), Failure> {
        drop((self.writer, self.idle));
        self.thread.join().map_err(|_| "the writer failed")??;
        Ok(())
    }
}

/// Commits what waits, together, until nobody sends any more. A failed commit answers nobody.
fn write_all(connection: &Connection, units: &Receiver<Unit>) -> Result<(), rusqlite::Error> {
    while let Ok(first) = units.recv() {
        let waiting = std::iter::once(first).chain(units.try_iter().take(UNITS - 1));
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut answers = Vec::new();
        for Unit { statements, answer } in waiting {
            connection.prepare_cached("SAVEPOINT unit")?.execute([])?;
            let done: Result<Vec<Outcome>, _> = statements.iter().map(|one| run(connection, one)).collect();
            if done.is_err() {
                connection.prepare_cached("ROLLBACK TO unit")?.execute([])?;
            }
            connection.prepare_cached("RELEASE unit")?.execute([])?;
            answers.push((answer, done));
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        for (answer, done) in answers {
            // Whoever does not wait any more is not told.
            drop(answer.send(done));
        }
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
}

fn run(connection: &Connection, statement: &Statement) -> Result<Outcome, rusqlite::Error> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    for (index, value) in (1..).zip(&statement.params) {
        let value = match value {
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        };
        prepared.raw_bind_parameter(index, ToSqlOutput::Borrowed(value))?;
    }
    let columns = prepared.column_count();
    if columns == 0 {
        return Ok(Outcome { rows: Vec::new(), changed: prepared.raw_execute()? as u64 });
    }
    let (mut found, mut rows) = (Vec::new(), prepared.raw_query());
    while let Some(row) = rows.next()? {
        let cell = |index| match row.get_ref(index)? {
            ValueRef::Integer(value) => Ok(Value::Int(value)),
            ValueRef::Text(text) => Ok(Value::Text(String::from_utf8_lossy(text).into_owned())),
            _ => Ok::<_, rusqlite::Error>(Value::Int(0)),
        };
        found.push((0..columns).map(cell).collect::<Result<_, _>>()?);
    }
    Ok(Outcome { rows: found, changed: 0 })
}
