//! Promise 9, beside `screen.rs`: a provider that claims the high level of a service far more often than its peers is noticed, by sums that
//! are about nobody; before there are enough of them nothing is told, and of who does not consent nothing is counted.

use std::collections::BTreeSet;

use domain::{
    CareSetting, ClaimId, ClaimLine, Currency, LineService, Money, Recipient, ScreenRule, ServiceCode,
};
use intake::ClaimDraft;

use crate::on_both;
use crate::readjudication::{add_plan, plan};
use crate::screen::{read, take};
use crate::screen_providers::another;
use crate::site::{PORTFOLIO, TestSite, source_id};

on_both! {
    a_high_level_far_above_the_peers_is_marked_and_nobody_elses_is,
    nothing_is_counted_of_who_does_not_consent,
}

/// A claim at a provider with so many lines of the low level, and so many of the high one.
fn claim(site: &TestSite, id: &str, member: &str, provider: &str, (low, high): (u32, u32)) -> ClaimDraft {
    let mut claim =
        ClaimDraft { provider_source_id: source_id(provider), ..site.claim(id, member, "GP", 1_000) };
    let numbers = 1..=low + high;
    let line = |number: u32| ClaimLine {
        number,
        charge: Money::new(1_000 + i64::from(number) * 7, Currency::EUR).unwrap(),
        ..claim.lines[0].clone()
    };
    let service = |number: u32| LineService {
        line: number,
        code: ServiceCode::parse(if number <= low { "VISIT-SHORT" } else { "VISIT-LONG" }).unwrap(),
        setting: CareSetting::Outpatient,
        service_type: None,
    };
    let lines = numbers.clone().map(line).collect();
    claim.services = numbers.map(service).collect();
    claim.lines = lines;
    claim
}

async fn screened(site: &TestSite, claim: ClaimDraft) -> ClaimId {
    let new = site.submit(&[claim]).await.new;
    assert_eq!(service::adjudicate_received(&site.app, 9, |_| {}).await.unwrap().unscreened, 0);
    new[0]
}

/// The claims that the rule flagged, of those that nobody has looked at yet.
async fn flagged(site: &TestSite) -> BTreeSet<ClaimId> {
    let legal = site.actor(Recipient::LegalStaff, PORTFOLIO).await;
    let mut found = BTreeSet::new();
    for marked in [false, true] {
        while let Some(place) = take(site, &legal, marked).await {
            let file = read(site, &legal, place).await.unwrap();
            assert!(file.case.flags.iter().all(|flag| flag.rule != ScreenRule::HighLevels), "health data");
            let flags = file.codes.shown().into_iter().flatten();
            if flags.into_iter().any(|flag| flag.rule == ScreenRule::HighLevels) {
                found.insert(place.claim);
            }
        }
    }
    found
}

async fn with_levels(site: &TestSite) {
    let levels = "\n[[levels]]\nname = \"Visit\"\ncodes = [\"VISIT-SHORT\", \"VISIT-LONG\"]\n";
    add_plan(site, &(plan("1", 500, false) + levels)).await;
    site.clinic().await;
    another(site, "eager").await;
}

async fn a_high_level_far_above_the_peers_is_marked_and_nobody_elses_is(site: TestSite) {
    with_levels(&site).await;
    site.member("ada", true).await;
    screened(&site, claim(&site, "first", "ada", "eager", (5, 55))).await;
    screened(&site, claim(&site, "alone", "ada", "eager", (0, 1))).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "there is nobody to compare it with");
    for number in 0..10 {
        let practice = format!("practice {number}");
        another(&site, &practice).await;
        let shares = if number % 2 == 0 { (38, 2) } else { (34, 6) };
        screened(&site, claim(&site, &practice, "ada", &practice, shares)).await;
        if number == 8 {
            screened(&site, claim(&site, "nine", "ada", "eager", (0, 1))).await;
        }
    }
    assert_eq!(flagged(&site).await, BTreeSet::new(), "nine peers are too few, and no peer is beyond");
    let high = screened(&site, claim(&site, "high", "ada", "eager", (1, 2))).await;
    screened(&site, claim(&site, "low", "ada", "eager", (2, 0))).await;
    screened(&site, claim(&site, "peer", "ada", "practice 1", (0, 1))).await;
    screened(&site, claim(&site, "new", "ada", "clinic", (0, 20))).await;
    assert_eq!(
        flagged(&site).await,
        BTreeSet::from([high]),
        "not the low level, a peer's, nor one of few lines"
    );
}

async fn nothing_is_counted_of_who_does_not_consent(site: TestSite) {
    with_levels(&site).await;
    site.member("ada", true).await;
    site.member("bob", false).await;
    for number in 0..11 {
        let practice = format!("practice {number}");
        another(&site, &practice).await;
        screened(&site, claim(&site, &practice, "ada", &practice, (38, 2))).await;
    }
    screened(&site, claim(&site, "bob 1", "bob", "eager", (5, 55))).await;
    screened(&site, claim(&site, "bob 2", "bob", "eager", (0, 1))).await;
    screened(&site, claim(&site, "ada 1", "ada", "eager", (5, 55))).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "what he had is in no sum");
    screened(&site, claim(&site, "bob 3", "bob", "eager", (0, 1))).await;
    assert_eq!(flagged(&site).await, BTreeSet::new(), "nor is a claim of his looked at by it");
    let of_ada = screened(&site, claim(&site, "ada 2", "ada", "eager", (0, 1))).await;
    assert_eq!(flagged(&site).await, BTreeSet::from([of_ada]));
}
