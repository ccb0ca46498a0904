//! The growing tree: leaves are appended, tiles come out, and the root is known at every size.
//! It keeps the right edge only, never the leaves.

use crate::{
    hash::{Hash, empty_root, node_hash},
    span::{Span, tiles_of},
    tile::{LEVELS, NODE_WIDTH, TILE_WIDTH, Tile, TileId, TileSource},
};

/// Why a tree could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A tile that the answer rests on is not stored, or too narrow.
    #[error(
        "tile {level}/{index} holds {found} of the {needed} hashes needed: rebuild the tiles from the entries, or restore them"
    )]
    MissingTile {
        /// The tile's level.
        level: u8,
        /// The tile's index.
        index: u64,
        /// The hashes that it should hold at least.
        needed: usize,
        /// The hashes that it holds; 0 when it is not stored.
        found: usize,
    },
    /// A leaf outside the tree.
    #[error("leaf {index} is not in a tree of {size} leaves: ask for a later size")]
    OutsideTree {
        /// The leaf asked for.
        index: u64,
        /// The tree's leaves.
        size: u64,
    },
    /// A consistency proof asked from a larger tree to a smaller one.
    #[error("a tree of {old} leaves cannot have grown into one of {new}: give the smaller size first")]
    Shrinks {
        /// The size given as the earlier.
        old: u64,
        /// The size given as the later.
        new: u64,
    },
}

/// A tree of which the right edge is in memory: at most 255 hashes a level.
#[derive(Clone, Debug, Default)]
pub struct TreeState {
    size: u64,
    /// The partial tile at each level.
    edge: Vec<Edge>,
    /// The full subtrees that make up the tree, from the left, each with its height: one for each bit of the
    /// size that is set.
    peaks: Vec<(u32, Hash)>,
    /// Tiles completed since they were last taken.
    completed: Vec<Tile>,
    /// The size at which changed tiles were last taken.
    taken_size: u64,
}

/// What a partial tile has so far.
#[derive(Clone, Debug, Default)]
struct Edge {
    hashes: Vec<Hash>,
    /// The nodes over each whole 16 of them.
    nodes: Vec<Hash>,
}

impl Edge {
    fn empty() -> Edge {
        Edge { hashes: Vec::with_capacity(TILE_WIDTH), nodes: Vec::with_capacity(TILE_WIDTH / NODE_WIDTH) }
    }

    /// Adds the node of this height: a hash of the tile, or one half-way up.
    fn add(&mut self, height: u32, hash: Hash) {
        if height.is_multiple_of(8) { self.hashes.push(hash) } else { self.nodes.push(hash) }
    }
}

impl TreeState {
    /// A tree without leaves.
    #[must_use]
    pub fn new() -> TreeState {
        TreeState::default()
    }

    /// The tree of `size` leaves, from its stored partial tiles (see [`TreeState::edge_tiles`]).
    /// Nothing counts as changed.
    ///
    /// # Errors
    /// A partial tile is not stored or too narrow.
    pub fn restore<S: TileSource + ?Sized>(size: u64, tiles: &S) -> Result<TreeState, TreeError> {
        let mut edge = vec![Edge::default(); usize::from(LEVELS)];
        let mut peaks = Vec::new();
        let mut widths: Vec<(TileId, usize)> = edge_widths(size).collect();
        widths.reverse();
        for (id, width) in widths {
            let stored = tiles.tile(id).unwrap_or_default();
            let hashes = stored.get(..width).ok_or(TreeError::MissingTile {
                level: id.level,
                index: id.index,
                needed: width,
                found: stored.len(),
            })?;
            if let Some(edge) = edge.get_mut(usize::from(id.level)) {
                // Fewer than 256 of them, so that none reaches the level above.
                for hash in hashes {
                    grow(&mut peaks, 8 * u32::from(id.level), *hash, |height, hash| edge.add(height, hash));
                }
            }
        }
        Ok(TreeState { size, edge, peaks, completed: Vec::new(), taken_size: size })
    }

    /// The partial tiles of a tree of `size` leaves: what [`TreeState::restore`] reads.
    #[must_use]
    pub fn edge_tiles(size: u64) -> Vec<TileId> {
        edge_widths(size).map(|(id, _)| id).collect()
    }

    /// The leaves in the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash and returns its index.
    pub fn append(&mut self, leaf_hash: Hash) -> u64 {
        let index = self.size;
        self.size += 1;
        let TreeState { edge, peaks, completed, .. } = self;
        grow(peaks, 0, leaf_hash, |height, hash| {
            let level = (height / 8) as u8;
            // A full tile's root is a hash of the level above.
            if height.is_multiple_of(8)
                && let Some(below) = level.checked_sub(1)
                && let Some(full) = edge.get_mut(usize::from(below))
            {
                let Edge { hashes, nodes } = std::mem::replace(full, Edge::empty());
                completed.push(Tile { id: TileId { level: below, index: index >> height }, hashes, nodes });
            }
            if edge.len() <= usize::from(level) {
                edge.push(Edge::empty());
            }
            if let Some(edge) = edge.get_mut(usize::from(level)) {
                edge.add(height, hash);
            }
        });
        index
    }

    /// The root at the present size. Costs one hash for each bit of the size that is set.
    #[must_use]
    pub fn root(&self) -> Hash {
        let hashes = self.peaks.iter().rev().map(|(_, hash)| *hash);
        hashes.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }

