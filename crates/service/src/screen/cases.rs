//! Cases of the screen: giving one to somebody of the legal staff, who reads it and says what was found, with a reason. Nobody
//! chooses whose case they get, and nobody but they sees it; the person whose claim it is sees that somebody looked, as of any
//! use, or later where a law defers that (the case is then read under a legal matter).

use domain::{
    CaseReason, ClaimId, Field, GoverningLaw, MatterId, PortfolioId, Purpose, RequestId, ScreenCase,
    ScreenDecision, ScreenFlag, ScreenOutcome, ScreenState, SubjectId, SubjectKind, WorkItemId,
};
use gate::{Actor, Asking, GateError, Reader, Sealed, Target, Writer};
use notice::Decision;
use store::screen::ScreenRow;
use store::{StoreError, Unit};

use crate::views::{CaseToReview, ClaimToReview, CodesToReview};
use crate::{App, ServiceError, work_item};

/// The views of one ask.
type ToReview = (CaseToReview, CodesToReview, ClaimToReview);

/// Others who may take one at the same time, or who are not the actor's to handle, before a taker is told to come again.
const MAX_TRIES: usize = 128;

/// Which case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScreenPlace {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose claim.
    pub subject: SubjectId,
    /// Which claim: also the case.
    pub claim: ClaimId,
    /// The legal matter under which it is read, where showing that is deferred.
    pub under: Option<MatterId>,
}

impl ScreenPlace {
    fn target(&self) -> Target {
        let item = self.under.map_or(WorkItemId::from(self.claim), WorkItemId::from);
        Target::for_item(self.subject, item)
    }
}

/// What whoever has a case sees.
pub struct CaseFile {
    /// What was flagged, and decided before.
    pub case: CaseToReview,
    /// What was flagged by what the care was.
    pub codes: Field<Vec<ScreenFlag>>,
    /// The claim.
    pub claim: ClaimToReview,
    /// Where it stands.
    pub state: ScreenState,
}

/// What somebody decides in a case.
pub struct NewDecision {
    /// What was found.
    pub outcome: ScreenOutcome,
    /// Why.
    pub reason: CaseReason,
}

fn reviewing(actor: &Actor, portfolio: PortfolioId, request: RequestId) -> Asking<'_> {
    Asking::new(actor, portfolio, Purpose::Fraud, request)
}

/// Gives the case that has waited longest to this actor; of those that are only marked, when it asks for these. `None` when
/// there is none.
///
/// Errors: the notice has no clause by which the actor could look at one.
pub async fn take_case(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    marked: bool,
    request: RequestId,
) -> Result<Option<ScreenPlace>, ServiceError> {
    may_review(app, actor, portfolio, request).await?;
    let from = if marked { ScreenState::Marked } else { ScreenState::Waiting };
    // Their own and their relatives', and those of other sponsors' people, are left to colleagues.
    let mut others = app.gate.not_handled(actor, &[]).await?;
    let (assignee, now) = (actor.id(), app.gate.now());
    for _ in 0..MAX_TRIES {
        let except = others.clone();
        let free = move |unit: &mut Unit<'_>| store::screen::first_free(unit, portfolio, from, &except);
        let Some(row) = app.store().read(free).await.map_err(|error: StoreError| error)? else {
            return Ok(None);
        };
        let not_theirs = app.gate.not_handled(actor, &[row.subject]).await?;
        if not_theirs.contains(&row.subject) {
            others.push(row.subject);
            continue;
        }
        let state = if marked { ScreenState::Marked } else { ScreenState::UnderReview };
        let taken = move |unit: &mut Unit<'_>| {
            store::screen::set(unit, &ScreenRow { state, assignee: Some(assignee), ..row })?;
            let item = work_item::open(row.subject, row.claim.into(), assignee, now);
            store::condition::set_many(unit, &[item])
        };
        match app.store().write(taken).await {
            // Somebody else took it at the same time.
            Err(StoreError::Changed) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                let (subject, claim) = (row.subject, row.claim);
                return Ok(Some(ScreenPlace { portfolio, subject, claim, under: None }));
            }
        }
    }
    Err(StoreError::Busy.into())
}

/// Whether there is a clause by which the actor could look at a case of a member's that is before them.
async fn may_review(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = reviewing(actor, portfolio, request);
    let anybody = Target::for_item(SubjectId::from_bytes([0; 16]), request);
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed = app.gate.preview::<ToReview>(&asking, anybody, kind, law).await?;
    match weighed.decision {
        Decision::Granted(_) if !actor.recipient().is_job() => Ok(()),
        _ => Err(ServiceError::NotAReviewer),
    }
}

