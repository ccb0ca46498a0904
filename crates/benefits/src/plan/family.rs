//! What a plan counts for a family together, and where that is kept: apart from what one member counted alone. Who belongs to
//! the family, and what others of it counted, is said by whoever adjudicates.

use std::collections::BTreeSet;

use domain::{AccumulatorBalance, AccumulatorEntry, Accumulators};

use super::{Benefit, Counter, Deductible, Limit, OutOfPocketMaximum, Per, Plan};
use crate::case::AdjudicationError;
use crate::ledger::count;

/// Whether a plan counts for a family together, and whether that can be kept as sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// It counts for each member alone.
    Nothing,
    /// It counts sums, which say nothing of care.
    Sums,
    /// It counts for each condition, event, pregnancy or admission, or for certain benefits of a module only: a sum would tell
    /// of what one of the family had.
    ByCondition,
}

impl Plan {
    /// What it counts for a family together.
    #[must_use]
    pub fn sharing(&self) -> Sharing {
        let shared = self.all_counters().filter(|counter| counter.family);
        shared.fold(Sharing::Nothing, |known, counter| match (known, counter.per) {
            (Sharing::ByCondition, _) => known,
            (_, Per::Person) if self.is_wide(counter.accumulator) => Sharing::Sums,
            _ => Sharing::ByCondition,
        })
    }

    /// The accumulators that it counts for a family together: between two versions that share the same, what was counted is found.
    #[must_use]
    pub fn shared_accumulators(&self) -> BTreeSet<u16> {
        self.all_counters().filter(|counter| counter.family).map(|counter| counter.accumulator).collect()
    }

    /// Whether an accumulator counts the whole plan, or whole modules of several benefits: then what stands on it does not tell
    /// which care it was.
    fn is_wide(&self, accumulator: u16) -> bool {
        let is = |counter: &Counter| counter.accumulator == accumulator;
        let any = |own: &Counter, family: Option<&Counter>| is(own) || family.is_some_and(is);
        let deductible = |rule: &&Deductible| any(&rule.counter, rule.family.as_ref());
        let maximum = |rule: &&OutOfPocketMaximum| any(&rule.counter, rule.family.as_ref());
        let limit = |rule: &&Limit| is(&rule.counter);
        let whole = self.deductibles.iter().filter(deductible).any(|rule| rule.whole_plan)
            || self.maxima.iter().filter(maximum).any(|rule| rule.whole_plan)
            || self.limits.iter().filter(limit).any(|rule| rule.whole_plan)
            || self.major_medical.iter().any(|layer| is(&layer.counter));
        let counts = |benefit: &&Benefit| {
            let mut deductibles = benefit.deductibles.iter().filter_map(|place| self.deductibles.get(*place));
            let mut maxima = benefit.maxima.iter().filter_map(|place| self.maxima.get(*place));
            let mut limits = benefit.limits.iter().filter_map(|place| self.limits.get(*place));
            deductibles.any(|rule| deductible(&rule))
                || maxima.any(|rule| maximum(&rule))
                || limits.any(|rule| limit(&rule))
        };
        let is_whole = |module: &str| {
            let mut others = self.benefits.iter().filter(|one| one.module == module);
            others.clone().count() > 1 && others.all(|one| counts(&one))
        };
        whole || self.benefits.iter().filter(counts).all(|benefit| is_whole(&benefit.module))
    }

