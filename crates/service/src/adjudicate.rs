//! Adjudicating the claims that were received: the named job leases them, asks for what it needs (an
//! entry for each claim, conditions tested), computes on sealed values, and writes the sealed results,
//! the states and the postings in one transaction per part. No value is ever seen on the way.

pub(crate) mod compute;
mod decide;
pub(crate) mod desk;
pub(crate) mod estimate;
pub(crate) mod facts;
pub(crate) mod family;
mod fetched;
pub(crate) mod guaranteed;
pub(crate) mod other_payer;
mod rounds;
mod write;

use std::collections::BTreeMap;

use domain::{ClaimState, OutcomeReason, Recipient};
use gate::{GateError, Totals, job_actor_id};
use store::StoreError;
use store::claim::ClaimRow;
use store::job::JobRow;

use self::decide::Decided;
pub(crate) use self::fetched::grouped;
use self::rounds::{Asked, Rounds};
pub(crate) use self::write::stand;
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, FactsToCount, GuaranteeToCount,
    OtherPayerAnswerToCount, OverridesToCount, PersonToAdjudicate,
};
use crate::{App, ServiceError};

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

/// How long a round may wait for those before it and is not asked for anew.
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
/// Three rounds are under way: one is written while the next is decided and the one after is asked for.
///
/// Errors: the first one that a portfolio's claims met, such as a notice that cannot be read. They are given
/// back, to be tried again later, and the claims of the other portfolios are adjudicated first.
pub async fn adjudicate_received(
    app: &App,
    limit: usize,
    mut progress: impl FnMut(u64),
) -> Result<AdjudicationReport, ServiceError> {
    let mut rounds = Rounds::new(app, limit);
    let mut ending = Ending { app, report: AdjudicationReport::default(), failed: None };
    let (mut asked, mut decided) = (rounds.next().await?, None::<Decided>);
    while asked.is_some() || decided.is_some() {
        // What was decided of somebody before counts for what is decided next.
        if decided.as_ref().zip(asked.as_ref()).is_some_and(|(one, next)| one.counts_for(next)) {
            ending.end(decided.take()).await;
        }
        let ((), next_decided, next_asked) =
            tokio::join!(ending.end(decided.take()), decide_if(app, asked.take()), rounds.next());
        progress(ending.report.done());
        decided = next_decided;
        asked = next_asked.unwrap_or_else(|error| {
            ending.failed.get_or_insert(error);
            None
        });
    }
    ending.failed.map_or(Ok(ending.report), Err)
}

async fn decide_if(app: &App, asked: Option<Asked>) -> Option<Decided> {
    match asked {
        Some(asked) => Some(decide::decide(app, asked).await),
        None => None,
    }
}

/// Ends rounds one after the other, and counts what became of their claims.
struct Ending<'a> {
    app: &'a App,
    report: AdjudicationReport,
    /// The first error.
    failed: Option<ServiceError>,
}

impl Ending<'_> {
    /// Writes what a round came to, or gives its claims back.
    async fn end(&mut self, decided: Option<Decided>) {
        let Some(Decided { round, outcome }) = decided else { return };
        let written = match outcome {
            Ok(outcome) => outcome.write(self.app, round.portfolio, &mut self.report).await,
            Err(error) => Err(error),
        };
        let (claims, job) = (rows_of(&round.claims), job_actor_id(Recipient::AdjudicationJob));
        if let Err(error) = round.families.end_items(self.app, &claims, job).await {
            tracing::error!(portfolio = %round.portfolio, %error, "work items about who holds a contract are left open");
            self.failed.get_or_insert(error);
        }
        let Err(error) = written else { return };
        if matches!(error, ServiceError::Gate(GateError::Expired)) {
            tracing::warn!(portfolio = %round.portfolio, "claims are left: it took longer than the permission lasts");
        }
        if !lost_a_race(&error) {
            tracing::error!(portfolio = %round.portfolio, %error, "claims are left: they could not be adjudicated");
            self.failed.get_or_insert(error);
        }
        match give_back(self.app, round.jobs()).await {
            Ok(left) => self.report.left += left,
            // They come again when they are leased no more.
            Err(error) => drop(self.failed.get_or_insert(error)),
        }
    }
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
