//! Cases of the screen: giving one to somebody of the legal staff, who reads it and says what was found, with a reason. Nobody
//! chooses whose case they get, and nobody but they sees it; the person whose claim it is sees that somebody looked, as of any
//! use, or later where a law defers that (the case is then read under a legal matter).

use domain::{
    ActorId, CaseReason, ClaimId, Determination, Field, GoverningLaw, LineDetermination, MatterId, Money,
    Personal, PortfolioId, Purpose, RequestId, ScreenCase, ScreenDecision, ScreenFlag, ScreenOutcome,
    ScreenState, SubjectId, SubjectKind, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, GateError, Grant, Reader, Sealed, Target, Writer};
use notice::Decision;
use store::screen::ScreenRow;
use store::{StoreError, Unit};

use crate::views::{CaseToReview, ClaimToReview, CodesToReview, DeterminationToPay};
use crate::work_item::ShortTask;
use crate::{App, ServiceError, authority, work_item};

/// The views of one ask.
type ToReview = (CaseToReview, CodesToReview, ClaimToReview, DeterminationToPay);

/// Cases that are looked at together for whoever takes one.
const PAGE: usize = 100;

/// The most cases that are listed.
const LISTED: usize = 1_000;

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
    let taker = actor.id();
    let mut after: Option<ScreenRow> = None;
    loop {
        let free = move |unit: &mut Unit<'_>| {
            store::screen::free(unit, (portfolio, from), taker, after.as_ref(), PAGE)
        };
        let page = app.store().read(free).await.map_err(|error: StoreError| error)?;
        let Some(last) = page.last() else { return Ok(None) };
        after = Some(*last);
        let people: Vec<SubjectId> = page.iter().map(|row| row.subject).collect();
        // Their own and their relatives', and those of other sponsors' people, are left to colleagues.
        let others = app.gate.not_handled(actor, &people).await?;
        for row in page.into_iter().filter(|row| !others.contains(&row.subject)) {
            if take_row(app, actor, row).await? {
                let (subject, claim) = (row.subject, row.claim);
                return Ok(Some(ScreenPlace { portfolio, subject, claim, under: None }));
            }
        }
    }
}

/// Gives a case to the actor; answers whether it did, and nobody else took it at the same time.
async fn take_row(app: &App, actor: &Actor, row: ScreenRow) -> Result<bool, ServiceError> {
    let (assignee, now) = (actor.id(), app.gate.now());
    let state = if row.state == ScreenState::Marked { row.state } else { ScreenState::UnderReview };
    let taken = move |unit: &mut Unit<'_>| {
        store::screen::set(unit, &ScreenRow { state, assignee: Some(assignee), ..row })?;
        let item = work_item::open(row.subject, row.claim.into(), assignee, now);
        store::condition::set_many(unit, &[item])
    };
    match app.store().write(taken).await {
        Ok(()) => Ok(true),
        Err(StoreError::Changed) => Ok(false),
        Err(error) => Err(error.into()),
    }
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

/// The cases whose payment waits until the claim is decided anew, those that were screened first first: ids and states, and
/// nothing of what was found.
///
/// Errors: no clause lets the actor look at one.
pub async fn held_cases(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Vec<ScreenRow>, ServiceError> {
    may_review(app, actor, portfolio, request).await?;
    let held = move |unit: &mut Unit<'_>| store::screen::in_state(unit, portfolio, ScreenState::Held, LISTED);
    let rows = app.store().read(held).await.map_err(|error: StoreError| error)?;
    let people: Vec<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let others = app.gate.not_handled(actor, &people).await?;
    Ok(rows.into_iter().filter(|row| !others.contains(&row.subject)).collect())
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
    let (row, assignee, at) = (given_back(row), actor.id(), app.gate.now());
    Ok(app.store().write(move |unit| close(unit, row, assignee, at)).await?)
}

/// A case that is before nobody any more.
pub(crate) fn given_back(row: ScreenRow) -> ScreenRow {
    let state = if row.state == ScreenState::Marked { row.state } else { ScreenState::Waiting };
    ScreenRow { state, assignee: None, ..row }
}

/// Puts a case whose payment was to wait back among those that wait for somebody, once the claim was decided anew. Nobody
/// chooses who gets it, and who decided it last does not. It is nobody's task: whoever does it makes it theirs for that long, and it
/// stands in the person's list; or, where a legal matter is named, it is done as the task of that, and shown when that is.
///
/// Errors: no clause lets the actor; it is not theirs to handle; there is no such case, or its claim stands as it did.
pub async fn reopen_case(
    app: &App,
    actor: &Actor,
    place: ScreenPlace,
    request: RequestId,
) -> Result<(), ServiceError> {
    may_review(app, actor, place.portfolio, request).await?;
    let asking = reviewing(actor, place.portfolio, request);
    app.gate.may_handle(&asking, place.subject).await?;
    // What cannot be done is told before anything is asked, and once more when it is written.
    app.store().read(move |unit| decided_anew(unit, place)).await?;
    match place.under {
        Some(_) => app.gate.ask::<CaseToReview>(&asking, place.target()).await.map(drop)?,
        None => {
            let item = app.gate.imported_id("work-item", "case-reopened", &place.claim.to_string());
            let task = ShortTask::open(app, place.subject, WorkItemId::from_bytes(item), actor).await?;
            let target = Target::for_item(place.subject, task.item());
            let asked = app.gate.ask::<CaseToReview>(&asking, target).await;
            task.end(app).await;
            asked?;
        }
    }
    let write = move |unit: &mut Unit<'_>| -> Result<(), ServiceError> {
        let row = decided_anew(unit, place)?;
        let state = ScreenState::Waiting;
        Ok(store::screen::set(unit, &ScreenRow { state, assignee: None, ..row })?)
    };
    app.store().write(write).await
}

