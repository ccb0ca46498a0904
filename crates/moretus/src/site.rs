//! A site on disk: a data directory with its root key (or where that comes from), its database (or where that is), the witness's
//! key, and what was written (statements, bank files).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use domain::{Country, PortfolioId};
use gate::{Gate, RootKey};
use service::App;
use store::reference::PortfolioRow;
use store::{Location, Store, StoreError};

use crate::output::note;
use crate::report::Error;
use crate::root_key::{DEFAULT_FILE, REMEMBERED, RootKeyArguments, Sources};
use crate::surroundings::{SystemClock, SystemRandomness};
use crate::wrapped::needed_sources;

/// Where a site is. Environment over default: the flags win over both.
#[derive(Args, Clone, Debug)]
pub(crate) struct SiteArguments {
    /// The site's data directory.
    #[arg(long, value_name = "DIR", env = "MORETUS_DATA", default_value = "moretus-data")]
    pub(crate) data: PathBuf,
    /// The database: `postgres://...`; without it, SQLite in the data directory.
    #[arg(long, value_name = "URL", env = "MORETUS_DB", hide_env_values = true)]
    pub(crate) db: Option<String>,
    #[command(flatten)]
    pub(crate) keys: RootKeyArguments,
}

/// An open site.
pub(crate) struct Site {
    /// The data directory.
    pub(crate) data: PathBuf,
    /// The root key.
    pub(crate) root: RootKey,
    /// The use cases' application.
    pub(crate) app: App,
}

impl SiteArguments {
    /// A site whose root key is where its data directory says.
    pub(crate) fn new(data: PathBuf, db: Option<String>) -> Self {
        Self { data, db, keys: RootKeyArguments::default() }
    }

    /// Where its root key comes from. A data directory is its owner's alone before what it says is believed.
    pub(crate) fn sources(&self) -> Result<Sources, Error> {
        if self.must_be_a_site().is_ok() {
            make_private(&self.data)?;
        }
        self.keys.sources(&self.data)
    }

    /// Where the database is.
    pub(crate) fn location(&self) -> Result<Location, Error> {
        let remembered = || crate::files::read_if_there(&self.data.join("database"));
        match self.db.clone().map_or_else(remembered, |url| Ok(Some(url)))? {
            Some(url) => Ok(url.trim().parse()?),
            None => Ok(Location::Sqlite { directory: self.data.clone() }),
        }
    }

    /// The file that the root key is in when nothing else is said.
    pub(crate) fn root_key(&self) -> PathBuf {
        self.data.join(DEFAULT_FILE)
    }

    /// Opens an existing site.
    pub(crate) async fn open(&self) -> Result<Site, Error> {
        self.must_be_a_site()?;
        let sources = self.sources()?;
        let keys = sources.open()?;
        let store = Store::open(&self.location()?).await?;
        let restored = store.read(|unit| store::lease::meta(unit, store::backup::RESTORED_LOG)).await;
        if restored.map_err(|error: StoreError| error)?.is_some_and(|log| !log.is_empty()) {
            return Err(
                "this site was restored half-way: empty the place and run `moretus restore` again".into()
            );
        }
        self.open_on(keys, sources, store).await
    }

    /// Opens the site, or makes it where there is none: data directory, root key, tables. A database that
    /// holds another site, or is of another version, is refused before anything is made or changed.
    pub(crate) async fn create(&self) -> Result<Site, Error> {
        let location = self.location()?;
        let found = existing(&location).await?;
        let sources = self.sources()?;
        let is_missing = sources.are_missing()?;
        if let Some(store) = found.as_ref().filter(|_| is_missing)
            && has_portfolios(store).await?
        {
            let place = sources.list()?.first().map_or_else(String::new, ToString::to_string);
            return Err(format!(
                "the database holds a site and `{place}` is missing: put that site's root key there, or choose an empty database"
            )
            .into());
        }
        make_data_folder(&self.data)?;
        let keys = match is_missing {
            true => vec![sources.create()?],
            false => sources.open()?,
        };
        let store = match found {
            Some(store) => store,
            None => Store::create(&location).await?,
        };
        let (given, ids) = (self.sources()?, keys.iter().map(RootKey::id).collect::<Vec<_>>());
        let site = self.open_on(keys, sources, store).await?;
        // Only then: what is needed is read from the whole table of keys.
        if given.are_given() {
            given.remember_given(&needed_sources(site.app.store(), &given, &ids).await?)?;
        }
        if let Some(url) = &self.db {
            crate::files::write_secret(&self.data.join("database"), url.as_bytes())?;
        }
        Ok(site)
    }

    /// Whether there is anything of a site in the data directory: what is said when it is not depends on that.
    pub(crate) fn must_be_a_site(&self) -> Result<(), Error> {
        let holds_one = [DEFAULT_FILE, REMEMBERED, "moretus.db", "keys.db", "log.db", "database"];
        if holds_one.iter().any(|file| self.data.join(file).exists()) {
            return Ok(());
        }
        Err(format!(
            "there is no site in `{}`: check --data, or make one with `moretus init`",
            self.data.display()
        )
        .into())
    }

