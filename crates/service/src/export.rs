//! Handing payments to the bank: exactly what it needs (name, town, account, amount), an entry for each
//! payment, in the chain of whoever is paid. The bank file itself is written by a face from what the bank's
//! grant shows.

use std::collections::BTreeSet;

use domain::{
    Payment, PaymentId, PaymentState, PortfolioId, Purpose, Recipient, RecipientId, RecordId, SubjectId,
};
use gate::{Asking, GateError, MAX_PART, Sealed, Target, job_actor_id};
use store::StoreError;
use store::payment::{BatchRow, PaymentRow};

use crate::ledger::{BatchKind, lawfully_gone};
use crate::sole::Sole;
use crate::views::PaymentForBank;
use crate::{App, ServiceError, work_item};

/// What became of the payments that were ready. One that is left out holds up no other, and is tried again
/// by the next export, unless it was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Handed over.
    pub handed: u64,
    /// Left out: no clause lets the bank have them.
    pub refused: u64,
    /// Left out: the bank file cannot carry them.
    pub unwritable: u64,
    /// Left out: their sealed record is missing or was altered. The ledger should be verified.
    pub damaged: u64,
    /// Left out for good: retention or an erasure destroyed them before they were handed over.
    pub erased: u64,
}

/// Hands the payments that are ready to a bank of the portfolio's register: an entry for each, naming it; then `deliver` writes the
/// bank file, and answers which payments that could not carry; and only when that is durable the others
/// count as exported. Run again after a failure, it hands the same payments over again, on the record
/// again, under the same ids.
pub async fn export_payments<E: From<ServiceError>>(
    app: &App,
    portfolio: PortfolioId,
    bank: RecipientId,
    deliver: impl FnMut(&[(PaymentId, PaymentForBank)]) -> Result<Vec<PaymentId>, E>,
) -> Result<ExportReport, E> {
    let exporter = Sole::begin(app, format!("export {portfolio}"), EXPORT_SECONDS, UNDER_WAY).await?;
    let exported = export(app, portfolio, bank, deliver).await;
    // Given back however it went, so that it can run again at once; the export's own error is told first.
    let ended = exporter.end(app).await;
    let report = exported?;
    ended?;
    Ok(report)
}

/// Which payments of a portfolio wait for the bank, by their ids alone.
pub async fn payments_ready(app: &App, portfolio: PortfolioId) -> Result<Vec<PaymentId>, ServiceError> {
    let batches = open_batches(app, portfolio).await?;
    Ok(batches.iter().flat_map(|(_, rows)| rows.iter().map(|row| row.payment)).collect())
}

async fn export<E: From<ServiceError>>(
    app: &App,
    portfolio: PortfolioId,
    bank: RecipientId,
    mut deliver: impl FnMut(&[(PaymentId, PaymentForBank)]) -> Result<Vec<PaymentId>, E>,
) -> Result<ExportReport, E> {
    let mut report = ExportReport::default();
    let mut payments = Vec::new();
    let mut batches = Vec::new();
    for (batch, rows) in open_batches(app, portfolio).await? {
        batches.push(read_for_bank(app, &batch, rows, bank, &mut payments, &mut report).await?);
    }
    let unwritable: BTreeSet<PaymentId> =
        if payments.is_empty() { BTreeSet::new() } else { deliver(&payments)?.into_iter().collect() };
    for mut batch in batches {
        let ready = batch.handed.len();
        batch.handed.retain(|row| !unwritable.contains(&row.payment));
        report.handed += batch.handed.len() as u64;
        report.unwritable += (ready - batch.handed.len()) as u64;
        batch.all_done &= ready == batch.handed.len();
        let now = app.gate.now();
        app.store().write(move |unit| batch.close(unit, now)).await.map_err(ServiceError::from)?;
    }
    Ok(report)
}

/// A batch on its way to the bank.
struct OnItsWay {
    batch: domain::BatchId,
    handed: Vec<PaymentRow>,
    erased: Vec<PaymentRow>,
    /// Whether nothing of it is left for the next export.
    all_done: bool,
}

impl OnItsWay {
    /// Marks what was handed over, ends the work items of what is done with, and closes the batch when that
    /// is all.
    fn close(&self, unit: &mut store::Unit<'_>, now: domain::Timestamp) -> Result<(), StoreError> {
        for row in &self.handed {
            store::payment::set_state(unit, &PaymentRow { state: PaymentState::Exported, ..*row })?;
        }
        for row in self.handed.iter().chain(&self.erased) {
            work_item::end(unit, row.subject, row.payment.into(), job_actor_id(Recipient::PaymentJob), now)?;
        }
        if !self.all_done {
            return Ok(());
        }
        store::payment::set_batch_state(unit, self.batch, BATCH_OPEN, BATCH_EXPORTED)
    }
}

