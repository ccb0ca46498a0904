//! Any document that can be published, of whichever kind its own rules say that it is.

use std::ops::Deref;

use crate::problem::{LineEnds, Problems};
use crate::rules::RULES_FILE;
use crate::terms::DocumentKind;
use crate::toml_entry::{Entry, Source};
use crate::{Document, Notice, Problem, Related, Supplement};

/// A version of a document.
#[derive(Debug, Clone)]
pub enum Edition {
    /// The notice itself.
    Notice(Notice),
    /// A notice that it supplements.
    Related(Related),
    /// A just-in-time notice on top of it.
    Supplement(Supplement),
}

impl Deref for Edition {
    type Target = Document;

    fn deref(&self) -> &Document {
        match self {
            Self::Notice(notice) => notice,
            Self::Related(related) => related,
            Self::Supplement(supplement) => supplement,
        }
    }
}

impl Edition {
    /// Reads and checks a version from its files, as [`Notice::read`] takes them.
    ///
    /// # Errors
    /// Every fault found, by file and line, with what to write instead.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        match kind(files) {
            DocumentKind::Notice => Notice::read(files).map(Self::Notice),
            DocumentKind::Related => Related::read(files).map(Self::Related),
            DocumentKind::Supplement => Supplement::read(files).map(Self::Supplement),
        }
    }

    /// Its name among the documents of a portfolio; empty for the notice itself.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Notice(_) => "",
            Self::Related(related) => related.name(),
            Self::Supplement(supplement) => supplement.name(),
        }
    }
}

/// What cannot be read is read as a notice, which says what is wrong.
fn kind(files: &[(&str, &str)]) -> DocumentKind {
    let rules = files.iter().find(|(name, _)| *name == RULES_FILE).map_or("", |(_, text)| *text);
    let lines = LineEnds::of(rules);
    let source = Source { name: RULES_FILE, text: rules, lines: &lines };
    source.parse(&mut Problems::default()).map_or(DocumentKind::Notice, |parsed| {
        DocumentKind::of(&Entry { source, table: parsed.get_ref(), what: String::new(), line: 1 })
    })
}
