//! What the rules may know of a claim beside its lines: what came with it, what became known of it since, what persons decided
//! about its lines, and what the person's record and the cover say. Whether what came or what became known goes first is said here and nowhere else, for the job, the
//! desk and a run alike; nothing is guessed.

use std::collections::BTreeMap;

use benefits::{Facts, Override};
use domain::{ClaimFacts, ClaimOverrides, Includes, RecordId, Told, View, Views};
use gate::{GateError, Reader, Sealed};

use super::compute::Context;
use super::other_payer::salary;
use crate::views::{
    ClaimToAdjudicate, CoverToAdjudicate, FactsToCount, OverridesToCount, PersonToAdjudicate,
};

/// Opens what stands beside the claims of one person, by the claim.
pub(super) fn by_claim<S, V, P>(
    sealed: &[Sealed<V::Of>],
    reader: &Reader<'_, S>,
) -> Result<BTreeMap<RecordId, V>, GateError>
where
    V: View,
    S: Views + Includes<V, P>,
{
    sealed.iter().map(|sealed| Ok((sealed.record(), reader.open(sealed)?))).collect()
}

/// What became known of the claims of one person after they had come in.
#[derive(Default)]
pub(crate) struct ToldSince {
    claims: BTreeMap<RecordId, FactsToCount>,
    nothing: FactsToCount,
}

impl ToldSince {
    pub(crate) fn open<S, P>(sealed: &[Sealed<ClaimFacts>], reader: &Reader<'_, S>) -> Result<Self, GateError>
    where
        S: Views + Includes<FactsToCount, P>,
    {
        Ok(Self { claims: by_claim(sealed, reader)?, nothing: FactsToCount::default() })
    }

    /// What became known of one of them.
    pub(crate) fn of(&self, record: RecordId) -> &FactsToCount {
        self.claims.get(&record).unwrap_or(&self.nothing)
    }
}

/// What persons decided about lines of the claims of one person.
#[derive(Default)]
pub(crate) struct Overridden(BTreeMap<RecordId, Vec<Override>>);

impl Overridden {
    pub(crate) fn open<S, P>(
        sealed: &[Sealed<ClaimOverrides>],
        reader: &Reader<'_, S>,
    ) -> Result<Self, GateError>
    where
        S: Views + Includes<OverridesToCount, P>,
    {
        let decided = |opened: OverridesToCount| {
            opened.lines.iter().map(|one| Override { line: one.line, decision: one.decision }).collect()
        };
        let opened = by_claim::<S, OverridesToCount, P>(sealed, reader)?;
        Ok(Self(opened.into_iter().map(|(record, opened)| (record, decided(opened))).collect()))
    }

    /// What was decided about the lines of one of them, in order.
    pub(crate) fn of(&self, record: RecordId) -> &[Override] {
        self.0.get(&record).map_or(&[], Vec::as_slice)
    }
}

/// What became known, and else what came with the claim.
fn known<T: Copy>(since: Option<&Told<T>>, came: Option<T>) -> Option<T> {
    since.map(|told| told.value).or(came)
}

/// What is known of a claim, its person and cover beside the lines, and the rates that its charges may be exchanged at. Of what was
/// authorised only that nothing was: the guarantees say the rest.
pub(crate) fn told<'a>(
    context: &'a Context,
    person: &PersonToAdjudicate,
    (claim, since, overrides): (&'a ClaimToAdjudicate, &'a FactsToCount, &'a [Override]),
    cover: &'a CoverToAdjudicate,
) -> Facts<'a> {
    let papers = since.documents.as_ref().map(|told| &told.value).or(claim.documents.as_ref());
    Facts {
        rates: Some(&context.rates),
        overrides,
        salary: salary(&claim.lines, cover),
        country: known(since.country.as_ref(), claim.country),
        emergency: known(since.emergency.as_ref(), claim.emergency),
        accident: known(since.accident.as_ref(), claim.accident),
        in_network: known(since.in_network.as_ref(), claim.in_network),
        away_since: known(since.away_since.as_ref(), claim.away_since),
        invoiced: claim.invoiced,
        admitted: claim.admitted,
        room: known(since.room.as_ref(), claim.room),
        documents: papers.map(Vec::as_slice),
        authorisations: since.nothing_authorised.as_ref().map(|_| &[][..]),
        filing_waived: since.filing_waived.is_some(),
        service_types: since.service_types.as_ref().map_or(&[], |told| &told.value),
        condition: claim.episodes.condition,
        event: claim.episodes.event,
        pregnancy: claim.episodes.pregnancy,
        admission: claim.episodes.admission,
        ..of_member(person, cover)
    }
}

/// What the person and their cover tell, whatever is claimed.
fn of_member<'a>(person: &PersonToAdjudicate, cover: &'a CoverToAdjudicate) -> Facts<'a> {
    Facts {
        sex: person.known_sex(),
        modules: cover.modules.as_deref(),
        prior_cover: cover.prior_cover,
        preexisting: &cover.preexisting,
        ..Facts::default()
    }
}
