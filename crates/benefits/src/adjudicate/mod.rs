//! Adjudicates a claim: takes each line through the steps of the plan, in the plan's order.
//!
//! Refusals are proposals: unless the plan sends them or a person confirmed them, a claim with one
//! is pended, and then nothing is counted. It does not write, pay or tell anyone anything.

mod checks;
mod settle;
mod shares;

use domain::{
    AccumulatorBalance, AccumulatorEntry, AccumulatorStep, Accumulators, ClaimLine, Date, Determination,
    LineBenefit, LineDetermination, LineService, Outcome, PriorLine, Reason, Step, Trace,
};

use crate::case::{AdjudicationError, Case};
use crate::ledger::count;
use crate::plan::{Benefit, Counter, Period, Plan, Refusals, fixed_rule};
use shares::Shares;

/// Adjudicates a claim under a plan version, given what was counted before.
///
/// Pure and total for any claim that [`Case`] describes.
///
/// # Errors
/// The case is no claim (see [`AdjudicationError`]), a balance overflows, or the program is at
/// fault; never because of what the rules decide.
pub fn adjudicate(
    plan: &Plan,
    case: &Case<'_>,
    accumulators: &Accumulators,
) -> Result<Determination, AdjudicationError> {
    case.check()?;
    let column = plan.column(case.currency).filter(|_| case.currency == case.cover.currency);
    let size = case.lines.len();
    let mut work = Work {
        plan,
        case,
        prior: &accumulators.lines,
        balances: accumulators.balances.clone(),
        lines: Vec::with_capacity(size),
        benefits: Vec::with_capacity(size),
        traces: Vec::with_capacity(size * plan.steps.len()),
        entries: Vec::with_capacity(size * 3),
    };
    for (index, line) in case.lines.iter().enumerate() {
        work.line(index, line, column)?;
    }
    Ok(work.finish())
}

/// A claim at work: what its lines so far made.
struct Work<'a> {
    plan: &'a Plan,
    case: &'a Case<'a>,
    prior: &'a [PriorLine],
    balances: Vec<AccumulatorBalance>,
    lines: Vec<LineDetermination>,
    benefits: Vec<LineBenefit>,
    traces: Vec<Trace>,
    entries: Vec<AccumulatorEntry>,
}

/// A line at work.
struct Line<'a> {
    index: usize,
    charged: &'a ClaimLine,
    service: Option<&'a LineService>,
    benefit: Option<(u16, &'a Benefit)>,
    shares: Shares,
    outcome: Outcome,
    /// Why it was refused or held.
    reason: Option<Reason>,
    first_trace: usize,
}

/// What a check says of a line.
enum Finding {
    Passes,
    /// Not payable: a proposal to refuse, under this rule.
    Refused(Reason, u16),
    /// Cannot be worked out until something is known.
    Stopped(Reason, u16),
    /// Worked out as a proposal; a person looks before it counts.
    Held(Reason, u16),
}

impl<'a> Work<'a> {
    fn line(
        &mut self,
        index: usize,
        charged: &'a ClaimLine,
        column: Option<usize>,
    ) -> Result<(), AdjudicationError> {
        let mut line = Line {
            index,
            charged,
            service: self.case.service(index, charged.number),
            benefit: None,
            shares: Shares::of_charge(charged.charge),
            outcome: Outcome::Approved,
            reason: None,
            first_trace: self.traces.len(),
        };
        match column {
            Some(column) => self.steps(&mut line, column),
            None => {
                let finding = Finding::Stopped(Reason::Information, fixed_rule::CURRENCY);
                self.judge(&mut line, Step::Eligibility, &finding);
            }
        }
        self.settle(&line)
    }

