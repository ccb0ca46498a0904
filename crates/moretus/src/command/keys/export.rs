//! `moretus keys pair` and `keys export`: a pair of keys for whoever keeps a copy of the root key, and the copy, sealed to
//! the public one. What comes out can lie anywhere.

use std::path::PathBuf;

use clap::Args;
use gate::{CopyIdentity, CopyRecipient};

use super::the_root_key;
use crate::output::{note, say};
use crate::report::Error;
use crate::site::SiteArguments;
use crate::surroundings::SystemRandomness;

/// Make a pair of keys to seal copies to.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus keys pair --out private.key\n\nWhoever keeps the copy does this, on a machine of their own, and hands over the public key, which is printed."
)]
pub(crate) struct Pair {
    /// The file to write the private key to, for its owner alone; one that is there is not replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Pair {
    pub(crate) fn run(self) -> Result<(), Error> {
        let made = CopyIdentity::create(&self.out, &SystemRandomness)?;
        say!("{}", made.recipient()?);
        Ok(())
    }
}

/// Seal a copy of the root key.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus keys export --data moretus-data --to \"$(cat public-key.txt)\" --out root.copy\n  moretus keys export --data moretus-data --to moretus-copy-public-1:... > root.copy\n\nWhoever keeps the copy makes the keys with `moretus keys pair`. Export again after a rotation."
)]
pub(crate) struct Export {
    #[command(flatten)]
    site: SiteArguments,
    /// The public key of whoever keeps the copy, as `keys pair` prints it.
    #[arg(long, value_name = "KEY")]
    to: String,
    /// The file to write; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

impl Export {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let recipient: CopyRecipient = self.to.parse()?;
        let key = the_root_key(&self.site).await?;
        let copy = key.seal_copy(&recipient, &SystemRandomness)?;
        crate::output::put(&self.out, copy.as_bytes())?;
        crate::output::check_heard()?;
        note!("root key {}, sealed to {recipient}", key.id());
        Ok(())
    }
}
