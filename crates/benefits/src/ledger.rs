//! What was counted: adds a determination's entries to a subject's balances, and takes them back
//! exactly. A pended or denied claim counts nothing.

use domain::{
    AccumulatorBalance, AccumulatorEntry, Accumulators, ClaimId, CountedDays, Date, Determination,
    DocumentName, LineDetermination, Outcome, PriorLine, Room, TakenCopay, UsedUnits,
};

use crate::adjudicate::expected;
use crate::case::{AdjudicationError, Case};
use crate::facts::Facts;
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
    count_all(accumulators, &determination.entries)?;
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
            copay: taken_copay(determination, settled),
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

/// The copay that a line took, under its benefit.
fn taken_copay(determination: &Determination, line: &LineDetermination) -> Option<TakenCopay> {
    let amount = Some(line.copay).filter(|amount| *amount > 0)?;
    let benefit = determination.benefits.iter().find(|known| known.line == line.number)?.benefit;
    Some(TakenCopay { benefit, amount })
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
    count_all(accumulators, &negatives(determination))?;
    accumulators.lines.retain(|line| line.claim != claim);
    accumulators.guarantees.retain(|used| used.claim != claim);
    Ok(())
}

/// What care to come would count on the limits of a plan, one entry for each balance: what a guarantee of payment keeps free.
/// Of money at most `most` on each limit, in minor units of the currency of the cover; of visits, days and units what is
/// expected without those `used` already; nothing at all once no money is left. Nothing of a deductible or a maximum, which
/// only care that was given counts for, and nothing of lines that the plan cannot work out or would refuse, which take nothing from
/// the others either. What is not said of care to come is the most that the plan would pay: all papers will be there, and the room
/// is the plainest.
#[must_use]
pub fn reserve(
    plan: &Plan,
    case: &Case<'_>,
    accumulators: &Accumulators,
    most: i64,
    used: &[UsedUnits],
) -> Vec<AccumulatorEntry> {
    if most <= 0 {
        return Vec::new();
    }
    let asked = plan.benefits.iter().flat_map(|benefit| &benefit.documents);
    let asked: Vec<DocumentName> = asked.filter_map(|(_, paper)| DocumentName::parse(paper).ok()).collect();
    let documents = case.facts.documents.or(Some(&asked));
    let room = case.facts.room.or(Some(Room::Ward));
    let case = &Case { facts: Facts { documents, room, ..case.facts }, ..*case };
    // As if nothing of it had come: what came is taken off what is expected, and must not take room from it too.
    let came = |used: &UsedUnits| AccumulatorEntry {
        accumulator: used.accumulator,
        period_start: used.period_start,
        line: 0,
        delta: -used.units,
        scope: used.scope,
        until: None,
    };
    let came: Vec<AccumulatorEntry> = used.iter().map(came).collect();
    let Ok(before) = with_reserved(accumulators, &came) else { return Vec::new() };
    let Ok(entries) = expected(plan, case, &before) else { return Vec::new() };
    let mut used = used.to_vec();
    let mut kept: Vec<AccumulatorEntry> = Vec::new();
    for entry in entries {
        let Some(unit) = limit_unit(plan, entry.accumulator) else { continue };
        let delta = if is_money(unit) {
            let known = kept.iter().filter(|known| known.accumulator == entry.accumulator);
            entry.delta.min(most - known.map(|known| known.delta).sum::<i64>())
        } else {
            entry.delta - take_off(&mut used, &entry, entry.delta)
        };
        if delta <= 0 {
            continue;
        }
        let key = |one: &AccumulatorEntry| (one.accumulator, one.period_start, one.scope);
        match kept.iter_mut().find(|known| key(known) == key(&entry)) {
            Some(known) => known.delta = known.delta.saturating_add(delta),
            None => kept.push(AccumulatorEntry { delta, line: 0, until: None, ..entry }),
        }
    }
    kept
}

/// Takes what came off what is expected: first what was counted in the same balance, then care that came in another period than was
/// expected. Answers how much that is, at most `most`.
fn take_off(used: &mut [UsedUnits], entry: &AccumulatorEntry, most: i64) -> i64 {
    let mut left = most.max(0);
    for in_balance in [true, false] {
        let is_it = |one: &UsedUnits| {
            let is_same = (one.period_start, one.scope) == (entry.period_start, entry.scope);
            one.accumulator == entry.accumulator && (is_same || !in_balance)
        };
        for one in used.iter_mut().filter(|one| is_it(one)) {
            let taken = one.units.clamp(0, left);
            one.units -= taken;
            left -= taken;
        }
    }
    most.max(0) - left
}

