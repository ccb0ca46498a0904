//! Exclusions of providers: of whom (by a keyed code and a pseudonymous id), and from which day until which. Who says so is sealed. What
//! follows from it is the screen's.

use domain::{Date, PortfolioId, SubjectId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// One time for which a provider is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExclusionRow {
    /// The provider's keyed code; the coding is the gate's.
    pub token: [u8; 16],
    /// The first day.
    pub first: Date,
    /// The last day; none while it is open.
    pub last: Option<Date>,
    /// The provider.
    pub subject: SubjectId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
}

/// Stored as the last day of what has none: after every day.
const OPEN: i64 = 99_991_231;

static INSERT: Bulk<5> = Bulk::new(
    "moretus.exclusion",
    [
        ("token", Type::Bytes),
        ("first_day", Type::Int),
        ("last_day", Type::Int),
        ("subject", Type::Bytes),
        ("portfolio", Type::Bytes),
    ],
);

const SELECT: &str = "SELECT token, first_day, last_day, subject, portfolio FROM moretus.exclusion";

impl ExclusionRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            token: row.array(0)?,
            first: row.day(1)?,
            last: if row.int(2)? == OPEN { None } else { Some(row.day(2)?) },
            subject: row.id(3)?,
            portfolio: row.id(4)?,
        })
    }

    fn params(&self) -> [Param<'_>; 5] {
        [
            Param::Bytes(&self.token),
            Param::day(self.first),
            Param::Int(self.last.map_or(OPEN, |last| i64::from(last.number()))),
            Param::id(&self.subject),
            Param::id(&self.portfolio),
        ]
    }
}

/// Puts a provider's rows in place of those before.
pub fn set(unit: &mut Unit<'_>, subject: SubjectId, rows: &[ExclusionRow]) -> Result<(), StoreError> {
    delete_of_subject(unit, subject)?;
    let rows: Vec<_> = rows.iter().map(ExclusionRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// All of providers with these codes.
pub fn of_tokens(unit: &mut Unit<'_>, tokens: &[[u8; 16]]) -> Result<Vec<ExclusionRow>, StoreError> {
    let asked: Vec<_> = tokens.iter().map(|token| [Param::Bytes(token)]).collect();
    let sql = format!("{SELECT} WHERE token = $1 ORDER BY first_day");
    unit.query_each("exclusion", &sql, &asked, ExclusionRow::from_row)
}

/// Up to `limit` of a portfolio after (provider, first day), in that order.
pub fn of_portfolio(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    after: Option<(SubjectId, Date)>,
    limit: usize,
) -> Result<Vec<ExclusionRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND (subject, first_day) > ($2, $3) ORDER BY subject, first_day LIMIT $4"
    );
    let params = [
        Param::id(&portfolio),
        after.as_ref().map_or(Param::Bytes(&[]), |(subject, _)| Param::id(subject)),
        after.map_or(Param::Int(i64::MIN), |(_, first)| Param::day(first)),
        Param::count(limit),
    ];
    unit.query("exclusion", &sql, &params)?.iter().map(ExclusionRow::from_row).collect()
}

/// Deletes those of a provider whose record is erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.exclusion WHERE subject = $1", &[Param::id(&subject)])
}
