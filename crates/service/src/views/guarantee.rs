//! The views of guarantees of payment: for whoever decides on one, and for the provider who is told.

use domain::{
    ClaimLine, Country, Currency, Date, Diagnosis, Guarantee, GuaranteeDecision, LineService, MemberNumber,
    Person, PersonName, ProviderId, Room, View,
};

/// What was decided on a guarantee of payment: to add up what stands, and to say where it stands.
#[derive(View)]
#[of(Guarantee)]
pub struct GuaranteeToSum {
    /// What was decided.
    #[category(Plan)]
    pub decisions: Vec<GuaranteeDecision>,
}

/// A guarantee of payment, as whoever decides on it needs it.
#[derive(View)]
#[of(Guarantee)]
pub struct GuaranteeToDecide {
    /// The day on which it was asked for.
    #[category(Claims)]
    pub requested: Date,
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
    /// What was decided before.
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

/// A guarantee of payment, as the provider is told of it.
#[derive(View)]
#[of(Guarantee)]
pub struct GuaranteeForProvider {
    /// What the care is.
    #[category(Health)]
    pub services: Vec<LineService>,
    /// What was decided.
    #[category(Plan)]
    pub decisions: Vec<GuaranteeDecision>,
}

/// A person, as the provider who is to treat them is told.
#[derive(View)]
#[of(Person)]
pub struct PersonForProvider {
    /// Name.
    #[category(Identity)]
    pub name: PersonName,
    /// Birth date.
    #[category(Identity)]
    pub birth_date: Date,
    /// Number on the card.
    #[category(MemberId)]
    pub member_number: MemberNumber,
}
