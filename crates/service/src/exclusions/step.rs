//! What is done about the exclusions of one provider, and what is left of them: no two overlap, and none ends before it begins. It knows
//! neither register nor record.

use std::fmt;

use domain::{ActorId, Date, Exclusion};

use super::NewExclusion;
use crate::ServiceError;

/// The most times for which one provider is excluded: a record is opened whole.
const SPANS: usize = 100;

/// How many exclusions are otherwise since some were entered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entered {
    /// Those that were not there.
    pub new: u64,
    /// Those that stood with another last day.
    pub changed: u64,
}

/// What does not fit, each with its place among those given, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFaults(pub Vec<(usize, &'static str)>);

impl fmt::Display for RowFaults {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.0.iter().map(|(place, problem)| format!("exclusion {place}: {problem}"));
        to.write_str(&told.collect::<Vec<_>>().join("; "))
    }
}

/// What is done about the exclusions of one provider.
pub(super) enum Step {
    /// Enter these, each with its place among those given, from 1.
    Enter(Vec<(usize, NewExclusion)>),
    /// Of the one that begins on the first day, set the last.
    End { first: Date, last: Date },
    /// Take out the one that begins on a day: it was entered in error.
    Remove(Date),
}

const NONE_BEGINS: ServiceError = ServiceError::Exclusion("none of the provider begins on that day");

impl Step {
    /// The exclusions after it, by their first day, and how many of them are otherwise since they were entered.
    pub(super) fn applied(
        self,
        mut spans: Vec<Exclusion>,
        (entered, by): (Date, ActorId),
    ) -> Result<(Vec<Exclusion>, Entered), ServiceError> {
        let mut counted = Entered::default();
        match self {
            Self::Enter(new) => {
                let exclusion = |(place, one): (usize, NewExclusion)| {
                    let NewExclusion { first, last, list, .. } = one;
                    (place, Exclusion { first, last, list, entered, by })
                };
                let new: Vec<_> = new.into_iter().map(exclusion).collect();
                counted = enter(&mut spans, &new)?;
            }
            Self::End { first, last } => {
                let span = spans.iter_mut().find(|span| span.first == first).ok_or(NONE_BEGINS)?;
                if last < first || span.last.is_some_and(|before| before < last) {
                    return Err(ServiceError::Exclusion("the provider is not excluded on that day"));
                }
                (span.last, span.entered, span.by) = (Some(last), entered, by);
            }
            Self::Remove(first) => {
                let standing = spans.len();
                spans.retain(|span| span.first != first);
                if spans.len() == standing {
                    return Err(NONE_BEGINS);
                }
            }
        }
        spans.sort_by_key(|span| span.first);
        Ok((spans, counted))
    }
}

