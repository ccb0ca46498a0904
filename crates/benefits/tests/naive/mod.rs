//! A second adjudicator, written from the rules and deliberately naive: fractions, lists of events,
//! own calendar, nothing kept between questions, no code of the crate. It only has to be right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use crate::support::{AllowedSpec, BenefitSpec, ClaimSpec, CounterSpec, LineSpec, MemberSpec, PlanSpec};

type Day = (i16, i8, i8);

/// A fraction in lowest terms, zero or more.
#[derive(Clone, Copy, Debug)]
struct Fraction(i128, i128);

fn fraction(over: i128, under: i128) -> Fraction {
    let (mut a, mut b) = (over, under);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Fraction(over / a.max(1), under / a.max(1))
}

fn whole(number: i64) -> Fraction {
    Fraction(i128::from(number), 1)
}

fn plus(a: Fraction, b: Fraction) -> Fraction {
    fraction(a.0 * b.1 + b.0 * a.1, a.1 * b.1)
}

fn minus(a: Fraction, b: Fraction) -> Fraction {
    fraction(a.0 * b.1 - b.0 * a.1, a.1 * b.1)
}

fn times(a: Fraction, rate: u32) -> Fraction {
    fraction(a.0 * i128::from(rate), a.1 * 1_000_000)
}

fn smaller(a: Fraction, b: Fraction) -> Fraction {
    if a.0 * b.1 <= b.0 * a.1 { a } else { b }
}

fn half_up(a: Fraction) -> i64 {
    ((2 * a.0 + a.1) / (2 * a.1)) as i64
}

fn days_in(year: i16, month: i8) -> i8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn later(day: Day, months: i32) -> Day {
    let count = i32::from(day.0) * 12 + i32::from(day.1) - 1 + months;
    let (year, month) = ((count / 12) as i16, (count % 12 + 1) as i8);
    (year, month, day.2.min(days_in(year, month)))
}

/// The first day of the period that a service falls in.
fn period(spec: &CounterSpec, start: Day, service: Day) -> Day {
    match spec.period {
        "calendar-year" => (service.0, 1, 1),
        "lifetime" => start,
        _ => (-1..200)
            .map(|years| later(start, years * 12))
            .take_while(|day| *day <= service)
            .last()
            .unwrap_or(start),
    }
}

/// Something counted: accumulator, first day of its period, claim, amount.
pub(crate) type Event = (u16, Day, u8, i64);

/// A line's result: outcome, the parts in the order of the identity, reasons.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct LineResult {
    pub(crate) outcome: &'static str,
    pub(crate) parts: [i64; 7],
    pub(crate) reasons: Vec<&'static str>,
}

/// All that happened to a member so far.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) events: Vec<Event>,
    counted: Vec<(ClaimSpec, Vec<usize>)>,
}

struct Question<'a> {
    plan: &'a PlanSpec,
    member: &'a MemberSpec,
    claim: &'a ClaimSpec,
    history: &'a History,
    earlier: Vec<(usize, LineResult, Vec<Event>)>,
}

/// Adjudicates one claim and notes what counts.
pub(crate) fn adjudicate(
    plan: &PlanSpec,
    member: &MemberSpec,
    claim: &ClaimSpec,
    history: &mut History,
) -> (&'static str, Vec<LineResult>) {
    let mut question = Question { plan, member, claim, history, earlier: Vec::new() };
    for index in 0..claim.lines.len() {
        let (result, events) = question.line(index);
        question.earlier.push((index, result, events));
    }
    let earlier = question.earlier;
    let results: Vec<LineResult> = earlier.iter().map(|(_, result, _)| result.clone()).collect();
    let outcome = overall(plan, claim, &results);
    if outcome == "approved" || outcome == "partially-approved" {
        let good: Vec<usize> =
            earlier.iter().filter(|(_, r, _)| r.outcome == "approved").map(|(i, _, _)| *i).collect();
        history.events.extend(earlier.into_iter().flat_map(|(_, _, events)| events));
        history.counted.push((claim.clone(), good));
    }
    (outcome, results)
}

fn overall(plan: &PlanSpec, claim: &ClaimSpec, results: &[LineResult]) -> &'static str {
    let denied = results.iter().filter(|result| result.outcome == "denied").count();
    let phantom = results.iter().any(|result| result.reasons.contains(&"PHANTOM"));
    if results.iter().any(|result| result.outcome == "pended") {
        return "pended";
    }
    if denied == 0 {
        return "approved";
    }
    if !claim.confirmed && (!plan.send || phantom) {
        return "pended";
    }
    if denied == results.len() { "denied" } else { "partially-approved" }
}

