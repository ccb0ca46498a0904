//! The views of appeals: what whoever handles one sees of it, of the claim and of what was decided.

use domain::{
    ActorId, Appeal, AppealDecision, CaseReason, Claim, ClaimConfirmation, ClaimId, ClaimLine, Currency,
    Date, Determination, Diagnosis, LineBenefit, LineDetermination, LineService, Outcome, PlanLabel,
    ProviderId, Trace, View,
};

/// An appeal, as whoever handles it needs it.
#[derive(View)]
#[of(Appeal)]
pub struct AppealToHandle {
    /// The claim.
    #[category(Claims)]
    pub claim: ClaimId,
    /// The lines that are appealed against; empty for all.
    #[category(Claims)]
    pub lines: Vec<u32>,
    /// The day it was received.
    #[category(Claims)]
    pub received: Date,
    /// On which grounds.
    #[category(Health)]
    pub grounds: CaseReason,
    /// What was decided.
    #[category(Health)]
    pub decision: Option<AppealDecision>,
}

/// The claim that is appealed about.
#[derive(View)]
#[of(Claim)]
pub struct ClaimUnderAppeal {
    /// The day it was received.
    #[category(Claims)]
    pub received: Date,
    /// Who gave the care.
    #[category(Claims)]
    pub provider: ProviderId,
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
}

/// What was decided on the claim.
#[derive(View)]
#[of(Determination)]
pub struct DeterminationUnderAppeal {
    /// The day it was decided.
    #[category(Claims)]
    pub decided: Date,
    /// Line by line.
    #[category(Claims)]
    pub lines: Vec<LineDetermination>,
    /// Which benefit each line fell under.
    #[category(Health)]
    pub benefits: Vec<LineBenefit>,
    /// How each amount came about.
    #[category(Health)]
    pub traces: Vec<Trace>,
    /// The plan version that the numbers belong to.
    #[category(Health)]
    pub plan_version: PlanLabel,
}

/// What a person let stand of what was proposed on the claim, and why.
#[derive(View)]
#[of(ClaimConfirmation)]
pub struct ConfirmationUnderAppeal {
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
    pub reason: CaseReason,
}
