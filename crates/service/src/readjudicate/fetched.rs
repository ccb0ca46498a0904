//! What is fetched for the people of a part, sealed, with the plain rows that belong to it, and a hash of the versions of all
//! that a proposal rests on. Nothing is opened here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use benefits::{Plan, Sharing};
use domain::{
    Accumulators, Claim, ClaimFacts, ClaimId, ClaimOverrides, Coverage, CoverageId, Determination,
    FamilySums, Guarantee, OtherPayerAnswer, Person, PlanId, RecordId, SubjectId, Timestamp,
};
use gate::Sealed;
use sha2::{Digest, Sha256};
use store::claim::ClaimRow;
use store::coverage::CoverageRow;
use store::key::WrappedKey;
use store::readjudication::PlanChange;
use store::{StoreError, Unit};

use super::compute::Decided;
use super::together::{Family, Together};
use crate::adjudicate::compute::{Context, SubjectClaims};
use crate::adjudicate::family::Shared;
use crate::adjudicate::grouped;
use crate::span::SinceWhen;
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, DeterminationToReadjudicate,
    FactsToCount, FamilySumsToCount, GuaranteeToCount, OtherPayerAnswerToCount, OverridesToCount,
    PersonToAdjudicate,
};
use crate::{App, ServiceError};

/// What is fetched for the people of a part.
pub(super) struct Fetched {
    claims: BTreeMap<SubjectId, Vec<Sealed<Claim>>>,
    determinations: BTreeMap<SubjectId, Vec<Sealed<Determination>>>,
    covers: BTreeMap<SubjectId, Vec<Sealed<Coverage>>>,
    people: BTreeMap<SubjectId, Vec<Sealed<Person>>>,
    accumulators: BTreeMap<SubjectId, Vec<Sealed<Accumulators>>>,
    keys: BTreeMap<SubjectId, Vec<WrappedKey>>,
    guarantees: BTreeMap<SubjectId, Vec<Sealed<Guarantee>>>,
    answers: BTreeMap<SubjectId, Vec<Sealed<OtherPayerAnswer>>>,
    told: BTreeMap<SubjectId, Vec<Sealed<ClaimFacts>>>,
    overrides: BTreeMap<SubjectId, Vec<Sealed<ClaimOverrides>>>,
    /// By whose contract it is.
    sums: BTreeMap<SubjectId, Vec<Sealed<FamilySums>>>,
    /// Who has sums of which plan, among holders and members.
    has_sums: BTreeSet<(SubjectId, RecordId)>,
    rows: BTreeMap<SubjectId, Vec<ClaimRow>>,
    spans: BTreeMap<SubjectId, Vec<(CoverageRow, PlanId)>>,
    plans: BTreeMap<PlanId, Arc<Plan>>,
    /// When the claims of those who do not count alone were first decided; empty until it is read.
    first_decided: BTreeMap<(SubjectId, ClaimId), Timestamp>,
}

/// One person of it.
pub(super) struct FetchedPerson {
    pub(super) subject: SubjectId,
    pub(super) decided: Decided,
    pub(super) plans: BTreeMap<(SubjectId, CoverageId), Arc<Plan>>,
    /// What their spans count on with the rest of the family.
    pub(super) shared: BTreeMap<(SubjectId, CoverageId), Shared>,
    pub(super) keys: Vec<WrappedKey>,
    pub(super) rows: BTreeMap<RecordId, ClaimRow>,
    /// Their spans of cover, each with the plan version that decides in the run.
    pub(super) spans: Vec<(CoverageRow, PlanId)>,
    /// Whether what was counted for their family is not known, or would be counted otherwise.
    pub(super) waits: bool,
    basis: [u8; 32],
}

/// A family of it: all of whom there is what this takes.
pub(super) struct FetchedFamily {
    pub(super) people: Vec<FetchedPerson>,
    pub(super) sums: Vec<Sealed<FamilySums>>,
    pub(super) holder: Option<SubjectId>,
    /// The holder's, for the sums.
    pub(super) keys: Vec<WrappedKey>,
}

impl FetchedFamily {
    /// One of a family of whom nothing is proposed, since not all of theirs can be looked at.
    pub(super) fn waiting(one: FetchedPerson) -> Self {
        let people = vec![FetchedPerson { waits: true, ..one }];
        Self { people, sums: Vec::new(), holder: None, keys: Vec::new() }
    }

