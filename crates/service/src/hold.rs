//! Legal holds: while a legal matter is open about somebody, nothing that is kept of them is destroyed, whatever its class,
//! by time or on request (GDPR article 17(3)(b) and (e)). An order, a dispute or a duty holds from when it was opened about
//! them until its last day or until it is ended; one that nobody reviewed cannot be opened, and holds nothing. What a matter
//! will need nobody knows before it is over, so it holds all of the person.
//!
//! Whether somebody is held is read in the unit that would destroy. A matter whose showing is deferred holds like any other:
//! who may be told which matter it is, the use cases say. Nothing here lets anybody see anything.

use std::collections::{BTreeMap, BTreeSet};

use domain::{MatterId, SubjectId, Timestamp};
use store::{StoreError, Unit};

/// The matters that keep what is there of somebody from being destroyed; none where it may be. One that is opened at the
/// same moment is among them, or is opened after this unit.
pub(crate) fn of(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    at: Timestamp,
) -> Result<Vec<MatterId>, StoreError> {
    store::matter::one_at_a_time(unit, &[subject])?;
    let matters = store::matter::standing_about(unit, subject, at)?;
    Ok(matters.into_iter().map(|row| row.matter).collect())
}

/// People who are held, each with the matters that hold them.
pub(crate) type Held = Vec<(SubjectId, Vec<MatterId>)>;

/// Those whom a sweep left alone, each once, with the matters that held them.
#[derive(Debug, Default)]
pub(crate) struct HeldBack {
    people: BTreeSet<SubjectId>,
    matters: BTreeMap<MatterId, BTreeSet<SubjectId>>,
}

impl HeldBack {
    pub(crate) fn extend(&mut self, held: Held) {
        for (subject, matters) in held {
            self.people.insert(subject);
            for matter in matters {
                self.matters.entry(matter).or_default().insert(subject);
            }
        }
    }

    /// How many people.
    pub(crate) fn count(&self) -> u64 {
        self.people.len() as u64
    }

    /// Each matter, with how many people it held.
    pub(crate) fn by_matter(&self) -> BTreeMap<MatterId, u64> {
        self.matters.iter().map(|(matter, people)| (*matter, people.len() as u64)).collect()
    }
}
