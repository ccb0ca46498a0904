//! How often a provider claims the high level of a service, beside its peers: all who claim services of the same family of codes. It is
//! given sums, of nobody, and says nothing of why: some see those who need more.

use std::collections::BTreeMap;

use domain::{ScreenFlag, ScreenRule, ServiceCode};

use super::{Screening, of_lines};
use crate::Plan;

/// From how many lines on a provider's share says something, and that of a peer; and from how many peers on they do.
const OWN_LINES: u64 = 50;
const PEER_LINES: u64 = 30;
const PEERS: i128 = 10;
/// How many times the spread of the peers a share is beyond their mean (z); and the least that counts as a spread, of a thousand.
const TIMES: i128 = 3;
const LEAST_SPREAD: i128 = 50;

/// What somebody claimed of a family of codes: sums of lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LevelCount {
    /// Lines.
    pub lines: u64,
    /// Those at the high level.
    pub high: u64,
}

/// The shares of the high level of several providers, added up. Of a provider with few lines nothing is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shares {
    /// Of how many.
    number: i128,
    /// Their sum, and that of their squares, of a thousand.
    sum: i128,
    squares: i128,
}

impl Shares {
    /// Those of these providers.
    pub fn of(all: impl IntoIterator<Item = LevelCount>) -> Self {
        all.into_iter().fold(Self::default(), |shares, one| shares.with(one, 1))
    }

    /// Without one that is among them.
    #[must_use]
    pub fn without(self, one: LevelCount) -> Self {
        self.with(one, -1)
    }

    fn with(self, one: LevelCount, times: i128) -> Self {
        if one.lines < PEER_LINES {
            return self;
        }
        let share = one.of_thousand();
        let (sum, squares) = (self.sum + times * share, self.squares + times * share * share);
        Self { number: self.number + times, sum, squares }
    }
}

/// A provider's lines of a family of codes, and what its peers claim of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peers {
    /// The provider's.
    pub own: LevelCount,
    /// The others'.
    pub others: Shares,
}

/// Which codes have a level, over some plans: of each its families, as `(family, whether it is high)`. A family is named by what it is
/// made of, so that two plans that say the same have one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LevelsOfCodes(BTreeMap<ServiceCode, Vec<(String, bool)>>);

impl LevelsOfCodes {
    /// Those of these plans.
    pub fn of<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Self {
        let mut all: BTreeMap<ServiceCode, Vec<(String, bool)>> = BTreeMap::new();
        for levels in plans.into_iter().flat_map(|plan| &plan.levels) {
            let low = levels.codes.len().saturating_sub(levels.high);
            for (place, code) in levels.codes.iter().enumerate() {
                let of_code = all.entry(code.clone()).or_default();
                if !of_code.iter().any(|(known, _)| *known == levels.family) {
                    of_code.push((levels.family.clone(), place >= low));
                }
            }
        }
        Self(all)
    }

    /// The families of a code, and whether it is high in each.
    pub fn of_code(&self, code: &ServiceCode) -> impl Iterator<Item = (&str, bool)> {
        let families = self.0.get(code).into_iter().flatten();
        families.map(|(family, is_high)| (family.as_str(), *is_high))
    }
}

impl LevelCount {
    /// The share of the high level, of a thousand.
    fn of_thousand(self) -> i128 {
        i128::from(self.high) * 1_000 / i128::from(self.lines.max(1))
    }
}

impl Peers {
    /// Whether the provider's share of the high level is more than three times the spread of its peers above their mean.
    fn is_beyond(&self) -> bool {
        let Shares { number, sum, squares } = self.others;
        if self.own.lines < OWN_LINES || number < PEERS {
            return false;
        }
        // All is compared as whole numbers: the distance and the spread both times the number of peers.
        let distance = self.own.of_thousand() * number - sum;
        let variance = (number * squares - sum * sum) * number / (number - 1);
        distance > TIMES * LEAST_SPREAD * number && distance * distance > TIMES * TIMES * variance
    }
}

/// Lines at the high level of a provider that claims it far more often than its peers do.
pub(super) fn high_levels(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let is_beyond = |number: u32| {
        let mut of_line = screening.levels.iter().filter(|(line, _)| *line == number);
        of_line.any(|(_, peers)| peers.is_beyond())
    };
    of_lines(ScreenRule::HighLevels, screening.claim.lines.iter().filter(|line| is_beyond(line.number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(own: (u64, u64), others: &[(u64, u64)]) -> Peers {
        let count = |(lines, high): (u64, u64)| LevelCount { lines, high };
        Peers { own: count(own), others: Shares::of(others.iter().map(|one| count(*one))) }
    }

    #[test]
    fn a_share_is_beyond_at_three_times_the_spread_and_not_before() {
        // A mean of 20 in a hundred and a spread of ten.
        let shares = [10, 30, 10, 30, 10, 30, 10, 30, 10, 30, 20];
        let others: Vec<(u64, u64)> = shares.iter().map(|high| (100, *high)).collect();
        assert!(peers((100, 51), &others).is_beyond());
        assert!(!peers((100, 49), &others).is_beyond(), "high, and no further than that");
        assert!(!peers((100, 0), &others).is_beyond(), "far below");
        assert!(!peers((49, 49), &others).is_beyond(), "too few lines");
        assert!(!peers((100, 90), &others[..9]).is_beyond(), "too few peers");
        let few: Vec<(u64, u64)> = others.iter().map(|_| (29, 3)).collect();
        assert!(!peers((100, 90), &few).is_beyond(), "too few lines of theirs");
    }

    #[test]
    fn one_that_is_taken_out_was_never_there() {
        let count = |lines, high| LevelCount { lines, high };
        let all = [count(100, 10), count(200, 90), count(29, 29)];
        assert_eq!(Shares::of(all).without(all[1]), Shares::of([all[0]]));
        assert_eq!(Shares::of(all).without(all[2]), Shares::of(all), "of few lines nothing was added");
    }

    #[test]
    fn where_all_are_alike_a_small_difference_is_none() {
        let others = [(100, 20); 12];
        assert!(!peers((1_000, 350), &others).is_beyond());
        assert!(peers((1_000, 351), &others).is_beyond());
    }
}
