//! What a plan counts for a family together: whoever of it claims, and whoever adjudicates, no more is paid than there is; and
//! what one of the family sees of it tells nothing of another's care.

use std::collections::BTreeMap;

use domain::{Account, ClaimId, ClaimState, Currency, OutcomeReason, Recipient, RetentionClass, SubjectId};
use service::{AccessAnswer, AdjudicationReport, App};

use crate::last_of_a_limit::{WRITERS, come_again_until_done, covered, under_the_limit, write};
use crate::on_both;
use crate::scope::dependant;
use crate::site::{PORTFOLIO, TestSite, day};

on_both! {
    of_a_familys_last_hundred_exactly_a_hundred_is_paid,
    claims_of_one_batch_are_counted_in_the_order_in_which_they_came,
    one_of_the_family_sees_sums_and_no_claim_of_another,
    whose_holder_is_not_covered_here_waits,
    the_sums_of_a_family_outlast_who_counted_them,
    what_a_family_counted_is_taken_back_for_all_of_them,
    whose_holder_changed_waits_and_who_has_none_any_more_is_alone,
}

/// Ada with these dependants, each under the plan that pays 500.00 a year for all of them.
async fn family(site: &TestSite, dependants: &[&str]) -> BTreeMap<String, SubjectId> {
    site.clinic().await;
    let mut family = BTreeMap::from([("ada".to_owned(), covered(site, "ada", true).await)]);
    for name in dependants {
        family.insert((*name).to_owned(), dependant(site, name, "ada").await);
        under_the_limit(site, name, true).await;
    }
    family
}

async fn adjudicated(site: &TestSite) -> AdjudicationReport {
    service::adjudicate_received(&site.app, 100, |_| {}).await.unwrap()
}

/// What was booked as the cost of claims, in cents.
async fn cost(site: &TestSite) -> i128 {
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    ledger.debits[&(Account::ClaimsCost, Currency::EUR)]
}

async fn own_list(site: &TestSite, subject: SubjectId) -> AccessAnswer {
    let own = site.actor_with_id(*subject.bytes(), Recipient::Subject).await;
    service::answer_access_request(&site.app, &own, PORTFOLIO, subject, None).await.unwrap()
}

async fn of_a_familys_last_hundred_exactly_a_hundred_is_paid(site: TestSite) {
    family(&site, &["ben", "cleo", "dan"]).await;
    site.submit(&[site.claim("before", "cleo", "GP", 40_000)]).await;
    assert_eq!(adjudicated(&site).await.done(), 1);

    // Four servers on one database, with eight writers each; four people claim, each another amount of which none fits
    // twice.
    let mut servers: Vec<App> = vec![site.app.clone()];
    for _ in 1..4 {
        servers.push(site.reopen().await);
    }
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let charge = 6_000 + i64::try_from(number).unwrap();
            let member = ["ada", "ben", "cleo", "dan"][number / 4 % 4];
            let draft = site.claim(&format!("writer {number}"), member, "GP", charge);
            tokio::spawn(write(servers[number % servers.len()].clone(), draft))
        })
        .collect();
    let mut done = 0;
    for writer in writers {
        done += writer.await.unwrap();
    }
    come_again_until_done(&site, &servers, done).await;

    let counts = site.app.store().read(store::claim::count_by_state).await;
    let counts = counts.map_err(|error: store::StoreError| error).unwrap();
    let states: BTreeMap<ClaimState, i64> =
        counts.into_iter().map(|(_, state, count)| (state, count)).collect();
    assert_eq!(states, BTreeMap::from([(ClaimState::Adjudicated, 3), (ClaimState::Settled, 30)]));
    assert_eq!(cost(&site).await, 50_000);
}

async fn claims_of_one_batch_are_counted_in_the_order_in_which_they_came(site: TestSite) {
    let family = family(&site, &["ben"]).await;
    let claims = [("c1", "ada", 20_000), ("c2", "ben", 20_000), ("c3", "ada", 20_000), ("c4", "ben", 20_000)];
    let claims = claims.map(|(id, member, charge)| site.claim(id, member, "GP", charge));
    let mut charged = Vec::new();
    for (place, mut claim) in claims.into_iter().enumerate() {
        // No two of one person are the same.
        let charge = claim.lines[0].charge.minor() + i64::try_from(place).unwrap();
        claim.lines[0].charge = domain::Money::new(charge, Currency::EUR).unwrap();
        charged.extend(site.submit(&[claim]).await.new);
        site.clock.advance(1);
    }
    // Leased together, and each knows what the one before left.
    let report = adjudicated(&site).await;
    assert_eq!((report.done(), report.left), (4, 0));
    let mut paid = Vec::new();
    for (claim, member) in charged.into_iter().zip(["ada", "ben", "ada", "ben"]) {
        let statement = statement(&site, family[member], claim).await;
        paid.push(statement.determination.lines[0].plan);
    }
    assert_eq!(paid, [20_000, 20_001, 9_999, 0]);
}

async fn statement(site: &TestSite, subject: SubjectId, claim: ClaimId) -> service::StatementFor {
    service::statements(&site.app, PORTFOLIO, &[(subject, claim)]).await.unwrap().remove(0)
}

