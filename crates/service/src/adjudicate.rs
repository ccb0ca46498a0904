//! Adjudicating the claims that were received: the named job leases them, asks for what it needs (an
//! entry for each claim, conditions tested), computes on sealed values, and writes the sealed results,
//! the states and the postings in one transaction per part. No value is ever seen on the way.

pub(crate) mod compute;
pub(crate) mod desk;
mod family;
mod fetched;
pub(crate) mod guaranteed;
pub(crate) mod other_payer;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    BatchId, Category, CategorySet, ClaimId, ClaimState, OutcomeReason, PortfolioId, Purpose, Recipient,
    RecordId, RetentionClass, SubjectId,
};
use gate::{Asking, GateError, MAX_PART, Part, Target, Totals, job_actor_id};
use store::StoreError;
use store::claim::ClaimRow;
use store::job::JobRow;
use store::payment::PostingRow;
use store::pended::PendedRow;
use store::sealed::SealedRow;

use self::family::Families;
pub(crate) use self::fetched::grouped;
use self::fetched::{CoverRead, Fetched};
use crate::ledger::{BatchKind, BatchRows, batch_rows};
use crate::screen::Screened;
use crate::submit::JOB_ADJUDICATE;
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, FamilySumsToCount, GuaranteeToCount,
    OtherPayerAnswerToCount, PersonToAdjudicate,
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
);

