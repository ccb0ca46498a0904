//! The map from subject token to the end of that subject's chain, as a sparse Merkle tree.
//!
//! A token's bits, from the highest, say the way from the root to its leaf; a leaf sits as high as
//! it can stand alone, so that a million tokens need about 20 levels, not 256. One token has one
//! place, whoever builds the map: a site cannot show two lists to two people under one root. The
//! root comes from a sorted run in one pass, so that no tree is ever stored.
//!
//! A token follows from its owner's id alone, which is random and which the owner knows: nobody can be shown
//! the end of another chain as their own. A proof never shows another subject's count; where the
//! place of an absent token is taken it shows the token that takes it.

use crate::{
    chain::ChainState,
    hash::{Hash, sha256},
    proof::ProofError,
};

/// A subject's place in the map: 32 bytes that look random (see [`token`]).
pub type Token = [u8; 32];

/// What precedes an owner's id in its token.
const TOKEN_PREFIX: &[u8] = b"moretus/map-token/1\n";

/// The place of an owner in the map: SHA-256 of `moretus/map-token/1\n` and the owner's id.
#[must_use]
pub fn token(owner: &[u8; 16]) -> Token {
    sha256(&[TOKEN_PREFIX, owner])
}

/// What a place without tokens hashes to.
pub(crate) const EMPTY: Hash = [0; 32];
const VALUE_PREFIX: &[u8] = b"moretus/map-value/1\n";
const LEAF_PREFIX: &[u8] = b"moretus/map-leaf/1\n";
const NODE_PREFIX: &[u8] = b"moretus/map-node/1\n";

/// Bits in a token, and so the deepest level.
const DEPTH: usize = 256;

/// Entries that are no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A token that is not greater than the one before it.
    #[error(
        "map entry {position} does not come after the one before it: sort by token and give each token once"
    )]
    Order {
        /// The entry's place in the run, from 0.
        position: u64,
    },
    /// Entries that are not those of the index's bucket.
    #[error(
        "the entries read for bucket {bucket} of the map are not those that the roll took in: read them as they stood at the roll"
    )]
    OtherEntries {
        /// The bucket.
        bucket: u64,
    },
    /// Stored bytes that are no index.
    #[error(
        "the stored index of the map has {bytes} bytes, which is no whole index: build it again from the entries"
    )]
    Index {
        /// The bytes found.
        bytes: usize,
    },
}

/// Hashes a subtree from its entries in rising order of token, in memory for one path.
#[derive(Clone, Debug, Default)]
pub(crate) struct SubtreeBuilder {
    /// The depth of the subtree's root; all its tokens share that many bits.
    base: usize,
    entries: u64,
    last: Option<LastLeaf>,
    /// Finished left siblings on the way to the last leaf, each with its depth.
    lefts: Vec<(usize, Hash)>,
}

/// The newest leaf, which is hashed upwards once its right neighbour is known.
#[derive(Clone, Copy, Debug)]
struct LastLeaf {
    token: Token,
    hash: Hash,
    /// The least depth at which it stands apart from its left neighbour.
    depth: usize,
}

impl SubtreeBuilder {
    pub(crate) fn new(base: usize) -> SubtreeBuilder {
        SubtreeBuilder { base, ..SubtreeBuilder::default() }
    }

    /// Adds the next token and the end of its chain.
    pub(crate) fn push(&mut self, token: Token, state: ChainState) -> Result<(), MapError> {
        self.push_leaf(token, leaf_of(&token, &state))
    }

    /// Adds the next token by the hash of its leaf.
    pub(crate) fn push_leaf(&mut self, token: Token, hash: Hash) -> Result<(), MapError> {
        let mut depth = self.base;
        if let Some(last) = self.last {
            if last.token >= token {
                return Err(MapError::Order { position: self.entries });
            }
            depth = shared_bits(&last.token, &token) + 1;
            let hash = self.hash_up(last, depth);
            self.lefts.push((depth, hash));
        }
        self.last = Some(LastLeaf { token, hash, depth });
        self.entries += 1;
        Ok(())
    }

    /// The subtree's entries and hash. A single token's hash is its leaf's, at any depth.
    pub(crate) fn finish(mut self) -> Subtree {
        let hash = self.last.map_or(EMPTY, |last| self.hash_up(last, self.base));
        Subtree { entries: self.entries, hash }
    }

