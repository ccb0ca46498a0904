//! Random plans and random histories of claims, as plain facts. Small amounts and few days, so that rules
//! meet; whole plans in each part of the language.

pub(crate) mod claims;

use domain::Money;
use proptest::prelude::*;

use crate::support::{
    AllowedSpec, BenefitSpec, CounterSpec, DeductibleSpec, LimitSpec, MaximumSpec, PlanSpec, WaitingSpec,
};

pub(crate) use claims::{history, member};

pub(crate) const CODES: [&str; 6] = ["GP", "GPX", "LAB", "LABX", "HOSP", "RX"];
const PERIODS: [&str; 7] =
    ["policy-year", "policy-year", "calendar-year", "lifetime", "day", "6-months", "45-days"];
const PER: [&str; 6] = ["claim", "visit", "condition", "pregnancy", "event", "admission"];
const SHARING: [&str; 4] = ["deductible", "copay", "coinsurance", "pre-authorisation"];

pub(crate) fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![3 => 0..2_000i64, 3 => 0..200_000i64, 1 => 0..3_000_000_000i64, 1 => Just(0i64), 1 => Just(Money::MAX_MINOR / 30)]
}

fn rate() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0u32), Just(1_000_000), Just(500_000), Just(200_000), Just(333_333), 0..=1_000_000u32]
}

/// Rates of whole percents: many of them may come upon one line.
fn percent() -> impl Strategy<Value = u32> {
    (0..=100u32).prop_map(|percent| percent * 10_000)
}

fn counter() -> impl Strategy<Value = CounterSpec> {
    let salary = prop::option::weighted(0.05, (1..4u32, prop::sample::select(vec![1u32, 3, 24, 1_000])));
    let per = prop::option::weighted(0.3, prop::sample::select(&PER[..]));
    (amount(), prop::sample::select(&PERIODS[..]), per, salary)
        .prop_map(|(amount, period, per, salary)| CounterSpec { amount, period, per, salary })
}

fn ends_with_claim(counter: &CounterSpec) -> bool {
    matches!(counter.per, Some("claim" | "visit" | "unit"))
}

fn deductible() -> impl Strategy<Value = DeductibleSpec> {
    let family = prop::option::weighted(0.3, amount());
    let carry_over = prop::option::weighted(0.8, 1..12i32);
    (counter(), family, carry_over, any::<bool>()).prop_map(|(counter, family, carry_over, whole_plan)| {
        let years = matches!(counter.period, "policy-year" | "calendar-year");
        let fits = years && !ends_with_claim(&counter);
        DeductibleSpec { carry_over: carry_over.filter(|_| fits), counter, family, whole_plan }
    })
}

fn maximum() -> impl Strategy<Value = MaximumSpec> {
    let only = prop::option::weighted(0.3, prop::sample::select(vec!["copay", "coinsurance"]));
    (counter(), any::<bool>(), only, prop::option::weighted(0.3, amount()), any::<bool>()).prop_map(
        |(counter, includes, only, family, whole_plan)| MaximumSpec {
            counter,
            includes,
            only,
            family,
            whole_plan,
        },
    )
}

