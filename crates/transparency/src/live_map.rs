//! A map of chains that is moved on entry by entry: for whoever follows a whole log and wants the map's
//! root as it was at each roll. Only what changed since the last root is hashed again. It may hold one part
//! of the map, all tokens that begin with some bits, so that a map larger than memory goes in parts.
//! It keeps no entry, and makes no proofs: `map_index` does.

use crate::{
    chain::ChainState,
    hash::Hash,
    map::{Subtree, SubtreeBuilder, Token, leaf_of},
};

/// Tokens a bucket before the buckets are divided.
const TOKENS_A_BUCKET: usize = 8;

/// The most bits that buckets are divided by, those of the part included.
const MOST_BITS: u32 = 26;

/// A chain's place in a [`LiveMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainPlace(u32);

impl ChainPlace {
    /// How many chains were taken in before it.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One part of a map, in memory: some 130 bytes a token.
#[derive(Clone, Debug)]
pub struct LiveMap {
    /// Leading bits that all tokens of the part share.
    base: u32,
    /// Bits after those by which buckets are divided.
    bits: u32,
    chains: Vec<Chain>,
    /// The chains of each bucket, by token.
    buckets: Vec<Vec<u32>>,
    /// The subtrees over the buckets: the root at 1, the children of `n` at `2n` and `2n + 1`.
    nodes: Vec<Subtree>,
    /// Chains that changed since the root was last asked for.
    changed: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Chain {
    token: Token,
    state: ChainState,
    leaf: Hash,
    is_changed: bool,
}

impl LiveMap {
    /// An empty part of a map, whose tokens share their first `base` bits.
    #[must_use]
    pub fn new(base: u32) -> LiveMap {
        LiveMap {
            base,
            bits: 0,
            chains: Vec::new(),
            buckets: vec![Vec::new()],
            nodes: vec![Subtree::EMPTY; 2],
            changed: Vec::new(),
        }
    }

    /// The chains in the map.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chains.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// The part that a token belongs to, of parts whose tokens share `base` bits (at most 16).
    #[must_use]
    pub fn part_of(token: &Token, base: u32) -> u32 {
        leading(token).checked_shr(32 - base.min(16)).unwrap_or(0)
    }

    /// Takes a chain in, at its start; it must be extended before the root is asked for. A token must be
    /// taken in once only.
    pub fn insert(&mut self, token: Token) -> ChainPlace {
        let place = self.chains.len() as u32;
        self.chains.push(Chain { token, state: ChainState::START, leaf: [0; 32], is_changed: false });
        self.put_in_bucket(place, &token);
        if self.chains.len() > self.buckets.len() * TOKENS_A_BUCKET && self.base + self.bits < MOST_BITS {
            self.divide();
        }
        ChainPlace(place)
    }

    /// Adds an entry to a chain.
    pub fn extend(&mut self, place: ChainPlace, leaf_index: u64, commitment: &Hash) {
        let Some(chain) = self.chains.get_mut(place.index()) else { return };
        chain.state = chain.state.extend(leaf_index, commitment);
        if !chain.is_changed {
            chain.is_changed = true;
            self.changed.push(place.0);
        }
    }

    /// A chain's token and end.
    #[must_use]
    pub fn chain(&self, place: ChainPlace) -> Option<(Token, ChainState)> {
        self.chains.get(place.index()).map(|chain| (chain.token, chain.state))
    }

    /// The whole part, as it is now.
    pub fn subtree(&mut self) -> Subtree {
        let mut buckets: Vec<usize> = Vec::with_capacity(self.changed.len());
        for place in std::mem::take(&mut self.changed) {
            let Some(chain) = self.chains.get_mut(place as usize) else { continue };
            chain.leaf = leaf_of(&chain.token, &chain.state);
            chain.is_changed = false;
            buckets.push(bucket_of(&chain.token, self.base, self.bits));
        }
        buckets.sort_unstable();
        buckets.dedup();
        self.hash_again(buckets);
        self.nodes.get(1).copied().unwrap_or(Subtree::EMPTY)
    }

