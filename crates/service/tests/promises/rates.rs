//! Claims in another currency than their cover's: exchanged at the rate of the day that the plan names, where it is known.

use domain::{CareSetting, ClaimState, OutcomeReason, SubjectId};
use intake::{Circumstances, ClaimDraft, CoverageDraft, PublishedRate};
use service::{AddedRates, ServiceError};
use store::StoreError;

use crate::on_both;
use crate::site::{PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    a_claim_in_another_currency_is_exchanged_at_a_rate_that_is_known,
    the_days_of_invoice_and_admission_decide_and_are_not_guessed,
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
    dollars_of(site, id, "ada", Circumstances::default()).await;
}

/// A claim in dollars of somebody's care in hospital, where this is said of it.
async fn dollars_of(site: &TestSite, id: &str, member: &str, circumstances: Circumstances) {
    let mut claim = ClaimDraft { circumstances, ..site.claim(id, member, "GP", 12_500) };
    claim.services.iter_mut().for_each(|service| service.setting = CareSetting::Inpatient);
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

/// Rules.md, section 1: the day of the invoice, and of admission for care in hospital.
async fn the_days_of_invoice_and_admission_decide_and_are_not_guessed(site: TestSite) {
    site.clinic().await;
    let rates = [rate("USD", "2026-10-30", "1.25"), rate("USD", "2026-11-15", "2")];
    site.app.rates.add(site.app.store(), &rates).await.unwrap();
    let said = Circumstances {
        admitted: Some(day("2026-10-31")),
        invoiced: Some(day("2026-11-16")),
        ..Circumstances::default()
    };
    for (name, word, circumstances, pays) in [
        ("a", "admitted", said.clone(), Some(8_000)),
        ("b", "invoiced", said.clone(), Some(5_000)),
        ("c", "admitted", Circumstances { admitted: None, ..said.clone() }, None),
        ("d", "invoiced", Circumstances { invoiced: None, ..said }, None),
    ] {
        let text =
            PLAN.replace("\"abroad\"", &format!("\"{name}\"")).replace("\"service\"", &format!("\"{word}\""));
        site.app.plans.add(site.app.store(), name, &text).await.unwrap();
        let subject = site.person(name, true).await;
        site.cover(&[CoverageDraft { plan: name.to_owned(), ..cover_draft(name, name) }]).await;
        dollars_of(&site, name, name, circumstances).await;
        service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
        let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
        let row = rows.map_err(|error: StoreError| error).unwrap().remove(0);
        let Some(pays) = pays else {
            assert_eq!(row.state, ClaimState::Pended, "{name}");
            continue;
        };
        let statements = service::statements(&site.app, PORTFOLIO, &[(subject, row.claim)]).await.unwrap();
        assert_eq!(statements.first().unwrap().determination.lines.first().unwrap().plan, pays, "{name}");
    }
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
