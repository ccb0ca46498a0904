//! `moretus recipients list`.

use clap::Args;
use domain::{Recipient, Timestamp};
use serde_json::{Value, json};
use service::RegisteredRecipient;

use super::InPortfolio;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// List the register.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients list --data moretus-data --portfolio officina\n  moretus recipients list --data moretus-data --portfolio officina --kind partner --json\n\nIt holds no personal data: the list of partners or affiliates can be given to whoever asks."
)]
pub(super) struct List {
    #[command(flatten)]
    place: InPortfolio,
    /// Only this kind of recipient.
    #[arg(long)]
    kind: Option<Recipient>,
    /// Print the list as JSON, with all that was agreed and for what.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let found = service::recipients(&site.app, portfolio, self.kind).await?;
        let now = site.app.gate.now();
        if self.json {
            let all: Vec<Value> = found.iter().map(|one| portal::recipient_value(one, now)).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "recipients": all }));
            return site.close().await;
        }
        for line in lines(&found, now) {
            say!("{line}");
        }
        site.close().await
    }
}

/// The register as a table.
pub(super) fn lines(found: &[RegisteredRecipient], now: Timestamp) -> Vec<String> {
    let heads = ["KIND", "NAME", "COUNTRY", "ROLE", "IN DATE", "ID"].map(str::to_owned);
    aligned(&std::iter::once(heads).chain(found.iter().map(|one| row(one, now))).collect::<Vec<_>>())
}

fn row(one: &RegisteredRecipient, now: Timestamp) -> [String; 6] {
    let live = one.live(now);
    [
        one.row.kind.to_string(),
        one.row.name.clone(),
        one.row.country.to_string(),
        one.row.role.to_string(),
        if live.is_empty() { "nothing".to_owned() } else { live.to_string() },
        one.row.recipient.to_string(),
    ]
}
