//! A difference in English sentences. Whose access changes is said in the notice's own words, clauses and
//! keys as the rules' file writes them.

use domain::{GoverningLawSet, Language, Recipient};

use super::Difference;
use super::access::{AccessChange, AccessKind, Way};
use super::prose::{ProseChange, ProseKind};
use super::rules::{RuleChange, RuleKind, What};
use crate::language::{Spoken, Wording};

const LANGUAGE: Language = Language::English;

impl Difference {
    /// In one sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.is_empty() {
            return "Nothing changes.".to_owned();
        }
        if self.is_prose_only() {
            return "Only the text changes: no rule does, and nobody sees more or less.".to_owned();
        }
        let count = |kind| self.access.iter().filter(|change| change.kind == kind).count();
        let kinds = [
            (AccessKind::Gained, "newly open"),
            (AccessKind::Lost, "closed"),
            (AccessKind::Eased, "on fewer conditions"),
            (AccessKind::Tightened, "on more conditions"),
            (AccessKind::Altered, "on other conditions"),
            (AccessKind::Moved, "under another clause"),
        ];
        let told = kinds.iter().map(|(kind, words)| (count(*kind), words)).filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, words)| format!("{count} {words}")).collect();
        if told.is_empty() {
            return "Rules change, and nobody sees more or less.".to_owned();
        }
        let cells = if self.access.len() == 1 { "cell" } else { "cells" };
        format!("{} {cells} of the access matrix: {}.", self.access.len(), LANGUAGE.list(told))
    }

    /// Each change of a rule, in its order.
    #[must_use]
    pub fn rule_sentences(&self) -> Vec<String> {
        self.rules.iter().map(rule_sentence).collect()
    }

    /// Who newly sees what, who no longer does, and on which other conditions; categories of which the same
    /// is true stand in one sentence.
    #[must_use]
    pub fn access_sentences(&self) -> Vec<String> {
        let mut groups: Vec<(&AccessChange, Vec<String>)> = Vec::new();
        for change in &self.access {
            let category = change.category.spoken_in(LANGUAGE);
            match groups.iter_mut().find(|(first, _)| is_same_but_category(first, change)) {
                Some((_, categories)) => categories.push(category),
                None => groups.push((change, vec![category])),
            }
        }
        groups.into_iter().map(|(change, categories)| access_sentence(change, categories)).collect()
    }

    /// Which prose reads otherwise, a sentence for each section.
    #[must_use]
    pub fn prose_sentences(&self) -> Vec<String> {
        let mut groups: Vec<(&ProseChange, Vec<String>)> = Vec::new();
        for change in &self.prose {
            let is_same = |first: &ProseChange| (&first.anchor, first.kind) == (&change.anchor, change.kind);
            match groups.iter_mut().find(|(first, _)| is_same(first)) {
                Some((_, languages)) => languages.push(change.language.to_string()),
                None => groups.push((change, vec![change.language.to_string()])),
            }
        }
        groups.into_iter().map(|(change, languages)| prose_sentence(change, languages)).collect()
    }
}

fn rule_sentence(change: &RuleChange) -> String {
    let name = &change.name;
    let rule = match change.kind {
        RuleKind::Version => "The version".to_owned(),
        RuleKind::Organisation => format!("The organisation's `{name}`"),
        RuleKind::Retention => format!("Retention class `{name}`"),
        RuleKind::Prohibition => format!("Prohibition `{name}`"),
        RuleKind::Clause => format!("Clause `{name}`"),
    };
    match &change.what {
        What::Added(None) => format!("{rule} is new."),
        What::Added(Some(words)) => format!("{rule} is new: {words}."),
        What::Removed => format!("{rule} is gone."),
        What::Changed { key, before, after } => match (before, after) {
            (None, None) => format!("{rule} reads otherwise."),
            (Some(before), None) => format!("{rule}: `{key}` is gone; it was {before}."),
            (None, Some(after)) => format!("{rule}: `{key}` is new: {after}."),
            (Some(before), Some(after)) => format!("{rule}: `{key}` is now {after}; it was {before}."),
        },
    }
}

fn is_same_but_category(one: &AccessChange, other: &AccessChange) -> bool {
    (one.kind, one.recipient, one.purpose) == (other.kind, other.recipient, other.purpose)
        && one.subjects == other.subjects
        && one.before == other.before
        && one.after == other.after
}

fn access_sentence(change: &AccessChange, categories: Vec<String>) -> String {
    let who = match change.recipient {
        // The notice speaks to that person; this is about them.
        Recipient::Subject => "The person whom the data is about".to_owned(),
        other => capital(&other.spoken_in(LANGUAGE)),
    };
    // Words of categories say "and" themselves.
    let what = categories.join(", ");
    let whom = LANGUAGE.list(change.subjects.iter().map(|kind| kind.spoken_in(LANGUAGE)));
    let why = change.purpose.spoken_in(LANGUAGE);
    let (before, after) = (ways(&change.before), ways(&change.after));
    let it = format!("see {what} about {whom}, for {why}");
    match change.kind {
        AccessKind::Gained => format!("{who} may now {it}: {after}."),
        AccessKind::Lost => format!("{who} may no longer {it}; it was {before}."),
        AccessKind::Eased => format!("{who} may {it}, on fewer conditions: {after}; it was {before}."),
        AccessKind::Tightened => format!("{who} may {it}, on more conditions: {after}; it was {before}."),
        AccessKind::Altered => format!("{who} may {it}, on other conditions: {after}; it was {before}."),
        AccessKind::Moved => {
            format!("{who} may {it} as before, under another clause: {after}; it was {before}.")
        }
    }
}

/// "under `a`, if ...; or under `b`, always".
fn ways(ways: &[Way]) -> String {
    let each = ways.iter().map(|way| {
        let conditions = LANGUAGE.all_of(way.conditions.iter().map(|word| word.spoken_in(LANGUAGE)));
        let law = match way.laws == GoverningLawSet::ALL {
            true => String::new(),
            false => format!(", where the governing law is {}", crate::matrix::laws(way.laws)),
        };
        match way.conditions.is_empty() {
            true => format!("under `{}`{law}, without a condition", way.clause),
            false => format!("under `{}`{law}, if {conditions}", way.clause),
        }
    });
    each.collect::<Vec<_>>().join("; or ")
}

fn prose_sentence(change: &ProseChange, languages: Vec<String>) -> String {
    let place = change
        .anchor
        .as_ref()
        .map_or_else(|| "The title or what follows it".to_owned(), |anchor| format!("Section `{anchor}`"));
    let languages = LANGUAGE.list(languages);
    match change.kind {
        ProseKind::Added => format!("{place} is new in {languages}."),
        ProseKind::Removed => format!("{place} is gone in {languages}."),
        ProseKind::Changed => format!("{place} reads otherwise in {languages}."),
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
