//! Where a site's root key comes from: what the command line or the environment says, else what the data directory
//! remembers, else `root.key` there. Each source is a file of this folder.
//!
//! It knows no database: whether a root key is the site's is told by the gate.

mod command;
mod passphrases;
mod source;

use std::path::{Path, PathBuf};

use clap::Args;
use gate::{GateError, PassphraseKey, RootKey, RootKeyId, RootKeyProvider};
use zeroize::Zeroizing;

use crate::report::Error;
use crate::surroundings::SystemRandomness;
use passphrases::Passphrases;
pub(crate) use source::Source;

/// The file of a data directory that says where the root key comes from: one source a line, the one that wraps new
/// keys first.
pub(crate) const REMEMBERED: &str = "root.sources";
/// The root key's file when nothing else is said.
pub(crate) const DEFAULT_FILE: &str = "root.key";

/// Under which its options stand in each command's help.
const HEADING: &str = "Root key";

/// Where the root key comes from. The flags win over the environment, and both over what is remembered.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RootKeyArguments {
    /// Where the root key comes from: `file:PATH`, `env:NAME`, `passphrase`, or `command:PROGRAM [FILE]`; without it,
    /// what `root.sources` in the data directory says, else `root.key` there.
    #[arg(long, value_name = "SOURCE", env = "MORETUS_ROOT_KEY", hide_env_values = true, help_heading = HEADING)]
    pub(crate) root_key: Option<String>,
    /// The other root key, while one takes the place of the other.
    #[arg(long, value_name = "SOURCE", env = "MORETUS_OTHER_ROOT_KEY", hide_env_values = true, help_heading = HEADING)]
    pub(crate) other_root_key: Option<String>,
    /// A file with the passphrase, one a line if there are two; `-` is standard input, `/dev/fd/N` a descriptor.
    /// Without it, it is asked for on the terminal.
    #[arg(long, value_name = "FILE", env = "MORETUS_PASSPHRASE_FROM", help_heading = HEADING)]
    pub(crate) passphrase_from: Option<PathBuf>,
}

/// The sources of one site.
pub(crate) struct Sources {
    data: PathBuf,
    given: Vec<Source>,
    passphrases: Passphrases,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("data", &self.data)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

impl RootKeyArguments {
    /// Reads what is given. Nothing is opened.
    pub(crate) fn sources(&self, data: &Path) -> Result<Sources, Error> {
        let given = [&self.root_key, &self.other_root_key].into_iter().flatten();
        let given = given.map(|text| Source::parse(text, Path::new(""))).collect::<Result<_, Error>>()?;
        Ok(Sources {
            data: data.to_owned(),
            given,
            passphrases: Passphrases::new(self.passphrase_from.clone()),
        })
    }
}

impl Sources {
    /// Where the root keys come from now. What is remembered is read anew. While a rotation is under way both its root
    /// keys are named, whichever of them is given, the new one first.
    pub(crate) fn list(&self) -> Result<Vec<Source>, Error> {
        let remembered = self.remembered()?;
        if self.given.is_empty() {
            return Ok(remembered);
        }
        // How a key is made of a passphrase is not said on the command line again.
        let mut passphrases = remembered.iter().filter(|source| matches!(source, Source::Passphrase(_)));
        let known = |source: &Source| match source {
            Source::Passphrase(None) => passphrases.next().unwrap_or(source).clone(),
            _ => source.clone(),
        };
        let given: Vec<Source> = self.given.iter().map(known).collect();
        let is_among =
            |source: &Source, list: &[Source]| list.iter().any(|other| self.is_same(source, other));
        if remembered.len() < 2 || !given.iter().any(|source| is_among(source, &remembered)) {
            return Ok(given);
        }
        let others = given.into_iter().filter(|source| !is_among(source, &remembered)).collect::<Vec<_>>();
        Ok(remembered.into_iter().chain(others).collect())
    }

    /// Whether two sources are one place.
    pub(crate) fn is_same(&self, one: &Source, other: &Source) -> bool {
        matches!((one.to_remember(&self.data), other.to_remember(&self.data)), (Ok(one), Ok(other)) if one == other)
    }

    /// Whether the data directory remembers a rotation that was begun and not ended.
    pub(crate) fn is_rotation_begun(&self) -> Result<bool, Error> {
        Ok(self.remembered()?.len() > 1)
    }

    fn remembered(&self) -> Result<Vec<Source>, Error> {
        let path = self.data.join(REMEMBERED);
        let Some(text) = crate::files::read_if_there(&path)? else {
            return Ok(vec![Source::File(self.data.join(DEFAULT_FILE))]);
        };
        crate::files::must_be_owned(&path, &self.data)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let sources: Vec<_> = lines.map(|line| Source::parse(line, &self.data)).collect::<Result<_, _>>()?;
        if sources.is_empty() {
            return Err(
                format!("`{}` names no source of a root key: put its line back", path.display()).into()
            );
        }
        Ok(sources)
    }

