//! Databases for tests, of this crate and of those above it: each test has one of its own, removed at the
//! end. Only compiled for tests and under the feature `testing`; it opens nothing that an address does not.

#![allow(clippy::disallowed_methods)] // The address of the test server is in the environment.

pub mod rows;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::PathBuf;

use domain::SubjectId;
use tokio_postgres::NoTls;

use crate::{Location, StoreError, Unit};

/// The variable with the URL of a PostgreSQL server on which tests may make databases.
pub const POSTGRES_VARIABLE: &str = "MORETUS_TEST_POSTGRES";

/// An empty place for a database; removed when dropped.
pub struct Scratch {
    location: Location,
    remove: Remove,
}

enum Remove {
    Directory(PathBuf),
    Database { server: String, name: String },
}

impl Scratch {
    /// An empty directory.
    pub fn sqlite() -> Result<Self, StoreError> {
        let directory = std::env::temp_dir().join(random_name());
        std::fs::create_dir(&directory).map_err(|error| StoreError::unavailable(error.kind().to_string()))?;
        Ok(Self {
            location: Location::Sqlite { directory: directory.clone() },
            remove: Remove::Directory(directory),
        })
    }

    /// An empty database on the server that [`POSTGRES_VARIABLE`] names.
    pub async fn postgres() -> Result<Self, StoreError> {
        let missing =
            || StoreError::unavailable(format!("{POSTGRES_VARIABLE} is not set: run `cargo xtask test`"));
        let server = std::env::var(POSTGRES_VARIABLE).map_err(|_| missing())?;
        let name = random_name();
        execute(&server, &format!("CREATE DATABASE {name}")).await?;
        let url = of_database(&server, &name);
        Ok(Self { location: Location::Postgres { url }, remove: Remove::Database { server, name } })
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Copies the whole database, whose store must be closed: what a backup of the disk would hold.
    pub async fn copy(&self) -> Result<Self, StoreError> {
        match &self.location {
            Location::Sqlite { directory } => {
                let copy = Self::sqlite()?;
                if let Location::Sqlite { directory: to } = &copy.location {
                    copy_files(directory, to)?;
                }
                Ok(copy)
            }
            Location::Postgres { .. } => {
                let Remove::Database { server, name } = &self.remove else {
                    return Err(StoreError::internal("no-server"));
                };
                let copy = random_name();
                execute(server, &format!("CREATE DATABASE {copy} TEMPLATE {name}")).await?;
                let url = of_database(server, &copy);
                let remove = Remove::Database { server: server.clone(), name: copy };
                Ok(Self { location: Location::Postgres { url }, remove })
            }
        }
    }

    /// Puts a copy in the place of the database, whose store must be closed.
    pub async fn put_back(&self, copy: &Self) -> Result<(), StoreError> {
        match (&self.location, &copy.location, &self.remove, &copy.remove) {
            (Location::Sqlite { directory: to }, Location::Sqlite { directory: from }, _, _) => {
                copy_files(from, to)
            }
            (_, _, Remove::Database { server, name }, Remove::Database { name: from, .. }) => {
                execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await?;
                execute(server, &format!("CREATE DATABASE {name} TEMPLATE {from}")).await
            }
            _ => Err(StoreError::internal("other-engine")),
        }
    }

    /// Does what somebody could who has the database and no key of the site, on a connection of their own.
    pub async fn tamper(&self, tampering: Tampering) -> Result<(), StoreError> {
        match &self.location {
            Location::Sqlite { directory } => Ok(crate::sqlite::connect(directory, false)?
                .execute_batch(&tampering.sql(|id| format!("x'{id}'")))?),
            Location::Postgres { url } => execute(url, &tampering.sql(|id| format!("'\\x{id}'"))).await,
        }
    }
}

/// What a check of the log must find.
#[derive(Debug, Clone, Copy)]
pub enum Tampering {
    /// Every checkpoint is taken away.
    NoCheckpoint,
    /// The newest checkpoint is taken away.
    NoNewestCheckpoint,
    /// Entries about one subject are put down as another's.
    OtherSubject {
        /// Whose they are.
        from: SubjectId,
        /// Whose they seem to be.
        to: SubjectId,
    },
    /// Entries about one subject are taken out.
    NoEntries {
        /// Whose.
        of: SubjectId,
    },
    /// A group without entries stands at the end of the tree.
    EmptyGroup,
    /// A tile of the tree's edge is another's.
    OtherTile,
    /// No actor is known any more.
    NoActor,
}

impl Tampering {
    fn sql(self, literal: impl Fn(String) -> String) -> String {
        let hex =
            |subject: SubjectId| literal(subject.bytes().iter().map(|byte| format!("{byte:02x}")).collect());
        match self {
            Self::NoActor => "DELETE FROM moretus.actor".to_owned(),
            Self::NoCheckpoint => "DELETE FROM moretus_log.checkpoint".to_owned(),
            Self::NoNewestCheckpoint => "DELETE FROM moretus_log.checkpoint
                WHERE size = (SELECT max(size) FROM moretus_log.checkpoint)"
                .to_owned(),
            Self::NoEntries { of } => {
                format!("DELETE FROM moretus_log.disclosure WHERE subject = {}", hex(of))
            }
            Self::OtherSubject { from, to } => format!(
                "UPDATE moretus_log.disclosure SET subject = {} WHERE subject = {}",
                hex(to),
                hex(from)
            ),
            Self::EmptyGroup => "INSERT INTO moretus_log.log_sealed (first_leaf, batch, count)
                SELECT max(first_leaf + count), max(batch) + 1000, 0 FROM moretus_log.log_sealed"
                .to_owned(),
            Self::OtherTile => format!(
                "UPDATE moretus_log.log_tile SET hashes = {} WHERE level = 0 AND length(hashes) = 64",
                literal("ab".repeat(64))
            ),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match &self.remove {
            // What cannot be removed is left to the system's own cleaning.
            Remove::Directory(directory) => drop(std::fs::remove_dir_all(directory)),
            Remove::Database { server, name } => {
                let (server, sql) = (server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
                let work = move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    runtime.map(|runtime| runtime.block_on(execute(&server, &sql)))
                };
                // A runtime cannot be started inside one, so a thread of its own does it.
                drop(std::thread::spawn(work).join());
            }
        }
    }
}

/// Alters rows behind the typed functions' back, as someone with the database in hands would: a statement
/// without parameters, in the words of both engines. Answers how many rows it changed.
pub fn tamper(unit: &mut Unit<'_>, sql: &str) -> Result<u64, StoreError> {
    unit.execute(sql, &[])
}

fn copy_files(from: &std::path::Path, to: &std::path::Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::unavailable(error.kind().to_string());
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let Some(name) = path.file_name() {
            std::fs::copy(&path, to.join(name)).map_err(failed)?;
        }
    }
    Ok(())
}

fn random_name() -> String {
    format!("moretus_test_{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// The server's URL with another database's name.
fn of_database(server: &str, name: &str) -> String {
    let (base, options) =
        server.split_once('?').map_or((server, String::new()), |(base, rest)| (base, format!("?{rest}")));
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    let host = host.split('/').next().unwrap_or_default();
    format!("postgres://{host}/{name}{options}")
}

async fn execute(url: &str, sql: &str) -> Result<(), StoreError> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let done = client.batch_execute(sql).await;
    drop(client);
    // The connection ends with the client; how it ended says nothing more.
    drop(connection.await);
    Ok(done?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_in_the_url() {
        assert_eq!(of_database("postgres://a@h:5/x?y=z", "n"), "postgres://a@h:5/n?y=z");
        assert_eq!(of_database("postgres://h", "n"), "postgres://h/n");
        assert_eq!(of_database("postgres:///x?host=/tmp/d", "n"), "postgres:///n?host=/tmp/d");
    }
}
