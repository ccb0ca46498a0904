//! Deciding a round that was asked for: its records are fetched, and computed on without being seen, while the screen looks at the
//! same claims. Of what it comes to nothing is written here: only entries of what is asked for, marks, and work items about who holds a
//! contract.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{ClaimId, OutcomeReason, Recipient, RecordId, SubjectId};
use gate::{GateError, Part, Target, Totals, job_actor_id};
use store::job::JobRow;
use store::sealed::SealedRow;

use super::family::Families;
use super::fetched::{AsRead, Fetched};
use super::rounds::{self, Asked, MayDecide, Round};
use super::{FRESH_SECONDS, Leased, Standing, ToAdjudicate, pends, rows_of};
use crate::screen::Screened;
use crate::views::FamilySumsToCount;
use crate::{App, ServiceError};

/// A round, and what it came to.
pub(super) struct Decided {
    pub(super) round: Round,
    pub(super) outcome: Result<Outcome, ServiceError>,
}

impl Decided {
    /// Whether what it came to is to be written before the next round is decided: claims of somebody, or of a family, are in both, or
    /// both add to what the screen compares providers by.
    pub(super) fn counts_for(&self, next: &Asked) -> bool {
        let screened = self.outcome.as_ref().ok().map(|outcome| &outcome.screened);
        let marked = next.asked.as_ref().ok().map(|(_, marked)| marked);
        let by_level = screened.zip(marked).is_some_and(|(screened, marked)| screened.adds_for(marked));
        by_level || self.round.shares(&next.round)
    }
}

/// What is to be written of a round.
pub(super) struct Outcome {
    /// Claims that no clause lets the job look at.
    pub(super) refused: Vec<Leased>,
    pub(super) computed: ComputedPart,
    pub(super) screened: Screened,
}

/// Decides the claims of a round.
pub(super) async fn decide(app: &App, asked: Asked) -> Decided {
    let Asked { round, at, asked } = asked;
    // What waited for the rounds before is asked for anew: a permission ends after some seconds.
    let asked = match at.plus_seconds(FRESH_SECONDS) < app.gate.now() {
        true => rounds::ask(app, &round).await,
        false => asked,
    };
    let outcome = match asked {
        Ok(asked) => decide_round(app, &round, asked).await,
        Err(error) => Err(error),
    };
    Decided { round, outcome }
}

async fn decide_round(app: &App, round: &Round, (part, marked): MayDecide) -> Result<Outcome, ServiceError> {
    let Round { portfolio, families, claims } = round;
    let claim_rows = rows_of(claims);
    families.open_items(app, &claim_rows, job_actor_id(Recipient::AdjudicationJob)).await?;
    let asks = (&app.gate.job(Recipient::AdjudicationJob)?, app.gate.request());
    let of_families = families.ask(app, asks, *portfolio, &claim_rows).await?;
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
    // On threads of their own, so that the other rounds go on meanwhile.
    let compute = move || to_compute.compute((&part, of_families.as_ref()), &families);
    let (computed, screened) =
        tokio::try_join!(on_a_thread(compute), on_a_thread(move || looked_up.flag(portfolio, today)))?;
    Ok(Outcome { refused, computed, screened })
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
pub(super) struct ComputedSubject {
    pub(super) claims: Vec<(Leased, Standing)>,
    pub(super) rows: Vec<SealedRow>,
    pub(super) totals: Totals,
}

impl ComputedSubject {
    /// Claims that wait for a person, with nothing computed.
    fn pended(claims: Vec<Leased>, reason: OutcomeReason) -> Self {
        let claims = claims.into_iter().map(|leased| (leased, pends(reason))).collect();
        Self { claims, rows: Vec::new(), totals: Totals::default() }
    }
}

/// The results of a part, the jobs that are left for later, and what it was decided on.
pub(super) struct ComputedPart {
    pub(super) computed: Vec<ComputedSubject>,
    pub(super) left: Vec<JobRow>,
    pub(super) read: AsRead,
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
        Ok(ComputedPart { computed, left, read: fetched.into_read() })
    }
}
