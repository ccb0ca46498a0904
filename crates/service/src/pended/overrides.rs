//! Deciding otherwise than the plan's rules about lines of a claim that is before somebody: a refusal is lifted, or a line is
//! refused. The claim is worked out again with it, and what it then comes to is a proposal, which a colleague lets stand. No amount
//! is entered.

use domain::{CaseReason, ClaimOverrides, LineDecision, Personal, RequestId};
use gate::{Actor, Asking};

use super::decided::{WrittenDown, before, know};
use super::handle::OTHER_VERSION;
use super::{PendedPlace, asking};
use crate::overrides::{self, Decided};
use crate::views::{DeterminationToOverride, OverridesOfClaim};
use crate::{App, ServiceError};

/// The views of one ask.
type ToOverride = (DeterminationToOverride, OverridesOfClaim);

/// What is decided about lines of a claim.
pub struct NewOverrides {
    /// The version of the proposal that whoever decides saw.
    pub version: i64,
    /// Each line with what is decided about it: at least one.
    pub lines: Vec<(u32, LineDecision)>,
    /// Why.
    pub reason: CaseReason,
}

/// Lifts refusals from lines of a claim that is before the actor, or refuses lines of it, and works out anew what one that waits
/// comes to. Answers what follows: a colleague confirms it, or releases what a run proposes.
///
/// Errors: nothing is decided; it is not the version that stands; a lift that would lift nothing, or that nobody may make; a line that
/// is not there, or was refused by a person already.
pub async fn override_pended(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    new: &NewOverrides,
    request: RequestId,
) -> Result<WrittenDown, ServiceError> {
    if new.lines.is_empty() {
        return Err(ServiceError::Pended("nothing is decided of any line: lift a reason, or refuse a line"));
    }
    let asking = Asking { writes: ClaimOverrides::CATEGORIES, ..asking(actor, place.portfolio, request) };
    let grant = app.gate.ask::<ToOverride>(&asking, place.target()).await?;
    let rows = before(app, actor, place).await?;
    let (gate, subject) = (&app.gate, place.subject);
    let proposal = gate.fetch::<DeterminationToOverride>(subject, place.claim).await?;
    let proposal = proposal.filter(|sealed| sealed.version() == new.version).ok_or(OTHER_VERSION)?;
    let proposal: DeterminationToOverride = grant.open(&proposal)?;
    check(new, &proposal)?;
    let before = gate.fetch::<OverridesOfClaim>(subject, place.claim).await?;
    let keys = app.keys_for::<ClaimOverrides>(subject).await?;
    let decided = Decided {
        claim: place.claim,
        lines: new.lines.clone(),
        by: actor.id(),
        at: gate.now(),
        reason: new.reason.clone(),
        appeal: None,
    };
    let computed = grant.compute(subject, &keys, &decided, &before, overrides::write)?;
    know(app, actor, place, rows, computed.rows, request).await
}

/// Whether each decision changes something, and may be made.
fn check(new: &NewOverrides, proposal: &DeterminationToOverride) -> Result<(), ServiceError> {
    let came_out = (&proposal.lines[..], &proposal.traces[..]);
    for (line, decision) in &new.lines {
        match decision {
            LineDecision::Lift(reason) => benefits::can_lift(came_out, *line, *reason)?,
            LineDecision::Refuse(_) => benefits::can_refuse(&proposal.lines, *line)?,
        }
    }
    Ok(())
}