async fn one_of_the_family_sees_sums_and_no_claim_of_another(site: TestSite) {
    let family = family(&site, &["ben"]).await;
    let (ada, ben) = (family["ada"], family["ben"]);
    let of_ben = site.submit(&[site.claim("his", "ben", "GP", 40_000)]).await.new[0];
    adjudicated(&site).await;
    let of_ada = site.submit(&[site.claim("hers", "ada", "GP", 7_000)]).await.new[0];
    adjudicated(&site).await;

    // Her statement has her one claim, and what stood on the family's limit before and after it.
    let hers = statement(&site, ada, of_ada).await;
    let steps: Vec<(u16, i64, i64)> = hers
        .determination
        .traces
        .iter()
        .filter_map(|trace| trace.accumulator.as_ref())
        .map(|step| (step.accumulator, step.before, step.after))
        .collect();
    assert_eq!(steps, [(7, 40_000, 47_000)]);
    // The years of all of them are those of her contract.
    let his = statement(&site, ben, of_ben).await;
    assert_eq!((his.policy_start, hers.policy_start), (Some(day("2026-01-01")), Some(day("2026-01-01"))));
    let asked = service::statements(&site.app, PORTFOLIO, &[(ada, of_ben)]).await.unwrap();
    assert!(asked.is_empty(), "his claim is none of hers");
    // Her list says that the sums were looked at, for claims and by the job, and shows no health data of anybody for it.
    let looks = |answer: &AccessAnswer| {
        let looked = answer.history.iter().filter(|line| line.view.contains("FamilySumsToCount"));
        looked.map(|line| (line.purpose.word(), line.shown.iter().collect::<Vec<_>>())).collect::<Vec<_>>()
    };
    let (hers, his) = (own_list(&site, ada).await, own_list(&site, ben).await);
    let once = ("claims-processing", vec![domain::Category::Claims]);
    assert_eq!(looks(&hers), [once.clone(), once]);
    // Nothing of hers was opened for his claim, and nothing of his for hers.
    let count = |answer: &AccessAnswer, view: &str| {
        answer.history.iter().filter(|line| line.view.contains(view)).count()
    };
    for view in ["ClaimToAdjudicate", "AccumulatorsToAdjudicate"] {
        assert_eq!((count(&hers, view), count(&his, view)), (1, 1), "{view}");
    }
    assert!(looks(&his).is_empty());
}

async fn whose_holder_is_not_covered_here_waits(site: TestSite) {
    site.clinic().await;
    // Eve is alone: her family is herself. Nobody knows what the family of a holder who is not here counted.
    covered(&site, "eve", true).await;
    dependant(&site, "child", "somebody").await;
    under_the_limit(&site, "child", true).await;
    site.submit(&["eve", "child"].map(|name| site.claim(name, name, "GP", 50_000))).await;
    let report = adjudicated(&site).await;
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 1), (ClaimState::Pended, 1)]));
    assert_eq!(report.reasons, BTreeMap::from([(OutcomeReason::Determination, 1)]));
    assert_eq!(cost(&site).await, 50_000);
}

async fn the_sums_of_a_family_outlast_who_counted_them(site: TestSite) {
    let family = family(&site, &["ben"]).await;
    site.submit(&[site.claim("his", "ben", "GP", 40_000)]).await;
    adjudicated(&site).await;
    service::erase_subject(&site.app, family["ben"], RetentionClass::ALL).await.unwrap();
    let hers = site.submit(&[site.claim("hers", "ada", "GP", 20_000)]).await.new[0];
    adjudicated(&site).await;
    let statement = statement(&site, family["ada"], hers).await;
    assert_eq!(statement.determination.lines[0].plan, 10_000, "what he used is used");
    // Of an erased holder the sums are gone: what is left of the limit is not guessed.
    dependant(&site, "cleo", "ada").await;
    under_the_limit(&site, "cleo", true).await;
    service::erase_subject(&site.app, family["ada"], RetentionClass::ALL).await.unwrap();
    site.submit(&[site.claim("cleos", "cleo", "GP", 20_000)]).await;
    let report = adjudicated(&site).await;
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Pended, 1)]));
}

async fn what_a_family_counted_is_taken_back_for_all_of_them(site: TestSite) {
    family(&site, &["ben"]).await;
    site.submit(&[site.claim("c1", "ada", "GP", 20_000), site.claim("c2", "ben", "GP", 20_001)]).await;
    assert_eq!(adjudicated(&site).await.done(), 2);
    let days = (day("2026-01-01"), day("2026-12-31"));
    let operator = site.operator("operator");
    let run = service::readjudicate(&site.app, &operator, PORTFOLIO, days, |_, _| {}).await.unwrap();
    assert_eq!((run.people, run.claims, run.waiting, run.differing, run.failed), (2, 2, 0, 0, 0));
}

async fn whose_holder_changed_waits_and_who_has_none_any_more_is_alone(site: TestSite) {
    let family = family(&site, &["ben", "cleo"]).await;
    covered(&site, "eve", true).await;
    // Ben is under Eve's contract now: what he counted for which family is not known.
    dependant(&site, "ben", "eve").await;
    // Cleo has a contract of her own.
    site.row("cleo", true).await;
    let cleo = family["cleo"];
    let holder = site.app.store().read(move |unit| store::family::holder_of(unit, cleo)).await;
    assert_eq!(holder.map_err(|error: store::StoreError| error).unwrap(), cleo);
    site.submit(&["ben", "cleo"].map(|name| site.claim(name, name, "GP", 10_000))).await;
    let report = adjudicated(&site).await;
    assert_eq!(report.states, BTreeMap::from([(ClaimState::Adjudicated, 1), (ClaimState::Pended, 1)]));
}
