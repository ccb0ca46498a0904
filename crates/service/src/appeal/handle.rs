//! Handling an appeal: it is taken by whoever is due next and did not decide before, waits for the person where something is
//! missing, and is decided with a reason. Each step is taken by whoever has it, and by nobody else.

use domain::{
    ActorId, Appeal, AppealDecision, AppealOutcome, AppealState, CaseReason, ClaimClosings, ClaimOverrides,
    Personal, PortfolioId, RecordId, RequestId, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, GateError, Reader, Sealed, Target, Writer};
use store::appeal::AppealRow;
use store::{StoreError, Unit, appeal};

use super::overturn::{Lifts, is_decided, overturn};
use super::{AppealPlace, ToHandle, asking, is_decider, may_handle};
use crate::views::{
    AppealToHandle, ClaimUnderAppeal, ClosingsOfClaim, ConfirmationUnderAppeal, DeterminationUnderAppeal,
    OverridesOfClaim,
};
use crate::work_item::ShortTask;
use crate::{App, ServiceError, work_item};

/// What whoever handles an appeal sees.
pub struct AppealFile {
    /// What is appealed against, and why.
    pub appeal: AppealToHandle,
    /// The claim.
    pub claim: ClaimUnderAppeal,
    /// What was decided; none where the claim was refused before.
    pub determination: Option<DeterminationUnderAppeal>,
    /// What a person let stand of it, and why; none where nobody had to look.
    pub confirmation: Option<ConfirmationUnderAppeal>,
    /// What persons decided about its lines otherwise than the plan's rules; none where nothing was.
    pub overrides: Option<OverridesOfClaim>,
    /// That the claim was closed, and opened again; none where it never was.
    pub closings: Option<ClosingsOfClaim>,
    /// Where it stands, and until when it is to be answered.
    pub row: AppealRow,
}

/// What somebody decides on an appeal.
pub struct NewAppealDecision {
    /// What.
    pub outcome: AppealOutcome,
    /// The lines that are to be decided anew, where it is partly overturned.
    pub lines: Vec<u32>,
    /// Why.
    pub reason: CaseReason,
}

const NOT_THERE: ServiceError = ServiceError::NotFound("appeal that is before you");

