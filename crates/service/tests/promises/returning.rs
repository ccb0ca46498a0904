//! Promise 8 the other way round: whoever was erased stays so until somebody says that they come back, and
//! then everything of theirs is as of a new member's.

use std::collections::BTreeMap;

use domain::{ClaimState, Condition, RetentionClass, SubjectId};
use store::coverage::CoverageRow;

use crate::on_both;
use crate::site::{PLAN, PORTFOLIO, TestSite, cover_draft, day};

on_both! {
    who_was_erased_stays_so_until_somebody_says_otherwise,
    cover_that_comes_again_counts_as_it_is_now,
    a_claim_of_before_the_erasure_is_not_another,
    who_lost_only_the_keys_of_claims_gets_them_again,
}

async fn covers(site: &TestSite, subject: SubjectId) -> Vec<CoverageRow> {
    let rows = site.app.store().read(move |unit| store::coverage::of_subject(unit, subject)).await;
    rows.map_err(|error: store::StoreError| error).unwrap()
}

async fn adjudicated(site: &TestSite) -> BTreeMap<ClaimState, u64> {
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap().states
}

async fn who_was_erased_stays_so_until_somebody_says_otherwise(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    let again = site.row("ada", true).await;
    assert_eq!((again.new, again.returned, again.known, again.erased), (0, 0, 0, 1));
    let kinds = site.app.store().read(move |unit| store::sealed::kinds_of(unit, ada)).await;
    assert_eq!(kinds, Ok::<_, store::StoreError>(Vec::new()));
    let again = site.back("ada", true).await;
    assert_eq!((again.new, again.returned, again.known, again.erased), (0, 1, 0, 0));
    // She is there: saying it again changes nothing.
    for again in [site.back("ada", true).await, site.row("ada", true).await] {
        assert_eq!((again.new, again.returned, again.known, again.erased), (0, 0, 1, 0));
    }
    let cover = site.cover(&[cover_draft("ada", "ada")]).await;
    assert_eq!((cover.new, cover.returned), (0, 1));
}

async fn cover_that_comes_again_counts_as_it_is_now(site: TestSite) {
    let ada = site.member("ada", true).await.subject;
    site.write(move |unit| {
        let cover = store::coverage::of_subject(unit, ada)?[0];
        store::coverage::end(unit, &cover, Some(day("2026-12-31")))
    })
    .await;
    site.clock.advance(13 * 366 * 86_400);
    assert!(service::sweep(&site.app, PORTFOLIO).await.unwrap().keys > 0);
    // Since then there is a newer version of her plan.
    let text = PLAN.lines().map(|line| match line.split_once(" = ").map_or("", |(name, _)| name) {
        "version" => "version = \"2038-1\"".to_owned(),
        "effective" => "effective = 2038-01-01".to_owned(),
        _ => line.to_owned(),
    });
    let text = text.collect::<Vec<_>>().join("\n");
    let newer = site.app.plans.add(site.app.store(), "self-funded-basic", &text).await.unwrap();
    site.back("ada", true).await;
    let mut draft = cover_draft("ada", "ada");
    draft.coverage.start = day("2039-01-01");
    assert_eq!(site.cover(&[draft]).await.returned, 1);
    let [cover] = covers(&site, ada).await[..] else { panic!("one span") };
    assert_eq!((cover.plan, cover.start, cover.end), (newer, day("2039-01-01"), None));
    assert_eq!(service::sweep(&site.app, PORTFOLIO).await.unwrap().keys, 0, "she stays");
    assert_eq!(site.row("ada", true).await.known, 1);
}

async fn a_claim_of_before_the_erasure_is_not_another(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let claim = |charge| site.claim("c1", "ada", "GP", charge);
    site.submit(&[claim(5_000)]).await;
    assert_eq!(adjudicated(&site).await, BTreeMap::from([(ClaimState::Adjudicated, 1)]));
    service::erase_subject(&site.app, ada, RetentionClass::ALL).await.unwrap();
    site.back("ada", true).await;
    site.cover(&[cover_draft("ada", "ada")]).await;
    let again = site.submit(&[claim(5_000)]).await;
    assert_eq!((again.new.len(), again.known, again.other_content), (0, 1, Vec::new()));
    // Of one whose record is there, other content is told as ever.
    let later = |charge| site.claim("c2", "ada", "GP", charge);
    let both = site.submit(&[later(5_000), later(6_000)]).await;
    assert_eq!((both.new.len(), both.other_content), (1, vec![1]));
    assert_eq!(site.submit(&[later(6_000)]).await.other_content, [0]);
}

async fn who_lost_only_the_keys_of_claims_gets_them_again(site: TestSite) {
    site.clinic().await;
    let ada = site.member("ada", true).await.subject;
    let claims = [RetentionClass::Claims, RetentionClass::Accounting];
    service::erase_subject(&site.app, ada, &claims).await.unwrap();
    assert_eq!(site.row("ada", true).await.known, 1, "who she is stands");
    assert_eq!(site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await.erased, 1);
    assert_eq!(site.back("ada", true).await.returned, 1);
    assert_eq!(site.submit(&[site.claim("c1", "ada", "GP", 5_000)]).await.new.len(), 1);
    assert_eq!(adjudicated(&site).await, BTreeMap::from([(ClaimState::Adjudicated, 1)]));
    let consents = site.app.store().read(move |unit| store::condition::of_subject(unit, ada)).await;
    let consents = consents.map_err(|error: store::StoreError| error).unwrap();
    let now = site.app.gate.now();
    let is_live = |row: &store::condition::ConditionRow| row.is_live(now);
    let consent = consents.iter().find(|row| row.condition == Condition::ConsentHealth).unwrap();
    assert!(is_live(consent), "she was not asked again");
}
