//! The ledger: postings are sealed, one per claim or payment; each batch's control totals are plain.
//! Verifying opens every posting under the audit clause, inside a computation, and compares sums.

use std::collections::BTreeMap;

use domain::{
    Account, BatchId, Currency, Date, PortfolioId, Posting, PostingEntry, Purpose, RecordId, SubjectId,
    Timestamp,
};
use gate::{Actor, Asking, GateError, MAX_PART, Reader, Sealed, Target, Totals, Writer};
use store::StoreError;
use store::payment::{BatchRow, ControlTotal, PostingRow};

use crate::views::PostingToVerify;
use crate::{App, ServiceError};

/// What a batch is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum BatchKind {
    /// Adjudicated claims.
    Claims = 1,
    /// Payments.
    Payments = 2,
}

/// The plain rows of a batch.
#[derive(Clone)]
pub(crate) struct BatchRows {
    batch: BatchRow,
    totals: Vec<ControlTotal>,
}

impl BatchRows {
    /// Inserts them; a batch without totals leaves no trace.
    pub(crate) fn insert(&self, unit: &mut store::Unit<'_>) -> Result<(), StoreError> {
        if self.totals.is_empty() {
            return Ok(());
        }
        store::payment::insert_batch(unit, &self.batch)?;
        store::payment::add_totals(unit, &self.totals)
    }
}

/// The rows of a batch with these totals. Refused when they do not balance.
pub(crate) fn batch_rows(
    batch: BatchId,
    kind: BatchKind,
    portfolio: PortfolioId,
    created: Timestamp,
    totals: &Totals,
) -> Result<BatchRows, ServiceError> {
    if !totals.balances() {
        return Err(ServiceError::Unbalanced("a batch's debits and credits differ"));
    }
    let totals = totals
        .iter()
        .map(|(account, currency, debit, credit)| {
            let minor =
                |sum| i64::try_from(sum).map_err(|_| ServiceError::Unbalanced("a total is too large"));
            Ok(ControlTotal { batch, account, currency, debit: minor(debit)?, credit: minor(credit)? })
        })
        .collect::<Result<_, ServiceError>>()?;
    Ok(BatchRows { batch: BatchRow { batch, kind: kind as i64, portfolio, state: 0, created }, totals })
}

/// Seals a posting and counts it. The only place that makes one.
pub(crate) fn post(
    record: RecordId,
    booked: Date,
    currency: Currency,
    entries: Vec<PostingEntry>,
    writer: &mut Writer<'_>,
    totals: &mut Totals,
) -> Result<(), GateError> {
    // INVARIANT: the entries of a posting sum to zero.
    if entries.iter().map(|entry| i128::from(entry.amount)).sum::<i128>() != 0 {
        return Err(GateError::Compute("a posting's entries do not sum to zero"));
    }
    for entry in &entries {
        totals.add(entry.account, currency, entry.amount);
    }
    writer.put(record, 1, &Posting { booked, currency, entries })
}

/// What verifying found to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerReport {
    /// Batches compared.
    pub batches: u64,
    /// Postings opened.
    pub postings: u64,
    /// Debits by account and currency, which equal the control totals.
    pub debits: BTreeMap<(Account, Currency), i128>,
}

/// A fault of the ledger: what, and where.
#[derive(Debug, thiserror::Error)]
pub enum LedgerFault {
    /// A batch's postings and control totals differ.
    #[error(
        "batch {batch}: {account} {currency}: the control total says debit {debit} and credit {credit}, the postings sum to debit {found_debit} and credit {found_credit} (minor units)"
    )]
    Totals {
        /// The batch.
        batch: BatchId,
        /// The account.
        account: Account,
        /// The currency.
        currency: Currency,
        /// As stored.
        debit: i128,
        /// As stored.
        credit: i128,
        /// As summed.
        found_debit: i128,
        /// As summed.
        found_credit: i128,
    },
    /// A posting does not open, or does not sum to zero.
    #[error("batch {batch}: {problem}")]
    Posting {
        /// The batch.
        batch: BatchId,
        /// What and where.
        problem: String,
    },
    /// The check could not be made.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Proves the control totals of every batch against its sealed postings.
