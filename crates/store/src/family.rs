//! Families: under whose contract a dependant is covered, as the source of the members says. It is no relation that opens
//! anything: who belongs together is told where nobody may handle a relative's file, and to count what is shared.

use std::collections::{BTreeMap, BTreeSet};

use domain::SubjectId;

use crate::unit::{Bulk, Type};
use crate::value::Param;
use crate::{StoreError, Unit};

/// A dependant, and the holder of the contract that covers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyRow {
    /// The dependant.
    pub subject: SubjectId,
    /// The holder.
    pub holder: SubjectId,
}

static SET: Bulk<3> = Bulk::or(
    "moretus.family",
    [("subject", Type::Bytes), ("holder", Type::Bytes), ("moved", Type::Int)],
    "(subject) DO UPDATE SET moved = CASE WHEN family.holder = excluded.holder THEN family.moved ELSE 1 END,
        holder = excluded.holder",
);

/// Sets under whose contract dependants are, in place of what was said before; that another was said is kept. No two rows may
/// be of the same one.
pub fn set_many(unit: &mut Unit<'_>, rows: &[FamilyRow]) -> Result<(), StoreError> {
    let rows: Vec<[Param<'_>; 3]> =
        rows.iter().map(|row| [Param::id(&row.subject), Param::id(&row.holder), Param::Int(0)]).collect();
    unit.insert_rows(&SET, &rows).map(drop)
}

/// Forgets under whose contract these were: they are under none but their own.
pub fn delete_many(unit: &mut Unit<'_>, subjects: &[SubjectId]) -> Result<(), StoreError> {
    let sql = "DELETE FROM moretus.family WHERE subject = $1";
    subjects.iter().try_for_each(|subject| unit.execute(sql, &[Param::id(subject)]).map(drop))
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
    for row in unit.query_each("family", sql, &crate::many::each(subjects))? {
        match row.int(2)? {
            0 => drop(holders.insert(row.id(0)?, row.id(1)?)),
            _ => drop(holders.remove(&row.id(0)?)),
        }
    }
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
