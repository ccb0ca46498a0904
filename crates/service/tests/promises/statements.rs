//! Statements of benefits: made once, under the cover that decided.

use domain::{CoverageStatus, PlanId, PolicyNumber};
use service::ServiceError;

use crate::on_both;
use crate::site::{PLAN, PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    a_statement_names_the_cover_that_decided_and_is_made_once,
    a_statement_waits_for_the_plan_of_every_cover,
}

async fn a_statement_names_the_cover_that_decided_and_is_made_once(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await;
    // Spans that were cancelled and hold the day of care too: they decide nothing.
    let ended = |number: u8| {
        let mut draft = cover_draft(&format!("ended {number}"), "ada");
        draft.coverage.policy_number = PolicyNumber::parse("P-ended").unwrap();
        draft.coverage.start = day("2026-06-01");
        draft.coverage.status = CoverageStatus::Ended;
        draft
    };
    site.cover(&(0..12).map(ended).collect::<Vec<_>>()).await;
    let claim = site.submit(&[site.claim("c1", "ada", "GP", 50_000)]).await.new[0];
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();

    let claims = [(ada.subject, claim)];
    let statements = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    let named = statements[0].cover.as_ref().unwrap();
    assert_eq!(named.policy_number.reveal(), "P-1");
    // Until it is written it can be made again; then nothing lets the job read for it any more.
    let again = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    assert_eq!(again.len(), 1);
    service::end_statement(&site.app, &statements[0]).await.unwrap();
    assert!(service::statements(&site.app, PORTFOLIO, &claims).await.unwrap().is_empty());
}

async fn a_statement_waits_for_the_plan_of_every_cover(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await;
    let claim = site.submit(&[site.claim("c1", "ada", "GP", 50_000)]).await.new[0];
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let claims = [(ada.subject, claim)];
    // Another process took up a span under a plan that this one has not read yet.
    let other = site.reopen().await;
    let text = PLAN.replacen("id = \"self-funded-basic\"", "id = \"later\"", 1);
    other.plans.add(other.store(), "later", &text).await.unwrap();
    let intake = other.gate.job(domain::Recipient::IntakeJob).unwrap();
    let mut later = intake::CoverageDraft { plan: "later".to_owned(), ..cover_draft("later", "ada") };
    later.coverage.status = CoverageStatus::Ended;
    service::enrol_coverage(
        &other,
        &intake,
        PORTFOLIO,
        SOURCE,
        &[later],
        &mut service::SaidOfCover::default(),
    )
    .await
    .unwrap();
    let statements = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    assert_eq!((statements.len(), site.app.plans.all().len()), (1, 2), "the plan was read");
    // Under one that nobody can read it may be the span that decided.
    let subject = ada.subject;
    site.write(move |unit| {
        let row = store::coverage::of_subject(unit, subject)?[0];
        let plan = PlanId::from_bytes([9; 16]);
        store::coverage::replace(unit, &store::coverage::CoverageRow { plan, ..row })
    })
    .await;
    let refused = service::statements(&site.app, PORTFOLIO, &claims).await.map(|made| made.len());
    assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{refused:?}");
}
