//! Of whom a unit of work changes what entries of the record rest on. SQLite's writer forgets by it what it remembers;
//! it is noted on PostgreSQL too, where nobody asks.

use domain::SubjectId;

use crate::{StoreError, Unit};

/// Of whom a unit changed what entries of the record rest on: bindings and conditions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StandingChange {
    /// Of these.
    Of(Vec<SubjectId>),
    /// A statement changed it that does not say whose.
    All,
}

impl Default for StandingChange {
    fn default() -> Self {
        Self::Of(Vec::new())
    }
}

/// Whether a statement may change bindings or conditions. Statements name tables with their schema.
pub(crate) fn changes_standing(sql: &str) -> bool {
    let names = sql.contains("moretus.subject") || sql.contains("moretus.condition");
    names && ["INSERT", "UPDATE", "DELETE", "REPLACE"].iter().any(|word| sql.contains(word))
}

impl Unit<'_> {
    /// Says whose binding or conditions the next statements change: what the typed functions know of themselves.
    /// Of a statement that nobody spoke for, everybody's counts as changed.
    pub(crate) fn about<T>(
        &mut self,
        subjects: impl IntoIterator<Item = SubjectId>,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut before = std::mem::take(&mut self.standing);
        let done = work(self);
        if let StandingChange::Of(known) = &mut before {
            known.extend(subjects);
        }
        self.standing = before;
        done
    }
}
