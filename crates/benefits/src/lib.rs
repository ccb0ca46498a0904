//! Benefits: plans as data, adjudication of claims under them, what was counted, what another payer pays
//! first, what membership costs, what is recovered, and what of a claim a person should look at (`screen`).
//!
//! Pure: the same plan version, cover, accumulators, facts and claim give the same determination. Nothing
//! here reads a clock, a file or a rate that it was not given.

mod adjudicate;
mod carried;
mod case;
mod coordination;
mod eligibility;
mod estimate;
mod exact;
mod exchange;
mod explain;
mod facts;
mod file;
mod guarantees;
mod ledger;
mod overrides;
mod parallel;
mod phrase;
mod plan;
mod recovery;
pub mod screen;
mod table;

pub use adjudicate::{adjudicate, charges_of_cover, claim_kind, other_payments};
pub use carried::CountedUnder;
pub use case::{AdjudicationError, Case, Cover};
pub use coordination::{Ground, Order, OtherCover, OtherPayment, Side, Standing, Through, who_pays_first};
pub use eligibility::{Span, covering};
pub use estimate::{
    ClaimEstimate, Estimate, Explained, Left, LineEstimate, Shares, TreatmentEstimate, estimate,
    estimate_file, explain_step, explain_trace, trace_tells,
};
pub use exchange::{Converted, ExchangeRates};
pub use explain::{overpaid_at, parted_at};
pub use facts::{Authorisation, Facts, KeptFree};
pub use file::{FileError, Unmet, WhyUnmet, adjudicate_file};
pub use guarantees::{ExpectedCare, Guaranteed, Guarantees};
pub use ledger::{apply, negatives, reserve, reverse, standing};
pub use overrides::{Override, OverrideError, can_lift, can_refuse, is_refused, may_lift};
pub use parallel::{Explanation, Group, InFlight, ParallelRun, parallel_run};
pub use plan::{
    Continuing, Enrolment, Period, Plan, PlanError, Premium, PremiumError, PremiumPart, PremiumShares, Quote,
    Refusals, Sequence, Sharing, pro_rata,
};
pub use recovery::recovery;
pub use table::{Change, Comparison, Difference, Presence, Section, Statement, Wanted, compare, table};
