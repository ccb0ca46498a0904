//! A claim that is taken back before it was decided: whoever has it closes it, and nothing of it is worked out, paid or appealed against
//! any more; and the way back, by which it waits at the desk again. A claim that was decided stands, and is not closed.

use domain::{
    AppealState, ClaimClosing, ClaimClosings, ClaimQuestions, ClaimReopening, ClaimState, ClaimStep,
    ClosingGround, Includes, OutcomeReason, Personal, ReopeningGround, RequestId, ScreenState, SubjectId,
    Timestamp, Views, WorkItemId,
};
use gate::{Actor, Asking, GateError, Reader, Sealed, Writer};
use store::appeal::AppealRow;
use store::claim::{ClaimMove, ClaimRow};
use store::screen::ScreenRow;
use store::sealed::SealedRow;
use store::{StoreError, Unit};

use super::handle::{changed, end_questions};
use super::{PendedPlace, asking, may_handle, own_rows};
use crate::adjudicate::desk;
use crate::views::{ClosingsOfClaim, QuestionsOnDesk};
use crate::work_item::{self, ShortTask};
use crate::{App, ServiceError};

/// The views of one ask.
type ToClose = (ClosingsOfClaim, QuestionsOnDesk);

/// Closes a claim that is before the actor and that whoever claims takes back, or that should not have come: nothing was decided on it.
/// The claim leaves the desk; what was asked about it, what the screen flagged of it, and an appeal that had reopened it, end with it.
///
/// Errors: it is not before them; an appeal about it was decided for the person, who did not take it back.
pub async fn close_pended(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    ground: ClosingGround,
    request: RequestId,
) -> Result<(), ServiceError> {
    let writes = ClaimClosings::CATEGORIES.union(ClaimQuestions::CATEGORIES);
    let asking = Asking { writes, ..asking(actor, place.portfolio, request) };
    let grant = app.gate.ask::<ToClose>(&asking, place.target()).await?;
    let (row, claim) = own_rows(app, actor, place).await?;
    let appeals = app.store().read(move |unit| store::appeal::of_subject(unit, place.subject)).await;
    let appeals = appeals.map_err(|error: StoreError| error)?;
    if appeals.iter().any(|row| row.claim == claim.claim && is_won(row, ground)) {
        return Err(ServiceError::Pended(
            "an appeal about it was decided for whoever claims: only they take that back, so decide the claim",
        ));
    }
    let before = app.gate.fetch::<ClosingsOfClaim>(place.subject, place.claim).await?;
    let keys = app.keys_for::<ClaimClosings>(place.subject).await?;
    let (by, at) = (actor.id(), app.gate.now());
    let closing = (claim.claim, ClaimClosing { ground, by, at, reopened: None });
    let computed = grant.compute(place.subject, &keys, &closing, &before, write_closing)?;
    let questions = end_questions(app, actor, place, &grant).await?;
    let write = move |unit: &mut Unit<'_>| {
        store::pended::leave(unit, &row)?;
        store::sealed::put_many(unit, &computed.rows)?;
        store::sealed::put_many(unit, &questions)?;
        let closed = ClaimMove::to(claim, ClaimState::Withdrawn);
        store::claim::move_many(unit, &[closed], (ClaimStep::Closed, by, at))?;
        work_item::end(unit, row.subject, row.claim.into(), by, at)?;
        end_case(unit, &claim, at)?;
        end_appeals(unit, (&claim, ground), None, at)
    };
    app.store().write(write).await.map_err(changed)
}

/// The closings with this one. It captures nothing.
fn write_closing(
    (claim, closing): &(domain::ClaimId, ClaimClosing),
    before: &Option<Sealed<ClaimClosings>>,
    reader: &Reader<'_, ToClose>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    let Some(sealed) = before else {
        return writer.put(*claim, 1, &ClaimClosings { closings: vec![closing.clone()] });
    };
    let ClosingsOfClaim { mut closings } = reader.open(sealed)?;
    closings.push(closing.clone());
    writer.replace(sealed, &ClaimClosings { closings })
}

/// Ends the case of a claim that nobody decided: whoever had it has it no longer.
fn end_case(unit: &mut Unit<'_>, claim: &ClaimRow, at: Timestamp) -> Result<(), StoreError> {
    let case = store::screen::get(unit, claim.subject, claim.claim)?;
    let Some(case) = case.filter(|case| case.state.is_open()) else { return Ok(()) };
    if let Some(assignee) = case.assignee {
        work_item::end(unit, case.subject, case.claim.into(), assignee, at)?;
    }
    store::screen::set(unit, &ScreenRow { state: ScreenState::Ended, assignee: None, ..case })
}

/// Whether an appeal gave a person something that this ground would take from them.
fn is_won(row: &AppealRow, ground: ClosingGround) -> bool {
    row.state == AppealState::ToDecideAnew && ground != ClosingGround::TakenBack
}

