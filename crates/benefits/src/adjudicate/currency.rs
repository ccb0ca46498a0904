//! Into which currency a claim is worked out: the one that it came in, if it is that of the cover; else,
//! where the plan says on whose day's rate, exchanged into that of the cover, line by line.

use domain::{CareSetting, ClaimLine, Currency, Date, LineExchange, Money, OtherPayerAmounts, Step};

use super::{Line, Work};
use crate::case::Case;
use crate::coordination::OtherPayment;
use crate::exchange::Converted;
use crate::plan::{ExchangeDay, Plan, fixed_rule};

/// The charges of a claim in the currency of its determination.
pub(super) struct InCurrency {
    pub(super) currency: Currency,
    /// The column of the plan's amounts; else the rule that stops every line.
    pub(super) column: Result<usize, u16>,
    /// Line by line; empty when nothing was exchanged.
    converted: Vec<Converted>,
}

impl InCurrency {
    /// What was charged, in minor units.
    pub(super) fn charge(&self, index: usize, line: &ClaimLine) -> i64 {
        self.converted.get(index).map_or(line.charge.minor(), |converted| converted.amount.minor())
    }
}

pub(super) fn charges(plan: &Plan, case: &Case<'_>) -> InCurrency {
    let stopped = |rule| InCurrency { currency: case.currency, column: Err(rule), converted: Vec::new() };
    let Some(column) = plan.column(case.cover.currency) else { return stopped(fixed_rule::CURRENCY) };
    if case.currency == case.cover.currency {
        return InCurrency { currency: case.currency, column: Ok(column), converted: Vec::new() };
    }
    let (Some(rule), Some(rates)) = (plan.exchange, case.facts.rates) else {
        return stopped(fixed_rule::CURRENCY);
    };
    let convert = |(index, line): (usize, &ClaimLine)| {
        let day = rate_day(rule.day, case, index, line).ok_or(fixed_rule::UNKNOWN_RATE_DAY)?;
        rates.convert(line.charge, case.cover.currency, day).ok_or(fixed_rule::NO_RATE)
    };
    match case.lines.iter().enumerate().map(convert).collect::<Result<Vec<_>, u16>>() {
        Ok(converted) => InCurrency { currency: case.cover.currency, column: Ok(column), converted },
        Err(rule) => stopped(rule),
    }
}

/// What was charged line by line, in minor units of the currency of the cover, exchanged as the plan says. None where a line
/// cannot be exchanged: the claim waits then, and what it charges is compared with nothing.
#[must_use]
pub fn charges_of_cover(plan: &Plan, case: &Case<'_>) -> Option<Vec<i64>> {
    let charges = charges(plan, case);
    let lines = case.lines.iter().enumerate();
    (charges.currency == case.cover.currency)
        .then(|| lines.map(|(index, line)| charges.charge(index, line)).collect())
}

/// On whose day's rate a line is exchanged; none where that day is not known.
fn rate_day(day: ExchangeDay, case: &Case<'_>, index: usize, line: &ClaimLine) -> Option<Date> {
    match day {
        ExchangeDay::Service => Some(line.service_start),
        ExchangeDay::Admitted => match case.service(index, line.number)?.setting {
            CareSetting::Inpatient => case.facts.admitted,
            // It may have been a stay in hospital.
            CareSetting::Unspecified => None,
            _ => Some(line.service_start),
        },
        ExchangeDay::Invoiced => case.facts.invoiced,
        ExchangeDay::Received => Some(case.received),
        ExchangeDay::Decided => Some(case.decided),
    }
}

/// What other payers made of a claim's lines, in the currency of the cover, exchanged as the charges are. A line whose amounts
/// cannot be exchanged is left out: of it nothing is known.
#[must_use]
pub fn other_payments(plan: &Plan, case: &Case<'_>, amounts: &[OtherPayerAmounts]) -> Vec<OtherPayment> {
    let to = case.cover.currency;
    let one = |known: &OtherPayerAmounts| {
        let (index, line) = case.lines.iter().enumerate().find(|(_, line)| line.number == known.line)?;
        let exchanged = |amount: Money| {
            if amount.currency() == to {
                return Some(amount.minor());
            }
            let (rule, rates) = (plan.exchange.as_ref()?, case.facts.rates?);
            Some(rates.convert(amount, to, rate_day(rule.day, case, index, line)?)?.amount.minor())
        };
        let maybe = |amount: Option<Money>| match amount {
            None => Some(None),
            Some(amount) => exchanged(amount).map(Some),
        };
        Some(OtherPayment {
            line: known.line,
            paid: exchanged(known.paid)?,
            allowed: maybe(known.allowed)?,
            contribution: maybe(known.contribution)?.unwrap_or(0),
        })
    };
    amounts.iter().filter_map(one).collect()
}

impl<'a> Work<'a> {
    /// Notes how the charge of a line was exchanged.
    pub(super) fn exchange(&mut self, line: &Line<'a>, charges: &InCurrency) {
        let (Some(converted), Some(rule)) = (charges.converted.get(line.index), self.plan.exchange) else {
            return;
        };
        self.exchanges.push(LineExchange {
            line: line.charged.number,
            currency: self.case.currency,
            charge: line.charged.charge.minor(),
            date: converted.date,
            rate: converted.rate.clone(),
        });
        self.trace(line, Step::Exchange, rule.rule);
    }
}
