//! Cover on two axes of time: what holds on a day, and what was believed about it on another. A changed span keeps what it
//! said, sealed, and reading either is a read like any other.

use domain::{Category, CoverageStatus, Field, Recipient, RetentionClass, SubjectId};
use gate::{Actor, GateError, Target};
use intake::CoverageDraft;
use service::{Eligibility, Enrolled, ServiceError};
use store::StoreError;
use store::testing::tamper;

use crate::on_both;
use crate::readjudication::{add_plan, claims, covered, plan, release_as, run};
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day, item};

on_both! {
    what_is_known_now_and_what_was_believed_then_are_both_told,
    a_changed_span_is_what_claims_are_decided_by,
    another_plan_currency_or_first_day_is_another_span,
    a_file_that_contradicts_itself_changes_a_span_once,
    of_rows_that_say_different_things_the_first_holds_in_every_import,
    several_that_change_a_span_at_once_all_do,
    what_was_decided_on_cover_that_changed_meanwhile_is_not_written,
    of_spans_that_overlap_the_one_that_decides_claims_is_told,
    a_statement_names_the_span_that_decided,
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

async fn another_plan_currency_or_first_day_is_another_span(site: TestSite) {
    site.person("ada", true).await;
    site.cover(&[cover_draft("1", "ada")]).await;
    let refused = Enrolled { another_span: 1, ..Enrolled::default() };
    let mut draft = cover_draft("1", "ada");
    draft.coverage.currency = "USD".parse().unwrap();
    assert_eq!(site.cover(&[draft]).await, refused);
    // What was counted in its policy years would not be found: a deductible would be taken twice.
    for moved in ["2025-12-01", "2026-02-01"] {
        let mut draft = cover_draft("1", "ada");
        draft.coverage.start = day(moved);
        assert_eq!(site.cover(&[draft]).await, refused);
    }
    add_plan(&site, &plan("1", 100, false)).await;
    let draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft("1", "ada") };
    assert_eq!(site.cover(&[draft]).await, refused);
    assert_eq!(site.cover(&[cover_draft("1", "ada")]).await.known, 1, "it stands as it was");
}

async fn a_file_that_contradicts_itself_changes_a_span_once(site: TestSite) {
    site.person("ada", true).await;
    site.cover(&[cover_draft("1", "ada")]).await;
    let rows = [ended("2026-03-31"), ended("2026-03-31"), ended("2026-04-30")];
    let expected = Enrolled { changed: 1, known: 1, contradictory: 1, ..Enrolled::default() };
    assert_eq!(site.cover(&rows).await, expected);
}

async fn of_rows_that_say_different_things_the_first_holds_in_every_import(site: TestSite) {
    let ada = site.person("ada", true).await;
    let stands = cover_draft("1", "ada");
    site.cover(std::slice::from_ref(&stands)).await;
    let intake = site.app.gate.job(Recipient::IntakeJob).unwrap();
    // An import gives its file in parts; the row that says nothing new holds all the same.
    for _ in 0..2 {
        let mut said = service::SaidOfCover::default();
        let mut all = Enrolled::default();
        for part in [vec![stands.clone(), ended("2026-03-31")], vec![ended("2026-04-30"), stands.clone()]] {
            let app = &site.app;
            let part = service::enrol_coverage(app, &intake, PORTFOLIO, SOURCE, &part, &mut said).await;
            all.add(part.unwrap());
        }
        assert_eq!(all, Enrolled { known: 2, contradictory: 2, ..Enrolled::default() });
    }
    // Of a span that is new, too.
    let mut other = cover_draft("2", "ada");
    other.coverage.end = Some(day("2026-06-30"));
    let new = site.cover(&[cover_draft("2", "ada"), other, cover_draft("2", "ada")]).await;
    assert_eq!(new, Enrolled { new: 1, known: 1, contradictory: 1, ..Enrolled::default() });
    let rows = site.app.store().read(move |unit| store::coverage::of_subject(unit, ada)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row.end.is_none()));
}

async fn several_that_change_a_span_at_once_all_do(site: TestSite) {
    site.person("ada", true).await;
    site.cover(&[cover_draft("1", "ada")]).await;
    let ends = ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"];
    let changes = ends.map(|end| {
        let app = site.app.clone();
        tokio::spawn(async move {
            let intake = app.gate.job(Recipient::IntakeJob).unwrap();
            let (drafts, mut said) = ([ended(end)], service::SaidOfCover::default());
            service::enrol_coverage(&app, &intake, PORTFOLIO, SOURCE, &drafts, &mut said).await
        })
    });
    for change in changes {
        assert_eq!(change.await.unwrap().unwrap().changed, 1);
    }
}

