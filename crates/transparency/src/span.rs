//! Runs of leaves that are nodes of the tree, and how their hashes are found in tiles.
//! It knows positions only; what a proof is made of is said in `proof`.

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
    fn places(self) -> impl Iterator<Item = Place> {
        let mut start = self.start;
        std::iter::from_fn(move || {
            let height = (self.end - start).checked_ilog2()?;
            // A tile holds every eighth level; the levels between are hashed from it.
            let (level, below) = (height / 8, height % 8);
            let first = (start >> height) << below;
            start += 1 << height;
            Some(Place {
                tile: TileId { level: level as u8, index: first / TILE_WIDTH as u64 },
                offset: (first % TILE_WIDTH as u64) as usize,
                count: 1 << below,
            })
        })
    }

    /// The span's hash, from tiles.
    pub(crate) fn hash<S: TileSource + ?Sized>(self, tiles: &S) -> Result<Hash, TreeError> {
        Ok(join(&mut self.places(), tiles)?.unwrap_or_else(empty_root))
    }
}

/// The tiles that the hashes of these spans are read from, each once.
pub(crate) fn tiles_of<'s>(spans: impl IntoIterator<Item = &'s Span>) -> Vec<TileId> {
    let mut tiles: Vec<TileId> =
        spans.into_iter().flat_map(|span| span.places()).map(|place| place.tile).collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

/// The node over subtrees from the left, each lower than the one before it: at most 64. `None` without any.
fn join<S: TileSource + ?Sized>(
    places: &mut impl Iterator<Item = Place>,
    tiles: &S,
) -> Result<Option<Hash>, TreeError> {
    let Some(Place { tile, offset, count }) = places.next() else { return Ok(None) };
    let missing = || TreeError::MissingTile {
        level: tile.level,
        index: tile.index,
        needed: offset + count,
        found: tiles.tile(tile).unwrap_or_default().len(),
    };
    let left = tiles.node(tile, offset, count).ok_or_else(missing)?;
    let right = join(places, tiles)?;
    Ok(Some(right.map_or(left, |right| node_hash(&left, &right))))
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