/// How long a leased claim is left to this worker.
pub(crate) const LEASE_SECONDS: i64 = 120;

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
    let mut report = AdjudicationReport::default();
    let (mut taken, mut failed) = (0, None);
    while taken < limit {
        let part = (limit - taken).min(MAX_PART);
        let now = app.gate.now();
        let jobs: Vec<JobRow> =
            app.store().lease_jobs(JOB_ADJUDICATE, part, now, now.plus_seconds(LEASE_SECONDS)).await?;
        if jobs.is_empty() {
            break;
        }
        taken += jobs.len();
        for (portfolio, claims) in by_portfolio(app, &jobs).await? {
            let families = Families::read(app, &rows_of(&claims)).await?;
            for claims in families.rounds(claims) {
                let jobs: Vec<JobRow> = claims.iter().map(|leased| leased.job).collect();
                let done = adjudicate_part(app, portfolio, &families, claims, &mut report).await;
                let Err(error) = done else { continue };
                report.left += give_back(app, jobs).await?;
                if !lost_a_race(&error) {
                    tracing::error!(%portfolio, %error, "claims are left: they could not be adjudicated");
                    failed.get_or_insert(error);
                }
            }
        }
        progress(report.done());
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

/// The claims of leased jobs, by portfolio.
async fn by_portfolio(
    app: &App,
    jobs: &[JobRow],
) -> Result<BTreeMap<PortfolioId, Vec<Leased>>, ServiceError> {
    let pairs: Vec<(SubjectId, ClaimId)> =
        jobs.iter().map(|job| (job.subject, ClaimId::from_bytes(*job.job.bytes()))).collect();
    let rows = app.store().read(move |unit| store::many::claims(unit, &pairs)).await?;
    let jobs: BTreeMap<RecordId, &JobRow> = jobs.iter().map(|job| (job.job, job)).collect();
    let mut portfolios: BTreeMap<PortfolioId, Vec<Leased>> = BTreeMap::new();
    for claim in rows.into_iter().filter(|row| row.state == ClaimState::Received) {
        let Some(job) = jobs.get(&claim.claim.into()) else { continue };
        portfolios.entry(claim.portfolio).or_default().push(Leased { claim, job: *(*job) });
    }
    Ok(portfolios)
}

async fn adjudicate_part(
    app: &App,
    portfolio: PortfolioId,
    families: &Families,
    claims: Vec<Leased>,
    report: &mut AdjudicationReport,
) -> Result<(), ServiceError> {
    let (rows, job) = (rows_of(&claims), job_actor_id(Recipient::AdjudicationJob));
    families.open_items(app, &rows, job).await?;
    let outcome = run_of_claims(app, portfolio, families, &claims, report).await;
    families.end_items(app, &rows, job).await?;
    outcome
}

async fn run_of_claims(
    app: &App,
    portfolio: PortfolioId,
    families: &Families,
    claims: &[Leased],
    report: &mut AdjudicationReport,
) -> Result<(), ServiceError> {
    let job = app.gate.job(Recipient::AdjudicationJob)?;
    let asking = Asking {
        writes: CategorySet::of(&[Category::Financial]),
        ..Asking::new(&job, portfolio, Purpose::ClaimsProcessing, app.gate.request())
    };
    let targets =
        claims.iter().map(|leased| Target::for_item(leased.claim.subject, leased.claim.claim)).collect();
    let mut run = app.gate.run::<ToAdjudicate>(asking, targets, MAX_PART).await?;
    let asks = (&job, app.gate.request());
    let of_families = families.ask(app, asks, portfolio, &rows_of(claims)).await?;
    let rows: BTreeMap<ClaimId, Leased> =
        claims.iter().map(|leased| (leased.claim.claim, leased.clone())).collect();
    while let Some(part) = run.next().await? {
        let refused: Vec<Leased> =
            part.refused.iter().filter_map(|(target, _)| claim_of(&rows, target)).collect();
        let ComputedPart { computed, left, cover } =
            compute_part(app, (&part, of_families.as_ref()), families, &rows).await?;
        report.left += give_back(app, left).await?;
        let before = computed.iter().flat_map(|one| &one.claims).map(|(leased, _)| leased.claim).collect();
        let screened = crate::screen::screen_claims(app, &job, portfolio, before).await?;
        write_part(app, portfolio, refused, (computed, cover), screened, report).await?;
    }
    Ok(())
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

async fn compute_part(
    app: &App,
    (part, of_families): (&Part<ToAdjudicate>, Option<&Part<FamilySumsToCount>>),
    families: &Families,
    rows: &BTreeMap<ClaimId, Leased>,
) -> Result<ComputedPart, ServiceError> {
    let mut by_subject: BTreeMap<SubjectId, Vec<Leased>> = BTreeMap::new();
    for leased in part.granted.iter().filter_map(|target| claim_of(rows, target)) {
        by_subject.entry(leased.claim.subject).or_default().push(leased);
    }
    let pairs: Vec<(SubjectId, RecordId)> =
        by_subject.values().flatten().map(|row| (row.claim.subject, row.claim.claim.into())).collect();
    let mut fetched = Fetched::read(app, &pairs, families).await?;
    let (mut computed, mut left) = (Vec::with_capacity(by_subject.len()), Vec::new());
    for (subject, rows) in by_subject {
        // A cover that cannot be looked at may be the one that pays: nothing is decided without it.
        if !fetched.knows_plans(subject) {
            tracing::error!(%subject, "claims are left: a plan of the cover is not known");
            left.extend(rows.iter().map(|leased| leased.job));
            continue;
        }
        let Some(mut inputs) = fetched.inputs(subject, families.holder(subject)) else {
            computed.push(ComputedSubject::pended(rows, OutcomeReason::NoRecord));
            continue;
        };
        // In the order in which they came in, not of their ids, which differ from site to site.
        inputs.claims.sort_by_cached_key(|claim| {
            rows.iter().find(|row| RecordId::from(row.claim.claim) == claim.record()).map(|row| row.job.due)
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
            Err(GateError::Expired) => return Err(GateError::Expired.into()),
            // What cannot be computed for one person waits for a person, and holds up nobody else.
            Err(error) => {
                tracing::warn!(%subject, %error, "claims pend: they could not be adjudicated");
                computed.push(ComputedSubject::pended(found, OutcomeReason::NotComputed));
            }
        }
    }
    Ok(ComputedPart { computed, left, cover: fetched.into_cover() })
}

async fn write_part(
    app: &App,
    portfolio: PortfolioId,
    refused: Vec<Leased>,
    (computed, cover): (Vec<ComputedSubject>, CoverRead),
    screened: Screened,
    report: &mut AdjudicationReport,
) -> Result<(), ServiceError> {
    let batch = BatchId::from_bytes(app.gate.random_id());
    let now = app.gate.now();
    let mut totals = Totals::default();
    for subject in &computed {
        totals.merge(&subject.totals);
    }
    let ledger: BatchRows = batch_rows(&app.gate, batch, BatchKind::Claims, portfolio, &totals)?;
    let mut standings: Vec<(Leased, Standing)> =
        refused.into_iter().map(|claim| (claim, pends(OutcomeReason::NoClause))).collect();
    standings.extend(computed.iter().flat_map(|subject| subject.claims.iter().cloned()));
    let (counted, unscreened) = (standings.clone(), screened.unscreened);
    let waits = |(_, (state, _)): &&(Leased, Standing)| *state == ClaimState::Pended;
    let pended: Vec<PendedRow> =
        standings.iter().filter(waits).map(|(leased, _)| desk::waits(&leased.claim, now)).collect();
    app.store()
        .write(move |unit| {
            ledger.insert(unit)?;
            cover.must_stand(unit)?;
            screened.insert(unit)?;
            for subject in &computed {
                store::sealed::put_many(unit, &subject.rows)?;
            }
            for (leased, standing) in &standings {
                let claim = &leased.claim;
                store::job::done(unit, &leased.job)?;
                let job = job_actor_id(Recipient::AdjudicationJob);
                work_item::end(unit, claim.subject, claim.claim.into(), job, now)?;
                stand(unit, claim, *standing, batch, now)?;
            }
            // Of who was erased meanwhile nothing waits that anybody could look at.
            let people: Vec<SubjectId> = pended.iter().map(|row| row.subject).collect();
            let keys = store::many::keys(unit, &people)?;
            let here: BTreeSet<SubjectId> = keys
                .iter()
                .filter(|key| key.class == RetentionClass::Claims)
                .map(|key| key.subject)
                .collect();
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

/// Moves a claim on: its state and reason, the work items of what comes next, its posting's row.
pub(crate) fn stand(
    unit: &mut store::Unit<'_>,
    claim: &ClaimRow,
    (state, outcome_reason): Standing,
    batch: BatchId,
    now: domain::Timestamp,
) -> Result<(), StoreError> {
    store::claim::set_state(unit, &ClaimRow { state, outcome_reason, batch, ..*claim })?;
    let item = claim.claim.into();
    let open = |job| work_item::open(claim.subject, item, job_actor_id(job), now);
    match state {
        ClaimState::Adjudicated => {
            let posting =
                PostingRow { subject: claim.subject, posting: claim.claim.into(), claim: claim.claim, batch };
            store::payment::insert_postings(unit, &[posting])?;
            store::condition::set_many(unit, &[open(Recipient::PaymentJob), open(Recipient::StatementJob)])
        }
        ClaimState::Settled => store::condition::set_many(unit, &[open(Recipient::StatementJob)]),
        _ => Ok(()),
    }
}
