//! Appeals: somebody else than who decided looks again, in time, with a clock that stands still while it waits for the person;
//! and promise 9: what is overturned is decided anew by a person.

use domain::{AppealOutcome, AppealState, CaseReason, ClaimId, ClaimState, Condition, Recipient, SubjectId};
use gate::Actor;
use service::{AppealPlace, NewAppeal, NewAppealDecision, ServiceError};
use store::StoreError;
use store::appeal::AppealRow;
use store::condition::ConditionRow;

use crate::on_both;
use crate::readjudication::{add_plan, covered, plan, release_as, run};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};

on_both! {
    an_appeal_goes_from_its_grounds_to_a_decision_without_consent,
    the_next_level_is_handled_by_somebody_else,
    the_clock_stands_still_while_it_waits_for_the_person,
    only_whoever_has_it_sees_it_and_decides,
    who_may_not_handle_it_any_more_gives_it_back_and_opens_nothing,
    what_cannot_be_appealed_against_or_decided_is_refused,
    who_appeals_for_somebody_represents_them,
}

const DAY: i64 = 86_400;

/// A member with an adjudicated claim.
async fn decided(site: &TestSite, name: &str) -> (SubjectId, ClaimId) {
    site.clinic().await;
    let subject = site.member(name, true).await.subject;
    let claim = site.submit(&[site.claim(&format!("{name}-1"), name, "GP", 10_000)]).await.new[0];
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    (subject, claim)
}

fn text(text: &str) -> CaseReason {
    CaseReason::parse(text).unwrap()
}

fn appeal(subject: SubjectId, claim: ClaimId) -> NewAppeal {
    NewAppeal {
        portfolio: PORTFOLIO,
        subject,
        representative: None,
        claim,
        lines: Vec::new(),
        grounds: text("the visit was an emergency"),
        days: None,
    }
}

/// An appeal that somebody took.
pub(crate) async fn taken(
    site: &TestSite,
    subject: SubjectId,
    claim: ClaimId,
    handler: &Actor,
) -> domain::WorkItemId {
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    receive(site, &desk, &appeal(subject, claim)).await.unwrap();
    take(site, handler).await.unwrap().appeal
}

async fn receive(site: &TestSite, actor: &Actor, new: &NewAppeal) -> Result<AppealRow, ServiceError> {
    service::receive_appeal(&site.app, actor, new, site.app.gate.request()).await
}

async fn take(site: &TestSite, actor: &Actor) -> Option<AppealPlace> {
    let taken = service::take_appeal(&site.app, actor, PORTFOLIO, site.app.gate.request()).await.unwrap();
    taken.map(|row| AppealPlace { portfolio: PORTFOLIO, subject: row.subject, appeal: row.appeal })
}

async fn decide(
    site: &TestSite,
    actor: &Actor,
    place: AppealPlace,
    outcome: AppealOutcome,
    lines: &[u32],
) -> Result<AppealRow, ServiceError> {
    let new = NewAppealDecision { outcome, lines: lines.to_vec(), reason: text("the papers show it") };
    service::decide_appeal(&site.app, actor, place, &new, site.app.gate.request()).await
}

async fn an_appeal_goes_from_its_grounds_to_a_decision_without_consent(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let ada = covered(&site, "ada").await;
    let claim = site.submit(&[site.claim("ada-1", "ada", "GP", 10_000)]).await.new[0];
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    let at = site.app.gate.now();
    site.write(move |unit| {
        store::condition::end(unit, ada, Condition::ConsentHealth, *PORTFOLIO.bytes(), at)
    })
    .await;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let row = receive(&site, &desk, &appeal(ada, claim)).await.unwrap();
    assert_eq!((row.state, row.level), (AppealState::Received, 1));
    assert_eq!(row.due, row.received.plus_seconds(28 * DAY));

    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let place = take(&site, &handler).await.unwrap();
    let file = service::read_appeal(&site.app, &handler, place, site.app.gate.request()).await.unwrap();
    assert_eq!(file.appeal.grounds.reveal(), "the visit was an emergency");
    assert_eq!((file.claim.lines.len(), file.determination.unwrap().lines.len()), (1, 1));
    let row = decide(&site, &handler, place, AppealOutcome::Overturned, &[]).await.unwrap();
    assert_eq!(row.state, AppealState::ToDecideAnew);

    // The claim itself is as it was: a person decides it anew, and says so.
    let stands = site.app.store().read(move |unit| store::claim::get(unit, ada, claim)).await;
    let stands = stands.map_err(|error: StoreError| error).unwrap().unwrap();
    assert_eq!(stands.state, ClaimState::Adjudicated);
    let request = site.app.gate.request();
    let list = |state| service::appeals(&site.app, &handler, PORTFOLIO, state, request);
    assert_eq!(list(AppealState::ToDecideAnew).await.unwrap().len(), 1);
    let stands = service::decided_anew(&site.app, &handler, place, request).await;
    assert!(matches!(stands, Err(ServiceError::Appeal(_))), "nothing was decided since");
    // Deciding anew takes the consent that handling the appeal did not.
    let since = site.app.gate.now();
    let (condition, object) = (Condition::ConsentHealth, *PORTFOLIO.bytes());
    let consent = ConditionRow { subject: ada, condition, object, since, until: None };
    site.write(move |unit| store::condition::set_many(unit, std::slice::from_ref(&consent))).await;
    add_plan(&site, &plan("2", 500, true)).await;
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let found = run(&site).await;
    assert_eq!(release_as(&site, &colleague, found.run).await.unwrap().released, 1);
    let before = site.entries(ada).await;
    service::decided_anew(&site.app, &handler, place, request).await.unwrap();
    assert_eq!(site.entries(ada).await, before + 1, "that it was said stands in the person's list");
    assert!(service::decided_anew(&site.app, &handler, place, request).await.is_err());
    assert_eq!(list(AppealState::ToDecideAnew).await.unwrap().len(), 0);
    assert_eq!(list(AppealState::DecidedAnew).await.unwrap().len(), 1);
    // Whoever released what was decided anew does not handle an appeal against that.
    receive(&site, &desk, &appeal(ada, claim)).await.unwrap();
    assert!(take(&site, &colleague).await.is_none());
    assert!(take(&site, &site.actor(Recipient::ClaimsStaff, PORTFOLIO).await).await.is_some());
}

