//! Claims that are decided again: nothing changes before a person releases it; then what was counted is taken back exactly,
//! the difference is booked, and the claims, the accumulators and the ledger say what they would have said at once.

use domain::{
    Account, AccumulatorBalance, ClaimState, Condition, Currency, LineDetermination, ProposalState, Purpose,
    Recipient, ReleaseReason, Step, SubjectId, WorkItemId,
};
use gate::{Actor, Asking, GateError, Target};
use intake::CoverageDraft;
use service::views::{AccumulatorsToAdjudicate, DeterminationToReadjudicate};
use service::{Change, Proposed, ReleaseReport, ServiceError, ToRelease};
use store::StoreError;
use store::readjudication::RunRow;

use crate::on_both;
use crate::site::{OTHER_PORTFOLIO, PORTFOLIO, TestSite, cover_draft, day, item};

on_both! {
    nothing_changes_before_a_person_releases_it,
    what_is_released_is_as_if_it_had_been_decided_at_once,
    only_claims_staff_look_and_release_and_nobody_their_own,
    what_rests_on_something_that_changed_is_not_released,
    a_run_that_was_killed_goes_on_where_it_stood,
    two_that_work_on_one_run_propose_once,
    who_may_not_be_read_is_left_out_and_claims_that_wait_are_left_alone,
}

/// Pays so much in a calendar year, and co-insurance of a fifth where it says so.
pub(crate) fn plan(version: &str, limit: u32, share: bool) -> String {
    let share = if share { "coinsurance = \"0.20\"\n" } else { "" };
    format!(
        r#"id = "limited"
version = "{version}"
name = "A limit"
effective = 2020-01-01
currencies = ["EUR"]
refusals = "send"
[[limit]]
id = "yearly"
accumulator = 7
name = "In a year"
period = "calendar-year"
amount = {{ EUR = "{limit}" }}
applies_to = "plan"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
{share}"#
    )
}

pub(crate) async fn add_plan(site: &TestSite, text: &str) {
    site.app.plans.add(site.app.store(), "limited", text).await.unwrap();
}

pub(crate) async fn covered(site: &TestSite, member: &str) -> SubjectId {
    let subject = site.person(member, true).await;
    let draft = CoverageDraft { plan: "limited".to_owned(), ..cover_draft(member, member) };
    assert_eq!(site.cover(&[draft]).await.new, 1);
    subject
}

/// Three claims of a member, 400.00, 200.00 and 50.00, decided one after the other.
pub(crate) async fn claims(site: &TestSite, member: &str) {
    for (number, charge) in [(1, 40_000), (2, 20_000), (3, 5_000)] {
        site.submit(&[site.claim(&format!("{member} {number}"), member, "GP", charge)]).await;
        assert_eq!(service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap().done(), 1);
    }
}

pub(crate) async fn run(site: &TestSite) -> RunRow {
    let days = (day("2026-01-01"), day("2026-12-31"));
    service::readjudicate(&site.app, &site.operator("operator"), PORTFOLIO, days, |_, _| {}).await.unwrap()
}

pub(crate) async fn release_as(
    site: &TestSite,
    actor: &Actor,
    run: WorkItemId,
) -> Result<ReleaseReport, ServiceError> {
    let what = ToRelease { run, only: [].into(), reason: ReleaseReason::PlanCorrected };
    service::release(&site.app, actor, PORTFOLIO, what, site.app.gate.request(), |_| {}).await
}

pub(crate) async fn proposed(
    site: &TestSite,
    actor: &Actor,
    run: WorkItemId,
) -> Result<Proposed, ServiceError> {
    service::proposed(&site.app, actor, PORTFOLIO, run, site.app.gate.request()).await
}

/// What is decided for somebody: the lines, the entries that stand, and the balances.
#[derive(PartialEq)]
pub(crate) struct Decided {
    lines: Vec<LineDetermination>,
    entries: Vec<i64>,
    balances: Vec<AccumulatorBalance>,
    counted_lines: usize,
    used: Vec<(i64, i64)>,
    states: Vec<ClaimState>,
}

