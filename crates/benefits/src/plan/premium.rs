//! What membership costs, who pays it, and from when it runs: persons by age, a sum for the household, fees,
//! subsidies, starts on fixed days. Exact: nothing is rounded on the way, and pro rata once at the end. It bills
//! nobody.

use domain::{Currency, Date};
use toml::Spanned;

use super::Amounts;
use super::parts::{Noted, Reader, every};
use super::period::age;
use super::raw::{RawAmount, RawPremium, Word};
use super::subsidy::{self, PremiumShares, Subsidy};
use crate::exact::half_up;

/// The rules of a plan's premium.
#[derive(Debug, Clone, PartialEq)]
pub struct Premium {
    months: i32,
    /// By the youngest age, the lowest first.
    rates: Vec<(u8, Amounts)>,
    /// So many persons are covered by one sum.
    lump_sum: Option<(u32, Amounts)>,
    fees: Vec<(Fee, Amounts)>,
    /// The lowest salary first.
    subsidies: Vec<Subsidy>,
    /// Month and day of the starts in a year; any day when empty.
    starts: Vec<(i8, i8)>,
    grace_months: i32,
    administration_months: i32,
}

/// For whom a fee is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fee {
    /// For each person.
    Person,
    /// Once.
    Policy,
}

/// What an enrolment makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// First day of cover.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// What is due for the whole of it, in minor units.
    pub amount: i64,
}

/// What a household pays for the months of a premium, and who pays it. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// For how many months it is.
    pub months: i32,
    /// What it is made of, each with its amount.
    pub parts: Vec<(PremiumPart, i64)>,
    /// The sum.
    pub premium: i64,
    /// Who pays it.
    pub shares: Result<PremiumShares, PremiumError>,
}

/// A part of a premium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PremiumPart {
    /// One sum for so many persons, the eldest.
    LumpSum(u32),
    /// A person of so many years.
    Person(i32),
    /// A fee for each of so many persons.
    PersonFee(u32),
    /// A fee, once.
    PolicyFee,
}

/// Why no premium can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PremiumError {
    /// Not a currency of the plan.
    #[error("the plan has no amounts in this currency")]
    Currency,
    /// Nobody is enrolled.
    #[error("nobody to enrol: give at least one birth date")]
    Nobody,
    /// Who pays it depends on a salary.
    #[error("who pays the premium depends on the yearly salary: give it")]
    Salary,
    /// Beyond what can be counted, or dates out of range.
    #[error("out of range: check the amounts of the plan and the dates")]
    Range,
}

impl Premium {
    /// For how many months it is.
    pub(crate) const fn months(&self) -> i32 {
        self.months
    }

    /// What persons cost from an age on, the youngest first.
    pub(crate) fn rates(&self) -> &[(u8, Amounts)] {
        &self.rates
    }

    /// What so many persons cost together.
    pub(crate) const fn lump_sum(&self) -> Option<&(u32, Amounts)> {
        self.lump_sum.as_ref()
    }

    /// Fees beside it.
    pub(crate) fn fees(&self) -> &[(Fee, Amounts)] {
        &self.fees
    }

    /// Who pays it, by salary; the lowest first.
    pub(crate) fn subsidies(&self) -> &[Subsidy] {
        &self.subsidies
    }

    /// What persons of such ages pay together, and who pays it at a yearly salary.
    ///
    /// # Errors
    /// See [`PremiumError`]; that the salary is not known is told beside the premium.
    pub(crate) fn quote(
        &self,
        ages: &[i32],
        salary: Option<i64>,
        column: usize,
    ) -> Result<Quote, PremiumError> {
        if ages.is_empty() {
            return Err(PremiumError::Nobody);
        }
        let parts = self.parts(ages, column).ok_or(PremiumError::Range)?;
        let sum = |sum: i64, (_, amount): &(PremiumPart, i64)| sum.checked_add(*amount);
        let premium = parts.iter().try_fold(0, sum).ok_or(PremiumError::Range)?;
        let shares = subsidy::shares(&self.subsidies, (premium, self.months), salary, column);
        Ok(Quote { months: self.months, parts, premium, shares })
    }

    /// The eldest are those whom the lump sum covers.
    fn parts(&self, ages: &[i32], column: usize) -> Option<Vec<(PremiumPart, i64)>> {
        let persons = u32::try_from(ages.len()).ok()?;
        let mut ages = ages.to_vec();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        let mut parts = Vec::new();
        let mut covered = 0;
        if let Some((covers, amounts)) = &self.lump_sum {
            covered = *covers as usize;
            parts.push((PremiumPart::LumpSum(*covers), amounts.fixed(column)?));
        }
        for age in ages.into_iter().skip(covered) {
            parts.push((PremiumPart::Person(age), self.rate(age, column)?));
        }
        for (fee, amounts) in &self.fees {
            let amount = amounts.fixed(column)?;
            parts.push(match fee {
                Fee::Person => (PremiumPart::PersonFee(persons), amount.checked_mul(i64::from(persons))?),
                Fee::Policy => (PremiumPart::PolicyFee, amount),
            });
        }
        Some(parts)
    }

    /// Start, end and premium for a household that enrols on a day.
    ///
    /// # Errors
    /// See [`PremiumError`].
    pub(crate) fn enrol(
        &self,
        births: &[Date],
        enrolled: Date,
        column: usize,
    ) -> Result<Enrolment, PremiumError> {
        let start = self.start(enrolled).ok_or(PremiumError::Range)?;
        let next = start.plus_months(self.months).ok_or(PremiumError::Range)?;
        let end = next.plus_days(-1).ok_or(PremiumError::Range)?;
        let ages: Vec<i32> = births.iter().map(|birth| age(*birth, start)).collect();
        let amount = self.quote(&ages, None, column)?.premium;
        Ok(Enrolment { start, end, amount })
    }

