//! `moretus keys`: another root key in place of the site's, what each root key wraps, and a sealed copy of it.
//!
//! It opens no personal data. Where root keys come from, `crate::root_key` says.

mod export;
mod import;
mod rotate;
mod status;

use clap::{Args, Subcommand};
use gate::{GateError, RootKey};
use store::Store;

use crate::report::Error;
use crate::site::SiteArguments;
use crate::wrapped::Wrapped;

/// The root key.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus keys status --data moretus-data\n  moretus keys rotate --data moretus-data --to passphrase\n  moretus keys export --data moretus-data --to moretus-copy-public-1:... --out root.copy"
)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Say where the root key comes from, how many keys it wraps, and whether it is being changed.
    Status(status::Status),
    /// Put another root key in place of the site's, while servers work. Nothing that is sealed is written again.
    Rotate(rotate::Rotate),
    /// Make a pair of keys for whoever keeps a sealed copy of a root key.
    Pair(export::Pair),
    /// Seal a copy of the root key to somebody's public key, to be kept apart.
    Export(export::Export),
    /// Put the root key of such a copy into a data directory that has none.
    Import(import::Import),
}

impl Keys {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            KeysCommand::Status(command) => command.run().await,
            KeysCommand::Rotate(command) => command.run().await,
            KeysCommand::Pair(command) => command.run(),
            KeysCommand::Export(command) => command.run().await,
            KeysCommand::Import(command) => command.run().await,
        }
    }
}

/// The site's root key, and no other: while it is being changed there is none that opens everything.
async fn the_root_key(site: &SiteArguments) -> Result<RootKey, Error> {
    site.must_be_a_site()?;
    let keys = site.sources()?.open()?;
    let store = Store::open(&site.location()?).await?;
    let wrapped = Wrapped::read(&store).await?;
    store.close().await?;
    if wrapped.left() > 0 {
        return Err("the root key is being changed: run `moretus keys rotate` to its end first".into());
    }
    let is_the_sites = |key: &RootKey| wrapped.site == Some(key.id());
    Ok(keys.into_iter().find(is_the_sites).ok_or(GateError::WrongRootKey)?)
}
