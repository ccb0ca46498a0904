//! One case of the screen: taken, listed, shown, decided, given back.

use benefits::screen::explain;
use clap::Args;
use domain::{Language, ScreenFlag, ScreenOutcome};
use serde_json::{Value, json};
use service::{CaseDecided, CaseFile, NewDecision};
use store::screen::ScreenRow;

use std::path::PathBuf;

use super::{AsStaff, One, reason};
use crate::command::notice::columns::aligned;
use crate::output::{note, say};
use crate::report::Error;

/// Take the case that has waited longest.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus screen take --data moretus-data --portfolio officina --token-file legal.token\n  moretus screen take --portfolio officina --token-file legal.token --marked --json\n\nIt is then before whoever took it, and before nobody else. Their own claims, relatives' and those of people whom they do not\nwork for are left to colleagues."
)]
pub(super) struct Take {
    #[command(flatten)]
    staff: AsStaff,
    /// Take one that was only marked, whose payment does not wait.
    #[arg(long)]
    marked: bool,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Take {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let taken = service::take_case(&site.app, &actor, portfolio, self.marked, request).await?;
        let ids = taken.map(|place| (place.subject.to_string(), place.claim.to_string()));
        match (self.json, ids) {
            (true, ids) => {
                let case = ids.map(|(person, claim)| json!({ "person": person, "claim": claim }));
                say!("{:#}", json!({ "case": case }));
            }
            (false, Some((person, claim))) => say!("--person {person} --claim {claim}"),
            (false, None) => note!("no case waits"),
        }
        site.close().await
    }
}

/// List the cases that are before whoever asks.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus screen list --data moretus-data --portfolio officina --token-file legal.token\n  moretus screen list --portfolio officina --token-file legal.token --held --json\n\nIt says nothing of what was flagged."
)]
pub(super) struct List {
    #[command(flatten)]
    staff: AsStaff,
    /// List those whose payment waits until the claim is decided anew, the oldest first, instead.
    #[arg(long)]
    held: bool,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let request = site.app.gate.request();
        let rows = if self.held {
            service::held_cases(&site.app, &actor, portfolio, request).await?
        } else {
            service::own_cases(&site.app, &actor, portfolio, request).await?
        };
        let line = |row: &ScreenRow| {
            [row.subject.to_string(), row.claim.to_string(), row.state.to_string(), row.screened.to_string()]
        };
        if self.json {
            let value = |row: &ScreenRow| {
                let [person, claim, state, screened] = line(row);
                json!({ "person": person, "claim": claim, "state": state, "screened": screened })
            };
            say!("{:#}", json!({ "cases": rows.iter().map(value).collect::<Vec<_>>() }));
            return site.close().await;
        }
        let heads = ["PERSON", "CLAIM", "STATE", "SCREENED"].map(str::to_owned);
        for line in aligned(&std::iter::once(heads).chain(rows.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}

/// Show a case.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus screen show --data moretus-data --portfolio officina --token-file legal.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 --language fr\n  moretus screen show --portfolio officina --token-file legal.token --person 00000000-0000-0000-0000-000000000001 \\\n    --claim 00000000-0000-0000-0000-000000000002 --matter 00000000-0000-0000-0000-000000000003 --json\n\nThat somebody looked stands in the person's list of uses; where a law defers that, the case is read under a legal matter\nthat was opened for it (moretus matters). What the care was is shown while the person consents to that."
)]
pub(super) struct Show {
    #[command(flatten)]
    one: One,
    /// The language of the explanations: en, nl, fr or de.
    #[arg(long, default_value = "en")]
    language: Language,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let file = service::read_case(&site.app, &actor, place, site.app.gate.request()).await?;
        if self.json {
            say!("{:#}", value(&file, self.language));
        } else {
            tell(&file, self.language);
        }
        site.close().await
    }
}

/// What was flagged, with what rests on what the care was as far as that is shown.
fn flags(file: &CaseFile) -> impl Iterator<Item = &ScreenFlag> {
    file.case.flags.iter().chain(file.codes.shown().into_iter().flatten())
}

