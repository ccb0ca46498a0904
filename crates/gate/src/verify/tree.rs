//! The pass that holds every entry to the tree, and the tree to every checkpoint that is stored or held
//! outside: signatures, and consistency between checkpoints. What bodies say is held to what stands beside them
//! elsewhere (`bodies.rs`).

use std::cell::RefCell;
use std::collections::VecDeque;

use store::Unit;
use store::log::tree::CheckpointRow;
use transparency::{
    Checkpoint, Hash, KeyKind, LeafRecord, LogVerifier, Note, VerifierKey, verify_cosignature,
};

use super::beside::Follow;
use super::read::{Followed, SealedEntries, Stop, StoredTiles};
use super::{LogFault, LogReport, Verification};
use crate::sealer::{number, signed};
use crate::stub::Stub;

/// Checkpoints read at a time.
const CHECKPOINTS_A_PART: usize = 256;

/// Holds the entries to the tree and the checkpoints, and hands them to `follow`.
pub(crate) fn check_tree(
    unit: &mut Unit<'_>,
    against: &Verification,
    follow: Follow<'_>,
) -> Result<LogReport, Stop> {
    let mut checkpoints = StoredCheckpoints::default();
    let own = newest(unit, against)?;
    let signed_to = own.as_ref().map_or(0, |own| own.size);
    let trusted: Vec<Checkpoint> = own.into_iter().chain(against.others.iter().cloned()).collect();
    let tiles = StoredTiles(RefCell::new(unit));
    let mut verifier = LogVerifier::new(&trusted, &tiles)?;
    let mut entries = SealedEntries::default();
    loop {
        checkpoints.compare(&tiles, against, verifier.entries(), &verifier.root())?;
        let part = entries.read(&mut tiles.0.borrow_mut())?;
        if part.is_empty() {
            break;
        }
        let mut followed = Vec::with_capacity(part.len());
        for (leaf, stored) in part {
            let commitment = verifier.push(&record_of(leaf, &stored.body))?;
            followed.push(Followed { leaf, stored, commitment });
            if checkpoints.is_due(verifier.entries()) {
                checkpoints.compare(&tiles, against, verifier.entries(), &verifier.root())?;
            }
        }
        follow(followed)?;
    }
    let verified = verifier.finish()?;
    if verified.entries != signed_to {
        // A group gets its leaves and the checkpoint that signs them in one transaction.
        return Err(LogFault::Unsigned { entries: verified.entries, signed: signed_to }.into());
    }
    Ok(LogReport {
        origin: against.key.name().to_owned(),
        entries: verified.entries,
        erased: verified.erased,
        checkpoints: checkpoints.compared,
        outside: against.others.len() as u64,
        unchecked_signatures: checkpoints.unchecked_signatures,
        ..LogReport::default()
    })
}

/// An entry as the tree is held to it: by its body, or by the commitment that is left of it.
fn record_of(index: u64, body: &[u8]) -> LeafRecord<'_> {
    let commitment = Stub::of(body).map(|stub| stub.commitment);
    LeafRecord { index, body: Some(body).filter(|_| commitment.is_none()), commitment }
}

/// The newest checkpoint, which this log's key must have signed.
fn newest(unit: &mut Unit<'_>, against: &Verification) -> Result<Option<Checkpoint>, Stop> {
    let Some(row) = store::log::tree::latest_checkpoint(unit)? else { return Ok(None) };
    let fault = |problem: String| LogFault::Checkpoint { size: row.size, problem };
    let checkpoint =
        Checkpoint::parse_and_verify(&row.note, &against.key).map_err(|error| fault(error.to_string()))?;
    if signed(checkpoint.size) != row.size {
        return Err(
            fault(format!("it is stored under another size, its text says {}", checkpoint.size)).into()
        );
    }
    Ok(Some(checkpoint))
}

/// The stored checkpoints, by size.
#[derive(Default)]
struct StoredCheckpoints {
    waiting: VecDeque<CheckpointRow>,
    /// The least size that was not read yet; none once all were.
    next: Next,
    compared: u64,
    /// The size of the last one that agrees.
    agreed: u64,
    unchecked_signatures: u64,
}

/// From which size on to read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    From(i64),
    End,
}

