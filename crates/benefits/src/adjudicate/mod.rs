//! Adjudicates a claim: takes each line through the steps of the plan, in the plan's order.
//!
//! Refusals are proposals: unless the plan sends them or a person confirmed them, a claim with one
//! is pended, and then nothing is counted. It does not write, pay or tell anyone anything.

mod allow;
mod checks;
mod coordinate;
mod counting;
mod currency;
mod matching;
mod service_limits;
mod settle;
mod shares;
mod sharing;

use std::cell::Cell;

use domain::{
    AccumulatorBalance, AccumulatorEntry, AccumulatorStep, Accumulators, CareSetting, ClaimLine, Currency,
    Date, Determination, LineBenefit, LineDetermination, LineExchange, LineService, Outcome, PriorLine,
    Reason, Step, Trace,
};

use crate::case::{AdjudicationError, Case};
use crate::overrides::{is_lifted, is_refused};
use crate::plan::{Benefit, Counter, Plan, Refusals, fixed_rule};
use counting::{Counting, Last, Met};
pub(crate) use counting::{condition_of, numbered, period_start_of, scope_of, visit_to};
use currency::InCurrency;
pub use currency::{charges_of_cover, other_payments};
pub(crate) use matching::benefit;
use service_limits::{Asked, Seen};
use shares::Shares;

/// Adjudicates a claim under a plan version, given what was counted before.
///
/// Pure and total for any claim that [`Case`] describes.
///
/// # Errors
/// The case is no claim (see [`AdjudicationError`]), a balance overflows, fractions become too fine, or
/// the program is at fault; never because of what the rules decide.
pub fn adjudicate(
    plan: &Plan,
    case: &Case<'_>,
    accumulators: &Accumulators,
) -> Result<Determination, AdjudicationError> {
    worked_out(plan, case, accumulators, false).map(Work::finish)
}

/// What care to come would count: the entries of the lines that pass, as if no other line counted anything.
///
/// # Errors
/// As [`adjudicate`].
pub(crate) fn expected(
    plan: &Plan,
    case: &Case<'_>,
    accumulators: &Accumulators,
) -> Result<Vec<AccumulatorEntry>, AdjudicationError> {
    worked_out(plan, case, accumulators, true).map(|work| work.entries)
}

/// Takes every line through the steps.
fn worked_out<'a>(
    plan: &'a Plan,
    case: &'a Case<'a>,
    accumulators: &'a Accumulators,
    to_come: bool,
) -> Result<Work<'a>, AdjudicationError> {
    case.check()?;
    let charges = currency::charges(plan, case);
    let size = case.lines.len();
    let mut work = Work {
        plan,
        case,
        to_come,
        prior: &accumulators.lines,
        balances: &accumulators.balances,
        counted: Vec::new(),
        last: vec![None; plan.counters.len()],
        would_pay: 0,
        kept_free: Vec::new(),
        days: Vec::new(),
        asked: Vec::new(),
        from_day: Cell::new(None),
        seen: Vec::new(),
        kind: matching::kind(plan, case),
        policy_year: None,
        currency: charges.currency,
        exchanges: Vec::new(),
        lines: Vec::with_capacity(size),
        benefits: Vec::with_capacity(size),
        traces: Vec::with_capacity(size * (4 + plan.counters.len())),
        counting: Vec::with_capacity(plan.counters.len()),
        entries: Vec::with_capacity(size * plan.counters.len()),
    };
    for (index, line) in case.lines.iter().enumerate() {
        work.line(index, line, &charges)?;
    }
    Ok(work)
}

/// The kind of a claim under a plan, where the plan has kinds: the first whose benefits a line falls under.
#[must_use]
pub fn claim_kind<'p>(plan: &'p Plan, case: &Case<'_>) -> Option<&'p str> {
    let kind = matching::kind(plan, case)?;
    plan.kinds.get(kind).map(|kind| kind.id.as_str())
}

/// A claim at work: what its lines so far made.
struct Work<'a> {
    plan: &'a Plan,
    case: &'a Case<'a>,
    /// Care to come: a line that is refused or waits counts nothing, not even on those after it.
    to_come: bool,
    prior: &'a [PriorLine],
    /// What stood before the claim.
    balances: &'a [AccumulatorBalance],
    /// What its lines so far counted on top, but for what `last` has.
    counted: Vec<AccumulatorBalance>,
    /// Of each counter the balance that it met last.
    last: Vec<Option<Last>>,
    /// What the plan would pay of the line at work after the last step that was traced, in whole minor units.
    would_pay: i64,
    /// What the line at work may not use of the limits.
    kept_free: Vec<AccumulatorBalance>,
    /// Room for the days of a rolling period, used again by each line.
    days: Vec<(Date, i128)>,
    /// Room for what a line asks of limits, used again too.
    asked: Vec<Asked<'a>>,
    /// The last day whose lines before were looked for, and where they begin among all.
    from_day: Cell<Option<(Date, usize)>>,
    /// Days of visits and stays that this claim counted.
    seen: Vec<Seen>,
    kind: Option<usize>,
    /// The last policy year that was looked up, and the first day after it.
    policy_year: Option<(Date, Date)>,
    currency: Currency,
    exchanges: Vec<LineExchange>,
    lines: Vec<LineDetermination>,
    benefits: Vec<LineBenefit>,
    traces: Vec<Trace>,
    /// What the line at work will count.
    counting: Vec<Counting<'a>>,
    entries: Vec<AccumulatorEntry>,
}

