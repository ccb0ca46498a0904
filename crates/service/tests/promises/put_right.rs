//! A claim that was decided is put right: something became known of it, another payer answered, or it was billed in error. Nothing
//! changes by that; a run proposes what would, and somebody else releases it.

use domain::{
    CaseReason, ClaimId, ClaimState, ClaimStep, LineDecision, Money, OtherPayerAmounts, Recipient,
    RefusalGround, SubjectId,
};
use gate::Actor;
use service::{NewFacts, NewOverrides, PendedPlace, ServiceError, WrittenDown};
use store::StoreError;

use crate::on_both;
use crate::readjudication::{add_plan, claims, covered, decided, plan, release_as};
use crate::site::{PORTFOLIO, SOURCE, TestSite, day, item};

on_both! {
    a_claim_that_was_billed_in_error_is_taken_back_and_what_it_used_is_free,
    what_became_known_after_the_decision_is_entered,
    whoever_puts_right_does_not_release,
    only_who_may_handle_claims_puts_one_right,
    a_claim_that_waits_is_nobodys_to_choose,
}

/// A claim, for the task that the tests give about the person.
fn place(site: &TestSite, subject: SubjectId, id: &str) -> PendedPlace {
    let claim = ClaimId::from_bytes(site.app.gate.imported_id(&format!("claim/{subject}"), SOURCE, id));
    PendedPlace { portfolio: PORTFOLIO, subject, claim, task: Some(item(7)) }
}

/// Somebody of the claims staff who was given a task about a person.
async fn clerk(site: &TestSite, subject: SubjectId) -> Actor {
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(subject, item(7), &clerk).await;
    clerk
}

async fn refuse(
    site: &TestSite,
    actor: &Actor,
    place: PendedPlace,
    ground: RefusalGround,
) -> Result<WrittenDown, ServiceError> {
    let request = || site.app.gate.request();
    let version = service::read_pended(&site.app, actor, place, request()).await?.version;
    let reason = CaseReason::parse("The clinic billed somebody else.").unwrap();
    let new = NewOverrides { version, lines: vec![(1, LineDecision::Refuse(ground))], reason };
    service::override_pended(&site.app, actor, place, &new, request()).await
}

async fn paid(site: &TestSite, subject: SubjectId, id: &str) -> i64 {
    let claim = place(site, subject, id).claim;
    let statements = service::statements(&site.app, PORTFOLIO, &[(subject, claim)]).await.unwrap();
    statements[0].determination.lines.iter().map(|line| line.plan).sum()
}

async fn ada(site: &TestSite) -> SubjectId {
    site.clinic().await;
    add_plan(site, &plan("1", 500, false)).await;
    let ada = covered(site, "ada").await;
    claims(site, "ada").await;
    assert_eq!(decided(site, ada).await.paid(), [40_000, 10_000, 0]);
    ada
}

async fn a_claim_that_was_billed_in_error_is_taken_back_and_what_it_used_is_free(site: TestSite) {
    let ada = ada(&site).await;
    assert_eq!(
        service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 100, |_| {}).await.unwrap().paid,
        2
    );
    let clerk = clerk(&site, ada).await;
    let first = place(&site, ada, "ada 1");
    let file = service::read_pended(&site.app, &clerk, first, site.app.gate.request()).await.unwrap();
    assert!(file.row.is_none() && file.proposal.is_some() && file.claim.is_some());
    let done = refuse(&site, &clerk, first, RefusalGround::TakenBack).await.unwrap();
    assert_eq!(done, WrittenDown::ToDecideAnew);
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 10_000, 0], "nothing has changed yet");

    let run = service::readjudicate_by_itself(&site.app, PORTFOLIO).await.unwrap().unwrap();
    assert_eq!((run.people, run.claims, run.differing), (1, 3, 3));
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(release_as(&site, &colleague, run.run).await.unwrap().released, 1);
    let after = decided(&site, ada).await;
    // The second and third claim get what the first had used of the year's 500.00.
    assert_eq!(after.paid(), [0, 20_000, 5_000]);
    assert_eq!(after.states(), [ClaimState::Adjudicated, ClaimState::Unsettled, ClaimState::Unsettled]);
    let history = service::claim_history(&site.app, &clerk, first, site.app.gate.request()).await.unwrap();
    let steps: Vec<ClaimStep> = history.steps.iter().map(|one| one.step).collect();
    assert_eq!(
        steps,
        [ClaimStep::Adjudicated, ClaimStep::Settled, ClaimStep::PutRight, ClaimStep::DecidedAnew]
    );
    assert_eq!(service::readjudicate_by_itself(&site.app, PORTFOLIO).await.unwrap(), None);
}

