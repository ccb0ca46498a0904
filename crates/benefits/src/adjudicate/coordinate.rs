//! What the plan pays after another payer, and what of the benefit reserve is drawn. It uses the plan's
//! normal benefit, as the steps before left it; two payers together never pass what is allowable.

use domain::{Reason, Step};

use super::counting::{Counting, What};
use super::shares::Shares;
use super::{Finding, Line, Work};
use crate::coordination::{Order, OtherPayment};
use crate::plan::{Allowable, Coordination, Counter, Method, fixed_rule};

impl<'a> Work<'a> {
    pub(super) fn coordinate(&mut self, line: &mut Line<'a>) -> Finding {
        let plan = self.plan;
        let Some(rule) = plan.coordination.as_ref() else { return Finding::Passes };
        let other = self.case.facts.other.filter(|other| other.order != Order::First);
        let Some(other) = other.filter(|_| rule.method != Method::Maintenance) else {
            self.draw_only(rule, line);
            return Finding::Passes;
        };
        let payment = match self.other_payment(line) {
            None => return Finding::Stopped(Reason::OtherPayer, fixed_rule::OTHER_UNKNOWN),
            Some(payment) if payment.paid > line.charge => {
                return Finding::Stopped(Reason::OtherPayer, fixed_rule::OTHER_TOO_MUCH);
            }
            Some(payment) => *payment,
        };
        let normal = line.shares.rounded(line.shares.plan);
        line.normal_deductible = Some(line.shares.rounded(line.shares.deductible));
        if other.order == Order::Split {
            line.shares.refine(2);
        }
        let allowable = allowable(rule, &line.shares, &payment);
        let pays = line.shares.second(rule, other.order, &payment, allowable);
        line.shares.divide(pays, &payment, allowable, line.write_off);
        self.trace(line, Step::Coordination, rule.rule);
        if let Some(reserve) = &rule.reserve {
            self.draw(reserve, normal, &payment, line);
        }
        Finding::Passes
    }

    /// A line that no other payer is to pay first may draw on what was saved before.
    fn draw_only(&mut self, rule: &'a Coordination, line: &mut Line<'a>) {
        let Some(reserve) = &rule.reserve else { return };
        let normal = line.shares.rounded(line.shares.plan);
        let nothing = OtherPayment { line: 0, paid: 0, allowed: None, contribution: 0 };
        line.normal_deductible = Some(line.shares.rounded(line.shares.deductible));
        self.draw(reserve, normal, &nothing, line);
    }

    /// Pays from the reserve what is still the member's of the allowable amount, and counts what was saved
    /// and what was drawn.
    fn draw(&mut self, reserve: &'a Counter, normal: i64, payment: &OtherPayment, line: &mut Line<'a>) {
        // An open counter depends on no salary, no column and no family.
        let Ok(met) = self.meet(reserve, line, 0) else { return };
        let room = line.shares.whole(line.room) - line.shares.plan;
        let most = line.shares.whole(met.balance).min(room.max(0));
        line.shares.draw(most, payment.contribution);
        self.counting.push(Counting {
            trace: self.traces.len(),
            counter: reserve,
            key: met.key,
            what: What::Reserve { normal },
            until: None,
            carried_to: None,
        });
        self.trace_counter(line, Step::Coordination, reserve, met);
    }
}

/// Up to what both payers together may pay, in fractions of the line.
fn allowable(rule: &Coordination, shares: &Shares, payment: &OtherPayment) -> i128 {
    let other = payment.allowed.map_or(0, |allowed| shares.whole(allowed));
    match rule.allowable {
        Allowable::Own => shares.allowed,
        Allowable::Higher => shares.allowed.max(other),
        Allowable::Charge => shares.charge(),
    }
}

impl Shares {
    /// What the plan pays as second payer. What is left for it so far is its normal benefit.
    fn second(&mut self, rule: &Coordination, order: Order, payment: &OtherPayment, allowable: i128) -> i128 {
        let (normal, paid) = (self.plan, self.whole(payment.paid));
        let left = (allowable - paid).max(0);
        if order == Order::Split {
            return normal.min(left).min(allowable / 2);
        }
        match rule.method {
            Method::Standard => normal.min(left),
            Method::MedicareSecondary => normal.min(left).min(self.charge() - paid),
            Method::NonDuplication => (normal - paid).max(0),
            Method::StatutoryTopUp => normal.min((left - self.whole(payment.contribution)).max(0)),
            // Done before the member's shares.
            Method::Maintenance => normal,
        }
    }

    /// Divides the charge anew: what both payers pay, what the member still bears of the allowable amount,
    /// and what is above that. The member's shares shrink from the last that was taken.
    fn divide(&mut self, pays: i128, payment: &OtherPayment, allowable: i128, write_off: bool) {
        let paid = self.whole(payment.paid);
        let allowable = allowable.max(paid + pays);
        let own_above = self.charge() - self.allowed;
        let mut own_uncovered = self.not_covered - if write_off { 0 } else { own_above };
        let mut rest = allowable - paid - pays;
        self.plan = pays;
        self.other_payer = paid;
        let contribution = rest.min(self.whole(payment.contribution));
        rest -= contribution;
        for part in [
            &mut self.over_limit,
            &mut own_uncovered,
            &mut self.deductible,
            &mut self.copay,
            &mut self.coinsurance,
        ] {
            *part = rest.min(*part);
            rest -= *part;
        }
        self.copay += contribution;
        let above = self.charge() - allowable + rest;
        self.write_off = if write_off { above } else { 0 };
        self.not_covered = own_uncovered + if write_off { 0 } else { above };
    }

    /// Pays up to so much of the member's shares of the allowable amount, the last taken first; a flat
    /// contribution stays with the member.
    fn draw(&mut self, most: i128, contribution: i64) {
        let mut left = most;
        let kept = self.whole(contribution).min(self.copay);
        self.copay -= kept;
        for part in [&mut self.coinsurance, &mut self.copay, &mut self.deductible, &mut self.over_limit] {
            let paid = left.min(*part);
            *part -= paid;
            self.plan += paid;
            left -= paid;
        }
        self.copay += kept;
    }
}
