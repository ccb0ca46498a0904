//! Paying claims: the payment job settles what the plan owes for each claim beside what its payee has had, and makes a sealed
//! payment of the rest. A claim that was paid and decided again is paid the difference, or its payee owes that back: it is kept
//! back from what they are paid next (`settle`). Payment, posting and settlement are the payee's: a provider who is paid directly
//! finds them in their own record, and the member's erasure leaves them. The bank is another file's (`export`).

mod batch;
mod compute;
pub(crate) mod settle;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Category, CategorySet, ClaimId, ClaimState, Date, Determination, Payee, PaymentId, Person, PortfolioId,
    Purpose, Recipient, RecordId, Settlement, SubjectId,
};
use gate::{Asking, Computed, GateError, MAX_PART, Part, Sealed, Target, Totals, job_actor_id};
use store::StoreError;
use store::claim::ClaimRow;
use store::key::WrappedKey;

use self::batch::{PaidClaim, PayBatch};
use self::compute::{Paid, ToPayAll, ToPayOne, pay_member, pay_provider};
use self::settle::{Ids, Terms};
use crate::views::{ClaimToPay, DeterminationToPay, MemberToPay, ProviderToPay, SettlementToPay};
use crate::{App, ServiceError, work_item};

type ToPay = (ClaimToPay, DeterminationToPay, MemberToPay, SettlementToPay);

/// What was paid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentReport {
    /// Payments made, ready for the bank.
    pub paid: u64,
    /// Claims that were settled without a payment: all of it was kept back, or is owed back.
    pub without_payment: u64,
    /// Claims whose payee has no account on file: left as they are, for a person.
    pub without_account: u64,
    /// Claims whose payment waits for a person, for what the screen found.
    pub held: u64,
    /// Claims that no clause lets the job read, or whose payee it may not: left as they are.
    pub refused: u64,
    /// Claims whose payment could not be computed, a record being gone or altered: left as they are.
    pub failed: u64,
    /// What was booked.
    pub booked: Totals,
}

impl PaymentReport {
    /// Claims that were settled.
    const fn settled(&self) -> u64 {
        self.paid + self.without_payment
    }
}

/// Settles up to `limit` claims of a portfolio that wait for it, and makes their payments, to be carried out on a day: first
/// those that were paid and decided again, so that what is owed back is known when the others are paid. Run again, it goes on
/// with what is left.
///
/// Errors: [`StoreError::Changed`] when a claim of a batch was paid, released or held by somebody else meanwhile: nothing of that
/// batch is written.
pub async fn pay_claims(
    app: &App,
    portfolio: PortfolioId,
    execution: Date,
    limit: usize,
    mut progress: impl FnMut(u64),
) -> Result<PaymentReport, ServiceError> {
    let percent = app.store().read(move |unit| store::settlement::set_off_percent(unit, portfolio)).await;
    let set_off_percent = percent.map_err(|error: StoreError| error)?;
    let terms = Terms { execution, today: app.today()?, set_off_percent };
    let mut report = PaymentReport::default();
    for state in [ClaimState::Unsettled, ClaimState::Adjudicated] {
        let mut after = None;
        loop {
            // What cannot be settled uses nothing of the limit up: it would stand before the others in every run.
            let left = limit.saturating_sub(usize::try_from(report.settled()).unwrap_or(usize::MAX));
            let page = move |unit: &mut store::Unit<'_>| {
                store::claim::page_by_state(unit, portfolio, state, after, left.min(MAX_PART))
            };
            let claims: Vec<ClaimRow> = app.store().read(page).await.map_err(|error: StoreError| error)?;
            let Some(last) = claims.last() else { break };
            after = Some((last.subject, last.claim));
            let all = claims.len();
            let claims = without_held(app, portfolio, claims).await?;
            report.held += (all - claims.len()) as u64;
            pay_page(app, portfolio, &terms, claims, &mut report, &mut progress).await?;
        }
    }
    Ok(report)
}

/// Settles some claims.
async fn pay_page(
    app: &App,
    portfolio: PortfolioId,
    terms: &Terms,
    claims: Vec<ClaimRow>,
    report: &mut PaymentReport,
    progress: &mut impl FnMut(u64),
) -> Result<(), ServiceError> {
    if claims.is_empty() {
        return Ok(());
    }
    let job = app.gate.job(Recipient::PaymentJob)?;
    let asking =
        Asking { writes: WRITES, ..Asking::new(&job, portfolio, Purpose::Payment, app.gate.request()) };
    let targets = claims.iter().map(|claim| Target::for_item(claim.subject, claim.claim)).collect();
    let mut run = app.gate.run::<ToPay>(asking, targets, MAX_PART).await?;
    let rows: BTreeMap<RecordId, ClaimRow> =
        claims.into_iter().map(|claim| (claim.claim.into(), claim)).collect();
    report.refused += rows.len() as u64;
    while let Some(part) = run.next().await? {
        report.refused -= part.granted.len() as u64;
        let mut paying = Paying { app, terms, part: &part, batch: PayBatch::new(app, portfolio, &rows) };
        paying.part(report).await?;
        paying.batch.write(app, report).await?;
        progress(report.paid);
    }
    Ok(())
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

/// One part of a run, being paid: a batch.
struct Paying<'a> {
    app: &'a App,
    terms: &'a Terms,
    part: &'a Part<ToPay>,
    batch: PayBatch<'a>,
}

