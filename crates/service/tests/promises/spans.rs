//! Somebody's cover comes in spans: what was counted under one goes on under the next, whoever adjudicates and whenever it is
//! decided again; and what a plan does not say goes on begins anew.

use domain::{Account, ClaimId, ClaimState, Currency, Reason, Recipient, SubjectId};
use intake::{ClaimDraft, CoverageDraft};
use service::views::DeterminationForStatement;

use crate::estimates::{own, told};
use crate::last_of_a_limit::{WRITERS, come_again_until_done, write};
use crate::on_both;
use crate::readjudication::{release_as, run};
use crate::scope::dependant;
use crate::site::{PORTFOLIO, SOURCE, TestSite, cover_draft, day};

on_both! {
    a_limit_of_a_lifetime_is_one_under_every_span,
    a_policy_year_goes_on_under_a_span_that_follows_and_begins_anew_after_a_gap,
    waiting_goes_on_and_counts_cover_under_another_plan_where_the_plan_says_so,
    another_plan_counts_afresh_but_for_what_it_names,
    what_was_paid_under_one_span_is_a_duplicate_under_another,
    of_the_last_hundred_under_two_spans_exactly_a_hundred_is_paid,
    a_run_finds_nothing_and_carries_a_change_from_span_to_span,
    the_policy_years_of_a_family_go_on_with_the_holders,
    an_estimate_counts_what_goes_on,
}

/// 500.00 for a lifetime, 50.00 deductible in a policy year, and spectacles after six months; `more` stands before the rules.
fn plan(id: &str, version: &str, lifetime: u32, more: &str) -> String {
    format!(
        r#"id = "{id}"
version = "{version}"
name = "Spans"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
{more}
[[deductible]]
id = "own-risk"
accumulator = 1
name = "Own risk"
period = "policy-year"
amount = {{ EUR = "50" }}
[[limit]]
id = "ever"
accumulator = 7
name = "Ever"
period = "lifetime"
amount = {{ EUR = "{lifetime}" }}
applies_to = "plan"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
[[benefit]]
id = "spectacles"
name = "Spectacles"
module = "core"
codes = ["SPEC"]
waiting = [{{ months = 6, waived = ["prior-cover"] }}]
"#
    )
}

async fn add(site: &TestSite, text: &str) {
    site.app.plans.add(site.app.store(), "spans", text).await.unwrap();
}

/// A span of a member's cover under a plan.
fn span(member: &str, plan: &str, start: &str, end: Option<&str>) -> CoverageDraft {
    let mut draft = cover_draft(&format!("{member} {start}"), member);
    plan.clone_into(&mut draft.plan);
    (draft.coverage.start, draft.coverage.end) = (day(start), end.map(day));
    draft
}

/// Ada with these spans: plan, first and last day.
async fn ada(site: &TestSite, spans: &[(&str, &str, Option<&str>)]) -> SubjectId {
    site.clinic().await;
    let subject = site.person("ada", true).await;
    let drafts: Vec<_> = spans.iter().map(|(plan, start, end)| span("ada", plan, start, *end)).collect();
    assert_eq!(site.cover(&drafts).await.new, drafts.len() as u64);
    subject
}

fn claim(site: &TestSite, member: &str, code: &str, on: &str, charge_minor: i64) -> ClaimDraft {
    let mut draft = site.claim(&format!("{member} {code} {on} {charge_minor}"), member, code, charge_minor);
    (draft.lines[0].service_start, draft.lines[0].service_end) = (day(on), day(on));
    draft
}

/// What became of a claim.
async fn decided(site: &TestSite, subject: SubjectId, claim: ClaimId) -> DeterminationForStatement {
    let mut statements = service::statements(&site.app, PORTFOLIO, &[(subject, claim)]).await.unwrap();
    statements.remove(0).determination
}

/// Takes a claim in and decides it: what is paid, and why not more.
async fn paid(site: &TestSite, subject: SubjectId, draft: ClaimDraft) -> (i64, Vec<Reason>) {
    let claim = site.submit(&[draft]).await.new[0];
    assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    let line = decided(site, subject, claim).await.lines.remove(0);
    (line.plan, line.reasons)
}

async fn cost(site: &TestSite) -> i128 {
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    ledger.debits[&(Account::ClaimsCost, Currency::EUR)]
}

