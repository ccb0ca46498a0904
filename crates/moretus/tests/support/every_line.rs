//! Opens every determination of a site through the gate, as the data protection officer who answers for each person, and holds
//! each line to its identity: what was charged is what the plan pays and what it does not, and the steps tell how. It knows nothing
//! of how either is worked out.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests, not every one of which uses all of them"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use domain::{
    ActorId, ClaimId, ClaimState, Condition, Currency, Language, LineDetermination, PortfolioId, Purpose,
    Recipient, SubjectId, Timestamp, Trace, WorkItemId, figures,
};
use gate::{Actor, Asking, Clock, Gate, MAX_PART, Randomness, RootKey, Target, assignment};
use service::App;
use service::views::{ClaimForStatement, DeterminationForStatement};
use store::claim::ClaimRow;
use store::condition::ConditionRow;
use store::reference::ActorRow;
use store::{Location, Store, StoreError};

use super::sums::{self, BEFORE_A_SUM, MINUS};

/// Claims read at a time.
const PAGE: usize = 1_000;
/// What was opened and found to add up.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AddedUp {
    /// Claims, whatever became of them.
    pub(crate) claims: u64,
    /// Lines with a determination.
    pub(crate) lines: u64,
    /// Sums in words that were done again: of the lines of which the plan does not pay just what was charged.
    pub(crate) sums: u64,
    /// What was charged in all, in minor units.
    pub(crate) charged: BTreeMap<Currency, i64>,
    /// What the plan pays in all of the claims that count, in minor units.
    pub(crate) pays: BTreeMap<Currency, i64>,
}

/// Opens every claim and determination of a site that no program has open, and holds every line to its identity.
pub(crate) async fn every_line(data: &Path, location: &Location) -> AddedUp {
    let root = RootKey::read(&data.join("root.key")).unwrap();
    let store = Store::open(location).await.unwrap();
    let gate =
        Gate::open(&root, store, "BE".parse().unwrap(), Arc::new(System), Arc::new(System)).await.unwrap();
    let app = App::open(gate).await.unwrap();
    let mut found = AddedUp::default();
    for portfolio in app.store().read(store::reference::portfolios).await.map_err(said).unwrap() {
        of_portfolio(&app, portfolio.portfolio, &mut found).await;
    }
    app.store().close().await.unwrap();
    found
}

async fn of_portfolio(app: &App, portfolio: PortfolioId, found: &mut AddedUp) {
    let claims = claims(app, portfolio).await;
    let people: BTreeSet<SubjectId> = claims.iter().map(|row| row.subject).collect();
    let (officer, item) = officer(app, portfolio, &people).await;
    let asking = Asking::new(&officer, portfolio, Purpose::AccessRequest, app.gate.request());
    let targets = people.iter().map(|subject| Target::for_item(*subject, item)).collect();
    type Both = (ClaimForStatement, DeterminationForStatement);
    let mut run = app.gate.run::<Both>(asking, targets, MAX_PART).await.unwrap();
    let (mut charged, mut decided) = (BTreeMap::new(), BTreeMap::new());
    while let Some(part) = run.next().await.unwrap() {
        assert_eq!(part.refused.len(), 0, "the officer may answer everybody");
        let granted: Vec<SubjectId> = part.grant.subjects().collect();
        for sealed in app.gate.fetch_many::<ClaimForStatement>(&granted).await.unwrap() {
            let opened: ClaimForStatement = part.grant.open(&sealed).unwrap();
            charged.insert(ClaimId::from_bytes(*sealed.record().bytes()), opened);
        }
        for sealed in app.gate.fetch_many::<DeterminationForStatement>(&granted).await.unwrap() {
            let opened: DeterminationForStatement = part.grant.open(&sealed).unwrap();
            decided.insert(ClaimId::from_bytes(*sealed.record().bytes()), opened);
        }
    }
    for row in &claims {
        let claim = charged.get(&row.claim).expect("every claim opens");
        for line in &claim.lines {
            add(&mut found.charged, line.charge.currency(), line.charge.minor());
        }
        found.claims += 1;
        // What waits for consent, for cover or for the job has none; what was decided has.
        let waits = matches!(row.state, ClaimState::Received | ClaimState::Pended);
        match decided.get(&row.claim) {
            Some(decided) => {
                check(app, claim, decided, found);
                if !waits {
                    let pays = decided.lines.iter().map(|line| line.plan).sum();
                    add(&mut found.pays, decided.currency, pays);
                }
            }
            None => assert!(waits, "claim {} is {} without a determination", row.claim, row.state),
        }
    }
}

