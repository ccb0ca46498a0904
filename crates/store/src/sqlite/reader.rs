//! Readers: connections that only read, taken and given back. A reader sees one snapshot of the main file
//! and never waits for the writer.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use domain::{CategorySet, PortfolioId, RecipientId, RecordId, RecordKind, SubjectId};
use rusqlite::{CachedStatement, Connection};

use super::connect;
use crate::StoreError;
use crate::condition::ConditionRow;
use crate::fetch::{Fetched, SUBJECT_CONDITIONS, SUBJECT_KEYS, SUBJECT_ROWS, Standing, mask};
use crate::key::WrappedKey;
use crate::recipient::{self, Registered};
use crate::reference::{ACTOR_OF_TOKEN, ActorRow};
use crate::sealed::SealedRow;
use crate::subject::{self, SubjectRow};
use crate::unit::sqlite_query;
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
    let mut rows = Vec::new();
    let mut statement = connection.prepare_cached(SUBJECT_ROWS)?;
    for kind in kinds {
        match records {
            None => {
                bind(&mut statement, &[Param::id(&subject), Param::code(kind.code()), mask(categories)])?;
                read_sealed(&mut statement, subject, &mut rows)?;
            }
            Some(records) => {
                let sql = crate::fetch::RECORD_ROWS;
                let mut statement = connection.prepare_cached(sql)?;
                for record in records {
                    let kind = Param::code(kind.code());
                    bind(&mut statement, &[Param::id(&subject), kind, Param::id(record), mask(categories)])?;
                    read_sealed(&mut statement, subject, &mut rows)?;
                }
            }
        }
    }
    let params = [Param::id(&subject), mask(categories)];
    let keys = sqlite_query(connection, "data_key", SUBJECT_KEYS, &params)?;
    Ok(Fetched { rows, keys: keys.into_iter().map(WrappedKey::from_row).collect::<Result<_, _>>()? })
}

fn bind(statement: &mut CachedStatement<'_>, params: &[Param<'_>]) -> Result<(), StoreError> {
    for (index, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, param)?;
    }
    Ok(())
}

fn read_sealed(
    statement: &mut CachedStatement<'_>,
    subject: SubjectId,
    into: &mut Vec<SealedRow>,
) -> Result<(), StoreError> {
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        into.push(SealedRow::from_row(subject, Row::from_sqlite("sealed", row, 7)?)?);
    }
    Ok(())
}

/// A subject's row and conditions.
pub(crate) fn standing(connection: &Connection, id: SubjectId) -> Result<Option<Standing>, StoreError> {
    let params = [Param::id(&id)];
    let Some(row) = sqlite_query(connection, "subject", subject::SELECT, &params)?.into_iter().next() else {
        return Ok(None);
    };
    let conditions = sqlite_query(connection, "condition", SUBJECT_CONDITIONS, &params)?;
    Ok(Some(Standing {
        subject: SubjectRow::from_row(&row)?,
        conditions: conditions.iter().map(ConditionRow::from_row).collect::<Result<_, _>>()?,
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
