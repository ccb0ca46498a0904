//! Releasing what a run proposes: a person does, with a reason. What was counted is taken back exactly and the new counted, the
//! difference is booked, and the new determination stands in the place of the one before, with all that it ever counted. What
//! rests on something that has changed since is not released, nor what is above what the person may release alone. What waits for
//! people who count together is released together, or not at all. Nothing is paid here, or taken back: a claim that was paid is left to
//! the payment job, which settles the difference.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AppealState, BatchId, Category, CategorySet, ClaimState, ClaimStep, GoverningLaw, PortfolioId, Proposal,
    ProposalState, Purpose, Recipient, RecordId, RequestId, SubjectId, SubjectKind, Timestamp, Views,
    WorkItemId,
};
use gate::{Actor, Asking, Gate, GateError, Part, Sealed, Target, Totals, job_actor_id};
use notice::Decision;
use store::claim::{ClaimMove, ClaimRow};
use store::coverage::CoverageRow;
use store::payment::PostingRow;
use store::readjudication::{PlanChange, ProposalRow, Release, RunRow};
use store::sealed::SealedRow;
use store::{StoreError, Unit};

use super::carry_out::{Moved, OfMember, ToCarry, carry_out_alone, carry_out_in_family};
use super::fetched::{Fetched, FetchedFamily, FetchedPerson};
use super::report::{ReleaseReport, ToRelease};
use super::show::{add_up, waiting};
use super::together::{Together, Waiting, parts, waiting_of};
use super::{NOBODY, PART, Tasks, holders, may_count, with_holders};
use crate::adjudicate::family::ask_for_sums;
use crate::authority::Authority;
use crate::ledger::{BatchKind, batch_rows};
use crate::views::{
    AccumulatorsToAdjudicate, ClaimToAdjudicate, CoverToAdjudicate, DeterminationToReadjudicate,
    FamilySumsToCount, PersonToAdjudicate, ProposalToRelease,
};
use crate::{App, ServiceError, work_item};

/// The views of one ask.
pub(super) type ToCarryOut = (
    ClaimToAdjudicate,
    CoverToAdjudicate,
    PersonToAdjudicate,
    AccumulatorsToAdjudicate,
    DeterminationToReadjudicate,
    ProposalToRelease,
);

/// Releases what a run proposes. `progress` is told after each part for how many people that was done. When everybody's is
/// released, the portfolio's cover goes over to the plan versions that decided.
///
/// Errors: the actor is no staff whom a clause lets see claims in the service of a task; there is no such run, or none such
/// proposal; the plan would pay more by it than the actor may release alone; something changed while it was released.
pub async fn release(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    what: ToRelease,
    request: RequestId,
    mut progress: impl FnMut(u64),
) -> Result<ReleaseReport, ServiceError> {
    let id = what.run;
    let changes = app.store().read(move |unit| store::readjudication::changes(unit, id)).await;
    let changes = changes.map_err(|error: StoreError| error)?;
    let releasing = Releasing { app, actor, portfolio, what, request, changes };
    let run = must_be_staff::<ToCarryOut>(app, &releasing.asking(), id).await?;
    if run.finished.is_none() {
        return Err(ServiceError::Readjudication(
            "the run is not through: start it again over the same days, it goes on where it stood",
        ));
    }
    releasing.must_be_within_authority(&run).await?;
    let own = releasing.overturned_by_the_actor().await?;
    let (mut report, mut after) = (ReleaseReport::default(), NOBODY);
    loop {
        let only = &releasing.what.only;
        let rows = waiting(app, &run, only, after).await?;
        let Some(last) = rows.last() else { break };
        after = last.subject;
        let people: Vec<SubjectId> = rows.iter().map(|row| row.subject).collect();
        let (waiting, together) = waiting_of(app, &run, &people, only).await?;
        let put_right = releasing.put_right_by_the_actor(&waiting).await?;
        // Four eyes: what somebody gave on an appeal, or put right, a colleague pays, also to those who count together with whom it was.
        let is_own = |one: &Waiting| {
            one.family.members.iter().any(|member| own.contains(member) || put_right.contains(member))
        };
        let (of_own, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_own);
        report.refused += of_own.iter().map(|one| one.rows.len() as u64).sum::<u64>();
        // Of whom nothing is left, and what has grown since beyond what can be decided together, nobody looks at any more.
        let is_over = |one: &Waiting| {
            one.family.is_too_large || one.rows.iter().any(|row| together.erased.contains(&row.subject))
        };
        let (over, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_over);
        if !over.is_empty() {
            // A further run would propose nothing for them either, so that they must not hold up everybody's cover.
            let over = over.iter().flat_map(Waiting::over).collect();
            releasing.write(Vec::new(), over, &mut report).await?;
        }
        for families in parts(waiting) {
            let people = with_holders(families.iter().map(|one| &one.family));
            let tasks = Tasks::open(app, &people, id, actor.id()).await?;
            let outcome = releasing.part(&families, &together, &mut report).await;
            let at = app.gate.now();
            app.store().write(move |unit| tasks.end(unit, at)).await.map_err(|error: StoreError| error)?;
            outcome?;
            progress(report.released);
        }
    }
    releasing.go_over().await?;
    Ok(report)
}

