//! How the charge of one line is shared: exact parts that always sum to the charge. Every method
//! moves an amount between parts, so none can lose any.

use domain::{ClaimLine, LineService, Money};

use crate::exact::{Exact, Rate};
use crate::plan::{Allowed, Benefit, Plan};

/// The parts of a line's charge. `plan` is what is left for the plan to pay.
#[derive(Clone, Copy, Default)]
pub(super) struct Shares {
    pub(super) write_off: Exact,
    pub(super) not_covered: Exact,
    pub(super) deductible: Exact,
    pub(super) copay: Exact,
    pub(super) coinsurance: Exact,
    pub(super) over_limit: Exact,
    pub(super) plan: Exact,
}

impl Shares {
    /// Before the first step: the plan would pay all.
    pub(super) fn of_charge(charge: Money) -> Self {
        Self { plan: Exact::minor(charge.minor()), ..Self::default() }
    }

    /// After a refusal: the plan pays nothing.
    pub(super) fn nothing_of(charge: Money) -> Self {
        Self { not_covered: Exact::minor(charge.minor()), ..Self::default() }
    }

    /// Leaves the allowed amount; what is above it the provider or the member bears.
    pub(super) fn allow(&mut self, allowed: Exact, write_off: bool) {
        let above = self.plan.less(allowed);
        self.plan -= above;
        if write_off { self.write_off += above } else { self.not_covered += above }
    }

    /// Takes the deductible, as far as `left` of it (minor units) goes.
    pub(super) fn deduct(&mut self, left: i64) {
        let taken = self.take(left);
        self.deductible += taken;
    }

    /// Takes the copay, as far as `left` of it (minor units) goes.
    pub(super) fn copay(&mut self, left: i64) {
        let taken = self.take(left);
        self.copay += taken;
    }

    /// Takes the member's rate of what is left.
    pub(super) fn coinsure(&mut self, rate: Rate) {
        let taken = self.plan.times(rate);
        self.plan -= taken;
        self.coinsurance += taken;
    }

    /// Gives back to the member what passes `left` of the out-of-pocket maximum (minor units):
    /// co-insurance first, then copay, then the deductible where the maximum includes it.
    pub(super) fn relieve(&mut self, left: i64, with_deductible: bool) {
        let mut member = self.coinsurance + self.copay;
        if with_deductible {
            member += self.deductible;
        }
        let mut relief = member.less(Exact::minor(left.max(0)));
        for part in [&mut self.coinsurance, &mut self.copay, &mut self.deductible] {
            let given = relief.min(*part);
            *part -= given;
            self.plan += given;
            relief -= given;
        }
    }

    /// Leaves at most `left` of a limit (minor units).
    pub(super) fn limit(&mut self, left: i64) {
        let over = self.plan.less(Exact::minor(left.max(0)));
        self.plan -= over;
        self.over_limit += over;
    }

    fn take(&mut self, left: i64) -> Exact {
        let taken = self.plan.min(Exact::minor(left.max(0)));
        self.plan -= taken;
        taken
    }
}

/// What of a line's charge the benefit allows, never more than the charge; `None` when its price
/// list has no price for the service.
pub(super) fn allowed(
    plan: &Plan,
    benefit: &Benefit,
    service: &LineService,
    line: &ClaimLine,
    column: usize,
) -> Option<Exact> {
    let charge = Exact::minor(line.charge.minor());
    match benefit.allowed {
        Allowed::Charge => Some(charge),
        Allowed::Percentage(rate) => Some(charge.times(rate)),
        Allowed::PriceList(index) => {
            let prices = &plan.price_lists.get(index)?.prices;
            let found = prices.binary_search_by(|(code, _)| code.cmp(&service.code)).ok()?;
            let (_, unit) = prices.get(found)?;
            Some(charge.min(Exact::price(unit.at(column), line.units)))
        }
    }
}
