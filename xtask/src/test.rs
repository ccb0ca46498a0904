//! `cargo xtask test`: sets up what the tests need, runs every test of the workspace, and counts.
//!
//! It hands the tests a PostgreSQL cluster (`MORETUS_TEST_POSTGRES`), the bank schemas (`MORETUS_SCHEMAS`) and
//! the checkers of accessibility (`MORETUS_AXE`, `MORETUS_PDF_CHECKER`) and a mail server (`MORETUS_MAIL_SERVER`), and stops the cluster whatever happens. It decides nothing about a test, except
//! that one which never ends has failed: a test that needs something else fails and says so.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, pipe};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::checkers;
use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::oracle;
use crate::setup;
use crate::tally::Tally;
use crate::workspace::{Workspace, ended, not_started, output};

/// How long the tests may say nothing. The slowest test takes a minute on two cores.
const SILENCE_LIMIT: Duration = Duration::from_secs(600);

/// Flags of `cargo test` that build its programs and tell them.
const BUILD: [&str; 3] = ["--no-run", "--message-format", "json-render-diagnostics"];
/// Flags that run them all, whatever fails.
const RUN: [&str; 1] = ["--no-fail-fast"];

/// What the caller adds.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Passed on to `cargo test`: names to filter by, `-p CRATE`, and after `--` what the test
    /// programs take
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    cargo_arguments: Vec<String>,
}

impl Arguments {
    /// No filter: every test of the workspace.
    pub(crate) fn everything() -> Self {
        Self { cargo_arguments: Vec::new() }
    }
}

/// What one run found.
pub(crate) struct Outcome {
    /// The counts.
    pub(crate) tally: Tally,
    /// Setting up, PostgreSQL included.
    pub(crate) setup_seconds: f64,
    /// Building the test programs.
    pub(crate) build_seconds: f64,
    /// Running them, one program after the other.
    pub(crate) run_seconds: f64,
    /// Whether cargo was content: no test failed, and each program ended by itself.
    passed: bool,
}

impl Outcome {
    /// The failure in it, if any. The whole workspace must have tested every database.
    pub(crate) fn verdict(&self, whole_workspace: bool) -> Result<(), Failure> {
        let untested = self.tally.untested_databases();
        if !self.passed {
            return Err(Failure::Refused("tests failed: see the lines above".to_owned()));
        }
        if whole_workspace && !untested.is_empty() {
            return Err(Failure::Refused(format!("no test ran on {}", untested.join(" and on "))));
        }
        Ok(())
    }
}

/// Sets up, runs, and closes with the summary and one line `N passed, N failed`.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<(), Failure> {
    let outcome = measure(workspace, &arguments.cargo_arguments, &[], SILENCE_LIMIT)?;
    let Outcome { tally, setup_seconds, build_seconds, run_seconds, .. } = &outcome;
    println!("\n{tally}set-up {setup_seconds:.1} s, build {build_seconds:.1} s, tests {run_seconds:.1} s\n");
    let total = tally.total();
    println!("{} passed, {} failed", total.passed, total.failed);
    outcome.verdict(arguments.cargo_arguments.is_empty())
}

/// Sets up and runs the tests with these variables, each test program silent for no longer than that; their output goes to the terminal as it comes.
pub(crate) fn measure(
    workspace: &Workspace,
    cargo_arguments: &[String],
    variables: &[(&str, String)],
    silence_limit: Duration,
) -> Result<Outcome, Failure> {
    let clock = Instant::now();
    setup::packages()?;
    let schemas = setup::schemas(workspace)?;
    let (axe, outloud) = (checkers::axe(workspace)?, checkers::outloud(workspace)?);
    let mail_server = checkers::mail_server(workspace)?;
    let cluster = Cluster::start()?;
    let setup_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let mut programs = build(&mut cargo_test(workspace, cargo_arguments, variables, &BUILD))?;
    let whole_workspace = cargo_arguments.is_empty();
    if whole_workspace {
        programs.extend(build(&mut oracle_test(workspace, variables, &BUILD))?);
    }
    let build_seconds = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let mut tests = cargo_test(workspace, cargo_arguments, variables, &RUN);
    tests.env("MORETUS_SCHEMAS", &schemas).env("MORETUS_TEST_POSTGRES", cluster.url());
    tests.env("MORETUS_AXE", &axe).env("MORETUS_PDF_CHECKER", &outloud);
    tests.env("MORETUS_MAIL_SERVER", &mail_server);
    let mut tally = Tally::new(programs);
    let mut passed = follow(&mut tests, &mut tally, silence_limit)?;
    if whole_workspace {
        passed &= follow(&mut oracle_test(workspace, variables, &RUN), &mut tally, silence_limit)?;
    }
    let run_seconds = clock.elapsed().as_secs_f64();
    Ok(Outcome { tally, setup_seconds, build_seconds, run_seconds, passed })
}

