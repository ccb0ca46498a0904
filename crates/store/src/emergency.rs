//! Accesses in an emergency, and their reviews: who opened whose data, from when until when, and what the officer found.
//! Why is sealed elsewhere; whether somebody may open one is not decided here.
//!
//! What was opened never changes: it is reviewed once.

use domain::{ActorId, EmergencyOutcome, PortfolioId, SubjectId, Timestamp, WorkItemId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// An access in an emergency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmergencyRow {
    /// Whose data.
    pub subject: SubjectId,
    /// Which: also the work item of the entries, and the record of why.
    pub emergency: WorkItemId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Who opened it.
    pub actor: ActorId,
    /// From when.
    pub opened: Timestamp,
    /// Until just before when.
    pub until: Timestamp,
    /// What was found; none while nobody has reviewed it.
    pub review: Option<EmergencyReview>,
}

/// A review of such an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmergencyReview {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: ActorId,
    /// What was found.
    pub outcome: EmergencyOutcome,
}

static INSERT: Bulk<9> = Bulk::new(
    "moretus.emergency",
    [
        ("subject", Type::Bytes),
        ("emergency", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("actor", Type::Bytes),
        ("opened", Type::Int),
        ("until", Type::Int),
        ("reviewed", Type::Int),
        ("reviewer", Type::Bytes),
        ("outcome", Type::Int),
    ],
);

const SELECT: &str = "SELECT subject, emergency, portfolio, actor, opened, until, reviewed, reviewer, outcome
    FROM moretus.emergency";

/// Stored as the instant of what nobody has reviewed.
const NONE: i64 = 0;
const NOBODY: [u8; 16] = [0; 16];

impl EmergencyRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let review = match row.int(6)? {
            NONE => None,
            _ => Some(EmergencyReview {
                at: row.at(6)?,
                by: row.id(7)?,
                outcome: row.word(8, EmergencyOutcome::from_code)?,
            }),
        };
        Ok(Self {
            subject: row.id(0)?,
            emergency: row.id(1)?,
            portfolio: row.id(2)?,
            actor: row.id(3)?,
            opened: row.at(4)?,
            until: row.at(5)?,
            review,
        })
    }
}

/// Writes an access that nobody has reviewed.
pub fn insert(unit: &mut Unit<'_>, row: &EmergencyRow) -> Result<(), StoreError> {
    let params = [
        Param::id(&row.subject),
        Param::id(&row.emergency),
        Param::id(&row.portfolio),
        Param::id(&row.actor),
        Param::at(row.opened),
        Param::at(row.until),
        Param::Int(NONE),
        Param::Bytes(&NOBODY),
        Param::Int(NONE),
    ];
    unit.insert_new(&INSERT, &[params])
}

/// One access of a portfolio.
pub fn get(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    emergency: WorkItemId,
) -> Result<Option<EmergencyRow>, StoreError> {
    let sql = format!("{SELECT} WHERE portfolio = $1 AND emergency = $2");
    let row = unit.query_first("emergency", &sql, &[Param::id(&portfolio), Param::id(&emergency)])?;
    row.map(|row| EmergencyRow::from_row(&row)).transpose()
}

/// The accesses of a portfolio that nobody has reviewed, the oldest first.
pub fn unreviewed(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<Vec<EmergencyRow>, StoreError> {
    let sql = format!("{SELECT} WHERE portfolio = $1 AND reviewed = 0 ORDER BY opened, emergency");
    unit.query("emergency", &sql, &[Param::id(&portfolio)])?.iter().map(EmergencyRow::from_row).collect()
}

/// The accesses of a portfolio that were opened in a time, the oldest first.
pub fn opened_in(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<EmergencyRow>, StoreError> {
    let sql =
        format!("{SELECT} WHERE portfolio = $1 AND opened >= $2 AND opened < $3 ORDER BY opened, emergency");
    let params = [Param::id(&portfolio), Param::at(from), Param::at(to)];
    unit.query("emergency", &sql, &params)?.iter().map(EmergencyRow::from_row).collect()
}

/// Writes a review. Answers [`StoreError::Changed`] when it was reviewed before, or is not there.
pub fn review(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    emergency: WorkItemId,
    review: &EmergencyReview,
) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.emergency SET reviewed = $1, reviewer = $2, outcome = $3
            WHERE subject = $4 AND emergency = $5 AND reviewed = 0",
        &[
            Param::at(review.at),
            Param::id(&review.by),
            Param::code(review.outcome.code()),
            Param::id(&subject),
            Param::id(&emergency),
        ],
    )
}
