//! Former versions of sealed records: what stood until another took its place, so that what was believed on an earlier day
//! can be read. They are sealed under the same keys, and deleted with what stands ([`crate::sealed`]). Which records keep theirs the services say.

use domain::{CategorySet, RecordKind, SubjectId, Timestamp};

use crate::sealed::{self, SealedRow};
use crate::value::{Param, Row};
use crate::{StoreError, Unit, fetch};

/// A row of a former version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerRow {
    /// The row, as it was sealed.
    pub row: SealedRow,
    /// When another version took its place.
    pub until: Timestamp,
}

/// Puts sealed rows in the place of those of the versions before them, which are kept as former ones from `at` on.
/// [`StoreError::Changed`] when what is there is not the version before.
pub fn supersede(unit: &mut Unit<'_>, rows: &[SealedRow], at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.former (subject, kind, record, version, category, class, supplement, blob, until)
        SELECT subject, kind, record, version, category, class, supplement, blob, CAST($1 AS BIGINT) FROM moretus.sealed
        WHERE subject = $2 AND kind = $3 AND record = $4 AND category = $5 AND version = $6";
    for row in rows {
        let params = [
            Param::at(at),
            Param::id(&row.subject),
            Param::code(row.kind.code()),
            Param::id(&row.record),
            Param::code(row.category.code()),
            Param::Int(row.version - 1),
        ];
        if unit.execute(sql, &params)? != 1 {
            return Err(StoreError::Changed);
        }
        sealed::replace(unit, row, row.version - 1)?;
    }
    Ok(())
}

/// The former rows of a kind of record of a subject, in these categories: by record, version and category.
pub fn of_kind(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    kind: RecordKind,
    categories: CategorySet,
) -> Result<Vec<FormerRow>, StoreError> {
    let sql = "SELECT kind, record, category, version, class, supplement, blob, until FROM moretus.former
        WHERE subject = $1 AND kind = $2 AND ((CAST($3 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1
        ORDER BY record, version, category";
    let params = [Param::id(&subject), Param::code(kind.code()), fetch::mask(categories)];
    let row = |row: Row| {
        let until = row.at(7)?;
        Ok(FormerRow { row: SealedRow::from_row(subject, &row)?, until })
    };
    unit.query("former", sql, &params)?.into_iter().map(row).collect()
}
