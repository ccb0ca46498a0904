//! Deciding one person's claims again, in memory: a plain function that captures nothing. What it opens stays inside; what
//! would change leaves sealed, as a proposal, and of the rest only how many claims stand, differ or wait.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;

use benefits::{Case, Facts, Guarantees, adjudicate, apply, parted_at, reverse, standing};
use domain::{
    Accumulators, ClaimId, ClaimLine, ClaimState, CoverageId, Date, DecidedAmounts, Determination,
    ExplainedLine, GuaranteeId, GuaranteeUse, LineDetermination, Outcome, Proposal, ProposedClaim,
    ProposedWorking, ProviderId, Reason, RecordId, ServiceCode, Step, SubjectId, WorkItemId,
};
use gate::{Computed, GateError, Grant, Reader, Sealed, Writer};
use store::key::WrappedKey;

use super::ToReadjudicate;
use crate::ServiceError;
use crate::adjudicate::compute::{
    Context, OpenCover, SubjectClaims, case, cover_for, first_service, is_final, open_covers, sequence,
};
use crate::adjudicate::facts::{Overridden, ToldSince, told};
use crate::adjudicate::guaranteed::Guarantees as OfPerson;
use crate::adjudicate::other_payer::{Answers, Beside, salary};
use crate::views::{ClaimToAdjudicate, DeterminationToReadjudicate, PersonToAdjudicate};

/// What the computation is given beside one person's records.
pub(super) struct Scope {
    pub(super) adjudication: Context,
    /// The run: under its id the proposal is sealed.
    pub(super) run: WorkItemId,
    /// Claims whose first service lies on these days.
    pub(super) first: Date,
    pub(super) last: Date,
    /// Whether something is counted for the person's family, or would be: then their claims wait.
    pub(super) shares: bool,
}

/// What is fetched for one person: their decided claims, each with its determination.
pub(super) struct Decided {
    pub(super) file: SubjectClaims,
    pub(super) determinations: BTreeMap<RecordId, Sealed<Determination>>,
}

/// The states of the claims that stand, that would be decided otherwise, and that wait for something to be known.
pub(super) type Told = (Vec<ClaimState>, (Vec<ClaimState>, Vec<ClaimState>));

/// A claim with what was decided on it.
struct Earlier {
    record: RecordId,
    claim: ClaimToAdjudicate,
    determination: Determination,
    /// What it used of guarantees.
    used: Vec<GuaranteeUse>,
    /// Its place among the lines that were counted: of two of one day, which came first. What was not counted comes after.
    place: usize,
}

/// One person whose claims are decided again, with all that this takes.
pub(super) struct ToDecide {
    pub(super) subject: SubjectId,
    pub(super) scope: Scope,
    pub(super) decided: Decided,
    pub(super) keys: Vec<WrappedKey>,
    pub(super) basis: [u8; 32],
}

