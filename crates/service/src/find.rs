//! Finding people by what is known of them, for a task or where a clause asks for none. Whom no clause shows is not found,
//! and nothing tells that there is somebody.

use domain::{PortfolioId, Purpose, RequestId, SubjectId, WorkItemId};
use gate::{Actor, Asking, Term};

use crate::views::FoundPerson;
use crate::{App, ServiceError};

/// The people of a portfolio to whom every term leads and whom a clause shows for this purpose, at most
/// [`gate::MAX_HITS`]. The question, and each who is found, is on the record before any is told; fields that the clause
/// does not show come withheld.
pub async fn find_people(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    purpose: Purpose,
    item: Option<WorkItemId>,
    terms: &[Term],
    request: RequestId,
) -> Result<Vec<(SubjectId, FoundPerson)>, ServiceError> {
    let asking = Asking::new(actor, portfolio, purpose, request);
    let hits = app.gate.search::<FoundPerson>(&asking, terms, item).await?;
    let mut found = Vec::with_capacity(hits.len());
    for (subject, grant) in hits {
        // Whose record was erased meanwhile is not there any more.
        if let Some(sealed) = app.gate.fetch::<FoundPerson>(subject, subject).await? {
            found.push((subject, grant.open(&sealed)?));
        }
    }
    Ok(found)
}
