//! The check of a whole log, against every way of altering it: each byte of each entry and tile of
//! a small log, each entry, hash and node of a log of 1,000 leaves, removal, exchange and truncation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::borrow::Cow;
use std::collections::BTreeMap;

use transparency::{
    Checkpoint, Fault, Hash, LeafRecord, Part, Tile, TileCache, TileId, TileSource, TreeState, Verified,
    commitment, entry_leaf_hash, inclusion_proof, root_at, verify_inclusion, verify_log,
};

#[derive(Clone)]
struct Log {
    bodies: Vec<Vec<u8>>,
    tiles: BTreeMap<TileId, Vec<Hash>>,
}

impl Log {
    fn new(size: u64) -> Log {
        Log::of((0..size).map(body).collect())
    }

    fn of(bodies: Vec<Vec<u8>>) -> Log {
        let mut tree = TreeState::new();
        for body in &bodies {
            tree.append(entry_leaf_hash(body));
        }
        let tiles = tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)).collect();
        Log { bodies, tiles }
    }

    fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: "example.com/log".to_owned(), size, root: root_at(size, &self.tiles).unwrap() }
    }

    fn records(&self) -> impl Iterator<Item = LeafRecord<'_>> {
        self.bodies.iter().enumerate().map(|(index, body)| LeafRecord {
            index: index as u64,
            body: Some(body),
            commitment: None,
        })
    }

    fn verify(&self, checkpoints: &[Checkpoint]) -> Result<Verified, Fault> {
        verify_log(checkpoints, &self.tiles, self.records())
    }
}

/// A salt of 16 bytes and a few more.
fn body(index: u64) -> Vec<u8> {
    let mut body = commitment(&index.to_be_bytes())[..16].to_vec();
    body.extend(index.to_be_bytes());
    body
}

#[test]
fn an_untouched_log_passes() {
    for size in [0u64, 1, 255, 256, 257, 1_000] {
        let log = Log::new(size);
        let checkpoints = [log.checkpoint(size), log.checkpoint(size / 2)];
        let verified = log.verify(&checkpoints).unwrap();
        assert_eq!((verified.entries, verified.erased, verified.checkpoints), (size, 0, 2));
        assert_eq!((verified.signed, verified.root), (size, checkpoints[0].root));
    }
    let log = Log::new(70_000);
    assert_eq!(log.verify(&[log.checkpoint(70_000)]).unwrap().entries, 70_000);
}

#[test]
fn entries_after_the_checkpoint_are_counted() {
    let log = Log::new(1_000);
    let verified = log.verify(&[log.checkpoint(900)]).unwrap();
    assert_eq!((verified.entries, verified.signed), (1_000, 900));
}

#[test]
fn an_erased_entry_leaves_the_log_whole() {
    let log = Log::new(300);
    let records = |wrong: Option<u64>| {
        let commitments = log.records().map(move |record| {
            let mut kept = commitment(record.body.unwrap());
            if Some(record.index) == wrong {
                kept[9] ^= 1;
            }
            let erased = record.index % 3 == 0;
            LeafRecord { body: record.body.filter(|_| !erased), commitment: Some(kept), ..record }
        });
        verify_log(&[log.checkpoint(300)], &log.tiles, commitments)
    };
    assert_eq!(records(None).unwrap().erased, 100);
    // A wrong commitment is found whether or not the body is still there.
    assert_eq!(records(Some(30)), Err(Fault::Altered { index: 30, part: Part::Commitment }));
    assert_eq!(records(Some(31)), Err(Fault::Altered { index: 31, part: Part::Commitment }));
}

