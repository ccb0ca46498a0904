//! A span of cover: who, under which plan, from when to when, with what left out.

use crate::vocabulary::vocabulary;
use crate::{Currency, Date, Diagnosis, ModuleName, PersonName, Personal, PlanName, PolicyNumber};

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
}
