//! How results and errors reach people: one error type for all commands, and the log of the program
//! itself (which never holds a personal value: spans record ids and codes only).

use std::io::IsTerminal;

use domain::{Currency, Money};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::note;

/// An error of a command: its message and those below it.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// An error as it is printed.
pub(crate) struct Report(Error);

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error: {}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, "\n  because: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Says where a fault of the program is and nothing of what it was about: a panic's message could hold a
/// value.
pub(crate) fn say_only_where_it_panicked() {
    std::panic::set_hook(Box::new(|panic| {
        let place =
            panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        note!("error: a fault of the program{place}; what it was about is not printed, please report it");
    }));
}

/// Starts the program's own log on standard error, at warnings unless `RUST_LOG` says otherwise.
pub(crate) fn start_tracing() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(wants_colours_on_errors())
        .try_init();
}

/// Whether what goes to standard error may have colours.
pub(crate) fn wants_colours_on_errors() -> bool {
    std::io::stderr().is_terminal() && wants_colours()
}

/// Nobody has asked for text without colours: <https://no-color.org>.
#[allow(clippy::disallowed_methods, reason = "it is a word between the person and every program")]
fn wants_colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A progress bar on standard error; none when that is not a terminal.
pub(crate) fn progress(what: &'static str, total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{msg:28} {bar:30} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

/// A whole number in groups of three: `20,000`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A sum as a decimal number; in minor units, and saying so, where it is beyond any amount.
pub(crate) fn amount(minor: i128, currency: Currency) -> String {
    let money = i64::try_from(minor).ok().and_then(|minor| Money::new(minor, currency).ok());
    money.map_or_else(|| format!("{minor} minor units of"), |money| money.decimal().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_sum_has_its_currencys_decimals() {
        assert_eq!(amount(123_456, Currency::EUR), "1234.56");
        assert_eq!(amount(i128::from(i64::MAX) + 1, Currency::EUR), "9223372036854775808 minor units of");
    }
}
