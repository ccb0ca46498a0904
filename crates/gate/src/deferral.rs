//! Entries whose showing the law defers: which they are, and when they join their person's list. It follows from the
//! entries of the log alone, so that whoever verifies the log finds the same as the sealer.
//!
//! An entry is deferred if it says so, and if an entry of the data protection officer before it declared that what is
//! asked under its work item is shown later only. The newest declaration about a work item says until when. At the first
//! roll that is made then or later, the entry joins the list, before the entries that come after the roll's size.
//! Nobody's say-so is enough: an entry that rests on no declaration stands in the list at once.

use std::collections::BTreeMap;

use domain::{MatterId, PortfolioId, Recipient, SubjectId, Timestamp, WorkItemId};
use sha2::{Digest, Sha256};
use store::deferral::DeferralRow;
use store::log::deferred::DeferredRow;
use store::{StoreError, Unit};

use crate::entry::{Entry, EntryOutcome, Lapse};
use crate::outline::Outline;
use crate::site_keys::SiteKeys;
use crate::stub::Stub;
use crate::{Target, portfolio_chain};

/// The longest that one declaration defers.
pub const MOST_DEFERRED_DAYS: i64 = 180;

const SECONDS_A_DAY: i64 = 86_400;

/// The last instant until which a declaration of this moment defers.
pub(crate) fn latest(at: Timestamp) -> Timestamp {
    at.plus_seconds(MOST_DEFERRED_DAYS * SECONDS_A_DAY)
}

/// Under which name the conditions of a work item are filed whose showing is deferred, or was: what is asked under it
/// finds them there alone, and so cannot be taken for an ordinary use.
#[must_use]
pub fn under_deferral(item: WorkItemId) -> WorkItemId {
    let digest = Sha256::new_with_prefix(b"moretus/under-deferral/1\n").chain_update(item.bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    WorkItemId::from_bytes(bytes)
}

/// How what is asked under a work item is shown to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Showing {
    /// Nobody looked: at once, as is usual.
    Supposed,
    /// At once: nothing was ever declared.
    AtOnce,
    /// From an instant on. The work item's conditions are filed under its other name, also when that is over.
    From(Timestamp),
}

impl Showing {
    /// Whether conditions of the work item are filed under its other name.
    pub(crate) fn is_apart(self) -> bool {
        matches!(self, Self::From(_))
    }

    /// The target with the name of its work item under which conditions are filed.
    pub(crate) fn filed(self, target: Target) -> Target {
        let item = target.item.map(|item| if self.is_apart() { under_deferral(item) } else { item });
        Target { item, ..target }
    }

    /// Until when an entry of now is deferred.
    pub(crate) fn deferred(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::From(until) if now < until => Some(until),
            _ => None,
        }
    }
}

/// How what is asked under these work items is shown, in their order.
pub(crate) fn showings(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    items: &[Option<WorkItemId>],
) -> Result<Vec<Showing>, StoreError> {
    let is_any = store::deferral::is_any(unit, portfolio)?;
    let mut showing = |item: &Option<WorkItemId>| {
        let Some(item) = item.filter(|_| is_any) else { return Ok(Showing::AtOnce) };
        // A legal matter's id is its work item's.
        let matter = MatterId::from_bytes(*item.bytes());
        let newest: Option<DeferralRow> = store::deferral::newest(unit, portfolio, matter)?;
        Ok(newest.map_or(Showing::AtOnce, |row| Showing::From(row.until)))
    };
    items.iter().map(&mut showing).collect()
}

/// What an entry means for others: which are deferred, and which lapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing.
    Plain,
    /// It declares that what is asked under a work item is shown from an instant on only.
    Declares { portfolio: PortfolioId, item: WorkItemId, until: Timestamp },
    /// It says that its showing is deferred.
    Deferred { portfolio: PortfolioId, item: WorkItemId, at: Timestamp },
    /// Its body was erased; its showing was deferred under this work item.
    Erased { item: WorkItemId },
    /// It has nothing to do with deferring: it declares that entries lapsed.
    Lapses { portfolio: PortfolioId, lapse: Lapse, at: Timestamp },
}

