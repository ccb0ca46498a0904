//! The screen for fraud and error: its rules, what it flags of a claim (claims and health data: references, never a value),
//! and what a person found. How a rule looks at a claim stands in `benefits`. A flag refuses nothing and accuses nobody: it
//! makes a payment wait for a person, or only marks the claim.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{ActorId, CaseReason, ClaimId, Date, Personal};

vocabulary! {
    /// A rule of the screen: what may be wrong with a claim.
    ScreenRule, "rule of the screen" {
        /// The person claimed the same before.
        SameClaim = 1 "same-claim",
        /// The person claimed the same amount of the same provider for the day before or after.
        NearClaim = 2 "near-claim",
        /// An earlier claim of the person has the same invoice number of the same provider.
        SameDocument = 3 "same-document",
        /// A claim of somebody else has the same invoice number, day and amount of the same provider.
        DocumentOfOthers = 4 "document-of-others",
        /// The person was in hospital in two places at once.
        OverlappingStays = 5 "overlapping-stays",
        /// Somebody else gave care without a stay while the person was in hospital.
        CareDuringStay = 6 "care-during-stay",
        /// A service after death.
        AfterDeath = 7 "after-death",
        /// A service before birth.
        BeforeBirth = 8 "before-birth",
        /// A service on a day without cover.
        OutsideCover = 9 "outside-cover",
        /// A diagnosis of the other sex.
        OtherSex = 10 "other-sex",
        /// A diagnosis of another age.
        OtherAge = 11 "other-age",
        /// A part of a service was claimed apart from the whole, on the same day.
        ApartFromBundle = 12 "apart-from-bundle",
        /// The provider has more claims on one day than anybody treats people in one.
        ProviderDay = 13 "provider-day",
        /// A provider that was not known before has many claims.
        NewProvider = 14 "new-provider",
        /// People who are not covered together are paid to one account.
        SharedAccount = 15 "shared-account",
        /// The account changed shortly before a large claim.
        NewAccount = 16 "new-account",
        /// The provider's invoices to this person are numbered without gaps over weeks.
        InvoiceSequence = 17 "invoice-sequence",
        /// Every amount is a round one.
        RoundAmounts = 18 "round-amounts",
        /// The first digits of the person's amounts are not spread as those of invoices are.
        FirstDigits = 19 "first-digits",
        /// Most services were given on Saturdays and Sundays.
        Weekends = 20 "weekends",
        /// A large claim soon after cover began.
        SoonAfterStart = 21 "soon-after-start",
        /// An amount just below what needs authorisation.
        JustUnderLimit = 22 "just-under-limit",
        /// Amounts of one provider that need authorisation together, and apart none.
        SplitUnderLimit = 23 "split-under-limit",
        /// The person has many claims in a short time.
        ManyClaims = 24 "many-claims",
        /// The same service many times in a short time.
        SameServiceOften = 25 "same-service-often",
        /// Care on one day in two countries that lie far apart.
        FarCountries = 26 "far-countries",
        /// Care on a day on which the provider was excluded.
        ExcludedProvider = 27 "excluded-provider",
        /// The total that the claim came with is not the sum of its lines.
        OtherTotal = 28 "other-total",
        /// Somebody else of whom two of name, birth date and account are the same, who is not of the family, has a claim of the same care.
        SamePerson = 29 "same-person",
        /// The provider claims the high level of a service far more often than others do (upcoding).
        HighLevels = 30 "high-levels",
    }
}

impl ScreenRule {
    /// Whether the payment of a flagged claim waits for a person; else the claim is only marked.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(
            self,
            Self::SameClaim
                | Self::SameDocument
                | Self::DocumentOfOthers
                | Self::OverlappingStays
                | Self::AfterDeath
                | Self::BeforeBirth
                | Self::NewAccount
                | Self::ExcludedProvider
                | Self::OtherTotal
        )
    }

    /// Whether it rests on what the care was: then that it flagged is health data.
    #[must_use]
    pub const fn rests_on_codes(self) -> bool {
        matches!(
            self,
            Self::OverlappingStays
                | Self::CareDuringStay
                | Self::OtherSex
                | Self::OtherAge
                | Self::ApartFromBundle
                | Self::SameServiceOften
                | Self::JustUnderLimit
                | Self::HighLevels
        )
    }
}

