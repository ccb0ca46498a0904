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
mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::{Accumulators, ClaimId, Determination, Money, Step};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::{AllowedSpec, BenefitSpec, ClaimSpec, CounterSpec, LineSpec, MemberSpec, PlanSpec, date};

const CODES: [&str; 5] = ["GP", "GPX", "LAB", "HOSP", "RX"];
/// What must occur in at least one history of a hundred.
const MET: [&str; 21] = [
    "approved",
    "partially-approved",
    "pended",
    "denied",
    "relief",
    "rounding",
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
    "PHANTOM",
    "SUSP",
    "INFO",
];
const PERIODS: [&str; 3] = ["policy-year", "calendar-year", "lifetime"];

/// The tests of this crate have no program around them that could read it for them.
#[allow(clippy::disallowed_methods, reason = "which cases to run is asked of the environment")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: write a whole number")))
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![3 => 0..2_000i64, 3 => 0..200_000i64, 1 => 0..3_000_000_000i64, 1 => Just(0i64), 1 => Just(Money::MAX_MINOR / 30)]
}

fn rate() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0u32), Just(1_000_000), Just(500_000), Just(200_000), Just(333_333), 0..=1_000_000u32]
}

fn counter() -> impl Strategy<Value = CounterSpec> {
    (amount(), prop::sample::select(&PERIODS[..])).prop_map(|(amount, period)| CounterSpec { amount, period })
}

