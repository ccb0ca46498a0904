//! How the charge of one line is shared: exact parts that always sum to the charge. Every method
//! moves an amount between parts, so none can lose any. Nothing is rounded here.

use crate::exact::{Ratio, Rounding, divide};
use crate::plan::MemberShares;

/// The parts of a line's charge, each counted in fractions of a minor unit. `plan` is what is left for
/// the plan to pay.
///
/// INVARIANT: a minor unit has `unit` fractions, as many as keep every part whole; a charge in fractions
/// times 32 fits. Where it would not, `too_fine` is set and nothing may be paid on the line.
#[derive(Clone, Copy, Default)]
pub(super) struct Shares {
    pub(super) write_off: i128,
    pub(super) not_covered: i128,
    pub(super) deductible: i128,
    pub(super) copay: i128,
    pub(super) coinsurance: i128,
    pub(super) over_limit: i128,
    pub(super) other_payer: i128,
    pub(super) plan: i128,
    /// What the plan's own rule allows of the charge.
    pub(super) allowed: i128,
    pub(super) unit: i128,
    pub(super) too_fine: bool,
    charge: i64,
    rounding: Rounding,
}

impl Shares {
    /// Before the first step: the plan would pay all.
    pub(super) fn of_charge(charge: i64, rounding: Rounding) -> Self {
        let all = i128::from(charge);
        Self { plan: all, allowed: all, unit: 1, charge, rounding, ..Self::default() }
    }

    /// After a refusal: the plan pays nothing.
    pub(super) fn nothing_of(charge: i64) -> Self {
        Self { not_covered: charge.into(), unit: 1, charge, ..Self::default() }
    }

    /// Whole minor units that the plan would pay; the fraction is left out.
    pub(super) fn plan_floor(&self) -> i64 {
        divide(self.plan, self.unit).0 as i64
    }

    /// A part, or a sum of some, in minor units, as the plan rounds.
    pub(super) fn rounded(&self, part: i128) -> i64 {
        let whole = if self.unit == 1 { part } else { self.rounding.whole(part, self.unit) };
        whole as i64
    }

    /// An amount in fractions, from nothing up to the charge: more than the charge never matters.
    pub(super) fn whole(&self, minor: i64) -> i128 {
        i128::from(minor.clamp(0, self.charge)) * self.unit
    }

    pub(super) fn charge(&self) -> i128 {
        i128::from(self.charge) * self.unit
    }

    /// Makes fractions so many times finer.
    pub(super) fn refine(&mut self, times: i128) {
        let finer = self.unit.checked_mul(times);
        let largest = finer.and_then(|unit| unit.checked_mul(i128::from(self.charge.max(1)) * 32));
        if largest.is_none() {
            self.too_fine = true;
            return;
        }
        for part in [
            &mut self.write_off,
            &mut self.not_covered,
            &mut self.deductible,
            &mut self.copay,
            &mut self.coinsurance,
            &mut self.over_limit,
            &mut self.other_payer,
            &mut self.plan,
            &mut self.allowed,
            &mut self.unit,
        ] {
            *part *= times;
        }
    }

    /// The rate of a part, exact. The part is chosen by a function, because fractions may become finer.
    pub(super) fn times(&mut self, part: fn(&Self) -> i128, rate: Ratio) -> i128 {
        if rate.is_one() {
            return part(self);
        }
        let (whole, rest) = divide(part(self), rate.under());
        if rest == 0 {
            return whole * rate.over();
        }
        self.refine(rate.under());
        divide(part(self), rate.under()).0 * rate.over()
    }

    /// Leaves the allowed amount; what is above it the provider or the member bears.
    pub(super) fn allow(&mut self, allowed: i128, write_off: bool) {
        self.allowed = allowed.min(self.plan);
        let above = self.plan - self.allowed;
        self.plan -= above;
        if write_off { self.write_off += above } else { self.not_covered += above }
    }

    /// So much of a whole amount outside the line, and no more than the charge.
    pub(super) fn of_base(&mut self, base: i64, rate: Ratio) -> i128 {
        let base = i128::from(base.clamp(0, domain::Money::MAX_MINOR));
        if base * rate.over() >= i128::from(self.charge) * rate.under() {
            return self.charge();
        }
        if base % rate.under() == 0 {
            return base / rate.under() * rate.over() * self.unit;
        }
        self.refine(rate.under());
        base * rate.over() * (self.unit / rate.under())
    }

