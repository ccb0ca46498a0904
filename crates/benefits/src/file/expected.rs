//! Reads what another system decided, beside the claims: what it counted before them, and what it paid for each line. It
//! judges neither.

use std::collections::BTreeMap;

use domain::{AccumulatorEntry, Accumulators, Currency, Money, Reason};

use super::FileError;
use super::object::{Object, field};
use crate::ledger::count;
use crate::plan::Plan;

/// The fields of a line that are read here.
pub(super) const OF_LINE: [&str; 2] = ["expected", "expected_reason"];

/// What another system decided on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// What it paid, in minor units of the currency of the cover.
    pub(crate) plan: i64,
    /// Why not all, as far as it said so.
    pub(crate) reason: Option<Reason>,
}

/// What another system decided on a line, where the file says it.
pub(super) fn of_line(line: &Object<'_>, currency: Currency) -> Result<Option<Expected>, FileError> {
    let reason = line.maybe("expected_reason")?;
    match line.maybe_money("expected", currency)? {
        Some(plan) => Ok(Some(Expected { plan, reason })),
        None if reason.is_some() => {
            Err(field(&line.at("expected"), "missing: a reason says why it is not more"))
        }
        None => Ok(None),
    }
}

/// What was counted for members before the first claim of the file.
pub(super) fn opening(file: &Object<'_>, plan: &Plan) -> Result<BTreeMap<String, Accumulators>, FileError> {
    let mut members: BTreeMap<String, Accumulators> = BTreeMap::new();
    for one in file.maybe_objects("opening")? {
        one.only(&["member", "accumulator", "period_start", "amount", "currency", "count"])?;
        let number = one.count("accumulator")?.and_then(|number| u16::try_from(number).ok());
        let accumulator = number.filter(|number| plan.accumulator_name(*number).is_some());
        let accumulator = accumulator
            .ok_or_else(|| field(&one.at("accumulator"), "write the number of an accumulator of the plan"))?;
        let delta = match plan.accumulator_is_money(accumulator) {
            true => Money::parse(&one.amount("amount")?, one.parsed("currency")?)
                .map_err(|error| field(&one.at("amount"), &error.to_string()))?
                .minor(),
            false => i64::from(one.count("count")?.ok_or_else(|| {
                field(&one.at("count"), "missing: this accumulator counts no money, so write how many")
            })?),
        };
        let period_start = one.parsed("period_start")?;
        let entry = AccumulatorEntry { accumulator, period_start, line: 0, delta, scope: 0, until: None };
        let member = members.entry(one.text("member")?.to_owned()).or_default();
        count(&mut member.balances, &entry).map_err(|error| field(&one.at("amount"), &error.to_string()))?;
        member.balances.retain(|balance| balance.amount != 0);
    }
    Ok(members)
}