vocabulary! {
    /// Where a screened claim stands. It says nothing of what was flagged, nor of what was found.
    ScreenState, "state of a case" {
        /// Marked: nothing waits, and somebody may look.
        Marked = 0 "marked",
        /// Its payment waits, and the case for somebody to take it.
        Waiting = 1 "waiting",
        /// Its payment waits, and the case is before somebody.
        UnderReview = 2 "under-review",
        /// A person decided, and its payment goes on.
        Released = 3 "released",
        /// A person decided, and its payment waits until the claim is decided anew.
        Held = 4 "held",
        /// The claim was taken back before anybody decided: nobody looks, unless the claim is reopened.
        Ended = 5 "ended",
    }
}

impl ScreenState {
    /// Whether the claim is not paid meanwhile.
    #[must_use]
    pub const fn holds_payment(self) -> bool {
        matches!(self, Self::Waiting | Self::UnderReview | Self::Held)
    }

    /// Whether nobody decided yet.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Marked | Self::Waiting | Self::UnderReview)
    }
}

vocabulary! {
    /// What a person found in a case.
    ScreenOutcome, "outcome of a case" {
        /// Nothing is wrong: the rules flagged falsely.
        Cleared = 0 "cleared",
        /// An error, by whoever: nobody meant to deceive.
        Error = 1 "error",
        /// The suspicion is confirmed.
        Confirmed = 2 "confirmed",
    }
}

impl ScreenOutcome {
    /// Where the claim then stands.
    #[must_use]
    pub const fn state(self) -> ScreenState {
        match self {
            Self::Cleared => ScreenState::Released,
            Self::Error | Self::Confirmed => ScreenState::Held,
        }
    }
}

/// What one rule flagged of a claim: which lines, beside which claims, on which days. It holds no amount and no code.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ScreenFlag {
    /// The rule.
    #[n(0)]
    pub rule: ScreenRule,
    /// Numbers of the claim's lines; empty for all of it.
    #[n(1)]
    pub lines: Vec<u32>,
    /// Earlier claims of the same person.
    #[n(2)]
    pub claims: Vec<ClaimId>,
    /// Days of service.
    #[n(3)]
    pub days: Vec<Date>,
    /// How many: claims, of others too, people or amounts, as the rule says.
    #[n(4)]
    pub count: Option<u32>,
}

/// What a person decided in a case.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ScreenDecision {
    /// The day of the decision.
    #[n(0)]
    pub decided: Date,
    /// Who decided.
    #[n(1)]
    pub by: ActorId,
    /// What was found.
    #[n(2)]
    pub outcome: ScreenOutcome,
    /// Why.
    #[n(3)]
    pub reason: CaseReason,
}

/// What the screen flagged of a claim, by rules that look at charges, days and providers; and what was decided. It has the
/// claim's id.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = ScreenCase, retention = Claims)]
pub struct ScreenCase {
    /// The day on which it was screened.
    #[category(Claims)]
    #[tag(1)]
    pub screened: Date,
    /// What was flagged.
    #[category(Claims)]
    #[tag(2)]
    pub flags: Vec<ScreenFlag>,
    /// What was decided, in order: each supersedes the one before.
    #[category(Claims)]
    #[tag(3)]
    pub decisions: Vec<ScreenDecision>,
}

/// What the screen flagged of a claim by rules that look at what the care was. It has the claim's id.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = ScreenCodes, retention = Claims)]
pub struct ScreenCodes {
    /// What was flagged.
    #[category(Health)]
    #[tag(1)]
    pub flags: Vec<ScreenFlag>,
}

redacted!(ScreenFlag, ScreenDecision);
