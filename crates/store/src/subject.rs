//! The row that says that a subject exists, to which portfolio they belong, and which notice version binds them.

use domain::{GoverningLaw, PortfolioId, SubjectId, SubjectKind, SubjectKindSet, Timestamp};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A subject's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectRow {
    /// Whose.
    pub subject: SubjectId,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// What they are to the administrator.
    pub kind: SubjectKind,
    /// The law that governs their cover.
    pub law: GoverningLaw,
    /// The number of the notice version that binds them, within the portfolio.
    pub notice: i64,
    /// The row's version; 1 at first.
    pub version: i64,
    /// When they were taken up here, or taken up anew; the epoch for a chain that is nobody's.
    pub taken_up: Timestamp,
}

pub(crate) const SELECT: &str =
    "SELECT subject, portfolio, kind, notice, version, law, taken_up FROM moretus.subject WHERE subject = $1";

static INSERT: Bulk<7> = Bulk::new(
    "moretus.subject",
    [
        ("subject", Type::Bytes),
        ("portfolio", Type::Bytes),
        ("kind", Type::Int),
        ("notice", Type::Int),
        ("version", Type::Int),
        ("law", Type::Int),
        ("taken_up", Type::Int),
    ],
);

impl SubjectRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            portfolio: row.id(1)?,
            kind: row.word(2, SubjectKind::from_code)?,
            notice: row.int(3)?,
            version: row.int(4)?,
            law: row.word(5, GoverningLaw::from_code)?,
            taken_up: row.at(6)?,
        })
    }
}

/// Inserts subjects. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[SubjectRow]) -> Result<(), StoreError> {
    let values: Vec<_> = rows.iter().map(params).collect();
    unit.about(rows.iter().map(|row| row.subject), |unit| unit.insert_new(&INSERT, &values))
}

/// Inserts those subjects that are not there yet; answers how many.
pub fn insert_missing(unit: &mut Unit<'_>, rows: &[SubjectRow]) -> Result<u64, StoreError> {
    let values: Vec<_> = rows.iter().map(params).collect();
    unit.about(rows.iter().map(|row| row.subject), |unit| unit.insert_rows(&INSERT, &values))
}

fn params(row: &SubjectRow) -> [Param<'_>; 7] {
    [
        Param::id(&row.subject),
        Param::id(&row.portfolio),
        Param::code(row.kind.code()),
        Param::Int(row.notice),
        Param::Int(row.version),
        Param::code(row.law.code()),
        Param::at(row.taken_up),
    ]
}

/// A subject's row; none for an unknown one.
pub fn get(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Option<SubjectRow>, StoreError> {
    unit.query_first("subject", SELECT, &[Param::id(&subject)])?
        .map(|row| SubjectRow::from_row(&row))
        .transpose()
}

/// Binds a subject to a notice version, if the row is still of this version. When the unit is answered, no
/// disclosure under the former version is still under way.
pub fn bind(unit: &mut Unit<'_>, subject: SubjectId, version: i64, notice: i64) -> Result<(), StoreError> {
    let sql =
        "UPDATE moretus.subject SET notice = $1, version = version + 1 WHERE subject = $2 AND version = $3";
    let params = [Param::Int(notice), Param::id(&subject), Param::Int(version)];
    unit.about([subject], |unit| unit.change_one(sql, &params))?;
    unit.narrowed = true;
    Ok(())
}

/// Says under which law a subject's cover is now. When the unit is answered, no disclosure under the former one is
/// still under way.
pub fn set_law(unit: &mut Unit<'_>, subject: SubjectId, law: GoverningLaw) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.subject SET law = $1, version = version + 1 WHERE subject = $2";
    let params = [Param::code(law.code()), Param::id(&subject)];
    unit.about([subject], |unit| unit.change_one(sql, &params))?;
    unit.narrowed = true;
    Ok(())
}

/// Somebody who was erased, wholly or in part, was taken up anew.
pub fn taken_up_anew(unit: &mut Unit<'_>, subject: SubjectId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE moretus.subject SET taken_up = $1, version = version + 1 WHERE subject = $2";
    unit.about([subject], |unit| unit.change_one(sql, &[Param::at(at), Param::id(&subject)]))
}

/// Up to `limit` subjects of a portfolio after one, in order of their ids.
pub fn page(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    after: Option<SubjectId>,
    limit: usize,
) -> Result<Vec<SubjectRow>, StoreError> {
    let after = after.map(|subject| subject.bytes().to_vec()).unwrap_or_default();
    let params = [Param::Bytes(&after), Param::id(&portfolio), Param::count(limit)];
    unit.query("subject", PAGE, &params)?.iter().map(SubjectRow::from_row).collect()
}

pub(crate) const PAGE: &str =
    "SELECT subject, portfolio, kind, notice, version, law, taken_up FROM moretus.subject
    WHERE subject > $1 AND portfolio = $2 ORDER BY subject LIMIT $3";

/// Up to `limit` people of these kinds in a portfolio who never had cover of their own and were taken up before a moment, each
/// with when, in order of both, after one such.
pub fn never_covered(
    unit: &mut Unit<'_>,
    (portfolio, kinds): (PortfolioId, SubjectKindSet),
    before: Timestamp,
    after: Option<(Timestamp, SubjectId)>,
    limit: usize,
) -> Result<Vec<(Timestamp, SubjectId)>, StoreError> {
    let (at, subject) =
        after.map_or((i64::MIN, Vec::new()), |(at, subject)| (at.micros(), subject.bytes().to_vec()));
    // Cover is looked up person by person in its primary key; a join could be planned as a scan of the whole table.
    let sql = "SELECT s.taken_up, s.subject FROM moretus.subject s
        WHERE s.portfolio = $1 AND s.taken_up < $2 AND s.taken_up >= $3 AND (s.taken_up > $3 OR s.subject > $4)
            AND (CAST($5 AS BIGINT) >> CAST(s.kind AS INTEGER)) & 1 = 1
            AND (SELECT count(*) FROM moretus.coverage c WHERE c.subject = s.subject) = 0
        ORDER BY s.taken_up, s.subject LIMIT $6";
    let kinds = Param::Int(i64::try_from(kinds.bits()).unwrap_or(i64::MAX));
    let params = [
        Param::id(&portfolio),
        Param::at(before),
        Param::Int(at),
        Param::Bytes(&subject),
        kinds,
        Param::count(limit),
    ];
    unit.query("subject", sql, &params)?.iter().map(|row| Ok((row.at(0)?, row.id(1)?))).collect()
}

/// How many subjects there are, by portfolio and kind.
pub fn count_by_kind(unit: &mut Unit<'_>) -> Result<Vec<(PortfolioId, SubjectKind, i64)>, StoreError> {
    let sql = "SELECT portfolio, kind, count(*) FROM moretus.subject GROUP BY portfolio, kind ORDER BY portfolio, kind";
    let count = |row: &Row| Ok((row.id(0)?, row.word(1, SubjectKind::from_code)?, row.int(2)?));
    unit.query("subject", sql, &[])?.iter().map(count).collect()
}
