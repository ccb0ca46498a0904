//! Tiles: the stored form of the tree, 256 hashes at a time, as C2SP tlog-tiles lays them out.
//!
//! A tile at level `l` holds the roots of consecutive full subtrees of 256^l leaves; level 0 holds
//! leaf hashes. A partial tile is a prefix of the full one, so that storing the wider over the
//! narrower loses nothing. Beside its hashes a tile keeps the nodes half-way up, which are no part of what
//! C2SP publishes: a proof from a tile that was just read hashes 26 nodes instead of 247. Reading tiles is
//! the caller's work, behind [`TileSource`].

use std::{borrow::Cow, cell::RefCell, collections::BTreeMap, rc::Rc};

use crate::hash::{Hash, fold, node_hash};

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 256;

/// Hashes of a tile under one of the nodes that are kept beside them: half of a tile's height.
pub const NODE_WIDTH: usize = 16;

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
    /// The nodes over each [`NODE_WIDTH`] of them from the left, as far as they are whole: up to 16.
    pub nodes: Vec<Hash>,
}

impl Tile {
    /// The tile of these hashes, its nodes hashed from them.
    #[must_use]
    pub fn new(id: TileId, hashes: Vec<Hash>) -> Tile {
        let nodes = hashes.chunks_exact(NODE_WIDTH).filter_map(fold).collect();
        Tile { id, hashes, nodes }
    }

    /// The tile's bytes: its hashes one after another.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.as_flattened().to_vec()
    }

    /// The bytes of its nodes, one after another.
    #[must_use]
    pub fn node_bytes(&self) -> Vec<u8> {
        self.nodes.as_flattened().to_vec()
    }

    /// Reads a tile's bytes, and those of its nodes. Whether the nodes are those of the hashes is not looked at:
    /// a proof that is made with another does not hold, and [`crate::verify_log`] finds them.
    ///
    /// # Errors
    /// The bytes are not 1 to 256 hashes of 32 bytes, or not a node for each whole 16 of them.
    pub fn from_bytes(id: TileId, bytes: &[u8], node_bytes: &[u8]) -> Result<Tile, TileError> {
        let hashes = Tile::hashes_from_bytes(id, bytes)?;
        let (nodes, rest) = node_bytes.as_chunks::<32>();
        if !rest.is_empty() || nodes.len() != hashes.len() / NODE_WIDTH {
            return Err(TileError::Nodes { level: id.level, index: id.index, bytes: node_bytes.len() });
        }
        Ok(Tile { id, hashes, nodes: nodes.to_vec() })
    }

    /// Reads a tile's bytes where nothing is kept beside them, as C2SP has it.
    ///
    /// # Errors
    /// The bytes are not 1 to 256 hashes of 32 bytes.
    pub fn hashes_from_bytes(id: TileId, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || hashes.is_empty() || hashes.len() > TILE_WIDTH {
            return Err(TileError::Hashes { level: id.level, index: id.index, bytes: bytes.len() });
        }
        Ok(hashes.to_vec())
    }
}

/// Stored bytes that are no tile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not a tile's hashes.
    #[error("tile {level}/{index} has {bytes} bytes: a tile is 1 to 256 hashes of 32 bytes")]
    Hashes {
        /// The tile's level.
        level: u8,
        /// The tile's index.
        index: u64,
        /// The bytes found.
        bytes: usize,
    },
    /// Not the nodes of so many hashes.
    #[error(
        "tile {level}/{index} has nodes of {bytes} bytes: a node of 32 bytes belongs to each whole 16 hashes"
    )]
    Nodes {
        /// The tile's level.
        level: u8,
        /// The tile's index.
        index: u64,
        /// The bytes found.
        bytes: usize,
    },
}

/// Where tiles come from: read beforehand, or read when asked for.
pub trait TileSource {
    /// The tile's hashes, `None` when it is not stored. It may hold more hashes than a smaller
    /// tree needs, never others.
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>>;

    /// Those of these tiles that are stored, with their nodes: read together where that is quicker than one
    /// after the other.
    fn tiles(&self, ids: &[TileId]) -> Vec<Tile> {
        let tile = |id: &TileId| Some(Tile::new(*id, self.tile(*id)?.into_owned()));
        ids.iter().filter_map(tile).collect()
    }

    /// The root over `count` of the tile's hashes from `offset`, a power of two of them at a multiple of it;
    /// `None` when the tile does not have them.
    fn node(&self, id: TileId, offset: usize, count: usize) -> Option<Hash> {
        fold(self.tile(id)?.get(offset..offset + count)?)
    }
}

/// Tiles that were read once: what proofs have in common is read once, and mostly hashed once. Forgets all when
/// it holds too many.
pub struct TileCache<S> {
    tiles: S,
    most: usize,
    known: RefCell<BTreeMap<TileId, Rc<Kept>>>,
    /// The one that was asked for last: a proof takes most of its nodes from the same few.
    last: RefCell<Option<(TileId, Rc<Kept>)>>,
}

/// A tile's hashes, and the nodes over each 16, 32 ... 256 of them, as far as they are whole: row `n` over 16 * 2^n.
/// Nodes over fewer are hashed when they are asked for: a proof needs 3 of them, which takes 11 hashes.
struct Kept {
    hashes: Vec<Hash>,
    rows: Vec<Vec<Hash>>,
}

impl Kept {
    fn of(tile: Tile) -> Kept {
        let mut rows = vec![tile.nodes];
        while let Some(below) = rows.last().filter(|below| below.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            rows.push(pairs.iter().map(|[left, right]| node_hash(left, right)).collect());
        }
        Kept { hashes: tile.hashes, rows }
    }

    fn node(&self, offset: usize, count: usize) -> Option<Hash> {
        match (count / NODE_WIDTH).checked_ilog2() {
            Some(row) => self.rows.get(row as usize)?.get(offset / count).copied(),
            None => fold(self.hashes.get(offset..offset + count)?),
        }
    }
}

impl<S: TileSource> TileCache<S> {
    /// A cache of at most so many tiles, some 9 kB each; of more where more are read together.
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
        let tile = self.tiles.tiles(&[id]).pop()?;
        self.make_room(1);
        Some(self.keep(tile))
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
        let id = tile.id;
        let kept = Rc::new(Kept::of(tile));
        self.known.borrow_mut().insert(id, Rc::clone(&kept));
        kept
    }
}

impl<S: TileSource> TileSource for TileCache<S> {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        Some(Cow::Owned(self.kept(id)?.hashes.clone()))
    }

    fn node(&self, id: TileId, offset: usize, count: usize) -> Option<Hash> {
        self.kept(id)?.node(offset, count)
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
        for width in [1, 2, 15, 16, 33, 255, 256] {
            let tile = Tile::new(id, vec![[7; 32]; width]);
            assert_eq!(Tile::from_bytes(id, &tile.to_bytes(), &tile.node_bytes()).unwrap(), tile);
        }
        for bytes in [0, 1, 31, 33, 257 * 32] {
            let error = Tile::from_bytes(id, &vec![0; bytes], &vec![0; bytes / 512 * 32]).unwrap_err();
            assert_eq!(error, TileError::Hashes { level: 1, index: 3, bytes });
        }
        for (width, bytes) in [(1, 32), (15, 32), (16, 0), (16, 31), (16, 33), (256, 15 * 32)] {
            let error = Tile::from_bytes(id, &vec![0; width * 32], &vec![0; bytes]).unwrap_err();
            assert_eq!(error, TileError::Nodes { level: 1, index: 3, bytes });
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