fn add(sums: &mut BTreeMap<Currency, i64>, currency: Currency, minor: i64) {
    let sum = sums.entry(currency).or_default();
    *sum = sum.checked_add(minor).unwrap();
}

/// One claim: each line of it has one of the determination, in one currency, which adds up.
fn check(app: &App, claim: &ClaimForStatement, decided: &DeterminationForStatement, found: &mut AddedUp) {
    let numbers: Vec<u32> = claim.lines.iter().map(|line| line.number).collect();
    assert_eq!(decided.lines.iter().map(|line| line.number).collect::<Vec<_>>(), numbers);
    let all = app.plans.all();
    let plan = all.values().find(|plan| plan.label() == decided.plan_version.reveal());
    let plan = plan.expect("the version that decided is known");
    for (line, charged) in decided.lines.iter().zip(&claim.lines) {
        let exchanged = decided.exchanges.iter().find(|exchange| exchange.line == line.number);
        match exchanged {
            Some(exchange) => {
                let before = (exchange.charge, exchange.currency);
                assert_eq!(before, (charged.charge.minor(), charged.charge.currency()));
            }
            None => {
                let submitted = (line.submitted, decided.currency);
                assert_eq!(submitted, (charged.charge.minor(), charged.charge.currency()));
            }
        }
        let traces: Vec<&Trace> = decided.traces.iter().filter(|trace| trace.line == line.number).collect();
        adds_up(line, &traces).unwrap_or_else(|problem| panic!("line {}: {problem}", line.number));
        found.lines += 1;
        let language = Language::ALL[found.lines as usize % Language::ALL.len()];
        let explain = |trace: &Trace| benefits::explain_step(plan, trace, language);
        let told = told(line, &traces, (decided.currency, language), explain);
        let sums = sums::sums(&told, decided.currency.decimals() as usize)
            .unwrap_or_else(|no| panic!("{no}: {told}"));
        assert_eq!(sums.len(), 1, "{told}");
        assert!(sums[0].is_right() && sums[0].is_of(line), "{told}: {sums:?}");
        found.sums += u64::from(!sums[0].changes.is_empty());
    }
}

/// A line: every part is between nothing and what was charged, all of them sum to it, and the steps go from what was charged to
/// what the plan pays without a gap. Errors say which of it is not so.
fn adds_up(line: &LineDetermination, traces: &[&Trace]) -> Result<(), String> {
    let not_paid = [
        line.write_off,
        line.not_covered,
        line.deductible,
        line.copay,
        line.coinsurance,
        line.over_limit,
        line.other_payer,
    ];
    let parts = || not_paid.iter().chain([&line.plan]);
    if let Some(part) = parts().find(|part| !(0..=line.submitted).contains(part)) {
        return Err(format!("a part of {part} of {}", line.submitted));
    }
    let sum: i128 = parts().map(|part| i128::from(*part)).sum();
    if sum != i128::from(line.submitted) {
        return Err(format!("the parts sum to {sum}, not to {}", line.submitted));
    }
    let mut left = line.submitted;
    for trace in traces {
        if trace.input != left || !(0..=line.submitted).contains(&trace.output) {
            return Err(format!("a step from {} to {}, where {left} was left", trace.input, trace.output));
        }
        left = trace.output;
    }
    if left != line.plan {
        return Err(format!("the steps end at {left}, the plan pays {}", line.plan));
    }
    Ok(())
}

