//! Sealed aggregates: one blob for each (subject, kind, record, category). What is in them the store cannot tell.

use domain::{Category, RecordId, RecordKind, RetentionClass, SubjectId, SupplementId};

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A sealed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Whose.
    pub subject: SubjectId,
    /// What kind of record.
    pub kind: RecordKind,
    /// Which record.
    pub record: RecordId,
    /// Which category of it.
    pub category: Category,
    /// The record's version; bound into the seal.
    pub version: i64,
    /// What it is kept and destroyed with: names the key, with subject and category.
    pub class: RetentionClass,
    /// The just-in-time notice under which it was collected; zeros for none.
    pub supplement: SupplementId,
    /// The sealed bytes.
    pub blob: Vec<u8>,
}

static INSERT: Bulk<8> = Bulk::new(
    "moretus.sealed",
    [
        ("subject", Type::Bytes),
        ("kind", Type::Int),
        ("record", Type::Bytes),
        ("category", Type::Int),
        ("version", Type::Int),
        ("class", Type::Int),
        ("supplement", Type::Bytes),
        ("blob", Type::Bytes),
    ],
);

impl SealedRow {
    /// From (kind, record, category, version, class, supplement, blob).
    pub(crate) fn from_row(subject: SubjectId, row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            subject,
            kind: row.word(0, RecordKind::from_code)?,
            record: row.id(1)?,
            category: row.word(2, Category::from_code)?,
            version: row.int(3)?,
            class: row.word(4, RetentionClass::from_code)?,
            supplement: row.id(5)?,
            blob: row.bytes(6)?.to_vec(),
        })
    }
}

/// Inserts sealed rows. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_many(unit: &mut Unit<'_>, rows: &[SealedRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// Puts sealed rows: one of version 1 is inserted, one of a later version replaces the one before it.
/// [`StoreError::Changed`] or [`StoreError::Duplicate`] when what is there is not that one.
pub fn put_many(unit: &mut Unit<'_>, rows: &[SealedRow]) -> Result<(), StoreError> {
    let (first, later): (Vec<&SealedRow>, Vec<&SealedRow>) = rows.iter().partition(|row| row.version <= 1);
    let first: Vec<_> = first.into_iter().map(params).collect();
    unit.insert_new(&INSERT, &first)?;
    let later: Vec<_> = later.into_iter().map(|row| replaced(row, row.version - 1)).collect();
    unit.change_each(REPLACE, &later)
}

fn params(row: &SealedRow) -> [Param<'_>; 8] {
    [
        Param::id(&row.subject),
        Param::code(row.kind.code()),
        Param::id(&row.record),
        Param::code(row.category.code()),
        Param::Int(row.version),
        Param::code(row.class.code()),
        Param::id(&row.supplement),
        Param::Bytes(&row.blob),
    ]
}

const REPLACE: &str = "UPDATE moretus.sealed SET version = $1, class = $2, supplement = $3, blob = $4
    WHERE subject = $5 AND kind = $6 AND record = $7 AND category = $8 AND version = $9";

fn replaced(row: &SealedRow, expected: i64) -> [Param<'_>; 9] {
    let [subject, kind, record, category, version, class, supplement, blob] = params(row);
    [version, class, supplement, blob, subject, kind, record, category, Param::Int(expected)]
}

/// Replaces the row of this (subject, kind, record, category) if it is still of the version `expected`.
pub fn replace(unit: &mut Unit<'_>, row: &SealedRow, expected: i64) -> Result<(), StoreError> {
    unit.change_one(REPLACE, &replaced(row, expected))
}

/// The rows of one record, of every category.
pub fn of_record(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    kind: RecordKind,
    record: RecordId,
) -> Result<Vec<SealedRow>, StoreError> {
    let params = [Param::id(&subject), Param::code(kind.code()), Param::id(&record), Param::Int(i64::MAX)];
    let rows = unit.query("sealed", crate::fetch::RECORD_ROWS, &params)?;
    rows.iter().map(|row| SealedRow::from_row(subject, row)).collect()
}

