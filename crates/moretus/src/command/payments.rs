//! `moretus payments`: settle and pay what was decided, and hand the payments to the bank in a file. It tells how many, and no
//! amount: a run may pay one person alone. It sends nothing to a bank, and does not know what a bank did with it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::Date;
use serde_json::json;
use service::PaymentReport;

use super::papers::bank_file::{BankFile, Exported};
use super::papers::settings::DebtorArguments;
use super::recipients::InPortfolio;
use crate::files::is_standard;
use crate::output::{note, say};
use crate::report::{Error, grouped, progress};

/// Pay what was decided.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus payments make --data moretus-data --portfolio officina --execution 2026-12-15\n  moretus payments export --data moretus-data --portfolio officina --out pain.001-2026-12-15.xml\n\nMake the payments first, then the file for the bank, then the statements (`moretus statements write`)."
)]
pub(crate) struct Payments {
    #[command(subcommand)]
    command: PaymentsCommand,
}

#[derive(Subcommand)]
enum PaymentsCommand {
    /// Settle the claims that wait for it, and make their payments.
    Make(Make),
    /// Write the payments that are ready into a file for the bank.
    Export(Export),
}

impl Payments {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            PaymentsCommand::Make(command) => command.run().await,
            PaymentsCommand::Export(command) => command.run().await,
        }
    }
}

/// Settle claims and make their payments.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus payments make --data moretus-data --portfolio officina --execution 2026-12-15\n  moretus payments make --portfolio officina --execution 2026-12-15 --json\n\nWhat a payee owes back is kept back first, within the share of `moretus recoveries share`. Claims that the screen holds wait. Run again, it\npays what is left, and nothing twice."
)]
struct Make {
    #[command(flatten)]
    place: InPortfolio,
    /// The day on which the bank is to carry the payments out, from today to a year ahead.
    #[arg(long, value_name = "DATE")]
    execution: Date,
    /// Print how many as JSON.
    #[arg(long)]
    json: bool,
}

impl Make {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let today = site.app.today()?;
        let last = today.plus_months(12).ok_or("the clock is at the end of its range")?;
        let execution = self.execution;
        if execution < today || execution > last {
            return Err(format!(
                "`{execution}` is no day on which a bank can carry payments out: give one from `{today}` to `{last}` with --execution"
            )
            .into());
        }
        let bar = progress("paying claims", 0);
        let paying = async {
            let paid = service::pay_claims(&site.app, portfolio, execution, usize::MAX, |paid| {
                bar.set_position(paid);
            });
            Ok(paid.await?)
        };
        let report = site.while_sealing(paying).await?;
        bar.finish_and_clear();
        match self.json {
            true => say!(
                "{:#}",
                json!({
                    "portfolio": portfolio.to_string(),
                    "execution": execution.to_string(),
                    "paid": report.paid,
                    "without_payment": report.without_payment,
                    "without_account": report.without_account,
                    "held": report.held,
                    "refused": report.refused,
                    "failed": report.failed,
                })
            ),
            false => told(&report, execution),
        }
        site.close().await?;
        if report.failed == 0 {
            return Ok(());
        }
        Err(format!(
            "{} claims stay unpaid, since a record of theirs is gone or was altered: see the warnings, and run `moretus ledger verify`",
            grouped(report.failed)
        )
        .into())
    }
}

fn told(report: &PaymentReport, execution: Date) {
    say!("{} payments made, to be carried out on {execution}", grouped(report.paid));
    for (count, what) in [
        (
            report.without_payment,
            "claims settled without a payment: all of it was kept back, or is owed back",
        ),
        (report.without_account, "claims whose payee has no account on file: left for a person"),
        (report.held, "claims that the screen for fraud and error holds: a person decides"),
        (
            report.refused,
            "claims that no clause lets the job pay, or whose payee it may not: left as they are",
        ),
    ] {
        if count > 0 {
            say!("{} {what}", grouped(count));
        }
    }
}

/// Write the bank file.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus payments export --data moretus-data --portfolio officina --out pain.001-2026-12-15.xml\n  moretus payments export --portfolio officina --bank 'First Bank' --debtor 'Officina Administrators' --town Antwerp --country BE --out - > bank.xml\n\nThe file is ISO 20022 pain.001.001.09. A file that is there is not overwritten, and only when it is durable do its payments count as\nexported. If this ends with an error, run it again with the same file before anybody sends that: payments are in one file only."
)]
struct Export {
    #[command(flatten)]
    place: InPortfolio,
    #[command(flatten)]
    debtor: DebtorArguments,
    /// The file to write; `-` is standard output.
    #[arg(long, value_name = "FILE", alias = "output")]
    out: PathBuf,
    /// Print how many as JSON.
    #[arg(long)]
    json: bool,
}

impl Export {
    async fn run(self) -> Result<(), Error> {
        let is_printed = is_standard(&self.out);
        if self.json && is_printed {
            return Err("the bank file and --json both go to standard output: name a file with --out".into());
        }
        let (site, portfolio) = self.place.open().await?;
        let row = site.portfolio(&portfolio.to_string()).await?;
        let (bank, debtor) = self.debtor.read(&site, &row).await?;
        let file = BankFile { portfolio, bank: bank.recipient, debtor, place: self.out };
        let exported = site.while_sealing(file.export(&site.app)).await?;
        let place = (exported.report.handed > 0 && !is_printed).then(|| file.place.display().to_string());
        if self.json {
            let Exported { report, waiting, was_there } = exported;
            say!(
                "{:#}",
                json!({
                    "portfolio": portfolio.to_string(),
                    "bank": bank.recipient.to_string(),
                    "file": place,
                    "was_there": was_there,
                    "handed": report.handed,
                    "waiting": waiting,
                    "refused": report.refused,
                    "unwritable": report.unwritable,
                    "damaged": report.damaged,
                    "erased": report.erased,
                })
            );
        } else {
            // Beside a file that is printed these are remarks.
            let tell = |line: String| if is_printed { note!("{line}") } else { say!("{line}") };
            exported_told(&exported, &bank.name, place.as_deref(), tell);
        }
        site.close().await?;
        if exported.report.damaged == 0 {
            return Ok(());
        }
        Err(format!(
            "{} payments are left out, since their records are gone or were altered: see the warnings, and run `moretus ledger verify`",
            grouped(exported.report.damaged)
        )
        .into())
    }
}

fn exported_told(exported: &Exported, bank: &str, place: Option<&str>, tell: impl Fn(String)) {
    let Exported { report, waiting, was_there } = exported;
    let handed = grouped(report.handed);
    match place {
        None => tell(format!("{handed} payments for `{bank}`")),
        Some(place) if *was_there => {
            tell(format!(
                "{handed} payments for `{bank}`: `{place}` was there, of an export that was cut off"
            ));
        }
        Some(place) => tell(format!("{handed} payments for `{bank}` in `{place}`")),
    }
    for (count, what) in [
        (*waiting, "payments made since that file was written: export again, to another file"),
        (report.refused, "payments left out: no clause lets the bank have them"),
        (report.unwritable, "payments left out: a bank file cannot carry the payee's name"),
        (report.erased, "payments left out for good: they were erased before they were handed over"),
    ] {
        if count > 0 {
            tell(format!("{} {what}", grouped(count)));
        }
    }
}
