//! `moretus representatives`: who acts for a person, which the holder of the root key registers from papers that they have seen. It
//! opens nothing by itself: a representative asks with a token of their own, and sees what the clause about them names. A list
//! says whose it is by a number of its own; ids of people are given, and not told.

use clap::{Args, Subcommand};
use domain::{ActorId, Date, RepresentationGround, SubjectId};
use serde_json::{Value, json};
use service::NewRepresentation;
use store::representation::RepresentationRow;

use super::notice::columns::aligned;
use super::people::Numbers;
use super::recipients::InPortfolio;
use crate::output::{note, say};
use crate::report::Error;

/// Register representatives.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus token --data moretus-data --portfolio officina --recipient representative --role mother\n  moretus representatives add --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --subject 00000000-0000-0000-0000-000000000002 --actor 00000000-0000-0000-0000-000000000001 --ground parent-of-minor \\\n    --born 2014-03-02 --until 2027-10-31\n  moretus representatives list --data moretus-data --portfolio officina\n\nEach change is on the record before it is made, in the list of the person for whom somebody acts."
)]
pub(crate) struct Representatives {
    #[command(subcommand)]
    command: RepresentativesCommand,
}

#[derive(Subcommand)]
enum RepresentativesCommand {
    /// Register that somebody acts for a person, until a day.
    Add(Add),
    /// Who acts for people of the portfolio, and until when.
    List(List),
    /// End it, now: they see nothing of the person any more.
    End(End),
}

impl Representatives {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            RepresentativesCommand::Add(command) => command.run().await,
            RepresentativesCommand::List(command) => command.run().await,
            RepresentativesCommand::End(command) => command.run().await,
        }
    }
}

/// Who acts for whom, and who registers it.
#[derive(Args)]
struct Pair {
    #[command(flatten)]
    place: InPortfolio,
    /// Who registers it, the holder of the root key; the log keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// For whom they act.
    #[arg(long, value_name = "ID")]
    subject: SubjectId,
    /// Who acts: the actor that `moretus token --recipient representative` names.
    #[arg(long, value_name = "ID")]
    actor: ActorId,
}

/// Register a representative.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus representatives add --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --subject 00000000-0000-0000-0000-000000000002 --actor 00000000-0000-0000-0000-000000000001 --ground power-of-attorney \\\n    --until 2027-10-31\n  moretus representatives add --data moretus-data --portfolio officina --subject 00000000-0000-0000-0000-000000000002 \\\n    --actor 00000000-0000-0000-0000-000000000001 --ground parent-of-minor --born 2014-03-02 \\\n    --until 2027-02-28 --json\n\nSee the papers first: the mandate, the birth certificate, the court's decision. A parent acts for a minor: give the child's birth date, which must be\nthe one that is known, and the last day of a month before that in which the child turns 18. Another birth date is on the record. Once more for the same two is in place of what was registered."
)]
struct Add {
    #[command(flatten)]
    pair: Pair,
    /// Why they may.
    #[arg(long)]
    ground: RepresentationGround,
    /// The last day on which they act for the person, at most a year away: then the papers are looked at anew.
    #[arg(long, value_name = "DAY")]
    until: Date,
    /// When the child was born for whom a parent acts, from the papers.
    #[arg(long, value_name = "DAY", required_if_eq("ground", "parent-of-minor"))]
    born: Option<Date>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Add {
    async fn run(self) -> Result<(), Error> {
        let Pair { place, operator, subject, actor } = self.pair;
        let (site, portfolio, keeper) = place.open_as(&operator).await?;
        let (ground, until, born) = (self.ground, self.until, self.born);
        let new = NewRepresentation { portfolio, subject, actor, ground, until, born };
        let row = service::represent(&site.app, &keeper, &new).await?;
        match self.json {
            true => say!("{:#}", value(&row)),
            false => note!("{} acts for them until {}", row.actor, self.until),
        }
        site.close().await
    }
}

/// List representatives.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus representatives list --data moretus-data --portfolio officina\n  moretus representatives list --data moretus-data --portfolio officina --subject 00000000-0000-0000-0000-000000000002 --json\n\nA person is a number, which is another one in every list."
)]
struct List {
    #[command(flatten)]
    place: InPortfolio,
    /// Only those who act for this person.
    #[arg(long, value_name = "ID")]
    subject: Option<SubjectId>,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let rows = service::representatives(&site.app, portfolio, self.subject).await?;
        let mut numbers = Numbers::default();
        if self.json {
            let all: Vec<Value> = rows.iter().map(|row| numbers.add_to(value(row), row.subject)).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "representatives": all }));
            return site.close().await;
        }
        let heads = ["ACTOR", "PERSON", "GROUND", "FROM", "UNTIL"].map(str::to_owned);
        let line = |row: &RepresentationRow| {
            let (person, ground) = (numbers.of(row.subject).to_string(), row.ground.to_string());
            [row.actor.to_string(), person, ground, row.since.to_string(), row.until.to_string()]
        };
        let lines: Vec<_> = std::iter::once(heads).chain(rows.iter().map(line)).collect();
        for line in aligned(&lines) {
            say!("{line}");
        }
        site.close().await
    }
}

fn value(row: &RepresentationRow) -> Value {
    json!({
        "actor": row.actor.to_string(),
        "ground": row.ground.word(),
        "since": row.since.to_string(),
        "until": row.until.to_string(),
    })
}

/// End a representation.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus representatives end --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --subject 00000000-0000-0000-0000-000000000002 --actor 00000000-0000-0000-0000-000000000001\n\nWhen it is done, nobody's use that rests on it is under way. `moretus actors end` ends somebody's record, and with it whatever they act for."
)]
struct End {
    #[command(flatten)]
    pair: Pair,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl End {
    async fn run(self) -> Result<(), Error> {
        let Pair { place, operator, subject, actor } = self.pair;
        let (site, portfolio, keeper) = place.open_as(&operator).await?;
        let row = service::end_representation(&site.app, &keeper, portfolio, (subject, actor)).await?;
        match self.json {
            true => say!("{:#}", value(&row)),
            false => note!("{} acts for them no longer", row.actor),
        }
        site.close().await
    }
}
