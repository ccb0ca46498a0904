//! Deciding the claims of some days again: a run takes a portfolio's people in parts, decides their claims once more with the
//! plans, cover and facts of today, and writes a sealed proposal where something would change. It changes nothing else:
//! a person looks at what would change, and releases it. The run stands where its last part ended, and goes on from there.
//! People who count together under one contract are decided together, and what is proposed for them is released together.
//!
//! Claims that wait for a person are not decided, and are left alone.

mod carry_out;
mod compared;
mod compute;
mod fetched;
mod propose;
mod release;
mod report;
mod show;
mod together;

use std::collections::BTreeSet;

use domain::{
    ActorId, Category, CategorySet, Date, PortfolioId, ProposalState, Purpose, Recipient, SubjectId,
    Timestamp, WorkItemId,
};
use gate::{Actor, Asking, Computed, GateError, Part, Target, job_actor_id};
use store::condition::ConditionRow;
use store::readjudication::{PlanChange, ProposalRow, RunRow};
use store::sealed::SealedRow;
use store::{StoreError, Unit};

pub use self::release::release;
pub use self::report::{ReleaseReport, ToRelease};
pub use self::show::{Change, Proposed, proposed, readjudications};

use self::compute::{Scope, ToDecide, Told, decide_all};
use self::fetched::{Fetched, FetchedFamily};
use self::together::{Family, Turn};
use crate::adjudicate::LEASE_SECONDS;
use crate::adjudicate::family::ask_for_sums;
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, DeterminationToReadjudicate,
    FactsToCount, FamilySumsToCount, GuaranteeToCount, OtherPayerAnswerToCount, OverridesToCount,
    PersonToAdjudicate,
};
use crate::{App, ServiceError, work_item};

/// The views of one ask.
type ToReadjudicate = (
    ClaimToAdjudicate,
    CoverToAdjudicate,
    PersonToAdjudicate,
    AccumulatorsToAdjudicate,
    DeterminationToReadjudicate,
    GuaranteeToCount,
    OtherPayerAnswerToCount,
    FactsToCount,
    OverridesToCount,
);

/// People of one part, each with all of theirs: all that a run holds in memory at once.
const PART: usize = 64;

/// Whatever the day of a claim.
const EVER: (Date, Date) = (Date::FIRST, Date::LAST);

/// What stands before the first person.
const NOBODY: SubjectId = SubjectId::from_bytes([0; 16]);

/// Decides the claims of a portfolio again whose first service lies on these days. A run over the same days that was not
/// through goes on where it stood. `progress` is told after each part how many people are done, and how many there are.
///
/// Errors: whoever starts it does not hold the root key; another process works on the run.
pub async fn readjudicate(
    app: &App,
    starter: &Actor,
    portfolio: PortfolioId,
    days: (Date, Date),
    progress: impl FnMut(u64, u64),
) -> Result<RunRow, ServiceError> {
    must_be_operator(starter)?;
    let run = begin(app, starter.id(), (portfolio, days, false)).await?;
    go_on(app, run, progress).await
}

fn must_be_operator(starter: &Actor) -> Result<(), ServiceError> {
    match starter.recipient() {
        Recipient::Operator => Ok(()),
        _ => Err(ServiceError::Readjudication("a run is started by the holder of the root key")),
    }
}

/// Decides the claims of those of a portfolio again of whom something changed since: their cover, what became known of a claim, what
/// an appeal overturned. Otherwise as [`readjudicate`]; whoever is decided so is taken off the list of these.
///
/// Errors: as [`readjudicate`].
pub async fn readjudicate_changed(
    app: &App,
    starter: &Actor,
    portfolio: PortfolioId,
    progress: impl FnMut(u64, u64),
) -> Result<RunRow, ServiceError> {
    must_be_operator(starter)?;
    let run = begin(app, starter.id(), (portfolio, EVER, true)).await?;
    go_on(app, run, progress).await
}

