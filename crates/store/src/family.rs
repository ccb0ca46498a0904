//! Families: under whose contract a dependant is covered, as the source of the members says. It is no relation that opens
//! anything: who belongs together is told where nobody may handle a relative's file, and to count what is shared.

use std::collections::{BTreeMap, BTreeSet};

use domain::SubjectId;

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A dependant, and the holder of the contract that covers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyRow {
    /// The dependant.
    pub subject: SubjectId,
    /// The holder.
    pub holder: SubjectId,
}

/// Where they were before is written as a number: 0 nowhere else; 1 under another contract, so that what they counted for which
/// family is not known; 2 under another, and then under their own, where they begin with nothing counted.
static SET: Bulk<3> = Bulk::or(
    "moretus.family",
    [("subject", Type::Bytes), ("holder", Type::Bytes), ("moved", Type::Int)],
    "(subject) DO UPDATE SET moved = CASE WHEN family.holder = excluded.holder THEN family.moved
            WHEN family.holder = family.subject THEN 2 ELSE 1 END,
        holder = excluded.holder",
);

/// Sets under whose contract dependants are, in place of what was said before; that another was said is kept. No two rows may
/// be of the same one.
pub fn set_many(unit: &mut Unit<'_>, rows: &[FamilyRow]) -> Result<(), StoreError> {
    let rows: Vec<[Param<'_>; 3]> =
        rows.iter().map(|row| [Param::id(&row.subject), Param::id(&row.holder), Param::Int(0)]).collect();
    unit.insert_rows(&SET, &rows).map(drop)
}

/// These are under none but their own contract; that they were under another is kept.
pub fn leave_many(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<(), StoreError> {
    let sql =
        "UPDATE moretus.family SET holder = subject, moved = 2 WHERE subject = $1 AND holder <> subject";
    subjects.iter().try_for_each(|subject| unit.execute(sql, &[Param::id(subject)]).map(drop))
}

/// Those of these who were under another contract once, and under their own after it: what they counted may stand on the sums of
/// either.
pub fn who_left(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<BTreeSet<SubjectId>, StoreError> {
    let sql = "SELECT subject FROM moretus.family WHERE subject = $1 AND moved = 2";
    let left = unit.query_each("family", sql, &crate::many::each(subjects), |row| row.id(0))?;
    Ok(left.into_iter().collect())
}

/// Under whose contract somebody is: of who is no dependant, their own.
pub fn holder_of(unit: &mut Unit<'_>, subject: SubjectId) -> Result<SubjectId, StoreError> {
    let sql = "SELECT holder FROM moretus.family WHERE subject = $1";
    let row = unit.query_first("family", sql, &[Param::id(&subject)])?;
    row.map_or(Ok(subject), |row| row.id(0))
}

/// Under whose contract each of these is, as [`holder_of`] says of one; without those who were under another before: what they
/// counted for which family is not known.
pub fn holders_of(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
) -> Result<BTreeMap<SubjectId, SubjectId>, StoreError> {
    let mut holders: BTreeMap<SubjectId, SubjectId> =
        subjects.iter().map(|subject| (*subject, *subject)).collect();
    let sql = "SELECT subject, holder, moved FROM moretus.family WHERE subject = $1";
    unit.query_each("family", sql, &crate::many::each(subjects), |row| {
        match row.int(2)? {
            1 => drop(holders.remove(&row.id(0)?)),
            _ => drop(holders.insert(row.id(0)?, row.id(1)?)),
        }
        Ok(())
    })?;
    Ok(holders)
}

/// Somebody with everyone who is under the same contract: its holder, and the holder's dependants; and with those who are
/// under a contract of their own.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<BTreeSet<SubjectId>, StoreError> {
    let holder = holder_of(unit, subject)?;
    let sql = "SELECT subject FROM moretus.family WHERE holder = $1 OR holder = $2 ORDER BY subject";
    let rows = unit.query("family", sql, &[Param::id(&holder), Param::id(&subject)])?;
    let mut family: BTreeSet<SubjectId> = [subject, holder].into();
    for row in &rows {
        family.insert(row.id(0)?);
    }
    Ok(family)
}

/// The same of each of these people, in two statements however many there are.
pub fn of_subjects(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
) -> Result<BTreeMap<SubjectId, BTreeSet<SubjectId>>, StoreError> {
    let mut holders: BTreeMap<SubjectId, SubjectId> =
        subjects.iter().map(|subject| (*subject, *subject)).collect();
    let sql = "SELECT subject, holder FROM moretus.family WHERE subject = $1";
    let pair = |row: &Row<'_>| Ok((row.id(0)?, row.id(1)?));
    holders.extend(unit.query_each("family", sql, &crate::many::each(subjects), pair)?);
    // Both whom they are under, and themselves: a holder may be a dependant of another one.
    let heads: BTreeSet<SubjectId> =
        holders.iter().flat_map(|(subject, holder)| [*subject, *holder]).collect();
    let heads: Vec<SubjectId> = heads.into_iter().collect();
    let sql = "SELECT holder, subject FROM moretus.family WHERE holder = $1";
    let mut under: BTreeMap<SubjectId, Vec<SubjectId>> = BTreeMap::new();
    for (holder, subject) in unit.query_each("family", sql, &crate::many::each(&heads), pair)? {
        under.entry(holder).or_default().push(subject);
    }
    let family = |(subject, holder): (SubjectId, SubjectId)| {
        let dependants = [holder, subject].into_iter().filter_map(|head| under.get(&head)).flatten().copied();
        (subject, dependants.chain([subject, holder]).collect())
    };
    Ok(holders.into_iter().map(family).collect())
}
