//! One statement for many rows of parameters, when it is no insert: those are [`Unit::insert_rows`].

use futures_util::future::try_join_all;
use rusqlite::Connection;
use tokio_postgres::types::ToSql;

use super::{Engine, Unit, placeholders_ascend};
use crate::StoreError;
use crate::value::{Param, Row};

impl Unit<'_> {
    /// What `take` makes of each row that a statement answers with each of these parameters, in their order: a loop of one statement on
    /// SQLite; on PostgreSQL the statements are sent one behind the other.
    pub(crate) fn query_each<T, const N: usize>(
        &mut self,
        table: &'static str,
        sql: &str,
        asked: &[[Param<'_>; N]],
        mut take: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        debug_assert!(placeholders_ascend(sql), "placeholders must ascend in order of first use: {sql}");
        crate::trace::statement(sql);
        match &self.engine {
            Engine::Sqlite(connection) => {
                let answer = sqlite_query_each(connection, table, sql, asked, take);
                self.noting_failure(answer)
            }
            Engine::Postgres { transaction, runtime } => {
                let answer = runtime.block_on(postgres_query_each(transaction, sql, asked));
                let rows = self.noting_conflict(answer)?;
                rows.iter().flatten().map(|row| take(&Row::of_postgres(table, row))).collect()
            }
        }
    }

    /// Changes exactly one row with each of these parameters, or answers [`StoreError::Changed`]: then the closure should give
    /// up, so that what was changed is undone. The statement names one row.
    pub(crate) fn change_each<const N: usize>(
        &mut self,
        sql: &str,
        rows: &[[Param<'_>; N]],
    ) -> Result<(), StoreError> {
        if self.execute_each(sql, rows)? == rows.len() as u64 { Ok(()) } else { Err(StoreError::Changed) }
    }

    /// How many rows a statement changed with all of these parameters: a loop of a cached statement on SQLite; on
    /// PostgreSQL the statements are sent one behind the other.
    pub(crate) fn execute_each<const N: usize>(
        &mut self,
        sql: &str,
        rows: &[[Param<'_>; N]],
    ) -> Result<u64, StoreError> {
        debug_assert!(placeholders_ascend(sql), "placeholders must ascend in order of first use: {sql}");
        crate::trace::statement(sql);
        match &self.engine {
            Engine::Sqlite(connection) => {
                let answer = sqlite_execute_each(connection, sql, rows);
                self.noting_standing(sql);
                self.noting_failure(answer)
            }
            Engine::Postgres { transaction, runtime } => {
                let answer = runtime.block_on(postgres_execute_each(transaction, sql, rows));
                self.noting_conflict(answer)
            }
        }
    }
}

fn sqlite_query_each<T, const N: usize>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    asked: &[[Param<'_>; N]],
    mut take: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut answered = Vec::with_capacity(asked.len());
    for params in asked {
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, param)?;
        }
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            answered.push(take(&Row::of_sqlite(table, row))?);
        }
    }
    Ok(answered)
}

pub(super) fn sqlite_execute_each<const N: usize>(
    connection: &Connection,
    sql: &str,
    rows: &[[Param<'_>; N]],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut changed = 0;
    for row in rows {
        for (index, param) in row.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, param)?;
        }
        changed += statement.raw_execute()? as u64;
    }
    Ok(changed)
}

async fn postgres_query_each<const N: usize>(
    transaction: &deadpool_postgres::Transaction<'_>,
    sql: &str,
    asked: &[[Param<'_>; N]],
) -> Result<Vec<Vec<tokio_postgres::Row>>, tokio_postgres::Error> {
    let statement = transaction.prepare_cached(sql).await?;
    let sent = asked.iter().map(|params| {
        let statement = &statement;
        async move {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(Param::postgres).collect();
            transaction.query(statement, &params).await
        }
    });
    try_join_all(sent).await
}

async fn postgres_execute_each<const N: usize>(
    transaction: &deadpool_postgres::Transaction<'_>,
    sql: &str,
    rows: &[[Param<'_>; N]],
) -> Result<u64, tokio_postgres::Error> {
    let statement = transaction.prepare_cached(sql).await?;
    let sent = rows.iter().map(|row| {
        let statement = &statement;
        async move {
            let params: Vec<&(dyn ToSql + Sync)> = row.iter().map(Param::postgres).collect();
            transaction.execute(statement, &params).await
        }
    });
    Ok(try_join_all(sent).await?.into_iter().sum())
}