/// Decides on every core: people are independent of one another. Answers in their order.
pub(super) fn decide_all(
    grant: &Grant<ToReadjudicate>,
    people: &[ToDecide],
) -> Result<Vec<Result<Computed<Told>, GateError>>, ServiceError> {
    let decide = |people: &[ToDecide]| -> Vec<_> {
        let one =
            |one: &ToDecide| grant.compute(one.subject, &one.keys, &one.scope, &one.decided, decide_again);
        people.iter().map(one).collect()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (own, others) = people.split_at(people.len().div_ceil(cores));
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

/// Takes back what the claims of the days counted, takes them in the sequence of their plan, and compares. It captures nothing.
pub(super) fn decide_again(
    scope: &Scope,
    inputs: &Decided,
    reader: &Reader<'_, ToReadjudicate>,
    writer: &mut Writer<'_>,
) -> Result<Told, GateError> {
    let person: PersonToAdjudicate = reader.open(&inputs.file.person)?;
    let mut covers = open_covers(&scope.adjudication, &inputs.file, person.birth_date, reader)?;
    let mut earlier = open_earlier(scope, inputs, reader, &covers)?;
    // Where one waits they all do: what it keeps of a limit cannot be given to another.
    let all_wait: Told = (Vec::new(), (Vec::new(), vec![ClaimState::Pended; earlier.len()]));
    if scope.shares {
        return Ok(all_wait);
    }
    let known = Opened {
        person,
        guarantees: OfPerson::open(&inputs.file.guarantees, reader)?,
        answers: Answers::open(&inputs.file.answers, reader)?,
        since: ToldSince::open(&inputs.file.told, reader)?,
        overridden: Overridden::open(&inputs.file.overrides, reader)?,
        used: earlier.iter().flat_map(|one| &one.used).map(|used| used.guarantee).collect(),
        compared: compared(&earlier),
    };
    for one in &earlier {
        take_back(&mut covers, one.record, &one.determination)?;
    }
    earlier.sort_by_cached_key(|one| {
        let sequence = sequence(&mut covers, &one.claim);
        let (first, second, charged) = sequence.key(one.claim.received, &one.claim.lines);
        (first, second, one.place, charged, one.record)
    });
    let mut outcome = Told::default();
    let (mut claims, mut workings) = (Vec::new(), Vec::new());
    for one in &earlier {
        let Ok(cover) = cover_for(&mut covers, &one.claim) else { return Ok(all_wait) };
        let Some(after) = again(&scope.adjudication, &known, one, cover)? else { return Ok(all_wait) };
        let used = used(&cover.accumulators, one.record);
        if is_same(&one.determination, &after) && used == one.used {
            outcome.0.push(state(&after));
            continue;
        }
        outcome.1.0.push(state(&after));
        let (claim, working) = propose(one, cover.id, (after, used));
        claims.push(claim);
        workings.push(working);
    }
    if !claims.is_empty() {
        let proposal = Proposal { computed: scope.adjudication.today, claims, workings };
        writer.put(RecordId::from_bytes(*scope.run.bytes()), 1, &proposal)?;
    }
    Ok(outcome)
}

/// One claim decided anew and counted, at the rates of the day on which it was first, and [`between`] the guarantees of that day and
/// those of today; none where it waits.
fn again(
    context: &Context,
    known: &Opened,
    one: &Earlier,
    cover: &mut OpenCover<'_>,
) -> Result<Option<Determination>, GateError> {
    let overflow = |_| GateError::Compute("an accumulator would overflow");
    let (before, plan, counted) = (&one.determination, cover.plan, &cover.accumulators);
    let since = (&one.claim, known.since.of(one.record), known.overridden.of(one.record));
    let facts = told(context, &known.person, since, &cover.cover);
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
            Some(held) if held.outcome == Outcome::Pended && was_compared(known, &one.claim, &held) => {
                decide(true)
            }
            after => after,
        };
        Ok(after.filter(|after| after.outcome != Outcome::Pended))
    };
    let is_used = |id| known.used.contains(&id);
    let promised = known.guarantees.on(context.today).still_promised(plan, context.today, is_used);
    let Some(after) = between(before, (&guarantees, &promised), decided_beside)? else { return Ok(None) };
    apply(&mut cover.accumulators, &case, &after).map_err(overflow)?;
    guarantees.used(plan, &case, &after, &mut cover.accumulators);
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

/// A service that was paid as nearly a duplicate, since a person had compared it.
struct Compared {
    provider: ProviderId,
    day: Date,
    code: ServiceCode,
}

fn compared(earlier: &[Earlier]) -> Vec<Compared> {
    let of = |one: &Earlier| {
        let is_compared = |line: &u32| {
            let settled = one.determination.lines.iter().find(|settled| settled.number == *line);
            settled.is_some_and(|settled| {
                settled.outcome == Outcome::Approved && settled.reasons.contains(&Reason::Duplicate)
            })
        };
        services(&one.claim).into_iter().filter(|(line, _)| is_compared(line)).map(|(_, one)| one).collect()
    };
    earlier.iter().flat_map(|one| -> Vec<Compared> { of(one) }).collect()
}

/// The services of a claim, by their lines.
fn services(claim: &ClaimToAdjudicate) -> Vec<(u32, Compared)> {
    let of = |line: &ClaimLine| {
        let service = claim.services.iter().find(|service| service.line == line.number)?;
        let (provider, day, code) = (claim.provider, line.service_start, service.code.clone());
        Some((line.number, Compared { provider, day, code }))
    };
    claim.lines.iter().filter_map(of).collect()
}

/// Whether each line that waits does so as nearly a duplicate, of a service that was compared with such a one.
fn was_compared(known: &Opened, claim: &ClaimToAdjudicate, held: &Determination) -> bool {
    let services = services(claim);
    let mut waiting = held.lines.iter().filter(|line| line.outcome == Outcome::Pended);
    waiting.all(|line| {
        let own = services.iter().find(|(number, _)| *number == line.number).map(|(_, own)| own);
        let is_near = |own: &Compared, other: &Compared| {
            let near = (-1..=1).contains(&own.day.days_until(other.day));
            near && (own.provider, &own.code) == (other.provider, &other.code)
        };
        line.reasons.first() == Some(&Reason::Duplicate)
            && own.is_some_and(|own| known.compared.iter().any(|other| is_near(own, other)))
    })
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
        });
    }
    Ok(earlier)
}

