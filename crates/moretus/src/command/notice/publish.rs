//! `moretus notice publish`: a newer version of a portfolio's notice, issued to everybody who is enrolled, or of a
//! document that stands beside it. It binds nobody by itself.

use std::path::PathBuf;

use clap::Args;
use notice::{Edition, Notice};
use serde_json::json;
use service::{IssueReport, Publication};

use super::{NoticeSource, count};
use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// Who stands for a version of the notice.
#[derive(Args)]
pub(crate) struct PublicationArguments {
    /// Who wrote the notice.
    #[arg(long, value_name = "NAME")]
    author: String,
    /// Who publishes it: somebody else.
    #[arg(long, value_name = "NAME")]
    publisher: String,
    /// The data protection officer's opinion, which is filed with it.
    #[arg(long, value_name = "FILE")]
    opinion: PathBuf,
}

impl PublicationArguments {
    /// The two people, and the opinion as the file has it.
    pub(crate) fn read(&self) -> Result<Publication, Error> {
        Ok(Publication::new(&self.author, &self.publisher, &crate::files::read_text(&self.opinion)?)?)
    }
}

/// Publish a newer version of a portfolio's notice, or of a document beside it.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus notice publish notices/2027-01-01 --data moretus-data --portfolio officina --organisation organisation.toml \\\n    --author 'An Author' --publisher 'A Publisher' --opinion opinion.txt\n\nA delivery is queued for everybody enrolled. Cut off, the same again goes on, and changes nothing when all is there.\nThe version binds a person when it is in force, was delivered to them, and its notice period is over; what it\nforbids or narrows holds for everybody from the day that it is in force. A related notice that it names is published\nfirst. A related notice and a supplement are delivered to nobody: what is collected under a version of a\nsupplement obeys that version."
)]
pub(crate) struct Publish {
    /// The folder of the notice.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// The organisation's values; without it, `organisation.toml` of the folder.
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    #[command(flatten)]
    publication: PublicationArguments,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Publish {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let source = NoticeSource::load(&self.folder, self.organisation.as_deref())?;
        let edition = source.read_edition()?;
        source.must_be_publishable(&edition)?;
        let publication = self.publication.read()?;
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        let (store, gate, files) = (site.app.store(), &site.app.gate, source.files());
        let now = gate.now();
        if let Edition::Notice(notice) = &edition {
            service::publish_notice(store, Some(gate), portfolio, files, &publication, now).await?;
            let report = service::issue_notices(&site.app, portfolio).await?;
            self.say_notice(notice, &report);
        } else {
            service::publish_document(store, Some(gate), portfolio, files, &publication, now).await?;
            self.say_document(&edition);
        }
        site.close().await
    }

    fn say_notice(&self, notice: &Notice, report: &IssueReport) {
        if self.json {
            let done = json!({
                "version": notice.version(),
                "effective": notice.effective().to_string(),
                "notice_period_days": notice.notice_period_days(),
                "queued": report.queued,
                "bound": report.bound,
            });
            say!("{done:#}");
            return;
        }
        say!("version {}, in force from {}", notice.version(), notice.effective());
        say!("  deliveries queued: {}", grouped(report.queued));
        say!(
            "  it binds a person {} after it was delivered to them",
            count(notice.notice_period_days() as usize, "day")
        );
    }

    fn say_document(&self, edition: &Edition) {
        let (name, version, effective) = (edition.name(), edition.version(), edition.effective());
        if self.json {
            let done = json!({ "document": name, "version": version, "effective": effective.to_string() });
            say!("{done:#}");
            return;
        }
        say!("{name}: version {version}, in force from {effective}");
    }
}
