//! Guarantees of payment: from the request to the letter, by a person, under a clause of their own that stands
//! without consent; and nobody else.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{GuaranteeError, GuaranteeState, Money, Purpose, Reason, Recipient, RecipientId, SubjectId};
use gate::{Actor, Asking, Target};
use intake::ClaimDraft;
use service::views::PersonForProvider;
use service::{ClaimRequest, GuaranteePlace, NewOutcome, Receipt, ServiceError};
use store::StoreError;

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite, day};

on_both! {
    a_guarantee_goes_from_the_request_to_the_letter,
    the_next_decision_supersedes_and_the_last_day_closes_it,
    only_whoever_took_it_sees_it_and_decides,
    each_request_is_taken_once,
    the_same_request_again_changes_nothing,
    what_cannot_be_is_not_decided,
}

/// Sends a request about somebody as a service does.
pub(crate) async fn send(
    site: &TestSite,
    member: &str,
    id: &str,
    key: &str,
) -> Result<Receipt<domain::GuaranteeId>, ServiceError> {
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let draft = draft(site, member, id);
    let request = site.app.gate.request();
    let body = format!("{member}/{id}");
    let sent =
        ClaimRequest { portfolio: PORTFOLIO, source: SOURCE, key, body: &body, draft: &draft, request };
    service::request_guarantee(&site.app, &intake, &sent).await
}

fn draft(site: &TestSite, member: &str, id: &str) -> ClaimDraft {
    let mut draft = site.claim(id, member, "HOSP", 500_000);
    draft.lines[0].service_start = day("2026-12-01");
    draft.lines[0].service_end = day("2026-12-04");
    draft
}

/// A member of whom a guarantee is before a nurse, without any consent.
pub(crate) async fn under_review(site: &TestSite, name: &str) -> (SubjectId, Actor, GuaranteePlace) {
    site.clinic().await;
    let subject = site.member(name, false).await.subject;
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    assert!(matches!(send(site, name, "stay", name).await, Ok(Receipt::Taken(_))));
    let place = take(site, &nurse).await.unwrap();
    assert_eq!(place.subject, subject);
    (subject, nurse, place)
}

async fn take(site: &TestSite, actor: &Actor) -> Option<GuaranteePlace> {
    service::take_guarantee(&site.app, actor, PORTFOLIO, site.app.gate.request()).await.unwrap()
}

/// Up to 4,500.00 EUR beside 500.00 of the member's, until the middle of December.
pub(crate) fn granted(to: RecipientId) -> NewOutcome {
    let euros = |minor| Money::new(minor, domain::Currency::EUR).unwrap();
    let (maximum, member_share) = (euros(450_000), euros(50_000));
    NewOutcome::Granted { to, maximum, member_share, first: day("2026-12-01"), last: day("2026-12-14") }
}

pub(crate) async fn decide(
    site: &TestSite,
    nurse: &Actor,
    place: GuaranteePlace,
    version: i64,
    new: &NewOutcome,
) -> Result<GuaranteeState, ServiceError> {
    service::decide_guarantee(&site.app, nurse, place, version, new, site.app.gate.request()).await
}

async fn letter(
    site: &TestSite,
    nurse: &Actor,
    place: GuaranteePlace,
    to: RecipientId,
) -> Result<service::GuaranteeLetter, ServiceError> {
    service::guarantee_letter(&site.app, nurse, place, to, site.app.gate.request()).await
}

async fn hospital(site: &TestSite) -> RecipientId {
    site.enter(Recipient::Provider, "Hospital of the Tests", "BE", &[]).await
}

async fn state(site: &TestSite, place: GuaranteePlace) -> GuaranteeState {
    let read = move |unit: &mut store::Unit<'_>| store::guarantee::get(unit, place.subject, place.guarantee);
    site.app.store().read(read).await.map_err(|error: StoreError| error).unwrap().unwrap().state
}

/// Whether the hospital's own people may look up whom they are to treat.
async fn treats(site: &TestSite, hospital: RecipientId, subject: SubjectId) -> bool {
    let doctor = site.actor_of(hospital, Recipient::Provider).await;
    let asking = Asking::new(&doctor, PORTFOLIO, Purpose::CareAccess, site.app.gate.request());
    site.app.gate.ask::<PersonForProvider>(&asking, Target::of(subject)).await.is_ok()
}

