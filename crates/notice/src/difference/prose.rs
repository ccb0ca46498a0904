//! Which prose changes, section by section. How it changes is for a reader to see.

use std::collections::BTreeMap;

use domain::Language;

use super::rules::{RuleChange, RuleKind, What};
use crate::Notice;
use crate::prose::Prose;

/// What happens to a piece of prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProseKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It reads otherwise.
    Changed,
}

impl ProseKind {
    /// In one word, for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One piece of prose that changes in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProseChange {
    /// The language.
    pub language: Language,
    /// The section; `None` for the title and what stands before the first section.
    pub anchor: Option<String>,
    /// What happens to it.
    pub kind: ProseKind,
}

/// What changes in the languages that both versions have.
pub(super) fn changes(older: &Notice, newer: &Notice, rules: &[RuleChange]) -> Vec<ProseChange> {
    let mut changes = Vec::new();
    for old in older.proses() {
        let Some(new) = newer.proses().find(|new| new.language == old.language) else { continue };
        let (before, after) = (sections(old), sections(new));
        let anchors = before.keys().chain(after.keys().filter(|anchor| !before.contains_key(*anchor)));
        for anchor in anchors.filter(|anchor| !comes_or_goes(rules, anchor)) {
            let kind = match (before.get(anchor), after.get(anchor)) {
                (None, _) => ProseKind::Added,
                (_, None) => ProseKind::Removed,
                (old, new) if old == new => continue,
                _ => ProseKind::Changed,
            };
            let anchor = (!anchor.is_empty()).then(|| (*anchor).to_owned());
            changes.push(ProseChange { language: old.language, anchor, kind });
        }
    }
    changes
}

/// Title and text by anchor; without one, what stands before the sections.
fn sections(prose: &Prose) -> BTreeMap<&str, (&str, &str)> {
    let lead = ("", (prose.title.text.as_str(), prose.lead.text.trim()));
    let sections = prose.sections.iter();
    let sections = sections.map(|one| (one.anchor.as_str(), (one.title.text.as_str(), one.body.text.trim())));
    std::iter::once(lead).chain(sections).collect()
}

/// Whether the section belongs to a rule that is new or gone, which says it already.
fn comes_or_goes(rules: &[RuleChange], anchor: &str) -> bool {
    rules.iter().any(|change| {
        matches!(change.kind, RuleKind::Clause | RuleKind::Prohibition)
            && change.name == anchor
            && !matches!(change.what, What::Changed { .. })
    })
}
