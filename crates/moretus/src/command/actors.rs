//! `moretus actors`: the register of actors. `moretus token` enters one; here it is listed, its training is renewed, what
//! it may release alone is limited and its record is ended. It names no person: a role, a team and what somebody is. What an actor may see, the notice decides.

mod changes;
mod list;

use clap::{Args, Subcommand};
use domain::{ActorId, Currency, Date, Money, PortfolioId};
use gate::Actor;
use serde_json::json;

use super::recipients::InPortfolio;
use crate::output::{note, say};
use crate::report::Error;
use crate::site::Site;

/// The register of actors.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus actors list --data moretus-data --portfolio officina\n  moretus actors end --data moretus-data --portfolio officina --operator 'An Operator' --actor 00000000-0000-0000-0000-000000000000\n\n`moretus token` enters an actor. Each change is on the record before it is made."
)]
pub(crate) struct Actors {
    #[command(subcommand)]
    command: ActorsCommand,
}

#[derive(Subcommand)]
enum ActorsCommand {
    /// Who may ask, as what, until when they are trained, and whose record ended.
    List(list::List),
    /// Write down until when somebody's training is current.
    Train(Train),
    /// Move somebody to another team.
    Move(Move),
    /// Write down how much somebody may release alone.
    Authority(Authority),
    /// End an actor's record, now: its token works no longer, and what it had before it goes back to its colleagues.
    End(End),
    /// What was changed in the register, from the log.
    Changes(changes::Changes),
}

impl Actors {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            ActorsCommand::List(command) => command.run().await,
            ActorsCommand::Train(command) => command.run().await,
            ActorsCommand::Move(command) => command.run().await,
            ActorsCommand::Authority(command) => command.run().await,
            ActorsCommand::End(command) => command.run().await,
            ActorsCommand::Changes(command) => command.run().await,
        }
    }
}

/// An actor of a portfolio, and who changes its record.
#[derive(Args)]
struct Record {
    #[command(flatten)]
    place: InPortfolio,
    /// Who changes it, the holder of the root key; the log keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// Whose record: the actor that `moretus token` names.
    #[arg(long, value_name = "ID")]
    actor: ActorId,
}

impl Record {
    async fn open(&self) -> Result<(Site, PortfolioId, Actor), Error> {
        self.place.open_as(&self.operator).await
    }
}

/// Renew training.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus actors train --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --actor 00000000-0000-0000-0000-000000000000 --until 2027-10-31\n\nWhatever staff ask whose training is not current is refused, and the refusal is on the record."
)]
struct Train {
    #[command(flatten)]
    record: Record,
    /// The last day on which it is current, at most a year away.
    #[arg(long, value_name = "DAY")]
    until: Date,
    /// Print what was written as JSON.
    #[arg(long)]
    json: bool,
}

impl Train {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.record.open().await?;
        let (actor, until) = (self.record.actor, self.until);
        service::train_actor(&site.app, &keeper, portfolio, actor, until).await?;
        match self.json {
            true => say!("{:#}", json!({ "actor": actor.to_string(), "trained_until": until.to_string() })),
            false => note!("actor {actor} is trained until {until}"),
        }
        site.close().await
    }
}

/// Move somebody to another team.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus actors move --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --actor 00000000-0000-0000-0000-000000000000 --team payments\n\nWithin two seconds they work on what is assigned to the new team, and on nothing of the one before."
)]
struct Move {
    #[command(flatten)]
    record: Record,
    /// The new team; none of them if it is left out.
    #[arg(long, value_name = "TEAM", default_value = "")]
    team: String,
    /// Print what was written as JSON.
    #[arg(long)]
    json: bool,
}

impl Move {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.record.open().await?;
        let (actor, team) = (self.record.actor, self.team.as_str());
        service::move_actor(&site.app, &keeper, portfolio, actor, team).await?;
        match self.json {
            true => say!("{:#}", json!({ "actor": actor.to_string(), "team": team })),
            false if team.is_empty() => note!("actor {actor} is in no team"),
            false => note!("actor {actor} is in team {team}"),
        }
        site.close().await
    }
}

/// Limit what somebody may release alone.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus actors authority --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --actor 00000000-0000-0000-0000-000000000000 --up-to 5000.00 --currency EUR\n\nWho has no limit in a currency releases nothing in it alone. A guarantee of payment above it\nis a proposal, which a colleague takes; it stands once somebody decides whose limit it is within.\nA pended claim above it is given back."
)]
struct Authority {
    #[command(flatten)]
    record: Record,
    /// The most that they may release alone, a decimal number.
    #[arg(long, value_name = "AMOUNT")]
    up_to: String,
    /// Its currency.
    #[arg(long)]
    currency: Currency,
    /// Print what was written as JSON.
    #[arg(long)]
    json: bool,
}

impl Authority {
    async fn run(self) -> Result<(), Error> {
        let limit = Money::parse(&self.up_to, self.currency)
            .map_err(|error| Error::from(format!("--up-to: {error}")))?;
        let (site, portfolio, keeper) = self.record.open().await?;
        let actor = self.record.actor;
        service::limit_authority(&site.app, &keeper, portfolio, actor, limit).await?;
        let (amount, currency) = (limit.decimal().to_string(), self.currency.code());
        match self.json {
            true => {
                say!("{:#}", json!({ "actor": actor.to_string(), "up_to": amount, "currency": currency }))
            }
            false => note!("actor {actor} may release up to {amount} {currency} alone"),
        }
        site.close().await
    }
}

/// End an actor's record.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus actors end --data moretus-data --portfolio officina --operator 'An Operator' \\\n    --actor 00000000-0000-0000-0000-000000000000\n\nIt prints what the actor had before it: guarantees, material, cases of the screen, appeals and pended claims wait for colleagues\nagain,\nlegal matters are to be opened for one of them. Once more, it gives back what was taken in the last second."
)]
struct End {
    #[command(flatten)]
    record: Record,
    /// Print what the actor had before it as JSON.
    #[arg(long)]
    json: bool,
}

impl End {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.record.open().await?;
        let actor = self.record.actor;
        let left = service::end_actor(&site.app, &keeper, portfolio, actor).await?;
        if self.json {
            let matters: Vec<_> = left.matters.iter().collect();
            let matters: Vec<_> = matters
                .into_iter()
                .map(|(matter, people)| json!({ "matter": matter.to_string(), "people": people }))
                .collect();
            say!(
                "{:#}",
                json!({
                    "actor": actor.to_string(),
                    "guarantees": left.guarantees,
                    "material": left.material,
                    "cases": left.cases,
                    "appeals": left.appeals,
                    "claims": left.pended,
                    "matters": matters,
                    "others": left.others,
                })
            );
            return site.close().await;
        }
        note!("the record of actor {actor} is ended: its token works nowhere any more within a second");
        say!(
            "{} guarantees, {} pieces of material, {} cases of the screen, {} appeals and {} pended claims wait for colleagues again",
            left.guarantees,
            left.material,
            left.cases,
            left.appeals,
            left.pended
        );
        for (matter, people) in &left.matters {
            say!("matter {matter} was its task about {people} people: open it for a colleague");
        }
        say!("{} other tasks ended", left.others);
        site.close().await
    }
}
