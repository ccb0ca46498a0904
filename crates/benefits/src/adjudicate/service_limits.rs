//! Limits of visits, days, units and claims, and limits on what is eligible: before the member's shares.
//! A line of which only a part is within them is paid for that part, exactly.

use domain::{CountedDays, Date, Reason, Step};

use super::counting::{Met, What};
use super::{Finding, Line, Work};
use crate::exact::Ratio;
use crate::plan::{Limit, Unit};

/// Days that a line of this claim counted.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) accumulator: u16,
    pub(super) from: Date,
    pub(super) until: Date,
}

/// What a line asks of a limit.
pub(super) struct Asked<'a> {
    limit: &'a Limit,
    met: Met,
    /// All that the line has, and what of it is not counted yet.
    all: i64,
    new: i64,
}

impl Asked<'_> {
    /// What can still be counted of it.
    fn within(&self) -> i64 {
        self.new.min(self.met.left.max(0))
    }

    /// The part of the line that is within the limit.
    fn part(&self) -> Ratio {
        let part = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        match self.new == self.within() {
            true => Ratio::of(1, 1),
            false => Ratio::of(part(self.all - self.new + self.within()), part(self.all)),
        }
    }
}

impl<'a> Work<'a> {
    pub(super) fn limit_services(&mut self, line: &mut Line<'a>, column: usize) -> Finding {
        let (plan, Some((_, benefit))) = (self.plan, line.benefit) else { return Finding::Passes };
        let limits = benefit.limits.iter().filter_map(|place| plan.limits.get(*place));
        let mut asked = std::mem::take(&mut self.asked);
        asked.clear();
        for limit in limits.clone().filter(|limit| !matches!(limit.unit, Unit::Paid | Unit::Eligible)) {
            if !self.concerns(limit, line) {
                continue;
            }
            let met = match self.meet(&limit.counter, line, column) {
                Ok(met) => met,
                Err(rule) => return Finding::Stopped(Reason::Information, rule),
            };
            let (all, new) = self.quantity(limit, line);
            asked.push(Asked { limit, met, all, new });
        }
        let mut within = Ratio::of(1, 1);
        for part in asked.iter().map(Asked::part) {
            if part.is_less(within) {
                within = part;
            }
        }
        for asked in &asked {
            self.limit_service(line, asked, within);
        }
        if !asked.is_empty() {
            line.notes.service_limit = !within.is_one();
        }
        self.asked = asked;
        for limit in limits.filter(|limit| limit.unit == Unit::Eligible) {
            if !self.concerns(limit, line) {
                continue;
            }
            let met = match self.meet(&limit.counter, line, column) {
                Ok(met) => met,
                Err(rule) => return Finding::Stopped(Reason::Information, rule),
            };
            line.notes.money_limit |= line.shares.limit(met.left);
            let eligible = line.shares.rounded(line.shares.plan);
            self.count_on(line, Step::ServiceLimit, (&limit.counter, met), What::Fixed(eligible));
        }
        Finding::Passes
    }

    /// Cuts the line to the part that is within all limits, once, and counts on this one.
    fn limit_service(&mut self, line: &mut Line<'a>, asked: &Asked<'a>, within: Ratio) {
        if asked.part() == within && !within.is_one() && !line.notes.service_limit {
            line.shares.keep(within);
            line.notes.service_limit = true;
        }
        let counted = asked.within().min(within.of_count(asked.new));
        if asked.new == 0 {
            return;
        }
        let limit = asked.limit;
        self.count_on(line, Step::ServiceLimit, (&limit.counter, asked.met), What::Fixed(counted));
        let until = match limit.unit {
            Unit::Visits | Unit::Claims if counted > 0 => Some(line.charged.service_start),
            Unit::Days if counted > 0 => self.last_new_day(limit.counter.accumulator, line, counted),
            _ => None,
        };
        if let (Some(until), Some(last)) = (until, self.counting.last_mut()) {
            last.until = Some(until);
        }
    }

    /// How much of what a limit counts a line has, and how much of that is not counted yet.
    fn quantity(&self, limit: &Limit, line: &Line<'_>) -> (i64, i64) {
        let accumulator = limit.counter.accumulator;
        let day = line.charged.service_start;
        match limit.unit {
            Unit::Units => (i64::from(line.charged.units), i64::from(line.charged.units)),
            Unit::Claims => (1, i64::from(!self.seen.iter().any(|seen| seen.accumulator == accumulator))),
            Unit::Days => {
                let days = line.days();
                let counted =
                    self.days(line, days).filter(|day| self.is_counted(accumulator, *day, false)).count();
                (days, days - counted as i64)
            }
            // Money is not asked here.
            Unit::Visits | Unit::Paid | Unit::Eligible => {
                (1, i64::from(!self.is_counted(accumulator, day, true)))
            }
        }
    }

    fn days(&self, line: &Line<'_>, count: i64) -> impl Iterator<Item = Date> {
        let first = line.charged.service_start;
        (0..count).filter_map(move |day| first.plus_days(i32::try_from(day).ok()?))
    }

    /// The day with which so many days of the line that were not counted before are counted.
    fn last_new_day(&self, accumulator: u16, line: &Line<'_>, count: i64) -> Option<Date> {
        let mut new = self.days(line, line.days()).filter(|day| !self.is_counted(accumulator, *day, false));
        new.nth(usize::try_from(count - 1).ok()?)
    }

    /// Whether a day is counted on an accumulator: by an earlier line of the claim, or by an earlier claim,
    /// for visits one of the same provider.
    fn is_counted(&self, accumulator: u16, day: Date, same_provider: bool) -> bool {
        let here = self
            .seen
            .iter()
            .any(|seen| seen.accumulator == accumulator && seen.from <= day && day <= seen.until);
        let before = |counted: &CountedDays| counted.accumulator == accumulator && day <= counted.until;
        // Sorted by day; a visit is counted on its own.
        let prior = if same_provider { self.prior_since(day) } else { self.prior };
        let mut prior = prior.iter().take_while(|known| known.service_start <= day);
        here || prior.any(|known| {
            (!same_provider || known.provider == self.case.provider)
                && known.claim != self.case.claim
                && known.counted.iter().any(before)
        })
    }
}