pub async fn verify_ledger(
    app: &App,
    actor: &Actor,
    mut progress: impl FnMut(u64),
) -> Result<LedgerReport, LedgerFault> {
    let batches = app.store().read(store::payment::batches).await.map_err(ServiceError::from)?;
    let mut report = LedgerReport::default();
    for batch in batches {
        let id = batch.batch;
        let (postings, stored) = app
            .store()
            .read(move |unit| {
                Ok::<_, StoreError>((postings(unit, id)?, store::payment::totals(unit, Some(id))?))
            })
            .await
            .map_err(ServiceError::from)?;
        report.postings += postings.len() as u64;
        let found = sum(app, actor, &batch, postings).await?;
        compare(id, &stored, &found)?;
        for (account, currency, debit, _) in found.iter() {
            *report.debits.entry((account, currency)).or_default() += debit;
        }
        report.batches += 1;
        progress(report.postings);
    }
    Ok(report)
}

/// Every posting of a batch; a batch is a part of a run, so there are at most as many as a part has.
fn postings(unit: &mut store::Unit<'_>, batch: BatchId) -> Result<Vec<PostingRow>, StoreError> {
    store::payment::postings_of_batch(unit, batch, None, usize::from(u16::MAX))
}

async fn sum(
    app: &App,
    actor: &Actor,
    batch: &BatchRow,
    postings: Vec<PostingRow>,
) -> Result<Totals, LedgerFault> {
    let asking = Asking::new(actor, batch.portfolio, Purpose::Audit, app.gate.request());
    let fault = |problem: String| LedgerFault::Posting { batch: batch.batch, problem };
    let mut by_subject: BTreeMap<SubjectId, Vec<RecordId>> = BTreeMap::new();
    for posting in postings {
        by_subject.entry(posting.subject).or_default().push(posting.posting);
    }
    let targets: Vec<Target> = by_subject.keys().copied().map(Target::of).collect();
    let mut run =
        app.gate.run::<PostingToVerify>(asking, targets, MAX_PART).await.map_err(ServiceError::from)?;
    let mut totals = Totals::default();
    while let Some(part) = run.next().await.map_err(ServiceError::from)? {
        if let Some((_, refused)) = part.refused.into_iter().next() {
            return Err(ServiceError::from(GateError::from(refused)).into());
        }
        let pairs: Vec<(SubjectId, RecordId)> = part
            .granted
            .iter()
            .flat_map(|target| {
                by_subject.get(&target.subject).into_iter().flatten().map(|id| (target.subject, *id))
            })
            .collect();
        let sealed = app.gate.fetch_records::<PostingToVerify>(&pairs).await.map_err(ServiceError::from)?;
        if sealed.len() != pairs.len() {
            return Err(fault("a posting's row is there and its sealed record is not".to_owned()));
        }
        for posting in &sealed {
            let result = part.grant.compute(posting.subject(), &[], &(), posting, sum_posting);
            let computed = result.map_err(|error| fault(format!("posting {}: {error}", posting.record())))?;
            totals.merge(&computed.plain);
        }
    }
    Ok(totals)
}

fn sum_posting(
    (): &(),
    sealed: &Sealed<Posting>,
    reader: &Reader<'_, PostingToVerify>,
    _: &mut Writer<'_>,
) -> Result<Totals, GateError> {
    let posting: PostingToVerify = reader.open(sealed)?;
    let mut totals = Totals::default();
    for entry in &posting.entries {
        totals.add(entry.account, posting.currency, entry.amount);
    }
    if totals.balances() { Ok(totals) } else { Err(GateError::Compute("its entries do not sum to zero")) }
}

fn compare(batch: BatchId, stored: &[ControlTotal], found: &Totals) -> Result<(), LedgerFault> {
    let mut all: BTreeMap<(Account, Currency), [i128; 4]> = BTreeMap::new();
    for row in stored {
        let sums = all.entry((row.account, row.currency)).or_default();
        [sums[0], sums[1]] = [row.debit.into(), row.credit.into()];
    }
    for (account, currency, debit, credit) in found.iter() {
        let sums = all.entry((account, currency)).or_default();
        [sums[2], sums[3]] = [debit, credit];
    }
    for ((account, currency), [debit, credit, found_debit, found_credit]) in all {
        if (debit, credit) != (found_debit, found_credit) {
            return Err(LedgerFault::Totals {
                batch,
                account,
                currency,
                debit,
                credit,
                found_debit,
                found_credit,
            });
        }
    }
    Ok(())
}
