//! Exact amounts inside the adjudication of one line, and exact rates. Nothing here rounds except
//! [`Exact::half_up`], which the rounding step alone uses for what is paid.

use std::ops::{Add, AddAssign, Sub, SubAssign};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Parts of a minor unit that an [`Exact`] counts: enough for two rates of six decimals in a row.
const PARTS: i128 = 1_000_000_000_000;
/// Parts of one that a [`Rate`] counts.
const MILLION: i128 = 1_000_000;

/// An amount of zero or more, exact to 10^-12 of a minor unit.
///
/// INVARIANT: at most two rates are applied to an amount on its way (the percentage of the charge
/// that is allowed, then co-insurance), so that no product is ever cut short; and amounts are at
/// most [`domain::Money::MAX_MINOR`] times a `u32`, so that none overflows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) struct Exact(i128);

impl Exact {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) fn minor(minor: i64) -> Self {
        Self(i128::from(minor) * PARTS)
    }

    /// The price of so many units.
    pub(crate) fn price(unit: i64, units: u32) -> Self {
        Self(i128::from(unit) * i128::from(units) * PARTS)
    }

    pub(crate) fn times(self, rate: Rate) -> Self {
        Self(self.0 / MILLION * i128::from(rate.0))
    }

    /// Whole minor units; the fraction is left out.
    pub(crate) fn floor(self) -> i64 {
        (self.0 / PARTS) as i64
    }

    /// Whole minor units; a half goes up (away from zero: amounts are never negative).
    pub(crate) fn half_up(self) -> i64 {
        ((self.0 + PARTS / 2) / PARTS) as i64
    }

    /// The difference, and zero instead of a negative one.
    pub(crate) fn less(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Exact {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

/// A rate from 0 to 1 with at most six decimals. Rates are never rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rate(u32);

impl Rate {
    /// Reads a decimal like `0.20`; the error says what would be right.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let rate =
            Decimal::from_str_exact(text).map_err(|_| "not a decimal number: write a rate like \"0.20\"")?;
        if rate < Decimal::ZERO || rate > Decimal::ONE {
            return Err("not between 0 and 1: 20 % is written \"0.20\"");
        }
        let millionths = rate.normalize() * Decimal::from(1_000_000);
        if !millionths.fract().is_zero() {
            return Err("more than six decimals");
        }
        millionths.to_u32().map(Self).ok_or("not between 0 and 1: 20 % is written \"0.20\"")
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", Decimal::new(i64::from(self.0), 4).normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rates_in_a_row_stay_exact_and_a_half_goes_up() {
        let charge = Exact::minor(domain::Money::MAX_MINOR - 1);
        let rate = Rate::parse("0.333333").unwrap();
        let expected = i128::from(domain::Money::MAX_MINOR - 1) * 333_333 * 333_333;
        assert_eq!(charge.times(rate).times(rate).0, expected);
        let half = Exact::minor(5).times(Rate::parse("0.5").unwrap());
        assert_eq!((half.floor(), half.half_up()), (2, 3));
        assert_eq!(Exact::price(domain::Money::MAX_MINOR, u32::MAX).min(Exact::minor(7)).floor(), 7);
        assert_eq!(Exact::minor(1).less(Exact::minor(2)), Exact::ZERO);
    }

    #[test]
    fn a_rate_is_between_0_and_1_with_six_decimals() {
        assert_eq!(Rate::parse("0.2000000").unwrap().to_string(), "20 %");
        assert_eq!(Rate::parse("0.125").unwrap().to_string(), "12.5 %");
        for bad in ["20", "-0.1", "1.000001", "0.1234567", "20 %", "", "1e-1"] {
            assert!(Rate::parse(bad).is_err(), "{bad}");
        }
    }
}
