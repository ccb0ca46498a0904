//! Plans are dated and immutable, and a process learns of those that another one added.

use std::collections::BTreeMap;

use domain::{
    ClaimState, Coverage, CoverageId, Date, OutcomeReason, Personal, PlanId, Purpose, Recipient, SubjectId,
    SubjectKind,
};
use gate::Asking;
use service::ServiceError;
use store::coverage::CoverageRow;
use store::reference::PlanRow;

use crate::on_both;
use crate::site::{PLAN, PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    a_plan_that_another_process_added_is_learned,
    a_claim_waits_while_its_plan_cannot_be_read,
    another_text_under_a_known_version_is_refused,
    new_cover_takes_the_newest_version_that_applies,
    spans_with_one_number_stay_apart,
}

/// A plan that pays every service in full.
fn plan(id: &str, version: &str, effective: &str, currency: &str) -> String {
    format!(
        "id = \"{id}\"\nversion = \"{version}\"\nname = \"{id}\"\neffective = {effective}\n\
         currencies = [\"{currency}\"]\nrefusals = \"pend\"\n\
         [[benefit]]\nid = \"all\"\nname = \"All\"\nmodule = \"core\"\ncodes = [\"GP\"]\n"
    )
}

async fn adjudicate(site: &TestSite) -> service::AdjudicationReport {
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap()
}

async fn plans_of(site: &TestSite, subject: SubjectId) -> Vec<PlanId> {
    let rows = site.app.store().read(move |unit| store::coverage::of_subject(unit, subject)).await;
    rows.map_err(|error: store::StoreError| error).unwrap().into_iter().map(|row| row.plan).collect()
}

async fn a_plan_that_another_process_added_is_learned(site: TestSite) {
    let other = site.reopen().await;
    other.plans.add(other.store(), "later", &plan("later", "1", "2026-01-01", "EUR")).await.unwrap();
    site.clinic().await;
    site.person("ada", true).await;
    let intake = other.gate.job(Recipient::IntakeJob).unwrap();
    let cover = intake::CoverageDraft { plan: "later".to_owned(), ..cover_draft("ada", "ada") };
    service::enrol_coverage(
        &other,
        &intake,
        PORTFOLIO,
        SOURCE,
        &[cover],
        &mut service::SaidOfCover::default(),
    )
    .await
    .unwrap();
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    let report = adjudicate(&site).await;
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 1)]));
    // New cover finds it too.
    site.person("bob", true).await;
    let text = plan("latest", "1", "2026-01-01", "EUR");
    let latest = other.plans.add(other.store(), "latest", &text).await.unwrap();
    let cover = intake::CoverageDraft { plan: "latest".to_owned(), ..cover_draft("bob", "bob") };
    site.cover(&[cover]).await;
    let bob = SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, "bob"));
    assert_eq!(plans_of(&site, bob).await, [latest]);
}

async fn a_claim_waits_while_its_plan_cannot_be_read(site: TestSite) {
    site.clinic().await;
    let subject = site.person("ada", true).await;
    let unreadable = PlanId::from_bytes([9; 16]);
    let row = PlanRow {
        plan: unreadable,
        name: "newer".to_owned(),
        version: "1".to_owned(),
        text: "of a newer program".to_owned(),
    };
    site.write(move |unit| store::reference::insert_plan(unit, &row)).await;
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let asking = Asking::new(&intake, PORTFOLIO, Purpose::Enrolment, site.app.gate.request());
    let collection = site.app.gate.collect(&asking, SubjectKind::Member, Coverage::CATEGORIES).await.unwrap();
    let keys = site.app.store().read(move |unit| store::key::of_subject(unit, subject)).await;
    let keys = keys.map_err(|error: store::StoreError| error).unwrap();
    let coverage = CoverageId::from_bytes([1; 16]);
    let sealed = collection.seal(subject, coverage, 1, &cover_draft("1", "ada").coverage, &keys).unwrap();
    site.write(move |unit| {
        let row = CoverageRow {
            subject,
            coverage,
            portfolio: PORTFOLIO,
            sponsor: domain::SponsorId::from_bytes([0; 16]),
            plan: unreadable,
            holder: subject,
            start: day("2026-01-01"),
            end: None,
            version: 1,
            currency: domain::Currency::EUR,
            recorded: domain::Timestamp::from_micros(0),
            content: [0; 32],
        };
        store::coverage::insert_many(unit, &[row])?;
        store::sealed::insert_many(unit, &sealed)
    })
    .await;
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    let report = adjudicate(&site).await;
    assert_eq!((report.left, report.done()), (1, 0));
    let marked = move |unit: &mut store::Unit<'_>| store::mark::delete_of_subject(unit, subject);
    assert_eq!(site.write(marked).await, 0, "what is not decided came before nothing");
    let jobs = site.app.store().read(store::job::count).await;
    assert_eq!(jobs.map_err(|error: store::StoreError| error).unwrap(), [(1, 1)], "it is tried again");
    // Not at once, over and over; later.
    assert_eq!(adjudicate(&site).await.left, 0);
    site.clock.advance(60);
    assert_eq!(adjudicate(&site).await.left, 1);
}

