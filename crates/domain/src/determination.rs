//! The adjudicator's result for a claim: amounts and reasons (claims data), benefits and traces
//! (health data). How it is computed stands in `benefits`.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{CoverageId, Currency, Date, Personal};

vocabulary! {
    /// What became of a claim or a line.
    Outcome, "outcome" {
        /// The plan pays something, or the member's share took it all.
        Approved = 0 "approved",
        /// Some lines are refused.
        PartiallyApproved = 1 "partially-approved",
        /// A person looks first: the amounts are a proposal and nothing was counted.
        Pended = 2 "pended",
        /// Refused.
        Denied = 3 "denied",
    }
}

vocabulary! {
    /// Why a part of a line is not paid. Own codes; texts and mappings stand elsewhere.
    Reason, "reason" {
        /// Deductible.
        Deductible = 0 "DED",
        /// Copay.
        Copay = 1 "COPAY",
        /// Co-insurance.
        Coinsurance = 2 "COINS",
        /// Above the contracted fee: the provider writes it off.
        Fee = 3 "FEE",
        /// Above reasonable and customary.
        ReasonableAndCustomary = 4 "RNC",
        /// Duplicate.
        Duplicate = 5 "DUP",
        /// Filed late.
        Late = 6 "LATE",
        /// Not eligible on the date of service.
        NotEligible = 7 "ELIG",
        /// Not covered by the plan.
        NotCovered = 8 "NOCOV",
        /// Outside the area of cover.
        Area = 9 "AREA",
        /// Waiting period.
        Waiting = 10 "WAIT",
        /// Excluded condition.
        Excluded = 11 "PREEX",
        /// No pre-authorisation.
        NoPreauthorisation = 12 "AUTH",
        /// Limit of services.
        ServiceLimit = 13 "LIM",
        /// Maximum of money.
        MoneyMaximum = 14 "MAX",
        /// Another payer paid.
        OtherPayer = 15 "COB",
        /// Included in another line.
        Bundled = 16 "BUND",
        /// Provider excluded.
        ProviderExcluded = 17 "EXCL-PROV",
        /// Information is missing.
        Information = 18 "INFO",
        /// Cover is suspended.
        Suspended = 19 "SUSP",
        /// Service after death or before birth.
        Phantom = 20 "PHANTOM",
        /// A better room than the plan pays for.
        RoomGrade = 21 "ROOM",
        /// A person refused it. On which ground is health data, and stands apart ([`crate::ClaimOverrides`]).
        Person = 22 "PERSON",
    }
}

vocabulary! {
    /// A step of adjudication.
    Step, "step" {
        /// Eligibility on the service date.
        Eligibility = 0 "eligibility",
        /// Duplicate check.
        Duplicate = 1 "duplicate",
        /// Match of service to benefit.
        BenefitMatch = 2 "benefit-match",
        /// Allowed amount.
        AllowedAmount = 3 "allowed-amount",
        /// Deductible.
        Deductible = 4 "deductible",
        /// Copay.
        Copay = 5 "copay",
        /// Co-insurance.
        Coinsurance = 6 "coinsurance",
        /// Out-of-pocket maximum.
        OutOfPocketMaximum = 7 "out-of-pocket-maximum",
        /// Limits in money.
        MoneyLimit = 8 "money-limit",
        /// Rounding.
        Rounding = 9 "rounding",
        /// Waiting period.
        WaitingPeriod = 10 "waiting-period",
        /// Timely filing.
        TimelyFiling = 11 "timely-filing",
        /// Conditions that the cover excludes.
        Exclusion = 12 "exclusion",
        /// Papers that a benefit asks for.
        Documents = 13 "documents",
        /// Countries in which the plan covers care.
        AreaOfCover = 14 "area-of-cover",
        /// Services that another service includes.
        Bundling = 15 "bundling",
        /// Limits of visits, days, units and claims, and limits on what is eligible.
        ServiceLimit = 16 "service-limit",
        /// Authorisation before the care.
        Preauthorisation = 17 "pre-authorisation",
        /// A second layer, which pays part of what the first leaves to the member.
        MajorMedical = 18 "major-medical",
        /// What another payer paid first.
        Coordination = 19 "coordination",
        /// Exchange into the currency of the cover.
        Exchange = 20 "exchange",
        /// What a person decided about a line. No plan lists it among its steps.
        Decision = 21 "decision",
    }
}

/// The result for a claim.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Determination, retention = Claims)]
pub struct Determination {
    /// The day it was first decided: by the guarantees and the rates of that day it is decided, however often that is done anew.
    #[category(Claims)]
    #[tag(1)]
    pub decided: Date,
    /// What became of the claim.
    #[category(Claims)]
    #[tag(2)]
    pub outcome: Outcome,
    /// The currency of every amount.
    #[category(Claims)]
    #[tag(3)]
    pub currency: Currency,
    /// Line by line.
    #[category(Claims)]
    #[tag(4)]
    pub lines: Vec<LineDetermination>,
    /// Which benefit each line fell under.
    #[category(Health)]
    #[tag(5)]
    pub benefits: Vec<LineBenefit>,
    /// How each amount came about.
    #[category(Health)]
    #[tag(6)]
    pub traces: Vec<Trace>,
    /// What was counted, to be reversed exactly if the claim is; empty when it is pended or denied. Of a claim that was decided
    /// anew, all that it ever counted: what it counted before, its exact negatives, and what it counts now.
    #[category(Health)]
    #[tag(7)]
    pub entries: Vec<AccumulatorEntry>,
    /// The plan version that the numbers of benefits, rules and accumulators belong to, written
    /// `id@version`. It stands with the traces because it serves only to read them.
    #[category(Health)]
    #[tag(8)]
    pub plan_version: PlanLabel,
    /// What was exchanged into the currency of the cover; empty when the claim came in it.
    #[category(Claims)]
    #[tag(9)]
    pub exchanges: Vec<LineExchange>,
    /// The span of cover under which it was decided; none of a claim that came in a file with its own cover.
    #[category(Claims)]
    #[tag(10)]
    pub coverage: Option<CoverageId>,
    /// The day on which it was released in the place of the one before; none of the first.
    #[category(Claims)]
    #[tag(11)]
    pub released: Option<Date>,
}