async fn a_limit_of_a_lifetime_is_one_under_every_span(site: TestSite) {
    add(&site, &plan("spans", "1", 500, "")).await;
    let spans = [
        ("spans", "2024-03-01", Some("2025-02-28")),
        ("spans", "2025-03-01", Some("2025-08-31")),
        ("spans", "2026-05-01", None),
    ];
    let ada = ada(&site, &spans).await;
    let mut paid_of = Vec::new();
    for (on, charge) in
        [("2025-04-01", 25_000), ("2024-06-01", 15_000), ("2026-06-01", 20_000), ("2024-07-01", 10_000)]
    {
        paid_of.push(paid(&site, ada, claim(&site, "ada", "GP", on, charge)).await.0);
    }
    // 50.00 of own risk in each policy year, and 500.00 in all: also of care that comes in late.
    assert_eq!(paid_of, [20_000, 10_000, 15_000, 5_000]);
}

async fn a_policy_year_goes_on_under_a_span_that_follows_and_begins_anew_after_a_gap(site: TestSite) {
    add(&site, &plan("spans", "1", 5_000, "")).await;
    let spans = [
        ("spans", "2025-03-01", Some("2025-08-31")),
        ("spans", "2025-09-01", Some("2025-12-31")),
        ("spans", "2026-02-01", None),
    ];
    let ada = ada(&site, &spans).await;
    let mut paid_of = Vec::new();
    for on in ["2025-04-01", "2025-10-01", "2026-02-03", "2026-11-01"] {
        paid_of.push(paid(&site, ada, claim(&site, "ada", "GP", on, 10_000)).await.0);
    }
    assert_eq!(paid_of, [5_000, 10_000, 5_000, 10_000]);
}

async fn waiting_goes_on_and_counts_cover_under_another_plan_where_the_plan_says_so(site: TestSite) {
    add(&site, &plan("spans", "1", 5_000, "")).await;
    add(&site, &plan("other", "1", 5_000, "")).await;
    let strict = plan("strict", "1", 5_000, "").replace("waived = [\"prior-cover\"]", "waived = []");
    add(&site, &strict).await;
    let spans = [
        ("spans", "2025-06-01", Some("2025-09-30")),
        ("spans", "2025-10-01", Some("2025-12-31")),
        ("other", "2026-01-01", Some("2026-04-30")),
        ("strict", "2026-05-01", None),
    ];
    let ada = ada(&site, &spans).await;
    let mut why = Vec::new();
    for on in ["2025-11-30", "2025-12-01", "2026-01-15", "2026-06-01"] {
        why.push(paid(&site, ada, claim(&site, "ada", "SPEC", on, 8_000)).await.1);
    }
    let waits = |reasons: &Vec<Reason>| reasons.contains(&Reason::Waiting);
    assert_eq!(why.iter().map(waits).collect::<Vec<_>>(), [true, false, false, true]);
}

async fn another_plan_counts_afresh_but_for_what_it_names(site: TestSite) {
    add(&site, &plan("spans", "1", 500, "")).await;
    add(&site, &plan("afresh", "1", 500, "")).await;
    add(&site, &plan("onward", "1", 500, "[[continues]]\nplan = \"spans\"\naccumulators = [7]")).await;
    let last = Some("2025-12-31");
    let ada = ada(&site, &[("spans", "2025-01-01", last), ("afresh", "2026-01-01", None)]).await;
    let ben = site.person("ben", true).await;
    site.cover(&[span("ben", "spans", "2025-01-01", last), span("ben", "onward", "2026-01-01", None)]).await;
    for (member, subject) in [("ada", ada), ("ben", ben)] {
        assert_eq!(paid(&site, subject, claim(&site, member, "GP", "2025-06-01", 45_000)).await.0, 40_000);
    }
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2026-06-01", 20_000)).await.0, 15_000);
    // The own risk of the year is not named, and is taken; of the lifetime 100.00 are left.
    let (amount, reasons) = paid(&site, ben, claim(&site, "ben", "GP", "2026-06-01", 20_000)).await;
    assert_eq!(amount, 10_000);
    assert!(reasons.contains(&Reason::MoneyMaximum), "{reasons:?}");
}

async fn what_was_paid_under_one_span_is_a_duplicate_under_another(site: TestSite) {
    add(&site, &plan("spans", "1", 500, "")).await;
    add(&site, &plan("other", "1", 500, "")).await;
    let ada = ada(&site, &[("spans", "2026-01-01", None)]).await;
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2026-06-01", 20_000)).await.0, 15_000);
    // The cover had changed before that day, as it turns out; the provider sends the invoice anew.
    site.cover(&[span("ada", "spans", "2026-01-01", Some("2026-03-31"))]).await;
    assert_eq!(site.cover(&[span("ada", "other", "2026-04-01", None)]).await.new, 1);
    let mut again = claim(&site, "ada", "GP", "2026-06-01", 20_000);
    again.source_id = crate::site::source_id("sent anew");
    assert_eq!(paid(&site, ada, again).await, (0, vec![Reason::Duplicate]));
}

