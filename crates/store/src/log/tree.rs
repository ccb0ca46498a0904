//! The tree's stored form: tiles, the sealer's small state, signed checkpoints, and rolls.

use domain::Timestamp;

use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A tile: up to 256 hashes of 32 bytes, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileRow {
    /// 0 for leaves, 1 for the roots of 256 leaves, and so on.
    pub level: i64,
    /// Which tile of the level.
    pub tile: i64,
    /// The hashes.
    pub hashes: Vec<u8>,
    /// The nodes over each 16 of the hashes, one behind the other.
    pub nodes: Vec<u8>,
}

impl TileRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            level: row.int(0)?,
            tile: row.int(1)?,
            hashes: row.bytes(2)?.to_vec(),
            nodes: row.bytes(3)?.to_vec(),
        })
    }
}

static PUT_TILE: Bulk<4> = Bulk::or(
    "moretus_log.log_tile",
    [("level", Type::Int), ("tile", Type::Int), ("hashes", Type::Bytes), ("nodes", Type::Bytes)],
    "(level, tile) DO UPDATE SET hashes = excluded.hashes, nodes = excluded.nodes",
);

fn tile_params(row: &TileRow) -> [Param<'_>; 4] {
    [Param::Int(row.level), Param::Int(row.tile), Param::Bytes(&row.hashes), Param::Bytes(&row.nodes)]
}

/// Writes tiles, each at most once, in place of shorter ones.
pub fn put_tiles(unit: &mut Unit<'_>, tiles: &[TileRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = tiles.iter().map(tile_params).collect();
    unit.insert_rows(&PUT_TILE, &rows).map(drop)
}

/// A tile's hashes.
pub fn tile(unit: &mut Unit<'_>, level: i64, tile: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT hashes FROM moretus_log.log_tile WHERE level = $1 AND tile = $2";
    let row = unit.query_first("log_tile", sql, &[Param::Int(level), Param::Int(tile)])?;
    row.map(|mut row| row.take_bytes(0)).transpose()
}

/// Those of these tiles, by level and number, that there are.
pub fn tiles(unit: &mut Unit<'_>, ids: &[(i64, i64)]) -> Result<Vec<TileRow>, StoreError> {
    let sql = "SELECT level, tile, hashes, nodes FROM moretus_log.log_tile WHERE level = $1 AND tile = $2";
    let asked: Vec<_> = ids.iter().map(|(level, tile)| [Param::Int(*level), Param::Int(*tile)]).collect();
    unit.query_each("log_tile", sql, &asked, TileRow::from_row)
}

/// Up to `limit` tiles of a level from one on, in order.
pub fn tiles_from(
    unit: &mut Unit<'_>,
    level: i64,
    first: i64,
    limit: usize,
) -> Result<Vec<TileRow>, StoreError> {
    let sql = "SELECT level, tile, hashes, nodes FROM moretus_log.log_tile WHERE level = $1 AND tile >= $2 ORDER BY tile LIMIT $3";
    let params = [Param::Int(level), Param::Int(first), Param::count(limit)];
    unit.query("log_tile", sql, &params)?.iter().map(TileRow::from_row).collect()
}

/// A piece of the sealer's state.
pub fn state(unit: &mut Unit<'_>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT value FROM moretus_log.log_state WHERE name = $1";
    unit.query_first("log_state", sql, &[Param::Text(name)])?.map(|mut row| row.take_bytes(0)).transpose()
}

/// Writes a piece of the sealer's state.
pub fn set_state(unit: &mut Unit<'_>, name: &str, value: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus_log.log_state (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    unit.execute(sql, &[Param::Text(name), Param::Bytes(value)]).map(drop)
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The tree's size.
    pub size: i64,
    /// The signed note, with the witnesses' lines.
    pub note: String,
}

impl CheckpointRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { size: row.int(0)?, note: row.text(1)?.to_owned() })
    }
}

/// Writes a checkpoint; of the same size in place of the former one (a witness has added its line).
pub fn put_checkpoint(unit: &mut Unit<'_>, row: &CheckpointRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus_log.checkpoint (size, note) VALUES ($1, $2)
        ON CONFLICT (size) DO UPDATE SET note = excluded.note";
    unit.execute(sql, &[Param::Int(row.size), Param::Text(&row.note)]).map(drop)
}

/// The checkpoint of the largest size.
pub fn latest_checkpoint(unit: &mut Unit<'_>) -> Result<Option<CheckpointRow>, StoreError> {
    let sql = "SELECT size, note FROM moretus_log.checkpoint ORDER BY size DESC LIMIT 1";
    unit.query_first("checkpoint", sql, &[])?.map(|row| CheckpointRow::from_row(&row)).transpose()
}

/// The smallest checkpoint of at least a size.
pub fn checkpoint_covering(unit: &mut Unit<'_>, size: i64) -> Result<Option<CheckpointRow>, StoreError> {
    let sql = "SELECT size, note FROM moretus_log.checkpoint WHERE size >= $1 ORDER BY size LIMIT 1";
    unit.query_first("checkpoint", sql, &[Param::Int(size)])?
        .map(|row| CheckpointRow::from_row(&row))
        .transpose()
}

/// Up to `limit` checkpoints of at least a size, by size.
pub fn checkpoints_from(
    unit: &mut Unit<'_>,
    size: i64,
    limit: usize,
) -> Result<Vec<CheckpointRow>, StoreError> {
    let sql = "SELECT size, note FROM moretus_log.checkpoint WHERE size >= $1 ORDER BY size LIMIT $2";
    let rows = unit.query("checkpoint", sql, &[Param::Int(size), Param::count(limit)])?;
    rows.iter().map(CheckpointRow::from_row).collect()
}

