//! Paying adjudicated claims: the payment job makes a sealed payment for each claim that the plan owes
//! something on, books it, and hands the bank exactly what it needs (name, town, account, amount). The
//! bank file itself is written by a face from what the bank's grant shows.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Account, ActorId, BatchId, Bic, Category, CategorySet, Claim, ClaimState, Country, Currency, Date,
    Determination, Iban, Money, Payee, Payment, PaymentId, PaymentState, Person, PersonName, PortfolioId,
    PostalAddress, PostingEntry, ProviderId, Purpose, Recipient, RecordId, SubjectId, Timestamp,
};
use gate::{Asking, GateError, Grant, MAX_PART, Outside, Part, Reader, Sealed, Target, Totals, Writer};
use store::StoreError;
use store::claim::ClaimRow;
use store::payment::{PaymentRow, PostingRow};
use store::sealed::SealedRow;

use crate::ledger::{BatchKind, batch_rows};
use crate::submit::{end_work_item, work_item};
use crate::views::{ClaimToPay, DeterminationToPay, MemberToPay, PaymentForBank, ProviderToPay};
use crate::{App, ServiceError};

type ToPay = (ClaimToPay, DeterminationToPay, MemberToPay);

/// What was paid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentReport {
    /// Payments made, ready for the bank.
    pub paid: u64,
    /// Claims whose payee has no account on file: left as they are, for a person.
    pub without_account: u64,
    /// What was booked.
    pub booked: Totals,
}

/// Who is paid.
struct PayeeAccount {
    name: PersonName,
    town: Option<PostalAddress>,
    country: Option<Country>,
    account: Iban,
    bank: Option<Bic>,
}

/// Makes payments for up to `limit` adjudicated claims of a portfolio, to be carried out on a day. Run
/// again, it goes on with what is left.
pub async fn pay_claims(
    app: &App,
    portfolio: PortfolioId,
    execution: Date,
    limit: usize,
    mut progress: impl FnMut(u64),
) -> Result<PaymentReport, ServiceError> {
    let job = app.gate.job(Recipient::PaymentJob)?;
    let mut report = PaymentReport::default();
    let mut after = None;
    let mut left = limit;
    while left > 0 {
        let part = left.min(MAX_PART);
        let claims: Vec<ClaimRow> = app
            .store()
            .read(move |unit| {
                store::claim::page_by_state(unit, portfolio, ClaimState::Adjudicated, after, part)
            })
            .await?;
        let Some(last) = claims.last() else { break };
        after = Some((last.subject, last.claim));
        left -= claims.len();
        let asking = Asking {
            writes: CategorySet::of(&[Category::Identity, Category::Financial]),
            ..Asking::new(&job, portfolio, Purpose::Payment, app.gate.request())
        };
        let targets = claims.iter().map(|claim| Target::for_item(claim.subject, claim.claim)).collect();
        let mut run = app.gate.run::<ToPay>(asking, targets, MAX_PART).await?;
        let rows: BTreeMap<RecordId, ClaimRow> =
            claims.into_iter().map(|claim| (claim.claim.into(), claim)).collect();
        while let Some(part) = run.next().await? {
            pay_part(app, portfolio, execution, &part, &rows, &mut report).await?;
            progress(report.paid);
        }
    }
    Ok(report)
}

/// One claim, fetched.
struct ToPayOne {
    claim: Sealed<Claim>,
    determination: Sealed<Determination>,
    payment: PaymentId,
}

/// What is fetched for one subject.
struct ToPaySubject {
    person: Sealed<Person>,
    claims: Vec<ToPayOne>,
}

struct Context {
    providers: BTreeMap<ProviderId, ProviderToPay>,
    execution: Date,
    today: Date,
}

