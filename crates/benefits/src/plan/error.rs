//! What is wrong with a plan file, and where.

use std::ops::Range;

/// A plan file that cannot be used: `file:line:column: problem`, both counted from 1.
///
/// A plan holds no personal data, so the problem quotes what it found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct PlanError {
    /// The name that the file was given.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// What is wrong, and what to write.
    pub problem: String,
}

impl PlanError {
    /// The error at a span of the text, in bytes.
    pub(crate) fn at(file: &str, text: &str, span: Range<usize>, problem: impl Into<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).map_or(0, |part| part.chars().count()) + 1;
        let line = before.matches('\n').count() + 1;
        let span = if span.end <= text.len() { span } else { before.len()..before.len() };
        Self { file: file.to_owned(), line, column, span, problem: problem.into() }
    }
}
