//! The desk for claims that wait for a person. Whoever is free takes the one that is due first and sees what it says and what
//! is proposed on it; asks whoever claims, and its clock stands still meanwhile; lets the proposal stand, with a reason, or gives
//! the claim back. Nothing that a person has to look at goes out before one did.
//!
//! A claim stays on the desk until it is decided: there is a row for each that is pended, and for no other. One that is decided is put
//! right by the same steps (`decided`), and decided anew by a run. Amounts are the
//! engine's; nobody enters one here, but what another payer paid. Facts that it lacks are told in `told`; what is decided about
//! lines otherwise than the plan's rules, in `overrides`; a claim that is taken back is closed in `close`.

mod close;
mod decided;
mod handle;
mod history;
mod other_payer;
mod overrides;
mod told;

use domain::{
    AppealState, ClaimId, ClaimQuestions, GoverningLaw, Personal, PortfolioId, Purpose, RequestId, SubjectId,
    SubjectKind, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, GateError, Target};
use notice::Decision;
use store::appeal::AppealRow;
use store::claim::ClaimRow;
use store::pended::PendedRow;
use store::{StoreError, Unit};

use self::decided::Before;
use self::handle::{changed, end_questions};
use crate::views::{
    ClaimOnDesk, ClosingsOfClaim, DeterminationOnDesk, FactsOnDesk, OverridesOnDesk, QuestionsOnDesk,
};
use crate::{App, ServiceError, work_item};

pub(crate) use close::{Reopening, reopen};
pub use close::{close_pended, reopen_claim};
pub use decided::WrittenDown;
pub use handle::{NewConfirmation, ask_about_pended, confirm_pended, pended_answered, work_out_pended};
pub use history::{ClaimHistory, claim_history};
pub use other_payer::other_payer_answered;
pub use overrides::{NewOverrides, override_pended};
pub use told::{NewFacts, tell_facts};

/// The views of one ask.
type ToHandle =
    (ClaimOnDesk, DeterminationOnDesk, QuestionsOnDesk, FactsOnDesk, OverridesOnDesk, ClosingsOfClaim);

/// Claims that are looked at together for whoever takes one.
const PAGE: usize = 100;

/// The most claims that are listed.
const LISTED: usize = 1_000;

const NOT_THERE: ServiceError = ServiceError::NotFound("pended claim that is before you");

/// Which claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendedPlace {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose claim.
    pub subject: SubjectId,
    /// Which claim: also its work item, while it waits.
    pub claim: ClaimId,
    /// Of a claim that is decided, the task that the actor has about the person.
    pub task: Option<WorkItemId>,
}

impl PendedPlace {
    fn target(&self) -> Target {
        Target::for_item(self.subject, self.task.unwrap_or(self.claim.into()))
    }
}

/// What whoever has a claim sees of it.
pub struct PendedFile {
    /// The claim; none where it was erased.
    pub claim: Option<ClaimOnDesk>,
    /// What is proposed; none where nothing could be worked out.
    pub proposal: Option<DeterminationOnDesk>,
    /// The version of what is proposed: whoever lets it stand names the one that they saw. 0 where nothing is.
    pub version: i64,
    /// What was asked of whoever claims.
    pub questions: Vec<domain::ClaimQuestion>,
    /// What became known of the claim after it had come in; none where nothing did.
    pub told: Option<FactsOnDesk>,
    /// What persons decided about its lines; none where nothing was.
    pub overrides: Option<OverridesOnDesk>,
    /// That it was closed before, and opened again; none where it never was.
    pub closings: Option<ClosingsOfClaim>,
    /// Until when somebody is to be done with it; none of a claim that is decided.
    pub row: Option<PendedRow>,
    /// The claim's own row: why it waits.
    pub stands: ClaimRow,
}

fn asking(actor: &Actor, portfolio: PortfolioId, request: RequestId) -> Asking<'_> {
    Asking::new(actor, portfolio, Purpose::ClaimsProcessing, request)
}

