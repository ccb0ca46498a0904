//! What changes for members from one version of a plan to another: rule by rule, each paired by what it is
//! about, so that an amount stands beside the one that it replaces.

use domain::Language;

use super::words;
use super::{Section, Statement, Wanted, table};
use crate::plan::Plan;

/// What a newer version changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The sections of which something changes, as the newer version orders them; then those that are gone.
    pub sections: Vec<Difference>,
    /// The plans differ, and by nothing that a section says.
    pub is_unsaid: bool,
}

impl Comparison {
    /// It for people, in the language that it was made in.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let mut lines = Vec::new();
        for section in &self.sections {
            let presence = match section.presence {
                Presence::Both => None,
                Presence::New => Some(words::NEW.plain(language)),
                Presence::Gone => Some(words::GONE.plain(language)),
            };
            lines.push(
                presence.map_or_else(|| section.name.clone(), |word| format!("{} ({word})", section.name)),
            );
            for change in &section.changes {
                let said = [(&words::BEFORE, &change.before), (&words::AFTER, &change.after)];
                let said = said.into_iter().filter_map(|(phrase, text)| Some((phrase, text.as_deref()?)));
                lines.extend(said.map(|(phrase, text)| match section.presence {
                    Presence::Both => format!("  {}", phrase.with(language, &[text])),
                    Presence::New | Presence::Gone => format!("  {text}"),
                }));
            }
            lines.push(String::new());
        }
        if self.sections.is_empty() {
            let phrase = if self.is_unsaid { &words::UNSAID } else { &words::SAME };
            lines.push(phrase.plain(language));
            lines.push(String::new());
        }
        lines.pop();
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

/// What changes in one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The section's id.
    pub id: String,
    /// Its name, as the newer version has it.
    pub name: String,
    /// Which version has it.
    pub presence: Presence,
    /// Its changes.
    pub changes: Vec<Change>,
}

/// Which of the two versions have a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Both.
    Both,
    /// Only the newer.
    New,
    /// Only the older.
    Gone,
}

/// A statement that one version makes, or both make differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which rule, as [`Statement::about`].
    pub about: String,
    /// What the older version says.
    pub before: Option<String>,
    /// What the newer version says.
    pub after: Option<String>,
}

/// What changes from `before` to `after`, with every detail: benefits are the same by their id, limits by the
/// number of their accumulator, which a plan keeps from version to version.
#[must_use]
pub fn compare(before: &Plan, after: &Plan, wanted: &Wanted) -> Comparison {
    let wanted = Wanted { details: true, ..*wanted };
    let (old, new) = (table(before, &wanted), table(after, &wanted));
    let find = |table: &[Section], id: &str| table.iter().position(|section| section.id == id);
    let mut sections = Vec::new();
    for section in &new {
        let earlier = find(&old, &section.id).and_then(|place| old.get(place));
        let changes = match earlier {
            Some(earlier) => changed(earlier, section, &wanted),
            None => changes(&[], &section.says),
        };
        let presence = if earlier.is_some() { Presence::Both } else { Presence::New };
        if !changes.is_empty() || presence == Presence::New {
            sections.push(Difference {
                id: section.id.clone(),
                name: section.name.clone(),
                presence,
                changes,
            });
        }
    }
    for section in old.iter().filter(|section| find(&new, &section.id).is_none()) {
        sections.push(Difference {
            id: section.id.clone(),
            name: section.name.clone(),
            presence: Presence::Gone,
            changes: changes(&section.says, &[]),
        });
    }
    let is_unsaid = sections.is_empty() && unlike(before, after);
    Comparison { sections, is_unsaid }
}

/// The changes of a section that both have; one of them may be its name.
fn changed(before: &Section, after: &Section, wanted: &Wanted) -> Vec<Change> {
    let mut found = Vec::new();
    if before.name != after.name {
        let called = |name: &str| Some(words::NAME.with(wanted.language, &[name]));
        found.push(Change {
            about: "name".to_owned(),
            before: called(&before.name),
            after: called(&after.name),
        });
    }
    found.extend(changes(&before.says, &after.says));
    found
}

/// What only one of the two says, paired by what it is about.
fn changes(before: &[Statement], after: &[Statement]) -> Vec<Change> {
    let only = |these: &[Statement], those: &[Statement]| {
        // From when a version applies is no change of what it says.
        let alone = these.iter().filter(|one| one.about != "from" && !those.contains(one));
        alone.cloned().collect::<Vec<_>>()
    };
    let (mut old, new) = (only(before, after), only(after, before));
    let mut found = Vec::new();
    for statement in new {
        let place = old.iter().position(|one| one.about == statement.about);
        let before = place.map(|place| old.remove(place).text);
        found.push(Change { about: statement.about, before, after: Some(statement.text) });
    }
    found.extend(old.into_iter().map(|gone| Change {
        about: gone.about,
        before: Some(gone.text),
        after: None,
    }));
    found
}

/// Whether plans differ by more than what every version has anew.
fn unlike(before: &Plan, after: &Plan) -> bool {
    let like = Plan {
        label: before.label.clone(),
        version: before.version.clone(),
        name: before.name.clone(),
        effective: before.effective,
        ..after.clone()
    };
    like != *before
}
