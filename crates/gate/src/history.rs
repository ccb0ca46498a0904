//! What a person is told of the log: when, why, under which clause, to whom by role and team, and
//! outside recipients by name. An employee's name is not in it, and nothing of an entry whose showing is deferred
//! before it has joined their list.

use domain::{
    CategorySet, Country, Purpose, Recipient, RecipientId, SubjectId, Timestamp, TransferSafeguardSet,
};
use store::log::Entry as Stored;
use store::log::deferred::DeferredRow;
use store::{Position, StoreError, Unit};
use transparency::ChainState;

use crate::bulk::Salts;
use crate::chains::{DEFERRED_CHAIN, OWN_CHAIN, Progress, end_of, extended, joining};
use crate::deferral::Mark;
use crate::entry::EntryOutcome;
use crate::index::indexed;
use crate::outline::Outline;
use crate::sealer::{number, signed};
use crate::stub::{committed, is_erased};
use crate::{Entry, GateError, Grant};

/// One line of "who saw my data".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub purpose: Purpose,
    /// The clauses that allowed it; for a refusal, the nearest.
    pub clauses: Vec<String>,
    /// The version of the notice.
    pub notice: String,
    /// What the one who got it is.
    pub recipient: Recipient,
    /// An outside recipient's name.
    pub recipient_name: Option<String>,
    /// The outside recipient, in the register.
    pub to: Option<RecipientId>,
    /// Where the recipient is.
    pub recipient_country: Country,
    /// Where whoever asked was: of an organisation's own people, where they read it.
    pub asker_country: Country,
    /// The safeguards under which it left the European Economic Area; none where it stayed.
    pub transfer: Option<TransferSafeguardSet>,
    /// What whoever asked is.
    pub asker: Recipient,
    /// The role of whoever asked.
    pub role: String,
    /// Their team.
    pub team: Option<String>,
    /// The views asked for.
    pub view: String,
    /// What was shown.
    pub shown: CategorySet,
    /// Whether it was granted, refused, a search, or a change of a register.
    pub outcome: EntryOutcome,
    /// What was changed: which legal matter was opened for whom, and what it rests on.
    pub change: Option<String>,
    /// Until when its showing was deferred, as it was declared when the entry was written; none where it stood in the list
    /// from the beginning.
    pub deferred: Option<Timestamp>,
}

impl<S: domain::Views> Grant<S> {
    /// The entries about one subject, oldest first, but for those whose retention has run out. Only for a grant to answer
    /// an access request.
    pub async fn history(&self, subject: SubjectId) -> Result<Vec<HistoryLine>, GateError> {
        self.shown(subject)?;
        if self.purpose() != Purpose::AccessRequest {
            return Err(GateError::Compute("the list of disclosures is shown for an access request only"));
        }
        let salts = Salts::of(&self.inner().site);
        let stored = self.inner().store.read(move |unit| shown_entries_of(unit, subject, &salts)).await?;
        let line = |stored: Stored| {
            let whose = Outline::of(&stored.body).map(|outline| outline.whom.subject());
            let is_theirs = whose == Some(stored.subject) && stored.is_listed(subject);
            HistoryLine::of_body(&stored.body).filter(|_| is_theirs).ok_or_else(|| GateError::Log {
                problem: "an entry does not read, or is another's: it was altered".to_owned(),
            })
        };
        // Of what lapsed there is nothing to tell any more.
        stored.into_iter().filter(|stored| !is_erased(&stored.body)).map(line).collect()
    }
}

impl HistoryLine {
    /// What a person is told of an entry; `None` when it does not read.
    pub(crate) fn of_body(body: &[u8]) -> Option<Self> {
        let entry = Entry::from_bytes(body)?;
        Some(Self {
            at: entry.at,
            purpose: entry.purpose,
            clauses: entry.clauses,
            notice: entry.notice,
            recipient: entry.recipient,
            recipient_name: entry.recipient_name,
            to: entry.to,
            recipient_country: entry.recipient_country,
            asker_country: entry.actor_country,
            transfer: entry.transfer,
            asker: entry.actor_recipient,
            role: entry.role,
            team: entry.team,
            view: entry.view,
            shown: entry.shown,
            outcome: entry.outcome,
            change: entry.change,
            deferred: entry.deferred,
        })
    }
}

/// All entries of a subject in order: those in the index, those sealed since, those not sealed yet. Deferred ones are
/// among them: not for the person.
pub(crate) fn entries_of(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    salts: &Salts,
) -> Result<Vec<Stored>, StoreError> {
    let Indexed { list, since, hidden } = Indexed::of(unit, subject)?;
    let indexed = list.into_iter().chain(hidden).map(|(_, entry)| entry);
    let mut entries: Vec<Stored> = indexed.chain(unchained(unit, subject, since, salts)?).collect();
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}

/// The same as the person is told of them. What says that it is deferred is told when it stands in their chain: it has
/// joined, or nothing declared it deferred.
fn shown_entries_of(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    salts: &Salts,
) -> Result<Vec<Stored>, StoreError> {
    let Indexed { list, since, .. } = Indexed::of(unit, subject)?;
    let since = unchained(unit, subject, since, salts)?.into_iter();
    let since = since.filter(|entry| !matches!(Mark::of(&entry.body), Mark::Deferred { .. }));
    let mut entries: Vec<Stored> = list.into_iter().map(|(_, entry)| entry).chain(since).collect();
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}

