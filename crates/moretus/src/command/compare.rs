//! `moretus compare`: the parallel run on files. A year that another system decided is decided once more under a plan, and
//! each difference put with the rule that explains it. It opens no site and no database; nothing is kept.

use std::path::PathBuf;

use benefits::{Explanation, Group, InFlight, ParallelRun, Unmet, parallel_run};
use clap::Args;
use domain::Currency;
use serde_json::{Value, json};

use super::adjudicate::decided_by;
use super::notice::columns::aligned;
use crate::output::{print, say};
use crate::report::{Error, amount, grouped};

/// Compare what another system decided with what a plan says.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus compare --plan plans/worldwide-plus.toml --expected docs/examples/expected.json\n  moretus compare --plan plan.toml --expected year.json --html > differences.html\n  moretus compare --plan plan.toml --expected - --json < year.json\n\nThe file is written as for `moretus adjudicate` (docs/adjudicate.md), with what the other system paid for each line, what stood\nbefore, and the claims in flight. Nothing is kept.\nExit codes: 0 it was compared, whether or not something differs; 1 one of the files cannot be used."
)]
pub(crate) struct Compare {
    /// The plan.
    #[arg(long, value_name = "PLAN.toml")]
    plan: PathBuf,
    /// The claims with what the other system decided; `-` is standard input.
    #[arg(long, value_name = "CLAIMS.json")]
    expected: PathBuf,
    /// Print the comparison as JSON.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print it as a page of HTML.
    #[arg(long)]
    html: bool,
}

impl Compare {
    pub(crate) fn run(self) -> Result<(), Error> {
        let run = decided_by(&self.plan, &self.expected, parallel_run)?;
        if self.json {
            say!("{:#}", to_json(&run));
        } else if self.html {
            let tables = [
                page_table("What differs", HEADS, rows(&run)),
                page_table(IN_FLIGHT, IN_FLIGHT_HEADS, in_flight(&run)),
                page_table(UNMET, UNMET_HEADS, unmet(&run)),
            ];
            let page = portal::TablePage { title: &title(&run), remarks: &remarks(&run), tables: &tables };
            print(format_args!("{}\n", page.render()));
        } else {
            text(&run);
        }
        Ok(())
    }
}

const HEADS: [&str; 8] =
    ["Currency", "Explained by", "Lines", "They paid", "The plan pays", "Difference", "First", "Rule"];

const IN_FLIGHT: &str = "In flight: what the plan would decide";
const IN_FLIGHT_HEADS: [&str; 6] =
    ["Claim", "Outcome", "Currency", "Charged", "The plan pays", "Why not all"];

const UNMET: &str = "Counts for no claim";
const UNMET_HEADS: [&str; 3] = ["Where", "Accumulator", "Why"];

fn page_table<const N: usize>(title: &str, heads: [&str; N], rows: Vec<[String; N]>) -> portal::PageTable {
    portal::PageTable {
        title: title.to_owned(),
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(Vec::from).collect(),
    }
}

fn title(run: &ParallelRun) -> String {
    format!("What another system decided, and {}", run.plan)
}

/// What is said of the whole before the groups.
fn remarks(run: &ParallelRun) -> Vec<String> {
    let lines = |groups: &std::collections::BTreeMap<Currency, Group>| {
        grouped(groups.values().map(|group| group.lines).sum())
    };
    let mut remarks = vec![format!(
        "{} claims, {} lines compared: {} alike, {} otherwise.",
        grouped(run.claims as u64),
        lines(&run.all),
        lines(&run.same),
        grouped(run.differing.values().map(|group| group.lines).sum())
    )];
    if run.without > 0 {
        remarks.push(format!("{} lines have no amount of the other system.", grouped(run.without)));
    }
    if !run.in_flight.is_empty() {
        let count = grouped(run.in_flight.len() as u64);
        remarks.push(format!("Claims in flight: {count}. They are told apart, and not compared."));
    }
    if !run.unmet.is_empty() {
        let count = grouped(run.unmet.len() as u64);
        remarks.push(format!("Of what stood before, {count} counts for no claim."));
    }
    for (currency, all) in &run.all {
        let sums = [all.expected, all.computed, all.difference()].map(|sum| amount(sum, *currency));
        let [expected, computed, difference] = sums;
        remarks.push(format!("In {currency} they paid {expected}, the plan pays {computed}: {difference}."));
    }
    remarks
}

