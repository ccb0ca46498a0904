//! Every chain once more, straight from the entries: what the stored chains, the rolls' maps and the index of
//! subjects must agree with. It follows the log in one pass, for one part of the map at a time, so that memory
//! is bounded whatever the number of subjects; nothing is looked up subject by subject.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher};
use std::sync::mpsc::sync_channel;

use domain::SubjectId;
use store::log::tree::RollRow;
use store::{Position, StoreError, Unit};
use transparency::live_map::ChainPlace;
use transparency::map::token;
use transparency::{ChainState, Hash, LiveMap, Subtree};

use super::LogFault;
use super::read::Stop;
use crate::chains::{CHAINS_A_PAGE, OWN_CHAIN, Progress};
use crate::index::{self, indexed};
use crate::sealer::{number, signed};

/// Parts of the log that wait to be followed.
const PARTS_WAITING: usize = 4;
/// Subjects of the index read at a time.
const SUBJECTS_A_PAGE: usize = 2_000;
/// Faults told at once.
const FAULTS: usize = 8;

/// Which part of the map is followed: of parts whose tokens share so many bits, this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) bits: u32,
    pub(crate) number: u32,
}

/// What of an entry is followed.
pub(crate) struct Followed {
    pub(crate) leaf: u64,
    pub(crate) subject: SubjectId,
    pub(crate) position: Position,
    pub(crate) commitment: Hash,
}

/// The chains of one part, as far as the log was followed.
pub(crate) struct Recount {
    part: Part,
    /// Drawn for this verification alone: nobody can have prepared for it.
    seed: [u8; 16],
    progress: Progress,
    indexed: u64,
    /// The sizes at which a root is wanted, in order, and those that were taken.
    sizes: Vec<u64>,
    roots: Vec<Subtree>,
    map: LiveMap,
    by_subject: HashMap<SubjectId, ChainPlace>,
    /// In order of chain places.
    known: Vec<Known>,
}

/// What is compared of one subject.
struct Known {
    subject: SubjectId,
    /// The chain up to where the stored one must go.
    chained: ChainState,
    /// Over where its entries are, by the log and by the index.
    by_log: u64,
    by_index: u64,
    is_seen: bool,
}

/// The state of index and chains that everything is compared with.
pub(crate) fn state(unit: &mut Unit<'_>) -> Result<(Progress, u64), StoreError> {
    Ok((Progress::read(unit)?, indexed(unit)?))
}

