//! The top of a map, kept: with the hashes of its buckets (all tokens that begin with the same
//! bits) a proof needs the entries of one bucket instead of all of them.
//! An index is no authority: its root is compared with the roll's, and proofs verify without it.

use crate::{
    chain::ChainState,
    hash::Hash,
    map::{MapError, MapProof, Subtree, SubtreeBuilder, Token, bit, prove_below, subtree},
};

/// The most bits that an index divides by: 65,536 buckets, 2.6 MB.
const MOST_BITS: u32 = 16;

/// Bytes of a bucket in a stored index: entries (8, big-endian) and hash (32).
const BUCKET_BYTES: usize = 40;

/// The buckets of one map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapIndex {
    /// Leading bits that the tokens of a bucket share: 0 to 16.
    bits: u32,
    /// 2^bits buckets, in order of token.
    buckets: Vec<Subtree>,
}

/// Builds an index, and with it the map's root, from entries in rising order of token.
#[derive(Clone, Debug)]
pub struct MapIndexBuilder {
    bits: u32,
    done: Vec<Subtree>,
    open: SubtreeBuilder,
    entries: u64,
}

impl MapIndexBuilder {
    /// An index of 2^`bits` buckets; more than 16 bits are taken as 16.
    #[must_use]
    pub fn new(bits: u32) -> MapIndexBuilder {
        let bits = bits.min(MOST_BITS);
        MapIndexBuilder { bits, done: Vec::new(), open: SubtreeBuilder::new(bits as usize), entries: 0 }
    }

    /// Adds the next token and the end of its chain.
    ///
    /// # Errors
    /// The token is not greater than the one before.
    pub fn push(&mut self, token: Token, state: ChainState) -> Result<(), MapError> {
        let order = MapError::Order { position: self.entries };
        let bucket = bucket_of(&token, self.bits) as usize;
        if bucket < self.done.len() {
            return Err(order);
        }
        self.close_before(bucket);
        self.open.push(token, state).map_err(|_| order)?;
        self.entries += 1;
        Ok(())
    }

    /// The index of all tokens added.
    #[must_use]
    pub fn finish(mut self) -> MapIndex {
        self.close_before(1 << self.bits);
        MapIndex { bits: self.bits, buckets: self.done }
    }

    /// Finishes the buckets before this one.
    fn close_before(&mut self, bucket: usize) {
        while self.done.len() < bucket {
            let next = SubtreeBuilder::new(self.bits as usize);
            self.done.push(std::mem::replace(&mut self.open, next).finish());
        }
    }
}

impl MapIndex {
    /// The bits that suit a map of about so many tokens: some 64 tokens a bucket.
    #[must_use]
    pub fn bits_for(tokens: u64) -> u32 {
        (tokens / 64).checked_ilog2().unwrap_or(0).min(MOST_BITS)
    }

    /// The index of these entries, given in rising order of token.
    ///
    /// # Errors
    /// The entries are not in order, or a token comes twice.
    pub fn build(
        bits: u32,
        entries: impl IntoIterator<Item = (Token, ChainState)>,
    ) -> Result<MapIndex, MapError> {
        let mut builder = MapIndexBuilder::new(bits);
        entries.into_iter().try_for_each(|(token, state)| builder.push(token, state))?;
        Ok(builder.finish())
    }

    /// The map's root, the same for any number of bits.
    #[must_use]
    pub fn root(&self) -> Hash {
        Subtree::join_all(&self.buckets).hash
    }

    /// The tokens in the map.
    #[must_use]
    pub fn entries(&self) -> u64 {
        count(&self.buckets)
    }

    /// The first and last token of the bucket whose entries [`MapIndex::prove`] needs for this
    /// token; `None` when it needs none. It may be another bucket than the token's own: a token
    /// that stands alone on the way.
    #[must_use]
    pub fn range_to_read(&self, token: &Token) -> Option<(Token, Token)> {
        let bucket = self.walk(token).1?;
        let (mut first, mut last) = ([0u8; 32], [0xFF; 32]);
        // The bucket's number is the token's leading bits.
        let high = (bucket << (32 - self.bits)) as u32;
        let mask = u32::MAX.checked_shr(self.bits).unwrap_or(0);
        if let (Some(low), Some(top)) = (first.first_chunk_mut::<4>(), last.first_chunk_mut::<4>()) {
            *low = high.to_be_bytes();
            *top = (high | mask).to_be_bytes();
        }
        Some((first, last))
    }

    /// The proof of what the map says about `token`, from the entries of one bucket (see
    /// [`MapIndex::range_to_read`]; none when it gives no range), in rising order of token.
    ///
    /// # Errors
    /// The entries are not those that the index was built from.
    pub fn prove(&self, token: &Token, entries: &[(Token, ChainState)]) -> Result<MapProof, MapError> {
        let (siblings, bucket) = self.walk(token);
        if let Some(bucket) = bucket {
            let read = subtree(entries.iter().copied(), self.bits as usize)?;
            if self.buckets.get(bucket as usize) != Some(&read) {
                return Err(MapError::OtherEntries { bucket });
            }
        }
        prove_below(token, if bucket.is_some() { entries } else { &[] }, siblings)
    }

