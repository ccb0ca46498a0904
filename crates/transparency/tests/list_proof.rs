//! The proof of one owner's list against everything that can be done to it: an entry left out, edited,
//! exchanged or added, another's chain, another checkpoint, another key, and each letter of the text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use transparency::map::token;
use transparency::{
    ChainState, CheckedList, Checkpoint, Content, Hash, KeyKind, ListFault, ListProof, MapIndex, OneOfMany,
    ProvenEntry, Roll, SignerKey, TileId, Token, TreeState, Whose, commitment, cosign, entry_leaf_hash,
    inclusion_proof, prove_token, root_at, root_of_many, salted_token,
};

const ORIGIN: &str = "example.com/log";

fn log_key() -> SignerKey {
    SignerKey::new(ORIGIN, KeyKind::Log, &[1; 32]).unwrap()
}

fn witness_key() -> SignerKey {
    SignerKey::new("witness.example.org/one", KeyKind::Witness, &[2; 32]).unwrap()
}

/// A log of so many entries about five owners, rolled, with a few entries after the roll.
struct Log {
    bodies: Vec<Vec<u8>>,
    tiles: BTreeMap<TileId, Vec<Hash>>,
    chains: Vec<([u8; 32], ChainState)>,
    roll_leaf: u64,
}

fn owner(number: u8) -> [u8; 16] {
    [number; 16]
}

/// What stands in the place of the owner in an entry about all five.
const MANY: [u8; 16] = [255; 16];

fn is_many(leaf: u64) -> bool {
    leaf % 50 == 7
}

fn body(leaf: u64) -> Vec<u8> {
    let (owner, rest) = if is_many(leaf) {
        (MANY, root_of_many(tokens(leaf)).unwrap())
    } else {
        (owner((leaf % 5) as u8), commitment(&leaf.to_be_bytes()))
    };
    [owner.as_slice(), &rest].concat()
}

fn salt(leaf: u64, of: u8) -> [u8; 32] {
    commitment(&[&leaf.to_be_bytes(), [of].as_slice()].concat())
}

fn tokens(leaf: u64) -> impl Iterator<Item = Token> {
    (0..5).map(move |of| salted_token(&salt(leaf, of), &owner(of)))
}

fn whose(body: &[u8]) -> Option<Whose> {
    let (owner, rest) = body.split_first_chunk::<16>()?;
    if *owner == MANY { Some(Whose::Many(rest.try_into().ok()?)) } else { Some(Whose::One(*owner)) }
}

/// Of two entries one declares that those before leaf 150 lapsed, the other the same of what comes after itself.
fn lapsed(read: &[u8]) -> Option<u64> {
    [303, 304].into_iter().find(|leaf| read == body(*leaf)).map(|leaf| if leaf == 303 { 150 } else { 305 })
}

fn is_about(body: &[u8], of: u8) -> bool {
    match whose(body).unwrap() {
        Whose::One(one) => one == owner(of),
        Whose::Many(_) => of < 5,
    }
}

impl Log {
    fn new(size: u64) -> Log {
        let mut bodies: Vec<Vec<u8>> = (0..size).map(body).collect();
        let mut chains: BTreeMap<[u8; 32], ChainState> = BTreeMap::new();
        for (leaf, body) in bodies.iter().enumerate() {
            for of in (0..5).filter(|of| is_about(body, *of)) {
                let chain = chains.entry(token(&owner(of))).or_default();
                *chain = chain.extend(leaf as u64, &commitment(body));
            }
        }
        let chains: Vec<_> = chains.into_iter().collect();
        let index = MapIndex::build(0, chains.iter().copied()).unwrap();
        bodies.push(Roll::of_map(size, &index, 77).to_body());
        bodies.extend((size + 1..size + 9).map(body));
        let mut tree = TreeState::new();
        for body in &bodies {
            tree.append(entry_leaf_hash(body));
        }
        let tiles = tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)).collect();
        Log { bodies, tiles, chains, roll_leaf: size }
    }

    fn checkpoint(&self, size: u64) -> String {
        let root = root_at(size, &self.tiles).unwrap();
        let note = Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&log_key()).unwrap();
        cosign(&note, &witness_key(), 1_700_000_000).unwrap()
    }

    fn entry(&self, leaf: u64, size: u64) -> ProvenEntry {
        let proof = inclusion_proof(leaf, size, &self.tiles).unwrap();
        ProvenEntry {
            leaf,
            content: Content::Body(self.bodies[leaf as usize].clone()),
            proof,
            one_of_many: None,
        }
    }

    /// The same in the list of an owner.
    fn listed(&self, of: u8, leaf: u64, size: u64) -> ProvenEntry {
        let proof = || OneOfMany::of(salt(leaf, of), &owner(of), tokens(leaf)).unwrap();
        ProvenEntry { one_of_many: is_many(leaf).then(proof), ..self.entry(leaf, size) }
    }

    fn list(&self, of: u8) -> ListProof {
        let size = self.bodies.len() as u64;
        let leaves = (0..self.roll_leaf).filter(|leaf| is_about(&self.bodies[*leaf as usize], of));
        ListProof {
            owner: owner(of),
            size,
            roll: self.entry(self.roll_leaf, size),
            map: prove_token(&token(&owner(of)), &self.chains).unwrap(),
            lapses: Vec::new(),
            entries: leaves.map(|leaf| self.listed(of, leaf, size)).collect(),
            checkpoint: self.checkpoint(size),
        }
    }
}

