//! Erased entries held to the declarations of the log: each must have been made before an instant, by the rolls around it,
//! that an entry of the log declares to have lapsed, and after no fewer years than any notice of its portfolio ever said.
//! What is left of an entry is held to the tree, the chains and its own code elsewhere.

use std::collections::BTreeMap;

use domain::{PortfolioId, Timestamp};
use store::log::tree::RollRow;

use super::LogFault;
use crate::deferral::Mark;
use crate::entry::Lapse;
use crate::lapse::lapsed_before;
use crate::sealer::{number, signed};
use crate::stub::Stub;

/// The entries of a portfolio whose bodies were erased, and the entry that declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lapsed {
    /// Whose.
    pub portfolio: PortfolioId,
    /// How many.
    pub entries: u64,
    /// The newest entry that declares it.
    pub declared: u64,
    /// All were made before this instant.
    pub before: Timestamp,
}

/// What was found of erased entries and declarations, as far as the log was followed.
pub(crate) struct LapsedEntries<'a> {
    rolls: &'a [RollRow],
    /// Up to each of them the latest instant: a clock that was put back makes nothing older.
    latest: Vec<Timestamp>,
    /// The fewest years after which a notice of each portfolio lets entries lapse.
    years: &'a BTreeMap<PortfolioId, u32>,
    /// Of each portfolio how many are erased, and the last of them.
    erased: BTreeMap<PortfolioId, (u64, u64)>,
    /// The declaration that goes furthest, with its leaf.
    declared: BTreeMap<PortfolioId, (u64, Lapse)>,
}

impl<'a> LapsedEntries<'a> {
    pub(crate) fn new(rolls: &'a [RollRow], years: &'a BTreeMap<PortfolioId, u32>) -> Self {
        let mut latest: Vec<Timestamp> = Vec::with_capacity(rolls.len());
        for roll in rolls {
            latest.push(latest.last().map_or(roll.at, |before| roll.at.max(*before)));
        }
        Self { rolls, latest, years, erased: BTreeMap::new(), declared: BTreeMap::new() }
    }

    /// Takes in an entry: what is left of it, and what it means for others.
    pub(crate) fn follow(&mut self, leaf: u64, stub: Option<&Stub>, mark: Mark) {
        if let Some(stub) = stub {
            let (count, last) = self.erased.entry(stub.portfolio).or_default();
            (*count, *last) = (*count + 1, leaf);
        }
        let Mark::Lapses { portfolio, lapse, at } = mark else { return };
        let goes_further = self.declared.get(&portfolio).is_none_or(|(_, known)| known.end <= lapse.end);
        if goes_further && self.is_sound(leaf, portfolio, lapse, at) {
            self.declared.insert(portfolio, (leaf, lapse));
        }
    }

    /// Whether a declaration says no more than it may.
    fn is_sound(&self, leaf: u64, portfolio: PortfolioId, lapse: Lapse, at: Timestamp) -> bool {
        let place = self.rolls.binary_search_by_key(&signed(lapse.end), |roll| roll.size);
        let roll = place.ok().and_then(|place| self.rolls.get(place).zip(self.latest.get(place)));
        let is_rolled = roll.is_some_and(|(roll, at)| *at < lapse.before && number(roll.leaf) < leaf);
        let is_old = lapsed_before(at, lapse.years).is_some_and(|before| lapse.before <= before);
        is_rolled && is_old && self.years.get(&portfolio).is_some_and(|fewest| lapse.years >= *fewest)
    }

    /// What was erased under which declarations. The fault: an entry that none takes in.
    pub(crate) fn finish(self) -> Result<Vec<Lapsed>, LogFault> {
        let held = |(portfolio, (entries, last)): (PortfolioId, (u64, u64))| {
            let declared = self.declared.get(&portfolio).filter(|(_, lapse)| last < lapse.end);
            let (declared, lapse) = *declared.ok_or(LogFault::NotLapsed { index: last })?;
            Ok(Lapsed { portfolio, entries, declared, before: lapse.before })
        };
        self.erased.iter().map(|(portfolio, erased)| held((*portfolio, *erased))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([3; 16]);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn roll(leaf: i64, text: &str) -> RollRow {
        RollRow { roll: 1, leaf, size: leaf, map_root: [0; 32], tokens: 0, at: at(text) }
    }

    /// What verifying says of an erased entry at this leaf, under a declaration of 2036 at leaf 100.
    fn held(leaf: u64, rolls: &[RollRow], years: Option<u32>, lapse: Lapse) -> Result<Vec<Lapsed>, LogFault> {
        let years = years.map(|years| (PORTFOLIO, years)).into_iter().collect();
        let mut lapsed = LapsedEntries::new(rolls, &years);
        lapsed.erased.insert(PORTFOLIO, (1, leaf));
        let mark = Mark::Lapses { portfolio: PORTFOLIO, lapse, at: at("2036-11-02T12:00:00Z") };
        lapsed.follow(100, None, mark);
        lapsed.finish()
    }

    /// The same where clocks were right and the notice said ten years.
    fn erased(leaf: u64, lapse: Lapse) -> Result<Vec<Lapsed>, LogFault> {
        let rolls =
            [roll(20, "2026-11-01T10:00:00Z"), roll(40, "2026-11-02T10:00:00Z"), roll(120, "2026-11-02")];
        held(leaf, &rolls, Some(10), lapse)
    }

    #[test]
    fn a_roll_under_a_clock_that_was_put_back_makes_nothing_older() {
        let rolls = [roll(20, "2036-11-02T10:00:00Z"), roll(40, "2015-01-01T10:00:00Z")];
        let lapse = Lapse { before: at("2026-11-02"), end: 40, years: 10 };
        assert_eq!(held(5, &rolls, Some(10), lapse), Err(LogFault::NotLapsed { index: 5 }));
    }

    #[test]
    fn a_portfolio_whose_notices_say_nothing_of_it_lets_nothing_lapse() {
        let rolls = [roll(20, "2026-11-01T10:00:00Z")];
        let lapse = Lapse { before: at("2036-11-02"), end: 20, years: 0 };
        assert_eq!(held(5, &rolls, None, lapse), Err(LogFault::NotLapsed { index: 5 }));
    }

    #[test]
    fn a_declaration_takes_in_what_the_rolls_show_to_be_as_old_as_the_notice_says() {
        let sound = Lapse { before: at("2026-11-02"), end: 20, years: 10 };
        let told = Lapsed { portfolio: PORTFOLIO, entries: 1, declared: 100, before: sound.before };
        assert_eq!(erased(19, sound), Ok(vec![told]));
        assert_eq!(erased(20, sound), Err(LogFault::NotLapsed { index: 20 }), "it is younger");
        let other = [
            Lapse { end: 40, ..sound },
            Lapse { end: 21, ..sound },
            Lapse { end: 120, ..sound },
            Lapse { before: at("2026-11-03"), end: 40, years: 10 },
            Lapse { before: at("2027-11-02"), end: 40, years: 9 },
        ];
        for unsound in other {
            assert_eq!(erased(19, unsound), Err(LogFault::NotLapsed { index: 19 }), "{unsound:?}");
        }
    }
}