    /// A folder that holds other things is no place for a site, and a root key that is lost cannot be
    /// made again: another one would open nothing.
    pub(crate) fn must_be_a_place(&self) -> Result<(), Error> {
        let is_empty = std::fs::read_dir(&self.data).map_or(true, |mut found| found.next().is_none());
        if is_empty || self.root_key().exists() || self.data.join(REMEMBERED).exists() {
            return Ok(());
        }
        let folder = self.data.display();
        Err(format!("`{folder}` is not empty and has no root.key: choose another with --data, or put its root.key back").into())
    }

    /// Refuses a database that holds a site, before anything in it is changed.
    pub(crate) async fn must_hold_no_site(&self) -> Result<(), Error> {
        let Some(store) = existing(&self.location()?).await? else { return Ok(()) };
        let holds_one = has_portfolios(&store).await?;
        store.close().await?;
        match holds_one {
            true => Err("the database holds a site already: choose an empty one with --db".into()),
            false => Ok(()),
        }
    }

    /// Opens a site on its database with its root keys, and with where to ask when they are changed.
    pub(crate) async fn open_on(
        &self,
        keys: Vec<RootKey>,
        sources: Sources,
        store: Store,
    ) -> Result<Site, Error> {
        let country: Country = "BE".parse()?;
        let (clock, randomness) = (Arc::new(SystemClock), Arc::new(SystemRandomness));
        let gate = Gate::open_with(&keys, Some(Arc::new(sources)), store, country, clock, randomness).await?;
        let root = keys.into_iter().next().ok_or("there is no source of a root key")?;
        Ok(Site { data: self.data.clone(), root, app: App::open(gate).await? })
    }
}

impl Site {
    /// Does something that makes many entries, with the log being sealed meanwhile.
    pub(crate) async fn while_sealing<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let sealer = self.app.gate.sealer(self.witness()?).await?;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let sealing = tokio::spawn(sealer.run(stopped));
        let outcome = work.await;
        // It seals what is left before it ends; when it has ended already, the next start does.
        let _ = stop.send(true);
        sealing.await?;
        outcome
    }

    /// Seals what is still unsealed, and closes the database in order.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.app.gate.sealer(self.witness()?).await?.finish().await?;
        self.app.store().close().await?;
        Ok(())
    }
}

/// The database in a place, when there is one.
async fn existing(location: &Location) -> Result<Option<Store>, Error> {
    match Store::open(location).await {
        Ok(store) => Ok(Some(store)),
        Err(StoreError::OlderDatabase { found: 0, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn has_portfolios(store: &Store) -> Result<bool, StoreError> {
    Ok(!store.read(store::reference::portfolios).await?.is_empty())
}

/// Makes a folder that only its owner can enter; one that is there stays as it is.
pub(crate) fn make_folder(path: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| format!("cannot make `{}`: {}", path.display(), error.kind()).into())
}

/// Makes a data directory, or makes one that is there its owner's alone.
pub(crate) fn make_data_folder(data: &Path) -> Result<(), Error> {
    make_folder(data)?;
    make_private(data)
}

/// Makes a data directory its owner's alone, and says so when it was not.
///
/// Errors: it is someone else's, who would read along.
fn make_private(data: &Path) -> Result<(), Error> {
    if !crate::files::is_open_to_others(data) {
        return Ok(());
    }
    crate::files::set_rights(data, 0o700).map_err(|error| {
        format!(
            "other users can enter the data directory `{0}`, and that cannot be changed ({1}): have its owner run `chmod 700 {0}`, or choose another with --data",
            data.display(),
            error.kind()
        )
    })?;
    note!("other users could enter the data directory `{}`: its rights are 0700 now", data.display());
    Ok(())
}

impl Site {
    /// The portfolio of this name or id.
    pub(crate) async fn portfolio(&self, wanted: &str) -> Result<PortfolioRow, Error> {
        find_portfolio(&self.app.store().read(store::reference::portfolios).await?, wanted)
    }

    /// Where the demo's witness keeps its key and memory.
    pub(crate) fn witness_folder(&self) -> PathBuf {
        self.data.join("witness")
    }

    /// The witness that runs beside this site, if there is one.
    pub(crate) fn witness(&self) -> Result<Option<gate::Witness>, Error> {
        let folder = self.witness_folder();
        if !folder.exists() {
            return Ok(None);
        }
        Ok(Some(gate::Witness::open(&folder, "moretus-demo-witness", &SystemRandomness)?))
    }
}

/// The one portfolio of this name or id among these.
pub(crate) fn find_portfolio(rows: &[PortfolioRow], wanted: &str) -> Result<PortfolioRow, Error> {
    let id = wanted.parse::<PortfolioId>().ok();
    let mut found = rows.iter().filter(|row| row.name == wanted || Some(row.portfolio) == id);
    let names = || rows.iter().map(|row| format!("`{}`", row.name)).collect::<Vec<_>>().join(", ");
    let row = found.next().ok_or_else(|| {
        format!("there is no portfolio `{wanted}`: use one of {}, or make it with `moretus init`", names())
    })?;
    match found.next() {
        Some(_) => Err(format!("several portfolios are called `{wanted}`: give the id of one").into()),
        None => Ok(row.clone()),
    }
}