    /// The hash at `depth` of the subtree that ends with `last`: nothing can join it any more.
    fn hash_up(&mut self, last: LastLeaf, depth: usize) -> Hash {
        let mut hash = last.hash;
        for below in (depth + 1..=last.depth).rev() {
            hash = if bit(&last.token, below - 1) {
                let left = self.lefts.pop_if(|(at, _)| *at == below).map_or(EMPTY, |(_, left)| left);
                node(&left, &hash)
            } else {
                node(&hash, &EMPTY)
            };
        }
        hash
    }
}

/// A part of the map: all tokens that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// How many tokens.
    pub entries: u64,
    /// The hash over them and the ends of their chains.
    pub hash: Hash,
}

impl Subtree {
    /// A part without tokens.
    pub const EMPTY: Subtree = Subtree { entries: 0, hash: EMPTY };

    /// The whole of parts in order, of which there is a power of two.
    #[must_use]
    pub fn join_all(parts: &[Subtree]) -> Subtree {
        let mut level = parts.to_vec();
        while level.len() > 1 {
            let (pairs, _) = level.as_chunks::<2>();
            level = pairs.iter().map(|[left, right]| Subtree::join(*left, *right)).collect();
        }
        level.pop().unwrap_or(Subtree::EMPTY)
    }

    /// Two halves as one: a token that stands alone moves up.
    pub(crate) fn join(left: Subtree, right: Subtree) -> Subtree {
        let entries = left.entries + right.entries;
        let hash = match (left.entries, right.entries) {
            (0, 0) => EMPTY,
            (1, 0) => left.hash,
            (0, 1) => right.hash,
            _ => node(&left.hash, &right.hash),
        };
        Subtree { entries, hash }
    }
}

/// The root of a map from its entries in rising order of token; 32 zero bytes without entries.
///
/// # Errors
/// The entries are not in order, or a token comes twice.
pub fn map_root(entries: impl IntoIterator<Item = (Token, ChainState)>) -> Result<Hash, MapError> {
    subtree(entries, 0).map(|subtree| subtree.hash)
}

pub(crate) fn subtree(
    entries: impl IntoIterator<Item = (Token, ChainState)>,
    base: usize,
) -> Result<Subtree, MapError> {
    let mut builder = SubtreeBuilder::new(base);
    entries.into_iter().try_for_each(|(token, state)| builder.push(token, state))?;
    Ok(builder.finish())
}

/// What stands at the end of a token's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapEnd {
    /// The token, with the end of its chain.
    Present(ChainState),
    /// Nothing.
    Empty,
    /// Another token, which shares the way so far; its value stays hashed.
    Other {
        /// The token there.
        token: Token,
        /// The hash of its value.
        value_hash: Hash,
    },
}

/// The proof of what a map says about one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProof {
    /// The siblings on the token's way, from the root down: at most 256.
    pub siblings: Vec<Hash>,
    /// What stands at the end.
    pub end: MapEnd,
}

/// The proof of what the map of these entries says about `token`: presence or absence.
/// Costs as many hashes as the root itself; `map_index` makes it cheap.
///
/// # Errors
/// The entries are not in rising order of token, or a token comes twice.
pub fn prove_token(token: &Token, entries: &[(Token, ChainState)]) -> Result<MapProof, MapError> {
    prove_below(token, entries, Vec::new())
}

/// Goes on with a proof from the subtree of these entries, whose way from the map's root the
/// `siblings` so far describe.
pub(crate) fn prove_below(
    token: &Token,
    entries: &[(Token, ChainState)],
    mut siblings: Vec<Hash>,
) -> Result<MapProof, MapError> {
    let pairs = entries.iter().zip(entries.iter().skip(1));
    if let Some(place) = pairs.into_iter().position(|((before, _), (after, _))| before >= after) {
        return Err(MapError::Order { position: place as u64 + 1 });
    }
    let mut rest = entries;
    while rest.len() > 1 {
        let depth = siblings.len();
        let split = rest.partition_point(|(other, _)| !bit(other, depth));
        let (zeros, ones) = rest.split_at(split);
        let (inside, beside) = if bit(token, depth) { (ones, zeros) } else { (zeros, ones) };
        siblings.push(subtree(beside.iter().copied(), depth + 1)?.hash);
        rest = inside;
    }
    let end = match rest.first() {
        None => MapEnd::Empty,
        Some((found, state)) if found == token => MapEnd::Present(*state),
        Some((found, state)) => MapEnd::Other { token: *found, value_hash: value_hash(state) },
    };
    Ok(MapProof { siblings, end })
}

