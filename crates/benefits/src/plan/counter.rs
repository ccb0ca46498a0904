//! Reads the rules that count: deductibles, out-of-pocket maxima, limits, the second layer, the benefit
//! reserve. Each has an accumulator of its own, whose number is kept from version to version.

use toml::Spanned;

use super::compile::unique;
use super::parts::{Noted, Reader, every};
use super::raw::{
    RawDeductible, RawFamily, RawKind, RawLimit, RawMajorMedical, RawMaximum, RawReserve, Word,
};
use super::{
    Amounts, Counter, Deductible, Limit, MajorMedical, MemberShares, Named, OutOfPocketMaximum, Per, Period,
    Unit,
};

const PER: [(&str, Per); 7] = [
    ("claim", Per::Claim),
    ("visit", Per::Visit),
    ("unit", Per::Unit),
    ("condition", Per::Condition),
    ("pregnancy", Per::Pregnancy),
    ("event", Per::Event),
    ("admission", Per::Admission),
];
const APPLIES: [(&str, bool); 2] = [("plan", true), ("benefits", false)];

/// What every counter says.
struct Words<'a> {
    kind: &'a str,
    accumulator: &'a Spanned<u16>,
    name: &'a Word,
    period: &'a Word,
    per: Option<&'a Word>,
}

impl Reader<'_> {
    fn counter(
        &mut self,
        words: &Words<'_>,
        amounts: Result<Amounts, Noted>,
        family: bool,
    ) -> Result<Counter, Noted> {
        let name = self.words(words.name);
        let number = self.number(words);
        let period = self.period(words.period);
        let per = words.per.map_or(Ok(Per::Person), |word| self.choice(word, &PER));
        let (period, per) = (period?, per?);
        if let Some(word) = words.per.filter(|_| per == Per::Unit && period != Period::Day) {
            return Err(self
                .error(word.span(), "`per = \"unit\"` keeps no balance: write `period = \"day\"` with it"));
        }
        if let Some(word) = words.per.filter(|_| family && per.ends_with_claim()) {
            let problem = "a balance that ends with the claim is nobody else's: leave `family` or `per` out";
            return Err(self.error(word.span(), problem));
        }
        let (name, number) = (name?, number?);
        let each = words.per.map_or(String::new(), |word| format!(", for each {}", word.get_ref()));
        let together = if family { ", the family together" } else { "" };
        let text = format!("{}: `{name}`, {}{each}{together}", words.kind, period.word());
        let rule = self.rule(text, words.accumulator.span())?;
        let amounts = amounts?;
        let index = self.counters.len();
        self.counters.push(Named {
            accumulator: number,
            name,
            period,
            amounts: amounts.clone(),
            family,
            per,
        });
        Ok(Counter { index, rule, accumulator: number, period, per, amounts, family })
    }

    /// The number of an accumulator, which no other rule has.
    fn number(&self, words: &Words<'_>) -> Result<u16, Noted> {
        let number = *words.accumulator.get_ref();
        if self.counters.iter().any(|known| known.accumulator == number) {
            let problem = format!("accumulator {number} is taken: give each rule a number of its own");
            return Err(self.error(words.accumulator.span(), problem));
        }
        Ok(number)
    }

    fn family(
        &mut self,
        kind: &str,
        raw: Option<&Spanned<RawFamily>>,
        period: &Word,
    ) -> Result<Option<Counter>, Noted> {
        let Some(raw) = raw.map(Spanned::get_ref) else { return Ok(None) };
        let amounts = self.amounts(&raw.amount);
        let words = Words { kind, accumulator: &raw.accumulator, name: &raw.name, period, per: None };
        self.counter(&words, amounts, true).map(Some)
    }

    fn applies(&self, word: &Word) -> Result<bool, Noted> {
        self.choice(word, &APPLIES)
    }
}

pub(super) fn deductibles(
    reader: &mut Reader<'_>,
    raw: &[Spanned<RawDeductible>],
) -> Result<Vec<Deductible>, Noted> {
    let ids = unique(reader, raw, |rule| &rule.id);
    let rules = every(raw.iter().map(|item| deductible(reader, item.get_ref())));
    ids.and(rules)
}

fn deductible(reader: &mut Reader<'_>, raw: &RawDeductible) -> Result<Deductible, Noted> {
    let amounts = reader.amounts(&raw.amount);
    let words = Words {
        kind: "deductible",
        accumulator: &raw.accumulator,
        name: &raw.name,
        period: &raw.period,
        per: raw.per.as_ref(),
    };
    let whole_plan = raw.applies_to.as_ref().map_or(Ok(true), |word| reader.applies(word));
    let counter = reader.counter(&words, amounts, false);
    let family = reader.family("deductible", raw.family.as_ref(), &raw.period);
    let counter = counter?;
    let carry_over_months = raw.carry_over_months.as_ref().map(|months| {
        let years = matches!(counter.period, Period::PolicyYear | Period::CalendarYear);
        let fits = years && !counter.per.ends_with_claim();
        if (1..12).contains(months.get_ref()) && fits {
            Ok(*months.get_ref())
        } else {
            let problem = "carry over 1 to 11 months of a policy year or a calendar year, \
                           of what does not end with the claim";
            Err(reader.error(months.span(), problem))
        }
    });
    Ok(Deductible {
        carry_over_months: carry_over_months.transpose()?,
        family: family?,
        whole_plan: whole_plan?,
        counter,
    })
}