    /// Takes the deductible, as far as `left` of it (minor units) goes; what it took, rounded so that the
    /// parts sum to the rounded whole.
    pub(super) fn deduct(&mut self, left: i64) -> i64 {
        let before = self.rounded(self.deductible);
        let taken = self.take(left);
        self.deductible += taken;
        self.rounded(self.deductible) - before
    }

    /// Takes the copay, as far as `left` of it (minor units) goes.
    pub(super) fn copay(&mut self, left: i64) {
        let taken = self.take(left);
        self.copay += taken;
    }

    /// Takes the member's rate of what is left.
    pub(super) fn coinsure(&mut self, rate: Ratio) {
        let taken = self.times(|shares| shares.plan, rate);
        self.plan -= taken;
        self.coinsurance += taken;
    }

    /// Leaves the rate of what is left; the rest the member bears as not covered.
    pub(super) fn withhold(&mut self, rate: Ratio) {
        let withheld = self.times(|shares| shares.plan, rate);
        self.plan -= withheld;
        self.not_covered += withheld;
    }

    /// Leaves the part that is within a limit of services.
    pub(super) fn keep(&mut self, within: Ratio) {
        let kept = self.times(|shares| shares.plan, within);
        self.over_limit += self.plan - kept;
        self.plan = kept;
    }

    /// A second layer: pays the rate of copay and co-insurance after `left` of its deductible (minor
    /// units); what of that deductible was met, in minor units, as the plan rounds.
    pub(super) fn supplement(&mut self, left: i64, rate: Ratio) -> i64 {
        let met = (self.coinsurance + self.copay).min(self.whole(left));
        let met_minor = self.rounded(met);
        // The deductible is whole, or met by all there is: finer fractions do not change what is above it.
        let above = |shares: &Self, met: i128| shares.coinsurance + shares.copay - met;
        let unit = self.unit;
        if above(self, met) % rate.under() != 0 {
            self.refine(rate.under());
        }
        let met = met * (self.unit / unit);
        let paid = above(self, met) / rate.under() * rate.over();
        self.give_back(paid, MemberShares { coinsurance: true, copay: true, deductible: false });
        met_minor
    }

    /// Gives back to the member what passes `left` of a maximum (minor units).
    pub(super) fn relieve(&mut self, left: i64, capped: MemberShares) {
        if left >= self.charge {
            return;
        }
        let member = [
            (self.coinsurance, capped.coinsurance),
            (self.copay, capped.copay),
            (self.deductible, capped.deductible),
        ];
        let member: i128 = member.into_iter().filter(|(_, counts)| *counts).map(|(part, _)| part).sum();
        self.give_back((member - self.whole(left)).max(0), capped);
    }

    /// Moves an amount from the member's shares to the plan: co-insurance first, then copay, then the
    /// deductible.
    fn give_back(&mut self, mut amount: i128, from: MemberShares) {
        let parts = [
            (&mut self.coinsurance, from.coinsurance),
            (&mut self.copay, from.copay),
            (&mut self.deductible, from.deductible),
        ];
        for (part, counts) in parts {
            let given = if counts { amount.min(*part) } else { 0 };
            *part -= given;
            self.plan += given;
            amount -= given;
        }
    }

    /// Leaves at most `left` of a limit (minor units); whether anything was over it.
    pub(super) fn limit(&mut self, left: i64) -> bool {
        if left >= self.charge {
            return false;
        }
        let over = (self.plan - self.whole(left)).max(0);
        self.plan -= over;
        self.over_limit += over;
        over > 0
    }

    fn take(&mut self, left: i64) -> i128 {
        let taken = self.plan.min(self.whole(left));
        self.plan -= taken;
        taken
    }

    /// Takes what another payer paid from what is left for the plan, before the member's shares; what
    /// passes it, from what is above the allowed amount.
    pub(super) fn take_other(&mut self, paid: i64) {
        let mut left = self.whole(paid);
        self.other_payer += left;
        for part in [&mut self.plan, &mut self.not_covered, &mut self.write_off, &mut self.over_limit] {
            let taken = left.min(*part);
            *part -= taken;
            left -= taken;
        }
    }
}
