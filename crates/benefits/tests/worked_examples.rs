//! Published examples and facts from a peer, as data: each must come out to the cent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod facts;
mod support;

use std::collections::BTreeMap;

use benefits::{ExchangeRates, Plan, Span};
use domain::{AccumulatorBalance, Accumulators, ClaimId, Currency, Date, Determination, Money};
use facts::{claim, day, decimal, member, minor, plan};
use serde_json::Value;
use support::{date, plan as numbers, with_case};

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
            "other_payer" => line.other_payer,
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
        scope: 0,
    };
    Accumulators {
        balances: [(1, "deductible"), (2, "maximum")].map(balance).to_vec(),
        ..Accumulators::default()
    }
}

/// What the first limit counted in all.
fn counted(accumulators: &Accumulators) -> i64 {
    let limit = accumulators.balances.iter().filter(|known| known.accumulator == numbers::limit(0));
    limit.map(|known| known.amount).sum()
}

/// Checks what a case says of one claim, beyond its amounts.
fn check_claim(
    id: &str,
    facts: &Value,
    determination: &Determination,
    accumulators: &Accumulators,
    ded: i64,
) {
    let outcome = facts.get("outcome").map_or("approved", |word| word.as_str().unwrap());
    assert_eq!(determination.outcome.word(), outcome, "{id}");
    if let Some(reason) = facts.get("reason") {
        assert_eq!(determination.lines[0].reasons[0].word(), reason.as_str().unwrap(), "{id}");
    }
    if let Some(left) = facts.get("deductible_left") {
        assert_eq!(ded - accumulators.balances[0].amount, minor(left), "{id}: deductible left");
    }
    if let Some(amount) = facts.get("counted") {
        assert_eq!(counted(accumulators), minor(amount), "{id}: counted");
    }
}

fn check_claims(case: &Value) -> usize {
    let id = case["id"].as_str().unwrap();
    let spec = plan(&case["plan"]);
    let compiled = spec.plan();
    let deductible = spec.deductibles.first().map_or(0, |rule| rule.counter.amount);
    let repeat = case.get("repeat").map_or(1, |times| times.as_u64().unwrap());
    let mut members: BTreeMap<u64, Accumulators> = BTreeMap::new();
    let mut all: Vec<Determination> = Vec::new();
    let mut checked = 0;
    for facts in (0..repeat).flat_map(|_| case["claims"].as_array().unwrap()) {
        let accumulators =
            members.entry(facts.get("member").map_or(0, |member| member.as_u64().unwrap())).or_default();
        if let Some(balances) = facts.get("used") {
            *accumulators = used(balances);
        }
        let number = all.len() as u8 + 1;
        if let Some(place) = facts.get("corrects").map(|place| place.as_u64().unwrap() as usize) {
            let claim = ClaimId::from_bytes([place as u8 + 1; 16]);
            benefits::reverse(accumulators, claim, &all[place]).unwrap();
        }
        let spec = claim(facts, number);
        let member = member(case);
        if let Some(kind) = facts.get("kind") {
            let found =
                with_case(&member, &spec, |case| benefits::claim_kind(&compiled, case).map(str::to_owned));
            assert_eq!(found.as_deref(), kind.as_str(), "{id}: kind");
            checked += 1;
        }
        let determination = support::run(&compiled, &member, &spec, accumulators);
        check_claim(id, facts, &determination, accumulators, deductible);
        all.push(determination);
        checked += expect(id, &all[all.len() - 1..], facts.get("expect"));
        checked += expect(id, &all[..1], facts.get("expect_first"));
    }
    checked + expect(id, &all, case["claims"][0].get("expect_all"))
}

/// An enrolment: start, end and premium.
fn check_premium(id: &str, facts: &Value) -> usize {
    let text = facts["plan"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned() + "\n");
    let file = support::PlanSpec { ..support::simple() }
        .toml()
        .replace(&format!("{:?}", numbers::CURRENCIES), "[\"EUR\"]");
    let plan = Plan::parse("premium.toml", &(file + &text.collect::<String>())).unwrap();
    let births: Vec<Date> = facts["born"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().parse().unwrap())
        .collect();
    let on = |name: &str| facts[name].as_str().unwrap().parse::<Date>().unwrap();
    let enrolment = plan.enrol(&births, on("enrolled"), Currency::EUR).unwrap().unwrap();
    assert_eq!((enrolment.start, enrolment.end), (on("start"), on("end")), "{id}");
    assert_eq!(enrolment.amount, minor(&facts["amount"]), "{id}");
    3
}

