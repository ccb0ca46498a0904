//! The order of the steps of a plan, and whether every rule of it is applied by one: a plan that parses
//! does what it says.

use std::ops::Range;

use domain::Step;
use toml::Spanned;

use super::parts::{Noted, Reader, every};
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
        // No plan lists what a person decides.
        Step::Decision
        | Step::Eligibility
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

pub(super) fn steps(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Step>, Noted> {
    let Some(words) = &raw.steps else { return Ok(usual(raw)) };
    let mut steps: Vec<Step> = Vec::new();
    let each = every(words.get_ref().iter().map(|word| {
        let step = word.get_ref().parse();
        let step: Step = step.map_err(|error| reader.error(word.span(), format!("{error}")))?;
        if step == Step::Decision {
            let problem = format!("`{step}` is a person's, before every step: remove it");
            return Err(reader.error(word.span(), problem));
        }
        if steps.contains(&step) {
            return Err(reader.error(word.span(), format!("`{step}` stands twice: remove one")));
        }
        let later = steps.iter().find(|earlier| stage(**earlier) > stage(step)).copied();
        let before_match = AFTER_MATCH.contains(&step) && !steps.contains(&Step::BenefitMatch);
        steps.push(step);
        if let Some(later) = later {
            return Err(reader.error(word.span(), format!("`{step}` must stand before `{later}`")));
        }
        if before_match {
            return Err(reader.error(word.span(), format!("`{step}` must stand after `benefit-match`")));
        }
        Ok(())
    }));
    // A step that is misspelt is not missing too.
    each?;
    let missing = NEEDED_STEPS.iter().filter(|step| !steps.contains(step));
    every(missing.map(|step| {
        let problem = format!("no plan goes without the step `{step}`: add it");
        Err::<(), _>(reader.error(words.span(), problem))
    }))?;
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

/// A rule that no step would apply is an error: it would promise what is not done.
pub(super) fn applied(reader: &Reader<'_>, raw: &RawPlan, steps: &[Step]) -> Result<(), Noted> {
    let rules = rules(raw).into_iter().filter(|(step, _)| !steps.contains(step));
    let rules = rules.filter_map(|(step, span)| Some((step, span?)));
    let unused = |(step, span)| {
        Err(reader.error(span, format!("never applied: add `{step}` to `steps`, or remove this rule")))
    };
    every(rules.map(unused)).map(|_: Vec<()>| ())
}

/// A rule that no benefit names is one too.
pub(super) fn named(reader: &Reader<'_>, raw: &RawPlan) -> Result<(), Noted> {
    let benefits = || raw.benefit.iter().map(Spanned::get_ref);
    let optional =
        |id, applies: &Option<Word>| (id, applies.as_ref().is_none_or(|word| word.get_ref() != "benefits"));
    let rules = raw.deductible.iter().map(Spanned::get_ref).map(|rule| optional(&rule.id, &rule.applies_to));
    let words: Vec<&Word> = benefits().flat_map(|benefit| &benefit.deductibles).collect();
    let deductibles = named_somewhere(reader, "deductible", "deductibles", rules, &words);
    let rules = raw.out_of_pocket_maximum.iter().map(Spanned::get_ref);
    let rules = rules.map(|rule| optional(&rule.id, &rule.applies_to));
    let words: Vec<&Word> = benefits().flat_map(|benefit| &benefit.out_of_pocket_maxima).collect();
    let maxima = named_somewhere(reader, "maximum", "out_of_pocket_maxima", rules, &words);
    let rules = raw.limit.iter().map(Spanned::get_ref);
    let rules = rules.map(|rule| (&rule.id, rule.applies_to.get_ref() != "benefits"));
    let words: Vec<&Word> = benefits().flat_map(|benefit| &benefit.limits).collect();
    let limits = named_somewhere(reader, "limit", "limits", rules, &words);
    deductibles.and(maxima).and(limits)
}

/// Each rule is for the whole plan, or some benefit names it. A word for neither, and a name that no rule has, is told
/// where it stands; what might have been meant by it is not told as well.
fn named_somewhere<'i>(
    reader: &Reader<'_>,
    what: &str,
    list: &str,
    rules: impl Iterator<Item = (&'i Word, bool)>,
    named: &[&Word],
) -> Result<(), Noted> {
    let rules: Vec<(&Word, bool)> = rules.collect();
    let exists = |name: &Word| rules.iter().any(|(id, _)| id.get_ref() == name.get_ref());
    if !named.iter().all(|name| exists(name)) {
        return Ok(());
    }
    let is_named = |id: &Word| named.iter().any(|word| word.get_ref() == id.get_ref());
    let forgotten = rules.iter().filter(|(id, elsewhere)| !elsewhere && !is_named(id));
    let forgotten = forgotten.map(|(id, _)| {
        let problem =
            format!("no benefit names the {what} `{}`: add it to `{list}` of a benefit", id.get_ref());
        Err(reader.error(id.span(), problem))
    });
    every(forgotten).map(|_: Vec<()>| ())
}
