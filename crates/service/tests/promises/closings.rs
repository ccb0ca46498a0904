//! Promise 9 of a claim that is taken back: whoever has it closes it, on the record, and nothing of it is worked out, paid or held any
//! more; the way back is open, also by an appeal, and nobody who ever closed it confirms it. What was decided is not closed.

use domain::{
    AppealOutcome, AppealState, CaseReason, ClaimAsked, ClaimId, ClaimState, ClosingGround, Recipient,
    RecordKind, ReopeningGround, RetentionClass, ScreenState, SubjectId,
};
use gate::Actor;
use intake::ClaimDraft;
use service::{AppealPlace, ClaimRequest, NewAppeal, NewAppealDecision, PendedPlace, Receipt, ServiceError};

use crate::on_both;
use crate::pended::{adjudicate, clerk, confirm, cost, read, rows, says, state, take, waiting};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, SOURCE, TestSite};

on_both! {
    a_claim_that_is_taken_back_is_closed_and_nothing_of_it_is_paid,
    it_is_opened_again_and_nobody_who_ever_closed_it_confirms_it,
    without_consent_it_is_taken_back_too,
    only_whoever_has_it_closes_it_and_what_was_decided_stands,
    it_may_be_sent_again_by_itself_as_another_claim,
    what_the_screen_flagged_ends_with_it_and_is_looked_at_when_it_comes_back,
    an_appeal_against_the_closing_opens_it_again_and_hangs_at_nothing,
    an_appeal_against_a_closing_that_was_undone_lifts_nothing,
    that_it_was_closed_is_erased_with_the_claim,
}

async fn close(site: &TestSite, actor: &Actor, place: PendedPlace) -> Result<(), ServiceError> {
    let ground = ClosingGround::TakenBack;
    service::close_pended(&site.app, actor, place, ground, site.app.gate.request()).await
}

async fn reopen(site: &TestSite, actor: &Actor, place: PendedPlace) -> Result<(), ServiceError> {
    let ground = ReopeningGround::Asked;
    service::reopen_claim(&site.app, actor, place, ground, site.app.gate.request()).await
}

/// Ada with a claim that waits, before one of the staff.
async fn before_somebody(site: &TestSite) -> (SubjectId, Actor, PendedPlace) {
    let (ada, _) = waiting(site, "ada").await;
    let clerk = clerk(site).await;
    let place = take(site, &clerk).await.unwrap();
    (ada, clerk, place)
}

async fn a_claim_that_is_taken_back_is_closed_and_nothing_of_it_is_paid(site: TestSite) {
    let (ada, clerk, place) = before_somebody(&site).await;
    let before = site.entries(ada).await;
    close(&site, &clerk, place).await.unwrap();
    assert!(site.entries(ada).await > before, "that somebody closed it stands in the person's list");
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Withdrawn);
    assert!(rows(&site, ada).await.1.is_empty(), "it is off the desk");
    assert!(take(&site, &clerk).await.is_none());
    adjudicate(&site).await;
    crate::other_payers::nothing_is_proposed(&site).await;
    assert_eq!(cost(&site).await, 0);
    assert!(close(&site, &clerk, place).await.is_err(), "once");
    // What it would have counted is there for another claim.
    site.submit(&[site.claim("next", "ada", "PHYS", 50_000)]).await;
    adjudicate(&site).await;
    assert_eq!(cost(&site).await, 49_500);
}

async fn it_is_opened_again_and_nobody_who_ever_closed_it_confirms_it(site: TestSite) {
    let (ada, first, place) = before_somebody(&site).await;
    let (asked, request) = (ClaimAsked::Papers, site.app.gate.request());
    service::ask_about_pended(&site.app, &first, place, asked, request).await.unwrap();
    close(&site, &first, place).await.unwrap();
    reopen(&site, &first, place).await.unwrap();
    assert!(reopen(&site, &first, place).await.is_err(), "it is open");
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Pended);
    let second = clerk(&site).await;
    assert_eq!(take(&site, &second).await, Some(place));
    let file = read(&site, &second, place).await;
    assert_eq!(file.questions[0].ended.unwrap().by, first.id(), "what was asked ended with it");
    let closing = &file.closings.unwrap().closings[0];
    assert_eq!((closing.ground, closing.by), (ClosingGround::TakenBack, first.id()));
    let reopened = closing.reopened.unwrap();
    assert_eq!((reopened.ground, reopened.by), (ReopeningGround::Asked, first.id()));
    close(&site, &second, place).await.unwrap();
    let third = clerk(&site).await;
    reopen(&site, &third, place).await.unwrap();
    // Both closed it once, and neither confirms it, though somebody else opened it since.
    for closer in [&first, &second] {
        assert_eq!(take(&site, closer).await, Some(place), "no other waits");
        let version = read(&site, closer, place).await.version;
        says(confirm(&site, closer, place, version).await, "or closed it");
        service::return_pended(&site.app, closer, place, site.app.gate.request()).await.unwrap();
    }
    assert_eq!(take(&site, &third).await, Some(place));
    let version = read(&site, &third, place).await.version;
    assert_eq!(confirm(&site, &third, place, version).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 49_500);
}