fn nothing(outcome: &'static str, charge: i64, reason: &'static str) -> LineResult {
    LineResult { outcome, parts: [0, charge, 0, 0, 0, 0, 0], reasons: vec![reason] }
}

impl Question<'_> {
    fn line(&self, index: usize) -> (LineResult, Vec<Event>) {
        let line = &self.claim.lines[index];
        if self.claim.column != self.claim.cover_column {
            return (nothing("pended", line.charge, "INFO"), vec![]);
        }
        for step in &self.plan.steps {
            let refusal = match step.as_str() {
                "eligibility" => self.not_eligible(line),
                "duplicate" if self.seen(index) => Some("DUP"),
                "timely-filing" => {
                    let limit = self.plan.filing_months;
                    limit.filter(|months| self.claim.received > later(line.end, *months)).map(|_| "LATE")
                }
                "benefit-match" if self.benefit(line).is_none() => Some("NOCOV"),
                "waiting-period" => {
                    let months = self.benefit(line).and_then(|(_, benefit)| benefit.waiting_months);
                    months
                        .filter(|months| line.start < later(self.member.cover_start, *months))
                        .map(|_| "WAIT")
                }
                "exclusion" => {
                    let hit = |known: &&str| self.member.exclusions.iter().any(|bad| known.starts_with(bad));
                    self.claim.diagnoses.iter().find(|known| hit(known)).map(|_| "PREEX")
                }
                "allowed-amount" => {
                    let (_, benefit) = self.benefit(line).unwrap();
                    let priced = matches!(benefit.allowed, AllowedSpec::Price(_));
                    (priced && benefit.code != line.code).then_some("NOCOV")
                }
                _ => None,
            };
            if let Some(reason) = refusal {
                return (nothing("denied", line.charge, reason), vec![]);
            }
        }
        self.shared(index)
    }

    fn not_eligible(&self, line: &LineSpec) -> Option<&'static str> {
        let member = self.member;
        if member.birth.is_some_and(|day| line.start < day)
            || member.death.is_some_and(|day| line.start > day)
        {
            return Some("PHANTOM");
        }
        let over = member.cover_end.is_some_and(|day| line.start > day);
        (over || line.start < member.cover_start).then_some("ELIG")
    }

    fn seen(&self, index: usize) -> bool {
        let line = &self.claim.lines[index];
        let same = |other: &LineSpec| {
            (other.start, other.charge, &other.code) == (line.start, line.charge, &line.code)
        };
        let before = self.history.counted.iter().any(|(claim, good)| {
            claim.provider == self.claim.provider
                && claim.id != self.claim.id
                && good.iter().any(|i| same(&claim.lines[*i]))
        });
        before || self.claim.lines[..index].iter().any(same)
    }

    fn benefit(&self, line: &LineSpec) -> Option<(usize, &BenefitSpec)> {
        self.plan.benefits.iter().enumerate().find(|(_, benefit)| {
            line.code.starts_with(&benefit.code)
                && (benefit.settings.is_empty()
                    || benefit.settings.iter().any(|setting| setting == line.setting))
        })
    }

    fn amount(&self, minor: i64) -> i64 {
        minor * (self.claim.column as i64 + 1)
    }

    /// What is left of an accumulator before this line.
    fn left(&self, accumulator: u16, spec: &CounterSpec, service: Day) -> Fraction {
        let start = period(spec, self.member.cover_start, service);
        let now = self.earlier.iter().flat_map(|(_, _, events)| events);
        let used: i64 = self
            .history
            .events
            .iter()
            .chain(now)
            .filter(|event| event.0 == accumulator && event.1 == start)
            .map(|event| event.3)
            .sum();
        whole((self.amount(spec.amount) - used).max(0))
    }

    fn shared(&self, index: usize) -> (LineResult, Vec<Event>) {
        let line = &self.claim.lines[index];
        let (number, benefit) = self.benefit(line).unwrap();
        let zero = whole(0);
        let (mut deductible, mut copay, mut coinsurance, mut over) = (zero, zero, zero, zero);
        let charge = whole(line.charge);
        let allowed = match benefit.allowed {
            AllowedSpec::Charge => charge,
            AllowedSpec::Percentage(rate) => times(charge, rate),
            AllowedSpec::Price(price) => {
                smaller(charge, Fraction(i128::from(self.amount(price)) * i128::from(line.units), 1))
            }
        };
        let above = minus(charge, allowed);
        let mut rest = allowed;
        for step in &self.plan.steps {
            match step.as_str() {
                "deductible" if benefit.deductible => {
                    let Some(spec) = &self.plan.deductible else { continue };
                    deductible = smaller(rest, self.left(1, spec, line.start));
                    rest = minus(rest, deductible);
                }
                "copay" => {
                    let Some((amount, per_visit)) = benefit.copay else { continue };
                    let taken = if per_visit { self.copay_that_day(number, line) } else { 0 };
                    copay = smaller(rest, whole((self.amount(amount) - taken).max(0)));
                    rest = minus(rest, copay);
                }
                "coinsurance" => {
                    coinsurance = times(rest, benefit.coinsurance.unwrap_or(0));
                    rest = minus(rest, coinsurance);
                }
                "out-of-pocket-maximum" if benefit.maximum => {
                    let Some((spec, includes)) = &self.plan.maximum else { continue };
                    let mut room = self.left(2, spec, line.start);
                    if *includes {
                        deductible = smaller(deductible, room);
                        room = minus(room, deductible);
                    }
                    copay = smaller(copay, room);
                    room = minus(room, copay);
                    coinsurance = smaller(coinsurance, room);
                    rest = minus(minus(minus(allowed, deductible), copay), coinsurance);
                }
                "money-limit" => {
                    for (limit, spec) in self.limits(benefit) {
                        let paid = smaller(rest, self.left(limit, spec, line.start));
                        over = plus(over, minus(rest, paid));
                        rest = paid;
                    }
                }
                _ => {}
            }
        }
        let (write_off, not_covered) = if benefit.write_off { (above, zero) } else { (zero, above) };
        let exact = [rest, over, coinsurance, copay, deductible, not_covered, write_off];
        let mut rounded = [0; 7];
        for (place, part) in rounded.iter_mut().enumerate() {
            let upto = |end: usize| half_up(exact[..end].iter().fold(zero, |sum, part| plus(sum, *part)));
            *part = upto(place + 1) - upto(place);
        }
        let [plan, over, coinsurance, copay, deductible, not_covered, write_off] = rounded;
        let parts = [write_off, not_covered, deductible, copay, coinsurance, over, plan];
        let outcome = if self.claim.suspended { "pended" } else { "approved" };
        let result = LineResult { outcome, parts, reasons: self.reasons(&parts) };
        (result, self.events(benefit, line, &parts))
    }

    fn limits(&self, benefit: &BenefitSpec) -> Vec<(u16, &CounterSpec)> {
        let all = &self.plan.limits;
        let whole_plan = (0..all.len()).filter(|index| all[*index].1);
        benefit
            .limits
            .iter()
            .copied()
            .chain(whole_plan)
            .map(|index| (10 + index as u16, &all[index].0))
            .collect()
    }

    fn copay_that_day(&self, number: usize, line: &LineSpec) -> i64 {
        let same = |index: usize| {
            let other = &self.claim.lines[index];
            other.start == line.start && self.benefit(other).map(|(known, _)| known) == Some(number)
        };
        self.earlier.iter().filter(|(index, _, _)| same(*index)).map(|(_, result, _)| result.parts[3]).sum()
    }

    fn reasons(&self, parts: &[i64; 7]) -> Vec<&'static str> {
        let mut reasons = if self.claim.suspended { vec!["SUSP"] } else { vec![] };
        for step in &self.plan.steps {
            let (part, word) = match step.as_str() {
                "allowed-amount" if parts[0] > 0 => (parts[0], "FEE"),
                "allowed-amount" => (parts[1], "RNC"),
                "deductible" => (parts[2], "DED"),
                "copay" => (parts[3], "COPAY"),
                "coinsurance" => (parts[4], "COINS"),
                "money-limit" => (parts[5], "MAX"),
                _ => (0, ""),
            };
            if part > 0 {
                reasons.push(word);
            }
        }
        reasons
    }

    fn events(&self, benefit: &BenefitSpec, line: &LineSpec, parts: &[i64; 7]) -> Vec<Event> {
        let has = |step: &str| self.plan.steps.iter().any(|known| known == step);
        let mut events = Vec::new();
        let mut note = |accumulator: u16, spec: &CounterSpec, amount: i64| {
            if amount > 0 {
                events.push((
                    accumulator,
                    period(spec, self.member.cover_start, line.start),
                    self.claim.id,
                    amount,
                ));
            }
        };
        if let Some(spec) = self.plan.deductible.as_ref().filter(|_| benefit.deductible && has("deductible"))
        {
            note(1, spec, parts[2]);
        }
        if let Some((spec, includes)) = self.plan.maximum.as_ref().filter(|_| benefit.maximum) {
            note(2, spec, parts[3] + parts[4] + if *includes { parts[2] } else { 0 });
        }
        for (limit, spec) in self.limits(benefit) {
            note(limit, spec, parts[6]);
        }
        events
    }
}
