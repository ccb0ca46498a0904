//! The sealer: numbers committed entries, builds the tree, signs checkpoints, and keeps the index of
//! subjects and their chains. One per site at a time, by lease; the hot path never waits for it.
//!
//! An entry is durable before data opens; it becomes a leaf at the next pass, at most about a second
//! later. The docs state that window.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::{ActorId, PortfolioId, SubjectId, SubjectKind, Timestamp};
use store::log::SealedBatch;
use store::log::tree::{CheckpointRow, RollRow, TileRow};
use store::subject::SubjectRow;
use store::{StoreError, Unit};
use transparency::proof::tiles_for_consistency;
use transparency::{
    Checkpoint, Hash, Roll, SignerKey, Tile, TileId, TreeState, commitment, consistency_proof, leaf_hash,
};

use crate::chains::ENTRIES_A_BATCH;
use crate::index::ENTRIES_A_RUN;
use crate::witness::Witness;
use crate::{Gate, GateError};

/// How long the right to seal is held without being renewed.
const LEASE_SECONDS: i64 = 10;
/// How often the chains are committed to.
const SECONDS_A_ROLL: i64 = 3_600;
/// Groups sealed in one pass.
const BATCHES_A_PASS: usize = 2_000;
/// The subject whose entries are the log's own: rolls.
pub(crate) const SITE: SubjectId = SubjectId::from_bytes([0; 16]);
/// Where the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// The log's name.
    pub origin: String,
    /// Leaves in the newest checkpoint.
    pub size: u64,
    /// The newest checkpoint, as a signed note.
    pub checkpoint: Option<String>,
    /// What verifies its signature.
    pub verifier: String,
}

/// The sealer of a site.
pub struct Sealer {
    gate: Gate,
    holder: ActorId,
    signer: SignerKey,
    witness: Option<Witness>,
    /// When the lease is taken again, in microseconds.
    renew_at: AtomicI64,
    /// Places in lists that it has sealed and that wait for the index, and for the chains. An entry about many has many,
    /// so that counting entries does not tell how much waits.
    unindexed: AtomicU64,
    unchained: AtomicU64,
}

impl Gate {
    /// A sealer for this site. It works only while it holds the lease.
    pub async fn sealer(&self, witness: Option<Witness>) -> Result<Sealer, GateError> {
        let signer = self.log_signer().await?;
        self.sealer_with(signer, witness).await
    }

    /// A sealer that signs with this key.
    pub(crate) async fn sealer_with(
        &self,
        signer: SignerKey,
        witness: Option<Witness>,
    ) -> Result<Sealer, GateError> {
        let holder = ActorId::from_bytes(self.random_id());
        let site = SubjectRow {
            subject: SITE,
            portfolio: PortfolioId::from_bytes([0; 16]),
            kind: SubjectKind::Employee,
            law: domain::GoverningLaw::Elsewhere,
            notice: 0,
            version: 1,
            taken_up: domain::Timestamp::from_micros(0),
        };
        self.inner
            .store
            .write(move |unit| store::subject::insert_missing(unit, std::slice::from_ref(&site)).map(drop))
            .await?;
        let renew_at = AtomicI64::new(i64::MIN);
        let (unindexed, unchained) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Sealer { gate: self.clone(), holder, signer, witness, renew_at, unindexed, unchained })
    }

    /// The key that signs this log's checkpoints.
    pub(crate) async fn log_signer(&self) -> Result<SignerKey, GateError> {
        if self.restored_log().await?.is_some() {
            let problem =
                "this database was restored half-way: empty the place and run `moretus restore` again";
            return Err(GateError::Log { problem: problem.to_owned() });
        }
        let origin = self.log_origin().await?;
        self.signer_of(&origin)
    }

    /// The log's name: made once per database; a restore makes another.
    pub(crate) async fn log_origin(&self) -> Result<String, GateError> {
        let fresh = format!("moretus/{}", domain::RecordId::from_bytes(self.random_id()));
        let origin = self
            .inner
            .store
            .write(move |unit| match store::lease::meta(unit, "log-origin")? {
                Some(origin) => Ok(origin),
                None => store::lease::set_meta(unit, "log-origin", &fresh).map(|()| fresh.clone()),
            })
            .await
            .map_err(|error: StoreError| error)?;
        Ok(origin)
    }

    /// Where the log stands.
    pub async fn log_head(&self) -> Result<LogHead, GateError> {
        let signer = self.log_signer().await?;
        let latest = self.inner.store.read(store::log::tree::latest_checkpoint).await?;
        Ok(LogHead {
            origin: signer.verifier().name().to_owned(),
            size: latest.as_ref().map_or(0, |row| number(row.size)),
            checkpoint: latest.map(|row| row.note),
            verifier: signer.verifier().to_string(),
        })
    }
}

