//! Appeals: somebody who does not agree with what was decided on a claim says why, to staff who write it down; somebody else than
//! who decided takes it, looks at all of it, and decides. Its clock stands still while it waits for the person. For what reason a line
//! was refused that is overturned is lifted with the decision; what it then comes to is decided anew: nothing is paid here.
//!
//! An appeal stands beside the claim, whose own state says where its payment stands.

mod handle;
mod overturn;

use domain::{
    APPEAL_LEVELS, ActorId, Appeal, AppealState, CaseReason, ClaimId, ClaimState, Condition, GoverningLaw,
    Personal, PortfolioId, Purpose, RecordId, RequestId, SubjectId, SubjectKind, WorkItemId, appeal_days,
};
use gate::{Actor, Asking, Target, assignment};
use notice::Decision;
use store::appeal::AppealRow;
use store::subject::SubjectRow;
use store::{ConditionTest, StoreError, Unit, appeal};

use crate::views::{
    AppealToHandle, ClaimUnderAppeal, ClosingsOfClaim, ConfirmationUnderAppeal, DeterminationUnderAppeal,
    OverridesOfClaim,
};
use crate::{App, ServiceError, taking_in};

pub(crate) use handle::given_back;
pub use handle::{
    AppealFile, NewAppealDecision, ask_member, decide_appeal, decided_anew, member_answered, read_appeal,
    return_appeal, take_appeal, withdraw_appeal,
};

const DAY_SECONDS: i64 = 86_400;

/// The views of one ask.
type ToHandle = (
    AppealToHandle,
    ClaimUnderAppeal,
    DeterminationUnderAppeal,
    ConfirmationUnderAppeal,
    OverridesOfClaim,
    ClosingsOfClaim,
);

/// What somebody appeals against, as staff write it down.
pub struct NewAppeal {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose claim.
    pub subject: SubjectId,
    /// Who represents the person, where they do not appeal themself.
    pub representative: Option<ActorId>,
    /// The claim.
    pub claim: ClaimId,
    /// The lines that are appealed against; empty for all.
    pub lines: Vec<u32>,
    /// On which grounds.
    pub grounds: CaseReason,
    /// Within how many days it is answered, if sooner than the law that governs the cover says.
    pub days: Option<u16>,
}

/// Which appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppealPlace {
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Whose.
    pub subject: SubjectId,
    /// The appeal: its work item.
    pub appeal: WorkItemId,
}

fn asking(actor: &Actor, portfolio: PortfolioId, request: RequestId) -> Asking<'_> {
    Asking::new(actor, portfolio, Purpose::Appeal, request)
}

/// Takes in an appeal against what was decided on a claim, or against that it was closed.
///
/// Errors: no clause lets the actor; nothing was decided on such a claim; whoever appeals for the person does not represent
/// them; one against the claim is open; it was appealed against at every level.
pub async fn receive_appeal(
    app: &App,
    actor: &Actor,
    new: &NewAppeal,
    request: RequestId,
) -> Result<AppealRow, ServiceError> {
    let (portfolio, subject, claim) = (new.portfolio, new.subject, new.claim);
    let asking = asking(actor, portfolio, request);
    taking_in::may_take_in(app, &asking, subject, Appeal::CATEGORIES).await?;
    let about = taking_in::about(app, &asking, subject, Appeal::CATEGORIES).await?;
    let is_there = about.is_some();
    let (id, now) = (WorkItemId::from_bytes(app.gate.random_id()), app.gate.now());
    let representative = new.representative;
    let read = move |unit: &mut Unit<'_>| -> Result<_, ServiceError> {
        // Looked up of nobody as well, with the same answer as of a claim that there is not.
        let level = next_level(unit, subject, claim);
        let level = if is_there { level? } else { return Err(NOTHING_DECIDED) };
        if let Some(representative) = representative {
            let represents = ConditionTest::of(Condition::RelationRepresentative, *representative.bytes());
            if !store::condition::is_live(unit, subject, represents, now)? {
                return Err(ServiceError::NotTheirs);
            }
        }
        Ok((level, store::many::keys(unit, &[subject])?))
    };
    let read = app.store().read(read).await;
    let (level, keys) = taking_in::on_record(app, &asking, read).await?;
    let (row, collection) = about.ok_or(NOTHING_DECIDED)?;
    let record = RecordId::from_bytes(*id.bytes());
    let (lines, grounds) = (new.lines.clone(), new.grounds.clone());
    let appeal = Appeal { claim, lines, received: app.today()?, grounds, decision: None };
    let sealed = collection.seal(subject, record, 1, &appeal, &keys)?;
    let days = days(&row, new.days);
    let row = AppealRow {
        subject,
        appeal: id,
        portfolio,
        claim,
        state: AppealState::Received,
        level: i64::from(level),
        received: now,
        due: now.plus_seconds(i64::from(days) * DAY_SECONDS),
        waiting: None,
        assignee: None,
        determination: 0,
        version: 1,
    };
    let write = move |unit: &mut Unit<'_>| -> Result<(), ServiceError> {
        // Two at once: the second finds the first one open.
        if next_level(unit, subject, claim)? != level {
            return Err(StoreError::Changed.into());
        }
        // Which determination it is against: what was decided after it is decided anew.
        let determination = crate::screen::determination(unit, subject, claim)?;
        appeal::insert(unit, &AppealRow { determination, ..row })?;
        Ok(store::sealed::insert_many(unit, &sealed)?)
    };
    app.store().write(write).await?;
    Ok(row)
}

