//! A synthetic population for the demo: portfolios, sponsors, providers, families with cover, and
//! a year of claims, all from a seed. The same seed, size and last day give the same population.
//!
//! It deliberately models no disease and no economy: only what makes the work believable (ages,
//! families, seasons, skewed amounts, a few of the troubles that a claims desk knows). Everyone in
//! it is invented. It does no I/O and reads no clock.
//!
//! People come in chunks of [`CHUNK_PEOPLE`], each made without the others, so that a million of
//! them need the memory of one chunk.

mod bank;
mod claims;
mod names;
mod people;
mod places;
mod plans;
mod providers;
mod random;

use domain::{Date, ParseError};
use intake::{ClaimDraft, CoverageDraft, MemberDraft, ProviderDraft};

pub use plans::{PORTFOLIOS, PortfolioDraft, SPONSORS, SponsorDraft};

/// How many people a chunk has; the last one may have fewer.
pub const CHUNK_PEOPLE: u32 = 1_000;

/// A population: what determines it, and its providers.
pub struct Population {
    seed: u64,
    members: u32,
    today: Date,
    providers: Vec<ProviderDraft>,
}

/// A part of a population: whole families, their cover and their claims.
pub struct Chunk {
    /// Members and dependants; a holder stands before their dependants.
    pub members: Vec<MemberDraft>,
    /// One span of cover for each.
    pub coverages: Vec<CoverageDraft>,
    /// Their claims, by the day of receipt.
    pub claims: Vec<ClaimDraft>,
}

/// The last day of the year of claims that the demo shows, whatever the day is on which it runs: deductibles
/// and limits start again at fixed days, so that a year that ended elsewhere would come to other amounts. It
/// is the day before the shipped notice takes effect.
///
/// # Errors
/// None: the day is in the calendar.
pub fn demo_year_end() -> Result<Date, ParseError> {
    Date::new(2026, 10, 31)
}

impl Population {
    /// A population of so many people, dependants included, with claims received in the year that
    /// ends `today`.
    ///
    /// # Errors
    /// When `today` is so near the end of the calendar's range that a date falls out of it.
    pub fn new(members: u32, seed: u64, today: Date) -> Result<Self, ParseError> {
        Ok(Self { seed, members, today, providers: providers::all(seed)? })
    }

    /// The providers: their number does not depend on the population's.
    #[must_use]
    pub fn providers(&self) -> &[ProviderDraft] {
        &self.providers
    }

    /// How many people there are.
    #[must_use]
    pub const fn members(&self) -> u32 {
        self.members
    }

    /// How many chunks there are.
    #[must_use]
    pub const fn chunks(&self) -> u32 {
        self.members.div_ceil(CHUNK_PEOPLE)
    }

    /// The chunk with this number, from 0; an empty one beyond the last.
    ///
    /// # Errors
    /// As [`Population::new`].
    pub fn chunk(&self, number: u32) -> Result<Chunk, ParseError> {
        let first = number.saturating_mul(CHUNK_PEOPLE).min(self.members);
        let after = first.saturating_add(CHUNK_PEOPLE).min(self.members);
        let mut random = random::Random::of(self.seed, u64::from(number) + 1);
        let people = people::families(&mut random, first..after, self.today)?;
        let mut claims = Vec::new();
        for person in &people {
            claims.extend(claims::year_of(&mut random, person, &self.providers, self.today)?);
        }
        // The order in which a claims desk would see them; ids end the ties.
        claims.sort_by(|a, b| (a.received, &a.source_id).cmp(&(b.received, &b.source_id)));
        let (members, coverages) = people.into_iter().map(|person| (person.member, person.coverage)).unzip();
        Ok(Chunk { members, coverages, claims })
    }
}
