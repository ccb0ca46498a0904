//! The numbers of groups of entries, which PostgreSQL gives out by a sequence. Nothing else counts by itself.

use super::{Engine, Unit};
use crate::StoreError;

impl Unit<'_> {
    /// Lets the numbers of groups of entries go on after the largest in use: after copying entries in. SQLite's
    /// one writer counts for itself.
    pub(crate) fn restart_log_numbers(&mut self) -> Result<(), StoreError> {
        if matches!(self.engine, Engine::Sqlite(_)) {
            return Ok(());
        }
        let sql = "SELECT setval('moretus_log.log_batch', 1 + greatest((SELECT coalesce(max(batch), 0) FROM moretus_log.disclosure),
            (SELECT coalesce(max(batch), 0) FROM moretus_log.log_pending), (SELECT coalesce(max(batch), 0) FROM moretus_log.log_sealed)))";
        self.query("log_batch", sql, &[]).map(drop)
    }
}
