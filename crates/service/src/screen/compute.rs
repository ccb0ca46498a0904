//! The computations of the screen on one person's sealed claims: plain functions that capture nothing. Codes of what claims
//! share leave them, and whether a payment waits; what was flagged leaves sealed.

use std::collections::BTreeMap;
use std::sync::Arc;

use benefits::Plan;
use benefits::screen::{
    Elsewhere, LevelsOfCodes, Peers, SCREEN_CLAIMS, ScreenedClaim, ScreenedPerson, Screening, screen,
};
use domain::{
    Claim, ClaimId, Coverage, Date, Payee, Person, RecordId, ScreenCase, ScreenCodes, ScreenFlag, ScreenState,
};
use gate::{Care, GateError, Mark, MarkToken, Reader, Sealed, Writer};

use super::ToScreen;
use crate::views::{ClaimToScreen, CoverToScreen, PersonToScreen};

/// A first day and a last one; none while there is none yet.
pub(super) type Span = (Date, Option<Date>);

/// What is fetched for one person.
pub(super) struct SubjectToScreen {
    /// The claims before the screen.
    pub(super) claims: Vec<Sealed<Claim>>,
    /// The newest of those that the job adjudicated, or put before a person, before.
    pub(super) before: Vec<Sealed<Claim>>,
    pub(super) person: Sealed<Person>,
    pub(super) covers: Vec<Sealed<Coverage>>,
}

/// What is known beside.
pub(super) struct FlagContext {
    /// With the first and last day of the cover under each.
    pub(super) plans: Vec<(Date, Option<Date>, Arc<Plan>)>,
    pub(super) elsewhere: BTreeMap<ClaimId, Elsewhere>,
    /// When the provider of each is excluded, where it is.
    pub(super) excluded: BTreeMap<ClaimId, Vec<Span>>,
    /// Which codes have a level.
    pub(super) levels: Arc<LevelsOfCodes>,
    /// What each provider of a family of codes and its peers claimed of it, by the provider's code in the family, for each claim.
    pub(super) peers: BTreeMap<ClaimId, Vec<([u8; 16], Peers)>>,
    pub(super) today: Date,
}

/// The codes of a claim: of what it may share, and, of each line whose code has a level, of the family, and of the provider in it.
pub(super) type Marks = (Vec<MarkToken>, Vec<(MarkToken, MarkToken)>);

