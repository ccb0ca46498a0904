//! What happened to a claim is told step by step, by whom and when; it is erased with the claim, and nothing of it is written after that.

use domain::{
    ClaimId, ClaimState, ClaimStep, ClosingGround, Condition, Recipient, ReopeningGround, RetentionClass,
    SubjectId,
};
use gate::job_actor_id;
use service::{ClaimHistory, PendedPlace, ServiceError};
use store::claim_step::StepRow;

use crate::on_both;
use crate::pended::{adjudicate, clerk, confirm, read, take, waiting};
use crate::readjudication::{add_plan, covered, plan, release_as, run};
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, day};

on_both! {
    each_step_of_a_claim_is_told_with_who_took_it,
    many_claims_are_moved_on_with_a_step_each,
    only_claims_staff_read_it_and_it_stands_in_the_persons_list,
    steps_are_erased_with_the_claims_and_never_written_after,
}

async fn steps(site: &TestSite, subject: SubjectId, claim: ClaimId) -> Vec<StepRow> {
    let read = site.app.store().read(move |unit| store::claim_step::of_claim(unit, subject, claim)).await;
    read.map_err(|error: store::StoreError| error).unwrap()
}

fn told(steps: &[StepRow]) -> Vec<(ClaimStep, ClaimState, domain::ActorId)> {
    steps.iter().map(|row| (row.step, row.state, row.actor)).collect()
}

async fn history(
    site: &TestSite,
    actor: &gate::Actor,
    place: PendedPlace,
) -> Result<ClaimHistory, ServiceError> {
    service::claim_history(&site.app, actor, place, site.app.gate.request()).await
}

async fn each_step_of_a_claim_is_told_with_who_took_it(site: TestSite) {
    let (_, _) = waiting(&site, "ada").await;
    let first = clerk(&site).await;
    let place = take(&site, &first).await.unwrap();
    service::work_out_pended(&site.app, &first, place, site.app.gate.request()).await.unwrap();
    let request = site.app.gate.request();
    service::close_pended(&site.app, &first, place, ClosingGround::TakenBack, request).await.unwrap();
    service::reopen_claim(&site.app, &first, place, ReopeningGround::Asked, request).await.unwrap();
    let second = clerk(&site).await;
    assert_eq!(take(&site, &second).await, Some(place));
    let version = read(&site, &second, place).await.version;
    confirm(&site, &second, place, version).await.unwrap();
    service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10, |_| {}).await.unwrap();
    let told_to = clerk(&site).await;
    let history = history(&site, &told_to, place).await.unwrap();
    let job = |recipient| job_actor_id(recipient);
    let all = [
        (ClaimStep::Adjudicated, ClaimState::Pended, job(Recipient::AdjudicationJob)),
        (ClaimStep::WorkedOut, ClaimState::Pended, first.id()),
        (ClaimStep::Closed, ClaimState::Withdrawn, first.id()),
        (ClaimStep::Reopened, ClaimState::Pended, first.id()),
        (ClaimStep::Confirmed, ClaimState::Adjudicated, second.id()),
        (ClaimStep::Settled, ClaimState::InPayment, job(Recipient::PaymentJob)),
    ];
    assert_eq!(told(&history.steps), all);
    assert!(history.steps.is_sorted_by_key(|row| (row.number, row.at)));
    assert_eq!(history.stands.state, ClaimState::InPayment);
    let confirmation = history.confirmation.unwrap();
    assert_eq!(confirmation.by, second.id());
    assert_eq!(confirmation.reason.shown().unwrap().reveal(), "no such service in the plan");
    assert_eq!(history.closings.unwrap().closings.len(), 1);
    assert!(history.overrides.is_none());
}

async fn many_claims_are_moved_on_with_a_step_each(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let mut claims = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let subject = covered(&site, name).await;
        let claim = site.submit(&[site.claim(name, name, "GP", 10_000)]).await.new[0];
        claims.push((subject, claim));
    }
    adjudicate(&site).await;
    service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10, |_| {}).await.unwrap();
    add_plan(&site, &plan("2", 500, true)).await;
    let releaser = clerk(&site).await;
    let found = run(&site).await;
    assert_eq!(release_as(&site, &releaser, found.run).await.unwrap().released, 3);
    for (subject, claim) in claims {
        let all = steps(&site, subject, claim).await;
        let words: Vec<ClaimStep> = all.iter().map(|row| row.step).collect();
        assert_eq!(words, [ClaimStep::Adjudicated, ClaimStep::Settled, ClaimStep::DecidedAnew]);
        assert_eq!(all[2].actor, releaser.id());
        assert_eq!(all[2].state, ClaimState::Unsettled);
    }
}

async fn only_claims_staff_read_it_and_it_stands_in_the_persons_list(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let place = PendedPlace { portfolio: PORTFOLIO, subject: ada, claim, task: None };
    for other in [
        site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await,
        site.actor(Recipient::PaymentsStaff, PORTFOLIO).await,
        site.app.gate.job(Recipient::AdjudicationJob).unwrap(),
    ] {
        assert!(history(&site, &other, place).await.is_err());
    }
    let staff = clerk(&site).await;
    let before = site.entries(ada).await;
    let shown = history(&site, &staff, place).await.unwrap();
    assert_eq!(site.entries(ada).await, before + 1, "one entry, for what is read together");
    assert_eq!(shown.steps.len(), 1);
    // Why, where it may say something of health, needs the consent; that something happened does not.
    let own = take(&site, &staff).await.unwrap();
    let version = read(&site, &staff, own).await.version;
    confirm(&site, &staff, own, version).await.unwrap();
    let at = site.app.gate.now();
    site.write(move |unit| {
        store::condition::end(unit, ada, Condition::ConsentHealth, *PORTFOLIO.bytes(), at)
    })
    .await;
    let shown = history(&site, &staff, place).await.unwrap();
    assert_eq!(shown.steps.len(), 2);
    assert!(shown.confirmation.unwrap().reason.shown().is_none());
    let nobodys = PendedPlace { claim: ClaimId::from_bytes([9; 16]), ..place };
    assert!(matches!(history(&site, &staff, nobodys).await, Err(ServiceError::NotFound(_))));
}

async fn steps_are_erased_with_the_claims_and_never_written_after(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let decided = site.submit(&[site.claim("decided", "ada", "GP", 10_000)]).await.new[0];
    adjudicate(&site).await;
    let received = site.submit(&[site.claim("received", "ada", "GP", 5_000)]).await.new[0];
    assert_eq!(steps(&site, ada, decided).await.len(), 1);
    service::erase_subject(&site.app, ada, &[RetentionClass::Claims]).await.unwrap();
    assert!(steps(&site, ada, decided).await.is_empty());
    // What still goes on about the rows that are left writes none.
    adjudicate(&site).await;
    service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 10, |_| {}).await.unwrap();
    let rows = crate::pended::rows(&site, ada).await.0;
    assert!(rows.iter().any(|row| row.claim == received && row.state == ClaimState::Pended), "it was moved");
    for claim in [decided, received] {
        assert!(steps(&site, ada, claim).await.is_empty());
    }
}