/// A line at work.
struct Line<'a> {
    index: usize,
    charged: &'a ClaimLine,
    /// Charged, in minor units of the currency of the determination.
    charge: i64,
    service: Option<&'a LineService>,
    benefit: Option<(u16, &'a Benefit)>,
    shares: Shares,
    outcome: Outcome,
    /// Why it was refused or held.
    reason: Option<Reason>,
    /// It could not be worked out.
    stopped: bool,
    /// What else is said of parts that are not paid.
    notes: Notes,
    /// The provider bears what is above the allowed amount.
    write_off: bool,
    /// The least that is left of the limits on what is paid, before this line.
    room: i64,
    /// The deductible before another payer was looked at: what counts of it.
    normal_deductible: Option<i64>,
}

/// Reasons that no part of a line tells by itself.
#[derive(Clone, Copy, Default)]
struct Notes {
    room_grade: bool,
    no_authorisation: bool,
    service_limit: bool,
    money_limit: bool,
    above_allowed: bool,
}

impl Line<'_> {
    /// Days from the first of the service to the last, both counted.
    fn days(&self) -> i64 {
        i64::from(self.charged.service_start.days_until(self.charged.service_end)) + 1
    }

    /// None where nobody says.
    fn is_emergency(&self, case: &Case<'_>) -> Option<bool> {
        let says = self.service.is_some_and(|service| service.setting == CareSetting::Emergency);
        if says { Some(true) } else { case.facts.emergency }
    }
}

