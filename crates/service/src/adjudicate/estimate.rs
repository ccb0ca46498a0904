//! What a claim that nobody has handed in would come to: the computation of adjudication on what a grant has shown, of one
//! person. It seals nothing, counts nothing and books nothing.

use benefits::{AdjudicationError, Case, Facts};
use domain::{AccumulatorBalance, ClaimLine, Determination, RecordId};
use gate::GateError;

use super::compute::{Known, OpenCover, case};
use super::facts::told;
use super::other_payer::{Answers, Beside, salary};
use crate::views::{ClaimToAdjudicate, FactsToCount};

/// What is determined of a claim under a cover; `family` is what was counted for the family together, where that is known.
///
/// Errors: as [`benefits::adjudicate`], inside; what guarantees keep free overflows.
pub(crate) fn determine(
    known: &Known<'_>,
    cover: &OpenCover<'_>,
    claim: &ClaimToAdjudicate,
    family: Option<&[AccumulatorBalance]>,
) -> Result<Result<Determination, AdjudicationError>, GateError> {
    // No claim has this id, so that none that was handed in is taken for it.
    let record = RecordId::from_bytes([0; 16]);
    let nothing_since = FactsToCount::default();
    let policy_start = cover.policy_start();
    let told = told(known.context, &known.person, (claim, &nothing_since, &[]), &cover.cover);
    let facts = Facts { family, policy_start, ..told };
    let case = Case { facts, ..case(known.context, &known.person, record, claim, (cover.id, &cover.cover)) };
    let guarantees = known.guarantees.on(case.decided);
    let salary = |lines: &[ClaimLine]| salary(lines, &cover.cover);
    let kept_free = guarantees
        .kept_free(cover.plan, &case, &cover.accumulators, salary)
        .map_err(|_| GateError::Compute("an accumulator would overflow"))?;
    let guaranteed = guarantees.authorisations(&case, &cover.accumulators);
    let authorisations = guaranteed.as_deref().or(facts.authorisations);
    let case = Case { facts: Facts { authorisations, kept_free: &kept_free, ..facts }, ..case };
    let answers = Answers::default();
    let beside = Beside::of(cover.plan, &case, (record, claim), &cover.cover, &answers);
    let case = Case { facts: Facts { other: beside.as_ref().map(Beside::fact), ..case.facts }, ..case };
    Ok(benefits::adjudicate(cover.plan, &case, &cover.accumulators))
}
