//! Carrying out what is proposed for a family, or for somebody who counts alone: a plain function that captures nothing. It takes
//! back exactly what the claims counted, counts the new, books the difference, and seals each new determination with all that its
//! claim ever counted; what a family counted together it seals for the holder of the contract.

use std::collections::BTreeMap;

use benefits::{Refusals, apply, negatives, standing};
use domain::{
    Account, ClaimId, ClaimState, Currency, Date, Determination, FamilySums, GuaranteeUse, Payee,
    PostingEntry, PriorLine, Proposal, ProposedClaim, ProposedWorking, Reason, RecordId,
};
use gate::{GateError, Reader, Sealed, Totals, Writer};

use super::compute::{Decided, count_together, state, take_back};
use super::release::ToCarryOut;
use crate::adjudicate::compute::{Context, OpenCover, case, is_final, open_covers, put_changed};
use crate::adjudicate::family::OpenFamilies;
use crate::views::{
    ClaimToAdjudicate, DeterminationToReadjudicate, FamilySumsToCount, PersonToAdjudicate, ProposalToRelease,
};

/// Where a claim stands then, and in which currencies something was booked.
pub(super) type Moved = (ClaimState, Vec<Currency>);

/// What the release for a family is computed from: what waits for any of it, and what they counted together.
pub(super) struct ToCarry {
    pub(super) people: Vec<OfMember>,
    pub(super) sums: Vec<Sealed<FamilySums>>,
}

/// What waits for one person.
pub(super) struct OfMember {
    pub(super) decided: Decided,
    pub(super) proposal: Sealed<Proposal>,
    /// Whoever releases it named them, and so looks at what is refused.
    pub(super) is_named: bool,
    /// Where each claim stands, and the ids of what may be booked.
    pub(super) stand: BTreeMap<RecordId, (ClaimState, [RecordId; 2])>,
}

/// What became of each claim of each member, and what was booked; none where it waits for somebody who looks at what it refuses,
/// and then of each member whether it is theirs.
pub(super) type CarriedOut = (Option<(Vec<Vec<Option<Moved>>>, Totals)>, Vec<Option<()>>);

pub(super) fn carry_out_alone(
    context: &Context,
    inputs: &ToCarry,
    reader: &Reader<'_, ToCarryOut>,
    writer: &mut Writer<'_>,
) -> Result<CarriedOut, GateError> {
    carry_out((context, inputs), reader, std::slice::from_mut(writer), &mut OpenFamilies::default())
}

pub(super) fn carry_out_in_family(
    context: &Context,
    inputs: &ToCarry,
    (reader, of_holder): (&Reader<'_, ToCarryOut>, &Reader<'_, FamilySumsToCount>),
    (writers, for_holder): (&mut [Writer<'_>], &mut Writer<'_>),
) -> Result<CarriedOut, GateError> {
    let mut families = OpenFamilies::open(&inputs.sums, of_holder)?;
    let done = carry_out((context, inputs), reader, writers, &mut families)?;
    families.write(for_holder)?;
    Ok(done)
}

/// One of a family, opened.
struct Member<'a> {
    inputs: &'a OfMember,
    person: PersonToAdjudicate,
    covers: Vec<OpenCover<'a>>,
    proposal: ProposalToRelease,
}

impl<'a> Member<'a> {
    fn open(
        context: &'a Context,
        inputs: &'a OfMember,
        reader: &Reader<'_, ToCarryOut>,
    ) -> Result<Self, GateError> {
        let proposal: ProposalToRelease = reader.open(&inputs.proposal)?;
        let person: PersonToAdjudicate = reader.open(&inputs.decided.file.person)?;
        let covers = open_covers(context, &inputs.decided.file, person.birth_date, reader)?;
        Ok(Self { inputs, person, covers, proposal })
    }

    fn refuses(&self) -> bool {
        self.proposal.claims.iter().any(|claim| refuses(claim, &self.covers))
    }
}

