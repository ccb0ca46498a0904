//! The chains: for each subject a running hash over its entries, brought up to date by the sealer in large
//! batches and before every roll, which commits the map of them. A batch goes in slices of subjects, each a
//! short unit; how far it has come is written with each slice, so that it goes on after any interruption.
//!
//! Entries whose showing is deferred go into a chain of another kind, and join the subject's own one when a roll finds
//! them due: in that roll's map, and in the stored chain with the batch that begins at the roll's size.

use std::collections::BTreeMap;

use domain::{SubjectId, Timestamp};
use store::log::Entry as Stored;
use store::log::chain::ChainRow;
use store::log::deferred::DeferredRow;
use store::{StoreError, Unit};
use transparency::map::token;
use transparency::tile::TILE_WIDTH;
use transparency::{ChainState, Hash, MapIndex, Tile, TileId, Token, leaf_hash};

use crate::GateError;
use crate::bulk::Salts;
use crate::deferral::{Deferrals, DeferredTokens, Mark, due};
use crate::index::{entries_from, indexed};
use crate::sealer::{Sealer, number, signed};
use crate::stub::committed;

/// Entries that wait for their chains before a batch is taken. The larger, the fewer writes for each entry:
/// a batch writes every page of the chains about once.
pub(crate) const ENTRIES_A_BATCH: u64 = 65_536;
/// Subjects whose chains are moved on in one unit.
const SUBJECTS_A_SLICE: usize = 500;
/// Entries read at a time.
const ENTRIES_A_READ: u64 = 4_096;
/// The kind of a subject's own chain.
pub(crate) const OWN_CHAIN: i64 = 0;
/// The kind of the chain of a subject's deferred entries: they stay in it when they join the own one.
pub(crate) const DEFERRED_CHAIN: i64 = 1;
/// Chains read at a time for a roll.
pub(crate) const CHAINS_A_PAGE: usize = 10_000;

/// How far the chains have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The leaf up to which every chain goes.
    pub(crate) done: u64,
    /// The batch under way: its end, and the last subject whose chain goes that far.
    pub(crate) batch: Option<(u64, SubjectId)>,
}

/// What a batch adds to the chains of one subject.
#[derive(Default)]
struct Links {
    /// Entries that waited and join the own chain first.
    joining: Vec<DeferredRow>,
    /// Leaves with their commitments.
    own: Vec<(u64, Hash)>,
    /// Entries whose showing is deferred.
    deferred: Vec<DeferredRow>,
}

/// A batch, or what is left of one that is under way.
struct Batch {
    progress: Progress,
    end: u64,
    links: BTreeMap<SubjectId, Links>,
    /// What is declared up to its end; none when it is as before.
    deferrals: Option<Deferrals>,
}

/// What one unit writes.
struct Slice {
    links: Vec<(SubjectId, Links)>,
    from: Progress,
    to: Progress,
    deferrals: Option<Deferrals>,
}

impl Progress {
    /// The leaf up to which this subject's chain goes.
    pub(crate) fn end_of(self, subject: SubjectId) -> u64 {
        self.batch.filter(|(_, last)| subject <= *last).map_or(self.done, |(end, _)| end)
    }

    pub(crate) fn read(unit: &mut Unit<'_>) -> Result<Self, StoreError> {
        let stored = store::log::tree::state(unit, "chained")?.unwrap_or_default();
        let damaged = StoreError::Corrupt { table: "log_state" };
        match stored.as_slice().split_first_chunk::<8>() {
            None => Ok(Self { done: 0, batch: None }),
            Some((done, [])) => Ok(Self { done: u64::from_be_bytes(*done), batch: None }),
            Some((done, rest)) => {
                let (end, subject) = rest.split_first_chunk::<8>().ok_or(damaged.clone())?;
                let subject = SubjectId::try_from(subject).map_err(|_| damaged)?;
                Ok(Self { done: u64::from_be_bytes(*done), batch: Some((u64::from_be_bytes(*end), subject)) })
            }
        }
    }

    fn write(self, unit: &mut Unit<'_>) -> Result<(), StoreError> {
        let mut bytes = self.done.to_be_bytes().to_vec();
        if let Some((end, subject)) = self.batch {
            bytes.extend(end.to_be_bytes());
            bytes.extend(subject.bytes());
        }
        store::log::tree::set_state(unit, "chained", &bytes)
    }
}

