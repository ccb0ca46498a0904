//! `cargo xtask bench`: builds the product and the package `bench` in release mode, starts a PostgreSQL of
//! its own, and lets `bench` measure. What is measured, and how, stands there.

use std::process::Command;

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::setup;
use crate::workspace::{Workspace, check};

/// What `bench run` is given; `--help` lists it.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// Passed on to `bench run`, for example `--only cover --databases sqlite --write`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds both, and measures.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<(), Failure> {
    check(workspace.cargo().args(["build", "--release", "--package", "moretus", "--package", "bench"]))?;
    let built = workspace.target.join("release");
    let mut command = Command::new(built.join("bench"));
    command.arg("run").arg("--moretus").arg(built.join("moretus")).args(&arguments.arguments);
    command.current_dir(&workspace.root);
    if arguments.arguments.iter().any(|argument| argument == "--help") {
        return check(&mut command);
    }
    setup::packages()?;
    let source = workspace.root.join("xtask/bench/slow_sync.c");
    let cluster = Cluster::start_over(&source)?;
    command.env("MORETUS_BENCH_SLOW_DISK", cluster.folder());
    check(command.env("MORETUS_TEST_POSTGRES", cluster.url()))
}
