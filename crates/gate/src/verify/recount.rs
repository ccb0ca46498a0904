//! Every chain once more, straight from the entries: what the stored chains, the rolls' maps and the index of
//! subjects must agree with. It follows the log in one pass, for one part of the map at a time, so that memory
//! is bounded whatever the number of subjects; nothing is looked up subject by subject. Deferred entries wait in
//! memory until they join: they are few.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher};

use domain::{SubjectId, Timestamp, WorkItemId};
use foldhash::fast::RandomState;
use store::deferral::DeferralRow;
use store::log::chain::ChainRow;
use store::log::deferred::DeferredRow;
use store::log::tree::RollRow;
use store::{StoreError, Unit};
use transparency::live_map::ChainPlace;
use transparency::map::token;
use transparency::{ChainState, Hash, LiveMap, Subtree};

use super::LogFault;
use super::read::Followed;
use crate::chains::{CHAINS_A_PAGE, DEFERRED_CHAIN, OWN_CHAIN, Progress};
use crate::deferral::{Deferrals, DeferredTokens, Mark};
use crate::index::{self, indexed};
use crate::sealer::{number, signed};

/// Subjects of the index read at a time.
const SUBJECTS_A_PAGE: usize = 2_000;
/// Groups that wait to be sealed, of which is read whether they declare something.
const GROUPS_WAITING: usize = 100_000;
/// Faults told at once.
const FAULTS: usize = 8;

/// Which part of the map is followed: of parts whose tokens share so many bits, this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) bits: u32,
    pub(crate) number: u32,
}

/// What a recount begins with: where index and chains stand, and the rolls.
pub(crate) struct Start<'a> {
    pub(crate) state: (Progress, u64),
    pub(crate) rolls: &'a [RollRow],
    pub(crate) tokens: DeferredTokens,
    /// Drawn for this verification alone: nobody can have prepared for it.
    pub(crate) seed: [u8; 16],
}

/// The chains of one part, as far as the log was followed.
pub(crate) struct Recount {
    part: Part,
    seed: [u8; 16],
    progress: Progress,
    indexed: u64,
    /// The sizes at which a root is wanted, in order, with the instants of their rolls; and the roots that were taken.
    sizes: Vec<(u64, Timestamp)>,
    roots: Vec<Subtree>,
    map: LiveMap,
    by_subject: HashMap<SubjectId, u32, RandomState>,
    known: Vec<Known>,
    tokens: DeferredTokens,
    deferrals: Deferrals,
    /// What is declared up to where the chains go.
    chained_deferrals: Deferrals,
    /// All that was declared.
    declared: Vec<Mark>,
    /// The deferred entries of people whose own chain is of this part, by leaf.
    deferred: BTreeMap<SubjectId, Vec<DeferredRow>>,
    /// The deferred chains of this part.
    apart: BTreeMap<SubjectId, Apart>,
}

/// What is compared of one subject.
struct Known {
    subject: SubjectId,
    /// The own chain; none before its first entry.
    place: Option<ChainPlace>,
    /// The chain up to where the stored one must go.
    chained: ChainState,
    /// Over where its entries are, by the log and by the index.
    by_log: u64,
    by_index: u64,
    is_seen: bool,
}

/// What is compared of a deferred chain.
struct Apart {
    place: ChainPlace,
    chained: ChainState,
    is_seen: bool,
}

/// The state of index and chains that everything is compared with.
pub(crate) fn state(unit: &mut Unit<'_>) -> Result<(Progress, u64), StoreError> {
    Ok((Progress::read(unit)?, indexed(unit)?))
}

impl Recount {
    pub(crate) fn new(part: Part, start: &Start<'_>) -> Self {
        let at_size = |roll: &RollRow| (number(roll.size), roll.at);
        Self {
            part,
            seed: start.seed,
            progress: start.state.0,
            indexed: start.state.1,
            sizes: start.rolls.iter().map(at_size).collect(),
            roots: Vec::new(),
            map: LiveMap::new(part.bits),
            by_subject: HashMap::default(),
            known: Vec::new(),
            tokens: start.tokens.clone(),
            deferrals: Deferrals::default(),
            chained_deferrals: Deferrals::default(),
            declared: Vec::new(),
            deferred: BTreeMap::new(),
            apart: BTreeMap::new(),
        }
    }

    /// Follows the next entry, and what it means for others.
    pub(crate) fn push(&mut self, entry: &Followed, mark: Mark) {
        self.take_roots(entry.leaf);
        let is_deferred = self.deferrals.follow(mark);
        if matches!(mark, Mark::Declares { .. }) {
            self.declared.push(mark);
            if entry.leaf < self.progress.done {
                self.chained_deferrals = self.deferrals.clone();
            }
        }
        for subject in entry.stored.listed() {
            self.list(subject, entry, is_deferred);
        }
    }

