//! Tiles: the stored form of the tree, 256 hashes at a time, as C2SP tlog-tiles lays them out.
//!
//! A tile at level `l` holds the roots of consecutive full subtrees of 256^l leaves; level 0 holds
//! leaf hashes. A partial tile is a prefix of the full one, so that storing the wider over the
//! narrower loses nothing. Reading tiles is the caller's work, behind [`TileSource`].

use std::{borrow::Cow, cell::RefCell, collections::BTreeMap, rc::Rc};

use crate::hash::{Hash, fold, node_hash};

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 256;

/// The levels that a tree of 2^64 leaves has.
pub const LEVELS: u8 = 8;

/// Which tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 for leaf hashes, up to 7.
    pub level: u8,
    /// The tile's place in its level, from 0.
    pub index: u64,
}

impl TileId {
    /// The leaf under the tile's hash at `position`: the first one.
    #[must_use]
    pub fn first_leaf(self, position: usize) -> u64 {
        let hash_index = self.index.saturating_mul(TILE_WIDTH as u64).saturating_add(position as u64);
        hash_index.saturating_mul(1u64.checked_shl(8 * u32::from(self.level)).unwrap_or(u64::MAX))
    }

    /// The tile's path below a log's address, for a tile of `width` hashes (1 to 256): the index
    /// in groups of three digits, and `.p/` and the width for a partial tile.
    #[must_use]
    pub fn path(self, width: usize) -> String {
        let mut groups = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups = format!("x{:03}/{groups}", rest % 1000);
            rest /= 1000;
        }
        let partial = if width < TILE_WIDTH { format!(".p/{width}") } else { String::new() };
        format!("tile/{}/{groups}{partial}", self.level)
    }
}

/// A tile as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Which tile.
    pub id: TileId,
    /// Its hashes from the left: 1 to 256.
    pub hashes: Vec<Hash>,
}

impl Tile {
    /// The tile's bytes: its hashes one after another.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.as_flattened().to_vec()
    }

    /// Reads a tile's bytes.
    ///
    /// # Errors
    /// The bytes are not 1 to 256 hashes of 32 bytes.
    pub fn from_bytes(id: TileId, bytes: &[u8]) -> Result<Tile, TileError> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || hashes.is_empty() || hashes.len() > TILE_WIDTH {
            return Err(TileError { level: id.level, index: id.index, bytes: bytes.len() });
        }
        Ok(Tile { id, hashes: hashes.to_vec() })
    }
}

/// Stored bytes that are no tile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tile {level}/{index} has {bytes} bytes: a tile is 1 to 256 hashes of 32 bytes")]
pub struct TileError {
    /// The tile's level.
    pub level: u8,
    /// The tile's index.
    pub index: u64,
    /// The bytes found.
    pub bytes: usize,
}

/// Where tiles come from: read beforehand, or read when asked for.
pub trait TileSource {
    /// The tile's hashes, `None` when it is not stored. It may hold more hashes than a smaller
    /// tree needs, never others.
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>>;

    /// Those of these tiles that are stored: read together where that is quicker than one after the other.
    fn tiles(&self, ids: &[TileId]) -> Vec<Tile> {
        let tile = |id: &TileId| Some(Tile { id: *id, hashes: self.tile(*id)?.into_owned() });
        ids.iter().filter_map(tile).collect()
    }

    /// The root over `count` of the tile's hashes from `offset`, a power of two of them at a multiple of it;
    /// `None` when the tile does not have them.
    fn node(&self, id: TileId, offset: usize, count: usize) -> Option<Hash> {
        fold(self.tile(id)?.get(offset..offset + count)?)
    }
}

/// Tiles that were read once, with all nodes over their hashes: what proofs have in common is read and hashed
/// once. The nodes of a tile are all hashed when it is read: one proof needs nearly as many. Forgets all when it
/// holds too many.
pub struct TileCache<S> {
    tiles: S,
    most: usize,
    known: RefCell<BTreeMap<TileId, Rc<Kept>>>,
    /// The one that was asked for last: a proof takes most of its nodes from the same few.
    last: RefCell<Option<(TileId, Rc<Kept>)>>,
}

/// The nodes over each one, two, four ... of a tile's hashes, as far as they are whole: row `n` over 2^n of them.
struct Kept(Vec<Vec<Hash>>);

impl Kept {
    fn of(hashes: Vec<Hash>) -> Kept {
        let mut rows = vec![hashes];
        while let Some(below) = rows.last().filter(|below| below.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            rows.push(pairs.iter().map(|[left, right]| node_hash(left, right)).collect());
        }
        Kept(rows)
    }
}

