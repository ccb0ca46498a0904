//! The adjudicator against the naive one: random histories of claims under random plans, where
//! both must agree on every amount, reason and balance, and a reversal must undo exactly.
//!
//! `MORETUS_CASES` is how many histories (10,000 when it is not set), `MORETUS_SEED` which ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod agreement;
mod naive;
mod random;
mod support;
#[path = "random/visits.rs"]
mod visits;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use domain::{Determination, Step};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::{
    AllowedSpec, BenefitSpec, ClaimSpec, CounterSpec, LimitSpec, LineSpec, MemberSpec, PlanSpec, benefit, gp,
    yearly,
};

/// What must occur in at least one history of a hundred.
const MET: [&str; 39] = [
    "approved",
    "partially-approved",
    "pended",
    "denied",
    "relief",
    "rounding",
    "newborn",
    "exchanged",
    "second-layer",
    "reserve",
    "rolling",
    "carried-over",
    "typed",
    "price-of-unknown-country",
    "module-without-another",
    "DED",
    "COPAY",
    "COINS",
    "FEE",
    "RNC",
    "DUP",
    "LATE",
    "ELIG",
    "NOCOV",
    "WAIT",
    "PREEX",
    "MAX",
    "LIM",
    "PHANTOM",
    "SUSP",
    "INFO",
    "AREA",
    "AUTH",
    "COB",
    "BUND",
    "ROOM",
    "EXCL-PROV",
    "PERSON",
    "lifted",
];

/// The number, in every plan, of the rule that a trace cites where a person lifted what a step found.
const LIFTED: u16 = 29;

/// And of the rule that it cites where nobody knows the country of care.
const UNKNOWN_COUNTRY: u16 = 10;

/// And of the rule that it cites where the member has not all modules that the benefit needs.
const MODULE: u16 = 12;

/// The tests of this crate have no program around them that could read it for them.
#[allow(clippy::disallowed_methods, reason = "which cases to run is asked of the environment")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: write a whole number")))
}

/// How often each outcome and reason occurred: a test that never meets a rule shows nothing of it.
type Tally = RefCell<BTreeMap<&'static str, u32>>;

/// Whether something stood on what a plan counts for each visit before any line of the claim counted on it, and the claim counted.
fn visit_of_several_claims(plan: &PlanSpec, ours: &Determination) -> bool {
    let deductibles = plan.deductibles.iter().map(|rule| &rule.counter).enumerate();
    let maxima = plan.maxima.iter().map(|rule| &rule.counter).enumerate();
    let limits = plan.limits.iter().map(|rule| &rule.counter).enumerate();
    let numbered = deductibles
        .map(|(index, rule)| (support::plan::deductible(index), rule))
        .chain(maxima.map(|(index, rule)| (support::plan::maximum(index), rule)))
        .chain(limits.map(|(index, rule)| (support::plan::limit(index), rule)));
    let mut visits = numbered.filter(|(_, rule)| rule.per == Some("visit"));
    let stood = |number: u16| {
        let mut steps = ours.traces.iter().filter_map(|trace| trace.accumulator);
        steps.find(|step| step.accumulator == number).is_some_and(|step| step.before > 0)
    };
    !ours.entries.is_empty() && visits.any(|(number, _)| stood(number))
}

/// Notes what occurred.
fn note(
    ours: &Determination,
    (plan, member): (&PlanSpec, &MemberSpec),
    lines: &[naive::LineResult],
    tally: &Tally,
) {
    let any = |is: &dyn Fn(&domain::Trace) -> bool| ours.traces.iter().any(is);
    let counted = |number: u16| ours.entries.iter().any(|entry| entry.accumulator == number);
    let rolling = plan.limits.iter().enumerate().any(|(index, limit)| {
        limit.counter.period.contains('-')
            && limit.counter.period != "policy-year"
            && limit.counter.period != "calendar-year"
            && counted(support::plan::limit(index))
    });
    let carried = ours.entries.array_windows().any(|[one, two]| {
        one.accumulator == two.accumulator && one.line == two.line && one.period_start != two.period_start
    });
    let typed =
        ours.benefits.iter().any(|one| !plan.benefits[usize::from(one.benefit)].service_types.is_empty());
    let has_own = |line: u32| {
        let mut benefits = ours.benefits.iter().filter(|one| one.line == line);
        let module = benefits.next().map(|one| plan.benefits[usize::from(one.benefit)].module);
        member.modules.iter().flatten().any(|id| Some(id.as_str()) == module)
    };
    let paid = |line: u32| lines[line as usize - 1].outcome == "approved";
    let occurred = [
        (any(&|trace| trace.step == Step::OutOfPocketMaximum && trace.output > trace.input), "relief"),
        (any(&|trace| trace.step == Step::MajorMedical && trace.output > trace.input), "second-layer"),
        (any(&|trace| trace.step == Step::Rounding), "rounding"),
        (any(&|trace| trace.step == Step::Eligibility && paid(trace.line)), "newborn"),
        (!ours.exchanges.is_empty(), "exchanged"),
        (counted(support::plan::RESERVE), "reserve"),
        (rolling, "rolling"),
        (carried, "carried-over"),
        (any(&|trace| trace.rule == LIFTED), "lifted"),
        (typed, "typed"),
        (
            any(&|trace| trace.step == Step::AllowedAmount && trace.rule == UNKNOWN_COUNTRY),
            "price-of-unknown-country",
        ),
        (any(&|trace| trace.rule == MODULE && has_own(trace.line)), "module-without-another"),
    ];
    let occurred = occurred.into_iter().filter(|(is, _)| *is).map(|(_, word)| word);
    let words =
        lines.iter().flat_map(|line| &line.reasons).copied().chain([ours.outcome.word()]).chain(occurred);
    words.for_each(|word| *tally.borrow_mut().entry(word).or_default() += 1);
}