/// The same by the job, where something changed since it was last done; what it found is on the run.
///
/// Errors: as [`readjudicate`].
pub async fn readjudicate_by_itself(
    app: &App,
    portfolio: PortfolioId,
) -> Result<Option<RunRow>, ServiceError> {
    let is_due = move |unit: &mut Unit<'_>| {
        let runs = store::readjudication::runs(unit, portfolio)?;
        let last = runs.into_iter().find(|run| run.only_changed);
        match last {
            Some(run) if run.finished.is_none() => Ok(true),
            Some(run) => store::decide_anew::is_any_beside(unit, portfolio, (run.run, run.started)),
            None => Ok(store::decide_anew::count_after(unit, portfolio, NOBODY)? > 0),
        }
    };
    if !app.store().read(is_due).await.map_err(|error: StoreError| error)? {
        return Ok(None);
    }
    let job = job_actor_id(Recipient::AdjudicationJob);
    let run = begin(app, job, (portfolio, EVER, true)).await?;
    go_on(app, run, |_, _| {}).await.map(Some)
}

/// Takes the people of a run that are left.
async fn go_on(
    app: &App,
    mut run: RunRow,
    mut progress: impl FnMut(u64, u64),
) -> Result<RunRow, ServiceError> {
    app.rates.refresh(app.store()).await?;
    let left = move |unit: &mut Unit<'_>| {
        let left = match run.only_changed {
            true => store::decide_anew::count_after(unit, run.portfolio, run.reached)?,
            false => store::readjudication::count_claimants(unit, run.portfolio, run.reached, run.first)?,
        };
        Ok((left, store::readjudication::changes(unit, run.run)?))
    };
    let (left, changes) = app.store().read(left).await.map_err(|error: StoreError| error)?;
    let done_before = run.people;
    let all = u64::try_from(done_before + left).unwrap_or(0);
    while run.finished.is_none() {
        run = part(app, run, &changes).await.map_err(|error| match error {
            ServiceError::Store(StoreError::Changed) => {
                ServiceError::Readjudication("another process works on this run: let it go on")
            }
            other => other,
        })?;
        progress(u64::try_from(run.people).unwrap_or(0), all);
    }
    Ok(run)
}

/// The run over these days that was not through, or a new one: which plan versions it decides with is fixed then.
async fn begin(
    app: &App,
    starter: ActorId,
    (portfolio, (first, last), only_changed): (PortfolioId, (Date, Date), bool),
) -> Result<RunRow, ServiceError> {
    let new = RunRow {
        run: WorkItemId::from_bytes(app.gate.random_id()),
        portfolio,
        first,
        last,
        starter,
        started: app.gate.now(),
        reached: NOBODY,
        finished: None,
        people: 0,
        claims: 0,
        differing: 0,
        waiting: 0,
        refused: 0,
        failed: 0,
        only_changed,
        version: 1,
    };
    app.plans.refresh(app.store()).await?;
    // A newer version of a plan is for everybody under it at once: who alone is decided again stays under their own.
    let changes = if only_changed { Vec::new() } else { app.plans.superseded() };
    let begin = move |unit: &mut Unit<'_>| {
        let runs = store::readjudication::runs(unit, portfolio)?;
        let takes = (first, last, only_changed);
        let unfinished =
            |run: &&RunRow| run.finished.is_none() && (run.first, run.last, run.only_changed) == takes;
        if let Some(run) = runs.iter().find(unfinished) {
            return Ok(*run);
        }
        store::readjudication::insert_run(unit, &new)?;
        store::readjudication::insert_changes(unit, new.run, &changes)?;
        Ok::<_, StoreError>(new)
    };
    Ok(app.store().write(begin).await?)
}

