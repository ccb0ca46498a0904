//! The head of each subject's chain of entries, by kind of chain; scanned in order of tokens for a roll.

use std::collections::HashMap;

use domain::SubjectId;

use crate::unit::{BorrowedRow, Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainRow {
    /// Whose.
    pub subject: SubjectId,
    /// Which kind of chain; the numbers are the sealer's.
    pub kind: i64,
    /// The salted token under which the roll shows it.
    pub token: [u8; 32],
    /// How many entries it has.
    pub count: i64,
    /// The hash that all of them lead to.
    pub head: [u8; 32],
}

impl ChainRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            kind: row.int(1)?,
            token: row.array(2)?,
            count: row.int(3)?,
            head: row.array(4)?,
        })
    }

    fn params(&self) -> [Param<'_>; 5] {
        [
            Param::id(&self.subject),
            Param::Int(self.kind),
            Param::Bytes(&self.token),
            Param::Int(self.count),
            Param::Bytes(&self.head),
        ]
    }
}

static PUT: Bulk<5> = Bulk::or(
    "moretus_log.chain",
    [
        ("subject", Type::Bytes),
        ("kind", Type::Int),
        ("token", Type::Bytes),
        ("count", Type::Int),
        ("head", Type::Bytes),
    ],
    "(subject, kind) DO UPDATE SET count = excluded.count, head = excluded.head",
);

/// Writes chains, each at most once; the token of one that is there already stays as it is.
pub fn put_many(unit: &mut Unit<'_>, chains: &[ChainRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = chains.iter().map(ChainRow::params).collect();
    unit.insert_rows(&PUT, &rows).map(drop)
}

/// The chains of one kind of these subjects; one that has none yet is left out.
pub fn get_many(
    unit: &mut Unit<'_>,
    kind: i64,
    subjects: &[SubjectId],
) -> Result<HashMap<SubjectId, ChainRow>, StoreError> {
    let asked: Vec<_> = subjects.iter().map(|subject| [Param::id(subject), Param::Int(kind)]).collect();
    let sql =
        "SELECT subject, kind, token, count, head FROM moretus_log.chain WHERE subject = $1 AND kind = $2";
    let rows = unit.query_each("chain", sql, &asked, ChainRow::from_row)?;
    Ok(rows.into_iter().map(|chain| (chain.subject, chain)).collect())
}

/// Up to `limit` chains of a kind after a token, in order of tokens.
pub fn page_by_token(
    unit: &mut Unit<'_>,
    kind: i64,
    after: Option<[u8; 32]>,
    limit: usize,
) -> Result<Vec<ChainRow>, StoreError> {
    let after = after.map(Vec::from).unwrap_or_default();
    let sql = "SELECT subject, kind, token, count, head FROM moretus_log.chain
        WHERE kind = $1 AND token > $2 ORDER BY token LIMIT $3";
    let rows = unit.query("chain", sql, &[Param::Int(kind), Param::Bytes(&after), Param::count(limit)])?;
    rows.iter().map(ChainRow::from_row).collect()
}

/// Up to `limit` chains of all kinds after one of a subject, in the order in which they are stored: for who looks at all.
pub fn page(
    unit: &mut Unit<'_>,
    after: Option<(SubjectId, i64)>,
    limit: usize,
) -> Result<Vec<ChainRow>, StoreError> {
    let (subject, kind) = after.as_ref().map_or((&[][..], 0), |(subject, kind)| (subject.bytes(), *kind));
    let sql = "SELECT subject, kind, token, count, head FROM moretus_log.chain
        WHERE (subject, kind) > ($1, $2) ORDER BY subject, kind LIMIT $3";
    let mut chain = |row: &BorrowedRow<'_>| {
        let (subject, kind, token) = (row.id(0)?, row.int(1)?, row.array(2)?);
        Ok(ChainRow { subject, kind, token, count: row.int(3)?, head: row.array(4)? })
    };
    unit.query_borrowed(
        "chain",
        sql,
        &[Param::Bytes(subject), Param::Int(kind), Param::count(limit)],
        &mut chain,
    )
}

/// How many chains there are, of all kinds.
pub fn count(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM moretus_log.chain";
    unit.query_first("chain", sql, &[])?.ok_or_else(|| StoreError::internal("no-row"))?.int(0)
}
