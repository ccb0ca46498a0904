//! A second adjudicator, written from the rules and deliberately naive: fractions, lists of events,
//! own calendar, nothing kept between questions, no code of the crate. It only has to be right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod arithmetic;
mod checks;
mod counters;
mod exchange;
mod other;
mod sharing;

use crate::support::{BenefitSpec, ClaimSpec, LineSpec, MemberSpec, PlanSpec};
use arithmetic::{Day, Fraction, plus, rounded, whole};

/// Something counted.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) accumulator: u16,
    pub(crate) period: Day,
    pub(crate) scope: u64,
    pub(crate) amount: i64,
    /// It ends with its claim.
    passing: bool,
    /// The days of a visit or a stay, with the provider.
    days: Vec<(u8, Day)>,
}

/// A line's result: outcome, the parts in the order of the identity, reasons.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct LineResult {
    pub(crate) outcome: &'static str,
    pub(crate) parts: [i64; 8],
    pub(crate) reasons: Vec<&'static str>,
}

/// All that happened to a member so far.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) events: Vec<Event>,
    counted: Vec<(ClaimSpec, Vec<LineResult>)>,
}

struct Question<'a> {
    plan: &'a PlanSpec,
    member: &'a MemberSpec,
    /// The claim as it was sent, and in the currency of the cover where it could be exchanged.
    sent: &'a ClaimSpec,
    claim: &'a ClaimSpec,
    history: &'a History,
    earlier: Vec<(usize, LineResult, Vec<Event>)>,
}

/// The parts of a line so far.
#[derive(Clone)]
struct Parts {
    write_off: Fraction,
    not_covered: Fraction,
    deductible: Fraction,
    copay: Fraction,
    coinsurance: Fraction,
    over: Fraction,
    other: Fraction,
    rest: Fraction,
    allowed: Fraction,
}

/// What a line will count, once it is rounded.
enum Note {
    Deductible(usize, i64),
    Shares { coinsurance: bool, copay: bool, deductible: bool },
    Paid,
    Fixed(i64, Vec<(u8, Day)>),
    Reserve(i64),
}

/// What else is known of a line at work.
#[derive(Default)]
struct Remarks {
    held: Option<&'static str>,
    room: bool,
    authorisation: bool,
    services: bool,
    money: bool,
    above: bool,
    write_off: bool,
    /// What the deductible was before another payer was looked at.
    deductible: Option<i64>,
    /// What is left of each limit on what is paid.
    left: Vec<Fraction>,
    notes: Vec<(u16, Vec<Day>, u64, bool, Note)>,
}

/// A refusal, or something that is missing.
struct No(&'static str, &'static str);

