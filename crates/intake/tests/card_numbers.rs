//! Every way in by file: a payment card's number, put into each column and each field in turn, is refused by name
//! wherever people write text, and no message repeats a digit of it. Identifiers and codes are not searched; which are
//! which, `docs/import.md` says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Cursor;

use domain::{Category, CategorySet, Currency};
use intake::{InputError, Layout, LineOrder, Mapping, Place, columns, fhir, pysynthea, synthea_csv};
use serde_json::{Value, json};

/// PayPal's and many others' published test number of Visa, as people write it.
const NUMBER: &str = "4111 1111 1111 1111";

fn all() -> CategorySet {
    Category::ALL.iter().copied().collect()
}

fn mapping() -> Mapping {
    Mapping::new("community", Currency::EUR, all()).unwrap()
}

/// A header and one good row.
fn table(layout: &Layout, good: &[(&str, &str)]) -> Vec<[String; 2]> {
    assert!(
        good.iter().all(|(name, _)| layout.columns.iter().any(|column| column.name == *name)),
        "{}",
        layout.name
    );
    let value = |name: &str| good.iter().find(|(column, _)| *column == name).map_or("", |(_, value)| value);
    layout.columns.iter().map(|column| [column.name.to_owned(), value(column.name).to_owned()]).collect()
}

/// The table as a file, with the number in one of its columns, if any.
fn file(table: &[[String; 2]], with_number_in: Option<usize>) -> Vec<u8> {
    let row = |at: usize| {
        let cell = |(column, cells): (usize, &[String; 2])| match with_number_in {
            Some(changed) if at == 1 && changed == column => NUMBER.to_owned(),
            _ => cells[at].clone(),
        };
        table.iter().enumerate().map(cell).collect::<Vec<_>>().join(",") + "\n"
    };
    (row(0) + &row(1)).into_bytes()
}

/// Columns that are read together with another one, by which an error names them.
const JOINED: &[(&str, &str)] =
    &[("LAST", "FIRST"), ("family", "given"), ("ZIP", "CITY"), ("postal_code", "city")];

/// The columns in which the number is refused for what it is; read with the number in each in turn.
fn refused_columns(table: &[[String; 2]], read: impl Fn(Vec<u8>) -> Vec<InputError>) -> Vec<String> {
    let found = read(file(table, None));
    assert!(found.is_empty(), "the row is good without the number: {found:?}");
    let refused = |index: &usize| {
        read(file(table, Some(*index))).iter().any(|error| {
            let message = error.to_string();
            assert!(!message.contains("1111"), "{message}");
            let says = message.contains("payment card");
            let named =
                |name: &str| matches!(&error.place, Place::Cell { line: 2, column } if *column == name);
            let changed = table[*index][0].as_str();
            let joined = JOINED.iter().any(|(part, first)| *part == changed && named(first));
            assert!(!says || named(changed) || joined, "{message}");
            says
        })
    };
    (0..table.len()).filter(refused).map(|index| table[index][0].clone()).collect()
}

fn errors<T>(stream: Result<impl Iterator<Item = Result<T, InputError>>, InputError>) -> Vec<InputError> {
    match stream {
        Err(error) => vec![error],
        Ok(stream) => stream.filter_map(Result::err).collect(),
    }
}

#[test]
fn our_own_files() {
    let members = table(
        &columns::MEMBERS,
        &[("member_id", "M-1"), ("member_number", "1"), ("name", "Ada Byron"), ("birth_date", "1980-01-01")],
    );
    let refused = refused_columns(&members, |bytes| errors(intake::members("f", Cursor::new(bytes), all())));
    assert_eq!(refused, ["portfolio", "name", "address", "town"]);

    let span = [
        ("coverage_id", "V-1"),
        ("member_id", "M-1"),
        ("insured_name", "Ada Byron"),
        ("policy_number", "P-1"),
        ("plan", "community"),
        ("plan_name", "Community"),
        ("currency", "EUR"),
        ("start", "2026-01-01"),
    ];
    let coverage = table(&columns::COVERAGE, &span);
    let refused =
        refused_columns(&coverage, |bytes| errors(intake::coverage("f", Cursor::new(bytes), all())));
    assert_eq!(refused, ["insured_name", "plan_name", "sponsor", "modules"]);

    let providers = table(&columns::PROVIDERS, &[("provider_id", "P-1"), ("name", "Clinic")]);
    let refused =
        refused_columns(&providers, |bytes| errors(intake::providers("f", Cursor::new(bytes), all())));
    assert_eq!(refused, ["name", "address", "town"]);

    let excluded = [("provider_id", "P-1"), ("first_day", "2026-01-01"), ("list", "List 4 of the authority")];
    let exclusions = table(&columns::EXCLUSIONS, &excluded);
    let refused =
        refused_columns(&exclusions, |bytes| errors(intake::exclusions("f", Cursor::new(bytes), all())));
    assert_eq!(refused, ["list"]);

    // A claim has identifiers and codes, and no text but the names of papers: what a person would write about it is not taken in.
    let claims = table(
        &columns::CLAIMS,
        &[
            ("claim_id", "C-1"),
            ("member_id", "M-1"),
            ("provider_id", "P-1"),
            ("received", "2026-02-01"),
            ("currency", "EUR"),
        ],
    );
    let lines = table(
        &columns::CLAIM_LINES,
        &[
            ("claim_id", "C-1"),
            ("line", "1"),
            ("service_start", "2026-01-31"),
            ("service_code", "GP"),
            ("charge", "10"),
        ],
    );
    let both = |claims: Vec<u8>, lines: Vec<u8>| {
        errors(intake::claims(("f", Cursor::new(claims)), ("f", Cursor::new(lines)), LineOrder::Any, all()))
    };
    assert_eq!(refused_columns(&claims, |bytes| both(bytes, file(&lines, None))), ["documents"]);
    assert!(refused_columns(&lines, |bytes| both(file(&claims, None), bytes)).is_empty());
}