impl MapProof {
    /// What the map with this root says about `token`: the end of its chain, or `None` when the
    /// map does not hold it.
    ///
    /// # Errors
    /// The proof does not show either.
    pub fn verify(&self, token: &Token, root: &Hash) -> Result<Option<ChainState>, ProofError> {
        let depth = self.siblings.len();
        if depth > DEPTH {
            return Err(ProofError::TooDeep { found: depth });
        }
        let (mut hash, state) = match &self.end {
            MapEnd::Present(state) => (leaf(token, &value_hash(state)), Some(*state)),
            MapEnd::Empty => (EMPTY, None),
            // A token elsewhere in the map says nothing about this one's place.
            MapEnd::Other { token: other, .. } if other == token || shared_bits(other, token) < depth => {
                return Err(ProofError::OtherPlace);
            }
            MapEnd::Other { token: other, value_hash } => (leaf(other, value_hash), None),
        };
        for (level, sibling) in self.siblings.iter().enumerate().rev() {
            hash = if bit(token, level) { node(sibling, &hash) } else { node(&hash, sibling) };
        }
        if hash == *root { Ok(state) } else { Err(ProofError::OtherRoot) }
    }
}

fn value_hash(state: &ChainState) -> Hash {
    sha256(&[VALUE_PREFIX, &state.count.to_be_bytes(), &state.head])
}

pub(crate) fn leaf_of(token: &Token, state: &ChainState) -> Hash {
    leaf(token, &value_hash(state))
}

fn leaf(token: &Token, value_hash: &Hash) -> Hash {
    sha256(&[LEAF_PREFIX, token, value_hash])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[NODE_PREFIX, left, right])
}

/// A token's bit at `place`, 0 being the highest; false past the end.
pub(crate) fn bit(token: &Token, place: usize) -> bool {
    token.get(place / 8).is_some_and(|byte| byte & (0x80 >> (place % 8)) != 0)
}

