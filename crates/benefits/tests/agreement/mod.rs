//! The adjudicator beside the naive one on a history of claims: what they must agree on. It makes up no case.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use benefits::Plan;
use domain::{AccumulatorEntry, Accumulators, ClaimId, Determination, Outcome};

use crate::naive;
use crate::support::{self, ClaimSpec, MemberSpec, PlanSpec, date, with_case};

fn lines_of(determination: &Determination) -> Vec<naive::LineResult> {
    let result = |line: &domain::LineDetermination| naive::LineResult {
        outcome: line.outcome.word(),
        parts: [
            line.write_off,
            line.not_covered,
            line.deductible,
            line.copay,
            line.coinsurance,
            line.over_limit,
            line.other_payer,
            line.plan,
        ],
        reasons: line.reasons.iter().map(|reason| reason.word()).collect(),
    };
    determination.lines.iter().map(result).collect()
}

/// Adjudicates the claims in order: each amount, reason and balance is the naive adjudicator's, and a reversal
/// undoes exactly. `note` is told what was decided.
pub(crate) fn agree(
    plan: &PlanSpec,
    member: &MemberSpec,
    claims: &[ClaimSpec],
    mut note: impl FnMut(&Determination, &[naive::LineResult]),
) {
    let compiled = plan.plan();
    let mut accumulators = Accumulators::default();
    let mut history = naive::History::default();
    for claim in claims {
        let before = accumulators.clone();
        keeps_free_what_passes((plan, &compiled), member, claim, &before);
        let ours = support::run(&compiled, member, claim, &mut accumulators);
        let (outcome, lines) = naive::adjudicate(plan, member, claim, &mut history);
        assert_eq!((ours.outcome.word(), lines_of(&ours)), (outcome, lines.clone()));
        note(&ours, &lines);

        let mut sums: BTreeMap<(u16, u32, u64), i64> = BTreeMap::new();
        for event in &history.events {
            *sums.entry((event.accumulator, date(event.period).number(), event.scope)).or_default() +=
                event.amount;
        }
        sums.retain(|_, amount| *amount != 0);
        let known = accumulators.balances.iter();
        let balances: BTreeMap<(u16, u32, u64), i64> = known
            .map(|known| ((known.accumulator, known.period_start.number(), known.scope), known.amount))
            .collect();
        assert_eq!(balances, sums);

        let mut undone = accumulators.clone();
        benefits::reverse(&mut undone, ClaimId::from_bytes([claim.id; 16]), &ours).unwrap();
        assert!(undone == before, "a reversal is the exact negative");
    }
}

/// Kept free for care to come is what its lines that pass count once a person lets the refusals stand: of each balance of a limit
/// the sum. Where a line waits nothing would be counted yet, and there is nothing to compare with.
fn keeps_free_what_passes(
    (spec, plan): (&PlanSpec, &Plan),
    member: &MemberSpec,
    claim: &ClaimSpec,
    counted: &Accumulators,
) {
    let all_said = ClaimSpec {
        confirmed: true,
        documents: Some(claim.documents.clone().unwrap_or_default()),
        room: claim.room.or(Some("ward")),
        ..claim.clone()
    };
    let kept = |confirmed| {
        let claim = ClaimSpec { confirmed, ..all_said.clone() };
        with_case(member, &claim, |case| benefits::reserve(plan, case, counted, i64::MAX, &[]))
    };
    let counts = with_case(member, &all_said, |case| benefits::adjudicate(plan, case, counted).unwrap());
    if counts.lines.iter().any(|line| line.outcome == Outcome::Pended) {
        return;
    }
    let limits: Vec<u16> = (0..)
        .zip(&spec.limits)
        .filter(|(_, limit)| !limit.stop_loss)
        .map(|(index, _)| support::plan::limit(index))
        .collect();
    let sums = |entries: &[AccumulatorEntry]| {
        let mut sums: BTreeMap<(u16, u32, u64), i64> = BTreeMap::new();
        for one in entries.iter().filter(|one| limits.contains(&one.accumulator)) {
            *sums.entry((one.accumulator, one.period_start.number(), one.scope)).or_default() += one.delta;
        }
        sums
    };
    let kept_free = kept(false);
    assert_eq!(sums(&kept_free), sums(&counts.entries));
    assert!(kept_free == kept(true), "nobody need have let a refusal stand");
}