impl Default for Next {
    fn default() -> Self {
        // A negative size is one that was altered.
        Self::From(i64::MIN)
    }
}

impl StoredCheckpoints {
    /// Whether the next one is of this size.
    fn is_due(&self, size: u64) -> bool {
        match self.waiting.front() {
            Some(row) => row.size <= signed(size),
            None => self.next != Next::End,
        }
    }

    /// Compares those of this size with the root of so many entries.
    fn compare(
        &mut self,
        tiles: &StoredTiles<'_, '_>,
        against: &Verification,
        size: u64,
        root: &Hash,
    ) -> Result<(), Stop> {
        while self.is_due(size) {
            let Some(row) = self.waiting.pop_front() else {
                self.read(&mut tiles.0.borrow_mut())?;
                continue;
            };
            let fault = |problem: String| LogFault::Checkpoint { size: row.size, problem };
            let checkpoint = self.checked(&row.note, against).map_err(fault)?;
            if signed(checkpoint.size) != row.size {
                let text = checkpoint.size;
                return Err(fault(format!("it is stored under another size, its text says {text}")).into());
            }
            if checkpoint.size != size || checkpoint.root != *root {
                return Err(LogFault::Forked { after: self.agreed, size: checkpoint.size }.into());
            }
            self.compared += 1;
            self.agreed = checkpoint.size;
        }
        Ok(())
    }

    fn read(&mut self, unit: &mut Unit<'_>) -> Result<(), Stop> {
        let Next::From(size) = self.next else { return Ok(()) };
        self.waiting = store::log::tree::checkpoints_from(unit, size, CHECKPOINTS_A_PART)?.into();
        let last = self.waiting.back().and_then(|row| row.size.checked_add(1));
        self.next = last.map_or(Next::End, Next::From);
        Ok(())
    }

    /// The checkpoint of a note, after every signature on it was checked whose key is known.
    fn checked(&mut self, note: &str, against: &Verification) -> Result<Checkpoint, String> {
        let origin = note.lines().next().unwrap_or_default();
        let former = against.former_keys.iter().find(|key| key.name() == origin);
        let key: &VerifierKey = former.unwrap_or(&against.key);
        let checkpoint = Checkpoint::parse_and_verify(note, key).map_err(|error| error.to_string())?;
        let parsed: Note = note.parse().map_err(|error: transparency::NoteError| error.to_string())?;
        for (name, id) in parsed.signers() {
            if (name, id) == (key.name(), key.id()) {
                continue;
            }
            match against.witnesses.iter().find(|witness| (name, id) == (witness.name(), witness.id())) {
                Some(witness) => {
                    verify_cosignature(note, witness).map_err(|error| error.to_string())?;
                }
                None if against.witnesses.is_empty() => self.unchecked_signatures += 1,
                None => {
                    return Err(format!(
                        "it has a signature of `{name}`, whose key is not among those given"
                    ));
                }
            }
        }
        Ok(checkpoint)
    }
}

/// Whether a key is a witness's.
pub(crate) fn is_witness(key: &VerifierKey) -> bool {
    key.kind() == KeyKind::Witness
}

/// The tiles that a tree of so many leaves has.
pub(crate) fn tiles_of(entries: u64) -> u64 {
    let of_level = |level: u32| (entries >> (8 * level)).div_ceil(256);
    (0..8).map(of_level).sum()
}

/// Looks for entries that belong to no group, and for groups that wait and are not whole. Answers how many
/// entries wait.
pub(crate) fn check_rest(unit: &mut Unit<'_>, entries: u64) -> Result<u64, Stop> {
    if let Some((batch, found, expected)) = store::log::broken_pending(unit)? {
        return Err(LogFault::PendingGroup { batch, found, expected }.into());
    }
    let pending = number(store::log::pending_count(unit)?);
    if number(store::log::entry_count(unit)?) != entries + pending
        && let Some(stray) = store::log::stray_entry(unit)?
    {
        return Err(LogFault::Stray { batch: stray.batch, offset: stray.offset }.into());
    }
    let (found, expected) = (number(store::log::tree::tile_count(unit)?), tiles_of(entries));
    if found != expected {
        return Err(LogFault::Tiles { found, expected, entries }.into());
    }
    Ok(pending)
}
