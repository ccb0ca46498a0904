//! Claims that are decided again beside guarantees of payment, at rates of exchange, and in the order of care: each by what held on
//! the day on which it was first decided, so that a run after a release finds nothing.

use domain::{Currency, Money, Recipient};
use intake::ClaimDraft;
use service::NewOutcome;

use crate::on_both;
use crate::pended;
use crate::readjudication::{add_plan, covered, decided, plan, release_as, run};
use crate::reservations::{Guaranteed, claim, guaranteed};
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    what_a_guarantee_kept_free_it_keeps_free_again,
    what_a_claim_used_of_a_guarantee_stays_or_is_written_anew,
    guarantees_and_rates_of_later_days_change_nothing,
    what_was_promised_since_is_kept_and_what_was_taken_back_is_free,
    what_was_promised_since_and_never_used_is_free_once_it_is_over,
    what_came_late_is_put_in_the_order_of_care_and_nothing_waits,
    what_nobody_compared_waits,
}

const DAY_SECONDS: i64 = 86_400;

async fn adjudicated(site: &TestSite, drafts: &[ClaimDraft]) {
    for draft in drafts {
        site.submit(std::slice::from_ref(draft)).await;
        assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    }
}

async fn released(site: &TestSite) {
    let found = run(site).await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated, report.failed), (1, 0, 0));
}

/// Nothing differs, and nothing waits.
async fn nothing_is_found(site: &TestSite, claims: i64) {
    let found = run(site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (claims, 0, 0, 0));
}

/// Of 500.00 a year 300.00 are guaranteed on the 23rd: 400.00 of other care, then the guaranteed care itself.
async fn with_a_guarantee(site: &TestSite) -> domain::SubjectId {
    site.clinic().await;
    add_plan(site, &plan("1", 500, false)).await;
    let ada = covered(site, "ada").await;
    guaranteed(site).await;
    adjudicated(site, &[claim(site, "other", "2026-11-02", 40_000)]).await;
    site.clock.advance(5 * DAY_SECONDS);
    adjudicated(site, &[claim(site, "own", "2026-11-25", 30_000)]).await;
    assert_eq!(decided(site, ada).await.paid(), [20_000, 30_000]);
    ada
}

async fn what_a_guarantee_kept_free_it_keeps_free_again(site: TestSite) {
    let ada = with_a_guarantee(&site).await;
    nothing_is_found(&site, 2).await;
    add_plan(&site, &plan("2", 400, false)).await;
    released(&site).await;
    assert_eq!(decided(&site, ada).await.paid(), [10_000, 30_000]);
    // Long after it is over the claims come out as they did while it stood.
    site.clock.advance(60 * DAY_SECONDS);
    nothing_is_found(&site, 2).await;
}

async fn what_a_claim_used_of_a_guarantee_stays_or_is_written_anew(site: TestSite) {
    let ada = with_a_guarantee(&site).await;
    assert_eq!(decided(&site, ada).await.used(), [(30_000, 30_000)]);
    // The claim of the guarantee comes out as it did, the other does not.
    add_plan(&site, &plan("2", 600, false)).await;
    released(&site).await;
    let after = decided(&site, ada).await;
    assert_eq!((after.paid(), after.used()), (vec![30_000, 30_000], &[(30_000, 30_000)][..]));
    nothing_is_found(&site, 2).await;
    // Now both do: what is used of the guarantee is what the plan pays now.
    add_plan(&site, &plan("3", 600, true)).await;
    released(&site).await;
    let after = decided(&site, ada).await;
    assert_eq!((after.paid(), after.used()), (vec![32_000, 24_000], &[(30_000, 24_000)][..]));
    nothing_is_found(&site, 2).await;
}

fn rate(on: &str, units: &str) -> intake::PublishedRate {
    let text = format!("Date,USD\n{on},{units}\n");
    intake::exchange_rates("tests", text.as_bytes()).unwrap().rates.remove(0)
}

