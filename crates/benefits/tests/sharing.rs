//! Each step that shares a charge by itself: allowed amount, deductible, copay, co-insurance, maximum,
//! limits, rounding.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use domain::Step;
use support::{
    AllowedSpec, BenefitSpec, ClaimSpec, CounterSpec, LineSpec, MemberSpec, PlanSpec, benefit, first, gp,
    said, simple, yearly,
};

#[test]
fn a_price_counts_for_each_unit_and_never_passes_the_charge() {
    let plan = PlanSpec {
        benefits: vec![BenefitSpec { allowed: AllowedSpec::Price(300), write_off: true, ..benefit("LAB") }],
        ..PlanSpec::default()
    };
    let line = LineSpec { units: 3, ..LineSpec::new("LAB", 1_000) };
    let result =
        first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, vec![line, LineSpec::new("LAB", 250)]));
    assert_eq!(said(&result), "approved: approved 900 FEE; approved 250 ");
    assert_eq!(result.lines[0].write_off, 100);
}

#[test]
fn the_order_of_the_steps_decides() {
    let pays = |sharing: [&str; 3]| {
        let checks = ["eligibility", "duplicate", "benefit-match", "exclusion", "allowed-amount"];
        let steps = checks.into_iter().chain(sharing).chain(["rounding"]).map(str::to_owned).collect();
        let benefit =
            BenefitSpec { copay: Some((1_000, "line")), coinsurance: Some(200_000), ..benefit("GP") };
        let plan = PlanSpec {
            steps,
            deductibles: vec![yearly(3_000).into()],
            benefits: vec![benefit],
            ..PlanSpec::default()
        };
        first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, vec![gp(10_000)])).lines[0].plan
    };
    assert_eq!(pays(["deductible", "copay", "coinsurance"]), 4_800);
    assert_eq!(pays(["deductible", "coinsurance", "copay"]), 4_600);
    assert_eq!(pays(["coinsurance", "deductible", "copay"]), 4_000);
}

#[test]
fn a_copay_counts_once_a_visit_or_for_each_line() {
    let copays = |per, charges: [(i64, (i16, i8, i8)); 4]| {
        let plan = PlanSpec {
            benefits: vec![BenefitSpec { copay: Some((2_000, per)), ..benefit("GP") }],
            ..PlanSpec::default()
        };
        let lines = charges.map(|(charge, day)| gp(charge).on(day)).to_vec();
        let result = first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, lines));
        result.lines.iter().map(|line| line.copay).collect::<Vec<i64>>()
    };
    let (monday, tuesday) = ((2026, 3, 9), (2026, 3, 10));
    let charges = [(1_500, monday), (3_000, monday), (3_100, monday), (3_000, tuesday)];
    assert_eq!(copays("visit", charges), [1_500, 500, 0, 2_000]);
    assert_eq!(copays("line", charges), [1_500, 2_000, 2_000, 2_000]);
}

#[test]
fn the_out_of_pocket_maximum_counts_the_deductible_only_if_it_says_so() {
    let member_bears = |includes, maximum| {
        let plan = PlanSpec {
            deductibles: vec![yearly(1_000).into()],
            maxima: vec![(yearly(maximum), includes).into()],
            benefits: vec![BenefitSpec { coinsurance: Some(500_000), ..benefit("GP") }],
            ..PlanSpec::default()
        };
        let result = first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, vec![gp(10_000)]));
        let counted: Vec<(u16, i64)> =
            result.entries.iter().map(|entry| (entry.accumulator, entry.delta)).collect();
        (result.lines[0].deductible, result.lines[0].coinsurance, counted)
    };
    assert_eq!(member_bears(false, 2_000), (1_000, 2_000, vec![(1, 1_000), (2, 2_000)]));
    assert_eq!(member_bears(true, 2_000), (1_000, 1_000, vec![(1, 1_000), (2, 2_000)]));
    // Less than the deductible: what the maximum gives back was not counted as deductible either.
    assert_eq!(member_bears(true, 400), (400, 0, vec![(1, 400), (2, 400)]));
}

#[test]
fn limits_count_what_the_plan_pays_and_what_is_over_does_not_feed_the_maximum() {
    let shared = BenefitSpec { limits: vec![0], coinsurance: Some(100_000), ..benefit("DENT") };
    let plan = PlanSpec {
        limits: vec![(yearly(1_000), false).into(), (yearly(1_500), true).into()],
        maxima: vec![(yearly(5_000), false).into()],
        benefits: vec![shared, benefit("GP")],
        ..PlanSpec::default()
    };
    let lines = vec![LineSpec::new("DENT", 1_000), LineSpec::new("DENT", 900), gp(700)];
    let result = first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, lines));
    let parts: Vec<_> =
        result.lines.iter().map(|line| (line.coinsurance, line.over_limit, line.plan)).collect();
    assert_eq!(parts, [(100, 0, 900), (90, 710, 100), (0, 200, 500)]);
    let maximum: i64 =
        result.entries.iter().filter(|entry| entry.accumulator == 2).map(|entry| entry.delta).sum();
    assert_eq!(maximum, 190);
}

#[test]
fn periods_begin_again() {
    let taken = |period, cover_start| {
        let plan = PlanSpec {
            deductibles: vec![CounterSpec { amount: 600, period, ..yearly(0) }.into()],
            ..simple()
        };
        let member = MemberSpec { cover_start, ..MemberSpec::default() };
        let days = [(2025, 2, 27), (2025, 2, 28), (2025, 12, 31), (2026, 1, 1), (2026, 2, 28)];
        let claim = ClaimSpec::new(1, days.map(|day| gp(1_000).on(day)).to_vec());
        let result = first(&plan, &member, &claim);
        result.lines.iter().map(|line| line.deductible).collect::<Vec<i64>>()
    };
    // The anniversary of 29 February falls on the 28th in other years.
    assert_eq!(taken("policy-year", (2024, 2, 29)), [600, 600, 0, 0, 600]);
    assert_eq!(taken("calendar-year", (2024, 2, 29)), [600, 0, 0, 600, 0]);
    assert_eq!(taken("lifetime", (2024, 2, 29)), [600, 0, 0, 0, 0]);
}

#[test]
fn a_line_is_rounded_once_half_up() {
    let plan = PlanSpec {
        benefits: vec![BenefitSpec {
            allowed: AllowedSpec::Percentage(500_000),
            coinsurance: Some(500_000),
            ..benefit("GP")
        }],
        ..PlanSpec::default()
    };
    // 0.0625 and 0.0125 of the allowed half: rounded twice they would be 0.02 and 0.01 of 0.05.
    let result = first(&plan, &MemberSpec::default(), &ClaimSpec::new(1, vec![gp(5), gp(2), gp(10)]));
    let parts: Vec<_> =
        result.lines.iter().map(|line| (line.not_covered, line.coinsurance, line.plan)).collect();
    assert_eq!(parts, [(2, 2, 1), (1, 0, 1), (5, 2, 3)]);
    let steps: Vec<Step> =
        result.traces.iter().filter(|trace| trace.line == 3).map(|trace| trace.step).collect();
    assert_eq!(steps, [Step::BenefitMatch, Step::AllowedAmount, Step::Coinsurance, Step::Rounding]);
}
