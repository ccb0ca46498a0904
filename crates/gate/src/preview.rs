//! A dry run of an ask: what the notice in force would answer if every condition that may hold did hold.
//! It grants nothing, opens nothing and writes nothing, so its answer is no permission: only the statement
//! that writes the entry knows whether the conditions hold.

use domain::{GoverningLaw, SubjectKind, Views};

use crate::asking::Wanting;
use crate::deferral::Showing;
use crate::weigh::{Supposed, assumed, weigh};
use crate::{Asking, Gate, GateError, Target, Weighed};

impl Gate {
    /// What would be decided about the views `S` of a subject of this kind whose cover this law governs, bound to the
    /// notice in force, and what that would rest on.
    ///
    /// # Errors
    /// No notice is in force in the portfolio; the actor works behind another portfolio's wall, or may not
    /// hand data on, or its training is not current.
    pub async fn preview<S: Views>(
        &self,
        asking: &Asking<'_>,
        target: Target,
        kind: SubjectKind,
        law: GoverningLaw,
    ) -> Result<Weighed, GateError> {
        let wanting = Wanting::of::<S>(asking);
        if let Some((_, refused)) = crate::refusal::beyond(asking, wanting) {
            return Err(refused.into());
        }
        let case = self.inner.case(asking, wanting).await?;
        if case.barred.is_some() {
            return Err(case.unknown().into());
        }
        let in_force =
            self.inner.notices.in_force(asking.portfolio, asking.supplement, self.inner.clock.now())?;
        let held = assumed(&case, target);
        let supposed = Supposed { kind, law, held, showing: Showing::AtOnce };
        Ok(weigh(&case, target, supposed, &in_force.table))
    }
}
