//! The naive balances: every question goes through all that ever happened.

use super::arithmetic::{Day, Fraction, all_days, fraction, half_up, later, period, spans_with, whole};
use super::{Event, Note, Question, Remarks};
use crate::support::{CounterSpec, LineSpec};

/// How far a rule still counts for a line.
pub(super) struct Left {
    pub(super) left: i64,
    start: Day,
    scope: u64,
    passing: bool,
}

impl Question<'_> {
    fn policy_start(&self) -> Day {
        self.member.policy_start.unwrap_or(self.member.cover_start)
    }

    fn scope(&self, spec: &CounterSpec, index: usize) -> (u64, bool) {
        let numbered = |number: u32| 4_294_967_296 + u64::from(number);
        let letters = |code: &str| code.bytes().take(3).fold(0, |sum, letter| sum * 256 + u64::from(letter));
        match spec.per {
            Some("claim") => (1, true),
            // The provider, on the day that the balance is of.
            Some("visit") => {
                let half = [self.claim.provider; 8];
                (u64::from_be_bytes(half) | 9_223_372_036_854_775_808, false)
            }
            Some("unit") => (index as u64, true),
            Some("condition") => match self.claim.condition {
                Some(number) => (numbered(number), false),
                None => (self.claim.diagnoses.first().map_or(0, |code| letters(code)), false),
            },
            Some("pregnancy") => (self.claim.pregnancy.map_or(0, numbered), false),
            Some("event") => self.claim.event.map_or((1, true), |number| (numbered(number), false)),
            Some("admission") => self.claim.admission.map_or((1, true), |number| (numbered(number), false)),
            _ => (0, false),
        }
    }

    /// What is left of an accumulator before this line; none when it depends on an unknown salary.
    pub(super) fn left(
        &self,
        accumulator: u16,
        spec: &CounterSpec,
        index: usize,
        (counts, family): (bool, bool),
    ) -> Option<Left> {
        let line = &self.claim.lines[index];
        let amount = match spec.salary {
            Some((over, under)) => {
                half_up(&fraction(i128::from(self.member.salary?) * i128::from(over), under))
            }
            None if counts => spec.amount,
            None => self.amount(spec.amount),
        };
        let times = match (spec.per, spec.period) {
            (Some("unit"), _) => i64::from(line.units),
            (Some("claim" | "visit"), _) => 1,
            (_, "day") => all_days(line.start, line.end).len() as i64,
            _ => 1,
        };
        // Of a newborn, what was before the cover counts in its first year.
        let day =
            if spec.period == "policy-year" { line.start.max(self.member.cover_start) } else { line.start };
        let start = match spec.per {
            Some("visit") => line.start,
            _ => period(spec.period, self.policy_start(), day),
        };
        let (scope, passing) = self.scope(spec, index);
        let left =
            amount.saturating_mul(times) - self.used(accumulator, spec, (start, scope, passing), family);
        Some(Left { left, start, scope, passing })
    }

    fn used(
        &self,
        accumulator: u16,
        spec: &CounterSpec,
        (start, scope, passing): (Day, u64, bool),
        family: bool,
    ) -> i64 {
        let now = self.earlier.iter().flat_map(|(_, _, events)| events);
        let all = self.history.events.iter().filter(|_| !passing).chain(now);
        let mine = all.filter(|event| event.accumulator == accumulator && event.scope == scope);
        let mut dated: Vec<(Day, i64)> = mine.map(|event| (event.period, event.amount)).collect();
        if family && !passing && scope == 0 {
            let others = self.member.family.iter().filter(|(number, _, _)| *number == accumulator);
            dated.extend(others.map(|(_, day, amount)| (*day, *amount)));
        }
        if passing {
            return dated.iter().map(|(_, amount)| amount).sum();
        }
        let within = |first: Day, end: Day| -> i64 {
            dated.iter().filter(|(day, _)| first <= *day && *day < end).map(|(_, amount)| amount).sum()
        };
        match spans_with(spec.period, start).filter(|_| spec.per != Some("visit")) {
            Some(spans) => spans.into_iter().map(|(first, end)| within(first, end)).max().unwrap_or(0),
            None => dated.iter().filter(|(day, _)| *day == start).map(|(_, amount)| amount).sum(),
        }
    }

    pub(super) fn note(&self, remarks: &mut Remarks, accumulator: u16, left: &Left, note: Note) {
        remarks.notes.push((accumulator, vec![left.start], left.scope, left.passing, note));
    }

    /// Counts for the next period too, if the service falls into the last months of this one.
    pub(super) fn carry_over(&self, remarks: &mut Remarks, spec: &CounterSpec, months: i32, line: &LineSpec) {
        let Some((_, periods, _, false, _)) = remarks.notes.last_mut() else { return };
        let years = (1..200).map(|years| later(self.policy_start(), years * 12));
        let next = match spec.period {
            "calendar-year" => Some((line.start.0 + 1, 1, 1)),
            _ => years.into_iter().find(|day| *day > line.start),
        };
        if let Some(next) = next.filter(|next| later(*next, -months) <= line.start) {
            periods.push(next);
        }
    }

    /// Whether a day of a visit (of this provider) or a stay is counted already.
    pub(super) fn is_counted(&self, accumulator: u16, day: Day, provider: Option<u8>) -> bool {
        let now = self.earlier.iter().flat_map(|(_, _, events)| events);
        let mut all = self.history.events.iter().chain(now).filter(|event| event.accumulator == accumulator);
        let same = |(who, when): &(u8, Day)| *when == day && provider.is_none_or(|provider| provider == *who);
        all.any(|event: &Event| event.days.iter().any(same))
    }

    /// Whether a line of this claim was counted already on an accumulator of claims.
    pub(super) fn claim_counts(&self, accumulator: u16) -> bool {
        let mut now = self.earlier.iter().flat_map(|(_, _, events)| events);
        now.any(|event| event.accumulator == accumulator)
    }

    /// Whether a limit is for such claims and such people.
    pub(super) fn concerns(&self, limit: &crate::support::LimitSpec, line: &LineSpec) -> bool {
        let kind = |wanted: usize| {
            let benefits: Vec<usize> = self
                .claim
                .lines
                .iter()
                .filter_map(|line| self.benefit(line).map(|(number, _)| number))
                .collect();
            let fits =
                |kind: &Vec<usize>| kind.is_empty() || kind.iter().any(|benefit| benefits.contains(benefit));
            self.plan.kinds.iter().position(fits) == Some(wanted)
        };
        let years = self.member.birth.map(|birth| super::arithmetic::age(birth, line.start));
        let young = |below: u8| years.is_none_or(|years| years < i32::from(below));
        let old = |from: u8| years.is_none_or(|years| years >= i32::from(from));
        limit.kind.is_none_or(kind) && limit.below_age.is_none_or(young) && limit.from_age.is_none_or(old)
    }

    pub(super) fn room(left: i64) -> Fraction {
        whole(left.max(0))
    }
}