/// The leading bits that two tokens share: 0 to 256.
fn shared_bits(one: &Token, other: &Token) -> usize {
    let same = one.iter().zip(other).take_while(|(left, right)| left == right).count();
    let within = one.get(same).zip(other.get(same)).map_or(0, |(left, right)| (left ^ right).leading_zeros());
    same * 8 + within as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    type Entry = (Token, ChainState);

    fn state(number: u64) -> ChainState {
        ChainState { count: number, head: sha256(&[&number.to_be_bytes()]) }
    }

    /// Entries at random places, some of them sharing long beginnings.
    fn entries(count: u64, seed: u64) -> Vec<Entry> {
        let mut entries: Vec<Entry> = (0..count)
            .map(|number| {
                let mut token = sha256(&[&seed.to_be_bytes(), &number.to_be_bytes()]);
                if number % 3 == 0 {
                    let shared = (number % 32) as usize;
                    token[..shared].fill(0xA5);
                }
                (token, state(number))
            })
            .collect();
        entries.sort_by_key(|(token, _)| *token);
        entries.dedup_by_key(|(token, _)| *token);
        entries
    }

    /// The map by its definition: divide by bit until at most one token is left.
    fn naive_root(entries: &[Entry], depth: usize) -> Hash {
        match entries {
            [] => EMPTY,
            [(token, state)] => leaf(token, &value_hash(state)),
            _ => {
                let (ones, zeros): (Vec<Entry>, Vec<Entry>) =
                    entries.iter().copied().partition(|(token, _)| bit(token, depth));
                node(&naive_root(&zeros, depth + 1), &naive_root(&ones, depth + 1))
            }
        }
    }

    #[test]
    fn one_pass_gives_the_root_of_the_definition() {
        for count in 0..120 {
            let entries = entries(count, count);
            assert_eq!(
                map_root(entries.iter().copied()).unwrap(),
                naive_root(&entries, 0),
                "{count} entries"
            );
        }
    }

    #[test]
    fn presence_and_absence_are_proven() {
        for count in [0u64, 1, 2, 3, 10, 200] {
            let entries = entries(count, 7);
            let root = map_root(entries.iter().copied()).unwrap();
            for (token, state) in &entries {
                let proof = prove_token(token, &entries).unwrap();
                assert_eq!(proof.verify(token, &root), Ok(Some(*state)));
                // The next place is somebody else's or nobody's.
                let mut near = *token;
                near[31] ^= 1;
                if entries.binary_search_by_key(&near, |(token, _)| *token).is_err() {
                    let absent = prove_token(&near, &entries).unwrap();
                    assert_eq!(absent.verify(&near, &root), Ok(None));
                    assert!(absent.verify(token, &root).is_err());
                    assert!(proof.verify(&near, &root).is_err());
                }
            }
        }
    }

    #[test]
    fn no_altered_proof_holds() {
        let entries = entries(64, 3);
        let root = map_root(entries.iter().copied()).unwrap();
        for (token, state) in &entries {
            let proof = prove_token(token, &entries).unwrap();
            let with = |end: MapEnd| MapProof { siblings: proof.siblings.clone(), end };
            let more = MapEnd::Present(ChainState { count: state.count + 1, ..*state });
            assert_eq!(with(more).verify(token, &root), Err(ProofError::OtherRoot));
            assert_eq!(with(MapEnd::Empty).verify(token, &root), Err(ProofError::OtherRoot));
            // Passing off the token's own leaf as another's, and a leaf from elsewhere as a neighbour.
            let own = MapEnd::Other { token: *token, value_hash: value_hash(state) };
            assert_eq!(with(own).verify(token, &root), Err(ProofError::OtherPlace));
            let (far, far_state) = entries.iter().find(|(other, _)| bit(other, 0) != bit(token, 0)).unwrap();
            let elsewhere = MapEnd::Other { token: *far, value_hash: value_hash(far_state) };
            assert_eq!(with(elsewhere).verify(token, &root), Err(ProofError::OtherPlace));
            for place in 0..proof.siblings.len() {
                let mut altered = proof.clone();
                altered.siblings[place][place % 32] ^= 0x80;
                assert_eq!(altered.verify(token, &root), Err(ProofError::OtherRoot));
                altered.siblings.truncate(place);
                assert!(altered.verify(token, &root).is_err());
            }
        }
        let deep = MapProof { siblings: vec![EMPTY; 257], end: MapEnd::Empty };
        assert_eq!(deep.verify(&[0; 32], &root), Err(ProofError::TooDeep { found: 257 }));
    }

    #[test]
    fn tokens_that_differ_in_the_last_bit_fit() {
        let (mut low, high) = ([0xFF; 32], [0xFF; 32]);
        low[31] = 0xFE;
        let entries = [(low, state(1)), (high, state(2))];
        let root = map_root(entries).unwrap();
        let proof = prove_token(&high, &entries).unwrap();
        assert_eq!(proof.siblings.len(), 256);
        assert_eq!(proof.verify(&high, &root), Ok(Some(state(2))));
    }

    #[test]
    fn disorder_and_repetition_are_refused() {
        let mut disordered = entries(10, 1);
        disordered.swap(4, 5);
        assert_eq!(map_root(disordered.iter().copied()), Err(MapError::Order { position: 5 }));
        assert_eq!(prove_token(&[0; 32], &disordered), Err(MapError::Order { position: 5 }));
        let twice = [([1; 32], state(1)), ([1; 32], state(2))];
        assert_eq!(map_root(twice), Err(MapError::Order { position: 1 }));
    }

    #[test]
    fn every_entry_counts() {
        let entries = entries(50, 9);
        let root = map_root(entries.iter().copied()).unwrap();
        for place in 0..entries.len() {
            let mut altered = entries.clone();
            altered[place].1.head[0] ^= 1;
            assert_ne!(map_root(altered.iter().copied()).unwrap(), root);
            altered.remove(place);
            assert_ne!(map_root(altered).unwrap(), root);
        }
    }
}
