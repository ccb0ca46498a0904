//! What persons decide about lines: a lifted reason is not applied, all that follows is the plan's; a line that a person refused
//! pays nothing, counts nothing, and stands in no other line's way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use benefits::{OverrideError, can_lift, can_refuse};
use domain::{Accumulators, Reason, Step};
use support::{
    BenefitSpec, ClaimSpec, LineSpec, MemberSpec, PlanSpec, WaitingSpec, benefit, first, gp, run, said,
    said_of, simple, yearly,
};

fn claim(lines: Vec<LineSpec>, overrides: &[(u32, Option<&'static str>)]) -> ClaimSpec {
    ClaimSpec { confirmed: true, overrides: overrides.to_vec(), ..ClaimSpec::new(1, lines) }
}

fn says(plan: &PlanSpec, claim: &ClaimSpec) -> String {
    said_of(plan, &MemberSpec::default(), claim)
}

#[test]
fn a_lifted_reason_is_not_applied_and_the_plans_shares_and_limits_are() {
    let late = |overrides: &[(u32, Option<&'static str>)]| ClaimSpec {
        received: (2026, 12, 1),
        ..claim(vec![gp(1_000), gp(2_000).on((2026, 3, 11))], overrides)
    };
    let plan = PlanSpec {
        filing_months: Some(3),
        deductibles: vec![yearly(300).into()],
        limits: vec![(yearly(1_500), false).into()],
        benefits: vec![BenefitSpec { limits: vec![0], ..benefit("GP") }],
        ..simple()
    };
    assert_eq!(says(&plan, &late(&[])), "denied: denied 0 LATE; denied 0 LATE");
    assert_eq!(
        says(&plan, &late(&[(1, Some("LATE")), (2, Some("LATE"))])),
        "approved: approved 700 DED; approved 800 MAX"
    );
    let one = first(&plan, &MemberSpec::default(), &late(&[(2, Some("LATE"))]));
    assert_eq!(said(&one), "partially-approved: denied 0 LATE; approved 1500 DED+MAX");
    let lifted = one.traces.iter().find(|trace| trace.line == 2 && trace.step == Step::TimelyFiling).unwrap();
    assert_eq!(lifted.rule, 29, "the number that `against_naive` looks for");
    let plan = plan.plan();
    assert_eq!(plan.rule_text(lifted.rule), Some("a person lifted what the line was refused for"));
}

#[test]
fn each_liftable_reason_is_lifted_and_what_comes_after_it_is_still_looked_at() {
    let waits = BenefitSpec {
        waiting: vec![WaitingSpec { months: 12, from_age: None, waived: vec![] }],
        ..benefit("GP")
    };
    let plan = PlanSpec { benefits: vec![waits], exclusions: vec![(Some("GP"), None)], ..simple() };
    let member = MemberSpec { exclusions: vec!["J06"], ..MemberSpec::default() };
    let says = |overrides: &[(u32, Option<&'static str>)]| {
        let ill = ClaimSpec { diagnoses: vec!["J06.9"], ..claim(vec![gp(1_000)], overrides) };
        said_of(&plan, &member, &ill)
    };
    let lift = |reason| (1, Some(reason));
    assert_eq!(says(&[]), "denied: denied 0 WAIT");
    assert_eq!(says(&[lift("PREEX")]), "denied: denied 0 WAIT", "it is not refused for that");
    assert_eq!(says(&[lift("WAIT")]), "denied: denied 0 PREEX");
    assert_eq!(says(&[lift("WAIT"), lift("PREEX")]), "denied: denied 0 NOCOV", "the plan's exclusion stands");
    assert_eq!(says(&[lift("WAIT"), lift("PREEX"), lift("NOCOV")]), "approved: approved 1000 ");
}

#[test]
fn what_has_no_terms_and_what_the_plan_promises_is_lifted_by_nobody() {
    let unknown = || vec![LineSpec::new("SPA", 500)];
    let lifted = claim(unknown(), &[(1, Some("NOCOV"))]);
    assert_eq!(says(&simple(), &lifted), "denied: denied 0 NOCOV");
    let before = claim(vec![gp(1_000).on((2025, 12, 31))], &[(1, Some("ELIG"))]);
    assert_eq!(says(&simple(), &before), "denied: denied 0 ELIG");

    let why = |determination: &domain::Determination, line, reason| {
        can_lift((&determination.lines, &determination.traces), line, reason)
            .map_err(|error| error.to_string())
    };
    let none = first(&simple(), &MemberSpec::default(), &claim(unknown(), &[]));
    assert!(why(&none, 1, Reason::NotCovered).unwrap_err().contains("no terms to pay it by"));
    assert!(why(&none, 1, Reason::Late).unwrap_err().contains("line 1 is not refused for `LATE`"));
    assert_eq!(
        can_lift((&none.lines, &none.traces), 7, Reason::Late),
        Err(OverrideError::NoLine { line: 7 })
    );
    let excluded = PlanSpec { exclusions: vec![(Some("GP"), None)], ..simple() };
    let excluded = first(&excluded, &MemberSpec::default(), &claim(vec![gp(1_000)], &[]));
    assert_eq!(why(&excluded, 1, Reason::NotCovered), Ok(()));
    let early = first(&simple(), &MemberSpec::default(), &before);
    assert!(why(&early, 1, Reason::NotEligible).unwrap_err().contains("correct the cover"));
}

#[test]
fn a_refused_line_pays_and_counts_nothing_and_stands_in_no_others_way() {
    let plan = PlanSpec {
        deductibles: vec![yearly(300).into()],
        bundles: vec![("WHOLE", "PART")],
        benefits: vec![benefit("GP"), benefit("WHOLE"), benefit("PART")],
        ..simple()
    };
    let lines = || vec![gp(1_000), gp(1_000), LineSpec::new("WHOLE", 500), LineSpec::new("PART", 200)];
    assert_eq!(
        says(&plan, &claim(lines(), &[])),
        "partially-approved: approved 700 DED; denied 0 DUP; approved 500 ; denied 0 BUND"
    );
    let refused = claim(lines(), &[(1, None), (3, None)]);
    let mut accumulators = Accumulators::default();
    let determination = run(&plan.plan(), &MemberSpec::default(), &refused, &mut accumulators);
    assert_eq!(
        said(&determination),
        "partially-approved: denied 0 PERSON; approved 700 DED; denied 0 PERSON; approved 200 "
    );
    assert!(determination.entries.iter().all(|entry| entry.line == 2), "the refused lines count nothing");
    assert_eq!(accumulators.lines.len(), 2, "nor are they known to later claims");
    assert_eq!(can_refuse(&determination.lines, 1), Err(OverrideError::IsRefused { line: 1 }));
    assert_eq!(can_refuse(&determination.lines, 2), Ok(()));
    assert_eq!(can_refuse(&determination.lines, 9), Err(OverrideError::NoLine { line: 9 }));
    // It may be sent again, and is no duplicate of what was refused; what was paid is.
    let again = ClaimSpec { id: 2, ..claim(vec![gp(1_000), gp(1_000)], &[]) };
    let again = run(&plan.plan(), &MemberSpec::default(), &again, &mut accumulators);
    assert_eq!(said(&again), "denied: denied 0 DUP; denied 0 DUP");
}

#[test]
fn a_refusal_by_a_person_waits_for_nothing_that_the_rules_would_ask_and_is_lifted() {
    let plan = PlanSpec { area: Some((vec!["BE"], false, None)), ..simple() };
    assert_eq!(says(&plan, &claim(vec![gp(1_000)], &[])), "pended: pended 0 INFO");
    assert_eq!(says(&plan, &claim(vec![gp(1_000)], &[(1, None)])), "denied: denied 0 PERSON");
    let lifted = claim(vec![gp(1_000)], &[(1, None), (1, Some("PERSON"))]);
    assert_eq!(says(&simple(), &lifted), "approved: approved 1000 ");
    let again = claim(vec![gp(1_000)], &[(1, None), (1, Some("PERSON")), (1, None)]);
    assert_eq!(says(&simple(), &again), "denied: denied 0 PERSON");
}
