//! Each thing that can be wrong in a plan file, planted in a good one: the error names the line and
//! column and says what to write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::Plan;

const GOOD: &str = r#"id = "small"
version = "1"
name = "Small"
effective = 2026-01-01
currencies = ["EUR", "JPY"]
refusals = "pend"
steps = ["eligibility", "duplicate", "timely-filing", "benefit-match", "waiting-period", "exclusion", "allowed-amount", "deductible", "copay", "coinsurance", "out-of-pocket-maximum", "money-limit", "rounding"]
filing_months = 12

[[deductible]]
id = "yearly-deductible"
accumulator = 1
name = "Deductible"
period = "policy-year"
amount = { EUR = "250.00", JPY = "40000" }

[[out_of_pocket_maximum]]
id = "yearly-maximum"
accumulator = 2
name = "Maximum"
period = "policy-year"
amount = { EUR = "1000", JPY = "160000" }
includes_deductible = true

[[limit]]
id = "yearly"
accumulator = 3
name = "Yearly"
period = "calendar-year"
amount = { EUR = "5000", JPY = "800000" }
applies_to = "benefits"

[[price_list]]
id = "list"
price = [
  { code = "A1", amount = { EUR = "10", JPY = "1600" } },
  { code = "A2", amount = { EUR = "20", JPY = "3200" } },
]

[[benefit]]
id = "first"
name = "First"
module = "core"
codes = ["A"]
price_list = "list"
waiting_months = 3
copay = { per = "visit", amount = { EUR = "5", JPY = "800" } }
coinsurance = "0.20"
limits = ["yearly"]

[[benefit]]
id = "second"
name = "Second"
module = "core"
settings = ["inpatient"]
"#;

