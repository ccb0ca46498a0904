//! `moretus claims override`: what whoever has a claim decides about its lines otherwise than the plan's rules, and how `moretus claims
//! show` tells it.

use std::path::PathBuf;

use clap::Args;
use domain::{LineDecision, LineOverride, Reason, RefusalGround};
use serde_json::{Value, json};
use service::NewOverrides;

use super::{Looked, written_down};
use crate::command::screen::reason;
use crate::output::say;
use crate::report::Error;

/// Lift a refusal from a line, or refuse a line.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus claims override --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 \\\n    --proposal 1 --lift 2=LATE --reason-file reason.txt\n  moretus claims override --portfolio officina --token-file claims.token --person 00000000-0000-0000-0000-000000000001 \\\n    --claim 00000000-0000-0000-0000-000000000002 --proposal 1 --refuse 1=NEC --reason-file - --json < reason.txt\n\nDUP, LATE, AREA, WAIT, PREEX, AUTH, BUND and PERSON are lifted, and NOCOV where the plan excludes the care; what comes after is\nthe plan's, limits and shares too. A line is refused as not medically necessary (NEC), experimental (EXP) or cosmetic (COSM), as\nbilled in error and taken back (BACK), or since a corrected claim takes its place (REPL). The claim is worked out again: whoever\ndecided so gives it back, and a colleague lets it stand. One that is decided is decided anew by the next run (moretus readjudicate\npropose --changed), and a colleague releases that. Reasons are sealed with the person's data."
)]
pub(super) struct Overrides {
    #[command(flatten)]
    one: Looked,
    /// The number of what is proposed, as `moretus claims show` printed it.
    #[arg(long, value_name = "NUMBER")]
    proposal: i64,
    #[command(flatten)]
    new: New,
    /// The file that holds the reason; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    reason_file: PathBuf,
    /// Print why the claim then waits as JSON.
    #[arg(long)]
    json: bool,
}

/// What is decided.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct New {
    /// Lift a reason from a line, as it is shown of it; again for more.
    #[arg(long = "lift", value_name = "LINE=REASON", value_parser = of_line::<Reason>)]
    lifts: Vec<(u32, Reason)>,
    /// Refuse a line on a ground: NEC, EXP, COSM, BACK or REPL; again for more.
    #[arg(long = "refuse", value_name = "LINE=GROUND", value_parser = of_line::<RefusalGround>)]
    refuses: Vec<(u32, RefusalGround)>,
}

fn of_line<T>(text: &str) -> Result<(u32, T), String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let shape = || "write the number of a line and a code, like 2=LATE".to_owned();
    let (line, code) = text.split_once('=').ok_or_else(shape)?;
    let line = line.parse().map_err(|_| shape())?;
    Ok((line, code.parse().map_err(|error: T::Err| error.to_string())?))
}

impl Overrides {
    pub(super) async fn run(self) -> Result<(), Error> {
        let reason = reason(&self.reason_file)?;
        let (site, place, actor) = self.one.open().await?;
        let lifts = self.new.lifts.iter().map(|(line, reason)| (*line, LineDecision::Lift(*reason)));
        let refuses = self.new.refuses.iter().map(|(line, ground)| (*line, LineDecision::Refuse(*ground)));
        let new = NewOverrides { version: self.proposal, lines: lifts.chain(refuses).collect(), reason };
        let request = site.app.gate.request();
        let done = service::override_pended(&site.app, &actor, place, &new, request).await?;
        written_down(done, self.json);
        site.close().await
    }
}

/// What was decided about a line, in two words.
fn words(one: &LineOverride) -> (&'static str, &'static str) {
    match one.decision {
        LineDecision::Lift(reason) => ("lifted", reason.word()),
        LineDecision::Refuse(ground) => ("refused", ground.word()),
    }
}

pub(in crate::command) fn tell(overrides: &[LineOverride]) {
    for one in overrides {
        let (what, code) = words(one);
        say!(
            "decided, line {}: {what} {code}, by {} on {}: {}",
            one.line,
            one.by,
            one.at,
            one.reason.reveal()
        );
    }
}

pub(in crate::command) fn as_json(overrides: &[LineOverride]) -> Value {
    let value = |one: &LineOverride| {
        let (what, code) = words(one);
        json!({
            "line": one.line,
            "decision": what,
            "code": code,
            "by": one.by.to_string(),
            "at": one.at.to_string(),
            "reason": one.reason.reveal(),
            "appeal": one.appeal.map(|appeal| appeal.to_string()),
        })
    };
    overrides.iter().map(value).collect()
}
