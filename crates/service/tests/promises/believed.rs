//! Cover on two axes of time: what holds on a day, and what was believed about it on another. A changed span keeps what it
//! said, sealed, and reading either is a read like any other.

use domain::{Category, CoverageStatus, Field, Recipient, RetentionClass, SubjectId};
use gate::{Actor, GateError, Target};
use intake::CoverageDraft;
use service::{Eligibility, Enrolled, ServiceError};

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day, item};

on_both! {
    what_is_known_now_and_what_was_believed_then_are_both_told,
    a_changed_span_is_what_claims_are_decided_by,
    another_plan_or_currency_is_another_span,
    a_file_that_contradicts_itself_changes_a_span_once,
    what_it_said_is_destroyed_with_what_it_says,
}

const DAY_SECONDS: i64 = 86_400;

async fn staff(site: &TestSite, subject: SubjectId) -> Actor {
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    site.assign(subject, item(1), &staff).await;
    staff
}

async fn held(
    site: &TestSite,
    staff: &Actor,
    subject: SubjectId,
    on: &str,
    believed: &str,
) -> Result<Option<Eligibility>, ServiceError> {
    let target = Target::for_item(subject, item(1));
    let days = (day(on), day(believed));
    service::eligibility(&site.app, staff, PORTFOLIO, target, days, site.app.gate.request()).await
}

fn ended(end: &str) -> CoverageDraft {
    let mut draft = cover_draft("1", "ada");
    draft.coverage.end = Some(day(end));
    draft
}

fn suspended(end: &str) -> CoverageDraft {
    let mut draft = ended(end);
    draft.coverage.status = CoverageStatus::Suspended;
    draft
}

async fn what_is_known_now_and_what_was_believed_then_are_both_told(site: TestSite) {
    let ada = site.person("ada", true).await;
    assert_eq!(site.cover(&[cover_draft("1", "ada")]).await.new, 1);
    let staff = staff(&site, ada).await;
    let first = site.app.today().unwrap();
    site.clock.advance(10 * DAY_SECONDS);
    let changed = site.cover(&[ended("2026-03-31")]).await;
    assert_eq!(changed, Enrolled { changed: 1, ..Enrolled::default() });
    assert_eq!(site.cover(&[ended("2026-03-31")]).await.known, 1, "the same again changes nothing");
    let second = site.app.today().unwrap();
    site.clock.advance(10 * DAY_SECONDS);
    assert_eq!(site.cover(&[suspended("2026-03-31")]).await.changed, 1);
    let third = site.app.today().unwrap();
    let believed = async |on: &str, then: domain::Date| {
        let before = site.entries(ada).await;
        let held = held(&site, &staff, ada, on, &then.to_string()).await.unwrap();
        assert_eq!(site.entries(ada).await, before + 1, "each is on the record");
        held.map(|held| (held.cover.status, held.cover.end.is_some(), held.superseded.is_some()))
    };
    let (active, suspended) = (CoverageStatus::Active, CoverageStatus::Suspended);
    assert_eq!(believed("2026-04-10", first).await, Some((active, false, true)));
    assert_eq!(believed("2026-04-10", second).await, None);
    assert_eq!(believed("2026-03-10", second).await, Some((active, true, true)));
    assert_eq!(believed("2026-03-10", third).await, Some((suspended, true, false)));
    assert_eq!(believed("2026-03-10", first.plus_days(-1).unwrap()).await, None);
    assert_eq!(believed("2025-12-31", third).await, None);
    let tomorrow = third.plus_days(1).unwrap().to_string();
    let ahead = held(&site, &staff, ada, "2026-03-10", &tomorrow).await;
    assert!(matches!(ahead, Err(ServiceError::StillToCome)));
    // Without a task about them, what was believed is as closed as what is.
    let other = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    let refused = held(&site, &other, ada, "2026-03-10", &first.to_string()).await;
    assert!(matches!(refused, Err(ServiceError::Gate(GateError::Refused(_)))));
}

async fn a_changed_span_is_what_claims_are_decided_by(site: TestSite) {
    let ada = site.person("ada", true).await;
    site.clinic().await;
    site.cover(&[cover_draft("1", "ada")]).await;
    site.clock.advance(DAY_SECONDS);
    let mut draft = cover_draft("1", "ada");
    draft.coverage.status = CoverageStatus::Suspended;
    assert_eq!(site.cover(&[draft]).await.changed, 1);
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    let report = service::adjudicate_received(&site.app, usize::MAX, |_| {}).await.unwrap();
    assert_eq!(report.states.get(&domain::ClaimState::Pended), Some(&1), "cover is suspended: {report:?}");
    // The page shows the span as it is now.
    let staff = staff(&site, ada).await;
    let now = site.app.today().unwrap().to_string();
    let held = held(&site, &staff, ada, "2026-03-10", &now).await.unwrap().unwrap();
    let (task, request) = (Some(item(1)), site.app.gate.request());
    let page = service::read_cover(&site.app, &staff, PORTFOLIO, ada, held.coverage, task, request).await;
    let page = page.unwrap();
    assert_eq!((page.status, held.cover.status), (CoverageStatus::Suspended, CoverageStatus::Suspended));
    assert!(matches!(page.exclusions, Field::Withheld(Category::Health)));
}

async fn another_plan_or_currency_is_another_span(site: TestSite) {
    site.person("ada", true).await;
    site.cover(&[cover_draft("1", "ada")]).await;
    let mut draft = cover_draft("1", "ada");
    draft.coverage.currency = "USD".parse().unwrap();
    let refused = Enrolled { other_plan: 1, ..Enrolled::default() };
    assert_eq!(site.cover(&[draft]).await, refused);
}

async fn a_file_that_contradicts_itself_changes_a_span_once(site: TestSite) {
    site.person("ada", true).await;
    site.cover(&[cover_draft("1", "ada")]).await;
    let rows = [ended("2026-03-31"), ended("2026-03-31"), ended("2026-04-30")];
    let expected = Enrolled { changed: 1, known: 1, contradictory: 1, ..Enrolled::default() };
    assert_eq!(site.cover(&rows).await, expected);
}

async fn what_it_said_is_destroyed_with_what_it_says(site: TestSite) {
    let ada = site.person("ada", true).await;
    site.cover(&[cover_draft("1", "ada")]).await;
    assert_eq!(site.cover(&[ended("2026-03-31")]).await.changed, 1);
    let (kind, all) = (domain::RecordKind::Coverage, domain::CategorySet::of(Category::ALL));
    let former = async || {
        let read = site.app.store().read(move |unit| store::former::of_kind(unit, ada, kind, all)).await;
        read.map_err(|error: store::StoreError| error).unwrap().len()
    };
    assert!(former().await > 0);
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(ada, item(2), &officer).await;
    let (target, classes) = (Target::for_item(ada, item(2)), RetentionClass::ALL);
    let request = site.app.gate.request();
    service::erase_on_request(&site.app, &officer, PORTFOLIO, target, classes, request).await.unwrap();
    assert_eq!(former().await, 0);
}