/// The version of a record; 0 when there is none.
pub fn version(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    kind: RecordKind,
    record: RecordId,
) -> Result<i64, StoreError> {
    let sql = "SELECT version FROM moretus.sealed WHERE subject = $1 AND kind = $2 AND record = $3
        ORDER BY version DESC LIMIT 1";
    let params = [Param::id(&subject), Param::code(kind.code()), Param::id(&record)];
    unit.query_first("sealed", sql, &params)?.map_or(Ok(0), |row| row.int(0))
}

/// The records of a kind of these subjects with their versions, of each in order of their ids.
pub fn versions_of(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
    kind: RecordKind,
) -> Result<Vec<(SubjectId, RecordId, i64)>, StoreError> {
    let sql = "SELECT subject, record, version FROM moretus.sealed WHERE subject = $1 AND kind = $2
        ORDER BY record, version";
    let asked: Vec<_> =
        subjects.iter().map(|subject| [Param::id(subject), Param::code(kind.code())]).collect();
    let read = |row: &Row| Ok((row.id(0)?, row.id(1)?, row.int(2)?));
    // A record has a row for each category, all of one version.
    let mut versions = unit.query_each("sealed", sql, &asked, read)?;
    versions.dedup();
    Ok(versions)
}

/// Every sealed row of a subject, of every kind and category: for a copy, and for erasing.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<SealedRow>, StoreError> {
    let sql = "SELECT kind, record, category, version, class, supplement, blob FROM moretus.sealed
        WHERE subject = $1 ORDER BY kind, record, category";
    let rows = unit.query("sealed", sql, &[Param::id(&subject)])?;
    rows.iter().map(|row| SealedRow::from_row(subject, row)).collect()
}

/// The kinds of record that are held about a subject.
pub fn kinds_of(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<RecordKind>, StoreError> {
    let sql = "SELECT DISTINCT kind FROM moretus.sealed WHERE subject = $1 ORDER BY kind";
    let rows = unit.query("sealed", sql, &[Param::id(&subject)])?;
    rows.iter().map(|row| row.word(0, RecordKind::from_code)).collect()
}

/// The categories and retention classes of which a subject has a row.
pub fn places_of(
    unit: &mut Unit<'_>,
    subject: SubjectId,
) -> Result<Vec<(Category, RetentionClass)>, StoreError> {
    let sql =
        "SELECT DISTINCT category, class FROM moretus.sealed WHERE subject = $1 ORDER BY category, class";
    let rows = unit.query("sealed", sql, &[Param::id(&subject)])?;
    let place = |row: &Row| Ok((row.word(0, Category::from_code)?, row.word(1, RetentionClass::from_code)?));
    rows.iter().map(place).collect()
}

/// Whether a subject has a row of one category and retention class, of now or former.
pub fn is_any(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    category: Category,
    class: RetentionClass,
) -> Result<bool, StoreError> {
    let params = [Param::id(&subject), Param::code(category.code()), Param::code(class.code())];
    for table in ["sealed", "former"] {
        let sql = format!(
            "SELECT kind FROM moretus.{table} WHERE subject = $1 AND category = $2 AND class = $3 LIMIT 1"
        );
        if unit.query_first(table, &sql, &params)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes a subject's rows of one category and retention class, former ones too; answers how many.
pub fn delete_class(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    category: Category,
    class: RetentionClass,
) -> Result<u64, StoreError> {
    let params = [Param::id(&subject), Param::code(category.code()), Param::code(class.code())];
    delete(unit, "subject = $1 AND category = $2 AND class = $3", &params)
}

/// Deletes the rows of one record, former ones too; answers how many.
pub fn delete_record(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    kind: RecordKind,
    record: RecordId,
) -> Result<u64, StoreError> {
    let params = [Param::id(&subject), Param::code(kind.code()), Param::id(&record)];
    delete(unit, "subject = $1 AND kind = $2 AND record = $3", &params)
}

/// Deletes what stands and what stood before it.
fn delete(unit: &mut Unit<'_>, which: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
    let former = unit.execute(&format!("DELETE FROM moretus.former WHERE {which}"), params)?;
    Ok(former + unit.execute(&format!("DELETE FROM moretus.sealed WHERE {which}"), params)?)
}
