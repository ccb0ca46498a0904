//! What a person does about a claim that waits for one: what was asked of whoever claims, and which proposal was let stand, by
//! whom and why. Where it waits, and before whom, are plain columns; what is proposed is its determination.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, CaseReason, Date, Outcome, Personal, Timestamp};

/// The days from the receipt of a claim within which a person is done with one that waits, while its clock runs. It is the
/// house's own: it cites no law, and a portfolio that owes an answer sooner takes those that are due first sooner.
pub const PENDED_DAYS: i32 = 30;

vocabulary! {
    /// What was asked of a person about their claim. It says what is missing, and nothing of the care.
    ClaimAsked, "what was asked" {
        /// Their consent, without which nobody may look at what the care was.
        Consent = 0 "consent",
        /// Papers: an invoice, a prescription, a report.
        Papers = 1 "papers",
        /// What another payer paid, or whether there is one.
        OtherPayer = 2 "other-payer",
        /// Something about their cover, or where and since when they were away.
        Cover = 3 "cover",
        /// Something about the claim itself.
        Claim = 4 "claim",
    }
}

/// A question to whoever claims: while it is open, nobody else is waited for.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClaimQuestion {
    /// What was asked.
    #[n(0)]
    pub what: ClaimAsked,
    /// When.
    #[n(1)]
    pub asked: Timestamp,
    /// By whom.
    #[n(2)]
    pub by: ActorId,
    /// Since when it is waited for no longer, and who said so; none while it is.
    #[n(3)]
    pub ended: Option<QuestionEnd>,
}

/// The end of waiting for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct QuestionEnd {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// Who said so.
    #[n(1)]
    pub by: ActorId,
}

/// What was asked about a claim while it waited for a person, in order. It has the claim's id.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = ClaimQuestions, retention = Claims)]
pub struct ClaimQuestions {
    /// The questions.
    #[category(Claims)]
    #[tag(1)]
    pub questions: Vec<ClaimQuestion>,
}

/// What a person let stand of what was proposed on a claim, and why. It has the claim's id.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = ClaimConfirmation, retention = Claims)]
pub struct ClaimConfirmation {
    /// The day of the decision.
    #[category(Claims)]
    #[tag(1)]
    pub decided: Date,
    /// Who decided.
    #[category(Claims)]
    #[tag(2)]
    pub by: ActorId,
    /// What became of the claim.
    #[category(Claims)]
    #[tag(3)]
    pub outcome: Outcome,
    /// Why: it may say anything of the person's health.
    #[category(Health)]
    #[tag(4)]
    pub reason: CaseReason,
}

redacted!(ClaimQuestion, QuestionEnd);
