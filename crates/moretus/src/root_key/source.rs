//! One source of a root key, as it is written: `file:PATH`, `env:NAME`, `passphrase`, `command:PROGRAM [FILE]`.
//!
//! They are a closed list, since a word in a setting must mean one thing; what is open is the program of `command`,
//! which may ask any key management service or hardware module.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gate::{GateError, PassphraseKey, RootKey};
use zeroize::Zeroizing;

use crate::report::Error;

/// How long a program may take to give the root key.
const LIMIT: Duration = Duration::from_secs(30);

/// Where one root key comes from. It holds no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file with its digits, readable to its owner alone.
    File(PathBuf),
    /// A variable of the environment with its digits.
    Variable(String),
    /// A passphrase; and how the key is made of it, once it was.
    Passphrase(Option<PassphraseKey>),
    /// A program that prints its digits, and a file that it gets on its standard input.
    Command {
        /// The program's whole path.
        program: PathBuf,
        /// The file, for instance the root key as a key management service has wrapped it.
        input: Option<PathBuf>,
    },
}

impl Source {
    /// Reads a source. Paths in it are relative to `base`, empty for the current folder.
    ///
    /// Errors repeat what was written, but for what may be a root key itself.
    pub(crate) fn parse(text: &str, base: &Path) -> Result<Self, Error> {
        let text = text.trim();
        if RootKey::from_hex(text.rsplit(':').next().unwrap_or_default()).is_some() {
            return Err("a root key itself is given where its source belongs: anyone can read it there, so take another root key, and name a source: `file:PATH`, `env:NAME`, `passphrase` or `command:PROGRAM`".into());
        }
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match (kind, rest) {
            ("file", "") | ("env", "") | ("command", "") => Err(format!(
                "`{text}` is half a source of a root key: write `file:PATH`, `env:NAME`, `passphrase` or `command:PROGRAM [FILE]`"
            )
            .into()),
            ("file", path) => Ok(Self::File(base.join(path))),
            ("env", name) => Ok(Self::Variable(name.to_owned())),
            ("passphrase", "") => Ok(Self::Passphrase(None)),
            ("passphrase", how) => Ok(Self::Passphrase(Some(how.parse()?))),
            ("command", words) => Self::parse_command(words, base),
            // A path alone, which was all that there was once.
            _ if !text.is_empty() => Ok(Self::File(base.join(text))),
            _ => Err("the source of the root key is empty".into()),
        }
    }

    fn parse_command(words: &str, base: &Path) -> Result<Self, Error> {
        let mut words = words.split_whitespace();
        let program = words.next().map(PathBuf::from).filter(|program| program.is_absolute());
        let input = words.next().map(|file| base.join(file));
        match (program, words.next()) {
            (Some(program), None) => Ok(Self::Command { program, input }),
            _ => Err(
                "`command:` takes the whole path of a program, without arguments, and at most one file for its standard input: put anything else into a script"
                    .into(),
            ),
        }
    }

    /// Whether there is no root key yet where one could be made.
    pub(crate) fn is_missing(&self) -> bool {
        match self {
            Self::File(path) => !path.exists(),
            Self::Passphrase(how) => how.is_none(),
            Self::Variable(_) | Self::Command { .. } => false,
        }
    }

    /// The root key. Not of a passphrase: somebody must be asked for it.
    pub(crate) fn open(&self) -> Result<RootKey, GateError> {
        match self {
            Self::File(path) => RootKey::read(path),
            Self::Variable(name) => super::of_digits(&variable(name)?, &format!("env:{name}")),
            Self::Passphrase(_) => Err(problem(self, "nobody is there to be asked for the passphrase")),
            Self::Command { program, input } => {
                let digits = super::command::run(program, input.as_deref(), LIMIT)
                    .map_err(|error| problem(self, &error))?;
                super::of_digits(&digits, &self.to_string())
            }
        }
    }

