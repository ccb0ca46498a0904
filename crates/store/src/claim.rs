//! Claims: where each stands, and the one way to move it on. What was claimed is sealed.

use domain::{
    ActorId, BatchId, ClaimId, ClaimState, ClaimStep, Date, OutcomeReason, PortfolioId, SubjectId, Timestamp,
};

use crate::claim_step::StepRow;
use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A claim's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimRow {
    /// For whom the care was.
    pub subject: SubjectId,
    /// Which claim.
    pub claim: ClaimId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands.
    pub state: ClaimState,
    /// The day it was received.
    pub received: Date,
    /// Why it waits for a person, when it does.
    pub outcome_reason: Option<OutcomeReason>,
    /// A keyed hash of what was claimed: it tells the same claim from another under its id.
    pub content: [u8; 32],
    /// The batch that last worked on it; zeros for none.
    pub batch: BatchId,
    /// The row's version; 1 at first.
    pub version: i64,
}

static INSERT: Bulk<9> = Bulk::new(
    "moretus.claim",
    [
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("state", Type::Int),
        ("received_day", Type::Int),
        ("outcome_reason", Type::Int),
        ("content", Type::Bytes),
        ("batch", Type::Bytes),
        ("version", Type::Int),
    ],
);

impl ClaimRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            claim: row.id(1)?,
            portfolio: row.id(2)?,
            state: row.word(3, ClaimState::from_code)?,
            received: row.day(4)?,
            outcome_reason: row.maybe_word(5, OutcomeReason::from_code)?,
            content: row.array(6)?,
            batch: row.id(7)?,
            version: row.int(8)?,
        })
    }

    fn params(&self) -> [Param<'_>; 9] {
        [
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::id(&self.portfolio),
            Param::code(self.state.code()),
            Param::day(self.received),
            Param::MaybeInt(self.outcome_reason.map(|reason| i64::from(reason.code()))),
            Param::Bytes(&self.content),
            Param::id(&self.batch),
            Param::Int(self.version),
        ]
    }
}

/// Inserts claims. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[ClaimRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(ClaimRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

pub(crate) const OF_ID: &str =
    "SELECT subject, claim, portfolio, state, received_day, outcome_reason, content, batch, version FROM moretus.claim
        WHERE subject = $1 AND claim = $2";

/// A claim.
pub fn get(unit: &mut Unit<'_>, subject: SubjectId, claim: ClaimId) -> Result<Option<ClaimRow>, StoreError> {
    let row = unit.query_first("claim", OF_ID, &[Param::id(&subject), Param::id(&claim)])?;
    row.map(|row| ClaimRow::from_row(&row)).transpose()
}

pub(crate) const OF_SUBJECT: &str =
    "SELECT subject, claim, portfolio, state, received_day, outcome_reason, content, batch, version FROM moretus.claim
        WHERE subject = $1 ORDER BY received_day, claim";

/// Every claim of a subject, in order of the day received.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<ClaimRow>, StoreError> {
    unit.query("claim", OF_SUBJECT, &[Param::id(&subject)])?.iter().map(ClaimRow::from_row).collect()
}

/// A claim that comes to stand otherwise, or was worked out anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimMove {
    /// As it was read.
    pub claim: ClaimRow,
    /// Where it stands then.
    pub state: ClaimState,
    /// Why it then waits for a person, when it does.
    pub outcome_reason: Option<OutcomeReason>,
    /// The batch that moves it; the last one where none does.
    pub batch: BatchId,
}

impl ClaimMove {
    /// A claim that comes to stand so, and waits for nobody.
    #[must_use]
    pub const fn to(claim: ClaimRow, state: ClaimState) -> Self {
        Self { claim, state, outcome_reason: None, batch: claim.batch }
    }
}

