//! `moretus claims close` and `moretus claims reopen`: a claim that is taken back before it was decided, and the way back; and how what was
//! closed before is told.

use clap::Args;
use domain::{ClaimClosing, ClosingGround, ReopeningGround};
use serde_json::{Value, json};

use super::One;
use crate::output::{note, say};
use crate::report::Error;

/// Close a claim that is taken back.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims close --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --ground taken-back\n\nNothing was decided on it, and nothing will be: what was decided stands, and is not closed. What the screen flagged of it ends with\nit. It may be sent again by itself, as another claim; a file that is imported again takes it in no more."
)]
pub(super) struct Close {
    #[command(flatten)]
    one: One,
    /// Why: taken-back (whoever claims takes it back), sent-in-error or paid-elsewhere.
    #[arg(long)]
    ground: ClosingGround,
}

impl Close {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::close_pended(&site.app, &actor, place, self.ground, site.app.gate.request()).await?;
        note!("claim {} is closed", place.claim);
        site.close().await
    }
}

/// Open a claim again that was closed.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims reopen --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --ground asked\n\nIt waits at the desk for whoever takes it; whoever closed it does not confirm it."
)]
pub(super) struct Reopen {
    #[command(flatten)]
    one: One,
    /// Why: asked (whoever claims asks for it) or closed-in-error.
    #[arg(long)]
    ground: ReopeningGround,
}

impl Reopen {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::reopen_claim(&site.app, &actor, place, self.ground, site.app.gate.request()).await?;
        note!("claim {} waits for whoever takes it", place.claim);
        site.close().await
    }
}

pub(in crate::command) fn tell(closings: &[ClaimClosing]) {
    for one in closings {
        say!("closed, {} by {} on {}", one.ground, one.by, one.at);
        if let Some(again) = &one.reopened {
            say!("  opened again, {} by {} on {}", again.ground, again.by, again.at);
        }
    }
}

pub(in crate::command) fn as_json(closings: &[ClaimClosing]) -> Value {
    let value = |one: &ClaimClosing| {
        let again = one.reopened.map(|again| {
            json!({ "ground": again.ground.word(), "by": again.by.to_string(), "at": again.at.to_string() })
        });
        json!({
            "ground": one.ground.word(),
            "by": one.by.to_string(),
            "at": one.at.to_string(),
            "reopened": again,
        })
    };
    closings.iter().map(value).collect()
}
