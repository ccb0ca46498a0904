//! A stream of drafts from one file: row by row, with each id once.

use std::collections::HashSet;
use std::io::Read;

use domain::CategorySet;

use crate::table::{Row, Rows};
use crate::{InputError, Layout, Problem, SourceId};

/// A stream of drafts, or of what is wrong with a row; it goes on after a bad row.
///
/// Memory: the row at hand, and the ids seen so far.
pub struct Drafts<R, T> {
    rows: Rows<R>,
    reading: Reading<T>,
    seen: HashSet<SourceId>,
}

/// How a row becomes a draft.
pub(crate) struct Reading<T> {
    pub(crate) read: fn(&Row<'_>) -> Result<T, InputError>,
    pub(crate) id: fn(&T) -> &SourceId,
    /// The column of the id.
    pub(crate) id_column: &'static str,
}

impl<R: Read, T> Drafts<R, T> {
    pub(crate) fn new(
        file: &str,
        reader: R,
        layout: &'static Layout,
        covered: CategorySet,
        reading: Reading<T>,
    ) -> Result<Self, InputError> {
        Ok(Self { rows: Rows::new(file, reader, layout, covered)?, reading, seen: HashSet::new() })
    }

    /// An error in a cell of the row of the last draft: for what only the caller can know to be wrong
    /// with it, such as a plan that the site does not have.
    #[must_use]
    pub fn error(&self, column: &'static str, problem: Problem) -> InputError {
        self.rows.error(column, problem)
    }
}

impl<R: Read, T> Iterator for Drafts<R, T> {
    type Item = Result<T, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { rows, reading, seen } = self;
        rows.next(|row| {
            let draft = (reading.read)(row)?;
            if seen.insert((reading.id)(&draft).clone()) {
                Ok(draft)
            } else {
                Err(row.error(reading.id_column, Problem::Rule("stands further up too: keep one row per id")))
            }
        })
    }
}