/// Gives the appeal that is due first to this actor: nobody chooses whose, and nobody handles what they decided before. `None`
/// when there is none for them.
///
/// Errors: the notice has no clause by which the actor could handle one.
pub async fn take_appeal(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Option<AppealRow>, ServiceError> {
    may_handle(app, actor, portfolio, request).await?;
    let waiting =
        app.store().read(move |unit| appeal::in_state(unit, portfolio, AppealState::Received)).await;
    let waiting = waiting.map_err(|error: StoreError| error)?;
    let people: Vec<_> = waiting.iter().map(|row| row.subject).collect();
    // Their own and their relatives', and those of other sponsors' people, are left to colleagues.
    let others = app.gate.not_handled(actor, &people).await?;
    let (assignee, now) = (actor.id(), app.gate.now());
    for row in waiting.into_iter().filter(|row| !others.contains(&row.subject)) {
        let taken = app.store().write(move |unit| {
            if is_decider(unit, (row.subject, row.claim), assignee)? {
                return Ok(None);
            }
            let row = AppealRow { state: AppealState::UnderReview, assignee: Some(assignee), ..row };
            appeal::set(unit, &row)?;
            let item = work_item::open(row.subject, row.appeal, assignee, now);
            store::condition::set_many(unit, &[item])?;
            Ok::<_, StoreError>(Some(AppealRow { version: row.version + 1, ..row }))
        });
        match taken.await {
            // Somebody else took it at the same time.
            Ok(None) | Err(StoreError::Changed) => {}
            Ok(Some(row)) => return Ok(Some(row)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// The row of an appeal that is before the actor and not decided.
async fn own_row(app: &App, actor: &Actor, place: AppealPlace) -> Result<AppealRow, ServiceError> {
    let row = app.store().read(move |unit| appeal::get(unit, place.subject, place.appeal)).await;
    let is_own = |row: &AppealRow| row.portfolio == place.portfolio && row.assignee == Some(actor.id());
    let row = row.map_err(|error: StoreError| error)?.filter(is_own);
    row.filter(|row| row.state.is_open()).ok_or(NOT_THERE)
}

/// Reads an appeal that is before the actor, with the claim and what was decided on it.
pub async fn read_appeal(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    request: RequestId,
) -> Result<AppealFile, ServiceError> {
    let asking = asking(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToHandle>(&asking, Target::for_item(place.subject, place.appeal)).await?;
    let row = own_row(app, actor, place).await?;
    let gate = &app.gate;
    let claim = gate.fetch::<ClaimUnderAppeal>(place.subject, row.claim).await?.ok_or(NOT_THERE)?;
    let determination = gate.fetch::<DeterminationUnderAppeal>(place.subject, row.claim).await?;
    let confirmation = gate.fetch::<ConfirmationUnderAppeal>(place.subject, row.claim).await?;
    let overrides = gate.fetch::<OverridesOfClaim>(place.subject, row.claim).await?;
    let closings = gate.fetch::<ClosingsOfClaim>(place.subject, row.claim).await?;
    Ok(AppealFile {
        appeal: grant.open(&fetch(app, place).await?)?,
        claim: grant.open(&claim)?,
        determination: determination.map(|sealed| grant.open(&sealed)).transpose()?,
        confirmation: confirmation.map(|sealed| grant.open(&sealed)).transpose()?,
        overrides: overrides.map(|sealed| grant.open(&sealed)).transpose()?,
        closings: closings.map(|sealed| grant.open(&sealed)).transpose()?,
        row,
    })
}

async fn fetch(app: &App, place: AppealPlace) -> Result<Sealed<Appeal>, ServiceError> {
    let record = RecordId::from_bytes(*place.appeal.bytes());
    app.gate.fetch::<AppealToHandle>(place.subject, record).await?.ok_or(NOT_THERE)
}

/// The row of an appeal that is before the actor, once it stands in the log that they do something about it.
async fn asked_row(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    request: RequestId,
) -> Result<AppealRow, ServiceError> {
    let asking = asking(actor, place.portfolio, request);
    app.gate.ask::<AppealToHandle>(&asking, Target::for_item(place.subject, place.appeal)).await?;
    own_row(app, actor, place).await
}

/// Stops the clock of an appeal: it waits for the person, from whom something was asked.
pub async fn ask_member(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    request: RequestId,
) -> Result<AppealRow, ServiceError> {
    let row = asked_row(app, actor, place, request).await?;
    if row.state != AppealState::UnderReview {
        return Err(ServiceError::Appeal("it waits for the person already"));
    }
    let waiting = Some(app.gate.now());
    step(app, AppealRow { state: AppealState::WaitingForMember, waiting, ..row }).await
}

/// Lets the clock go on: the person answered, or is not waited for any longer. It is due later by as long as it waited.
pub async fn member_answered(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    request: RequestId,
) -> Result<AppealRow, ServiceError> {
    let row = asked_row(app, actor, place, request).await?;
    let due = due(&row, app.gate.now()).ok_or(ServiceError::Appeal("it does not wait for the person"))?;
    step(app, AppealRow { state: AppealState::UnderReview, due, waiting: None, ..row }).await
}

/// When something that waits is due, once it does no longer.
fn due(row: &AppealRow, now: Timestamp) -> Option<Timestamp> {
    let waited = now.micros().saturating_sub(row.waiting?.micros()).max(0);
    Some(Timestamp::from_micros(row.due.micros().saturating_add(waited)))
}

async fn step(app: &App, row: AppealRow) -> Result<AppealRow, ServiceError> {
    app.store().write(move |unit| appeal::set(unit, &row)).await?;
    Ok(AppealRow { version: row.version + 1, ..row })
}

/// Puts an appeal back among those that wait to be taken. Whoever gave it back may take it again: they decided nothing. Who may not
/// handle it any more gives it back all the same: that they were refused stands in the log.
pub async fn return_appeal(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    let row = match asked_row(app, actor, place, request).await {
        // Who does not have it is told what they were always told.
        Err(ServiceError::Gate(GateError::Refused(refused))) => {
            own_row(app, actor, place).await.map_err(|_| GateError::Refused(refused))?
        }
        row => row?,
    };
    let (at, assignee) = (app.gate.now(), actor.id());
    let row = given_back(row, at);
    Ok(app.store().write(move |unit| close(unit, row, assignee, at)).await?)
}

/// An appeal that is before nobody any more; its clock runs.
pub(crate) fn given_back(row: AppealRow, now: Timestamp) -> AppealRow {
    let due = due(&row, now).unwrap_or(row.due);
    AppealRow { state: AppealState::Received, due, waiting: None, assignee: None, ..row }
}

/// Closes an appeal that the person took back.
pub async fn withdraw_appeal(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    let row = asked_row(app, actor, place, request).await?;
    let (at, assignee) = (app.gate.now(), actor.id());
    let row = AppealRow { state: AppealState::Withdrawn, waiting: None, ..row };
    Ok(app.store().write(move |unit| close(unit, row, assignee, at)).await?)
}

/// Writes down what was decided on an appeal that is before the actor. For what reason each line was refused that is overturned is
/// lifted from it with the decision, by whoever decides; the claim is then to be decided anew, and comes out otherwise by that. Until
/// then it is left as it is. A claim that was closed is opened again where that is overturned, and waits at the desk.
///
/// Errors: lines that were not appealed against, or that are not in the claim; a line that is overturned is refused for what nobody
/// lifts; a closing is overturned in part; something was decided on the claim meanwhile.
pub async fn decide_appeal(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    new: &NewAppealDecision,
    request: RequestId,
) -> Result<AppealRow, ServiceError> {
    let writes = Appeal::CATEGORIES.union(ClaimOverrides::CATEGORIES).union(ClaimClosings::CATEGORIES);
    let asking = Asking { writes, ..asking(actor, place.portfolio, request) };
    let grant = app.gate.ask::<ToHandle>(&asking, Target::for_item(place.subject, place.appeal)).await?;
    let row = own_row(app, actor, place).await?;
    let sealed = fetch(app, place).await?;
    let appeal: AppealToHandle = grant.open(&sealed)?;
    let claim = app.gate.fetch::<ClaimUnderAppeal>(place.subject, row.claim).await?.ok_or(NOT_THERE)?;
    let claim: ClaimUnderAppeal = grant.open(&claim)?;
    check_lines(new, &appeal, &claim)?;
    let (at, by, outcome) = (app.gate.now(), actor.id(), new.outcome);
    let lifts = overturn(app, &grant, (&row, new), (&appeal, &claim), (by, at)).await?;
    let (lines, reason) = (new.lines.clone(), new.reason.clone());
    let decision = AppealDecision { decided: app.today()?, by, outcome, lines, reason };
    let computed = grant.compute(place.subject, &[], &decision, &sealed, write_down)?;
    let due = due(&row, at).unwrap_or(row.due);
    let row = AppealRow { state: outcome.state(), due, waiting: None, ..row };
    let write = move |unit: &mut Unit<'_>| {
        if let Some((reopening, sealed)) = &lifts.reopens {
            crate::pended::reopen(unit, reopening, sealed, Some(row.appeal))?;
        }
        if lifts.is_undecided {
            // It may have been decided meanwhile: then there is something to lift.
            let claim = store::claim::get(unit, row.subject, row.claim)?;
            claim.filter(|claim| !is_decided(claim.state)).ok_or(StoreError::Changed)?;
        }
        let Lifts { determination, rows, .. } = &lifts;
        let row = match determination {
            // What was lifted was read off this one.
            Some(seen) if crate::screen::determination(unit, row.subject, row.claim)? != *seen => {
                return Err(StoreError::Changed);
            }
            Some(seen) => AppealRow { determination: *seen, ..row },
            None => row,
        };
        close(unit, row, by, at)?;
        if row.state == AppealState::ToDecideAnew {
            store::decide_anew::note(unit, row.portfolio, &[row.subject], at)?;
        }
        store::sealed::put_many(unit, rows)?;
        store::sealed::put_many(unit, &computed.rows)?;
        Ok(AppealRow { version: row.version + 1, ..row })
    };
    Ok(app.store().write(write).await?)
}

fn check_lines(
    new: &NewAppealDecision,
    appeal: &AppealToHandle,
    claim: &ClaimUnderAppeal,
) -> Result<(), ServiceError> {
    let is_there = |line: &u32| claim.lines.iter().any(|one| one.number == *line);
    let is_appealed = |line: &u32| appeal.lines.is_empty() || appeal.lines.contains(line);
    let is_partly = new.outcome == AppealOutcome::PartlyOverturned;
    if is_partly == new.lines.is_empty() {
        return Err(ServiceError::Appeal(
            "name the lines to be decided anew where it is partly overturned, and only there",
        ));
    }
    if new.lines.iter().all(|line| is_there(line) && is_appealed(line)) {
        return Ok(());
    }
    Err(ServiceError::Appeal("a line is not in the claim, or was not appealed against"))
}

/// The record with the decision. It captures nothing.
fn write_down(
    decision: &AppealDecision,
    sealed: &Sealed<Appeal>,
    reader: &Reader<'_, ToHandle>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    let opened: AppealToHandle = reader.open(sealed)?;
    let AppealToHandle { claim, lines, received, grounds, .. } = opened;
    writer.replace(sealed, &Appeal { claim, lines, received, grounds, decision: Some(decision.clone()) })
}

/// Writes where an appeal stands from now on, and that it is before nobody.
fn close(unit: &mut Unit<'_>, row: AppealRow, assignee: ActorId, at: Timestamp) -> Result<(), StoreError> {
    appeal::set(unit, &row)?;
    work_item::end(unit, row.subject, row.appeal, assignee, at)
}

/// Writes down that what was overturned was decided anew. It is nobody's task any more: whoever does it makes it theirs for that long,
/// and it stands in the person's list.
///
/// Errors: nothing of it is to be; nothing was decided on the claim since the appeal was.
pub async fn decided_anew(
    app: &App,
    actor: &Actor,
    place: AppealPlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    may_handle(app, actor, place.portfolio, request).await?;
    let asking = asking(actor, place.portfolio, request);
    app.gate.may_handle(&asking, place.subject).await?;
    // What cannot be done is told before anything is asked, and once more when it is written.
    app.store().read(move |unit| to_decide_anew(unit, place)).await?;
    let item = app.gate.imported_id("work-item", "decided-anew", &place.appeal.to_string());
    let task = ShortTask::open(app, place.subject, WorkItemId::from_bytes(item), actor).await?;
    let asked = app.gate.ask::<AppealToHandle>(&asking, Target::for_item(place.subject, task.item())).await;
    task.end(app).await;
    asked?;
    let write = move |unit: &mut Unit<'_>| -> Result<(), ServiceError> {
        let row = to_decide_anew(unit, place)?;
        Ok(appeal::set(unit, &AppealRow { state: AppealState::DecidedAnew, ..row })?)
    };
    app.store().write(write).await
}

/// The row of an appeal that waits to be decided anew, whose claim was since.
fn to_decide_anew(unit: &mut Unit<'_>, place: AppealPlace) -> Result<AppealRow, ServiceError> {
    let row = appeal::get(unit, place.subject, place.appeal)?;
    let is_due = |row: &AppealRow| row.portfolio == place.portfolio && row.state == AppealState::ToDecideAnew;
    let row = row.filter(is_due);
    let row = row.ok_or(ServiceError::Appeal("nothing of this appeal is to be decided anew"))?;
    // A proposal on the desk is a determination, too, and nobody's decision.
    let claim = store::claim::get(unit, row.subject, row.claim)?;
    let is_decided = claim.is_some_and(|claim| is_decided(claim.state));
    if !is_decided || crate::screen::determination(unit, row.subject, row.claim)? <= row.determination {
        return Err(ServiceError::Appeal(
            "the claim stands as it did when the appeal was decided: decide it anew first",
        ));
    }
    Ok(row)
}
