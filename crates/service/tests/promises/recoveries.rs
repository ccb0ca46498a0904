//! What payees owe back, before a person: who may look, on the record; and what is given up, by whom, up to what.

use domain::{
    Account, ClaimId, Currency, Money, Payee, Recipient, SettlementState, SubjectId, WriteOffReason,
};
use gate::Actor;
use service::{RecoveryPlace, ServiceError, WrittenOff};
use store::StoreError;
use store::settlement::SettlementRow;
use store::testing::tamper;

use crate::on_both;
use crate::readjudication::{covered, decided};
use crate::settlements::{amounts, balances, claim, limit, overpaid, pay, released};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite};

on_both! {
    payments_staff_look_and_write_off_and_nobody_else,
    what_a_provider_was_paid_is_closed_to_whose_claim_it_is,
    a_page_of_what_others_handle_is_not_the_end_of_the_list,
    what_is_owed_back_goes_with_what_says_how_much,
    what_is_above_a_limit_waits_for_somebody_with_more,
    what_was_given_up_and_is_owed_after_all_is_not_paid_twice,
    a_settlement_that_does_not_open_holds_up_its_own_claim_alone,
    a_debt_that_was_recovered_in_part_is_as_old_as_it_was,
}

/// 150.00 of 400.00 that ada was paid are owed back.
async fn owes(site: &TestSite) -> (SubjectId, RecoveryPlace) {
    site.clinic().await;
    limit(site, 1, 1_000).await;
    let ada = covered(site, "ada").await;
    claim(site, "ada", 1, 40_000, Payee::Member).await;
    pay(site).await;
    assert_eq!(amounts(site).await, [40_000]);
    released(site, 2, 250).await;
    pay(site).await;
    let [row] = overpaid(site).await[..] else { panic!("one") };
    (ada, RecoveryPlace { portfolio: PORTFOLIO, payee: row.subject, claim: row.claim })
}

async fn write_off(site: &TestSite, actor: &Actor, place: RecoveryPlace) -> Result<WrittenOff, ServiceError> {
    let request = site.app.gate.request();
    service::write_off(&site.app, actor, place, WriteOffReason::OurError, request).await
}

async fn limited(site: &TestSite, minor: i64) -> Actor {
    let clerk = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    let limit = Money::new(minor, Currency::EUR).unwrap();
    service::limit_authority(&site.app, &site.keeper, PORTFOLIO, clerk.id(), limit).await.unwrap();
    clerk
}

async fn payments_staff_look_and_write_off_and_nobody_else(site: TestSite) {
    let (ada, place) = owes(&site).await;
    assert_eq!(place.payee, ada);
    let job = site.app.gate.job(Recipient::PaymentJob).unwrap();
    for actor in [
        site.operator("operator"),
        job,
        site.actor(Recipient::ClaimsStaff, PORTFOLIO).await,
        site.actor(Recipient::PaymentsStaff, OTHER_PORTFOLIO).await,
        crate::own_file::closed_to(&site, Recipient::PaymentsStaff, &[ada]).await,
    ] {
        let request = site.app.gate.request();
        let looked = service::read_recovery(&site.app, &actor, place, request).await;
        assert!(looked.is_err(), "{:?}", actor.recipient());
        assert!(write_off(&site, &actor, place).await.is_err(), "{:?}", actor.recipient());
    }
    let clerk = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    let request = site.app.gate.request();
    let listed = service::recoveries(&site.app, &clerk, PORTFOLIO, None, request).await.unwrap();
    assert_eq!(listed, overpaid(&site).await);
    let seen = service::read_recovery(&site.app, &clerk, place, request).await.unwrap();
    assert_eq!(seen.outstanding[0].minor(), 15_000);
    let other = RecoveryPlace { claim: ClaimId::from_bytes([1; 16]), ..place };
    assert!(matches!(write_off(&site, &clerk, other).await, Err(ServiceError::Recovery(_))));
    assert_eq!(write_off(&site, &clerk, place).await.unwrap(), WrittenOff::Done);
    assert_eq!(overpaid(&site).await, []);
    let expected = [(Account::ClaimsCost, 25_000), (Account::Bank, -40_000), (Account::WrittenOff, 15_000)];
    assert_eq!(balances(&site).await, expected.into());
    let again = write_off(&site, &clerk, place).await;
    assert!(matches!(again, Err(ServiceError::Recovery(said)) if said.contains("nothing is owed")));
    // Nothing of it is left to keep back.
    released(&site, 3, 250).await;
    assert_eq!(pay(&site).await.booked.postings(), 0);
}

