//! The oracle in `oracle/cedar`: the Cedar export asked beside the compiled table. It is a workspace of its own,
//! so that nobody who builds the product builds Cedar; format, clippy, dependencies and tests take it in here.

use std::process::Command;

use crate::workspace::Workspace;

/// Its manifest, from the root.
pub(crate) const MANIFEST: &str = "oracle/cedar/Cargo.toml";

/// Cargo on the oracle, with its own build folder and its lock file as it is.
pub(crate) fn cargo(workspace: &Workspace, subcommand: &str) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args([subcommand, "--manifest-path", MANIFEST, "--locked"]);
    cargo.env("CARGO_TARGET_DIR", workspace.target.join("oracle"));
    cargo
}