    /// A hash of the versions of all that what is proposed for one of them rests on: what there is of each of them, and the sums.
    pub(super) fn basis(&self) -> [u8; 32] {
        if let (None, [alone]) = (self.holder, &self.people[..]) {
            return alone.basis;
        }
        let mut hash = Sha256::new_with_prefix(b"moretus/proposal-of-family/1\n");
        for one in &self.people {
            hash.update(one.subject.bytes());
            hash.update(one.basis);
        }
        for sums in &self.sums {
            hash.update(sums.record().bytes());
            hash.update(sums.version().to_be_bytes());
        }
        hash.finalize().into()
    }

    /// What the computation may know beside.
    pub(super) fn context(&self, app: &App) -> Result<Context, ServiceError> {
        let plans = self.people.iter().flat_map(|one| &one.plans);
        let plans: BTreeMap<_, _> = plans.map(|(span, plan)| (*span, Arc::clone(plan))).collect();
        let shared = self.people.iter().flat_map(|one| &one.shared);
        let rows = self.people.iter().flat_map(|one| &one.spans).map(|(row, _)| row);
        Ok(Context {
            since: SinceWhen::of(rows, |row| plans.get(&(row.subject, row.coverage)).cloned()),
            plans,
            shared: shared.map(|(span, shared)| (*span, *shared)).collect(),
            rates: app.rates.all(),
            today: app.today()?,
        })
    }
}

/// The plain rows that belong to it.
struct Plain {
    keys: BTreeMap<SubjectId, Vec<WrappedKey>>,
    rows: BTreeMap<SubjectId, Vec<ClaimRow>>,
    spans: BTreeMap<SubjectId, Vec<(CoverageRow, PlanId)>>,
}

impl Plain {
    async fn read(
        app: &App,
        subjects: &[SubjectId],
        sharing: &[SubjectId],
        changes: &[PlanChange],
    ) -> Result<Self, ServiceError> {
        let asked = subjects.to_vec();
        let with_keys: BTreeSet<SubjectId> = subjects.iter().chain(sharing).copied().collect();
        let with_keys: Vec<SubjectId> = with_keys.into_iter().collect();
        let read = app.store().read(move |unit| {
            let keys = store::many::keys(unit, &with_keys)?;
            let claims = store::many::claims_of(unit, &asked)?;
            Ok::<_, StoreError>((keys, claims, store::many::coverages(unit, &asked)?))
        });
        let (all_keys, claims, coverages) = read.await?;
        let mut keys: BTreeMap<SubjectId, Vec<WrappedKey>> = BTreeMap::new();
        for key in all_keys {
            keys.entry(key.subject).or_default().push(key);
        }
        let mut rows: BTreeMap<SubjectId, Vec<ClaimRow>> = BTreeMap::new();
        for row in claims {
            rows.entry(row.subject).or_default().push(row);
        }
        let mut spans: BTreeMap<SubjectId, Vec<_>> = BTreeMap::new();
        for row in coverages {
            // A version that was superseded gives way to the one that such cover would have been taken up under.
            let change = changes.iter().find(|change| change.is_for(row.plan, row.start));
            spans.entry(row.subject).or_default().push((row, change.map_or(row.plan, |change| change.new)));
        }
        Ok(Self { keys, rows, spans })
    }
}