fn check(proof: &ListProof) -> Result<CheckedList, ListFault> {
    let read: ListProof = proof.to_string().parse()?;
    assert_eq!(read, *proof);
    read.check(log_key().verifier(), witness_key().verifier(), whose, lapsed)
}

fn said(proof: &ListProof) -> String {
    check(proof).unwrap_err().to_string()
}

#[test]
fn a_whole_list_holds_and_says_up_to_when() {
    let log = Log::new(300);
    for of in 0..5 {
        let proof = log.list(of);
        // Six entries about all of them stand among those of one.
        assert_eq!(proof.entries.len(), if of == 2 { 60 } else { 66 });
        let checked = check(&proof).unwrap();
        assert_eq!((checked.roll.size, checked.roll.at_us, checked.witnessed_s), (300, 77, 1_700_000_000));
        assert_eq!(checked.checkpoint.size, 309);
    }
    // Somebody of whom there is nothing.
    let nobody = log.list(9);
    assert!(nobody.entries.is_empty());
    check(&nobody).unwrap();
}

#[test]
fn whatever_is_left_out_edited_or_exchanged_is_said() {
    let log = Log::new(300);
    let whole = log.list(2);
    for place in [0, 30, 59] {
        let mut proof = whole.clone();
        proof.entries.remove(place);
        assert_eq!(
            said(&proof),
            "the roll commits 60 entries about the person and the list has 59: entries were left out"
        );
        let mut proof = whole.clone();
        let mut edited = proof.entries[place].body().unwrap().to_vec();
        edited[20] ^= 1;
        proof.entries[place].content = Content::Body(edited);
        let leaf = proof.entries[place].leaf;
        assert!(said(&proof).starts_with(&format!("entry {leaf} is not in the log as it stands here")));
    }
    let mut proof = whole.clone();
    proof.entries.push(log.entry(302, whole.size));
    assert!(said(&proof).ends_with("entries were added"), "{}", said(&proof));
    // One after the roll in the place of the last before it.
    let mut proof = whole.clone();
    *proof.entries.last_mut().unwrap() = log.entry(302, whole.size);
    assert!(said(&proof).contains("one was exchanged"));
    let mut proof = whole.clone();
    proof.entries.swap(3, 4);
    assert_eq!(check(&proof), Err(ListFault::Exchanged));
}

#[test]
fn anothers_chain_and_anothers_entry_are_said() {
    let log = Log::new(300);
    let (mine, theirs) = (log.list(2), log.list(3));
    let proof = ListProof { owner: owner(2), ..theirs.clone() };
    assert_eq!(check(&proof), Err(ListFault::OtherOwner { leaf: 3 }));
    assert!(said(&proof).contains("it is of another's chain"));
    let proof = ListProof { map: theirs.map, ..mine.clone() };
    assert!(said(&proof).starts_with("the roll does not say that this chain is the person's"));
    // Nothing at all, passed off as all there is.
    let absent = log.list(9);
    let proof = ListProof { map: absent.map, entries: Vec::new(), ..mine };
    assert!(said(&proof).starts_with("the roll does not say that this chain is the person's"));
}

#[test]
fn an_entry_about_many_is_in_the_list_of_each_and_of_nobody_else() {
    let log = Log::new(300);
    let whole = log.list(3);
    let place = whole.entries.iter().position(|entry| entry.leaf == 57).unwrap();
    let with = |one_of_many: Option<OneOfMany>| {
        let mut proof = whole.clone();
        proof.entries[place].one_of_many = one_of_many;
        proof
    };
    let of = |of: u8, leaf: u64| OneOfMany::of(salt(leaf, of), &owner(of), tokens(leaf));
    assert!(check(&with(of(3, 57))).is_ok());
    // Without what shows it, with another's, with that of another entry.
    for other in [None, of(4, 57), of(3, 107)] {
        assert_eq!(check(&with(other)), Err(ListFault::OtherOwner { leaf: 57 }));
    }
    // And an entry about one alone needs nothing of the kind.
    let mut proof = whole.clone();
    proof.entries[0].one_of_many = of(3, 57);
    assert_eq!(check(&proof), Err(ListFault::OtherOwner { leaf: 3 }));
    let mut left_out = whole.clone();
    left_out.entries.remove(place);
    assert!(said(&left_out).ends_with("entries were left out"));
}

