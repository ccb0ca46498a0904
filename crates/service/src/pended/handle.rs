//! What whoever has a pended claim does about it: asks whoever claims, works out anew what it comes to, and lets what is
//! proposed stand, within what they may release alone. Each step is on the record first, and moves the row from the version that
//! was read, so that of two at once one is told that it changed.

use domain::{
    ActorId, BatchId, CaseReason, ClaimAsked, ClaimConfirmation, ClaimQuestion, ClaimQuestions, ClaimState,
    ClaimStep, Field, Includes, LineDetermination, Money, Outcome, OutcomeReason, Personal, QuestionEnd,
    RequestId, Timestamp, Views,
};
use gate::{Actor, Asking, GateError, Grant, Reader, Sealed, Writer};
use store::claim::{ClaimMove, ClaimRow};
use store::pended::PendedRow;
use store::sealed::SealedRow;
use store::{StoreError, Unit};

use super::{PendedPlace, ToHandle, asking, due, own_rows};
use crate::adjudicate::desk::{OnDesk, Seen, WorkedOut, work_out};
use crate::adjudicate::stand;
use crate::ledger::{BatchKind, BatchRows, batch_rows};
use crate::views::{ClosingsOfClaim, DeterminationOnDesk, OverridesOnDesk, QuestionsOnDesk};
use crate::{App, ServiceError, authority, overrides, screen, work_item};

/// Stops the clock of a claim: something was asked of whoever claims. Asking itself, by letter or telephone, is somebody
/// else's.
///
/// Errors: it waits for them already.
pub async fn ask_about_pended(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    what: ClaimAsked,
    request: RequestId,
) -> Result<PendedRow, ServiceError> {
    let now = app.gate.now();
    let step = Step::Asked(ClaimQuestion { what, asked: now, by: actor.id(), ended: None });
    note(app, actor, place, step, request, move |row| match row.waiting {
        Some(_) => Err(ServiceError::Pended("it waits for whoever claims already")),
        None => Ok(PendedRow { waiting: Some(now), ..row }),
    })
    .await
}

/// Lets the clock of a claim go on: whoever claims answered, or is not waited for any longer. It is due later by as long as it
/// waited.
///
/// Errors: it does not wait for them.
pub async fn pended_answered(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    request: RequestId,
) -> Result<PendedRow, ServiceError> {
    let now = app.gate.now();
    let step = Step::Ended(QuestionEnd { at: now, by: actor.id() });
    note(app, actor, place, step, request, move |row| match row.waiting {
        None => Err(ServiceError::Pended("it does not wait for whoever claims")),
        Some(_) => Ok(PendedRow { waiting: None, due: due(&row, now), ..row }),
    })
    .await
}

/// What is written down of the questions to whoever claims.
enum Step {
    Asked(ClaimQuestion),
    Ended(QuestionEnd),
}

/// Writes down a step, with where the claim stands then.
async fn note(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    step: Step,
    request: RequestId,
    moved: impl FnOnce(PendedRow) -> Result<PendedRow, ServiceError>,
) -> Result<PendedRow, ServiceError> {
    let asking = Asking { writes: ClaimQuestions::CATEGORIES, ..asking(actor, place.portfolio, request) };
    let grant = app.gate.ask::<QuestionsOnDesk>(&asking, place.target()).await?;
    let (row, stands) = own_rows(app, actor, place).await?;
    let row = moved(row)?;
    let before = app.gate.fetch::<QuestionsOnDesk>(place.subject, place.claim).await?;
    let keys = app.keys_of(place.subject).await?;
    let context = (stands.claim, step);
    let computed = grant.compute(place.subject, &keys, &context, &before, write_question)?;
    let write = move |unit: &mut Unit<'_>| {
        store::pended::set(unit, &row)?;
        store::sealed::put_many(unit, &computed.rows)
    };
    app.store().write(write).await.map_err(changed)?;
    Ok(PendedRow { version: row.version + 1, ..row })
}

/// The questions with the step. It captures nothing.
fn write_question(
    (claim, step): &(domain::ClaimId, Step),
    before: &Option<Sealed<ClaimQuestions>>,
    reader: &Reader<'_, QuestionsOnDesk>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    let mut questions = match before {
        Some(sealed) => reader.open::<QuestionsOnDesk, _>(sealed)?.questions,
        None => Vec::new(),
    };
    match step {
        Step::Asked(question) => {
            // What was left open by somebody who does not have it any more.
            end_open(&mut questions, QuestionEnd { at: question.asked, by: question.by });
            questions.push(question.clone());
        }
        Step::Ended(end) => _ = end_open(&mut questions, *end),
    }
    match before {
        Some(sealed) => writer.replace(sealed, &ClaimQuestions { questions }),
        None => writer.put(*claim, 1, &ClaimQuestions { questions }),
    }
}

