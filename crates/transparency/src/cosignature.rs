//! Witness cosignatures (C2SP tlog-cosignature, version 1, Ed25519): someone outside the site signs
//! that, at a stated time, this was the largest checkpoint of the log that it had seen and that the
//! log had only grown. Fetching checkpoints and remembering the last one is the caller's work.

use crate::{
    checkpoint::Checkpoint,
    hash::Hash,
    key::{KeyKind, SignerKey, VerifierKey},
    note::{Note, NoteError, require_kind},
    proof::{ProofError, verify_consistency},
};

/// Why a witness does not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// The checkpoint itself is not to be believed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint is of another log than the last one seen.
    #[error("the checkpoint is of log `{found}`, the last one seen is of `{expected}`")]
    OtherLog {
        /// The origin found.
        found: String,
        /// The origin of the last checkpoint seen.
        expected: String,
    },
    /// The log was not shown to have only grown.
    #[error(
        "the log was at size {last} when last seen and is now at {new}, and is not shown to have only grown: {reason}"
    )]
    NotGrown {
        /// The size last seen.
        last: u64,
        /// The size of the new checkpoint.
        new: u64,
        /// Why the proof does not show it.
        reason: ProofError,
    },
}

/// Does a witness's work: checks the log's signature, checks that the log has only grown since the
/// `last` checkpoint that this witness saw, and cosigns. Returns the checkpoint to remember before
/// the note is given out, and the note with the cosignature added.
///
/// `proof` is the consistency proof from the last size to the new one; without a last checkpoint it
/// is empty, and the witness vouches from here on. `time_s` is in seconds since 1970.
///
/// # Errors
/// The note is not the log's, or the proof does not hold, or a key is of the other kind.
pub fn witness(
    note: &str,
    log: &VerifierKey,
    last: Option<&Checkpoint>,
    proof: &[Hash],
    key: &SignerKey,
    time_s: u64,
) -> Result<(Checkpoint, String), WitnessError> {
    let checkpoint = Checkpoint::parse_and_verify(note, log)?;
    if let Some(last) = last {
        if last.origin != checkpoint.origin {
            return Err(WitnessError::OtherLog { found: checkpoint.origin, expected: last.origin.clone() });
        }
        verify_consistency(last.size, &last.root, checkpoint.size, &checkpoint.root, proof)
            .map_err(|reason| WitnessError::NotGrown { last: last.size, new: checkpoint.size, reason })?;
    }
    let cosigned = cosign(note, key, time_s)?;
    Ok((checkpoint, cosigned))
}

/// Adds a cosignature to a note, in place of an earlier one of the same key. It checks nothing:
/// [`witness`] does.
///
/// # Errors
/// The text is no signed note, or the key is a log's.
pub fn cosign(note: &str, key: &SignerKey, time_s: u64) -> Result<String, NoteError> {
    require_kind(key.verifier(), KeyKind::Witness)?;
    let mut note: Note = note.parse()?;
    let signature = key.sign(&cosigned_message(note.text(), time_s));
    note.put_signature(key.verifier(), [time_s.to_be_bytes().as_slice(), &signature].concat());
    Ok(note.to_string())
}

/// Checks that a witness has cosigned a note, and returns when, in seconds since 1970. The log's
/// own signature is checked by [`Checkpoint::parse_and_verify`].
///
/// # Errors
/// It has not, or one of its cosignatures is wrong, or the key is a log's.
pub fn verify_cosignature(note: &str, key: &VerifierKey) -> Result<u64, NoteError> {
    require_kind(key, KeyKind::Witness)?;
    let note: Note = note.parse()?;
    let mut newest = None;
    for bytes in note.signatures_of(key) {
        let time_s = cosignature_time(note.text(), bytes, key);
        newest = newest.max(Some(time_s.ok_or(NoteError::BadSignature { key: key.name().to_owned() })?));
    }
    newest.ok_or(NoteError::Unsigned { key: key.name().to_owned() })
}

/// The time that a cosignature states; `None` when it is not this key's of this text.
fn cosignature_time(text: &str, bytes: &[u8], key: &VerifierKey) -> Option<u64> {
    let (time, signature) = bytes.split_first_chunk::<8>()?;
    let time_s = u64::from_be_bytes(*time);
    key.has_signed(&cosigned_message(text, time_s), signature.try_into().ok()?).then_some(time_s)
}

