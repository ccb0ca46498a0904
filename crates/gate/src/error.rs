//! What can go wrong at the gate. Every one of these refuses; none carries a personal value.

use std::fmt;

use domain::{Category, CategorySet, ConditionSet, DecodeError, Purpose, Recipient, RecipientId, RecordKind};

use crate::Asking;
use crate::asking::Wanting;
use crate::entry::Bar;
use crate::root::RootKeyId;

/// Why something did not open, was not sealed, or could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// No clause allows the ask.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The actor is not known, its token has expired, or its record was ended.
    #[error("not authenticated: the token is unknown or has expired, or its holder's record was ended")]
    NotAuthenticated,
    /// The registers of recipients, of legal matters and of actors are kept by others.
    #[error(
        "the registers of recipients, of legal matters and of actors are kept by the operator, the data protection officer and the staff for law of their portfolio: this actor is none of them"
    )]
    NotTheKeeper,
    /// The actor has searched as often as anybody may in a minute.
    #[error(
        "searches are counted, and this actor has made as many as anybody may in a minute: wait for the next one"
    )]
    TooManySearches,
    /// A search leads to more people than it tells of, or than it looks at.
    #[error("more people match than a search tells of, so it tells of none: say more of whom you look for")]
    TooManyFound,
    /// Somebody whom a change of a register is about is not there.
    #[error("somebody whom this is about is not in this portfolio")]
    NotInPortfolio,
    /// The grant has expired.
    #[error("the grant has expired: ask again")]
    Expired,
    /// The grant is not for this subject.
    #[error("the grant is not for this subject")]
    OtherSubject,
    /// The record's kind and the stored kind differ.
    #[error("the stored record is not a {expected}")]
    OtherKind {
        /// The kind that was expected.
        expected: RecordKind,
    },
    /// There is no key: what it sealed was erased, or was never there.
    #[error("there is no key for this subject's {category} data: it was erased or never collected")]
    NoKey {
        /// The category.
        category: Category,
    },
    /// A sealed value does not open: it was altered, moved, or sealed under another key.
    #[error("a sealed {kind} ({category}) does not open: it was altered or moved")]
    Altered {
        /// The record's kind.
        kind: RecordKind,
        /// The category.
        category: Category,
    },
    /// A wrapped key was altered or moved.
    #[error("a stored key does not open: the key store was altered")]
    DamagedKey,
    /// The root key is not the one that this database's keys were wrapped by.
    #[error("this root key does not belong to this database: use the root key that was made with it")]
    WrongRootKey,
    /// A key is wrapped by a root key that is not held: the site's root key is being changed, or was.
    #[error(
        "a key is wrapped by root key `{id}`, which this program was not given: while one root key takes the place of another it needs both"
    )]
    OtherRootKey {
        /// Which one.
        id: RootKeyId,
    },
    /// No root key can be had from where it should come from.
    #[error("root key `{from}`: {problem}")]
    RootKeySource {
        /// The file, or what else it comes from.
        from: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Sealing failed, which only happens for values beyond the cipher's limits.
    #[error("the value is too large to be sealed")]
    Sealing,
    /// An opened record could not be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Another sealer of this log is at work.
    #[error("another program seals this log and rolls it every hour: stop it to roll now")]
    SealedElsewhere,
    /// No notice is published for the portfolio.
    #[error(
        "no version of the notice is in force for this portfolio: publish one, or wait for the first day of the one that is published"
    )]
    NoNotice,
    /// The stored notice does not read: it was altered.
    #[error("the published notice `{version}` does not read back: the database was altered")]
    NoticeAltered {
        /// Its version.
        version: String,
    },
    /// No such supplement is published.
    #[error("this portfolio has published no such supplement: name one that stands beside its notice")]
    NoSupplement,
    /// A newer version of the supplement is in force.
    #[error(
        "this version of the supplement is not the one in force: show the one that is, and ask for the answers again"
    )]
    SupplementReplaced,
    /// The record was not collected under what the grant is for.
    #[error(
        "this record was collected under a notice that does not let it open for this: ask under that one, for a purpose that it names"
    )]
    OtherSupplement,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The log does not verify.
    #[error("the log does not verify: {problem}")]
    Log {
        /// What, and where.
        problem: String,
    },
    /// A proof that somebody took away does not hold.
    #[error("the proof does not hold: {problem}")]
    Proof {
        /// What of it, and where.
        problem: String,
    },
    /// No proof can be made that would hold.
    #[error("there is no proof to give: {problem}")]
    NoProof {
        /// Why, and what to do.
        problem: String,
    },
    /// A pure step refused its input.
    #[error("{0}")]
    Compute(&'static str),
}

