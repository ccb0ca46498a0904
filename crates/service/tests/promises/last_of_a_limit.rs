//! Promises 7 and 8 under concurrency: of what is left of a limit exactly that is paid, whoever adjudicates, and
//! ledger, determinations, payments and accumulators agree on it.

use std::collections::BTreeMap;

use domain::{Account, ClaimState, Currency, Purpose, Recipient};
use gate::{Asking, MAX_PART, Target};
use intake::{ClaimDraft, CoverageDraft};
use service::views::AccumulatorsToAdjudicate;
use service::{App, ExportReport, ServiceError};

use crate::on_both;
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day, item};

on_both! {
    of_the_last_hundred_exactly_a_hundred_is_paid,
    over_more_claims_than_are_decided_together_the_limit_is_paid_and_no_more,
    workers_at_one_queue_decide_each_claim_once,
}

/// Pays 500.00 in a calendar year, for a member or for the family together.
pub(crate) fn plan(id: &str, family: bool) -> String {
    format!(
        r#"id = "{id}"
version = "1"
name = "A limit"
effective = 2020-01-01
currencies = ["EUR"]
[[limit]]
id = "yearly"
accumulator = 7
name = "In a year"
period = "calendar-year"
amount = {{ EUR = "500" }}
family = {family}
applies_to = "plan"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
"#
    )
}

pub(crate) const WRITERS: usize = 32;
/// So that a writer that lost a race may try again: longer than any of its waits.
const LONGEST_WAIT_SECONDS: i64 = 6 * 3_600;

pub(crate) async fn covered(site: &TestSite, member: &str, family: bool) -> domain::SubjectId {
    let subject = site.person(member, true).await;
    under_the_limit(site, member, family).await;
    subject
}

pub(crate) async fn under_the_limit(site: &TestSite, member: &str, family: bool) {
    site.app.plans.add(site.app.store(), "limited", &plan("limited", family)).await.unwrap();
    let draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft(member, member) };
    assert_eq!(site.cover(&[draft]).await.new, 1);
}

/// What one writer does: it takes a claim in, and adjudicates whatever waits.
pub(crate) async fn write(app: App, draft: ClaimDraft) -> u64 {
    let intake = app.gate.job(Recipient::IntakeJob).unwrap();
    service::submit_claims(&app, &intake, PORTFOLIO, SOURCE, &[draft]).await.unwrap();
    service::adjudicate_received(&app, 1, |_| {}).await.unwrap().done()
}

async fn of_the_last_hundred_exactly_a_hundred_is_paid(site: TestSite) {
    site.clinic().await;
    let ada = covered(&site, "ada", false).await;
    site.submit(&[site.claim("before", "ada", "GP", 40_000)]).await;
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);

    // Four servers on one database, with eight writers each. Each charges another amount, none of which fits
    // twice: no two are duplicates.
    let mut servers = vec![site.app.clone()];
    for _ in 1..4 {
        servers.push(site.reopen().await);
    }
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let charge = 6_000 + i64::try_from(number).unwrap();
            let draft = site.claim(&format!("writer {number}"), "ada", "GP", charge);
            tokio::spawn(write(servers[number % servers.len()].clone(), draft))
        })
        .collect();
    let mut done = 0;
    for writer in writers {
        done += writer.await.unwrap();
    }
    come_again_until_done(&site, &servers, done).await;
    agree_on_a_hundred(&site, ada).await;
}

/// One person's claims that wait are decided together as far as they fit; what is left of them follows on what was written.
async fn over_more_claims_than_are_decided_together_the_limit_is_paid_and_no_more(site: TestSite) {
    const CLAIMS: i64 = MAX_PART as i64 + 20;
    site.clinic().await;
    covered(&site, "ada", false).await;
    covered(&site, "bob", false).await;
    // Of another amount each, so that none seems to come twice; bob's stands among hers.
    let mut drafts: Vec<ClaimDraft> =
        (1..=CLAIMS).map(|cents| site.claim(&format!("c{cents}"), "ada", "GP", cents)).collect();
    drafts.insert(3, site.claim("his", "bob", "GP", 1_234));
    site.submit(&drafts).await;
    let report = service::adjudicate_received(&site.app, usize::MAX, |_| {}).await.unwrap();
    assert_eq!((report.done(), report.left), (CLAIMS as u64 + 1, 0));
    let charged = (1..=CLAIMS).sum::<i64>();
    assert!(charged > 50_000, "more than the limit has");
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    assert_eq!(ledger.debits[&(Account::ClaimsCost, Currency::EUR)], 50_000 + 1_234);
}

