//! Promises 7 and 10: money balances, and nothing acknowledged is lost: a claim from intake to payment.

use std::collections::BTreeMap;

use domain::{Account, ClaimState, Currency, Recipient};
use gate::Outside;
use service::{LedgerFault, ServiceError};

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    a_claim_is_adjudicated_booked_and_paid,
    the_same_claim_again_changes_nothing,
    without_consent_a_claim_waits_for_a_person,
    a_claim_of_a_stranger_is_refused_and_counted,
    an_altered_control_total_is_found,
}

fn bank() -> Outside {
    Outside { recipient: Recipient::Bank, name: "Test Bank".to_owned(), country: "BE".parse().unwrap() }
}

async fn states(site: &TestSite) -> BTreeMap<ClaimState, i64> {
    let counts = site.app.store().read(store::claim::count_by_state).await;
    counts
        .map_err(|error: store::StoreError| error)
        .unwrap()
        .into_iter()
        .map(|(_, state, count)| (state, count))
        .collect()
}

async fn a_claim_is_adjudicated_booked_and_paid(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let claims: Vec<_> = (0..3).map(|n| site.claim(&format!("c{n}"), "ada", "GP", 10_000 + n)).collect();
    assert_eq!(site.submit(&claims).await.new.len(), 3);
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 3)]));
    let paid = service::pay_claims(&site.app, PORTFOLIO, day("2026-11-25"), 100, |_| {}).await.unwrap();
    assert_eq!((paid.paid, paid.without_account), (3, 0));
    let (bank, mut handed) = (bank(), Vec::new());
    let exported = service::export_payments::<ServiceError>(&site.app, PORTFOLIO, &bank, |payments| {
        handed.extend(payments.iter().map(|(_, payment)| payment.amount.minor()));
        Ok(())
    });
    assert_eq!(exported.await.unwrap(), 3);
    let officer = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &officer, |_| {}).await.unwrap();
    assert_eq!(ledger.postings, 6);
    let sum: i128 = handed.iter().map(|minor| i128::from(*minor)).sum();
    assert!(sum > 0);
    assert_eq!(ledger.debits[&(Account::ClaimsCost, Currency::EUR)], sum);
    assert_eq!(ledger.debits[&(Account::PayableToMembers, Currency::EUR)], sum);
    assert_eq!(states(&site).await, BTreeMap::from([(ClaimState::InPayment, 3)]));
    let again =
        service::export_payments::<ServiceError>(&site.app, PORTFOLIO, &bank, |_| panic!("exported twice"));
    assert_eq!(again.await.unwrap(), 0);
}

async fn the_same_claim_again_changes_nothing(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let claim = site.claim("c1", "ada", "GP", 5_000);
    assert_eq!(site.submit(&[claim.clone(), claim.clone()]).await.new.len(), 1);
    let again = site.submit(&[claim]).await;
    assert_eq!((again.new.len(), again.known), (0, 1));
    site.member("ada", true).await;
    assert_eq!(states(&site).await, BTreeMap::from([(ClaimState::Received, 1)]));
}

async fn without_consent_a_claim_waits_for_a_person(site: TestSite) {
    site.clinic().await;
    site.member("eve", false).await;
    site.submit(&[site.claim("c1", "eve", "GP", 5_000)]).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!((report.refused, report.states[&ClaimState::Pended]), (1, 1));
}

async fn a_claim_of_a_stranger_is_refused_and_counted(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let mut elsewhere = site.claim("c2", "ada", "GP", 5_000);
    elsewhere.provider_source_id = crate::site::source_id("nowhere");
    let submitted = site.submit(&[site.claim("c1", "nobody", "GP", 5_000), elsewhere]).await;
    assert_eq!((submitted.unknown_member, submitted.unknown_provider, submitted.new.len()), (1, 1, 0));
}

async fn an_altered_control_total_is_found(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    site.submit(&[site.claim("c1", "ada", "GP", 50_000)]).await;
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    site.write(|unit| {
        let total = store::payment::totals(unit, None)?[0];
        store::payment::add_totals(unit, &[store::payment::ControlTotal { debit: 1, credit: 0, ..total }])
    })
    .await;
    let fault = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap_err();
    assert!(matches!(fault, LedgerFault::Totals { .. }), "{fault}");
}