/// A plan version as the program writes it, `id@version`: the portfolio's own words, and nobody's text.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct PlanLabel(#[n(0)] String);

impl PlanLabel {
    /// As the plan says of itself.
    #[must_use]
    pub fn written(label: &str) -> Self {
        Self(label.to_owned())
    }

    /// The label itself: for faces.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// How the charge of one line was exchanged into the currency of the cover.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LineExchange {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// The currency of the claim.
    #[n(1)]
    pub currency: Currency,
    /// The charge in it, in minor units.
    #[n(2)]
    pub charge: i64,
    /// The day whose rates were used.
    #[n(3)]
    pub date: Date,
    /// Units of the claim's currency for one unit of the cover's, as the rates were published:
    /// `claim / cover`, each in units per euro.
    #[n(4)]
    pub rate: String,
}

/// The result for a line, in minor units of the determination's currency.
///
/// INVARIANT: submitted = write_off + not_covered + deductible + copay + coinsurance + over_limit
/// + other_payer + plan, and none is negative (`benefits` asserts it for each line it makes).
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LineDetermination {
    /// The line's number.
    #[n(0)]
    pub number: u32,
    /// What became of it.
    #[n(1)]
    pub outcome: Outcome,
    /// Charged.
    #[n(2)]
    pub submitted: i64,
    /// Written off by the provider.
    #[n(3)]
    pub write_off: i64,
    /// Not covered.
    #[n(4)]
    pub not_covered: i64,
    /// Deductible.
    #[n(5)]
    pub deductible: i64,
    /// Copay.
    #[n(6)]
    pub copay: i64,
    /// Co-insurance.
    #[n(7)]
    pub coinsurance: i64,
    /// Over a limit.
    #[n(8)]
    pub over_limit: i64,
    /// Paid by another payer.
    #[n(9)]
    pub other_payer: i64,
    /// Paid by the plan.
    #[n(10)]
    pub plan: i64,
    /// Why, in order of the steps.
    #[n(11)]
    pub reasons: Vec<Reason>,
}

impl LineDetermination {
    /// The sum of the parts, which is what was submitted.
    #[must_use]
    pub fn parts(&self) -> i64 {
        self.write_off
            + self.not_covered
            + self.deductible
            + self.copay
            + self.coinsurance
            + self.over_limit
            + self.other_payer
            + self.plan
    }

    /// What the member owes.
    #[must_use]
    pub fn member_owes(&self) -> i64 {
        self.not_covered + self.deductible + self.copay + self.coinsurance + self.over_limit
    }
}

/// Which benefit a line fell under.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LineBenefit {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// The benefit's number in the plan version.
    #[n(1)]
    pub benefit: u16,
}

/// One step's work on one line: which rule, what the plan would pay before it and after it, what
/// it counted. Amounts in whole minor units, a fraction left out until the rounding step; the plan
/// version turns rule numbers into words.
///
/// INVARIANT: the traces of a line form a chain: the first input is what was submitted, each output
/// is the next input, the last output is what the plan pays.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Trace {
    /// The line's number.
    #[n(0)]
    pub line: u32,
    /// The step.
    #[n(1)]
    pub step: Step,
    /// The rule's number in the plan version.
    #[n(2)]
    pub rule: u16,
    /// What the plan would pay before the step.
    #[n(3)]
    pub input: i64,
    /// What the plan would pay after it.
    #[n(4)]
    pub output: i64,
    /// The accumulator it counted on: number in the plan version, before, after.
    #[n(5)]
    pub accumulator: Option<AccumulatorStep>,
}

/// An accumulator's balance before and after a step, in what it counts.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AccumulatorStep {
    /// The accumulator's number in the plan version.
    #[n(0)]
    pub accumulator: u16,
    /// Before.
    #[n(1)]
    pub before: i64,
    /// After.
    #[n(2)]
    pub after: i64,
}

/// One count on an accumulator, append-only: a reversal is the exact negative.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AccumulatorEntry {
    /// The accumulator's number in the plan version.
    #[n(0)]
    pub accumulator: u16,
    /// The first day of the period that it counts for.
    #[n(1)]
    pub period_start: Date,
    /// The claim line.
    #[n(2)]
    pub line: u32,
    /// What was counted: minor units, or a number of visits, days, units or claims.
    #[n(3)]
    pub delta: i64,
    /// The condition, event, pregnancy or admission that it counts for, or the provider of the visit; zero without one.
    #[n(4)]
    pub scope: u64,
    /// For visits and days, the last day that was counted.
    #[n(5)]
    pub until: Option<Date>,
}

redacted!(PlanLabel, LineExchange, LineDetermination, LineBenefit, Trace, AccumulatorStep, AccumulatorEntry);
