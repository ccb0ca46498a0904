//! What is wrong with a notice's source, where, and what to write instead. A notice names no
//! person but the controller's officer, and no message repeats the officer's entry.

/// One fault in a notice's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Problem {
    /// The file's name within the version's directory.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, and what to write instead.
    pub message: String,
}

/// Faults as they are found; reading goes on, so that one run shows them all.
#[derive(Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, file: &str, line: u32, message: impl Into<String>) {
        self.0.push(Problem { file: file.to_owned(), line, message: message.into() });
    }

    /// All of them, by file and line.
    pub(crate) fn list(&self) -> Vec<Problem> {
        let mut list = self.0.clone();
        list.sort();
        list.dedup();
        list
    }

    /// `Ok` when there were none so far; otherwise all, by file and line.
    pub(crate) fn so_far(&self) -> Result<(), Vec<Problem>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.list()) }
    }
}

/// Where the lines of a text end: what is asked of every entry of a long file is found without reading the file again.
pub(crate) struct LineEnds(Vec<usize>);

impl LineEnds {
    pub(crate) fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(end, _)| end).collect())
    }

    /// The line of a byte offset, from 1.
    pub(crate) fn at(&self, offset: usize) -> u32 {
        let before = self.0.partition_point(|end| *end < offset);
        u32::try_from(before).unwrap_or(u32::MAX - 1) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_its_break() {
        let lines = LineEnds::of("a\nbé\n\nc");
        let found: Vec<u32> = (0..9).map(|offset| lines.at(offset)).collect();
        assert_eq!(found, [1, 1, 2, 2, 2, 2, 3, 4, 4]);
    }
}
