//! A witness: someone other than the site who cosigns checkpoints, and only ones that grow from the
//! last it saw. A real site's witness runs elsewhere; the demo runs one beside itself, with its own
//! key and its own memory file.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use domain::Timestamp;
use transparency::{Checkpoint, Hash, KeyKind, SignerKey, VerifierKey, verify_cosignature};
use zeroize::Zeroizing;

use crate::root::sync_folder_of;
use crate::{GateError, Randomness};

/// A witness with its key and what it remembers.
pub struct Witness {
    key: SignerKey,
    memory: PathBuf,
    last: Mutex<Option<String>>,
}

impl Witness {
    /// Opens the witness in a folder, making its key on first use. Two files: `witness.key` (0600) and
    /// `witness.checkpoint`, the last checkpoint that it cosigned.
    pub fn open(folder: &Path, name: &str, randomness: &dyn Randomness) -> Result<Self, GateError> {
        let path = folder.join("witness.key");
        let log = |problem: String| GateError::Log { problem };
        if !path.exists() {
            crate::root::RootKey::create(&path, randomness)?;
        }
        let seed: Zeroizing<[u8; 32]> = crate::root::RootKey::read(&path)?.seed();
        let key = SignerKey::new(name, KeyKind::Witness, &seed).map_err(|error| log(error.to_string()))?;
        let memory = folder.join("witness.checkpoint");
        // Without its memory it would cosign any log. Only a witness that has seen none yet has no file.
        let last = match std::fs::read_to_string(&memory) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(log(format!("`{}` cannot be read: {}", memory.display(), error.kind())));
            }
        };
        Ok(Self { key, memory, last: Mutex::new(last) })
    }

    /// What verifies its cosignatures.
    #[must_use]
    pub fn verifier(&self) -> String {
        self.key.verifier().to_string()
    }

    /// The last checkpoint that it cosigned: what `log verify` compares the log with.
    #[must_use]
    pub fn last(&self) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The size of the last checkpoint of this log that it cosigned.
    pub(crate) fn last_size(&self, log: &VerifierKey) -> Option<u64> {
        Checkpoint::parse_and_verify(&self.last()?, log).ok().map(|checkpoint| checkpoint.size)
    }

    /// Cosigns a checkpoint that grows from the last one; remembers it durably first.
    pub(crate) fn cosign(
        &self,
        note: &str,
        log: &VerifierKey,
        prove: impl Fn(u64) -> Result<Vec<Hash>, String>,
        now: Timestamp,
    ) -> Result<String, String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match last.as_deref() {
            Some(text) => {
                verify_cosignature(text, self.key.verifier()).map_err(|error| error.to_string())?;
                // A restored log has another name: the witness starts anew with it.
                Checkpoint::parse_and_verify(text, log).ok()
            }
            None => None,
        };
        let proof = before.as_ref().map_or(Ok(Vec::new()), |before| prove(before.size))?;
        let time_s = u64::try_from(now.micros() / 1_000_000).unwrap_or(0);
        let (_, cosigned) = transparency::witness(note, log, before.as_ref(), &proof, &self.key, time_s)
            .map_err(|error| error.to_string())?;
        self.remember(&cosigned).map_err(|error| format!("the witness cannot remember: {}", error.kind()))?;
        *last = Some(cosigned.clone());
        Ok(cosigned)
    }

    fn remember(&self, text: &str) -> std::io::Result<()> {
        let unfinished = self.memory.with_extension("unfinished");
        std::fs::write(&unfinished, text)?;
        std::fs::File::open(&unfinished)?.sync_all()?;
        std::fs::rename(&unfinished, &self.memory)?;
        sync_folder_of(&self.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counter;

    #[test]
    fn a_witness_whose_memory_cannot_be_read_does_not_begin_anew() {
        let folder = tempfile::tempdir().unwrap();
        Witness::open(folder.path(), "witness", &Counter::default()).unwrap();
        std::fs::write(folder.path().join("witness.checkpoint"), [0xff, 0xfe]).unwrap();
        let refused = Witness::open(folder.path(), "witness", &Counter::default()).err().unwrap();
        assert!(refused.to_string().contains("witness.checkpoint"), "{refused}");
    }
}
