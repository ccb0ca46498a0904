//! How often each rule of the screen is right: what persons found in the cases that it flagged, as sums over people. A figure
//! about few people is not told, nor one from which it would follow beside another (the gate sees to both), and figures are
//! whole tens, so that two reports tell little by their difference.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Currency, PortfolioId, Purpose, RecordId, RequestId, ScreenCase, ScreenCodes, ScreenOutcome, ScreenRule,
    ScreenState, SubjectId,
};
use gate::{Actor, Asking, GateError, PersonReader, Sealed, Target, Total, Totals};
use store::StoreError;

use crate::views::{CaseToCount, CodesToCount};
use crate::{App, ServiceError};

/// The views of one ask.
type ToCount = (CaseToCount, CodesToCount);

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
    codes: Option<&'a Sealed<ScreenCodes>>,
    rule: ScreenRule,
    outcome: ScreenOutcome,
}

/// Counts what was found in the decided cases of a portfolio, by rule. Each person's entry is durable first.
///
/// Errors: no clause lets the actor; there are too few people.
pub async fn screen_report(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<Vec<RuleCount>, ServiceError> {
    let read = app.store().read(move |unit| {
        let mut rows = store::screen::in_state(unit, portfolio, ScreenState::Released)?;
        rows.extend(store::screen::in_state(unit, portfolio, ScreenState::Held)?);
        Ok::<_, StoreError>(rows)
    });
    let pairs: Vec<(SubjectId, RecordId)> =
        read.await?.into_iter().map(|row| (row.subject, row.claim.into())).collect();
    let people: BTreeSet<SubjectId> = pairs.iter().map(|(subject, _)| *subject).collect();
    let cases = app.gate.fetch_records::<CaseToCount>(&pairs).await?;
    let codes = app.gate.fetch_records::<CodesToCount>(&pairs).await?;
    let codes: BTreeMap<RecordId, &Sealed<ScreenCodes>> =
        codes.iter().map(|sealed| (sealed.record(), sealed)).collect();
    let asking = Asking::new(actor, portfolio, Purpose::Fraud, request);
    let targets: Vec<Target> = people.into_iter().map(Target::of).collect();
    let total = app.gate.total::<ToCount>(&asking, &targets).await?;
    ScreenRule::ALL
        .iter()
        .map(|rule| {
            let count = |outcome| count(&total, &cases, &codes, (*rule, outcome));
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
    total: &Total<ToCount>,
    cases: &[Sealed<ScreenCase>],
    codes: &BTreeMap<RecordId, &Sealed<ScreenCodes>>,
    (rule, outcome): (ScreenRule, ScreenOutcome),
) -> Result<Option<u64>, ServiceError> {
    let may_count: BTreeSet<SubjectId> = total.subjects().collect();
    let inputs: Vec<(SubjectId, ToLookAt<'_>)> = cases
        .iter()
        .filter(|case| may_count.contains(&case.subject()))
        .map(|case| {
            let codes = codes.get(&case.record()).copied();
            (case.subject(), ToLookAt { case, codes, rule, outcome })
        })
        .collect();
    match total.sum(&inputs, look) {
        Ok(sum) => Ok(Some(sum.postings() - sum.postings() % TENS)),
        // About too few people, or too like another figure.
        Err(GateError::Compute(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Adds one when the rule flagged the case and this was found last. It captures nothing.
fn look(input: &ToLookAt<'_>, reader: &PersonReader<'_, ToCount>) -> Result<Totals, GateError> {
    let case: CaseToCount = reader.open(input.case)?;
    let mut flags = case.flags;
    if let Some(codes) = input.codes {
        flags.extend(reader.open::<CodesToCount, _>(codes)?.flags);
    }
    let mut adds = Totals::default();
    let is_found = case.decisions.last().is_some_and(|decision| decision.outcome == input.outcome);
    if is_found && flags.iter().any(|flag| flag.rule == input.rule) {
        // A count of cases: it has no amount.
        adds.post(Currency::EUR, &[]);
    }
    Ok(adds)
}
