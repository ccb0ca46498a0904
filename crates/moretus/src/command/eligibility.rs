//! `moretus eligibility`: which cover held for somebody on a day, as it is known now or was believed on an earlier day, as
//! whoever a token belongs to. What is covered it does not tell; `moretus estimate` does.

use std::path::PathBuf;

use clap::Args;
use domain::{Date, SubjectId, Timestamp, WorkItemId};
use gate::Target;
use serde_json::{Value, json};
use service::Eligibility;

use super::recipients::InPortfolio;
use crate::output::say;
use crate::report::Error;

/// Which cover held on a day, and what was believed about it.
#[derive(Args)]
#[command(
    name = "eligibility",
    after_help = "Examples:\n  moretus eligibility --data moretus-data --portfolio officina --token-file staff.token \\\n    --subject 00000000-0000-0000-0000-000000000001 --item 00000000-0000-0000-0000-000000000002 --on 2026-04-10\n  moretus eligibility --portfolio officina --token-file staff.token --subject 00000000-0000-0000-0000-000000000001 \\\n    --item 00000000-0000-0000-0000-000000000002 --on 2026-04-10 --as-of 2026-04-20 --json\n\nCover that is imported again and says something else (another last day, a suspension) takes the place of what it said, which\nis kept. `--as-of` asks what stood at the end of that day: why a claim was decided as it was. The answer is on the record\nfirst."
)]
pub(crate) struct EligibilityCommand {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the token of whoever asks; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// Whose cover.
    #[arg(long, value_name = "ID")]
    subject: SubjectId,
    /// The task that it serves, which must be about them.
    #[arg(long, value_name = "ID")]
    item: Option<WorkItemId>,
    /// The day of the care.
    #[arg(long, value_name = "DATE")]
    on: Date,
    /// What was believed at the end of this day; today without it.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl EligibilityCommand {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.place.open_with(&self.token_file).await?;
        let (app, request) = (&site.app, site.app.gate.request());
        let believed = self.as_of.map_or_else(|| app.today(), Ok)?;
        let target = Target { subject: self.subject, item: self.item };
        let held = service::eligibility(app, &actor, portfolio, target, (self.on, believed), request).await?;
        if self.json {
            let held = held.as_ref().map(value);
            let answer = json!({ "on": self.on.to_string(), "asOf": believed.to_string(), "cover": held });
            say!("{answer:#}");
        } else {
            let (on, held) = (self.on, held.as_ref().map(line));
            say!("on {on}, as of {believed}: {}", held.unwrap_or_else(|| "no cover".to_owned()));
        }
        site.close().await
    }
}

fn line(held: &Eligibility) -> String {
    let Eligibility { cover, recorded, superseded, .. } = held;
    let until = cover.end.map_or_else(|| "on".to_owned(), |end| format!("to {end}"));
    let stands = superseded.map(|at| format!(", until {at} something else was recorded")).unwrap_or_default();
    let (name, status, start) = (cover.plan_name.reveal(), cover.status.word(), cover.start);
    format!("{name}, {status}, from {start} {until}; recorded {recorded}{stands}")
}

fn value(held: &Eligibility) -> Value {
    let at = |at: Timestamp| at.to_string();
    json!({
        "coverage": held.coverage.to_string(),
        "planName": held.cover.plan_name.reveal(),
        "start": held.cover.start.to_string(),
        "end": held.cover.end.map(|end| end.to_string()),
        "status": held.cover.status.word(),
        "recorded": at(held.recorded),
        "superseded": held.superseded.map(at),
    })
}
