//! Balances: which one a counter reads for a line, what stands on it, and the longest look at rolling
//! periods. What is counted is written once the line is rounded, in `settle`.

use domain::{
    AccumulatorBalance, AccumulatorEntry, AccumulatorStep, ClaimLine, Date, Diagnosis, Step, Trace,
};

use super::{Line, Work};
use crate::case::Case;
use crate::facts::KeptFree;
use crate::ledger::{amount, first_from};
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
    Deductible { order: usize, taken: i64 },
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

/// A balance that a line meets.
#[derive(Clone, Copy)]
pub(super) struct Met {
    pub(super) key: Key,
    pub(super) balance: i64,
    /// What is left; negative when it was passed.
    pub(super) left: i64,
}

/// On which balance of an accumulator a line counts, and whether that is kept for later claims.
pub(crate) fn scope_of(per: Per, case: &Case<'_>, index: usize, line: &ClaimLine) -> (u64, bool) {
    let facts = &case.facts;
    let apart = |number: Option<u32>| number.map_or((1, false), |number| (numbered(number), true));
    match per {
        Per::Person => (0, true),
        Per::Claim => (1, false),
        Per::Visit => (u64::from(line.service_start.number()), false),
        Per::Unit => (index as u64, false),
        Per::Condition => (facts.condition.map_or_else(|| condition_of(case.diagnoses), numbered), true),
        Per::Pregnancy => (facts.pregnancy.map_or(0, numbered), true),
        Per::Event => apart(facts.event),
        Per::Admission => apart(facts.admission),
    }
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
        let times = match (counter.per, counter.period) {
            (Per::Unit, _) => i64::from(line.charged.units),
            (Per::Claim | Per::Visit, _) => 1,
            (_, Period::Day) => line.days(),
            _ => 1,
        };
        let key = self.key(counter, line);
        let balance = self.balance(counter, key, family);
        Ok(Met { key, balance, left: amount.saturating_mul(times).saturating_sub(balance) })
    }

    fn key(&mut self, counter: &Counter, line: &Line<'_>) -> Key {
        let (scope, kept) = scope_of(counter.per, self.case, line.index, line.charged);
        Key { start: self.period_start(counter.period, line.charged.service_start), scope, kept }
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

    /// What stands on a balance.
    fn balance(&mut self, counter: &Counter, key: Key, family: &[AccumulatorBalance]) -> i64 {
        if !key.kept {
            let here =
                self.passing.iter().find(|known| known.0 == counter.accumulator && known.1 == key.scope);
            return here.map_or(0, |known| known.2);
        }
        if counter.period.is_rolling() {
            return self.longest_look(counter, key, family);
        }
        let wanted = (counter.accumulator, key.start, key.scope);
        let own = match self.met.get(counter.index) {
            Some(Some((known, own))) if *known == key => *own,
            _ => amount(self.balances, wanted).saturating_add(amount(&self.counted, wanted)),
        };
        if let Some(met) = self.met.get_mut(counter.index) {
            *met = Some((key, own));
        }
        let same =
            |known: &&AccumulatorBalance| (known.accumulator, known.period_start, known.scope) == wanted;
        let others = family.iter().chain(&self.kept_free);
        others.filter(same).fold(own, |sum, known| sum.saturating_add(known.amount))
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
        let own = self.balances.iter().skip(from);
        let own = own.take_while(|known| known.accumulator <= counter.accumulator);
        let same = |known: &&AccumulatorBalance| {
            known.accumulator == counter.accumulator && known.scope == key.scope
        };
        let all = own.chain(&self.counted).chain(family).chain(&self.kept_free).filter(same);
        let days = &mut self.days;
        days.clear();
        // The day itself begins a span, too.
        days.push((key.start, 0));
        days.extend(all.map(|known| (known.period_start, i128::from(known.amount))));
        days.sort_unstable_by_key(|(day, _)| *day);
        let reaches = |first: Date, day: Date| counter.period.reaches(first, day);
        let mut until = days.iter();
        let (mut fullest, mut within) = (None, 0);
        for span in days.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((first, _)) = span.first().filter(|(first, _)| *first <= key.start) else { break };
            while let Some((_, amount)) = until.as_slice().first().filter(|(day, _)| reaches(*first, *day)) {
                within += amount;
                until.next();
            }
            if reaches(*first, key.start) {
                fullest = fullest.max(Some(within));
            }
            within -= span.iter().map(|(_, amount)| amount).sum::<i128>();
        }
        let fullest: i128 = fullest.unwrap_or(0);
        fullest.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// Traces a step on a balance and notes what will be counted.
    pub(super) fn count_on(
        &mut self,
        line: &Line<'a>,
        step: Step,
        before: i64,
        (counter, met): (&'a Counter, Met),
        what: What,
    ) {
        let counting =
            Counting { trace: self.traces.len(), counter, key: met.key, what, until: None, carried_to: None };
        self.counting.push(counting);
        self.traces.push(Trace {
            line: line.charged.number,
            step,
            rule: counter.rule,
            input: before,
            output: line.shares.plan_floor(),
            // What it counts is known once the line is rounded: `settle` writes it.
            accumulator: Some(AccumulatorStep {
                accumulator: counter.accumulator,
                before: met.balance,
                after: met.balance,
            }),
        });
    }
}
