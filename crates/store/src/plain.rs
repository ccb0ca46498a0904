//! The plain rows that go with a class of somebody's data when it is erased, beside its keys and sealed rows: what leads to them, what
//! was agreed with them and what waits for a person. Whether anything may be erased is not asked here.

use domain::{Condition, RetentionClass, SubjectId, Timestamp};

use crate::{StoreError, Unit, condition};

/// Deletes the rows that go with a class, and ends what rests on them, as of an instant.
pub fn delete_of_class(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    class: RetentionClass,
    at: Timestamp,
) -> Result<(), StoreError> {
    match class {
        RetentionClass::Membership => {
            crate::lookup::delete_of_subject(unit, subject)?;
            crate::delivery::delete_of_subject(unit, subject)?;
            crate::notice_copy::delete_of_subject(unit, subject)?;
            crate::work_item::delete_of_subject(unit, subject)?;
            crate::representation::delete_of_subject(unit, subject)?;
            crate::idempotency::delete_of_subject(unit, subject)?;
            // A consent without its proof bears nothing, and nobody acts for whom nobody knows.
            let goes = |condition: Condition| {
                condition.is_consent() || condition == Condition::RelationRepresentative
            };
            for row in condition::of_subject(unit, subject)? {
                if goes(row.condition) && row.is_live(at) {
                    condition::end(unit, subject, row.condition, row.object, at)?;
                }
            }
            crate::consent::delete_of_subject(unit, subject)?;
        }
        RetentionClass::Claims => {
            crate::screen::delete_of_subject(unit, subject)?;
            crate::mark::delete_of_subject(unit, subject)?;
            crate::appeal::delete_of_subject(unit, subject)?;
            crate::pended::delete_of_subject(unit, subject)?;
            crate::lien::delete_of_subject(unit, subject)?;
            crate::claim_step::delete_of_subject(unit, subject)?;
            crate::decide_anew::delete_of_subject(unit, subject)?;
            crate::exclusion::delete_of_subject(unit, subject)?;
        }
        RetentionClass::Accounting => drop(crate::settlement::delete_of_subject(unit, subject)?),
        RetentionClass::Communication => drop(crate::quarantine::delete_of_subject(unit, subject)?),
        RetentionClass::Disclosure => {}
    }
    Ok(())
}
