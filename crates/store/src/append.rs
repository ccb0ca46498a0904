//! Appending to the record of disclosures: the words that both engines share. An entry goes in only if its
//! subject is bound as the caller thinks and every condition that the caller relies on is live, tested in
//! the transaction that writes it.

use domain::{
    Condition, GoverningLaw, GoverningLawSet, PortfolioId, SubjectId, SubjectKind, SubjectKindSet, Timestamp,
};

use crate::StoreError;
use crate::recipient::RecipientTest;
use crate::value::{Param, Row};

/// An entry to append, and what must hold for it.
#[derive(Debug, Clone)]
pub struct NewDisclosure {
    /// Whose data.
    pub subject: SubjectId,
    /// The portfolio that the subject must belong to.
    pub portfolio: PortfolioId,
    /// The number of the notice version that must bind the subject.
    pub notice: i64,
    /// What the subject must be one of: the kinds about which the same was decided.
    pub kinds: SubjectKindSet,
    /// What must govern the subject's cover: the laws under which the same was decided.
    pub laws: GoverningLawSet,
    /// Conditions of the subject that must be live.
    pub tests: Vec<ConditionTest>,
    /// Conditions of whoever gets the data that must be live.
    pub recipient_tests: Vec<RecipientTest>,
    /// The version of the portfolio's register that the caller has read, where the entry rests on it: it must be
    /// that still, so that nothing goes out under what was changed meanwhile.
    pub register: Option<i64>,
    /// The entry's bytes.
    pub body: Vec<u8>,
}

/// A condition that must be live for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionTest {
    /// Which.
    pub condition: Condition,
    /// Of what: a work item, a recipient; zeros where the condition is the subject's alone.
    pub object: [u8; 16],
}

/// Where an entry is: commits are numbered, and entries within a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The commit.
    pub batch: i64,
    /// The entry in it; ascending, not always without gaps.
    pub offset: i64,
}

/// What binds a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The portfolio that it belongs to.
    pub portfolio: PortfolioId,
    /// The number of the notice version.
    pub notice: i64,
    /// What it is.
    pub kind: SubjectKind,
    /// The law that governs its cover.
    pub law: GoverningLaw,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is durable.
    At(Position),
    /// Not written: the subject is bound otherwise, or is not known.
    NotBound {
        /// What binds the subject; none for an unknown one.
        bound: Option<Bound>,
    },
    /// Not written: this condition is not live.
    NotLive(Condition),
    /// Not written: the register of recipients is another than the caller has read.
    RegisterChanged,
}

/// $1 subject.
pub(crate) const BOUND: &str = "SELECT portfolio, notice, kind, law FROM moretus.subject WHERE subject = $1";

/// $1 subject, $2 condition, $3 object, $4 now.
pub(crate) const CONDITION_LIVE: &str = "SELECT since, until FROM moretus.condition
    WHERE subject = $1 AND condition = $2 AND object = $3 AND since <= $4 AND until > $4";

impl Bound {
    /// From the row of [`BOUND`].
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            portfolio: row.id(0)?,
            notice: row.int(1)?,
            kind: row.word(2, SubjectKind::from_code)?,
            law: row.word(3, GoverningLaw::from_code)?,
        })
    }
}

impl NewDisclosure {
    /// Whether the subject is bound as the caller thinks.
    pub(crate) fn fits(&self, bound: &Bound) -> bool {
        bound.portfolio == self.portfolio
            && bound.notice == self.notice
            && self.kinds.contains(bound.kind)
            && self.laws.contains(bound.law)
    }

    /// The kinds as a mask: bit n for the kind with number n.
    pub(crate) fn kinds_mask(&self) -> i64 {
        // Kinds have numbers below 63, so the mask fits.
        i64::try_from(self.kinds.bits()).unwrap_or(i64::MAX)
    }

    /// The laws as a mask: bit n for the law with number n.
    pub(crate) fn laws_mask(&self) -> i64 {
        // Laws have numbers below 63, too.
        i64::try_from(self.laws.bits()).unwrap_or(i64::MAX)
    }
}

impl ConditionTest {
    pub(crate) fn params<'a>(&'a self, subject: &'a SubjectId, now: Timestamp) -> [Param<'a>; 4] {
        [Param::id(subject), Param::code(self.condition.code()), Param::Bytes(&self.object), Param::at(now)]
    }
}