/// What to replace, by what, where the error must point, and what it must say.
const BAD: &[(&str, &str, &str, &str)] = &[
    ("id = \"small\"", "id = \"Small Plan\"", "1:6", "`Small Plan` is no id"),
    (
        "id = \"small\"",
        "id = small",
        "1:6",
        "`small` is not in quotes: write texts, amounts and rates like `\"small\"`",
    ),
    ("name = \"Small\"", "name = \" \"", "3:8", "write a name"),
    ("effective = 2026-01-01", "effective = 2026-01-01T10:00:00Z", "4:13", "not a date"),
    ("[\"EUR\", \"JPY\"]", "[\"EUR\", \"JPN\"]", "5:22", "`JPN`: currency: not an ISO 4217 code"),
    ("[\"EUR\", \"JPY\"]", "[\"EUR\", \"EUR\"]", "5:22", "`EUR` stands twice"),
    ("[\"EUR\", \"JPY\"]", "[]", "5:14", "no currency"),
    ("refusals = \"pend\"", "refusals = \"deny\"", "6:12", "unknown `deny`: use one of pend, send"),
    (
        "\"eligibility\", \"dup",
        "\"eligible\", \"dup",
        "7:10",
        "unknown step `eligible`: use one of eligibility",
    ),
    ("\"duplicate\", ", "", "7:9", "no plan goes without the step `duplicate`"),
    ("\"deductible\", \"copay\"", "\"copay\"", "10:1", "add `deductible` to `steps`"),
    ("\"copay\", \"coins", "\"coins", "47:9", "add `copay` to `steps`"),
    ("\"coinsurance\", ", "", "48:15", "add `coinsurance` to `steps`"),
    ("\"timely-filing\", ", "", "8:17", "add `timely-filing` to `steps`"),
    ("\"waiting-period\", ", "", "46:18", "add `waiting-period` to `steps`"),
    ("\"out-of-pocket-maximum\", ", "", "17:1", "add `out-of-pocket-maximum` to `steps`"),
    ("\"money-limit\", ", "", "26:6", "add `money-limit` to `steps`"),
    ("\"copay\", \"coinsurance\"", "\"copay\", \"copay\"", "7:144", "`copay` stands twice"),
    ("\"copay\", \"coinsurance\"", "\"copay\", \"decision\"", "7:144", "`decision` is a person's"),
    (
        "\"money-limit\", \"rounding\"]",
        "\"rounding\", \"money-limit\"]",
        "7:196",
        "`money-limit` must stand before `rounding`",
    ),
    (
        "\"benefit-match\", \"waiting-period\"",
        "\"waiting-period\", \"benefit-match\"",
        "7:55",
        "`waiting-period` must stand after `benefit-match`",
    ),
    ("filing_months = 12", "filing_months = 0", "8:17", "write a whole number from 1 to 1200"),
    ("filing_months = 12", "rounding = \"half-even\"", "8:12", "use one of half-up, down, up"),
    ("filing_months = 12", "newborn_days = 367", "8:16", "write a whole number of days from 1 to 366"),
    (
        "filing_months = 12",
        "filing_month = 12",
        "8:1",
        "unknown key `filing_month`: write `filing_months`, or remove it",
    ),
    (
        "JPY = \"40000\" }",
        "JPY = \"40000.5\" }",
        "15:34",
        "amount `40000.5`: amount: more decimals than the currency has",
    ),
    ("EUR = \"250.00\"", "EUR = \"250,00\"", "15:18", "not a decimal number"),
    ("EUR = \"250.00\"", "EUR = \"-1\"", "15:18", "negative"),
    ("EUR = \"250.00\"", "EUR = 250.00", "15:18", "write texts, amounts and rates in quotes: `\"250.00\"`"),
    ("EUR = \"250.00\", ", "", "15:10", "no amount in EUR: add `EUR = \"...\"`"),
    ("EUR = \"250.00\"", "USD = \"1\", EUR = \"250.00\"", "15:12", "`USD` is not a currency of this plan"),
    ("accumulator = 2", "accumulator = 1", "19:15", "accumulator 1 is taken"),
    (
        "accumulator = 3",
        "accumulator = 70000",
        "27:15",
        "`70000` is out of range: write a whole number from 0 to 65535",
    ),
    (
        "includes_deductible = true\n",
        "",
        "17:1",
        "missing field `includes_deductible`: add `includes_deductible = ...`",
    ),
    (
        "period = \"calendar-year\"",
        "period = \"year\"",
        "29:10",
        "use one of policy-year, calendar-year, lifetime, day, or a span like 24-months",
    ),
    ("applies_to = \"benefits\"", "applies_to = \"all\"", "31:14", "use one of plan, benefits"),
    ("applies_to = \"benefits\"", "applies_to = \"plan\"", "49:11", "`yearly` is no limit to name here"),
    ("limits = [\"yearly\"]\n", "", "26:6", "no benefit names the limit `yearly`"),
    ("limits = [\"yearly\"]", "limits = [\"monthly\"]", "49:11", "`monthly` is no limit to name here"),
    ("limits = [\"yearly\"]", "limits = [\"yearly\", \"yearly\"]", "49:21", "once"),
    ("code = \"A2\"", "code = \"A1\"", "37:12", "`A1` has two prices"),
    ("id = \"second\"", "id = \"first\"", "52:6", "`first` stands twice"),
    ("codes = [\"A\"]\n", "", "41:6", "takes nothing"),
    ("codes = [\"A\"]", "codes = [\"\"]", "44:10", "an empty code"),
    (
        "settings = [\"inpatient\"]",
        "settings = [\"in-patient\"]",
        "55:13",
        "unknown care setting `in-patient`",
    ),
    (
        "settings = [\"inpatient\"]",
        "service_types = [\"maternity\", \"birth\"]",
        "55:31",
        "unknown service type `birth`: use one of medical-care",
    ),
    (
        "settings = [\"inpatient\"]",
        "codes = [\"A2\"]\nservice_types = [\"vision\"]",
        "52:6",
        "no service reaches `second`: `first`",
    ),
    ("settings = [\"inpatient\"]", "codes = [\"A2\"]", "52:6", "no service reaches `second`: `first`"),
    ("price_list = \"list\"", "price_list = \"other\"", "45:14", "no price list `other`"),
    ("price_list = \"list\"", "price_list = \"list\"\nallowed_percentage = \"0.5\"", "46:22", "keep one"),
    ("price_list = \"list\"", "allowed_percentage = \"80\"", "45:22", "rate `80`: not between 0 and 1"),
    ("price_list = \"list\"", "above_allowed = \"nobody\"", "45:17", "use one of write-off, member"),
    ("per = \"visit\"", "per = \"hour\"", "47:17", "use one of visit, line, day, unit, claim"),
    ("coinsurance = \"0.20\"", "coinsurance = \"0.1234567\"", "48:15", "more than six decimals"),
    (
        "coinsurance = \"0.20\"",
        "coinsurance = 0.20",
        "48:15",
        "write texts, amounts and rates in quotes: `\"0.20\"`",
    ),
];

