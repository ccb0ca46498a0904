//! The published schema of claims files says what the reader takes: the same fields in each object, the same ones needed, the
//! same words; and the examples of the documentation fit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use benefits::parallel_run;
use domain::Reason;
use serde_json::{Value, json};

const PLAN: &str = include_str!("../../../plans/worldwide-plus.toml");
const SCHEMA: &str = include_str!("../../../docs/claims.schema.json");
const EXAMPLES: [&str; 2] = [
    include_str!("../../../docs/examples/claims.json"),
    include_str!("../../../docs/examples/expected.json"),
];

/// A file with each object that there is.
fn everything() -> Value {
    let standing = json!({ "since": "2020-01-01" });
    json!({
        "decided": "2026-04-15",
        "rates": [{ "currency": "USD", "date": "2026-04-01", "units": "1.1" }],
        "opening": [{ "member": "M-1", "accumulator": 1, "period_start": "2026-01-01", "amount": "1.00", "currency": "EUR" }],
        "prior": [{
            "member": "M-1", "provider": "P-1", "service_start": "2026-01-05", "code": "GP", "charge": "9.00",
            "currency": "EUR", "copay": { "benefit": "specialist", "amount": "1.00", "currency": "EUR" },
        }],
        "guarantees": [{
            "member": "M-1", "provider": "P-1", "currency": "EUR", "granted": "2026-01-01", "first": "2026-01-01",
            "last": "2026-12-31", "maximum": "10.00", "used": { "charged": "1.00", "paid": "1.00" },
            "lines": [{ "service_start": "2026-03-02", "charge": "9.00", "code": "SPEC" }],
        }],
        "claims": [{
            "claim": "C-1", "member": "M-1", "provider": "P-1", "received": "2026-03-20", "currency": "EUR",
            "cover": {
                "start": "2025-01-01", "currency": "EUR",
                "preexisting": [{ "diagnosis": "M54", "last_treated": "2024-01-01" }],
            },
            "authorisations": [{ "code": "GP", "from": "2026-01-01", "until": "2026-12-31" }],
            "other_cover": { "own": standing, "other": standing },
            "lines": [{ "service_start": "2026-03-02", "charge": "9.00", "code": "GP" }],
        }],
    })
}

/// Where each object of the schema stands in that file. Two need a plan that counts visits, and are looked at apart.
const PLACES: [(&str, &str); 15] = [
    ("", ""),
    ("rate", "/rates/0"),
    ("opening", "/opening/0"),
    ("prior", "/prior/0"),
    ("copay", "/prior/0/copay"),
    ("guarantee", "/guarantees/0"),
    ("used", "/guarantees/0/used"),
    ("expected_line", "/guarantees/0/lines/0"),
    ("claim", "/claims/0"),
    ("cover", "/claims/0/cover"),
    ("preexisting", "/claims/0/cover/preexisting/0"),
    ("authorisation", "/claims/0/authorisations/0"),
    ("other_cover", "/claims/0/other_cover"),
    ("standing", "/claims/0/other_cover/own"),
    ("line", "/claims/0/lines/0"),
];

fn refusal(file: &Value) -> Option<String> {
    parallel_run("p.toml", PLAN, &file.to_string()).err().map(|error| error.to_string())
}

fn of_schema<'a>(schema: &'a Value, name: &str) -> &'a Value {
    if name.is_empty() { schema } else { &schema["$defs"][name] }
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn required(object: &Value) -> BTreeSet<String> {
    object["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_schema_has_the_fields_that_the_reader_has() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let whole = everything();
    assert_eq!(refusal(&whole), None);
    let mut places = PLACES.map(|(name, place)| (name, place, whole.clone())).to_vec();
    let mut counted = whole.clone();
    counted["prior"][0]["counted"] = json!([{ "accumulator": 1 }]);
    places.push(("counted_days", "/prior/0/counted/0", counted));
    let mut used = whole.clone();
    used["guarantees"][0]["used"]["counted"] =
        json!([{ "accumulator": 1, "period_start": "2026-01-01", "count": 1 }]);
    places.push(("counted", "/guarantees/0/used/counted/0", used));
    let described: BTreeSet<String> = names(&schema["$defs"]);
    let looked_at: BTreeSet<String> =
        places.iter().map(|(name, ..)| (*name).to_owned()).filter(|name| !name.is_empty()).collect();
    assert_eq!(described, looked_at);
    for (name, place, file) in places {
        let object = of_schema(&schema, name);
        let mut unknown = file.clone();
        unknown.pointer_mut(place).unwrap()["zzz"] = json!(1);
        let error = refusal(&unknown).unwrap_or_default();
        let (_, fields) =
            error.split_once("the fields here are ").unwrap_or_else(|| panic!("{place}: {error}"));
        let fields: BTreeSet<String> = fields.split(", ").map(str::to_owned).collect();
        assert_eq!(names(&object["properties"]), fields, "{name}");
        for needed in required(object) {
            let mut without = file.clone();
            let object = without.pointer_mut(place).unwrap().as_object_mut().unwrap();
            assert!(object.remove(&needed).is_some(), "{place}: {needed}");
            assert!(refusal(&without).is_some(), "{place} without {needed}");
        }
    }
}

#[test]
fn the_schema_has_the_reasons_that_there_are() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let words = schema["$defs"]["line"]["properties"]["expected_reason"]["enum"].as_array().unwrap().clone();
    let words: BTreeSet<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(words, Reason::ALL.iter().map(|reason| reason.word()).collect());
}

/// Whether a value has the shape that the schema says.
fn check(schema: &Value, part: &Value, value: &Value, at: &str) {
    if let Some(name) = part.get("$ref").map(|name| name.as_str().unwrap().trim_start_matches("#/$defs/")) {
        return check(schema, &schema["$defs"][name], value, at);
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let inner = part["properties"].get(key).unwrap_or_else(|| panic!("{at}.{key} is not there"));
                check(schema, inner, value, &format!("{at}.{key}"));
            }
            assert!(
                required(part).iter().all(|needed| object.contains_key(needed)),
                "{at}: something is missing"
            );
        }
        Value::Array(items) => items.iter().for_each(|item| check(schema, &part["items"], item, at)),
        Value::String(word) => {
            let words = part.get("enum").and_then(Value::as_array);
            assert!(words.is_none_or(|words| words.contains(&json!(word))), "{at}: {word}");
        }
        _ => {}
    }
}

#[test]
fn the_examples_fit_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for example in EXAMPLES.map(|text| serde_json::from_str::<Value>(text).unwrap()) {
        check(&schema, &schema, &example, "");
    }
}