pub(super) fn maxima(
    reader: &mut Reader<'_>,
    raw: &[Spanned<RawMaximum>],
) -> Result<Vec<OutOfPocketMaximum>, Noted> {
    let ids = unique(reader, raw, |rule| &rule.id);
    let rules = every(raw.iter().map(|item| maximum(reader, item.get_ref())));
    ids.and(rules)
}

fn maximum(reader: &mut Reader<'_>, raw: &RawMaximum) -> Result<OutOfPocketMaximum, Noted> {
    let only = [("coinsurance", (true, false)), ("copay", (false, true))];
    let shares = raw.only.as_ref().map_or(Ok((true, true)), |word| reader.choice(word, &only));
    let kind = if raw.includes_deductible {
        "out-of-pocket maximum with the deductible"
    } else {
        "out-of-pocket maximum without the deductible"
    };
    let amounts = reader.amounts(&raw.amount);
    let words = Words {
        kind,
        accumulator: &raw.accumulator,
        name: &raw.name,
        period: &raw.period,
        per: raw.per.as_ref(),
    };
    let counter = reader.counter(&words, amounts, false);
    let family = reader.family(kind, raw.family.as_ref(), &raw.period);
    let whole_plan = raw.applies_to.as_ref().map_or(Ok(true), |word| reader.applies(word));
    let (coinsurance, copay) = shares?;
    Ok(OutOfPocketMaximum {
        counter: counter?,
        family: family?,
        shares: MemberShares { coinsurance, copay, deductible: raw.includes_deductible },
        whole_plan: whole_plan?,
    })
}

pub(super) fn limits(
    reader: &mut Reader<'_>,
    raw: &[Spanned<RawLimit>],
    kinds: &[Spanned<RawKind>],
) -> Result<Vec<Limit>, Noted> {
    let ids = unique(reader, raw, |rule| &rule.id);
    let rules = every(raw.iter().map(|item| limit(reader, item.get_ref(), kinds)));
    ids.and(rules)
}

fn limit(reader: &mut Reader<'_>, raw: &RawLimit, kinds: &[Spanned<RawKind>]) -> Result<Limit, Noted> {
    let units = [
        ("paid", Unit::Paid),
        ("eligible", Unit::Eligible),
        ("visits", Unit::Visits),
        ("days", Unit::Days),
        ("units", Unit::Units),
        ("claims", Unit::Claims),
    ];
    let unit = raw.of.as_ref().map_or(Ok(Unit::Paid), |word| reader.choice(word, &units));
    let amounts = unit.and_then(|unit| limit_amount(reader, raw, unit));
    let reported = [("member", false), ("stop-loss", true)];
    let reported = raw.over.as_ref().map_or(Ok(false), |word| reader.choice(word, &reported));
    let ids = || kinds.iter().map(|kind| kind.get_ref().id.get_ref().as_str());
    let kind = raw.kind.as_ref().map(|word| reader.place(word, "kind", ids()));
    let ages = reader.ages(raw.from_age, raw.below_age, &raw.id);
    let whole_plan = reader.applies(&raw.applies_to);
    let words = Words {
        kind: "limit",
        accumulator: &raw.accumulator,
        name: &raw.name,
        period: &raw.period,
        per: raw.per.as_ref(),
    };
    let counter = reader.counter(&words, amounts, raw.family);
    let (unit, reported) = (unit?, reported?);
    if let Some(word) = raw.over.as_ref().filter(|_| reported && !unit.is_paid()) {
        return Err(reader.error(word.span(), "a stop-loss counts what is paid: leave `of` out"));
    }
    Ok(Limit {
        kind: kind.transpose()?,
        ages: ages?,
        counter: counter?,
        unit,
        reported,
        whole_plan: whole_plan?,
    })
}

/// Money is an `amount`, everything else a `count`.
fn limit_amount(reader: &Reader<'_>, raw: &RawLimit, unit: Unit) -> Result<Amounts, Noted> {
    let money = matches!(unit, Unit::Paid | Unit::Eligible);
    match (&raw.amount, &raw.count) {
        (Some(amount), None) if money => reader.amounts(amount),
        (None, Some(count)) if !money => match *count.get_ref() {
            number @ 0..=1_000_000_000 => Ok(Amounts::Count(number)),
            _ => Err(reader.error(count.span(), "write a whole number from 0 to 1,000,000,000")),
        },
        _ if money => Err(reader.error(raw.id.span(), "a limit in money: write `amount`, and no `count`")),
        _ => Err(reader.error(raw.id.span(), "a limit that is no money: write `count`, and no `amount`")),
    }
}

pub(super) fn reserve(reader: &mut Reader<'_>, raw: &RawReserve) -> Result<Counter, Noted> {
    let words = Words {
        kind: "benefit reserve",
        accumulator: &raw.accumulator,
        name: &raw.name,
        period: &raw.period,
        per: None,
    };
    reader.counter(&words, Ok(Amounts::Open), false)
}

pub(super) fn major_medical(reader: &mut Reader<'_>, raw: &RawMajorMedical) -> Result<MajorMedical, Noted> {
    let rate = reader.rate(&raw.rate);
    let amounts = reader.amounts(&raw.amount);
    let shown = rate.as_ref().map(ToString::to_string).unwrap_or_default();
    let kind = format!("second layer, pays {shown} of the member's shares after the deductible");
    let words =
        Words { kind: &kind, accumulator: &raw.accumulator, name: &raw.name, period: &raw.period, per: None };
    let counter = reader.counter(&words, amounts, false);
    Ok(MajorMedical { counter: counter?, rate: rate? })
}
