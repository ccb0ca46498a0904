//! What somebody else is liable for: who may say so, on the record; never more than the claim comes to less the share of the costs;
//! what is received lowers the cost of claims, to the cent.

use domain::{
    Account, Currency, LiableParty, LienReleaseReason, LienState, Money, Payee, Purpose, ReceiptReference,
    Recipient, RetentionClass, SubjectId,
};
use gate::{Actor, Entry, Target};
use service::{LienPlace, LienStanding, NewLien, NewReceipt, ServiceError};
use store::StoreError;
use store::lien::LienRow;

use crate::on_both;
use crate::readjudication::covered;
use crate::settlements::{balances, claim, limit, pay, released};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day, item};
use crate::uses::is_refused;

on_both! {
    what_comes_back_is_less_the_costs_and_lowers_the_cost_of_claims,
    staff_who_may_handle_the_file_assert_and_nobody_else,
    a_lien_is_never_more_than_the_claim_comes_to,
    what_is_left_is_given_up_within_a_limit_and_once,
    what_goes_to_others_is_within_a_limit_too,
    a_wrong_lien_does_not_stand_in_the_way_of_the_right_one,
    of_two_receipts_at_once_one_counts,
    a_lien_goes_with_what_says_how_much,
}

/// The claim of ada for which so much was paid.
async fn paid(site: &TestSite, minor: i64) -> LienPlace {
    site.clinic().await;
    limit(site, 1, 20_000).await;
    let subject = covered(site, "ada").await;
    claim(site, "ada", 1, minor, Payee::Member).await;
    pay(site).await;
    let claims = site.write(move |unit| store::claim::of_subject(unit, subject)).await;
    LienPlace { portfolio: PORTFOLIO, subject, claim: claims[0].claim }
}

fn new(costs: &str) -> NewLien {
    let liable = LiableParty::parse("Assurantia, file 123").unwrap();
    NewLien { liable, costs: costs.parse().unwrap() }
}

fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

async fn assert(
    site: &TestSite,
    actor: &Actor,
    place: LienPlace,
    costs: &str,
) -> Result<LienStanding, ServiceError> {
    service::assert_lien(&site.app, actor, place, &new(costs), site.app.gate.request()).await
}

fn receipt(reference: &str, amount: Money) -> NewReceipt {
    let reference = ReceiptReference::parse(reference).unwrap();
    NewReceipt { amount, day: day("2026-01-05"), reference, costs: None }
}

async fn take(
    site: &TestSite,
    actor: &Actor,
    place: LienPlace,
    new: &NewReceipt,
) -> Result<LienStanding, ServiceError> {
    service::receive_of_lien(&site.app, actor, place, new, site.app.gate.request()).await
}

/// Each amount is another receipt.
async fn receive(
    site: &TestSite,
    actor: &Actor,
    place: LienPlace,
    minor: i64,
) -> Result<LienStanding, ServiceError> {
    take(site, actor, place, &receipt(&format!("{minor}"), euros(minor))).await
}

async fn release(site: &TestSite, actor: &Actor, place: LienPlace) -> Result<LienStanding, ServiceError> {
    let reason = LienReleaseReason::Compromise;
    service::release_lien(&site.app, actor, place, reason, site.app.gate.request()).await
}

async fn listed(site: &TestSite, actor: &Actor, state: LienState) -> Vec<LienRow> {
    let request = site.app.gate.request();
    service::liens(&site.app, actor, (PORTFOLIO, state), None, request).await.unwrap()
}

fn minor(standing: LienStanding) -> [i64; 4] {
    [standing.paid, standing.recoverable, standing.received, standing.outstanding].map(Money::minor)
}

fn says<T>(answer: Result<T, ServiceError>, words: &str) {
    match answer.map(drop) {
        Err(ServiceError::Lien(said)) if said.contains(words) => {}
        other => panic!("{words}: {other:?}"),
    }
}

