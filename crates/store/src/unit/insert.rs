//! Rows that go into a table, one or many: the statement is written from the names and types of the columns. A
//! statement of another kind for many rows is [`Unit::execute_each`].

use std::sync::OnceLock;

use tokio_postgres::types::ToSql;

use super::each::sqlite_execute_each;
use super::{Engine, Unit};
use crate::StoreError;
use crate::trace::statement;
use crate::value::Param;

impl Unit<'_> {
    /// Inserts rows: a loop of a cached statement on SQLite, UNNEST on PostgreSQL. Answers how many went in;
    /// fewer than given only when the statement lets conflicts pass.
    pub(crate) fn insert_rows<const N: usize>(
        &mut self,
        bulk: &Bulk<N>,
        rows: &[[Param<'_>; N]],
    ) -> Result<u64, StoreError> {
        statement(bulk.values());
        match &self.engine {
            Engine::Sqlite(connection) => {
                let answer = sqlite_execute_each(connection, bulk.values(), rows);
                self.noting_standing(bulk.values());
                self.noting_failure(answer)
            }
            Engine::Postgres { transaction, runtime } => {
                let answer = runtime.block_on(postgres_insert(transaction, bulk, rows));
                self.noting_conflict(answer)
            }
        }
    }

    /// Inserts rows of which none may be there yet, or answers [`StoreError::Duplicate`]: then some of
    /// them may have gone in, and the closure should give up so that they are undone.
    pub(crate) fn insert_new<const N: usize>(
        &mut self,
        bulk: &Bulk<N>,
        rows: &[[Param<'_>; N]],
    ) -> Result<(), StoreError> {
        if self.insert_rows(bulk, rows)? == rows.len() as u64 { Ok(()) } else { Err(StoreError::Duplicate) }
    }
}

/// Rows a statement of PostgreSQL takes at once; more make the arrays large without being faster.
const ROWS_A_STATEMENT: usize = 5_000;

async fn postgres_insert<const N: usize>(
    transaction: &deadpool_postgres::Transaction<'_>,
    bulk: &Bulk<N>,
    rows: &[[Param<'_>; N]],
) -> Result<u64, tokio_postgres::Error> {
    if let [row] = rows {
        let statement = transaction.prepare_cached(bulk.values()).await?;
        let params: Vec<&(dyn ToSql + Sync)> = row.iter().map(Param::postgres).collect();
        return transaction.execute(&statement, &params).await;
    }
    let mut inserted = 0;
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let statement = transaction.prepare_cached(bulk.unnest()).await?;
        let columns: Vec<Column<'_>> = (0..N).map(|index| Column::of(chunk, index, bulk)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = columns.iter().map(Column::postgres).collect();
        inserted += transaction.execute(&statement, &params).await?;
    }
    Ok(inserted)
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// BIGINT.
    Int,
    /// BLOB, BYTEA on PostgreSQL.
    Bytes,
    /// TEXT.
    Text,
}

/// A column of many rows, as PostgreSQL takes it.
enum Column<'a> {
    Int(Vec<Option<i64>>),
    Bytes(Vec<&'a [u8]>),
    Text(Vec<&'a str>),
}

impl<'a> Column<'a> {
    fn of<const N: usize>(rows: &[[Param<'a>; N]], index: usize, bulk: &Bulk<N>) -> Self {
        let cells = rows.iter().filter_map(|row| row.get(index).copied());
        match bulk.columns.get(index) {
            Some((_, Type::Bytes)) => Self::Bytes(
                cells.map(|cell| if let Param::Bytes(bytes) = cell { bytes } else { &[] }).collect(),
            ),
            Some((_, Type::Text)) => {
                Self::Text(cells.map(|cell| if let Param::Text(text) = cell { text } else { "" }).collect())
            }
            _ => Self::Int(
                cells
                    .map(|cell| match cell {
                        Param::Int(value) => Some(value),
                        Param::MaybeInt(value) => value,
                        Param::Bytes(_) | Param::Text(_) => None,
                    })
                    .collect(),
            ),
        }
    }

    fn postgres(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(values) => values,
            Self::Bytes(values) => values,
            Self::Text(values) => values,
        }
    }
}

/// An insert of one or many rows into a table. On a conflict it does nothing, or what `conflict` says.
pub(crate) struct Bulk<const N: usize> {
    table: &'static str,
    columns: [(&'static str, Type); N],
    conflict: &'static str,
    values: OnceLock<String>,
    unnest: OnceLock<String>,
}

impl<const N: usize> Bulk<N> {
    pub(crate) const fn new(table: &'static str, columns: [(&'static str, Type); N]) -> Self {
        Self::or(table, columns, "DO NOTHING")
    }

    /// With another ending than `DO NOTHING` after `ON CONFLICT`.
    pub(crate) const fn or(
        table: &'static str,
        columns: [(&'static str, Type); N],
        conflict: &'static str,
    ) -> Self {
        Self { table, columns, conflict, values: OnceLock::new(), unnest: OnceLock::new() }
    }

    fn names(&self) -> String {
        self.columns.map(|(name, _)| name).join(", ")
    }

    fn values(&self) -> &str {
        self.values.get_or_init(|| {
            let places: Vec<String> = (1..=N).map(|number| format!("${number}")).collect();
            format!(
                "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT {}",
                self.table,
                self.names(),
                places.join(", "),
                self.conflict
            )
        })
    }

    fn unnest(&self) -> &str {
        self.unnest.get_or_init(|| {
            let place = |(index, (_, kind)): (usize, &(&str, Type))| match kind {
                Type::Int => format!("${}::bigint[]", index + 1),
                Type::Bytes => format!("${}::bytea[]", index + 1),
                Type::Text => format!("${}::text[]", index + 1),
            };
            let places: Vec<String> = self.columns.iter().enumerate().map(place).collect();
            format!(
                "INSERT INTO {} ({}) SELECT * FROM UNNEST({}) ON CONFLICT {}",
                self.table,
                self.names(),
                places.join(", "),
                self.conflict
            )
        })
    }
}