async fn guarantees_and_rates_of_later_days_change_nothing(site: TestSite) {
    let exchanging = |version: &str, share: bool| {
        let head = "refusals = \"send\"\n";
        plan(version, 500, share).replace(head, &format!("{head}[exchange]\nday = \"decided\"\n"))
    };
    site.clinic().await;
    add_plan(&site, &exchanging("1", false)).await;
    let ada = covered(&site, "ada").await;
    let rates = [rate("2026-11-20", "1.25"), rate("2026-11-26", "2")];
    site.app.rates.add(site.app.store(), &rates[..1]).await.unwrap();
    let mut dollars = claim(&site, "dollars", "2026-11-02", 12_500);
    dollars.currency = "USD".parse::<Currency>().unwrap();
    dollars.lines[0].charge = Money::new(12_500, dollars.currency).unwrap();
    adjudicated(&site, &[dollars, claim(&site, "euros", "2026-11-03", 40_000)]).await;
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 10_000]);
    // Days later there is another rate, and most of the year's limit is guaranteed.
    site.clock.advance(3 * DAY_SECONDS);
    site.app.rates.add(site.app.store(), &rates[1..]).await.unwrap();
    guaranteed(&site).await;
    nothing_is_found(&site, 2).await;
    add_plan(&site, &exchanging("2", true)).await;
    released(&site).await;
    assert_eq!(decided(&site, ada).await.paid(), [32_000, 8_000]);
    // Nor does the day of the release.
    site.clock.advance(DAY_SECONDS);
    nothing_is_found(&site, 2).await;
    let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let rows: Vec<store::claim::ClaimRow> = rows.map_err(|error: store::StoreError| error).unwrap();
    let pairs: Vec<_> = rows.iter().map(|row| (ada, row.claim)).collect();
    for statement in service::statements(&site.app, PORTFOLIO, &pairs).await.unwrap() {
        let days = (statement.determination.decided, statement.determination.released);
        assert_eq!(days, (day("2026-11-23"), Some(day("2026-11-26"))));
    }
}

/// Of 500.00 a year 200.00 were paid, and 300.00 promised since; then the plan pays all instead of a share.
async fn promised_since(site: &TestSite) -> (domain::SubjectId, Guaranteed) {
    site.clinic().await;
    add_plan(site, &plan("1", 500, true)).await;
    let ada = covered(site, "ada").await;
    adjudicated(site, &[claim(site, "other", "2026-11-02", 25_000)]).await;
    assert_eq!(decided(site, ada).await.paid(), [20_000]);
    site.clock.advance(DAY_SECONDS);
    let promised = guaranteed(site).await;
    add_plan(site, &plan("2", 500, false)).await;
    released(site).await;
    assert_eq!(decided(site, ada).await.paid(), [20_000]);
    (ada, promised)
}

async fn what_was_promised_since_and_never_used_is_free_once_it_is_over(site: TestSite) {
    let (ada, _) = promised_since(&site).await;
    site.clock.advance(30 * DAY_SECONDS);
    released(&site).await;
    assert_eq!(decided(&site, ada).await.paid(), [25_000]);
    nothing_is_found(&site, 1).await;
}

async fn what_was_promised_since_is_kept_and_what_was_taken_back_is_free(site: TestSite) {
    let (ada, Guaranteed { nurse, place, .. }) = promised_since(&site).await;
    crate::guarantees::decide(&site, &nurse, place, 2, &NewOutcome::Withdrawn).await.unwrap();
    released(&site).await;
    assert_eq!(decided(&site, ada).await.paid(), [25_000], "they are not any more");
    nothing_is_found(&site, 1).await;
}

async fn what_came_late_is_put_in_the_order_of_care_and_nothing_waits(site: TestSite) {
    let by_care = plan("1", 500, false)
        .replace("refusals = ", "sequence = \"service-date\"\nnear_duplicates = \"pend\"\nrefusals = ");
    site.clinic().await;
    add_plan(&site, &by_care).await;
    let ada = covered(&site, "ada").await;
    adjudicated(&site, &[claim(&site, "later", "2026-11-03", 40_000)]).await;
    // The care of the day before comes in after it, and is nearly a duplicate: a person compares the two.
    adjudicated(&site, &[claim(&site, "earlier", "2026-11-02", 30_000)]).await;
    let clerk = pended::clerk(&site).await;
    let place = pended::take(&site, &clerk).await.unwrap();
    pended::confirm(&site, &clerk, place, 1).await.unwrap();
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 10_000]);
    released(&site).await;
    assert_eq!(decided(&site, ada).await.paid(), [20_000, 30_000]);
    nothing_is_found(&site, 2).await;
}

async fn what_nobody_compared_waits(site: TestSite) {
    let compares =
        |version: &str| plan(version, 500, false).replace("refusals", "near_duplicates = \"pend\"\nrefusals");
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    covered(&site, "ada").await;
    let drafts = [claim(&site, "one", "2026-11-02", 10_000), claim(&site, "two", "2026-11-03", 20_000)];
    adjudicated(&site, &drafts).await;
    add_plan(&site, &compares("2")).await;
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting), (2, 0, 2));
}
