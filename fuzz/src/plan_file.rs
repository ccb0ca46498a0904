//! A plan file: it is refused where and why, or it shows, compares, enrols and adjudicates.

use benefits::{Plan, Wanted, compare, table};
use domain::{Date, Language};

use crate::claims_file;

const OTHER: &str = include_str!("../../plans/worldwide-modules.toml");

/// First days of cover and of services, at the ends of the calendar too.
const DAYS: [(&str, &str); 4] = [
    ("1900-01-01", "1900-01-01"),
    ("2024-02-29", "2026-02-28"),
    ("2026-03-01", "2026-02-28"),
    ("1900-01-01", "2199-12-31"),
];

pub(crate) fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    match Plan::parse("plan.toml", text) {
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1 && !error.problem.is_empty());
            assert!(text.get(error.span.clone()).is_some(), "the fault stands in the text: {error:?}");
        }
        Ok(plan) => usable(&plan, text),
    }
}

fn usable(plan: &Plan, text: &str) {
    assert!(Plan::parse("plan.toml", text).as_ref() == Ok(plan), "the same file is the same plan");
    shown(plan);
    enrols(plan);
    counts(plan);
    claims_file::check_files(text, &claims(plan, text).to_string());
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn shown(plan: &Plan) {
    let other = Plan::parse("other.toml", OTHER).unwrap();
    for language in Language::ALL {
        for currency in [None, plan.currencies().first().copied()] {
            for details in [false, true] {
                let wanted = Wanted { language: *language, currency, details };
                let sections = table(plan, &wanted);
                let says = sections.iter().flat_map(|section| &section.says);
                assert!(says.into_iter().all(|statement| !statement.text.is_empty()));
            }
        }
        let wanted = Wanted { language: *language, currency: None, details: true };
        let same = compare(plan, plan, &wanted);
        assert!(same.sections.is_empty() && !same.is_unsaid, "a plan differs from itself in nothing");
        for (before, after) in [(plan, &other), (&other, plan)] {
            assert!(!compare(before, after, &wanted).text(*language).is_empty());
        }
    }
}

fn enrols(plan: &Plan) {
    let births = [day("1900-01-01"), day("1980-02-29"), day("2026-01-01"), day("2199-12-31")];
    for currency in plan.currencies() {
        for enrolled in [day("1900-01-01"), day("2026-02-28"), day("2199-12-31")] {
            if let Ok(Some(enrolment)) = plan.enrol(&births, enrolled, *currency) {
                assert!(enrolment.amount >= 0 && enrolment.start <= enrolment.end);
            }
        }
    }
}

fn counts(plan: &Plan) {
    for number in 0..=64u16 {
        let Some(period) = plan.accumulator_period(number) else { continue };
        assert!(plan.accumulator_name(number).is_some_and(|name| !name.is_empty()));
        for (cover, service) in DAYS {
            let (cover, service) = (day(cover), day(service));
            let start = period.start(cover, service);
            assert!(period.end(cover, start).is_none_or(|end| start <= end));
        }
        for currency in plan.currencies() {
            assert!(plan.accumulator_limit(number, *currency).is_none_or(|limit| limit >= 0));
        }
    }
}

/// Claims that meet the plan: each short text of it may be a code or a diagnosis of a line.
fn claims(plan: &Plan, text: &str) -> serde_json::Value {
    let words = text.split('"').skip(1).step_by(2).filter(|word| (1..=12).contains(&word.len()));
    let words: Vec<&str> = words.take(200).collect();
    let currency = plan.currencies()[0].code();
    let day = |place: usize| format!("2026-{:02}-{:02}", place % 3 + 1, place * 7 % 28 + 1);
    let charges = ["0", "1", "99", "100000", "35", "2000000000"];
    let settings = ["inpatient", "outpatient", "emergency", "pharmacy"];
    let line = |(place, word): (usize, &&str)| {
        serde_json::json!({
            "service_start": day(place), "code": word, "units": place % 4 + 1,
            "charge": charges[place % charges.len()], "setting": settings[place % settings.len()],
        })
    };
    let modules = &words;
    let networks = [Some(true), Some(false), None];
    let claim = |(place, words): (usize, &[&str])| {
        serde_json::json!({
            "claim": format!("C{place}"), "member": format!("M{}", place % 2), "provider": "P",
            "received": "2026-04-01", "currency": currency, "confirmed": place % 2 == 0,
            "cover": { "start": "2025-01-01", "currency": currency, "salary": "30000", "modules": modules },
            "birth_date": "1980-01-01", "diagnoses": [words[0]], "country": "BE", "family": "F",
            "in_network": networks[place % networks.len()], "authorisations": [],
            "lines": words.iter().enumerate().map(line).collect::<Vec<_>>(),
        })
    };
    let claims: Vec<_> = words.chunks(8).enumerate().map(claim).collect();
    serde_json::json!({ "decided": "2026-04-15", "claims": claims })
}
