//! Benefits: plans as data, adjudication of claims under them, and what was counted.
//!
//! Pure: the same plan version, cover, accumulators and claim give the same determination. Nothing
//! payers, exchange between currencies, pre-authorisation, limits of visits and days, quotes.

mod adjudicate;
mod case;
mod exact;
mod file;
mod ledger;
mod plan;

pub use adjudicate::adjudicate;
pub use case::{AdjudicationError, Case, Cover};
pub use file::{FileError, adjudicate_file};
pub use ledger::{apply, negatives, reverse};
pub use plan::{Period, Plan, PlanError, Refusals};
