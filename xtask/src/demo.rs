//! `cargo xtask demo`: the demo as a newcomer runs it, in release mode on a small population, and
//! then the two verifications of what it leaves behind.
//!
//! It judges by exit codes alone; what the demo must contain, the tests of `moretus` say.

use std::process::Command;

use crate::failure::Failure;
use crate::workspace::{Workspace, check};

/// Enough for every kind of claim to occur, few enough for seconds.
const MEMBERS: &str = "200";

/// Runs the demo in a folder of its own, which goes afterwards.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let scratch = tempfile::tempdir().map_err(Failure::io("make a folder in", &std::env::temp_dir()))?;
    let data = scratch.path().join("data");
    let moretus = || -> Command {
        let mut command = workspace.cargo();
        command.args(["run", "--release", "--package", "moretus", "--"]);
        command
    };
    check(moretus().args(["demo", "--no-serve", "--members", MEMBERS, "--data"]).arg(&data))?;
    check(moretus().args(["log", "verify", "--data"]).arg(&data))?;
    check(moretus().args(["ledger", "verify", "--data"]).arg(&data))
}
