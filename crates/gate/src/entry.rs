//! A log entry: one use or hand-over of personal data, as it is recorded before it happens. The
//! bytes are final: leaves of the log commit to them. It names ids, words and codes, never a value.

use domain::{
    ActorId, CategorySet, Country, PortfolioId, Purpose, Recipient, RecipientId, RequestId, SubjectId,
    SupplementId, Timestamp, TransferSafeguardSet, WorkItemId,
};
use minicbor::{Decode, Encode};

use crate::deferral::Mark;

/// What became of an ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryOutcome {
    /// It was granted.
    #[n(0)]
    Granted,
    /// It was refused: nothing opened.
    #[n(1)]
    Refused,
    /// A question to the index, before any subject is known.
    #[n(2)]
    Searched,
    /// A change of a register: of recipients, about no person; of legal matters, about a person where one is opened
    /// for them.
    #[n(3)]
    Changed,
}

impl EntryOutcome {
    /// The outcome in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Searched => "searched",
            Self::Changed => "changed",
        }
    }
}

/// What bars an ask whatever the notice says of whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Bar {
    /// It is about whoever is behind the actor, or a relative of theirs: nobody handles their own file.
    #[n(0)]
    OwnFile,
    /// The actor's training is not current.
    #[n(1)]
    Untrained,
    /// The person is covered by no sponsor that the actor works for.
    #[n(2)]
    OutOfScope,
    /// The actor works behind the wall of another portfolio.
    #[n(3)]
    StaffWall,
    /// The actor may not hand on what it gets.
    #[n(4)]
    HandingOn,
    /// There is nobody of this id in the portfolio.
    #[n(5)]
    NotThere,
    /// It was to be taken in, and no clause covers that.
    #[n(6)]
    TakingIn,
    /// The actor searches more often than anybody may.
    #[n(7)]
    TooManySearches,
    /// The registers are kept by others than the actor.
    #[n(8)]
    NotTheKeeper,
    /// The actor is nobody who speaks with people.
    #[n(9)]
    NotADesk,
    /// It was not theirs to give or to take back, in whose name it was to be done.
    #[n(10)]
    NotTheirs,
    /// A search would show more people than any tells of: none of them is told.
    #[n(11)]
    TooManyFound,
}

impl Bar {
    /// What bars it in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OwnFile => "own-file",
            Self::Untrained => "untrained",
            Self::StaffWall => "staff-wall",
            Self::HandingOn => "handing-on",
            Self::NotThere => "not-there",
            Self::TakingIn => "taking-in",
            Self::TooManySearches => "too-many-searches",
            Self::OutOfScope => "out-of-scope",
            Self::NotTheKeeper => "not-the-keeper",
            Self::NotADesk => "not-a-desk",
            Self::NotTheirs => "not-theirs",
            Self::TooManyFound => "too-many-found",
        }
    }
}

/// Which entries of a portfolio lapsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Lapse {
    /// All were made before this instant.
    #[n(0)]
    pub before: Timestamp,
    /// All stand before this leaf: the size of a roll that was made before that instant.
    #[n(1)]
    pub end: u64,
    /// After how many years the notice says that they lapse.
    #[n(2)]
    pub years: u32,
}

