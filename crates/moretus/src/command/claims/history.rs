//! `moretus claims history`: what happened to a claim, step by step, and why.

use clap::Args;
use serde_json::{Value, json};
use service::ClaimHistory;
use store::claim_step::StepRow;

use super::{One, close, overrides};
use crate::output::say;
use crate::report::Error;

/// Tell what happened to a claim.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus claims history --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n\nThat somebody looked stands in the person's list of uses. Reasons that may say something of health are told while a clause of the\nnotice shows them."
)]
pub(super) struct History {
    #[command(flatten)]
    one: One,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let history = service::claim_history(&site.app, &actor, place, site.app.gate.request()).await?;
        if self.json {
            say!("{:#}", as_json(&history));
        } else {
            tell(&history);
        }
        site.close().await
    }
}

fn tell(history: &ClaimHistory) {
    say!("received {}, now {}", history.stands.received, history.stands.state);
    for StepRow { step, state, actor, at, .. } in &history.steps {
        say!("{at}: {step}, then {state}, by {actor}");
    }
    if let Some(one) = &history.confirmation {
        let reason = one.reason.shown().map_or("the reason is not shown", |reason| reason.reveal());
        say!("let stand {} by {}, {}: {reason}", one.decided, one.by, one.outcome);
    }
    overrides::tell(by_hand(history));
    close::tell(history.closings.as_ref().map_or(&[], |one| one.closings.as_slice()));
}

/// What persons decided about its lines, where that is shown.
fn by_hand(history: &ClaimHistory) -> &[domain::LineOverride] {
    let shown = history.overrides.as_ref().and_then(|overrides| overrides.lines.shown());
    shown.map_or(&[], Vec::as_slice)
}

fn as_json(history: &ClaimHistory) -> Value {
    let step = |row: &StepRow| {
        json!({
            "at": row.at.to_string(),
            "step": row.step.word(),
            "state": row.state.word(),
            "by": row.actor.to_string(),
        })
    };
    let confirmed = history.confirmation.as_ref().map(|one| {
        json!({
            "day": one.decided.to_string(),
            "by": one.by.to_string(),
            "outcome": one.outcome.word(),
            "reason": one.reason.shown().map(|reason| reason.reveal()),
        })
    });
    json!({
        "received": history.stands.received.to_string(),
        "state": history.stands.state.word(),
        "steps": history.steps.iter().map(step).collect::<Vec<_>>(),
        "letStand": confirmed,
        "overrides": overrides::as_json(by_hand(history)),
        "closings": history.closings.as_ref().map(|one| close::as_json(&one.closings)),
    })
}