    /// As it is written into a data directory: files of that directory by their name, others by their whole path.
    pub(crate) fn to_remember(&self, data: &Path) -> Result<Self, Error> {
        let place = |path: &Path| match path.strip_prefix(data) {
            Ok(name) => Ok(name.to_owned()),
            Err(_) => std::path::absolute(path),
        };
        Ok(match self {
            Self::File(path) => Self::File(place(path)?),
            Self::Command { program, input } => {
                Self::Command { program: program.clone(), input: input.as_deref().map(place).transpose()? }
            }
            other => other.clone(),
        })
    }
}

fn problem(source: &Source, problem: &str) -> GateError {
    GateError::RootKeySource { from: source.to_string(), problem: problem.to_owned() }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Variable(name) => write!(f, "env:{name}"),
            Self::Passphrase(None) => f.write_str("passphrase"),
            Self::Passphrase(Some(how)) => write!(f, "passphrase:{how}"),
            Self::Command { program, input: None } => write!(f, "command:{}", program.display()),
            Self::Command { program, input: Some(input) } => {
                write!(f, "command:{} {}", program.display(), input.display())
            }
        }
    }
}

/// What a variable of the environment holds. It stays there: taking it away is not safe while threads run, and
/// others may have read it before. So a file is better.
#[allow(clippy::disallowed_methods, reason = "the variable's name is a setting, so clap cannot read it")]
fn variable(name: &str) -> Result<Zeroizing<String>, GateError> {
    let refuse =
        |problem: &str| GateError::RootKeySource { from: format!("env:{name}"), problem: problem.to_owned() };
    match std::env::var(name) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(std::env::VarError::NotPresent) => Err(refuse("there is no such variable in the environment")),
        Err(std::env::VarError::NotUnicode(_)) => Err(refuse(gate::NO_ROOT_KEY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Source, String> {
        Source::parse(text, Path::new("/data")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_source_reads_back_as_it_is_written() {
        let how = "argon2id,m=64,t=1,p=1,salt=000102030405060708090a0b0c0d0e0f,id=00000000";
        let passphrase = format!("passphrase:{how}");
        for (text, remembered) in [
            ("file:root.key", "file:root.key"),
            ("file:/run/keys/root.key", "file:/run/keys/root.key"),
            ("old.key", "file:old.key"),
            ("env:ROOT", "env:ROOT"),
            ("passphrase", "passphrase"),
            (&passphrase, &passphrase),
            ("command:/bin/kms", "command:/bin/kms"),
            ("command:/bin/kms root.wrapped", "command:/bin/kms root.wrapped"),
        ] {
            let source = parse(text).unwrap();
            assert_eq!(source.to_remember(Path::new("/data")).unwrap().to_string(), remembered);
            assert_eq!(parse(&source.to_string()), Ok(source));
        }
    }

    #[test]
    fn what_is_no_source_is_refused_and_a_root_key_not_repeated() {
        for text in ["", "file:", "env:", "command:", "command:kms", "command:/bin/kms a b", "passphrase:x"] {
            assert!(parse(text).is_err(), "{text}");
        }
        let key = "0123456789abcdef".repeat(4);
        for text in [key.clone(), format!("env:{key}"), format!("file: {key}")] {
            let error = parse(&text).unwrap_err();
            assert!(error.contains("take another") && !error.contains(&key), "{error}");
        }
    }

    #[test]
    fn no_source_shows_a_key() {
        // PATH is there and is no root key.
        let error = format!("{:?}", Source::Variable("PATH".to_owned()).open().unwrap_err());
        assert!(error.contains("64 hexadecimal digits") && !error.contains("/bin"), "{error}");
        let missing = Source::Variable("MORETUS_TESTS_HAVE_NO_SUCH".to_owned()).open().unwrap_err();
        assert!(missing.to_string().contains("no such variable"), "{missing}");
        assert!(Source::Passphrase(None).open().is_err());
    }
}