fn tell(file: &CaseFile, language: Language) {
    say!("screened {}, {}", file.case.screened, file.state);
    for flag in flags(file) {
        say!("  {}: {}", flag.rule, explain(flag, language));
    }
    if file.codes.shown().is_none() {
        say!("  what rests on what the care was is not shown: the person does not consent to it");
    }
    let claim = &file.claim;
    let invoice = claim.invoice_number.as_ref().map_or("none", |number| number.reveal());
    say!("claim received {}, of provider {}, invoice {invoice}", claim.received, claim.provider);
    if let Some(total) = claim.other_total {
        say!("  it came with a total of {total}");
    }
    for line in &claim.lines {
        say!("  line {}: {} to {}, {}", line.number, line.service_start, line.service_end, line.charge);
    }
    for decision in &file.case.decisions {
        let (decided, by) = (decision.decided, decision.by);
        say!("decided {decided} by {by}: {}, {}", decision.outcome, decision.reason.reveal());
    }
}

fn value(file: &CaseFile, language: Language) -> Value {
    let flag = |flag: &ScreenFlag| {
        json!({
            "rule": flag.rule.word(),
            "text": explain(flag, language),
            "waits": flag.rule.waits(),
            "lines": flag.lines,
            "claims": flag.claims.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "days": flag.days.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "number": flag.count,
        })
    };
    let line = |line: &domain::ClaimLine| {
        json!({
            "line": line.number,
            "from": line.service_start.to_string(),
            "to": line.service_end.to_string(),
            "charge": line.charge.to_string(),
        })
    };
    let decision = |one: &domain::ScreenDecision| {
        json!({
            "decided": one.decided.to_string(),
            "by": one.by.to_string(),
            "outcome": one.outcome.word(),
            "reason": one.reason.reveal(),
        })
    };
    json!({
        "screened": file.case.screened.to_string(),
        "state": file.state.word(),
        "flags": flags(file).map(flag).collect::<Vec<_>>(),
        "careShown": file.codes.shown().is_some(),
        "received": file.claim.received.to_string(),
        "provider": file.claim.provider.to_string(),
        "invoice": file.claim.invoice_number.as_ref().map(|number| number.reveal()),
        "otherTotal": file.claim.other_total.map(|total| total.to_string()),
        "lines": file.claim.lines.iter().map(line).collect::<Vec<_>>(),
        "decisions": file.case.decisions.iter().map(decision).collect::<Vec<_>>(),
    })
}

/// Say what was found.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus screen decide --data moretus-data --portfolio officina --token-file legal.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002 \\\n    --outcome cleared --reason-file reason.txt\n\nCleared, the payment goes on. An error or a confirmed suspicion refuses nothing by itself: the payment waits until the claim is\ndecided anew. The reason is sealed with the person's data."
)]
pub(super) struct Decide {
    #[command(flatten)]
    one: One,
    /// What was found: cleared, error or confirmed.
    #[arg(long)]
    outcome: ScreenOutcome,
    /// The file that holds the reason; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    reason_file: PathBuf,
    /// Print where the case then stands as JSON.
    #[arg(long)]
    json: bool,
}

impl Decide {
    pub(super) async fn run(self) -> Result<(), Error> {
        let new = NewDecision { outcome: self.outcome, reason: reason(&self.reason_file)? };
        let (site, place, actor) = self.one.open().await?;
        let request = site.app.gate.request();
        let CaseDecided { state, is_paid } =
            service::decide_case(&site.app, &actor, place, &new, request).await?;
        if self.json {
            say!("{:#}", json!({ "claim": place.claim.to_string(), "state": state.word(), "paid": is_paid }));
        } else {
            let paid = if is_paid { "; it is already paid, or being paid" } else { "" };
            note!("the case of claim {} is decided: {state}{paid}", place.claim);
        }
        site.close().await
    }
}

/// Give a case back.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus screen return --data moretus-data --portfolio officina --token-file legal.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002"
)]
pub(super) struct Return {
    #[command(flatten)]
    one: One,
}

impl Return {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::return_case(&site.app, &actor, place, site.app.gate.request()).await?;
        note!("the case of claim {} waits for a colleague", place.claim);
        site.close().await
    }
}

/// Open a case again.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus screen reopen --data moretus-data --portfolio officina --token-file legal.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n\nOnly once the claim was decided anew since (moretus readjudicate). It then waits for whoever takes it, but for who decided it\nlast: cleared, the payment goes on."
)]
pub(super) struct Reopen {
    #[command(flatten)]
    one: One,
}

impl Reopen {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        service::reopen_case(&site.app, &actor, place, site.app.gate.request()).await?;
        note!("the case of claim {} is open again, and waits for a colleague of who decided it", place.claim);
        site.close().await
    }
}
