//! `moretus claims`: the desk for claims that wait for a person. The engine proposes; somebody of the staff, with a token of
//! their own, takes the one that is due first, looks, asks, and lets the proposal stand; or decides otherwise about a line, for a
//! colleague to let stand. No amount is entered here, but what another payer paid.

pub(super) mod close;
mod facts;
mod handle;
mod history;
mod other_payer;
pub(super) mod overrides;
mod show;

use clap::{Args, Subcommand};
use domain::{
    AdjudicationCategory, ClaimId, LineDetermination, OutcomeReason, Reason, SubjectId, WorkItemId,
};
use gate::Actor;
use serde_json::{Value, json};
use service::{PendedPlace, WrittenDown};
use store::claim::ClaimRow;
use store::pended::PendedRow;

use super::import::meaning;
use super::notice::columns::aligned;
use super::recipients::AsStaff;
use crate::output::{note, say};
use crate::report::Error;
use crate::site::Site;

/// Claims that wait for a person.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus claims take --data moretus-data --portfolio officina --token-file claims.token\n  moretus claims show --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n  moretus claims confirm --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 \\\n    --proposal 1 --reason-file reason.txt\n\nA claim is due 30 days after it was received; its clock stands still while it waits for whoever claims."
)]
pub(crate) struct Claims {
    #[command(subcommand)]
    command: ClaimsCommand,
}

#[derive(Subcommand)]
enum ClaimsCommand {
    /// List claims that wait, those that are due first first.
    List(List),
    /// Take the claim that is due first: nobody chooses whose.
    Take(handle::Take),
    /// Show a claim, with what is proposed on it, line by line, and why.
    Show(show::Show),
    /// Stop the clock: something was asked of whoever claims.
    Ask(handle::Ask),
    /// Let the clock go on: whoever claims answered.
    Answered(handle::Answered),
    /// Work out anew what a claim comes to: something that it rests on is known now.
    WorkOut(handle::WorkOut),
    /// Enter what another payer paid of a line, and work the claim out again.
    OtherPayer(other_payer::OtherPayer),
    /// Enter what became known of a claim, as papers that came, and work it out again.
    Facts(facts::Facts),
    /// Lift a refusal from a line, or refuse a line, with a reason, and work the claim out again.
    Override(overrides::Overrides),
    /// Let what is proposed stand, with a reason: the claim is decided.
    Confirm(handle::Confirm),
    /// Close a claim that is taken back before it was decided.
    Close(close::Close),
    /// Open a claim again that was closed.
    Reopen(close::Reopen),
    /// Tell what happened to a claim: each step, by whom, when and why.
    History(history::History),
    /// Give a claim back.
    Return(handle::Return),
}

impl Claims {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            ClaimsCommand::List(command) => command.run().await,
            ClaimsCommand::Take(command) => command.run().await,
            ClaimsCommand::Show(command) => command.run().await,
            ClaimsCommand::Ask(command) => command.run().await,
            ClaimsCommand::Answered(command) => command.run().await,
            ClaimsCommand::WorkOut(command) => command.run().await,
            ClaimsCommand::OtherPayer(command) => command.run().await,
            ClaimsCommand::Facts(command) => command.run().await,
            ClaimsCommand::Override(command) => command.run().await,
            ClaimsCommand::Confirm(command) => command.run().await,
            ClaimsCommand::Close(command) => command.run().await,
            ClaimsCommand::Reopen(command) => command.run().await,
            ClaimsCommand::History(command) => command.run().await,
            ClaimsCommand::Return(command) => command.run().await,
        }
    }
}

/// A line's amounts under their FHIR categories, each with the reasons for which it is less.
pub(super) fn adjudication(line: &LineDetermination, amount: impl Fn(i64) -> String) -> Vec<Value> {
    let value = |(category, minor): (AdjudicationCategory, i64)| {
        let reasons: Vec<&str> = line.reasons_of(category).map(Reason::word).collect();
        json!({ "category": category.word(), "amount": amount(minor), "reasons": reasons })
    };
    line.adjudication().into_iter().map(value).collect()
}

