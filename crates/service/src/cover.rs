//! Telling a member, or customer service for them, what cover there is.

use domain::{CoverageId, PortfolioId, Purpose, RequestId, SubjectId, WorkItemId};
use gate::{Actor, Asking, Target};

use crate::views::CoverPage;
use crate::{App, ServiceError};

/// Reads one span of cover. The entry is durable before anything opens; fields that the clause does
/// not show come withheld. `request` is the request that the entry is part of.
pub async fn read_cover(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    coverage: CoverageId,
    item: Option<WorkItemId>,
    request: RequestId,
) -> Result<CoverPage, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::PlanInformation, request);
    let target = Target { subject, item };
    let grant = app.gate.ask::<CoverPage>(&asking, target).await?;
    let sealed =
        app.gate.fetch::<CoverPage>(subject, coverage).await?.ok_or(ServiceError::NotFound("coverage"))?;
    Ok(grant.open(&sealed)?)
}
