//! Where passphrases come from: a file, standard input, a descriptor, or a person at the terminal, without echo.
//!
//! Each is had once: a server that runs has nobody to ask, and reads no file of passphrases again.

use std::collections::VecDeque;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use console::Term;
use zeroize::Zeroizing;

use crate::report::Error;

/// The most that is read of a file of passphrases.
const MOST: u64 = 64 * 1_024;

/// Gives passphrases, one after the other.
pub(crate) struct Passphrases {
    from: Option<PathBuf>,
    lines: Mutex<Option<VecDeque<Zeroizing<String>>>>,
}

impl Passphrases {
    /// From a file, `-` for standard input; from the terminal without one.
    pub(crate) fn new(from: Option<PathBuf>) -> Self {
        Self { from, lines: Mutex::new(None) }
    }

    /// The next one.
    pub(super) fn next(&self, prompt: &str) -> Result<Zeroizing<String>, Error> {
        let Some(from) = &self.from else { return ask(prompt) };
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_none() {
            *lines = Some(read(from)?);
        }
        lines.as_mut().and_then(VecDeque::pop_front).ok_or_else(|| {
            format!("`{}` holds no further passphrase: write one a line", from.display()).into()
        })
    }

    /// One that is chosen now. A person types it twice.
    pub(super) fn new_one(&self) -> Result<Zeroizing<String>, Error> {
        let chosen = self.next("New passphrase: ")?;
        if self.from.is_none() && *ask("The same again: ")? != *chosen {
            return Err("the two are not the same: nothing was made, try again".into());
        }
        Ok(chosen)
    }
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Error> {
    let terminal = Term::stderr();
    if !terminal.is_term() {
        return Err("a passphrase is needed and there is no terminal to ask on: name a file with --passphrase-from, `-` for standard input".into());
    }
    let typed = terminal.write_str(prompt).and_then(|()| terminal.read_secure_line());
    typed
        .map(Zeroizing::new)
        .map_err(|error| format!("the passphrase cannot be read from the terminal: {}", error.kind()).into())
}

fn read(from: &Path) -> Result<VecDeque<Zeroizing<String>>, Error> {
    // Large enough from the beginning, so that no part of it stays behind where it stood before.
    let mut text = Zeroizing::new(String::with_capacity(MOST as usize));
    let read = if from == Path::new("-") {
        std::io::stdin().lock().take(MOST).read_to_string(&mut text)
    } else {
        std::fs::File::open(from).and_then(|file| file.take(MOST).read_to_string(&mut text))
    };
    read.map_err(|error| format!("cannot read `{}`: {}", from.display(), error.kind()))?;
    Ok(text.lines().map(|line| Zeroizing::new(line.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_one_passphrase_a_line_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passphrases");
        std::fs::write(&file, "the first one\r\n  the second  \n").unwrap();
        let passphrases = Passphrases::new(Some(file.clone()));
        assert_eq!(*passphrases.next("").unwrap(), "the first one");
        assert_eq!(*passphrases.new_one().unwrap(), "  the second  ");
        let none = passphrases.next("").unwrap_err().to_string();
        assert!(none.contains("no further passphrase"), "{none}");
        std::fs::remove_file(&file).unwrap();
        let gone = Passphrases::new(Some(file)).next("").unwrap_err().to_string();
        assert!(gone.contains("cannot read") && gone.contains("passphrases"), "{gone}");
    }
}
