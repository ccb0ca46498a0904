//! The file of the documentation, its result word for word, and each thing that can be wrong in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::adjudicate_file;

const PLAN: &str = include_str!("../../../plans/worldwide-plus.toml");
const CLAIMS: &str = include_str!("../../../docs/examples/claims.json");
const DETERMINATIONS: &str = include_str!("../../../docs/examples/determinations.json");
const DOCUMENTATION: &str = include_str!("../../../docs/adjudicate.md");

fn adjudicated(claims: &str) -> String {
    adjudicate_file("worldwide-plus.toml", PLAN, claims).unwrap_or_else(|error| error.to_string())
}

#[test]
fn the_example_of_the_documentation_comes_out_as_shown() {
    let result = adjudicated(CLAIMS);
    assert!(result == DETERMINATIONS, "docs/examples/determinations.json should be:\n{result}");
    let block = DOCUMENTATION.split("```json\n").nth(1).unwrap().split("```").next().unwrap().trim_end();
    assert!(
        CLAIMS.contains(block),
        "the claim shown in docs/adjudicate.md stands in docs/examples/claims.json"
    );
}

/// What to replace in the example, by what, and the error.
const BAD: &[(&str, &str, &str)] = &[
    ("\"decided\": \"2026-04-15\",", "\"decided\": \"2026-04-15\"", "line 3, column 3: not JSON"),
    ("\"decided\": \"2026-04-15\",", "", "`decided`: missing: add it"),
    ("\"2026-03-20\"", "\"20-03-2026\"", "`claims[0].received`: date: not a date from 1900 to 2199"),
    ("\"claim\": \"C-2\"", "\"claim\": \"C-1\"", "`claims`: two claims have the same `claim`"),
    (
        "\"member\": \"M-1\",\n      \"provider\": \"P-2\"",
        "\"member\": 7,\n      \"provider\": \"P-2\"",
        "`claims[1].member`: write a text in quotes",
    ),
    (
        "\"currency\": \"EUR\",\n      \"cover\": { \"start\": \"2025-01-01\", \"status\"",
        "\"currency\": \"SEK\",\n      \"cover\": { \"start\": \"2025-01-01\", \"status\"",
        "`claims[0].currency`: the plan has no amounts in `SEK`: use one of EUR, USD, GBP, CHF",
    ),
    (
        "\"status\": \"active\", \"currency\": \"EUR\"",
        "\"status\": \"active\", \"currency\": \"JPY\"",
        "`claims[0].cover.currency`: the plan has no amounts in `JPY`",
    ),
    ("\"active\"", "\"Jane Doe\"", "`claims[0].cover.status`: use one of active, suspended, ended"),
    ("\"birth_date\"", "\"birthday\"", "`claims[0]`: an unknown field: the fields here are claim, member"),
    ("\"60.00\"", "\"60.005\"", "`claims[0].lines[0].charge`: amount: more decimals than the currency has"),
    ("425.57", "425.575", "`claims[0].lines[1].charge`: amount: more decimals"),
    ("425.57", "-425.57", "`claims[0]`: line 2: a negative charge"),
    ("425.57", "true", "`claims[0].lines[1].charge`: write an amount"),
    ("\"units\": 2", "\"units\": 0", "`claims[0].lines[1].units`: write a whole number of at least 1"),
    ("\"units\": 2", "\"units\": 2.5", "`claims[0].lines[1].units`: write a whole number"),
    ("\"units\": 2", "\"number\": 1", "`claims[0]`: line 1: the number stands twice"),
    ("\"code\": \"LAB\"", "\"code\": \"\"", "`claims[0].lines[1].code`: write a text"),
    ("[\"J06.9\"]", "[7]", "`claims[0].diagnoses[0]`: write a code in quotes"),
    ("[\"J06.9\"]", "\"J06.9\"", "`claims[0].diagnoses`: write a list"),
];