/// Ends the appeals about a claim of which something is still to be decided, or to be decided anew. What an appeal gave a person only they
/// take back.
fn end_appeals(
    unit: &mut Unit<'_>,
    (claim, ground): (&ClaimRow, ClosingGround),
    but: Option<WorkItemId>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let all = store::appeal::of_subject(unit, claim.subject)?;
    let is_open = |row: &AppealRow| row.state.is_open() || row.state == AppealState::ToDecideAnew;
    let is_of_claim = |row: &AppealRow| row.claim == claim.claim && but != Some(row.appeal);
    for row in all.into_iter().filter(is_of_claim).filter(is_open) {
        if is_won(&row, ground) {
            return Err(StoreError::Changed);
        }
        if let Some(assignee) = row.assignee {
            work_item::end(unit, row.subject, row.appeal, assignee, at)?;
        }
        store::appeal::set(unit, &AppealRow { state: AppealState::Withdrawn, waiting: None, ..row })?;
    }
    Ok(())
}

const NOT_CLOSED: ServiceError = ServiceError::Pended("no such claim was closed: what was decided stands");

/// Opens a claim again that was closed: it waits at the desk as if it had come there now, before nobody. Nobody needs to have it for that,
/// and whoever closed it does not confirm it.
///
/// Errors: no clause lets the actor handle claims; it was not closed; the ground is an appeal, whose decision opens it.
pub async fn reopen_claim(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    ground: ReopeningGround,
    request: RequestId,
) -> Result<(), ServiceError> {
    if ground == ReopeningGround::Appeal {
        return Err(ServiceError::Pended("what an appeal opens again is opened by its decision"));
    }
    may_handle(app, actor, place.portfolio, request).await?;
    let asking = Asking { writes: ClaimClosings::CATEGORIES, ..asking(actor, place.portfolio, request) };
    app.gate.may_handle(&asking, place.subject).await?;
    let task = ShortTask::open(app, place.subject, place.claim.into(), actor).await?;
    let reopened = async {
        let grant = app.gate.ask::<ClosingsOfClaim>(&asking, place.target()).await?;
        let read = move |unit: &mut Unit<'_>| store::claim::get(unit, place.subject, place.claim);
        let claim = app.store().read(read).await.map_err(|error: StoreError| error)?;
        let is_closed =
            |row: &ClaimRow| row.portfolio == place.portfolio && row.state == ClaimState::Withdrawn;
        let claim = claim.filter(is_closed).ok_or(NOT_CLOSED)?;
        let (by, at) = (actor.id(), app.gate.now());
        let reopening = Reopening { claim, reopening: ClaimReopening { ground, by, at } };
        let sealed = app.gate.fetch::<ClosingsOfClaim>(place.subject, place.claim).await?;
        let sealed = sealed.ok_or(NOT_CLOSED)?;
        let computed = grant.compute(place.subject, &[], &reopening, &sealed, Reopening::write)?;
        app.store().write(move |unit| reopen(unit, &reopening, &computed.rows, None)).await.map_err(changed)
    };
    let reopened = reopened.await;
    task.end(app).await;
    reopened
}

/// A claim that is opened again.
pub(crate) struct Reopening {
    pub(crate) claim: ClaimRow,
    pub(crate) reopening: ClaimReopening,
}

impl Reopening {
    /// The closings, the last of which ends. It captures nothing.
    pub(crate) fn write<S, P>(
        &self,
        sealed: &Sealed<ClaimClosings>,
        reader: &Reader<'_, S>,
        writer: &mut Writer<'_>,
    ) -> Result<(), GateError>
    where
        S: Views + Includes<ClosingsOfClaim, P>,
    {
        let ClosingsOfClaim { mut closings } = reader.open(sealed)?;
        if let Some(last) = closings.last_mut() {
            last.reopened.get_or_insert(self.reopening);
        }
        writer.replace(sealed, &ClaimClosings { closings })
    }
}

/// Puts a claim that was closed on the desk again, with what the screen had flagged of it. Appeals against the closing end with it, but
/// for the one whose decision it is.
pub(crate) fn reopen(
    unit: &mut Unit<'_>,
    Reopening { claim, reopening }: &Reopening,
    sealed: &[SealedRow],
    by_appeal: Option<WorkItemId>,
) -> Result<(), StoreError> {
    end_appeals(unit, (claim, ClosingGround::TakenBack), by_appeal, reopening.at)?;
    let (subject, id): (SubjectId, _) = (claim.subject, claim.claim);
    let is_worked_out = crate::screen::determination(unit, subject, id)? > 0;
    let why = if is_worked_out { OutcomeReason::Determination } else { OutcomeReason::NotComputed };
    let waits = ClaimMove { outcome_reason: Some(why), ..ClaimMove::to(*claim, ClaimState::Pended) };
    store::claim::move_many(unit, &[waits], (ClaimStep::Reopened, reopening.by, reopening.at))?;
    store::sealed::put_many(unit, sealed)?;
    store::pended::insert_many(unit, &[desk::waits(claim, reopening.at)])?;
    match store::screen::get(unit, subject, id)?.filter(|case| case.state == ScreenState::Ended) {
        // Whether it held the payment or only marked it is not known any more: somebody looks.
        Some(case) => store::screen::set(unit, &ScreenRow { state: ScreenState::Waiting, ..case }),
        None => Ok(()),
    }
}
