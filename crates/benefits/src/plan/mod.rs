//! A benefit plan as the adjudicator uses it: every rule resolved to a number, every amount a
//! column per currency. It is read from a file by [`Plan::parse`] and never changed; a plan in
//! force is superseded by a new version.

mod benefit;
mod compile;
mod error;
mod parts;
mod raw;

use domain::{CareSetting, Currency, Date, ServiceCode, Step};

pub use error::PlanError;

use crate::exact::Rate;

/// A plan version. Currencies are parallel: an amount is fixed in each, never converted.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// `id@version`, as determinations cite it.
    pub(crate) label: String,
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) effective: Date,
    pub(crate) currencies: Vec<Currency>,
    pub(crate) refusals: Refusals,
    pub(crate) steps: Vec<Step>,
    pub(crate) filing: Option<Months>,
    pub(crate) deductible: Option<Counter>,
    pub(crate) maximum: Option<OutOfPocketMaximum>,
    pub(crate) limits: Vec<Counter>,
    pub(crate) price_lists: Vec<PriceList>,
    pub(crate) benefits: Vec<Benefit>,
    pub(crate) rules: Vec<String>,
}

/// What becomes of a claim with a refused line. A duplicate, a service after death and missing
/// information go to a person in either case where `adjudicate` says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusals {
    /// A person looks first.
    Pend,
    /// The refusal goes out, with a human review one step away.
    Send,
}

/// How long an accumulator counts before it begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From the first day of cover or its anniversary.
    PolicyYear,
    /// From 1 January.
    CalendarYear,
    /// From the first day of cover, for good.
    Lifetime,
}

impl Period {
    /// The written word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PolicyYear => "policy-year",
            Self::CalendarYear => "calendar-year",
            Self::Lifetime => "lifetime",
        }
    }

    /// The first day of the period that a service falls in, under cover that began on `cover_start`. An
    /// anniversary of 29 February falls on the 28th in other years.
    #[must_use]
    pub fn start(self, cover_start: Date, service: Date) -> Date {
        match self {
            Self::PolicyYear => {
                let years = years_between(cover_start, service);
                let in_its_year = anniversary(cover_start, years).unwrap_or(cover_start);
                match in_its_year <= service {
                    true => in_its_year,
                    false => anniversary(cover_start, years - 1).unwrap_or(cover_start),
                }
            }
            // INVARIANT: the first of January of a year in range is in range.
            Self::CalendarYear => Date::new(service.year(), 1, 1).unwrap_or(cover_start),
            Self::Lifetime => cover_start,
        }
    }

    /// The last day of the period that begins on `start`; none for a lifetime.
    #[must_use]
    pub fn end(self, cover_start: Date, start: Date) -> Option<Date> {
        let next = match self {
            Self::PolicyYear => anniversary(cover_start, years_between(cover_start, start) + 1)?,
            Self::CalendarYear => start.plus_months(12)?,
            Self::Lifetime => return None,
        };
        next.plus_days(-1)
    }
}

fn years_between(first: Date, second: Date) -> i32 {
    i32::from(second.year()) - i32::from(first.year())
}

fn anniversary(day: Date, years: i32) -> Option<Date> {
    day.plus_months(years * 12)
}

/// Minor units by column of the plan's currencies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Amounts(Vec<i64>);

impl Amounts {
    /// INVARIANT: an amount has as many columns as the plan has currencies (made so when compiled).
    pub(crate) fn at(&self, column: usize) -> i64 {
        self.0.get(column).copied().unwrap_or_default()
    }
}

/// A rule that counts on an accumulator up to an amount.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counter {
    pub(crate) rule: u16,
    pub(crate) accumulator: u16,
    pub(crate) name: String,
    pub(crate) period: Period,
    pub(crate) amounts: Amounts,
}

