//! `moretus backup` and `moretus restore`: a copy of a site's database and, apart from it, of its keys,
//! taken while the site works; and a new site made of one, with a log of its own.
//!
//! The root key, statements and bank files are not in a backup: they are files, copied as such.

mod erasures;

use std::path::{Path, PathBuf};

use clap::Args;
use gate::{GateError, RootKey, RootKeyId};
use store::key::Erasure;
use store::{Store, StoreError};

use crate::output::say;
use crate::report::{Error, grouped};
use crate::root_key::{Source, Sources};
use crate::site::{SiteArguments, make_data_folder, make_folder};
use crate::wrapped::needed_sources;

/// Back up a site while it runs.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus backup --data moretus-data --to /backup/monday --keys-to /short-lived/monday\n  moretus backup --data moretus-data --erasures-to /elsewhere/erasures.txt\n\nKeep the keys for a shorter time than the rest: what was erased stays readable as long as both are kept.\nKeep the list of erasures outside the backups and write it often: a restore replays it."
)]
pub(crate) struct Backup {
    #[command(flatten)]
    site: SiteArguments,
    /// The folder to make for the database.
    #[arg(long, value_name = "DIR", required_unless_present = "erasures_to")]
    to: Option<PathBuf>,
    /// The folder to make for the keys; without it, beside the other, its name ending in `-keys`.
    #[arg(long, value_name = "DIR", requires = "to")]
    keys_to: Option<PathBuf>,
    /// The file to write the list of erasures to; one that is there is replaced.
    #[arg(long, value_name = "FILE")]
    erasures_to: Option<PathBuf>,
}

impl Backup {
    pub(crate) async fn run(self) -> Result<(), Error> {
        if self.site.db.is_none() {
            self.site.must_be_a_site()?;
        }
        let store = Store::open(&self.site.location()?).await?;
        if let Some(to) = &self.to {
            back_up(&store, to, &keys_folder(to, self.keys_to)).await?;
        }
        if let Some(file) = &self.erasures_to {
            let list = erasures::of_store(&store).await?;
            crate::files::write(file, erasures::to_text(&list).as_bytes())?;
            say!("list of {} erasures: {}", grouped(list.len() as u64), file.display());
        }
        store.close().await?;
        Ok(())
    }
}

async fn back_up(store: &Store, to: &Path, keys_to: &Path) -> Result<(), Error> {
    make_folder(to)?;
    make_folder(keys_to)?;
    let copied = store.backup(to, keys_to).await.map_err(|error| match error {
        StoreError::Duplicate => format!(
            "there is a backup in `{}` or `{}` already: choose other folders",
            to.display(),
            keys_to.display()
        )
        .into(),
        other => Error::from(other),
    })?;
    say!("database, {} rows: {}", grouped(copied.rows), to.display());
    say!("keys, {} rows: {}", grouped(copied.key_rows), keys_to.display());
    Ok(())
}

/// Where the keys of a backup are when nothing else is said.
fn keys_folder(backup: &Path, given: Option<PathBuf>) -> PathBuf {
    given.unwrap_or_else(|| {
        let mut name = backup.file_name().unwrap_or_default().to_owned();
        name.push("-keys");
        backup.with_file_name(name)
    })
}

/// Restore a backup as a new site with a new log.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus restore --from /backup/monday --keys-from /short-lived/monday --data moretus-data \\\n    --root-key root.key --erasures /elsewhere/erasures.txt --checkpoint /elsewhere/checkpoint.txt\n  moretus restore --from /backup/monday --data moretus-data --root-key root.key --nothing-erased\n\nThe place must be empty. What the site promised after the backup (consents withdrawn, tokens ended) it does not know."
)]
#[command(group = clap::ArgGroup::new("erased").required(true).args(["erasures", "nothing_erased"]))]
pub(crate) struct Restore {
    /// The backup's folder.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The folder of the backup's keys; without it, beside the other, its name ending in `-keys`.
    #[arg(long, value_name = "DIR")]
    keys_from: Option<PathBuf>,
    #[command(flatten)]
    site: SiteArguments,
    /// What was erased since the backup: the list that `backup --erasures-to` wrote, or the data directory
    /// of the former site if it can still be read.
    #[arg(long, value_name = "FILE|DIR")]
    erasures: Option<PathBuf>,
    /// Nothing was erased since the backup.
    #[arg(long)]
    nothing_erased: bool,
    /// The last checkpoint of the former log that someone outside holds; without it, the one that the
    /// former site's own witness remembers, if its data directory is given with --erasures.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

impl Restore {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let keys_from = keys_folder(&self.from, self.keys_from.clone());
        let (sources, keys) = self.root_keys(&keys_from)?;
        let erased = self.erased().await?;
        let outside = self.outside()?;
        self.site.must_be_a_place()?;
        make_data_folder(&self.site.data)?;
        let (store, copied) = Store::restore(&self.site.location()?, &self.from, &keys_from).await.map_err(
            |error| match error {
                StoreError::Duplicate => {
                    Error::from("the place holds a site already: restore to an empty one")
                }
                other => other.into(),
            },
        )?;
        say!("restored {} rows and {} rows of keys", grouped(copied.rows), grouped(copied.key_rows));

