//! Trees, tiles, proofs, checkpoints and signed notes against other implementations of the same
//! formats: what is written here is read there, and the other way about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{cell::Cell, collections::BTreeMap};

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use signed_note::{Note, StandardSigner, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::{
    HashReader, TileHashReader, TileReader, check_record, check_tree, node_hash, prove_record, prove_tree,
    record_hash, stored_hashes, tree_hash,
};
use transparency::{
    Checkpoint, Hash, KeyKind, SignerKey, TileId, TileSource, TreeState, VerifierKey, consistency_proof,
    cosign, hash, inclusion_proof, leaf_hash, root_at, verify_consistency, verify_inclusion,
};

const ORIGIN: &str = "example.com/log";
const TIME_S: u64 = 1_679_315_147;

fn ours(theirs: &[tlog_tiles::Hash]) -> Vec<Hash> {
    theirs.iter().map(|hash| hash.0).collect()
}

fn theirs(ours: &[Hash]) -> Vec<tlog_tiles::Hash> {
    ours.iter().map(|hash| tlog_tiles::Hash(*hash)).collect()
}

/// Their tree: hashes in their own storage order.
struct TheirTree(Vec<tlog_tiles::Hash>);

impl HashReader for TheirTree {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
    }
}

/// Our tiles as their tile reader, which checks each one against the root.
struct OurTiles {
    tiles: BTreeMap<TileId, Vec<Hash>>,
    confirmed: Cell<usize>,
}

impl TileReader for OurTiles {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, wanted: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            let id = TileId { level: tile.level(), index: tile.level_index() };
            assert_eq!(id.path(tile.width() as usize), tile.path().replacen("tile/8/", "tile/", 1));
            let stored = self.tiles.tile(id).expect("a tile that the tree has");
            stored[..tile.width() as usize].as_flattened().to_vec()
        };
        Ok(wanted.iter().map(read).collect())
    }

    fn save_tiles(&self, tiles: &[tlog_tiles::Tile], _data: &[Vec<u8>]) {
        self.confirmed.set(self.confirmed.get() + tiles.len());
    }
}

/// The same leaves in both; tiles are taken every `batch` leaves.
fn both(size: u64, batch: u64, seed: u64) -> (OurTiles, TheirTree, TreeState) {
    let mut tree = TreeState::new();
    let mut tiles = BTreeMap::new();
    let mut other = TheirTree(Vec::new());
    for number in 0..size {
        let data = [seed.to_be_bytes(), number.to_be_bytes()].concat();
        tree.append(leaf_hash(&data));
        let stored = stored_hashes(number, &data, &other).unwrap();
        other.0.extend(stored);
        if number % batch == 0 {
            tiles.extend(tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)));
        }
    }
    tiles.extend(tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)));
    (OurTiles { tiles, confirmed: Cell::new(0) }, other, tree)
}

