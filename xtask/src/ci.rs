//! `cargo xtask ci`: everything that a change must pass, in the order that fails soonest.
//!
//! It starts from a clean checkout with Rust and a C compiler, and installs what else it needs:
//! rustfmt and clippy through rustup, cargo-deny through cargo.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::Failure;
use crate::workspace::{Workspace, check};
use crate::{fuzz, oracle, test, tidy};

/// One step: its name, and what it does.
type Step = (&'static str, fn(&Workspace) -> Result<(), Failure>);

const STEPS: &[Step] = &[
    ("format", format),
    ("tidy", tidy::run),
    ("clippy", clippy),
    ("dependencies", dependencies),
    ("advisories", advisories),
    ("tests", tests),
];

/// The version whose findings we have read; a newer one may judge differently.
const DENY_VERSION: &str = "0.20.2";
/// How long the advisory database may take to come, in seconds.
const ADVISORIES_LIMIT: &str = "120";

/// Runs the steps in turn and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let mut seconds = Vec::new();
    for (name, step) in STEPS {
        println!("== {name}");
        let clock = Instant::now();
        step(workspace).map_err(|failure| Failure::Refused(format!("{name}: {failure}")))?;
        seconds.push(format!("{name} {:.0} s", clock.elapsed().as_secs_f64()));
    }
    println!("all steps passed: {}", seconds.join(", "));
    Ok(())
}

fn format(workspace: &Workspace) -> Result<(), Failure> {
    component(workspace, "fmt", "rustfmt")?;
    check(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    for manifest in [oracle::MANIFEST, fuzz::MANIFEST] {
        check(workspace.cargo().args(["fmt", "--check", "--manifest-path", manifest]))?;
    }
    Ok(())
}

fn clippy(workspace: &Workspace) -> Result<(), Failure> {
    component(workspace, "clippy", "clippy")?;
    check(workspace.cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    check(oracle::cargo(workspace, "clippy").args(["--all-targets", "--", "-D", "warnings"]))
}

/// Installs a component of the toolchain where it is missing.
fn component(workspace: &Workspace, subcommand: &str, component: &str) -> Result<(), Failure> {
    let version = workspace
        .cargo()
        .args([subcommand, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if version.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    check(Command::new("rustup").args(["component", "add", component]))
}

/// Which crates may be named where, their licences and where they come from: see deny.toml.
fn dependencies(workspace: &Workspace) -> Result<(), Failure> {
    install_deny(workspace)?;
    let kinds = ["check", "bans", "licenses", "sources"];
    check(workspace.cargo().args(["deny", "--locked"]).args(kinds))?;
    // By the same rules, though they are no part of the product.
    for manifest in [oracle::MANIFEST, fuzz::MANIFEST] {
        let mut deny = workspace.cargo();
        deny.args(["deny", "--locked", "--manifest-path", manifest, "--config", "deny.toml"]);
        check(deny.args(kinds))?;
    }
    Ok(())
}

fn install_deny(workspace: &Workspace) -> Result<(), Failure> {
    let installed = workspace.cargo().args(["deny", "--version"]).stderr(Stdio::null()).output();
    if installed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(DENY_VERSION)) {
        return Ok(());
    }
    let mut install = workspace.cargo();
    install.args(["install", "--locked", "--force", "cargo-deny", "--version", DENY_VERSION]);
    // It runs for a second: building it fast matters more than running it fast.
    install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    install
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_TARGET_DIR", workspace.target.join("deny"));
    check(&mut install)
}

/// Known vulnerabilities. The database comes over the network from elsewhere than the crates; where
/// it cannot be had this says so and the run goes on, because the change itself is not at fault.
fn advisories(workspace: &Workspace) -> Result<(), Failure> {
    let cargo = workspace.cargo();
    let mut fetch = Command::new("timeout");
    fetch.arg(ADVISORIES_LIMIT).arg(cargo.get_program()).args(["deny", "fetch", "db"]);
    let fetched = fetch.current_dir(&workspace.root).stdin(Stdio::null()).status();
    if !fetched.is_ok_and(|status| status.success()) {
        println!("advisories: NOT CHECKED, the advisory database could not be fetched");
        return Ok(());
    }
    check(workspace.cargo().args(["deny", "--locked", "check", "advisories"]))
}

fn tests(workspace: &Workspace) -> Result<(), Failure> {
    test::run(workspace, &test::Arguments::everything())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_steps_come_before_the_tests() {
        let names = STEPS.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let place = |name| names.iter().position(|step| *step == name).unwrap();
        for cheap in ["format", "tidy", "clippy", "dependencies"] {
            assert!(place(cheap) < place("tests"), "{cheap}");
        }
    }
}
