//! What adjudication fetches for the people of a part: sealed records, keys, and the plans of their cover. Nothing is opened
//! here but inside the computation.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Accumulators, Claim, ClaimFacts, ClaimOverrides, Coverage, FamilySums, Guarantee, OtherPayerAnswer,
    Person, Personal, RecordId, SubjectId,
};
use gate::{Computed, GateError, Grant, Sealed, Totals};
use store::StoreError;
use store::coverage::CoverageRow;
use store::key::{Erasure, WrappedKey};

use super::compute::{Context, SubjectClaims, adjudicate_in_family, adjudicate_subject};
use super::family::Families;
use super::{Standing, ToAdjudicate};
use crate::span::SinceWhen;
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, FactsToCount, FamilySumsToCount,
    GuaranteeToCount, OtherPayerAnswerToCount, OverridesToCount, PersonToAdjudicate,
};
use crate::{App, ServiceError};

/// What is fetched for the subjects of a part, sealed.
pub(super) struct Fetched {
    claims: BTreeMap<SubjectId, Vec<Sealed<Claim>>>,
    covers: BTreeMap<SubjectId, Vec<Sealed<Coverage>>>,
    people: BTreeMap<SubjectId, Vec<Sealed<Person>>>,
    accumulators: BTreeMap<SubjectId, Vec<Sealed<Accumulators>>>,
    guarantees: BTreeMap<SubjectId, Vec<Sealed<Guarantee>>>,
    answers: BTreeMap<SubjectId, Vec<Sealed<OtherPayerAnswer>>>,
    told: BTreeMap<SubjectId, Vec<Sealed<ClaimFacts>>>,
    overrides: BTreeMap<SubjectId, Vec<Sealed<ClaimOverrides>>>,
    /// By whose contract it is.
    sums: BTreeMap<SubjectId, Vec<Sealed<FamilySums>>>,
    /// Those of the subjects, and of whoever holds their contracts.
    keys: BTreeMap<SubjectId, Vec<WrappedKey>>,
    context: Context,
    read: AsRead,
}

/// What it was decided on, as it was read: the spans of cover of these people, what was counted under them where somebody has several,
/// and what of them and of whoever holds their contracts had been erased.
pub(crate) struct AsRead {
    subjects: Vec<SubjectId>,
    rows: Vec<CoverageRow>,
    /// Who has several spans: what a claim counts under one, claims under the others are decided by.
    with_several: Vec<SubjectId>,
    counted: Vec<(SubjectId, RecordId, i64)>,
    with_holders: Vec<SubjectId>,
    erased: BTreeSet<Erasure>,
}

impl AsRead {
    /// Reads it, of these people, and of these with the holders of their contracts.
    fn of(
        unit: &mut store::Unit<'_>,
        subjects: &[SubjectId],
        with_holders: &[SubjectId],
    ) -> Result<Self, StoreError> {
        let erased = store::key::erasures_of(unit, with_holders)?.into_iter().collect();
        let rows = store::many::coverages(unit, subjects)?;
        let with_several = with_several(&rows);
        let counted = counted(unit, &with_several)?;
        let (subjects, with_holders) = (subjects.to_vec(), with_holders.to_vec());
        Ok(Self { subjects, rows, with_several, counted, with_holders, erased })
    }

    /// Refuses to write what was decided on cover that is another meanwhile, beside what was counted under other spans, or of people of whom something was erased: it would be
    /// sealed by keys that are gone, and booked with nothing that says why.
    ///
    /// Errors: [`StoreError::Changed`].
    pub(crate) fn must_stand(&self, unit: &mut store::Unit<'_>) -> Result<(), StoreError> {
        let erased = store::key::erasures_of(unit, &self.with_holders)?;
        if erased.into_iter().collect::<BTreeSet<_>>() != self.erased {
            return Err(StoreError::Changed);
        }
        if counted(unit, &self.with_several)? != self.counted {
            return Err(StoreError::Changed);
        }
        store::coverage::must_stand(unit, &self.subjects, &self.rows)
    }
}

