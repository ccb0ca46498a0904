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

mod naive;
mod random;
mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::{Accumulators, ClaimId, Determination, Step};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::{ClaimSpec, MemberSpec, PlanSpec, date};

/// What must occur in at least one history of a hundred.
const MET: [&str; 31] = [
    "approved",
    "partially-approved",
    "pended",
    "denied",
    "relief",
    "rounding",
    "second-layer",
    "reserve",
    "rolling",
    "carried-over",
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
];

/// The tests of this crate have no program around them that could read it for them.
#[allow(clippy::disallowed_methods, reason = "which cases to run is asked of the environment")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: write a whole number")))
}

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

/// How often each outcome and reason occurred: a test that never meets a rule shows nothing of it.
type Tally = RefCell<BTreeMap<&'static str, u32>>;

fn agree(plan: &PlanSpec, member: &MemberSpec, claims: &[ClaimSpec], tally: &Tally) {
    let compiled = plan.plan();
    let mut accumulators = Accumulators::default();
    let mut history = naive::History::default();
    for claim in claims {
        let before = accumulators.clone();
        let ours = support::run(&compiled, member, claim, &mut accumulators);
        let (outcome, lines) = naive::adjudicate(plan, member, claim, &mut history);
        assert_eq!((ours.outcome.word(), lines_of(&ours)), (outcome, lines.clone()));
        note(&ours, plan, &lines, outcome, tally);

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

/// Notes what occurred.
fn note(
    ours: &Determination,
    plan: &PlanSpec,
    lines: &[naive::LineResult],
    outcome: &'static str,
    tally: &Tally,
) {
    let any = |is: &dyn Fn(&domain::Trace) -> bool| ours.traces.iter().any(is);
    let counted = |number: u16| ours.entries.iter().any(|entry| entry.accumulator == number);
    let rolling = plan.limits.iter().enumerate().any(|(index, limit)| {
        limit.counter.period.contains("months") && counted(support::plan::limit(index))
    });
    let carried = ours.entries.array_windows().any(|[one, two]| {
        one.accumulator == two.accumulator && one.line == two.line && one.period_start != two.period_start
    });
    let occurred = [
        (any(&|trace| trace.step == Step::OutOfPocketMaximum && trace.output > trace.input), "relief"),
        (any(&|trace| trace.step == Step::MajorMedical && trace.output > trace.input), "second-layer"),
        (any(&|trace| trace.step == Step::Rounding), "rounding"),
        (counted(support::plan::RESERVE), "reserve"),
        (rolling, "rolling"),
        (carried, "carried-over"),
    ];
    let occurred = occurred.into_iter().filter(|(is, _)| *is).map(|(_, word)| word);
    let words = lines.iter().flat_map(|line| &line.reasons).copied().chain([outcome]).chain(occurred);
    words.for_each(|word| *tally.borrow_mut().entry(word).or_default() += 1);
}

#[test]
fn the_naive_adjudicator_agrees() {
    let cases = u32::try_from(setting("MORETUS_CASES", 10_000)).unwrap();
    let seed = setting("MORETUS_SEED", 20_261_123);
    println!("{cases} histories, seed {seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let tally = Tally::default();
    let outcome = runner.run(
        &(random::plan().boxed(), random::member().boxed(), random::history().boxed()),
        |(plan, member, claims)| {
            agree(&plan, &member, &claims, &tally);
            Ok(())
        },
    );
    if let Err(error) = outcome {
        panic!("seed {seed} (set MORETUS_SEED to run it again): {error}");
    }
    println!("{:?}", tally.borrow());
    for word in MET {
        let times = tally.borrow().get(word).copied().unwrap_or(0);
        assert!(cases < 1_000 || times >= cases / 100, "`{word}` occurred only {times} times");
    }
}
