//! Promise 7 after money went out: a claim that was paid and decided again is paid the difference once, or its payee owes it
//! back; what is owed back is kept back from what that payee is paid next, once, and every cent is somewhere.

use std::collections::BTreeMap;

use domain::{
    Account, ClaimState, Currency, Payee, PaymentId, Recipient, ReleaseReason, SettlementState, SubjectId,
};
use intake::CoverageDraft;
use service::views::PaymentForBank;
use service::{ExportReport, PaymentReport, ServiceError, ToRelease};
use store::StoreError;
use store::settlement::SettlementRow;

use crate::on_both;
use crate::readjudication::{add_plan, covered, decided, plan, release_as, run};
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    a_released_difference_is_paid_once,
    what_was_too_much_is_kept_back_from_what_is_paid_next,
    no_more_than_the_portfolios_share_is_kept_back,
    a_provider_gives_back_and_no_member_learns_it,
    what_was_paid_after_cover_had_ended_is_owed_back_once_somebody_released_it,
    every_cent_is_somewhere_whatever_is_released_and_paid,
    many_servers_settle_everything_once,
}

/// A version of the plan under which everything up to a limit is paid.
pub(crate) async fn limit(site: &TestSite, version: u32, euros: u32) {
    add_plan(site, &plan(&version.to_string(), euros, false)).await;
}

/// Decides everything again under it, and releases what that changes.
pub(crate) async fn released(site: &TestSite, version: u32, euros: u32) -> u64 {
    limit(site, version, euros).await;
    let found = run(site).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    release_as(site, &staff, found.run).await.unwrap().claims
}

/// A claim of a member, decided.
pub(crate) async fn claim(site: &TestSite, member: &str, number: u32, charge: i64, payee: Payee) {
    let mut claim = site.claim(&format!("{member} {number}"), member, "GP", charge);
    claim.payee = payee;
    site.submit(&[claim]).await;
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
}

pub(crate) async fn pay(site: &TestSite) -> PaymentReport {
    service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10_000, |_| {}).await.unwrap()
}

/// What the bank is told: each payment's amount in minor units.
async fn to_bank(site: &TestSite) -> Vec<(PaymentId, i64)> {
    let mut told = Vec::new();
    let deliver = |payments: &[(PaymentId, PaymentForBank)]| {
        told.extend(payments.iter().map(|(id, payment)| (*id, payment.amount.minor())));
        Ok::<_, ServiceError>(Vec::new())
    };
    let report = service::export_payments(&site.app, PORTFOLIO, site.bank().await, deliver).await.unwrap();
    assert_eq!(report, ExportReport { handed: told.len() as u64, ..ExportReport::default() });
    told
}

pub(crate) async fn amounts(site: &TestSite) -> Vec<i64> {
    let mut amounts: Vec<i64> = to_bank(site).await.into_iter().map(|(_, amount)| amount).collect();
    amounts.sort_unstable();
    amounts
}

/// The debits less the credits of each account, as the verified ledger has them.
pub(crate) async fn balances(site: &TestSite) -> BTreeMap<Account, i128> {
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    let mut balances = BTreeMap::new();
    for ((account, currency), debit) in &ledger.debits {
        assert_eq!(*currency, Currency::EUR);
        *balances.entry(*account).or_default() += debit;
    }
    for ((account, _), credit) in &ledger.credits {
        *balances.entry(*account).or_default() -= credit;
    }
    assert_eq!(balances.values().sum::<i128>(), 0);
    balances.retain(|_, balance| *balance != 0);
    balances
}

pub(crate) async fn overpaid(site: &TestSite) -> Vec<SettlementRow> {
    let state = SettlementState::Overpaid;
    let rows =
        move |unit: &mut store::Unit<'_>| store::settlement::in_state(unit, PORTFOLIO, state, None, 1_000);
    site.app.store().read(rows).await.map_err(|error: StoreError| error).unwrap()
}