/// What is left of a limit for each unit is more than any charge, and a part of a unit of 4,294,967,295 at two rates is as fine
/// as fractions get: their difference has 133 bits.
#[test]
fn the_naive_adjudicator_agrees_on_the_finest_fractions_beside_the_largest_room() {
    let per_unit = CounterSpec { period: "day", per: Some("unit"), ..yearly(1_724_525_218) };
    let one_unit = CounterSpec { period: "day", ..yearly(1) };
    let steps = "exchange eligibility duplicate timely-filing area-of-cover benefit-match exclusion bundling documents \
        waiting-period allowed-amount service-limit deductible copay coinsurance pre-authorisation major-medical \
        out-of-pocket-maximum money-limit coordination rounding";
    let plan = PlanSpec {
        steps: steps.split_whitespace().map(str::to_owned).collect(),
        coordination: Some(("medicare-secondary", None, Some("policy-year"))),
        limits: vec![(per_unit, true).into(), LimitSpec { of: "units", ..(one_unit, false).into() }],
        benefits: vec![BenefitSpec {
            allowed: AllowedSpec::Percentage(333_333),
            coinsurance: Some(333_333),
            limits: vec![1],
            ..benefit("GP")
        }],
        ..PlanSpec::default()
    };
    let line = LineSpec { units: u32::MAX, ..gp(3_333_333_333_333) };
    let mut paid = Vec::new();
    let claim = ClaimSpec::new(1, vec![line]);
    agreement::agree(&plan, &MemberSpec::default(), &[claim], |ours, _| paid.push(ours.lines[0].plan));
    // Of 776 for one unit of so many a third is allowed, and two thirds of that are paid.
    assert_eq!(paid, [172]);
}

/// How many histories there are to be.
fn cases() -> u32 {
    u32::try_from(setting("MORETUS_CASES", 10_000)).unwrap()
}

/// Runs so many histories, and looks at each.
fn run<S: Strategy>(cases: u32, histories: &S, look: impl Fn(S::Value)) {
    let seed = setting("MORETUS_SEED", 20_261_123);
    println!("{cases} histories, seed {seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(histories, |history| {
        look(history);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("seed {seed} (set MORETUS_SEED to run it again): {error}");
    }
}

#[test]
fn the_naive_adjudicator_agrees_on_visits_of_several_claims() {
    let cases = (cases() / 10).max(1);
    let met = Cell::new(0u32);
    let histories = (
        visits::plan_of_visits().boxed(),
        visits::member_of_visits().boxed(),
        visits::claims_of_visits().boxed(),
    );
    run(cases, &histories, |(plan, member, claims)| {
        let mut found = false;
        agreement::agree(&plan, &member, &claims, |ours, _| found |= visit_of_several_claims(&plan, ours));
        met.set(met.get() + u32::from(found));
    });
    println!("{} with a visit of several claims", met.get());
    assert!(cases < 100 || met.get() >= cases / 10, "only {}", met.get());
}

#[test]
fn the_naive_adjudicator_agrees() {
    let cases = cases();
    let tally = Tally::default();
    let histories = (random::plan().boxed(), random::member().boxed(), random::history().boxed());
    run(cases, &histories, |(plan, member, claims)| {
        agreement::agree(&plan, &member, &claims, |ours, lines| note(ours, (&plan, &member), lines, &tally));
    });
    println!("{:?}", tally.borrow());
    for word in MET {
        let times = tally.borrow().get(word).copied().unwrap_or(0);
        assert!(cases < 1_000 || times >= cases / 100, "`{word}` occurred only {times} times");
    }
}
