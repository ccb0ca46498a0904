//! Cases of the screen: which claims were flagged, where each case stands and before whom it is. What was flagged and what was
//! found is sealed.

use domain::{ActorId, ClaimId, Date, PortfolioId, ScreenState, SubjectId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A case's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScreenRow {
    /// Whose claim.
    pub subject: SubjectId,
    /// Which claim: also the case.
    pub claim: ClaimId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands.
    pub state: ScreenState,
    /// The day on which it was screened.
    pub screened: Date,
    /// Before whom it is, or was; none while nobody took it.
    pub assignee: Option<ActorId>,
    /// Who decided it last; none while nobody did.
    pub decider: Option<ActorId>,
    /// The version of the claim's determination when it was decided last; 0 before, and where there was none.
    pub determination: i64,
    /// The row's version; 1 at first.
    pub version: i64,
}

static INSERT: Bulk<9> = Bulk::new(
    "moretus.screen_case",
    [
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("state", Type::Int),
        ("screened_day", Type::Int),
        ("assignee", Type::Bytes),
        ("decider", Type::Bytes),
        ("determination", Type::Int),
        ("version", Type::Int),
    ],
);

const SELECT: &str =
    "SELECT subject, claim, portfolio, state, screened_day, assignee, decider, determination, version
    FROM moretus.screen_case";

/// Stored as who took or decided what nobody did.
const NOBODY: ActorId = ActorId::from_bytes([0; 16]);

impl ScreenRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let (assignee, decider) = (row.id(5)?, row.id(6)?);
        Ok(Self {
            subject: row.id(0)?,
            claim: row.id(1)?,
            portfolio: row.id(2)?,
            state: row.word(3, ScreenState::from_code)?,
            screened: row.day(4)?,
            assignee: (assignee != NOBODY).then_some(assignee),
            decider: (decider != NOBODY).then_some(decider),
            determination: row.int(7)?,
            version: row.int(8)?,
        })
    }

    fn params(&self) -> [Param<'_>; 9] {
        [
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::id(&self.portfolio),
            Param::code(self.state.code()),
            Param::day(self.screened),
            or_nobody(self.assignee.as_ref()),
            or_nobody(self.decider.as_ref()),
            Param::Int(self.determination),
            Param::Int(self.version),
        ]
    }
}

fn or_nobody(actor: Option<&ActorId>) -> Param<'_> {
    Param::id(actor.unwrap_or(&NOBODY))
}

/// Inserts cases. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[ScreenRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(ScreenRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// The case of a claim.
pub fn get(unit: &mut Unit<'_>, subject: SubjectId, claim: ClaimId) -> Result<Option<ScreenRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 AND claim = $2");
    let row = unit.query_first("screen_case", &sql, &[Param::id(&subject), Param::id(&claim)])?;
    row.map(|row| ScreenRow::from_row(&row)).transpose()
}

/// Every case of these people.
pub fn of_subjects(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<ScreenRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1");
    unit.query_each("screen_case", &sql, &crate::many::each(subjects), ScreenRow::from_row)
}

/// Writes where a case stands, before whom it is and who decided it, if the stored row is still of this row's version; the version goes up
/// by one.
pub fn set(unit: &mut Unit<'_>, row: &ScreenRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.screen_case SET state = $1, assignee = $2, decider = $3, determination = $4, version = version + 1
         WHERE subject = $5 AND claim = $6 AND version = $7",
        &[
            Param::code(row.state.code()),
            or_nobody(row.assignee.as_ref()),
            or_nobody(row.decider.as_ref()),
            Param::Int(row.determination),
            Param::id(&row.subject),
            Param::id(&row.claim),
            Param::Int(row.version),
        ],
    )
}

/// Up to `limit` cases of a portfolio in a state that nobody has and this actor did not decide last, the oldest first, after
/// one of them.
pub fn free(
    unit: &mut Unit<'_>,
    (portfolio, state): (PortfolioId, ScreenState),
    taker: ActorId,
    after: Option<&ScreenRow>,
    limit: usize,
) -> Result<Vec<ScreenRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND assignee = $2 AND state = $3 AND decider <> $4
            AND (screened_day, subject, claim) > ($5, $6, $7) ORDER BY screened_day, subject, claim LIMIT $8"
    );
    let params = [
        Param::id(&portfolio),
        Param::id(&NOBODY),
        Param::code(state.code()),
        Param::id(&taker),
        after.map_or(Param::Int(i64::MIN), |row| Param::day(row.screened)),
        after.map_or(Param::Bytes(&[]), |row| Param::id(&row.subject)),
        after.map_or(Param::Bytes(&[]), |row| Param::id(&row.claim)),
        Param::count(limit),
    ];
    unit.query("screen_case", &sql, &params)?.iter().map(ScreenRow::from_row).collect()
}

/// The cases of a portfolio that are before somebody and not decided, the oldest first.
pub fn before(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    assignee: ActorId,
) -> Result<Vec<ScreenRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND assignee = $2 AND state IN ($3, $4) ORDER BY screened_day, subject, claim"
    );
    let params = [
        Param::id(&portfolio),
        Param::id(&assignee),
        Param::code(ScreenState::Marked.code()),
        Param::code(ScreenState::UnderReview.code()),
    ];
    unit.query("screen_case", &sql, &params)?.iter().map(ScreenRow::from_row).collect()
}

/// Up to `limit` cases of a portfolio in a state, the oldest first.
pub fn in_state(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: ScreenState,
    limit: usize,
) -> Result<Vec<ScreenRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND state = $2 ORDER BY screened_day, subject, claim LIMIT $3"
    );
    let params = [Param::id(&portfolio), Param::code(state.code()), Param::count(limit)];
    unit.query("screen_case", &sql, &params)?.iter().map(ScreenRow::from_row).collect()
}

/// The claims of a portfolio from one to another, by subject and id, whose payment waits.
pub fn holding(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    (first, last): ((SubjectId, ClaimId), (SubjectId, ClaimId)),
) -> Result<Vec<ClaimId>, StoreError> {
    let sql = "SELECT claim FROM moretus.screen_case WHERE portfolio = $1 AND state = $2
        AND (subject, claim) >= ($3, $4) AND (subject, claim) <= ($5, $6)";
    let mut held = Vec::new();
    for state in ScreenState::ALL.iter().filter(|state| state.holds_payment()) {
        let params = [
            Param::id(&portfolio),
            Param::code(state.code()),
            Param::id(&first.0),
            Param::id(&first.1),
            Param::id(&last.0),
            Param::id(&last.1),
        ];
        for row in unit.query("screen_case", sql, &params)? {
            held.push(row.id(0)?);
        }
    }
    Ok(held)
}

/// Deletes the cases of somebody whose claims are erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.screen_case WHERE subject = $1", &[Param::id(&subject)])
}