    fn rate(&self, age: i32, column: usize) -> Option<i64> {
        let band = self.rates.iter().rev().find(|(from, _)| i32::from(*from) <= age);
        band.map_or(Some(0), |(_, amounts)| amounts.fixed(column))
    }

    /// The start that an enrolment is in time for: not before what it takes to administer it, on a fixed
    /// day of the year or, within the grace, on the one that has just been.
    fn start(&self, enrolled: Date) -> Option<Date> {
        let ready = enrolled.plus_months(self.administration_months)?;
        if self.starts.is_empty() {
            return Some(ready);
        }
        let years = [ready.year().checked_sub(1)?, ready.year(), ready.year().checked_add(1)?];
        let days = years.into_iter().flat_map(|year| {
            self.starts.iter().filter_map(move |(month, day)| Date::new(year, *month, *day).ok())
        });
        let in_time = |start: &Date| start.plus_months(self.grace_months).is_some_and(|last| ready <= last);
        days.filter(in_time).min()
    }
}

pub(super) fn read(reader: &Reader<'_>, raw: &Spanned<RawPremium>) -> Result<Premium, Noted> {
    let table = raw.get_ref();
    let months = *table.months.get_ref();
    let spans = [months, table.grace_months, table.administration_months];
    let spans_fit = match months < 1 || spans.iter().any(|span| !(0..=120).contains(span)) {
        false => Ok(()),
        true => {
            let problem = "months: write whole numbers up to 120, at least 1 of cover";
            Err(reader.error(table.months.span(), problem))
        }
    };
    let rates = every(table.rate.iter().enumerate().map(|(place, rate)| {
        let from = rate.get_ref().from_age;
        if table.rate.iter().take(place).any(|known| known.get_ref().from_age == from) {
            return Err(reader.error(rate.span(), format!("two rates from age {from}: remove one")));
        }
        Ok((from, fixed(reader, &rate.get_ref().amount)?))
    }));
    let fees = every(table.fee.iter().map(|fee| {
        let table = fee.get_ref();
        let per = reader.choice(&table.per, &[("person", Fee::Person), ("policy", Fee::Policy)]);
        let (name, amounts) = (reader.words(&table.name), fixed(reader, &table.amount));
        name?;
        Ok((per?, amounts?))
    }));
    let subsidies = subsidy::read(reader, &table.subsidy);
    let starts = every(table.starts.iter().map(|word| start(reader, word)));
    let lump_sum = table.lump_sum.as_ref().map(Spanned::get_ref);
    let lump_sum = lump_sum.map(|sum| Ok((sum.covers, fixed(reader, &sum.amount)?))).transpose();
    spans_fit?;
    let mut rates = rates?;
    rates.sort_by_key(|(from, _)| *from);
    Ok(Premium {
        months,
        rates,
        lump_sum: lump_sum?,
        fees: fees?,
        subsidies: subsidies?,
        starts: starts?,
        grace_months: table.grace_months,
        administration_months: table.administration_months,
    })
}

/// Month and day, of a day that every year has.
fn start(reader: &Reader<'_>, word: &Word) -> Result<(i8, i8), Noted> {
    let parts =
        word.get_ref().split_once('-').and_then(|(month, day)| month.parse().ok().zip(day.parse().ok()));
    let day = parts.filter(|(month, day)| Date::new(2023, *month, *day).is_ok());
    day.ok_or_else(|| {
        reader.error(word.span(), "not a day of every year: write month and day, like \"06-01\"")
    })
}

/// Amounts, and no salaries.
pub(super) fn fixed(reader: &Reader<'_>, raw: &RawAmount) -> Result<Amounts, Noted> {
    match reader.amounts(raw)? {
        columns @ Amounts::Columns(_) => Ok(columns),
        _ => Err(reader.error(raw.span(), "a premium in salaries is not known here: write amounts")),
    }
}

impl super::Plan {
    /// Start, end and premium for a household that enrols on a day; none where the plan says nothing of
    /// its premium.
    ///
    /// # Errors
    /// See [`PremiumError`].
    pub fn enrol(
        &self,
        births: &[Date],
        enrolled: Date,
        currency: Currency,
    ) -> Result<Option<Enrolment>, PremiumError> {
        let Some(premium) = &self.premium else { return Ok(None) };
        let column = self.column(currency).ok_or(PremiumError::Currency)?;
        premium.enrol(births, enrolled, column).map(Some)
    }

    /// What persons of such ages pay for the months of a premium, and who pays it where the member's yearly reference salary
    /// is this, in minor units of the currency; none where the plan says nothing of its premium.
    ///
    /// # Errors
    /// See [`PremiumError`].
    pub fn quote(
        &self,
        ages: &[i32],
        salary: Option<i64>,
        currency: Currency,
    ) -> Result<Option<Quote>, PremiumError> {
        let Some(premium) = &self.premium else { return Ok(None) };
        let column = self.column(currency).ok_or(PremiumError::Currency)?;
        premium.quote(ages, salary, column).map(Some)
    }
}

/// So many days of an amount for a whole number of days: multiplied first, rounded once, a half up.
/// None when there are more days than the whole has, or none in it.
#[must_use]
pub fn pro_rata(amount: i64, days: u32, whole: u32) -> Option<i64> {
    if whole == 0 || days > whole || amount < 0 {
        return None;
    }
    i64::try_from(half_up(i128::from(amount) * i128::from(days), whole.into())).ok()
}
