//! What providers claim of families of codes by level: sums that are kept as claims are screened, by keyed codes, and read for a claim's
//! provider and a bounded number of peers. Of no claim, and of nobody, is anything kept here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use benefits::screen::{LevelCount, LevelsOfCodes, Peers, Shares};
use domain::{ClaimId, Date};
use gate::MarkToken;
use store::StoreError;
use store::level_count::LevelCountRow;

use super::people::LevelLines;
use crate::{App, ServiceError};

/// The most peers that are looked at: in the order of their codes, which are hashes, so that they are any.
const LOOKED_AT: usize = 1_000;

/// A family of codes in a year, and a provider in it.
type Place = ([u8; 16], Date, [u8; 16]);

/// Which codes have a level, over every plan of the site.
pub(super) fn of_codes(app: &App) -> Arc<LevelsOfCodes> {
    let plans = app.plans.all();
    Arc::new(LevelsOfCodes::of(plans.values().map(AsRef::as_ref)))
}

/// The first day of the year in which a claim was received.
fn year_of(received: Date) -> Option<Date> {
    Date::new(received.year(), 1, 1).ok()
}

/// What is claimed of the families of a part.
#[derive(Default)]
pub(super) struct KnownLevels {
    of_place: BTreeMap<Place, Peers>,
}

impl KnownLevels {
    /// Reads the sums of these claims' providers and of their peers, as they were before these claims.
    pub(super) async fn read(app: &App, claims: &[LevelLines]) -> Result<Self, ServiceError> {
        let places: BTreeSet<Place> = claims.iter().flat_map(places).map(|(place, _)| place).collect();
        if places.is_empty() {
            return Ok(Self::default());
        }
        let own: Vec<Place> = places.iter().copied().collect();
        let families: BTreeSet<([u8; 16], Date)> =
            own.iter().map(|(family, year, _)| (*family, *year)).collect();
        let read = app.store().read(move |unit| {
            let families: Vec<_> = families.iter().copied().collect();
            let all = store::level_count::of_families(unit, &families, LOOKED_AT)?;
            Ok::<_, StoreError>((all, store::level_count::of_providers(unit, &own)?))
        });
        let (all, own) = read.await?;
        let own: BTreeMap<Place, LevelCount> = own.iter().map(|row| (place(row), counted(row))).collect();
        let looked_at: BTreeSet<Place> = all.iter().map(place).collect();
        let mut of_families: BTreeMap<([u8; 16], Date), Vec<LevelCount>> = BTreeMap::new();
        for row in &all {
            of_families.entry((row.family, row.year)).or_default().push(counted(row));
        }
        let shares: BTreeMap<([u8; 16], Date), Shares> =
            of_families.into_iter().map(|(family, counts)| (family, Shares::of(counts))).collect();
        let peers = |at: Place| {
            let own = own.get(&at).copied().unwrap_or_default();
            let all = shares.get(&(at.0, at.1)).copied().unwrap_or_default();
            let others = if looked_at.contains(&at) { all.without(own) } else { all };
            (at, Peers { own, others })
        };
        Ok(Self { of_place: places.into_iter().map(peers).collect() })
    }

    /// What is known of the provider of a claim, by its code in each family.
    pub(super) fn of_claim(&self, claim: &LevelLines) -> Vec<([u8; 16], Peers)> {
        let found = places(claim).map(|(place, _)| place).collect::<BTreeSet<Place>>().into_iter();
        found.filter_map(|place| Some((place.2, *self.of_place.get(&place)?))).collect()
    }
}

/// Where each line counts, and whether it is at the high level.
fn places((claim, lines): &LevelLines) -> impl Iterator<Item = (Place, bool)> {
    let year = year_of(claim.received);
    lines.iter().filter_map(move |(family, provider)| {
        let is_high = family.kind == MarkToken::HIGH_LEVELS;
        Some(((family.token, year?, provider.token), is_high))
    })
}

fn place(row: &LevelCountRow) -> Place {
    (row.family, row.year, row.provider)
}

fn counted(row: &LevelCountRow) -> LevelCount {
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    LevelCount { lines: number(row.lines), high: number(row.high) }
}

/// What claims add to the sums, to be written with what they come to.
#[derive(Default)]
pub(super) struct AddedLevels(pub(super) Vec<LevelLines>);

impl AddedLevels {
    /// Keeps what is of these claims.
    pub(super) fn keep(&mut self, claims: &BTreeSet<ClaimId>) {
        self.0.retain(|(claim, _)| claims.contains(&claim.claim));
    }

    /// Whether any of these claims has a line of a family and year that lines are added to.
    pub(super) fn meet<'a>(&self, claims: impl Iterator<Item = &'a LevelLines>) -> bool {
        let family = |(place, _): (Place, bool)| (place.0, place.1);
        let added: BTreeSet<_> = self.0.iter().flat_map(places).map(family).collect();
        claims.flat_map(places).map(family).any(|one| added.contains(&one))
    }

    /// Adds them, and forgets what is of more than a year before.
    pub(super) fn insert(&self, unit: &mut store::Unit<'_>) -> Result<(), StoreError> {
        let mut sums: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
        for (place, is_high) in self.0.iter().flat_map(places) {
            let (lines, high) = sums.entry(place).or_default();
            *lines += 1;
            *high += i64::from(is_high);
        }
        // In the order of the table: of two that add at the same time one waits for the other.
        let rows: Vec<LevelCountRow> = sums
            .iter()
            .map(|((family, year, provider), (lines, high))| LevelCountRow {
                family: *family,
                year: *year,
                provider: *provider,
                lines: *lines,
                high: *high,
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        store::level_count::add_many(unit, &rows)?;
        let newest: BTreeMap<[u8; 16], Date> = rows.iter().map(|row| (row.family, row.year)).collect();
        for (family, year) in newest {
            if let Ok(before) = Date::new(year.year() - 1, 1, 1) {
                store::level_count::delete_before(unit, family, before)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::{BatchId, ClaimState, PortfolioId, SubjectId};
    use store::claim::ClaimRow;

    use super::*;

    /// A claim received on this day, with lines of these families from one provider.
    fn claim(received: &str, families: &[u8]) -> LevelLines {
        let claim = ClaimRow {
            subject: SubjectId::from_bytes([1; 16]),
            claim: ClaimId::from_bytes([1; 16]),
            portfolio: PortfolioId::from_bytes([1; 16]),
            state: ClaimState::Received,
            received: received.parse().unwrap(),
            outcome_reason: None,
            content: [0; 32],
            batch: BatchId::from_bytes([0; 16]),
            version: 1,
        };
        let token = |kind, byte: u8| MarkToken { kind, token: [byte; 16] };
        let line = |family: &u8| (token(MarkToken::LEVELS, *family), token(MarkToken::PROVIDER_LEVELS, 9));
        (claim, families.iter().map(line).collect())
    }

    #[test]
    fn claims_meet_in_a_family_and_year() {
        let added = AddedLevels(vec![claim("2026-11-19", &[1, 2])]);
        for (received, families, expected) in [
            ("2026-01-01", &[2, 3][..], true),
            ("2025-12-31", &[2], false),
            ("2026-11-19", &[3], false),
            ("2026-11-19", &[], false),
        ] {
            let next = claim(received, families);
            assert_eq!(added.meet(std::iter::once(&next)), expected, "{received} {families:?}");
        }
    }
}
