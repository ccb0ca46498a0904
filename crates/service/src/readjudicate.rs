//! Deciding the claims of some days again: a run takes a portfolio's people in parts, decides their claims once more with the
//! plans, cover and facts of today, and writes a sealed proposal where something would change. It changes nothing else:
//! a person looks at what would change, and releases it. The run stands where its last part ended, and goes on from there.
//!
//! Claims that wait for a person are not decided, and are left alone.

mod carry_out;
mod compute;
mod release;
mod show;

use std::collections::BTreeMap;
use std::sync::Arc;

use benefits::{Plan, Sharing};
use domain::{
    Accumulators, Category, CategorySet, Claim, ClaimFacts, ClaimOverrides, Coverage, CoverageId, Date,
    Determination, Guarantee, OtherPayerAnswer, Person, PlanId, PortfolioId, ProposalState, Purpose,
    Recipient, RecordId, SubjectId, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, GateError, Part, Sealed, Target};
use sha2::{Digest, Sha256};
use store::claim::ClaimRow;
use store::condition::ConditionRow;
use store::coverage::CoverageRow;
use store::key::WrappedKey;
use store::readjudication::{PlanChange, ProposalRow, RunRow};
use store::sealed::SealedRow;
use store::{StoreError, Unit};

pub use self::release::{ReleaseReport, ToRelease, release};
pub use self::show::{Change, Proposed, proposed, readjudications};

use self::compute::{Decided, Scope, ToDecide, decide_all};
use crate::adjudicate::compute::{Context, SubjectClaims};
use crate::adjudicate::{LEASE_SECONDS, grouped};
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, DeterminationToReadjudicate,
    FactsToCount, GuaranteeToCount, OtherPayerAnswerToCount, OverridesToCount, PersonToAdjudicate,
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

