//! `moretus claims other-payer`: what another payer answered about a claim that is before whoever enters it.

use clap::Args;
use domain::{Currency, Money, OtherPayerAmounts};

use super::{Looked, written_down};
use crate::report::Error;

/// Enter what another payer paid of a line.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus claims other-payer --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 \\\n    --line 1 --paid 64.00 --allowed 80.00 --currency EUR\n  moretus claims other-payer --portfolio officina --token-file claims.token --person 00000000-0000-0000-0000-000000000001 \\\n    --claim 00000000-0000-0000-0000-000000000002 --line 2 --paid 0 --currency EUR --json\n\nThe amounts of all other payers of the line together, in the claim's currency; they stand in the place of what was known of it.\nThe claim is worked out again: look at it with moretus claims show, then let it stand."
)]
pub(super) struct OtherPayer {
    #[command(flatten)]
    one: Looked,
    /// The number of the line.
    #[arg(long, value_name = "NUMBER")]
    line: u32,
    /// What was paid; 0 where the other payer answered that it pays nothing.
    #[arg(long, value_name = "AMOUNT")]
    paid: String,
    /// What the other payer allowed; of a statutory scheme, its base of reimbursement.
    #[arg(long, value_name = "AMOUNT")]
    allowed: Option<String>,
    /// The other payer's flat contribution, which stays with the member.
    #[arg(long, value_name = "AMOUNT")]
    contribution: Option<String>,
    /// The currency of the amounts: the claim's.
    #[arg(long, value_name = "CODE")]
    currency: Currency,
    /// Print why the claim then waits as JSON.
    #[arg(long)]
    json: bool,
}

impl OtherPayer {
    pub(super) async fn run(self) -> Result<(), Error> {
        let amount = |name: &str, text: &str| {
            Money::parse(text, self.currency).map_err(|error| Error::from(format!("--{name}: {error}")))
        };
        let maybe = |name, text: &Option<String>| text.as_deref().map(|text| amount(name, text)).transpose();
        let amounts = OtherPayerAmounts {
            line: self.line,
            paid: amount("paid", &self.paid)?,
            allowed: maybe("allowed", &self.allowed)?,
            contribution: maybe("contribution", &self.contribution)?,
        };
        let (site, place, actor) = self.one.open().await?;
        let request = site.app.gate.request();
        let done = service::other_payer_answered(&site.app, &actor, place, amounts, request).await?;
        written_down(done, self.json);
        site.close().await
    }
}
