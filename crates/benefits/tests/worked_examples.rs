//! Published examples and facts from a peer, as data: each must come out to the cent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use domain::{AccumulatorBalance, Accumulators, Currency, Determination, Money};
use serde_json::Value;
use support::{AllowedSpec, BenefitSpec, ClaimSpec, CounterSpec, LineSpec, MemberSpec, PlanSpec, date};

fn minor(value: &Value) -> i64 {
    Money::parse(value.as_str().unwrap(), Currency::EUR).unwrap().minor()
}

fn millionths(value: &Value) -> u32 {
    let rate: rust_decimal::Decimal = value.as_str().unwrap().parse().unwrap();
    (rate * rust_decimal::Decimal::from(1_000_000)).try_into().unwrap()
}

fn counter(facts: &Value, name: &str) -> Option<CounterSpec> {
    let amount = facts.get(name).map(minor)?;
    Some(CounterSpec { amount, period: "policy-year" })
}

/// A benefit's own facts, and the plan's where it has none.
fn benefit(plan: &Value, own: &Value, index: usize) -> BenefitSpec {
    let fact = |name: &str| own.get(name).or_else(|| plan.get(name).filter(|_| name != "deductible"));
    let allowed = match (fact("price"), fact("percentage")) {
        (Some(price), _) => AllowedSpec::Price(minor(price)),
        (_, Some(rate)) => AllowedSpec::Percentage(millionths(rate)),
        _ => AllowedSpec::Charge,
    };
    BenefitSpec {
        code: format!("S{index}"),
        allowed,
        write_off: fact("write_off").is_some_and(|fact| fact.as_bool().unwrap()),
        waiting_months: fact("waiting_months").map(|months| months.as_i64().unwrap() as i32),
        deductible: own.get("deductible").is_none_or(|fact| fact.as_bool().unwrap()),
        copay: fact("copay").map(|amount| (minor(amount), false)),
        coinsurance: fact("coinsurance").map(millionths),
        limits: if plan.get("limit").is_some() { vec![0] } else { vec![] },
        ..BenefitSpec::default()
    }
}

fn plan(facts: &Value) -> PlanSpec {
    let own =
        facts.get("benefits").map_or_else(|| vec![Value::Null], |list| list.as_array().unwrap().clone());
    let sharing: Vec<String> = facts.get("sharing").map_or_else(
        || ["deductible", "copay", "coinsurance"].map(str::to_owned).to_vec(),
        |list| list.as_array().unwrap().iter().map(|step| step.as_str().unwrap().to_owned()).collect(),
    );
    let checks =
        ["eligibility", "duplicate", "benefit-match", "waiting-period", "exclusion", "allowed-amount"];
    let last = ["out-of-pocket-maximum", "money-limit", "rounding"];
    let includes = facts.get("includes_deductible").is_some_and(|flag| flag.as_bool().unwrap());
    PlanSpec {
        steps: checks.map(str::to_owned).into_iter().chain(sharing).chain(last.map(str::to_owned)).collect(),
        deductible: counter(facts, "deductible"),
        maximum: counter(facts, "maximum").map(|counter| (counter, includes)),
        limits: counter(facts, "limit").map(|counter| (counter, false)).into_iter().collect(),
        benefits: own.iter().enumerate().map(|(index, own)| benefit(facts, own, index)).collect(),
        ..PlanSpec::default()
    }
}

fn day(text: &str) -> (i16, i8, i8) {
    let date: domain::Date = text.parse().unwrap();
    (date.year(), date.month(), date.day())
}

fn claim(facts: &Value, number: u8) -> ClaimSpec {
    let line = |facts: &Value| {
        let code = facts.get("code").map_or_else(
            || format!("S{}", facts.get("benefit").map_or(0, |index| index.as_u64().unwrap())),
            |code| code.as_str().unwrap().to_owned(),
        );
        let mut line = LineSpec::new(&code, minor(&facts["charge"]));
        line.units = facts.get("units").map_or(1, |units| units.as_u64().unwrap() as u32);
        line.on(facts.get("day").map_or((2026, 3, 10), |text| day(text.as_str().unwrap())))
    };
    let mut claim = ClaimSpec::new(number, facts["lines"].as_array().unwrap().iter().map(line).collect());
    // The claims of a case are of different providers: none is a duplicate of another.
    claim.provider = number;
    claim
}

