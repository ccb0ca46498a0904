//! Reading a whole log in parts that fit in memory: sealed entries in order of their leaves, and tiles when
//! they are asked for. It compares nothing but the size of groups.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;

use store::log::tree::TileRow;
use store::log::{Entry as Stored, SealedBatch};
use store::{StoreError, Unit};
use transparency::{Hash, Tile, TileId, TileSource};

use super::LogFault;
use crate::sealer::{number, signed, tile_id};

/// Entries read at a time, unless a single group has more. One about many takes some 100 KB while it is looked at.
const ENTRIES_A_PART: u64 = 1_024;
/// Groups whose places are read at a time.
const GROUPS: usize = 1_024;

/// Why verifying ended before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    Store(StoreError),
    Fault(LogFault),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<F: Into<LogFault>> From<F> for Stop {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// The sealed entries from the first leaf on.
#[derive(Default)]
pub(crate) struct SealedEntries {
    next: u64,
    groups: VecDeque<SealedBatch>,
}

impl SealedEntries {
    /// The next entries with their leaves, whole groups; none at the end of the log.
    pub(crate) fn read(&mut self, unit: &mut Unit<'_>) -> Result<Vec<(u64, Stored)>, Stop> {
        if self.groups.is_empty() {
            self.groups = store::log::sealed_from(unit, signed(self.next), GROUPS)?.into();
        }
        let run = self.take_run();
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(Vec::new()) };
        let mut stored = store::log::entries_between(unit, first.batch, last.batch)?.into_iter().peekable();
        let mut entries = Vec::with_capacity(stored.len());
        for group in &run {
            // Numbers between may be those of groups that are sealed elsewhere, or not yet.
            while stored.next_if(|entry| entry.position.batch < group.batch).is_some() {}
            let before = entries.len();
            let mut leaf = number(group.first_leaf);
            while let Some(entry) = stored.next_if(|entry| entry.position.batch == group.batch) {
                entries.push((leaf, entry));
                leaf += 1;
            }
            let found = (entries.len() - before) as u64;
            // A group without entries would be read for ever.
            if found == 0 || i64::try_from(found) != Ok(group.count) || group.first_leaf < 0 {
                let (leaf, expected) = (group.first_leaf, group.count);
                return Err(LogFault::Group { leaf, found, expected }.into());
            }
            self.next = leaf;
        }
        Ok(entries)
    }

    /// The next groups whose entries one statement reads: their numbers rise as their leaves do.
    fn take_run(&mut self) -> Vec<SealedBatch> {
        let mut run: Vec<SealedBatch> = Vec::new();
        let mut count = 0;
        while let Some(group) = self.groups.front().copied() {
            count += number(group.count);
            let follows = run.last().is_none_or(|last| last.batch < group.batch);
            if !follows || (!run.is_empty() && count > ENTRIES_A_PART) {
                break;
            }
            run.push(group);
            self.groups.pop_front();
        }
        run
    }
}

/// An entry that is followed beside, once the tree agrees.
pub(crate) struct Followed {
    pub(crate) leaf: u64,
    pub(crate) stored: Stored,
    pub(crate) commitment: Hash,
}

/// Reads tiles when they are asked for, from the same snapshot as the entries.
pub(crate) struct StoredTiles<'u, 'e>(pub(crate) RefCell<&'u mut Unit<'e>>);

impl TileSource for StoredTiles<'_, '_> {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        let bytes = store::log::tree::tile(&mut self.0.borrow_mut(), i64::from(id.level), signed(id.index))
            .ok()??;
        Some(Cow::Owned(Tile::hashes_from_bytes(id, &bytes).ok()?))
    }

    fn tiles(&self, ids: &[TileId]) -> Vec<Tile> {
        let asked: Vec<_> = ids.iter().map(|id| (i64::from(id.level), signed(id.index))).collect();
        let rows = store::log::tree::tiles(&mut self.0.borrow_mut(), &asked).unwrap_or_default();
        let tile = |row: TileRow| Tile::from_bytes(tile_id(&row)?, &row.hashes, &row.nodes).ok();
        rows.into_iter().filter_map(tile).collect()
    }
}
