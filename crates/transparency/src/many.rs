//! An entry about many owners at once: a sorted tree of salted tokens, one for each, whose root stands in the entry's
//! body. Whoever has their salt can show that the entry is about them; the other tokens tell them nothing of whom else it
//! is about, not even when they guess. The tree is the Merkle map of [`crate::map`] with nothing at its ends.
//!
//! It does not know what the entry says, nor where the salts come from.

use crate::chain::ChainState;
use crate::hash::{Hash, sha256};
use crate::map::{MapEnd, MapError, MapProof, Token, map_root, prove_token};

/// What precedes salt and owner in a token.
const TOKEN_PREFIX: &[u8] = b"moretus/one-of-many/1\n";

/// The token of an owner in one entry. The salt is theirs in this entry alone.
#[must_use]
pub fn salted_token(salt: &[u8; 32], owner: &[u8; 16]) -> Token {
    sha256(&[TOKEN_PREFIX, salt, owner])
}

/// The root over the tokens of all whom an entry is about, in any order.
///
/// # Errors
/// A token comes twice.
pub fn root_of_many(tokens: impl IntoIterator<Item = Token>) -> Result<Hash, MapError> {
    map_root(sorted(tokens))
}

fn sorted(tokens: impl IntoIterator<Item = Token>) -> Vec<(Token, ChainState)> {
    let mut entries: Vec<_> = tokens.into_iter().map(|token| (token, ChainState::START)).collect();
    entries.sort_unstable_by_key(|(token, _)| *token);
    entries
}

/// The proof that an entry about many is about one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOfMany {
    /// The owner's salt in this entry.
    pub salt: [u8; 32],
    /// The siblings on the way to their token, from the root down.
    pub siblings: Vec<Hash>,
}

impl OneOfMany {
    /// The proof for an owner, from all tokens; `None` when the owner's is not among them, or one comes twice.
    #[must_use]
    pub fn of(
        salt: [u8; 32],
        owner: &[u8; 16],
        tokens: impl IntoIterator<Item = Token>,
    ) -> Option<OneOfMany> {
        let proof = prove_token(&salted_token(&salt, owner), &sorted(tokens)).ok()?;
        matches!(proof.end, MapEnd::Present(_)).then_some(OneOfMany { salt, siblings: proof.siblings })
    }

    /// Whether the entry whose body has this root is about this owner.
    #[must_use]
    pub fn shows(&self, owner: &[u8; 16], root: &Hash) -> bool {
        let proof = MapProof { siblings: self.siblings.clone(), end: MapEnd::Present(ChainState::START) };
        proof.verify(&salted_token(&self.salt, owner), root).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salt(number: u16) -> [u8; 32] {
        sha256(&[b"salt", &number.to_be_bytes()])
    }

    fn owner(number: u16) -> [u8; 16] {
        let mut owner = [0; 16];
        owner[..2].copy_from_slice(&number.to_be_bytes());
        owner
    }

    fn tokens(count: u16) -> impl Iterator<Item = Token> {
        (0..count).map(|number| salted_token(&salt(number), &owner(number)))
    }

    #[test]
    fn each_shows_that_it_is_about_them_and_nobody_else_does() {
        for count in [1, 2, 3, 100, 1_000] {
            let root = root_of_many(tokens(count)).unwrap();
            for number in (0..count).step_by(7) {
                let proof = OneOfMany::of(salt(number), &owner(number), tokens(count)).unwrap();
                assert!(proof.shows(&owner(number), &root));
                assert!(proof.siblings.len() <= 40, "{} siblings of {count}", proof.siblings.len());
                assert!(!proof.shows(&owner(count), &root));
                assert!(!proof.shows(&owner(number), &[1; 32]));
                let mut altered = proof.clone();
                altered.salt[0] ^= 1;
                assert!(!altered.shows(&owner(number), &root));
                for place in 0..proof.siblings.len() {
                    let mut altered = proof.clone();
                    altered.siblings[place][5] ^= 1;
                    assert!(!altered.shows(&owner(number), &root));
                }
            }
            assert_eq!(OneOfMany::of(salt(count), &owner(count), tokens(count)), None);
        }
    }

    #[test]
    fn the_root_is_of_all_of_them_in_any_order() {
        let root = root_of_many(tokens(50)).unwrap();
        let mut turned: Vec<Token> = tokens(50).collect();
        turned.reverse();
        assert_eq!(root_of_many(turned.clone()), Ok(root));
        let left_out = turned.pop().unwrap();
        assert_ne!(root_of_many(turned.clone()), Ok(root));
        turned.extend([left_out, left_out]);
        assert!(root_of_many(turned).is_err());
    }
}
