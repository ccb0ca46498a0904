//! `moretus recipients changes`: what was changed in the register, as the log has it. How a list of changes is printed
//! is the same for the register of legal matters.

use clap::Args;
use domain::PortfolioId;
use gate::{Changed, RegisterChange};
use serde_json::{Value, json};

use super::InPortfolio;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// List the changes of the register.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients changes --data moretus-data --portfolio officina\n  moretus recipients changes --data moretus-data --portfolio officina --json\n\nEach was put on the record before it was made; one that then failed stands there too."
)]
pub(super) struct Changes {
    #[command(flatten)]
    place: InPortfolio,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl Changes {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let changes = service::recipient_changes(&site.app, portfolio).await?;
        match self.json {
            true => print_json(portfolio, &changes, to_json),
            false => print_table("RECIPIENT", &changes, row),
        }
        site.close().await
    }
}

/// Prints changes for programs.
pub(in crate::command) fn print_json<C>(
    portfolio: PortfolioId,
    changes: &[Changed<C>],
    to_json: fn(&Changed<C>) -> Value,
) {
    let all: Vec<Value> = changes.iter().map(to_json).collect();
    say!("{:#}", json!({ "portfolio": portfolio.to_string(), "changes": all }));
}

/// Prints changes for people: when, by whom, of what, and what changed.
pub(in crate::command) fn print_table<C>(
    what: &str,
    changes: &[Changed<C>],
    row: fn(&Changed<C>) -> [String; 4],
) {
    let heads = ["WHEN", "BY", what, "CHANGE"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heads).chain(changes.iter().map(row)).collect();
    for line in aligned(&rows) {
        say!("{line}");
    }
}

fn row(line: &Changed<RegisterChange>) -> [String; 4] {
    let change = &line.change;
    let name = change.organisation.as_ref().map_or("own staff", |(_, name, _)| name);
    [line.at.to_string(), line.role.clone(), name.to_owned(), change.change.clone()]
}

fn to_json(line: &Changed<RegisterChange>) -> Value {
    let organisation = line.change.organisation.as_ref();
    json!({
        "at": line.at.to_string(),
        "role": line.role,
        "recipient": line.change.recipient.to_string(),
        "kind": organisation.map(|(kind, ..)| kind.word()),
        "name": organisation.map(|(_, name, _)| name),
        "country": organisation.map(|(.., country)| country.code()),
        "change": line.change.change,
    })
}
