//! From when retention counts of whoever never had cover, and of a holder whose contract covers others for longer.

use domain::{RetentionClass, SubjectId};

use crate::on_both;
use crate::scope::dependant;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    who_never_had_cover_is_kept_from_when_they_were_taken_up,
    a_contract_that_covers_others_keeps_its_holder,
    who_is_taken_up_anew_is_not_erased_again_for_cover_of_long_ago,
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