    /// The tiles that changed since they were last taken: completed ones, and partial ones that
    /// replace a narrower tile of the same id.
    pub fn take_changed(&mut self) -> Vec<Tile> {
        let mut changed = std::mem::take(&mut self.completed);
        let taken_size = std::mem::replace(&mut self.taken_size, self.size);
        for (id, _) in edge_widths(self.size) {
            let shift = 8 * u32::from(id.level);
            if self.size >> shift != taken_size >> shift
                && let Some(Edge { hashes, nodes }) = self.edge.get(usize::from(id.level)).cloned()
            {
                changed.push(Tile { id, hashes, nodes });
            }
        }
        changed
    }
}

/// Adds a full subtree of this height at the right, and joins what then is of equal height. Tells of each node
/// that a tile keeps, its height and value: every fourth height.
fn grow(peaks: &mut Vec<(u32, Hash)>, height: u32, hash: Hash, mut stored: impl FnMut(u32, Hash)) {
    let (mut height, mut hash) = (height, hash);
    stored(height, hash);
    while let Some((_, left)) = peaks.pop_if(|(other, _)| *other == height) {
        hash = node_hash(&left, &hash);
        height += 1;
        if height.is_multiple_of(4) && height < 8 * u32::from(LEVELS) {
            stored(height, hash);
        }
    }
    peaks.push((height, hash));
}

/// The partial tiles of a tree of `size` leaves with their widths, which are never 0.
pub(crate) fn edge_widths(size: u64) -> impl Iterator<Item = (TileId, usize)> {
    (0..LEVELS).filter_map(move |level| {
        let hashes = size >> (8 * u32::from(level));
        let width = (hashes % TILE_WIDTH as u64) as usize;
        (width > 0).then_some((TileId { level, index: hashes / TILE_WIDTH as u64 }, width))
    })
}

/// The root of the tree's first `size` leaves, from tiles (see [`tiles_for_root`]).
///
/// # Errors
/// A tile is not stored or too narrow.
pub fn root_at<S: TileSource + ?Sized>(size: u64, tiles: &S) -> Result<Hash, TreeError> {
    Span { start: 0, end: size }.hash(tiles)
}

/// The tiles that [`root_at`] reads.
#[must_use]
pub fn tiles_for_root(size: u64) -> Vec<TileId> {
    tiles_of(&[Span { start: 0, end: size }])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::hash::{leaf_hash, node_hash};

    /// The definition of RFC 6962, section 2.1, word for word.
    fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => empty_root(),
            1 => leaves[0],
            count => {
                let split = 1 << (count - 1).ilog2();
                node_hash(&naive_root(&leaves[..split]), &naive_root(&leaves[split..]))
            }
        }
    }

    #[test]
    fn roots_equal_the_definition_at_every_size() {
        let leaves: Vec<Hash> = (0..700u32).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let (mut tree, mut tiles) = (TreeState::new(), BTreeMap::new());
        for (index, leaf) in leaves.iter().enumerate() {
            assert_eq!(tree.root(), naive_root(&leaves[..index]));
            assert_eq!(tree.append(*leaf), index as u64);
            tiles.extend(tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)));
        }
        for size in 0..=leaves.len() {
            assert_eq!(root_at(size as u64, &tiles).unwrap(), naive_root(&leaves[..size]), "size {size}");
        }
    }

    #[test]
    fn a_restored_tree_goes_on_as_the_first_one_would() {
        let (mut tree, mut tiles) = (TreeState::new(), BTreeMap::new());
        for number in 0..70_000u32 {
            tree.append(leaf_hash(&number.to_be_bytes()));
            // Uneven batches, so that tiles are taken in every state.
            if number % 977 == 0 || number == 65_535 {
                for tile in tree.take_changed() {
                    assert_eq!(tile, Tile::new(tile.id, tile.hashes.clone()));
                    tiles.insert(tile.id, tile.hashes);
                }
                let restored = TreeState::restore(tree.size(), &tiles).unwrap();
                assert_eq!(restored.root(), tree.root());
                tree = restored;
                assert!(tree.take_changed().is_empty());
            }
        }
        tiles.extend(tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)));
        // The example of the tlog-tiles specification.
        let widths = |level: u8| -> Vec<usize> {
            tiles.iter().filter(|(id, _)| id.level == level).map(|(_, hashes)| hashes.len()).collect()
        };
        assert_eq!((widths(0).len(), widths(0)[273]), (274, 112));
        assert_eq!(widths(1), [256, 17]);
        assert_eq!(widths(2), [1]);
        assert_eq!(root_at(70_000, &tiles).unwrap(), tree.root());
        assert!(tiles_for_root(70_000).iter().all(|id| tiles.contains_key(id)));
    }

    #[test]
    fn restoring_from_too_little_says_which_tile() {
        let mut tree = TreeState::new();
        (0..300u32).for_each(|number| {
            tree.append(leaf_hash(&number.to_be_bytes()));
        });
        let mut tiles: BTreeMap<TileId, Vec<Hash>> =
            tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)).collect();
        tiles.get_mut(&TileId { level: 0, index: 1 }).unwrap().pop();
        assert_eq!(
            TreeState::restore(300, &tiles).unwrap_err(),
            TreeError::MissingTile { level: 0, index: 1, needed: 44, found: 43 }
        );
        assert_eq!(TreeState::edge_tiles(300).len(), 2);
    }
}
