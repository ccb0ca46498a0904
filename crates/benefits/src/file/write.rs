//! Writes determinations as JSON, with the plan's words for its numbers. Amounts are decimals in
//! quotes, with the decimals of their currency.

use std::collections::BTreeMap;

use domain::{
    AccumulatorEntry, AdjudicationCategory, Currency, Determination, LineDetermination, Outcome, Reason,
    Trace,
};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{FileError, read};
use crate::plan::Plan;

#[derive(Serialize)]
struct File {
    plan: PlanName,
    summary: Summary,
    determinations: Vec<Claim>,
}

#[derive(Serialize)]
struct PlanName {
    id: String,
    version: String,
    name: String,
}

/// Counts of claims by outcome, and sums over every claim that counted, by currency.
#[derive(Serialize)]
struct Summary {
    claims: usize,
    lines: usize,
    outcomes: BTreeMap<&'static str, usize>,
    counted: BTreeMap<&'static str, Parts>,
}

#[derive(Serialize)]
pub(super) struct Claim {
    claim: String,
    member: String,
    decided: String,
    outcome: &'static str,
    currency: &'static str,
    total: Parts,
    lines: Vec<Line>,
    counted: Vec<Entry>,
    #[serde(skip)]
    sums: (Outcome, Currency, Sums),
}

/// How the charge of a line was exchanged.
#[derive(Serialize)]
struct Exchange {
    charge: String,
    currency: &'static str,
    date: String,
    rate: String,
}

#[derive(Serialize)]
struct Line {
    number: u32,
    outcome: &'static str,
    benefit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchanged: Option<Exchange>,
    #[serde(flatten)]
    parts: Parts,
    reasons: Vec<&'static str>,
    adjudication: Vec<Category>,
    trace: Vec<Step>,
}

/// An amount of the line under its FHIR category, with the reasons for which it is less.
#[derive(Serialize)]
struct Category {
    category: &'static str,
    amount: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<&'static str>,
}

/// The parts of an amount, which sum to what was submitted.
#[derive(Serialize)]
struct Parts {
    submitted: String,
    write_off: String,
    not_covered: String,
    deductible: String,
    copay: String,
    coinsurance: String,
    over_limit: String,
    other_payer: String,
    plan: String,
}

#[derive(Serialize)]
struct Step {
    step: &'static str,
    rule: String,
    plan_before: String,
    plan_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accumulator: Option<Accumulator>,
}

#[derive(Serialize)]
struct Accumulator {
    name: String,
    limit: Option<String>,
    before: String,
    after: String,
}

#[derive(Serialize)]
struct Entry {
    accumulator: String,
    period_start: String,
    line: u32,
    amount: String,
}

/// Sums of parts in minor units; wider than an amount, so that no file is too long to add up.
#[derive(Clone, Copy, Default)]
struct Sums([i128; 9]);

impl Sums {
    fn add(&mut self, other: Self) {
        for (sum, part) in self.0.iter_mut().zip(other.0) {
            *sum += part;
        }
    }

    fn of(line: &LineDetermination) -> Self {
        let parts = [
            line.submitted,
            line.write_off,
            line.not_covered,
            line.deductible,
            line.copay,
            line.coinsurance,
            line.over_limit,
            line.other_payer,
            line.plan,
        ];
        Self(parts.map(i128::from))
    }

    fn parts(self, currency: Currency) -> Parts {
        let text = self.0.map(|minor| decimal(minor, currency));
        let [
            submitted,
            write_off,
            not_covered,
            deductible,
            copay,
            coinsurance,
            over_limit,
            other_payer,
            plan,
        ] = text;
        Parts {
            submitted,
            write_off,
            not_covered,
            deductible,
            copay,
            coinsurance,
            over_limit,
            other_payer,
            plan,
        }
    }
}

impl Claim {
    pub(super) fn new(plan: &Plan, read: &read::Claim, determination: &Determination) -> Self {
        let currency = determination.currency;
        let mut sums = Sums::default();
        for line in &determination.lines {
            sums.add(Sums::of(line));
        }
        let line = |line: &LineDetermination| self::line(plan, determination, line);
        let entry = |entry: &AccumulatorEntry| Entry {
            accumulator: plan.accumulator_name(entry.accumulator).unwrap_or_default().to_owned(),
            period_start: entry.period_start.to_string(),
            line: entry.line,
            amount: counted(plan, entry.accumulator, entry.delta, currency),
        };
        Self {
            claim: read.label.clone(),
            member: read.member.clone(),
            decided: determination.decided.to_string(),
            outcome: determination.outcome.word(),
            currency: currency.code(),
            total: sums.parts(currency),
            lines: determination.lines.iter().map(line).collect(),
            counted: determination.entries.iter().map(entry).collect(),
            sums: (determination.outcome, currency, sums),
        }
    }
}