impl Mark {
    /// Reads what is stored of an entry. Nearly all have no mark, and are not read further.
    pub(crate) fn of(body: &[u8]) -> Self {
        if let Some(stub) = Stub::of(body) {
            return Self::of_stub(&stub);
        }
        let is_marked = Outline::of(body).is_some_and(|outline| outline.is_marked);
        if is_marked { Self::of_marked(body) } else { Self::Plain }
    }

    /// What is left of an erased entry.
    pub(crate) fn of_stub(stub: &Stub) -> Self {
        stub.item.map_or(Self::Plain, |item| Self::Erased { item })
    }

    /// Reads the body of an entry that has a mark.
    pub(crate) fn of_marked(body: &[u8]) -> Self {
        let Some(entry) = Entry::from_bytes(body) else { return Self::Plain };
        let (portfolio, at) = (entry.portfolio, entry.at);
        let is_about_nobody = entry.subject == portfolio_chain(portfolio);
        if let Some(lapse) = entry.lapse {
            let is_declared = is_about_nobody && entry.outcome == EntryOutcome::Changed;
            return if is_declared { Self::Lapses { portfolio, lapse, at } } else { Self::Plain };
        }
        let Some(item) = entry.item else { return Self::Plain };
        match (entry.deferred, entry.defers) {
            (None, Some(until))
                if is_about_nobody
                    && entry.outcome == EntryOutcome::Changed
                    && entry.actor_recipient == Recipient::DataProtectionOfficer =>
            {
                Self::Declares { portfolio, item, until: until.min(latest(at)) }
            }
            (Some(_), None) if !is_about_nobody => Self::Deferred { portfolio, item, at },
            _ => Self::Plain,
        }
    }
}

/// The newest declaration about each work item of a portfolio, as far as the log was followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deferrals(BTreeMap<(PortfolioId, WorkItemId), Timestamp>);

/// Where they are kept beside the chains, and as how many bytes each.
const STATE: &str = "deferrals";
const BYTES: usize = 40;

impl Deferrals {
    /// Takes the next entry of the log in. Answers the work item under which it is deferred, if it is.
    pub(crate) fn follow(&mut self, mark: Mark) -> Option<WorkItemId> {
        match mark {
            Mark::Plain | Mark::Lapses { .. } => None,
            Mark::Erased { item } => Some(item),
            Mark::Declares { portfolio, item, until } => {
                self.0.insert((portfolio, item), until);
                None
            }
            Mark::Deferred { portfolio, item, at } => {
                self.0.get(&(portfolio, item)).filter(|until| **until > at).map(|_| item)
            }
        }
    }

    /// Whether what was asked under a work item is due at this instant. A matter is of one portfolio; were it of two,
    /// the longer deferral would count for what each of them deferred.
    pub(crate) fn is_due(&self, item: WorkItemId, at: Timestamp) -> bool {
        self.0.iter().filter(|((_, known), _)| *known == item).all(|(_, until)| *until <= at)
    }

    /// As the sealer keeps them.
    pub(crate) fn read(unit: &mut Unit<'_>) -> Result<Self, StoreError> {
        let stored = store::log::tree::state(unit, STATE)?.unwrap_or_default();
        Self::from_bytes(&stored).ok_or(StoreError::Corrupt { table: "log_state" })
    }

    pub(crate) fn write(&self, unit: &mut Unit<'_>) -> Result<(), StoreError> {
        store::log::tree::set_state(unit, STATE, &self.to_bytes())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (records, rest) = bytes.as_chunks::<BYTES>();
        let record = |record: &[u8; BYTES]| {
            let (portfolio, rest) = record.split_first_chunk::<16>()?;
            let (item, until) = rest.split_first_chunk::<16>()?;
            let until = i64::from_be_bytes(until.try_into().ok()?);
            let key = (PortfolioId::from_bytes(*portfolio), WorkItemId::from_bytes(*item));
            Some((key, Timestamp::from_micros(until)))
        };
        let read = records.iter().map(record).collect::<Option<_>>().map(Self);
        // Whatever does not read back as it was is no state that was written.
        read.filter(|read| rest.is_empty() && read.to_bytes() == bytes)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let record = |((portfolio, item), until): (&(PortfolioId, WorkItemId), &Timestamp)| {
            [portfolio.bytes().as_slice(), item.bytes(), &until.micros().to_be_bytes()].concat()
        };
        self.0.iter().flat_map(record).collect()
    }
}

