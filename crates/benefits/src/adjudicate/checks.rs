//! The checks that a line passes before money is worked out. Each says what it found; what follows
//! from it is decided in the parent. Matching a benefit and finding its price stand there too.

use domain::{ClaimLine, CoverageStatus, PriorLine, Reason};

use super::{Finding, Line};
use crate::case::Case;
use crate::plan::{Plan, fixed_rule};

/// Alive, and covered on the first day of the service.
pub(super) fn eligibility(case: &Case<'_>, line: &ClaimLine) -> Finding {
    let day = line.service_start;
    let cover = &case.cover;
    if case.birth_date.is_some_and(|birth| day < birth) || case.death_date.is_some_and(|death| day > death) {
        return Finding::Refused(Reason::Phantom, fixed_rule::LIFE);
    }
    let within = cover.start <= day && cover.end.is_none_or(|end| day <= end);
    let ended = cover.status == CoverageStatus::Ended && cover.end.is_none();
    if !within || ended {
        return Finding::Refused(Reason::NotEligible, fixed_rule::ELIGIBILITY);
    }
    if cover.status == CoverageStatus::Suspended {
        return Finding::Held(Reason::Suspended, fixed_rule::SUSPENDED);
    }
    Finding::Passes
}

/// The same provider, service, day and amount: in a claim that counted, or earlier in this one.
pub(super) fn duplicate(case: &Case<'_>, prior: &[PriorLine], line: &Line<'_>) -> Finding {
    let Some(service) = line.service else { return Finding::Passes };
    let charged = line.charged;
    let before = prior.iter().any(|known| {
        known.service_start == charged.service_start
            && known.charge == charged.charge.minor()
            && known.provider == case.provider
            && known.code == service.code
            && known.claim != case.claim
    });
    let mut earlier = case.lines.iter().enumerate().take(line.index);
    let here = earlier.any(|(index, other)| {
        other.service_start == charged.service_start
            && other.charge == charged.charge
            && case.service(index, other.number).is_some_and(|other| other.code == service.code)
    });
    if before || here { Finding::Refused(Reason::Duplicate, fixed_rule::DUPLICATE) } else { Finding::Passes }
}

/// Received within so many months of the last day of the service.
pub(super) fn timely_filing(plan: &Plan, case: &Case<'_>, line: &ClaimLine) -> Finding {
    let Some(limit) = plan.filing else { return Finding::Passes };
    match line.service_end.plus_months(limit.months) {
        Some(last) if case.received > last => Finding::Refused(Reason::Late, limit.rule),
        _ => Finding::Passes,
    }
}

/// Covered long enough for the benefit.
pub(super) fn waiting(case: &Case<'_>, line: &Line<'_>) -> Finding {
    let Some(waiting) = line.benefit.and_then(|(_, benefit)| benefit.waiting) else { return Finding::Passes };
    match case.cover.start.plus_months(waiting.months) {
        Some(first) if line.charged.service_start >= first => Finding::Passes,
        _ => Finding::Refused(Reason::Waiting, waiting.rule),
    }
}

/// No diagnosis of the claim is one that the cover excludes, or a finer one.
pub(super) fn exclusion(case: &Case<'_>) -> Finding {
    let excluded = |diagnosis| {
        case.cover.exclusions.iter().any(|excluded| domain::Diagnosis::is_within(diagnosis, excluded))
    };
    if case.diagnoses.iter().any(excluded) {
        Finding::Refused(Reason::Excluded, fixed_rule::EXCLUSION)
    } else {
        Finding::Passes
    }
}
