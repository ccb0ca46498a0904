//! People of whom something changed since their claims were decided: their cover, what became known of a claim, what an appeal
//! overturned. A run that decides claims again takes these alone. What changed is not said here, nor what would follow from it.

use domain::{Date, PortfolioId, SubjectId, Timestamp, WorkItemId};

use crate::value::Param;
use crate::{StoreError, Unit};

/// Notes of those of these people who have a decided claim that something changed at an instant.
pub fn note(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    people: &[SubjectId],
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.decide_anew (subject, portfolio, since) VALUES ($1, $2, $3)
        ON CONFLICT (subject) DO UPDATE SET since = excluded.since";
    let with_claims = crate::readjudication::claimants_among(unit, portfolio, Date::FIRST, people)?;
    with_claims.iter().try_for_each(|subject| {
        unit.execute(sql, &[Param::id(subject), Param::id(&portfolio), Param::at(at)]).map(drop)
    })
}

/// Up to `limit` of them after one, in order of their ids.
pub fn after(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    after: SubjectId,
    limit: usize,
) -> Result<Vec<SubjectId>, StoreError> {
    let sql = "SELECT subject FROM moretus.decide_anew WHERE portfolio = $1 AND subject > $2
        ORDER BY subject LIMIT $3";
    let params = [Param::id(&portfolio), Param::id(&after), Param::count(limit)];
    unit.query("decide_anew", sql, &params)?.iter().map(|row| row.id(0)).collect()
}

/// How many come after one.
pub fn count_after(unit: &mut Unit<'_>, portfolio: PortfolioId, after: SubjectId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM moretus.decide_anew WHERE portfolio = $1 AND subject > $2";
    let row = unit.query_first("decide_anew", sql, &[Param::id(&portfolio), Param::id(&after)])?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// How long before a run began a change may have been made that was written down only after the run had passed: in micros.
const LATE_MICROS: i64 = 3_600_000_000;

/// Whether there is somebody to decide anew whom a run that began at an instant did not take: since something changed after that, or
/// since it was written down too late for it.
pub fn is_any_beside(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    (run, began): (WorkItemId, Timestamp),
) -> Result<bool, StoreError> {
    let sql = "SELECT subject FROM moretus.decide_anew WHERE portfolio = $1 AND since > $2
            AND (since > $3 OR NOT EXISTS (SELECT 1 FROM moretus.proposal
                WHERE proposal.subject = decide_anew.subject AND proposal.run = $4))
        LIMIT 1";
    let late = Param::Int(began.micros().saturating_sub(LATE_MICROS));
    let params = [Param::id(&portfolio), late, Param::at(began), Param::id(&run)];
    Ok(unit.query_first("decide_anew", sql, &params)?.is_some())
}

/// Takes these people off, but for those of whom something changed after an instant.
pub fn done(unit: &mut Unit<'_>, people: &[SubjectId], until: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM moretus.decide_anew WHERE subject = $1 AND since <= $2";
    people.iter().try_for_each(|subject| unit.execute(sql, &[Param::id(subject), Param::at(until)]).map(drop))
}

/// Deletes the row of somebody whose claims are erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.decide_anew WHERE subject = $1", &[Param::id(&subject)])
}