impl<S: TileSource> TileCache<S> {
    /// A cache of at most so many tiles, some 16 kB each; of more where more are read together.
    pub fn new(tiles: S, most: usize) -> TileCache<S> {
        TileCache { tiles, most, known: RefCell::default(), last: RefCell::default() }
    }

    fn kept(&self, id: TileId) -> Option<Rc<Kept>> {
        if let Some((last, kept)) = &*self.last.borrow()
            && *last == id
        {
            return Some(Rc::clone(kept));
        }
        let known = self.known.borrow().get(&id).map(Rc::clone);
        let kept = known.or_else(|| self.read(id))?;
        *self.last.borrow_mut() = Some((id, Rc::clone(&kept)));
        Some(kept)
    }

    fn read(&self, id: TileId) -> Option<Rc<Kept>> {
        let hashes = self.tiles.tile(id)?.into_owned();
        self.make_room(1);
        Some(self.keep(Tile { id, hashes }))
    }

    /// Reads those of these tiles together that it does not have yet.
    pub fn read_ahead(&self, mut ids: Vec<TileId>) {
        // Before it is looked at what is known: what is cleared is read again with the rest.
        self.make_room(ids.len());
        ids.retain(|id| !self.known.borrow().contains_key(id));
        if !ids.is_empty() {
            self.tiles.tiles(&ids).into_iter().for_each(|tile| drop(self.keep(tile)));
        }
    }

    fn make_room(&self, tiles: usize) {
        let mut known = self.known.borrow_mut();
        if known.len() + tiles > self.most {
            known.clear();
        }
    }

    fn keep(&self, tile: Tile) -> Rc<Kept> {
        let kept = Rc::new(Kept::of(tile.hashes));
        self.known.borrow_mut().insert(tile.id, Rc::clone(&kept));
        kept
    }
}

impl<S: TileSource> TileSource for TileCache<S> {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        self.kept(id)?.0.first().cloned().map(Cow::Owned)
    }

    fn node(&self, id: TileId, offset: usize, count: usize) -> Option<Hash> {
        let kept = self.kept(id)?;
        kept.0.get(count.checked_ilog2()? as usize)?.get(offset / count).copied()
    }
}

impl TileSource for BTreeMap<TileId, Vec<Hash>> {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        self.get(&id).map(|hashes| Cow::Borrowed(hashes.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_of_the_specification() {
        assert_eq!(TileId { level: 0, index: 1_234_067 }.path(256), "tile/0/x001/x234/067");
        assert_eq!(TileId { level: 2, index: 0 }.path(1), "tile/2/000.p/1");
    }

    #[test]
    fn bytes_round_trip_and_other_lengths_are_refused() {
        let id = TileId { level: 1, index: 3 };
        let tile = Tile { id, hashes: vec![[1; 32], [2; 32]] };
        assert_eq!(Tile::from_bytes(id, &tile.to_bytes()).unwrap(), tile);
        for length in [0usize, 1, 31, 33, 257 * 32] {
            let error = Tile::from_bytes(id, &vec![0; length]).unwrap_err();
            assert_eq!(error, TileError { level: 1, index: 3, bytes: length });
        }
    }

    #[test]
    fn a_cache_gives_the_nodes_of_its_tiles_also_after_it_forgot() {
        let tiles: BTreeMap<TileId, Vec<Hash>> = (0..3u8)
            .map(|number| {
                let width = if number == 2 { 41 } else { TILE_WIDTH };
                let hashes = (0..width).map(|place| [number ^ place as u8; 32]).collect();
                (TileId { level: 0, index: u64::from(number) }, hashes)
            })
            .collect();
        let cache = TileCache::new(tiles.clone(), 2);
        for _ in 0..2 {
            for (id, hashes) in &tiles {
                assert_eq!(cache.tile(*id).as_deref(), Some(hashes.as_slice()));
                for count in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
                    for offset in (0..=TILE_WIDTH).step_by(count) {
                        assert_eq!(cache.node(*id, offset, count), tiles.node(*id, offset, count));
                    }
                }
            }
        }
        assert_eq!(cache.node(TileId { level: 1, index: 0 }, 0, 1), None);
    }

    #[test]
    fn first_leaf_under_a_hash() {
        assert_eq!(TileId { level: 0, index: 2 }.first_leaf(5), 517);
        assert_eq!(TileId { level: 1, index: 1 }.first_leaf(1), 257 * 256);
        assert_eq!(TileId { level: 8, index: 1 }.first_leaf(0), u64::MAX);
    }
}
