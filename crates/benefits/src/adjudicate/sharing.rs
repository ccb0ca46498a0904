//! The steps that share what is allowed between the member and the plan: deductibles, copay,
//! co-insurance, authorisation, the second layer, maxima and limits in money.

use domain::{Outcome, Reason, ServiceCode, Step};

use super::counting::What;
use super::{Finding, Line, Work};
use crate::facts::Authorisation;
use crate::plan::{CopayPer, Deductible, fixed_rule};

/// What the rule says is not known.
const fn unknown(rule: u16) -> Finding {
    Finding::Stopped(Reason::Information, rule)
}

impl<'a> Work<'a> {
    pub(super) fn deduct(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        let (plan, Some((_, benefit))) = (self.plan, line.benefit) else { return Finding::Passes };
        let rules = benefit.deductibles.iter().filter_map(|place| plan.deductibles.get(*place));
        for (order, rule) in (0..).zip(rules) {
            let own = match self.meet(&rule.counter, line, column) {
                Ok(own) => own,
                Err(rule) => return unknown(rule),
            };
            let family = rule.family.as_ref().map(|counter| (counter, self.meet(counter, line, column)));
            let family = match family {
                Some((_, Err(rule))) => return unknown(rule),
                Some((counter, Ok(met))) => Some((counter, met)),
                None => None,
            };
            let left = family.map_or(own.left, |(_, met)| met.left.min(own.left));
            let taken = line.shares.deduct(left);
            let what = What::Deductible { order, taken };
            self.count_on(line, Step::Deductible, (&rule.counter, own), what);
            self.carry_over(rule, line);
            if let Some(family) = family {
                self.count_on(line, Step::Deductible, family, what);
                self.carry_over(rule, line);
            }
        }
        Finding::Passes
    }

    /// What falls into the last months of the period counts for the next one too.
    fn carry_over(&mut self, rule: &'a Deductible, line: &Line<'a>) {
        let (Some(months), Some(last)) = (rule.carry_over_months, self.counting.last()) else { return };
        let policy = self.case.facts.policy_start.unwrap_or(self.case.cover.start);
        let next = last.counter.period.next(policy, last.key.start);
        let carried = next.filter(|next| {
            next.plus_months(-months).is_some_and(|first| first <= line.charged.service_start)
        });
        if let Some(last) = self.counting.last_mut() {
            last.carried_to = carried;
        }
    }

    pub(super) fn copay(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        let Some((number, benefit)) = line.benefit else { return Finding::Passes };
        let Some(copay) = &benefit.copay else { return Finding::Passes };
        let Some(amount) = copay.amounts.at(column, self.case.facts.salary) else {
            return unknown(fixed_rule::SALARY);
        };
        let times = match copay.per {
            CopayPer::Line | CopayPer::Visit | CopayPer::Claim => 1,
            CopayPer::Day => line.days(),
            CopayPer::Unit => i64::from(line.charged.units),
        };
        let taken = match copay.per {
            _ if self.plan.highest_copay_a_day => self.copay_taken(line, None, true),
            CopayPer::Line | CopayPer::Unit => 0,
            CopayPer::Visit | CopayPer::Day => self.copay_taken(line, Some(number), true),
            CopayPer::Claim => self.copay_taken(line, Some(number), false),
        };
        line.shares.copay(amount.saturating_mul(times).saturating_sub(taken));
        self.trace(line, Step::Copay, copay.rule);
        Finding::Passes
    }

    /// Copay that was taken already: by earlier lines of the claim, on the same day or any; and on the same day by the
    /// provider's claims before. Under one benefit or any.
    fn copay_taken(&self, line: &Line<'_>, benefit: Option<u16>, same_day: bool) -> i64 {
        let earlier = self.case.lines.get(..line.index).unwrap_or_default();
        let on_the_day = |number: u32| {
            earlier.iter().any(|other| {
                other.number == number && (!same_day || other.service_start == line.charged.service_start)
            })
        };
        let under = |number: u32| {
            benefit.is_none_or(|benefit| {
                self.benefits.iter().any(|known| known.line == number && known.benefit == benefit)
            })
        };
        let took = self.lines.iter().filter(|done| done.copay > 0);
        let here = took.filter(|done| under(done.number) && on_the_day(done.number)).map(|done| done.copay);
        let day = line.charged.service_start;
        let before = same_day.then(|| self.of_provider(day, day)).into_iter().flatten();
        let before = before.filter_map(|known| known.copay);
        let before = before.filter(|taken| benefit.is_none_or(|benefit| benefit == taken.benefit));
        here.chain(before.map(|taken| taken.amount)).fold(0, i64::saturating_add)
    }

    pub(super) fn coinsure(&mut self, line: &mut Line<'a>) -> Finding {
        let Some((rule, rate)) = line.benefit.and_then(|(_, benefit)| benefit.coinsurance) else {
            return Finding::Passes;
        };
        line.shares.coinsure(rate);
        self.trace(line, Step::Coinsurance, rule);
        Finding::Passes
    }

