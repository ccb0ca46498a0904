//! Claims that are decided again, from the command line: a corrected plan, a run, what it would change, and its release.

use crate::site::{Run, Site, TRAINED, repository, sample};
use crate::{liens, recoveries};

pub(crate) fn claims_are_decided_again_looked_at_and_released(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    for words in [
        vec!["members", &sample("members.csv")],
        vec!["coverage", &sample("coverage.csv")],
        vec!["providers", &sample("providers.csv")],
        vec!["--adjudicate", "claims", &sample("claims.csv"), &sample("claim_lines.csv")],
    ] {
        site.import("officina", "sample", &words).well();
    }
    let readjudicate = |words: &[&str]| {
        let (command, more) = words.split_first().unwrap();
        let place = ["readjudicate", command, "--data", "DATA", "--portfolio", "officina"];
        site.run(&[&place[..], more].concat())
    };
    let year = ["propose", "--from", "2000-01-01", "--to", "2199-12-31", "--json"];
    let same = readjudicate(&year).json();
    assert_eq!((&same["differing"], &same["failed"]), (&0.into(), &0.into()), "{same}");
    assert!(same["claims"].as_u64().unwrap() > 0, "{same}");

    assert!(recoveries::pay(&site) > 0);
    let plans = corrected_plans(&site);
    site.init_with_plans("officina", &site.notice(|rules| rules), &plans).well();
    let found = readjudicate(&year).json();
    assert!(found["differing"].as_u64().unwrap() > 0, "{found}");
    let run = found["run"].as_str().unwrap().to_owned();
    let list = readjudicate(&["list", "--json"]).json();
    assert_eq!(list["runs"].as_array().unwrap().len(), 2);
    assert!(readjudicate(&["list"]).well().out.contains(&run));

    let trained =
        ["--trained-until", TRAINED.as_str(), "--up-to", "1000000.00", "--currency", "EUR", "--json"];
    let words = ["token", "--data", "DATA", "--portfolio", "officina", "--role", "claims"];
    let token = |recipient: &str, name: &str| {
        let made = site.run(&[&words[..], &["--recipient", recipient], &trained].concat()).json();
        site.file(name, made["token"].as_str().unwrap())
    };
    let (claims, desk) = (token("claims-staff", "c"), token("customer-service-staff", "d"));
    let of = |command: &'static str, token: &str, more: &[&str]| {
        readjudicate(&[&[command, "--run", &run, "--token-file", token], more].concat())
    };
    let refused = of("show", &desk, &[]).refused();
    assert!(refused.contains("looked at and released by claims staff"), "{refused}");
    let told = of("show", &claims, &["--json"]).json();
    assert_eq!(told["claims"], found["differing"]);
    assert!(told.get("subjects").is_none());
    people_are_told_when_asked(|more| of("show", &claims, more));
    let report = of("release", &claims, &["--reason", "plan-corrected", "--json"]).json();
    assert_eq!((&report["claims"], &report["outdated"]), (&found["differing"], &0.into()));
    assert_eq!(of("show", &claims, &["--json"]).json()["claims"], 0);
    assert_eq!(readjudicate(&year).json()["differing"], 0);
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
    // What was paid before is settled anew: less than was paid is owed back.
    assert!(recoveries::pay(&site) > 0);
    liens::are_asserted_received_and_released(&site);
    recoveries::are_listed_shown_and_written_off(&site);
    let turned = readjudicate(&["propose", "--from", "2026-02-01", "--to", "2026-01-01"]).refused();
    assert!(turned.contains("give the last day"), "{turned}");
}

/// Every plan takes half as much again of what the member shares.
fn corrected_plans(site: &Site) -> std::path::PathBuf {
    let plans = site.path("plans");
    std::fs::create_dir(&plans).unwrap();
    for plan in std::fs::read_dir(repository().join("plans")).unwrap() {
        let path = plan.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let line = |line: &str| match line.strip_prefix("version = \"") {
            Some(version) => format!("version = \"{}-corrected\"", version.trim_end_matches('"')),
            None => line.replace("coinsurance = \"0.", "coinsurance = \"0.5"),
        };
        let text = text.lines().map(line).collect::<Vec<_>>().join("\n");
        std::fs::write(plans.join(path.file_name().unwrap()), text).unwrap();
    }
    plans
}

fn people_are_told_when_asked(show: impl Fn(&[&str]) -> Run) {
    let named = show(&["--people", "--json"]).json();
    let people: Vec<&str> =
        named["subjects"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(named["people"], people.len());
    let shown = show(&[]).well().out;
    assert!(shown.contains("coinsurance") && !shown.contains(people[0]));
    let shown = show(&["--people"]).well().out;
    assert!(people.iter().all(|id| shown.contains(&format!("for {id}\n"))), "{shown}");
}
