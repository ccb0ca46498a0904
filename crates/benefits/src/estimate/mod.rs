//! What a treatment would cost a member, and why: a determination, step by step in words that add up by hand. It
//! works nothing out itself; nothing is kept.

mod text;
mod words;

use domain::{
    ClaimLine, Currency, Date, Determination, Language, LineDetermination, Outcome, Step, Trace, figures,
};

use crate::file::read::Claim;
use crate::file::{Adjudicated, FileError};
use crate::plan::{Plan, fixed_rule};

/// What a step of a determination does, in words.
#[must_use]
pub fn explain_trace(trace: &Trace, language: Language) -> String {
    words::trace(trace.step, trace.rule).plain(language)
}

/// The same, with the deductible, maximum or limit that it counted on, by the plan's own name and without what stands on it.
#[must_use]
pub fn explain_step(plan: &Plan, trace: &Trace, language: Language) -> String {
    let counted = trace.accumulator.and_then(|step| plan.accumulator_name(step.accumulator));
    let text = explain_trace(trace, language);
    match counted {
        Some(name) => format!("{text}, {name}"),
        None => text,
    }
}

/// Whether a step of a determination says something of its line: it changed what the plan pays, or a person is to look for what it
/// found. The others were gone through and left all as it was (a limit that was not reached, the benefit that takes the service), and
/// the words for what such a step does would be untrue of them.
#[must_use]
pub fn trace_tells(trace: &Trace) -> bool {
    let by_itself = usize::from(trace.rule) < fixed_rule::WORDS.len()
        && ![fixed_rule::NO_BENEFIT, fixed_rule::ROUNDING].contains(&trace.rule);
    trace.input != trace.output || by_itself || trace.step == Step::AreaOfCover
}

/// What the claims of a file would cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The plan version, `id@version`.
    pub plan: String,
    /// Its name.
    pub plan_name: String,
    /// The claims, in the order of the file.
    pub claims: Vec<ClaimEstimate>,
}

/// What a claim would cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimEstimate {
    /// The file's label for it.
    pub claim: String,
    /// The file's label for the member.
    pub member: String,
    /// What it would cost.
    pub treatment: TreatmentEstimate,
}

/// What a treatment would cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreatmentEstimate {
    /// What would become of a claim for it. Of a pended one the amounts are a proposal, and count for nothing after it.
    pub outcome: Outcome,
    /// The currency of every amount.
    pub currency: Currency,
    /// Its lines.
    pub lines: Vec<LineEstimate>,
    /// The sums of its lines.
    pub total: Shares,
    /// It was worked out as if nothing stood on what counts for the family together.
    pub is_without_family: bool,
    /// What is left of what was counted, after the claim; nothing where nothing counts. What counts for a family together is not
    /// told to one of it.
    pub left: Vec<Left>,
}

/// What a line would cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEstimate {
    /// The line's number.
    pub number: u32,
    /// First day of the service.
    pub day: Date,
    /// The benefit that it falls under.
    pub benefit: Option<String>,
    /// What would become of it.
    pub outcome: Outcome,
    /// Who bears what.
    pub shares: Shares,
    /// How what the plan pays comes out of what is charged: the changes sum to it.
    pub steps: Vec<Explained>,
}

/// Who bears what, in minor units. The last four sum to what is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Charged.
    pub charged: i64,
    /// What the plan pays.
    pub plan: i64,
    /// What the member pays.
    pub member: i64,
    /// What another payer pays.
    pub other_payer: i64,
    /// What the provider may charge nobody.
    pub write_off: i64,
}

/// A step in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Which.
    pub step: Step,
    /// What it does.
    pub text: String,
    /// What it adds to what the plan pays, in minor units; mostly negative.
    pub change: i64,
}

/// What is left of a deductible, a maximum or a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its name, the plan's own.
    pub name: String,
    /// What is left: an amount, or a number of visits, days, units or claims.
    pub left: String,
    /// Of how much.
    pub of: String,
}

/// Works out what the claims of a file would cost under a plan: the adjudication of [`crate::adjudicate_file`],
/// told in a language.
///
/// # Errors
/// The first thing that is wrong in either file, and where.
pub fn estimate_file(
    plan_name: &str,
    plan_text: &str,
    claims_json: &str,
    language: Language,
) -> Result<Estimate, FileError> {
    let Adjudicated { plan, file, determinations, .. } = Adjudicated::of(plan_name, plan_text, claims_json)?;
    // Whoever has a file has all of the family's claims.
    let teller = Teller { plan: &plan, language, tells_family: true };
    let claims = file.claims.iter().zip(&determinations);
    Ok(Estimate {
        plan: plan.label().to_owned(),
        plan_name: plan.name().to_owned(),
        claims: claims.map(|(claim, decided)| teller.claim(claim, decided)).collect(),
    })
}

/// Tells what was determined of a treatment of these lines. Of what counts for a family together it tells what it does to the
/// treatment, and nothing of what stands on it; `is_without_family` where it was determined as if nothing did.
#[must_use]
pub fn estimate(
    plan: &Plan,
    (lines, decided): (&[ClaimLine], &Determination),
    is_without_family: bool,
    language: Language,
) -> TreatmentEstimate {
    let told = Teller { plan, language, tells_family: false }.treatment(lines, decided);
    TreatmentEstimate { is_without_family, ..told }
}

impl Shares {
    fn of(line: &LineDetermination) -> Self {
        Self {
            charged: line.submitted,
            plan: line.plan,
            member: line.submitted - line.plan - line.other_payer - line.write_off,
            other_payer: line.other_payer,
            write_off: line.write_off,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            charged: self.charged.saturating_add(other.charged),
            plan: self.plan.saturating_add(other.plan),
            member: self.member.saturating_add(other.member),
            other_payer: self.other_payer.saturating_add(other.other_payer),
            write_off: self.write_off.saturating_add(other.write_off),
        }
    }
}

