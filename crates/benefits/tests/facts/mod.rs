//! The cases of the data files as plans, members and claims: each fact a field of the plain shapes.

use domain::{Currency, Date, Money};
use serde_json::Value;

use crate::support::{
    AllowedSpec, BenefitSpec, ClaimSpec, CounterSpec, DeductibleSpec, LimitSpec, LineSpec, MemberSpec,
    OtherSpec, PlanSpec, WaitingSpec, yearly,
};

pub(crate) fn minor(value: &Value) -> i64 {
    Money::parse(value.as_str().unwrap(), Currency::EUR).unwrap().minor()
}

/// A rate in millionths.
pub(crate) fn decimal(value: &Value) -> u32 {
    let rate: rust_decimal::Decimal = value.as_str().unwrap().parse().unwrap();
    (rate * rust_decimal::Decimal::from(1_000_000)).try_into().unwrap()
}

pub(crate) fn day(text: &str) -> (i16, i8, i8) {
    let date: Date = text.parse().unwrap();
    (date.year(), date.month(), date.day())
}

/// Words live as long as the tests.
fn word(value: &Value) -> &'static str {
    value.as_str().unwrap().to_owned().leak()
}

fn flag(facts: &Value, name: &str) -> bool {
    facts.get(name).is_some_and(|fact| fact.as_bool().unwrap())
}

fn counter(facts: &Value, name: &str) -> Option<CounterSpec> {
    facts.get(name).map(minor).map(yearly)
}

fn list<'a>(facts: &'a Value, name: &str) -> &'a [Value] {
    facts.get(name).map_or(&[], |list| list.as_array().unwrap())
}

fn places(facts: &Value, name: &str) -> Vec<usize> {
    list(facts, name).iter().map(|place| place.as_u64().unwrap() as usize).collect()
}

fn allowed(price: Option<&Value>, percentage: Option<&Value>, own: &Value) -> AllowedSpec {
    let dated = list(own, "prices").iter();
    let dated: Vec<_> =
        dated.map(|price| (minor(&price["amount"]), day(price["from"].as_str().unwrap()))).collect();
    match (own.get("base"), price, percentage) {
        (Some(rate), _, _) => AllowedSpec::Base(decimal(rate)),
        _ if !dated.is_empty() => AllowedSpec::Prices(dated),
        (_, Some(price), _) => AllowedSpec::Price(minor(price)),
        (_, _, Some(rate)) => AllowedSpec::Percentage(decimal(rate)),
        _ => AllowedSpec::Charge,
    }
}

/// A benefit's own facts, and the plan's where it has none.
fn benefit(plan: &Value, own: &Value, index: usize) -> BenefitSpec {
    let fact = |name: &str| own.get(name).or_else(|| plan.get(name).filter(|_| name != "deductible"));
    let age = |name: &str| fact(name).map(|age| age.as_u64().unwrap() as u8);
    let waiting = fact("waiting_months").map(|months| WaitingSpec {
        months: months.as_i64().unwrap() as i32,
        from_age: age("waiting_from_age"),
        waived: vec![],
    });
    BenefitSpec {
        code: own.get("code").map_or_else(|| format!("S{index}"), |code| word(code).to_owned()),
        sex: own.get("sex").map(word),
        from: own.get("from").map(|from| day(word(from))),
        allowed: allowed(fact("price"), fact("percentage"), own),
        write_off: fact("write_off").is_some_and(|fact| fact.as_bool().unwrap()),
        waiting: waiting.into_iter().collect(),
        deductible: own.get("deductible").is_none_or(|fact| fact.as_bool().unwrap()),
        copay: fact("copay").map(|amount| (minor(amount), "line")),
        coinsurance: fact("coinsurance").map(decimal),
        limits: if plan.get("limit").is_some() { vec![0] } else { places(own, "limits") },
        ..BenefitSpec::default()
    }
}

fn limit(facts: &Value) -> LimitSpec {
    let period = facts.get("period").map_or("policy-year", word);
    let amount = facts.get("amount").map_or_else(|| facts["count"].as_i64().unwrap(), minor);
    let counter = CounterSpec { amount, period, per: facts.get("per").map(word), salary: None };
    LimitSpec {
        of: facts.get("of").map_or("paid", word),
        kind: facts.get("kind").map(|kind| kind.as_u64().unwrap() as usize),
        from_age: facts.get("from_age").map(|age| age.as_u64().unwrap() as u8),
        ..(counter, !flag(facts, "named")).into()
    }
}

