//! The screen for fraud and error on a site: the adjudication job looks at each claim by the rules of `benefits::screen`, under
//! the clause for it, before it writes what the claim comes to. What is flagged is sealed with the person's data; where a rule
//! says so, the payment waits for a person. No amount changes, nothing is refused, and the claim's own state tells nobody.
//!
//! Claims of others are not opened: equal keyed codes (marks) tell that something is shared. Of the person's own claims the
//! newest are looked at, found by an index. A portfolio whose notice has no clause for it has no screen.

mod cases;
mod compute;
mod counts;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use benefits::Plan;
use benefits::screen::{Elsewhere, SCREEN_CLAIMS, SCREEN_DAYS};
use domain::{
    Category, CategorySet, Claim, ClaimId, ClaimState, Coverage, Date, GoverningLaw, Person, PortfolioId,
    Purpose, RecordId, ScreenState, SubjectId, SubjectKind,
};
use gate::{Actor, Asking, GateError, Grant, MAX_PART, MarkToken, Sealed, Target};
use notice::Decision;
use store::StoreError;
use store::claim::ClaimRow;
use store::coverage::CoverageRow;
use store::key::WrappedKey;
use store::mark::MarkRow;
use store::screen::ScreenRow;
use store::sealed::SealedRow;

use self::compute::{FlagContext, SubjectToScreen, flag_claims, mark_claims};
use crate::views::{ClaimToScreen, CoverToScreen, PersonToScreen};
use crate::{App, ServiceError};

pub use cases::{
    CaseDecided, CaseFile, NewDecision, ScreenPlace, decide_case, held_cases, own_cases, read_case,
    reopen_case, return_case, take_case,
};
pub(crate) use cases::{determination, given_back};
pub use report::{RuleCount, screen_report};

/// The views of one ask.
type ToScreen = (ClaimToScreen, PersonToScreen, CoverToScreen);

/// By what other claims are found that share something.
const SHARED: &[&str] = &["invoice number", "account", "provider"];

/// What was flagged of a part of claims, to be written with what they come to.
#[derive(Default)]
pub(crate) struct Screened {
    rows: Vec<SealedRow>,
    cases: Vec<ScreenRow>,
    /// Claims that could not be looked at: no clause lets the job, or a record is gone or altered. They go on all the same.
    pub(crate) unscreened: u64,
}

impl Screened {
    /// Writes it.
    pub(crate) fn insert(&self, unit: &mut store::Unit<'_>) -> Result<(), StoreError> {
        store::sealed::insert_many(unit, &self.rows)?;
        store::screen::insert_many(unit, &self.cases)
    }
}

/// Looks at claims of a portfolio that are before the job. One that was screened before is not again.
pub(crate) async fn screen_claims(
    app: &App,
    job: &Actor,
    portfolio: PortfolioId,
    claims: Vec<ClaimRow>,
) -> Result<Screened, ServiceError> {
    let asking = Asking {
        writes: CategorySet::of(&[Category::Claims]),
        filters: SHARED,
        ..Asking::new(job, portfolio, Purpose::Fraud, app.gate.request())
    };
    let claims = not_screened(app, claims).await?;
    if claims.is_empty() || !may_screen(app, &asking).await? {
        return Ok(Screened::default());
    }
    // Until they were looked at, they were not.
    let mut screened = Screened { unscreened: claims.len() as u64, ..Screened::default() };
    let targets = claims.iter().map(|claim| Target::for_item(claim.subject, claim.claim)).collect();
    let rows: BTreeMap<RecordId, ClaimRow> =
        claims.into_iter().map(|claim| (claim.claim.into(), claim)).collect();
    let mut run = app.gate.run::<ToScreen>(asking, targets, MAX_PART).await?;
    while let Some(part) = run.next().await? {
        let row_of = |target: &Target| {
            target.item.and_then(|item| rows.get(&RecordId::from_bytes(*item.bytes()))).copied()
        };
        let granted: Vec<ClaimRow> = part.granted.iter().filter_map(row_of).collect();
        screen_part(app, portfolio, &part.grant, granted, &mut screened).await?;
    }
    Ok(screened)
}

