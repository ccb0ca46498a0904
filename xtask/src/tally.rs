//! Counts what a run of `cargo test` prints: passed, failed and ignored by crate, and how many tests
//! ran on each database.
//!
//! A test runs on a database when a segment of its path begins with that database's name, as in
//! `suite::sqlite::a_claim_is_kept` or `postgres_loses_its_connection`. The store's suite makes such
//! a module for each engine.

use std::collections::BTreeMap;
use std::fmt;

/// The databases that the tests must run on, as test paths write them.
pub(crate) const DATABASES: [&str; 2] = ["sqlite", "postgres"];

/// How the tests of one crate ended.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Counts {
    /// Ended well.
    pub(crate) passed: u64,
    /// Ended badly.
    pub(crate) failed: u64,
    /// Marked to be left out.
    pub(crate) ignored: u64,
    /// Time spent in the crate's test programs.
    pub(crate) seconds: f64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.seconds += other.seconds;
    }
}

/// The count of a run, fed line by line.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Which crate each test program was built from, by the program's path.
    programs: BTreeMap<String, String>,
    current: String,
    crates: BTreeMap<String, Counts>,
    on_database: [u64; DATABASES.len()],
    failures: Vec<String>,
    /// Tests of the current program that have been running for long.
    slow: Vec<String>,
}

impl Tally {
    /// A tally that names crates by this table of test programs.
    pub(crate) fn new(programs: BTreeMap<String, String>) -> Self {
        Self { programs, ..Self::default() }
    }

    /// Takes in one line of cargo's or a test program's output.
    pub(crate) fn line(&mut self, line: &str) {
        let line = line.trim();
        if line.starts_with("Running ") || line.starts_with("Doc-tests ") {
            self.current = self.crate_of(line);
            self.slow.clear();
        } else if let Some(rest) = line.strip_prefix("test result: ") {
            let counts = result(rest);
            self.crates.entry(self.current.clone()).or_default().add(counts);
        } else if let Some((name, _)) =
            line.strip_prefix("test ").and_then(|rest| rest.split_once(" has been running for over "))
        {
            self.slow.push(name.to_owned());
        } else if let Some((name, ended)) =
            line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
        {
            self.test(name, ended);
        }
    }

    /// The current program is given up: what it was at has failed.
    pub(crate) fn silent(&mut self) {
        let program = &self.current;
        self.crates.entry(program.clone()).or_default().failed += self.slow.len().max(1) as u64;
        self.failures.extend(self.slow.drain(..).map(|name| format!("{program} {name}: it did not end")));
    }

    /// `Running unittests src/lib.rs (/…/deps/domain-0123456789abcdef)` or `Doc-tests domain`.
    fn crate_of(&self, line: &str) -> String {
        if let Some(name) = line.strip_prefix("Doc-tests ") {
            return name.replace('_', "-");
        }
        let program = line.rsplit_once('(').map_or(line, |(_, rest)| rest.trim_end_matches(')'));
        let name = program.rsplit('/').next().unwrap_or(program);
        let known = self.programs.get(name).cloned();
        known.unwrap_or_else(|| name.rsplit_once('-').map_or(name, |(stem, _)| stem).replace('_', "-"))
    }

    fn test(&mut self, name: &str, ended: &str) {
        if !matches!(ended, "ok" | "FAILED") {
            return;
        }
        self.slow.retain(|slow| slow != name);
        if ended == "FAILED" {
            self.failures.push(format!("{} {name}", self.current));
        }
        for (database, count) in DATABASES.iter().zip(&mut self.on_database) {
            *count += u64::from(name.split("::").any(|segment| segment.starts_with(database)));
        }
    }

    /// All crates together.
    pub(crate) fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.crates.values().for_each(|counts| total.add(*counts));
        total
    }

    /// Databases that no test ran on.
    pub(crate) fn untested_databases(&self) -> Vec<&'static str> {
        DATABASES
            .iter()
            .zip(self.on_database)
            .filter(|(_, count)| *count == 0)
            .map(|(name, _)| *name)
            .collect()
    }
}

