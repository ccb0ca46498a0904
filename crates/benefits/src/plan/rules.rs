//! Reads the rules of the whole plan that count nothing: area of cover, exchange, coordination, modules,
//! exclusions, included services, kinds of claims, price lists.

use domain::ServiceCode;
use toml::Spanned;

use super::compile::unique;
use super::counter;
use super::parts::Reader;
use super::raw::{
    RawArea, RawBundle, RawCoordination, RawExchange, RawExclusion, RawPlan, RawPrice, RawPriceList,
};
use super::{
    Allowable, Area, Bundle, Coordination, ExchangeDay, ExchangeRule, Exclusion, Kind, Method, Module,
    PlanError, Price, PriceList,
};

pub(super) fn area(reader: &mut Reader<'_>, raw: &Spanned<RawArea>) -> Result<Area, PlanError> {
    let table = raw.get_ref();
    if table.countries.is_empty() == table.except.is_empty() {
        return Err(reader.error(raw.span(), "write `countries` or `except`, one of them"));
    }
    let except = table.countries.is_empty();
    let words = if except { &table.except } else { &table.countries };
    let countries = reader.countries(words)?;
    let emergency_days = table.emergency_days.as_ref().map(|days| match *days.get_ref() {
        count @ 1..=366 => Ok(count),
        _ => Err(reader.error(days.span(), "write a whole number of days from 1 to 366")),
    });
    let emergency_days = emergency_days.transpose()?;
    let list = words.iter().map(|word| word.get_ref().as_str()).collect::<Vec<_>>().join(", ");
    let mut text =
        if except { format!("covered everywhere except {list}") } else { format!("covered in {list}") };
    if let Some(days) = emergency_days {
        text += &format!("; emergencies elsewhere during the first {days} days of a stay");
    }
    Ok(Area { rule: reader.rule(text, raw.span())?, countries, except, emergency_days })
}

pub(super) fn exchange(
    reader: &mut Reader<'_>,
    raw: &Spanned<RawExchange>,
) -> Result<ExchangeRule, PlanError> {
    let word = &raw.get_ref().day;
    let days = [
        ("service", ExchangeDay::Service),
        ("received", ExchangeDay::Received),
        ("decided", ExchangeDay::Decided),
    ];
    let day = reader.choice(word, &days)?;
    let text = match day {
        ExchangeDay::Service => "exchanged at the rate of the first day of the service",
        ExchangeDay::Received => "exchanged at the rate of the day the claim was received",
        ExchangeDay::Decided => "exchanged at the rate of the day of the decision",
    };
    Ok(ExchangeRule { rule: reader.rule(text.to_owned(), raw.span())?, day })
}

pub(super) fn coordination(
    reader: &mut Reader<'_>,
    raw: &Spanned<RawCoordination>,
) -> Result<Coordination, PlanError> {
    let table = raw.get_ref();
    let methods = [
        ("standard", (Method::Standard, Allowable::Higher)),
        ("basic", (Method::Standard, Allowable::Own)),
        ("non-duplication", (Method::NonDuplication, Allowable::Own)),
        ("maintenance", (Method::Maintenance, Allowable::Own)),
        ("medicare-secondary", (Method::MedicareSecondary, Allowable::Higher)),
        ("statutory-top-up", (Method::StatutoryTopUp, Allowable::Own)),
    ];
    let (method, usual) = reader.choice(&table.method, &methods)?;
    let allowables = [("own", Allowable::Own), ("higher", Allowable::Higher), ("charge", Allowable::Charge)];
    let allowable = table.allowable.as_ref().map_or(Ok(usual), |word| reader.choice(word, &allowables))?;
    if let Some(word) = table.allowable.as_ref().filter(|_| method != Method::Standard && allowable != usual)
    {
        return Err(reader
            .error(word.span(), "only the method `standard` has another allowable amount: leave it out"));
    }
    let text = format!("after another payer: {}", table.method.get_ref());
    let rule = reader.rule(text, raw.span())?;
    let reserve = table.benefit_reserve.as_ref();
    let reserve =
        reserve.map(|raw| {
            let counter = counter::reserve(reader, raw.get_ref())?;
            match counter.period.is_rolling() {
                true => Err(reader
                    .error(raw.span(), "a reserve has a fixed period: write policy-year or calendar-year")),
                false => Ok(counter),
            }
        });
    Ok(Coordination { rule, method, allowable, reserve: reserve.transpose()? })
}