/// Whether an actor is one of the staff whom a clause lets see this in the service of a task, and the run one of the portfolio:
/// whoever may, makes it their task.
pub(super) async fn must_be_staff<S: Views>(
    app: &App,
    asking: &Asking<'_>,
    run: WorkItemId,
) -> Result<RunRow, ServiceError> {
    let target = Target::for_item(NOBODY, run);
    let (kind, law) = (SubjectKind::Member, GoverningLaw::Elsewhere);
    let weighed = app.gate.preview::<S>(asking, target, kind, law).await?;
    let may = matches!(weighed.decision, Decision::Granted(permission)
        if permission.conditions.contains(domain::Condition::WorkItem));
    if !may || !asking.actor.recipient().is_staff() {
        return Err(ServiceError::Readjudication(
            "what it proposes is looked at and released by claims staff",
        ));
    }
    let portfolio = asking.portfolio;
    let row = app.store().read(move |unit| store::readjudication::run(unit, portfolio, run)).await;
    row.map_err(|error: StoreError| error)?.ok_or(ServiceError::NotFound("run in this portfolio"))
}

struct Releasing<'a> {
    app: &'a App,
    actor: &'a Actor,
    portfolio: PortfolioId,
    what: ToRelease,
    request: RequestId,
    /// Which plan versions took the place of others when the run began.
    changes: Vec<PlanChange>,
}

/// What came of what waits for a family.
enum Outcome {
    CarriedOut(Box<CarriedOut>),
    /// It newly refuses something to these, and nobody named them.
    Refuses(Vec<SubjectId>),
    Failed,
}

/// What waited for a family, carried out.
struct CarriedOut {
    rows: Vec<ProposalRow>,
    claims: Vec<(ClaimRow, Moved)>,
    /// The cover of all of it as it was read, and the spans that go over to another version of their plan.
    people: Vec<SubjectId>,
    cover: Vec<CoverageRow>,
    spans: Vec<CoverageRow>,
    sealed: Vec<SealedRow>,
    totals: Totals,
}

