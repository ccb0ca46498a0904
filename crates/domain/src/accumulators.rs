//! What was counted for one subject under one plan, and the lines seen: what the next claim needs.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::{ClaimId, Date, GuaranteeId, Personal, ProviderId, ServiceCode};

/// The running balances of one subject's cover. Health data: a limit's use tells what it was for.
#[derive(Clone, PartialEq, Eq, Default, Personal)]
#[personal(kind = Accumulators, retention = Claims)]
pub struct Accumulators {
    /// Balances, sorted by accumulator, period and scope; none is zero.
    #[category(Health)]
    #[tag(1)]
    pub balances: Vec<AccumulatorBalance>,
    /// Lines already adjudicated, sorted by the first day of the service: for the duplicate check, and for
    /// visits, days and copays that count once.
    #[category(Health)]
    #[tag(2)]
    pub lines: Vec<PriorLine>,
    /// What claims used of guarantees of payment, in the order in which they were adjudicated.
    #[category(Health)]
    #[tag(3)]
    pub guarantees: Vec<GuaranteeUse>,
}

/// What one claim used of a guarantee of payment, in minor units of the currency of the cover.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GuaranteeUse {
    /// The guarantee.
    #[n(0)]
    pub guarantee: GuaranteeId,
    /// The claim.
    #[n(1)]
    pub claim: ClaimId,
    /// What was charged for the care that it was for.
    #[n(2)]
    pub charged: i64,
    /// What the plan paid of that.
    #[n(3)]
    pub paid: i64,
    /// The visits, days and units that it counted on limits.
    #[n(4)]
    pub units: Vec<UsedUnits>,
}

/// Visits, days or units that were counted on a limit.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct UsedUnits {
    /// The accumulator's number.
    #[n(0)]
    pub accumulator: u16,
    /// How many.
    #[n(1)]
    pub units: i64,
    /// First day of the period that they were counted in.
    #[n(2)]
    pub period_start: Date,
    /// Which balance of it, as of an entry.
    #[n(3)]
    pub scope: u64,
}

/// A balance: the sum of the entries of one accumulator in one period and scope.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AccumulatorBalance {
    /// The accumulator's number, as the plan file writes it: kept from version to version.
    #[n(0)]
    pub accumulator: u16,
    /// First day of the period.
    #[n(1)]
    pub period_start: Date,
    /// Minor units, or a number of visits, days, units or claims.
    #[n(2)]
    pub amount: i64,
    /// The condition, event, pregnancy or admission that it counts for, or the provider of the visit; zero without one.
    #[n(3)]
    pub scope: u64,
}

/// A line that was adjudicated before.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PriorLine {
    /// The claim.
    #[n(0)]
    pub claim: ClaimId,
    /// Who gave the care.
    #[n(1)]
    pub provider: ProviderId,
    /// First day of the service.
    #[n(2)]
    pub service_start: Date,
    /// The code of the service.
    #[n(3)]
    pub code: ServiceCode,
    /// Charged, in minor units.
    #[n(4)]
    pub charge: i64,
    /// The visits and days that it counted.
    #[n(5)]
    pub counted: Vec<CountedDays>,
    /// The copay that it took; none where it took nothing.
    #[n(6)]
    pub copay: Option<TakenCopay>,
}

/// A copay that was taken of a line, so that no later line of the same visit takes it again.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TakenCopay {
    /// The benefit, by its place in the plan.
    #[n(0)]
    pub benefit: u16,
    /// In minor units of the currency of the cover, more than zero.
    #[n(1)]
    pub amount: i64,
}

/// The days from the first day of a service that are counted on an accumulator of visits or days, so
/// that no later line counts them again.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CountedDays {
    /// The accumulator's number.
    #[n(0)]
    pub accumulator: u16,
    /// The last day.
    #[n(1)]
    pub until: Date,
}

redacted!(AccumulatorBalance, PriorLine, TakenCopay, CountedDays, GuaranteeUse, UsedUnits);
