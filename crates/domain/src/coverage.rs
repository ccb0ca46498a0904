//! A span of cover: who, under which plan, from when to when, with what left out.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{
    Currency, Date, Diagnosis, ModuleName, Money, OtherCoverage, ParentBirthdays, PersonName, Personal,
    PlanName, PolicyNumber,
};

vocabulary! {
    /// Whether cover is in force.
    CoverageStatus, "coverage status" {
        /// In force.
        Active = 0 "active",
        /// Suspended, for instance while a premium is due: claims pend.
        Suspended = 1 "suspended",
        /// Ended.
        Ended = 2 "ended",
    }
}

/// A span of cover of one subject. The plan version and the portfolio are plain columns beside it.
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Coverage, retention = Membership)]
pub struct Coverage {
    /// The insured's name as printed on the certificate.
    #[category(Identity)]
    #[tag(1)]
    pub insured: PersonName,
    /// The policy's number.
    #[category(Plan)]
    #[tag(2)]
    pub policy_number: PolicyNumber,
    /// The plan's name as printed.
    #[category(Plan)]
    #[tag(3)]
    pub plan_name: PlanName,
    /// The column of the plan's table of amounts that applies.
    #[category(Plan)]
    #[tag(4)]
    pub currency: Currency,
    /// First day of cover.
    #[category(Eligibility)]
    #[tag(5)]
    pub start: Date,
    /// Last day of cover; none while it is open.
    #[category(Eligibility)]
    #[tag(6)]
    pub end: Option<Date>,
    /// Whether it is in force.
    #[category(Eligibility)]
    #[tag(7)]
    pub status: CoverageStatus,
    /// Conditions that the cover excludes.
    #[category(Health)]
    #[tag(8)]
    pub exclusions: Vec<Diagnosis>,
    /// The modules of the plan that it has; none where the source does not say.
    #[category(Plan)]
    #[tag(9)]
    pub modules: Option<Vec<ModuleName>>,
    /// Yearly reference salaries, each from a day on, in the currency of the cover; before the first, none is known.
    #[category(Financial)]
    #[tag(10)]
    pub salaries: Vec<ReferenceSalary>,
    /// The first day of cover elsewhere that ran until this cover began.
    #[category(Eligibility)]
    #[tag(11)]
    pub prior_cover: Option<Date>,
    /// Conditions that were there before the cover.
    #[category(Health)]
    #[tag(12)]
    pub preexisting: Vec<Preexisting>,
    /// Another payer's cover of the same person; none where none is known.
    #[category(Eligibility)]
    #[tag(13)]
    pub other: Option<OtherCoverage>,
    /// The birthdays of the parents through whom a child is covered here and there.
    #[category(Identity)]
    #[tag(14)]
    pub parents: Option<ParentBirthdays>,
}

/// A yearly reference salary.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReferenceSalary {
    /// The first day on which it is the salary.
    #[n(0)]
    pub from: Date,
    /// How much a year.
    #[n(1)]
    pub yearly: Money,
}

impl ReferenceSalary {
    /// The one of these that holds on a day.
    #[must_use]
    pub fn on(salaries: &[Self], day: Date) -> Option<Money> {
        let begun = salaries.iter().filter(|salary| salary.from <= day);
        begun.max_by_key(|salary| salary.from).map(|salary| salary.yearly)
    }
}

/// A condition that was there before the cover.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Preexisting {
    /// The diagnosis; a finer one is meant too.
    #[n(0)]
    pub diagnosis: Diagnosis,
    /// The last day of symptoms or treatment.
    #[n(1)]
    pub last_treated: Date,
}

redacted!(ReferenceSalary, Preexisting);
