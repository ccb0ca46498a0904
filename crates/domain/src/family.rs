//! What a contract counts for a family together. It holds sums and nothing else: not whose claim was counted, nor for
//! which care or condition. Whoever may open it learns nothing of what one of the family was treated for.

use crate::{AccumulatorBalance, Currency, Personal};

/// The sums of one plan that a family shares: a record of the holder of the contract. No health data, so that nobody's claim
/// waits for the consent of another of the family.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = FamilySums, retention = Claims)]
pub struct FamilySums {
    /// The currency of the cover, of every sum of money.
    #[category(Claims)]
    #[tag(1)]
    pub currency: Currency,
    /// Balances, sorted by accumulator and period; none is zero, and none has a scope.
    #[category(Claims)]
    #[tag(2)]
    pub balances: Vec<AccumulatorBalance>,
}
