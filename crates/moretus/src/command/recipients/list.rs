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
            let all: Vec<Value> = found.iter().map(|one| to_json(one, now)).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "recipients": all }));
            return site.close().await;
        }
        let heads = ["KIND", "NAME", "COUNTRY", "ROLE", "IN DATE", "ID"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(heads).chain(found.iter().map(|one| row(one, now))).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        site.close().await
    }
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

fn to_json(one: &RegisteredRecipient, now: Timestamp) -> Value {
    let agreed: Vec<Value> = one
        .conditions
        .iter()
        .map(|condition| {
            json!({
                "what": condition.condition.word(),
                "safeguard": condition.safeguard.map(|safeguard| safeguard.word()),
                "since": condition.since.to_string(),
                "until": condition.until.map(|until| until.to_string()),
                "in_date": condition.is_live(now),
            })
        })
        .collect();
    json!({
        "recipient": one.row.recipient.to_string(),
        "kind": one.row.kind.word(),
        "name": one.row.name,
        "country": one.row.country.code(),
        "role": one.row.role.word(),
        "acts_for": one.row.acts_for.map(|other| other.to_string()),
        "for": one.row.uses,
        "clauses": one.row.clauses,
        "agreed": agreed,
    })
}
