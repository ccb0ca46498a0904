//! Where a subject's entries are: sorted runs, written at once by the sealer and merged in tiers, so that
//! appending need not write an index. What a run's bytes say is the sealer's.

use domain::SubjectId;

use crate::unit::{BorrowedRow, Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRow {
    /// Its number; later runs have larger ones.
    pub run: i64,
    /// How often its content was merged.
    pub tier: i64,
    /// How many subjects are in it.
    pub count: i64,
}

static INSERT: Bulk<3> = Bulk::new(
    "moretus_log.disclosure_index",
    [("run", Type::Int), ("subject", Type::Bytes), ("entries", Type::Bytes)],
);

/// The tier of a run that is being written in parts, and of one that is on its way out: neither is read.
const BEGUN: i64 = -1;
const LEAVING: i64 = -2;

/// Where the number of the last run that was begun is kept.
const LAST_RUN: &str = "last-run";

/// The number of the last run that was begun; 0 before the first.
pub fn last_run(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let last = super::tree::state(unit, LAST_RUN)?.unwrap_or_else(|| vec![0; 8]);
    let last = last.as_slice().try_into().map_err(|_| StoreError::Corrupt { table: "log_state" })?;
    Ok(i64::from_be_bytes(last))
}

/// Takes a run's number. None is ever taken twice, so that whoever was interrupted in writing a run cannot go
/// on in another's.
fn take_number(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let run = last_run(unit)? + 1;
    super::tree::set_state(unit, LAST_RUN, &run.to_be_bytes())?;
    Ok(run)
}

/// Writes a whole run, its subjects in ascending order. Answers its number.
pub fn insert_run(
    unit: &mut Unit<'_>,
    tier: i64,
    entries: &[(SubjectId, Vec<u8>)],
) -> Result<i64, StoreError> {
    let run = take_number(unit)?;
    insert_row(unit, &RunRow { run, tier, count: i64::try_from(entries.len()).unwrap_or(i64::MAX) })?;
    insert_entries(unit, run, entries)?;
    Ok(run)
}

fn insert_row(unit: &mut Unit<'_>, row: &RunRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus_log.log_run (run, tier, count) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    unit.change_one(sql, &[Param::Int(row.run), Param::Int(row.tier), Param::Int(row.count)])
}

fn insert_entries(unit: &mut Unit<'_>, run: i64, entries: &[(SubjectId, Vec<u8>)]) -> Result<(), StoreError> {
    let rows: Vec<_> = entries
        .iter()
        .map(|(subject, entries)| [Param::Int(run), Param::id(subject), Param::Bytes(entries)])
        .collect();
    unit.insert_new(&INSERT, &rows)
}

/// Begins a run that is written in parts, so that no unit is long. It is read once it is finished. Answers its
/// number.
pub fn begin_run(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let run = take_number(unit)?;
    insert_row(unit, &RunRow { run, tier: BEGUN, count: 0 })?;
    Ok(run)
}

/// Writes a part of a run that was begun. [`StoreError::Changed`] when it is not under way any more.
pub fn extend_run(unit: &mut Unit<'_>, run: i64, entries: &[(SubjectId, Vec<u8>)]) -> Result<(), StoreError> {
    // Counting also makes two that write the same run lose against each other on PostgreSQL.
    let sql = "UPDATE moretus_log.log_run SET count = count + $1 WHERE run = $2 AND tier = $3";
    unit.change_one(sql, &[Param::count(entries.len()), Param::Int(run), Param::Int(BEGUN)])?;
    insert_entries(unit, run, entries)
}

/// Finishes a run: from now on it is read, in place of those that were merged into it.
/// [`StoreError::Changed`] when one of them is not what it was.
pub fn finish_run(unit: &mut Unit<'_>, run: i64, tier: i64, merged: &[i64]) -> Result<(), StoreError> {
    let sql = "UPDATE moretus_log.log_run SET tier = $1 WHERE run = $2 AND tier = $3";
    unit.change_one(sql, &[Param::Int(tier), Param::Int(run), Param::Int(BEGUN)])?;
    let leave = "UPDATE moretus_log.log_run SET tier = $1 WHERE run = $2 AND tier >= 0";
    merged.iter().try_for_each(|run| unit.change_one(leave, &[Param::Int(LEAVING), Param::Int(*run)]))
}

/// Gives up runs that were begun and not finished: a sealer ended before it could.
pub fn abandon_begun(unit: &mut Unit<'_>) -> Result<u64, StoreError> {
    let sql = "UPDATE moretus_log.log_run SET tier = $1 WHERE tier = $2";
    unit.execute(sql, &[Param::Int(LEAVING), Param::Int(BEGUN)])
}

/// The runs that are on their way out.
pub fn leaving(unit: &mut Unit<'_>) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT run FROM moretus_log.log_run WHERE tier = $1 ORDER BY run";
    unit.query("log_run", sql, &[Param::Int(LEAVING)])?.iter().map(|row| row.int(0)).collect()
}

/// Deletes about `limit` subjects of a run that is on its way out. True when nothing of it is left.
pub fn delete_some(unit: &mut Unit<'_>, run: i64, limit: usize) -> Result<bool, StoreError> {
    let sql =
        "SELECT subject FROM moretus_log.disclosure_index WHERE run = $1 ORDER BY subject LIMIT 1 OFFSET $2";
    let next = unit.query_first("disclosure_index", sql, &[Param::Int(run), Param::count(limit)])?;
    if let Some(row) = next {
        let bound: SubjectId = row.id(0)?;
        let sql = "DELETE FROM moretus_log.disclosure_index WHERE run = $1 AND subject < $2";
        unit.execute(sql, &[Param::Int(run), Param::id(&bound)])?;
        return Ok(false);
    }
    unit.execute("DELETE FROM moretus_log.disclosure_index WHERE run = $1", &[Param::Int(run)])?;
    let sql = "DELETE FROM moretus_log.log_run WHERE run = $1 AND tier = $2";
    unit.change_one(sql, &[Param::Int(run), Param::Int(LEAVING)])?;
    Ok(true)
}

/// Every run that is read, in order of their numbers.
pub fn runs(unit: &mut Unit<'_>) -> Result<Vec<RunRow>, StoreError> {
    let run = |row: &Row| Ok(RunRow { run: row.int(0)?, tier: row.int(1)?, count: row.int(2)? });
    let sql = "SELECT run, tier, count FROM moretus_log.log_run WHERE tier >= 0 ORDER BY run";
    unit.query("log_run", sql, &[])?.iter().map(run).collect()
}

/// What the runs say about a subject, by run.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT i.run, i.entries FROM moretus_log.log_run r
        JOIN moretus_log.disclosure_index i ON i.run = r.run WHERE i.subject = $1 AND r.tier >= 0 ORDER BY i.run";
    let rows = unit.query("disclosure_index", sql, &[Param::id(&subject)])?;
    rows.into_iter().map(|mut row| Ok((row.int(0)?, row.take_bytes(1)?))).collect()
}

/// Up to `limit` subjects of a run after one, in ascending order: for merging.
pub fn page(
    unit: &mut Unit<'_>,
    run: i64,
    after: Option<SubjectId>,
    limit: usize,
) -> Result<Vec<(SubjectId, Vec<u8>)>, StoreError> {
    let after = after.map(|subject| subject.bytes().to_vec()).unwrap_or_default();
    let sql = "SELECT subject, entries FROM moretus_log.disclosure_index WHERE run = $1 AND subject > $2
        ORDER BY subject LIMIT $3";
    let params = [Param::Int(run), Param::Bytes(&after), Param::count(limit)];
    let mut places = |row: &BorrowedRow<'_>| Ok((row.id(0)?, row.bytes(1)?.to_vec()));
    unit.query_borrowed("disclosure_index", sql, &params, &mut places)
}
