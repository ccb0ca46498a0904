//! `moretus keys rotate`: another root key in place of the site's. It writes down both, wraps every key anew, and then
//! writes down the new one alone. Cut off at any moment, the same command goes on.
//!
//! The former root key is not destroyed: backups that were made before need it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use clap::Args;
use gate::{GateError, RootKey, RootKeyId, Rotated};
use store::Store;

use crate::output::{note, say};
use crate::report::{Error, grouped, progress};
use crate::root_key::{Source, Sources, make_of_passphrase, new_file};
use crate::site::{Site, SiteArguments};
use crate::surroundings::SystemRandomness;
use crate::wrapped::Wrapped;

/// Locked while a rotation runs on a data directory.
const LOCK: &str = "root.lock";

/// Put another root key in place of the site's.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus keys rotate --data moretus-data\n  moretus keys rotate --data moretus-data --to passphrase\n  moretus keys rotate --data moretus-data --to 'command:/usr/local/bin/root-key-from-kms root-2.wrapped'\n\nServers of this data directory go on and get the new root key by themselves, from a file or a program; give it to\nother servers, and to those with a passphrase or a variable, before: see docs/operations.md. Cut off, the same again\ngoes on. Keep the former root key as long as you keep backups that were made before the end."
)]
pub(crate) struct Rotate {
    #[command(flatten)]
    site: SiteArguments,
    /// Where the new root key comes from: `file:PATH`, made if it is not there; `passphrase`, a new one; `env:NAME` or
    /// `command:PROGRAM [FILE]`. Without it, a new file or passphrase if that is what the site has now.
    #[arg(long, value_name = "SOURCE")]
    to: Option<String>,
    /// A file with the new passphrase; without it, it is asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    new_passphrase_from: Option<PathBuf>,
}

impl Rotate {
    pub(crate) async fn run(self) -> Result<(), Error> {
        self.site.must_be_a_site()?;
        let _lock = self.lock()?;
        let sources = self.site.sources()?;
        let store = Store::open(&self.site.location()?).await?;
        let wrapped = Wrapped::read(&store).await?;
        let plan = self.plan(&sources, &wrapped)?;
        // Before anything is written: a root key that is wrong or missing changes nothing.
        plan.must_open(&wrapped)?;
        let site = self.site.open_on(plan.keys, self.site.sources()?, store).await?;
        if let (Source::File(path), true) = (&plan.to, plan.is_new_file) {
            site.root.write_new(path)?;
        }
        // From now on whoever meets a key of the new root key finds out where that is.
        sources.remember(&[plan.to.clone(), plan.former.clone()])?;
        let anew = rotate(&site).await?;
        sources.remember(std::slice::from_ref(&plan.to))?;
        say!(
            "root key {} takes the place of the former one: {} keys wrapped anew",
            site.root.id(),
            grouped(anew)
        );
        note!(
            "the former one, {}, opens nothing here any more: keep a copy apart as long as you keep backups that were made before, then destroy it; take a copy of the new one",
            plan.former
        );
        if sources.are_given() {
            note!(
                "servers that are told their root key with --root-key or MORETUS_ROOT_KEY: tell them {}",
                plan.to
            );
        }
        site.close().await
    }

    /// What is to be done: which root key takes the other's place is what the database says, and what was remembered
    /// when that began; never the order in which they are given.
    fn plan(&self, sources: &Sources, wrapped: &Wrapped) -> Result<Plan, Error> {
        let list = sources.list()?;
        if let [current] = list.as_slice() {
            return self.begin(current, sources.open_one(current)?, sources);
        }
        let open = |source: Source| Ok((sources.open_one(&source)?, source));
        let mut opened: Vec<(RootKey, Source)> = list.into_iter().map(open).collect::<Result<_, Error>>()?;
        let of_site = opened.iter().position(|(key, _)| wrapped.site == Some(key.id()));
        let of_site = of_site.ok_or(GateError::WrongRootKey)?;
        match (wrapped.left() > 0, sources.is_rotation_begun()?) {
            (true, _) => self.resume(of_site, opened, sources),
            // Nothing was wrapped anew yet, or everything was.
            (false, true) => self.resume(0, opened, sources),
            (false, false) if self.to.is_some() => {
                let (key, current) = opened.remove(of_site);
                self.begin(&current, key, sources)
            }
            (false, false) => Err(
                "two root keys are given, and no rotation is under way: say with --to which one takes the place of the other"
                    .into(),
            ),
        }
    }

