//! Runs of leaves that are nodes of the tree, and how their hashes are found in tiles.
//! It knows positions only; what a proof is made of is said in `proof`.

use std::collections::BTreeSet;

use crate::{
    hash::{Hash, empty_root, node_hash},
    tile::{TILE_WIDTH, TileId, TileSource},
    tree::TreeError,
};

/// The leaves `start..end`: a node of some RFC 6962 tree, so `start` is a multiple of the smallest
/// power of two that is no smaller than the length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Where a full subtree's hashes lie: `count` hashes of a tile from `offset`.
struct Place {
    tile: TileId,
    offset: usize,
    count: usize,
}

impl Span {
    /// The two halves as RFC 6962 divides: the left one has the largest power of two of leaves
    /// that is smaller than the whole. `None` for fewer than two leaves.
    pub(crate) fn halves(self) -> Option<(Span, Span)> {
        let last = (self.end - self.start).checked_sub(1)?;
        let middle = self.start + (1u64 << last.checked_ilog2()?);
        Some((Span { start: self.start, end: middle }, Span { start: middle, end: self.end }))
    }

    /// The siblings on the way from this node up to the root of the tree of `size` leaves, nearest
    /// first. `None` when the span is no node of that tree.
    pub(crate) fn siblings(self, size: u64) -> Option<Vec<Span>> {
        let mut whole = Span { start: 0, end: size };
        let mut siblings = Vec::new();
        while whole != self {
            let (left, right) = whole.halves()?;
            let (inside, beside) = if self.start < right.start { (left, right) } else { (right, left) };
            siblings.push(beside);
            whole = inside;
        }
        siblings.reverse();
        Some(siblings)
    }

    /// The full subtrees that make up the span, from the left, as places in tiles.
    fn places(self) -> Vec<Place> {
        let mut places = Vec::new();
        let mut start = self.start;
        while let Some(height) = (self.end - start).checked_ilog2() {
            // A tile holds every eighth level; the levels between are hashed from it.
            let (level, below) = (height / 8, height % 8);
            let first = (start >> height) << below;
            places.push(Place {
                tile: TileId { level: level as u8, index: first / TILE_WIDTH as u64 },
                offset: (first % TILE_WIDTH as u64) as usize,
                count: 1 << below,
            });
            start += 1 << height;
        }
        places
    }

    /// The span's hash, from tiles.
    pub(crate) fn hash<S: TileSource + ?Sized>(self, tiles: &S) -> Result<Hash, TreeError> {
        let mut peaks = Vec::new();
        for place in self.places() {
            let peak = tiles.node(place.tile, place.offset, place.count);
            peaks.push(peak.ok_or_else(|| TreeError::MissingTile {
                level: place.tile.level,
                index: place.tile.index,
                needed: place.offset + place.count,
                found: tiles.tile(place.tile).unwrap_or_default().len(),
            })?);
        }
        let root = peaks.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        Ok(root.unwrap_or_else(empty_root))
    }

    /// Adds the tiles that [`Span::hash`] reads.
    pub(crate) fn collect_tiles(self, into: &mut BTreeSet<TileId>) {
        into.extend(self.places().iter().map(|place| place.tile));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_follow_rfc_6962() {
        let halves = |start, end| Span { start, end }.halves().map(|(left, right)| (left.end, right.end));
        assert_eq!(halves(0, 0), None);
        assert_eq!(halves(0, 1), None);
        assert_eq!(halves(0, 2), Some((1, 2)));
        assert_eq!(halves(0, 7), Some((4, 7)));
        assert_eq!(halves(0, 8), Some((4, 8)));
        assert_eq!(halves(8, 13), Some((12, 13)));
    }

    #[test]
    fn a_span_that_is_no_node_has_no_siblings() {
        assert_eq!(Span { start: 1, end: 3 }.siblings(8), None);
        assert_eq!(Span { start: 9, end: 10 }.siblings(8), None);
        assert_eq!(
            Span { start: 4, end: 6 }.siblings(7),
            Some(vec![Span { start: 6, end: 7 }, Span { start: 0, end: 4 }])
        );
    }
}