prop_compose! {
    fn benefit(index: usize, limits: usize)(
        allowed in prop_oneof![
            3 => Just(AllowedSpec::Charge),
            2 => rate().prop_map(AllowedSpec::Percentage),
            2 => amount().prop_map(AllowedSpec::Price),
        ],
        write_off in any::<bool>(),
        waiting_months in prop::option::weighted(0.2, 1..14i32),
        deductible in any::<bool>(),
        copay in prop::option::of((amount(), any::<bool>())),
        coinsurance in prop::option::of(rate()),
        maximum in any::<bool>(),
        mine in prop::collection::vec(any::<bool>(), limits),
        narrow in any::<bool>(),
    ) -> BenefitSpec {
        // The codes are prefixes of each other in part; the last benefit takes the rest by setting.
        let code = ["GPX", "GP", "LAB", ""][index];
        let settings: &[&str] = match (index, narrow) {
            (3, _) => &["inpatient", "outpatient"],
            (_, true) => &["outpatient", "emergency"],
            _ => &[],
        };
        let allowed = match allowed {
            AllowedSpec::Price(_) if code.is_empty() => AllowedSpec::Charge,
            other => other,
        };
        BenefitSpec {
            code: code.to_owned(),
            settings: settings.iter().map(|word| (*word).to_owned()).collect(),
            allowed, write_off, waiting_months, deductible, copay, coinsurance, maximum,
            limits: (0..limits).filter(|limit| mine[*limit]).collect(),
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<String>> {
    let checks = ["eligibility", "duplicate", "timely-filing", "benefit-match", "exclusion"];
    let sharing = ["deductible", "copay", "coinsurance"];
    (Just(checks.to_vec()).prop_shuffle(), Just(sharing.to_vec()).prop_shuffle()).prop_map(
        |(checks, sharing)| {
            let last = ["out-of-pocket-maximum", "money-limit", "rounding"];
            let all =
                checks.into_iter().chain(["waiting-period", "allowed-amount"]).chain(sharing).chain(last);
            all.map(str::to_owned).collect()
        },
    )
}

prop_compose! {
    fn plan()(limits in prop::collection::vec((counter(), any::<bool>()), 0..4))(
        send in any::<bool>(),
        steps in steps(),
        filing_months in prop::option::weighted(0.5, 1..9i32),
        deductible in prop::option::weighted(0.7, counter()),
        maximum in prop::option::weighted(0.7, (counter(), any::<bool>())),
        mut benefits in (0..4).map(|index| benefit(index, limits.len()).boxed()).collect::<Vec<_>>(),
        limits in Just(limits),
    ) -> PlanSpec {
        for (index, (_, whole_plan)) in limits.iter().enumerate() {
            for benefit in &mut benefits {
                benefit.limits.retain(|limit| *limit != index || !whole_plan);
            }
            // A limit that no benefit names is refused by the plan.
            if !whole_plan && benefits.iter().all(|benefit| !benefit.limits.contains(&index)) {
                benefits[0].limits.push(index);
            }
        }
        PlanSpec { send, steps, filing_months, deductible, maximum, limits, benefits }
    }
}

fn day() -> impl Strategy<Value = (i16, i8, i8)> {
    prop_oneof![
        3 => (2024..2027i16, 1..=12i8, 1..=28i8),
        2 => (Just(2025i16), Just(3i8), 1..=4i8),
        1 => prop::sample::select(vec![(2024, 2, 29), (2025, 2, 28), (2025, 12, 31), (2026, 1, 1)]),
    ]
}

prop_compose! {
    fn line()(
        start in day(), stay in 0..3i32, units in prop_oneof![4 => Just(1u32), 1 => 1..50u32, 1 => Just(u32::MAX)],
        charge in prop_oneof![6 => amount(), 1 => Just(2_500i64)],
        code in prop::sample::select(&CODES[..]),
        setting in prop::sample::select(vec!["outpatient", "outpatient", "inpatient", "emergency", "pharmacy"]),
    ) -> LineSpec {
        let last = date(start).plus_days(stay).unwrap();
        LineSpec { start, end: (last.year(), last.month(), last.day()), units, charge, code: code.to_owned(), setting }
    }
}

prop_compose! {
    fn claim(id: u8)(
        provider in 1..3u8, received in day(), cover_column in 0..3usize, other in prop::bool::weighted(0.03),
        lines in prop::collection::vec(line().boxed(), 1..5), ill in prop::bool::weighted(0.1),
        confirmed in any::<bool>(), suspended in prop::bool::weighted(0.05),
    ) -> ClaimSpec {
        let column = if other { (cover_column + 1) % 3 } else { cover_column };
        let diagnoses = if ill { vec!["J06.9", "E11.9"] } else { vec!["J06.9"] };
        ClaimSpec { id, provider, received, column, cover_column, lines, diagnoses, confirmed, suspended }
    }
}

prop_compose! {
    fn member()(
        cover_start in prop_oneof![Just((2024, 2, 29)), Just((2023, 7, 1)), Just((2025, 1, 1))],
        cover_end in prop::option::weighted(0.3, Just((2026, 6, 30))),
        born_late in prop::bool::weighted(0.1), dead in prop::bool::weighted(0.1), excluded in prop::bool::weighted(0.3),
    ) -> MemberSpec {
        MemberSpec {
            cover_start, cover_end,
            birth: Some(if born_late { (2025, 3, 2) } else { (1980, 1, 1) }),
            death: dead.then_some((2026, 3, 1)),
            exclusions: if excluded { vec!["E11"] } else { vec![] },
        }
    }
}

prop_compose! {
    /// A member's claims: one cover currency throughout, some claims sent a second time.
    fn history()(size in 1..7u8, column in 0..3usize, again in prop::collection::vec(prop::bool::weighted(0.2), 7))(
        mut claims in (0..size).map(|id| claim(id).boxed()).collect::<Vec<_>>(),
        column in Just(column), again in Just(again),
    ) -> Vec<ClaimSpec> {
        for index in 0..claims.len() {
            let odd = claims[index].column != claims[index].cover_column;
            claims[index].cover_column = column;
            claims[index].column = if odd { (column + 1) % 3 } else { column };
            if index > 0 && again[index] {
                claims[index] = ClaimSpec { id: claims[index].id, ..claims[index - 1].clone() };
            }
        }
        claims
    }
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
        let relieved = ours
            .traces
            .iter()
            .any(|trace| trace.step == Step::OutOfPocketMaximum && trace.output > trace.input);
        let rounded = ours.traces.iter().any(|trace| trace.step == Step::Rounding);
        let words = lines.iter().flat_map(|line| &line.reasons).copied().chain([outcome]);
        let words = words.chain(relieved.then_some("relief")).chain(rounded.then_some("rounding"));
        words.for_each(|word| *tally.borrow_mut().entry(word).or_default() += 1);

        let mut sums: BTreeMap<(u16, u32), i64> = BTreeMap::new();
        for (accumulator, start, _, amount) in &history.events {
            *sums.entry((*accumulator, date(*start).number())).or_default() += amount;
        }
        let known = accumulators.balances.iter();
        let balances: BTreeMap<(u16, u32), i64> = known
            .map(|balance| ((balance.accumulator, balance.period_start.number()), balance.amount))
            .collect();
        assert_eq!(balances, sums);

        let mut undone = accumulators.clone();
        benefits::reverse(&mut undone, ClaimId::from_bytes([claim.id; 16]), &ours).unwrap();
        assert!(undone == before, "a reversal is the exact negative");
    }
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
    let outcome =
        runner.run(&(plan().boxed(), member().boxed(), history().boxed()), |(plan, member, claims)| {
            agree(&plan, &member, &claims, &tally);
            Ok(())
        });
    if let Err(error) = outcome {
        panic!("seed {seed} (set MORETUS_SEED to run it again): {error}");
    }
    println!("{:?}", tally.borrow());
    for word in MET {
        let times = tally.borrow().get(word).copied().unwrap_or(0);
        assert!(cases < 1_000 || times >= cases / 100, "`{word}` occurred only {times} times");
    }
}