impl Fetched {
    /// Of these people, and of the holders of their contracts what they count on.
    pub(super) async fn read(
        app: &App,
        subjects: &[SubjectId],
        changes: &[PlanChange],
        together: &Together,
    ) -> Result<Self, ServiceError> {
        let of = |subject: &SubjectId| Some([*subject, together.shared.holder(*subject)?]);
        let sharing: BTreeSet<SubjectId> = subjects.iter().filter_map(of).flatten().collect();
        let sharing: Vec<SubjectId> = sharing.into_iter().collect();
        let Plain { keys, rows, spans } = Plain::read(app, subjects, &sharing, changes).await?;
        app.plans.refresh(app.store()).await?;
        let gate = &app.gate;
        let (
            claims,
            determinations,
            covers,
            people,
            accumulators,
            guarantees,
            answers,
            told,
            overrides,
            sums,
        ) = tokio::try_join!(
            gate.fetch_many::<ClaimToAdjudicate>(subjects),
            gate.fetch_many::<DeterminationToReadjudicate>(subjects),
            gate.fetch_many::<CoverToAdjudicate>(subjects),
            gate.fetch_many::<PersonToAdjudicate>(subjects),
            gate.fetch_many::<AccumulatorsToAdjudicate>(subjects),
            gate.fetch_many::<GuaranteeToCount>(subjects),
            gate.fetch_many::<OtherPayerAnswerToCount>(subjects),
            gate.fetch_many::<FactsToCount>(subjects),
            gate.fetch_many::<OverridesToCount>(subjects),
            gate.fetch_many::<FamilySumsToCount>(&sharing),
        )?;
        Ok(Self {
            claims: grouped(claims),
            determinations: grouped(determinations),
            covers: grouped(covers),
            people: grouped(people),
            accumulators: grouped(accumulators),
            guarantees: grouped(guarantees),
            answers: grouped(answers),
            told: grouped(told),
            overrides: grouped(overrides),
            has_sums: sums.iter().map(|sealed| (sealed.subject(), sealed.record())).collect(),
            sums: grouped(sums),
            keys,
            rows,
            spans,
            plans: app.plans.all(),
            first_decided: BTreeMap::new(),
        })
    }

    /// Reads when the claims of those who do not count alone were first decided: after what was decided, so that no claim is
    /// taken for one of which nothing is known.
    pub(super) async fn read_first_decided(
        &mut self,
        app: &App,
        together: &Together,
    ) -> Result<(), ServiceError> {
        let shares = |subject: &&SubjectId| together.shared.holder(**subject).is_some();
        let sharing: Vec<SubjectId> = self.rows.keys().filter(shares).copied().collect();
        if sharing.is_empty() {
            return Ok(());
        }
        let read = move |unit: &mut Unit<'_>| store::claim_step::first_decided(unit, &sharing);
        self.first_decided = app.store().read(read).await.map_err(|error: StoreError| error)?;
        Ok(())
    }

    /// What is there of a family; without those of whom not all is.
    pub(super) fn take(&mut self, family: &Family, together: &Together) -> FetchedFamily {
        let people = family.members.iter().filter_map(|subject| self.take_one(*subject, together)).collect();
        let sums = family.holder.and_then(|holder| self.sums.remove(&holder)).unwrap_or_default();
        let keys = family.holder.and_then(|holder| self.keys.get(&holder)).cloned().unwrap_or_default();
        FetchedFamily { people, sums, holder: family.holder, keys }
    }

    /// What is there of one person; none where their record, or a plan of their cover, is not.
    fn take_one(&mut self, subject: SubjectId, together: &Together) -> Option<FetchedPerson> {
        let rows: BTreeMap<RecordId, ClaimRow> = self
            .rows
            .remove(&subject)?
            .into_iter()
            .filter(is_decided)
            .map(|row| (row.claim.into(), row))
            .collect();
        let spans: Vec<(CoverageRow, PlanId)> = self.spans.remove(&subject).unwrap_or_default();
        let of_span = |(row, plan): &(CoverageRow, PlanId)| {
            Some(((subject, row.coverage), Arc::clone(self.plans.get(plan)?)))
        };
        let plans = spans.iter().map(of_span).collect::<Option<BTreeMap<_, _>>>()?;
        let mut claims = self.claims.remove(&subject).unwrap_or_default();
        claims.retain(|claim| rows.contains_key(&claim.record()));
        let mut answers = self.answers.remove(&subject).unwrap_or_default();
        answers.retain(|answer| rows.contains_key(&answer.record()));
        let mut told = self.told.remove(&subject).unwrap_or_default();
        told.retain(|told| rows.contains_key(&told.record()));
        let mut overrides = self.overrides.remove(&subject).unwrap_or_default();
        overrides.retain(|overrides| rows.contains_key(&overrides.record()));
        let mut determinations = self.determinations.remove(&subject).unwrap_or_default();
        let file = SubjectClaims {
            claims,
            covers: self.covers.remove(&subject).unwrap_or_default(),
            person: self.people.remove(&subject)?.pop()?,
            accumulators: self.accumulators.remove(&subject).unwrap_or_default(),
            guarantees: self.guarantees.remove(&subject).unwrap_or_default(),
            answers,
            told,
            overrides,
            family: Vec::new(),
            desk: None,
        };
        let shared = |(row, _): &(CoverageRow, PlanId)| {
            Some(((subject, row.coverage), together.shared.shared(subject, row.coverage)?))
        };
        let shared: BTreeMap<_, _> = spans.iter().filter_map(shared).collect();
        let left = together.left_another.contains(&subject);
        let waits = spans.iter().any(|(row, today)| {
            let shared = shared.get(&(subject, row.coverage));
            (left && shared.is_some()) || self.is_counted_elsewhere((row, *today), shared)
        });
        // What waits at the desk is no part of what is proposed.
        determinations.retain(|one| rows.contains_key(&one.record()));
        let basis = basis(&file, &determinations, &spans, (waits, &shared));
        let determinations = determinations.into_iter().map(|sealed| (sealed.record(), sealed)).collect();
        let keys = self.keys.get(&subject).cloned().unwrap_or_default();
        let from = (subject, ClaimId::from_bytes([0; 16]));
        let of_subject = self.first_decided.range(from..).take_while(|((of, _), _)| *of == subject);
        let first_decided = of_subject.map(|((_, claim), at)| (RecordId::from(*claim), *at)).collect();
        let decided = Decided { file, determinations, first_decided };
        Some(FetchedPerson { subject, decided, plans, shared, keys, rows, spans, waits, basis })
    }

