//! A claim that is before somebody: it waits and they took it, or it is decided and they put it right, for a task about the
//! person that they have. What becomes known of a decided claim, or is decided about its lines, is written down, and changes
//! nothing by itself: it is decided anew by a run, and what that proposes is released by somebody else.

use domain::{ClaimStep, OutcomeReason, RequestId};
use gate::Actor;
use store::claim::{ClaimMove, ClaimRow};
use store::pended::PendedRow;
use store::readjudication::DECIDED;
use store::sealed::SealedRow;
use store::{StoreError, Unit};

use super::handle::{changed, work_out_pended};
use super::{NOT_THERE, PendedPlace};
use crate::{App, ServiceError};

/// What follows of what was written down about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenDown {
    /// It was worked out anew, and waits for this.
    Waits(Option<OutcomeReason>),
    /// It is decided, and is decided anew by a run.
    ToDecideAnew,
}

/// How a claim is before an actor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Before {
    /// It waits, and they have it.
    Waiting(PendedRow),
    /// It is decided, and they put it right.
    Decided,
}

/// The rows of a claim that is before the actor, whose task the gate has looked at.
pub(super) async fn before(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
) -> Result<(Before, ClaimRow), ServiceError> {
    let read = move |unit: &mut Unit<'_>| {
        let row = store::pended::get(unit, place.subject, place.claim)?;
        Ok((row, store::claim::get(unit, place.subject, place.claim)?))
    };
    let (row, claim) = app.store().read(read).await.map_err(|error: StoreError| error)?;
    let claim = claim.filter(|claim| claim.portfolio == place.portfolio).ok_or(NOT_THERE)?;
    match row {
        Some(row) if row.owner == Some(actor.id()) => Ok((Before::Waiting(row), claim)),
        None if place.task.is_some() && DECIDED.contains(&claim.state) => Ok((Before::Decided, claim)),
        _ => Err(NOT_THERE),
    }
}

/// Writes down what is known of a claim now, or was decided about its lines. One that waits is worked out anew.
pub(super) async fn know(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    (before, claim): (Before, ClaimRow),
    known: Vec<SealedRow>,
    request: RequestId,
) -> Result<WrittenDown, ServiceError> {
    let (by, at) = (actor.id(), app.gate.now());
    let write = move |unit: &mut Unit<'_>| {
        match before {
            Before::Waiting(row) => store::pended::set(unit, &row)?,
            Before::Decided => {
                let stands = ClaimMove::to(claim, claim.state);
                store::claim::move_many(unit, &[stands], (ClaimStep::PutRight, by, at))?;
                store::decide_anew::note(unit, claim.portfolio, &[claim.subject], at)?;
            }
        }
        store::sealed::put_many(unit, &known)
    };
    app.store().write(write).await.map_err(changed)?;
    match before {
        Before::Waiting(_) => work_out_pended(app, actor, place, request).await.map(WrittenDown::Waits),
        Before::Decided => Ok(WrittenDown::ToDecideAnew),
    }
}
