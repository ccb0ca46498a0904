//! What one row of the table holds, and the arithmetic of it.

use crate::Failure;

/// A measured thing beside its floor.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// On which database; empty where there is none.
    pub(crate) database: &'static str,
    /// The product's figure of each round.
    pub(crate) product: Vec<f64>,
    /// The floor's figure of each round; empty where there is no floor.
    pub(crate) floor: Vec<f64>,
    /// What the figures count.
    pub(crate) unit: &'static str,
    /// What was aimed at, in words.
    pub(crate) aim: &'static str,
    /// What else a reader should know.
    pub(crate) remark: String,
}

impl Row {
    /// The median of the rounds' ratios: each round's product and floor were measured one after the other.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let ratios: Vec<f64> =
            self.product.iter().zip(&self.floor).map(|(product, floor)| product / floor).collect();
        (!ratios.is_empty()).then(|| median(&ratios))
    }
}

/// Time that this thread has had a core, which other programs on the machine do not lengthen. Only for work
/// that stays on one thread.
pub(crate) struct CoreClock(u64);

impl CoreClock {
    /// Starts.
    pub(crate) fn start() -> Result<Self, Failure> {
        Ok(Self(nanoseconds_on_core()?))
    }

    /// Nanoseconds on a core since the start.
    pub(crate) fn nanoseconds(&self) -> Result<f64, Failure> {
        Ok(nanoseconds_on_core()?.saturating_sub(self.0) as f64)
    }
}

fn nanoseconds_on_core() -> Result<u64, Failure> {
    // The kernel brings its figure up to date when it looks who is next, and else only every few milliseconds.
    std::thread::yield_now();
    let figures = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(figures.split(' ').next().ok_or("the kernel does not tell the time on a core")?.parse()?)
}

/// The middle value; the mean of the middle two.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (Some(low), Some(high)) if sorted.len().is_multiple_of(2) => f64::midpoint(*low, *high),
        (_, Some(middle)) => *middle,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_on_a_core_is_told_to_less_than_a_tick() {
        for _ in 0..20 {
            let clock = CoreClock::start().unwrap();
            // Time on a core is not more than time that goes by, and what is short is not taken for nothing.
            let begun = std::time::Instant::now();
            while begun.elapsed().as_nanos() < 200_000 {
                std::hint::spin_loop();
            }
            let told = clock.nanoseconds().unwrap();
            let went_by = begun.elapsed().as_nanos() as f64;
            assert!(told > 0.0 && told < went_by + 1e6, "{told} ns of {went_by}");
        }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_ratio_is_that_of_each_round_before_it_is_the_median() {
        let row = |product: &[f64], floor: &[f64]| Row {
            what: String::new(),
            database: "",
            product: product.to_vec(),
            floor: floor.to_vec(),
            unit: "",
            aim: "",
            remark: String::new(),
        };
        // A slow spell of the machine in the last round touches both, so not their ratio.
        assert_eq!(row(&[50.0, 50.0, 5.0], &[100.0, 100.0, 10.0]).ratio(), Some(0.5));
        assert_eq!(row(&[1.0], &[]).ratio(), None);
    }
}
