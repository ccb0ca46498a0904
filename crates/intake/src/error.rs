//! What is wrong with a file, and where. No message repeats a value: a cell may hold anything,
//! also a name in the column of sexes. Only names of columns and fields are quoted.

use std::fmt;

use domain::{Category, ParseError};

/// An error in a file: which, where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{place}: {problem}")]
pub struct InputError {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// Where in the file.
    pub place: Place,
    /// What is wrong.
    pub problem: Problem,
}

impl InputError {
    /// An error in a cell of a CSV file.
    pub(crate) fn cell(file: &str, line: u64, column: &'static str, problem: Problem) -> Self {
        Self { file: file.to_owned(), place: Place::Cell { line, column }, problem }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A row of a CSV file.
    Row {
        /// The line on which the row begins, from 1.
        line: u64,
    },
    /// A cell of a CSV file.
    Cell {
        /// The line on which the row begins, from 1.
        line: u64,
        /// The column's name.
        column: &'static str,
    },
    /// A field of a FHIR resource.
    Field {
        /// Which JSON value of the file, from 1: the line, in NDJSON without blank lines.
        resource: u64,
        /// The path of the field, for instance `Bundle.entry[3].resource.item[0].net`.
        path: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Row { line } => write!(f, " line {line}"),
            Self::Cell { line, column } => write!(f, " line {line} column `{column}`"),
            Self::Field { resource, path } => write!(f, " resource {resource} field `{path}`"),
        }
    }
}

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A column that the table of columns does not know.
    #[error("column `{0}`: no clause of the notice covers it; remove it")]
    UnknownColumn(String),
    /// A known column of a category that the notice in force does not cover here.
    #[error("column `{column}` holds {category} data: no clause of the notice covers it; remove it")]
    UncoveredColumn {
        /// The column's name.
        column: &'static str,
        /// Its category.
        category: Category,
    },
    /// A kind of draft with a category that the notice in force does not cover here.
    #[error("a {kind} holds {category} data: no clause of the notice covers it, so none can be taken in")]
    UncoveredKind {
        /// The kind.
        kind: crate::DraftKind,
        /// The category.
        category: Category,
    },
    /// A column that must be there is not.
    #[error("column `{0}` is missing: add it")]
    MissingColumn(&'static str),
    /// A column stands twice in the header.
    #[error("column `{0}` stands twice: remove one")]
    RepeatedColumn(&'static str),
    /// The first line names no column, or a name that is no name (so it is not repeated).
    #[error("this line is not a header: begin with the names of the columns, as in {0}")]
    NoHeader(String),
    /// A cell or field that must be filled is not.
    #[error("no value: it is required")]
    Required,
    /// A value that cannot be read; the text comes from the domain and repeats no value.
    #[error("{0}")]
    Value(String),
    /// A rule about more than one value, or a limit.
    #[error("{0}")]
    Rule(&'static str),
    /// More or fewer cells than the header has columns.
    #[error("{found} cells where the header has {expected}: quote the cells that hold a comma")]
    CellCount {
        /// In this row.
        found: u64,
        /// In the header.
        expected: u64,
    },
    /// The bytes are no UTF-8.
    #[error("not UTF-8 text: save the file as UTF-8")]
    NotUtf8,
    /// Longer than a limit.
    #[error("longer than {0} bytes: is a quotation mark left open?")]
    TooLong(usize),
    /// The bytes are no JSON.
    #[error("not JSON at line {line} column {column}: {what}")]
    Json {
        /// The line of the file, from 1.
        line: usize,
        /// The column of that line.
        column: usize,
        /// In what way.
        what: &'static str,
    },
    /// The source of the bytes failed.
    #[error("cannot be read: {0}")]
    Read(std::io::ErrorKind),
}

impl From<ParseError> for Problem {
    /// INVARIANT: drops the found word. The domain quotes it, since a vocabulary names nobody; but
    /// here a cell may hold anything.
    fn from(error: ParseError) -> Self {
        Self::Value(match error {
            ParseError::UnknownWord { what, expected, .. } => {
                format!("unknown {what}: use one of {expected}")
            }
            shape @ ParseError::Shape { .. } => shape.to_string(),
        })
    }
}

/// A bounded list of errors: the first ones and how many there were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorList {
    /// The first [`ErrorList::MAX_KEPT`] errors, in the order of the file.
    pub first: Vec<InputError>,
    /// How many there were in all.
    pub count: u64,
}

impl ErrorList {
    /// How many errors are kept.
    pub const MAX_KEPT: usize = 20;

    /// Counts an error, and keeps it if it is among the first.
    pub fn push(&mut self, error: InputError) {
        self.count += 1;
        if self.first.len() < Self::MAX_KEPT {
            self.first.push(error);
        }
    }

    /// Whether there was none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Runs through a stream and counts its errors; drafts go to `keep`.
    pub fn check<T>(stream: impl Iterator<Item = Result<T, InputError>>, mut keep: impl FnMut(T)) -> Self {
        let mut errors = Self::default();
        for item in stream {
            match item {
                Ok(draft) => keep(draft),
                Err(error) => errors.push(error),
            }
        }
        errors
    }
}

impl fmt::Display for ErrorList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in &self.first {
            writeln!(f, "{error}")?;
        }
        let more = self.count - self.first.len() as u64;
        if more > 0 {
            writeln!(f, "and {more} more")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_not_repeated() {
        let found = "Ada Lovelace".parse::<domain::Sex>().unwrap_err();
        assert!(found.to_string().contains("Ada"), "the domain quotes words");
        let problem = Problem::from(found).to_string();
        assert_eq!(problem, "unknown sex: use one of female, male, other, unknown");
    }

    #[test]
    fn a_list_keeps_the_first_and_counts_all() {
        let error = |line| InputError {
            file: "m.csv".to_owned(),
            place: Place::Row { line },
            problem: Problem::NotUtf8,
        };
        let errors =
            ErrorList::check((1..=50).map(|line| if line == 9 { Ok(()) } else { Err(error(line)) }), drop);
        assert_eq!((errors.first.len(), errors.count), (20, 49));
        assert!(errors.to_string().starts_with("m.csv line 1: not UTF-8 text"));
        assert!(errors.to_string().ends_with("and 29 more\n"));
    }
}
