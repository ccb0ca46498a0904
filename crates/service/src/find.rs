//! Finding people by what is known of them, for a task or where a clause asks for none: whoever calls is found by their own
//! details, for the purpose identification. Whom no clause shows is not found, and nothing tells that there is somebody.

use std::collections::BTreeMap;

use domain::{Field, PlanName, PortfolioId, Purpose, RecordId, RequestId, SponsorId, SubjectId, WorkItemId};
use gate::{Actor, Asking, Grant, Term};
use store::StoreError;

use crate::views::{FoundCover, FoundPerson};
use crate::{App, ServiceError};

/// Somebody who was found; fields that the clause does not show are withheld.
pub struct Found {
    /// Whose record it is.
    pub subject: SubjectId,
    /// Who they are.
    pub person: FoundPerson,
    /// The plan of the cover that began last; none where none ever did.
    pub plan: Option<Field<PlanName>>,
}

/// The people to whom every term leads and whom a clause shows for this purpose, at most [`gate::MAX_HITS`], of those whom the
/// actor handles: in the portfolio, of its sponsors, and of the task. The question, and each who is found, is on the record
/// before any is told.
///
/// Errors: no clause shows anybody for this, or not by these terms; more are found than are told; the actor has searched too often.
pub async fn find_people(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    purpose: Purpose,
    item: Option<WorkItemId>,
    terms: &[Term],
    request: RequestId,
) -> Result<Vec<Found>, ServiceError> {
    let asking = Asking::new(actor, portfolio, purpose, request);
    let hits = app.gate.search::<(FoundPerson, FoundCover)>(&asking, terms, item).await?;
    if hits.is_empty() {
        return Ok(Vec::new());
    }
    let hits: BTreeMap<SubjectId, Grant<_>> = hits.into_iter().collect();
    let subjects: Vec<SubjectId> = hits.keys().copied().collect();
    let mut plans = BTreeMap::new();
    for sealed in app.gate.fetch_records::<FoundCover>(&last_covers(app, actor, &subjects).await?).await? {
        if let Some(grant) = hits.get(&sealed.subject()) {
            plans.insert(sealed.subject(), grant.open::<FoundCover, _>(&sealed)?.plan_name);
        }
    }
    let records: Vec<(SubjectId, RecordId)> =
        subjects.into_iter().map(|subject| (subject, subject.into())).collect();
    let mut found = Vec::with_capacity(records.len());
    // Whose record was erased meanwhile is not there any more.
    for sealed in app.gate.fetch_records::<FoundPerson>(&records).await? {
        let subject = sealed.subject();
        if let Some(grant) = hits.get(&subject) {
            let person = grant.open::<FoundPerson, _>(&sealed)?;
            found.push(Found { subject, person, plan: plans.remove(&subject) });
        }
    }
    Ok(found)
}

/// Of each of these people the span of cover that began last, of those by the sponsors whom the actor works for.
async fn last_covers(
    app: &App,
    actor: &Actor,
    subjects: &[SubjectId],
) -> Result<Vec<(SubjectId, RecordId)>, ServiceError> {
    let (asked, today) = (subjects.to_vec(), app.gate.now().date().ok());
    let read = app.store().read(move |unit| store::many::coverages(unit, &asked)).await;
    let mut spans = read.map_err(|error: StoreError| error)?;
    let sponsors = actor.sponsors();
    let is_handled = |sponsor: SponsorId| sponsors.is_empty() || sponsors.contains(&sponsor);
    spans.retain(|span| today.is_some_and(|today| span.start <= today) && is_handled(span.sponsor));
    spans.sort_by_key(|span| (span.subject, span.start));
    let last: BTreeMap<SubjectId, RecordId> =
        spans.into_iter().map(|span| (span.subject, span.coverage.into())).collect();
    Ok(last.into_iter().collect())
}