async fn of_the_last_hundred_under_two_spans_exactly_a_hundred_is_paid(site: TestSite) {
    add(&site, &plan("spans", "1", 500, "").replace("EUR = \"50\"", "EUR = \"0\"")).await;
    let spans = [("spans", "2025-01-01", Some("2025-12-31")), ("spans", "2026-01-01", None)];
    let ada = ada(&site, &spans).await;
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2025-03-01", 40_000)).await.0, 40_000);
    let mut servers = vec![site.app.clone()];
    for _ in 1..4 {
        servers.push(site.reopen().await);
    }
    // Half of them under each span, so that of two that are decided at the same time each counts on a record of its own.
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let on = if number % 2 == 0 { "2025-11-02" } else { "2026-11-02" };
            let draft = claim(&site, "ada", "GP", on, 6_000 + i64::try_from(number).unwrap());
            tokio::spawn(write(servers[number % servers.len()].clone(), draft))
        })
        .collect();
    let mut done = 0;
    for writer in writers {
        done += writer.await.unwrap();
    }
    come_again_until_done(&site, &servers, done).await;
    assert_eq!(cost(&site).await, 50_000);
}

async fn a_run_finds_nothing_and_carries_a_change_from_span_to_span(site: TestSite) {
    add(&site, &plan("spans", "1", 500, "")).await;
    let spans = [("spans", "2026-01-01", Some("2026-05-31")), ("spans", "2026-06-01", None)];
    let ada = ada(&site, &spans).await;
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2026-03-01", 45_000)).await.0, 40_000);
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2026-07-01", 30_000)).await.0, 10_000);
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (2, 0, 0, 0));
    // With 600.00 the first claim comes out as it did, and of the second 200.00 are paid.
    add(&site, &plan("spans", "2", 600, "")).await;
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (2, 1, 0, 0));
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    assert_eq!(release_as(&site, &staff, found.run).await.unwrap().released, 1);
    assert_eq!(cost(&site).await, 60_000);
    let found = run(&site).await;
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (2, 0, 0, 0));
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2026-08-01", 1_000)).await.0, 0);
}

async fn the_policy_years_of_a_family_go_on_with_the_holders(site: TestSite) {
    let family =
        "family = { accumulator = 2, name = \"Of the family\", amount = { EUR = \"70\" } }\n[[limit]]";
    let text = plan("spans", "1", 5_000, "").replacen("[[limit]]", family, 1);
    add(&site, &text).await;
    let spans = [("spans", "2025-03-01", Some("2025-08-31")), ("spans", "2025-09-01", None)];
    let ada = ada(&site, &spans).await;
    let ben = dependant(&site, "ben", "ada").await;
    assert_eq!(site.cover(&[span("ben", "spans", "2025-10-01", None)]).await.new, 1);
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2025-04-01", 10_000)).await.0, 5_000);
    // Of the family's 70.00 of the year from March 20.00 are left, and none in February.
    assert_eq!(paid(&site, ben, claim(&site, "ben", "GP", "2025-11-01", 10_000)).await.0, 8_000);
    assert_eq!(paid(&site, ben, claim(&site, "ben", "GP", "2026-02-01", 10_000)).await.0, 10_000);
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2026-03-01", 10_000)).await.0, 5_000);
    let statement = {
        let claim = ClaimId::from_bytes(site.app.gate.imported_id(
            &format!("claim/{ada}"),
            SOURCE,
            "ada GP 2026-03-01 10000",
        ));
        service::statements(&site.app, PORTFOLIO, &[(ada, claim)]).await.unwrap().remove(0)
    };
    assert_eq!(statement.policy_start, Some(day("2025-03-01")));
    let states = site.app.store().read(store::claim::count_by_state).await;
    let states = states.map_err(|error: store::StoreError| error).unwrap();
    assert!(states.iter().all(|(_, state, _)| *state == ClaimState::Adjudicated), "{states:?}");
}

async fn an_estimate_counts_what_goes_on(site: TestSite) {
    add(&site, &plan("spans", "1", 500, "")).await;
    let ada = ada(&site, &[("spans", "2025-01-01", Some("2025-12-31")), ("spans", "2026-01-01", None)]).await;
    assert_eq!(paid(&site, ada, claim(&site, "ada", "GP", "2025-06-01", 45_000)).await.0, 40_000);
    let own = own(&site, ada).await;
    let estimate = told(&site, &own, &claim(&site, "ada", "GP", "2026-06-01", 30_000)).await.estimate;
    assert_eq!(estimate.total.plan, 10_000);
    // Spectacles wait for nobody who has been covered that long.
    let estimate = told(&site, &own, &claim(&site, "ada", "SPEC", "2026-01-02", 8_000)).await.estimate;
    assert_eq!(estimate.total.plan, 3_000);
}
