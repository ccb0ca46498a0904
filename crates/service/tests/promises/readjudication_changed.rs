//! Of whom something changed since their claims were decided, a run takes these alone, by itself once a day: what would change waits
//! for a person, and nobody else's claims are looked at.

use domain::{ClaimState, CoverageStatus, Recipient};
use intake::CoverageDraft;
use store::readjudication::RunRow;

use crate::on_both;
use crate::readjudication::{add_plan, claims, covered, decided, plan, release_as, version_of};
use crate::site::{PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    cover_that_was_ended_after_payment_is_proposed_by_itself,
    who_cannot_be_decided_stays_on_the_list,
    a_newer_version_of_the_plan_is_left_to_a_run_over_everybody,
    cover_to_come_and_cover_that_says_the_same_concern_nobody,
}

/// Ada's cover comes in once more, and ends on a day.
async fn ended(site: &TestSite, member: &str, last: &str) {
    let mut draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft(member, member) };
    (draft.coverage.end, draft.coverage.status) = (Some(day(last)), CoverageStatus::Ended);
    assert_eq!(site.cover(&[draft]).await.changed, 1);
}

async fn by_itself(site: &TestSite) -> Option<RunRow> {
    service::readjudicate_by_itself(&site.app, PORTFOLIO).await.unwrap()
}

async fn ada_and_ben(site: &TestSite) -> domain::SubjectId {
    site.clinic().await;
    add_plan(site, &plan("1", 5_000, false)).await;
    let ada = covered(site, "ada").await;
    covered(site, "ben").await;
    claims(site, "ada").await;
    claims(site, "ben").await;
    ada
}

async fn cover_that_was_ended_after_payment_is_proposed_by_itself(site: TestSite) {
    let ada = ada_and_ben(&site).await;
    assert_eq!(by_itself(&site).await, None, "nothing changed of anybody");
    ended(&site, "ada", "2026-10-31").await;
    let run = by_itself(&site).await.unwrap();
    assert_eq!((run.people, run.claims, run.differing, run.waiting), (1, 3, 3, 0), "ben is not looked at");
    assert!(run.only_changed && run.finished.is_some());
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 20_000, 5_000], "nothing has changed yet");
    assert_eq!(by_itself(&site).await, None, "once");

    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = service::release(
        &site.app,
        &staff,
        PORTFOLIO,
        service::ToRelease {
            run: run.run,
            only: [ada].into(),
            reason: domain::ReleaseReason::CoverCorrected,
        },
        site.app.gate.request(),
        |_| {},
    );
    assert_eq!(report.await.unwrap().released, 1);
    let after = decided(&site, ada).await;
    assert_eq!((after.paid(), after.states()), (vec![0, 0, 0], &[ClaimState::Settled; 3][..]));
    // Whoever holds the root key may let it be done at once; the list is empty.
    let operator = site.operator("operator");
    let run = service::readjudicate_changed(&site.app, &operator, PORTFOLIO, |_, _| {}).await.unwrap();
    assert_eq!(run.people, 0);
}

async fn who_cannot_be_decided_stays_on_the_list(site: TestSite) {
    let ada = ada_and_ben(&site).await;
    // Suspended cover waits for a person, in a run too.
    let mut draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("ada", "ada") };
    draft.coverage.status = CoverageStatus::Suspended;
    assert_eq!(site.cover(&[draft]).await.changed, 1);
    let run = by_itself(&site).await.unwrap();
    assert_eq!((run.people, run.differing, run.waiting), (1, 0, 3));
    assert_eq!(by_itself(&site).await, None, "nothing changed since");
    let operator = site.operator("operator");
    let run = service::readjudicate_changed(&site.app, &operator, PORTFOLIO, |_, _| {}).await.unwrap();
    assert_eq!((run.people, run.waiting), (1, 3), "she is still on it");
    site.clock.advance(1);
    ended(&site, "ada", "2026-10-31").await;
    let run = by_itself(&site).await.unwrap();
    assert_eq!((run.people, run.differing, run.waiting), (1, 3, 0));
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    // Who is newly refused something is to be named.
    assert_eq!(release_as(&site, &staff, run.run).await.unwrap().released, 1);
    assert_eq!(decided(&site, ada).await.paid(), [0, 0, 0]);
}

async fn cover_to_come_and_cover_that_says_the_same_concern_nobody(site: TestSite) {
    ada_and_ben(&site).await;
    let same = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("ada", "ada") };
    assert_eq!(site.cover(std::slice::from_ref(&same)).await.known, 1);
    let mut next = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("ada next", "ada") };
    next.coverage.start = day("2027-01-01");
    assert_eq!(site.cover(&[next]).await.new, 1);
    // Somebody who is new has nothing that was decided.
    covered(&site, "cleo").await;
    assert_eq!(by_itself(&site).await, None);
    // What began before today may have covered what was refused.
    let mut before = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("ada before", "ada") };
    (before.coverage.start, before.coverage.end) = (day("2025-01-01"), Some(day("2025-12-31")));
    assert_eq!(site.cover(&[before]).await.new, 1);
    let run = by_itself(&site).await.unwrap();
    assert_eq!((run.people, run.claims, run.differing), (1, 3, 0));
}

async fn a_newer_version_of_the_plan_is_left_to_a_run_over_everybody(site: TestSite) {
    let ada = ada_and_ben(&site).await;
    add_plan(&site, &plan("2", 300, false)).await;
    ended(&site, "ada", "2026-10-31").await;
    let run = by_itself(&site).await.unwrap();
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(release_as(&site, &staff, run.run).await.unwrap().released, 1);
    assert_eq!(version_of(&site, ada).await, "1");
    // Nor does the cover of anybody else go over to it by that.
    let found = crate::readjudication::run(&site).await;
    assert_eq!((found.people, found.differing), (2, 3), "ben's come to less");
}
