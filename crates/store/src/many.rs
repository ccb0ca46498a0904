//! Reads for many subjects at once: what batches need, in few statements.

use std::collections::BTreeMap;

use domain::{CategorySet, ClaimId, Date, RecordId, RecordKind, SubjectId};

use crate::claim::ClaimRow;
use crate::condition::ConditionRow;
use crate::coverage::CoverageRow;
use crate::fetch::Fetched;
use crate::key::WrappedKey;
use crate::sealed::SealedRow;
use crate::subject::SubjectRow;
use crate::value::Param;
use crate::{StoreError, Unit};

fn bytes(subjects: &[SubjectId]) -> Vec<&[u8]> {
    subjects.iter().map(|subject| subject.bytes().as_slice()).collect()
}

/// The rows of those subjects that are there.
pub fn subjects(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<SubjectRow>, StoreError> {
    let rows = unit.query_each("subject", crate::subject::SELECT, &bytes(subjects), &[])?;
    rows.iter().map(SubjectRow::from_row).collect()
}

/// Every condition of these subjects, live or not.
pub fn conditions(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<ConditionRow>, StoreError> {
    let rows = unit.query_each("condition", crate::fetch::SUBJECT_CONDITIONS, &bytes(subjects), &[])?;
    rows.iter().map(ConditionRow::from_row).collect()
}

/// Every key of these subjects.
pub fn keys(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<WrappedKey>, StoreError> {
    let rows = unit.query_each("data_key", crate::key::OF_SUBJECT, &bytes(subjects), &[])?;
    rows.into_iter().map(WrappedKey::from_row).collect()
}

/// Every span of cover of these subjects, the earliest first.
pub fn coverages(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<CoverageRow>, StoreError> {
    let rows = unit.query_each("coverage", crate::coverage::OF_SUBJECT, &bytes(subjects), &[])?;
    rows.iter().map(CoverageRow::from_row).collect()
}

/// Every span of cover under the contracts of these holders, their own and their dependants'.
pub fn coverages_held(unit: &mut Unit<'_>, holders: &[SubjectId]) -> Result<Vec<CoverageRow>, StoreError> {
    let rows = unit.query_each("coverage", crate::coverage::OF_HOLDER, &bytes(holders), &[])?;
    rows.iter().map(CoverageRow::from_row).collect()
}

/// Every claim of these subjects, of each in order of the day received.
pub fn claims_of(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<Vec<ClaimRow>, StoreError> {
    let rows = unit.query_each("claim", crate::claim::OF_SUBJECT, &bytes(subjects), &[])?;
    rows.iter().map(ClaimRow::from_row).collect()
}

/// Those of these claims that are there.
pub fn claims(unit: &mut Unit<'_>, claims: &[(SubjectId, ClaimId)]) -> Result<Vec<ClaimRow>, StoreError> {
    let mut rows = Vec::with_capacity(claims.len());
    for (subject, claim) in claims {
        rows.extend(crate::claim::get(unit, *subject, *claim)?);
    }
    Ok(rows)
}

/// The sealed rows of these records of a kind, in these categories, by record; and their subjects' keys.
pub fn records(
    unit: &mut Unit<'_>,
    records: &[(SubjectId, RecordId)],
    kind: RecordKind,
    categories: CategorySet,
) -> Result<Vec<Fetched>, StoreError> {
    let mut all = Vec::with_capacity(records.len());
    for (subject, record) in records {
        let params =
            [Param::id(subject), Param::code(kind.code()), Param::id(record), crate::fetch::mask(categories)];
        let rows = unit.query("sealed", crate::fetch::RECORD_ROWS, &params)?;
        let rows: Vec<SealedRow> =
            rows.into_iter().map(|row| SealedRow::from_row(*subject, row)).collect::<Result<_, _>>()?;
        if !rows.is_empty() {
            all.push(Fetched { rows, keys: crate::key::of_subject(unit, *subject)? });
        }
    }
    Ok(all)
}

/// Of each of these subjects up to `limit` claims that were received from a day on, the newest, sealed, in these categories;
/// with their keys.
pub fn newest_claims(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
    (since, limit): (Date, usize),
    categories: CategorySet,
) -> Result<Vec<Fetched>, StoreError> {
    let params = [
        Param::code(RecordKind::Claim.code()),
        crate::fetch::mask(categories),
        Param::day(since),
        Param::count(limit),
    ];
    let rows = unit.query_each("sealed", crate::fetch::NEWEST_CLAIMS, &bytes(subjects), &params)?;
    let mut of: BTreeMap<SubjectId, Fetched> = BTreeMap::new();
    for row in rows {
        let subject = row.id(7)?;
        of.entry(subject).or_default().rows.push(SealedRow::from_row(subject, row)?);
    }
    for key in keys(unit, subjects)? {
        if let Some(fetched) = of.get_mut(&key.subject) {
            fetched.keys.push(key);
        }
    }
    Ok(of.into_values().collect())
}