struct Teller<'a> {
    plan: &'a Plan,
    language: Language,
    /// Whether it tells what stands on what counts for a family together.
    tells_family: bool,
}

impl Teller<'_> {
    fn claim(&self, claim: &Claim, decided: &Determination) -> ClaimEstimate {
        ClaimEstimate {
            claim: claim.label.clone(),
            member: claim.member.clone(),
            treatment: self.treatment(&claim.lines, decided),
        }
    }

    fn treatment(&self, charged: &[ClaimLine], decided: &Determination) -> TreatmentEstimate {
        let lines = charged.iter().zip(&decided.lines);
        let lines: Vec<LineEstimate> =
            lines.map(|(charged, line)| self.line(charged.service_start, decided, line)).collect();
        let total = lines.iter().map(|line| line.shares).fold(Shares::default(), Shares::plus);
        let counts = matches!(decided.outcome, Outcome::Approved | Outcome::PartiallyApproved);
        TreatmentEstimate {
            outcome: decided.outcome,
            currency: decided.currency,
            lines,
            total,
            is_without_family: false,
            left: if counts { self.left(decided) } else { Vec::new() },
        }
    }

    fn line(&self, day: Date, decided: &Determination, line: &LineDetermination) -> LineEstimate {
        let benefit = decided.benefits.iter().find(|benefit| benefit.line == line.number);
        let traces = decided.traces.iter().filter(|trace| trace.line == line.number);
        let changing = traces.filter(|trace| trace.input != trace.output);
        LineEstimate {
            number: line.number,
            day,
            benefit: benefit.and_then(|one| self.plan.benefit_name(one.benefit)).map(str::to_owned),
            outcome: line.outcome,
            shares: Shares::of(line),
            steps: changing.map(|trace| self.step(trace, decided.currency)).collect(),
        }
    }

    /// A step, with how far it was counted.
    fn step(&self, trace: &Trace, currency: Currency) -> Explained {
        let mut text = explain_step(self.plan, trace, self.language);
        if let Some(counted) = trace.accumulator {
            let limit = self
                .plan
                .accumulator_limit(counted.accumulator, currency)
                .filter(|_| self.is_told(counted.accumulator));
            if let Some(limit) = limit {
                let used = self.quantity(counted.accumulator, counted.after, currency);
                let limit = self.quantity(counted.accumulator, limit, currency);
                text += &format!(" ({})", words::USED.with(self.language, &[&used, &limit]));
            }
        }
        Explained { step: trace.step, text, change: trace.output - trace.input }
    }

    /// What is left of each accumulator that the claim met and that is kept for later ones, as it was met last.
    fn left(&self, decided: &Determination) -> Vec<Left> {
        let mut left: Vec<(u16, Left)> = Vec::new();
        for counted in decided.traces.iter().filter_map(|trace| trace.accumulator) {
            let accumulator = counted.accumulator;
            let limit = self.plan.accumulator_limit(accumulator, decided.currency);
            let Some(limit) = limit.filter(|_| self.is_told(accumulator)) else { continue };
            let rest = limit.saturating_sub(counted.after).max(0);
            let found = Left {
                name: self.plan.accumulator_name(accumulator).unwrap_or_default().to_owned(),
                left: self.quantity(accumulator, rest, decided.currency),
                of: self.with_unit(accumulator, limit, decided.currency),
            };
            match left.iter_mut().find(|(known, _)| *known == accumulator) {
                Some((_, known)) => *known = found,
                None => left.push((accumulator, found)),
            }
        }
        left.into_iter().map(|(_, left)| left).collect()
    }

    /// Whether a balance goes on to later claims, in one sum, and may be told: not what ends with a claim, a visit or a day.
    fn is_told(&self, accumulator: u16) -> bool {
        self.plan.accumulator_is_kept(accumulator)
            && (self.tells_family || !self.plan.accumulator_is_shared(accumulator))
    }

    /// The same, with its currency where it is money.
    fn with_unit(&self, accumulator: u16, number: i64, currency: Currency) -> String {
        let quantity = self.quantity(accumulator, number, currency);
        if self.plan.accumulator_is_money(accumulator) { format!("{quantity} {currency}") } else { quantity }
    }

    /// What an accumulator counts, as people write it.
    fn quantity(&self, accumulator: u16, number: i64, currency: Currency) -> String {
        match self.plan.accumulator_is_money(accumulator) {
            true => figures::amount(number, currency, self.language),
            false => number.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_tells_what_it_changed_or_what_a_person_is_to_look_at() {
        let of = |step, rule, output| {
            trace_tells(&Trace { line: 1, step, rule, input: 100, output, accumulator: None })
        };
        let of_the_plan = u16::MAX;
        assert!(of(Step::Deductible, of_the_plan, 80) && of(Step::Rounding, fixed_rule::ROUNDING, 99));
        for step in [Step::BenefitMatch, Step::MoneyLimit, Step::OutOfPocketMaximum, Step::AllowedAmount] {
            assert!(!of(step, of_the_plan, 100), "{step}");
        }
        assert!(
            !of(Step::Rounding, fixed_rule::ROUNDING, 100)
                && !of(Step::BenefitMatch, fixed_rule::NO_BENEFIT, 100)
        );
        assert!(
            of(Step::Eligibility, fixed_rule::SUSPENDED, 100)
                && of(Step::Eligibility, fixed_rule::PROVIDER, 100)
        );
        assert!(
            of(Step::Duplicate, fixed_rule::NEAR_DUPLICATE, 100) && of(Step::AreaOfCover, of_the_plan, 100)
        );
    }
}
