//! The views of adjudication: what the rules of a plan may ask, and nothing that no rule asks.

use domain::{
    AccumulatorBalance, Accumulators, CaseReason, Claim, ClaimFacts, ClaimLine, ClaimOverrides, Country,
    Coverage, CoverageStatus, Currency, Date, Diagnosis, DocumentName, Episodes, GuaranteeUse, LineOverride,
    LineService, LineType, ModuleName, OtherCoverage, OtherPayerAmounts, OtherPayerAnswer, ParentBirthdays,
    Payee, Person, Preexisting, PriorLine, ProviderId, ReferenceSalary, Room, Sex, Told, View,
};

/// A claim, as the adjudicator needs it.
#[derive(View)]
#[of(Claim)]
pub struct ClaimToAdjudicate {
    /// The day it was received.
    #[category(Claims)]
    pub received: Date,
    /// Who gave the care.
    #[category(Claims)]
    pub provider: ProviderId,
    /// Who is paid.
    #[category(Claims)]
    pub payee: Payee,
    /// The currency of every charge.
    #[category(Claims)]
    pub currency: Currency,
    /// What was charged.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// What each line was for.
    #[category(Health)]
    pub services: Vec<LineService>,
    /// Diagnoses.
    #[category(Health)]
    pub diagnoses: Vec<Diagnosis>,
    /// Where the care was given.
    #[category(Claims)]
    pub country: Option<Country>,
    /// Whether it was an emergency.
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
    /// The room that was used.
    #[category(Health)]
    pub room: Option<Room>,
    /// The papers that came with it.
    #[category(Health)]
    pub documents: Option<Vec<DocumentName>>,
    /// What the care belongs to.
    #[category(Health)]
    pub episodes: Episodes,
    /// What other payers paid, as far as that came with the claim.
    #[category(Claims)]
    pub other_payer: Vec<OtherPayerAmounts>,
    /// The day of the invoice.
    #[category(Claims)]
    pub invoiced: Option<Date>,
    /// The day of admission.
    #[category(Health)]
    pub admitted: Option<Date>,
}

/// Cover, as the adjudicator needs it.
#[derive(View)]
#[of(Coverage)]
pub struct CoverToAdjudicate {
    /// The column of the plan's table of amounts.
    #[category(Plan)]
    pub currency: Currency,
    /// First day.
    #[category(Eligibility)]
    pub start: Date,
    /// Last day.
    #[category(Eligibility)]
    pub end: Option<Date>,
    /// Whether it is in force.
    #[category(Eligibility)]
    pub status: CoverageStatus,
    /// Excluded conditions.
    #[category(Health)]
    pub exclusions: Vec<Diagnosis>,
    /// The plan's modules that it has.
    #[category(Plan)]
    pub modules: Option<Vec<ModuleName>>,
    /// Yearly reference salaries.
    #[category(Financial)]
    pub salaries: Vec<ReferenceSalary>,
    /// The first day of cover elsewhere before.
    #[category(Eligibility)]
    pub prior_cover: Option<Date>,
    /// Conditions that were there before the cover.
    #[category(Health)]
    pub preexisting: Vec<Preexisting>,
    /// Another payer's cover.
    #[category(Eligibility)]
    pub other: Option<OtherCoverage>,
    /// The birthdays of the parents through whom a child is covered.
    #[category(Identity)]
    pub parents: Option<ParentBirthdays>,
}

/// A person, as the adjudicator needs them: could they have had this service?
#[derive(View)]
#[of(Person)]
pub struct PersonToAdjudicate {
    /// Birth date.
    #[category(Identity)]
    pub birth_date: Date,
    /// Date of death.
    #[category(Identity)]
    pub death_date: Option<Date>,
    /// Administrative sex: some benefits are for one.
    #[category(Identity)]
    pub sex: Sex,
}

impl PersonToAdjudicate {
    /// The sex that a benefit may ask for; none where neither is recorded.
    pub(crate) fn known_sex(&self) -> Option<Sex> {
        Some(self.sex).filter(|sex| matches!(sex, Sex::Female | Sex::Male))
    }
}

/// What was counted before.
#[derive(View)]
#[of(Accumulators)]
pub struct AccumulatorsToAdjudicate {
    /// Balances.
    #[category(Health)]
    pub balances: Vec<AccumulatorBalance>,
    /// Lines seen.
    #[category(Health)]
    pub lines: Vec<PriorLine>,
    /// What was used of guarantees.
    #[category(Health)]
    pub guarantees: Vec<GuaranteeUse>,
}

/// What another payer answered about a claim.
#[derive(View)]
#[of(OtherPayerAnswer)]
pub struct OtherPayerAnswerToCount {
    /// Line by line.
    #[category(Claims)]
    pub lines: Vec<OtherPayerAmounts>,
}

/// What became known of a claim after it had come in.
#[derive(View, Default)]
#[of(ClaimFacts)]
pub struct FactsToCount {
    /// Where the care was given.
    #[category(Claims)]
    pub country: Option<Told<Country>>,
    /// Whether it was an emergency.
    #[category(Health)]
    pub emergency: Option<Told<bool>>,
    /// Whether it follows from an accident.
    #[category(Health)]
    pub accident: Option<Told<bool>>,
    /// Whether the provider is under contract.
    #[category(Claims)]
    pub in_network: Option<Told<bool>>,
    /// The first day of the stay outside the area of cover.
    #[category(Claims)]
    pub away_since: Option<Told<Date>>,
    /// The room that was used.
    #[category(Health)]
    pub room: Option<Told<Room>>,
    /// All papers that are there.
    #[category(Health)]
    pub documents: Option<Told<Vec<DocumentName>>>,
    /// That nobody authorised the care.
    #[category(Claims)]
    pub nothing_authorised: Option<Told<()>>,
    /// That the filing limit is waived, and why.
    #[category(Health)]
    pub filing_waived: Option<Told<CaseReason>>,
    /// The types of service of lines.
    #[category(Health)]
    pub service_types: Option<Told<Vec<LineType>>>,
}

/// What persons decided about lines of a claim.
#[derive(View)]
#[of(ClaimOverrides)]
pub struct OverridesToCount {
    /// Each decision, in order.
    #[category(Health)]
    pub lines: Vec<LineOverride>,
}
