//! `moretus keys import`: the root key of a sealed copy, put into a data directory that has none. A root key that does
//! not belong to the database there is refused; one that is there is never replaced.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use gate::{CopyIdentity, GateError, RootKey};
use store::{Store, StoreError};
use zeroize::Zeroizing;

use super::Wrapped;
use crate::output::{note, say};
use crate::report::Error;
use crate::root_key::REMEMBERED;
use crate::site::{SiteArguments, make_data_folder};

/// The most that is read of a copy, and of a private key.
const MOST: u64 = 1_024;

/// Put back the root key of a sealed copy.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus keys import root.copy --identity private.key --data moretus-data\n  moretus keys import root-from-paper.txt --data moretus-data\n\nIt writes DIR/root.key. To restore a backup, import into the new data directory first, and then restore there."
)]
pub(crate) struct Import {
    /// The copy, as `keys export` wrote it; without --identity the root key itself. `-` is standard input.
    #[arg(value_name = "FILE")]
    from: PathBuf,
    /// The file with the private key that opens it, as `keys pair` wrote it.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    #[command(flatten)]
    site: SiteArguments,
}

impl Import {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let file = self.site.root_key();
        if let Some(there) = [&file, &self.site.data.join(REMEMBERED)].into_iter().find(|path| path.exists())
        {
            return Err(
                format!("`{}` is there: a root key is not replaced by import", there.display()).into()
            );
        }
        let copy = read(&self.from)?;
        let key = match &self.identity {
            Some(identity) => RootKey::open_copy(&copy, &CopyIdentity::parse(&read(identity)?)?)?,
            None => RootKey::from_hex(&copy).ok_or_else(|| GateError::RootKeySource {
                from: self.from.display().to_string(),
                problem: format!("{}; a sealed copy needs --identity", gate::NO_ROOT_KEY),
            })?,
        };
        let is_checked = self.belongs(&key).await?;
        make_data_folder(&self.site.data)?;
        key.write_new(&file)?;
        say!("root key {}: {}", key.id(), file.display());
        if !is_checked {
            note!("there is no database here to check it by");
        }
        Ok(())
    }

    /// Whether it is known to be the site's root key. Errors: it is another site's.
    async fn belongs(&self, key: &RootKey) -> Result<bool, Error> {
        let store = match Store::open(&self.site.location()?).await {
            Ok(store) => store,
            Err(StoreError::OlderDatabase { found: 0, .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let wrapped = Wrapped::read(&store).await?;
        store.close().await?;
        match wrapped.site {
            Some(id) if id != key.id() => Err(GateError::WrongRootKey.into()),
            other => Ok(other.is_some()),
        }
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, Error> {
    // Large enough from the beginning, so that no part of it stays behind where it stood before.
    let mut text = Zeroizing::new(String::with_capacity(MOST as usize));
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MOST).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text))
    };
    read.map_err(|error| crate::files::unreadable(path, &error))?;
    Ok(text)
}
