//! One statement for many rows of parameters, when it is no insert: those are [`Unit::insert_rows`].

use futures_util::future::try_join_all;
use tokio_postgres::types::ToSql;

use super::{Engine, Unit, placeholders_ascend, sqlite_execute};
use crate::StoreError;
use crate::value::Param;

impl Unit<'_> {
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
                let execute =
                    |changed, row: &[Param<'_>; N]| Ok(changed + sqlite_execute(connection, sql, row)?);
                let answer = rows.iter().try_fold(0, execute);
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