async fn what_became_known_after_the_decision_is_entered(site: TestSite) {
    let text = plan("1", 5_000, false).replacen(
        "[[limit]]",
        "filing_months = 3\n[coordination]\nmethod = \"standard\"\n[[limit]]",
        1,
    );
    site.clinic().await;
    add_plan(&site, &text).await;
    let ada = covered(&site, "ada").await;
    let mut late = site.claim("late", "ada", "GP", 30_000);
    (late.lines[0].service_start, late.lines[0].service_end) = (day("2026-02-01"), day("2026-02-01"));
    site.submit(&[late]).await;
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    assert_eq!(paid(&site, ada, "late").await, 0);
    let clerk = clerk(&site, ada).await;
    let place = place(&site, ada, "late");
    let waived = NewFacts {
        filing_waived: Some(CaseReason::parse("In hospital for months.").unwrap()),
        ..NewFacts::default()
    };
    let request = || site.app.gate.request();
    let done = service::tell_facts(&site.app, &clerk, place, waived, request()).await.unwrap();
    assert_eq!(done, WrittenDown::ToDecideAnew);
    let run = service::readjudicate_by_itself(&site.app, PORTFOLIO).await.unwrap().unwrap();
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(release_as(&site, &colleague, run.run).await.unwrap().released, 1);
    assert_eq!(paid(&site, ada, "late").await, 30_000);

    // Another payer answers after all: what it paid of a line that the cover says nothing of is noted, and decided anew.
    let euros = |minor| Money::new(minor, domain::Currency::EUR).unwrap();
    let amounts = OtherPayerAmounts { line: 1, paid: euros(10_000), allowed: None, contribution: None };
    let done = service::other_payer_answered(&site.app, &clerk, place, amounts, request()).await.unwrap();
    assert_eq!(done, WrittenDown::ToDecideAnew);
    let found = service::readjudicate_by_itself(&site.app, PORTFOLIO).await.unwrap().unwrap();
    assert_eq!((found.people, found.claims), (1, 1));
}

async fn whoever_puts_right_does_not_release(site: TestSite) {
    let ada = ada(&site).await;
    let clerk = clerk(&site, ada).await;
    refuse(&site, &clerk, place(&site, ada, "ada 1"), RefusalGround::Replaced).await.unwrap();
    let run = service::readjudicate_by_itself(&site.app, PORTFOLIO).await.unwrap().unwrap();
    let own = release_as(&site, &clerk, run.run).await.unwrap();
    assert_eq!((own.released, own.refused), (0, 1));
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 10_000, 0]);
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(release_as(&site, &colleague, run.run).await.unwrap().released, 1);
    let after = decided(&site, ada).await;
    assert_eq!(after.paid(), [0, 20_000, 5_000]);
    // What was decided anew since is theirs to release again.
    add_plan(&site, &plan("2", 100, false)).await;
    let found = crate::readjudication::run(&site).await;
    assert_eq!(release_as(&site, &clerk, found.run).await.unwrap().released, 1);
}

async fn only_who_may_handle_claims_puts_one_right(site: TestSite) {
    let ada = ada(&site).await;
    let first = place(&site, ada, "ada 1");
    for recipient in [Recipient::CustomerService, Recipient::Auditor, Recipient::Provider] {
        let other = site.actor(recipient, PORTFOLIO).await;
        site.assign(ada, item(7), &other).await;
        assert!(refuse(&site, &other, first, RefusalGround::TakenBack).await.is_err(), "{recipient}");
    }
    // Claims staff without a task about the person choose nobody's.
    let colleague = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert!(refuse(&site, &colleague, first, RefusalGround::TakenBack).await.is_err());
    site.assign(ada, item(7), &colleague).await;
    let without = PendedPlace { task: None, ..first };
    assert!(refuse(&site, &colleague, without, RefusalGround::TakenBack).await.is_err());
    let elsewhere = site.actor(Recipient::ClaimsStaff, crate::site::OTHER_PORTFOLIO).await;
    assert!(refuse(&site, &elsewhere, first, RefusalGround::TakenBack).await.is_err());
    let of_the_other = PendedPlace { portfolio: crate::site::OTHER_PORTFOLIO, ..first };
    assert!(refuse(&site, &elsewhere, of_the_other, RefusalGround::TakenBack).await.is_err());
    assert_eq!(service::readjudicate_by_itself(&site.app, PORTFOLIO).await.unwrap(), None);
}

async fn a_claim_that_waits_is_nobodys_to_choose(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false).replace("refusals = \"send\"", "refusals = \"pend\"")).await;
    let ada = covered(&site, "ada").await;
    site.submit(&[site.claim("unknown", "ada", "NOBODY", 10_000)]).await;
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    let clerk = clerk(&site, ada).await;
    let waits = place(&site, ada, "unknown");
    assert!(service::read_pended(&site.app, &clerk, waits, site.app.gate.request()).await.is_err());
    let rows = site.app.store().read(move |unit| store::claim_step::of_claim(unit, ada, waits.claim)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    assert!(rows.iter().all(|row| row.step != ClaimStep::PutRight));
    let file = crate::pended::take(&site, &clerk).await;
    assert_eq!(file.map(|place| place.claim), Some(waits.claim));
}