/// A claim whose payment is to be worked out.
type Decided = (Sealed<domain::Claim>, Sealed<Determination>);

/// Claims to be paid, by who is paid.
type ByPayee<T> = BTreeMap<SubjectId, T>;

impl Paying<'_> {
    /// Settles every claim that was granted; those that cannot be settled hold up nobody.
    async fn part(&mut self, report: &mut PaymentReport) -> Result<(), ServiceError> {
        let before = (report.without_account, report.refused);
        let (members, providers) = self.by_payee().await?;
        self.members(members, report).await?;
        self.providers(providers, report).await?;
        let told = report.without_account + report.refused - before.0 - before.1;
        report.failed += (self.part.granted.len() - self.batch.paid.len()) as u64 - told;
        Ok(())
    }

    /// The claims whose records are there, by the member or provider who is paid.
    async fn by_payee(&self) -> Result<(ByPayee<ToPayAll>, ByPayee<ToPayAll>), ServiceError> {
        let gate = &self.app.gate;
        let claim_of =
            |target: &Target| target.item.map(|item| (target.subject, RecordId::from_bytes(*item.bytes())));
        let pairs: Vec<(SubjectId, RecordId)> = self.part.granted.iter().filter_map(claim_of).collect();
        let determinations = gate.fetch_records::<DeterminationToPay>(&pairs).await?;
        let mut determinations: BTreeMap<RecordId, Sealed<Determination>> =
            determinations.into_iter().map(|sealed| (sealed.record(), sealed)).collect();
        let mut members: ByPayee<Vec<Decided>> = BTreeMap::new();
        let mut providers: ByPayee<Vec<Decided>> = BTreeMap::new();
        for claim in gate.fetch_records::<ClaimToPay>(&pairs).await? {
            let Some(determination) = determinations.remove(&claim.record()) else { continue };
            let Some(opened) = or_skipped(self.part.grant.open::<ClaimToPay, _>(&claim), claim.subject())?
            else {
                continue;
            };
            let (payees, payee) = match opened.payee {
                Payee::Member => (&mut members, claim.subject()),
                Payee::Provider => (&mut providers, opened.provider.into()),
            };
            payees.entry(payee).or_default().push((claim, determination));
        }
        Ok((self.with_settlements(members).await?, self.with_settlements(providers).await?))
    }

    /// With what was settled on them, and on the claims for which their payees had too much.
    async fn with_settlements(
        &self,
        claims: ByPayee<Vec<Decided>>,
    ) -> Result<ByPayee<ToPayAll>, ServiceError> {
        let (portfolio, payees) = (self.batch.portfolio, claims.keys().copied().collect::<Vec<_>>());
        let overpaid =
            self.app.store().read(move |unit| store::settlement::overpaid_of(unit, portfolio, &payees)).await;
        let overpaid = overpaid.map_err(|error: StoreError| error)?;
        let is_paid = |record: &RecordId| self.batch.rows.get(record).is_some_and(|row| row.state.is_paid());
        let own = claims.iter().flat_map(|(payee, of)| of.iter().map(|one| (*payee, one.0.record())));
        let own = own.filter(|(_, record)| is_paid(record));
        let owed_back = overpaid.iter().map(|row| (row.subject, RecordId::from(row.claim)));
        let pairs: BTreeSet<(SubjectId, RecordId)> = own.chain(owed_back).collect();
        let pairs: Vec<_> = pairs.into_iter().collect();
        let mut settlements: ByPayee<Vec<Sealed<Settlement>>> = BTreeMap::new();
        for sealed in self.app.gate.fetch_records::<SettlementToPay>(&pairs).await? {
            settlements.entry(sealed.subject()).or_default().push(sealed);
        }
        let with = |(payee, decided): (SubjectId, Vec<Decided>)| {
            let settlements = settlements.remove(&payee).unwrap_or_default();
            let one = |(claim, determination): Decided| {
                let record = claim.record();
                let before = settlements.iter().find(|settled| settled.record() == record);
                let ids = ids(self.app, record, before.map_or(0, Sealed::version) + 1);
                let was_paid = is_paid(&record);
                ToPayOne { claim, determination, ids, was_paid }
            };
            let claims = decided.into_iter().map(one).collect();
            (payee, ToPayAll { claims, settlements })
        };
        Ok(claims.into_iter().map(with).collect())
    }

    async fn members(
        &mut self,
        mut claims: ByPayee<ToPayAll>,
        report: &mut PaymentReport,
    ) -> Result<(), ServiceError> {
        let members: Vec<SubjectId> = claims.keys().copied().collect();
        let keys = keys_of(self.app, &members).await?;
        let people: Vec<Sealed<Person>> = self.app.gate.fetch_many::<MemberToPay>(&members).await?;
        for person in people {
            let member = person.subject();
            let Some(all) = claims.remove(&member) else { continue };
            let own = keys.get(&member).map_or(&[][..], Vec::as_slice);
            let inputs = (person, all);
            let result = self.part.grant.compute(member, own, self.terms, &inputs, pay_member);
            let Some(computed) = or_skipped(result, member)? else { continue };
            self.made(&inputs.1, member, computed, report);
        }
        Ok(())
    }

    /// Pays providers, each under the clause about practitioners: a run of its own, in the batch's name.
    async fn providers(
        &mut self,
        claims: ByPayee<ToPayAll>,
        report: &mut PaymentReport,
    ) -> Result<(), ServiceError> {
        if claims.is_empty() {
            return Ok(());
        }
        let providers: Vec<SubjectId> = claims.keys().copied().collect();
        let (item, now) = (self.batch.id, self.app.gate.now());
        let open = |provider: &SubjectId| {
            work_item::open(*provider, item.into(), job_actor_id(Recipient::PaymentJob), now)
        };
        let items: Vec<_> = providers.iter().map(open).collect();
        self.app.store().write(move |unit| store::condition::set_many(unit, &items)).await?;
        let outcome = self.run_of_providers(&providers, claims, report).await;
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
        mut claims: ByPayee<ToPayAll>,
        report: &mut PaymentReport,
    ) -> Result<(), ServiceError> {
        let gate = &self.app.gate;
        let job = gate.job(Recipient::PaymentJob)?;
        let asking = Asking {
            writes: WRITES,
            ..Asking::new(&job, self.batch.portfolio, Purpose::Payment, gate.request())
        };
        let targets = providers.iter().map(|provider| Target::for_item(*provider, self.batch.id)).collect();
        let keys = keys_of(self.app, providers).await?;
        let mut run = gate.run::<(ProviderToPay, SettlementToPay)>(asking, targets, MAX_PART).await?;
        while let Some(part) = run.next().await? {
            let refused = part.refused.iter().filter_map(|(target, _)| claims.get(&target.subject));
            report.refused += refused.map(|all| all.claims.len() as u64).sum::<u64>();
            let granted: Vec<SubjectId> = part.grant.subjects().collect();
            for provider in gate.fetch_many::<ProviderToPay>(&granted).await? {
                let payee = provider.subject();
                let Some(all) = claims.remove(&payee) else { continue };
                let own = keys.get(&payee).map_or(&[][..], Vec::as_slice);
                let members: BTreeSet<SubjectId> = all.claims.iter().map(|one| one.claim.subject()).collect();
                let members: Vec<SubjectId> = members.into_iter().collect();
                let (inputs, to) = ((provider, all), (&part.grant, payee));
                let result =
                    self.part.grant.compute_for(&members, to, own, self.terms, &inputs, pay_provider);
                let Some(computed) = or_skipped(result, payee)? else { continue };
                self.made(&inputs.1, payee, computed, report);
            }
        }
        Ok(())
    }

    /// Takes in what was settled with a payee.
    fn made(
        &mut self,
        all: &ToPayAll,
        payee: SubjectId,
        computed: Computed<Paid>,
        report: &mut PaymentReport,
    ) {
        let (settled, (states, totals)) = computed.plain;
        for (one, settled) in all.claims.iter().zip(settled) {
            let Some(settled) = settled else { continue };
            let Some((state, currency)) = settled else {
                report.without_account += 1;
                continue;
            };
            let payment = currency.map(|currency| (one.ids.payment, currency));
            self.batch.paid.push(PaidClaim { claim: one.claim.record(), payee, state, payment });
        }
        self.batch.take(all, payee, computed.rows, &states, &totals);
    }
}

/// The ids of what is settled on a claim: the same when it is made again from the same.
fn ids(app: &App, claim: RecordId, version: i64) -> Ids {
    let id =
        |noun: &str| RecordId::from_bytes(app.gate.imported_id(noun, "claim", &format!("{claim}/{version}")));
    Ids {
        payment: PaymentId::from_bytes(*id("payment").bytes()),
        set_off: id("set-off"),
        differences: [id("difference"), id("other difference")],
    }
}

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
