//! What adjudication is given: a claim, and the facts about its subject that the rules need. No
//! name, no address, no number: what the rules do not read is not here.

use crate::facts::Facts;
use domain::{
    ClaimId, ClaimLine, CoverageId, CoverageStatus, Currency, Date, Diagnosis, LineService, ProviderId,
    ServiceType,
};

/// A claim with the facts of its cover.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The claim.
    pub claim: ClaimId,
    /// The day it was received: what the filing limit counts to.
    pub received: Date,
    /// The day of the decision, as the determination will say.
    pub decided: Date,
    /// Who gave the care.
    pub provider: ProviderId,
    /// The currency of every charge.
    pub currency: Currency,
    /// What was charged: at least one line, each number once, charges of zero or more.
    pub lines: &'a [ClaimLine],
    /// What each line was for.
    pub services: &'a [LineService],
    /// Diagnoses of the claim.
    pub diagnoses: &'a [Diagnosis],
    /// The cover.
    pub cover: Cover<'a>,
    /// Birth date, where known.
    pub birth_date: Option<Date>,
    /// Date of death, where known.
    pub death_date: Option<Date>,
    /// A person has looked at the proposed refusals and lets them stand. It does not lift what
    /// still waits for something: suspended cover, missing information.
    pub confirmed: bool,
    /// What else is known.
    pub facts: Facts<'a>,
}

/// The facts of a span of cover.
#[derive(Clone, Copy)]
pub struct Cover<'a> {
    /// Which span it is, for the determination to say; none where nobody gave it an id.
    pub id: Option<CoverageId>,
    /// First day.
    pub start: Date,
    /// Last day; none while it is open.
    pub end: Option<Date>,
    /// Whether it is in force.
    pub status: CoverageStatus,
    /// The column of the plan's table of amounts that applies.
    pub currency: Currency,
    /// Conditions that it excludes; a finer diagnosis of one is excluded too.
    pub exclusions: &'a [Diagnosis],
}

/// A case that is no claim, or an engine at fault. Lines are named by number, never by what they say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdjudicationError {
    /// Nothing was charged.
    #[error("the claim has no line: give it at least one")]
    NoLines,
    /// A line breaks what every line holds to.
    #[error("line {line}: {problem}")]
    BrokenLine {
        /// The line's number.
        line: u32,
        /// What it breaks, and what would be right.
        problem: &'static str,
    },
    /// An accumulator went beyond what can be counted.
    #[error("accumulator {accumulator} would pass the largest amount that can be counted: check its balance")]
    Overflow {
        /// The accumulator.
        accumulator: u16,
    },
    /// Units and rates of a line make fractions too fine to be worked out exactly.
    #[error(
        "line {line}: its units and the plan's rates make fractions too fine: split the line into several"
    )]
    TooFine {
        /// The line's number.
        line: u32,
    },
    /// The parts of a line do not make up its charge. Nothing may be paid on such a determination.
    #[error("line {line}: its parts do not sum to its charge: this is a fault of the program, report it")]
    Unbalanced {
        /// The line's number.
        line: u32,
    },
}

impl Case<'_> {
    /// Refuses what is no claim: everything after it may rely on it.
    pub(crate) fn check(&self) -> Result<(), AdjudicationError> {
        if self.lines.is_empty() {
            return Err(AdjudicationError::NoLines);
        }
        for line in self.lines {
            let problem = if line.charge.minor() < 0 {
                "a negative charge: reverse the claim that it corrects instead"
            } else if line.charge.currency() != self.currency {
                "a charge in another currency than the claim: send a claim for each currency"
            } else if line.service_end < line.service_start {
                "the service ends before it begins: check both dates"
            } else {
                continue;
            };
            return Err(AdjudicationError::BrokenLine { line: line.number, problem });
        }
        let rising = self.lines.windows(2).all(|pair| matches!(pair, [a, b] if a.number < b.number));
        if !rising {
            let mut numbers: Vec<u32> = self.lines.iter().map(|line| line.number).collect();
            numbers.sort_unstable();
            if let Some([line, _]) = numbers.array_windows().find(|[a, b]| a == b) {
                let problem = "the number stands twice in the claim: number each line once";
                return Err(AdjudicationError::BrokenLine { line: *line, problem });
            }
        }
        Ok(())
    }

    /// What a line was for. Services mostly stand in the order of the lines.
    pub(crate) fn service(&self, index: usize, line: u32) -> Option<&LineService> {
        let here = self.services.get(index).filter(|service| service.line == line);
        here.or_else(|| self.services.iter().find(|service| service.line == line))
    }

    /// The type of a service, as far as anybody says it.
    pub(crate) fn service_type(&self, service: &LineService) -> Option<ServiceType> {
        let told = self.facts.service_types.iter().find(|told| told.line == service.line);
        told.map(|told| told.service_type).or(service.service_type)
    }
}
