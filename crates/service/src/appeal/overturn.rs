//! What the decision of an appeal lifts: of each line that is overturned the reason for which it was refused, or paid less for want
//! of an authorisation; or the closing of a claim that was closed, which waits at the desk again. What was decided so is read when the
//! claim is decided anew; an amount is nobody's to enter.

use std::collections::BTreeSet;

use domain::{
    ActorId, AppealOutcome, ClaimOverrides, ClaimReopening, ClaimState, LineDecision, Outcome, Reason,
    ReopeningGround, Timestamp,
};
use gate::Grant;
use store::StoreError;
use store::appeal::AppealRow;
use store::claim::ClaimRow;
use store::sealed::SealedRow;

use super::ToHandle;
use super::handle::NewAppealDecision;
use crate::overrides::{self, Decided};
use crate::pended::Reopening;
use crate::views::{
    AppealToHandle, ClaimUnderAppeal, ClosingsOfClaim, DeterminationUnderAppeal, OverridesOfClaim,
};
use crate::{App, ServiceError};

/// What is lifted with a decision.
#[derive(Default)]
pub(super) struct Lifts {
    /// The version of the determination that it was read off; none where nothing is lifted.
    pub(super) determination: Option<i64>,
    /// Nothing was decided on the claim, so that there is nothing to lift.
    pub(super) is_undecided: bool,
    /// The record with it, sealed.
    pub(super) rows: Vec<SealedRow>,
    /// The claim that is opened again, with the record of it, sealed.
    pub(super) reopens: Option<(Reopening, Vec<SealedRow>)>,
}

/// What a decision about an appeal lifts. Nothing where it is upheld, nor from a line that is paid: there the amount is what is not
/// agreed with, and what that rests on is corrected.
///
/// Errors: a line is refused for what nobody lifts; a closing is overturned in part.
pub(super) async fn overturn(
    app: &App,
    grant: &Grant<ToHandle>,
    (row, new): (&AppealRow, &NewAppealDecision),
    (appeal, claim): (&AppealToHandle, &ClaimUnderAppeal),
    (by, at): (ActorId, Timestamp),
) -> Result<Lifts, ServiceError> {
    let (subject, id) = (row.subject, row.claim);
    let stands = app.store().read(move |unit| store::claim::get(unit, subject, id)).await;
    let stands = stands.map_err(|error: StoreError| error)?;
    match stands {
        Some(closed) if closed.state == ClaimState::Withdrawn => {
            return reopened(app, grant, (closed, new.outcome), (by, at)).await;
        }
        // It was opened again meanwhile, and nobody decided it yet: what is proposed was not appealed against.
        Some(stands) if !is_decided(stands.state) => {
            return Ok(Lifts { is_undecided: true, ..Lifts::default() });
        }
        _ => {}
    }
    let sealed = app.gate.fetch::<DeterminationUnderAppeal>(row.subject, row.claim).await?;
    let Some(sealed) = sealed else { return Ok(Lifts::default()) };
    let determination: DeterminationUnderAppeal = grant.open(&sealed)?;
    let lines = lifted(&overturned(new, appeal, claim), &determination)?;
    if lines.is_empty() {
        return Ok(Lifts::default());
    }
    let before = app.gate.fetch::<OverridesOfClaim>(row.subject, row.claim).await?;
    let keys = app.keys_for::<ClaimOverrides>(row.subject).await?;
    let (reason, appeal) = (new.reason.clone(), Some(row.appeal));
    let decided = Decided { claim: row.claim, lines, by, at, reason, appeal };
    let computed = grant.compute(row.subject, &keys, &decided, &before, overrides::write)?;
    Ok(Lifts { determination: Some(sealed.version()), rows: computed.rows, ..Lifts::default() })
}

/// Whether something was decided on a claim that an appeal can be about.
pub(super) const fn is_decided(state: ClaimState) -> bool {
    !matches!(state, ClaimState::Received | ClaimState::Pended | ClaimState::Withdrawn)
}

/// What a decision lifts of an appeal against the closing of a claim.
async fn reopened(
    app: &App,
    grant: &Grant<ToHandle>,
    (claim, outcome): (ClaimRow, AppealOutcome),
    (by, at): (ActorId, Timestamp),
) -> Result<Lifts, ServiceError> {
    match outcome {
        AppealOutcome::Upheld => return Ok(Lifts::default()),
        AppealOutcome::PartlyOverturned => {
            return Err(ServiceError::Appeal(
                "the claim was closed as a whole, and is opened again as a whole",
            ));
        }
        AppealOutcome::Overturned => {}
    }
    let sealed = app.gate.fetch::<ClosingsOfClaim>(claim.subject, claim.claim).await?;
    let sealed = sealed.ok_or(ServiceError::NotFound("record of the closing"))?;
    let reopening =
        Reopening { claim, reopening: ClaimReopening { ground: ReopeningGround::Appeal, by, at } };
    let computed = grant.compute(claim.subject, &[], &reopening, &sealed, Reopening::write)?;
    Ok(Lifts { reopens: Some((reopening, computed.rows)), ..Lifts::default() })
}

/// The lines that are overturned.
fn overturned(new: &NewAppealDecision, appeal: &AppealToHandle, claim: &ClaimUnderAppeal) -> BTreeSet<u32> {
    let lines: &[u32] = match new.outcome {
        AppealOutcome::Upheld => return BTreeSet::new(),
        AppealOutcome::PartlyOverturned => &new.lines,
        AppealOutcome::Overturned => &appeal.lines,
    };
    match lines {
        [] => claim.lines.iter().map(|line| line.number).collect(),
        named => named.iter().copied().collect(),
    }
}

/// What is lifted from these lines.
fn lifted(
    lines: &BTreeSet<u32>,
    determination: &DeterminationUnderAppeal,
) -> Result<Vec<(u32, LineDecision)>, ServiceError> {
    let came_out = (&determination.lines[..], &determination.traces[..]);
    let mut lifted = Vec::new();
    for line in determination.lines.iter().filter(|line| lines.contains(&line.number)) {
        let is_refused = line.outcome == Outcome::Denied;
        for reason in &line.reasons {
            if is_refused || *reason == Reason::NoPreauthorisation {
                benefits::can_lift(came_out, line.number, *reason)?;
                lifted.push((line.number, LineDecision::Lift(*reason)));
            }
        }
    }
    Ok(lifted)
}
