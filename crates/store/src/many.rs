//! Reads for many subjects at once: what batches need, in few statements.

use std::collections::BTreeMap;

use domain::{CategorySet, ClaimId, ClaimState, Date, RecordId, RecordKind, SubjectId};

use crate::claim::ClaimRow;
use crate::condition::ConditionRow;
use crate::coverage::CoverageRow;
use crate::fetch::Fetched;
use crate::key::WrappedKey;
use crate::sealed::SealedRow;
use crate::subject::SubjectRow;
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// Each of these as the one parameter of a statement.
pub(crate) fn each(subjects: &[SubjectId]) -> Vec<[Param<'_>; 1]> {
    subjects.iter().map(|subject| [Param::id(subject)]).collect()
}

/// The rows of those subjects that are there.
pub fn subjects(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<SubjectRow>, StoreError> {
    unit.query_each("subject", crate::subject::SELECT, &each(subjects), SubjectRow::from_row)
}

/// Every condition of these subjects, live or not.
pub fn conditions(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<ConditionRow>, StoreError> {
    unit.query_each("condition", crate::fetch::SUBJECT_CONDITIONS, &each(subjects), ConditionRow::from_row)
}

/// Every key of these subjects.
pub fn keys(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<WrappedKey>, StoreError> {
    unit.query_each("data_key", crate::key::OF_SUBJECT, &each(subjects), WrappedKey::from_row)
}

/// Every span of cover of these subjects, the earliest first.
pub fn coverages(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<CoverageRow>, StoreError> {
    unit.query_each("coverage", crate::coverage::OF_SUBJECT, &each(subjects), CoverageRow::from_row)
}

/// Every span of cover under the contracts of these holders, their own and their dependants'.
pub fn coverages_held(unit: &mut Unit<'_>, holders: &[SubjectId]) -> Result<Vec<CoverageRow>, StoreError> {
    unit.query_each("coverage", crate::coverage::OF_HOLDER, &each(holders), CoverageRow::from_row)
}

/// Every claim of these subjects, of each in order of the day received.
pub fn claims_of(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<ClaimRow>, StoreError> {
    unit.query_each("claim", crate::claim::OF_SUBJECT, &each(subjects), ClaimRow::from_row)
}

/// Those of these claims that are there.
pub fn claims(unit: &mut Unit<'_>, claims: &[(SubjectId, ClaimId)]) -> Result<Vec<ClaimRow>, StoreError> {
    let asked: Vec<_> =
        claims.iter().map(|(subject, claim)| [Param::id(subject), Param::id(claim)]).collect();
    unit.query_each("claim", crate::claim::OF_ID, &asked, ClaimRow::from_row)
}

/// The sealed rows of these records of a kind, in these categories; and their subjects' keys. By subject, of each in the order
/// given.
pub fn records(
    unit: &mut Unit<'_>,
    records: &[(SubjectId, RecordId)],
    kind: RecordKind,
    categories: CategorySet,
) -> Result<Vec<Fetched>, StoreError> {
    let (kind, mask) = (Param::code(kind.code()), crate::fetch::mask(categories));
    let asked: Vec<_> =
        records.iter().map(|(subject, record)| [Param::id(subject), kind, Param::id(record), mask]).collect();
    let rows = unit.query_each("sealed", crate::fetch::RECORD_ROWS, &asked, of_subject)?;
    with_keys(unit, rows, mask)
}

/// Of each of these subjects up to `limit` claims that were received from a day on and have left their first state, the newest,
/// sealed, in these categories; with their keys.
pub fn newest_claims(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
    (since, limit): (Date, usize),
    categories: CategorySet,
) -> Result<Vec<Fetched>, StoreError> {
    let (kind, mask) = (Param::code(RecordKind::Claim.code()), crate::fetch::mask(categories));
    let (since, received) = (Param::day(since), Param::code(ClaimState::Received.code()));
    let asked: Vec<_> = subjects
        .iter()
        .map(|subject| [Param::id(subject), kind, mask, since, received, Param::count(limit)])
        .collect();
    let rows = unit.query_each("sealed", crate::fetch::NEWEST_CLAIMS, &asked, of_subject)?;
    with_keys(unit, rows, mask)
}

/// A sealed row, with its subject in the last column.
fn of_subject(row: &Row<'_>) -> Result<SealedRow, StoreError> {
    SealedRow::from_row(row.id(7)?, row)
}

/// Sealed rows by subject, with the keys of each in the categories of this mask. These are read once, and after the rows: a commit of
/// both makes keys visible first.
fn with_keys(unit: &mut Unit<'_>, rows: Vec<SealedRow>, mask: Param<'_>) -> Result<Vec<Fetched>, StoreError> {
    let mut of: BTreeMap<SubjectId, Fetched> = BTreeMap::new();
    for row in rows {
        of.entry(row.subject).or_default().rows.push(row);
    }
    let subjects: Vec<SubjectId> = of.keys().copied().collect();
    let asked: Vec<_> = subjects.iter().map(|subject| [Param::id(subject), mask]).collect();
    for key in unit.query_each("data_key", crate::fetch::SUBJECT_KEYS, &asked, WrappedKey::from_row)? {
        if let Some(fetched) = of.get_mut(&key.subject) {
            fetched.keys.push(key);
        }
    }
    Ok(of.into_values().collect())
}
