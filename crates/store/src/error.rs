//! What can go wrong in the store, as kinds. A database's own message or detail never passes:
//! PostgreSQL's DETAIL prints rows. What passes is a kind and a code.

use rusqlite::ErrorCode;
use tokio_postgres::error::SqlState;

/// A failure of the store. It names no person and repeats no value of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Too much is waiting, or a lock was not had in time. Nothing was changed.
    #[error("the store is busy: try again shortly")]
    Busy,
    /// The row is no longer of the version that the change was made from. Nothing was changed.
    #[error("the record was changed meanwhile: read it again and repeat the change")]
    Changed,
    /// A row with this key is there already.
    #[error("a record with this key exists already")]
    Duplicate,
    /// The row, or the row that it must belong to, is not there.
    #[error("no such record")]
    NotFound,
    /// The database was written by a newer program.
    #[error("the database is of version {found}, this program knows {known}: use a newer program")]
    NewerDatabase {
        /// The version in the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The database has not been migrated; version 0 is an empty one.
    #[error("the database is of version {found}, this program needs {known}: run `moretus migrate`")]
    OlderDatabase {
        /// The version in the database.
        found: i64,
        /// The version that this program needs.
        known: i64,
    },
    /// A new key was wrapped by a root key that is the site's no longer. Nothing was changed.
    #[error("the site's root key was changed meanwhile: wrap new keys by the one that wraps the site's own")]
    OtherRootKey,
    /// No room on the disk. Nothing was changed.
    #[error("the disk that holds the database is full: make room; nothing was changed")]
    Full,
    /// A file of a backup cannot be written or read: the target's disk is full, a folder is missing.
    #[error(
        "the backup's file `{path}` cannot be used ({code}): check that its folder is there, has room and lets this user in; the database is as it was"
    )]
    Backup {
        /// The file.
        path: String,
        /// What the system or the engine says.
        code: String,
    },
    /// One of SQLite's files is gone while the others are there.
    #[error("`{file}` is missing beside the database's other files: put it back, or restore a backup")]
    MissingFile {
        /// The file.
        file: String,
    },
    /// The database cannot be reached. The server stays up and connects again by itself.
    #[error(
        "the database cannot be reached (code {code}): check that it runs and that its address and rights are right"
    )]
    Unavailable {
        /// The engine's code, or `connection`.
        code: String,
    },
    /// A stored row cannot be what this program wrote.
    #[error("a row of table `{table}` is damaged: verify the database, and restore it from a backup")]
    Corrupt {
        /// The table.
        table: &'static str,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The place of the database was not understood.
    #[error(
        "`{found}` is no place of a database: write `sqlite:DIRECTORY` or `postgres://USER@HOST/DATABASE`"
    )]
    Location {
        /// What was written, without a password.
        found: String,
    },
    /// A defect of this program; the code is the engine's.
    #[error("internal error of the store (code {code})")]
    Internal {
        /// The engine's code, or a word of ours.
        code: String,
    },
}

impl StoreError {
    pub(crate) fn internal(code: impl Into<String>) -> Self {
        Self::Internal { code: code.into() }
    }

    pub(crate) fn backup(path: &std::path::Path, code: impl ToString) -> Self {
        Self::Backup { path: path.display().to_string(), code: code.to_string() }
    }

    pub(crate) fn unavailable(code: impl Into<String>) -> Self {
        Self::Unavailable { code: code.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi;
        let rusqlite::Error::SqliteFailure(failure, _) = &error else {
            return Self::internal("sqlite-client");
        };
        match (failure.code, failure.extended_code) {
            (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::NotFound,
            (_, ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE) => Self::Duplicate,
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Busy,
            (ErrorCode::DiskFull, _) => Self::Full,
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::Corrupt { table: "(any)" },
            (
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure,
                code,
            ) => Self::unavailable(format!("sqlite-{code}")),
            (_, code) => Self::internal(format!("sqlite-{code}")),
        }
    }
}

/// Whether the transaction lost against another one and must simply run again.
pub(crate) fn must_run_again(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED)
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(state) = error.code() else {
            let lost = error.is_closed()
                || std::error::Error::source(&error).is_some_and(|cause| cause.is::<std::io::Error>());
            return if lost { Self::unavailable("connection") } else { Self::internal("postgres-client") };
        };
        let code = format!("postgres-{}", state.code());
        match state.code() {
            "40001" | "40P01" | "55P03" | "57014" | "53000" | "53200" => Self::Busy,
            "23505" => Self::Duplicate,
            "23503" => Self::NotFound,
            "53100" => Self::Full,
            "XX001" | "XX002" => Self::Corrupt { table: "(any)" },
            other => match other.get(..2) {
                // Connection, authorisation, no such database, too many connections, shutting down.
                Some("08" | "28" | "3D" | "53" | "57") => Self::unavailable(code),
                _ => Self::Internal { code },
            },
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        use deadpool_postgres::{PoolError, TimeoutType};
        match error {
            PoolError::Timeout(TimeoutType::Wait) => Self::Busy,
            PoolError::Timeout(_) => Self::unavailable("connection"),
            PoolError::Backend(error) => {
                let error = Self::from(error);
                if matches!(error, Self::Internal { .. }) { Self::unavailable("connection") } else { error }
            }
            PoolError::Closed => Self::Closed,
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => Self::internal("postgres-pool"),
        }
    }
}
