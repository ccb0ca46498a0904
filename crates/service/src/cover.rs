//! Telling a member, or customer service for them, what cover there is, and which held on a day: as it is known now, or as it
//! was believed on an earlier day. It says nothing of what is covered.

use std::collections::BTreeMap;

use domain::{
    Coverage, CoverageId, Date, PlanId, PortfolioId, Purpose, RecordId, RequestId, SubjectId, Timestamp,
    WorkItemId,
};
use gate::{Actor, Asking, Sealed, Target};
use store::StoreError;
use store::coverage::CoverageRow;

use crate::span::Span;
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

/// A version of a span, sealed, with the plan that it is under, when it was recorded and until when it stood.
type Version = (Sealed<Coverage>, PlanId, Timestamp, Option<Timestamp>);

/// How often what was read of a person's cover is read anew because it changed meanwhile.
const TRIES: usize = 5;

/// Which cover held for somebody on a day, as was believed at the end of the day `believed`: of several spans the one that claims
/// of that day are decided under. None where none held. The entry is durable before anything opens; what was erased is not there.
///
/// Errors: `believed` is still to come; no clause lets the actor; a plan of the cover cannot be read.
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
    let versions = versions(app, target.subject).await?;
    if versions.iter().any(|(_, plan, ..)| app.plans.get(*plan).is_none()) {
        app.plans.refresh(app.store()).await?;
    }
    let (mut plans, mut covers) = (Vec::new(), Vec::new());
    for (sealed, plan, recorded, superseded) in versions {
        let cover: CoverOnDay = grant.open(&sealed)?;
        let day = |at: Timestamp| at.date().map_err(|_| ServiceError::Clock);
        let (start, end) = (cover.start, cover.end);
        let span = benefits::Span {
            start,
            end,
            recorded: day(recorded)?,
            withdrawn: superseded.map(day).transpose()?,
        };
        if span.stood(believed) {
            plans.push(app.plans.get(plan).ok_or(ServiceError::NotFound("readable plan of this cover"))?);
            let coverage = CoverageId::from_bytes(*sealed.record().bytes());
            covers.push(Eligibility { coverage, cover, recorded, superseded });
        }
    }
    let spans = covers.iter().zip(&plans).map(|(held, plan)| {
        let CoverOnDay { start, end, status, .. } = held.cover;
        Span { start, end, status, plan: plan.id() }
    });
    let place = crate::span::on(&spans.collect::<Vec<_>>(), on);
    Ok(place.map(|place| covers.swap_remove(place)))
}

/// Every version of every span of somebody's cover, each span's in the order in which they were recorded, as they stood together.
async fn versions(app: &App, subject: SubjectId) -> Result<Vec<Version>, ServiceError> {
    let rows = async || {
        let rows = app.store().read(move |unit| store::coverage::of_subject(unit, subject)).await;
        rows.map_err(|error: StoreError| error)
    };
    let mut before = rows().await?;
    for _ in 0..TRIES {
        let former = app.gate.fetch_former::<CoverOnDay>(subject).await?;
        let current = app.gate.fetch_many::<CoverOnDay>(&[subject]).await?;
        let after = rows().await?;
        // What changes a span changes its row with it.
        if before == after {
            return Ok(in_order(&before, former, current));
        }
        before = after;
    }
    Err(StoreError::Changed.into())
}

fn in_order(
    rows: &[CoverageRow],
    former: Vec<(Sealed<Coverage>, Timestamp)>,
    current: Vec<Sealed<Coverage>>,
) -> Vec<Version> {
    let mut recorded: BTreeMap<RecordId, (PlanId, Timestamp)> =
        rows.iter().map(|row| (row.coverage.into(), (row.plan, row.recorded))).collect();
    let mut versions: Vec<Version> = Vec::new();
    for (sealed, until) in former {
        // One version was recorded when that before it was superseded.
        if let Some((plan, since)) = recorded.get_mut(&sealed.record()) {
            let since = std::mem::replace(since, until);
            versions.push((sealed, *plan, since, Some(until)));
        }
    }
    for sealed in current {
        if let Some((plan, since)) = recorded.get(&sealed.record()) {
            versions.push((sealed, *plan, *since, None));
        }
    }
    versions
}