async fn without_consent_it_is_taken_back_too(site: TestSite) {
    site.clinic().await;
    let eve = site.member("eve", false).await.subject;
    let claim = site.submit(&[site.claim("eve-1", "eve", "GP", 5_000)]).await.new[0];
    adjudicate(&site).await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    close(&site, &clerk, place).await.unwrap();
    assert_eq!(state(&site, eve, claim).await, ClaimState::Withdrawn);
    reopen(&site, &clerk, place).await.unwrap();
    assert_eq!(state(&site, eve, claim).await, ClaimState::Pended);
}

async fn only_whoever_has_it_closes_it_and_what_was_decided_stands(site: TestSite) {
    let (ada, owner, place) = before_somebody(&site).await;
    let others = [
        clerk(&site).await,
        site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await,
        site.actor(Recipient::PaymentsStaff, PORTFOLIO).await,
        site.app.gate.job(Recipient::AdjudicationJob).unwrap(),
    ];
    for other in &others {
        assert!(close(&site, other, place).await.is_err());
        assert!(reopen(&site, other, place).await.is_err());
    }
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Pended);
    confirm(&site, &owner, place, 1).await.unwrap();
    for other in others.iter().chain([&owner]) {
        assert!(close(&site, other, place).await.is_err(), "what was decided stands");
        assert!(reopen(&site, other, place).await.is_err(), "it was not closed");
    }
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Adjudicated);
    let nobodys = PendedPlace { claim: ClaimId::from_bytes([9; 16]), ..place };
    assert!(reopen(&site, &owner, nobodys).await.is_err());
    let by_appeal = ReopeningGround::Appeal;
    let request = site.app.gate.request();
    assert!(service::reopen_claim(&site.app, &owner, place, by_appeal, request).await.is_err());
}

async fn it_may_be_sent_again_by_itself_as_another_claim(site: TestSite) {
    let (ada, clerk, place) = before_somebody(&site).await;
    close(&site, &clerk, place).await.unwrap();
    let draft = site.claim("ada-1", "ada", "PHYS", 50_000);
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let send = async |key: &str, draft: &ClaimDraft| {
        let request = site.app.gate.request();
        let sent = ClaimRequest { portfolio: PORTFOLIO, source: SOURCE, key, body: key, draft, request };
        service::receive_claim(&site.app, &intake, &sent).await.unwrap()
    };
    // The same file again takes in nothing that was taken back.
    let again = site.submit(std::slice::from_ref(&draft)).await;
    assert!(again.new.is_empty(), "a file that is imported again");
    let Receipt::Taken(second) = send("a", &draft).await else { panic!("it is taken in anew") };
    assert_ne!(second, place.claim);
    assert_eq!(send("a", &draft).await, Receipt::Taken(second), "the same request");
    assert_eq!(send("b", &draft).await, Receipt::Known(second), "it waits, and is known");
    adjudicate(&site).await;
    assert_eq!(state(&site, ada, second).await, ClaimState::Adjudicated);
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Withdrawn);
    assert_eq!(cost(&site).await, 49_500);
}

async fn what_the_screen_flagged_ends_with_it_and_is_looked_at_when_it_comes_back(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let [first, second] = crate::screen::twice(&site, "ada");
    let refused = site.claim("ada-2", "ada", "NO-SUCH", 12_345);
    crate::screen::adjudicate(&site, &[first]).await;
    crate::screen::adjudicate(&site, &[ClaimDraft { services: refused.services, ..second }]).await;
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let case = crate::screen::take(&site, &officer, false).await.unwrap();
    assert_eq!(case.claim, place.claim);
    let stands = || async {
        let read = site.app.store().read(move |unit| store::screen::get(unit, ada, place.claim)).await;
        read.map_err(|error: store::StoreError| error).unwrap().unwrap()
    };
    assert_eq!(stands().await.state, ScreenState::UnderReview);
    close(&site, &clerk, place).await.unwrap();
    assert_eq!((stands().await.state, stands().await.assignee), (ScreenState::Ended, None));
    assert!(service::read_case(&site.app, &officer, case, site.app.gate.request()).await.is_err());
    assert!(crate::screen::take(&site, &officer, false).await.is_none());
    reopen(&site, &clerk, place).await.unwrap();
    assert_eq!(stands().await.state, ScreenState::Waiting, "it does not come back clean");
    assert_eq!(crate::screen::take(&site, &officer, false).await.unwrap().claim, place.claim);
}

async fn appeal(site: &TestSite, place: PendedPlace) -> (Actor, AppealPlace) {
    let desk = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let new = NewAppeal {
        portfolio: PORTFOLIO,
        subject: place.subject,
        representative: None,
        claim: place.claim,
        lines: Vec::new(),
        grounds: CaseReason::parse("I never took it back").unwrap(),
        days: None,
    };
    service::receive_appeal(&site.app, &desk, &new, site.app.gate.request()).await.unwrap();
    let handler = clerk(site).await;
    let row = service::take_appeal(&site.app, &handler, PORTFOLIO, site.app.gate.request()).await.unwrap();
    (handler, AppealPlace { portfolio: PORTFOLIO, subject: place.subject, appeal: row.unwrap().appeal })
}