/// The entries of a subject that no chain holds yet: those in the index, and those that are not in it yet. Whom one of many
/// is about is held to its body here, as it is before it comes into a chain.
fn unchained(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    since: Vec<(u64, Stored)>,
    salts: &Salts,
) -> Result<Vec<Stored>, StoreError> {
    let from = indexed(unit)?;
    let mut entries = Vec::with_capacity(since.len());
    for (_, entry) in since {
        entries.push(whole(unit, entry)?);
    }
    entries.extend(store::log::sealed_of_since(unit, subject, signed(from))?);
    entries.extend(store::log::pending_of(unit, subject)?);
    if !entries.iter().all(|entry| salts.are_true(entry)) {
        return Err(StoreError::Corrupt { table: "disclosure" });
    }
    Ok(entries)
}

/// An entry of somebody's list with all whom it is about.
pub(crate) fn whole(unit: &mut Unit<'_>, entry: Stored) -> Result<Stored, StoreError> {
    if entry.people.is_empty() {
        return Ok(entry);
    }
    store::log::entry_at(unit, entry.position)?.ok_or(StoreError::Corrupt { table: "disclosure" })
}

/// The entries of a subject that the index leads to, with their leaves.
#[derive(Default)]
pub(crate) struct Indexed {
    /// As far as the chains go: the person's list in its order, which has what was deferred where it joined.
    pub(crate) list: Vec<(u64, Stored)>,
    /// Beyond the chains.
    pub(crate) since: Vec<(u64, Stored)>,
    /// As far as the chains go, deferred still.
    pub(crate) hidden: Vec<(u64, Stored)>,
}

impl Indexed {
    /// As far as chains go the entries must be those of the subject's chains: less would be told as if it were all.
    pub(crate) fn of(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Self, StoreError> {
        let end = Progress::read(unit)?.end_of(subject);
        let deferred = store::log::deferred::of_subject(unit, subject)?;
        // What the last roll found due stands in the stored chain from the next batch on.
        let joining = joining(unit, end)?;
        let (mut indexed, mut placed) = (Self::default(), Vec::new());
        for (leaf, entry) in indexed_entries(unit, subject)? {
            let place = deferred.binary_search_by_key(&signed(leaf), |row| row.leaf);
            match place.ok().and_then(|place| deferred.get(place)) {
                _ if leaf >= end => indexed.since.push((leaf, entry)),
                None => placed.push(((signed(leaf), true), (leaf, entry))),
                Some(row) if row.commitment != committed(&entry.body) => {
                    return Err(StoreError::Corrupt { table: "disclosure" });
                }
                Some(row) => {
                    let is_joining = joining.iter().any(|one| (one.subject, one.leaf) == (subject, row.leaf));
                    match row.joined.or(is_joining.then_some(signed(end))) {
                        // Before the entry at the roll's size, in order of leaves.
                        Some(size) => placed.push(((size, false), (leaf, entry))),
                        None => indexed.hidden.push((leaf, entry)),
                    }
                }
            }
        }
        placed.sort_by_key(|(place, _)| *place);
        indexed.list = placed.into_iter().map(|(_, entry)| entry).collect();
        indexed.check(unit, subject, &deferred, end)?;
        Ok(indexed)
    }

    /// Holds the entries to the stored chains.
    fn check(
        &self,
        unit: &mut Unit<'_>,
        subject: SubjectId,
        deferred: &[DeferredRow],
        end: u64,
    ) -> Result<(), StoreError> {
        let joins_at_end =
            |leaf: u64| deferred.iter().any(|row| row.leaf == signed(leaf) && row.joined.is_none());
        let own = self.list.iter().filter(|(leaf, _)| !joins_at_end(*leaf));
        let own =
            own.fold(ChainState::START, |chain, (leaf, entry)| chain.extend(*leaf, &committed(&entry.body)));
        let of_deferred = deferred.iter().fold(ChainState::START, extended);
        let is_within = deferred.iter().all(|row| number(row.leaf) < end);
        for (kind, chain) in [(OWN_CHAIN, own), (DEFERRED_CHAIN, of_deferred)] {
            let stored = store::log::chain::get_many(unit, kind, &[subject])?.remove(&subject);
            if chain != stored.as_ref().map_or(ChainState::START, end_of) || !is_within {
                return Err(StoreError::Corrupt { table: "chain" });
            }
        }
        Ok(())
    }
}

/// The entries of a subject that the index leads to, with their leaves, in order.
fn indexed_entries(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<(u64, Stored)>, StoreError> {
    let (mut positions, mut leaves) = (Vec::new(), Vec::new());
    for (_, bytes) in store::log::index::of_subject(unit, subject)? {
        let (records, _) = bytes.as_chunks::<24>();
        for record in records {
            let (numbers, _) = record.as_chunks::<8>();
            let &[batch, offset, leaf] = numbers else { continue };
            positions.push(Position { batch: i64::from_be_bytes(batch), offset: i64::from_be_bytes(offset) });
            leaves.push(u64::from_be_bytes(leaf));
        }
    }
    let entries = store::log::entries_at(unit, subject, &positions)?;
    if entries.len() != positions.len() {
        return Err(StoreError::Corrupt { table: "disclosure" });
    }
    Ok(leaves.into_iter().zip(entries).collect())
}