/// What to add to the good plan, and what its error must say.
const MORE: &[(&str, &str)] = &[
    ("[area]\n", "write `countries` or `except`"),
    ("[area]\nexcept = [\"XX\"]\n", "`XX`: country"),
    ("[area]\nexcept = [\"US\"]\nemergency_days = 0\n", "write a whole number of days from 1 to 366"),
    ("[exchange]\nday = \"paid\"\n", "use one of service, admitted, invoiced, received, decided"),
    ("[coordination]\nmethod = \"fair\"\n", "use one of standard, basic"),
    ("[coordination]\nmethod = \"maintenance\"\nallowable = \"charge\"\n", "only the method `standard`"),
    ("[[exclusion]]\nname = \"Nothing\"\n", "excludes nothing"),
    ("[premium]\nmonths = 1\n[[premium.subsidy]]\n", "subsidises nothing: add `rate`"),
    ("[premium]\nmonths = 1\n[[premium.subsidy]]\nrate = \"1.5\"\n", "not between 0 and 1"),
    (
        "[premium]\nmonths = 1\n[[premium.subsidy]]\nrate = \"1\"\nfrom_salary = { salary = \"1\" }\n",
        "a premium in salaries is not known here",
    ),
    (
        "[premium]\nmonths = 1\n[[premium.subsidy]]\nrate = \"1\"\n[[premium.subsidy]]\nrate = \"0.5\"\n",
        "begins where another subsidy does",
    ),
    (
        "[premium]\nmonths = 1\n[[premium.subsidy]]\nrate = \"1\"\nfrom_salary = { EUR = \"100\", JPY = \"200\" }\n\
         [[premium.subsidy]]\nrate = \"1\"\nfrom_salary = { EUR = \"200\", JPY = \"100\" }\n",
        "above it in one currency and below it in another",
    ),
    ("[[bundle]]\ncode = \"A1\"\nincludes = []\n", "includes nothing"),
    ("[[levels]]\nname = \"L\"\ncodes = [\"A1\"]\n", "one level is none"),
    (
        "[[levels]]\nname = \"L\"\ncodes = [\"A1\", \"A2\"]\nhigh = 2\n",
        "at least one is high, and one is not",
    ),
    ("[[levels]]\nname = \"L\"\ncodes = [\"A1\", \"A2\", \"A1\"]\n", "has a level already"),
    ("[[continues]]\nplan = \"small\"\naccumulators = [1]\n", "goes on by itself: remove this table"),
    ("[[continues]]\nplan = \"other\"\naccumulators = []\n", "nothing would go on"),
    (
        "[[continues]]\nplan = \"other\"\naccumulators = [1, 4]\n",
        "counts on accumulator 4: write one that does",
    ),
    ("[[continues]]\nplan = \"other\"\naccumulators = [1, 3, 1]\n", "accumulator 1 stands twice"),
    (
        "[[continues]]\nplan = \"other\"\naccumulators = [1]\n[[continues]]\nplan = \"other\"\naccumulators = [2]\n",
        "`other` stands twice",
    ),
    (
        "[[continues]]\nplan = \"other\"\naccumulators = [9]\n[[limit]]\nid = \"l\"\naccumulator = 9\nname = \"L\"\nperiod = \"lifetime\"\nfamily = true\nof = \"days\"\ncount = 1\napplies_to = \"plan\"\n",
        "counts for a family together, which cannot go on",
    ),
    ("[[kind]]\nid = \"all\"\n[[kind]]\nid = \"none\"\n", "no claim is of this kind"),
    ("[[kind]]\nid = \"one\"\nbenefits = [\"third\"]\n", "no benefit `third`"),
    ("[[module]]\nid = \"other\"\nname = \"Other\"\n", "no module `core`"),
    (
        "[[limit]]\nid = \"l\"\naccumulator = 9\nname = \"L\"\nperiod = \"day\"\nof = \"visits\"\napplies_to = \"plan\"\n",
        "write `count`",
    ),
    (
        "[[limit]]\nid = \"l\"\naccumulator = 9\nname = \"L\"\nperiod = \"lifetime\"\nper = \"claim\"\nfamily = true\nof = \"days\"\ncount = 1\napplies_to = \"plan\"\n",
        "leave `family` or `per` out",
    ),
    (
        "[[limit]]\nid = \"l\"\naccumulator = 9\nname = \"L\"\nperiod = \"lifetime\"\nper = \"unit\"\nof = \"days\"\ncount = 1\napplies_to = \"plan\"\n",
        "write `period = \"day\"`",
    ),
    (
        "[[deductible]]\nid = \"d\"\naccumulator = 9\nname = \"D\"\nperiod = \"policy-year\"\nper = \"claim\"\ncarry_over_months = 3\namount = { salary = \"1/24\" }\n",
        "carry over",
    ),
    (
        "[[deductible]]\nid = \"d\"\naccumulator = 9\nname = \"D\"\nperiod = \"lifetime\"\namount = { salary = \"1\", EUR = \"1\" }\n",
        "keep one of them",
    ),
    ("[premium]\nmonths = 12\nstarts = [\"02-29\"]\n", "not a day of every year"),
];