/// `cargo test` with these flags before the caller's own arguments.
fn cargo_test(
    workspace: &Workspace,
    cargo_arguments: &[String],
    variables: &[(&str, String)],
    flags: &[&str],
) -> Command {
    let mut command = workspace.cargo();
    command.arg("test").args(flags).envs(variables.iter().map(|(name, value)| (name, value)));
    if !names_packages(cargo_arguments) {
        command.arg("--workspace");
    }
    command.args(cargo_arguments);
    command
}

/// `cargo test` of the oracle, which is no member of the workspace.
fn oracle_test(workspace: &Workspace, variables: &[(&str, String)], flags: &[&str]) -> Command {
    let mut command = oracle::cargo(workspace, "test");
    command.args(flags).envs(variables.iter().map(|(name, value)| (name, value)));
    command
}

/// Whether the caller chose packages, which `--workspace` would overrule.
fn names_packages(cargo_arguments: &[String]) -> bool {
    let own = cargo_arguments.iter().take_while(|argument| *argument != "--");
    own.into_iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

/// Builds the test programs of a `cargo test`; gives the crate of each by the program's file name.
fn build(tests: &mut Command) -> Result<BTreeMap<String, String>, Failure> {
    let messages = output(tests)?;
    Ok(messages.lines().filter_map(program).collect())
}

/// The program and crate in one of cargo's messages, if it is about a program.
fn program(message: &str) -> Option<(String, String)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let file = Path::new(message.get("executable")?.as_str()?).file_name()?.to_str()?.to_owned();
    let folder =
        Path::new(message.get("manifest_path")?.as_str()?).parent()?.file_name()?.to_str()?.to_owned();
    Some((file, folder))
}

/// Runs the command, shows its output and counts it; says whether it ended well. A test program that is silent
/// for too long is killed, which cargo counts as its failure; cargo goes on with the next.
fn follow(command: &mut Command, tally: &mut Tally, silence_limit: Duration) -> Result<bool, Failure> {
    // One pipe for both streams: cargo announces each program on one, the program reports on the other.
    let no_pipe = |source| Failure::Io { what: "cannot make a pipe".to_owned(), source };
    let (reader, writer) = pipe().map_err(no_pipe)?;
    command.stdout(writer.try_clone().map_err(no_pipe)?).stderr(writer);
    let mut child = command.spawn().map_err(|source| not_started(command, source))?;
    // The command keeps its ends of the pipe: only without them does the reading end.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let (lines, said) = mpsc::channel();
    let reading = thread::spawn(move || read_lines(BufReader::new(reader), &lines));
    let status = loop {
        match said.recv_timeout(silence_limit) {
            Ok(text) => {
                print!("{text}");
                tally.line(&text);
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map_err(no_pipe)?;
                break child.wait().map_err(|source| not_started(command, source))?;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                // What a killed program had started may hold the pipe for ever.
                if let Ok(Some(status)) = child.try_wait() {
                    break status;
                }
                println!("nothing was said for {} s: the test program is killed", silence_limit.as_secs());
                tally.silent();
                kill_children(&mut child);
            }
        }
    };
    match status.code() {
        Some(code) => Ok(code == 0),
        None => Err(ended(command, &status.to_string())),
    }
}

