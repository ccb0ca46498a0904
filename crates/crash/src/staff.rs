//! Somebody of the staff for a workload or an audit, before whom a task about each of these people is.

use domain::{ActorId, Condition, Recipient, SubjectId, WorkItemId};
use gate::{Actor, assignment};
use store::StoreError;
use store::condition::ConditionRow;
use store::reference::ActorRow;

use crate::site::{PORTFOLIO, Site, SiteError};

/// Enters the actor and opens the task; both stand for an hour of the site's clock.
pub(crate) async fn with_task(
    site: &Site,
    recipient: Recipient,
    subjects: impl IntoIterator<Item = SubjectId>,
) -> Result<(Actor, WorkItemId), SiteError> {
    let gate = &site.app.gate;
    let (token, hash) = gate.new_token();
    let (actor, item) = (ActorId::from_bytes(gate.random_id()), WorkItemId::from(gate.request()));
    let since = gate.now();
    let until = since.plus_seconds(3_600);
    let row = ActorRow {
        actor,
        recipient,
        role: recipient.word().replace('-', " "),
        team: "desk".to_owned(),
        country: "BE".parse()?,
        portfolio: PORTFOLIO,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(since.plus_seconds(86_400).date()?),
        name: String::new(),
        token_hash: Some(hash),
        expires: until,
        ended: None,
    };
    let object = assignment(item, actor);
    let item_of =
        |subject| ConditionRow { subject, condition: Condition::WorkItem, object, since, until: Some(until) };
    let items: Vec<ConditionRow> = subjects.into_iter().map(item_of).collect();
    site.app
        .store()
        .write(move |unit| {
            store::reference::insert_actor(unit, &row)?;
            store::condition::set_many(unit, &items)
        })
        .await
        .map_err(|error: StoreError| error)?;
    Ok((gate.authenticate(&token).await?, item))
}
