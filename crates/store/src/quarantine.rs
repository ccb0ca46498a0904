//! Material that came without a category: since when it waits, and what was decided. What it is and says is sealed
//! elsewhere; who may decide is not decided here.

use domain::{
    ActorId, Category, PortfolioId, QuarantineState, RecordId, RefusalReason, RequestId, SubjectId, Timestamp,
};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// One piece of material, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Whose.
    pub subject: SubjectId,
    /// Which: the sealed record has the same id, before and after.
    pub material: RecordId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands.
    pub state: QuarantineState,
    /// When it came.
    pub arrived: Timestamp,
    /// What was decided; none while it waits.
    pub decided: Option<Decided>,
}

/// A decision about material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: ActorId,
    /// The request under which the entry stands on the record.
    pub request: RequestId,
    /// What it was found to be; none when it was not kept.
    pub category: Option<Category>,
    /// Why it was refused; none when it was kept, or lapsed.
    pub reason: Option<RefusalReason>,
}

static INSERT: Bulk<9> = Bulk::new(
    "moretus.quarantine",
    [
        ("subject", Type::Bytes),
        ("material", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("state", Type::Int),
        ("arrived", Type::Int),
        ("decided", Type::Int),
        ("decider", Type::Bytes),
        ("request", Type::Bytes),
        ("outcome", Type::Int),
    ],
);

const SELECT: &str = "SELECT subject, material, portfolio, state, arrived, decided, decider, request, outcome
    FROM moretus.quarantine";

/// Stored as the instant of what is not decided, and as the outcome of what has none.
const NONE: i64 = 0;
const NOBODY: [u8; 16] = [0; 16];

impl QuarantineRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let state = row.word(3, QuarantineState::from_code)?;
        let outcome = row.int(8)?;
        let word = u8::try_from(outcome).map_err(|_| row.corrupt())?;
        let is_decided = row.int(5)? != NONE;
        let (category, reason) = match state {
            QuarantineState::Classified => {
                (Some(Category::from_code(word).ok_or_else(|| row.corrupt())?), None)
            }
            QuarantineState::Refused => {
                (None, Some(RefusalReason::from_code(word).ok_or_else(|| row.corrupt())?))
            }
            QuarantineState::Waiting | QuarantineState::Lapsed => (None, None),
        };
        let decided = Decided { at: row.at(5)?, by: row.id(6)?, request: row.id(7)?, category, reason };
        Ok(Self {
            subject: row.id(0)?,
            material: row.id(1)?,
            portfolio: row.id(2)?,
            state,
            arrived: row.at(4)?,
            decided: is_decided.then_some(decided),
        })
    }

    fn outcome(&self) -> i64 {
        let word = self.decided.and_then(|decided| match (decided.category, decided.reason) {
            (Some(category), _) => Some(category.code()),
            (None, reason) => reason.map(RefusalReason::code),
        });
        word.map_or(NONE, i64::from)
    }

    fn params(&self) -> [Param<'_>; 9] {
        let [decided, by, request] = decided_params(self.decided.as_ref());
        [
            Param::id(&self.subject),
            Param::id(&self.material),
            Param::id(&self.portfolio),
            Param::code(self.state.code()),
            Param::at(self.arrived),
            decided,
            by,
            request,
            Param::Int(self.outcome()),
        ]
    }
}

/// When, by whom, under which request.
fn decided_params(decided: Option<&Decided>) -> [Param<'_>; 3] {
    match decided {
        Some(decided) => [Param::at(decided.at), Param::id(&decided.by), Param::id(&decided.request)],
        None => [Param::Int(NONE), Param::Bytes(&NOBODY), Param::Bytes(&NOBODY)],
    }
}

/// Inserts material that came. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert(unit: &mut Unit<'_>, row: &QuarantineRow) -> Result<(), StoreError> {
    unit.insert_new(&INSERT, &[row.params()])
}

/// One piece of material.
pub fn get(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    material: RecordId,
) -> Result<Option<QuarantineRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 AND material = $2");
    let row = unit.query_first("quarantine", &sql, &[Param::id(&subject), Param::id(&material)])?;
    row.map(|row| QuarantineRow::from_row(&row)).transpose()
}

/// All material of a person, the oldest first.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<QuarantineRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 ORDER BY arrived, material");
    unit.query("quarantine", &sql, &[Param::id(&subject)])?.iter().map(QuarantineRow::from_row).collect()
}

/// Up to `limit` pieces of a portfolio in a state that came before an instant, the oldest first, after one such.
pub fn oldest(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: QuarantineState,
    (before, after): (Timestamp, Option<&QuarantineRow>),
    limit: usize,
) -> Result<Vec<QuarantineRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND state = $2 AND arrived < $3 AND (arrived, subject, material) > ($4, $5, $6)
        ORDER BY arrived, subject, material LIMIT $7"
    );
    let (arrived, subject, material) = match after {
        Some(row) => (Param::at(row.arrived), Param::id(&row.subject), Param::id(&row.material)),
        None => (Param::Int(i64::MIN), Param::Bytes(&[]), Param::Bytes(&[])),
    };
    let (state, before) = (Param::code(state.code()), Param::at(before));
    let params = [Param::id(&portfolio), state, before, arrived, subject, material, Param::count(limit)];
    unit.query("quarantine", &sql, &params)?.iter().map(QuarantineRow::from_row).collect()
}

/// The pieces of a portfolio that wait and that somebody took up.
pub fn taken_up_by(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    by: ActorId,
) -> Result<Vec<QuarantineRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND state = $2 AND decider = $3 ORDER BY arrived, subject, material"
    );
    let params = [Param::id(&portfolio), Param::code(QuarantineState::Waiting.code()), Param::id(&by)];
    unit.query("quarantine", &sql, &params)?.iter().map(QuarantineRow::from_row).collect()
}

/// Writes what was decided, if the stored row is still in the state `before`; else [`StoreError::Changed`].
pub fn decide(unit: &mut Unit<'_>, row: &QuarantineRow, before: QuarantineState) -> Result<(), StoreError> {
    let [decided, by, request] = decided_params(row.decided.as_ref());
    unit.change_one(
        "UPDATE moretus.quarantine SET state = $1, decided = $2, decider = $3, request = $4, outcome = $5
            WHERE subject = $6 AND material = $7 AND state = $8",
        &[
            Param::code(row.state.code()),
            decided,
            by,
            request,
            Param::Int(row.outcome()),
            Param::id(&row.subject),
            Param::id(&row.material),
            Param::code(before.code()),
        ],
    )
}

/// Deletes what is known of a person's material.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.quarantine WHERE subject = $1", &[Param::id(&subject)])
}
