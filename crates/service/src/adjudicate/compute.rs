//! The computation on one subject's sealed claims: a plain function that captures nothing. What it opens
//! stays inside; what it makes leaves sealed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use benefits::{Case, CountedUnder, Cover, ExchangeRates, Facts, Plan, Sequence};
use domain::{
    Account, Accumulators, Claim, ClaimFacts, ClaimId, ClaimLine, ClaimOverrides, ClaimState, Coverage,
    CoverageId, Date, Determination, FamilySums, Guarantee, Includes, OtherPayerAnswer, Outcome,
    OutcomeReason, Payee, Person, PostingEntry, RecordId, SubjectId, Views,
};
use gate::{GateError, Reader, Sealed, Totals, Writer};

use super::desk::OnDesk;
use super::facts::{Overridden, ToldSince, told};
use super::family::{OpenFamilies, Shared};
use super::guaranteed::Guarantees;
use super::other_payer::{Answers, Beside, salary};
use super::{Standing, ToAdjudicate, pends};
use crate::span::{Since, SinceWhen, Span};
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, FamilySumsToCount, PersonToAdjudicate,
};

/// What is fetched for one subject.
pub(crate) struct SubjectClaims {
    pub(crate) claims: Vec<Sealed<Claim>>,
    pub(crate) covers: Vec<Sealed<Coverage>>,
    pub(crate) person: Sealed<Person>,
    pub(crate) accumulators: Vec<Sealed<Accumulators>>,
    /// Guarantees of payment that were asked for.
    pub(crate) guarantees: Vec<Sealed<Guarantee>>,
    /// What other payers answered about the claims.
    pub(crate) answers: Vec<Sealed<OtherPayerAnswer>>,
    /// What became known of the claims after they had come in.
    pub(crate) told: Vec<Sealed<ClaimFacts>>,
    /// What persons decided about their lines.
    pub(crate) overrides: Vec<Sealed<ClaimOverrides>>,
    /// The sums of the holder of their contract; none where the plan counts for nobody together.
    pub(crate) family: Vec<Sealed<FamilySums>>,
    /// What a person has before them of the claim; none where the job adjudicates.
    pub(crate) desk: Option<OnDesk>,
}

/// What the computation may know beside: the plan of each span of cover, since when there was none without cover before it, what it
/// shares with a family, and the day.
pub(crate) struct Context {
    pub(crate) plans: BTreeMap<(SubjectId, CoverageId), Arc<Plan>>,
    pub(crate) since: SinceWhen,
    pub(crate) shared: BTreeMap<(SubjectId, CoverageId), Shared>,
    pub(crate) rates: Arc<ExchangeRates>,
    pub(crate) today: Date,
}

impl Context {
    /// The plan that a span of cover is under.
    pub(crate) fn plan(&self, cover: &Sealed<Coverage>) -> Option<&Plan> {
        let id = CoverageId::from_bytes(*cover.record().bytes());
        self.plans.get(&(cover.subject(), id)).map(Arc::as_ref)
    }

    fn since(&self, cover: &Sealed<Coverage>) -> Option<Since> {
        self.since.get(cover.subject(), CoverageId::from_bytes(*cover.record().bytes()))
    }

    fn shared(&self, cover: &Sealed<Coverage>) -> Option<Shared> {
        let id = CoverageId::from_bytes(*cover.record().bytes());
        self.shared.get(&(cover.subject(), id)).copied()
    }
}

/// What is known of whoever claims, opened.
pub(crate) struct Known<'a> {
    pub(super) context: &'a Context,
    pub(super) person: PersonToAdjudicate,
    pub(super) guarantees: Guarantees,
    answers: Answers,
    told: ToldSince,
    overridden: Overridden,
    desk: Option<&'a OnDesk>,
}

