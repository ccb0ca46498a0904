//! What is proposed for a claim: what was decided, what would be, and at which step of each line that differs the two part.

use benefits::{parted_at, standing};
use domain::{
    ClaimId, CoverageId, DecidedAmounts, Determination, ExplainedLine, GuaranteeUse, LineDetermination,
    ProposedClaim, ProposedWorking, RecordId, Step,
};

use super::compute::Earlier;

/// A claim that comes out so, under a span of cover.
pub(super) fn propose(
    one: &Earlier,
    cover: RecordId,
    (after, guarantees): (Determination, Vec<GuaranteeUse>),
) -> (ProposedClaim, ProposedWorking) {
    let before = &one.determination;
    let explained = explain(before, &after);
    let claim = ProposedClaim {
        claim: ClaimId::from_bytes(*one.record.bytes()),
        coverage: CoverageId::from_bytes(*cover.bytes()),
        before: amounts(before),
        after: amounts(&after),
        exchanges: after.exchanges,
        explained,
    };
    let working = ProposedWorking {
        benefits: after.benefits,
        traces: after.traces,
        entries: after.entries,
        plan_version: after.plan_version,
        guarantees,
    };
    (claim, working)
}

fn amounts(determination: &Determination) -> DecidedAmounts {
    DecidedAmounts {
        outcome: determination.outcome,
        currency: determination.currency,
        lines: determination.lines.clone(),
    }
}

/// The lines that differ in amounts, reasons or what they count, each with the step at which the two ways part.
fn explain(before: &Determination, after: &Determination) -> Vec<ExplainedLine> {
    let counted = standing(&before.entries);
    let counts = |entries: &[domain::AccumulatorEntry], line: u32| {
        entries.iter().filter(|entry| entry.line == line).cloned().collect::<Vec<_>>()
    };
    let earlier = |line: &LineDetermination| before.lines.iter().find(|known| known.number == line.number);
    let differs = |line: &&LineDetermination| {
        before.currency != after.currency
            || earlier(line) != Some(*line)
            || counts(&counted, line.number) != counts(&after.entries, line.number)
    };
    let explain = |line: &LineDetermination| ExplainedLine {
        line: line.number,
        // What differs in nothing that was traced is told with the rounding, which every line comes to.
        step: parted_at(&before.traces, &after.traces, line.number).unwrap_or(Step::Rounding),
    };
    after.lines.iter().filter(differs).map(explain).collect()
}
