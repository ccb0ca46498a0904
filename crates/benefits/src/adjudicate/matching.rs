//! Which benefit a line falls under, and what kind of claim a claim is.

use domain::{LineBenefit, LineService, ModuleName, Reason, Step};

use super::{Finding, Line, Work};
use crate::case::Case;
use crate::plan::{Benefit, Plan, Takes as WhatIsTaken, fixed_rule};

impl<'a> Work<'a> {
    pub(super) fn match_benefit(&mut self, line: &mut Line<'a>) -> Finding {
        let Some(service) = line.service else {
            return Finding::Stopped(Reason::Information, fixed_rule::NO_SERVICE);
        };
        let may = first_that_may(self.plan, self.case, service, line.charged.service_start);
        let (number, benefit) = match may {
            Some((number, benefit, Takes::Yes)) => (number, benefit),
            Some((.., Takes::Unknown(rule))) => return Finding::Stopped(Reason::Information, rule),
            Some((.., Takes::No)) | None => {
                return Finding::Refused(Reason::NotCovered, fixed_rule::NO_BENEFIT);
            }
        };
        line.benefit = Some((number, benefit));
        self.benefits.push(LineBenefit { line: line.charged.number, benefit: number });
        self.trace(line, Step::BenefitMatch, benefit.match_rule);
        let has = |modules: &[ModuleName], id: &String| modules.iter().any(|module| module.is(id));
        match self.case.facts.modules {
            // Where the plan lists none, everybody has everything.
            _ if benefit.needs.is_empty() => Finding::Passes,
            Some(modules) if benefit.needs.iter().all(|id| has(modules, id)) => Finding::Passes,
            Some(_) => Finding::Refused(Reason::NotCovered, fixed_rule::MODULE),
            None => Finding::Stopped(Reason::Information, fixed_rule::UNKNOWN_MODULES),
        }
    }
}

/// The first benefit that takes a service; none, too, where one before it may take it.
pub(crate) fn benefit<'p>(
    plan: &'p Plan,
    case: &Case<'_>,
    service: &LineService,
    day: domain::Date,
) -> Option<(u16, &'p Benefit)> {
    let (number, benefit, takes) = first_that_may(plan, case, service, day)?;
    (takes == Takes::Yes).then_some((number, benefit))
}

/// Whether a benefit takes a service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Yes,
    No,
    /// That depends on what is not known, under this rule.
    Unknown(u16),
}

/// The first benefit that is not known to leave a service out, with whether it is known to take it.
fn first_that_may<'p>(
    plan: &'p Plan,
    case: &Case<'_>,
    service: &LineService,
    day: domain::Date,
) -> Option<(u16, &'p Benefit, Takes)> {
    let all = (0..).zip(&plan.benefits);
    let with_answer =
        all.map(|(number, benefit)| (number, benefit, takes(&benefit.takes, case, service, day)));
    with_answer.into_iter().find(|(_, _, takes)| *takes != Takes::No)
}

/// Whether a service falls under a benefit.
fn takes(takes: &WhatIsTaken, case: &Case<'_>, service: &LineService, day: domain::Date) -> Takes {
    let diagnosed = |prefix: &String| case.diagnoses.iter().any(|diagnosis| diagnosis.starts_with(prefix));
    let of_care = takes.settings.has(service.setting)
        && (takes.codes.is_empty() || takes.codes.iter().any(|prefix| service.code.starts_with(prefix)))
        && (takes.diagnoses.is_empty() || takes.diagnoses.iter().any(diagnosed))
        && takes.from.is_none_or(|from| from <= day)
        && takes.until.is_none_or(|until| day <= until);
    if !of_care {
        return Takes::No;
    }
    let of_type = match case.service_type(service) {
        _ if takes.service_types.is_empty() => Some(true),
        known => known.map(|known| takes.service_types.contains(known)),
    };
    let of_age = takes.ages.has(case.birth_date, day);
    let of_sex = takes.sex.map_or(Some(true), |sex| case.facts.sex.map(|known| known == sex));
    match (of_type, of_age, of_sex) {
        (Some(false), ..) | (_, Some(false), _) | (.., Some(false)) => Takes::No,
        (Some(true), Some(true), Some(true)) => Takes::Yes,
        (None, ..) => Takes::Unknown(fixed_rule::UNKNOWN_TYPE),
        _ => Takes::Unknown(fixed_rule::UNKNOWN_PERSON),
    }
}

/// The place of the first kind that the claim is of.
pub(super) fn kind(plan: &Plan, case: &Case<'_>) -> Option<usize> {
    if plan.kinds.is_empty() {
        return None;
    }
    let of_line = |(index, line): (usize, &domain::ClaimLine)| {
        let service = case.service(index, line.number)?;
        benefit(plan, case, service, line.service_start).map(|(number, _)| usize::from(number))
    };
    let benefits: Vec<usize> = case.lines.iter().enumerate().filter_map(of_line).collect();
    let fits = |kind: &crate::plan::Kind| {
        kind.benefits.is_empty() || kind.benefits.iter().any(|benefit| benefits.contains(benefit))
    };
    plan.kinds.iter().position(fits)
}
