//! Work items: what somebody, or a job, has to do about a person, as the condition that asks about the person rest on.
//! Which work there is, and who may take it, the use cases say.

use std::collections::BTreeSet;

use domain::{ActorId, Condition, GuaranteeState, PortfolioId, SubjectId, Timestamp, WorkItemId};
use gate::{Actor, assignment};
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
    store::condition::end(unit, subject, Condition::WorkItem, assignment(item, assignee), at).map(drop)
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
