//! `moretus disclosures count`: how many uses there were, by actor or by clause.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use service::{CountBy, UseCount};

use super::{AsOfficer, Which};
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// By what uses are counted.
#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// By who made them.
    Actor,
    /// By the clause that allowed them, or was nearest.
    Clause,
}

/// Count uses.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus disclosures count --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --from 2026-11-01 --to 2026-12-01 --by clause\n\nPeople are those about whom something was shown. A use under two clauses counts under each."
)]
pub(super) struct Count {
    #[command(flatten)]
    officer: AsOfficer,
    #[command(flatten)]
    which: Which,
    /// By what.
    #[arg(long, value_enum)]
    by: By,
    /// Print the counts as JSON.
    #[arg(long)]
    json: bool,
}

impl Count {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer, case) = self.officer.open().await?;
        let uses = service::uses(&site.app, &officer, portfolio, case, self.which.sought())?;
        let (by, head) = match self.by {
            By::Actor => (CountBy::Actor, "ACTOR"),
            By::Clause => (CountBy::Clause, "CLAUSE"),
        };
        let counts = service::count_uses(uses, by).await?;
        if self.json {
            let all: Vec<Value> = counts.iter().map(|(key, count)| value(key, count)).collect();
            say!("{:#}", Value::from(all));
            return site.close().await;
        }
        let heads =
            [head, "GRANTED", "REFUSED", "OTHER", "PEOPLE", "FIRST", "LAST", "SHOWN"].map(str::to_owned);
        let rows: Vec<_> =
            std::iter::once(heads).chain(counts.iter().map(|(key, count)| row(key, count))).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        site.close().await
    }
}

fn row(key: &str, count: &UseCount) -> [String; 8] {
    [
        key.to_owned(),
        count.granted.to_string(),
        count.refused.to_string(),
        count.other.to_string(),
        count.people.len().to_string(),
        count.first.to_string(),
        count.last.to_string(),
        count.shown.to_string(),
    ]
}

fn value(key: &str, count: &UseCount) -> Value {
    json!({
        "of": key,
        "granted": count.granted,
        "refused": count.refused,
        "other": count.other,
        "people": count.people.len(),
        "first": count.first.to_string(),
        "last": count.last.to_string(),
        "shown": count.shown.iter().map(|category| category.word()).collect::<Vec<_>>(),
    })
}
