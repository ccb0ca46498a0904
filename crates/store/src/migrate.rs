//! The version of a database, and moving it forward. Opening never migrates: a person decides when.

use crate::schema::known_version;
use crate::value::Row;
use crate::{Location, Store, StoreError, postgres, sqlite};

pub(crate) const READ_VERSION: &str = "SELECT value FROM moretus.meta WHERE name = 'schema_version'";
pub(crate) const WRITE_VERSION: &str = "INSERT INTO moretus.meta (name, value) VALUES ('schema_version', $1)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationReport {
    /// The version before; 0 for an empty database.
    pub from: i64,
    /// The version now.
    pub to: i64,
}

impl Store {
    /// Brings a database, or an empty place for one, to the version of this program. Each version is one
    /// transaction: stopped half-way, it goes on from there. Refuses a newer database.
    pub async fn migrate(location: &Location) -> Result<MigrationReport, StoreError> {
        let from = match location {
            Location::Sqlite { directory } => sqlite::migrate(directory)?,
            Location::Postgres { url } => postgres::migrate(url).await?,
        };
        Ok(MigrationReport { from, to: known_version() })
    }
}

/// Whether this program can work with a database of this version.
pub(crate) fn check(found: i64) -> Result<(), StoreError> {
    let known = known_version();
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(StoreError::OlderDatabase { found, known }),
        std::cmp::Ordering::Greater => Err(StoreError::NewerDatabase { found, known }),
    }
}

pub(crate) fn version_of(row: Option<&Row>) -> Result<i64, StoreError> {
    row.map_or(Ok(0), |row| row.text(0)?.parse().map_err(|_| row.corrupt()))
}
