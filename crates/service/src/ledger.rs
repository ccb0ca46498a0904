//! The ledger: postings are sealed, one per claim or payment; of each batch's totals a keyed code is kept,
//! since a batch may be one person's claim. Verifying opens every posting under the audit clause, inside a
//! computation, and makes the code again.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Account, BatchId, CategorySet, Currency, Date, Personal, PortfolioId, Posting, PostingEntry, Purpose,
    RecordId, SubjectId, Timestamp,
};
use gate::{Actor, Asking, Gate, GateError, MAX_PART, Reader, Sealed, Target, Totals, Writer};
use store::StoreError;
use store::payment::BatchRow;

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
    /// Differences to claims that were decided again.
    Differences = 3,
    /// What is given up of what was owed back.
    WriteOffs = 4,
    /// What was received of liens.
    Liens = 5,
}

/// The row of a batch.
#[derive(Clone)]
pub(crate) struct BatchRows(Option<BatchRow>);

impl BatchRows {
    /// Inserts it; a batch without postings leaves no trace.
    pub(crate) fn insert(&self, unit: &mut store::Unit<'_>) -> Result<(), StoreError> {
        self.0.as_ref().map_or(Ok(()), |row| store::payment::insert_batch(unit, row))
    }
}

/// The row of a batch with these totals, of which it holds only a keyed code. Refused when they do not
/// balance.
pub(crate) fn batch_rows(
    gate: &Gate,
    batch: BatchId,
    kind: BatchKind,
    portfolio: PortfolioId,
    totals: &Totals,
) -> Result<BatchRows, ServiceError> {
    if !totals.balances() {
        return Err(ServiceError::Unbalanced("a batch's debits and credits differ"));
    }
    let kind = kind as i64;
    let control = gate.control_code(batch, portfolio, kind, totals);
    let row = BatchRow { batch, kind, portfolio, state: 0, created: gate.now(), control };
    Ok(BatchRows((totals.postings() > 0).then_some(row)))
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
    totals.post(currency, &entries);
    writer.put(record, 1, &Posting { booked, currency, entries })
}

/// What verifying found to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerReport {
    /// Batches whose postings give their control code.
    pub batches: u64,
    /// Postings opened.
    pub postings: u64,
    /// Postings that retention or an erasure destroyed.
    pub erased: u64,
    /// Batches that these belonged to: what is left of them opens and balances, but cannot be summed.
    pub unsummed: u64,
    /// Debits by account and currency of every posting opened.
    pub debits: BTreeMap<(Account, Currency), i128>,
    /// Credits, alike.
    pub credits: BTreeMap<(Account, Currency), i128>,
}

