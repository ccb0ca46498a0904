//! The naive adjudicator after another payer.

use benefits::Order;

use super::arithmetic::{Fraction, fraction, larger, minus, plus, smaller, times, whole};
use super::{No, Note, Parts, Question, Remarks};
use crate::support::CounterSpec;
use crate::support::plan::RESERVE;

impl Question<'_> {
    pub(super) fn payment(&self, index: usize) -> Option<(i64, Option<i64>, i64)> {
        self.claim.other.as_ref()?.paid.get(index).copied().flatten()
    }

    /// Another payer that pays before this plan, or at the same time.
    fn before_us(&self) -> Option<Order> {
        self.claim.other.as_ref().map(|other| other.order).filter(|order| *order != Order::First)
    }

    pub(super) fn take_other_first(&self, index: usize, parts: &mut Parts) -> Result<(), No> {
        if self.before_us().is_none() {
            return Ok(());
        }
        let Some((method, _, _)) = self.plan.coordination else {
            return match self.payment(index) {
                Some((0, _, _)) => Ok(()),
                _ => Err(No("pended", "COB")),
            };
        };
        if method != "maintenance" {
            return Ok(());
        }
        let (paid, _, _) = self.payment(index).ok_or(No("pended", "COB"))?;
        if paid > self.claim.lines[index].charge {
            return Err(No("pended", "COB"));
        }
        parts.other = whole(paid);
        let mut left = whole(paid);
        for part in [&mut parts.rest, &mut parts.not_covered, &mut parts.write_off] {
            let taken = smaller(&left, part);
            *part = minus(part, &taken);
            left = minus(&left, &taken);
        }
        Ok(())
    }

    pub(super) fn coordinate(
        &self,
        index: usize,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) -> Result<(), No> {
        let Some((method, allowable, reserve)) = self.plan.coordination else { return Ok(()) };
        let normal = self.whole(&parts.rest);
        let order = self.before_us().filter(|_| method != "maintenance");
        let Some(order) = order else {
            if let Some(period) = reserve {
                remarks.deductible = Some(self.whole(&parts.deductible));
                self.draw(index, period, normal, 0, parts, remarks);
            }
            return Ok(());
        };
        let charge = whole(self.claim.lines[index].charge);
        let (paid, other, contribution) = self.payment(index).ok_or(No("pended", "COB"))?;
        if paid > self.claim.lines[index].charge {
            return Err(No("pended", "COB"));
        }
        let (paid, flat) = (whole(paid), smaller(&whole(contribution), &charge));
        let other = smaller(&charge, &whole(other.unwrap_or(0)));
        remarks.deductible = Some(self.whole(&parts.deductible));
        let own = parts.allowed.clone();
        let together = match (method, allowable) {
            ("standard", None | Some("higher")) | ("medicare-secondary", _) => larger(&own, &other),
            ("standard", Some("charge")) => charge.clone(),
            _ => own,
        };
        let left = minus(&together, &paid);
        let pays = match method {
            _ if order == Order::Split => {
                smaller(&smaller(&parts.rest, &left), &times(&together, &fraction(1, 2)))
            }
            "standard" | "basic" => smaller(&parts.rest, &left),
            "medicare-secondary" => smaller(&smaller(&minus(&charge, &paid), &parts.rest), &left),
            "non-duplication" => minus(&parts.rest, &paid),
            _ => smaller(&parts.rest, &minus(&left, &flat)),
        };
        let together = larger(&together, &plus(&paid, &pays));
        self.divide(&charge, (paid, pays, flat), &together, parts, remarks);
        if let Some(period) = reserve {
            self.draw(index, period, normal, contribution, parts, remarks);
        }
        Ok(())
    }

    fn divide(
        &self,
        charge: &Fraction,
        (paid, pays, flat): (Fraction, Fraction, Fraction),
        together: &Fraction,
        parts: &mut Parts,
        remarks: &Remarks,
    ) {
        let above = minus(charge, &parts.allowed);
        let above = if remarks.write_off { whole(0) } else { above };
        let uncovered = minus(&parts.not_covered, &above);
        // What the member still bears, in the order in which it was taken.
        let mut rest = minus(&minus(together, &paid), &pays);
        let flat = smaller(&rest, &flat);
        rest = minus(&rest, &flat);
        let mut keep = |part: &Fraction| {
            let kept = smaller(part, &rest);
            rest = minus(&rest, &kept);
            kept
        };
        parts.over = keep(&parts.over);
        let uncovered = keep(&uncovered);
        parts.deductible = keep(&parts.deductible);
        parts.copay = plus(&keep(&parts.copay), &flat);
        parts.coinsurance = keep(&parts.coinsurance);
        let above = plus(&minus(charge, together), &rest);
        (parts.write_off, parts.not_covered) =
            if remarks.write_off { (above, uncovered) } else { (whole(0), plus(&uncovered, &above)) };
        parts.other = paid;
        parts.rest = pays;
    }

    fn draw(
        &self,
        index: usize,
        period: &'static str,
        normal: i64,
        contribution: i64,
        parts: &mut Parts,
        remarks: &mut Remarks,
    ) {
        // What was saved is what was counted: with an end of nothing, what is left is less than nothing by it.
        let spec = CounterSpec { amount: 0, period, per: None, salary: None };
        let left = self.left(RESERVE, &spec, index, (false, false)).unwrap();
        let saved = -left.left;
        let mut most = whole(saved.max(0));
        for room in &remarks.left {
            most = smaller(&most, &minus(room, &parts.rest));
        }
        let flat = smaller(&whole(contribution), &parts.copay);
        let mut copay = minus(&parts.copay, &flat);
        for part in [&mut parts.coinsurance, &mut copay, &mut parts.deductible, &mut parts.over] {
            let paid = smaller(&most, part);
            *part = minus(part, &paid);
            parts.rest = plus(&parts.rest, &paid);
            most = minus(&most, &paid);
        }
        parts.copay = plus(&copay, &flat);
        self.note(remarks, RESERVE, &left, Note::Reserve(normal));
    }
}
