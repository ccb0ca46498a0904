//! Turns the [[benefit]] tables of a plan file into benefits: what each takes, allows and shares.

use std::str::FromStr;

use domain::{CareSetting, ParseError, ServiceType, Sex};
use toml::Spanned;

use super::compile::unique;
use super::parts::{Noted, Reader, every};
use super::raw::{
    RawAllowed, RawBenefit, RawCopay, RawPlan, RawPreauthorisation, RawPriceList, RawRoom, RawWaiting, Word,
};
use super::{
    Ages, Allowed, AllowedRule, Benefit, Copay, CopayPer, Module, Preauthorisation, RoomRule, Settings,
    Takes, Waiting, module,
};
use crate::facts::ROOMS;

pub(super) fn benefits(
    reader: &mut Reader<'_>,
    raw: &RawPlan,
    modules: &[Module],
) -> Result<Vec<Benefit>, Noted> {
    let ids = unique(reader, &raw.benefit, |benefit| &benefit.id);
    if raw.benefit.is_empty() {
        return Err(reader.error(0..0, "no benefit: add at least one [[benefit]]"));
    }
    if let Some(beyond) = raw.benefit.get(usize::from(u16::MAX)) {
        return Err(reader.error(beyond.span(), "more than 65,535 benefits"));
    }
    let found: Vec<Result<Benefit, Noted>> =
        raw.benefit.iter().map(|item| benefit(reader, item.get_ref(), raw, modules)).collect();
    let reached = every(raw.benefit.iter().zip(&found).enumerate().map(|(place, (item, later))| {
        let Ok(later) = later else { return Err(Noted) };
        let mut earlier = found.iter().take(place).flatten();
        let Some(earlier) = earlier.find(|earlier| hides(&earlier.takes, &later.takes)) else {
            return Ok(());
        };
        let problem = format!(
            "no service reaches `{}`: `{}`, which stands before it, takes them all; put the narrower one first",
            later.id, earlier.id
        );
        Err(reader.error(item.get_ref().id.span(), problem))
    }));
    ids.and(reached).and(every(found.into_iter()))
}

/// Whether every service of the later benefit falls under the earlier one.
fn hides(earlier: &Takes, later: &Takes) -> bool {
    let within = |earlier: &[String], later: &[String]| {
        let taken = |code: &String| earlier.iter().any(|prefix| code.starts_with(prefix.as_str()));
        earlier.is_empty() || (!later.is_empty() && later.iter().all(taken))
    };
    let types = earlier.service_types.is_empty()
        || (!later.service_types.is_empty() && earlier.service_types.contains_all(later.service_types));
    let everyone = earlier.ages == Ages::ALL && earlier.sex.is_none();
    let always = earlier.from.is_none() && earlier.until.is_none();
    within(&earlier.codes, &later.codes)
        && within(&earlier.diagnoses, &later.diagnoses)
        && earlier.settings.has_all(later.settings)
        && types
        && everyone
        && always
}