impl Sealer {
    /// Who it is among the sealers of the site.
    pub(crate) const fn holder(&self) -> ActorId {
        self.holder
    }

    /// The gate whose log it seals.
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The index has taken in all that was sealed.
    pub(crate) fn none_unindexed(&self) {
        self.unindexed.store(0, Ordering::Relaxed);
    }

    /// So have the chains.
    pub(crate) fn none_unchained(&self) {
        self.unchained.store(0, Ordering::Relaxed);
    }
}

/// What a pass read: pending groups, the tree's edge, where the tree ends.
struct Pending {
    size: u64,
    tiles: BTreeMap<TileId, Vec<Hash>>,
    batches: Vec<store::log::PendingBatch>,
    last: Option<CheckpointRow>,
}

impl Sealer {
    /// Seals until stopped, at least every second, and rolls every hour and whenever somebody wants it.
    pub async fn run(self, mut stop: tokio::sync::watch::Receiver<bool>) {
        let mut rolled = self.gate.now();
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                _ = stop.changed() => break,
            }
            if let Err(error) = self.seal().await {
                tracing::warn!(%error, "the log could not be sealed; trying again");
            }
            // Whoever is at work sees to what others want; another looks again when a roll would be due.
            let is_at_work = self.gate.now().micros() < self.renew_at.load(Ordering::Relaxed);
            let wanted = if is_at_work { self.gate.wanted_roll().await.ok().flatten() } else { None };
            if wanted.is_none() && self.gate.now() < rolled.plus_seconds(SECONDS_A_ROLL) {
                continue;
            }
            match self.roll().await {
                Ok(()) => rolled = self.gate.now(),
                // Whoever seals rolls, and sees to what was wanted.
                Err(GateError::SealedElsewhere) => {
                    rolled = self.gate.now();
                    continue;
                }
                Err(error) => {
                    tracing::warn!(%error, "the log could not be rolled; trying again");
                    continue;
                }
            }
            if let Some(request) = wanted
                && let Err(error) = self.gate.roll_given(request).await
            {
                tracing::warn!(%error, "a roll that was wanted could not be told of; trying again");
            }
        }
        if let Err(error) = self.finish().await {
            tracing::warn!(%error, "the log could not be sealed before stopping; the next start does");
        }
    }

    /// Seals what is committed and gives the lease back, so that the next sealer need not wait for it to
    /// run out. While another sealer is at work it does nothing: that one seals.
    pub async fn finish(self) -> Result<(), GateError> {
        let sealed = self.seal().await;
        let holder = self.holder;
        self.gate.inner.store.write(move |unit| store::lease::release(unit, "sealer", holder)).await?;
        sealed.map(drop)
    }

    /// Seals everything that is committed now, if no other sealer is at work. Returns how many entries became
    /// leaves.
    pub async fn seal(&self) -> Result<u64, GateError> {
        let mut sealed = 0;
        while self.lease().await? {
            let (added, is_last) = self.pass().await?;
            sealed += added;
            // What was committed since the last pass began is left to the next tick: sealing without a
            // pause would write more than the entries do.
            if is_last {
                let cosigned = self.cosign().await;
                self.index(least(&self.unindexed, ENTRIES_A_RUN)).await?;
                self.chain(least(&self.unchained, ENTRIES_A_BATCH)).await?;
                cosigned?;
                break;
            }
        }
        Ok(sealed)
    }

    /// Takes or keeps the right to seal; false while another sealer has it. Taken again only at half its time,
    /// since each taking is a write.
    pub(crate) async fn lease(&self) -> Result<bool, GateError> {
        let (holder, now) = (self.holder, self.gate.now());
        if now.micros() < self.renew_at.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let until = now.plus_seconds(LEASE_SECONDS);
        let held = self
            .gate
            .inner
            .store
            .write(move |unit| store::lease::acquire(unit, "sealer", holder, now, until))
            .await?;
        let renew_at = if held { now.plus_seconds(LEASE_SECONDS / 2).micros() } else { i64::MIN };
        self.renew_at.store(renew_at, Ordering::Relaxed);
        Ok(held)
    }

    /// Seals what is pending, up to a bound. Returns how many entries became leaves, and whether that was all.
    async fn pass(&self) -> Result<(u64, bool), GateError> {
        let store = &self.gate.inner.store;
        let pending: Pending = store.read(read_pending).await?;
        if pending.batches.is_empty() {
            return Ok((0, true));
        }
        let is_last = pending.batches.len() < BATCHES_A_PASS;
        let log = |problem: String| GateError::Log { problem };
        let mut tree =
            TreeState::restore(pending.size, &pending.tiles).map_err(|error| log(error.to_string()))?;
        if let Some(last) = &pending.last {
            self.check_edge(&last.note, &tree).await?;
        }
        let (mut sealed, mut rolls) = (Vec::with_capacity(pending.batches.len()), Vec::new());
        let mut places = 0;
        for batch in &pending.batches {
            sealed.push(SealedBatch {
                first_leaf: signed(tree.size()),
                batch: batch.batch,
                count: i64::try_from(batch.entries.len()).unwrap_or(i64::MAX),
            });
            for entry in &batch.entries {
                places += entry.listed().count() as u64;
                let leaf = tree.append(leaf_hash(&commitment(&entry.body)));
                rolls.extend(Roll::from_body(&entry.body).map(|roll| roll_row(leaf, &roll)));
            }
        }
        let added = tree.size() - pending.size;
        let checkpoint = Checkpoint {
            origin: self.signer.verifier().name().to_owned(),
            size: tree.size(),
            root: tree.root(),
        };
        let changed: Vec<Tile> = tree.take_changed();
        let note = checkpoint.sign(&self.signer).map_err(|error| log(error.to_string()))?;
        let tiles: Vec<TileRow> = changed.iter().map(tile_row).collect();
        let row = CheckpointRow { size: signed(tree.size()), note };
        let before = pending.last.map(|last| last.size);
        store
            .write(move |unit| {
                // INVARIANT: the tree only grows from where it was read; another sealer's pass undoes this one.
                if store::log::tree::latest_checkpoint(unit)?.map(|last| last.size) != before {
                    return Err(StoreError::Changed);
                }
                store::log::record_sealed(unit, &sealed)?;
                store::log::tree::put_tiles(unit, &tiles)?;
                store::log::tree::add_rolls(unit, &rolls)?;
                store::log::tree::put_checkpoint(unit, &row)
            })
            .await?;
        self.unindexed.fetch_add(places, Ordering::Relaxed);
        self.unchained.fetch_add(places, Ordering::Relaxed);
        Ok((added, is_last))
    }

    /// What the next checkpoint is built on must be what the last one signed: nothing that was altered since is
    /// signed anew.
    async fn check_edge(&self, note: &str, tree: &TreeState) -> Result<(), GateError> {
        let signed = match Checkpoint::parse_and_verify(note, self.signer.verifier()) {
            Ok(checkpoint) => Some(checkpoint),
            // The first pass after a restore goes on from the former log's.
            Err(_) => self.gate.formers().await?.pop().map(|former| former.checkpoint),
        };
        if signed.is_some_and(|signed| signed.size == tree.size() && signed.root == tree.root()) {
            return Ok(());
        }
        let problem = "the stored tree does not lead to the newest checkpoint, so nothing is built on it: run \
            `moretus log verify`, which says what was altered";
        Err(GateError::Log { problem: problem.to_owned() })
    }

    /// Has the witness cosign the newest checkpoint, against the last one that it saw; nothing when that is it.
    async fn cosign(&self) -> Result<(), GateError> {
        let Some(witness) = &self.witness else { return Ok(()) };
        let Some(newest) = self.gate.inner.store.read(store::log::tree::latest_checkpoint).await? else {
            return Ok(());
        };
        let log = |problem: String| GateError::Log { problem };
        let (key, now) = (self.signer.verifier(), self.gate.now());
        let last = witness.last_size(key);
        if last == Some(number(newest.size)) {
            return Ok(());
        }
        let checkpoint =
            Checkpoint::parse_and_verify(&newest.note, key).map_err(|error| log(error.to_string()))?;
        let mut tiles: BTreeMap<TileId, Vec<Hash>> = BTreeMap::new();
        if let Some(last) = last {
            let needed =
                tiles_for_consistency(last, checkpoint.size).map_err(|error| log(error.to_string()))?;
            tiles = self.gate.inner.store.read(move |unit| read_hashes(unit, &needed)).await?;
        }
        let prove =
            |old: u64| consistency_proof(old, checkpoint.size, &tiles).map_err(|error| error.to_string());
        let note = witness.cosign(&newest.note, key, prove, now).map_err(log)?;
        let row = CheckpointRow { size: signed(checkpoint.size), note };
        self.gate.inner.store.write(move |unit| store::log::tree::put_checkpoint(unit, &row)).await?;
        Ok(())
    }
}

