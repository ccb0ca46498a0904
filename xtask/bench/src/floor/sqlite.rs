//! The floor's rows from SQLite: connections that only read, set up as the product's, on the calling thread.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::{Key, Row};
use crate::Failure;

const RECORD: &str = "SELECT record, kind, category, version, class, supplement, blob FROM moretus.sealed
    WHERE subject = ?1 AND kind = ?2 AND record = ?3 AND ((?4 >> category) & 1) = 1 ORDER BY category";
const KEYS: &str = "SELECT category, class, wrapped FROM moretus_keys.data_key
    WHERE subject = ?1 AND ((?2 >> category) & 1) = 1";

/// Reads from one site's files.
pub(super) struct Rows {
    folder: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Rows {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, idle: Mutex::new(Vec::new()) }
    }

    pub(super) fn fetch(
        &self,
        subject: &[u8; 16],
        record: &[u8; 16],
    ) -> Result<(Vec<Row>, Vec<Key>), Failure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect()?,
        };
        connection.prepare_cached("BEGIN")?.execute([])?;
        let found = read(&connection, subject, record);
        connection.prepare_cached("COMMIT")?.execute([])?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(found?)
    }

    fn connect(&self) -> Result<Connection, Failure> {
        let connection = Connection::open_in_memory()?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        for (file, schema) in [("keys.db", "moretus_keys"), ("moretus.db", "moretus")] {
            let path = self.folder.join(file);
            connection.execute(
                &format!("ATTACH DATABASE ?1 AS {schema}"),
                [path.to_str().ok_or("a path that is no text")?],
            )?;
            connection.execute_batch(&format!(
                "PRAGMA {schema}.cache_size = -8192; PRAGMA {schema}.mmap_size = 1099511627776"
            ))?;
        }
        connection.execute_batch("PRAGMA query_only = ON")?;
        Ok(connection)
    }
}

fn read(
    connection: &Connection,
    subject: &[u8; 16],
    record: &[u8; 16],
) -> Result<(Vec<Row>, Vec<Key>), rusqlite::Error> {
    let mut statement = connection.prepare_cached(RECORD)?;
    let rows = statement
        .query_map((subject.as_slice(), super::KIND, record.as_slice(), super::WANTED), |row| {
            Ok(Row {
                record: row.get(0)?,
                kind: row.get(1)?,
                category: row.get(2)?,
                version: row.get(3)?,
                class: row.get(4)?,
                supplement: row.get(5)?,
                blob: row.get(6)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let mut statement = connection.prepare_cached(KEYS)?;
    let keys = statement
        .query_map((subject.as_slice(), super::WANTED), |row| {
            Ok(Key { category: row.get(0)?, class: row.get(1)?, wrapped: row.get(2)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok((rows, keys))
}
