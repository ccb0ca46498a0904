//! A subject's chain: a running hash over the entries about that subject, in their order.
//!
//! Two lists that end in the same head are the same list, so a head that is committed in the tree
//! (see `map`) shows that a list is complete. It does not say what the entries hold, and it does
//! not require rising leaf numbers: an entry whose showing was deferred joins the chain late.

use crate::hash::{Hash, sha256};

/// What precedes each link.
const LINK_PREFIX: &[u8] = b"moretus/chain/1\n";

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainState {
    /// Entries in the chain.
    pub count: u64,
    /// The last link; 32 zero bytes for a chain without entries.
    pub head: Hash,
}

impl ChainState {
    /// A chain without entries.
    pub const START: ChainState = ChainState { count: 0, head: [0; 32] };

    /// The chain with one more entry: head' = SHA-256 of `moretus/chain/1\n`, head, the leaf's
    /// index (8 bytes, big-endian) and the entry's commitment.
    #[must_use]
    pub fn extend(self, leaf_index: u64, commitment: &Hash) -> ChainState {
        let head = sha256(&[LINK_PREFIX, &self.head, &leaf_index.to_be_bytes(), commitment]);
        ChainState { count: self.count + 1, head }
    }

    /// The chain with all of these entries (leaf index, commitment) added in order.
    #[must_use]
    pub fn extend_all<'a>(self, entries: impl IntoIterator<Item = (u64, &'a Hash)>) -> ChainState {
        entries.into_iter().fold(self, |chain, (leaf_index, commitment)| chain.extend(leaf_index, commitment))
    }
}

impl Default for ChainState {
    fn default() -> ChainState {
        ChainState::START
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::commitment;

    #[test]
    fn any_change_of_a_list_changes_its_end() {
        let entries: Vec<(u64, Hash)> =
            (0..6u64).map(|index| (index * 7, commitment(&[index as u8]))).collect();
        let end =
            |list: &[(u64, Hash)]| ChainState::START.extend_all(list.iter().map(|(at, hash)| (*at, hash)));
        let whole = end(&entries);
        assert_eq!(whole.count, 6);
        let mut others = vec![end(&entries[1..]), end(&entries[..5])];
        for place in 0..entries.len() {
            let mut altered = entries.clone();
            altered[place].0 += 1;
            others.push(end(&altered));
            altered = entries.clone();
            altered[place].1[31] ^= 1;
            others.push(end(&altered));
            altered = entries.clone();
            altered.remove(place);
            others.push(end(&altered));
            if place > 0 {
                altered = entries.clone();
                altered.swap(place, place - 1);
                others.push(end(&altered));
            }
        }
        assert!(others.iter().all(|other| *other != whole));
    }

    #[test]
    fn the_bytes_of_a_link_are_fixed() {
        let mut bytes = b"moretus/chain/1\n".to_vec();
        bytes.extend([0; 32]);
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 2]);
        bytes.extend([9; 32]);
        assert_eq!(ChainState::START.extend(258, &[9; 32]).head, sha256(&[&bytes]));
    }
}