impl Counter {
    /// What is left to count in a column, given the balance; negative when it was passed.
    pub(crate) fn left(&self, column: usize, balance: i64) -> i64 {
        self.amounts.at(column).saturating_sub(balance)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutOfPocketMaximum {
    pub(crate) counter: Counter,
    pub(crate) includes_deductible: bool,
}

/// So many months, under a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Months {
    pub(crate) rule: u16,
    pub(crate) months: i32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PriceList {
    pub(crate) id: String,
    /// Sorted by code.
    pub(crate) prices: Vec<(ServiceCode, Amounts)>,
}

/// What of the charge is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Allowed {
    Charge,
    Percentage(Rate),
    /// The price list with this index: price of a unit by code.
    PriceList(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Copay {
    pub(crate) rule: u16,
    /// Once for the lines of one day, else for each line.
    pub(crate) per_visit: bool,
    pub(crate) amounts: Amounts,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Benefit {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) match_rule: u16,
    pub(crate) codes: Vec<String>,
    pub(crate) settings: Settings,
    pub(crate) allowed: Allowed,
    pub(crate) allowed_rule: u16,
    /// Who bears what is above the allowed amount: the provider, else the member.
    pub(crate) write_off: bool,
    pub(crate) waiting: Option<Months>,
    pub(crate) deductible: bool,
    pub(crate) copay: Option<Copay>,
    pub(crate) coinsurance: Option<(u16, Rate)>,
    pub(crate) maximum: bool,
    /// Indexes of its limits, then of those of the whole plan.
    pub(crate) limits: Vec<usize>,
}

impl Benefit {
    /// Whether a service falls under the benefit: by the beginning of its code, and by setting.
    pub(crate) fn takes(&self, code: &ServiceCode, setting: CareSetting) -> bool {
        self.settings.has(setting)
            && (self.codes.is_empty() || self.codes.iter().any(|prefix| code.starts_with(prefix)))
    }
}

/// A set of care settings, as a bit mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings(u8);

impl Settings {
    pub(crate) const ALL: Self = Self(u8::MAX);

    pub(crate) fn of(settings: &[CareSetting]) -> Self {
        Self(settings.iter().fold(0, |mask, setting| mask | 1 << setting.code()))
    }

    pub(crate) fn has(self, setting: CareSetting) -> bool {
        self.0 & 1 << setting.code() != 0
    }

    pub(crate) fn has_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

/// Rules that every plan has, with these numbers.
pub(crate) mod fixed_rule {
    pub(crate) const ELIGIBILITY: u16 = 0;
    pub(crate) const SUSPENDED: u16 = 1;
    pub(crate) const LIFE: u16 = 2;
    pub(crate) const CURRENCY: u16 = 3;
    pub(crate) const DUPLICATE: u16 = 4;
    pub(crate) const EXCLUSION: u16 = 5;
    pub(crate) const NO_BENEFIT: u16 = 6;
    pub(crate) const NO_SERVICE: u16 = 7;
    pub(crate) const ROUNDING: u16 = 8;
    /// Their words, in order of their numbers.
    pub(crate) const WORDS: [&str; 9] = [
        "the service falls within the cover",
        "the cover is suspended: a person looks before anything is paid",
        "the service falls between birth and death",
        "the claim is in the currency of the cover, which the plan has",
        "the same service by the same provider on the same day for the same amount counts once",
        "conditions that the cover excludes are not covered",
        "no benefit of the plan takes the service",
        "the line does not say what it was for",
        "rounded once, half up, to the minor unit of the currency",
    ];
}

impl Plan {
    /// Reads a plan file. `name` is what errors call the file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column and what to write.
    pub fn parse(name: &str, text: &str) -> Result<Self, PlanError> {
        compile::compile(name, text)
    }

    /// The plan's id, the same in every version.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `id@version`, as determinations cite it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The name as printed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first day that the version applies.
    #[must_use]
    pub const fn effective(&self) -> Date {
        self.effective
    }

    /// The currencies of its tables of amounts, in order of the columns.
    #[must_use]
    pub fn currencies(&self) -> &[Currency] {
        &self.currencies
    }

    /// What becomes of refusals.
    #[must_use]
    pub const fn refusals(&self) -> Refusals {
        self.refusals
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// A benefit's name; `None` when the plan version has no such benefit.
    #[must_use]
    pub fn benefit_name(&self, benefit: u16) -> Option<&str> {
        self.benefits.get(usize::from(benefit)).map(|benefit| benefit.name.as_str())
    }

    /// The module that a benefit belongs to.
    #[must_use]
    pub fn benefit_module(&self, benefit: u16) -> Option<&str> {
        self.benefits.get(usize::from(benefit)).map(|benefit| benefit.module.as_str())
    }

    /// A rule in words, as a trace cites it.
    #[must_use]
    pub fn rule_text(&self, rule: u16) -> Option<&str> {
        self.rules.get(usize::from(rule)).map(String::as_str)
    }

    /// An accumulator's name.
    #[must_use]
    pub fn accumulator_name(&self, accumulator: u16) -> Option<&str> {
        self.counter(accumulator).map(|counter| counter.name.as_str())
    }

    /// An accumulator's period.
    #[must_use]
    pub fn accumulator_period(&self, accumulator: u16) -> Option<Period> {
        self.counter(accumulator).map(|counter| counter.period)
    }

    /// How far an accumulator counts in a currency, in minor units.
    #[must_use]
    pub fn accumulator_limit(&self, accumulator: u16, currency: Currency) -> Option<i64> {
        let column = self.column(currency)?;
        self.counter(accumulator).map(|counter| counter.amounts.at(column))
    }

    /// The column of a currency.
    pub(crate) fn column(&self, currency: Currency) -> Option<usize> {
        self.currencies.iter().position(|own| *own == currency)
    }

    pub(crate) fn counter(&self, accumulator: u16) -> Option<&Counter> {
        self.counters().find(|counter| counter.accumulator == accumulator)
    }

    pub(crate) fn counters(&self) -> impl Iterator<Item = &Counter> {
        self.deductible.iter().chain(self.maximum.iter().map(|maximum| &maximum.counter)).chain(&self.limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_follow_one_another_without_a_gap() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let cover = day("2024-02-29");
        for (period, service, first, last) in [
            (Period::PolicyYear, "2025-02-27", "2024-02-29", Some("2025-02-27")),
            (Period::PolicyYear, "2025-02-28", "2025-02-28", Some("2026-02-27")),
            (Period::PolicyYear, "2028-02-28", "2027-02-28", Some("2028-02-28")),
            (Period::PolicyYear, "2028-02-29", "2028-02-29", Some("2029-02-27")),
            (Period::CalendarYear, "2026-07-01", "2026-01-01", Some("2026-12-31")),
            (Period::Lifetime, "2030-01-01", "2024-02-29", None),
        ] {
            let start = period.start(cover, day(service));
            assert_eq!((start, period.end(cover, start)), (day(first), last.map(day)), "{service}");
        }
    }
}