async fn what_is_above_a_limit_waits_for_somebody_with_more(site: TestSite) {
    let (_, place) = owes(&site).await;
    let (clerk, colleague) = (limited(&site, 14_999).await, limited(&site, 14_999).await);
    assert_eq!(write_off(&site, &clerk, place).await.unwrap(), WrittenOff::Proposed);
    assert_eq!(overpaid(&site).await.len(), 1, "nothing is given up");
    assert_eq!(balances(&site).await[&Account::OwedBackByMembers], 15_000);
    let again = write_off(&site, &clerk, place).await;
    assert!(matches!(again, Err(ServiceError::Recovery(said)) if said.contains("somebody else")));
    assert_eq!(write_off(&site, &colleague, place).await.unwrap(), WrittenOff::Proposed);
    let head = limited(&site, 15_000).await;
    let seen = service::read_recovery(&site.app, &head, place, site.app.gate.request()).await.unwrap();
    assert_eq!(seen.proposed.unwrap().by, colleague.id());
    // Two who may at once: it is given up once.
    let (one, two) = tokio::join!(write_off(&site, &head, place), write_off(&site, &head, place));
    let done = |outcome: &Result<WrittenOff, ServiceError>| matches!(outcome, Ok(WrittenOff::Done));
    assert!(done(&one) != done(&two), "{one:?} {two:?}");
    assert_eq!(balances(&site).await[&Account::WrittenOff], 15_000);
    let row = site.app.store().read(move |unit| store::settlement::get(unit, place.payee, place.claim)).await;
    let row = row.map_err(|error: StoreError| error).unwrap().unwrap();
    assert_eq!(row.state, SettlementState::Even);
}

async fn what_was_given_up_and_is_owed_after_all_is_not_paid_twice(site: TestSite) {
    let (ada, place) = owes(&site).await;
    let clerk = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    assert_eq!(write_off(&site, &clerk, place).await.unwrap(), WrittenOff::Done);
    for (version, limit, given_up, bank) in
        [(3, 300, 10_000, 40_000), (4, 5_000, 0, 40_000), (5, 100, 0, 40_000)]
    {
        released(&site, version, limit).await;
        let report = pay(&site).await;
        assert_eq!((report.paid, report.without_payment), (0, 1), "version {version}");
        let balances = balances(&site).await;
        let of = |account| balances.get(&account).copied().unwrap_or(0);
        let cost = decided(&site, ada).await.paid().iter().sum::<i64>();
        assert_eq!((of(Account::WrittenOff), of(Account::Bank)), (given_up, -bank), "version {version}");
        assert_eq!(of(Account::OwedBackByMembers), bank - i128::from(cost) - given_up, "version {version}");
    }
}

async fn what_a_provider_was_paid_is_closed_to_whose_claim_it_is(site: TestSite) {
    site.clinic().await;
    limit(&site, 1, 1_000).await;
    let ada = covered(&site, "ada").await;
    claim(&site, "ada", 1, 40_000, Payee::Provider).await;
    pay(&site).await;
    let request = site.app.gate.request();
    let clerk = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    // What was paid rightly is nobody's to look at here.
    let even = move |unit: &mut store::Unit<'_>| {
        store::settlement::in_state(unit, PORTFOLIO, SettlementState::Even, None, 10)
    };
    let [even] = site.write(even).await[..] else { panic!("one") };
    let place = RecoveryPlace { portfolio: PORTFOLIO, payee: even.subject, claim: even.claim };
    let looked = service::read_recovery(&site.app, &clerk, place, request).await;
    assert!(matches!(looked, Err(ServiceError::Recovery(said)) if said.contains("nothing is owed")));
    let own = crate::own_file::closed_to(&site, Recipient::PaymentsStaff, &[ada]).await;
    let told_while_even =
        service::read_recovery(&site.app, &own, place, request).await.map(drop).unwrap_err();
    released(&site, 2, 250).await;
    pay(&site).await;
    let [row] = overpaid(&site).await[..] else { panic!("one") };
    assert_eq!((row.subject, row.claimant), (place.payee, ada));
    assert!(service::read_recovery(&site.app, &clerk, place, request).await.is_ok());
    // Whoever never handles her file learns of it through the provider no more than through her.
    assert!(service::recoveries(&site.app, &own, PORTFOLIO, None, request).await.unwrap().is_empty());
    let told = service::read_recovery(&site.app, &own, place, request).await.map(drop).unwrap_err();
    assert_eq!(told.to_string(), told_while_even.to_string(), "nor whether anything is owed");
    assert!(write_off(&site, &own, place).await.is_err());
    assert_eq!(overpaid(&site).await.len(), 1);
}

