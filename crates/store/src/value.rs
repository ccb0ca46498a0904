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
pub(crate) struct Row {
    table: &'static str,
    cells: SmallVec<[Value; 9]>,
}

impl Row {
    pub(crate) fn from_sqlite(
        table: &'static str,
        row: &rusqlite::Row<'_>,
        width: usize,
    ) -> Result<Self, StoreError> {
        let cell = |index| -> Result<Value, StoreError> {
            Ok(match row.get_ref(index)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => Value::Int(value),
                ValueRef::Blob(value) => Value::Bytes(SmallVec::from_slice(value)),
                ValueRef::Text(value) => {
                    Value::Text(String::from_utf8(value.to_vec()).map_err(|_| StoreError::Corrupt { table })?)
                }
                ValueRef::Real(_) => return Err(StoreError::Corrupt { table }),
            })
        };
        let mut cells = SmallVec::with_capacity(width);
        for index in 0..width {
            cells.push(cell(index)?);
        }
        Ok(Self { table, cells })
    }

    pub(crate) fn from_postgres(table: &'static str, row: &tokio_postgres::Row) -> Result<Self, StoreError> {
        let cell = |(index, column): (usize, &tokio_postgres::Column)| {
            Ok(match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Value::Int),
                Type::BYTEA => row
                    .try_get::<_, Option<&[u8]>>(index)?
                    .map(|value| Value::Bytes(SmallVec::from_slice(value))),
                Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<String>>(index)?.map(Value::Text),
                _ => return Err(StoreError::internal("column-type")),
            }
            .unwrap_or(Value::Null))
        };
        let cells = row.columns().iter().enumerate().map(cell).collect::<Result<_, StoreError>>()?;
        Ok(Self { table, cells })
    }

    /// A cell, to be written again as it is.
    pub(crate) fn param(&self, index: usize) -> Option<Param<'_>> {
        self.cells.get(index).map(Value::param)
    }

    /// Every cell, to be written again as it is.
    pub(crate) fn params(&self) -> Vec<Param<'_>> {
        self.cells.iter().map(Value::param).collect()
    }

    pub(crate) fn corrupt(&self) -> StoreError {
        StoreError::Corrupt { table: self.table }
    }

    pub(crate) fn maybe_int(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.cells.get(index) {
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.corrupt()),
        }
    }

    pub(crate) fn int(&self, index: usize) -> Result<i64, StoreError> {
        self.maybe_int(index)?.ok_or_else(|| self.corrupt())
    }

    pub(crate) fn bytes(&self, index: usize) -> Result<&[u8], StoreError> {
        match self.cells.get(index) {
            Some(Value::Bytes(value)) => Ok(value),
            _ => Err(self.corrupt()),
        }
    }

    /// Moves the bytes out of the row.
    pub(crate) fn take_bytes(&mut self, index: usize) -> Result<Vec<u8>, StoreError> {
        match self.cells.get_mut(index) {
            Some(Value::Bytes(value)) => Ok(std::mem::take(value).into_vec()),
            _ => Err(self.corrupt()),
        }
    }

    pub(crate) fn text(&self, index: usize) -> Result<&str, StoreError> {
        match self.cells.get(index) {
            Some(Value::Text(value)) => Ok(value),
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
