//! The checks that a line passes before money is worked out. Each says what it found; what follows
//! from it is decided in the parent.

use domain::{ClaimLine, CoverageStatus, Date, PriorLine, Reason};

use super::{Finding, Line, Work};
use crate::case::Case;
use crate::overrides::is_refused;
use crate::plan::{Plan, Waiting, fixed_rule};

/// Alive, and covered on the first day of the service.
pub(super) fn eligibility(plan: &Plan, case: &Case<'_>, line: &ClaimLine) -> Finding {
    let day = line.service_start;
    let cover = &case.cover;
    if case.birth_date.is_some_and(|birth| day < birth) || case.death_date.is_some_and(|death| day > death) {
        return Finding::Refused(Reason::Phantom, fixed_rule::LIFE);
    }
    let within = covered_from(plan, case) <= day && cover.end.is_none_or(|end| day <= end);
    let ended = cover.status == CoverageStatus::Ended && cover.end.is_none();
    if !within || ended {
        return Finding::Refused(Reason::NotEligible, fixed_rule::ELIGIBILITY);
    }
    if cover.status == CoverageStatus::Suspended {
        return Finding::Held(Reason::Suspended, fixed_rule::SUSPENDED);
    }
    if case.facts.provider_excluded {
        return Finding::Held(Reason::ProviderExcluded, fixed_rule::PROVIDER);
    }
    Finding::Passes
}

/// The first day on which the member is covered.
fn covered_from(plan: &Plan, case: &Case<'_>) -> Date {
    plan.covered_from(case.birth_date, case.cover.start)
}

/// The day that waiting counts from: the first one covered, also under spans that this one goes on from.
fn covered_since(plan: &Plan, case: &Case<'_>) -> Date {
    let own = covered_from(plan, case);
    let before = case.facts.covered_since.map(|since| plan.covered_from(case.birth_date, since));
    before.map_or(own, |before| before.min(own))
}

/// Where the lines of a day begin among those of all days, which are sorted. Looks from the end: care is mostly newer than
/// what was counted before it.
fn first_of(prior: &[PriorLine], day: Date) -> usize {
    let is_before = |known: &PriorLine| known.service_start < day;
    let mut width = 1;
    while prior.iter().nth_back(width - 1).is_some_and(|known| !is_before(known)) {
        width *= 2;
    }
    let from = prior.len().saturating_sub(width);
    from + prior.get(from..).unwrap_or_default().partition_point(is_before)
}

/// Received within so many months of the last day of the service.
pub(super) fn timely_filing(plan: &Plan, case: &Case<'_>, line: &ClaimLine) -> Finding {
    let Some(limit) = plan.filing.filter(|_| !case.facts.filing_waived) else { return Finding::Passes };
    match line.service_end.plus_months(limit.months) {
        Some(last) if case.received > last => Finding::Refused(Reason::Late, limit.rule),
        _ => Finding::Passes,
    }
}

/// Given where the plan covers care, or an emergency during the first days of a stay elsewhere.
pub(super) fn area(plan: &Plan, case: &Case<'_>, line: &Line<'_>) -> Finding {
    let Some(area) = &plan.area else { return Finding::Passes };
    let Some(country) = case.facts.country else {
        return Finding::Stopped(Reason::Information, fixed_rule::UNKNOWN_COUNTRY);
    };
    if area.countries.contains(&country) != area.except {
        return Finding::Passes;
    }
    let days = match (area.emergency_days, line.is_emergency(case)) {
        (Some(days), Some(true)) => days,
        (Some(_), None) => return Finding::Stopped(Reason::Information, fixed_rule::UNKNOWN_EMERGENCY),
        _ => return Finding::Refused(Reason::Area, area.rule),
    };
    match case.facts.away_since {
        // How long the stay has lasted is not known: a person asks.
        None => Finding::Held(Reason::Area, area.rule),
        Some(first) if first.days_until(line.charged.service_start) < days => Finding::Passes,
        Some(_) => Finding::Refused(Reason::Area, area.rule),
    }
}

/// The papers that the benefit asks for came with the claim. Where nobody keeps count of papers, they may be missing.
pub(super) fn documents(case: &Case<'_>, line: &Line<'_>) -> Finding {
    let Some((_, benefit)) = line.benefit.filter(|(_, benefit)| !benefit.documents.is_empty()) else {
        return Finding::Passes;
    };
    let Some(came) = case.facts.documents else {
        return Finding::Stopped(Reason::Information, fixed_rule::UNKNOWN_DOCUMENTS);
    };
    match benefit.documents.iter().find(|(_, paper)| !came.iter().any(|one| one.is(paper))) {
        Some((rule, _)) => Finding::Stopped(Reason::Information, *rule),
        None => Finding::Passes,
    }
}

/// Covered long enough for the benefit.
pub(super) fn waiting(plan: &Plan, case: &Case<'_>, line: &Line<'_>) -> Finding {
    let Some((_, benefit)) = line.benefit else { return Finding::Passes };
    let day = line.charged.service_start;
    for rule in &benefit.waiting {
        // Who has no known birth date waits too.
        let concerned = rule.ages.has(case.birth_date, day).unwrap_or(true);
        if !concerned {
            continue;
        }
        let prior = case.facts.prior_cover.filter(|_| rule.prior_cover_counts);
        let own = covered_since(plan, case);
        let since = prior.map_or(own, |prior| prior.min(own));
        if since.plus_months(rule.months).is_none_or(|first| day < first) {
            match waived(rule, case, line) {
                Ok(true) => {}
                Ok(false) => return Finding::Refused(Reason::Waiting, rule.rule),
                Err(unknown) => return Finding::Stopped(Reason::Information, unknown),
            }
        }
    }
    Finding::Passes
}

