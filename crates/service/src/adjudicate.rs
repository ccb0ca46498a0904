//! Adjudicating the claims that were received: the named job leases them, asks for what it needs (an
//! entry for each claim, conditions tested), computes on sealed values, and writes the sealed results,
//! the states and the postings in one transaction per part. No value is ever seen on the way.

pub(crate) mod compute;
pub(crate) mod desk;
pub(crate) mod estimate;
pub(crate) mod facts;
pub(crate) mod family;
mod fetched;
pub(crate) mod guaranteed;
pub(crate) mod other_payer;
mod rounds;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{
    ActorId, BatchId, ClaimId, ClaimState, ClaimStep, OutcomeReason, PortfolioId, Recipient, RecordId,
    RetentionClass, SubjectId, Timestamp,
};
use gate::{GateError, Part, Target, Totals, job_actor_id};
use store::StoreError;
use store::claim::{ClaimMove, ClaimRow};
use store::job::JobRow;
use store::payment::PostingRow;
use store::pended::PendedRow;
use store::sealed::SealedRow;

use self::family::Families;
pub(crate) use self::fetched::grouped;
use self::fetched::{CoverRead, Fetched};
use self::rounds::{Asked, MayDecide, Round, Rounds};
use crate::ledger::{BatchKind, BatchRows, batch_rows};
use crate::screen::Screened;
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, FactsToCount, FamilySumsToCount,
    GuaranteeToCount, OtherPayerAnswerToCount, OverridesToCount, PersonToAdjudicate,
};
use crate::{App, ServiceError, work_item};

/// The views of one ask.
type ToAdjudicate = (
    ClaimToAdjudicate,
    CoverToAdjudicate,
    PersonToAdjudicate,
    AccumulatorsToAdjudicate,
    GuaranteeToCount,
    OtherPayerAnswerToCount,
    FactsToCount,
    OverridesToCount,
);

/// How long a leased claim is left to this worker.
pub(crate) const LEASE_SECONDS: i64 = 120;

/// How long a round may wait for the one before it and is not asked for anew.
const FRESH_SECONDS: i64 = 3;

/// When a claim that was left is tried again: twice as long each time, up to some hours.
const RETRY_SECONDS: i64 = 5;

/// Where a claim stands, and why when it waits for a person.
pub(crate) type Standing = (ClaimState, Option<OutcomeReason>);

/// A claim that waits for a person.
const fn pends(reason: OutcomeReason) -> Standing {
    (ClaimState::Pended, Some(reason))
}

/// What became of the claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdjudicationReport {
    /// Claims by their new state.
    pub states: BTreeMap<ClaimState, u64>,
    /// The pended ones by their reason.
    pub reasons: BTreeMap<OutcomeReason, u64>,
    /// Claims left for a later pass: another worker changed them meanwhile, or their plan cannot be read.
    pub left: u64,
    /// Claims that the screen for fraud and error could not look at, though the notice has a clause for it: they were adjudicated,
    /// and nothing waits for a person because of it.
    pub unscreened: u64,
    /// What was booked.
    pub booked: Totals,
}

impl AdjudicationReport {
    /// How many claims got a new state.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.states.values().sum()
    }
}

/// Adjudicates up to `limit` received claims. `progress` is told after each part how many are done.
///
/// Errors: the first one that a portfolio's claims met, such as a notice that cannot be read. They are given
/// back, to be tried again later, and the claims of the other portfolios are adjudicated first.
pub async fn adjudicate_received(
    app: &App,
    limit: usize,
    mut progress: impl FnMut(u64),
) -> Result<AdjudicationReport, ServiceError> {
    let (mut report, mut failed) = (AdjudicationReport::default(), None);
    let mut rounds = Rounds::new(app, limit);
    let mut next = rounds.next().await?;
    while let Some(Asked { round, at, asked }) = next {
        let decided = async {
            // What waited for the round before is asked for anew: a permission ends after some seconds.
            let asked = match at.plus_seconds(FRESH_SECONDS) < app.gate.now() {
                true => rounds::ask(app, &round).await,
                false => asked,
            };
            decide(app, &round, asked?, &mut report).await
        };
        // While one round is decided, the next is asked for.
        let (decided, asked) = tokio::join!(decided, rounds.next());
        if let Err(error) = decided {
            report.left += give_back(app, round.jobs()).await?;
            if matches!(error, ServiceError::Gate(GateError::Expired)) {
                tracing::warn!(portfolio = %round.portfolio, "claims are left: it took longer than the permission lasts");
            }
            if !lost_a_race(&error) {
                tracing::error!(portfolio = %round.portfolio, %error, "claims are left: they could not be adjudicated");
                failed.get_or_insert(error);
            }
        }
        progress(report.done());
        next = match asked {
            Ok(asked) => asked,
            Err(error) => return Err(failed.unwrap_or(error)),
        };
    }
    failed.map_or(Ok(report), Err)
}