#[test]
fn every_pair_of_small_sizes_has_the_same_proofs() {
    let (ours_tiles, other, _) = both(70, 1, 0);
    let tiles = &ours_tiles.tiles;
    for new in 1..=70u64 {
        let root = tree_hash(new, &other).unwrap();
        assert_eq!(root_at(new, tiles).unwrap(), root.0);
        for index in 0..new {
            let proof = inclusion_proof(index, new, tiles).unwrap();
            assert_eq!(proof, ours(&prove_record(new, index, &other).unwrap()));
        }
        for old in 1..=new {
            let proof = consistency_proof(old, new, tiles).unwrap();
            assert_eq!(proof, ours(&prove_tree(new, old, &other).unwrap()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_trees_agree(size in 1u64..=2_000, batch in 1u64..600, seed: u64, one: u64, two: u64) {
        let (our_tiles, other, tree) = both(size, batch, seed);
        let tiles = &our_tiles.tiles;
        let new = 1 + one % size;
        let (index, old) = (two % new, 1 + two % new);
        let (root, old_root) = (tree_hash(new, &other).unwrap(), tree_hash(old, &other).unwrap());
        prop_assert_eq!(tree.root(), tree_hash(size, &other).unwrap().0);
        prop_assert_eq!(root_at(new, tiles).unwrap(), root.0);
        let leaf = record_hash(&[seed.to_be_bytes(), index.to_be_bytes()].concat());

        // Ours, checked by them; theirs, checked by us.
        let inclusion = inclusion_proof(index, new, tiles).unwrap();
        prop_assert!(check_record(&theirs(&inclusion), new, root, index, leaf).is_ok());
        let inclusion = prove_record(new, index, &other).unwrap();
        prop_assert!(verify_inclusion(&leaf.0, index, new, &root.0, &ours(&inclusion)).is_ok());
        let consistency = consistency_proof(old, new, tiles).unwrap();
        prop_assert!(check_tree(&theirs(&consistency), new, root, old, old_root).is_ok());
        let consistency = prove_tree(new, old, &other).unwrap();
        prop_assert!(verify_consistency(old, &old_root.0, new, &root.0, &ours(&consistency)).is_ok());

        // Their reader over our tiles: it checks each tile against the root before it uses it.
        let reader = TileHashReader::new(size, tlog_tiles::Hash(tree.root()), &our_tiles);
        let proof = prove_record(size, index, &reader).unwrap();
        prop_assert_eq!(ours(&proof), inclusion_proof(index, size, tiles).unwrap());
        prop_assert!(size == 1 || our_tiles.confirmed.get() > 0);
    }

    #[test]
    fn a_random_change_of_a_proof_is_refused_by_both(
        size in 2u64..=2_000, seed: u64, place: prop::sample::Index, byte in 0usize..32, bit in 0u8..8, at: u64,
    ) {
        let (our_tiles, other, _) = both(size, size, seed);
        let index = at % size;
        let leaf = record_hash(&[seed.to_be_bytes(), index.to_be_bytes()].concat());
        let root = tree_hash(size, &other).unwrap();
        let mut proof = inclusion_proof(index, size, &our_tiles.tiles).unwrap();
        let place = place.index(proof.len());
        proof[place][byte] ^= 1 << bit;
        prop_assert!(verify_inclusion(&leaf.0, index, size, &root.0, &proof).is_err());
        prop_assert!(check_record(&theirs(&proof), size, root, index, leaf).is_err());
    }
}

#[test]
fn the_hashes_are_the_same() {
    let (one, two) = (record_hash(b"one"), record_hash(b"two"));
    assert_eq!(leaf_hash(b"one"), one.0);
    assert_eq!(hash::node_hash(&one.0, &two.0), node_hash(one, two).0);
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: 20_852_163, root: [0x0A; 32] }
}

#[test]
fn they_read_our_checkpoints() {
    let key = SignerKey::new(ORIGIN, KeyKind::Log, &[3; 32]).unwrap();
    let note = checkpoint().sign(&key).unwrap();
    let verifier = StandardVerifier::new(&key.verifier().to_string()).unwrap();
    let read = Note::from_bytes(note.as_bytes()).unwrap();
    read.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    let text = tlog_tiles::Checkpoint::from_bytes(read.text()).unwrap();
    assert_eq!((text.origin(), text.size(), text.hash().0), (ORIGIN, 20_852_163, [0x0A; 32]));
    assert_eq!(text.extension(), "");
}

#[test]
fn we_read_their_checkpoints() {
    let key = SignerKey::new(ORIGIN, KeyKind::Log, &[3; 32]).unwrap();
    let id = u32::from_be_bytes(key.verifier().id());
    let secret = STANDARD.encode([[1].as_slice(), &[3; 32]].concat());
    let signer = StandardSigner::new(&format!("PRIVATE+KEY+{ORIGIN}+{id:08x}+{secret}")).unwrap();
    let text = tlog_tiles::Checkpoint::new(ORIGIN, 20_852_163, tlog_tiles::Hash([0x0A; 32]), "").unwrap();
    let mut note = Note::new(&text.to_bytes(), &[]).unwrap();
    note.add_sigs(&[&signer]).unwrap();
    let note = String::from_utf8(note.to_bytes()).unwrap();
    assert_eq!(Checkpoint::parse_and_verify(&note, key.verifier()).unwrap(), checkpoint());
    // Ed25519 is deterministic, so the whole note is the same.
    assert_eq!(note, checkpoint().sign(&key).unwrap());
}

/// The cosignature format on top of their signature check.
struct TheirWitness {
    name: String,
    id: u32,
    key: StandardVerifier,
}

impl TheirWitness {
    fn new(key: &VerifierKey) -> TheirWitness {
        let text = key.to_string();
        let public = STANDARD.decode(text.rsplit_once('+').unwrap().1).unwrap();
        assert_eq!(public[0], 4);
        let plain = [[1].as_slice(), &public[1..]].concat();
        let plain_id = signed_note::key_id(key.name(), &plain);
        let plain = format!("{}+{plain_id:08x}+{}", key.name(), STANDARD.encode(&plain));
        TheirWitness {
            name: key.name().to_owned(),
            id: signed_note::key_id(key.name(), &public),
            key: StandardVerifier::new(&plain).unwrap(),
        }
    }
}

impl Verifier for TheirWitness {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let (time, signature) = signature.split_first_chunk::<8>().unwrap();
        let time_s = u64::from_be_bytes(*time);
        let message = [b"cosignature/v1\ntime ", time_s.to_string().as_bytes(), b"\n", text].concat();
        time_s == TIME_S && self.key.verify(&message, signature)
    }
}

#[test]
fn they_read_our_cosignatures() {
    let log = SignerKey::new(ORIGIN, KeyKind::Log, &[3; 32]).unwrap();
    let witness = SignerKey::new("witness.example.org/one", KeyKind::Witness, &[4; 32]).unwrap();
    let cosigned = cosign(&checkpoint().sign(&log).unwrap(), &witness, TIME_S).unwrap();
    let note = Note::from_bytes(cosigned.as_bytes()).unwrap();
    let known = VerifierList::new(vec![
        Box::new(StandardVerifier::new(&log.verifier().to_string()).unwrap()),
        Box::new(TheirWitness::new(witness.verifier())),
    ]);
    let (verified, unknown) = note.verify(&known).unwrap();
    assert_eq!((verified.len(), unknown.len()), (2, 0));
    assert_eq!(verified[1].name(), "witness.example.org/one");
}
