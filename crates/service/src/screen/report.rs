//! How often each rule of the screen is right: what persons found in the cases that it flagged, as sums over people. A figure
//! about few people is not told, nor one from which it would follow beside another (the gate sees to both), and figures are
//! whole tens, so that two reports tell little by their difference.

use std::collections::BTreeSet;

use domain::{
    Currency, PortfolioId, Purpose, RecordId, RequestId, ScreenCase, ScreenOutcome, ScreenRule, ScreenState,
    SubjectId,
};
use gate::{Actor, Asking, GateError, PersonReader, Sealed, Target, Total, Totals};
use store::StoreError;

use crate::views::CaseToCount;
use crate::{App, ServiceError};

/// The most cases of a state that are counted, the oldest.
const COUNTED: usize = 100_000;

/// Figures are told in whole ones of these.
const TENS: u64 = 10;

/// What persons found in the cases that a rule flagged, in whole tens; nothing where that is about too few people, or where
/// another figure would follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: ScreenRule,
    /// Nothing was wrong: flagged falsely.
    pub cleared: Option<u64>,
    /// An error.
    pub error: Option<u64>,
    /// Confirmed.
    pub confirmed: Option<u64>,
}

/// One decided case, and what is looked for in it.
struct ToLookAt<'a> {
    case: &'a Sealed<ScreenCase>,
    rule: ScreenRule,
    outcome: ScreenOutcome,
}

/// Counts what was found in the decided cases of a portfolio, by rule; not by those that look at what the care was, whose flags
/// are health data. Each person's entry is durable first. That one is made tells a person that a case of theirs was decided:
/// whoever is not to know of a legal matter yet is left out.
///
/// Errors: no clause lets the actor; there are too few people.
pub async fn screen_report(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Vec<RuleCount>, ServiceError> {
    let now = app.gate.now();
    let read = app.store().read(move |unit| {
        let mut rows = store::screen::in_state(unit, portfolio, ScreenState::Released, COUNTED)?;
        rows.extend(store::screen::in_state(unit, portfolio, ScreenState::Held, COUNTED)?);
        let unaware = store::deferral::people(unit, portfolio, now)?;
        rows.retain(|row| !unaware.contains(&row.subject));
        Ok::<_, StoreError>(rows)
    });
    let pairs: Vec<(SubjectId, RecordId)> =
        read.await?.into_iter().map(|row| (row.subject, row.claim.into())).collect();
    let people: BTreeSet<SubjectId> = pairs.iter().map(|(subject, _)| *subject).collect();
    let cases = app.gate.fetch_records::<CaseToCount>(&pairs).await?;
    let asking = Asking::new(actor, portfolio, Purpose::Fraud, request);
    let targets: Vec<Target> = people.into_iter().map(Target::of).collect();
    let total = app.gate.total::<CaseToCount>(&asking, &targets).await?;
    ScreenRule::ALL
        .iter()
        .filter(|rule| !rule.rests_on_codes())
        .map(|rule| {
            let count = |outcome| count(&total, &cases, (*rule, outcome));
            Ok(RuleCount {
                rule: *rule,
                cleared: count(ScreenOutcome::Cleared)?,
                error: count(ScreenOutcome::Error)?,
                confirmed: count(ScreenOutcome::Confirmed)?,
            })
        })
        .collect()
}

fn count(
    total: &Total<CaseToCount>,
    cases: &[Sealed<ScreenCase>],
    (rule, outcome): (ScreenRule, ScreenOutcome),
) -> Result<Option<u64>, ServiceError> {
    let may_count: BTreeSet<SubjectId> = total.subjects().collect();
    let inputs: Vec<(SubjectId, ToLookAt<'_>)> = cases
        .iter()
        .filter(|case| may_count.contains(&case.subject()))
        .map(|case| (case.subject(), ToLookAt { case, rule, outcome }))
        .collect();
    match total.sum(&inputs, look) {
        Ok(sum) => Ok(Some(sum.postings() - sum.postings() % TENS)),
        // About too few people, or too like another figure.
        Err(GateError::Compute(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Adds one when the rule flagged the case and this was found last. It captures nothing.
fn look(input: &ToLookAt<'_>, reader: &PersonReader<'_, CaseToCount>) -> Result<Totals, GateError> {
    let case: CaseToCount = reader.open(input.case)?;
    let mut adds = Totals::default();
    let is_found = case.decisions.last().is_some_and(|decision| decision.outcome == input.outcome);
    if is_found && case.flags.iter().any(|flag| flag.rule == input.rule) {
        // A count of cases: it has no amount.
        adds.post(Currency::EUR, &[]);
    }
    Ok(adds)
}
