//! Appeals: against which claim, where each stands, until when it is to be answered, and before whom it is. On which grounds,
//! and what was decided, is sealed.

use domain::{ActorId, AppealState, ClaimId, PortfolioId, SubjectId, Timestamp, WorkItemId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// An appeal's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppealRow {
    /// Whose.
    pub subject: SubjectId,
    /// Which: also its work item, and its record.
    pub appeal: WorkItemId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Against what was decided on which claim.
    pub claim: ClaimId,
    /// Where it stands.
    pub state: AppealState,
    /// Which appeal against this claim it is, from 1.
    pub level: i64,
    /// When it was received.
    pub received: Timestamp,
    /// Until just before when it is to be answered.
    pub due: Timestamp,
    /// Since when it waits for the person who appeals; none while its clock runs.
    pub waiting: Option<Timestamp>,
    /// Before whom it is, or was; none while nobody took it.
    pub assignee: Option<ActorId>,
    /// The version of the claim's determination when the appeal was decided; 0 before, and where there was none.
    pub determination: i64,
    /// The row's version; 1 at first.
    pub version: i64,
}

static INSERT: Bulk<12> = Bulk::new(
    "moretus.appeal",
    [
        ("subject", Type::Bytes),
        ("appeal", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("claim", Type::Bytes),
        ("state", Type::Int),
        ("level", Type::Int),
        ("received", Type::Int),
        ("due", Type::Int),
        ("waiting", Type::Int),
        ("assignee", Type::Bytes),
        ("determination", Type::Int),
        ("version", Type::Int),
    ],
);

const SELECT: &str =
    "SELECT subject, appeal, portfolio, claim, state, level, received, due, waiting, assignee, determination,
    version FROM moretus.appeal";

/// Stored as the instant of what does not wait.
const RUNS: i64 = 0;
/// Stored as the assignee of what nobody took.
const NOBODY: ActorId = ActorId::from_bytes([0; 16]);

impl AppealRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let (waiting, assignee) = (row.at(8)?, row.id(9)?);
        Ok(Self {
            subject: row.id(0)?,
            appeal: row.id(1)?,
            portfolio: row.id(2)?,
            claim: row.id(3)?,
            state: row.word(4, AppealState::from_code)?,
            level: row.int(5)?,
            received: row.at(6)?,
            due: row.at(7)?,
            waiting: (waiting.micros() != RUNS).then_some(waiting),
            assignee: (assignee != NOBODY).then_some(assignee),
            determination: row.int(10)?,
            version: row.int(11)?,
        })
    }

    fn params(&self) -> [Param<'_>; 12] {
        [
            Param::id(&self.subject),
            Param::id(&self.appeal),
            Param::id(&self.portfolio),
            Param::id(&self.claim),
            Param::code(self.state.code()),
            Param::Int(self.level),
            Param::at(self.received),
            Param::at(self.due),
            self.waiting(),
            Param::id(self.assignee.as_ref().unwrap_or(&NOBODY)),
            Param::Int(self.determination),
            Param::Int(self.version),
        ]
    }

    fn waiting(&self) -> Param<'_> {
        self.waiting.map_or(Param::Int(RUNS), Param::at)
    }
}

/// Inserts an appeal. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert(unit: &mut Unit<'_>, row: &AppealRow) -> Result<(), StoreError> {
    unit.insert_new(&INSERT, &[row.params()])
}

/// An appeal.
pub fn get(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    appeal: WorkItemId,
) -> Result<Option<AppealRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 AND appeal = $2");
    let row = unit.query_first("appeal", &sql, &[Param::id(&subject), Param::id(&appeal)])?;
    row.map(|row| AppealRow::from_row(&row)).transpose()
}

/// Every appeal of a person, by id.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<AppealRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 ORDER BY appeal");
    unit.query("appeal", &sql, &[Param::id(&subject)])?.iter().map(AppealRow::from_row).collect()
}

/// The appeals of a portfolio in a state, those that are due first first.
pub fn in_state(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: AppealState,
) -> Result<Vec<AppealRow>, StoreError> {
    let sql = format!("{SELECT} WHERE portfolio = $1 AND state = $2 ORDER BY due, subject, appeal");
    let params = [Param::id(&portfolio), Param::code(state.code())];
    unit.query("appeal", &sql, &params)?.iter().map(AppealRow::from_row).collect()
}

/// Writes where an appeal stands, its clock, before whom it is and what it was decided on, if the stored row is still of this
/// row's version; the version goes up by one.
pub fn set(unit: &mut Unit<'_>, row: &AppealRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.appeal SET state = $1, due = $2, waiting = $3, assignee = $4, determination = $5,
            version = version + 1
         WHERE subject = $6 AND appeal = $7 AND version = $8",
        &[
            Param::code(row.state.code()),
            Param::at(row.due),
            row.waiting(),
            Param::id(row.assignee.as_ref().unwrap_or(&NOBODY)),
            Param::Int(row.determination),
            Param::id(&row.subject),
            Param::id(&row.appeal),
            Param::Int(row.version),
        ],
    )
}

/// Deletes the appeals of somebody whose claims are erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.appeal WHERE subject = $1", &[Param::id(&subject)])
}