#[test]
fn a_body_altered_beside_its_commitment_is_told_from_both_altered() {
    let log = Log::new(300);
    let mut other = log.bodies[77].clone();
    other[0] ^= 1;
    let check = |kept: Option<Hash>| {
        let records = log.records().map(|record| match record.index {
            77 => LeafRecord { body: Some(other.as_slice()), commitment: kept, ..record },
            _ => record,
        });
        verify_log(&[log.checkpoint(300)], &log.tiles, records)
    };
    let altered = |part| Err(Fault::Altered { index: 77, part });
    assert_eq!(check(Some(commitment(&log.bodies[77]))), altered(Part::Body));
    assert_eq!(check(Some(commitment(&other))), altered(Part::Both));
    assert_eq!(check(Some([0; 32])), altered(Part::Both));
    assert_eq!(check(None), altered(Part::Body));
    let blank =
        log.records().map(|record| LeafRecord { body: record.body.filter(|_| record.index != 5), ..record });
    assert_eq!(verify_log(&[], &log.tiles, blank), Err(Fault::Blank { index: 5 }));
}

/// Flips a bit of one byte of one entry and expects the fault there.
fn assert_entry_flip_found(log: &mut Log, checkpoint: &Checkpoint, index: usize, byte: usize) {
    log.bodies[index][byte] ^= 1 << (byte % 8);
    let expected = Fault::Altered { index: index as u64, part: Part::Body };
    assert_eq!(log.verify(std::slice::from_ref(checkpoint)), Err(expected), "entry {index}, byte {byte}");
    log.bodies[index][byte] ^= 1 << (byte % 8);
}

/// Flips a bit of one byte of one stored hash and expects the fault there.
fn assert_tile_flip_found(log: &mut Log, checkpoint: &Checkpoint, id: TileId, position: usize, byte: usize) {
    log.tiles.get_mut(&id).unwrap()[position][byte] ^= 1 << (byte % 8);
    let expected = Fault::TileAltered { id, position, first_leaf: id.first_leaf(position) };
    let found = log.verify(std::slice::from_ref(checkpoint));
    assert_eq!(found, Err(expected), "tile {id:?}, hash {position}, byte {byte}");
    log.tiles.get_mut(&id).unwrap()[position][byte] ^= 1 << (byte % 8);
}

#[test]
fn every_byte_of_a_small_log_is_watched() {
    let mut log = Log::new(300);
    let checkpoint = log.checkpoint(300);
    for index in 0..300 {
        for byte in 0..24 {
            assert_entry_flip_found(&mut log, &checkpoint, index, byte);
        }
    }
    let widths: Vec<(TileId, usize)> = log.tiles.iter().map(|(id, hashes)| (*id, hashes.len())).collect();
    for (id, width) in widths {
        for position in 0..width {
            for byte in 0..32 {
                assert_tile_flip_found(&mut log, &checkpoint, id, position, byte);
            }
        }
    }
}

#[test]
fn every_byte_of_what_is_left_of_erased_entries_is_watched() {
    let mut log = Log::new(300);
    let checkpoint = [log.checkpoint(300)];
    let mut left: Vec<Hash> = log.bodies.iter().map(|body| commitment(body)).collect();
    let check = |log: &Log, left: &[Hash]| {
        let records = log.records().zip(left).map(|(record, left)| match record.index % 2 {
            0 => LeafRecord { body: None, commitment: Some(*left), ..record },
            _ => record,
        });
        verify_log(&checkpoint, &log.tiles, records)
    };
    assert_eq!(check(&log, &left).unwrap().erased, 150);
    for index in 0..300 {
        let part = if index % 2 == 0 { Part::Commitment } else { Part::Body };
        let expected = Err(Fault::Altered { index: index as u64, part });
        for byte in 0..24 {
            let flip = |left: &mut [Hash], log: &mut Log| match part {
                Part::Commitment => left[index][byte] ^= 1 << (byte % 8),
                _ => log.bodies[index][byte] ^= 1 << (byte % 8),
            };
            flip(&mut left, &mut log);
            assert_eq!(check(&log, &left), expected, "entry {index}, byte {byte}");
            flip(&mut left, &mut log);
        }
    }
    left.swap(2, 4);
    assert_eq!(check(&log, &left), Err(Fault::Altered { index: 2, part: Part::Commitment }));
}

