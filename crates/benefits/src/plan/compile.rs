//! Turns the shape of a plan file into a [`Plan`]: resolves names to numbers and refuses what does
//! not fit together, so that the adjudicator has nothing left to check.

use domain::{Currency, Date, ServiceCode, Step};
use toml::Spanned;

use super::benefit::benefits;
use super::parts::Reader;
use super::raw::{RawPlan, RawPriceList};
use super::{Amounts, OutOfPocketMaximum, Plan, PlanError, PriceList, Refusals, fixed_rule};

/// The order when a plan does not write its own: the usual one of indemnity plans.
const USUAL_STEPS: [Step; 13] = [
    Step::Eligibility,
    Step::Duplicate,
    Step::TimelyFiling,
    Step::BenefitMatch,
    Step::WaitingPeriod,
    Step::Exclusion,
    Step::AllowedAmount,
    Step::Deductible,
    Step::Copay,
    Step::Coinsurance,
    Step::OutOfPocketMaximum,
    Step::MoneyLimit,
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

pub(super) fn compile(file: &str, text: &str) -> Result<Plan, PlanError> {
    let raw: RawPlan = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        PlanError::at(file, text, offset, error.message().trim().replace('\n', "; "))
    })?;
    let rules = fixed_rule::WORDS.map(str::to_owned).to_vec();
    let mut reader = Reader { file, text, currencies: Vec::new(), rules };
    reader.currencies = currencies(&reader, &raw)?;
    let steps = steps(&reader, &raw)?;
    let price_lists = unique(&reader, &raw.price_list, |list| &list.id)?
        .iter()
        .map(|list| price_list(&reader, list))
        .collect::<Result<Vec<_>, _>>()?;
    let deductible = raw.deductible.as_ref().map(Spanned::get_ref);
    let deductible = deductible
        .map(|rule| reader.counter("deductible", &rule.accumulator, &rule.name, &rule.period, &rule.amount))
        .transpose()?;
    let maximum = raw.out_of_pocket_maximum.as_ref().map(Spanned::get_ref);
    let maximum = maximum
        .map(|rule| {
            let kind = if rule.includes_deductible {
                "out-of-pocket maximum with the deductible"
            } else {
                "out-of-pocket maximum without the deductible"
            };
            let counter = reader.counter(kind, &rule.accumulator, &rule.name, &rule.period, &rule.amount)?;
            Ok(OutOfPocketMaximum { counter, includes_deductible: rule.includes_deductible })
        })
        .transpose()?;
    let limits = unique(&reader, &raw.limit, |limit| &limit.id)?
        .iter()
        .map(|limit| reader.counter("limit", &limit.accumulator, &limit.name, &limit.period, &limit.amount))
        .collect::<Result<Vec<_>, _>>()?;
    let filing = raw
        .filing_months
        .as_ref()
        .map(|months| reader.months(months, "claims are sent in within"))
        .transpose()?;
    let benefits = benefits(&mut reader, &raw, &price_lists)?;
    let refusals = raw.refusals.as_ref().map_or(Ok(Refusals::Pend), |word| {
        reader.choice(word, &[("pend", Refusals::Pend), ("send", Refusals::Send)])
    })?;
    check_accumulators(&reader, &raw)?;
    check_use(&reader, &raw, &steps)?;
    Ok(Plan {
        label: format!("{}@{}", raw.id.get_ref(), raw.version.get_ref()),
        id: reader.id(&raw.id)?,
        version: reader.id(&raw.version)?,
        name: reader.words(&raw.name)?,
        effective: effective(&reader, &raw)?,
        refusals,
        steps,
        filing,
        deductible,
        maximum,
        limits,
        price_lists,
        benefits,
        currencies: reader.currencies,
        rules: reader.rules,
    })
}

