//! What somebody else is liable for: who may say so, on the record; never more than the claim comes to less the share of the costs;
//! what is received lowers the cost of claims, to the cent.

use domain::{
    Account, CostShare, Currency, LiableParty, LienReleaseReason, LienState, Money, Payee, Purpose,
    Recipient, RetentionClass, SubjectId,
};
use gate::{Actor, Entry, Target};
use service::{LienPlace, LienStanding, NewLien, ServiceError};
use store::StoreError;
use store::lien::LienRow;

use crate::on_both;
use crate::readjudication::covered;
use crate::settlements::{balances, claim, limit, pay, released};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, item};

on_both! {
    what_comes_back_is_less_the_costs_and_lowers_the_cost_of_claims,
    staff_who_may_handle_the_file_assert_and_nobody_else,
    a_lien_is_never_more_than_the_claim_comes_to,
    what_is_left_is_given_up_within_a_limit_and_once,
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
    let liable = LiableParty::parse("Insurer of the other driver, file 123").unwrap();
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

async fn receive(
    site: &TestSite,
    actor: &Actor,
    place: LienPlace,
    minor: i64,
) -> Result<LienStanding, ServiceError> {
    let received = (euros(minor), None::<CostShare>);
    service::receive_of_lien(&site.app, actor, place, received, site.app.gate.request()).await
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
    let pounds = (Money::new(1, "GBP".parse().unwrap()).unwrap(), None);
    let request = site.app.gate.request();
    let received = service::receive_of_lien(&site.app, &cashier, place, pounds, request).await;
    says(received, "in the currency of the claim");
    assert_eq!(minor(receive(&site, &cashier, place, 500_000).await.unwrap())[3], 300_000);
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await.len(), 1);
    says(receive(&site, &cashier, place, 300_001).await, "no more than is left");
    // It cost less to get it than was thought.
    let rest = (euros(300_000), Some("1/4".parse().unwrap()));
    let request = site.app.gate.request();
    let standing = service::receive_of_lien(&site.app, &cashier, place, rest, request).await.unwrap();
    assert_eq!(minor(standing), [1_200_000, 900_000, 800_000, 100_000]);
    assert_eq!(minor(receive(&site, &cashier, place, 100_000).await.unwrap())[3], 0);
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await, []);
    assert_eq!(listed(&site, &clerk, LienState::Recovered).await.len(), 1);
    says(receive(&site, &cashier, place, 1).await, "no more than is left");
    says(release(&site, &cashier, place).await, "nothing is left");
    let expected = [(Account::ClaimsCost, 300_000), (Account::Bank, -300_000)];
    assert_eq!(balances(&site).await, expected.into());
    let file = service::read_lien(&site.app, &clerk, place, request).await.unwrap();
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
    for actor in &others {
        assert!(assert(&site, actor, place, "0/1").await.is_err(), "{:?}", actor.recipient());
    }
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await, []);
    assert!(entries(&site, place.subject).await.iter().all(|entry| entry.clauses.is_empty()));
    assert_eq!(minor(assert(&site, &clerk, place, "0/1").await.unwrap()), [40_000, 40_000, 0, 40_000]);
    for actor in &others {
        let who = actor.recipient();
        assert!(service::read_lien(&site.app, actor, place, request).await.is_err(), "{who:?}");
        assert!(receive(&site, actor, place, 1).await.is_err(), "{who:?}");
        assert!(release(&site, actor, place).await.is_err(), "{who:?}");
    }
    let [_, _, _, _, _, closed] = &others;
    assert_eq!(listed(&site, closed, LienState::Asserted).await, [], "left to colleagues");
    let granted = entries(&site, place.subject).await;
    let granted: Vec<&Entry> = granted.iter().filter(|entry| !entry.clauses.is_empty()).collect();
    let [entry] = granted.as_slice() else { panic!("{}", granted.len()) };
    assert_eq!((entry.clauses.as_slice(), entry.actor), (&["use.subrogation".to_owned()][..], clerk.id()));
    // The task ended with the step.
    let target = Target::for_item(place.subject, entry.item.unwrap_or(item(1)));
    let asking = gate::Asking::new(&clerk, PORTFOLIO, Purpose::Subrogation, request);
    assert!(site.app.gate.ask::<service::views::LienToHandle>(&asking, target).await.is_err());
    let unknown = LienPlace { claim: domain::ClaimId::from_bytes([7; 16]), ..place };
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
}

async fn of_two_receipts_at_once_one_counts(site: TestSite) {
    let place = paid(&site, 40_000).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert(&site, &clerk, place, "0/1").await.unwrap();
    let (one, two) =
        tokio::join!(receive(&site, &clerk, place, 30_000), receive(&site, &clerk, place, 30_000));
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
    service::erase_on_request(&site.app, &officer, PORTFOLIO, target, RetentionClass::ALL, request)
        .await
        .unwrap();
    assert_eq!(listed(&site, &clerk, LienState::Asserted).await, []);
    assert!(service::read_lien(&site.app, &clerk, place, request).await.is_err());
}