impl Recount {
    /// Reads the log, and follows on a thread beside what `read` hands over: reading and hashing entries takes
    /// one core, following their chains another.
    pub(crate) fn beside<T>(
        &mut self,
        read: impl FnOnce(&mut dyn FnMut(Vec<Followed>)) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel::<Vec<Followed>>(PARTS_WAITING);
            let follow = move || receiver.iter().flatten().for_each(|entry| self.push(&entry));
            let started = std::thread::Builder::new().name("recount".to_owned()).spawn_scoped(scope, follow);
            if let Err(error) = started {
                return Err(StoreError::Unavailable { code: error.kind().to_string() }.into());
            }
            // Who hears nothing more has ended with a fault of the program, which the end of the scope tells.
            read(&mut |part| drop(sender.send(part)))
        })
    }

    pub(crate) fn new(part: Part, seed: [u8; 16], state: (Progress, u64), rolls: &[RollRow]) -> Self {
        Self {
            part,
            seed,
            progress: state.0,
            indexed: state.1,
            sizes: rolls.iter().map(|roll| number(roll.size)).collect(),
            roots: Vec::new(),
            map: LiveMap::new(part.bits),
            by_subject: HashMap::new(),
            known: Vec::new(),
        }
    }

    /// Follows the next entry.
    fn push(&mut self, entry: &Followed) {
        let leaf = entry.leaf;
        self.take_roots(leaf);
        let Some(place) = self.chain_of(entry.subject) else { return };
        self.map.extend(place, leaf, &entry.commitment);
        let chain = self.map.chain(place);
        let Some(known) = self.known.get_mut(place.index()) else { return };
        if let Some((_, chain)) = chain.filter(|_| leaf < self.progress.end_of(entry.subject)) {
            known.chained = chain;
        }
        if leaf < self.indexed {
            known.by_log = folded(&self.seed, known.by_log, &index::place(entry.position, leaf));
        }
    }

    /// The chain of a subject, taken in when it is new; `None` when it belongs to another part.
    fn chain_of(&mut self, subject: SubjectId) -> Option<ChainPlace> {
        if let Some(place) = self.by_subject.get(&subject) {
            return Some(*place);
        }
        let token = token(subject.bytes());
        if LiveMap::part_of(&token, self.part.bits) != self.part.number {
            return None;
        }
        let place = self.map.insert(token);
        self.by_subject.insert(subject, place);
        let (by_log, by_index) = (0, 0);
        self.known.push(Known { subject, chained: ChainState::START, by_log, by_index, is_seen: false });
        Some(place)
    }

    /// Takes the roots that are wanted of so many entries.
    fn take_roots(&mut self, entries: u64) {
        while self.sizes.get(self.roots.len()).is_some_and(|size| *size <= entries) {
            let root = self.map.subtree();
            self.roots.push(root);
        }
    }

    /// Ends the pass over the log; answers this part of each roll's map.
    pub(crate) fn finish(&mut self, entries: u64) -> Vec<Subtree> {
        self.take_roots(entries);
        std::mem::take(&mut self.roots)
    }

    /// The chains followed.
    pub(crate) fn chains(&self) -> u64 {
        self.known.len() as u64
    }

    /// Compares the stored chains with those followed. Answers how many stored ones were of this part.
    pub(crate) fn compare_chains(
        &mut self,
        unit: &mut Unit<'_>,
        faults: &mut Vec<LogFault>,
    ) -> Result<u64, StoreError> {
        let (mut after, mut found) = (None, 0);
        loop {
            let page = store::log::chain::page_by_token(unit, OWN_CHAIN, after, CHAINS_A_PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.token);
            for row in
                page.iter().filter(|row| LiveMap::part_of(&row.token, self.part.bits) == self.part.number)
            {
                found += 1;
                let subject = row.subject;
                let known = self.by_subject.get(&subject).and_then(|place| self.known.get_mut(place.index()));
                let Some(known) = known.filter(|known| known.chained.count > 0) else {
                    faults.push(LogFault::StrayChain { subject });
                    continue;
                };
                known.is_seen = true;
                let ChainState { count, head } = known.chained;
                if row.token != token(subject.bytes()) {
                    faults.push(LogFault::ChainToken { subject });
                } else if row.count != signed(count) {
                    faults.push(LogFault::ChainLength { subject, found: row.count, expected: count });
                } else if row.head != head {
                    faults.push(LogFault::ChainHead { subject, entries: count });
                }
            }
            if faults.len() > FAULTS {
                return Ok(found);
            }
        }
        let missing = self.known.iter().filter(|known| known.chained.count > 0 && !known.is_seen);
        faults.extend(
            missing
                .take(FAULTS)
                .map(|known| LogFault::NoChain { subject: known.subject, entries: known.chained.count }),
        );
        Ok(found)
    }

    /// Compares the index with where the entries are.
    pub(crate) fn compare_index(
        &mut self,
        unit: &mut Unit<'_>,
        faults: &mut Vec<LogFault>,
    ) -> Result<(), StoreError> {
        let runs = store::log::index::runs(unit)?;
        for run in runs {
            let (mut after, mut found) = (None, 0);
            loop {
                let page = store::log::index::page(unit, run.run, after, SUBJECTS_A_PAGE)?;
                let Some((last, _)) = page.last() else { break };
                after = Some(*last);
                found += page.len() as u64;
                for (subject, places) in page {
                    self.follow_index(subject, &places, faults);
                }
                if faults.len() > FAULTS {
                    return Ok(());
                }
            }
            if signed(found) != run.count {
                faults.push(LogFault::IndexRun { run: run.run, found, expected: run.count });
            }
        }
        let differing = self.known.iter().filter(|known| known.by_log != known.by_index);
        faults.extend(differing.take(FAULTS).map(|known| LogFault::Index { subject: known.subject }));
        Ok(())
    }

    fn follow_index(&mut self, subject: SubjectId, places: &[u8], faults: &mut Vec<LogFault>) {
        let (places, rest) = places.as_chunks::<24>();
        let known = self.by_subject.get(&subject).and_then(|place| self.known.get_mut(place.index()));
        match known {
            Some(known) if rest.is_empty() => {
                known.by_index =
                    places.iter().fold(known.by_index, |value, place| folded(&self.seed, value, place));
            }
            None if LiveMap::part_of(&token(subject.bytes()), self.part.bits) != self.part.number => {}
            _ => faults.push(LogFault::Index { subject }),
        }
    }
}

/// A keyed hash over places in their order.
fn folded(seed: &[u8; 16], value: u64, place: &[u8; 24]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, value, place).hash(&mut hasher);
    hasher.finish()
}