/// One claim, and before whom it is.
#[derive(Args)]
struct One {
    #[command(flatten)]
    staff: AsStaff,
    /// Whose claim, as `moretus claims take` printed it.
    #[arg(long, value_name = "ID")]
    person: SubjectId,
    /// The claim.
    #[arg(long, value_name = "ID")]
    claim: ClaimId,
}

impl One {
    async fn open(&self) -> Result<(Site, PendedPlace, Actor), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        Ok((site, PendedPlace { portfolio, subject: self.person, claim: self.claim, task: None }, actor))
    }
}

/// One claim, and by which task somebody looks at it who does not have it.
#[derive(Args)]
struct Looked {
    #[command(flatten)]
    one: One,
    /// To put a claim right that is decided: the work item about the person that was given to whoever asks, as `moretus work
    /// assign` printed it.
    #[arg(long, value_name = "ID")]
    item: Option<WorkItemId>,
}

impl Looked {
    async fn open(&self) -> Result<(Site, PendedPlace, Actor), Error> {
        let (site, place, actor) = self.one.open().await?;
        Ok((site, PendedPlace { task: self.item, ..place }, actor))
    }
}

/// List claims that wait.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus claims list --data moretus-data --portfolio officina --token-file claims.token\n  moretus claims list --portfolio officina --token-file claims.token --own --json\n\nIt says why each waits in one word, and nothing of what was claimed. The first 1,000 are listed."
)]
struct List {
    #[command(flatten)]
    staff: AsStaff,
    /// List only those that are before whoever asks.
    #[arg(long)]
    own: bool,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let rows = service::pended(&site.app, &actor, portfolio, self.own, request).await?;
        if self.json {
            let values = rows.iter().map(|(row, claim)| value(row, Some(claim)));
            say!("{:#}", json!({ "claims": values.collect::<Vec<_>>() }));
            return site.close().await;
        }
        let heads = ["PERSON", "CLAIM", "STATE", "DUE", "WHY"].map(str::to_owned);
        let line = |(row, claim): &(PendedRow, ClaimRow)| {
            let (person, id) = (row.subject.to_string(), row.claim.to_string());
            [person, id, state(row).to_owned(), row.due.to_string(), why(claim).to_owned()]
        };
        for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

/// Where a claim stands on the desk.
fn state(row: &PendedRow) -> &'static str {
    match (row.owner, row.waiting) {
        (None, _) => "free",
        (Some(_), None) => "under-review",
        (Some(_), Some(_)) => "waiting-for-member",
    }
}

/// Why it waits, in a word.
fn why(claim: &ClaimRow) -> &'static str {
    claim.outcome_reason.map_or("", |reason| reason.word())
}

/// Where a claim stands.
fn value(row: &PendedRow, claim: Option<&ClaimRow>) -> Value {
    json!({
        "person": row.subject.to_string(),
        "claim": row.claim.to_string(),
        "state": state(row),
        "since": row.since.to_string(),
        "due": row.due.to_string(),
        "waitingSince": row.waiting.map(|since| since.to_string()),
        "why": claim.map(why),
    })
}

fn told(row: &PendedRow, json: bool) {
    if json {
        say!("{:#}", value(row, None));
    } else {
        say!("--person {} --claim {}", row.subject, row.claim);
        note!("{}, due {}", state(row), row.due);
    }
}

/// What follows of what was written down about a claim.
fn written_down(done: WrittenDown, json: bool) {
    match done {
        WrittenDown::Waits(why) => waits(why, json),
        WrittenDown::ToDecideAnew if json => say!("{:#}", json!({ "why": null, "to_decide_anew": true })),
        WrittenDown::ToDecideAnew => {
            note!(
                "the claim is decided: what would change is proposed by the next run (moretus readjudicate propose --changed)"
            );
        }
    }
}

/// Why a claim that was worked out anew waits.
fn waits(why: Option<OutcomeReason>, json: bool) {
    if json {
        say!("{:#}", json!({ "why": why.map(|reason| reason.word()), "to_decide_anew": false }));
    } else if let Some(reason) = why {
        note!("{reason}: {}", meaning(reason));
    }
}