fn line(plan: &Plan, determination: &Determination, line: &LineDetermination) -> Line {
    let currency = determination.currency;
    let benefit = determination.benefits.iter().find(|benefit| benefit.line == line.number);
    let traces = determination.traces.iter().filter(|trace| trace.line == line.number);
    let exchange = determination.exchanges.iter().find(|exchange| exchange.line == line.number);
    let category = |(category, minor): (AdjudicationCategory, i64)| Category {
        category: category.word(),
        amount: decimal(minor.into(), currency),
        reasons: line.reasons_of(category).map(Reason::word).collect(),
    };
    Line {
        exchanged: exchange.map(|exchange| Exchange {
            charge: decimal(exchange.charge.into(), exchange.currency),
            currency: exchange.currency.code(),
            date: exchange.date.to_string(),
            rate: exchange.rate.clone(),
        }),
        number: line.number,
        outcome: line.outcome.word(),
        benefit: benefit.and_then(|benefit| plan.benefit_name(benefit.benefit)).map(str::to_owned),
        parts: Sums::of(line).parts(currency),
        reasons: line.reasons.iter().map(|reason| reason.word()).collect(),
        adjudication: line.adjudication().into_iter().map(category).collect(),
        trace: traces.map(|trace| step(plan, trace, currency)).collect(),
    }
}

fn step(plan: &Plan, trace: &Trace, currency: Currency) -> Step {
    let amount = |minor: i64| decimal(minor.into(), currency);
    Step {
        step: trace.step.word(),
        rule: plan.rule_text(trace.rule).unwrap_or_default().to_owned(),
        plan_before: amount(trace.input),
        plan_after: amount(trace.output),
        accumulator: trace.accumulator.map(|step| Accumulator {
            name: plan.accumulator_name(step.accumulator).unwrap_or_default().to_owned(),
            limit: plan
                .accumulator_limit(step.accumulator, currency)
                .map(|limit| counted(plan, step.accumulator, limit, currency)),
            before: counted(plan, step.accumulator, step.before, currency),
            after: counted(plan, step.accumulator, step.after, currency),
        }),
    }
}

pub(super) fn json(plan: &Plan, determinations: Vec<Claim>) -> Result<String, FileError> {
    let mut outcomes = BTreeMap::new();
    let mut counted: BTreeMap<&str, (Currency, Sums)> = BTreeMap::new();
    for claim in &determinations {
        let (outcome, currency, sums) = claim.sums;
        *outcomes.entry(outcome.word()).or_insert(0) += 1;
        if matches!(outcome, Outcome::Approved | Outcome::PartiallyApproved) {
            counted.entry(currency.code()).or_insert((currency, Sums::default())).1.add(sums);
        }
    }
    let summary = Summary {
        claims: determinations.len(),
        lines: determinations.iter().map(|claim| claim.lines.len()).sum(),
        outcomes,
        counted: counted.into_iter().map(|(code, (currency, sums))| (code, sums.parts(currency))).collect(),
    };
    let name = PlanName {
        id: plan.id().to_owned(),
        version: plan.version().to_owned(),
        name: plan.name().to_owned(),
    };
    let file = File { plan: name, summary, determinations };
    let mut text = serde_json::to_string_pretty(&file).map_err(|_| FileError::Output)?;
    text.push('\n');
    Ok(text)
}

/// What an accumulator counted: an amount as a decimal, or a number.
fn counted(plan: &Plan, accumulator: u16, count: i64, currency: Currency) -> String {
    if plan.accumulator_is_money(accumulator) { decimal(count.into(), currency) } else { count.to_string() }
}

/// An amount as a decimal. A sum may pass what `Money` holds, never what a decimal holds: that
/// takes more claims than a file has bytes.
fn decimal(minor: i128, currency: Currency) -> String {
    Decimal::try_from_i128_with_scale(minor, currency.decimals())
        .map(|sum| sum.to_string())
        .unwrap_or_default()
}