fn currencies(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Currency>, PlanError> {
    let mut currencies = Vec::new();
    for code in raw.currencies.get_ref() {
        let currency = code.get_ref().parse::<Currency>();
        let currency =
            currency.map_err(|error| reader.error(code.span(), format!("`{}`: {error}", code.get_ref())))?;
        if currencies.contains(&currency) {
            return Err(reader.error(code.span(), format!("`{currency}` stands twice: remove one")));
        }
        currencies.push(currency);
    }
    if currencies.is_empty() {
        return Err(reader.error(raw.currencies.span(), "no currency: write at least one, like [\"EUR\"]"));
    }
    Ok(currencies)
}

fn effective(reader: &Reader<'_>, raw: &RawPlan) -> Result<Date, PlanError> {
    raw.effective.get_ref().to_string().parse().map_err(|_| {
        reader.error(raw.effective.span(), "not a date from 1900 to 2199: write it bare, like 2026-01-01")
    })
}

/// Where a step may stand: checks, then what is allowed, then sharing, then the cap on the member's
/// share, then limits, then rounding.
fn stage(step: Step) -> u8 {
    match step {
        Step::Eligibility
        | Step::Duplicate
        | Step::TimelyFiling
        | Step::BenefitMatch
        | Step::WaitingPeriod
        | Step::Exclusion => 0,
        Step::AllowedAmount => 1,
        Step::Deductible | Step::Copay | Step::Coinsurance => 2,
        Step::OutOfPocketMaximum => 3,
        Step::MoneyLimit => 4,
        Step::Rounding => 5,
    }
}

fn steps(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Step>, PlanError> {
    let Some(words) = &raw.steps else { return Ok(USUAL_STEPS.to_vec()) };
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
        if step == Step::WaitingPeriod && !steps.contains(&Step::BenefitMatch) {
            return Err(reader.error(word.span(), "`waiting-period` must stand after `benefit-match`"));
        }
        steps.push(step);
    }
    if let Some(missing) = NEEDED_STEPS.iter().find(|step| !steps.contains(step)) {
        return Err(reader.error(words.span(), format!("no plan goes without the step `{missing}`: add it")));
    }
    Ok(steps)
}

/// The items, if no two have the same id.
pub(super) fn unique<'a, T>(
    reader: &Reader<'_>,
    items: &'a [Spanned<T>],
    id: impl Fn(&T) -> &Spanned<String>,
) -> Result<Vec<&'a T>, PlanError> {
    let mut seen: Vec<String> = Vec::new();
    for item in items {
        let word = id(item.get_ref());
        let name = reader.id(word)?;
        if seen.contains(&name) {
            return Err(reader.error(word.span(), format!("`{name}` stands twice: give each its own id")));
        }
        seen.push(name);
    }
    Ok(items.iter().map(Spanned::get_ref).collect())
}

fn price_list(reader: &Reader<'_>, raw: &RawPriceList) -> Result<PriceList, PlanError> {
    let mut prices: Vec<(ServiceCode, Amounts)> = Vec::new();
    for price in &raw.price {
        let code = ServiceCode::parse(price.code.get_ref())
            .map_err(|error| reader.error(price.code.span(), error.to_string()))?;
        match prices.binary_search_by(|(known, _)| known.cmp(&code)) {
            Ok(_) => {
                let problem = format!("`{}` has two prices in this list: remove one", price.code.get_ref());
                return Err(reader.error(price.code.span(), problem));
            }
            Err(place) => prices.insert(place, (code, reader.amounts(&price.amount)?)),
        }
    }
    Ok(PriceList { id: raw.id.get_ref().clone(), prices })
}

fn check_accumulators(reader: &Reader<'_>, raw: &RawPlan) -> Result<(), PlanError> {
    let deductible = raw.deductible.iter().map(|rule| &rule.get_ref().accumulator);
    let maximum = raw.out_of_pocket_maximum.iter().map(|rule| &rule.get_ref().accumulator);
    let limits = raw.limit.iter().map(|limit| &limit.get_ref().accumulator);
    let mut seen = Vec::new();
    for number in deductible.chain(maximum).chain(limits) {
        if seen.contains(number.get_ref()) {
            let problem =
                format!("accumulator {} is taken: give each rule a number of its own", number.get_ref());
            return Err(reader.error(number.span(), problem));
        }
        seen.push(*number.get_ref());
    }
    Ok(())
}

/// A rule that no step would apply is an error: it would promise what is not done.
fn check_use(reader: &Reader<'_>, raw: &RawPlan, steps: &[Step]) -> Result<(), PlanError> {
    let benefits = || raw.benefit.iter().map(Spanned::get_ref);
    let first_limit = raw.limit.first().map(|limit| limit.get_ref().id.span());
    let rules = [
        (Step::TimelyFiling, raw.filing_months.as_ref().map(Spanned::span)),
        (
            Step::WaitingPeriod,
            benefits().find_map(|benefit| benefit.waiting_months.as_ref()).map(Spanned::span),
        ),
        (Step::Deductible, raw.deductible.as_ref().map(Spanned::span)),
        (Step::Copay, benefits().find_map(|benefit| benefit.copay.as_ref()).map(Spanned::span)),
        (Step::Coinsurance, benefits().find_map(|benefit| benefit.coinsurance.as_ref()).map(Spanned::span)),
        (Step::OutOfPocketMaximum, raw.out_of_pocket_maximum.as_ref().map(Spanned::span)),
        (Step::MoneyLimit, first_limit),
    ];
    for (step, span) in rules {
        if let Some(span) = span.filter(|_| !steps.contains(&step)) {
            return Err(
                reader.error(span, format!("never applied: add `{step}` to `steps`, or remove this rule"))
            );
        }
    }
    for limit in raw.limit.iter().map(Spanned::get_ref) {
        let whole_plan = reader.choice(&limit.applies_to, &[("plan", true), ("benefits", false)])?;
        let named =
            benefits().flat_map(|benefit| &benefit.limits).any(|name| name.get_ref() == limit.id.get_ref());
        if !whole_plan && !named {
            let problem = format!(
                "no benefit names the limit `{}`: add it to `limits` of a benefit",
                limit.id.get_ref()
            );
            return Err(reader.error(limit.id.span(), problem));
        }
    }
    Ok(())
}
