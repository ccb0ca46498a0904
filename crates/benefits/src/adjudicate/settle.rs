//! The last step of a line: rounds its parts once, checks that they sum to the charge, and counts.

use domain::{AccumulatorEntry, Date, LineDetermination, Outcome, Reason, Step};

use super::counting::{Counting, Key, What};
use super::service_limits::Seen;
use super::{Line, Work};
use crate::case::AdjudicationError;
use crate::exact::divide;

impl<'a> Work<'a> {
    pub(super) fn settle(&mut self, line: &Line<'a>) -> Result<(), AdjudicationError> {
        let mut settled = rounded(line);
        let parts = [
            settled.write_off,
            settled.not_covered,
            settled.deductible,
            settled.copay,
            settled.coinsurance,
            settled.over_limit,
            settled.other_payer,
            settled.plan,
        ];
        if settled.parts() != settled.submitted || parts.iter().any(|part| *part < 0) {
            return Err(AdjudicationError::Unbalanced { line: settled.number });
        }
        self.trace_rounding(line, settled.plan);
        let counting = std::mem::take(&mut self.counting);
        let counted = self.count_all(line, &settled, &counting);
        self.counting = counting;
        counted?;
        settled.reasons = self.reasons(line, &settled);
        self.lines.push(settled);
        Ok(())
    }

    fn trace_rounding(&mut self, line: &Line<'a>, plan: i64) {
        let shares = &line.shares;
        if divide(shares.plan, shares.unit).1 != 0 {
            self.trace_to(plan, line, (Step::Rounding, self.plan.rounding.0), None);
        }
    }