/// Whether there is a clause by which the actor could handle a claim of a member's that is before them.
async fn may_handle(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let anybody = Target::for_item(SubjectId::from_bytes([0; 16]), request);
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed =
        app.gate.preview::<ToHandle>(&asking(actor, portfolio, request), anybody, kind, law).await?;
    match weighed.decision {
        Decision::Granted(_) if actor.recipient().is_staff() => Ok(()),
        _ => Err(ServiceError::Pended(
            "they are handled by staff whom a clause of the notice lets see claims in the service of a task",
        )),
    }
}

/// The claims of a portfolio that wait for a person, those that are due first first; with `own`, those before this actor alone.
/// Ids, days and why each waits, and nothing of what was claimed.
///
/// Errors: no clause lets the actor handle one.
pub async fn pended(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    own: bool,
    request: RequestId,
) -> Result<Vec<(PendedRow, ClaimRow)>, ServiceError> {
    may_handle(app, actor, portfolio, request).await?;
    let owner = own.then(|| actor.id());
    let read = move |unit: &mut Unit<'_>| {
        let rows = match owner {
            Some(owner) => store::pended::before(unit, (portfolio, Some(owner)), None, LISTED)?,
            None => store::pended::list(unit, portfolio, None, LISTED)?,
        };
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let claim = store::claim::get(unit, row.subject, row.claim)?;
            listed.extend(claim.map(|claim| (row, claim)));
        }
        Ok(listed)
    };
    let listed = app.store().read(read).await.map_err(|error: StoreError| error)?;
    let people: Vec<SubjectId> = listed.iter().map(|(row, _)| row.subject).collect();
    let others = app.gate.not_handled(actor, &people).await?;
    Ok(listed.into_iter().filter(|(row, _)| !others.contains(&row.subject)).collect())
}

/// Gives the claim that is due first to this actor: nobody chooses whose. One that they gave back comes to them again only when
/// no other waits. `None` when there is none for them.
///
/// Errors: no clause lets the actor handle one.
pub async fn take_pended(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Option<PendedRow>, ServiceError> {
    may_handle(app, actor, portfolio, request).await?;
    for also_had in [false, true] {
        let mut after: Option<PendedRow> = None;
        loop {
            let page = move |unit: &mut Unit<'_>| {
                store::pended::before(unit, (portfolio, None), after.as_ref(), PAGE)
            };
            let page = app.store().read(page).await.map_err(|error: StoreError| error)?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            let people: Vec<SubjectId> = page.iter().map(|row| row.subject).collect();
            // Their own and their relatives', and those of other sponsors' people, are left to colleagues.
            let others = app.gate.not_handled(actor, &people).await?;
            for row in page.into_iter().filter(|row| !others.contains(&row.subject)) {
                if let Some(row) = take_row(app, actor, row, also_had).await? {
                    return Ok(Some(row));
                }
            }
        }
    }
    Ok(None)
}

/// Gives a claim to the actor, unless somebody else took it at the same time, or they had it before and that counts.
async fn take_row(
    app: &App,
    actor: &Actor,
    row: PendedRow,
    also_had: bool,
) -> Result<Option<PendedRow>, ServiceError> {
    let (owner, now) = (actor.id(), app.gate.now());
    let item = work_item::open(row.subject, row.claim.into(), owner, now);
    let taken = move |unit: &mut Unit<'_>| {
        // A task that ended stays among the conditions.
        let known = store::condition::of_subject(unit, row.subject)?;
        let had = known.iter().any(|one| (one.condition, one.object) == (item.condition, item.object));
        // Who opened it again on an appeal leaves it to a colleague.
        let appeals = store::appeal::of_subject(unit, row.subject)?;
        let is_own = |one: &AppealRow| {
            one.claim == row.claim && one.state == AppealState::ToDecideAnew && one.assignee == Some(owner)
        };
        if (had && !also_had) || appeals.iter().any(is_own) {
            return Ok(None);
        }
        let row = PendedRow { owner: Some(owner), ..row };
        store::pended::set(unit, &row)?;
        store::condition::set_many(unit, &[item])?;
        Ok(Some(PendedRow { version: row.version + 1, ..row }))
    };
    match app.store().write(taken).await {
        Ok(taken) => Ok(taken),
        Err(StoreError::Changed) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The rows of a claim that is before the actor.
async fn own_rows(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
) -> Result<(PendedRow, ClaimRow), ServiceError> {
    let read = move |unit: &mut Unit<'_>| {
        let row = store::pended::get(unit, place.subject, place.claim)?;
        Ok(row.zip(store::claim::get(unit, place.subject, place.claim)?))
    };
    let rows = app.store().read(read).await.map_err(|error: StoreError| error)?;
    let is_own =
        |(row, _): &(PendedRow, ClaimRow)| row.portfolio == place.portfolio && row.owner == Some(actor.id());
    rows.filter(is_own).ok_or(NOT_THERE)
}