impl Decided {
    pub(crate) fn paid(&self) -> Vec<i64> {
        self.lines.iter().map(|line| line.plan).collect()
    }

    /// What was charged and paid for guaranteed care, by its claims.
    pub(crate) fn used(&self) -> &[(i64, i64)] {
        &self.used
    }

    /// What stands on an accumulator of their own.
    pub(crate) fn counts_alone(&self, accumulator: u16) -> Option<i64> {
        self.balances.iter().find(|one| one.accumulator == accumulator).map(|one| one.amount)
    }

    pub(crate) fn states(&self) -> &[ClaimState] {
        &self.states
    }
}

pub(crate) async fn decided(site: &TestSite, subject: SubjectId) -> Decided {
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    site.assign(subject, item(9), &staff).await;
    let asking = Asking::new(&staff, PORTFOLIO, Purpose::ClaimsProcessing, site.app.gate.request());
    let target = Target::for_item(subject, item(9));
    let gate = &site.app.gate;
    let grant =
        gate.ask::<(DeterminationToReadjudicate, AccumulatorsToAdjudicate)>(&asking, target).await.unwrap();
    let rows = site.app.store().read(move |unit| store::claim::of_subject(unit, subject)).await;
    let rows = rows.map_err(|error: StoreError| error).unwrap();
    let mut opened: Vec<DeterminationToReadjudicate> = gate
        .fetch_many::<DeterminationToReadjudicate>(&[subject])
        .await
        .unwrap()
        .iter()
        .map(|sealed| grant.open(sealed).unwrap())
        .collect();
    opened.sort_by_key(|one| std::cmp::Reverse(one.lines[0].submitted));
    let entries = opened.iter().flat_map(|one| benefits::standing(&one.entries));
    let entries: Vec<i64> = entries.map(|entry| entry.delta).collect();
    let counted = gate.fetch_many::<AccumulatorsToAdjudicate>(&[subject]).await.unwrap();
    let counted: AccumulatorsToAdjudicate = grant.open(&counted[0]).unwrap();
    let mut states: Vec<ClaimState> = rows.iter().map(|row| row.state).collect();
    states.sort_unstable();
    Decided {
        lines: opened.into_iter().flat_map(|one| one.lines).collect(),
        entries,
        balances: counted.balances,
        counted_lines: counted.lines.len(),
        used: counted.guarantees.iter().map(|used| (used.charged, used.paid)).collect(),
        states,
    }
}

/// The plan version that somebody's cover is under.
pub(crate) async fn version_of(site: &TestSite, subject: SubjectId) -> String {
    let spans = site.app.store().read(move |unit| store::coverage::of_subject(unit, subject)).await;
    let plan = spans.map_err(|error: StoreError| error).unwrap()[0].plan;
    site.app.plans.get(plan).unwrap().version().to_owned()
}

async fn owed(site: &TestSite) -> i128 {
    let auditor = site.actor(Recipient::Auditor, PORTFOLIO).await;
    let ledger = service::verify_ledger(&site.app, &auditor, |_| {}).await.unwrap();
    let debit = |account| ledger.debits.get(&(account, Currency::EUR)).copied().unwrap_or(0);
    debit(Account::ClaimsCost) - debit(Account::PayableToMembers)
}

