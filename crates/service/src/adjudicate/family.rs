//! What a plan counts for a family together: whose sums a claim needs, and their part in the computation. The sums are a record
//! of the holder of the contract, asked for under an entry of their own; no claim, care or balance of another of the family is
//! opened for them. Claims of two people of one family never go into the same part, and of two at the same time one comes again.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use benefits::{Plan, Sharing};
use domain::{
    AccumulatorBalance, Accumulators, ActorId, CoverageId, Currency, Date, FamilySums, Personal, PortfolioId,
    Purpose, RecordId, RequestId, SubjectId,
};
use gate::{Actor, Asking, GateError, MAX_PART, Part, Reader, Sealed, Target, Writer};
use store::StoreError;
use store::claim::ClaimRow;
use store::condition::ConditionRow;
use store::coverage::CoverageRow;

use super::compute::OpenCover;
use super::{LEASE_SECONDS, Leased};
use crate::span::SinceWhen;
use crate::views::FamilySumsToCount;
use crate::{App, ServiceError, work_item};

/// The sums that a span of cover counts on with the rest of the family.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    /// Whose contract it is.
    pub(crate) holder: SubjectId,
    /// The record of the sums, among the holder's: one for each plan, whatever its version.
    pub(crate) record: RecordId,
    /// The first day since which the holder is covered without a gap: what the policy years of all the family count from.
    pub(crate) policy_start: Date,
}

/// Those people of a part whose plan counts for a family, as sums.
#[derive(Default)]
pub(crate) struct Families {
    spans: BTreeMap<(SubjectId, CoverageId), Shared>,
    /// Whose contract those are under of whom a plan cannot be read: whether it counts for the family nobody knows.
    unread: BTreeMap<SubjectId, SubjectId>,
}

impl Families {
    /// Reads whose contract the people of these claims are under. Someone whose holder is not covered here under the same
    /// plan, or was another before, is left out: what counts for that family is not known, and waits.
    pub(super) async fn read(app: &App, claims: &[ClaimRow]) -> Result<Self, ServiceError> {
        let people: BTreeSet<SubjectId> = claims.iter().map(|claim| claim.subject).collect();
        Self::of(app, people.into_iter().collect()).await
    }

    /// Of people who are counted with these contracts.
    #[cfg(test)]
    pub(super) fn under(contracts: &[(SubjectId, SubjectId)]) -> Self {
        Self { spans: BTreeMap::new(), unread: contracts.iter().copied().collect() }
    }

    /// The same of these people.
    pub(crate) async fn of(app: &App, people: Vec<SubjectId>) -> Result<Self, ServiceError> {
        let spans = coverages(app, people).await?;
        if spans.iter().any(|span| app.plans.get(span.plan).is_none()) {
            app.plans.refresh(app.store()).await?;
        }
        let plan_of = |span: &CoverageRow| app.plans.get(span.plan);
        let unread = spans.iter().filter(|span| plan_of(span).is_none()).map(|span| span.subject);
        let unread: BTreeSet<SubjectId> = unread.collect();
        let shares = |span: &CoverageRow| plan_of(span).is_some_and(|plan| plan.sharing() == Sharing::Sums);
        let spans: Vec<CoverageRow> = spans.into_iter().filter(shares).collect();
        let people: BTreeSet<SubjectId> =
            spans.iter().map(|span| span.subject).chain(unread.clone()).collect();
        if people.is_empty() {
            return Ok(Self::default());
        }
        let people: Vec<SubjectId> = people.into_iter().collect();
        let holders = app.store().read(move |unit| store::family::holders_of(unit, &people)).await;
        let holders = holders.map_err(|error: StoreError| error)?;
        let all: BTreeSet<SubjectId> = holders.values().copied().collect();
        let of_holders = coverages(app, all.into_iter().collect()).await?;
        let holder_of = |subject: &SubjectId| Some((*subject, *holders.get(subject)?));
        let unread = unread.iter().filter_map(holder_of).collect();
        let since = SinceWhen::of(&of_holders, |span| app.plans.get(span.plan));
        let mut families = Self { spans: BTreeMap::new(), unread };
        for span in spans {
            let (Some(holder), Some(plan)) = (holders.get(&span.subject), plan_of(&span)) else { continue };
            let same = |other: &&CoverageRow| {
                (other.subject, other.portfolio) == (*holder, span.portfolio)
                    && plan_of(other).is_some_and(|other| other.id() == plan.id())
            };
            let Some(with) = span_with(&span, of_holders.iter().filter(same)) else { continue };
            let policy_start =
                since.get(with.subject, with.coverage).map_or(with.start, |since| since.continued);
            let record = RecordId::from_bytes(app.gate.imported_id("family-sums", "", plan.id()));
            let shared = Shared { holder: *holder, record, policy_start };
            families.spans.insert((span.subject, span.coverage), shared);
        }
        Ok(families)
    }