/// The row of a case whose payment waits, and whose claim was decided anew since.
fn decided_anew(unit: &mut Unit<'_>, place: ScreenPlace) -> Result<ScreenRow, ServiceError> {
    let row = store::screen::get(unit, place.subject, place.claim)?;
    let is_held = |row: &ScreenRow| row.portfolio == place.portfolio && row.state == ScreenState::Held;
    let row = row.filter(is_held).ok_or(NOT_DECIDED_ANEW)?;
    match determination(unit, place.subject, place.claim)? > row.determination {
        true => Ok(row),
        false => Err(NOT_DECIDED_ANEW),
    }
}

const NOT_DECIDED_ANEW: ServiceError =
    ServiceError::NotFound("case whose payment waits and whose claim was decided anew since");

/// The version of what was decided on a claim; 0 when nothing was.
pub(crate) fn determination(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    claim: ClaimId,
) -> Result<i64, StoreError> {
    store::sealed::version(unit, subject, Determination::KIND, claim.into())
}

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseDecided {
    /// Where it stands.
    pub state: ScreenState,
    /// Whether the claim was paid, or is being paid, so that holding its payment comes too late.
    pub is_paid: bool,
}

/// Writes down what was found in a case that is before the actor. Cleared, the payment goes on; else it waits until the claim
/// is decided anew, by a person; where it was paid before, that is said.
///
/// Errors: it is not before them; it is cleared, and its payment more than the actor may release alone.
pub async fn decide_case(
    app: &App,
    actor: &Actor,
    place: ScreenPlace,
    new: &NewDecision,
    request: RequestId,
) -> Result<CaseDecided, ServiceError> {
    let asking = reviewing(actor, place.portfolio, request);
    let grant = app.gate.ask::<ToReview>(&asking, place.target()).await?;
    let row = own_row(app, actor, place).await?;
    let amounts = let_go(app, &grant, &row, new.outcome).await?;
    if !authority::may_release(app, actor, &amounts).await? {
        return Err(ABOVE);
    }
    let (decided, by, reason) = (app.today()?, actor.id(), new.reason.clone());
    let decision = ScreenDecision { decided, by, outcome: new.outcome, reason };
    let sealed = fetch(app, place).await?;
    let computed = grant.compute(place.subject, &[], &decision, &sealed, write_down)?;
    let row = ScreenRow { state: new.outcome.state(), decider: Some(by), ..row };
    let (at, rows) = (app.gate.now(), computed.rows);
    let write = move |unit: &mut Unit<'_>| {
        let determination = determination(unit, row.subject, row.claim)?;
        close(unit, ScreenRow { determination, ..row }, by, at)?;
        store::sealed::put_many(unit, &rows)?;
        let claim = store::claim::get(unit, row.subject, row.claim)?;
        let is_paid = claim.is_some_and(|claim| claim.state.is_paid());
        Ok::<_, StoreError>(CaseDecided { state: row.state, is_paid })
    };
    Ok(app.store().write(write).await?)
}

const ABOVE: ServiceError = ServiceError::Screen(
    "its payment is more than you may release alone: give the case back, and a colleague whose limit suffices takes it",
);

/// What is paid once a case is decided so, and waited for that: what the plan pays for each line. Nothing where nothing waited, or
/// it goes on waiting.
async fn let_go(
    app: &App,
    grant: &Grant<ToReview>,
    row: &ScreenRow,
    outcome: ScreenOutcome,
) -> Result<Vec<Money>, ServiceError> {
    if !row.state.holds_payment() || outcome.state().holds_payment() {
        return Ok(Vec::new());
    }
    let sealed = app.gate.fetch::<DeterminationToPay>(row.subject, row.claim).await?;
    let Some(sealed) = sealed else { return Ok(Vec::new()) };
    let decided: DeterminationToPay = grant.open(&sealed)?;
    let amount = |line: &LineDetermination| Money::new(line.plan, decided.currency);
    let amounts: Result<Vec<Money>, _> = decided.lines.iter().map(amount).collect();
    Ok(amounts.map_err(|_| GateError::Compute("an amount is not one of its currency"))?)
}

/// Writes where a case stands from now on, and that it is before nobody.
fn close(unit: &mut Unit<'_>, row: ScreenRow, assignee: ActorId, at: Timestamp) -> Result<(), StoreError> {
    store::screen::set(unit, &row)?;
    work_item::end(unit, row.subject, row.claim.into(), assignee, at)
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
