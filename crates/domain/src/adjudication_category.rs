//! The categories under which HL7 FHIR R4 tells the amounts of a line, the code system
//! `http://terminology.hl7.org/CodeSystem/adjudication`: under which the parts of a line stand, and under which a reason lessens
//! what is paid. It computes nothing but differences of parts, and writes no FHIR resource.

use crate::vocabulary::vocabulary;
use crate::{LineDetermination, Reason};

vocabulary! {
    /// A category of that code system; the words are its codes.
    AdjudicationCategory, "adjudication category" {
        /// What was charged.
        Submitted = 0 "submitted",
        /// A fixed amount that the member pays.
        Copay = 1 "copay",
        /// What the plan considers.
        Eligible = 2 "eligible",
        /// What is deducted before the plan pays.
        Deductible = 3 "deductible",
        /// A deductible that no line takes. The program allots each to a line.
        UnallocatedDeductible = 4 "unallocdeduct",
        /// The percentage that the plan pays; here the amount by which it pays less than all.
        EligiblePercentage = 5 "eligpercent",
        /// Tax. No plan of the program has any.
        Tax = 6 "tax",
        /// What the plan pays.
        Benefit = 7 "benefit",
    }
}

impl Reason {
    /// The category whose amount is less, or nothing, for this reason. What is over a limit or paid by another payer was
    /// considered, and lessens the benefit; what is refused is not eligible.
    #[must_use]
    pub const fn fhir_category(self) -> AdjudicationCategory {
        match self {
            Self::Deductible => AdjudicationCategory::Deductible,
            Self::Copay => AdjudicationCategory::Copay,
            Self::Coinsurance => AdjudicationCategory::EligiblePercentage,
            Self::ServiceLimit | Self::MoneyMaximum | Self::OtherPayer => AdjudicationCategory::Benefit,
            Self::Fee
            | Self::ReasonableAndCustomary
            | Self::RoomGrade
            | Self::NoPreauthorisation
            | Self::Duplicate
            | Self::Late
            | Self::NotEligible
            | Self::NotCovered
            | Self::Area
            | Self::Waiting
            | Self::Excluded
            | Self::Bundled
            | Self::ProviderExcluded
            | Self::Information
            | Self::Suspended
            | Self::Phantom
            | Self::Person => AdjudicationCategory::Eligible,
        }
    }
}

impl LineDetermination {
    /// The line as FHIR tells it: an amount in minor units for each category that it has, in the order in which they follow from each
    /// other. The benefit is what is eligible less deductible, copay, co-insurance, and what is over a limit or paid by another
    /// payer, for which it is the category of the reason.
    #[must_use]
    pub fn adjudication(&self) -> [(AdjudicationCategory, i64); 6] {
        // Every part is named, so that a new one finds its category here.
        let Self {
            number: _,
            outcome: _,
            submitted,
            write_off,
            not_covered,
            deductible,
            copay,
            coinsurance,
            over_limit: _,
            other_payer: _,
            plan,
            reasons: _,
        } = self;
        [
            (AdjudicationCategory::Submitted, *submitted),
            (AdjudicationCategory::Eligible, submitted - write_off - not_covered),
            (AdjudicationCategory::Deductible, *deductible),
            (AdjudicationCategory::Copay, *copay),
            (AdjudicationCategory::EligiblePercentage, *coinsurance),
            (AdjudicationCategory::Benefit, *plan),
        ]
    }

    /// The reasons whose category this is, in their order.
    pub fn reasons_of(&self, category: AdjudicationCategory) -> impl Iterator<Item = Reason> {
        self.reasons.iter().copied().filter(move |reason| reason.fhir_category() == category)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    /// The code system as HL7 publishes it with R4 (4.0.1).
    const CODES: [&str; 8] =
        ["submitted", "copay", "eligible", "deductible", "unallocdeduct", "eligpercent", "tax", "benefit"];

    fn line() -> LineDetermination {
        LineDetermination {
            number: 1,
            outcome: Outcome::Approved,
            submitted: 100_000,
            write_off: 10,
            not_covered: 200,
            deductible: 3_000,
            copay: 400,
            coinsurance: 50,
            over_limit: 6,
            other_payer: 7,
            plan: 96_327,
            reasons: Reason::ALL.to_vec(),
        }
    }

    #[test]
    fn every_category_is_a_code_of_the_code_system_and_none_is_left_out() {
        let words: Vec<&str> = AdjudicationCategory::ALL.iter().map(|category| category.word()).collect();
        assert_eq!(words, CODES);
    }

    #[test]
    fn every_reason_and_every_part_stands_under_a_category_of_the_line() {
        let line = line();
        let told = line.adjudication();
        let reasons: usize = told.iter().map(|(category, _)| line.reasons_of(*category).count()).sum();
        assert_eq!(reasons, Reason::ALL.len(), "each once");
        let amounts = told.map(|(_, amount)| amount);
        let [submitted, eligible, deductible, copay, percentage, benefit] = amounts;
        assert_eq!(line.parts(), submitted);
        assert_eq!(eligible, submitted - line.write_off - line.not_covered);
        let other = line.over_limit + line.other_payer;
        assert_eq!(benefit, eligible - deductible - copay - percentage - other);
    }
}