async fn nothing_changes_before_a_person_releases_it(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let ada = covered(&site, "ada").await;
    claims(&site, "ada").await;
    let before = decided(&site, ada).await;
    assert_eq!(before.paid(), [40_000, 10_000, 0]);

    // Nothing has changed: nothing is proposed.
    let same = run(&site).await;
    assert_eq!((same.people, same.claims, same.differing), (1, 3, 0));

    add_plan(&site, &plan("2", 300, true)).await;
    let found = run(&site).await;
    assert_ne!(found.run, same.run);
    assert_eq!((found.claims, found.differing, found.waiting, found.failed), (3, 3, 0, 0));
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let told = proposed(&site, &staff, found.run).await.unwrap();
    // The third is over the limit as before, and has a share of its own now: no amount of the plan's changes.
    let change = Change { lines: 3, before: 50_000, after: 30_000 };
    assert_eq!((told.people, told.claims, told.lowered, told.refused), (1, 3, 2, 0));
    assert_eq!(told.changes, [((Step::Coinsurance, Currency::EUR), change)].into());
    assert!(decided(&site, ada).await == before, "it was only looked at");
    assert_eq!(owed(&site).await, 50_000);
    // Both looks, and the run itself, stand in her list; the tasks have ended.
    let live = site.app.store().read(move |unit| store::condition::of_subject(unit, ada)).await;
    let now = site.app.gate.now();
    let task = gate::assignment(found.run, staff.id());
    let live = live.map_err(|error: StoreError| error).unwrap();
    let task = live.iter().find(|row| row.condition == Condition::WorkItem && row.object == task).unwrap();
    assert!(!task.is_live(now));
}

async fn what_is_released_is_as_if_it_had_been_decided_at_once(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let ada = covered(&site, "ada").await;
    claims(&site, "ada").await;
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    // Lower, higher, and back: each time what is counted and booked is exactly what is decided.
    // Everybody of the round before is decided again with her.
    for (people, version, limit, share, paid) in [
        (1, "2", 300, true, [30_000, 0, 0]),
        (2, "3", 9_000, true, [32_000, 16_000, 4_000]),
        (3, "4", 500, false, [40_000, 10_000, 0]),
    ] {
        add_plan(&site, &plan(version, limit, share)).await;
        let found = run(&site).await;
        let report = release_as(&site, &staff, found.run).await.unwrap();
        assert_eq!((report.released, report.outdated, report.failed), (people, 0, 0), "version {version}");
        let again = release_as(&site, &staff, found.run).await.unwrap();
        assert_eq!(again, ReleaseReport::default(), "once");
        let eve = format!("eve {version}");
        let other = covered(&site, &eve).await;
        claims(&site, &eve).await;
        let (one, at_once) = (decided(&site, ada).await, decided(&site, other).await);
        assert_eq!(one.paid(), paid, "version {version}");
        assert!(one == at_once, "version {version}");
        assert_eq!(one.balances[0].amount, paid.iter().sum::<i64>());
        // Her claims from now on fall under the version, too, and a run finds nothing more.
        assert_eq!(run(&site).await.differing, 0, "version {version}");
    }
    assert_eq!(version_of(&site, ada).await, "4");
    assert_eq!(owed(&site).await, 4 * 50_000);

    // What is paid is what is decided; a claim that was paid stays so, and what it is owed less is in the ledger.
    service::pay_claims(&site.app, PORTFOLIO, day("2026-12-15"), 100, |_| {}).await.unwrap();
    assert_eq!(owed(&site).await, 0, "all of it was paid");
    add_plan(&site, &plan_lower()).await;
    let found = run(&site).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.booked.postings(), report.booked.balances()), (4, 8, true));
    assert_eq!(owed(&site).await, -4 * 40_000, "what was paid too much");
    let states = decided(&site, ada).await.states;
    assert_eq!(states, [ClaimState::Settled, ClaimState::Unsettled, ClaimState::Unsettled]);
}

fn plan_lower() -> String {
    plan("5", 100, false)
}