    /// The siblings on the token's way down to a bucket, or to where fewer than two tokens are
    /// left; and the bucket that holds what is at the end of the way, if anything is.
    fn walk(&self, token: &Token) -> (Vec<Hash>, Option<u64>) {
        let mut siblings = Vec::new();
        let mut rest = self.buckets.as_slice();
        let mut first = 0u64;
        while rest.len() > 1 && count(rest) > 1 {
            let (zeros, ones) = rest.split_at(rest.len() / 2);
            let (inside, beside) = if bit(token, siblings.len()) {
                first += zeros.len() as u64;
                (ones, zeros)
            } else {
                (zeros, ones)
            };
            siblings.push(Subtree::join_all(beside).hash);
            rest = inside;
        }
        let filled = rest.iter().position(|bucket| bucket.entries > 0);
        (siblings, filled.map(|place| first + place as u64))
    }

    /// The index as it is stored: for each bucket its entries (8 bytes, big-endian) and its hash.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = |bucket: &Subtree| [bucket.entries.to_be_bytes().as_slice(), &bucket.hash].concat();
        self.buckets.iter().flat_map(bytes).collect()
    }

    /// Reads a stored index.
    ///
    /// # Errors
    /// The bytes are not a whole index.
    pub fn from_bytes(bytes: &[u8]) -> Result<MapIndex, MapError> {
        let (stored, rest) = bytes.as_chunks::<BUCKET_BYTES>();
        let bits = stored.len().checked_ilog2().unwrap_or(0);
        if !rest.is_empty() || !stored.len().is_power_of_two() || bits > MOST_BITS {
            return Err(MapError::Index { bytes: bytes.len() });
        }
        let buckets = stored.iter().filter_map(|bucket| {
            let (entries, hash) = bucket.split_first_chunk::<8>()?;
            Some(Subtree { entries: u64::from_be_bytes(*entries), hash: hash.try_into().ok()? })
        });
        Ok(MapIndex { bits, buckets: buckets.collect() })
    }
}

/// The bucket of a token: its leading bits.
fn bucket_of(token: &Token, bits: u32) -> u64 {
    let leading = token.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    u64::from(leading) >> (32 - bits)
}

/// The tokens in these buckets.
fn count(buckets: &[Subtree]) -> u64 {
    buckets.iter().map(|bucket| bucket.entries).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        hash::sha256,
        map::{map_root, prove_token},
    };

    type Entry = (Token, ChainState);

    fn entries(count: u64) -> Vec<Entry> {
        let entry = |number: u64| {
            let hash = sha256(&[&number.to_be_bytes()]);
            let mut token = hash;
            // Some stand close together, so that buckets are unevenly filled.
            if number.is_multiple_of(4) {
                token[0] = 0x5A;
            }
            (token, ChainState { count: number, head: hash })
        };
        let mut entries: Vec<Entry> = (0..count).map(entry).collect();
        entries.sort_by_key(|(token, _)| *token);
        entries
    }

    /// Reads what the index asks for, as a store would.
    fn read(entries: &[Entry], range: Option<(Token, Token)>) -> Vec<Entry> {
        let wanted = |token: &Token| range.is_some_and(|(first, last)| first <= *token && *token <= last);
        entries.iter().copied().filter(|(token, _)| wanted(token)).collect()
    }

    #[test]
    fn an_index_gives_the_same_root_and_proofs_as_all_entries() {
        for count in [0u64, 1, 2, 3, 17, 150] {
            let entries = entries(count);
            let root = map_root(entries.iter().copied()).unwrap();
            for bits in [0, 1, 4, 7, 8, 9, 12] {
                let index = MapIndex::build(bits, entries.iter().copied()).unwrap();
                assert_eq!((index.root(), index.entries()), (root, count));
                assert_eq!(MapIndex::from_bytes(&index.to_bytes()).unwrap(), index);
                let absent = (1_000..1_040u64).map(|number| sha256(&[&number.to_be_bytes()]));
                for token in entries.iter().map(|(token, _)| *token).step_by(5).chain(absent) {
                    let part = read(&entries, index.range_to_read(&token));
                    assert!(bits < 4 || part.len() < 60);
                    let proof = index.prove(&token, &part).unwrap();
                    assert_eq!(proof, prove_token(&token, &entries).unwrap(), "{count} entries, {bits} bits");
                    proof.verify(&token, &root).unwrap();
                }
            }
        }
    }

    #[test]
    fn entries_of_another_moment_are_refused() {
        let entries = entries(150);
        let index = MapIndex::build(4, entries.iter().copied()).unwrap();
        let token = entries[70].0;
        let mut part = read(&entries, index.range_to_read(&token));
        assert!(index.prove(&token, &part).is_ok());
        part[0].1.count += 1;
        let bucket = bucket_of(&token, 4);
        assert_eq!(index.prove(&token, &part), Err(MapError::OtherEntries { bucket }));
        assert_eq!(index.prove(&token, &[]), Err(MapError::OtherEntries { bucket }));
    }

    #[test]
    fn disorder_is_found_within_and_across_buckets() {
        let good = entries(40);
        for bits in [0, 3, 16] {
            let mut disordered = good.clone();
            disordered.swap(20, 21);
            let found = MapIndex::build(bits, disordered);
            assert_eq!(found, Err(MapError::Order { position: 21 }), "{bits} bits");
            let mut twice = good.clone();
            twice.insert(10, good[10]);
            assert_eq!(MapIndex::build(bits, twice), Err(MapError::Order { position: 11 }));
        }
    }

    #[test]
    fn bytes_that_are_no_index_are_refused() {
        for length in [0usize, 39, 41, 120] {
            assert_eq!(MapIndex::from_bytes(&vec![0; length]), Err(MapError::Index { bytes: length }));
        }
    }

    #[test]
    fn bits_follow_the_size() {
        assert_eq!([0, 64, 128, 2_000, 1_000_000, u64::MAX].map(MapIndex::bits_for), [0, 0, 1, 4, 13, 16]);
    }
}