fn cosigned_message(text: &str, time_s: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time_s}\n{text}").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        hash::leaf_hash,
        proof::consistency_proof,
        tile::TileId,
        tree::{TreeState, root_at},
    };

    const ORIGIN: &str = "example.com/log";

    fn log_key() -> SignerKey {
        SignerKey::new(ORIGIN, KeyKind::Log, &[1; 32]).unwrap()
    }

    fn witness_key() -> SignerKey {
        SignerKey::new("witness.example.org/one", KeyKind::Witness, &[2; 32]).unwrap()
    }

    fn tiles(size: u32, first: &[u8]) -> BTreeMap<TileId, Vec<Hash>> {
        let mut tree = TreeState::new();
        tree.append(leaf_hash(first));
        (1..size).for_each(|number| {
            tree.append(leaf_hash(&number.to_be_bytes()));
        });
        tree.take_changed().into_iter().map(|tile| (tile.id, tile.hashes)).collect()
    }

    fn note(size: u64, tiles: &BTreeMap<TileId, Vec<Hash>>) -> String {
        let root = root_at(size, tiles).unwrap();
        Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&log_key()).unwrap()
    }

    #[test]
    fn a_witness_follows_a_log_that_grows() {
        let (tiles, log, key) = (tiles(300, b"first"), log_key(), witness_key());
        let (seen, cosigned) = witness(&note(100, &tiles), log.verifier(), None, &[], &key, 10).unwrap();
        assert_eq!(verify_cosignature(&cosigned, key.verifier()), Ok(10));
        assert_eq!(Checkpoint::parse_and_verify(&cosigned, log.verifier()).unwrap(), seen);
        let proof = consistency_proof(100, 300, &tiles).unwrap();
        let (seen, cosigned) =
            witness(&note(300, &tiles), log.verifier(), Some(&seen), &proof, &key, 20).unwrap();
        assert_eq!(seen.size, 300);
        // Seen again without growth: the time moves, the signature is replaced.
        let (_, again) = witness(&cosigned, log.verifier(), Some(&seen), &[], &key, 30).unwrap();
        assert_eq!(verify_cosignature(&again, key.verifier()), Ok(30));
        assert_eq!(again.lines().count(), cosigned.lines().count());
    }

    #[test]
    fn a_witness_refuses_a_rewritten_or_shortened_log() {
        let (tiles, log, key) = (tiles(300, b"first"), log_key(), witness_key());
        let rewritten = self::tiles(300, b"another");
        let (seen, _) = witness(&note(100, &tiles), log.verifier(), None, &[], &key, 10).unwrap();
        let proof = consistency_proof(100, 300, &rewritten).unwrap();
        let refused = witness(&note(300, &rewritten), log.verifier(), Some(&seen), &proof, &key, 20);
        assert_eq!(
            refused,
            Err(WitnessError::NotGrown { last: 100, new: 300, reason: ProofError::OtherRoot })
        );
        let shorter = witness(&note(99, &tiles), log.verifier(), Some(&seen), &[], &key, 20);
        assert!(matches!(shorter, Err(WitnessError::NotGrown { last: 100, new: 99, .. })));
        let fork = witness(&note(100, &rewritten), log.verifier(), Some(&seen), &[], &key, 20);
        assert!(matches!(fork, Err(WitnessError::NotGrown { last: 100, new: 100, .. })));
        let other = Checkpoint { origin: "example.com/other".to_owned(), ..seen };
        let refused = witness(&note(100, &tiles), log.verifier(), Some(&other), &[], &key, 20);
        assert!(matches!(refused, Err(WitnessError::OtherLog { .. })));
    }

    #[test]
    fn an_altered_cosignature_or_text_fails() {
        let key = witness_key();
        let cosigned = cosign(&note(7, &tiles(7, b"first")), &key, 1_700_000_000).unwrap();
        let last_line = cosigned.trim_end().rfind('\n').unwrap() + 1;
        let places = (0..ORIGIN.len()).chain(last_line..cosigned.len());
        for place in places {
            let mut altered = cosigned.clone().into_bytes();
            altered[place] ^= 1;
            let Ok(altered) = String::from_utf8(altered) else { continue };
            assert!(verify_cosignature(&altered, key.verifier()).is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_key_of_the_other_kind_is_refused() {
        let text = note(7, &tiles(7, b"first"));
        assert!(matches!(cosign(&text, &log_key(), 1), Err(NoteError::OtherKind { .. })));
        assert!(matches!(verify_cosignature(&text, log_key().verifier()), Err(NoteError::OtherKind { .. })));
        assert!(matches!(
            verify_cosignature(&text, witness_key().verifier()),
            Err(NoteError::Unsigned { .. })
        ));
    }
}
