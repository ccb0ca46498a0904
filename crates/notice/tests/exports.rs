//! What other readers get of a small notice of fixed text, and that no export loses a clause of the shipped one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use domain::{Language, Purpose};
use notice::{Notice, SHIPPED};
use serde_json::Value;

fn small() -> Notice {
    let files = [
        ("clauses.toml", include_str!("small/clauses.toml")),
        ("organisation.toml", include_str!("small/organisation.toml")),
        ("en.md", include_str!("small/en.md")),
        ("nl.md", include_str!("small/nl.md")),
        ("fr.md", include_str!("small/fr.md")),
        ("de.md", include_str!("small/de.md")),
    ];
    Notice::read(&files).unwrap()
}

fn shipped() -> Notice {
    Notice::read(SHIPPED).unwrap()
}

#[test]
fn the_policies_say_what_the_clauses_say() {
    insta::assert_snapshot!(small().cedar_policies());
}

#[test]
fn the_schema_has_every_word_and_the_tree_of_purposes() {
    let schema = small().cedar_schema();
    assert_eq!(schema.matches("\naction \"").count(), Purpose::ALL.len(), "{schema}");
    assert!(schema.contains("action \"marketing\" in [\"communications\"] appliesTo {"), "{schema}");
    assert!(schema.contains("action \"communications\" appliesTo {"), "{schema}");
    assert!(schema.contains("entity SubjectKind enum [\"member\", \"beneficiary\","), "{schema}");
}

#[test]
fn the_record_answers_what_the_article_asks() {
    insta::assert_snapshot!(small().record(Language::English).csv());
}

#[test]
fn every_line_of_the_record_is_complete_in_every_language() {
    for notice in [small(), shipped()] {
        for language in Language::ALL {
            let record = notice.record(*language);
            assert_eq!(record.activities.len(), notice.clauses().len());
            let mut cells = record.controller.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>();
            for activity in &record.activities {
                assert_eq!(activity.answers.len(), 8);
                cells.extend([activity.clause.as_str(), activity.name.as_str()]);
                cells.extend(activity.answers.iter().map(|(_, answer)| answer.as_str()));
            }
            assert!(cells.iter().all(|cell| !cell.trim().is_empty() && !cell.contains('{')), "{cells:?}");
            let csv = record.csv();
            assert_eq!(csv.matches("\r\n").count(), notice.clauses().len() + 1, "{csv}");
        }
    }
}

#[test]
fn what_the_organisation_has_not_filled_in_is_said() {
    let csv = shipped().record(Language::English).csv();
    assert!(csv.contains("[name: to be filled in],"), "{csv}");
}

/// The terms of DPV 2.0 and of its extension for the GDPR that an export may use, each looked up there.
const TERMS: &[&str] = &[
    "dpv:CommunicationManagement",
    "dpv:CustomerCare",
    "dpv:CustomerClaimsManagement",
    "dpv:DataController",
    "dpv:DataProtectionOfficer",
    "dpv:DataSubject",
    "dpv:DataTransferLegalBasis",
    "dpv:DisputeManagement",
    "dpv:Employee",
    "dpv:FraudPreventionAndDetection",
    "dpv:LegalCompliance",
    "dpv:Marketing",
    "dpv:Member",
    "dpv:PaymentManagement",
    "dpv:PersonalData",
    "dpv:PersonalDataProcess",
    "dpv:PrivacyNotice",
    "dpv:ProcessingCondition",
    "dpv:Prohibition",
    "dpv:Purpose",
    "dpv:Recipient",
    "dpv:SpecialCategoryPersonalData",
    "dpv:StorageDuration",
    "dpv:TemporalDuration",
    "dpv:hasAddress",
    "dpv:hasContact",
    "dpv:hasDataController",
    "dpv:hasDataProtectionOfficer",
    "dpv:hasDataSubject",
    "dpv:hasDuration",
    "dpv:hasLegalBasis",
    "dpv:hasName",
    "dpv:hasPersonalData",
    "dpv:hasProcess",
    "dpv:Law",
    "dpv:hasApplicableLaw",
    "dpv:hasProcessingCondition",
    "dpv:hasProhibition",
    "dpv:hasPurpose",
    "dpv:hasRecipient",
    "dpv:hasStorageCondition",
    "eu-gdpr:A6-1-a",
    "eu-gdpr:A6-1-b",
    "eu-gdpr:A6-1-c",
    "eu-gdpr:A6-1-d",
    "eu-gdpr:A6-1-e",
    "eu-gdpr:A6-1-f",
    "eu-gdpr:A9-2-a",
    "eu-gdpr:A9-2-b",
    "eu-gdpr:A9-2-c",
    "eu-gdpr:A9-2-f",
    "eu-gdpr:A9-2-g",
    "eu-gdpr:A9-2-h",
    "eu-gdpr:A9-2-i",
    "eu-gdpr:A9-2-j",
    "eu-gdpr:A45-3",
    "eu-gdpr:A46-2-b",
    "eu-gdpr:A46-2-c",
];

