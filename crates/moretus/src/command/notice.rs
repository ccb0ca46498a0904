//! `moretus notice`: what can be said of a notice from its folder alone (whether it is sound, who may see what
//! under it, what a newer version changes, how it reads, what others get of it), without a site; and in a site
//! publishing a newer version and what becomes of it. A portfolio's first version is published by `init`.

mod check;
pub(super) mod columns;
mod copy;
mod diff;
mod export;
mod issue;
mod matrix;
mod publish;
mod record;
mod render;
mod source;
mod undelivered;
mod versions;

use clap::{Args, Subcommand};

use store::reference::NoticeRow;

use crate::report::Error;
use crate::site::Site;

pub(crate) use publish::PublicationArguments;
pub(crate) use source::NoticeSource;

/// Notices in folders, and published ones.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice check notices/2026-11-01\n  moretus notice matrix notices/2026-11-01\n  moretus notice diff notices/2026-11-01 notices/2027-01-01\n  moretus notice render notices/2026-11-01 --language fr --format html --out notice-fr.html\n  moretus notice export notices/2026-11-01 --format record-csv --language fr --out record.csv\n\nnotices/README.md says how a notice is written."
)]
pub(crate) struct Notice {
    #[command(subcommand)]
    command: NoticeCommand,
}

#[derive(Subcommand)]
enum NoticeCommand {
    /// Whether rules and prose of a notice are sound and match: every fault with its file, its line and what
    /// to write instead.
    Check(check::Check),
    /// The access matrix of a notice: who may see what, why, about whom, under which clause and conditions.
    Matrix(matrix::Matrix),
    /// What a newer version changes: who newly sees what and who no longer does, which rules, which prose.
    Diff(diff::Diff),
    /// The text of a notice in one language: as a page, as plain text or as a PDF.
    Render(render::Render),
    /// The clauses of a notice for other readers: the record of processing activities, DPV, Cedar.
    Export(export::Export),
    /// Publish a newer version for a portfolio, and queue its delivery to everybody enrolled; or a version of a
    /// document that stands beside it.
    Publish(publish::Publish),
    /// The published versions of a portfolio, who stands for each, and to how many it was delivered.
    Versions(versions::Versions),
    /// To whom a version is still to be delivered.
    Undelivered(undelivered::Undelivered),
    /// Record what became of deliveries: sent, read, failed, posted.
    Record(record::Record),
    /// Give a person a copy of the version that binds them, and record that it was given.
    Copy(copy::Copy),
    /// Queue deliveries for those enrolled since, and bind those whose notice period is over.
    Issue(issue::Issue),
}

impl Notice {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            NoticeCommand::Check(command) => command.run(),
            NoticeCommand::Matrix(command) => command.run(),
            NoticeCommand::Diff(command) => command.run(),
            NoticeCommand::Render(command) => command.run(),
            NoticeCommand::Export(command) => command.run(),
            NoticeCommand::Publish(command) => command.run().await,
            NoticeCommand::Versions(command) => command.run().await,
            NoticeCommand::Undelivered(command) => command.run().await,
            NoticeCommand::Record(command) => command.run().await,
            NoticeCommand::Copy(command) => command.run().await,
            NoticeCommand::Issue(command) => command.run().await,
        }
    }
}

/// A published version of a portfolio's notice.
async fn published(site: &Site, portfolio: &str, version: &str) -> Result<NoticeRow, Error> {
    let portfolio = site.portfolio(portfolio).await?;
    let versions = service::published_notices(site.app.store(), portfolio.portfolio).await?;
    let known = versions.iter().map(|version| version.version.as_str()).collect::<Vec<_>>().join(", ");
    versions.into_iter().find(|row| row.version == version).ok_or_else(|| {
        format!("version `{version}` is not published for {}: use one of {known}", portfolio.name).into()
    })
}

/// The hash of a version in hexadecimal digits.
fn hash(notice: &notice::Document) -> String {
    notice.hash().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// "1 clause", "2 clauses".
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