/// Enters exclusions beside those that stand. One by the same list from the same day on takes the place of what stood, unless that ended
/// before: what was ended is not opened again by a list that does not know of it.
fn enter(spans: &mut Vec<Exclusion>, new: &[(usize, Exclusion)]) -> Result<Entered, ServiceError> {
    let is_named = |one: &Exclusion, other: &Exclusion| one.first == other.first && one.list == other.list;
    let stood: Vec<_> = spans.extract_if(.., |span| new.iter().any(|(_, new)| is_named(span, new))).collect();
    let standing = spans.len();
    let (mut counted, mut faults) = (Entered::default(), RowFaults::default());
    for (place, new) in new {
        let stood = stood.iter().find(|span| is_named(span, new));
        if spans.iter().any(|span| is_named(span, new) && span.last == new.last) {
            continue;
        }
        let ended = stood.and_then(|stood| stood.last);
        let overlapped = spans.iter().position(|span| span.overlaps(new));
        let fault = if new.last.is_some_and(|last| last < new.first) {
            Some("it ends before it begins")
        } else if ended.is_some_and(|ended| new.last.is_none_or(|last| ended < last)) {
            Some(
                "the provider's by this list from this day on ended before that: leave it out, or remove that one first",
            )
        } else {
            overlapped.map(|place| match place < standing {
                true => "it overlaps another one of the provider: end or remove that one first",
                false => "it overlaps another one of the provider that is given here",
            })
        };
        if let Some(fault) = fault {
            faults.0.push((*place, fault));
            continue;
        }
        match stood {
            Some(stood) if stood.last == new.last => spans.push(stood.clone()),
            _ => spans.push(new.clone()),
        }
        counted.new += u64::from(stood.is_none());
        counted.changed += u64::from(stood.is_some_and(|stood| stood.last != new.last));
    }
    if !faults.0.is_empty() {
        return Err(ServiceError::ExclusionRows(faults));
    }
    if spans.len() > SPANS {
        return Err(ServiceError::Exclusion("a provider has no more than 100"));
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use domain::{ExclusionList, ProviderId};

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn new(first: &str, last: Option<&str>) -> NewExclusion {
        NewExclusion {
            provider: ProviderId::from_bytes([1; 16]),
            first: day(first),
            last: last.map(day),
            list: ExclusionList::parse("List 4 of 2026").unwrap(),
        }
    }

    fn applied(step: Step, spans: &[Exclusion]) -> Result<(Vec<Exclusion>, Entered), String> {
        let said = (day("2026-11-20"), ActorId::from_bytes([1; 16]));
        step.applied(spans.to_vec(), said).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_entered_overlaps_nothing_and_the_same_again_is_nothing_new() {
        let both = vec![(1, new("2026-06-01", None)), (2, new("2026-01-01", Some("2026-03-31")))];
        let (spans, entered) = applied(Step::Enter(both.clone()), &[]).unwrap();
        assert_eq!((spans[0].first, entered), (day("2026-01-01"), Entered { new: 2, changed: 0 }));
        assert_eq!(applied(Step::Enter(both), &spans).unwrap().1, Entered::default());
        let over = applied(Step::Enter(vec![(3, new("2026-03-31", Some("2026-04-02")))]), &spans);
        assert!(over.is_err_and(|said| said.starts_with("exclusion 3: it overlaps")));
        let backwards = applied(Step::Enter(vec![(1, new("2026-05-02", Some("2026-05-01")))]), &spans);
        assert!(backwards.is_err_and(|said| said.contains("before it begins")));
    }

    #[test]
    fn a_list_that_comes_again_ends_what_stands_and_all_that_does_not_fit_is_told() {
        let open = vec![(1, new("2026-01-01", Some("2026-04-30"))), (2, new("2026-06-01", None))];
        let (spans, _) = applied(Step::Enter(open.clone()), &[]).unwrap();
        let again =
            vec![(1, new("2026-01-01", Some("2026-04-30"))), (2, new("2026-06-01", Some("2026-08-31")))];
        let (spans, entered) = applied(Step::Enter(again), &spans).unwrap();
        assert_eq!(entered, Entered { new: 0, changed: 1 });
        let last: Vec<_> = spans.iter().map(|span| span.last).collect();
        assert_eq!(last, [Some(day("2026-04-30")), Some(day("2026-08-31"))]);
        // What was ended meanwhile is not opened again.
        let said = applied(Step::Enter(open), &spans).unwrap_err();
        assert!(said.starts_with("exclusion 2: ") && said.contains("ended before that"), "{said}");
        let wrong = [
            // By another list; longer; twice in one file; the other way round.
            NewExclusion { list: ExclusionList::parse("List 5").unwrap(), ..new("2026-08-31", None) },
            new("2026-01-01", Some("2026-05-01")),
            new("2025-01-01", Some("2025-03-31")),
            new("2025-01-01", Some("2025-01-31")),
            new("2024-02-01", Some("2024-01-31")),
        ];
        let said = applied(Step::Enter((1..).zip(wrong).collect()), &spans).unwrap_err();
        let told: Vec<_> = said.split("; ").map(|one| one.split_at(13)).collect();
        let places: Vec<_> = told.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, ["exclusion 1: ", "exclusion 2: ", "exclusion 4: ", "exclusion 5: "], "{said}");
        assert!(told[0].1.contains("end or remove") && told[2].1.ends_with("that is given here"), "{said}");
        // What becomes shorter makes room, wherever it stands in the file.
        let room = [(1, new("2026-04-01", Some("2026-05-31"))), (2, new("2026-01-01", Some("2026-03-31")))];
        let (spans, entered) = applied(Step::Enter(room.into()), &spans).unwrap();
        assert_eq!((spans.len(), entered), (3, Entered { new: 1, changed: 1 }));
    }

    #[test]
    fn one_ends_on_a_day_on_which_it_holds_and_one_in_error_is_taken_out() {
        let (spans, _) = applied(Step::Enter(vec![(1, new("2026-06-01", None))]), &[]).unwrap();
        let end = |first, last| Step::End { first: day(first), last: day(last) };
        assert!(applied(end("2026-06-01", "2026-05-31"), &spans).is_err());
        assert!(applied(end("2026-06-02", "2026-06-30"), &spans).is_err());
        let (ended, _) = applied(end("2026-06-01", "2026-06-30"), &spans).unwrap();
        assert_eq!(ended[0].last, Some(day("2026-06-30")));
        assert!(applied(end("2026-06-01", "2026-07-01"), &ended).is_err());
        assert!(applied(Step::Remove(day("2026-06-02")), &ended).is_err());
        assert!(applied(Step::Remove(day("2026-06-01")), &ended).unwrap().0.is_empty());
    }
}
