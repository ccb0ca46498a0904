//! `cargo xtask soak`: the same tests as `cargo xtask test`, optimised and with full counts, and a
//! report that says on what, of what, and with which seed.
//!
//! Tests read their counts from the environment: `MORETUS_SOAK=1` asks for the full ones,
//! `MORETUS_CASES` is the number of random cases, `MORETUS_KILLS` of times that a process is killed
//! under load, `MORETUS_SEED` the seed. `PROPTEST_RNG_SEED` carries the same seed to proptest. What tests have
//! counted and timed they add to the file `MORETUS_FIGURES`, a line each.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::test::{self, Outcome};
use crate::workspace::{Workspace, output};

/// How long the tests may say nothing: hundreds of kills are one test.
const SILENCE_LIMIT: Duration = Duration::from_secs(3 * 3_600);

/// How much, and from which seed.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Random cases for each property that counts them
    #[arg(long, default_value_t = 1_000_000)]
    cases: u64,
    /// Times that a process is killed under load: five of seven on SQLite, one the program and one the server on
    /// PostgreSQL
    #[arg(long, default_value_t = 700)]
    kills: u64,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Passed on to `cargo test`, as for `cargo xtask test`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    cargo_arguments: Vec<String>,
}

impl Arguments {
    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("MORETUS_SOAK", "1".to_owned()),
            ("MORETUS_CASES", self.cases.to_string()),
            ("MORETUS_KILLS", self.kills.to_string()),
            ("MORETUS_SEED", self.seed.to_string()),
            ("PROPTEST_RNG_SEED", self.seed.to_string()),
            // Optimised, but with the checks that a release build leaves out.
            ("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true".to_owned()),
            ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true".to_owned()),
        ]
    }
}

/// Runs the tests and writes `soak-report.md` into the target folder, whether they pass or not.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<(), Failure> {
    let mut cargo_arguments = vec!["--release".to_owned()];
    cargo_arguments.extend(arguments.cargo_arguments.iter().cloned());
    let circumstances = circumstances(workspace)?;
    let figures = workspace.target.join("soak-figures.txt");
    fs::write(&figures, "").map_err(Failure::io("write", &figures))?;
    let mut variables = arguments.variables();
    variables.push(("MORETUS_FIGURES", figures.display().to_string()));
    let outcome = test::measure(workspace, &cargo_arguments, &variables, SILENCE_LIMIT)?;
    let verdict = outcome.verdict(arguments.cargo_arguments.is_empty());
    let figures = fs::read_to_string(&figures).map_err(Failure::io("read", &figures))?;
    let text = report(&circumstances, arguments, &figures, &outcome, &verdict);
    let path = workspace.target.join("soak-report.md");
    fs::write(&path, &text).map_err(Failure::io("write", &path))?;
    println!("\n{text}\nwritten to {}", path.display());
    verdict
}

/// What was tested, and where: label and value.
fn circumstances(workspace: &Workspace) -> Result<Vec<(&'static str, String)>, Failure> {
    let git = |arguments: &[&str]| {
        output(Command::new("git").args(arguments).current_dir(&workspace.root))
            .map(|text| text.trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"])?;
    let altered =
        if git(&["status", "--porcelain"])?.is_empty() { "" } else { ", with changes not committed" };
    let cores = thread::available_parallelism().map_or(0, usize::from);
    Ok(vec![
        ("commit", format!("{commit}{altered}")),
        ("date", output(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]))?.trim().to_owned()),
        ("processor", field("/proc/cpuinfo", "model name")),
        ("cores", cores.to_string()),
        ("memory", field("/proc/meminfo", "MemTotal")),
        ("compiler", output(Command::new("rustc").arg("--version"))?.trim().to_owned()),
    ])
}

/// The first value of a label in one of Linux's files of `label : value` lines.
fn field(path: &str, label: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs
        .find(|(name, _)| name.trim() == label)
        .map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

fn report(
    circumstances: &[(&'static str, String)],
    arguments: &Arguments,
    figures: &str,
    outcome: &Outcome,
    verdict: &Result<(), Failure>,
) -> String {
    let facts =
        circumstances.iter().map(|(label, value)| format!("- {label}: {value}\n")).collect::<String>();
    let figures = figures.lines().map(|line| format!("- {line}\n")).collect::<String>();
    let Arguments { cases, kills, seed, .. } = arguments;
    let Outcome { tally, build_seconds, run_seconds, .. } = outcome;
    let total = tally.total();
    let ended = match verdict {
        Ok(()) => "passed".to_owned(),
        Err(failure) => format!("failed: {failure}"),
    };
    format!(
        "# Soak\n\n{facts}- seed: {seed}\n- random cases: {cases}\n- kills under load: {kills}\n- result: {ended}\n{figures}\n\
         {tally}\nbuild {build_seconds:.0} s, tests {run_seconds:.0} s\n\n{} passed, {} failed\n",
        total.passed, total.failed
    )
}

#[cfg(test)]
mod tests {
    use crate::tally::Tally;

    use super::*;

    #[test]
    fn the_report_says_what_where_and_how() {
        let mut tally = Tally::default();
        tally.line("test sqlite::holds ... ok");
        tally.line("test result: ok. 1 passed; 0 failed; 0 ignored; finished in 0.5s");
        let outcome = Outcome::of(tally);
        let arguments = Arguments { cases: 5, kills: 2, seed: 7, cargo_arguments: Vec::new() };
        let facts = [("commit", "abc".to_owned())];
        let text = report(&facts, &arguments, "700 kills: nothing lost\n", &outcome, &outcome.verdict(true));
        for part in [
            "- commit: abc",
            "- seed: 7",
            "- random cases: 5",
            "- 700 kills: nothing lost",
            "failed: no test ran on postgres",
            "1 passed, 0 failed",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_machine_is_read_from_the_system() {
        assert!(field("/proc/meminfo", "MemTotal").ends_with("kB"));
        assert_eq!(field("/proc/meminfo", "NoSuchThing"), "unknown");
    }
}
