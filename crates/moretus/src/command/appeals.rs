//! `moretus appeals`: what people do not agree with in what was decided on their claims: written down, taken by somebody who did
//! not decide, and decided. Nothing is paid or refused here.

mod handle;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{ActorId, AppealState, ClaimId, SubjectId, WorkItemId};
use gate::Actor;
use serde_json::{Value, json};
use service::{AppealPlace, NewAppeal};
use store::appeal::AppealRow;

use super::notice::columns::aligned;
use super::recipients::AsStaff;
use super::screen::reason;
use crate::output::{note, say};
use crate::report::Error;
use crate::site::Site;

/// Appeals against what was decided on claims.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus appeals add --data moretus-data --portfolio officina --token-file desk.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --grounds-file letter.txt\n  moretus appeals take --data moretus-data --portfolio officina --token-file claims.token\n  moretus appeals list --data moretus-data --portfolio officina --token-file claims.token --state to-decide-anew\n\nWhoever takes one decided nothing about the claim before. Its clock stands still while it waits for the person."
)]
pub(crate) struct Appeals {
    #[command(subcommand)]
    command: AppealsCommand,
}

#[derive(Subcommand)]
enum AppealsCommand {
    /// Write down an appeal.
    Add(Add),
    /// List appeals in a state, those that are due first first.
    List(List),
    /// Take the appeal that is due first: nobody chooses whose.
    Take(handle::Take),
    /// Show an appeal, with the claim and what was decided on it.
    Show(show::Show),
    /// Stop the clock: something was asked of the person.
    Ask(handle::Ask),
    /// Let the clock go on: the person answered.
    Answered(handle::Answered),
    /// Decide an appeal, with a reason.
    Decide(handle::Decide),
    /// Give an appeal back.
    Return(handle::Return),
    /// Close an appeal that the person took back.
    Withdraw(handle::Withdraw),
    /// Write down that what was overturned was decided anew.
    Done(handle::Done),
}

impl Appeals {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            AppealsCommand::Add(command) => command.run().await,
            AppealsCommand::List(command) => command.run().await,
            AppealsCommand::Take(command) => command.run().await,
            AppealsCommand::Show(command) => command.run().await,
            AppealsCommand::Ask(command) => command.run().await,
            AppealsCommand::Answered(command) => command.run().await,
            AppealsCommand::Decide(command) => command.run().await,
            AppealsCommand::Return(command) => command.run().await,
            AppealsCommand::Withdraw(command) => command.run().await,
            AppealsCommand::Done(command) => command.run().await,
        }
    }
}

/// One appeal, and before whom it is.
#[derive(Args)]
struct One {
    #[command(flatten)]
    staff: AsStaff,
    /// Whose appeal, as `moretus appeals take` printed it.
    #[arg(long, value_name = "ID")]
    person: SubjectId,
    /// The appeal.
    #[arg(long, value_name = "ID")]
    appeal: WorkItemId,
}

impl One {
    async fn open(&self) -> Result<(Site, AppealPlace, Actor), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        Ok((site, AppealPlace { portfolio, subject: self.person, appeal: self.appeal }, actor))
    }
}

/// Write down an appeal.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus appeals add --data moretus-data --portfolio officina --token-file desk.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --grounds-file letter.txt\n  moretus appeals add --portfolio officina --token-file desk.token --person 00000000-0000-0000-0000-000000000001 \\\n    --claim 00000000-0000-0000-0000-000000000002 --line 1 --line 3 --days 14 --grounds-file - --json < letter.txt\n\nThe grounds are sealed with the person's data, whether or not they consent to other uses of it. It is due within the days of the\nlaw that governs the cover, or sooner."
)]
struct Add {
    #[command(flatten)]
    staff: AsStaff,
    /// Whose claim.
    #[arg(long, value_name = "ID")]
    person: SubjectId,
    /// Who appeals for the person: an actor who is registered as representing them.
    #[arg(long, value_name = "ID")]
    representative: Option<ActorId>,
    /// The claim.
    #[arg(long, value_name = "ID")]
    claim: ClaimId,
    /// The number of a line that is appealed against; again for more. Without it, all.
    #[arg(long = "line", value_name = "NUMBER")]
    lines: Vec<u32>,
    /// The file that holds the grounds; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    grounds_file: PathBuf,
    /// Within how many days it is answered, if sooner than the law says.
    #[arg(long)]
    days: Option<u16>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Add {
    async fn run(self) -> Result<(), Error> {
        let grounds = reason(&self.grounds_file)?;
        let (site, portfolio, actor) = self.staff.open().await?;
        let Self { person: subject, representative, claim, lines, days, .. } = self;
        let new = NewAppeal { portfolio, subject, representative, claim, lines, grounds, days };
        let row = service::receive_appeal(&site.app, &actor, &new, site.app.gate.request()).await?;
        told(&row, self.json);
        site.close().await
    }
}

/// List appeals in a state.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus appeals list --data moretus-data --portfolio officina --token-file claims.token\n  moretus appeals list --portfolio officina --token-file claims.token --state to-decide-anew --json\n\nStates: received, under-review, waiting-for-member, closed, to-decide-anew, decided-anew, withdrawn. It says nothing of what\nwas appealed against."
)]
struct List {
    #[command(flatten)]
    staff: AsStaff,
    /// In which state.
    #[arg(long, default_value = "received")]
    state: AppealState,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let rows = service::appeals(&site.app, &actor, portfolio, self.state, request).await?;
        if self.json {
            say!("{:#}", json!({ "appeals": rows.iter().map(value).collect::<Vec<_>>() }));
            return site.close().await;
        }
        let heads = ["PERSON", "APPEAL", "CLAIM", "LEVEL", "DUE"].map(str::to_owned);
        let line = |row: &AppealRow| {
            let AppealRow { subject, appeal, claim, level, due, .. } = row;
            [subject.to_string(), appeal.to_string(), claim.to_string(), level.to_string(), due.to_string()]
        };
        for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

/// Where an appeal stands.
fn value(row: &AppealRow) -> Value {
    json!({
        "person": row.subject.to_string(),
        "appeal": row.appeal.to_string(),
        "claim": row.claim.to_string(),
        "level": row.level,
        "state": row.state.word(),
        "received": row.received.to_string(),
        "due": row.due.to_string(),
        "waitingSince": row.waiting.map(|since| since.to_string()),
    })
}

fn told(row: &AppealRow, json: bool) {
    if json {
        say!("{:#}", value(row));
    } else {
        say!("--person {} --appeal {}", row.subject, row.appeal);
        note!("{}, level {}, due {}", row.state, row.level, row.due);
    }
}