#[test]
fn every_entry_and_hash_of_a_thousand_is_watched() {
    let mut log = Log::new(1_000);
    let checkpoint = log.checkpoint(1_000);
    for index in 0..1_000 {
        assert_entry_flip_found(&mut log, &checkpoint, index, index % 24);
    }
    let widths: Vec<(TileId, usize)> = log.tiles.iter().map(|(id, hashes)| (*id, hashes.len())).collect();
    for (id, width) in widths {
        for position in 0..width {
            assert_tile_flip_found(&mut log, &checkpoint, id, position, position % 32);
        }
    }
}

/// The log's tiles as a store keeps them, with their nodes.
struct Stored(BTreeMap<TileId, Tile>);

impl Stored {
    fn of(log: &Log) -> Stored {
        Stored(log.tiles.iter().map(|(id, hashes)| (*id, Tile::new(*id, hashes.clone()))).collect())
    }

    fn nodes(&mut self, id: TileId) -> &mut Vec<Hash> {
        &mut self.0.get_mut(&id).unwrap().nodes
    }
}

impl TileSource for Stored {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        self.0.get(&id).map(|tile| Cow::Borrowed(tile.hashes.as_slice()))
    }

    fn tiles(&self, ids: &[TileId]) -> Vec<Tile> {
        ids.iter().filter_map(|id| self.0.get(id).cloned()).collect()
    }
}

#[test]
fn every_node_that_is_kept_beside_the_hashes_is_watched() {
    // 5,000 leaves have a node above the leaves' tiles too; it is over 4,096 of them.
    for size in [1_000u64, 5_000] {
        let log = Log::new(size);
        let mut stored = Stored::of(&log);
        let check = |stored: &Stored| {
            verify_log(&[log.checkpoint(size)], stored, log.records()).map(|verified| verified.entries)
        };
        assert_eq!(check(&stored), Ok(size));
        let nodes =
            log.tiles.iter().flat_map(|(id, hashes)| (0..hashes.len() / 16).map(move |node| (*id, node)));
        for (id, node) in nodes.filter(|(id, node)| size == 1_000 || id.level == 1 || *node == 7) {
            let position = node * 16;
            let altered = Err(Fault::NodeAltered { id, position, first_leaf: id.first_leaf(position) });
            stored.nodes(id)[node][node % 32] ^= 1;
            assert_eq!(check(&stored), altered, "{id:?}, node {node}");
            stored.nodes(id)[node][node % 32] ^= 1;
            let cut = stored.nodes(id).split_off(node);
            assert_eq!(check(&stored), altered, "{id:?}, cut at node {node}");
            stored.nodes(id).extend(cut);
        }
        for id in log.tiles.keys().copied() {
            stored.nodes(id).push([0; 32]);
            assert!(
                matches!(check(&stored), Err(Fault::NodeAltered { id: found, .. }) if found == id),
                "{id:?}"
            );
            stored.nodes(id).pop();
        }
        assert_eq!(check(&stored), Ok(size));
    }
}

/// Tiles of which one has nodes that cannot be read.
struct Unread(Stored, TileId);

impl TileSource for Unread {
    fn tile(&self, id: TileId) -> Option<Cow<'_, [Hash]>> {
        self.0.tile(id)
    }

    fn tiles(&self, ids: &[TileId]) -> Vec<Tile> {
        self.0.tiles(ids).into_iter().filter(|tile| tile.id != self.1).collect()
    }
}

#[test]
fn nodes_that_cannot_be_read_hide_nothing() {
    let log = Log::new(1_000);
    let checkpoint = [log.checkpoint(1_000)];
    for id in log.tiles.keys().copied() {
        let altered = Fault::NodeAltered { id, position: 0, first_leaf: id.first_leaf(0) };
        let stored = Unread(Stored::of(&log), id);
        assert_eq!(verify_log(&checkpoint, &stored, log.records()), Err(altered.clone()));
        assert_eq!(verify_log(&[], &stored, log.records()), Err(altered));
        let mut other = log.clone();
        other.bodies[700][0] ^= 1;
        let found = verify_log(&checkpoint, &stored, other.records());
        assert_eq!(found, Err(Fault::Altered { index: 700, part: Part::Body }));
    }
}

