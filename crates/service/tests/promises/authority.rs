//! Who may release how much: above their limit somebody proposes, or is refused, and nothing follows of it until a second person
//! with more authority decides.

use domain::{
    ActorId, Currency, GuaranteeState, Money, Recipient, RecipientId, ReleaseReason, ScreenOutcome,
    ScreenState,
};
use gate::Actor;
use service::{GuaranteePlace, NewActor, NewOutcome, ServiceError, ToRelease};

use crate::guarantees::{decide, granted, send, under_review};
use crate::readjudication::{add_plan, claims, covered, decided, plan, proposed, release_as, run};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};
use crate::{on_both, screen};

on_both! {
    above_the_limit_a_second_person_with_more_authority_releases,
    a_proposal_changes_nothing_of_what_stands,
    a_limit_is_set_on_the_record_by_somebody_else,
    several_small_guarantees_are_one_large_one,
    a_proposal_that_is_given_back_stays_one,
    what_is_decided_anew_is_released_within_the_limit,
    a_payment_that_the_screen_holds_is_let_go_within_the_limit,
    who_has_no_limit_releases_nothing,
}

fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

async fn limit(site: &TestSite, actor: &Actor, limit: Money) {
    service::limit_authority(&site.app, &site.keeper, PORTFOLIO, actor.id(), limit).await.unwrap();
}

async fn nurse(site: &TestSite, up_to: Money) -> Actor {
    entered(site, Recipient::ClinicalStaff, vec![up_to]).await
}

/// Somebody who may release so much alone, as the register says, and nothing in other currencies.
async fn entered(site: &TestSite, recipient: Recipient, authority: Vec<Money>) -> Actor {
    let new = NewActor {
        recipient,
        portfolio: PORTFOLIO,
        role: "desk".to_owned(),
        team: String::new(),
        country: "BE".parse().unwrap(),
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(day("2027-10-31")),
        authority,
        days: 90,
    };
    let (_, token) = service::enter_actor(&site.app, &site.keeper, &new).await.unwrap();
    site.app.gate.authenticate(&token).await.unwrap()
}

async fn take(site: &TestSite, actor: &Actor) -> Option<GuaranteePlace> {
    service::take_guarantee(&site.app, actor, PORTFOLIO, site.app.gate.request()).await.unwrap()
}

async fn version(site: &TestSite, actor: &Actor, place: GuaranteePlace) -> i64 {
    let request = site.app.gate.request();
    service::read_guarantee(&site.app, actor, place, request).await.unwrap().version
}

async fn letter(site: &TestSite, actor: &Actor, place: GuaranteePlace, to: RecipientId) -> Option<usize> {
    let request = site.app.gate.request();
    service::guarantee_letter(&site.app, actor, place, to, request).await.ok().map(|letter| letter.number)
}

async fn hospital(site: &TestSite) -> RecipientId {
    site.enter(Recipient::Provider, "Hospital of the Tests", "BE", &[]).await
}

