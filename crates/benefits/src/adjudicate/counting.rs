//! Balances: which one a counter reads for a line, what stands on it, and the longest look at rolling
//! periods. What is counted is written once the line is rounded, in `settle`.

use domain::{AccumulatorBalance, AccumulatorEntry, Date, Diagnosis, ProviderId, Step};

use super::{Line, Work};
use crate::case::Case;
use crate::facts::KeptFree;
use crate::ledger::{add, amount, first_from};
use crate::plan::{Counter, MemberShares, Per, Period, fixed_rule};

/// Which balance of an accumulator a line counts on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) start: Date,
    pub(super) scope: u64,
    /// It is kept for later claims; else it ends with this one.
    pub(super) kept: bool,
}

/// What a line counts on a counter, once it is rounded.
#[derive(Clone, Copy)]
pub(super) enum What {
    /// What this deductible took, the so-many-th of the line.
    Deductible { order: u16, taken: i64 },
    /// These shares of the member.
    Shares(MemberShares),
    /// What the plan pays.
    Paid,
    /// A number that is known already.
    Fixed(i64),
    /// What was saved as second payer, less what was drawn.
    Reserve { normal: i64 },
}

/// A count to come.
#[derive(Clone, Copy)]
pub(super) struct Counting<'a> {
    pub(super) trace: usize,
    pub(super) counter: &'a Counter,
    pub(super) key: Key,
    pub(super) what: What,
    /// For visits and days, the last day that is counted.
    pub(super) until: Option<Date>,
    /// Counts for the period after this one too.
    pub(super) carried_to: Option<Date>,
}

/// The balance that a counter met last in a claim: most lines of one meet the same.
#[derive(Clone, Copy)]
pub(super) struct Last {
    /// The day of the line that met it.
    day: Date,
    key: Key,
    /// What stands on it, with what the claim counted.
    own: i64,
    /// What of that the claim counted and `Work::counted` does not have yet.
    new: i64,
}

/// A balance that a line meets.
#[derive(Clone, Copy)]
pub(super) struct Met {
    pub(super) key: Key,
    pub(super) balance: i64,
    /// What is left; negative when it was passed.
    pub(super) left: i64,
}

/// On which balance of an accumulator a line counts, and whether that is kept for later claims.
pub(crate) fn scope_of(per: Per, case: &Case<'_>, index: usize) -> (u64, bool) {
    let facts = &case.facts;
    let apart = |number: Option<u32>| number.map_or((1, false), |number| (numbered(number), true));
    match per {
        Per::Person => (0, true),
        Per::Claim => (1, false),
        Per::Visit => (visit_to(case.provider), true),
        Per::Unit => (index as u64, false),
        Per::Condition => (facts.condition.map_or_else(|| condition_of(case.diagnoses), numbered), true),
        Per::Pregnancy => (facts.pregnancy.map_or(0, numbered), true),
        Per::Event => apart(facts.event),
        Per::Admission => apart(facts.admission),
    }
}

/// The balance of a visit, on the day of the service: what the provider gives on one day, in however many claims it comes. Ids of
/// providers are keyed hashes or, in a file of claims, small numbers: the last half of either tells any two of one day apart. The
/// first bit keeps it from all other scopes.
pub(crate) fn visit_to(provider: ProviderId) -> u64 {
    let half = provider.bytes().iter().skip(8).fold(0, |half, byte| half << 8 | u64::from(*byte));
    1 << 63 | half
}

/// The balance of what has a number in the member's file.
pub(crate) fn numbered(number: u32) -> u64 {
    1 << 32 | u64::from(number)
}

/// The balance of a condition that has none: that of the category of its first diagnosis.
pub(crate) fn condition_of(diagnoses: &[Diagnosis]) -> u64 {
    diagnoses.first().map_or(0, |diagnosis| u64::from(diagnosis.category()))
}

/// The first day of the period in which a service counts. What a newborn had before the cover began counts in its first policy
/// year.
pub(crate) fn period_start_of(period: Period, case: &Case<'_>, service: Date) -> Date {
    let service = if period == Period::PolicyYear { service.max(case.cover.start) } else { service };
    period.start(policy_start(case), service)
}

