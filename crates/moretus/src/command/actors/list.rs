//! `moretus actors list`: the register of actors of a portfolio.

use clap::Args;
use domain::{Date, Timestamp};
use serde_json::{Value, json};
use store::reference::ActorRow;

use super::InPortfolio;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// List the register.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus actors list --data moretus-data --portfolio officina\n  moretus actors list --data moretus-data --portfolio officina --json\n\nOf staff whose training is not current it says so: whatever they ask is refused."
)]
pub(super) struct List {
    #[command(flatten)]
    place: InPortfolio,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let (rows, now) = (service::actors(&site.app, portfolio).await?, site.app.gate.now());
        let today = site.app.today()?;
        if self.json {
            let all: Vec<Value> = rows.iter().map(|row| value(row, (now, today))).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "actors": all }));
            return site.close().await;
        }
        let heads = ["ACTOR", "KIND", "ROLE", "TEAM", "COUNTRY", "TRAINED UNTIL", "STATE"].map(str::to_owned);
        let rows = rows.iter().map(|row| line(row, (now, today)));
        for line in aligned(&std::iter::once(heads).chain(rows).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

/// Where a record stands, in a word.
fn state(row: &ActorRow, (now, today): (Timestamp, Date)) -> &'static str {
    if row.ended.is_some() {
        "ended"
    } else if !row.works(now) {
        "expired"
    } else if row.recipient.is_staff() && row.trained_until.is_none_or(|until| until < today) {
        "untrained"
    } else {
        "works"
    }
}

fn line(row: &ActorRow, at: (Timestamp, Date)) -> [String; 7] {
    [
        row.actor.to_string(),
        row.recipient.to_string(),
        row.role.clone(),
        row.team.clone(),
        row.country.to_string(),
        row.trained_until.map(|until| until.to_string()).unwrap_or_default(),
        state(row, at).to_owned(),
    ]
}

fn value(row: &ActorRow, at: (Timestamp, Date)) -> Value {
    json!({
        "actor": row.actor.to_string(),
        "kind": row.recipient.word(),
        "role": row.role,
        "team": row.team,
        "country": row.country.code(),
        "sponsors": row.sponsors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "trained_until": row.trained_until.map(|until| until.to_string()),
        "expires": row.expires.to_string(),
        "ended": row.ended.map(|ended| ended.to_string()),
        "state": state(row, at),
    })
}