/// Ends those that are open; answers whether any was.
fn end_open(questions: &mut [ClaimQuestion], end: QuestionEnd) -> bool {
    let mut is_open = false;
    for open in questions.iter_mut().filter(|one| one.ended.is_none()) {
        (open.ended, is_open) = (Some(end), true);
    }
    is_open
}

/// What was asked about a claim that leaves whoever has it, without a question that is open: nobody is waited for any longer.
/// Nothing where none was.
pub(super) async fn end_questions<S, P>(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    grant: &Grant<S>,
) -> Result<Vec<SealedRow>, ServiceError>
where
    S: Views + Includes<QuestionsOnDesk, P>,
{
    let before = app.gate.fetch::<QuestionsOnDesk>(place.subject, place.claim).await?;
    let Some(before) = before else { return Ok(Vec::new()) };
    let keys = app.keys_of(place.subject).await?;
    let end = QuestionEnd { at: app.gate.now(), by: actor.id() };
    Ok(grant.compute(place.subject, &keys, &end, &before, write_ended)?.rows)
}

/// The questions without an open one. It captures nothing.
fn write_ended<S, P>(
    end: &QuestionEnd,
    before: &Sealed<ClaimQuestions>,
    reader: &Reader<'_, S>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError>
where
    S: Views + Includes<QuestionsOnDesk, P>,
{
    let QuestionsOnDesk { mut questions } = reader.open(before)?;
    if !end_open(&mut questions, *end) {
        return Ok(());
    }
    writer.replace(before, &ClaimQuestions { questions })
}

/// Which proposal a person lets stand, and why.
pub struct NewConfirmation {
    /// The version that they saw.
    pub version: i64,
    /// Why.
    pub reason: CaseReason,
}

/// Lets what is proposed on a claim that is before the actor stand: what is refused goes out, and what is not is paid. It is worked
/// out once more in the moment of the decision. Where it comes out otherwise than the actor saw, nothing is decided, and the new
/// proposal stands in its place to be looked at.
///
/// Errors: it is not the version that stands; it waits for whoever claims, or for something that is not known; it is more than
/// the actor may release alone; they decided something of it by hand; it comes out otherwise.
pub async fn confirm_pended(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    new: &NewConfirmation,
    request: RequestId,
) -> Result<ClaimState, ServiceError> {
    let asking = Asking { writes: ClaimConfirmation::CATEGORIES, ..asking(actor, place.portfolio, request) };
    let grant = app.gate.ask::<ToHandle>(&asking, place.target()).await?;
    let (row, claim) = own_rows(app, actor, place).await?;
    let decided = app.gate.fetch::<OverridesOnDesk>(place.subject, place.claim).await?;
    let closed = app.gate.fetch::<ClosingsOfClaim>(place.subject, place.claim).await?;
    let decided: Option<OverridesOnDesk> = decided.map(|sealed| grant.open(&sealed)).transpose()?;
    let closed: Option<ClosingsOfClaim> = closed.map(|sealed| grant.open(&sealed)).transpose()?;
    overrides::must_be_another(actor, decided.as_ref(), closed.as_ref())?;
    let proposal = app.gate.fetch::<DeterminationOnDesk>(place.subject, place.claim).await?;
    let proposal = proposal.filter(|sealed| sealed.version() == new.version).ok_or(OTHER_VERSION)?;
    if row.waiting.is_some() {
        return Err(ServiceError::Pended("it waits for whoever claims: let its clock go on first"));
    }
    let seen: DeterminationOnDesk = grant.open(&proposal)?;
    let mut amounts = Vec::with_capacity(seen.lines.len());
    for line in &seen.lines {
        let amount = Money::new(line.plan, seen.currency);
        amounts.push(amount.map_err(|_| GateError::Compute("an amount is not one of its currency"))?);
    }
    if !authority::may_release(app, actor, &amounts).await? {
        return Err(ABOVE);
    }
    let keys = app.keys_of(place.subject).await?;
    let outcome = outcome(&seen.lines);
    let confirmation =
        ClaimConfirmation { decided: app.today()?, by: actor.id(), outcome, reason: new.reason.clone() };
    let confirmed = grant.compute(place.subject, &keys, &claim.claim, &confirmation, write_confirmation)?;
    let questions = end_questions(app, actor, place, &grant).await?;
    let traces = match seen.traces {
        Field::Shown(traces) => Some(traces),
        Field::Withheld(_) => None,
    };
    let seen = Seen { currency: seen.currency, lines: seen.lines, traces };
    let desk = OnDesk { proposal: Some(proposal), seen: Some(seen) };
    let worked = work_out(app, actor, claim, desk, request).await?;
    if worked.is_decided() {
        let confirmed = confirmed.rows.into_iter().chain(questions).collect();
        return decide(app, actor, (row, claim), worked, confirmed).await;
    }
    if worked.rows.is_empty() {
        return Err(ServiceError::Pended(
            "a line waits for something that is not known: ask for it, or correct what it rests on",
        ));
    }
    propose(app, actor, (row, claim), worked).await?;
    Err(ServiceError::Pended("it comes out otherwise than you saw, nothing was decided: look at it again"))
}

pub(super) const OTHER_VERSION: ServiceError =
    ServiceError::Pended("what is proposed is not of the version that you saw: look at it again");

const ABOVE: ServiceError = ServiceError::Pended(
    "it is more than you may release alone: give it back, and a colleague whose limit suffices takes it",
);

/// What becomes of a claim whose lines come out so.
fn outcome(lines: &[LineDetermination]) -> Outcome {
    match lines.iter().filter(|line| line.outcome == Outcome::Denied).count() {
        0 => Outcome::Approved,
        refused if refused < lines.len() => Outcome::PartiallyApproved,
        _ => Outcome::Denied,
    }
}

/// The record of the decision. It captures nothing.
fn write_confirmation(
    claim: &domain::ClaimId,
    confirmation: &ClaimConfirmation,
    _: &Reader<'_, ToHandle>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    writer.put(*claim, 1, confirmation)
}

/// Works out anew what a claim before the actor comes to: something that it rests on is known now, or is known better. It is a
/// proposal, whatever it comes to. Answers why the claim waits.
pub async fn work_out_pended(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    request: RequestId,
) -> Result<Option<OutcomeReason>, ServiceError> {
    let asking = asking(actor, place.portfolio, request);
    app.gate.ask::<QuestionsOnDesk>(&asking, place.target()).await?;
    let rows = own_rows(app, actor, place).await?;
    let proposal = app.gate.fetch::<DeterminationOnDesk>(place.subject, place.claim).await?;
    let worked = work_out(app, actor, rows.1, OnDesk { proposal, seen: None }, request).await?;
    propose(app, actor, rows, worked).await
}

/// Writes down what is proposed on a claim from now on, and why it waits.
async fn propose(
    app: &App,
    actor: &Actor,
    (row, claim): (PendedRow, ClaimRow),
    worked: WorkedOut,
) -> Result<Option<OutcomeReason>, ServiceError> {
    let (state, outcome_reason) = worked.standing;
    let (by, at) = (actor.id(), app.gate.now());
    let write = move |unit: &mut Unit<'_>| {
        worked.read.must_stand(unit)?;
        store::pended::set(unit, &row)?;
        let worked_out = ClaimMove { outcome_reason, ..ClaimMove::to(claim, state) };
        store::claim::move_many(unit, &[worked_out], (ClaimStep::WorkedOut, by, at))?;
        store::sealed::put_many(unit, &worked.rows)
    };
    app.store().write(write).await.map_err(changed)?;
    Ok(outcome_reason)
}

