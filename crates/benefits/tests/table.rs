//! The tables of benefits of the shipped plans, as a member reads them, against a file that is changed on
//! purpose; and what differs between two versions of a plan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write;

use benefits::{Change, Comparison, Plan, Presence, Wanted, compare, table};
use domain::Language;

const COMPLETE: [(&str, &str); 6] = [
    ("worldwide-modules", include_str!("../../../plans/worldwide-modules.toml")),
    ("worldwide-excluding-usa", include_str!("../../../plans/worldwide-excluding-usa.toml")),
    ("self-funded-stop-loss", include_str!("../../../plans/self-funded-stop-loss.toml")),
    ("international-organisation", include_str!("../../../plans/international-organisation.toml")),
    ("national-top-up", include_str!("../../../plans/national-top-up.toml")),
    ("village-scheme", include_str!("../../../plans/village-scheme.toml")),
];

fn wanted(language: Language) -> Wanted {
    Wanted { language, currency: None, details: false }
}

fn written(plan: &Plan, wanted: &Wanted) -> String {
    let mut text = format!("# {} ({})\n", plan.name(), wanted.language);
    for section in table(plan, wanted) {
        writeln!(text, "\n{}", section.name).unwrap();
        section.says.iter().for_each(|statement| writeln!(text, "- {}", statement.text).unwrap());
    }
    text.replace('\u{a0}', " ") + "\n"
}

#[test]
fn the_tables_are_the_reviewed_ones() {
    let mut all = String::new();
    for (name, text) in COMPLETE {
        let plan = Plan::parse(&format!("{name}.toml"), text).unwrap();
        all += &written(&plan, &wanted(Language::English));
        if name == "worldwide-excluding-usa" {
            for language in [Language::Dutch, Language::French, Language::German] {
                all += &written(&plan, &wanted(language));
            }
        }
    }
    let golden = include_str!("data/tables.golden");
    assert!(all == golden, "tests/data/tables.golden should be:\n{all}");
}

fn compared(before: &str, after: &str) -> Comparison {
    let parse = |text| Plan::parse("plan.toml", text).unwrap();
    compare(&parse(before), &parse(after), &wanted(Language::English))
}

#[test]
fn a_member_sees_the_amounts_of_one_currency() {
    let plan = Plan::parse("plan.toml", COMPLETE[1].1).unwrap();
    let wanted = Wanted { currency: Some("USD".parse().unwrap()), ..wanted(Language::English) };
    let text = written(&plan, &wanted);
    assert!(text.contains("- deductible 550 USD in a policy year") && !text.contains("EUR"), "{text}");
}

#[test]
fn a_change_is_said_rule_by_rule_beside_what_it_replaces() {
    let text = COMPLETE[1].1;
    let changed = text
        .replacen("EUR = \"500\"", "EUR = \"600\"", 1)
        .replacen("count = 20", "count = 10", 1)
        .replacen("name = \"Sessions of therapy\"", "name = \"Sessions\"", 1);
    let found = compared(text, &changed).sections;
    let said: Vec<(&str, usize)> = found.iter().map(|one| (one.id.as_str(), one.changes.len())).collect();
    assert_eq!(said, [("plan", 1), ("benefit/therapy", 1)]);
    let change = Change {
        about: found[1].changes[0].about.clone(),
        before: Some("Sessions of therapy: at most 20 visits in a policy year".to_owned()),
        after: Some("Sessions: at most 10 visits in a policy year".to_owned()),
    };
    assert_eq!(found[1].changes, [change]);
    let (gone, _) = text.split_once("[[benefit]]\nid = \"dental\"").unwrap();
    let both = [compared(text, gone), compared(gone, text)];
    let presences = both.each_ref().map(|one| one.sections.last().unwrap().presence);
    assert_eq!(presences, [Presence::Gone, Presence::New]);
    assert_eq!(compared(text, text).text(Language::French), "Rien ne change.\n");
}

