//! Guarantees of payment: where each stands and until when. What is asked for and decided is sealed.

use domain::{Date, GuaranteeId, GuaranteeState, PortfolioId, SubjectId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A guarantee's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuaranteeRow {
    /// For whom the care is.
    pub subject: SubjectId,
    /// Which guarantee.
    pub guarantee: GuaranteeId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands.
    pub state: GuaranteeState,
    /// The day on which it was asked for.
    pub requested: Date,
    /// A keyed hash of what was asked for: it tells the same request from another under its id.
    pub content: [u8; 32],
    /// The row's version; 1 at first.
    pub version: i64,
}

static INSERT: Bulk<7> = Bulk::new(
    "moretus.guarantee",
    [
        ("subject", Type::Bytes),
        ("guarantee", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("state", Type::Int),
        ("requested_day", Type::Int),
        ("content", Type::Bytes),
        ("version", Type::Int),
    ],
);

const SELECT: &str =
    "SELECT subject, guarantee, portfolio, state, requested_day, content, version FROM moretus.guarantee";

impl GuaranteeRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            guarantee: row.id(1)?,
            portfolio: row.id(2)?,
            state: row.word(3, GuaranteeState::from_code)?,
            requested: row.day(4)?,
            content: row.array(5)?,
            version: row.int(6)?,
        })
    }

    fn params(&self) -> [Param<'_>; 7] {
        [
            Param::id(&self.subject),
            Param::id(&self.guarantee),
            Param::id(&self.portfolio),
            Param::code(self.state.code()),
            Param::day(self.requested),
            Param::Bytes(&self.content),
            Param::Int(self.version),
        ]
    }
}

/// Inserts a guarantee. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert(unit: &mut Unit<'_>, row: &GuaranteeRow) -> Result<(), StoreError> {
    unit.insert_new(&INSERT, &[row.params()])
}

/// A guarantee.
pub fn get(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    guarantee: GuaranteeId,
) -> Result<Option<GuaranteeRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 AND guarantee = $2");
    let row = unit.query_first("guarantee", &sql, &[Param::id(&subject), Param::id(&guarantee)])?;
    row.map(|row| GuaranteeRow::from_row(&row)).transpose()
}

/// Every guarantee of a person.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<GuaranteeRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 ORDER BY guarantee");
    unit.query("guarantee", &sql, &[Param::id(&subject)])?.iter().map(GuaranteeRow::from_row).collect()
}

/// Writes where a guarantee stands, if the stored row is still of this row's version; the version goes up by one.
pub fn set_state(unit: &mut Unit<'_>, row: &GuaranteeRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.guarantee SET state = $1, version = version + 1
         WHERE subject = $2 AND guarantee = $3 AND version = $4",
        &[
            Param::code(row.state.code()),
            Param::id(&row.subject),
            Param::id(&row.guarantee),
            Param::Int(row.version),
        ],
    )
}

/// The guarantees of a portfolio in a state, the oldest first.
pub fn in_state(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: GuaranteeState,
) -> Result<Vec<GuaranteeRow>, StoreError> {
    let sql =
        format!("{SELECT} WHERE portfolio = $1 AND state = $2 ORDER BY requested_day, subject, guarantee");
    let params = [Param::id(&portfolio), Param::code(state.code())];
    unit.query("guarantee", &sql, &params)?.iter().map(GuaranteeRow::from_row).collect()
}

/// The guarantee of a portfolio that has waited longest in a state, but for those of some people.
pub fn first_in_state(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: GuaranteeState,
    except: &[SubjectId],
) -> Result<Option<GuaranteeRow>, StoreError> {
    let others: String = (3..).zip(except).map(|(place, _)| format!(" AND subject <> ${place}")).collect();
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND state = $2{others} ORDER BY requested_day, subject, guarantee LIMIT 1"
    );
    let mut params = vec![Param::id(&portfolio), Param::code(state.code())];
    params.extend(except.iter().map(Param::id));
    let row = unit.query_first("guarantee", &sql, &params)?;
    row.map(|row| GuaranteeRow::from_row(&row)).transpose()
}
