//! When an old entry goes and when it stays: not while a legal matter is open about somebody in whose list it stands, and no sooner
//! because a clock was put back.

use domain::Recipient;

use crate::erased_entries::{DAY, Old, TEN_YEARS, rows};
use crate::on_both;
use crate::site::{PORTFOLIO, TestSite};

on_both! {
    entries_about_somebody_in_a_matter_stay_until_it_is_over,
    a_roll_under_a_clock_that_was_put_back_makes_nothing_older,
}

async fn entries_about_somebody_in_a_matter_stay_until_it_is_over(site: TestSite) {
    let old = Old::new(site).await;
    let site = &old.site;
    site.clock.advance(DAY);
    let last = site.app.today().unwrap().plus_days(300);
    let staff = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let new = service::NewMatter { last, ..crate::matters::dispute() };
    let id = site.opened(&new, &staff, old.ada.subject).await;
    assert_eq!(old.sweep().await, 2, "Eve's, and none of Ada's four: who read them may be what it is about");
    assert_eq!(old.sweep().await, 0);
    site.end_of(id).await.unwrap();
    assert_eq!(old.sweep().await, 4);
    assert_eq!(old.verified().await.erased, 6);
}

async fn a_roll_under_a_clock_that_was_put_back_makes_nothing_older(site: TestSite) {
    let old = Old::new(site).await;
    let before = rows(&old.site).await;
    old.site.clock.advance(-2 * TEN_YEARS);
    old.roll().await;
    old.site.clock.advance(2 * TEN_YEARS);
    assert_eq!(old.sweep().await, 0, "on the day itself nothing has lapsed");
    assert_eq!(rows(&old.site).await[..before.len()], before);
    old.site.clock.advance(DAY);
    assert_eq!(old.sweep().await, 6, "and then what has, and nothing younger");
    old.verified().await;
}