async fn a_released_difference_is_paid_once(site: TestSite) {
    site.clinic().await;
    limit(&site, 1, 300).await;
    let ada = covered(&site, "ada").await;
    claim(&site, "ada", 1, 40_000, Payee::Member).await;
    assert_eq!((pay(&site).await.paid, amounts(&site).await), (1, vec![30_000]));
    assert_eq!(released(&site, 2, 1_000).await, 1);
    assert_eq!(decided(&site, ada).await.states(), [ClaimState::Unsettled]);
    let report = pay(&site).await;
    assert_eq!((report.paid, report.booked.postings()), (1, 1));
    assert_eq!(amounts(&site).await, [10_000], "the difference");
    assert_eq!(decided(&site, ada).await.states(), [ClaimState::InPayment]);
    assert_eq!(pay(&site).await, PaymentReport::default(), "once");
    assert_eq!(amounts(&site).await, [0; 0]);
    let expected = [(Account::ClaimsCost, 40_000), (Account::Bank, -40_000)];
    assert_eq!(balances(&site).await, expected.into());
    // Her statement tells of the payment that was last made.
    let claims = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let claim = claims.map_err(|error: StoreError| error).unwrap()[0].claim;
    let told = service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await.unwrap();
    assert_eq!(told[0].payment.as_ref().unwrap().1.amount.minor(), 10_000);
}

async fn what_was_too_much_is_kept_back_from_what_is_paid_next(site: TestSite) {
    site.clinic().await;
    limit(&site, 1, 1_000).await;
    covered(&site, "ada").await;
    claim(&site, "ada", 1, 40_000, Payee::Member).await;
    pay(&site).await;
    assert_eq!(amounts(&site).await, [40_000]);
    released(&site, 2, 250).await;
    let report = pay(&site).await;
    assert_eq!((report.paid, report.without_payment, report.booked.postings()), (0, 1, 1));
    let owes =
        [(Account::ClaimsCost, 25_000), (Account::Bank, -40_000), (Account::OwedBackByMembers, 15_000)];
    assert_eq!(balances(&site).await, owes.into());
    assert_eq!(overpaid(&site).await.len(), 1);

    // Less than is owed back: nothing goes to the bank.
    released(&site, 3, 350).await;
    let eve = covered(&site, "eve").await;
    claim(&site, "eve", 1, 35_000, Payee::Member).await;
    let report = pay(&site).await;
    assert_eq!((report.paid, report.without_payment), (1, 1), "eve's, and nothing of hers is kept back");
    assert_eq!(amounts(&site).await, [35_000]);
    assert_eq!(decided(&site, eve).await.states(), [ClaimState::InPayment]);
    assert_eq!(balances(&site).await[&Account::OwedBackByMembers], 5_000, "it is owed after all");

    // More: the rest does.
    released(&site, 4, 1_000).await;
    claim(&site, "ada", 2, 20_000, Payee::Member).await;
    let report = pay(&site).await;
    assert_eq!((report.paid, report.without_payment), (1, 1));
    assert_eq!(amounts(&site).await, [20_000], "what she had is what the first comes to now");
    assert_eq!(overpaid(&site).await, []);
    let even = [(Account::ClaimsCost, 95_000), (Account::Bank, -95_000)];
    assert_eq!(balances(&site).await, even.into());
}

async fn no_more_than_the_portfolios_share_is_kept_back(site: TestSite) {
    site.clinic().await;
    limit(&site, 1, 400).await;
    covered(&site, "ada").await;
    claim(&site, "ada", 1, 40_000, Payee::Member).await;
    pay(&site).await;
    assert_eq!(amounts(&site).await, [40_000]);
    // A fifth is hers now: 80.00 were too much.
    add_plan(&site, &plan("2", 1_000, true)).await;
    let found = run(&site).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    release_as(&site, &staff, found.run).await.unwrap();
    for (number, percent, paid, left) in [(2, 25, 6_000, 6_000), (3, 0, 16_000, 6_000), (4, 100, 18_000, 0)] {
        site.write(move |unit| store::settlement::set_set_off_percent(unit, PORTFOLIO, percent)).await;
        claim(&site, "ada", number, i64::from(number - 1) * 10_000, Payee::Member).await;
        pay(&site).await;
        assert_eq!(amounts(&site).await, [paid]);
        let back = balances(&site).await.get(&Account::OwedBackByMembers).copied();
        assert_eq!(back.unwrap_or(0), left);
    }
}

fn clinic(site: &TestSite) -> SubjectId {
    let noun = format!("provider/{PORTFOLIO}");
    SubjectId::from_bytes(site.app.gate.imported_id(&noun, SOURCE, "clinic"))
}

