//! Claims that wait for a person: one row for each while it does, with until when somebody is to be done with it, before whom
//! it is, and since when it waits for whoever claims. Why it waits stands with the claim; what is proposed is sealed.

use domain::{ActorId, ClaimId, PortfolioId, SubjectId, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A claim that waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendedRow {
    /// Whose claim.
    pub subject: SubjectId,
    /// Which claim: also its work item.
    pub claim: ClaimId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Before whom it is; none while nobody took it.
    pub owner: Option<ActorId>,
    /// Since when it waits.
    pub since: Timestamp,
    /// Until just before when somebody is to be done with it.
    pub due: Timestamp,
    /// Since when it waits for whoever claims; none while its clock runs.
    pub waiting: Option<Timestamp>,
    /// The row's version; 1 at first.
    pub version: i64,
}

static INSERT: Bulk<8> = Bulk::new(
    "moretus.pended",
    [
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("owner", Type::Bytes),
        ("since", Type::Int),
        ("due", Type::Int),
        ("waiting", Type::Int),
        ("version", Type::Int),
    ],
);

const SELECT: &str =
    "SELECT subject, claim, portfolio, owner, since, due, waiting, version FROM moretus.pended";

/// Stored as the instant of what does not wait.
const RUNS: i64 = 0;
/// Stored as the owner of what nobody took.
const NOBODY: ActorId = ActorId::from_bytes([0; 16]);

impl PendedRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let (owner, waiting) = (row.id(3)?, row.at(6)?);
        Ok(Self {
            subject: row.id(0)?,
            claim: row.id(1)?,
            portfolio: row.id(2)?,
            owner: (owner != NOBODY).then_some(owner),
            since: row.at(4)?,
            due: row.at(5)?,
            waiting: (waiting.micros() != RUNS).then_some(waiting),
            version: row.int(7)?,
        })
    }

    fn params(&self) -> [Param<'_>; 8] {
        [
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::id(&self.portfolio),
            or_nobody(self.owner.as_ref()),
            Param::at(self.since),
            Param::at(self.due),
            self.waiting(),
            Param::Int(self.version),
        ]
    }

    fn waiting(&self) -> Param<'_> {
        self.waiting.map_or(Param::Int(RUNS), Param::at)
    }
}

fn or_nobody(actor: Option<&ActorId>) -> Param<'_> {
    Param::id(actor.unwrap_or(&NOBODY))
}

/// Inserts claims that wait from now on. Answers [`StoreError::Duplicate`] when one waits already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[PendedRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(PendedRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// A claim that waits.
pub fn get(unit: &mut Unit<'_>, subject: SubjectId, claim: ClaimId) -> Result<Option<PendedRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 AND claim = $2");
    let row = unit.query_first("pended", &sql, &[Param::id(&subject), Param::id(&claim)])?;
    row.map(|row| PendedRow::from_row(&row)).transpose()
}

/// Every claim of a person that waits, by id.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<PendedRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 ORDER BY claim");
    unit.query("pended", &sql, &[Param::id(&subject)])?.iter().map(PendedRow::from_row).collect()
}

/// Up to `limit` claims of a portfolio that wait, whoever has them, those that are due first first, after one of them.
pub fn list(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    after: Option<&PendedRow>,
    limit: usize,
) -> Result<Vec<PendedRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND (due, subject, claim) > ($2, $3, $4) ORDER BY due, subject, claim LIMIT $5"
    );
    let [due, subject, claim] = place(after);
    let params = [Param::id(&portfolio), due, subject, claim, Param::count(limit)];
    unit.query("pended", &sql, &params)?.iter().map(PendedRow::from_row).collect()
}

/// Up to `limit` claims of a portfolio that are before somebody, or before nobody, those that are due first first, after one of
/// them.
pub fn before(
    unit: &mut Unit<'_>,
    (portfolio, owner): (PortfolioId, Option<ActorId>),
    after: Option<&PendedRow>,
    limit: usize,
) -> Result<Vec<PendedRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE portfolio = $1 AND owner = $2 AND (due, subject, claim) > ($3, $4, $5)
            ORDER BY due, subject, claim LIMIT $6"
    );
    let [due, subject, claim] = place(after);
    let owner = or_nobody(owner.as_ref());
    let params = [Param::id(&portfolio), owner, due, subject, claim, Param::count(limit)];
    unit.query("pended", &sql, &params)?.iter().map(PendedRow::from_row).collect()
}

/// A row's place in the order of what is due.
fn place(row: Option<&PendedRow>) -> [Param<'_>; 3] {
    match row {
        Some(row) => [Param::at(row.due), Param::id(&row.subject), Param::id(&row.claim)],
        None => [Param::Int(i64::MIN), Param::Bytes(&[]), Param::Bytes(&[])],
    }
}

/// Writes before whom a claim is, until when and since when it waits for whoever claims, if the stored row is still of this row's
/// version; the version goes up by one.
pub fn set(unit: &mut Unit<'_>, row: &PendedRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.pended SET owner = $1, due = $2, waiting = $3, version = version + 1
         WHERE subject = $4 AND claim = $5 AND version = $6",
        &[
            or_nobody(row.owner.as_ref()),
            Param::at(row.due),
            row.waiting(),
            Param::id(&row.subject),
            Param::id(&row.claim),
            Param::Int(row.version),
        ],
    )
}

/// Deletes the row of a claim that waits no longer, if it is still of this row's version.
pub fn leave(unit: &mut Unit<'_>, row: &PendedRow) -> Result<(), StoreError> {
    unit.change_one(
        "DELETE FROM moretus.pended WHERE subject = $1 AND claim = $2 AND version = $3",
        &[Param::id(&row.subject), Param::id(&row.claim), Param::Int(row.version)],
    )
}

/// Deletes those of somebody whose claims are erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.pended WHERE subject = $1", &[Param::id(&subject)])
}