#[test]
fn a_header_with_a_number_is_not_repeated() {
    let file = "member_id,member_number,name,birth_date,card_4111-1111-1111-1111\n";
    let error = errors(intake::members("f", Cursor::new(file.as_bytes().to_vec()), all()));
    assert_eq!(error.len(), 1);
    assert!(!error[0].to_string().contains("1111"), "{}", error[0]);
}

#[test]
fn files_of_synthea() {
    let good: [&[(&str, &str)]; 6] = [
        &[
            ("Id", "1"),
            ("BIRTHDATE", "1980-01-01"),
            ("FIRST", "Ada"),
            ("LAST", "Byron"),
            ("GENDER", "F"),
            ("CITY", "Town"),
        ],
        &[("Id", "2"), ("NAME", "Clinic"), ("CITY", "Town")],
        &[("Id", "3"), ("NAME", "Payer")],
        &[("PATIENT", "1"), ("START_YEAR", "2026-01-01T00:00:00Z"), ("PAYER", "3")],
        &[("Id", "4"), ("PATIENTID", "1"), ("PROVIDERID", "2"), ("SERVICEDATE", "2026-02-01T00:00:00Z")],
        &[
            ("CLAIMID", "4"),
            ("TYPE", "CHARGE"),
            ("AMOUNT", "10"),
            ("FROMDATE", "2026-02-01T00:00:00Z"),
            ("PROCEDURECODE", "GP"),
        ],
    ];
    let tables: Vec<_> =
        synthea_csv::LAYOUTS.iter().zip(good).map(|(layout, good)| table(layout, good)).collect();
    let refused: Vec<Vec<String>> = (0..tables.len())
        .map(|changed| {
            refused_columns(&tables[changed], |bytes| {
                let one = |index: usize| {
                    Box::new(Cursor::new(if index == changed {
                        bytes.clone()
                    } else {
                        file(&tables[index], None)
                    }))
                };
                refusals(synthea_csv::read(
                    synthea_csv::Files {
                        patients: one(0),
                        providers: one(1),
                        payers: one(2),
                        payer_transitions: one(3),
                        claims: one(4),
                        claims_transactions: one(5),
                    },
                    &mapping(),
                ))
            })
        })
        .collect();
    assert_eq!(refused[0], ["FIRST", "LAST", "ADDRESS", "CITY", "ZIP"]);
    assert_eq!(refused[1], ["NAME", "ADDRESS", "CITY", "ZIP"]);
    assert_eq!(refused[2], ["NAME"]);
    assert!(
        refused[3..].iter().all(Vec::is_empty),
        "identifiers, codes, and columns that are left out: {refused:?}"
    );
}

fn refusals(parsed: Result<intake::Parsed, InputError>) -> Vec<InputError> {
    match parsed {
        Err(error) => vec![error],
        Ok(parsed) => parsed.refused.into_iter().map(|refused| refused.reason).collect(),
    }
}