async fn a_provider_gives_back_and_no_member_learns_it(site: TestSite) {
    site.clinic().await;
    limit(&site, 1, 1_000).await;
    covered(&site, "ada").await;
    let eve = covered(&site, "eve").await;
    claim(&site, "ada", 1, 40_000, Payee::Provider).await;
    pay(&site).await;
    assert_eq!(amounts(&site).await, [40_000]);
    released(&site, 2, 300).await;
    claim(&site, "eve", 1, 30_000, Payee::Provider).await;
    let report = pay(&site).await;
    assert_eq!((report.paid, report.without_payment), (1, 1));
    assert_eq!(amounts(&site).await, [20_000], "of 300.00 that are due, 100.00 are kept back");
    assert_eq!(overpaid(&site).await, []);
    let even = [(Account::ClaimsCost, 60_000), (Account::Bank, -60_000)];
    assert_eq!(balances(&site).await, even.into());
    // What is eve's says what the plan pays for her, and nothing of what was kept back, or for whom.
    let rows = site.app.store().read(move |unit| {
        let settled = store::sealed::kinds_of(unit, eve)?;
        Ok::<_, StoreError>((settled, store::claim::of_subject(unit, eve)?))
    });
    let (kinds, claims) = rows.await.unwrap();
    assert!(
        !kinds.contains(&domain::RecordKind::Settlement) && !kinds.contains(&domain::RecordKind::Payment)
    );
    let claims: Vec<_> = claims.iter().map(|row| (row.subject, row.claim)).collect();
    let told = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    assert!(told[0].payment.is_none() && told[0].settlement.is_none());
    assert_eq!(told[0].determination.lines[0].plan, 30_000);
    let theirs = site.app.store().read(move |unit| store::settlement::get(unit, eve, claims[0].1)).await;
    assert_eq!(theirs.map_err(|error: StoreError| error).unwrap(), None);
    let kinds = site.app.store().read({
        let clinic = clinic(&site);
        move |unit| store::sealed::kinds_of(unit, clinic)
    });
    let kinds = kinds.await.map_err(|error: StoreError| error).unwrap();
    assert!(kinds.contains(&domain::RecordKind::Settlement));
}

/// A source says only in December that cover had ended before the care that was paid.
async fn what_was_paid_after_cover_had_ended_is_owed_back_once_somebody_released_it(site: TestSite) {
    site.clinic().await;
    limit(&site, 1, 1_000).await;
    let ada = covered(&site, "ada").await;
    claim(&site, "ada", 1, 40_000, Payee::Member).await;
    pay(&site).await;
    assert_eq!(amounts(&site).await, [40_000]);
    let mut ended = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("ada", "ada") };
    ended.coverage.end = Some(day("2026-10-31"));
    assert_eq!(site.cover(&[ended]).await.changed, 1);

    let found = run(&site).await;
    assert_eq!(decided(&site, ada).await.paid(), [40_000], "proposed is nothing decided");
    let paid = [(Account::ClaimsCost, 40_000), (Account::Bank, -40_000)];
    assert_eq!(balances(&site).await, paid.into());
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let what = ToRelease { run: found.run, only: [ada].into(), reason: ReleaseReason::CoverCorrected };
    let released =
        service::release(&site.app, &staff, PORTFOLIO, what, site.app.gate.request(), |_| {}).await;
    assert_eq!(released.unwrap().claims, 1);
    assert_eq!(decided(&site, ada).await.paid(), [0]);
    assert_eq!(pay(&site).await.paid, 0);
    assert_eq!(amounts(&site).await, [0; 0]);
    let owes = [(Account::Bank, -40_000), (Account::OwedBackByMembers, 40_000)];
    assert_eq!(balances(&site).await, owes.into());
    assert_eq!(overpaid(&site).await.len(), 1);
}

/// What the plan owes for all of somebody's claims.
async fn plan_owes(site: &TestSite, subject: SubjectId) -> i64 {
    let claims = site.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
    match claims.map_err(|error: StoreError| error).unwrap().is_empty() {
        true => 0,
        false => decided(site, subject).await.paid().iter().sum(),
    }
}