/// Up to `limit` checkpoints of at most a size, the largest first.
pub fn checkpoints_down_from(
    unit: &mut Unit<'_>,
    size: i64,
    limit: usize,
) -> Result<Vec<CheckpointRow>, StoreError> {
    let sql = "SELECT size, note FROM moretus_log.checkpoint WHERE size <= $1 ORDER BY size DESC LIMIT $2";
    let rows = unit.query("checkpoint", sql, &[Param::Int(size), Param::count(limit)])?;
    rows.iter().map(CheckpointRow::from_row).collect()
}

/// How many tiles there are.
pub fn tile_count(unit: &mut Unit<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM moretus_log.log_tile";
    unit.query_first("log_tile", sql, &[])?.ok_or_else(|| StoreError::internal("no-row"))?.int(0)
}

/// Deletes the checkpoints below a size that are not in `keep`: one a second would fill the table.
pub fn thin_checkpoints(unit: &mut Unit<'_>, below: i64, keep: &[i64]) -> Result<u64, StoreError> {
    let rows = unit.query(
        "checkpoint",
        "SELECT size FROM moretus_log.checkpoint WHERE size < $1",
        &[Param::Int(below)],
    )?;
    rows.iter().try_fold(0, |deleted, row| {
        let size = row.int(0)?;
        if keep.contains(&size) {
            return Ok(deleted);
        }
        Ok(deleted
            + unit.execute("DELETE FROM moretus_log.checkpoint WHERE size = $1", &[Param::Int(size)])?)
    })
}

/// A roll: the map of all chains at one moment, committed as a leaf. It repeats what that leaf's entry says, so
/// that a roll is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollRow {
    /// 1, 2, 3 ...
    pub roll: i64,
    /// The leaf that commits it.
    pub leaf: i64,
    /// The leaves that the chains take in.
    pub size: i64,
    /// The map's root.
    pub map_root: [u8; 32],
    /// How many tokens the map has.
    pub tokens: i64,
    /// When.
    pub at: Timestamp,
}

impl RollRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            roll: row.int(0)?,
            leaf: row.int(1)?,
            size: row.int(2)?,
            map_root: row.array(3)?,
            tokens: row.int(4)?,
            at: row.at(5)?,
        })
    }
}

/// Writes rolls under the next numbers, in order.
pub fn add_rolls(unit: &mut Unit<'_>, rolls: &[RollRow]) -> Result<(), StoreError> {
    if rolls.is_empty() {
        return Ok(());
    }
    let last = latest_roll(unit)?.map_or(0, |last| last.roll);
    (last + 1..).zip(rolls).try_for_each(|(roll, row)| insert_roll(unit, &RollRow { roll, ..*row }))
}

fn insert_roll(unit: &mut Unit<'_>, row: &RollRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus_log.roll (roll, leaf, size, map_root, tokens, at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING";
    let [roll, leaf, size] = [row.roll, row.leaf, row.size].map(Param::Int);
    let (root, tokens) = (Param::Bytes(&row.map_root), Param::Int(row.tokens));
    unit.change_one(sql, &[roll, leaf, size, root, tokens, Param::at(row.at)])
}

/// The last roll.
pub fn latest_roll(unit: &mut Unit<'_>) -> Result<Option<RollRow>, StoreError> {
    let sql =
        "SELECT roll, leaf, size, map_root, tokens, at FROM moretus_log.roll ORDER BY roll DESC LIMIT 1";
    unit.query_first("roll", sql, &[])?.map(|row| RollRow::from_row(&row)).transpose()
}

/// The last roll that was made at this instant or before.
pub fn roll_before(unit: &mut Unit<'_>, at: Timestamp) -> Result<Option<RollRow>, StoreError> {
    let sql = "SELECT roll, leaf, size, map_root, tokens, at FROM moretus_log.roll WHERE at <= $1
        ORDER BY roll DESC LIMIT 1";
    unit.query_first("roll", sql, &[Param::at(at)])?.map(|row| RollRow::from_row(&row)).transpose()
}

/// The last roll of those that were all made at this instant or before: one whose clock was put back since is not among them, nor
/// what follows one whose clock was ahead.
pub fn last_roll_of_before(unit: &mut Unit<'_>, at: Timestamp) -> Result<Option<RollRow>, StoreError> {
    let sql = "SELECT roll, leaf, size, map_root, tokens, at FROM moretus_log.roll
        WHERE roll < (SELECT coalesce(min(roll), $1) FROM moretus_log.roll WHERE at > $2) ORDER BY roll DESC LIMIT 1";
    let params = [Param::Int(i64::MAX), Param::at(at)];
    unit.query_first("roll", sql, &params)?.map(|row| RollRow::from_row(&row)).transpose()
}

/// The first roll that was made at this instant or after.
pub fn roll_after(unit: &mut Unit<'_>, at: Timestamp) -> Result<Option<RollRow>, StoreError> {
    let sql = "SELECT roll, leaf, size, map_root, tokens, at FROM moretus_log.roll WHERE at >= $1
        ORDER BY roll LIMIT 1";
    unit.query_first("roll", sql, &[Param::at(at)])?.map(|row| RollRow::from_row(&row)).transpose()
}

/// Every roll, in order.
pub fn rolls(unit: &mut Unit<'_>) -> Result<Vec<RollRow>, StoreError> {
    let sql = "SELECT roll, leaf, size, map_root, tokens, at FROM moretus_log.roll ORDER BY roll";
    unit.query("roll", sql, &[])?.iter().map(RollRow::from_row).collect()
}