/// Every key and every text of a JSON value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            found.push(key.clone());
            texts(value, found);
        }),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::String(text) => found.push(text.clone()),
        _ => {}
    }
}

#[test]
fn the_vocabulary_is_used_as_it_is_and_nothing_is_invented() {
    for notice in [small(), shipped()] {
        let mut found = Vec::new();
        texts(&notice.dpv()["@graph"], &mut found);
        let used = found.iter().filter(|text| text.starts_with("dpv:") || text.starts_with("eu-gdpr:"));
        let unknown: Vec<&String> = used.filter(|text| !TERMS.contains(&text.as_str())).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

#[test]
fn every_name_that_the_vocabulary_uses_is_described_once() {
    for notice in [small(), shipped()] {
        let dpv = notice.dpv();
        let described: Vec<&str> =
            dpv["@graph"].as_array().unwrap().iter().map(|node| node["@id"].as_str().unwrap()).collect();
        let set: BTreeSet<&str> = described.iter().copied().collect();
        assert_eq!(set.len(), described.len(), "something is described twice");
        let mut found = Vec::new();
        texts(&dpv["@graph"], &mut found);
        let parts = ["#officer".to_owned()].into_iter().chain(notice.clauses().iter().flat_map(|clause| {
            let bases = clause.bases.iter().map(|(_, basis)| format!("#{}.{basis}", clause.id));
            let laws = clause.health_by_law.iter().map(|(law, _)| format!("#{}.{law}", clause.id));
            bases.chain(laws).chain([format!("#{}.otherwise", clause.id)]).collect::<Vec<_>>()
        }));
        let parts: BTreeSet<String> = parts.collect();
        for name in found.iter().filter(|text| text.starts_with('#')) {
            assert!(set.contains(name.as_str()) || parts.contains(name), "{name} is not described");
        }
        for clause in notice.clauses() {
            assert!(set.contains(format!("#{}", clause.id).as_str()), "{}", clause.id);
        }
        let health = dpv["@graph"].as_array().unwrap().iter().find(|node| node["@id"] == "#category.health");
        assert_eq!(health.unwrap()["@type"][1], "dpv:SpecialCategoryPersonalData");
    }
}

#[test]
fn a_clause_with_a_basis_by_law_says_which_where() {
    let dpv = shipped().dpv();
    let graph = dpv["@graph"].as_array().unwrap();
    let clause = graph.iter().find(|node| node["@id"] == "#use.claims").unwrap();
    // What holds for all says nothing that one of the laws takes back.
    assert_eq!(clause["dpv:hasLegalBasis"].as_array().unwrap().len(), 0);
    assert_eq!(clause["dpv:hasProcessingCondition"].as_array().unwrap().len(), 1);
    let parts = clause["dpv:hasProcess"].as_array().unwrap();
    let otherwise = parts.iter().find(|part| part["@id"] == "#use.claims.otherwise").unwrap();
    assert_eq!(otherwise["dpv:hasLegalBasis"][0]["@id"], "eu-gdpr:A9-2-a");
    assert_eq!(otherwise["dpv:hasProcessingCondition"].as_array().unwrap().len(), 2);
    let dutch = parts.iter().find(|part| part["@id"] == "#use.claims.NL").unwrap();
    assert_eq!(dutch["dpv:hasApplicableLaw"]["@id"], "#law.NL");
    assert_eq!(dutch["dpv:hasLegalBasis"][0]["@id"], "eu-gdpr:A9-2-h");
    assert_eq!(dutch["dpv:hasProcessingCondition"].as_array().unwrap().len(), 1);
    assert!(graph.iter().any(|node| node["@id"] == "#law.NL"));
}

#[test]
fn a_clause_with_two_bases_says_which_is_for_whom() {
    let dpv = small().dpv();
    let graph = dpv["@graph"].as_array().unwrap();
    let clause = graph.iter().find(|node| node["@id"] == "#use.claims").unwrap();
    assert_eq!(clause["dpv:hasLegalBasis"][0]["@id"], "eu-gdpr:A9-2-a");
    let parts = clause["dpv:hasProcess"].as_array().unwrap();
    assert_eq!(parts[0]["dpv:hasLegalBasis"][0]["@id"], "eu-gdpr:A6-1-b");
    assert_eq!(parts[0]["dpv:hasDataSubject"][0]["@id"], "#subject.member");
    assert_eq!(parts[1]["dpv:hasLegalBasis"][0]["@id"], "eu-gdpr:A6-1-f");
    let abroad = graph.iter().find(|node| node["@id"] == "#disclose.assistance").unwrap();
    assert_eq!(abroad["dpv:hasLegalBasis"][2]["@id"], "eu-gdpr:A46-2-c");
}
