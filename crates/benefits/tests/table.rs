//! The tables of benefits of the shipped plans, as a member reads them, against a file that is changed on
//! purpose; and what differs between two versions of a plan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write;

use benefits::{Plan, differences, table};
use domain::Language;

const COMPLETE: [(&str, &str); 6] = [
    ("worldwide-modules", include_str!("../../../plans/worldwide-modules.toml")),
    ("worldwide-excluding-usa", include_str!("../../../plans/worldwide-excluding-usa.toml")),
    ("self-funded-stop-loss", include_str!("../../../plans/self-funded-stop-loss.toml")),
    ("international-organisation", include_str!("../../../plans/international-organisation.toml")),
    ("national-top-up", include_str!("../../../plans/national-top-up.toml")),
    ("village-scheme", include_str!("../../../plans/village-scheme.toml")),
];

fn written(plan: &Plan, language: Language) -> String {
    let mut text = format!("# {} ({language})\n", plan.name());
    for section in table(plan, language) {
        writeln!(text, "\n{}", section.name).unwrap();
        section.says.iter().for_each(|line| writeln!(text, "- {line}").unwrap());
    }
    text + "\n"
}

#[test]
fn the_tables_are_the_reviewed_ones() {
    let mut all = String::new();
    for (name, text) in COMPLETE {
        let plan = Plan::parse(&format!("{name}.toml"), text).unwrap();
        all += &written(&plan, Language::English);
        if name == "worldwide-excluding-usa" {
            for language in [Language::Dutch, Language::French, Language::German] {
                all += &written(&plan, language);
            }
        }
    }
    let golden = include_str!("data/tables.golden");
    assert!(all == golden, "tests/data/tables.golden should be:\n{all}");
}

#[test]
fn a_change_is_said_benefit_by_benefit() {
    let (name, text) = COMPLETE[1];
    let before = Plan::parse(name, text).unwrap();
    let changed = text.replacen("EUR = \"500\"", "EUR = \"600\"", 1).replacen("count = 20", "count = 10", 1);
    let after = Plan::parse(name, &changed).unwrap();
    let found = differences(&before, &after, Language::English);
    let said: Vec<(&str, usize, usize)> =
        found.iter().map(|one| (one.name.as_str(), one.before.len(), one.after.len())).collect();
    assert_eq!(said, [("The whole plan", 1, 1), ("Physiotherapy", 1, 1)]);
    assert_eq!(found[1].after, ["Sessions of therapy: at most 10 visits in a policy year"]);
    let (gone, _) = text.split_once("[[benefit]]\nid = \"dental\"").unwrap();
    let gone = Plan::parse(name, gone).unwrap();
    let found = differences(&before, &gone, Language::English);
    assert_eq!(
        (found.len(), found[0].name.as_str(), found[0].after.len()),
        (1, "Dental care after an accident", 0)
    );
}
