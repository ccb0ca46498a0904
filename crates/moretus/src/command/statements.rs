//! `moretus statements`: write the statements of benefits that wait, a PDF each, into a folder. It tells how many and of nobody, sends
//! nothing, and writes no statement for anybody but the member: employers get none.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use service::{StatementReport, WaitingStatement};

use super::papers::settings::StatementArguments;
use super::papers::statement;
use super::recipients::InPortfolio;
use crate::output::say;
use crate::report::{Error, grouped, progress};
use crate::site::make_folder;

/// Statements of benefits.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus statements write --data moretus-data --portfolio officina --to statements --address https://benefits.example.org\n\nMake the payments first (`moretus payments make`): a statement says what was settled until it is written."
)]
pub(crate) struct Statements {
    #[command(subcommand)]
    command: StatementsCommand,
}

#[derive(Subcommand)]
enum StatementsCommand {
    /// Write the statements that wait, one file each.
    Write(Write),
}

impl Statements {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            StatementsCommand::Write(command) => command.run().await,
        }
    }
}

/// Write statements.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus statements write --data moretus-data --portfolio officina --to statements --address https://benefits.example.org\n  moretus statements write --portfolio officina --to statements --address https://benefits.example.org --language nl --json\n\nA file is called by its claim and since when the statement waited, and is readable to its owner alone: it is not sealed. Once it is durable\nthe statement waits no more. Cut off, run it again with the same folder: what is there is not written again. A claim that is decided\nagain has a further statement."
)]
struct Write {
    #[command(flatten)]
    place: InPortfolio,
    /// The folder to write them to; it is made if it is not there.
    #[arg(long, value_name = "DIR", alias = "directory")]
    to: PathBuf,
    #[command(flatten)]
    statements: StatementArguments,
    /// Print how many as JSON.
    #[arg(long)]
    json: bool,
}

impl Write {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let row = site.portfolio(&portfolio.to_string()).await?;
        let (address, language) = self.statements.read(&site, &row).await?;
        let statements = statement::Statements::new(&site.app, &row, &address)?;
        make_folder(&self.to)?;
        let (mut there, bar) = (0, progress("writing statements", 0));
        let writing = service::write_statements::<Error>(&site.app, portfolio, |waiting, opened| {
            let written = statements.write(&self.to.join(file_name(waiting)), opened, language)?;
            there += u64::from(written == Some(false));
            bar.inc(1);
            Ok(written.is_some())
        });
        let report = site.while_sealing(writing).await?;
        bar.finish_and_clear();
        let StatementReport { written, refused, left } = report;
        let written = written - there;
        if self.json {
            say!(
                "{:#}",
                json!({
                    "portfolio": portfolio.to_string(),
                    "written": written,
                    "there": there,
                    "refused": refused,
                    "left": left,
                })
            );
        } else {
            say!("{} statements written to `{}`", grouped(written), self.to.display());
            for (count, what) in [
                (there, "were there, of a run that was cut off"),
                (refused, "not written: no clause lets the job read the claim"),
            ] {
                if count > 0 {
                    say!("{} {what}", grouped(count));
                }
            }
        }
        site.close().await?;
        if left == 0 {
            return Ok(());
        }
        Err(format!(
            "{} statements wait on, since a record that they need is gone or was altered, or they cannot be set: see the warnings",
            grouped(left)
        )
        .into())
    }
}

/// What a statement's file is called: by its work item, so that the same one is found again, and a further one of the same claim is
/// not taken for it.
fn file_name(waiting: &WaitingStatement) -> String {
    format!("{}-{}.pdf", waiting.claim, waiting.since.micros())
}
