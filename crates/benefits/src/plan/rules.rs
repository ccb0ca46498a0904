//! Reads the rules of the whole plan that count nothing: area of cover, exchange, coordination,
//! exclusions, included services, kinds of claims, price lists.

use std::collections::BTreeSet;

use domain::ServiceCode;
use toml::Spanned;

use super::compile::unique;
use super::counter;
use super::parts::{Noted, Reader, every};
use super::raw::{
    RawArea, RawBundle, RawCoordination, RawExchange, RawExclusion, RawKind, RawLevels, RawPlan, RawPrice,
    RawPriceList, RawReserve, Word,
};
use super::{
    Allowable, Area, Bundle, Coordination, Counter, ExchangeDay, ExchangeRule, Exclusion, Kind, Levels,
    Method, Newborn, Price, PriceList, fixed_rule,
};
use crate::exact::Rounding;

pub(super) fn area(reader: &mut Reader<'_>, raw: &Spanned<RawArea>) -> Result<Area, Noted> {
    let table = raw.get_ref();
    if table.countries.is_empty() == table.except.is_empty() {
        return Err(reader.error(raw.span(), "write `countries` or `except`, one of them"));
    }
    let except = table.countries.is_empty();
    let words = if except { &table.except } else { &table.countries };
    let countries = reader.countries(words);
    let emergency_days = table.emergency_days.as_ref().map(|days| reader.days(days));
    let (countries, emergency_days) = (countries?, emergency_days.transpose()?);
    let list = words.iter().map(|word| word.get_ref().as_str()).collect::<Vec<_>>().join(", ");
    let mut text =
        if except { format!("covered everywhere except {list}") } else { format!("covered in {list}") };
    if let Some(days) = emergency_days {
        text += &format!("; emergencies elsewhere during the first {days} days of a stay");
    }
    Ok(Area { rule: reader.rule(text, raw.span())?, countries, except, emergency_days })
}

/// How lines are rounded: the rule of every plan where the word is its own.
pub(super) fn rounding(reader: &mut Reader<'_>, word: &Word) -> Result<(u16, Rounding), Noted> {
    let words = [("half-up", Rounding::HalfUp), ("down", Rounding::Down), ("up", Rounding::Up)];
    let rounding = reader.choice(word, &words)?;
    let text = match rounding {
        Rounding::HalfUp => return Ok((fixed_rule::ROUNDING, rounding)),
        Rounding::Down => "rounded once, down, to the minor unit of the currency",
        Rounding::Up => "rounded once, up, to the minor unit of the currency",
    };
    Ok((reader.rule(text.to_owned(), word.span())?, rounding))
}

pub(super) fn newborn(reader: &mut Reader<'_>, raw: &Spanned<i32>) -> Result<Newborn, Noted> {
    let days = reader.days(raw)?;
    let text = format!("a child whose cover begins at most {days} days after birth is covered from birth");
    Ok(Newborn { rule: reader.rule(text, raw.span())?, days })
}

pub(super) fn exchange(reader: &mut Reader<'_>, raw: &Spanned<RawExchange>) -> Result<ExchangeRule, Noted> {
    let word = &raw.get_ref().day;
    let days = [
        ("service", ExchangeDay::Service),
        ("admitted", ExchangeDay::Admitted),
        ("invoiced", ExchangeDay::Invoiced),
        ("received", ExchangeDay::Received),
        ("decided", ExchangeDay::Decided),
    ];
    let day = reader.choice(word, &days)?;
    let text = match day {
        ExchangeDay::Service => "exchanged at the rate of the first day of the service",
        ExchangeDay::Admitted => {
            "exchanged at the rate of the day of admission, of other care of the first day of the service"
        }
        ExchangeDay::Invoiced => "exchanged at the rate of the day of the invoice",
        ExchangeDay::Received => "exchanged at the rate of the day the claim was received",
        ExchangeDay::Decided => "exchanged at the rate of the day of the decision",
    };
    Ok(ExchangeRule { rule: reader.rule(text.to_owned(), raw.span())?, day })
}

