//! A version of the notice, read and checked as a whole. There is no way to have one that was not
//! checked, and none to change one: what is published does not change.

use std::ops::Deref;

use domain::CategorySet;

use crate::terms::{DocumentKind, Terms};
use crate::{Document, Problem, Prohibition, RelatedNotice, Table};

/// A version of the notice whose rules and prose match.
#[derive(Debug, Clone)]
pub struct Notice(Document);

impl Deref for Notice {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.0
    }
}

impl Notice {
    /// Reads and checks a version from its files, as (name, text): `clauses.toml`, a Markdown file
    /// for each of its languages (`en.md`, `nl.md`, `fr.md`, `de.md`), and `organisation.toml` with
    /// the organisation's own values where there are any.
    ///
    /// # Errors
    /// Every fault found, by file and line, with what to write instead. Prose is looked at once
    /// the rules are sound.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        Document::read(DocumentKind::Notice, files).map(Self)
    }

    /// The days between delivery to a person and the day that it may widen anything for them.
    #[must_use]
    pub fn notice_period_days(&self) -> u32 {
        self.rules().notice_period_days
    }

    /// The prohibitions.
    #[must_use]
    pub fn prohibitions(&self) -> &[Prohibition] {
        &self.rules().prohibitions
    }

    /// What nobody sees: the categories that no clause names.
    #[must_use]
    pub fn closed(&self) -> CategorySet {
        self.rules().closed
    }

    /// The related notices that it supplements, and names.
    #[must_use]
    pub fn related(&self) -> &[RelatedNotice] {
        match self.terms() {
            Terms::Notice { related } => related,
            _ => &[],
        }
    }

    /// The table that decides.
    #[must_use]
    pub fn compile(&self) -> Table {
        Table::compile(self.clauses(), self.prohibitions())
    }
}
