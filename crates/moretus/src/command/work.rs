//! `moretus work`: work items about people, which the holder of the root key assigns to one of the staff or to a team. It
//! opens nothing: whoever has one asks for what a clause lets them use for it. Whose a work item is, the list says by a
//! number of its own; ids of people are given, and not told.

use clap::{Args, Subcommand};
use domain::{ActorId, SubjectId, WorkItemId};
use serde_json::{Value, json};
use service::{NewWork, WORK_DAYS};
use store::work_item::{Assignee, WorkItemRow};

use super::notice::columns::aligned;
use super::people::Numbers;
use super::recipients::InPortfolio;
use crate::output::{note, say};
use crate::report::Error;

/// Assign work items.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus work assign --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --subject 00000000-0000-0000-0000-000000000002 --team payments\n  moretus work list --data moretus-data --portfolio officina\n  moretus work end --data moretus-data --portfolio officina --operator 'An Operator' --item 00000000-0000-0000-0000-000000000003\n\nEach change is on the record before it is made, in the list of the person whom it is about."
)]
pub(crate) struct Work {
    #[command(subcommand)]
    command: WorkCommand,
}

#[derive(Subcommand)]
enum WorkCommand {
    /// Assign a work item about a person to one of the staff, or to a team.
    Assign(Assign),
    /// The work items that were assigned so and are open.
    List(List),
    /// End one, now: nothing opens for it any more.
    End(End),
}

impl Work {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            WorkCommand::Assign(command) => command.run().await,
            WorkCommand::List(command) => command.run().await,
            WorkCommand::End(command) => command.run().await,
        }
    }
}

/// Whose task it becomes.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct To {
    /// One of the staff: the actor that `moretus token` names.
    #[arg(long = "to", value_name = "ID")]
    actor: Option<ActorId>,
    /// Whoever of the staff is in this team, as `moretus actors list` names it, when they ask.
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
}

/// Assign a work item.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus work assign --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --subject 00000000-0000-0000-0000-000000000002 --to 00000000-0000-0000-0000-000000000001 --days 14\n  moretus work assign --data moretus-data --portfolio officina --subject 00000000-0000-0000-0000-000000000002 --team payments --json\n\nIt prints the item's id. Nobody assigns one to themself, nor to whose own file it is. Who joins a team has its work, and who leaves\nit has it no longer."
)]
struct Assign {
    #[command(flatten)]
    place: InPortfolio,
    /// Who assigns it, the holder of the root key; the log keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// Whom it is about.
    #[arg(long, value_name = "ID")]
    subject: SubjectId,
    #[command(flatten)]
    to: To,
    /// Days that it is open.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=i64::from(WORK_DAYS)))]
    days: u16,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Assign {
    async fn run(self) -> Result<(), Error> {
        let to = match (self.to.actor, self.to.team) {
            (Some(actor), _) => Assignee::Actor(actor),
            (None, team) => Assignee::Team(team.unwrap_or_default()),
        };
        let (site, portfolio, keeper) = self.place.open_as(&self.operator).await?;
        let new = NewWork { portfolio, subject: self.subject, to, days: self.days };
        let row = service::assign_work(&site.app, &keeper, &new).await?;
        match self.json {
            true => say!("{:#}", value(&row)),
            false => say!("{}", row.item),
        }
        site.close().await
    }
}

/// List what is open.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus work list --data moretus-data --portfolio officina\n  moretus work list --data moretus-data --portfolio officina --subject 00000000-0000-0000-0000-000000000002 --json\n\nA person is a number, which is another one in every list. What belongs to a claim, a request for a guarantee, an appeal or a legal\nmatter is listed where that is handled."
)]
struct List {
    #[command(flatten)]
    place: InPortfolio,
    /// Only those about this person.
    #[arg(long, value_name = "ID")]
    subject: Option<SubjectId>,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let rows = service::open_work(&site.app, portfolio, self.subject).await?;
        let mut numbers = Numbers::default();
        if self.json {
            let all: Vec<Value> = rows.iter().map(|row| numbers.add_to(value(row), row.subject)).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "work": all }));
            return site.close().await;
        }
        let heads = ["ITEM", "PERSON", "FROM", "UNTIL", "WHOSE"].map(str::to_owned);
        let line = |row: &WorkItemRow| {
            let person = numbers.of(row.subject).to_string();
            let whose = match &row.to {
                Assignee::Actor(actor) => actor.to_string(),
                Assignee::Team(team) => format!("team {team}"),
            };
            [row.item.to_string(), person, row.since.to_string(), row.until.to_string(), whose]
        };
        let lines = std::iter::once(heads).chain(rows.iter().map(line));
        for line in aligned(&lines.collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

fn value(row: &WorkItemRow) -> Value {
    let (actor, team) = match &row.to {
        Assignee::Actor(actor) => (Some(actor.to_string()), None),
        Assignee::Team(team) => (None, Some(team)),
    };
    json!({
        "item": row.item.to_string(),
        "actor": actor,
        "team": team,
        "since": row.since.to_string(),
        "until": row.until.to_string(),
    })
}

/// End a work item.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus work end --data moretus-data --portfolio officina --operator 'An Operator' --item 00000000-0000-0000-0000-000000000003\n\nWhen it is done, nobody's use for it is under way. One that ended is ended once more, to no effect."
)]
struct End {
    #[command(flatten)]
    place: InPortfolio,
    /// Who ends it, the holder of the root key; the log keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// Which, as `moretus work assign` printed it.
    #[arg(long, value_name = "ID")]
    item: WorkItemId,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl End {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.place.open_as(&self.operator).await?;
        let row = service::end_work(&site.app, &keeper, portfolio, self.item).await?;
        match self.json {
            true => say!("{:#}", value(&row)),
            false => note!("work item {} is ended", row.item),
        }
        site.close().await
    }
}
