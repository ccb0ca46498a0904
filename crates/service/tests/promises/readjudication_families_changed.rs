//! A family that changes while a run works, or between a run and its release: nobody of it is passed silently, and who is erased
//! holds nobody up. What did not change moves nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{PlanId, ProposalState, Recipient, RetentionClass, SubjectId, Timestamp};
use gate::Clock;
use intake::CoverageDraft;
use store::StoreError;
use store::coverage::CoverageRow;
use store::readjudication::{ProposalRow, RunRow};

use crate::on_both;
use crate::readjudication::{add_plan, covered, decided, release_as, run, version_of};
use crate::readjudication_families::{adds_up, adjudicated, claim, family, plan, proposal, proposals};
use crate::scope::dependant;
use crate::site::{PORTFOLIO, SOURCE, TestClock, TestSite, cover_draft, day};

on_both! {
    the_days_of_care_move_nothing_in_the_order_of_receipt,
    who_comes_to_a_family_while_a_run_works_is_not_passed,
    who_is_erased_holds_up_nobody_of_the_family,
    whose_holder_is_erased_waits,
    whose_sums_are_gone_waits,
    a_family_that_is_left_stays_under_one_version,
    whose_plan_cannot_be_read_waits_with_the_family,
}

/// A clock that goes on at each reading, as clocks do.
struct Ticking(Arc<TestClock>, AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.now().micros() + self.1.fetch_add(1, Ordering::SeqCst))
    }
}

async fn the_days_of_care_move_nothing_in_the_order_of_receipt(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    family(&site, &["ada", "ben"]).await;
    family(&site, &["eve", "fay"]).await;
    let app = site.open_by(Arc::new(Ticking(site.clock.clone(), AtomicI64::new(0)))).await;
    // The later care first, and each in turn: in one file, and in several.
    let of = |one: &str, other: &str| {
        let claims = [(one, "10", 20_000), (other, "06", 25_000), (one, "03", 15_000), (other, "01", 30_000)];
        claims.map(|(member, on, charge)| {
            let mut draft = claim(&site, member, &format!("2026-11-{on}"), charge);
            draft.received = day("2026-11-23");
            draft
        })
    };
    site.submit(&of("ada", "ben")).await;
    assert_eq!(service::adjudicate_received(&app, 10, |_| {}).await.unwrap().done(), 4);
    for draft in of("eve", "fay") {
        site.submit(&[draft]).await;
        assert_eq!(service::adjudicate_received(&app, 10, |_| {}).await.unwrap().done(), 1);
    }
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (8, 0, 0, 0));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Unchanged, 4)]);
}

/// A name whose id comes first, or last, of very many.
fn name(site: &TestSite, kind: &str, is_first: bool) -> String {
    let is = |name: &String| {
        let [first, ..] = site.app.gate.imported_id("member", SOURCE, name);
        if is_first { first < 4 } else { first > 250 }
    };
    (0..).map(|number| format!("{kind} {number}")).find(is).unwrap()
}

async fn row(site: &TestSite, run: &RunRow, subject: SubjectId) -> Option<ProposalRow> {
    let run = run.run;
    let row = site.app.store().read(move |unit| store::readjudication::proposal(unit, subject, run)).await;
    row.map_err(|error: StoreError| error).unwrap()
}

async fn who_comes_to_a_family_while_a_run_works_is_not_passed(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let (ada, ben) = (name(&site, "ada", false), name(&site, "ben", true));
    let ours = family(&site, &[&ada, &ben]).await;
    let (gil, eve) = (name(&site, "gil", false), name(&site, "eve", true));
    let theirs = [covered(&site, &gil).await, covered(&site, &eve).await];
    let mut drafts = vec![claim(&site, &ada, "2026-11-02", 30_000)];
    drafts.extend([&gil, &eve].map(|name| claim(&site, name, "2026-11-02", 30_000)));
    for number in 0..66 {
        let other = format!("other {number}");
        covered(&site, &other).await;
        drafts.push(claim(&site, &other, "2026-11-02", 1_000));
    }
    // His is of the year before.
    let mut early = claim(&site, &ben, "2025-11-02", 1_000);
    early.received = day("2025-11-03");
    drafts.push(early);
    site.submit(&drafts).await;
    service::adjudicate_received(&site.app, drafts.len(), |_| {}).await.unwrap();
    add_plan(&site, &plan("2", 100, "")).await;
    let (app, operator) = (site.app.clone(), site.operator("operator"));
    let days = (day("2026-01-01"), day("2026-12-31"));
    let killed = tokio::spawn(async move {
        service::readjudicate(&app, &operator, PORTFOLIO, days, |_, _| panic!("killed")).await
    });
    assert!(killed.await.unwrap_err().is_panic());
    let stood = service::readjudications(&site.app, PORTFOLIO).await.unwrap()[0];
    assert!(stood.finished.is_none() && ours[&ben] < stood.reached && stood.reached < ours[&ada]);
    assert!(theirs[1] < stood.reached && stood.reached < theirs[0]);
    // Ben has his first claim of these days, and Eve comes under another contract.
    adjudicated(&site, &[claim(&site, &ben, "2026-11-03", 30_000)]).await;
    dependant(&site, &eve, &gil).await;
    let found = run(&site).await;
    assert_eq!(found.run, stood.run);
    for subject in ours.values() {
        assert_eq!(proposal(&site, &found, *subject).await.state, ProposalState::Proposed);
    }
    assert_eq!(row(&site, &found, theirs[0]).await.unwrap().state, ProposalState::Left);
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated, report.failed), (2, 1, 0));
    adds_up(&site, &ours, &ada).await;
}

