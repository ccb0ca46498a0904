//! A reader with a budget: no row and no resource of a file can take more memory than it may.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes may still be read before someone grants more.
#[derive(Clone)]
pub(crate) struct Budget(Arc<AtomicUsize>);

impl Budget {
    pub(crate) fn grant(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.left() == 0
    }
}

/// A reader that fails once its budget is spent.
pub(crate) struct Guard<R> {
    inner: R,
    budget: Budget,
}

impl<R: Read> Guard<R> {
    pub(crate) fn new(inner: R, bytes: usize) -> (Self, Budget) {
        let budget = Budget(Arc::new(AtomicUsize::new(bytes)));
        (Self { inner, budget: budget.clone() }, budget)
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.left();
        if left == 0 {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        let most = buffer.len().min(left);
        let read = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.budget.grant(left.saturating_sub(read));
        Ok(read)
    }
}
