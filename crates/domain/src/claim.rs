//! A claim as submitted: what was charged, when, by whom (claims data) and for what (health data).

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{
    Country, Currency, Date, Diagnosis, DocumentName, InvoiceNumber, Money, OtherPayerAmounts, Personal,
    ProviderId, ServiceCode, ServiceType,
};

vocabulary! {
    /// Where a claim stands.
    ClaimState, "claim state" {
        /// Taken in, not yet adjudicated.
        Received = 0 "received",
        /// Adjudicated: the determination stands.
        Adjudicated = 1 "adjudicated",
        /// Waiting for a person.
        Pended = 2 "pended",
        /// Refused with a reason before adjudication (it could not be read as a claim under any cover).
        Refused = 3 "refused",
        /// In a payment batch.
        InPayment = 4 "in-payment",
        /// Paid.
        Paid = 5 "paid",
        /// Adjudicated, with nothing for the plan to pay.
        Settled = 6 "settled",
        /// It was paid, and the plan owes another amount for it since: the difference waits to be paid, or to be owed back.
        Unsettled = 7 "unsettled",
        /// Taken back before it was decided: nothing is worked out or paid, unless it is reopened.
        Withdrawn = 8 "withdrawn",
    }
}

impl ClaimState {
    /// Whether its payee has had something for it, or is about to.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::InPayment | Self::Paid | Self::Unsettled)
    }

    /// Whether a claim that stands so may come to stand so: the life of a claim, one line a state. That it is worked out or decided
    /// anew and stands as before is a step too.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use ClaimState as To;
        match self {
            Self::Received => matches!(next, To::Adjudicated | To::Settled | To::Pended | To::Refused),
            Self::Pended => matches!(next, To::Pended | To::Adjudicated | To::Settled | To::Withdrawn),
            Self::Withdrawn => matches!(next, To::Pended),
            Self::Adjudicated => matches!(next, To::Adjudicated | To::Settled | To::InPayment | To::Paid),
            Self::Settled => matches!(next, To::Settled | To::Adjudicated),
            Self::InPayment | Self::Paid => matches!(next, To::InPayment | To::Paid | To::Unsettled),
            Self::Unsettled => matches!(next, To::Unsettled | To::InPayment | To::Paid),
            Self::Refused => false,
        }
    }
}

vocabulary! {
    /// A step in the life of a claim, after it was received. It stands in the clear, so it says nothing of health or money: why it was
    /// taken stands sealed beside the claim.
    ClaimStep, "step of a claim" {
        /// The program worked it out: it is decided by that, or waits for a person.
        Adjudicated = 0 "adjudicated",
        /// It was worked out anew for whoever has it: something that it rests on became known, or was decided by hand.
        WorkedOut = 1 "worked-out",
        /// A person let stand what was proposed.
        Confirmed = 2 "confirmed",
        /// It was closed before it was decided.
        Closed = 3 "closed",
        /// It was opened again.
        Reopened = 4 "reopened",
        /// It was decided anew, and a person released that.
        DecidedAnew = 5 "decided-anew",
        /// What the plan owes for it was settled with whoever is paid.
        Settled = 6 "settled",
        /// It stands as it was decided, and something became known of it, or was decided about its lines, for which it is to be
        /// decided anew.
        PutRight = 7 "put-right",
    }
}

vocabulary! {
    /// Why a claim waits for a person. It stands in the clear, so it says nothing about health or money:
    /// what the rules found stands sealed in the determination.
    OutcomeReason, "outcome reason" {
        /// No clause of the notice lets the job read the claim: health data without consent, for instance.
        NoClause = 1 "no-clause",
        /// The record of the person, or of the claim, is not there: it was erased.
        NoRecord = 2 "no-record",
        /// The person has no cover.
        NoCover = 3 "no-cover",
        /// Its lines fall into more than one span of cover: each needs a claim of its own.
        SeveralCovers = 4 "several-covers",
        /// It is in another currency than the cover, or one that the plan has no amounts in.
        OtherCurrency = 5 "other-currency",
        /// It could not be worked out: the claim breaks a rule of claims, or the program is at fault.
        NotComputed = 6 "not-computed",
        /// There is a determination, which says why: it is a proposal until a person has looked.
        Determination = 7 "determination",
    }
}

vocabulary! {
    /// Who is paid.
    Payee, "payee" {
        /// The member is reimbursed.
        Member = 0 "member",
        /// The provider is paid directly.
        Provider = 1 "provider",
    }
}

vocabulary! {
    /// Where care was given.
    CareSetting, "care setting" {
        /// In hospital with a stay.
        Inpatient = 0 "inpatient",
        /// Without a stay.
        Outpatient = 1 "outpatient",
        /// An emergency department.
        Emergency = 2 "emergency",
        /// A pharmacy.
        Pharmacy = 3 "pharmacy",
        /// A dentist.
        Dental = 4 "dental",
        /// An optician.
        Vision = 5 "vision",
        /// Not said.
        Unspecified = 6 "unspecified",
    }
}

