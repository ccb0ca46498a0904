//! The views of what is counted beside one member's own accumulators.

use domain::{AccumulatorBalance, Currency, FamilySums, View};

/// What a contract counted for its family together.
#[derive(View)]
#[of(FamilySums)]
pub struct FamilySumsToCount {
    /// The currency of sums of money.
    #[category(Claims)]
    pub currency: Currency,
    /// Balances.
    #[category(Claims)]
    pub balances: Vec<AccumulatorBalance>,
}
