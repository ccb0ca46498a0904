//! `moretus notice matrix`.

use std::path::PathBuf;

use clap::Args;
use domain::{ConditionSet, TransferSafeguardSet};
use notice::{Access, Edition};
use serde_json::{Value, json};

use super::columns::aligned;
use super::{NoticeSource, hash};
use crate::output::say;
use crate::report::Error;

/// List the access matrix of a notice.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice matrix notices/2026-11-01\n  moretus notice matrix notices/2026-11-01 --json\n  moretus notice matrix notices/travel/2026-11-01\n\nEach line is one way in which a recipient may see a category for a purpose, and under which safeguards it may then\nleave the European Economic Area. What has no line is refused. The lines of a supplement hold for what was\ncollected under it, and for nothing else; the notice's prohibitions hold above them."
)]
pub(crate) struct Matrix {
    /// The folder of the notice.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print the matrix as JSON.
    #[arg(long)]
    json: bool,
}

impl Matrix {
    pub(crate) fn run(self) -> Result<(), Error> {
        let source = NoticeSource::load(&self.folder, None)?;
        let notice = source.read_edition()?;
        let table = match &notice {
            Edition::Notice(notice) => notice.compile(),
            Edition::Supplement(supplement) => supplement.compile(&[]),
            // It has no clauses: the refusal says what is wanted.
            Edition::Related(_) => source.read()?.compile(),
        };
        let accesses = table.matrix();
        if self.json {
            let matrix = json!({
                "version": notice.version(),
                "effective": notice.effective().to_string(),
                "hash": hash(&notice),
                "accesses": accesses.iter().map(to_json).collect::<Vec<_>>(),
            });
            say!("{matrix:#}");
            return Ok(());
        }
        let heads =
            ["RECIPIENT", "PURPOSE", "CATEGORY", "SUBJECTS", "CLAUSE", "CONDITIONS", "LAW", "ABROAD UNDER"];
        let rows: Vec<_> =
            std::iter::once(heads.map(str::to_owned)).chain(accesses.iter().map(row)).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        Ok(())
    }
}

fn row(access: &Access<'_>) -> [String; 8] {
    [
        access.recipient.to_string(),
        access.purpose.to_string(),
        access.category.to_string(),
        words(&access.subjects).join(", "),
        access.clause.to_owned(),
        shown(access.conditions),
        access.governed_by().unwrap_or_else(|| "any".to_owned()),
        if access.transfers.is_empty() { "-".to_owned() } else { access.transfers.to_string() },
    ]
}

fn to_json(access: &Access<'_>) -> Value {
    json!({
        "recipient": access.recipient.word(),
        "purpose": access.purpose.word(),
        "category": access.category.word(),
        "subjects": words(&access.subjects),
        "clause": access.clause,
        "conditions": conditions(access.conditions),
        "laws": access.laws.iter().map(|law| law.word()).collect::<Vec<_>>(),
        "transfers": transfers(access.transfers),
    })
}

/// Kinds of subjects as words.
pub(super) fn words(subjects: &[domain::SubjectKind]) -> Vec<&'static str> {
    subjects.iter().map(|subject| subject.word()).collect()
}

/// Conditions as words.
pub(super) fn conditions(conditions: ConditionSet) -> Vec<&'static str> {
    conditions.iter().map(|condition| condition.word()).collect()
}

/// Safeguards as words; none: it may not leave the European Economic Area.
fn transfers(safeguards: TransferSafeguardSet) -> Vec<&'static str> {
    safeguards.iter().map(|safeguard| safeguard.word()).collect()
}

/// Conditions in a cell.
pub(super) fn shown(conditions: ConditionSet) -> String {
    if conditions.is_empty() { "always".to_owned() } else { conditions.to_string() }
}