async fn a_guarantee_goes_from_the_request_to_the_letter(site: TestSite) {
    let (ada, nurse, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    assert_eq!(state(&site, place).await, GuaranteeState::UnderReview);
    let file = service::read_guarantee(&site.app, &nurse, place, site.app.gate.request()).await.unwrap();
    assert_eq!(file.guarantee.lines[0].charge.minor(), 500_000);
    assert_eq!(file.person.name.reveal(), "ada");
    assert!(file.guarantee.decisions.is_empty());
    assert!(!treats(&site, hospital, ada).await);

    let state_now = decide(&site, &nurse, place, file.version, &granted(hospital)).await.unwrap();
    assert_eq!((state_now, state(&site, place).await), (GuaranteeState::Granted, GuaranteeState::Granted));
    let told = letter(&site, &nurse, place, hospital).await.unwrap();
    assert_eq!((told.number, told.terms.unwrap().maximum.minor()), (1, 450_000));
    assert_eq!(told.person.member_number.reveal(), "M-ada");
    assert!(treats(&site, hospital, ada).await, "who is to treat them");
    let read = service::read_guarantee(&site.app, &nurse, place, site.app.gate.request()).await.unwrap();
    assert_eq!(read.version, file.version + 1);
    assert_eq!(read.guarantee.decisions[0].by, nurse.id());

    // The member sees who was told.
    let entries = site.app.store().read(move |unit| store::log::pending_of(unit, ada)).await;
    let entries = entries.map_err(|error: StoreError| error).unwrap();
    let names = entries.iter().filter_map(|row| gate::Entry::from_bytes(&row.body)?.recipient_name);
    assert!(names.collect::<BTreeSet<_>>().contains("Hospital of the Tests"));
}

async fn the_next_decision_supersedes_and_the_last_day_closes_it(site: TestSite) {
    let (ada, nurse, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    decide(&site, &nurse, place, 1, &granted(hospital)).await.unwrap();
    // One day more: the stay goes on.
    let NewOutcome::Granted { to, maximum, member_share, first, .. } = granted(hospital) else { panic!() };
    let longer = NewOutcome::Granted { to, maximum, member_share, first, last: day("2026-12-15") };
    let stale = decide(&site, &nurse, place, 1, &longer).await;
    assert!(matches!(stale, Err(ServiceError::Store(StoreError::Changed))), "{stale:?}");
    decide(&site, &nurse, place, 2, &longer).await.unwrap();
    assert_eq!(letter(&site, &nurse, place, hospital).await.unwrap().number, 2);
    // It stands until the end of its last day.
    let days_until_the_sixteenth = 23;
    site.clock.advance(days_until_the_sixteenth * 86_400 - 60);
    assert!(service::read_guarantee(&site.app, &nurse, place, site.app.gate.request()).await.is_ok());
    assert!(treats(&site, hospital, ada).await);
    site.clock.advance(60);
    assert!(service::read_guarantee(&site.app, &nurse, place, site.app.gate.request()).await.is_err());
    assert!(!treats(&site, hospital, ada).await, "no longer");
}

async fn only_whoever_took_it_sees_it_and_decides(site: TestSite) {
    let (_, nurse, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    let colleague = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let elsewhere = site.actor(Recipient::ClinicalStaff, OTHER_PORTFOLIO).await;
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    for other in [&colleague, &handler, &elsewhere, &intake] {
        let request = site.app.gate.request();
        assert!(service::read_guarantee(&site.app, other, place, request).await.is_err());
        assert!(decide(&site, other, place, 1, &granted(hospital)).await.is_err());
        assert!(letter(&site, other, place, hospital).await.is_err());
        assert!(service::return_guarantee(&site.app, other, place, request).await.is_err());
    }
    for other in [&handler, &elsewhere, &intake] {
        let taken = service::take_guarantee(&site.app, other, PORTFOLIO, site.app.gate.request()).await;
        assert!(taken.is_err(), "{taken:?}");
    }
    // Nothing was guaranteed to anybody, so nobody is told.
    let none = letter(&site, &nurse, place, hospital).await;
    assert!(matches!(none, Err(ServiceError::Gate(_) | ServiceError::NotFound(_))));
    // Given back, it is the colleague's to take, and no longer the nurse's.
    service::return_guarantee(&site.app, &nurse, place, site.app.gate.request()).await.unwrap();
    assert!(service::read_guarantee(&site.app, &nurse, place, site.app.gate.request()).await.is_err());
    assert_eq!(take(&site, &colleague).await, Some(place));
    assert_eq!(
        decide(&site, &colleague, place, 1, &NewOutcome::Refused(Reason::NotCovered)).await.unwrap(),
        GuaranteeState::Refused
    );
    let closed = service::read_guarantee(&site.app, &colleague, place, site.app.gate.request()).await;
    assert!(closed.is_err(), "refused, it is before nobody");
}

async fn each_request_is_taken_once(site: TestSite) {
    site.clinic().await;
    site.member("ada", false).await;
    for number in 0..6 {
        send(&site, "ada", &format!("stay-{number}"), &format!("{number}")).await.unwrap();
    }
    let nurse = Arc::new(site.actor(Recipient::ClinicalStaff, PORTFOLIO).await);
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let (app, nurse) = (site.app.clone(), Arc::clone(&nurse));
            tokio::spawn(async move {
                service::take_guarantee(&app, &nurse, PORTFOLIO, app.gate.request()).await.unwrap()
            })
        })
        .collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.extend(taker.await.unwrap().map(|place| place.guarantee));
    }
    assert_eq!(taken.len(), 6);
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 6, "one was taken twice");
}

