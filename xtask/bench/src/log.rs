//! The rows of the log: what a proof costs, how fast the whole log is verified, and how long a roll takes over
//! many people. The log holds entries as reads of cover write them, about people of whom nothing else is stored.
//! Times are the clock's; figures of a busy machine say little.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use domain::{ActorId, SubjectId, SubjectKind, SubjectKindSet};
use store::log::tree::TileRow;
use store::subject::SubjectRow;
use store::{Appended, NewDisclosure, StoreError, Unit};
use transparency::proof::tiles_for_inclusion;
use transparency::{
    Hash, Tile, TileCache, TileId, TileSource, TreeError, consistency_proof, inclusion_proof,
    inclusion_proofs, root_at, verify_inclusion,
};

use crate::database::Engine;
use crate::fill;
use crate::measure::{Row, median};
use crate::site::Site;
use crate::{Failure, Run};

/// Entries and people of one call.
const A_CALL: usize = 1_000;
/// Proofs made in one round.
const PROOFS: u64 = 2_000;
/// A step without factors in common with round counts: all entries, in no order.
const STEP: u64 = 2_654_435_761;

pub(crate) async fn measure(run: &Run, engine: &Engine) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for (place, people) in run.log_people.iter().enumerate() {
        let (site, first_roll) = filled(run, engine, *people).await?;
        if place == 0 {
            rows.extend(proofs(run, engine, &site).await?);
        }
        rows.push(verification(run, engine, &site, *people).await?);
        rows.push(rolls(run, engine, &site, *people, first_roll).await?);
        site.close().await?;
    }
    Ok(rows)
}

/// A site with a log about so many people, made anew; and the milliseconds of its first roll.
async fn filled(run: &Run, engine: &Engine, people: u32) -> Result<(Site, f64), Failure> {
    eprintln!("filling {}: a log of {} entries about {people} people", engine.name(), run.log_entries);
    let site = Site::make(engine, &format!("log_{people}")).await?;
    let person =
        |number: u64| SubjectId::from_bytes((u128::from(number.wrapping_mul(STEP)) << 64 | 7).to_be_bytes());
    let all: Vec<u64> = (0..u64::from(people)).collect();
    for part in all.chunks(A_CALL) {
        let row = |number: &u64| SubjectRow {
            subject: person(*number),
            portfolio: site.portfolio,
            kind: SubjectKind::Member,
            law: domain::GoverningLaw::Belgium,
            notice: 1,
            version: 1,
            taken_up: domain::Timestamp::from_micros(0),
        };
        let rows: Vec<SubjectRow> = part.iter().map(row).collect();
        let insert = move |unit: &mut Unit<'_>| store::subject::insert_many(unit, &rows);
        site.app.store().write(insert).await.map_err(|error: StoreError| error)?;
    }
    let (gate, actor) = (&site.app.gate, ActorId::from_bytes([9; 16]));
    let sealer = gate.sealer(None).await?;
    for first in (0..run.log_entries).step_by(A_CALL) {
        let entry = |number: u64| {
            let subject = person(number.wrapping_mul(STEP) % u64::from(people.max(1)));
            Some(NewDisclosure {
                subject,
                portfolio: site.portfolio,
                notice: 1,
                kinds: SubjectKindSet::of(&[SubjectKind::Member]),
                laws: domain::GoverningLawSet::ALL,
                tests: Vec::new(),
                recipient_tests: Vec::new(),
                register: None,
                body: fill::body(&site, subject, actor, gate.now())?,
                people: Vec::new(),
            })
        };
        let entries = (first..run.log_entries.min(first + A_CALL as u64)).filter_map(entry).collect();
        let appended = site.app.store().append(entries, gate.now()).await?;
        if !appended.iter().all(|one| matches!(one, Appended::At(_))) {
            return Err("an entry was refused while filling".into());
        }
        if (first / A_CALL as u64).is_multiple_of(10) {
            sealer.seal().await?;
        }
    }
    sealer.seal().await?;
    let clock = Instant::now();
    sealer.roll().await?;
    let first_roll = milliseconds(clock);
    sealer.finish().await?;
    Ok((site, first_roll))
}

fn milliseconds(clock: Instant) -> f64 {
    clock.elapsed().as_secs_f64() * 1_000.0
}

/// Tiles as the store has them.
fn tiles_of(unit: &mut Unit<'_>, ids: &[TileId]) -> Result<Vec<Tile>, StoreError> {
    let corrupt = StoreError::Corrupt { table: "log_tile" };
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let asked: Vec<_> = ids.iter().map(|id| (i64::from(id.level), signed(id.index))).collect();
    let tile = |row: TileRow| {
        let level = u8::try_from(row.level).map_err(|_| corrupt.clone())?;
        let id = TileId { level, index: u64::try_from(row.tile).map_err(|_| corrupt.clone())? };
        Tile::from_bytes(id, &row.hashes, &row.nodes).map_err(|_| corrupt.clone())
    };
    store::log::tree::tiles(unit, &asked)?.into_iter().map(tile).collect()
}

/// Tiles from the store, read when they are asked for.
struct Stored<'u, 'e>(RefCell<&'u mut Unit<'e>>);

impl TileSource for Stored<'_, '_> {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        tiles_of(&mut self.0.borrow_mut(), &[id]).ok()?.pop().map(|tile| Cow::Owned(tile.hashes))
    }

    fn tiles(&self, ids: &[TileId]) -> Vec<Tile> {
        tiles_of(&mut self.0.borrow_mut(), ids).unwrap_or_default()
    }
}

/// Makes the proofs about leaves, or earlier sizes, of a tree of the second size.
type Prove = fn(&[u64], u64, &TileCache<Stored<'_, '_>>) -> Result<Vec<Vec<Hash>>, TreeError>;

