//! `moretus matters list`. For whom a matter was opened it does not say.

use clap::Args;
use domain::{MatterKind, Timestamp};
use serde_json::{Value, json};
use store::deferral::DeferralRow;
use store::matter::MatterRow;

use super::InPortfolio;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// List the register.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus matters list --data moretus-data --portfolio officina\n  moretus matters list --data moretus-data --portfolio officina --kind order --json\n\nIt holds no personal data: neither a person's name, nor for whom a matter was opened."
)]
pub(super) struct List {
    #[command(flatten)]
    place: InPortfolio,
    /// Only this kind of matter.
    #[arg(long)]
    kind: Option<MatterKind>,
    /// Print the list as JSON, with all that was registered.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio) = self.place.open().await?;
        let mut found = service::matters(&site.app, portfolio).await?;
        found.retain(|row| self.kind.is_none_or(|kind| row.kind == kind));
        let now = site.app.gate.now();
        let deferrals = service::deferrals(&site.app, portfolio).await?;
        let deferral_of = |row: &MatterRow| deferrals.iter().find(|one| one.matter == row.matter);
        if self.json {
            let all: Vec<Value> = found.iter().map(|row| to_json(row, deferral_of(row), now)).collect();
            say!("{:#}", json!({ "portfolio": portfolio.to_string(), "matters": all }));
            return site.close().await;
        }
        let heads = ["KIND", "REFERENCE", "OF", "COUNTRY", "FIRST", "LAST", "STATE", "DEFERRED UNTIL", "ID"];
        let lines = found.iter().map(|row| line(row, deferral_of(row), now));
        let rows: Vec<_> = std::iter::once(heads.map(str::to_owned)).chain(lines).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        site.close().await
    }
}

/// Where a matter stands, in a word.
fn state(row: &MatterRow, now: Timestamp) -> &'static str {
    match (&row.review, row.ended) {
        (_, Some(_)) => "ended",
        (None, None) => "to review",
        (Some(_), None) if row.stands(now) => "reviewed",
        (Some(_), None) => "over",
    }
}

fn line(row: &MatterRow, deferral: Option<&DeferralRow>, now: Timestamp) -> [String; 9] {
    [
        row.kind.to_string(),
        row.reference.clone(),
        row.issuer_name.clone(),
        row.country.map(|country| country.to_string()).unwrap_or_default(),
        row.first.to_string(),
        row.last.map(|last| last.to_string()).unwrap_or_default(),
        state(row, now).to_owned(),
        deferral.map(|one| one.until.to_string()).unwrap_or_default(),
        row.matter.to_string(),
    ]
}

fn to_json(row: &MatterRow, deferral: Option<&DeferralRow>, now: Timestamp) -> Value {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    json!({
        "matter": row.matter.to_string(),
        "kind": row.kind.word(),
        "reference": row.reference,
        "issuer": row.issuer.map(|id| id.to_string()),
        "issuer_name": text(&row.issuer_name),
        "country": row.country.map(|country| country.to_string()),
        "law": text(&row.law),
        "agreement": row.agreement.map(|id| id.to_string()),
        "reasons": text(&row.reasons),
        "made": row.made.map(|day| day.to_string()),
        "first": row.first.to_string(),
        "last": row.last.map(|day| day.to_string()),
        "registered": row.registered.to_string(),
        "reviewed": row.review.as_ref().map(|review| review.at.to_string()),
        "note": row.review.as_ref().map(|review| review.note.clone()),
        "ended": row.ended.map(|at| at.to_string()),
        "state": state(row, now),
        "deferral": deferral.map(|one| {
            json!({
                "declared": one.declared.to_string(),
                "until": one.until.to_string(),
                "law": text(&one.law),
                "reasons": one.reasons,
                "is_over": one.until <= now,
            })
        }),
    })
}
