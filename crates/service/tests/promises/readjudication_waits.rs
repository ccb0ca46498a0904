//! Claims that are decided again where something waits: nothing is proposed for a person of whom not all can be worked out, and
//! nobody's cover goes over to another plan version that what was counted does not go with.

use domain::{Currency, Money, Recipient};
use intake::CoverageDraft;

use crate::last_of_a_limit;
use crate::on_both;
use crate::readjudication::{add_plan, claims, covered, plan, release_as, run, version_of};
use crate::site::{TestSite, cover_draft, day};

on_both! {
    where_one_claim_waits_nothing_is_proposed_for_the_person,
    what_was_counted_for_a_family_is_not_taken_for_a_persons_own,
}

async fn where_one_claim_waits_nothing_is_proposed_for_the_person(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    covered(&site, "ada").await;
    // The first on two days, 400.00; of the second 100.00 are left.
    let mut first = site.claim("first", "ada", "GP", 20_000);
    let (mut line, mut service) = (first.lines[0].clone(), first.services[0].clone());
    (line.number, service.line) = (2, 2);
    (line.service_start, line.service_end) = (day("2026-03-02"), day("2026-03-02"));
    line.charge = Money::new(20_000, Currency::EUR).unwrap();
    first.lines.push(line);
    first.services.push(service);
    for draft in [first, site.claim("second", "ada", "GP", 50_000)] {
        site.submit(&[draft]).await;
        assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    }
    // A span that was not known then has one of the two days: which cover the first falls under waits for a person.
    let mut spring = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("spring", "ada") };
    (spring.coverage.start, spring.coverage.end) = (day("2025-12-01"), Some(day("2026-06-30")));
    assert_eq!(site.cover(&[spring]).await.new, 1);
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (2, 0, 2, 0));
}

async fn what_was_counted_for_a_family_is_not_taken_for_a_persons_own(site: TestSite) {
    site.clinic().await;
    let ada = last_of_a_limit::covered(&site, "ada", true).await;
    let eve = last_of_a_limit::covered(&site, "eve", true).await;
    claims(&site, "ada").await;
    add_plan(&site, &plan("2", 300, false)).await;
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (3, 0, 3, 0));
    let staff = site.actor(Recipient::ClaimsStaff, crate::site::PORTFOLIO).await;
    release_as(&site, &staff, found.run).await.unwrap();
    for subject in [ada, eve] {
        assert_eq!(version_of(&site, subject).await, "1");
    }
}
