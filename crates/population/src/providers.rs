//! The providers: in every place one of each kind, so that a claim's provider can be found by place
//! and kind without a search.

use domain::{Country, ParseError, PersonName, PostalAddress, Provider};
use intake::{ProviderDraft, SourceId};

use crate::bank::account;
use crate::names::CULTURES;
use crate::places::{HOUSE_NAMES, PLACES, Place};
use crate::random::Random;

/// A kind of provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Hospital = 0,
    Pharmacy = 1,
    Dentist = 2,
    Optician = 3,
    Physiotherapist = 4,
    Laboratory = 5,
    GeneralPractitioner = 6,
    Specialist = 7,
}

/// How many kinds there are: providers of one place stand together.
const KINDS: usize = 8;

/// The position of a provider in [`all`].
pub(crate) const fn position(place: usize, kind: Kind) -> usize {
    place * KINDS + kind as usize
}

/// All providers, in the order that [`position`] says.
pub(crate) fn all(seed: u64) -> Result<Vec<ProviderDraft>, ParseError> {
    let mut random = Random::of(seed, 0);
    let mut found = Vec::with_capacity(PLACES.len() * KINDS);
    for place in PLACES {
        for kind in 0..KINDS {
            let number = found.len() + 1;
            let provider = provider(&mut random, place, kind)?;
            found.push(ProviderDraft { source_id: SourceId::parse(&format!("P-{number:04}"))?, provider });
        }
    }
    Ok(found)
}

fn provider(random: &mut Random, place: &Place, kind: usize) -> Result<Provider, ParseError> {
    let town = random.one_of(place.towns)?;
    let name = match place.houses.get(kind) {
        Some(house) => format!("{house} {}", random.one_of(HOUSE_NAMES)?),
        None => {
            let culture = CULTURES.get(place.culture).map_or(CULTURES, std::slice::from_ref);
            let culture = random.one_of(culture)?;
            let given = if random.happens(5_000) { culture.women } else { culture.men };
            format!("Dr. {} {}", random.one_of(given)?, random.one_of(culture.families)?)
        }
    };
    let account = place.accounts.map(|shape| account(random, place.country, shape)).transpose()?;
    let street = format!("{} {}", random.one_of(place.streets)?, random.between(1, 240));
    Ok(Provider {
        name: PersonName::parse(&name)?,
        address: Some(PostalAddress::parse(&street)?),
        town: Some(PostalAddress::parse(town)?),
        country: Some(place.country.parse::<Country>()?),
        account: account.as_ref().map(|(iban, _)| iban.clone()),
        bank: account.map(|(_, bic)| bic),
    })
}