/// `ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s`.
fn result(text: &str) -> Counts {
    let mut counts = Counts::default();
    for part in text.split([';', '.']).map(str::trim) {
        let Some((number, noun)) = part.split_once(' ') else { continue };
        let number = number.parse().unwrap_or(0);
        match noun {
            "passed" => counts.passed = number,
            "failed" => counts.failed = number,
            "ignored" => counts.ignored = number,
            _ => {}
        }
    }
    let seconds = text.rsplit_once("finished in ").map(|(_, time)| time.trim_end_matches('s'));
    counts.seconds = seconds.and_then(|time| time.parse().ok()).unwrap_or(0.0);
    counts
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| crate          | passed | failed | ignored | seconds |")?;
        writeln!(f, "|----------------|-------:|-------:|--------:|--------:|")?;
        let named =
            self.crates.iter().filter(|(_, counts)| counts.passed + counts.failed + counts.ignored > 0);
        for (name, Counts { passed, failed, ignored, seconds }) in named {
            writeln!(f, "| {name:<14} | {passed:>6} | {failed:>6} | {ignored:>7} | {seconds:>7.1} |")?;
        }
        writeln!(f)?;
        for (database, count) in DATABASES.iter().zip(self.on_database) {
            writeln!(f, "{count} tests ran on {database}")?;
        }
        for failure in &self.failures {
            writeln!(f, "failed: {failure}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "\
   Compiling store v0.1.0
     Running unittests src/lib.rs (target/debug/deps/store-0123)
running 3 tests
test suite::sqlite::a_claim_is_kept ... ok
test suite::postgres::a_claim_is_kept ... FAILED
test plain::holds ... ok
test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.25s
     Running tests/end_to_end.rs (target/debug/deps/end_to_end-4567)
test sqlite_and_back ... ok
test slow ... ignored
test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.50s
   Doc-tests domain_derive
test crates/domain-derive/src/lib.rs - View (line 10) ... ok
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 2.00s
";

    fn tally() -> Tally {
        let mut tally = Tally::new(BTreeMap::from([("end_to_end-4567".to_owned(), "moretus".to_owned())]));
        RUN.lines().for_each(|line| tally.line(line));
        tally
    }

    #[test]
    fn every_result_counts_once() {
        let tally = tally();
        assert_eq!(tally.total(), Counts { passed: 4, failed: 1, ignored: 1, seconds: 3.75 });
        assert_eq!(tally.crates.keys().collect::<Vec<_>>(), ["domain-derive", "moretus", "store"]);
        assert_eq!(tally.failures, ["store suite::postgres::a_claim_is_kept"]);
    }

    #[test]
    fn a_database_is_counted_by_a_segment_of_the_path() {
        let mut tally = tally();
        assert_eq!(tally.on_database, [2, 1]);
        tally.line("test parses_postgres_addresses ... ok");
        tally.line("test suite::postgres::left_out ... ignored");
        assert_eq!(tally.on_database, [2, 1], "neither a word inside a name nor an ignored test counts");
    }

    #[test]
    fn a_database_without_tests_is_noticed() {
        let mut tally = Tally::default();
        tally.line("test suite::sqlite::a_claim_is_kept ... ok");
        assert_eq!(tally.untested_databases(), ["postgres"]);
    }

    #[test]
    fn the_summary_reads_in_one_look() {
        let text = tally().to_string();
        assert!(text.contains("| store          |      2 |      1 |       0 |     0.2 |"), "{text}");
        assert!(text.contains("2 tests ran on sqlite\n1 tests ran on postgres\n"), "{text}");
        assert!(text.ends_with("failed: store suite::postgres::a_claim_is_kept\n"), "{text}");
    }
}
