//! The steps of one appeal: taken, waiting for the person, decided, given back, taken back, decided anew.

use std::path::PathBuf;

use clap::Args;
use domain::AppealOutcome;
use serde_json::json;
use service::NewAppealDecision;

use super::{One, told};
use crate::command::recipients::AsStaff;
use crate::command::screen::reason;
use crate::output::{note, say};
use crate::report::Error;

/// Take the appeal that is due first.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus appeals take --data moretus-data --portfolio officina --token-file claims.token\n\nThose of people whom whoever asks may not handle, and those about what they decided before, are left to colleagues."
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
        match service::take_appeal(&site.app, &actor, portfolio, request).await? {
            Some(row) => told(&row, self.json),
            None if self.json => say!("{:#}", json!({ "appeal": null })),
            None => note!("no appeal waits"),
        }
        site.close().await
    }
}

/// Stop the clock.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus appeals ask --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --appeal 00000000-0000-0000-0000-000000000003\n\nAsking itself, by letter or telephone, is somebody else's."
)]
pub(super) struct Ask {
    #[command(flatten)]
    one: One,
    /// Print where it then stands as JSON.
    #[arg(long)]
    json: bool,
}

impl Ask {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let row = service::ask_member(&site.app, &actor, place, site.app.gate.request()).await?;
        told(&row, self.json);
        site.close().await
    }
}

/// Let the clock go on.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus appeals answered --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --appeal 00000000-0000-0000-0000-000000000003\n\nIt is due later by as long as it waited."
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
        let row = service::member_answered(&site.app, &actor, place, site.app.gate.request()).await?;
        told(&row, self.json);
        site.close().await
    }
}

/// Decide an appeal.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus appeals decide --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --appeal 00000000-0000-0000-0000-000000000003 \\\n    --outcome partly-overturned --line 2 --reason-file reason.txt\n\nFor what reason a line was refused that is overturned is lifted from it with the decision. The claim is left as it is until it is\ndecided anew (moretus readjudicate) and that is released."
)]
pub(super) struct Decide {
    #[command(flatten)]
    one: One,
    /// What is decided: upheld (what was decided on the claim stands), overturned or partly-overturned.
    #[arg(long)]
    outcome: AppealOutcome,
    /// The number of a line to be decided anew, where it is partly overturned; again for more.
    #[arg(long = "line", value_name = "NUMBER")]
    lines: Vec<u32>,
    /// The file that holds the reason; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    reason_file: PathBuf,
    /// Print where it then stands as JSON.
    #[arg(long)]
    json: bool,
}

impl Decide {
    pub(super) async fn run(self) -> Result<(), Error> {
        let reason = reason(&self.reason_file)?;
        let (site, place, actor) = self.one.open().await?;
        let new = NewAppealDecision { outcome: self.outcome, lines: self.lines, reason };
        let request = site.app.gate.request();
        let row = service::decide_appeal(&site.app, &actor, place, &new, request).await?;
        told(&row, self.json);
        site.close().await
    }
}

/// Give an appeal back.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus appeals return --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --appeal 00000000-0000-0000-0000-000000000003"
)]
pub(super) struct Return {
    #[command(flatten)]
    one: One,
}

impl Return {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::return_appeal(&site.app, &actor, place, site.app.gate.request()).await?;
        note!("appeal {} waits for a colleague", place.appeal);
        site.close().await
    }
}

/// Close an appeal that the person took back.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus appeals withdraw --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --appeal 00000000-0000-0000-0000-000000000003"
)]
pub(super) struct Withdraw {
    #[command(flatten)]
    one: One,
}

impl Withdraw {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::withdraw_appeal(&site.app, &actor, place, site.app.gate.request()).await?;
        note!("appeal {} was taken back", place.appeal);
        site.close().await
    }
}

/// Write down that what was overturned was decided anew.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus appeals done --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --appeal 00000000-0000-0000-0000-000000000003"
)]
pub(super) struct Done {
    #[command(flatten)]
    one: One,
}

impl Done {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::decided_anew(&site.app, &actor, place, site.app.gate.request()).await?;
        note!("what appeal {} overturned was decided anew", place.appeal);
        site.close().await
    }
}
