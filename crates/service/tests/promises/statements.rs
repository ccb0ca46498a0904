//! Statements of benefits: made once, under the cover that decided.

use domain::{CoverageStatus, PlanId, PolicyNumber};

use crate::on_both;
use crate::site::{PLAN, PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    a_statement_names_the_cover_that_decided_and_is_made_once,
    a_statement_names_the_same_cover_whatever_was_enrolled_after,
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

async fn a_statement_names_the_same_cover_whatever_was_enrolled_after(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await;
    let claim = site.submit(&[site.claim("c1", "ada", "GP", 50_000)]).await.new[0];
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    let claims = [(ada.subject, claim)];
    let decided = {
        let subject = ada.subject;
        site.write(move |unit| Ok::<_, store::StoreError>(store::coverage::of_subject(unit, subject)?[0]))
            .await
    };
    // Spans that hold the day of care too, before and after it: under a plan that this process has not read
    // yet, and under one that nobody can read.
    let other = site.reopen().await;
    let text = PLAN.replacen("id = \"self-funded-basic\"", "id = \"later\"", 1);
    other.plans.add(other.store(), "later", &text).await.unwrap();
    let intake = other.gate.job(domain::Recipient::IntakeJob).unwrap();
    let later = ["2025-06-01", "2026-09-01"].map(|start| {
        let mut draft = cover_draft(&format!("from {start}"), "ada");
        draft.plan = "later".to_owned();
        draft.coverage.policy_number = PolicyNumber::parse("P-later").unwrap();
        draft.coverage.start = day(start);
        draft
    });
    let mut said = service::SaidOfCover::default();
    service::enrol_coverage(&other, &intake, PORTFOLIO, SOURCE, &later, &mut said).await.unwrap();
    let (subject, id) = (ada.subject, decided.coverage);
    site.write(move |unit| {
        let rows = store::coverage::of_subject(unit, subject)?;
        let plan = PlanId::from_bytes([9; 16]);
        let last = rows.into_iter().rfind(|row| row.coverage != id).unwrap();
        store::coverage::replace(unit, &store::coverage::CoverageRow { plan, ..last })
    })
    .await;
    let statements = service::statements(&site.app, PORTFOLIO, &claims).await.unwrap();
    assert_eq!(statements[0].determination.coverage, Some(decided.coverage));
    assert_eq!(statements[0].cover.as_ref().unwrap().policy_number.reveal(), "P-1");
}
