//! What must hold of every file that comes in, whoever wrote it: nothing panics or overflows, no amount is less
//! than nothing or more than was submitted, each line adds up, and no error about a person's file repeats a value.
//!
//! A [`Target`] is a kind of file with the function that checks it. Stable Rust asks it of the kept corpus and of
//! seeded mutations (`tests/corpus.rs`); `cargo xtask fuzz` lets coverage guide the same functions
//! (`coverage/`). Nothing here reads a file or draws a random number by itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a check that does not hold panics: that is how it is told"
)]

mod claims_file;
mod csv_tables;
mod fhir_claim;
mod history;
mod mutation;
mod notice_files;
mod parts;
mod plan_file;

// The random plans of the tests of `benefits`, and what these ask of every determination.
#[path = "../../crates/benefits/tests/random/mod.rs"]
mod random;
#[path = "../../crates/benefits/tests/support/mod.rs"]
mod support;

pub use mutation::{Random, mutate};

/// Stands in a file where a person's own words might; no error may repeat it. With a blank: the name of a column, which has
/// none, an error may tell.
pub const SECRET: &str = "Zqx7 Vrubel";

/// A kind of file, and what must hold of it.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: of the folder of its corpus, and of the program that lets coverage guide it.
    pub name: &'static str,
    /// Panics if something that must hold does not.
    pub check: fn(&[u8]),
    /// Folders and files of the repository that are good ones, as they stand.
    pub seeds: &'static [&'static str],
}

/// All of them.
pub const TARGETS: [Target; 6] = [
    Target { name: "plan_file", check: plan_file::check, seeds: &["plans"] },
    Target { name: "claims_file", check: claims_file::check, seeds: &[] },
    Target { name: "history", check: history::check, seeds: &[] },
    Target { name: "notice_files", check: notice_files::check, seeds: &[] },
    Target { name: "fhir_claim", check: fhir_claim::check, seeds: &["docs/examples/import/claim.json"] },
    Target { name: "csv_tables", check: csv_tables::check, seeds: &[] },
];

/// Checks an input of the target with this name.
///
/// # Panics
/// If something that must hold does not, and if there is no such target.
pub fn check(target: &str, input: &[u8]) {
    let found = TARGETS.iter().find(|known| known.name == target);
    (found.expect("a target of this name").check)(input);
}
