//! Paying adjudicated claims: the payment job makes a sealed payment for each claim that the plan owes
//! something on, and books it. Payment and posting are the payee's: a provider who is paid directly finds
//! them in their own record, and the member's erasure leaves them. The bank is another file's (`export`).

mod compute;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    BatchId, Category, CategorySet, ClaimId, ClaimState, Currency, Date, Determination, Payee, PaymentId,
    PaymentState, Person, PortfolioId, Purpose, Recipient, RecordId, SubjectId, Timestamp,
};
use gate::{Asking, GateError, MAX_PART, Part, Sealed, Target, Totals, job_actor_id};
use store::StoreError;
use store::claim::ClaimRow;
use store::key::WrappedKey;
use store::payment::{PaymentRow, PostingRow};
use store::sealed::SealedRow;

use self::compute::{Days, ToPayMember, ToPayOne, ToPayProvider, pay_member, pay_provider};
use crate::ledger::{BatchKind, batch_rows};
use crate::views::{ClaimToPay, DeterminationToPay, MemberToPay, ProviderToPay};
use crate::{App, ServiceError, work_item};

type ToPay = (ClaimToPay, DeterminationToPay, MemberToPay);

/// What was paid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentReport {
    /// Payments made, ready for the bank.
    pub paid: u64,
    /// Claims whose payee has no account on file: left as they are, for a person.
    pub without_account: u64,
    /// Claims that no clause lets the job read, or whose payee it may not: left as they are.
    pub refused: u64,
    /// Claims whose payment could not be computed, a record being gone or altered: left as they are.
    pub failed: u64,
    /// What was booked.
    pub booked: Totals,
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
    let days = Days { execution, today: app.today()? };
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
        let claims = without_held(app, portfolio, claims).await?;
        if claims.is_empty() {
            continue;
        }
        let asking =
            Asking { writes: WRITES, ..Asking::new(&job, portfolio, Purpose::Payment, app.gate.request()) };
        let targets = claims.iter().map(|claim| Target::for_item(claim.subject, claim.claim)).collect();
        let mut run = app.gate.run::<ToPay>(asking, targets, MAX_PART).await?;
        let rows: BTreeMap<RecordId, ClaimRow> =
            claims.into_iter().map(|claim| (claim.claim.into(), claim)).collect();
        report.refused += rows.len() as u64;
        while let Some(part) = run.next().await? {
            report.refused -= part.granted.len() as u64;
            let mut paying = Paying::new(app, portfolio, &days, &part);
            paying.part(&mut report).await?;
            paying.write(&rows, &mut report).await?;
            progress(report.paid);
        }
    }
    Ok(report)
}

/// Those of these claims, in order, whose payment does not wait for a person. Of the others nothing is asked, so that no
/// record tells that they wait.
async fn without_held(
    app: &App,
    portfolio: PortfolioId,
    mut claims: Vec<ClaimRow>,
) -> Result<Vec<ClaimRow>, ServiceError> {
    let place = |claim: &ClaimRow| (claim.subject, claim.claim);
    let Some(range) = claims.first().map(place).zip(claims.last().map(place)) else { return Ok(claims) };
    let held = app.store().read(move |unit| store::screen::holding(unit, portfolio, range)).await;
    let held: BTreeSet<ClaimId> = held.map_err(|error: StoreError| error)?.into_iter().collect();
    claims.retain(|claim| !held.contains(&claim.claim));
    Ok(claims)
}

/// What a payment and its posting hold.
const WRITES: CategorySet = CategorySet::of(&[Category::Identity, Category::Financial]);

/// A payment that was made, of which claim and for whom.
struct Paid {
    claim: RecordId,
    payee: SubjectId,
    payment: PaymentId,
    currency: Currency,
}

/// One part of a run, being paid: a batch.
struct Paying<'a> {
    app: &'a App,
    portfolio: PortfolioId,
    days: &'a Days,
    part: &'a Part<ToPay>,
    batch: BatchId,
    sealed: Vec<SealedRow>,
    paid: Vec<Paid>,
    totals: Totals,
}

impl<'a> Paying<'a> {
    fn new(app: &'a App, portfolio: PortfolioId, days: &'a Days, part: &'a Part<ToPay>) -> Self {
        let batch = BatchId::from_bytes(app.gate.random_id());
        let (sealed, paid, totals) = (Vec::new(), Vec::new(), Totals::default());
        Self { app, portfolio, days, part, batch, sealed, paid, totals }
    }

    /// Computes the payments of every claim that was granted; those that cannot be computed hold up nobody.
    async fn part(&mut self, report: &mut PaymentReport) -> Result<(), ServiceError> {
        let before = (report.without_account, report.refused);
        let (members, providers) = self.by_payee().await?;
        self.members(members, report).await?;
        self.providers(providers, report).await?;
        let told = report.without_account + report.refused - before.0 - before.1;
        report.failed += (self.part.granted.len() - self.paid.len()) as u64 - told;
        Ok(())
    }