/// The guarantee is for 4,500.00.
async fn above_the_limit_a_second_person_with_more_authority_releases(site: TestSite) {
    let (_, first, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    limit(&site, &first, euros(449_999)).await;
    assert_eq!(decide(&site, &first, place, 1, &granted(hospital)).await.unwrap(), GuaranteeState::Proposed);
    // It is off the first one's desk, nobody is told, and the first one does not get it again.
    let request = site.app.gate.request();
    assert!(service::read_guarantee(&site.app, &first, place, request).await.is_err());
    assert_eq!(letter(&site, &first, place, hospital).await, None);
    assert_eq!(take(&site, &first).await, None);

    // One with no more authority can only propose it too, whose limit in another currency says nothing.
    let second = nurse(&site, Money::new(900_000, "USD".parse().unwrap()).unwrap()).await;
    assert_eq!(take(&site, &second).await, Some(place));
    assert_eq!(decide(&site, &second, place, 2, &granted(hospital)).await.unwrap(), GuaranteeState::Proposed);
    assert_eq!(take(&site, &second).await, None);

    let third = nurse(&site, euros(450_000)).await;
    assert_eq!(take(&site, &third).await, Some(place));
    let version = version(&site, &third, place).await;
    assert_eq!(letter(&site, &third, place, hospital).await, None, "a proposal is no guarantee");
    let state = decide(&site, &third, place, version, &granted(hospital)).await.unwrap();
    assert_eq!(state, GuaranteeState::Granted);
    assert_eq!(letter(&site, &third, place, hospital).await, Some(3));
}

async fn a_proposal_changes_nothing_of_what_stands(site: TestSite) {
    let (_, first, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    limit(&site, &first, euros(450_000)).await;
    decide(&site, &first, place, 1, &granted(hospital)).await.unwrap();
    let NewOutcome::Granted { to, member_share, first: from, last, .. } = granted(hospital) else { panic!() };
    let more = NewOutcome::Granted { to, maximum: euros(450_001), member_share, first: from, last };
    assert_eq!(decide(&site, &first, place, 2, &more).await.unwrap(), GuaranteeState::Proposed);
    // Who looks at the proposal sees what stands beside it, and may take that back.
    let second = nurse(&site, euros(0)).await;
    assert_eq!(take(&site, &second).await, Some(place));
    let file = service::read_guarantee(&site.app, &second, place, site.app.gate.request()).await.unwrap();
    let holds = domain::GuaranteeDecision::that_holds(&file.guarantee.decisions).unwrap();
    assert_eq!((holds.outcome.state(), holds.by), (GuaranteeState::Granted, first.id()));
    let told = service::guarantee_letter(&site.app, &second, place, hospital, site.app.gate.request());
    assert_eq!(told.await.unwrap().terms.unwrap().maximum, euros(450_000));
    let state = decide(&site, &second, place, file.version, &NewOutcome::Withdrawn).await.unwrap();
    assert_eq!(state, GuaranteeState::Withdrawn);
}

async fn a_limit_is_set_on_the_record_by_somebody_else(site: TestSite) {
    let nurse = site.actor(Recipient::ClinicalStaff, PORTFOLIO).await;
    let set = |portfolio, actor: ActorId, up_to| {
        service::limit_authority(&site.app, &site.keeper, portfolio, actor, up_to)
    };
    let refused = set(PORTFOLIO, nurse.id(), euros(-1)).await;
    assert!(matches!(refused, Err(ServiceError::Actor(_))), "{refused:?}");
    let refused = set(OTHER_PORTFOLIO, nurse.id(), euros(1)).await;
    assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{refused:?}");
    let own = service::limit_authority(&site.app, &nurse, PORTFOLIO, nurse.id(), euros(1)).await;
    assert!(own.is_err(), "nobody sets their own");
    let service_link = site.actor(Recipient::IntakeJob, PORTFOLIO).await;
    let refused = set(PORTFOLIO, service_link.id(), euros(1)).await;
    assert!(matches!(refused, Err(ServiceError::Actor(_))), "{refused:?}");
    set(PORTFOLIO, nurse.id(), euros(500_000)).await.unwrap();
    let entries =
        site.app.store().read(|unit| store::log::pending_of(unit, gate::portfolio_chain(PORTFOLIO)));
    let entries = entries.await.map_err(|error: store::StoreError| error).unwrap();
    let changes = entries.iter().filter_map(|row| gate::Entry::from_bytes(&row.body)?.change);
    assert!(changes.into_iter().any(|change| change.contains("may release up to 5000.00 EUR alone")));
}

async fn several_small_guarantees_are_one_large_one(site: TestSite) {
    let (_, first, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    let other = site.enter(Recipient::Provider, "Other Hospital", "BE", &[]).await;
    limit(&site, &first, euros(450_000 + 449_999)).await;
    assert_eq!(decide(&site, &first, place, 1, &granted(hospital)).await.unwrap(), GuaranteeState::Granted);
    // The same again, for the same person: to another provider, and to the same one.
    send(&site, "ada", "stay 2", "two").await.unwrap();
    let place = take(&site, &first).await.unwrap();
    assert_eq!(decide(&site, &first, place, 1, &granted(other)).await.unwrap(), GuaranteeState::Granted);
    // What stands itself is not added to its own change.
    assert_eq!(decide(&site, &first, place, 2, &granted(hospital)).await.unwrap(), GuaranteeState::Proposed);
}

async fn a_proposal_that_is_given_back_stays_one(site: TestSite) {
    let (_, first, place) = under_review(&site, "ada").await;
    let hospital = hospital(&site).await;
    limit(&site, &first, euros(1)).await;
    assert_eq!(decide(&site, &first, place, 1, &granted(hospital)).await.unwrap(), GuaranteeState::Proposed);
    let second = nurse(&site, euros(450_000)).await;
    assert_eq!(take(&site, &second).await, Some(place));
    service::return_guarantee(&site.app, &second, place, site.app.gate.request()).await.unwrap();
    assert_eq!(take(&site, &first).await, None, "not theirs again");
    let third = nurse(&site, euros(450_000)).await;
    assert_eq!(take(&site, &third).await, Some(place));
}

const MORE: &str = "than you may release alone";

async fn what_is_decided_anew_is_released_within_the_limit(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let ada = covered(&site, "ada").await;
    covered(&site, "eve").await;
    claims(&site, "ada").await;
    claims(&site, "eve").await;
    add_plan(&site, &plan("2", 9_000, true)).await;
    let found = run(&site).await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    limit(&site, &clerk, euros(19_999)).await;
    // Each gets 60.00 and 40.00 more; the 80.00 that they lose on another claim take nothing off that.
    let told = proposed(&site, &clerk, found.run).await.unwrap();
    assert_eq!((told.more, told.lowered), ([(Currency::EUR, 20_000)].into(), 2));
    let refused = release_as(&site, &clerk, found.run).await.unwrap_err().to_string();
    assert!(refused.contains(MORE), "{refused}");
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 10_000, 0], "nothing was released");

    let of_ada = || async {
        let what = ToRelease { run: found.run, only: [ada].into(), reason: ReleaseReason::PlanCorrected };
        let request = site.app.gate.request();
        service::release(&site.app, &clerk, PORTFOLIO, what, request, |_| {}).await
    };
    limit(&site, &clerk, euros(9_999)).await;
    let refused = of_ada().await.unwrap_err().to_string();
    assert!(refused.contains(MORE), "{refused}");
    limit(&site, &clerk, euros(10_000)).await;
    assert_eq!(of_ada().await.unwrap().released, 1);
    assert_eq!(decided(&site, ada).await.paid(), [32_000, 16_000, 4_000]);
    assert_eq!(release_as(&site, &clerk, found.run).await.unwrap().released, 1, "what is left is within it");

    // To pay less nobody needs authority.
    add_plan(&site, &plan("3", 100, true)).await;
    let found = run(&site).await;
    limit(&site, &clerk, euros(0)).await;
    assert_eq!(release_as(&site, &clerk, found.run).await.unwrap().released, 2);
}

async fn a_payment_that_the_screen_holds_is_let_go_within_the_limit(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    covered(&site, "ada").await;
    screen::adjudicate(&site, &screen::twice(&site, "ada")).await;
    let officer = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    limit(&site, &officer, euros(12_344)).await;
    let place = screen::take(&site, &officer, false).await.unwrap();
    let refused =
        screen::decide(&site, &officer, place, ScreenOutcome::Cleared).await.unwrap_err().to_string();
    assert!(refused.contains(MORE), "{refused}");
    assert_eq!(screen::pay(&site).await, (1, 0), "it is held as before");
    service::return_case(&site.app, &officer, place, site.app.gate.request()).await.unwrap();

    let second = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    limit(&site, &second, euros(12_345)).await;
    assert_eq!(screen::take(&site, &second, false).await, Some(place));
    let state = screen::decide(&site, &second, place, ScreenOutcome::Cleared).await.unwrap();
    assert_eq!(state, ScreenState::Released);
    assert_eq!(screen::pay(&site).await, (1, 0));
    // To hold one longer nobody needs authority.
    limit(&site, &officer, euros(0)).await;
    covered(&site, "eve").await;
    screen::adjudicate(&site, &screen::twice(&site, "eve")).await;
    let place = screen::take(&site, &officer, false).await.unwrap();
    let state = screen::decide(&site, &officer, place, ScreenOutcome::Confirmed).await.unwrap();
    assert_eq!(state, ScreenState::Held);
}

async fn who_has_no_limit_releases_nothing(site: TestSite) {
    site.member("ada", false).await;
    let hospital = hospital(&site).await;
    site.clinic().await;
    send(&site, "ada", "stay", "ada").await.unwrap();
    let nurse = entered(&site, Recipient::ClinicalStaff, Vec::new()).await;
    let place = take(&site, &nurse).await.unwrap();
    assert_eq!(decide(&site, &nurse, place, 1, &granted(hospital)).await.unwrap(), GuaranteeState::Proposed);

    add_plan(&site, &plan("1", 500, false)).await;
    covered(&site, "eve").await;
    claims(&site, "eve").await;
    add_plan(&site, &plan("2", 9_000, false)).await;
    let found = run(&site).await;
    let clerk = entered(&site, Recipient::ClaimsStaff, Vec::new()).await;
    let refused = release_as(&site, &clerk, found.run).await.unwrap_err().to_string();
    assert!(refused.contains(MORE), "{refused}");
    limit(&site, &clerk, Money::new(9_000_000, "USD".parse().unwrap()).unwrap()).await;
    assert!(release_as(&site, &clerk, found.run).await.is_err(), "a limit in another currency is none");
    limit(&site, &clerk, euros(9_000_000)).await;
    assert_eq!(release_as(&site, &clerk, found.run).await.unwrap().released, 1);
}
