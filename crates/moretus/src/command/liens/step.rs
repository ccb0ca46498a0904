//! Steps of a lien: what was received of it, and giving up what is left.

use clap::Args;
use domain::{CostShare, Currency, Date, LienReleaseReason, Money, ReceiptReference};
use service::NewReceipt;

use super::{One, told};
use crate::report::Error;

/// Write down that money was received.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus liens receive --data moretus-data --portfolio officina --token-file payments.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --amount 8000.00 --currency EUR \\\n    --reference 2026-117\n  moretus liens receive --portfolio officina --token-file payments.token --person 00000000-0000-0000-0000-000000000001 \\\n    --claim 00000000-0000-0000-0000-000000000002 --amount 8000.00 --currency EUR --reference 2026-117 --day 2026-12-31 --costs 1/3 --json\n\nIt is booked, and is no more than is left. Told again with the same reference it is booked once. When nothing is left the lien is\nrecovered."
)]
pub(super) struct Receive {
    #[command(flatten)]
    one: One,
    /// How much, in units of the currency: 8000.00.
    #[arg(long)]
    amount: String,
    /// The currency, that of the claim.
    #[arg(long)]
    currency: Currency,
    /// How the bank, or whoever paid, calls the payment.
    #[arg(long)]
    reference: String,
    /// The day it counts for, today or before. Without it, today.
    #[arg(long, value_name = "DATE")]
    day: Option<Date>,
    /// The share of what is recovered that goes to those who recover it, where it is another than was written down.
    #[arg(long, value_name = "SHARE")]
    costs: Option<CostShare>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Receive {
    pub(super) async fn run(self) -> Result<(), Error> {
        let amount = Money::parse(&self.amount, self.currency);
        let amount = amount.map_err(|error| format!("--amount: {error}"))?;
        let reference =
            ReceiptReference::parse(&self.reference).map_err(|error| format!("--reference: {error}"))?;
        let (site, place, actor) = self.one.open().await?;
        let day = match self.day {
            Some(day) => day,
            None => site.app.today()?,
        };
        let new = NewReceipt { amount, day, reference, costs: self.costs };
        let request = site.app.gate.request();
        told(&service::receive_of_lien(&site.app, &actor, place, &new, request).await?, self.json);
        site.close().await
    }
}

/// Give up what is left of a lien, or close one of which nothing is left.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus liens release --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --reason compromise\n\nReasons: nobody-liable, compromise, not-made-whole, uncollectable, our-error. What is left is no more than `moretus actors\nauthority` lets you release alone. A lien of which nothing was received can be asserted anew after it."
)]
pub(super) struct Release {
    #[command(flatten)]
    one: One,
    /// Why.
    #[arg(long)]
    reason: LienReleaseReason,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Release {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let request = site.app.gate.request();
        told(&service::release_lien(&site.app, &actor, place, self.reason, request).await?, self.json);
        site.close().await
    }
}
