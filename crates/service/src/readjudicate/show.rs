//! What would change before anything does: the proposals of a run added up, by the step that explains each difference and by
//! currency. Who looks is on the record with each person; nothing is released.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Currency, PortfolioId, ProposalState, Purpose, RecordId, RequestId, Step, SubjectId, WorkItemId,
};
use gate::{Actor, Asking, Target};
use store::readjudication::{ProposalRow, RunRow};
use store::{StoreError, Unit};

use super::release::must_be_staff;
use super::{NOBODY, PART, Tasks, together};
use crate::views::ProposalToShow;
use crate::{App, ServiceError};

/// The runs of a portfolio, the latest first: how far each came, and nothing of what it found.
pub async fn readjudications(app: &App, portfolio: PortfolioId) -> Result<Vec<RunRow>, ServiceError> {
    let read = app.store().read(move |unit| store::readjudication::runs(unit, portfolio)).await;
    Ok(read.map_err(|error: StoreError| error)?)
}

/// Lines that one step explains, in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// How many lines.
    pub lines: u64,
    /// What the plan pays for them as they were decided, in minor units.
    pub before: i128,
    /// What it would pay.
    pub after: i128,
}

/// What a run proposes in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposed {
    /// People for whom something would change.
    pub people: u64,
    /// Claims that would be decided otherwise.
    pub claims: u64,
    /// Those of them for which the plan would pay less.
    pub lowered: u64,
    /// Those of them that would be refused in part or in whole, and were not.
    pub denied: u64,
    /// By the step that explains it, and the currency.
    pub changes: BTreeMap<(Step, Currency), Change>,
    /// What the plan would pay more for the claims for which it would, in minor units: what it would pay less for others is not taken
    /// off. It is what a release lets go, within what somebody may release alone.
    pub more: BTreeMap<Currency, i128>,
    /// People whom the actor may not look at: they are left out.
    pub refused: u64,
    /// The people for whom something would change, by their ids.
    pub subjects: Vec<SubjectId>,
}

/// Adds up what a run proposes that nobody has released.
///
/// Errors: the actor is nobody whom a clause lets see claims in the service of a task; there is no such run.
pub async fn proposed(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    run: WorkItemId,
    request: RequestId,
) -> Result<Proposed, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::ClaimsProcessing, request);
    let run = must_be_staff::<ProposalToShow>(app, &asking, run).await?;
    add_up(app, actor, (&run, &BTreeSet::new()), request).await
}

/// Adds up what a run proposes that nobody has released: for who is named with theirs, or for everybody when none is.
pub(super) async fn add_up(
    app: &App,
    actor: &Actor,
    (run, only): (&RunRow, &BTreeSet<SubjectId>),
    request: RequestId,
) -> Result<Proposed, ServiceError> {
    let (mut told, mut after) = (Proposed::default(), NOBODY);
    loop {
        let rows = waiting(app, run, only, after).await?;
        let Some(last) = rows.last() else { return Ok(told) };
        after = last.subject;
        let mut people: Vec<SubjectId> = rows.iter().map(|row| row.subject).collect();
        if !only.is_empty() {
            let (waiting, _) = together::waiting_of(app, run, &people, only).await?;
            people = waiting.iter().flat_map(|one| &one.rows).map(|row| row.subject).collect();
        }
        for people in people.chunks(PART) {
            let tasks = Tasks::open(app, people, run.run, actor.id()).await?;
            let added = add_all(app, actor, run.portfolio, run.run, people, request, &mut told).await;
            let at = app.gate.now();
            app.store().write(move |unit| tasks.end(unit, at)).await.map_err(|error: StoreError| error)?;
            added?;
        }
    }
}

/// The next proposals of a run that wait, of people after one; where some are named, of these.
///
/// Errors: none waits for one who is named, when the first are asked for.
pub(super) async fn waiting(
    app: &App,
    run: &RunRow,
    only: &BTreeSet<SubjectId>,
    after: SubjectId,
) -> Result<Vec<ProposalRow>, ServiceError> {
    let (id, waits) = (run.run, ProposalState::Proposed);
    if only.is_empty() {
        let page = move |unit: &mut Unit<'_>| store::readjudication::proposals(unit, id, waits, after, PART);
        return Ok(app.store().read(page).await.map_err(|error: StoreError| error)?);
    }
    let named = only.clone();
    let read = move |unit: &mut Unit<'_>| store::readjudication::proposals_among(unit, id, &named);
    let mut rows = app.store().read(read).await.map_err(|error: StoreError| error)?;
    rows.retain(|row| row.state == waits && after < row.subject);
    // Which one is not told: that would tell of the others that something waits for them, before anybody's record says so.
    if after == NOBODY && rows.len() < only.len() {
        return Err(ServiceError::NotFound("proposal that waits, of this run for this person"));
    }
    rows.truncate(PART);
    Ok(rows)
}

async fn add_all(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    run: WorkItemId,
    people: &[SubjectId],
    request: RequestId,
    told: &mut Proposed,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::ClaimsProcessing, request);
    let targets = people.iter().map(|subject| Target::for_item(*subject, run)).collect();
    let asked = app.gate.run::<ProposalToShow>(asking, targets, PART).await?.next().await?;
    if let Some(asked) = asked {
        told.refused += asked.refused.len() as u64;
        let record = RecordId::from_bytes(*run.bytes());
        let pairs: Vec<_> = asked.grant.subjects().map(|subject| (subject, record)).collect();
        for sealed in app.gate.fetch_records::<ProposalToShow>(&pairs).await? {
            add(told, &asked.grant.open(&sealed)?);
            told.subjects.push(sealed.subject());
        }
    }
    Ok(())
}

fn add(told: &mut Proposed, proposal: &ProposalToShow) {
    told.people += 1;
    for claim in &proposal.claims {
        told.claims += 1;
        told.denied += u64::from(claim.newly_refuses());
        // In another currency nothing of what it comes to now was let go before.
        let is_same = claim.before.currency == claim.after.currency;
        let before = if is_same { i128::from(claim.before.plan()) } else { 0 };
        let more = i128::from(claim.after.plan()) - before;
        told.lowered += u64::from(more < 0);
        if more > 0 {
            *told.more.entry(claim.after.currency).or_default() += more;
        }
        for explained in &claim.explained {
            let sides = [(&claim.before, true), (&claim.after, false)];
            for (amounts, is_before) in sides {
                let change = told.changes.entry((explained.step, amounts.currency)).or_default();
                let plan = i128::from(amounts.plan_of(explained.line));
                change.lines += u64::from(!is_before);
                *(if is_before { &mut change.before } else { &mut change.after }) += plan;
            }
        }
    }
}