/// Figures of WE-43: 12,000 less a third.
async fn what_comes_back_is_less_the_costs_and_lowers_the_cost_of_claims(site: TestSite) {
    let place = paid(&site, 1_200_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let asserted = assert(&site, &clerk, place, "1/3").await.unwrap();
    assert_eq!(minor(asserted), [1_200_000, 800_000, 0, 800_000]);
    says(assert(&site, &clerk, place, "0/1").await, "already");
    let cashier = site.actor(Recipient::PaymentsStaff, PORTFOLIO).await;
    for wrong in [0, -1, 800_001] {
        says(receive(&site, &cashier, place, wrong).await, "no more than is left");
    }
    let pounds = receipt("pounds", Money::new(1, "GBP".parse().unwrap()).unwrap());
    says(take(&site, &cashier, place, &pounds).await, "in the currency of the claim");
    let tomorrow = NewReceipt { day: day("2199-01-01"), ..receipt("tomorrow", euros(1)) };
    says(take(&site, &cashier, place, &tomorrow).await, "today or before");
    assert_eq!(minor(receive(&site, &cashier, place, 500_000).await.unwrap())[3], 300_000);
    // Told once more it is the same receipt; with another amount it is a mistake.
    assert_eq!(minor(receive(&site, &cashier, place, 500_000).await.unwrap())[3], 300_000);
    says(take(&site, &cashier, place, &receipt("500000", euros(1))).await, "has that reference");
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await.len(), 1);
    says(receive(&site, &cashier, place, 300_001).await, "no more than is left");
    // It cost less to get it than was thought.
    let rest = NewReceipt { costs: Some("1/4".parse().unwrap()), ..receipt("rest", euros(300_000)) };
    let standing = take(&site, &cashier, place, &rest).await.unwrap();
    assert_eq!(minor(standing), [1_200_000, 900_000, 800_000, 100_000]);
    assert_eq!(minor(receive(&site, &cashier, place, 100_000).await.unwrap())[3], 0);
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await, []);
    assert_eq!(listed(&site, &clerk, LienState::Recovered).await.len(), 1);
    says(receive(&site, &cashier, place, 1).await, "no more than is left");
    assert_eq!(minor(receive(&site, &cashier, place, 100_000).await.unwrap())[3], 0, "told once more");
    let expected = [(Account::ClaimsCost, 300_000), (Account::Bank, -300_000)];
    assert_eq!(balances(&site).await, expected.into());
    let file = service::read_lien(&site.app, &clerk, place, site.app.gate.request()).await.unwrap();
    let shares: Vec<(u32, u32)> = file.lien.receipts.iter().map(|one| one.costs.parts()).collect();
    assert_eq!(shares, [(1, 3), (1, 4), (1, 4)]);
    let amounts: Vec<i64> = file.lien.receipts.iter().map(|one| one.amount.minor()).collect();
    assert_eq!(amounts, [500_000, 300_000, 100_000]);
    assert_eq!((file.lien.by, file.lien.liable == new("0/1").liable), (clerk.id(), true));
}

/// What is on record of this purpose about somebody.
async fn entries(site: &TestSite, subject: SubjectId) -> Vec<Entry> {
    let read = |unit: &mut store::Unit<'_>| store::log::entries_between(unit, 0, i64::MAX);
    let rows = site.app.store().read(read).await.map_err(|error: StoreError| error).unwrap();
    let of_subject = rows.iter().filter(|row| row.is_listed(subject));
    let entries = of_subject.filter_map(|row| Entry::from_bytes(&row.body));
    entries.filter(|entry| entry.purpose == Purpose::Subrogation).collect()
}