/// A rule of a shipped plan, and what is written in its place.
const CHANGES: &[(usize, &str, &str)] = &[
    (0, "filing_months = 6", "filing_months = 12"),
    (0, "moratorium_months = 24", "moratorium_months = 12"),
    (0, "newborn_days = 31", "newborn_days = 60"),
    (0, "near_duplicates = \"pend\"\n", ""),
    (0, "refusals = \"pend\"", "refusals = \"send\""),
    (0, "day = \"service\"", "day = \"decided\""),
    (0, "day = \"service\"", "day = \"admitted\""),
    (0, "day = \"service\"", "day = \"invoiced\""),
    (0, "method = \"standard\"", "method = \"maintenance\""),
    (0, "requires = [\"core\", \"out-patient\"]", "requires = [\"core\"]"),
    (0, "codes = [\"COSM\"]", "codes = [\"COSM\", \"SPA\"]"),
    (0, "includes = [\"NURS\", \"FOOD\"]", "includes = [\"NURS\"]"),
    (0, "count = 30", "count = 45"),
    (0, "period = \"24-months\"", "period = \"36-months\""),
    (0, "waived = [\"prior-cover\"]", "waived = [\"accident\"]"),
    (0, "pre_authorisation = { penalty = \"0.20\" }", "pre_authorisation = { not_in_emergency = false }"),
    (0, "grade = \"semi-private\"", "grade = \"private\""),
    (0, "below_age = 18", "below_age = 16"),
    (1, "except = [\"US\"]", "except = [\"US\", \"CA\"]"),
    (1, "emergency_days = 42", "emergency_days = 30"),
    (1, "carry_over_months = 3", "carry_over_months = 2"),
    (1, "amount = { EUR = \"1250\", USD = \"1375\" }", "amount = { EUR = \"1500\", USD = \"1650\" }"),
    (1, "includes_deductible = false", "includes_deductible = true"),
    (1, "USD = \"82.50\"", "USD = \"81.50\""),
    (1, "above = \"member\"", "above = \"write-off\""),
    (1, "codes = [\"LAB\", \"IMG\", \"RX\"]", "codes = [\"LAB\", \"IMG\"]"),
    (1, "diagnoses = [\"S\"]", "diagnoses = [\"S\", \"T\"]"),
    (1, "waiting_months = 12", "waiting_months = 1"),
    (2, "copay_same_day = \"highest\"\n", ""),
    (2, "copay_same_day", "sequence = \"service-date\"\ncopay_same_day"),
    (2, "copay_same_day", "rounding = \"down\"\ncopay_same_day"),
    (2, "copay_same_day", "rounding = \"up\"\ncopay_same_day"),
    (2, "\"copay\", \"deductible\"", "\"deductible\", \"copay\""),
    (2, "amount = { USD = \"150000\" }", "amount = { USD = \"175000\" }"),
    (2, "per = \"admission\"", "per = \"event\""),
    (
        2,
        "copay = { per = \"visit\", amount = { USD = \"25\" } }",
        "copay = { per = \"claim\", amount = { USD = \"25\" } }",
    ),
    (3, "of = \"eligible\"\n", ""),
    (3, "rate = \"0.80\"", "rate = \"0.75\""),
    (3, "countries = [\"US\", \"CA\"]", "countries = [\"US\"]"),
    (3, "salary = \"1/24\"", "salary = \"1/12\""),
    (3, "major_medical = false\n", ""),
    (3, "out_of_pocket_maximum = false\n", ""),
    (
        3,
        "benefit_reserve = { accumulator = 9, name = \"Benefit reserve\", period = \"calendar-year\" }\n",
        "",
    ),
    (3, "months = 1\n", "months = 2\n"),
    (3, "rate = \"0.50\"", "rate = \"0.55\""),
    (3, "member_salary_rate = \"0.045\"", "member_salary_rate = \"0.05\""),
    (3, "member_salary_rate = \"0.045\"\n", ""),
    (3, "from_salary = { USD = \"130000\" }", "from_salary = { USD = \"125000\" }"),
    (4, "statutory_base = \"1.5\"", "statutory_base = \"2\""),
    (5, "family = true\n", ""),
    (5, "months = 12", "months = 6"),
    (5, "covers = 4", "covers = 5"),
    (5, "from_age = 18\namount = { EUR = \"15\" }", "from_age = 18\namount = { EUR = \"16\" }"),
    (5, "until = 2027-06-30", "until = 2027-06-29"),
    (5, "id = \"stay\"\nbenefits = [\"stay\"]", "id = \"stay\"\nbenefits = [\"stay\", \"medicines\"]"),
    (5, "from_age = 5", "from_age = 6"),
    (5, "kind = \"visit\"\napplies_to", "applies_to"),
];

#[test]
fn no_change_of_a_plan_goes_unsaid() {
    let mut wrong = String::new();
    for (plan, from, to) in CHANGES {
        let (name, text) = COMPLETE[*plan];
        if !text.contains(from) {
            wrong += &format!("`{from}` must stand in {name}\n");
            continue;
        }
        let found = compared(text, &text.replacen(from, to, 1));
        let changes: usize = found.sections.iter().map(|section| section.changes.len()).sum();
        if found.is_unsaid || changes != 1 {
            wrong += &format!("{name}, {to}: {}\n", found.text(Language::English));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let (name, text) = COMPLETE[5];
    let typed = |types: &str| {
        let codes = "codes = [\"GP\", \"LAB\"]";
        assert!(text.contains(codes), "{name}");
        text.replacen(codes, &format!("{codes}\nservice_types = {types}"), 1)
    };
    let found = compared(&typed("[\"vision\"]"), &typed("[\"hearing\", \"vision\"]"));
    let said = found.text(Language::English);
    assert!(said.contains("types of service: hearing, vision") && !found.is_unsaid, "{said}");
    // What no table says is at least said to be there.
    let text = COMPLETE[5].1;
    let found = compared(text, &text.replacen("grace_months = 1", "grace_months = 2", 1));
    assert!(found.is_unsaid && found.sections.is_empty());
    assert!(found.text(Language::German).ends_with("Vergleichen Sie die Dateien.\n"));
}
