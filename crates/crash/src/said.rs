//! What a workload says before it is killed: one line an event, each written at once and whole, so that
//! what a reader of the pipe has got was said.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::sync::Arc;

use domain::{ClaimId, RequestId, RetentionClass, SubjectId};

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

    /// What is acknowledged of somebody's consent, or that it is about to change.
    pub fn consent(&self, subject: SubjectId, consent: Consent) -> std::io::Result<()> {
        self.line(&format!("consent {subject} {}\n", consent.word()))
    }

    /// A class of what is kept of the subject is about to be destroyed.
    pub fn erases(&self, subject: SubjectId, class: RetentionClass) -> std::io::Result<()> {
        self.line(&format!("erases {subject} {class}\n"))
    }

    /// It was acknowledged as destroyed, in this request.
    pub fn erased(
        &self,
        subject: SubjectId,
        class: RetentionClass,
        request: RequestId,
    ) -> std::io::Result<()> {
        self.line(&format!("erased {subject} {class} {request}\n"))
    }

    /// One write of less than a pipe takes at once: no two lines mix, and none is cut.
    fn line(&self, line: &str) -> std::io::Result<()> {
        (&*self.0).write_all(line.as_bytes())
    }
}

/// Where somebody's consent stands, by what was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// It is about to change: until that is acknowledged it may stand or not.
    Wavers,
    /// Given.
    Given,
    /// Taken back.
    Withdrawn,
}

impl Consent {
    const ALL: [Self; 3] = [Self::Wavers, Self::Given, Self::Withdrawn];

    const fn word(self) -> &'static str {
        match self {
            Self::Wavers => "wavers",
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|consent| consent.word() == word)
    }
}

/// What was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Claims that were acknowledged.
    pub claims: Vec<(SubjectId, ClaimId)>,
    /// Values that were released: about whom, in which request.
    pub released: Vec<(SubjectId, RequestId)>,
    /// Consents, in the order in which it was said of each person.
    pub consents: Vec<(SubjectId, Consent)>,
    /// Whose erasure of what was begun, acknowledged or not.
    pub erasing: Vec<(SubjectId, RetentionClass)>,
    /// Erasures that were acknowledged: whose, of what, in which request.
    pub erased: Vec<(SubjectId, RetentionClass, RequestId)>,
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
            "consent" => self.consents.push((subject, Consent::parse(id)?)),
            "erases" => self.erasing.push((subject, id.parse().ok()?)),
            "erased" => {
                self.erased.push((subject, id.parse().ok()?, words.next()?.parse().ok()?));
            }
            _ => return None,
        }
        words.next().is_none().then_some(())
    }

    /// Adds what was said later.
    pub fn extend(&mut self, later: Self) {
        self.claims.extend(later.claims);
        self.released.extend(later.released);
        self.consents.extend(later.consents);
        self.erasing.extend(later.erasing);
        self.erased.extend(later.erased);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_and_a_cut_one_is_refused() {
        let (subject, claim) = (SubjectId::from_bytes([1; 16]), ClaimId::from_bytes([2; 16]));
        let request = RequestId::from_bytes([3; 16]);
        let class = RetentionClass::Claims;
        let text = format!(
            "claim {subject} {claim}\nreleased {subject} {request}\nconsent {subject} wavers\n\
             consent {subject} withdrawn\nerases {subject} claims\nerased {subject} claims {request}\n"
        );
        let said = Said {
            claims: vec![(subject, claim)],
            released: vec![(subject, request)],
            consents: vec![(subject, Consent::Wavers), (subject, Consent::Withdrawn)],
            erasing: vec![(subject, class)],
            erased: vec![(subject, class, request)],
        };
        assert_eq!(Said::read(&text), Ok(said));
        assert!(Said::read(&text[..text.len() - 5]).unwrap_err().contains("line 6"));
        assert!(Said::read(&format!("consent {subject} perhaps\n")).is_err());
    }
}
