//! Appending to the record of disclosures: the words that both engines share. An entry goes in only if its
//! subject is bound as the caller thinks and every condition that the caller relies on is live, tested in
//! the transaction that writes it.

use domain::{
    Condition, GoverningLaw, GoverningLawSet, PortfolioId, SubjectId, SubjectKind, SubjectKindSet, Timestamp,
    WorkItemId,
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
    /// Whom it is about, where it is about many at once; none where it is about the subject alone. Binding and conditions
    /// are then tested of each of them, and not of the subject, a chain of nobody's, in which it stands as well.
    pub people: Vec<TestedPerson>,
}

/// One of those whom an entry is about, with what is tested of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestedPerson {
    /// Who, and for which work item.
    pub about: About,
    /// Conditions of theirs that must be live.
    pub tests: Vec<ConditionTest>,
}

/// A person and the work item for which an entry about many is about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// Who.
    pub subject: SubjectId,
    /// The work item; none where the use serves none.
    pub item: Option<WorkItemId>,
}

impl About {
    /// Subject and work item behind one another; zeros for none.
    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let item = self.item.map_or([0; 16], |item| *item.bytes());
        let parts = [*self.subject.bytes(), item];
        bytes.iter_mut().zip(parts.as_flattened()).for_each(|(to, from)| *to = *from);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Self {
        let (mut subject, mut item) = ([0; 16], [0; 16]);
        subject.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        item.iter_mut().zip(bytes.iter().skip(16)).for_each(|(to, from)| *to = *from);
        let item = Some(item).filter(|item| *item != [0; 16]).map(WorkItemId::from_bytes);
        Self { subject: SubjectId::from_bytes(subject), item }
    }
}

/// A condition that must be live for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionTest {
    /// Which.
    pub condition: Condition,
    /// Of what: a work item, a recipient; zeros where the condition is the subject's alone.
    pub object: [u8; 16],
    /// Of what instead, where either will do: the work item as a team's task.
    pub or: Option<[u8; 16]>,
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
    /// Not written: it is about many, and one of them is bound otherwise, or a condition of theirs is not live.
    NotTogether,
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

    /// Of whom binding and which conditions are tested.
    pub(crate) fn tested(&self) -> impl Iterator<Item = (&SubjectId, &[ConditionTest])> {
        let own = self.people.is_empty().then_some((&self.subject, self.tests.as_slice()));
        own.into_iter().chain(self.people.iter().map(|one| (&one.about.subject, one.tests.as_slice())))
    }

    /// Whom it is about, as it is stored: behind one another.
    pub(crate) fn people_bytes(&self) -> Vec<u8> {
        self.people.iter().flat_map(|one| one.about.to_bytes()).collect()
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
    /// That a condition is live of this object.
    #[must_use]
    pub const fn of(condition: Condition, object: [u8; 16]) -> Self {
        Self { condition, object, or: None }
    }

    /// Whether a condition of this object is one that is looked for.
    #[must_use]
    pub fn is_met_by(&self, condition: Condition, object: &[u8; 16]) -> bool {
        self.condition == condition && self.objects().any(|wanted| wanted == object)
    }

    /// The objects of which one must be live, that which is usual first.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &[u8; 16]> {
        std::iter::once(&self.object).chain(&self.or)
    }

    /// The parameters of [`CONDITION_LIVE`] for each of the objects.
    pub(crate) fn params<'a>(
        &'a self,
        subject: &'a SubjectId,
        now: Timestamp,
    ) -> impl Iterator<Item = [Param<'a>; 4]> {
        let condition = self.condition.code();
        self.objects().map(move |object| {
            [Param::id(subject), Param::code(condition), Param::Bytes(object), Param::at(now)]
        })
    }
}