/// Moves claims on, each if the stored row is still of the version that was read; the version goes up by one. Each move is a step in
/// the claim's history, but of those whose claims were erased.
///
/// Errors: a state that the one before may not become, which is a fault of the program.
pub fn move_many(
    unit: &mut Unit<'_>,
    moves: &[ClaimMove],
    (step, actor, at): (ClaimStep, ActorId, Timestamp),
) -> Result<(), StoreError> {
    if moves.iter().any(|one| !one.claim.state.may_become(one.state)) {
        return Err(StoreError::internal("a claim may not come to stand so"));
    }
    let row = |one: &ClaimMove| {
        let ClaimMove { claim, state, outcome_reason, batch } = *one;
        ClaimRow { state, outcome_reason, batch, ..claim }
    };
    set_states(unit, &moves.iter().map(row).collect::<Vec<_>>())?;
    let step = |one: &ClaimMove| {
        let (ClaimRow { subject, claim, version, .. }, state) = (one.claim, one.state);
        StepRow { subject, claim, number: version + 1, step, state, actor, at }
    };
    crate::claim_step::insert_many(unit, &moves.iter().map(step).collect::<Vec<_>>())
}

/// Writes state, reason and batch of the rows, if each stored one is still of the row's version; the version goes up by one.
pub(crate) fn set_states(unit: &mut Unit<'_>, rows: &[ClaimRow]) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.claim SET state = $1, outcome_reason = $2, batch = $3, version = version + 1
         WHERE subject = $4 AND claim = $5 AND version = $6";
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            [
                Param::code(row.state.code()),
                Param::MaybeInt(row.outcome_reason.map(|reason| i64::from(reason.code()))),
                Param::id(&row.batch),
                Param::id(&row.subject),
                Param::id(&row.claim),
                Param::Int(row.version),
            ]
        })
        .collect();
    unit.change_each(sql, &rows)
}

/// How many claims stand where, by portfolio.
pub fn count_by_state(unit: &mut Unit<'_>) -> Result<Vec<(PortfolioId, ClaimState, i64)>, StoreError> {
    let sql = "SELECT portfolio, state, count(*) FROM moretus.claim GROUP BY portfolio, state ORDER BY portfolio, state";
    let count = |row: &Row| Ok((row.id(0)?, row.word(1, ClaimState::from_code)?, row.int(2)?));
    unit.query("claim", sql, &[])?.iter().map(count).collect()
}

/// How many claims wait for which reason, by portfolio.
pub fn count_by_reason(unit: &mut Unit<'_>) -> Result<Vec<(PortfolioId, OutcomeReason, i64)>, StoreError> {
    let sql = "SELECT portfolio, outcome_reason, count(*) FROM moretus.claim WHERE outcome_reason IS NOT NULL
        GROUP BY portfolio, outcome_reason ORDER BY portfolio, outcome_reason";
    let count = |row: &Row| Ok((row.id(0)?, row.word(1, OutcomeReason::from_code)?, row.int(2)?));
    unit.query("claim", sql, &[])?.iter().map(count).collect()
}

/// Up to `limit` claims of a portfolio in a state, after (subject, claim), in that order.
pub fn page_by_state(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: ClaimState,
    after: Option<(SubjectId, ClaimId)>,
    limit: usize,
) -> Result<Vec<ClaimRow>, StoreError> {
    let (subject, claim) =
        after.map(|(subject, claim)| (subject.bytes().to_vec(), claim.bytes().to_vec())).unwrap_or_default();
    let sql = "SELECT subject, claim, portfolio, state, received_day, outcome_reason, content, batch, version FROM moretus.claim
        WHERE portfolio = $1 AND state = $2 AND (subject, claim) > ($3, $4) ORDER BY subject, claim LIMIT $5";
    let params = [
        Param::id(&portfolio),
        Param::code(state.code()),
        Param::Bytes(&subject),
        Param::Bytes(&claim),
        Param::count(limit),
    ];
    unit.query("claim", sql, &params)?.iter().map(ClaimRow::from_row).collect()
}