/// The entries that join their lists at a roll of this instant, in their order: the chains must go up to the roll's size.
pub(crate) fn due(unit: &mut Unit<'_>, at: Timestamp) -> Result<Vec<DeferredRow>, StoreError> {
    let deferrals = Deferrals::read(unit)?;
    let mut waiting = store::log::deferred::waiting(unit)?;
    waiting.retain(|row| deferrals.is_due(row.item, at));
    Ok(waiting)
}

/// The tokens under which rolls commit deferred chains. Only the site can tell whose one is.
#[derive(Clone)]
pub(crate) struct DeferredTokens(zeroize::Zeroizing<[u8; 32]>);

impl DeferredTokens {
    pub(crate) fn of(site: &SiteKeys) -> Self {
        Self(site.deferral_key())
    }

    /// The token of a person's deferred chain.
    pub(crate) fn token(&self, subject: SubjectId) -> [u8; 32] {
        crate::site_keys::keyed(&self.0, b"chain", &[subject.bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = SECONDS_A_DAY * 1_000_000;

    fn mark(entry: &Entry) -> Mark {
        Mark::of(&entry.to_bytes())
    }

    fn declaration(until: i64) -> Entry {
        let portfolio = PortfolioId::from_bytes([3; 16]);
        Entry {
            portfolio,
            subject: portfolio_chain(portfolio),
            item: Some(WorkItemId::from_bytes([9; 16])),
            actor_recipient: Recipient::DataProtectionOfficer,
            outcome: EntryOutcome::Changed,
            defers: Some(Timestamp::from_micros(until)),
            ..crate::entry::tests::entry()
        }
    }

    fn asked(at: i64) -> Entry {
        Entry {
            portfolio: PortfolioId::from_bytes([3; 16]),
            item: Some(WorkItemId::from_bytes([9; 16])),
            at: Timestamp::from_micros(at),
            deferred: Some(Timestamp::from_micros(i64::MAX)),
            ..crate::entry::tests::entry()
        }
    }

    #[test]
    fn an_entry_is_deferred_only_under_a_declaration_before_it() {
        let mut deferrals = Deferrals::default();
        assert_eq!(deferrals.follow(mark(&asked(5))), None, "its own word is not enough");
        assert_eq!(deferrals.follow(mark(&declaration(20))), None);
        assert!(deferrals.follow(mark(&asked(5))).is_some());
        assert_eq!(deferrals.follow(mark(&asked(20))), None, "it is over");
        let other = Entry { item: Some(WorkItemId::from_bytes([8; 16])), ..asked(5) };
        assert_eq!(deferrals.follow(mark(&other)), None, "of another work item");
        let elsewhere = Entry { portfolio: PortfolioId::from_bytes([4; 16]), ..asked(5) };
        assert_eq!(deferrals.follow(mark(&elsewhere)), None, "in another portfolio");
        assert_eq!(Deferrals::from_bytes(&deferrals.to_bytes()), Some(deferrals.clone()));
        assert_eq!(Deferrals::from_bytes(&deferrals.to_bytes()[1..]), None);
        let item = WorkItemId::from_bytes([9; 16]);
        let due = |at| deferrals.is_due(item, Timestamp::from_micros(at));
        assert_eq!([due(19), due(20)], [false, true]);
        assert!(deferrals.is_due(WorkItemId::from_bytes([8; 16]), Timestamp::from_micros(0)));
    }

    #[test]
    fn only_the_officer_declares_about_nobody_and_for_a_time() {
        let of_staff = Entry { actor_recipient: Recipient::LegalStaff, ..declaration(20) };
        let about_somebody = Entry { subject: SubjectId::from_bytes([4; 16]), ..declaration(20) };
        let of_an_ask = Entry { outcome: EntryOutcome::Granted, ..declaration(20) };
        for entry in [of_staff, about_somebody, of_an_ask] {
            assert_eq!(mark(&entry), Mark::Plain);
        }
        let at = declaration(0).at.micros();
        let Mark::Declares { until, .. } = mark(&declaration(i64::MAX)) else { panic!("no declaration") };
        assert_eq!(until.micros(), at + MOST_DEFERRED_DAYS * DAY);
    }
}