    /// Whether flags or the environment say it, and not the data directory.
    pub(crate) fn are_given(&self) -> bool {
        !self.given.is_empty()
    }

    /// Whether there is no root key yet where one could be made.
    pub(crate) fn are_missing(&self) -> Result<bool, Error> {
        Ok(self.list()?.first().is_none_or(Source::is_missing))
    }

    /// Every root key that there is, in the order of [`Sources::list`]. Asks for passphrases.
    pub(crate) fn open(&self) -> Result<Vec<RootKey>, Error> {
        self.list()?.iter().map(|source| self.open_one(source)).collect()
    }

    /// The root key of one source.
    pub(crate) fn open_one(&self, source: &Source) -> Result<RootKey, Error> {
        match source {
            Source::Passphrase(None) => Err(format!(
                "`{}` does not say how a root key is made of a passphrase: put its line back",
                self.data.join(REMEMBERED).display()
            )
            .into()),
            Source::Passphrase(Some(how)) => {
                let passphrase = self.passphrases.next(&format!("Passphrase of root key {}: ", how.id()))?;
                Ok(how.open(&passphrase)?)
            }
            source => {
                self.must_be_trusted(source)?;
                Ok(source.open()?)
            }
        }
    }

    /// A program is run only if none but the site's owner and the administrator can have written it.
    fn must_be_trusted(&self, source: &Source) -> Result<(), Error> {
        match source {
            Source::Command { program, .. } => crate::files::must_be_owned(program, &self.data),
            _ => Ok(()),
        }
    }

    /// Makes the root key of a new site, and remembers where it is.
    pub(crate) fn create(&self) -> Result<RootKey, Error> {
        let source = self.list()?.into_iter().next().ok_or("there is no source of a root key")?;
        let (made, key) = match source {
            Source::Passphrase(_) => make_of(&self.passphrases)?,
            source => {
                let key = RootKey::generate(&SystemRandomness);
                (source, key)
            }
        };
        if let Source::File(path) = &made {
            key.write_new(path)?;
        }
        if self.are_given() {
            self.remember(std::slice::from_ref(&made))?;
        }
        Ok(key)
    }

    /// Writes down where the root keys come from, durably; nothing for what would be looked for anyway.
    pub(crate) fn remember(&self, sources: &[Source]) -> Result<(), Error> {
        let path = self.data.join(REMEMBERED);
        if let [Source::File(file)] = sources
            && *file == self.data.join(DEFAULT_FILE)
            && !path.exists()
        {
            return Ok(());
        }
        let line = |source: &Source| {
            let line = source.to_remember(&self.data)?.to_string();
            // What does not read back would shut the site at the next start.
            match Source::parse(&line, &self.data) {
                Ok(read) if !line.contains(['\n', '\r']) && self.is_same(&read, source) => Ok(line + "\n"),
                _ => Err(Error::from(format!(
                    "`{}` cannot be written down, since a path in it has a blank: put it into a script, or where no path has one",
                    line.escape_debug()
                ))),
            }
        };
        let text: String = sources.iter().map(line).collect::<Result<_, Error>>()?;
        crate::files::write_secret(&path, text.as_bytes())
    }