    /// Counts what the steps noted, in whole units.
    fn count_all(
        &mut self,
        line: &Line<'a>,
        settled: &LineDetermination,
        counting: &[Counting<'a>],
    ) -> Result<(), AdjudicationError> {
        let mut deducted = Deducted::new(line.normal_deductible.unwrap_or(settled.deductible), counting);
        for item in counting {
            let delta = match item.what {
                What::Deductible { order, taken } => deducted.of(order, taken),
                What::Shares(shares) => {
                    let parts = [
                        (settled.coinsurance, shares.coinsurance),
                        (settled.copay, shares.copay),
                        (settled.deductible, shares.deductible),
                    ];
                    parts.into_iter().filter(|(_, counts)| *counts).map(|(part, _)| part).sum()
                }
                What::Paid => settled.plan,
                What::Fixed(number) => number,
                What::Reserve { normal } => normal - settled.plan,
            };
            self.count_one(line, item, delta)?;
        }
        Ok(())
    }

    fn count_one(
        &mut self,
        line: &Line<'a>,
        item: &Counting<'a>,
        delta: i64,
    ) -> Result<(), AdjudicationError> {
        let accumulator = item.counter.accumulator;
        let overflow = AdjudicationError::Overflow { accumulator };
        if let Some(step) = self.traces.get_mut(item.trace).and_then(|trace| trace.accumulator.as_mut()) {
            step.after = step.before.checked_add(delta).ok_or(overflow)?;
        }
        if delta == 0 {
            return Ok(());
        }
        if let Some(until) = item.until {
            self.seen.push(Seen { accumulator, from: line.charged.service_start, until });
        }
        if !item.key.kept {
            self.count(item.counter, item.key, delta);
            return Ok(());
        }
        self.enter(line, item, item.key.start, delta);
        if let Some(next) = item.carried_to {
            self.enter(line, item, next, delta);
        }
        Ok(())
    }

    /// Writes what is counted in a period that begins on a day.
    #[inline]
    fn enter(&mut self, line: &Line<'a>, item: &Counting<'a>, start: Date, delta: i64) {
        self.entries.push(AccumulatorEntry {
            accumulator: item.counter.accumulator,
            period_start: start,
            line: line.charged.number,
            delta,
            scope: item.key.scope,
            until: item.until,
        });
        self.count(item.counter, Key { start, ..item.key }, delta);
    }

    /// Why parts are not paid: what a check found, then the parts in the order of the plan's steps.
    fn reasons(&self, line: &Line<'a>, settled: &LineDetermination) -> Vec<Reason> {
        if line.reason.is_none() && settled.plan == settled.submitted {
            return Vec::new();
        }
        let mut reasons = Vec::with_capacity(4);
        reasons.extend(line.reason);
        if settled.outcome == Outcome::Denied || line.benefit.is_none() || line.stopped {
            return reasons;
        }
        let notes = line.notes;
        let mut add = |reason, is: bool| {
            if is && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        };
        for step in &self.plan.steps {
            match step {
                Step::AllowedAmount => {
                    add(Reason::Fee, settled.write_off > 0);
                    let above = notes.above_allowed && !line.write_off;
                    add(Reason::ReasonableAndCustomary, above && settled.not_covered > 0);
                    add(Reason::RoomGrade, notes.room_grade && settled.not_covered > 0);
                }
                Step::ServiceLimit => {
                    add(Reason::ServiceLimit, notes.service_limit && settled.over_limit > 0)
                }
                Step::Deductible => add(Reason::Deductible, settled.deductible > 0),
                Step::Copay => add(Reason::Copay, settled.copay > 0),
                Step::Coinsurance => add(Reason::Coinsurance, settled.coinsurance > 0),
                Step::Preauthorisation => {
                    add(Reason::NoPreauthorisation, notes.no_authorisation && settled.not_covered > 0);
                }
                Step::MoneyLimit => add(Reason::MoneyMaximum, notes.money_limit && settled.over_limit > 0),
                Step::Coordination => add(Reason::OtherPayer, settled.other_payer > 0),
                _ => {}
            }
        }
        add(Reason::MoneyMaximum, notes.money_limit && settled.over_limit > 0);
        // A flat contribution under another payer is a copay, whatever steps the plan has.
        add(Reason::Copay, settled.copay > 0);
        reasons
    }
}

/// The deductibles of a line: what each counts of what is counted in all. The last takes what is left, so
/// that they sum to it.
struct Deducted {
    left: i64,
    last: u16,
    current: Option<(u16, i64)>,
}

impl Deducted {
    fn new(all: i64, counting: &[Counting<'_>]) -> Self {
        let orders = counting.iter().filter_map(|item| match item.what {
            What::Deductible { order, .. } => Some(order),
            _ => None,
        });
        Self { left: all, last: orders.max().unwrap_or(0), current: None }
    }

    fn of(&mut self, order: u16, taken: i64) -> i64 {
        match self.current {
            Some((known, amount)) if known == order => amount,
            _ => {
                let amount = if order == self.last { self.left } else { taken.min(self.left) };
                self.left -= amount;
                self.current = Some((order, amount));
                amount
            }
        }
    }
}

/// Rounds the running sums of the parts, not the parts: they then sum to the charge, each is within
/// one minor unit of its exact value, and a part or a run of neighbouring parts that is capped at a
/// whole amount stays within it. What the plan pays comes first and so is rounded by itself, as the
/// plan says; deductible, copay and co-insurance are neighbours, which keeps the out-of-pocket
/// maximum; the residue falls on the last part that has a fraction. What another payer paid is whole.
fn rounded(line: &Line<'_>) -> LineDetermination {
    let shares = &line.shares;
    let mut sum = 0;
    let mut before = 0;
    let mut next = |part: i128| {
        // The sum stays where it is; most parts of a line are nothing.
        if part == 0 {
            return 0;
        }
        sum += part;
        let here = shares.rounded(sum);
        let settled = here - before;
        before = here;
        settled
    };
    LineDetermination {
        number: line.charged.number,
        outcome: line.outcome,
        submitted: line.charge,
        // Evaluated in this order, which is the order of the running sums.
        plan: next(shares.plan),
        over_limit: next(shares.over_limit),
        coinsurance: next(shares.coinsurance),
        copay: next(shares.copay),
        deductible: next(shares.deductible),
        not_covered: next(shares.not_covered),
        write_off: next(shares.write_off),
        other_payer: shares.rounded(shares.other_payer),
        reasons: Vec::new(),
    }
}