    /// Follows it in the list of one of those whom it is about.
    fn list(&mut self, subject: SubjectId, entry: &Followed, is_deferred: Option<WorkItemId>) {
        let leaf = entry.leaf;
        let place = self.known_of(subject);
        if let Some(known) = place.and_then(|place| self.known.get_mut(place))
            && leaf < self.indexed
        {
            known.by_log = folded(&self.seed, known.by_log, &index::place(entry.stored.position, leaf));
        }
        let Some(item) = is_deferred else {
            if let Some(place) = place {
                self.extend_own(place, leaf, &entry.commitment, leaf);
            }
            return;
        };
        self.extend_apart(subject, leaf, &entry.commitment);
        if place.is_some() {
            let (leaf, commitment) = (signed(leaf), entry.commitment);
            let row = DeferredRow { subject, leaf, item, commitment, joined: None };
            self.deferred.entry(subject).or_default().push(row);
        }
    }

    /// Adds a leaf to a subject's own chain, where its entries stand that come from this one on.
    fn extend_own(&mut self, place: usize, leaf: u64, commitment: &Hash, from: u64) {
        let Some(known) = self.known.get_mut(place) else { return };
        let map = &mut self.map;
        let chain = *known.place.get_or_insert_with(|| map.insert(token(known.subject.bytes())));
        map.extend(chain, leaf, commitment);
        if let Some((_, state)) = map.chain(chain).filter(|_| from < self.progress.end_of(known.subject)) {
            known.chained = state;
        }
    }

    /// Adds a leaf to a subject's deferred chain, if that is of this part.
    fn extend_apart(&mut self, subject: SubjectId, leaf: u64, commitment: &Hash) {
        let token = self.tokens.token(subject);
        if LiveMap::part_of(&token, self.part.bits) != self.part.number {
            return;
        }
        let map = &mut self.map;
        let new = || Apart { place: map.insert(token), chained: ChainState::START, is_seen: false };
        let apart = self.apart.entry(subject).or_insert_with(new);
        self.map.extend(apart.place, leaf, commitment);
        let chain = self.map.chain(apart.place);
        if let Some((_, state)) = chain.filter(|_| leaf < self.progress.end_of(subject)) {
            apart.chained = state;
        }
    }

    /// Where a subject stands among those known, taken in when it is new; `None` when it belongs to another part.
    fn known_of(&mut self, subject: SubjectId) -> Option<usize> {
        if let Some(place) = self.by_subject.get(&subject) {
            return Some(*place as usize);
        }
        if LiveMap::part_of(&token(subject.bytes()), self.part.bits) != self.part.number {
            return None;
        }
        let place = self.known.len();
        self.by_subject.insert(subject, place as u32);
        let (place_of_chain, chained) = (None, ChainState::START);
        let (by_log, by_index, is_seen) = (0, 0, false);
        self.known.push(Known { subject, place: place_of_chain, chained, by_log, by_index, is_seen });
        Some(place)
    }

    /// Takes the roots that are wanted of so many entries, once what each of their rolls found due has joined.
    fn take_roots(&mut self, entries: u64) {
        while let Some((size, at)) =
            self.sizes.get(self.roots.len()).copied().filter(|(size, _)| *size <= entries)
        {
            self.join(size, at);
            let root = self.map.subtree();
            self.roots.push(root);
        }
    }

    /// Lets the entries join that are due.
    fn join(&mut self, size: u64, at: Timestamp) {
        let mut joining = Vec::new();
        for row in self.deferred.values_mut().flatten() {
            if row.joined.is_none() && self.deferrals.is_due(row.item, at) {
                row.joined = Some(signed(size));
                joining.push(*row);
            }
        }
        for row in joining {
            if let Some(place) = self.known_of(row.subject) {
                self.extend_own(place, number(row.leaf), &row.commitment, size);
            }
        }
    }

    /// Ends the pass over the log; answers this part of each roll's map.
    pub(crate) fn finish(&mut self, entries: u64) -> Vec<Subtree> {
        self.take_roots(entries);
        std::mem::take(&mut self.roots)
    }

    /// The chains followed.
    pub(crate) fn chains(&self) -> u64 {
        self.map.len() as u64
    }