/// How many entries must wait for what is done in large parts: any at all once as many places wait.
fn least(places: &AtomicU64, most: u64) -> u64 {
    if places.load(Ordering::Relaxed) < most { most } else { 1 }
}

/// The hashes of stored tiles: what the tree goes on from. Their nodes are made anew.
fn read_hashes(unit: &mut Unit<'_>, ids: &[TileId]) -> Result<BTreeMap<TileId, Vec<Hash>>, StoreError> {
    let asked: Vec<_> = ids.iter().map(|id| (i64::from(id.level), signed(id.index))).collect();
    let hashes = |row: TileRow| {
        let id = tile_id(&row)?;
        Some((id, Tile::hashes_from_bytes(id, &row.hashes).ok()?))
    };
    let rows = store::log::tree::tiles(unit, &asked)?;
    rows.into_iter().map(|row| hashes(row).ok_or(StoreError::Corrupt { table: "log_tile" })).collect()
}

pub(crate) fn tile_id(row: &TileRow) -> Option<TileId> {
    Some(TileId { level: u8::try_from(row.level).ok()?, index: number(row.tile) })
}

fn read_pending(unit: &mut Unit<'_>) -> Result<Pending, StoreError> {
    let last = store::log::tree::latest_checkpoint(unit)?;
    let size = last.as_ref().map_or(0, |row| number(row.size));
    let tiles = read_hashes(unit, &TreeState::edge_tiles(size))?;
    Ok(Pending { size, tiles, batches: store::log::pending(unit, BATCHES_A_PASS)?, last })
}

/// A stored count or index; the store holds no negative ones.
pub(crate) fn number(value: i64) -> u64 {
    value.max(0).unsigned_abs()
}

/// A count or index as it is stored.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A roll as the store finds it; its number is given when it is written.
pub(crate) fn roll_row(leaf: u64, roll: &Roll) -> RollRow {
    RollRow {
        roll: 0,
        leaf: signed(leaf),
        size: signed(roll.size),
        map_root: roll.map_root,
        tokens: signed(roll.tokens),
        at: Timestamp::from_micros(signed(roll.at_us)),
    }
}

fn tile_row(tile: &Tile) -> TileRow {
    TileRow {
        level: i64::from(tile.id.level),
        tile: signed(tile.id.index),
        hashes: tile.to_bytes(),
        nodes: tile.node_bytes(),
    }
}