async fn what_is_owed_back_goes_with_what_says_how_much(site: TestSite) {
    let (ada, place) = owes(&site).await;
    let clerk = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    service::erase_subject(&site.app, ada, &[domain::RetentionClass::Accounting]).await.unwrap();
    let request = site.app.gate.request();
    assert!(service::recoveries(&site.app, &clerk, PORTFOLIO, None, request).await.unwrap().is_empty());
    let again = write_off(&site, &clerk, place).await;
    assert!(matches!(again, Err(ServiceError::Recovery(said)) if said.contains("nothing is owed")));
}

async fn a_page_of_what_others_handle_is_not_the_end_of_the_list(site: TestSite) {
    let (ada, eve) = (site.person("ada", true).await, site.person("eve", true).await);
    let row = |number: usize, claimant| SettlementRow {
        subject: SubjectId::from_bytes((number as u128).to_be_bytes()),
        claim: ClaimId::from_bytes([1; 16]),
        claimant,
        portfolio: PORTFOLIO,
        state: SettlementState::Overpaid,
        since: site.app.gate.now(),
    };
    let last = row(service::RECOVERIES + 1, eve);
    let mut rows: Vec<SettlementRow> = (1..=service::RECOVERIES).map(|number| row(number, ada)).collect();
    rows.push(last);
    site.write(move |unit| store::settlement::set_many(unit, &rows)).await;
    let own = crate::own_file::closed_to(&site, Recipient::PaymentsStaff, &[ada]).await;
    let listed = async |after| {
        service::recoveries(&site.app, &own, PORTFOLIO, after, site.app.gate.request()).await.unwrap()
    };
    assert_eq!(listed(None).await, [last]);
    assert_eq!(listed(Some((last.subject, last.claim))).await, []);
}

async fn a_settlement_that_does_not_open_holds_up_its_own_claim_alone(site: TestSite) {
    let (_, place) = owes(&site).await;
    let kind = domain::RecordKind::Settlement.code();
    let sql = format!("UPDATE moretus.sealed SET version = version + 1 WHERE kind = {kind}");
    assert_eq!(site.write(move |unit| tamper(unit, &sql)).await, 1);
    released(&site, 3, 1_000).await;
    claim(&site, "ada", 2, 20_000, Payee::Member).await;
    let report = pay(&site).await;
    assert_eq!((report.paid, report.failed), (1, 1));
    assert_eq!(amounts(&site).await, [20_000], "all of it: what may be owed back for the first is not known");
    let [row] = overpaid(&site).await[..] else { panic!("one") };
    assert_eq!((row.subject, row.claim), (place.payee, place.claim), "it is on the list still");
}

async fn a_debt_that_was_recovered_in_part_is_as_old_as_it_was(site: TestSite) {
    let (_, place) = owes(&site).await;
    let get = async || {
        site.write(move |unit| store::settlement::get(unit, place.payee, place.claim)).await.unwrap()
    };
    let first = get().await;
    let mut expected = first.since;
    for state in [SettlementState::Overpaid, SettlementState::Even, SettlementState::Overpaid] {
        site.clock.advance(60);
        let since = site.app.gate.now();
        let changes = state != get().await.state;
        expected = if changes { since } else { expected };
        let row = SettlementRow { state, since, ..first };
        site.write(move |unit| store::settlement::set_many(unit, &[row])).await;
        assert_eq!((get().await.state, get().await.since), (state, expected));
    }
}