#[test]
fn each_error_says_where_and_repeats_no_value() {
    for (old, new, says) in BAD {
        assert_eq!(CLAIMS.matches(old).count(), 1, "`{old}` must stand once in the example");
        let message = adjudicated(&CLAIMS.replace(old, new));
        assert!(message.starts_with("claims file, ") && message.contains(says), "{new}\n{message}");
        assert!(!message.contains("Jane"), "{message}");
    }
    for text in ["", "[]", "7", "{}", "{\"decided\": \"2026-01-01\", \"claims\": [[]]}", "{\"decided\""] {
        assert!(adjudicated(text).starts_with("claims file, "), "{text}");
    }
    let plan = adjudicate_file("p.toml", "id = 1", CLAIMS).unwrap_err().to_string();
    assert!(plan.starts_with("p.toml:1:"), "{plan}");
}

#[test]
fn claims_of_one_member_share_what_was_counted() {
    let deductible = |text: &str| {
        let file: serde_json::Value = serde_json::from_str(text).unwrap();
        let claims = file["determinations"].as_array().unwrap().clone();
        claims
            .iter()
            .map(|claim| claim["total"]["deductible"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let confirmed = CLAIMS.replace("\"claim\": \"C-2\",", "\"claim\": \"C-2\", \"confirmed\": true,");
    assert_eq!(deductible(&adjudicated(&confirmed)), ["250.00", "0.00"]);
    let apart = confirmed.replace(
        "\"member\": \"M-1\",\n      \"provider\": \"P-2\"",
        "\"member\": \"M-2\",\n      \"provider\": \"P-2\"",
    );
    assert_eq!(deductible(&adjudicated(&apart)), ["250.00", "180.00"]);
}

const FACTS_PLAN: &str = r#"id = "all"
version = "1"
name = "All"
effective = 2026-01-01
currencies = ["EUR"]
[area]
except = ["US"]
[exchange]
day = "service"
[coordination]
method = "standard"
[[module]]
id = "core"
name = "Core"
[[deductible]]
id = "one"
accumulator = 1
name = "Deductible"
period = "calendar-year"
amount = { EUR = "100" }
family = { accumulator = 2, name = "Family", amount = { EUR = "150" } }
[[limit]]
id = "visits"
accumulator = 3
name = "Visits"
period = "policy-year"
of = "visits"
count = 2
applies_to = "plan"
[[benefit]]
id = "all"
name = "All care"
module = "core"
codes = ["A"]
"#;

/// A claim of the file, with further fields of it, its cover (the one module, where it has none) and its line.
fn claim(label: &str, member: &str, claim: &str, cover: &str, line: &str) -> String {
    let cover = if cover.is_empty() { r#""modules": ["core"],"# } else { cover };
    format!(
        r#"{{ "claim": "{label}", "member": "{member}", "provider": "P-{label}", "received": "2026-04-01", "currency": "EUR",
          "country": "BE", "family": "F-1", {claim} "cover": {{ {cover} "start": "2026-01-01", "currency": "EUR" }},
          "lines": [{{ "service_start": "2026-03-02", "code": "A1", {line} "charge": "200.00" }}] }}"#
    )
}

fn facts(claims: &[String]) -> serde_json::Value {
    let rates = r#""rates": [{ "currency": "USD", "date": "2026-02-27", "units": "1.25" }]"#;
    let json = format!(r#"{{ "decided": "2026-04-02", {rates}, "claims": [{}] }}"#, claims.join(", "));
    let result =
        benefits::adjudicate_file("all.toml", FACTS_PLAN, &json).unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str(&result).unwrap()
}

#[test]
fn what_is_known_beyond_a_claim_is_read() {
    let standing = r#""since": "2020-01-01""#;
    let other = format!(
        r#""other_cover": {{ "own": {{ "through": "partner", {standing} }}, "other": {{ {standing} }} }},"#
    );
    let result = facts(&[
        claim("1", "M-1", "", r#""modules": ["core"],"#, ""),
        // The family has 50.00 left of its deductible.
        claim("2", "M-2", "", "", ""),
        claim("3", "M-3", &other, "", r#""other_paid": "150", "other_allowed": "200","#),
        claim("4", "M-4", r#""other_cover": { "pays": "before-us" },"#, "", ""),
        claim("5", "M-5", "", r#""modules": [],"#, ""),
        claim("6", "M-6", "", "", "").replace(
            r#""currency": "EUR",
          "country": "BE""#,
            r#""currency": "USD", "country": "BE""#,
        ),
    ]);
    let said = |place: usize| {
        let line = &result["determinations"][place]["lines"][0];
        format!(
            "{} {} {}",
            line["outcome"].as_str().unwrap(),
            line["plan"].as_str().unwrap(),
            line["reasons"]
        )
    };
    assert_eq!(said(0), r#"approved 100.00 ["DED"]"#);
    assert_eq!(said(1), r#"approved 150.00 ["DED"]"#);
    assert_eq!(said(2), r#"approved 50.00 ["COB"]"#);
    assert_eq!(said(3), r#"pended 0.00 ["COB"]"#);
    assert_eq!(said(4), r#"denied 0.00 ["NOCOV"]"#);
    // 200 dollars at 1.25, of the Friday before.
    assert_eq!(said(5), r#"approved 160.00 []"#);
    let line = &result["determinations"][5]["lines"][0];
    assert_eq!(line["exchanged"]["rate"], "1.25 / 1");
    let visits =
        line["trace"].as_array().unwrap().iter().find(|step| step["step"] == "service-limit").unwrap();
    assert_eq!(
        (visits["accumulator"]["limit"].as_str(), visits["accumulator"]["after"].as_str()),
        (Some("2"), Some("1"))
    );
}

#[test]
fn what_is_wrong_beyond_a_claim_is_said_without_its_value() {
    let bad = [
        (r#""room": "cellar","#, "claims[0].room", "use one of ward"),
        (r#""country": "XX", "accident": true,"#, "claims[0].country", "two capital letters"),
        (r#""replaces": "C-9","#, "claims[0].replaces", "no earlier claim"),
        (r#""other_cover": { "own": {} },"#, "claims[0].other_cover.own.since", "missing"),
        (r#""authorisations": [{ "code": "A" }],"#, "claims[0].authorisations[0].from", "missing"),
        (r#""documents": [1],"#, "claims[0].documents[0]", "in quotes"),
    ];
    for (field, path, says) in bad {
        let text = claim("1", "M-1", field, "", "").replacen(
            r#""country": "BE", "#,
            "",
            if field.contains("country") { 1 } else { 0 },
        );
        let json = format!(r#"{{ "decided": "2026-04-02", "claims": [{text}] }}"#);
        let error = benefits::adjudicate_file("all.toml", FACTS_PLAN, &json).unwrap_err().to_string();
        assert!(error.contains(&format!("`{path}`")) && error.contains(says), "{error}");
    }
}

#[test]
fn what_a_rule_asks_and_nobody_knows_waits() {
    let rules = r#"
pre_authorisation = { penalty = "0.5" }
allowed = [{ charge = true, provider = "in-network", above = "member" }, { charge = true, above = "member" }]
"#;
    let said = |claimed: &str, cover: &str| {
        let claim = claim("1", "M-1", claimed, cover, "");
        let json = format!(r#"{{ "decided": "2026-04-02", "claims": [{claim}] }}"#);
        let result = benefits::adjudicate_file("all.toml", &format!("{FACTS_PLAN}{rules}"), &json).unwrap();
        let result: serde_json::Value = serde_json::from_str(&result).unwrap();
        let line = &result["determinations"][0]["lines"][0];
        format!("{} {}", line["outcome"].as_str().unwrap(), line["reasons"])
    };
    let (network, asked, modules) =
        (r#""in_network": false,"#, r#""authorisations": [],"#, r#""modules": ["core"],"#);
    let unknown = r#""modules": null,"#;
    let known = said(&format!("{network} {asked}"), modules);
    assert!(known.starts_with("approved ") && known.contains("AUTH"), "nobody authorised it: {known}");
    for (claimed, cover) in [(asked, modules), (network, modules), (&format!("{network} {asked}"), unknown)] {
        assert_eq!(said(claimed, cover), r#"pended ["INFO"]"#, "{claimed} {cover}");
    }
}
