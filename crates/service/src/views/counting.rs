//! The views of what is counted beside one member's own accumulators.

use domain::{
    AccumulatorBalance, ClaimLine, Country, Currency, Date, Diagnosis, FamilySums, Guarantee,
    GuaranteeDecision, LineService, ProviderId, Room, View,
};

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

/// A guarantee of payment, as the adjudicator counts it.
#[derive(View)]
#[of(Guarantee)]
pub struct GuaranteeToCount {
    /// Who is to give the care.
    #[category(Claims)]
    pub provider: ProviderId,
    /// The currency of every amount.
    #[category(Claims)]
    pub currency: Currency,
    /// What it is expected to cost, and when.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// What each line is for.
    #[category(Health)]
    pub services: Vec<LineService>,
    /// Diagnoses.
    #[category(Health)]
    pub diagnoses: Vec<Diagnosis>,
    /// What was decided.
    #[category(Plan)]
    pub decisions: Vec<GuaranteeDecision>,
    /// Where the care is to be given.
    #[category(Claims)]
    pub country: Option<Country>,
    /// Whether it is an emergency.
    #[category(Health)]
    pub emergency: Option<bool>,
    /// Whether it follows from an accident.
    #[category(Health)]
    pub accident: Option<bool>,
    /// Whether the provider is under contract.
    #[category(Claims)]
    pub in_network: Option<bool>,
    /// The first day of the stay outside the area of cover.
    #[category(Claims)]
    pub away_since: Option<Date>,
    /// The room that is to be used.
    #[category(Health)]
    pub room: Option<Room>,
}
