//! Deciding the claims of a family again, or of somebody who counts alone, in memory: a plain function that captures nothing. What
//! it opens stays inside; what would change leaves sealed, as a proposal for each whose claims it is, and of the rest only how
//! many claims stand, differ or wait. Nothing is written for the holder of the contract.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;

use benefits::{Case, Facts, Guarantees, Sequence, adjudicate, apply, reverse, standing};
use domain::{
    Accumulators, ClaimId, ClaimLine, ClaimState, Date, Determination, FamilySums, GuaranteeId, GuaranteeUse,
    Outcome, Proposal, ProposedClaim, ProposedWorking, RecordId, SubjectId, Timestamp, WorkItemId,
};
use gate::{Computed, GateError, Grant, Reader, Sealed, Writer};
use store::key::WrappedKey;

use super::ToReadjudicate;
use super::compared::{Compared, compared, is_same, was_compared, was_released};
use super::fetched::FetchedFamily;
use super::propose::propose;
use crate::ServiceError;
use crate::adjudicate::compute::{
    Context, OpenCover, SubjectClaims, carried, case, cover_for, first_service, is_final, open_covers,
    sequence,
};
use crate::adjudicate::facts::{Overridden, ToldSince, told};
use crate::adjudicate::family::OpenFamilies;
use crate::adjudicate::guaranteed::Guarantees as OfPerson;
use crate::adjudicate::other_payer::{Answers, Beside, salary};
use crate::views::{ClaimToAdjudicate, DeterminationToReadjudicate, FamilySumsToCount, PersonToAdjudicate};

/// What the computation is given beside the records.
pub(super) struct Scope {
    pub(super) adjudication: Context,
    /// The run: under its id the proposals are sealed.
    pub(super) run: WorkItemId,
    /// Claims whose first service lies on these days.
    pub(super) first: Date,
    pub(super) last: Date,
    /// Whether what was counted for the family is not known, or would be counted otherwise: then its claims wait.
    pub(super) waits: bool,
}

/// What is fetched for one person: their decided claims, each with its determination.
pub(super) struct Decided {
    pub(super) file: SubjectClaims,
    pub(super) determinations: BTreeMap<RecordId, Sealed<Determination>>,
    /// When each claim was first decided; of somebody who counts alone none is needed.
    pub(super) first_decided: BTreeMap<RecordId, Timestamp>,
}

/// What is fetched for a family: of each what is fetched for one, and what they count on together.
pub(super) struct DecidedOfFamily {
    pub(super) people: Vec<Decided>,
    pub(super) sums: Vec<Sealed<FamilySums>>,
}

/// The states of the claims that stand, that would be decided otherwise, and that wait for something to be known.
pub(super) type Told = (Vec<ClaimState>, (Vec<ClaimState>, Vec<ClaimState>));

/// A claim with what was decided on it.
pub(super) struct Earlier {
    pub(super) record: RecordId,
    pub(super) claim: ClaimToAdjudicate,
    pub(super) determination: Determination,
    /// What it used of guarantees.
    used: Vec<GuaranteeUse>,
    /// Its place among the lines that were counted: of two of one day, which came first. What was not counted comes after.
    place: usize,
    /// When it was first decided; nothing is known of somebody who counts alone.
    since: Option<Timestamp>,
}

/// A family whose claims are decided again, with all that this takes.
pub(super) struct ToDecide {
    pub(super) scope: Scope,
    pub(super) family: Members,
    pub(super) basis: [u8; 32],
}

/// The members of a family, with what is fetched for them.
pub(super) struct Members {
    keys: Vec<(SubjectId, Vec<WrappedKey>)>,
    holder: Option<SubjectId>,
    decided: DecidedOfFamily,
}

impl From<FetchedFamily> for Members {
    fn from(family: FetchedFamily) -> Self {
        let FetchedFamily { people, sums, holder, .. } = family;
        let (keys, people) = people.into_iter().map(|one| ((one.subject, one.keys), one.decided)).unzip();
        Self { keys, holder, decided: DecidedOfFamily { people, sums } }
    }
}