#[test]
fn each_further_rule_that_does_not_fit_is_refused() {
    // With its own steps the good plan has none for these: it takes the usual ones.
    let (before, rest) = GOOD.split_once("steps = [").unwrap();
    let (_, after) = rest.split_once("]\n").unwrap();
    let usual = format!("{before}{after}");
    Plan::parse("small.toml", &usual).unwrap();
    for (more, says) in MORE {
        let error = Plan::parse("small.toml", &format!("{usual}{more}")).err();
        let message = error.map_or_else(|| "no error".to_owned(), |error| error.to_string());
        assert!(message.contains(says), "{more}\n   expected {says}\n   found    {message}");
    }
}

#[test]
fn a_rule_needs_its_step() {
    let text = format!("{GOOD}[coordination]\nmethod = \"basic\"\n");
    let error = Plan::parse("small.toml", &text).unwrap_err().to_string();
    assert!(error.ends_with("never applied: add `coordination` to `steps`, or remove this rule"), "{error}");
}

#[test]
fn the_good_plan_is_good() {
    Plan::parse("small.toml", GOOD).unwrap();
}

#[test]
fn each_error_says_where_and_what() {
    let mut wrong = Vec::new();
    for (old, new, place, says) in BAD {
        assert_eq!(GOOD.matches(old).count(), 1, "`{old}` must stand once in the good plan");
        let error = Plan::parse("small.toml", &GOOD.replace(old, new)).err();
        let message = error.map_or_else(|| "no error".to_owned(), |error| error.to_string());
        if !message.starts_with(&format!("small.toml:{place}: ")) || !message.contains(says) {
            wrong.push(format!("{new}\n   expected {place} {says}\n   found    {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the modules `core`, `more` and `most` require, where an error must point, and what it must say.
const REQUIRED: &[([&str; 3], &str, &str)] = &[
    (["\"core\"", "", ""], "59:13", "`core` requires itself: remove it here"),
    (["\"more\"", "\"core\"", ""], "63:13", "`core` requires `more` already: a module cannot require"),
    // A ring is told once, where it is closed, however long it is.
    (["\"most\"", "\"core\"", "\"more\""], "67:13", "`more` requires `most` already"),
    (["", "\"core\", \"mots\"", "\"more\""], "63:21", "no module `mots`: add [[module]] with this id"),
];

#[test]
fn a_module_requires_others_that_do_not_require_it() {
    let with = |required: &[&str; 3]| {
        let module = |(id, required): (&str, &&str)| {
            format!("[[module]]\nid = \"{id}\"\nname = \"Module\"\nrequires = [{required}]\n")
        };
        let modules: String = ["core", "more", "most"].into_iter().zip(required).map(module).collect();
        Plan::read("small.toml", &format!("{GOOD}{modules}"))
    };
    with(&["", "\"core\"", "\"core\", \"more\""]).unwrap();
    for (required, place, says) in REQUIRED {
        let faults = with(required).unwrap_err();
        let message = faults[0].to_string();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(message.starts_with(&format!("small.toml:{place}: ")) && message.contains(says), "{message}");
    }
}

#[test]
fn a_plan_without_benefits_is_refused() {
    let text = GOOD.split("[[limit]]").next().unwrap();
    assert_eq!(
        Plan::parse("small.toml", text).unwrap_err().to_string(),
        "small.toml:1:1: no benefit: add at least one [[benefit]]"
    );
}

/// Faults planted together, in the order of the file: what to replace, by what, where it is told and how.
const TOGETHER: &[(&str, &str, &str, &str)] = &[
    ("version = \"1\"", "version = \"V1\"", "2:11", "`V1` is no id"),
    ("filing_months = 12", "filing_months = 0", "8:17", "write a whole number from 1 to 1200"),
    // One table: three faults, and none that follows from them.
    ("EUR = \"250.00\"", "EUR = \"250,00\"", "15:18", "not a decimal number"),
    ("JPY = \"40000\" }", "JPY = \"-1\" }", "15:34", "negative"),
    ("accumulator = 3", "accumulator = 2", "27:15", "accumulator 2 is taken"),
    ("period = \"calendar-year\"", "period = \"year\"", "29:10", "use one of policy-year"),
    ("code = \"A2\"", "code = \"A1\"", "37:12", "`A1` has two prices"),
    ("per = \"visit\"", "per = \"hour\"", "47:17", "use one of visit, line, day, unit, claim"),
    ("coinsurance = \"0.20\"", "coinsurance = \"20\"", "48:15", "not between 0 and 1"),
    ("settings = [\"inpatient\"]", "settings = [\"in\", \"out\"]", "55:13", "unknown care setting `in`"),
];

#[test]
fn every_fault_is_told_at_once_and_none_that_follows_from_another() {
    let mut text = GOOD.to_owned();
    for (old, new, ..) in TOGETHER {
        assert_eq!(text.matches(old).count(), 1, "`{old}` must stand once");
        text = text.replace(old, new);
    }
    let faults = Plan::read("small.toml", &text).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    // The second word of the last list is a fault of its own.
    assert_eq!(told.len(), TOGETHER.len() + 1, "{}", told.join("\n"));
    for (message, (.., place, says)) in told.iter().zip(TOGETHER) {
        assert!(message.starts_with(&format!("small.toml:{place}: ")) && message.contains(says), "{message}");
    }
    assert!(told[TOGETHER.len()].starts_with("small.toml:55:19: unknown care setting `out`"));
    let first = Plan::parse("small.toml", &text).unwrap_err();
    assert_eq!(first, faults[0], "who asks for one is told the first");
}

#[test]
fn a_misspelt_currency_or_step_is_one_fault() {
    for (old, new) in
        [("[\"EUR\", \"JPY\"]", "[\"EUR\", \"JPN\"]"), ("\"copay\", \"coins", "\"copya\", \"coins")]
    {
        let faults = Plan::read("small.toml", &GOOD.replace(old, new)).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}

#[test]
fn twenty_faults_are_told_at_most() {
    let benefit = |place: usize| {
        format!("[[benefit]]\nid = \"B{place}\"\nname = \"\"\nmodule = \"core\"\ncodes = [\"\"]\n")
    };
    let many: String = (0..30).map(benefit).collect();
    let faults = Plan::read("small.toml", &format!("{GOOD}{many}")).unwrap_err();
    assert_eq!(faults.len(), 20);
    assert!(faults.array_windows().all(|[one, next]| (one.line, one.column) < (next.line, next.column)));
}
