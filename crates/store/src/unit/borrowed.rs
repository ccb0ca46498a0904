//! Rows that are looked at where the engine has them, for reads of a whole log: nothing is copied but what is taken. All
//! other reads are [`Unit::query`].

use domain::Id;

use super::{Engine, Unit, placeholders_ascend, postgres_query, sqlite_rows};
use crate::StoreError;
use crate::value::Param;

/// A row, as long as the engine has it.
pub(crate) enum BorrowedRow<'a> {
    Sqlite { table: &'static str, row: &'a rusqlite::Row<'a> },
    Postgres { table: &'static str, row: &'a tokio_postgres::Row },
}

impl BorrowedRow<'_> {
    pub(crate) fn int(&self, index: usize) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite { table, row } => {
                row.get_ref(index)?.as_i64().map_err(|_| StoreError::Corrupt { table })
            }
            Self::Postgres { table, row } => row.try_get(index).map_err(|_| StoreError::Corrupt { table }),
        }
    }

    pub(crate) fn bytes(&self, index: usize) -> Result<&[u8], StoreError> {
        match self {
            Self::Sqlite { table, row } => {
                row.get_ref(index)?.as_blob().map_err(|_| StoreError::Corrupt { table })
            }
            Self::Postgres { table, row } => row.try_get(index).map_err(|_| StoreError::Corrupt { table }),
        }
    }

    pub(crate) fn array<const N: usize>(&self, index: usize) -> Result<[u8; N], StoreError> {
        let (Self::Sqlite { table, .. } | Self::Postgres { table, .. }) = self;
        self.bytes(index)?.try_into().map_err(|_| StoreError::Corrupt { table })
    }

    pub(crate) fn id<I: Id>(&self, index: usize) -> Result<I, StoreError> {
        self.array(index).map(I::from_bytes)
    }
}

impl Unit<'_> {
    /// What `take` makes of each row that a statement answers; `table` is blamed when one cannot be read.
    pub(crate) fn query_borrowed<T>(
        &mut self,
        table: &'static str,
        sql: &str,
        params: &[Param<'_>],
        take: &mut dyn FnMut(&BorrowedRow<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        debug_assert!(placeholders_ascend(sql), "placeholders must ascend in order of first use: {sql}");
        crate::trace::statement(sql);
        match &self.engine {
            Engine::Sqlite(connection) => {
                let take = |row: &rusqlite::Row<'_>| take(&BorrowedRow::Sqlite { table, row });
                let answer = sqlite_rows(connection, sql, params, take);
                self.noting_failure(answer)
            }
            Engine::Postgres { transaction, runtime } => {
                let answer = runtime.block_on(postgres_query(transaction, sql, params));
                let rows = self.noting_conflict(answer)?;
                rows.iter().map(|row| take(&BorrowedRow::Postgres { table, row })).collect()
            }
        }
    }
}
