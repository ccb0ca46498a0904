//! Breaking the glass: in an emergency somebody of the staff opens one person's data without a task, for an hour, once
//! they have written down why it cannot wait. Why is sealed with the person's data. That it was opened stands in the
//! person's list, and in the queue that the officer reviews and is told of, before anything opens; who opened one never
//! reviews it.
//! Which staff may, and what opens, the notice says.

use domain::{
    Category, CategorySet, Condition, EmergencyOutcome, GoverningLaw, Material, OfficerMessageKind,
    PortfolioId, Purpose, QuarantineState, RecordId, RequestId, SubjectId, SubjectKind, SuppliedHealth,
    Timestamp, WorkItemId,
};
use gate::{Actor, Asking, GateError, Target, assignment};
use notice::Decision;
use store::condition::ConditionRow;
use store::emergency::{EmergencyReview, EmergencyRow};
use store::quarantine::{Decided, QuarantineRow};
use store::sealed::SealedRow;
use store::{StoreError, Unit, condition, emergency, officer_message, quarantine};

use crate::views::{CoverInEmergency, EmergencyReasons, PersonInEmergency};
use crate::{App, ServiceError, taking_in, work_item};

/// How long an access in an emergency lasts.
pub const EMERGENCY_MINUTES: i64 = 60;
/// How long the officer's task of reviewing one lasts, each time that its reason is read.
const REVIEW_SECONDS: i64 = 86_400;
/// The fewest letters of a reason: a word is none.
const REASON_CHARACTERS: usize = 20;

/// An access in an emergency that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emergency {
    /// Which: the work item of everything that is asked under it.
    pub emergency: WorkItemId,
    /// Until just before when it lasts.
    pub until: Timestamp,
}

/// Opens a person's data in an emergency to whoever asks, who says why. When this returns, it stands in the person's
/// list and in the officer's queue, a message to the officer waits to be sent, and why is sealed with the person's data.
///
/// Errors: no clause lets them; it is their own file or a relative's; a reason that says nothing, or holds the number of a
/// payment card; the person is not in the portfolio. A refusal is on the record.
pub async fn break_glass(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    reason: &str,
    request: RequestId,
) -> Result<Emergency, ServiceError> {
    // Before anybody is looked up, so that it tells nothing of whether there is somebody.
    let reason = SuppliedHealth { material: written_reason(reason)? };
    let item = WorkItemId::from_bytes(app.gate.random_id());
    let asking = Asking::new(actor, portfolio, Purpose::EmergencyAccess, request);
    let record = RecordId::from_bytes(*item.bytes());
    let Some(sealed) = may_break(app, &asking, (Target::for_item(subject, item), record), &reason).await?
    else {
        // Nothing was opened, so it is refused; whom it is about tells nothing.
        app.gate.ask::<PersonInEmergency>(&asking, Target::for_item(subject, item)).await?;
        return Err(ServiceError::NotFound("clause for emergencies"));
    };
    let words = format!("emergency access opened for {EMERGENCY_MINUTES} minutes");
    app.gate.record_emergency(actor, portfolio, (subject, item), &words).await?;
    let opened = app.gate.now();
    let until = opened.plus_seconds(EMERGENCY_MINUTES * 60);
    let by = actor.id();
    let row = EmergencyRow { subject, emergency: item, portfolio, actor: by, opened, until, review: None };
    let filed = QuarantineRow {
        subject,
        material: record,
        portfolio,
        state: QuarantineState::Classified,
        arrived: opened,
        decided: Some(Decided { at: opened, by, request, category: Some(Category::Health), reason: None }),
    };
    let opens = ConditionRow {
        subject,
        condition: Condition::EmergencyReasoned,
        object: assignment(item, by),
        since: opened,
        until: Some(until),
    };
    // The queue, what tells the officer, the reason and what opens: all of it, or nothing.
    let write = move |unit: &mut Unit<'_>| {
        emergency::insert(unit, &row)?;
        let told = OfficerMessageKind::EmergencyOpened;
        officer_message::insert(unit, told, item, portfolio, opened)?;
        quarantine::insert(unit, &filed)?;
        store::sealed::insert_many(unit, &sealed)?;
        condition::set_many(unit, std::slice::from_ref(&opens))
    };
    app.store().write(write).await.map_err(|error: StoreError| error)?;
    tracing::warn!(emergency = %item, "emergency access was opened: the data protection officer reviews it");
    Ok(Emergency { emergency: item, until })
}