    /// Remembers what was given for this site and is needed, once it is known to be right. While a rotation is under
    /// way, what is remembered of it stays.
    pub(crate) fn remember_given(&self, needed: &[Source]) -> Result<(), Error> {
        if self.are_given() && !self.is_rotation_begun()? { self.remember(needed) } else { Ok(()) }
    }
}

/// What a gate asks when it meets a key of another root key. Nobody is there then to type a passphrase.
impl RootKeyProvider for Sources {
    fn root_keys(&self) -> Result<Vec<RootKey>, GateError> {
        let list = self.list().map_err(|error| GateError::RootKeySource {
            from: self.data.join(REMEMBERED).display().to_string(),
            problem: error.to_string(),
        })?;
        let mut keys = Vec::new();
        for source in list.iter().filter(|source| !matches!(source, Source::Passphrase(_))) {
            match self.open_one(source) {
                Ok(key) => keys.push(key),
                // The other one may be what is needed.
                Err(error) => tracing::warn!(%error, "a root key cannot be had"),
            }
        }
        Ok(keys)
    }
}

/// A root key of a new passphrase, which a person types twice.
pub(crate) fn make_of(passphrases: &Passphrases) -> Result<(Source, RootKey), Error> {
    let passphrase = passphrases.new_one()?;
    let (how, key) = PassphraseKey::create(&passphrase, &SystemRandomness)?;
    Ok((Source::Passphrase(Some(how)), key))
}

/// A root key of a new passphrase that is read from here.
pub(crate) fn make_of_passphrase(from: Option<PathBuf>) -> Result<(Source, RootKey), Error> {
    make_of(&Passphrases::new(from))
}

/// Where a root key that is made in a data directory is written: beside the one that it follows.
pub(crate) fn new_file(data: &Path, id: RootKeyId) -> PathBuf {
    data.join(format!("root-{id}.key"))
}

/// The root key that these digits are; the error says where they came from, and nothing of them.
fn of_digits(text: &Zeroizing<String>, from: &str) -> Result<RootKey, GateError> {
    RootKey::from_hex(text).ok_or_else(|| GateError::RootKeySource {
        from: from.to_owned(),
        problem: gate::NO_ROOT_KEY.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(data: &Path, given: &[&str]) -> Sources {
        let arguments = RootKeyArguments {
            root_key: given.first().map(ToString::to_string),
            other_root_key: given.get(1).map(ToString::to_string),
            passphrase_from: Some(data.join("passphrase")),
        };
        arguments.sources(data).unwrap()
    }

    fn texts(sources: &Sources) -> Vec<String> {
        sources.list().unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_given_wins_over_what_is_remembered_and_that_over_the_usual_file() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let usual = format!("file:{}", data.join("root.key").display());
        assert_eq!(texts(&sources(data, &[])), [usual]);
        assert!(sources(data, &[]).are_missing().unwrap());
        std::fs::write(data.join(REMEMBERED), "env:ONE\n\ncommand:/bin/kms root.wrapped\n").unwrap();
        let wrapped = format!("command:/bin/kms {}", data.join("root.wrapped").display());
        assert_eq!(texts(&sources(data, &[])), ["env:ONE", &wrapped]);
        assert_eq!(texts(&sources(data, &["env:TWO", "x.key"])), ["env:TWO", "file:x.key"]);
        std::fs::write(data.join(REMEMBERED), "\n").unwrap();
        assert!(sources(data, &[]).list().unwrap_err().to_string().contains("names no source"));
    }

    #[test]
    fn while_a_rotation_is_under_way_both_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let how = |id: &str| {
            format!("passphrase:argon2id,m=64,t=1,p=1,salt=000102030405060708090a0b0c0d0e0f,id={id}")
        };
        let (new, former) = (how("00000001"), how("00000002"));
        std::fs::write(data.join(REMEMBERED), format!("{new}\n{former}\n")).unwrap();
        for given in [&["passphrase"][..], &["passphrase", "passphrase"]] {
            assert_eq!(texts(&sources(data, given)), [new.as_str(), &former], "{given:?}");
        }
        assert_eq!(texts(&sources(data, &["env:X", "passphrase"])), [new.as_str(), &former, "env:X"]);
        assert_eq!(texts(&sources(data, &["env:X"])), ["env:X"], "it is none of them");
        assert!(sources(data, &["env:X"]).remember_given(&[Source::Variable("X".to_owned())]).is_ok());
        assert_eq!(std::fs::read_to_string(data.join(REMEMBERED)).unwrap(), format!("{new}\n{former}\n"));
    }

    #[test]
    fn what_would_not_read_back_is_not_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let (program, input) = ("/bin/kms".into(), Some("/srv/my site/root.wrapped".into()));
        let refused = sources(data, &[]).remember(&[Source::Command { program, input }]).unwrap_err();
        assert!(refused.to_string().contains("has a blank"), "{refused}");
        assert!(sources(data, &[]).remember(&[Source::File("/srv/a\nb/root.key".into())]).is_err());
        assert!(!data.join(REMEMBERED).exists());
        sources(data, &[]).remember(&[Source::File("/srv/my site/root.key".into())]).unwrap();
        assert_eq!(texts(&sources(data, &[])), ["file:/srv/my site/root.key"]);
    }

    #[test]
    fn a_root_key_is_made_and_found_again_and_no_source_shows_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        std::fs::write(data.join("passphrase"), "zes aardige ezels lopen\n").unwrap();
        let made = sources(data, &["passphrase"]).create().unwrap();
        let again = sources(data, &["passphrase"]);
        assert!(!again.are_missing().unwrap());
        assert_eq!(again.open().unwrap()[0].id(), made.id());
        assert!(again.open().unwrap_err().to_string().contains("no further passphrase"), "each is had once");
        assert!(again.root_keys().unwrap().is_empty(), "nobody is asked while a server runs");
        let file = sources(data, &["file:other.key"]);
        let shown = format!("{again:?} {file:?} {made:?} {:?}", again.list().unwrap());
        assert!(!shown.contains("ezels") && !shown.contains(&**made.to_hex()), "{shown}");
    }

    #[test]
    fn a_gate_that_asks_again_gets_what_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let site = sources(data, &[]);
        let first = site.create().unwrap();
        assert!(!data.join(REMEMBERED).exists(), "the usual file is found without being remembered");
        let second = RootKey::create(&new_file(data, first.id()), &SystemRandomness).unwrap();
        let file = format!("root-{}.key", first.id());
        std::fs::write(data.join(REMEMBERED), format!("file:{file}\nfile:gone.key\nfile:root.key\n"))
            .unwrap();
        let ids: Vec<RootKeyId> = site.root_keys().unwrap().iter().map(RootKey::id).collect();
        assert_eq!(ids, [second.id(), first.id()]);
        assert!(site.open().is_err(), "a program that starts needs them all");
    }
}
