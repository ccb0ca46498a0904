//! What deciding a person's claims again would change: amounts and the steps that explain them (claims data), how they came
//! about (health data). A proposal changes nothing: a person releases it.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{
    AccumulatorEntry, ClaimId, CoverageId, Currency, Date, GuaranteeUse, LineBenefit, LineDetermination,
    LineExchange, Outcome, Personal, PlanLabel, Step, Trace,
};

vocabulary! {
    /// Where a proposal stands.
    ProposalState, "proposal state" {
        /// It waits for a person.
        Proposed = 0 "proposed",
        /// A person released it: what it proposes is what was decided.
        Released = 1 "released",
        /// What it rests on has changed since: it can be released no longer, and must be worked out anew.
        Outdated = 2 "outdated",
        /// Nothing is proposed: no clause lets the run read the person's file, something waits, or a record is gone. What was
        /// decided stands, and their cover stays where it is.
        Left = 3 "left",
        /// It was decided again with the others of a family, and nothing of it would change.
        Unchanged = 4 "unchanged",
    }
}

vocabulary! {
    /// Why a proposal is released. It stands in the clear, so it says nothing about health or money.
    ReleaseReason, "reason" {
        /// The plan was wrong, and a version took its place.
        PlanCorrected = 0 "plan-corrected",
        /// The person's cover was wrong, or changed for days that had passed.
        CoverCorrected = 1 "cover-corrected",
        /// Something else that is known of the person was wrong, or came late.
        FactsCorrected = 2 "facts-corrected",
        /// Another payer answered late, or otherwise than before.
        OtherPayer = 3 "other-payer",
        /// It was appealed against.
        Appeal = 4 "appeal",
        /// The claims had not been decided in the order in which they were received.
        Order = 5 "order",
    }
}

/// What deciding somebody's claims again would change, all of it together: the claims of one person share what was counted.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Proposal, retention = Claims)]
pub struct Proposal {
    /// The day on which it was worked out.
    #[category(Claims)]
    #[tag(1)]
    pub computed: Date,
    /// The claims that would be decided otherwise, in the order in which they were taken.
    #[category(Claims)]
    #[tag(2)]
    pub claims: Vec<ProposedClaim>,
    /// How each of them came about, in the same order.
    #[category(Health)]
    #[tag(3)]
    pub workings: Vec<ProposedWorking>,
}

/// A claim that would be decided otherwise.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ProposedClaim {
    /// Which.
    #[n(0)]
    pub claim: ClaimId,
    /// The span of cover that it falls under.
    #[n(1)]
    pub coverage: CoverageId,
    /// What was decided.
    #[n(2)]
    pub before: DecidedAmounts,
    /// What would be.
    #[n(3)]
    pub after: DecidedAmounts,
    /// What would be exchanged into the currency of the cover.
    #[n(4)]
    pub exchanges: Vec<LineExchange>,
    /// The lines that differ, each with the step that explains it.
    #[n(5)]
    pub explained: Vec<ExplainedLine>,
}

impl ProposedClaim {
    /// Whether it refuses a line that was not refused before.
    #[must_use]
    pub fn newly_refuses(&self) -> bool {
        let refused = |line: &&LineDetermination| line.outcome == Outcome::Denied;
        let before =
            |number: u32| self.before.lines.iter().any(|line| line.number == number && refused(&line));
        self.after.lines.iter().filter(refused).any(|line| !before(line.number))
    }
}

/// What was decided on a claim, or would be.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DecidedAmounts {
    /// What becomes of the claim.
    #[n(0)]
    pub outcome: Outcome,
    /// The currency of every amount.
    #[n(1)]
    pub currency: Currency,
    /// Line by line.
    #[n(2)]
    pub lines: Vec<LineDetermination>,
}

impl DecidedAmounts {
    /// What the plan pays for a line, in minor units; nothing for one that is not there.
    #[must_use]
    pub fn plan_of(&self, line: u32) -> i64 {
        self.lines.iter().find(|known| known.number == line).map_or(0, |known| known.plan)
    }

    /// What the plan pays for the claim, in minor units.
    #[must_use]
    pub fn plan(&self) -> i64 {
        self.lines.iter().map(|line| line.plan).sum()
    }
}

/// Which step explains that a line differs.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ExplainedLine {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// The first step at which the two ways part.
    #[n(1)]
    pub step: Step,
}

/// How a proposed claim came about.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ProposedWorking {
    /// Which benefit each line fell under.
    #[n(0)]
    pub benefits: Vec<LineBenefit>,
    /// How each amount came about.
    #[n(1)]
    pub traces: Vec<Trace>,
    /// What would be counted.
    #[n(2)]
    pub entries: Vec<AccumulatorEntry>,
    /// The plan version that the numbers belong to.
    #[n(3)]
    pub plan_version: PlanLabel,
    /// What the claim would use of guarantees of payment.
    #[n(4)]
    pub guarantees: Vec<GuaranteeUse>,
}

redacted!(ProposedClaim, DecidedAmounts, ExplainedLine, ProposedWorking);