/// Whether another worker was faster, or the part took longer than its grant: worth another try.
fn lost_a_race(error: &ServiceError) -> bool {
    matches!(
        error,
        ServiceError::Store(StoreError::Changed | StoreError::Duplicate)
            | ServiceError::Gate(
                GateError::Expired | GateError::Store(StoreError::Changed | StoreError::Duplicate)
            )
    )
}

/// Gives jobs back, to be tried again soon. Answers how many: those that nobody else leased meanwhile.
async fn give_back(app: &App, jobs: Vec<JobRow>) -> Result<u64, ServiceError> {
    let now = app.gate.now();
    let due = move |job: &JobRow| now.plus_seconds(RETRY_SECONDS << (job.attempts - 1).clamp(0, 12));
    let given_back = app
        .store()
        .write(move |unit| {
            jobs.iter().try_fold(0, |count, job| match store::job::retry(unit, job, due(job)) {
                Ok(()) => Ok(count + 1),
                Err(StoreError::Changed) => Ok(count),
                Err(error) => Err(error),
            })
        })
        .await?;
    Ok(given_back)
}

/// A claim with the job that leased it.
#[derive(Clone)]
struct Leased {
    claim: ClaimRow,
    job: JobRow,
}

fn rows_of(claims: &[Leased]) -> Vec<ClaimRow> {
    claims.iter().map(|leased| leased.claim).collect()
}

/// Decides the claims of a round.
async fn decide(
    app: &App,
    round: &Round,
    asked: MayDecide,
    report: &mut AdjudicationReport,
) -> Result<(), ServiceError> {
    let (rows, job) = (rows_of(&round.claims), job_actor_id(Recipient::AdjudicationJob));
    round.families.open_items(app, &rows, job).await?;
    let outcome = compute_and_write(app, round, asked, report).await;
    round.families.end_items(app, &rows, job).await?;
    outcome
}

async fn compute_and_write(
    app: &App,
    round: &Round,
    (part, marked): MayDecide,
    report: &mut AdjudicationReport,
) -> Result<(), ServiceError> {
    let Round { portfolio, families, claims } = round;
    let asks = (&app.gate.job(Recipient::AdjudicationJob)?, app.gate.request());
    let of_families = families.ask(app, asks, *portfolio, &rows_of(claims)).await?;
    let rows: BTreeMap<ClaimId, Leased> =
        claims.iter().map(|leased| (leased.claim.claim, leased.clone())).collect();
    let of_targets = |targets: &mut dyn Iterator<Item = &Target>| -> Vec<Leased> {
        targets.filter_map(|target| claim_of(&rows, target)).collect()
    };
    let refused = of_targets(&mut part.refused.iter().map(|(target, _)| target));
    let to_compute = ToCompute::fetch(app, of_targets(&mut part.granted.iter()), families).await?;
    // After what it is decided by: whatever another worker decides between the two lets neither be written.
    let left: BTreeSet<SubjectId> = to_compute.left.iter().map(|job| job.subject).collect();
    let looked_up = marked.look_up(app, &left).await?;
    let (families, portfolio, today) = (Arc::clone(families), *portfolio, app.today()?);
    // On threads of their own, so that the next round goes on meanwhile.
    let compute = move || to_compute.compute((&part, of_families.as_ref()), &families);
    let (computed, screened) =
        tokio::try_join!(on_a_thread(compute), on_a_thread(move || looked_up.flag(portfolio, today)))?;
    let ComputedPart { computed, left, cover } = computed;
    report.left += give_back(app, left).await?;
    write_part(app, portfolio, refused, (computed, cover), screened, report).await
}

async fn on_a_thread<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, ServiceError>
where
    T: Send + 'static,
    E: Into<ServiceError> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| GateError::Compute("the computation stopped"))?.map_err(Into::into)
}

fn claim_of(rows: &BTreeMap<ClaimId, Leased>, target: &Target) -> Option<Leased> {
    target.item.and_then(|item| rows.get(&ClaimId::from_bytes(*item.bytes()))).cloned()
}

