//! The order of the steps of a plan, and whether every rule of it is applied by one: a plan that parses
//! does what it says.

use std::ops::Range;

use domain::Step;
use toml::Spanned;

use super::PlanError;
use super::parts::Reader;
use super::raw::{RawBenefit, RawPlan, Word};

/// The order when a plan does not write its own: the usual one of indemnity plans.
const USUAL_STEPS: [Step; 20] = [
    Step::Exchange,
    Step::Eligibility,
    Step::Duplicate,
    Step::TimelyFiling,
    Step::AreaOfCover,
    Step::BenefitMatch,
    Step::Documents,
    Step::WaitingPeriod,
    Step::Exclusion,
    Step::Bundling,
    Step::AllowedAmount,
    Step::ServiceLimit,
    Step::Deductible,
    Step::Copay,
    Step::Coinsurance,
    Step::Preauthorisation,
    Step::OutOfPocketMaximum,
    Step::MoneyLimit,
    Step::Coordination,
    Step::Rounding,
];

/// Steps that no plan goes without.
const NEEDED_STEPS: [Step; 6] = [
    Step::Eligibility,
    Step::Duplicate,
    Step::BenefitMatch,
    Step::Exclusion,
    Step::AllowedAmount,
    Step::Rounding,
];

/// Where a step may stand: exchange, checks, what is allowed, limits of services, sharing, the second
/// layer, the caps on the member's share, limits in money, other payers, rounding.
fn stage(step: Step) -> u8 {
    match step {
        Step::Exchange => 0,
        Step::Eligibility
        | Step::Duplicate
        | Step::TimelyFiling
        | Step::AreaOfCover
        | Step::BenefitMatch
        | Step::Documents
        | Step::WaitingPeriod
        | Step::Exclusion
        | Step::Bundling => 1,
        Step::AllowedAmount => 2,
        Step::ServiceLimit => 3,
        Step::Deductible | Step::Copay | Step::Coinsurance | Step::Preauthorisation => 4,
        Step::MajorMedical => 5,
        Step::OutOfPocketMaximum => 6,
        Step::MoneyLimit => 7,
        Step::Coordination => 8,
        Step::Rounding => 9,
    }
}

/// Steps that need to know the benefit.
const AFTER_MATCH: [Step; 2] = [Step::WaitingPeriod, Step::Documents];

