//! Every input of the kept corpora, the repository's own good files, and seeded mutations of both.
//!
//! `MORETUS_CASES` is how many mutations of each target (some 2,000 when it is not set), `MORETUS_SEED` which ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use fuzz::{Random, TARGETS, Target, mutate};

/// Runs between a mutation of a mutation and a fresh start.
const GENERATIONS_MAX: u64 = 4;

#[allow(clippy::disallowed_methods, reason = "which cases to run is asked of the environment")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: write a whole number")))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The inputs of a target, in order of their names.
fn inputs(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    let places = target.seeds.iter().map(|seed| root().join(seed));
    for place in places.chain([root().join("fuzz/corpus").join(target.name)]) {
        if place.is_dir() {
            paths.extend(fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            paths.push(place);
        }
    }
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// Checks an input; where it fails, leaves it in the build folder and says how to try it again.
fn check(target: &Target, input: &[u8], what: &str) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.check)(input))) {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.found", target.name));
        fs::write(&path, input).unwrap();
        println!(
            "{what} of {}: kept as {}; put it into the corpus when it is repaired",
            target.name,
            path.display()
        );
        resume_unwind(panic);
    }
}

fn replay_and_mutate(name: &str, mutations: u64) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let inputs = inputs(target);
    assert!(!inputs.is_empty(), "no corpus");
    for (path, input) in &inputs {
        check(target, input, &path.display().to_string());
    }
    let cases = setting("MORETUS_CASES", mutations);
    let seed = setting("MORETUS_SEED", 20_261_127);
    println!("{name}: {} inputs, {cases} mutations, seed {seed}", inputs.len());
    let mut random = Random::new(seed);
    for case in 0..cases {
        let (_, start) = &inputs[random.below(inputs.len())];
        let mut input = start.clone();
        for _ in 0..=case % GENERATIONS_MAX {
            input = mutate(&input, &mut random);
        }
        check(target, &input, &format!("mutation {case} of seed {seed}"));
    }
}

/// A test for each target.
macro_rules! targets {
    ($($name:ident: $mutations:literal)+) => {
        $(#[test] fn $name() { replay_and_mutate(stringify!($name), $mutations); })+
        #[test]
        fn every_target_is_tested() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),+]);
        }
    };
}

// More histories, beside the naive adjudicator, are in `benefits/tests/against_naive.rs`.
targets! { plan_file: 2_000 claims_file: 2_000 history: 300 notice_files: 1_000 fhir_claim: 2_000 csv_tables: 2_000 }

/// The words of a plan file that name a value or a table.
fn keys(text: &str) -> BTreeSet<&str> {
    let code = text.lines().map(|line| line.split_once('#').map_or(line, |(code, _)| code));
    let before =
        code.flat_map(|line| line.match_indices(['=', ']', '.']).map(|(place, _)| line[..place].trim_end()));
    let last = |text: &'_ str| text.rfind(|letter: char| letter != '_' && !letter.is_ascii_lowercase());
    before.map(|text| &text[last(text).map_or(0, |place| place + 1)..]).collect()
}

/// The words under `properties`, however deep.
fn properties<'a>(schema: &'a serde_json::Value, found: &mut BTreeSet<&'a str>) {
    let named = schema["properties"].as_object().into_iter().flatten();
    found.extend(named.map(|(name, _)| name.as_str()));
    let inside = schema.as_object().into_iter().flatten().map(|(_, value)| value);
    inside.chain(schema.as_array().into_iter().flatten()).for_each(|value| properties(value, found));
}

/// Mutations seldom come to a word by themselves: a rule that no file has is a rule that is not fuzzed.
#[test]
fn every_word_of_the_plan_language_stands_in_a_file_that_fuzzing_begins_with() {
    let schema = fs::read_to_string(root().join("docs/plan.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let mut words = BTreeSet::new();
    properties(&schema, &mut words);
    assert!(words.contains("levels") && words.len() > 90, "{words:?}");
    let target = TARGETS.iter().find(|target| target.name == "plan_file").unwrap();
    // What was found by fuzzing changes, and may be no text.
    let is_written = |path: &Path| path.file_name().is_some_and(|name| name.len() != 40);
    let written = inputs(target).into_iter().filter(|(path, _)| is_written(path));
    let written: Vec<String> = written.map(|(_, input)| String::from_utf8(input).unwrap()).collect();
    let known: BTreeSet<&str> = written.iter().flat_map(|text| keys(text)).collect();
    let missing: Vec<_> = words.difference(&known).collect();
    assert!(missing.is_empty(), "no plan file to begin with has {missing:?}: add them to `every-rule`");
}