async fn pay_part(
    app: &App,
    portfolio: PortfolioId,
    execution: Date,
    part: &Part<ToPay>,
    rows: &BTreeMap<RecordId, ClaimRow>,
    report: &mut PaymentReport,
) -> Result<(), ServiceError> {
    let batch = BatchId::from_bytes(app.gate.random_id());
    let pairs: Vec<(SubjectId, RecordId)> = part
        .granted
        .iter()
        .filter_map(|target| target.item.map(|item| (target.subject, RecordId::from_bytes(*item.bytes()))))
        .collect();
    let subjects: Vec<SubjectId> =
        part.granted.iter().map(|target| target.subject).collect::<BTreeSet<_>>().into_iter().collect();
    let claims = app.gate.fetch_records::<ClaimToPay>(&pairs).await?;
    let mut determinations: BTreeMap<RecordId, Sealed<Determination>> = app
        .gate
        .fetch_records::<DeterminationToPay>(&pairs)
        .await?
        .into_iter()
        .map(|sealed| (sealed.record(), sealed))
        .collect();
    let people = app.gate.fetch_many::<MemberToPay>(&subjects).await?;
    let providers = providers(app, portfolio, batch, &part.grant, &claims).await?;
    let context = Context { providers, execution, today: app.today()? };
    let asked = subjects.clone();
    let keys = app.store().read(move |unit| store::many::keys(unit, &asked)).await?;

    let mut by_subject: BTreeMap<SubjectId, Vec<ToPayOne>> = BTreeMap::new();
    for claim in claims {
        let Some(determination) = determinations.remove(&claim.record()) else { continue };
        let payment =
            PaymentId::from_bytes(app.gate.imported_id("payment", "claim", &claim.record().to_string()));
        by_subject.entry(claim.subject()).or_default().push(ToPayOne { claim, determination, payment });
    }
    let (mut sealed, mut paid, mut totals) = (Vec::new(), Vec::new(), Totals::default());
    for person in people {
        let subject = person.subject();
        let inputs = ToPaySubject { person, claims: by_subject.remove(&subject).unwrap_or_default() };
        let own: Vec<_> = keys.iter().filter(|key| key.subject == subject).cloned().collect();
        let computed = part.grant.compute(subject, &own, &context, &inputs, pay_subject)?;
        let (paid_here, totals_here) = computed.plain;
        totals.merge(&totals_here);
        sealed.extend(computed.rows);
        for (one, currency) in inputs.claims.iter().zip(paid_here) {
            match (rows.get(&one.claim.record()), currency) {
                (Some(row), Some(currency)) => paid.push((*row, one.payment, currency)),
                _ => report.without_account += 1,
            }
        }
    }
    report.paid += paid.len() as u64;
    write_part(app, portfolio, batch, sealed, paid, &totals).await?;
    report.booked.merge(&totals);
    Ok(())
}

/// Reads the providers that are paid directly, under the clause about practitioners.
async fn providers(
    app: &App,
    portfolio: PortfolioId,
    batch: BatchId,
    grant: &Grant<ToPay>,
    claims: &[Sealed<Claim>],
) -> Result<BTreeMap<ProviderId, ProviderToPay>, ServiceError> {
    let mut needed = BTreeSet::new();
    for sealed in claims {
        let claim: ClaimToPay = grant.open(sealed)?;
        if claim.payee == Payee::Provider {
            needed.insert(SubjectId::from(claim.provider));
        }
    }
    let subjects: Vec<SubjectId> = needed.into_iter().collect();
    let now = app.gate.now();
    let items: Vec<_> = subjects
        .iter()
        .map(|subject| work_item(*subject, batch.into(), Recipient::PaymentJob, now))
        .collect();
    app.store().write(move |unit| store::condition::set_many(unit, &items)).await?;
    let job = app.gate.job(Recipient::PaymentJob)?;
    let asking = Asking::new(&job, portfolio, Purpose::Payment, app.gate.request());
    let targets = subjects.iter().map(|subject| Target::for_item(*subject, batch)).collect();
    let mut run = app.gate.run::<ProviderToPay>(asking, targets, MAX_PART).await?;
    let mut providers = BTreeMap::new();
    while let Some(part) = run.next().await? {
        let granted: Vec<SubjectId> = part.grant.subjects().collect();
        for sealed in app.gate.fetch_many::<ProviderToPay>(&granted).await? {
            providers.insert(ProviderId::from(sealed.subject()), part.grant.open(&sealed)?);
        }
    }
    let at = app.gate.now();
    app.store()
        .write(move |unit| {
            subjects.iter().try_for_each(|subject| {
                end_work_item(unit, *subject, batch.into(), Recipient::PaymentJob, at)
            })
        })
        .await?;
    Ok(providers)
}

