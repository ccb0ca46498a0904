//! Deterministic surroundings for this crate's own unit tests; not compiled into the program.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Randomness;

/// Distinct bytes, the same on every run.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Randomness for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let value = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).to_be_bytes();
            chunk.iter_mut().zip(value).for_each(|(to, from)| *to = from);
        }
    }
}
