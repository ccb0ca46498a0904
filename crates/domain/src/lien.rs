//! Liens: what somebody else is liable for of what the plan paid for a claim, and what came of it. How much that is follows from
//! what the claim comes to (`benefits` has the rule); nobody is pursued here.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, Date, LiableParty, Money, ParseError, Personal, ReceiptReference};

vocabulary! {
    /// Where a lien stands. It says nothing of how much it is, or of what happened.
    LienState, "state of a lien" {
        /// It is claimed from whoever is liable.
        Asserted = 0 "asserted",
        /// All that the plan may get back was received, when something last was.
        Recovered = 1 "recovered",
        /// It is closed: what was left of it is given up.
        Released = 2 "released",
    }
}

vocabulary! {
    /// Why what is left of a lien is given up.
    LienReleaseReason, "reason to release a lien" {
        /// Nobody is liable after all, or no court would say so.
        NobodyLiable = 0 "nobody-liable",
        /// It was agreed that what was received is all.
        Compromise = 1 "compromise",
        /// The injured person did not get enough to be made whole, and comes first.
        NotMadeWhole = 2 "not-made-whole",
        /// Whoever is liable has nothing, or is not to be found.
        Uncollectable = 3 "uncollectable",
        /// It was asserted in error.
        OurError = 4 "our-error",
    }
}

/// Which share of what is recovered goes to those who recover it (the common fund): so many parts of so many, from none to all.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CostShare {
    #[n(0)]
    over: u32,
    #[n(1)]
    under: u32,
}

impl CostShare {
    /// Nothing goes to them.
    pub const NONE: Self = Self { over: 0, under: 1 };

    /// The parts, and of how many.
    #[must_use]
    pub const fn parts(self) -> (u32, u32) {
        (self.over, self.under)
    }
}

impl std::str::FromStr for CostShare {
    type Err = ParseError;

    /// Reads `1/3`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let problem = "not a share from nothing to all: write it as `1/3`";
        let parts =
            text.split_once('/').and_then(|(over, under)| Some((over.parse().ok()?, under.parse().ok()?)));
        match parts {
            Some((over, under)) if under > 0 && over <= under => Ok(Self { over, under }),
            _ => Err(ParseError::Shape { what: "share of the costs", problem }),
        }
    }
}

/// A lien. Its id is the claim's.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Lien, retention = Claims)]
pub struct Lien {
    /// Which insurer or organisation is liable, and how it calls the matter.
    #[category(Claims)]
    #[tag(1)]
    pub liable: LiableParty,
    /// The day it was asserted.
    #[category(Claims)]
    #[tag(2)]
    pub asserted: Date,
    /// By whom.
    #[category(Claims)]
    #[tag(3)]
    pub by: ActorId,
    /// What of it goes to those who recover it.
    #[category(Financial)]
    #[tag(4)]
    pub costs: CostShare,
    /// What was received, in order.
    #[category(Financial)]
    #[tag(5)]
    pub receipts: Vec<LienReceipt>,
    /// That what is left was given up.
    #[category(Claims)]
    #[tag(6)]
    pub release: Option<LienRelease>,
}

/// What was received of a lien.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LienReceipt {
    /// The day it counts for.
    #[n(0)]
    pub day: Date,
    /// Who wrote it down.
    #[n(1)]
    pub by: ActorId,
    /// How much.
    #[n(2)]
    pub amount: Money,
    /// How the payment is called: what has the same name on a lien is the same receipt.
    #[n(3)]
    pub reference: ReceiptReference,
    /// Which share of the lien goes to those who recover it, as far as was known then.
    #[n(4)]
    pub costs: CostShare,
}

/// Who gave up what is left of a lien, when and why.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LienRelease {
    /// The day.
    #[n(0)]
    pub day: Date,
    /// Who.
    #[n(1)]
    pub by: ActorId,
    /// Why.
    #[n(2)]
    pub reason: LienReleaseReason,
}

redacted!(CostShare, LienReceipt, LienRelease);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_from_nothing_to_all() {
        for text in ["0/1", "1/3", "1/1"] {
            let (over, under) = text.parse::<CostShare>().unwrap().parts();
            assert_eq!(format!("{over}/{under}"), text);
        }
        for text in ["", "1", "1/", "/3", "4/3", "1/0", "0/0", "-1/3", "1/3/5", "33%"] {
            assert!(text.parse::<CostShare>().is_err(), "{text}");
        }
    }
}
