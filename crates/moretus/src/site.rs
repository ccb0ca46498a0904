//! A site on disk: a data directory with its root key, its database (or where that is), the witness's
//! key, and what was written (statements, bank files).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use domain::Country;
use gate::{Gate, RootKey};
use service::App;
use store::{Location, Store};

use crate::report::Error;
use crate::surroundings::{SystemClock, SystemRandomness};

/// Where a site is. Environment over default: the flags win over both.
#[derive(Args, Clone, Debug)]
pub(crate) struct SiteArguments {
    /// The site's data directory.
    #[arg(long, value_name = "DIR", env = "MORETUS_DATA", default_value = "moretus-data")]
    pub(crate) data: PathBuf,
    /// The database: `postgres://...`; without it, SQLite in the data directory.
    #[arg(long, value_name = "URL", env = "MORETUS_DB")]
    pub(crate) db: Option<String>,
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
    /// Where the database is.
    pub(crate) fn location(&self) -> Result<Location, Error> {
        let remembered = || std::fs::read_to_string(self.data.join("database")).ok();
        match self.db.clone().or_else(remembered) {
            Some(url) => Ok(url.trim().parse()?),
            None => Ok(Location::Sqlite { directory: self.data.clone() }),
        }
    }

    /// The root key file.
    pub(crate) fn root_key(&self) -> PathBuf {
        self.data.join("root.key")
    }

    /// Opens an existing site.
    pub(crate) async fn open(&self) -> Result<Site, Error> {
        let root = RootKey::read(&self.root_key())?;
        let store = Store::open(&self.location()?).await?;
        let restored = store.read(|unit| store::lease::meta(unit, store::backup::RESTORED_LOG)).await;
        if restored.map_err(|error: store::StoreError| error)?.is_some_and(|log| !log.is_empty()) {
            return Err(
                "this site was restored half-way: empty the place and run `moretus restore` again".into()
            );
        }
        self.open_on(root, store).await
    }

    /// Makes the data directory and root key if they are missing, brings the database to this program's
    /// version, and opens the site.
    pub(crate) async fn create(&self) -> Result<Site, Error> {
        make_folder(&self.data)?;
        let root = if self.root_key().exists() {
            RootKey::read(&self.root_key())?
        } else {
            RootKey::create(&self.root_key(), &SystemRandomness)?
        };
        if let Some(url) = &self.db {
            crate::files::write(&self.data.join("database"), url.as_bytes())?;
        }
        Store::migrate(&self.location()?).await?;
        let store = Store::open(&self.location()?).await?;
        self.open_on(root, store).await
    }

    pub(crate) async fn open_on(&self, root: RootKey, store: Store) -> Result<Site, Error> {
        let country: Country = "BE".parse()?;
        let gate =
            Gate::open(&root, store, country, Arc::new(SystemClock), Arc::new(SystemRandomness)).await?;
        Ok(Site { data: self.data.clone(), root, app: App::open(gate).await? })
    }
}

impl Site {
    /// Seals what is still unsealed, and closes the database in order.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.app.gate.sealer(self.witness()?).await?.finish().await?;
        self.app.store().close().await?;
        Ok(())
    }
}

/// Makes a folder that only its owner can enter.
pub(crate) fn make_folder(path: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| format!("cannot make `{}`: {}", path.display(), error.kind()).into())
}

impl Site {
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
