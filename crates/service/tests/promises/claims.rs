//! Promises 7 and 10: money balances, and nothing acknowledged is lost: a claim from intake to payment.

use std::collections::BTreeMap;

use domain::{Account, ClaimState, Currency, OutcomeReason, Recipient, SubjectId};
use service::{ExportReport, LedgerFault, ServiceError};

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    a_claim_is_adjudicated_booked_and_paid,
    the_same_claim_again_changes_nothing,
    another_claim_under_a_known_id_is_refused,
    without_consent_a_claim_waits_for_a_person,
    a_claim_of_a_stranger_is_refused_and_counted,
    an_altered_control_code_is_found,
    a_posting_that_is_taken_out_is_found,
    a_batch_under_another_id_is_found,
    no_plain_column_tells_what_was_booked,
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
    let (bank, mut handed) = (site.bank().await, Vec::new());
    let exported = service::export_payments::<ServiceError>(&site.app, PORTFOLIO, bank, |payments| {
        handed.extend(payments.iter().map(|(_, payment)| payment.amount.minor()));
        Ok(Vec::new())
    });
    assert_eq!(exported.await.unwrap(), ExportReport { handed: 3, ..ExportReport::default() });
    let officer = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &officer, |_| {}).await.unwrap();
    assert_eq!(ledger.postings, 6);
    let sum: i128 = handed.iter().map(|minor| i128::from(*minor)).sum();
    assert!(sum > 0);
    assert_eq!(ledger.debits[&(Account::ClaimsCost, Currency::EUR)], sum);
    assert_eq!(ledger.debits[&(Account::PayableToMembers, Currency::EUR)], sum);
    assert_eq!(states(&site).await, BTreeMap::from([(ClaimState::InPayment, 3)]));
    let again =
        service::export_payments::<ServiceError>(&site.app, PORTFOLIO, bank, |_| panic!("exported twice"));
    assert_eq!(again.await.unwrap(), ExportReport::default());
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

async fn another_claim_under_a_known_id_is_refused(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let claim = |charge| site.claim("c1", "ada", "GP", charge);
    let first = site.submit(&[claim(5_000), claim(6_000), claim(5_000)]).await;
    assert_eq!((first.new.len(), first.known, first.other_content), (1, 1, vec![1]));
    let mut other_code = claim(5_000);
    other_code.services[0].code = domain::ServiceCode::parse("SPEC").unwrap();
    let mut later = claim(5_000);
    later.received = day("2026-11-21");
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let again = site.submit(&[claim(5_000), other_code, claim(5_001), later]).await;
    assert_eq!((again.new.len(), again.known, again.other_content), (0, 1, vec![1, 2, 3]));
    assert_eq!(states(&site).await, BTreeMap::from([(ClaimState::Adjudicated, 1)]));
    // The hash stands in the clear: it is a keyed one, so that equal claims of two people look unlike.
    site.member("bob", true).await;
    site.submit(&[site.claim("c1", "bob", "GP", 5_000)]).await;
    let bob = SubjectId::from_bytes(site.app.gate.imported_id("member", crate::site::SOURCE, "bob"));
    let content = async |subject| {
        let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
        rows.map_err(|error: store::StoreError| error).unwrap()[0].content
    };
    assert_ne!(content(ada).await, content(bob).await);
}

async fn without_consent_a_claim_waits_for_a_person(site: TestSite) {
    site.clinic().await;
    site.member("eve", false).await;
    site.submit(&[site.claim("c1", "eve", "GP", 5_000)]).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Pended, 1)]));
    assert_eq!(report.reasons, BTreeMap::from([(OutcomeReason::NoClause, 1)]));
}

async fn a_claim_of_a_stranger_is_refused_and_counted(site: TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    let mut elsewhere = site.claim("c2", "ada", "GP", 5_000);
    elsewhere.provider_source_id = crate::site::source_id("nowhere");
    let submitted = site.submit(&[site.claim("c1", "nobody", "GP", 5_000), elsewhere]).await;
    assert_eq!((submitted.unknown_member, submitted.unknown_provider, submitted.new.len()), (1, 1, 0));
}

/// Two claims, each adjudicated in a batch of its own.
async fn two_batches(site: &TestSite) {
    site.clinic().await;
    site.member("ada", true).await;
    for (id, charge) in [("c1", 50_000), ("c2", 70_000)] {
        site.submit(&[site.claim(id, "ada", "GP", charge)]).await;
        service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    }
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    assert_eq!(service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap().batches, 2);
}

/// What verifying says after a statement altered the database.
async fn fault_after(site: &TestSite, sql: &'static str) -> LedgerFault {
    assert!(site.write(move |unit| store::testing::tamper(unit, sql)).await > 0);
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap_err()
}

async fn an_altered_control_code_is_found(site: TestSite) {
    two_batches(&site).await;
    let sql = "UPDATE moretus.batch SET control = (SELECT b.control FROM moretus.batch b ORDER BY b.control LIMIT 1)";
    let fault = fault_after(&site, sql).await;
    assert!(matches!(fault, LedgerFault::Control { postings: 1, .. }), "{fault}");
}

async fn a_posting_that_is_taken_out_is_found(site: TestSite) {
    two_batches(&site).await;
    let sql = "DELETE FROM moretus.posting WHERE posting =
        (SELECT p.posting FROM moretus.posting p ORDER BY p.posting LIMIT 1)";
    let fault = fault_after(&site, sql).await;
    assert!(matches!(fault, LedgerFault::Control { postings: 0, .. }), "{fault}");
}

async fn a_batch_under_another_id_is_found(site: TestSite) {
    two_batches(&site).await;
    let sql = "UPDATE moretus.batch SET batch = portfolio WHERE batch =
        (SELECT b.batch FROM moretus.batch b ORDER BY b.batch LIMIT 1)";
    let fault = fault_after(&site, sql).await;
    assert!(matches!(fault, LedgerFault::NoBatch { .. }), "{fault}");
}

async fn no_plain_column_tells_what_was_booked(site: TestSite) {
    two_batches(&site).await;
    let batches = site.app.store().read(store::payment::batches).await;
    let batches = batches.map_err(|error: store::StoreError| error).unwrap();
    assert_ne!(batches[0].control, batches[1].control);
    // Whoever guesses an amount cannot tell whether it is right: another site's code over the same is another.
    let other = TestSite::sqlite().await;
    let row = batches[0];
    let guess = gate::Totals::default();
    let code = |site: &TestSite| site.app.gate.control_code(row.batch, row.portfolio, row.kind, &guess);
    assert_ne!(code(&site), code(&other));
    assert!(store::tables::TABLES.iter().all(|table| table.name != "control_total"));
}