impl Sealer {
    /// Brings the chains up to the end of the index, when at least `least` entries wait for it.
    pub(crate) async fn chain(&self, least: u64) -> Result<(), GateError> {
        let store = &self.gate().inner.store;
        while self.lease().await? {
            let salts = Salts::of(&self.gate().inner.site);
            let Some(batch) = store.read(move |unit| waiting(unit, least, &salts)).await? else {
                if least <= 1 {
                    self.none_unchained();
                }
                break;
            };
            let Batch { mut progress, end, links, deferrals } = batch;
            let mut links = links.into_iter().peekable();
            while links.peek().is_some() {
                let slice: Vec<_> = links.by_ref().take(SUBJECTS_A_SLICE).collect();
                let last = slice.last().map(|(subject, _)| *subject).filter(|_| links.peek().is_some());
                let (to, deferrals) = match last {
                    Some(last) => (Progress { done: progress.done, batch: Some((end, last)) }, None),
                    None => (Progress { done: end, batch: None }, deferrals.clone()),
                };
                self.extend(Slice { links: slice, from: progress, to, deferrals }).await?;
                progress = to;
            }
        }
        Ok(())
    }

    /// Moves the chains of a slice on, and the progress with them.
    async fn extend(&self, slice: Slice) -> Result<(), GateError> {
        let tokens = DeferredTokens::of(&self.gate().inner.site);
        let write = move |unit: &mut Unit<'_>| {
            // INVARIANT: each entry is in its chain once; another sealer's slice undoes this one.
            if Progress::read(unit)? != slice.from {
                return Err(StoreError::Changed);
            }
            let moved = |links: &Links| !(links.own.is_empty() && links.joining.is_empty());
            extend_kind(unit, OWN_CHAIN, &slice.links, moved, |subject| token(subject.bytes()))?;
            let moved = |links: &Links| !links.deferred.is_empty();
            extend_kind(unit, DEFERRED_CHAIN, &slice.links, moved, |subject| tokens.token(subject))?;
            let joined = |row: &DeferredRow| DeferredRow { joined: Some(signed(slice.from.done)), ..*row };
            let rows = slice.links.iter().flat_map(|(_, links)| {
                links.joining.iter().map(joined).chain(links.deferred.iter().copied())
            });
            store::log::deferred::put_many(unit, &rows.collect::<Vec<_>>())?;
            if let Some(deferrals) = &slice.deferrals {
                deferrals.write(unit)?;
            }
            slice.to.write(unit)
        };
        Ok(self.gate().inner.store.write(write).await?)
    }

    /// The map of all chains as a roll of this instant commits it, and the size of the log that they take in.
    pub(crate) async fn map(&self, at: Timestamp) -> Result<(u64, MapIndex), GateError> {
        let built = self
            .gate()
            .inner
            .store
            .read(move |unit| {
                let progress = Progress::read(unit)?;
                if progress != (Progress { done: indexed(unit)?, batch: None }) {
                    return Err(StoreError::Changed);
                }
                let due = due(unit, at)?;
                Ok::<_, StoreError>((progress.done, ends(unit, &due)?))
            })
            .await?;
        let (size, ends) = built;
        let bits = MapIndex::bits_for(ends.len() as u64);
        let index =
            MapIndex::build(bits, ends).map_err(|error| GateError::Log { problem: error.to_string() })?;
        Ok((size, index))
    }
}

/// Moves the chains of one kind on.
fn extend_kind(
    unit: &mut Unit<'_>,
    kind: i64,
    slice: &[(SubjectId, Links)],
    is_moved: impl Fn(&Links) -> bool,
    token: impl Fn(SubjectId) -> Token,
) -> Result<(), StoreError> {
    let moved = slice.iter().filter(|(_, links)| is_moved(links));
    let subjects: Vec<SubjectId> = moved.clone().map(|(subject, _)| *subject).collect();
    if subjects.is_empty() {
        return Ok(());
    }
    let known = store::log::chain::get_many(unit, kind, &subjects)?;
    let row = |(subject, links): &(SubjectId, Links)| {
        let before = known.get(subject).map_or(ChainState::START, end_of);
        let after = if kind == OWN_CHAIN {
            let joined = links.joining.iter().fold(before, extended);
            joined.extend_all(links.own.iter().map(|(leaf, commitment)| (*leaf, commitment)))
        } else {
            links.deferred.iter().fold(before, extended)
        };
        let (count, head) = (signed(after.count), after.head);
        ChainRow { subject: *subject, kind, token: token(*subject), count, head }
    };
    store::log::chain::put_many(unit, &moved.map(row).collect::<Vec<_>>())
}

/// Where a stored chain ends.
pub(crate) fn end_of(row: &ChainRow) -> ChainState {
    ChainState { count: number(row.count), head: row.head }
}

/// A chain with a deferred entry more.
pub(crate) fn extended(chain: ChainState, row: &DeferredRow) -> ChainState {
    chain.extend(number(row.leaf), &row.commitment)
}

