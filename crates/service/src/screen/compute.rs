//! The computations of the screen on one person's sealed claims: plain functions that capture nothing. Codes of what claims
//! share leave them, and whether a payment waits; what was flagged leaves sealed.

use std::collections::BTreeMap;
use std::sync::Arc;

use benefits::Plan;
use benefits::screen::{Elsewhere, ScreenedClaim, ScreenedPerson, Screening, screen};
use domain::{
    Claim, ClaimId, Coverage, Date, Payee, Person, RecordId, ScreenCase, ScreenCodes, ScreenFlag, ScreenState,
};
use gate::{GateError, Mark, MarkToken, Reader, Sealed, Writer};

use super::ToScreen;
use crate::views::{ClaimToScreen, CoverToScreen, PersonToScreen};

/// What is fetched for one person.
pub(super) struct SubjectToScreen {
    /// The claims before the screen.
    pub(super) claims: Vec<Sealed<Claim>>,
    /// The newest others.
    pub(super) newest: Vec<Sealed<Claim>>,
    pub(super) person: Sealed<Person>,
    pub(super) covers: Vec<Sealed<Coverage>>,
}

/// What is known beside.
pub(super) struct FlagContext {
    pub(super) plans: Vec<Arc<Plan>>,
    pub(super) elsewhere: BTreeMap<ClaimId, Elsewhere>,
    pub(super) today: Date,
}

/// The codes of what each claim may share with others.
pub(super) fn mark_claims(
    (): &(),
    inputs: &SubjectToScreen,
    reader: &Reader<'_, ToScreen>,
    writer: &mut Writer<'_>,
) -> Result<Vec<Vec<MarkToken>>, GateError> {
    let person: PersonToScreen = reader.open(&inputs.person)?;
    let mut marks = Vec::with_capacity(inputs.claims.len());
    for sealed in &inputs.claims {
        let claim: ClaimToScreen = reader.open(sealed)?;
        let mut tokens = vec![writer.mark(&Mark::Provider(claim.provider))];
        if let Some(first) = claim.lines.iter().map(|line| line.service_start).min() {
            tokens.push(writer.mark(&Mark::ProviderDay(claim.provider, first)));
            if let Some(number) = &claim.invoice_number {
                let charged = claim.lines.iter().map(|line| line.charge.minor()).sum();
                tokens.push(writer.mark(&Mark::Document(claim.provider, number, first, charged)));
            }
        }
        if let Some(account) = person.account.as_ref().filter(|_| claim.payee == Payee::Member) {
            tokens.push(writer.mark(&Mark::Account(account)));
        }
        marks.push(tokens);
    }
    Ok(marks)
}

/// Flags the claims, and says of each whether it is marked, or its payment waits.
pub(super) fn flag_claims(
    context: &FlagContext,
    inputs: &SubjectToScreen,
    reader: &Reader<'_, ToScreen>,
    writer: &mut Writer<'_>,
) -> Result<Vec<Option<ScreenState>>, GateError> {
    let person: PersonToScreen = reader.open(&inputs.person)?;
    let mut cover = Vec::with_capacity(inputs.covers.len());
    for sealed in &inputs.covers {
        let opened: CoverToScreen = reader.open(sealed)?;
        cover.push((opened.start, opened.end));
    }
    let (birth_date, death_date, sex) = (person.birth_date, person.death_date, person.sex);
    let person = ScreenedPerson { birth_date, death_date, sex, cover };
    let mut opened: Vec<(RecordId, ClaimToScreen)> = Vec::new();
    for sealed in inputs.claims.iter().chain(&inputs.newest) {
        opened.push((sealed.record(), reader.open(sealed)?));
    }
    let mut claims: Vec<ScreenedClaim<'_>> = opened.iter().map(shown).collect();
    // The newest first among those that came before: by receipt, then by id.
    claims.sort_by_key(|claim| std::cmp::Reverse((claim.received, claim.claim)));
    let plans: Vec<&Plan> = context.plans.iter().map(Arc::as_ref).collect();
    let mut states = Vec::with_capacity(inputs.claims.len());
    for sealed in &inputs.claims {
        let id = ClaimId::from_bytes(*sealed.record().bytes());
        let place = claims.iter().position(|claim| claim.claim == id);
        let Some((claim, before)) = place.and_then(|place| claims.get(place..)?.split_first()) else {
            states.push(None);
            continue;
        };
        let elsewhere = context.elsewhere.get(&id).copied().unwrap_or_default();
        let screening = Screening { claim: *claim, before, person: &person, elsewhere, plans: &plans };
        states.push(write_down(screen(&screening), sealed.record(), context.today, writer)?);
    }
    Ok(states)
}

fn shown((record, claim): &(RecordId, ClaimToScreen)) -> ScreenedClaim<'_> {
    ScreenedClaim {
        claim: ClaimId::from_bytes(*record.bytes()),
        received: claim.received,
        provider: claim.provider,
        currency: claim.currency,
        invoice_number: claim.invoice_number.as_ref(),
        lines: &claim.lines,
        services: claim.services.shown().map_or(&[], Vec::as_slice),
        diagnoses: claim.diagnoses.shown().map_or(&[], Vec::as_slice),
    }
}

/// Seals what was flagged of a claim, apart where it rests on what the care was.
fn write_down(
    flags: Vec<ScreenFlag>,
    record: RecordId,
    screened: Date,
    writer: &mut Writer<'_>,
) -> Result<Option<ScreenState>, GateError> {
    if flags.is_empty() {
        return Ok(None);
    }
    let waits = flags.iter().any(|flag| flag.rule.waits());
    let (codes, flags): (Vec<ScreenFlag>, Vec<ScreenFlag>) =
        flags.into_iter().partition(|flag| flag.rule.rests_on_codes());
    writer.put(record, 1, &ScreenCase { screened, flags, decisions: Vec::new() })?;
    if !codes.is_empty() {
        writer.put(record, 1, &ScreenCodes { flags: codes })?;
    }
    Ok(Some(if waits { ScreenState::Waiting } else { ScreenState::Marked }))
}