    /// Care that should have been authorised before, and was not, is paid less, or put before a person as
    /// not payable.
    pub(super) fn preauthorise(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        let Some((_, benefit)) = line.benefit else { return Finding::Passes };
        let Some(rule) = &benefit.preauthorisation else { return Finding::Passes };
        let above = rule.above.as_ref().map(|amounts| amounts.at(column, self.case.facts.salary));
        let needed = match above {
            Some(None) => return unknown(fixed_rule::SALARY),
            Some(Some(above)) => line.charge > above,
            None => true,
        };
        let exempt = if rule.not_in_emergency { line.is_emergency(self.case) } else { Some(false) };
        if !needed || exempt == Some(true) {
            return Finding::Passes;
        }
        let Some(authorisations) = self.case.facts.authorisations else {
            return unknown(fixed_rule::UNKNOWN_AUTHORISATIONS);
        };
        if self.is_authorised(line, authorisations) {
            return Finding::Passes;
        }
        if exempt.is_none() {
            return unknown(fixed_rule::UNKNOWN_EMERGENCY);
        }
        if self.is_lifted(line, Reason::NoPreauthorisation, Step::Preauthorisation) {
            self.trace(line, Step::Preauthorisation, fixed_rule::LIFTED);
            return Finding::Passes;
        }
        let Some(penalty) = rule.penalty else {
            return Finding::Refused(Reason::NoPreauthorisation, rule.rule);
        };
        line.shares.withhold(penalty);
        line.notes.no_authorisation = true;
        self.trace(line, Step::Preauthorisation, rule.rule);
        Finding::Passes
    }

    /// Whether an authorisation of the day has room for the service, after the earlier lines of the claim that are not refused.
    fn is_authorised(&self, line: &Line<'_>, authorisations: &[Authorisation]) -> bool {
        let Some(service) = line.service else { return false };
        authorisations.iter().any(|known| {
            let is_for = |code: &ServiceCode| known.codes.iter().any(|known| code.is_within(known));
            let dated = known.from <= line.charged.service_start && line.charged.service_start <= known.until;
            if !dated || !is_for(&service.code) {
                return false;
            }
            let (mut units, mut amount) = (u64::from(line.charged.units), i128::from(line.charge));
            for (index, other) in self.case.lines.iter().enumerate().take(line.index) {
                let same = self.case.service(index, other.number);
                let same = same.is_some_and(|other| is_for(&other.code));
                let done = self.lines.get(index).filter(|done| done.outcome != Outcome::Denied);
                let Some(done) = done.filter(|_| same) else { continue };
                if known.from <= other.service_start && other.service_start <= known.until {
                    units += u64::from(other.units);
                    amount += i128::from(done.submitted);
                }
            }
            known.units.is_none_or(|left| units <= u64::from(left))
                && known.amount.is_none_or(|left| amount <= i128::from(left))
        })
    }

    /// The second layer pays part of what the first one leaves to the member.
    pub(super) fn supplement(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        let plan = self.plan;
        let (Some(layer), Some((_, benefit))) = (&plan.major_medical, line.benefit) else {
            return Finding::Passes;
        };
        if !benefit.major_medical {
            return Finding::Passes;
        }
        let met = match self.meet(&layer.counter, line, column) {
            Ok(met) => met,
            Err(rule) => return unknown(rule),
        };
        let deducted = line.shares.supplement(met.left, layer.rate);
        self.count_on(line, Step::MajorMedical, (&layer.counter, met), What::Fixed(deducted));
        Finding::Passes
    }

    pub(super) fn relieve(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        let (plan, Some((_, benefit))) = (self.plan, line.benefit) else { return Finding::Passes };
        for rule in benefit.maxima.iter().filter_map(|place| plan.maxima.get(*place)) {
            for counter in [Some(&rule.counter), rule.family.as_ref()].into_iter().flatten() {
                let met = match self.meet(counter, line, column) {
                    Ok(met) => met,
                    Err(rule) => return unknown(rule),
                };
                line.shares.relieve(met.left, rule.shares);
                let what = What::Shares(rule.shares);
                self.count_on(line, Step::OutOfPocketMaximum, (counter, met), what);
            }
        }
        Finding::Passes
    }

    pub(super) fn limit_money(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        let (plan, Some((_, benefit))) = (self.plan, line.benefit) else { return Finding::Passes };
        for limit in benefit.limits.iter().filter_map(|place| plan.limits.get(*place)) {
            if !limit.unit.is_paid() || !self.concerns(limit, line) {
                continue;
            }
            let met = match self.meet(&limit.counter, line, column) {
                Ok(met) => met,
                Err(rule) => return unknown(rule),
            };
            if !limit.reported {
                line.notes.money_limit |= line.shares.limit(met.left);
                line.room = line.room.min(met.left);
            }
            self.count_on(line, Step::MoneyLimit, (&limit.counter, met), What::Paid);
        }
        Finding::Passes
    }

    /// Whether a limit is for such claims and such people. Who has no known birth date is meant too.
    pub(super) fn concerns(&self, limit: &crate::plan::Limit, line: &Line<'_>) -> bool {
        let of_kind = limit.kind.is_none_or(|kind| self.kind == Some(kind));
        of_kind && limit.ages.has(self.case.birth_date, line.charged.service_start).unwrap_or(true)
    }
}