/// Each worker sees the same claims waiting, and tries to lease what another one is at.
async fn workers_at_one_queue_decide_each_claim_once(site: TestSite) {
    const PEOPLE: i64 = 12;
    const OF_EACH: i64 = 15;
    site.clinic().await;
    let people: Vec<String> = (0..PEOPLE).map(|number| format!("person {number}")).collect();
    for member in &people {
        covered(&site, member, false).await;
    }
    // In turn, so that those of a person stand apart in the queue; of another amount each, and together more than the limit.
    let claim = |cents: i64| {
        let member = &people[usize::try_from(cents % PEOPLE).unwrap()];
        site.claim(&format!("claim {cents}"), member, "GP", 4_000 + cents)
    };
    site.submit(&(0..PEOPLE * OF_EACH).map(claim).collect::<Vec<_>>()).await;

    let servers = [site.app.clone(), site.reopen().await, site.reopen().await];
    let mut done = 0;
    while done < (PEOPLE * OF_EACH) as u64 {
        let workers: Vec<_> = (0..6)
            .map(|number| {
                let app = servers[number % servers.len()].clone();
                tokio::spawn(async move { service::adjudicate_received(&app, 40, |_| {}).await.unwrap() })
            })
            .collect();
        let mut reports = Vec::new();
        for worker in workers {
            reports.push(worker.await.unwrap());
        }
        let before = done;
        done += reports.iter().map(service::AdjudicationReport::done).sum::<u64>();
        assert!(done > before, "each time somebody is the first: {reports:?}");
        site.clock.advance(LONGEST_WAIT_SECONDS);
    }
    assert_eq!(done, (PEOPLE * OF_EACH) as u64, "each once");
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    assert_eq!(ledger.debits[&(Account::ClaimsCost, Currency::EUR)], i128::from(PEOPLE) * 50_000);
}

/// Those that lost the race for the balance come again, all at once, until none is left.
pub(crate) async fn come_again_until_done(site: &TestSite, servers: &[App], mut done: u64) {
    let mut rounds = 0;
    while done < WRITERS as u64 {
        rounds += 1;
        assert!(rounds <= WRITERS, "each round somebody wins");
        site.clock.advance(LONGEST_WAIT_SECONDS);
        let again: Vec<_> = (0..WRITERS)
            .map(|number| {
                let app = servers[number % servers.len()].clone();
                tokio::spawn(
                    async move { service::adjudicate_received(&app, 1, |_| {}).await.unwrap().done() },
                )
            })
            .collect();
        let before = done;
        for writer in again {
            done += writer.await.unwrap();
        }
        assert!(done > before, "each round somebody wins");
    }
}

/// What was paid before and the last hundred: states, ledger, accumulators and payments say the same.
async fn agree_on_a_hundred(site: &TestSite, ada: domain::SubjectId) {
    let counts = site.app.store().read(store::claim::count_by_state).await;
    let counts = counts.map_err(|error: store::StoreError| error).unwrap();
    let states: BTreeMap<ClaimState, i64> =
        counts.into_iter().map(|(_, state, count)| (state, count)).collect();
    // The one before and two of these are paid: the second gets what the first left.
    assert_eq!(states, BTreeMap::from([(ClaimState::Adjudicated, 3), (ClaimState::Settled, 30)]));
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    assert_eq!(ledger.debits[&(Account::ClaimsCost, Currency::EUR)], 50_000);

    let job = site.app.gate.job(Recipient::AdjudicationJob).unwrap();
    site.assign(ada, item(1), &job).await;
    let asking = Asking::new(&job, PORTFOLIO, Purpose::ClaimsProcessing, site.app.gate.request());
    let grant = site.app.gate.ask::<AccumulatorsToAdjudicate>(&asking, Target::for_item(ada, item(1))).await;
    let sealed = site.app.gate.fetch_many::<AccumulatorsToAdjudicate>(&[ada]).await.unwrap();
    let [sealed] = &sealed[..] else { panic!("one record for her one cover") };
    let counted: AccumulatorsToAdjudicate = grant.unwrap().open(sealed).unwrap();
    let balances: Vec<(u16, i64)> =
        counted.balances.iter().map(|one| (one.accumulator, one.amount)).collect();
    assert_eq!((balances, counted.lines.len()), (vec![(7, 50_000)], WRITERS + 1));
    assert_eq!(sealed.version(), 33, "each claim counted once, on the balance that the one before left");

    let paid = service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 100, |_| {}).await.unwrap();
    assert_eq!(paid.paid, 3);
    let (bank, mut handed) = (site.bank().await, Vec::new());
    let exported = service::export_payments::<ServiceError>(&site.app, PORTFOLIO, bank, |payments| {
        handed.extend(payments.iter().map(|(_, payment)| payment.amount.minor()));
        Ok(Vec::new())
    });
    assert_eq!(exported.await.unwrap(), ExportReport { handed: 3, ..ExportReport::default() });
    assert_eq!(handed.iter().sum::<i64>(), 50_000);
    assert!(handed.contains(&40_000), "{handed:?}");
}