/// What a step says of a line.
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
        charges: &InCurrency,
    ) -> Result<(), AdjudicationError> {
        let charge = charges.charge(index, charged);
        let mut line = Line {
            index,
            charged,
            charge,
            service: self.case.service(index, charged.number),
            benefit: None,
            shares: Shares::of_charge(charge, self.plan.rounding.1),
            outcome: Outcome::Approved,
            reason: None,
            stopped: false,
            notes: Notes::default(),
            write_off: false,
            room: i64::MAX,
            normal_deductible: None,
        };
        self.counting.clear();
        self.would_pay = charge;
        if !self.case.facts.kept_free.is_empty() {
            self.kept_free = self.kept_free_of(charged.number);
        }
        if charges.column.is_ok() {
            self.exchange(&line, charges);
        }
        match charges.column {
            // Whatever the rules would say of it.
            _ if is_refused(self.case.facts.overrides, charged.number) => {
                let finding = Finding::Refused(Reason::Person, fixed_rule::REFUSED);
                self.judge(&mut line, Step::Decision, &finding);
            }
            Ok(column) => self.steps(&mut line, column),
            Err(rule) => {
                let finding = Finding::Stopped(Reason::Information, rule);
                self.judge(&mut line, Step::Eligibility, &finding);
            }
        }
        if line.shares.too_fine {
            return Err(AdjudicationError::TooFine { line: charged.number });
        }
        if self.to_come && line.outcome != Outcome::Approved {
            self.counting.clear();
        }
        self.settle(&line)
    }

    fn steps(&mut self, line: &mut Line<'a>, column: usize) {
        for step in &self.plan.steps {
            let finding = match step {
                Step::Eligibility => self.eligible(line),
                Step::Duplicate => self.duplicate(line),
                Step::TimelyFiling => checks::timely_filing(self.plan, self.case, line.charged),
                Step::AreaOfCover => checks::area(self.plan, self.case, line),
                Step::BenefitMatch => self.match_benefit(line),
                Step::Documents => checks::documents(self.case, line),
                Step::WaitingPeriod => checks::waiting(self.plan, self.case, line),
                Step::Exclusion => {
                    let condition = checks::excluded_condition(self.plan, self.case, line);
                    match self.unless_lifted(line, *step, condition) {
                        Finding::Passes => checks::excluded_care(self.plan, self.case, line),
                        refused => refused,
                    }
                }
                Step::Bundling => checks::bundling(self.plan, self.case, line),
                Step::AllowedAmount => self.allow(line, column),
                Step::ServiceLimit => self.limit_services(line, column),
                Step::Deductible => self.deduct(line, column),
                Step::Copay => self.copay(line, column),
                Step::Coinsurance => self.coinsure(line),
                Step::Preauthorisation => self.preauthorise(line, column),
                Step::MajorMedical => self.supplement(line, column),
                Step::OutOfPocketMaximum => self.relieve(line, column),
                Step::MoneyLimit => self.limit_money(line, column),
                Step::Coordination => self.coordinate(line),
                // What was exchanged is known before the first step; rounding is `settle`, which every line
                // comes to. What a person refused has no steps.
                Step::Exchange | Step::Rounding | Step::Decision => Finding::Passes,
            };
            if matches!(finding, Finding::Passes) {
                continue;
            }
            let finding = self.unless_lifted(line, *step, finding);
            self.judge(line, *step, &finding);
            if matches!(finding, Finding::Refused(..) | Finding::Stopped(..)) {
                return;
            }
        }
    }

    /// What a step found, unless a person lifted it from the line.
    #[inline]
    fn unless_lifted(&mut self, line: &Line<'a>, step: Step, finding: Finding) -> Finding {
        match &finding {
            Finding::Refused(reason, _) | Finding::Held(reason, _) if self.is_lifted(line, *reason, step) => {
                self.trace(line, step, fixed_rule::LIFTED);
                Finding::Passes
            }
            _ => finding,
        }
    }

    fn is_lifted(&self, line: &Line<'_>, reason: Reason, step: Step) -> bool {
        is_lifted(self.case.facts.overrides, line.charged.number, reason, step)
    }

    /// Whether the line is eligible. That a newborn is covered before the first day of the cover is told.
    fn eligible(&mut self, line: &Line<'a>) -> Finding {
        let finding = checks::eligibility(self.plan, self.case, line.charged);
        let early = line.charged.service_start < self.case.cover.start;
        if let (Finding::Passes | Finding::Held(..), true, Some(rule)) = (&finding, early, self.plan.newborn)
        {
            self.trace(line, Step::Eligibility, rule.rule);
        }
        finding
    }

    /// Notes what a step found. A check that a line passes leaves no trace.
    fn judge(&mut self, line: &mut Line<'a>, step: Step, finding: &Finding) {
        let (outcome, reason, rule, pays) = match finding {
            Finding::Passes => return,
            Finding::Refused(reason, rule) => (Outcome::Denied, reason, rule, false),
            Finding::Stopped(reason, rule) => (Outcome::Pended, reason, rule, false),
            Finding::Held(reason, rule) if self.case.facts.released => (line.outcome, reason, rule, true),
            Finding::Held(reason, rule) => (Outcome::Pended, reason, rule, true),
        };
        if pays {
            line.reason = line.reason.or(Some(*reason));
        } else {
            line.shares = Shares::nothing_of(line.charge);
            line.reason = Some(*reason);
            line.stopped = true;
            self.counting.clear();
        }
        line.outcome = outcome;
        self.trace(line, step, *rule);
    }

    /// Traces a step after it was taken.
    fn trace(&mut self, line: &Line<'_>, step: Step, rule: u16) {
        self.trace_to(line.shares.plan_floor(), line, (step, rule), None);
    }

    /// Traces a step on a balance. What it counts is known once the line is rounded: `settle` writes it.
    fn trace_counter(&mut self, line: &Line<'_>, step: Step, counter: &Counter, met: Met) {
        let (accumulator, before) = (counter.accumulator, met.balance);
        let counted = AccumulatorStep { accumulator, before, after: before };
        self.trace_to(line.shares.plan_floor(), line, (step, counter.rule), Some(counted));
    }

    /// Adds a link to the chain of the line: what the plan would pay after the last step is what it would pay before this one.
    fn trace_to(
        &mut self,
        output: i64,
        line: &Line<'_>,
        (step, rule): (Step, u16),
        accumulator: Option<AccumulatorStep>,
    ) {
        let input = std::mem::replace(&mut self.would_pay, output);
        self.traces.push(Trace { line: line.charged.number, step, rule, input, output, accumulator });
    }

    fn finish(mut self) -> Determination {
        let outcome = self.outcome();
        if !matches!(outcome, Outcome::Approved | Outcome::PartiallyApproved) {
            self.entries.clear();
        }
        Determination {
            decided: self.case.decided,
            outcome,
            currency: self.currency,
            lines: self.lines,
            benefits: self.benefits,
            traces: self.traces,
            entries: self.entries,
            plan_version: domain::PlanLabel::written(&self.plan.label),
            exchanges: self.exchanges,
            coverage: self.case.cover.id,
            released: None,
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