fn policy_start(case: &Case<'_>) -> Date {
    case.facts.policy_start.unwrap_or(case.cover.start)
}

impl<'a> Work<'a> {
    /// The balance of a counter for a line. Errors, with the rule that a trace cites: its amount depends on a
    /// salary that is not known, or it counts for a family of whom it is not known what they counted.
    pub(super) fn meet(&mut self, counter: &Counter, line: &Line<'_>, column: usize) -> Result<Met, u16> {
        let amount = counter.amounts.at(column, self.case.facts.salary).ok_or(fixed_rule::SALARY)?;
        let family: &[AccumulatorBalance] = match (counter.family, self.case.facts.family) {
            (false, _) => &[],
            (true, known) => known.ok_or(fixed_rule::FAMILY)?,
        };
        let times = match counter.per {
            Per::Unit => i64::from(line.charged.units),
            Per::Claim | Per::Visit => 1,
            _ if counter.period == Period::Day => line.days(),
            _ => 1,
        };
        let most = if times == 1 { amount } else { amount.saturating_mul(times) };
        let (key, balance) = self.balance(counter, line, family);
        Ok(Met { key, balance, left: most.saturating_sub(balance) })
    }

    /// What ends with the claim, or with the day of a visit, ends with no period.
    fn key(&mut self, counter: &Counter, line: &Line<'_>) -> Key {
        let (scope, kept) = scope_of(counter.per, self.case, line.index);
        let day = line.charged.service_start;
        let start = match (counter.per, kept) {
            (Per::Visit, _) => day,
            (_, true) => self.period_start(counter.period, day),
            (_, false) => self.case.cover.start,
        };
        Key { start, scope, kept }
    }

    /// The first day of the period; the policy year of the line before is remembered.
    pub(super) fn period_start(&mut self, period: Period, service: Date) -> Date {
        let known = self.policy_year.filter(|_| period == Period::PolicyYear);
        let in_cover = service.max(self.case.cover.start);
        match known.filter(|(start, next)| *start <= in_cover && in_cover < *next) {
            Some((start, _)) => start,
            None => {
                let start = period_start_of(period, self.case, service);
                if period == Period::PolicyYear {
                    self.policy_year = period.next(policy_start(self.case), start).map(|next| (start, next));
                }
                start
            }
        }
    }

    /// On which balance a line counts, and what stands on it.
    fn balance(&mut self, counter: &Counter, line: &Line<'_>, family: &[AccumulatorBalance]) -> (Key, i64) {
        let day = line.charged.service_start;
        let (key, own) = match self.last.get(counter.index) {
            // Lines of one day count on the same, unless each counts on its own.
            Some(Some(last)) if last.day == day && counter.per != Per::Unit => (last.key, last.own),
            _ => {
                let key = self.key(counter, line);
                if key.kept && counter.period.is_rolling() && counter.per != Per::Visit {
                    return (key, self.longest_look(counter, key, family));
                }
                (key, self.look_up(counter, key, day))
            }
        };
        if !key.kept || (family.is_empty() && self.kept_free.is_empty()) {
            return (key, own);
        }
        let wanted = (counter.accumulator, key.start, key.scope);
        let same =
            |known: &&AccumulatorBalance| (known.accumulator, known.period_start, known.scope) == wanted;
        let others = family.iter().chain(&self.kept_free);
        (key, others.filter(same).fold(own, |sum, known| sum.saturating_add(known.amount)))
    }

    /// What stands on a balance that a line of a day counts on; from now on it is the one that the counter met last.
    fn look_up(&mut self, counter: &Counter, key: Key, day: Date) -> i64 {
        let Some(last) = self.last.get_mut(counter.index) else { return 0 };
        match last {
            Some(last) if last.key == key => {
                last.day = day;
                return last.own;
            }
            Some(Last { key, new, .. }) if *new != 0 => {
                add(&mut self.counted, (counter.accumulator, key.start, key.scope), *new);
            }
            _ => {}
        }
        let wanted = (counter.accumulator, key.start, key.scope);
        let before = if key.kept { amount(self.balances, wanted) } else { 0 };
        let own = before.saturating_add(amount(&self.counted, wanted));
        *last = Some(Last { day, key, own, new: 0 });
        own
    }

