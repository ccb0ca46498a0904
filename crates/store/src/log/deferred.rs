//! Where the entries are whose showing is deferred, and which of them have joined their person's list. Which are, and
//! when they join, follows from the log; the gate says so.

use domain::{SubjectId, WorkItemId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// An entry whose showing is deferred, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeferredRow {
    /// Whose list it joins.
    pub subject: SubjectId,
    /// Its leaf.
    pub leaf: i64,
    /// The work item under which it was asked.
    pub item: WorkItemId,
    /// The entry's commitment.
    pub commitment: [u8; 32],
    /// The size of the log at the roll with which it joined the list; none while it has not.
    pub joined: Option<i64>,
}

/// Stored while an entry has not joined.
const WAITING: i64 = -1;

const SELECT: &str = "SELECT subject, leaf, item, commitment, joined FROM moretus_log.deferred";

impl DeferredRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            leaf: row.int(1)?,
            item: row.id(2)?,
            commitment: row.array(3)?,
            joined: Some(row.int(4)?).filter(|joined| *joined != WAITING),
        })
    }

    fn params(&self) -> [Param<'_>; 5] {
        [
            Param::id(&self.subject),
            Param::Int(self.leaf),
            Param::id(&self.item),
            Param::Bytes(&self.commitment),
            Param::Int(self.joined.unwrap_or(WAITING)),
        ]
    }
}

static PUT: Bulk<5> = Bulk::or(
    "moretus_log.deferred",
    [
        ("subject", Type::Bytes),
        ("leaf", Type::Int),
        ("item", Type::Bytes),
        ("commitment", Type::Bytes),
        ("joined", Type::Int),
    ],
    "(subject, leaf) DO UPDATE SET joined = excluded.joined",
);

/// Writes entries, each at most once; of one that is there already, only whether it has joined.
pub fn put_many(unit: &mut Unit<'_>, rows: &[DeferredRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = rows.iter().map(DeferredRow::params).collect();
    unit.insert_rows(&PUT, &rows).map(drop)
}

/// Those that have not joined, by subject and leaf.
pub fn waiting(unit: &mut Unit<'_>) -> Result<Vec<DeferredRow>, StoreError> {
    let sql = format!("{SELECT} WHERE joined = $1 ORDER BY subject, leaf");
    unit.query("deferred", &sql, &[Param::Int(WAITING)])?.iter().map(DeferredRow::from_row).collect()
}

/// Those of a subject, joined or not, by leaf.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<DeferredRow>, StoreError> {
    let sql = format!("{SELECT} WHERE subject = $1 ORDER BY leaf");
    unit.query("deferred", &sql, &[Param::id(&subject)])?.iter().map(DeferredRow::from_row).collect()
}

/// Up to `limit` of them after a subject's leaf, by subject and leaf.
pub fn page(
    unit: &mut Unit<'_>,
    after: Option<(SubjectId, i64)>,
    limit: usize,
) -> Result<Vec<DeferredRow>, StoreError> {
    let (subject, leaf) = after.map_or((Vec::new(), 0), |(subject, leaf)| (subject.bytes().to_vec(), leaf));
    let sql = format!(
        "{SELECT} WHERE subject > $1 OR (subject = $2 AND leaf > $3) ORDER BY subject, leaf LIMIT $4"
    );
    let params = [Param::Bytes(&subject), Param::Bytes(&subject), Param::Int(leaf), Param::count(limit)];
    unit.query("deferred", &sql, &params)?.iter().map(DeferredRow::from_row).collect()
}