/// The sum of a line, as statements write it.
fn told(
    line: &LineDetermination,
    traces: &[&Trace],
    (currency, language): (Currency, Language),
    explain: impl Fn(&Trace) -> String,
) -> String {
    let amount = |minor: i64| figures::amount(minor.abs(), currency, language);
    let mut told = format!("{} {}", BEFORE_A_SUM[0], amount(line.submitted));
    for trace in traces.iter().filter(|trace| trace.input != trace.output) {
        let change = trace.output - trace.input;
        let sign = if change < 0 { MINUS } else { '+' };
        told += &format!(" {sign} {} ({})", amount(change), explain(trace));
    }
    format!("{told} = {}", amount(line.plan))
}

async fn claims(app: &App, portfolio: PortfolioId) -> Vec<ClaimRow> {
    let mut all = Vec::new();
    for state in ClaimState::ALL {
        let mut after = None;
        loop {
            let page = move |unit: &mut store::Unit<'_>| {
                store::claim::page_by_state(unit, portfolio, *state, after, PAGE)
            };
            let page = app.store().read(page).await.map_err(said).unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.subject, last.claim));
            all.extend(page);
        }
    }
    all
}

/// The officer, before whom a request of each of these people is.
async fn officer(app: &App, portfolio: PortfolioId, people: &BTreeSet<SubjectId>) -> (Actor, WorkItemId) {
    let (token, hash) = app.gate.new_token();
    let (actor, item) = (ActorId::from_bytes(app.gate.random_id()), WorkItemId::from(app.gate.request()));
    let since = app.gate.now();
    let until = since.plus_seconds(3_600);
    let row = ActorRow {
        actor,
        recipient: Recipient::DataProtectionOfficer,
        role: "data protection officer".to_owned(),
        team: String::new(),
        country: "BE".parse().unwrap(),
        portfolio,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(since.plus_seconds(86_400).date().unwrap()),
        name: String::new(),
        token_hash: Some(hash),
        expires: until,
        ended: None,
    };
    let (condition, object) = (Condition::WorkItem, assignment(item, actor));
    let item_of = |subject: &SubjectId| ConditionRow {
        subject: *subject,
        condition,
        object,
        since,
        until: Some(until),
    };
    let items: Vec<ConditionRow> = people.iter().map(item_of).collect();
    let write = move |unit: &mut store::Unit<'_>| {
        store::reference::insert_actor(unit, &row)?;
        store::condition::set_many(unit, &items)
    };
    app.store().write(write).await.map_err(said).unwrap();
    (app.gate.authenticate(&token).await.unwrap(), item)
}

fn said(error: StoreError) -> StoreError {
    error
}

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

impl Randomness for System {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

mod biting {
    use domain::{LineDetermination, Outcome, Step, Trace};

    use super::adds_up;

    #[test]
    fn a_line_that_does_not_add_up_is_found() {
        let line = LineDetermination {
            number: 1,
            outcome: Outcome::Approved,
            submitted: 100,
            write_off: 0,
            not_covered: 0,
            deductible: 30,
            copay: 0,
            coinsurance: 0,
            over_limit: 0,
            other_payer: 0,
            plan: 70,
            reasons: Vec::new(),
        };
        let step = |input, output| Trace {
            line: 1,
            step: Step::Deductible,
            rule: 1,
            input,
            output,
            accumulator: None,
        };
        let right = step(100, 70);
        assert_eq!(adds_up(&line, &[&right]), Ok(()));
        let wrong = [
            LineDetermination { plan: 71, ..line.clone() },
            LineDetermination { deductible: -1, plan: 101, ..line.clone() },
            LineDetermination { submitted: 101, ..line.clone() },
            LineDetermination { copay: 1, ..line.clone() },
        ];
        for wrong in wrong {
            assert!(adds_up(&wrong, &[&right]).is_err(), "{}", wrong.plan);
        }
        let altered: [&[Trace]; 4] = [&[], &[step(100, 71)], &[step(99, 70)], &[step(100, 90), step(91, 70)]];
        for traces in altered {
            assert!(adds_up(&line, &traces.iter().collect::<Vec<_>>()).is_err());
        }
    }
}
