//! Verifying the whole log: every entry against the tree, the tree against signed checkpoints, and the
//! newest checkpoint against one held outside the site.

use std::borrow::Cow;
use std::cell::RefCell;

use domain::SubjectId;
use store::{StoreError, Unit};
use transparency::{
    Checkpoint, Fault, Hash, LeafRecord, LogVerifier, Roll, Tile, TileId, TileSource, Verified, VerifierKey,
};

use crate::restore::place_outside;
use crate::sealer::{SITE, number, signed};
use crate::{Entry, Gate, GateError, Reopened};

/// Groups read at a time.
const GROUPS: usize = 64;

/// What verifying found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReport {
    /// The log's name.
    pub origin: String,
    /// Entries whose leaves were recomputed.
    pub entries: u64,
    /// Entries of which only the leaf is left, since their retention ran out.
    pub erased: u64,
    /// Committed entries that are not sealed yet.
    pub pending: u64,
    /// Checkpoints compared, the outside one included.
    pub checkpoints: u64,
    /// The logs that this one follows, where the site was restored: each with what of it is missing.
    pub former: Vec<Reopened>,
}

impl Gate {
    /// Verifies the log against its own newest checkpoint, against the last ones of the logs that it follows,
    /// and, when given, against `outside`: a checkpoint that a witness or a member holds, of this log or of
    /// one that it follows. Errors say what is wrong, and where.
    pub async fn verify_log(&self, outside: Option<&str>) -> Result<LogReport, GateError> {
        let signer = self.log_signer().await?;
        let key = signer.verifier().clone();
        let log = |problem: String| GateError::Log { problem };
        let formers = self.formers().await?;
        let mut others = Vec::new();
        for former in &formers {
            let seen = former.outside.iter().filter(|outside| outside.size <= former.checkpoint.size);
            others.extend(std::iter::once(&former.checkpoint).chain(seen).cloned());
        }
        if let Some(note) = outside {
            others.extend(place_outside(note, &key, &formers).map_err(log)?);
        }
        let checked = self.inner.store.read(move |unit| verify(unit, &key, &others)).await?;
        let (verified, pending) = checked.map_err(log)?;
        Ok(LogReport {
            origin: signer.verifier().name().to_owned(),
            entries: verified.entries,
            erased: verified.erased,
            pending,
            checkpoints: verified.checkpoints,
            former: formers.into_iter().map(|former| former.entry).collect(),
        })
    }
}

/// Reads tiles when they are asked for, from the same snapshot as the entries.
struct StoredTiles<'u, 'e>(RefCell<&'u mut Unit<'e>>);

impl TileSource for StoredTiles<'_, '_> {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        let bytes = store::log::tree::tile(&mut self.0.borrow_mut(), i64::from(id.level), signed(id.index))
            .ok()??;
        Some(Cow::Owned(Tile::from_bytes(id, &bytes).ok()?.hashes))
    }
}

type Checked = Result<(Verified, u64), String>;

fn verify(unit: &mut Unit<'_>, key: &VerifierKey, others: &[Checkpoint]) -> Result<Checked, StoreError> {
    let pending = number(store::log::pending_count(unit)?);
    let own = match store::log::tree::latest_checkpoint(unit)? {
        Some(row) => match Checkpoint::parse_and_verify(&row.note, key) {
            Ok(checkpoint) if signed(checkpoint.size) == row.size => Some(checkpoint),
            Ok(_) => return Ok(Err("the newest checkpoint is stored under another size".to_owned())),
            Err(error) => return Ok(Err(format!("the newest checkpoint: {error}"))),
        },
        None => None,
    };
    let signed_to = own.as_ref().map_or(0, |own| own.size);
    let checkpoints: Vec<Checkpoint> = own.into_iter().chain(others.iter().cloned()).collect();
    let tiles = StoredTiles(RefCell::new(unit));
    let fault = |fault: Fault| fault.to_string();
    let mut verifier = match LogVerifier::new(&checkpoints, &tiles) {
        Ok(verifier) => verifier,
        Err(error) => return Ok(Err(fault(error))),
    };
    let mut next = 0;
    loop {
        let groups = store::log::sealed_from(&mut tiles.0.borrow_mut(), signed(next), GROUPS)?;
        if groups.is_empty() {
            break;
        }
        for group in groups {
            let entries = store::log::entries_between(&mut tiles.0.borrow_mut(), group.batch, group.batch)?;
            if group.count <= 0 || entries.len() as u64 != number(group.count) {
                let leaf = group.first_leaf;
                return Ok(Err(format!(
                    "the group of entries at leaf {leaf} has {} entries, not the {} that were committed",
                    entries.len(),
                    group.count
                )));
            }
            for (index, entry) in (number(group.first_leaf)..).zip(&entries) {
                let record = LeafRecord { index, body: Some(&entry.body), commitment: None };
                if let Err(error) = verifier.push(&record) {
                    return Ok(Err(fault(error)));
                }
                if subject_of(&entry.body) != Some(entry.subject) {
                    return Ok(Err(format!(
                        "entry {index} (counted from 0) is stored under another subject than its own"
                    )));
                }
            }
            next = number(group.first_leaf) + number(group.count);
        }
    }
    Ok(verifier.finish().map_err(fault).and_then(|verified| {
        // A group gets its leaves and the checkpoint that signs them in one transaction.
        if verified.entries == signed_to {
            return Ok((verified, pending));
        }
        let entries = verified.entries;
        Err(format!("there are {entries} entries, and this log's newest checkpoint signs {signed_to}: one was taken away"))
    }))
}

/// Whose entry it is, as the body says; `None` when it does not read.
pub(crate) fn subject_of(body: &[u8]) -> Option<SubjectId> {
    if Roll::from_body(body).is_some() || Reopened::from_body(body).is_some() {
        return Some(SITE);
    }
    Entry::from_bytes(body).map(|entry| entry.subject)
}