    /// Compares the stored chains with those followed. Answers how many stored ones were of this part.
    pub(crate) fn compare_chains(
        &mut self,
        unit: &mut Unit<'_>,
        faults: &mut Vec<LogFault>,
    ) -> Result<u64, StoreError> {
        let (mut found, mut after) = (0, None);
        loop {
            let page = store::log::chain::page(unit, after, CHAINS_A_PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some((last.subject, last.kind));
            let (bits, number) = (self.part.bits, self.part.number);
            // Those of a kind that nobody knows are told by how many there are in all.
            let known = page.iter().filter(|row| [OWN_CHAIN, DEFERRED_CHAIN].contains(&row.kind));
            for row in known.filter(|row| LiveMap::part_of(&row.token, bits) == number) {
                found += 1;
                faults.extend(self.compare_chain(row));
            }
            if faults.len() > FAULTS {
                return Ok(found);
            }
        }
        let missing = |subject, chained: ChainState, is_seen: bool| {
            let entries = chained.count;
            (entries > 0 && !is_seen).then_some(LogFault::NoChain { subject, entries })
        };
        let own = self.known.iter().filter_map(|known| missing(known.subject, known.chained, known.is_seen));
        faults.extend(own.take(FAULTS));
        let apart = self.apart.iter().filter(|(_, apart)| apart.chained.count > 0 && !apart.is_seen);
        faults.extend(apart.take(FAULTS).map(|(subject, apart)| LogFault::NoDeferredChain {
            subject: *subject,
            entries: apart.chained.count,
        }));
        Ok(found)
    }

    /// What is wrong with a stored chain.
    fn compare_chain(&mut self, row: &ChainRow) -> Option<LogFault> {
        let subject = row.subject;
        let (chained, expected) = if row.kind == OWN_CHAIN {
            let known = self.by_subject.get(&subject).and_then(|place| self.known.get_mut(*place as usize));
            known.map_or((ChainState::START, [0; 32]), |known| {
                known.is_seen = true;
                (known.chained, token(subject.bytes()))
            })
        } else {
            self.apart.get_mut(&subject).map_or((ChainState::START, [0; 32]), |apart| {
                apart.is_seen = true;
                (apart.chained, self.tokens.token(subject))
            })
        };
        let ChainState { count, head } = chained;
        if count == 0 {
            return Some(LogFault::StrayChain { subject });
        }
        if row.token != expected {
            Some(LogFault::ChainToken { subject })
        } else if row.count != signed(count) {
            Some(LogFault::ChainLength { subject, found: row.count, expected: count })
        } else {
            (row.head != head).then_some(LogFault::ChainHead { subject, entries: count })
        }
    }

    /// Compares what is kept of deferred entries with what the log says: each is there as far as the chains go, and has
    /// joined its person's list where it must have.
    pub(crate) fn compare_deferred(
        &self,
        unit: &mut Unit<'_>,
        faults: &mut Vec<LogFault>,
    ) -> Result<(), StoreError> {
        let mut expected = self.deferred.values().flatten().filter_map(|row| {
            let end = signed(self.progress.end_of(row.subject));
            let joined = row.joined.filter(|size| *size < end);
            (row.leaf < end).then_some(DeferredRow { joined, ..*row })
        });
        let mut after = None;
        loop {
            let page = store::log::deferred::page(unit, after, SUBJECTS_A_PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some((last.subject, last.leaf));
            for row in page {
                let part = LiveMap::part_of(&token(row.subject.bytes()), self.part.bits);
                if part != self.part.number {
                    continue;
                }
                match expected.next() {
                    Some(expected) if expected == row => {}
                    expected => {
                        faults.push(LogFault::deferred(expected.as_ref(), &row));
                        // What follows may only be out of step.
                        return Ok(());
                    }
                }
            }
        }
        faults.extend(
            expected.next().map(|row| LogFault::NotDeferred { leaf: row.leaf, subject: row.subject }),
        );
        Ok(())
    }

    /// Compares what the sealer keeps of the declarations with those in the log.
    pub(crate) fn compare_declarations(
        &self,
        unit: &mut Unit<'_>,
        faults: &mut Vec<LogFault>,
    ) -> Result<(), StoreError> {
        // What does not read is as good as another.
        if Deferrals::read(unit).ok().as_ref() != Some(&self.chained_deferrals) {
            faults.push(LogFault::Declarations);
        }
        let mut rows = store::deferral::all(unit)?;
        rows.retain(|row| !self.declared.contains(&declaration(row)));
        if !rows.is_empty() {
            // A declaration is in the log before it is in the register, and may wait there to be sealed.
            let waiting = store::log::pending(unit, GROUPS_WAITING)?;
            let waiting = waiting.iter().flat_map(|group| &group.entries).map(|entry| Mark::of(&entry.body));
            let waiting: Vec<Mark> = waiting.filter(|mark| matches!(mark, Mark::Declares { .. })).collect();
            rows.retain(|row| !waiting.contains(&declaration(row)));
        }
        faults.extend(rows.first().map(|row| LogFault::Undeclared { matter: row.matter }));
        Ok(())
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
        let known = self.by_subject.get(&subject).and_then(|place| self.known.get_mut(*place as usize));
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

/// What the entry says that declares what a row of the register has.
fn declaration(row: &DeferralRow) -> Mark {
    Mark::Declares { portfolio: row.portfolio, item: row.matter.into(), until: row.until }
}

/// A keyed hash over places in their order.
fn folded(seed: &[u8; 16], value: u64, place: &[u8; 24]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, value, place).hash(&mut hasher);
    hasher.finish()
}