impl<'a> Known<'a> {
    /// Of somebody of whom no claim is looked at.
    pub(crate) fn without_claims(
        context: &'a Context,
        person: PersonToAdjudicate,
        guarantees: Guarantees,
    ) -> Self {
        Self {
            context,
            person,
            guarantees,
            answers: Answers::default(),
            told: ToldSince::default(),
            overridden: Overridden::default(),
            desk: None,
        }
    }
}

/// A span of cover, opened, with what was counted under it.
pub(crate) struct OpenCover<'a> {
    pub(crate) id: RecordId,
    pub(crate) cover: CoverToAdjudicate,
    pub(crate) plan: &'a Plan,
    /// The first day on which the person is covered: a newborn's may come before the span's own.
    covered_from: Date,
    since: Option<Since>,
    /// The first day of other cover that ran until this one began.
    prior_cover: Option<Date>,
    shared: Option<Shared>,
    pub(crate) accumulators: Accumulators,
    counted: Option<&'a Sealed<Accumulators>>,
    pub(crate) changed: bool,
}

impl<'a> OpenCover<'a> {
    /// A span of the cover of somebody who was born that day, with what was counted under it; none where its plan is not known.
    pub(crate) fn of(
        context: &'a Context,
        sealed: &Sealed<Coverage>,
        birth: Date,
        cover: CoverToAdjudicate,
        accumulators: Accumulators,
    ) -> Option<Self> {
        let plan = context.plan(sealed)?;
        Some(Self {
            id: sealed.record(),
            covered_from: plan.covered_from(Some(birth), cover.start),
            prior_cover: cover.prior_cover,
            cover,
            plan,
            since: context.since(sealed),
            shared: context.shared(sealed),
            accumulators,
            counted: None,
            changed: false,
        })
    }

    /// What it counts on with the rest of the family.
    pub(crate) fn shared(&self) -> Option<Shared> {
        self.shared
    }

    /// The first day that its policy years count from, where that is not its own.
    pub(crate) fn policy_start(&self) -> Option<Date> {
        self.shared.map(|shared| shared.policy_start).or_else(|| self.since.map(|since| since.continued))
    }

    /// What is known beside a claim under this span.
    pub(crate) fn facts<'f>(&self, told: Facts<'f>) -> Facts<'f> {
        Facts {
            policy_start: self.policy_start(),
            covered_since: self.since.map(|since| since.continued),
            prior_cover: self.prior_cover,
            ..told
        }
    }

    fn counted(&self) -> CountedUnder<'_> {
        let (plan, currency) = (self.plan.id(), self.cover.currency);
        CountedUnder { plan, currency, accumulators: &self.accumulators }
    }

    fn span(&self) -> Span<'_> {
        let cover = &self.cover;
        Span { start: self.covered_from, end: cover.end, status: cover.status, plan: self.plan.id() }
    }
}

/// The computation on one subject's sealed claims, in the order received. It captures nothing.
pub(super) fn adjudicate_subject(
    context: &Context,
    inputs: &SubjectClaims,
    reader: &Reader<'_, ToAdjudicate>,
    writer: &mut Writer<'_>,
) -> Result<(Vec<Standing>, Totals), GateError> {
    adjudicate_claims((context, inputs), reader, writer, &mut OpenFamilies::default())
}