    /// Whether what was counted for a family under a span is not where it would be taken back and counted now: the version of
    /// the plan that decides now counts otherwise, whose contract it is under is not known, or they had one of their own before.
    fn is_counted_elsewhere(&self, (row, today): (&CoverageRow, PlanId), shared: Option<&Shared>) -> bool {
        let counts =
            |plan: &PlanId| self.plans.get(plan).map(|plan| (plan.sharing(), plan.shared_accumulators()));
        let (before, after) = (counts(&row.plan), counts(&today));
        let sums = before.as_ref().is_some_and(|(sharing, _)| *sharing == Sharing::Sums);
        let had_their_own = |shared: &Shared| {
            shared.holder != row.subject && self.has_sums.contains(&(row.subject, shared.record))
        };
        before != after || (sums && shared.is_none_or(had_their_own))
    }
}

fn is_decided(row: &ClaimRow) -> bool {
    store::readjudication::DECIDED.contains(&row.state)
}

/// A hash of the versions of all that a proposal rests on: who somebody is, their cover and its plans, what was decided, what
/// was counted. Another claim that is decided changes it.
fn basis(
    file: &SubjectClaims,
    determinations: &[Sealed<Determination>],
    spans: &[(CoverageRow, PlanId)],
    (waits, shared): (bool, &BTreeMap<(SubjectId, CoverageId), Shared>),
) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(b"moretus/proposal/1\n");
    let mut add = |what: u8, id: &[u8; 16], version: i64| {
        hash.update([what]);
        hash.update(id);
        hash.update(version.to_be_bytes());
    };
    add(0, &[0; 16], i64::from(waits));
    add(1, file.person.record().bytes(), file.person.version());
    file.covers.iter().for_each(|one| add(2, one.record().bytes(), one.version()));
    determinations.iter().for_each(|one| add(3, one.record().bytes(), one.version()));
    file.accumulators.iter().for_each(|one| add(4, one.record().bytes(), one.version()));
    file.guarantees.iter().for_each(|one| add(7, one.record().bytes(), one.version()));
    file.answers.iter().for_each(|one| add(8, one.record().bytes(), one.version()));
    file.told.iter().for_each(|one| add(9, one.record().bytes(), one.version()));
    file.overrides.iter().for_each(|one| add(10, one.record().bytes(), one.version()));
    for ((_, span), shared) in shared {
        add(11, span.bytes(), i64::from(shared.policy_start.number()));
    }
    for (row, plan) in spans {
        // Not the version that the span still is under: that it gives way to the other changes nothing.
        add(5, row.coverage.bytes(), row.end.map_or(0, |end| i64::from(end.number())));
        add(6, plan.bytes(), i64::from(row.start.number()));
    }
    hash.finalize().into()
}
