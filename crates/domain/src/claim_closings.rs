//! That a claim was closed by hand before it was decided, and opened again: by whom, when and on which ground. The grounds are words
//! and say nothing of the care, so that a claim can be taken back also where nobody may look at what the care was. It refuses nothing:
//! what is refused is let stand, as a determination.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, Personal, Timestamp};

vocabulary! {
    /// Why a claim is closed that nothing was decided on.
    ClosingGround, "ground of closing" {
        /// Whoever claims takes it back.
        TakenBack = 0 "taken-back",
        /// It was sent in error: it is of somebody else, or of no care.
        SentInError = 1 "sent-in-error",
        /// Another payer pays all of it.
        PaidElsewhere = 2 "paid-elsewhere",
    }
}

vocabulary! {
    /// Why a claim that was closed is opened again.
    ReopeningGround, "ground of reopening" {
        /// Whoever claims asks for it.
        Asked = 0 "asked",
        /// It was closed in error.
        ClosedInError = 1 "closed-in-error",
        /// An appeal against the closing was decided so.
        Appeal = 2 "appeal",
    }
}

/// That a claim was opened again.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClaimReopening {
    /// Why.
    #[n(0)]
    pub ground: ReopeningGround,
    /// By whom.
    #[n(1)]
    pub by: ActorId,
    /// When.
    #[n(2)]
    pub at: Timestamp,
}

/// That a claim was closed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClaimClosing {
    /// Why.
    #[n(0)]
    pub ground: ClosingGround,
    /// By whom.
    #[n(1)]
    pub by: ActorId,
    /// When.
    #[n(2)]
    pub at: Timestamp,
    /// That it was opened again; none while it is closed.
    #[n(3)]
    pub reopened: Option<ClaimReopening>,
}

redacted!(ClaimReopening, ClaimClosing);

/// That a claim was closed by hand, and opened again. It has the claim's id; nothing of it is ever taken out.
#[derive(Clone, Default, PartialEq, Eq, Personal)]
#[personal(kind = ClaimClosings, retention = Claims)]
pub struct ClaimClosings {
    /// Each time, in order.
    #[category(Claims)]
    #[tag(1)]
    pub closings: Vec<ClaimClosing>,
}