fn limit(kinds: usize) -> impl Strategy<Value = LimitSpec> {
    let of =
        prop::sample::select(vec!["paid", "paid", "paid", "eligible", "visits", "days", "units", "claims"]);
    let kind = prop::option::weighted(0.3, 0..kinds.max(1));
    let ages = prop::option::weighted(0.2, prop::sample::select(vec![1u8, 18, 60]));
    let flags =
        (any::<bool>(), prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (counter(), of, kind, ages, flags, 0..4i64).prop_map(
        move |(counter, of, kind, below_age, (whole_plan, family, stop_loss, each_unit), count)| {
            let money = matches!(of, "paid" | "eligible");
            let mut counter = counter;
            if !money {
                counter = CounterSpec { amount: count, salary: None, ..counter };
            } else if each_unit {
                counter = CounterSpec { per: Some("unit"), period: "day", ..counter };
            }
            LimitSpec {
                of,
                kind: kind.filter(|_| kinds > 0),
                below_age,
                from_age: None,
                family: family && !ends_with_claim(&counter),
                counter,
                stop_loss: stop_loss && of == "paid",
                whole_plan,
            }
        },
    )
}

fn allowed() -> impl Strategy<Value = AllowedSpec> {
    prop_oneof![
        4 => Just(AllowedSpec::Charge),
        2 => rate().prop_map(AllowedSpec::Percentage),
        2 => amount().prop_map(AllowedSpec::Price),
        1 => (amount(), amount()).prop_map(|(one, two)| AllowedSpec::Prices(vec![(one, (2020, 1, 1)), (two, (2025, 3, 3))])),
        1 => (amount(), amount()).prop_map(|(one, two)| AllowedSpec::Network(one, two)),
        1 => (amount(), amount()).prop_map(|(one, two)| AllowedSpec::Countries(vec![("BE", one, (2025, 3, 3)), ("US", two, (2025, 1, 1))])),
        1 => (0..=200u32).prop_map(|percent| AllowedSpec::Base(percent * 10_000)),
    ]
}

fn waiting() -> impl Strategy<Value = Vec<WaitingSpec>> {
    let waived = prop::sample::subsequence(vec!["accident", "emergency", "prior-cover"], 0..=3);
    let one = (1..14i32, prop::option::weighted(0.3, Just(18u8)), waived)
        .prop_map(|(months, from_age, waived)| WaitingSpec { months, from_age, waived });
    prop_oneof![4 => Just(vec![]), 1 => prop::collection::vec(one, 1..=2)]
}

/// How many rules of each sort there are to name.
#[derive(Clone, Copy)]
struct Rules {
    deductibles: usize,
    maxima: usize,
    limits: usize,
}

prop_compose! {
    fn benefit(index: usize, rules: Rules)(
        allowed in allowed(),
        flags in (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        waiting in waiting(),
        copay in prop::option::of((amount(), prop::sample::select(vec!["visit", "line", "day", "unit", "claim"]))),
        coinsurance in prop::option::of(rate()),
        authorisation in prop::option::weighted(0.15, (prop::option::of(amount()), prop::option::weighted(0.7, percent()))),
        room in prop::option::weighted(0.15, (prop::sample::select(vec!["ward", "semi-private", "private"]), percent())),
        papers in prop::bool::weighted(0.1),
        days in (prop::option::weighted(0.05, Just((2025, 3, 2))), prop::option::weighted(0.05, Just((2025, 12, 31)))),
        module in prop::sample::select(vec!["core", "core", "core", "core", "core", "dental"]),
        priced_in in prop::option::weighted(0.6, prop::sample::select(vec!["BE", "US"])),
        narrow in (prop::option::weighted(0.1, Just("J06")), prop::option::weighted(0.1, Just(1u8)), prop::option::weighted(0.1, Just("female"))),
        types in prop_oneof![6 => Just(vec![]), 1 => Just(vec!["maternity"]), 1 => Just(vec!["consultation", "vision"])],
        mine in (
            prop::collection::vec(any::<bool>(), rules.deductibles),
            prop::collection::vec(any::<bool>(), rules.maxima),
            prop::collection::vec(any::<bool>(), rules.limits),
        ),
    ) -> BenefitSpec {
        let (write_off, deductible, maximum, by_setting, major_medical) = flags;
        // The codes are prefixes of each other in part; the last benefit takes the rest by setting.
        let code = ["GPX", "GP", "LAB", ""][index];
        let settings: &[&str] = match (index, by_setting) {
            (3, _) => &["inpatient", "outpatient"],
            (_, true) => &["outpatient", "emergency"],
            _ => &[],
        };
        let allowed = match allowed {
            AllowedSpec::Charge | AllowedSpec::Percentage(_) | AllowedSpec::Base(_) => allowed,
            _ if code.is_empty() => AllowedSpec::Charge,
            other => other,
        };
        let chosen = |mine: &[bool]| (0..mine.len()).filter(|place| mine[*place]).collect::<Vec<usize>>();
        BenefitSpec {
            code: code.to_owned(),
            settings: settings.iter().map(|word| (*word).to_owned()).collect(),
            service_types: types,
            diagnosis: narrow.0, from_age: narrow.1, sex: narrow.2, from: days.0, until: days.1, module,
            priced_in: priced_in.into_iter().collect(),
            allowed, write_off, waiting, deductible, copay, coinsurance, maximum, major_medical, authorisation, room,
            documents: if papers { vec!["prescription"] } else { vec![] },
            deductibles: chosen(&mine.0), maxima: chosen(&mine.1), limits: chosen(&mine.2),
            ..BenefitSpec::default()
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<String>> {
    let checks = [
        "eligibility",
        "duplicate",
        "timely-filing",
        "area-of-cover",
        "benefit-match",
        "exclusion",
        "bundling",
    ];
    (Just(checks.to_vec()).prop_shuffle(), Just(SHARING.to_vec()).prop_shuffle()).prop_map(
        |(checks, sharing)| {
            let then = ["documents", "waiting-period", "allowed-amount", "service-limit"];
            let last = ["major-medical", "out-of-pocket-maximum", "money-limit", "coordination", "rounding"];
            let all = ["exchange"].into_iter().chain(checks).chain(then).chain(sharing).chain(last);
            all.map(str::to_owned).collect()
        },
    )
}

type Area = Option<(Vec<&'static str>, bool, Option<i32>)>;
type Coordination = Option<(&'static str, Option<&'static str>, Option<&'static str>)>;

fn area() -> impl Strategy<Value = Area> {
    let one = (any::<bool>(), prop::option::weighted(0.7, 1..60i32))
        .prop_map(|(except, days)| (if except { vec!["US", "CA"] } else { vec!["BE", "FR"] }, except, days));
    prop::option::weighted(0.3, one)
}

fn coordination() -> impl Strategy<Value = Coordination> {
    let method = prop_oneof![
        (Just("standard"), prop::option::of(prop::sample::select(vec!["own", "higher", "charge"]))),
        (
            prop::sample::select(vec![
                "basic",
                "non-duplication",
                "maintenance",
                "medicare-secondary",
                "statutory-top-up"
            ]),
            Just(None)
        ),
    ];
    let reserve = prop::option::of(prop::sample::select(vec!["policy-year", "calendar-year"]));
    prop::option::weighted(
        0.6,
        (method, reserve).prop_map(|((method, allowable), reserve)| (method, allowable, reserve)),
    )
}

/// Modules, of which some require others, also by way of a third.
fn modules() -> impl Strategy<Value = Vec<(&'static str, Vec<&'static str>)>> {
    let three = |more: Vec<&'static str>, dental: Vec<&'static str>| {
        Just(vec![("dental", dental), ("core", vec![]), ("more", more)])
    };
    prop_oneof![
        11 => Just(vec![]),
        1 => three(vec![], vec![]),
        1 => three(vec!["core"], vec!["more"]),
        1 => three(vec![], vec!["core", "more"]),
    ]
}

/// Rules of the whole plan that count nothing.
fn frame() -> impl Strategy<Value = PlanSpec> {
    let exclusion =
        prop_oneof![Just((Some("RX"), None)), Just((None, Some("Z99"))), Just((Some("LABX"), Some("Z99")))];
    let second =
        (counter(), percent()).prop_map(|(counter, rate)| (CounterSpec { per: None, ..counter }, rate));
    let second = prop::option::weighted(0.4, second);
    let numbers = (
        prop::option::weighted(0.5, 1..9i32),
        prop::option::weighted(0.4, 1..30i32),
        prop::option::weighted(0.8, 1..90i32),
    );
    let flags =
        (any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.8));
    let rounding = prop::option::weighted(0.4, prop::sample::select(vec!["half-up", "down", "up"]));
    let days = prop::sample::select(vec!["service", "admitted", "invoiced", "received", "decided"]);
    let words = (rounding, prop::option::weighted(0.5, days), modules());
    let kinds = prop::sample::select(vec![vec![], vec![vec![0], vec![1, 2]], vec![vec![2, 1], vec![]]]);
    (
        (flags, words),
        steps(),
        numbers,
        area(),
        coordination(),
        second,
        prop::collection::vec(exclusion, 0..2),
        kinds,
    )
        .prop_map(
            |(
                ((send, near, highest, bundles), (rounding, exchange, modules)),
                steps,
                (filing_months, moratorium, newborn),
                area,
                coordination,
                second,
                exclusions,
                kinds,
            )| PlanSpec {
                send,
                steps,
                filing_months,
                near_duplicates: near,
                highest_copay: highest,
                rounding,
                exchange,
                modules,
                moratorium,
                newborn,
                area,
                coordination,
                major_medical: second,
                exclusions,
                bundles: if bundles { vec![("GP", "LAB")] } else { vec![] },
                kinds,
                ..PlanSpec::default()
            },
        )
}

prop_compose! {
    fn counters()(frame in frame())(
        deductibles in prop::collection::vec(deductible(), 0..3),
        maxima in prop::collection::vec(maximum(), 0..3),
        limits in prop::collection::vec(limit(frame.kinds.len()), 0..4),
        frame in Just(frame),
    ) -> PlanSpec {
        PlanSpec { deductibles, maxima, limits, ..frame }
    }
}

pub(crate) fn plan() -> impl Strategy<Value = PlanSpec> {
    counters().prop_flat_map(|frame| {
        let rules = Rules {
            deductibles: frame.deductibles.len(),
            maxima: frame.maxima.len(),
            limits: frame.limits.len(),
        };
        let benefits = (0..4).map(|index| benefit(index, rules).boxed()).collect::<Vec<_>>();
        (Just(frame), benefits).prop_map(|(frame, benefits)| fit(PlanSpec { benefits, ..frame }))
    })
}

/// What would not parse: a benefit names no rule of the whole plan, and somebody names each of the others.
fn fit(mut plan: PlanSpec) -> PlanSpec {
    let whole: Vec<bool> = plan.deductibles.iter().map(|rule| rule.whole_plan).collect();
    name(&mut plan.benefits, &whole, |benefit| &mut benefit.deductibles);
    let whole: Vec<bool> = plan.maxima.iter().map(|rule| rule.whole_plan).collect();
    name(&mut plan.benefits, &whole, |benefit| &mut benefit.maxima);
    let whole: Vec<bool> = plan.limits.iter().map(|rule| rule.whole_plan).collect();
    name(&mut plan.benefits, &whole, |benefit| &mut benefit.limits);
    plan
}

fn name(benefits: &mut [BenefitSpec], whole_plan: &[bool], list: fn(&mut BenefitSpec) -> &mut Vec<usize>) {
    for benefit in benefits.iter_mut() {
        list(benefit).retain(|place| !whole_plan[*place]);
    }
    for place in (0..whole_plan.len()).filter(|place| !whole_plan[*place]) {
        if benefits.iter_mut().all(|benefit| !list(benefit).contains(&place)) {
            list(&mut benefits[0]).push(place);
        }
    }
}
