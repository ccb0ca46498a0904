//! The roll: the entry that commits, at one moment, where every subject's chain ends.
//! It holds the map's root, not the map, and nothing about a person, so it needs no salt.

use crate::{
    hash::{Hash, commitment},
    map_index::MapIndex,
};

/// What a roll's body begins with.
const ROLL_PREFIX: &[u8; 15] = b"moretus/roll/1\n";

/// One roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roll {
    /// The log's leaves that the chains take in: leaves 0 to `size` - 1. The roll's own leaf comes
    /// later.
    pub size: u64,
    /// The root of the map from subject token to chain end (see `map`).
    pub map_root: Hash,
    /// The subjects in the map.
    pub tokens: u64,
    /// When, in microseconds since 1970.
    pub at_us: u64,
}

impl Roll {
    /// Bytes in a roll's body.
    pub const LENGTH: usize = 71;

    /// The roll of this map, over the log's first `size` leaves.
    #[must_use]
    pub fn of_map(size: u64, map: &MapIndex, at_us: u64) -> Roll {
        Roll { size, map_root: map.root(), tokens: map.entries(), at_us }
    }

    /// The entry's body: `moretus/roll/1\n`, size (8 bytes, big-endian), map root, number of
    /// tokens, microseconds since 1970 (8 bytes each, big-endian).
    #[must_use]
    pub fn to_body(&self) -> Vec<u8> {
        let numbers = [self.size, self.tokens, self.at_us].map(u64::to_be_bytes);
        let [size, tokens, at_us] = &numbers;
        let parts: [&[u8]; 5] = [ROLL_PREFIX, size, &self.map_root, tokens, at_us];
        parts.concat()
    }

    /// The data of the roll's leaf.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        commitment(&self.to_body())
    }

    /// Reads an entry's body; `None` when it is no roll's.
    #[must_use]
    pub fn from_body(body: &[u8]) -> Option<Roll> {
        let rest = body.strip_prefix(ROLL_PREFIX)?;
        let (size, rest) = rest.split_first_chunk::<8>()?;
        let (map_root, rest) = rest.split_first_chunk::<32>()?;
        let (tokens, at_us) = rest.split_first_chunk::<8>()?;
        Some(Roll {
            size: u64::from_be_bytes(*size),
            map_root: *map_root,
            tokens: u64::from_be_bytes(*tokens),
            at_us: u64::from_be_bytes(at_us.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chain::ChainState, map::map_root};

    #[test]
    fn a_roll_reads_back_and_nothing_else_is_one() {
        let entries = [
            ([1; 32], ChainState { count: 2, head: [3; 32] }),
            ([2; 32], ChainState { count: 1, head: [4; 32] }),
        ];
        let map = MapIndex::build(0, entries).unwrap();
        let roll = Roll::of_map(1_000, &map, 7);
        assert_eq!(roll.map_root, map_root(entries).unwrap());
        assert_eq!((roll.size, roll.tokens, roll.at_us), (1_000, 2, 7));
        let body = roll.to_body();
        assert_eq!(body.len(), Roll::LENGTH);
        assert_eq!(Roll::from_body(&body), Some(roll));
        assert_eq!(roll.commitment(), commitment(&body));
        assert_eq!(Roll::from_body(&body[..70]), None);
        assert_eq!(Roll::from_body(&[&body[..], &[0]].concat()), None);
        let mut other = body;
        other[0] ^= 1;
        assert_eq!(Roll::from_body(&other), None);
    }
}
