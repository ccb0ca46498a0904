//! Work items that the keeper of the registers assigns: to one of the staff, or to a team. On the record before they are
//! anybody's, in the list of the person whom they are about. What somebody may use for one, and for which purpose, the
//! clauses say; items that belong to a claim, a request or a matter are assigned where that is handled.

use domain::{ActorId, Condition, PortfolioId, RetentionClass, SubjectId, Timestamp, WorkItemId};
use gate::{Actor, GateError, assignment, team_assignment};
use store::condition::ConditionRow;
use store::work_item::{Assignee, WorkItemRow};
use store::{StoreError, Unit, condition, reference, work_item};

use crate::{App, ServiceError};

/// The longest that a work item is open without being assigned anew.
pub const WORK_DAYS: u16 = 90;
/// Work items that are read at once.
const PAGE: usize = 500;

/// A work item to assign.
#[derive(Debug, Clone)]
pub struct NewWork {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whom it is about.
    pub subject: SubjectId,
    /// Whose task it becomes.
    pub to: Assignee,
    /// How many days it is open, at most [`WORK_DAYS`].
    pub days: u16,
}

/// Assigns a work item about a person. That it is assigned is on the record first: in the chain of the person and in the
/// portfolio's.
///
/// Errors: it is the keeper's own task; an actor is no staff of the portfolio whose record stands, or does not handle the
/// person's file; nobody of the staff is in the team; the person is not in the portfolio; the actor does not keep the
/// registers.
pub async fn assign_work(app: &App, keeper: &Actor, new: &NewWork) -> Result<WorkItemRow, ServiceError> {
    if new.days == 0 || new.days > WORK_DAYS {
        return Err(ServiceError::Work("one is open for 1 to 90 days"));
    }
    let NewWork { portfolio, subject, .. } = *new;
    // Before anybody is looked up: who keeps no register learns nothing of who is there.
    app.gate.must_keep(keeper, portfolio).await?;
    let (whom, words) = match &new.to {
        Assignee::Actor(actor) => (Some(*actor), to_actor(app, keeper, new, *actor).await?),
        Assignee::Team(team) => (None, to_team(app, portfolio, team).await?),
    };
    let item = WorkItemId::from_bytes(app.gate.random_id());
    // Before it is on the record, and once more when it is written.
    let (to, since) = (new.to.clone(), app.gate.now());
    let wanted = WorkItemRow { subject, item, portfolio, to, since, until: since };
    app.store().read(move |unit| must_be_there(unit, &wanted)).await?;
    let words = format!("work item assigned to {words} for {} days", new.days);
    app.gate.record_work(keeper, portfolio, (item, whom), &words, subject).await?;
    let since = app.gate.now();
    let until = since.plus_seconds(i64::from(new.days) * 86_400);
    let row = WorkItemRow { subject, item, portfolio, to: new.to.clone(), since, until };
    let (object, listed) = (object(&row), row.clone());
    let opens = ConditionRow { subject, condition: Condition::WorkItem, object, since, until: Some(until) };
    let write = move |unit: &mut Unit<'_>| {
        must_be_there(unit, &listed)?;
        condition::set_many(unit, std::slice::from_ref(&opens))?;
        Ok::<_, ServiceError>(work_item::insert(unit, &listed)?)
    };
    app.store().write(write).await?;
    Ok(row)
}

/// Nothing becomes the task of who left, nor is about somebody who was erased, also in the moment in which that
/// happens: nobody would end it. Who was erased is answered as who never was in the portfolio: a keeper learns
/// of neither.
fn must_be_there(unit: &mut Unit<'_>, row: &WorkItemRow) -> Result<(), ServiceError> {
    if let Assignee::Actor(actor) = row.to
        && !reference::actor(unit, actor)?.is_some_and(|actor| actor.works(row.since))
    {
        return Err(ServiceError::Work("the actor's record ended meanwhile: assign it to somebody else"));
    }
    if !is_there(unit, row.subject)? {
        return Err(GateError::NotInPortfolio.into());
    }
    Ok(())
}

/// Whether who somebody is has not been erased.
pub(crate) fn is_there(unit: &mut Unit<'_>, subject: SubjectId) -> Result<bool, StoreError> {
    Ok(store::key::of_subject(unit, subject)?.iter().any(|key| key.class == RetentionClass::Membership))
}

