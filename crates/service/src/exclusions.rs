//! The register of excluded providers: from which day until which a provider may not give care that is paid for, and who says so.
//! Legal staff keep it, each step an ask about the provider under the clause on fraud. What is sealed is the provider's own record; beside it
//! stand the days, by a keyed code of the provider, so that the screen finds them without opening anything. It refuses no claim: the
//! screen flags, and a person decides.

mod step;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Category, CategorySet, Condition, Date, Exclusion, ExclusionList, Exclusions, GoverningLaw, PortfolioId,
    ProviderId, Purpose, RequestId, SubjectId, SubjectKind, WorkItemId,
};
use gate::{Actor, Asking, Bar, GateError, Mark, MarkToken, Reader, Sealed, Target, Weighed, Writer};
use notice::Decision;
use store::exclusion::ExclusionRow;
use store::sealed::SealedRow;
use store::{StoreError, Unit};

use self::step::Step;
pub use self::step::{Entered, RowFaults};
use crate::views::ExclusionsToKeep;
use crate::work_item::{ShortTask, next_handled};
use crate::{App, ServiceError};

/// How many are listed at once.
pub const EXCLUSIONS: usize = 1_000;

/// The most providers whose exclusions are entered at once.
pub const EXCLUDED_AT_ONCE: usize = 1_000;

/// That a provider is excluded, to be entered.
#[derive(Clone, PartialEq, Eq)]
pub struct NewExclusion {
    /// Who.
    pub provider: ProviderId,
    /// The first day.
    pub first: Date,
    /// The last day; none while it is open.
    pub last: Option<Date>,
    /// By which list, and whose: no person.
    pub list: ExclusionList,
}

fn asking(actor: &Actor, portfolio: PortfolioId, request: RequestId) -> Asking<'_> {
    let writes = CategorySet::of(&[Category::Claims]);
    Asking { writes, ..Asking::new(actor, portfolio, Purpose::Fraud, request) }
}

/// Whether the notice lets this actor keep exclusions, before any provider is looked up. A refusal is on the record, the same whomever
/// it was about.
async fn must_keep(app: &App, asking: &Asking<'_>) -> Result<(), ServiceError> {
    let target = Target::for_item(SubjectId::from_bytes([0; 16]), WorkItemId::from_bytes([0; 16]));
    let (kind, law) = (SubjectKind::Practitioner, GoverningLaw::Elsewhere);
    let (bar, told) = match app.gate.preview::<ExclusionsToKeep>(asking, target, kind, law).await {
        Ok(Weighed { decision: Decision::Granted(permission), .. })
            if permission.conditions.contains(Condition::WorkItem) && asking.actor.recipient().is_staff() =>
        {
            return Ok(());
        }
        Ok(_) => (None, NOT_THE_KEEPER),
        Err(GateError::Refused(refused)) => (refused.bar, GateError::Refused(refused).into()),
        Err(error) => return Err(error.into()),
    };
    app.gate.record_refusal(asking, bar.unwrap_or(Bar::NotTheKeeper)).await?;
    Err(told)
}

const NOT_THE_KEEPER: ServiceError = ServiceError::Exclusion(
    "they are kept by legal staff, under a notice that has a clause for it about providers",
);

/// The id of a provider whom a source of imports calls so.
#[must_use]
pub fn provider_of_source(app: &App, portfolio: PortfolioId, source: &str, source_id: &str) -> ProviderId {
    crate::enrol::provider_id(app, portfolio, source, source_id).into()
}

/// Those of these providers whom the portfolio has: not one whose record was erased.
///
/// Errors: no clause lets the actor keep exclusions.
pub async fn known_providers(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    providers: &BTreeSet<ProviderId>,
    request: RequestId,
) -> Result<BTreeSet<ProviderId>, ServiceError> {
    must_keep(app, &asking(actor, portfolio, request)).await?;
    let asked: Vec<SubjectId> = providers.iter().map(|provider| (*provider).into()).collect();
    let read = move |unit: &mut Unit<'_>| {
        Ok((store::many::subjects(unit, &asked)?, store::key::erasures_of(unit, &asked)?))
    };
    let (rows, erased) = app.store().read(read).await.map_err(|error: StoreError| error)?;
    let erased: BTreeSet<SubjectId> = erased.into_iter().map(|erasure| erasure.subject).collect();
    let is_known = |row: &&store::subject::SubjectRow| {
        let is_provider = row.portfolio == portfolio && row.kind == SubjectKind::Practitioner;
        is_provider && !erased.contains(&row.subject)
    };
    Ok(rows.iter().filter(is_known).map(|row| row.subject.into()).collect())
}

