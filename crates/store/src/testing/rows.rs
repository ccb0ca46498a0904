//! Rows as they are stored, and others in their place: what somebody could do who has the database and no key.

use crate::tables::{TABLES, Table};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A cell of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A whole number.
    Int(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
}

/// A row: its cells in the order of [`Table::columns`].
pub type Cells = Vec<Cell>;

impl Cell {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Int(value) => Param::Int(*value),
            Self::Bytes(value) => Param::Bytes(value),
            Self::Text(value) => Param::Text(value),
        }
    }

    fn of(row: &Row, column: usize) -> Result<Self, StoreError> {
        if let Ok(value) = row.int(column) {
            return Ok(Self::Int(value));
        }
        match row.bytes(column) {
            Ok(bytes) => Ok(Self::Bytes(bytes.to_vec())),
            Err(_) => row.text(column).map(|text| Self::Text(text.to_owned())),
        }
    }

    /// How many bytes it has that can be altered; a number has eight, a text one for each letter.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Int(_) => 8,
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) => text.chars().count(),
        }
    }

    /// The cell with one byte altered.
    #[must_use]
    pub fn flipped(&self, byte: usize) -> Self {
        match self {
            Self::Int(value) => Self::Int(value ^ 1_i64.wrapping_shl(8 * (byte % 8) as u32)),
            Self::Bytes(bytes) => {
                let flip = |(index, value): (usize, &u8)| value ^ u8::from(index == byte);
                Self::Bytes(bytes.iter().enumerate().map(flip).collect())
            }
            Self::Text(text) => {
                let other = |letter: char| if letter == 'A' { 'B' } else { 'A' };
                let flip = |(index, letter)| if index == byte { other(letter) } else { letter };
                Self::Text(text.chars().enumerate().map(flip).collect())
            }
        }
    }
}

/// The tables of the log with their rows, in order of their keys.
pub fn log_rows(unit: &mut Unit<'_>) -> Result<Vec<(&'static Table, Vec<Cells>)>, StoreError> {
    let tables = TABLES.iter().filter(|table| table.schema == "moretus_log");
    tables.map(|table| Ok((table, rows(unit, table)?))).collect()
}

fn rows(unit: &mut Unit<'_>, table: &'static Table) -> Result<Vec<Cells>, StoreError> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let (columns, key) = (columns.join(", "), table.key.join(", "));
    let sql = format!("SELECT {columns} FROM {}.{} ORDER BY {key}", table.schema, table.name);
    let found = unit.query(table.name, &sql, &[])?;
    let cells = |row: &Row| (0..table.columns.len()).map(|column| Cell::of(row, column)).collect();
    found.iter().map(cells).collect()
}

/// Puts a row in the place of another; without the first it is put there, without the second taken away.
pub fn replace_row(
    unit: &mut Unit<'_>,
    table: &'static Table,
    row: Option<&Cells>,
    by: Option<&Cells>,
) -> Result<(), StoreError> {
    if let Some(row) = row {
        let all = table.columns.iter().zip(row);
        let key: Vec<_> = all.filter(|(column, _)| table.key.contains(&column.name)).collect();
        let tests = (1..).zip(&key).map(|(number, (column, _))| format!("{} = ${number}", column.name));
        let tests: Vec<String> = tests.collect();
        let sql = format!("DELETE FROM {}.{} WHERE {}", table.schema, table.name, tests.join(" AND "));
        let params: Vec<Param<'_>> = key.iter().map(|(_, cell)| cell.param()).collect();
        unit.change_one(&sql, &params)?;
    }
    if let Some(row) = by {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let places: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        let (columns, places) = (columns.join(", "), places.join(", "));
        let sql = format!("INSERT INTO {}.{} ({columns}) VALUES ({places})", table.schema, table.name);
        let params: Vec<Param<'_>> = row.iter().map(Cell::param).collect();
        unit.change_one(&sql, &params)?;
    }
    Ok(())
}