impl ToDecide {
    /// Whose claims they are, in order of ids.
    pub(super) fn members(&self) -> impl Iterator<Item = SubjectId> {
        self.family.keys.iter().map(|(subject, _)| *subject)
    }

    fn decide(&self, (grant, sums): Grants<'_>) -> Result<Computed<Told>, GateError> {
        let Members { keys, holder, decided } = &self.family;
        if let (None, [(subject, keys)]) = (holder, &keys[..]) {
            return grant.compute(*subject, keys, &self.scope, decided, decide_alone);
        }
        let Some(to) = sums.zip(*holder) else { return Err(GateError::OtherSubject) };
        let members: Vec<_> = keys.iter().map(|(subject, keys)| (*subject, &keys[..])).collect();
        grant.compute_together(&members, to, &[], &self.scope, decided, decide_in_family)
    }
}

/// What opens the records of the members, and the sums of the holders.
type Grants<'a> = (&'a Grant<ToReadjudicate>, Option<&'a Grant<FamilySumsToCount>>);

/// Decides on every core: families are independent of one another. Answers in their order.
pub(super) fn decide_all(
    grants: Grants<'_>,
    families: &[ToDecide],
) -> Result<Vec<Result<Computed<Told>, GateError>>, ServiceError> {
    let decide =
        |families: &[ToDecide]| -> Vec<_> { families.iter().map(|one| one.decide(grants)).collect() };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (own, others) = families.split_at(families.len().div_ceil(cores));
    std::thread::scope(|scope| {
        let start = |part| std::thread::Builder::new().spawn_scoped(scope, move || decide(part));
        let others = others.chunks(own.len().max(1)).map(start).collect::<Result<Vec<_>, _>>();
        let others = others.map_err(|_| ServiceError::Thread)?;
        let mut decided = decide(own);
        for other in others {
            decided.extend(other.join().unwrap_or_else(|fault| resume_unwind(fault)));
        }
        Ok(decided)
    })
}

/// What is known of one person beside their claims, opened.
struct Opened {
    person: PersonToAdjudicate,
    guarantees: OfPerson,
    answers: Answers,
    since: ToldSince,
    overridden: Overridden,
    /// The guarantees that the claims used.
    used: BTreeSet<GuaranteeId>,
    /// Lines that a person let stand as nearly duplicates.
    compared: Vec<Compared>,
}

/// One of a family, opened.
struct Member<'a> {
    known: Opened,
    covers: Vec<OpenCover<'a>>,
    earlier: Vec<Earlier>,
}

impl<'a> Member<'a> {
    fn open(
        scope: &'a Scope,
        inputs: &'a Decided,
        reader: &Reader<'_, ToReadjudicate>,
    ) -> Result<Self, GateError> {
        let person: PersonToAdjudicate = reader.open(&inputs.file.person)?;
        let covers = open_covers(&scope.adjudication, &inputs.file, person.birth_date, reader)?;
        let earlier = open_earlier(scope, inputs, reader, &covers)?;
        let known = Opened {
            person,
            guarantees: OfPerson::open(&inputs.file.guarantees, reader)?,
            answers: Answers::open(&inputs.file.answers, reader)?,
            since: ToldSince::open(&inputs.file.told, reader)?,
            overridden: Overridden::open(&inputs.file.overrides, reader)?,
            used: earlier.iter().flat_map(|one| &one.used).map(|used| used.guarantee).collect(),
            compared: compared(&earlier),
        };
        Ok(Self { known, covers, earlier })
    }
}

fn decide_alone(
    scope: &Scope,
    inputs: &DecidedOfFamily,
    reader: &Reader<'_, ToReadjudicate>,
    writer: &mut Writer<'_>,
) -> Result<Told, GateError> {
    decide_again((scope, inputs), reader, std::slice::from_mut(writer), &mut OpenFamilies::default())
}

