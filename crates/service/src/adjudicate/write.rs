//! Writing what a round came to: the sealed results, the states, the postings and what waits for a person, in one transaction. It refuses
//! when the claims, the cover or what was counted before are others meanwhile, or something of these people was erased, and decides
//! nothing.

use std::collections::BTreeSet;

use domain::{
    ActorId, BatchId, ClaimState, ClaimStep, OutcomeReason, PortfolioId, Recipient, RetentionClass,
    SubjectId, Timestamp,
};
use gate::{Totals, job_actor_id};
use store::StoreError;
use store::claim::{ClaimMove, ClaimRow};
use store::job::JobRow;
use store::payment::PostingRow;
use store::pended::PendedRow;

use super::decide::{ComputedPart, Outcome};
use super::{AdjudicationReport, Leased, Standing, desk, give_back, pends};
use crate::ledger::{BatchKind, BatchRows, batch_rows};
use crate::{App, ServiceError, work_item};

impl Outcome {
    /// Writes it, and adds it to the report. Nothing of it is written when anybody's claims or cover were changed meanwhile, or something of theirs
    /// was erased.
    pub(super) async fn write(
        self,
        app: &App,
        portfolio: PortfolioId,
        report: &mut AdjudicationReport,
    ) -> Result<(), ServiceError> {
        let Self { refused, computed: ComputedPart { computed, left, read }, mut screened } = self;
        report.left += give_back(app, left).await?;
        screened.keep(
            &computed.iter().flat_map(|one| &one.claims).map(|(leased, _)| leased.claim.claim).collect(),
        );
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
        let people: BTreeSet<SubjectId> =
            pended.iter().map(|row| row.subject).chain(screened.people()).collect();
        app.store()
            .write(move |unit| {
                ledger.insert(unit)?;
                read.must_stand(unit)?;
                let here = store::key::with_class(unit, &people, RetentionClass::Claims)?;
                screened.insert(unit, &here)?;
                store::sealed::put_many(unit, &rows)?;
                store::job::done(unit, &jobs)?;
                work_item::end_many(unit, &items, job, now)?;
                stand(unit, &standings, batch, (ClaimStep::Adjudicated, job, now))?;
                // Of who was erased before, or was refused and is erased by now, nothing waits that anybody could look at.
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