/// How long an export may take: one that dies gives way after it. No batch is handed over twice at once.
const EXPORT_SECONDS: i64 = 3_600;
const UNDER_WAY: &str = "another run hands payments of this portfolio to the bank: wait until it has ended; one that was cut off gives way after an hour";

const BATCH_OPEN: i64 = 0;
const BATCH_EXPORTED: i64 = 1;

/// The batches that are not done with, each with the payments that wait.
async fn open_batches(
    app: &App,
    portfolio: PortfolioId,
) -> Result<Vec<(BatchRow, Vec<PaymentRow>)>, ServiceError> {
    let batches = app
        .store()
        .read(move |unit| {
            store::payment::batches(unit)?
                .into_iter()
                .filter(|row| row.portfolio == portfolio && row.kind == BatchKind::Payments as i64)
                .filter(|row| row.state == BATCH_OPEN)
                .map(|row| {
                    let mut payments = store::payment::of_batch(unit, row.batch, None, MAX_PART)?;
                    payments.retain(|payment| payment.state == PaymentState::Batched);
                    Ok((row, payments))
                })
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    Ok(batches)
}

/// Asks for the bank and opens what it is told. Nothing is asked about a payment that is not there.
async fn read_for_bank(
    app: &App,
    batch: &BatchRow,
    rows: Vec<PaymentRow>,
    bank: RecipientId,
    payments: &mut Vec<(PaymentId, PaymentForBank)>,
    report: &mut ExportReport,
) -> Result<OnItsWay, ServiceError> {
    let pair = |row: &PaymentRow| (row.subject, RecordId::from(row.payment));
    let pairs: Vec<(SubjectId, RecordId)> = rows.iter().map(pair).collect();
    let sealed = app.gate.fetch_records::<PaymentForBank>(&pairs).await?;
    let there: BTreeSet<_> = sealed.iter().map(|payment| (payment.subject(), payment.record())).collect();
    let missing: Vec<_> = pairs.into_iter().filter(|pair| !there.contains(pair)).collect();
    let lawful = lawfully_gone::<Payment>(app, &missing, batch.created).await?;
    let is_erased = |row: &PaymentRow| !there.contains(&pair(row)) && lawful.contains(&row.subject);
    let (erased, rows): (Vec<PaymentRow>, Vec<PaymentRow>) = rows.into_iter().partition(is_erased);

    let opened = open(app, batch.portfolio, bank, &sealed).await?;
    let is_opened = |row: &&PaymentRow| opened.granted.contains(&pair(row));
    let handed: Vec<PaymentRow> = rows.iter().filter(is_opened).copied().collect();
    report.erased += erased.len() as u64;
    report.refused += opened.refused;
    report.damaged += (rows.len() - handed.len()) as u64 - opened.refused;
    payments.extend(opened.payments);
    let all_done = rows.len() == handed.len();
    Ok(OnItsWay { batch: batch.batch, handed, erased, all_done })
}

/// What the bank may be told.
struct OpenedForBank {
    payments: Vec<(PaymentId, PaymentForBank)>,
    granted: BTreeSet<(SubjectId, RecordId)>,
    refused: u64,
}

async fn open(
    app: &App,
    portfolio: PortfolioId,
    bank: RecipientId,
    sealed: &[Sealed<Payment>],
) -> Result<OpenedForBank, ServiceError> {
    let mut opened = OpenedForBank { payments: Vec::new(), granted: BTreeSet::new(), refused: 0 };
    if sealed.is_empty() {
        return Ok(opened);
    }
    let job = app.gate.job(Recipient::PaymentJob)?;
    let asking =
        Asking { to: Some(bank), ..Asking::new(&job, portfolio, Purpose::Payment, app.gate.request()) };
    let payment_of = |sealed: &Sealed<Payment>| PaymentId::from_bytes(*sealed.record().bytes());
    let targets = sealed.iter().map(|one| Target::for_item(one.subject(), payment_of(one))).collect();
    let mut run = app.gate.run::<PaymentForBank>(asking, targets, MAX_PART).await?;
    while let Some(part) = run.next().await? {
        // A batch is at most one part.
        for one in sealed {
            match part.grant.open::<PaymentForBank, _>(one) {
                Ok(payment) => {
                    opened.payments.push((payment_of(one), payment));
                    opened.granted.insert((one.subject(), one.record()));
                }
                Err(GateError::Expired) => return Err(GateError::Expired.into()),
                Err(GateError::OtherSubject) => opened.refused += 1,
                Err(error) => {
                    tracing::warn!(payment = %payment_of(one), %error, "a payment is left out: it does not open");
                }
            }
        }
    }
    Ok(opened)
}
