//! Real data sets, when `SHARED_DATA` names their folder: every claim ends adjudicated, pended or
//! refused with a reason, none is lost, and twice changes nothing. Without it these tests check nothing
//! and say so; with it a missing file is a failure.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;

use crate::every_line;
use crate::site::{Site, total};

const STATED: [&str; 7] =
    ["--plan", "worldwide-plus", "--currency", "USD", "--health-consent", "2020-01-01", "--adjudicate"];

pub(crate) fn shared_data_synthea(site: Site) {
    import(site, "synthea-csv", "synthea-csv", 1_267, "1092402.73", "501395.56");
}

pub(crate) fn shared_data_pysynthea(site: Site) {
    import(site, "pysynthea", "pysynthea", 19_988, "2498500.00", "848640.00");
}

pub(crate) fn shared_data_bundle(site: Site) {
    import(site, "fhir", "fhir-bundles-sample/us-patient-bundle.json", 1, "125.00", "");
}

fn import(site: Site, kind: &str, name: &str, claims: u64, charged: &str, cost: &str) {
    let Some(folder) = std::env::var_os("SHARED_DATA") else {
        // Past the harness, which keeps what a test that passes prints to itself.
        let _ = writeln!(std::io::stderr(), "the data set {name} did not run: SHARED_DATA is not set");
        return;
    };
    let path = std::path::Path::new(&folder).join(name).display().to_string();
    let site = site.with(&["officina"]);
    let mut words = vec![kind, &path];
    words.extend(STATED);
    let first = site.import("officina", kind, &words).json();
    let counts = |account: &Value| {
        ["read", "new", "known", "refused"].map(|what| account["taken_in"]["claim"][what].as_u64().unwrap())
    };
    assert_eq!(counts(&first), [claims, claims, 0, 0]);
    assert_eq!(first["charged"]["USD"], charged);
    let adjudicated = &first["adjudicated"];
    assert_eq!(total(&adjudicated["states"]), claims, "{adjudicated}");
    assert_eq!(adjudicated["left"], 0);
    assert_eq!(total(&first["claims"]), claims);
    assert_eq!(first["claims"].get("received"), None, "none waits");
    assert_eq!(total(&first["reasons"]), first["claims"]["pended"].as_u64().unwrap_or(0), "each says why");
    assert_eq!(adjudicated["ledger"]["balances"], true);
    // Neither the engine nor the root key, which every id depends on, changes an amount.
    let debits = adjudicated["ledger"]["debits"].as_array().unwrap();
    let plan_pays = debits.iter().find(|debit| debit["account"] == "claims-cost");
    assert_eq!(plan_pays.map_or("", |debit| debit["amount"].as_str().unwrap()), cost);
    println!("{name}: {} {}", first["claims"], first["reasons"]);

    let second = site.import("officina", kind, &words).json();
    assert_eq!(counts(&second), [claims, 0, claims, 0]);
    assert_eq!(total(&second["adjudicated"]["states"]), 0);
    assert_eq!(second["claims"], first["claims"]);
    assert_eq!(second["adjudicated"]["ledger"], adjudicated["ledger"]);
    let log = site.run(&["log", "verify", "--data", "DATA"]).well();
    assert!(log.out.contains("  0 committed entries not sealed yet"), "{}", log.out);
    site.run(&["ledger", "verify", "--data", "DATA"]).well();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let added_up = runtime.block_on(every_line::every_line(&site.path("data"), &site.location()));
    println!("{name}: {added_up:?}");
    assert_eq!(added_up.claims, claims);
    let dollars: domain::Currency = "USD".parse().unwrap();
    let all = |sums: &BTreeMap<domain::Currency, i64>| match sums.get(&dollars).copied().unwrap_or(0) {
        0 => String::new(),
        minor => format!("{}.{:02}", minor / 100, minor % 100),
    };
    assert_eq!((all(&added_up.charged), all(&added_up.pays)), (charged.to_owned(), cost.to_owned()));
}
