//! The shipped samples: they come in, twice is once, and nothing that is printed is a value of theirs.

use serde_json::Value;

use crate::site::{Site, repository, sample, total};

/// Imports every sample into a portfolio; the account of each file.
fn import_all(site: &Site, portfolio: &str) -> Vec<Value> {
    let [members, coverage, providers, claims, lines] =
        ["members.csv", "coverage.csv", "providers.csv", "claims.csv", "claim_lines.csv"].map(sample);
    let [single, many] = ["claim.json", "claims.ndjson"].map(sample);
    let fhir = ["fhir", &single, &many, "--currency", "EUR", "--adjudicate"];
    let runs: [&[&str]; 5] = [
        &["members", &members],
        &["coverage", &coverage],
        &["providers", &providers],
        &["claims", &claims, &lines, "--adjudicate"],
        &fhir,
    ];
    runs.iter().map(|words| site.import(portfolio, "sample", words).json()).collect()
}

/// `[read, new, known, refused]` of a kind.
fn counts(account: &Value, kind: &str) -> [u64; 4] {
    ["read", "new", "known", "refused"].map(|what| account["taken_in"][kind][what].as_u64().unwrap())
}

pub(crate) fn the_samples_come_in_and_nothing_is_lost(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    let first = import_all(&site, "officina");
    let [members, coverage, providers, claims, fhir] = first.as_slice() else { panic!("five files") };
    assert_eq!(counts(members, "member"), [4, 3, 0, 1]);
    assert_eq!(members["refused"][0]["reason"], "of portfolio `compasses`: import the file there too");
    assert_eq!(counts(coverage, "coverage"), [5, 4, 0, 1]);
    assert_eq!(counts(providers, "provider"), [3, 3, 0, 0]);
    assert_eq!(counts(claims, "claim"), [4, 3, 0, 1]);
    assert_eq!((&claims["charged"]["EUR"], &claims["charged"]["USD"]), (&"2774.80".into(), &"210.75".into()));
    assert_eq!(claims["adjudicated"]["ledger"]["balances"], true);
    assert_eq!(total(&claims["claims"]), 3);
    assert_eq!(counts(fhir, "claim"), [4, 3, 0, 1]);
    assert!(fhir["refused"][0]["reason"].as_str().unwrap().contains("not `active`"), "{fhir}");
    assert_eq!(total(&fhir["claims"]), 6);
    assert_eq!(fhir["claims"].get("received"), None, "every claim was adjudicated");
    assert_eq!(total(&fhir["reasons"]), fhir["claims"]["pended"].as_u64().unwrap_or(0), "{fhir}");

    let second = import_all(&site, "officina");
    for (first, second) in first.iter().zip(&second) {
        for kind in first["taken_in"].as_object().unwrap().keys() {
            let [read, new, _, refused] = counts(first, kind);
            assert_eq!(counts(second, kind), [read, 0, new, refused], "{kind}");
        }
        assert_eq!(second["claims"], fhir["claims"]);
    }
    let debits = |account: &Value| account["adjudicated"]["ledger"].clone();
    assert_eq!(debits(&second[4]), debits(fhir));

    let other = import_all(&site, "compasses");
    let new: Vec<u64> = other
        .iter()
        .flat_map(|account| {
            let kinds = account["taken_in"].as_object().unwrap();
            kinds.values().map(|counts| counts["new"].as_u64().unwrap()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(new, [1, 1, 3, 1, 0]);
    let log = site.run(&["log", "verify", "--data", "DATA"]).well();
    assert!(log.out.contains("  0 committed entries not sealed yet"), "{}", log.out);
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
}

/// Columns whose cells the output may name: words of a closed list, plans, portfolios, sums.
const OPEN: &[&str] = &[
    "portfolio",
    "kind",
    "sex",
    "country",
    "plan",
    "plan_name",
    "currency",
    "status",
    "payee",
    "line",
    "setting",
    "service_type",
    "units",
    "charge",
];

pub(crate) fn nothing_prints_a_value(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    let mut printed = String::new();
    let mut keep = |words: &[&str]| {
        let mut all = vec!["import", "--data", "DATA", "--portfolio", "officina", "--source", "sample"];
        all.extend(words);
        let run = site.run(&all);
        printed.push_str(&run.out);
        printed.push_str(&run.err);
    };
    let files = ["members", "coverage", "providers", "claims", "claim_lines"];
    let mut cells = Vec::new();
    for file in files {
        let mut reader = csv::Reader::from_path(sample(&format!("{file}.csv"))).unwrap();
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let mut spoilt = names.join(",") + "\n";
        for record in reader.records() {
            let record = record.unwrap();
            for (name, cell) in names.iter().zip(&record).filter(|(_, cell)| !cell.is_empty()) {
                if !OPEN.contains(&name.as_str()) {
                    cells.push(cell.to_owned());
                }
            }
            // The same cells one column further on: each in a place where it cannot be read.
            let mut moved: Vec<String> = record.iter().map(|cell| format!("\"{cell}\"")).collect();
            moved.rotate_right(1);
            spoilt.push_str(&(moved.join(",") + "\n"));
        }
        site.file(&format!("{file}-spoilt.csv"), &spoilt);
    }
    for ending in ["-spoilt.csv", ".csv"] {
        let path = |file: &str| match ending {
            ".csv" => sample(&format!("{file}.csv")),
            _ => site.path(&format!("{file}{ending}")).display().to_string(),
        };
        for kind in ["members", "coverage", "providers"] {
            keep(&[kind, &path(kind)]);
        }
        keep(&["claims", &path("claims"), &path("claim_lines"), "--adjudicate"]);
    }
    keep(&["fhir", &sample("claim.json"), &sample("claims.ndjson"), "--currency", "EUR", "--adjudicate"]);
    assert!(printed.contains("nothing was imported") && printed.contains("the ledger balances"), "{printed}");
    assert!(cells.len() > 100);
    // Where the site lies has letters of chance in its name, and two of them may be a service code.
    let printed = printed.replace(&site.path("").display().to_string(), "SITE/");
    for cell in cells.iter().map(String::as_str).chain(["F-1", "F-2", "INV-3301"]) {
        assert!(!printed.contains(cell), "`{cell}` is printed:\n{printed}");
    }
}

pub(crate) fn two_portfolios_share_nothing(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    import_all(&site, "officina");
    import_all(&site, "compasses");
    let coverage = site.import("officina", "sample", &["coverage", &sample("coverage.csv")]).json();
    assert_eq!(counts(&coverage, "coverage"), [5, 0, 4, 1], "the other portfolio's member has no cover here");
}

pub(crate) fn a_claim_may_stand_before_its_patient(site: Site) {
    let site = site.with(&["officina"]);
    let claim = std::fs::read_to_string(sample("claim.json")).unwrap();
    let patient = r#"{"resourceType":"Patient","id":"M-1001","name":[{"family":"Doe","given":["Jane"]}],"birthDate":"1980-01-01","gender":"female"}
{"resourceType":"Practitioner","id":"P-1","name":[{"family":"Roe","given":["Max"]}]}"#;
    let files = [site.file("claim.json", &claim), site.file("people.ndjson", patient)];
    let account = site
        .import("officina", "fhir", &["fhir", &files[0], &files[1], "--currency", "EUR", "--adjudicate"])
        .json();
    assert_eq!(counts(&account, "claim"), [1, 1, 0, 0], "{account}");
    assert_eq!(account["claims"], serde_json::json!({ "pended": 1 }), "without consent a person decides");
    assert_eq!(account["reasons"], serde_json::json!({ "no-clause": 1 }), "and knows why");
    assert_eq!(account["adjudicated"]["reasons"], account["reasons"]);
}

#[test]
fn the_engine_on_files_gives_the_documented_determinations() {
    let site = Site::sqlite();
    let docs = repository().join("docs/examples");
    let plan = repository().join("plans/worldwide-plus.toml").display().to_string();
    let claims = docs.join("claims.json").display().to_string();
    let expected = std::fs::read_to_string(docs.join("determinations.json")).unwrap();
    let run = site.run(&["adjudicate", "--plan", &plan, "--claims", &claims]).well();
    assert_eq!(run.out, expected);
    let out = site.path("out.json").display().to_string();
    assert_eq!(site.run(&["adjudicate", "--plan", &plan, "--claims", &claims, "--out", &out]).well().out, "");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), expected);

    let broken = site.file("broken.json", "{\n  \"claims\": [}\n");
    let error = site.run(&["adjudicate", "--plan", &plan, "--claims", &broken, "--out", &out]).refused();
    assert!(error.contains("broken.json") && error.contains("line 2, column 14"), "{error}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), expected, "a refusal leaves the file alone");
    let no_plan = site.file("no-plan.toml", "id = \"x\"\nversion = 7\n");
    let error = site.run(&["adjudicate", "--plan", &no_plan, "--claims", &claims]).refused();
    assert!(error.contains("no-plan.toml:2"), "{error}");
    let missing = site.path("missing.json").display().to_string();
    let error = site.run(&["adjudicate", "--plan", &plan, "--claims", &missing]).refused();
    assert!(error.contains("missing.json"), "{error}");
}
