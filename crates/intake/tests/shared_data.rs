//! The mappings on real data sets, when `SHARED_DATA` names their folder: every row is accounted
//! for. Without it these tests check nothing; with it a missing file is a failure.
#![allow(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where data is and whether to write"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use domain::{Category, CategorySet, Currency};
use intake::{Mapping, Parsed, decompressed, fhir, pysynthea, synthea_csv};

fn folder(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("SHARED_DATA")?).join(name);
    assert!(folder.is_dir(), "SHARED_DATA is set, and {} is not there", folder.display());
    Some(folder)
}

fn mapping() -> Mapping {
    let currency: Currency = "USD".parse().unwrap();
    let covered: CategorySet = Category::ALL.iter().copied().collect();
    Mapping::new("community", currency, covered).unwrap()
}

fn open(folder: &std::path::Path, name: &str) -> Box<dyn Read + Send> {
    let file = File::open(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    decompressed(file).unwrap()
}

fn charged(parsed: &Parsed) -> i64 {
    parsed.claims.iter().map(intake::ClaimDraft::charged_minor).sum()
}

#[test]
fn synthea_accounts_for_every_claim_and_transaction() {
    let Some(folder) = folder("synthea-csv") else { return };
    let files = synthea_csv::Files {
        patients: open(&folder, "patients.csv"),
        providers: open(&folder, "providers.csv"),
        payers: open(&folder, "payers.csv"),
        payer_transitions: open(&folder, "payer_transitions.csv"),
        claims: open(&folder, "claims.csv"),
        claims_transactions: open(&folder, "claims_transactions.csv"),
    };
    let parsed = synthea_csv::read(files, &mapping()).unwrap();
    assert_eq!(parsed.claims.len() + parsed.refused.len(), 1_267);
    assert_eq!(parsed.refused, []);
    assert_eq!(parsed.claims.iter().map(|claim| claim.lines.len()).sum::<usize>(), 1_545);
    assert_eq!(charged(&parsed), 109_240_273);
    assert_eq!((parsed.members.len(), parsed.providers.len()), (27, 166));
    let read = &parsed.report.read;
    let by_type = read.iter().filter(|(what, _)| what.starts_with("claims_transactions.csv:"));
    let by_type: Vec<u64> = by_type.map(|(_, count)| *count).collect();
    assert_eq!(by_type, [1_545, 1_843, 920, 920]);
    assert_eq!(by_type.iter().sum::<u64>(), 5_228);
    assert_eq!(read["claims_transactions.csv"], 5_228);
    let uninsured = parsed.report.notes["payer_transitions.csv: times without insurance, left out"];
    assert_eq!((parsed.coverages.len() as u64, uninsured), (1_051 - 258, 258));
}

#[test]
fn pysynthea_accounts_for_every_claim() {
    let Some(folder) = folder("pysynthea") else { return };
    let files = pysynthea::Files {
        members: open(&folder, "members.csv"),
        coverages: open(&folder, "coverages.csv"),
        providers: open(&folder, "providers.csv"),
        claims: open(&folder, "claims.csv.gz"),
        claim_lines: open(&folder, "claim_lines.csv.gz"),
    };
    let parsed = pysynthea::read(files, &mapping()).unwrap();
    assert_eq!((parsed.claims.len(), parsed.refused.len()), (19_988, 0));
    assert_eq!(charged(&parsed), 19_988 * 12_500);
    assert_eq!((parsed.members.len(), parsed.providers.len(), parsed.coverages.len()), (180, 94, 491));
    assert_eq!(parsed.report.read["claim_lines.csv"], 19_988);
}

#[test]
fn a_bundle_gives_its_people_and_its_claim() {
    let Some(folder) = folder("fhir-bundles-sample") else { return };
    let parsed = fhir::read("bundle", open(&folder, "us-patient-bundle.json"), &mapping()).unwrap();
    assert_eq!(parsed.refused, []);
    let counts = (parsed.members.len(), parsed.coverages.len(), parsed.providers.len(), parsed.claims.len());
    assert_eq!(counts, (1, 1, 3, 1));
    assert_eq!(charged(&parsed), 12_500);
    assert_eq!(parsed.claims[0].member_source_id, parsed.members[0].source_id);
    assert_eq!(parsed.claims[0].lines[0].service_start.to_string(), "2026-11-18");
    assert_eq!(parsed.report.notes.values().sum::<u64>(), 52 - 6);
}
