//! The published schema of plan files says what the reader takes: the same tables, the same keys, the same
//! ones required; and every shipped plan fits it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const SHAPES: &str = include_str!("../src/plan/raw.rs");
const SCHEMA: &str = include_str!("../../../docs/plan.schema.json");
const PLANS: [&str; 9] = [
    include_str!("../../../plans/community.toml"),
    include_str!("../../../plans/international-organisation.toml"),
    include_str!("../../../plans/national-top-up.toml"),
    include_str!("../../../plans/self-funded-basic.toml"),
    include_str!("../../../plans/self-funded-stop-loss.toml"),
    include_str!("../../../plans/village-scheme.toml"),
    include_str!("../../../plans/worldwide-excluding-usa.toml"),
    include_str!("../../../plans/worldwide-modules.toml"),
    include_str!("../../../plans/worldwide-plus.toml"),
];

/// Keys of a table, and those that it must have.
type Keys = (BTreeSet<String>, BTreeSet<String>);

/// The tables as the reader's source writes them.
fn shapes() -> BTreeMap<String, Keys> {
    let (_, body) = SHAPES.split_once("tables! {\n").unwrap();
    let mut tables: BTreeMap<String, Keys> = BTreeMap::new();
    let (mut table, mut optional) = (String::new(), false);
    for line in body.lines().map(str::trim).take_while(|line| !line.starts_with("fn ")) {
        if let Some(name) = line.strip_prefix("Raw").and_then(|rest| rest.strip_suffix(" {")) {
            table = name.to_lowercase();
        } else if line.starts_with("#[") {
            optional = true;
        } else if let Some((key, kind)) = line.split_once(": ") {
            let (keys, needed) = tables.entry(table.clone()).or_default();
            keys.insert(key.to_owned());
            if !optional && !kind.starts_with("Option<") {
                needed.insert(key.to_owned());
            }
            optional = false;
        }
    }
    tables
}

fn keys_of(object: &Value) -> Keys {
    let required = object["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned());
    (object["properties"].as_object().unwrap().keys().cloned().collect(), required.collect())
}

#[test]
fn the_schema_has_the_keys_that_the_reader_has() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut described: BTreeMap<String, Keys> = BTreeMap::from([("plan".to_owned(), keys_of(&schema))]);
    for (name, object) in schema["$defs"].as_object().unwrap().iter().filter(|(name, _)| *name != "amount") {
        described.insert(name.clone(), keys_of(object));
    }
    assert_eq!(described, shapes());
}

/// Whether a value fits a part of the schema: keys, words of a few, kinds. Patterns are the reader's.
fn check(schema: &Value, part: &Value, value: &toml::Value, at: &str) {
    if let Some(name) = part.get("$ref").map(|name| name.as_str().unwrap().trim_start_matches("#/$defs/")) {
        return check(schema, &schema["$defs"][name], value, at);
    }
    match value {
        toml::Value::Table(table) => {
            let known = part.get("properties").and_then(Value::as_object);
            for (key, value) in table {
                let inner = known.and_then(|known| known.get(key)).unwrap_or(&part["additionalProperties"]);
                assert!(inner.is_object(), "{at}.{key} is not in the schema");
                check(schema, inner, value, &format!("{at}.{key}"));
            }
        }
        toml::Value::Array(items) => items.iter().for_each(|item| check(schema, &part["items"], item, at)),
        toml::Value::String(word) => {
            let words = part.get("enum").and_then(Value::as_array);
            assert!(words.is_none_or(|words| words.contains(&Value::from(word.as_str()))), "{at}: {word}");
            assert_eq!(part["type"], "string", "{at}");
        }
        toml::Value::Integer(_) => assert_eq!(part["type"], "integer", "{at}"),
        toml::Value::Boolean(_) => assert_eq!(part["type"], "boolean", "{at}"),
        toml::Value::Datetime(_) => assert!(part["type"].is_array(), "{at}"),
        toml::Value::Float(_) => panic!("{at}: a number with a point"),
    }
}

#[test]
fn every_shipped_plan_fits_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for text in PLANS {
        let plan: toml::Value = toml::from_str(text).unwrap();
        check(&schema, &schema, &plan, plan["id"].as_str().unwrap());
    }
}
