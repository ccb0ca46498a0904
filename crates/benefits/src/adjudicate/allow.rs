//! What of a charge is allowed: contract, price list, percentage, statutory base or the charge itself,
//! by the first of the benefit's rules that has an answer; then the grade of the room, and what another
//! payer paid where the plan takes that off before the member's shares.

use domain::{Reason, Step};

use super::{Finding, Line, Work};
use crate::coordination::{Order, OtherPayment};
use crate::plan::{Allowed, AllowedRule, Method, fixed_rule};

/// What a rule answers.
enum Answer {
    Amount(i128),
    /// It does not apply: the next one is asked.
    Nothing,
    /// It cannot be said until something is known.
    Unknown(Reason, u16),
}

impl<'a> Work<'a> {
    pub(super) fn allow(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        // INVARIANT: matching is a step of every plan and stands before this one.
        let Some((_, benefit)) = line.benefit else {
            return Finding::Stopped(Reason::Information, fixed_rule::NO_SERVICE);
        };
        for rule in &benefit.allowed {
            let amount = match self.allowed(rule, line, column) {
                Answer::Nothing => continue,
                Answer::Unknown(reason, rule) => return Finding::Stopped(reason, rule),
                Answer::Amount(amount) => amount,
            };
            line.shares.allow(amount, rule.write_off);
            line.write_off = rule.write_off;
            line.notes.above_allowed = line.shares.allowed < line.shares.charge();
            self.trace(line, Step::AllowedAmount, rule.rule);
            return match self.grade_room(line) {
                Finding::Passes => self.take_other_first(line),
                unknown => unknown,
            };
        }
        let last = benefit.allowed.last().map_or(fixed_rule::NO_BENEFIT, |rule| rule.rule);
        Finding::Refused(Reason::NotCovered, last)
    }

    fn allowed(&self, rule: &AllowedRule, line: &mut Line<'a>, column: usize) -> Answer {
        match (rule.in_network, self.case.facts.in_network) {
            (Some(_), None) => {
                return Answer::Unknown(Reason::Information, fixed_rule::UNKNOWN_NETWORK);
            }
            (Some(wanted), Some(known)) if wanted != known => return Answer::Nothing,
            _ => {}
        }
        match rule.allowed {
            Allowed::Charge => Answer::Amount(line.shares.charge()),
            Allowed::Percentage(rate) => Answer::Amount(line.shares.times(|shares| shares.plan, rate)),
            Allowed::PriceList(list) => self.priced(list, line, column),
            Allowed::Base(rate) => match self.other_payment(line).and_then(|payment| payment.allowed) {
                Some(base) => Answer::Amount(line.shares.of_base(base, rate)),
                None => Answer::Unknown(Reason::OtherPayer, fixed_rule::NO_BASE),
            },
        }
    }

    fn priced(&self, list: usize, line: &Line<'a>, column: usize) -> Answer {
        let (Some(list), Some(service)) = (self.plan.price_lists.get(list), line.service) else {
            return Answer::Nothing;
        };
        let country = self.case.facts.country;
        let elsewhere = |country| !list.countries.contains(&country);
        if !list.countries.is_empty() && country.is_some_and(elsewhere) {
            return Answer::Nothing;
        }
        // Without a price that day the list says nothing in any country: where the care was given need not be known for it.
        let Some(amounts) = list.price(&service.code, line.charged.service_start) else {
            return Answer::Nothing;
        };
        if !list.countries.is_empty() && country.is_none() {
            return Answer::Unknown(Reason::Information, fixed_rule::UNKNOWN_COUNTRY);
        }
        match amounts.at(column, self.case.facts.salary) {
            Some(unit) => {
                let all = i128::from(unit) * i128::from(line.charged.units);
                let all = i64::try_from(all).unwrap_or(i64::MAX);
                Answer::Amount(line.shares.whole(all))
            }
            None => Answer::Unknown(Reason::Information, fixed_rule::SALARY),
        }
    }

    /// A better room than the plan's grade: only so much of its cost is paid.
    fn grade_room(&mut self, line: &mut Line<'a>) -> Finding {
        let Some(rule) = line.benefit.and_then(|(_, benefit)| benefit.room) else { return Finding::Passes };
        match self.case.facts.room {
            None => return Finding::Stopped(Reason::Information, fixed_rule::UNKNOWN_ROOM),
            Some(room) if room <= rule.grade => return Finding::Passes,
            Some(_) => {}
        }
        line.shares.withhold(rule.rate.rest());
        line.notes.room_grade = true;
        self.trace(line, Step::AllowedAmount, rule.rule);
        Finding::Passes
    }

    /// Under maintenance of benefits, what the other payer paid comes off before the member's shares. Under a plan that says
    /// nothing of other payers, a line of which one paid waits.
    fn take_other_first(&mut self, line: &mut Line<'a>) -> Finding {
        let plan = self.plan;
        if self.case.facts.other.is_none_or(|other| other.order == Order::First) {
            return Finding::Passes;
        }
        let Some(rule) = &plan.coordination else {
            // Without a rule for it, a person says what is left to pay.
            let paid_nothing = self.other_payment(line).is_some_and(|payment| payment.paid == 0);
            let stopped = Finding::Stopped(Reason::OtherPayer, fixed_rule::OTHER_UNKNOWN);
            return if paid_nothing { Finding::Passes } else { stopped };
        };
        if rule.method != Method::Maintenance {
            return Finding::Passes;
        }
        let paid = match self.other_payment(line) {
            None => return Finding::Stopped(Reason::OtherPayer, fixed_rule::OTHER_UNKNOWN),
            Some(payment) if payment.paid > line.charge => {
                return Finding::Stopped(Reason::OtherPayer, fixed_rule::OTHER_TOO_MUCH);
            }
            Some(payment) => payment.paid,
        };
        line.shares.take_other(paid);
        self.trace(line, Step::Coordination, rule.rule);
        Finding::Passes
    }

    /// What another payer made of the line, where it is known.
    pub(super) fn other_payment(&self, line: &Line<'_>) -> Option<&'a OtherPayment> {
        let paid = self.case.facts.other?.paid;
        paid.iter().find(|payment| payment.line == line.charged.number)
    }
}
