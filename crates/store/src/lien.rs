//! Liens: on which claims somebody else is liable for what was paid, and where each stands. Who that is, and how much, is sealed.

use domain::{ClaimId, LienState, PortfolioId, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A lien's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LienRow {
    /// Whose claim.
    pub subject: SubjectId,
    /// Which claim.
    pub claim: ClaimId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Where it stands.
    pub state: LienState,
    /// Since when it stands so.
    pub since: Timestamp,
}

static INSERT: Bulk<5> = Bulk::new(
    "moretus.lien",
    [
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("state", Type::Int),
        ("since", Type::Int),
    ],
);

impl LienRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            claim: row.id(1)?,
            portfolio: row.id(2)?,
            state: row.word(3, LienState::from_code)?,
            since: row.at(4)?,
        })
    }

    fn params(&self) -> [Param<'_>; 5] {
        [
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::id(&self.portfolio),
            Param::code(self.state.code()),
            Param::at(self.since),
        ]
    }
}

/// Inserts a lien. Answers [`StoreError::Duplicate`] when there is one on the claim already.
pub fn insert(unit: &mut Unit<'_>, row: &LienRow) -> Result<(), StoreError> {
    unit.insert_new(&INSERT, &[row.params()])
}

/// The lien on a claim, if there is one.
pub fn get(unit: &mut Unit<'_>, subject: SubjectId, claim: ClaimId) -> Result<Option<LienRow>, StoreError> {
    let sql =
        "SELECT subject, claim, portfolio, state, since FROM moretus.lien WHERE subject = $1 AND claim = $2";
    let row = unit.query_first("lien", sql, &[Param::id(&subject), Param::id(&claim)])?;
    row.map(|row| LienRow::from_row(&row)).transpose()
}

/// Up to `limit` liens of a portfolio in a state after (subject, claim), in that order.
pub fn in_state(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: LienState,
    after: Option<(SubjectId, ClaimId)>,
    limit: usize,
) -> Result<Vec<LienRow>, StoreError> {
    let (subject, claim) =
        after.map(|(subject, claim)| (subject.bytes().to_vec(), claim.bytes().to_vec())).unwrap_or_default();
    let sql = "SELECT subject, claim, portfolio, state, since FROM moretus.lien
        WHERE portfolio = $1 AND state = $2 AND (subject, claim) > ($3, $4) ORDER BY subject, claim LIMIT $5";
    let params = [
        Param::id(&portfolio),
        Param::code(state.code()),
        Param::Bytes(&subject),
        Param::Bytes(&claim),
        Param::count(limit),
    ];
    unit.query("lien", sql, &params)?.iter().map(LienRow::from_row).collect()
}

/// Writes where a lien stands and since when. What is sealed of it has a version, which its writer checks.
pub fn set(unit: &mut Unit<'_>, row: &LienRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.lien SET state = $1, since = $2 WHERE subject = $3 AND claim = $4",
        &[
            Param::code(row.state.code()),
            Param::at(row.since),
            Param::id(&row.subject),
            Param::id(&row.claim),
        ],
    )
}

/// Deletes the liens on claims of somebody whose claims are erased: nobody could say any more how much is left.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.lien WHERE subject = $1", &[Param::id(&subject)])
}
