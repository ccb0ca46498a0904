//! Exact fractions: the rates of a plan. Nothing here rounds except [`Rounding`] and [`half_up`], which say so.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A rate, exact: a decimal of at most six places or a fraction, in lowest terms. Rates are never
/// rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ratio {
    over: u32,
    under: u32,
}

impl Ratio {
    /// So many parts of so many; zero when there are no parts.
    pub(crate) fn of(over: u32, under: u32) -> Self {
        let divisor = divisor(over, under.max(1)).max(1);
        Self { over: over / divisor, under: under.max(1) / divisor }
    }

    pub(crate) fn over(self) -> i128 {
        i128::from(self.over)
    }

    pub(crate) fn under(self) -> i128 {
        i128::from(self.under)
    }

    pub(crate) fn is_one(self) -> bool {
        self.over == self.under
    }

    pub(crate) fn is_less(self, other: Self) -> bool {
        u64::from(self.over) * u64::from(other.under) < u64::from(other.over) * u64::from(self.under)
    }

    /// What is left of one; of more than one, nothing.
    pub(crate) fn rest(self) -> Self {
        Self { over: self.under.saturating_sub(self.over), under: self.under }
    }

    /// This part of a whole amount, to the unit, a half up; the largest amount at most.
    pub(crate) fn of_amount(self, amount: i64) -> i64 {
        let exact = half_up(i128::from(amount.max(0)) * self.over(), self.under());
        exact.min(i128::from(domain::Money::MAX_MINOR)) as i64
    }

    /// As a whole number or a fraction, like `6` or `1/24`.
    pub(crate) fn fraction(self) -> String {
        if self.under == 1 { self.over.to_string() } else { format!("{}/{}", self.over, self.under) }
    }

    /// So many parts of a count, rounded up.
    pub(crate) fn of_count(self, count: i64) -> i64 {
        let (exact, _) = divide(i128::from(count) * self.over() + self.under() - 1, self.under());
        i64::try_from(exact).unwrap_or(count)
    }

    /// Reads a decimal like `0.20` or a fraction like `1/24`, from zero to `most`; the error says what
    /// would be right.
    pub(crate) fn parse(text: &str, most: u32) -> Result<Self, String> {
        let shape = || "not a number: write a rate like \"0.20\" or a fraction like \"1/3\"".to_owned();
        let found = match text.split_once('/') {
            Some((over, under)) => {
                let part = |text: &str| text.parse::<u32>().ok().filter(|part| *part <= 1_000_000);
                let (over, under) = part(over).zip(part(under)).ok_or_else(shape)?;
                if under == 0 {
                    return Err(shape());
                }
                Self::of(over, under)
            }
            None => decimal(text, most)?,
        };
        if Self::of(most, 1).is_less(found) {
            return Err(range(most));
        }
        Ok(found)
    }
}

fn decimal(text: &str, most: u32) -> Result<Ratio, String> {
    let rate = Decimal::from_str_exact(text)
        .map_err(|_| "not a number: write a rate like \"0.20\" or a fraction like \"1/3\"".to_owned())?;
    if rate < Decimal::ZERO || rate > Decimal::from(most) {
        return Err(range(most));
    }
    let millionths = rate.normalize() * Decimal::from(1_000_000);
    if !millionths.fract().is_zero() {
        return Err("more than six decimals".to_owned());
    }
    millionths.to_u32().map(|parts| Ratio::of(parts, 1_000_000)).ok_or_else(|| range(most))
}

fn range(most: u32) -> String {
    match most {
        1 => "not between 0 and 1: 20 % is written \"0.20\"".to_owned(),
        more => format!("not between 0 and {more}"),
    }
}

fn divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The whole part and the rest of a fraction of zero or more. Amounts mostly fit into the processor's own
/// division, which is many times faster than that of wide numbers.
pub(crate) fn divide(over: i128, under: i128) -> (i128, i128) {
    if under == 1 {
        return (over, 0);
    }
    match (u64::try_from(over), u64::try_from(under)) {
        (Ok(over), Ok(under)) if under != 0 => (i128::from(over / under), i128::from(over % under)),
        _ => (over / under, over % under),
    }
}

/// Which whole number a fraction becomes. A fraction that is more by a whole number becomes one that is more by just that: what
/// is capped at a whole amount stays within it, whatever stands before it in a sum. A half to the even one would not keep that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// The nearest; a half goes up (away from zero).
    #[default]
    HalfUp,
    /// Never more.
    Down,
    /// Never less.
    Up,
}

impl Rounding {
    /// The whole number for a fraction of zero or more.
    pub(crate) fn whole(self, over: i128, under: i128) -> i128 {
        let (whole, rest) = divide(over, under);
        let goes_up = match self {
            Self::HalfUp => rest >= under - rest,
            Self::Down => false,
            Self::Up => true,
        };
        if rest > 0 && goes_up { whole + 1 } else { whole }
    }
}

/// The nearest whole number to a fraction of zero or more; a half goes up, whatever a plan says of its lines.
pub(crate) fn half_up(over: i128, under: i128) -> i128 {
    Rounding::HalfUp.whole(over, under)
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = Decimal::from(self.over) * Decimal::from(100) / Decimal::from(self.under);
        if percent.scale() <= 4 {
            write!(f, "{} %", percent.normalize())
        } else {
            write!(f, "{}/{}", self.over, self.under)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_goes_up() {
        assert_eq!([half_up(5, 2), half_up(4, 3), half_up(5, 3), half_up(7, 1)], [3, 1, 2, 7]);
        let each = |over| [Rounding::HalfUp, Rounding::Down, Rounding::Up].map(|mode| mode.whole(over, 10));
        assert_eq!(
            [each(4), each(5), each(10), each(11), each(0)],
            [[0, 0, 1], [1, 0, 1], [1; 3], [1, 1, 2], [0; 3]]
        );
        assert_eq!(Ratio::of(1, 24).of_amount(12_000_012), 500_001);
        assert_eq!(Ratio::of(2, 3).of_count(4), 3);
        assert!(Ratio::of(1, 3).is_less(Ratio::of(34, 100)));
        assert_eq!([Ratio::of(3, 2).rest().over(), Ratio::of(1, 3).rest().over()], [0, 2]);
    }

    #[test]
    fn a_rate_is_between_0_and_1_with_six_decimals() {
        let parse = |text| Ratio::parse(text, 1);
        assert_eq!(parse("0.2000000").unwrap().to_string(), "20 %");
        assert_eq!(parse("0.125").unwrap().to_string(), "12.5 %");
        assert_eq!(parse("1/3").unwrap().to_string(), "1/3");
        assert_eq!(Ratio::parse("1.5", 10).unwrap(), Ratio::of(3, 2));
        for bad in ["20", "-0.1", "1.000001", "0.1234567", "20 %", "", "1e-1", "1/0", "3/2", "/", "1/2/3"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
