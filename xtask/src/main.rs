//! `cargo xtask`: the chores. Tests with what they need set up, tidy checks over the source, what
//! continuous integration runs, the soak.
//!
//! Nothing here ships: no crate of the product depends on this one, and it depends on none of them.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program: printing is its output")]
#![allow(clippy::disallowed_methods, reason = "chores measure time and read the caller's environment")]

mod bench;
mod checkers;
mod ci;
mod cluster;
mod demo;
mod failure;
mod fuzz;
mod oracle;
mod setup;
mod soak;
mod tally;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of this workspace", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Set up what the tests need (Debian packages, schemas, a private PostgreSQL) and run them all
    Test(test::Arguments),
    /// Check the source for what the compiler and clippy cannot see
    Tidy,
    /// What continuous integration runs: format, clippy, tidy, dependencies, tests
    Ci,
    /// Run the demo in release mode without serving, and verify the log and the ledger it leaves
    Demo,
    /// The tests with full counts; writes soak-report.md into the target folder
    Soak(soak::Arguments),
    /// Let coverage guide the checks of every file that comes in; needs a nightly compiler and cargo-fuzz
    Fuzz(fuzz::Arguments),
    /// Measure the product beside floor programs; prints a table, `--write` puts it in docs/performance.md
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<(), Failure> {
    let workspace = Workspace::of_this_program();
    match chore {
        Chore::Test(arguments) => test::run(&workspace, &arguments),
        Chore::Tidy => tidy::run(&workspace),
        Chore::Ci => ci::run(&workspace),
        Chore::Demo => demo::run(&workspace),
        Chore::Soak(arguments) => soak::run(&workspace, &arguments),
        Chore::Fuzz(arguments) => fuzz::run(&workspace, &arguments),
        Chore::Bench(arguments) => bench::run(&workspace, &arguments),
    }
}
