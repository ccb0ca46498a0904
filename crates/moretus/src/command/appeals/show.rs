//! One appeal as whoever handles it sees it: the grounds, the claim, and what was decided on it, line by line.

use clap::Args;
use domain::{LineDetermination, LineOverride, Money};
use serde_json::{Value, json};
use service::AppealFile;

use super::{One, value};
use crate::command::claims::{adjudication, close, overrides};
use crate::output::say;
use crate::report::Error;

/// Show an appeal.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus appeals show --data moretus-data --portfolio officina --token-file claims.token \\\n    --person 00000000-0000-0000-0000-000000000001 --appeal 00000000-0000-0000-0000-000000000003\n\nThat somebody looked stands in the person's list of uses."
)]
pub(super) struct Show {
    #[command(flatten)]
    one: One,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, place, actor) = self.one.open().await?;
        let file = service::read_appeal(&site.app, &actor, place, site.app.gate.request()).await?;
        if self.json {
            say!("{:#}", as_json(&file));
        } else {
            tell(&file);
        }
        site.close().await
    }
}

/// What was decided on the claim's lines.
fn decided(file: &AppealFile) -> &[LineDetermination] {
    file.determination.as_ref().map_or(&[], |one| one.lines.as_slice())
}

/// What persons decided about the claim's lines otherwise than the plan's rules.
fn by_hand(file: &AppealFile) -> &[LineOverride] {
    file.overrides.as_ref().map_or(&[], |one| one.lines.as_slice())
}

fn amount(file: &AppealFile, minor: i64) -> String {
    Money::new(minor, file.claim.currency).map_or_else(|_| minor.to_string(), |money| money.to_string())
}

fn tell(file: &AppealFile) {
    let row = &file.row;
    say!("{}, level {}, received {}, due {}", row.state, row.level, file.appeal.received, row.due);
    say!("grounds: {}", file.appeal.grounds.reveal());
    let all: Vec<String> = file.appeal.lines.iter().map(ToString::to_string).collect();
    say!("against lines: {}", if all.is_empty() { "all".to_owned() } else { all.join(", ") });
    say!("claim {} received {}, of provider {}", row.claim, file.claim.received, file.claim.provider);
    for line in &file.claim.lines {
        let code = file.claim.services.iter().find(|service| service.line == line.number);
        let code = code.map_or("-", |service| service.code.reveal());
        say!(
            "  line {}: {code}, {} to {}, {}",
            line.number,
            line.service_start,
            line.service_end,
            line.charge
        );
    }
    for line in decided(file) {
        let reasons: Vec<&str> = line.reasons.iter().map(|reason| reason.word()).collect();
        let plan = amount(file, line.plan);
        say!("  decided, line {}: {}, plan pays {plan} {}", line.number, line.outcome, reasons.join(" "));
    }
    if let Some(one) = &file.confirmation {
        say!("  let stand {} by {}, {}: {}", one.decided, one.by, one.outcome, one.reason.reveal());
    }
    overrides::tell(by_hand(file));
    close::tell(file.closings.as_ref().map_or(&[], |one| one.closings.as_slice()));
}

fn as_json(file: &AppealFile) -> Value {
    let line = |line: &domain::ClaimLine| {
        let code = file.claim.services.iter().find(|service| service.line == line.number);
        json!({
            "line": line.number,
            "code": code.map(|service| service.code.reveal()),
            "from": line.service_start.to_string(),
            "to": line.service_end.to_string(),
            "charge": line.charge.to_string(),
        })
    };
    let of_plan = |line: &LineDetermination| {
        json!({
            "line": line.number,
            "outcome": line.outcome.word(),
            "plan": amount(file, line.plan),
            "reasons": line.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
            "adjudication": adjudication(line, |minor| amount(file, minor)),
        })
    };
    let confirmed = file.confirmation.as_ref().map(|one| {
        json!({
            "day": one.decided.to_string(),
            "by": one.by.to_string(),
            "outcome": one.outcome.word(),
            "reason": one.reason.reveal(),
        })
    });
    json!({
        "appeal": value(&file.row),
        "letStand": confirmed,
        "overrides": overrides::as_json(by_hand(file)),
        "closings": file.closings.as_ref().map(|one| close::as_json(&one.closings)),
        "grounds": file.appeal.grounds.reveal(),
        "against": file.appeal.lines,
        "lines": file.claim.lines.iter().map(line).collect::<Vec<_>>(),
        "decided": decided(file).iter().map(of_plan).collect::<Vec<_>>(),
    })
}