/// The register of a portfolio after (provider, first day): whom and from when until when, and not who says so. None when there are no
/// more that the actor may handle. That it was looked at stands in the portfolio's own chain before it is answered, once a page.
///
/// Errors: no clause lets the actor keep exclusions.
pub async fn exclusions(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    after: Option<(SubjectId, Date)>,
    request: RequestId,
) -> Result<Vec<ExclusionRow>, ServiceError> {
    let asking = asking(actor, portfolio, request);
    must_keep(app, &asking).await?;
    let page =
        move |unit: &mut Unit<'_>, after| store::exclusion::of_portfolio(unit, portfolio, after, EXCLUSIONS);
    let rows = next_handled(app, actor, after, page, |row| (row.subject, row.first), |row| vec![row.subject])
        .await?;
    if !rows.is_empty() {
        let words = format!("register of excluded providers listed: {} times", rows.len());
        let asking = Asking { writes: CategorySet::EMPTY, ..asking };
        app.gate.record_search(&asking, None, Some(words)).await?;
    }
    Ok(rows)
}

/// The exclusions of a provider, with who says so.
pub async fn read_exclusions(
    app: &App,
    actor: &Actor,
    (portfolio, provider): (PortfolioId, ProviderId),
    request: RequestId,
) -> Result<Vec<Exclusion>, ServiceError> {
    with_task(app, actor, (portfolio, provider), request, async |item| {
        let asking = asking(actor, portfolio, request);
        let target = Target::for_item(provider.into(), item);
        let grant = app.gate.ask::<ExclusionsToKeep>(&asking, target).await?;
        let sealed = app.gate.fetch::<ExclusionsToKeep>(provider.into(), provider).await?;
        let opened = sealed.map(|sealed| grant.open(&sealed)).transpose()?;
        Ok(opened.map_or_else(Vec::new, |opened: ExclusionsToKeep| opened.spans))
    })
    .await
}

/// Enters exclusions, all of them or none. What stands there just so is left as it is; what stands there by the same list from the same
/// day on, and did not end before, gets the last day that is given: a list comes again each month.
///
/// Errors: some end before they begin, go on after what stood by the same list had ended, or overlap another of the provider ([`ServiceError::ExclusionRows`]); somebody is no provider of the
/// portfolio; more than [`EXCLUDED_AT_ONCE`] providers; no clause lets the actor.
pub async fn exclude_providers(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    new: &[NewExclusion],
    request: RequestId,
) -> Result<Entered, ServiceError> {
    let mut by_provider: BTreeMap<ProviderId, Vec<(usize, NewExclusion)>> = BTreeMap::new();
    for (place, one) in (1..).zip(new) {
        by_provider.entry(one.provider).or_default().push((place, one.clone()));
    }
    if by_provider.len() > EXCLUDED_AT_ONCE {
        return Err(ServiceError::Exclusion("more than 1,000 providers at once: enter them in parts"));
    }
    let (mut steps, mut entered, mut faults) = (Vec::new(), Entered::default(), RowFaults::default());
    for (provider, of_one) in by_provider {
        match take(app, actor, (portfolio, provider), Step::Enter(of_one), request).await {
            Ok(stepped) if stepped.entered == Entered::default() => {}
            Ok(stepped) => {
                entered.new += stepped.entered.new;
                entered.changed += stepped.entered.changed;
                steps.push(stepped);
            }
            Err(ServiceError::ExclusionRows(found)) => faults.0.extend(found.0),
            Err(error) => return Err(error),
        }
    }
    if !faults.0.is_empty() {
        faults.0.sort_unstable();
        return Err(ServiceError::ExclusionRows(faults));
    }
    write(app, steps).await?;
    Ok(entered)
}

/// Sets the last day of the exclusion of a provider that begins on a day. It ends no later than it did:
/// what is longer is another exclusion.
///
/// Errors: none begins on that day, it begins after its last day, or it is over before it; no clause lets the actor.
pub async fn end_exclusion(
    app: &App,
    actor: &Actor,
    (portfolio, provider): (PortfolioId, ProviderId),
    (first, last): (Date, Date),
    request: RequestId,
) -> Result<(), ServiceError> {
    let stepped = take(app, actor, (portfolio, provider), Step::End { first, last }, request).await?;
    write(app, vec![stepped]).await
}

