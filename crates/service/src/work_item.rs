//! Work items: what somebody, or a job, has to do about a person, as the condition that asks about the person rest on.
//! Which work there is, and who may take it, the use cases say.

use std::collections::BTreeSet;

use domain::{
    ActorId, Condition, GoverningLaw, GuaranteeState, PortfolioId, SubjectId, SubjectKind, Timestamp, Views,
    WorkItemId,
};
use gate::{Actor, Asking, Target, assignment};
use notice::Decision;
use store::condition::ConditionRow;
use store::{StoreError, Unit};

use crate::{App, ServiceError};

/// A work item of this assignee, open from now.
pub(crate) fn open(
    subject: SubjectId,
    item: WorkItemId,
    assignee: ActorId,
    since: Timestamp,
) -> ConditionRow {
    let object = assignment(item, assignee);
    ConditionRow { subject, condition: Condition::WorkItem, object, since, until: None }
}

/// Ends a work item of this assignee.
pub(crate) fn end(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    item: WorkItemId,
    assignee: ActorId,
    at: Timestamp,
) -> Result<(), StoreError> {
    end_many(unit, &[(subject, item)], assignee, at)
}

/// Ends work items of this assignee.
pub(crate) fn end_many(
    unit: &mut Unit<'_>,
    items: &[(SubjectId, WorkItemId)],
    assignee: ActorId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let ended = |(subject, item): &(SubjectId, WorkItemId)| {
        (*subject, Condition::WorkItem, assignment(*item, assignee))
    };
    let ended: Vec<_> = items.iter().map(ended).collect();
    store::condition::end_many(unit, &ended, at).map(drop)
}

/// Work that whoever may do it takes themself, for as long as one step of it takes.
pub(crate) struct ShortTask {
    row: ConditionRow,
    item: WorkItemId,
}

impl ShortTask {
    /// How long somebody has it who does not give it back.
    const SECONDS: i64 = 300;

    /// Takes it. Whether the actor may is the caller's to have asked.
    pub(crate) async fn open(
        app: &App,
        subject: SubjectId,
        item: WorkItemId,
        actor: &Actor,
    ) -> Result<Self, ServiceError> {
        let since = app.gate.now();
        let row = ConditionRow {
            until: Some(since.plus_seconds(Self::SECONDS)),
            ..open(subject, item, actor.id(), since)
        };
        let open = move |unit: &mut Unit<'_>| store::condition::set_many(unit, &[row]);
        app.store().write(open).await.map_err(|error: StoreError| error)?;
        Ok(Self { row, item })
    }

    /// The work item that asks name.
    pub(crate) const fn item(&self) -> WorkItemId {
        self.item
    }

    /// Gives it back. What came of the step stands whether or not that can be written: the task ends by itself.
    pub(crate) async fn end(self, app: &App) {
        let (row, at) = (self.row, app.gate.now());
        let end = move |unit: &mut Unit<'_>| {
            store::condition::end(unit, row.subject, row.condition, row.object, at)
        };
        let _: Result<bool, StoreError> = app.store().write(end).await;
    }
}

/// Whether an actor is one of the staff whom a clause lets see these views of a member in the service of a task.
pub(crate) async fn is_for_staff<S: Views>(app: &App, asking: &Asking<'_>) -> Result<bool, ServiceError> {
    let target = Target::for_item(SubjectId::from_bytes([0; 16]), WorkItemId::from_bytes([0; 16]));
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed = app.gate.preview::<S>(asking, target, kind, law).await?;
    let may = matches!(weighed.decision, Decision::Granted(permission)
        if permission.conditions.contains(Condition::WorkItem));
    Ok(may && asking.actor.recipient().is_staff())
}

/// The first page of a list on which something is left once what is left to colleagues is taken out: what is about somebody whom the
/// actor does not handle (their own and their relatives', those of other sponsors' people). Empty at the end of the list. `people`
/// says whom a row is about, and `place` where the list goes on after it.
pub(crate) async fn next_handled<R: Send + 'static, P: Copy + Send + 'static>(
    app: &App,
    actor: &Actor,
    mut after: Option<P>,
    page: impl Fn(&mut Unit<'_>, Option<P>) -> Result<Vec<R>, StoreError> + Copy + Send + 'static,
    place: fn(&R) -> P,
    people: fn(&R) -> Vec<SubjectId>,
) -> Result<Vec<R>, ServiceError> {
    loop {
        let read = app.store().read(move |unit| page(unit, after)).await;
        let mut rows: Vec<R> = read.map_err(|error: StoreError| error)?;
        let Some(last) = rows.last() else { return Ok(rows) };
        after = Some(place(last));
        let about: BTreeSet<SubjectId> = rows.iter().flat_map(people).collect();
        let others = app.gate.not_handled(actor, &about.into_iter().collect::<Vec<_>>()).await?;
        rows.retain(|row| people(row).iter().all(|subject| !others.contains(subject)));
        // A page of nothing else is not the end.
        if !rows.is_empty() {
            return Ok(rows);
        }
    }
}

/// Those whose requests for guarantees of payment this actor leaves to colleagues: nobody of its sponsors, or its own.
pub(crate) async fn of_others(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
) -> Result<Vec<SubjectId>, ServiceError> {
    let waiting = match actor.works_for_all() {
        true => Vec::new(),
        false => {
            let waiting = move |unit: &mut Unit<'_>| {
                let mut rows = store::guarantee::in_state(unit, portfolio, GuaranteeState::Requested)?;
                rows.extend(store::guarantee::in_state(unit, portfolio, GuaranteeState::Proposed)?);
                Ok(rows)
            };
            app.store().read(waiting).await.map_err(|error: StoreError| error)?
        }
    };
    let people: BTreeSet<SubjectId> = waiting.iter().map(|row| row.subject).collect();
    Ok(app.gate.not_handled(actor, &people.into_iter().collect::<Vec<_>>()).await?)
}