/// Why it cannot wait, as it is sealed.
fn written_reason(reason: &str) -> Result<Material, ServiceError> {
    let reason = reason.trim();
    if reason.chars().filter(|letter| letter.is_alphanumeric()).count() < REASON_CHARACTERS {
        return Err(ServiceError::Emergency(
            "say in a sentence why it cannot wait, and for a colleague with a task",
        ));
    }
    Material::parse("text/plain", reason.as_bytes().to_vec()).map_err(ServiceError::Unusable)
}

/// The reason, sealed with the person's data, where a clause lets somebody open these in an emergency. None where it does
/// not, and for somebody who is not there or was erased: the ask that follows is refused, and on the record.
async fn may_break(
    app: &App,
    asking: &Asking<'_>,
    (target, record): (Target, RecordId),
    reason: &SuppliedHealth,
) -> Result<Option<Vec<SealedRow>>, ServiceError> {
    let subject = target.subject;
    let others = app.gate.not_handled(asking.actor, &[subject]).await?;
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let may = match app.gate.preview::<PersonInEmergency>(asking, target, kind, law).await {
        Ok(weighed) => matches!(weighed.decision, Decision::Granted(_)) && !others.contains(&subject),
        Err(GateError::Refused(_)) => false,
        Err(error) => return Err(error.into()),
    };
    if !may {
        return Ok(None);
    }
    let about = taking_in::about(app, asking, subject, CategorySet::of(&[Category::Health])).await?;
    let Some((_, collection)) = about else { return Ok(None) };
    match app.keys_for::<SuppliedHealth>(subject).await {
        Ok(keys) => Ok(Some(collection.seal(subject, record, 1, reason, &keys)?)),
        Err(ServiceError::Gate(GateError::NoKey { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What opens of a person in an emergency.
pub struct EmergencyFile {
    /// Who they are, and how to reach them.
    pub person: PersonInEmergency,
    /// Every span of their cover.
    pub cover: Vec<CoverInEmergency>,
}

/// Reads a person's data under an access in an emergency, while it lasts.
pub async fn read_in_emergency(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    item: WorkItemId,
    request: RequestId,
) -> Result<EmergencyFile, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::EmergencyAccess, request);
    let target = Target::for_item(subject, item);
    let grant = app.gate.ask::<(PersonInEmergency, CoverInEmergency)>(&asking, target).await?;
    let person = app.gate.fetch::<PersonInEmergency>(subject, subject).await?;
    let person = person.ok_or(ServiceError::NotFound("person in this portfolio"))?;
    let cover = app.gate.fetch_many::<CoverInEmergency>(&[subject]).await?;
    let cover = cover.iter().map(|sealed| grant.open(sealed)).collect::<Result<_, _>>()?;
    Ok(EmergencyFile { person: grant.open(&person)?, cover })
}

/// The accesses in emergencies that nobody has reviewed, the oldest first: for the officer, in the service of a case. It
/// tells who of the staff opened them, and of nobody whose data it was.
pub async fn unreviewed_emergencies(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    case: Option<WorkItemId>,
) -> Result<Vec<EmergencyRow>, ServiceError> {
    app.gate.ask_for_uses(officer, portfolio, case).await?;
    let rows = app.store().read(move |unit| emergency::unreviewed(unit, portfolio)).await;
    Ok(rows.map_err(|error: StoreError| error)?)
}

/// What the officer reads to review an access.
pub struct EmergencyToReview {
    /// Who opened what when.
    pub row: EmergencyRow,
    /// Why, as it was written down.
    pub reason: Material,
}

/// Takes up an access in an emergency as the officer's task, and reads why it was opened.
///
/// Errors: no clause lets the actor; they opened it themselves; it was reviewed.
pub async fn read_emergency(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    item: WorkItemId,
    request: RequestId,
) -> Result<EmergencyToReview, ServiceError> {
    let asking = Asking::new(officer, portfolio, Purpose::EmergencyAccess, request);
    let row = reviewable(app, &asking, item).await?;
    let subject = row.subject;
    let now = app.gate.now();
    // A day, and no longer: a review that is left lying is no task for anything else.
    let until = Some(now.plus_seconds(REVIEW_SECONDS));
    let task = ConditionRow { until, ..work_item::open(subject, item, officer.id(), now) };
    let write = app.store().write(move |unit| condition::set_many(unit, std::slice::from_ref(&task))).await;
    write.map_err(|error: StoreError| error)?;
    let grant = app.gate.ask::<EmergencyReasons>(&asking, Target::for_item(subject, item)).await?;
    let sealed = app.gate.fetch::<EmergencyReasons>(subject, RecordId::from_bytes(*item.bytes())).await?;
    let sealed = sealed.ok_or(ServiceError::NotFound("reason: it was erased"))?;
    Ok(EmergencyToReview { row, reason: grant.open(&sealed)?.material })
}

/// An access of the portfolio that this actor may review, and nobody has.
async fn reviewable(app: &App, asking: &Asking<'_>, item: WorkItemId) -> Result<EmergencyRow, ServiceError> {
    let portfolio = asking.portfolio;
    let target = Target::for_item(SubjectId::from_bytes([0; 16]), item);
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed = app.gate.preview::<EmergencyReasons>(asking, target, kind, law).await?;
    let may = matches!(weighed.decision, Decision::Granted(permission)
        if permission.conditions.contains(Condition::WorkItem));
    if !may {
        return Err(ServiceError::Emergency("it is reviewed by the data protection officer"));
    }
    let row = app.store().read(move |unit| emergency::get(unit, portfolio, item)).await;
    let row = row.map_err(|error: StoreError| error)?.ok_or(ServiceError::NotFound("emergency"))?;
    if row.actor == asking.actor.id() {
        return Err(ServiceError::Emergency("somebody else reviews it than who opened it"));
    }
    if row.review.is_some() {
        return Err(ServiceError::Emergency("it was reviewed already"));
    }
    app.gate.may_handle(asking, row.subject).await?;
    Ok(row)
}

/// Closes the review of an access in an emergency with what was found, which is on the record first, in the person's list
/// too. One that still lasts and was not justified ends at once.
///
/// Errors: as [`read_emergency`]; the officer has not read it.
pub async fn review_emergency(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    item: WorkItemId,
    outcome: EmergencyOutcome,
    request: RequestId,
) -> Result<EmergencyRow, ServiceError> {
    let asking = Asking::new(officer, portfolio, Purpose::EmergencyAccess, request);
    let row = reviewable(app, &asking, item).await?;
    let (subject, by, at) = (row.subject, officer.id(), app.gate.now());
    let read = store::ConditionTest::of(Condition::WorkItem, assignment(item, by));
    let is_read = app.store().read(move |unit| condition::is_live(unit, subject, read, at)).await;
    if !is_read.map_err(|error: StoreError| error)? {
        return Err(ServiceError::Emergency("read first why it was opened"));
    }
    let words = format!("emergency access reviewed: {outcome}");
    app.gate.record_emergency(officer, portfolio, (subject, item), &words).await?;
    let review = EmergencyReview { at, by, outcome };
    let opened_to = assignment(item, row.actor);
    let write = move |unit: &mut Unit<'_>| {
        emergency::review(unit, subject, item, &review)?;
        if outcome == EmergencyOutcome::NotJustified {
            condition::end(unit, subject, Condition::EmergencyReasoned, opened_to, at)?;
        }
        work_item::end(unit, subject, item, by, at)
    };
    app.store().write(write).await.map_err(|error: StoreError| error)?;
    Ok(EmergencyRow { review: Some(review), ..row })
}
