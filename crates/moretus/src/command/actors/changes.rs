//! `moretus actors changes`: what was changed in the register of actors, as the log has it.

use clap::Args;
use gate::{ActorChange, Changed};
use serde_json::{Value, json};

use super::InPortfolio;
use crate::command::recipients::changes::{print_json, print_table};
use crate::report::Error;

/// List the changes of the register.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus actors changes --data moretus-data --portfolio officina\n  moretus actors changes --data moretus-data --portfolio officina --json\n\nEach was put on the record before it was made; one that then failed stands there too."
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
        let changes = service::actor_changes(&site.app, portfolio).await?;
        match self.json {
            true => print_json(portfolio, &changes, to_json),
            false => print_table("ACTOR", &changes, row),
        }
        site.close().await
    }
}

fn row(line: &Changed<ActorChange>) -> [String; 4] {
    let change = &line.change;
    [line.at.to_string(), line.role.clone(), change.actor.to_string(), change.change.clone()]
}

fn to_json(line: &Changed<ActorChange>) -> Value {
    json!({
        "at": line.at.to_string(),
        "role": line.role,
        "actor": line.change.actor.to_string(),
        "change": line.change.change,
    })
}