/// The sealed results of one subject.
struct ComputedSubject {
    claims: Vec<(Leased, Standing)>,
    rows: Vec<SealedRow>,
    totals: Totals,
}

impl ComputedSubject {
    /// Claims that wait for a person, with nothing computed.
    fn pended(claims: Vec<Leased>, reason: OutcomeReason) -> Self {
        let claims = claims.into_iter().map(|leased| (leased, pends(reason))).collect();
        Self { claims, rows: Vec::new(), totals: Totals::default() }
    }
}

/// The results of a part, the jobs that are left for later, and on which cover it was decided.
struct ComputedPart {
    computed: Vec<ComputedSubject>,
    left: Vec<JobRow>,
    cover: CoverRead,
}

/// The claims of a part by person, with what was fetched for them.
struct ToCompute {
    by_subject: BTreeMap<SubjectId, Vec<Leased>>,
    fetched: Fetched,
    /// Jobs of those of whom a plan of the cover is not known: the cover that cannot be looked at may be the one that pays, and
    /// nothing is decided without it.
    left: Vec<JobRow>,
}

impl ToCompute {
    async fn fetch(app: &App, granted: Vec<Leased>, families: &Families) -> Result<Self, ServiceError> {
        let pairs: Vec<(SubjectId, RecordId)> =
            granted.iter().map(|row| (row.claim.subject, row.claim.claim.into())).collect();
        let mut by_subject: BTreeMap<SubjectId, Vec<Leased>> = BTreeMap::new();
        for leased in granted {
            by_subject.entry(leased.claim.subject).or_default().push(leased);
        }
        let (fetched, mut left) = (Fetched::read(app, &pairs, families).await?, Vec::new());
        by_subject.retain(|subject, rows| {
            let known = fetched.knows_plans(*subject);
            if !known {
                tracing::error!(%subject, "claims are left: a plan of the cover is not known");
                left.extend(rows.iter().map(|leased| leased.job));
            }
            known
        });
        Ok(Self { by_subject, fetched, left })
    }

    fn compute(
        self,
        (part, of_families): (&Part<ToAdjudicate>, Option<&Part<FamilySumsToCount>>),
        families: &Families,
    ) -> Result<ComputedPart, GateError> {
        let Self { by_subject, mut fetched, left } = self;
        let mut computed = Vec::with_capacity(by_subject.len());
        for (subject, rows) in by_subject {
            let Some(mut inputs) = fetched.inputs(subject, families.holder(subject)) else {
                computed.push(ComputedSubject::pended(rows, OutcomeReason::NoRecord));
                continue;
            };
            // In the order in which they came in, not of their ids, which differ from site to site.
            inputs.claims.sort_by_cached_key(|claim| {
                rows.iter()
                    .find(|row| RecordId::from(row.claim.claim) == claim.record())
                    .map(|row| row.job.due)
            });
            let is_row = |row: &Leased, claim: RecordId| RecordId::from(row.claim.claim) == claim;
            let found: Vec<Leased> = inputs
                .claims
                .iter()
                .filter_map(|claim| rows.iter().find(|row| is_row(row, claim.record())).cloned())
                .collect();
            let is_found = |row: &Leased| inputs.claims.iter().any(|claim| is_row(row, claim.record()));
            let missing = rows.iter().filter(|row| !is_found(row)).cloned().collect();
            computed.push(ComputedSubject::pended(missing, OutcomeReason::NoRecord));
            let holder = families.holder(subject).zip(of_families.map(|part| &part.grant));
            match fetched.compute(&part.grant, subject, holder, &inputs) {
                Ok(result) => {
                    let (standings, totals) = result.plain;
                    let claims = found.into_iter().zip(standings).collect();
                    computed.push(ComputedSubject { claims, rows: result.rows, totals });
                }
                Err(GateError::Expired) => return Err(GateError::Expired),
                // What cannot be computed for one person waits for a person, and holds up nobody else.
                Err(error) => {
                    tracing::warn!(%subject, %error, "claims pend: they could not be adjudicated");
                    computed.push(ComputedSubject::pended(found, OutcomeReason::NotComputed));
                }
            }
        }
        Ok(ComputedPart { computed, left, cover: fetched.into_cover() })
    }
}