fn benefit(
    reader: &mut Reader<'_>,
    raw: &RawBenefit,
    plan: &RawPlan,
    modules: &[Module],
) -> Result<Benefit, Noted> {
    let name = reader.words(&raw.name);
    let id = reader.id(&raw.id);
    let module = reader.id(&raw.module);
    let takes = takes(reader, raw);
    // Only rules in words have it, and with a fault there are none.
    let shown = name.as_deref().unwrap_or_default();
    let match_rule = reader.rule(format!("the service falls under `{shown}`"), raw.id.span());
    let coinsurance = raw.coinsurance.as_ref().map(|text| {
        let rate = reader.rate(text)?;
        Ok((reader.rule(format!("{shown}: co-insurance {rate}"), text.span())?, rate))
    });
    let own =
        plan.deductible.iter().map(|rule| (&rule.get_ref().id, whole(rule.get_ref().applies_to.as_ref())));
    let deductibles = chosen(reader, &raw.deductibles, "deductible", own, raw.deductible);
    let own = plan.out_of_pocket_maximum.iter();
    let own = own.map(|rule| (&rule.get_ref().id, whole(rule.get_ref().applies_to.as_ref())));
    let maxima =
        chosen(reader, &raw.out_of_pocket_maxima, "out_of_pocket_maximum", own, raw.out_of_pocket_maximum);
    let own = plan.limit.iter().map(|rule| (&rule.get_ref().id, whole(Some(&rule.get_ref().applies_to))));
    let limits = chosen(reader, &raw.limits, "limit", own, true);
    let allowed = allowed(reader, raw, shown, &plan.price_list);
    let waiting = waiting(reader, raw, shown);
    let documents = documents(reader, raw, shown);
    let preauthorisation = raw.pre_authorisation.as_ref().map(|rule| preauthorisation(reader, shown, rule));
    let room = raw.room.as_ref().map(|rule| room(reader, shown, rule));
    let copay = raw.copay.as_ref().map(|rule| copay(reader, shown, rule));
    Ok(Benefit {
        needs: module::needed(modules, raw.module.get_ref()),
        match_rule: match_rule?,
        takes: takes?,
        allowed: allowed?,
        waiting: waiting?,
        documents: documents?,
        preauthorisation: preauthorisation.transpose()?,
        room: room.transpose()?,
        copay: copay.transpose()?,
        coinsurance: coinsurance.transpose()?,
        major_medical: raw.major_medical,
        deductibles: deductibles?,
        maxima: maxima?,
        limits: limits?,
        id: id?,
        module: module?,
        name: name?,
    })
}

/// Whether a rule is for the whole plan, which it is where it does not say.
fn whole(applies_to: Option<&Word>) -> bool {
    applies_to.is_none_or(|word| word.get_ref() == "plan")
}

fn takes(reader: &Reader<'_>, raw: &RawBenefit) -> Result<Takes, Noted> {
    let lists = [&raw.codes, &raw.diagnoses, &raw.settings, &raw.service_types];
    if lists.iter().all(|list| list.is_empty()) {
        let problem = "takes nothing: add `codes` (how service codes begin), `diagnoses`, `settings`, `service_types`, or \
                       several";
        return Err(reader.error(raw.id.span(), problem));
    }
    let sexes = [("female", Sex::Female), ("male", Sex::Male)];
    let date = |date: &Option<_>| date.as_ref().map(|date| reader.date(date)).transpose();
    let (codes, diagnoses) = (reader.beginnings(&raw.codes), reader.beginnings(&raw.diagnoses));
    let settings = settings(reader, raw);
    let service_types = words::<ServiceType>(reader, &raw.service_types);
    let ages = reader.ages(raw.from_age, raw.below_age, &raw.id);
    let sex = raw.sex.as_ref().map(|word| reader.choice(word, &sexes)).transpose();
    let (from, until) = (date(&raw.from), date(&raw.until));
    Ok(Takes {
        codes: codes?,
        diagnoses: diagnoses?,
        settings: settings?,
        service_types: service_types?.into_iter().collect(),
        ages: ages?,
        sex: sex?,
        from: from?,
        until: until?,
    })
}

fn settings(reader: &Reader<'_>, raw: &RawBenefit) -> Result<Settings, Noted> {
    if raw.settings.is_empty() {
        return Ok(Settings::ALL);
    }
    words::<CareSetting>(reader, &raw.settings).map(|settings| Settings::of(&settings))
}

/// Words of a vocabulary.
fn words<T: FromStr<Err = ParseError>>(reader: &Reader<'_>, words: &[Word]) -> Result<Vec<T>, Noted> {
    let parse = |word: &Word| {
        word.get_ref().parse::<T>().map_err(|error| reader.error(word.span(), error.to_string()))
    };
    every(words.iter().map(parse))
}

