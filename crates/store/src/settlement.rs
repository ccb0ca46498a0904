//! Settlements: whose payee has had too much for a claim, so that it is set off against what is paid next. How much stands sealed.

use domain::{ClaimId, PortfolioId, SettlementState, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A settlement's plain columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettlementRow {
    /// Who is paid: a member, or a provider.
    pub subject: SubjectId,
    /// For which claim.
    pub claim: ClaimId,
    /// Whose claim it is: the payee, or who was treated by them.
    pub claimant: SubjectId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whether the payee has had too much.
    pub state: SettlementState,
    /// Since when it is so: a debt that is recovered in part is as old as it was.
    pub since: Timestamp,
}

/// How many claims of a payee are looked at for what is owed back, when something is paid: the others are next.
pub const OWED_BACK: usize = 100;

static SET: Bulk<6> = Bulk::or(
    "moretus.settlement",
    [
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("claimant", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("state", Type::Int),
        ("since", Type::Int),
    ],
    "(subject, claim) DO UPDATE SET state = excluded.state,
        since = CASE WHEN settlement.state = excluded.state THEN settlement.since ELSE excluded.since END",
);

impl SettlementRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            claim: row.id(1)?,
            claimant: row.id(2)?,
            portfolio: row.id(3)?,
            state: row.word(4, SettlementState::from_code)?,
            since: row.at(5)?,
        })
    }

    fn params(&self) -> [Param<'_>; 6] {
        [
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::id(&self.claimant),
            Param::id(&self.portfolio),
            Param::code(self.state.code()),
            Param::at(self.since),
        ]
    }
}

/// Writes settlements, in the place of what stood; whose claim it is stays. What is sealed of each has a version, which its writer checks.
pub fn set_many(unit: &mut Unit<'_>, rows: &[SettlementRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(SettlementRow::params).collect();
    unit.insert_rows(&SET, &rows).map(drop)
}

/// The claims for which these payees have had too much, of each the oldest [`OWED_BACK`].
pub fn overpaid_of(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    payees: &[SubjectId],
) -> Result<Vec<SettlementRow>, StoreError> {
    let sql = "SELECT subject, claim, claimant, portfolio, state, since FROM moretus.settlement
        WHERE subject = $1 AND portfolio = $2 AND state = $3 ORDER BY since, claim LIMIT $4";
    let (portfolio, overpaid) = (Param::id(&portfolio), Param::code(SettlementState::Overpaid.code()));
    let asked: Vec<_> =
        payees.iter().map(|payee| [Param::id(payee), portfolio, overpaid, Param::count(OWED_BACK)]).collect();
    unit.query_each("settlement", sql, &asked, SettlementRow::from_row)
}

/// Up to `limit` settlements of a portfolio in a state after (payee, claim), in that order.
pub fn in_state(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    state: SettlementState,
    after: Option<(SubjectId, ClaimId)>,
    limit: usize,
) -> Result<Vec<SettlementRow>, StoreError> {
    let (subject, claim) =
        after.map(|(subject, claim)| (subject.bytes().to_vec(), claim.bytes().to_vec())).unwrap_or_default();
    let sql = "SELECT subject, claim, claimant, portfolio, state, since FROM moretus.settlement
        WHERE portfolio = $1 AND state = $2 AND (subject, claim) > ($3, $4) ORDER BY subject, claim LIMIT $5";
    let params = [
        Param::id(&portfolio),
        Param::code(state.code()),
        Param::Bytes(&subject),
        Param::Bytes(&claim),
        Param::count(limit),
    ];
    unit.query("settlement", sql, &params)?.iter().map(SettlementRow::from_row).collect()
}

/// The settlement of a claim with a payee, if there is one.
pub fn get(
    unit: &mut Unit<'_>,
    payee: SubjectId,
    claim: ClaimId,
) -> Result<Option<SettlementRow>, StoreError> {
    let sql = "SELECT subject, claim, claimant, portfolio, state, since FROM moretus.settlement
        WHERE subject = $1 AND claim = $2";
    let row = unit.query_first("settlement", sql, &[Param::id(&payee), Param::id(&claim)])?;
    row.map(|row| SettlementRow::from_row(&row)).transpose()
}

/// Deletes the settlements of a payee whose amounts are erased: nobody could say any more what is owed back.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.settlement WHERE subject = $1", &[Param::id(&subject)])
}

/// How much of what is due for a claim may be kept back for what its payee owes back, in per cent: all of it until another share
/// is set. 0 when there is no such portfolio.
pub fn set_off_percent(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<i64, StoreError> {
    let sql = "SELECT set_off_percent FROM moretus.portfolio WHERE portfolio = $1";
    unit.query_first("portfolio", sql, &[Param::id(&portfolio)])?.map_or(Ok(0), |row| row.int(0))
}

/// Sets that share, from 0 to 100. Answers [`StoreError::Changed`] when there is no such portfolio.
pub fn set_set_off_percent(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    percent: u8,
) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.portfolio SET set_off_percent = $1 WHERE portfolio = $2";
    unit.change_one(sql, &[Param::Int(i64::from(percent)), Param::id(&portfolio)])
}