/// Takes out the exclusion of a provider that begins on a day: it was entered in error.
///
/// Errors: none begins on that day; no clause lets the actor.
pub async fn remove_exclusion(
    app: &App,
    actor: &Actor,
    (portfolio, provider): (PortfolioId, ProviderId),
    first: Date,
    request: RequestId,
) -> Result<(), ServiceError> {
    let stepped = take(app, actor, (portfolio, provider), Step::Remove(first), request).await?;
    write(app, vec![stepped]).await
}

/// What a step leaves, to be written.
struct Stepped {
    provider: SubjectId,
    sealed: Vec<SealedRow>,
    rows: Vec<ExclusionRow>,
    entered: Entered,
}

/// Makes the exclusions of a provider the task of whoever keeps them, for as long as a step takes.
async fn with_task<T>(
    app: &App,
    actor: &Actor,
    (portfolio, provider): (PortfolioId, ProviderId),
    request: RequestId,
    step: impl AsyncFnOnce(WorkItemId) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    let asking = asking(actor, portfolio, request);
    must_keep(app, &asking).await?;
    app.gate.may_handle(&asking, provider.into()).await?;
    let item = app.gate.imported_id("work-item", "exclusion", &provider.to_string());
    let task = ShortTask::open(app, provider.into(), WorkItemId::from_bytes(item), actor).await?;
    let stepped = step(task.item()).await;
    task.end(app).await;
    stepped
}

/// Takes a step as far as what it leaves. Nothing is written yet.
async fn take(
    app: &App,
    actor: &Actor,
    (portfolio, provider): (PortfolioId, ProviderId),
    step: Step,
    request: RequestId,
) -> Result<Stepped, ServiceError> {
    let known = known_providers(app, actor, portfolio, &BTreeSet::from([provider]), request).await?;
    if !known.contains(&provider) {
        return Err(NO_PROVIDER);
    }
    with_task(app, actor, (portfolio, provider), request, async |item| {
        let subject = SubjectId::from(provider);
        let asking = asking(actor, portfolio, request);
        let grant = app.gate.ask::<ExclusionsToKeep>(&asking, Target::for_item(subject, item)).await?;
        let before = app.gate.fetch::<ExclusionsToKeep>(subject, provider).await?;
        let opened = before.as_ref().map(|sealed| grant.open(sealed)).transpose()?;
        let standing = opened.map_or_else(Vec::new, |opened: ExclusionsToKeep| opened.spans);
        let (today, by) = (app.today()?, actor.id());
        let (spans, entered) = step.applied(standing, (today, by))?;
        let context = ToWrite { provider, record: Exclusions { spans } };
        let keys = app.keys_for::<Exclusions>(subject).await?;
        let computed = grant.compute(subject, &keys, &context, &before, write_exclusions)?;
        let MarkToken { token, .. } = computed.plain;
        let row =
            |span: &Exclusion| ExclusionRow { token, first: span.first, last: span.last, subject, portfolio };
        let rows = context.record.spans.iter().map(row).collect();
        Ok(Stepped { provider: subject, sealed: computed.rows, rows, entered })
    })
    .await
}

async fn write(app: &App, steps: Vec<Stepped>) -> Result<(), ServiceError> {
    let write = move |unit: &mut Unit<'_>| {
        for Stepped { provider, sealed, rows, .. } in &steps {
            store::sealed::put_many(unit, sealed)?;
            store::exclusion::set(unit, *provider, rows)?;
        }
        Ok(())
    };
    Ok(app.store().write(write).await.map_err(|error: StoreError| error)?)
}

const NO_PROVIDER: ServiceError = ServiceError::Exclusion("this portfolio has no such provider");

/// What writing is given.
struct ToWrite {
    provider: ProviderId,
    record: Exclusions,
}

/// Seals the record, and gives the provider's code. It captures nothing.
fn write_exclusions(
    context: &ToWrite,
    before: &Option<Sealed<Exclusions>>,
    _: &Reader<'_, ExclusionsToKeep>,
    writer: &mut Writer<'_>,
) -> Result<MarkToken, GateError> {
    match before {
        Some(sealed) => writer.replace(sealed, &context.record)?,
        None => writer.put(context.provider, 1, &context.record)?,
    }
    Ok(writer.mark(&Mark::Excluded(context.provider)))
}