/// Sends line by line, to the end of the input or until nobody listens.
fn read_lines(mut reader: impl BufRead, lines: &mpsc::Sender<String>) -> std::io::Result<()> {
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            break;
        }
        line.clear();
    }
    Ok(())
}

/// Kills the processes that a process has started; the process itself where the system does not tell them.
fn kill_children(process: &mut Child) {
    let id = process.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let killed = children.split_whitespace().map(|child| {
        Command::new("kill").args(["-KILL", child]).status().is_ok_and(|status| status.success())
    });
    if killed.filter(|killed| *killed).count() == 0 {
        // It may have ended meanwhile; then there is nothing to kill.
        let _ = process.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Outcome {
        /// A run that counted this in no time.
        pub(crate) fn of(tally: Tally) -> Self {
            Self { tally, setup_seconds: 0.0, build_seconds: 0.0, run_seconds: 0.0, passed: true }
        }
    }

    fn outcome(lines: &[&str], passed: bool) -> Outcome {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.line(line));
        Outcome { passed, ..Outcome::of(tally) }
    }

    #[test]
    fn a_run_must_pass_and_must_test_each_database() {
        let both = ["test sqlite::holds ... ok", "test postgres::holds ... ok"];
        assert!(outcome(&both, true).verdict(true).is_ok());
        assert!(outcome(&both, false).verdict(true).is_err());
        let one = outcome(&both[..1], true);
        assert_eq!(one.verdict(true).unwrap_err().to_string(), "no test ran on postgres");
        assert!(one.verdict(false).is_ok(), "a filtered run may leave a database out");
    }

    #[test]
    fn output_of_both_streams_is_counted_and_a_bad_end_is_seen() {
        let mut tally = Tally::default();
        let script = "echo 'Running src/lib.rs (x/deps/store-1)' >&2; \
            echo 'test result: FAILED. 1 passed; 1 failed; 0 ignored; finished in 0.1s'; exit 101";
        assert!(!follow(Command::new("sh").args(["-c", script]), &mut tally, SILENCE_LIMIT).unwrap());
        assert_eq!((tally.total().passed, tally.total().failed), (1, 1));
        let killed = follow(Command::new("sh").args(["-c", "kill -9 $$"]), &mut tally, SILENCE_LIMIT);
        assert!(killed.is_err());
    }

    #[test]
    fn a_test_that_never_ends_is_killed_and_named_and_the_next_program_runs() {
        let mut tally = Tally::default();
        let script = "echo 'Running src/lib.rs (x/deps/store-1)'; echo 'test a_quick_one ... ok'; \
            echo 'test a_slow_one has been running for over 60 seconds'; \
            echo 'test an_endless_one has been running for over 60 seconds'; \
            echo 'test a_slow_one ... ok'; sleep 1000; echo 'Running src/lib.rs (x/deps/gate-1)'; exit 101";
        let limit = Duration::from_secs(3);
        assert!(!follow(Command::new("bash").args(["-c", script]), &mut tally, limit).unwrap());
        let text = tally.to_string();
        assert!(text.contains("store an_endless_one: it did not end"), "{text}");
        assert!(!text.contains("a_slow_one"), "{text}");
        assert_eq!(tally.total().failed, 1);
    }

    #[test]
    fn programs_are_named_by_their_crate() {
        let message = r#"{"reason":"compiler-artifact","manifest_path":"/x/crates/moretus/Cargo.toml","executable":"/x/target/debug/deps/end_to_end-1"}"#;
        assert_eq!(program(message), Some(("end_to_end-1".to_owned(), "moretus".to_owned())));
        assert_eq!(program(r#"{"reason":"compiler-artifact","executable":null}"#), None);
    }

    #[test]
    fn chosen_packages_are_not_overruled() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(names_packages(&words("-p store sqlite")));
        assert!(names_packages(&words("--package=store")));
        assert!(!names_packages(&words("sqlite -- -p")));
    }
}
