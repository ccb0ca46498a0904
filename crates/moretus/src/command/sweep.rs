//! `moretus sweep`: apply the notice's retention now.

use clap::Args;
use serde_json::json;

use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// Destroy the keys of what may no longer be kept.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus sweep --data moretus-data\n  moretus sweep --data moretus-data --json"
)]
pub(crate) struct Sweep {
    #[command(flatten)]
    site: SiteArguments,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Sweep {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let mut swept = Vec::new();
        for portfolio in site.app.store().read(store::reference::portfolios).await.map_err(site_error)? {
            let report = service::sweep(&site.app, portfolio.portfolio).await?;
            if self.json {
                swept.push(json!({
                    "portfolio": portfolio.portfolio.to_string(),
                    "name": portfolio.name,
                    "subjects": report.subjects,
                    "keys_destroyed": report.keys,
                }));
                continue;
            }
            say!(
                "{}: {} subjects looked at, {} keys destroyed",
                portfolio.name,
                grouped(report.subjects),
                grouped(report.keys)
            );
        }
        if self.json {
            say!("{:#}", json!({ "portfolios": swept }));
        }
        site.close().await
    }
}

fn site_error(error: store::StoreError) -> Error {
    error.into()
}
