//! Proofs over the tree: that a leaf is in it (inclusion), and that a later tree holds an earlier
//! one unchanged (consistency). Made from tiles, checked with nothing but the proof; the checks are
//! those of RFC 9162, sections 2.1.3.2 and 2.1.4.2, which RFC 6962 trees share.

use crate::{
    hash::{Hash, empty_root, node_hash},
    span::{Span, tiles_of},
    tile::{TileCache, TileId, TileSource},
    tree::TreeError,
};

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The statement itself is impossible.
    #[error("the proof is about leaf or size {index} of a tree of {size} leaves: it cannot be")]
    Impossible {
        /// The leaf, or the earlier size.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// Too few or too many hashes for the statement.
    #[error("the proof has {found} hashes, which does not fit a tree of {size} leaves")]
    Length {
        /// The hashes given.
        found: usize,
        /// The tree's size.
        size: u64,
    },
    /// More siblings than a map has levels.
    #[error("the proof has {found} hashes, a map at most 256 levels")]
    TooDeep {
        /// The hashes given.
        found: usize,
    },
    /// A map proof that ends at a place where the token would never stand.
    #[error("the proof ends at another token's place: it says nothing about this token")]
    OtherPlace,
    /// The hashes lead to another root.
    #[error(
        "the proof leads to another root than the one given: the tree is not the one stated, or the proof was altered"
    )]
    OtherRoot,
}

/// The proof that leaf `index` is in the tree of `size` leaves: the siblings' hashes, lowest first.
///
/// # Errors
/// The leaf is outside the tree, or a tile is missing.
pub fn inclusion_proof<S: TileSource + ?Sized>(
    index: u64,
    size: u64,
    tiles: &S,
) -> Result<Vec<Hash>, TreeError> {
    inclusion_spans(index, size)?.into_iter().map(|span| span.hash(tiles)).collect()
}

/// Leaves whose tiles are read together: three each, and most have the upper ones in common.
const LEAVES_AT_ONCE: usize = 64;

/// The proofs of many leaves, in their order, each as [`inclusion_proof`] makes it: their tiles are read together.
///
/// # Errors
/// A leaf is outside the tree, or a tile is missing.
pub fn inclusion_proofs<S: TileSource>(
    leaves: &[u64],
    size: u64,
    tiles: &TileCache<S>,
) -> Result<Vec<Vec<Hash>>, TreeError> {
    let mut proofs = Vec::with_capacity(leaves.len());
    for part in leaves.chunks(LEAVES_AT_ONCE) {
        let of_part = part.iter().map(|leaf| inclusion_spans(*leaf, size)).collect::<Result<Vec<_>, _>>()?;
        tiles.read_ahead(tiles_of(of_part.iter().flatten()));
        for spans in of_part {
            proofs.push(spans.into_iter().map(|span| span.hash(tiles)).collect::<Result<_, _>>()?);
        }
    }
    Ok(proofs)
}

/// The tiles that [`inclusion_proof`] reads.
///
/// # Errors
/// The leaf is outside the tree.
pub fn tiles_for_inclusion(index: u64, size: u64) -> Result<Vec<TileId>, TreeError> {
    Ok(tiles_of(&inclusion_spans(index, size)?))
}

/// The proof that the tree of `new` leaves begins with the tree of `old` leaves.
///
/// # Errors
/// `old` is larger than `new`, or a tile is missing.
pub fn consistency_proof<S: TileSource + ?Sized>(
    old: u64,
    new: u64,
    tiles: &S,
) -> Result<Vec<Hash>, TreeError> {
    consistency_spans(old, new)?.into_iter().map(|span| span.hash(tiles)).collect()
}

/// The tiles that [`consistency_proof`] reads.
///
/// # Errors
/// `old` is larger than `new`.
pub fn tiles_for_consistency(old: u64, new: u64) -> Result<Vec<TileId>, TreeError> {
    Ok(tiles_of(&consistency_spans(old, new)?))
}

fn inclusion_spans(index: u64, size: u64) -> Result<Vec<Span>, TreeError> {
    let outside = TreeError::OutsideTree { index, size };
    let end = index.checked_add(1).ok_or_else(|| outside.clone())?;
    Span { start: index, end }.siblings(size).ok_or(outside)
}

/// RFC 6962, section 2.1.2, as a walk instead of a recursion.
fn consistency_spans(old: u64, new: u64) -> Result<Vec<Span>, TreeError> {
    if old > new {
        return Err(TreeError::Shrinks { old, new });
    }
    let mut spans = Vec::new();
    let mut whole = Span { start: 0, end: new };
    // Every tree begins with the empty one, and with itself: nothing to show.
    while old > 0 && whole.end != old {
        let Some((left, right)) = whole.halves() else { break };
        if old <= left.end {
            spans.push(right);
            whole = left;
        } else {
            spans.push(left);
            whole = right;
        }
    }
    // A node that the old root is not itself must be given.
    if old > 0 && whole.start > 0 {
        spans.push(whole);
    }
    spans.reverse();
    Ok(spans)
}