/// Writes a decision in one transaction: the claim leaves the desk, with what was decided, counted and booked.
async fn decide(
    app: &App,
    actor: &Actor,
    rows: (PendedRow, ClaimRow),
    worked: WorkedOut,
    confirmation: Vec<SealedRow>,
) -> Result<ClaimState, ServiceError> {
    let (batch, at, owner) = (BatchId::from_bytes(app.gate.random_id()), app.gate.now(), actor.id());
    let ledger = batch_rows(&app.gate, batch, BatchKind::Claims, rows.0.portfolio, &worked.totals)?;
    let state = worked.standing.0;
    // Whose provider was excluded while the claim waited is paid no sooner than one that came after.
    let looked = screen::look_again(app, rows.1).await?;
    let write = move |unit: &mut Unit<'_>| {
        looked.write(unit, at)?;
        store::sealed::put_many(unit, &confirmation)?;
        leave(unit, rows, (owner, at), (&worked, &ledger, batch))
    };
    app.store().write(write).await.map_err(changed)?;
    Ok(state)
}

fn leave(
    unit: &mut Unit<'_>,
    (row, claim): (PendedRow, ClaimRow),
    (owner, at): (ActorId, Timestamp),
    (worked, ledger, batch): (&WorkedOut, &BatchRows, BatchId),
) -> Result<(), StoreError> {
    worked.read.must_stand(unit)?;
    store::pended::leave(unit, &row)?;
    work_item::end(unit, row.subject, row.claim.into(), owner, at)?;
    ledger.insert(unit)?;
    store::sealed::put_many(unit, &worked.rows)?;
    stand(unit, &[(claim, worked.standing)], batch, (ClaimStep::Confirmed, owner, at))
}

/// Somebody else, or the job with another claim of the person, was faster.
pub(super) fn changed(error: StoreError) -> ServiceError {
    match error {
        StoreError::Changed | StoreError::Duplicate => {
            ServiceError::Pended("something changed meanwhile, nothing was decided: look at it again")
        }
        other => other.into(),
    }
}
