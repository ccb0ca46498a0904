//! `moretus migrate`: bring a database to this program's version.

use clap::Args;
use store::{Store, StoreError};

use crate::output::say;
use crate::report::Error;
use crate::site::SiteArguments;

/// Migrate a site's database.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus migrate --data moretus-data\n\nMigrations go forward only and can be run again after an interruption."
)]
pub(crate) struct Migrate {
    #[command(flatten)]
    site: SiteArguments,
}

impl Migrate {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let location = self.site.location()?;
        // A place without a site is a slip of the pen: `init` makes one, this does not.
        if let Err(StoreError::OlderDatabase { found: 0, .. }) = Store::open(&location).await {
            return Err(
                "there is no site there to migrate: check --data and --db, or make one with `moretus init`"
                    .into(),
            );
        }
        let report = Store::migrate(&location).await?;
        say!("the database is of version {} (it was {})", report.to, report.from);
        Ok(())
    }
}
