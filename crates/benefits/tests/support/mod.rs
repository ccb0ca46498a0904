//! Plans and claims for tests, written down as plain facts: a plan becomes a plan file, a claim
//! becomes a case. It knows nothing of how either is adjudicated.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod benefit;
pub(crate) mod claim;
pub(crate) mod plan;

use benefits::{Case, Plan, adjudicate, apply};
use domain::{Accumulators, Determination};

pub(crate) use claim::{AuthorisationSpec, ClaimSpec, LineSpec, MemberSpec, OtherSpec, date, with_case};
pub(crate) use plan::{
    AllowedSpec, BenefitSpec, CounterSpec, DeductibleSpec, LimitSpec, MaximumSpec, PlanSpec, WaitingSpec,
    currency,
};

/// Adjudicates a claim, checks what holds for every determination, and counts it.
pub(crate) fn run(
    plan: &Plan,
    member: &MemberSpec,
    claim: &ClaimSpec,
    accumulators: &mut Accumulators,
) -> Determination {
    with_case(member, claim, |case| {
        let determination = adjudicate(plan, case, accumulators).unwrap();
        check_always(plan, case, &determination);
        apply(accumulators, case, &determination).unwrap();
        determination
    })
}

/// What holds for every determination: parts sum to the charge, none is negative, traces chain
/// from the charge to what the plan pays, and what is counted is what the traces say.
pub(crate) fn check_always(plan: &Plan, case: &Case<'_>, determination: &Determination) {
    use domain::Outcome;
    assert_eq!(determination.lines.len(), case.lines.len());
    for (line, charged) in determination.lines.iter().zip(case.lines) {
        assert!(!determination.exchanges.is_empty() || line.submitted == charged.charge.minor());
        assert_eq!(line.submitted, line.parts());
        let parts = [line.write_off, line.not_covered, line.deductible, line.copay, line.coinsurance];
        for part in parts.into_iter().chain([line.over_limit, line.other_payer, line.plan]) {
            assert!((0..=line.submitted).contains(&part));
        }
        let mut left = line.submitted;
        for trace in determination.traces.iter().filter(|trace| trace.line == line.number) {
            assert_eq!(trace.input, left, "the traces chain");
            assert!(plan.rule_text(trace.rule).is_some());
            left = trace.output;
        }
        assert_eq!(left, line.plan, "the last trace says what the plan pays");
        assert!(line.outcome == Outcome::Approved || !line.reasons.is_empty());
        assert!(line.outcome != Outcome::Denied || line.not_covered == line.submitted);
    }
    let counts = matches!(determination.outcome, Outcome::Approved | Outcome::PartiallyApproved);
    assert!(counts || determination.entries.is_empty());
    for entry in &determination.entries {
        let step = determination.traces.iter().filter(|trace| trace.line == entry.line);
        let mut steps = step.filter_map(|trace| trace.accumulator);
        let same = |step: &domain::AccumulatorStep| {
            step.accumulator == entry.accumulator && step.after - step.before == entry.delta
        };
        assert!(steps.any(|step| same(&step)), "what is counted is what a trace says");
    }
}

pub(crate) fn benefit(code: &str) -> BenefitSpec {
    BenefitSpec { code: code.to_owned(), ..BenefitSpec::default() }
}

pub(crate) fn yearly(amount: i64) -> CounterSpec {
    CounterSpec { amount, period: "policy-year", per: None, salary: None }
}

pub(crate) fn simple() -> PlanSpec {
    PlanSpec { benefits: vec![benefit("GP")], ..PlanSpec::default() }
}

pub(crate) fn first(plan: &PlanSpec, member: &MemberSpec, claim: &ClaimSpec) -> Determination {
    run(&plan.plan(), member, claim, &mut Accumulators::default())
}

/// The claim's outcome, then each line's: outcome, what the plan pays, reasons.
pub(crate) fn said(determination: &Determination) -> String {
    let line = |line: &domain::LineDetermination| {
        let reasons: Vec<&str> = line.reasons.iter().map(|reason| reason.word()).collect();
        format!("{} {} {}", line.outcome, line.plan, reasons.join("+"))
    };
    let lines: Vec<String> = determination.lines.iter().map(line).collect();
    format!("{}: {}", determination.outcome, lines.join("; "))
}

pub(crate) fn said_of(plan: &PlanSpec, member: &MemberSpec, claim: &ClaimSpec) -> String {
    said(&first(plan, member, claim))
}

pub(crate) fn gp(charge: i64) -> LineSpec {
    LineSpec::new("GP", charge)
}
