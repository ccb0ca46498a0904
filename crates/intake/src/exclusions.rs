//! Excluded providers from a CSV file: who, from which day until which, and by which list. Several rows may be about one provider;
//! whether they overlap, and whether the portfolio has the provider, is not asked here.

use std::io::Read;

use domain::{CategorySet, Date, ExclusionList};

use crate::columns::EXCLUSIONS;
use crate::table::{Row, Rows};
use crate::{InputError, Problem, SourceId};

/// That a provider is excluded, as a row says it.
#[derive(Clone, PartialEq, Eq)]
pub struct ExclusionDraft {
    /// The source's id of the provider.
    pub provider_source_id: SourceId,
    /// The first day.
    pub first: Date,
    /// The last day; none while it is open.
    pub last: Option<Date>,
    /// By which list.
    pub list: ExclusionList,
    /// The line on which the row begins, from 1.
    pub line: u64,
}

/// The rows of a file of excluded providers, or what is wrong with one; it goes on after a bad row.
pub struct ExclusionDrafts<R> {
    rows: Rows<R>,
}

/// Excluded providers from a CSV file with the columns [`EXCLUSIONS`]. `file` is the name that errors show, `covered` says what may be
/// taken in.
///
/// # Errors
/// The header is not as it must be.
pub fn exclusions<R: Read>(
    file: &str,
    reader: R,
    covered: CategorySet,
) -> Result<ExclusionDrafts<R>, InputError> {
    Ok(ExclusionDrafts { rows: Rows::new(file, reader, &EXCLUSIONS, covered)? })
}

impl<R> ExclusionDrafts<R> {
    /// An error in a cell of the row of the last draft: for what only the caller can know to be wrong with it.
    #[must_use]
    pub fn error(&self, column: &'static str, problem: Problem) -> InputError {
        self.rows.error(column, problem)
    }
}

impl<R: Read> Iterator for ExclusionDrafts<R> {
    type Item = Result<ExclusionDraft, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next(draft)
    }
}

fn draft(row: &Row<'_>) -> Result<ExclusionDraft, InputError> {
    let draft = ExclusionDraft {
        provider_source_id: row.required("provider_id", SourceId::parse)?,
        first: row.required("first_day", str::parse)?,
        last: row.optional("last_day", str::parse)?,
        list: row.required("list", ExclusionList::parse)?,
        line: row.line(),
    };
    match draft.last.is_some_and(|last| last < draft.first) {
        true => Err(row.error("last_day", Problem::Rule("is before `first_day`"))),
        false => Ok(draft),
    }
}

#[cfg(test)]
mod tests {
    use domain::Category;

    use super::*;

    fn read(rows: &str) -> Vec<Result<(u64, Option<Date>), String>> {
        let text = format!("provider_id,first_day,last_day,list\n{rows}");
        let all = Category::ALL.iter().copied().collect();
        let drafts = exclusions("f.csv", text.as_bytes(), all).unwrap();
        drafts.map(|found| found.map(|one| (one.line, one.last)).map_err(|error| error.to_string())).collect()
    }

    #[test]
    fn rows_are_read_and_errors_say_line_and_column() {
        let good = "P-1,2026-01-01,,List 4\nP-1,2025-01-01,2025-12-31,List 3\n";
        assert_eq!(read(good), [Ok((2, None)), Ok((3, Some("2025-12-31".parse().unwrap())))]);
        let errors: Vec<String> =
            read("P-1,2026-13-01,,L\nP-1,2026-01-02,2026-01-01,L\n,2026-01-01,,L\nP-1,2026-01-01,,\n")
                .into_iter()
                .filter_map(Result::err)
                .collect();
        let begins = [
            "line 2 column `first_day`",
            "line 3 column `last_day`",
            "line 4 column `provider_id`",
            "line 5 column `list`",
        ];
        assert_eq!(errors.len(), begins.len());
        for (error, begin) in errors.iter().zip(begins) {
            assert!(error.starts_with(&format!("f.csv {begin}: ")), "{error}");
        }
    }
}
