//! Claims in another currency than their cover's: exchanged at the rate of the day that the plan names, where it is known.

use domain::{ClaimState, OutcomeReason, SubjectId};
use intake::{CoverageDraft, PublishedRate};
use service::{AddedRates, ServiceError};
use store::StoreError;

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    a_claim_in_another_currency_is_exchanged_at_a_rate_that_is_known,
    rates_are_never_changed_and_one_file_is_taken_whole_or_not_at_all,
}

const PLAN: &str = r#"id = "abroad"
version = "1"
name = "Abroad"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
[exchange]
day = "service"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
coinsurance = "0.20"
"#;

fn rate(currency: &str, on: &str, units: &str) -> PublishedRate {
    let text = format!("Date,{currency}\n{on},{units}\n");
    intake::exchange_rates("tests", text.as_bytes()).unwrap().rates.remove(0)
}

async fn dollars(site: &TestSite, id: &str) {
    let mut claim = site.claim(id, "ada", "GP", 12_500);
    claim.currency = "USD".parse().unwrap();
    claim.lines.iter_mut().for_each(|line| {
        line.charge = domain::Money::new(12_500, "USD".parse().unwrap()).unwrap();
    });
    site.submit(&[claim]).await;
}

async fn decided(site: &TestSite, ada: SubjectId) -> Vec<(ClaimState, Option<OutcomeReason>)> {
    let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    rows.iter().map(|row| (row.state, row.outcome_reason)).collect()
}

async fn a_claim_in_another_currency_is_exchanged_at_a_rate_that_is_known(site: TestSite) {
    site.app.plans.add(site.app.store(), "abroad", PLAN).await.unwrap();
    let ada = site.person("ada", true).await;
    site.clinic().await;
    site.cover(&[CoverageDraft { plan: "abroad".to_owned(), ..cover_draft("1", "ada") }]).await;
    dollars(&site, "unknown").await;
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    assert_eq!(decided(&site, ada).await, [(ClaimState::Pended, Some(OutcomeReason::OtherCurrency))]);
    // Another process takes the rates in; the services were on 2 November.
    let elsewhere = site.reopen().await;
    let rates = [rate("USD", "2026-10-30", "1.25"), rate("USD", "2026-11-03", "2")];
    elsewhere.rates.add(elsewhere.store(), &rates).await.unwrap();
    dollars(&site, "known").await;
    let report = service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    assert_eq!(report.states.get(&ClaimState::Adjudicated), Some(&1));
    let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, ada)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    let claim = rows.iter().find(|row| row.state == ClaimState::Adjudicated).unwrap().claim;
    let statements = service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await.unwrap();
    let determination = &statements.first().unwrap().determination;
    let line = determination.lines.first().unwrap();
    assert_eq!((determination.currency.code(), line.submitted, line.plan), ("EUR", 10_000, 8_000));
    let exchange = determination.exchanges.first().unwrap();
    let told = (exchange.charge, exchange.date, exchange.rate.as_str());
    assert_eq!(told, (12_500, day("2026-10-30"), "1.25 / 1"));
}

async fn rates_are_never_changed_and_one_file_is_taken_whole_or_not_at_all(site: TestSite) {
    let (book, store) = (&site.app.rates, site.app.store());
    let all = [rate("CHF", "2026-10-30", "0.9194"), rate("USD", "2026-10-30", "1.1172")];
    assert_eq!(book.add(store, &all).await.unwrap(), AddedRates { new: 2, known: 0 });
    assert_eq!(book.add(store, &all).await.unwrap(), AddedRates { new: 0, known: 2 });
    let other = [rate("JPY", "2026-10-30", "175.68"), rate("USD", "2026-10-30", "1.1173")];
    assert!(matches!(book.add(store, &other).await, Err(ServiceError::OtherRate { .. })));
    let fine = [rate("JPY", "2026-10-30", "175.68"), rate("CHF", "2026-10-29", "0.92222222222")];
    assert!(matches!(book.add(store, &fine).await, Err(ServiceError::OtherRate { .. })));
    let on = |currency: &str| book.on(currency.parse().unwrap(), day("2026-11-01"));
    assert_eq!(on("JPY"), None);
    assert_eq!(on("USD"), Some((day("2026-10-30"), "1.1172".to_owned())));
    // Another process reads what came since.
    let elsewhere = site.reopen().await;
    assert_eq!(elsewhere.rates.on("USD".parse().unwrap(), day("2026-11-01")), None);
    elsewhere.rates.refresh(elsewhere.store()).await.unwrap();
    assert_eq!(elsewhere.rates.on("USD".parse().unwrap(), day("2026-11-01")), on("USD"));
}
