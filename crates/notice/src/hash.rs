//! The hash that names a version's exact content: every file, rules and prose alike.

use sha2::{Digest, Sha256};

/// SHA-256 over the files in order of their names: a fixed first line, then of each file the
/// length of its name (8 bytes, big-endian), its name, the length of its text, its text.
pub(crate) fn hash(files: &[(&str, &str)]) -> [u8; 32] {
    let mut sorted = files.to_vec();
    sorted.sort_unstable();
    let mut digest = Sha256::new();
    digest.update(b"moretus notice 1\n");
    for part in sorted.into_iter().flat_map(|(name, text)| [name, text]) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().into()
}
