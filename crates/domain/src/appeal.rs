//! Appeals: what somebody does not agree with in what was decided on a claim, and what somebody else then decided. They change
//! no claim: what was overturned is decided anew, by a person.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, CaseReason, ClaimId, Date, GoverningLaw, Personal};

vocabulary! {
    /// Where an appeal stands. It says nothing of what was appealed against.
    AppealState, "state of an appeal" {
        /// It waits for somebody to take it.
        Received = 0 "received",
        /// It is before somebody who did not decide the claim.
        UnderReview = 1 "under-review",
        /// It waits for the person who appeals: its clock stands still.
        WaitingForMember = 2 "waiting-for-member",
        /// Decided: what was decided on the claim stands.
        Closed = 3 "closed",
        /// Decided: the claim, or lines of it, are to be decided anew by a person.
        ToDecideAnew = 4 "to-decide-anew",
        /// That was done.
        DecidedAnew = 5 "decided-anew",
        /// The person took it back, or the claim.
        Withdrawn = 6 "withdrawn",
    }
}

impl AppealState {
    /// Whether it is not decided yet.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::UnderReview | Self::WaitingForMember)
    }
}

vocabulary! {
    /// What was decided on an appeal.
    AppealOutcome, "outcome of an appeal" {
        /// What was decided on the claim stands.
        Upheld = 0 "upheld",
        /// It does not.
        Overturned = 1 "overturned",
        /// It does not for some of the lines that were appealed against.
        PartlyOverturned = 2 "partly-overturned",
    }
}

impl AppealOutcome {
    /// Where the appeal then stands.
    #[must_use]
    pub const fn state(self) -> AppealState {
        match self {
            Self::Upheld => AppealState::Closed,
            Self::Overturned | Self::PartlyOverturned => AppealState::ToDecideAnew,
        }
    }
}

/// The days within which an appeal is answered, by the law that governs the person's cover: a month for those who insure under
/// the law of a state of the European Economic Area, as their complaint rules commonly have it; 30 days elsewhere too (for
/// claims after care, 29 CFR 2560.503-1(i) has 60, or 30 at each of two levels). A portfolio may give itself fewer.
#[must_use]
pub const fn appeal_days(law: GoverningLaw) -> u16 {
    match law {
        GoverningLaw::Elsewhere => 30,
        // The shortest month: whichever month it is, the answer is in time.
        _ => 28,
    }
}

/// The most levels of appeal against one claim: a first, a second, and one to somebody outside.
pub const APPEAL_LEVELS: u8 = 3;

/// An appeal.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Appeal, retention = Claims)]
pub struct Appeal {
    /// The claim.
    #[category(Claims)]
    #[tag(1)]
    pub claim: ClaimId,
    /// The lines that are appealed against; empty for all.
    #[category(Claims)]
    #[tag(2)]
    pub lines: Vec<u32>,
    /// The day it was received.
    #[category(Claims)]
    #[tag(3)]
    pub received: Date,
    /// On which grounds: it may say anything of the person's health.
    #[category(Health)]
    #[tag(4)]
    pub grounds: CaseReason,
    /// What was decided.
    #[category(Health)]
    #[tag(5)]
    pub decision: Option<AppealDecision>,
}

/// What was decided on an appeal, by a person.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AppealDecision {
    /// The day of the decision.
    #[n(0)]
    pub decided: Date,
    /// Who decided.
    #[n(1)]
    pub by: ActorId,
    /// What.
    #[n(2)]
    pub outcome: AppealOutcome,
    /// The lines that are to be decided anew; empty for all that were appealed against, or for none when it was upheld.
    #[n(3)]
    pub lines: Vec<u32>,
    /// Why.
    #[n(4)]
    pub reason: CaseReason,
}

redacted!(AppealDecision);