/// The rules for what is allowed, in order: the first that has an answer decides. The short form is one
/// rule for everyone.
fn allowed(
    reader: &mut Reader<'_>,
    raw: &RawBenefit,
    name: &str,
    lists: &[Spanned<RawPriceList>],
) -> Result<Vec<AllowedRule>, Noted> {
    if let Some(first) = raw.allowed.first() {
        if raw.price_list.is_some() || raw.allowed_percentage.is_some() || raw.above_allowed.is_some() {
            let problem = "`allowed` and the short form together: keep one of them";
            return Err(reader.error(first.span(), problem));
        }
        return every(raw.allowed.iter().map(|rule| allowed_rule(reader, rule, name, lists)));
    }
    let write_off = raw.above_allowed.as_ref().map_or(Ok(false), |word| bearer(reader, word));
    let (allowed, words) = match (&raw.price_list, &raw.allowed_percentage) {
        (None, None) => (Allowed::Charge, "the charge is allowed".to_owned()),
        (None, Some(text)) => percentage(reader, text)?,
        (Some(id), None) => in_list(reader, id, lists)?,
        (Some(_), Some(rate)) => {
            return Err(reader.error(rate.span(), "`price_list` and `allowed_percentage` together: keep one"));
        }
    };
    let rule = reader.rule(format!("{name}: {words}"), raw.id.span())?;
    Ok(vec![AllowedRule { rule, allowed, in_network: None, write_off: write_off? }])
}

fn bearer(reader: &Reader<'_>, word: &Word) -> Result<bool, Noted> {
    reader.choice(word, &[("write-off", true), ("member", false)])
}

fn percentage(reader: &Reader<'_>, text: &Word) -> Result<(Allowed, String), Noted> {
    let rate = reader.rate(text)?;
    Ok((Allowed::Percentage(rate), format!("{rate} of the charge is allowed")))
}

fn in_list(
    reader: &Reader<'_>,
    id: &Word,
    lists: &[Spanned<RawPriceList>],
) -> Result<(Allowed, String), Noted> {
    let index =
        lists.iter().position(|list| list.get_ref().id.get_ref() == id.get_ref()).ok_or_else(|| {
            let problem = format!("no price list `{}`: add [[price_list]] with this id", id.get_ref());
            reader.error(id.span(), problem)
        })?;
    Ok((Allowed::PriceList(index), format!("the price in list `{}` is allowed", id.get_ref())))
}

fn allowed_rule(
    reader: &mut Reader<'_>,
    raw: &Spanned<RawAllowed>,
    name: &str,
    lists: &[Spanned<RawPriceList>],
) -> Result<AllowedRule, Noted> {
    let table = raw.get_ref();
    let providers = [("in-network", true), ("out-of-network", false)];
    let in_network = table.provider.as_ref().map(|word| reader.choice(word, &providers)).transpose();
    let write_off = bearer(reader, &table.above);
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
    let whom = table.provider.as_ref().map_or(String::new(), |word| format!(" ({})", word.get_ref()));
    let rule = reader.rule(format!("{name}: {words}{whom}"), raw.span())?;
    Ok(AllowedRule { write_off: write_off?, rule, allowed, in_network: in_network? })
}

fn waiting(reader: &mut Reader<'_>, raw: &RawBenefit, name: &str) -> Result<Vec<Waiting>, Noted> {
    let short = raw.waiting_months.as_ref().map(|months| {
        let months = reader.months(months, &format!("{name}: waiting period"))?;
        Ok(Waiting {
            rule: months.rule,
            months: months.months,
            ages: Ages::ALL,
            waived_for_accident: false,
            waived_for_emergency: false,
            prior_cover_counts: false,
        })
    });
    let long = every(raw.waiting.iter().map(|item| waiting_rule(reader, item.get_ref(), raw, name)));
    let mut found: Vec<Waiting> = short.transpose()?.into_iter().collect();
    found.extend(long?);
    Ok(found)
}

fn waiting_rule(
    reader: &mut Reader<'_>,
    raw: &RawWaiting,
    benefit: &RawBenefit,
    name: &str,
) -> Result<Waiting, Noted> {
    let choices = [("accident", 0), ("emergency", 1), ("prior-cover", 2)];
    let waived = every(raw.waived.iter().map(|word| reader.choice(word, &choices)));
    let months = reader.months(&raw.months, &format!("{name}: waiting period"));
    let ages = reader.ages(raw.from_age, raw.below_age, &benefit.id);
    let (waived, months) = (waived?, months?);
    Ok(Waiting {
        rule: months.rule,
        months: months.months,
        ages: ages?,
        waived_for_accident: waived.contains(&0),
        waived_for_emergency: waived.contains(&1),
        prior_cover_counts: waived.contains(&2),
    })
}

