//! What happened to each claim: which step, where it then stood, who took it and when, one row each, never changed. Why is sealed with
//! the claim. The rows go with the claims of somebody who is erased, and none is written of them after that.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ActorId, ClaimId, ClaimState, ClaimStep, RetentionClass, SubjectId, Timestamp};

use crate::readjudication::DECIDED;
use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A step of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRow {
    /// Whose claim.
    pub subject: SubjectId,
    /// Which claim.
    pub claim: ClaimId,
    /// The version of the claim's row from this step on: steps are in its order.
    pub number: i64,
    /// What happened.
    pub step: ClaimStep,
    /// Where the claim stood then.
    pub state: ClaimState,
    /// Who took the step: a person, or a job.
    pub actor: ActorId,
    /// When.
    pub at: Timestamp,
}

static INSERT: Bulk<7> = Bulk::new(
    "moretus.claim_step",
    [
        ("subject", Type::Bytes),
        ("claim", Type::Bytes),
        ("number", Type::Int),
        ("step", Type::Int),
        ("state", Type::Int),
        ("actor", Type::Bytes),
        ("at", Type::Int),
    ],
);

impl StepRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.id(0)?,
            claim: row.id(1)?,
            number: row.int(2)?,
            step: row.word(3, ClaimStep::from_code)?,
            state: row.word(4, ClaimState::from_code)?,
            actor: row.id(5)?,
            at: row.at(6)?,
        })
    }

    fn params(&self) -> [Param<'_>; 7] {
        [
            Param::id(&self.subject),
            Param::id(&self.claim),
            Param::Int(self.number),
            Param::code(self.step.code()),
            Param::code(self.state.code()),
            Param::id(&self.actor),
            Param::at(self.at),
        ]
    }
}

/// Writes steps, of those whose claims were not erased: looked at in this transaction, so that of an erasure and a step that come
/// together none is left.
pub(crate) fn insert_many(unit: &mut Unit<'_>, rows: &[StepRow]) -> Result<(), StoreError> {
    let people: BTreeSet<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let here = crate::key::with_class(unit, &people, RetentionClass::Claims)?;
    let rows: Vec<_> = rows.iter().filter(|row| here.contains(&row.subject)).map(StepRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// The steps of a claim, in order.
pub fn of_claim(unit: &mut Unit<'_>, subject: SubjectId, claim: ClaimId) -> Result<Vec<StepRow>, StoreError> {
    let sql = "SELECT subject, claim, number, step, state, actor, at FROM moretus.claim_step
        WHERE subject = $1 AND claim = $2 ORDER BY number";
    let rows = unit.query("claim_step", sql, &[Param::id(&subject), Param::id(&claim)])?;
    rows.iter().map(StepRow::from_row).collect()
}

/// When each claim of these people was first decided; without those that never were, or of which no step is known.
pub fn first_decided(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
) -> Result<BTreeMap<(SubjectId, ClaimId), Timestamp>, StoreError> {
    let sql = "SELECT subject, claim, min(at) FROM moretus.claim_step
        WHERE subject = $1 AND state IN ($2, $3, $4, $5, $6) GROUP BY subject, claim";
    let of = |subject| {
        let [one, two, three, four, five] = DECIDED.map(|state| Param::code(state.code()));
        [Param::id(subject), one, two, three, four, five]
    };
    let asked: Vec<[Param<'_>; 6]> = subjects.iter().map(of).collect();
    let first = |row: &Row<'_>| Ok(((row.id(0)?, row.id(1)?), row.at(2)?));
    Ok(unit.query_each("claim_step", sql, &asked, first)?.into_iter().collect())
}

/// Those of these people of whose claims this actor put one right that was not decided anew since.
pub fn put_right_by(
    unit: &mut Unit<'_>,
    subjects: &[SubjectId],
    actor: ActorId,
) -> Result<BTreeSet<SubjectId>, StoreError> {
    let sql = "SELECT DISTINCT subject FROM moretus.claim_step AS own WHERE subject = $1 AND step = $2 AND actor = $3
        AND NOT EXISTS (SELECT 1 FROM moretus.claim_step AS anew WHERE anew.subject = own.subject
            AND anew.claim = own.claim AND anew.step = $4 AND anew.number > own.number)";
    let steps = [ClaimStep::PutRight, ClaimStep::DecidedAnew].map(|step| Param::code(step.code()));
    let of = |subject| [Param::id(subject), steps[0], Param::id(&actor), steps[1]];
    let asked: Vec<[Param<'_>; 4]> = subjects.iter().map(of).collect();
    let found = unit.query_each("claim_step", sql, &asked, |row| row.id(0))?;
    Ok(found.into_iter().collect())
}

/// Deletes the steps of somebody whose claims are erased.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.claim_step WHERE subject = $1", &[Param::id(&subject)])
}
