//! What a claim that nobody has handed in would come to: the computation of adjudication on what a grant has shown, of one
//! person. It seals nothing, counts nothing and books nothing.

use benefits::{AdjudicationError, Case, Facts};
use domain::{AccumulatorBalance, ClaimLine, Determination, RecordId};
use gate::GateError;

use super::compute::{Known, OpenCover, carried, case};
use super::facts::told;
use super::other_payer::{Answers, Beside, salary};
use crate::views::{ClaimToAdjudicate, FactsToCount};

/// What is determined of a claim under the cover at a place; `family` is what was counted for the family together, where that is
/// known.
///
/// Errors: as [`benefits::adjudicate`], inside; what guarantees keep free overflows.
pub(crate) fn determine(
    known: &Known<'_>,
    (covers, place): (&[OpenCover<'_>], usize),
    claim: &ClaimToAdjudicate,
    family: Option<&[AccumulatorBalance]>,
) -> Result<Result<Determination, AdjudicationError>, GateError> {
    let overflow = |_| GateError::Compute("an accumulator would overflow");
    let carried = carried(covers, place)?;
    let Some(cover) = covers.get(place) else { return Err(GateError::Compute("no such cover")) };
    let counted = carried.as_ref().unwrap_or(&cover.accumulators);
    let policy_start = cover.policy_start().unwrap_or(cover.cover.start);
    let family = family.map(|sums| cover.plan.for_good(sums, policy_start)).transpose().map_err(overflow)?;
    // No claim has this id, so that none that was handed in is taken for it.
    let record = RecordId::from_bytes([0; 16]);
    let nothing_since = FactsToCount::default();
    let told = told(known.context, &known.person, (claim, &nothing_since, &[]), &cover.cover);
    let facts = Facts { family: family.as_deref(), ..cover.facts(told) };
    let case = Case { facts, ..case(known.context, &known.person, record, claim, (cover.id, &cover.cover)) };
    let guarantees = known.guarantees.on(case.decided);
    let salary = |lines: &[ClaimLine]| salary(lines, &cover.cover);
    let kept_free = guarantees.kept_free(cover.plan, &case, counted, salary).map_err(overflow)?;
    let guaranteed = guarantees.authorisations(&case, counted);
    let authorisations = guaranteed.as_deref().or(facts.authorisations);
    let case = Case { facts: Facts { authorisations, kept_free: &kept_free, ..facts }, ..case };
    let answers = Answers::default();
    let beside = Beside::of(cover.plan, &case, (record, claim), &cover.cover, &answers);
    let case = Case { facts: Facts { other: beside.as_ref().map(Beside::fact), ..case.facts }, ..case };
    Ok(benefits::adjudicate(cover.plan, &case, counted))
}
