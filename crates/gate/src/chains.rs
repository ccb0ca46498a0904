//! The chains: for each subject a running hash over its entries, brought up to date by the sealer in large
//! batches and before every roll, which commits the map of them. A batch goes in slices of subjects, each a
//! short unit; how far it has come is written with each slice, so that it goes on after any interruption.

use std::collections::BTreeMap;

use domain::SubjectId;
use store::log::Entry as Stored;
use store::log::chain::ChainRow;
use store::{StoreError, Unit};
use transparency::map::token;
use transparency::tile::TILE_WIDTH;
use transparency::{ChainState, Hash, MapIndex, Tile, TileId, commitment, leaf_hash};

use crate::GateError;
use crate::entry::subject_of;
use crate::index::{entries_from, indexed};
use crate::sealer::{Sealer, number, signed};

/// Entries that wait for their chains before a batch is taken. The larger, the fewer writes for each entry:
/// a batch writes every page of the chains about once.
pub(crate) const ENTRIES_A_BATCH: u64 = 65_536;
/// Subjects whose chains are moved on in one unit.
const SUBJECTS_A_SLICE: usize = 500;
/// Entries read at a time.
const ENTRIES_A_READ: u64 = 4_096;
/// The kind of a subject's own chain; deferred and bulk chains will have numbers of their own.
pub(crate) const OWN_CHAIN: i64 = 0;
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

/// Leaves with their commitments, by subject.
type Links = BTreeMap<SubjectId, Vec<(u64, Hash)>>;

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
            let Some((mut progress, end, links)) = store.read(move |unit| waiting(unit, least)).await? else {
                break;
            };
            let mut links = links.into_iter().peekable();
            while links.peek().is_some() {
                let slice: Vec<_> = links.by_ref().take(SUBJECTS_A_SLICE).collect();
                let last = slice.last().map(|(subject, _)| *subject).filter(|_| links.peek().is_some());
                let next = match last {
                    Some(last) => Progress { done: progress.done, batch: Some((end, last)) },
                    None => Progress { done: end, batch: None },
                };
                self.extend(slice, progress, next).await?;
                progress = next;
            }
        }
        Ok(())
    }

    /// Moves the chains of a slice on, and the progress with them.
    async fn extend(
        &self,
        slice: Vec<(SubjectId, Vec<(u64, Hash)>)>,
        from: Progress,
        to: Progress,
    ) -> Result<(), GateError> {
        let subjects: Vec<SubjectId> = slice.iter().map(|(subject, _)| *subject).collect();
        let write = move |unit: &mut Unit<'_>| {
            // INVARIANT: each entry is in its chain once; another sealer's slice undoes this one.
            if Progress::read(unit)? != from {
                return Err(StoreError::Changed);
            }
            let known = store::log::chain::get_many(unit, OWN_CHAIN, &subjects)?;
            let chains: Vec<ChainRow> = slice
                .iter()
                .map(|(subject, links)| {
                    let known = known.get(subject);
                    let before = known.map_or(ChainState::START, |row| ChainState {
                        count: number(row.count),
                        head: row.head,
                    });
                    let after = links
                        .iter()
                        .fold(before, |chain, (leaf, commitment)| chain.extend(*leaf, commitment));
                    ChainRow {
                        subject: *subject,
                        kind: OWN_CHAIN,
                        token: token(subject.bytes()),
                        count: signed(after.count),
                        head: after.head,
                    }
                })
                .collect();
            store::log::chain::put_many(unit, &chains)?;
            to.write(unit)
        };
        Ok(self.gate().inner.store.write(write).await?)
    }

    /// The map of all chains, and the size of the log that they take in.
    pub(crate) async fn map(&self) -> Result<(u64, MapIndex), GateError> {
        let built = self
            .gate()
            .inner
            .store
            .read(|unit| {
                let progress = Progress::read(unit)?;
                if progress != (Progress { done: indexed(unit)?, batch: None }) {
                    return Err(StoreError::Changed);
                }
                let mut ends = Vec::new();
                let mut after = None;
                loop {
                    let page = store::log::chain::page_by_token(unit, OWN_CHAIN, after, CHAINS_A_PAGE)?;
                    let Some(last) = page.last() else { break };
                    after = Some(last.token);
                    ends.extend(
                        page.iter()
                            .map(|row| (row.token, ChainState { count: number(row.count), head: row.head })),
                    );
                }
                Ok::<_, StoreError>((progress.done, ends))
            })
            .await?;
        let (size, ends) = built;
        let bits = MapIndex::bits_for(ends.len() as u64);
        let index =
            MapIndex::build(bits, ends).map_err(|error| GateError::Log { problem: error.to_string() })?;
        Ok((size, index))
    }
}

/// The batch that is under way or, when at least `least` entries wait, the next one: how far the chains have
/// come, where it ends, and what is left of it.
fn waiting(unit: &mut Unit<'_>, least: u64) -> Result<Option<(Progress, u64, Links)>, StoreError> {
    let (progress, indexed) = (Progress::read(unit)?, indexed(unit)?);
    let (limit, after) = match progress.batch {
        Some((end, subject)) => (end, Some(subject)),
        None if indexed.saturating_sub(progress.done) < least.max(1) => return Ok(None),
        None => (indexed.min(progress.done + ENTRIES_A_BATCH), None),
    };
    let mut links = Links::new();
    let mut end = progress.done;
    while end < limit {
        // Whole groups are read, so a batch ends with the group that its last entry is in.
        let entries = entries_from(unit, end, ENTRIES_A_READ.min(limit - end))?;
        let Some((last, _)) = entries.last() else { return Err(StoreError::Corrupt { table: "disclosure" }) };
        end = last + 1;
        for ((leaf, entry), commitment) in entries.iter().zip(as_sealed(unit, &entries)?) {
            links.entry(entry.subject).or_default().push((*leaf, commitment));
        }
    }
    if let Some(after) = after {
        links = links.split_off(&after);
        links.remove(&after);
    }
    Ok(Some((progress, end, links)))
}

/// The commitments of entries that are as they were sealed: what was altered since must not come into a chain
/// that a roll signs.
fn as_sealed(unit: &mut Unit<'_>, entries: &[(u64, Stored)]) -> Result<Vec<Hash>, StoreError> {
    let mut tile: Option<(u64, Vec<Hash>)> = None;
    let mut commitments = Vec::with_capacity(entries.len());
    for (leaf, entry) in entries {
        let (index, place) = (leaf / TILE_WIDTH as u64, (leaf % TILE_WIDTH as u64) as usize);
        if tile.as_ref().is_none_or(|(known, _)| *known != index) {
            let bytes = store::log::tree::tile(unit, 0, signed(index))?.unwrap_or_default();
            let read = Tile::from_bytes(TileId { level: 0, index }, &bytes);
            tile = Some((index, read.map_or_else(|_| Vec::new(), |tile| tile.hashes)));
        }
        let commitment = commitment(&entry.body);
        let sealed = tile.as_ref().and_then(|(_, hashes)| hashes.get(place));
        let is_theirs = subject_of(&entry.body).is_none_or(|subject| subject == entry.subject);
        if sealed != Some(&leaf_hash(&commitment)) || !is_theirs {
            return Err(StoreError::Corrupt { table: "disclosure" });
        }
        commitments.push(commitment);
    }
    Ok(commitments)
}