    /// The claims whose records are there, by the member or provider who is paid.
    async fn by_payee(&self) -> Result<(ByPayee, ByPayee), ServiceError> {
        let gate = &self.app.gate;
        let claim_of =
            |target: &Target| target.item.map(|item| (target.subject, RecordId::from_bytes(*item.bytes())));
        let pairs: Vec<(SubjectId, RecordId)> = self.part.granted.iter().filter_map(claim_of).collect();
        let determinations = gate.fetch_records::<DeterminationToPay>(&pairs).await?;
        let mut determinations: BTreeMap<RecordId, Sealed<Determination>> =
            determinations.into_iter().map(|sealed| (sealed.record(), sealed)).collect();
        let (mut members, mut providers) = (ByPayee::new(), ByPayee::new());
        for claim in gate.fetch_records::<ClaimToPay>(&pairs).await? {
            let Some(determination) = determinations.remove(&claim.record()) else { continue };
            let Some(opened) = or_skipped(self.part.grant.open::<ClaimToPay, _>(&claim), claim.subject())?
            else {
                continue;
            };
            let payment = payment_id(self.app, claim.record());
            let (payees, payee) = match opened.payee {
                Payee::Member => (&mut members, claim.subject()),
                Payee::Provider => (&mut providers, opened.provider.into()),
            };
            payees.entry(payee).or_default().push(ToPayOne { claim, determination, payment });
        }
        Ok((members, providers))
    }

    async fn members(&mut self, mut claims: ByPayee, report: &mut PaymentReport) -> Result<(), ServiceError> {
        let members: Vec<SubjectId> = claims.keys().copied().collect();
        let keys = keys_of(self.app, &members).await?;
        let people: Vec<Sealed<Person>> = self.app.gate.fetch_many::<MemberToPay>(&members).await?;
        for person in people {
            let member = person.subject();
            let inputs = ToPayMember { person, claims: claims.remove(&member).unwrap_or_default() };
            let own = keys.get(&member).map_or(&[][..], Vec::as_slice);
            let result = self.part.grant.compute(member, own, self.days, &inputs, pay_member);
            let Some(computed) = or_skipped(result, member)? else { continue };
            let (paid, totals) = computed.plain;
            self.totals.merge(&totals);
            self.sealed.extend(computed.rows);
            for (one, currency) in inputs.claims.iter().zip(paid) {
                self.made(one, member, currency, report);
            }
        }
        Ok(())
    }

    /// Pays providers, each under the clause about practitioners: a run of its own, in the batch's name.
    async fn providers(&mut self, claims: ByPayee, report: &mut PaymentReport) -> Result<(), ServiceError> {
        if claims.is_empty() {
            return Ok(());
        }
        let providers: Vec<SubjectId> = claims.keys().copied().collect();
        let (item, now) = (self.batch, self.app.gate.now());
        let open = |provider: &SubjectId| {
            work_item::open(*provider, item.into(), job_actor_id(Recipient::PaymentJob), now)
        };
        let items: Vec<_> = providers.iter().map(open).collect();
        self.app.store().write(move |unit| store::condition::set_many(unit, &items)).await?;
        let outcome = self.run_of_providers(&providers, &claims, report).await;
        let at = self.app.gate.now();
        self.app
            .store()
            .write(move |unit| {
                providers.iter().try_for_each(|provider| {
                    work_item::end(unit, *provider, item.into(), job_actor_id(Recipient::PaymentJob), at)
                })
            })
            .await?;
        outcome
    }

    async fn run_of_providers(
        &mut self,
        providers: &[SubjectId],
        claims: &ByPayee,
        report: &mut PaymentReport,
    ) -> Result<(), ServiceError> {
        let gate = &self.app.gate;
        let job = gate.job(Recipient::PaymentJob)?;
        let asking =
            Asking { writes: WRITES, ..Asking::new(&job, self.portfolio, Purpose::Payment, gate.request()) };
        let targets = providers.iter().map(|provider| Target::for_item(*provider, self.batch)).collect();
        let keys = keys_of(self.app, providers).await?;
        let mut run = gate.run::<ProviderToPay>(asking, targets, MAX_PART).await?;
        while let Some(part) = run.next().await? {
            let of = |provider: SubjectId| claims.get(&provider).map_or(&[][..], Vec::as_slice);
            report.refused +=
                part.refused.iter().map(|(target, _)| of(target.subject).len() as u64).sum::<u64>();
            let granted: Vec<SubjectId> = part.grant.subjects().collect();
            for provider in gate.fetch_many::<ProviderToPay>(&granted).await? {
                let payee = provider.subject();
                let own = keys.get(&payee).map_or(&[][..], Vec::as_slice);
                for claim in of(payee) {
                    let (member, inputs) =
                        (claim.claim.subject(), ToPayProvider { provider: &provider, claim });
                    let to = (&part.grant, payee);
                    let result =
                        self.part.grant.compute_for(member, to, own, self.days, &inputs, pay_provider);
                    let Some(computed) = or_skipped(result, payee)? else { continue };
                    let (currency, totals) = computed.plain;
                    self.totals.merge(&totals);
                    self.sealed.extend(computed.rows);
                    self.made(claim, payee, currency, report);
                }
            }
        }
        Ok(())
    }

