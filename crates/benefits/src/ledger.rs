//! What was counted: adds a determination's entries to a subject's balances, and takes them back
//! exactly. A pended or denied claim counts nothing.

use domain::{
    AccumulatorBalance, AccumulatorEntry, Accumulators, ClaimId, CountedDays, Determination, Outcome,
    PriorLine,
};

use crate::case::{AdjudicationError, Case};

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
        accumulators.lines.push(PriorLine {
            claim: case.claim,
            provider: case.provider,
            service_start: line.service_start,
            code: service.code.clone(),
            charge: line.charge.minor(),
            counted: counted_days(determination, line.number),
        });
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
    Ok(())
}

/// The entries of a reversal: the exact negative of each entry of the determination.
#[must_use]
pub fn negatives(determination: &Determination) -> Vec<AccumulatorEntry> {
    let negative = |entry: &AccumulatorEntry| AccumulatorEntry { delta: -entry.delta, ..entry.clone() };
    determination.entries.iter().map(negative).collect()
}

fn count_all(
    accumulators: &mut Accumulators,
    entries: impl Iterator<Item = AccumulatorEntry>,
) -> Result<(), AdjudicationError> {
    let mut balances = accumulators.balances.clone();
    for entry in entries {
        count(&mut balances, &entry)?;
    }
    balances.retain(|balance| balance.amount != 0);
    accumulators.balances = balances;
    Ok(())
}

/// Adds an entry to the balances, which stay sorted by accumulator, period and scope.
pub(crate) fn count(
    balances: &mut Vec<AccumulatorBalance>,
    entry: &AccumulatorEntry,
) -> Result<(), AdjudicationError> {
    let key = (entry.accumulator, entry.period_start, entry.scope);
    let place = balances
        .binary_search_by_key(&key, |balance| (balance.accumulator, balance.period_start, balance.scope));
    match place {
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
