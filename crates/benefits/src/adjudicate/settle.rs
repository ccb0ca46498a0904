//! The last step of a line: rounds its parts once, checks that they sum to the charge, and counts.

use domain::{AccumulatorEntry, LineDetermination, Outcome, Reason, Step, Trace};

use super::shares::Shares;
use super::{Line, Work, count};
use crate::case::AdjudicationError;
use crate::exact::Exact;
use crate::plan::fixed_rule;

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
            settled.plan,
        ];
        if settled.parts() != settled.submitted || parts.iter().any(|part| *part < 0) {
            return Err(AdjudicationError::Unbalanced { line: settled.number });
        }
        self.trace_rounding(line, settled.plan);
        self.count(line, &settled)?;
        settled.reasons = self.reasons(line, &settled);
        self.lines.push(settled);
        Ok(())
    }

    fn trace_rounding(&mut self, line: &Line<'a>, plan: i64) {
        let exact = line.shares.plan;
        if exact != Exact::minor(exact.floor()) {
            self.traces.push(Trace {
                line: line.charged.number,
                step: Step::Rounding,
                rule: fixed_rule::ROUNDING,
                input: exact.floor(),
                output: plan,
                accumulator: None,
            });
        }
    }

    /// Counts the rounded parts on the accumulators that the line's traces name.
    fn count(&mut self, line: &Line<'a>, settled: &LineDetermination) -> Result<(), AdjudicationError> {
        let with_deductible = self.plan.maximum.as_ref().is_some_and(|maximum| maximum.includes_deductible);
        let mut counted = Vec::new();
        for trace in self.traces.iter_mut().skip(line.first_trace) {
            let Some(step) = &mut trace.accumulator else { continue };
            let delta = match trace.step {
                Step::Deductible => settled.deductible,
                Step::OutOfPocketMaximum if with_deductible => {
                    settled.coinsurance + settled.copay + settled.deductible
                }
                Step::OutOfPocketMaximum => settled.coinsurance + settled.copay,
                _ => settled.plan,
            };
            let overflow = AdjudicationError::Overflow { accumulator: step.accumulator };
            step.after = step.before.checked_add(delta).ok_or(overflow)?;
            if delta != 0 {
                counted.push((step.accumulator, delta));
            }
        }
        for (accumulator, delta) in counted {
            let Some(counter) = self.plan.counter(accumulator) else { continue };
            let period_start = self.period_start(counter.period, line.charged.service_start);
            let entry = AccumulatorEntry { accumulator, period_start, line: line.charged.number, delta };
            count(&mut self.balances, &entry)?;
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Why parts are not paid: what a check found, then the parts in the order of the plan's steps.
    fn reasons(&self, line: &Line<'a>, settled: &LineDetermination) -> Vec<Reason> {
        let mut reasons = Vec::new();
        reasons.extend(line.reason);
        if settled.outcome == Outcome::Denied || line.benefit.is_none() {
            return reasons;
        }
        for step in &self.plan.steps {
            match step {
                Step::AllowedAmount if settled.write_off > 0 => reasons.push(Reason::Fee),
                Step::AllowedAmount if settled.not_covered > 0 => {
                    reasons.push(Reason::ReasonableAndCustomary)
                }
                Step::Deductible if settled.deductible > 0 => reasons.push(Reason::Deductible),
                Step::Copay if settled.copay > 0 => reasons.push(Reason::Copay),
                Step::Coinsurance if settled.coinsurance > 0 => reasons.push(Reason::Coinsurance),
                Step::MoneyLimit if settled.over_limit > 0 => reasons.push(Reason::MoneyMaximum),
                _ => {}
            }
        }
        reasons
    }
}

/// Rounds the running sums of the parts, not the parts: they then sum to the charge, each is within
/// one minor unit of its exact value, and a part or a run of neighbouring parts that is capped at a
/// whole amount stays within it. What the plan pays comes first and so is rounded half up by
/// itself; deductible, copay and co-insurance are neighbours, which keeps the out-of-pocket
/// maximum; the residue falls on the last part that has a fraction.
fn rounded(line: &Line<'_>) -> LineDetermination {
    let Shares { write_off, not_covered, deductible, copay, coinsurance, over_limit, plan } = line.shares;
    let mut sum = Exact::ZERO;
    let mut before = 0;
    let mut next = |part: Exact| {
        sum += part;
        let here = sum.half_up();
        let settled = here - before;
        before = here;
        settled
    };
    LineDetermination {
        number: line.charged.number,
        outcome: line.outcome,
        submitted: line.charged.charge.minor(),
        // Evaluated in this order, which is the order of the running sums.
        plan: next(plan),
        over_limit: next(over_limit),
        other_payer: 0,
        coinsurance: next(coinsurance),
        copay: next(copay),
        deductible: next(deductible),
        not_covered: next(not_covered),
        write_off: next(write_off),
        reasons: Vec::new(),
    }
}