    /// Hashes these buckets and all that is over them.
    fn hash_again(&mut self, buckets: Vec<usize>) {
        let first = self.buckets.len();
        for bucket in &buckets {
            let hashed = self.hash_bucket(*bucket);
            if let Some(node) = self.nodes.get_mut(first + bucket) {
                *node = hashed;
            }
        }
        let mut level: Vec<usize> = buckets.into_iter().map(|bucket| first + bucket).collect();
        while level.first().is_some_and(|node| *node > 1) {
            level.iter_mut().for_each(|node| *node /= 2);
            level.dedup();
            for place in &level {
                let [left, right] = [2 * place, 2 * place + 1]
                    .map(|child| self.nodes.get(child).copied().unwrap_or(Subtree::EMPTY));
                if let Some(node) = self.nodes.get_mut(*place) {
                    *node = Subtree::join(left, right);
                }
            }
        }
    }

    fn hash_bucket(&self, bucket: usize) -> Subtree {
        let mut builder = SubtreeBuilder::new((self.base + self.bits) as usize);
        for place in self.buckets.get(bucket).into_iter().flatten() {
            if let Some(chain) = self.chains.get(*place as usize) {
                // INVARIANT: a bucket is in order of tokens, and no token is there twice.
                let _ = builder.push_leaf(chain.token, chain.leaf);
            }
        }
        builder.finish()
    }

    fn put_in_bucket(&mut self, place: u32, token: &Token) {
        let LiveMap { chains, buckets, .. } = self;
        if let Some(bucket) = buckets.get_mut(bucket_of(token, self.base, self.bits)) {
            let before = |other: &u32| chains.get(*other as usize).is_some_and(|other| other.token < *token);
            bucket.insert(bucket.partition_point(before), place);
        }
    }

    /// Divides every bucket in four.
    fn divide(&mut self) {
        self.bits += 2;
        let former = std::mem::take(&mut self.buckets);
        self.buckets = vec![Vec::new(); 1 << self.bits];
        self.nodes = vec![Subtree::EMPTY; 2 << self.bits];
        for place in former.into_iter().flatten() {
            let Some(chain) = self.chains.get_mut(place as usize) else { continue };
            if !chain.is_changed {
                chain.is_changed = true;
                self.changed.push(place);
            }
            if let Some(bucket) = self.buckets.get_mut(bucket_of(&chain.token, self.base, self.bits)) {
                bucket.push(place);
            }
        }
    }
}

/// The first 32 bits.
fn leading(token: &Token) -> u32 {
    token.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// The bits after the first `base`.
fn bucket_of(token: &Token, base: u32, bits: u32) -> usize {
    let after = leading(token).checked_shl(base).unwrap_or(0);
    after.checked_shr(32 - bits).unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hash::sha256, map::map_root};

    fn token(number: u64) -> Token {
        let mut token = sha256(&[&number.to_be_bytes()]);
        // Some share long beginnings.
        if number.is_multiple_of(5) {
            token[..4].fill(0x3C);
        }
        token
    }

    /// Follows a made-up log in parts, and compares each root with that of all chains at once.
    fn follow(tokens: u64, entries: u64, base: u32) {
        let mut parts: Vec<LiveMap> = (0..1 << base).map(|_| LiveMap::new(base)).collect();
        let mut places = std::collections::BTreeMap::new();
        for index in 0..entries {
            let owner = token(index.wrapping_mul(0x9E37_79B9_7F4A_7C15) % tokens);
            let commitment = sha256(&[b"entry", &index.to_be_bytes()]);
            let part = &mut parts[LiveMap::part_of(&owner, base) as usize];
            let place = *places.entry(owner).or_insert_with(|| part.insert(owner));
            part.extend(place, index, &commitment);
            if index.is_multiple_of(97) || index + 1 == entries {
                let whole: Vec<Subtree> = parts.iter_mut().map(LiveMap::subtree).collect();
                let whole = Subtree::join_all(&whole);
                let ends = places.iter().map(|(owner, place)| {
                    parts[LiveMap::part_of(owner, base) as usize].chain(*place).unwrap()
                });
                assert_eq!(whole.hash, map_root(ends).unwrap(), "entry {index}, {base} bits");
                assert_eq!(whole.entries, places.len() as u64);
            }
        }
    }

    #[test]
    fn each_root_on_the_way_is_that_of_all_chains() {
        for (tokens, entries) in [(1, 3), (2, 100), (40, 400), (900, 3_000)] {
            for base in [0, 1, 3] {
                follow(tokens, entries, base);
            }
        }
    }

    #[test]
    fn an_empty_part_is_empty() {
        assert_eq!(LiveMap::new(0).subtree(), Subtree::EMPTY);
        assert_eq!(Subtree::join_all(&[]), Subtree::EMPTY);
    }
}
