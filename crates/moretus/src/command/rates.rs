//! `moretus rates`: the rates of exchange of a site, which claims in another currency than their cover's are exchanged at. They
//! come from a file that somebody fetched: nothing is fetched here.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{Currency, Date};
use serde_json::json;

use crate::output::{note, say};
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// Rates of exchange.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus rates import --data moretus-data eurofxref-hist.csv\n  moretus rates show --data moretus-data --currency USD --on 2026-10-30"
)]
pub(crate) struct Rates {
    #[command(subcommand)]
    command: RatesCommand,
}

#[derive(Subcommand)]
enum RatesCommand {
    /// Take in rates from a file as the European Central Bank publishes them.
    Import(Import),
    /// The rate of a currency on a day.
    Show(Show),
}

impl Rates {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            RatesCommand::Import(command) => command.run().await,
            RatesCommand::Show(command) => command.run().await,
        }
    }
}

/// Take in rates.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus rates import --data moretus-data eurofxref-hist.csv\n  unzip -p eurofxref-hist.zip | moretus rates import --data moretus-data - --json\n\nThe first column is `Date`, each other one a currency in units for one euro; `N/A` where there was none. The same file again changes\nnothing, and so does a longer one for the days that are known. A rate that is known with another value is refused, and nothing of\nthe file is taken: what was decided rests on it."
)]
struct Import {
    #[command(flatten)]
    site: SiteArguments,
    /// The file, or `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print what was taken as JSON.
    #[arg(long)]
    json: bool,
}

impl Import {
    async fn run(self) -> Result<(), Error> {
        let text = crate::files::read_text(&self.file)?;
        let published = intake::exchange_rates(&crate::files::name(&self.file), text.as_bytes())?;
        let site = self.site.open().await?;
        let added = site.app.rates.add(site.app.store(), &published.rates).await?;
        if !published.left_out.is_empty() {
            note!("left out, since no amount is in them: {}", published.left_out.join(", "));
        }
        if self.json {
            let value = json!({ "new": added.new, "known": added.known, "left_out": published.left_out });
            say!("{value:#}");
        } else {
            say!("{} rates taken, {} known", grouped(added.new), grouped(added.known));
        }
        site.close().await
    }
}

/// The rate of a day.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus rates show --data moretus-data --currency USD --on 2026-10-30\n  moretus rates show --data moretus-data --currency JPY --on 2026-11-01 --json\n\nA day without a rate has that of the last one before it, up to ten days back. Exit codes: 0 there is one; 1 there is none."
)]
struct Show {
    #[command(flatten)]
    site: SiteArguments,
    /// Of which currency: units of it for one euro.
    #[arg(long, value_name = "CODE")]
    currency: Currency,
    /// On which day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    on: Date,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        site.app.rates.refresh(site.app.store()).await?;
        let found = site.app.rates.on(self.currency, self.on);
        site.close().await?;
        let Some((published, units)) = found else {
            return Err(format!(
                "there is no rate of {} on {}, nor in the ten days before: run `moretus rates import`",
                self.currency.code(),
                self.on
            )
            .into());
        };
        match self.json {
            true => {
                let (currency, published) = (self.currency.code(), published.to_string());
                say!(
                    "{:#}",
                    json!({ "currency": currency, "published": published, "units_for_one_euro": units })
                );
            }
            false => say!("{units} {} for one euro, published on {published}", self.currency.code()),
        }
        Ok(())
    }
}
