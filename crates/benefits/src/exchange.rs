//! Exchange rates and exact conversion: units per euro, cross rates through the euro, one rounding at
//! the end (Council Regulation (EC) 1103/97, articles 4 and 5). It fetches no rates.

use domain::{Currency, Date, Money};
use rust_decimal::Decimal;

use crate::exact::half_up;

/// Rates as published: units of a currency for one euro, by day.
#[derive(Clone, Debug, Default)]
pub struct ExchangeRates {
    /// Sorted by currency and day.
    rates: Vec<(Currency, Date, Decimal)>,
}

/// How long before the day a rate may have been published: over a holiday, not over a gap.
const OLDEST_DAYS: i32 = 10;

impl ExchangeRates {
    /// Notes a rate: so many units for one euro, as a decimal. What is none, one of zero or less, or with more than ten
    /// decimals, is not taken, and the answer says so.
    pub fn add(&mut self, currency: Currency, day: Date, units: &str) -> bool {
        let Ok(units) = Decimal::from_str_exact(units).map(|units| units.normalize()) else { return false };
        let fits = units > Decimal::ZERO && units.scale() <= 10 && units.mantissa() < 1_000_000_000_000;
        if fits {
            let place = self.rates.partition_point(|known| (known.0, known.1) < (currency, day));
            match self.rates.get_mut(place).filter(|known| (known.0, known.1) == (currency, day)) {
                Some(known) => known.2 = units,
                None => self.rates.insert(place, (currency, day, units)),
            }
        }
        fits
    }

    /// The rate of a day, or of the last day before it on which one was published.
    #[must_use]
    pub fn on(&self, currency: Currency, day: Date) -> Option<(Date, Decimal)> {
        if currency == Currency::EUR {
            return Some((day, Decimal::ONE));
        }
        let place = self.rates.partition_point(|known| (known.0, known.1) <= (currency, day));
        let (found, published, units) = self.rates.get(place.checked_sub(1)?)?;
        let fits = *found == currency && published.days_until(day) <= OLDEST_DAYS;
        fits.then_some((*published, *units))
    }

    /// An amount in another currency at the rates of a day, and the older of the days that the rates
    /// are of.
    #[must_use]
    pub fn convert(&self, amount: Money, to: Currency, day: Date) -> Option<Converted> {
        let (first, from_units) = self.on(amount.currency(), day)?;
        let (second, to_units) = self.on(to, day)?;
        let minor = convert(amount.minor(), (amount.currency(), from_units), (to, to_units))?;
        let amount = Money::new(minor, to).ok()?;
        Some(Converted { amount, date: first.min(second), rate: format!("{from_units} / {to_units}") })
    }
}

/// A converted amount, and how.
pub struct Converted {
    /// The amount.
    pub amount: Money,
    /// The day of the older rate.
    pub date: Date,
    /// Units per euro of both currencies, the first over the second.
    pub rate: String,
}

/// Multiplies and divides exactly, and rounds once, a half up. The amount is zero or more.
fn convert(minor: i64, from: (Currency, Decimal), to: (Currency, Decimal)) -> Option<i64> {
    let ten = |power: u32| 10_i128.checked_pow(power);
    let (from_units, to_units) = (from.1.normalize(), to.1.normalize());
    let over = i128::from(minor.max(0))
        .checked_mul(to_units.mantissa())?
        .checked_mul(ten(from_units.scale())?)?
        .checked_mul(ten(to.0.decimals())?)?;
    let under =
        from_units.mantissa().checked_mul(ten(to_units.scale())?)?.checked_mul(ten(from.0.decimals())?)?;
    i64::try_from(half_up(over, under)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates() -> (ExchangeRates, Currency, Date) {
        let day = Date::new(2026, 3, 6).unwrap();
        let dollar: Currency = "USD".parse().unwrap();
        let mut rates = ExchangeRates::default();
        assert!(rates.add(dollar, day, "1.25"));
        assert!(rates.add("JPY".parse().unwrap(), day, "160"));
        assert!(["", "0", "-1", "a", "1.12345678901"].iter().all(|wrong| !rates.add(dollar, day, wrong)));
        (rates, dollar, day)
    }

    #[test]
    fn a_weekend_takes_the_rate_of_friday_and_a_gap_none() {
        let (rates, dollar, friday) = rates();
        let money = Money::new(1_000, dollar).unwrap();
        let on = |days| rates.convert(money, Currency::EUR, friday.plus_days(days).unwrap());
        let converted = on(2).unwrap();
        assert_eq!((converted.amount.minor(), converted.date == friday), (800, true));
        assert!(on(-1).is_none() && on(11).is_none());
    }

    #[test]
    fn a_cross_rate_goes_through_the_euro_and_rounds_once() {
        let (rates, dollar, friday) = rates();
        let yen: Currency = "JPY".parse().unwrap();
        let of =
            |minor| rates.convert(Money::new(minor, dollar).unwrap(), yen, friday).unwrap().amount.minor();
        assert_eq!([of(1_000), of(1), of(3), of(0)], [1_280, 1, 4, 0]);
    }
}
