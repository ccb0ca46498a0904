//! Exchange rates: units of a currency for one euro, by day, as they were published. None is changed, since decisions rest on
//! it; each has a number in the order in which they came, so that a process reads those that it has not. Which rate a claim is
//! exchanged at is not decided here.

use domain::{Currency, Date};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRateRow {
    /// Of which currency.
    pub currency: Currency,
    /// On which day.
    pub day: Date,
    /// Units for one euro, as a decimal.
    pub units: String,
    /// Its number, from 1.
    pub number: i64,
}

static INSERT: Bulk<4> = Bulk::new(
    "moretus.exchange_rate",
    [("currency", Type::Int), ("day", Type::Int), ("units", Type::Text), ("number", Type::Int)],
);

impl ExchangeRateRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            currency: crate::payment::currency(row, 0)?,
            day: row.day(1)?,
            units: row.text(2)?.to_owned(),
            number: row.int(3)?,
        })
    }

    fn params(&self) -> [Param<'_>; 4] {
        [
            Param::Int(i64::from(self.currency.number())),
            Param::day(self.day),
            Param::Text(&self.units),
            Param::Int(self.number),
        ]
    }
}

/// Inserts rates. Answers [`StoreError::Duplicate`] when one of the currency and day, or of the number, is there already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[ExchangeRateRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(ExchangeRateRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

const SELECT: &str = "SELECT currency, day, units, number FROM moretus.exchange_rate";

/// The rate of a currency on a day.
pub fn get(
    unit: &mut Unit<'_>,
    currency: Currency,
    day: Date,
) -> Result<Option<ExchangeRateRow>, StoreError> {
    let sql = format!("{SELECT} WHERE currency = $1 AND day = $2");
    let params = [Param::Int(i64::from(currency.number())), Param::day(day)];
    let row = unit.query_first("exchange_rate", &sql, &params)?;
    row.map(|row| ExchangeRateRow::from_row(&row)).transpose()
}

/// Up to `limit` rates that came after a number, in the order in which they came.
pub fn after(unit: &mut Unit<'_>, number: i64, limit: usize) -> Result<Vec<ExchangeRateRow>, StoreError> {
    let sql = format!("{SELECT} WHERE number > $1 ORDER BY number LIMIT $2");
    let rows = unit.query("exchange_rate", &sql, &[Param::Int(number), Param::count(limit)])?;
    rows.iter().map(ExchangeRateRow::from_row).collect()
}

/// The number of the last one; 0 where none is.
pub fn last(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let sql = format!("{SELECT} ORDER BY number DESC LIMIT 1");
    let row = unit.query_first("exchange_rate", &sql, &[])?;
    row.map_or(Ok(0), |row| row.int(3))
}
