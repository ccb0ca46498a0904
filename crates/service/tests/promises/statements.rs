//! Statements of benefits: made once, under the cover that decided.

use domain::{CoverageStatus, PlanId, PolicyNumber, Recipient};

use crate::on_both;
use crate::pended::{adjudicate, confirm, take, waiting};
use crate::readjudication::{release_as, run};
use crate::site::{PLAN, PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    a_statement_names_the_cover_that_decided_and_is_made_once,
    a_statement_names_the_same_cover_whatever_was_enrolled_after,
    a_statement_says_whether_a_person_decided_and_how_each_line_came_about,
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
    let intake = other.gate.job(Recipient::IntakeJob).unwrap();
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

async fn a_statement_says_whether_a_person_decided_and_how_each_line_came_about(site: TestSite) {
    let (ada, claim) = waiting(&site, "ada").await;
    let clerk = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let place = take(&site, &clerk).await.unwrap();
    confirm(&site, &clerk, place, 1).await.unwrap();
    let plain = site.submit(&[site.claim("plain", "ada", "GP", 5_000)]).await.new[0];
    adjudicate(&site).await;
    let told = async || {
        let all = service::statements(&site.app, PORTFOLIO, &[(ada, claim), (ada, plain)]).await.unwrap();
        let of = |claim| all.iter().find(|one| one.claim_id == claim).unwrap();
        for statement in [of(claim), of(plain)] {
            let traces = &statement.determination.traces;
            for line in &statement.determination.lines {
                let of_line = traces.iter().filter(|trace| trace.line == line.number);
                let end = of_line.fold(line.submitted, |stands, trace| {
                    assert_eq!(trace.input, stands, "each step begins where the one before ended");
                    trace.output
                });
                assert_eq!(end, line.plan);
            }
        }
        (of(claim).is_confirmed, of(plain).is_confirmed)
    };
    assert_eq!(told().await, (true, false));
    // What is worked out anew on a later day nobody has looked at line by line.
    site.clock.advance(86_400);
    let more = PLAN.replacen("\"2026-1\"", "\"2026-2\"", 1).replace("EUR = \"5\"", "EUR = \"10\"");
    site.app.plans.add(site.app.store(), "self-funded-basic", &more).await.unwrap();
    let found = run(&site).await;
    assert!(found.differing > 0);
    assert_eq!(release_as(&site, &clerk, found.run).await.unwrap().released, 1);
    assert_eq!(told().await, (false, false));
}