/// Whether a waiting period does not apply to such care. Errors, with the rule that a trace cites: what would waive it is
/// not known.
fn waived(rule: &Waiting, case: &Case<'_>, line: &Line<'_>) -> Result<bool, u16> {
    let accident = rule.waived_for_accident.then_some((case.facts.accident, fixed_rule::UNKNOWN_ACCIDENT));
    let emergency =
        rule.waived_for_emergency.then_some((line.is_emergency(case), fixed_rule::UNKNOWN_EMERGENCY));
    let mut grounds = accident.into_iter().chain(emergency);
    if grounds.clone().any(|(ground, _)| ground == Some(true)) {
        return Ok(true);
    }
    grounds.find(|(ground, _)| ground.is_none()).map_or(Ok(false), |(_, unknown)| Err(unknown))
}

/// No diagnosis of the claim is one that the cover excludes, or a finer one; and none was there before the
/// cover and is still under the moratorium.
pub(super) fn excluded_condition(plan: &Plan, case: &Case<'_>, line: &Line<'_>) -> Finding {
    let has = |excluded: &domain::Diagnosis| case.diagnoses.iter().any(|found| found.is_within(excluded));
    if case.cover.exclusions.iter().any(has) {
        return Finding::Refused(Reason::Excluded, fixed_rule::EXCLUSION);
    }
    if let Some(moratorium) = plan.moratorium {
        let is_still = |last: Date| {
            let since = last.max(covered_since(plan, case));
            since.plus_months(moratorium.months).is_none_or(|first| line.charged.service_start < first)
        };
        let mut known = case.facts.preexisting.iter();
        if known.any(|known| has(&known.diagnosis) && is_still(known.last_treated)) {
            return Finding::Refused(Reason::Excluded, moratorium.rule);
        }
    }
    Finding::Passes
}

/// The plan excludes neither service nor diagnosis.
pub(super) fn excluded_care(plan: &Plan, case: &Case<'_>, line: &Line<'_>) -> Finding {
    for rule in &plan.exclusions {
        let service = |prefix: &String| line.service.is_some_and(|service| service.code.starts_with(prefix));
        let found = |prefix: &String| case.diagnoses.iter().any(|found| found.starts_with(prefix));
        if rule.codes.iter().any(service) || rule.diagnoses.iter().any(found) {
            return Finding::Refused(Reason::NotCovered, rule.rule);
        }
    }
    Finding::Passes
}

/// Not included in another service of the claim on the same day, unless a person refused that one.
pub(super) fn bundling(plan: &Plan, case: &Case<'_>, line: &Line<'_>) -> Finding {
    let Some(service) = line.service else { return Finding::Passes };
    for bundle in &plan.bundles {
        if !bundle.includes.iter().any(|prefix| service.code.starts_with(prefix)) {
            continue;
        }
        let whole = case.lines.iter().enumerate().any(|(index, other)| {
            index != line.index
                && !is_refused(case.facts.overrides, other.number)
                && other.service_start == line.charged.service_start
                && case.service(index, other.number).is_some_and(|other| other.code == bundle.code)
        });
        if whole && service.code != bundle.code {
            return Finding::Refused(Reason::Bundled, bundle.rule);
        }
    }
    Finding::Passes
}

impl<'a> Work<'a> {
    /// The same provider, service, day and amount: in a claim that counted, or earlier in this one. Nearly the
    /// same waits for a person, where the plan says so. What a person refused is no other.
    pub(super) fn duplicate(&self, line: &Line<'_>) -> Finding {
        let (plan, case, Some(service)) = (self.plan, self.case, line.service) else {
            return Finding::Passes;
        };
        let charged = line.charged;
        let mut near = false;
        // Nearly the same may be a day off.
        let day = charged.service_start;
        let off = |days| if plan.near_duplicates { day.plus_days(days).unwrap_or(day) } else { day };
        for known in self.of_provider(off(-1), off(1)).filter(|known| known.code == service.code) {
            if known.service_start == charged.service_start && known.charge == charged.charge.minor() {
                return Finding::Refused(Reason::Duplicate, fixed_rule::DUPLICATE);
            }
            near = true;
        }
        let mut earlier = case.lines.iter().enumerate().take(line.index);
        let here = earlier.any(|(index, other)| {
            other.service_start == charged.service_start
                && other.charge == charged.charge
                && !is_refused(case.facts.overrides, other.number)
                && case.service(index, other.number).is_some_and(|other| other.code == service.code)
        });
        if here {
            Finding::Refused(Reason::Duplicate, fixed_rule::DUPLICATE)
        } else if near && plan.near_duplicates {
            Finding::Held(Reason::Duplicate, fixed_rule::NEAR_DUPLICATE)
        } else {
            Finding::Passes
        }
    }

    /// Lines before that the claim's provider gave from one day to another: of other claims than this one and the one that it
    /// replaces.
    pub(super) fn of_provider(&self, first: Date, last: Date) -> impl Iterator<Item = &'a PriorLine> {
        let of_days = self.prior_since(first).iter().take_while(move |known| known.service_start <= last);
        let (provider, claim, replaces) = (self.case.provider, self.case.claim, self.case.facts.replaces);
        of_days.filter(move |known| {
            known.provider == provider && known.claim != claim && replaces != Some(known.claim)
        })
    }

    /// Lines before from a day on: they are sorted by day.
    pub(super) fn prior_since(&self, day: Date) -> &'a [PriorLine] {
        let known = self.from_day.get().filter(|(known, _)| *known == day);
        let (_, from) = known.unwrap_or_else(|| (day, first_of(self.prior, day)));
        self.from_day.set(Some((day, from)));
        self.prior.get(from..).unwrap_or_default()
    }
}