async fn only_claims_staff_look_and_release_and_nobody_their_own(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let ada = covered(&site, "ada").await;
    let without_claims = covered(&site, "eve").await;
    claims(&site, "ada").await;
    add_plan(&site, &plan("2", 300, false)).await;
    let found = run(&site).await;
    let days = (found.first, found.last);
    let job = site.app.gate.job(Recipient::AdjudicationJob).unwrap();
    for actor in [
        site.operator("operator"),
        job,
        site.actor(Recipient::CustomerService, PORTFOLIO).await,
        site.actor(Recipient::PaymentsStaff, PORTFOLIO).await,
        site.actor(Recipient::ClaimsStaff, OTHER_PORTFOLIO).await,
    ] {
        assert!(proposed(&site, &actor, found.run).await.is_err(), "{:?}", actor.recipient());
        assert!(release_as(&site, &actor, found.run).await.is_err(), "{:?}", actor.recipient());
    }
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let started = service::readjudicate(&site.app, &staff, PORTFOLIO, days, |_, _| {}).await;
    assert!(matches!(started, Err(ServiceError::Readjudication(_))));
    let own = crate::own_file::closed_to(&site, Recipient::ClaimsStaff, &[ada]).await;
    let report = release_as(&site, &own, found.run).await.unwrap();
    assert_eq!((report.released, report.refused), (0, 1));
    assert_eq!(proposed(&site, &own, found.run).await.unwrap().refused, 1);
    assert_eq!(version_of(&site, without_claims).await, "1");
    let unknown = release_as(&site, &staff, item(1)).await;
    assert!(matches!(unknown, Err(ServiceError::NotFound(_))));
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 10_000, 0]);
    let only = ToRelease { run: found.run, only: [ada].into(), reason: ReleaseReason::PlanCorrected };
    let request = site.app.gate.request();
    let report = service::release(&site.app, &staff, PORTFOLIO, only, request, |_| {}).await.unwrap();
    assert_eq!((report.released, report.claims), (1, 2));
    // Nothing waits: the cover of those without claims goes over, too.
    assert_eq!(version_of(&site, without_claims).await, "2");
    let row = site.app.store().read(move |unit| store::readjudication::proposal(unit, ada, found.run)).await;
    let row = row.map_err(|error: StoreError| error).unwrap().unwrap();
    let release = row.release.unwrap();
    assert_eq!((row.state, release.by), (ProposalState::Released, staff.id()));
    assert_eq!(release.reason, ReleaseReason::PlanCorrected);
}

async fn what_rests_on_something_that_changed_is_not_released(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let ada = covered(&site, "ada").await;
    claims(&site, "ada").await;
    add_plan(&site, &plan("2", 450, false)).await;
    let found = run(&site).await;
    assert_eq!(found.differing, 1);
    site.submit(&[site.claim("late", "ada", "GP", 1_000)]).await;
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await.unwrap();
    assert_eq!((report.released, report.outdated), (0, 1));
    assert_eq!(proposed(&site, &staff, found.run).await.unwrap(), Proposed::default());
    assert_eq!(owed(&site).await, 50_000, "nothing was booked");
    assert_eq!(version_of(&site, ada).await, "1");
    let anew = run(&site).await;
    assert_eq!(release_as(&site, &staff, anew.run).await.unwrap().released, 1);
    assert_eq!(version_of(&site, ada).await, "2");
    assert_eq!(decided(&site, ada).await.paid(), [40_000, 5_000, 0, 0]);
    assert_eq!(owed(&site).await, 45_000);
}

async fn a_run_that_was_killed_goes_on_where_it_stood(site: TestSite) {
    const PEOPLE: usize = 70;
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    let mut drafts = Vec::new();
    for number in 0..PEOPLE {
        let member = format!("member {number}");
        covered(&site, &member).await;
        drafts.push(site.claim(&member, &member, "GP", 40_000));
    }
    site.submit(&drafts).await;
    service::adjudicate_received(&site.app, PEOPLE, |_| {}).await.unwrap();
    add_plan(&site, &plan("2", 300, false)).await;
    let (app, operator) = (site.app.clone(), site.operator("operator"));
    let days = (day("2026-01-01"), day("2026-12-31"));
    let killed = tokio::spawn(async move {
        service::readjudicate(&app, &operator, PORTFOLIO, days, |_, _| panic!("killed")).await
    });
    assert!(killed.await.unwrap_err().is_panic());
    let stood = service::readjudications(&site.app, PORTFOLIO).await.unwrap();
    let [stood] = &stood[..] else { panic!("one run") };
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let early = release_as(&site, &staff, stood.run).await;
    assert!(matches!(early, Err(ServiceError::Readjudication(said)) if said.contains("not through")));
    assert!(stood.finished.is_none() && (1..70).contains(&stood.people), "{}", stood.people);
    let mut told = Vec::new();
    let days = (stood.first, stood.last);
    let operator = site.operator("operator");
    let tell = |done, all| told.push((done, all));
    let done = service::readjudicate(&site.app, &operator, PORTFOLIO, days, tell).await.unwrap();
    assert_eq!((done.run, done.people, done.differing), (stood.run, 70, 70));
    assert_eq!(told.last(), Some(&(70, 70)));
    assert!(told.iter().all(|(done, _)| *done > u64::try_from(stood.people).unwrap()));
    let counted = site.app.store().read(move |unit| store::readjudication::count(unit, done.run)).await;
    let counted = counted.map_err(|error: StoreError| error).unwrap();
    assert_eq!(counted, [(ProposalState::Proposed, 70)]);
    assert_eq!(release_as(&site, &staff, done.run).await.unwrap().released, 70);
    assert_eq!(owed(&site).await, 70 * 30_000);
}

