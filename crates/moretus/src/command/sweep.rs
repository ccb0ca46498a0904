//! `moretus sweep`: apply the notice's retention now. A portfolio that cannot be swept, since its notice cannot be
//! read for instance, holds up no other; the command fails in the end.

use clap::Args;
use serde_json::json;

use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// Destroy the keys of what may no longer be kept, and erase entries of the log that have lapsed.
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
        let (mut swept, mut failed) = (Vec::new(), Vec::new());
        for portfolio in site.app.store().read(store::reference::portfolios).await.map_err(site_error)? {
            let report = match service::sweep(&site.app, portfolio.portfolio).await {
                Ok(report) => report,
                Err(error) => {
                    failed.push(format!("{}: {error}", portfolio.name));
                    continue;
                }
            };
            if self.json {
                swept.push(json!({
                    "portfolio": portfolio.portfolio.to_string(),
                    "name": portfolio.name,
                    "subjects": report.subjects,
                    "keys_destroyed": report.keys,
                    "material_destroyed": report.material,
                    "log_entries_erased": report.entries,
                }));
                continue;
            }
            say!(
                "{}: {} subjects looked at, {} keys destroyed, {} entries of the log erased",
                portfolio.name,
                grouped(report.subjects),
                grouped(report.keys),
                grouped(report.entries)
            );
        }
        if self.json {
            say!("{:#}", json!({ "portfolios": swept }));
        }
        site.close().await?;
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!("not every portfolio was swept: {}", failed.join("; ")).into())
    }
}

fn site_error(error: store::StoreError) -> Error {
    error.into()
}