/// The visits, days and units that a line counted on the limits of a plan.
#[must_use]
pub(crate) fn used_units(plan: &Plan, determination: &Determination, line: u32) -> Vec<UsedUnits> {
    let of_line = determination.entries.iter().filter(|entry| entry.line == line);
    of_line
        .filter(|entry| limit_unit(plan, entry.accumulator).is_some_and(|unit| !is_money(unit)))
        .map(|entry| UsedUnits {
            accumulator: entry.accumulator,
            units: entry.delta,
            period_start: entry.period_start,
            scope: entry.scope,
        })
        .collect()
}

/// What a limit that is not merely reported counts.
fn limit_unit(plan: &Plan, accumulator: u16) -> Option<Unit> {
    let mut limits = plan.limits.iter();
    limits.find(|limit| limit.counter.accumulator == accumulator && !limit.reported).map(|limit| limit.unit)
}

const fn is_money(unit: Unit) -> bool {
    matches!(unit, Unit::Paid | Unit::Eligible)
}

/// Balances with these entries on them, for a look: what was counted, and what is kept free.
///
/// # Errors
/// A balance overflows.
pub(crate) fn with_reserved(
    accumulators: &Accumulators,
    entries: &[AccumulatorEntry],
) -> Result<Accumulators, AdjudicationError> {
    let mut all = accumulators.clone();
    count_all(&mut all, entries)?;
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

/// Counts all of them, or none.
fn count_all(accumulators: &mut Accumulators, entries: &[AccumulatorEntry]) -> Result<(), AdjudicationError> {
    let balances = &mut accumulators.balances;
    let mut counted = Ok(());
    for (place, entry) in entries.iter().enumerate() {
        counted = count(balances, entry);
        if counted.is_err() {
            // What stood before each fits, so that taking these back cannot fail.
            for entry in entries.iter().take(place).rev() {
                count(balances, &AccumulatorEntry { delta: -entry.delta, ..entry.clone() })?;
            }
            break;
        }
    }
    balances.retain(|balance| balance.amount != 0);
    counted
}

/// Adds an entry to the balances.
pub(crate) fn count(
    balances: &mut Vec<AccumulatorBalance>,
    entry: &AccumulatorEntry,
) -> Result<(), AdjudicationError> {
    let overflow = AdjudicationError::Overflow { accumulator: entry.accumulator };
    if let Some(amount) = amount_mut(balances, (entry.accumulator, entry.period_start, entry.scope)) {
        *amount = amount.checked_add(entry.delta).ok_or(overflow)?;
    }
    Ok(())
}

/// Adds to a balance what a claim at work counted, for its next lines. What is more than can be counted is refused where it is
/// traced.
pub(crate) fn add(balances: &mut Vec<AccumulatorBalance>, key: (u16, Date, u64), delta: i64) {
    if let Some(amount) = amount_mut(balances, key) {
        *amount = amount.saturating_add(delta);
    }
}

/// What stands on a balance, which is made where there is none, so that there always is one. Balances stay sorted by accumulator,
/// period and scope.
fn amount_mut(balances: &mut Vec<AccumulatorBalance>, key: (u16, Date, u64)) -> Option<&mut i64> {
    let place = find(balances, key).unwrap_or_else(|place| {
        let (accumulator, period_start, scope) = key;
        balances.insert(place, AccumulatorBalance { accumulator, period_start, amount: 0, scope });
        place
    });
    balances.get_mut(place).map(|balance| &mut balance.amount)
}

/// Where a balance stands, or would.
fn find(balances: &[AccumulatorBalance], key: (u16, Date, u64)) -> Result<usize, usize> {
    let wanted = place(key);
    let of = |known: &AccumulatorBalance| place((known.accumulator, known.period_start, known.scope));
    let found = balances.partition_point(|known| of(known) < wanted);
    if balances.get(found).is_some_and(|known| of(known) == wanted) { Ok(found) } else { Err(found) }
}

/// Where the balances of an accumulator of a day and later begin.
pub(crate) fn first_from(balances: &[AccumulatorBalance], accumulator: u16, day: Date) -> usize {
    find(balances, (accumulator, day, 0)).unwrap_or_else(|place| place)
}

/// What stands on a balance; nothing where there is none.
pub(crate) fn amount(balances: &[AccumulatorBalance], key: (u16, Date, u64)) -> i64 {
    find(balances, key).ok().and_then(|place| balances.get(place)).map_or(0, |known| known.amount)
}

/// The order of balances, as one number: by accumulator, period and scope.
fn place((accumulator, start, scope): (u16, Date, u64)) -> u128 {
    u128::from(accumulator) << 96 | u128::from(start.number()) << 64 | u128::from(scope)
}