const NOTHING_DECIDED: ServiceError = ServiceError::Appeal("nothing was decided on a claim of this id");

/// Which appeal against a claim the next one is; an error when it cannot be.
fn next_level(unit: &mut Unit<'_>, subject: SubjectId, claim: ClaimId) -> Result<u8, ServiceError> {
    let row = store::claim::get(unit, subject, claim)?.ok_or(NOTHING_DECIDED)?;
    if matches!(row.state, ClaimState::Received | ClaimState::Pended) {
        return Err(NOTHING_DECIDED);
    }
    let earlier = appeal::of_subject(unit, subject)?;
    let of_claim = || earlier.iter().filter(|row| row.claim == claim);
    if of_claim().any(|row| row.state.is_open() || row.state == AppealState::ToDecideAnew) {
        return Err(ServiceError::Appeal("one against this claim is open: it is decided first"));
    }
    let levels = of_claim().filter(|row| row.state != AppealState::Withdrawn).count();
    match u8::try_from(levels) {
        Ok(level) if level < APPEAL_LEVELS => Ok(level + 1),
        _ => Err(ServiceError::Appeal("it was appealed against at every level")),
    }
}

/// Within how many days it is answered.
fn days(row: &SubjectRow, given: Option<u16>) -> u16 {
    let of_law = appeal_days(row.law);
    given.filter(|days| *days > 0).map_or(of_law, |days| days.min(of_law))
}

/// Whether somebody decided something about a claim before, or may have: whoever handled an earlier appeal, ever had the claim
/// itself while it was pended, its case in the screen or one of the person's guarantees as a task, or released what was proposed for the person. A program decided the
/// rest.
fn is_decider(
    unit: &mut Unit<'_>,
    (subject, claim): (SubjectId, ClaimId),
    actor: ActorId,
) -> Result<bool, StoreError> {
    let mut earlier = appeal::of_subject(unit, subject)?.into_iter().filter(|row| row.claim == claim);
    if earlier.any(|row| row.assignee == Some(actor))
        || store::readjudication::releasers(unit, subject)?.contains(&actor)
    {
        return Ok(true);
    }
    let guarantees = store::guarantee::of_subject(unit, subject)?;
    let mut tasks = vec![assignment(claim.into(), actor)];
    tasks.extend(guarantees.iter().map(|row| assignment(row.guarantee.into(), actor)));
    // A task that ended stays among the conditions.
    let conditions = store::condition::of_subject(unit, subject)?;
    Ok(conditions.iter().any(|row| row.condition == Condition::WorkItem && tasks.contains(&row.object)))
}

/// Whether there is a clause by which the actor could handle an appeal of a member's that is before them.
async fn may_handle(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = asking(actor, portfolio, request);
    let anybody = Target::for_item(SubjectId::from_bytes([0; 16]), request);
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed = app.gate.preview::<ToHandle>(&asking, anybody, kind, law).await?;
    match weighed.decision {
        Decision::Granted(_) if !actor.recipient().is_job() => Ok(()),
        _ => Err(ServiceError::Appeal(
            "appeals are handled by people whom a clause of the notice lets see them",
        )),
    }
}

/// The appeals of a portfolio in a state, those that are due first first: ids and days, and nothing of what was said.
///
/// Errors: no clause lets the actor handle one.
pub async fn appeals(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    state: AppealState,
    request: RequestId,
) -> Result<Vec<AppealRow>, ServiceError> {
    may_handle(app, actor, portfolio, request).await?;
    let rows = app.store().read(move |unit| appeal::in_state(unit, portfolio, state)).await;
    let rows = rows.map_err(|error: StoreError| error)?;
    let people: Vec<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let others = app.gate.not_handled(actor, &people).await?;
    Ok(rows.into_iter().filter(|row| !others.contains(&row.subject)).collect())
}
