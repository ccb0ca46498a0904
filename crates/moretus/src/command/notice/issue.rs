//! `moretus notice issue`: what the server does every day: nobody enrolled is left out, and whoever's notice period
//! is over is bound.

use clap::Args;
use serde_json::json;

use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// Issue the newest version to those enrolled since, and bind those whose notice period is over.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus notice issue --data moretus-data --portfolio officina\n\n`moretus serve` does the same for every portfolio once a day."
)]
pub(crate) struct Issue {
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Issue {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        let report = service::issue_notices(&site.app, portfolio).await?;
        if self.json {
            say!("{:#}", json!({ "queued": report.queued, "bound": report.bound }));
        } else {
            say!("deliveries queued: {}", grouped(report.queued));
            say!("people bound to a newer version: {}", grouped(report.bound));
        }
        site.close().await
    }
}