#[test]
fn what_was_rewritten_is_found_beside_nodes_that_were_left() {
    let honest = Log::new(1_000);
    let checkpoints: Vec<Checkpoint> = [100, 400, 700, 1_000].map(|size| honest.checkpoint(size)).into();
    let mut bodies = honest.bodies.clone();
    bodies[555][3] ^= 1;
    let rewritten = Log::of(bodies);
    // The leaf's hash with the entry; then those above it too. The nodes are those of before.
    let mut stored = Stored::of(&honest);
    let mut rewrite = |id: TileId| {
        let tile = stored.0.get_mut(&id).unwrap();
        tile.hashes.clone_from(&rewritten.tiles[&id]);
        verify_log(&checkpoints[3..], &stored, rewritten.records())
    };
    assert_eq!(rewrite(TileId { level: 0, index: 2 }), Err(Fault::Rewritten { first: 512, last: 767 }));
    assert_eq!(rewrite(TileId { level: 1, index: 0 }), Err(Fault::OtherRoot { first: 0, size: 1_000 }));
    let found = verify_log(&checkpoints, &stored, rewritten.records());
    assert_eq!(found, Err(Fault::OtherRoot { first: 400, size: 700 }));
    // Of a log that is right up to where the nodes were altered, and not signed further, it is the nodes.
    let id = TileId { level: 0, index: 2 };
    let mut stored = Stored::of(&honest);
    stored.nodes(id)[3][0] ^= 1;
    let altered = Err(Fault::NodeAltered { id, position: 48, first_leaf: 560 });
    for signed in [0, 2, 4] {
        assert_eq!(verify_log(&checkpoints[..signed], &stored, honest.records()), altered, "{signed}");
    }
}

#[test]
fn a_proof_from_an_altered_node_does_not_hold() {
    let log = Log::new(1_000);
    let (leaf, root) = (entry_leaf_hash(&log.bodies[300]), log.checkpoint(1_000).root);
    let check = |stored: Stored| {
        let proof = inclusion_proof(300, 1_000, &TileCache::new(stored, 8)).unwrap();
        verify_inclusion(&leaf, 300, 1_000, &root, &proof)
    };
    assert_eq!(check(Stored::of(&log)), Ok(()));
    let id = TileId { level: 0, index: 1 };
    // Leaf 300 stands under the third node of its tile, which its proof does not need.
    for node in (0..16).filter(|node| *node != 2) {
        let mut altered = Stored::of(&log);
        altered.nodes(id)[node][0] ^= 1;
        assert!(check(altered).is_err(), "node {node}");
    }
}

#[test]
fn a_cut_log_is_found_by_a_checkpoint_held_outside() {
    let whole = Log::new(1_000);
    let outside = whole.checkpoint(1_000);
    for entries in [0u64, 1, 255, 256, 512, 768, 999] {
        // Tiles cut with the entries, and a checkpoint signed anew: the site agrees with itself.
        let cut = Log::new(entries);
        cut.verify(&[cut.checkpoint(entries)]).unwrap();
        let fault = cut.verify(&[cut.checkpoint(entries), outside.clone()]).unwrap_err();
        assert_eq!(fault, Fault::Truncated { entries, size: 1_000 });
        assert_eq!(fault.first_leaf(), entries);
        // Entries cut and tiles left: found even without the checkpoint.
        let torn = Log { bodies: cut.bodies.clone(), tiles: whole.tiles.clone() };
        assert_eq!(torn.verify(&[]), Err(Fault::Missing { index: entries }));
    }
}

