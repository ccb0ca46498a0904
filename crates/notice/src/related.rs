//! A notice that the notice supplements: prose in several languages, checked and published as the notice is, and
//! without clauses. What it says of cookies is data, which can be compared with the cookies that are set.

use std::ops::Deref;

use crate::cookie::{self, Cookie, CookieFault, SetCookie};
use crate::terms::{DocumentKind, Terms};
use crate::{Document, Problem};

pub use crate::terms::RelatedNotice;

/// A version of a related notice.
#[derive(Debug, Clone)]
pub struct Related(Document);

impl Deref for Related {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.0
    }
}

impl Related {
    /// Reads and checks a version from its files, as [`crate::Notice::read`] takes them.
    ///
    /// # Errors
    /// Every fault found, by file and line, with what to write instead.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        Document::read(DocumentKind::Related, files).map(Self)
    }

    /// Its name among the published documents: `online` or `cookies`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.terms() {
            Terms::Related { which, .. } => which.word(),
            // INVARIANT: it was read as a related notice.
            _ => "",
        }
    }

    /// The cookies that it lists; none for one that lists no cookies.
    #[must_use]
    pub fn cookies(&self) -> &[Cookie] {
        match self.terms() {
            Terms::Related { cookies, .. } => cookies,
            _ => &[],
        }
    }

    /// How what it lists differs from the cookies that were really set; empty when it tells the truth.
    #[must_use]
    pub fn compare_cookies(&self, set: &[SetCookie]) -> Vec<CookieFault> {
        cookie::compare(self.cookies(), set)
    }
}