pub(super) fn coordination(
    reader: &mut Reader<'_>,
    raw: &Spanned<RawCoordination>,
) -> Result<Coordination, Noted> {
    let table = raw.get_ref();
    let methods = [
        ("standard", (Method::Standard, Allowable::Higher)),
        ("basic", (Method::Standard, Allowable::Own)),
        ("non-duplication", (Method::NonDuplication, Allowable::Own)),
        ("maintenance", (Method::Maintenance, Allowable::Own)),
        ("medicare-secondary", (Method::MedicareSecondary, Allowable::Higher)),
        ("statutory-top-up", (Method::StatutoryTopUp, Allowable::Own)),
    ];
    let method = reader.choice(&table.method, &methods);
    let allowables = [("own", Allowable::Own), ("higher", Allowable::Higher), ("charge", Allowable::Charge)];
    let allowable = table.allowable.as_ref().map(|word| reader.choice(word, &allowables)).transpose();
    let reserve = table.benefit_reserve.as_ref().map(|raw| reserve(reader, raw)).transpose();
    let ((method, usual), allowable) = (method?, allowable?);
    let allowable = allowable.unwrap_or(usual);
    if let Some(word) = table.allowable.as_ref().filter(|_| method != Method::Standard && allowable != usual)
    {
        return Err(reader
            .error(word.span(), "only the method `standard` has another allowable amount: leave it out"));
    }
    let text = format!("after another payer: {}", table.method.get_ref());
    let rule = reader.rule(text, raw.span())?;
    Ok(Coordination { rule, method, allowable, reserve: reserve? })
}

fn reserve(reader: &mut Reader<'_>, raw: &Spanned<RawReserve>) -> Result<Counter, Noted> {
    let counter = counter::reserve(reader, raw.get_ref())?;
    if counter.period.is_rolling() {
        return Err(
            reader.error(raw.span(), "a reserve has a fixed period: write policy-year or calendar-year")
        );
    }
    Ok(counter)
}

pub(super) fn exclusions(
    reader: &mut Reader<'_>,
    raw: &[Spanned<RawExclusion>],
) -> Result<Vec<Exclusion>, Noted> {
    every(raw.iter().map(|item| exclusion(reader, item)))
}

fn exclusion(reader: &mut Reader<'_>, item: &Spanned<RawExclusion>) -> Result<Exclusion, Noted> {
    let table = item.get_ref();
    if table.codes.is_empty() && table.diagnoses.is_empty() {
        return Err(reader.error(item.span(), "excludes nothing: add `codes` or `diagnoses`"));
    }
    let name = reader.words(&table.name);
    let codes = reader.beginnings(&table.codes);
    let diagnoses = reader.beginnings(&table.diagnoses);
    let name = name?;
    let rule = reader.rule(format!("not covered by the plan: {name}"), item.span())?;
    Ok(Exclusion { rule, name, codes: codes?, diagnoses: diagnoses? })
}

pub(super) fn bundles(reader: &mut Reader<'_>, raw: &[Spanned<RawBundle>]) -> Result<Vec<Bundle>, Noted> {
    every(raw.iter().map(|item| bundle(reader, item)))
}

fn bundle(reader: &mut Reader<'_>, item: &Spanned<RawBundle>) -> Result<Bundle, Noted> {
    let table = item.get_ref();
    let includes = reader.beginnings(table.includes.get_ref());
    if table.includes.get_ref().is_empty() {
        return Err(reader.error(table.includes.span(), "includes nothing: write how codes begin"));
    }
    let code = service_code(reader, &table.code);
    let text = format!("included in `{}` of the same day", table.code.get_ref());
    let rule = reader.rule(text, item.span())?;
    Ok(Bundle { rule, code: code?, includes: includes? })
}

/// Families of codes by level. A code is in one of them.
pub(super) fn levels(reader: &Reader<'_>, raw: &[Spanned<RawLevels>]) -> Result<Vec<Levels>, Noted> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let codes = raw.iter().flat_map(|item| item.get_ref().codes.get_ref());
    let once = every(codes.map(|word| match seen.insert(word.get_ref()) {
        true => Ok(()),
        false => Err(reader.error(word.span(), "this code has a level already: write it once")),
    }));
    let all = every(raw.iter().map(|item| levels_of(reader, item.get_ref())));
    once.and(all)
}

