//! The steps of one claim that waits: taken, waiting for whoever claims, worked out anew, let stand, given back.

use std::path::PathBuf;

use clap::Args;
use domain::ClaimAsked;
use serde_json::json;
use service::NewConfirmation;

use super::{One, told, waits};
use crate::command::recipients::AsStaff;
use crate::command::screen::reason;
use crate::output::{note, say};
use crate::report::Error;

/// Take the claim that is due first.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims take --data moretus-data --portfolio officina --token-file claims.token\n\nThose of people whom whoever asks may not handle are left to colleagues. One that was given back comes to whoever gave it\nback only when no other waits."
)]
pub(super) struct Take {
    #[command(flatten)]
    staff: AsStaff,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Take {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        match service::take_pended(&site.app, &actor, portfolio, request).await? {
            Some(row) => told(&row, self.json),
            None if self.json => say!("{:#}", json!({ "claim": null })),
            None => note!("no claim waits"),
        }
        site.close().await
    }
}

/// Stop the clock.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims ask --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --for papers\n\nAsking itself, by letter or telephone, is somebody else's."
)]
pub(super) struct Ask {
    #[command(flatten)]
    one: One,
    /// What was asked for: consent, papers, other-payer, cover or claim.
    #[arg(long = "for", value_name = "WHAT")]
    what: ClaimAsked,
    /// Print where it then stands as JSON.
    #[arg(long)]
    json: bool,
}

impl Ask {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let request = site.app.gate.request();
        let row = service::ask_about_pended(&site.app, &actor, place, self.what, request).await?;
        told(&row, self.json);
        site.close().await
    }
}

/// Let the clock go on.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims answered --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n\nIt is due later by as long as it waited."
)]
pub(super) struct Answered {
    #[command(flatten)]
    one: One,
    /// Print where it then stands as JSON.
    #[arg(long)]
    json: bool,
}

impl Answered {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let row = service::pended_answered(&site.app, &actor, place, site.app.gate.request()).await?;
        told(&row, self.json);
        site.close().await
    }
}

/// Work out anew what a claim comes to.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims work-out --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n\nWhatever it comes to is a proposal: look at it with moretus claims show, then let it stand."
)]
pub(super) struct WorkOut {
    #[command(flatten)]
    one: One,
    /// Print why it waits as JSON.
    #[arg(long)]
    json: bool,
}

impl WorkOut {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let why = service::work_out_pended(&site.app, &actor, place, site.app.gate.request()).await?;
        waits(why, self.json);
        site.close().await
    }
}

/// Let what is proposed stand.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims confirm --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 \\\n    --proposal 1 --reason-file reason.txt\n\nWhat is refused goes out, and what is not is paid, within what whoever confirms may release alone (moretus actors authority).\nWhere it comes out otherwise than was shown, nothing is decided. The reason is sealed with the person's data."
)]
pub(super) struct Confirm {
    #[command(flatten)]
    one: One,
    /// The number of what is proposed, as `moretus claims show` printed it.
    #[arg(long, value_name = "NUMBER")]
    proposal: i64,
    /// The file that holds the reason; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    reason_file: PathBuf,
    /// Print where the claim then stands as JSON.
    #[arg(long)]
    json: bool,
}

impl Confirm {
    pub(super) async fn run(self) -> Result<(), Error> {
        let reason = reason(&self.reason_file)?;
        let (site, place, actor) = self.one.open().await?;
        let new = NewConfirmation { version: self.proposal, reason };
        let request = site.app.gate.request();
        let state = service::confirm_pended(&site.app, &actor, place, &new, request).await?;
        if self.json {
            say!("{:#}", json!({ "claim": place.claim.to_string(), "state": state.word() }));
        } else {
            note!("claim {} is {state}", place.claim);
        }
        site.close().await
    }
}

/// Give a claim back.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims return --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002"
)]
pub(super) struct Return {
    #[command(flatten)]
    one: One,
}

impl Return {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::return_pended(&site.app, &actor, place, site.app.gate.request()).await?;
        note!("claim {} waits for a colleague", place.claim);
        site.close().await
    }
}