    /// Counts on a balance, for the lines after this one.
    pub(super) fn count(&mut self, counter: &Counter, key: Key, delta: i64) {
        match self.last.get_mut(counter.index) {
            Some(Some(last)) if last.key == key => {
                last.own = last.own.saturating_add(delta);
                last.new = last.new.saturating_add(delta);
            }
            _ => add(&mut self.counted, (counter.accumulator, key.start, key.scope), delta),
        }
    }

    /// What is kept free for other care, for a line: without what the lines before it that are that care counted.
    pub(super) fn kept_free_of(&self, line: u32) -> Vec<AccumulatorBalance> {
        let of = |kept: &'a KeptFree| {
            kept.entries.iter().map(move |entry| {
                let same = |one: &&AccumulatorEntry| {
                    let key = |one: &AccumulatorEntry| (one.accumulator, one.period_start, one.scope);
                    kept.own.contains(&one.line) && key(one) == key(entry)
                };
                let came: i64 = self.entries.iter().filter(same).map(|one| one.delta).sum();
                AccumulatorBalance {
                    accumulator: entry.accumulator,
                    period_start: entry.period_start,
                    amount: entry.delta.saturating_sub(came).max(0),
                    scope: entry.scope,
                }
            })
        };
        self.case.facts.kept_free.iter().filter(|kept| !kept.not_of.contains(&line)).flat_map(of).collect()
    }

    /// Of all spans of the length of a rolling period that have the day in them, what stands on the
    /// fullest: so that no span ever passes the limit, in whatever order claims come.
    fn longest_look(&mut self, counter: &Counter, key: Key, family: &[AccumulatorBalance]) -> i64 {
        let earliest = counter.period.earliest(key.start);
        let from = earliest.map_or(0, |day| first_from(self.balances, counter.accumulator, day));
        let own = self.balances.get(from..).unwrap_or_default();
        let until = own.partition_point(|known| known.accumulator <= counter.accumulator);
        let days = &mut self.days;
        days.clear();
        days.reserve(until + 1);
        // The day itself begins a span, too.
        days.push((key.start, 0));
        for all in [own.get(..until).unwrap_or_default(), &self.counted, family, &self.kept_free] {
            for known in all {
                if known.accumulator == counter.accumulator && known.scope == key.scope {
                    days.push((known.period_start, i128::from(known.amount)));
                }
            }
        }
        days.sort_unstable_by_key(|(day, _)| *day);
        let reaches = |first: Date, day: Date| counter.period.reaches(first, day);
        let here = days.partition_point(|(day, _)| *day <= key.start);
        let (until_here, mut after) = (days.iter().take(here), days.iter().skip(here).peekable());
        let mut within = until_here.map(|(_, amount)| amount).sum::<i128>();
        let mut fullest = None;
        for span in days.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((first, _)) = span.first().filter(|(first, _)| *first <= key.start) else { break };
            // A span that begins later reaches as far at least.
            if fullest.is_some() || reaches(*first, key.start) {
                while let Some((_, amount)) = after.next_if(|(day, _)| reaches(*first, *day)) {
                    within += amount;
                }
                fullest = fullest.max(Some(within));
            }
            within -= span.iter().map(|(_, amount)| amount).sum::<i128>();
        }
        let fullest: i128 = fullest.unwrap_or(0);
        fullest.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// Traces a step on a balance and notes what will be counted.
    #[inline]
    pub(super) fn count_on(
        &mut self,
        line: &Line<'a>,
        step: Step,
        (counter, met): (&'a Counter, Met),
        what: What,
    ) {
        let counting =
            Counting { trace: self.traces.len(), counter, key: met.key, what, until: None, carried_to: None };
        self.counting.push(counting);
        self.trace_counter(line, step, counter, met);
    }
}
