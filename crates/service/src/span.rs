//! Which span of cover holds on a day, which a claim falls under, and which go on without a gap: one choice, for whoever decides a
//! claim and whoever tells what cover there is. It opens nothing; what it looks at is plain, or was opened under a grant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use benefits::{Continuing, Plan};
use domain::{CoverageId, CoverageStatus, Date, OutcomeReason, SubjectId};
use store::coverage::CoverageRow;

/// What decides about a span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    /// First day.
    pub(crate) start: Date,
    /// Last day; none while it is open.
    pub(crate) end: Option<Date>,
    /// Whether it is in force.
    pub(crate) status: CoverageStatus,
    /// The plan's id: what tells spans apart that begin on the same day. Ids of spans differ from site to site.
    pub(crate) plan: &'a str,
}

impl Span<'_> {
    fn holds(&self, day: Date) -> bool {
        self.start <= day && self.end.is_none_or(|end| day <= end)
    }
}

/// The place of the span that holds a day: one that has not ended, where there is a choice; then the earliest.
pub(crate) fn on(spans: &[Span<'_>], day: Date) -> Option<usize> {
    let holding = spans.iter().enumerate().filter(|(_, span)| span.holds(day));
    holding
        .min_by_key(|(_, span)| (span.status == CoverageStatus::Ended, span.start, span.plan))
        .map(|(place, _)| place)
}

/// The place of the span that a claim falls under: the one that holds its services; the latest, under which none
/// is eligible, if none holds any. Cover is needed on the day of each service, and a determination has one plan:
/// a claim whose services fall into several spans is none's.
pub(crate) fn of_claim(
    spans: &[Span<'_>],
    services: impl Iterator<Item = Date>,
) -> Result<usize, OutcomeReason> {
    let holding: BTreeSet<usize> = services.filter_map(|day| on(spans, day)).collect();
    if holding.len() > 1 {
        return Err(OutcomeReason::SeveralCovers);
    }
    holding.first().copied().or_else(|| latest(spans)).ok_or(OutcomeReason::NoCover)
}

fn latest(spans: &[Span<'_>]) -> Option<usize> {
    spans.iter().enumerate().max_by_key(|(_, span)| (span.start, span.plan)).map(|(place, _)| place)
}

/// Since when somebody has been covered without a gap, at the first day of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since {
    /// Under plans that the span's own goes on from: its policy years and its waiting count from here.
    pub(crate) continued: Date,
    /// Under any plan.
    pub(crate) covered: Date,
}

/// The same of each span of people who have several. A span that is not here is the only one.
#[derive(Default)]
pub(crate) struct SinceWhen(BTreeMap<(SubjectId, CoverageId), Since>);

impl SinceWhen {
    /// Of spans that stand by person, and the plans that they are under.
    pub(crate) fn of<'r>(
        rows: impl IntoIterator<Item = &'r CoverageRow>,
        plan_of: impl Fn(&CoverageRow) -> Option<Arc<Plan>>,
    ) -> Self {
        let mut people: BTreeMap<SubjectId, Vec<&CoverageRow>> = BTreeMap::new();
        for row in rows {
            people.entry(row.subject).or_default().push(row);
        }
        let mut since = BTreeMap::new();
        for spans in people.into_values().filter(|spans| spans.len() > 1) {
            let plans: Vec<Option<Arc<Plan>>> = spans.iter().map(|span| plan_of(span)).collect();
            for (span, plan) in spans.iter().zip(&plans) {
                let Some(plan) = plan else { continue };
                let goes_on = |other: &Option<Arc<Plan>>| {
                    other.as_ref().is_some_and(|other| plan.continues(other.id()) != Continuing::Nothing)
                };
                let before = spans.iter().copied().zip(&plans);
                let continued = before.filter(|(_, other)| goes_on(other)).map(|(other, _)| other);
                let found = Since {
                    continued: unbroken(span, continued),
                    covered: unbroken(span, spans.iter().copied()),
                };
                since.insert((span.subject, span.coverage), found);
            }
        }
        Self(since)
    }

    pub(crate) fn get(&self, subject: SubjectId, coverage: CoverageId) -> Option<Since> {
        self.0.get(&(subject, coverage)).copied()
    }
}

/// The first day of the spans that lead to a span without a day between them.
fn unbroken<'r>(span: &CoverageRow, others: impl Iterator<Item = &'r CoverageRow> + Clone) -> Date {
    let mut since = span.start;
    let leads = |other: &CoverageRow, to: Date| {
        let next = other.end.and_then(|end| end.plus_days(1));
        other.start < to
            && other.end.is_none_or(|end| other.start <= end)
            && next.is_none_or(|next| to <= next)
    };
    loop {
        let first = others.clone().filter(|other| leads(other, since)).map(|other| other.start).min();
        match first {
            Some(first) => since = first,
            None => return since,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn span(start: &str, end: Option<&str>, status: CoverageStatus) -> Span<'static> {
        Span { start: day(start), end: end.map(day), status, plan: "plan" }
    }

    #[test]
    fn an_ended_span_gives_way_and_the_order_given_says_nothing() {
        let ended = span("2026-01-01", Some("2026-12-31"), CoverageStatus::Ended);
        let other = Span { plan: "other", ..ended };
        let running = span("2026-06-01", None, CoverageStatus::Active);
        assert_eq!(on(&[ended, running], day("2026-07-01")), Some(1));
        assert_eq!(on(&[running, ended], day("2026-07-01")), Some(0));
        assert_eq!(on(&[running, ended], day("2026-03-01")), Some(1), "an ended one held that day");
        assert_eq!(on(&[ended, other], day("2026-03-01")), Some(1));
        assert_eq!(on(&[ended, running], day("2025-03-01")), None);
    }

    #[test]
    fn a_claim_falls_under_the_one_span_that_holds_its_services() {
        let early = span("2026-01-01", Some("2026-03-31"), CoverageStatus::Active);
        let late = span("2026-06-01", None, CoverageStatus::Active);
        let of = |days: &[&str]| of_claim(&[late, early], days.iter().map(|text| day(text)));
        assert_eq!(of(&["2026-03-01", "2026-05-01"]), Ok(1));
        assert_eq!(of(&["2026-05-01", "2026-06-02"]), Ok(0));
        assert_eq!(of(&["2026-06-02", "2026-03-01"]), Err(OutcomeReason::SeveralCovers));
        assert_eq!(of(&["2026-05-01"]), Ok(0), "none is covered: the latest");
        assert_eq!(of_claim(&[], std::iter::empty()), Err(OutcomeReason::NoCover));
    }
}
