//! `moretus sweep`: apply the notice's retention now. A portfolio that cannot be swept, since its notice cannot be
//! read for instance, holds up no other; the command fails in the end.

use clap::Args;
use domain::MatterId;
use serde_json::{Value, json};
use service::{Rule, SweepReport};
use store::reference::PortfolioRow;

use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// Destroy the keys of what may no longer be kept, unless a legal matter holds it, and erase entries of the log that have lapsed.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus sweep --data moretus-data\n  moretus sweep --data moretus-data --json"
)]
pub(crate) struct Sweep {
    #[command(flatten)]
    site: SiteArguments,
    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

impl Sweep {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let (mut swept, mut failed) = (Vec::new(), Vec::new());
        for portfolio in site.app.store().read(store::reference::portfolios).await.map_err(site_error)? {
            let report = match service::sweep(&site.app, portfolio.portfolio).await {
                Ok(report) => report,
                Err(error) => {
                    failed.push(format!("{}: {error}", portfolio.name));
                    continue;
                }
            };
            if self.json {
                swept.push(for_programs(&portfolio, &report));
                continue;
            }
            tell(&portfolio.name, &report);
        }
        if self.json {
            say!("{:#}", json!({ "portfolios": swept }));
        }
        site.close().await?;
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!("not every portfolio was swept: {}", failed.join("; ")).into())
    }
}

/// The report for people: what was destroyed, what a legal matter holds, and what another class keeps.
fn tell(name: &str, report: &SweepReport) {
    let (subjects, keys) = (grouped(report.subjects), grouped(report.keys));
    let entries = grouped(report.entries);
    say!("{name}: {subjects} subjects looked at, {keys} keys destroyed, {entries} entries of the log erased");
    if report.held > 0 {
        let by = |(matter, held): (&MatterId, &u64)| format!("{matter} ({})", grouped(*held));
        let matters: Vec<String> = report.matters.iter().map(by).collect();
        let held = grouped(report.held);
        say!("{name}: {held} left alone, held by legal matters: {}", matters.join(", "));
    }
    for (rule, of) in &report.kept {
        let Rule { class, version, clause, years, after } = rule;
        let by = clause.as_ref().map(|clause| format!(", by clause `{clause}`")).unwrap_or_default();
        let until = match (of.first, of.last) {
            (Some(first), Some(last)) if first == last => format!(" until {first}"),
            (Some(first), Some(last)) => format!(" until {first}, of the last until {last}"),
            _ => String::new(),
        };
        let people = grouped(of.people);
        say!(
            "{name}: of {people}, `{class}` is kept{until}: {years} years after {after} (notice {version}{by})"
        );
    }
}

fn for_programs(portfolio: &PortfolioRow, report: &SweepReport) -> Value {
    let matters = report.matters.iter();
    let kept = report.kept.iter().map(|(rule, of)| {
        json!({
            "class": rule.class.word(),
            "version": rule.version,
            "clause": rule.clause,
            "years": rule.years,
            "after": rule.after.word(),
            "subjects": of.people,
            "first_until": of.first.map(|day| day.to_string()),
            "last_until": of.last.map(|day| day.to_string()),
        })
    });
    json!({
        "portfolio": portfolio.portfolio.to_string(),
        "name": portfolio.name,
        "subjects": report.subjects,
        "keys_destroyed": report.keys,
        "material_destroyed": report.material,
        "log_entries_erased": report.entries,
        "held": report.held,
        "matters": matters
            .map(|(matter, held)| json!({ "matter": matter.to_string(), "subjects": held }))
            .collect::<Vec<_>>(),
        "kept": kept.collect::<Vec<_>>(),
    })
}

fn site_error(error: store::StoreError) -> Error {
    error.into()
}