/// Adjudicates one claim and notes what counts.
pub(crate) fn adjudicate(
    plan: &PlanSpec,
    member: &MemberSpec,
    claim: &ClaimSpec,
    history: &mut History,
) -> (&'static str, Vec<LineResult>) {
    let exchanged = exchange::exchanged(plan, claim);
    let in_cover = exchanged.as_ref().unwrap_or(claim);
    let mut question = Question { plan, member, sent: claim, claim: in_cover, history, earlier: Vec::new() };
    for index in 0..claim.lines.len() {
        let (result, events) = question.line(index);
        question.earlier.push((index, result, events));
    }
    let earlier = question.earlier;
    let results: Vec<LineResult> = earlier.iter().map(|(_, result, _)| result.clone()).collect();
    let outcome = overall(plan, claim, &results);
    if outcome == "approved" || outcome == "partially-approved" {
        let events = earlier.into_iter().flat_map(|(_, _, events)| events);
        history.events.extend(events.filter(|event| !event.passing));
        history.counted.push((claim.clone(), results.clone()));
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

impl Question<'_> {
    fn line(&self, index: usize) -> (LineResult, Vec<Event>) {
        let line = &self.claim.lines[index];
        let nothing = |No(outcome, reason): No| {
            let result =
                LineResult { outcome, parts: [0, line.charge, 0, 0, 0, 0, 0, 0], reasons: vec![reason] };
            (result, vec![])
        };
        if self.refused(index) {
            return nothing(No("denied", "PERSON"));
        }
        if self.claim.column != self.claim.cover_column {
            return nothing(No("pended", "INFO"));
        }
        let mut parts = Parts {
            write_off: whole(0),
            not_covered: whole(0),
            deductible: whole(0),
            copay: whole(0),
            coinsurance: whole(0),
            over: whole(0),
            other: whole(0),
            rest: whole(line.charge),
            allowed: whole(line.charge),
        };
        let mut remarks = Remarks::default();
        for step in &self.plan.steps {
            if let Err(no) = self.check(step, index, &mut remarks) {
                return nothing(no);
            }
            if let Err(no) = self.share(step, index, &mut parts, &mut remarks) {
                return nothing(no);
            }
        }
        let rounded = self.round(&parts);
        let outcome = if remarks.held.is_some() { "pended" } else { "approved" };
        let reasons = self.reasons(&rounded, &remarks);
        let events = self.events(&rounded, &remarks);
        (LineResult { outcome, parts: rounded, reasons }, events)
    }

    /// Whether the last word of a person on a line is that it is refused.
    fn refused(&self, index: usize) -> bool {
        let mut refused = false;
        for (line, lifted) in &self.sent.overrides {
            if *line as usize == index + 1 {
                refused = match *lifted {
                    None => true,
                    Some("PERSON") => false,
                    Some(_) => refused,
                };
            }
        }
        refused
    }

    /// Whether a person lifted a reason from a line, and it is one that people may lift.
    fn lifted(&self, index: usize, reason: &str) -> bool {
        let liftable = ["DUP", "LATE", "AREA", "WAIT", "PREEX", "AUTH", "BUND", "NOCOV"].contains(&reason);
        let number = index as u32 + 1;
        liftable && self.sent.overrides.iter().any(|(line, word)| *line == number && *word == Some(reason))
    }

    /// In whole units, as the plan rounds.
    fn whole(&self, a: &Fraction) -> i64 {
        rounded(a, self.plan.rounding)
    }

    /// Running sums are rounded, so that the parts sum to the charge.
    fn round(&self, parts: &Parts) -> [i64; 8] {
        let exact = [
            &parts.rest,
            &parts.over,
            &parts.coinsurance,
            &parts.copay,
            &parts.deductible,
            &parts.not_covered,
            &parts.write_off,
        ];
        let mut rounded = [0; 7];
        for (place, part) in rounded.iter_mut().enumerate() {
            let upto =
                |end: usize| self.whole(&exact[..end].iter().fold(whole(0), |sum, part| plus(&sum, part)));
            *part = upto(place + 1) - upto(place);
        }
        let [plan, over, coinsurance, copay, deductible, not_covered, write_off] = rounded;
        [write_off, not_covered, deductible, copay, coinsurance, over, self.whole(&parts.other), plan]
    }

    /// Lines of other claims that counted, of the same provider, with what they came to. The claim that this one replaces is
    /// none of the others.
    fn others(&self) -> Vec<(&ClaimSpec, &LineSpec, &LineResult)> {
        let mine = |claim: &ClaimSpec| claim.id == self.claim.id || self.claim.replaces == Some(claim.id);
        let counted = self.history.counted.iter();
        let others = counted.filter(|(claim, _)| !mine(claim) && claim.provider == self.claim.provider);
        let lines = others.flat_map(|(claim, results)| {
            claim.lines.iter().zip(results).map(move |(line, result)| (claim, line, result))
        });
        lines.filter(|(_, _, result)| result.outcome == "approved").collect()
    }

    fn benefit(&self, line: &LineSpec) -> Option<(usize, &BenefitSpec)> {
        let may =
            self.plan.benefits.iter().enumerate().find(|(_, benefit)| self.might_take(benefit, line))?;
        self.takes(may.1, line).then_some(may)
    }

    fn amount(&self, minor: i64) -> i64 {
        minor * (self.claim.column as i64 + 1)
    }

    fn is_emergency(&self, line: &LineSpec) -> bool {
        self.claim.emergency || line.setting == "emergency"
    }

    fn reasons(&self, parts: &[i64; 8], remarks: &Remarks) -> Vec<&'static str> {
        let mut reasons: Vec<&'static str> = remarks.held.into_iter().collect();
        let [write_off, not_covered, deductible, copay, coinsurance, over, other, _] = *parts;
        let mut steps: Vec<&str> = self.plan.steps.iter().map(String::as_str).collect();
        // What is said even where no step of that name is left to say it.
        steps.push("at last");
        for step in steps {
            let found = match step {
                "allowed-amount" => vec![
                    (write_off > 0, "FEE"),
                    (remarks.above && !remarks.write_off && not_covered > 0, "RNC"),
                    (remarks.room && not_covered > 0, "ROOM"),
                ],
                "service-limit" => vec![(remarks.services && over > 0, "LIM")],
                "deductible" => vec![(deductible > 0, "DED")],
                "copay" => vec![(copay > 0, "COPAY")],
                "coinsurance" => vec![(coinsurance > 0, "COINS")],
                "pre-authorisation" => vec![(remarks.authorisation && not_covered > 0, "AUTH")],
                "money-limit" => vec![(remarks.money && over > 0, "MAX")],
                "coordination" => vec![(other > 0, "COB")],
                "at last" => vec![(remarks.money && over > 0, "MAX"), (copay > 0, "COPAY")],
                _ => vec![],
            };
            for (is, word) in found {
                if is && !reasons.contains(&word) {
                    reasons.push(word);
                }
            }
        }
        reasons
    }

    /// What the line counts, in whole units.
    fn events(&self, parts: &[i64; 8], remarks: &Remarks) -> Vec<Event> {
        let [_, _, deductible, copay, coinsurance, _, _, paid] = *parts;
        let orders: Vec<usize> = remarks
            .notes
            .iter()
            .filter_map(
                |(_, _, _, _, note)| if let Note::Deductible(order, _) = note { Some(*order) } else { None },
            )
            .collect();
        let all = remarks.deductible.unwrap_or(deductible);
        let mut events = Vec::new();
        for (accumulator, periods, scope, passing, note) in &remarks.notes {
            let (amount, days) = match note {
                // The deductibles in turn, the last one what is left.
                Note::Deductible(order, taken) => {
                    let mut left = all;
                    let mut mine = 0;
                    for other in 0..=*order {
                        let taken = self.taken(remarks, other).unwrap_or(*taken);
                        mine =
                            if orders.iter().all(|known| *known <= other) { left } else { taken.min(left) };
                        left -= mine;
                    }
                    (mine, vec![])
                }
                Note::Shares { coinsurance: first, copay: second, deductible: third } => {
                    let sum = if *first { coinsurance } else { 0 } + if *second { copay } else { 0 };
                    (sum + if *third { deductible } else { 0 }, vec![])
                }
                Note::Paid => (paid, vec![]),
                Note::Fixed(number, days) => (*number, days.clone()),
                Note::Reserve(normal) => (normal - paid, vec![]),
            };
            for period in periods.iter().filter(|_| amount != 0) {
                events.push(Event {
                    accumulator: *accumulator,
                    period: *period,
                    scope: *scope,
                    amount,
                    passing: *passing,
                    days: days.clone(),
                });
            }
        }
        events
    }

    fn taken(&self, remarks: &Remarks, wanted: usize) -> Option<i64> {
        remarks.notes.iter().find_map(|(_, _, _, _, note)| match note {
            Note::Deductible(order, taken) if *order == wanted => Some(*taken),
            _ => None,
        })
    }
}