    /// Who holds the contract of somebody who shares.
    pub(crate) fn holder(&self, subject: SubjectId) -> Option<SubjectId> {
        let from = (subject, CoverageId::from_bytes([0; 16]));
        let (_, shared) = self.spans.range(from..).next().filter(|((of, _), _)| *of == subject)?;
        Some(shared.holder)
    }

    /// With whose contract somebody is counted: that of who shares, or may by a plan that cannot be read.
    pub(crate) fn contract(&self, subject: SubjectId) -> Option<SubjectId> {
        self.holder(subject).or_else(|| self.unread.get(&subject).copied())
    }

    /// What a span of cover shares.
    pub(crate) fn shared(&self, subject: SubjectId, coverage: CoverageId) -> Option<Shared> {
        self.spans.get(&(subject, coverage)).copied()
    }

    /// The claims in parts, of which none has those of two people of one family, each family's in the order given: what one
    /// of them left of a limit is known when the next is looked at.
    pub(super) fn rounds(&self, claims: Vec<Leased>) -> Vec<Vec<Leased>> {
        let mut rounds: Vec<Vec<Leased>> = Vec::new();
        let mut last: BTreeMap<SubjectId, (usize, SubjectId)> = BTreeMap::new();
        for leased in claims {
            let subject = leased.claim.subject;
            let round = self.holder(subject).map_or(0, |holder| {
                let (round, before) = last.get(&holder).copied().unwrap_or((0, subject));
                let round = round + usize::from(before != subject);
                last.insert(holder, (round, subject));
                round
            });
            match rounds.get_mut(round) {
                Some(claims) => claims.push(leased),
                // INVARIANT: a round follows one that a claim of the same family is in.
                None => rounds.push(vec![leased]),
            }
        }
        rounds
    }

    fn targets(&self, claims: &[ClaimRow]) -> Vec<Target> {
        let of = |claim: &ClaimRow| Some(Target::for_item(self.holder(claim.subject)?, claim.claim));
        claims.iter().filter_map(of).collect()
    }

    /// The same, without those who claim themselves: the work item that they have outlasts a claim that is given back.
    fn of_others(&self, claims: &[ClaimRow]) -> Vec<Target> {
        let is_own = |claim: &ClaimRow| self.holder(claim.subject) == Some(claim.subject);
        self.targets(&claims.iter().filter(|claim| !is_own(claim)).copied().collect::<Vec<_>>())
    }

    /// Opens work items about the holders for whoever adjudicates, while `claims` are.
    pub(super) async fn open_items(
        &self,
        app: &App,
        claims: &[ClaimRow],
        assignee: ActorId,
    ) -> Result<(), ServiceError> {
        let now = app.gate.now();
        // Ended with the claims; until then, for as long as these are leased.
        let until = Some(now.plus_seconds(LEASE_SECONDS));
        let of = |target: Target| {
            Some(ConditionRow { until, ..work_item::open(target.subject, target.item?, assignee, now) })
        };
        let items: Vec<_> = self.of_others(claims).into_iter().filter_map(of).collect();
        if items.is_empty() {
            return Ok(());
        }
        Ok(app.store().write(move |unit| store::condition::set_many(unit, &items)).await?)
    }

    /// Ends them.
    pub(super) async fn end_items(
        &self,
        app: &App,
        claims: &[ClaimRow],
        assignee: ActorId,
    ) -> Result<(), ServiceError> {
        let (targets, now) = (self.of_others(claims), app.gate.now());
        if targets.is_empty() {
            return Ok(());
        }
        let items: Vec<_> =
            targets.iter().filter_map(|target| Some((target.subject, target.item?))).collect();
        let end = move |unit: &mut store::Unit<'_>| work_item::end_many(unit, &items, assignee, now);
        Ok(app.store().write(end).await?)
    }

    /// Asks for the holders' sums; none where nobody shares. There are no more claims than one part takes.
    pub(super) async fn ask(
        &self,
        app: &App,
        (actor, request): (&Actor, RequestId),
        portfolio: PortfolioId,
        claims: &[ClaimRow],
    ) -> Result<Option<Part<FamilySumsToCount>>, ServiceError> {
        ask_for_sums(app, (actor, request), portfolio, self.targets(claims)).await
    }
}

/// Asks for the sums of these holders, no more of them than one part takes; none where there are none.
pub(crate) async fn ask_for_sums(
    app: &App,
    (actor, request): (&Actor, RequestId),
    portfolio: PortfolioId,
    holders: Vec<Target>,
) -> Result<Option<Part<FamilySumsToCount>>, ServiceError> {
    if holders.is_empty() {
        return Ok(None);
    }
    let asking = Asking {
        writes: FamilySums::CATEGORIES,
        ..Asking::new(actor, portfolio, Purpose::ClaimsProcessing, request)
    };
    Ok(app.gate.run::<FamilySumsToCount>(asking, holders, MAX_PART).await?.next().await?)
}

