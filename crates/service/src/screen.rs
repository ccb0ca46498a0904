//! The screen for fraud and error on a site: the adjudication job looks at each claim by the rules of `benefits::screen`, under
//! the clause for it, before it writes what the claim comes to. What is flagged is sealed with the person's data; where a rule
//! says so, the payment waits for a person. No amount changes, nothing is refused, and the claim's own state tells nobody.
//!
//! Claims of others are not opened: equal keyed codes (marks) tell that something is shared, and that a provider is excluded. Of the person's own claims the
//! newest are looked at, found by an index. A portfolio whose notice has no clause for it has no screen.

mod again;
mod cases;
mod compute;
mod counts;
mod levels;
mod marks;
mod people;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use benefits::screen::{Elsewhere, LevelsOfCodes};
use domain::{
    Category, CategorySet, ClaimId, Date, GoverningLaw, PortfolioId, Purpose, RecordId, ScreenState,
    SubjectId, SubjectKind, Views,
};
use gate::{Actor, Asking, GateError, Grant, MAX_PART, Target};
use notice::Decision;
use store::StoreError;
use store::claim::ClaimRow;
use store::screen::ScreenRow;
use store::sealed::SealedRow;

use self::compute::{FlagContext, flag_claims, mark_claims};
use self::counts::Shared;
use self::levels::{AddedLevels, KnownLevels};
use self::marks::{ClaimMarks, MarkRows};
use self::people::{Beside, ToScreenOne};
use crate::views::{ClaimToScreen, CoverToScreen, PersonToScreen};
use crate::{App, ServiceError};

pub(crate) use again::look_again;
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
    levels: AddedLevels,
    /// Claims that could not be looked at: no clause lets the job, or a record is gone or altered. They go on all the same.
    pub(crate) unscreened: BTreeSet<ClaimId>,
}

impl Screened {
    /// Keeps what is about these claims: another is looked at again when it comes again.
    pub(crate) fn keep(&mut self, claims: &BTreeSet<ClaimId>) {
        self.rows.retain(|row| claims.contains(&ClaimId::from_bytes(*row.record.bytes())));
        self.cases.retain(|case| claims.contains(&case.claim));
        self.levels.keep(claims);
        self.unscreened.retain(|claim| claims.contains(claim));
    }

    /// Whether it adds to sums that those of the other claims are compared with.
    pub(crate) fn adds_for(&self, marked: &Marked) -> bool {
        let people = marked.seen.iter().flat_map(|(_, people)| people.values());
        self.levels.meet(people.flat_map(|person| &person.levels))
    }

    /// About whom it is.
    pub(crate) fn people(&self) -> impl Iterator<Item = SubjectId> {
        self.cases.iter().map(|case| case.subject)
    }

    /// Writes what is about these people: of who was erased meanwhile there is nothing to look at any more.
    pub(crate) fn insert(
        &self,
        unit: &mut store::Unit<'_>,
        here: &BTreeSet<SubjectId>,
    ) -> Result<(), StoreError> {
        let rows: Vec<SealedRow> =
            self.rows.iter().filter(|row| here.contains(&row.subject)).cloned().collect();
        let cases: Vec<ScreenRow> =
            self.cases.iter().filter(|case| here.contains(&case.subject)).cloned().collect();
        store::sealed::insert_many(unit, &rows)?;
        store::screen::insert_many(unit, &cases)?;
        self.levels.insert(unit)
    }
}

/// Claims that were asked for, with their marks. Nothing is written of them yet.
#[derive(Default)]
pub(crate) struct Marked {
    /// None where there is nothing to look at.
    seen: Option<(Grant<ToScreen>, BTreeMap<SubjectId, ToScreenOne>)>,
    levels: Arc<LevelsOfCodes>,
    unscreened: BTreeSet<ClaimId>,
}

/// Claims that were looked up, with what they share with others: all that the rules look at.
pub(crate) struct LookedUp {
    seen: Option<Seen>,
    levels: Arc<LevelsOfCodes>,
    unscreened: BTreeSet<ClaimId>,
}

/// What is looked at, and what it is seen beside.
struct Seen {
    grant: Grant<ToScreen>,
    people: BTreeMap<SubjectId, ToScreenOne>,
    shared: Shared,
    known: KnownLevels,
}

