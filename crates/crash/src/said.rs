//! What a workload says before it is killed: one line an event, each written at once and whole, so that
//! what a reader of the pipe has got was said.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::sync::Arc;

use domain::{ClaimId, RequestId, SubjectId};

/// Says what happened, on standard output.
#[derive(Clone)]
pub struct Speaker(Arc<File>);

impl Speaker {
    /// On this process's standard output, past its buffer.
    pub fn on_standard_output() -> std::io::Result<Self> {
        Ok(Self(Arc::new(File::from(std::io::stdout().as_fd().try_clone_to_owned()?))))
    }

    /// Into a file, for a reader in the same process.
    #[must_use]
    pub fn into_file(file: File) -> Self {
        Self(Arc::new(file))
    }

    /// A claim was acknowledged as taken in.
    pub fn claim(&self, subject: SubjectId, claim: ClaimId) -> std::io::Result<()> {
        self.line(&format!("claim {subject} {claim}\n"))
    }

    /// A value about the subject was released to whoever made the request.
    pub fn released(&self, subject: SubjectId, request: RequestId) -> std::io::Result<()> {
        self.line(&format!("released {subject} {request}\n"))
    }

    /// One write of less than a pipe takes at once: no two lines mix, and none is cut.
    fn line(&self, line: &str) -> std::io::Result<()> {
        (&*self.0).write_all(line.as_bytes())
    }
}

/// What was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Claims that were acknowledged.
    pub claims: Vec<(SubjectId, ClaimId)>,
    /// Values that were released: about whom, in which request.
    pub released: Vec<(SubjectId, RequestId)>,
}

impl Said {
    /// Reads what a workload said. Errors name the line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut said = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            said.event(line).ok_or_else(|| format!("line {number} of the workload: `{line}`"))?;
        }
        Ok(said)
    }

    fn event(&mut self, line: &str) -> Option<()> {
        let mut words = line.split(' ');
        let (event, subject, id) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
        match event {
            "claim" => self.claims.push((subject, id.parse().ok()?)),
            "released" => self.released.push((subject, id.parse().ok()?)),
            _ => return None,
        }
        words.next().is_none().then_some(())
    }

    /// Adds what was said later.
    pub fn extend(&mut self, later: Self) {
        self.claims.extend(later.claims);
        self.released.extend(later.released);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_and_a_cut_one_is_refused() {
        let (subject, claim) = (SubjectId::from_bytes([1; 16]), ClaimId::from_bytes([2; 16]));
        let request = RequestId::from_bytes([3; 16]);
        let text = format!("claim {subject} {claim}\nreleased {subject} {request}\n");
        let said = Said { claims: vec![(subject, claim)], released: vec![(subject, request)] };
        assert_eq!(Said::read(&text), Ok(said));
        assert!(Said::read(&text[..text.len() - 5]).unwrap_err().contains("line 2"));
    }
}