/// Reads a claim that is before the actor, with what is proposed on it; of one that is decided, what was.
pub async fn read_pended(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    request: RequestId,
) -> Result<PendedFile, ServiceError> {
    let asking = asking(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToHandle>(&asking, place.target()).await?;
    let (before, stands) = decided::before(app, actor, place).await?;
    let row = match before {
        Before::Waiting(row) => Some(row),
        Before::Decided => None,
    };
    let (gate, subject) = (&app.gate, place.subject);
    let claim = gate.fetch::<ClaimOnDesk>(subject, place.claim).await?;
    let proposal = gate.fetch::<DeterminationOnDesk>(subject, place.claim).await?;
    let questions = gate.fetch::<QuestionsOnDesk>(subject, place.claim).await?;
    let told = gate.fetch::<FactsOnDesk>(subject, place.claim).await?;
    let overrides = gate.fetch::<OverridesOnDesk>(subject, place.claim).await?;
    let closings = gate.fetch::<ClosingsOfClaim>(subject, place.claim).await?;
    let version = proposal.as_ref().map_or(0, |sealed| sealed.version());
    let questions: Option<QuestionsOnDesk> = questions.map(|sealed| grant.open(&sealed)).transpose()?;
    Ok(PendedFile {
        claim: claim.map(|sealed| grant.open(&sealed)).transpose()?,
        proposal: proposal.map(|sealed| grant.open(&sealed)).transpose()?,
        version,
        questions: questions.map(|one| one.questions).unwrap_or_default(),
        told: told.map(|sealed| grant.open(&sealed)).transpose()?,
        overrides: overrides.map(|sealed| grant.open(&sealed)).transpose()?,
        closings: closings.map(|sealed| grant.open(&sealed)).transpose()?,
        row,
        stands,
    })
}

/// Puts a claim back among those that wait to be taken, once that stands in the log; its clock runs, and what was asked about it is
/// asked no longer. Who may not handle it any more gives it back all the same, and opens nothing: that they were refused stands in
/// the log, and what was asked ends with the next step of a colleague.
pub async fn return_pended(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking { writes: ClaimQuestions::CATEGORIES, ..asking(actor, place.portfolio, request) };
    let asked = app.gate.ask::<QuestionsOnDesk>(&asking, place.target()).await;
    let rows = own_rows(app, actor, place).await;
    let (row, questions) = match (asked, rows) {
        (Ok(grant), rows) => (rows?.0, end_questions(app, actor, place, &grant).await?),
        (Err(GateError::Refused(_)), Ok((row, _))) => (row, Vec::new()),
        // Who does not have it is told what they were always told.
        (Err(error), _) => return Err(error.into()),
    };
    let (owner, at) = (actor.id(), app.gate.now());
    let row = given_back(row, at);
    let write = move |unit: &mut Unit<'_>| {
        store::pended::set(unit, &row)?;
        store::sealed::put_many(unit, &questions)?;
        work_item::end(unit, row.subject, row.claim.into(), owner, at)
    };
    app.store().write(write).await.map_err(changed)
}

/// A claim that is before nobody any more.
pub(crate) fn given_back(row: PendedRow, now: Timestamp) -> PendedRow {
    PendedRow { owner: None, waiting: None, due: due(&row, now), ..row }
}

/// When a claim is due once nobody waits for whoever claims any longer: later by as long as it waited.
fn due(row: &PendedRow, now: Timestamp) -> Timestamp {
    let waited = |since: Timestamp| now.micros().saturating_sub(since.micros()).max(0);
    Timestamp::from_micros(row.due.micros().saturating_add(row.waiting.map_or(0, waited)))
}