/// Each of a family claims 200.00, of which they bear 500.00 together.
async fn of_three(site: &TestSite, names: [&str; 3]) -> [SubjectId; 3] {
    let family = family(site, &names).await;
    adjudicated(site, &names.map(|name| claim(site, name, "2026-11-02", 20_000))).await;
    names.map(|name| family[name])
}

async fn who_is_erased_holds_up_nobody_of_the_family(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let [ada, ben, cleo] = of_three(&site, ["ada", "ben", "cleo"]).await;
    let [eve, fay, gil] = of_three(&site, ["eve", "fay", "gil"]).await;
    service::erase_subject(&site.app, ben, RetentionClass::ALL).await.unwrap();
    add_plan(&site, &plan("2", 300, "")).await;
    let found = run(&site).await;
    assert_eq!((found.refused, found.failed, found.waiting), (0, 0, 0));
    assert_eq!(row(&site, &found, ben).await, None);
    // Between the run and its release.
    service::erase_subject(&site.app, fay, RetentionClass::ALL).await.unwrap();
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.refused, report.failed), (0, 0));
    assert!(report.released > 0 && report.outdated > 0);
    // 200.00 of the deductible are what Ben bore.
    assert_eq!(decided(&site, ada).await.paid()[0] + decided(&site, cleo).await.paid()[0], 30_000);
    let anew = run(&site).await;
    let report = release_as(&site, &staff, anew.run).await.unwrap();
    assert_eq!((report.outdated, report.refused, report.failed), (0, 0, 0));
    assert_eq!(decided(&site, eve).await.paid()[0] + decided(&site, gil).await.paid()[0], 30_000);
    assert_eq!(run(&site).await.differing, 0);
}

async fn whose_holder_is_erased_waits(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let [ada, ben, cleo] = of_three(&site, ["ada", "ben", "cleo"]).await;
    add_plan(&site, &plan("2", 100, "")).await;
    let found = run(&site).await;
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.refused, report.failed), (0, 0, 0));
    assert!(report.outdated > 0);
    let anew = run(&site).await;
    assert_eq!((anew.claims, anew.differing, anew.waiting), (2, 0, 2));
    for subject in [ben, cleo] {
        assert_eq!(row(&site, &anew, subject).await.unwrap().state, ProposalState::Left);
    }
    release_as(&site, &staff, anew.run).await.unwrap();
    assert_eq!(version_of(&site, ben).await, "1");
}

async fn whose_sums_are_gone_waits(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let [ada, ..] = of_three(&site, ["ada", "ben", "cleo"]).await;
    service::erase_subject(&site.app, ada, &[RetentionClass::Claims]).await.unwrap();
    add_plan(&site, &plan("2", 100, "")).await;
    let found = run(&site).await;
    // More would be taken back than there is.
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (2, 0, 2, 0));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Left, 3)]);
}

async fn a_family_that_is_left_stays_under_one_version(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let [ada, ben, _] = of_three(&site, ["ada", "ben", "cleo"]).await;
    let dan = dependant(&site, "dan", "ada").await;
    site.cover(&[CoverageDraft { plan: "limited".to_owned(), ..cover_draft("dan", "dan") }]).await;
    let (eve, stranger) = (covered(&site, "eve").await, covered(&site, "stranger").await);
    adjudicated(&site, &[claim(&site, "eve", "2026-11-02", 30_000)]).await;
    let at = site.app.gate.now();
    site.write(move |unit| {
        store::condition::end(unit, ben, domain::Condition::ConsentHealth, *PORTFOLIO.bytes(), at)
    })
    .await;
    add_plan(&site, &plan("2", 100, "")).await;
    let found = run(&site).await;
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Proposed, 1), (ProposalState::Left, 3)]);
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(release_as(&site, &staff, found.run).await.unwrap().released, 1);
    for (subject, version) in [(ada, "1"), (ben, "1"), (dan, "1"), (eve, "2"), (stranger, "2")] {
        assert_eq!(version_of(&site, subject).await, version);
    }
}

async fn whose_plan_cannot_be_read_waits_with_the_family(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, "")).await;
    let [_, ben, _] = of_three(&site, ["ada", "ben", "cleo"]).await;
    site.write(move |unit| {
        let span = store::coverage::of_subject(unit, ben)?[0];
        store::coverage::replace(unit, &CoverageRow { plan: PlanId::from_bytes([9; 16]), ..span })
    })
    .await;
    add_plan(&site, &plan("2", 100, "")).await;
    let found = run(&site).await;
    assert_eq!((found.differing, found.waiting, found.failed), (0, 2, 1));
    assert_eq!(proposals(&site, &found).await, [(ProposalState::Left, 3)]);
}