/// The modules, if the plan lists them; each that a benefit names must then be there.
pub(super) fn modules(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Module>, PlanError> {
    let items = unique(reader, &raw.module, |module| &module.id)?;
    let ids = || items.iter().map(|module| module.id.get_ref().as_str());
    let module = |item: &&super::raw::RawModule| {
        let needs = item.requires.iter().map(|word| reader.place(word, "module", ids()));
        Ok(Module {
            id: reader.id(&item.id)?,
            name: reader.words(&item.name)?,
            requires: needs.collect::<Result<_, PlanError>>()?,
        })
    };
    let modules = items.iter().map(module).collect::<Result<Vec<_>, PlanError>>()?;
    if !modules.is_empty() {
        for benefit in raw.benefit.iter().map(Spanned::get_ref) {
            reader.place(&benefit.module, "module", ids())?;
        }
    }
    Ok(modules)
}

pub(super) fn exclusions(
    reader: &mut Reader<'_>,
    raw: &[Spanned<RawExclusion>],
) -> Result<Vec<Exclusion>, PlanError> {
    let mut exclusions = Vec::new();
    for item in raw {
        let table = item.get_ref();
        if table.codes.is_empty() && table.diagnoses.is_empty() {
            return Err(reader.error(item.span(), "excludes nothing: add `codes` or `diagnoses`"));
        }
        let name = reader.words(&table.name)?;
        let text = format!("not covered by the plan: {name}");
        let codes = reader.beginnings(&table.codes)?;
        let diagnoses = reader.beginnings(&table.diagnoses)?;
        exclusions.push(Exclusion { rule: reader.rule(text, item.span())?, name, codes, diagnoses });
    }
    Ok(exclusions)
}

pub(super) fn bundles(reader: &mut Reader<'_>, raw: &[Spanned<RawBundle>]) -> Result<Vec<Bundle>, PlanError> {
    let mut bundles = Vec::new();
    for item in raw {
        let table = item.get_ref();
        let includes = reader.beginnings(table.includes.get_ref())?;
        if includes.is_empty() {
            return Err(reader.error(table.includes.span(), "includes nothing: write how codes begin"));
        }
        let code = ServiceCode::parse(table.code.get_ref())
            .map_err(|error| reader.error(table.code.span(), error.to_string()))?;
        let text = format!("included in `{}` of the same day", table.code.get_ref());
        let rule = reader.rule(text, item.span())?;
        bundles.push(Bundle { rule, code, includes });
    }
    Ok(bundles)
}

pub(super) fn kinds(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<Kind>, PlanError> {
    let items = unique(reader, &raw.kind, |kind| &kind.id)?;
    let ids = || raw.benefit.iter().map(|benefit| benefit.get_ref().id.get_ref().as_str());
    let mut kinds: Vec<Kind> = Vec::new();
    for item in items {
        if let Some(all) = kinds.iter().find(|kind| kind.benefits.is_empty()) {
            let problem =
                format!("no claim is of this kind: `{}`, which stands before it, takes them all", all.id);
            return Err(reader.error(item.id.span(), problem));
        }
        let benefits = item.benefits.iter().flatten().map(|word| reader.place(word, "benefit", ids()));
        let benefits = benefits.collect::<Result<Vec<_>, _>>()?;
        if item.benefits.is_some() && benefits.is_empty() {
            return Err(reader.error(
                item.id.span(),
                "no benefit: name some, or leave `benefits` out to take every claim",
            ));
        }
        kinds.push(Kind { id: reader.id(&item.id)?, benefits });
    }
    Ok(kinds)
}

pub(super) fn price_lists(reader: &Reader<'_>, raw: &RawPlan) -> Result<Vec<PriceList>, PlanError> {
    let items = unique(reader, &raw.price_list, |list| &list.id)?;
    items.into_iter().map(|list| price_list(reader, list)).collect()
}

fn price_list(reader: &Reader<'_>, raw: &RawPriceList) -> Result<PriceList, PlanError> {
    let mut prices: Vec<Price> = Vec::new();
    for item in &raw.price {
        let price = price(reader, item)?;
        let key = (&price.code, price.from);
        match prices.binary_search_by(|known| (&known.code, known.from).cmp(&key)) {
            Ok(_) => {
                let problem = format!("`{}` has two prices in this list: remove one", item.code.get_ref());
                return Err(reader.error(item.code.span(), problem));
            }
            Err(place) => prices.insert(place, price),
        }
    }
    Ok(PriceList { id: raw.id.get_ref().clone(), countries: reader.countries(&raw.countries)?, prices })
}

fn price(reader: &Reader<'_>, raw: &RawPrice) -> Result<Price, PlanError> {
    let code = ServiceCode::parse(raw.code.get_ref())
        .map_err(|error| reader.error(raw.code.span(), error.to_string()))?;
    let from = raw.from.as_ref().map(|date| reader.date(date)).transpose()?;
    let until = raw.until.as_ref().map(|date| reader.date(date)).transpose()?;
    if let Some(date) = raw.until.as_ref().filter(|_| until.is_some() && until < from) {
        return Err(reader.error(date.span(), "the price ends before it begins: check both dates"));
    }
    Ok(Price { code, from, until, amounts: reader.amounts(&raw.amount)? })
}