fn rows(run: &ParallelRun) -> Vec<[String; 8]> {
    let row = |((currency, explanation), group): (&(Currency, Explanation), &Group)| {
        let sums = [group.expected, group.computed, group.difference()].map(|sum| amount(sum, *currency));
        let [expected, computed, difference] = sums;
        let first = group.first.as_ref().map_or_else(String::new, |(claim, line)| format!("{claim}, {line}"));
        let word = explanation.word().to_owned();
        let lines = grouped(group.lines);
        [currency.to_string(), word, lines, expected, computed, difference, first, explanation.text()]
    };
    run.differing.iter().map(row).collect()
}

/// The claims in flight, and what the plan would pay for each.
fn in_flight(run: &ParallelRun) -> Vec<[String; 6]> {
    let row = |one: &InFlight| {
        let reasons: Vec<&str> = one.reasons.iter().map(|reason| reason.word()).collect();
        let [submitted, plan] = [one.submitted, one.plan].map(|sum| amount(sum, one.currency));
        let outcome = one.outcome.word().to_owned();
        [one.claim.clone(), outcome, one.currency.to_string(), submitted, plan, reasons.join(", ")]
    };
    run.in_flight.iter().map(row).collect()
}

/// What stood before the claims and counts for none.
fn unmet(run: &ParallelRun) -> Vec<[String; 3]> {
    let row = |one: &Unmet| {
        [one.place.clone(), one.accumulator.clone().unwrap_or_default(), one.why.text().to_owned()]
    };
    run.unmet.iter().map(row).collect()
}

fn text(run: &ParallelRun) {
    say!("{}", title(run));
    for remark in remarks(run) {
        say!("{remark}");
    }
    text_table(None, HEADS, rows(run));
    text_table(Some(IN_FLIGHT), IN_FLIGHT_HEADS, in_flight(run));
    text_table(Some(UNMET), UNMET_HEADS, unmet(run));
}

/// A table after an empty line; nothing where it has no row.
fn text_table<const N: usize>(title: Option<&str>, heads: [&str; N], rows: Vec<[String; N]>) {
    if rows.is_empty() {
        return;
    }
    say!("");
    if let Some(title) = title {
        say!("{title}");
    }
    for line in aligned(&std::iter::once(heads.map(str::to_uppercase)).chain(rows).collect::<Vec<_>>()) {
        say!("{line}");
    }
}

fn to_json(run: &ParallelRun) -> Value {
    let sums = |currency: Currency, group: &Group| {
        json!({
            "currency": currency.to_string(),
            "lines": group.lines,
            "expected": amount(group.expected, currency),
            "computed": amount(group.computed, currency),
            "difference": amount(group.difference(), currency),
        })
    };
    let group = |((currency, explanation), group): (&(Currency, Explanation), &Group)| {
        let mut value = sums(*currency, group);
        if let Some(value) = value.as_object_mut() {
            value.insert("explained_by".to_owned(), json!(explanation.word()));
            value.insert("rule".to_owned(), json!(explanation.text()));
            let first = group.first.as_ref().map(|(claim, line)| json!({ "claim": claim, "line": line }));
            value.insert("first".to_owned(), json!(first));
        }
        value
    };
    let in_flight = |one: &InFlight| {
        json!({
            "claim": one.claim,
            "outcome": one.outcome.word(),
            "currency": one.currency.to_string(),
            "submitted": amount(one.submitted, one.currency),
            "plan": amount(one.plan, one.currency),
            "reasons": one.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
        })
    };
    let unmet =
        |one: &Unmet| json!({ "place": one.place, "accumulator": one.accumulator, "why": one.why.text() });
    json!({
        "plan": run.plan,
        "claims": run.claims,
        "without": run.without,
        "all": run.all.iter().map(|(currency, all)| sums(*currency, all)).collect::<Vec<_>>(),
        "same": run.same.iter().map(|(currency, same)| sums(*currency, same)).collect::<Vec<_>>(),
        "differing": run.differing.iter().map(group).collect::<Vec<_>>(),
        "in_flight": run.in_flight.iter().map(in_flight).collect::<Vec<_>>(),
        "unmet": run.unmet.iter().map(unmet).collect::<Vec<_>>(),
    })
}
