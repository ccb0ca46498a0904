//! Turns the [[benefit]] tables of a plan file into benefits: what each takes, allows and shares.

use domain::CareSetting;
use toml::Spanned;

use super::compile::unique;
use super::parts::Reader;
use super::raw::{RawBenefit, RawCopay, RawLimit, RawPlan};
use super::{Allowed, Benefit, Copay, PlanError, PriceList, Settings};

pub(super) fn benefits(
    reader: &mut Reader<'_>,
    raw: &RawPlan,
    lists: &[PriceList],
) -> Result<Vec<Benefit>, PlanError> {
    let mut benefits: Vec<Benefit> = Vec::new();
    for (item, spanned) in unique(reader, &raw.benefit, |benefit| &benefit.id)?.into_iter().zip(&raw.benefit)
    {
        let benefit = benefit(reader, item, &raw.limit, lists)?;
        if let Some(earlier) = benefits.iter().find(|earlier| hides(earlier, &benefit)) {
            let problem = format!(
                "no service reaches `{}`: `{}`, which stands before it, takes them all; put the narrower one first",
                benefit.id, earlier.id
            );
            return Err(reader.error(item.id.span(), problem));
        }
        u16::try_from(benefits.len())
            .map_err(|_| reader.error(spanned.span(), "more than 65,535 benefits"))?;
        benefits.push(benefit);
    }
    if benefits.is_empty() {
        return Err(reader.error(0..0, "no benefit: add at least one [[benefit]]"));
    }
    Ok(benefits)
}

/// Whether every service of the later benefit falls under the earlier one.
fn hides(earlier: &Benefit, later: &Benefit) -> bool {
    let taken = |code: &String| earlier.codes.iter().any(|prefix| code.starts_with(prefix.as_str()));
    let codes = earlier.codes.is_empty() || (!later.codes.is_empty() && later.codes.iter().all(taken));
    codes && earlier.settings.has_all(later.settings)
}

fn benefit(
    reader: &mut Reader<'_>,
    raw: &RawBenefit,
    all_limits: &[Spanned<RawLimit>],
    lists: &[PriceList],
) -> Result<Benefit, PlanError> {
    let name = reader.words(&raw.name)?;
    if raw.codes.is_empty() && raw.settings.is_empty() {
        let problem = "takes nothing: add `codes` (how service codes begin), `settings`, or both";
        return Err(reader.error(raw.id.span(), problem));
    }
    if let Some(empty) = raw.codes.iter().find(|code| code.get_ref().trim().is_empty()) {
        return Err(
            reader.error(empty.span(), "an empty code: leave `codes` out and use `settings` to take all")
        );
    }
    let (allowed, allowed_words) = allowed(reader, raw, lists)?;
    let bearer = [("write-off", true), ("member", false)];
    let write_off = raw.above_allowed.as_ref().map_or(Ok(false), |word| reader.choice(word, &bearer))?;
    let coinsurance = match &raw.coinsurance {
        Some(text) => {
            let rate = reader.rate(text)?;
            Some((reader.rule(format!("{name}: co-insurance {rate}"), text.span())?, rate))
        }
        None => None,
    };
    Ok(Benefit {
        id: reader.id(&raw.id)?,
        module: reader.id(&raw.module)?,
        match_rule: reader.rule(format!("the service falls under `{name}`"), raw.id.span())?,
        codes: raw.codes.iter().map(|code| code.get_ref().clone()).collect(),
        settings: settings(reader, raw)?,
        allowed,
        allowed_rule: reader.rule(format!("{name}: {allowed_words}"), raw.id.span())?,
        write_off,
        waiting: raw
            .waiting_months
            .as_ref()
            .map(|months| reader.months(months, &format!("{name}: waiting period")))
            .transpose()?,
        deductible: raw.deductible,
        copay: raw.copay.as_ref().map(|copay_| copay(reader, &name, copay_)).transpose()?,
        coinsurance,
        maximum: raw.out_of_pocket_maximum,
        limits: limits(reader, raw, all_limits)?,
        name,
    })
}

fn settings(reader: &Reader<'_>, raw: &RawBenefit) -> Result<Settings, PlanError> {
    if raw.settings.is_empty() {
        return Ok(Settings::ALL);
    }
    let setting = |word: &Spanned<String>| {
        word.get_ref().parse::<CareSetting>().map_err(|error| reader.error(word.span(), error.to_string()))
    };
    raw.settings.iter().map(setting).collect::<Result<Vec<_>, _>>().map(|settings| Settings::of(&settings))
}

fn allowed(
    reader: &Reader<'_>,
    raw: &RawBenefit,
    lists: &[PriceList],
) -> Result<(Allowed, String), PlanError> {
    match (&raw.price_list, &raw.allowed_percentage) {
        (None, None) => Ok((Allowed::Charge, "the charge is allowed".to_owned())),
        (None, Some(text)) => {
            let rate = reader.rate(text)?;
            Ok((Allowed::Percentage(rate), format!("{rate} of the charge is allowed")))
        }
        (Some(id), None) => {
            let index = lists.iter().position(|list| list.id == *id.get_ref()).ok_or_else(|| {
                let problem = format!("no price list `{}`: add [[price_list]] with this id", id.get_ref());
                reader.error(id.span(), problem)
            })?;
            Ok((Allowed::PriceList(index), format!("the price in list `{}` is allowed", id.get_ref())))
        }
        (Some(_), Some(rate)) => {
            Err(reader.error(rate.span(), "`price_list` and `allowed_percentage` together: keep one"))
        }
    }
}

fn copay(reader: &mut Reader<'_>, benefit: &str, raw: &Spanned<RawCopay>) -> Result<Copay, PlanError> {
    let per_visit = reader.choice(&raw.get_ref().per, &[("visit", true), ("line", false)])?;
    let amounts = reader.amounts(&raw.get_ref().amount)?;
    let text = format!("{benefit}: copay {} per {}", reader.in_words(&amounts), raw.get_ref().per.get_ref());
    Ok(Copay { rule: reader.rule(text, raw.span())?, per_visit, amounts })
}

/// The limits that a benefit names, then those of the whole plan.
fn limits(reader: &Reader<'_>, raw: &RawBenefit, all: &[Spanned<RawLimit>]) -> Result<Vec<usize>, PlanError> {
    let whole_plan = |limit: &Spanned<RawLimit>| limit.get_ref().applies_to.get_ref() == "plan";
    let mut found = Vec::new();
    for name in &raw.limits {
        let place = all.iter().position(|limit| limit.get_ref().id.get_ref() == name.get_ref());
        match place.filter(|place| !all.get(*place).is_some_and(whole_plan) && !found.contains(place)) {
            Some(place) => found.push(place),
            None => {
                let problem = format!(
                    "`{}` is no limit to name here: name each [[limit]] that applies_to = \"benefits\" once",
                    name.get_ref()
                );
                return Err(reader.error(name.span(), problem));
            }
        }
    }
    found.extend((0..all.len()).filter(|place| all.get(*place).is_some_and(whole_plan)));
    Ok(found)
}