impl Lapse {
    /// What an entry's body declares, as whoever checks a list reads it.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        match Mark::of(body) {
            Mark::Lapses { lapse, .. } => Some(lapse),
            _ => None,
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// Random bytes, so that the leaf's commitment tells nothing about the entry.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// When.
    #[n(1)]
    pub at: Timestamp,
    /// Who asked.
    #[n(2)]
    pub actor: ActorId,
    /// What the asker is.
    #[n(3)]
    pub actor_recipient: Recipient,
    /// The asker's role, in the site's words.
    #[n(4)]
    pub role: String,
    /// The asker's team.
    #[n(5)]
    pub team: Option<String>,
    /// Where the asker is.
    #[n(6)]
    pub actor_country: Country,
    /// Who gets the data.
    #[n(7)]
    pub recipient: Recipient,
    /// An outside recipient's name in the register.
    #[n(8)]
    pub recipient_name: Option<String>,
    /// Where the recipient is.
    #[n(9)]
    pub recipient_country: Country,
    /// The portfolio.
    #[n(10)]
    pub portfolio: PortfolioId,
    /// Why.
    #[n(11)]
    pub purpose: Purpose,
    /// The work item served; for a grant, only where something was found for it.
    #[n(12)]
    pub item: Option<WorkItemId>,
    /// The clauses that allow it; for a refusal, the nearest.
    #[n(13)]
    pub clauses: Vec<String>,
    /// The version of the notice that decided.
    #[n(14)]
    pub notice: String,
    /// Whom the data is about; for a question to the index, the portfolio's own chain, and where it is about many, the run's.
    #[n(15)]
    pub subject: SubjectId,
    /// The views asked for.
    #[n(16)]
    pub view: String,
    /// The categories shown.
    #[n(17)]
    pub shown: CategorySet,
    /// The categories asked for and withheld.
    #[n(18)]
    pub withheld: CategorySet,
    /// Fields searched, filtered, sorted or counted by.
    #[n(19)]
    pub filters: Vec<String>,
    /// The request.
    #[n(20)]
    pub request: RequestId,
    /// What became of it.
    #[n(21)]
    pub outcome: EntryOutcome,
    /// The run that it belongs to.
    #[n(22)]
    pub run: Option<WorkItemId>,
    /// The organisation that gets the data, in the register; for a refusal also one that is not there.
    #[n(23)]
    pub to: Option<RecipientId>,
    /// The supplement whose clauses decided, about what was collected under it.
    #[n(26)]
    pub supplement: Option<SupplementId>,
    /// The safeguards under which what was granted left the European Economic Area; none where it stayed.
    #[n(24)]
    pub transfer: Option<TransferSafeguardSet>,
    /// What was changed in a register.
    #[n(25)]
    pub change: Option<String>,
    /// The actor that a change is about: whose record it is, or whose task something became.
    #[n(30)]
    pub whom: Option<ActorId>,
    /// Why it was refused, where no clause was looked at.
    #[n(27)]
    pub bar: Option<Bar>,
    /// Until when its showing to the person was deferred when it was written. Whether it is, declarations in the log say.
    #[n(28)]
    pub deferred: Option<Timestamp>,
    /// It declares that what is asked under its work item is shown from then on only; the instant of the entry itself, that
    /// this is over.
    #[n(29)]
    pub defers: Option<Timestamp>,
    /// It declares that entries lapsed: their bodies are erased from then on.
    #[n(39)]
    pub lapse: Option<Lapse>,
    /// Of an entry about many, the root that commits who they are. Its subject is the chain of its run.
    #[cbor(n(38), with = "minicbor::bytes")]
    pub many: Option<[u8; 32]>,
}

impl Entry {
    /// The bytes that are stored and committed to.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(320);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// Reads stored bytes; `None` when they are no entry.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An entry of a payment.
    pub(crate) fn entry() -> Entry {
        Entry {
            salt: [1; 16],
            at: Timestamp::from_micros(7),
            actor: ActorId::from_bytes([2; 16]),
            actor_recipient: Recipient::Operator,
            role: "operator".to_owned(),
            team: None,
            actor_country: "BE".parse().unwrap(),
            recipient: Recipient::Bank,
            recipient_name: Some("First Bank".to_owned()),
            recipient_country: "BE".parse().unwrap(),
            portfolio: PortfolioId::from_bytes([3; 16]),
            purpose: Purpose::Payment,
            item: None,
            clauses: vec!["use.payment".to_owned()],
            notice: "2026-11-01".to_owned(),
            subject: SubjectId::from_bytes([4; 16]),
            view: "payee".to_owned(),
            shown: CategorySet::EMPTY,
            withheld: CategorySet::EMPTY,
            filters: Vec::new(),
            request: RequestId::from_bytes([5; 16]),
            outcome: EntryOutcome::Granted,
            run: None,
            to: None,
            transfer: None,
            change: None,
            whom: None,
            bar: None,
            supplement: None,
            deferred: None,
            defers: None,
            lapse: None,
            many: None,
        }
    }
}
