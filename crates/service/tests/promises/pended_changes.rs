//! What changes while a claim is before somebody: what they let stand is what they saw, on the cover and at the rates of that
//! moment, and nothing of who was erased is left for anybody.

use std::sync::{Arc, Mutex};

use domain::{
    CaseReason, ClaimState, CoverageStatus, Money, OutcomeReason, Recipient, RetentionClass, SubjectId,
};
use intake::CoverageDraft;
use service::{App, NewConfirmation, SaidOfCover};
use store::StoreError;
use tokio::runtime::Handle;

use crate::last_of_a_limit;
use crate::leftovers::{STAY, knowing};
use crate::on_both;
use crate::pended::{adjudicate, clerk, confirm, cost, read, rows, says, state, take, waiting};
use crate::site::again::{Interrupted, meanwhile};
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    an_import_at_any_moment_of_a_decision_leaves_none_on_the_cover_before,
    an_erasure_at_any_moment_of_adjudication_leaves_nothing_on_the_desk_nor_in_the_books,
    what_is_held_for_a_second_reason_is_looked_at_again,
    rates_that_another_process_took_in_are_known_at_the_desk,
}

/// Another process takes in that the cover of this member ended before their care.
async fn end_cover(app: &App, member: &str) {
    let mut draft = cover_draft(member, member);
    draft.coverage.end = Some(day("2026-10-31"));
    let intake = app.gate.job(Recipient::IntakeJob).unwrap();
    let mut said = SaidOfCover::default();
    let taken = service::enrol_coverage(app, &intake, PORTFOLIO, SOURCE, &[draft], &mut said).await.unwrap();
    assert_eq!(taken.changed, 1);
}

async fn states(app: &App, subject: SubjectId) -> Vec<ClaimState> {
    let rows = app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
    rows.map_err(|error: StoreError| error).unwrap().iter().map(|row| row.state).collect()
}

async fn an_import_at_any_moment_of_a_decision_leaves_none_on_the_cover_before(site: TestSite) {
    let clock = Interrupted::new(&site);
    let (app, other) = (site.open_by(clock.clone()).await, Arc::new(site.reopen().await));
    let clerk = clerk(&site).await;
    let (mut booked, mut came_before) = (0, 0);
    for at in 0.. {
        let name = format!("ada{at}");
        let (subject, claim) = waiting(&site, &name).await;
        let place = take(&site, &clerk).await.unwrap();
        assert_eq!(place.claim, claim);
        let version = read(&site, &clerk, place).await.version;
        let (other, runtime, stood) = (Arc::clone(&other), Handle::current(), Arc::new(Mutex::new(None)));
        let seen = Arc::clone(&stood);
        clock.at(at, move || {
            meanwhile(&runtime, end_cover(&other, &name));
            *seen.lock().unwrap() = Some(meanwhile(&runtime, states(&other, subject)));
        });
        let new = NewConfirmation { version, reason: CaseReason::parse("as the plan says").unwrap() };
        let answer = service::confirm_pended(&app, &clerk, place, &new, app.gate.request()).await;
        let happened = clock.happened();
        let before = stood.lock().unwrap().as_ref().is_some_and(|states| *states == [ClaimState::Pended]);
        assert_eq!(answer.is_ok(), !before, "{at}: {answer:?}");
        booked += if before { 0 } else { 49_500 };
        came_before += usize::from(before);
        assert_eq!(cost(&site).await, booked, "{at}");
        let now = if before { ClaimState::Pended } else { ClaimState::Adjudicated };
        assert_eq!(state(&site, subject, claim).await, now);
        if !happened {
            break;
        }
        // What waits again is not in the way of the next.
        if before {
            service::return_pended(&site.app, &clerk, place, site.app.gate.request()).await.unwrap();
            service::erase_subject(&site.app, subject, RetentionClass::ALL).await.unwrap();
        }
    }
    assert!(came_before > 1, "the import came between more than once");
}

async fn an_erasure_at_any_moment_of_adjudication_leaves_nothing_on_the_desk_nor_in_the_books(
    site: TestSite,
) {
    site.clinic().await;
    let clock = Interrupted::new(&site);
    let (app, other) = (site.open_by(clock.clone()).await, Arc::new(site.reopen().await));
    // Of who comes again something is counted already.
    for comes_again in [false, true] {
        for at in 0.. {
            let name = format!("ada {comes_again} {at}");
            let subject = last_of_a_limit::covered(&site, &name, false).await;
            if comes_again {
                site.submit(&[site.claim(&format!("{name} before"), &name, "GP", 3_000)]).await;
                assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
            }
            let waits = site.claim(&format!("{name} waits"), &name, "NO-SUCH", 5_000);
            site.submit(&[site.claim(&name, &name, "GP", 4_000), waits]).await;
            let (other, runtime) = (Arc::clone(&other), Handle::current());
            clock.at(at, move || {
                let erasure = service::erase_subject(&other, subject, RetentionClass::ALL);
                meanwhile(&runtime, erasure).unwrap();
            });
            // What cannot be written since the keys are gone is not written: only what is left matters.
            let _ = service::adjudicate_received(&app, 10, |_| {}).await;
            if !clock.happened() {
                assert_eq!(rows(&site, subject).await.1.len(), 1, "who was not erased waits");
                assert!(at > 2, "the erasure came between more than once");
                break;
            }
            erased_for_good(&site, subject, &name).await;
        }
    }
}

