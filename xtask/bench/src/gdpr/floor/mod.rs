//! The floor of GDPRbench: the same operations on plain tables of the same engine. It knows no caller and no clause, seals
//! and records nothing, and keeps what is erased on a list, as the product does. What the product writes in one or several
//! commits is one durable commit here; SQLite's are grouped as the product's are, PostgreSQL groups its own.

mod acts;
mod postgres;
mod sqlite;

use crate::Failure;
use crate::database::Engine;
use crate::gdpr::model::{Act, Answer, Model};
use crate::gdpr::people::{Key, key};

/// A value of a parameter or a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
}

/// A statement: text for both engines, with `$1` and so on in the order of their first use.
pub(crate) struct Statement {
    sql: &'static str,
    params: Vec<Value>,
}

/// Rows of a statement, and how many it changed.
#[derive(Default)]
pub(crate) struct Outcome {
    rows: Vec<Vec<Value>>,
    changed: u64,
}

/// The tables, and an index for whatever is chosen or searched by.
const SCHEMA: [&str; 15] = [
    "CREATE TABLE person (id BIGINT PRIMARY KEY, name TEXT NOT NULL, birth BIGINT NOT NULL, sex BIGINT NOT NULL,
     address TEXT NOT NULL, town TEXT NOT NULL, country TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
     number TEXT NOT NULL, account TEXT NOT NULL, source TEXT NOT NULL, version BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX person_number ON person (number)",
    "CREATE INDEX person_name ON person (name)",
    "CREATE INDEX person_birth ON person (birth)",
    "CREATE INDEX person_email ON person (email)",
    "CREATE INDEX person_account ON person (account)",
    "CREATE TABLE cover (id BIGINT PRIMARY KEY, insured TEXT NOT NULL, policy TEXT NOT NULL, plan TEXT NOT NULL,
     currency TEXT NOT NULL, start_day BIGINT NOT NULL, end_day BIGINT NOT NULL, status BIGINT NOT NULL, exclusions TEXT NOT NULL)",
    "CREATE INDEX cover_end ON cover (end_day)",
    "CREATE TABLE consent (id BIGINT NOT NULL, kind BIGINT NOT NULL, object BIGINT NOT NULL, given BIGINT NOT NULL,
     withdrawn BIGINT NOT NULL, channel BIGINT NOT NULL, PRIMARY KEY (id, kind, object, given))",
    "CREATE INDEX consent_object ON consent (kind, object, withdrawn)",
    "CREATE TABLE organisation (id BIGINT PRIMARY KEY, name TEXT NOT NULL, clauses TEXT NOT NULL, agreed BIGINT NOT NULL)",
    "CREATE TABLE erasure (id BIGINT PRIMARY KEY, at BIGINT NOT NULL)",
    "CREATE TABLE access_log (entry BIGINT PRIMARY KEY, id BIGINT NOT NULL, at BIGINT NOT NULL, text TEXT NOT NULL)",
    "CREATE INDEX access_log_id ON access_log (id)",
    "CREATE INDEX cover_policy ON cover (policy)",
];

/// The name of the floor's site for a step.
pub(crate) fn named(name: &str) -> String {
    format!("{name}_floor")
}

/// Where the plain tables are.
pub(crate) enum Floor {
    Sqlite(sqlite::Tables),
    Postgres(postgres::Tables),
}

impl Floor {
    /// Opens the tables, for so many clients at once.
    pub(crate) async fn open(engine: &Engine, name: &str, clients: usize) -> Result<Self, Failure> {
        let name = named(name);
        Ok(match engine.url(&name) {
            None => Self::Sqlite(sqlite::Tables::open(&engine.folder(&name))?),
            Some(url) => Self::Postgres(postgres::Tables::connect(&url, clients).await?),
        })
    }

    /// Makes the tables and loads so many records.
    pub(crate) async fn load(engine: &Engine, name: &str, records: u32) -> Result<(), Failure> {
        engine.clear(&named(name)).await?;
        let floor = Self::open(engine, name, 1).await?;
        floor.write(SCHEMA.iter().map(|sql| Statement { sql, params: Vec::new() }).collect()).await?;
        let numbers: Vec<u32> = (0..records).collect();
        for part in numbers.chunks(1_000) {
            let mut statements = Vec::new();
            for number in part {
                statements.extend(acts::create(key(*number))?);
                statements.extend(acts::loaded_consents(key(*number)));
            }
            floor.write(statements).await?;
        }
        let organisations = (0..crate::gdpr::model::ORGANISATIONS).map(acts::organisation).collect();
        floor.write(organisations).await?;
        floor.close().await
    }

    /// Erases who is erased from the beginning.
    pub(crate) async fn prepare(&self, model: &Model) -> Result<(), Failure> {
        let erased: Vec<Key> = model.erased.iter().map(|number| key(*number)).collect();
        for part in erased.chunks(100) {
            self.write(part.iter().flat_map(|key| acts::erase(*key)).collect()).await?;
        }
        Ok(())
    }

    pub(crate) async fn perform(&self, act: Act) -> Result<Answer, Failure> {
        let (writes, statements) = acts::of(act)?;
        let outcomes = if writes { self.write(statements).await? } else { self.read(statements).await? };
        acts::answer(act, &outcomes)
    }

    async fn write(&self, statements: Vec<Statement>) -> Result<Vec<Outcome>, Failure> {
        match self {
            Self::Sqlite(tables) => tables.write(statements).await,
            Self::Postgres(tables) => tables.run(statements, true).await,
        }
    }

    async fn read(&self, statements: Vec<Statement>) -> Result<Vec<Outcome>, Failure> {
        match self {
            Self::Sqlite(tables) => tables.read(&statements),
            Self::Postgres(tables) => tables.run(statements, false).await,
        }
    }

    /// For how many clauses each organisation is registered (more), and whether a contract holds.
    pub(crate) async fn organisations(&self) -> Result<Vec<(bool, bool)>, Failure> {
        let sql = "SELECT clauses, agreed FROM organisation ORDER BY id";
        let outcomes = self.read(vec![Statement { sql, params: Vec::new() }]).await?;
        let rows = outcomes.into_iter().flat_map(|outcome| outcome.rows);
        let known = |row: Vec<Value>| match row.as_slice() {
            [Value::Text(clauses), Value::Int(agreed)] => (clauses.contains(' '), *agreed == 1),
            _ => (false, false),
        };
        Ok(rows.map(known).collect())
    }

    /// Closes it, with everything in its files.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(tables) => tables.close(),
            Self::Postgres(tables) => tables.close().await,
        }
    }
}
