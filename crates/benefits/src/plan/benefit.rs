//! Turns the [[benefit]] tables of a plan file into benefits: what each takes, allows and shares.

use domain::{CareSetting, Sex};
use toml::Spanned;

use super::compile::unique;
use super::parts::Reader;
use super::raw::{RawAllowed, RawBenefit, RawCopay, RawPlan, RawPreauthorisation, RawRoom, RawWaiting, Word};
use super::{
    Ages, Allowed, AllowedRule, Benefit, Copay, CopayPer, Deductible, Limit, OutOfPocketMaximum, PlanError,
    Preauthorisation, PriceList, RoomRule, Settings, Takes, Waiting,
};
use crate::facts::Room;

/// What benefits name.
pub(super) struct Named<'a> {
    pub(super) lists: &'a [PriceList],
    pub(super) deductibles: &'a [Deductible],
    pub(super) maxima: &'a [OutOfPocketMaximum],
    pub(super) limits: &'a [Limit],
}

pub(super) fn benefits(
    reader: &mut Reader<'_>,
    raw: &RawPlan,
    named: &Named<'_>,
) -> Result<Vec<Benefit>, PlanError> {
    let mut benefits: Vec<Benefit> = Vec::new();
    for (item, spanned) in unique(reader, &raw.benefit, |benefit| &benefit.id)?.into_iter().zip(&raw.benefit)
    {
        let benefit = benefit(reader, item, raw, named)?;
        if let Some(earlier) = benefits.iter().find(|earlier| hides(&earlier.takes, &benefit.takes)) {
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
fn hides(earlier: &Takes, later: &Takes) -> bool {
    let within = |earlier: &[String], later: &[String]| {
        let taken = |code: &String| earlier.iter().any(|prefix| code.starts_with(prefix.as_str()));
        earlier.is_empty() || (!later.is_empty() && later.iter().all(taken))
    };
    let everyone = earlier.ages == Ages::ALL && earlier.sex.is_none();
    let always = earlier.from.is_none() && earlier.until.is_none();
    within(&earlier.codes, &later.codes)
        && within(&earlier.diagnoses, &later.diagnoses)
        && earlier.settings.has_all(later.settings)
        && everyone
        && always
}

fn benefit(
    reader: &mut Reader<'_>,
    raw: &RawBenefit,
    plan: &RawPlan,
    named: &Named<'_>,
) -> Result<Benefit, PlanError> {
    let name = reader.words(&raw.name)?;
    let id = reader.id(&raw.id)?;
    let module = reader.id(&raw.module)?;
    let takes = takes(reader, raw)?;
    let match_rule = reader.rule(format!("the service falls under `{name}`"), raw.id.span())?;
    let coinsurance = raw.coinsurance.as_ref().map(|text| {
        let rate = reader.rate(text)?;
        Ok((reader.rule(format!("{name}: co-insurance {rate}"), text.span())?, rate))
    });
    let coinsurance = coinsurance.transpose()?;
    let ids = plan.deductible.iter().zip(named.deductibles);
    let ids = ids.map(|(raw, rule)| (&raw.get_ref().id, rule.whole_plan));
    let deductibles = chosen(reader, &raw.deductibles, "deductible", ids)?;
    let ids = plan.out_of_pocket_maximum.iter().zip(named.maxima);
    let ids = ids.map(|(raw, rule)| (&raw.get_ref().id, rule.whole_plan));
    let maxima = chosen(reader, &raw.out_of_pocket_maxima, "out_of_pocket_maximum", ids)?;
    let ids = plan.limit.iter().zip(named.limits).map(|(raw, rule)| (&raw.get_ref().id, rule.whole_plan));
    let limits = chosen(reader, &raw.limits, "limit", ids)?;
    let (deductible, maximum) = (raw.deductible, raw.out_of_pocket_maximum);
    Ok(Benefit {
        match_rule,
        takes,
        allowed: allowed(reader, raw, &name, named.lists)?,
        waiting: waiting(reader, raw, &name)?,
        documents: documents(reader, raw, &name)?,
        preauthorisation: raw
            .pre_authorisation
            .as_ref()
            .map(|rule| preauthorisation(reader, &name, rule))
            .transpose()?,
        room: raw.room.as_ref().map(|rule| room(reader, &name, rule)).transpose()?,
        copay: raw.copay.as_ref().map(|rule| copay(reader, &name, rule)).transpose()?,
        coinsurance,
        major_medical: raw.major_medical,
        deductibles: all(deductibles, named.deductibles.iter().map(|rule| rule.whole_plan && deductible)),
        maxima: all(maxima, named.maxima.iter().map(|rule| rule.whole_plan && maximum)),
        limits: all(limits, named.limits.iter().map(|rule| rule.whole_plan)),
        id,
        module,
        name,
    })
}

fn takes(reader: &Reader<'_>, raw: &RawBenefit) -> Result<Takes, PlanError> {
    if raw.codes.is_empty() && raw.settings.is_empty() && raw.diagnoses.is_empty() {
        let problem =
            "takes nothing: add `codes` (how service codes begin), `diagnoses`, `settings`, or several";
        return Err(reader.error(raw.id.span(), problem));
    }
    let sexes = [("female", Sex::Female), ("male", Sex::Male)];
    let date = |date: &Option<_>| date.as_ref().map(|date| reader.date(date)).transpose();
    Ok(Takes {
        codes: reader.beginnings(&raw.codes)?,
        diagnoses: reader.beginnings(&raw.diagnoses)?,
        settings: settings(reader, raw)?,
        ages: reader.ages(raw.from_age, raw.below_age, &raw.id)?,
        sex: raw.sex.as_ref().map(|word| reader.choice(word, &sexes)).transpose()?,
        from: date(&raw.from)?,
        until: date(&raw.until)?,
    })
}

fn settings(reader: &Reader<'_>, raw: &RawBenefit) -> Result<Settings, PlanError> {
    if raw.settings.is_empty() {
        return Ok(Settings::ALL);
    }
    let setting = |word: &Word| {
        word.get_ref().parse::<CareSetting>().map_err(|error| reader.error(word.span(), error.to_string()))
    };
    raw.settings.iter().map(setting).collect::<Result<Vec<_>, _>>().map(|settings| Settings::of(&settings))
}

/// The rules for what is allowed, in order: the first that has an answer decides. The short form is one
/// rule for everyone.
fn allowed(
    reader: &mut Reader<'_>,
    raw: &RawBenefit,
    name: &str,
    lists: &[PriceList],
) -> Result<Vec<AllowedRule>, PlanError> {
    if let Some(first) = raw.allowed.first() {
        if raw.price_list.is_some() || raw.allowed_percentage.is_some() || raw.above_allowed.is_some() {
            let problem = "`allowed` and the short form together: keep one of them";
            return Err(reader.error(first.span(), problem));
        }
        return raw.allowed.iter().map(|rule| allowed_rule(reader, rule, name, lists)).collect();
    }
    let (allowed, words) = match (&raw.price_list, &raw.allowed_percentage) {
        (None, None) => (Allowed::Charge, "the charge is allowed".to_owned()),
        (None, Some(text)) => percentage(reader, text)?,
        (Some(id), None) => in_list(reader, id, lists)?,
        (Some(_), Some(rate)) => {
            return Err(reader.error(rate.span(), "`price_list` and `allowed_percentage` together: keep one"));
        }
    };
    let write_off = raw.above_allowed.as_ref().map_or(Ok(false), |word| bearer(reader, word))?;
    let rule = reader.rule(format!("{name}: {words}"), raw.id.span())?;
    Ok(vec![AllowedRule { rule, allowed, in_network: None, write_off }])
}

fn bearer(reader: &Reader<'_>, word: &Word) -> Result<bool, PlanError> {
    reader.choice(word, &[("write-off", true), ("member", false)])
}

fn percentage(reader: &Reader<'_>, text: &Word) -> Result<(Allowed, String), PlanError> {
    let rate = reader.rate(text)?;
    Ok((Allowed::Percentage(rate), format!("{rate} of the charge is allowed")))
}

fn in_list(reader: &Reader<'_>, id: &Word, lists: &[PriceList]) -> Result<(Allowed, String), PlanError> {
    let index = lists.iter().position(|list| list.id == *id.get_ref()).ok_or_else(|| {
        let problem = format!("no price list `{}`: add [[price_list]] with this id", id.get_ref());
        reader.error(id.span(), problem)
    })?;
    Ok((Allowed::PriceList(index), format!("the price in list `{}` is allowed", id.get_ref())))
}

fn allowed_rule(
    reader: &mut Reader<'_>,
    raw: &Spanned<RawAllowed>,
    name: &str,
    lists: &[PriceList],
) -> Result<AllowedRule, PlanError> {
    let table = raw.get_ref();
    let (allowed, words) = match (&table.price_list, &table.percentage, &table.statutory_base, table.charge) {
        (Some(id), None, None, false) => in_list(reader, id, lists)?,
        (None, Some(rate), None, false) => percentage(reader, rate)?,
        (None, None, Some(rate), false) => {
            let rate = reader.multiple(rate, 10)?;
            (Allowed::Base(rate), format!("{rate} of the statutory base is allowed"))
        }
        (None, None, None, true) => (Allowed::Charge, "the charge is allowed".to_owned()),
        _ => {
            let problem = "write one of `price_list`, `percentage`, `statutory_base` and `charge = true`";
            return Err(reader.error(raw.span(), problem));
        }
    };
    let providers = [("in-network", true), ("out-of-network", false)];
    let in_network = table.provider.as_ref().map(|word| reader.choice(word, &providers)).transpose()?;
    let whom = table.provider.as_ref().map_or(String::new(), |word| format!(" ({})", word.get_ref()));
    Ok(AllowedRule {
        write_off: bearer(reader, &table.above)?,
        rule: reader.rule(format!("{name}: {words}{whom}"), raw.span())?,
        allowed,
        in_network,
    })
}

fn waiting(reader: &mut Reader<'_>, raw: &RawBenefit, name: &str) -> Result<Vec<Waiting>, PlanError> {
    let mut found = Vec::new();
    if let Some(months) = &raw.waiting_months {
        let months = reader.months(months, &format!("{name}: waiting period"))?;
        found.push(Waiting {
            rule: months.rule,
            months: months.months,
            ages: Ages::ALL,
            waived_for_accident: false,
            waived_for_emergency: false,
            prior_cover_counts: false,
        });
    }
    for item in &raw.waiting {
        found.push(waiting_rule(reader, item.get_ref(), raw, name)?);
    }
    Ok(found)
}

fn waiting_rule(
    reader: &mut Reader<'_>,
    raw: &RawWaiting,
    benefit: &RawBenefit,
    name: &str,
) -> Result<Waiting, PlanError> {
    let choices = [("accident", 0), ("emergency", 1), ("prior-cover", 2)];
    let waived = raw.waived.iter().map(|word| reader.choice(word, &choices));
    let waived = waived.collect::<Result<Vec<usize>, _>>()?;
    let months = reader.months(&raw.months, &format!("{name}: waiting period"))?;
    Ok(Waiting {
        rule: months.rule,
        months: months.months,
        ages: reader.ages(raw.from_age, raw.below_age, &benefit.id)?,
        waived_for_accident: waived.contains(&0),
        waived_for_emergency: waived.contains(&1),
        prior_cover_counts: waived.contains(&2),
    })
}

fn documents(reader: &mut Reader<'_>, raw: &RawBenefit, name: &str) -> Result<Vec<(u16, String)>, PlanError> {
    let mut found = Vec::new();
    for word in &raw.documents {
        let id = reader.id(word)?;
        found.push((reader.rule(format!("{name}: asks for `{id}`"), word.span())?, id));
    }
    Ok(found)
}

fn preauthorisation(
    reader: &mut Reader<'_>,
    benefit: &str,
    raw: &Spanned<RawPreauthorisation>,
) -> Result<Preauthorisation, PlanError> {
    let table = raw.get_ref();
    let above = table.above.as_ref().map(|amount| reader.amounts(amount)).transpose()?;
    let penalty = table.penalty.as_ref().map(|rate| reader.rate(rate)).transpose()?;
    let mut text = format!("{benefit}: authorised before the care");
    if let Some(amounts) = &above {
        text += &format!(" where it costs more than {}", reader.in_words(amounts));
    }
    text += &penalty.map_or("; else not covered".to_owned(), |rate| format!("; else {rate} less is paid"));
    let rule = reader.rule(text, raw.span())?;
    Ok(Preauthorisation { rule, above, penalty, not_in_emergency: table.not_in_emergency })
}

fn room(reader: &mut Reader<'_>, benefit: &str, raw: &Spanned<RawRoom>) -> Result<RoomRule, PlanError> {
    let grade = reader.choice(&raw.get_ref().grade, &Room::WORDS)?;
    let rate = reader.rate(&raw.get_ref().rate)?;
    let text =
        format!("{benefit}: {rate} of the cost of a better room than {}", raw.get_ref().grade.get_ref());
    Ok(RoomRule { rule: reader.rule(text, raw.span())?, grade, rate })
}

fn copay(reader: &mut Reader<'_>, benefit: &str, raw: &Spanned<RawCopay>) -> Result<Copay, PlanError> {
    let choices = [
        ("visit", CopayPer::Visit),
        ("line", CopayPer::Line),
        ("day", CopayPer::Day),
        ("unit", CopayPer::Unit),
        ("claim", CopayPer::Claim),
    ];
    let per = reader.choice(&raw.get_ref().per, &choices)?;
    let amounts = reader.amounts(&raw.get_ref().amount)?;
    let text = format!("{benefit}: copay {} per {}", reader.in_words(&amounts), raw.get_ref().per.get_ref());
    Ok(Copay { rule: reader.rule(text, raw.span())?, per, amounts })
}

/// The rules that a benefit names: each once, and only those that apply to benefits.
fn chosen<'i>(
    reader: &Reader<'_>,
    words: &[Word],
    what: &str,
    ids: impl Iterator<Item = (&'i Word, bool)>,
) -> Result<Vec<usize>, PlanError> {
    let all: Vec<(&Word, bool)> = ids.collect();
    let mut found = Vec::new();
    for word in words {
        let place = all.iter().position(|(id, whole_plan)| id.get_ref() == word.get_ref() && !whole_plan);
        match place.filter(|place| !found.contains(place)) {
            Some(place) => found.push(place),
            None => {
                let problem = format!(
                    "`{}` is no {what} to name here: name each [[{what}]] that applies_to = \"benefits\" once",
                    word.get_ref()
                );
                return Err(reader.error(word.span(), problem));
            }
        }
    }
    Ok(found)
}

/// What a benefit names, then what applies to the whole plan.
fn all(mut named: Vec<usize>, whole: impl Iterator<Item = bool>) -> Vec<usize> {
    named.extend(whole.enumerate().filter(|(_, applies)| *applies).map(|(place, _)| place));
    named
}
