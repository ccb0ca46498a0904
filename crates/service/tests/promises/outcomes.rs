//! No claim is judged under the wrong cover, and each that waits for a person says why.

use std::collections::BTreeMap;

use domain::{ClaimLine, ClaimState, OutcomeReason, RetentionClass, SubjectId};
use intake::ClaimDraft;
use store::claim::ClaimRow;

use crate::on_both;
use crate::site::{TestSite, cover_draft, day};

on_both! {
    a_claim_over_two_spans_waits_for_a_person,
    every_claim_ends_adjudicated_or_pended_with_a_reason,
}

async fn claims_of(site: &TestSite, subject: SubjectId) -> Vec<ClaimRow> {
    let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
    rows.map_err(|error: store::StoreError| error).unwrap()
}

/// A claim with a line on each of these days.
fn on_days(mut claim: ClaimDraft, received: &str, days: &[&str]) -> ClaimDraft {
    let (line, service) = (claim.lines[0].clone(), claim.services[0].clone());
    let days = || (1..).zip(days.iter().map(|text| day(text)));
    claim.received = day(received);
    claim.lines = days()
        .map(|(number, on)| ClaimLine { number, service_start: on, service_end: on, ..line.clone() })
        .collect();
    claim.services = days().map(|(line, _)| domain::LineService { line, ..service.clone() }).collect();
    claim
}

async fn a_claim_over_two_spans_waits_for_a_person(site: TestSite) {
    site.clinic().await;
    let ada = site.person("ada", true).await;
    let mut before = cover_draft("1", "ada");
    (before.coverage.start, before.coverage.end) = (day("2025-01-01"), Some(day("2025-12-31")));
    site.cover(&[before, cover_draft("2", "ada")]).await;
    let claim = |id| site.claim(id, "ada", "GP", 5_000);
    site.submit(&[
        on_days(claim("both"), "2026-01-20", &["2025-12-30", "2026-01-02"]),
        on_days(claim("turned"), "2026-01-20", &["2026-01-02", "2025-12-30"]),
        on_days(claim("new"), "2026-01-20", &["2026-01-03", "2026-01-05"]),
        // Nothing covers its first day; that takes nothing from the second.
        on_days(claim("early"), "2025-01-20", &["2024-12-30", "2025-01-02"]),
    ])
    .await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 1), (ClaimState::Pended, 3)]));
    let reasons = [(OutcomeReason::SeveralCovers, 2), (OutcomeReason::Determination, 1)];
    assert_eq!(report.reasons, BTreeMap::from(reasons));
    assert_eq!(claims_of(&site, ada).await.len(), 4);
}

async fn every_claim_ends_adjudicated_or_pended_with_a_reason(site: TestSite) {
    site.clinic().await;
    let mut subjects = Vec::new();
    for (name, consents) in [("ada", true), ("eve", false)] {
        subjects.push(site.member(name, consents).await.subject);
    }
    for name in ["bare", "dollars"] {
        subjects.push(site.person(name, true).await);
    }
    let mut dollars = cover_draft("dollars", "dollars");
    dollars.coverage.currency = "USD".parse().unwrap();
    site.cover(&[dollars]).await;
    let claim = |id, member| site.claim(id, member, "GP", 5_000);
    let empty = ClaimDraft { lines: Vec::new(), services: Vec::new(), ..claim("empty", "ada") };
    let given = [
        claim("paid", "ada"),
        site.claim("unknown service", "ada", "NO-SUCH-SERVICE", 5_000),
        empty,
        claim("no consent", "eve"),
        claim("no cover", "bare"),
        claim("other currency", "dollars"),
    ];
    site.submit(&given).await;
    let report = service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();
    assert_eq!((report.done(), report.left), (given.len() as u64, 0));

    // Of one the claim is gone; of the other everything, the consent too.
    for (name, classes) in
        [("gone", &[<domain::Claim as domain::Personal>::RETENTION][..]), ("erased", RetentionClass::ALL)]
    {
        let subject = site.member(name, true).await.subject;
        site.submit(&[claim(name, name)]).await;
        service::erase_subject(&site.app, subject, classes).await.unwrap();
        subjects.push(subject);
    }
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap();

    let mut reasons: BTreeMap<OutcomeReason, i64> = BTreeMap::new();
    for subject in subjects {
        for row in claims_of(&site, subject).await {
            let waits = row.state == ClaimState::Pended;
            assert_eq!(waits, row.outcome_reason.is_some(), "{row:?}");
            assert!(waits || row.state == ClaimState::Adjudicated, "{row:?}");
            row.outcome_reason.into_iter().for_each(|reason| *reasons.entry(reason).or_default() += 1);
        }
    }
    let expected = [
        (OutcomeReason::NoClause, 2),
        (OutcomeReason::NoRecord, 1),
        (OutcomeReason::NoCover, 1),
        (OutcomeReason::OtherCurrency, 1),
        (OutcomeReason::NotComputed, 1),
        (OutcomeReason::Determination, 1),
    ];
    assert_eq!(reasons, expected.into());
    let counted = site.app.store().read(store::claim::count_by_reason).await;
    let counted = counted.map_err(|error: store::StoreError| error).unwrap();
    assert_eq!(
        counted.into_iter().map(|(_, reason, count)| (reason, count)).collect::<BTreeMap<_, _>>(),
        reasons
    );
}
