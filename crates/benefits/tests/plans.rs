//! The shipped plans: they parse, and every service that the demo and the imports know finds a benefit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use benefits::{Plan, Refusals};
use domain::{Accumulators, CareSetting, Currency, Reason};
use support::{ClaimSpec, LineSpec, MemberSpec};

const CODES: [&str; 11] = ["GP", "SPEC", "LAB", "RX", "HOSP", "DENT", "OPT", "PHYS", "IMG", "MAT", "EMER"];

fn shipped() -> [Plan; 3] {
    [
        ("worldwide-plus.toml", include_str!("../../../plans/worldwide-plus.toml")),
        ("self-funded-basic.toml", include_str!("../../../plans/self-funded-basic.toml")),
        ("community.toml", include_str!("../../../plans/community.toml")),
    ]
    .map(|(name, text)| Plan::parse(name, text).unwrap())
}

/// A member of long standing, so that no waiting period runs.
fn member() -> MemberSpec {
    MemberSpec { cover_start: (2024, 1, 1), ..MemberSpec::default() }
}

#[test]
fn each_plan_has_its_currencies_and_looks_at_refusals() {
    let plans = shipped();
    let codes =
        |plan: &Plan| plan.currencies().iter().map(|currency| currency.code()).collect::<Vec<_>>().join(" ");
    assert_eq!(plans.each_ref().map(Plan::id), ["worldwide-plus", "self-funded-basic", "community"]);
    assert_eq!(plans.each_ref().map(codes), ["EUR USD GBP CHF", "EUR USD", "EUR USD"]);
    assert!(plans.iter().all(|plan| plan.refusals() == Refusals::Pend));
}

#[test]
fn every_plan_takes_every_code_of_its_own() {
    for plan in shipped() {
        for code in CODES {
            let claim = ClaimSpec::new(1, vec![LineSpec::new(code, 20_000)]);
            let result = support::run(&plan, &member(), &claim, &mut Accumulators::default());
            assert_eq!(result.outcome.word(), "approved", "{code} under {}", plan.id());
            assert!(plan.benefit_name(result.benefits[0].benefit).is_some());
        }
    }
}

#[test]
fn worldwide_plus_takes_foreign_codes_by_setting_and_the_others_do_not() {
    let [worldwide, basic, community] = shipped();
    for setting in CareSetting::ALL {
        let mut line = LineSpec::new("185345009", 20_000);
        line.setting = setting.word();
        let claim = ClaimSpec::new(1, vec![line]);
        let result = support::run(&worldwide, &member(), &claim, &mut Accumulators::default());
        assert_eq!(result.outcome.word(), "approved", "{setting}");
        for plan in [&basic, &community] {
            let result = support::run(plan, &member(), &claim, &mut Accumulators::default());
            assert_eq!(result.lines[0].reasons, [Reason::NotCovered]);
        }
    }
}

#[test]
fn numbers_turn_into_words() {
    let [worldwide, ..] = shipped();
    assert_eq!(worldwide.label(), "worldwide-plus@2026-1");
    assert_eq!(worldwide.accumulator_name(1), Some("Annual deductible"));
    assert_eq!(worldwide.accumulator_limit(1, Currency::EUR), Some(25_000));
    assert_eq!(worldwide.accumulator_limit(1, "JPY".parse().unwrap()), None);
    assert_eq!(worldwide.accumulator_name(99), None);
    let claim = ClaimSpec::new(1, vec![LineSpec::new("GP", 60_000)]);
    let result = support::run(&worldwide, &member(), &claim, &mut Accumulators::default());
    let words: Vec<&str> =
        result.traces.iter().map(|trace| worldwide.rule_text(trace.rule).unwrap()).collect();
    assert_eq!(
        words,
        [
            "the service falls under `General practitioner`",
            "General practitioner: the charge is allowed",
            "deductible: `Annual deductible`, policy-year",
            "General practitioner: co-insurance 20 %",
            "out-of-pocket maximum without the deductible: `Out-of-pocket maximum`, policy-year",
            "limit: `Annual maximum`, policy-year",
        ]
    );
}