#[test]
fn files_of_pysynthea() {
    let good: [&[(&str, &str)]; 5] = [
        &[
            ("id", "1"),
            ("family", "Byron"),
            ("given", "Ada"),
            ("gender", "female"),
            ("birth_date", "1980-01-01"),
            ("city", "Town"),
        ],
        &[("id", "2"), ("member_id", "1"), ("start", "2026-01-01"), ("plan_name", "Plan")],
        &[("id", "3"), ("name", "Clinic"), ("city", "Town")],
        &[
            ("id", "4"),
            ("member_id", "1"),
            ("created", "2026-02-01"),
            ("provider_id", "3"),
            ("total", "10"),
            ("currency", "USD"),
        ],
        &[("claim_id", "4"), ("line", "1"), ("code", "GP"), ("net", "10")],
    ];
    let tables: Vec<_> =
        pysynthea::LAYOUTS.iter().zip(good).map(|(layout, good)| table(layout, good)).collect();
    let refused: Vec<Vec<String>> = (0..tables.len())
        .map(|changed| {
            refused_columns(&tables[changed], |bytes| {
                let one = |index: usize| {
                    Box::new(Cursor::new(if index == changed {
                        bytes.clone()
                    } else {
                        file(&tables[index], None)
                    }))
                };
                refusals(pysynthea::read(
                    pysynthea::Files {
                        members: one(0),
                        coverages: one(1),
                        providers: one(2),
                        claims: one(3),
                        claim_lines: one(4),
                    },
                    &mapping(),
                ))
            })
        })
        .collect();
    assert_eq!(refused[0], ["family", "given", "city", "postal_code"]);
    assert_eq!(refused[1], ["plan_name"]);
    assert_eq!(refused[2], ["name", "city", "postal_code"]);
    assert!(refused[3..].iter().all(Vec::is_empty), "{refused:?}");
}

/// A Bundle with a text in every element that people write text in, taken in or not.
fn bundle() -> Value {
    let address = json!([{ "line": ["1 Street"], "city": "Town", "postalCode": "1000", "country": "BE", "text": "all of it" }]);
    json!({ "resourceType": "Bundle", "entry": [
        { "resource": { "resourceType": "Patient", "id": "1", "name": [{ "given": ["Ada"], "family": "Byron", "text": "Ada Byron" }],
            "birthDate": "1980-01-01", "gender": "female", "address": address, "text": { "div": "<div>a note</div>" },
            "telecom": [{ "system": "phone", "value": "+32 2 555 01 01" }] } },
        { "resource": { "resourceType": "Coverage", "id": "2", "status": "active", "beneficiary": { "reference": "Patient/1" },
            "period": { "start": "2026-01-01" }, "class": [{ "name": "Plan" }] } },
        { "resource": { "resourceType": "Organization", "id": "3", "name": "Clinic", "address": address } },
        { "resource": { "resourceType": "Practitioner", "id": "4", "name": [{ "family": "Doctor" }], "address": address } },
        { "resource": { "resourceType": "Claim", "id": "5", "status": "active", "use": "claim", "patient": { "reference": "Patient/1" },
            "provider": { "reference": "Organization/3" }, "created": "2026-02-02",
            "identifier": [{ "value": "INV-1" }], "supportingInfo": [{ "valueString": "a note" }],
            "diagnosis": [{ "diagnosisCodeableConcept": { "text": "a note", "coding": [{ "code": "M54.5", "display": "back" }] } }],
            "item": [{ "sequence": 1, "servicedDate": "2026-02-01", "net": { "value": 10, "currency": "EUR" },
                "productOrService": { "text": "a note", "coding": [{ "code": "GP" }] } }] } },
    ] })
}

/// The paths of every text in a JSON value.
fn texts(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| texts(value, &format!("{path}/{name}"), found))
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| texts(value, &format!("{path}/{at}"), found))
        }
        Value::String(_) => found.push(path.to_owned()),
        _ => {}
    }
}

#[test]
fn fields_of_fhir() {
    let good = bundle();
    let read = |value: &Value| refusals(fhir::read("f", value.to_string().as_bytes(), &mapping()));
    assert!(read(&good).is_empty(), "{:?}", read(&good));
    let mut paths = Vec::new();
    texts(&good, "", &mut paths);
    assert!(paths.len() > 50, "{}", paths.len());
    let refused: Vec<String> = paths
        .into_iter()
        .filter(|path| {
            let mut changed = good.clone();
            *changed.pointer_mut(path).unwrap() = json!(NUMBER);
            read(&changed).iter().any(|error| {
                let message = error.to_string();
                assert!(!message.contains("11 ") && !message.contains("1111"), "{message}");
                assert!(
                    matches!(&error.place, Place::Field { path, .. } if path.starts_with("Bundle.entry[")),
                    "{message}"
                );
                message.contains("payment card")
            })
        })
        .map(|path| path.replace("/entry/", "").replace("/resource/", " "))
        .collect();
    // What is not among them is an identifier, a code or a word of a list, or is not read and kept nowhere.
    assert_eq!(
        refused,
        [
            "0 name/0/given/0",
            "0 name/0/family",
            "0 address/0/line/0",
            "0 address/0/city",
            "0 address/0/postalCode",
            "1 class/0/name",
            "2 name",
            "2 address/0/line/0",
            "2 address/0/city",
            "2 address/0/postalCode",
            "3 name/0/family",
            "3 address/0/line/0",
            "3 address/0/city",
            "3 address/0/postalCode",
        ]
    );
}