/// Asks for claims of a portfolio that are before the job, at most [`MAX_PART`], and marks them. One that was screened before is
/// not again.
pub(crate) async fn ask(
    app: &App,
    job: &Actor,
    portfolio: PortfolioId,
    claims: Vec<ClaimRow>,
) -> Result<Marked, ServiceError> {
    let asking = Asking {
        writes: CategorySet::of(&[Category::Claims]),
        filters: SHARED,
        ..Asking::new(job, portfolio, Purpose::Fraud, app.gate.request())
    };
    let claims = not_screened(app, claims).await?;
    if claims.is_empty() || !may_screen::<ToScreen>(app, &asking).await? {
        return Ok(Marked::default());
    }
    // Until they were looked at, they were not.
    let unscreened = claims.iter().map(|claim| claim.claim).collect();
    let targets = claims.iter().map(|claim| Target::for_item(claim.subject, claim.claim)).collect();
    let rows: BTreeMap<RecordId, ClaimRow> =
        claims.into_iter().map(|claim| (claim.claim.into(), claim)).collect();
    let part = app.gate.run::<ToScreen>(asking, targets, MAX_PART).await?.next().await?;
    let levels = levels::of_codes(app);
    let Some(part) = part else { return Ok(Marked { seen: None, levels, unscreened }) };
    let row_of = |target: &Target| rows.get(&RecordId::from_bytes(*target.item?.bytes())).copied();
    let granted: Vec<ClaimRow> = part.granted.iter().filter_map(row_of).collect();
    let mut people = people::with_claims(app, &granted).await?;
    mark(&part.grant, &levels, &mut people)?;
    Ok(Marked { seen: Some((part.grant, people)), levels, unscreened })
}

impl Marked {
    /// Looks up what they are seen beside, without the claims of these people. It follows on whatever the claims are decided by: what
    /// is decided of somebody between the two lets neither be written.
    pub(crate) async fn look_up(
        self,
        app: &App,
        without: &BTreeSet<SubjectId>,
    ) -> Result<LookedUp, ServiceError> {
        let Self { seen, levels, unscreened } = self;
        let Some((grant, mut people)) = seen else {
            return Ok(LookedUp { seen: None, levels, unscreened });
        };
        people.retain(|subject, _| !without.contains(subject));
        let marks = MarkRows::of(people.values().flat_map(|person| &person.marks));
        let claims: Vec<ClaimRow> = people.values().flat_map(|person| &person.claims).copied().collect();
        let part = claims.iter().map(|claim| claim.claim).collect();
        let of_levels: Vec<_> = people.values().flat_map(|person| &person.levels).cloned().collect();
        let (shared, beside, known) = tokio::try_join!(
            Shared::of(app, marks, part),
            Beside::read(app, &claims),
            KnownLevels::read(app, &of_levels)
        )?;
        beside.add_to(&mut people);
        Ok(LookedUp { seen: Some(Seen { grant, people, shared, known }), levels, unscreened })
    }
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
async fn may_screen<S: Views>(app: &App, asking: &Asking<'_>) -> Result<bool, ServiceError> {
    let anybody = Target::for_item(SubjectId::from_bytes([0; 16]), asking.request);
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed = app.gate.preview::<S>(asking, anybody, kind, law).await?;
    Ok(matches!(weighed.decision, Decision::Granted(_)))
}

/// Marks these people's claims.
fn mark(
    grant: &Grant<ToScreen>,
    levels: &Arc<LevelsOfCodes>,
    people: &mut BTreeMap<SubjectId, ToScreenOne>,
) -> Result<(), ServiceError> {
    for person in people.values_mut() {
        let computed = grant.compute(person.subject, &[], levels, &person.inputs, mark_claims);
        let Some(computed) = or_unscreened(computed, person.subject)? else { continue };
        for (claim, (tokens, of_levels)) in person.claims.iter().zip(computed.plain) {
            person.marks.push((*claim, ClaimMarks::of(&tokens)));
            if !of_levels.is_empty() {
                person.levels.push((*claim, of_levels));
            }
        }
    }
    Ok(())
}

impl LookedUp {
    /// What the rules flag of them.
    pub(crate) fn flag(self, portfolio: PortfolioId, today: Date) -> Result<Screened, ServiceError> {
        let mut screened = Screened { unscreened: self.unscreened, ..Screened::default() };
        let Some(Seen { grant, people, shared, known }) = self.seen else { return Ok(screened) };
        for person in people.into_values() {
            let elsewhere: BTreeMap<ClaimId, Elsewhere> = person
                .marks
                .iter()
                .map(|(claim, marks)| (claim.claim, shared.beside(claim, marks)))
                .collect();
            let excluded: BTreeMap<_, _> =
                person.marks.iter().map(|(claim, marks)| (claim.claim, shared.excluded(marks))).collect();
            let peers: BTreeMap<_, _> =
                person.levels.iter().map(|one| (one.0.claim, known.of_claim(one))).collect();
            let (plans, levels) = (person.plans, Arc::clone(&self.levels));
            let context = FlagContext { plans, elsewhere, excluded, levels, peers, today };
            let computed = grant.compute(person.subject, &person.keys, &context, &person.inputs, flag_claims);
            let Some(computed) = or_unscreened(computed, person.subject)? else { continue };
            for claim in &person.claims {
                screened.unscreened.remove(&claim.claim);
            }
            screened.rows.extend(computed.rows);
            screened.levels.0.extend(person.levels);
            let flagged = person.claims.iter().zip(computed.plain);
            screened
                .cases
                .extend(flagged.filter_map(|(claim, state)| Some(case(portfolio, claim, state?, today))));
        }
        Ok(screened)
    }
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