/// Takes the next people of a run, and answers how far it came.
async fn part(app: &App, run: RunRow, changes: &[PlanChange]) -> Result<RunRow, ServiceError> {
    let Some(turn) = Turn::next(app, &run).await? else {
        let end = RunRow { finished: Some(app.gate.now()), ..run };
        app.store().write(move |unit| store::readjudication::advance(unit, &end)).await?;
        return Ok(end);
    };
    let job = app.gate.job(Recipient::AdjudicationJob)?;
    let mut next = RunRow { reached: turn.reached, people: run.people + count(turn.whose.len()), ..run };
    next.failed += count(turn.left.len());
    let tasks = Tasks::open(app, &with_holders(&turn.families), run.run, job.id()).await?;
    let (sealed, mut proposals) = match Asked::ask(app, &job, &run, &turn.families).await? {
        Some(asked) => decide_part(app, &asked, &turn, changes, &mut next).await?,
        None => Default::default(),
    };
    proposals.extend(turn.left.iter().map(|subject| left(*subject, run.run)));
    let at = app.gate.now();
    let done = if run.only_changed { turn.done(&proposals) } else { Vec::new() };
    // How far it came goes first: whoever was slower than another process finds it changed, and writes nothing.
    let write = move |unit: &mut Unit<'_>| {
        store::readjudication::advance(unit, &next)?;
        store::sealed::insert_many(unit, &sealed)?;
        store::readjudication::insert_proposals(unit, &proposals)?;
        store::decide_anew::done(unit, &done, run.started)?;
        tasks.end(unit, at)
    };
    app.store().write(write).await?;
    Ok(RunRow { version: next.version + 1, ..next })
}

/// The members of some families with the holders of their contracts.
fn with_holders<'a>(families: impl IntoIterator<Item = &'a Family>) -> Vec<SubjectId> {
    let of = |family: &'a Family| family.members.iter().copied().chain(family.holder);
    families.into_iter().flat_map(of).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The holders whose sums some families count on.
fn holders<'a>(families: impl IntoIterator<Item = &'a Family>, run: WorkItemId) -> Vec<Target> {
    let of = |family: &Family| Some(Target::for_item(family.holder?, run));
    families.into_iter().filter_map(of).collect()
}

/// What may be opened in a part.
struct Asked {
    members: Part<ToReadjudicate>,
    sums: Option<Part<FamilySumsToCount>>,
}

impl Asked {
    /// Asks for these families; none where there are none.
    async fn ask(
        app: &App,
        job: &Actor,
        run: &RunRow,
        families: &[Family],
    ) -> Result<Option<Self>, ServiceError> {
        let members = families.iter().flat_map(|family| &family.members);
        let targets: Vec<Target> = members.map(|subject| Target::for_item(*subject, run.run)).collect();
        if targets.is_empty() {
            return Ok(None);
        }
        let request = app.gate.request();
        let asking = Asking {
            writes: CategorySet::of(&[Category::Claims, Category::Health]),
            ..Asking::new(job, run.portfolio, Purpose::ClaimsProcessing, request)
        };
        let asked = app.gate.run::<ToReadjudicate>(asking, targets, PART).await?.next().await?;
        let members = asked.ok_or(ServiceError::NotFound("person"))?;
        let sums = ask_for_sums(app, (job, request), run.portfolio, holders(families, run.run)).await?;
        Ok(Some(Self { members, sums }))
    }
}

/// Whether the sums of a holder may be opened; of who counts alone there are none to open.
fn may_count(sums: Option<&Part<FamilySumsToCount>>, holder: Option<SubjectId>) -> bool {
    holder.is_none_or(|holder| sums.is_some_and(|part| part.grant.subjects().any(|one| one == holder)))
}