async fn another_text_under_a_known_version_is_refused(site: TestSite) {
    let other = site.reopen().await;
    for app in [&site.app, &other] {
        let same = app.plans.add(app.store(), "self-funded-basic", PLAN).await.unwrap();
        let changed = app.plans.add(app.store(), "self-funded-basic", &format!("{PLAN}# more\n")).await;
        let error = changed.unwrap_err();
        assert!(matches!(&error, ServiceError::OtherPlan { label } if label.contains('@')), "{error}");
        assert_eq!(app.plans.all().into_keys().collect::<Vec<_>>(), [same]);
    }
    assert_eq!(site.reopen().await.plans.all().len(), 1);
}

async fn new_cover_takes_the_newest_version_that_applies(site: TestSite) {
    let mut versions = Vec::new();
    // The newest is added before an older one.
    for (version, effective) in [("1", "2026-01-01"), ("3", "2027-01-01"), ("2", "2026-07-01")] {
        let text = plan("dated", version, effective, "EUR");
        versions.push(site.app.plans.add(site.app.store(), "dated", &text).await.unwrap());
    }
    let [first, third, second] = versions[..] else { panic!("three versions") };
    let named = |start: &str| site.app.plans.named("dated", start.parse::<Date>().unwrap());
    for (start, plan) in [
        ("2026-01-01", first),
        ("2026-06-30", first),
        ("2026-07-01", second),
        ("2026-12-31", second),
        ("2027-01-01", third),
    ] {
        assert_eq!(named(start).unwrap(), plan, "{start}");
    }
    let error = named("2025-12-31").unwrap_err();
    assert!(
        matches!(error, ServiceError::NotYetEffective { from, .. } if from == day("2026-01-01")),
        "{error}"
    );
    assert!(matches!(site.app.plans.named("none", day("2026-01-01")), Err(ServiceError::Unknown { .. })));

    let subject = site.person("ada", true).await;
    let mut draft = intake::CoverageDraft { plan: "dated".to_owned(), ..cover_draft("1", "ada") };
    site.cover(&[draft.clone()]).await;
    assert_eq!(plans_of(&site, subject).await, [first], "the newer ones do not apply on its first day");
    draft.coverage.start = day("2025-12-31");
    draft.source_id = crate::site::source_id("2");
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    let refused = service::enrol_coverage(
        &site.app,
        &intake,
        PORTFOLIO,
        SOURCE,
        &[draft],
        &mut service::SaidOfCover::default(),
    )
    .await;
    assert!(matches!(refused, Err(ServiceError::NotYetEffective { .. })));
}

async fn spans_with_one_number_stay_apart(site: TestSite) {
    site.clinic().await;
    let dollars = plan("dollars", "1", "2026-01-01", "USD");
    let dollars = site.app.plans.add(site.app.store(), "dollars", &dollars).await.unwrap();
    let (ada, bob) = (site.person("ada", true).await, site.person("bob", true).await);
    let other = intake::CoverageDraft { plan: "dollars".to_owned(), ..cover_draft("1", "bob") };
    let enrolled = site.cover(&[cover_draft("1", "ada"), other.clone()]).await;
    assert_eq!((enrolled.new, enrolled.known), (2, 0));
    assert_eq!(site.cover(&[other]).await.known, 1);
    assert_eq!(plans_of(&site, bob).await, [dollars]);
    assert_ne!(plans_of(&site, ada).await, [dollars]);
    // Each is judged under their own plan: only one of the two has euro.
    site.submit(&[site.claim("a", "ada", "GP", 5_000), site.claim("b", "bob", "GP", 5_000)]).await;
    let report = adjudicate(&site).await;
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 1), (ClaimState::Pended, 1)]));
    assert_eq!(report.reasons, BTreeMap::from([(OutcomeReason::OtherCurrency, 1)]));
}
