//! The index of the log: for each subject where its entries are, written by the sealer in sorted runs that
//! are merged in tiers, so that the hot path never writes it. Long work goes in short units, since on SQLite
//! every ask waits for the unit before it.

use std::collections::BTreeMap;

use domain::SubjectId;
use store::log::Entry as Stored;
use store::{Position, StoreError, Unit};

use crate::GateError;
use crate::sealer::{Sealer, number, signed};

/// Entries that wait for the index before a run of it is written.
pub(crate) const ENTRIES_A_RUN: u64 = 8_192;
/// Runs of a tier that are merged into one of the next.
const RUNS_A_MERGE: usize = 8;
/// Subjects of each run that are merged, or deleted, in one unit.
const SUBJECTS_A_PART: usize = 250;

/// The leaf that the index goes up to, and the entries that wait with their leaves.
type Waiting = (u64, Vec<(u64, Stored)>);

/// A subject with the places of its entries.
type Places = (SubjectId, Vec<u8>);

impl Sealer {
    /// Brings the index up to the newest leaf, when at least `least` entries wait for it; then merges.
    pub(crate) async fn index(&self, least: u64) -> Result<(), GateError> {
        let store = &self.gate().inner.store;
        while self.lease().await? {
            let (from, entries) = store.read(move |unit| waiting(unit, least)).await?;
            let Some((last, _)) = entries.last() else {
                if least <= 1 {
                    self.none_unindexed();
                }
                break;
            };
            let end = last + 1;
            let mut by_subject: BTreeMap<SubjectId, Vec<u8>> = BTreeMap::new();
            for (leaf, entry) in &entries {
                for subject in entry.listed() {
                    by_subject.entry(subject).or_default().extend(place(entry.position, *leaf));
                }
            }
            let places: Vec<Places> = by_subject.into_iter().collect();
            store
                .write(move |unit| {
                    // INVARIANT: each entry is in one run; another sealer's run undoes this one.
                    if indexed(unit)? != from {
                        return Err(StoreError::Changed);
                    }
                    store::log::index::insert_run(unit, 0, &places)?;
                    store::log::tree::set_state(unit, "indexed", &end.to_be_bytes())
                })
                .await?;
        }
        self.merge().await
    }

    /// Merges the runs of a tier that is full into one of the next, oldest first, until none is full.
    async fn merge(&self) -> Result<(), GateError> {
        let store = &self.gate().inner.store;
        while self.lease().await? {
            self.sweep().await?;
            let Some((tier, full)) = store.read(full_tier).await? else { return Ok(()) };
            let run = store.write(store::log::index::begin_run).await?;
            let mut after = None;
            loop {
                // A large merge outlives the lease; whoever takes it over gives this run up.
                if !self.lease().await? {
                    return Ok(());
                }
                let runs = full.clone();
                let part = store.read(move |unit| merged(unit, &runs, after)).await?;
                let Some((last, _)) = part.last() else { break };
                after = Some(*last);
                store.write(move |unit| store::log::index::extend_run(unit, run, &part)).await?;
            }
            store.write(move |unit| store::log::index::finish_run(unit, run, tier + 1, &full)).await?;
        }
        Ok(())
    }

    /// Deletes runs that were merged into others, and those that a sealer began and never finished.
    async fn sweep(&self) -> Result<(), GateError> {
        let store = &self.gate().inner.store;
        store.write(store::log::index::abandon_begun).await?;
        for run in store.read(store::log::index::leaving).await? {
            while !store
                .write(move |unit| store::log::index::delete_some(unit, run, SUBJECTS_A_PART * 8))
                .await?
            {}
        }
        Ok(())
    }
}

/// Where the index ends, and the entries that its next run will hold: none while fewer than `least` wait.
fn waiting(unit: &mut Unit<'_>, least: u64) -> Result<Waiting, StoreError> {
    let (from, size) = (indexed(unit)?, size(unit)?);
    let entries = if size.saturating_sub(from) < least.max(1) {
        Vec::new()
    } else {
        entries_from(unit, from, ENTRIES_A_RUN)?
    };
    Ok((from, entries))
}

/// The tier that is full, and its runs, oldest first.
fn full_tier(unit: &mut Unit<'_>) -> Result<Option<(i64, Vec<i64>)>, StoreError> {
    let mut tiers: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for run in store::log::index::runs(unit)? {
        tiers.entry(run.tier).or_default().push(run.run);
    }
    Ok(tiers.into_iter().find(|(_, runs)| runs.len() >= RUNS_A_MERGE))
}

/// The next subjects after one, with what all these runs say of each.
fn merged(unit: &mut Unit<'_>, runs: &[i64], after: Option<SubjectId>) -> Result<Vec<Places>, StoreError> {
    let mut merged: BTreeMap<SubjectId, Vec<u8>> = BTreeMap::new();
    let mut complete_to: Option<SubjectId> = None;
    for run in runs {
        let page = store::log::index::page(unit, *run, after, SUBJECTS_A_PART)?;
        // A full page says nothing of the subjects beyond it.
        if let Some((last, _)) = page.last().filter(|_| page.len() == SUBJECTS_A_PART) {
            complete_to = Some(complete_to.map_or(*last, |bound| bound.min(*last)));
        }
        for (subject, places) in page {
            merged.entry(subject).or_default().extend(places);
        }
    }
    Ok(merged
        .into_iter()
        .take_while(|(subject, _)| complete_to.is_none_or(|bound| *subject <= bound))
        .collect())
}

/// A leaf with where it is stored, as the index holds it: batch, offset, leaf; 24 bytes, big-endian.
pub(crate) fn place(position: Position, leaf: u64) -> [u8; 24] {
    let mut bytes = [0; 24];
    let parts = [position.batch.to_be_bytes(), position.offset.to_be_bytes(), leaf.to_be_bytes()];
    bytes.iter_mut().zip(parts.as_flattened()).for_each(|(to, from)| *to = *from);
    bytes
}

/// The leaf up to which the index goes.
pub(crate) fn indexed(unit: &mut Unit<'_>) -> Result<u64, StoreError> {
    let stored = store::log::tree::state(unit, "indexed")?;
    Ok(stored.and_then(|bytes| bytes.as_slice().try_into().ok()).map_or(0, u64::from_be_bytes))
}

fn size(unit: &mut Unit<'_>) -> Result<u64, StoreError> {
    Ok(store::log::tree::latest_checkpoint(unit)?.map_or(0, |row| number(row.size)))
}

/// Sealed entries from a leaf on, whole groups, until they stand in at least `least` lists, counted once for each.
pub(crate) fn entries_from(
    unit: &mut Unit<'_>,
    from: u64,
    least: u64,
) -> Result<Vec<(u64, Stored)>, StoreError> {
    let (mut entries, mut places) = (Vec::new(), 0);
    let mut next = from;
    loop {
        let groups = store::log::sealed_from(unit, signed(next), 64)?;
        if groups.is_empty() {
            return Ok(entries);
        }
        for group in groups {
            if group.count <= 0 {
                // It would be read for ever.
                return Err(StoreError::Corrupt { table: "log_sealed" });
            }
            let stored = store::log::entries_between(unit, group.batch, group.batch)?;
            places += stored.iter().map(|entry| entry.listed().count() as u64).sum::<u64>();
            entries.extend((number(group.first_leaf)..).zip(stored));
            next = number(group.first_leaf) + number(group.count);
            if places >= least {
                return Ok(entries);
            }
        }
    }
}
