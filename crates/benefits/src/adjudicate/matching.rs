//! Which benefit a line falls under, and what kind of claim a claim is.

use domain::{LineBenefit, LineService, Reason, Step};

use super::{Finding, Line, Work};
use crate::case::Case;
use crate::plan::{Benefit, Plan, Takes, fixed_rule};

impl<'a> Work<'a> {
    pub(super) fn match_benefit(&mut self, line: &mut Line<'a>) -> Finding {
        let Some(service) = line.service else {
            return Finding::Stopped(Reason::Information, fixed_rule::NO_SERVICE);
        };
        let Some((number, benefit)) = benefit(self.plan, self.case, service, line.charged.service_start)
        else {
            return Finding::Refused(Reason::NotCovered, fixed_rule::NO_BENEFIT);
        };
        line.benefit = Some((number, benefit));
        self.benefits.push(LineBenefit { line: line.charged.number, benefit: number });
        self.trace(line, Step::BenefitMatch, benefit.match_rule, line.shares.plan_floor());
        match self.case.facts.modules {
            // Where the plan lists none, everybody has everything.
            _ if self.plan.modules.is_empty() => Finding::Passes,
            Some(modules) if modules.iter().any(|module| module.is(&benefit.module)) => Finding::Passes,
            Some(_) => Finding::Refused(Reason::NotCovered, fixed_rule::MODULE),
            None => Finding::Stopped(Reason::Information, fixed_rule::UNKNOWN_MODULES),
        }
    }
}

/// The first benefit that takes a service.
pub(crate) fn benefit<'p>(
    plan: &'p Plan,
    case: &Case<'_>,
    service: &LineService,
    day: domain::Date,
) -> Option<(u16, &'p Benefit)> {
    (0..).zip(&plan.benefits).find(|(_, benefit)| takes(&benefit.takes, case, service, day))
}

/// Whether a service falls under a benefit. Where it depends on what is not known, it does not.
fn takes(takes: &Takes, case: &Case<'_>, service: &LineService, day: domain::Date) -> bool {
    let diagnosed = |prefix: &String| case.diagnoses.iter().any(|diagnosis| diagnosis.starts_with(prefix));
    takes.settings.has(service.setting)
        && (takes.codes.is_empty() || takes.codes.iter().any(|prefix| service.code.starts_with(prefix)))
        && (takes.diagnoses.is_empty() || takes.diagnoses.iter().any(diagnosed))
        && takes.ages.has(case.birth_date, day) == Some(true)
        && takes.sex.is_none_or(|sex| case.facts.sex == Some(sex))
        && takes.from.is_none_or(|from| from <= day)
        && takes.until.is_none_or(|until| day <= until)
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
