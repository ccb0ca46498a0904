//! What a plan counts for a family together, and where that is kept: apart from what one member counted alone. Who belongs to
//! the family, and what others of it counted, is said by whoever adjudicates.

use domain::{AccumulatorBalance, AccumulatorEntry, Accumulators};

use super::{Per, Plan};
use crate::case::AdjudicationError;
use crate::ledger::count;

/// Whether a plan counts for a family together, and whether that can be kept as sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// It counts for each member alone.
    Nothing,
    /// It counts sums, which say nothing of care.
    Sums,
    /// It counts for each condition, event, pregnancy or admission: a sum would tell of what one of the family had.
    ByCondition,
}

impl Plan {
    /// What it counts for a family together.
    #[must_use]
    pub fn sharing(&self) -> Sharing {
        let shared = self.all_counters().filter(|counter| counter.family);
        shared.fold(Sharing::Nothing, |known, counter| match (known, counter.per) {
            (Sharing::ByCondition, _) => known,
            (_, Per::Person) => Sharing::Sums,
            _ => Sharing::ByCondition,
        })
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
            count(&mut sums, usize::MAX, &entry)?;
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
        let by_condition = format!("{}{shared}", limit(3, "family = true\nper = \"condition\""));
        assert_eq!(plan(&by_condition).sharing(), Sharing::ByCondition);
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
