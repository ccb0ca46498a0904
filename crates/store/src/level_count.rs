//! How many lines of a family of codes a provider has in a year, and how many at the high level: sums, of no claim and nobody. Family
//! and provider are keyed codes, the coding is the gate's; what follows from the sums is the screen's.

use domain::Date;

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// One provider's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelCountRow {
    /// The family's keyed code.
    pub family: [u8; 16],
    /// The first day of the year in which the claims were received.
    pub year: Date,
    /// The provider's keyed code, among those of the family.
    pub provider: [u8; 16],
    /// Lines.
    pub lines: i64,
    /// Those at the high level.
    pub high: i64,
}

static ADD: Bulk<5> = Bulk::or(
    "moretus.level_count",
    [
        ("family", Type::Bytes),
        ("year_day", Type::Int),
        ("provider", Type::Bytes),
        ("lines", Type::Int),
        ("high", Type::Int),
    ],
    "(family, year_day, provider) DO UPDATE SET lines = level_count.lines + excluded.lines, high = level_count.high + excluded.high",
);

impl LevelCountRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            family: row.array(0)?,
            year: row.day(1)?,
            provider: row.array(2)?,
            lines: row.int(3)?,
            high: row.int(4)?,
        })
    }

    fn params(&self) -> [Param<'_>; 5] {
        [
            Param::Bytes(&self.family),
            Param::day(self.year),
            Param::Bytes(&self.provider),
            Param::Int(self.lines),
            Param::Int(self.high),
        ]
    }
}

/// Adds to what is counted; no two rows may be of one provider, family and year. Give them in the order of these: two that add at the same
/// time then wait for each other, and not both.
pub fn add_many(unit: &mut Unit<'_>, rows: &[LevelCountRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(LevelCountRow::params).collect();
    unit.insert_rows(&ADD, &rows).map(drop)
}

/// Of each of these families and years up to `limit` providers, in the order of their codes: which ones these are says nothing of them.
pub fn of_families(
    unit: &mut Unit<'_>,
    families: &[([u8; 16], Date)],
    limit: usize,
) -> Result<Vec<LevelCountRow>, StoreError> {
    let asked: Vec<_> = families
        .iter()
        .map(|(family, year)| [Param::Bytes(family), Param::day(*year), Param::count(limit)])
        .collect();
    let sql = "SELECT family, year_day, provider, lines, high FROM moretus.level_count
        WHERE family = $1 AND year_day = $2 ORDER BY provider LIMIT $3";
    unit.query_each("level_count", sql, &asked, LevelCountRow::from_row)
}

/// The sums of these providers, each of a family in a year.
pub fn of_providers(
    unit: &mut Unit<'_>,
    asked: &[([u8; 16], Date, [u8; 16])],
) -> Result<Vec<LevelCountRow>, StoreError> {
    let asked: Vec<_> = asked
        .iter()
        .map(|(family, year, provider)| [Param::Bytes(family), Param::day(*year), Param::Bytes(provider)])
        .collect();
    let sql = "SELECT family, year_day, provider, lines, high FROM moretus.level_count
        WHERE family = $1 AND year_day = $2 AND provider = $3";
    unit.query_each("level_count", sql, &asked, LevelCountRow::from_row)
}

/// Deletes the sums of a family of years before one.
pub fn delete_before(unit: &mut Unit<'_>, family: [u8; 16], year: Date) -> Result<u64, StoreError> {
    let params = [Param::Bytes(&family), Param::day(year)];
    unit.execute("DELETE FROM moretus.level_count WHERE family = $1 AND year_day < $2", &params)
}