fn documents(reader: &mut Reader<'_>, raw: &RawBenefit, name: &str) -> Result<Vec<(u16, String)>, Noted> {
    every(raw.documents.iter().map(|word| {
        let id = reader.id(word)?;
        Ok((reader.rule(format!("{name}: asks for `{id}`"), word.span())?, id))
    }))
}

fn preauthorisation(
    reader: &mut Reader<'_>,
    benefit: &str,
    raw: &Spanned<RawPreauthorisation>,
) -> Result<Preauthorisation, Noted> {
    let table = raw.get_ref();
    let above = table.above.as_ref().map(|amount| reader.amounts(amount)).transpose();
    let penalty = table.penalty.as_ref().map(|rate| reader.rate(rate)).transpose();
    let (above, penalty) = (above?, penalty?);
    let mut text = format!("{benefit}: authorised before the care");
    if let Some(amounts) = &above {
        text += &format!(" where it costs more than {}", reader.in_words(amounts));
    }
    text += &penalty.map_or("; else not covered".to_owned(), |rate| format!("; else {rate} less is paid"));
    let rule = reader.rule(text, raw.span())?;
    Ok(Preauthorisation { rule, above, penalty, not_in_emergency: table.not_in_emergency })
}

fn room(reader: &mut Reader<'_>, benefit: &str, raw: &Spanned<RawRoom>) -> Result<RoomRule, Noted> {
    let grade = reader.choice(&raw.get_ref().grade, &ROOMS);
    let rate = reader.rate(&raw.get_ref().rate);
    let (grade, rate) = (grade?, rate?);
    let text =
        format!("{benefit}: {rate} of the cost of a better room than {}", raw.get_ref().grade.get_ref());
    Ok(RoomRule { rule: reader.rule(text, raw.span())?, grade, rate })
}

fn copay(reader: &mut Reader<'_>, benefit: &str, raw: &Spanned<RawCopay>) -> Result<Copay, Noted> {
    let choices = [
        ("visit", CopayPer::Visit),
        ("line", CopayPer::Line),
        ("day", CopayPer::Day),
        ("unit", CopayPer::Unit),
        ("claim", CopayPer::Claim),
    ];
    let per = reader.choice(&raw.get_ref().per, &choices);
    let amounts = reader.amounts(&raw.get_ref().amount);
    let (per, amounts) = (per?, amounts?);
    let text = format!("{benefit}: copay {} per {}", reader.in_words(&amounts), raw.get_ref().per.get_ref());
    Ok(Copay { rule: reader.rule(text, raw.span())?, per, amounts })
}

/// The rules that a benefit names, each once and only those that apply to benefits; then, if it is `with_whole`,
/// those of the whole plan.
fn chosen<'i>(
    reader: &Reader<'_>,
    words: &[Word],
    what: &str,
    ids: impl Iterator<Item = (&'i Word, bool)>,
    with_whole: bool,
) -> Result<Vec<usize>, Noted> {
    let all: Vec<(&Word, bool)> = ids.collect();
    let mut found = Vec::new();
    let named = every(words.iter().map(|word| {
        let place = all.iter().position(|(id, whole_plan)| id.get_ref() == word.get_ref() && !whole_plan);
        match place.filter(|place| !found.contains(place)) {
            Some(place) => {
                found.push(place);
                Ok(())
            }
            None => {
                let problem = format!(
                    "`{}` is no {what} to name here: name each [[{what}]] that applies_to = \"benefits\" once",
                    word.get_ref()
                );
                Err(reader.error(word.span(), problem))
            }
        }
    }));
    named?;
    found.extend(
        (0..all.len()).filter(|place| all.get(*place).is_some_and(|(_, whole)| *whole && with_whole)),
    );
    Ok(found)
}
