//! Money: integer minor units with their currency. No floats, no exchange, no rounding policy.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::ParseError;
use crate::redacted::redacted;

/// An ISO 4217 currency. It knows how many decimals its minor unit has (0, 2 or 3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for TND.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }

    /// The ISO 4217 number, as stored.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0.numeric()
    }

    /// The currency with this ISO 4217 number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        iso_currency::Currency::from_numeric(number).map(Self)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl FromStr for Currency {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        iso_currency::Currency::from_code(text)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or(ParseError::Shape {
                what: "currency",
                problem: "not an ISO 4217 code of a currency in use: write three capital letters, like EUR",
            })
    }
}

/// An amount: minor units and the currency they are of.
///
/// INVARIANT: |minor| <= [`Money::MAX_MINOR`], so that a million of them sum without overflow.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// The largest amount, in minor units: a trillion euro.
    pub const MAX_MINOR: i64 = 100_000_000_000_000;

    /// An amount in minor units. Errors beyond [`Money::MAX_MINOR`].
    pub fn new(minor: i64, currency: Currency) -> Result<Self, ParseError> {
        if minor.unsigned_abs() > Self::MAX_MINOR.unsigned_abs() {
            return Err(ParseError::Shape { what: "amount", problem: "larger than 10^14 minor units" });
        }
        Ok(Self { minor, currency })
    }

    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a decimal like `12.34`. Errors on more decimals than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, ParseError> {
        let shape = |problem| ParseError::Shape { what: "amount", problem };
        let amount = Decimal::from_str_exact(text.trim()).map_err(|_| {
            shape("not a decimal number: write it like 1234.50, without grouping or currency sign")
        })?;
        let minor = amount
            .normalize()
            .checked_mul(Decimal::from(10_i64.pow(currency.decimals())))
            .ok_or_else(|| shape("too large"))?;
        if !minor.fract().is_zero() {
            return Err(shape("more decimals than the currency has"));
        }
        Self::new(minor.to_i64().ok_or_else(|| shape("too large"))?, currency)
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount as a decimal number with the currency's decimals.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    /// The sum; `None` when the currencies differ or the sum is out of range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        (self.currency == other.currency)
            .then(|| self.minor.checked_add(other.minor))
            .flatten()
            .and_then(|minor| Self::new(minor, self.currency).ok())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

redacted!(Money);

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(Money::parse("12.34", Currency::EUR).map(Money::minor), Ok(1234));
        assert_eq!(Money::parse("1200", currency("JPY")).map(Money::minor), Ok(1200));
        assert_eq!(Money::parse("1.234", currency("TND")).map(Money::minor), Ok(1234));
        assert_eq!(Money::parse("12.340", Currency::EUR).map(Money::minor), Ok(1234));
        assert!(Money::parse("12.345", Currency::EUR).is_err());
        assert!(Money::parse("0.5", currency("JPY")).is_err());
        assert!(Money::parse("1e400", Currency::EUR).is_err());
        assert_eq!(Money::new(-5, Currency::EUR).unwrap().to_string(), "-0.05 EUR");
    }

    #[test]
    fn currencies_do_not_mix_and_sums_do_not_overflow() {
        let euro = Money::new(Money::MAX_MINOR, Currency::EUR).unwrap();
        assert_eq!(euro.checked_add(Money::zero(currency("USD"))), None);
        assert_eq!(euro.checked_add(euro), None);
        assert!(Money::new(i64::MIN, Currency::EUR).is_err());
    }

    #[test]
    fn codes_that_are_no_money_are_refused() {
        for code in ["XXX", "eur", "EURO", ""] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }
}