/// Checks that a leaf of this hash is leaf `index` of the tree with this size and root.
///
/// # Errors
/// The proof does not show it; the error says why.
pub fn verify_inclusion(
    leaf_hash: &Hash,
    index: u64,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Impossible { index, size });
    }
    let length = ProofError::Length { found: proof.len(), size };
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = *leaf_hash;
    for sibling in proof {
        hash = match climb.step().ok_or_else(|| length.clone())? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    if climb.last != 0 {
        return Err(length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// Checks that the tree (`new`, `new_root`) begins with the tree (`old`, `old_root`).
///
/// # Errors
/// The proof does not show it; the error says why.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Impossible { index: old, size: new });
    }
    let length = ProofError::Length { found: proof.len(), size: new };
    if old == 0 || old == new {
        let expected = if old == 0 { empty_root() } else { *new_root };
        return match (proof.is_empty(), *old_root == expected) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::OtherRoot),
            (false, _) => Err(length),
        };
    }
    // An old tree that is one full subtree is its own first node.
    let (first, siblings) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some(parts) => parts,
        None => return Err(length),
    };
    let mut climb = Climb { node: old - 1, last: new - 1 };
    while climb.node & 1 == 1 {
        climb.up();
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in siblings {
        match climb.step().ok_or_else(|| length.clone())? {
            Side::Left => {
                old_hash = node_hash(sibling, &old_hash);
                new_hash = node_hash(sibling, &new_hash);
            }
            Side::Right => new_hash = node_hash(&new_hash, sibling),
        }
    }
    if climb.last != 0 {
        return Err(length);
    }
    if old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// Whether a node of this hash leads to the root of the tree of `size` leaves, through siblings
/// from the tiles; false as well when a tile is missing.
pub(crate) fn verify_inclusion_of_span<S: TileSource + ?Sized>(
    span: Span,
    hash: &Hash,
    size: u64,
    root: &Hash,
    tiles: &S,
) -> bool {
    let Some(siblings) = span.siblings(size) else { return false };
    let mut reached = *hash;
    for sibling in siblings {
        let Ok(beside) = sibling.hash(tiles) else { return false };
        reached = if sibling.start < span.start {
            node_hash(&beside, &reached)
        } else {
            node_hash(&reached, &beside)
        };
    }
    reached == *root
}

/// The way from a node up to the root: the node's index and the last node's, level by level.
struct Climb {
    node: u64,
    last: u64,
}

/// On which side of a node its sibling lies.
enum Side {
    Left,
    Right,
}

impl Climb {
    fn up(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }

    /// One step up by one sibling. `None` when the root was reached already.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // A last node without a right sibling moves up unhashed until it is a right child.
            while self.node & 1 == 0 && self.node != 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Some(side)
    }
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, cell::Cell, collections::BTreeMap};

    use super::*;
    use crate::{
        hash::leaf_hash,
        tile::Tile,
        tree::{TreeState, root_at},
    };

    type Tiles = BTreeMap<TileId, Vec<Hash>>;

    fn leaf(index: u64) -> Hash {
        leaf_hash(&index.to_be_bytes())
    }

    fn tiles(size: u64) -> Tiles {
        let mut state = TreeState::new();
        (0..size).for_each(|index| {
            state.append(leaf(index));
        });
        state.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)).collect()
    }

    /// Tiles, and the roots of all sizes.
    fn tree(size: u64) -> (Tiles, Vec<Hash>) {
        let tiles = tiles(size);
        let roots = (0..=size).map(|size| root_at(size, &tiles).unwrap()).collect();
        (tiles, roots)
    }

    /// Tiles that count how often they were asked for.
    struct Counted<'a>(&'a Tiles, &'a Cell<usize>);

    impl TileSource for Counted<'_> {
        fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
            self.1.set(self.1.get() + 1);
            self.0.tile(id)
        }

        fn tiles(&self, ids: &[TileId]) -> Vec<Tile> {
            self.1.set(self.1.get() + 1);
            self.0.tiles(ids)
        }
    }

    #[test]
    fn proofs_of_many_leaves_are_those_of_each_and_read_their_tiles_together() {
        let size = 70_000;
        let tiles = tiles(size);
        let leaves: Vec<u64> = (0..200).map(|step| step * 12_345 % size).chain([0, size - 1]).collect();
        let reads = Cell::new(0);
        // All tiles have room, those of one part, and not even those: each part reads its own together, and nothing else.
        for most in [512, 80, 8] {
            reads.set(0);
            let proofs =
                inclusion_proofs(&leaves, size, &TileCache::new(Counted(&tiles, &reads), most)).unwrap();
            for (leaf, proof) in leaves.iter().zip(&proofs) {
                assert_eq!(*proof, inclusion_proof(*leaf, size, &tiles).unwrap());
            }
            assert_eq!(proofs.len(), leaves.len());
            assert!(reads.get() <= leaves.len().div_ceil(LEAVES_AT_ONCE), "{most}: {}", reads.get());
        }
        let outside = inclusion_proofs(&[1, size], size, &TileCache::new(Counted(&tiles, &reads), 8));
        assert_eq!(outside, Err(TreeError::OutsideTree { index: size, size }));
    }

    #[test]
    fn every_small_proof_holds_and_no_altered_one() {
        let (tiles, roots) = tree(40);
        for size in 1..=40u64 {
            let root = &roots[size as usize];
            for index in 0..size {
                let proof = inclusion_proof(index, size, &tiles).unwrap();
                verify_inclusion(&leaf(index), index, size, root, &proof).unwrap();
                assert!(verify_inclusion(&leaf(index + 1), index, size, root, &proof).is_err());
                for other in (0..size).filter(|other| *other != index) {
                    assert!(verify_inclusion(&leaf(index), other, size, root, &proof).is_err());
                }
                assert_altered_fails(&proof, |altered| {
                    verify_inclusion(&leaf(index), index, size, root, altered)
                });
            }
            for old in 0..=size {
                let proof = consistency_proof(old, size, &tiles).unwrap();
                let old_root = &roots[old as usize];
                verify_consistency(old, old_root, size, root, &proof).unwrap();
                if old < size && old > 0 {
                    assert!(verify_consistency(old, old_root, size, old_root, &proof).is_err());
                }
                assert_altered_fails(&proof, |altered| {
                    verify_consistency(old, old_root, size, root, altered)
                });
            }
        }
    }

    /// A hash more, a hash less, or one changed bit must fail.
    fn assert_altered_fails(proof: &[Hash], check: impl Fn(&[Hash]) -> Result<(), ProofError>) {
        let mut longer = proof.to_vec();
        longer.push([0; 32]);
        assert!(check(&longer).is_err());
        for place in 0..proof.len() {
            let mut altered = proof.to_vec();
            altered[place][place % 32] ^= 1;
            assert_eq!(check(&altered), Err(ProofError::OtherRoot));
            altered.remove(place);
            assert!(check(&altered).is_err());
        }
    }

    #[test]
    fn impossible_statements_are_refused() {
        let (tiles, roots) = tree(5);
        assert_eq!(inclusion_proof(5, 5, &tiles).unwrap_err(), TreeError::OutsideTree { index: 5, size: 5 });
        assert!(inclusion_proof(u64::MAX, u64::MAX, &tiles).is_err());
        assert_eq!(consistency_proof(5, 4, &tiles).unwrap_err(), TreeError::Shrinks { old: 5, new: 4 });
        assert_eq!(
            verify_inclusion(&leaf(5), 5, 5, &roots[5], &[]).unwrap_err(),
            ProofError::Impossible { index: 5, size: 5 }
        );
        assert!(verify_consistency(5, &roots[5], 4, &roots[4], &[]).is_err());
        assert!(verify_consistency(0, &roots[1], 4, &roots[4], &[]).is_err());
        assert!(verify_consistency(4, &roots[3], 4, &roots[4], &[]).is_err());
        assert!(verify_consistency(3, &roots[3], 4, &roots[4], &[]).is_err());
    }

    #[test]
    fn a_proof_reads_only_the_tiles_it_names() {
        let tiles = tiles(70_000);
        let root = |size: u64| root_at(size, &tiles).unwrap();
        let only =
            |ids: Vec<TileId>| -> Tiles { ids.into_iter().map(|id| (id, tiles[&id].clone())).collect() };
        for index in [0u64, 255, 256, 65_535, 65_536, 69_999] {
            let few = only(tiles_for_inclusion(index, 70_000).unwrap());
            assert!(few.len() <= 5, "{} tiles", few.len());
            let proof = inclusion_proof(index, 70_000, &few).unwrap();
            verify_inclusion(&leaf(index), index, 70_000, &root(70_000), &proof).unwrap();
        }
        for old in [1u64, 256, 65_536, 65_537, 69_632, 69_999] {
            let few = only(tiles_for_consistency(old, 70_000).unwrap());
            let proof = consistency_proof(old, 70_000, &few).unwrap();
            verify_consistency(old, &root(old), 70_000, &root(70_000), &proof).unwrap();
        }
    }
}
