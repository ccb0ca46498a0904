//! The parallel run: a file of claims that another system decided, decided once more under a plan, and every difference put
//! with the rule that explains it. Each line is in one group, so that the groups sum to the whole difference, to the cent.
//! It does not say which of the two is right.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Currency, Determination, Outcome, Reason, Step};

use crate::explain::overpaid_at;
use crate::file::expected::Expected;
use crate::file::read::Claim;
use crate::file::{Adjudicated, FileError, Unmet};
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

/// A claim that the other system has and has not decided: what the plan would make of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// The file's label of it.
    pub claim: String,
    /// What becomes of it: what is approved has counted, in its turn.
    pub outcome: Outcome,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What was charged, in minor units; exchanged where it was charged in another currency.
    pub submitted: i128,
    /// What the plan would pay.
    pub plan: i128,
    /// Why not all, each reason once.
    pub reasons: BTreeSet<Reason>,
}

impl InFlight {
    fn new(claim: &Claim, determination: &Determination) -> Self {
        let lines = || determination.lines.iter();
        Self {
            claim: claim.label.clone(),
            outcome: determination.outcome,
            currency: determination.currency,
            submitted: lines().map(|line| i128::from(line.submitted)).sum(),
            plan: lines().map(|line| i128::from(line.plan)).sum(),
            reasons: lines().flat_map(|line| line.reasons.iter().copied()).collect(),
        }
    }
}

/// A file compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParallelRun {
    /// The plan version, `id@version`.
    pub plan: String,
    /// Claims in the file.
    pub claims: usize,
    /// Those of them that the other system has not decided, in the order of the file: none of their lines is compared.
    pub in_flight: Vec<InFlight>,
    /// What stood before, and counts for none of the claims.
    pub unmet: Vec<Unmet>,
    /// Lines of the others without an amount of the other system: they are counted, and not compared.
    pub without: u64,
    /// Everything that was compared, by currency.
    pub all: BTreeMap<Currency, Group>,
    /// The lines that both pay alike, by currency.
    pub same: BTreeMap<Currency, Group>,
    /// The lines that differ, by currency and by what explains them.
    pub differing: BTreeMap<(Currency, Explanation), Group>,
}

/// Decides the claims of a file once more, after what stood before them, and compares each line with what the file says another
/// system paid. Refusals stand: that system has sent them. What it has not decided is told apart, and counts in its turn.
///
/// # Errors
/// The first thing that is wrong in either file, and where.
pub fn parallel_run(plan_name: &str, plan_text: &str, claims_json: &str) -> Result<ParallelRun, FileError> {
    let Adjudicated { plan, file, determinations, unmet } =
        Adjudicated::decided(plan_name, plan_text, claims_json, true)?;
    let mut run = ParallelRun {
        plan: plan.label().to_owned(),
        claims: file.claims.len(),
        in_flight: Vec::new(),
        unmet,
        without: 0,
        all: BTreeMap::new(),
        same: BTreeMap::new(),
        differing: BTreeMap::new(),
    };
    for (claim, determination) in file.claims.iter().zip(&determinations) {
        if claim.in_flight {
            run.in_flight.push(InFlight::new(claim, determination));
            continue;
        }
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
