//! Readers: connections that only read, taken and given back. A reader sees one snapshot of the main file
//! and never waits for the writer.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use domain::{CategorySet, PortfolioId, RecipientId, RecordId, RecordKind, SubjectId};
use rusqlite::Connection;

use super::connect;
use crate::StoreError;
use crate::condition::ConditionRow;
use crate::fetch::{Fetched, RECORD_ROWS, SUBJECT_CONDITIONS, SUBJECT_KEYS, SUBJECT_ROWS, Standing, mask};
use crate::key::WrappedKey;
use crate::recipient::{self, Registered};
use crate::reference::{ACTOR_OF_TOKEN, ActorRow};
use crate::sealed::SealedRow;
use crate::subject::{self, SubjectRow};
use crate::unit::{sqlite_query, sqlite_rows};
use crate::value::{Param, Row};

/// Connections that stay open for the next reader.
const KEPT: usize = 64;

/// The readers of one directory.
pub(crate) struct Readers {
    directory: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory, idle: Mutex::new(Vec::new()) }
    }

    pub(crate) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a read on one snapshot.
    pub(crate) fn with<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = connect(&self.directory, false)?;
                connection.execute_batch("PRAGMA query_only = ON")?;
                connection
            }
        };
        connection.prepare_cached("BEGIN")?.raw_execute()?;
        let answer = read(&connection);
        // A connection whose transaction does not end is not used again.
        if connection.prepare_cached("COMMIT").and_then(|mut end| end.raw_execute()).is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < KEPT {
                idle.push(connection);
            }
        }
        answer
    }
}

/// The sealed rows and keys of a subject. Rows are read before keys: a commit of both makes keys visible first.
pub(crate) fn fetch(
    connection: &Connection,
    subject: SubjectId,
    kinds: &[RecordKind],
    records: Option<&[RecordId]>,
    categories: CategorySet,
) -> Result<Fetched, StoreError> {
    let (id, mask, mut rows) = (Param::id(&subject), mask(categories), Vec::new());
    let mut read = |sql, params: &[Param<'_>]| -> Result<(), StoreError> {
        let sealed = |row: &rusqlite::Row<'_>| SealedRow::from_row(subject, &Row::of_sqlite("sealed", row));
        rows.append(&mut sqlite_rows(connection, sql, params, sealed)?);
        Ok(())
    };
    for kind in kinds.iter().map(|kind| Param::code(kind.code())) {
        match records {
            None => read(SUBJECT_ROWS, &[id, kind, mask])?,
            Some(records) => {
                for record in records {
                    read(RECORD_ROWS, &[id, kind, Param::id(record), mask])?;
                }
            }
        }
    }
    let key = |row: &rusqlite::Row<'_>| WrappedKey::from_row(&Row::of_sqlite("data_key", row));
    Ok(Fetched { rows, keys: sqlite_rows(connection, SUBJECT_KEYS, &[id, mask], key)? })
}

/// A subject's row and conditions.
pub(crate) fn standing(connection: &Connection, id: SubjectId) -> Result<Option<Standing>, StoreError> {
    let params = [Param::id(&id)];
    let Some(row) = sqlite_query(connection, "subject", subject::SELECT, &params)?.into_iter().next() else {
        return Ok(None);
    };
    let condition = |row: &rusqlite::Row<'_>| ConditionRow::from_row(&Row::of_sqlite("condition", row));
    Ok(Some(Standing {
        subject: SubjectRow::from_row(&row)?,
        conditions: sqlite_rows(connection, SUBJECT_CONDITIONS, &params, condition)?,
    }))
}

/// The actor with this hash of a token.
pub(crate) fn actor_of_token(
    connection: &Connection,
    hash: &[u8; 32],
) -> Result<Option<ActorRow>, StoreError> {
    let found = sqlite_query(connection, "actor", ACTOR_OF_TOKEN, &[Param::Bytes(hash)])?;
    found.first().map(ActorRow::from_row).transpose()
}

/// An organisation of a portfolio's register with its conditions. The version is read first: what is changed
/// meanwhile has another.
pub(crate) fn registered(
    connection: &Connection,
    portfolio: PortfolioId,
    recipient: RecipientId,
) -> Result<Registered, StoreError> {
    let version = sqlite_query(connection, "register", recipient::VERSION, &[Param::id(&portfolio)])?;
    let row = sqlite_query(connection, "recipient", recipient::ROW, &[Param::id(&recipient)])?;
    let conditions =
        sqlite_query(connection, "recipient_condition", recipient::CONDITIONS, &[Param::id(&recipient)])?;
    recipient::registered(portfolio, version.first(), row.first(), &conditions)
}