#[test]
fn a_rewritten_log_is_found_between_two_checkpoints() {
    let honest = Log::new(1_000);
    let checkpoints: Vec<Checkpoint> = [100, 400, 700, 1_000].map(|size| honest.checkpoint(size)).into();
    let mut bodies = honest.bodies.clone();
    bodies[555][3] ^= 1;
    let rewritten = Log::of(bodies);
    rewritten.verify(&[rewritten.checkpoint(1_000)]).unwrap();
    assert_eq!(rewritten.verify(&checkpoints), Err(Fault::OtherRoot { first: 400, size: 700 }));
    // Leaf tile rewritten with the entry, the tiles above left: the run of 256 is named.
    let mut half = honest.clone();
    half.bodies[555] = rewritten.bodies[555].clone();
    half.tiles.get_mut(&TileId { level: 0, index: 2 }).unwrap()[43] = entry_leaf_hash(&half.bodies[555]);
    assert_eq!(half.verify(&checkpoints[3..]), Err(Fault::Rewritten { first: 512, last: 767 }));
}

#[test]
fn removed_exchanged_and_renumbered_entries_are_found() {
    let log = Log::new(300);
    let checkpoint = [log.checkpoint(300)];
    let without = log.records().filter(|record| record.index != 40);
    assert_eq!(verify_log(&checkpoint, &log.tiles, without), Err(Fault::Missing { index: 40 }));
    let twice =
        log.records().flat_map(|record| std::iter::repeat_n(record, 1 + usize::from(record.index == 40)));
    let found = verify_log(&checkpoint, &log.tiles, twice);
    assert_eq!(found, Err(Fault::OutOfOrder { index: 40, expected: 41 }));
    let mut exchanged = log.clone();
    exchanged.bodies.swap(40, 41);
    assert_eq!(exchanged.verify(&checkpoint), Err(Fault::Altered { index: 40, part: Part::Body }));
}

#[test]
fn missing_tiles_are_named() {
    let log = Log::new(1_000);
    let checkpoint = [log.checkpoint(1_000)];
    for id in log.tiles.keys() {
        let mut torn = log.clone();
        torn.tiles.remove(id);
        let expected = Fault::TileMissing { id: *id, position: 0, first_leaf: id.first_leaf(0) };
        assert_eq!(torn.verify(&checkpoint), Err(expected));
        let mut short = log.clone();
        let hashes = short.tiles.get_mut(id).unwrap();
        hashes.pop();
        let position = hashes.len();
        let expected = Fault::TileMissing { id: *id, position, first_leaf: id.first_leaf(position) };
        assert_eq!(short.verify(&checkpoint), Err(expected));
    }
}

#[test]
fn an_entry_and_its_tile_both_wrong_are_not_guessed_at() {
    let log = Log::new(1_000);
    let checkpoint = [log.checkpoint(1_000)];
    let both = |index: usize, position: usize, tile: u64| {
        let mut both = log.clone();
        both.bodies[index][0] ^= 1;
        both.tiles.get_mut(&TileId { level: 0, index: tile }).unwrap()[position] = [0; 32];
        both.verify(&checkpoint)
    };
    // The level above still shows that the run of entries is not the one committed to.
    assert_eq!(both(600, 88, 2), Err(Fault::Rewritten { first: 512, last: 767 }));
    // Nothing is above the last, partial tile.
    let id = TileId { level: 0, index: 3 };
    assert_eq!(both(900, 132, 3), Err(Fault::Undecided { first: 900, id, position: 132 }));
    // Without any checkpoint nothing can be decided.
    let mut one = log;
    one.bodies[900][0] ^= 1;
    assert_eq!(one.verify(&[]), Err(Fault::Undecided { first: 900, id, position: 132 }));
}

#[test]
fn an_altered_entry_is_found_behind_an_altered_tile() {
    let mut log = Log::new(1_000);
    let checkpoint = [log.checkpoint(1_000)];
    log.tiles.get_mut(&TileId { level: 0, index: 0 }).unwrap()[3][0] ^= 1;
    log.bodies[700][0] ^= 1;
    // The stored path of entry 700 does not pass through the altered leaf tile, so it decides.
    assert_eq!(log.verify(&checkpoint), Err(Fault::Altered { index: 700, part: Part::Body }));
}
