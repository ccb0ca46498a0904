//! The view of an estimate beside those of adjudication: cover, of which whoever may not see the salary is told the rest.

use domain::{
    Coverage, CoverageStatus, Currency, Date, Diagnosis, Field, ModuleName, OtherCoverage, ParentBirthdays,
    Preexisting, ReferenceSalary, View,
};

use super::CoverToAdjudicate;

/// Cover, to say what care under it would cost.
#[derive(View)]
#[of(Coverage)]
pub struct CoverToEstimate {
    /// The column of the plan's table of amounts.
    #[category(Plan)]
    pub currency: Currency,
    /// First day.
    #[category(Eligibility)]
    pub start: Date,
    /// Last day.
    #[category(Eligibility)]
    pub end: Option<Date>,
    /// Whether it is in force.
    #[category(Eligibility)]
    pub status: CoverageStatus,
    /// Excluded conditions.
    #[category(Health)]
    pub exclusions: Vec<Diagnosis>,
    /// The plan's modules that it has.
    #[category(Plan)]
    pub modules: Option<Vec<ModuleName>>,
    /// Yearly reference salaries.
    #[category(Financial)]
    pub salaries: Field<Vec<ReferenceSalary>>,
    /// The first day of cover elsewhere before.
    #[category(Eligibility)]
    pub prior_cover: Option<Date>,
    /// Conditions that were there before the cover.
    #[category(Health)]
    pub preexisting: Vec<Preexisting>,
    /// Another payer's cover.
    #[category(Eligibility)]
    pub other: Option<OtherCoverage>,
    /// The birthdays of the parents through whom a child is covered.
    #[category(Identity)]
    pub parents: Option<ParentBirthdays>,
}

impl CoverToEstimate {
    /// As the rules ask of it: a salary that is not shown is not known.
    pub(crate) fn into_cover(self) -> CoverToAdjudicate {
        CoverToAdjudicate {
            currency: self.currency,
            start: self.start,
            end: self.end,
            status: self.status,
            exclusions: self.exclusions,
            modules: self.modules,
            salaries: self.salaries.shown().cloned().unwrap_or_default(),
            prior_cover: self.prior_cover,
            preexisting: self.preexisting,
            other: self.other,
            parents: self.parents,
        }
    }
}
