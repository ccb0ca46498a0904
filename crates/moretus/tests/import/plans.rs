//! `moretus plan` and `moretus estimate`, as a person runs them on files: what they print is reviewed.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::site::{Run, repository};

fn moretus(words: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_moretus"))
        .env_clear()
        .current_dir(repository())
        .stdin(Stdio::null())
        .args(words)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

/// A shipped plan, changed, as a file.
fn changed(folder: &TempDir, name: &str, changes: &[(&str, &str)]) -> String {
    let mut text = std::fs::read_to_string(repository().join("plans").join(name)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` must stand in {name}");
        text = text.replacen(from, to, 1);
    }
    written(folder, name, text.as_bytes()).display().to_string()
}

fn written(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

const EXCLUDING: &str = "plans/worldwide-excluding-usa.toml";

/// What the next year's version changes.
const NEXT_YEAR: [(&str, &str); 6] = [
    ("\"2027-1\"", "\"2028-1\""),
    ("effective = 2027-01-01", "effective = 2028-01-01"),
    ("EUR = \"500\"", "EUR = \"600\""),
    ("count = 20", "count = 10"),
    ("EUR = \"75\"", "EUR = \"70\""),
    ("waiting_months = 12", "waiting_months = 10"),
];

#[test]
fn every_shipped_plan_can_be_used() {
    let shipped = std::fs::read_dir(repository().join("plans")).unwrap();
    let files = shipped.map(|file| format!("plans/{}", file.unwrap().file_name().to_str().unwrap()));
    let mut files: Vec<String> = files.filter(|file| file.ends_with(".toml")).collect();
    files.sort();
    let words: Vec<&str> = ["plan", "check"].into_iter().chain(files.iter().map(String::as_str)).collect();
    insta::assert_snapshot!(moretus(&words).well().out);
}

#[test]
fn a_member_reads_the_table_in_each_language() {
    for language in ["en", "nl", "fr", "de"] {
        let shown = moretus(&["plan", "show", EXCLUDING, "--language", language, "--currency", "EUR"]);
        insta::assert_snapshot!(format!("table-{language}"), shown.well().out);
    }
    let shown = moretus(&["plan", "show", "plans/worldwide-modules.toml", "--currency", "CHF"]).well().out;
    insta::assert_snapshot!("table-modules", shown);
    let shown = moretus(&["plan", "show", "plans/village-scheme.toml", "--details"]).well().out;
    insta::assert_snapshot!("table-details", shown);
    let json: Value = moretus(&["plan", "show", EXCLUDING, "--json"]).json();
    assert_eq!((&json["plan"]["id"], &json["currency"]), (&"worldwide-excluding-usa".into(), &Value::Null));
    assert_eq!(json["sections"][0]["says"][0]["about"], "from");
}

#[test]
fn what_membership_costs_is_said_with_who_pays_it() {
    let plan = "plans/international-organisation.toml";
    let family = ["plan", "premium", plan, "--age", "44", "--age", "41", "--age", "9"];
    let shown = moretus(&[&family[..], &["--salary", "84000"]].concat()).well().out;
    for (label, amount) in [
        ("a person of 9", "138.00"),
        ("= premium", "962.00"),
        ("the employer pays", "647.00"),
        ("the member pays", "315.00"),
    ] {
        let line = shown.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
        assert!(line.ends_with(&format!("{amount} USD")), "{line}");
    }
    let unknown = moretus(&family).well().out;
    assert!(
        unknown.contains("give it with --salary") && unknown.contains("you pay 4.5 % of your salary"),
        "{unknown}"
    );
    let json: Value = moretus(&[&family[..], &["--salary", "84000", "--json"]].concat()).json();
    assert_eq!(
        (&json["premium"], &json["member"], &json["employer"]),
        (&"962.00".into(), &"315.00".into(), &"647.00".into())
    );
    assert_eq!((&json["months"], &json["parts"][2]["for"]), (&1.into(), &"a person of 9".into()));
    // A household of six: four for one sum, two by age, a card each; nobody subsidises it.
    let village = ["plan", "premium", "plans/village-scheme.toml", "--json"];
    let ages = ["--age", "40", "--age", "38", "--age", "16", "--age", "12", "--age", "5", "--age", "19"];
    let json: Value = moretus(&[&village[..], &ages[..]].concat()).json();
    assert_eq!(
        (&json["premium"], &json["member"], &json["employer"]),
        (&"82.00".into(), &"82.00".into(), &"0.00".into())
    );
    let none = moretus(&["plan", "premium", "plans/community.toml", "--age", "40"]).refused();
    assert!(none.contains("says nothing of a premium"), "{none}");
    let wrong = moretus(&["plan", "premium", plan, "--age", "40", "--salary", "lots"]).refused();
    assert!(wrong.starts_with("error: --salary: "), "{wrong}");
}

#[test]
fn what_changes_is_said_limit_by_limit() {
    let folder = TempDir::new().unwrap();
    let newer = changed(&folder, "worldwide-excluding-usa.toml", &NEXT_YEAR);
    for language in ["en", "nl", "fr", "de"] {
        let words = ["plan", "compare", EXCLUDING, &newer, "--language", language, "--currency", "EUR"];
        insta::assert_snapshot!(format!("comparison-{language}"), moretus(&words).well().out);
    }
    let json: Value = moretus(&["plan", "compare", EXCLUDING, &newer, "--json"]).json();
    let change = &json["sections"][1]["changes"][0];
    assert_eq!((&json["unsaid"], &change["about"]), (&false.into(), &"limit/12".into()));
    let same = moretus(&["plan", "compare", EXCLUDING, EXCLUDING]).well();
    assert!(same.out.ends_with("\n\nNothing changes.\n") && same.err.is_empty(), "{}", same.out);
    let backwards = moretus(&["plan", "compare", &newer, EXCLUDING]).well().err;
    assert!(backwards.contains("before the older one: is the order right?"), "{backwards}");
    let other = moretus(&["plan", "compare", EXCLUDING, "plans/community.toml"]).well().err;
    assert!(other.contains("these are two plans, `worldwide-excluding-usa` and `community`"), "{other}");
    let same_version = changed(&folder, "worldwide-excluding-usa.toml", &NEXT_YEAR[2..]);
    let same_version = moretus(&["plan", "compare", EXCLUDING, &same_version]).well().err;
    assert!(same_version.contains("give the newer one a `version` of its own"), "{same_version}");
}

#[test]
fn what_is_wrong_is_shown_at_its_place() {
    let folder = TempDir::new().unwrap();
    let bad = changed(&folder, "worldwide-excluding-usa.toml", &[("EUR = \"500\"", "EUR = \"500,00\"")]);
    let refused = moretus(&["plan", "check", &bad, EXCLUDING]);
    assert!(!refused.ok && refused.out.starts_with(EXCLUDING), "what is sound is told: {}", refused.out);
    insta::assert_snapshot!(refused.err.replace(&bad, "[file]"));
    for command in [&["show", &bad][..], &["compare", EXCLUDING, &bad], &["compare", &bad, EXCLUDING]] {
        let error = moretus(&[&["plan"], command].concat()).refused();
        assert!(error.starts_with(&format!("error: {bad}:26:18: amount `500,00`")), "{error}");
    }
    let words = ["plan", "check", &bad, EXCLUDING, "--json"];
    let refused = moretus(&words);
    let json: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((&json["faults"][0]["line"], &json["faults"][0]["column"]), (&26.into(), &18.into()));
    assert_eq!(json["plans"][0]["file"], EXCLUDING);
    assert!(!refused.ok && refused.err == "error: 1 of 2 plan files cannot be used\n", "{}", refused.err);
}

#[test]
fn every_fault_of_a_file_is_told_in_its_order() {
    let folder = TempDir::new().unwrap();
    let faults = [("EUR = \"500\"", "EUR = \"500,00\""), ("refusals = \"pend\"", "refusals = \"never\"")];
    let bad = changed(&folder, "worldwide-excluding-usa.toml", &faults);
    let refused = moretus(&["plan", "check", &bad, EXCLUDING]);
    let places = refused.err.lines().filter(|line| line.starts_with(&bad)).collect::<Vec<_>>();
    assert!(!refused.ok && places.len() == 2, "{}", refused.err);
    assert!(places[0].contains("unknown `never`") && places[1].contains("amount `500,00`"), "{places:?}");
    assert!(refused.err.ends_with("error: 1 of 2 plan files cannot be used\n"), "{}", refused.err);
    let json: Value = serde_json::from_str(&moretus(&["plan", "check", &bad, "--json"]).out).unwrap();
    let told = json["faults"].as_array().unwrap().iter().map(|fault| fault["line"].as_u64().unwrap());
    let told = told.collect::<Vec<_>>();
    assert!(told.len() == 2 && told.is_sorted(), "{told:?}");
}

#[test]
fn files_that_are_no_plans_or_do_not_go_together_are_refused() {
    let folder = TempDir::new().unwrap();
    let latin = written(&folder, "latin.toml", b"name = \"r\xe9gime\"\n").display().to_string();
    let empty = written(&folder, "empty.toml", b"").display().to_string();
    let no_toml = written(&folder, "no.toml", b"{\"id\": 1}\n").display().to_string();
    let twin = changed(&folder, "worldwide-excluding-usa.toml", &[]);
    let same_day =
        changed(&folder, "worldwide-plus.toml", &[("version = \"2026-1\"", "version = \"2026-2\"")]);
    let here = folder.path().display().to_string();
    for (words, says) in [
        (vec!["/no/such/plan.toml"], "cannot read `/no/such/plan.toml`: there is no such file"),
        (vec![here.as_str()], "`: is a directory"),
        (vec![&latin], "latin.toml`: it is no UTF-8 text: save it as UTF-8"),
        (vec![&empty], "empty.toml:1:1: missing field `id`"),
        (vec![&no_toml], "no.toml:1:1: "),
        (vec!["-"], "standard input:1:1: missing field `id`"),
        (vec!["-", "-"], "standard input can be one plan, not two"),
        (
            vec![EXCLUDING, &twin],
            "`worldwide-excluding-usa@2027-1` is in `plans/worldwide-excluding-usa.toml` already",
        ),
        (vec![EXCLUDING, EXCLUDING], "give each version of a plan its own"),
        (vec!["plans/worldwide-plus.toml", &same_day], "give each version a day of its own"),
    ] {
        let run = moretus(&[&["plan", "check"], &words[..]].concat());
        assert!(!run.ok && run.err.contains(says), "{words:?}: {}", run.err);
    }
    let error = moretus(&["plan", "show", EXCLUDING, "--currency", "JPY"]).refused();
    assert_eq!(
        error,
        "error: `worldwide-excluding-usa@2027-1` has no amounts in `JPY`: use one of EUR, USD\n"
    );
    let error = moretus(&["plan", "show", EXCLUDING, "--language", "es"]).refused();
    assert!(error.contains("'es'"), "{error}");
    let error = moretus(&["plan", "compare", "-", "-"]).refused();
    assert!(error.contains("standard input can be one plan, not two"), "{error}");
}

const CLAIMS: [&str; 5] =
    ["estimate", "--plan", "plans/worldwide-plus.toml", "--claims", "docs/examples/claims.json"];

#[test]
fn an_estimate_adds_up_by_hand_in_each_language() {
    for language in ["en", "nl", "fr", "de"] {
        let words = [&CLAIMS[..], &["--language", language]].concat();
        insta::assert_snapshot!(format!("estimate-{language}"), moretus(&words).well().out);
    }
    // The same amounts as `moretus adjudicate` gives.
    let estimate: Value = moretus(&[&CLAIMS[..], &["--json"]].concat()).json();
    let decided: Value = moretus(&[&["adjudicate"], &CLAIMS[1..]].concat()).json();
    let claims = |all: &Value| all.as_array().unwrap().clone();
    let (estimated, decided) = (claims(&estimate["claims"]), claims(&decided["determinations"]));
    assert_eq!(estimated.len(), decided.len());
    for (one, other) in estimated.iter().zip(&decided) {
        assert_eq!((&one["claim"], &one["outcome"]), (&other["claim"], &other["outcome"]));
        assert_eq!(one["total"]["plan"], other["total"]["plan"]);
        assert_eq!(one["total"]["charged"], other["total"]["submitted"]);
    }
}

#[test]
fn what_another_system_decided_is_put_with_the_rule_that_explains_it() {
    let words =
        ["compare", "--plan", "plans/worldwide-plus.toml", "--expected", "docs/examples/expected.json"];
    insta::assert_snapshot!("compare", moretus(&words).well().out);
    let run: Value = moretus(&[&words[..], &["--json"]].concat()).json();
    let cents = |value: &Value| value.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let groups = run["differing"].as_array().unwrap();
    let sum: i64 = groups.iter().map(|group| cents(&group["difference"])).sum();
    assert_eq!(sum, cents(&run["all"][0]["difference"]));
    let page = moretus(&[&words[..], &["--html"]].concat()).well().out;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<th scope=\"col\">Explained by</th>"));
    let apart = |name: &str| run[name].as_array().unwrap().len();
    assert_eq!((apart("in_flight"), apart("unmet")), (1, 1));
    // Three tables, each with its heads.
    assert_eq!(page.matches("<tr>").count(), groups.len() + apart("in_flight") + apart("unmet") + 3);
    let error = moretus(&["compare", "--plan", "-", "--expected", "-"]).refused();
    assert!(error.contains("standard input can be the plan or the claims"), "{error}");
}

#[test]
fn an_estimate_refuses_what_adjudication_refuses() {
    let folder = TempDir::new().unwrap();
    let broken = written(&folder, "broken.json", b"{\"decided\": ").display().to_string();
    for (plan, claims, says) in [
        ("plans/worldwide-plus.toml", broken.as_str(), "broken.json: claims file, line 1"),
        ("/no/such/plan.toml", "docs/examples/claims.json", "there is no such file"),
        ("README.md", "docs/examples/claims.json", "README.md:3:3: "),
        ("-", "-", "standard input can be the plan or the claims, not both"),
    ] {
        let error = moretus(&["estimate", "--plan", plan, "--claims", claims]).refused();
        assert!(error.contains(says), "{error}");
    }
}