fn levels_of(reader: &Reader<'_>, table: &RawLevels) -> Result<Levels, Noted> {
    let words = table.codes.get_ref();
    if words.len() < 2 {
        return Err(reader.error(table.codes.span(), "one level is none: write the codes, the lowest first"));
    }
    let high = match &table.high {
        None => Ok(1),
        Some(high) => {
            match usize::try_from(*high.get_ref()).ok().filter(|high| (1..words.len()).contains(high)) {
                Some(high) => Ok(high),
                None => Err(reader.error(high.span(), "of the codes at least one is high, and one is not")),
            }
        }
    };
    let codes = every(words.iter().map(|word| service_code(reader, word)));
    let (name, high) = (reader.words(&table.name), high?);
    let written: Vec<&str> = words.iter().map(|word| word.get_ref().as_str()).collect();
    let family = format!("{high}\n{}", written.join("\n"));
    name.and(Ok(Levels { family, codes: codes?, high }))
}

fn service_code(reader: &Reader<'_>, word: &Word) -> Result<ServiceCode, Noted> {
    ServiceCode::parse(word.get_ref()).map_err(|error| reader.error(word.span(), error.to_string()))
}

pub(super) fn kinds(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Kind>, Noted> {
    let unique_ids = unique(reader, &raw.kind, |kind| &kind.id);
    let items = || raw.kind.iter().map(Spanned::get_ref);
    let kinds = every(items().enumerate().map(|(place, item)| {
        if let Some(all) = items().take(place).find(|kind| kind.benefits.is_none()) {
            let problem = format!(
                "no claim is of this kind: `{}`, which stands before it, takes them all",
                all.id.get_ref()
            );
            return Err(reader.error(item.id.span(), problem));
        }
        kind(reader, item, raw)
    }));
    unique_ids.and(kinds)
}

fn kind(reader: &Reader<'_>, item: &RawKind, raw: &RawPlan) -> Result<Kind, Noted> {
    if item.benefits.as_ref().is_some_and(Vec::is_empty) {
        let problem = "no benefit: name some, or leave `benefits` out to take every claim";
        return Err(reader.error(item.id.span(), problem));
    }
    let ids = || raw.benefit.iter().map(|benefit| benefit.get_ref().id.get_ref().as_str());
    let benefits = item.benefits.iter().flatten().map(|word| reader.place(word, "benefit", ids()));
    let (benefits, id) = (every(benefits), reader.id(&item.id));
    Ok(Kind { id: id?, benefits: benefits? })
}

pub(super) fn price_lists(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<PriceList>, Noted> {
    let ids = unique(reader, &raw.price_list, |list| &list.id);
    ids.and(every(raw.price_list.iter().map(|list| price_list(reader, list.get_ref()))))
}

fn price_list(reader: &Reader<'_>, raw: &RawPriceList) -> Result<PriceList, Noted> {
    let countries = reader.countries(&raw.countries);
    let mut prices: Vec<Price> = Vec::new();
    let all = every(raw.price.iter().map(|item| {
        let price = price(reader, item)?;
        let key = (&price.code, price.from);
        match prices.binary_search_by(|known| (&known.code, known.from).cmp(&key)) {
            Ok(_) => {
                let problem = format!("`{}` has two prices in this list: remove one", item.code.get_ref());
                Err(reader.error(item.code.span(), problem))
            }
            Err(place) => {
                prices.insert(place, price);
                Ok(())
            }
        }
    }));
    all?;
    Ok(PriceList { id: raw.id.get_ref().clone(), countries: countries?, prices })
}

fn price(reader: &Reader<'_>, raw: &RawPrice) -> Result<Price, Noted> {
    let code = service_code(reader, &raw.code);
    let amounts = reader.amounts(&raw.amount);
    let from = raw.from.as_ref().map(|date| reader.date(date)).transpose();
    let until = raw.until.as_ref().map(|date| reader.date(date)).transpose();
    let (from, until) = (from?, until?);
    if let Some(date) = raw.until.as_ref().filter(|_| until.is_some() && until < from) {
        return Err(reader.error(date.span(), "the price ends before it begins: check both dates"));
    }
    Ok(Price { code: code?, from, until, amounts: amounts? })
}