async fn coverages(app: &App, people: Vec<SubjectId>) -> Result<Vec<CoverageRow>, ServiceError> {
    let read = app.store().read(move |unit| store::many::coverages(unit, &people)).await;
    Ok(read.map_err(|error: StoreError| error)?)
}

/// The holder's span that a span goes with: the last that began by then, else the first.
fn span_with<'a>(
    span: &CoverageRow,
    of_holder: impl Iterator<Item = &'a CoverageRow>,
) -> Option<&'a CoverageRow> {
    let by_start: BTreeMap<Date, &CoverageRow> = of_holder.map(|other| (other.start, other)).collect();
    by_start.range(..=span.start).next_back().or_else(|| by_start.first_key_value()).map(|(_, with)| *with)
}

/// One family's sums, opened.
struct OpenSums<'a> {
    currency: Currency,
    balances: Vec<AccumulatorBalance>,
    before: Option<&'a Sealed<FamilySums>>,
    changed: bool,
}

/// The sums that the claims of one person, or of one family, count on, by record.
#[derive(Default)]
pub(crate) struct OpenFamilies<'a> {
    sums: BTreeMap<RecordId, OpenSums<'a>>,
    /// The holder's records may be looked at: one that is not there has nothing counted yet.
    known: bool,
}

impl<'a> OpenFamilies<'a> {
    /// Opens the sums of a holder.
    pub(crate) fn open(
        sums: &'a [Sealed<FamilySums>],
        reader: &Reader<'_, FamilySumsToCount>,
    ) -> Result<Self, GateError> {
        let mut open = Self { sums: BTreeMap::new(), known: true };
        for sealed in sums {
            let FamilySumsToCount { currency, balances } = reader.open(sealed)?;
            let before = Some(sealed);
            open.sums.insert(sealed.record(), OpenSums { currency, balances, before, changed: false });
        }
        Ok(open)
    }

    /// What the family counted, in the currency of the cover. Without a place to look, it is not known; and what was
    /// counted in one currency says nothing in another.
    pub(crate) fn counted(
        &self,
        shared: Option<Shared>,
        currency: Currency,
    ) -> Option<&[AccumulatorBalance]> {
        let shared = shared.filter(|_| self.known)?;
        match self.sums.get(&shared.record) {
            None => Some(&[]),
            Some(sums) if sums.currency == currency => Some(&sums.balances),
            Some(_) => None,
        }
    }

    /// The same for a span: of a lifetime there is one sum, whenever the cover began.
    pub(crate) fn counted_for(
        &self,
        cover: &OpenCover<'_>,
    ) -> Result<Option<Cow<'_, [AccumulatorBalance]>>, GateError> {
        let counted = self.counted(cover.shared(), cover.cover.currency);
        let Some((counted, policy_start)) = counted.zip(cover.policy_start()) else { return Ok(None) };
        let counted = cover.plan.for_good(counted, policy_start);
        counted.map(Some).map_err(|_| GateError::Compute("an accumulator would overflow"))
    }

    /// Whether more was taken back from a sum than stood on it: then it was not there that it was counted.
    pub(crate) fn is_overdrawn(&self) -> bool {
        self.sums.values().flat_map(|sums| &sums.balances).any(|balance| balance.amount < 0)
    }

    /// Moves what a claim counted for the family out of the claimant's own balances.
    pub(crate) fn count(
        &mut self,
        shared: Option<Shared>,
        (plan, currency): (&Plan, Currency),
        own: &mut Accumulators,
    ) -> Result<bool, GateError> {
        let Some(shared) = shared.filter(|_| self.counted(shared, currency).is_some()) else {
            return Ok(false);
        };
        let new = OpenSums { currency, balances: Vec::new(), before: None, changed: false };
        let sums = self.sums.entry(shared.record).or_insert(new);
        let moved = plan.share(own, &mut sums.balances);
        let moved = moved.map_err(|_| GateError::Compute("an accumulator would overflow"))?;
        sums.changed |= moved;
        Ok(moved)
    }

    /// Seals the sums that changed, for the holder.
    pub(crate) fn write(self, writer: &mut Writer<'_>) -> Result<(), GateError> {
        for (record, sums) in self.sums.into_iter().filter(|(_, sums)| sums.changed) {
            let value = FamilySums { currency: sums.currency, balances: sums.balances };
            match sums.before {
                Some(before) => writer.replace(before, &value)?,
                None => writer.put(record, 1, &value)?,
            }
        }
        Ok(())
    }
}