/// The ends of all chains by token, of both kinds, once these entries have joined their own ones.
pub(crate) fn ends(
    unit: &mut Unit<'_>,
    joining: &[DeferredRow],
) -> Result<Vec<(Token, ChainState)>, StoreError> {
    let mut joined: BTreeMap<Token, Vec<&DeferredRow>> = BTreeMap::new();
    for row in joining {
        joined.entry(token(row.subject.bytes())).or_default().push(row);
    }
    let mut with_joining = |token: Token, chain: ChainState| {
        let rows = joined.remove(&token).unwrap_or_default();
        (token, rows.into_iter().fold(chain, extended))
    };
    let mut ends = Vec::new();
    for kind in [OWN_CHAIN, DEFERRED_CHAIN] {
        let mut after = None;
        loop {
            let page = store::log::chain::page_by_token(unit, kind, after, CHAINS_A_PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.token);
            ends.extend(page.iter().map(|row| with_joining(row.token, end_of(row))));
        }
    }
    // Of whom nothing stands in their own chain yet.
    let first =
        joined.into_iter().map(|(token, rows)| (token, rows.into_iter().fold(ChainState::START, extended)));
    ends.extend(first);
    // Two rising sequences, and a few: sorting them is little more than merging.
    ends.sort_by_key(|(token, _)| *token);
    Ok(ends)
}

/// The batch that is under way or, when at least `least` entries wait, the next one.
fn waiting(unit: &mut Unit<'_>, least: u64, salts: &Salts) -> Result<Option<Batch>, StoreError> {
    let (progress, indexed) = (Progress::read(unit)?, indexed(unit)?);
    let (limit, after) = match progress.batch {
        Some((end, subject)) => (end, Some(subject)),
        None if indexed.saturating_sub(progress.done) < least.max(1) => return Ok(None),
        None => (indexed.min(progress.done + ENTRIES_A_BATCH), None),
    };
    let mut links: BTreeMap<SubjectId, Links> = BTreeMap::new();
    for row in joining(unit, progress.done)? {
        links.entry(row.subject).or_default().joining.push(row);
    }
    let before = Deferrals::read(unit)?;
    let mut deferrals = before.clone();
    let (mut end, mut places) = (progress.done, 0);
    // An entry about many is linked into as many chains; a batch that is under way goes as far as it was meant to.
    while end < limit && (places < ENTRIES_A_BATCH || progress.batch.is_some()) {
        // Whole groups are read, so a batch ends with the group that its last entry is in.
        let entries = entries_from(unit, end, ENTRIES_A_READ.min(limit - end))?;
        let Some((last, _)) = entries.last() else { return Err(StoreError::Corrupt { table: "disclosure" }) };
        end = last + 1;
        for ((leaf, entry), commitment) in entries.iter().zip(as_sealed(unit, &entries, salts)?) {
            let deferred = deferrals.follow(Mark::of(&entry.body));
            for subject in entry.listed() {
                let of_subject = links.entry(subject).or_default();
                match deferred {
                    None => of_subject.own.push((*leaf, commitment)),
                    Some(item) => {
                        let leaf = signed(*leaf);
                        let row = DeferredRow { subject, leaf, item, commitment, joined: None };
                        of_subject.deferred.push(row);
                    }
                }
                places += 1;
            }
        }
    }
    if let Some(after) = after {
        links = links.split_off(&after);
        links.remove(&after);
    }
    let deferrals = Some(deferrals).filter(|deferrals| *deferrals != before);
    Ok(Some(Batch { progress, end, links, deferrals }))
}

/// The entries that have joined at a roll of this size, and are not in their stored chains yet.
pub(crate) fn joining(unit: &mut Unit<'_>, size: u64) -> Result<Vec<DeferredRow>, StoreError> {
    match store::log::tree::latest_roll(unit)?.filter(|roll| number(roll.size) == size) {
        Some(roll) => due(unit, roll.at),
        None => Ok(Vec::new()),
    }
}

/// The commitments of entries that are as they were sealed: what was altered since must not come into a chain
/// that a roll signs.
pub(crate) fn as_sealed(
    unit: &mut Unit<'_>,
    entries: &[(u64, Stored)],
    salts: &Salts,
) -> Result<Vec<Hash>, StoreError> {
    let mut tile: Option<(u64, Vec<Hash>)> = None;
    let mut commitments = Vec::with_capacity(entries.len());
    for (leaf, entry) in entries {
        let (index, place) = (leaf / TILE_WIDTH as u64, (leaf % TILE_WIDTH as u64) as usize);
        if tile.as_ref().is_none_or(|(known, _)| *known != index) {
            let bytes = store::log::tree::tile(unit, 0, signed(index))?.unwrap_or_default();
            let hashes = Tile::hashes_from_bytes(TileId { level: 0, index }, &bytes);
            tile = Some((index, hashes.unwrap_or_default()));
        }
        let commitment = committed(&entry.body);
        let sealed = tile.as_ref().and_then(|(_, hashes)| hashes.get(place));
        if sealed != Some(&leaf_hash(&commitment)) || !salts.are_true(entry) {
            return Err(StoreError::Corrupt { table: "disclosure" });
        }
        commitments.push(commitment);
    }
    Ok(commitments)
}
