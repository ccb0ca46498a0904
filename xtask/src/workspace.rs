//! The checkout that the chores work on, and the commands run in it.
//!
//! It knows paths and processes; what is run, and when, the chores say.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The checkout and its build folder.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds, and where chores keep what they fetch and write.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace that this program was started in or, run without cargo, built from.
    pub(crate) fn of_this_program() -> Self {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let package = PathBuf::from(package);
        let root = package.parent().map_or_else(|| package.clone(), Path::to_path_buf);
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
        Self { root, target }
    }

    /// Cargo, in the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).stdin(Stdio::null());
        command
    }
}

/// Runs a command with its output on the terminal; anything but exit code 0 is a failure.
pub(crate) fn check(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|source| not_started(command, source))?;
    if status.success() { Ok(()) } else { Err(ended(command, &status.to_string())) }
}

/// Runs a command and gives what it wrote to standard output; its errors go to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|source| not_started(command, source))?;
    if !output.status.success() {
        return Err(ended(command, &output.status.to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The failure of a command that could not be started.
pub(crate) fn not_started(command: &Command, source: std::io::Error) -> Failure {
    Failure::Io { what: format!("cannot start `{}`", line(command)), source }
}

/// The failure of a command that ended, or behaved, like this.
pub(crate) fn ended(command: &Command, outcome: &str) -> Failure {
    Failure::Command { command: line(command), outcome: format!("ended badly: {outcome}") }
}

/// The command line, the program by its name alone.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Whether a program is on the path.
pub(crate) fn has_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Whether the chores run as root, who may install packages and must not run PostgreSQL.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_named() {
        let failure = check(Command::new("false").arg("--loudly")).unwrap_err().to_string();
        assert!(failure.starts_with("`false --loudly` ended badly: exit status: 1"), "{failure}");
        let missing = check(&mut Command::new("no-such-program-here")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot start `no-such-program-here`"), "{missing}");
        assert_eq!(output(Command::new("echo").arg("hello")).unwrap(), "hello\n");
    }

    #[test]
    fn programs_are_found_on_the_path_only() {
        assert!(has_program("sh"));
        assert!(!has_program("no-such-program-here"));
    }
}
