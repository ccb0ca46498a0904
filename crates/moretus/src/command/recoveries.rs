//! `moretus recoveries`: what payees owe back, who had too much for a claim that was decided again: listed, shown, and written off
//! by payments staff. It is kept back from what they are paid next; nobody is asked for money here.

use clap::{Args, Subcommand};
use domain::{ClaimId, Money, Movement, MovementKind, SubjectId, WriteOff, WriteOffReason};
use gate::Actor;
use serde_json::{Value, json};
use service::{Recovery, RecoveryPlace, WrittenOff};
use store::settlement::SettlementRow;

use super::notice::columns::aligned;
use super::recipients::{AsStaff, InPortfolio};
use crate::output::{note, say};
use crate::report::Error;
use crate::site::Site;

/// What payees owe back.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recoveries list --data moretus-data --portfolio officina --token-file payments.token\n  moretus recoveries show --data moretus-data --portfolio officina --token-file payments.token \\\n    --payee 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n  moretus recoveries share --data moretus-data --portfolio officina --percent 50\n\nWhoever was paid too much for a claim owes it back: it is kept back from what they are paid next, within the portfolio's share."
)]
pub(crate) struct Recoveries {
    #[command(subcommand)]
    command: RecoveriesCommand,
}

#[derive(Subcommand)]
enum RecoveriesCommand {
    /// List the claims for which somebody was paid too much.
    List(List),
    /// Show how it came about, and how much is left.
    Show(Show),
    /// Give up what is owed back on a claim, with a reason.
    WriteOff(WriteOffIt),
    /// Set how much of what is due is kept back at most.
    Share(Share),
}

impl Recoveries {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            RecoveriesCommand::List(command) => command.run().await,
            RecoveriesCommand::Show(command) => command.run().await,
            RecoveriesCommand::WriteOff(command) => command.run().await,
            RecoveriesCommand::Share(command) => command.run().await,
        }
    }
}

/// What one payee owes back on one claim.
#[derive(Args)]
struct One {
    #[command(flatten)]
    staff: AsStaff,
    /// Who was paid, as `moretus recoveries list` prints it.
    #[arg(long, value_name = "ID")]
    payee: SubjectId,
    /// For which claim.
    #[arg(long, value_name = "ID")]
    claim: ClaimId,
}

impl One {
    async fn open(&self) -> Result<(Site, RecoveryPlace, Actor), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        Ok((site, RecoveryPlace { portfolio, payee: self.payee, claim: self.claim }, actor))
    }
}

/// List the claims for which somebody was paid too much.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recoveries list --data moretus-data --portfolio officina --token-file payments.token\n  moretus recoveries list --portfolio officina --token-file payments.token --json\n\nIt says who and since when it stands so, and nothing of how much or why. A payee is a member, or a provider who is paid directly."
)]
struct List {
    #[command(flatten)]
    staff: AsStaff,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = service::recoveries(&site.app, &actor, portfolio, after, request).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.subject, last.claim));
            rows.extend(page);
        }
        if self.json {
            say!("{:#}", json!({ "recoveries": rows.iter().map(row_value).collect::<Vec<_>>() }));
            return site.close().await;
        }
        let heads = ["PAYEE", "CLAIM", "SINCE"].map(str::to_owned);
        let line =
            |row: &SettlementRow| [row.subject.to_string(), row.claim.to_string(), row.since.to_string()];
        for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

fn row_value(row: &SettlementRow) -> Value {
    json!({
        "payee": row.subject.to_string(),
        "claim": row.claim.to_string(),
        "state": row.state.word(),
        "since": row.since.to_string(),
    })
}

/// Show what a payee owes back on a claim.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus recoveries show --data moretus-data --portfolio officina --token-file payments.token \\\n    --payee 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n\nIt shows amounts, days and claims, and nothing of what the care was or why the claim was decided again. Who looks is on the payee's\nrecord."
)]
struct Show {
    #[command(flatten)]
    one: One,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let recovery = service::read_recovery(&site.app, &actor, place, site.app.gate.request()).await?;
        match self.json {
            true => say!("{:#}", value(&recovery)),
            false => told(&recovery)?,
        }
        site.close().await
    }
}