    /// Moves what a member counted for the family out of their own balances and adds it to the family's sums, sorted as
    /// balances are. What is there already stays, whoever counted it. Answers whether anything was moved.
    ///
    /// # Errors
    /// A sum overflows; nothing is changed then.
    pub fn share(
        &self,
        own: &mut Accumulators,
        family: &mut Vec<AccumulatorBalance>,
    ) -> Result<bool, AdjudicationError> {
        let is_shared = |balance: &AccumulatorBalance| {
            self.all_counters().any(|known| known.family && known.accumulator == balance.accumulator)
        };
        let mut sums = family.clone();
        for balance in own.balances.iter().filter(|balance| is_shared(balance)) {
            let entry = AccumulatorEntry {
                accumulator: balance.accumulator,
                period_start: balance.period_start,
                line: 0,
                delta: balance.amount,
                scope: balance.scope,
                until: None,
            };
            count(&mut sums, &entry)?;
        }
        sums.retain(|balance| balance.amount != 0);
        let before = own.balances.len();
        own.balances.retain(|balance| !is_shared(balance));
        *family = sums;
        Ok(own.balances.len() != before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(limits: &str) -> Plan {
        let head =
            "id = \"p\"\nversion = \"1\"\nname = \"P\"\neffective = 2020-01-01\ncurrencies = [\"EUR\"]\n";
        let benefit =
            "[[benefit]]\nid = \"doctor\"\nname = \"Doctor\"\nmodule = \"core\"\ncodes = [\"GP\"]\n";
        Plan::parse("p", &format!("{head}{limits}{benefit}")).unwrap()
    }

    fn limit(number: u16, more: &str) -> String {
        format!(
            "[[limit]]\nid = \"l{number}\"\naccumulator = {number}\nname = \"L\"\nperiod = \"calendar-year\"\n\
             amount = {{ EUR = \"500\" }}\napplies_to = \"plan\"\n{more}\n"
        )
    }

    fn balance(accumulator: u16, amount: i64) -> AccumulatorBalance {
        AccumulatorBalance { accumulator, period_start: "2026-01-01".parse().unwrap(), amount, scope: 0 }
    }

    #[test]
    fn a_plan_shares_nothing_sums_or_what_would_tell_of_care() {
        assert_eq!(plan(&limit(1, "")).sharing(), Sharing::Nothing);
        let shared = format!("{}{}", limit(1, ""), limit(2, "family = true"));
        assert_eq!(plan(&shared).sharing(), Sharing::Sums);
        assert_eq!(plan(&shared).shared_accumulators(), BTreeSet::from([2]));
        let by_condition = format!("{}{shared}", limit(3, "family = true\nper = \"condition\""));
        assert_eq!(plan(&by_condition).sharing(), Sharing::ByCondition);
    }

    #[test]
    fn what_certain_benefits_count_for_a_family_would_tell_of_care() {
        let head =
            "id = \"p\"\nversion = \"1\"\nname = \"P\"\neffective = 2020-01-01\ncurrencies = [\"EUR\"]\n";
        let limited = limit(1, "family = true").replace("\"plan\"", "\"benefits\"");
        let benefit = |id: &str, limits: &str| {
            format!(
                "[[benefit]]\nid = \"{id}\"\nname = \"B\"\nmodule = \"mind\"\ncodes = [\"{id}\"]\n{limits}\n"
            )
        };
        let of = "limits = [\"l1\"]";
        let sharing = |second: &str| {
            let text = format!("{head}{limited}{}{}", benefit("therapy", of), benefit("clinic", second));
            Plan::parse("p", &text).unwrap().sharing()
        };
        assert_eq!(sharing(""), Sharing::ByCondition);
        assert_eq!(sharing(of), Sharing::Sums, "the whole module");
    }

    #[test]
    fn what_is_counted_for_the_family_is_moved_once() {
        let plan = plan(&format!("{}{}", limit(1, ""), limit(2, "family = true")));
        let mut own =
            Accumulators { balances: vec![balance(1, 70), balance(2, 70)], ..Accumulators::default() };
        let mut family = vec![balance(2, 30)];
        let amounts = |balances: &[AccumulatorBalance]| {
            balances.iter().map(|one| (one.accumulator, one.amount)).collect::<Vec<_>>()
        };
        assert!(plan.share(&mut own, &mut family).unwrap());
        assert_eq!((amounts(&own.balances), amounts(&family)), (vec![(1, 70)], vec![(2, 100)]));
        assert!(!plan.share(&mut own, &mut family).unwrap());
        // Taken back exactly.
        own.balances.push(balance(2, -100));
        assert!(plan.share(&mut own, &mut family).unwrap());
        assert!(family.is_empty());
        own.balances.push(balance(2, i64::MAX));
        family.push(balance(2, 1));
        assert!(plan.share(&mut own, &mut family).is_err());
        assert_eq!((own.balances.len(), amounts(&family)), (2, vec![(2, 1)]), "nothing was changed");
    }
}
