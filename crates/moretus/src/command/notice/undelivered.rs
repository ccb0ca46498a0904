//! `moretus notice undelivered`: to whom a version is still to be delivered, by the ids under which the program knows
//! them. It opens nobody's address.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use store::StoreError;

use crate::report::Error;
use crate::site::SiteArguments;

/// Rows read at a time.
const PAGE: usize = 5_000;

/// List those to whom a version is still to be delivered.
#[derive(Args)]
#[command(
    disable_version_flag = true,
    after_help = "Example:\n  moretus notice undelivered --data moretus-data --portfolio officina --version 2027-01-01 --out to-send.csv\n\nThe rows are subject,state,day as `moretus notice record` takes them: write in what became of each."
)]
pub(crate) struct Undelivered {
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// The version of the notice.
    #[arg(long, value_name = "VERSION")]
    version: String,
    /// Where the list goes; `-`, as without it, is standard output.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    out: PathBuf,
}

impl Undelivered {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let row = super::published(&site, &self.portfolio, &self.version).await?;
        let mut out: Box<dyn Write> = match self.out.as_os_str() == "-" {
            true => Box::new(std::io::stdout().lock()),
            false => Box::new(std::fs::File::create(&self.out).map_err(|error| self.cannot_write(&error))?),
        };
        let mut text = "subject,state,day\n".to_owned();
        let mut after = None;
        loop {
            out.write_all(text.as_bytes()).map_err(|error| self.cannot_write(&error))?;
            let (portfolio, number) = (row.portfolio, row.number);
            let page = site
                .app
                .store()
                .read(move |unit| store::delivery::undelivered(unit, portfolio, number, after, PAGE));
            let page = page.await.map_err(|error: StoreError| error)?;
            let Some(last) = page.last() else { break };
            after = Some(last.subject);
            text.clear();
            for delivery in &page {
                text.push_str(&format!("{},{},{}\n", delivery.subject, delivery.state, delivery.at.date()?));
            }
        }
        out.flush().map_err(|error| self.cannot_write(&error))?;
        drop(out);
        site.close().await
    }

    fn cannot_write(&self, error: &std::io::Error) -> Error {
        format!("cannot write `{}`: {error}", self.out.display()).into()
    }
}