fn told(recovery: &Recovery) -> Result<(), Error> {
    let heads = ["DAY", "WHAT", "AMOUNT", "FOR"].map(str::to_owned);
    let line = |one: &Movement| {
        let (what, about) = words(&one.kind);
        [one.day.to_string(), what.to_owned(), one.amount.to_string(), about]
    };
    for line in
        aligned(&std::iter::once(heads).chain(recovery.movements.iter().map(line)).collect::<Vec<_>>())
    {
        say!("{line}");
    }
    for amount in &recovery.outstanding {
        say!("owed back: {amount}");
    }
    if recovery.outstanding.is_empty() {
        say!("owed back: nothing");
    }
    if let Some(WriteOff { day, by, reason }) = recovery.proposed {
        note!("actor {by} proposed on {day} to write it off: {reason}");
    }
    Ok(())
}

/// What a movement is, and which payment, claim or reason it is about.
fn words(kind: &MovementKind) -> (&'static str, String) {
    match kind {
        MovementKind::Owed => ("owed", String::new()),
        MovementKind::Paid(payment) => ("paid", format!("payment {payment}")),
        MovementKind::SetOff(claim) => ("set-off", format!("claim {claim}")),
        MovementKind::Recovered(claim) => ("recovered", format!("claim {claim}")),
        MovementKind::WrittenOff(off) => ("written-off", off.reason.to_string()),
        MovementKind::Reinstated => ("reinstated", String::new()),
    }
}

/// An amount in JSON: in units of its currency.
pub(super) fn amount_value(amount: Money) -> Value {
    json!({ "amount": amount.decimal().to_string(), "currency": amount.currency().code() })
}

fn value(recovery: &Recovery) -> Value {
    let movement = |one: &Movement| {
        let (what, about) = words(&one.kind);
        json!({ "day": one.day.to_string(), "what": what, "amount": amount_value(one.amount), "for": about })
    };
    let proposed = recovery.proposed.map(
        |one| json!({ "day": one.day.to_string(), "by": one.by.to_string(), "reason": one.reason.word() }),
    );
    json!({
        "movements": recovery.movements.iter().map(movement).collect::<Vec<_>>(),
        "owedBack": recovery.outstanding.iter().copied().map(amount_value).collect::<Vec<_>>(),
        "proposed": proposed,
    })
}

/// Give up what a payee owes back on a claim.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus recoveries write-off --data moretus-data --portfolio officina --token-file payments.token \\\n    --payee 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --reason hardship\n\nReasons: our-error, hardship, too-small, uncollectable. Above what `moretus actors authority` lets you release alone it is a proposal,\nwhich somebody else with more authority carries out by the same command. It is booked, and never undone but by what the plan owes\nafter all."
)]
struct WriteOffIt {
    #[command(flatten)]
    one: One,
    /// Why.
    #[arg(long)]
    reason: WriteOffReason,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl WriteOffIt {
    async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let request = site.app.gate.request();
        let outcome = service::write_off(&site.app, &actor, place, self.reason, request).await?;
        let (word, text) = match outcome {
            WrittenOff::Done => ("written-off", "it is owed back no longer"),
            WrittenOff::Proposed => {
                ("proposed", "it is above what you may release alone: it waits for somebody who may")
            }
        };
        match self.json {
            true => say!("{:#}", json!({ "outcome": word })),
            false => note!("{text}"),
        }
        site.close().await
    }
}

/// Set the share of what is due that is kept back at most.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus recoveries share --data moretus-data --portfolio officina --percent 50\n\nOf each amount that is due for a claim at most this share is kept back for what its payee owes back; all of it until a share is set.\nThe law of the place may say how much may be kept back. It holds for what is paid from then on."
)]
struct Share {
    #[command(flatten)]
    place: InPortfolio,
    /// Who sets it, the holder of the root key.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// Per cent of what is due, from 0 to 100.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=100))]
    percent: u8,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Share {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.place.open_as(&self.operator).await?;
        service::set_off_share(&site.app, &keeper, portfolio, self.percent).await?;
        match self.json {
            true => say!("{:#}", json!({ "portfolio": portfolio.to_string(), "percent": self.percent })),
            false => note!("at most {} per cent of what is due is kept back", self.percent),
        }
        site.close().await
    }
}