/// What each payee was paid in all is, after each payment, the most that their claims ever came to at one: that is what is kept
/// back, and nothing else.
async fn every_cent_is_somewhere_whatever_is_released_and_paid(site: TestSite) {
    site.clinic().await;
    limit(&site, 0, 500).await;
    let members = ["ada", "eve", "zoe"];
    let mut subjects = Vec::new();
    for member in members {
        subjects.push(covered(&site, member).await);
    }
    // The first two are paid themselves, and for the third the clinic is.
    let payee = |number: usize| if number == 2 { Payee::Provider } else { Payee::Member };
    let (mut random, mut had) = (0x9e37_79b9_u64, [0_i64; 3]);
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let (mut bank, mut number) = (0_i64, 0);
    for version in 1..=12 {
        for _ in 0..next(3) {
            number += 1;
            let of = usize::try_from(next(3)).unwrap();
            let charge = i64::try_from(1 + next(30_000)).unwrap();
            claim(&site, members[of], number, charge, payee(of)).await;
        }
        released(&site, version, u32::try_from(50 + next(900)).unwrap()).await;
        if next(3) == 0 {
            continue;
        }
        let report = pay(&site).await;
        assert_eq!((report.failed, report.refused, report.without_account), (0, 0, 0));
        bank += amounts(&site).await.iter().sum::<i64>();
        let (mut cost, mut owed_back) = (0, 0);
        for (subject, had) in subjects.iter().zip(&mut had) {
            let owed = plan_owes(&site, *subject).await;
            *had = (*had).max(owed);
            cost += owed;
            owed_back += *had - owed;
        }
        assert_eq!(bank, had.iter().sum::<i64>(), "version {version}");
        let balances = balances(&site).await;
        let of = |account| balances.get(&account).copied().unwrap_or(0);
        assert_eq!(of(Account::ClaimsCost), cost.into(), "version {version}");
        assert_eq!(of(Account::Bank), (-bank).into(), "version {version}");
        assert_eq!(of(Account::PayableToMembers) + of(Account::PayableToProviders), 0, "version {version}");
        let back = of(Account::OwedBackByMembers) + of(Account::OwedBackByProviders);
        assert_eq!(back, owed_back.into(), "version {version}");
        assert!(of(Account::OwedBackByMembers) >= 0 && of(Account::OwedBackByProviders) >= 0);
        assert_eq!(pay(&site).await.booked.postings(), 0, "nothing is left to settle");
    }
    assert!(bank > 0);
}

async fn many_servers_settle_everything_once(site: TestSite) {
    const WRITERS: usize = 32;
    site.clinic().await;
    limit(&site, 1, 1_000).await;
    for member in ["ada", "eve"] {
        covered(&site, member).await;
    }
    claim(&site, "ada", 1, 40_000, Payee::Provider).await;
    claim(&site, "eve", 1, 40_000, Payee::Member).await;
    pay(&site).await;
    assert_eq!(amounts(&site).await, [40_000, 40_000]);
    limit(&site, 2, 350).await;
    let found = run(&site).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    claim(&site, "ada", 2, 10_000, Payee::Provider).await;
    let other = site.reopen().await;
    // Released while it is paid, by two servers.
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let app = if writer % 2 == 0 { site.app.clone() } else { other.clone() };
        tasks.spawn(async move {
            service::pay_claims(&app, PORTFOLIO, day("2026-12-15"), 10_000, |_| {}).await.map(drop)
        });
    }
    let release = async {
        loop {
            match release_as(&site, &staff, found.run).await {
                Ok(report) => break report,
                Err(ServiceError::Readjudication(said)) if said.contains("release again") => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let report = release.await;
    while let Some(paid) = tasks.join_next().await {
        let slower = |error: &ServiceError| {
            matches!(
                error,
                ServiceError::Store(StoreError::Changed | StoreError::Duplicate | StoreError::Busy)
            )
        };
        let outcome = paid.unwrap();
        assert!(outcome.as_ref().err().is_none_or(slower), "{:?}", outcome.err());
    }
    // What the second claim of ada's changed makes hers a matter of another run; eve's was released.
    assert!(report.released >= 1, "{report:?}");
    let again = run(&site).await;
    release_as(&site, &staff, again.run).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let app = if writer % 2 == 0 { site.app.clone() } else { other.clone() };
        tasks.spawn(async move {
            service::pay_claims(&app, PORTFOLIO, day("2026-12-15"), 10_000, |_| {}).await.map(drop)
        });
    }
    while let Some(paid) = tasks.join_next().await {
        drop(paid.unwrap());
    }
    pay(&site).await;
    let paid: i64 = amounts(&site).await.iter().sum();
    let balances = balances(&site).await;
    let of = |account| balances.get(&account).copied().unwrap_or(0);
    assert_eq!(of(Account::ClaimsCost), 70_000);
    assert_eq!(of(Account::Bank), -i128::from(80_000 + paid));
    assert_eq!(of(Account::PayableToMembers) + of(Account::PayableToProviders), 0);
    let back = of(Account::OwedBackByMembers) + of(Account::OwedBackByProviders);
    assert_eq!(back, i128::from(80_000 + paid - 70_000));
    assert_eq!(of(Account::OwedBackByMembers), 5_000, "eve's");
}
