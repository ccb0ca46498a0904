//! `moretus notice diff`.

use std::path::PathBuf;

use clap::Args;
use notice::{AccessChange, AccessKind, Difference, Notice, ProseChange, RuleChange, Way, What};
use serde_json::{Value, json};

use super::columns::aligned;
use super::matrix::{conditions, shown, words};
use super::{NoticeSource, hash};
use crate::output::{note, say};
use crate::report::Error;

/// Compare two versions of a notice.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice diff notices/2026-11-01 notices/2027-01-01\n  moretus notice diff notices/2026-11-01 notices/2027-01-01 --json\n\nOf the cells of the matrix, + is newly open, - is closed, and ~ opens on other conditions or under another clause.\nExit codes: 0 they were compared, whether or not something changes; 1 one of them is not sound."
)]
pub(crate) struct Diff {
    /// The folder of the older version.
    #[arg(value_name = "OLDER")]
    older: PathBuf,
    /// The folder of the newer version.
    #[arg(value_name = "NEWER")]
    newer: PathBuf,
    /// Print the difference as JSON.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(self) -> Result<(), Error> {
        let older = NoticeSource::load(&self.older, None)?.read()?;
        let newer = NoticeSource::load(&self.newer, None)?.read()?;
        let difference = older.difference(&newer);
        remark(&older, &newer);
        if self.json {
            say!("{:#}", to_json(&older, &newer, &difference));
            return Ok(());
        }
        say!("from {} to {}", edition(&older), edition(&newer));
        say!("{}", difference.summary());
        section("Who sees what", &difference.access_sentences());
        section("Rules", &difference.rule_sentences());
        section("Text", &difference.prose_sentences());
        let rows: Vec<_> = difference.access.iter().flat_map(rows).collect();
        section("Cells of the access matrix", &aligned(&rows));
        Ok(())
    }
}

/// What would keep the newer one from being published after the older one.
fn remark(older: &Notice, newer: &Notice) {
    if older.version() == newer.version() && older.hash() != newer.hash() {
        note!(
            "both are called `{}`: a published version never changes, so give the newer one a `version` of its own",
            newer.version()
        );
    }
    if newer.effective() < older.effective() {
        note!(
            "the newer one is in force from {}, before the older one: is the order right?",
            newer.effective()
        );
    }
}

fn edition(notice: &Notice) -> String {
    format!("{} (in force from {})", notice.version(), notice.effective())
}

fn section(heading: &str, lines: &[String]) {
    if !lines.is_empty() {
        say!("\n{heading}");
    }
    for line in lines {
        say!("  {line}");
    }
}

/// A line for each way before and after; what is the same on both sides is not repeated.
fn rows(change: &AccessChange) -> Vec<[String; 7]> {
    let row = |mark: &str, way: &Way| {
        [
            mark.to_owned(),
            change.recipient.to_string(),
            change.purpose.to_string(),
            change.category.to_string(),
            words(&change.subjects).join(", "),
            way.clause.clone(),
            shown(way.conditions),
        ]
    };
    let (gone, new) = match change.kind {
        AccessKind::Gained | AccessKind::Lost => ("-", "+"),
        _ => ("~ before", "~ after"),
    };
    let before = change.before.iter().filter(|way| !change.after.contains(way)).map(|way| row(gone, way));
    let after = change.after.iter().filter(|way| !change.before.contains(way)).map(|way| row(new, way));
    before.chain(after).collect()
}

fn to_json(older: &Notice, newer: &Notice, difference: &Difference) -> Value {
    let edition = |notice: &Notice| {
        json!({
            "version": notice.version(),
            "effective": notice.effective().to_string(),
            "hash": hash(notice),
        })
    };
    json!({
        "from": edition(older),
        "to": edition(newer),
        "summary": difference.summary(),
        "text_only": difference.is_prose_only(),
        "access": difference.access.iter().map(access).collect::<Vec<_>>(),
        "rules": difference.rules.iter().map(rule).collect::<Vec<_>>(),
        "text": difference.prose.iter().map(prose).collect::<Vec<_>>(),
        "sentences": {
            "access": difference.access_sentences(),
            "rules": difference.rule_sentences(),
            "text": difference.prose_sentences(),
        },
    })
}

fn access(change: &AccessChange) -> Value {
    let ways = |ways: &[Way]| {
        let way = |way: &Way| json!({ "clause": way.clause, "conditions": conditions(way.conditions) });
        ways.iter().map(way).collect::<Vec<_>>()
    };
    json!({
        "change": change.kind.word(),
        "recipient": change.recipient.word(),
        "purpose": change.purpose.word(),
        "category": change.category.word(),
        "subjects": words(&change.subjects),
        "before": ways(&change.before),
        "after": ways(&change.after),
    })
}

fn rule(change: &RuleChange) -> Value {
    let (what, key, before, after) = match &change.what {
        What::Added(words) => ("added", None, None, words.as_ref()),
        What::Removed => ("removed", None, None, None),
        What::Changed { key, before, after } => ("changed", Some(*key), before.as_ref(), after.as_ref()),
    };
    json!({
        "change": what,
        "rule": change.kind.word(),
        "name": change.name,
        "key": key,
        "before": before,
        "after": after,
    })
}

fn prose(change: &ProseChange) -> Value {
    json!({ "change": change.kind.word(), "language": change.language.word(), "section": change.anchor })
}
