//! What persons decide about lines of a claim otherwise than the plan's rules, as it is written down: by whoever has the claim at
//! the desk, and by whoever decides an appeal. One record beside the claim, to which each decision is added; and the rule of four
//! eyes of the desk. That whoever decided an appeal pays nothing of it is said where that is: by `pended`, as it gives a claim to
//! somebody, and by `readjudicate`, as it releases. Which refusals may be lifted is the engine's to say.

use domain::{
    ActorId, CaseReason, ClaimId, ClaimOverrides, Includes, LineDecision, LineOverride, Timestamp, Views,
    WorkItemId,
};
use gate::{Actor, GateError, Reader, Sealed, Writer};

use crate::ServiceError;
use crate::views::{ClosingsOfClaim, OverridesOfClaim, OverridesOnDesk};

/// What one person decides about lines of a claim, at once and for one reason.
pub(crate) struct Decided {
    pub(crate) claim: ClaimId,
    /// Each line with what is decided about it; none where it is the claim as a whole that may come in late.
    pub(crate) lines: Vec<(u32, LineDecision)>,
    pub(crate) by: ActorId,
    pub(crate) at: Timestamp,
    pub(crate) reason: CaseReason,
    /// The appeal whose decision it is.
    pub(crate) appeal: Option<WorkItemId>,
}

/// The record with what is decided. It captures nothing.
pub(crate) fn write<S, P>(
    decided: &Decided,
    before: &Option<Sealed<ClaimOverrides>>,
    reader: &Reader<'_, S>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError>
where
    S: Views + Includes<OverridesOfClaim, P>,
{
    let mut all = match before {
        Some(sealed) => {
            let OverridesOfClaim { deciders, lines } = reader.open(sealed)?;
            ClaimOverrides { deciders, lines }
        }
        None => ClaimOverrides::default(),
    };
    let Decided { by, at, appeal, .. } = *decided;
    if !all.deciders.contains(&by) {
        all.deciders.push(by);
    }
    all.lines.extend(decided.lines.iter().map(|(line, decision)| LineOverride {
        line: *line,
        decision: *decision,
        by,
        at,
        reason: decided.reason.clone(),
        appeal,
    }));
    match before {
        Some(sealed) => writer.replace(sealed, &all),
        None => writer.put(decided.claim, 1, &all),
    }
}

/// Four eyes: nobody confirms a claim about which they ever decided something by hand, or that they ever closed.
pub(crate) fn must_be_another(
    actor: &Actor,
    decided: Option<&OverridesOnDesk>,
    closed: Option<&ClosingsOfClaim>,
) -> Result<(), ServiceError> {
    let deciders = decided.into_iter().flat_map(|one| &one.deciders);
    let closers = closed.into_iter().flat_map(|one| &one.closings).map(|closing| &closing.by);
    match deciders.chain(closers).any(|known| *known == actor.id()) {
        false => Ok(()),
        true => Err(ServiceError::Pended(
            "you decided something of it by hand, or closed it: give it back, and a colleague looks and confirms",
        )),
    }
}