    fn made(
        &mut self,
        one: &ToPayOne,
        payee: SubjectId,
        currency: Option<Currency>,
        report: &mut PaymentReport,
    ) {
        let (claim, payment) = (one.claim.record(), one.payment);
        match currency {
            Some(currency) => self.paid.push(Paid { claim, payee, payment, currency }),
            None => report.without_account += 1,
        }
    }

    /// Writes the batch in one transaction.
    async fn write(
        self,
        rows: &BTreeMap<RecordId, ClaimRow>,
        report: &mut PaymentReport,
    ) -> Result<(), ServiceError> {
        if self.paid.is_empty() {
            return Ok(());
        }
        let (batch, sealed, now) = (self.batch, self.sealed, self.app.gate.now());
        let portfolio = self.portfolio;
        let ledger = batch_rows(&self.app.gate, batch, BatchKind::Payments, self.portfolio, &self.totals)?;
        let paid: Vec<(ClaimRow, Paid)> = self
            .paid
            .into_iter()
            .filter_map(|paid| rows.get(&paid.claim).map(|claim| (*claim, paid)))
            .collect();
        report.paid += paid.len() as u64;
        report.booked.merge(&self.totals);
        self.app
            .store()
            .write(move |unit| {
                // Held since it was looked at: the batch is not written, and the next run leaves the claim out.
                if is_any_held(unit, portfolio, &paid)? {
                    return Err(StoreError::Changed);
                }
                ledger.insert(unit)?;
                store::sealed::put_many(unit, &sealed)?;
                paid.iter().try_for_each(|(claim, paid)| advance(unit, claim, paid, batch, now))
            })
            .await
            .map_err(|error: StoreError| error.into())
    }
}

/// Whether the payment of any of these waits for a person now.
fn is_any_held(
    unit: &mut store::Unit<'_>,
    portfolio: PortfolioId,
    paid: &[(ClaimRow, Paid)],
) -> Result<bool, StoreError> {
    let places = || paid.iter().map(|(claim, _)| (claim.subject, claim.claim));
    let Some(range) = places().min().zip(places().max()) else { return Ok(false) };
    let held = store::screen::holding(unit, portfolio, range)?;
    Ok(paid.iter().any(|(claim, _)| held.contains(&claim.claim)))
}

/// The id of a claim's payment: the same when it is made again.
pub(crate) fn payment_id(app: &App, claim: RecordId) -> PaymentId {
    PaymentId::from_bytes(app.gate.imported_id("payment", "claim", &claim.to_string()))
}

/// Claims to be paid, by who is paid.
type ByPayee = BTreeMap<SubjectId, Vec<ToPayOne>>;

async fn keys_of(
    app: &App,
    subjects: &[SubjectId],
) -> Result<BTreeMap<SubjectId, Vec<WrappedKey>>, ServiceError> {
    let asked = subjects.to_vec();
    let keys = app.store().read(move |unit| store::many::keys(unit, &asked)).await?;
    let mut by_subject: BTreeMap<SubjectId, Vec<WrappedKey>> = BTreeMap::new();
    for key in keys {
        by_subject.entry(key.subject).or_default().push(key);
    }
    Ok(by_subject)
}

/// What cannot be computed for one payee is left for a person, and holds up nobody else. A grant that has
/// expired has for everyone.
fn or_skipped<T>(result: Result<T, GateError>, subject: SubjectId) -> Result<Option<T>, GateError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(GateError::Expired) => Err(GateError::Expired),
        Err(error) => {
            tracing::warn!(%subject, %error, "claims stay unpaid: their payments could not be computed");
            Ok(None)
        }
    }
}

/// Moves a claim on: into the payment's batch, with a work item for handing the payment to the bank.
fn advance(
    unit: &mut store::Unit<'_>,
    claim: &ClaimRow,
    paid: &Paid,
    batch: BatchId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let &Paid { payee: subject, payment, currency, .. } = paid;
    let row = PaymentRow { subject, payment, batch, state: PaymentState::Batched, currency, version: 1 };
    store::payment::insert_many(unit, &[row])?;
    let posting = PostingRow { subject, posting: payment.into(), claim: claim.claim, batch };
    store::payment::insert_postings(unit, &[posting])?;
    store::claim::set_state(unit, &ClaimRow { state: ClaimState::InPayment, ..*claim })?;
    work_item::end(unit, claim.subject, claim.claim.into(), job_actor_id(Recipient::PaymentJob), now)?;
    store::condition::set_many(
        unit,
        &[work_item::open(subject, payment.into(), job_actor_id(Recipient::PaymentJob), now)],
    )
}
