//! Asking. From the moment an ask is answered its entry is durable: `asking` says what an ask is, `record` decides
//! about it and writes its entry.

use std::sync::Arc;

use domain::{CategorySet, Views};

use crate::asking::Wanting;
use crate::grant::{Grant, Granted};
use crate::{Asking, Gate, GateError, Refused, Target};

/// What became of one target.
pub(crate) type Verdict = Result<CategorySet, Refused>;

impl Gate {
    /// Asks for the views `S` of one subject. From the moment this returns, the entry is durable.
    pub async fn ask<S: Views>(&self, asking: &Asking<'_>, target: Target) -> Result<Grant<S>, GateError> {
        let verdicts = self.inner.record(asking, Wanting::of::<S>(asking), &[target], None).await?;
        let granted = verdicts
            .into_iter()
            .map(|verdict| verdict.map(|shown| Granted { subject: target.subject, shown }))
            .collect::<Result<Vec<_>, Refused>>()?;
        Ok(Grant::mint(Arc::clone(&self.inner), asking, granted))
    }
}