/// The computation: one payment and one posting for each claim whose payee has an account.
fn pay_subject(
    context: &Context,
    inputs: &ToPaySubject,
    reader: &Reader<'_, ToPay>,
    writer: &mut Writer<'_>,
) -> Result<(Vec<Option<Currency>>, Totals), GateError> {
    let member: MemberToPay = reader.open(&inputs.person)?;
    let mut totals = Totals::default();
    let mut paid = Vec::with_capacity(inputs.claims.len());
    for one in &inputs.claims {
        let claim: ClaimToPay = reader.open(&one.claim)?;
        let determination: DeterminationToPay = reader.open(&one.determination)?;
        let minor: i64 = determination.lines.iter().map(|line| line.plan).sum();
        let Some((payee, payable)) = payee(context, &claim, &member) else {
            paid.push(None);
            continue;
        };
        let amount = Money::new(minor, determination.currency)
            .map_err(|_| GateError::Compute("an amount is too large to be paid"))?;
        writer.put(
            one.payment,
            1,
            &Payment {
                name: payee.name,
                town: payee.town,
                country: payee.country,
                account: payee.account,
                bank: payee.bank,
                amount,
                execution: context.execution,
            },
        )?;
        let entries = vec![
            PostingEntry { account: payable, amount: minor },
            PostingEntry { account: Account::Bank, amount: -minor },
        ];
        crate::ledger::post(
            one.payment.into(),
            context.today,
            determination.currency,
            entries,
            writer,
            &mut totals,
        )?;
        paid.push(Some(determination.currency));
    }
    Ok((paid, totals))
}

fn payee(context: &Context, claim: &ClaimToPay, member: &MemberToPay) -> Option<(PayeeAccount, Account)> {
    match claim.payee {
        Payee::Member => {
            let account = PayeeAccount {
                name: member.name.clone(),
                town: member.town.clone(),
                country: member.country,
                account: member.account.clone()?,
                bank: member.bank.clone(),
            };
            Some((account, Account::PayableToMembers))
        }
        Payee::Provider => {
            let provider = context.providers.get(&claim.provider)?;
            let account = PayeeAccount {
                name: provider.name.clone(),
                town: provider.town.clone(),
                country: provider.country,
                account: provider.account.clone()?,
                bank: provider.bank.clone(),
            };
            Some((account, Account::PayableToProviders))
        }
    }
}