/// An amount in another currency, at so many units for a euro.
fn check_exchange(id: &str, facts: &Value) -> usize {
    let text = |name: &str| facts[name].as_str().unwrap();
    let currency: Currency = text("currency").parse().unwrap();
    let day = date((2026, 3, 6));
    let mut rates = ExchangeRates::default();
    assert!(rates.add(currency, day, text("rate")));
    let amount = Money::parse(text("amount"), currency).unwrap();
    let converted = rates.convert(amount, Currency::EUR, day).unwrap().amount;
    assert_eq!(converted.minor(), minor(&facts["euro"]), "{id}");
    1
}

fn check_case(case: &Value) -> usize {
    let id = case["id"].as_str().unwrap();
    assert!(!case["source"].as_str().unwrap().is_empty(), "{id} names its source");
    if let Some(facts) = case.get("premium") {
        return check_premium(id, facts);
    }
    if let Some(cases) = case.get("exchange") {
        return cases.as_array().unwrap().iter().map(|facts| check_exchange(id, facts)).sum();
    }
    if let Some(facts) = case.get("recovery") {
        let fee = (facts["fee"][0].as_u64().unwrap() as u32, facts["fee"][1].as_u64().unwrap() as u32);
        assert_eq!(benefits::recovery(minor(&facts["paid"]), fee), Some(minor(&facts["recovered"])), "{id}");
        return 1;
    }
    if let Some(facts) = case.get("pro_rata") {
        let count = |name: &str| facts[name].as_u64().unwrap() as u32;
        let exact = benefits::pro_rata(minor(&facts["amount"]), count("days"), count("of"));
        assert_eq!(exact, Some(minor(&facts["exact"])), "{id}");
        return 1;
    }
    if let Some(spans) = case.get("spans") {
        let span = |facts: &Value| Span {
            start: date(day(facts["start"].as_str().unwrap())),
            end: None,
            recorded: date(day(facts["recorded"].as_str().unwrap())),
            withdrawn: None,
        };
        let spans: Vec<Span> = spans.as_array().unwrap().iter().map(span).collect();
        let on = |name: &str| date(day(case[name].as_str().unwrap()));
        let found = benefits::covering(&spans, on("service"), on("believed")).map(|place| place as u64);
        assert_eq!(found, case["covers"].as_u64(), "{id}");
    }
    check_claims(case)
}

/// The cases, how many of the source's own (`WE-40/2` is a part of one), and the amounts that were checked.
fn check_file(text: &str) -> (usize, usize) {
    let file: Value = serde_json::from_str(text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let amounts = cases.iter().map(check_case).sum();
    let mut own: Vec<&str> =
        cases.iter().map(|case| case["id"].as_str().unwrap().split('/').next().unwrap()).collect();
    own.dedup();
    (own.len(), amounts)
}

#[test]
fn published_examples_come_out_to_the_cent() {
    let (cases, amounts) = check_file(include_str!("data/worked-examples.json"));
    assert_eq!(cases, 30);
    assert!(amounts >= 120, "{amounts} amounts checked");
}

#[test]
fn the_facts_of_a_peer_hold() {
    let (cases, amounts) = check_file(include_str!("data/openimis.json"));
    assert_eq!(cases, 40);
    assert!(amounts >= 60, "{amounts} amounts checked");
}

#[test]
#[should_panic(expected = "WE-X: plan")]
fn a_wrong_example_is_noticed() {
    check_file(
        r#"{ "cases": [{ "id": "WE-X", "source": "none", "plan": { "deductible": "10" },
            "claims": [{ "lines": [{ "charge": "100" }], "expect": { "plan": "89.99" } }] }] }"#,
    );
}

#[test]
fn rates_are_read_exactly() {
    assert_eq!(decimal(&Value::from("0.15")), 150_000);
}