async fn not_screened(app: &App, claims: Vec<ClaimRow>) -> Result<Vec<ClaimRow>, ServiceError> {
    let subjects: BTreeSet<SubjectId> = claims.iter().map(|claim| claim.subject).collect();
    let subjects: Vec<SubjectId> = subjects.into_iter().collect();
    let cases = app.store().read(move |unit| store::screen::of_subjects(unit, &subjects)).await;
    let known: BTreeSet<ClaimId> =
        cases.map_err(|error: StoreError| error)?.into_iter().map(|case| case.claim).collect();
    Ok(claims.into_iter().filter(|claim| !known.contains(&claim.claim)).collect())
}

/// Whether the notice in force has a clause by which the job looks at a member's claim.
async fn may_screen(app: &App, asking: &Asking<'_>) -> Result<bool, ServiceError> {
    let anybody = Target::for_item(SubjectId::from_bytes([0; 16]), asking.request);
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed = app.gate.preview::<ToScreen>(asking, anybody, kind, law).await?;
    Ok(matches!(weighed.decision, Decision::Granted(_)))
}

async fn screen_part(
    app: &App,
    portfolio: PortfolioId,
    grant: &Grant<ToScreen>,
    claims: Vec<ClaimRow>,
    screened: &mut Screened,
) -> Result<(), ServiceError> {
    let mut people = Fetched::read(app, &claims).await?.by_subject(claims);
    let mut marks = Vec::new();
    for person in &mut people {
        let computed = grant.compute(person.subject, &[], &(), &person.inputs, mark_claims);
        let Some(computed) = or_unscreened(computed, person.subject)? else { continue };
        person.marks = person.claims.iter().copied().zip(computed.plain).collect();
        marks.extend(
            person.marks.iter().flat_map(|(claim, tokens)| tokens.iter().map(|one| row(claim, *one))),
        );
    }
    // Before they are counted, so that claims of one part are seen beside each other.
    let kept = marks.clone();
    app.store()
        .write(move |unit| store::mark::insert_missing(unit, &kept))
        .await
        .map_err(|error: StoreError| error)?;
    let part = people.iter().flat_map(|person| person.claims.iter().map(|row| row.claim)).collect();
    let shared = counts::Shared::read(app, &marks, part).await?;
    let today = app.today()?;
    for person in people {
        let elsewhere: BTreeMap<ClaimId, Elsewhere> =
            person.marks.iter().map(|(claim, tokens)| (claim.claim, shared.beside(claim, tokens))).collect();
        let context = FlagContext { plans: person.plans, elsewhere, today };
        let computed = grant.compute(person.subject, &person.keys, &context, &person.inputs, flag_claims);
        let Some(computed) = or_unscreened(computed, person.subject)? else { continue };
        screened.unscreened -= computed.plain.len() as u64;
        screened.rows.extend(computed.rows);
        let flagged = person.claims.iter().zip(computed.plain);
        screened
            .cases
            .extend(flagged.filter_map(|(claim, state)| Some(case(portfolio, claim, state?, today))));
    }
    Ok(())
}

fn row(claim: &ClaimRow, MarkToken { kind, token }: MarkToken) -> MarkRow {
    MarkRow { token, received: claim.received, subject: claim.subject, claim: claim.claim, kind }
}

fn case(portfolio: PortfolioId, claim: &ClaimRow, state: ScreenState, screened: Date) -> ScreenRow {
    let (subject, claim) = (claim.subject, claim.claim);
    ScreenRow {
        subject,
        claim,
        portfolio,
        state,
        screened,
        assignee: None,
        decider: None,
        determination: 0,
        version: 1,
    }
}

/// What cannot be looked at of one person holds up nobody. It is counted as not screened, and adjudicated all the same where that
/// can be done: what it comes to needs less than the screen looks at.
fn or_unscreened<T>(result: Result<T, GateError>, subject: SubjectId) -> Result<Option<T>, GateError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(GateError::Expired) => Err(GateError::Expired),
        Err(error) => {
            tracing::warn!(%subject, %error, "claims were not screened: they could not be looked at");
            Ok(None)
        }
    }
}

/// One person's claims before the screen.
struct ToScreenOne {
    subject: SubjectId,
    /// Those to be screened, in the order of the inputs.
    claims: Vec<ClaimRow>,
    inputs: SubjectToScreen,
    keys: Vec<WrappedKey>,
    plans: Vec<(Date, Option<Date>, Arc<Plan>)>,
    marks: Vec<(ClaimRow, Vec<MarkToken>)>,
}