async fn staff_who_may_handle_the_file_assert_and_nobody_else(site: TestSite) {
    let place = paid(&site, 40_000).await;
    let job = site.app.gate.job(Recipient::AdjudicationJob).unwrap();
    let closed = crate::own_file::closed_to(&site, Recipient::ClaimsStaff, &[place.subject]).await;
    let others = [
        site.operator("operator"),
        job,
        site.actor(Recipient::CustomerService, PORTFOLIO).await,
        site.actor(Recipient::LegalStaff, PORTFOLIO).await,
        site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await,
        closed,
    ];
    let request = site.app.gate.request();
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let unknown = LienPlace { claim: domain::ClaimId::from_bytes([7; 16]), ..place };
    for actor in &others {
        assert!(assert(&site, actor, place, "0/1").await.is_err(), "{:?}", actor.recipient());
        assert!(assert(&site, actor, unknown, "0/1").await.is_err(), "{:?}", actor.recipient());
    }
    // Whose file is closed to them learns nothing of it, whatever there is.
    let [_, _, _, _, _, closed] = &others;
    let mut told = Vec::new();
    for place in [unknown, place] {
        told.push(is_refused(assert(&site, closed, place, "0/1").await));
    }
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await, []);
    assert_eq!(minor(assert(&site, &clerk, place, "0/1").await.unwrap()), [40_000, 40_000, 0, 40_000]);
    for actor in &others {
        let who = actor.recipient();
        assert!(service::read_lien(&site.app, actor, place, request).await.is_err(), "{who:?}");
        assert!(receive(&site, actor, place, 1).await.is_err(), "{who:?}");
        assert!(release(&site, actor, place).await.is_err(), "{who:?}");
    }
    told.push(is_refused(assert(&site, closed, place, "0/1").await));
    assert!(told.iter().all(|refused| refused.bar == told[0].bar && refused.bar.is_some()), "{told:?}");
    assert_eq!(listed(&site, closed, LienState::Asserted).await, [], "left to colleagues");
    let granted = entries(&site, place.subject).await;
    let granted: Vec<&Entry> = granted.iter().filter(|entry| !entry.clauses.is_empty()).collect();
    let [entry] = granted.as_slice() else { panic!("{}", granted.len()) };
    assert_eq!((entry.clauses.as_slice(), entry.actor), (&["use.subrogation".to_owned()][..], clerk.id()));
    // The task ended with the step.
    let target = Target::for_item(place.subject, entry.item.unwrap_or(item(1)));
    let asking = gate::Asking::new(&clerk, PORTFOLIO, Purpose::Subrogation, request);
    assert!(site.app.gate.ask::<service::views::LienToHandle>(&asking, target).await.is_err());
    says(assert(&site, &clerk, unknown, "0/1").await, "nothing was paid");
}

async fn a_lien_is_never_more_than_the_claim_comes_to(site: TestSite) {
    let place = paid(&site, 40_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert(&site, &clerk, place, "0/1").await.unwrap();
    receive(&site, &clerk, place, 10_000).await.unwrap();
    released(&site, 2, 250).await;
    says(receive(&site, &clerk, place, 15_001).await, "no more than is left");
    let file = service::read_lien(&site.app, &clerk, place, site.app.gate.request()).await.unwrap();
    assert_eq!(minor(file.standing), [25_000, 25_000, 10_000, 15_000]);
    // What was received is more than the claim comes to: nothing is left, and nothing is less than nothing.
    released(&site, 3, 50).await;
    let file = service::read_lien(&site.app, &clerk, place, site.app.gate.request()).await.unwrap();
    assert_eq!(minor(file.standing), [5_000, 5_000, 10_000, 0]);
    says(receive(&site, &clerk, place, 1).await, "no more than is left");
    assert_eq!(minor(release(&site, &clerk, place).await.unwrap())[3], 0);
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await, [], "it is closed");
}