/// What making proofs took, in microseconds each, and the bytes of the longest.
struct Made {
    cold: f64,
    warm: f64,
    bytes: usize,
}

/// Makes so many proofs twice from one cache of tiles: first they are read, then they are there.
fn make(unit: &mut Unit<'_>, size: u64, prove: Prove) -> Result<Made, StoreError> {
    let tiles = TileCache::new(Stored(RefCell::new(unit)), PROOFS as usize * 4);
    let of: Vec<u64> = (0..PROOFS).map(|number| number * size / PROOFS).collect();
    let (mut times, mut bytes) = ([0.0; 2], 0);
    for time in &mut times {
        let clock = Instant::now();
        let proofs = prove(&of, size, &tiles).map_err(|_| StoreError::Corrupt { table: "log_tile" })?;
        bytes = proofs.iter().map(|proof| proof.len() * 32).max().unwrap_or(0);
        *time = milliseconds(clock) * 1_000.0 / PROOFS as f64;
    }
    let [cold, warm] = times;
    Ok(Made { cold, warm, bytes })
}

/// Proofs of inclusion and consistency, one after the other.
async fn proofs(run: &Run, engine: &Engine, site: &Site) -> Result<Vec<Row>, Failure> {
    let size = site.app.gate.log_head().await?.size;
    let checked = checked(site, size).await?;
    let mut rows = Vec::new();
    let kinds: [(&str, Prove); 3] = [
        ("proof of inclusion", |of, size, tiles| {
            of.iter().map(|leaf| inclusion_proof(*leaf, size, tiles)).collect()
        }),
        ("proof of inclusion, of many together", |of, size, tiles| inclusion_proofs(of, size, tiles)),
        ("proof of consistency", |of, size, tiles| {
            of.iter().map(|old| consistency_proof(*old, size, tiles)).collect()
        }),
    ];
    for (what, prove) in kinds {
        let (mut warm, mut cold, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..run.rounds {
            let made = site.app.store().read(move |unit| make(unit, size, prove)).await?;
            warm.push(made.warm);
            cold.push(made.cold);
            bytes = made.bytes.max(bytes);
        }
        rows.push(Row {
            what: format!("{what}, log of {size} entries"),
            database: engine.name(),
            product: warm,
            floor: Vec::new(),
            unit: "us",
            aim: "<= 20 us, <= 1 kB",
            remark: format!(
                "from tiles that were read before; {:.1} us where they are read for it; {bytes} bytes at most; a proof of \
                 inclusion is checked in {checked:.2} us",
                median(&cold)
            ),
        });
    }
    Ok(rows)
}

/// Microseconds that checking a proof of inclusion takes.
async fn checked(site: &Site, size: u64) -> Result<f64, Failure> {
    let at = size / 3;
    let broken = |_| StoreError::Corrupt { table: "log_tile" };
    let made = site.app.store().read(move |unit| {
        let mut ids = tiles_for_inclusion(at, size).map_err(broken)?;
        ids.extend(transparency::tree::tiles_for_root(size));
        ids.push(TileId { level: 0, index: at / 256 });
        let tiles: BTreeMap<TileId, Vec<Hash>> =
            tiles_of(unit, &ids)?.into_iter().map(|tile| (tile.id, tile.hashes)).collect();
        let leaf = tiles.get(&TileId { level: 0, index: at / 256 });
        let leaf = leaf.and_then(|hashes| hashes.get((at % 256) as usize)).copied();
        let leaf = leaf.ok_or(StoreError::Corrupt { table: "log_tile" })?;
        let root = root_at(size, &tiles).map_err(broken)?;
        Ok::<_, StoreError>((leaf, root, inclusion_proof(at, size, &tiles).map_err(broken)?))
    });
    let (leaf, root, proof) = made.await?;
    let clock = Instant::now();
    for _ in 0..PROOFS {
        verify_inclusion(std::hint::black_box(&leaf), at, size, &root, &proof)?;
    }
    Ok(milliseconds(clock) * 1_000.0 / PROOFS as f64)
}

async fn verification(run: &Run, engine: &Engine, site: &Site, people: u32) -> Result<Row, Failure> {
    let (mut product, mut checkpoints, mut rolls) = (Vec::new(), 0, 0);
    for _ in 0..run.rounds {
        let clock = Instant::now();
        let report = site.app.gate.verify_log(None).await?;
        product.push(report.entries as f64 / clock.elapsed().as_secs_f64());
        (checkpoints, rolls) = (report.checkpoints, report.rolls);
    }
    Ok(Row {
        what: format!("full verification, {} entries about {people} people", run.log_entries),
        database: engine.name(),
        product,
        floor: Vec::new(),
        unit: "entries/s",
        aim: ">= 500,000 entries/s",
        remark: format!(
            "leaves, tree, {checkpoints} checkpoints with their signatures, the chain of each, {rolls} rolls, and the index"
        ),
    })
}

async fn rolls(run: &Run, engine: &Engine, site: &Site, people: u32, first: f64) -> Result<Row, Failure> {
    let sealer = site.app.gate.sealer(None).await?;
    let mut product = Vec::new();
    for _ in 0..run.rounds {
        let clock = Instant::now();
        sealer.roll().await?;
        product.push(milliseconds(clock));
    }
    sealer.finish().await?;
    Ok(Row {
        what: format!("roll over {people} people"),
        database: engine.name(),
        product,
        floor: Vec::new(),
        unit: "ms",
        aim: "reported",
        remark: format!(
            "the map of all chains, committed and sealed, with nothing else to do; the first roll, with index and \
             chains of the entries that waited, took {first:.0} ms"
        ),
    })
}