/// What is fetched for the people of a part, sealed.
struct Fetched {
    claims: Vec<Sealed<Claim>>,
    before: Vec<Sealed<Claim>>,
    people: Vec<Sealed<Person>>,
    covers: Vec<Sealed<Coverage>>,
    keys: Vec<WrappedKey>,
    plans: Vec<(CoverageRow, Arc<Plan>)>,
}

impl Fetched {
    async fn read(app: &App, claims: &[ClaimRow]) -> Result<Self, ServiceError> {
        let subjects: BTreeSet<SubjectId> = claims.iter().map(|claim| claim.subject).collect();
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        let pairs: Vec<(SubjectId, RecordId)> =
            claims.iter().map(|claim| (claim.subject, claim.claim.into())).collect();
        let first = claims.iter().map(|claim| claim.received).min().unwrap_or(app.today()?);
        let since = first.plus_days(-SCREEN_DAYS).unwrap_or(first);
        let asked = subjects.clone();
        let gate = &app.gate;
        let newest = gate.fetch_newest_claims::<ClaimToScreen>(&subjects, (since, SCREEN_CLAIMS)).await?;
        let others: Vec<(SubjectId, ClaimId)> = newest
            .iter()
            .map(|claim| (claim.subject(), ClaimId::from_bytes(*claim.record().bytes())))
            .collect();
        let (keys, coverages, others) = app
            .store()
            .read(move |unit| {
                let (keys, coverages) =
                    (store::many::keys(unit, &asked)?, store::many::coverages(unit, &asked)?);
                Ok::<_, StoreError>((keys, coverages, store::many::claims(unit, &others)?))
            })
            .await?;
        let plans = coverages.into_iter().filter_map(|row| Some((row, app.plans.get(row.plan)?)));
        // What the job has not come to yet did not come before, whenever it was received.
        let were_before: BTreeSet<RecordId> = others
            .into_iter()
            .filter(|row| row.state != ClaimState::Received)
            .map(|row| row.claim.into())
            .collect();
        Ok(Self {
            claims: gate.fetch_records::<ClaimToScreen>(&pairs).await?,
            before: newest.into_iter().filter(|claim| were_before.contains(&claim.record())).collect(),
            people: gate.fetch_many::<PersonToScreen>(&subjects).await?,
            covers: gate.fetch_many::<CoverToScreen>(&subjects).await?,
            keys,
            plans: plans.collect(),
        })
    }

    /// By person: those whose record is there, with the claims whose record is.
    fn by_subject(self, claims: Vec<ClaimRow>) -> Vec<ToScreenOne> {
        let rows: BTreeMap<RecordId, ClaimRow> =
            claims.into_iter().map(|claim| (claim.claim.into(), claim)).collect();
        let mut people: BTreeMap<SubjectId, ToScreenOne> = BTreeMap::new();
        for person in self.people {
            let subject = person.subject();
            let inputs =
                SubjectToScreen { claims: Vec::new(), before: Vec::new(), person, covers: Vec::new() };
            let (claims, keys, plans, marks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            people.insert(subject, ToScreenOne { subject, claims, inputs, keys, plans, marks });
        }
        for claim in self.claims {
            let (Some(row), Some(one)) = (rows.get(&claim.record()), people.get_mut(&claim.subject())) else {
                continue;
            };
            one.claims.push(*row);
            one.inputs.claims.push(claim);
        }
        for claim in self.before.into_iter().filter(|claim| !rows.contains_key(&claim.record())) {
            if let Some(one) = people.get_mut(&claim.subject()) {
                one.inputs.before.push(claim);
            }
        }
        for cover in self.covers {
            if let Some(one) = people.get_mut(&cover.subject()) {
                one.inputs.covers.push(cover);
            }
        }
        for key in self.keys {
            if let Some(one) = people.get_mut(&key.subject) {
                one.keys.push(key);
            }
        }
        for (row, plan) in self.plans {
            if let Some(one) = people.get_mut(&row.subject) {
                one.plans.push((row.start, row.end, plan));
            }
        }
        people.into_values().collect()
    }
}
