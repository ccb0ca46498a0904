//! What may leave a computation in the clear: states and control totals of a
//! batch. The trait is sealed, so that nobody can add a personal type to the list elsewhere.

use std::collections::BTreeMap;

use domain::{Account, ClaimState, Currency};

mod sealed {
    pub trait Sealed {}
}

/// A result that is no personal data: it becomes a plain column or a control total.
pub trait Plain: sealed::Sealed {}

macro_rules! plain {
    ($($type:ty),+) => { $( impl sealed::Sealed for $type {} impl Plain for $type {} )+ };
}

plain!((), ClaimState, Currency, Totals);

impl<T: Plain> sealed::Sealed for Option<T> {}
impl<T: Plain> Plain for Option<T> {}

impl<T: Plain> sealed::Sealed for Vec<T> {}
impl<T: Plain> Plain for Vec<T> {}

impl<A: Plain, B: Plain> sealed::Sealed for (A, B) {}
impl<A: Plain, B: Plain> Plain for (A, B) {}

/// Control totals of postings: debit and credit by account and currency, in minor units. They are
/// stored summed over a batch, never for one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<(Account, Currency), (i128, i128)>);

impl Totals {
    /// Counts one entry: a positive amount is a debit, a negative one a credit.
    pub fn add(&mut self, account: Account, currency: Currency, amount: i64) {
        let (debit, credit) = self.0.entry((account, currency)).or_default();
        if amount >= 0 {
            *debit += i128::from(amount);
        } else {
            *credit -= i128::from(amount);
        }
    }

    /// Adds what another batch part counted.
    pub fn merge(&mut self, other: &Self) {
        for (key, (debit, credit)) in &other.0 {
            let (mine_debit, mine_credit) = self.0.entry(*key).or_default();
            *mine_debit += debit;
            *mine_credit += credit;
        }
    }

    /// Account, currency, debit, credit.
    pub fn iter(&self) -> impl Iterator<Item = (Account, Currency, i128, i128)> {
        self.0.iter().map(|((account, currency), (debit, credit))| (*account, *currency, *debit, *credit))
    }

    /// Whether debits equal credits in every currency.
    #[must_use]
    pub fn balances(&self) -> bool {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for (_, currency, debit, credit) in self.iter() {
            *sums.entry(currency).or_default() += debit - credit;
        }
        sums.values().all(|sum| *sum == 0)
    }
}
