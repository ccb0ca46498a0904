//! How a chore fails: one type, worded for the person at the terminal. It does not say where in
//! this program it arose; the message names the file or command instead.

use std::io;
use std::path::Path;

/// Why a chore stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file or folder that could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted, with the path.
        what: String,
        /// The system's word.
        source: io::Error,
    },
    /// A command that did not end well.
    #[error("`{command}` {outcome}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        outcome: String,
    },
    /// A check that found something, or a thing that is missing; the message says what to do.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// Wraps a system error with what was attempted on which path.
    pub(crate) fn io(verb: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("cannot {verb} `{}`", path.display());
        move |source| Self::Io { what, source }
    }
}