async fn write_part(
    app: &App,
    portfolio: PortfolioId,
    refused: Vec<Leased>,
    (computed, cover): (Vec<ComputedSubject>, CoverRead),
    mut screened: Screened,
    report: &mut AdjudicationReport,
) -> Result<(), ServiceError> {
    screened
        .keep(&computed.iter().flat_map(|one| &one.claims).map(|(leased, _)| leased.claim.claim).collect());
    let batch = BatchId::from_bytes(app.gate.random_id());
    let (now, job) = (app.gate.now(), job_actor_id(Recipient::AdjudicationJob));
    let mut totals = Totals::default();
    for subject in &computed {
        totals.merge(&subject.totals);
    }
    let ledger: BatchRows = batch_rows(&app.gate, batch, BatchKind::Claims, portfolio, &totals)?;
    let mut decided: Vec<(Leased, Standing)> =
        refused.into_iter().map(|claim| (claim, pends(OutcomeReason::NoClause))).collect();
    let mut rows = Vec::new();
    for subject in computed {
        decided.extend(subject.claims);
        rows.extend(subject.rows);
    }
    let jobs: Vec<JobRow> = decided.iter().map(|(leased, _)| leased.job).collect();
    let standings: Vec<(ClaimRow, Standing)> =
        decided.into_iter().map(|(leased, standing)| (leased.claim, standing)).collect();
    let items: Vec<_> = standings.iter().map(|(claim, _)| (claim.subject, claim.claim.into())).collect();
    let (counted, unscreened) = (standings.clone(), screened.unscreened.len() as u64);
    let waits = |(_, (state, _)): &&(ClaimRow, Standing)| *state == ClaimState::Pended;
    let pended: Vec<PendedRow> =
        standings.iter().filter(waits).map(|(claim, _)| desk::waits(claim, now)).collect();
    let people: BTreeSet<SubjectId> = pended.iter().map(|row| row.subject).chain(screened.people()).collect();
    app.store()
        .write(move |unit| {
            ledger.insert(unit)?;
            cover.must_stand(unit)?;
            let here = with_claims_key(unit, people.iter().copied())?;
            screened.insert(unit, &here)?;
            store::sealed::put_many(unit, &rows)?;
            store::job::done(unit, &jobs)?;
            work_item::end_many(unit, &items, job, now)?;
            stand(unit, &standings, batch, (ClaimStep::Adjudicated, job, now))?;
            // Of who was erased meanwhile nothing waits that anybody could look at.
            let pended: Vec<PendedRow> =
                pended.iter().filter(|row| here.contains(&row.subject)).copied().collect();
            store::pended::insert_many(unit, &pended)
        })
        .await?;
    report.booked.merge(&totals);
    report.unscreened += unscreened;
    for (_, (state, reason)) in counted {
        *report.states.entry(state).or_default() += 1;
        reason.into_iter().for_each(|reason| *report.reasons.entry(reason).or_default() += 1);
    }
    Ok(())
}

/// Those of these people whose claims were not erased.
fn with_claims_key(
    unit: &mut store::Unit<'_>,
    people: impl Iterator<Item = SubjectId>,
) -> Result<BTreeSet<SubjectId>, StoreError> {
    let keys = store::many::keys(unit, &people.collect::<Vec<_>>())?;
    let of_claims = keys.iter().filter(|key| key.class == RetentionClass::Claims);
    Ok(of_claims.map(|key| key.subject).collect())
}

/// Moves claims on: the state and reason of each, the work items of what comes next, its posting's row.
pub(crate) fn stand(
    unit: &mut store::Unit<'_>,
    claims: &[(ClaimRow, Standing)],
    batch: BatchId,
    (step, actor, now): (ClaimStep, ActorId, Timestamp),
) -> Result<(), StoreError> {
    let (mut moves, mut postings, mut items) = (Vec::with_capacity(claims.len()), Vec::new(), Vec::new());
    for (claim, (state, outcome_reason)) in claims {
        moves.push(ClaimMove { claim: *claim, state: *state, outcome_reason: *outcome_reason, batch });
        let (subject, claim) = (claim.subject, claim.claim);
        let mut open = |job| items.push(work_item::open(subject, claim.into(), job_actor_id(job), now));
        match state {
            ClaimState::Adjudicated => {
                postings.push(PostingRow { subject, posting: claim.into(), claim, batch });
                open(Recipient::PaymentJob);
                open(Recipient::StatementJob);
            }
            ClaimState::Settled => open(Recipient::StatementJob),
            _ => {}
        }
    }
    store::claim::move_many(unit, &moves, (step, actor, now))?;
    store::payment::insert_postings(unit, &postings)?;
    store::condition::set_many(unit, &items)
}
