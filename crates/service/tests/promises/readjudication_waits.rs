//! Claims that are decided again where something waits: nothing is proposed for a person of whom not all can be worked out, and
//! nobody's cover goes over to another plan version that what was counted does not go with.

use domain::{Condition, CoverageStatus, Currency, Money, Recipient, ReleaseReason, SubjectId};
use intake::CoverageDraft;
use service::ToRelease;

use crate::last_of_a_limit;
use crate::on_both;
use crate::pended;
use crate::readjudication::{
    add_plan, claims, covered, decided, plan, proposed, release_as, run, version_of,
};
use crate::site::{TestSite, cover_draft, day};

on_both! {
    where_one_claim_waits_nothing_is_proposed_for_the_person,
    what_was_counted_for_a_family_is_not_taken_for_a_persons_own,
    cover_goes_over_as_the_run_began_and_not_of_whom_it_left,
    who_is_erased_before_the_release_holds_up_nobodys_cover,
    what_is_newly_refused_is_released_for_who_is_named,
    who_has_a_guarantee_does_not_wait,
    what_a_person_released_is_so_when_it_is_decided_again,
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

async fn cover_goes_over_as_the_run_began_and_not_of_whom_it_left(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let (ada, eve) = (covered(&site, "ada").await, covered(&site, "eve").await);
    let without_claims = covered(&site, "dan").await;
    claims(&site, "ada").await;
    claims(&site, "eve").await;
    withdraw_health_consent(&site, eve).await;
    // A run that proposes nothing moves nobody.
    add_plan(&site, &plan("2", 500, false)).await;
    let staff = site.actor(Recipient::ClaimsStaff, crate::site::PORTFOLIO).await;
    let same = run(&site).await;
    assert_eq!((same.differing, same.refused), (0, 1));
    release_as(&site, &staff, same.run).await.unwrap();
    assert_eq!(version_of(&site, without_claims).await, "1");

    add_plan(&site, &plan("3", 300, false)).await;
    let found = run(&site).await;
    // A version that came after the run began is none of its.
    add_plan(&site, &plan("4", 100, false)).await;
    assert_eq!(release_as(&site, &staff, found.run).await.unwrap().released, 1);
    assert_eq!(decided(&site, ada).await.paid(), [30_000, 0, 0]);
    for (subject, version) in [(ada, "3"), (without_claims, "3"), (eve, "1")] {
        assert_eq!(version_of(&site, subject).await, version);
    }
}

async fn who_is_erased_before_the_release_holds_up_nobodys_cover(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let (ada, eve) = (covered(&site, "ada").await, covered(&site, "eve").await);
    let without_claims = covered(&site, "dan").await;
    claims(&site, "ada").await;
    claims(&site, "eve").await;
    add_plan(&site, &plan("2", 300, false)).await;
    let found = run(&site).await;
    service::erase_subject(&site.app, ada, domain::RetentionClass::ALL).await.unwrap();
    let staff = site.actor(Recipient::ClaimsStaff, crate::site::PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated), (1, 1));
    for subject in [eve, without_claims] {
        assert_eq!(version_of(&site, subject).await, "2");
    }
}

async fn withdraw_health_consent(site: &TestSite, subject: SubjectId) {
    let now = site.app.gate.now();
    site.write(move |unit| {
        let consents = store::condition::of_subject(unit, subject)?;
        let health = consents.into_iter().find(|row| row.condition == Condition::ConsentHealth).unwrap();
        store::condition::end(unit, subject, Condition::ConsentHealth, health.object, now).map(drop)
    })
    .await;
}

async fn what_is_newly_refused_is_released_for_who_is_named(site: TestSite) {
    site.clinic().await;
    let pend = |text: String| text.replace("refusals = \"send\"\n", "");
    add_plan(&site, &pend(plan("1", 650, false))).await;
    let ada = covered(&site, "ada").await;
    claims(&site, "ada").await;
    let excluded = "[[exclusion]]\nname = \"Doctors\"\ncodes = [\"GP\"]\n";
    add_plan(&site, &pend(format!("{}{excluded}", plan("2", 650, false)))).await;
    let found = run(&site).await;
    let staff = site.actor(Recipient::ClaimsStaff, crate::site::PORTFOLIO).await;
    let told = proposed(&site, &staff, found.run).await.unwrap();
    assert_eq!((told.claims, told.denied), (3, 3));
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.refusals), (0, 1));
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 20_000, 5_000]);
    let only = ToRelease { run: found.run, only: [ada].into(), reason: ReleaseReason::PlanCorrected };
    let request = site.app.gate.request();
    let report = service::release(&site.app, &staff, crate::site::PORTFOLIO, only, request, |_| {}).await;
    assert_eq!(report.unwrap().released, 1);
    assert_eq!(decided(&site, ada).await.paid(), [0, 0, 0]);
}

async fn who_has_a_guarantee_does_not_wait(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    covered(&site, "ada").await;
    claims(&site, "ada").await;
    let asked = crate::guarantees::send(&site, "ada", "stay", "ada").await;
    assert!(matches!(asked, Ok(service::Receipt::Taken(_))));
    add_plan(&site, &plan("2", 300, false)).await;
    let found = run(&site).await;
    assert_eq!((found.differing, found.waiting), (2, 0));
    // One that stands, too: it is for care that this plan pays nothing of, and keeps nothing free.
    let nurse = site.actor(Recipient::ClinicalStaff, crate::site::PORTFOLIO).await;
    let request = site.app.gate.request();
    let place = service::take_guarantee(&site.app, &nurse, crate::site::PORTFOLIO, request).await;
    let clinic = site.enter(Recipient::Provider, "Clinic of the Tests", "BE", &[]).await;
    let granted = crate::guarantees::granted(clinic);
    crate::guarantees::decide(&site, &nurse, place.unwrap().unwrap(), 1, &granted).await.unwrap();
    let found = run(&site).await;
    assert_eq!((found.differing, found.waiting), (2, 0));
}

async fn what_a_person_released_is_so_when_it_is_decided_again(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let ada = site.person("ada", true).await;
    let mut draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("ada", "ada") };
    draft.coverage.status = CoverageStatus::Suspended;
    site.cover(&[draft]).await;
    site.submit(&[site.claim("ada", "ada", "GP", 20_000)]).await;
    pended::adjudicate(&site).await;
    let clerk = pended::clerk(&site).await;
    let place = pended::take(&site, &clerk).await.unwrap();
    pended::confirm(&site, &clerk, place, 1).await.unwrap();
    // The cover is suspended still; what a plan that pays a part of it changes is the amount alone.
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (1, 0, 0, 0));
    add_plan(&site, &plan("2", 500, true)).await;
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (1, 1, 0, 0));
    let staff = site.actor(Recipient::ClaimsStaff, crate::site::PORTFOLIO).await;
    release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!(decided(&site, ada).await.paid(), [16_000]);
}
