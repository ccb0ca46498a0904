//! An estimate on the worked examples of the documentation and of every kind of rule: each line's steps lead from
//! what is charged to what the plan pays, and who pays what sums to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::{Estimate, adjudicate_file, estimate_file};
use domain::{Language, Outcome};

const EXAMPLE: &str = include_str!("../../../docs/examples/claims.json");

/// A plan in which most steps change something.
const PLAN: &str = r#"id = "all"
version = "1"
name = "All"
effective = 2026-01-01
currencies = ["EUR"]
refusals = "send"
[exchange]
day = "service"
[coordination]
method = "standard"
[[deductible]]
id = "one"
accumulator = 1
name = "Own part"
period = "calendar-year"
amount = { EUR = "100" }
family = { accumulator = 2, name = "Own part of the family", amount = { EUR = "150" } }
[[out_of_pocket_maximum]]
id = "most"
accumulator = 3
name = "Most"
period = "calendar-year"
amount = { EUR = "180" }
includes_deductible = true
[[limit]]
id = "visits"
accumulator = 4
name = "Visits"
period = "policy-year"
of = "visits"
count = 4
applies_to = "plan"
[[limit]]
id = "each-visit"
accumulator = 5
name = "Each visit"
period = "policy-year"
per = "visit"
amount = { EUR = "250" }
applies_to = "plan"
[[price_list]]
id = "list"
price = [{ code = "A1", amount = { EUR = "290" } }]
[[benefit]]
id = "all"
name = "All care"
module = "core"
codes = ["A"]
allowed = [{ price_list = "list", above = "write-off" }, { charge = true, above = "member" }]
copay = { per = "visit", amount = { EUR = "10" } }
coinsurance = "1/3"
pre_authorisation = { above = { EUR = "1000" }, penalty = "0.5" }
"#;

/// A claim of one line: its label, member, day, charge, code, and what else is said of it.
fn claim(label: u32, member: &str, charge: &str, code: &str, more: &str) -> String {
    let currency = if more.contains("USD") { "USD" } else { "EUR" };
    let more = more.replace("USD", "");
    format!(
        r#"{{ "claim": "{label}", "member": "{member}", "provider": "P-{label}", "received": "2026-04-01",
          "currency": "{currency}", "family": "F", {more}
          "cover": {{ "start": "2026-01-01", "currency": "EUR" }},
          "lines": [{{ "service_start": "2026-03-{:02}", "code": "{code}", "charge": "{charge}" }}] }}"#,
        label + 1
    )
}

fn history() -> String {
    let claims = [
        claim(1, "M-1", "300.00", "A1", ""),
        claim(2, "M-1", "77.77", "A2", ""),
        claim(3, "M-2", "200.00", "A2", "USD"),
        claim(4, "M-1", "1234.56", "A2", r#""authorisations": [],"#),
        claim(5, "M-1", "40.00", "B1", ""),
        claim(6, "M-1", "500.00", "A2", r#""other_cover": { "pays": "before-us" },"#)
            .replace(r#""code": "A2""#, r#""other_paid": "460.00", "code": "A2""#),
        claim(7, "M-1", "50.00", "A2", r#""other_cover": { "pays": "before-us" },"#),
        claim(8, "M-1", "60.00", "A2", ""),
    ];
    let rates = r#""rates": [{ "currency": "USD", "date": "2026-03-02", "units": "1.07" }]"#;
    format!(r#"{{ "decided": "2026-04-02", {rates}, "claims": [{}] }}"#, claims.join(", "))
}

fn estimates() -> Vec<(Estimate, String)> {
    let shipped = include_str!("../../../plans/worldwide-plus.toml");
    let files = [("worldwide-plus.toml", shipped, EXAMPLE.to_owned()), ("all.toml", PLAN, history())];
    files
        .into_iter()
        .map(|(name, plan, claims)| {
            let estimate = estimate_file(name, plan, &claims, Language::English).unwrap();
            (estimate, adjudicate_file(name, plan, &claims).unwrap())
        })
        .collect()
}

#[test]
fn every_line_adds_up_by_hand() {
    let mut steps = Vec::new();
    for (estimate, _) in estimates() {
        for line in estimate.claims.iter().flat_map(|claim| &claim.treatment.lines) {
            let shares = line.shares;
            let changes: i64 = line.steps.iter().map(|step| step.change).sum();
            assert_eq!(shares.charged + changes, shares.plan, "{line:?}");
            let parts = shares.plan + shares.member + shares.other_payer + shares.write_off;
            assert_eq!(parts, shares.charged, "{line:?}");
            steps.extend(line.steps.iter().map(|step| step.step.word()));
        }
    }
    for step in [
        "allowed-amount",
        "copay",
        "deductible",
        "coinsurance",
        "pre-authorisation",
        "out-of-pocket-maximum",
        "money-limit",
        "service-limit",
        "benefit-match",
        "coordination",
        "rounding",
    ] {
        assert!(steps.contains(&step), "no line shows `{step}`: {steps:?}");
    }
}

#[test]
fn it_is_what_adjudication_decides() {
    for (estimate, decided) in estimates() {
        let decided: serde_json::Value = serde_json::from_str(&decided).unwrap();
        for (claim, other) in estimate.claims.iter().zip(decided["determinations"].as_array().unwrap()) {
            assert_eq!(claim.treatment.outcome.word(), other["outcome"]);
            let total = domain::Money::new(claim.treatment.total.plan, claim.treatment.currency).unwrap();
            assert_eq!(total.decimal().to_string(), other["total"]["plan"].as_str().unwrap());
        }
    }
}

#[test]
fn what_is_left_is_said_of_what_goes_on_and_counted() {
    let (estimate, _) = estimates().pop().unwrap();
    let left = |claim: usize| {
        let left = estimate.claims[claim].treatment.left.iter();
        left.map(|left| format!("{} {}/{}", left.name, left.left, left.of)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        left(0),
        "Visits 3/4, Own part 0.00/100.00 EUR, Own part of the family 50.00/150.00 EUR, Most 10.00/180.00 EUR"
    );
    let waits = &estimate.claims[6].treatment;
    assert_eq!((waits.outcome, waits.left.len()), (Outcome::Pended, 0));
    assert!(estimate.text(Language::English).contains("a person looks at this first"));
}
