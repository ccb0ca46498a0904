//! Marks: keyed codes of what claims share (a document, an account, a provider, a day of theirs; the same care of whoever two of name,
//! birth date and account are the same of), and the claims that have them. They tell that two claims share something, and not what. The
//! coding is the gate's, what follows the screen's.

use domain::{ClaimId, Date, SubjectId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A mark of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkRow {
    /// The keyed code.
    pub token: [u8; 32],
    /// The day on which the claim was received.
    pub received: Date,
    /// Whose claim.
    pub subject: SubjectId,
    /// Which.
    pub claim: ClaimId,
    /// Of what; the numbers are the gate's.
    pub kind: i64,
}

static INSERT: Bulk<5> = Bulk::or(
    "moretus.mark",
    [
        ("token", Type::Bytes),
        ("received_day", Type::Int),
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("kind", Type::Int),
    ],
    "(token, received_day, subject, claim) DO NOTHING",
);

const SELECT: &str = "SELECT token, received_day, subject, claim, kind FROM moretus.mark";

impl MarkRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            token: row.array(0)?,
            received: row.day(1)?,
            subject: row.id(2)?,
            claim: row.id(3)?,
            kind: row.int(4)?,
        })
    }

    fn params(&self) -> [Param<'_>; 5] {
        [
            Param::Bytes(&self.token),
            Param::day(self.received),
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::Int(self.kind),
        ]
    }
}

/// Inserts those marks that are not there yet.
pub fn insert_missing(unit: &mut Unit<'_>, rows: &[MarkRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(MarkRow::params).collect();
    unit.insert_rows(&INSERT, &rows).map(drop)
}

/// Of each of these codes up to `limit` marks, the newest first.
pub fn newest(unit: &mut Unit<'_>, tokens: &[[u8; 32]], limit: usize) -> Result<Vec<MarkRow>, StoreError> {
    let asked: Vec<_> = tokens.iter().map(|token| [Param::Bytes(token), Param::count(limit)]).collect();
    let sql = format!("{SELECT} WHERE token = $1 ORDER BY received_day DESC, subject, claim LIMIT $2");
    let rows = unit.query_each("mark", &sql, &asked)?;
    rows.iter().map(MarkRow::from_row).collect()
}

/// Of each of these codes the oldest mark.
pub fn oldest(unit: &mut Unit<'_>, tokens: &[[u8; 32]]) -> Result<Vec<MarkRow>, StoreError> {
    let asked: Vec<_> = tokens.iter().map(|token| [Param::Bytes(token)]).collect();
    let sql = format!("{SELECT} WHERE token = $1 ORDER BY received_day, subject, claim LIMIT 1");
    let rows = unit.query_each("mark", &sql, &asked)?;
    rows.iter().map(MarkRow::from_row).collect()
}

/// Of each of these people the oldest mark of a kind.
pub fn oldest_of(unit: &mut Unit<'_>, subjects: &[SubjectId], kind: i64) -> Result<Vec<MarkRow>, StoreError> {
    let asked: Vec<_> = subjects.iter().map(|subject| [Param::id(subject), Param::Int(kind)]).collect();
    let sql = format!("{SELECT} WHERE subject = $1 AND kind = $2 ORDER BY received_day LIMIT 1");
    let rows = unit.query_each("mark", &sql, &asked)?;
    rows.iter().map(MarkRow::from_row).collect()
}

/// Deletes the marks of somebody whose claims are erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.mark WHERE subject = $1", &[Param::id(&subject)])
}