impl Releasing<'_> {
    fn asking(&self) -> Asking<'_> {
        let writes = CategorySet::of(&[Category::Claims, Category::Health, Category::Financial]);
        let asking = Asking::new(self.actor, self.portfolio, Purpose::ClaimsProcessing, self.request);
        Asking { writes, ..asking }
    }

    /// Refuses before anything is released, where the plan would pay more by all of it than the actor may release alone.
    async fn must_be_within_authority(&self, run: &RunRow) -> Result<(), ServiceError> {
        let authority = Authority::of(self.app, self.actor).await?;
        let told = add_up(self.app, self.actor, (run, &self.what.only), self.request).await?;
        match authority.suffices(&told.more) {
            true => Ok(()),
            false => Err(ServiceError::Readjudication(
                "the plan would pay more by it than you may release alone: a colleague whose limit suffices releases it",
            )),
        }
    }

    /// Those of whom the actor decided an appeal that is to be decided anew.
    async fn overturned_by_the_actor(&self) -> Result<BTreeSet<SubjectId>, ServiceError> {
        let portfolio = self.portfolio;
        let read =
            move |unit: &mut Unit<'_>| store::appeal::in_state(unit, portfolio, AppealState::ToDecideAnew);
        let rows = self.app.store().read(read).await.map_err(|error: StoreError| error)?;
        let own = rows.into_iter().filter(|row| row.assignee == Some(self.actor.id()));
        Ok(own.map(|row| row.subject).collect())
    }

    /// Those of these families of whose claims the actor put one right.
    async fn put_right_by_the_actor(&self, waiting: &[Waiting]) -> Result<BTreeSet<SubjectId>, ServiceError> {
        let members: Vec<SubjectId> = waiting.iter().flat_map(|one| &one.family.members).copied().collect();
        let actor = self.actor.id();
        let read = move |unit: &mut Unit<'_>| store::claim_step::put_right_by(unit, &members, actor);
        Ok(self.app.store().read(read).await.map_err(|error: StoreError| error)?)
    }

    /// When all that the run proposes is released, cover goes over to the plan versions that decided; not that of people whom
    /// the run left, nor between two versions of which one counts otherwise for a family: what was counted would not be found.
    async fn go_over(&self) -> Result<(), ServiceError> {
        let (portfolio, run) = (self.portfolio, self.what.run);
        let counts = |plan| self.app.plans.get(plan).map(|plan| (plan.sharing(), plan.shared_accumulators()));
        let is_alike = |change: &&PlanChange| counts(change.old) == counts(change.new);
        let changes: Vec<PlanChange> = self.changes.iter().filter(is_alike).copied().collect();
        let go_over = move |unit: &mut Unit<'_>| {
            let counted = store::readjudication::count(unit, run)?;
            let is = |state| counted.iter().any(|(known, _)| *known == state);
            if !is(ProposalState::Released) || is(ProposalState::Proposed) || is(ProposalState::Outdated) {
                return Ok(());
            }
            changes
                .iter()
                .try_for_each(|change| store::coverage::supersede(unit, portfolio, run, change).map(drop))
        };
        Ok(self.app.store().write(go_over).await.map_err(|error: StoreError| error)?)
    }

    async fn part(
        &self,
        families: &[Waiting],
        together: &Together,
        report: &mut ReleaseReport,
    ) -> Result<(), ServiceError> {
        let members: Vec<SubjectId> = families.iter().flat_map(|one| one.family.members.clone()).collect();
        let mut fetched = Fetched::read(self.app, &members, &self.changes, together).await?;
        let (mut standing, mut carried_out, mut outdated) = (Vec::new(), Vec::new(), Vec::new());
        // What has changed is told first: whatever else holds it up would hold it up for good.
        for one in families {
            let of_family = fetched.take(&one.family, together);
            let (basis, is_whole) = (of_family.basis(), of_family.people.len() == one.family.members.len());
            if !is_whole {
                report.failed += one.rows.len() as u64;
            } else if one.rows.iter().any(|row| row.basis != basis) {
                outdated.extend(one.outdated());
            } else {
                standing.push((one, of_family));
            }
        }
        let rows: Vec<&ProposalRow> = standing.iter().flat_map(|(one, _)| &one.rows).collect();
        let run = self.what.run;
        let targets = rows.iter().map(|row| Target::for_item(row.subject, run)).collect();
        let asked = self.app.gate.run::<ToCarryOut>(self.asking(), targets, PART).await?.next().await?;
        let Some(part) = asked else { return self.write(carried_out, outdated, report).await };
        let holders = holders(standing.iter().map(|(one, _)| &one.family), run);
        let sums = ask_for_sums(self.app, (self.actor, self.request), self.portfolio, holders).await?;
        let granted: BTreeSet<SubjectId> = part.grant.subjects().collect();
        // Without one of them nothing is released for any.
        let (may, refused): (Vec<_>, Vec<_>) = standing.into_iter().partition(|(one, _)| {
            one.rows.iter().all(|row| granted.contains(&row.subject))
                && may_count(sums.as_ref(), one.family.holder)
        });
        report.refused += refused.iter().map(|(one, _)| one.rows.len() as u64).sum::<u64>();
        let record = RecordId::from_bytes(*run.bytes());
        let pairs: Vec<(SubjectId, RecordId)> =
            may.iter().flat_map(|(one, _)| &one.rows).map(|row| (row.subject, record)).collect();
        let proposals = self.app.gate.fetch_records::<ProposalToRelease>(&pairs).await?;
        let mut proposals: BTreeMap<SubjectId, Sealed<Proposal>> =
            proposals.into_iter().map(|sealed| (sealed.subject(), sealed)).collect();
        for (Waiting { rows, .. }, of_family) in may {
            let people = rows.len() as u64;
            match self.carry_out((&part, sums.as_ref()), rows, of_family, &mut proposals)? {
                Outcome::CarriedOut(done) => carried_out.push(*done),
                Outcome::Refuses(to_name) => report.refuses(people, to_name),
                Outcome::Failed => report.failed += people,
            }
        }
        self.write(carried_out, outdated, report).await
    }

    /// Computes one family's.
    fn carry_out(
        &self,
        (part, sums): (&Part<ToCarryOut>, Option<&Part<FamilySumsToCount>>),
        rows: &[ProposalRow],
        family: FetchedFamily,
        proposals: &mut BTreeMap<SubjectId, Sealed<Proposal>>,
    ) -> Result<Outcome, ServiceError> {
        let context = family.context(self.app)?;
        let FetchedFamily { people, sums: counted, holder, keys: of_holder } = family;
        let all = people.iter().map(|one| one.subject).collect();
        let spans: Vec<_> = people.iter().flat_map(|one| one.spans.clone()).collect();
        let (mut members, mut of_members, mut claims) = (Vec::new(), Vec::new(), Vec::new());
        for one in people.into_iter().filter(|one| rows.iter().any(|row| row.subject == one.subject)) {
            let Some(proposal) = proposals.remove(&one.subject) else { return Ok(Outcome::Failed) };
            let stand = self.stand(&one);
            let FetchedPerson { subject, decided, keys, rows, .. } = one;
            claims.push((decided.file.claims.iter().map(Sealed::record).collect::<Vec<_>>(), rows));
            members.push((subject, keys));
            let is_named = self.what.only.contains(&subject);
            of_members.push(OfMember { decided, proposal, is_named, stand });
        }
        let inputs = ToCarry { people: of_members, sums: counted };
        let members: Vec<_> = members.iter().map(|(subject, keys)| (*subject, &keys[..])).collect();
        let result = match (holder, &members[..]) {
            (None, [(subject, keys)]) => {
                part.grant.compute(*subject, keys, &context, &inputs, carry_out_alone)
            }
            (holder, members) => match sums.map(|part| &part.grant).zip(holder) {
                Some(to) => part.grant.compute_together(
                    members,
                    to,
                    &of_holder,
                    &context,
                    &inputs,
                    carry_out_in_family,
                ),
                None => Err(GateError::OtherSubject),
            },
        };
        let computed = match result {
            Ok(computed) => computed,
            Err(GateError::Expired) => return Err(GateError::Expired.into()),
            Err(error) => {
                for (subject, _) in &members {
                    tracing::warn!(%subject, %error, "a proposal waits: it could not be carried out");
                }
                return Ok(Outcome::Failed);
            }
        };
        let (done, to_name) = computed.plain;
        let Some((moved, totals)) = done else {
            let refused = members.iter().zip(to_name).filter(|(_, to_name)| to_name.is_some());
            return Ok(Outcome::Refuses(refused.map(|((subject, _), _)| *subject).collect()));
        };
        let of_one = |((records, rows), moved): ((Vec<RecordId>, BTreeMap<RecordId, ClaimRow>), Vec<_>)| {
            let moved = records.into_iter().zip(moved);
            moved.filter_map(|(claim, moved)| Some((*rows.get(&claim)?, moved?))).collect::<Vec<_>>()
        };
        let claims = claims.into_iter().zip(moved).flat_map(of_one).collect();
        let cover = spans.iter().map(|(span, _)| *span).collect();
        let moves = spans.into_iter().filter(|(span, plan)| span.plan != *plan);
        let spans = moves.map(|(span, plan)| CoverageRow { plan, ..span }).collect();
        let (rows, people, sealed) = (rows.to_vec(), all, computed.rows);
        let done = CarriedOut { rows, claims, people, cover, spans, sealed, totals };
        Ok(Outcome::CarriedOut(Box::new(done)))
    }

    /// Where each claim of somebody stands, and the ids of what may be booked for it.
    fn stand(&self, one: &FetchedPerson) -> BTreeMap<RecordId, (ClaimState, [RecordId; 2])> {
        let ids =
            |claim: &RecordId| [1, 2].map(|place| posting_id(&self.app.gate, self.what.run, *claim, place));
        one.rows.iter().map(|(claim, row)| (*claim, (row.state, ids(claim)))).collect()
    }

    /// Writes a part in one transaction.
    async fn write(
        &self,
        carried_out: Vec<CarriedOut>,
        outdated: Vec<ProposalRow>,
        report: &mut ReleaseReport,
    ) -> Result<(), ServiceError> {
        let gate = self.app.gate.clone();
        let (batch, at) = (BatchId::from_bytes(gate.random_id()), gate.now());
        let release = Release { at, by: self.actor.id(), reason: self.what.reason };
        let run = self.what.run;
        let mut totals = Totals::default();
        carried_out.iter().for_each(|one| totals.merge(&one.totals));
        let ledger = batch_rows(&gate, batch, BatchKind::Differences, self.portfolio, &totals)?;
        report.released += carried_out.iter().map(|one| one.rows.len() as u64).sum::<u64>();
        report.claims += carried_out.iter().map(|one| one.claims.len() as u64).sum::<u64>();
        report.outdated += outdated.len() as u64;
        report.booked.merge(&totals);
        let write = move |unit: &mut Unit<'_>| {
            ledger.insert(unit)?;
            let people: Vec<SubjectId> = carried_out.iter().flat_map(|one| one.people.clone()).collect();
            let cover: Vec<CoverageRow> = carried_out.iter().flat_map(|one| one.cover.clone()).collect();
            store::coverage::must_stand(unit, &people, &cover)?;
            outdated.iter().try_for_each(|row| store::readjudication::decide(unit, row))?;
            let claims = carried_out.iter().flat_map(|one| &one.claims);
            let moves: Vec<ClaimMove> =
                claims.map(|(claim, (state, _))| ClaimMove::to(*claim, *state)).collect();
            store::claim::move_many(unit, &moves, (ClaimStep::DecidedAnew, release.by, at))?;
            for one in &carried_out {
                store::sealed::put_many(unit, &one.sealed)?;
                let released = |row: &ProposalRow| {
                    let (state, release) = (ProposalState::Released, Some(release));
                    store::readjudication::decide(unit, &ProposalRow { state, release, ..*row })
                };
                one.rows.iter().try_for_each(released)?;
                one.spans.iter().try_for_each(|span| store::coverage::replace(unit, span))?;
                for (claim, (state, currencies)) in &one.claims {
                    let postings: Vec<PostingRow> = (1..=currencies.len())
                        .map(|place| PostingRow {
                            subject: claim.subject,
                            posting: posting_id(&gate, run, claim.claim.into(), place),
                            claim: claim.claim,
                            batch,
                        })
                        .collect();
                    store::payment::insert_postings(unit, &postings)?;
                    advance(unit, &ClaimRow { state: *state, ..*claim }, at)?;
                }
            }
            Ok::<_, StoreError>(())
        };
        self.app.store().write(write).await.map_err(|error| match error {
            // Two that count the first on a family's sums meet on their being there.
            StoreError::Changed | StoreError::Duplicate => {
                ServiceError::Readjudication("something changed while it was released: release again")
            }
            other => other.into(),
        })
    }
}

/// The id of what a release books for a claim: it may book in two currencies.
fn posting_id(gate: &Gate, run: WorkItemId, claim: RecordId, place: usize) -> RecordId {
    RecordId::from_bytes(gate.imported_id("posting", &run.to_string(), &format!("{claim}/{place}")))
}

/// What comes after a claim that was moved on: whether it waits to be paid, and a statement of what is decided now.
fn advance(unit: &mut Unit<'_>, claim: &ClaimRow, at: Timestamp) -> Result<(), StoreError> {
    let (subject, item) = (claim.subject, claim.claim.into());
    let open = |job| work_item::open(subject, item, job_actor_id(job), at);
    match claim.state {
        ClaimState::Adjudicated | ClaimState::Unsettled => {
            let jobs = [Recipient::PaymentJob, Recipient::StatementJob];
            return store::condition::set_many(unit, &jobs.map(open));
        }
        ClaimState::Settled => work_item::end(unit, subject, item, job_actor_id(Recipient::PaymentJob), at)?,
        _ => {}
    }
    store::condition::set_many(unit, &[open(Recipient::StatementJob)])
}