async fn what_was_decided_on_cover_that_changed_meanwhile_is_not_written(site: TestSite) {
    add_plan(&site, &plan("1", 5_000, false)).await;
    covered(&site, "ada").await;
    site.clinic().await;
    claims(&site, "ada").await;
    add_plan(&site, &plan("2", 5_000, true)).await;
    let run = run(&site).await;
    site.submit(&[site.claim("later", "ada", "GP", 7_000)]).await;
    // What a decision books is written in one transaction with it: the cover changes before the rest of it.
    let is_sqlite = format!("{:?}", site.app.store()).contains("sqlite");
    let change = "UPDATE moretus.coverage SET version = version + 1";
    let (spoil, mend): (&[String], &str) = if is_sqlite {
        let change = change.replace("moretus.", "");
        let trigger =
            format!("CREATE TRIGGER moretus.cover_changes AFTER INSERT ON batch BEGIN {change}; END");
        (&[trigger], "DROP TRIGGER moretus.cover_changes")
    } else {
        let function = format!(
            "CREATE FUNCTION moretus.cover_changes() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN {change}; RETURN NULL; END'"
        );
        let trigger = "CREATE TRIGGER cover_changes AFTER INSERT ON moretus.batch
            FOR EACH ROW EXECUTE FUNCTION moretus.cover_changes()";
        (&[function, trigger.to_owned()], "DROP TRIGGER cover_changes ON moretus.batch")
    };
    for sql in spoil {
        let sql = sql.clone();
        site.write(move |unit| tamper(unit, &sql)).await;
    }
    let report = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    assert_eq!((report.done(), report.left), (0, 1));
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let released = release_as(&site, &staff, run.run).await;
    assert!(matches!(released, Err(ServiceError::Readjudication(_))));
    site.write(move |unit| tamper(unit, mend)).await;
    site.clock.advance(DAY_SECONDS);
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
}

async fn of_spans_that_overlap_the_one_that_decides_claims_is_told(site: TestSite) {
    let ada = site.person("ada", true).await;
    site.clinic().await;
    let mut later = cover_draft("2", "ada");
    later.coverage.start = day("2026-06-01");
    site.cover(&[cover_draft("1", "ada"), later]).await;
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    let staff = staff(&site, ada).await;
    let today = site.app.today().unwrap().to_string();
    let told = held(&site, &staff, ada, "2026-11-02", &today).await.unwrap().unwrap();
    let read = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let claim = read.map_err(|error: StoreError| error).unwrap().remove(0).claim;
    let statements = service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await.unwrap();
    let decided = statements.first().unwrap().determination.coverage;
    assert_eq!((Some(told.coverage), told.cover.start), (decided, day("2026-01-01")));
}

async fn a_statement_names_the_span_that_decided(site: TestSite) {
    let ada = site.person("ada", true).await;
    site.clinic().await;
    site.cover(&[cover_draft("1", "ada")]).await;
    site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await;
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    // It ended before, as is known since; the day of the service is another's now.
    let mut later = cover_draft("2", "ada");
    later.coverage.start = day("2026-06-01");
    let after = site.cover(&[ended("2026-05-31"), later]).await;
    assert_eq!((after.changed, after.new), (1, 1));
    let read = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let claim = read.map_err(|error: StoreError| error).unwrap().remove(0).claim;
    let statements = service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await.unwrap();
    let cover = statements.first().and_then(|one| one.cover.as_ref()).unwrap();
    assert_eq!((cover.start, cover.end), (day("2026-01-01"), Some(day("2026-05-31"))));
}

async fn what_it_said_is_destroyed_with_what_it_says(site: TestSite) {
    let ada = site.person("ada", true).await;
    site.cover(&[cover_draft("1", "ada")]).await;
    assert_eq!(site.cover(&[ended("2026-03-31")]).await.changed, 1);
    let (kind, all) = (domain::RecordKind::Coverage, domain::CategorySet::of(Category::ALL));
    let read = site.app.store().read(move |unit| store::former::of_kind(unit, ada, kind, all)).await;
    let kept: Vec<Category> =
        read.map_err(|error: StoreError| error).unwrap().iter().map(|one| one.row.category).collect();
    assert_eq!(kept, [Category::Plan, Category::Eligibility], "what nobody reads of it is not kept");
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
