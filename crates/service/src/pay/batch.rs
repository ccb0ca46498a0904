//! A batch of payments: what a part of a run settled, written in one transaction with its plain rows. It computes nothing.

use std::collections::BTreeMap;

use domain::{
    BatchId, ClaimId, ClaimState, ClaimStep, Currency, PaymentId, PaymentState, PortfolioId, Recipient,
    RecordId, RecordKind, SettlementState, SubjectId, Timestamp,
};
use gate::{Totals, job_actor_id};
use store::StoreError;
use store::claim::{ClaimMove, ClaimRow};
use store::payment::{PaymentRow, PostingRow};
use store::sealed::SealedRow;
use store::settlement::SettlementRow;

use super::PaymentReport;
use super::compute::ToPayAll;
use crate::ledger::{BatchKind, batch_rows};
use crate::{App, ServiceError, work_item};

/// A claim that was settled, with whom, and its payment if there is one.
pub(super) struct PaidClaim {
    pub(super) claim: RecordId,
    pub(super) payee: SubjectId,
    pub(super) state: ClaimState,
    pub(super) payment: Option<(PaymentId, Currency)>,
}

/// A batch, before it is written.
pub(super) struct PayBatch<'a> {
    pub(super) id: BatchId,
    pub(super) portfolio: PortfolioId,
    /// The claims that may be in it.
    pub(super) rows: &'a BTreeMap<RecordId, ClaimRow>,
    pub(super) paid: Vec<PaidClaim>,
    sealed: Vec<SealedRow>,
    postings: Vec<PostingRow>,
    settlements: Vec<SettlementRow>,
    totals: Totals,
    now: Timestamp,
}

impl<'a> PayBatch<'a> {
    pub(super) fn new(app: &App, portfolio: PortfolioId, rows: &'a BTreeMap<RecordId, ClaimRow>) -> Self {
        Self {
            id: BatchId::from_bytes(app.gate.random_id()),
            portfolio,
            rows,
            paid: Vec::new(),
            sealed: Vec::new(),
            postings: Vec::new(),
            settlements: Vec::new(),
            totals: Totals::default(),
            now: app.gate.now(),
        }
    }

    /// Takes in what was sealed for a payee, with the plain rows that belong to it.
    pub(super) fn take(
        &mut self,
        all: &ToPayAll,
        payee: SubjectId,
        sealed: Vec<SealedRow>,
        states: &[SettlementState],
        totals: &Totals,
    ) {
        let of_claims = all.claims.iter().flat_map(|one| {
            let ids = [one.ids.payment.into(), one.ids.set_off].into_iter().chain(one.ids.differences);
            ids.map(|id| (id, claim_id(one.claim.record())))
        });
        let of_claims: BTreeMap<RecordId, ClaimId> = of_claims.collect();
        let of_kind = |kind| sealed.iter().filter(move |row| row.kind == kind).map(|row| row.record);
        let posting = |posting: RecordId| {
            let claim = *of_claims.get(&posting)?;
            Some(PostingRow { subject: payee, posting, claim, batch: self.id })
        };
        self.postings.extend(of_kind(RecordKind::Posting).filter_map(posting));
        let settlement = |(claim, state): (RecordId, &SettlementState)| SettlementRow {
            subject: payee,
            claim: claim_id(claim),
            // Of a claim that was settled before, whose it is stands already.
            claimant: self.rows.get(&claim).map_or(payee, |row| row.subject),
            portfolio: self.portfolio,
            state: *state,
            since: self.now,
        };
        self.settlements.extend(of_kind(RecordKind::Settlement).zip(states).map(settlement));
        self.totals.merge(totals);
        self.sealed.extend(sealed);
    }

    /// Writes it in one transaction.
    pub(super) async fn write(self, app: &App, report: &mut PaymentReport) -> Result<(), ServiceError> {
        if self.paid.is_empty() {
            return Ok(());
        }
        let Self { id, portfolio, rows, paid, sealed, postings, settlements, totals, now } = self;
        let ledger = batch_rows(&app.gate, id, BatchKind::Payments, portfolio, &totals)?;
        let paid: Vec<(ClaimRow, PaidClaim)> =
            paid.into_iter().filter_map(|paid| rows.get(&paid.claim).map(|claim| (*claim, paid))).collect();
        let payments = paid.iter().filter(|(_, paid)| paid.payment.is_some()).count() as u64;
        let claims = paid.len() as u64;
        app.store()
            .write(move |unit| {
                // Held since it was looked at: the batch is not written, and the next run leaves the claim out.
                if is_any_held(unit, portfolio, &paid)? {
                    return Err(StoreError::Changed);
                }
                // Whoever was slower than another process finds the claim changed, and writes nothing.
                let moves: Vec<ClaimMove> =
                    paid.iter().map(|(claim, paid)| ClaimMove::to(*claim, paid.state)).collect();
                let job = job_actor_id(Recipient::PaymentJob);
                store::claim::move_many(unit, &moves, (ClaimStep::Settled, job, now))?;
                paid.iter().try_for_each(|(claim, paid)| advance(unit, claim, paid, id, now))?;
                ledger.insert(unit)?;
                store::sealed::put_many(unit, &sealed)?;
                store::payment::insert_postings(unit, &postings)?;
                store::settlement::set_many(unit, &settlements)
            })
            .await
            .map_err(|error: StoreError| ServiceError::from(error))?;
        report.paid += payments;
        report.without_payment += claims - payments;
        report.booked.merge(&totals);
        Ok(())
    }
}

fn claim_id(record: RecordId) -> ClaimId {
    ClaimId::from_bytes(*record.bytes())
}

/// Whether the payment of any of these waits for a person now.
fn is_any_held(
    unit: &mut store::Unit<'_>,
    portfolio: PortfolioId,
    paid: &[(ClaimRow, PaidClaim)],
) -> Result<bool, StoreError> {
    let places = || paid.iter().map(|(claim, _)| (claim.subject, claim.claim));
    let Some(range) = places().min().zip(places().max()) else { return Ok(false) };
    let held = store::screen::holding(unit, portfolio, range)?;
    Ok(paid.iter().any(|(claim, _)| held.contains(&claim.claim)))
}

/// What comes after a claim that was moved on: a work item for handing its payment to the bank.
fn advance(
    unit: &mut store::Unit<'_>,
    claim: &ClaimRow,
    paid: &PaidClaim,
    batch: BatchId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let job = job_actor_id(Recipient::PaymentJob);
    work_item::end(unit, claim.subject, claim.claim.into(), job, now)?;
    let Some((payment, currency)) = paid.payment else { return Ok(()) };
    let subject = paid.payee;
    let row = PaymentRow { subject, payment, batch, state: PaymentState::Batched, currency, version: 1 };
    store::payment::insert_many(unit, &[row])?;
    store::condition::set_many(unit, &[work_item::open(subject, payment.into(), job, now)])
}