/// The codes of what each claim may share with others, of its provider in the register of those who are excluded, and of its lines whose
/// codes have levels.
pub(super) fn mark_claims(
    levels: &Arc<LevelsOfCodes>,
    inputs: &SubjectToScreen,
    reader: &Reader<'_, ToScreen>,
    writer: &mut Writer<'_>,
) -> Result<Vec<Marks>, GateError> {
    let person: PersonToScreen = reader.open(&inputs.person)?;
    let mut marks = Vec::with_capacity(inputs.claims.len());
    for sealed in &inputs.claims {
        let claim: ClaimToScreen = reader.open(sealed)?;
        let mut tokens =
            vec![writer.mark(&Mark::Provider(claim.provider)), writer.mark(&Mark::Excluded(claim.provider))];
        let account = person.account.as_ref().filter(|_| claim.payee == Payee::Member);
        if let Some(first) = claim.lines.iter().map(|line| line.service_start).min() {
            tokens.push(writer.mark(&Mark::ProviderDay(claim.provider, first)));
            let charged = claim.lines.iter().map(|line| line.charge.minor()).sum();
            let (provider, currency) = (claim.provider, claim.currency);
            let care = Care { provider, first, charged, currency };
            tokens.push(writer.mark(&Mark::Care(care)));
            if let Some(number) = &claim.invoice_number {
                tokens.push(writer.mark(&Mark::Document(number, care)));
            }
            let (name, born) = (&person.name, person.birth_date);
            tokens.push(writer.mark(&Mark::CareOfPerson(name, born, care)));
            if let Some(account) = account {
                tokens.push(writer.mark(&Mark::CareOfAccountBorn(account, born, care)));
                tokens.push(writer.mark(&Mark::CareOfAccountNamed(account, name, care)));
            }
        }
        tokens.extend(account.map(|account| writer.mark(&Mark::Account(account))));
        let mut of_levels = Vec::new();
        for service in claim.services.shown().into_iter().flatten() {
            for (family, is_high) in levels.of_code(&service.code) {
                let kind = if is_high { MarkToken::HIGH_LEVELS } else { MarkToken::LEVELS };
                let token = MarkToken { kind, ..writer.mark(&Mark::Levels(family)) };
                of_levels.push((token, writer.mark(&Mark::ProviderLevels(family, claim.provider))));
            }
        }
        marks.push((tokens, of_levels));
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
    for sealed in inputs.claims.iter().chain(&inputs.before) {
        opened.push((sealed.record(), reader.open(sealed)?));
    }
    let mut claims: Vec<(ScreenedClaim<'_>, bool)> =
        (0..).zip(&opened).map(|(place, opened)| (shown(opened), place < inputs.claims.len())).collect();
    // The newest first, by receipt, then by id.
    claims.sort_by_key(|(claim, _)| std::cmp::Reverse((claim.received, claim.claim)));
    let mut states = Vec::with_capacity(inputs.claims.len());
    for sealed in &inputs.claims {
        let id = ClaimId::from_bytes(*sealed.record().bytes());
        let Some(claim) = claims.iter().find(|(claim, _)| claim.claim == id).map(|(claim, _)| *claim) else {
            states.push(None);
            continue;
        };
        // Of those that are screened together each is flagged beside the ones that sort before it. Every other one came before,
        // whatever day it was received: no order that an id or a late arrival makes hides one of two.
        let came_before = |(other, is_of_part): &&(ScreenedClaim<'_>, bool)| {
            !is_of_part || (other.received, other.claim) < (claim.received, claim.claim)
        };
        // With the claim itself they are as many as are looked at of somebody whose claims come one by one.
        let before: Vec<ScreenedClaim<'_>> =
            claims.iter().filter(came_before).take(SCREEN_CLAIMS - 1).map(|(other, _)| *other).collect();
        let elsewhere = context.elsewhere.get(&id).copied().unwrap_or_default();
        let plans = plans_on(context, &claim);
        let excluded = context.excluded.get(&id).map_or(&[][..], Vec::as_slice);
        let levels = high_lines(context, &claim, writer);
        let screening = Screening {
            claim,
            before: &before,
            person: &person,
            elsewhere,
            excluded,
            levels: &levels,
            plans: &plans,
        };
        states.push(write_down(screen(&screening), sealed.record(), context.today, writer)?);
    }
    Ok(states)
}

/// The lines of a claim at a high level, each with what its provider and the peers claimed of the family.
fn high_lines(context: &FlagContext, claim: &ScreenedClaim<'_>, writer: &Writer<'_>) -> Vec<(u32, Peers)> {
    let Some(peers) = context.peers.get(&claim.claim) else { return Vec::new() };
    let mut found = Vec::new();
    for service in claim.services {
        for (family, _) in context.levels.of_code(&service.code).filter(|(_, is_high)| *is_high) {
            let MarkToken { token, .. } = writer.mark(&Mark::ProviderLevels(family, claim.provider));
            let of_family = peers.iter().find(|(known, _)| *known == token);
            found.extend(of_family.map(|(_, peers)| (service.line, *peers)));
        }
    }
    found
}

/// The plan versions of the cover on the first day of a claim.
fn plans_on<'a>(context: &'a FlagContext, claim: &ScreenedClaim<'_>) -> Vec<&'a Plan> {
    let Some(day) = claim.lines.iter().map(|line| line.service_start).min() else { return Vec::new() };
    let covers = |start: Date, end: Option<Date>| start <= day && end.is_none_or(|end| day <= end);
    let plans = context.plans.iter().filter(|(start, end, _)| covers(*start, *end));
    plans.map(|(_, _, plan)| plan.as_ref()).collect()
}

fn shown((record, claim): &(RecordId, ClaimToScreen)) -> ScreenedClaim<'_> {
    ScreenedClaim {
        claim: ClaimId::from_bytes(*record.bytes()),
        received: claim.received,
        provider: claim.provider,
        currency: claim.currency,
        invoice_number: claim.invoice_number.as_ref(),
        country: claim.country,
        other_total: claim.other_total,
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
