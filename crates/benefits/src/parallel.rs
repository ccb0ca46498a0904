//! The parallel run: a file of claims that another system decided, decided once more under a plan, and every difference put
//! with the rule that explains it. Each line is in one group, so that the groups sum to the whole difference, to the cent.
//! It does not say which of the two is right.

use std::collections::BTreeMap;

use domain::{Currency, Determination, Reason, Step};

use crate::explain::overpaid_at;
use crate::file::expected::Expected;
use crate::file::read::Claim;
use crate::file::{Adjudicated, FileError};
use crate::plan::Plan;

/// What explains a difference: where the two amounts first can differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Explanation {
    /// This step leaves the plan less to pay than the other system paid.
    Step {
        /// Which.
        step: Step,
        /// The rule, in the plan's words.
        rule: String,
    },
    /// The other system paid less, and this is why, as it says.
    Theirs(Reason),
    /// The other system paid less, and does not say why.
    Unsaid,
    /// The other system paid more than was charged.
    MoreThanCharged,
}

impl Explanation {
    /// It in a word: the step, or the reason of the other system.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Step { step, .. } => step.word(),
            Self::Theirs(reason) => reason.word(),
            Self::Unsaid => "unsaid",
            Self::MoreThanCharged => "more-than-charged",
        }
    }

    /// It for people.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Step { rule, .. } => rule.clone(),
            Self::Theirs(reason) => format!("the other system paid less, for {reason}"),
            Self::Unsaid => "the other system paid less, and does not say why".to_owned(),
            Self::MoreThanCharged => "the other system paid more than was charged".to_owned(),
        }
    }
}

/// Lines, and what both systems pay for them, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// How many lines.
    pub lines: u64,
    /// What the other system paid.
    pub expected: i128,
    /// What the plan pays.
    pub computed: i128,
    /// The first of them: the file's label of the claim, and the line's number.
    pub first: Option<(String, u32)>,
}

impl Group {
    /// What the plan pays more; negative where it pays less.
    #[must_use]
    pub fn difference(&self) -> i128 {
        self.computed - self.expected
    }

    fn add(&mut self, claim: &str, line: u32, expected: i64, computed: i64) {
        self.lines += 1;
        self.expected += i128::from(expected);
        self.computed += i128::from(computed);
        self.first.get_or_insert_with(|| (claim.to_owned(), line));
    }
}

/// A file compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParallelRun {
    /// The plan version, `id@version`.
    pub plan: String,
    /// Claims in the file.
    pub claims: usize,
    /// Lines without an amount of the other system: they are counted, and not compared.
    pub without: u64,
    /// Everything that was compared, by currency.
    pub all: BTreeMap<Currency, Group>,
    /// The lines that both pay alike, by currency.
    pub same: BTreeMap<Currency, Group>,
    /// The lines that differ, by currency and by what explains them.
    pub differing: BTreeMap<(Currency, Explanation), Group>,
}

/// Decides the claims of a file once more, and compares each line with what the file says another system paid. Refusals stand:
/// that system has sent them.
///
/// # Errors
/// The first thing that is wrong in either file, and where.
pub fn parallel_run(plan_name: &str, plan_text: &str, claims_json: &str) -> Result<ParallelRun, FileError> {
    let Adjudicated { plan, file, determinations } =
        Adjudicated::decided(plan_name, plan_text, claims_json, true)?;
    let mut run = ParallelRun {
        plan: plan.label().to_owned(),
        claims: file.claims.len(),
        without: 0,
        all: BTreeMap::new(),
        same: BTreeMap::new(),
        differing: BTreeMap::new(),
    };
    for (claim, determination) in file.claims.iter().zip(&determinations) {
        for (line, expected) in claim.lines.iter().zip(&claim.expected) {
            match expected {
                Some(expected) => run.line(&plan, claim, determination, (line.number, *expected)),
                None => run.without += 1,
            }
        }
    }
    Ok(run)
}

impl ParallelRun {
    fn line(
        &mut self,
        plan: &Plan,
        claim: &Claim,
        determination: &Determination,
        (line, expected): (u32, Expected),
    ) {
        let currency = claim.cover_currency;
        let settled = determination.lines.iter().find(|settled| settled.number == line);
        // What could not be brought into the currency of the cover is not paid in it.
        let settled = settled.filter(|_| determination.currency == currency);
        let computed = settled.map_or(0, |settled| settled.plan);
        let add = |group: &mut Group| group.add(&claim.label, line, expected.plan, computed);
        add(self.all.entry(currency).or_default());
        if computed == expected.plan {
            add(self.same.entry(currency).or_default());
            return;
        }
        let charged = settled.map_or(i64::MAX, |settled| settled.submitted);
        let explanation = explain(plan, determination, line, (expected, computed, charged));
        add(self.differing.entry((currency, explanation)).or_default());
    }
}

fn explain(
    plan: &Plan,
    determination: &Determination,
    line: u32,
    (expected, computed, charged): (Expected, i64, i64),
) -> Explanation {
    if expected.plan < computed {
        return expected.reason.map_or(Explanation::Unsaid, Explanation::Theirs);
    }
    if expected.plan > charged {
        return Explanation::MoreThanCharged;
    }
    let trace = overpaid_at(&determination.traces, line, expected.plan);
    // INVARIANT: a line's trace ends at what the plan pays, so that a step leaves less than what is more than that; a
    // line of another currency is held before the first step that pays.
    let step = trace.map_or(Step::Rounding, |trace| trace.step);
    let rule = trace.and_then(|trace| plan.rule_text(trace.rule)).unwrap_or_default().to_owned();
    Explanation::Step { step, rule }
}
