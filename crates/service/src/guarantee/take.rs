//! Who gets which guarantee of payment to decide, and how it goes back: the one that has waited longest, and nobody chooses
//! whose. It opens none of them.

use domain::{
    ActorId, GoverningLaw, GuaranteeState, PortfolioId, RequestId, SubjectId, SubjectKind, Timestamp,
};
use gate::{Actor, Target};
use notice::Decision;
use store::guarantee::GuaranteeRow;
use store::{StoreError, Unit};

use super::{GuaranteePlace, ToDecide, deciding, fetch, row, target};
use crate::views::GuaranteeToSum;
use crate::{App, ServiceError, work_item};

/// Gives the request that has waited longest to this actor: it is theirs to decide, and nobody chooses whose.
/// `None` when nothing waits.
///
/// Errors: a refusal, when the notice has no clause by which the actor could decide.
pub async fn take_guarantee(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Option<GuaranteePlace>, ServiceError> {
    may_decide(app, actor, portfolio, request).await?;
    let (assignee, now) = (actor.id(), app.gate.now());
    for _ in 0..MAX_TAKERS {
        // Their own and their relatives', and those of other sponsors' people, are left to colleagues.
        let others = work_item::of_others(app, actor, portfolio).await?;
        let taken = app.store().write(move |unit| {
            let Some(row) = waiting(unit, portfolio, assignee, &others)? else { return Ok(None) };
            let row = GuaranteeRow { state: GuaranteeState::UnderReview, ..row };
            store::guarantee::set_state(unit, &row)?;
            let item = work_item::open(row.subject, row.guarantee.into(), assignee, now);
            store::condition::set_many(unit, &[item])?;
            Ok::<_, StoreError>(Some(row))
        });
        match taken.await {
            // Somebody else took it at the same time.
            Err(StoreError::Changed) => {}
            Ok(row) => {
                return Ok(row.map(|GuaranteeRow { subject, guarantee, .. }| GuaranteePlace {
                    portfolio,
                    subject,
                    guarantee,
                }));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy.into())
}

/// What waits longest for somebody: a proposal that is not theirs, whoever has had it before; else a request.
fn waiting(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    assignee: ActorId,
    others: &[SubjectId],
) -> Result<Option<GuaranteeRow>, StoreError> {
    for row in store::guarantee::in_state(unit, portfolio, GuaranteeState::Proposed)? {
        let had = work_item::open(row.subject, row.guarantee.into(), assignee, Timestamp::from_micros(0));
        let known = store::condition::of_subject(unit, row.subject)?;
        let had_it = known.iter().any(|one| (one.condition, one.object) == (had.condition, had.object));
        if !had_it && !others.contains(&row.subject) {
            return Ok(Some(row));
        }
    }
    store::guarantee::first_in_state(unit, portfolio, GuaranteeState::Requested, others)
}

/// Others who may take one at the same time before a taker is told to come again.
const MAX_TAKERS: usize = 32;

/// Whether there is a clause by which the actor could decide on a guarantee of a member's that is before them.
async fn may_decide(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = deciding(actor, portfolio, request);
    let anybody = Target::for_item(SubjectId::from_bytes([0; 16]), request);
    let weighed =
        app.gate.preview::<ToDecide>(&asking, anybody, SubjectKind::Member, GoverningLaw::Elsewhere).await?;
    match weighed.decision {
        Decision::Granted(_) if !actor.recipient().is_job() => Ok(()),
        _ => Err(ServiceError::NotADecider),
    }
}

/// Puts a request back among those that wait: one that somebody proposed to guarantee stays their proposal.
pub async fn return_guarantee(
    app: &App,
    actor: &Actor,
    place: GuaranteePlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = deciding(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToDecide>(&asking, target(place)).await?;
    let opened: GuaranteeToSum = grant.open(&fetch(app, place).await?)?;
    let last = opened.decisions.last();
    let state = last.map_or(GuaranteeState::Requested, |decision| decision.outcome.state());
    let (assignee, at) = (actor.id(), app.gate.now());
    let returned = move |unit: &mut Unit<'_>| {
        let row = row(unit, place)?.filter(|row| row.state == GuaranteeState::UnderReview);
        let row = row.ok_or(StoreError::Changed)?;
        store::guarantee::set_state(unit, &GuaranteeRow { state, ..row })?;
        work_item::end(unit, place.subject, place.guarantee.into(), assignee, at)
    };
    Ok(app.store().write(returned).await?)
}