    fn steps(&mut self, line: &mut Line<'a>, column: usize) {
        for step in &self.plan.steps {
            let finding = match step {
                Step::Eligibility => checks::eligibility(self.case, line.charged),
                Step::Duplicate => checks::duplicate(self.case, self.prior, line),
                Step::TimelyFiling => checks::timely_filing(self.plan, self.case, line.charged),
                Step::BenefitMatch => self.match_benefit(line),
                Step::WaitingPeriod => checks::waiting(self.case, line),
                Step::Exclusion => checks::exclusion(self.case),
                Step::AllowedAmount => self.allow(line, column),
                sharing => {
                    self.share(*sharing, line, column);
                    continue;
                }
            };
            self.judge(line, *step, &finding);
            if matches!(finding, Finding::Refused(..) | Finding::Stopped(..)) {
                return;
            }
        }
    }

    /// Notes what a check found. A check that a line passes leaves no trace.
    fn judge(&mut self, line: &mut Line<'a>, step: Step, finding: &Finding) {
        let (outcome, reason, rule, pays) = match finding {
            Finding::Passes => return,
            Finding::Refused(reason, rule) => (Outcome::Denied, reason, rule, false),
            Finding::Stopped(reason, rule) => (Outcome::Pended, reason, rule, false),
            Finding::Held(reason, rule) => (Outcome::Pended, reason, rule, true),
        };
        let before = line.shares.plan.floor();
        if !pays {
            line.shares = Shares::nothing_of(line.charged.charge);
        }
        line.outcome = outcome;
        line.reason = Some(*reason);
        self.trace(line, step, *rule, before, None);
    }

    fn match_benefit(&mut self, line: &mut Line<'a>) -> Finding {
        let Some(service) = line.service else {
            return Finding::Stopped(Reason::Information, fixed_rule::NO_SERVICE);
        };
        let found =
            (0..).zip(&self.plan.benefits).find(|(_, benefit)| benefit.takes(&service.code, service.setting));
        let Some((number, benefit)) = found else {
            return Finding::Refused(Reason::NotCovered, fixed_rule::NO_BENEFIT);
        };
        line.benefit = Some((number, benefit));
        self.benefits.push(LineBenefit { line: line.charged.number, benefit: number });
        self.trace(line, Step::BenefitMatch, benefit.match_rule, line.shares.plan.floor(), None);
        Finding::Passes
    }

    fn allow(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        // INVARIANT: matching is a step of every plan and stands before this one.
        let (Some((_, benefit)), Some(service)) = (line.benefit, line.service) else {
            return Finding::Stopped(Reason::Information, fixed_rule::NO_SERVICE);
        };
        let before = line.shares.plan.floor();
        let Some(allowed) = shares::allowed(self.plan, benefit, service, line.charged, column) else {
            return Finding::Refused(Reason::NotCovered, benefit.allowed_rule);
        };
        line.shares.allow(allowed, benefit.write_off);
        self.trace(line, Step::AllowedAmount, benefit.allowed_rule, before, None);
        Finding::Passes
    }

    /// A step that shares what is left between the member and the plan.
    fn share(&mut self, step: Step, line: &mut Line<'a>, column: usize) {
        let Some((number, benefit)) = line.benefit else { return };
        let plan = self.plan;
        let before = line.shares.plan.floor();
        match step {
            Step::Deductible => {
                let Some(counter) = plan.deductible.as_ref().filter(|_| benefit.deductible) else { return };
                let balance = self.balance(counter, line.charged.service_start);
                line.shares.deduct(counter.left(column, balance));
                self.trace(line, step, counter.rule, before, Some((counter.accumulator, balance)));
            }
            Step::Copay => {
                let Some(copay) = &benefit.copay else { return };
                let taken = if copay.per_visit { self.copay_taken(number, line) } else { 0 };
                line.shares.copay(copay.amounts.at(column) - taken);
                self.trace(line, step, copay.rule, before, None);
            }
            Step::Coinsurance => {
                let Some((rule, rate)) = benefit.coinsurance else { return };
                line.shares.coinsure(rate);
                self.trace(line, step, rule, before, None);
            }
            Step::OutOfPocketMaximum => {
                let Some(maximum) = plan.maximum.as_ref().filter(|_| benefit.maximum) else { return };
                let counter = &maximum.counter;
                let balance = self.balance(counter, line.charged.service_start);
                line.shares.relieve(counter.left(column, balance), maximum.includes_deductible);
                self.trace(line, step, counter.rule, before, Some((counter.accumulator, balance)));
            }
            Step::MoneyLimit => {
                for counter in benefit.limits.iter().filter_map(|index| plan.limits.get(*index)) {
                    let before = line.shares.plan.floor();
                    let balance = self.balance(counter, line.charged.service_start);
                    line.shares.limit(counter.left(column, balance));
                    self.trace(line, step, counter.rule, before, Some((counter.accumulator, balance)));
                }
            }
            // Rounding is `settle`, which every line comes to; the other steps are checks.
            _ => {}
        }
    }