/// A claim.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Claim, retention = Claims)]
pub struct Claim {
    /// The day it was received.
    #[category(Claims)]
    #[tag(1)]
    pub received: Date,
    /// Who gave the care.
    #[category(Claims)]
    #[tag(2)]
    pub provider: ProviderId,
    /// Who is paid.
    #[category(Claims)]
    #[tag(3)]
    pub payee: Payee,
    /// The currency of every charge.
    #[category(Claims)]
    #[tag(4)]
    pub currency: Currency,
    /// The provider's invoice number.
    #[category(Claims)]
    #[tag(5)]
    pub invoice_number: Option<InvoiceNumber>,
    /// What was charged, line by line.
    #[category(Claims)]
    #[tag(6)]
    pub lines: Vec<ClaimLine>,
    /// What each line was for.
    #[category(Health)]
    #[tag(7)]
    pub services: Vec<LineService>,
    /// Diagnoses of the claim.
    #[category(Health)]
    #[tag(8)]
    pub diagnoses: Vec<Diagnosis>,
    /// Where the care was given; none where nobody says.
    #[category(Claims)]
    #[tag(9)]
    pub country: Option<Country>,
    /// Whether it was an emergency; none where nobody says, which is no guess that it was not.
    #[category(Health)]
    #[tag(10)]
    pub emergency: Option<bool>,
    /// Whether it follows from an accident, as [`Claim::emergency`].
    #[category(Health)]
    #[tag(11)]
    pub accident: Option<bool>,
    /// Whether the provider is under contract; none where nobody says.
    #[category(Claims)]
    #[tag(12)]
    pub in_network: Option<bool>,
    /// The first day of the stay outside the area of cover; none where nobody says.
    #[category(Claims)]
    #[tag(13)]
    pub away_since: Option<Date>,
    /// The room that was used; none where nobody says.
    #[category(Health)]
    #[tag(14)]
    pub room: Option<Room>,
    /// The papers that came with it; none where nobody keeps count of them.
    #[category(Health)]
    #[tag(15)]
    pub documents: Option<Vec<DocumentName>>,
    /// What the care belongs to.
    #[category(Health)]
    #[tag(16)]
    pub episodes: Episodes,
    /// What other payers paid, as far as that came with the claim.
    #[category(Claims)]
    #[tag(17)]
    pub other_payer: Vec<OtherPayerAmounts>,
    /// The day of the provider's invoice; none where nobody says.
    #[category(Claims)]
    #[tag(18)]
    pub invoiced: Option<Date>,
    /// The day of admission, of care in hospital; none where nobody says.
    #[category(Health)]
    #[tag(19)]
    pub admitted: Option<Date>,
    /// The total that it came with, where that is not the sum of the charges: what the lines charge counts, and a person looks.
    #[category(Claims)]
    #[tag(20)]
    pub other_total: Option<Money>,
}

vocabulary! {
    /// Kinds of hospital room, the plainer first.
    Room, "room" {
        /// A ward.
        Ward = 0 "ward",
        /// A room for two.
        SemiPrivate = 1 "semi-private",
        /// A room of one's own.
        Private = 2 "private",
        /// A suite.
        Suite = 3 "suite",
    }
}

/// Numbers, in the member's file, of what care belongs to; none where nobody says.
#[derive(Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Episodes {
    /// The condition.
    #[n(0)]
    pub condition: Option<u32>,
    /// The event: an accident, a journey.
    #[n(1)]
    pub event: Option<u32>,
    /// The pregnancy.
    #[n(2)]
    pub pregnancy: Option<u32>,
    /// The stay in hospital.
    #[n(3)]
    pub admission: Option<u32>,
}

/// One charged line, without what it was for.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClaimLine {
    /// Its number in the claim, from 1.
    #[n(0)]
    pub number: u32,
    /// First day of the service.
    #[n(1)]
    pub service_start: Date,
    /// Last day of the service.
    #[n(2)]
    pub service_end: Date,
    /// Units, days or items; at least 1.
    #[n(3)]
    pub units: u32,
    /// What was charged for all units, in the claim's currency.
    #[n(4)]
    pub charge: Money,
}

/// What one line was for.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LineService {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// The code of the service.
    #[n(1)]
    pub code: ServiceCode,
    /// Where it was given.
    #[n(2)]
    pub setting: CareSetting,
    /// Its type, whatever its code; none where nobody says.
    #[n(3)]
    pub service_type: Option<ServiceType>,
}

redacted!(ClaimLine, LineService, Episodes);

#[cfg(test)]
mod tests {
    use super::ClaimState;

    #[test]
    fn what_was_paid_or_refused_is_never_taken_back_and_what_was_taken_back_only_waits_again() {
        for state in ClaimState::ALL {
            let after: Vec<&ClaimState> =
                ClaimState::ALL.iter().filter(|next| state.may_become(**next)).collect();
            assert!(!after.contains(&&ClaimState::Received), "{state}: it is received once");
            let is_open = matches!(state, ClaimState::Pended);
            assert_eq!(after.contains(&&ClaimState::Withdrawn), is_open, "{state}");
            if state.is_paid() {
                assert!(after.iter().all(|next| next.is_paid()), "{state}: what was paid is not undone");
            }
        }
        assert!(ClaimState::Withdrawn.may_become(ClaimState::Pended));
        assert!(!ClaimState::Withdrawn.may_become(ClaimState::Adjudicated), "a person looks first");
        assert!(ClaimState::ALL.iter().all(|next| !ClaimState::Refused.may_become(*next)));
    }
}