/// Takes back what a claim counted, where it counted.
pub(super) fn take_back(
    covers: &mut [OpenCover<'_>],
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
        .map_err(|_| GateError::Compute("an accumulator would overflow"))
}

/// Whether a person released what was held of a claim: a line is paid that has the reason of a hold.
fn was_released(before: &Determination) -> bool {
    let holds = [Reason::Suspended, Reason::Duplicate, Reason::Area];
    let is_held = |line: &LineDetermination| line.reasons.iter().any(|reason| holds.contains(reason));
    before.lines.iter().any(|line| line.outcome == Outcome::Approved && is_held(line))
}

/// Whether a claim comes out as it was decided: what becomes of it, each amount and reason, and what it counts.
fn is_same(before: &Determination, after: &Determination) -> bool {
    (before.outcome, before.currency) == (after.outcome, after.currency)
        && before.lines == after.lines
        && standing(&before.entries) == after.entries
}

/// Where a claim that came out so stands before it is paid.
pub(super) fn state(determination: &Determination) -> ClaimState {
    let owes = determination.lines.iter().any(|line| line.plan > 0);
    if owes { ClaimState::Adjudicated } else { ClaimState::Settled }
}

fn propose(
    one: &Earlier,
    cover: RecordId,
    (after, guarantees): (Determination, Vec<GuaranteeUse>),
) -> (ProposedClaim, ProposedWorking) {
    let before = &one.determination;
    let explained = explain(before, &after);
    let claim = ProposedClaim {
        claim: ClaimId::from_bytes(*one.record.bytes()),
        coverage: CoverageId::from_bytes(*cover.bytes()),
        before: amounts(before),
        after: amounts(&after),
        exchanges: after.exchanges,
        explained,
    };
    let working = ProposedWorking {
        benefits: after.benefits,
        traces: after.traces,
        entries: after.entries,
        plan_version: after.plan_version,
        guarantees,
    };
    (claim, working)
}

fn amounts(determination: &Determination) -> DecidedAmounts {
    DecidedAmounts {
        outcome: determination.outcome,
        currency: determination.currency,
        lines: determination.lines.clone(),
    }
}

/// The lines that differ in amounts, reasons or what they count, each with the step at which the two ways part.
fn explain(before: &Determination, after: &Determination) -> Vec<ExplainedLine> {
    let counted = standing(&before.entries);
    let counts = |entries: &[domain::AccumulatorEntry], line: u32| {
        entries.iter().filter(|entry| entry.line == line).cloned().collect::<Vec<_>>()
    };
    let earlier = |line: &LineDetermination| before.lines.iter().find(|known| known.number == line.number);
    let differs = |line: &&LineDetermination| {
        before.currency != after.currency
            || earlier(line) != Some(*line)
            || counts(&counted, line.number) != counts(&after.entries, line.number)
    };
    let explain = |line: &LineDetermination| ExplainedLine {
        line: line.number,
        // What differs in nothing that was traced is told with the rounding, which every line comes to.
        step: parted_at(&before.traces, &after.traces, line.number).unwrap_or(Step::Rounding),
    };
    after.lines.iter().filter(differs).map(explain).collect()
}
