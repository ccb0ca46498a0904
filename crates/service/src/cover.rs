//! Telling a member, or customer service for them, what cover there is, and which held on a day: as it is known now, or as it
//! was believed on an earlier day. It says nothing of what is covered.

use std::collections::BTreeMap;

use benefits::{Span, covering};
use domain::{
    Coverage, CoverageId, Date, PortfolioId, Purpose, RecordId, RequestId, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, Sealed, Target};
use store::StoreError;

use crate::views::{CoverOnDay, CoverPage};
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

/// Cover that held on a day.
pub struct Eligibility {
    /// The span.
    pub coverage: CoverageId,
    /// What it says, or said.
    pub cover: CoverOnDay,
    /// When it was recorded so.
    pub recorded: Timestamp,
    /// When something else was recorded in its place; none while it stands.
    pub superseded: Option<Timestamp>,
}

/// A version of a span, sealed, with when it was recorded and until when it stood.
type Version = (Sealed<Coverage>, Timestamp, Option<Timestamp>);

/// Which cover held for somebody on a day, as was believed at the end of the day `believed`: of several spans the one that began
/// last. None where none held. The entry is durable before anything opens; what was erased is not there.
///
/// Errors: `believed` is still to come; no clause lets the actor.
pub async fn eligibility(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    target: Target,
    (on, believed): (Date, Date),
    request: RequestId,
) -> Result<Option<Eligibility>, ServiceError> {
    if believed > app.today()? {
        return Err(ServiceError::StillToCome);
    }
    let asking = Asking::new(actor, portfolio, Purpose::PlanInformation, request);
    let grant = app.gate.ask::<CoverOnDay>(&asking, target).await?;
    let (mut spans, mut covers) = (Vec::new(), Vec::new());
    for (sealed, recorded, superseded) in versions(app, target.subject).await? {
        let cover: CoverOnDay = grant.open(&sealed)?;
        let day = |at: Timestamp| at.date().map_err(|_| ServiceError::Clock);
        spans.push(Span {
            start: cover.start,
            end: cover.end,
            recorded: day(recorded)?,
            withdrawn: superseded.map(day).transpose()?,
        });
        let coverage = CoverageId::from_bytes(*sealed.record().bytes());
        covers.push(Eligibility { coverage, cover, recorded, superseded });
    }
    let place = covering(&spans, on, believed);
    Ok(place.map(|place| covers.swap_remove(place)))
}

/// Every version of every span of somebody's cover, each span's in the order in which they were recorded.
async fn versions(app: &App, subject: SubjectId) -> Result<Vec<Version>, ServiceError> {
    let rows = app.store().read(move |unit| store::coverage::of_subject(unit, subject)).await;
    let rows = rows.map_err(|error: StoreError| error)?;
    let mut recorded: BTreeMap<RecordId, Timestamp> =
        rows.iter().map(|row| (row.coverage.into(), row.recorded)).collect();
    let mut versions: Vec<Version> = Vec::new();
    for (sealed, until) in app.gate.fetch_former::<CoverOnDay>(subject).await? {
        // One version was recorded when that before it was superseded.
        if let Some(since) = recorded.insert(sealed.record(), until) {
            versions.push((sealed, since, Some(until)));
        }
    }
    for sealed in app.gate.fetch_many::<CoverOnDay>(&[subject]).await? {
        if let Some(since) = recorded.get(&sealed.record()) {
            versions.push((sealed, *since, None));
        }
    }
    Ok(versions)
}
