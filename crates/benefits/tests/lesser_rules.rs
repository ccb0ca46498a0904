//! Rules that depend on one fact: a provider on a list, a filing limit that is waived, lists of prices for some
//! countries, benefits and prices that begin and end. Each case: the fact, and what comes of the line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::adjudicate_file;

const PLAN: &str = r#"id = "lesser"
version = "1"
name = "Lesser rules"
effective = 2026-01-01
currencies = ["EUR"]
refusals = "send"
filing_months = 3
[[price_list]]
id = "north"
countries = ["BE", "NL"]
price = [{ code = "A1", amount = { EUR = "80" } }]
[[price_list]]
id = "south"
countries = ["ES"]
price = [
  { code = "A1", amount = { EUR = "50" }, until = 2026-06-30 },
  { code = "A1", amount = { EUR = "55" }, from = 2026-07-01 },
  { code = "B1", amount = { EUR = "60" }, from = 2026-07-01 },
]
[[benefit]]
id = "spring"
name = "Spring cure"
module = "core"
codes = ["S"]
from = 2026-03-01
until = 2026-05-31
[[benefit]]
id = "priced"
name = "Priced care"
module = "core"
codes = ["A"]
allowed = [{ price_list = "north", above = "member" }, { price_list = "south", above = "write-off" }]
[[benefit]]
id = "half"
name = "Half of it"
module = "core"
codes = ["B"]
allowed = [{ price_list = "south", above = "write-off" }, { percentage = "0.5", above = "member" }]
[[benefit]]
id = "rest"
name = "Everything else"
module = "core"
codes = ["S", "R"]
coinsurance = "0.5"
"#;

/// What is said of the claim, the day of the service, the code, and what comes of 100.00.
const CASES: &[(&str, &str, &str, &str)] = &[
    // A provider on a list: a person looks, and nothing is refused by the list alone. Not on it: paid.
    ("", "2026-05-10", "R1", "approved Everything else plan 50.00 [COINS]"),
    (r#""provider_excluded": false,"#, "2026-05-10", "R1", "approved Everything else plan 50.00 [COINS]"),
    (r#""provider_excluded": true,"#, "2026-05-10", "R1", "pended - plan 50.00 [EXCL-PROV, COINS]"),
    (
        r#""provider_excluded": true, "confirmed": true,"#,
        "2026-05-10",
        "R1",
        "pended - plan 50.00 [EXCL-PROV, COINS]",
    ),
    // The filing limit of three months: received on 15 June.
    ("", "2026-03-15", "R1", "approved Everything else plan 50.00 [COINS]"),
    ("", "2026-03-14", "R1", "denied - plan 0.00 [LATE]"),
    (r#""filing_waived": true,"#, "2026-03-14", "R1", "approved Everything else plan 50.00 [COINS]"),
    (r#""filing_waived": true,"#, "2026-01-01", "R1", "approved Everything else plan 50.00 [COINS]"),
    // Waived is the limit alone: cover began on 1 January.
    (r#""filing_waived": true,"#, "2025-12-31", "R1", "denied - plan 0.00 [ELIG]"),
    // Prices of the country of care; of a country without a list there is none. Where it is not known, the line waits.
    (r#""country": "BE","#, "2026-05-10", "A1", "approved Priced care plan 80.00 [RNC]"),
    (r#""country": "NL","#, "2026-05-10", "A1", "approved Priced care plan 80.00 [RNC]"),
    (r#""country": "ES","#, "2026-05-10", "A1", "approved Priced care plan 50.00 [FEE]"),
    (r#""country": "FR","#, "2026-05-10", "A1", "denied - plan 0.00 [NOCOV]"),
    ("", "2026-05-10", "A1", "pended - plan 0.00 [INFO]"),
    // What no list has a price of is not covered in any country.
    ("", "2026-05-10", "A2", "denied - plan 0.00 [NOCOV]"),
    // The next rule is asked where the list has no price that day, and where it does not hold; not where nobody knows that.
    ("", "2026-05-10", "B1", "approved Half of it plan 50.00 [RNC]"),
    (r#""received": "2026-09-01","#, "2026-07-01", "B1", "pended - plan 0.00 [INFO]"),
    (r#""received": "2026-09-01","#, "2026-07-01", "B2", "approved Half of it plan 50.00 [RNC]"),
    (
        r#""country": "FR", "received": "2026-09-01","#,
        "2026-07-01",
        "B1",
        "approved Half of it plan 50.00 [RNC]",
    ),
    (
        r#""country": "ES", "received": "2026-09-01","#,
        "2026-07-01",
        "B1",
        "approved Half of it plan 60.00 [FEE]",
    ),
    // A price counts from its first day to its last.
    (
        r#""country": "ES", "received": "2026-09-01","#,
        "2026-06-30",
        "A1",
        "approved Priced care plan 50.00 [FEE]",
    ),
    (
        r#""country": "ES", "received": "2026-09-01","#,
        "2026-07-01",
        "A1",
        "approved Priced care plan 55.00 [FEE]",
    ),
    // A benefit takes services from its first day to its last; then the next that fits takes them.
    (r#""filing_waived": true,"#, "2026-02-28", "S1", "approved Everything else plan 50.00 [COINS]"),
    (r#""filing_waived": true,"#, "2026-03-01", "S1", "approved Spring cure plan 100.00 []"),
    ("", "2026-05-31", "S1", "approved Spring cure plan 100.00 []"),
    ("", "2026-06-01", "S1", "approved Everything else plan 50.00 [COINS]"),
];

fn decided(said: &str, day: &str, code: &str) -> String {
    let received = if said.contains("received") { "" } else { r#""received": "2026-06-15","# };
    let claims = format!(
        r#"{{ "decided": "2026-12-31", "claims": [{{ "claim": "1", "member": "M", "provider": "P", {received} {said}
          "currency": "EUR", "cover": {{ "start": "2026-01-01", "currency": "EUR" }},
          "lines": [{{ "service_start": "{day}", "code": "{code}", "charge": "100.00" }}] }}] }}"#
    );
    let result = adjudicate_file("lesser.toml", PLAN, &claims).unwrap_or_else(|error| panic!("{error}"));
    let result: serde_json::Value = serde_json::from_str(&result).unwrap();
    let claim = &result["determinations"][0];
    let line = &claim["lines"][0];
    let paid = matches!(claim["outcome"].as_str(), Some("approved"));
    let benefit = line["benefit"].as_str().filter(|_| paid).unwrap_or("-");
    let reasons = line["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap());
    format!(
        "{} {benefit} plan {} [{}]",
        claim["outcome"].as_str().unwrap(),
        line["plan"].as_str().unwrap(),
        reasons.collect::<Vec<_>>().join(", ")
    )
}

#[test]
fn one_fact_decides() {
    let mut wrong = String::new();
    for (said, day, code, expected) in CASES {
        let found = decided(said, day, code);
        if found != *expected {
            wrong += &format!("{said} {day} {code}\n  expected {expected}\n  found    {found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