/// A fault of the ledger: what, and where. None tells an amount.
#[derive(Debug, thiserror::Error)]
pub enum LedgerFault {
    /// A batch's postings do not give its control code.
    #[error(
        "batch {batch}: its {postings} postings, their sums and its own row do not give the control code that was made when it was booked"
    )]
    Control {
        /// The batch.
        batch: BatchId,
        /// How many postings it has now.
        postings: u64,
    },
    /// A posting's batch has no row.
    #[error("batch {batch}: it has postings and no row of its own: nothing proves posting {posting}")]
    NoBatch {
        /// The batch that the posting names.
        batch: BatchId,
        /// One such posting.
        posting: RecordId,
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

/// Proves the control code of every batch against its sealed postings. What was lawfully destroyed is
/// counted and passed over; every other posting that is missing is a fault.
pub async fn verify_ledger(
    app: &App,
    actor: &Actor,
    mut progress: impl FnMut(u64),
) -> Result<LedgerReport, LedgerFault> {
    let (batches, stray) = app
        .store()
        .read(|unit| {
            let stray = store::payment::posting_without_batch(unit)?;
            Ok::<_, StoreError>((store::payment::batches(unit)?, stray))
        })
        .await
        .map_err(ServiceError::from)?;
    if let Some(stray) = stray {
        return Err(LedgerFault::NoBatch { batch: stray.batch, posting: stray.posting });
    }
    let mut report = LedgerReport::default();
    for batch in batches {
        let found = sum(app, actor, &batch).await?;
        report.postings += found.totals.postings();
        report.erased += found.erased;
        for (account, currency, debit, credit) in found.totals.iter() {
            *report.debits.entry((account, currency)).or_default() += debit;
            *report.credits.entry((account, currency)).or_default() += credit;
        }
        if found.erased > 0 {
            report.unsummed += 1;
        } else {
            compare(&app.gate, &batch, &found.totals)?;
            report.batches += 1;
        }
        progress(report.postings);
    }
    Ok(report)
}

fn compare(gate: &Gate, batch: &BatchRow, found: &Totals) -> Result<(), LedgerFault> {
    if gate.control_code(batch.batch, batch.portfolio, batch.kind, found) == batch.control {
        return Ok(());
    }
    Err(LedgerFault::Control { batch: batch.batch, postings: found.postings() })
}

/// What a batch's postings come to.
struct Found {
    totals: Totals,
    erased: u64,
}

async fn sum(app: &App, actor: &Actor, batch: &BatchRow) -> Result<Found, LedgerFault> {
    let asking = Asking::new(actor, batch.portfolio, Purpose::Audit, app.gate.request());
    let fault = |problem: String| LedgerFault::Posting { batch: batch.batch, problem };
    let by_subject = postings(app, batch).await?;
    let targets: Vec<Target> = by_subject.keys().copied().map(Target::of).collect();
    let mut run =
        app.gate.run::<PostingToVerify>(asking, targets, MAX_PART).await.map_err(ServiceError::from)?;
    let mut found = Found { totals: Totals::default(), erased: 0 };
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
        let there: BTreeSet<_> = sealed.iter().map(|posting| (posting.subject(), posting.record())).collect();
        let mut missing: Vec<_> = pairs.into_iter().filter(|pair| !there.contains(pair)).collect();
        for posting in &sealed {
            match part.grant.compute(posting.subject(), &[], &(), posting, sum_posting) {
                Ok(computed) => found.totals.merge(&computed.plain),
                // An erasure that was cut off: its key is gone, its rows go with the next sweep.
                Err(GateError::NoKey { .. }) => missing.push((posting.subject(), posting.record())),
                Err(error) => return Err(fault(format!("posting {}: {error}", posting.record()))),
            }
        }
        let lawful = lawfully_gone::<Posting>(app, &missing, batch.created).await?;
        if let Some((_, posting)) = missing.iter().find(|(subject, _)| !lawful.contains(subject)) {
            return Err(fault(format!(
                "posting {posting}: its sealed record or its key is gone, and no erasure says so"
            )));
        }
        found.erased += missing.len() as u64;
    }
    Ok(found)
}

/// Every posting of a batch, by subject; a batch is a part of a run, so it has few.
async fn postings(app: &App, batch: &BatchRow) -> Result<BTreeMap<SubjectId, Vec<RecordId>>, ServiceError> {
    let batch = batch.batch;
    let rows = app
        .store()
        .read(move |unit| store::payment::postings_of_batch(unit, batch, None, usize::from(u16::MAX)))
        .await?;
    let mut by_subject: BTreeMap<SubjectId, Vec<RecordId>> = BTreeMap::new();
    for row in rows {
        by_subject.entry(row.subject).or_default().push(row.posting);
    }
    Ok(by_subject)
}

/// Those of these records' subjects whose keys for such a record are on the list of erasures, and were
/// destroyed after it was made.
pub(crate) async fn lawfully_gone<P: Personal>(
    app: &App,
    missing: &[(SubjectId, RecordId)],
    made: Timestamp,
) -> Result<BTreeSet<SubjectId>, ServiceError> {
    if missing.is_empty() {
        return Ok(BTreeSet::new());
    }
    let subjects: BTreeSet<SubjectId> = missing.iter().map(|(subject, _)| *subject).collect();
    let subjects: Vec<SubjectId> = subjects.into_iter().collect();
    let erasures = app.store().read(move |unit| store::key::erasures_of(unit, &subjects)).await?;
    let mut gone: BTreeMap<SubjectId, CategorySet> = BTreeMap::new();
    for erasure in erasures.iter().filter(|erasure| erasure.class == P::RETENTION && erasure.at >= made) {
        let categories = gone.entry(erasure.subject).or_insert(CategorySet::EMPTY);
        *categories = categories.with(erasure.category);
    }
    gone.retain(|_, categories| categories.contains_all(P::CATEGORIES));
    Ok(gone.into_keys().collect())
}

fn sum_posting(
    (): &(),
    sealed: &Sealed<Posting>,
    reader: &Reader<'_, PostingToVerify>,
    _: &mut Writer<'_>,
) -> Result<Totals, GateError> {
    let posting: PostingToVerify = reader.open(sealed)?;
    let mut totals = Totals::default();
    totals.post(posting.currency, &posting.entries);
    if totals.balances() { Ok(totals) } else { Err(GateError::Compute("its entries do not sum to zero")) }
}