/// People of one part: all that a run holds in memory at once.
const PART: usize = 64;

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
    mut progress: impl FnMut(u64, u64),
) -> Result<RunRow, ServiceError> {
    if starter.recipient() != Recipient::Operator {
        return Err(ServiceError::Readjudication("a run is started by the holder of the root key"));
    }
    let mut run = begin(app, starter, portfolio, days).await?;
    app.rates.refresh(app.store()).await?;
    let (reached, first, id) = (run.reached, run.first, run.run);
    let left = move |unit: &mut Unit<'_>| {
        let left = store::readjudication::count_claimants(unit, portfolio, reached, first)?;
        Ok((left, store::readjudication::changes(unit, id)?))
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
    starter: &Actor,
    portfolio: PortfolioId,
    (first, last): (Date, Date),
) -> Result<RunRow, ServiceError> {
    let new = RunRow {
        run: WorkItemId::from_bytes(app.gate.random_id()),
        portfolio,
        first,
        last,
        starter: starter.id(),
        started: app.gate.now(),
        reached: NOBODY,
        finished: None,
        people: 0,
        claims: 0,
        differing: 0,
        waiting: 0,
        refused: 0,
        failed: 0,
        version: 1,
    };
    app.plans.refresh(app.store()).await?;
    let changes = app.plans.superseded();
    let begin = move |unit: &mut Unit<'_>| {
        let runs = store::readjudication::runs(unit, portfolio)?;
        let unfinished = |run: &&RunRow| run.finished.is_none() && (run.first, run.last) == (first, last);
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
    let (portfolio, reached, first) = (run.portfolio, run.reached, run.first);
    let people = app
        .store()
        .read(move |unit| store::readjudication::claimants(unit, portfolio, reached, first, PART))
        .await
        .map_err(|error: StoreError| error)?;
    let Some(last) = people.last() else {
        let end = RunRow { finished: Some(app.gate.now()), ..run };
        app.store().write(move |unit| store::readjudication::advance(unit, &end)).await?;
        return Ok(end);
    };
    let job = app.gate.job(Recipient::AdjudicationJob)?;
    let tasks = Tasks::open(app, &people, run.run, job.id()).await?;
    let asking = Asking {
        writes: CategorySet::of(&[Category::Claims, Category::Health]),
        ..Asking::new(&job, run.portfolio, Purpose::ClaimsProcessing, app.gate.request())
    };
    let targets = people.iter().map(|subject| Target::for_item(*subject, run.run)).collect();
    let asked = app.gate.run::<ToReadjudicate>(asking, targets, PART).await?.next().await?;
    let asked = asked.ok_or(ServiceError::NotFound("person"))?;
    let mut next = RunRow { reached: *last, people: run.people + count(people.len()), ..run };
    next.refused += count(asked.refused.len());
    let (sealed, mut proposals) = decide_part(app, &asked, changes, &mut next).await?;
    proposals.extend(asked.refused.iter().map(|(target, _)| left(target.subject, run.run)));
    let at = app.gate.now();
    // How far it came goes first: whoever was slower than another process finds it changed, and writes nothing.
    let write = move |unit: &mut Unit<'_>| {
        store::readjudication::advance(unit, &next)?;
        store::sealed::insert_many(unit, &sealed)?;
        store::readjudication::insert_proposals(unit, &proposals)?;
        tasks.end(unit, at)
    };
    app.store().write(write).await?;
    Ok(RunRow { version: next.version + 1, ..next })
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
    part: &Part<ToReadjudicate>,
    changes: &[PlanChange],
    run: &mut RunRow,
) -> Result<(Vec<SealedRow>, Vec<ProposalRow>), ServiceError> {
    let granted: Vec<SubjectId> = part.grant.subjects().collect();
    let mut fetched = Fetched::read(app, &granted, changes).await?;
    let (mut sealed, mut rows, mut people) = (Vec::new(), Vec::new(), Vec::with_capacity(granted.len()));
    let today = app.today()?;
    for subject in granted {
        let Some(one) = fetched.take(subject) else {
            run.failed += 1;
            rows.push(left(subject, run.run));
            continue;
        };
        let FetchedPerson { decided, plans, keys, shares, basis, .. } = one;
        let (shared, rates) = (BTreeMap::new(), app.rates.all());
        let adjudication = Context { plans, shared, rates, today };
        let scope = Scope { adjudication, run: run.run, first: run.first, last: run.last, shares };
        people.push(ToDecide { subject, scope, decided, keys, basis });
    }
    for (one, computed) in people.iter().zip(decide_all(&part.grant, &people)?) {
        let (subject, basis) = (one.subject, one.basis);
        match computed {
            Ok(computed) => {
                let (stand, (differ, wait)) = computed.plain;
                run.claims += count(stand.len() + differ.len() + wait.len());
                run.differing += count(differ.len());
                run.waiting += count(wait.len());
                if !wait.is_empty() {
                    rows.push(left(subject, run.run));
                }
                if !computed.rows.is_empty() {
                    let state = ProposalState::Proposed;
                    rows.push(ProposalRow { subject, run: run.run, state, basis, release: None });
                }
                sealed.extend(computed.rows);
            }
            Err(GateError::Expired) => return Err(GateError::Expired.into()),
            // What cannot be worked out for one person holds up nobody else.
            Err(error) => {
                tracing::warn!(%subject, %error, "claims stand: they could not be decided again");
                run.failed += 1;
                rows.push(left(subject, run.run));
            }
        }
    }
    Ok((sealed, rows))
}

/// The work items of a part, for whoever works on it.
struct Tasks {
    people: Vec<SubjectId>,
    run: WorkItemId,
    assignee: domain::ActorId,
}

