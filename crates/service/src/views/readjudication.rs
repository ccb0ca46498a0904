//! The views of deciding claims again: what was decided, and what is proposed. Who looks at totals of proposals gets
//! amounts and steps, and nothing of how they came about.

use domain::{
    AccumulatorEntry, CoverageId, Currency, Date, Determination, LineBenefit, LineDetermination,
    LineExchange, Outcome, PlanLabel, Proposal, ProposedClaim, ProposedWorking, Trace, View,
};

/// What was decided on a claim, whole: to compare it, and to take back what it counted.
#[derive(View)]
#[of(Determination)]
pub struct DeterminationToReadjudicate {
    /// The day it was first decided.
    #[category(Claims)]
    pub decided: Date,
    /// What became of the claim.
    #[category(Claims)]
    pub outcome: Outcome,
    /// The currency of every amount.
    #[category(Claims)]
    pub currency: Currency,
    /// Line by line.
    #[category(Claims)]
    pub lines: Vec<LineDetermination>,
    /// Which benefit each line fell under.
    #[category(Health)]
    pub benefits: Vec<LineBenefit>,
    /// How each amount came about.
    #[category(Health)]
    pub traces: Vec<Trace>,
    /// What was counted.
    #[category(Health)]
    pub entries: Vec<AccumulatorEntry>,
    /// The plan version that the numbers belong to.
    #[category(Health)]
    pub plan_version: PlanLabel,
    /// What was exchanged.
    #[category(Claims)]
    pub exchanges: Vec<LineExchange>,
    /// Under which span of cover.
    #[category(Claims)]
    pub coverage: Option<CoverageId>,
    /// The day on which it was released in the place of the one before.
    #[category(Claims)]
    pub released: Option<Date>,
}

impl DeterminationToReadjudicate {
    /// The determination.
    #[must_use]
    pub fn into_determination(self) -> Determination {
        Determination {
            decided: self.decided,
            outcome: self.outcome,
            currency: self.currency,
            lines: self.lines,
            benefits: self.benefits,
            traces: self.traces,
            entries: self.entries,
            plan_version: self.plan_version,
            exchanges: self.exchanges,
            coverage: self.coverage,
            released: self.released,
        }
    }
}

/// What is proposed for a person, whole: to carry it out.
#[derive(View)]
#[of(Proposal)]
pub struct ProposalToRelease {
    /// The claims that would be decided otherwise.
    #[category(Claims)]
    pub claims: Vec<ProposedClaim>,
    /// How each came about.
    #[category(Health)]
    pub workings: Vec<ProposedWorking>,
}

/// What is proposed for a person: amounts, and the steps that explain them.
#[derive(View)]
#[of(Proposal)]
pub struct ProposalToShow {
    /// The day on which it was worked out.
    #[category(Claims)]
    pub computed: Date,
    /// The claims that would be decided otherwise.
    #[category(Claims)]
    pub claims: Vec<ProposedClaim>,
}