async fn two_that_work_on_one_run_propose_once(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    for member in ["ada", "eve"] {
        covered(&site, member).await;
        claims(&site, member).await;
    }
    add_plan(&site, &plan("2", 300, false)).await;
    let days = (day("2026-01-01"), day("2026-12-31"));
    let other = site.reopen().await;
    let (one, two) = (site.operator("operator"), site.operator("operator"));
    let (one, two) = tokio::join!(
        service::readjudicate(&site.app, &one, PORTFOLIO, days, |_, _| {}),
        service::readjudicate(&other, &two, PORTFOLIO, days, |_, _| {}),
    );
    assert!(one.is_ok() || two.is_ok());
    for answer in [one, two] {
        let slower =
            matches!(&answer, Err(ServiceError::Readjudication(said)) if said.contains("another process"));
        assert!(answer.is_ok() || slower);
    }
    // Each by itself, or together on one: nobody is proposed for twice.
    for run in service::readjudications(&site.app, PORTFOLIO).await.unwrap() {
        let counted = site.app.store().read(move |unit| store::readjudication::count(unit, run.run)).await;
        let counted = counted.map_err(|error: StoreError| error).unwrap();
        assert_eq!((run.people, counted), (2, vec![(ProposalState::Proposed, 2)]));
    }
}

async fn who_may_not_be_read_is_left_out_and_claims_that_wait_are_left_alone(site: TestSite) {
    site.clinic().await;
    add_plan(&site, &plan("1", 500, false)).await;
    for member in ["ada", "eve"] {
        covered(&site, member).await;
        claims(&site, member).await;
    }
    // Out of the days, and one that waits for a person since its service is unknown to the plan.
    let mut other_year = site.claim("other year", "ada", "GP", 1_000);
    other_year.lines[0].service_start = day("2025-12-30");
    other_year.lines[0].service_end = day("2025-12-30");
    let broken = intake::ClaimDraft {
        lines: Vec::new(),
        services: Vec::new(),
        ..site.claim("broken", "ada", "GP", 1)
    };
    site.submit(&[other_year, broken]).await;
    service::adjudicate_received(&site.app, 10, |_| {}).await.unwrap();
    let eve = SubjectId::from_bytes(site.app.gate.imported_id("member", crate::site::SOURCE, "eve"));
    let now = site.app.gate.now();
    site.write(move |unit| {
        let consents = store::condition::of_subject(unit, eve)?;
        let health = consents.into_iter().find(|row| row.condition == Condition::ConsentHealth).unwrap();
        store::condition::end(unit, eve, Condition::ConsentHealth, health.object, now).map(drop)
    })
    .await;
    add_plan(&site, &plan("2", 300, false)).await;
    let found = run(&site).await;
    assert_eq!((found.people, found.refused, found.claims, found.differing), (2, 1, 3, 2));
    let staff = site.actor(Recipient::ClaimsStaff, PORTFOLIO).await;
    let report = release_as(&site, &staff, found.run).await;
    assert!(!matches!(report, Err(ServiceError::Gate(GateError::Expired))));
    assert_eq!(report.unwrap().released, 1);
}
