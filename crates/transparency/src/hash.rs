//! The hashes of the log: SHA-256, with a prefix of its own for each use, so that a value hashed
//! for one use can never stand for another. It does not build trees.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// What precedes an entry's body in its commitment.
const ENTRY_PREFIX: &[u8] = b"moretus/entry/1\n";

/// SHA-256 over the parts, one after another.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}

/// The root of a tree without leaves (RFC 6962, section 2.1): SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The hash of a leaf (RFC 6962, section 2.1): SHA-256 of 0x00 and the leaf's data.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0x00], data])
}

/// The hash of an inner node (RFC 6962, section 2.1): SHA-256 of 0x01 and the two children.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[0x01], left, right])
}

/// The commitment to an entry: SHA-256 of `moretus/entry/1\n` and the body.
///
/// An entry about a person carries 16 random bytes in its body; without them a short body could be
/// guessed from its commitment. Once body and salt are erased the commitment says nothing, and the
/// proofs over it still hold.
#[must_use]
pub fn commitment(body: &[u8]) -> Hash {
    sha256(&[ENTRY_PREFIX, body])
}

/// The leaf hash of an entry: its commitment is the leaf's data.
#[must_use]
pub fn entry_leaf_hash(body: &[u8]) -> Hash {
    leaf_hash(&commitment(body))
}

/// The root over consecutive subtree hashes of equal height, as the tree of RFC 6962 divides them: the left half has
/// the largest power of two of them that is smaller than the whole. `None` when there is nothing to hash.
pub(crate) fn fold(hashes: &[Hash]) -> Option<Hash> {
    if let [hash] = hashes {
        return Some(*hash);
    }
    let (left, right) = hashes.split_at_checked(1 << hashes.len().checked_sub(1)?.checked_ilog2()?)?;
    Some(node_hash(&fold(left)?, &fold(right)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(hash: Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn known_values_of_certificate_transparency() {
        // The published test vectors of the certificate transparency reference implementations.
        assert_eq!(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(
            hex(node_hash(&leaf_hash(b""), &leaf_hash(&[0x00]))),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
    }

    #[test]
    fn each_use_has_a_hash_of_its_own() {
        let body = [7u8; 32];
        let all = [commitment(&body), leaf_hash(&body), entry_leaf_hash(&body), sha256(&[&body])];
        for (place, one) in all.iter().enumerate() {
            assert!(all.iter().skip(place + 1).all(|other| other != one));
        }
    }
}