impl Fetched {
    pub(super) async fn read(
        app: &App,
        claims: &[(SubjectId, RecordId)],
        families: &Families,
    ) -> Result<Self, ServiceError> {
        let subjects: BTreeSet<SubjectId> = claims.iter().map(|(subject, _)| *subject).collect();
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        let holders: BTreeSet<SubjectId> =
            subjects.iter().filter_map(|subject| families.holder(*subject)).collect();
        let (asked, holders) = (subjects.clone(), holders.into_iter().collect::<Vec<_>>());
        let with_holders: BTreeSet<SubjectId> = subjects.iter().chain(&holders).copied().collect();
        let with_holders: Vec<SubjectId> = with_holders.into_iter().collect();
        let read = move |unit: &mut store::Unit<'_>| {
            Ok((store::many::keys(unit, &with_holders)?, AsRead::of(unit, &asked, &with_holders)?))
        };
        let (keys, read) = app.store().read(read).await.map_err(|error: StoreError| error)?;
        let coverages = &read.rows;
        let mut keys_of: BTreeMap<SubjectId, Vec<WrappedKey>> = BTreeMap::new();
        for key in keys {
            keys_of.entry(key.subject).or_default().push(key);
        }
        if coverages.iter().any(|row| app.plans.get(row.plan).is_none()) {
            app.plans.refresh(app.store()).await?;
        }
        // Another process may have taken in the rate that a claim waits for.
        app.rates.refresh(app.store()).await?;
        let spans = coverages.iter().map(|row| (row.subject, row.coverage));
        let shared =
            spans.filter_map(|(subject, span)| Some(((subject, span), families.shared(subject, span)?)));
        let shared = shared.collect();
        let plans = coverages
            .iter()
            .filter_map(|row| Some(((row.subject, row.coverage), app.plans.get(row.plan)?)))
            .collect();
        let since = SinceWhen::of(coverages, |span| app.plans.get(span.plan));
        let gate = &app.gate;
        let (claims, covers, people, accumulators, guarantees, answers, told, overrides, sums) = tokio::try_join!(
            gate.fetch_records::<ClaimToAdjudicate>(claims),
            gate.fetch_many::<CoverToAdjudicate>(&subjects),
            gate.fetch_many::<PersonToAdjudicate>(&subjects),
            gate.fetch_many::<AccumulatorsToAdjudicate>(&subjects),
            gate.fetch_many::<GuaranteeToCount>(&subjects),
            gate.fetch_records::<OtherPayerAnswerToCount>(claims),
            gate.fetch_records::<FactsToCount>(claims),
            gate.fetch_records::<OverridesToCount>(claims),
            gate.fetch_many::<FamilySumsToCount>(&holders),
        )?;
        Ok(Self {
            claims: grouped(claims),
            covers: grouped(covers),
            people: grouped(people),
            accumulators: grouped(accumulators),
            guarantees: grouped(guarantees),
            answers: grouped(answers),
            told: grouped(told),
            overrides: grouped(overrides),
            sums: grouped(sums),
            keys: keys_of,
            context: Context { plans, since, shared, rates: app.rates.all(), today: app.today()? },
            read,
        })
    }

    /// What it is decided on.
    pub(super) fn into_read(self) -> AsRead {
        self.read
    }

    /// Whether the plan of each span of a subject's cover is known.
    pub(super) fn knows_plans(&self, subject: SubjectId) -> bool {
        let covers = self.covers.get(&subject);
        covers.is_none_or(|covers| covers.iter().all(|cover| self.context.plan(cover).is_some()))
    }

    /// What the computation on one subject is given; none without a record of who it is. No two subjects of a part are of
    /// one family.
    pub(super) fn inputs(&mut self, subject: SubjectId, holder: Option<SubjectId>) -> Option<SubjectClaims> {
        let person = self.people.remove(&subject)?.pop()?;
        Some(SubjectClaims {
            claims: self.claims.remove(&subject).unwrap_or_default(),
            covers: self.covers.remove(&subject).unwrap_or_default(),
            person,
            accumulators: self.accumulators.remove(&subject).unwrap_or_default(),
            guarantees: self.guarantees.remove(&subject).unwrap_or_default(),
            answers: self.answers.remove(&subject).unwrap_or_default(),
            told: self.told.remove(&subject).unwrap_or_default(),
            overrides: self.overrides.remove(&subject).unwrap_or_default(),
            family: holder.and_then(|holder| self.sums.remove(&holder)).unwrap_or_default(),
            desk: None,
        })
    }

    /// Computes on one subject's records; with the family's sums where a grant opens them.
    pub(super) fn compute(
        &self,
        grant: &Grant<ToAdjudicate>,
        subject: SubjectId,
        of_holder: Option<(SubjectId, &Grant<FamilySumsToCount>)>,
        inputs: &SubjectClaims,
    ) -> Result<Computed<(Vec<Standing>, Totals)>, GateError> {
        let keys = |subject: &SubjectId| self.keys.get(subject).map_or(&[][..], Vec::as_slice);
        let of_holder =
            of_holder.filter(|(holder, grant)| grant.subjects().any(|granted| granted == *holder));
        let Some((holder, sums)) = of_holder else {
            return grant.compute(subject, keys(&subject), &self.context, inputs, adjudicate_subject);
        };
        let (member, to) = ([(subject, keys(&subject))], (sums, holder));
        grant.compute_together(&member, to, keys(&holder), &self.context, inputs, adjudicate_in_family)
    }
}

/// Who has several of these spans, each once.
fn with_several(rows: &[CoverageRow]) -> Vec<SubjectId> {
    let mut seen = BTreeSet::new();
    let several: BTreeSet<SubjectId> =
        rows.iter().map(|row| row.subject).filter(|subject| !seen.insert(*subject)).collect();
    several.into_iter().collect()
}

/// The versions of what was counted for these people, under each span.
fn counted(
    unit: &mut store::Unit<'_>,
    subjects: &[SubjectId],
) -> Result<Vec<(SubjectId, RecordId, i64)>, StoreError> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    store::sealed::versions_of(unit, subjects, Accumulators::KIND)
}

pub(crate) fn grouped<P: domain::Personal>(records: Vec<Sealed<P>>) -> BTreeMap<SubjectId, Vec<Sealed<P>>> {
    let mut groups: BTreeMap<SubjectId, Vec<Sealed<P>>> = BTreeMap::new();
    for record in records {
        groups.entry(record.subject()).or_default().push(record);
    }
    groups
}