/// A refusal: no clause of the notice in force allows this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why it was asked.
    pub purpose: Purpose,
    /// Who would have got it.
    pub recipient: Recipient,
    /// Needed categories that no clause shows.
    pub missing: CategorySet,
    /// The clause that comes nearest.
    pub nearest: Option<String>,
    /// What that clause would still need.
    pub lacks: ConditionSet,
    /// The organisation that should have got it, when the portfolio's register does not have it.
    pub unregistered: Option<RecipientId>,
    /// Whether the organisation that would have got it is in the register, but not for the nearest clause.
    pub not_registered_for: bool,
    /// What bars it whatever the clauses say.
    pub bar: Option<Bar>,
}

impl Refused {
    /// What is told where nothing may be said but what was asked: no clause, and no condition.
    pub(crate) fn nothing(asking: &Asking<'_>, wanting: Wanting) -> Self {
        Self {
            purpose: asking.purpose,
            recipient: asking.actor.recipient,
            missing: wanting.needed.union(wanting.wanted),
            nearest: None,
            lacks: ConditionSet::EMPTY,
            unregistered: None,
            not_registered_for: false,
            bar: None,
        }
    }

    /// What is told where something is barred whatever the notice says: no clause, since none was looked at.
    pub(crate) fn barred(purpose: Purpose, recipient: Recipient, missing: CategorySet, bar: Bar) -> Self {
        Self {
            purpose,
            recipient,
            missing,
            nearest: None,
            lacks: ConditionSet::EMPTY,
            unregistered: None,
            not_registered_for: false,
            bar: Some(bar),
        }
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { purpose, recipient, missing, .. } = self;
        match self.bar {
            Some(Bar::OwnFile) => return f.write_str(
                "this is your own file or that of a relative: nobody handles it but a colleague who is neither",
            ),
            Some(Bar::Untrained) => return f.write_str(
                "your training in data protection is not current: take it, and have whoever keeps the register of actors write down until when it holds",
            ),
            Some(Bar::OutOfScope) => return f.write_str(
                "nobody of this id is covered by a sponsor that you work for: a colleague who works for theirs handles it",
            ),
            // They stand in entries alone: what is told is the same as where no clause allows it.
            Some(
                Bar::StaffWall
                | Bar::HandingOn
                | Bar::NotThere
                | Bar::TakingIn
                | Bar::TooManySearches
                | Bar::NotTheKeeper
                | Bar::NotADesk
                | Bar::NotTheirs
                | Bar::TooManyFound,
            )
            | None => {}
        }
        if let Some(id) = self.unregistered {
            return write!(
                f,
                "recipient `{id}` is not in the register of this portfolio, or not as what it asks: nothing is handed to it for {purpose}; enter it there first"
            );
        }
        write!(f, "no clause allows {purpose} for {recipient}: {missing} would not be shown")?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; the nearest clause is `{nearest}`")?;
        }
        if self.not_registered_for {
            f.write_str(", for which the recipient is not registered")?;
        }
        if self.lacks.is_empty() { Ok(()) } else { write!(f, ", which needs {}", self.lacks) }
    }
}