#[test]
fn an_erased_entry_holds_by_its_commitment_under_a_declaration_that_entries_of_its_age_lapsed() {
    let log = Log::new(300);
    let mut whole = log.list(2);
    let erase = |proof: &mut ListProof, place: usize| {
        let entry = &mut proof.entries[place];
        entry.content = Content::Erased(entry.content.commitment());
        entry.one_of_many = None;
    };
    // The last of these is at leaf 147, and one of them is about many.
    (0..30).for_each(|place| erase(&mut whole, place));
    assert_eq!(check(&whole), Err(ListFault::NotLapsed { leaf: 2 }), "nothing declares it");
    whole.lapses = vec![log.entry(303, whole.size)];
    check(&whole).unwrap();
    let mut young = whole.clone();
    erase(&mut young, 30);
    assert_eq!(check(&young), Err(ListFault::NotLapsed { leaf: 152 }));
    for no_lapse in [302, 304] {
        let proof = ListProof { lapses: vec![log.entry(no_lapse, whole.size)], ..whole.clone() };
        assert_eq!(check(&proof), Err(ListFault::NoLapse { leaf: no_lapse }));
    }
    let mut left_out = whole.clone();
    left_out.entries.remove(3);
    assert!(said(&left_out).ends_with("entries were left out"));
    let mut of_another = whole.clone();
    of_another.entries[3] = log.list(3).entries[3].clone();
    erase(&mut of_another, 3);
    assert_eq!(check(&of_another), Err(ListFault::Exchanged));
    let text = whole.to_string();
    for (place, letter) in text.char_indices().filter(|(place, letter)| letter.is_ascii() && place % 7 == 0) {
        let mut altered = text.clone();
        altered.replace_range(place..=place, if letter == 'A' { "B" } else { "A" });
        let outcome = altered
            .parse::<ListProof>()
            .and_then(|proof| proof.check(log_key().verifier(), witness_key().verifier(), whose, lapsed));
        assert!(outcome.is_err(), "letter {place}, `{letter}`");
    }
}

#[test]
fn another_checkpoint_roll_or_key_is_said() {
    let log = Log::new(300);
    let whole = log.list(2);
    let older = ListProof { checkpoint: log.checkpoint(301), ..whole.clone() };
    assert_eq!(
        said(&older),
        "the checkpoint is of 301 entries and the proofs are of 309: an older checkpoint was put in the place of theirs"
    );
    let older = ListProof { size: 301, ..older };
    assert!(said(&older).starts_with("the roll (entry 300) is not in the log of the checkpoint"));
    let mut no_roll = whole.clone();
    no_roll.roll = whole.entries[0].clone();
    assert_eq!(check(&no_roll), Err(ListFault::NoRoll { leaf: 2 }));
    let other = |name: &str, kind| SignerKey::new(name, kind, &[9; 32]).unwrap();
    let (site, witness) = (other(ORIGIN, KeyKind::Log), other("witness.example.org/one", KeyKind::Witness));
    let found = whole.check(site.verifier(), witness_key().verifier(), whose, lapsed).unwrap_err();
    assert!(found.to_string().starts_with("the checkpoint: the note is not signed by key"), "{found}");
    let found = whole.check(log_key().verifier(), witness.verifier(), whose, lapsed).unwrap_err();
    assert!(
        found.to_string().starts_with("the witness's signature: the note is not signed by key"),
        "{found}"
    );
    // An older roll is a proof still, of less: it says of how much.
    let early = Log::new(100);
    assert_eq!(check(&early.list(2)).unwrap().roll.size, 100);
}

#[test]
fn every_letter_of_the_text_is_watched() {
    let log = Log::new(40);
    let whole = log.list(1);
    let text = whole.to_string();
    for (place, letter) in text.char_indices().filter(|(_, letter)| letter.is_ascii()) {
        let mut altered = text.clone();
        altered.replace_range(place..=place, if letter == 'A' { "B" } else { "A" });
        let outcome = altered
            .parse::<ListProof>()
            .and_then(|proof| proof.check(log_key().verifier(), witness_key().verifier(), whose, lapsed));
        assert!(outcome.is_err(), "letter {place}, `{letter}`, of\n{text}");
    }
}

#[test]
fn texts_that_are_no_proofs_name_the_line() {
    let whole = Log::new(10).list(1).to_string();
    let lines: Vec<&str> = whole.lines().collect();
    for place in 0..lines.iter().position(|line| line.is_empty()).unwrap() {
        let mut altered = lines.clone();
        altered[place] = "something else";
        match altered.join("\n").parse::<ListProof>() {
            Err(ListFault::Shape { line, .. }) => assert_eq!(line, place + 1),
            other => panic!("line {}: {other:?}", place + 1),
        }
    }
    assert!(matches!("".parse::<ListProof>(), Err(ListFault::Shape { .. })));
    assert!(matches!("moretus/list-proof/2\n\n".parse::<ListProof>(), Err(ListFault::Shape { line: 2, .. })));
}
