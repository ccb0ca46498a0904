//! What may leave a computation in the clear: states, reasons that say nothing about health or money, and totals
//! that the gate makes a control code of. The trait is sealed, so that nobody can add a personal type to the list
//! elsewhere.

use std::collections::BTreeMap;

use domain::{Account, ClaimState, Currency, OutcomeReason, PostingEntry, ScreenState, SettlementState};

use crate::MarkToken;

mod sealed {
    pub trait Sealed {}
}

/// A result that is no personal data: it becomes a plain column or part of a control code.
pub trait Plain: sealed::Sealed {}

macro_rules! plain {
    ($($type:ty),+) => { $( impl sealed::Sealed for $type {} impl Plain for $type {} )+ };
}

plain!((), ClaimState, OutcomeReason, Currency, ScreenState, SettlementState, MarkToken, Totals);

impl<T: Plain> sealed::Sealed for Option<T> {}
impl<T: Plain> Plain for Option<T> {}

impl<T: Plain> sealed::Sealed for Vec<T> {}
impl<T: Plain> Plain for Vec<T> {}

impl<A: Plain, B: Plain> sealed::Sealed for (A, B) {}
impl<A: Plain, B: Plain> Plain for (A, B) {}

/// Totals of postings: how many, and debit and credit by account and currency, in minor units. A batch may
/// be one claim, so they are never stored: [`crate::Gate::control_code`] is what is kept of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Totals {
    postings: u64,
    sums: BTreeMap<(Account, Currency), (i128, i128)>,
}

impl std::fmt::Debug for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Totals({} postings)", self.postings)
    }
}

impl Totals {
    /// Counts one posting: a positive amount is a debit, a negative one a credit.
    pub fn post(&mut self, currency: Currency, entries: &[PostingEntry]) {
        self.postings += 1;
        for entry in entries {
            let (debit, credit) = self.sums.entry((entry.account, currency)).or_default();
            if entry.amount >= 0 {
                *debit += i128::from(entry.amount);
            } else {
                *credit -= i128::from(entry.amount);
            }
        }
    }

    /// Adds what another batch part counted.
    pub fn merge(&mut self, other: &Self) {
        self.postings += other.postings;
        for (key, (debit, credit)) in &other.sums {
            let (mine_debit, mine_credit) = self.sums.entry(*key).or_default();
            *mine_debit += debit;
            *mine_credit += credit;
        }
    }

    /// How many postings.
    #[must_use]
    pub fn postings(&self) -> u64 {
        self.postings
    }

    /// Account, currency, debit, credit; in the order of accounts, then of currencies.
    pub fn iter(&self) -> impl Iterator<Item = (Account, Currency, i128, i128)> {
        self.sums.iter().map(|((account, currency), (debit, credit))| (*account, *currency, *debit, *credit))
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
