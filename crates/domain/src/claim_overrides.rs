//! What a person decided about lines of a claim otherwise than the rules of the plan: a refusal that is lifted, or a line that is
//! refused. The engine reads it as one more fact and says what it comes to; nobody enters an amount here. Which refusals may be
//! lifted stands in `benefits`.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, CaseReason, Personal, Reason, Timestamp, WorkItemId};

vocabulary! {
    /// On which ground a person refuses a line: a judgement of somebody's care, and so health data. What no judgement is needed
    /// for is a rule of the plan.
    RefusalGround, "ground of a refusal" {
        /// The care was not medically necessary.
        NotNecessary = 0 "NEC",
        /// The care is experimental: that it helps is not shown.
        Experimental = 1 "EXP",
        /// The care serves looks alone.
        Cosmetic = 2 "COSM",
        /// It was billed in error, and whoever claims takes it back.
        TakenBack = 3 "BACK",
        /// A corrected claim takes its place.
        Replaced = 4 "REPL",
    }
}

/// What a person decided about a line.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum LineDecision {
    /// A reason for which it was refused, or paid less, is not applied to it.
    #[n(0)]
    Lift(#[n(0)] Reason),
    /// It is refused, whatever the rules say.
    #[n(1)]
    Refuse(#[n(0)] RefusalGround),
}

/// What was decided about a line, by whom, when and why.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LineOverride {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// What.
    #[n(1)]
    pub decision: LineDecision,
    /// By whom.
    #[n(2)]
    pub by: ActorId,
    /// When.
    #[n(3)]
    pub at: Timestamp,
    /// Why.
    #[n(4)]
    pub reason: CaseReason,
    /// The appeal whose decision it is; none of what was decided at the desk.
    #[n(5)]
    pub appeal: Option<WorkItemId>,
}

redacted!(LineDecision, LineOverride);

/// What persons decided about lines of a claim. It has the claim's id; nothing of it is ever taken out.
#[derive(Clone, Default, PartialEq, Eq, Personal)]
#[personal(kind = ClaimOverrides, retention = Claims)]
pub struct ClaimOverrides {
    /// Who decided something of it, each once: also who let it come in after the filing limit, which is about no line and stands in
    /// [`crate::ClaimFacts`]. None of them confirms the claim.
    #[category(Claims)]
    #[tag(1)]
    pub deciders: Vec<ActorId>,
    /// What was decided, in order: of two about one line and reason the later one stands.
    #[category(Health)]
    #[tag(2)]
    pub lines: Vec<LineOverride>,
}