async fn the_next_level_is_handled_by_somebody_else(site: TestSite) {
    let (ada, claim) = decided(&site, "ada").await;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let mut handlers = Vec::new();
    for level in 1..=3 {
        assert_eq!(receive(&site, &desk, &appeal(ada, claim)).await.unwrap().level, level);
        let twice = receive(&site, &desk, &appeal(ada, claim)).await;
        assert!(matches!(twice, Err(ServiceError::Appeal(_))), "one is open");
        for earlier in &handlers {
            assert!(take(&site, earlier).await.is_none(), "whoever decided before");
        }
        let handler = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
        let place = take(&site, &handler).await.unwrap();
        let row = decide(&site, &handler, place, AppealOutcome::Upheld, &[]).await.unwrap();
        assert_eq!(row.state, AppealState::Closed);
        handlers.push(handler);
    }
    let fourth = receive(&site, &desk, &appeal(ada, claim)).await;
    assert!(matches!(fourth, Err(ServiceError::Appeal(_))), "every level");
}

async fn the_clock_stands_still_while_it_waits_for_the_person(site: TestSite) {
    let (ada, claim) = decided(&site, "ada").await;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let sooner = NewAppeal { days: Some(10), ..appeal(ada, claim) };
    let received = receive(&site, &desk, &sooner).await.unwrap();
    assert_eq!(received.due, received.received.plus_seconds(10 * DAY));
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let place = take(&site, &handler).await.unwrap();
    let request = site.app.gate.request();
    assert!(service::member_answered(&site.app, &handler, place, request).await.is_err());
    let waits = service::ask_member(&site.app, &handler, place, request).await.unwrap();
    assert_eq!(waits.state, AppealState::WaitingForMember);
    assert!(service::ask_member(&site.app, &handler, place, request).await.is_err());
    site.clock.advance(5 * DAY);
    let runs = service::member_answered(&site.app, &handler, place, request).await.unwrap();
    let later = runs.due.micros() - received.due.micros();
    assert!((5 * DAY * 1_000_000..5 * DAY * 1_000_000 + 1_000).contains(&later), "{later}");
    assert_eq!((runs.state, runs.waiting), (AppealState::UnderReview, None));
    service::return_appeal(&site.app, &handler, place, request).await.unwrap();
    assert_eq!(take(&site, &handler).await, Some(place), "whoever gave it back decided nothing");
    // Whoever leaves leaves it to colleagues, its clock running.
    service::ask_member(&site.app, &handler, place, request).await.unwrap();
    let left = service::end_actor(&site.app, &site.keeper, PORTFOLIO, handler.id()).await.unwrap();
    assert_eq!((left.cases, left.appeals), (0, 1));
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(take(&site, &handler).await, Some(place));
    service::withdraw_appeal(&site.app, &handler, place, request).await.unwrap();
    assert_eq!(
        receive(&site, &desk, &appeal(ada, claim)).await.unwrap().level,
        1,
        "what was taken back is none"
    );
}

