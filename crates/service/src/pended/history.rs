//! What happened to a claim: its steps, each with who took it and when, and why where that is told beside the claim. Whoever looks makes
//! it their task for that long, and it stands in the person's list. It shows no amount and nothing of the care.

use domain::{RequestId, SubjectId, WorkItemId};
use gate::{Actor, Grant, Target};
use store::claim::ClaimRow;
use store::claim_step::StepRow;
use store::{StoreError, Unit};

use super::{PendedPlace, asking, may_handle};
use crate::views::{ClosingsOfClaim, ConfirmationInHistory, OverridesOnDesk};
use crate::work_item::ShortTask;
use crate::{App, ServiceError};

/// The views of one ask: each is read.
type ToTell = (ConfirmationInHistory, OverridesOnDesk, ClosingsOfClaim);

/// What happened to a claim.
pub struct ClaimHistory {
    /// Where it stands, and since which day it is there.
    pub stands: ClaimRow,
    /// Its steps, in order; none of what was erased.
    pub steps: Vec<StepRow>,
    /// What a person let stand of it, and why; none where nobody did.
    pub confirmation: Option<ConfirmationInHistory>,
    /// What persons decided about its lines, and why; none where nothing was.
    pub overrides: Option<OverridesOnDesk>,
    /// That it was closed, and opened again, and why; none where it never was.
    pub closings: Option<ClosingsOfClaim>,
}

/// Reads what happened to a claim.
///
/// Errors: no clause lets the actor handle claims; there is no such claim in the portfolio.
pub async fn claim_history(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    request: RequestId,
) -> Result<ClaimHistory, ServiceError> {
    may_handle(app, actor, place.portfolio, request).await?;
    let asking = asking(actor, place.portfolio, request);
    app.gate.may_handle(&asking, place.subject).await?;
    let item = app.gate.imported_id("work-item", "claim-history", &place.claim.to_string());
    let task = ShortTask::open(app, place.subject, WorkItemId::from_bytes(item), actor).await?;
    let read = async {
        let target = Target::for_item(place.subject, task.item());
        let grant = app.gate.ask::<ToTell>(&asking, target).await?;
        tell(app, &grant, place).await
    };
    let read = read.await;
    task.end(app).await;
    read
}

async fn tell(app: &App, grant: &Grant<ToTell>, place: PendedPlace) -> Result<ClaimHistory, ServiceError> {
    let (subject, claim): (SubjectId, _) = (place.subject, place.claim);
    let read = move |unit: &mut Unit<'_>| {
        let stands = store::claim::get(unit, subject, claim)?;
        Ok((stands, store::claim_step::of_claim(unit, subject, claim)?))
    };
    let (stands, steps) = app.store().read(read).await.map_err(|error: StoreError| error)?;
    let stands = stands.filter(|stands| stands.portfolio == place.portfolio);
    let stands = stands.ok_or(ServiceError::NotFound("claim in this portfolio"))?;
    let gate = &app.gate;
    let confirmation = gate.fetch::<ConfirmationInHistory>(subject, claim).await?;
    let overrides = gate.fetch::<OverridesOnDesk>(subject, claim).await?;
    let closings = gate.fetch::<ClosingsOfClaim>(subject, claim).await?;
    Ok(ClaimHistory {
        stands,
        steps,
        confirmation: confirmation.map(|sealed| grant.open(&sealed)).transpose()?,
        overrides: overrides.map(|sealed| grant.open(&sealed)).transpose()?,
        closings: closings.map(|sealed| grant.open(&sealed)).transpose()?,
    })
}
