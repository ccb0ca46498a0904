//! Turns the shape of a plan file into a [`Plan`]: resolves names to numbers and refuses what does
//! not fit together, so that the adjudicator has nothing left to check.

use std::cell::RefCell;

use domain::Currency;
use toml::Spanned;

use super::parts::{Noted, Reader, every};
use super::raw::{RawPlan, Word};
use super::{
    Plan, PlanError, Refusals, Sequence, benefit, check, continues, counter, fixed_rule, module, premium,
    rules, shape,
};
use crate::exact::Rounding;

/// Who has so many faults to repair looks again after that.
const FAULTS_MAX: usize = 20;

const SEQUENCES: [(&str, Sequence); 2] =
    [("receipt", Sequence::Receipt), ("service-date", Sequence::ServiceDate)];

/// The plan, or what is wrong with its file, in the order of the file. A file that is no TOML has one fault, and so
/// has one whose tables have another shape than they should.
pub(super) fn compile(file: &str, text: &str) -> Result<Plan, Vec<PlanError>> {
    let raw: RawPlan = toml::from_str(text).map_err(|error| vec![shape::fault(file, text, &error)])?;
    let fixed = fixed_rule::WORDS.map(str::to_owned).to_vec();
    let faults = RefCell::default();
    let mut reader =
        Reader { file, text, currencies: Vec::new(), rules: fixed, counters: Vec::new(), faults };
    let plan = plan(&mut reader, &raw);
    let mut faults = reader.faults.into_inner();
    match plan {
        Ok(plan) if faults.is_empty() => Ok(plan),
        _ => {
            faults.sort_by(|one, other| {
                let place = (one.line, one.column).cmp(&(other.line, other.column));
                place.then_with(|| one.problem.cmp(&other.problem))
            });
            faults.dedup();
            faults.truncate(FAULTS_MAX);
            Err(faults)
        }
    }
}

fn plan(reader: &mut Reader<'_>, raw: &RawPlan) -> Result<Plan, Noted> {
    let currencies = currencies(reader, raw);
    reader.currencies = currencies.as_ref().map_or(Vec::new(), Clone::clone);
    let steps = check::steps(reader, raw);
    let (price_lists, kinds) = (rules::price_lists(reader, raw), rules::kinds(reader, raw));
    let deductibles = counter::deductibles(reader, &raw.deductible);
    let maxima = counter::maxima(reader, &raw.out_of_pocket_maximum);
    let limits = counter::limits(reader, &raw.limit, &raw.kind);
    let filing = raw.filing_months.as_ref().map(|months| reader.months(months, "claims are sent in within"));
    let before = "conditions from before the cover: free of treatment for";
    let moratorium = raw.moratorium_months.as_ref().map(|months| reader.months(months, before));
    let newborn = raw.newborn_days.as_ref().map(|days| rules::newborn(reader, days));
    let (modules, continues) = (module::modules(reader, raw), continues::read(reader, raw));
    let benefits = benefit::benefits(reader, raw, modules.as_deref().unwrap_or_default());
    let named = check::named(reader, raw);
    let applied = steps.as_ref().map_or(Ok(()), |steps| check::applied(reader, raw, steps));
    let (id, version) = (reader.id(&raw.id), reader.id(&raw.version));
    let (name, effective) = (reader.words(&raw.name), reader.date(&raw.effective));
    let refusals = [("pend", Refusals::Pend), ("send", Refusals::Send)];
    let refusals = choice(reader, raw.refusals.as_ref(), &refusals);
    let near_duplicates = [("pass", false), ("pend", true)];
    let near_duplicates = choice(reader, raw.near_duplicates.as_ref(), &near_duplicates);
    let highest_copay = [("each", false), ("highest", true)];
    let highest_copay_a_day = choice(reader, raw.copay_same_day.as_ref(), &highest_copay);
    let rounding = raw.rounding.as_ref().map(|word| rules::rounding(reader, word));
    let area = raw.area.as_ref().map(|table| rules::area(reader, table));
    let exchange = raw.exchange.as_ref().map(|table| rules::exchange(reader, table));
    let coordination = raw.coordination.as_ref().map(|table| rules::coordination(reader, table));
    let major_medical = raw.major_medical.as_ref().map(Spanned::get_ref);
    let major_medical = major_medical.map(|table| counter::major_medical(reader, table));
    let exclusions = rules::exclusions(reader, &raw.exclusion);
    let (bundles, levels) = (rules::bundles(reader, &raw.bundle), rules::levels(reader, &raw.levels));
    let premium = raw.premium.as_ref().map(|table| premium::read(reader, table));
    named.and(applied)?;
    Ok(Plan {
        label: format!("{}@{}", raw.id.get_ref(), raw.version.get_ref()),
        id: id?,
        version: version?,
        name: name?,
        effective: effective?,
        refusals: refusals?,
        near_duplicates: near_duplicates?,
        sequence: choice(reader, raw.sequence.as_ref(), &SEQUENCES)?,
        highest_copay_a_day: highest_copay_a_day?,
        rounding: rounding.transpose()?.unwrap_or((fixed_rule::ROUNDING, Rounding::HalfUp)),
        area: area.transpose()?,
        exchange: exchange.transpose()?,
        coordination: coordination.transpose()?,
        major_medical: major_medical.transpose()?,
        modules: modules?,
        continues: continues?,
        exclusions: exclusions?,
        bundles: bundles?,
        levels: levels?,
        premium: premium.transpose()?,
        steps: steps?,
        filing: filing.transpose()?,
        moratorium: moratorium.transpose()?,
        newborn: newborn.transpose()?,
        kinds: kinds?,
        deductibles: deductibles?,
        maxima: maxima?,
        limits: limits?,
        price_lists: price_lists?,
        benefits: benefits?,
        currencies: currencies?,
        rules: std::mem::take(&mut reader.rules),
        counters: std::mem::take(&mut reader.counters),
    })
}

/// One word of a few; the first where there is none.
fn choice<T: Copy>(reader: &Reader<'_>, word: Option<&Word>, choices: &[(&str, T); 2]) -> Result<T, Noted> {
    word.map_or(Ok(choices[0].1), |word| reader.choice(word, choices))
}

fn currencies(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Currency>, Noted> {
    let words = raw.currencies.get_ref();
    if words.is_empty() {
        return Err(reader.error(raw.currencies.span(), "no currency: write at least one, like [\"EUR\"]"));
    }
    let mut currencies = Vec::new();
    let each = every(words.iter().map(|code| {
        let currency = code.get_ref().parse::<Currency>();
        let currency =
            currency.map_err(|error| reader.error(code.span(), format!("`{}`: {error}", code.get_ref())))?;
        if currencies.contains(&currency) {
            return Err(reader.error(code.span(), format!("`{currency}` stands twice: remove one")));
        }
        currencies.push(currency);
        Ok(())
    }));
    each.map(|_| currencies)
}

/// Refuses an id that an earlier item has.
pub(super) fn unique<T>(
    reader: &Reader<'_>,
    items: &[Spanned<T>],
    id: impl Fn(&T) -> &Word,
) -> Result<(), Noted> {
    let mut seen: Vec<String> = Vec::new();
    let each = every(items.iter().map(|item| {
        let word = id(item.get_ref());
        let name = reader.id(word)?;
        if seen.contains(&name) {
            return Err(reader.error(word.span(), format!("`{name}` stands twice: give each its own id")));
        }
        seen.push(name);
        Ok(())
    }));
    each.map(|_| ())
}