/// The cases that are before this actor, the oldest first: ids and states, and nothing of what was flagged.
pub async fn own_cases(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Vec<ScreenRow>, ServiceError> {
    may_review(app, actor, portfolio, request).await?;
    let assignee = actor.id();
    let rows = app.store().read(move |unit| store::screen::before(unit, portfolio, assignee)).await;
    Ok(rows.map_err(|error: StoreError| error)?)
}

/// Reads a case that is before the actor.
pub async fn read_case(
    app: &App,
    actor: &Actor,
    place: ScreenPlace,
    request: RequestId,
) -> Result<CaseFile, ServiceError> {
    let asking = reviewing(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToReview>(&asking, place.target()).await?;
    let row = own_row(app, actor, place).await?;
    let gate = &app.gate;
    let claim = gate.fetch::<ClaimToReview>(place.subject, place.claim).await?.ok_or(NOT_THERE)?;
    let codes = match gate.fetch::<CodesToReview>(place.subject, place.claim).await? {
        Some(sealed) => grant.open::<CodesToReview, _>(&sealed)?.flags,
        None => Field::Shown(Vec::new()),
    };
    Ok(CaseFile {
        case: grant.open(&fetch(app, place).await?)?,
        codes,
        claim: grant.open(&claim)?,
        state: row.state,
    })
}

const NOT_THERE: ServiceError = ServiceError::NotFound("case that is before you");

/// The row of a case that is before the actor and not decided.
async fn own_row(app: &App, actor: &Actor, place: ScreenPlace) -> Result<ScreenRow, ServiceError> {
    let row = app.store().read(move |unit| store::screen::get(unit, place.subject, place.claim)).await;
    let is_own = |row: &ScreenRow| row.portfolio == place.portfolio && row.assignee == Some(actor.id());
    let is_open = |row: &ScreenRow| matches!(row.state, ScreenState::Marked | ScreenState::UnderReview);
    row.map_err(|error: StoreError| error)?.filter(is_own).filter(is_open).ok_or(NOT_THERE)
}

async fn fetch(app: &App, place: ScreenPlace) -> Result<Sealed<ScreenCase>, ServiceError> {
    app.gate.fetch::<CaseToReview>(place.subject, place.claim).await?.ok_or(NOT_THERE)
}

/// Puts a case back among those that wait, or are marked.
pub async fn return_case(
    app: &App,
    actor: &Actor,
    place: ScreenPlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    may_review(app, actor, place.portfolio, request).await?;
    let row = own_row(app, actor, place).await?;
    close(app, actor, place, given_back(row), Vec::new()).await
}

/// A case that is before nobody any more.
pub(crate) fn given_back(row: ScreenRow) -> ScreenRow {
    let state = if row.state == ScreenState::Marked { row.state } else { ScreenState::Waiting };
    ScreenRow { state, assignee: None, ..row }
}

/// Opens a case again whose payment was to wait: the claim was decided anew, or something new is known. It is then before the
/// actor, whose next decision supersedes the one before.
///
/// Errors: no clause lets the actor; it is not theirs to handle; there is no such case.
pub async fn reopen_case(
    app: &App,
    actor: &Actor,
    place: ScreenPlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    may_review(app, actor, place.portfolio, request).await?;
    app.gate.may_handle(actor, place.subject, Purpose::Fraud).await?;
    let row = app.store().read(move |unit| store::screen::get(unit, place.subject, place.claim)).await;
    let is_held = |row: &ScreenRow| row.portfolio == place.portfolio && row.state == ScreenState::Held;
    let row = row.map_err(|error: StoreError| error)?.filter(is_held).ok_or(NOT_THERE)?;
    let (assignee, now) = (actor.id(), app.gate.now());
    let write = move |unit: &mut Unit<'_>| {
        let state = ScreenState::UnderReview;
        store::screen::set(unit, &ScreenRow { state, assignee: Some(assignee), ..row })?;
        let item = work_item::open(row.subject, row.claim.into(), assignee, now);
        store::condition::set_many(unit, &[item])
    };
    Ok(app.store().write(write).await?)
}

/// Writes down what was found in a case that is before the actor. Cleared, the payment goes on; else it waits until the claim
/// is decided anew, by a person.
pub async fn decide_case(
    app: &App,
    actor: &Actor,
    place: ScreenPlace,
    new: &NewDecision,
    request: RequestId,
) -> Result<ScreenState, ServiceError> {
    let asking = reviewing(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToReview>(&asking, place.target()).await?;
    let row = own_row(app, actor, place).await?;
    let (decided, by, reason) = (app.today()?, actor.id(), new.reason.clone());
    let decision = ScreenDecision { decided, by, outcome: new.outcome, reason };
    let sealed = fetch(app, place).await?;
    let computed = grant.compute(place.subject, &[], &decision, &sealed, write_down)?;
    let state = new.outcome.state();
    close(app, actor, place, ScreenRow { state, ..row }, computed.rows).await?;
    Ok(state)
}

/// Writes where a case stands from now on, and that it is before nobody.
async fn close(
    app: &App,
    actor: &Actor,
    place: ScreenPlace,
    row: ScreenRow,
    sealed: Vec<store::sealed::SealedRow>,
) -> Result<(), ServiceError> {
    let (assignee, at) = (actor.id(), app.gate.now());
    let write = move |unit: &mut Unit<'_>| {
        store::screen::set(unit, &row)?;
        store::sealed::put_many(unit, &sealed)?;
        work_item::end(unit, place.subject, place.claim.into(), assignee, at)
    };
    Ok(app.store().write(write).await?)
}

/// The record with the decision added. It captures nothing.
fn write_down(
    decision: &ScreenDecision,
    sealed: &Sealed<ScreenCase>,
    reader: &Reader<'_, ToReview>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    let opened: CaseToReview = reader.open(sealed)?;
    let mut decisions = opened.decisions;
    decisions.push(decision.clone());
    writer.replace(sealed, &ScreenCase { screened: opened.screened, flags: opened.flags, decisions })
}