    /// A rotation that was begun goes on, to this one of its root keys.
    fn resume(
        &self,
        to: usize,
        mut opened: Vec<(RootKey, Source)>,
        sources: &Sources,
    ) -> Result<Plan, Error> {
        let (key, to) = opened.remove(to);
        let (mut keys, mut others) = (vec![key], Vec::new());
        for (key, source) in opened {
            keys.push(key);
            others.push(source);
        }
        let former = others.into_iter().next().ok_or("there is no source of a root key")?;
        if let Some(text) = &self.to {
            let wanted = Source::parse(text, Path::new(""))?;
            let is_passphrase = matches!((&wanted, &to), (Source::Passphrase(None), Source::Passphrase(_)));
            if !is_passphrase && !sources.is_same(&wanted, &to) {
                return Err(format!(
                    "a rotation to {to} is under way: run it to its end first, without --to"
                )
                .into());
            }
        }
        note!("a rotation to {to} was begun: it goes on");
        Ok(Plan { to, former, keys, is_new_file: false })
    }

    /// A new rotation, with a new root key in memory.
    fn begin(&self, current: &Source, former: RootKey, sources: &Sources) -> Result<Plan, Error> {
        let (to, key, is_new_file) = self.new_root_key(current, sources)?;
        if key.id() == former.id() {
            return Err(format!("{to} gives the root key that the site has already").into());
        }
        Ok(Plan { to, former: current.clone(), keys: vec![key, former], is_new_file })
    }

    /// The new root key, where it comes from, and whether that is a file that is still to be written.
    fn new_root_key(&self, current: &Source, sources: &Sources) -> Result<(Source, RootKey, bool), Error> {
        let wanted = match (self.to.as_deref().map(str::trim), current) {
            (Some("file"), _) | (None, Source::File(_)) => None,
            (None, Source::Passphrase(_)) => Some(Source::Passphrase(None)),
            (Some(text), _) => Some(Source::parse(text, Path::new(""))?),
            (None, other) => {
                return Err(format!(
                    "the site has its root key from {other}: say with --to where the new one is"
                )
                .into());
            }
        };
        let made = || RootKey::generate(&SystemRandomness);
        match wanted {
            None => {
                let key = made();
                Ok((Source::File(new_file(&self.site.data, key.id())), key, true))
            }
            Some(Source::Passphrase(None)) => {
                let (source, key) = make_of_passphrase(self.new_passphrase_from.clone())?;
                Ok((source, key, false))
            }
            Some(source) if source.is_missing() => Ok((source, made(), true)),
            Some(source) => {
                let key = sources.open_one(&source)?;
                Ok((source, key, false))
            }
        }
    }

    /// Two rotations at once would write down different root keys. The lock goes with the process.
    fn lock(&self) -> Result<File, Error> {
        let path = self.site.data.join(LOCK);
        let unusable = |error: std::io::Error| format!("cannot write `{}`: {}", path.display(), error.kind());
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => {
                Err("another rotation runs on this data directory: wait for it".into())
            }
            Err(TryLockError::Error(error)) => Err(unusable(error).into()),
        }
    }
}

/// What is to be done.
struct Plan {
    to: Source,
    former: Source,
    /// The new one first.
    keys: Vec<RootKey>,
    is_new_file: bool,
}

impl Plan {
    /// Refuses when a key is wrapped by a root key that is not there.
    fn must_open(&self, wrapped: &Wrapped) -> Result<(), Error> {
        let is_held = |id: &RootKeyId| self.keys.iter().any(|key| key.id() == *id);
        match wrapped.needed().find(|id| !is_held(id)) {
            None => Ok(()),
            Some(_) if wrapped.left() == 0 => Err(GateError::WrongRootKey.into()),
            Some(id) => Err(format!(
                "root key `{id}` is needed too, since a rotation is under way: give it with --other-root-key"
            )
            .into()),
        }
    }
}

/// Wraps every key by the site's first root key; answers how many were wrapped anew.
async fn rotate(site: &Site) -> Result<u64, Error> {
    let before = Wrapped::read(site.app.store()).await?;
    let bar = progress("keys wrapped anew", before.data_keys.iter().map(|(_, count)| count).sum());
    let tell = |rotated: &Rotated| bar.set_position(rotated.anew + rotated.before);
    let rotated = site.app.gate.rotate_root_key(&site.root, tell).await?;
    bar.finish_and_clear();
    let after = Wrapped::read(site.app.store()).await?;
    if after.site != Some(site.root.id()) || after.left() > 0 {
        return Err("not every key is wrapped by the new root key: run this again".into());
    }
    Ok(rotated.anew)
}
