//! `moretus ledger`: verify the ledger.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use service::LedgerReport;

use crate::output::say;
use crate::report::{Error, amount, grouped};
use crate::site::SiteArguments;

/// The ledger.
#[derive(Args)]
#[command(after_help = "Example:\n  moretus ledger verify --data moretus-demo")]
pub(crate) struct Ledger {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Subcommand)]
enum LedgerCommand {
    /// Open every sealed posting, on the record, and compare the sums with each batch's control code.
    #[command(
        after_help = "Examples:\n  moretus ledger verify --data moretus-demo\n  moretus ledger verify --data moretus-data --operator 'night check' --json\n\nExit codes: 0 it balances; 1 it does not: what, and where, is printed."
    )]
    Verify {
        #[command(flatten)]
        site: SiteArguments,
        /// Who verifies, as the log will show it.
        #[arg(long, value_name = "NAME", default_value = "operator")]
        operator: String,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Ledger {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let LedgerCommand::Verify { site, operator, json } = self.command;
        let site = site.open().await?;
        let actor = site.app.gate.operator(&site.root, &operator)?;
        let report = service::verify_ledger(&site.app, &actor, |_| {}).await?;
        if json {
            say!("{:#}", to_json(&report));
            return site.close().await;
        }
        say!("the ledger balances:");
        say!("  {} postings opened, {} batches summed", grouped(report.postings), grouped(report.batches));
        for ((account, currency), debit) in report.debits.iter().filter(|(_, debit)| **debit > 0) {
            let amount = domain::Money::new(i64::try_from(*debit)?, *currency)?;
            say!("  debits of {account}: {amount}");
        }
        if report.erased > 0 {
            say!("  {}", erased(&report));
        }
        site.close().await
    }
}

/// What retention took out of the ledger.
pub(crate) fn erased(report: &LedgerReport) -> String {
    format!(
        "{} postings of {} batches were erased by retention; these batches cannot be summed",
        grouped(report.erased),
        grouped(report.unsummed)
    )
}

/// A ledger that balances, as JSON: counts as numbers, amounts as decimal text.
pub(crate) fn to_json(report: &LedgerReport) -> Value {
    let debit = |((account, currency), debit): (&(domain::Account, domain::Currency), &i128)| json!({ "account": account.word(), "currency": currency.to_string(), "amount": amount(*debit, *currency) });
    let debits: Vec<Value> = report.debits.iter().map(debit).collect();
    json!({
        "balances": true,
        "batches": report.batches,
        "postings": report.postings,
        "erased_postings": report.erased,
        "batches_not_summed": report.unsummed,
        "debits": debits,
    })
}