    /// Copay that earlier lines of the same visit took: the same benefit on the same day.
    fn copay_taken(&self, benefit: u16, line: &Line<'_>) -> i64 {
        let same_day = |line_number: u32| {
            let earlier = self.case.lines.get(..line.index).unwrap_or_default();
            earlier
                .iter()
                .any(|other| other.number == line_number && other.service_start == line.charged.service_start)
        };
        let same_benefit = |line_number: u32| {
            self.benefits.iter().any(|known| known.line == line_number && known.benefit == benefit)
        };
        let earlier = self.lines.iter().filter(|done| done.copay > 0);
        earlier.filter(|done| same_benefit(done.number) && same_day(done.number)).map(|done| done.copay).sum()
    }

    fn balance(&self, counter: &Counter, service: Date) -> i64 {
        let period = self.period_start(counter.period, service);
        let same = |known: &&AccumulatorBalance| {
            known.accumulator == counter.accumulator && known.period_start == period
        };
        self.balances.iter().find(same).map_or(0, |known| known.amount)
    }

    fn period_start(&self, period: Period, service: Date) -> Date {
        period.start(self.case.cover.start, service)
    }

    fn trace(
        &mut self,
        line: &Line<'_>,
        step: Step,
        rule: u16,
        before: i64,
        accumulator: Option<(u16, i64)>,
    ) {
        self.traces.push(Trace {
            line: line.charged.number,
            step,
            rule,
            input: before,
            output: line.shares.plan.floor(),
            // What it counts is known once the line is rounded: `settle` writes it.
            accumulator: accumulator.map(|(accumulator, before)| AccumulatorStep {
                accumulator,
                before,
                after: before,
            }),
        });
    }

    fn finish(mut self) -> Determination {
        let outcome = self.outcome();
        if !matches!(outcome, Outcome::Approved | Outcome::PartiallyApproved) {
            self.entries.clear();
        }
        Determination {
            decided: self.case.decided,
            outcome,
            currency: self.case.currency,
            lines: self.lines,
            benefits: self.benefits,
            traces: self.traces,
            entries: self.entries,
            plan_version: domain::PlanLabel::written(&self.plan.label),
        }
    }

    /// A claim waits for a person when a line does, or when one would be refused and nobody may
    /// yet say so. A service after death is said to nobody before a person has looked.
    fn outcome(&self) -> Outcome {
        let refused = self.lines.iter().filter(|line| line.outcome == Outcome::Denied).count();
        let waiting = self.lines.iter().any(|line| line.outcome == Outcome::Pended);
        let accuses = self.lines.iter().any(|line| line.reasons.contains(&Reason::Phantom));
        let looked = self.case.confirmed || (self.plan.refusals == Refusals::Send && !accuses);
        if waiting || (refused > 0 && !looked) {
            Outcome::Pended
        } else if refused == 0 {
            Outcome::Approved
        } else if refused < self.lines.len() {
            Outcome::PartiallyApproved
        } else {
            Outcome::Denied
        }
    }
}