/// The same of somebody whose plan counts for a family: its sums are opened under the holder's grant, and sealed for the
/// holder.
pub(super) fn adjudicate_in_family(
    context: &Context,
    inputs: &SubjectClaims,
    (reader, of_holder): (&Reader<'_, ToAdjudicate>, &Reader<'_, FamilySumsToCount>),
    (writers, for_holder): (&mut [Writer<'_>], &mut Writer<'_>),
) -> Result<(Vec<Standing>, Totals), GateError> {
    let [writer] = writers else { return Err(GateError::Compute("one person claims")) };
    let mut families = OpenFamilies::open(&inputs.family, of_holder)?;
    let done = adjudicate_claims((context, inputs), reader, writer, &mut families)?;
    families.write(for_holder)?;
    Ok(done)
}

fn adjudicate_claims(
    (context, inputs): (&Context, &SubjectClaims),
    reader: &Reader<'_, ToAdjudicate>,
    writer: &mut Writer<'_>,
    families: &mut OpenFamilies<'_>,
) -> Result<(Vec<Standing>, Totals), GateError> {
    let person: PersonToAdjudicate = reader.open(&inputs.person)?;
    let guarantees = Guarantees::open(&inputs.guarantees, reader)?;
    let answers = Answers::open(&inputs.answers, reader)?;
    let told = ToldSince::open(&inputs.told, reader)?;
    let overridden = Overridden::open(&inputs.overrides, reader)?;
    let desk = inputs.desk.as_ref();
    let known = Known { context, person, guarantees, answers, told, overridden, desk };
    let mut covers = open_covers(context, inputs, known.person.birth_date, reader)?;
    let mut order: Vec<(usize, ClaimToAdjudicate)> = Vec::with_capacity(inputs.claims.len());
    for (index, claim) in inputs.claims.iter().enumerate() {
        order.push((index, reader.open(claim)?));
    }
    // In the plan's sequence, then as given: which claim meets the deductible depends on the claims, and not on ids, which
    // differ from site to site.
    let record_of = |index: usize| inputs.claims.get(index).map(Sealed::record);
    order.sort_by_cached_key(|(_, claim)| sequence(&covers, claim).key(claim.received, &claim.lines));
    let mut standings = vec![pends(OutcomeReason::NotComputed); inputs.claims.len()];
    let mut totals = Totals::default();
    for (index, claim) in order {
        let Some(record) = record_of(index) else { continue };
        let standing = match cover_for(&covers, &claim) {
            Ok(place) => {
                let under = (&mut covers[..], place);
                adjudicate_under(&known, families, (record, &claim), under, writer, &mut totals)?
            }
            Err(reason) => pends(reason),
        };
        if let Some(slot) = standings.get_mut(index) {
            *slot = standing;
        }
    }
    put_changed(&covers, writer)?;
    Ok((standings, totals))
}

/// Seals what was counted under the spans where it changed.
pub(crate) fn put_changed(covers: &[OpenCover<'_>], writer: &mut Writer<'_>) -> Result<(), GateError> {
    covers.iter().filter(|cover| cover.changed).try_for_each(|cover| match cover.counted {
        Some(before) => writer.replace(before, &cover.accumulators),
        None => writer.put(cover.id, 1, &cover.accumulators),
    })
}

/// One claim under its cover: determined, counted, booked.
fn adjudicate_under(
    known: &Known<'_>,
    families: &mut OpenFamilies<'_>,
    (record, claim): (RecordId, &ClaimToAdjudicate),
    (covers, place): (&mut [OpenCover<'_>], usize),
    writer: &mut Writer<'_>,
    totals: &mut Totals,
) -> Result<Standing, GateError> {
    let overflow = |_| GateError::Compute("an accumulator would overflow");
    let carried = carried(covers, place)?;
    let Some(cover) = covers.get_mut(place) else { return Ok(pends(OutcomeReason::NoCover)) };
    let counted = carried.as_ref().unwrap_or(&cover.accumulators);
    let (currency, plan) = (cover.cover.currency, cover.plan);
    let overrides = known.overridden.of(record);
    let released = known.desk.is_some();
    let family = families.counted_for(cover)?;
    let told = told(known.context, &known.person, (claim, known.told.of(record), overrides), &cover.cover);
    let facts = Facts { family: family.as_deref(), released, ..cover.facts(told) };
    let case = case(known.context, &known.person, record, claim, (cover.id, &cover.cover));
    let case = Case { facts, confirmed: released, ..case };
    let guarantees = known.guarantees.on(case.decided);
    let salary = |lines: &[ClaimLine]| salary(lines, &cover.cover);
    let kept_free = guarantees.kept_free(plan, &case, counted, salary).map_err(overflow)?;
    let guaranteed = guarantees.authorisations(&case, counted);
    let authorisations = guaranteed.as_deref().or(facts.authorisations);
    let case = Case { facts: Facts { authorisations, kept_free: &kept_free, ..facts }, ..case };
    let beside = Beside::of(plan, &case, (record, claim), &cover.cover, &known.answers);
    let case = Case { facts: Facts { other: beside.as_ref().map(Beside::fact), ..case.facts }, ..case };
    let Ok(determination) = benefits::adjudicate(plan, &case, counted) else {
        return Ok(pends(OutcomeReason::NotComputed));
    };
    let in_currency = case.currency == currency && plan.currencies().contains(&case.currency);
    let waits = pends(if in_currency { OutcomeReason::Determination } else { OutcomeReason::OtherCurrency });
    if let Some(desk) = known.desk.filter(|desk| !desk.lets_stand(&determination)) {
        desk.propose(record, determination, writer)?;
        return Ok(waits);
    }
    let used = guarantees.used(plan, &case, &determination, counted);
    benefits::apply(&mut cover.accumulators, &case, &determination).map_err(overflow)?;
    cover.accumulators.guarantees.extend(used);
    cover.changed |= is_final(determination.outcome);
    let state = book(record, claim.payee, &determination, case.decided, writer, totals)?;
    match known.desk.and_then(|desk| desk.proposal.as_ref()) {
        Some(proposal) => writer.replace(proposal, &determination)?,
        None => writer.put(record, 1, &determination)?,
    }
    cover.changed |= families.count(cover.shared, (plan, currency), &mut cover.accumulators)?;
    Ok(match state {
        ClaimState::Pended => waits,
        state => (state, None),
    })
}

/// In which order a claim counts among others: as the plan of its cover says; of one that no cover is known for, that of receipt.
pub(crate) fn sequence(covers: &[OpenCover<'_>], claim: &ClaimToAdjudicate) -> Sequence {
    let cover = cover_for(covers, claim).ok().and_then(|place| covers.get(place));
    cover.map_or(Sequence::Receipt, |cover| cover.plan.sequence())
}

/// The first day on which a service of a claim began.
pub(crate) fn first_service(claim: &ClaimToAdjudicate) -> Option<Date> {
    claim.lines.iter().map(|line| line.service_start).min()
}

/// Whether a claim that came out so is counted.
pub(crate) fn is_final(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Approved | Outcome::PartiallyApproved)
}

/// The spans of the cover of somebody who was born that day whose plan is known, in order, each with what was counted under it.
pub(crate) fn open_covers<'a, S, C, A>(
    context: &'a Context,
    inputs: &'a SubjectClaims,
    birth: Date,
    reader: &Reader<'_, S>,
) -> Result<Vec<OpenCover<'a>>, GateError>
where
    S: Views + Includes<CoverToAdjudicate, C> + Includes<AccumulatorsToAdjudicate, A>,
{
    let mut covers = Vec::with_capacity(inputs.covers.len());
    for sealed in &inputs.covers {
        if context.plan(sealed).is_none() {
            continue;
        }
        let counted = inputs.accumulators.iter().find(|counted| counted.record() == sealed.record());
        let accumulators = match counted {
            Some(counted) => {
                let opened: AccumulatorsToAdjudicate = reader.open(counted)?;
                let AccumulatorsToAdjudicate { balances, lines, guarantees } = opened;
                Accumulators { balances, lines, guarantees }
            }
            None => Accumulators::default(),
        };
        let cover: CoverToAdjudicate = reader.open(sealed)?;
        let open = OpenCover::of(context, sealed, birth, cover, accumulators);
        covers.extend(open.map(|open| OpenCover { counted, ..open }));
    }
    in_order(&mut covers);
    Ok(covers)
}

/// By facts and not by ids, which differ from site to site; and each told of the cover that led to it.
pub(crate) fn in_order(covers: &mut [OpenCover<'_>]) {
    covers.sort_by(|a, b| (a.cover.start, a.plan.id()).cmp(&(b.cover.start, b.plan.id())));
    let before: Vec<(Date, Option<Date>)> =
        covers.iter().map(|cover| (cover.cover.start, cover.cover.prior_cover)).collect();
    for cover in covers {
        let Some(since) = cover.since.filter(|since| since.covered < cover.cover.start) else { continue };
        let led = before.iter().filter(|(start, _)| *start == since.covered).filter_map(|(_, prior)| *prior);
        cover.prior_cover = led.chain(cover.prior_cover).chain([since.covered]).min();
    }
}

/// What counts for a claim under a span where something was counted under others of the person: with what of that goes on.
pub(crate) fn carried(covers: &[OpenCover<'_>], place: usize) -> Result<Option<Accumulators>, GateError> {
    let Some(cover) = covers.get(place).filter(|_| covers.len() > 1) else { return Ok(None) };
    let others = covers.iter().enumerate().filter(|(other, _)| *other != place);
    let others: Vec<CountedUnder<'_>> = others.map(|(_, other)| other.counted()).collect();
    let policy_start = cover.policy_start().unwrap_or(cover.cover.start);
    match cover.plan.with_carried(cover.counted(), policy_start, &others) {
        Ok(Cow::Owned(all)) => Ok(Some(all)),
        Ok(Cow::Borrowed(_)) => Ok(None),
        Err(_) => Err(GateError::Compute("an accumulator would overflow")),
    }
}

/// The place of the cover that the claim falls under, as the statement will name it.
pub(crate) fn cover_for(covers: &[OpenCover<'_>], claim: &ClaimToAdjudicate) -> Result<usize, OutcomeReason> {
    let spans: Vec<Span<'_>> = covers.iter().map(OpenCover::span).collect();
    crate::span::of_claim(&spans, claim.lines.iter().map(|line| line.service_start))
}

/// A claim as the rules read it, with no other facts.
pub(crate) fn case<'a>(
    context: &Context,
    person: &PersonToAdjudicate,
    record: RecordId,
    claim: &'a ClaimToAdjudicate,
    (span, cover): (RecordId, &'a CoverToAdjudicate),
) -> Case<'a> {
    Case {
        claim: ClaimId::from_bytes(*record.bytes()),
        received: claim.received,
        decided: context.today,
        provider: claim.provider,
        currency: claim.currency,
        lines: &claim.lines,
        services: &claim.services,
        diagnoses: &claim.diagnoses,
        cover: Cover {
            id: Some(CoverageId::from_bytes(*span.bytes())),
            start: cover.start,
            end: cover.end,
            status: cover.status,
            currency: cover.currency,
            exclusions: &cover.exclusions,
        },
        birth_date: Some(person.birth_date),
        death_date: person.death_date,
        confirmed: false,
        facts: Facts::default(),
    }
}

/// Books what the plan owes: cost of claims against what is payable. Pended claims book nothing.
fn book(
    record: RecordId,
    payee: Payee,
    determination: &Determination,
    today: Date,
    writer: &mut Writer<'_>,
    totals: &mut Totals,
) -> Result<ClaimState, GateError> {
    match determination.outcome {
        Outcome::Pended => return Ok(ClaimState::Pended),
        // The portfolio chose that refusals go out, with a human review one step away.
        Outcome::Denied => return Ok(ClaimState::Settled),
        Outcome::Approved | Outcome::PartiallyApproved => {}
    }
    let amount: i64 = determination.lines.iter().map(|line| line.plan).sum();
    if amount == 0 {
        return Ok(ClaimState::Settled);
    }
    let payable = match payee {
        Payee::Member => Account::PayableToMembers,
        Payee::Provider => Account::PayableToProviders,
    };
    let entries = vec![
        PostingEntry { account: Account::ClaimsCost, amount },
        PostingEntry { account: payable, amount: -amount },
    ];
    crate::ledger::post(record, today, determination.currency, entries, writer, totals)?;
    Ok(ClaimState::Adjudicated)
}
