//! `moretus notice matrix`.

use std::path::PathBuf;

use clap::Args;
use domain::ConditionSet;
use notice::Access;
use serde_json::{Value, json};

use super::columns::aligned;
use super::{NoticeSource, hash};
use crate::output::say;
use crate::report::Error;

/// List the access matrix of a notice.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice matrix notices/2026-11-01\n  moretus notice matrix notices/2026-11-01 --json\n\nEach line is one way in which a recipient may see a category for a purpose. What has no line is refused."
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
        let notice = NoticeSource::load(&self.folder, None)?.read()?;
        let table = notice.compile();
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
        let heads = ["RECIPIENT", "PURPOSE", "CATEGORY", "SUBJECTS", "CLAUSE", "CONDITIONS"];
        let rows: Vec<_> =
            std::iter::once(heads.map(str::to_owned)).chain(accesses.iter().map(row)).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        Ok(())
    }
}

fn row(access: &Access<'_>) -> [String; 6] {
    [
        access.recipient.to_string(),
        access.purpose.to_string(),
        access.category.to_string(),
        words(&access.subjects).join(", "),
        access.clause.to_owned(),
        shown(access.conditions),
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

/// Conditions in a cell.
pub(super) fn shown(conditions: ConditionSet) -> String {
    if conditions.is_empty() { "always".to_owned() } else { conditions.to_string() }
}
