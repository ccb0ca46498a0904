//! From when retention counts of whoever never had cover, and of a holder whose contract covers others for longer; on which
//! day a class goes; and that a clause of more years keeps what it names.

use domain::{RetentionClass, SubjectId, Timestamp};
use notice::RetentionStart;
use service::{KeptOf, Rule};

use crate::holds::publish;
use crate::on_both;
use crate::scope::dependant;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    who_never_had_cover_is_kept_from_when_they_were_taken_up,
    a_contract_that_covers_others_keeps_its_holder,
    who_is_taken_up_anew_is_not_erased_again_for_cover_of_long_ago,
    a_class_goes_on_its_day_and_not_the_day_before,
    a_clause_of_more_years_keeps_what_it_names_and_is_named,
}

const YEAR: i64 = 366 * 86_400;

/// The classes of which there is a key of somebody's.
async fn classes(site: &TestSite, subject: SubjectId) -> Vec<RetentionClass> {
    let keys = site.write(move |unit| store::key::of_subject(unit, subject)).await;
    let mut classes: Vec<RetentionClass> = keys.iter().map(|key| key.class).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

async fn sweep(site: &TestSite) -> service::SweepReport {
    service::sweep(&site.app, PORTFOLIO).await.unwrap()
}

/// The cover of somebody ends with a year.
async fn ends(site: &TestSite, subject: SubjectId, last: &str) {
    let last = day(last);
    site.write(move |unit| {
        let cover = store::coverage::of_subject(unit, subject)?[0];
        store::coverage::end(unit, &cover, Some(last))
    })
    .await;
}

/// Sets the clock to the first moments of a day.
fn on(site: &TestSite, date: &str) {
    let left = Timestamp::start_of(day(date)).micros() - site.app.gate.now().micros();
    site.clock.advance(left / 1_000_000 + 1);
    assert_eq!(site.app.today().unwrap(), day(date));
}

const OF_COVER: [RetentionClass; 2] = [RetentionClass::Membership, RetentionClass::Claims];

async fn who_never_had_cover_is_kept_from_when_they_were_taken_up(site: TestSite) {
    site.clinic().await;
    let (asked, covered) = (site.person("ada", true).await, site.member("bob", true).await.subject);
    site.clock.advance(9 * YEAR);
    let later = site.person("cyd", true).await;
    assert_eq!(sweep(&site).await, service::SweepReport::default());
    site.clock.advance(YEAR);
    let report = sweep(&site).await;
    assert_eq!(report.subjects, 1, "the one of them who was taken up ten years ago, and no clinic");
    let left = classes(&site, asked).await;
    assert!(OF_COVER.iter().all(|class| !left.contains(class)), "{left:?}");
    let found = site.write(move |unit| store::lookup::delete_of_subject(unit, asked)).await;
    assert_eq!(found, 0, "nobody finds them any more");
    for kept in [covered, later] {
        let left = classes(&site, kept).await;
        assert!(OF_COVER.iter().all(|class| left.contains(class)), "{left:?}");
    }
    // The year of the books is over a year later.
    site.clock.advance(2 * YEAR);
    sweep(&site).await;
    assert_eq!(classes(&site, asked).await, []);
}

async fn a_contract_that_covers_others_keeps_its_holder(site: TestSite) {
    let holder = site.member("ada", true).await.subject;
    let child = dependant(&site, "ben", "ada").await;
    site.cover(&[cover_draft("ben", "ben")]).await;
    ends(&site, holder, "2026-12-31").await;
    site.clock.advance(12 * YEAR);
    sweep(&site).await;
    let left = classes(&site, holder).await;
    assert!(!left.contains(&RetentionClass::Claims), "her own cover ended: {left:?}");
    assert!(left.contains(&RetentionClass::Membership), "the contract is there still: {left:?}");
    assert!(left.contains(&RetentionClass::Accounting), "and its books are written: {left:?}");
    ends(&site, child, "2038-06-30").await;
    site.clock.advance(10 * YEAR);
    sweep(&site).await;
    let left = classes(&site, holder).await;
    assert!(!left.contains(&RetentionClass::Membership), "{left:?}");
}

async fn who_is_taken_up_anew_is_not_erased_again_for_cover_of_long_ago(site: TestSite) {
    site.clinic().await;
    let (covered, never) = (site.member("ada", true).await.subject, site.person("eve", true).await);
    ends(&site, covered, "2026-12-31").await;
    site.clock.advance(12 * YEAR);
    assert!(sweep(&site).await.keys > 0);
    for (name, subject) in [("ada", covered), ("eve", never)] {
        assert!(!classes(&site, subject).await.contains(&RetentionClass::Membership));
        assert_eq!(site.back(name, true).await.returned, 1);
    }
    sweep(&site).await;
    for subject in [covered, never] {
        let left = classes(&site, subject).await;
        assert!(OF_COVER.iter().all(|class| left.contains(class)), "{left:?}");
    }
    site.clock.advance(11 * YEAR);
    sweep(&site).await;
    for subject in [covered, never] {
        assert!(!classes(&site, subject).await.contains(&RetentionClass::Membership));
    }
}

/// Cover that ended on the 29th of February counts to the last day of that month.
async fn a_class_goes_on_its_day_and_not_the_day_before(site: TestSite) {
    let (ada, bob) = (site.member("ada", true).await.subject, site.member("bob", true).await.subject);
    ends(&site, ada, "2026-12-31").await;
    ends(&site, bob, "2028-02-29").await;
    for (subject, before, last) in [(ada, "2036-12-30", "2036-12-31"), (bob, "2038-02-27", "2038-02-28")] {
        on(&site, before);
        sweep(&site).await;
        let left = classes(&site, subject).await;
        assert!(OF_COVER.iter().all(|class| left.contains(class)), "{before}: {left:?}");
        on(&site, last);
        assert!(sweep(&site).await.keys > 0, "{last}");
        let left = classes(&site, subject).await;
        assert!(OF_COVER.iter().all(|class| !left.contains(class)), "{last}: {left:?}");
    }
}

/// Who somebody is, is to be kept for 5 years, by a notice whose clauses about payments keep it for 10 after the books of the year.
async fn a_clause_of_more_years_keeps_what_it_names_and_is_named(site: TestSite) {
    publish(&site, "class = \"membership\"", "years = 10", "years = 5").await;
    let (ada, other) = (site.member("ada", true).await.subject, site.member("bob", true).await.subject);
    ends(&site, ada, "2026-12-31").await;
    on(&site, "2031-12-31");
    let report = sweep(&site).await;
    assert_eq!((report.subjects, report.keys), (1, 0));
    let (rule, of) = report.kept.first_key_value().unwrap();
    let (class, version) = (RetentionClass::Membership, "next".to_owned());
    let clause = Some("use.payment".to_owned());
    let by = Rule { class, version, clause, years: 10, after: RetentionStart::FinancialYearEnd };
    let until = Some(day("2037-12-31"));
    assert_eq!((report.kept.len(), rule, *of), (1, &by, KeptOf { people: 1, first: until, last: until }));
    // What is of as many years goes by its own rule.
    on(&site, "2036-12-31");
    let report = sweep(&site).await;
    assert!(report.keys > 0 && report.kept.contains_key(&by), "{:?}", report.kept);
    let left = classes(&site, ada).await;
    assert!(
        left.contains(&RetentionClass::Membership) && !left.contains(&RetentionClass::Claims),
        "{left:?}"
    );
    on(&site, "2037-12-30");
    assert_eq!(sweep(&site).await.keys, 0);
    on(&site, "2037-12-31");
    assert!(sweep(&site).await.keys > 0);
    assert_eq!(classes(&site, ada).await, []);
    assert!(!classes(&site, other).await.is_empty());
}