async fn decide(
    site: &TestSite,
    handler: &Actor,
    place: AppealPlace,
    (outcome, lines): (AppealOutcome, &[u32]),
) -> Result<AppealState, ServiceError> {
    let reason = CaseReason::parse("nobody asked for it").unwrap();
    let new = NewAppealDecision { outcome, lines: lines.to_vec(), reason };
    let row = service::decide_appeal(&site.app, handler, place, &new, site.app.gate.request()).await?;
    Ok(row.state)
}

async fn appeal_state(site: &TestSite, place: AppealPlace) -> AppealState {
    let read = site.app.store().read(move |unit| store::appeal::get(unit, place.subject, place.appeal)).await;
    read.map_err(|error: store::StoreError| error).unwrap().unwrap().state
}

async fn an_appeal_against_the_closing_opens_it_again_and_hangs_at_nothing(site: TestSite) {
    let (ada, closer, place) = before_somebody(&site).await;
    close(&site, &closer, place).await.unwrap();
    let (handler, first) = appeal(&site, place).await;
    assert!(
        service::take_appeal(&site.app, &closer, PORTFOLIO, site.app.gate.request()).await.unwrap().is_none()
    );
    let file = service::read_appeal(&site.app, &handler, first, site.app.gate.request()).await.unwrap();
    assert_eq!(file.closings.unwrap().closings[0].by, closer.id());
    let partly = decide(&site, &handler, first, (AppealOutcome::PartlyOverturned, &[1])).await;
    assert!(matches!(partly, Err(ServiceError::Appeal(_))));
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Withdrawn);
    let overturned = decide(&site, &handler, first, (AppealOutcome::Overturned, &[])).await.unwrap();
    assert_eq!(overturned, AppealState::ToDecideAnew);
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Pended);
    // Closed again by the person, what was to be decided anew ends with it; and it may be appealed against once more.
    let second = clerk(&site).await;
    assert_eq!(take(&site, &second).await, Some(place));
    for ground in [ClosingGround::SentInError, ClosingGround::PaidElsewhere] {
        let taken = service::close_pended(&site.app, &second, place, ground, site.app.gate.request()).await;
        says(taken.map(|()| ClaimState::Withdrawn), "only they take that back");
    }
    close(&site, &second, place).await.unwrap();
    assert_eq!(appeal_state(&site, first).await, AppealState::Withdrawn);
    let (handler, next) = appeal(&site, place).await;
    decide(&site, &handler, next, (AppealOutcome::Overturned, &[])).await.unwrap();
    assert!(take(&site, &handler).await.is_none(), "who opened it again leaves it to a colleague");
    let third = clerk(&site).await;
    assert_eq!(take(&site, &third).await, Some(place));
    let done = || service::decided_anew(&site.app, &third, next, site.app.gate.request());
    assert!(done().await.is_err(), "nothing was decided on it yet");
    service::work_out_pended(&site.app, &third, place, site.app.gate.request()).await.unwrap();
    assert!(done().await.is_err(), "a new proposal is no decision");
    let version = read(&site, &third, place).await.version;
    assert_eq!(confirm(&site, &third, place, version).await.unwrap(), ClaimState::Adjudicated);
    done().await.unwrap();
    assert_eq!(appeal_state(&site, next).await, AppealState::DecidedAnew);
}

async fn an_appeal_against_a_closing_that_was_undone_lifts_nothing(site: TestSite) {
    let (ada, closer, place) = before_somebody(&site).await;
    close(&site, &closer, place).await.unwrap();
    let (handler, appeal) = appeal(&site, place).await;
    reopen(&site, &clerk(&site).await, place).await.unwrap();
    assert_eq!(appeal_state(&site, appeal).await, AppealState::Withdrawn, "what it asked for is done");
    assert!(decide(&site, &handler, appeal, (AppealOutcome::Overturned, &[])).await.is_err());
    assert_eq!(state(&site, ada, place.claim).await, ClaimState::Pended);
    let third = clerk(&site).await;
    assert_eq!(take(&site, &third).await, Some(place));
    assert!(
        read(&site, &third, place).await.overrides.is_none(),
        "what is proposed was not appealed against"
    );
}

async fn that_it_was_closed_is_erased_with_the_claim(site: TestSite) {
    let (ada, clerk, place) = before_somebody(&site).await;
    close(&site, &clerk, place).await.unwrap();
    let held = || async {
        let kind = RecordKind::ClaimClosings;
        let read = site.app.store();
        let read = read.read(move |unit| store::sealed::of_record(unit, ada, kind, place.claim.into())).await;
        read.map_err(|error: store::StoreError| error).unwrap().len()
    };
    assert_eq!(held().await, 1);
    service::erase_subject(&site.app, ada, &[RetentionClass::Claims]).await.unwrap();
    assert_eq!(held().await, 0);
    assert!(reopen(&site, &clerk, place).await.is_err(), "nor is it written again");
    assert_eq!(held().await, 0);
}