        let ids: Vec<_> = keys.iter().map(RootKey::id).collect();
        let site = self.site.open_on(keys, sources, store).await?;
        let gate = &site.app.gate;
        let destroyed = gate.replay_erasures(&erased).await?;
        say!(
            "replayed {} erasures: {} keys were there still",
            grouped(erased.len() as u64),
            grouped(destroyed)
        );
        let reopened = gate.reopen_log(outside.as_deref(), None).await?;
        let entries = service::erase_lapsed_entries(&site.app).await?;
        say!("erased {} entries of the log that have lapsed", grouped(entries));
        let report = gate.verify_log(outside.as_deref()).await?;
        say!("new log {}: {} entries verify", report.origin, grouped(report.entries));
        say!(
            "  follows log {}, of which it holds {} entries; {}",
            reopened.former,
            grouped(reopened.size),
            super::log::missing(&reopened)
        );
        if let Some(url) = &self.site.db {
            crate::files::write_secret(&self.site.data.join("database"), url.as_bytes())?;
        }
        // Last: a site without its root key does not open, so that one half restored is never used.
        let given = self.site.sources()?;
        let needed = needed_sources(site.app.store(), &given, &ids).await?;
        self.put_root_key(&given, &needed)?;
        say!("the site is in {}", self.site.data.display());
        site.close().await
    }

    /// The root keys that the backup needs, all of them, before anything is made.
    fn root_keys(&self, keys_from: &Path) -> Result<(Sources, Vec<RootKey>), Error> {
        let sources = self.site.sources()?;
        let keys = sources.open()?;
        let needed: Vec<_> =
            store::backup::roots(keys_from)?.into_iter().map(RootKeyId::from_bytes).collect();
        let is_missing = |id: &&RootKeyId| !keys.iter().any(|key| key.id() == **id);
        match needed.iter().filter(is_missing).collect::<Vec<_>>().as_slice() {
            [] => Ok((sources, keys)),
            [id] if needed.len() > 1 => Err(format!(
                "the backup was made while the root key was being changed, and needs root key `{id}` too: give it with --other-root-key"
            )
            .into()),
            _ => Err(GateError::WrongRootKey.into()),
        }
    }

    /// Puts a root key that is in a file into its place, or remembers where it comes from; what is there stays.
    fn put_root_key(&self, sources: &Sources, needed: &[Source]) -> Result<(), Error> {
        let usual = self.site.root_key();
        match needed {
            [Source::File(from)] if *from != usual && !usual.exists() => {
                RootKey::read(from)?.write_new(&usual)?;
                sources.remember(&[Source::File(usual)])
            }
            // Another one may stand in the usual place, or be remembered: what was proved right counts.
            [Source::File(from)]
                if usual.exists() && RootKey::read(&usual)?.id() == RootKey::read(from)?.id() =>
            {
                sources.remember(&[Source::File(usual)])
            }
            list => sources.remember(list),
        }
    }

    async fn erased(&self) -> Result<Vec<Erasure>, Error> {
        let Some(path) = &self.erasures else { return Ok(Vec::new()) };
        if !path.is_dir() {
            return erasures::from_text(&crate::files::read_text(path)?)
                .map_err(|error| format!("`{}`, {error}", path.display()).into());
        }
        let former = SiteArguments::new(path.clone(), None);
        let store = Store::open(&former.location()?).await?;
        let list = erasures::of_store(&store).await?;
        store.close().await?;
        Ok(list)
    }

    fn outside(&self) -> Result<Option<String>, Error> {
        if let Some(path) = &self.checkpoint {
            return crate::files::read_text(path).map(Some);
        }
        let remembered = self.erasures.as_ref().map(|path| path.join("witness").join("witness.checkpoint"));
        remembered.filter(|path| path.is_file()).map(|path| crate::files::read_text(&path)).transpose()
    }
}
