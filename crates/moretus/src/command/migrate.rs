//! `moretus migrate`: bring a database to this program's version.

use clap::Args;
use store::Store;

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
        let report = Store::migrate(&self.site.location()?).await?;
        println!("the database is of version {} (it was {})", report.to, report.from);
        Ok(())
    }
}
