//! The views of claims that wait for a person: what whoever has one sees of it. What the care was is shown where a clause shows
//! it; the rest is not held back for that.

use domain::{
    ActorId, CaseReason, Claim, ClaimClosing, ClaimClosings, ClaimConfirmation, ClaimFacts, ClaimLine,
    ClaimOverrides, ClaimQuestion, ClaimQuestions, Country, Currency, Date, Determination, Diagnosis,
    DocumentName, Field, LineBenefit, LineDetermination, LineOverride, LineService, LineType, Money,
    OtherPayerAmounts, Outcome, Payee, PlanLabel, ProviderId, Room, Told, Trace, View,
};

/// The claim.
#[derive(View)]
#[of(Claim)]
pub struct ClaimOnDesk {
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
    /// Where the care was given.
    #[category(Claims)]
    pub country: Option<Country>,
    /// The total that it came with, where that is not the sum of the charges.
    #[category(Claims)]
    pub other_total: Option<Money>,
    /// What was charged.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// What each line was for.
    #[category(Health)]
    pub services: Field<Vec<LineService>>,
    /// Diagnoses.
    #[category(Health)]
    pub diagnoses: Field<Vec<Diagnosis>>,
}

/// The claim, for what another payer answers about it: amounts, and nothing of what the care was.
#[derive(View)]
#[of(Claim)]
pub struct ClaimToCoordinate {
    /// The currency of every charge.
    #[category(Claims)]
    pub currency: Currency,
    /// What was charged.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// What other payers paid, as far as that came with the claim.
    #[category(Claims)]
    pub other_payer: Vec<OtherPayerAmounts>,
}

/// The claim, for what becomes known of it.
#[derive(View)]
#[of(Claim)]
pub struct ClaimToTell {
    /// What was charged.
    #[category(Claims)]
    pub lines: Vec<ClaimLine>,
    /// The papers that came with it.
    #[category(Health)]
    pub documents: Option<Vec<DocumentName>>,
}

/// What became known of it.
#[derive(View)]
#[of(ClaimFacts)]
pub struct FactsOnDesk {
    /// Where the care was given.
    #[category(Claims)]
    pub country: Option<Told<Country>>,
    /// Whether it was an emergency.
    #[category(Health)]
    pub emergency: Field<Option<Told<bool>>>,
    /// Whether it follows from an accident.
    #[category(Health)]
    pub accident: Field<Option<Told<bool>>>,
    /// Whether the provider is under contract.
    #[category(Claims)]
    pub in_network: Option<Told<bool>>,
    /// The first day of the stay outside the area of cover.
    #[category(Claims)]
    pub away_since: Option<Told<Date>>,
    /// The room that was used.
    #[category(Health)]
    pub room: Field<Option<Told<Room>>>,
    /// All papers that are there.
    #[category(Health)]
    pub documents: Field<Option<Told<Vec<DocumentName>>>>,
    /// That nobody authorised the care.
    #[category(Claims)]
    pub nothing_authorised: Option<Told<()>>,
    /// That the filing limit is waived, and why.
    #[category(Health)]
    pub filing_waived: Field<Option<Told<CaseReason>>>,
    /// The types of service of lines.
    #[category(Health)]
    pub service_types: Field<Option<Told<Vec<LineType>>>>,
}

/// What is proposed on it.
#[derive(View)]
#[of(Determination)]
pub struct DeterminationOnDesk {
    /// The day it was worked out.
    #[category(Claims)]
    pub decided: Date,
    /// The currency of every amount.
    #[category(Claims)]
    pub currency: Currency,
    /// Line by line.
    #[category(Claims)]
    pub lines: Vec<LineDetermination>,
    /// Which benefit each line fell under.
    #[category(Health)]
    pub benefits: Field<Vec<LineBenefit>>,
    /// How each amount came about.
    #[category(Health)]
    pub traces: Field<Vec<Trace>>,
    /// The plan version that the numbers belong to.
    #[category(Health)]
    pub plan_version: Field<PlanLabel>,
}

/// What was asked of whoever claims.
#[derive(View)]
#[of(ClaimQuestions)]
pub struct QuestionsOnDesk {
    /// The questions, in order.
    #[category(Claims)]
    pub questions: Vec<ClaimQuestion>,
}

/// What is proposed on it, for what a person decides about its lines.
#[derive(View)]
#[of(Determination)]
pub struct DeterminationToOverride {
    /// Line by line.
    #[category(Claims)]
    pub lines: Vec<LineDetermination>,
    /// At which step each line was refused.
    #[category(Health)]
    pub traces: Vec<Trace>,
}

/// What persons decided about its lines: by whom is shown to whoever has it, what and why where a clause shows it.
#[derive(View)]
#[of(ClaimOverrides)]
pub struct OverridesOnDesk {
    /// Who decided something.
    #[category(Claims)]
    pub deciders: Vec<ActorId>,
    /// Each decision, in order.
    #[category(Health)]
    pub lines: Field<Vec<LineOverride>>,
}

/// All that persons decided about its lines, for what is added to it and for whoever handles an appeal.
#[derive(View)]
#[of(ClaimOverrides)]
pub struct OverridesOfClaim {
    /// Who decided something.
    #[category(Claims)]
    pub deciders: Vec<ActorId>,
    /// Each decision, in order.
    #[category(Health)]
    pub lines: Vec<LineOverride>,
}

/// That it was closed before it was decided, and opened again.
#[derive(View)]
#[of(ClaimClosings)]
pub struct ClosingsOfClaim {
    /// Each time, in order.
    #[category(Claims)]
    pub closings: Vec<ClaimClosing>,
}

/// What a person let stand of what was proposed on it, and why where a clause shows it.
#[derive(View)]
#[of(ClaimConfirmation)]
pub struct ConfirmationInHistory {
    /// The day of the decision.
    #[category(Claims)]
    pub decided: Date,
    /// Who decided.
    #[category(Claims)]
    pub by: ActorId,
    /// What became of the claim.
    #[category(Claims)]
    pub outcome: Outcome,
    /// Why.
    #[category(Health)]
    pub reason: Field<CaseReason>,
}