fn sum(determinations: &[Determination], part: &str) -> i64 {
    let lines = determinations.iter().flat_map(|determination| &determination.lines);
    lines
        .map(|line| match part {
            "submitted" => line.submitted,
            "write_off" => line.write_off,
            "not_covered" => line.not_covered,
            "deductible" => line.deductible,
            "copay" => line.copay,
            "coinsurance" => line.coinsurance,
            "over_limit" => line.over_limit,
            "plan" => line.plan,
            "member" => line.member_owes(),
            other => panic!("unknown part `{other}`"),
        })
        .sum()
}

fn expect(case: &str, determinations: &[Determination], facts: Option<&Value>) -> usize {
    let Some(facts) = facts else { return 0 };
    for (part, amount) in facts.as_object().unwrap() {
        assert_eq!(sum(determinations, part), minor(amount), "{case}: {part}");
    }
    facts.as_object().unwrap().len()
}

fn used(facts: &Value) -> Accumulators {
    let balance = |(accumulator, name): (u16, &str)| AccumulatorBalance {
        accumulator,
        period_start: date((2026, 1, 1)),
        amount: minor(&facts[name]),
    };
    Accumulators { balances: [(1, "deductible"), (2, "maximum")].map(balance).to_vec(), lines: vec![] }
}

fn check_case(case: &Value) -> usize {
    let id = case["id"].as_str().unwrap();
    let spec = plan(&case["plan"]);
    let plan = spec.plan();
    let member = MemberSpec {
        cover_end: case.get("cover_end").map(|text| day(text.as_str().unwrap())),
        ..MemberSpec::default()
    };
    let repeat = case.get("repeat").map_or(1, |times| times.as_u64().unwrap());
    let mut accumulators = Accumulators::default();
    let mut all = Vec::new();
    let mut checked = 0;
    for facts in (0..repeat).flat_map(|_| case["claims"].as_array().unwrap()) {
        if let Some(balances) = facts.get("used") {
            accumulators = used(balances);
        }
        let number = all.len() as u8 + 1;
        let determination = support::run(&plan, &member, &claim(facts, number), &mut accumulators);
        let outcome = facts.get("outcome").map_or("approved", |word| word.as_str().unwrap());
        assert_eq!(determination.outcome.word(), outcome, "{id}");
        if let Some(reason) = facts.get("reason") {
            assert_eq!(determination.lines[0].reasons[0].word(), reason.as_str().unwrap(), "{id}");
        }
        if let Some(left) = facts.get("deductible_left") {
            let amount = spec.deductible.as_ref().unwrap().amount;
            assert_eq!(amount - accumulators.balances[0].amount, minor(left), "{id}: deductible left");
        }
        all.push(determination);
        checked += expect(id, &all[all.len() - 1..], facts.get("expect"));
        checked += expect(id, &all[..1], facts.get("expect_first"));
    }
    checked + expect(id, &all, case["claims"][0].get("expect_all"))
}

fn check_file(text: &str) -> (usize, usize) {
    let file: Value = serde_json::from_str(text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    (cases.len(), cases.iter().map(check_case).sum())
}

#[test]
fn published_examples_come_out_to_the_cent() {
    let (cases, amounts) = check_file(include_str!("data/worked-examples.json"));
    assert_eq!(cases, 21);
    assert!(amounts >= 50, "{amounts} amounts checked");
}

#[test]
fn the_facts_of_a_peer_hold() {
    let (cases, amounts) = check_file(include_str!("data/openimis.json"));
    assert_eq!(cases, 14);
    assert!(amounts >= 18, "{amounts} amounts checked");
}

#[test]
#[should_panic(expected = "WE-X: plan")]
fn a_wrong_example_is_noticed() {
    check_file(
        r#"{ "cases": [{ "id": "WE-X", "plan": { "deductible": "10" },
            "claims": [{ "lines": [{ "charge": "100" }], "expect": { "plan": "89.99" } }] }] }"#,
    );
}
