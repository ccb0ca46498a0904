//! A plan and a file of claims, as `moretus adjudicate`, `moretus estimate` and `moretus compare` take them: the first two refuse
//! it for the same reason, or every line of both adds up; what the third puts with rules sums to the whole difference.

use benefits::{Estimate, FileError, Group, adjudicate_file, estimate_file, parallel_run};
use domain::{Currency, Language, Money};
use serde_json::Value;

use crate::{SECRET, parts};

const PARTS: [&str; 8] =
    ["write_off", "not_covered", "deductible", "copay", "coinsurance", "over_limit", "other_payer", "plan"];

pub(crate) fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let files = parts::of(text);
    check_files(parts::named(&files, "plan.toml"), parts::named(&files, "claims.json"));
}

/// Checks a plan and claims under it.
pub(crate) fn check_files(plan: &str, claims: &str) {
    let language = Language::ALL[claims.len() % Language::ALL.len()];
    let decided = adjudicate_file("plan.toml", plan, claims);
    let estimated = estimate_file("plan.toml", plan, claims, language);
    match (decided, estimated) {
        (Ok(decided), Ok(estimated)) => {
            let decided: Value = serde_json::from_str(&decided).expect("determinations are JSON");
            let decided = decided["determinations"].as_array().expect("a list").clone();
            assert_eq!(decided.len(), estimated.claims.len());
            for claim in &decided {
                adds_up(claim, is_bounded(plan));
            }
            explains(&decided, &estimated);
        }
        (Err(one), Err(other)) => {
            assert_eq!(one, other);
            let about_claims = !matches!(one, FileError::Plan(_));
            assert!(!about_claims || !one.to_string().contains(SECRET), "an error repeats a value: {one}");
        }
        (one, other) => panic!("one command refuses it and the other does not: {one:?} {other:?}"),
    }
    compares(plan, claims);
}

fn compares(plan: &str, claims: &str) {
    let run = match parallel_run("plan.toml", plan, claims) {
        Ok(run) => run,
        Err(FileError::Plan(_)) => return,
        Err(error) => {
            assert!(!error.to_string().contains(SECRET), "an error repeats a value: {error}");
            return;
        }
    };
    for (currency, all) in &run.all {
        let differing = run.differing.iter().filter(|((of, _), _)| of == currency).map(|(_, group)| group);
        let groups: Vec<&Group> = differing.chain(run.same.get(currency)).collect();
        assert_eq!(groups.iter().map(|group| group.lines).sum::<u64>(), all.lines);
        assert_eq!(groups.iter().map(|group| group.difference()).sum::<i128>(), all.difference());
    }
    assert!(run.in_flight.iter().all(|one| (0..=one.submitted).contains(&one.plan)));
}

fn minor(value: &Value, currency: Currency) -> i64 {
    Money::parse(value.as_str().expect("an amount"), currency).expect("an amount").minor()
}

fn adds_up(claim: &Value, is_bounded: bool) {
    let currency: Currency = claim["currency"].as_str().expect("a currency").parse().expect("a currency");
    let lines = claim["lines"].as_array().expect("lines");
    let mut total = [0_i128; PARTS.len()];
    for line in lines {
        let submitted = minor(&line["submitted"], currency);
        let parts = PARTS.map(|part| minor(&line[part], currency));
        assert_eq!(parts.iter().sum::<i64>(), submitted, "{line}");
        assert!(parts.iter().all(|part| (0..=submitted).contains(part)), "{line}");
        parts.iter().zip(&mut total).for_each(|(part, sum)| *sum += i128::from(*part));
        let steps = line["trace"].as_array().expect("a trace");
        let mut left = &line["submitted"];
        for step in steps {
            assert_eq!(&step["plan_before"], left, "each step begins where the one before it ended: {line}");
            left = &step["plan_after"];
            if let Some(accumulator) = step["accumulator"].as_object().filter(|_| is_bounded) {
                within(accumulator);
            }
        }
        assert_eq!(left, &line["plan"], "{line}");
    }
    for (part, sum) in PARTS.iter().zip(total) {
        assert_eq!(i128::from(minor(&claim["total"][part], currency)), sum, "{part} of {claim}");
    }
}

/// Whether nothing passes its limit under the plan: a stop-loss is passed, and what counts for each day or unit
/// stands in one sum. Texts in other quotes might say either.
fn is_bounded(plan: &str) -> bool {
    !["stop-loss", "\"day\"", "'", "\\"].iter().any(|word| plan.contains(word))
}

/// Nothing is counted beyond a limit.
fn within(accumulator: &serde_json::Map<String, Value>) {
    let number = |name: &str| {
        let text = accumulator.get(name).and_then(Value::as_str);
        text.map(|text| text.replace('.', "").parse::<i128>().expect("a number"))
    };
    let (Some(limit), Some(before), Some(after)) = (number("limit"), number("before"), number("after"))
    else {
        return;
    };
    assert!(after <= limit.max(before), "{accumulator:?}");
}

fn explains(decided: &[Value], estimated: &Estimate) {
    for (claim, told) in decided.iter().zip(&estimated.claims) {
        let lines = claim["lines"].as_array().expect("lines");
        let told = &told.treatment;
        assert_eq!(lines.len(), told.lines.len());
        for (line, told) in lines.iter().zip(&told.lines) {
            let changes: i64 = told.steps.iter().map(|step| step.change).sum();
            let shares = told.shares;
            assert_eq!(shares.charged + changes, shares.plan, "the changes lead to what the plan pays");
            assert_eq!(shares.charged, shares.plan + shares.member + shares.other_payer + shares.write_off);
            assert_eq!(minor(&line["plan"], estimated_currency(claim)), shares.plan);
        }
    }
}

fn estimated_currency(claim: &Value) -> Currency {
    claim["currency"].as_str().expect("a currency").parse().expect("a currency")
}