async fn write_part(
    app: &App,
    portfolio: PortfolioId,
    batch: BatchId,
    sealed: Vec<SealedRow>,
    paid: Vec<(ClaimRow, PaymentId, Currency)>,
    totals: &Totals,
) -> Result<(), ServiceError> {
    if paid.is_empty() {
        return Ok(());
    }
    let now = app.gate.now();
    let ledger = batch_rows(&app.gate, batch, BatchKind::Payments, portfolio, totals)?;
    app.store()
        .write(move |unit| {
            ledger.insert(unit)?;
            store::sealed::put_many(unit, &sealed)?;
            for (claim, payment, currency) in &paid {
                advance(unit, claim, *payment, *currency, batch, now)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

/// Moves a claim on: into the payment's batch, with a work item for handing the payment to the bank.
fn advance(
    unit: &mut store::Unit<'_>,
    claim: &ClaimRow,
    payment: PaymentId,
    currency: Currency,
    batch: BatchId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (subject, item) = (claim.subject, claim.claim.into());
    let row = PaymentRow { subject, payment, batch, state: PaymentState::Batched, currency, version: 1 };
    store::payment::insert_many(unit, &[row])?;
    let posting = PostingRow { subject, posting: payment.into(), claim: claim.claim, batch };
    store::payment::insert_postings(unit, &[posting])?;
    store::claim::set_state(unit, &ClaimRow { state: ClaimState::InPayment, ..*claim })?;
    end_work_item(unit, subject, item, Recipient::PaymentJob, now)?;
    store::condition::set_many(unit, &[work_item(subject, payment.into(), Recipient::PaymentJob, now)])
}

/// Hands a batch of payments to the bank: an entry for each, naming it; then `deliver` writes the
/// bank file; and only when that is durable the batch counts as exported. Run again after a failure,
/// it hands the same batch over again, on the record again, under the same payment ids.
pub async fn export_payments<E: From<ServiceError>>(
    app: &App,
    portfolio: PortfolioId,
    bank: &Outside,
    mut deliver: impl FnMut(&[(PaymentId, PaymentForBank)]) -> Result<(), E>,
) -> Result<u64, E> {
    let exporter = Exporter::begin(app, portfolio).await?;
    let batches = open_batches(app, portfolio).await?;
    let mut payments = Vec::new();
    for (_, rows) in &batches {
        read_for_bank(app, portfolio, bank, rows, &mut payments).await?;
    }
    if payments.is_empty() {
        exporter.end(app).await?;
        return Ok(0);
    }
    deliver(&payments)?;
    let now = app.gate.now();
    for (batch, rows) in batches {
        app.store()
            .write(move |unit| {
                for row in &rows {
                    store::payment::set_state(unit, &PaymentRow { state: PaymentState::Exported, ..*row })?;
                    end_work_item(unit, row.subject, row.payment.into(), Recipient::PaymentJob, now)?;
                }
                store::payment::set_batch_state(unit, batch, BATCH_OPEN, BATCH_EXPORTED)
            })
            .await
            .map_err(ServiceError::from)?;
    }
    exporter.end(app).await?;
    Ok(payments.len() as u64)
}

/// Whoever exports a portfolio's payments: one at a time, so that no batch is handed over twice. One that
/// dies gives way after its time.
struct Exporter {
    lease: String,
    holder: ActorId,
}

impl Exporter {
    async fn begin(app: &App, portfolio: PortfolioId) -> Result<Self, ServiceError> {
        let (lease, holder) = (format!("export {portfolio}"), ActorId::from_bytes(app.gate.random_id()));
        let (name, now) = (lease.clone(), app.gate.now());
        let until = now.plus_seconds(EXPORT_SECONDS);
        let held =
            app.store().write(move |unit| store::lease::acquire(unit, &name, holder, now, until)).await?;
        if held { Ok(Self { lease, holder }) } else { Err(StoreError::Busy.into()) }
    }

    async fn end(self, app: &App) -> Result<(), ServiceError> {
        app.store().write(move |unit| store::lease::release(unit, &self.lease, self.holder)).await?;
        Ok(())
    }
}

/// How long an export may take.
const EXPORT_SECONDS: i64 = 3_600;

const BATCH_OPEN: i64 = 0;
const BATCH_EXPORTED: i64 = 1;

async fn open_batches(
    app: &App,
    portfolio: PortfolioId,
) -> Result<Vec<(BatchId, Vec<PaymentRow>)>, ServiceError> {
    let batches = app
        .store()
        .read(move |unit| {
            store::payment::batches(unit)?
                .into_iter()
                .filter(|row| row.portfolio == portfolio && row.kind == BatchKind::Payments as i64)
                .filter(|row| row.state == BATCH_OPEN)
                .map(|row| Ok((row.batch, store::payment::of_batch(unit, row.batch, None, MAX_PART)?)))
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    Ok(batches)
}

async fn read_for_bank(
    app: &App,
    portfolio: PortfolioId,
    bank: &Outside,
    rows: &[PaymentRow],
    payments: &mut Vec<(PaymentId, PaymentForBank)>,
) -> Result<(), ServiceError> {
    let job = app.gate.job(Recipient::PaymentJob)?;
    let asking = Asking {
        outside: Some(bank.clone()),
        ..Asking::new(&job, portfolio, Purpose::Payment, app.gate.request())
    };
    let targets = rows.iter().map(|row| Target::for_item(row.subject, row.payment)).collect();
    let pairs: Vec<(SubjectId, RecordId)> =
        rows.iter().map(|row| (row.subject, RecordId::from(row.payment))).collect();
    let mut run = app.gate.run::<PaymentForBank>(asking, targets, MAX_PART).await?;
    while let Some(part) = run.next().await? {
        if let Some((_, refused)) = part.refused.into_iter().next() {
            return Err(GateError::from(refused).into());
        }
        let fetched = app.gate.fetch_records::<PaymentForBank>(&pairs).await?;
        if fetched.len() != pairs.len() {
            return Err(ServiceError::Unbalanced("a payment's row is there and its sealed record is not"));
        }
        for sealed in fetched {
            payments.push((PaymentId::from_bytes(*sealed.record().bytes()), part.grant.open(&sealed)?));
        }
    }
    Ok(())
}
