//! Guarantees of payment: what somebody asks to be paid for before the care is given (claims and health data), and
//! what was decided, number by number (plan data). It counts nothing and pays nothing: the claim that follows does.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{
    ActorId, ClaimLine, Country, Currency, Date, Diagnosis, LineService, Money, Personal, ProviderId, Reason,
    RecipientId, Room,
};

vocabulary! {
    /// Where a guarantee of payment stands.
    GuaranteeState, "guarantee state" {
        /// It waits for somebody of the clinical staff to take it.
        Requested = 0 "requested",
        /// It stands, on the days of its last decision.
        Granted = 1 "granted",
        /// A person refused it.
        Refused = 2 "refused",
        /// It stood, and was taken back before care began.
        Withdrawn = 3 "withdrawn",
        /// Somebody of the clinical staff has it before them.
        UnderReview = 4 "under-review",
        /// Somebody proposes to guarantee more than they may release alone: it waits for somebody who may.
        Proposed = 5 "proposed",
    }
}

/// A guarantee of payment.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Guarantee, retention = Claims)]
pub struct Guarantee {
    /// The day on which it was asked for.
    #[category(Claims)]
    #[tag(1)]
    pub requested: Date,
    /// Who is to give the care.
    #[category(Claims)]
    #[tag(2)]
    pub provider: ProviderId,
    /// The currency of every amount.
    #[category(Claims)]
    #[tag(3)]
    pub currency: Currency,
    /// What it is expected to cost, and when, line by line.
    #[category(Claims)]
    #[tag(4)]
    pub lines: Vec<ClaimLine>,
    /// What each line is for.
    #[category(Health)]
    #[tag(5)]
    pub services: Vec<LineService>,
    /// Diagnoses.
    #[category(Health)]
    #[tag(6)]
    pub diagnoses: Vec<Diagnosis>,
    /// What was decided, in order: each supersedes the one before.
    #[category(Plan)]
    #[tag(7)]
    pub decisions: Vec<GuaranteeDecision>,
    /// Where the care is to be given; none where nobody says.
    #[category(Claims)]
    #[tag(8)]
    pub country: Option<Country>,
    /// Whether it is an emergency; none where nobody says.
    #[category(Health)]
    #[tag(9)]
    pub emergency: Option<bool>,
    /// Whether it follows from an accident; none where nobody says.
    #[category(Health)]
    #[tag(10)]
    pub accident: Option<bool>,
    /// Whether the provider is under contract; none where nobody says.
    #[category(Claims)]
    #[tag(11)]
    pub in_network: Option<bool>,
    /// The first day of the stay outside the area of cover; none where nobody says.
    #[category(Claims)]
    #[tag(12)]
    pub away_since: Option<Date>,
    /// The room that is to be used; none where nobody says.
    #[category(Health)]
    #[tag(13)]
    pub room: Option<Room>,
}

/// A decision on a guarantee, by a person.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GuaranteeDecision {
    /// The day of the decision.
    #[n(0)]
    pub decided: Date,
    /// Who decided.
    #[n(1)]
    pub by: ActorId,
    /// What.
    #[n(2)]
    pub outcome: GuaranteeOutcome,
}

/// What was decided on a guarantee.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum GuaranteeOutcome {
    /// The plan pays, up to a maximum, for care on these days.
    #[n(0)]
    Granted(#[n(0)] GuaranteeTerms),
    /// It does not, because of this.
    #[n(1)]
    Refused(#[n(0)] Reason),
    /// It does no longer.
    #[n(2)]
    Withdrawn,
    /// The plan would pay, if somebody with more authority says so: nothing is changed by it.
    #[n(3)]
    Proposed(#[n(0)] GuaranteeTerms),
}

/// What is guaranteed, to whom, and when. Both amounts are in one currency.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GuaranteeTerms {
    /// The organisation of the register that is told: who gives the care, or bills for it.
    #[n(0)]
    pub to: RecipientId,
    /// What the plan pays at most; above zero.
    #[n(1)]
    pub maximum: Money,
    /// What the member pays to the provider.
    #[n(2)]
    pub member_share: Money,
    /// First day of care.
    #[n(3)]
    pub first: Date,
    /// Last day of care.
    #[n(4)]
    pub last: Date,
}

/// The longest time that one decision may guarantee, in days: a stay that goes on is decided again.
pub const GUARANTEE_DAYS: i32 = 366;

/// What speaks against a decision on a guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuaranteeError {
    /// An amount in another currency.
    #[error("the amounts are not in the currency of the request: give them in that one")]
    Currency,
    /// Nothing is guaranteed.
    #[error("the guaranteed maximum is not above zero: refuse the guarantee instead")]
    Nothing,
    /// The member is to receive something.
    #[error("the member's share is below zero")]
    Share,
    /// The days are not days of care that a guarantee can be for.
    #[error(
        "the days are in the wrong order, over already, or more than 366: give the first and the last day of care"
    )]
    Days,
    /// It was taken back, or never stood.
    #[error("only a guarantee that stands can be taken back")]
    NotGranted,
}