/// Of each what its claims counted is taken back, then the new is counted and the difference booked. It captures nothing.
fn carry_out(
    (context, inputs): (&Context, &ToCarry),
    reader: &Reader<'_, ToCarryOut>,
    writers: &mut [Writer<'_>],
    families: &mut OpenFamilies<'_>,
) -> Result<CarriedOut, GateError> {
    let open = |one| Member::open(context, one, reader);
    let members = inputs.people.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let to_name = |member: &Member<'_>| (!member.inputs.is_named && member.refuses()).then_some(());
    let to_name: Vec<Option<()>> = members.iter().map(to_name).collect();
    if to_name.iter().any(Option::is_some) {
        return Ok((None, to_name));
    }
    let (mut moved, mut totals) = (Vec::with_capacity(members.len()), Totals::default());
    for (member, writer) in members.into_iter().zip(writers) {
        moved.push(carry_out_of(context, member, families, reader, writer, &mut totals)?);
    }
    Ok((Some((moved, totals)), to_name))
}

/// What became of each claim of one member.
fn carry_out_of(
    context: &Context,
    member: Member<'_>,
    families: &mut OpenFamilies<'_>,
    reader: &Reader<'_, ToCarryOut>,
    writer: &mut Writer<'_>,
    totals: &mut Totals,
) -> Result<Vec<Option<Moved>>, GateError> {
    let gone = GateError::Compute("a record that the proposal is about is gone");
    let Member { inputs, person, mut covers, proposal } = member;
    let places = places(&covers);
    let mut earlier = Vec::with_capacity(proposal.claims.len());
    for proposed in &proposal.claims {
        let record = RecordId::from(proposed.claim);
        let Some(sealed) = inputs.decided.determinations.get(&record) else { return Err(gone) };
        let opened: DeterminationToReadjudicate = reader.open(sealed)?;
        let before = opened.into_determination();
        take_back(&mut covers, families, record, &before)?;
        earlier.push((sealed, before));
    }
    let mut moved = vec![None; inputs.decided.file.claims.len()];
    let all = proposal.claims.into_iter().zip(proposal.workings).zip(earlier);
    for ((proposed, working), (sealed, before)) in all {
        let record = RecordId::from(proposed.claim);
        let claims = inputs.decided.file.claims.iter().zip(&mut moved);
        let place = claims.into_iter().find(|(claim, _)| claim.record() == record);
        let (Some((claim, slot)), Some((stands, ids))) = (place, inputs.stand.get(&record)) else {
            return Err(gone);
        };
        let claim: ClaimToAdjudicate = reader.open(claim)?;
        let cover = RecordId::from(proposed.coverage);
        let Some(cover) = covers.iter_mut().find(|one| one.id == cover) else { return Err(gone) };
        let (after, guarantees) = determination(proposed, working, (before.decided, context.today));
        let case = case(context, &person, record, &claim, (cover.id, &cover.cover));
        apply(&mut cover.accumulators, &case, &after)
            .map_err(|_| GateError::Compute("an accumulator would overflow"))?;
        cover.accumulators.guarantees.extend(guarantees);
        cover.changed |= is_final(after.outcome);
        cover.changed |= count_together(families, cover)?;
        let currencies = book((&before, &after), claim.payee, (context.today, ids), writer, totals)?;
        *slot = Some((stands_then(*stands, &after, !currencies.is_empty()), currencies));
        writer.replace(sealed, &with_history(before, after))?;
    }
    // In the place where its lines stood: which of two claims of one day came first must not change.
    for cover in covers.iter_mut().filter(|cover| cover.changed) {
        let place = |line: &PriorLine| places.get(&line.claim).copied().unwrap_or(usize::MAX);
        cover.accumulators.lines.sort_by_key(|line| (line.service_start, place(line)));
    }
    put_changed(&covers, writer)?;
    Ok(moved)
}

/// Where a claim stands that stood so. What was paid is settled once more when the plan owes another amount for it.
fn stands_then(stands: ClaimState, after: &Determination, is_other: bool) -> ClaimState {
    match stands.is_paid() {
        true if is_other => ClaimState::Unsettled,
        true => stands,
        false => state(after),
    }
}

/// Whether a claim is newly refused, and that is a person's to say: the plan does not send refusals out by itself, or it says
/// that somebody had died.
fn refuses(proposed: &ProposedClaim, covers: &[OpenCover<'_>]) -> bool {
    let id = RecordId::from(proposed.coverage);
    let sends = covers.iter().any(|cover| cover.id == id && cover.plan.refusals() == Refusals::Send);
    let accuses = proposed.after.lines.iter().any(|line| line.reasons.contains(&Reason::Phantom));
    proposed.newly_refuses() && (!sends || accuses)
}

/// In which order claims were counted.
fn places(covers: &[OpenCover<'_>]) -> BTreeMap<ClaimId, usize> {
    let lines = covers.iter().flat_map(|cover| &cover.accumulators.lines);
    // Of several lines of a claim the first counts.
    lines.zip(0..).fold(BTreeMap::new(), |mut places, (line, place)| {
        places.entry(line.claim).or_insert(place);
        places
    })
}

/// The new determination, which is of the day of the first one, and what it uses of guarantees.
fn determination(
    proposed: ProposedClaim,
    working: ProposedWorking,
    (decided, released): (Date, Date),
) -> (Determination, Vec<GuaranteeUse>) {
    let determination = Determination {
        decided,
        outcome: proposed.after.outcome,
        currency: proposed.after.currency,
        lines: proposed.after.lines,
        benefits: working.benefits,
        traces: working.traces,
        entries: working.entries,
        plan_version: working.plan_version,
        exchanges: proposed.exchanges,
        coverage: Some(proposed.coverage),
        released: Some(released),
    };
    (determination, working.guarantees)
}

/// The new determination with all that the claim ever counted: what it counted before, its exact negatives, and the new.
fn with_history(before: Determination, after: Determination) -> Determination {
    let stands = Determination { entries: standing(&before.entries), ..before };
    let taken_back = negatives(&stands);
    let entries = before.entries.into_iter().chain(taken_back).chain(after.entries).collect();
    Determination { entries, ..after }
}

/// Books what the plan owes more, or less, than it did: in each currency by itself. Answers the currencies.
fn book(
    (before, after): (&Determination, &Determination),
    payee: Payee,
    (today, ids): (Date, &[RecordId; 2]),
    writer: &mut Writer<'_>,
    totals: &mut Totals,
) -> Result<Vec<Currency>, GateError> {
    let plan = |one: &Determination| one.lines.iter().map(|line| line.plan).sum::<i64>();
    let mut owed: BTreeMap<Currency, i64> = BTreeMap::new();
    *owed.entry(before.currency).or_default() -= plan(before);
    *owed.entry(after.currency).or_default() += plan(after);
    owed.retain(|_, amount| *amount != 0);
    let payable = match payee {
        Payee::Member => Account::PayableToMembers,
        Payee::Provider => Account::PayableToProviders,
    };
    for ((currency, amount), id) in owed.iter().zip(ids) {
        let entries = vec![
            PostingEntry { account: Account::ClaimsCost, amount: *amount },
            PostingEntry { account: payable, amount: -amount },
        ];
        crate::ledger::post(*id, today, *currency, entries, writer, totals)?;
    }
    Ok(owed.into_keys().collect())
}
