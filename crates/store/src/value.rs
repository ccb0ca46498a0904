//! What goes into a statement and what comes out: whole numbers, bytes and text, nothing else.
//! Reading a row checks it; a row that this program cannot have written is [`StoreError::Corrupt`].

use domain::{Date, Id, Timestamp};
use rusqlite::types::{ToSql as SqliteToSql, ToSqlOutput, ValueRef};
use smallvec::SmallVec;
use tokio_postgres::types::{ToSql, Type};

use crate::StoreError;

/// A parameter of a statement. Only whole numbers may be NULL.
#[derive(Clone, Copy)]
pub(crate) enum Param<'a> {
    Int(i64),
    MaybeInt(Option<i64>),
    Bytes(&'a [u8]),
    Text(&'a str),
}

impl<'a> Param<'a> {
    pub(crate) fn id<I: Id>(id: &'a I) -> Self {
        Self::Bytes(id.bytes())
    }

    pub(crate) fn at(instant: Timestamp) -> Self {
        Self::Int(instant.micros())
    }

    pub(crate) fn day(date: Date) -> Self {
        Self::Int(i64::from(date.number()))
    }

    pub(crate) fn code(code: u8) -> Self {
        Self::Int(i64::from(code))
    }

    pub(crate) fn count(count: usize) -> Self {
        Self::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(crate) fn postgres(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(value) => value,
            Self::MaybeInt(value) => value,
            Self::Bytes(value) => value,
            Self::Text(value) => value,
        }
    }
}

impl SqliteToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(value) | Self::MaybeInt(Some(value)) => ValueRef::Integer(*value),
            Self::MaybeInt(None) => ValueRef::Null,
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

/// A cell of a row. Ids and codes stand in it; longer bytes are allocated.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Bytes(SmallVec<[u8; 32]>),
    Text(String),
}

impl Value {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Null => Param::MaybeInt(None),
            Self::Int(value) => Param::Int(*value),
            Self::Bytes(value) => Param::Bytes(value),
            Self::Text(value) => Param::Text(value),
        }
    }
}

/// A row, with the table that is to blame when it cannot be read.
pub(crate) struct Row<'a> {
    table: &'static str,
    cells: Cells<'a>,
}

/// Where a row's cells are: kept, or still where the engine answered them, and copied by whoever needs them longer.
enum Cells<'a> {
    Kept(Vec<Value>),
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    /// The row that a statement stands on.
    pub(crate) fn of_sqlite(table: &'static str, row: &'a rusqlite::Row<'a>) -> Self {
        Self { table, cells: Cells::Sqlite(row) }
    }

    /// A row of an answer.
    pub(crate) fn of_postgres(table: &'static str, row: &'a tokio_postgres::Row) -> Self {
        Self { table, cells: Cells::Postgres(row) }
    }

    /// The same row, kept: so many cells of it.
    pub(crate) fn kept(&self, width: usize) -> Result<Row<'static>, StoreError> {
        let kept = |cell: Param<'_>| match cell {
            Param::Int(value) => Value::Int(value),
            Param::MaybeInt(value) => value.map_or(Value::Null, Value::Int),
            Param::Bytes(value) => Value::Bytes(SmallVec::from_slice(value)),
            Param::Text(value) => Value::Text(value.to_owned()),
        };
        let mut cells = Vec::with_capacity(width);
        for index in 0..width {
            cells.push(kept(self.cell(index)?));
        }
        Ok(Row { table: self.table, cells: Cells::Kept(cells) })
    }

    /// A cell, to be written again as it is.
    pub(crate) fn cell(&self, index: usize) -> Result<Param<'_>, StoreError> {
        match &self.cells {
            Cells::Kept(cells) => cells.get(index).map(Value::param).ok_or_else(|| self.corrupt()),
            Cells::Sqlite(row) => Ok(match row.get_ref(index).map_err(|_| self.corrupt())? {
                ValueRef::Null => Param::MaybeInt(None),
                ValueRef::Integer(value) => Param::Int(value),
                ValueRef::Blob(value) => Param::Bytes(value),
                ValueRef::Text(value) => Param::Text(std::str::from_utf8(value).map_err(|_| self.corrupt())?),
                ValueRef::Real(_) => return Err(self.corrupt()),
            }),
            Cells::Postgres(row) => {
                let column = row.columns().get(index).ok_or_else(|| self.corrupt())?;
                Ok(match *column.type_() {
                    Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Param::Int),
                    Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index)?.map(Param::Bytes),
                    Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<&str>>(index)?.map(Param::Text),
                    _ => return Err(StoreError::internal("column-type")),
                }
                .unwrap_or(Param::MaybeInt(None)))
            }
        }
    }

    /// So many cells from the first on, to be written again as they are.
    pub(crate) fn params(&self, width: usize) -> Result<Vec<Param<'_>>, StoreError> {
        (0..width).map(|index| self.cell(index)).collect()
    }

    pub(crate) fn corrupt(&self) -> StoreError {
        StoreError::Corrupt { table: self.table }
    }

    pub(crate) fn maybe_int(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.cell(index)? {
            Param::Int(value) => Ok(Some(value)),
            Param::MaybeInt(value) => Ok(value),
            Param::Bytes(_) | Param::Text(_) => Err(self.corrupt()),
        }
    }

    pub(crate) fn int(&self, index: usize) -> Result<i64, StoreError> {
        self.maybe_int(index)?.ok_or_else(|| self.corrupt())
    }

    pub(crate) fn bytes(&self, index: usize) -> Result<&[u8], StoreError> {
        match self.cell(index)? {
            Param::Bytes(value) => Ok(value),
            _ => Err(self.corrupt()),
        }
    }

    /// Moves the bytes out of a row that is kept, and copies them out of another.
    pub(crate) fn take_bytes(&mut self, index: usize) -> Result<Vec<u8>, StoreError> {
        if let Cells::Kept(cells) = &mut self.cells
            && let Some(Value::Bytes(value)) = cells.get_mut(index)
        {
            return Ok(std::mem::take(value).into_vec());
        }
        self.bytes(index).map(<[u8]>::to_vec)
    }

    pub(crate) fn text(&self, index: usize) -> Result<&str, StoreError> {
        match self.cell(index)? {
            Param::Text(value) => Ok(value),
            _ => Err(self.corrupt()),
        }
    }

    pub(crate) fn array<const N: usize>(&self, index: usize) -> Result<[u8; N], StoreError> {
        self.bytes(index)?.try_into().map_err(|_| self.corrupt())
    }

    pub(crate) fn id<I: Id>(&self, index: usize) -> Result<I, StoreError> {
        self.array(index).map(I::from_bytes)
    }

    pub(crate) fn at(&self, index: usize) -> Result<Timestamp, StoreError> {
        self.int(index).map(Timestamp::from_micros)
    }

    pub(crate) fn day(&self, index: usize) -> Result<Date, StoreError> {
        u32::try_from(self.int(index)?)
            .ok()
            .and_then(|number| Date::from_number(number).ok())
            .ok_or_else(|| self.corrupt())
    }

    /// A member of a closed vocabulary, by its stored number.
    pub(crate) fn word<T>(&self, index: usize, member: fn(u8) -> Option<T>) -> Result<T, StoreError> {
        u8::try_from(self.int(index)?).ok().and_then(member).ok_or_else(|| self.corrupt())
    }

    /// A word's number, or nothing.
    pub(crate) fn maybe_word<T>(
        &self,
        index: usize,
        member: fn(u8) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        self.maybe_int(index)?.map(|_| self.word(index, member)).transpose()
    }
}