pub(super) fn steps(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Step>, PlanError> {
    let Some(words) = &raw.steps else { return Ok(usual(raw)) };
    let mut steps: Vec<Step> = Vec::new();
    for word in words.get_ref() {
        let step: Step =
            word.get_ref().parse().map_err(|error| reader.error(word.span(), format!("{error}")))?;
        if steps.contains(&step) {
            return Err(reader.error(word.span(), format!("`{step}` stands twice: remove one")));
        }
        if let Some(later) = steps.iter().find(|earlier| stage(**earlier) > stage(step)) {
            return Err(reader.error(word.span(), format!("`{step}` must stand before `{later}`")));
        }
        if AFTER_MATCH.contains(&step) && !steps.contains(&Step::BenefitMatch) {
            return Err(reader.error(word.span(), format!("`{step}` must stand after `benefit-match`")));
        }
        steps.push(step);
    }
    if let Some(missing) = NEEDED_STEPS.iter().find(|step| !steps.contains(step)) {
        return Err(reader.error(words.span(), format!("no plan goes without the step `{missing}`: add it")));
    }
    Ok(steps)
}

/// The usual steps, of those that only some plans have only the ones that this plan has rules for.
fn usual(raw: &RawPlan) -> Vec<Step> {
    let used = rules(raw);
    let rare = [
        Step::Exchange,
        Step::AreaOfCover,
        Step::Documents,
        Step::Bundling,
        Step::ServiceLimit,
        Step::Preauthorisation,
        Step::Coordination,
    ];
    let has = |step: Step| used.iter().any(|(known, span)| *known == step && span.is_some());
    let mut steps: Vec<Step> =
        USUAL_STEPS.into_iter().filter(|step| !rare.contains(step) || has(*step)).collect();
    if raw.major_medical.is_some() {
        let place = steps.iter().position(|step| stage(*step) > stage(Step::MajorMedical));
        steps.insert(place.unwrap_or(steps.len()), Step::MajorMedical);
    }
    steps
}

/// Which steps the rules of a plan need, and where the first rule of each stands.
fn rules(raw: &RawPlan) -> Vec<(Step, Option<Range<usize>>)> {
    let benefits = || raw.benefit.iter().map(Spanned::get_ref);
    let limit = |money: bool| {
        let limits = raw.limit.iter().map(Spanned::get_ref);
        let mut limits = limits.filter(move |limit| {
            let paid = limit.of.as_ref().is_none_or(|word| word.get_ref() == "paid");
            paid == money
        });
        limits.next().map(|limit| limit.id.span())
    };
    let waiting = |benefit: &RawBenefit| {
        let short = benefit.waiting_months.as_ref().map(Spanned::span);
        short.or_else(|| benefit.waiting.first().map(Spanned::span))
    };
    vec![
        (Step::Exchange, raw.exchange.as_ref().map(Spanned::span)),
        (Step::TimelyFiling, raw.filing_months.as_ref().map(Spanned::span)),
        (Step::AreaOfCover, raw.area.as_ref().map(Spanned::span)),
        (Step::Documents, benefits().find_map(|benefit| benefit.documents.first()).map(Spanned::span)),
        (Step::WaitingPeriod, benefits().find_map(waiting)),
        (Step::Bundling, raw.bundle.first().map(Spanned::span)),
        (Step::ServiceLimit, limit(false)),
        (Step::Deductible, raw.deductible.first().map(Spanned::span)),
        (Step::Copay, benefits().find_map(|benefit| benefit.copay.as_ref()).map(Spanned::span)),
        (Step::Coinsurance, benefits().find_map(|benefit| benefit.coinsurance.as_ref()).map(Spanned::span)),
        (
            Step::Preauthorisation,
            benefits().find_map(|benefit| benefit.pre_authorisation.as_ref()).map(Spanned::span),
        ),
        (Step::MajorMedical, raw.major_medical.as_ref().map(Spanned::span)),
        (Step::OutOfPocketMaximum, raw.out_of_pocket_maximum.first().map(Spanned::span)),
        (Step::MoneyLimit, limit(true)),
        (Step::Coordination, raw.coordination.as_ref().map(Spanned::span)),
    ]
}

/// A rule that no step would apply, or that no benefit names, is an error: it would promise what is not
/// done.
pub(super) fn used(reader: &Reader<'_>, raw: &RawPlan, steps: &[Step]) -> Result<(), PlanError> {
    for (step, span) in rules(raw) {
        if let Some(span) = span.filter(|_| !steps.contains(&step)) {
            return Err(
                reader.error(span, format!("never applied: add `{step}` to `steps`, or remove this rule"))
            );
        }
    }
    let benefits = || raw.benefit.iter().map(Spanned::get_ref);
    let optional =
        |id, applies: &Option<Word>| (id, applies.as_ref().is_none_or(|word| word.get_ref() == "plan"));
    let rules = raw.deductible.iter().map(Spanned::get_ref).map(|rule| optional(&rule.id, &rule.applies_to));
    let named: Vec<&Word> = benefits().flat_map(|benefit| &benefit.deductibles).collect();
    named_somewhere(reader, "deductible", "deductibles", rules, &named)?;
    let rules = raw.out_of_pocket_maximum.iter().map(Spanned::get_ref);
    let rules = rules.map(|rule| optional(&rule.id, &rule.applies_to));
    let named: Vec<&Word> = benefits().flat_map(|benefit| &benefit.out_of_pocket_maxima).collect();
    named_somewhere(reader, "maximum", "out_of_pocket_maxima", rules, &named)?;
    let rules = raw.limit.iter().map(Spanned::get_ref);
    let rules = rules.map(|rule| (&rule.id, rule.applies_to.get_ref() == "plan"));
    let named: Vec<&Word> = benefits().flat_map(|benefit| &benefit.limits).collect();
    named_somewhere(reader, "limit", "limits", rules, &named)
}

/// Each rule is for the whole plan, or some benefit names it.
fn named_somewhere<'i>(
    reader: &Reader<'_>,
    what: &str,
    list: &str,
    rules: impl Iterator<Item = (&'i Word, bool)>,
    named: &[&Word],
) -> Result<(), PlanError> {
    for (id, whole_plan) in rules {
        if !whole_plan && !named.iter().any(|word| word.get_ref() == id.get_ref()) {
            let problem =
                format!("no benefit names the {what} `{}`: add it to `{list}` of a benefit", id.get_ref());
            return Err(reader.error(id.span(), problem));
        }
    }
    Ok(())
}
