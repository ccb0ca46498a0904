//! What a command tells people: results on standard output, remarks on standard error. A command finishes
//! its work whether or not it is still heard; that a result could not be written makes it fail at its end.

use std::io::{ErrorKind, StdoutLock, Write};
use std::path::Path;
use std::sync::OnceLock;

use crate::report::Error;

/// The first thing that went wrong with standard output. Nothing is written after it.
static FAULT: OnceLock<ErrorKind> = OnceLock::new();

/// Prints a line of a command's result.
macro_rules! say {
    ($($words:tt)*) => { $crate::output::print(format_args!("{}\n", format_args!($($words)*))) };
}
/// Prints a remark that is no part of the result.
macro_rules! note {
    ($($words:tt)*) => { $crate::output::remark(format_args!($($words)*)) };
}
pub(crate) use {note, say};

/// Prints text as it is.
pub(crate) fn print(text: std::fmt::Arguments<'_>) {
    write(|out| out.write_fmt(text));
}

/// Puts a result where the caller wants it: into a file, or for `-` to standard output.
pub(crate) fn put(place: &Path, bytes: &[u8]) -> Result<(), Error> {
    if place == Path::new("-") {
        write(|out| out.write_all(bytes));
        return Ok(());
    }
    crate::files::write(place, bytes)
}

/// As [`put`], into a file that its owner alone can read.
pub(crate) fn put_secret(place: &Path, bytes: &[u8]) -> Result<(), Error> {
    if place == Path::new("-") { put(place, bytes) } else { crate::files::write_secret(place, bytes) }
}

fn write(what: impl FnOnce(&mut StdoutLock<'static>) -> std::io::Result<()>) {
    if FAULT.get().is_some() {
        return;
    }
    let mut out = std::io::stdout().lock();
    if let Err(error) = what(&mut out).and_then(|()| out.flush()) {
        // Only the first one counts.
        let _ = FAULT.set(error.kind());
    }
}

/// Prints a line on standard error. That nobody hears it stops nothing.
pub(crate) fn remark(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether all that was printed was written. Whoever closes the pipe that is printed to (`| head`) has seen
/// enough: that is no fault.
pub(crate) fn check() -> Result<(), Error> {
    match FAULT.get() {
        Some(kind) if *kind != ErrorKind::BrokenPipe => Err(not_written(*kind)),
        _ => Ok(()),
    }
}

/// As [`check`], for what cannot be had again: it must have been heard.
pub(crate) fn check_heard() -> Result<(), Error> {
    FAULT.get().map_or(Ok(()), |kind| Err(not_written(*kind)))
}

fn not_written(kind: ErrorKind) -> Error {
    format!("the result cannot be written to standard output: {kind}").into()
}