impl GuaranteeTerms {
    /// Terms that can be decided on that day.
    pub fn new(
        guarantee: Currency,
        decided: Date,
        to: RecipientId,
        (maximum, member_share): (Money, Money),
        (first, last): (Date, Date),
    ) -> Result<Self, GuaranteeError> {
        if maximum.currency() != guarantee || member_share.currency() != guarantee {
            return Err(GuaranteeError::Currency);
        }
        if maximum.minor() <= 0 {
            return Err(GuaranteeError::Nothing);
        }
        if member_share.minor() < 0 {
            return Err(GuaranteeError::Share);
        }
        if last < first
            || last < decided
            || first.plus_days(GUARANTEE_DAYS - 1).is_none_or(|latest| latest < last)
        {
            return Err(GuaranteeError::Days);
        }
        Ok(Self { to, maximum, member_share, first, last })
    }
}

impl GuaranteeDecision {
    /// The last decision that is more than a proposal: what holds.
    #[must_use]
    pub fn that_holds(decisions: &[Self]) -> Option<&Self> {
        decisions.iter().rev().find(|decision| !matches!(decision.outcome, GuaranteeOutcome::Proposed(_)))
    }

    /// The day since which a guarantee stands, however often its terms were changed since; none for one that does not.
    #[must_use]
    pub fn granted_since(decisions: &[Self]) -> Option<Date> {
        decisions.iter().fold(None, |since, decision| match decision.outcome {
            GuaranteeOutcome::Granted(_) => since.or(Some(decision.decided)),
            GuaranteeOutcome::Proposed(_) => since,
            GuaranteeOutcome::Refused(_) | GuaranteeOutcome::Withdrawn => None,
        })
    }
}

impl GuaranteeOutcome {
    /// Where the guarantee then stands.
    #[must_use]
    pub const fn state(&self) -> GuaranteeState {
        match self {
            Self::Granted(_) => GuaranteeState::Granted,
            Self::Refused(_) => GuaranteeState::Refused,
            Self::Withdrawn => GuaranteeState::Withdrawn,
            Self::Proposed(_) => GuaranteeState::Proposed,
        }
    }
}

redacted!(GuaranteeDecision, GuaranteeOutcome, GuaranteeTerms);

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn terms(
        maximum: i64,
        share: i64,
        currency: Currency,
        days: (&str, &str),
    ) -> Result<GuaranteeTerms, GuaranteeError> {
        let money = |minor| Money::new(minor, currency).unwrap();
        let to = RecipientId::from_bytes([1; 16]);
        let days = (day(days.0), day(days.1));
        GuaranteeTerms::new(Currency::EUR, day("2026-11-27"), to, (money(maximum), money(share)), days)
    }

    #[test]
    fn terms_are_of_the_requests_currency_above_zero_and_for_days_to_come() {
        let days = ("2026-12-01", "2026-12-14");
        assert!(terms(1, 0, Currency::EUR, days).is_ok());
        assert!(terms(1, 0, Currency::EUR, ("2026-11-01", "2026-11-27")).is_ok(), "care that has begun");
        assert_eq!(terms(1, 0, "USD".parse().unwrap(), days), Err(GuaranteeError::Currency));
        assert_eq!(terms(0, 0, Currency::EUR, days), Err(GuaranteeError::Nothing));
        assert_eq!(terms(1, -1, Currency::EUR, days), Err(GuaranteeError::Share));
        for wrong in
            [("2026-12-14", "2026-12-01"), ("2026-11-01", "2026-11-26"), ("2026-12-01", "2027-12-02")]
        {
            assert_eq!(terms(1, 0, Currency::EUR, wrong), Err(GuaranteeError::Days), "{wrong:?}");
        }
        assert!(terms(1, 0, Currency::EUR, ("2026-12-01", "2027-12-01")).is_ok(), "366 days");
    }
}