pub(crate) fn plan(facts: &Value) -> PlanSpec {
    let own =
        facts.get("benefits").map_or_else(|| vec![Value::Null], |list| list.as_array().unwrap().clone());
    let sharing: Vec<String> = facts.get("sharing").map_or_else(
        || ["deductible", "copay", "coinsurance"].map(str::to_owned).to_vec(),
        |list| list.as_array().unwrap().iter().map(|step| word(step).to_owned()).collect(),
    );
    let checks =
        ["eligibility", "duplicate", "benefit-match", "waiting-period", "exclusion", "allowed-amount"];
    let checks = checks.into_iter().chain(["service-limit"]);
    let last = ["out-of-pocket-maximum", "money-limit", "coordination", "rounding"];
    let deductible = counter(facts, "deductible").map(|counter| DeductibleSpec {
        counter: CounterSpec { per: facts.get("deductible_per").map(word), ..counter.clone() },
        ..counter.into()
    });
    let limits = counter(facts, "limit").map(|counter| (counter, false).into());
    PlanSpec {
        steps: checks.map(str::to_owned).chain(sharing).chain(last.map(str::to_owned)).collect(),
        deductibles: deductible.into_iter().collect(),
        maxima: counter(facts, "maximum")
            .map(|counter| (counter, flag(facts, "includes_deductible")).into())
            .into_iter()
            .collect(),
        limits: limits.into_iter().chain(list(facts, "limits").iter().map(limit)).collect(),
        coordination: facts.get("coordination").map(|method| {
            let reserve = facts.get("benefit_reserve").map(word);
            (word(method), facts.get("allowable").map(word), reserve)
        }),
        kinds: list(facts, "kinds")
            .iter()
            .map(|kind| {
                kind.as_array().unwrap().iter().map(|place| place.as_u64().unwrap() as usize).collect()
            })
            .collect(),
        benefits: own.iter().enumerate().map(|(index, own)| benefit(facts, own, index)).collect(),
        ..PlanSpec::default()
    }
}

pub(crate) fn member(case: &Value) -> MemberSpec {
    let standard = MemberSpec::default();
    MemberSpec {
        cover_end: case.get("cover_end").map(|text| day(word(text))),
        birth: case.get("born").map_or(standard.birth, |text| Some(day(word(text)))),
        sex: case.get("sex").map(word),
        ..standard
    }
}

pub(crate) fn claim(facts: &Value, number: u8) -> ClaimSpec {
    let lines: Vec<&Value> = facts["lines"].as_array().unwrap().iter().collect();
    let line = |facts: &&Value| {
        let code = facts.get("code").map_or_else(
            || format!("S{}", facts.get("benefit").map_or(0, |index| index.as_u64().unwrap())),
            |code| word(code).to_owned(),
        );
        let mut line = LineSpec::new(&code, minor(&facts["charge"]));
        line.units = facts.get("units").map_or(1, |units| units.as_u64().unwrap() as u32);
        line.on(facts.get("day").map_or((2026, 3, 10), |text| day(word(text))))
    };
    let mut claim = ClaimSpec::new(number, lines.iter().map(line).collect());
    // The claims of a case are of different providers: none is a duplicate of another.
    claim.provider = number;
    claim.diagnoses = list(facts, "diagnoses").iter().map(word).collect();
    if let Some(received) = facts.get("received") {
        claim.received = day(word(received));
    }
    let paid = |line: &&Value| {
        let paid = line.get("other_paid").map(minor)?;
        let contribution = line.get("contribution").map_or(0, minor);
        Some((paid, line.get("other_allowed").map(minor), contribution))
    };
    if lines.iter().any(|line| line.get("other_paid").is_some()) || flag(facts, "other_unknown") {
        claim.other =
            Some(OtherSpec { order: benefits::Order::Second, paid: lines.iter().map(paid).collect() });
    }
    claim
}