async fn what_is_left_is_given_up_within_a_limit_and_once(site: TestSite) {
    let place = paid(&site, 40_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert(&site, &clerk, place, "0/1").await.unwrap();
    let limit = async |minor: i64| {
        service::limit_authority(&site.app, &site.keeper, PORTFOLIO, clerk.id(), euros(minor)).await.unwrap();
    };
    limit(29_999).await;
    receive(&site, &clerk, place, 10_000).await.unwrap();
    says(release(&site, &clerk, place).await, "more than you may release");
    limit(30_000).await;
    assert_eq!(minor(release(&site, &clerk, place).await.unwrap()), [40_000, 40_000, 10_000, 30_000]);
    assert_eq!(listed(&site, &clerk, LienState::Released).await.len(), 1);
    says(release(&site, &clerk, place).await, "it was released");
    says(receive(&site, &clerk, place, 1).await, "it was released");
    let file = service::read_lien(&site.app, &clerk, place, site.app.gate.request()).await.unwrap();
    let release = file.lien.release.unwrap();
    assert_eq!((release.by, release.reason), (clerk.id(), LienReleaseReason::Compromise));
    says(assert(&site, &clerk, place, "0/1").await, "already");
}

async fn what_goes_to_others_is_within_a_limit_too(site: TestSite) {
    let place = paid(&site, 1_200_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let limit = async |minor: i64| {
        service::limit_authority(&site.app, &site.keeper, PORTFOLIO, clerk.id(), euros(minor)).await.unwrap();
    };
    says(assert(&site, &clerk, place, "1/1").await, "comes to nothing");
    limit(399_999).await;
    says(assert(&site, &clerk, place, "1/3").await, "more than you may release");
    limit(400_000).await;
    assert(&site, &clerk, place, "1/3").await.unwrap();
    // A receipt of next to nothing does not give up the rest.
    let nearly_all =
        |costs: &str| NewReceipt { costs: Some(costs.parse().unwrap()), ..receipt("1", euros(1)) };
    says(take(&site, &clerk, place, &nearly_all("1199999/1200000")).await, "more than you may release");
    limit(800_000).await;
    let standing = take(&site, &clerk, place, &nearly_all("1199999/1200000")).await.unwrap();
    assert_eq!(minor(standing), [1_200_000, 1, 1, 0]);
}

async fn a_wrong_lien_does_not_stand_in_the_way_of_the_right_one(site: TestSite) {
    let place = paid(&site, 40_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert(&site, &clerk, place, "1/2").await.unwrap();
    release(&site, &clerk, place).await.unwrap();
    assert_eq!(minor(assert(&site, &clerk, place, "0/1").await.unwrap()), [40_000, 40_000, 0, 40_000]);
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await.len(), 1);
    let file = service::read_lien(&site.app, &clerk, place, site.app.gate.request()).await.unwrap();
    assert!(file.lien.release.is_none());
}

async fn of_two_receipts_at_once_one_counts(site: TestSite) {
    let place = paid(&site, 40_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert(&site, &clerk, place, "0/1").await.unwrap();
    let (first, second) = (receipt("first", euros(30_000)), receipt("second", euros(30_000)));
    let (one, two) = tokio::join!(take(&site, &clerk, place, &first), take(&site, &clerk, place, &second));
    assert!(one.is_ok() != two.is_ok(), "{:?} {:?}", one.map(drop), two.map(drop));
    let expected = [(Account::ClaimsCost, 10_000), (Account::Bank, -10_000)];
    assert_eq!(balances(&site).await, expected.into());
}

async fn a_lien_goes_with_what_says_how_much(site: TestSite) {
    let place = paid(&site, 40_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert(&site, &clerk, place, "0/1").await.unwrap();
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(place.subject, item(9), &officer).await;
    let (target, request) = (Target::for_item(place.subject, item(9)), site.app.gate.request());
    service::erase_on_request(&site.app, &officer, PORTFOLIO, target, &[RetentionClass::Claims], request)
        .await
        .unwrap();
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await, []);
    assert!(service::read_lien(&site.app, &clerk, place, request).await.is_err());
}