/// Whether this actor can have a task about the person; answers it as the record names it.
async fn to_actor(app: &App, keeper: &Actor, new: &NewWork, actor: ActorId) -> Result<String, ServiceError> {
    if keeper.id() == actor {
        return Err(ServiceError::Work("somebody else assigns it than whose task it is"));
    }
    let row = crate::actors::find(app, new.portfolio, actor).await?;
    if !row.recipient.is_staff() || !row.works(app.gate.now()) {
        return Err(ServiceError::Work("it is a task of staff of the portfolio, whose record stands"));
    }
    let words = crate::actors::of_actor(&row);
    if !app.gate.is_handled_by(row, new.subject).await? {
        return Err(ServiceError::Work(
            "this actor does not handle that person's file: assign it to a colleague, or renew the actor's training",
        ));
    }
    Ok(words)
}

/// Whether anybody works in this team; answers it as the record names it.
async fn to_team(app: &App, portfolio: PortfolioId, team: &str) -> Result<String, ServiceError> {
    let rows = app.store().read(move |unit| reference::actors_of(unit, portfolio)).await;
    let (rows, now) = (rows.map_err(|error: StoreError| error)?, app.gate.now());
    let is_in = |row: &reference::ActorRow| row.team == team && row.recipient.is_staff() && row.works(now);
    if team.is_empty() || !rows.iter().any(is_in) {
        return Err(ServiceError::NotFound("staff in this team, whose record stands, in this portfolio"));
    }
    Ok(format!("the team {team}"))
}

/// Under which object the condition stands.
fn object(row: &WorkItemRow) -> [u8; 16] {
    match &row.to {
        Assignee::Actor(actor) => assignment(row.item, *actor),
        Assignee::Team(team) => team_assignment(row.item, row.portfolio, team),
    }
}

/// Ends a work item, now: once this is answered, nobody's use that rests on it is under way. Of one that ended before, too.
///
/// Errors: it was never assigned so in the portfolio; the actor does not keep the registers.
pub async fn end_work(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    item: WorkItemId,
) -> Result<WorkItemRow, ServiceError> {
    let row = app.store().read(move |unit| work_item::get(unit, portfolio, item)).await;
    let row = row.map_err(|error: StoreError| error)?.ok_or(ServiceError::NotFound("work item"))?;
    let whom = match row.to {
        Assignee::Actor(actor) => Some(actor),
        Assignee::Team(_) => None,
    };
    app.gate.record_work(keeper, portfolio, (item, whom), "work item ended", row.subject).await?;
    let (now, ended) = (app.gate.now(), row.clone());
    let write = app.store().write(move |unit| end(unit, &ended, now)).await;
    write.map_err(|error: StoreError| error)?;
    Ok(WorkItemRow { until: row.until.min(now), ..row })
}

/// Ends a work item, for whoever's it is.
pub(crate) fn end(unit: &mut Unit<'_>, row: &WorkItemRow, at: Timestamp) -> Result<(), StoreError> {
    condition::end(unit, row.subject, Condition::WorkItem, object(row), at)?;
    work_item::end(unit, row.subject, row.item, at)
}

/// The work items that were assigned in a portfolio and are open, those that end first first; of one person, where that
/// is asked. It names ids, roles' and teams' words, and nothing of what anybody does.
pub async fn open_work(
    app: &App,
    portfolio: PortfolioId,
    about: Option<SubjectId>,
) -> Result<Vec<WorkItemRow>, ServiceError> {
    let now = app.gate.now();
    let read = move |unit: &mut Unit<'_>| {
        let mut rows: Vec<WorkItemRow> = Vec::new();
        if let Some(subject) = about {
            rows = work_item::of_subject(unit, subject)?;
            rows.retain(|row| row.portfolio == portfolio && now < row.until);
            return Ok(rows);
        }
        loop {
            let page = work_item::open(unit, portfolio, now, rows.last(), PAGE)?;
            let is_last = page.len() < PAGE;
            rows.extend(page);
            if is_last {
                return Ok(rows);
            }
        }
    };
    Ok(app.store().read(read).await.map_err(|error: StoreError| error)?)
}
