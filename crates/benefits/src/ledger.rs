//! What was counted: adds a determination's entries to a subject's balances, and takes them back
//! exactly. A pended or denied claim counts nothing.

use std::cmp::Ordering;

use domain::{
    AccumulatorBalance, AccumulatorEntry, Accumulators, ClaimId, CountedDays, Date, Determination, Outcome,
    PriorLine,
};

use crate::adjudicate::adjudicate;
use crate::case::{AdjudicationError, Case};
use crate::plan::{Plan, Unit};

/// Counts an adjudicated claim: its entries on the balances, its approved lines among those that
/// the duplicate check knows. Does nothing when the determination is pended or denied, and changes
/// nothing on error.
///
/// # Errors
/// A balance overflows.
pub fn apply(
    accumulators: &mut Accumulators,
    case: &Case<'_>,
    determination: &Determination,
) -> Result<(), AdjudicationError> {
    if !matches!(determination.outcome, Outcome::Approved | Outcome::PartiallyApproved) {
        return Ok(());
    }
    count_all(accumulators, determination.entries.iter().cloned())?;
    for (index, (line, settled)) in case.lines.iter().zip(&determination.lines).enumerate() {
        let Some(service) = case.service(index, line.number).filter(|_| settled.outcome == Outcome::Approved)
        else {
            continue;
        };
        let prior = PriorLine {
            claim: case.claim,
            provider: case.provider,
            service_start: line.service_start,
            code: service.code.clone(),
            charge: line.charge.minor(),
            counted: counted_days(determination, line.number),
        };
        let place = accumulators.lines.partition_point(|known| known.service_start <= prior.service_start);
        accumulators.lines.insert(place, prior);
    }
    Ok(())
}

/// The visits and days that a line counted.
fn counted_days(determination: &Determination, line: u32) -> Vec<CountedDays> {
    let of_line = determination.entries.iter().filter(|entry| entry.line == line);
    of_line
        .filter_map(|entry| Some(CountedDays { accumulator: entry.accumulator, until: entry.until? }))
        .collect()
}

/// Takes back a claim that [`apply`] counted: exact negatives, and its lines are forgotten.
///
/// # Errors
/// A balance overflows; nothing is changed then.
pub fn reverse(
    accumulators: &mut Accumulators,
    claim: ClaimId,
    determination: &Determination,
) -> Result<(), AdjudicationError> {
    count_all(accumulators, negatives(determination).into_iter())?;
    accumulators.lines.retain(|line| line.claim != claim);
    accumulators.guarantees.retain(|used| used.claim != claim);
    Ok(())
}

/// What care to come would count on the limits of a plan: what a guarantee of payment keeps free. Of money at most `most`
/// on each limit, in minor units of the currency of the cover; nothing of a deductible or a maximum, which only care that was
/// given counts for, and nothing of lines that the plan cannot work out or would refuse.
#[must_use]
pub fn reserve(
    plan: &Plan,
    case: &Case<'_>,
    accumulators: &Accumulators,
    most: i64,
) -> Vec<AccumulatorEntry> {
    let Ok(expected) = adjudicate(plan, case, accumulators) else { return Vec::new() };
    let mut kept: Vec<AccumulatorEntry> = Vec::new();
    for entry in expected.entries {
        let Some(limit) = plan.limits.iter().find(|limit| limit.counter.accumulator == entry.accumulator)
        else {
            continue;
        };
        let money = matches!(limit.unit, Unit::Paid | Unit::Eligible);
        let known = kept.iter().filter(|known| known.accumulator == entry.accumulator);
        let left = if money { most - known.map(|known| known.delta).sum::<i64>() } else { i64::MAX };
        let delta = entry.delta.min(left);
        if delta > 0 && !limit.reported {
            kept.push(AccumulatorEntry { delta, ..entry });
        }
    }
    kept
}

/// Balances with these entries on them, for a look: what was counted, and what is kept free.
///
/// # Errors
/// A balance overflows.
pub fn with_reserved(
    accumulators: &Accumulators,
    entries: &[AccumulatorEntry],
) -> Result<Accumulators, AdjudicationError> {
    let mut all = accumulators.clone();
    count_all(&mut all, entries.iter().cloned())?;
    Ok(all)
}

/// The entries of a reversal: the exact negative of each entry of the determination.
#[must_use]
pub fn negatives(determination: &Determination) -> Vec<AccumulatorEntry> {
    let negative = |entry: &AccumulatorEntry| AccumulatorEntry { delta: -entry.delta, ..entry.clone() };
    determination.entries.iter().map(negative).collect()
}

/// The entries that no later one takes back: what a claim that was decided anew, even several times, counts now.
#[must_use]
pub fn standing(entries: &[AccumulatorEntry]) -> Vec<AccumulatorEntry> {
    let mut left: Vec<AccumulatorEntry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let negative = AccumulatorEntry { delta: -entry.delta, ..entry.clone() };
        match left.iter().position(|known| *known == negative) {
            Some(place) => drop(left.remove(place)),
            None => left.push(entry.clone()),
        }
    }
    left
}

fn count_all(
    accumulators: &mut Accumulators,
    entries: impl Iterator<Item = AccumulatorEntry>,
) -> Result<(), AdjudicationError> {
    let mut balances = accumulators.balances.clone();
    for entry in entries {
        count(&mut balances, usize::MAX, &entry)?;
    }
    balances.retain(|balance| balance.amount != 0);
    accumulators.balances = balances;
    Ok(())
}

/// Adds an entry to the balances, which stay sorted by accumulator, period and scope. `place` is where the
/// balance stood when it was last looked at: a guess that saves the search.
pub(crate) fn count(
    balances: &mut Vec<AccumulatorBalance>,
    place: usize,
    entry: &AccumulatorEntry,
) -> Result<(), AdjudicationError> {
    let key = (entry.accumulator, entry.period_start, entry.scope);
    match find(balances, place, key) {
        Ok(place) => {
            if let Some(balance) = balances.get_mut(place) {
                let overflow = AdjudicationError::Overflow { accumulator: entry.accumulator };
                balance.amount = balance.amount.checked_add(entry.delta).ok_or(overflow)?;
            }
        }
        Err(place) => balances.insert(
            place,
            AccumulatorBalance {
                accumulator: entry.accumulator,
                period_start: entry.period_start,
                amount: entry.delta,
                scope: entry.scope,
            },
        ),
    }
    Ok(())
}

/// Where a balance stands, or would. A good guess saves the search.
pub(crate) fn find(
    balances: &[AccumulatorBalance],
    guess: usize,
    key: (u16, Date, u64),
) -> Result<usize, usize> {
    match balances.get(guess) {
        Some(known) if order(known, key).is_eq() => Ok(guess),
        _ => balances.binary_search_by(|known| order(known, key)),
    }
}

fn order(known: &AccumulatorBalance, (accumulator, start, scope): (u16, Date, u64)) -> Ordering {
    let by_accumulator = known.accumulator.cmp(&accumulator);
    by_accumulator.then_with(|| known.period_start.cmp(&start)).then_with(|| known.scope.cmp(&scope))
}