/// Nothing waits that is of them, the books say why what was booked of them cannot be read, and whatever was given back finds nobody when
/// its turn comes.
async fn erased_for_good(site: &TestSite, subject: SubjectId, name: &str) {
    assert!(rows(site, subject).await.1.is_empty(), "{name}");
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let books = service::verify_ledger(&site.app, &auditor, |_| {}).await;
    books.unwrap_or_else(|error| panic!("{name}: {error}"));
    let before = cost(site).await;
    site.clock.advance(600);
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    assert_eq!(cost(site).await, before, "{name}: nothing is booked");
    let left = knowing(site, subject).await;
    assert!(left.iter().all(|table| STAY.contains(table)), "{name}: {left:?}");
}

/// A doctor is paid; nearly the same within a day waits.
const NEAR: &str = r#"id = "near"
version = "1"
name = "Near"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
near_duplicates = "pend"
[exchange]
day = "service"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
"#;

async fn covered(site: &TestSite, status: CoverageStatus) -> SubjectId {
    site.app.plans.add(site.app.store(), "near", NEAR).await.unwrap();
    site.clinic().await;
    let ada = site.person("ada", true).await;
    let mut draft = CoverageDraft { plan: "near".to_owned(), ..cover_draft("ada", "ada") };
    draft.coverage.status = status;
    site.cover(&[draft]).await;
    ada
}

async fn what_is_held_for_a_second_reason_is_looked_at_again(site: TestSite) {
    covered(&site, CoverageStatus::Suspended).await;
    site.submit(&[site.claim("one", "ada", "GP", 5_000), site.claim("other", "ada", "GP", 6_000)]).await;
    adjudicate(&site).await;
    let clerk = clerk(&site).await;
    let (first, second) = (take(&site, &clerk).await.unwrap(), take(&site, &clerk).await.unwrap());
    let seen = read(&site, &clerk, second).await;
    assert_eq!(confirm(&site, &clerk, first, 1).await.unwrap(), ClaimState::Adjudicated);
    let booked = cost(&site).await;
    // Nearly the same was paid meanwhile: the amounts are those that were seen, and there is more to look at.
    says(confirm(&site, &clerk, second, seen.version).await, "it comes out otherwise");
    assert_eq!(cost(&site).await, booked);
    let file = read(&site, &clerk, second).await;
    assert_eq!(file.version, seen.version + 1);
    assert_eq!(confirm(&site, &clerk, second, file.version).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 11_000);
}

async fn rates_that_another_process_took_in_are_known_at_the_desk(site: TestSite) {
    let ada = covered(&site, CoverageStatus::Active).await;
    let dollar = "USD".parse().unwrap();
    let mut draft = site.claim("dollars", "ada", "GP", 12_500);
    draft.currency = dollar;
    draft.lines[0].charge = Money::new(12_500, dollar).unwrap();
    let claim = site.submit(&[draft]).await.new[0];
    adjudicate(&site).await;
    assert_eq!(rows(&site, ada).await.0[0].outcome_reason, Some(OutcomeReason::OtherCurrency));
    let other = site.reopen().await;
    let file = "Date,USD\n2026-10-30,1.25\n";
    let rates = intake::exchange_rates("tests", file.as_bytes()).unwrap().rates;
    other.rates.add(other.store(), &rates).await.unwrap();
    let clerk = clerk(&site).await;
    let place = take(&site, &clerk).await.unwrap();
    let request = site.app.gate.request();
    service::work_out_pended(&site.app, &clerk, place, request).await.unwrap();
    let file = read(&site, &clerk, place).await;
    assert_eq!(file.proposal.unwrap().lines[0].plan, 10_000);
    assert_eq!(confirm(&site, &clerk, place, file.version).await.unwrap(), ClaimState::Adjudicated);
    assert_eq!(state(&site, ada, claim).await, ClaimState::Adjudicated);
    assert_eq!(cost(&site).await, 10_000);
}
