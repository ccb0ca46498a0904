//! A unit of work: the statements of one transaction, in one text for both engines. The typed functions
//! of the noun modules are written with it; no SQL leaves this crate.

mod borrowed;
mod each;
mod insert;
mod numbers;

use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio_postgres::types::ToSql;

pub(crate) use self::borrowed::BorrowedRow;
pub(crate) use self::insert::Bulk;
pub use self::insert::Type;
use crate::StoreError;
use crate::error::must_run_again;
use crate::standing_change::{StandingChange, changes_standing};
use crate::trace::statement;
use crate::value::{Param, Row};

/// One transaction. What it did is durable when [`crate::Store::write`] returns, or undone.
///
/// A closure that works on a unit may run more than once: it must not have effects of its own.
pub struct Unit<'a> {
    engine: Engine<'a>,
    /// The transaction lost against another one: whatever the closure answers, it runs again.
    pub(crate) again: bool,
    /// A condition or a binding was narrowed: disclosures under way must be waited for before answering.
    pub(crate) narrowed: bool,
    /// Keys were destroyed: the pages that held them must be overwritten.
    pub(crate) erased: bool,
    /// What changed of what entries rest on.
    pub(crate) standing: StandingChange,
    /// An error after which SQLite may have rolled the whole group back.
    pub(crate) fatal: Option<StoreError>,
}

pub(crate) enum Engine<'a> {
    Sqlite(&'a Connection),
    Postgres { transaction: &'a deadpool_postgres::Transaction<'a>, runtime: Handle },
}

impl<'a> Unit<'a> {
    pub(crate) fn new(engine: Engine<'a>) -> Self {
        Self {
            engine,
            again: false,
            narrowed: false,
            erased: false,
            standing: StandingChange::default(),
            fatal: None,
        }
    }

    /// The rows that a statement answers; `table` is blamed when one cannot be read.
    pub(crate) fn query(
        &mut self,
        table: &'static str,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row<'static>>, StoreError> {
        debug_assert!(placeholders_ascend(sql), "placeholders must ascend in order of first use: {sql}");
        statement(sql);
        match &self.engine {
            Engine::Sqlite(connection) => {
                let answer = sqlite_query(connection, table, sql, params);
                self.noting_standing(sql);
                self.noting_failure(answer)
            }
            Engine::Postgres { transaction, runtime } => {
                let answer = runtime.block_on(postgres_query(transaction, sql, params));
                let rows = self.noting_conflict(answer)?;
                rows.iter().map(|row| Row::of_postgres(table, row).kept(row.len())).collect()
            }
        }
    }

    /// The first row, if any.
    pub(crate) fn query_first(
        &mut self,
        table: &'static str,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Option<Row<'static>>, StoreError> {
        Ok(self.query(table, sql, params)?.into_iter().next())
    }

    /// How many rows a statement changed.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        debug_assert!(placeholders_ascend(sql), "placeholders must ascend in order of first use: {sql}");
        statement(sql);
        match &self.engine {
            Engine::Sqlite(connection) => {
                let answer = sqlite_execute(connection, sql, params);
                self.noting_standing(sql);
                self.noting_failure(answer)
            }
            Engine::Postgres { transaction, runtime } => {
                let answer = runtime.block_on(postgres_execute(transaction, sql, params));
                self.noting_conflict(answer)
            }
        }
    }

    /// Changes exactly one row, or answers [`StoreError::Changed`].
    pub(crate) fn change_one(&mut self, sql: &str, params: &[Param<'_>]) -> Result<(), StoreError> {
        if self.execute(sql, params)? == 1 { Ok(()) } else { Err(StoreError::Changed) }
    }

    /// Before what failed is told: also a statement that failed may have changed rows before.
    fn noting_standing(&mut self, sql: &str) {
        if changes_standing(sql) {
            self.standing = StandingChange::All;
        }
    }

    fn noting_failure<T>(&mut self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error @ (StoreError::Full | StoreError::Unavailable { .. } | StoreError::Corrupt { .. })) =
            &answer
        {
            self.fatal = Some(error.clone());
        }
        answer
    }

    fn noting_conflict<T>(&mut self, answer: Result<T, tokio_postgres::Error>) -> Result<T, StoreError> {
        answer.map_err(|error| {
            self.again |= must_run_again(&error);
            error.into()
        })
    }
}

pub(crate) fn sqlite_query(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Vec<Row<'static>>, StoreError> {
    sqlite_rows(connection, sql, params, |row| Row::of_sqlite(table, row).kept(row.as_ref().column_count()))
}

/// What `take` makes of each row that a statement answers.
pub(crate) fn sqlite_rows<T>(
    connection: &Connection,
    sql: &str,
    params: &[Param<'_>],
    mut take: impl FnMut(&rusqlite::Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    for (index, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, param)?;
    }
    let mut rows = statement.raw_query();
    let mut taken = Vec::new();
    while let Some(row) = rows.next()? {
        taken.push(take(row)?);
    }
    Ok(taken)
}

pub(crate) fn sqlite_execute(
    connection: &Connection,
    sql: &str,
    params: &[Param<'_>],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    for (index, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, param)?;
    }
    Ok(statement.raw_execute()? as u64)
}

async fn postgres_query(
    transaction: &deadpool_postgres::Transaction<'_>,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    let statement = transaction.prepare_cached(sql).await?;
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Param::postgres).collect();
    transaction.query(&statement, &params).await
}

async fn postgres_execute(
    transaction: &deadpool_postgres::Transaction<'_>,
    sql: &str,
    params: &[Param<'_>],
) -> Result<u64, tokio_postgres::Error> {
    let statement = transaction.prepare_cached(sql).await?;
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Param::postgres).collect();
    transaction.execute(&statement, &params).await
}

/// Whether `$1`, `$2` ... first occur in this order: SQLite numbers them so.
fn placeholders_ascend(sql: &str) -> bool {
    let mut seen = 0;
    for part in sql.split('$').skip(1) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        match digits.parse::<u32>() {
            Ok(number) if number <= seen => {}
            Ok(number) if number == seen + 1 => seen = number,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_out_of_order_are_noticed() {
        assert!(placeholders_ascend("a = $1 AND b = $2 AND c = $1"));
        assert!(!placeholders_ascend("a = $2 AND b = $1"));
        assert!(!placeholders_ascend("a = $1 AND b = $3"));
    }
}