fn decide_in_family(
    scope: &Scope,
    inputs: &DecidedOfFamily,
    (reader, of_holder): (&Reader<'_, ToReadjudicate>, &Reader<'_, FamilySumsToCount>),
    (writers, _): (&mut [Writer<'_>], &mut Writer<'_>),
) -> Result<Told, GateError> {
    let mut families = OpenFamilies::open(&inputs.sums, of_holder)?;
    decide_again((scope, inputs), reader, writers, &mut families)
}

/// Takes back what the claims of the days counted, takes them in the sequence of their plan, and compares. It captures nothing.
fn decide_again(
    (scope, inputs): (&Scope, &DecidedOfFamily),
    reader: &Reader<'_, ToReadjudicate>,
    writers: &mut [Writer<'_>],
    families: &mut OpenFamilies<'_>,
) -> Result<Told, GateError> {
    let open = |one| Member::open(scope, one, reader);
    let mut members = inputs.people.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    // Where one waits they all do: what it keeps of a limit cannot be given to another.
    let claims = members.iter().map(|member| member.earlier.len()).sum();
    let all_wait: Told = (Vec::new(), (Vec::new(), vec![ClaimState::Pended; claims]));
    let mut covers = members.iter().flat_map(|member| &member.covers);
    if scope.waits || covers.any(|cover| !is_known(families, cover)) {
        return Ok(all_wait);
    }
    for Member { covers, earlier, .. } in &mut members {
        earlier.iter().try_for_each(|one| take_back(covers, families, one.record, &one.determination))?;
    }
    if families.is_overdrawn() {
        return Ok(all_wait);
    }
    let mut outcome = Told::default();
    let mut proposals: Vec<(Vec<ProposedClaim>, Vec<ProposedWorking>)> = Vec::new();
    proposals.resize_with(members.len(), Default::default);
    for (who, index) in in_sequence(&mut members) {
        let (Some(member), Some(proposal)) = (members.get_mut(who), proposals.get_mut(who)) else { continue };
        let Member { known, covers, earlier } = member;
        let Some(one) = earlier.get(index) else { continue };
        let Ok(place) = cover_for(covers, &one.claim) else { return Ok(all_wait) };
        let after = again(&scope.adjudication, known, one, (covers, place), families)?;
        let Some((after, cover)) = after.zip(covers.get(place)) else { return Ok(all_wait) };
        let used = used(&cover.accumulators, one.record);
        if is_same(&one.determination, &after) && used == one.used {
            outcome.0.push(state(&after));
            continue;
        }
        outcome.1.0.push(state(&after));
        let (claim, working) = propose(one, cover.id, (after, used));
        proposal.0.push(claim);
        proposal.1.push(working);
    }
    for (writer, (claims, workings)) in writers.iter_mut().zip(proposals) {
        if !claims.is_empty() {
            let proposal = Proposal { computed: scope.adjudication.today, claims, workings };
            writer.put(RecordId::from_bytes(*scope.run.bytes()), 1, &proposal)?;
        }
    }
    Ok(outcome)
}

/// Whether it is known what a family counted beside a span: also in its currency.
fn is_known(families: &OpenFamilies<'_>, cover: &OpenCover<'_>) -> bool {
    cover.shared().is_none() || families.counted(cover.shared(), cover.cover.currency).is_some()
}

/// The claims of all members, each by its member and its place among theirs, as their plans take them. Those that a plan takes
/// alike keep the order in which they were counted: of one member by its lines, between members by when they were first decided.
/// So do those that were received on one day, whatever their care: of a family the job takes one member after the other.
fn in_sequence(members: &mut [Member<'_>]) -> Vec<(usize, usize)> {
    let mut order = Vec::new();
    for (who, Member { covers, earlier, .. }) in members.iter_mut().enumerate() {
        let mut own: Vec<_> = earlier
            .iter()
            .enumerate()
            .map(|(index, one)| {
                let sequence = sequence(covers, &one.claim);
                let (first, second, charged) = sequence.key(one.claim.received, &one.claim.lines);
                let days = (first, second.filter(|_| sequence == Sequence::ServiceDate));
                let decided = one.since.filter(|_| sequence == Sequence::Receipt);
                (days, (decided, second, one.place, charged, one.record), one.since, index)
            })
            .collect();
        own.sort_unstable_by_key(|(days, place, ..)| (*days, *place));
        let mut before = None;
        for (place, (days, _, since, index)) in own.into_iter().enumerate() {
            // None comes before one of the same member that was counted before it.
            let since = before.filter(|(of, _)| *of == days).map_or(since, |(_, at)| since.max(at));
            before = Some((days, since));
            order.push((days, since, who, place, index));
        }
    }
    order.sort_unstable();
    order.into_iter().map(|(_, _, who, _, index)| (who, index)).collect()
}

/// One claim decided anew and counted, at the rates of the day on which it was first, and [`between`] the guarantees of that day and
/// those of today; none where it waits.
fn again(
    context: &Context,
    known: &Opened,
    one: &Earlier,
    (covers, place): (&mut [OpenCover<'_>], usize),
    families: &mut OpenFamilies<'_>,
) -> Result<Option<Determination>, GateError> {
    let overflow = |_| GateError::Compute("an accumulator would overflow");
    let carried = carried(covers, place)?;
    let Some(cover) = covers.get_mut(place) else { return Ok(None) };
    let counted = carried.as_ref().unwrap_or(&cover.accumulators);
    let (before, plan) = (&one.determination, cover.plan);
    let since = (&one.claim, known.since.of(one.record), known.overridden.of(one.record));
    let family = families.counted_for(cover)?;
    let told = told(context, &known.person, since, &cover.cover);
    let facts = Facts { family: family.as_deref(), ..cover.facts(told) };
    let case = Case {
        // A proposal that newly refuses is released by somebody who names the person.
        confirmed: true,
        decided: before.decided,
        facts: Facts { released: was_released(before), ..facts },
        ..case(context, &known.person, one.record, &one.claim, (cover.id, &cover.cover))
    };
    let guarantees = known.guarantees.on(case.decided);
    let guaranteed = guarantees.authorisations(&case, counted);
    let authorisations = guaranteed.as_deref().or(facts.authorisations);
    let beside = Beside::of(plan, &case, (one.record, &one.claim), &cover.cover, &known.answers);
    let other = beside.as_ref().map(Beside::fact);
    let case = Case { facts: Facts { authorisations, other, ..case.facts }, ..case };
    let decided_beside = |guarantees: &Guarantees<'_>| -> Result<Option<Determination>, GateError> {
        let salary = |lines: &[ClaimLine]| salary(lines, &cover.cover);
        let kept_free = guarantees.kept_free(plan, &case, counted, salary).map_err(overflow)?;
        let decide = |released: bool| {
            let facts = Facts { released, kept_free: &kept_free, ..case.facts };
            adjudicate(plan, &Case { facts, ..case }, counted).ok()
        };
        let after = match decide(case.facts.released) {
            // Which of two is nearly a duplicate of the other depends on the sequence: a person who compared them did so once.
            Some(held)
                if held.outcome == Outcome::Pended && was_compared(&known.compared, &one.claim, &held) =>
            {
                decide(true)
            }
            after => after,
        };
        Ok(after.filter(|after| after.outcome != Outcome::Pended))
    };
    let is_used = |id| known.used.contains(&id);
    let promised = known.guarantees.on(context.today).still_promised(plan, context.today, is_used);
    let Some(after) = between(before, (&guarantees, &promised), decided_beside)? else { return Ok(None) };
    let used = guarantees.used(plan, &case, &after, counted);
    apply(&mut cover.accumulators, &case, &after).map_err(overflow)?;
    cover.accumulators.guarantees.extend(used);
    count_together(families, cover)?;
    Ok(Some(after))
}

/// What becomes of a claim beside the guarantees that stood when it was decided, and beside those that stand now. More is paid than
/// before within what is free now: what was promised since is kept, and what is not promised any more is free. What was paid is not
/// taken back because something was promised since, and stands where more would be due for which nothing is free.
fn between(
    before: &Determination,
    (then, now): (&Guarantees<'_>, &Guarantees<'_>),
    beside: impl Fn(&Guarantees<'_>) -> Result<Option<Determination>, GateError>,
) -> Result<Option<Determination>, GateError> {
    let Some(today) = beside(now)? else { return Ok(None) };
    if today.currency != before.currency || paid(&today) >= paid(before) {
        return Ok(Some(today));
    }
    let Some(as_then) = beside(then)? else { return Ok(None) };
    if paid(&as_then) > paid(before) {
        return Ok(Some(Determination { entries: standing(&before.entries), ..before.clone() }));
    }
    Ok(Some(if paid(&as_then) > paid(&today) { as_then } else { today }))
}

/// What the plan pays, in minor units.
fn paid(determination: &Determination) -> i128 {
    determination.lines.iter().map(|line| i128::from(line.plan)).sum()
}

/// What a claim used of guarantees.
fn used(accumulators: &Accumulators, record: RecordId) -> Vec<GuaranteeUse> {
    let of_claim = accumulators.guarantees.iter().filter(|used| RecordId::from(used.claim) == record);
    of_claim.cloned().collect()
}

/// The decided claims of the days, opened.
fn open_earlier(
    scope: &Scope,
    inputs: &Decided,
    reader: &Reader<'_, ToReadjudicate>,
    covers: &[OpenCover<'_>],
) -> Result<Vec<Earlier>, GateError> {
    let mut earlier = Vec::with_capacity(inputs.file.claims.len());
    for sealed in &inputs.file.claims {
        let Some(determination) = inputs.determinations.get(&sealed.record()) else { continue };
        let claim: ClaimToAdjudicate = reader.open(sealed)?;
        if first_service(&claim).is_none_or(|day| day < scope.first || scope.last < day) {
            continue;
        }
        let opened: DeterminationToReadjudicate = reader.open(determination)?;
        let record = sealed.record();
        let lines = covers.iter().flat_map(|cover| &cover.accumulators.lines);
        let place = lines.zip(0..).find(|(line, _)| RecordId::from(line.claim) == record);
        earlier.push(Earlier {
            record,
            claim,
            determination: opened.into_determination(),
            used: covers.iter().flat_map(|cover| used(&cover.accumulators, record)).collect(),
            place: place.map_or(usize::MAX, |(_, place)| place),
            since: inputs.first_decided.get(&record).copied(),
        });
    }
    Ok(earlier)
}

/// Takes back what a claim counted, where it counted: for its member alone, and for the family.
pub(super) fn take_back(
    covers: &mut [OpenCover<'_>],
    families: &mut OpenFamilies<'_>,
    record: RecordId,
    determination: &Determination,
) -> Result<(), GateError> {
    if !is_final(determination.outcome) {
        return Ok(());
    }
    let claim = ClaimId::from_bytes(*record.bytes());
    let has_it = |cover: &&mut OpenCover<'_>| cover.accumulators.lines.iter().any(|line| line.claim == claim);
    let Some(cover) = covers.iter_mut().find(has_it) else {
        return Err(GateError::Compute("what a claim counted is not where its cover is"));
    };
    cover.changed = true;
    reverse(&mut cover.accumulators, claim, determination)
        .map_err(|_| GateError::Compute("an accumulator would overflow"))?;
    count_together(families, cover).map(drop)
}

/// Moves what was counted under a span for the family to its sums. Refuses where these are not known. Answers whether anything was.
pub(super) fn count_together(
    families: &mut OpenFamilies<'_>,
    cover: &mut OpenCover<'_>,
) -> Result<bool, GateError> {
    if !is_known(families, cover) {
        return Err(GateError::Compute("what a family counted together is not known"));
    }
    families.count(cover.shared(), (cover.plan, cover.cover.currency), &mut cover.accumulators)
}

/// Where a claim that came out so stands before it is paid.
pub(super) fn state(determination: &Determination) -> ClaimState {
    let owes = determination.lines.iter().any(|line| line.plan > 0);
    if owes { ClaimState::Adjudicated } else { ClaimState::Settled }
}
