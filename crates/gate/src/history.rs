//! What a person is told of the log: when, why, under which clause, to whom by role and team, and
//! outside recipients by name. An employee's name is not in it.

use domain::{
    CategorySet, Country, Purpose, Recipient, RecipientId, SubjectId, Timestamp, TransferSafeguardSet,
};
use store::log::Entry as Stored;
use store::{Position, StoreError, Unit};
use transparency::{ChainState, commitment};

use crate::chains::{OWN_CHAIN, Progress};
use crate::entry::{EntryOutcome, subject_of};
use crate::index::{entries_from, indexed};
use crate::sealer::number;
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
}

impl<S: domain::Views> Grant<S> {
    /// The entries about one subject, oldest first. Only for a grant to answer an access request.
    pub async fn history(&self, subject: SubjectId) -> Result<Vec<HistoryLine>, GateError> {
        self.shown(subject)?;
        if self.purpose() != Purpose::AccessRequest {
            return Err(GateError::Compute("the list of disclosures is shown for an access request only"));
        }
        let stored = self.inner().store.read(move |unit| entries_of(unit, subject)).await?;
        let line = |stored: Stored| {
            let is_theirs = subject_of(&stored.body) == Some(subject);
            HistoryLine::of_body(&stored.body).filter(|_| is_theirs).ok_or_else(|| GateError::Log {
                problem: "an entry does not read, or is another's: it was altered".to_owned(),
            })
        };
        stored.into_iter().map(line).collect()
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
        })
    }
}

/// The entries of a subject in order: those in the index, those sealed since, those not sealed yet.
pub(crate) fn entries_of(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<Stored>, StoreError> {
    let mut entries: Vec<Stored> =
        indexed_entries(unit, subject)?.into_iter().map(|(_, entry)| entry).collect();
    let from = indexed(unit)?;
    let since = entries_from(unit, from, u64::MAX)?;
    entries.extend(since.into_iter().map(|(_, entry)| entry).filter(|entry| entry.subject == subject));
    entries.extend(store::log::pending_of(unit, subject)?);
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}

/// The entries of a subject that the index leads to, with their leaves, in order. As far as chains go they must
/// be those of the subject's chain: less would be told as if it were all.
pub(crate) fn indexed_entries(
    unit: &mut Unit<'_>,
    subject: SubjectId,
) -> Result<Vec<(u64, Stored)>, StoreError> {
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
    let entries: Vec<(u64, Stored)> = leaves.into_iter().zip(entries).collect();
    let end = Progress::read(unit)?.end_of(subject);
    let chain = entries
        .iter()
        .filter(|(leaf, _)| *leaf < end)
        .fold(ChainState::START, |chain, (leaf, entry)| chain.extend(*leaf, &commitment(&entry.body)));
    let stored = store::log::chain::get_many(unit, OWN_CHAIN, &[subject])?.remove(&subject);
    let stored =
        stored.map_or(ChainState::START, |row| ChainState { count: number(row.count), head: row.head });
    if chain != stored {
        return Err(StoreError::Corrupt { table: "chain" });
    }
    Ok(entries)
}