async fn the_same_request_again_changes_nothing(site: TestSite) {
    let (_, _, place) = under_review(&site, "ada").await;
    assert_eq!(send(&site, "ada", "stay", "ada").await.unwrap(), Receipt::Taken(place.guarantee));
    assert_eq!(send(&site, "ada", "stay", "another").await.unwrap(), Receipt::Known(place.guarantee));
    let other = send(&site, "ada", "another stay", "ada").await;
    assert!(matches!(other, Err(ServiceError::OtherRequest)), "{other:?}");
    assert_eq!(send(&site, "eve", "stay", "eve").await.unwrap(), Receipt::UnknownMember);
    assert_eq!(state(&site, place).await, GuaranteeState::UnderReview);
}

async fn what_cannot_be_is_not_decided(site: TestSite) {
    let (_, nurse, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    let NewOutcome::Granted { to, maximum, member_share, first, last } = granted(hospital) else { panic!() };
    let dollars = Money::new(1, "USD".parse().unwrap()).unwrap();
    let wrong = [
        (NewOutcome::Withdrawn, Some(GuaranteeError::NotGranted)),
        (
            NewOutcome::Granted { to, maximum: dollars, member_share, first, last },
            Some(GuaranteeError::Currency),
        ),
        (
            NewOutcome::Granted { to, maximum, member_share, first: last, last: first },
            Some(GuaranteeError::Days),
        ),
        (granted(site.bank().await), None),
        (granted(RecipientId::from_bytes([9; 16])), None),
    ];
    for (new, expected) in wrong {
        let refused = decide(&site, &nurse, place, 1, &new).await.unwrap_err();
        match (refused, expected) {
            (ServiceError::Guarantee(error), Some(expected)) => assert_eq!(error, expected),
            (ServiceError::NotFound(_), None) => {}
            (other, _) => panic!("{other}"),
        }
    }
    assert_eq!(state(&site, place).await, GuaranteeState::UnderReview);
    decide(&site, &nurse, place, 1, &granted(hospital)).await.unwrap();
    decide(&site, &nurse, place, 2, &NewOutcome::Withdrawn).await.unwrap();
    assert_eq!(state(&site, place).await, GuaranteeState::Withdrawn);
    let again = decide(&site, &nurse, place, 3, &granted(hospital)).await;
    assert!(again.is_err(), "taken back, it is before nobody");
}
