//! The generator's own random numbers: SplitMix64 (Steele, Lea and Flood, 2014), chosen because it
//! is ten lines, needs no state but a counter, and gives the same numbers on every machine and in
//! every version. Not for secrets.

use domain::ParseError;

/// A stream of numbers that a seed determines.
pub(crate) struct Random(u64);

impl Random {
    /// The stream of this seed for one part of the population: parts do not depend on one another.
    pub(crate) fn of(seed: u64, part: u64) -> Self {
        let mut mixer = Self(seed);
        let key = mixer.next();
        let mut stream = Self(key ^ part.wrapping_mul(0xd134_2543_de82_ef95));
        stream.next();
        stream
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 for a limit of 0. Its bias is below 2^-32.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        let wide = (self.next() >> 32) * u64::from(limit);
        u32::try_from(wide >> 32).unwrap_or(0)
    }

    /// A number from `first` to `last`.
    pub(crate) fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// Whether something that happens so many times in 10,000 happens.
    pub(crate) fn happens(&mut self, in_10_000: u32) -> bool {
        self.below(10_000) < in_10_000
    }

    /// One of these. Errors on an empty table, which there is none of.
    pub(crate) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> Result<&'a T, ParseError> {
        let index = self.below(u32::try_from(choices.len()).unwrap_or(u32::MAX));
        choices.get(index as usize).ok_or(EMPTY)
    }

    /// One of these, by weight.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(u32, T)]) -> Result<T, ParseError> {
        let mut left = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if left < *weight {
                return Ok(*choice);
            }
            left -= weight;
        }
        Err(EMPTY)
    }

    /// The factor of an amount: log-normal about 1, with this spread, between e^(-6 spread) and
    /// e^(6 spread). Made of additions and multiplications alone, since the logarithms of different
    /// machines differ in the last digit: the sum of twelve uniform numbers is nearly normal, and
    /// (1 + x/1024)^1024 nearly e^x.
    pub(crate) fn log_normal(&mut self, spread: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| f64::from(self.below(1 << 24)) / f64::from(1_u32 << 24)).sum();
        let mut power = 1.0 + (sum - 6.0) * spread / 1024.0;
        for _ in 0..10 {
            power *= power;
        }
        power
    }
}

const EMPTY: ParseError = ParseError::Shape { what: "population", problem: "a table is empty" };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The published first outputs for the seed 1234567.
        let mut random = Random(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn weights_and_spread_are_kept() {
        let mut random = Random::of(1, 2);
        let heavy = (0..10_000).filter(|_| random.weighted(&[(9, true), (1, false)]).unwrap()).count();
        assert!((8_900..9_100).contains(&heavy), "{heavy}");
        let mut factors: Vec<f64> = (0..10_001).map(|_| random.log_normal(0.5)).collect();
        factors.sort_by(f64::total_cmp);
        let (median, high) = (factors[5_000], factors[8_413]);
        assert!((0.97..1.03).contains(&median), "{median}");
        // One standard deviation up: e^0.5.
        assert!((1.58..1.72).contains(&high), "{high}");
        assert!(random.weighted::<u8>(&[]).is_err());
        assert!(random.one_of::<u8>(&[]).is_err());
    }
}
