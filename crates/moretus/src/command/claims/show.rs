//! One claim as whoever has it sees it: what was claimed, and what is proposed on each line, with the steps that led there in
//! words.

use benefits::{explain_trace, trace_tells};
use clap::Args;
use domain::{
    ClaimLine, ClaimQuestion, Language, LineDetermination, LineOverride, LineService, Money, ServiceType,
    Trace,
};
use serde_json::{Value, json};
use service::PendedFile;
use service::views::ClaimOnDesk;

use super::{Looked, adjudication, close, facts, overrides, value, why};
use crate::command::import::meaning;
use crate::output::say;
use crate::report::Error;

/// Show a claim.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus claims show --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --claim 00000000-0000-0000-0000-000000000002\n  moretus claims show --portfolio officina --token-file claims.token --person 00000000-0000-0000-0000-000000000001 \\\n    --claim 00000000-0000-0000-0000-000000000002 --language fr --json\n\nThat somebody looked stands in the person's list of uses. What the care was is shown while a clause of the notice shows it."
)]
pub(super) struct Show {
    #[command(flatten)]
    one: Looked,
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
        let file = service::read_pended(&site.app, &actor, place, site.app.gate.request()).await?;
        if self.json {
            say!("{:#}", as_json(&file, self.language));
        } else {
            tell(&file, self.language);
        }
        site.close().await
    }
}

fn tell(file: &PendedFile, language: Language) {
    match &file.row {
        Some(row) => say!("received {}, due {}", file.stands.received, row.due),
        None => say!("received {}, {}", file.stands.received, file.stands.state),
    }
    if let Some(reason) = file.stands.outcome_reason {
        say!("{reason}: {}", meaning(reason));
    }
    for question in &file.questions {
        let ended =
            question.ended.map_or_else(|| "no answer yet".to_owned(), |end| format!("until {}", end.at));
        say!("asked about {} on {}, {ended}", question.what, question.asked);
    }
    if let Some(claim) = &file.claim {
        tell_claim(claim);
    }
    file.told.iter().for_each(facts::tell);
    overrides::tell(decided(file));
    close::tell(file.closings.as_ref().map_or(&[], |one| one.closings.as_slice()));
    let Some(proposal) = &file.proposal else {
        say!("nothing is proposed: work it out with moretus claims work-out once what it lacks is known");
        return;
    };
    for line in &proposal.lines {
        let plan = amount(file, line.plan);
        let word = if file.row.is_some() { "proposed" } else { "decided" };
        say!("  {word}, line {}: {}, plan pays {plan} {}", line.number, line.outcome, reasons(line));
        for trace in traces(file, line) {
            say!("    {}", explained(file, trace, language));
        }
    }
    say!("--proposal {}", file.version);
}

/// What persons decided about its lines, where that is shown.
fn decided(file: &PendedFile) -> &[LineOverride] {
    let shown = file.overrides.as_ref().and_then(|overrides| overrides.lines.shown());
    shown.map_or(&[], Vec::as_slice)
}

fn tell_claim(claim: &ClaimOnDesk) {
    say!("claim of {}, of provider {}, paid to the {}", claim.received, claim.provider, claim.payee);
    if let Some(total) = claim.other_total {
        say!("  it came with a total of {total}, which is not the sum of its lines");
    }
    for line in &claim.lines {
        let (number, service) = (line.number, service(claim, line));
        let code = service.map_or("-", |service| service.code.reveal());
        let kind = service.and_then(|service| service.service_type).map(|kind| format!(" ({kind})"));
        let kind = kind.unwrap_or_default();
        say!(
            "  line {number}: {code}{kind}, {} to {}, {}",
            line.service_start,
            line.service_end,
            line.charge
        );
    }
    match claim.diagnoses.shown() {
        Some(diagnoses) => {
            let all: Vec<&str> = diagnoses.iter().map(|diagnosis| diagnosis.reveal()).collect();
            say!("  diagnoses: {}", if all.is_empty() { "none".to_owned() } else { all.join(", ") });
        }
        None => say!("  what the care was is not shown: no clause shows it, for want of consent perhaps"),
    }
}

/// What a line was for, where that is shown.
fn service<'a>(claim: &'a ClaimOnDesk, line: &ClaimLine) -> Option<&'a LineService> {
    claim.services.shown()?.iter().find(|service| service.line == line.number)
}

fn reasons(line: &LineDetermination) -> String {
    line.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>().join(" ")
}

/// How a line came about, where that is shown: the steps that say something of it.
fn traces<'a>(file: &'a PendedFile, line: &LineDetermination) -> impl Iterator<Item = &'a Trace> {
    let all = file.proposal.as_ref().and_then(|proposal| proposal.traces.shown());
    let number = line.number;
    all.into_iter().flatten().filter(move |trace| trace.line == number && trace_tells(trace))
}

fn explained(file: &PendedFile, trace: &Trace, language: Language) -> String {
    let (before, after) = (amount(file, trace.input), amount(file, trace.output));
    format!("{}: {before} to {after}", explain_trace(trace, language))
}

fn amount(file: &PendedFile, minor: i64) -> String {
    let money = file.proposal.as_ref().map(|proposal| Money::new(minor, proposal.currency));
    money.and_then(Result::ok).map_or_else(|| minor.to_string(), |money| money.to_string())
}

fn as_json(file: &PendedFile, language: Language) -> Value {
    let claimed = |claim: &ClaimOnDesk, line: &ClaimLine| {
        let service = service(claim, line);
        json!({
            "line": line.number,
            "code": service.map(|service| service.code.reveal()),
            "service_type": service.and_then(|service| service.service_type).map(ServiceType::word),
            "from": line.service_start.to_string(),
            "to": line.service_end.to_string(),
            "charge": line.charge.to_string(),
        })
    };
    let proposed = |line: &LineDetermination| {
        json!({
            "line": line.number,
            "outcome": line.outcome.word(),
            "plan": amount(file, line.plan),
            "reasons": line.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
            "adjudication": adjudication(line, |minor| amount(file, minor)),
            "steps": traces(file, line).map(|one| explained(file, one, language)).collect::<Vec<_>>(),
        })
    };
    let asked = |question: &ClaimQuestion| {
        json!({
            "for": question.what.word(),
            "asked": question.asked.to_string(),
            "ended": question.ended.map(|end| end.at.to_string()),
        })
    };
    let claim = file.claim.as_ref();
    let lines = claim.map(|claim| claim.lines.iter().map(|line| claimed(claim, line)).collect::<Vec<_>>());
    let diagnoses = claim.and_then(|claim| claim.diagnoses.shown());
    json!({
        "claim": match &file.row {
            Some(row) => value(row, Some(&file.stands)),
            None => json!({
                "person": file.stands.subject.to_string(),
                "claim": file.stands.claim.to_string(),
                "received": file.stands.received.to_string(),
            }),
        },
        "state": file.stands.state.word(),
        "why": why(&file.stands),
        "proposal": file.version,
        "otherTotal": claim.and_then(|claim| claim.other_total).map(|total| total.to_string()),
        "lines": lines,
        "diagnoses": diagnoses.map(|all| all.iter().map(|one| one.reveal()).collect::<Vec<_>>()),
        "proposed": file.proposal.as_ref().map(|one| one.lines.iter().map(proposed).collect::<Vec<_>>()),
        "entered": file.told.as_ref().map(facts::as_json),
        "overrides": overrides::as_json(decided(file)),
        "closings": file.closings.as_ref().map(|one| close::as_json(&one.closings)),
        "questions": file.questions.iter().map(asked).collect::<Vec<_>>(),
    })
}