impl Tasks {
    async fn open(
        app: &App,
        people: &[SubjectId],
        run: WorkItemId,
        assignee: domain::ActorId,
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

/// What is fetched for the people of a part, sealed, with the plain rows that belong to it.
struct Fetched {
    claims: BTreeMap<SubjectId, Vec<Sealed<Claim>>>,
    determinations: BTreeMap<SubjectId, Vec<Sealed<Determination>>>,
    covers: BTreeMap<SubjectId, Vec<Sealed<Coverage>>>,
    people: BTreeMap<SubjectId, Vec<Sealed<Person>>>,
    accumulators: BTreeMap<SubjectId, Vec<Sealed<Accumulators>>>,
    keys: BTreeMap<SubjectId, Vec<WrappedKey>>,
    guarantees: BTreeMap<SubjectId, Vec<Sealed<Guarantee>>>,
    answers: BTreeMap<SubjectId, Vec<Sealed<OtherPayerAnswer>>>,
    told: BTreeMap<SubjectId, Vec<Sealed<ClaimFacts>>>,
    overrides: BTreeMap<SubjectId, Vec<Sealed<ClaimOverrides>>>,
    rows: BTreeMap<SubjectId, Vec<ClaimRow>>,
    spans: BTreeMap<SubjectId, Vec<(CoverageRow, PlanId)>>,
    plans: BTreeMap<PlanId, Arc<Plan>>,
}

/// One person of it.
struct FetchedPerson {
    decided: Decided,
    plans: BTreeMap<(SubjectId, CoverageId), Arc<Plan>>,
    keys: Vec<WrappedKey>,
    rows: BTreeMap<RecordId, ClaimRow>,
    /// Their spans of cover, each with the plan version that decides in the run.
    spans: Vec<(CoverageRow, PlanId)>,
    /// Whether something is counted for their family, or would be.
    shares: bool,
    basis: [u8; 32],
}

impl Fetched {
    async fn read(app: &App, subjects: &[SubjectId], changes: &[PlanChange]) -> Result<Self, ServiceError> {
        let asked = subjects.to_vec();
        let read = app.store().read(move |unit| {
            let keys = store::many::keys(unit, &asked)?;
            let claims = store::many::claims_of(unit, &asked)?;
            Ok::<_, StoreError>((keys, claims, store::many::coverages(unit, &asked)?))
        });
        let (all_keys, claims, coverages) = read.await?;
        app.plans.refresh(app.store()).await?;
        let plans = app.plans.all();
        let mut keys: BTreeMap<SubjectId, Vec<WrappedKey>> = BTreeMap::new();
        for key in all_keys {
            keys.entry(key.subject).or_default().push(key);
        }
        let mut rows: BTreeMap<SubjectId, Vec<ClaimRow>> = BTreeMap::new();
        for row in claims {
            rows.entry(row.subject).or_default().push(row);
        }
        let mut spans: BTreeMap<SubjectId, Vec<_>> = BTreeMap::new();
        for row in coverages {
            // A version that was superseded gives way to the one that such cover would have been taken up under.
            let change = changes.iter().find(|change| change.is_for(row.plan, row.start));
            spans.entry(row.subject).or_default().push((row, change.map_or(row.plan, |change| change.new)));
        }
        let gate = &app.gate;
        let (claims, determinations, covers, people, accumulators, guarantees, answers, told, overrides) = tokio::try_join!(
            gate.fetch_many::<ClaimToAdjudicate>(subjects),
            gate.fetch_many::<DeterminationToReadjudicate>(subjects),
            gate.fetch_many::<CoverToAdjudicate>(subjects),
            gate.fetch_many::<PersonToAdjudicate>(subjects),
            gate.fetch_many::<AccumulatorsToAdjudicate>(subjects),
            gate.fetch_many::<GuaranteeToCount>(subjects),
            gate.fetch_many::<OtherPayerAnswerToCount>(subjects),
            gate.fetch_many::<FactsToCount>(subjects),
            gate.fetch_many::<OverridesToCount>(subjects),
        )?;
        Ok(Self {
            claims: grouped(claims),
            determinations: grouped(determinations),
            covers: grouped(covers),
            people: grouped(people),
            accumulators: grouped(accumulators),
            guarantees: grouped(guarantees),
            answers: grouped(answers),
            told: grouped(told),
            overrides: grouped(overrides),
            keys,
            rows,
            spans,
            plans,
        })
    }

    /// What is there of one person; none where their record, or a plan of their cover, is not.
    fn take(&mut self, subject: SubjectId) -> Option<FetchedPerson> {
        let rows: BTreeMap<RecordId, ClaimRow> = self
            .rows
            .remove(&subject)?
            .into_iter()
            .filter(is_decided)
            .map(|row| (row.claim.into(), row))
            .collect();
        let spans: Vec<(CoverageRow, PlanId)> = self.spans.remove(&subject).unwrap_or_default();
        let of_span = |(row, plan): &(CoverageRow, PlanId)| {
            Some(((subject, row.coverage), Arc::clone(self.plans.get(plan)?)))
        };
        let plans = spans.iter().map(of_span).collect::<Option<BTreeMap<_, _>>>()?;
        let mut claims = self.claims.remove(&subject).unwrap_or_default();
        claims.retain(|claim| rows.contains_key(&claim.record()));
        let mut answers = self.answers.remove(&subject).unwrap_or_default();
        answers.retain(|answer| rows.contains_key(&answer.record()));
        let mut told = self.told.remove(&subject).unwrap_or_default();
        told.retain(|told| rows.contains_key(&told.record()));
        let mut overrides = self.overrides.remove(&subject).unwrap_or_default();
        overrides.retain(|overrides| rows.contains_key(&overrides.record()));
        let mut determinations = self.determinations.remove(&subject).unwrap_or_default();
        let file = SubjectClaims {
            claims,
            covers: self.covers.remove(&subject).unwrap_or_default(),
            person: self.people.remove(&subject)?.pop()?,
            accumulators: self.accumulators.remove(&subject).unwrap_or_default(),
            guarantees: self.guarantees.remove(&subject).unwrap_or_default(),
            answers,
            told,
            overrides,
            family: Vec::new(),
            desk: None,
        };
        // What was counted is where the version that the span is under put it, until now.
        let shares = spans.iter().any(|(row, today)| {
            let sharing = |plan: &PlanId| self.plans.get(plan).map(|plan| plan.sharing());
            let (before, after) = (sharing(&row.plan), sharing(today));
            before != after || before == Some(Sharing::Sums)
        });
        // What waits at the desk is no part of what is proposed.
        determinations.retain(|one| rows.contains_key(&one.record()));
        let basis = basis(&file, &determinations, &spans, shares);
        let determinations = determinations.into_iter().map(|sealed| (sealed.record(), sealed)).collect();
        let keys = self.keys.remove(&subject).unwrap_or_default();
        let decided = Decided { file, determinations };
        Some(FetchedPerson { decided, plans, keys, rows, spans, shares, basis })
    }
}

fn is_decided(row: &ClaimRow) -> bool {
    store::readjudication::DECIDED.contains(&row.state)
}

/// A hash of the versions of all that a proposal rests on: who somebody is, their cover and its plans, what was decided, what
/// was counted. Another claim that is decided changes it.
fn basis(
    file: &SubjectClaims,
    determinations: &[Sealed<Determination>],
    spans: &[(CoverageRow, PlanId)],
    shares: bool,
) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(b"moretus/proposal/1\n");
    let mut add = |what: u8, id: &[u8; 16], version: i64| {
        hash.update([what]);
        hash.update(id);
        hash.update(version.to_be_bytes());
    };
    add(0, &[0; 16], i64::from(shares));
    add(1, file.person.record().bytes(), file.person.version());
    file.covers.iter().for_each(|one| add(2, one.record().bytes(), one.version()));
    determinations.iter().for_each(|one| add(3, one.record().bytes(), one.version()));
    file.accumulators.iter().for_each(|one| add(4, one.record().bytes(), one.version()));
    file.guarantees.iter().for_each(|one| add(7, one.record().bytes(), one.version()));
    file.answers.iter().for_each(|one| add(8, one.record().bytes(), one.version()));
    file.told.iter().for_each(|one| add(9, one.record().bytes(), one.version()));
    file.overrides.iter().for_each(|one| add(10, one.record().bytes(), one.version()));
    for (row, plan) in spans {
        // Not the version that the span still is under: that it gives way to the other changes nothing.
        add(5, row.coverage.bytes(), row.end.map_or(0, |end| i64::from(end.number())));
        add(6, plan.bytes(), i64::from(row.start.number()));
    }
    hash.finalize().into()
}