async fn only_whoever_has_it_sees_it_and_decides(site: TestSite) {
    let (ada, claim) = decided(&site, "ada").await;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let elsewhere = site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await;
    for other in [&elsewhere, &site.actor(Recipient::PaymentsStaff, PORTFOLIO).await] {
        assert!(receive(&site, other, &appeal(ada, claim)).await.is_err());
    }
    receive(&site, &desk, &appeal(ada, claim)).await.unwrap();
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    for other in [&desk, &elsewhere] {
        let request = site.app.gate.request();
        assert!(service::take_appeal(&site.app, other, PORTFOLIO, request).await.is_err());
        let listed = service::appeals(&site.app, other, PORTFOLIO, AppealState::Received, request).await;
        assert!(listed.is_err());
    }
    let place = take(&site, &handler).await.unwrap();
    assert!(take(&site, &colleague).await.is_none());
    for other in [&colleague, &desk, &elsewhere] {
        let request = site.app.gate.request();
        assert!(service::read_appeal(&site.app, other, place, request).await.is_err());
        assert!(decide(&site, other, place, AppealOutcome::Upheld, &[]).await.is_err());
        assert!(service::ask_member(&site.app, other, place, request).await.is_err());
        assert!(service::return_appeal(&site.app, other, place, request).await.is_err());
        assert!(service::withdraw_appeal(&site.app, other, place, request).await.is_err());
    }
    decide(&site, &handler, place, AppealOutcome::Upheld, &[]).await.unwrap();
    assert!(decide(&site, &handler, place, AppealOutcome::Overturned, &[]).await.is_err(), "decided once");
}

async fn who_may_not_handle_it_any_more_gives_it_back_and_opens_nothing(site: TestSite) {
    let (ada, claim) = decided(&site, "ada").await;
    let token = site.token(Recipient::ClaimsStaff, PORTFOLIO).await;
    let handler = site.app.gate.authenticate(&token).await.unwrap();
    let item = taken(&site, ada, claim, &handler).await;
    let place = AppealPlace { portfolio: PORTFOLIO, subject: ada, appeal: item };
    let until = day("2026-11-24");
    service::train_actor(&site.app, &site.keeper, PORTFOLIO, handler.id(), until).await.unwrap();
    site.clock.advance(2 * DAY);
    let handler = site.app.gate.authenticate(&token).await.unwrap();
    let request = site.app.gate.request();
    assert!(service::read_appeal(&site.app, &handler, place, request).await.is_err());
    let before = site.entries(ada).await;
    service::return_appeal(&site.app, &handler, place, request).await.unwrap();
    assert_eq!(site.entries(ada).await, before + 1, "that it was refused");
    assert!(crate::teams::last_entry(&site, ada).await.shown.is_empty());
    assert!(service::return_appeal(&site.app, &handler, place, request).await.is_err(), "once");
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(take(&site, &colleague).await, Some(place));
}

async fn what_cannot_be_appealed_against_or_decided_is_refused(site: TestSite) {
    let (ada, claim) = decided(&site, "ada").await;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let waiting = site.submit(&[site.claim("later", "ada", "GP", 5_000)]).await.new[0];
    for other in [waiting, ClaimId::from_bytes([9; 16])] {
        let refused = receive(&site, &desk, &appeal(ada, other)).await;
        assert!(matches!(refused, Err(ServiceError::Appeal(_))));
    }
    let stranger = receive(&site, &desk, &appeal(SubjectId::from_bytes([9; 16]), claim)).await;
    assert!(stranger.is_err());
    receive(&site, &desk, &NewAppeal { lines: vec![1], ..appeal(ada, claim) }).await.unwrap();
    let handler = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let place = take(&site, &handler).await.unwrap();
    for (outcome, lines) in [
        (AppealOutcome::PartlyOverturned, &[][..]),
        (AppealOutcome::PartlyOverturned, &[2]),
        (AppealOutcome::Upheld, &[1]),
        (AppealOutcome::Overturned, &[1]),
    ] {
        let refused = decide(&site, &handler, place, outcome, lines).await;
        assert!(matches!(refused, Err(ServiceError::Appeal(_))), "{outcome}");
    }
    let row = decide(&site, &handler, place, AppealOutcome::PartlyOverturned, &[1]).await.unwrap();
    assert_eq!(row.state, AppealState::ToDecideAnew);
    assert!(receive(&site, &desk, &appeal(ada, claim)).await.is_err(), "it is decided anew first");
}

async fn who_appeals_for_somebody_represents_them(site: TestSite) {
    let (ada, claim) = decided(&site, "ada").await;
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let daughter = site.actor(Recipient::Representative, PORTFOLIO).await.id();
    let new = NewAppeal { representative: Some(daughter), ..appeal(ada, claim) };
    assert!(matches!(receive(&site, &desk, &new).await, Err(ServiceError::NotTheirs)));
    let (since, until) = (site.app.gate.now(), Some(domain::Timestamp::start_of(day("2026-12-31"))));
    let mandate = ConditionRow {
        subject: ada,
        condition: Condition::RelationRepresentative,
        object: *daughter.bytes(),
        since,
        until,
    };
    site.write(move |unit| store::condition::set_many(unit, std::slice::from_ref(&mandate))).await;
    assert!(receive(&site, &desk, &new).await.is_ok());
}
