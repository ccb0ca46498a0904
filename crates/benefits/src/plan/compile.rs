//! Turns the shape of a plan file into a [`Plan`]: resolves names to numbers and refuses what does
//! not fit together, so that the adjudicator has nothing left to check.

use domain::Currency;
use toml::Spanned;

use super::parts::Reader;
use super::raw::{RawPlan, Word};
use super::{Plan, PlanError, Refusals, benefit, check, counter, fixed_rule, premium, rules};

pub(super) fn compile(file: &str, text: &str) -> Result<Plan, PlanError> {
    let raw: RawPlan = toml::from_str(text).map_err(|error| {
        PlanError::at(file, text, error.span().unwrap_or(0..0), error.message().trim().replace('\n', "; "))
    })?;
    let fixed = fixed_rule::WORDS.map(str::to_owned).to_vec();
    let mut reader = Reader { file, text, currencies: Vec::new(), rules: fixed, counters: Vec::new() };
    reader.currencies = currencies(&reader, &raw)?;
    let steps = check::steps(&reader, &raw)?;
    let price_lists = rules::price_lists(&reader, &raw)?;
    let kinds = rules::kinds(&reader, &raw)?;
    let deductibles = counter::deductibles(&mut reader, &raw.deductible)?;
    let maxima = counter::maxima(&mut reader, &raw.out_of_pocket_maximum)?;
    let limits = counter::limits(&mut reader, &raw.limit, &kinds)?;
    let filing = raw.filing_months.as_ref();
    let filing = filing.map(|months| reader.months(months, "claims are sent in within")).transpose()?;
    let moratorium = raw.moratorium_months.as_ref();
    let moratorium = moratorium
        .map(|months| reader.months(months, "conditions from before the cover: free of treatment for"));
    let moratorium = moratorium.transpose()?;
    let named =
        benefit::Named { lists: &price_lists, deductibles: &deductibles, maxima: &maxima, limits: &limits };
    let benefits = benefit::benefits(&mut reader, &raw, &named)?;
    check::used(&reader, &raw, &steps)?;
    let major_medical = raw.major_medical.as_ref().map(Spanned::get_ref);
    Ok(Plan {
        label: format!("{}@{}", raw.id.get_ref(), raw.version.get_ref()),
        id: reader.id(&raw.id)?,
        version: reader.id(&raw.version)?,
        name: reader.words(&raw.name)?,
        effective: reader.date(&raw.effective)?,
        refusals: choice(
            &reader,
            raw.refusals.as_ref(),
            &[("pend", Refusals::Pend), ("send", Refusals::Send)],
        )?,
        near_duplicates: choice(&reader, raw.near_duplicates.as_ref(), &[("pass", false), ("pend", true)])?,
        highest_copay_a_day: choice(
            &reader,
            raw.copay_same_day.as_ref(),
            &[("each", false), ("highest", true)],
        )?,
        area: raw.area.as_ref().map(|table| rules::area(&mut reader, table)).transpose()?,
        exchange: raw.exchange.as_ref().map(|table| rules::exchange(&mut reader, table)).transpose()?,
        coordination: raw
            .coordination
            .as_ref()
            .map(|table| rules::coordination(&mut reader, table))
            .transpose()?,
        major_medical: major_medical.map(|table| counter::major_medical(&mut reader, table)).transpose()?,
        modules: rules::modules(&reader, &raw)?,
        exclusions: rules::exclusions(&mut reader, &raw.exclusion)?,
        bundles: rules::bundles(&mut reader, &raw.bundle)?,
        premium: raw.premium.as_ref().map(|table| premium::read(&reader, table)).transpose()?,
        steps,
        filing,
        moratorium,
        kinds,
        deductibles,
        maxima,
        limits,
        price_lists,
        benefits,
        currencies: reader.currencies,
        rules: reader.rules,
        counters: reader.counters,
    })
}

/// One word of a few; the first where there is none.
fn choice<T: Copy>(
    reader: &Reader<'_>,
    word: Option<&Word>,
    choices: &[(&str, T); 2],
) -> Result<T, PlanError> {
    word.map_or(Ok(choices[0].1), |word| reader.choice(word, choices))
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

/// The items, if no two have the same id.
pub(super) fn unique<'a, T>(
    reader: &Reader<'_>,
    items: &'a [Spanned<T>],
    id: impl Fn(&T) -> &Word,
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
