//! Statements of benefits: made once, under the cover that decided.

use domain::{CoverageStatus, PolicyNumber};

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    a_statement_names_the_cover_that_decided_and_is_made_once,
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