/// Somebody for whom the run proposes nothing, since not all of theirs could be worked out.
const fn left(subject: SubjectId, run: WorkItemId) -> ProposalRow {
    ProposalRow { subject, run, state: ProposalState::Left, basis: [0; 32], release: None }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The sealed proposals of a part with their rows; what became of the claims is added to the run.
async fn decide_part(
    app: &App,
    asked: &Asked,
    turn: &Turn,
    changes: &[PlanChange],
    run: &mut RunRow,
) -> Result<(Vec<SealedRow>, Vec<ProposalRow>), ServiceError> {
    let grant = &asked.members.grant;
    let granted: Vec<SubjectId> = grant.subjects().collect();
    let mut fetched = Fetched::read(app, &granted, changes, &turn.together).await?;
    fetched.read_first_decided(app, &turn.together).await?;
    let (mut sealed, mut rows, mut to_decide) = (Vec::new(), Vec::new(), Vec::with_capacity(granted.len()));
    for (target, _) in &asked.members.refused {
        run.refused += 1;
        rows.push(left(target.subject, run.run));
    }
    for family in &turn.families {
        let of_family = fetched.take(family, &turn.together);
        let is_there = |member: &SubjectId| of_family.people.iter().any(|one| one.subject == *member);
        for missing in family.members.iter().filter(|member| !is_there(member) && granted.contains(member)) {
            run.failed += 1;
            rows.push(left(*missing, run.run));
        }
        let whole = of_family.people.len() == family.members.len();
        if whole && may_count(asked.sums.as_ref(), family.holder) {
            to_decide.push(to_decide_again(app, run, of_family)?);
            continue;
        }
        // Without one of them nothing is proposed for any: how many of the claims wait is told of each.
        for one in of_family.people {
            let alone = FetchedFamily::waiting(one);
            to_decide.push(to_decide_again(app, run, alone)?);
        }
    }
    let of_holders = asked.sums.as_ref().map(|part| &part.grant);
    for (one, computed) in to_decide.iter().zip(decide_all((grant, of_holders), &to_decide)?) {
        match computed {
            Ok(computed) => {
                rows.extend(tell(one, &computed, run));
                sealed.extend(computed.rows);
            }
            Err(GateError::Expired) => return Err(GateError::Expired.into()),
            // What cannot be worked out for one family holds up nobody else.
            Err(error) => {
                for subject in one.members() {
                    tracing::warn!(%subject, %error, "claims stand: they could not be decided again");
                    run.failed += 1;
                    rows.push(left(subject, run.run));
                }
            }
        }
    }
    Ok((sealed, rows))
}

fn to_decide_again(app: &App, run: &RunRow, family: FetchedFamily) -> Result<ToDecide, ServiceError> {
    let (adjudication, waits) = (family.context(app)?, family.people.iter().any(|one| one.waits));
    let scope = Scope { adjudication, run: run.run, first: run.first, last: run.last, waits };
    Ok(ToDecide { scope, basis: family.basis(), family: family.into() })
}

/// Adds what became of a family's claims to the run. Answers the rows: of all where they wait, also of who has no claim of these
/// days; else of each for whom something would change, and of who is decided with others.
fn tell(one: &ToDecide, computed: &Computed<Told>, run: &mut RunRow) -> Vec<ProposalRow> {
    let (stand, (differ, wait)) = &computed.plain;
    run.claims += count(stand.len() + differ.len() + wait.len());
    run.differing += count(differ.len());
    run.waiting += count(wait.len());
    if one.scope.waits || !wait.is_empty() {
        return one.members().map(|subject| left(subject, run.run)).collect();
    }
    let differs = |subject: &SubjectId| computed.rows.iter().any(|row| row.subject == *subject);
    let is_alone = one.members().nth(1).is_none();
    let row = |subject| {
        let differs = differs(&subject);
        let state = if differs { ProposalState::Proposed } else { ProposalState::Unchanged };
        let row = ProposalRow { subject, run: run.run, state, basis: one.basis, release: None };
        (differs || !is_alone).then_some(row)
    };
    one.members().filter_map(row).collect()
}

/// The work items of a part, for whoever works on it.
struct Tasks {
    people: Vec<SubjectId>,
    run: WorkItemId,
    assignee: ActorId,
}

impl Tasks {
    async fn open(
        app: &App,
        people: &[SubjectId],
        run: WorkItemId,
        assignee: ActorId,
    ) -> Result<Self, ServiceError> {
        let since = app.gate.now();
        // Whoever opens them ends them; until then, for as long as a lease, in case they cannot.
        let until = Some(since.plus_seconds(LEASE_SECONDS));
        let open = |subject| ConditionRow { until, ..work_item::open(subject, run, assignee, since) };
        let rows: Vec<ConditionRow> = people.iter().copied().map(open).collect();
        let write = app.store().write(move |unit| store::condition::set_many(unit, &rows)).await;
        write.map_err(|error: StoreError| error)?;
        Ok(Self { people: people.to_vec(), run, assignee })
    }

    fn end(&self, unit: &mut Unit<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.people.iter().try_for_each(|subject| work_item::end(unit, *subject, self.run, self.assignee, at))
    }
}
