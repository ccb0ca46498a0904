//! Work items: what somebody, or a job, has to do about a person, as the condition that asks about the person rest on.
//! Which work there is, and who may take it, the use cases say.

use domain::{ActorId, Condition, SubjectId, Timestamp, WorkItemId};
use gate::assignment;
use store::condition::ConditionRow;
use store::{StoreError, Unit};

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
