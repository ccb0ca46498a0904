//! Whatever the bytes are, nothing panics; and no message repeats what a cell holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::{Category, CategorySet, Currency};
use intake::{InputError, Layout, LineOrder, Mapping, columns, fhir, pysynthea, synthea_csv};
use proptest::collection::vec;
use proptest::prelude::*;

fn all() -> CategorySet {
    Category::ALL.iter().copied().collect()
}

fn mapping() -> Mapping {
    Mapping::new("community", Currency::EUR, all()).unwrap()
}

fn messages<T>(stream: Result<impl Iterator<Item = Result<T, InputError>>, InputError>) -> Vec<String> {
    match stream {
        Err(error) => vec![error.to_string()],
        Ok(stream) => stream.filter_map(Result::err).map(|error| error.to_string()).collect(),
    }
}

/// Every message that these bytes get, read as every kind of file.
fn every_message(bytes: &[u8], lines: &[u8]) -> Vec<String> {
    let mut found = messages(intake::members("f", bytes, all()));
    found.extend(messages(intake::coverage("f", bytes, all())));
    found.extend(messages(intake::providers("f", bytes, all())));
    found.extend(messages(intake::exclusions("f", bytes, all())));
    for order in [LineOrder::Any, LineOrder::ByClaim] {
        found.extend(messages(intake::claims(("f", bytes), ("f", lines), order, all())));
    }
    found.extend(messages(fhir::resources("f", bytes, &mapping())));
    found.extend(refusals(fhir::read("f", bytes, &mapping())));
    found
}

fn refusals(parsed: Result<intake::Parsed, InputError>) -> Vec<String> {
    match parsed {
        Err(error) => vec![error.to_string()],
        Ok(parsed) => parsed.refused.iter().map(|refused| refused.reason.to_string()).collect(),
    }
}

fn header(layout: &Layout) -> String {
    let names: Vec<_> = layout.columns.iter().map(|column| column.name).collect();
    names.join(",") + "\n"
}

/// What no message may repeat.
const SECRET: &str = "Zqx7 Vrubel";

/// A cell: often good in some column, often the secret in some dress.
fn cell() -> impl Strategy<Value = String> {
    let good = [
        "",
        "1",
        "2",
        "2026-01-31",
        "EUR",
        "BE",
        "12.50",
        "female",
        "C1",
        "member",
        "GP",
        "beneficiary",
        "CHARGE",
    ];
    prop_oneof![
        3 => prop::sample::select(good.to_vec()).prop_map(str::to_owned),
        1 => Just(SECRET.to_owned()),
        1 => Just(format!("{SECRET}@example.org")),
        1 => Just(format!("2026-01-31{SECRET}")),
        1 => Just(format!("\"{SECRET}, \u{7}\"")),
        1 => Just(SECRET.repeat(500)),
    ]
}

fn rows(columns: usize) -> impl Strategy<Value = String> {
    vec(vec(cell(), columns.saturating_sub(1)..=columns), 0..6)
        .prop_map(|rows| rows.iter().map(|cells| cells.join(",") + "\n").collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..300), lines in vec(any::<u8>(), 0..300)) {
        every_message(&bytes, &lines);
        for layout in columns::LAYOUTS {
            let with_header = [header(layout).as_bytes(), &bytes].concat();
            every_message(&with_header, &[header(&columns::CLAIM_LINES).as_bytes(), &lines].concat());
        }
    }

    #[test]
    fn no_message_repeats_a_cell(rows in rows(17), own in rows(12), claims in rows(8), lines in rows(8), providers in rows(7), exclusions in rows(4)) {
        let with = |layout: &Layout, rows: &str| (header(layout) + rows).into_bytes();
        let mut found = every_message(&with(&columns::MEMBERS, &rows), &[]);
        found.extend(every_message(&with(&columns::COVERAGE, &own), &[]));
        found.extend(every_message(&with(&columns::PROVIDERS, &providers), &[]));
        found.extend(every_message(&with(&columns::EXCLUSIONS, &exclusions), &[]));
        found.extend(every_message(&with(&columns::CLAIMS, &claims), &with(&columns::CLAIM_LINES, &lines)));
        // Without a header, the first row is a person.
        found.extend(every_message(rows.as_bytes(), lines.as_bytes()));
        for message in found {
            prop_assert!(!message.contains("Zqx7") && !message.contains("Vrubel"), "{}", message);
        }
    }

    #[test]
    fn no_message_of_a_mapping_repeats_a_cell(
        files in (rows(28), rows(14), rows(22), rows(8), rows(31), rows(33)),
        tables in (rows(10), rows(8), rows(6), rows(9), rows(6)),
    ) {
        let with = |layouts: &[Layout], index: usize, rows: &str| (header(&layouts[index]) + rows).into_bytes();
        let own = |bytes: Vec<u8>| Box::new(std::io::Cursor::new(bytes));
        let set = synthea_csv::LAYOUTS;
        let synthea = synthea_csv::read(synthea_csv::Files {
            patients: own(with(set, 0, &files.0)),
            providers: own(with(set, 1, &files.1)),
            payers: own(with(set, 2, &files.2)),
            payer_transitions: own(with(set, 3, &files.3)),
            claims: own(with(set, 4, &files.4)),
            claims_transactions: own(with(set, 5, &files.5)),
        }, &mapping());
        let set = pysynthea::LAYOUTS;
        let tables = pysynthea::read(pysynthea::Files {
            members: own(with(set, 0, &tables.0)),
            coverages: own(with(set, 1, &tables.1)),
            providers: own(with(set, 2, &tables.2)),
            claims: own(with(set, 3, &tables.3)),
            claim_lines: own(with(set, 4, &tables.4)),
        }, &mapping());
        for message in refusals(synthea).into_iter().chain(refusals(tables)) {
            prop_assert!(!message.contains("Zqx7") && !message.contains("Vrubel"), "{}", message);
        }
    }

    #[test]
    fn no_message_of_fhir_repeats_a_value(
        at in 0..40_usize,
        value in prop_oneof![Just(r#""Zqx7 Vrubel""#), Just(r#"{"Zqx7":"Vrubel"}"#), Just(r#"["Zqx7"]"#), Just("null"), Just("7e99999999"), Just("-1")],
    ) {
        // Replaces one value of a good claim by a bad one.
        let good = include_str!("../../../docs/examples/import/claim.json");
        let mut json: serde_json::Value = serde_json::from_str(good).unwrap();
        let bad: serde_json::Value = serde_json::from_str(value).unwrap();
        let mut left = at;
        replace_nth(&mut json, &mut left, &bad);
        for message in refusals(fhir::read("f", json.to_string().as_bytes(), &mapping())) {
            prop_assert!(!message.contains("Zqx7") && !message.contains("Vrubel"), "{}", message);
        }
    }
}

/// Replaces the value that is `left` leaves further on.
fn replace_nth(json: &mut serde_json::Value, left: &mut usize, bad: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::Object(map) => map.values_mut().any(|value| replace_nth(value, left, bad)),
        serde_json::Value::Array(list) => list.iter_mut().any(|value| replace_nth(value, left, bad)),
        leaf if *left == 0 => {
            *leaf = bad.clone();
            true
        }
        _ => {
            *left -= 1;
            false
        }
    }
}
