//! `moretus sweep`: apply the notice's retention now.

use clap::Args;

use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// Destroy the keys of what may no longer be kept.
#[derive(Args)]
#[command(after_help = "Example:\n  moretus sweep --data moretus-data")]
pub(crate) struct Sweep {
    #[command(flatten)]
    site: SiteArguments,
}

impl Sweep {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        for portfolio in site.app.store().read(store::reference::portfolios).await.map_err(site_error)? {
            let report = service::sweep(&site.app, portfolio.portfolio).await?;
            say!(
                "{}: {} subjects looked at, {} keys destroyed",
                portfolio.name,
                grouped(report.subjects),
                grouped(report.keys)
            );
        }
        site.close().await
    }
}

fn site_error(error: store::StoreError) -> Error {
    error.into()
}
